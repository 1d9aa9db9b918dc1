"""What a brand gives for its token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from symbolon.brands import NOBODY
from symbolon.calls import draft
from symbolon.deals import UINT32_MAX, Reader, read_items
from symbolon.fields import FOREVER, Fields, name_of_bytes, read_moment, read_sequence, whole
from symbolon.offers import NO_LIMIT, Conditions, Document, NoOfferError, differences
from symbolon.planning.kinds.token import TokenSpec
from symbolon.planning.model import Difference, Reading, Resource, Stage, World, listed
from symbolon.reverts import moment


@dataclass(frozen=True)
class OfferSpec(Resource):
    """An offer as a file describes it; a time of opening or closing that it leaves out may be any."""

    token: TokenSpec
    name: str
    conditions: Conditions
    document: Document
    says_when: tuple[bool, bool]
    line: int

    @property
    def subject(self) -> str:
        """What it is called in plans."""
        return f"{self.token.brand.label} offer {self.name}"

    def compare(self, world: World) -> Iterator[Difference]:
        """Whether it is published so."""
        token, is_there = world.token(self.token)
        offers, signer = world.alliance.offers, self.token.brand.campaigner
        try:
            found = offers.get(token, self.name) if is_there else None
        except NoOfferError:
            found = None
        if found is None:
            facts = (token, self.name, self.conditions, self.document)
            call = draft(offers.create, *facts, sender=signer.address)
            yield self.create(Stage.CAMPAIGN, signer, self._in_words(), call)
            return
        if found.pending is not None:
            if (self._fitted(found.pending), self.document) == (found.pending, found.pending_document):
                yield self.waits(f"the change takes effect at {moment(found.change_at)}")
            else:
                yield self.fixed(
                    f"another change is announced for {moment(found.change_at)}: write that down, or "
                    f"withdraw it with `ape run offers withdraw {self.token.symbol} {self.name}`"
                )
            return
        wanted = self._fitted(found.conditions)
        if (wanted, self.document) == (found.conditions, found.document):
            return
        call = draft(offers.change, token, self.name, wanted, self.document, sender=signer.address)
        what = listed(differences(found, wanted, self.document, token))
        yield self.change(
            Stage.CAMPAIGN, signer, f"{what}; at once if nothing gets worse, else after notice", call
        )

    def _fitted(self, to: Conditions) -> Conditions:
        opens, closes = self.says_when
        return replace(
            self.conditions,
            opens_at=self.conditions.opens_at if opens else to.opens_at,
            closes_at=self.conditions.closes_at if closes else to.closes_at,
        )

    def _in_words(self) -> str:
        conditions = self.conditions
        days = f", delivered in {conditions.fulfil_days} days" if conditions.fulfil_days else ""
        return f"offer it for {self.token.text(conditions.price)}, {conditions.stock:,} in all{days}"


@dataclass(frozen=True)
class OtherOffers(Resource):
    """Those that are on the chain and not in the file."""

    token: TokenSpec
    known: frozenset[str]
    line: int

    @property
    def subject(self) -> str:
        """What they are called in plans."""
        return f"{self.token.brand.label} offers"

    def compare(self, world: World) -> Iterator[Difference]:
        """Which of them can still be had."""
        token, is_there = world.token(self.token)
        for offer in world.alliance.offers.of(token) if is_there and token.obligation else []:
            if offer.name not in self.known and offer.left and offer.conditions.closes_at > world.now:
                yield self.drift(f"{offer.name} is open, {offer.left:,} left: write it down, or let it close")


def read_offers(token: TokenSpec, fields: Fields, reading: Reading) -> list[Resource]:
    """The offers for a token."""
    if "offers" not in fields:
        return []
    nodes = fields.get("offers", read_sequence, [])
    reader = Reader(token.units, reading.folder, reading.problems, reading.address)
    items = [Fields(node, "this offer", reading.problems) for node in nodes]
    found = read_items(items, lambda each: _read_offer(token, each, reader))
    return [*found, OtherOffers(token, frozenset(each.name for each in found), fields.line_at("offers"))]


def _read_offer(token: TokenSpec, fields: Fields, reader: Reader) -> OfferSpec:
    delivered = "deliver_in" in fields
    delivery = reader.delivery(fields) if delivered else None
    opens, closes = fields.get("opens", read_moment, None), fields.get("closes", read_moment, None)
    name = fields.need("name", name_of_bytes(32))
    return OfferSpec(
        token=token,
        name=name,
        conditions=Conditions(
            price=fields.need("price", reader.tokens),
            stock=fields.need("stock", whole(1, UINT32_MAX)),
            member_limit=fields.get("member_limit", whole(1, UINT32_MAX), NO_LIMIT),
            opens_at=opens or 0,
            closes_at=FOREVER if closes is None else closes,
            fulfil_days=delivery.days if delivery else 0,
            stake_percent=delivery.stake_percent if delivery else 0,
            compensation=delivery.compensation if delivery else 0,
            arbiter=delivery.arbiter if delivery else NOBODY,
        ),
        document=reader.document(fields),
        says_when=(opens is not None, closes is not None),
        line=fields.line,
    )
