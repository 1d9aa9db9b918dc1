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

from symbolon.demo import charts, report
from symbolon.demo.data import Manufacturer, ShoppingYear
from symbolon.demo.figures import Books, TokenState, compute, dollars
from symbolon.demo.ledger import BATCHES, ChainLedger
from symbolon.demo.plan import LEDGER, Brand, brands, earnings

SPENDING = [
    # manufacturer, household, week, cents
    (69, 1, 1, 10_000),
    (69, 2, 1, 500),
    (69, 1, 2, 2_500),
    (69, 3, 3, 1),
    (2, 1, 1, 4_000),
    (2, 2, 3, 1_000),
]


@pytest.fixture
def books() -> Books:
    """Four households, of which the last buys nothing; three weeks; two brands at 1 and 2 points a dollar."""
    year = ShoppingYear(
        households=(1, 2, 3, 4),
        manufacturers=(
            Manufacturer(69, True, "COUPON/MISC ITEMS", 13_001, 6, 1),
            Manufacturer(2, False, "GRAPES", 5_000, 3, 0),
        ),
        spending=pd.DataFrame(SPENDING, columns=["manufacturer", "household", "week", "cents"]),
        lines=1000,
    )
    alliance = brands(year)
    due = earnings(year, alliance)
    batches = [(69, 1, 2, 10_500, 71_000), (69, 2, 1, 2_500, 51_000), (69, 3, 1, 1, 52_000)]
    batches += [(2, 1, 1, 8_000, 53_000), (2, 3, 1, 2_000, 54_000)]
    return Books(
        year=year,
        alliance=alliance,
        weeks=3,
        due=due,
        chain=ChainLedger(due.copy(), pd.DataFrame(batches, columns=BATCHES), 12, 3_400_000),
        tokens={
            brand.number: TokenState(
                "0x" + f"{brand.number:040x}", brand.expected, brand.capacity, brand.quota - brand.expected
            )
            for brand in alliance
        },
        chain_id=31337,
    )


def test_compute__each_brand(books: Books) -> None:
    own, two = compute(books).brands
    assert (own.units, own.due_units, own.spent, own.rows, own.members) == (13_001, 13_001, 13_001, 4, 3)
    assert (two.units, two.due_units, two.spent, two.rows, two.members) == (10_000, 10_000, 5_000, 2, 2)
    assert own.weekly == (10_500, 2_500, 1)
    assert own.cumulative == (10_500, 13_000, 13_001)
    assert two.active == (1, 0, 1)
    assert own.median == 500
    assert (own.batches, own.gas) == (3, 174_000)
    assert own.used == 13_001 / own.token.capacity
    assert two.dollars == pytest.approx(1.0)


def test_compute__the_alliance(books: Books) -> None:
    figures = compute(books)
    assert (figures.units, figures.due_units, figures.supply) == (23_001, 23_001, 23_001)
    assert (figures.rows, figures.batches, figures.gas, figures.spent) == (6, 5, 281_000, 18_001)
    assert (figures.members, figures.households) == (3, 4)
    assert figures.held_brands == (1, 1, 2)
    assert figures.overlap == ((1.0, 2 / 3), (1.0, 1.0))
    assert [week.number for week in figures.busiest] == [1, 2, 3]
    assert [week.members for week in figures.weeks] == [2, 1, 2]
    assert [week.batches for week in figures.weeks] == [2, 1, 2]


def test_compute__weeks_run_from_monday_to_sunday(books: Books) -> None:
    first, second, _ = compute(books).weeks
    assert (first.first_day.date(), first.last_day.date()) == (datetime(2017, 1, 1, tzinfo=UTC).date(),) * 2
    assert (second.first_day.strftime("%a %d %b"), second.last_day.strftime("%a %d %b")) == (
        "Mon 02 Jan",
        "Sun 08 Jan",
    )


def test_compute__top_tenth__of_a_hundred_members() -> None:
    """Members 1 to 100 hold as many points as their number: the ten richest have 91 + … + 100."""
    minted = pd.DataFrame([(2, n, 1, n * 100) for n in range(1, 101)], columns=LEDGER)
    brand = Brand(2, "Brand 2", "B2", "things", 1, 505_000, 600_000, 700_000)
    books = Books(
        year=ShoppingYear(
            households=tuple(range(1, 101)),
            manufacturers=(),
            spending=pd.DataFrame(columns=["manufacturer", "household", "week", "cents"]).astype("int64"),
            lines=0,
        ),
        alliance=(brand,),
        weeks=1,
        due=minted,
        chain=ChainLedger(minted, pd.DataFrame([(2, 1, 100, 505_000, 9)], columns=BATCHES), 0, 0),
        tokens={2: TokenState("0x0", 505_000, 700_000, 95_000)},
        chain_id=1,
    )
    only = compute(books).brands[0]
    assert only.top_tenth == pytest.approx(955 / 5050)
    assert only.top_hundredth == pytest.approx(100 / 5050)
    assert only.median == 5_050


def test_fees__are_gas_times_price(books: Books) -> None:
    calm = compute(books).fees[1]
    assert calm.gwei == 0.5
    assert calm.total == pytest.approx(281_000 * 0.5e-9 * 3_000)
    assert calm.per_row == pytest.approx(calm.total / 6)
    assert calm.share == pytest.approx(calm.total / dollars(23_001))


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


def test_write__drawings_are_whole_and_finite(books: Books, tmp_path: Path) -> None:
    report.write(books, tmp_path / "demo.html")
    drawings = re.findall(r"<svg.*?</svg>", (tmp_path / "demo.html").read_text(), re.DOTALL)
    assert len(drawings) == 4 + 3 * len(books.alliance)
    for drawing in drawings:
        assert ElementTree.fromstring(drawing).get("aria-label")
        assert "nan" not in drawing
        assert "inf" not in drawing


def test_write__shows_both_columns_of_the_books(books: Books, tmp_path: Path) -> None:
    report.write(books, tmp_path / "demo.html")
    text = Page((tmp_path / "demo.html").read_text()).text
    assert "Store's own brand 4 3 130.01 4 3 130.01 130.01 0.00" in text
    assert "Brand 2 2 2 100.00 2 2 100.00 100.00 0.00" in text
    assert "Alliance 6 230.01 6 230.01 230.01 0.00" in text
    assert "the first three weeks of 2017" in text
    assert "all of number 69's products are the retailer's own label" in text


def test_write__names_are_escaped(books: Books, tmp_path: Path) -> None:
    first, *others = books.alliance
    named = replace(first, name="<script>alert('points & more')</script>")
    report.write(replace(books, alliance=(named, *others)), tmp_path / "demo.html")
    source = (tmp_path / "demo.html").read_text()
    assert "<script" not in source
    assert "&lt;script&gt;" in source


def test_write__a_single_week__works(books: Books, tmp_path: Path) -> None:
    first_week = books.due[books.due["week"] == 1]
    batches = books.chain.batches[books.chain.batches["week"] == 1]
    chain = ChainLedger(first_week, batches, 1, 1)
    report.write(replace(books, weeks=1, due=first_week, chain=chain), tmp_path / "demo.html")
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
