"""The figures of the pool: what was swapped, what brands settled, what a default cost whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from symbolon.demo.counter import value_of
from symbolon.demo.failing import Failed
from symbolon.demo.plan import Brand
from symbolon.demo.pooling import Closed, Swapped
from symbolon.demo.swapping import PoolPlan

_MILLION = 10**6


@dataclass(frozen=True)
class Pooled:
    """What happened in the pool.

    Attributes:
        plan: what was to happen.
        swapped: what became of each wish.
        closed: the periods that have ended.
        failed: what became of the brand that stopped paying.
        events: how many events the chain wrote down, each as the model had it.
        balances: how many balances were read from the chain, each as the model had it.
    """

    plan: PoolPlan
    swapped: tuple[Swapped, ...] = ()
    closed: tuple[Closed, ...] = ()
    failed: Failed | None = None
    events: int = 0
    balances: int = 0


@dataclass(frozen=True)
class PeriodFigures:
    """A period, in base units of the settlement currency.

    What was owed is what creditors can claim: `owed` = `claims`, of which `fees` were paid by members. What
    came in is what was `paid`, `enforced` and came in after a default; creditors have `taken` it but for what
    rounding leaves.
    """

    period: Closed
    swaps: int
    gross: int
    owed: int
    fees: int
    paid: int
    enforced: int
    later: int
    taken: int

    @property
    def unpaid(self) -> int:
        """What never came in."""
        return self.owed - self.paid - self.enforced - self.later

    @property
    def netted(self) -> float:
        """The part of what was swapped that nobody had to pay, from 0 to 1."""
        return 1 - self.owed / self.gross if self.gross else 0.0


@dataclass(frozen=True)
class Loss:
    """What a brand lost by another's default: claimed and received in the periods that were not paid."""

    brand: Brand
    claimed: int
    received: int

    @property
    def lost(self) -> int:
        """In base units of the settlement currency."""
        return self.claimed - self.received


@dataclass(frozen=True)
class PoolFigures:
    """The pool in numbers; base units of points, and of the settlement currency where they are money.

    Attributes:
        brands: in the order of the matrix.
        matrix: base units brought of each brand's points (rows) for each brand's (columns).
        swaps, members: how many, and of how many households.
        wishes, refused: how many swaps were wished for, and how many of these were not or not wholly made.
        given, got: base units brought and taken, which differ by the fees.
        periods: one after the other.
        curve: for each swap, how full the pool was of what was brought, before and after, and what it cost
            in parts per million.
        limited: the brand with the small limit, with what was wished of its points and what was taken in.
        failed: the default.
        failing: the brand that stops paying.
        losses: of the brands that it cost something.
    """

    pooled: Pooled
    brands: tuple[Brand, ...]
    matrix: tuple[tuple[int, ...], ...]
    swaps: int
    members: int
    wishes: int
    refused: int
    given: int
    got: int
    periods: tuple[PeriodFigures, ...]
    curve: tuple[tuple[float, float, float], ...]
    limited: tuple[Brand, int, int, int]
    failing: Brand
    losses: tuple[Loss, ...]

    @property
    def gross(self) -> int:
        """What was brought at par, in base units of the settlement currency."""
        return value_of(self.given)

    @property
    def settled(self) -> int:
        """What brands owed one another for it."""
        return sum(each.owed for each in self.periods)

    @property
    def gross_closed(self) -> int:
        """What was brought in the periods that have ended."""
        return sum(each.gross for each in self.periods)

    @property
    def failed(self) -> Failed | None:
        """The default, if there was one."""
        failed = self.pooled.failed
        return failed if failed is not None and failed.week else None

    @property
    def held(self) -> int:
        """Base units that holders handed in."""
        return self.failed.handed_in.total() if self.failed else 0

    @property
    def held_paid(self) -> int:
        """What they got for them, in base units of the settlement currency."""
        return self.failed.paid.total() if self.failed else 0

    @property
    def held_lost(self) -> int:
        """What they lost, likewise."""
        return value_of(self.held) - self.held_paid


def compute_pool(pooled: Pooled) -> PoolFigures:
    """Compute every figure of the pool."""
    plan = pooled.plan
    made = [each for each in pooled.swapped if each.given]
    between: Counter[tuple[int, int]] = Counter()
    for each in made:
        between[each.wish.gives, each.wish.wants] += each.given
    numbers = [brand.number for brand in plan.alliance]
    limited = [each for each in pooled.swapped if each.wish.gives == plan.limited.number]
    return PoolFigures(
        pooled=pooled,
        brands=plan.alliance,
        matrix=tuple(tuple(between[row, column] for column in numbers) for row in numbers),
        swaps=len(made),
        members=len({each.wish.household for each in made}),
        wishes=len(pooled.swapped),
        refused=sum(each.given < each.wish.units for each in pooled.swapped),
        given=sum(each.given for each in made),
        got=sum(each.got for each in made),
        periods=tuple(_periods(pooled)),
        curve=tuple(_curve(made)),
        limited=(
            plan.limited,
            sum(each.wish.units for each in limited),
            sum(each.given for each in limited),
            sum(each.given < each.wish.units for each in limited),
        ),
        failing=plan.failing,
        losses=tuple(_losses(pooled)),
    )


def _periods(pooled: Pooled) -> Iterable[PeriodFigures]:
    began = 0
    for period in pooled.closed:
        made = [each for each in pooled.swapped if began < each.wish.week <= period.week]
        began = period.week
        given, got = sum(each.given for each in made), sum(each.got for each in made)
        yield PeriodFigures(
            period=period,
            swaps=sum(bool(each.given) for each in made),
            gross=value_of(given),
            owed=sum(period.owed.values()),
            fees=value_of(given - got),
            paid=sum(period.paid.values()),
            enforced=sum(period.enforced.values()),
            later=period.cashed_out,
            taken=sum(period.taken.values()),
        )


def _curve(made: Iterable[Swapped]) -> Iterable[tuple[float, float, float]]:
    """How full the pool was of what was brought, before and after, and the mean rate of the swap."""
    for each in made:
        before, after = each.net / each.ceiling, (each.net + each.given) / each.ceiling
        yield before, after, (each.given - each.got) * _MILLION / each.given


def _losses(pooled: Pooled) -> Iterable[Loss]:
    """What creditors did not get in periods that the failing brand left unpaid."""
    if pooled.failed is None:
        return
    number = pooled.failed.brand
    missed = [each for each in pooled.closed if each.number > pooled.plan.last_paid and each.owed.get(number)]
    for brand in pooled.plan.alliance:
        claimed = sum(each.claims.get(brand.number, 0) for each in missed)
        received = sum(each.taken[brand.number] for each in missed)
        if claimed > received and brand.number != number:
            yield Loss(brand, claimed, received)
