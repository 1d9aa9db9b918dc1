"""What venues are put through, and what is measured.

*A year*: every order of the flow in the order in which it came. A member looks up how much the venue takes,
brings no more than that, and swaps as long as the loss at par is at most TOLERATED; where it is more, half of
it, a quarter, and so on to a sixty-fourth. Every PERIOD_DAYS the brands settle and the venue starts anew.

*A failure*: a period in which a brand fails. The flow runs as it does until the day; then everybody who holds
the brand's points brings them, at any price, in an order drawn by lot; then the period ends, and the failed
brand pays nothing. What the others lose is what they put into the venue less what they took out, at par, the
failed brand's tokens being worth nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bench.simulation.flow import UNIT_VALUE, Flow, Order
from bench.simulation.ours import PERIOD_DAYS, Pool
from bench.simulation.stableswap import Basket
from bench.simulation.uniswap import Hub
from bench.simulation.venues import MEMBERS, Venue

TOLERATED = 500
"""What part of its worth a member is ready to lose in a swap, in ten-thousandths."""
ANYTHING = 10_000
_PARTS = 7  # whole, half, a quarter, … a sixty-fourth
_SEED = 20170101


@dataclass(frozen=True)
class Kind:
    """A kind of venue: its name, and how to make one for so many brands of so much capital each.

    `capital` is what each brand puts in, money and its own tokens at par together, in base units of the
    settlement currency.
    """

    key: str
    name: str
    make: Callable[[int, int], Venue]


KINDS = (
    Kind("pool", "our pool", Pool),
    Kind("pool_300", "our pool, leverage 300 %", lambda brands, capital: Pool(brands, capital, 300)),
    Kind("hub", "Uniswap v2 hub", Hub),
    Kind("basket", "StableSwap basket", Basket),
)


@dataclass(frozen=True)
class Year:
    """What a year came to; values at par in base units of the settlement currency.

    Attributes:
        orders: how many there were.
        served_whole, served_part: of those, how many all, how many some was swapped of.
        brought: what members brought to be swapped.
        swapped: of that, what was.
        lost: what members got less than that at par.
        money, tokens: what the brands had committed together.
    """

    orders: int
    served_whole: int
    served_part: int
    brought: int
    swapped: int
    lost: int
    money: int
    tokens: int


def year(kind: Kind, flow: Flow, orders: Sequence[Order], capital: int, days: int = PERIOD_DAYS) -> Year:
    """Play a year, in which brands settle every so many days."""
    venue = kind.make(len(flow.names), capital)
    whole = part = swapped = received = 0
    for _, period in groupby(orders, key=lambda order: (order.day - flow.first_day) // days):
        for order in period:
            amount, out = serve(venue, order, TOLERATED)
            whole += amount == order.amount
            part += 0 < amount < order.amount
            swapped, received = swapped + amount, received + out
        venue.end_period()
    return Year(
        orders=len(orders),
        served_whole=whole,
        served_part=part,
        brought=sum(order.amount for order in orders) * UNIT_VALUE,
        swapped=swapped * UNIT_VALUE,
        lost=(swapped - received) * UNIT_VALUE,
        money=venue.money,
        tokens=venue.tokens,
    )


def serve(venue: Venue, order: Order, tolerated: int) -> tuple[int, int]:
    """What a member swaps and gets of an order, given what loss at par is tolerated."""
    amount = min(order.amount, venue.room(order.brought))
    for _ in range(_PARTS):
        if amount == 0:
            break
        out = venue.quote(order.brought, order.wanted, amount)
        if out and out * 10_000 >= amount * (10_000 - tolerated):
            return amount, venue.swap(order.brought, order.wanted, amount)
        amount //= 2
    return 0, 0


@dataclass(frozen=True)
class Failure:
    """What a failure came to; values at par in base units of the settlement currency.

    Attributes:
        failed: which brand.
        day: when, a date's ordinal.
        dumped: what members held of its points and brought.
        got: what they got for that.
        lost: what the other brands lost; below zero they gained.
        committed: what they had put in.
    """

    failed: int
    day: int
    dumped: int
    got: int
    lost: int
    committed: int


def failure(kind: Kind, flow: Flow, capital: int, failed: int, day: int) -> Failure:
    """Play a period in which a brand fails on a day."""
    brands = len(flow.names)
    venue = kind.make(brands, capital)
    begins = day - (day - flow.first_day) % PERIOD_DAYS
    for order in flow.orders:
        if begins <= order.day < day:
            serve(venue, order, TOLERATED)
    before = venue.at_par(MEMBERS, worthless=failed)
    holders = sorted(flow.held_on(day, failed).items())
    random.Random(_SEED).shuffle(holders)  # noqa: S311 (a lot, the same each run)
    others = [brand for brand in range(brands) if brand != failed]
    for number, (household, amount) in enumerate(holders):
        turned = others[number % len(others) :] + others[: number % len(others)]
        _dump(venue, household, failed, turned, amount)
    got = venue.at_par(MEMBERS, worthless=failed) - before
    venue.wind_up(failed)
    return Failure(
        failed=failed,
        day=day,
        dumped=sum(amount for _, amount in holders) * UNIT_VALUE,
        got=got,
        lost=-sum(venue.at_par(brand, worthless=failed) for brand in others),
        committed=(venue.money + venue.tokens) * len(others) // brands,
    )


def _dump(venue: Venue, household: int, failed: int, others: Sequence[int], amount: int) -> None:
    """A member brings all it has of a token for whatever it can get, of one brand after the other."""
    for wanted in others:
        if amount == 0 or venue.room(failed) == 0:
            break
        amount -= serve(venue, Order(0, household, failed, wanted, amount), ANYTHING)[0]
