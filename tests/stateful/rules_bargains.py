"""Rules: bargains, by bid and counter-offer or with friends' help, against a brand that would rather not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from stateful import abi
from stateful.actors import Sealed, sign
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played, signatures_in
from stateful.rules_groups import GroupRules
from stateful.rules_purchases import BOTH, MONEY, TOKENS, Bought
from stateful.rules_rights import RIGHT
from stateful.stage import ALLIANCE, ARBITERS, FOUNDERS, GUARDIANS, INTRUDER, MEMBERS, TILLS
from symbolon.reference import Address, Contract, Event
from symbolon.reference.bargains import (
    PAYMENT_SPEND,
    BrandConsent,
    Consent,
    Payment,
    Place,
    Rules,
    buyer_of,
    payment_data,
)
from symbolon.reference.brands import CAMPAIGN, List
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.cut_bargains import NO_LINK, Attestation, CutRules, Opening
from symbolon.reference.deals import NO_RIGHT, Conditions
from symbolon.reference.eip712 import struct_hash, word
from symbolon.reference.fulfilment import Fulfilment
from symbolon.reference.haggles import WITHDRAWAL, Agreement
from symbolon.reference.purchases import Purchases
from symbolon.reference.token import LoyaltyToken

UINT96 = 2**96 - 1
ATTESTER, *KEEPERS = TILLS
HAGGLED, CUT = b"h", b"c"
"""How the ids of the scene's deals begin, before what they are paid in."""
RULES = Rules(list_price=500, floor_price=400, stock=10**6, duration=3 * DAY)
CUT_RULES = CutRules(cuts=4, least_cut=10, attester=ATTESTER.address)
ANSWER_PERIOD = 2 * DAY
NOTHING = Sealed(ZERO, b"")
NOTHING.raw = b""
UNSIGNED = Consent(0, NOTHING)
"""From whoever makes the call."""


class Haggled(NamedTuple):
    """A bargain by haggling, as we saw it: what lies there, until when, and what either side took back."""

    deposit: int
    deadline: int
    bid_nonce: int = 0
    offer_nonce: int = 0


class Cutting(NamedTuple):
    """A bargain that friends cut, as we saw it: all openings from the start, and how many were shown."""

    openings: tuple[Opening, ...]
    cuts: tuple[int, ...]
    deadline: int
    answer_by: int = 0
    drawn: int = 0
    helped: frozenset[bytes] = frozenset()


