"""What happens between a member's order and its end; each silence ends in the member's favour (RED-1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.abi_words import words_of
from symbolon.reference.brands import FULFIL, Gated
from symbolon.reference.contract import DAY, Address, RevertError, require
from symbolon.reference.eip712 import Signature, struct_hash, type_hash
from symbolon.reference.token import Spend

if TYPE_CHECKING:
    from symbolon.reference.world import World

SPEND = "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,"
"""How the type of every spend begins; the witness's own type follows."""

_CONFIRMATION = "OrderConfirmation(bytes32 offerId,uint256 number)"
_DISPUTE = "OrderDispute(bytes32 offerId,uint256 number)"
CONFIRMATION = type_hash(_CONFIRMATION)
CONFIRMATION_SPEND = type_hash(f"{SPEND}OrderConfirmation witness){_CONFIRMATION}")
DISPUTE = type_hash(_DISPUTE)
DISPUTE_SPEND = type_hash(f"{SPEND}OrderDispute witness){_DISPUTE}")

_ORDER_BITS = (160, None, 256, 160, 32, 96, 96, 96, 160, 40, None)
"""How many bits the fields of an order have; None for 32 bytes."""


class State(IntEnum):
    """Where an order stands; NONE also once it ended other than fulfilled."""

    NONE = 0
    OPEN = 1
    DELIVERED = 2
    DISPUTED = 3
    FULFILLED = 4


class Outcome(IntEnum):
    """How an order ended."""

    FULFILLED = 0
    REFUNDED = 1
    COMPENSATED = 2
    DECIDED = 3


class Order(NamedTuple):
    """The facts of an order; they never change."""

    token: Address
    offer_id: bytes
    number: int
    member: Address
    quantity: int
    amount: int
    compensation: int
    stake: int
    arbiter: Address
    opened_at: int
    order_ref: bytes

    @property
    def id(self) -> tuple[Address, bytes, int]:
        """What an order is told by."""
        return self.token, self.offer_id, self.number

    def confirmation(self) -> bytes:
        """What a content member signs, hashed."""
        return struct_hash(CONFIRMATION, self.offer_id, self.number)

    def dispute(self) -> bytes:
        """What a member signs who disputes, hashed."""
        return struct_hash(DISPUTE, self.offer_id, self.number)


class Standing(NamedTuple):
    """An order as written down: its facts, where it stands, and until when."""

    order: Order
    state: State
    deadline: int


class Tally(NamedTuple):
    """How orders of an offer ended, in units, but for those that the brand failed."""

    fulfilled: int = 0
    declined: int = 0
    lost: int = 0
    disputed: int = 0
    compensation_paid: int = 0


class Record(NamedTuple):
    """What the orders of an offer came to."""

    open: int
    fulfilled: int
    declined: int
    failed: int
    lost: int
    disputed: int
    compensation_paid: int


