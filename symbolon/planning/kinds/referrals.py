"""What a brand pays for who brings members: programmes, which follow one another by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from symbolon.calls import draft
from symbolon.deals import Reader, read_items
from symbolon.fields import (
    Fields,
    MistakeError,
    either,
    read_basis_points,
    read_moment,
    read_sequence,
    read_text,
    whole,
)
from symbolon.offers import Document
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Account, Difference, Reading, Resource, Stage, World
from symbolon.referrals import (
    COUNTS,
    LONGEST_VESTING,
    SHORTEST_VESTING,
    Kind,
    Programme,
    Terms,
    funding_of,
)
from symbolon.reverts import moment

_UINT16_MAX = 2**16 - 1


@dataclass(frozen=True)
class ProgrammeSpec(Resource):
    """A referral programme as a file describes it; `budget` is what it is given in all, in base units.

    `first` is the lowest number in the file: those below it may be on the chain without being written down.
    """

    token: TokenSpec
    number: int
    terms: Terms
    attester: Account | None
    document: Document
    budget: int
    first: int
    line: int

    @property
    def name(self) -> int:
        """What tells it from others."""
        return self.number

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"{self.token.brand.label} referral programme {self.number}"

    def compare(self, world: World) -> Iterator[Difference]:
        """Whether it is there, and was given what it should be."""
        token, is_there = world.token(self.token)
        referrals = world.alliance.referrals
        count = len(referrals.of(token)) if is_there else 0
        if self.first > count + 1:
            yield self.fixed(f"{self.token.symbol}'s next programme is number {count + 1}: write that")
        elif self.number > count:
            signer = self.token.brand.campaigner
            facts = (token, self.terms, self.attester and self.attester.address, self.document)
            call = draft(referrals.create, *facts, sender=signer.address)
            yield self.create(Stage.CAMPAIGN, signer, self._in_words(), call)
            yield from self._fill(world, 0)
        else:
            yield from self._compare_to(world, referrals.get(token, self.number))

    def _compare_to(self, world: World, found: Programme) -> Iterator[Difference]:
        referrals, signer = world.alliance.referrals, self.token.brand.campaigner
        if found.terms != self.terms:
            ended = found.terms.closes_at < self.terms.closes_at
            told = f"; it closes at {moment(found.terms.closes_at)}" if ended else ""
            yield self.fixed(f"it has other terms, which never change: write one with another number{told}")
            return
        if referrals.document(found).hash != self.document.hash:
            yield self.fixed("it was announced with another document: write one with another number")
            return
        if self.attester and self.attester.address != found.attester:
            call = draft(referrals.set_attester, found, self.attester.address, sender=signer.address)
            yield self.change(Stage.CAMPAIGN, signer, f"{self.attester} attests purchases from now on", call)
        given = referrals.given(found)
        if given > self.budget:
            yield self.fixed(
                f"it was given {self.token.text(given)} in all: what is left comes back when it is over, "
                f"write {self.token.text(given)}"
            )
        elif given < self.budget and found.terms.closes_at <= world.now:
            yield self.fixed(f"it closed at {moment(found.terms.closes_at)}: nothing is added to it")
        elif given < self.budget:
            yield from self._fill(world, given)

    def _fill(self, world: World, given: int) -> Iterator[Difference]:
        more = self.budget - given
        if not more:
            return
        token, _ = world.token(self.token)
        admin = self.token.admin
        facts = (world.alliance.referrals.contract, more, funding_of(self.number))
        call = draft(token.grant_quota_and_call, *facts, sender=admin.address)
        act = self.change if given else self.create
        before = f", {self.token.text(more)} more than before" if given else ""
        yield act(Stage.FUND, admin, f"give it {self.token.text(self.budget)} in all{before}", call)

    def _in_words(self) -> str:
        terms = self.terms
        second = f" and {terms.second_bps / 100:g}%" if terms.second_bps else ""
        return (
            f"pay {terms.first_bps / 100:g}%{second} of what members buy to who brought them, until "
            f"{moment(terms.closes_at)}"
        )


@dataclass(frozen=True)
class OtherProgrammes(Resource):
    """Those that are on the chain and not in the file."""

    token: TokenSpec
    known: frozenset[int]
    line: int

    @property
    def subject(self) -> str:
        """What they are called in plans."""
        return f"{self.token.brand.label} referral programmes"

    def compare(self, world: World) -> Iterator[Difference]:
        """Which of them still run."""
        token, is_there = world.token(self.token)
        for each in world.alliance.referrals.of(token) if is_there else []:
            if each.number not in self.known and each.terms.closes_at > world.now:
                yield self.drift(f"{each.number} runs: write it down, or end it with `ape run referral end`")


def read_referrals(token: TokenSpec, fields: Fields, reading: Reading) -> list[Resource]:
    """The referral programmes of a token."""
    if "referrals" not in fields:
        return []
    reader = Reader(token.units, reading.folder, reading.problems, reading.address)
    nodes = fields.get("referrals", read_sequence, [])
    items = [Fields(node, "this programme", reading.problems) for node in nodes]
    numbers = [each.get("number", whole(1, _UINT16_MAX), 0) for each in items]
    first = min(numbers, default=0)
    for each, number, place in zip(items, numbers, range(first, first + len(items)), strict=True):
        if number and first and number != place:
            each.note(f"number {number} stands where {place} should: write them in order, without gaps")
    found = read_items(items, lambda each: _read_programme(token, each, reader, reading, first))
    known = frozenset(each.number for each in found)
    return [*found, OtherProgrammes(token, known, fields.line_at("referrals"))]


def _read_programme(
    token: TokenSpec, fields: Fields, reader: Reader, reading: Reading, first: int
) -> ProgrammeSpec:
    kinds = fields.need("count", _read_kinds)
    attests = kinds is not None and Kind.PURCHASE in kinds
    attester = fields.get("attester", reading.account, None)
    if fields.is_sound and attests and attester is None:
        fields.note("attester is missing: say whose signature makes a purchase count")
    elif fields.is_sound and attester is not None and not attests:
        fields.note("attester signs purchases, which do not count here: leave it out, or count purchase")
    terms = Terms(
        first_bps=fields.need("first", read_basis_points),
        second_bps=fields.get("second", read_basis_points, 0),
        vesting_days=fields.get("vesting_days", whole(SHORTEST_VESTING, LONGEST_VESTING), 30),
        member_days=fields.get("member_days", whole(0, _UINT16_MAX), 0),
        kinds=kinds,
        opens_at=fields.need("opens", read_moment),
        closes_at=fields.need("closes", read_moment),
        referrer_cap=fields.need("cap", reader.tokens),
    )
    if fields.is_sound and terms.opens_at >= terms.closes_at:
        fields.note("closes is not after opens: nothing would count")
    if fields.is_sound and not terms.is_share:
        fields.note("first and second come to 0 %, to 50 % or more, or to 100 % where purchases alone count")
    return ProgrammeSpec(
        token=token,
        number=fields.need("number", whole(1, _UINT16_MAX)),
        terms=terms,
        attester=attester,
        document=reader.document(fields),
        budget=fields.get("budget", reader.tokens, 0),
        first=first,
        line=fields.line,
    )


def _read_kinds(node: yaml.Node) -> frozenset[Kind]:
    names = [name.strip() for name in read_text(node).split(",")]
    if any(name not in COUNTS for name in names):
        raise MistakeError(f"is no list of what counts: write {either(COUNTS)}, with commas between")
    return frozenset(COUNTS[name] for name in names)
