"""A brand's redemption desk: the member's fresh signature and the till's call, hand to hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.brands import FULFIL
from symbolon.reference.contract import ZERO, Address, RevertError, require
from symbolon.reference.earn import Credit, EarnDistributor
from symbolon.reference.eip712 import Signature, struct_hash, type_hash
from symbolon.reference.offers import Conditions, Offers
from symbolon.reference.receipts import Kind, Receipt, pack, unpack
from symbolon.reference.token import Spend

if TYPE_CHECKING:
    from symbolon.reference.world import World

_SPEND = "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,"
_OFFER = "OfferRedemption(bytes32 offerId,uint256 quantity,uint256 version,address till)"
_PAR = "ParRedemption(bytes32 orderRef,uint256 version,address till)"

OFFER = type_hash(_OFFER)
PAR = type_hash(_PAR)
OFFER_SPEND = type_hash(f"{_SPEND}OfferRedemption witness){_OFFER}")
PAR_SPEND = type_hash(f"{_SPEND}ParRedemption witness){_PAR}")


class OfferRedemption(NamedTuple):
    """A member's signed wish for units of an offer, at no more than `max_amount` in all."""

    member: Address
    offer_id: bytes
    quantity: int
    version: int
    max_amount: int
    nonce: bytes
    deadline: int
    signature: Signature

    def spend(self) -> Spend:
        """What the token is to take at most."""
        return Spend(self.member, self.max_amount, self.nonce, self.deadline)

    def witness(self, till: Address) -> bytes:
        """What the member agrees to, hashed."""
        return struct_hash(OFFER, self.offer_id, self.quantity, self.version, till)


class ParRedemption(NamedTuple):
    """A member's signed wish for shop credit worth par."""

    member: Address
    order_ref: bytes
    version: int
    amount: int
    nonce: bytes
    deadline: int
    signature: Signature

    def spend(self) -> Spend:
        """What the token is to take."""
        return Spend(self.member, self.amount, self.nonce, self.deadline)

    def witness(self, till: Address) -> bytes:
        """What the member agrees to, hashed."""
        return struct_hash(PAR, self.order_ref, self.version, till)


