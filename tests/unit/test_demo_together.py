"""Who buys together follows from real baskets by the rules as written, and nobody pays what it lacks."""

from collections import Counter

import pytest

from symbolon.demo.data import ShoppingYear, load
from symbolon.demo.plan import UNITS_PER_POINT, brands, earnings
from symbolon.demo.together import (
    CUTS,
    FIRST,
    MOST_SEATS,
    RIGHT_POINTS,
    TIERS,
    Gathering,
    Seat,
    TogetherPlan,
)


@pytest.fixture(scope="module")
def year() -> ShoppingYear:
    return load()


@pytest.fixture(scope="module")
def plan(year: ShoppingYear) -> TogetherPlan:
    alliance = brands(year)
    return TogetherPlan.of(year, earnings(year, alliance), alliance, 53)


def gathering(tops: list[int], leaving: frozenset[int] = frozenset()) -> Gathering:
    seats = tuple(Seat(place, top, place in leaving) for place, top in enumerate(tops))
    return Gathering(2, 0, FIRST, 0, seats, is_late=False)


def test_plan__real_year__all_joined_bought_there_twice_and_hold_what_they_name(
    year: ShoppingYear, plan: TogetherPlan
) -> None:
    columns = ["manufacturer", "household", "week"]
    bought = set(year.spending[columns].itertuples(index=False, name=None))
    assert len(plan.gatherings) > 50
    assert {each.tier for each in plan.gatherings} == {None, 0, 1, 2}
    assert any(each.is_full for each in plan.gatherings)
    assert any(seat.leaves for each in plan.gatherings for seat in each.seats)
    for each in plan.gatherings:
        assert each.opener == each.seats[0].household
        assert len(each.seats) == len({seat.household for seat in each.seats}) <= MOST_SEATS
        for seat in each.seats:
            assert (each.brand, seat.household, each.week) in bought
            assert (each.brand, seat.household, each.week - 1) in bought
            assert not seat.leaves or (each.brand, seat.household, each.week + 1) not in bought


def test_plan__real_year__nobody_gives_more_than_it_has_earned(plan: TogetherPlan) -> None:
    earned: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for brand, household, week, units in plan.earned.itertuples(index=False, name=None):
        earned.setdefault((brand, household), []).append((week, units))
    given: Counter[tuple[int, int]] = Counter()
    for each in plan.gatherings:
        share = 2 if plan.is_mixed(each.brand) else 1
        given[each.brand, each.opener] += RIGHT_POINTS * UNITS_PER_POINT
        for seat in each.seats:
            key = each.brand, seat.household
            held = sum(units for week, units in earned[key] if week < each.week)
            assert held >= given[key] + TIERS[seat.top][1] // share * UNITS_PER_POINT
        if each.tier is not None and not each.is_late:
            for seat in each.staying:
                if seat.top <= each.tier:
                    given[each.brand, seat.household] += TIERS[each.tier][1] // share * UNITS_PER_POINT


def test_plan__real_year__helpers_are_others_who_bought_that_week(
    year: ShoppingYear, plan: TogetherPlan
) -> None:
    columns = ["manufacturer", "household", "week"]
    bought = set(year.spending[columns].itertuples(index=False, name=None))
    seated = {(each.brand, each.number): each for each in plan.gatherings}
    assert plan.haggles
    for haggle in plan.haggles:
        everybody = {haggle.buyer, *haggle.helpers}
        assert len(everybody) == 1 + len(haggle.helpers)
        assert len(haggle.helpers) <= CUTS
        assert all((haggle.brand, household, haggle.week) in bought for household in everybody)
        assert everybody.isdisjoint(seat.household for seat in seated[haggle.brand, haggle.number].seats)


@pytest.mark.parametrize(
    ("tops", "leaving", "tier"),
    [
        ([0] * 4, frozenset(), None),
        ([0] * 5, frozenset(), 0),
        ([0] * 5, frozenset({1}), None),
        ([0] * 4 + [1] * 10, frozenset(), 1),
        ([0] * 11 + [2] * 8, frozenset(), 0),
        ([2] * 20, frozenset(), 2),
        ([2] * 20, frozenset({3}), None),
    ],
)
def test_tier__by_those_who_can_pay_it__best_one_reached(
    tops: list[int], leaving: frozenset[int], tier: int | None
) -> None:
    assert gathering(tops, leaving).tier == tier


def test_plan__short_story__nobody_gathers() -> None:
    year = load(2, 5)
    assert not TogetherPlan.of(year, earnings(year, brands(year)), brands(year), 5).gatherings
