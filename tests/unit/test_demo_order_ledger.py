"""Reading what became of orders from the chain's events, and the comparison that any difference must fail."""

from datetime import date
from typing import Any

import pytest
from receipts import ALLIANCE, DESKS, MEMBERS, TOKENS, Chain, mint, receipt, topic

from symbolon.demo.data import day_begins_at
from symbolon.demo.errors import BooksDifferError, LedgerError
from symbolon.demo.ledger import read_chain
from symbolon.demo.order_ledger import (
    COLLECTED,
    DELIVERED,
    DISPUTED,
    ENDED,
    OPENED,
    Act,
    Deed,
    OrderLedger,
    reconcile_orders,
)
from symbolon.demo.ordering import Ordered
from symbolon.fulfilment import OUTCOMES, State

WEEK_2 = day_begins_at(date(2017, 1, 8).toordinal()) + 72_000
WEEK = 7 * 86_400
NOBODY = "0x" + "00" * 20
PRICE, COMPENSATION, STAKE = 300, 7_500, 30


def words(*numbers: int) -> str:
    return "0x" + "".join(f"{number:064x}" for number in numbers)


def name(text: str) -> str:
    return "0x" + text.encode().ljust(32, b"\0").hex()


def log(kind: str, topics: list[str], data: str, emitter: str = DESKS.orders) -> dict[str, Any]:
    return {
        "address": emitter.lower(),
        "topics": [kind, *topics],
        "data": data,
        "transactionHash": "0xfeed",
    }


def opened(number: int, household: int, offer: str = "parcel", quantity: int = 1) -> dict[str, Any]:
    reference = int.from_bytes(f"web-{number}".encode().ljust(32, b"\0"), "big")
    facts = (number, quantity, PRICE, COMPENSATION, STAKE, 0, 0, reference)
    return log(OPENED, [topic(TOKENS[2]), name(offer), topic(MEMBERS[household])], words(*facts))


def about(kind: str, number: int, *facts: int) -> dict[str, Any]:
    return log(kind, [topic(TOKENS[2]), name("parcel"), f"0x{number:064x}"], words(*facts))


def ended(number: int, outcome: State, returned: int, paid: int) -> dict[str, Any]:
    return about(ENDED, number, OUTCOMES.index(outcome), returned, paid)


def moved(origin: str, receiver: str, units: int) -> dict[str, Any]:
    transfer = mint(2, 10, units)
    return transfer | {"topics": [transfer["topics"][0], topic(origin), topic(receiver)]}


def locks(household: int, units: int = PRICE) -> dict[str, Any]:
    return moved(MEMBERS[household], DESKS.orders, units)


def returns(household: int, units: int) -> dict[str, Any]:
    return moved(DESKS.orders, MEMBERS[household], units)


def burns(units: int) -> dict[str, Any]:
    return moved(DESKS.orders, NOBODY, units)


def read(*transactions: tuple[int, list[dict[str, Any]]]) -> OrderLedger:
    """Each transaction in a block of its own, so many weeks after the second."""
    blocks = [(WEEK_2 + after * WEEK, [receipt(1_000 + after, logs)]) for after, logs in transactions]
    ledger = read_chain(Chain(blocks), TOKENS, DESKS, MEMBERS, range(len(blocks)))
    assert ledger.other_transactions == 0
    return ledger.orders


OPEN = (0, [opened(0, 10), locks(10)])
DELIVER = (1, [about(DELIVERED, 0, 0)])
DISPUTE = (2, [about(DISPUTED, 0, 0), locks(10, STAKE)])


def row(state: State, **more: int) -> Ordered:
    return Ordered(2, 0, 10, 2, "web-0", PRICE, COMPENSATION, STAKE, state, **more)


def test_read__left_alone__burned_together_with_another() -> None:
    ledger = read(
        OPEN,
        (0, [opened(1, 11), locks(11)]),
        (1, [about(DELIVERED, 0, 0), about(DELIVERED, 1, 0)]),
        (4, [ended(0, State.FULFILLED, 0, 0), ended(1, State.FULFILLED, 0, 0), burns(2 * PRICE)]),
    )
    first, second = ledger.orders
    assert first == row(State.FULFILLED, delivered=3, ended=6, burned=PRICE)
    assert second == first._replace(number=1, household=11, reference="web-1")
    assert ledger.deeds == (
        Deed(Act.OPENED, 1, 1_000),
        Deed(Act.OPENED, 1, 1_000),
        Deed(Act.DELIVERED, 2, 1_001),
        Deed(Act.ENDED, 2, 1_004),
    )


def test_read__not_delivered__comes_back_with_compensation_that_is_collected() -> None:
    collected = log(
        COLLECTED, [topic(NOBODY), topic(MEMBERS[10]), topic(MEMBERS[10])], words(7_500), DESKS.bonds
    )
    ledger = read(
        OPEN, (2, [ended(0, State.COMPENSATED, PRICE, 7_500), returns(10, PRICE)]), (3, [collected])
    )
    assert ledger.orders == (row(State.COMPENSATED, ended=4, returned=PRICE, paid=7_500),)
    assert ledger.collected == {10: 7_500}
    assert ledger.deeds[-1].act is Act.COLLECTED