class Redemptions(Offers):
    """See IRedemptions."""

    FRESHNESS = 3600

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.tills: dict[tuple[Address, Address], bool] = {}

    # ---- brand

    def set_till(self, sender: Address, token: Address, till: Address, allowed: bool) -> None:
        """Let an account take redemptions of a token, or no longer."""
        self.world.obligations.currency_of(token)  # the token is obliged, hence genuine
        self.check_role(self.world.token(token).brand_id(), sender, FULFIL)
        self.tills[token, till] = allowed
        self.emit("TillSet", token, till, allowed)

    # ---- tills

    def redeem_offer(self, sender: Address, token: Address, redemption: OfferRedemption) -> None:
        """The till takes units of an offer, at the present price."""
        self._check_till(sender, token)
        self._redeem_offer(sender, token, redemption)

    def redeem_offers(self, sender: Address, token: Address, redemptions: list[OfferRedemption]) -> None:
        """All of them or none."""
        self._check_till(sender, token)
        for redemption in redemptions:
            self._redeem_offer(sender, token, redemption)

    def claim_and_redeem_offer(
        self,
        sender: Address,
        token: Address,
        earnings: Address,
        credits: list[Credit],
        redemption: OfferRedemption,
    ) -> None:
        """The till takes units of an offer once what the member earned was claimed."""
        self._check_till(sender, token)
        self._claim(token, earnings, credits)
        self._redeem_offer(sender, token, redemption)

    def claim_and_redeem_at_par(
        self,
        sender: Address,
        token: Address,
        earnings: Address,
        credits: list[Credit],
        redemption: ParRedemption,
    ) -> None:
        """The till takes tokens for shop credit once what the member earned was claimed."""
        self._check_till(sender, token)
        self._claim(token, earnings, credits)
        self._redeem_at_par(sender, token, redemption, Kind.PAR, 0)

    def redeem_at_par(self, sender: Address, token: Address, redemption: ParRedemption) -> None:
        """The till takes tokens for shop credit worth par."""
        self._check_till(sender, token)
        self._redeem_at_par(sender, token, redemption, Kind.PAR, 0)

    def redeem_many_at_par(self, sender: Address, token: Address, redemptions: list[ParRedemption]) -> None:
        """All of them or none."""
        self._check_till(sender, token)
        for redemption in redemptions:
            self._redeem_at_par(sender, token, redemption, Kind.PAR, 0)

    def redeem_in_currency(self, sender: Address, token: Address, redemption: ParRedemption) -> None:
        """The till pays par, rounded up, in the settlement currency, which is final (RED-3)."""
        self._check_till(sender, token)
        obligations = self.world.obligations
        value = obligations.value_up(token, redemption.amount)
        self._redeem_at_par(sender, token, redemption, Kind.CURRENCY, value)
        currency = self.world.currency(obligations.currency_of(token))
        before = currency.balance_of(redemption.member)
        currency.transfer_from(self.address, sender, redemption.member, value)
        received = currency.balance_of(redemption.member) - before
        require(received >= value, "Redemptions_ShortPaid", received, value)

    # ---- what is signed

    def offer_digest(self, token: Address, redemption: OfferRedemption, till: Address) -> bytes:
        """Of a wish for units of an offer; its signature is left out."""
        witness = redemption.witness(till)
        return self.world.token(token).spend_digest(self.address, redemption.spend(), OFFER_SPEND, witness)

    def par_digest(self, token: Address, redemption: ParRedemption, till: Address) -> bytes:
        """Of a wish for shop credit; its signature is left out."""
        witness = redemption.witness(till)
        return self.world.token(token).spend_digest(self.address, redemption.spend(), PAR_SPEND, witness)

    # ---- views

    def is_till(self, token: Address, account: Address) -> bool:
        """Whether an account may take redemptions of a token."""
        return self.tills.get((token, account), False)

    def receipt_of(self, token: Address, member: Address, nonce: bytes) -> Receipt:
        """The receipt of what a member redeemed by a signature."""
        self.world.obligations.currency_of(token)
        self.check_desk(token)
        return unpack(self.world.token(token).receipt_of(member, nonce))

    # ---- internals

    def check_desk(self, token: Address) -> None:
        """Only tokens that name this desk."""
        desk = self.world.token(token).redemption_desk()
        require(desk == self.address, "Offers_OtherDesk", token, desk)

    def check_delivery(self, conditions: Conditions, arbiter: Address) -> None:
        """Goods are handed over at once."""
        none = conditions[5:] == (0, 0, 0, ZERO)
        require(none, "Redemptions_NoDelivery")

    def _check_till(self, sender: Address, token: Address) -> None:
        require(self.is_till(token, sender), "Redemptions_NotTill", token, sender)

    def _claim(self, token: Address, earnings: Address, credits: list[Credit]) -> None:
        """Have credits paid, where what is named pays any."""
        payer = self.world.contracts.get(earnings)
        if not isinstance(payer, EarnDistributor):
            raise RevertError("")
        payer.claim_many(self.address, token, credits)

    def _check_fresh(self, deadline: int) -> None:
        latest = self.world.now + self.FRESHNESS
        require(deadline <= latest, "Redemptions_NotFresh", deadline, latest)

    def _redeem_offer(self, till: Address, token: Address, redemption: OfferRedemption) -> None:
        self._check_fresh(redemption.deadline)
        member, offer_id, quantity = redemption.member, redemption.offer_id, redemption.quantity
        conditions = self.take_units(token, offer_id, member, quantity, redemption.version)
        amount = quantity * conditions.price
        self.emit("OfferRedeemed", token, offer_id, member, redemption.nonce, quantity, amount, till)
        self.world.token(token).redeem_with_signature(
            self.address,
            redemption.spend(),
            amount,
            OFFER_SPEND,
            redemption.witness(till),
            pack(Kind.OFFER, offer_id, quantity, self.world.now, amount),
            redemption.signature,
        )

    def _redeem_at_par(
        self, till: Address, token: Address, redemption: ParRedemption, kind: Kind, value: int
    ) -> None:
        self._check_fresh(redemption.deadline)
        valid = self.world.obligations.is_version_valid(token, redemption.version)
        require(valid, "Redemptions_StaleTerms", token, redemption.version)
        member, order_ref, amount = redemption.member, redemption.order_ref, redemption.amount
        require(amount != 0, "Redemptions_ZeroAmount")
        self.emit("ParRedeemed", token, order_ref, member, redemption.nonce, amount, value, till)
        self.world.token(token).redeem_with_signature(
            self.address,
            redemption.spend(),
            amount,
            PAR_SPEND,
            redemption.witness(till),
            pack(kind, order_ref, 0, self.world.now, amount),
            redemption.signature,
        )
