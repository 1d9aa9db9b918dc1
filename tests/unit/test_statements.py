"""Statements from what contracts announce: every column, what is carried over, and what nobody owes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

import pytest

from symbolon.statement_files import Heading, as_csv, as_page, to_rows
from symbolon.statements import AMOUNTS, VALUES, Books, Happening, Line, TokenFacts, read

BAKE, STAR, TREASURY, PAYER, BONDS = (f"0x{digit * 40}" for digit in "12345")
TOKENS = {BAKE: TokenFacts("BAKE", 2, 10_000), STAR: TokenFacts("STAR", 0, 500_000)}
FIRST, SECOND = b"\1" * 32, b"\2" * 32
SETTLEMENTS = {FIRST: 0, SECOND: 1}
HEADING = Heading("town", "USD", 6, 1_800_000_000, 99)


def happened(name: str, at: int = 0, **facts: object) -> Happening:
    return Happening(name, facts, at)


def swapped(token_in: str, amount_in: int, token_out: str, amount_out: int) -> Happening:
    return happened("Swapped", tokenIn=token_in, tokenOut=token_out, amountIn=amount_in, amountOut=amount_out)


def joined() -> Iterator[Happening]:
    """Both brands are in the pool, and each provides."""
    yield happened("Joined", 1_000, token=BAKE)
    yield happened("Joined", 1_001, token=STAR)
    yield happened("Provided", token=BAKE, amount=500_00)
    yield happened("Provided", token=STAR, amount=100)


def first_period() -> Iterator[Happening]:
    """200 BAKE, worth 2 dollars, were brought for 3 STAR, worth 1.50; for 0.25 of them the brand prepaid."""
    yield from joined()
    yield swapped(BAKE, 200_00, STAR, 3)
    yield happened("Prepaid", token=BAKE, amount=25_00, value=250_000)
    yield happened("PeriodClosed", 2_000, period=0, settled=True)
    yield happened("DebtOpened", settlementId=FIRST, token=BAKE, value=1_750_000, lien=175_00)
    yield happened("ClaimOpened", settlementId=FIRST, claimant=STAR, value=1_975_000)
    yield happened("ClaimOpened", settlementId=FIRST, claimant=TREASURY, value=25_000)
    yield happened("SettlementOpened", period=0, dueAt=3_000, total=2_000_000, prepaid=250_000)


def told(story: Iterable[Happening]) -> Books:
    return read(story, TOKENS, SETTLEMENTS, BONDS)


def line(books: Books, period: int, claimant: str) -> Line:
    (found,) = (each for each in books.of_period(period) if each.claimant == claimant)
    return found


def test_statement__of_a_debtor__says_what_it_owes() -> None:
    bake = line(told(first_period()), 0, BAKE)
    assert bake.values == {
        "opening": 0,
        "brought": -2_000_000,
        "taken": 0,
        "prepaid": 250_000,
        "fees": 0,
        "rounding": 0,
        "paid": 0,
        "enforced": 0,
        "received": 0,
        "closing": -1_750_000,
    }
    assert bake.amounts == {
        "stock_before": 0,
        "provided": 500_00,
        "withdrawn": 0,
        "tokens_brought": 200_00,
        "tokens_taken": 0,
        "tokens_prepaid": -25_00,
        "handed_over": -175_00,
        "stock_after": 500_00,
    }
    assert (bake.period.started_at, bake.period.ended_at, bake.period.due_at) == (1_000, 2_000, 3_000)


def test_statement__of_a_creditor__has_its_part_of_the_fees() -> None:
    books = told(first_period())
    star = line(books, 0, STAR)
    assert (star.taken, star.fees, star.rounding, star.closing) == (1_500_000, 475_000, 0, 1_975_000)
    assert (line(books, 0, TREASURY).fees, line(books, 0, TREASURY).closing) == (25_000, 25_000)
    assert sum(each.closing for each in books.of_period(0)) == books.cash == 250_000


def test_statement__of_the_next_period__opens_with_what_the_last_closed_with() -> None:
    story = [
        *first_period(),
        happened("DebtPaid", settlementId=FIRST, token=BAKE, payer=PAYER, value=700_000, burned=70_00),
        happened("DebtPaid", settlementId=FIRST, token=BAKE, payer=BONDS, value=50_000, burned=5_00),
        happened("ClaimPaid", settlementId=FIRST, claimant=STAR, value=900_000),
    ]
    books = told(story)
    bake, star = line(books, 1, BAKE), line(books, 1, STAR)
    assert (bake.opening, bake.paid, bake.enforced, bake.closing) == (-1_750_000, 700_000, 50_000, -1_000_000)
    assert (star.opening, star.received, star.closing) == (1_975_000, 900_000, 1_075_000)
    assert (bake.stock_before, star.stock_before) == (500_00, 97)
    assert bake.period.ended_at is None
    (debt,) = books.unpaid(BAKE)
    assert (debt.unpaid, debt.lien, debt.due_at) == (1_000_000, 100_00, 3_000)
    (claim,) = books.payable(TREASURY)
    assert claim.payable == 12_500  # half of all has come in
    assert [each.payable for each in books.payable(STAR)] == [1_975_000 // 2 - 900_000]
    assert books.cash == 100_000
    assert books.unpaid(STAR) == books.unpaid(period=1) == []


def test_period__in_which_nobody_is_owed__leaves_fees_where_they_were_paid() -> None:
    story = [
        *joined(),
        swapped(BAKE, 60_00, STAR, 1),
        swapped(STAR, 1, BAKE, 49_00),
        happened("PeriodClosed", 2_000, period=0, settled=False),
    ]
    books = told(story)
    bake, star = line(books, 0, BAKE), line(books, 0, STAR)
    assert (bake.fees, bake.closing, bake.stock_after) == (110_000, 0, 511_00)
    assert (star.earned, star.closing, star.stock_after) == (0, 0, 100)
    assert (books.debts, books.claims, books.cash) == ([], [], 0)
    assert bake.period.due_at is None
    assert line(books, 1, BAKE).stock_before == 511_00


def test_prepaid__and_then_nobody_is_owed__is_carried_to_the_next_settlement() -> None:
    story = [
        *joined(),
        swapped(BAKE, 60_00, STAR, 1),
        happened("Prepaid", token=BAKE, amount=60_00, value=600_000),
        swapped(STAR, 1, BAKE, 1),
        happened("PeriodClosed", 2_000, period=0, settled=False),
    ]
    books = told(story)
    assert (books.carried, books.cash) == (600_000, 600_000)
    assert [each.closing for each in books.of_period(0)] == [0, 0]


def test_token__that_left__has_statements_as_long_as_there_is_something_to_state() -> None:
    gone = [
        happened("Withdrawn", token=STAR, amount=97),
        happened("Left", token=STAR),
        happened("PeriodClosed", 4_000, period=1, settled=False),
        happened("PeriodClosed", 5_000, period=2, settled=False),
    ]
    owed = told([*first_period(), *gone])
    assert [line(owed, number, STAR).closing for number in (1, 2, 3)] == [1_975_000] * 3
    assert line(owed, 2, STAR).stock_before == 0
    left = told([*joined(), *(happened("Withdrawn", token=STAR, amount=100), *gone[1:])])
    assert [each.claimant for each in left.of_period(2)] == [BAKE]


def test_settlements_of_other_pools__are_none_of_its_own() -> None:
    other = happened("DebtOpened", settlementId=b"\7" * 32, token=BAKE, value=1, lien=1)
    paid = happened("DebtPaid", settlementId=b"\7" * 32, token=BAKE, payer=PAYER, value=1, burned=1)
    assert told([*first_period(), other, paid]) == told(first_period())


@pytest.mark.parametrize("columns", [AMOUNTS, VALUES])
def test_rows__add_up(columns: tuple[str, ...]) -> None:
    for each in told(first_period()).lines:
        numbers = each.amounts | each.values
        *parts, total = (numbers[name] for name in columns)
        assert sum(parts) == total


def test_csv__is_exact_and_harmless() -> None:
    tokens = {BAKE: TokenFacts("=cmd|' /C calc'!A0", 2, 10_000), STAR: TOKENS[STAR]}
    lines = read(first_period(), tokens, SETTLEMENTS, BONDS).of_period(0)
    bake, star, treasury = csv.DictReader(as_csv(HEADING, lines).splitlines())
    assert bake["brand"] == "'=cmd|' /C calc'!A0"
    assert (bake["brought"], bake["closing"], bake["stock_after"]) == ("-2", "-1.75", "500")
    assert (star["fees"], star["closing"], star["currency"]) == ("0.475", "1.975", "USD")
    assert (treasury["brand"], treasury["stock_after"]) == (f"treasury {TREASURY}", "")
    assert bake["due"] == "1970-01-01 00:50:00 UTC"


def test_page__shows_every_number_and_runs_nothing() -> None:
    tokens = {BAKE: TokenFacts("<script>alert(1)</script>", 2, 10_000), STAR: TOKENS[STAR]}
    lines = read(first_period(), tokens, SETTLEMENTS, BONDS).of_period(0)
    page = as_page(HEADING, lines)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    reader = Cells()
    reader.feed(page)
    for row, each in zip(to_rows(HEADING, lines), lines, strict=True):
        shown = {name for name, value in each.values.items() if value or name in ("opening", "closing")}
        assert {row[name] for name in shown} <= set(reader.cells)
    assert "http" not in page


class Cells(HTMLParser):
    """What stands in a page's cells."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._inside = tag == "td"

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.cells.append(data.strip())
