"""The story's books, kept twice: what the shopping data and the plan say, and what the chain's events say.

The chain's side is read raw, block by block, from receipts: it knows nothing of what the story meant to do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from symbolon.addresses import keccak
from symbolon.codes import label_text
from symbolon.demo.counter import COUNTER, Asked, asked
from symbolon.demo.data import WEEKS, day_of, week_closes_at, week_of
from symbolon.demo.errors import BooksDifferError, LedgerError
from symbolon.demo.order_ledger import Moves, OrderLedger, OrderReader
from symbolon.demo.plan import LEDGER, Brand
from symbolon.redemptions import Kind
from symbolon.rpc import Node

TRANSFER = "0x" + keccak(b"Transfer(address,address,uint256)").hex()
OFFER_REDEEMED = (
    "0x" + keccak(b"OfferRedeemed(address,bytes32,address,bytes32,uint256,uint256,address)").hex()
)
PAR_REDEEMED = "0x" + keccak(b"ParRedeemed(address,bytes32,address,bytes32,uint256,uint256,address)").hex()

BATCHES = ["brand", "week", "rows", "units", "gas"]
"""Columns of the batches: one row for each transaction that minted."""

TAKINGS = ["brand", "week", "kind", "rows", "units", "gas"]
"""Columns of the takings: one row for each transaction by which a till redeemed."""

REDEEMED = [*COUNTER, "time", "nonce"]
"""Columns of what was redeemed: those of the counter's ledger, when in seconds, and the signature's nonce."""

_Redeemed = tuple[Asked, int, str]  # with the time and the nonce
_ZERO_TOPIC = "0x" + "0" * 64
_CLOSES = [week_closes_at(week) for week in range(WEEKS + 1)]


@dataclass(frozen=True, eq=False)
class ChainLedger:
    """What the chain's events say.

    Attributes:
        minted: one row for each mint, in the order they happened; columns as in LEDGER.
        batches: one row for each transaction that minted; columns as in BATCHES.
        redeemed: one row for each redemption, in the order they happened; columns as in REDEEMED.
        takings: one row for each transaction that redeemed; columns as in TAKINGS.
        orders: what members ordered, and what became of it.
        other_transactions: how many did none of this: what set the alliance up.
        other_gas: the gas that those used.
    """

    minted: pd.DataFrame
    batches: pd.DataFrame
    redeemed: pd.DataFrame
    takings: pd.DataFrame
    other_transactions: int
    other_gas: int
    orders: OrderLedger = field(default_factory=OrderLedger)


@dataclass(frozen=True)
class Desks:
    """Where members spend: the redemption desk, the one that takes orders, and the bonds behind it."""

    redemptions: str
    orders: str
    bonds: str


def read_chain(
    node: Node,
    tokens: Mapping[int, str],
    desks: Desks,
    members: Mapping[int, str],
    blocks: Iterable[int],
) -> ChainLedger:
    """Read every mint, redemption and order in those blocks from the receipts, and their gas.

    Args:
        node: of the chain.
        tokens: each brand's token.
        desks: where members spend.
        members: each household's wallet.
        blocks: numbers of the blocks to read.

    Raises LedgerError where a transaction failed, or where a transfer is neither a mint to a member nor what
    a member redeemed or ordered.
    """
    reader = _Reader(tokens, desks, members)
    for number in blocks:
        receipts = node.block_receipts(number)
        if receipts:
            moment = int(node.ask("eth_getBlockByNumber", hex(number), False)["timestamp"], 16)
            for receipt in receipts:
                reader.read(receipt, moment)
    return reader.ledger()


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


def reconcile_redemptions(planned: pd.DataFrame, redeemed: pd.DataFrame, alliance: Iterable[Brand]) -> None:
    """Compare what members were to redeem with what they did: each redemption once, in every column.

    Raises BooksDifferError, which tells how many differ and the first of them.
    """
    names = {brand.number: brand.name for brand in alliance}
    wanted, found = Counter(asked(planned)), Counter(asked(redeemed))
    missing, strange = wanted - found, found - wanted
    differing = max(missing.total(), strange.total())
    for rows, what in (
        (strange, "was redeemed and not asked for"),
        (missing, "was asked for and not redeemed"),
    ):
        if rows:
            first = min(rows, key=lambda row: (row.day, row))
            raise BooksDifferError(
                f"The counters and the chain differ in {differing:,} of {max(len(planned), len(redeemed)):,} "
                f"redemptions; the first is {names[first.brand]}, household {first.household}, "
                f"{date.fromordinal(first.day)}: {Kind(first.kind)} ({first.reference}) for "
                f"{first.units:,} base units {what}."
            )


@dataclass
class _Told:
    """What a transaction tells: mints, what members burned, redemptions, tokens of orders, orders' events."""

    mints: list[tuple[int, int, int, int]] = field(default_factory=list)
    burns: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    redeemed: list[_Redeemed] = field(default_factory=list)
    moves: Moves = field(default_factory=Moves)
    about_orders: list[Mapping[str, Any]] = field(default_factory=list)


