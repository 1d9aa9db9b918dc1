"""Where members can swap, and the books by which venues are compared.

Brands are numbers from zero, and every token's base unit is worth the same, so that amounts of different
tokens compare. A venue is a closed box: whatever members and brands took out of it less what they put in is,
asset by asset, what it no longer holds. Tokens that a brand puts in are made for that, and those that it gets
back are gone: both count at par, since they are what it owes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter

from bench.simulation.flow import UNIT_VALUE

MONEY = -1
"""The settlement currency among the assets, in its base units."""

MEMBERS = -1
"""All members together among those who put something in or take it out."""

Books = Counter[tuple[int, int]]
"""What somebody got of an asset, less what he put in, by who and which asset."""


class Venue(ABC):
    """A place to swap, in its starting state, to which the end of every period brings it back.

    Attributes:
        brands: how many there are.
        money: what all brands together lay down in money.
        tokens: what all brands together put in of their own tokens, at par.
    """

    def __init__(self, brands: int, money: int, tokens: int) -> None:
        self.brands = brands
        self.money = money
        self.tokens = tokens

    @abstractmethod
    def room(self, brought: int) -> int:
        """The most of a token that may be brought now: what a member looks up first."""

    @abstractmethod
    def quote(self, brought: int, wanted: int, amount: int) -> int:
        """What a member would get; nothing where the venue refuses."""

    @abstractmethod
    def swap(self, brought: int, wanted: int, amount: int) -> int:
        """Carry a quote out, and what came of it."""

    @abstractmethod
    def end_period(self) -> None:
        """Brands settle at par and bring the venue back to its starting state."""

    @abstractmethod
    def wind_up(self, failed: int) -> None:
        """A brand has failed, and pays nothing any more: all others settle and take out what is theirs."""

    @abstractmethod
    def books(self) -> Books:
        """What everybody got so far."""

    @abstractmethod
    def holdings(self) -> Counter[int]:
        """What is in the venue, by asset."""

    def at_par(self, who: int, *, worthless: int | None = None) -> int:
        """What somebody got so far, in money; of a brand that failed, tokens are worth nothing."""
        return sum(
            amount if asset == MONEY else amount * UNIT_VALUE
            for (its, asset), amount in self.books().items()
            if its == who and asset != worthless
        )


class KeptVenue(Venue):
    """A venue whose books are kept as things happen."""

    def __init__(self, brands: int, money: int, tokens: int) -> None:
        super().__init__(brands, money, tokens)
        self._books: Books = Counter()

    def books(self) -> Books:
        """See Venue."""
        return self._books

    def room(self, brought: int) -> int:
        """See Venue. Whatever is brought is taken, at some price."""
        return 1 << 128

    def move(self, who: int, asset: int, amount: int) -> None:
        """Note what somebody got, or put in where it is negative."""
        self._books[who, asset] += amount
