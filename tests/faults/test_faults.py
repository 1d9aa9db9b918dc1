"""OPS-1: whatever goes wrong, run it again, and each row is minted exactly once and the receipts are true."""

from __future__ import annotations

import pytest

from faults.clients import naive, tool
from faults.play import Stage
from faults.schedule import FAULTS, NONSENSE, Fault, Run, Schedule

SCHEDULES = 150
NAIVE_ROWS = 6
METHODS = (
    "anvil_metadata",
    "eth_blockNumber",
    "eth_call",
    "eth_chainId",
    "eth_estimateGas",
    "eth_feeHistory",
    "eth_getBalance",
    "eth_getBlockByNumber",
    "eth_getCode",
    "eth_getLogs",
    "eth_getTransactionCount",
    "eth_getTransactionReceipt",
    "eth_maxPriorityFeePerGas",
    "eth_sendRawTransaction",
    "hardhat_getAutomine",
    "web3_clientVersion",
)


@pytest.fixture(scope="module")
def played() -> set[int]:
    return set()


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_attack_25__schedule_of_faults__run_again__each_row_once(
    stage: Stage, played: set[int], seed: int
) -> None:
    schedule = Schedule.of(seed)
    outcome = stage.play(schedule, tool)
    assert outcome.is_right, f"OPS-1: {schedule} ended with {outcome}"
    played.add(seed)


def test_schedules__had_every_kind_of_fault_more_than_once__and_undid_what_was_minted(
    stage: Stage, played: set[int]
) -> None:
    if len(played) < SCHEDULES:
        pytest.skip("only some of the schedules were played")
    assert {kind: stage.fired[kind] for kind in FAULTS if stage.fired[kind] < 2} == {}
    assert stage.world.taken_away > 5


@pytest.mark.long
@pytest.mark.parametrize("method", METHODS)
def test_nonsense_to_one_question__is_told_in_a_sentence__run_again__each_row_once(
    stage: Stage, method: str
) -> None:
    for dice in range(12):
        faults = (Fault(NONSENSE, on=method, at=1 + dice % 2, times=1_000, dice=dice),)
        schedule = Schedule(dice, 2, 20, 2, None, masked=dice % 3 == 0, runs=(Run(line=faults),))
        outcome = stage.play(schedule, tool)
        assert outcome.is_right, f"OPS-1: {faults} ended with {outcome}"


def test_schedules__with_a_client_as_people_write_it_first__pay_twice_or_not_at_all(stage: Stage) -> None:
    """The schedules can tell a client that loses its place from one that does not."""
    ends = [stage.play(Schedule.of(seed), naive, rows=NAIVE_ROWS).end for seed in range(12)]
    assert any(end and end.twice for end in ends)
    assert any(end and end.missed for end in ends)
