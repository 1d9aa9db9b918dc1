"""What a brand offers to people who buy together or bargain, and the rights to begin. Published for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symbolon.calls import draft
from symbolon.deals import SECTIONS, Deal, Listing, Right, read_book
from symbolon.fields import Fields
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Difference, Reading, Resource, Stage, World
from symbolon.purchases import NoDealError
from symbolon.rights import NoRightError
from symbolon.tokens import Token

Published = Right | Deal | Listing


@dataclass(frozen=True)
class DealSpec(Resource):
    """One right, group deal or listing that a file describes."""

    token: TokenSpec
    item: Published
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"{self.token.brand.label} {_KINDS[type(self.item)]} {self.item.name}"

    def compare(self, world: World) -> Iterator[Difference]:
        """Whether it is published so."""
        token, is_there = world.token(self.token)
        found = _find(world, token, self.item) if is_there else None
        if found is None:
            signer = self.token.brand.campaigner
            call = draft(_publish(world, self.item), token, self.item, sender=signer.address)
            yield self.create(Stage.CAMPAIGN, signer, "publish it, for good", call)
        elif found != self.item:
            yield self.fixed("it is published with other conditions, which never change: choose another name")


@dataclass(frozen=True)
class OtherDeals(Resource):
    """Those that are on the chain and not in the file."""

    token: TokenSpec
    known: frozenset[tuple[type[Published], str]]
    sections: tuple[str, ...]
    line: int

    @property
    def subject(self) -> str:
        """What they are called in plans."""
        return f"{self.token.brand.label} deals"

    def compare(self, world: World) -> Iterator[Difference]:
        """Which of them can still be begun."""
        token, is_there = world.token(self.token)
        if not is_there:
            return
        alliance = world.alliance
        found: list[Published] = []
        if "rights" in self.sections:
            found += [each.right for each in alliance.rights.of(token)]
        if "groups" in self.sections:
            found += [each.deal for each in alliance.groups.deals(token)]
        if "bargains" in self.sections:
            found += [each.listing for each in alliance.bargains.listings(token)]
        for item in found:
            if (type(item), item.name) not in self.known and item.closes_at > world.now:
                yield self.drift(f"{_KINDS[type(item)]} {item.name} is published: write it down")


_KINDS: dict[type[Published], str] = {Right: "right", Deal: "group deal", Listing: "bargain"}


def _find(world: World, token: Token, item: Published) -> Published | None:
    alliance = world.alliance
    try:
        if isinstance(item, Right):
            return alliance.rights.get(token, item.name).right
        if isinstance(item, Deal):
            return alliance.groups.deal(token, item.name).deal
        return alliance.bargains.listing(token, item.name).listing
    except (NoRightError, NoDealError):
        return None


def _publish(world: World, item: Published) -> Callable[..., object]:
    if isinstance(item, Right):
        return world.alliance.rights.define
    return world.alliance.groups.publish if isinstance(item, Deal) else world.alliance.bargains.publish


def read_deals(token: TokenSpec, fields: Fields, reading: Reading) -> list[Resource]:
    """The rights, group deals and listings of a token."""
    sections = tuple(each for each in SECTIONS if each in fields)
    book = read_book(fields, token.units, reading.folder, reading.problems, reading.address)
    items: tuple[Published, ...] = (*book.rights, *book.deals, *book.listings)
    known = frozenset((type(each), each.name) for each in items)
    found: list[Resource] = [DealSpec(token, item, fields.line_at(_SECTION_OF[type(item)])) for item in items]
    return [*found, OtherDeals(token, known, sections, fields.line)] if sections else found


_SECTION_OF: dict[type[Published], str] = {Right: "rights", Deal: "groups", Listing: "bargains"}
