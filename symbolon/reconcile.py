"""Compares what a token's events say was minted with what a job was to mint, row by row.

The chain is asked for the events themselves, whoever sent the transactions and whatever a journal says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.customers import ADDRESS_BYTES, ROW_BYTES, total_amount
from symbolon.exceptions import ReconciliationError
from symbolon.mint_job import MintJob
from symbolon.rpc import Node

_BATCH_MINTED = "0x" + keccak(b"BatchMinted(bytes32,address,uint256)").hex()
_TRANSFER = "0x" + keccak(b"Transfer(address,address,uint256)").hex()
_NOBODY = "0x" + "00" * 32

_IDS_TOGETHER = 100  # batch ids in one question
_BLOCKS_TOGETHER = 10  # blocks whose transfers are read together


@dataclass(frozen=True)
class Minted:
    """Where a batch was minted, and from whose quota."""

    transaction: str
    block: int
    minter: str


def find_batches(
    node: Node, job: MintJob, numbers: Sequence[int], first: int, last: int
) -> dict[int, Minted]:
    """Where the chain has these batches of a job, from block `first` to `last`, as far as it has them.

    Raises ReconciliationError where one was minted twice.
    """
    found: dict[int, Minted] = {}
    for at in range(0, len(numbers), _IDS_TOGETHER):
        by_id = {"0x" + job.batch_id(number).hex(): number for number in numbers[at : at + _IDS_TOGETHER]}
        for log in node.logs(job.token, [_BATCH_MINTED, list(by_id)], first, last):
            number = by_id[log["topics"][1]]
            if number in found:
                raise ReconciliationError(
                    f"Batch {number} was minted twice, in {found[number].transaction} and in "
                    f"{log['transactionHash']}: stop, and report it as a fault of the token."
                )
            minter = checksum_address(parse_address("0x" + log["topics"][2][26:]))
            found[number] = Minted(log["transactionHash"], int(log["blockNumber"], 16), minter)
    return found


def compare(node: Node, job: MintJob, places: dict[int, Minted]) -> None:
    """Compare each batch's events with its rows: recipients, amounts, order, number and total.

    Raises ReconciliationError naming the first difference.
    """
    by_id = {"0x" + job.batch_id(number).hex(): number for number in places}
    left = set(places)
    for first, last in _spans(place.block for place in places.values()):
        transfers: list[dict[str, Any]] = []
        for log in node.logs(job.token, [[_TRANSFER, _BATCH_MINTED]], first, last):
            if log["topics"][0] == _TRANSFER:
                transfers.append(log)
                continue
            number = by_id.get(log["topics"][1])
            if number is not None:
                _compare_batch(job, number, transfers, log)
                left.discard(number)
            transfers = []
    if left:
        raise ReconciliationError(
            f"Batch {min(left)} left the chain while it was compared: run again, with more confirmations."
        )


def _spans(blocks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ranges of few blocks that together hold all of those given."""
    first: int | None = None
    last = 0
    for block in sorted(set(blocks)):
        if first is not None and block - first >= _BLOCKS_TOGETHER:
            yield first, last
            first = None
        first, last = block if first is None else first, block
    if first is not None:
        yield first, last


def _compare_batch(job: MintJob, number: int, before: Sequence[dict[str, Any]], end: dict[str, Any]) -> None:
    """`before` are the transfers logged since the last batch, `end` is the batch's own event."""
    rows = job.batch(number)
    transfers = before[-(len(rows) // ROW_BYTES) :]
    transaction = end["transactionHash"]
    found = "".join([log["topics"][1] + log["topics"][2] + log["data"] for log in transfers])
    # Events come in order: when the first is of the same transaction, so are those between.
    together = bool(transfers) and transfers[0]["transactionHash"] == transaction
    if found != _as_events(rows) or not together or int(end["data"], 16) != total_amount(rows):
        raise ReconciliationError(
            f"Batch {number} in transaction {transaction} did not mint what the file says "
            f"({_difference(rows, transfers)}): stop, and find out who sent it."
        )


def _as_events(rows: bytes) -> str:
    """What the Transfer events of these rows say: from nobody, to whom, how much."""
    digits = rows.hex()
    start, between = f"{_NOBODY}0x{'0' * 24}", f"0x{'0' * 40}"
    return "".join(
        [
            start + digits[at : at + 40] + between + digits[at + 40 : at + 64]
            for at in range(0, len(digits), 64)
        ]
    )


def _difference(rows: bytes, transfers: Sequence[dict[str, Any]]) -> str:
    for at, log in enumerate(transfers):
        row = rows[at * ROW_BYTES : (at + 1) * ROW_BYTES]
        if log["topics"][2][26:] + log["data"][-24:] != row.hex():
            address = checksum_address(row[:ADDRESS_BYTES])
            return f"from {address} with {int.from_bytes(row[ADDRESS_BYTES:])} base units on"
    return f"{len(transfers)} transfers for {len(rows) // ROW_BYTES} rows, or another total"
