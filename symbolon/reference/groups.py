"""Buying together: the more units a group takes, the less each costs."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.abi_words import words_of
from symbolon.reference.contract import DAY, ZERO, Address, require
from symbolon.reference.deals import WORDS, Conditions, Deals
from symbolon.reference.eip712 import Signature, struct_hash, type_hash, word
from symbolon.reference.fulfilment import SPEND, Order
from symbolon.reference.purchases import NO_PERMIT, Act, Permit, Purchases, deal_id_of
from symbolon.reference.token import Spend

if TYPE_CHECKING:
    from symbolon.reference.world import World

_REQUEST = (
    "SeatRequest(bytes32 groupId,uint256 quantity,uint256 topTier,address member,address referrer,"
    "uint256 leastCompensation)"
)
_LEAVING = "SeatLeaving(bytes32 groupId)"
REQUEST = type_hash(_REQUEST)
LEAVING = type_hash(_LEAVING)
REQUEST_SPEND = type_hash(f"{SPEND}SeatRequest witness){_REQUEST}")
LEAVING_SPEND = type_hash(f"{SPEND}SeatLeaving witness){_LEAVING}")
_REQUEST_BITS = (None, 256, 256, 160, 160, 256)


class Status(IntEnum):
    """Where a group stands."""

    NONE = 0
    OPEN = 1
    SUCCEEDED = 2
    FAILED = 3


class Tier(NamedTuple):
    """One step of the price: how many units reach it, and what a unit costs then, in parts."""

    seats: int
    price: int


class Plan(NamedTuple):
    """What groups of a deal are like."""

    most_seats: int = 0
    seat_limit: int = 0
    groups: int = 0
    duration: int = 0
    cutoff: int = 0


class SeatRequest(NamedTuple):
    """What somebody pays for. The deal's id opens a new group; the member is zero for the payer."""

    group_id: bytes
    quantity: int
    top_tier: int
    member: Address
    referrer: Address
    least_compensation: int

    def witness(self) -> bytes:
        """What the payer agrees to, hashed."""
        return struct_hash(REQUEST, *self)


class Seat(NamedTuple):
    """The facts of a seat; they never change."""

    token: Address
    group_id: bytes
    member: Address
    quantity: int
    deposit: int
    compensation: int
    arbiter: Address
    referrer: Address

    @property
    def id(self) -> tuple[Address, bytes, Address]:
        """What a seat is told by."""
        return self.token, self.group_id, self.member


class Group(NamedTuple):
    """A group as it is now."""

    status: Status = Status.NONE
    is_closed: bool = False
    deadline: int = 0
    cutoff_at: int = 0
    most_seats: int = 0
    seat_limit: int = 0
    price: int = 0
    units: int = 0
    taken_by_tier: tuple[int, ...] = (0,) * 8


class Record(NamedTuple):
    """A group as written down: its units by top tier until it is closed, then what it came to.

    Attributes:
        time: the deadline, or when it was closed.
    """

    time: int
    taken: tuple[int, ...]
    is_closed: bool = False
    price: int = 0
    units: int = 0
    failed: int = 0


def reached(tiers: tuple[Tier, ...], taken: tuple[int, ...]) -> tuple[int, int]:
    """Price and units of the best tier that is reached; zero if none is."""
    best, units = (0, 0), 0
    for tier, count in zip(tiers, taken, strict=True):
        units += count
        if units >= tier.seats:
            best = tier.price, units
    return best


_PLAN_AT = (128, 144, 160, 192, 224)
"""Where a plan's fields lie in its word, above what the tiers need."""


def _plan_words(plan: Plan, tiers: list[Tier], arbiter: Address) -> list[int]:
    seats = sum(tier.seats << 16 * index for index, tier in enumerate(tiers))
    fields = sum(value << place for value, place in zip(plan, _PLAN_AT, strict=True))
    return [seats | fields, *(tier.price | int.from_bytes(arbiter) << 96 for tier in tiers)]


