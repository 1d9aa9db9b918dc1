"""What brands offer at their counters, and what members ask for there: real demand under invented rules.

Who came, on which day, and for which brand, the data set's coupon redemptions say. The demonstration adds:

- a brand has a treat all the while that coupons for its products are about, and a present for each campaign
  of kind A;
- a coupon of such a campaign has its household ask for the dearest offer that it can get and afford;
- any other coupon has it ask for shop credit at par, as many whole dollars as it holds points for; where that
  is PAID_OUT or more, the brand pays in currency instead. With less than a dollar, it asks for an offer;
- what a week's spending earns is there when the week is over; who cannot afford anything goes without.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

from symbolon.demo.data import Campaign, ShoppingYear, day_begins_at, week_of
from symbolon.demo.plan import CENTS_PER_POINT, PAR_VALUE, UNITS_PER_POINT, Brand
from symbolon.offers import Conditions
from symbolon.redemptions import Kind

NO_LIMIT = 2**32 - 1
"""A member limit that is none."""

DOLLAR = 100 // CENTS_PER_POINT * UNITS_PER_POINT
"""Base units worth a dollar at par."""

PAID_OUT = 5 * DOLLAR
"""Base units from which on a brand pays in currency what it owes at par."""

PRESENTS_FOR = "A"
"""The kind of campaign that comes with a present."""

_TREAT, _PRESENT = (60, 600), (250, 40)  # points and stock
_OWN_TREAT, _OWN_PRESENT = (100, 600), (400, 80)


class Asked(NamedTuple):
    """One redemption, a row of the counter's ledger.

    Attributes:
        brand: the brand's number.
        household: who.
        day: on which day, a date's ordinal.
        kind: how it is met (Kind).
        reference: the offer's name, or the order's.
        quantity: units of the offer; zero at par.
        units: base units burned.
        value: paid in base units of the settlement currency; zero unless in currency.
    """

    brand: int
    household: int
    day: int
    kind: int
    reference: str
    quantity: int
    units: int
    value: int


COUNTER = list(Asked._fields)
"""Columns of the counter's ledger."""


@dataclass(frozen=True)
class CounterOffer:
    """An offer of a brand of the demonstration, with the same conditions all its life.

    Attributes:
        brand: the brand's number.
        name: unique for the brand.
        title: for people.
        price: base units.
        stock: units there are.
        member_limit: units a member can get; NO_LIMIT is any number.
        first_day, last_day: when it is open.
    """

    brand: int
    name: str
    title: str
    price: int
    stock: int
    member_limit: int
    first_day: date
    last_day: date

    @property
    def conditions(self) -> Conditions:
        """The same as its contract has it."""
        return Conditions(
            self.price,
            self.stock,
            self.member_limit,
            day_begins_at(self.first_day.toordinal()),
            day_begins_at((self.last_day + timedelta(days=1)).toordinal()),
        )

    @property
    def document(self) -> str:
        """What is offered, in the words whose hash goes on chain."""
        return f"{self.title} for {self.price // UNITS_PER_POINT} points. (Invented for a demonstration.)\n"


def offers(year: ShoppingYear, alliance: Iterable[Brand]) -> tuple[CounterOffer, ...]:
    """What each brand offers, following the campaigns that its coupons belong to; the treat comes first."""
    campaigns = {campaign.number: campaign for campaign in year.campaigns}
    found: list[CounterOffer] = []
    for brand in alliance:
        mine = year.coupons.loc[year.coupons["manufacturer"] == brand.number, "campaign"]
        during = sorted(
            (campaigns[int(n)] for n in mine.unique()), key=lambda each: (each.first_day, each.number)
        )
        if during:
            found.append(_treat(brand, during))
            found += [_present(brand, each) for each in during if each.kind == PRESENTS_FOR]
    return tuple(found)


