"""Venues that are compared are closed boxes, and priced as what they stand for."""

from math import prod
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shopping import MONDAY, small_year

from bench.simulation import page, results
from bench.simulation.flow import UNIT_VALUE, Earned, Flow, Order, derive
from bench.simulation.play import ANYTHING, KINDS, TOLERATED, Kind, failure, serve, year
from bench.simulation.stableswap import AMPLIFICATION, Basket, balance_for, invariant, is_at_most
from bench.simulation.uniswap import Hub, Pair, amount_out
from bench.simulation.venues import MEMBERS, MONEY, Venue

BRANDS = 4
CAPITAL = 100 * results.MILLION
UNITS = CAPITAL // UNIT_VALUE

KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
SWAPS = st.lists(
    st.tuples(st.integers(0, BRANDS - 1), st.integers(1, BRANDS - 1), st.integers(1, UNITS)), max_size=12
)
BALANCES = st.lists(st.integers(10**6, 10**18), min_size=2, max_size=8)


def play(venue: Venue, swaps: list[tuple[int, int, int]], tolerated: int = ANYTHING) -> None:
    """Swap whatever the venue takes."""
    for brought, step, amount in swaps:
        serve(venue, Order(0, 0, brought, (brought + step) % BRANDS, amount), tolerated)


def assert_conserved(venue: Venue) -> None:
    """What everybody took out less what they put in is what the venue no longer holds."""
    held, books = venue.holdings(), venue.books()
    for asset in (MONEY, *range(BRANDS)):
        got = sum(amount for (_, its), amount in books.items() if its == asset)
        assert got + held[asset] == 0, asset
        assert held[asset] >= 0


# ---- every venue


@KIND
@settings(max_examples=25, deadline=None)
@given(first=SWAPS, second=SWAPS, failed=st.integers(0, BRANDS - 1))
def test_venue__whatever_happens__gives_what_it_was_given_or_still_holds(
    kind: Kind, first: list[tuple[int, int, int]], second: list[tuple[int, int, int]], failed: int
) -> None:
    venue = kind.make(BRANDS, CAPITAL)
    start = venue.holdings()
    assert_conserved(venue)
    play(venue, first)
    assert_conserved(venue)
    venue.end_period()
    assert_conserved(venue)
    assert venue.holdings() == start
    play(venue, second)
    venue.wind_up(failed)
    assert_conserved(venue)


@KIND
def test_venue__holds_the_capital_that_each_brand_was_given(kind: Kind) -> None:
    venue = kind.make(BRANDS, CAPITAL)
    assert venue.money + venue.tokens == BRANDS * CAPITAL
    held = venue.holdings()
    assert held[MONEY] == venue.money
    assert sum(held[brand] for brand in range(BRANDS)) * UNIT_VALUE == venue.tokens


