"""Who orders follows from real baskets by the rules as written, and no unit that is given is lost."""

from collections import Counter
from dataclasses import replace

import pytest
from shopping import order_year, small_year

from symbolon.demo.data import ShoppingYear, load, week_closes_at
from symbolon.demo.ordering import (
    ANSWERS,
    Fate,
    Ordered,
    OrderPlan,
    Parcel,
    Planned,
    Step,
    evening_of,
    late_brand,
    late_weeks,
    orders,
)
from symbolon.demo.plan import Brand, brands, earnings
from symbolon.fulfilment import State

PARCEL = Parcel(2, price=30_000, holders=0)


def small_plan(year: ShoppingYear, weeks: int = 12) -> OrderPlan:
    return orders(year, earnings(year, brands(year)), brands(year), weeks)


def planned(fate: Fate, week: int = 1) -> Planned:
    return Planned(PARCEL, 7, 1, week, "web-0008", fate)


def outcome(state: State, **more: int) -> Ordered:
    return Ordered(2, 7, 1, 1, "web-0008", 30_000, 750_000, 3_000, state, **more)


@pytest.fixture(scope="module")
def real() -> tuple[ShoppingYear, tuple[Brand, ...], OrderPlan]:
    year = load()
    alliance = brands(year)
    return year, alliance, orders(year, earnings(year, alliance), alliance, 53)


def test_order_year__each_answer_once__four_late() -> None:
    plan = small_plan(order_year())
    fates = Counter(order.fate for order in plan.orders)
    assert (fates[Fate.LEFT], fates[Fate.CONFIRMED]) == (58, 20)
    assert fates[Fate.LATE] == 4
    assert [fates[answer] for answer in ANSWERS] == [1, 1, 1, 1]
    assert [order.number for order in plan.orders] == list(range(86))
    assert len({order.reference for order in plan.orders}) == 86
    assert [order.week for order in plan.orders] == sorted(order.week for order in plan.orders)


@pytest.mark.parametrize(
    ("first", "orders_"),
    [(16_499, 0), (16_500, 1)],  # price and stake are 330 points; brand 2 gives two a dollar
)
def test_wanted__holds_price_and_stake_before_the_week__or_does_not_order(first: int, orders_: int) -> None:
    year = small_year([(2, 1, 1, first), (2, 1, 2, 20_000)], coupons=[])
    assert len(small_plan(year).orders) == orders_


def test_wanted__in_the_first_of_its_dearest_weeks() -> None:
    year = small_year([(2, 1, 1, 20_000), (2, 1, 3, 30_000), (2, 1, 4, 30_000)], coupons=[])
    assert [order.week for order in small_plan(year).orders] == [3]


def test_wanted__who_comes_to_the_brand_s_till__orders_nothing_of_it() -> None:
    spending = [(brand, 1, week, 200_000 + week) for brand in (69, 2) for week in (1, 2)]
    year = small_year(spending, coupons=[(2, 1, 736_000, 8, 1)])
    assert [order.parcel.brand for order in small_plan(year).orders] == [69]


@pytest.mark.parametrize(
    ("fate", "weeks", "expected"),
    [
        (Fate.LEFT, 1, outcome(State.OPEN)),
        (Fate.LEFT, 4, outcome(State.DELIVERED, delivered=2)),
        (Fate.LEFT, 5, outcome(State.FULFILLED, delivered=2, ended=5, burned=30_000)),
        (Fate.CONFIRMED, 3, outcome(State.FULFILLED, delivered=2, ended=3, burned=30_000)),
        (Fate.UPHELD, 3, outcome(State.DISPUTED, delivered=2, disputed=3)),
        (
            Fate.UPHELD,
            5,
            outcome(
                State.DECIDED,
                delivered=2,
                disputed=3,
                ended=5,
                returned=30_000,
                stake_back=3_000,
                paid=750_000,
            ),
        ),
        (
            Fate.SPLIT,
            5,
            outcome(
                State.DECIDED,
                delivered=2,
                disputed=3,
                ended=5,
                returned=15_000,
                stake_back=3_000,
                burned=15_000,
                paid=375_000,
            ),
        ),
        (Fate.REJECTED, 5, outcome(State.FULFILLED, delivered=2, disputed=3, ended=5, burned=33_000)),
        (Fate.UNDECIDED, 7, outcome(State.DISPUTED, delivered=2, disputed=3)),
        (
            Fate.UNDECIDED,
            8,
            outcome(
                State.COMPENSATED,
                delivered=2,
                disputed=3,
                ended=8,
                returned=30_000,
                stake_back=3_000,
                paid=750_000,
            ),
        ),
        (Fate.LATE, 2, outcome(State.OPEN)),
        (Fate.LATE, 3, outcome(State.COMPENSATED, ended=3, returned=30_000, paid=750_000)),
    ],
)
def test_outcome__who_gets_what(fate: Fate, weeks: int, expected: Ordered) -> None:
    assert planned(fate).outcome(weeks) == expected


