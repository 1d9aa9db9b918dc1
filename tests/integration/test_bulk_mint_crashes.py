"""OPS-1 under crashes: a bulk mint that is killed, cut off or loses its journal goes on, each row once."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from minting import QUICK, assert_paid_once, bulk_mint, customer_file, die_at, in_child, mint, mints, receipts
from nodes import Answer, Proxy
from suite import MANAGER, Suite, deploy

from symbolon.anvil import Anvil
from symbolon.exceptions import JournalCorruptError, NodeError, NotMinedError
from symbolon.journal import read_journal
from symbolon.sender import Policy

ROWS = 2_600  # six batches; blocks that hold one each, so that they are signed and sent in two groups


@pytest.fixture
def suite() -> Iterator[Suite]:
    with Anvil(block_gas_limit=14_000_000) as chain:
        yield deploy(chain)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return customer_file(tmp_path / "customers.csv", ROWS)


def killed(suite: Suite, file: Path, folder: Path, step: str, occurrence: int = 1) -> None:
    """A run that is killed when it has taken the step."""
    run = bulk_mint(suite, file, folder, on_step=die_at(step, occurrence)).run
    assert in_child(run) == -signal.SIGKILL, f"the run never took step {step!r} {occurrence} times"


STEPS = [
    ("begun", 1),
    ("signing", 1),
    ("signed", 1),
    ("sent", 1),
    ("mined", 1),
    ("final", 1),
    ("signed", 2),
    ("sent", 2),
    ("final", 3),
    ("finished", 1),
]


@pytest.mark.parametrize(("step", "occurrence"), STEPS)
def test_killed_at_a_step__goes_on(
    suite: Suite, file: Path, tmp_path: Path, step: str, occurrence: int
) -> None:
    killed(suite, file, tmp_path / "state", step, occurrence)
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)
    assert {row["status"] for row in receipts(file)} == {"minted"}
    assert suite.chain.node.automine()  # switched off by a run that could not switch it on again


@pytest.mark.parametrize(("step", "occurrence"), [("signed", 1), ("sent", 1), ("final", 2), ("finished", 1)])
def test_killed__journal_lost__goes_on(
    suite: Suite, file: Path, tmp_path: Path, step: str, occurrence: int
) -> None:
    killed(suite, file, tmp_path / "state", step, occurrence)
    shutil.rmtree(tmp_path / "state")
    # With its journal gone, nobody knows any more that the run switched the node's own mining off.
    policy = Policy(**{**QUICK.__dict__, "mine": True})
    result = mint(suite, file, tmp_path / "state", policy=policy)
    assert_paid_once(suite, file)
    assert set(result.places) == set(range(6))


def test_killed_again_and_again__goes_on(suite: Suite, file: Path, tmp_path: Path) -> None:
    for step in ("signing", "signed", "sent", "mined", "sent", "final", "finished"):
        killed(suite, file, tmp_path / "state", step)
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_killed__journal_torn__goes_on(suite: Suite, file: Path, tmp_path: Path) -> None:
    killed(suite, file, tmp_path / "state", "signed", 2)
    (journal,) = (tmp_path / "state").glob("*.jsonl")
    os.truncate(journal, journal.stat().st_size - 1000)
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_journal_altered__refused__moved_away__goes_on(suite: Suite, file: Path, tmp_path: Path) -> None:
    killed(suite, file, tmp_path / "state", "sent")
    (journal,) = (tmp_path / "state").glob("*.jsonl")
    journal.write_bytes(journal.read_bytes().replace(b'"nonce":1', b'"nonce":9', 1))
    with pytest.raises(JournalCorruptError, match="move it away and run again"):
        mint(suite, file, tmp_path / "state")
    journal.rename(tmp_path / "away.jsonl")
    mint(suite, file, tmp_path / "state", policy=Policy(**{**QUICK.__dict__, "mine": True}))
    assert_paid_once(suite, file)


def test_interrupted_by_the_operator__node_as_it_was__goes_on(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    def interrupt(step: str) -> None:
        if step == "sent":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bulk_mint(suite, file, tmp_path / "state", on_step=interrupt).run()
    assert suite.chain.node.automine()
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


# ---- the line to the node


def after(count: int) -> Callable[[list[str]], bool]:
    """True from the send after so many others on."""
    sends = 0

    def is_due(methods: list[str]) -> bool:
        nonlocal sends
        if "eth_sendRawTransaction" not in methods:
            return False
        sends += 1
        return sends > count

    return is_due


def once(when: Callable[[list[str]], bool]) -> Callable[[list[str]], bool]:
    """True the first time that `when` is."""
    done = False

    def is_due(methods: list[str]) -> bool:
        nonlocal done
        if done or not when(methods):
            return False
        done = True
        return True

    return is_due


@pytest.mark.parametrize("before", [0, 1])
def test_reply_lost_after_sending__not_sent_under_another_nonce(
    suite: Suite, file: Path, tmp_path: Path, before: int
) -> None:
    nonce = suite.chain.node.nonce(MANAGER.address)
    with Proxy(suite.chain.url, loses=once(after(before))) as proxy:
        mint(suite, file, tmp_path / "state", url=proxy.url)
    assert_paid_once(suite, file)
    assert suite.chain.node.nonce(MANAGER.address) == nonce + 6


def test_request_lost_before_the_node__sent_again(suite: Suite, file: Path, tmp_path: Path) -> None:
    nonce = suite.chain.node.nonce(MANAGER.address)
    with Proxy(suite.chain.url, refuses=once(after(0))) as proxy:
        mint(suite, file, tmp_path / "state", url=proxy.url)
        assert sum("eth_sendRawTransaction" in methods for methods in proxy.seen) >= 3
    assert_paid_once(suite, file)
    assert suite.chain.node.nonce(MANAGER.address) == nonce + 6


def test_every_third_request_lost_or_put_off__goes_on(suite: Suite, tmp_path: Path) -> None:
    file = customer_file(tmp_path / "short.csv", 600)
    count = 0

    def trouble(methods: list[str]) -> Answer | bool:
        nonlocal count
        count += 1
        if methods[0].startswith(("evm_", "hardhat_")):
            return False  # the operator's own development node
        answers: dict[int, Answer | bool] = {0: (429, b"slow down"), 3: True, 6: (200, b'{"id":0,"resu')}
        return answers.get(count % 9, False)

    with Proxy(suite.chain.url, refuses=trouble) as proxy:
        try:
            mint(suite, file, tmp_path / "state", url=proxy.url)
        except NodeError:  # the very first contact fails at once
            mint(suite, file, tmp_path / "state", url=proxy.url)
    assert_paid_once(suite, file)


def test_node_gone_in_the_middle__a_sentence__goes_on(suite: Suite, file: Path, tmp_path: Path) -> None:
    gone = False

    def lost(methods: list[str]) -> bool:
        nonlocal gone
        gone = gone or "eth_sendRawTransaction" in methods
        return gone

    with Proxy(suite.chain.url, refuses=lost) as proxy, pytest.raises(NodeError, match="cannot be reached"):
        mint(suite, file, tmp_path / "state", url=proxy.url)
    assert mints(suite) == []
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_nothing_mined__gives_up_in_a_sentence__goes_on(suite: Suite, file: Path, tmp_path: Path) -> None:
    suite.chain.rpc("evm_setAutomine", False)
    patience = Policy(poll=0.02, resend_after=0.2, bump_after=0.5, give_up_after=1, mine=False)
    with pytest.raises(NotMinedError, match=r"Nothing moved for \d+ seconds with 5 transactions waiting"):
        mint(suite, file, tmp_path / "state", policy=patience)
    assert {row["status"] for row in receipts(file)} == {"not yet"}
    suite.chain.rpc("evm_setAutomine", True)
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_receipts__after_a_run_that_stopped_half_way__say_so(
    suite: Suite, file: Path, tmp_path: Path
) -> None:
    def stop(step: str) -> None:
        if step == "final":
            # Else the node may mine what was sent already, after the receipts are written.
            suite.chain.rpc("anvil_dropAllTransactions")
            raise NodeError("The line went dead.")

    with pytest.raises(NodeError, match="went dead"):
        mint(suite, file, tmp_path / "state", on_step=stop)
    rows = receipts(file)
    minted = {row["address"].lower() for row in rows if row["status"] == "minted"}
    assert minted == {address for address, _ in mints(suite)}
    assert 0 < len(minted) < ROWS
    mint(suite, file, tmp_path / "state")
    assert_paid_once(suite, file)


def test_journal__tells_each_step_of_each_batch(suite: Suite, file: Path, tmp_path: Path) -> None:
    mint(suite, file, tmp_path / "state")
    (path,) = (tmp_path / "state").glob("*.jsonl")
    header, records = read_journal(path)
    assert header["token"].lower() == suite.token.lower()
    assert header["signer"] == MANAGER.address
    assert [record["key"] for record in records if record["kind"] == "signed"] == [str(n) for n in range(6)]
    assert {record["key"] for record in records if record["kind"] == "final"} == {str(n) for n in range(6)}
    assert records[-1] == {"kind": "finished"}
    assert path.stat().st_mode & 0o077 == 0  # signed transactions are the operator's own
