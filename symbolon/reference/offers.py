"""What brands offer for their tokens, on top of shop credit at par."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.brands import CAMPAIGN, Gated
from symbolon.reference.contract import ZERO, Address, require, require_short
from symbolon.reference.versions import FIRST, History

if TYPE_CHECKING:
    from symbolon.reference.world import World

NO_LIMIT = 2**32 - 1
"""A member limit that is none: members are not even counted."""


class Conditions(NamedTuple):
    """The conditions that machines can read; open from `opens_at` and before `closes_at`. The last four are
    zero where goods are handed over at once.
    """

    price: int = 0
    stock: int = 0
    member_limit: int = 0
    opens_at: int = 0
    closes_at: int = 0
    fulfil_days: int = 0
    stake_percent: int = 0
    compensation: int = 0
    arbiter: Address = ZERO

    def is_worse_than(self, before: Conditions) -> bool:
        """Whether any field is worse for members."""
        return (
            self.price > before.price
            or self.stock < before.stock
            or self.member_limit < before.member_limit
            or self.opens_at > before.opens_at
            or self.closes_at < before.closes_at
            or self.fulfil_days > before.fulfil_days
            or self.stake_percent > before.stake_percent
            or self.compensation < before.compensation
            or self.arbiter != before.arbiter
        )

    def draws_more_than(self, before: Conditions) -> bool:
        """Whether failures cost the bond more, or come sooner."""
        return self.compensation > before.compensation or self.fulfil_days < before.fulfil_days


class Proposal(NamedTuple):
    """What an offer says: its conditions and the document that describes it."""

    conditions: Conditions = Conditions()
    terms_hash: bytes = bytes(32)
    terms_uri: str = ""


class Offer(NamedTuple):
    """An offer as it is now; version zero if there is none."""

    version: int
    worsened_version: int
    sold: int
    conditions: Conditions
    terms_hash: bytes
    terms_uri: str
    change_at: int
    pending_conditions: Conditions
    pending_terms_hash: bytes
    pending_terms_uri: str


class Record(NamedTuple):
    """An offer as written down; what was sold only ever grows. The last two are for orders alone: units that
    the brand failed to deliver, and money that compensations can be reserved from.
    """

    proposal: Proposal = Proposal()
    history: History = History()
    pending: Proposal = Proposal()
    sold: int = 0
    failed: int = 0
    free: int = 0

    def settled(self, now: int) -> Record:
        """With a worsening that is due written down."""
        if not self.history.is_change_due(now):
            return self
        return self._replace(proposal=self.pending, history=self.history.current(now), pending=Proposal())


class Offers(Gated, ABC):
    """See IOffers."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.offers: dict[tuple[Address, bytes], Record] = {}
        self.taken: dict[tuple[Address, bytes, Address], int] = {}

    # ---- brand

    def create_offer(
        self,
        sender: Address,
        token: Address,
        offer_id: bytes,
        conditions: Conditions,
        terms_hash: bytes,
        terms_uri: str,
    ) -> None:
        """Publish an offer."""
        self.world.obligations.notice_period_of(token)  # the token is obliged, hence genuine
        self.check_desk(token)
        brand_id = self.world.token(token).brand_id()
        self.check_active(brand_id, self.check_role(brand_id, sender, CAMPAIGN))
        require((token, offer_id) not in self.offers, "Offers_AlreadyExists", token, offer_id)
        self._check_conditions(conditions, terms_hash, terms_uri)
        self.check_delivery(conditions, ZERO)
        require(
            self.world.now < conditions.closes_at,
            "Offers_InvalidWindow",
            conditions.opens_at,
            conditions.closes_at,
        )
        proposal = Proposal(conditions, terms_hash, terms_uri)
        self.offers[token, offer_id] = Record(proposal, FIRST)
        self.emit("OfferCreated", token, offer_id)
        self._emit_offer_set(token, offer_id, 1, False, self.world.now, proposal)

    def set_offer(
        self,
        sender: Address,
        token: Address,
        offer_id: bytes,
        conditions: Conditions,
        terms_hash: bytes,
        terms_uri: str,
    ) -> None:
        """Change an offer: at once if nothing gets worse, else after the token's notice (RED-2)."""
        now = self.world.now
        record = self._of_campaign(sender, token, offer_id).settled(now)
        change_at = record.history.change_at
        require(change_at == 0, "Offers_ChangePending", token, offer_id, change_at)
        self._check_conditions(conditions, terms_hash, terms_uri)
        before, proposal = record.proposal, Proposal(conditions, terms_hash, terms_uri)
        self.check_delivery(conditions, before.conditions.arbiter)
        if conditions.draws_more_than(before.conditions):
            self.check_admin(self.world.token(token).brand_id(), sender)
        require(proposal != before, "Offers_NothingChanges", token, offer_id)
        worse = conditions.is_worse_than(before.conditions) or terms_hash != before.terms_hash
        effective_at = now + self.world.obligations.notice_period_of(token) if worse else now
        if worse:
            history = record.history.announced(effective_at)
            self.offers[token, offer_id] = record._replace(history=history, pending=proposal)
        else:
            history = record.history.improved()
            self.offers[token, offer_id] = record._replace(history=history, proposal=proposal)
        next_version = record.history.version + 1
        self._emit_offer_set(token, offer_id, next_version, worse, effective_at, proposal)

    def withdraw_offer_change(self, sender: Address, token: Address, offer_id: bytes) -> None:
        """Withdraw a worsening that has not taken effect."""
        record = self._of_campaign(sender, token, offer_id).settled(self.world.now)
        require(record.history.change_at != 0, "Offers_NoChangePending", token, offer_id)
        self.offers[token, offer_id] = record._replace(
            history=record.history.announced(0), pending=Proposal()
        )
        self.emit("OfferChangeWithdrawn", token, offer_id, record.history.version + 1)

    # ---- views

    def offer_of(self, token: Address, offer_id: bytes) -> Offer:
        """An offer as it is now."""
        record = self._record(token, offer_id).settled(self.world.now)
        return Offer(
            version=record.history.version,
            worsened_version=record.history.worsened_version,
            sold=record.sold,
            conditions=record.proposal.conditions,
            terms_hash=record.proposal.terms_hash,
            terms_uri=record.proposal.terms_uri,
            change_at=record.history.change_at,
            pending_conditions=record.pending.conditions,
            pending_terms_hash=record.pending.terms_hash,
            pending_terms_uri=record.pending.terms_uri,
        )

    def is_offer_version_valid(self, token: Address, offer_id: bytes, version: int) -> bool:
        """Whether a call that names a version of the offer is good."""
        return self._record(token, offer_id).history.is_valid(version, self.world.now)

    def redeemed_by(self, token: Address, offer_id: bytes, member: Address) -> int:
        """Units that a member has redeemed."""
        return self.taken.get((token, offer_id, member), 0)

    def offer_count(self, token: Address) -> int:
        """How many offers the token has ever had."""
        return len(self._ids(token))

    def offer_id_at(self, token: Address, index: int) -> bytes:
        """One of them, in the order of creation."""
        ids = self._ids(token)
        require(index < len(ids), "Panic", 0x32)
        return ids[index]

    # ---- internals

    @abstractmethod
    def check_desk(self, token: Address) -> None:
        """Refuse if the token's offers are not kept here."""

    @abstractmethod
    def check_delivery(self, conditions: Conditions, arbiter: Address) -> None:
        """Refuse if what conditions say of delivery is not what this desk does; `arbiter` is in force."""

    def existing(self, token: Address, offer_id: bytes) -> Record:
        """An offer as written down."""
        record = self._record(token, offer_id)
        require(record.history.exists, "Offers_NotFound", token, offer_id)
        return record

    def take_units(
        self, token: Address, offer_id: bytes, member: Address, quantity: int, version: int
    ) -> Conditions:
        """Count units for a member under the conditions in force, which are returned."""
        now = self.world.now
        written = self.existing(token, offer_id)
        record = written.settled(now)
        history, conditions = record.history, record.proposal.conditions
        require(
            history.is_valid(version, now),
            "Offers_StaleVersion",
            version,
            history.worsened_version,
            history.version,
        )
        require(quantity != 0, "Offers_ZeroQuantity")
        require(
            conditions.opens_at <= now < conditions.closes_at,
            "Offers_OutsideWindow",
            conditions.opens_at,
            conditions.closes_at,
        )
        left = max(0, conditions.stock - record.sold)
        require(quantity <= left, "Offers_OutOfStock", quantity, left)
        if conditions.member_limit != NO_LIMIT:
            taken = self.redeemed_by(token, offer_id, member)
            left = max(0, conditions.member_limit - taken)
            require(quantity <= left, "Offers_MemberLimitReached", quantity, left)
            self.taken[token, offer_id, member] = taken + quantity
        self.offers[token, offer_id] = written._replace(sold=written.sold + quantity)
        return conditions

    def _record(self, token: Address, offer_id: bytes) -> Record:
        return self.offers.get((token, offer_id), Record())

    def _ids(self, token: Address) -> list[bytes]:
        return [offer_id for owner, offer_id in self.offers if owner == token]

    def _of_campaign(self, sender: Address, token: Address, offer_id: bytes) -> Record:
        record = self.existing(token, offer_id)
        self.check_role(self.world.token(token).brand_id(), sender, CAMPAIGN)
        return record

    def _check_conditions(self, conditions: Conditions, terms_hash: bytes, terms_uri: str) -> None:
        require(conditions.price != 0, "Offers_ZeroPrice")
        require(terms_hash != bytes(32), "Offers_NoTerms")
        require(
            conditions.opens_at < conditions.closes_at,
            "Offers_InvalidWindow",
            conditions.opens_at,
            conditions.closes_at,
        )
        require_short(terms_uri, "Offers_URITooLong")

    def _emit_offer_set(
        self,
        token: Address,
        offer_id: bytes,
        version: int,
        worse: bool,
        effective_at: int,
        proposal: Proposal,
    ) -> None:
        conditions, terms_hash, terms_uri = proposal
        self.emit(
            "OfferSet", token, offer_id, version, worse, effective_at, conditions, terms_hash, terms_uri
        )
