"""Which campaigns pay for what, and who brought whom: the retailer's campaigns, with invented rewards.

The data set has the retailer's coupon campaigns of the year and every coupon that was redeemed. Here the
store runs the same campaigns under its own label: each coupon that was redeemed is an action, for which its
household gets a voucher that day.

Nobody knows who told whom. The rule: a household that redeems its first coupon heard of it from the one that
redeemed the same coupon last before it. It binds itself to that household, and for eight weeks what it
spends on the store's own label counts: a part of it for who brought it, and a smaller one for who brought
that one. Every so many purchases, one is returned.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

from symbolon.demo.data import Campaign, ShoppingYear, day_begins_at, week_of
from symbolon.demo.plan import UNITS_PER_POINT, Brand, with_quota
from symbolon.demo.together import rows_of

REWARD = 25 * UNITS_PER_POINT
"""What an action is worth."""

MEMBER_CAP, DAY_CAP = 20, 6
"""How many rewards a member gets in a campaign, and how many of them on one day."""

FIRST_BPS, SECOND_BPS = 300, 100
"""What is paid of a purchase to who brought its buyer, and to who brought that one; basis points."""

MEMBER_WEEKS, VESTING_DAYS = 8, 14
REFERRER_CAP = 2_000 * UNITS_PER_POINT
RETURNED = 40
"""Of this many purchases one is returned."""


class Action(NamedTuple):
    """A coupon that was redeemed.

    Attributes:
        campaign: the campaign's number.
        household: who.
        day: when, a date's ordinal.
        coupon: which.
        number: which of the household's vouchers in the campaign, from zero.
    """

    campaign: int
    household: int
    day: int
    coupon: int
    number: int


class Tie(NamedTuple):
    """Who brought whom: on which day a household binds itself to its referrer."""

    day: int
    household: int
    referrer: int


class Purchase(NamedTuple):
    """What a household that was brought spends in a week.

    Attributes:
        week: in which.
        household: who.
        cents: how much.
        is_returned: whether the goods come back within the return window.
    """

    week: int
    household: int
    cents: int
    is_returned: bool


@dataclass(frozen=True)
class RewardPlan:
    """What is to happen.

    Attributes:
        store: the brand that runs the campaigns, with a quota for them.
        weeks: how long the story is.
        campaigns: the retailer's campaigns, by number.
        actions: what members are paid for, in the order in which it happened.
        ties: who brings whom, likewise.
        purchases: what those spend who were brought, by week.
    """

    store: Brand
    weeks: int
    campaigns: tuple[Campaign, ...]
    actions: tuple[Action, ...]
    ties: tuple[Tie, ...]
    purchases: tuple[Purchase, ...]

    @classmethod
    def of(cls, year: ShoppingYear, alliance: tuple[Brand, ...], weeks: int) -> RewardPlan:
        """What follows from a year, for its first weeks."""
        actions = _actions(year, weeks)
        ties = _ties(actions)
        store = next((brand for brand in alliance if brand.is_store), alliance[0])
        purchases = _purchases(year, store, ties, weeks)
        plan = cls(store, weeks, year.campaigns, actions, ties, purchases)
        issued = sum(plan.budget_of(each.number) for each in year.campaigns) + plan.referral_budget
        return replace(plan, store=with_quota(store, issued))

    def budget_of(self, campaign: int) -> int:
        """What a campaign's purse is filled with: for its actions, and a tenth more."""
        actions = sum(each.campaign == campaign for each in self.actions)
        return (actions * 11 // 10 + 1) * REWARD

    @property
    def referral_budget(self) -> int:
        """What all purchases together could bring, on both levels, in base units."""
        return (
            sum(each.cents for each in self.purchases) * UNITS_PER_POINT * (FIRST_BPS + SECOND_BPS) // 10_000
        )

    @staticmethod
    def window_of(campaign: Campaign) -> tuple[int, int]:
        """When a campaign opens and closes, in seconds."""
        return day_begins_at(campaign.first_day.toordinal()), day_begins_at(campaign.last_day.toordinal() + 1)


def _actions(year: ShoppingYear, weeks: int) -> tuple[Action, ...]:
    numbers: dict[tuple[int, int], count[int]] = defaultdict(count)
    return tuple(
        Action(campaign, household, day, coupon, next(numbers[campaign, household]))
        for household, day, campaign, coupon in rows_of(
            year.redemptions, "household", "day", "campaign", "coupon"
        )
        if week_of(day) <= weeks
    )


def _ties(actions: tuple[Action, ...]) -> tuple[Tie, ...]:
    """Who redeems a first coupon heard of it from who redeemed the same before; who refers is never bound."""
    found: list[Tie] = []
    last: dict[tuple[int, int], int] = {}
    known: set[int] = set()
    for action in actions:
        key = action.campaign, action.coupon
        referrer = last.get(key)
        if action.household not in known and referrer is not None:
            found.append(Tie(action.day, action.household, referrer))
        known.add(action.household)
        last[key] = action.household
    return tuple(found)


def _purchases(year: ShoppingYear, store: Brand, ties: tuple[Tie, ...], weeks: int) -> tuple[Purchase, ...]:
    bound_in = {tie.household: week_of(tie.day) for tie in ties}
    spending = year.spending[year.spending["manufacturer"] == store.number]
    found: list[Purchase] = []
    for household, week, cents in sorted(
        rows_of(spending, "household", "week", "cents"), key=lambda row: row[1]
    ):
        since = week - bound_in.get(household, weeks)
        if 0 < since < MEMBER_WEEKS and week < weeks:
            found.append(Purchase(week, household, cents, len(found) % RETURNED == RETURNED - 1))
    return tuple(found)
