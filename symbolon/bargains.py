"""Bargains: what brands let people bargain for, and how it is paid.


alliance.bargains.publish(token, listing, sender=manager)
alliance.bargains.pay(alliance.bargains.payment(token, "lamp", number, most), sender=buyer)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_abi.abi import encode

from symbolon import calls
from symbolon.addresses import checksum_address, parse_address
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of, label_text
from symbolon.cuts import NONCE_MAX, number_of
from symbolon.deals import NOBODY, Listing
from symbolon.exceptions import SymbolonError
from symbolon.fulfilment import PATIENCE
from symbolon.prices import Mix
from symbolon.purchases import NO_PERMIT, PAY, NoDealError, Purchases, conditions
from symbolon.signing import Fields, Signer, Spend, Witness, random_nonce

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.tokens import Token

PAYMENT: Fields = (
    ("dealId", "bytes32"),
    ("number", "uint256"),
    ("most", "uint256"),
    ("leastCompensation", "uint256"),
    ("orderRef", "bytes32"),
)
_PAYMENT_ABI = "(" + ",".join(kind for _, kind in PAYMENT) + ")"
_RULES_ABI = "(uint96,uint96,uint32,uint32)"
_CUT_RULES_ABI = "(uint8,uint96,address)"


class NoBargainError(SymbolonError):
    """There is no such bargain."""


@dataclass(frozen=True)
class Published:
    """A listing as it is now: what was published, and how many of its stock are in use or used up."""

    listing: Listing
    opened: int


@dataclass(frozen=True)
class Payment:
    """What a buyer pays, for an order or as a deposit, before it is signed or sent.

    Attributes:
        token: of whose brand.
        listing_id, number: which bargain; the buyer is in its number.
        most: parts that are paid at most, or laid down.
        least_compensation: the least that must be reserved, in currency base units.
        reference: what the shop calls it, 32 bytes.
        mix: what a part is.
    """

    token: str
    listing_id: bytes
    number: int
    most: int
    least_compensation: int
    reference: bytes
    mix: Mix

    @property
    def request(self) -> tuple[object, ...]:
        """`IBargains.Payment`."""
        return self.listing_id, self.number, self.most, self.least_compensation, self.reference

    @property
    def witness(self) -> Witness:
        """What the buyer agrees to in exchange."""
        names = (name for name, _ in PAYMENT)
        return Witness("Payment", PAYMENT, dict(zip(names, self.request, strict=True)))


@dataclass(frozen=True)
class SignedPayment:
    """A payment with the buyer's signature: anybody can send it."""

    payment: Payment
    spend: Spend
    signature: bytes
    permit: tuple[object, ...] = NO_PERMIT


