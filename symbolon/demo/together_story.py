"""The story of buying together from beginning to end: on a chain of its own, and in the reference model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symbolon.demo.buying import Buying
from symbolon.demo.haggling import Haggling
from symbolon.demo.stage import set_stage
from symbolon.demo.together import TogetherPlan
from symbolon.demo.together_figures import Together

STEPS = 2
"""Steps that are no seats and no bargains: setting the stage, and reading it back."""


def steps_of(plan: TogetherPlan) -> int:
    """How many steps playing a plan takes."""
    return STEPS + sum(len(each.seats) for each in plan.gatherings) + len(plan.haggles)


def play(plan: TogetherPlan, wallets: Mapping[int, str], advance: Callable[[int], object]) -> Together:
    """Play a plan and return what happened, on which chain and model agree.

    Args:
        plan: what is to happen.
        wallets: each household's wallet.
        advance: called with the number of steps done.

    Raises BooksDifferError where they do not agree.
    """
    if not plan.gatherings:
        advance(STEPS)
        return Together(plan)
    with set_stage(plan.alliance, lambda: None) as stage:
        buying = Buying(stage, plan, wallets)
        haggling = Haggling(stage, buying, buying.opens_at + 1)
        advance(1)
        for week in range(1, plan.weeks + 1):
            buying.play_evening(week, advance)
            haggling.play_evening(week, advance)
            buying.close_week(week)
        events = buying.twin.check()
        balances = buying.twin.check_balances(buying.wallets.values())
        advance(1)
    return Together(plan, tuple(buying.bought), tuple(haggling.bargained), events, balances)
