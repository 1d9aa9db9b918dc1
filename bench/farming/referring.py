"""What wallets can do that refer one another and buy, return, pay with tokens and claim as they please."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from bench.farming.scene import ATTESTER, BRAND, CROWD, PLENTY, TILL, Scene, address, signed
from symbolon.reference import Address, RevertError
from symbolon.reference.abi_words import words
from symbolon.reference.brands import List
from symbolon.reference.contract import DAY
from symbolon.reference.eip712 import Signature, word
from symbolon.reference.fulfilment import Order
from symbolon.reference.offers import NO_LIMIT, Conditions
from symbolon.reference.orders import Act, OrderRequest
from symbolon.reference.redemptions import ParRedemption
from symbolon.reference.referrals import (
    BINDING,
    INVITATION,
    PURCHASE,
    EventId,
    Invitation,
    Kind,
    Purchase,
    ReferralRewards,
    Terms,
)

WALLETS = 5
"""Of the farmers."""
HONEST_AMOUNT = 10_000
"""What the honest member buys."""
ORDERABLE = word(1)
RETURN_DAYS = ReferralRewards.MIN_VESTING_DAYS
"""For how long the shop takes goods back."""
PROGRAMME_DAYS = 200
"""How long either of the two programmes of a token runs."""


class Setting(NamedTuple):
    """A programme's terms that the contract leaves to the brand."""

    first_bps: int
    second_bps: int
    kinds: int
    vesting_days: int
    member_days: int
    referrer_cap: int

    @property
    def share_bps(self) -> int:
        """Of both levels."""
        return self.first_bps + self.second_bps


class Verb(Enum):
    """What a farmer does. Each knows every rule, and tries what is against them too."""

    OPEN = "lets others bind to it"
    BIND = "binds to another"
    BUY = "buys for money"
    GIVE_BACK = "gives the latest purchase back"
    REDEEM = "redeems tokens at par"
    CASH_IN = "is paid out at par"
    ORDER = "orders and confirms"
    DECLINED = "orders and has the order declined"
    SEND = "sends its tokens to another"
    ACCRUE = "has everything accrue, in every programme and for every token"
    CLAIM = "claims everything"
    CLAIM_TWICE = "claims each event twice in a call"
    SPEND = "redeems all that it has"
    WAIT = "waits"


class Action(NamedTuple):
    """One wallet does something, to another one, with an amount (or so many days)."""

    verb: Verb
    wallet: int = 0
    other: int = 0
    amount: int = 1


class Bought(NamedTuple):
    """A purchase, what the brand signed of it, and whether it was given back."""

    purchase: Purchase
    signature: Signature
    is_returned: bool = False


class Outcome(NamedTuple):
    """What became of a play.

    Attributes:
        spent: worth of what the farmers bought and kept, whatever they paid it with.
        got: rewards that they were paid.
    """

    spent: int
    got: int

    @property
    def cost(self) -> int:
        """What of their own went into what they have."""
        return self.spent - self.got

    def is_beyond(self, share_bps: int) -> bool:
        """Whether they got more than that share."""
        return self.got * 10_000 > self.spent * share_bps


