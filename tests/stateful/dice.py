"""Choices out of a few random bytes. Drawing costs more than playing, so one draw makes eight turns.

All zeros are the plainest turn, which is to rest; so shrinking byte by byte drops turns and makes a story
plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from hypothesis import strategies

_T = TypeVar("_T")

TURN = 25
"""Bytes of a turn: two for which action, then what it needs."""

ROUND = strategies.binary(min_size=8 * TURN, max_size=8 * TURN)

Action = Callable[[Any, "Dice"], None]


class Dice:
    """Spends one byte after another; when they are used up, the rest are zeros."""

    def __init__(self, rolled: bytes) -> None:
        self._rest = iter(rolled)

    def roll(self, sides: int) -> int:
        """From 0 to `sides` - 1; up to 256 of them."""
        return next(self._rest, 0) % sides

    def pick_of_many(self, options: Sequence[_T]) -> _T:
        """One of them, however many there are."""
        return options[self.number(2) % len(options)]

    def pick(self, options: Sequence[_T]) -> _T:
        """One of them."""
        return options[self.roll(len(options))]

    def seldom(self) -> bool:
        """Once in eight times."""
        return self.roll(8) == 7

    def rarely(self) -> bool:
        """Once in 32 times."""
        return self.roll(32) == 31

    def amount(self, most: int) -> int:
        """Mostly a small part of `most`; sometimes one, half, all of it, one too much, or nothing."""
        special = self.roll(16)
        if special < 11:
            return most * (1 + self.roll(64)) // 512 or min(most, 1)
        return (1, most // 2, most, most + 1, 0)[special - 11]

    def word(self) -> bytes:
        """32 bytes, one of a few."""
        return bytes([self.roll(256)]) * 32

    def number(self, size: int) -> int:
        """Any number of so many bytes."""
        return int.from_bytes(bytes(self.roll(256) for _ in range(size)))


def turns(rolled: bytes) -> Iterator[Dice]:
    """The dice of one turn after another."""
    for start in range(0, len(rolled), TURN):
        yield Dice(rolled[start : start + TURN])


def play(action: Action) -> Action:
    """Make a method an action that the machine takes: a rule."""
    action.is_rule = True  # type: ignore[attr-defined]
    return action


def rules_of(machine: type) -> list[Action]:
    """The actions of a machine and of whatever it inherits from, the oldest first."""
    own: dict[str, Action] = {}
    for kind in reversed(machine.__mro__):
        for name, each in vars(kind).items():
            assert name not in own, f"{kind.__name__} has a rule {name} of the same name as one before it"
            if getattr(each, "is_rule", False):
                own[name] = each
    return list(own.values())
