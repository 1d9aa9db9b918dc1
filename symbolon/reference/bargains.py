"""Bargains: deals whose price one buyer can bring down, by haggling or with friends' help."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from symbolon.reference.abi_words import words_of
from symbolon.reference.brands import CAMPAIGN, Gated, List
from symbolon.reference.contract import DAY, ZERO, Address, RevertError, require
from symbolon.reference.deals import WORDS, Conditions, Deals
from symbolon.reference.eip712 import Signature, domain_separator, struct_hash, type_hash, typed_digest, word
from symbolon.reference.fulfilment import SPEND, Order, State
from symbolon.reference.purchases import NO_PERMIT, Act, Deal, Permit, Purchases
from symbolon.reference.token import Spend

if TYPE_CHECKING:
    from symbolon.reference.world import World

_PAYMENT = "Payment(bytes32 dealId,uint256 number,uint256 most,uint256 leastCompensation,bytes32 orderRef)"
PAYMENT = type_hash(_PAYMENT)
PAYMENT_SPEND = type_hash(f"{SPEND}Payment witness){_PAYMENT}")
_PAYMENT_BITS = (None, 256, 256, 256, None)

Place = tuple[Address, bytes, int]
"""A token, a deal and a bargain's number."""


class Payment(NamedTuple):
    """What a buyer pays for: a price of at most so many parts, or a deposit of so many."""

    deal_id: bytes
    number: int
    most: int
    least_compensation: int
    order_ref: bytes

    def witness(self) -> bytes:
        """What the buyer agrees to, hashed."""
        return struct_hash(PAYMENT, *self)


class Consent(NamedTuple):
    """Somebody's signature, for anybody to submit; it does not count from whoever makes the call."""

    deadline: int
    signature: Signature


class BrandConsent(NamedTuple):
    """As Consent, for the brand."""

    signer: Address
    deadline: int
    signature: Signature


class Rules(NamedTuple):
    """What bargains under a deal go by; prices in parts."""

    list_price: int = 0
    floor_price: int = 0
    stock: int = 0
    duration: int = 0


class Status(IntEnum):
    """Where a bargain stands."""

    NONE = 0
    REQUESTED = 1
    OPEN = 2
    LAPSED = 3
    ENDED = 4


@runtime_checkable
class PricerLike(Protocol):
    """A contract that finds prices."""

    def on_published(
        self, sender: Address, token: Address, deal_id: bytes, brand_id: bytes, rules: bytes
    ) -> int:
        """Learn of a deal; the most that a bargain under it costs."""

    def on_payment(self, sender: Address, token: Address, deal_id: bytes, number: int, most: int) -> int:
        """Say what a buyer pays now, or zero for a deposit."""

    def bargains(self) -> Address:
        """Where bargains are paid for."""


def buyer_of(number: int) -> Address:
    """Whose bargain has that number."""
    return (number & 2**160 - 1).to_bytes(20)


def payment_data(payment: Payment) -> bytes:
    """What is sent along with tokens to pay."""
    fields = (Act.PAY, *payment)
    return b"".join(word(each) for each in fields)


class BargainDeals(Deals):
    """See IBargainDeals."""

    def publish_deal(
        self,
        sender: Address,
        token: Address,
        deal_id: bytes,
        conditions: Conditions,
        pricer: Address,
        rules: bytes,
        terms_hash: bytes,
        terms_uri: str,
    ) -> None:
        """Publish a deal, for good."""
        listed = self.world.brands.is_listed(List.MODULE, pricer)
        require(listed, "BargainDeals_PricerNotListed", pricer)
        asked = self.world.contracts.get(pricer)
        if not isinstance(asked, PricerLike) or not self.world.is_token(token):
            raise RevertError("")  # nothing there answers, or nothing that understands
        brand_id = self.world.token(token).brand_id()
        most = asked.on_published(self.address, token, deal_id, brand_id, rules)
        words = [int.from_bytes(pricer)]
        self.publish(sender, asked.bargains(), token, deal_id, conditions, words, most, terms_hash, terms_uri)
        self.emit("BargainsPublished", token, deal_id, pricer, conditions, terms_hash, terms_uri)


class Counts(NamedTuple):
    """How many bargains under a deal became orders, and how many of these the brand failed."""

    ordered: int = 0
    failed: int = 0


