"""The story of campaigns and referrals from beginning to end: on a chain of its own, and in the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from symbolon.demo.campaigning import FIRST_DAY, Brought, Paid, Rewarding
from symbolon.demo.rewarding import RewardPlan
from symbolon.demo.stage import set_stage

STEPS = 2
"""Steps that are no actions and no purchases: setting the stage, and reading it back."""


@dataclass(frozen=True)
class Rewarded:
    """What happened.

    Attributes:
        plan: what was to happen.
        paid: what became of each campaign, by number.
        brought: what came of who brought whom.
        events: how many events chain and model agree on.
        balances: how many balances at the end.
    """

    plan: RewardPlan
    paid: tuple[Paid, ...] = ()
    brought: Brought = field(default_factory=Brought)
    events: int = 0
    balances: int = 0


def steps_of(plan: RewardPlan) -> int:
    """How many steps playing a plan takes."""
    return STEPS + len(plan.actions) + len(plan.purchases)


def play(plan: RewardPlan, wallets: Mapping[int, str], advance: Callable[[int], object]) -> Rewarded:
    """Play a plan and return what happened, on which chain and model agree.

    Args:
        plan: what is to happen.
        wallets: each household's wallet.
        advance: called with the number of steps done.

    Raises BooksDifferError where they do not agree.
    """
    if not plan.actions:
        advance(STEPS)
        return Rewarded(plan)
    with set_stage((plan.store,), lambda: None) as stage:
        rewarding = Rewarding(stage, plan, wallets)
        advance(1)
        for week in range(1, plan.weeks + 1):
            last = FIRST_DAY + 7 * (week - 1)  # the first week has a single day, a Sunday
            for day in range(max(FIRST_DAY, last - 6), last + 1):
                rewarding.play_day(day, advance)
            rewarding.play_evening(week, advance)
        events = rewarding.twin.check()
        balances = rewarding.twin.check_balances(rewarding.wallets.values())
        advance(1)
    return Rewarded(plan, tuple(rewarding.paid.values()), rewarding.brought, events, balances)