@KIND
@settings(max_examples=25, deadline=None)
@given(swaps=SWAPS, amount=st.integers(1, UNITS // 8))
def test_swap__gives_what_was_quoted(kind: Kind, swaps: list[tuple[int, int, int]], amount: int) -> None:
    venue = kind.make(BRANDS, CAPITAL)
    play(venue, swaps)
    quoted = venue.quote(0, 1, amount)
    if not quoted:
        return
    before = venue.books()[MEMBERS, 0], venue.books()[MEMBERS, 1]
    assert venue.swap(0, 1, amount) == quoted
    after = venue.books()[MEMBERS, 0], venue.books()[MEMBERS, 1]
    assert (before[0] - after[0], after[1] - before[1]) == (amount, quoted)


@KIND
@settings(max_examples=25, deadline=None)
@given(swaps=SWAPS)
def test_members__together__never_gain(kind: Kind, swaps: list[tuple[int, int, int]]) -> None:
    venue = kind.make(BRANDS, CAPITAL)
    play(venue, swaps)
    assert venue.at_par(MEMBERS) <= 0


@KIND
def test_serve__never_loses_more_than_is_tolerated(kind: Kind) -> None:
    venue = kind.make(BRANDS, CAPITAL)
    for _ in range(100):
        amount, out = serve(venue, Order(0, 0, 0, 1, UNITS // 20), TOLERATED)
        assert out * 10_000 >= amount * (10_000 - TOLERATED)
    assert serve(venue, Order(0, 0, 0, 1, UNITS), TOLERATED)[0] < UNITS


# ---- a failure


@settings(max_examples=40, deadline=None)
@given(swaps=SWAPS, dumped=SWAPS, failed=st.integers(0, BRANDS - 1))
def test_pool__without_leverage__whoever_fails__costs_the_others_nothing(
    swaps: list[tuple[int, int, int]], dumped: list[tuple[int, int, int]], failed: int
) -> None:
    venue = KINDS[0].make(BRANDS, CAPITAL)
    play(venue, [*swaps, *((failed, step, amount) for _, step, amount in dumped)])
    venue.wind_up(failed)
    others = [brand for brand in range(BRANDS) if brand != failed]
    # A debt is rounded up and each claim down, by less than a unit of the currency each.
    assert sum(venue.at_par(brand, worthless=failed) for brand in others) >= -BRANDS


def test_pool__with_leverage__loses_what_was_lent_without_cover() -> None:
    venue = KINDS[1].make(BRANDS, CAPITAL)
    play(venue, [(0, step, UNITS) for step in (1, 2, 3)])
    venue.wind_up(0)
    lost = -sum(venue.at_par(brand, worthless=0) for brand in range(1, BRANDS))
    uncovered = CAPITAL // 2  # three times a quarter of the capital may be owed, a quarter is there
    assert uncovered * 97 // 100 <= lost <= uncovered


def test_basket__whose_brand_fails__loses_most_of_what_the_others_put_in() -> None:
    basket = Basket(BRANDS, CAPITAL)
    play(basket, [(0, step, 3 * UNITS) for step in (1, 2, 3)])
    basket.wind_up(0)
    lost = -sum(basket.at_par(brand, worthless=0) for brand in range(1, BRANDS))
    assert lost > 3 * CAPITAL * 8 // 10


def test_hub__whose_brand_fails__loses_only_that_brands_own_money() -> None:
    hub = Hub(BRANDS, CAPITAL)
    play(hub, [(0, step, 3 * UNITS) for step in (1, 2, 3)])
    hub.wind_up(0)
    assert sum(hub.at_par(brand, worthless=0) for brand in range(1, BRANDS)) >= 0
    assert hub.at_par(0, worthless=0) < -CAPITAL // 3


# ---- Uniswap v2


def test_amount_out__is_what_uniswaps_bytecode_gave() -> None:
    recorded = results.committed()["uniswap_v2"]
    assert recorded["trades_checked"] == 1_000
    assert len(recorded["trades"]) == 100
    for trade in recorded["trades"]:
        amount, held, wanted, out = map(int, trade)
        assert amount_out(amount, held, wanted) == out


@given(reserves=st.tuples(st.integers(1, 10**24), st.integers(1, 10**24)), amount=st.integers(1, 10**24))
def test_pair__product_of_its_reserves__never_falls(reserves: tuple[int, int], amount: int) -> None:
    pair = Pair(*reserves)
    pair.sell(amount)
    assert pair.tokens * pair.money >= prod(reserves)
    before = pair.tokens * pair.money
    pair.buy(amount)
    assert pair.tokens * pair.money >= before


# ---- StableSwap


@given(balances=BALANCES, amplification=st.integers(1, 5_000))
def test_invariant__is_the_largest_number_that_is_none_too_large(
    balances: list[int], amplification: int
) -> None:
    found = invariant(balances, amplification)
    assert is_at_most(found, balances, amplification)
    assert not is_at_most(found + 1, balances, amplification)
    assert found <= sum(balances)


@given(balance=st.integers(10**6, 10**18), count=st.integers(2, 8), amplification=st.integers(1, 5_000))
def test_invariant__of_equal_balances__is_their_sum(balance: int, count: int, amplification: int) -> None:
    assert invariant([balance] * count, amplification) == balance * count


def test_invariant__without_amplification_to_speak_of__is_nearly_the_product() -> None:
    strong, weak = (invariant([10**12, 10**6], amplification) for amplification in (10**9, 1))
    assert strong > 0.99 * 10**12
    assert weak < 0.1 * 10**12


@given(balances=BALANCES)
def test_balance_for__finds_the_balance_again__and_never_too_small(balances: list[int]) -> None:
    held = invariant(balances)
    found = balance_for(held, balances[1:])
    assert is_at_most(held, [found, *balances[1:]])
    assert (
        not is_at_most(held + 2 * AMPLIFICATION * len(balances), [max(1, found - 2), *balances[1:]])
        or found <= 3
    )
    assert found <= balances[0] + 1


@settings(max_examples=50, deadline=None)
@given(swaps=SWAPS)
def test_basket__its_invariant__never_falls(swaps: list[tuple[int, int, int]]) -> None:
    basket = Basket(BRANDS, CAPITAL)
    for each in swaps:
        before = invariant(basket.balances)
        play(basket, [each])
        assert invariant(basket.balances) >= before


# ---- the flow


def test_flow__of_a_small_year__is_what_a_visit_empties() -> None:
    flow = derive(small_year(), weeks=3)
    # Household 1 comes for both brands on the second week's Monday and has nothing of others. A week later it
    # comes for the second, with what the first gave it meanwhile. Household 2 comes before it has any others.
    assert flow.names == ("Store's own brand", "Brand 2")
    assert {household for _, household in flow.visits} <= {1, 2, 3}
    assert flow.orders == [Order(MONDAY + 7, 1, 0, 1, 2_500)]
    assert flow.held_on(MONDAY, 0) == {1: 60_000, 2: 10_500}


def test_flow__what_a_household_brings__it_has_earned_since_its_last_visit() -> None:
    earned = tuple(Earned(week, 7, brand, units) for week, brand, units in ((1, 0, 5), (1, 1, 3), (2, 1, 4)))
    flow = Flow(("a", "b"), earned, {(MONDAY, 7): (0,), (MONDAY + 1, 7): (0,), (MONDAY + 7, 7): (0,)})
    assert flow.orders == [Order(MONDAY, 7, 1, 0, 3), Order(MONDAY + 7, 7, 1, 0, 4)]
    assert flow.held_on(MONDAY, 1) == {7: 3}
    assert flow.held_on(MONDAY + 1, 1) == {}
    assert flow.held_on(MONDAY + 7, 1) == {7: 4}


def test_year__counts_what_was_served() -> None:
    earned = (Earned(1, 7, 1, 50_000), Earned(1, 8, 1, 30 * UNITS))
    flow = Flow(("a", "b"), earned, {(MONDAY, 7): (0,), (MONDAY, 8): (0,)})
    played = year(KINDS[0], flow, flow.orders, CAPITAL)
    assert (played.orders, played.served_whole, played.served_part) == (2, 1, 1)
    assert played.brought == (50_000 + 30 * UNITS) * UNIT_VALUE
    assert 50_000 * UNIT_VALUE < played.swapped <= CAPITAL // 2
    assert 0 < played.lost < played.swapped * TOLERATED // 10_000


def test_failure__in_a_pool__is_bounded_by_what_was_laid_down() -> None:
    earned = (Earned(1, 7, 1, 30 * UNITS),)
    flow = Flow(("a", "b"), earned, {(MONDAY, 9): (0,)})
    outcome = failure(KINDS[0], flow, CAPITAL, failed=1, day=MONDAY + 3)
    assert outcome.dumped == 30 * CAPITAL
    assert CAPITAL * 45 // 100 < outcome.got < CAPITAL // 2
    assert outcome.lost <= 0


# ---- what is said about it


@pytest.fixture(scope="module")
def committed() -> results.Results:
    return results.committed()


def worst(found: dict[str, Any], venue: str) -> float:
    return max(float(row["lost"] / row["committed"]) for row in found["failures"] if row["venue"] == venue)


def test_words__about_failures__are_what_was_found(committed: results.Results) -> None:
    assert worst(committed, "pool") <= 0 >= worst(committed, "hub")
    assert 0 < worst(committed, "pool_300") < 0.1
    assert worst(committed, "basket") > 0.5


def test_words__about_where_we_are_not_the_best__are_what_was_found(committed: results.Results) -> None:
    at = results.at
    for capital in results.CAPITALS[:4]:
        pool, basket = (at(committed["years"], venue, capital) for venue in ("pool", "basket"))
        assert results.served(basket) > results.served(pool)
    middle = {kind.key: results.served(at(committed["years"], kind.key, results.MIDDLE)) for kind in KINDS}
    assert 0.3 < middle["hub"] < 0.36
    assert 0 <= middle["basket"] - middle["pool_300"] < 0.02
    assert results.served(at(committed["settled_weekly"], "pool", results.MIDDLE)) > 0.995
    one_sided = [at(committed["one_sided"], venue, results.MIDDLE) for venue in ("pool", "basket")]
    assert results.served(one_sided[0]) < results.served(one_sided[1])
    for capital in results.CAPITALS:
        pool, hub = (at(committed["years"], venue, capital) for venue in ("pool", "hub"))
        assert results.served(pool) > results.served(hub)
        assert results.loss(pool) < results.loss(hub)


def test_readme__its_tables__are_the_committed_figures(committed: results.Results) -> None:
    text = results.README.read_text()
    assert results.readme_with(committed, text) == text


def test_page__has_a_plot_of_each_kind_and_every_venue(committed: results.Results) -> None:
    html = page.render(committed)
    assert html.count("<svg") == 3
    for venue in committed["venues"]:
        assert html.count(f">{venue['name']}<") >= 3
