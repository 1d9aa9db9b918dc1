"""Bargains by bid and counter-offer: one transaction strikes them, at a price that both agreed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.abi_words import words_of
from symbolon.reference.bargains import (
    Bargains,
    BrandConsent,
    Consent,
    Place,
    Pricer,
    Rules,
    Status,
    buyer_of,
)
from symbolon.reference.brands import CAMPAIGN
from symbolon.reference.contract import Address, require
from symbolon.reference.eip712 import struct_hash, type_hash

if TYPE_CHECKING:
    from symbolon.reference.world import World

BID = type_hash(
    "HaggleBid(address token,bytes32 dealId,uint256 number,uint256 price,uint256 leastCompensation,"
    "bytes32 orderRef,uint256 nonce,uint256 deadline)"
)
OFFER = type_hash(
    "HaggleOffer(address token,bytes32 dealId,uint256 number,uint256 price,uint256 nonce,uint256 deadline)"
)
WITHDRAWAL = type_hash("HaggleWithdrawal(address token,bytes32 dealId,uint256 number,uint256 deadline)")
RULES_BITS = (96, 96, 32, 32)


class Agreement(NamedTuple):
    """What a bargain is struck at."""

    price: int
    least_compensation: int
    order_ref: bytes


class Haggle(NamedTuple):
    """A bargain as it is now."""

    status: Status = Status.NONE
    deadline: int = 0
    bid_nonce: int = 0
    offer_nonce: int = 0


class Record(NamedTuple):
    """A bargain as written down."""

    deadline: int = 0
    bid_nonce: int = 0
    offer_nonce: int = 0
    ended: bool = False


class Haggles(Pricer):
    """See IHaggles."""

    NAME = "Haggles"

    def __init__(self, world: World, address: Address, bargains: Address, deals: Address) -> None:
        super().__init__(world, address, bargains, deals)
        self.haggles: dict[Place, Record] = {}

    # ---- bargains

    def on_published(
        self, sender: Address, token: Address, deal_id: bytes, brand_id: bytes, rules: bytes
    ) -> int:
        """Learn of a deal."""
        self._check_deals(sender)
        decoded = Rules._make(map(int, words_of(rules, RULES_BITS)))
        self._set_rules(token, deal_id, brand_id, decoded)
        self.emit("HagglesPublished", token, deal_id, decoded)
        return decoded.list_price

    def on_payment(self, sender: Address, token: Address, deal_id: bytes, number: int, most: int) -> int:
        """Open a bargain with a deposit."""
        self._check_bargains(sender)
        place = (token, deal_id, number)
        self._check_status(place, self._status(place), Status.NONE)
        rules, _ = self.rules_of(token, deal_id)
        within = rules.floor_price <= most <= rules.list_price
        require(within, "Pricer_InvalidPrice", most, rules.floor_price, rules.list_price)
        self._take_stock(token, deal_id)
        deadline = self.world.now + rules.duration
        self.haggles[place] = Record(deadline)
        self.emit("HaggleOpened", token, deal_id, buyer_of(number), number, most, deadline)
        return 0

    # ---- buyer

    def withdraw(self, sender: Address, token: Address, deal_id: bytes, number: int, buyer: Consent) -> None:
        """Give the deposit back and end the bargain."""
        place = (token, deal_id, number)
        status = self._status(place)
        if status != Status.LAPSED:
            self._check_status(place, status, Status.OPEN)
            struct = struct_hash(WITHDRAWAL, *place, buyer.deadline)
            self._check_consent(sender, buyer_of(number), struct, buyer)
        self.haggles[place] = self.haggles[place]._replace(ended=True)
        record = self._rules_of(token, deal_id)
        self.rules[token, deal_id] = record._replace(opened=record.opened - 1)
        self.emit("HaggleWithdrawn", *place)
        self._desk().release(self.address, *place)

    # ---- both

    def strike(
        self,
        sender: Address,
        token: Address,
        deal_id: bytes,
        number: int,
        agreement: Agreement,
        buyer: Consent,
        brand: BrandConsent,
    ) -> None:
        """Strike a bargain at a price that buyer and brand agree to."""
        place = (token, deal_id, number)
        haggle = self._open_haggle(place)
        record = self._rules_of(token, deal_id)
        rules, price = record.rules, agreement.price
        least = rules.floor_price
        require(price >= least, "Pricer_InvalidPrice", price, least, rules.list_price)
        bid = self.bid(place, agreement, haggle.bid_nonce, buyer.deadline)
        self._check_consent(sender, buyer_of(number), bid, buyer)
        offer = self.offer(place, price, haggle.offer_nonce, brand.deadline)
        self._check_brand(sender, record.brand_id, offer, brand)
        self.haggles[place] = haggle._replace(ended=True)
        self.emit("HaggleStruck", *place, price)
        self._desk().strike(self.address, *place, *agreement)

    def revoke(self, sender: Address, token: Address, deal_id: bytes, number: int) -> None:
        """Make void what the caller's side has signed."""
        place = (token, deal_id, number)
        haggle = self._open_haggle(place)
        if sender == buyer_of(number):
            haggle = haggle._replace(bid_nonce=haggle.bid_nonce + 1)
        else:
            self.check_role(self._rules_of(token, deal_id).brand_id, sender, CAMPAIGN)
            haggle = haggle._replace(offer_nonce=haggle.offer_nonce + 1)
        self.haggles[place] = haggle
        self.emit("HaggleRevoked", *place, haggle.bid_nonce, haggle.offer_nonce)

    # ---- what is signed

    def bid(self, place: Place, agreement: Agreement, nonce: int, deadline: int) -> bytes:
        """The buyer's word for a price."""
        return struct_hash(BID, *place, *agreement, nonce, deadline)

    def offer(self, place: Place, price: int, nonce: int, deadline: int) -> bytes:
        """The brand's word for a price."""
        return struct_hash(OFFER, *place, price, nonce, deadline)

    # ---- views

    def bargain_of(self, token: Address, deal_id: bytes, number: int) -> Haggle:
        """A bargain as it is now."""
        place = (token, deal_id, number)
        deadline, bid_nonce, offer_nonce, _ = self.haggles.get(place, Record())
        return Haggle(self._status(place), deadline, bid_nonce, offer_nonce)

    # ---- internals

    def _desk(self) -> Bargains:
        return self.world.bargains

    def _status(self, place: Place) -> Status:
        haggle = self.haggles.get(place)
        if haggle is None:
            return Status.NONE
        if haggle.ended:
            return Status.ENDED
        return Status.OPEN if self.world.now < haggle.deadline else Status.LAPSED

    def _open_haggle(self, place: Place) -> Record:
        self._check_status(place, self._status(place), Status.OPEN)
        return self.haggles[place]