class _Reader:
    """Reads receipts, one after the other."""

    def __init__(self, tokens: Mapping[int, str], desks: Desks, members: Mapping[int, str]) -> None:
        self._brand_of = {address.lower(): brand for brand, address in tokens.items()}
        self._brand_of_topic = {_topic(address): brand for brand, address in tokens.items()}
        self._household_of = {_topic(address): household for household, address in members.items()}
        self._desk = desks.redemptions.lower()
        self._order_desk = _topic(desks.orders)
        self._orders = OrderReader(self._brand_of_topic, self._household_of, desks.orders, desks.bonds)
        self._minted: list[tuple[int, int, int, int]] = []
        self._batches: list[tuple[int, int, int, int, int]] = []
        self._redeemed: list[_Redeemed] = []
        self._takings: list[tuple[int, int, int, int, int, int]] = []
        self._others: list[int] = []

    def read(self, receipt: Mapping[str, Any], moment: int) -> None:
        """Take in one receipt of a block of that time."""
        transaction, gas = str(receipt["transactionHash"]), int(receipt["gasUsed"], 16)
        if receipt["status"] != "0x1":
            raise LedgerError(f"Transaction {transaction} of the story failed on the chain.")
        told = _Told()
        for log in receipt["logs"]:
            topic = log["topics"][0]
            if topic == TRANSFER and log["address"] in self._brand_of:
                self._move(log, moment, told)
            elif topic in (OFFER_REDEEMED, PAR_REDEEMED) and log["address"] == self._desk:
                told.redeemed.append(self._redemption(log, moment))
            elif self._orders.tells(log):
                told.about_orders.append(log)
        if told.burns != Counter((row.brand, row.household, row.units) for row, _, _ in told.redeemed):
            raise LedgerError(f"Transaction {transaction} burned something else than what it redeemed.")
        if not self._orders.read(told.about_orders, told.moves, moment, gas):
            raise LedgerError(f"Transaction {transaction} moved other tokens than its orders say.")
        self._count(told, gas)

    def _move(self, log: Mapping[str, Any], moment: int, told: _Told) -> None:
        """What a token's transfer is: a mint, a redemption's burn, or tokens of an order."""
        brand, units = self._brand_of[log["address"]], int(log["data"], 16)
        _, origin, receiver = log["topics"]
        giver, taker = self._household_of.get(origin), self._household_of.get(receiver)
        if origin == _ZERO_TOPIC and taker is not None:
            told.mints.append((brand, taker, _week_at(moment), units))
        elif receiver == _ZERO_TOPIC and giver is not None:
            told.burns[brand, giver, units] += 1
        elif receiver == _ZERO_TOPIC and origin == self._order_desk:
            told.moves.burned[brand] += units
        elif origin == self._order_desk and taker is not None:
            told.moves.returned[brand, taker] += units
        elif receiver == self._order_desk and giver is not None:
            told.moves.locked[brand, giver] += units
        else:
            raise LedgerError(
                f"Transaction {log['transactionHash']} has a transfer that is no mint to a member of the "
                "story, no redemption and no order."
            )

    def _count(self, told: _Told, gas: int) -> None:
        """Write down what a transaction told."""
        if told.mints:
            self._minted += told.mints
            brand, _, week, _ = told.mints[0]
            units = sum(mint[3] for mint in told.mints)
            self._batches.append((brand, week, len(told.mints), units, gas))
        elif told.redeemed:
            self._redeemed += told.redeemed
            first, units = told.redeemed[0][0], sum(row.units for row, _, _ in told.redeemed)
            week = week_of(first.day)
            self._takings.append((first.brand, week, first.kind, len(told.redeemed), units, gas))
        elif not told.about_orders:
            self._others.append(gas)

    def ledger(self) -> ChainLedger:
        """All that was taken in."""
        types = dict.fromkeys(REDEEMED, "int64") | {"reference": "object", "nonce": "object"}
        return ChainLedger(
            minted=pd.DataFrame(self._minted, columns=LEDGER).astype("int64"),
            batches=pd.DataFrame(self._batches, columns=BATCHES).astype("int64"),
            redeemed=pd.DataFrame([(*row, *rest) for row, *rest in self._redeemed], columns=REDEEMED).astype(
                types
            ),
            takings=pd.DataFrame(self._takings, columns=TAKINGS).astype("int64"),
            other_transactions=len(self._others),
            other_gas=sum(self._others),
            orders=self._orders.ledger(),
        )

    def _redemption(self, log: Mapping[str, Any], moment: int) -> _Redeemed:
        """What an event of the redemption desk says."""
        topic, token, reference, member = log["topics"]
        brand, household = self._brand_of_topic.get(token), self._household_of.get(member)
        if brand is None or household is None:
            raise LedgerError(
                f"Transaction {log['transactionHash']} redeems what is no member's of the story."
            )
        data = bytes.fromhex(log["data"][2:])
        nonce, second, third = (data[at : at + 32] for at in range(0, 96, 32))
        quantity = value = 0
        if topic == OFFER_REDEEMED:
            kind, quantity, units = Kind.OFFER, int.from_bytes(second, "big"), int.from_bytes(third, "big")
        else:
            units, value = int.from_bytes(second, "big"), int.from_bytes(third, "big")
            kind = Kind.CURRENCY if value else Kind.PAR
        name = label_text(bytes.fromhex(reference[2:]))
        row = Asked(brand, household, day_of(moment), int(kind), name, quantity, units, value)
        return row, moment, "0x" + nonce.hex()


def _week_at(timestamp: int) -> int:
    """The shop week that had closed last at that time."""
    return bisect_right(_CLOSES, timestamp) - 1


def _topic(address: str) -> str:
    return "0x" + address[2:].lower().rjust(64, "0")


def _place(row: pd.Series[Any], names: Mapping[int, str]) -> str:
    return f"{names[int(row['brand'])]}, household {int(row['household'])}, week {int(row['week'])}"
