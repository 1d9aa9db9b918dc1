"""Rewards for who brings members, out of what those really buy."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.abi_words import words_of
from symbolon.reference.contract import DAY, ZERO, Address, require, require_short
from symbolon.reference.eip712 import Signature, type_hash
from symbolon.reference.fulfilment import Order
from symbolon.reference.receipts import Kind as ReceiptKind
from symbolon.reference.rewards import Call, Realised, order_ref_of

if TYPE_CHECKING:
    from symbolon.reference.world import World

BINDING = type_hash("Binding(address token,address member,address referrer,uint256 deadline)")
INVITATION = type_hash("Invitation(address token,address referrer,uint256 deadline)")
PURCHASE = type_hash(
    "Purchase(address token,address member,bytes32 ref,uint256 amount,uint256 purchasedAt,uint256 deadline)"
)

WHOLE = 10_000
HALF = 5000
"""In basis points."""

_UINT96 = 2**96 - 1


class Kind(IntEnum):
    """What can be an event."""

    COUNTER = 0
    ORDER = 1
    PURCHASE = 2

    @property
    def bit(self) -> int:
        """Its bit among the kinds that count."""
        return 1 << self


ALL_KINDS = sum(kind.bit for kind in Kind)


class State(IntEnum):
    """What became of an event."""

    NONE = 0
    ACCRUED = 1
    CLAIMED = 2
    UNDONE = 3


class Terms(NamedTuple):
    """The terms of a programme; only `closes_at` may come earlier."""

    first_bps: int
    second_bps: int
    vesting_days: int
    member_days: int
    kinds: int
    opens_at: int
    closes_at: int
    referrer_cap: int


class Programme(NamedTuple):
    """A programme; `left` is set aside for nothing that accrued."""

    terms: Terms
    left: int
    attester: Address


class Standing(NamedTuple):
    """Where a wallet stands among a token's members."""

    referrer: Address = ZERO
    bound_at: int = 0
    refers: bool = False


class Invitation(NamedTuple):
    """A wallet's leave to bind to it."""

    deadline: int
    signature: Signature


class Purchase(NamedTuple):
    """A purchase as the attester signs it."""

    token: Address
    member: Address
    ref: bytes
    amount: int
    purchased_at: int
    deadline: int


class EventId(NamedTuple):
    """The name of an event."""

    token: Address
    member: Address
    kind: Kind
    ref: bytes


class Accrual(NamedTuple):
    """What accrued for an event, for either level."""

    state: State = State.NONE
    programme: int = 0
    vests_at: int = 0
    first: int = 0
    second: int = 0


