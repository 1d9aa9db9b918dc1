"""Figures of buying together, computed from what happened on the chain; amounts are cents, at par."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from symbolon.demo.buying import Bought
from symbolon.demo.haggling import Bargained
from symbolon.demo.plan import Brand
from symbolon.demo.together import TIERS, TogetherPlan


@dataclass(frozen=True)
class Together:
    """What happened when households bought together.

    Attributes:
        plan: what was to happen.
        bought: the groups, in the order in which they were opened.
        bargained: the bargains, likewise.
        events: how many events chain and model agree on.
        balances: how many balances at the end.
    """

    plan: TogetherPlan
    bought: tuple[Bought, ...] = ()
    bargained: tuple[Bargained, ...] = ()
    events: int = 0
    balances: int = 0


@dataclass(frozen=True)
class Sums:
    """What members paid into groups, and where it went; in cents.

    Attributes:
        groups, seats: how many.
        deposited: all that was paid in.
        left: back to those who left in time.
        refunded: back to those whose group failed, or whose top price was below its price.
        surplus: back to participants, who had named a higher price.
        earned: the brands', for what was delivered.
        returned: back to participants for what was not.
        held: still with the groups.
        compensated: paid to participants out of the brands' bonds besides, in base units of the settlement
            currency.
    """

    groups: int
    seats: int
    deposited: int
    left: int
    refunded: int
    surplus: int
    earned: int
    returned: int
    held: int
    compensated: int

    @classmethod
    def of(cls, bought: Iterable[Bought]) -> Sums:
        """Of these groups."""
        groups = list(bought)
        settled = [each for each in groups if each.state]
        left = sum(each.seats[who].deposit for each in groups for who in each.left)
        stayed = {id(each): sum(seat.deposit for seat in each.staying.values()) for each in groups}
        became = {id(each): sum(each.seats[who].deposit for who in each.orders) for each in groups}
        return cls(
            groups=len(groups),
            seats=sum(len(each.seats) for each in groups),
            deposited=sum(each.deposited for each in groups),
            left=left,
            refunded=sum(stayed[id(each)] - became[id(each)] for each in settled),
            surplus=sum(became[id(each)] - each.paid for each in settled),
            earned=sum(each.paid for each in groups if each.state == "fulfilled"),
            returned=sum(each.paid for each in groups if each.state == "compensated"),
            held=sum(each.paid for each in settled if each.state in ("open", "delivered"))
            + sum(stayed[id(each)] for each in groups if not each.state),
            compensated=sum(each.compensated for each in groups),
        )


@dataclass(frozen=True)
class BrandTogether:
    """One brand's groups.

    Attributes:
        brand: which.
        is_mixed: whether half of the price is in dollars.
        closed, failed, full: groups that have closed, that failed, and that were full.
        participants: parcels bought together.
        list_price, paid: what they would have cost alone, and what they cost, in cents.
        sums: what was paid for them.
    """

    brand: Brand
    is_mixed: bool
    closed: int
    failed: int
    full: int
    participants: int
    list_price: int
    paid: int
    sums: Sums

    @property
    def saved(self) -> float:
        """Share of the list price."""
        return 1 - self.paid / self.list_price if self.list_price else 0.0


@dataclass(frozen=True)
class BargainFigures:
    """What bargains of one kind came to; prices in points.

    Attributes:
        opened, taken, fulfilled: how many.
        helpers: friends that drew a cut, each time that they did.
        paid: what buyers paid together.
        lowest, highest: of the prices paid.
        path: the mean price after each cut, the first price before them.
    """

    opened: int
    taken: int
    fulfilled: int
    helpers: int
    paid: int
    lowest: int
    highest: int
    path: tuple[float, ...]

    @classmethod
    def of(cls, bargained: Iterable[Bargained]) -> BargainFigures:
        """Of these bargains."""
        every = list(bargained)
        taken = [each.price for each in every if each.price]
        longest = max((len(each.prices) for each in every), default=0)
        steps = [[each.prices[at] for each in every if at < len(each.prices)] for at in range(longest)]
        return cls(
            opened=len(every),
            taken=len(taken),
            fulfilled=sum(each.is_fulfilled for each in every),
            helpers=sum(len(each.prices) - 1 for each in every),
            paid=sum(taken),
            lowest=min(taken, default=0),
            highest=max(taken, default=0),
            path=tuple(sum(step) / len(step) for step in steps),
        )


@dataclass(frozen=True)
class TogetherFigures:
    """Every figure of buying together.

    Attributes:
        together: what happened.
        brands: the brands that take part, largest first.
        sums: of all of them.
        by_tier: groups by the tier that they reached; those that reached none come last.
        members: households that took a seat.
        cut, haggled: bargains with friends' help, and with the brand.
        referred: seats that came by a link.
    """

    together: Together
    brands: tuple[BrandTogether, ...]
    sums: Sums
    by_tier: tuple[tuple[int, int, int], ...]
    members: int
    referred: int
    cut: BargainFigures
    haggled: BargainFigures

    @cached_property
    def failed(self) -> int:
        """Groups that failed."""
        return sum(brand.failed for brand in self.brands)

    @cached_property
    def late(self) -> tuple[Bought, ...]:
        """Groups whose parcels did not come."""
        return tuple(each for each in self.together.bought if each.state == "compensated")


def compute_together(together: Together) -> TogetherFigures:
    """Compute every figure."""
    closed = [each for each in together.bought if each.is_closed]
    reached = [(seats, price, sum(each.price == price for each in closed)) for seats, price in TIERS]
    return TogetherFigures(
        together=together,
        brands=tuple(_brand(together, brand) for brand in together.plan.alliance),
        sums=Sums.of(together.bought),
        by_tier=(*reached, (0, 0, sum(not each.price for each in closed))),
        members=len({who for each in together.bought for who in each.seats}),
        referred=sum(len(each.seats) - 1 for each in together.bought),
        cut=BargainFigures.of(each for each in together.bargained if each.haggle.is_cut),
        haggled=BargainFigures.of(each for each in together.bargained if not each.haggle.is_cut),
    )


def _brand(together: Together, brand: Brand) -> BrandTogether:
    mine = [each for each in together.bought if each.gathering.brand == brand.number]
    participants = sum(len(each.orders) for each in mine)
    return BrandTogether(
        brand=brand,
        is_mixed=together.plan.is_mixed(brand.number),
        closed=sum(each.is_closed for each in mine),
        failed=sum(each.is_closed and not each.price for each in mine),
        full=sum(each.gathering.is_full for each in mine),
        participants=participants,
        list_price=participants * TIERS[0][1],
        paid=sum(each.paid for each in mine),
        sums=Sums.of(mine),
    )
