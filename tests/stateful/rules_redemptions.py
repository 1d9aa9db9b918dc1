"""Rules: offers, tills, and redeeming hand to hand."""

from __future__ import annotations

from typing import NamedTuple

from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_brands import MANAGERS_OF
from stateful.rules_obligations import TERMS, ObligationRules
from stateful.stage import MANAGERS, MEMBERS, TILLS
from symbolon.reference import Address, Event
from symbolon.reference.brands import CAMPAIGN, FULFIL
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.eip712 import Signature
from symbolon.reference.offers import NO_LIMIT, Conditions
from symbolon.reference.redemptions import OfferRedemption, ParRedemption
from symbolon.reference.token import LoyaltyToken

UINT32, UINT40, UINT96 = 2**32 - 1, 2**40 - 1, 2**96 - 1
UNSIGNED = Signature(ZERO, b"")
MOST_WISHES = 12
ORDERED = b"to order "
"""Tells an offer for orders from one at the counter, where both have versions."""


class Wish(NamedTuple):
    """What a member saw and when, and what was signed on it for a till.

    Attributes:
        is_about_seen: whether it names the version that the member saw.
        seen: the offer's conditions; None for shop credit at par.
    """

    token: LoyaltyToken
    till: Address
    redemption: OfferRedemption | ParRedemption
    seen_at: int
    is_about_seen: bool
    seen: Conditions | None