class Fulfilment(Gated, ABC):
    """See IFulfilment."""

    DECLINE_PERIOD = DAY
    DISPUTE_PERIOD = 14 * DAY
    DECISION_PERIOD = 30 * DAY

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.orders: dict[tuple[Address, bytes, int], Standing] = {}
        self.tallies: dict[tuple[Address, bytes], Tally] = {}

    # ---- brand

    def fulfil(self, sender: Address, token: Address, offer_id: bytes, numbers: list[int]) -> None:
        """Say that orders of one offer were delivered."""
        self.check_role(self._brand_of(token), sender, FULFIL)
        dispute_by = self.world.now + self.DISPUTE_PERIOD
        for number in numbers:
            state, deadline = self.state_of(token, offer_id, number)
            if state == State.FULFILLED:
                continue
            require(state == State.OPEN, "Fulfilment_WrongState", token, offer_id, number, state)
            self._check_before(deadline)
            self._turn(self.orders[token, offer_id, number].order, State.DELIVERED, dispute_by)
            self.emit("OrderDelivered", token, offer_id, number, dispute_by)

    def decline(self, sender: Address, order: Order) -> None:
        """Give an order back: while it is open, on its first day, for nothing; later the admin pays."""
        brand_id = self._brand_of(order.token)
        self.check_role(brand_id, sender, FULFIL)
        state, deadline = self._find(order)
        is_open = state == State.OPEN
        early = is_open and self.world.now < order.opened_at + self.DECLINE_PERIOD
        compensation = 0 if early else order.compensation
        if compensation:
            self.check_admin(brand_id, sender)
        if is_open and self.world.now < deadline:
            tally = self._tally(order)
            self._count(order, tally._replace(declined=tally.declined + order.quantity))
        elif state != State.DISPUTED:
            self.count_failed(order)
        self._end_for_member(order, compensation)

    # ---- member

    def confirm(self, sender: Address, order: Order) -> None:
        """The member is content."""
        require(sender == order.member, "Fulfilment_NotMember", sender, order.member)
        self._confirm(order)

    def confirm_with_signature(
        self, _sender: Address, order: Order, spend: Spend, signature: Signature
    ) -> None:
        """The member is content, by a signed spend of nothing."""
        require(spend.holder == order.member, "Fulfilment_NotMember", spend.holder, order.member)
        self._confirm(order)
        self.world.token(order.token).receive_with_signature(
            self.address, spend, 0, CONFIRMATION_SPEND, order.confirmation(), signature
        )

    def dispute_with_signature(
        self, _sender: Address, order: Order, spend: Spend, signature: Signature
    ) -> None:
        """Dispute an order as the member signed."""
        require(spend.holder == order.member, "Fulfilment_NotMember", spend.holder, order.member)
        self.dispute_order(order)
        tokens = self.charge_stake(order)
        self.world.token(order.token).receive_with_signature(
            self.address, spend, tokens, DISPUTE_SPEND, order.dispute(), signature
        )

    # ---- arbiter

    def decide(self, sender: Address, order: Order, refunded: int, compensation: int) -> None:
        """Decide a dispute: what is not refunded is the brand's, and the member is wrong if nothing is."""
        require(sender == order.arbiter, "Fulfilment_NotArbiter", sender, order.arbiter)
        state, deadline = self._find(order)
        self._check_state(order, state, State.DISPUTED)
        self._check_before(deadline)
        for given, most in ((refunded, order.amount), (compensation, order.compensation)):
            require(given <= most, "Fulfilment_SplitTooLarge", given, most)
        if refunded or compensation:
            tokens = self._end(order, Outcome.DECIDED, refunded, compensation, order.stake)
        else:
            tokens = self._end(order, Outcome.FULFILLED, 0, 0, 0)
        self._burn(order.token, tokens)

    # ---- anyone

    def finish(self, _sender: Address, token: Address, orders: list[Order]) -> None:
        """End orders of one token that nobody disputed in time."""
        tokens = 0
        for order in orders:
            require(order.token == token, "Fulfilment_OtherToken", order.token, token)
            if self.state_of(*order.id)[0] == State.FULFILLED:
                continue
            state, deadline = self._find(order)
            self._check_state(order, state, State.DELIVERED)
            self._check_from(deadline)
            tokens += self._end(order, Outcome.FULFILLED, 0, 0, 0)
        self._burn(token, tokens)

    def claim(self, _sender: Address, order: Order) -> None:
        """End an order in the member's favour after the brand's or the arbiter's silence."""
        state, deadline = self._find(order)
        if state != State.DISPUTED:
            self._check_state(order, state, State.OPEN)
            self.count_failed(order)
        self._check_from(deadline)
        self._end_for_member(order, order.compensation)

    # ---- views

    def state_of(self, token: Address, offer_id: bytes, number: int) -> tuple[State, int]:
        """Where an order stands, and until when; for a fulfilled one, since when."""
        standing = self.orders.get((token, offer_id, number))
        return (standing.state, standing.deadline) if standing else (State.NONE, 0)

    def is_fulfilled(self, order: Order) -> tuple[bool, int]:
        """Whether these are the facts of an order that ended as fulfilled, and when."""
        standing = self.orders.get(order.id)
        if standing is None or standing.state != State.FULFILLED or standing.order != order:
            return False, 0
        return True, standing.deadline

    def record_of(self, token: Address, offer_id: bytes) -> Record:
        """What the orders of an offer came to."""
        opened, failed = self.opened_and_failed(token, offer_id)
        tally = self.tallies.get((token, offer_id), Tally())
        return Record(
            open=opened - failed - tally.fulfilled - tally.declined - tally.lost,
            fulfilled=tally.fulfilled,
            declined=tally.declined,
            failed=failed,
            lost=tally.lost,
            disputed=tally.disputed,
            compensation_paid=tally.compensation_paid,
        )

    # ---- for the contract on top

    @abstractmethod
    def give_back(self, order: Order, amount: int) -> None:
        """Give to the order's member what was locked, and any stake."""

    @abstractmethod
    def charge_stake(self, order: Order) -> int:
        """Take what of the order's stake is no tokens from its member; what is tokens."""

    @abstractmethod
    def earn(self, order: Order, amount: int) -> int:
        """Give to the brand what was locked and is no tokens; what is tokens, which burn."""

    @abstractmethod
    def use_reserve(self, order: Order, value: int) -> None:
        """Pay so much of what was reserved to the order's member and free the rest."""

    @abstractmethod
    def count_failed(self, order: Order) -> None:
        """Count the order's units as failed."""

    @abstractmethod
    def opened_and_failed(self, token: Address, offer_id: bytes) -> tuple[int, int]:
        """Units that were ever ordered, and those of them that the brand failed."""

    def open_order(self, order: Order, fulfil_by: int) -> None:
        """Write down a new order."""
        self._turn(order, State.OPEN, fulfil_by)
        self.emit(
            "OrderOpened",
            order.token,
            order.offer_id,
            order.member,
            order.number,
            order.quantity,
            order.amount,
            order.compensation,
            order.stake,
            order.arbiter,
            fulfil_by,
            order.order_ref,
        )

    def dispute_order(self, order: Order) -> None:
        """Turn a delivered order into a disputed one; the caller takes the stake."""
        state, deadline = self._find(order)
        self._check_state(order, state, State.DELIVERED)
        self._check_before(deadline)
        decide_by = self.world.now + self.DECISION_PERIOD
        self._turn(order, State.DISPUTED, decide_by)
        tally = self._tally(order)
        self._count(order, tally._replace(disputed=tally.disputed + order.quantity))
        self.emit("OrderDisputed", order.token, order.offer_id, order.number, decide_by)

    def dispute_sent(self, token: Address, member: Address, amount: int, data: bytes) -> None:
        """Dispute the order that tokens were sent with."""
        order = _order(data)
        require(order.token == token, "Fulfilment_OtherToken", order.token, token)
        require(order.member == member, "Fulfilment_NotMember", member, order.member)
        self.dispute_order(order)
        tokens = self.charge_stake(order)
        require(amount == tokens, "Fulfilment_WrongStake", amount, tokens)

    # ---- ending

    def _confirm(self, order: Order) -> None:
        self._find(order)
        self._burn(order.token, self._end(order, Outcome.FULFILLED, 0, 0, order.stake))

    def _end_for_member(self, order: Order, compensation: int) -> None:
        outcome = Outcome.COMPENSATED if compensation else Outcome.REFUNDED
        self._end(order, outcome, order.amount, compensation, order.stake)

    def _end(self, order: Order, outcome: Outcome, refunded: int, compensation: int, stake_back: int) -> int:
        """End an order; what the brand gets by tokens being burned."""
        is_disputed = self.orders[order.id].state == State.DISPUTED
        tally = self._tally(order)
        if outcome == Outcome.FULFILLED:
            tally = tally._replace(fulfilled=tally.fulfilled + order.quantity)
            self._turn(order, State.FULFILLED, self.world.now)
        else:
            if is_disputed:
                tally = tally._replace(lost=tally.lost + order.quantity)
            del self.orders[order.id]
        self._count(order, tally._replace(compensation_paid=tally.compensation_paid + compensation))
        self.emit("OrderEnded", order.token, order.offer_id, order.number, outcome, refunded, compensation)
        self.use_reserve(order, compensation)
        kept, back = order.amount - refunded, refunded
        if is_disputed:
            kept += order.stake - stake_back
            back += stake_back
        if back:
            self.give_back(order, back)
        return self.earn(order, kept) if kept else 0

    def _burn(self, token: Address, amount: int) -> None:
        if amount:
            self.world.token(token).burn(self.address, amount)

    # ---- internals

    def _brand_of(self, token: Address) -> bytes:
        """The brand of a token; what is none has no answer."""
        if not self.world.is_token(token):
            raise RevertError("")
        return self.world.token(token).brand_id()

    def _find(self, order: Order) -> tuple[State, int]:
        """Where an order stands that has not ended."""
        state, deadline = self.state_of(*order.id)
        going = state not in (State.NONE, State.FULFILLED)
        require(going, "Fulfilment_WrongState", *order.id, state)
        same = self.orders[order.id].order == order
        require(same, "Fulfilment_OtherFacts", *order.id)
        return state, deadline

    def _turn(self, order: Order, state: State, deadline: int) -> None:
        self.orders[order.id] = Standing(order, state, deadline)

    def _tally(self, order: Order) -> Tally:
        return self.tallies.get((order.token, order.offer_id), Tally())

    def _count(self, order: Order, tally: Tally) -> None:
        self.tallies[order.token, order.offer_id] = tally

    def _check_state(self, order: Order, state: State, expected: State) -> None:
        require(state == expected, "Fulfilment_WrongState", *order.id, state)

    def _check_before(self, deadline: int) -> None:
        require(self.world.now < deadline, "Fulfilment_TooLate", deadline)

    def _check_from(self, deadline: int) -> None:
        require(self.world.now >= deadline, "Fulfilment_TooEarly", deadline)


def _order(data: bytes) -> Order:
    order = Order._make(words_of(data, _ORDER_BITS))
    token, member, arbiter = (int(each).to_bytes(20) for each in (order.token, order.member, order.arbiter))
    return order._replace(token=token, member=member, arbiter=arbiter)
