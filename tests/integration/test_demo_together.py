"""The story of buying together on a real chain, in which every deposit ends where it should."""

from dataclasses import replace

import pandas as pd
import pytest
from shopping import small_books, small_year

from symbolon.demo import together_story
from symbolon.demo.buying import COMPENSATION
from symbolon.demo.figures import compute
from symbolon.demo.plan import UNITS_PER_POINT, Brand, member_addresses
from symbolon.demo.report import exact_value, render
from symbolon.demo.together import (
    FLOOR_POINTS,
    LIST_POINTS,
    Gathering,
    Haggle,
    Seat,
    TogetherPlan,
)
from symbolon.demo.together_figures import Together, compute_together

PLAIN, MIXED = 1, 2
HOUSEHOLDS = range(1, 9)
WEEK, WEEKS = 3, 9


def a_brand(number: int) -> Brand:
    quota = 10_000 * UNITS_PER_POINT
    return Brand(number, f"Brand {number}", f"B{number}", "bread", 2, quota, quota, 2 * quota)


def a_gathering(brand: int, tops: list[int], leaving: int = 0, *, is_late: bool = False) -> Gathering:
    seats = tuple(Seat(who, top, who == leaving) for who, top in zip(HOUSEHOLDS, tops, strict=False))
    return Gathering(brand, 0, WEEK, 1, seats, is_late)


@pytest.fixture(scope="module")
def together() -> Together:
    """Six pay the dear price, one leaves; five wait in vain; one bargain is cut, one bid comes to nothing."""
    earned = [(brand, who, 1, 500 * UNITS_PER_POINT) for brand in (PLAIN, MIXED) for who in HOUSEHOLDS]
    plan = TogetherPlan(
        alliance=(a_brand(PLAIN), a_brand(MIXED)),
        weeks=WEEKS,
        gatherings=(
            a_gathering(PLAIN, [0, 0, 0, 0, 0, 0, 0, 2], leaving=7),
            a_gathering(MIXED, [0, 0, 0, 0, 0], is_late=True),
        ),
        haggles=(
            Haggle(PLAIN, 0, WEEK, buyer=1, helpers=(2, 3, 4), bid=LIST_POINTS, is_answered=True),
            Haggle(MIXED, 0, WEEK, buyer=2, helpers=(), bid=150, is_answered=True),
            Haggle(MIXED, 1, WEEK, buyer=3, helpers=(), bid=LIST_POINTS, is_answered=False),
        ),
        earned=pd.DataFrame(earned, columns=["brand", "household", "week", "units"]),
    )
    done: list[int] = []
    played = together_story.play(plan, member_addresses(HOUSEHOLDS), done.append)
    assert sum(done) == together_story.steps_of(plan)
    return played


def test_play__groups__each_deposit_ends_where_it_should(together: Together) -> None:
    plain, mixed = together.bought
    assert (plain.price, plain.state, mixed.price, mixed.state) == (200, "fulfilled", 200, "compensated")
    assert sorted(plain.orders) == [1, 2, 3, 4, 5, 6]  # not who left, nor whose top price is not reached
    figures = compute_together(together)
    sums = figures.brands[0].sums
    assert (sums.deposited, sums.left, sums.refunded, sums.surplus) == (7 * 200 + 140, 200, 140, 0)
    assert (sums.earned, sums.returned, sums.held) == (1_200, 0, 0)
    late = figures.brands[1].sums
    assert (late.deposited, late.earned, late.returned) == (1_000, 0, 1_000)
    assert late.compensated == 5 * COMPENSATION
    assert mixed.collected == 1_000 * 5_000  # the dollars' half, all of it
    assert figures.by_tier == ((5, 200, 2), (12, 170, 0), (20, 140, 0), (0, 0, 0))


def test_play__bargains__friends_bring_the_price_down_and_bids_are_met_or_come_back(
    together: Together,
) -> None:
    cut, struck, unanswered = together.bargained
    assert len(cut.prices) == 4
    assert cut.prices == sorted(cut.prices, reverse=True)
    assert FLOOR_POINTS < cut.price == cut.prices[-1] < LIST_POINTS
    assert struck.price == (FLOOR_POINTS + 150) // 2
    assert (unanswered.price, unanswered.orders) == (0, [])
    assert cut.is_fulfilled and struck.is_fulfilled
    figures = compute_together(together)
    assert (figures.cut.taken, figures.cut.helpers) == (1, 3)
    assert (figures.haggled.opened, figures.haggled.taken) == (2, 1)


def test_report__of_the_story__says_what_came_of_the_late_parcels(together: Together) -> None:
    books = replace(small_books(small_year()), together=together)
    page = render(books, compute(books))
    assert "Buying together" in page
    assert exact_value(5 * COMPENSATION) in page
    assert "3 times a friend drew the next cut" in page


def test_play__nobody_gathers__no_chain_is_needed() -> None:
    nothing = pd.DataFrame(columns=["brand", "household", "week", "units"])
    plan = TogetherPlan((a_brand(PLAIN),), 5, (), (), nothing)
    done: list[int] = []
    assert together_story.play(plan, {}, done.append) == Together(plan)
    assert sum(done) == together_story.STEPS
