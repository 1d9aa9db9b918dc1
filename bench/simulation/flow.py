"""The order flow that every venue is given: what real households would swap, day by day.

Who earned what with which brand is real, and so is who came back for which brand, on which day, with a
coupon. The data set knows no swaps. But a household that comes for one brand's reward would rather not leave
its points of others behind: on the day on which it redeems at a brand, at the counter or to order as the
demonstration has it, it redeems all that it has of that brand, and all that it has of others it brings to be
swapped for it. So a visit empties the purse, and what is brought depends on the data alone: all venues are
asked the same, whomever they serve.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from symbolon.demo import counter, ordering, plan
from symbolon.demo.data import WEEKS, ShoppingYear, day_of, week_of
from symbolon.demo.ordering import evening_of
from symbolon.demo.plan import PAR_VALUE, UNITS_PER_POINT

UNIT_VALUE = PAR_VALUE // UNITS_PER_POINT
"""What a base unit of any brand's token is worth, in base units of the settlement currency."""


class Order(NamedTuple):
    """A member wants to swap.

    Attributes:
        day: when, a date's ordinal.
        household: who.
        brought, wanted: brands, by their place in the alliance.
        amount: base units of what is brought.
    """

    day: int
    household: int
    brought: int
    wanted: int
    amount: int


class Earned(NamedTuple):
    """What a household earned of a brand's points in a week, in base units."""

    week: int
    household: int
    brand: int
    units: int


@dataclass(frozen=True)
class Flow:
    """A year of it.

    Attributes:
        names: the brands, largest first.
        earned: everything, week by week.
        visits: the brands at which a household redeems on a day, by day and household.
    """

    names: tuple[str, ...]
    earned: tuple[Earned, ...]
    visits: dict[tuple[int, int], tuple[int, ...]]

    @property
    def first_day(self) -> int:
        """Of the first visit."""
        return min(day for day, _ in self.visits)

    @cached_property
    def orders(self) -> list[Order]:
        """What is brought, in the order in which it comes."""
        weekly: dict[int, list[Earned]] = defaultdict(list)
        for row in self.earned:
            weekly[row.household].append(row)
        emptied: dict[int, int] = defaultdict(int)
        found = []
        for (day, household), wanted in sorted(self.visits.items()):
            purse: dict[int, int] = defaultdict(int)
            for row in weekly[household]:
                if emptied[household] <= row.week < week_of(day):
                    purse[row.brand] += row.units
            emptied[household] = week_of(day)
            found += [
                Order(day, household, brand, wanted[0], purse[brand])
                for brand in sorted(purse)
                if brand not in wanted
            ]
        return found

    def held_on(self, day: int, brand: int) -> dict[int, int]:
        """What each household has of a brand's points when a day begins: earned since its latest visit."""
        emptied = {household: week_of(past) for past, household in sorted(self.visits) if past < day}
        held: dict[int, int] = defaultdict(int)
        for row in self.earned:
            if row.brand == brand and emptied.get(row.household, 0) <= row.week < week_of(day):
                held[row.household] += row.units
        return dict(held)


def derive(year: ShoppingYear, weeks: int = WEEKS) -> Flow:
    """The flow of a shopping year's first weeks."""
    alliance = plan.brands(year)
    due = plan.earnings(year, alliance)
    place = {brand.number: at for at, brand in enumerate(alliance)}
    earned = sorted(
        Earned(week, household, place[brand], units)
        for brand, household, week, units in due.itertuples(index=False, name=None)
    )
    redeemed = counter.redemptions(year, due, counter.offers(year, alliance))
    visits: dict[tuple[int, int], set[int]] = defaultdict(set)
    for brand, household, day in redeemed[["brand", "household", "day"]].itertuples(index=False, name=None):
        visits[day, household].add(place[brand])
    for order in ordering.orders(year, due, alliance, weeks).orders:
        visits[day_of(evening_of(order.week)), order.household].add(place[order.parcel.brand])
    names = tuple(brand.name for brand in alliance)
    return Flow(names, tuple(earned), {visit: tuple(sorted(brands)) for visit, brands in visits.items()})
