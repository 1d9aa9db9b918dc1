"""The pool's story on a real chain: to a default and its end; and told otherwise than the model, it fails."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from shopping import small_books, small_year

from symbolon.demo import pool_story
from symbolon.demo.errors import BooksDifferError
from symbolon.demo.failing import LAST
from symbolon.demo.figures import compute
from symbolon.demo.plan import CENTS_PER_POINT, UNITS_PER_POINT, Brand, member_addresses
from symbolon.demo.pool_figures import Pooled, compute_pool
from symbolon.demo.report import exact_value, render
from symbolon.demo.swapping import BOND, PoolPlan, Wish
from symbolon.demo.twin import Twin

DOLLAR = 100 // CENTS_PER_POINT * UNITS_PER_POINT
FAILING, OTHER = 2, 1
HOUSEHOLDS = range(1, 5)


def a_brand(number: int) -> Brand:
    quota = 600 * DOLLAR
    return Brand(number, f"Brand {number}", f"B{number}", "bread", 2, quota, quota, 2 * quota)


def a_plan(weeks: int) -> PoolPlan:
    """Everybody earns with one brand, and would swap all of it for the other brand's points."""
    earned = [(FAILING, household, 1, 40 * DOLLAR) for household in HOUSEHOLDS]
    wishes = [Wish(4, household, FAILING, OTHER, 25 * DOLLAR) for household in HOUSEHOLDS]
    ledger = pd.DataFrame(earned, columns=["brand", "household", "week", "units"])
    return PoolPlan((a_brand(OTHER), a_brand(FAILING)), weeks, tuple(wishes), ledger)


def play(weeks: int) -> Pooled:
    return pool_story.play(a_plan(weeks), member_addresses(HOUSEHOLDS), lambda _: None)


def test_play__debt_beyond_the_bond__partners_and_holders_share_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(PoolPlan, "last_paid", property(lambda _: -1))
    monkeypatch.setattr(PoolPlan, "limited", property(lambda plan: plan.alliance[0]))
    pooled = play(7 + LAST)
    figures = compute_pool(pooled)
    (period,) = (each for each in figures.periods if each.swaps)
    assert period.owed == 90 * 10**6  # half as much again as what was laid down, and no more
    assert (period.paid, period.enforced) == (0, BOND)
    assert figures.refused == 1
    failed = figures.failed
    assert failed is not None
    assert failed.week == 14
    assert failed.handed_in.total() == 70 * DOLLAR
    shares = {failed.paid[household] / units for household, units in failed.handed_in.items()}
    assert max(shares) - min(shares) < 1e-6  # whether they came early or late
    assert len(failed.early) == 2
    (loss,) = figures.losses
    assert loss.received == BOND + failed.from_pot
    assert loss.lost == period.unpaid > 0
    assert failed.paid.total() + failed.from_pot + failed.left == failed.pot
    books = replace(small_books(small_year()), pooled=pooled)
    page = render(books, compute(books))
    assert f'<td class="bad">{exact_value(loss.lost)}</td>' in page
    assert f'<td class="bad">{exact_value(figures.held_lost)}</td>' in page


def test_play__chain_is_told_something_else__books_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    do: Callable[..., Any] = Twin.do

    def cheat(twin: Twin, key: Any, contract: Any, method: str, *arguments: Any) -> Any:
        result = do(twin, key, contract, method, *arguments)
        if method == "deposit":
            moment, event = twin.events[-1]
            twin.events[-1] = moment, event._replace(facts=(*event.facts[:-1], event.facts[-1] + 1))
        return result

    monkeypatch.setattr(Twin, "do", cheat)
    with pytest.raises(BooksDifferError, match=r"Deposited"):
        play(1)


def test_play__nobody_wishes_anything__no_chain_is_needed() -> None:
    plan = replace(a_plan(7), wishes=())
    done: list[int] = []
    assert pool_story.play(plan, {}, done.append) == Pooled(plan)
    assert sum(done) == pool_story.STEPS
