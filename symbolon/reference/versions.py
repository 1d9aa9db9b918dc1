"""Conditions that get better at once and worse only after notice (RED-2)."""

from __future__ import annotations

from typing import NamedTuple


class History(NamedTuple):
    """How conditions have changed; all zero means that there are none.

    Each change that took effect is a version. An announced worsening takes effect by the clock, so what is
    in force is derived. A call that names a version is good if that version has been in force and nothing
    has got worse since.

    Attributes:
        version: in force when this was written down.
        worsened_version: in which the latest worsening took effect; 1 if none has.
        change_at: when an announced worsening takes effect; zero if none is announced.
    """

    version: int = 0
    worsened_version: int = 0
    change_at: int = 0

    @property
    def exists(self) -> bool:
        """Whether there are conditions at all."""
        return self.version != 0

    def is_change_due(self, now: int) -> bool:
        """Whether an announced worsening has taken effect but is not written down yet."""
        return self.change_at != 0 and now >= self.change_at

    def current(self, now: int) -> History:
        """The history as the clock has made it."""
        return History(self.version + 1, self.version + 1, 0) if self.is_change_due(now) else self

    def is_valid(self, named: int, now: int) -> bool:
        """Whether a call that names a version is good now."""
        history = self.current(now)
        return named != 0 and history.worsened_version <= named <= history.version

    def improved(self) -> History:
        """After an improvement, which counts at once."""
        return self._replace(version=self.version + 1)

    def announced(self, change_at: int) -> History:
        """With a worsening announced; zero withdraws it."""
        return self._replace(change_at=change_at)


FIRST = History(1, 1, 0)
"""The history of new conditions."""
