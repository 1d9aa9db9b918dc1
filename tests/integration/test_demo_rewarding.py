"""The story of campaigns and referrals on a real chain: everybody gets what is due, once, and no more."""

from dataclasses import replace
from datetime import date

import pytest
from shopping import small_books, small_year

from symbolon.demo import reward_story
from symbolon.demo.campaigning import FIRST_DAY
from symbolon.demo.counter import value_of
from symbolon.demo.data import Campaign, week_of
from symbolon.demo.figures import compute
from symbolon.demo.plan import UNITS_PER_POINT, Brand, member_addresses
from symbolon.demo.report import exact_value, render
from symbolon.demo.reward_figures import compute_rewards
from symbolon.demo.reward_story import Rewarded
from symbolon.demo.rewarding import DAY_CAP, REWARD, Action, Purchase, RewardPlan, Tie

QUOTA = 100_000 * UNITS_PER_POINT
STORE = Brand(1, "Store", "OWN", "bread", 1, QUOTA, QUOTA, 2 * QUOTA, is_store=True)
HOUSEHOLDS = (1, 2, 3, 4)
WINTER, SUMMER = 8, 9
IN_WINTER, BEFORE, AFTER = (date(2017, *day).toordinal() for day in ((1, 10), (6, 29), (7, 5)))
"""A day in the first campaign; two in the second, before and after the shop's key is changed."""
WEEKS = 40


def purchase(household: int, weeks_later: int, cents: int, *, is_returned: bool = False) -> Purchase:
    return Purchase(week_of(IN_WINTER) + weeks_later, household, cents, is_returned)


@pytest.fixture(scope="module")
def rewarded() -> Rewarded:
    """One brings another, who brings a third; one is so busy that a day has no room for it."""
    busy = [Action(WINTER, 4, IN_WINTER, 100 + number, number) for number in range(DAY_CAP + 1)]
    plan = RewardPlan(
        STORE,
        WEEKS,
        campaigns=(
            Campaign(WINTER, "A", date(2016, 12, 28), date(2017, 1, 20)),
            Campaign(SUMMER, "B", date(2017, 6, 20), date(2017, 7, 20)),
        ),
        actions=(
            *(Action(WINTER, household, IN_WINTER, 1, 0) for household in (1, 2, 3)),
            *busy,
            Action(SUMMER, 1, BEFORE, 2, 0),
            Action(SUMMER, 1, AFTER, 3, 1),
        ),
        ties=(Tie(IN_WINTER, 2, 1), Tie(IN_WINTER, 3, 2)),
        purchases=(
            purchase(2, 1, 10_000),
            purchase(3, 1, 20_000),
            purchase(3, 2, 5_000, is_returned=True),
        ),
    )
    done: list[int] = []
    played = reward_story.play(plan, member_addresses(HOUSEHOLDS), done.append)
    assert sum(done) == reward_story.steps_of(plan)
    return played


def test_play__vouchers__each_pays_once_and_a_full_day_puts_off(rewarded: Rewarded) -> None:
    winter, summer = rewarded.paid
    assert (winter.rewards, winter.members, winter.put_off) == (3 + DAY_CAP + 1, {1, 2, 3, 4}, 1)
    assert winter.twice == winter.rewards
    assert (summer.rewards, summer.members, summer.put_off) == (2, {1}, 0)


def test_play__campaigns_over__what_is_left_goes_back_also_from_the_purse_of_the_old_key(
    rewarded: Rewarded,
) -> None:
    for each in compute_rewards(rewarded).campaigns:
        assert each.paid.budget >= each.spent + REWARD
        assert each.left == 0


def test_play__key_changed__what_the_old_one_signed_is_paid_and_the_new_ones_purse_is_filled(
    rewarded: Rewarded,
) -> None:
    _, summer = rewarded.paid
    first = rewarded.plan.budget_of(SUMMER)
    assert BEFORE < FIRST_DAY + 182 < AFTER
    assert summer.budget == first + (first - REWARD)


def test_play__referrals__both_levels_get_their_shares_and_nothing_of_what_came_back(
    rewarded: Rewarded,
) -> None:
    brought = rewarded.brought
    assert (len(brought.accrued), len(brought.undone), len(brought.claimed)) == (3, 1, 2)
    assert brought.first == (10_000 + 20_000) * UNITS_PER_POINT * 3 // 100
    assert brought.second == 20_000 * UNITS_PER_POINT // 100
    figures = compute_rewards(rewarded).referrals
    assert (figures.referrers, figures.chained, figures.most) == (2, 1, 1)
    assert figures.paid < figures.set_aside <= figures.spent * figures.most_share


def test_report__of_the_story__says_what_was_paid(rewarded: Rewarded) -> None:
    books = replace(small_books(small_year()), rewarded=rewarded)
    page = render(books, compute(books))
    figures = compute_rewards(rewarded)
    assert exact_value(value_of(figures.spent)) in page
    for level in (rewarded.brought.first, rewarded.brought.second):
        assert exact_value(value_of(level)) in page


def test_play__nothing_redeemed__no_chain_is_needed() -> None:
    plan = RewardPlan(STORE, 5, (), (), (), ())
    done: list[int] = []
    assert reward_story.play(plan, {}, done.append) == Rewarded(plan)
    assert sum(done) == reward_story.STEPS == reward_story.steps_of(plan)
