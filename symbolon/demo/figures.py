"""The figures of the report, computed from the chain's events; those of the data frame stand beside them.

Money at par is in base units here and becomes dollars only where it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from symbolon.demo.data import ShoppingYear, week_closes_at
from symbolon.demo.ledger import ChainLedger
from symbolon.demo.plan import CENTS_PER_POINT, UNITS_PER_POINT, Brand

BUSIEST = 8
ETHER_PRICE = 3_000
"""Dollars an ether, assumed."""
FEES = (
    ("rollup", 0.01),
    ("Ethereum, calm", 0.5),
    ("Ethereum, busy", 10.0),
)
"""Gwei a unit of gas, assumed."""


@dataclass(frozen=True)
class TokenState:
    """What a token's own contract says at the end of the story, in base units."""

    address: str
    supply: int
    capacity: int
    unspent_quota: int


@dataclass(frozen=True, eq=False)
class Books:
    """Everything the report is made from.

    Attributes:
        year: the shopping.
        alliance: the brands, largest first.
        weeks: how many weeks the story played.
        due: ledger of what the shopping data says is due.
        chain: what the chain's events say.
        tokens: what each brand's token says.
        chain_id: where it was played.
    """

    year: ShoppingYear
    alliance: tuple[Brand, ...]
    weeks: int
    due: pd.DataFrame
    chain: ChainLedger
    tokens: Mapping[int, TokenState]
    chain_id: int


@dataclass(frozen=True)
class BrandFigures:
    """One brand's year.

    Attributes:
        spent: cents spent on its products.
        units: base units issued; `due_units` and `supply` must equal it.
        rows, due_rows: member-weeks with points, from events and from the data.
        members, due_members: who holds its points, from events and from the data.
        weekly: base units issued in each week.
        cumulative: base units outstanding after each week.
        active: members who earned in each week.
        median: base units of the member in the middle.
        top_tenth, top_hundredth: share of its points with the tenth, the hundredth who hold most.
        batches: transactions that minted.
        gas: what they used.
    """

    brand: Brand
    token: TokenState
    spent: int
    units: int
    due_units: int
    rows: int
    due_rows: int
    members: int
    due_members: int
    weekly: tuple[int, ...]
    cumulative: tuple[int, ...]
    active: tuple[int, ...]
    median: int
    top_tenth: float
    top_hundredth: float
    batches: int
    gas: int

    @property
    def used(self) -> float:
        """Share of the capacity that is outstanding."""
        return self.units / self.token.capacity

    @property
    def dollars(self) -> float:
        """What is owed at par."""
        return dollars(self.units)


@dataclass(frozen=True)
class WeekFigures:
    """One week of the whole alliance: base units, members who earned with any brand, mints, gas."""

    number: int
    first_day: datetime
    last_day: datetime
    units: int
    members: int
    rows: int
    batches: int
    gas: int


@dataclass(frozen=True)
class Fee:
    """What the year's minting costs at an assumed price of gas, in dollars."""

    name: str
    gwei: float
    total: float
    per_row: float
    share: float


@dataclass(frozen=True, eq=False)
class Figures:
    """The whole report in numbers.

    Attributes:
        held_brands: how many members hold the points of exactly 0, 1, 2, … brands.
        overlap: for each brand, the share of its members who also hold each brand's points.
        busiest: the weeks with the most points, most first.
    """

    brands: tuple[BrandFigures, ...]
    weeks: tuple[WeekFigures, ...]
    busiest: tuple[WeekFigures, ...]
    households: int
    members: int
    spent: int
    units: int
    due_units: int
    supply: int
    capacity: int
    rows: int
    due_rows: int
    held_brands: tuple[int, ...]
    overlap: tuple[tuple[float, ...], ...]
    batches: int
    gas: int
    other_transactions: int
    other_gas: int
    fees: tuple[Fee, ...]


def dollars(units: int) -> float:
    """Base units at par, for show."""
    return units * CENTS_PER_POINT / UNITS_PER_POINT / 100