class Bargains(Purchases):
    """See IBargains."""

    DECLINE_PERIOD = 0

    def __init__(self, world: World, address: Address, deals: Address) -> None:
        super().__init__(world, address, deals)
        self.deposits: dict[Place, int] = {}
        self.counts: dict[tuple[Address, bytes], Counts] = {}

    # ---- buyer

    def pay(self, sender: Address, token: Address, payment: Payment, permit: Permit) -> None:
        """Pay what is currency alone."""
        tokens = self._take(token, sender, payment, permit)
        require(tokens == 0, "Purchases_WrongTokens", 0, tokens)

    def pay_with_signature(
        self,
        _sender: Address,
        token: Address,
        payment: Payment,
        permit: Permit,
        spend: Spend,
        signature: Signature,
    ) -> None:
        """Pay as the buyer signed."""
        tokens = self._take(token, spend.holder, payment, permit)
        self.world.token(token).receive_with_signature(
            self.address, spend, tokens, PAYMENT_SPEND, payment.witness(), signature
        )

    # ---- pricer

    def begin(self, sender: Address, token: Address, deal_id: bytes, buyer: Address) -> None:
        """Let a bargain begin without a deposit."""
        self._start(token, self._pricers_deal(sender, token, deal_id), buyer)

    def strike(
        self,
        sender: Address,
        token: Address,
        deal_id: bytes,
        number: int,
        price: int,
        least_compensation: int,
        order_ref: bytes,
    ) -> None:
        """Make an order of a deposit, and give the rest of it back."""
        self._pricers_deal(sender, token, deal_id)
        self._order(token, Payment(deal_id, number, price, least_compensation, order_ref), price)
        self._release_deposit(token, deal_id, number, price)

    def release(self, sender: Address, token: Address, deal_id: bytes, number: int) -> None:
        """Give a deposit back to its buyer."""
        self._pricers_deal(sender, token, deal_id)
        self._release_deposit(token, deal_id, number, 0)

    # ---- views

    def pricer_of(self, token: Address, deal_id: bytes) -> Address:
        """Who finds the prices under a deal; zero if there is none."""
        deal = self.deals.get((token, deal_id), Deal())
        return deal.words[WORDS].to_bytes(20) if deal.words else ZERO

    def deposit_of(self, token: Address, deal_id: bytes, number: int) -> int:
        """What lies here for a bargain that has not ended, in parts."""
        return self.deposits.get((token, deal_id, number), 0)

    def deal_words_of(self, token: Address, deal_id: bytes, count: int) -> list[int]:
        """As purchases have it, with the counts above the pricer."""
        words = super().deal_words_of(token, deal_id, max(count, WORDS + 1))
        counts = self.counts.get((token, deal_id), Counts())
        words[WORDS] |= counts.ordered << 160 | counts.failed << 192
        return words[:count]

    # ---- what purchases and fulfilment leave open

    def paid(self, token: Address, holder: Address, amount: int, data: bytes) -> None:
        """Pay with tokens; what is too much goes back."""
        tokens = self._take(token, holder, Payment._make(words_of(data, _PAYMENT_BITS)), NO_PERMIT)
        require(amount >= tokens, "Purchases_WrongTokens", amount, tokens)
        if amount > tokens:
            self.world.token(token).transfer(self.address, holder, amount - tokens)

    def count_failed(self, order: Order) -> None:
        """Beside the deal."""
        counts = self.counts[order.token, order.offer_id]
        self.counts[order.token, order.offer_id] = counts._replace(failed=counts.failed + order.quantity)

    def opened_and_failed(self, token: Address, offer_id: bytes) -> tuple[int, int]:
        """Beside the deal."""
        self.published(token, offer_id)
        return self.counts.get((token, offer_id), Counts())

    # ---- internals

    def _start(self, token: Address, deal: Deal, buyer: Address) -> None:
        self.check_buyer(token, self._brand_of(token), buyer)
        self.use_deal(token, deal, buyer)

    def _take(self, token: Address, buyer: Address, payment: Payment, permit: Permit) -> int:
        """Take a payment and its currency; the tokens of it."""
        deal_id, number, parts = payment.deal_id, payment.number, payment.most
        deal = self.published(token, deal_id)
        require(buyer == buyer_of(number), "Bargains_NotBuyers", number, buyer)
        pricer = self.world.contracts[self.pricer_of(token, deal_id)]
        assert isinstance(pricer, PricerLike)
        price = pricer.on_payment(self.address, token, deal_id, number, parts)
        if price == 0:
            require(self.deposit_of(token, deal_id, number) == 0, "Bargains_NumberUsed", number)
            self._start(token, deal, buyer)
            self.deposits[token, deal_id, number] = parts
            self.emit("DepositHeld", token, deal_id, number, parts)
        else:
            require(price <= parts, "Bargains_TooDear", price, parts)
            self._order(token, payment, price)
            parts = price
        return self.charge(token, deal, buyer, parts, permit)

    def _order(self, token: Address, payment: Payment, price: int) -> None:
        """Make an order of a bargain."""
        deal_id, now = payment.deal_id, self.world.now
        unused = self.state_of(token, deal_id, payment.number)[0] == State.NONE
        require(unused, "Bargains_NumberUsed", payment.number)
        counts = self.counts.get((token, deal_id), Counts())
        self.counts[token, deal_id] = counts._replace(ordered=counts.ordered + 1)
        conditions = self.deals[token, deal_id].conditions
        order = Order(
            token=token,
            offer_id=deal_id,
            number=payment.number,
            member=buyer_of(payment.number),
            quantity=1,
            amount=price,
            compensation=self.reserve(token, deal_id, 1, payment.least_compensation),
            stake=conditions.stake_on(price),
            arbiter=conditions.arbiter,
            opened_at=now,
            order_ref=payment.order_ref,
        )
        self.open_order(order, now + conditions.fulfil_days * DAY)

    def _release_deposit(self, token: Address, deal_id: bytes, number: int, spent: int) -> None:
        """End a deposit, and give back what of it was not spent."""
        deposit = self.deposit_of(token, deal_id, number)
        require(deposit != 0, "Bargains_NoDeposit", number)
        require(spent <= deposit, "Bargains_TooDear", spent, deposit)
        self.deposits[token, deal_id, number] = 0
        self.emit("DepositReleased", token, deal_id, number, deposit - spent)
        self.pay_out(token, self.deals[token, deal_id], buyer_of(number), deposit - spent)

    def _pricers_deal(self, sender: Address, token: Address, deal_id: bytes) -> Deal:
        deal = self.published(token, deal_id)
        pricer = self.pricer_of(token, deal_id)
        require(sender == pricer, "Bargains_NotPricer", sender, pricer)
        return deal


