"""Who would swap which points for which, and in what pool: invented rules on real baskets and coupons.

The data set knows no swaps. Who would, and when, follows from what was bought and redeemed:

- a household that redeems a brand's coupon in a week wants that brand's points. On the Sunday before, it
  swaps for them whatever it holds of brands whose coupons it never redeems;
- in the pool every brand provides points and lays down money. Each pays what it owes a week after a
  period ends, but for one brand that stops paying two thirds into the story.

It is a story of its own beside the year at the counters, with the same households and the same earnings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from symbolon.demo.counter import DOLLAR, value_of
from symbolon.demo.data import ShoppingYear, week_of
from symbolon.demo.plan import BOND_BPS, Brand, with_quota
from symbolon.reference.contract import DAY
from symbolon.reference.pools import Bounds

OPENS_IN = 3
"""The week on whose Sunday the pool opens: what bounds it was announced two weeks before."""

PERIOD_WEEKS = 4
PERIOD, PAYMENT_TIME = (PERIOD_WEEKS * 7 - 1) * DAY, 13 * DAY
"""Sundays are not always as far apart: clocks are put forward and back."""
LEVERAGE = 150
"""How much a brand may owe, in per cent of what it laid down for the pool."""

LEAST = DOLLAR // 2
"""Base units from which on a household finds a swap worth while."""

BOND = 60 * 10**6
"""What a brand lays down for its debts in the pool, in base units of the settlement currency."""

PROVIDED = 400 * DOLLAR
"""Base units that a brand has in the pool at the beginning of each period, for members to take."""

BASE_FEE, FEE_SLOPE = 2_000, 30_000
"""What taking in points costs, in parts per million, and how much more at the ceiling."""

_LIMIT, _SMALL_LIMIT = 200 * DOLLAR, 40 * DOLLAR
_FAILING, _LIMITED = 4, 5  # who fails and whose limit is small, in the order of the brands


class Wish(NamedTuple):
    """A swap that a household would make.

    Attributes:
        week: on whose Sunday.
        household: who.
        gives, wants: numbers of the brands whose points it brings and takes.
        units: base units that it brings.
    """

    week: int
    household: int
    gives: int
    wants: int
    units: int


def wishes(year: ShoppingYear, due: pd.DataFrame) -> list[Wish]:
    """What households would swap, week by week.

    Args:
        year: whose coupons say who wants what.
        due: ledger of what is earned.
    """
    earned: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for brand, household, week, units in due.itertuples(index=False, name=None):
        earned[household].append((week, brand, units))
    redeems = set(year.coupons[["manufacturer", "household"]].itertuples(index=False, name=None))
    visits = year.coupons[["day", "household", "manufacturer"]].itertuples(index=False, name=None)
    spent: Counter[tuple[int, int]] = Counter()
    found: list[Wish] = []
    for week, household, wanted in sorted({(week_of(day) - 1, who, brand) for day, who, brand in visits}):
        if week <= OPENS_IN:
            continue
        held: Counter[int] = Counter()
        for earned_in, brand, units in earned[household]:
            if earned_in < week and (brand, household) not in redeems:
                held[brand] += units
        for brand in sorted(held):
            units = held[brand] - spent[household, brand]
            if units >= LEAST:
                spent[household, brand] += units
                found.append(Wish(week, household, brand, wanted, units))
    return found


@dataclass(frozen=True)
class PoolPlan:
    """What is to happen in the pool.

    Attributes:
        alliance: the brands, with a quota for what this story needs.
        weeks: how long the story is.
        wishes: what households would swap, week by week.
        earned: the part of what is earned that they would swap some day: the points of this story.
    """

    alliance: tuple[Brand, ...]
    weeks: int
    wishes: tuple[Wish, ...]
    earned: pd.DataFrame

    @classmethod
    def of(cls, year: ShoppingYear, due: pd.DataFrame, alliance: tuple[Brand, ...], weeks: int) -> PoolPlan:
        """What follows from a year, for its first weeks; `due` is the ledger of what is earned."""
        found = tuple(wish for wish in wishes(year, due) if wish.week <= weeks)
        pairs = {(wish.gives, wish.household) for wish in found}
        mine = [pair in pairs for pair in due[["brand", "household"]].itertuples(index=False, name=None)]
        earned = due[mine]
        issued = Counter(dict(earned.groupby("brand")["units"].sum().items()))
        for wish in found:
            issued[wish.wants] += wish.units
        smaller = tuple(with_quota(brand, int(issued[brand.number]) + PROVIDED) for brand in alliance)
        return cls(smaller, weeks, found, earned)

    @property
    def failing(self) -> Brand:
        """The brand that stops paying."""
        return self.alliance[min(_FAILING, len(self.alliance) - 1)]

    @property
    def limited(self) -> Brand:
        """The brand of whose points the pool takes in least."""
        return self.alliance[min(_LIMITED, len(self.alliance) - 1)]

    @property
    def closing_weeks(self) -> list[int]:
        """The weeks on whose Sunday a period ends."""
        return list(range(OPENS_IN + PERIOD_WEEKS, self.weeks + 1, PERIOD_WEEKS))

    @property
    def last_paid(self) -> int:
        """The last period, numbered from zero, whose debts the failing brand pays."""
        return max(0, 2 * len(self.closing_weeks) // 3 - 2)

    def bounds(self, brand: Brand) -> Bounds:
        """What bounds a brand in the pool."""
        limit = _SMALL_LIMIT if brand == self.limited else _LIMIT
        return Bounds(limit, PROVIDED, 0, BASE_FEE, FEE_SLOPE)

    @staticmethod
    def holders_bond(brand: Brand) -> int:
        """What a brand lays down for all who hold its points, in base units of the settlement currency."""
        return -(-value_of(brand.quota) * BOND_BPS // 10_000)
