"""Whatever a contract says at the end that does not follow from the books stops the report."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from shopping import small_books

from symbolon.demo.closing import Closing, check_closing
from symbolon.demo.figures import Books
from symbolon.demo.ledger import BooksDifferError


@pytest.fixture
def books() -> Books:
    return small_books()


def check(books: Books, closing: Closing) -> None:
    check_closing(closing, books.due, books.redemptions, books.chain, books.alliance)


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
    with pytest.raises(BooksDifferError, match=r"hold 6,999 base units of .* Brand 2, and 7,000 are"):
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
