"""What a swap costs, what it is refused for in words, and the most that can be swapped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolon.quotes import NO_CAP, NoSwapError, Quote, Side, largest, quote_in, quote_out

BAKE = Side("BAKE", 2, 10_000, 5_000_00, net=0, ceiling=2_000_00, base_fee=2_000, fee_slope=20_000)
STAR = Side("STAR", 0, 500_000, 100, net=0, ceiling=100, base_fee=0, fee_slope=0)


@st.composite
def sides(draw: st.DrawFn) -> Side:
    amounts = st.integers(0, 10 ** draw(st.integers(1, 28)))
    provided, ceiling, base_fee = draw(amounts), draw(amounts), draw(st.integers(0, 500_000))
    return Side(
        "ANY",
        decimals=draw(st.integers(0, 18)),
        par_value=draw(st.integers(1, 10 ** draw(st.integers(1, 12)))),
        provided=provided,
        net=draw(st.integers(-provided, max(ceiling, 1) * 3 // 2)),
        ceiling=ceiling,
        base_fee=base_fee,
        fee_slope=draw(st.integers(0, 500_000 - base_fee)),
        left_today=draw(st.one_of(st.just(NO_CAP), amounts)),
        stopped=draw(st.integers(0, 20)) == 20,
    )


def test_quote__costs_the_base_fee_and_the_slope() -> None:
    # 0.2 % of 5 dollars, and up to 2 % more: at 500 of 2000 that is 0.5 %, of which half on the way there.
    grains = replace(STAR, par_value=1, provided=10**9)
    assert quote_in(BAKE, grains, 500_00).rate == pytest.approx(0.002 + 0.0025, abs=1e-6)
    assert quote_in(BAKE, STAR, 500_00) == Quote(500_00, 9, 500_000 * 10**18, 5_000_000 * 10**18)
    assert quote_out(BAKE, STAR, 9) == Quote(451_93, 9, 19_300 * 10**18, 4_519_300 * 10**18)


def test_quote__that_evens_the_books_out__costs_the_base_alone() -> None:
    assert BAKE.rate == replace(BAKE, net=-1_000_00).rate == 2_000
    assert replace(BAKE, net=1_000_00).rate == 12_000


@pytest.mark.parametrize(
    ("brought", "amount", "sentence"),
    [
        (BAKE, 2_001_00, "The pool takes 2000 BAKE more and 2001 would be brought"),
        (replace(BAKE, left_today=1_00), 1_01, r"takes 1 BAKE more today and 1\.01 would be brought"),
        (BAKE, 1, r"0\.01 BAKE are worth less than the smallest part of STAR"),
        (replace(BAKE, stopped=True), 50_00, "Swapping BAKE is stopped here"),
        (BAKE, 0, "The swap is of nothing"),
        (replace(BAKE, ceiling=9_000_00), 8_000_00, r"The pool has 100 STAR and 8000 BAKE would take 1"),
    ],
)
def test_quote__that_is_refused__says_why_in_whole_tokens(brought: Side, amount: int, sentence: str) -> None:
    with pytest.raises(NoSwapError, match=sentence):
        quote_in(brought, STAR, amount)


def test_quote__of_more_than_there_is_or_than_the_pool_takes_for_it__is_refused() -> None:
    with pytest.raises(NoSwapError, match="The pool has 100 STAR: take that at most"):
        quote_out(BAKE, STAR, 101)
    with pytest.raises(NoSwapError, match="takes 2000 BAKE more and 40 STAR cost more than that"):
        quote_out(BAKE, STAR, 40)


@given(brought=sides(), taken=sides())
def test_largest__can_be_brought_and_not_one_more(brought: Side, taken: Side) -> None:
    most = largest(brought, taken)
    with pytest.raises(NoSwapError):
        quote_in(brought, taken, most + 1)
    if most:
        try:
            assert 0 < quote_in(brought, taken, most).amount_out <= taken.stock
        except NoSwapError as error:
            assert "less than the smallest part" in str(error)


@given(brought=sides(), taken=sides(), amount=st.integers(1, 10**28))
def test_quote_out__is_the_least_that_gives_as_much(brought: Side, taken: Side, amount: int) -> None:
    try:
        quote = quote_out(brought, taken, amount)
    except NoSwapError:
        return
    assert quote.fee >= 0
    worth = amount * taken.pricing.unit_worth
    assert brought.pricing.worth_in(brought.net, quote.amount_in - 1) < worth
    assert brought.pricing.worth_in(brought.net, quote.amount_in) >= worth
