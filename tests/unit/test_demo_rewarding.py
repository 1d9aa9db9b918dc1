"""Who is paid for what follows from redeemed coupons by the rules as written, and budgets cover it."""

from collections import Counter
from datetime import date

import pytest

from symbolon.demo.campaigning import Brought, Paid
from symbolon.demo.data import Campaign, ShoppingYear, load, week_of
from symbolon.demo.plan import UNITS_PER_POINT, brands
from symbolon.demo.reward_figures import compute_rewards
from symbolon.demo.reward_story import Rewarded
from symbolon.demo.rewarding import (
    FIRST_BPS,
    MEMBER_CAP,
    MEMBER_WEEKS,
    REWARD,
    SECOND_BPS,
    Action,
    Purchase,
    RewardPlan,
    Tie,
)
from symbolon.reference.referrals import EventId, Kind

WEEKS = 53


@pytest.fixture(scope="module")
def year() -> ShoppingYear:
    return load()


@pytest.fixture(scope="module")
def plan(year: ShoppingYear) -> RewardPlan:
    return RewardPlan.of(year, brands(year), WEEKS)


def test_plan__real_year__every_redeemed_coupon_is_an_action_with_a_number_of_its_own(
    year: ShoppingYear, plan: RewardPlan
) -> None:
    assert (len(plan.campaigns), len(plan.actions)) == (27, 2_102) == (27, len(year.redemptions))
    numbers: dict[tuple[int, int], list[int]] = {}
    for each in plan.actions:
        numbers.setdefault((each.campaign, each.household), []).append(each.number)
    assert all(found == list(range(len(found))) for found in numbers.values())
    assert max(map(len, numbers.values())) <= MEMBER_CAP


def test_plan__real_year__nobody_is_brought_twice_or_in_a_circle_or_after_bringing(plan: RewardPlan) -> None:
    referrer_of: dict[int, int] = {}
    refers: set[int] = set()
    for tie in plan.ties:
        assert tie.household not in referrer_of and tie.household not in refers
        assert tie.household != tie.referrer
        referrer_of[tie.household] = tie.referrer
        refers.add(tie.referrer)
    assert len(plan.ties) > 200
    for household in referrer_of:
        above = [household]
        while above[-1] in referrer_of:
            above.append(referrer_of[above[-1]])
            assert above[-1] not in above[:-1]


def test_plan__real_year__counts_what_was_spent_at_the_store_in_the_weeks_after(
    year: ShoppingYear, plan: RewardPlan
) -> None:
    columns = ["manufacturer", "household", "week", "cents"]
    spent = set(year.spending[columns].itertuples(index=False, name=None))
    bound_in = {tie.household: week_of(tie.day) for tie in plan.ties}
    assert len(plan.purchases) > 1_000
    assert 0 < sum(each.is_returned for each in plan.purchases) < len(plan.purchases) // 20
    for each in plan.purchases:
        assert (plan.store.number, each.household, each.week, each.cents) in spent
        assert 0 < each.week - bound_in[each.household] < MEMBER_WEEKS


def test_plan__real_year__the_quota_covers_all_budgets_and_they_cover_all_rewards(plan: RewardPlan) -> None:
    actions = Counter(each.campaign for each in plan.actions)
    assert all(plan.budget_of(each) > count * REWARD for each, count in actions.items())
    most = sum(each.cents for each in plan.purchases) * UNITS_PER_POINT * (FIRST_BPS + SECOND_BPS)
    assert plan.referral_budget == most // 10_000
    budgets = sum(plan.budget_of(each.number) for each in plan.campaigns) + plan.referral_budget
    assert budgets <= plan.store.quota <= plan.store.capacity
    assert plan.store.is_store


def test_plan__short_story__pays_for_what_happened_in_it_alone(year: ShoppingYear, plan: RewardPlan) -> None:
    short = RewardPlan.of(year, brands(year), 20)
    assert short.actions == tuple(each for each in plan.actions if week_of(each.day) <= 20)
    assert all(each.week < 20 for each in short.purchases)


def test_figures__what_was_paid_set_aside_and_left__add_up(plan: RewardPlan) -> None:
    day = date(2017, 3, 1)
    coupons = Campaign(7, "A", day, day)
    actions = tuple(Action(7, household, day.toordinal(), 1, 0) for household in (1, 2, 3))
    ties = [Tie(day.toordinal(), 2, 1), Tie(day.toordinal(), 3, 2)]
    purchase = Purchase(10, 3, 1_000, is_returned=False)
    event = EventId(b"\1" * 20, b"\3" * 20, Kind.PURCHASE, bytes(32))
    figures = compute_rewards(
        Rewarded(
            RewardPlan(plan.store, WEEKS, (coupons,), actions, tuple(ties), (purchase,)),
            (Paid(coupons, budget=10 * REWARD, members={1, 2}, rewards=2, twice=2, returned=3 * REWARD),),
            Brought(ties, {event: (purchase, 3_000, 1_000)}, claimed=[event], first=3_000, second=900),
        )
    )
    (campaign,) = figures.campaigns
    assert (campaign.planned, campaign.spent, campaign.left) == (3, 2 * REWARD, 5 * REWARD)
    referrals = figures.referrals
    assert (referrals.referrers, referrals.chained, referrals.most) == (2, 1, 1)
    assert (referrals.spent, referrals.set_aside, referrals.paid) == (100_000, 4_000, 3_900)
    assert referrals.share == referrals.most_share == 0.04
    assert (figures.members, figures.rewards, figures.spent) == (2, 2, 2 * REWARD)
