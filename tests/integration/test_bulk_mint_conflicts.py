"""OPS-1 among others: two operators, stolen nonces, reorganisations, dropped and underpriced transactions."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from minting import (
    QUICK,
    assert_paid_once,
    bulk_mint,
    customer_file,
    die_at,
    in_child,
    job_of,
    mint,
    receipts,
)
from suite import MANAGER, PARTNER, Suite, deploy, transact

from symbolon.anvil import Anvil
from symbolon.exceptions import (
    FeeTooHighError,
    JournalLockedError,
    NotMinedError,
    ReconciliationError,
    UnfinishedJobError,
)
from symbolon.journal import read_journal
from symbolon.rpc import GWEI
from symbolon.sender import Progress

ROWS = 1_300  # three batches


@pytest.fixture
def suite() -> Iterator[Suite]:
    with Anvil() as chain:
        suite = deploy(chain)
        suite.grant(PARTNER, 2**80)
        yield suite


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return customer_file(tmp_path / "customers.csv", ROWS)


def at(step: str, act: Callable[[], object]) -> Callable[[str], None]:
    """An on_step that does something the first time that the step has been taken."""
    waiting = True

    def on_step(name: str) -> None:
        nonlocal waiting
        if waiting and name == step:
            waiting = False
            act()

    return on_step


def signed(folder: Path) -> list[dict[str, Any]]:
    """What the journal says was signed."""
    (path,) = folder.glob("*.jsonl")
    return [record for record in read_journal(path)[1] if record["kind"] == "signed"]


# ---- others at the same time


def test_two_operators_on_one_machine__second_told_who_is_at_it(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "state"

    def second() -> None:
        # The same job, and another job of the same account.
        with pytest.raises(JournalLockedError, match=f"in use by process {os.getppid()} on this machine"):
            mint(suite, file, folder)
        other = customer_file(tmp_path / "other.csv", 10, seed=2)
        with pytest.raises(JournalLockedError, match=f"Account {MANAGER.address} is in use by process"):
            mint(suite, other, folder, campaign="other")

    def first(step: str) -> None:
        if step == "signing":
            assert in_child(second) == 0

    mint(suite, file, folder, on_step=first)
    assert_paid_once(suite, file)


@pytest.mark.parametrize("second", [MANAGER, PARTNER], ids=["same account", "another account"])
def test_two_operators_on_two_machines__each_row_once(tmp_path: Path, second: object, file: Path) -> None:
    with Anvil() as chain:
        suite = deploy(chain)
        suite.grant(PARTNER, 2**80)
        chain.rpc("evm_setAutomine", False)
        chain.rpc("evm_setIntervalMining", 1)
        one, other = (
            bulk_mint(suite, file, tmp_path / "one"),
            bulk_mint(suite, file, tmp_path / "other", minter=second),
        )
        child = os.fork()
        if child == 0:
            try:
                other.run()
                os._exit(0)
            finally:
                os._exit(1)
        one.run()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert_paid_once(suite, file)


def test_batch_minted_by_another_with_the_same_rows__counts(suite: Suite, file: Path, tmp_path: Path) -> None:
    transact(suite.chain, PARTNER, suite.token, job_of(suite, file).calldata(1))
    result = mint(suite, file, tmp_path / "state")
    assert result.own == {0, 2}
    assert result.places[1].minter == PARTNER.address
    assert_paid_once(suite, file)
    assert {row["status"] for row in receipts(file)} == {"minted"}


@pytest.mark.parametrize("moment", ["before", "begun", "signed"])
def test_batch_id_used_up_with_other_rows__loud(
    suite: Suite, file: Path, tmp_path: Path, moment: str
) -> None:
    job = job_of(suite, file)
    other = job_of(suite, customer_file(tmp_path / "other.csv", 500, seed=9)).calldata(0)
    forged = other[:4] + job.batch_id(0) + other[36:]

    def forge() -> None:
        suite.chain.rpc("evm_setAutomine", True)
        transact(suite.chain, PARTNER, suite.token, forged)

    if moment == "before":
        forge()
    on_step = at(moment, forge)
    with pytest.raises(ReconciliationError, match=r"Batch 0 .* did not mint what the file says \(from 0x"):
        mint(suite, file, tmp_path / "state", on_step=on_step)


def test_file_edited_after_a_part_was_paid__refused(suite: Suite, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    in_child(bulk_mint(suite, file, folder, on_step=die_at("sent")).run)
    edited = tmp_path / "edited.csv"
    edited.write_text(file.read_text() + f"\n0x{'11' * 20},5")
    with pytest.raises(UnfinishedJobError, match=r"Another file of 1300 rows was begun .* 'mint'"):
        mint(suite, edited, folder)
    mint(suite, file, folder)
    mint(suite, edited, folder)  # the first file is finished: this is another payment
    mint(suite, file, folder)
    assert suite.balance("0x" + "11" * 20) == 500


# ---- nonces


def test_nonce_stolen_before_sending__planned_anew(suite: Suite, file: Path, tmp_path: Path) -> None:
    nonce = suite.chain.node.nonce(MANAGER.address)

    def steal() -> None:
        suite.chain.rpc("evm_setAutomine", True)
        transact(suite.chain, MANAGER, PARTNER.address, b"")
        suite.chain.rpc("evm_setAutomine", False)

    mint(suite, file, tmp_path / "state", on_step=at("signing", steal))
    assert_paid_once(suite, file)
    assert suite.chain.node.nonce(MANAGER.address) == nonce + 4
    assert [record["nonce"] for record in signed(tmp_path / "state")] == [
        nonce,
        nonce + 1,
        nonce + 2,
        nonce + 3,
    ]


def test_nonce_contested_by_a_dearer_transaction__not_outbid(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    """The account's owner means something by that transaction, too."""
    strangers: list[str] = []

    def contest() -> None:
        request = {
            "from": MANAGER.address,
            "to": PARTNER.address,
            "gas": hex(21_000),
            "gasPrice": hex(4 * GWEI),
            "nonce": hex(suite.chain.node.nonce(MANAGER.address)),
        }
        strangers.append(suite.chain.rpc("eth_sendTransaction", request))

    def mine_late(progress: Progress) -> None:
        if strangers and time.monotonic() > late:
            suite.chain.rpc("evm_mine")

    suite.chain.rpc("evm_setAutomine", False)
    late = time.monotonic() + 3  # by when the sender would have outbid it
    policy = replace(QUICK, mine=False, resend_after=0.1, bump_after=0.15)
    mint(suite, file, tmp_path / "state", policy=policy, on_step=at("signed", contest), on_progress=mine_late)
    assert suite.chain.node.receipts(strangers) != [None]
    assert_paid_once(suite, file)