def plan_of(words: tuple[int, ...]) -> tuple[Plan, tuple[Tier, ...]]:
    """What groups of a deal are like and its tiers, from the words that the escrow was told."""
    word, *prices = words[WORDS:]
    masks = (16, 16, 32, 32, 32)
    fields = (word >> place & (1 << bits) - 1 for place, bits in zip(_PLAN_AT, masks, strict=True))
    tiers = (Tier(word >> 16 * index & 2**16 - 1, each & 2**96 - 1) for index, each in enumerate(prices))
    return Plan(*fields), tuple(tiers)


class GroupDeals(Deals):
    """See IGroupDeals."""

    MAX_TIERS = 8
    MAX_DURATION = 90 * DAY

    def publish_deal(
        self,
        sender: Address,
        escrow: Address,
        token: Address,
        deal_id: bytes,
        conditions: Conditions,
        plan: Plan,
        tiers: list[Tier],
        terms_hash: bytes,
        terms_uri: str,
    ) -> None:
        """Publish a deal, for good."""
        self._check_tiers(tiers)
        self._check_plan(plan, tiers[-1].seats)
        self.emit("DealPublished", token, deal_id, escrow, conditions, plan, tiers, terms_hash, terms_uri)
        words, most = _plan_words(plan, tiers, conditions.arbiter), tiers[0].price * plan.seat_limit
        self.publish(sender, escrow, token, deal_id, conditions, words, most, terms_hash, terms_uri)

    # ---- views

    def deal_of(self, token: Address, deal_id: bytes) -> tuple[Plan, list[Tier]]:
        """What groups of a deal are like, and its tiers; none if there is no such deal."""
        if (token, deal_id) not in self.publications:
            return Plan(), []
        plan, tiers = self._escrow(token, deal_id).deals_plan(token, deal_id)
        return plan, list(tiers)

    def group_of(self, token: Address, group_id: bytes) -> Group:
        """A group as it is now."""
        deal_id = deal_id_of(group_id)
        if (token, deal_id) not in self.publications:
            return Group()
        escrow = self._escrow(token, deal_id)
        group = escrow.groups.get((token, group_id))
        if group is None:
            return Group()
        plan, tiers = escrow.deals_plan(token, deal_id)
        closed = group.is_closed
        price, units = (group.price, group.units) if closed else reached(tiers, group.taken)
        ended = Status.SUCCEEDED if price else Status.FAILED
        taken = () if closed else group.taken
        return Group(
            status=ended if closed or self.world.now >= group.time else Status.OPEN,
            is_closed=closed,
            deadline=group.time,
            cutoff_at=group.time - plan.cutoff,
            most_seats=plan.most_seats,
            seat_limit=plan.seat_limit,
            price=price,
            units=units,
            taken_by_tier=(*taken, *(0,) * (self.MAX_TIERS - len(taken))),
        )

    # ---- internals

    def _escrow(self, token: Address, deal_id: bytes) -> GroupPurchaseEscrow:
        escrow = self.world.contracts[self.publications[token, deal_id].receiver]
        assert isinstance(escrow, GroupPurchaseEscrow)
        return escrow

    def _check_tiers(self, tiers: list[Tier]) -> None:
        count, most = len(tiers), self.MAX_TIERS
        require(0 < count <= most, "GroupDeals_InvalidTierCount", count, most)
        for index, tier in enumerate(tiers):
            before = tiers[index - 1]
            falls = tier.seats > before.seats and tier.price < before.price
            follows = falls if index else tier.seats != 0
            require(follows and tier.price != 0, "GroupDeals_InvalidTier", index)

    def _check_plan(self, plan: Plan, least: int) -> None:
        seats, limit = plan.most_seats, plan.seat_limit
        require(seats >= least, "GroupDeals_InvalidMostSeats", seats, least)
        require(0 < limit <= seats, "GroupDeals_InvalidSeatLimit", limit, seats)
        require(plan.groups != 0, "GroupDeals_NoGroups")
        duration, longest = plan.duration, self.MAX_DURATION
        require(0 < duration <= longest, "GroupDeals_InvalidDuration", duration, longest)
        require(0 < plan.cutoff <= duration, "GroupDeals_InvalidCutoff", plan.cutoff, duration)


