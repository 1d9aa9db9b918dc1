"""The report's figures are right, and its page opens anywhere."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from shopping import SPENDING, order_year, small_books, small_year

from symbolon.demo import charts, report
from symbolon.demo.figures import Books, KindFigures, Roll, compute, dollars
from symbolon.redemptions import Kind


@pytest.fixture
def books() -> Books:
    """Four households, of which the last buys nothing; three weeks; two brands at 1 and 2 points a dollar."""
    return small_books()


@pytest.fixture
def ordered() -> Books:
    """Twelve weeks, in which eighty-six households order of brand 2, and nobody comes to a till."""
    return small_books(order_year(), weeks=12)


def test_compute__each_brand(books: Books) -> None:
    own, two = compute(books).brands
    assert (own.units, own.due_units, own.spent, own.rows, own.members) == (73_001, 73_001, 73_001, 4, 3)
    assert (two.units, two.due_units, two.spent, two.rows, two.members) == (82_000, 82_000, 41_000, 2, 2)
    assert own.weekly == (70_500, 2_500, 1)
    assert own.cumulative == (70_500, 23_000, 3_001)
    assert two.active == (1, 0, 1)
    assert (own.batches, own.gas) == (4, 200_000 + 60_000 % 7 + 10_500 % 7 + 2_500 % 7 + 1)
    assert own.used == 3_001 / own.token.capacity
    assert two.dollars == pytest.approx(0.7)


def test_compute__liability_rolls_forward_to_what_members_hold(books: Books) -> None:
    own, two = compute(books).brands
    assert own.roll == Roll(issued=73_001, offers=60_000, par=10_000, currency=0, orders=0)
    assert two.roll == Roll(issued=82_000, offers=25_000, par=0, currency=50_000, orders=0)
    assert own.roll.outstanding == own.held == own.token.supply == 3_001
    assert two.roll.outstanding == two.held == two.token.supply == 7_000
    assert compute(books).roll == Roll(issued=155_001, offers=85_000, par=10_000, currency=50_000, orders=0)
    assert two.roll.rate == 75_000 / 82_000


def test_compute__each_counter(books: Books) -> None:
    own, two = (brand.counter for brand in compute(books).brands)
    assert (own.coupons, own.rows, own.members) == (5, 4, 2)
    assert (two.coupons, two.rows, two.members) == (2, 2, 1)
    assert own.weekly == (0, 50_000, 20_000)
    assert own.rates == (0, 50_000 / 73_000, 70_000 / 73_001)
    assert (own.planned_rows, own.planned_members, own.planned_units) == (4, 2, 70_000)
    assert (own.paid, two.paid) == (0, 5_000_000)
    assert own.breakage is None


def test_compute__breakage__counts_points_that_are_old_and_untouched() -> None:
    """27 weeks on: only the first week's points are old, and what a member redeems takes them first."""
    own, two = (brand.counter for brand in compute(small_books(weeks=27)).brands)
    assert (own.old_issued, own.old_left) == (70_500, 500)  # of 60,000 all redeemed, of 10,500 all but 500
    assert (two.old_issued, two.old_left) == (80_000, 5_000)
    assert two.breakage == 5 / 80


def test_compute__each_offer(books: Books) -> None:
    found = {
        (row.offer.brand, row.offer.name): (row.sold, row.members, row.units) for row in compute(books).offers
    }
    assert found == {
        (69, "treat"): (2, 1, 20_000),
        (69, "present-8"): (1, 1, 40_000),
        (2, "treat"): (0, 0, 0),
        (2, "present-8"): (1, 1, 25_000),
    }


def test_compute__each_way_of_redeeming(books: Books) -> None:
    offer, par, currency = compute(books).kinds
    assert offer == KindFigures(Kind.OFFER, 4, 1, 85_000, 4, 364_000)
    assert par == KindFigures(Kind.PAR, 1, 1, 10_000, 1, 92_000)
    assert currency == KindFigures(Kind.CURRENCY, 1, 1, 50_000, 1, 93_000)


