"""The chain's events are held against the rows: any difference at all is an error that names the batch."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from nodes import Server

from symbolon.addresses import checksum_address, keccak
from symbolon.customers import customers_from
from symbolon.exceptions import ReconciliationError
from symbolon.mint_job import MintJob
from symbolon.reconcile import Minted, compare, find_batches
from symbolon.rpc import Node

Log = dict[str, Any]

TOKEN = checksum_address(b"\x70" * 20)
MINTER = b"\x44" * 20
TRANSFER = "0x" + keccak(b"Transfer(address,address,uint256)").hex()
BATCH_MINTED = "0x" + keccak(b"BatchMinted(bytes32,address,uint256)").hex()
ROWS = [(bytes([n // 256, n % 256]) * 10, n) for n in range(1, 601)]
JOB = MintJob.of(1, TOKEN, customers_from((checksum_address(address), amount) for address, amount in ROWS))


def word(data: bytes) -> str:
    return "0x" + data.rjust(32, b"\0").hex()


def transfer(
    to: bytes, amount: int, *, sender: bytes = b"", transaction: str = "0xaa", block: int = 7
) -> Log:
    topics = [TRANSFER, word(sender), word(to)]
    return {"topics": topics, "data": word(amount.to_bytes(32))} | place(transaction, block)


def end(number: int, amount: int, *, transaction: str = "0xaa", block: int = 7) -> Log:
    topics = [BATCH_MINTED, "0x" + JOB.batch_id(number).hex(), word(MINTER)]
    return {"topics": topics, "data": word(amount.to_bytes(32))} | place(transaction, block)


def place(transaction: str, block: int) -> Log:
    return {"transactionHash": transaction, "blockNumber": hex(block)}


def as_minted() -> list[Log]:
    """The events of both batches, in two transactions, with others' between them."""
    rows = sorted(ROWS)
    first, second = rows[:500], rows[500:]
    return [
        transfer(b"\x99" * 20, 5, sender=b"\x98" * 20, transaction="0x01"),
        *[transfer(*row) for row in first],
        end(0, sum(amount for _, amount in first)),
        transfer(b"\x99" * 20, 5, transaction="0x02", block=8),
        *[transfer(*row, transaction="0xbb", block=9) for row in second],
        end(1, sum(amount for _, amount in second), transaction="0xbb", block=9),
        transfer(b"\x99" * 20, 5, transaction="0x03", block=9),
    ]


def check(logs: list[Log]) -> dict[int, Minted]:
    """Find and compare the job's batches on a chain that has these events."""

    def respond(body: bytes) -> tuple[int, bytes]:
        request = orjson.loads(body)
        (asked,) = request["params"]
        wanted = asked["topics"]
        first, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
        found = [
            log
            for log in logs
            if first <= int(log["blockNumber"], 16) <= last
            and all(topic == ask or topic in ask for topic, ask in zip(log["topics"], wanted, strict=False))
        ]
        return 200, orjson.dumps({"id": request["id"], "result": found})

    with Server(respond) as server:
        node = Node(server.url)
        places = find_batches(node, JOB, range(len(JOB)), 0, 20)
        compare(node, JOB, places)
        return places


def test_as_the_file_says__agrees() -> None:
    minter = checksum_address(MINTER)
    assert check(as_minted()) == {0: Minted("0xaa", 7, minter), 1: Minted("0xbb", 9, minter)}


def test_not_minted__not_found() -> None:
    assert set(check([log for log in as_minted() if log["blockNumber"] != "0x9"])) == {0}


def change(at: int, log: Callable[[Log], Log]) -> Callable[[list[Log]], list[Log]]:
    return lambda logs: [*logs[:at], log(logs[at]), *logs[at + 1 :]]


DIFFERENCES: dict[str, Callable[[list[Log]], list[Log]]] = {
    "another amount": change(20, lambda log: log | {"data": word((10**6).to_bytes(32))}),
    "an amount beyond 96 bits": change(20, lambda log: log | {"data": "0x01" + log["data"][4:]}),
    "another recipient": change(20, lambda log: log | {"topics": [*log["topics"][:2], word(b"\x13" * 20)]}),
    "not minted but moved": change(
        20, lambda log: log | {"topics": [TRANSFER, word(b"\x13"), log["topics"][2]]}
    ),
    "a row missing": lambda logs: logs[:20] + logs[21:],
    "a row twice": lambda logs: [*logs[:20], logs[20], *logs[20:]],
    "two rows exchanged": lambda logs: [*logs[:20], logs[21], logs[20], *logs[22:]],
    "another total": change(501, lambda log: log | {"data": word((1).to_bytes(32))}),
    "rows of another transaction": lambda logs: (
        [log | {"transactionHash": "0xcc"} for log in logs[:501]] + logs[501:]
    ),
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_any_difference__loud(difference: str) -> None:
    with pytest.raises(
        ReconciliationError, match=r"Batch 0 in transaction 0xaa did not mint what the file says"
    ):
        check(DIFFERENCES[difference](as_minted()))


def test_difference__names_the_first_row() -> None:
    to, amount = sorted(ROWS)[19]
    with pytest.raises(ReconciliationError, match=f"from {checksum_address(to)} with {amount} base units on"):
        check(DIFFERENCES["another amount"](as_minted()))


def test_minted_twice__loud() -> None:
    with pytest.raises(ReconciliationError, match="Batch 1 was minted twice, in 0xbb and in 0xdd"):
        check([*as_minted(), end(1, 1, transaction="0xdd", block=10)])


def test_gone_between_two_questions__loud() -> None:
    lost = {0: Minted("0xaa", 7, checksum_address(MINTER))}
    with (
        Server(lambda _: (200, b'{"id":0,"result":[]}')) as server,
        pytest.raises(ReconciliationError, match="Batch 0 left the chain while it was compared: run again"),
    ):
        compare(Node(server.url), JOB, lost)
