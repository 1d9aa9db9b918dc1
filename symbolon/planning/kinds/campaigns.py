"""What a brand pays members for what they do: campaigns, and the purses that it is paid from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbolon.calls import draft
from symbolon.campaigns import (
    IN_OFFICE,
    KINDS,
    Campaign,
    Conditions,
    NoCampaignError,
    attester_of,
    funding_of,
)
from symbolon.codes import label_bytes
from symbolon.deals import Reader, read_items
from symbolon.fields import Fields, name_of_bytes, one_of, read_moment, read_sequence, read_text, whole
from symbolon.offers import Document
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Difference, Reading, Resource, Stage, World
from symbolon.reverts import moment
from symbolon.tokens import Token
from symbolon.units import parse_amount

_MOST_REWARDS = 232
"""Of one member, in a campaign."""

Purse = tuple[str, bytes, int]
"""What the file calls an attester, its 32 bytes, and what it is given in all, in base units."""


@dataclass(frozen=True)
class CampaignSpec(Resource):
    """A campaign as a file describes it; one that does not say when it opens may have opened at any time."""

    token: TokenSpec
    name: str
    conditions: Conditions
    document: Document
    says_when: bool
    purses: tuple[Purse, ...]
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"{self.token.brand.label} campaign {self.name}"

    def compare(self, world: World) -> Iterator[Difference]:
        """Whether it is there, and its purses were given what they should be."""
        token, is_there = world.token(self.token)
        campaigns = world.alliance.campaigns
        try:
            found = campaigns.get(token, self.name) if is_there else None
        except NoCampaignError:
            found = None
        if found is None:
            signer = self.token.brand.campaigner
            facts = (token, self.name, self.conditions, self.document)
            call = draft(campaigns.create, *facts, sender=signer.address)
            yield self.create(Stage.CAMPAIGN, signer, self._in_words(), call)
        elif self._fitted(found.conditions) != found.conditions:
            closes_at = found.conditions.closes_at
            told = f"; it closes at {moment(closes_at)}" if closes_at < self.conditions.closes_at else ""
            yield self.fixed(f"it has other conditions, which never change: choose another name{told}")
            return
        elif campaigns.document(found).hash != self.document.hash:
            yield self.fixed("it was announced with another document: choose another name")
            return
        yield from self._fill(world, token, found)

    def _fill(self, world: World, token: Token, found: Campaign | None) -> Iterator[Difference]:
        campaigns, admin = world.alliance.campaigns, self.token.admin
        purses = {each.attester: each for each in campaigns.purses(found)} if found else {}
        for name, attester, wanted in self.purses:
            purse = purses.get(attester)
            given = purse.given if purse else 0
            if given > wanted:
                yield self.fixed(
                    f"{name} was given {self.token.text(given)} in all: what is left comes back when the "
                    f"campaign is over, write {self.token.text(given)}"
                )
            elif given < wanted and found and found.conditions.closes_at <= world.now:
                yield self.fixed(f"it closed at {moment(found.conditions.closes_at)}: nothing is added to it")
            elif given < wanted and purse and purse.until != IN_OFFICE:
                yield self.fixed(f"{name} attests no longer: name another key")
            elif given < wanted:
                data = funding_of(label_bytes(self.name), attester)
                facts = (campaigns.contract, wanted - given, data)
                call = draft(token.grant_quota_and_call, *facts, sender=admin.address)
                act = self.change if given else self.create
                before = f", {self.token.text(wanted - given)} more than before" if given else ""
                words = f"give {self.token.text(wanted)} in all for what {name} attests{before}"
                yield act(Stage.FUND, admin, words, call)

    def _fitted(self, to: Conditions) -> Conditions:
        return self.conditions if self.says_when else replace(self.conditions, opens_at=to.opens_at)

    def _in_words(self) -> str:
        conditions = self.conditions
        return (
            f"pay {self.token.text(conditions.reward)} for a {conditions.kind}, {conditions.member_cap} "
            f"times a member, until {moment(conditions.closes_at)}"
        )


@dataclass(frozen=True)
class OtherCampaigns(Resource):
    """Those that are on the chain and not in the file."""

    token: TokenSpec
    known: frozenset[str]
    line: int

    @property
    def subject(self) -> str:
        """What they are called in plans."""
        return f"{self.token.brand.label} campaigns"

    def compare(self, world: World) -> Iterator[Difference]:
        """Which of them still run."""
        token, is_there = world.token(self.token)
        for each in world.alliance.campaigns.of(token) if is_there else []:
            if each.name not in self.known and each.conditions.closes_at > world.now:
                yield self.drift(f"{each.name} runs: write it down, or end it with `ape run campaign close`")


def read_campaigns(token: TokenSpec, fields: Fields, reading: Reading) -> list[Resource]:
    """The campaigns of a token."""
    if "campaigns" not in fields:
        return []
    reader = Reader(token.units, reading.folder, reading.problems, reading.address)
    nodes = fields.get("campaigns", read_sequence, [])
    items = [Fields(node, "this campaign", reading.problems) for node in nodes]
    found = read_items(items, lambda each: _read_campaign(token, each, reader, reading))
    known = frozenset(each.name for each in found)
    return [*found, OtherCampaigns(token, known, fields.line_at("campaigns"))]


def _read_campaign(token: TokenSpec, fields: Fields, reader: Reader, reading: Reading) -> CampaignSpec:
    name = fields.need("name", name_of_bytes(32))
    kind = fields.need("kind", one_of(*KINDS))
    opens = fields.get("opens", read_moment, None)
    cap = fields.get("member_cap", whole(1, _MOST_REWARDS), 1)
    conditions = Conditions(
        kind=KINDS.get(kind, next(iter(KINDS.values()))),
        reward=fields.need("reward", reader.tokens),
        member_cap=cap,
        day_cap=fields.get("day_cap", whole(1, cap or 1), cap),
        opens_at=opens or 0,
        closes_at=fields.need("closes", read_moment),
    )
    inner = fields.get("purses", lambda node: Fields(node, "purses", reading.problems), None)
    purses: list[Purse] = []
    for who, _ in inner.entries() if inner else ():
        assert inner is not None
        attester = inner.named(who, lambda text: _attester(text, reading))
        amount = inner.get(who, lambda node: parse_amount(read_text(node), token.decimals), 0)
        if attester is not None:
            purses.append((who, attester, amount))
    if fields.is_sound and conditions.opens_at >= conditions.closes_at:
        fields.note("closes is not after opens: it would never pay")
    document = reader.document(fields)
    return CampaignSpec(token, name, conditions, document, opens is not None, tuple(purses), fields.line)


def _attester(text: str, reading: Reading) -> bytes:
    """A key by its name or address, or a list by its root."""
    return attester_of(text if len(text) == 66 else reading.named(text).address)