@pytest.mark.parametrize(
    ("end", "moves", "expected"),
    [
        (
            ended(0, State.DECIDED, 150, 3_750),
            [returns(10, 150 + STAKE), burns(150)],
            {"returned": 150, "stake_back": STAKE, "burned": 150, "paid": 3_750},
        ),
        (
            ended(0, State.DECIDED, 0, 1),
            [returns(10, STAKE), burns(PRICE)],
            {"stake_back": STAKE, "burned": PRICE, "paid": 1},
        ),
        (ended(0, State.FULFILLED, 0, 0), [burns(PRICE + STAKE)], {"burned": PRICE + STAKE}),
        (
            ended(0, State.FULFILLED, 0, 0),
            [burns(PRICE), returns(10, STAKE)],
            {"burned": PRICE, "stake_back": STAKE},
        ),
    ],
)
def test_read__disputed__tells_where_the_stake_went(
    end: dict[str, Any], moves: list[dict[str, Any]], expected: dict[str, int]
) -> None:
    ledger = read(OPEN, DELIVER, DISPUTE, (4, [end, *moves]))
    (order,) = ledger.orders
    assert order.state in (State.DECIDED, State.FULFILLED)
    assert order == row(order.state, delivered=3, disputed=4, ended=6, **expected)
    assert order.locked == 0


def test_read__open_at_the_end__keeps_its_tokens() -> None:
    (order,) = read(OPEN, DELIVER, DISPUTE).orders
    assert (order.state, order.locked, order.reserved) == (State.DISPUTED, PRICE + STAKE, COMPENSATION)


@pytest.mark.parametrize(
    "transactions",
    [
        [(0, [opened(0, 10)])],
        [(0, [opened(0, 10), locks(10, PRICE - 1)])],
        [(0, [opened(0, 10), locks(11)])],
        [(0, [locks(10)])],
        [OPEN, (1, [about(DELIVERED, 0, 0), returns(10, 1)])],
        [OPEN, DELIVER, (2, [about(DISPUTED, 0, 0)])],
        [OPEN, (2, [ended(0, State.COMPENSATED, PRICE, 7_500), returns(11, PRICE)])],
        [OPEN, (2, [ended(0, State.COMPENSATED, PRICE, 7_500), burns(PRICE)])],
        [OPEN, DELIVER, (4, [ended(0, State.FULFILLED, 0, 0), burns(PRICE + 1)])],
        [OPEN, DELIVER, DISPUTE, (4, [ended(0, State.FULFILLED, 0, 0), burns(PRICE)])],
    ],
)
def test_read__other_tokens_moved_than_the_orders_say__fails(
    transactions: list[tuple[int, list[dict[str, Any]]]],
) -> None:
    with pytest.raises(LedgerError, match="0xfeed moved other tokens than its orders say"):
        read(*transactions)


@pytest.mark.parametrize("strange", [opened(0, 10, offer="poster"), opened(0, 10, quantity=2)])
def test_read__order_of_something_else__fails(strange: dict[str, Any]) -> None:
    with pytest.raises(LedgerError, match="opens an order that is no part of the story"):
        read((0, [strange, locks(10)]))


def test_read__tells_of_an_order_that_has_ended_or_never_was__fails() -> None:
    with pytest.raises(LedgerError, match="an order that is not open"):
        read(DELIVER)
    with pytest.raises(LedgerError, match="an order that is not open"):
        read(OPEN, (2, [ended(0, State.COMPENSATED, PRICE, 1), returns(10, PRICE)]), DELIVER)


PLAN = [row(State.OPEN), row(State.DELIVERED, delivered=3)._replace(number=1, household=11)]


def test_reconcile__equal_in_any_order__passes() -> None:
    reconcile_orders(PLAN, PLAN[::-1], ALLIANCE)


@pytest.mark.parametrize("field", Ordered._fields[2:])
def test_reconcile__any_column_off__names_it(field: str) -> None:
    other: Any = "x" if field == "reference" else State.DISPUTED if field == "state" else 99
    changed = PLAN[1]._replace(**{field: other})
    with pytest.raises(
        BooksDifferError, match=rf"differ in 1 of 2 orders; the first is Brand 2, order 1: {field} is "
    ):
        reconcile_orders(PLAN, [PLAN[0], changed], ALLIANCE)


def test_reconcile__missing_or_too_many__fails() -> None:
    with pytest.raises(BooksDifferError, match="order 1: it was planned and not opened"):
        reconcile_orders(PLAN, PLAN[:1], ALLIANCE)
    with pytest.raises(BooksDifferError, match="order 1: it was opened and not planned"):
        reconcile_orders(PLAN[:1], PLAN, ALLIANCE)