class Referring:
    """A brand with two programmes one after the other for each of two tokens, an honest pair, and farmers."""

    def __init__(self, setting: Setting, rewards: Callable[..., ReferralRewards] = ReferralRewards) -> None:
        self.scene = Scene()
        self.world = self.scene.world
        self.setting = setting
        self.rewards = self.world.add(rewards(self.world, self.world.referrals.address))
        self.wallets = [address(f"farmer {number}") for number in range(WALLETS)]
        self._acts = {
            Verb.OPEN: self._open,
            Verb.BIND: self._bind,
            Verb.BUY: self._buy,
            Verb.GIVE_BACK: self._give_back,
            Verb.REDEEM: self._redeem,
            Verb.CASH_IN: self._cash_in,
            Verb.ORDER: self._order,
            Verb.DECLINED: self._order_in_vain,
            Verb.SEND: self._send,
            Verb.ACCRUE: self._accrue,
            Verb.CLAIM: self._claim,
            Verb.CLAIM_TWICE: self._claim_twice,
            Verb.SPEND: self._spend_all,
            Verb.WAIT: self._wait,
        }
        self._reset()
        self._prepare()
        self._saved = self.world.save()
        self._began = self.world.now

    # ---- playing

    def play(self, actions: list[Action]) -> Outcome:
        """From the beginning: all of it, and in the end everything is made to accrue and claimed."""
        self.world.restore(self._saved)
        self._saved = self.world.save()
        self.world.now = self._began
        self._begin()
        waiting = Action(Verb.WAIT, amount=self.setting.vesting_days)
        for action in (*actions, Action(Verb.ACCRUE), waiting, Action(Verb.CLAIM)):
            self._acts[action.verb](action)
        return Outcome(spent=self._spent, got=self._got)

    def honest_reward(self) -> int:
        """What the honest referrer was paid in the latest play."""
        return self._got_by_others

    def _reset(self) -> None:
        self._spent = self._got = self._got_by_others = self._number = 0
        self._bought: list[Bought] = []
        self._receipts: list[tuple[Address, Address, bytes]] = []
        self._orders: list[Order] = []
        self._tries: Counter[bytes] = Counter()

    def _begin(self) -> None:
        """The honest member buys, and has it accrue."""
        self._reset()
        honest = address("honest member")
        self._purchase(honest, HONEST_AMOUNT)
        self._redeem_for(self._token, honest, HONEST_AMOUNT, self.scene.world.desk.redeem_at_par)
        self._order_for(honest, HONEST_AMOUNT)
        self._accrue(Action(Verb.ACCRUE))

    def _attempt(self, method: Callable[..., object], sender: Address, *arguments: object) -> bool:
        """Whether the contracts let somebody."""
        try:
            self.scene.do(method, sender, *arguments)
        except RevertError:
            return False
        self._count()
        return True

    def _count(self) -> None:
        """Note what the farmers got just now."""
        for event in self.world.events:
            if event.contract == self.rewards.address and event.name == "Rewarded":
                _, referrer, *_, amount = event.facts
                if referrer in self.wallets:
                    self._got += amount
                else:
                    self._got_by_others += amount

    # ---- farmers

    def _open(self, action: Action) -> None:
        self._attempt(self.rewards.open_referrals, self.wallets[action.wallet], self._token)

    def _bind(self, action: Action) -> None:
        self._bind_to(self.wallets[action.wallet], self.wallets[action.other])

    def _buy(self, action: Action) -> None:
        self._purchase(self.wallets[action.wallet], action.amount)

    def _give_back(self, action: Action) -> None:
        """The shop takes goods back within the return window; what has not accrued yet, it remembers."""
        for place, bought in reversed(list(enumerate(self._bought))):
            purchase = bought.purchase
            in_time = self.world.now < purchase.purchased_at + RETURN_DAYS * DAY
            if purchase.member == self.wallets[action.wallet] and in_time and not bought.is_returned:
                self._bought[place] = bought._replace(is_returned=True)
                self.buys(purchase.member, -purchase.amount)
                return

    def _redeem(self, action: Action) -> None:
        for token in self.scene.tokens:
            self._redeem_for(
                token.address, self.wallets[action.wallet], action.amount, self.world.desk.redeem_at_par
            )

    def _cash_in(self, action: Action) -> None:
        self._redeem_for(
            self._token, self.wallets[action.wallet], action.amount, self.world.desk.redeem_in_currency
        )

    def _order(self, action: Action) -> None:
        self._order_for(self.wallets[action.wallet], action.amount)

    def _order_in_vain(self, action: Action) -> None:
        member = self.wallets[action.wallet]
        if order := self._open_order(member, action.amount):
            self._attempt(self.world.orders.decline, BRAND, order)
            self._orders.append(order)

    def _send(self, action: Action) -> None:
        sender, to = self.wallets[action.wallet], self.wallets[action.other]
        token = self.scene.tokens[0]
        self._attempt(token.transfer, sender, to, token.balance_of(sender))

    def _spend_all(self, action: Action) -> None:
        member = self.wallets[action.wallet]
        for token in self.scene.tokens:
            if held := token.balance_of(member):
                self._redeem_for(token.address, member, held, self.world.desk.redeem_at_par)

    def _accrue(self, _action: Action) -> None:
        """Every event in every way, twice: in other programmes, for another token, for another member."""
        rewards, anybody = self.rewards, self.wallets[0]
        purchases = [each for each in self._bought if self._is_tried(each.purchase.ref)]
        receipts = [each for each in self._receipts if self._is_tried(each[-1])]
        orders = [each for each in self._orders if self._is_tried(b"order" + word(each.number))]
        for number in (1, 2):
            for purchase, signature, _ in purchases:
                self._attempt(rewards.accrue_purchase, anybody, number, purchase, signature)
                other = purchase._replace(token=self.scene.tokens[1].address)
                self._attempt(rewards.accrue_purchase, anybody, number, other, signature)
                other = purchase._replace(member=anybody)
                self._attempt(rewards.accrue_purchase, anybody, number, other, signature)
            for its, member, nonce in receipts:
                for token in self.scene.tokens:
                    self._attempt(rewards.accrue_receipt, anybody, token.address, number, member, nonce)
                self._attempt(rewards.accrue_receipt, anybody, its, number, anybody, nonce)
            for order in orders:
                for claimed in (order, order._replace(token=self.scene.tokens[1].address)):
                    at = self.world.orders.address
                    self._attempt(rewards.accrue_order, anybody, number, at, claimed)
        self._undo_what_was_returned()

    def _is_tried(self, event: bytes) -> bool:
        """Only twice: a third time would be no different."""
        self._tries[event] += 1
        return self._tries[event] <= 2

    def _claim(self, _action: Action) -> None:
        for event in list(self.rewards.accruals):
            self._attempt(self.rewards.claim, self.wallets[0], [event])

    def _claim_twice(self, _action: Action) -> None:
        for event in list(self.rewards.accruals):
            self._attempt(self.rewards.claim, self.wallets[0], [event, event])

    def _wait(self, action: Action) -> None:
        self._undo_what_was_returned()
        self.scene.wait(action.amount)

    # ---- the brand

    def _prepare(self) -> None:
        world, setting = self.world, self.setting
        for token in self.scene.tokens:
            for number in (1, 2):
                opens_at = world.now + (number - 1) * PROGRAMME_DAYS * DAY
                terms = Terms(
                    setting.first_bps,
                    setting.second_bps,
                    setting.vesting_days,
                    setting.member_days,
                    setting.kinds,
                    opens_at,
                    opens_at + PROGRAMME_DAYS * DAY,
                    setting.referrer_cap,
                )
                attester = ATTESTER if setting.kinds & Kind.PURCHASE.bit else bytes(20)
                facts = (token.address, terms, attester, bytes(32), "")
                self.scene.do(self.rewards.create_programme, BRAND, *facts)
                budget = (self.rewards.address, PLENTY // 4, word(number))
                self.scene.do(token.grant_quota_and_call, BRAND, *budget)
        conditions = Conditions(
            price=1, stock=NO_LIMIT, member_limit=NO_LIMIT, closes_at=2**40 - 1, fulfil_days=9, arbiter=BRAND
        )
        self.scene.do(world.brands.set_listed, address("alliance"), int(List.ARBITER), BRAND, True)
        offer = (self.scene.tokens[0].address, ORDERABLE, conditions, word(2), "")
        self.scene.do(world.orders.create_offer, BRAND, *offer)
        honest, referrer = address("honest member"), address("honest referrer")
        self._bind_to(honest, referrer)

    def _undo_what_was_returned(self) -> None:
        """A brand that keeps to its rules does so the day that it sees it accrue."""
        for bought in self._bought:
            if bought.is_returned:
                token, member, ref, *_ = bought.purchase
                event = EventId(token, member, Kind.PURCHASE, ref)
                self._attempt(self.rewards.undo, BRAND, event, "returned")

    @property
    def _token(self) -> Address:
        return self.scene.tokens[0].address

    # ---- acts of anybody

    def _next(self) -> bytes:
        self._number += 1
        return word(self._number)

    def _paid(self, member: Address, amount: int) -> None:
        if member in self.wallets:
            self._spent += amount

    def _bind_to(self, member: Address, referrer: Address) -> None:
        """By signatures, submitted by somebody else, as a relayer does it."""
        deadline, digest = self.world.now + DAY, self.rewards.digest
        for token in (each.address for each in self.scene.tokens):
            invited = signed(referrer, digest(INVITATION, token, referrer, deadline))
            bound = signed(member, digest(BINDING, token, member, referrer, deadline))
            facts = (token, member, referrer, Invitation(deadline, invited), deadline, bound)
            self._attempt(self.rewards.bind_with_signature, CROWD, *facts)

    def _purchase(self, member: Address, amount: int) -> None:
        """Something paid in money; the attester signs what it was."""
        now = self.world.now
        purchase = Purchase(self._token, member, self._next(), amount, now, now + 2 * PROGRAMME_DAYS * DAY)
        digest = self.rewards.digest(PURCHASE, *purchase)
        self._bought.append(Bought(purchase, signed(ATTESTER, digest)))
        self.buys(member, amount)

    def buys(self, member: Address, amount: int) -> None:
        """The member pays what the attester is about to sign."""
        self._paid(member, amount)

    def _have(self, token: Address, member: Address, amount: int) -> None:
        """What the member lacks, it buys at par; what it has, rewards before all, goes first."""
        its = self.world.token(token)
        if (missing := amount - its.balance_of(member)) > 0:
            self.scene.do(its.transfer, CROWD, member, missing)

    def _redeem_for(
        self, token: Address, member: Address, amount: int, method: Callable[..., object]
    ) -> None:
        self._have(token, member, amount)
        desk, deadline = self.world.desk, self.world.now + 60
        unsigned = ParRedemption(member, word(7), 1, amount, self._next(), deadline, signed(member, b""))
        digest = desk.par_digest(token, unsigned, TILL)
        redemption = unsigned._replace(signature=signed(member, digest))
        self._attempt(method, TILL, token, redemption)
        self._receipts.append((token, member, redemption.nonce))
        if method == desk.redeem_at_par:
            self._paid(member, amount)

    def _open_order(self, member: Address, amount: int) -> Order | None:
        """An order of so many units at the price of one each."""
        self._have(self._token, member, amount)
        orders = self.world.orders
        request = OrderRequest(ORDERABLE, amount, 1, 0, bytes(32))
        data = words(Act.OPEN, *request)
        token = self.scene.tokens[0]
        if not self._attempt(token.transfer_and_call, member, orders.address, amount, data):
            return None
        return list(orders.orders.values())[-1].order

    def _order_for(self, member: Address, amount: int) -> None:
        if order := self._open_order(member, amount):
            facts = (order.token, order.offer_id, [order.number])
            self._attempt(self.world.orders.fulfil, BRAND, *facts)
            self._attempt(self.world.orders.confirm, member, order)
            self._orders.append(order)
            self._paid(member, amount)
