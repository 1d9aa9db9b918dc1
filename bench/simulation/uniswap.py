"""Uniswap v2, in integers: a pair for each brand's token with the settlement currency, so two hops a swap."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bench.simulation.flow import UNIT_VALUE
from bench.simulation.venues import MEMBERS, MONEY, KeptVenue

FEE = 3
"""In thousandths of what is brought, at each hop."""


def amount_out(amount: int, held: int, wanted: int) -> int:
    """What a pair gives for `amount` of a token that it holds `held` of: the most that leaves the product of
    its reserves as it was, once the fee has been taken off what came in."""
    counted = amount * (1000 - FEE)
    return counted * wanted // (held * 1000 + counted)


@dataclass
class Pair:
    """What is in a pair."""

    tokens: int
    money: int

    def sell(self, tokens: int) -> int:
        """Bring tokens; what comes out in money."""
        out = amount_out(tokens, self.tokens, self.money)
        self.tokens, self.money = self.tokens + tokens, self.money - out
        return out

    def buy(self, money: int) -> int:
        """Bring money; what comes out in tokens."""
        out = amount_out(money, self.money, self.tokens)
        self.tokens, self.money = self.tokens - out, self.money + money
        return out


class Hub(KeptVenue):
    """Every brand puts half of its capital into its pair in money, half in tokens, and owns the pair alone.

    At the end of a period it takes its pair's books back to where they began: it buys the tokens that members
    sold to it, or makes those that they bought.
    """

    def __init__(self, brands: int, capital: int) -> None:
        half = capital // 2 // UNIT_VALUE * UNIT_VALUE
        super().__init__(brands, brands * half, brands * half)
        self._start = Pair(half // UNIT_VALUE, half)
        self.pairs = [Pair(0, 0) for _ in range(brands)]
        for brand in range(brands):
            self._refill(brand)

    def quote(self, brought: int, wanted: int, amount: int) -> int:
        """See Venue."""
        source, target = self.pairs[brought], self.pairs[wanted]
        between = amount_out(amount, source.tokens, source.money)
        return amount_out(between, target.money, target.tokens)

    def swap(self, brought: int, wanted: int, amount: int) -> int:
        """See Venue."""
        out = self.pairs[wanted].buy(self.pairs[brought].sell(amount))
        self.move(MEMBERS, brought, -amount)
        self.move(MEMBERS, wanted, out)
        return out

    def end_period(self) -> None:
        """See Venue."""
        for brand in range(self.brands):
            self._refill(brand)

    def wind_up(self, failed: int) -> None:
        """See Venue. Nobody owes anybody anything: a failed brand's pair is its own like any other."""
        for brand, pair in enumerate(self.pairs):
            self.move(brand, brand, pair.tokens)
            self.move(brand, MONEY, pair.money)
            pair.tokens = pair.money = 0

    def holdings(self) -> Counter[int]:
        """See Venue."""
        held = Counter({brand: pair.tokens for brand, pair in enumerate(self.pairs)})
        held[MONEY] = sum(pair.money for pair in self.pairs)
        return held

    def _refill(self, brand: int) -> None:
        pair = self.pairs[brand]
        self.move(brand, brand, pair.tokens - self._start.tokens)
        self.move(brand, MONEY, pair.money - self._start.money)
        self.pairs[brand] = Pair(self._start.tokens, self._start.money)