def compute(books: Books) -> Figures:
    """Compute every figure of the report."""
    minted, batches = books.chain.minted, books.chain.batches
    brands = tuple(_brand(books, brand) for brand in books.alliance)
    weeks = tuple(_week(books, week) for week in range(1, books.weeks + 1))
    holders = [set(minted.loc[minted["brand"] == b.number, "household"]) for b in books.alliance]
    held = minted.groupby("household")["brand"].nunique()
    counted = held.value_counts()
    gas, units, rows = int(batches["gas"].sum()), int(minted["units"].sum()), len(minted)
    return Figures(
        brands=brands,
        weeks=weeks,
        busiest=tuple(sorted(weeks, key=lambda week: -week.units)[:BUSIEST]),
        households=len(books.year.households),
        members=len(held),
        spent=sum(brand.spent for brand in brands),
        units=units,
        due_units=int(books.due["units"].sum()),
        supply=sum(brand.token.supply for brand in brands),
        capacity=sum(brand.token.capacity for brand in brands),
        rows=rows,
        due_rows=len(books.due),
        held_brands=(
            len(books.year.households) - len(held),
            *(int(counted.get(k, 0)) for k in range(1, len(books.alliance) + 1)),
        ),
        overlap=tuple(
            tuple(len(own & other) / len(own) if own else 0.0 for other in holders) for own in holders
        ),
        batches=len(batches),
        gas=gas,
        other_transactions=books.chain.other_transactions,
        other_gas=books.chain.other_gas,
        fees=tuple(_fee(name, gwei, gas, rows, units) for name, gwei in FEES),
    )


def _brand(books: Books, brand: Brand) -> BrandFigures:
    minted, batches = books.chain.minted, books.chain.batches
    own = minted[minted["brand"] == brand.number]
    due = books.due[books.due["brand"] == brand.number]
    spending = books.year.spending
    by_week = own.groupby("week")
    weeks = range(1, books.weeks + 1)
    weekly = by_week["units"].sum().reindex(weeks, fill_value=0)
    holdings = np.sort(own.groupby("household")["units"].sum().to_numpy())[::-1]
    mine = batches[batches["brand"] == brand.number]
    return BrandFigures(
        brand=brand,
        token=books.tokens[brand.number],
        spent=int(spending.loc[spending["manufacturer"] == brand.number, "cents"].sum()),
        units=int(own["units"].sum()),
        due_units=int(due["units"].sum()),
        rows=len(own),
        due_rows=len(due),
        members=len(holdings),
        due_members=due["household"].nunique(),
        weekly=tuple(int(units) for units in weekly),
        cumulative=tuple(int(units) for units in weekly.cumsum()),
        active=tuple(int(n) for n in by_week["household"].nunique().reindex(weeks, fill_value=0)),
        median=int(np.median(holdings)) if len(holdings) else 0,
        top_tenth=_top_share(holdings, 10),
        top_hundredth=_top_share(holdings, 100),
        batches=len(mine),
        gas=int(mine["gas"].sum()),
    )


def _week(books: Books, week: int) -> WeekFigures:
    minted = books.chain.minted[books.chain.minted["week"] == week]
    batches = books.chain.batches[books.chain.batches["week"] == week]
    closes = datetime.fromtimestamp(week_closes_at(week), UTC)
    first_day = datetime.fromtimestamp(week_closes_at(week - 1), UTC)
    return WeekFigures(
        number=week,
        first_day=max(first_day, datetime(2017, 1, 1, tzinfo=UTC)),
        last_day=closes - timedelta(days=1),
        units=int(minted["units"].sum()),
        members=minted["household"].nunique(),
        rows=len(minted),
        batches=len(batches),
        gas=int(batches["gas"].sum()),
    )


def _top_share(descending: np.ndarray[tuple[int], np.dtype[np.int64]], part: int) -> float:
    """Share of the whole that the first 1/part of holders have, the number of holders rounded up."""
    if not len(descending):
        return 0.0
    return float(descending[: -(-len(descending) // part)].sum() / descending.sum())


def _fee(name: str, gwei: float, gas: int, rows: int, units: int) -> Fee:
    total = gas * gwei * 1e-9 * ETHER_PRICE
    return Fee(name, gwei, total, total / rows if rows else 0.0, total / dollars(units) if units else 0.0)
