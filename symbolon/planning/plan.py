"""A plan: what differs between a file and the chain, and the acts that mend it, in the order they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from symbolon.planning.model import Account, Act, Difference, Mark, Note, Resource, World

if TYPE_CHECKING:
    from symbolon.alliance import Alliance


@dataclass(frozen=True)
class Turn:
    """Acts that one account signs one after the other."""

    signer: Account
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class Plan:
    """What differs, in the order of the file; nothing if the chain is as the file says."""

    differences: tuple[Difference, ...]

    @property
    def acts(self) -> list[Act]:
        """What is to be done, in the order in which it can be."""
        return in_order([each for each in self.differences if isinstance(each, Act)])

    @property
    def notes(self) -> list[Note]:
        """What no act answers."""
        return [each for each in self.differences if isinstance(each, Note)]

    @property
    def turns(self) -> list[Turn]:
        """The acts by who signs, each turn resting on those before it."""
        return turns_of(self.acts)

    def count(self, mark: Mark) -> int:
        """How many differences there are of one sort."""
        return sum(each.mark is mark for each in self.differences)


def compare(alliance: Alliance, wanted: Sequence[Resource]) -> Plan:
    """What differs on the chain from what is wanted."""
    world = World(alliance)
    return Plan(tuple(each for resource in wanted for each in resource.compare(world)))


def in_order(acts: Sequence[Act]) -> list[Act]:
    """Acts by stage, and within a stage by signer, beginning with the one whose turn it is."""
    ordered: list[Act] = []
    by_stage = sorted(acts, key=lambda act: act.stage)
    for _, stage in groupby(by_stage, key=lambda act: act.stage):
        signed: dict[Account, list[Act]] = {}
        for act in stage:
            signed.setdefault(act.signer, []).append(act)
        last = ordered[-1].signer if ordered else None
        for signer in sorted(signed, key=lambda each: each != last):
            ordered += signed[signer]
    return ordered


def turns_of(acts: Sequence[Act]) -> list[Turn]:
    """Acts in their order by who signs."""
    return [Turn(signer, tuple(some)) for signer, some in groupby(acts, key=lambda act: act.signer)]