def test_nonces_stolen_while_stopped__planned_anew(suite: Suite, file: Path, tmp_path: Path) -> None:
    in_child(bulk_mint(suite, file, tmp_path / "state", on_step=die_at("signed")).run)
    suite.chain.rpc("evm_setAutomine", True)
    for _ in range(2):
        transact(suite.chain, MANAGER, PARTNER.address, b"")
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_journal_lost_with_transactions_in_the_pool__waited_for(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    nonce = suite.chain.node.nonce(MANAGER.address)
    in_child(bulk_mint(suite, file, tmp_path / "lost", on_step=die_at("sent")).run)
    result = mint(suite, file, tmp_path / "new", policy=replace(QUICK, mine=True))
    assert_paid_once(suite, file)
    assert result.own == frozenset()
    assert suite.chain.node.nonce(MANAGER.address) == nonce + 3  # none of them sent, and reverted, twice


def waiting_stranger(suite: Suite) -> str:
    """A transaction of the same account, which somebody made elsewhere and nobody mines."""
    suite.chain.rpc("evm_setAutomine", False)
    request = {"from": MANAGER.address, "to": PARTNER.address, "gas": hex(21_000), "gasPrice": hex(20 * GWEI)}
    hash_: str = suite.chain.rpc("eth_sendTransaction", request)
    return hash_


def test_gap_before_our_nonces__filled_with_nothing(suite: Suite, file: Path, tmp_path: Path) -> None:
    """A transaction that ours were to follow is dropped, and nobody will ever send another."""
    nonce = suite.chain.node.nonce(MANAGER.address)
    stranger = waiting_stranger(suite)

    dropped: list[str] = []

    def drop() -> None:
        suite.chain.rpc("anvil_dropTransaction", stranger)
        dropped.append(stranger)

    def mine_late(progress: Progress) -> None:
        if dropped:
            suite.chain.rpc("evm_mine")

    policy = replace(QUICK, mine=False, resend_after=0.2, bump_after=1.5)
    state = tmp_path / "state"
    mint(suite, file, state, policy=policy, on_step=at("sent", drop), on_progress=mine_late)
    assert_paid_once(suite, file)
    assert [record["nonce"] for record in signed(tmp_path / "state")] == [nonce + 1, nonce + 2, nonce + 3]
    (journal,) = (tmp_path / "state").glob("*.jsonl")
    assert {record["nonce"] for record in read_journal(journal)[1] if record["kind"] == "gap"} == {nonce}
    (empty,) = (
        transaction
        for number in range(suite.chain.node.head() + 1)
        for transaction in suite.chain.rpc("eth_getBlockByNumber", hex(number), True)["transactions"]
        if (transaction["from"], int(transaction["nonce"], 16)) == (MANAGER.address.lower(), nonce)
    )
    assert (empty["to"], empty["value"], empty["input"]) == (MANAGER.address.lower(), "0x0", "0x")


def test_anothers_transaction_waits_before_ours__not_outbid__told(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    stranger = waiting_stranger(suite)
    policy = replace(QUICK, mine=False, resend_after=0.2, bump_after=0.3, give_up_after=1.5)
    with pytest.raises(
        NotMinedError, match=rf"transaction \d+ of {MANAGER.address}, which this job did not make"
    ):
        mint(suite, file, tmp_path / "state", policy=policy)
    suite.chain.rpc("evm_setAutomine", True)
    mint(suite, file, tmp_path / "state")
    assert suite.chain.node.receipts([stranger]) != [None]
    assert_paid_once(suite, file)


# ---- the pool


def test_dropped_from_the_pool__sent_again_as_it_was(suite: Suite, file: Path, tmp_path: Path) -> None:
    drop = at("sent", lambda: suite.chain.rpc("anvil_dropAllTransactions"))
    mint(suite, file, tmp_path / "state", on_step=drop)
    assert_paid_once(suite, file)
    assert len(signed(tmp_path / "state")) == 3


def test_stuck_underpriced__fee_raised_at_the_same_nonce(suite: Suite, file: Path, tmp_path: Path) -> None:
    nonce = suite.chain.node.nonce(MANAGER.address)
    dear = at("sent", lambda: suite.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(10_000 * GWEI)))
    mint(suite, file, tmp_path / "state", on_step=dear)
    assert_paid_once(suite, file)
    assert suite.chain.node.nonce(MANAGER.address) == nonce + 3
    records = signed(tmp_path / "state")
    assert len(records) > 3
    assert {record["nonce"] for record in records} == {nonce, nonce + 1, nonce + 2}


def test_underpriced_since_it_was_signed__raised_on_resuming(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    in_child(bulk_mint(suite, file, tmp_path / "state", on_step=die_at("signed")).run)
    suite.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(10_000 * GWEI))
    suite.chain.rpc("evm_mine")
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_fee_ceiling__never_exceeded__told(suite: Suite, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "state"
    ceiling = replace(QUICK, fee_ceiling=5 * GWEI, give_up_after=0.8, resend_after=0.2)
    dear = at("sent", lambda: suite.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(10_000 * GWEI)))
    with pytest.raises(NotMinedError, match="ceiling"):
        mint(suite, file, folder, policy=ceiling, on_step=dear)
    assert all(int(str(record["most"])) <= 5 * GWEI for record in signed(folder))
    suite.chain.rpc("anvil_setNextBlockBaseFeePerGas", hex(10_000 * GWEI))
    suite.chain.rpc("evm_mine")
    with pytest.raises(
        FeeTooHighError, match="the ceiling is 5: wait until it is cheaper, or raise the ceiling"
    ):
        mint(suite, file, folder, policy=ceiling)
    mint(suite, file, folder)
    assert_paid_once(suite, file)


# ---- reorganisations


def when_mined(act: Callable[[], object]) -> Callable[[Progress], None]:
    """An on_progress that does something the first time that all is mined and not yet final."""
    waiting = True

    def on_progress(progress: Progress) -> None:
        nonlocal waiting
        if waiting and progress.mined == progress.total > progress.final:
            waiting = False
            act()

    return on_progress


@pytest.mark.parametrize("method", ["anvil_reorg", "anvil_rollback"])
def test_reorganised_away__sent_again(suite: Suite, file: Path, tmp_path: Path, method: str) -> None:
    happened = []

    def reorganise() -> None:
        happened.append(suite.supply())
        if method == "anvil_reorg":
            suite.chain.rpc(method, 2, [])  # two blocks replaced by empty ones
        else:
            suite.chain.rpc(method, 2)
        assert suite.supply() == 0, "the reorganisation took nothing away"

    policy = replace(QUICK, confirmations=6, mine=True)
    mint(suite, file, tmp_path / "state", policy=policy, on_progress=when_mined(reorganise))
    assert happened == [suite.supply()]
    assert_paid_once(suite, file)
    assert len(signed(tmp_path / "state")) == 3


def test_reorganised_after_it_was_final__next_run_sends_again(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    mint(suite, file, tmp_path / "state")
    head = suite.chain.node.head()
    suite.chain.rpc("anvil_rollback", 3)
    assert suite.chain.node.head() == head - 3
    assert suite.supply() == 0
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_reorganised_while_it_was_compared__not_called_done(suite: Suite, file: Path, tmp_path: Path) -> None:
    """The same transactions are in the chain again, in a block that is not as deep as was asked for."""

    def move() -> None:
        records = signed(tmp_path / "state")
        mined = suite.chain.node.receipts([record["hash"] for record in records])
        first = min(int(receipt["blockNumber"], 16) for receipt in mined if receipt)
        suite.chain.rpc("anvil_rollback", suite.chain.node.head() - first + 1)
        suite.chain.node.send_raw([bytes.fromhex(record["raw"][2:]) for record in records])
        suite.chain.rpc("evm_mine")

    policy = replace(QUICK, confirmations=3, mine=True)
    with pytest.raises(ReconciliationError, match=r"moved batch \d .* not as deep .* run again"):
        mint(suite, file, tmp_path / "state", policy=policy, on_step=at("finished", move))
    assert_paid_once(suite, file)
    assert {row["status"] for row in receipts(file)} == {"minted"}
    mint(suite, file, tmp_path / "state", policy=policy)
    assert_paid_once(suite, file)


def test_foreign_batch_reorganised_away__sent_by_us(suite: Suite, file: Path, tmp_path: Path) -> None:
    transact(suite.chain, PARTNER, suite.token, job_of(suite, file).calldata(1))
    undo = at("signed", lambda: suite.chain.rpc("anvil_rollback", 1))
    result = mint(
        suite, file, tmp_path / "state", policy=replace(QUICK, confirmations=3, mine=True), on_step=undo
    )
    assert result.own == {0, 1, 2}
    assert_paid_once(suite, file)
