"""Haggling: bids and counter-offers are signed and exchanged off the chain, and one transaction strikes.

haggle = alliance.haggles.open(token, "lamp", deposit, sender=buyer)
offer = alliance.haggles.offer(haggle, 650_00, manager)
alliance.haggles.strike(haggle, 650_00, offer=offer, sender=buyer)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

from symbolon import calls, deployment
from symbolon.bargains import NoBargainError, buyer_of, numbered_for
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of, label_text, number_text
from symbolon.deals import Listing
from symbolon.exceptions import SymbolonError
from symbolon.reverts import moment
from symbolon.signing import Domain, Fields, Signer, Struct

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

DAY = 86_400

_WHICH: Fields = (("token", "address"), ("dealId", "bytes32"), ("number", "uint256"))
_UNTIL: Fields = (("nonce", "uint256"), ("deadline", "uint256"))


class NotGoodError(SymbolonError):
    """A bid or an offer does not count."""


class Status(IntEnum):
    """Where a bargain stands."""

    NONE = 0
    REQUESTED = 1
    OPEN = 2
    LAPSED = 3
    ENDED = 4

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Haggle:
    """A bargain as it was when it was read.

    Attributes:
        token, listing: what it is about.
        number: which; its buyer is in it.
        status: where it stands.
        deadline: until when it can be struck, in seconds.
        bid_nonce, offer_nonce: what bids and offers must carry to count.
        deposit: parts that lie there; nothing once it has ended.
    """

    token: str
    listing: Listing
    number: int
    status: Status
    deadline: int
    bid_nonce: int
    offer_nonce: int
    deposit: int

    @property
    def name(self) -> str:
        """Listing and buyer, as people say it."""
        return f"{self.listing.name}/{number_text(self.number)}"

    @property
    def buyer(self) -> str:
        """Whose it is."""
        return buyer_of(self.number)


@dataclass(frozen=True)
class Bid(Struct):
    """What a buyer would pay, in parts, until `deadline`."""

    token: str
    deal_id: bytes
    number: int
    price: int
    least_compensation: int
    reference: bytes
    nonce: int
    deadline: int

    type_name: ClassVar[str] = "HaggleBid"
    members: ClassVar[Fields] = (
        *_WHICH,
        ("price", "uint256"),
        ("leastCompensation", "uint256"),
        ("orderRef", "bytes32"),
        *_UNTIL,
    )


@dataclass(frozen=True)
class Offer(Struct):
    """What a brand would sell for, in parts, until `deadline`."""

    token: str
    deal_id: bytes
    number: int
    price: int
    nonce: int
    deadline: int

    type_name: ClassVar[str] = "HaggleOffer"
    members: ClassVar[Fields] = (*_WHICH, ("price", "uint256"), *_UNTIL)


@dataclass(frozen=True)
class Withdrawal(Struct):
    """That a buyer ends a bargain and takes its deposit back."""

    token: str
    deal_id: bytes
    number: int
    deadline: int

    type_name: ClassVar[str] = "HaggleWithdrawal"
    members: ClassVar[Fields] = (*_WHICH, ("deadline", "uint256"))


@dataclass(frozen=True)
class SignedBid:
    """A bid with its buyer's signature."""

    bid: Bid
    signature: bytes


@dataclass(frozen=True)
class SignedOffer:
    """An offer with the signature of somebody who runs the brand's campaigns."""

    offer: Offer
    signer: str
    signature: bytes