class GroupPurchaseEscrow(Purchases):
    """See IGroupPurchaseEscrow."""

    def __init__(self, world: World, address: Address, deals: Address) -> None:
        super().__init__(world, address, deals)
        self.opened: dict[tuple[Address, bytes], int] = {}
        self.groups: dict[tuple[Address, bytes], Record] = {}
        self.seats: dict[tuple[Address, bytes, Address], Seat] = {}

    # ---- members

    def open(self, sender: Address, token: Address, deal_id: bytes) -> bytes:
        """Open a group without taking a seat."""
        return self._open(token, deal_id, sender)

    def join(self, sender: Address, token: Address, request: SeatRequest, permit: Permit) -> None:
        """Take a seat whose price is currency alone."""
        tokens = self._join(token, sender, request, permit)
        require(tokens == 0, "Purchases_WrongTokens", 0, tokens)

    def leave_group(self, sender: Address, seat: Seat) -> None:
        """Leave with everything, before the cutoff."""
        require(sender == seat.member, "Fulfilment_NotMember", sender, seat.member)
        self._leave(seat)

    # ---- signed variants, for anyone to submit

    def join_with_signature(
        self,
        _sender: Address,
        token: Address,
        request: SeatRequest,
        spend: Spend,
        signature: Signature,
        permit: Permit,
    ) -> None:
        """Take a seat as the payer signed."""
        tokens = self._join(token, spend.holder, request, permit)
        self.world.token(token).receive_with_signature(
            self.address, spend, tokens, REQUEST_SPEND, request.witness(), signature
        )

    def leave_group_with_signature(
        self, _sender: Address, seat: Seat, spend: Spend, signature: Signature
    ) -> None:
        """Leave as the member signed."""
        require(spend.holder == seat.member, "Fulfilment_NotMember", spend.holder, seat.member)
        self._leave(seat)
        witness = struct_hash(LEAVING, seat.group_id)
        self.world.token(seat.token).receive_with_signature(
            self.address, spend, 0, LEAVING_SPEND, witness, signature
        )

    # ---- anyone

    def close(self, _sender: Address, token: Address, group_id: bytes) -> None:
        """Write down how a group ended."""
        group = self._group(token, group_id)
        require(not group.is_closed, "GroupPurchaseEscrow_NotOpen", token, group_id, group.time)
        self._close_at_deadline(token, group_id, group)

    def withdraw(self, _sender: Address, seat: Seat) -> None:
        """Settle a seat of a group that ended."""
        self._check_seat(seat)
        self._settle(seat)

    def settle(self, _sender: Address, seats: list[Seat]) -> None:
        """Settle seats; those that are no longer there are passed over."""
        for seat in seats:
            if seat.id in self.seats:
                self._check_seat(seat)
                self._settle(seat)

    # ---- views

    def opened_of(self, token: Address, deal_id: bytes) -> int:
        """How many groups of a deal were opened."""
        return self.opened.get((token, deal_id), 0)

    def group_word_of(self, token: Address, group_id: bytes) -> int:
        """A group as it is stored; zero if there is none."""
        group = self.groups.get((token, group_id))
        if group is None:
            return 0
        deal_id = deal_id_of(group_id)
        conditions, plan = self.deals[token, deal_id].conditions, self.deals_plan(token, deal_id)[0]
        if group.is_closed:
            counts = group.price | group.units << 96 | group.failed << 112
        else:
            counts = sum(units << 16 * tier for tier, units in enumerate(group.taken))
        is_mixed = (conditions.token_part, conditions.currency_part) != (1, 0)
        fields = (
            *((group.time, 128), (plan.cutoff, 168), (plan.most_seats, 200), (plan.seat_limit, 216)),
            *((conditions.fulfil_days, 232), (conditions.stake_percent, 240), (group.is_closed, 248)),
            *((is_mixed, 249), (conditions.compensation != 0, 250)),
        )
        return counts | sum(value << place for value, place in fields)

    def has_seat(self, token: Address, group_id: bytes, member: Address) -> bool:
        """Whether a member has a seat in a group that is not settled yet."""
        return (token, group_id, member) in self.seats

    def is_seat(self, seat: Seat) -> bool:
        """Whether these are the facts of a seat that is not settled yet."""
        return self.seats.get(seat.id) == seat

    # ---- what purchases and fulfilment leave open

    def paid(self, token: Address, holder: Address, amount: int, data: bytes) -> None:
        """Take a seat whose price has tokens."""
        request = SeatRequest._make(words_of(data, _REQUEST_BITS))
        member, referrer = (int(each).to_bytes(20) for each in (request.member, request.referrer))
        request = request._replace(member=member, referrer=referrer)
        tokens = self._join(token, holder, request, NO_PERMIT)
        require(amount == tokens, "Purchases_WrongTokens", amount, tokens)

    def count_failed(self, order: Order) -> None:
        """In the group's own record."""
        group = self.groups[order.token, order.offer_id]
        self.groups[order.token, order.offer_id] = group._replace(failed=group.failed + order.quantity)

    def opened_and_failed(self, token: Address, offer_id: bytes) -> tuple[int, int]:
        """The participants' units, settled or not, and those of them that the brand failed."""
        group = self._group(token, offer_id)
        return group.units, group.failed

    # ---- internals: groups

    def _group(self, token: Address, group_id: bytes) -> Record:
        found = (token, group_id) in self.groups
        require(found, "GroupPurchaseEscrow_NotFound", token, group_id)
        return self.groups[token, group_id]

    def _open_group(self, token: Address, group_id: bytes) -> Record:
        group = self._group(token, group_id)
        is_open = not group.is_closed and self.world.now < group.time
        require(is_open, "GroupPurchaseEscrow_NotOpen", token, group_id, group.time)
        return group

    def deals_plan(self, token: Address, deal_id: bytes) -> tuple[Plan, tuple[Tier, ...]]:
        """What groups of a deal are like, and its tiers."""
        return plan_of(self.deals[token, deal_id].words)

    def _open(self, token: Address, deal_id: bytes, opener: Address) -> bytes:
        deal = self.published(token, deal_id)
        plan, tiers = self.deals_plan(token, deal_id)
        number = self.opened_of(token, deal_id) + 1
        left = number <= plan.groups
        require(left, "GroupPurchaseEscrow_NoGroupLeft", token, deal_id)
        self.opened[token, deal_id] = number
        group_id = deal_id[:28] + number.to_bytes(4)
        deadline = self.world.now + plan.duration
        self.groups[token, group_id] = Record(deadline, (0,) * len(tiers))
        self.emit("GroupOpened", token, group_id, opener, deadline)
        self.use_deal(token, deal, opener)
        return group_id

    def _close_at_deadline(self, token: Address, group_id: bytes, group: Record) -> Record:
        over = self.world.now >= group.time
        require(over, "GroupPurchaseEscrow_StillOpen", token, group_id, group.time)
        return self._close(token, group_id, group, group.time)

    def _close(self, token: Address, group_id: bytes, group: Record, closed_at: int) -> Record:
        _, tiers = self.deals_plan(token, deal_id_of(group_id))
        price, units = reached(tiers, group.taken)
        group = group._replace(time=closed_at, is_closed=True, price=price, units=units)
        self.groups[token, group_id] = group
        self.emit("GroupClosed", token, group_id, price, units, closed_at)
        return group

    # ---- internals: seats

    def _join(self, token: Address, payer: Address, request: SeatRequest, permit: Permit) -> int:
        """Take a seat and the currency of its deposit; the tokens of it."""
        group_id, quantity = request.group_id, request.quantity
        deal_id = deal_id_of(group_id)
        if group_id == deal_id:
            group_id = self._open(token, deal_id, payer)
        group = self._open_group(token, group_id)
        plan, tiers = self.deals_plan(token, deal_id)
        limit = plan.seat_limit
        fits = 0 < quantity <= limit
        require(fits, "GroupPurchaseEscrow_InvalidQuantity", quantity, limit)
        left = plan.most_seats - sum(group.taken)
        require(quantity <= left, "GroupPurchaseEscrow_Full", quantity, left)
        seat = self._seat(token, group_id, payer, request, tiers)
        group = _with_more(group, request.top_tier, quantity)
        self.groups[token, group_id] = group
        if quantity == left:
            self._close(token, group_id, group, self.world.now)
        return self.charge(token, self.deals[token, deal_id], payer, seat.deposit, permit)

    def _seat(
        self, token: Address, group_id: bytes, payer: Address, request: SeatRequest, tiers: tuple[Tier, ...]
    ) -> Seat:
        """Write a seat down."""
        tier = request.top_tier
        require(tier < len(tiers), "GroupPurchaseEscrow_NoTier", tier)
        member = payer if request.member == ZERO else request.member
        others = request.referrer != member
        require(others, "GroupPurchaseEscrow_InvalidReferrer", member)
        seated = (token, group_id, member) in self.seats
        require(not seated, "GroupPurchaseEscrow_AlreadySeated", token, group_id, member)
        brand_id, deal_id = self._brand_of(token), deal_id_of(group_id)
        self.check_buyer(token, brand_id, member)
        self.check_buyer(token, brand_id, payer)
        seat = Seat(
            token=token,
            group_id=group_id,
            member=member,
            quantity=request.quantity,
            deposit=request.quantity * tiers[tier].price,
            compensation=self.reserve(token, deal_id, request.quantity, request.least_compensation),
            arbiter=self.deals[token, deal_id].conditions.arbiter,
            referrer=request.referrer,
        )
        self.seats[seat.id] = seat
        self.emit("SeatTaken", *seat)
        return seat

    def _leave(self, seat: Seat) -> None:
        group = self._open_group(seat.token, seat.group_id)
        plan, tiers = self.deals_plan(seat.token, deal_id_of(seat.group_id))
        cutoff_at = group.time - plan.cutoff
        in_time = self.world.now < cutoff_at
        require(in_time, "GroupPurchaseEscrow_TooLateToLeave", cutoff_at)
        self._check_seat(seat)
        tier = [each.price * seat.quantity for each in tiers].index(seat.deposit)
        self.groups[seat.token, seat.group_id] = _with_more(group, tier, -seat.quantity)
        self._refund(seat)

    def _settle(self, seat: Seat) -> None:
        token, group_id, _ = seat.id
        group = self._group(token, group_id)
        if not group.is_closed:
            group = self._close_at_deadline(token, group_id, group)
        amount = group.price * seat.quantity
        if amount == 0 or amount > seat.deposit:
            self._refund(seat)
            return
        del self.seats[seat.id]
        deal = self.deals[token, deal_id_of(group_id)]
        order = Order(
            token=token,
            offer_id=group_id,
            number=int.from_bytes(seat.member),
            member=seat.member,
            quantity=seat.quantity,
            amount=amount,
            compensation=seat.compensation,
            stake=deal.conditions.stake_on(amount),
            arbiter=seat.arbiter,
            opened_at=group.time,
            order_ref=word(seat.referrer),
        )
        self.open_order(order, group.time + deal.conditions.fulfil_days * DAY)
        self.pay_out(token, deal, seat.member, seat.deposit - amount)

    def _refund(self, seat: Seat) -> None:
        """Give a seat up: all of it goes back."""
        deal_id = deal_id_of(seat.group_id)
        del self.seats[seat.id]
        self.emit("SeatRefunded", *seat.id, seat.quantity, seat.deposit)
        self.unreserve(seat.token, deal_id, seat.compensation)
        self.pay_out(seat.token, self.deals[seat.token, deal_id], seat.member, seat.deposit)

    def _check_seat(self, seat: Seat) -> None:
        found = self.seats.get(seat.id)
        require(found is not None, "GroupPurchaseEscrow_NoSeat", *seat.id)
        require(found == seat, "GroupPurchaseEscrow_OtherFacts", *seat.id)


def _with_more(group: Record, tier: int, units: int) -> Record:
    taken = [*group.taken]
    taken[tier] += units
    return group._replace(taken=tuple(taken))


def seat_data(request: SeatRequest) -> bytes:
    """What is sent along with tokens to take a seat."""
    fields = (Act.PAY, *request)
    return b"".join(word(each) for each in fields)
