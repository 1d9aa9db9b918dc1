"""Who would buy together, and who would haggle: invented rules on real baskets.

The data set knows no group purchases. Who would join one, and at which price, follows from what was bought:

- every brand but the store's own has a parcel that gets cheaper the more households take it. Every few weeks
  a group opens for it. Households that bought the brand in that week and in the week before join if they
  hold the points, each with the highest price that it can pay; who spent most comes first and opens it.
  Some that do not come back to the brand in the week after think better of it, and leave in time;
- some brands take points alone, others half of the price in dollars;
- a brand says a week after a group has closed that it delivered. One brand is late with what is bought in
  the middle third of the story;
- another customer of that week bargains for a parcel of its own. Most have friends cut the price: up to eight
  others who bought that week each draw a cut, and the buyer takes the price a week later. Every third
  haggles with the brand instead: it lays down what it would pay, and the brand meets it half way, or not.

It is a story of its own beside the year at the counters, with the same households and the same earnings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from symbolon.demo.data import ShoppingYear
from symbolon.demo.plan import UNITS_PER_POINT, Brand, with_quota

FIRST, EVERY = 6, 5
"""The week on whose Sunday the first groups open, and after how many weeks a brand opens the next one."""

TIERS = ((5, 200), (12, 170), (20, 140))
"""From how many seats on a parcel costs how many points, or as many cents."""
MOST_SEATS = 24
"""A group that has so many is full, and closes with the last of them."""
_FULL = 3  # every which group of a brand may fill up; the others are left a seat short

RIGHT_POINTS = 20
"""What the right to open a group costs."""

LIST_POINTS, FLOOR_POINTS = 200, 120
CUTS, LEAST_CUT = 8, 3
"""A bargain's first price, what it can fall to, in how many cuts, and the least of them; points."""
_HAGGLES, _DEAF = (
    3,
    4,
)  # every which bargain is haggled for, and every which of these the brand does not answer

_LATE = 3  # which brand is late, in the order of the brands


class Seat(NamedTuple):
    """A household's place in a group.

    Attributes:
        household: who.
        top: which tier's price is the highest that it can pay.
        leaves: whether it leaves again.
    """

    household: int
    top: int
    leaves: bool


@dataclass(frozen=True)
class Gathering:
    """A group.

    Attributes:
        brand: the brand's number.
        number: the group's, under the brand's deal.
        week: on whose Sunday it opens; it closes on the next.
        opener: who opens it, and takes a seat like anybody.
        seats: who joins, in this order.
        is_late: whether the brand lets its time to deliver pass.
    """

    brand: int
    number: int
    week: int
    opener: int
    seats: tuple[Seat, ...]
    is_late: bool

    @property
    def staying(self) -> tuple[Seat, ...]:
        """Those that do not leave."""
        return tuple(seat for seat in self.seats if not seat.leaves)

    @property
    def is_full(self) -> bool:
        """Whether the last seat is taken."""
        return len(self.seats) == MOST_SEATS

    @property
    def closes_in(self) -> int:
        """The week on whose Sunday it closes."""
        return self.week if self.is_full else self.week + 1

    @property
    def tier(self) -> int | None:
        """The best tier reached; None where even the first is not."""
        reached = [
            tier
            for tier, (least, _) in enumerate(TIERS)
            if sum(seat.top <= tier for seat in self.staying) >= least
        ]
        return reached[-1] if reached else None


@dataclass(frozen=True)
class Haggle:
    """A bargain.

    Attributes:
        brand: the brand's number.
        number: the bargain's, under the brand's listing.
        week: on whose Sunday it opens; a week later the buyer takes the price or lets it be.
        buyer: who.
        helpers: who draws a cut, in this order; nobody where the buyer haggles with the brand.
        bid: points that the buyer lays down for haggling; all that it could pay for a cut price.
        is_answered: whether the brand meets the buyer half way.
    """

    brand: int
    number: int
    week: int
    buyer: int
    helpers: tuple[int, ...]
    bid: int
    is_answered: bool

    @property
    def is_cut(self) -> bool:
        """Whether friends cut the price."""
        return bool(self.helpers)

    @property
    def struck_at(self) -> int:
        """Half way between the floor and what the buyer laid down; points."""
        return (FLOOR_POINTS + self.bid) // 2


@dataclass(frozen=True)
class TogetherPlan:
    """What is to happen.

    Attributes:
        alliance: the brands that take part, with a quota for what this story needs.
        weeks: how long the story is.
        gatherings: groups, in the order in which they open.
        haggles: bargains, likewise.
        earned: the points of this story: what whoever takes part has earned with the brand.
    """

    alliance: tuple[Brand, ...]
    weeks: int
    gatherings: tuple[Gathering, ...]
    haggles: tuple[Haggle, ...]
    earned: pd.DataFrame

    @classmethod
    def of(
        cls, year: ShoppingYear, due: pd.DataFrame, alliance: tuple[Brand, ...], weeks: int
    ) -> TogetherPlan:
        """What follows from a year, for its first weeks; `due` is the ledger of what is earned."""
        takers = tuple(brand for brand in alliance if not brand.is_store)
        gatherings: list[Gathering] = []
        haggles: list[Haggle] = []
        for place, brand in enumerate(takers):
            for gathering, haggle in _Shop(year, due, brand, place, weeks).weeks():
                gatherings.append(gathering)
                haggles += [haggle] if haggle else []
        gatherings.sort(key=lambda each: each.week)
        haggles.sort(key=lambda each: each.week)
        pairs = {(each.brand, seat.household) for each in gatherings for seat in each.seats}
        pairs |= {(each.brand, each.opener) for each in gatherings}
        pairs |= {(each.brand, each.buyer) for each in haggles}
        mine = [pair in pairs for pair in due[["brand", "household"]].itertuples(index=False, name=None)]
        earned = due[mine]
        issued = earned.groupby("brand")["units"].sum()
        smaller = tuple(with_quota(brand, int(issued.get(brand.number, 0))) for brand in takers)
        return cls(smaller, weeks, tuple(gatherings), tuple(haggles), earned)

    @property
    def late(self) -> Brand:
        """The brand that is late."""
        return self.alliance[min(_LATE, len(self.alliance) - 1)]

    def is_mixed(self, brand: int) -> bool:
        """Whether a brand takes half of the price in dollars."""
        return [each.number for each in self.alliance].index(brand) % 2 == 1