class Haggles:
    """Bargains by bid and counter-offer. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where prices are agreed on."""
        return self._alliance.haggles_contract

    @property
    def domain(self) -> Domain:
        """What bids and offers are bound to."""
        return Domain("Haggles", calls.chain_id(), str(self.contract.address))

    def get(self, token: Token, listing: str | bytes, number: int) -> Haggle:
        """A bargain. Raises NoDealError, NoBargainError."""
        bargains = self._alliance.bargains
        found = calls.read(self.contract, "bargainOf", token.address, id_of(listing), number)
        if not found.status:
            raise NoBargainError(
                f"There is no bargain {label_text(id_of(listing))}/{number_text(number)}: its buyer opens it "
                "with a deposit."
            )
        return Haggle(
            token=token.address,
            listing=bargains.listing(token, listing).listing,
            number=number,
            status=Status(found.status),
            deadline=int(found.deadline),
            bid_nonce=int(found.bidNonce),
            offer_nonce=int(found.offerNonce),
            deposit=bargains.deposit_of(token, listing, number),
        )

    def of(self, token: Token) -> list[Haggle]:
        """Every bargain of a token that was ever opened, oldest first."""
        logs = calls.events(self.contract, self._alliance.start_block, "HaggleOpened", about=token)
        found = (log.event_arguments for log in logs)
        return [self.get(token, bytes(facts["dealId"]), int(facts["number"])) for facts in found]

    def struck(self, token: Token) -> dict[tuple[bytes, int], int]:
        """At how many parts bargains of a token were struck, by listing and number."""
        logs = calls.events(self.contract, self._alliance.start_block, "HaggleStruck", about=token)
        found = (log.event_arguments for log in logs)
        return {(bytes(each["dealId"]), int(each["number"])): int(each["price"]) for each in found}

    # ---- buyers

    def open(
        self, token: Token, listing: str | bytes, deposit: int, *, nonce: int = 0, sender: AccountAPI
    ) -> Haggle:
        """Open a bargain with a deposit, in parts: the most that the sender can come to pay."""
        number, bargains = numbered_for(sender, nonce), self._alliance.bargains
        bargains.pay(bargains.payment(token, listing, number, deposit), sender=sender)
        return self.get(token, listing, number)

    def bid(
        self,
        haggle: Haggle,
        price: int,
        signer: Signer | bytes | str,
        *,
        least_compensation: int | None = None,
        reference: str | bytes = b"",
        patience: int = DAY,
    ) -> SignedBid:
        """Sign as the buyer what it would pay, good for `patience` seconds."""
        bid = Bid(
            haggle.token,
            haggle.listing.id,
            haggle.number,
            price,
            _compensation(haggle, least_compensation),
            id_of(reference) if reference else bytes(32),
            haggle.bid_nonce,
            calls.now() + patience,
        )
        return SignedBid(bid, bid.sign(self.domain, signer))

    def withdraw(self, haggle: Haggle, *, sender: AccountAPI) -> ReceiptAPI:
        """End a bargain and give its deposit back: the buyer at any time, anybody once it has lapsed."""
        return calls.transact(
            sender, self.contract, "withdraw", haggle.token, haggle.listing.id, haggle.number, (0, b"")
        )

    # ---- brands

    def offer(
        self,
        haggle: Haggle,
        price: int,
        signer: Signer,
        *,
        brand: AccountLike | None = None,
        patience: int = DAY,
    ) -> SignedOffer:
        """Sign for the brand what it would sell for, good for `patience` seconds.

        `brand` is who runs its campaigns, if that is a wallet whose key signs.
        """
        offer = Offer(
            haggle.token,
            haggle.listing.id,
            haggle.number,
            price,
            haggle.offer_nonce,
            calls.now() + patience,
        )
        return SignedOffer(offer, address_of(brand or signer.address), offer.sign(self.domain, signer))

    # ---- both

    def check(self, haggle: Haggle, paper: SignedBid | SignedOffer) -> None:
        """Raise NotGoodError unless a bid or an offer counts now, as far as can be told without striking."""
        said = paper.bid if isinstance(paper, SignedBid) else paper.offer
        whose = haggle.buyer if isinstance(paper, SignedBid) else paper.signer
        nonce = haggle.bid_nonce if isinstance(paper, SignedBid) else haggle.offer_nonce
        if (said.token, said.deal_id, said.number) != (haggle.token, haggle.listing.id, haggle.number):
            raise NotGoodError("It is about another bargain: look for the right file.")
        if haggle.status is not Status.OPEN:
            raise NotGoodError(
                f"The bargain {haggle.name} is {haggle.status}: nothing can be agreed on any more."
            )
        if said.deadline < calls.now():
            raise NotGoodError(f"It was good until {moment(said.deadline)}: ask for another one.")
        if said.nonce != nonce:
            raise NotGoodError("It was taken back: ask for another one.")
        if not haggle.listing.floor <= said.price <= haggle.deposit:
            raise NotGoodError("Its price is below the least bid or above the deposit: ask for another one.")
        signed = said.recover(self.domain, paper.signature) == whose
        if not signed and not deployment.code_at(whose):  # wallets with code are asked when it is used
            raise NotGoodError(f"It is not signed by {whose}: do not rely on it.")

    def strike(
        self,
        haggle: Haggle,
        price: int,
        *,
        bid: SignedBid | None = None,
        offer: SignedOffer | None = None,
        least_compensation: int | None = None,
        reference: str | bytes = b"",
        sender: AccountAPI,
    ) -> ReceiptAPI:
        """Strike a bargain at a price that both agree to: who does not call has signed its bid or offer."""
        agreement = (
            (price, bid.bid.least_compensation, bid.bid.reference)
            if bid
            else (
                price,
                _compensation(haggle, least_compensation),
                id_of(reference) if reference else bytes(32),
            )
        )
        buyer = (bid.bid.deadline, bid.signature) if bid else (0, b"")
        brand = (
            (offer.signer, offer.offer.deadline, offer.signature) if offer else (address_of(sender), 0, b"")
        )
        return calls.transact(
            sender,
            self.contract,
            "strike",
            haggle.token,
            haggle.listing.id,
            haggle.number,
            agreement,
            buyer,
            brand,
        )

    def revoke(self, haggle: Haggle, *, sender: AccountAPI) -> ReceiptAPI:
        """Make void what the sender's side has signed for a bargain."""
        return calls.transact(sender, self.contract, "revoke", haggle.token, haggle.listing.id, haggle.number)


def _compensation(haggle: Haggle, least: int | None) -> int:
    """All of what the listing promises, unless less is accepted."""
    return haggle.listing.delivery.compensation if least is None else least
