"""OPS-1: whatever goes wrong, run it again, and each row is minted exactly once and the receipts are true."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.clients import naive, tool
from faults.play import Stage
from faults.schedule import FAULTS, Schedule
from faults.world import World

SCHEDULES = 150
NAIVE_ROWS = 6


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with World() as world, Stage(world) as stage:
        yield stage


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


def test_schedules__had_every_kind_of_fault__and_undid_what_was_minted(
    stage: Stage, played: set[int]
) -> None:
    if len(played) < SCHEDULES:
        pytest.skip("only some of the schedules were played")
    assert [kind for kind in FAULTS if not stage.fired[kind]] == []
    assert stage.world.taken_away > 5


def test_schedules__with_a_client_as_people_write_it_first__pay_twice_or_not_at_all(stage: Stage) -> None:
    """The schedules can tell a client that loses its place from one that does not."""
    outcomes = [stage.play(Schedule.of(seed), naive, rows=NAIVE_ROWS) for seed in range(12)]
    assert sum(outcome.twice > 0 for outcome in outcomes) > 0
    assert sum(outcome.missed > 0 for outcome in outcomes) > 0
