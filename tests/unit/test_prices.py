"""Prices of a fixed mix are whole numbers of parts, and parts are those prices again."""

import pytest

from symbolon.prices import Mix, MixError, Price, Units


@pytest.mark.parametrize(
    ("prices", "mix", "parts"),
    [
        ([Price(700, 0), Price(300, 0)], Mix(1, 0), [700, 300]),
        ([Price(0, 5_000_000)], Mix(0, 1), [5_000_000]),
        ([Price(6, 4), Price(9, 6)], Mix(3, 2), [2, 3]),
        ([Price(5 * 10**20, 5 * 10**6)], Mix(10**14, 1), [5 * 10**6]),
    ],
)
def test_mix__of_prices(prices: list[Price], mix: Mix, parts: list[int]) -> None:
    assert Mix.of(prices) == mix
    assert [mix.parts(price) for price in prices] == parts
    assert [mix.cost(count) for count in parts] == prices


@pytest.mark.parametrize("other", [Price(500, 8), Price(499, 9), Price(500, 0), Price(0, 9)])
def test_mix__of_prices_that_differ__is_none(other: Price) -> None:
    with pytest.raises(MixError):
        Mix.of([Price(500, 9), other])


def test_units__in_words__leave_out_what_is_zero() -> None:
    units = Units("BAKE", 2, "mUSD", 6)
    assert units.text(Price(500_50, 9_000_000)) == "500.5 BAKE + 9 mUSD"
    assert (units.text(Price(0, 1)), units.text(Price(1, 0))) == ("0.000001 mUSD", "0.01 BAKE")
    assert units.text(Price(0, 0)) == "0 BAKE"