@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("weeks", range(1, 11))
def test_outcome__every_unit_given_is_burned_returned_or_locked(fate: Fate, weeks: int) -> None:
    order = planned(fate).outcome(weeks)
    assert order.amount + order.staked == order.burned + order.returned + order.stake_back + order.locked
    assert (order.locked > 0) == (not order.ended)
    assert order.reserved + order.paid <= order.compensation


def test_collected__a_week_after_it_is_due() -> None:
    assert [planned(Fate.LATE).collected(weeks) for weeks in (3, 4)] == [0, 750_000]
    assert [planned(Fate.REJECTED).collected(weeks) for weeks in (5, 20)] == [0, 0]
    plan = OrderPlan((planned(Fate.LATE), planned(Fate.SPLIT)), 12)
    assert plan.collected == {1: 750_000 + 375_000}
    assert plan.funds == {2: 1_500_000}


def test_steps__are_counted_as_they_are_made() -> None:
    plan = small_plan(order_year())
    assert plan.steps == sum(len(todo) for steps in plan.todo().values() for todo in steps.values())
    assert len(plan.todo()[2][Step.OPEN]) == sum(order.week == 2 for order in plan.orders)


def test_evening__is_four_hours_before_the_week_is_over() -> None:
    assert week_closes_at(5) - evening_of(5) == 4 * 3600


def test_late__one_brand_in_the_middle_third() -> None:
    assert list(late_weeks(12)) == [5, 6, 7, 8]
    assert list(late_weeks(1)) == []
    assert late_brand(brands(small_year())).number == 2
    assert (
        late_brand(brands(replace(small_year(), manufacturers=small_year().manufacturers[:1]))).number == 69
    )


def test_parcel__costs_the_brand_a_quarter_of_its_price_if_it_fails() -> None:
    conditions = PARCEL.conditions("0x" + "ab" * 20)
    assert (PARCEL.stake, PARCEL.compensation) == (3_000, 750_000)
    assert (conditions.price, conditions.fulfil_days, conditions.stake_percent) == (30_000, 10, 10)
    assert conditions.compensation == 750_000
    brand = brands(small_year())[1]
    assert (
        Parcel.of(brand).holders * 10 == brand.quota * 100
    )  # a hundredth of a cent is 100 millionths of a dollar


def test_real__orders_are_of_households_that_bought_and_never_came_to_the_till(
    real: tuple[ShoppingYear, tuple[Brand, ...], OrderPlan],
) -> None:
    """By pandas alone: what each held on the evening of its order, and its dearest week."""
    year, alliance, plan = real
    assert 300 < len(plan.orders) < 500
    spending = dict(list(year.spending.groupby(["manufacturer", "household"])))
    rates = {brand.number: brand.points_per_dollar for brand in alliance}
    came = set(year.coupons[["manufacturer", "household"]].itertuples(index=False, name=None))
    for order in plan.orders:
        mine = spending[order.parcel.brand, order.household]
        assert mine.loc[mine["week"] == order.week, "cents"].sum() == mine["cents"].max()
        held = mine.loc[mine["week"] < order.week, "cents"].sum() * rates[order.parcel.brand]
        assert held >= order.parcel.price + order.parcel.stake
        assert (order.parcel.brand, order.household) not in came
    keys = [(order.parcel.brand, order.household) for order in plan.orders]
    assert len(set(keys)) == len(keys)


def test_real__one_brand_is_late__and_each_answer_is_given(
    real: tuple[ShoppingYear, tuple[Brand, ...], OrderPlan],
) -> None:
    _, alliance, plan = real
    late = [order for order in plan.orders if order.fate is Fate.LATE]
    assert {order.parcel.brand for order in late} == {late_brand(alliance).number}
    assert {order.week for order in late} <= set(late_weeks(53))
    fates = Counter(order.fate for order in plan.orders)
    assert min(fates[fate] for fate in Fate) >= 3
    states = Counter(order.state for order in plan.outcomes)
    assert min(states[State.OPEN], states[State.DELIVERED], states[State.FULFILLED]) > 3
