"""Redemption to order: what members ordered, where each order stands, and what each party can do.

order = alliance.orders.open(token, "mug", 2, reference="A-1047", sender=member)
alliance.orders.fulfil(token, [order], sender=manager)
alliance.orders.finish(token, alliance.orders.due(token), sender=anybody)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_abi.abi import encode

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of
from symbolon.fulfilment import PATIENCE, Fulfilments, Order, Record
from symbolon.signing import Fields, Signer, Spend, Witness

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.tokens import Token

REQUEST: Fields = (
    ("offerId", "bytes32"),
    ("quantity", "uint256"),
    ("version", "uint256"),
    ("leastCompensation", "uint256"),
    ("orderRef", "bytes32"),
)
_OPEN = 0
_SUMMED = 500  # offers in one read


@dataclass(frozen=True)
class Wish:
    """What a member wants to order, before it is signed or sent.

    Attributes:
        token: of whose brand.
        member: who orders.
        offer_id, quantity, version: how many of what, as the member saw it.
        least_compensation: the least that must be reserved, in currency base units.
        reference: what the shop calls it, 32 bytes.
        most: base units that it may cost.
    """

    token: str
    member: str
    offer_id: bytes
    quantity: int
    version: int
    least_compensation: int
    reference: bytes
    most: int

    @property
    def request(self) -> tuple[object, ...]:
        """`IOrders.OrderRequest`."""
        return self.offer_id, self.quantity, self.version, self.least_compensation, self.reference

    @property
    def witness(self) -> Witness:
        """What the member agrees to in exchange."""
        names = (name for name, _ in REQUEST)
        return Witness("OrderRequest", REQUEST, dict(zip(names, self.request, strict=True)))


@dataclass(frozen=True)
class SignedWish:
    """A wish with the member's signature: anybody can send it."""

    wish: Wish
    spend: Spend
    signature: bytes


class Orders(Fulfilments):
    """The orders of an alliance's members. Acts take `sender`, who must be entitled to them."""

    @property
    def contract(self) -> ContractInstance:
        """Where orders are."""
        return self._alliance.orders_desk

    def free_compensation(self, token: Token, offer: str | bytes) -> int:
        """What the compensations of an offer's next orders can be reserved from, in currency base units."""
        return int(calls.read(self.contract, "freeCompensationOf", token.address, id_of(offer)))

    def delivery(self, token: Token) -> Record:
        """What everything came to that was ever ordered for a token."""
        offers = int(calls.read(self.contract, "offerCount", token.address))
        lens = self._alliance.lens
        parts = (
            Record.of(calls.read(lens, "deliveryOf", token.address, skipped, _SUMMED))
            for skipped in range(0, offers, _SUMMED)
        )
        return sum(parts, start=Record(0, 0, 0, 0, 0, 0, 0))

    # ---- members

    def wish(
        self,
        token: Token,
        offer: str | bytes,
        quantity: int = 1,
        *,
        member: AccountLike,
        reference: str | bytes = b"",
        most: int | None = None,
        least_compensation: int | None = None,
    ) -> Wish:
        """What a member would order, of an offer as it is now.

        `most` is what it may cost; the present price if not given. `least_compensation` is what must be
        reserved; all that the offer promises if not given. Raises NoOfferError.
        """
        found = self._alliance.offers.get(token, offer)
        conditions = found.conditions
        return Wish(
            token=token.address,
            member=address_of(member),
            offer_id=found.id,
            quantity=quantity,
            version=found.version,
            least_compensation=(
                conditions.compensation * quantity if least_compensation is None else least_compensation
            ),
            reference=id_of(reference) if reference else bytes(32),
            most=conditions.price * quantity if most is None else most,
        )

    def open(self, wish: Wish, *, sender: AccountAPI) -> Order:
        """Order what the sender, who is the member, wishes; what is sent too much comes back at once."""
        token = self._alliance.tokens[wish.token]
        types = ["uint8", "(" + ",".join(kind for _, kind in REQUEST) + ")"]
        data = encode(types, [_OPEN, wish.request])
        receipt = calls.transact(
            sender, token.contract, "transferAndCall", self.contract.address, wish.most, data
        )
        return self._opened_in(receipt)

    def sign(self, wish: Wish, signer: Signer | bytes | str, *, patience: int = PATIENCE) -> SignedWish:
        """Sign a wish with the member's key or account, for anybody to send within `patience` seconds."""
        token = self._alliance.tokens[wish.token]
        spend = self._spend(wish.member, wish.most, wish.witness, patience)
        return SignedWish(wish, spend, spend.sign(token.domain, signer))

    def submit(self, signed: SignedWish, *, sender: AccountAPI) -> Order:
        """Order what a member signed, at the sender's cost of gas."""
        receipt = calls.transact(
            sender,
            self.contract,
            "openWithSignature",
            signed.wish.token,
            signed.wish.request,
            signed.spend.arguments,
            signed.signature,
        )
        return self._opened_in(receipt)

    def _opened_in(self, receipt: ReceiptAPI) -> Order:
        (log,) = receipt.decode_logs([self.contract.OrderOpened.abi])
        return self._order(log, calls.block_time(int(receipt.block_number)))
