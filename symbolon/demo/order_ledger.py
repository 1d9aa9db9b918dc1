"""The orders' side of the books: what the events say became of each, held against the tokens that moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from symbolon.addresses import keccak
from symbolon.codes import label_text
from symbolon.demo.data import day_of, week_of
from symbolon.demo.errors import BooksDifferError, LedgerError
from symbolon.demo.ordering import PARCEL, Ordered
from symbolon.demo.plan import Brand
from symbolon.fulfilment import OUTCOMES, State


def _topic(event: str) -> str:
    return "0x" + keccak(event.encode()).hex()


OPENED = _topic(
    "OrderOpened(address,bytes32,address,uint256,uint32,uint96,uint96,uint96,address,uint40,bytes32)"
)
DELIVERED = _topic("OrderDelivered(address,bytes32,uint256,uint40)")
DISPUTED = _topic("OrderDisputed(address,bytes32,uint256,uint40)")
ENDED = _topic("OrderEnded(address,bytes32,uint256,uint8,uint96,uint96)")
COLLECTED = _topic("Collected(address,address,address,uint256)")


class Act(Enum):
    """What a transaction does about orders."""

    OPENED = "opened, as the member signed"
    DELIVERED = "told as delivered"
    DISPUTED = "disputed, as the member signed"
    ENDED = "ended"
    COLLECTED = "compensation collected"

    def __str__(self) -> str:
        return self.value


_ACTS = {
    OPENED: Act.OPENED,
    DELIVERED: Act.DELIVERED,
    DISPUTED: Act.DISPUTED,
    ENDED: Act.ENDED,
    COLLECTED: Act.COLLECTED,
}


class Deed(NamedTuple):
    """A transaction about orders: what it does, to how many, and the gas it used."""

    act: Act
    rows: int
    gas: int


@dataclass(frozen=True)
class OrderLedger:
    """What the chain's events say of orders.

    Attributes:
        orders: each order with what became of it, in the order in which they were opened.
        deeds: each transaction about orders.
        collected: base units of the settlement currency that each household collected.
    """

    orders: tuple[Ordered, ...] = ()
    deeds: tuple[Deed, ...] = ()
    collected: Mapping[int, int] = field(default_factory=dict)


@dataclass
class Moves:
    """Base units that moved in a transaction to members' orders, back from them, and out of existence."""

    locked: Counter[tuple[int, int]] = field(default_factory=Counter)
    returned: Counter[tuple[int, int]] = field(default_factory=Counter)
    burned: Counter[int] = field(default_factory=Counter)


class OrderReader:
    """Reads what transactions say about orders, one after the other."""

    def __init__(
        self, brand_of: Mapping[str, int], household_of: Mapping[str, int], desk: str, bonds: str
    ) -> None:
        """Brands and households are told by their addresses as topics."""
        self._brand_of = brand_of
        self._household_of = household_of
        self._emitters = {desk.lower(), bonds.lower()}
        self._orders: dict[tuple[int, int], Ordered] = {}
        self._deeds: list[Deed] = []
        self._collected: Counter[int] = Counter()

    def tells(self, log: Mapping[str, Any]) -> bool:
        """Whether an event is about an order."""
        return log["topics"][0] in _ACTS and log["address"] in self._emitters

    def read(self, logs: Sequence[Mapping[str, Any]], moves: Moves, moment: int, gas: int) -> bool:
        """Take in what a transaction says about orders, in a block of that time; whether it moved just that.

        Raises LedgerError where it tells of an order that is no part of the story.
        """
        told, week = Moves(), week_of(day_of(moment))
        for log in logs:
            self._take(log, week, moves, told)
        if logs:
            self._deeds.append(Deed(_ACTS[logs[0]["topics"][0]], len(logs), gas))
        return told == moves

    def ledger(self) -> OrderLedger:
        """All that was taken in."""
        return OrderLedger(tuple(self._orders.values()), tuple(self._deeds), dict(self._collected))

    def _take(self, log: Mapping[str, Any], week: int, moves: Moves, told: Moves) -> None:
        topic = log["topics"][0]
        words = _words(log["data"])
        if topic == COLLECTED:
            self._collected[self._household_of.get(log["topics"][2], 0)] += words[0]  # 0: a stranger
            return
        if topic == OPENED:
            order = self._opened(log, words, week)
            told.locked[order.brand, order.household] += order.amount
        else:
            order = self._known(log)
            if topic == DELIVERED:
                order = order._replace(state=State.DELIVERED, delivered=week)
            elif topic == DISPUTED:
                order = order._replace(state=State.DISPUTED, disputed=week)
                told.locked[order.brand, order.household] += order.stake
            else:
                order = _ended(order, words, week, moves)
                told.returned[order.brand, order.household] += order.returned + order.stake_back
                told.burned[order.brand] += order.burned
        self._orders[order.key] = order

    def _opened(self, log: Mapping[str, Any], words: Sequence[int], week: int) -> Ordered:
        _, token, offer, member = log["topics"]
        brand, household = self._brand_of.get(token), self._household_of.get(member)
        number, quantity, amount, compensation, stake, _, _, reference = words
        name = label_text(bytes.fromhex(offer[2:]))
        if brand is None or household is None or name != PARCEL or quantity != 1:
            raise LedgerError(
                f"Transaction {log['transactionHash']} opens an order that is no part of the story."
            )
        text = label_text(reference.to_bytes(32, "big"))
        return Ordered(brand, number, household, week, text, amount, compensation, stake)

    def _known(self, log: Mapping[str, Any]) -> Ordered:
        _, token, _, number = log["topics"]
        order = self._orders.get((self._brand_of.get(token, 0), int(number, 16)))
        if order is None or order.ended:
            raise LedgerError(f"Transaction {log['transactionHash']} tells of an order that is not open.")
        return order


def reconcile_orders(planned: Iterable[Ordered], found: Iterable[Ordered], alliance: Iterable[Brand]) -> None:
    """Compare what was to become of each order with what did: in every column, to the last unit.

    Raises BooksDifferError, which tells how many differ, the first of them, and in what.
    """
    names = {brand.number: brand.name for brand in alliance}
    wanted, read = ({order.key: order for order in orders} for orders in (planned, found))
    keys = sorted(wanted.keys() | read.keys())
    differing = [key for key in keys if wanted.get(key) != read.get(key)]
    if not differing:
        return
    brand, number = first = differing[0]
    if first in wanted and first in read:
        pairs = zip(Ordered._fields, wanted[first], read[first], strict=True)
        what = ", ".join(f"{name} is {is_!s}, not {should!s}" for name, should, is_ in pairs if should != is_)
    else:
        what = "it was planned and not opened" if first in wanted else "it was opened and not planned"
    raise BooksDifferError(
        f"The plan and the chain differ in {len(differing):,} of {len(keys):,} orders; the first is "
        f"{names[brand]}, order {number}: {what}."
    )


def _ended(order: Ordered, words: Sequence[int], week: int, moves: Moves) -> Ordered:
    """An order at its end. Of a stake no event tells; it came back if enough tokens did."""
    outcome, returned, paid = words
    back = moves.returned[order.brand, order.household] if order.disputed else 0
    stake_back = order.staked if back >= returned + order.staked else 0
    return order._replace(
        state=OUTCOMES[outcome],
        ended=week,
        returned=returned,
        stake_back=stake_back,
        burned=order.amount + order.staked - returned - stake_back,
        paid=paid,
    )


def _words(data: str) -> list[int]:
    raw = bytes.fromhex(data[2:])
    return [int.from_bytes(raw[at : at + 32], "big") for at in range(0, len(raw), 32)]