class RulesRecord(NamedTuple):
    """Rules as written down, how many of the stock are used, and whose they are."""

    rules: Rules = Rules()
    opened: int = 0
    brand_id: bytes = bytes(32)


class Pricer(Gated):
    """See IPricer."""

    NAME = ""

    def __init__(self, world: World, address: Address, bargains: Address, deals: Address) -> None:
        super().__init__(world, address)
        self.publisher = deals
        self.desk = bargains
        self.domain = domain_separator(self.NAME, world.chain_id, address)
        self.rules: dict[tuple[Address, bytes], RulesRecord] = {}

    def bargains(self) -> Address:
        """Where bargains are paid for."""
        return self.desk

    def rules_of(self, token: Address, deal_id: bytes) -> tuple[Rules, int]:
        """What bargains under a deal go by, and how many of the stock are used."""
        record = self._rules_of(token, deal_id)
        return record.rules, record.opened

    def digest(self, struct: bytes) -> bytes:
        """What is signed of a struct in the end."""
        return typed_digest(self.domain, struct)

    # ---- internals

    def _rules_of(self, token: Address, deal_id: bytes) -> RulesRecord:
        return self.rules.get((token, deal_id), RulesRecord())

    def _check_bargains(self, sender: Address) -> None:
        require(sender == self.desk, "Pricer_NotBargains", sender)

    def _check_deals(self, sender: Address) -> None:
        require(sender == self.publisher, "Pricer_NotDeals", sender)

    def _set_rules(self, token: Address, deal_id: bytes, brand_id: bytes, rules: Rules) -> None:
        fits = 0 < rules.floor_price < rules.list_price and rules.stock != 0 and rules.duration != 0
        require(fits, "Pricer_InvalidRules", rules)
        self.rules[token, deal_id] = RulesRecord(rules, 0, brand_id)

    def _take_stock(self, token: Address, deal_id: bytes) -> RulesRecord:
        record = self._rules_of(token, deal_id)
        require(record.opened < record.rules.stock, "Pricer_OutOfStock", record.rules.stock)
        self.rules[token, deal_id] = record._replace(opened=record.opened + 1)
        return record

    def _check_status(self, place: Place, status: Status, *expected: Status) -> None:
        require(status in expected, "Pricer_WrongStatus", *place, status)

    def _check_consent(self, sender: Address, account: Address, struct: bytes, consent: Consent) -> None:
        if sender != account:
            self._check_signed(account, struct, consent)

    def _check_signed(self, account: Address, struct: bytes, consent: Consent) -> None:
        require(self.world.now <= consent.deadline, "Pricer_Expired", consent.deadline)
        genuine = self.world.is_signed(account, self.digest(struct), consent.signature)
        require(genuine, "Pricer_InvalidSignature", account)

    def _check_brand(self, sender: Address, brand_id: bytes, struct: bytes, consent: BrandConsent) -> None:
        self.check_role(brand_id, consent.signer, CAMPAIGN)
        own = Consent(consent.deadline, consent.signature)
        self._check_consent(sender, consent.signer, struct, own)