class BargainRules(GroupRules):
    """Bargains are judged by books of our own: who agreed to which price, which cuts were fixed beforehand.

    The price of a cut bargain is the list price less the cuts that were fixed first, in their order (BARG-1).
    """

    def __init__(self) -> None:
        self.haggled: dict[Place, Haggled] = {}
        self.cutting: dict[Place, Cutting] = {}
        self.drawn_up: dict[tuple[Place, bytes], tuple[tuple[int, ...], tuple[Opening, ...]]] = {}
        self.priced: dict[Place, int] = {}
        self.nonces_of: dict[bytes, int] = {}
        self.attested: set[bytes] = set()
        self.agreed: set[Address] = set()
        self.shown: list[Sealed] = []
        self.bargain_number = 0
        super().__init__()

    def purchases(self) -> list[Purchases]:
        return [*super().purchases(), self.world.bargains]

    def deal_ids(self, desk: Purchases) -> list[bytes]:
        if desk is not self.world.bargains:
            return super().deal_ids(desk)
        return [kind + each[:31] for kind in (HAGGLED, CUT) for each in (TOKENS, MONEY, BOTH)]

    def before_publishing(self) -> None:
        super().before_publishing()
        world = self.world
        for kind, account in (
            (List.MODULE, world.bargains.address),
            (List.MODULE, world.haggles.address),
            (List.MODULE, world.cuts.address),
            (List.ATTESTER, ATTESTER.address),
        ):
            self.do(ALLIANCE.address, world.brands, "set_listed", int(kind), account, True)

    def publish_in_scene(self, desk: Purchases, token: LoyaltyToken, deal_id: bytes) -> None:
        if desk is not self.world.bargains:
            super().publish_in_scene(desk, token, deal_id)
            return
        paid_in = deal_id[1:].ljust(32, b"\0")
        conditions = self.some_terms_of(token, paid_in, NO_RIGHT if paid_in == TOKENS else RIGHT)
        scale = max(1, token.capacity() // 10**6) if paid_in == TOKENS else 1
        pricer, rules = self._rules_of_scene(deal_id, scale)
        what = (token.address, deal_id, conditions, pricer.address, rules, b"\x08" * 32, "ipfs://bargain")
        self.do(self.who_may(token, CAMPAIGN), self.world.bargain_deals, "publish_deal", *what)

    def _rules_of_scene(self, deal_id: bytes, scale: int) -> tuple[Contract, bytes]:
        shared = RULES._replace(list_price=RULES.list_price * scale, floor_price=RULES.floor_price * scale)
        if deal_id.startswith(HAGGLED):
            return self.world.haggles, _words(shared)
        return self.world.cuts, _words((*shared, *CUT_RULES._replace(least_cut=CUT_RULES.least_cut * scale)))

    # ---- judging: BARG-1, SIG-1

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        self.shown = list(signatures_in(arguments))
        self.agreed = {sender, *self._signers(self.shown)}
        self.priced.clear()
        return super().do(sender, target, method, *arguments, split=split)

    def _acting(self, target: Contract, arguments: Sequence[Any]) -> tuple[Address, ...]:
        acting = super()._acting(target, arguments)
        is_pricer = target in (self.world.haggles, self.world.cuts)
        return (*acting, self.world.bargains.address) if is_pricer else acting

    def _check_signatures(self, signatures: list[Sealed]) -> None:
        """Attestations are good for all bargains under a deal; both sides may sign the same in one call."""
        counted = {each.digest: each for each in signatures if each.digest not in (b"", *self.attested)}
        super()._check_signatures(list(counted.values()))

    def opener_in(self, arguments: tuple[Any, ...]) -> Address | None:
        if len(arguments) >= 4 and isinstance(arguments[2], int):
            buyer = buyer_of(arguments[2])
            return buyer if buyer in self.agreed else None
        return super().opener_in(arguments)

    def laid_down(self, desk: Purchases) -> Iterator[tuple[Address, bytes, int]]:
        yield from super().laid_down(desk)
        if desk is self.world.bargains:
            for (token, deal_id, _), haggled in self.haggled.items():
                yield token, deal_id, haggled.deposit

    def witness(self, event: Event) -> None:
        super().witness(event)
        facts, name = event.facts, event.name
        if name == "BargainsPublished":
            token, deal_id, _, conditions, *_ = facts
            self.deals[self.world.bargains.address, token, deal_id] = conditions
        elif name == "HaggleOpened":
            token, deal_id, buyer, number, deposit, deadline = facts
            place = (token, deal_id, number)
            self._check_new(place, buyer)
            rules, _ = self.world.haggles.rules_of(token, deal_id)
            assert rules.floor_price <= deposit <= rules.list_price, "BARG-1: a deposit beyond the prices"
            assert deadline == self.world.now + rules.duration, "BARG-1: another time than was published"
            self.haggled[place] = Haggled(deposit, deadline)
        elif name == "HaggleRevoked":
            place, (bid_nonce, offer_nonce) = _place(facts), facts[3:]
            before = self.haggled[place]
            both = (bid_nonce, offer_nonce)
            moved = {(before.bid_nonce + 1, before.offer_nonce), (before.bid_nonce, before.offer_nonce + 1)}
            assert both in moved, "SIG-1: a nonce did not move on"
            self.haggled[place] = before._replace(bid_nonce=bid_nonce, offer_nonce=offer_nonce)
        elif name == "HaggleStruck":
            self._struck(_place(facts[:3]), facts[3])
        elif name == "HaggleWithdrawn":
            haggled = self.haggled[_place(facts)]
            may = buyer_of(facts[2]) in self.agreed or self.world.now >= haggled.deadline
            assert may, "BARG-1: a stranger ended a bargain"
        elif name.startswith("Cut") and event.contract == self.world.cuts.address:
            self._witness_cuts(name, facts)

    def _check_new(self, place: Place, buyer: Address) -> None:
        assert place not in self.haggled and place not in self.cutting, "BARG-1: a number was used twice"
        assert buyer == buyer_of(place[2]) and buyer in self.agreed, "SIG-1: in somebody else's name"
        brand_id = self.world.token(place[0]).brand_id()
        assert not self.world.brands.is_brand_account(brand_id, buyer), "BARG-1: the brand bargains itself"

    def _struck(self, place: Place, price: int) -> None:
        haggled, brand_id = self.haggled[place], self.world.token(place[0]).brand_id()
        rules, _ = self.world.haggles.rules_of(*place[:2])
        assert self.world.now < haggled.deadline, "BARG-1: struck too late"
        assert rules.floor_price <= price <= haggled.deposit, "BARG-1: struck beyond the deposit or the floor"
        assert buyer_of(place[2]) in self.agreed, "SIG-1: struck without its buyer"
        brands = [each for each in self.agreed if self._campaigns(brand_id, each)]
        assert brands, "SIG-1: struck without the brand"
        for sealed in self.shown:
            nonce = self.nonces_of.get(sealed.digest)
            theirs = buyer_of(place[2]) in (sealed.key, *self._wallets_of(sealed.key))
            due = haggled.bid_nonce if theirs else haggled.offer_nonce
            assert nonce is None or nonce == due, "SIG-1: a word counted that had been taken back"
        self.priced[place] = price
        self.tally.checks["BARG-1: struck"] += 1

    def _campaigns(self, brand_id: bytes, account: Address) -> bool:
        return self.world.brands.standing_of(brand_id, account)[1] & CAMPAIGN != 0

    def _wallets_of(self, key: Address) -> list[Address]:
        return [wallet for wallet, owner in self.world.wallets.items() if owner == key]

    def _witness_cuts(self, name: str, facts: tuple[Any, ...]) -> None:
        now = self.world.now
        if name == "CutOpened":
            token, deal_id, buyer, number, head, deadline = facts
            place = (token, deal_id, number)
            self._check_new(place, buyer)
            assert (place, head) in self.drawn_up, "BARG-1: opened with cuts that nobody drew up"
            brand_id = self.world.token(token).brand_id()
            signed = [each for each in self.agreed if self._campaigns(brand_id, each)]
            assert signed, "BARG-1: opened without the brand"
            cuts, openings = self.drawn_up[place, head]
            self.cutting[place] = Cutting(openings, cuts, deadline)
        elif name == "CutRequested":
            token, deal_id, buyer, number, answer_by, deadline = facts
            self._check_new((token, deal_id, number), buyer)
            assert answer_by == now + ANSWER_PERIOD, "BARG-1: the brand has another time to answer"
            self.cutting[token, deal_id, number] = Cutting((), (), deadline, answer_by)
        elif name == "CutAnswered":
            place, cuts = _place(facts), facts[3]
            cutting = self.cutting[place]
            rules, _ = self.world.cuts.rules_of(*place[:2])
            assert now < cutting.answer_by, "BARG-1: answered when the floor price was due"
            assert sum(cuts) == rules.list_price - rules.floor_price, "BARG-1: the cuts do not add up"
            _, shown = self.world.cuts.openings(place, cuts, [bytes(32)] * len(cuts))
            self.cutting[place] = cutting._replace(openings=tuple(shown), cuts=tuple(cuts), answer_by=0)
        elif name == "CutDrawn":
            self._cut_drawn(_place(facts[:3]), *facts[3:])
        elif name == "CutTaken":
            place, price = _place(facts[:3]), facts[3]
            cutting = self.cutting.pop(place)
            assert now < cutting.deadline, "BARG-1: taken too late"
            assert price == self._price_now(place, cutting), f"BARG-1: taken at {price}"
            self.priced[place] = price
            self.tally.checks["BARG-1: taken" + (" at the floor" if cutting.answer_by else "")] += 1

    def _cut_drawn(self, place: Place, helper: Address, person: bytes, price: int, left: int) -> None:
        cutting = self.cutting[place]
        assert self.world.now < cutting.deadline, "BARG-1: drawn too late"
        assert helper in self.agreed and helper != buyer_of(place[2]), "BARG-1: somebody else drew"
        assert person not in cutting.helped, "BARG-1: one person drew twice"
        cutting = cutting._replace(drawn=cutting.drawn + 1, helped=cutting.helped | {person})
        self.cutting[place] = cutting
        expected = self._price_now(place, cutting)
        assert price == expected, f"BARG-1: a draw led to {price}, and {expected} was fixed before"
        assert left == len(cutting.cuts) - cutting.drawn, "BARG-1: a cut is lost, or there is one more"
        self.tally.checks["BARG-1: drawn"] += 1

    def _price_now(self, place: Place, cutting: Cutting) -> int:
        """What the cuts that were fixed beforehand have led to, one after the other."""
        rules, _ = self.world.cuts.rules_of(*place[:2])
        if not cutting.cuts:
            return rules.floor_price if self.world.now >= cutting.answer_by else rules.list_price
        least = self.world.cuts.cut_rules_of(*place[:2]).least_cut
        price = rules.list_price
        for index, cut in enumerate(cutting.cuts[: cutting.drawn]):
            following = len(cutting.cuts) - 1 - index
            lowest = rules.floor_price + following * least
            price = max(lowest, price - max(cut, least)) if following else rules.floor_price
        return price

    def _watch(self, desk: Fulfilment, event: Event, signer: Address, sender: Address) -> None:
        if desk is self.world.bargains:
            token, deal_id, *_ = event.facts
            if event.name == "DepositHeld":
                number, parts = event.facts[2:]
                assert parts == self.haggled[token, deal_id, number].deposit, "BARG-1: another deposit"
                self.gain(desk, token, deal_id, buyer_of(number), -parts)
            elif event.name == "DepositReleased":
                number, back = event.facts[2:]
                place = (token, deal_id, number)
                haggled, price = self.haggled[place], self.priced.get(place, 0)
                assert back == haggled.deposit - price, f"BARG-1: {back} came back of {haggled}"
                self.haggled[place] = haggled._replace(deposit=0)
                self.gain(desk, token, deal_id, buyer_of(number), back)
                self.tally.checks["BARG-1: surplus" if price else "BARG-1: all back"] += 1
            elif event.name == "OrderOpened":
                member, number, quantity, amount = event.facts[2:6]
                place = (token, deal_id, number)
                assert quantity == 1 and member == buyer_of(number), "BARG-1: an order of somebody else"
                assert amount == self.priced[place], "BARG-1: an order at another price"
                if place not in self.haggled:
                    self.gain(desk, token, deal_id, member, -amount)
        super()._watch(desk, event, signer, sender)

    def _check_ways_out(self) -> None:
        """Also: a lapsed deposit goes back by anybody's hand, the brand's silence gives the floor price, and
        the buyer's openings lead there without the brand."""
        super()._check_ways_out()
        there = [each for each in self.haggled.items() if each[1].deposit]
        for (token, deal_id, number), haggled in there[-2:]:
            what = (token, deal_id, number, UNSIGNED)
            bought = Bought(self.world.bargains, token, deal_id, buyer_of(number))
            act = (self.world.haggles, "withdraw", what)
            self._must_give(bought, haggled.deadline, haggled.deposit, act)
            self.tally.checks["BARG-1: lapsed into a refund"] += 1
        alive = [each for each in self.cutting.items() if each[1].deadline > self.world.now]
        for place, cutting in alive[-3:]:
            self._must_reach_floor(place, cutting)

    def _must_reach_floor(self, place: Place, cutting: Cutting) -> None:
        now, snapshot, cuts = self.world.now, self.chain.snapshot(), self.world.cuts
        if not cutting.cuts:
            self.chain.set_time(max(now, cutting.answer_by))
        helpers = [each.address for each in (*MEMBERS, *FOUNDERS, *ARBITERS, *KEEPERS)]
        able = [each for each in helpers if each != buyer_of(place[2])]
        for index, opening in enumerate(cutting.openings[cutting.drawn :]):
            attestation = self._attested(place, able[index], bytes([200 + index]) * 32, now)
            call = abi.function("Cuts", "draw").encode((*place, opening, attestation, UNSIGNED))
            outcome = self.send(able[index], cuts.address, call)
            assert outcome.success, f"BARG-1: a cut cannot be drawn: {abi.explain(outcome.output)}"
        answer = self.chain.read(cuts.address, abi.function("Cuts", "bargain_of").encode(place))
        rules, _ = cuts.rules_of(*place[:2])
        price = int.from_bytes(answer[32:64])
        assert price == rules.floor_price, f"BARG-1: all cuts lead to {price}"
        self.tally.checks["BARG-1: to the floor" + ("" if cutting.cuts else " in silence")] += 1
        self.chain.revert(snapshot)
        self.chain.set_time(now)

    def _attested(self, place: Place, helper: Address, person: bytes, deadline: int) -> Attestation:
        """The attester's word."""
        cuts = self.world.cuts
        digest = cuts.digest(cuts.helper(*place[:2], helper, person, deadline))
        self.attested.add(digest)
        return Attestation(helper, person, deadline, sign(ATTESTER.address, digest))

    def moments_of_purchases(self) -> Iterator[int]:
        yield from super().moments_of_purchases()
        for haggled in self.haggled.values():
            if haggled.deposit:
                yield haggled.deadline
        for cutting in self.cutting.values():
            yield from (cutting.answer_by, cutting.deadline)

    # ---- choices

    def a_bargain_deal(
        self, dice: Dice, kind: bytes, paid_in: tuple[bytes, ...] = ()
    ) -> tuple[LoyaltyToken, bytes]:
        """One of the scene's."""
        deal_id = (kind + dice.pick(paid_in or (TOKENS, MONEY, BOTH)))[:32]
        tokens = [its for its, each in self.world.bargains.deals if each == deal_id]
        return self.world.token(dice.pick(tokens)), deal_id

    def a_number(self, dice: Dice, buyer: Address) -> int:
        """Mostly new; seldom used before."""
        used = [each for _, _, each in (*self.haggled, *self.cutting) if buyer_of(each) == buyer]
        self.bargain_number += 1
        return (
            dice.pick(used) if used and dice.rarely() else self.bargain_number << 160 | int.from_bytes(buyer)
        )

    def a_bargainer(self, dice: Dice, token: LoyaltyToken, deal_id: bytes, parts: int) -> Address:
        """Mostly a member who can pay and has the right."""
        conditions = self.conditions_under(self.world.bargains, token.address, deal_id)
        buyer = self.a_buyer(dice, token, parts * conditions.token_part)
        if conditions.right_id == RIGHT and not dice.seldom():
            self.have_right(token, buyer)
        return buyer

    def pay_now(self, dice: Dice, buyer: Address, token: LoyaltyToken, payment: Payment) -> Played:
        """By sending tokens, or for money alone."""
        conditions = self.conditions_under(self.world.bargains, token.address, payment.deal_id)
        tokens = min(payment.most * conditions.token_part, UINT256)
        if not tokens:
            permit = self.no_permit()
            if dice.roll(2):
                value = min(payment.most * conditions.currency_part, UINT256)
                permit = self.a_permit(dice, token.address, self.world.bargains, buyer, value)
            return self.do(buyer, self.world.bargains, "pay", token.address, payment, permit)
        what = (self.world.bargains.address, tokens, payment_data(payment))
        return self.do(buyer, token, "transfer_and_call", *what)

    def a_deposit(self, dice: Dice) -> tuple[LoyaltyToken, Address, Payment]:
        token, deal_id = self.a_bargain_deal(dice, HAGGLED)
        rules, _ = self.world.haggles.rules_of(token.address, deal_id)
        most = rules.list_price - dice.roll(rules.list_price - rules.floor_price + 1 & 255 or 1)
        if dice.rarely():
            most = dice.pick([rules.list_price + 1, rules.floor_price - 1, UINT256])
        buyer = self.a_bargainer(dice, token, deal_id, most)
        return token, buyer, Payment(deal_id, self.a_number(dice, buyer), most, 0, dice.word())

    def a_haggle(self, dice: Dice) -> Place | None:
        """Mostly one that can be struck; where there is none somebody opens one."""
        now = self.world.now
        for attempt in range(2):
            there = [
                each for each, haggled in self.haggled.items() if haggled.deposit and now < haggled.deadline
            ]
            if there and not dice.rarely():
                return dice.pick(there)
            if attempt == 0:
                token, buyer, payment = self.a_deposit(dice)
                self.pay_now(dice, buyer, token, payment)
        return dice.pick(list(self.haggled)) if self.haggled else None

    def consent(self, dice: Dice, signer: Address, digest: bytes, deadline: int) -> Consent:
        return Consent(deadline, self.seal(dice, signer, digest))

    # ---- haggling

    @play
    def lay_down_deposit(self, dice: Dice) -> None:
        token, buyer, payment = self.a_deposit(dice)
        sender = self.somebody(dice, buyer) if dice.seldom() else buyer
        self.pay_now(dice, sender, token, payment)

    @play
    def pay_with_signature(self, dice: Dice) -> None:
        """A deposit, or the price of a bargain that friends have cut, as the buyer signed."""
        bargains = self.world.bargains
        if dice.roll(2):
            token, buyer, payment = self.a_deposit(dice)
        else:
            place = self.a_cut_bargain(dice)
            if place is None:
                return
            token, buyer = self.world.token(place[0]), buyer_of(place[2])
            payment = self.a_price_to_take(dice, place)
        conditions = self.conditions_under(bargains, token.address, payment.deal_id)
        tokens = min(payment.most * conditions.token_part, UINT256)
        spend = self.a_spend(dice, token, buyer, tokens)
        digest = token.spend_digest(bargains.address, spend, PAYMENT_SPEND, payment.witness())
        signature = self.seal(dice, buyer, digest)
        if dice.rarely():
            payment = payment._replace(most=min(payment.most + 1, UINT256))
        value = min(payment.most * conditions.currency_part, UINT256)
        permit = self.a_permit(dice, token.address, bargains, buyer, value)
        what = (token.address, payment, permit, spend, signature)
        self.hand_in(dice.pick(EVERYBODY), bargains, "pay_with_signature", *what)

    def strike_now(self, dice: Dice, place: Place, *, plainly: bool = False) -> Played:
        """At a price that both agree to: one of them calls, or somebody else does."""
        haggles, (token, deal_id, number) = self.world.haggles, place
        buyer, haggled = buyer_of(number), self.haggled[place]
        rules, _ = haggles.rules_of(token, deal_id)
        price = min(max(haggled.deposit - dice.roll(60), rules.floor_price), UINT96)
        if not plainly and dice.rarely():
            price = dice.pick([rules.floor_price - 1, haggled.deposit + 1])
        promised = self.conditions_under(self.world.bargains, token, deal_id).compensation
        least = promised + dice.roll(2) if dice.rarely() and not plainly else 0
        agreement = Agreement(price, least, dice.word())
        manager = self.who_may(self.world.token(token), CAMPAIGN)
        deadlines = [self.world.now + 60] * 2 if plainly else [self.a_deadline(dice), self.a_deadline(dice)]
        bid = haggles.digest(haggles.bid(place, agreement, haggled.bid_nonce, deadlines[0]))
        offer = haggles.digest(haggles.offer(place, price, haggled.offer_nonce, deadlines[1]))
        self.nonces_of |= {bid: haggled.bid_nonce, offer: haggled.offer_nonce}
        way = dice.roll(3)
        buyers = UNSIGNED if way == 0 else self.consent(dice, buyer, bid, deadlines[0])
        brands = UNSIGNED if way == 1 else self.consent(dice, manager, offer, deadlines[1])
        sender = (buyer, manager, dice.pick(EVERYBODY))[way]
        if not plainly and dice.seldom():
            self.revoke_now(dice, place)
        if not plainly and dice.rarely():
            agreement = agreement._replace(price=price + 1)
        what = (*place, agreement, buyers, BrandConsent(manager, *brands))
        return self.hand_in(sender, haggles, "strike", *what)

    @play
    def strike(self, dice: Dice) -> None:
        """In time; seldom around the deadline, or with a word that was taken back."""
        place = self.a_haggle(dice)
        if place is None:
            return
        if dice.rarely():
            deadline = self.haggled[place].deadline
            self.set_time(max(self.world.now, deadline + (-1, 0, 1)[dice.roll(3)]))
        self.strike_now(dice, place)

    def revoke_now(self, dice: Dice, place: Place) -> None:
        manager = self.who_may(self.world.token(place[0]), CAMPAIGN)
        sender = dice.pick([buyer_of(place[2]), manager])
        self.do(self.somebody(dice, sender), self.world.haggles, "revoke", *place)

    @play
    def revoke(self, dice: Dice) -> None:
        place = self.a_haggle(dice)
        if place is not None:
            self.revoke_now(dice, place)

    @play
    def withdraw_deposit(self, dice: Dice) -> None:
        """The buyer calls or signed; from the deadline on anybody calls."""
        place, haggles = self.a_haggle(dice), self.world.haggles
        if place is None:
            return
        buyer, way = buyer_of(place[2]), dice.roll(3)
        consent, sender = UNSIGNED, buyer
        if way == 1:
            deadline = self.a_deadline(dice)
            digest = haggles.digest(struct_hash(WITHDRAWAL, *place, deadline))
            consent, sender = self.consent(dice, buyer, digest, deadline), dice.pick(EVERYBODY)
        elif way == 2:
            offset = (0, 0, 1, -1)[dice.roll(4)]
            self.set_time(max(self.world.now, self.haggled[place].deadline + offset))
            sender = dice.pick(EVERYBODY)
        self.hand_in(sender, haggles, "withdraw", *place, consent)

    # ---- cutting

    def draw_up(self, dice: Dice, place: Place) -> tuple[bytes, list[Opening]]:
        """What the brand fixes: mostly as it promised; seldom cuts that do not add up, which harms nobody."""
        cuts_of, rules = self.world.cuts, self.world.cuts.rules_of(*place[:2])[0]
        own = cuts_of.cut_rules_of(*place[:2])
        over = max(0, rules.list_price - rules.floor_price - own.cuts * own.least_cut)
        shares = [dice.roll(9) for _ in range(own.cuts)]
        cuts = [own.least_cut + over * share // max(1, sum(shares)) for share in shares]
        cuts[-1] += rules.list_price - rules.floor_price - sum(cuts)
        if dice.seldom():
            cuts = [dice.pick([0, cut, cut + 1, UINT96]) for cut in cuts]
        salts = [dice.word() for _ in cuts]
        head, openings = cuts_of.openings(place, cuts, salts)
        self.drawn_up[place, head] = tuple(cuts), tuple(openings)
        return head, openings

    def open_cut(self, dice: Dice, *, plainly: bool = False) -> Place | None:
        """Buyer and brand open a bargain; which, if they do."""
        cuts, (token, deal_id) = self.world.cuts, self.a_bargain_deal(dice, CUT)
        rules, _ = cuts.rules_of(token.address, deal_id)
        buyer = self.a_bargainer(dice, token, deal_id, rules.list_price)
        place = (token.address, deal_id, self.a_number(dice, buyer))
        head, _ = self.draw_up(dice, place)
        if not plainly and dice.rarely():
            head = NO_LINK
        manager = self.who_may(token, CAMPAIGN)
        deadlines = [self.world.now + 60] * 2 if plainly else [self.a_deadline(dice), self.a_deadline(dice)]
        digests = [cuts.digest(cuts.opening(place, head, each)) for each in deadlines]
        way = dice.roll(3)
        buyers = UNSIGNED if way == 0 else self.consent(dice, buyer, digests[0], deadlines[0])
        brands = UNSIGNED if way == 1 else self.consent(dice, manager, digests[1], deadlines[1])
        sender = (buyer, manager, dice.pick(EVERYBODY))[way]
        what = (*place, head, buyers, BrandConsent(manager, *brands))
        played = self.hand_in(sender, cuts, "open", *what)
        return place if played.ok else None

    @play
    def open_cut_bargain(self, dice: Dice) -> None:
        self.open_cut(dice)

    def request_now(self, dice: Dice) -> Place | None:
        cuts = self.world.cuts
        token, deal_id = self.a_bargain_deal(dice, CUT, (TOKENS,) if dice.rarely() else (MONEY, BOTH))
        buyer = self.a_bargainer(dice, token, deal_id, 0)
        place = (token.address, deal_id, self.a_number(dice, buyer))
        consent, sender = UNSIGNED, buyer
        if dice.roll(2):
            deadline = self.a_deadline(dice)
            digest = cuts.digest(cuts.opening(place, NO_LINK, deadline))
            consent, sender = self.consent(dice, buyer, digest, deadline), dice.pick(EVERYBODY)
        played = self.hand_in(sender, cuts, "request", *place, consent)
        return place if played.ok else None

    @play
    def request_cut_bargain(self, dice: Dice) -> None:
        self.request_now(dice)

    @play
    def answer_request(self, dice: Dice) -> None:
        """In time, or when the floor price is due; mostly with cuts that add up."""
        waiting = [each for each, cutting in self.cutting.items() if cutting.answer_by > self.world.now]
        place = dice.pick(waiting) if waiting and not dice.rarely() else self.request_now(dice)
        if place is None:
            return
        rules, _ = self.world.cuts.rules_of(*place[:2])
        own = self.world.cuts.cut_rules_of(*place[:2])
        cuts = [own.least_cut] * own.cuts
        cuts[dice.roll(own.cuts)] += rules.list_price - rules.floor_price - sum(cuts)
        if dice.rarely():
            cuts = dice.pick([cuts[1:], [cut + 1 for cut in cuts], [0, *cuts[1:]], [*cuts, own.least_cut]])
        if dice.seldom() and place in self.cutting:
            at = self.cutting[place].answer_by + (-1, 0, 1)[dice.roll(3)]
            self.set_time(max(self.world.now, at))
        sender = self.somebody(dice, self.who_may(self.world.token(place[0]), CAMPAIGN))
        self.do(sender, self.world.cuts, "answer", *place, cuts)

    def a_cut_bargain(self, dice: Dice) -> Place | None:
        """Mostly one that can be taken; where there is none somebody opens one."""
        now = self.world.now
        open_ones = [each for each, cutting in self.cutting.items() if now < cutting.deadline]
        if not open_ones and not dice.seldom():
            return self.open_cut(dice)
        if open_ones and not dice.rarely():
            return dice.pick(open_ones)
        return dice.pick(list(self.cutting)) if self.cutting else None

    @play
    def draw_cut(self, dice: Dice) -> None:
        """A friend draws the next cut, by its call or signed; sometimes another's, or twice, or too late."""
        drawable = [
            each
            for each, cutting in self.cutting.items()
            if cutting.drawn < len(cutting.openings) and self.world.now < cutting.deadline
        ]
        place = dice.pick(drawable) if drawable and not dice.seldom() else self.a_cut_bargain(dice)
        if place is None or place not in self.cutting:
            return
        cutting, cuts = self.cutting[place], self.world.cuts
        shown = [*cutting.openings[cutting.drawn :], *cutting.openings]
        opening = shown[0] if shown and not dice.rarely() else Opening(dice.roll(9), dice.word(), NO_LINK)
        if shown and dice.rarely():
            opening = dice.pick(shown)
        brand = self.admin_of(self.world.token(place[0]))
        friends = [each.address for each in (*MEMBERS, *FOUNDERS, *KEEPERS, self.at.wallet)]
        helper = (
            dice.pick([buyer_of(place[2]), brand, GUARDIANS[0].address])
            if dice.rarely()
            else dice.pick(friends)
        )
        person = dice.pick(sorted(cutting.helped)) if cutting.helped and dice.seldom() else dice.word()
        attestation = self._attested(place, helper, person, self.a_deadline(dice))
        if dice.rarely():
            attestation = dice.pick(
                [
                    attestation._replace(signature=sign(INTRUDER.address, attestation.signature.digest)),
                    attestation._replace(person=dice.word()),
                    attestation._replace(helper=INTRUDER.address),
                ]
            )
        consent, sender = UNSIGNED, helper
        if dice.roll(2) or not self.can_act(helper):
            deadline = self.a_deadline(dice)
            digest = cuts.digest(cuts.help(place, deadline))
            consent, sender = self.consent(dice, helper, digest, deadline), dice.pick(EVERYBODY)
        if dice.rarely():
            self.set_time(max(self.world.now, cutting.deadline + (-1, 0, 1)[dice.roll(3)]))
        self.hand_in(sender, cuts, "draw", *place, opening, attestation, consent)

    def a_price_to_take(self, dice: Dice, place: Place) -> Payment:
        """The price of the moment, or the one that was seen before."""
        rules, _ = self.world.cuts.rules_of(*place[:2])
        price = self.world.cuts.bargain_of(*place).price
        most = dice.pick([price, rules.list_price])
        if dice.rarely():
            most = max(0, price - 1)
        promised = self.conditions_under(self.world.bargains, *place[:2]).compensation
        least = promised + dice.roll(2) if dice.rarely() else 0
        return Payment(place[1], place[2], most, least, dice.word())

    @play
    def take_price(self, dice: Dice) -> None:
        """At any time; seldom around the moment at which the brand's silence counts, or the deadline."""
        place = self.a_cut_bargain(dice)
        if place is None:
            return
        if dice.seldom() and place in self.cutting:
            at = self.cutting[place].answer_by or self.cutting[place].deadline
            self.set_time(max(self.world.now, at + (-1, 0, 1)[dice.roll(3)]))
        payment, token = self.a_price_to_take(dice, place), self.world.token(place[0])
        buyer = buyer_of(place[2])
        sender = self.somebody(dice, buyer) if dice.seldom() else buyer
        if self.can_act(sender):
            self.pay_now(dice, sender, token, payment)

    # ---- both

    def buy_now(self, dice: Dice, desk: Purchases) -> None:
        """A bargain that is struck, or one that is taken as it is."""
        if desk is not self.world.bargains:
            super().buy_now(dice, desk)
            return
        place = self.a_haggle(dice) if dice.roll(2) else None
        if place is not None:
            self.strike_now(dice, place, plainly=True)
            return
        place = self.a_cut_bargain(dice)
        if place is not None and self.can_act(buyer_of(place[2])):
            payment = self.a_price_to_take(dice, place)
            self.pay_now(dice, buyer_of(place[2]), self.world.token(place[0]), payment)

    @play
    def publish_bargains(self, dice: Dice) -> None:
        """Mostly as it should be."""
        token, now, world = self.a_staying_token(dice), self.world.now, self.world
        deal_id = HAGGLED + TOKENS[:31] if dice.rarely() else dice.word()[:28] + bytes(4)
        low = 0 if dice.rarely() else 1 + dice.roll(50)
        shared = Rules(
            low + dice.roll(100), low, dice.roll(32) and 1 + dice.roll(9), (1 + dice.roll(9)) * DAY
        )
        own = CutRules(1 + dice.roll(6), 1, ATTESTER.address)
        if dice.seldom():
            own = dice.pick(
                [
                    own._replace(cuts=0),
                    own._replace(cuts=65),
                    own._replace(least_cut=0),
                    own._replace(attester=INTRUDER.address),
                ]
            )
        is_haggle = dice.roll(2) == 1
        pricer = world.haggles if is_haggle else world.cuts
        rules = _words(shared) if is_haggle else _words((*shared, *own))
        if dice.rarely():
            rules = dice.pick([rules[:-1], b"", b"\xff" * 224])
        conditions = Conditions(
            token_part=1 - dice.roll(2),
            currency_part=(1, 2, 0)[dice.roll(3)],
            opens_at=now - dice.roll(2) * DAY,
            closes_at=now + (1 + dice.roll(9)) * DAY,
            fulfil_days=1 + dice.roll(40),
            stake_percent=dice.roll(21),
            compensation=dice.roll(3) * 100,
            arbiter=dice.pick(ARBITERS).address,
            right_id=dice.pick([NO_RIGHT, RIGHT]),
        )
        where = dice.pick([*self.at.spenders, INTRUDER.address]) if dice.rarely() else pricer.address
        what = (token.address, deal_id, conditions, where, rules, b"\x09" * 32, self.a_uri(dice))
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        self.do(sender, world.bargain_deals, "publish_deal", *what)


def _words(fields: Iterable[int | bytes]) -> bytes:
    return b"".join(word(each) for each in fields)


def _place(facts: Sequence[Any]) -> Place:
    token, deal_id, number, *_ = facts
    return token, deal_id, number