class Bargains(Purchases):
    """The bargains of an alliance's members. Acts take `sender`, who must be entitled to them."""

    @property
    def contract(self) -> ContractInstance:
        """Where bargains are paid for and kept."""
        return self._alliance.bargains_contract

    @property
    def deals_contract(self) -> ContractInstance:
        """Where listings are published."""
        return self._alliance.bargain_deals_contract

    # ---- what there is

    def listing(self, token: Token, name: str | bytes) -> Published:
        """A listing by its name. Raises NoDealError."""
        listing_id = id_of(name)
        agreed = self._agreed(token, listing_id)
        pricer = address_of(calls.read(self.contract, "pricerOf", token.address, listing_id))
        alliance = self._alliance
        pricers = (alliance.haggles_contract, alliance.cuts_contract)
        contract = next((each for each in pricers if each.address == pricer), None)
        if contract is None:
            raise NoDealError(f"{label_text(listing_id)} is priced by {pricer}, which is not known here.")
        (price, floor, stock, duration), opened = calls.read(contract, "rulesOf", token.address, listing_id)
        cuts, least_cut, attester = 0, 0, NOBODY
        if contract is pricers[1]:
            rules = calls.read(contract, "cutRulesOf", token.address, listing_id)
            cuts, least_cut, attester = rules.cuts, rules.leastCut, address_of(rules.attester)
        listing = Listing(
            name=label_text(listing_id),
            document=agreed.document,
            mix=agreed.mix,
            price=int(price),
            floor=int(floor),
            cuts=int(cuts),
            least_cut=int(least_cut),
            stock=int(stock),
            opens_at=agreed.opens_at,
            closes_at=agreed.closes_at,
            duration=int(duration),
            delivery=agreed.delivery,
            right=agreed.right,
            attester=attester,
        )
        return Published(listing, int(opened))

    def listings(self, token: Token) -> list[Published]:
        """Every listing of a token, oldest first."""
        logs = calls.events(self.deals_contract, self._alliance.start_block, "BargainsPublished", about=token)
        return [self.listing(token, bytes(log.event_arguments["dealId"])) for log in logs]

    def deposit_of(self, token: Token, listing: str | bytes, number: int) -> int:
        """Parts that lie here for a bargain that has not ended."""
        return int(calls.read(self.contract, "depositOf", token.address, id_of(listing), number))

    # ---- managers with the campaign role

    def publish(self, token: Token, listing: Listing, *, sender: AccountAPI) -> Published:
        """Publish a listing, for good, under a name that the token has not used for one."""
        types: list[str] = [_RULES_ABI]
        rules: list[object] = [(listing.price, listing.floor, listing.stock, listing.duration)]
        pricer = self._alliance.haggles_contract
        if listing.is_cut:
            pricer = self._alliance.cuts_contract
            types.append(_CUT_RULES_ABI)
            rules.append((listing.cuts, listing.least_cut, listing.attester))
        calls.transact(
            sender,
            self.deals_contract,
            "publishDeal",
            token.address,
            listing.id,
            conditions(listing),
            str(pricer.address),
            encode(types, rules),
            listing.document.hash,
            listing.document.uri,
        )
        return self.listing(token, listing.id)

    # ---- buyers

    def payment(
        self,
        token: Token,
        listing: str | bytes,
        number: int,
        most: int,
        *,
        least_compensation: int = 0,
        reference: str | bytes = b"",
    ) -> Payment:
        """What pays for a bargain, or is laid down to open one to haggle; `most` in parts."""
        return Payment(
            token=token.address,
            listing_id=id_of(listing),
            number=number,
            most=most,
            least_compensation=least_compensation,
            reference=id_of(reference) if reference else bytes(32),
            mix=self._mix(token.address, id_of(listing)),
        )

    def pay(self, payment: Payment, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay; the sender is the buyer. What is too much comes back at once."""
        token = self._alliance.tokens[payment.token]
        tokens = self._ready(token, payment.mix, payment.most, sender=sender)
        if not payment.mix.token_part:
            return calls.transact(sender, self.contract, "pay", token.address, payment.request, NO_PERMIT)
        data = encode(["uint8", _PAYMENT_ABI], [PAY, payment.request])
        return calls.transact(sender, token.contract, "transferAndCall", self.contract.address, tokens, data)

    def sign(
        self, payment: Payment, signer: Signer | bytes | str, *, patience: int = PATIENCE
    ) -> SignedPayment:
        """Sign as the buyer to pay, for anybody to send within `patience` seconds. Raises NoPermitError."""
        token, cost = self._alliance.tokens[payment.token], payment.mix.cost(payment.most)
        buyer, deadline = buyer_of(payment.number), calls.now() + patience
        spend = Spend(
            buyer, str(self.contract.address), cost.tokens, random_nonce(), deadline, payment.witness
        )
        permit: tuple[object, ...] = NO_PERMIT
        if cost.money:
            permit = self._permit(token.currency, buyer, cost.money, deadline, signer)
        return SignedPayment(payment, spend, spend.sign(token.domain, signer), permit)

    def submit(self, signed: SignedPayment, *, sender: AccountAPI) -> ReceiptAPI:
        """Pay what a buyer signed, at the sender's cost of gas."""
        return calls.transact(
            sender,
            self.contract,
            "payWithSignature",
            signed.payment.token,
            signed.payment.request,
            signed.permit,
            signed.spend.arguments,
            signed.signature,
        )


def bargain_of(name: str) -> tuple[bytes, int]:
    """Listing and number of a bargain, such as lamp/0x1234… or, of that buyer's third, lamp/0x1234…/2.

    Raises NoBargainError, AddressError.
    """
    listing, *rest = name.strip().split("/")
    if not 1 <= len(rest) <= 2 or not (len(rest) == 1 or rest[1].isdecimal()) or not listing:
        raise NoBargainError(f"{name!r} is no bargain: write listing and buyer, such as lamp/0x1234….")
    nonce = int(rest[1]) if len(rest) == 2 else 0
    return id_of(listing), number_of(checksum_address(parse_address(rest[0])), min(nonce, NONCE_MAX))


def buyer_of(number: int) -> str:
    """Whose bargain it is."""
    return checksum_address((number % 2**160).to_bytes(20))


def numbered_for(buyer: AccountLike, nonce: int = 0) -> int:
    """The number of a buyer's bargain; `nonce` tells its own of one listing apart."""
    return number_of(address_of(buyer), nonce)