def test_compute__the_alliance(books: Books) -> None:
    figures = compute(books)
    assert (figures.units, figures.due_units, figures.supply) == (155_001, 155_001, 10_001)
    assert (figures.rows, figures.batches, figures.spent) == (6, 6, 114_001)
    assert (figures.earners, figures.members, figures.households) == (3, 3, 4)
    assert (figures.redemptions, figures.redeemers, figures.receipts, figures.paid) == (6, 2, 6, 5_000_000)
    assert figures.held_brands == (1, 1, 2)
    assert figures.overlap == ((1.0, 2 / 3), (1.0, 1.0))
    assert [week.number for week in figures.busiest] == [1, 2, 3]
    assert [week.members for week in figures.weeks] == [2, 1, 2]
    assert [week.redeemed for week in figures.weeks] == [0, 75_000, 70_000]
    assert [week.redemptions for week in figures.weeks] == [0, 3, 3]


def test_compute__weeks_run_from_monday_to_sunday(books: Books) -> None:
    first, second, _ = compute(books).weeks
    assert (first.first_day.date(), first.last_day.date()) == (datetime(2017, 1, 1, tzinfo=UTC).date(),) * 2
    assert (second.first_day.strftime("%a %d %b"), second.last_day.strftime("%a %d %b")) == (
        "Mon 02 Jan",
        "Sun 08 Jan",
    )


def test_compute__top_tenth__of_a_hundred_members(books: Books) -> None:
    """Members 1 to 100 hold as many points as their number: the ten richest have 91 + … + 100."""
    numbers = range(1, 101)
    balances = pd.DataFrame({69: 0, 2: [n * 100 for n in numbers]}, index=list(numbers))
    brand = compute(replace(books, closing=replace(books.closing, balances=balances))).brands[1]
    assert brand.top_tenth == pytest.approx(955 / 5050)
    assert brand.top_hundredth == pytest.approx(100 / 5050)
    assert brand.median == 5_050
    assert brand.holders == 100


def test_compute__orders__on_time_and_late(ordered: Books) -> None:
    own, two = compute(ordered).orders.brands
    assert (own.sums.orders, own.on_time_share, own.bond.before) == (0, None, 0)
    assert (two.sums.orders, two.members, two.on_time, two.late, two.disputed, two.open) == (
        86,
        86,
        81,
        4,
        4,
        2,
    )
    assert two.on_time_share == 81 / 85
    assert two.late_paid == 4 * 750_000
    assert two.planned == two.given == 76 * 30_000 + 33_000 + 15_000 + 60_000
    orders = compute(ordered).orders
    assert (orders.opened[4], orders.late[4]) == (4, 4)
    assert sum(orders.opened) == 86
    assert orders.earned == 78
    assert (orders.collected, orders.owed) == (6 * 750_000 + 375_000, 0)


def test_compute__orders__what_members_gave_is_what_came_of_it(ordered: Books) -> None:
    orders = compute(ordered).orders
    brands, endings = ([each.sums for each in found] for found in (orders.brands, orders.endings))
    for sums in (orders.sums, *brands, *endings):
        given = sums.ordered + sums.staked
        assert given == sums.burned + sums.returned + sums.stake_back + sums.locked
    assert orders.sums.burned == sum(each.sums.burned for each in orders.endings) == 2_328_000
    assert [(each.name, each.sums.orders) for each in orders.endings] == [
        ("left alone for two weeks", 56),
        ("confirmed by its member", 20),
        ("disputed; the brand is right", 1),
        ("disputed; half to each", 1),
        ("disputed; the member is right", 1),
        ("disputed; the arbiter is silent", 1),
        ("not delivered in time", 4),
        ("waits for its brand", 1),
        ("delivered, can be disputed", 1),
    ]
    assert [dispute.order.week for dispute in orders.disputes] == [2, 2, 3, 4]


def test_compute__orders__the_liability_falls_when_they_are_fulfilled(ordered: Books) -> None:
    figures = compute(ordered)
    two = figures.brands[1]
    assert two.roll.orders == two.roll.redeemed == 2_328_000
    assert (two.roll.at_counter, two.roll.counter_rate) == (0, 0)
    assert two.roll.rate == 2_328_000 / (86 * 80_002)
    assert two.roll.outstanding == two.held + two.locked == two.token.supply
    assert two.locked == 60_000
    assert two.cumulative[-1] == two.roll.outstanding
    assert two.cumulative[3] == 86 * 80_002 - 6 * 40_002 - 30_000 * sum(
        order.ended in range(1, 5) for order in ordered.chain.orders.orders
    )


