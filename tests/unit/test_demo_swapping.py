"""Who swaps follows from real baskets and coupons by the rules as written, and nobody swaps what it lacks."""

from collections import Counter

import pytest

from symbolon.demo.data import load, week_of
from symbolon.demo.plan import brands, earnings
from symbolon.demo.pool_figures import Pooled, compute_pool
from symbolon.demo.pooling import Closed, Swapped
from symbolon.demo.swapping import LEAST, OPENS_IN, PROVIDED, PoolPlan, Wish


@pytest.fixture(scope="module")
def plan() -> PoolPlan:
    year = load()
    alliance = brands(year)
    return PoolPlan.of(year, earnings(year, alliance), alliance, 53)


def test_wishes__real_year__before_a_coupon_and_never_more_than_was_earned(plan: PoolPlan) -> None:
    year = load()
    visits = {
        (week_of(int(day)), household, maker)
        for day, household, maker in year.coupons[["day", "household", "manufacturer"]].itertuples(
            index=False
        )
    }
    redeems = set(year.coupons[["manufacturer", "household"]].itertuples(index=False, name=None))
    earned: Counter[tuple[int, int]] = Counter()
    for brand, household, _, units in earnings(year, plan.alliance).itertuples(index=False, name=None):
        earned[brand, household] += units
    given: Counter[tuple[int, int]] = Counter()
    for wish in plan.wishes:
        assert (wish.week + 1, wish.household, wish.wants) in visits
        assert (wish.gives, wish.household) not in redeems
        assert wish.week > OPENS_IN
        assert wish.units >= LEAST
        given[wish.gives, wish.household] += wish.units
    assert len(plan.wishes) > 1_000
    assert all(units <= earned[pair] for pair, units in given.items())


def test_quota__each_brand__enough_for_what_it_issues_and_provides(plan: PoolPlan) -> None:
    for brand in plan.alliance:
        mine = plan.earned[plan.earned["brand"] == brand.number]["units"].sum()
        taken = sum(wish.units for wish in plan.wishes if wish.wants == brand.number)
        assert brand.quota >= mine + taken + PROVIDED
        assert plan.holders_bond(brand) * 10 >= brand.quota * 100


def test_plan__short_story__no_period_ends(plan: PoolPlan) -> None:
    year = load(2, 5)
    short = PoolPlan.of(year, earnings(year, brands(year)), brands(year), 5)
    assert not short.closing_weeks
    assert short.failing == short.limited == short.alliance[1]
    assert len(plan.closing_weeks) == 12
    assert plan.failing != plan.limited


def test_compute_pool__a_period__adds_up(plan: PoolPlan) -> None:
    giver, wanted = (plan.alliance[at].number for at in (0, 1))
    swaps = (
        Swapped(Wish(4, 1, giver, wanted, 9_000), 9_000, 8_900, 0, 100_000, ""),
        Swapped(Wish(5, 2, giver, wanted, 9_000), 0, 0, 9_000, 9_000, "limit"),
        Swapped(Wish(8, 3, wanted, giver, 5_000), 5_000, 4_990, -8_900, 100_000, ""),
    )
    closed = Closed(0, 7, {giver: 900_000}, {wanted: 900_000}, {giver: 100_000}, {giver: 500_000}, 200_000)
    closed.taken[wanted] = 800_000
    figures = compute_pool(Pooled(plan, swaps, (closed,)))
    (period,) = figures.periods
    assert (period.swaps, period.gross, period.fees) == (1, 900_000, 10_000)
    assert (period.owed, period.unpaid, period.taken) == (900_000, 100_000, 800_000)
    assert (figures.swaps, figures.wishes, figures.refused, figures.members) == (2, 3, 1, 2)
    assert figures.matrix[0][1] == 9_000
    before, after, rate = figures.curve[0]
    assert (before, after) == (0.0, 0.09)
    assert rate == pytest.approx(100 / 9_000 * 10**6)
    assert figures.failed is None
