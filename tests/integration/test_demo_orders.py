"""The demonstration's orders on a real chain: a late brand, every answer to a dispute, and wrong books."""

from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from shopping import order_year

from symbolon import calls
from symbolon.bonds import Purse
from symbolon.demo import report, story
from symbolon.demo.command import cli
from symbolon.demo.delivering import Deliveries
from symbolon.demo.figures import Books
from symbolon.demo.ordering import ANSWERS, Fate, Planned
from symbolon.fulfilment import State
from symbolon.rpc import Fees

WEEKS = 12


@pytest.fixture(scope="module")
def books() -> Books:
    """Twelve weeks: eighty orders in time, of which four are disputed; four late, and two still open."""
    return story.play(order_year(), WEEKS)


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Result]:
    """Run the command for the same story."""
    monkeypatch.setattr("symbolon.demo.command.load", lambda *_: order_year())
    options = ["--weeks", str(WEEKS), "--brands", "2", "--report", str(tmp_path / "demo.html")]
    return lambda: CliRunner().invoke(cli, options)


def test_play__each_order_ends_as_planned(books: Books) -> None:
    orders = {order.key: order for order in books.chain.orders.orders}
    assert Counter(order.state for order in orders.values()) == {
        State.FULFILLED: 77,
        State.DECIDED: 2,
        State.COMPENSATED: 5,
        State.DELIVERED: 1,
        State.OPEN: 1,
    }
    one_of = {order.fate: orders[order.key] for order in books.plan.orders if orders[order.key].ended}
    price, stake, compensation = 30_000, 3_000, 750_000
    given = {
        fate: (order.burned, order.returned, order.stake_back, order.paid) for fate, order in one_of.items()
    }
    assert given == {
        Fate.LEFT: (price, 0, 0, 0),
        Fate.CONFIRMED: (price, 0, 0, 0),
        Fate.UPHELD: (0, price, stake, compensation),
        Fate.REJECTED: (price + stake, 0, 0, 0),
        Fate.SPLIT: (price // 2, price // 2, stake, compensation // 2),
        Fate.UNDECIDED: (0, price, stake, compensation),
        Fate.LATE: (0, price, 0, compensation),
    }


def test_play__members_hold_what_their_orders_left_them(books: Books) -> None:
    """Reckoned from the baskets: 200 dollars and then 200.01, at two points a dollar."""
    earned = 20_000 * 2 + 20_001 * 2
    for order in books.chain.orders.orders:
        assert books.closing.balances.at[order.household, 2] == earned - order.burned - order.locked
        assert books.closing.paid[order.household] == order.paid
    token = books.closing.tokens[2]
    burned = sum(order.burned for order in books.chain.orders.orders)
    assert burned == 76 * 30_000 + 33_000 + 15_000
    assert token.supply == 86 * earned - burned == books.closing.balances[2].sum() + 60_000
    assert books.closing.orders.locked == {69: 0, 2: 60_000}


def test_play__the_bond_pays_for_what_failed_and_nothing_else(books: Books) -> None:
    bond = books.closing.orders.bonds[2]
    assert bond.purses[Purse.COMPENSATION].value == 86 * 750_000 - 6 * 750_000 - 375_000
    assert bond.purses[Purse.HOLDERS].value == books.alliance[1].quota * 100 // 10
    assert bond.missing == 0
    assert books.closing.orders.free[2] == bond.purses[Purse.COMPENSATION].value - 2 * 750_000
    record = books.closing.orders.records[2]
    assert (record.open, record.fulfilled, record.failed, record.lost, record.disputed) == (2, 77, 4, 3, 4)


def test_play__too_late_is_refused(books: Books) -> None:
    assert len(books.refusals) == 4
    assert all(words.startswith("That could be done before 2017-02-09") for words in books.refusals)


class Text(HTMLParser):
    """The words of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(source)

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def test_report__says_who_got_what(books: Books, tmp_path: Path) -> None:
    figures = report.write(books, tmp_path / "demo.html")
    text = " ".join(Text((tmp_path / "demo.html").read_text()).words)
    assert "86 households ordered 86 parcels" in text
    assert "Brand 2 86 86 81 4 95 % 4 2 25,920" in text
    assert "it still called its four late orders delivered, and the contract refused four times" in text
    assert "Left alone for two weeks 56 16,800.00 0.00 16,800.00 0.00 0.00 0.00 $0.0000" in text
    assert "Disputed; half to each 1 300.00 30.00 150.00 150.00 30.00 0.00 $0.3750" in text
    assert "Disputed; the brand is right 1 300.00 30.00 330.00 0.00 0.00 0.00 $0.0000" in text
    assert "Not delivered in time 4 1,200.00 0.00 0.00 1,200.00 0.00 0.00 $3.0000" in text
    assert "All 86 25,800.00 120.00 23,280.00 1,950.00 90.00 600.00 $4.8750" in text
    for answer in ANSWERS:
        assert str(answer).removeprefix("disputed; ") in text
    assert "$64.5000 $4.8750 $59.6250 $1.5000" in text
    assert figures.roll.outstanding == figures.supply
    assert figures.roll.orders == 2_328_000


def test_command__a_late_order_that_nobody_claims__fails(
    tell: Callable[[], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(self: Deliveries, orders: list[Planned], fees: Fees) -> list[bytes]:
        return claimed(self, orders[:-1], fees) if len(orders) > 1 else claimed(self, orders, fees)

    claimed = Deliveries._claimed
    monkeypatch.setattr(Deliveries, "_claimed", forgetful)
    monkeypatch.setattr(Deliveries, "_collected", lambda *_: [])
    result = tell()
    assert result.exit_code == 1
    assert "The plan and the chain differ in 1 of 86 orders; the first is Brand 2, order " in result.output
    assert "state is open, not compensated" in result.output
    assert not (tmp_path / "demo.html").exists()


def test_command__money_in_a_purse_beside_the_story__fails(
    tell: Callable[[], Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All events of orders are right, and yet the bond holds what the brand never laid down for them."""

    def generous(self: Deliveries, week: int, advance: Callable[[int], object]) -> None:
        play_week(self, week, advance)
        if week == WEEKS:
            alliance, patron = self._stage.alliance, self._stage.founder
            calls.transact(patron, alliance.mock_dollar, "mint", patron.address, 1)
            alliance.bonds.deposit(self._actors[2].token, Purse.COMPENSATION, 1, sender=patron)

    play_week = Deliveries.play_week
    monkeypatch.setattr(Deliveries, "play_week", generous)
    result = tell()
    assert result.exit_code == 1
    assert "The bond of Brand 2 says" in result.output
    assert not (tmp_path / "demo.html").exists()