class _Shop:
    """One brand's customers, week by week."""

    def __init__(self, year: ShoppingYear, due: pd.DataFrame, brand: Brand, place: int, weeks: int) -> None:
        self._brand, self._weeks = brand, weeks
        self._first = FIRST + place % EVERY
        self._is_mixed = place % 2 == 1
        self._is_late = place == _LATE
        spending = year.spending[year.spending["manufacturer"] == brand.number]
        self._spent: dict[int, dict[int, int]] = defaultdict(dict)
        for household, week, cents in rows_of(spending, "household", "week", "cents"):
            self._spent[week][household] = cents
        self._earned: dict[int, list[tuple[int, int]]] = defaultdict(list)
        mine = due[due["brand"] == brand.number]
        for household, week, units in rows_of(mine, "household", "week", "units"):
            self._earned[household].append((week, units))
        self._gone: Counter[int] = Counter()

    def weeks(self) -> list[tuple[Gathering, Haggle | None]]:
        """What happens in each week in which a group can open and close."""
        found = []
        for number, week in enumerate(range(self._first, self._weeks, EVERY)):
            if gathering := self._gather(number, week):
                found.append((gathering, self._haggle(number, week, gathering)))
        return [(replace(each, number=place), haggle) for place, (each, haggle) in enumerate(found)]

    def _gather(self, number: int, week: int) -> Gathering | None:
        before = self._spent[week - 1]
        ranked = [household for household in self._customers(week) if household in before]
        seats: list[Seat] = []
        for household in ranked:
            holds = self._holds(household, week)
            holds -= 0 if seats else RIGHT_POINTS * UNITS_PER_POINT  # who comes first opens the group
            top = next((tier for tier, (_, price) in enumerate(TIERS) if holds >= self._points(price)), None)
            if top is None:
                continue
            leaves = bool(seats) and household not in self._spent[week + 1] and len(seats) % 3 == 0
            seats.append(Seat(household, top, leaves))
        if not seats:
            return None
        opener = seats[0].household
        seats = seats[: MOST_SEATS if number % _FULL == 0 else MOST_SEATS - 1]
        if len(seats) == MOST_SEATS:
            seats = [seat._replace(leaves=False) for seat in seats]
        is_late = self._is_late and self._weeks // 3 <= week < 2 * self._weeks // 3
        gathering = Gathering(self._brand.number, number, week, opener, tuple(seats), is_late)
        self._gone[opener] += RIGHT_POINTS * UNITS_PER_POINT
        tier = gathering.tier
        for seat in gathering.staying:
            if tier is not None and seat.top <= tier and not is_late:
                self._gone[seat.household] += self._points(TIERS[tier][1])
        return gathering

    def _haggle(self, number: int, week: int, gathering: Gathering) -> Haggle | None:
        busy = {seat.household for seat in gathering.seats}
        others = [household for household in self._customers(week) if household not in busy]
        if len(others) < 2:
            return None
        buyer = max(others, key=lambda household: (self._holds(household, week), household))
        holds = self._holds(buyer, week) // UNITS_PER_POINT
        if holds < FLOOR_POINTS:
            return None
        bid = min(holds, LIST_POINTS)
        self._gone[buyer] += bid * UNITS_PER_POINT
        is_haggled = number % _HAGGLES == _HAGGLES - 1
        friends = tuple(household for household in others if household != buyer)[: CUTS - number % 2]
        return Haggle(
            brand=self._brand.number,
            number=number,
            week=week,
            buyer=buyer,
            helpers=() if is_haggled else friends,
            bid=bid,
            is_answered=number // _HAGGLES % _DEAF != _DEAF - 1,
        )

    def _customers(self, week: int) -> list[int]:
        """Who bought in a week, those who spent most first."""
        return sorted(self._spent[week], key=lambda household: (-self._spent[week][household], household))

    def _holds(self, household: int, week: int) -> int:
        """What it has earned before a week and not given away in this story, in base units."""
        earned = sum(units for earned_in, units in self._earned[household] if earned_in < week)
        return earned - self._gone[household]

    def _points(self, price: int) -> int:
        """Base units of a price of so many cents."""
        return (price // 2 if self._is_mixed else price) * UNITS_PER_POINT


def rows_of(frame: pd.DataFrame, *columns: str) -> Iterator[tuple[int, ...]]:
    """The rows of some columns."""
    return frame[list(columns)].itertuples(index=False, name=None)