def redemptions(year: ShoppingYear, due: pd.DataFrame, offered: Iterable[CounterOffer]) -> pd.DataFrame:
    """What members redeem, as the counter's ledger in the order of the coupons.

    Args:
        year: whose coupons say who asks.
        due: ledger of what is earned.
        offered: every brand's offers.
    """
    earned: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for brand, household, week, units in due.itertuples(index=False, name=None):
        earned[brand, household].append((week, units))
    counter = _Counter(year.campaigns, offered)
    for brand, household, day, campaign, _ in year.coupons.itertuples(index=False, name=None):
        so_far = sum(units for week, units in earned[brand, household] if week < week_of(day))
        counter.ask(brand, household, day, campaign, so_far)
    types = dict.fromkeys(COUNTER, "int64") | {"reference": "object"}
    return pd.DataFrame(counter.ledger, columns=COUNTER).astype(types)


def asked(ledger: pd.DataFrame) -> Iterator[Asked]:
    """The rows of a counter's ledger."""
    return map(Asked._make, ledger[COUNTER].itertuples(index=False, name=None))


def value_of(units: int) -> int:
    """What base units are worth at par, in base units of the settlement currency: a whole number."""
    return units * PAR_VALUE // UNITS_PER_POINT


class _Counter:
    """Where members ask, one after the other."""

    def __init__(self, campaigns: Sequence[Campaign], offered: Iterable[CounterOffer]) -> None:
        self.ledger: list[Asked] = []
        self._kind_of: Mapping[int, str] = {campaign.number: campaign.kind for campaign in campaigns}
        self._offers: dict[int, list[CounterOffer]] = defaultdict(list)
        for offer in sorted(offered, key=lambda each: -each.price):
            self._offers[offer.brand].append(offer)
        self._spent: dict[tuple[int, int], int] = defaultdict(int)
        self._sold: dict[tuple[int, str], int] = defaultdict(int)
        self._taken: dict[tuple[int, str, int], int] = defaultdict(int)
        self._orders = 0

    def ask(self, brand: int, household: int, day: int, campaign: int, earned: int) -> None:
        """A household that has earned so much comes to a brand's counter."""
        holds = earned - self._spent[brand, household]
        at_par = holds // DOLLAR * DOLLAR if self._kind_of[campaign] != PRESENTS_FOR else 0
        if at_par:
            self._orders += 1
            kind, order = Kind.CURRENCY if at_par >= PAID_OUT else Kind.PAR, f"order-{self._orders:04}"
            value = value_of(at_par) if kind is Kind.CURRENCY else 0
            self._note(Asked(brand, household, day, int(kind), order, 0, at_par, value))
        elif offer := self._best(brand, household, day, holds):
            self._sold[brand, offer.name] += 1
            self._taken[brand, offer.name, household] += 1
            self._note(Asked(brand, household, day, int(Kind.OFFER), offer.name, 1, offer.price, 0))

    def _best(self, brand: int, household: int, day: int, holds: int) -> CounterOffer | None:
        """The dearest offer that the household can get and afford."""
        return next(
            (
                offer
                for offer in self._offers[brand]
                if offer.price <= holds
                and offer.first_day.toordinal() <= day <= offer.last_day.toordinal()
                and self._sold[brand, offer.name] < offer.stock
                and self._taken[brand, offer.name, household] < offer.member_limit
            ),
            None,
        )

    def _note(self, row: Asked) -> None:
        self._spent[row.brand, row.household] += row.units
        self.ledger.append(row)


def _treat(brand: Brand, during: Sequence[Campaign]) -> CounterOffer:
    price, stock = _OWN_TREAT if brand.is_store else _TREAT
    last_day = max(campaign.last_day for campaign in during)
    return CounterOffer(
        brand.number,
        "treat",
        "A treat",
        price * UNITS_PER_POINT,
        stock,
        NO_LIMIT,
        during[0].first_day,
        last_day,
    )


def _present(brand: Brand, campaign: Campaign) -> CounterOffer:
    price, stock = _OWN_PRESENT if brand.is_store else _PRESENT
    return CounterOffer(
        brand=brand.number,
        name=f"present-{campaign.number}",
        title=f"Present of campaign {campaign.number}",
        price=price * UNITS_PER_POINT,
        stock=stock,
        member_limit=1,
        first_day=campaign.first_day,
        last_day=campaign.last_day,
    )
