"""The sender by itself: calls that the chain cannot recognise are sent once or stopped, never guessed at."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from minting import QUICK, die_at, in_child
from suite import BRAND, MANAGER, PARTNER, Suite, calldata, deploy, transact

from symbolon.anvil import Anvil
from symbolon.exceptions import (
    JournalMismatchError,
    NonceTakenError,
    TransactionRefusedError,
    TransactionRevertedError,
)
from symbolon.journal import Journal, read_journal
from symbolon.reverts import understand
from symbolon.rpc import Node
from symbolon.sender import Call, Policy, Sender

MEMBER = "0x" + "77" * 20


@pytest.fixture
def suite() -> Iterator[Suite]:
    with Anvil() as chain:
        yield deploy(chain)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "job.jsonl"


def gifts(suite: Suite, amounts: Sequence[int], *, gas: int = 120_000) -> list[Call]:
    """One mint each; the chain does not remember which has been made."""
    return [
        Call(f"gift {number}", suite.token, calldata("LoyaltyToken", "mint", MEMBER, amount), gas)
        for number, amount in enumerate(amounts)
    ]


def send(suite: Suite, path: Path, calls: list[Call], **options: Any) -> dict[str, list[str]]:
    with Journal(path, {"kind": "header"}) as journal:
        options = {"policy": QUICK, "explain": lambda data: understand(data).sentence, **options}
        return Sender(Node(suite.chain.url, patience=0.05), MANAGER, journal, **options).run(calls)


def test_run__each_call_once__and_again_nothing(suite: Suite, path: Path) -> None:
    calls = gifts(suite, [1, 10, 100])
    first = send(suite, path, calls)
    assert suite.balance(MEMBER) == 111
    assert send(suite, path, calls) == first
    assert suite.balance(MEMBER) == 111
    receipts = suite.chain.node.receipts([hashes[0] for hashes in first.values()])
    assert [int(receipt["status"], 16) for receipt in receipts if receipt] == [1, 1, 1]


@pytest.mark.parametrize("step", ["signing", "signed", "sent", "mined", "final"])
def test_killed__each_call_once(suite: Suite, path: Path, step: str) -> None:
    calls = gifts(suite, [1, 10, 100])
    assert in_child(lambda: send(suite, path, calls, on_step=die_at(step))) < 0
    send(suite, path, calls)
    assert suite.balance(MEMBER) == 111


def test_thousand_calls__in_a_few_blocks(suite: Suite, path: Path) -> None:
    head = suite.chain.node.head()
    send(suite, path, gifts(suite, [1] * 600, gas=80_000))
    assert suite.balance(MEMBER) == 600
    assert suite.chain.node.head() - head < 10


def test_nonce_taken__chain_cannot_tell__stops(suite: Suite, path: Path) -> None:
    calls = gifts(suite, [1, 10])
    in_child(lambda: send(suite, path, calls, on_step=die_at("signed")))
    suite.chain.rpc("evm_setAutomine", True)
    transact(suite.chain, MANAGER, PARTNER.address, b"")
    with pytest.raises(NonceTakenError, match=r"took nonce \d+ from gift 0: see what it did"):
        send(suite, path, calls)
    assert suite.balance(MEMBER) == 10  # what was sent went on; what was in doubt was not repeated


def test_reverted__the_contracts_reason__and_sent_anew_when_mended(suite: Suite, path: Path) -> None:
    calls = gifts(suite, [1, 2**81, 10])
    with pytest.raises(
        TransactionRevertedError, match=r"gift 1 .* was mined and did nothing: .* have the brand"
    ):
        send(suite, path, calls)
    suite.grant(MANAGER, 2**82)
    send(suite, path, calls)
    assert suite.balance(MEMBER) == 2**81 + 11


def test_mined_and_without_effect__told_and_not_waited_for_forever(suite: Suite, path: Path) -> None:
    with pytest.raises(TransactionRevertedError, match=r"gift 0 .* was mined and did nothing"):
        send(suite, path, gifts(suite, [1]), done=lambda calls, _: [False] * len(calls))


def test_out_of_gas__told(suite: Suite, path: Path) -> None:
    with pytest.raises(TransactionRevertedError, match="used up its gas limit of 40000"):
        send(suite, path, gifts(suite, [1], gas=40_000))


def test_refused_by_the_node__told__and_signed_anew_for_the_same_nonce(suite: Suite, path: Path) -> None:
    nonce = suite.chain.node.nonce(MANAGER.address)
    with pytest.raises(TransactionRefusedError, match=r"will not take the transaction for gift 0: .*gas"):
        send(suite, path, gifts(suite, [1], gas=2**24 + 1))
    send(suite, path, gifts(suite, [1]))
    assert suite.balance(MEMBER) == 1
    signed = [record for record in read_journal(path)[1] if record["kind"] == "signed"]
    assert [record["nonce"] for record in signed] == [nonce, nonce]


def test_access_list__goes_with_the_transaction(suite: Suite, path: Path) -> None:
    entry = {"address": suite.ask("BrandRegistry", "authority"), "storageKeys": ["0x" + "00" * 31 + "05"]}
    (call,) = gifts(suite, [1])
    ((hash_,),) = send(suite, path, [replace(call, access_list=[entry])]).values()
    sent = suite.chain.rpc("eth_getTransactionByHash", hash_)
    assert sent["accessList"][0]["storageKeys"] == entry["storageKeys"]
    assert suite.balance(MEMBER) == 1


def test_signs_for_the_chain_it_talks_to(suite: Suite, path: Path) -> None:
    with Anvil(chain_id=77) as other:
        elsewhere = Suite(other, suite.addresses, PARTNER.address)
        ((hash_,),) = send(elsewhere, path, [Call("hello", PARTNER.address, b"", 21_000)]).values()
        assert other.rpc("eth_getTransactionByHash", hash_)["chainId"] == hex(77)


def test_journal_of_other_calls__refused(suite: Suite, path: Path) -> None:
    send(suite, path, gifts(suite, [1, 10]))
    with pytest.raises(JournalMismatchError, match="tells of 'gift 1', which this job does not have"):
        send(suite, path, gifts(suite, [1]))


def test_automine_left_on__when_told(suite: Suite, path: Path) -> None:
    policy = replace(QUICK, mine=False)
    for amount in (1, 10):  # one at a time: a node that mines each at once loses some of a batch
        send(suite, path.with_name(f"{amount}.jsonl"), gifts(suite, [amount]), policy=policy)
    assert suite.balance(MEMBER) == 11
    assert [r for r in read_journal(path.with_name("1.jsonl"))[1] if r["kind"] == "automine"] == []


def test_policy__defaults_suit_a_live_chain() -> None:
    policy = Policy()
    assert policy.poll < policy.resend_after < policy.bump_after < policy.give_up_after
    assert policy.mine is None


def test_brand_and_manager_at_the_same_time__do_not_mix(suite: Suite, tmp_path: Path) -> None:
    suite.grant(BRAND, 1000)
    calls = gifts(suite, [1, 2])
    send(suite, tmp_path / "manager.jsonl", calls)
    with Journal(tmp_path / "brand.jsonl", {"kind": "header"}) as journal:
        Sender(suite.chain.node, BRAND, journal, policy=QUICK).run(calls)
    assert suite.balance(MEMBER) == 6
