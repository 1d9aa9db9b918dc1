"""The story's books, kept twice: what the shopping data says is due, and what the chain's events say.

The chain's side is read raw, block by block, from receipts: it knows nothing of what the story meant to do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from symbolon.demo.data import WEEKS, week_closes_at
from symbolon.demo.plan import LEDGER, Brand
from symbolon.exceptions import SymbolonError
from symbolon.rpc import Node

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak256 of Transfer(address,address,uint256)."""

BATCHES = ["brand", "week", "rows", "units", "gas"]
"""Columns of the batches: one row for each transaction that minted."""

_ZERO_TOPIC = "0x" + "0" * 64
_CLOSES = [week_closes_at(week) for week in range(WEEKS + 1)]


class LedgerError(SymbolonError):
    """The chain tells something that is no part of the story."""


class BooksDifferError(SymbolonError):
    """The chain and the shopping data differ."""


@dataclass(frozen=True, eq=False)
class ChainLedger:
    """What the chain's events say.

    Attributes:
        minted: one row for each mint, in the order they happened; columns as in LEDGER.
        batches: one row for each transaction that minted; columns as in BATCHES.
        other_transactions: how many minted nothing: what set the alliance up.
        other_gas: the gas that those used.
    """

    minted: pd.DataFrame
    batches: pd.DataFrame
    other_transactions: int
    other_gas: int


def read_chain(
    node: Node,
    tokens: Mapping[int, str],
    members: Mapping[int, str],
    blocks: Iterable[int],
) -> ChainLedger:
    """Read every Transfer of the tokens in those blocks from the receipts, and the gas that it cost.

    Args:
        node: of the chain.
        tokens: each brand's token.
        members: each household's wallet.
        blocks: numbers of the blocks to read.

    Raises LedgerError where a transaction failed, or where a transfer is not a mint to a member.
    """
    brand_of = {address.lower(): brand for brand, address in tokens.items()}
    household_of = {_topic(address): household for household, address in members.items()}
    minted: list[tuple[int, int, int, int]] = []
    batches: list[tuple[int, int, int, int, int]] = []
    other_transactions = other_gas = 0
    for number in blocks:
        receipts = node.block_receipts(number)
        if not receipts:
            continue
        week = _week_at(int(node.ask("eth_getBlockByNumber", hex(number), False)["timestamp"], 16))
        for receipt in receipts:
            if receipt["status"] != "0x1":
                raise LedgerError(
                    f"Transaction {receipt['transactionHash']} of the story failed on the chain."
                )
            mints = [
                _mint(log, brand_of[log["address"]], household_of, week)
                for log in receipt["logs"]
                if log["topics"][0] == TRANSFER and log["address"] in brand_of
            ]
            minted += mints
            if mints:
                units = sum(mint[3] for mint in mints)
                batches.append((mints[0][0], week, len(mints), units, int(receipt["gasUsed"], 16)))
            else:
                other_transactions += 1
                other_gas += int(receipt["gasUsed"], 16)
    return ChainLedger(
        minted=pd.DataFrame(minted, columns=LEDGER).astype("int64"),
        batches=pd.DataFrame(batches, columns=BATCHES).astype("int64"),
        other_transactions=other_transactions,
        other_gas=other_gas,
    )


def reconcile(due: pd.DataFrame, minted: pd.DataFrame, alliance: Iterable[Brand]) -> None:
    """Compare what is due with what was minted: each brand, household and week once, to the last unit.

    Raises BooksDifferError, which tells how many differ and the first of them.
    """
    keys = LEDGER[:3]
    names = {brand.number: brand.name for brand in alliance}
    twice = minted[minted.duplicated(keys)]
    if len(twice):
        raise BooksDifferError(
            f"The chain minted {len(twice):,} member-weeks more than once; "
            f"the first is {_place(twice.iloc[0], names)}."
        )
    both = due.merge(minted, on=keys, how="outer", suffixes=("_due", "_minted")).fillna(0)
    wrong = both[both["units_due"] != both["units_minted"]]
    if len(wrong):
        first = wrong.iloc[0]
        raise BooksDifferError(
            f"The chain and the shopping data differ in {len(wrong):,} of {len(both):,} member-weeks; "
            f"the first is {_place(first, names)}: {int(first['units_due']):,} base units are due, "
            f"{int(first['units_minted']):,} were minted."
        )


def _mint(
    log: Mapping[str, Any], brand: int, household_of: Mapping[str, int], week: int
) -> tuple[int, int, int, int]:
    _, origin, receiver = log["topics"]
    household = household_of.get(receiver)
    if origin != _ZERO_TOPIC or household is None:
        raise LedgerError(
            f"Transaction {log['transactionHash']} has a transfer that is no mint to a member of the story."
        )
    return brand, household, week, int(log["data"], 16)


def _week_at(timestamp: int) -> int:
    """The shop week that had closed last at that time."""
    return bisect_right(_CLOSES, timestamp) - 1


def _topic(address: str) -> str:
    return "0x" + address[2:].lower().rjust(64, "0")


def _place(row: pd.Series[Any], names: Mapping[int, str]) -> str:
    return f"{names[int(row['brand'])]}, household {int(row['household'])}, week {int(row['week'])}"