class RedemptionRules(ObligationRules):
    """Offers get better at once and worse after notice; redeeming takes the member and the till."""

    def __init__(self) -> None:
        self.wishes: list[Wish] = []
        super().__init__()

    def set_scene(self) -> None:
        super().set_scene()
        desk, now = self.world.desk, self.world.now
        for token in self.world.tokens:
            if token.address not in self.world.obligations.obligations:
                continue
            sender = MANAGERS_OF[self.admin_of(token)].address
            for till in (*TILLS, MEMBERS[0]):  # who works at a till may be a member too
                self.do(sender, desk, "set_till", token.address, till.address, True)
            if token.redemption_desk() == desk.address:
                price = max(1, token.capacity() // 10_000)
                for number, closes_at in ((1, now + 4000 * DAY), (2, now + 20 * DAY)):
                    conditions = Conditions(price * number, 60, 9, now - DAY, closes_at)
                    self.do(
                        sender,
                        desk,
                        "create_offer",
                        token.address,
                        number.to_bytes(32),
                        conditions,
                        b"\x03" * 32,
                        "ipfs://offer",
                    )
        for till in (*TILLS, *MANAGERS, MEMBERS[0]):
            for currency in self.at.currencies:
                self.do(till.address, currency, "mint", till.address, 10**30)
                self.do(till.address, currency, "approve", desk.address, UINT256)

    def witness(self, event: Event) -> None:
        super().witness(event)
        if event.name in ("OfferSet", "OfferChangeWithdrawn"):
            token, offer_id, _, *rest = event.facts
            at_counter = event.contract == self.world.desk.address
            named = (token, offer_id if at_counter else ORDERED + offer_id)
            if event.name == "OfferChangeWithdrawn":
                self.worsenings[named].pop()
            elif rest[0]:
                self.worsenings.setdefault(named, []).append(rest[1])

    # ---- choices

    def who_may(self, token: LoyaltyToken, role: int) -> Address:
        """A manager with that role, else the admin."""
        for manager in MANAGERS:
            _, roles = self.world.brands.standing_of(token.brand_id(), manager.address)
            if roles & role:
                return manager.address
        return self.admin_of(token)

    def a_redeemable_token(self, dice: Dice) -> LoyaltyToken:
        """Mostly one with offers and tills."""
        if dice.rarely():
            return self.a_token(dice)
        return dice.pick([each for each in self.world.tokens if self.world.desk.offer_count(each.address)])

    def an_offer_id(self, dice: Dice, token: LoyaltyToken) -> bytes:
        """Mostly one that is open."""
        desk, now = self.world.desk, self.world.now
        ids = [each for owner, each in desk.offers if owner == token.address]
        conditions = {each: desk.offer_of(token.address, each).conditions for each in ids}
        is_open = [each for each, now_in in conditions.items() if now_in.opens_at <= now < now_in.closes_at]
        return dice.pick(is_open if is_open and not dice.seldom() else [*ids, dice.word()])

    def a_till(self, dice: Dice, token: LoyaltyToken) -> Address:
        allowed = [
            each for (owner, each), yes in self.world.desk.tills.items() if owner == token.address and yes
        ]
        return dice.pick(allowed) if allowed and not dice.rarely() else dice.pick(EVERYBODY)

    def some_conditions(self, dice: Dice, token: LoyaltyToken) -> Conditions:
        now = self.world.now
        price = max(1, token.capacity() // 10_000 // (1 + dice.roll(4)))
        opens_at = now + (dice.roll(4) - 3) * DAY
        closes_at = now + (1 + dice.roll(100)) * DAY
        limit = NO_LIMIT if dice.seldom() else 1 + dice.roll(9)
        stock = 1 + dice.roll(3) if dice.seldom() else 1 + dice.roll(40)
        conditions = Conditions(price, stock, limit, opens_at, closes_at)
        if dice.rarely():
            return conditions._replace(price=0)
        if dice.rarely():
            return conditions._replace(closes_at=(now, opens_at)[dice.roll(2)])
        if dice.rarely():
            return conditions._replace(fulfil_days=1)
        return conditions

    def changed(self, dice: Dice, before: Conditions) -> Conditions:
        """Some fields better, or one of them worse."""
        better = before._replace(
            price=max(1, before.price - before.price // 8 * dice.roll(2)),
            stock=min(before.stock + dice.roll(9), UINT32),
            member_limit=min(before.member_limit + dice.roll(3), UINT32),
            closes_at=min(before.closes_at + dice.roll(2) * 10 * DAY, UINT40),
        )
        worse = (
            better._replace(price=min(before.price + 1, UINT96)),
            better._replace(stock=max(0, before.stock - 1)),
            better._replace(member_limit=max(0, before.member_limit - 1)),
            better._replace(opens_at=before.opens_at + 1),
            better._replace(closes_at=max(0, before.closes_at - DAY)),
        )
        return dice.pick(worse) if dice.roll(3) == 2 else better

    # ---- brand

    @play
    def create_offer(self, dice: Dice) -> None:
        token = self.an_obliged_token(dice)
        offer_id = self.an_offer_id(dice, token) if dice.seldom() else dice.word()
        terms_hash = bytes([dice.roll(32) != 31]) * 32
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        what = (self.some_conditions(dice, token), terms_hash, self.a_uri(dice))
        self.do(sender, self.world.desk, "create_offer", token.address, offer_id, *what)

    @play
    def set_offer(self, dice: Dice) -> None:
        token = self.a_redeemable_token(dice)
        offer_id = self.an_offer_id(dice, token)
        before = self.world.desk.offer_of(token.address, offer_id)
        conditions = before.conditions if dice.seldom() else self.changed(dice, before.conditions)
        terms_hash = b"\x04" * 32 if dice.seldom() else before.terms_hash
        uri = self.a_uri(dice) if dice.seldom() else before.terms_uri
        if dice.rarely():
            conditions = dice.pick([conditions._replace(price=0), conditions._replace(closes_at=0)])
        if dice.rarely():
            terms_hash = bytes(32)
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        what = (token.address, offer_id, conditions, terms_hash, uri)
        self.do(sender, self.world.desk, "set_offer", *what)

    def worsen(self, token: LoyaltyToken, offer_id: bytes) -> None:
        """The brand announces a price that is a unit higher."""
        before = self.world.desk.offer_of(token.address, offer_id)
        worse = before.conditions._replace(price=min(before.conditions.price + 1, UINT96))
        what = (token.address, offer_id, worse, before.terms_hash, before.terms_uri)
        self.do(self.who_may(token, CAMPAIGN), self.world.desk, "set_offer", *what)

    @play
    def withdraw_offer_change(self, dice: Dice) -> None:
        desk = self.world.desk
        pending = [each for each in desk.offers if desk.offer_of(*each).change_at]
        token = self.a_redeemable_token(dice)
        offer_id = self.an_offer_id(dice, token)
        if not pending and not dice.seldom():
            self.worsen(token, offer_id)
        if pending:
            address, offer_id = dice.pick(pending)
            token = self.world.token(address)
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        self.do(sender, desk, "withdraw_offer_change", token.address, offer_id)

    @play
    def set_till(self, dice: Dice) -> None:
        token = self.an_obliged_token(dice)
        till = dice.pick([*TILLS, *MANAGERS, MEMBERS[0]]).address
        allowed = dice.roll(4) != 3
        sender = self.somebody(dice, self.who_may(token, FULFIL))
        self.do(sender, self.world.desk, "set_till", token.address, till, allowed)

    # ---- members

    def a_near_deadline(self, dice: Dice) -> int:
        """Mostly within the hour; sometimes now, just over, at the edge of freshness or beyond."""
        now = self.world.now
        if dice.seldom():
            return (now, now - 1, now + 3600, now + 3601, UINT40)[dice.roll(5)]
        return now + 1 + 60 * dice.roll(59)

    def a_version(self, dice: Dice, version: int) -> int:
        """Mostly the one in force."""
        return (0, version + 1, max(0, version - 1))[dice.roll(3)] if dice.rarely() else version

    def wish_for_offer(self, dice: Dice, token: LoyaltyToken, till: Address) -> Wish:
        """A member looks at an offer and signs for some units of it at a till."""
        desk, member = self.world.desk, self.a_holder(dice, token)
        offer_id = self.an_offer_id(dice, token)
        offer = desk.offer_of(token.address, offer_id)
        quantity = dice.pick([0, 60, UINT256]) if dice.rarely() else 1 + dice.roll(2)
        version = self.a_version(dice, offer.version)
        most = offer.conditions.price * quantity
        if dice.seldom():
            most = (most + 1, max(0, most - 1))[dice.roll(2)]
        nonce, deadline = self.a_nonce(dice, token, member), self.a_near_deadline(dice)
        most = min(most, UINT256)
        unsigned = OfferRedemption(member, offer_id, quantity, version, most, nonce, deadline, UNSIGNED)
        signature = self.seal(dice, member, desk.offer_digest(token.address, unsigned, till))
        redemption = unsigned._replace(signature=signature)
        if dice.rarely():
            redemption = redemption._replace(quantity=min(quantity + 1, UINT256))
        return Wish(token, till, redemption, self.world.now, 0 != version == offer.version, offer.conditions)

    def wish_for_par(self, dice: Dice, token: LoyaltyToken, till: Address) -> Wish:
        """A member signs for shop credit at a till."""
        desk, member = self.world.desk, self.a_holder(dice, token)
        in_force = self.world.obligations.obligation_of(token.address).version
        version = self.a_version(dice, in_force)
        amount = dice.pick([2**96, UINT256]) if dice.rarely() else dice.amount(token.balance_of(member))
        nonce, deadline = self.a_nonce(dice, token, member), self.a_near_deadline(dice)
        unsigned = ParRedemption(member, dice.word(), version, amount, nonce, deadline, UNSIGNED)
        signature = self.seal(dice, member, desk.par_digest(token.address, unsigned, till))
        redemption = unsigned._replace(signature=signature)
        if dice.rarely():
            redemption = redemption._replace(amount=min(amount + 1, UINT256))
        return Wish(token, till, redemption, self.world.now, 0 != version == in_force, None)

    @play
    def sign_and_keep(self, dice: Dice) -> None:
        """A member signs and walks to the till, which takes its time."""
        token = self.a_redeemable_token(dice)
        till = self.a_till(dice, token)
        look = self.wish_for_par if dice.roll(3) == 2 else self.wish_for_offer
        self.wishes.append(look(dice, token, till))
        del self.wishes[:-MOST_WISHES]

    # ---- tills

    def take(self, wish: Wish, sender: Address, method: str) -> Played:
        """Redeem what a member signed, now or a while ago, and judge it by RED-2: by time, not by version."""
        token, redemption = wish.token, wish.redemption
        before = token.balance_of(redemption.member)
        played = self.hand_in(sender, self.world.desk, method, token.address, redemption)
        if not wish.is_about_seen:
            return played
        offer_id = redemption.offer_id if isinstance(redemption, OfferRedemption) else TERMS
        named = (token.address, offer_id)
        has_got_worse = self.has_got_worse(named, wish.seen_at)
        if played.ok:
            self.tally.checks["RED-2: " + ("later" if wish.seen_at < self.world.now else "at once")] += 1
            assert not has_got_worse, "RED-2: what a member signed for has got worse and was applied"
        elif played.error in ("Offers_StaleVersion", "Redemptions_StaleTerms"):
            self.tally.checks["RED-2: refused"] += 1
            assert has_got_worse, "RED-2: a member's call was refused though nothing has got worse"
        if played.ok and wish.seen is not None and isinstance(redemption, OfferRedemption):
            applied = self.world.desk.offer_of(*named).conditions
            assert not applied.is_worse_than(wish.seen), f"RED-2: {wish.seen} was seen, {applied} applied"
            paid = before - token.balance_of(redemption.member)
            assert paid <= wish.seen.price * redemption.quantity, "RED-2: it cost more than the member saw"
        return played

    @play
    def redeem_offer(self, dice: Dice) -> None:
        token = self.a_redeemable_token(dice)
        till = self.a_till(dice, token)
        wish = self.wish_for_offer(dice, token, till)
        self.take(wish, self.somebody(dice, till), "redeem_offer")

    @play
    def redeem_around_a_change(self, dice: Dice) -> None:
        """A member signs, something changes or a change comes due, and then the till calls."""
        token = self.a_redeemable_token(dice)
        till = self.a_till(dice, token)
        at_par = dice.roll(3) == 2
        due = self.next_change(token, at_par=at_par)
        offers = [each for each in self.world.desk.offers if each[0] == token.address]
        if not due and offers and not at_par and dice.roll(2):
            self.worsen(token, offers[0][1])
            due = self.next_change(token, at_par=at_par)
        if due and dice.roll(2):
            self.set_time(max(self.world.now, due - 1 - dice.roll(60)))
        wish = self.wish_for_par(dice, token, till) if at_par else self.wish_for_offer(dice, token, till)
        what = dice.roll(4)
        if due and what < 2:
            self.set_time(max(self.world.now, due + (0, -1, 1)[dice.roll(3)]))
        elif what == 2:
            self.set_time(self.world.now + dice.roll(60))
        elif at_par:
            self.set_terms(dice)
        else:
            self.set_offer(dice)
        self.take(wish, wish.till, "redeem_at_par" if at_par else "redeem_offer")

    def next_change(self, token: LoyaltyToken, *, at_par: bool) -> int:
        """When announced terms, or one of the token's offers, get worse; zero if nothing is announced."""
        if at_par:
            return self.world.obligations.obligation_of(token.address).terms_change_at
        desk = self.world.desk
        changes = [desk.offer_of(*each).change_at for each in desk.offers if each[0] == token.address]
        return min(filter(None, changes), default=0)

    @play
    def redeem_what_was_kept(self, dice: Dice) -> None:
        """What a member signed a while ago."""
        if self.wishes:
            wish = self.wishes.pop(dice.roll(len(self.wishes)))
            at_par = "redeem_in_currency" if dice.roll(3) == 2 else "redeem_at_par"
            self.take(wish, self.somebody(dice, wish.till), "redeem_offer" if wish.seen else at_par)

    @play
    def redeem_offers(self, dice: Dice) -> None:
        token = self.a_redeemable_token(dice)
        till = self.a_till(dice, token)
        redemptions = [self.wish_for_offer(dice, token, till).redemption for _ in range(dice.roll(4))]
        self.hand_in(till, self.world.desk, "redeem_offers", token.address, redemptions)

    @play
    def redeem_at_par(self, dice: Dice) -> None:
        token = self.a_redeemable_token(dice)
        till = self.a_till(dice, token)
        wish = self.wish_for_par(dice, token, till)
        self.take(wish, self.somebody(dice, till), "redeem_at_par")

    @play
    def redeem_many_at_par(self, dice: Dice) -> None:
        token = self.a_redeemable_token(dice)
        till = self.a_till(dice, token)
        redemptions = [self.wish_for_par(dice, token, till).redemption for _ in range(dice.roll(4))]
        self.hand_in(till, self.world.desk, "redeem_many_at_par", token.address, redemptions)

    @play
    def redeem_in_currency(self, dice: Dice) -> None:
        token = self.a_redeemable_token(dice)
        till = self.a_till(dice, token)
        wish = self.wish_for_par(dice, token, till)
        self.take(wish, self.somebody(dice, till), "redeem_in_currency")
