"""Prices in tokens, in money, or in a fixed mix of both, exact to the last unit. Pure.

mix = Mix.of([Price(500_00, 9_000_000), Price(400_00, 7_200_000)])    # Mix(token_part=1, currency_part=180)
mix.parts(Price(400_00, 7_200_000))                                   # 40_000
mix.cost(40_000)                                                      # Price(400_00, 7_200_000)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import gcd

from symbolon.exceptions import SymbolonError
from symbolon.units import format_amount, parse_amount


@dataclass(frozen=True)
class Units:
    """What prices are written in: a token's and its currency's symbols and decimals."""

    symbol: str
    decimals: int
    money: str
    money_decimals: int

    def text(self, price: Price) -> str:
        """A price for people, such as 500 BAKE + 9 USDC; what is zero is left out."""
        words = []
        if price.tokens or not price.money:
            words.append(f"{format_amount(price.tokens, self.decimals)} {self.symbol}")
        if price.money:
            words.append(f"{format_amount(price.money, self.money_decimals)} {self.money}")
        return " + ".join(words)


@dataclass(frozen=True)
class Price:
    """Base units of the token and of the currency."""

    tokens: int
    money: int


@dataclass(frozen=True)
class Mix:
    """One part of every price of a deal: base units of the token and of the currency, not both zero."""

    token_part: int
    currency_part: int

    @classmethod
    def of(cls, prices: Iterable[Price]) -> Mix:
        """The smallest part that all prices are whole numbers of. Raises MixError where they differ."""
        first, *others = prices
        largest = gcd(first.tokens, first.money)
        mix = cls(first.tokens // largest, first.money // largest)
        for price in others:
            if price.tokens * mix.currency_part != price.money * mix.token_part:
                raise MixError("all prices of a deal have one proportion of tokens to money")
        return mix

    def parts(self, price: Price) -> int:
        """How many parts a price of this proportion is."""
        return price.tokens // self.token_part if self.token_part else price.money // self.currency_part

    def read(self, text: str, units: Units) -> int:
        """Parts of a price that is written by its tokens, or by its money where it has none; it may be zero.

        Raises AmountError, MixError.
        """
        part, decimals = self.token_part, units.decimals
        if not part:
            part, decimals = self.currency_part, units.money_decimals
        parts, rest = divmod(parse_amount(text, decimals, allow_zero=True), part)
        if rest:
            raise MixError(
                f"{text} is no whole part of this price: give a multiple of {format_amount(part, decimals)}."
            )
        return parts

    def cost(self, parts: int) -> Price:
        """What so many parts are."""
        return Price(parts * self.token_part, parts * self.currency_part)


class MixError(SymbolonError):
    """Prices differ in their proportion of tokens to money."""


ONE_BY_ONE = Mix(1, 0)
"""The token alone, a part for each base unit."""
