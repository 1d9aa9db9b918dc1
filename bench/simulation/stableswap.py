"""A StableSwap basket: all brands' tokens in one pool, priced by the invariant of Michael Egorov,
"StableSwap: efficient mechanism for Stablecoin liquidity" (2019).

For balances x and their number n the invariant D is the solution of

    A·n^n·Σx + D = A·n^n·D + D^(n+1) / (n^n·Πx)

Near balance it is the sum, so that tokens swap at par; far from it the product takes over, which leaves a
little of everything at ever worse prices. What pools on chains call A is the paper's A·n^(n-1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isqrt, prod

from bench.simulation.flow import UNIT_VALUE
from bench.simulation.venues import MEMBERS, MONEY, KeptVenue

AMPLIFICATION = 200
"""As pools on chains write it."""

FEE = 4
"""In ten-thousandths of what is given."""

SCALE = 10**12
"""So many parts a token's base unit has inside, so that rounding is no matter."""


def invariant(balances: Sequence[int], amplification: int = AMPLIFICATION) -> int:
    """D, rounded down, of balances above zero: by Newton's method, from their sum downwards."""
    count, total, product = len(balances), sum(balances), prod(balances)
    strength = amplification * count
    found = total
    while True:
        by_product = found ** (count + 1) // (count**count * product)
        step = (strength * total + count * by_product) * found
        following = step // ((strength - 1) * found + (count + 1) * by_product)
        if following >= found:
            break
        found = following
    while not is_at_most(found, balances, amplification):
        found -= 1
    while is_at_most(found + 1, balances, amplification):
        found += 1
    return found


def is_at_most(candidate: int, balances: Sequence[int], amplification: int = AMPLIFICATION) -> bool:
    """Whether a number is no larger than the invariant, in whole numbers and without rounding."""
    count = len(balances)
    strength = amplification * count
    left: int = (strength * sum(balances) + candidate - strength * candidate) * count**count * prod(balances)
    right: int = candidate ** (count + 1)
    return left >= right


def balance_for(held: int, others: Sequence[int], amplification: int = AMPLIFICATION) -> int:
    """The balance, rounded up, that one token must have beside the others' for the invariant to be `held`:
    a quadratic equation."""
    count = len(others) + 1
    strength = amplification * count
    linear = sum(others) * strength + held - strength * held  # times the strength, as all that follows
    constant = held ** (count + 1) // (count**count * prod(others)) + 1
    root = isqrt(linear * linear + 4 * strength * constant) + 1
    return -((linear - root) // (2 * strength))


class Basket(KeptVenue):
    """Every brand puts its capital in as tokens of its own and owns an equal part of the whole. No money lies
    in it.

    At the end of a period brands bring all balances back to equal ones: whose tokens came in takes them and
    pays for them at par, whose tokens went out makes new ones and is paid; what is left over, the fees, is
    everybody's in equal parts. A basket alone does not do that; without it, it would only get worse.
    """

    def __init__(self, brands: int, capital: int) -> None:
        self._start = capital // UNIT_VALUE
        super().__init__(brands, 0, brands * self._start * UNIT_VALUE)
        self.balances = [self._start] * brands
        for brand in range(brands):
            self.move(brand, brand, -self._start)

    def quote(self, brought: int, wanted: int, amount: int) -> int:
        """See Venue."""
        before = [balance * SCALE for balance in self.balances]
        after = [*before]
        after[brought] += amount * SCALE
        left = balance_for(invariant(before), after[:wanted] + after[wanted + 1 :])
        out = max(0, before[wanted] - left)
        return out * (10_000 - FEE) // 10_000 // SCALE

    def swap(self, brought: int, wanted: int, amount: int) -> int:
        """See Venue."""
        out = self.quote(brought, wanted, amount)
        self.balances[brought] += amount
        self.balances[wanted] -= out
        self.move(MEMBERS, brought, -amount)
        self.move(MEMBERS, wanted, out)
        return out

    def end_period(self) -> None:
        """See Venue."""
        changes = [balance - self._start for balance in self.balances]
        left_over = sum(changes) * UNIT_VALUE
        shares = [
            left_over * (brand + 1) // self.brands - left_over * brand // self.brands
            for brand in range(self.brands)
        ]
        for brand, change in enumerate(changes):
            self.move(brand, brand, change)
            self.move(brand, MONEY, shares[brand] - change * UNIT_VALUE)
        self.balances = [self._start] * self.brands

    def wind_up(self, failed: int) -> None:
        """See Venue. Nobody pays anybody: each gets its part of every token, the failed brand as well."""
        for token, balance in enumerate(self.balances):
            for brand in range(self.brands):
                part = balance * (brand + 1) // self.brands - balance * brand // self.brands
                self.move(brand, token, part)
        self.balances = [0] * self.brands

    def holdings(self) -> Counter[int]:
        """See Venue."""
        return Counter(dict(enumerate(self.balances)))
