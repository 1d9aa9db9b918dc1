"""What members order to be delivered later, and what becomes of it: invented rules on real baskets.

The data set knows no deliveries. Who orders, and in which week, follows from what was bought:

- every brand sends a parcel for points. A household that redeems none of the brand's coupons orders
  one, once: on the Sunday of the week in which it spent most on the brand's products, if by then it holds the
  price and what a dispute would cost;
- a brand says a week later that it delivered. One brand is late with whatever is ordered in the middle third
  of the story: it says so a week later still, when its time is over and anybody can claim for the member;
- of what is delivered in time, every CONFIRMED-th order is confirmed and every DISPUTED-th disputed, and the
  arbiter answers in turn in four ways, of which the last is silence. The rest is left alone;
- money is collected a week after it is due.

Whatever the story is too short for stays open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from itertools import cycle
from typing import NamedTuple

import pandas as pd

from symbolon.demo.counter import value_of
from symbolon.demo.data import ShoppingYear, week_closes_at
from symbolon.demo.plan import BOND_BPS, UNITS_PER_POINT, Brand
from symbolon.fields import FOREVER
from symbolon.fulfilment import State
from symbolon.offers import Conditions

PARCEL = "parcel"
"""What every brand calls its offer to order."""

FULFIL_DAYS = 10
STAKE_PERCENT = 10
CONFIRMED = 4
DISPUTED = 24

_PRICE, _OWN_PRICE = 300, 800  # points
_COMPENSATED = 4  # a failure costs the brand this part of the price at par
_STOCK = 10_000
_EVENING = 4 * 3600  # seconds before the week is over


class Fate(Enum):
    """What is to become of an order."""

    LEFT = "left alone for two weeks"
    CONFIRMED = "confirmed by its member"
    REJECTED = "disputed; the brand is right"
    SPLIT = "disputed; half to each"
    UPHELD = "disputed; the member is right"
    UNDECIDED = "disputed; the arbiter is silent"
    LATE = "not delivered in time"

    def __str__(self) -> str:
        return self.value


class Step(Enum):
    """What somebody does about an order."""

    COLLECT = auto()
    OPEN = auto()
    DELIVER = auto()
    CONFIRM = auto()
    DISPUTE = auto()
    DECIDE = auto()
    FINISH = auto()
    CLAIM = auto()


ANSWERS = (Fate.UPHELD, Fate.REJECTED, Fate.SPLIT, Fate.UNDECIDED)
"""What comes of disputes, in turn."""

_DISPUTE = {Step.OPEN: 0, Step.DELIVER: 1, Step.DISPUTE: 2}
_COURSES: Mapping[Fate, Mapping[Step, int]] = {
    Fate.LEFT: {Step.OPEN: 0, Step.DELIVER: 1, Step.FINISH: 4},
    Fate.CONFIRMED: {Step.OPEN: 0, Step.DELIVER: 1, Step.CONFIRM: 2},
    Fate.REJECTED: {**_DISPUTE, Step.DECIDE: 4},
    Fate.SPLIT: {**_DISPUTE, Step.DECIDE: 4, Step.COLLECT: 5},
    Fate.UPHELD: {**_DISPUTE, Step.DECIDE: 4, Step.COLLECT: 5},
    Fate.UNDECIDED: {**_DISPUTE, Step.CLAIM: 7, Step.COLLECT: 8},
    Fate.LATE: {Step.OPEN: 0, Step.CLAIM: 2, Step.COLLECT: 3},
}
"""In which week after the order each step is made."""

_ENDS: Mapping[Fate, State] = {
    Fate.LEFT: State.FULFILLED,
    Fate.CONFIRMED: State.FULFILLED,
    Fate.REJECTED: State.FULFILLED,
    Fate.SPLIT: State.DECIDED,
    Fate.UPHELD: State.DECIDED,
    Fate.UNDECIDED: State.COMPENSATED,
    Fate.LATE: State.COMPENSATED,
}


@dataclass(frozen=True)
class Parcel:
    """A brand's offer to order, with the bond behind it.

    Attributes:
        brand: the brand's number.
        price: base units.
        holders: laid down for all who hold the brand's points, in base units of the settlement currency: what
            its terms require once its whole quota is granted.
    """

    brand: int
    price: int
    holders: int

    @classmethod
    def of(cls, brand: Brand) -> Parcel:
        """A brand's."""
        price = _OWN_PRICE if brand.is_store else _PRICE
        return cls(brand.number, price * UNITS_PER_POINT, value_of(brand.quota) * BOND_BPS // 10_000)

    @property
    def stake(self) -> int:
        """What a dispute costs if the member is wrong, in base units."""
        return -(-self.price * STAKE_PERCENT // 100)

    @property
    def compensation(self) -> int:
        """What a member gets if the brand fails, in base units of the settlement currency."""
        return value_of(self.price) // _COMPENSATED

    @property
    def document(self) -> str:
        """What is offered, in the words whose hash goes on chain."""
        points = self.price // UNITS_PER_POINT
        return f"A parcel for {points} points, within {FULFIL_DAYS} days. (Invented for a demonstration.)\n"

    def conditions(self, arbiter: str) -> Conditions:
        """The same as its contract has it."""
        return Conditions(
            self.price,
            _STOCK,
            1,
            week_closes_at(0),
            FOREVER,
            FULFIL_DAYS,
            STAKE_PERCENT,
            self.compensation,
            arbiter,
        )


class Ordered(NamedTuple):
    """An order and what became of it, a row of the orders' ledger; weeks are zero where it did not happen.

    Attributes:
        brand: the brand's number.
        number: the order's, under the brand's parcel; with the brand it is the order's id.
        household: who ordered.
        week: when it was opened.
        reference: what the shop calls it.
        amount: base units that it cost.
        compensation: reserved for its member, in base units of the settlement currency.
        stake: base units that a dispute costs.
        state: where it stands.
        delivered, disputed, ended: when.
        returned: base units that went back to the member, without the stake.
        stake_back: base units of the stake that went back.
        burned: base units that the brand earned, a lost stake among them.
        paid: compensation for the member, in base units of the settlement currency.
    """

    brand: int
    number: int
    household: int
    week: int
    reference: str
    amount: int
    compensation: int
    stake: int
    state: State = State.OPEN
    delivered: int = 0
    disputed: int = 0
    ended: int = 0
    returned: int = 0
    stake_back: int = 0
    burned: int = 0
    paid: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """The order's id."""
        return self.brand, self.number

    @property
    def staked(self) -> int:
        """Base units that its member staked."""
        return self.stake if self.disputed else 0

    @property
    def given(self) -> int:
        """Base units that its member gave and has not got back."""
        return self.amount + self.staked - self.returned - self.stake_back

    @property
    def locked(self) -> int:
        """Base units that lie with the order."""
        return self.given - self.burned

    @property
    def reserved(self) -> int:
        """Base units of the settlement currency that are set aside for it."""
        return 0 if self.ended else self.compensation


@dataclass(frozen=True)
class Planned:
    """An order as the story has it.

    Attributes:
        parcel: what is ordered.
        number, household, week, reference: as in `Ordered`.
        fate: what is to become of it.
    """

    parcel: Parcel
    number: int
    household: int
    week: int
    reference: str
    fate: Fate

    @property
    def key(self) -> tuple[int, int]:
        """The order's id."""
        return self.parcel.brand, self.number

    def steps(self, weeks: int) -> Iterator[tuple[int, Step]]:
        """What is done about it in the story's first weeks, and when."""
        for step, after in _COURSES[self.fate].items():
            if self.week + after <= weeks:
                yield self.week + after, step

    @property
    def is_late(self) -> bool:
        """Whether the brand lets its time pass."""
        return self.fate is Fate.LATE

    @property
    def split(self) -> tuple[int, int]:
        """What an arbiter gives its member: base units of the token and of the settlement currency."""
        parts = {Fate.UPHELD: 1, Fate.SPLIT: 2}
        part = parts.get(self.fate)
        return (self.parcel.price // part, self.parcel.compensation // part) if part else (0, 0)

    def outcome(self, weeks: int) -> Ordered:
        """What has become of it after the story's first weeks."""
        at = {step: week for week, step in self.steps(weeks)}
        parcel = self.parcel
        ordered = Ordered(
            parcel.brand,
            self.number,
            self.household,
            self.week,
            self.reference,
            parcel.price,
            parcel.compensation,
            parcel.stake,
            delivered=at.get(Step.DELIVER, 0),
            disputed=at.get(Step.DISPUTE, 0),
            ended=max(at.get(step, 0) for step in (Step.CONFIRM, Step.DECIDE, Step.FINISH, Step.CLAIM)),
        )
        if not ordered.ended:
            state = (
                State.DISPUTED if ordered.disputed else State.DELIVERED if ordered.delivered else State.OPEN
            )
            return ordered._replace(state=state)
        claimed = Step.CLAIM in at
        returned, paid = (parcel.price, parcel.compensation) if claimed else self.split
        stake_back = 0 if self.fate is Fate.REJECTED else ordered.staked
        return ordered._replace(
            state=_ENDS[self.fate],
            returned=returned,
            stake_back=stake_back,
            burned=parcel.price + ordered.staked - returned - stake_back,
            paid=paid,
        )

    def collected(self, weeks: int) -> int:
        """What its member has collected after the story's first weeks, of the settlement currency."""
        collects = any(step is Step.COLLECT for _, step in self.steps(weeks))
        return self.outcome(weeks).paid if collects else 0


@dataclass(frozen=True)
class OrderPlan:
    """All that is to be ordered in a story.

    Attributes:
        orders: in the order in which they are opened.
        weeks: how long the story is.
    """

    orders: tuple[Planned, ...]
    weeks: int

    @cached_property
    def outcomes(self) -> tuple[Ordered, ...]:
        """What is to have become of each at the end."""
        return tuple(order.outcome(self.weeks) for order in self.orders)

    @cached_property
    def funds(self) -> Counter[int]:
        """What each brand lays down for compensations, in base units of the settlement currency.

        It is enough for all its orders to fail.
        """
        needed: Counter[int] = Counter()
        for order in self.orders:
            needed[order.parcel.brand] += order.parcel.compensation
        return needed

    @cached_property
    def collected(self) -> Counter[int]:
        """What each household collects of compensations, likewise."""
        found: Counter[int] = Counter()
        for order in self.orders:
            found[order.household] += order.collected(self.weeks)
        return found

    @property
    def steps(self) -> int:
        """How many steps are made about them all."""
        return sum(1 for order in self.orders for _ in order.steps(self.weeks))

    def todo(self) -> dict[int, dict[Step, list[Planned]]]:
        """What is done in each week, step by step."""
        found: dict[int, dict[Step, list[Planned]]] = defaultdict(lambda: defaultdict(list))
        for order in self.orders:
            for week, step in order.steps(self.weeks):
                found[week][step].append(order)
        return found


def evening_of(week: int) -> int:
    """When everybody sees to orders in a week, in seconds: on its Sunday, at eight in the evening."""
    return week_closes_at(week) - _EVENING


def late_brand(alliance: tuple[Brand, ...]) -> Brand:
    """The brand that is late."""
    return alliance[len(alliance) // 2]


def late_weeks(weeks: int) -> range:
    """The weeks whose orders it is late with."""
    return range(weeks // 3 + 1, 2 * weeks // 3 + 1)


def orders(year: ShoppingYear, due: pd.DataFrame, alliance: tuple[Brand, ...], weeks: int) -> OrderPlan:
    """What is ordered in a story; each Sunday brand by brand.

    Args:
        year: whose spending says who orders.
        due: ledger of what is earned.
        alliance: the brands.
        weeks: how long the story is.
    """
    parcel_of = {brand.number: Parcel.of(brand) for brand in alliance}
    late, when = late_brand(alliance).number, late_weeks(weeks)
    answers = cycle(ANSWERS)
    numbers: Counter[int] = Counter()
    planned: list[Planned] = []
    in_time = 0
    for week, brand, household in _wanted(year, due, parcel_of):
        if brand == late and week in when:
            fate = Fate.LATE
        else:
            in_time += 1
            fate = Fate.LEFT
            if in_time % DISPUTED == 1:
                fate = next(answers)
            elif in_time % CONFIRMED == 0:
                fate = Fate.CONFIRMED
        reference = f"web-{len(planned) + 1:04}"
        planned.append(Planned(parcel_of[brand], numbers[brand], household, week, reference, fate))
        numbers[brand] += 1
    return OrderPlan(tuple(planned), weeks)


def _wanted(
    year: ShoppingYear, due: pd.DataFrame, parcel_of: Mapping[int, Parcel]
) -> list[tuple[int, int, int]]:
    """Who orders: week, brand and household, week by week, in each the larger brand first."""
    keys = ["brand", "household"]
    baskets = year.spending.rename(columns={"manufacturer": "brand"})
    dearest = baskets.sort_values("cents", ascending=False, kind="stable").drop_duplicates(keys)
    earned = due.sort_values("week", kind="stable")
    before = earned.assign(units=earned.groupby(keys)["units"].cumsum() - earned["units"])
    held = dearest.merge(before, on=[*keys, "week"])
    at_counters = set(year.coupons[["manufacturer", "household"]].itertuples(index=False, name=None))
    rank = {brand: at for at, brand in enumerate(parcel_of)}
    found = [
        (week, brand, household)
        for week, brand, household, units in held[["week", *keys, "units"]].itertuples(index=False, name=None)
        if units >= parcel_of[brand].price + parcel_of[brand].stake and (brand, household) not in at_counters
    ]
    return sorted(found, key=lambda each: (each[0], rank[each[1]], each[2]))
