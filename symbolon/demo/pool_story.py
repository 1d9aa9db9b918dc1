"""The story of the pool from beginning to end: on a chain of its own, and in the reference model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from symbolon.demo.failing import Failure
from symbolon.demo.ordering import evening_of
from symbolon.demo.pool_figures import Pooled
from symbolon.demo.pooling import Pooling
from symbolon.demo.stage import set_stage
from symbolon.demo.swapping import PoolPlan

STEPS = 2
"""Steps that are no swaps: setting the stage, and reading it back."""

_AT_LAST = 3 * 3600  # seconds after the evening's beginning


def play(plan: PoolPlan, wallets: Mapping[int, str], advance: Callable[[int], object]) -> Pooled:
    """Play a plan and return what happened, on which chain and model agree.

    Args:
        plan: what is to happen.
        wallets: each household's wallet.
        advance: called with the number of steps done.

    Raises BooksDifferError where they do not agree.
    """
    if not plan.wishes:
        advance(STEPS)
        return Pooled(plan)
    with set_stage(plan.alliance, lambda: None) as stage:
        pooling = Pooling(stage, plan, wallets)
        failure = Failure(pooling)
        advance(1)
        for week in range(1, plan.weeks + 1):
            pooling.play_evening(week, advance)
            failure.play_evening(week, evening_of(week) + _AT_LAST)
            pooling.close_week(week)
        events = pooling.twin.check()
        balances = pooling.twin.check_balances(pooling.wallets.values())
        advance(1)
    return Pooled(plan, tuple(pooling.swapped), tuple(pooling.closed), failure.failed, events, balances)
