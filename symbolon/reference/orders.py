"""Redemption to order: a member pays now for what the brand delivers later."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from symbolon.reference.abi_words import words_of
from symbolon.reference.bonds import ALLOTTED, RECLAIMED, Purse
from symbolon.reference.brands import List
from symbolon.reference.contract import DAY, ZERO, Address, RevertError, require
from symbolon.reference.eip712 import Signature, struct_hash, type_hash, word
from symbolon.reference.fulfilment import SPEND, Fulfilment, Order
from symbolon.reference.offers import Conditions, Offers, Record
from symbolon.reference.token import TRANSFER_ACCEPTED, Spend

_REQUEST = (
    "OrderRequest(bytes32 offerId,uint256 quantity,uint256 version,uint256 leastCompensation,"
    "bytes32 orderRef)"
)

REQUEST = type_hash(_REQUEST)
REQUEST_SPEND = type_hash(f"{SPEND}OrderRequest witness){_REQUEST}")

_MOST_FREE = 2**88 - 1
_REQUEST_BITS = (None, 256, 256, 256, None)
"""How many bits the fields of the struct have; None for 32 bytes."""


class Act(IntEnum):
    """What a member sends tokens for."""

    OPEN = 0
    DISPUTE = 1


class OrderRequest(NamedTuple):
    """What a member orders."""

    offer_id: bytes
    quantity: int
    version: int
    least_compensation: int
    order_ref: bytes

    def witness(self) -> bytes:
        """What the member agrees to, hashed."""
        return struct_hash(REQUEST, *self)


class Orders(Offers, Fulfilment):
    """See IOrders."""

    MAX_STAKE_PERCENT = 20

    # ---- tokens

    def on_transfer_received(
        self, sender: Address, _operator: Address, holder: Address, value: int, data: bytes
    ) -> bytes:
        """Take in what a member sends to open an order, or to dispute one."""
        (act,) = words_of(data, (256,))
        if act not in (Act.OPEN, Act.DISPUTE):
            raise RevertError("")
        if act == Act.OPEN:
            self._open(sender, holder, value, OrderRequest._make(words_of(data[32:], _REQUEST_BITS)))
        else:
            self.dispute_sent(sender, holder, value, data[32:])
        return TRANSFER_ACCEPTED

    # ---- bonds

    def on_allotted(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Learn of money that compensations of an offer can be reserved from."""
        offer_id, offer = self._funded(sender, token, purse, data)
        allotted = self.world.bonds.allotment_of(token, Purse.COMPENSATION, self.address)
        require(allotted <= _MOST_FREE, "Orders_FundTooLarge", value)
        self.offers[token, offer_id] = offer._replace(free=offer.free + value)
        self.emit("CompensationFunded", token, offer_id, value)
        return ALLOTTED

    def on_reclaimed(self, sender: Address, token: Address, purse: int, value: int, data: bytes) -> bytes:
        """Give back what no order has reserved."""
        offer_id, offer = self._funded(sender, token, purse, data)
        require(value <= offer.free, "Orders_NotFree", value, offer.free)
        self.offers[token, offer_id] = offer._replace(free=offer.free - value)
        self.emit("CompensationUnfunded", token, offer_id, value)
        return RECLAIMED

    # ---- anyone

    def retire_offer(self, _sender: Address, token: Address, offer_id: bytes) -> None:
        """End an offer whose arbiter the alliance has struck off its list."""
        now = self.world.now
        offer = self.existing(token, offer_id).settled(now)
        conditions = offer.proposal.conditions
        arbiter = conditions.arbiter
        is_listed = self.world.brands.is_listed(List.ARBITER, arbiter)
        require(arbiter != ZERO and not is_listed, "Orders_NothingToRetire", arbiter)
        ended = conditions._replace(closes_at=min(conditions.closes_at, now), arbiter=ZERO)
        self.offers[token, offer_id] = offer._replace(proposal=offer.proposal._replace(conditions=ended))
        self.emit("OfferRetired", token, offer_id, arbiter)

    # ---- signed variants, for anyone to submit

    def open_with_signature(
        self, _sender: Address, token: Address, request: OrderRequest, spend: Spend, signature: Signature
    ) -> None:
        """Open an order that the member signed."""
        cost = self._take(token, spend.holder, request)
        self.world.token(token).receive_with_signature(
            self.address, spend, cost, REQUEST_SPEND, request.witness(), signature
        )

    # ---- views

    def free_compensation_of(self, token: Address, offer_id: bytes) -> int:
        """Money that compensations of the offer's next orders can be reserved from."""
        return self.existing(token, offer_id).free

    # ---- opening

    def _open(self, token: Address, member: Address, amount: int, request: OrderRequest) -> None:
        cost = self._take(token, member, request)
        require(amount >= cost, "Orders_TooLittle", amount, cost)
        if amount > cost:
            self.world.token(token).transfer(self.address, member, amount - cost)

    def _take(self, token: Address, member: Address, request: OrderRequest) -> int:
        """Take the units, reserve the compensation, write the order down; what is to be locked."""
        offer_id, quantity, now = request.offer_id, request.quantity, self.world.now
        conditions = self.take_units(token, offer_id, member, quantity, request.version)
        offer = self.existing(token, offer_id)
        compensation = min(conditions.compensation * quantity, offer.free)
        least = request.least_compensation
        require(compensation >= least, "Orders_CompensationShort", compensation, least)
        self.offers[token, offer_id] = offer._replace(free=offer.free - compensation)
        cost = conditions.price * quantity
        order = Order(
            token=token,
            offer_id=offer_id,
            number=offer.sold - quantity,
            member=member,
            quantity=quantity,
            amount=cost,
            compensation=compensation,
            stake=-(-cost * conditions.stake_percent // 100),
            arbiter=conditions.arbiter,
            opened_at=now,
            order_ref=request.order_ref,
        )
        self.open_order(order, now + conditions.fulfil_days * DAY)
        return cost

    # ---- what offers and fulfilment leave open

    def check_desk(self, token: Address) -> None:
        """Any token can be ordered for."""

    def check_delivery(self, conditions: Conditions, arbiter: Address) -> None:
        """Orders take time, and have an arbiter that the alliance lists or that is in force."""
        percent, most = conditions.stake_percent, self.MAX_STAKE_PERCENT
        require(conditions.fulfil_days != 0, "Orders_NoFulfilPeriod")
        require(percent <= most, "Orders_InvalidStake", percent, most)
        stays = conditions.arbiter == arbiter != ZERO
        listed = stays or self.world.brands.is_listed(List.ARBITER, conditions.arbiter)
        require(listed, "Orders_NoArbiter", conditions.arbiter)

    def give_back(self, order: Order, amount: int) -> None:
        """Tokens of the order's member."""
        self.world.token(order.token).transfer(self.address, order.member, amount)

    def charge_stake(self, order: Order) -> int:
        """All of it."""
        return order.stake

    def earn(self, _order: Order, amount: int) -> int:
        """What the brand earned are tokens: they are redeemed."""
        return amount

    def use_reserve(self, order: Order, value: int) -> None:
        """The member is paid out of the bond; what is left serves the next orders."""
        if rest := order.compensation - value:
            offer = self.existing(order.token, order.offer_id)
            self.offers[order.token, order.offer_id] = offer._replace(free=offer.free + rest)
        if value:
            self.world.bonds.draw(self.address, order.token, Purse.COMPENSATION, order.member, value)

    def count_failed(self, order: Order) -> None:
        """In the offer's own record."""
        offer = self.existing(order.token, order.offer_id)
        self.offers[order.token, order.offer_id] = offer._replace(failed=offer.failed + order.quantity)

    def opened_and_failed(self, token: Address, offer_id: bytes) -> tuple[int, int]:
        """From the offer's own record."""
        offer = self.existing(token, offer_id)
        return offer.sold, offer.failed

    def _funded(self, sender: Address, token: Address, purse: int, data: bytes) -> tuple[bytes, Record]:
        require(sender == self.world.bonds.address, "Orders_NotBonds", sender)
        require(purse == Purse.COMPENSATION, "Orders_WrongPurse", purse)
        if len(data) < 32:
            raise RevertError("")
        offer_id = bytes(data[:32])
        return offer_id, self.existing(token, offer_id)


def act_data(act: Act, what: OrderRequest | Order) -> bytes:
    """What is sent along with tokens to open an order or to dispute one."""
    return b"".join(map(word, (act, *what)))
