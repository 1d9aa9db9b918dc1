"""Whatever a contract says at the end that does not follow from the books stops the report."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from shopping import order_year, small_books

from symbolon.bonds import Purse
from symbolon.demo.closing import Closing, check_closing
from symbolon.demo.errors import BooksDifferError
from symbolon.demo.figures import Books
from symbolon.demo.order_closing import OrderClosing


@pytest.fixture
def books() -> Books:
    return small_books()


@pytest.fixture
def ordered() -> Books:
    """Eighty-six orders of brand 2, of which four were late, four disputed, and two are open."""
    return small_books(order_year(), weeks=12)


def check(books: Books, closing: Closing) -> None:
    check_closing(
        closing,
        books.chain,
        due=books.due,
        redemptions=books.redemptions,
        plan=books.plan,
        alliance=books.alliance,
    )


def cell(frame: pd.DataFrame, row: int, column: int | str, by: int) -> pd.DataFrame:
    changed = frame.copy()
    changed[column] += by * (changed.index == row)
    return changed


def test_check__what_follows_from_the_books__passes(books: Books) -> None:
    check(books, books.closing)


def test_check__a_balance_moved_between_members__fails(books: Books) -> None:
    moved = cell(cell(books.closing.balances, 1, 69, -1), 2, 69, 1)
    with pytest.raises(
        BooksDifferError,
        match=r"2 balances differ .* Store's own brand, household 1: it should hold 2,500 base units and "
        r"holds 2,499\.",
    ):
        check(books, replace(books.closing, balances=moved))


def test_check__a_balance_too_small_for_the_supply__fails(books: Books) -> None:
    less = cell(books.closing.balances, 1, 2, -1)
    with pytest.raises(
        BooksDifferError, match=r"hold 6,999 base units of .* Brand 2, 0 lie with .* and 7,000 are"
    ):
        check(books, replace(books.closing, balances=less))


@pytest.mark.parametrize("change", ["supply", "unspent_quota"])
def test_check__a_token_that_says_otherwise_than_its_events__fails(books: Books, change: str) -> None:
    token = books.closing.tokens[2]
    other = replace(token, **{change: getattr(token, change) + 1})
    with pytest.raises(BooksDifferError, match="The token of Brand 2 says"):
        check(books, replace(books.closing, tokens={**books.closing.tokens, 2: other}))


@pytest.mark.parametrize("column", ["kind", "quantity", "time", "units"])
def test_check__a_receipt_that_says_otherwise__fails(books: Books, column: str) -> None:
    with pytest.raises(BooksDifferError, match="receipt of Brand 2, household 1, 2017-01-02, does not say"):
        check(books, replace(books.closing, receipts=cell(books.closing.receipts, 1, column, 1)))


def test_check__a_receipt_for_something_else__fails(books: Books) -> None:
    receipts = books.closing.receipts.copy()
    receipts.at[1, "tag"] = b"present-9\0"
    with pytest.raises(BooksDifferError, match="receipt of Brand 2"):
        check(books, replace(books.closing, receipts=receipts))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sold: {**sold, (69, "treat"): 3}, "has sold 3 of its offer 'treat', by its contract, and 2"),
        (lambda sold: {**sold, (2, "treat"): 1}, "Brand 2 has sold 1 of its offer 'treat'"),
        (
            lambda sold: {key: units for key, units in sold.items() if key != (2, "present-8")},
            "Brand 2 has no offer 'present-8' on chain",
        ),
    ],
)
def test_check__offers_counted_otherwise__fails(
    books: Books, change: Callable[[object], dict[tuple[int, str], int]], words: str
) -> None:
    with pytest.raises(BooksDifferError, match=words):
        check(books, replace(books.closing, sold=change(books.closing.sold)))


def test_check__a_till_that_paid_too_little__fails(books: Books) -> None:
    till = replace(books.closing.tills[2], left=books.closing.tills[2].left + 1)
    with pytest.raises(BooksDifferError, match=r"till of Brand 2 has paid 4,999,999 .* and 5,000,000 were"):
        check(books, replace(books.closing, tills={**books.closing.tills, 2: till}))


def test_check__a_member_who_was_paid_for_another__fails(books: Books) -> None:
    paid = books.closing.paid.rename(index={1: 2, 2: 1}).sort_index()
    with pytest.raises(BooksDifferError, match=r"Household 1 has 0 base units .* and 5,000,000 were due"):
        check(books, replace(books.closing, paid=paid))


def test_check__what_follows_from_orders__passes(ordered: Books) -> None:
    assert sum(order.disputed > 0 for order in ordered.chain.orders.orders) == 4
    check(ordered, ordered.closing)


def test_check__tokens_that_an_order_should_have_burned__fail(ordered: Books) -> None:
    token = ordered.closing.tokens[2]
    other = {**ordered.closing.tokens, 2: replace(token, supply=token.supply + 30_000)}
    with pytest.raises(BooksDifferError, match="The token of Brand 2 says"):
        check(ordered, replace(ordered.closing, tokens=other))


def test_check__a_member_whose_refund_is_missing__fails(ordered: Books) -> None:
    late = next(order for order in ordered.plan.orders if order.is_late)
    taken = cell(cell(ordered.closing.balances, late.household, 2, -1), 80, 2, 1)
    with pytest.raises(BooksDifferError, match=r"earned, redeemed and ordered; the first is Brand 2"):
        check(ordered, replace(ordered.closing, balances=taken))


def test_check__a_member_without_its_compensation__fails(ordered: Books) -> None:
    late = next(order for order in ordered.plan.orders if order.is_late)
    paid = ordered.closing.paid - (ordered.closing.paid.index == late.household)
    with pytest.raises(
        BooksDifferError, match=rf"Household {late.household} has 749,999 base units .* and 750,000 were due"
    ):
        check(ordered, replace(ordered.closing, paid=paid))


def test_check__an_order_that_the_offer_did_not_count__fails(ordered: Books) -> None:
    sold = {**ordered.closing.sold, (2, "parcel"): 85}
    with pytest.raises(BooksDifferError, match="has sold 85 of its offer 'parcel', by its contract, and 86"):
        check(ordered, replace(ordered.closing, sold=sold))


def _state(orders: OrderClosing) -> OrderClosing:
    return replace(orders, states=(3, *orders.states[1:]))


def _record(orders: OrderClosing) -> OrderClosing:
    return replace(orders, records={**orders.records, 2: replace(orders.records[2], failed=5)})


def _locked(orders: OrderClosing) -> OrderClosing:
    return replace(orders, locked={**orders.locked, 2: orders.locked[2] + 1})


def _purse(purse: Purse, field: str) -> Callable[[OrderClosing], OrderClosing]:
    def change(orders: OrderClosing) -> OrderClosing:
        bond = orders.bonds[2]
        state = replace(bond.purses[purse], **{field: getattr(bond.purses[purse], field) - 1})
        return replace(orders, bonds={**orders.bonds, 2: replace(bond, purses={**bond.purses, purse: state})})

    return change


def _coverage(orders: OrderClosing) -> OrderClosing:
    return replace(orders, bonds={**orders.bonds, 2: replace(orders.bonds[2], coverage=0.5)})


def _free(orders: OrderClosing) -> OrderClosing:
    return replace(orders, free={**orders.free, 2: orders.free[2] + 1})


def _owed(orders: OrderClosing) -> OrderClosing:
    return replace(orders, owed={**orders.owed, 3: 1})


def _cash(orders: OrderClosing) -> OrderClosing:
    return replace(orders, cash=orders.cash - 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_state, r"Order web-0001 is decided by its events, and its contract says 3, not 0"),
        (_record, r"Brand 2's record of orders is .*failed=5.* by their events it is .*failed=4"),
        (_locked, r"The members hold .* base units of the token of Brand 2, 60,001 lie with their orders"),
        (_purse(Purse.HOLDERS, "value"), "The bond of Brand 2 says"),
        (_purse(Purse.HOLDERS, "required"), "The bond of Brand 2 says"),
        (_purse(Purse.COMPENSATION, "value"), "The bond of Brand 2 says"),
        (_purse(Purse.COMPENSATION, "allotted"), "The bond of Brand 2 says"),
        (_coverage, "The bond of Brand 2 says"),
        (_free, "The bond of Brand 2 says"),
        (_owed, r"Household 3 can collect 1 base units .* and 0 are due to it"),
        (_cash, r"The bonds hold [\d,]+ base units .* come to"),
    ],
)
def test_check__orders_and_bonds_that_say_otherwise__fail(
    ordered: Books, change: Callable[[OrderClosing], OrderClosing], words: str
) -> None:
    with pytest.raises(BooksDifferError, match=words):
        check(ordered, replace(ordered.closing, orders=change(ordered.closing.orders)))


def test_check__collected_by_another__fails(ordered: Books) -> None:
    ledger = replace(ordered.chain.orders, collected={0: sum(ordered.chain.orders.collected.values())})
    with pytest.raises(BooksDifferError, match="have not collected just what"):
        check(replace(ordered, chain=replace(ordered.chain, orders=ledger)), ordered.closing)