def test_compute__orders__use_up_old_points_before_others(
    ordered: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were points old after eight weeks: those with open orders are no longer with members either."""
    monkeypatch.setattr("symbolon.demo.figures.OLD", 8)
    two = compute(ordered).brands[1].counter
    assert two.old_issued == 86 * 40_000 + 80 * 40_002
    assert two.old_left == two.old_issued - 76 * 30_000 - 33_000 - 15_000 - 60_000


def test_compute__bonds(ordered: Books) -> None:
    bond = compute(ordered).orders.brands[1].bond
    assert (bond.before, bond.after, bond.reserved) == (64_500_000, 59_625_000, 1_500_000)
    assert bond.holders == 8_000_000 * 10
    assert bond.worth == (ordered.closing.tokens[2].supply + ordered.closing.tokens[2].unspent_quota) * 100
    assert bond.required * 10 == bond.worth
    assert bond.coverage == pytest.approx(bond.holders / bond.worth, abs=1e-4)


def test_fees__are_gas_times_price(books: Books) -> None:
    calm = compute(books).fees[1]
    gas = int(books.chain.batches["gas"].sum())
    assert calm.gwei == 0.5
    assert calm.total == pytest.approx(gas * 0.5e-9 * 3_000)
    assert calm.per_row == pytest.approx(calm.total / 6)
    assert calm.share == pytest.approx(calm.total / dollars(155_001))


class Page(HTMLParser):
    """Tags, their attributes and the text of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_write__page_needs_nothing_from_outside(books: Books, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "demo.html"
    report.write(books, path)
    source = path.read_text(encoding="utf-8")
    page = Page(source)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(page.tags)
    assert not [value for name, value in page.attributes if name in {"src", "srcset", "data", "onload"}]
    assert {value for name, value in page.attributes if name == "href"} == {"#books"}
    assert "http" not in source
    assert "url(" not in source
    assert "@import" not in source


def drawn(books: Books, folder: Path) -> list[str]:
    """The drawings of the report."""
    report.write(books, folder / "demo.html")
    return re.findall(r"<svg.*?</svg>", (folder / "demo.html").read_text(), re.DOTALL)


def test_write__drawings_are_whole_and_finite(books: Books, ordered: Books, tmp_path: Path) -> None:
    drawings = drawn(books, tmp_path)
    assert len(drawings) == 5 + 5 * len(books.alliance) + len(books.offers)
    assert len(drawn(ordered, tmp_path)) == 4 + 3 * 2 + 1 + 2  # nobody came to a till
    for drawing in (*drawings, *drawn(ordered, tmp_path)):
        assert ElementTree.fromstring(drawing).get("aria-label")
        assert "nan" not in drawing
        assert "inf" not in drawing


def test_write__shows_both_columns_of_the_books(books: Books, tmp_path: Path) -> None:
    report.write(books, tmp_path / "demo.html")
    text = Page((tmp_path / "demo.html").read_text()).text
    assert "Store's own brand 4 3 730.01 4 3 730.01 0.00" in text
    assert "Brand 2 2 2 820.00 2 2 820.00 0.00" in text
    assert "Alliance 6 1,550.01 6 1,550.01 0.00" in text
    assert "Store's own brand 4 2 700.00 4 2 700.00 0.00" in text
    assert "Brand 2 2 1 750.00 2 1 750.00 0.00" in text
    assert "Alliance 6 1,450.00 6 1,450.00 0.00" in text
    assert "Store's own brand 30.01 30.01 30.01 0.00 0.00" in text
    assert "Alliance 100.01 100.01 100.01 0.00 0.00" in text
    assert "the first three weeks of 2017" in text
    assert "all of number 69's products are the retailer's own label" in text


def test_write__rolls_the_liability_forward_to_the_last_unit(books: Books, tmp_path: Path) -> None:
    report.write(books, tmp_path / "demo.html")
    text = Page((tmp_path / "demo.html").read_text()).text
    assert "Store's own brand $0.0000 $7.3001 $6.0000 $1.0000 $0.0000 $0.0000 $0.3001" in text
    assert "Brand 2 $0.0000 $8.2000 $2.5000 $0.0000 $5.0000 $0.0000 $0.7000" in text
    assert "Alliance $0.0000 $15.5001 $8.5000 $1.0000 $5.0000 $0.0000 $1.0001" in text


def test_write__shows_offers_receipts_and_what_redeeming_cost(books: Books, tmp_path: Path) -> None:
    report.write(books, tmp_path / "demo.html")
    text = Page((tmp_path / "demo.html").read_text()).text
    assert "A treat 28 Dec 2016 to 20 Jan 100 any 600 2 1 200" in text
    assert "Present of campaign 8 28 Dec 2016 to 15 Jan 400 1 80 1 1 400" in text
    assert "All 6 were read back" in text
    assert "shop credit at par Store's own brand 2 3 Jan order-0001 100 0x00000000…" in text
    assert "payment at par 1 1 500 1 0.1 M 93,000" in text
    assert "The tills paid $5.00" in text
    assert "7 coupons" in text


def test_write__nobody_redeems__says_so(tmp_path: Path) -> None:
    report.write(small_books(small_year(coupons=[])), tmp_path / "demo.html")
    text = Page((tmp_path / "demo.html").read_text()).text
    assert "No household redeemed a coupon" in text
    assert "Receipts" not in text


def test_write__nobody_orders__says_so(books: Books, tmp_path: Path) -> None:
    report.write(books, tmp_path / "demo.html")
    text = Page((tmp_path / "demo.html").read_text()).text
    assert "no household held points enough to order anything" in text
    assert "Opened, as the member signed" not in text


def test_write__shows_what_orders_came_to(ordered: Books, tmp_path: Path) -> None:
    report.write(ordered, tmp_path / "demo.html")
    text = Page((tmp_path / "demo.html").read_text()).text
    assert "Brand 2 fell behind." in text
    assert "first in these words: “That was too late.”" in text
    assert "All 86 25,800.00 120.00 23,280.00 1,950.00 90.00 600.00 $4.8750" in text
    assert "members have collected $4.8750 of it. A stake" in text
    assert "Brand 2 86 23,880.00 86 23,880.00 0.00" in text
    assert "Opened, as the member signed 86 86" in text
    assert "Brand 2 $0.0000 $688.0172 $0.0000 $0.0000 $0.0000 $232.8000 $455.2172" in text


def test_write__names_are_escaped(books: Books, tmp_path: Path) -> None:
    first, *others = books.alliance
    named = replace(first, name="<script>alert('points & more')</script>")
    report.write(replace(books, alliance=(named, *others)), tmp_path / "demo.html")
    source = (tmp_path / "demo.html").read_text()
    assert "<script" not in source
    assert "&lt;script&gt;" in source


def test_write__a_single_week__works(tmp_path: Path) -> None:
    first_week = small_year([row for row in SPENDING if row[2] == 1], coupons=[])
    report.write(small_books(first_week, weeks=1), tmp_path / "demo.html")
    assert "in the first week of 2017" in Page((tmp_path / "demo.html").read_text()).text


@pytest.mark.parametrize(
    ("most", "steps"),
    [
        (29_419.9, [0, 10_000, 20_000, 30_000]),
        (0, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (0.7, [0, 0.2, 0.4, 0.6, 0.8]),
    ],
)
def test_nice_steps(most: float, steps: list[float]) -> None:
    np.testing.assert_allclose(charts.nice_steps(most), steps)


@pytest.mark.parametrize("most", [0.013, 1, 7, 99, 100, 101, 123_456.7])
def test_nice_steps__reach_the_largest_value_in_few_steps(most: float) -> None:
    steps = charts.nice_steps(most)
    assert steps[-1] >= most
    assert 3 <= len(steps) <= 7


def test_area_stack__labels_never_overlap() -> None:
    drawing = ElementTree.fromstring(
        charts.area_stack(
            [f"Brand {n}" for n in range(8)],
            series=[[0, 1000], *[[0, 1]] * 7],
            ticks=[(0, "Jan")],
            show=lambda value: f"${value:,.0f}",
            title="Eight brands of which seven are tiny",
        )
    )
    heights = sorted(float(text.get("y", "")) for text in drawing.iter("text") if text.get("class") == "name")
    assert len(heights) == 8
    assert min(np.diff(heights)) >= 16.9
    assert heights[0] >= 0


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (29_419.9, "$29,420"),
        (47.004, "$47.00"),
        (0.27, "$0.27"),
        (0.0137, "$0.014"),
        (0.00027, "$0.00027"),
        (0, "$0.00"),
    ],
)
def test_money(amount: float, shown: str) -> None:
    assert report.money(amount) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(1, "100 %"), (0.9996, "> 99 %"), (0.951, "95 %"), (0.0823, "8.2 %"), (0.0016, "0.16 %"), (0, "0 %")],
)
def test_percent(share: float, shown: str) -> None:
    assert report.percent(share).replace("\u00a0", " ") == shown


def test_points__to_the_last_unit() -> None:
    assert report.points(294_199_055) == "2,941,990.55"
    assert report.points(7) == "0.07"