class ReferralRewards(Realised):
    """See IReferralRewards."""

    NAME = "ReferralRewards"
    MIN_VESTING_DAYS = 14
    MAX_VESTING_DAYS = 365
    END_NOTICE = 14 * DAY
    ACCRUAL_PERIOD = 60 * DAY

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.counts: dict[Address, int] = {}
        self.programmes: dict[tuple[Address, int], Programme] = {}
        self.standings: dict[tuple[Address, Address], Standing] = {}
        self.accruals: dict[EventId, Accrual] = {}
        self.paid: dict[tuple[Address, int, Address], int] = {}

    # ---- tokens

    def fund(self, token: Address, holder: Address, amount: int, data: bytes) -> None:
        """Add to a programme's budget."""
        (number,) = words_of(data, (16,))
        assert isinstance(number, int)
        programme = self.programme_of(token, number)
        closes_at = programme.terms.closes_at
        require(self.world.now < closes_at + self.ACCRUAL_PERIOD, "ReferralRewards_Over", closes_at)
        self._add(token, number, amount)
        self.emit("ProgrammeFunded", token, number, holder, amount)

    # ---- brand

    def create_programme(
        self,
        sender: Address,
        token: Address,
        terms: Terms,
        attester: Address,
        document_hash: bytes,
        document_uri: str,
    ) -> int:
        """Start a programme; its number."""
        self.check_new(sender, token)
        self.check_desk(token)
        self._check_terms(terms, attester)
        require_short(document_uri, "ReferralRewards_URITooLong")
        number = self.programme_count(token)
        last = self.programmes.get((token, number))
        closes_at = last.terms.closes_at if last else 0
        require(terms.opens_at >= closes_at, "ReferralRewards_Overlaps", terms.opens_at, closes_at)
        self.counts[token] = number = number + 1
        self.programmes[token, number] = Programme(terms, 0, attester)
        self.emit("ProgrammeCreated", token, number, terms, attester, document_hash, document_uri)
        return number

    def set_attester(self, sender: Address, token: Address, number: int, attester: Address) -> None:
        """Name another attester."""
        self.check_campaigner(sender, token)
        programme = self.programme_of(token, number)
        self._check_counted(programme.terms, Kind.PURCHASE)
        require(attester != ZERO, "ReferralRewards_InvalidTerms")
        self.programmes[token, number] = programme._replace(attester=attester)
        self.emit("AttesterSet", token, number, attester)

    def end_programme(self, sender: Address, token: Address, number: int) -> None:
        """Have a programme close after notice, if it does not close before; never before it opens."""
        self.check_campaigner(sender, token)
        programme = self.programme_of(token, number)
        closes_at = programme.terms.closes_at
        require(self.world.now < closes_at, "ReferralRewards_Over", closes_at)
        ends_at = max(self.world.now + self.END_NOTICE, programme.terms.opens_at)
        closes_at = min(closes_at, ends_at)
        terms = programme.terms._replace(closes_at=closes_at)
        self.programmes[token, number] = programme._replace(terms=terms)
        self.emit("ProgrammeEnded", token, number, closes_at)

    def undo(self, sender: Address, event: EventId, reason: str) -> None:
        """Have nothing paid for a purchase that was returned."""
        self.check_campaigner(sender, event.token)
        require_short(reason, "ReferralRewards_URITooLong")
        require(event.kind == Kind.PURCHASE, "ReferralRewards_Final", event.ref)
        accrual = self._accrued(event)
        require(self.world.now < accrual.vests_at, "ReferralRewards_Final", event.ref)
        amount = accrual.first + accrual.second
        self.accruals[event] = accrual._replace(state=State.UNDONE)
        self._add(event.token, accrual.programme, amount)
        self.emit("Undone", event.token, event.member, event.ref, accrual.programme, amount, reason)

    def return_rest(self, sender: Address, token: Address, number: int) -> None:
        """Give back to capacity what is set aside for nothing."""
        self.check_campaigner(sender, token)
        programme = self.programme_of(token, number)
        start = programme.terms.closes_at + self.ACCRUAL_PERIOD
        require(self.world.now >= start, "ReferralRewards_TooEarly", start)
        self.programmes[token, number] = programme._replace(left=0)
        self.emit("RestReturned", token, number, programme.left)
        self.world.token(token).return_quota(self.address, programme.left)

    # ---- members

    def open_referrals(self, sender: Address, token: Address) -> None:
        """Let others bind to the sender."""
        standing = self.standing_of(token, sender)
        require(not standing.refers, "ReferralRewards_RefersAlready", sender)
        self.standings[token, sender] = standing._replace(refers=True)
        self.emit("ReferrerOpened", token, sender)

    def bind(self, sender: Address, token: Address, referrer: Address, invitation: Invitation) -> None:
        """Bind the sender to a referrer."""
        if not self.standing_of(token, referrer).refers:
            values = (token, referrer, invitation.deadline)
            self.check_signature(referrer, INVITATION, values, invitation.signature)
            self.open_referrals(referrer, token)
        standing = self.standing_of(token, sender)
        require(not standing.refers, "ReferralRewards_RefersAlready", sender)
        is_free = standing.referrer == ZERO
        require(is_free, "ReferralRewards_AlreadyBound", sender, standing.referrer)
        self.standings[token, sender] = Standing(referrer, self.world.now)
        self.emit("Bound", token, sender, referrer)

    def bind_with_signature(
        self,
        _sender: Address,
        token: Address,
        member: Address,
        referrer: Address,
        invitation: Invitation,
        deadline: int,
        signature: Signature,
    ) -> None:
        """Bind a member who signed for it."""
        self.check_signature(member, BINDING, (token, member, referrer, deadline), signature)
        self.bind(member, token, referrer, invitation)

    # ---- anyone

    def accrue_receipt(
        self, _sender: Address, token: Address, number: int, member: Address, nonce: bytes
    ) -> None:
        """Have a counter's receipt accrue."""
        programme = self.programme_of(token, number)
        receipt = self.received(token, member, nonce)
        is_realised = receipt.kind != ReceiptKind.NONE
        require(is_realised, "ReferralRewards_NotRealised", token, member, nonce)
        event = EventId(token, member, Kind.COUNTER, nonce)
        self._accrue(event, number, programme, receipt.amount, receipt.redeemed_at, receipt.redeemed_at)

    def accrue_order(self, _sender: Address, number: int, fulfilment: Address, order: Order) -> None:
        """Have a fulfilled order accrue."""
        ref = order_ref_of(fulfilment, order)
        ended_at = self.fulfilled_at(fulfilment, order)
        require(ended_at != 0, "ReferralRewards_NotRealised", order.token, order.member, ref)
        event = EventId(order.token, order.member, Kind.ORDER, ref)
        programme = self.programme_of(order.token, number)
        amount = self.paid_for(fulfilment, order)
        self._accrue(event, number, programme, amount, ended_at, ended_at)

    def accrue_purchase(
        self, _sender: Address, number: int, purchase: Purchase, signature: Signature
    ) -> None:
        """Have an attested purchase accrue."""
        programme = self.programme_of(purchase.token, number)
        require(0 < purchase.amount <= _UINT96, "ReferralRewards_InvalidAmount", purchase.amount)
        at, now = purchase.purchased_at, self.world.now
        require(at <= now, "ReferralRewards_TooEarly", at)
        event = EventId(purchase.token, purchase.member, Kind.PURCHASE, purchase.ref)
        self._accrue(event, number, programme, purchase.amount, at, now)
        self.check_signature(programme.attester, PURCHASE, purchase, signature)

    def claim(self, _sender: Address, events: Sequence[EventId]) -> None:
        """Have what vested minted to those whom it is for."""
        for event in events:
            accrual = self._accrued(event)
            vests_at = accrual.vests_at
            require(self.world.now >= vests_at, "ReferralRewards_TooEarly", vests_at)
            self.accruals[event] = accrual._replace(state=State.CLAIMED)
            referrer = self.standing_of(event.token, event.member).referrer
            self._reward(event, accrual.programme, referrer, 1, accrual.first)
            second = self.standing_of(event.token, referrer).referrer
            self._reward(event, accrual.programme, second, 2, accrual.second)

    def multicall(self, sender: Address, calls: Sequence[Call]) -> list[bytes]:
        """Do many acts in one call."""
        return self.run_all(sender, calls)

    # ---- views

    def programme_count(self, token: Address) -> int:
        """How many programmes a token has had."""
        return self.counts.get(token, 0)

    def programme_of(self, token: Address, number: int) -> Programme:
        """A programme as it is now."""
        programme = self.programmes.get((token, number))
        require(programme is not None, "ReferralRewards_NoProgramme", token, number)
        assert programme is not None
        return programme

    def standing_of(self, token: Address, account: Address) -> Standing:
        """Where an account stands."""
        return self.standings.get((token, account), Standing())

    def accrual_of(self, event: EventId) -> Accrual:
        """What accrued for an event."""
        return self.accruals.get(event, Accrual())

    def paid_to(self, token: Address, number: int, referrer: Address) -> int:
        """What a referrer has been paid out of a programme."""
        return self.paid.get((token, number, referrer), 0)

    def order_ref_of(self, fulfilment: Address, order: Order) -> bytes:
        """By what name an order is an event."""
        return order_ref_of(fulfilment, order)

    # ---- internals

    def _accrue(
        self, event: EventId, number: int, programme: Programme, amount: int, at: int, waits_from: int
    ) -> None:
        terms, left = programme.terms, programme.left
        self._check_counted(terms, event.kind)
        is_open = terms.opens_at <= at < terms.closes_at
        require(is_open, "ReferralRewards_OutsideWindow", at)
        state = self.accrual_of(event).state
        require(state == State.NONE, "ReferralRewards_WrongState", event.ref, state)
        referrer = self._referrer_at(event, terms.member_days, at)
        has_second = self.standing_of(event.token, referrer).referrer != ZERO
        first = amount * terms.first_bps // WHOLE
        second = amount * terms.second_bps // WHOLE if has_second else 0
        both = first + second
        require(both <= left, "ReferralRewards_BudgetShort", both, left)
        self._add(event.token, number, -both)
        vests_at = waits_from + terms.vesting_days * DAY
        self.accruals[event] = Accrual(State.ACCRUED, number, vests_at, first, second)
        facts = (event.token, event.member, event.ref, event.kind, number, first, second, vests_at)
        self.emit("Accrued", *facts)

    def _referrer_at(self, event: EventId, member_days: int, at: int) -> Address:
        """To whom the member was bound when it happened, and for not too long."""
        standing = self.standing_of(event.token, event.member)
        require(standing.referrer != ZERO, "ReferralRewards_NotBound", event.member)
        is_late = member_days != 0 and at >= standing.bound_at + member_days * DAY
        counts = at >= standing.bound_at and not is_late
        require(counts, "ReferralRewards_OutsideMembership", at)
        return standing.referrer

    def _reward(self, event: EventId, number: int, referrer: Address, level: int, amount: int) -> None:
        """Pay what the referrer's cap leaves; the rest is budget again."""
        if amount == 0:
            return
        cap = self.programmes[event.token, number].terms.referrer_cap
        paid = self.paid_to(event.token, number, referrer)
        given = min(amount, cap - paid)
        self._add(event.token, number, amount - given)
        self.paid[event.token, number, referrer] = paid + given
        self.emit("Rewarded", event.token, referrer, event.member, event.ref, number, level, given)
        self.mint(event.token, referrer, given)

    def _add(self, token: Address, number: int, amount: int) -> None:
        programme = self.programmes[token, number]
        self.programmes[token, number] = programme._replace(left=programme.left + amount)

    def _accrued(self, event: EventId) -> Accrual:
        accrual = self.accrual_of(event)
        is_accrued = accrual.state == State.ACCRUED
        require(is_accrued, "ReferralRewards_WrongState", event.ref, accrual.state)
        return accrual

    def _check_counted(self, terms: Terms, kind: Kind) -> None:
        require(terms.kinds & kind.bit != 0, "ReferralRewards_NotCounted", kind)

    def _check_terms(self, terms: Terms, attester: Address) -> None:
        has_purchases = terms.kinds & Kind.PURCHASE.bit != 0
        share = terms.first_bps + terms.second_bps
        most = HALF if terms.kinds & ~Kind.PURCHASE.bit else WHOLE
        is_valid = (
            0 < share < most
            and 0 < terms.kinds <= ALL_KINDS
            and self.MIN_VESTING_DAYS <= terms.vesting_days <= self.MAX_VESTING_DAYS
            and terms.opens_at < terms.closes_at
            and terms.referrer_cap != 0
            and has_purchases == (attester != ZERO)
        )
        require(is_valid, "ReferralRewards_InvalidTerms")
