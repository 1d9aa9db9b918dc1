"""What contracts share that pay members out of quota, and what proves that members really had something."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.abi_words import words
from symbolon.reference.brands import CAMPAIGN, Gated, List, Status
from symbolon.reference.contract import Address, RevertError, require
from symbolon.reference.eip712 import Signature, domain_separator, struct_hash, typed_digest
from symbolon.reference.fulfilment import Fulfilment, Order
from symbolon.reference.purchases import Purchases, deal_id_of
from symbolon.reference.receipts import Kind, Receipt, unpack
from symbolon.reference.token import QUOTA_ACCEPTED, Source

if TYPE_CHECKING:
    from symbolon.reference.world import World


UINT96 = 2**96 - 1


class Call(NamedTuple):
    """One of many acts in a call: a method that returns nothing, and its arguments without who calls."""

    method: str
    arguments: tuple[Any, ...]


class Rewards(Gated, ABC):
    """Keeps books of the quota it was given and for what, and mints no more than that."""

    NAME: str

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.domain = domain_separator(self.NAME, world.chain_id, address)

    def on_quota_received(
        self, sender: Address, holder: Address, amount: int, _source: Source, data: bytes
    ) -> bytes:
        """Book what a token's quota here grew by; nothing with no data only opens the token."""
        if amount or data:
            self.fund(sender, holder, amount, data)
        return QUOTA_ACCEPTED

    @abstractmethod
    def fund(self, token: Address, holder: Address, amount: int, data: bytes) -> None:
        """Book quota. The token may be anything."""

    def check_campaigner(self, sender: Address, token: Address) -> Status:
        """Refuse unless the sender runs campaigns for the token's brand; where the brand stands."""
        if not self.world.is_token(token):
            raise RevertError("")  # nothing there has a brand
        return self.check_role(self.world.token(token).brand_id(), sender, CAMPAIGN)

    def check_new(self, sender: Address, token: Address) -> None:
        """For what is new: the token is obliged, and its brand active."""
        self.world.obligations.currency_of(token)
        self.check_active(self.world.token(token).brand_id(), self.check_campaigner(sender, token))

    def check_signature(
        self, signer: Address, typehash: bytes, values: Sequence[int | bytes], signature: Signature
    ) -> None:
        """Refuse unless `signer` signed; the last of the values is until when that is good."""
        *_, deadline = values
        assert isinstance(deadline, int)
        require(self.world.now <= deadline, "Rewards_Expired", deadline)
        is_signed = self.world.is_signed(signer, self.digest(typehash, *values), signature)
        require(is_signed, "Rewards_InvalidSignature", signer)

    def digest(self, typehash: bytes, *values: int | bytes) -> bytes:
        """What is signed in this contract's domain."""
        return typed_digest(self.domain, struct_hash(typehash, *values))

    def mint(self, token: Address, to: Address, amount: int) -> None:
        """Mint from this contract's quota; it may be nothing."""
        if amount:
            self.world.token(token).mint(self.address, to, amount)

    def run_all(self, sender: Address, calls: Sequence[Call]) -> list[bytes]:
        """Do one act after the other, or none; what is refused without a reason has one then."""
        for call in calls:
            try:
                getattr(self, call.method)(sender, *call.arguments)
            except RevertError as error:
                raise error if error.name else RevertError("FailedCall") from error
        return [b""] * len(calls)


class Realised(Rewards, ABC):
    """Also knows what members really had: handed over at a counter, or ordered and delivered."""

    def check_desk(self, token: Address) -> None:
        """Only this desk's receipts are understood."""
        desk = self.world.token(token).redemption_desk()
        require(desk == self.world.desk.address, "Realised_OtherDesk", token, desk)

    def received(self, token: Address, member: Address, nonce: bytes) -> Receipt:
        """What the member had for tokens; kind NONE if nothing, or if it was paid out."""
        if not self.world.is_token(token):
            raise RevertError("")
        receipt = unpack(self.world.token(token).receipt_of(member, nonce))
        return receipt._replace(kind=Kind.NONE) if receipt.kind == Kind.CURRENCY else receipt

    def fulfilled_at(self, fulfilment: Address, order: Order) -> int:
        """When an order ended as fulfilled; zero if it did not."""
        is_listed = self.world.brands.is_listed(List.MODULE, fulfilment)
        require(is_listed, "Realised_NotListed", fulfilment)
        desk = self.world.contracts.get(fulfilment)
        if not isinstance(desk, Fulfilment):
            raise RevertError("")  # it does not understand
        return desk.is_fulfilled(order)[1]

    def paid_for(self, fulfilment: Address, order: Order) -> int:
        """What a fulfilled order's member paid, in token base units; currency counts at par."""
        desk = self.world.contracts[fulfilment]
        if not isinstance(desk, Purchases):
            return order.amount
        word = desk.deal_words_of(order.token, deal_id_of(order.offer_id), 1)[0]
        value = order.amount * (word >> 96 & UINT96)
        par_value = self.world.obligations.obligation_of(order.token).par_value
        whole: int = 10 ** self.world.token(order.token).decimals()
        return order.amount * (word & UINT96) + value * whole // par_value


def order_ref_of(fulfilment: Address, order: Order) -> bytes:
    """An order's name beyond the contract where it was opened."""
    return keccak(words(fulfilment, order.token, order.offer_id, order.number))
