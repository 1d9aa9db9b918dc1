"""The closing of orders and bonds: what their contracts say at the end must follow from the books.

Each order's state, each offer's record, the tokens that lie with open orders, every purse, and what members
can still collect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symbolon.addresses import keccak
from symbolon.bonds import Bond, Purse
from symbolon.codes import label_bytes
from symbolon.demo.counter import value_of
from symbolon.demo.errors import BooksDifferError
from symbolon.demo.order_ledger import OrderLedger
from symbolon.demo.ordering import PARCEL, Ordered, OrderPlan, Parcel
from symbolon.demo.plan import BOND_BPS, Brand
from symbolon.demo.stage import Stage
from symbolon.fulfilment import Record, State

_STATE_OF = keccak(b"stateOf(address,bytes32,uint256)")[:4]
_OWED_TO = keccak(b"owedTo(address,address)")[:4]
_KEPT = (State.OPEN, State.DELIVERED, State.DISPUTED, State.FULFILLED)
"""States that the contract keeps; of an order that ended otherwise it keeps nothing."""
_BPS = 10_000


@dataclass(frozen=True, eq=False)
class OrderClosing:
    """What the contracts of orders and bonds say at the end.

    Attributes:
        states: of each order of the chain's ledger, in its order; zero where nothing is kept.
        records: what each brand's orders came to.
        locked: base units of each brand's token that lie with orders.
        bonds: each brand's bond.
        free: what compensations of a brand's next orders can be reserved from, in base units of the
            settlement currency.
        owed: what each household can still collect, likewise.
        cash: all that the bonds hold, likewise.
    """

    states: tuple[int, ...]
    records: Mapping[int, Record]
    locked: Mapping[int, int]
    bonds: Mapping[int, Bond]
    free: Mapping[int, int]
    owed: Mapping[int, int]
    cash: int


def read_order_closing(stage: Stage, wallets: Mapping[int, str], ledger: OrderLedger) -> OrderClosing:
    """Ask every contract."""
    node, alliance = stage.chain.node, stage.alliance
    token_of = {actor.brand.number: actor.token for actor in stage.actors}
    desk, bonds = str(alliance.orders_desk.address), str(alliance.bonds_contract.address)
    offer = label_bytes(PARCEL)
    states = node.call_many(
        desk,
        [
            _STATE_OF + _word(token_of[order.brand].address) + offer + order.number.to_bytes(32, "big")
            for order in ledger.orders
        ],
    )
    currency = alliance.mock_dollar
    owed = node.call_many(
        bonds, [_OWED_TO + _word(str(currency.address)) + _word(wallet) for wallet in wallets.values()]
    )
    return OrderClosing(
        states=tuple(int.from_bytes(answer[:32], "big") for answer in states),
        records={number: alliance.orders.record(token, PARCEL) for number, token in token_of.items()},
        locked={number: token.balance_of(desk) for number, token in token_of.items()},
        bonds={number: alliance.bonds.of(token) for number, token in token_of.items()},
        free={number: alliance.orders.free_compensation(token, PARCEL) for number, token in token_of.items()},
        owed=dict(zip(wallets, (int.from_bytes(answer, "big") for answer in owed), strict=True)),
        cash=alliance.bonds.of(next(iter(token_of.values()))).currency.balance_of(bonds),
    )


def check_order_closing(
    closing: OrderClosing,
    ledger: OrderLedger,
    plan: OrderPlan,
    promised: Mapping[int, int],
    alliance: Iterable[Brand],
) -> None:
    """Raise BooksDifferError where a contract says anything else than what follows from the books.

    Args:
        closing: what the contracts say.
        ledger: what the chain's events say of orders.
        plan: what was to be ordered.
        promised: base units of each brand's token that are outstanding or may still be minted.
        alliance: the brands.
    """
    _check_states(closing.states, ledger.orders)
    for brand in alliance:
        mine = [order for order in ledger.orders if order.brand == brand.number]
        _check_record(closing.records[brand.number], mine, brand)
        _check_locked(closing.locked[brand.number], mine, brand)
        _check_bond(closing, mine, plan.funds[brand.number], promised[brand.number], brand)
    _check_owed(closing, ledger, plan)


# ---- asking


def _word(address: str) -> bytes:
    return bytes.fromhex(address[2:]).rjust(32, b"\0")


# ---- checking


def _check_states(states: Sequence[int], orders: Sequence[Ordered]) -> None:
    for state, order in zip(states, orders, strict=True):
        expected = int(order.state) if order.state in _KEPT else 0
        if state != expected:
            raise BooksDifferError(
                f"Order {order.reference} is {order.state} by its events, and its contract says {state}, not "
                f"{expected}."
            )


def _check_record(record: Record, mine: Sequence[Ordered], brand: Brand) -> None:
    lost = Counter(bool(order.disputed) for order in mine if order.ended and order.state > State.FULFILLED)
    expected = Record(
        open=sum(not order.ended for order in mine),
        fulfilled=sum(order.state is State.FULFILLED for order in mine),
        declined=0,
        failed=lost[False],
        lost=lost[True],
        disputed=sum(order.disputed > 0 for order in mine),
        compensation_paid=sum(order.paid for order in mine),
    )
    if record != expected:
        raise BooksDifferError(
            f"{brand.name}'s record of orders is {record}; by their events it is {expected}."
        )


def _check_locked(locked: int, mine: Sequence[Ordered], brand: Brand) -> None:
    expected = sum(order.locked for order in mine)
    if locked != expected:
        raise BooksDifferError(
            f"{locked:,} base units of the token of {brand.name} lie with orders; by their events it is "
            f"{expected:,}."
        )


def _check_bond(
    closing: OrderClosing, mine: Sequence[Ordered], fund: int, promised: int, brand: Brand
) -> None:
    """Purses and coverage, reckoned anew."""
    bond, parcel = closing.bonds[brand.number], Parcel.of(brand)
    holders, compensation = bond.purses[Purse.HOLDERS], bond.purses[Purse.COMPENSATION]
    left = fund - sum(order.paid for order in mine)
    worth = value_of(promised)
    coverage = min(parcel.holders * _BPS // worth, _BPS) if worth else _BPS
    said = (
        holders.value,
        holders.required,
        compensation.value,
        compensation.allotted,
        closing.free[brand.number],
        round(bond.coverage * _BPS),
    )
    expected = (
        parcel.holders,
        -(-worth * BOND_BPS // _BPS),
        left,
        left,
        left - sum(order.reserved for order in mine),
        coverage,
    )
    if said != expected:
        raise BooksDifferError(
            f"The bond of {brand.name} says {said} (holders' purse, required, compensation purse, allotted, "
            f"free, coverage in basis points); by the books it is {expected}."
        )


def _check_owed(closing: OrderClosing, ledger: OrderLedger, plan: OrderPlan) -> None:
    if plan.collected != Counter(ledger.collected):
        raise BooksDifferError("Members have not collected just what they were to collect of compensations.")
    owed: Counter[int] = Counter()
    for order in plan.outcomes:
        owed[order.household] += order.paid
    owed.subtract(plan.collected)
    for household, value in closing.owed.items():
        if value != owed[household]:
            raise BooksDifferError(
                f"Household {household} can collect {value:,} base units of the settlement currency, and "
                f"{owed[household]:,} are due to it."
            )
    due = owed.total() + sum(purse.value for bond in closing.bonds.values() for purse in bond.purses.values())
    if closing.cash != due:
        raise BooksDifferError(
            f"The bonds hold {closing.cash:,} base units of the settlement currency; purses and what is owed "
            f"to members come to {due:,}."
        )
