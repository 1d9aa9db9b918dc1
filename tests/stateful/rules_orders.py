"""Rules: ordering what is delivered later, and what comes of it."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from stateful import abi
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_bonds import BondRules
from stateful.rules_redemptions import ORDERED
from stateful.stage import ARBITERS, INTRUDER, MANAGERS, MEMBERS
from symbolon.reference import Address, Contract, Event
from symbolon.reference.bonds import Purse
from symbolon.reference.brands import CAMPAIGN, FULFIL, List
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.fulfilment import (
    CONFIRMATION_SPEND,
    DISPUTE_SPEND,
    Fulfilment,
    Order,
    Outcome,
    State,
)
from symbolon.reference.offers import Conditions
from symbolon.reference.orders import REQUEST_SPEND, Act, OrderRequest, act_data
from symbolon.reference.token import LoyaltyToken, Spend

UINT96 = 2**96 - 1
FIRST_DAY, TO_DISPUTE, TO_DECIDE = DAY, 14 * DAY, 30 * DAY
Id = tuple[Address, Address, bytes, int]
"""The contract that an order lies with; its token, offer and number."""
ENDS = {
    State.OPEN: "claim",
    State.DELIVERED: "finish",
    State.DISPUTED: "claim",
}
"""How anybody ends an order once its time is over."""


class Going(NamedTuple):
    """An order that has not ended, as we saw it: where it lies, its facts, and when what happened to it."""

    desk: Fulfilment
    order: Order
    fulfil_by: int
    delivered_at: int = 0
    disputed_at: int = 0

    @property
    def state(self) -> State:
        if self.disputed_at:
            return State.DISPUTED
        return State.DELIVERED if self.delivered_at else State.OPEN

    @property
    def deadline(self) -> int:
        """When anybody can end it."""
        if self.disputed_at:
            return self.disputed_at + TO_DECIDE
        return self.delivered_at + TO_DISPUTE if self.delivered_at else self.fulfil_by

    @property
    def locked(self) -> int:
        return self.order.amount + (self.order.stake if self.disputed_at else 0)


class OrderRules(BondRules):
    """Orders are judged by who did what when, and by what became of every token (RED-1)."""

    def __init__(self) -> None:
        self.going: dict[Id, Going] = {}
        self.locked: Counter[Address] = Counter()
        self.gained: Counter[tuple[Address, Address]] = Counter()
        self.presents: Counter[Address] = Counter()
        self.ended: set[tuple[Address, bytes]] = set()
        super().__init__()

    def set_scene(self) -> None:
        super().set_scene()
        world, now = self.world, self.world.now
        listed = [(List.ARBITER, each.address) for each in ARBITERS] + [(List.MODULE, world.orders.address)]
        for kind, account in listed:
            self.do(world.brands.alliance, world.brands, "set_listed", int(kind), account, True)
        for token in self.obliged():
            price = max(1, token.capacity() // 20_000)
            for number in (1, 2):
                offer_id, judge = number.to_bytes(32), ARBITERS[number - 1].address
                closes_at = now + 4000 * DAY
                conditions = Conditions(
                    price * number, 500, 90, now - DAY, closes_at, 5 * number, 10 * number, 1000, judge
                )
                what = (token.address, offer_id, conditions, b"\x05" * 32, "ipfs://order")
                self.do(self.who_may(token, CAMPAIGN), world.orders, "create_offer", *what)
                fund = (token.address, int(Purse.COMPENSATION), world.orders.address, 10**5, offer_id)
                self.do(self.admin_of(token), world.bonds, "allot", *fund)

    def witness(self, event: Event) -> None:
        """Note the offers that were ended and have nothing announced that opens them again."""
        super().witness(event)
        if event.contract != self.world.orders.address:
            return
        if event.name == "OfferRetired":
            token, offer_id, arbiter = event.facts
            assert not self.world.brands.is_listed(List.ARBITER, arbiter), (
                "RED-1: ended with its arbiter there"
            )
            if not self.world.orders.offer_of(token, offer_id).change_at:
                self.ended.add((token, offer_id))
        elif event.name == "OfferSet":
            self.ended.discard(event.facts[:2])

    # ---- RED-1, by money and time

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        orders = self.world.orders
        touched = self._touched(target, arguments)
        before = {token.address: self._held.get(token.address, {}) for token in touched}
        played = super().do(sender, target, method, *arguments, split=split)
        if not played.ok:
            return played
        desks = {each.address: each for each in self.desks()}
        locked = self.locked.copy()
        self.gained.clear()
        signer = next((each.holder for each in arguments if isinstance(each, Spend)), sender)
        for event in self.world.events:
            if event.contract in desks:
                self._watch(desks[event.contract], event, signer, sender)
        for (token, member), gain in self.gained.items():
            fallen = before[token][member] - self._held[token][member]
            assert fallen == -gain, f"RED-1: {self.at.name(member)} gained {-fallen} and not {gain}"
        mine = any(each.contract == orders.address for each in self.world.events)
        for token, held in before.items():
            if not held:
                continue  # it is new to us
            more = self._held[token][orders.address] - held[orders.address]
            if target is orders or mine:
                change = self.locked[token] - locked[token]
                assert more == change, f"BOOK-1: orders hold {more} more, and owe {change} more"
            else:
                assert more >= 0, f"ISSUE-2: {self.at.name(sender)} took {-more} of what members locked"
                self.presents[token] += more
        return played

    def desks(self) -> list[Fulfilment]:
        """The contracts that orders lie with."""
        return [self.world.orders]

    def gain(self, desk: Fulfilment, token: Address, offer_id: bytes, account: Address, amount: int) -> None:
        """Somebody gets back so much of what orders count, or pays it."""
        self.gained[token, account] += amount

    def kept(self, going: Going, amount: int) -> None:
        """A brand gets so much of what was locked for an order."""

    def _watch(self, desk: Fulfilment, event: Event, signer: Address, sender: Address) -> None:
        """Judge what happened to an order, and count what its member gained by it."""
        if event.name in ("OrderOpened", "OrderDelivered", "OrderDisputed", "OrderEnded"):
            token, offer_id, *_ = event.facts
            number = event.facts[3 if event.name == "OrderOpened" else 2]
            what, id_ = event.facts, (desk.address, token, offer_id, number)
            if event.name == "OrderOpened":
                self._opened(desk, what, signer)
            else:
                assert id_ in self.going, f"RED-1: {event.name} of an order that is no more"
                going = self.going[id_]
                if event.name == "OrderDelivered":
                    self._delivered(id_, going, sender)
                elif event.name == "OrderDisputed":
                    self._disputed(id_, going, signer)
                else:
                    back = self._ended(going, what, signer, sender)
                    self.gain(desk, token, offer_id, going.order.member, back)
                    self.kept(going, going.locked - back)
                    del self.going[id_]
                    if desk is self.world.orders:
                        self.locked[token] -= going.locked
            self.ask(desk, "state_of", *id_[1:])
            self.ask(desk, "record_of", token, offer_id)

    def _opened(self, desk: Fulfilment, facts: tuple[Any, ...], signer: Address) -> None:
        token, offer_id, member, number, quantity, amount, compensation, stake, arbiter, by, ref = facts
        id_, now = (desk.address, token, offer_id, number), self.world.now
        assert id_ not in self.going, "RED-1: a number was used for two orders"
        if desk is self.world.orders:
            assert id_[1:3] not in self.ended, "RED-1: an order was opened under an offer that had been ended"
            assert member == signer, "SIG-1: an order was opened for somebody else"
            self.locked[token] += amount
            self.gain(desk, token, offer_id, member, -amount)
        opened_at = self.opened_at(desk, token, offer_id) or now
        order = Order(
            token, offer_id, number, member, quantity, amount, compensation, stake, arbiter, opened_at, ref
        )
        self.going[id_] = Going(desk, order, by)

    def opened_at(self, desk: Fulfilment, token: Address, offer_id: bytes) -> int:
        """When an order's time begins to run, if not by the call that opens it; else zero."""
        return 0

    def _delivered(self, id_: Id, going: Going, sender: Address) -> None:
        assert self.world.now < going.fulfil_by, "RED-1: delivered when its time was over"
        assert self._is_brands(sender, going.order.token), "AUTH-1: a stranger said that it was delivered"
        self.going[id_] = going._replace(delivered_at=self.world.now)

    def _disputed(self, id_: Id, going: Going, signer: Address) -> None:
        order, now = going.order, self.world.now
        assert going.state == State.DELIVERED, "RED-1: disputed what was not delivered"
        assert now < going.deadline, "RED-1: disputed too late"
        assert signer == order.member, "SIG-1: somebody else disputed a member's order"
        self.going[id_] = going._replace(disputed_at=now)
        self.gain(going.desk, order.token, order.offer_id, order.member, -order.stake)
        if going.desk is self.world.orders:
            self.locked[order.token] += order.stake

    def _ended(self, going: Going, facts: tuple[Any, ...], signer: Address, sender: Address) -> int:
        """What the member gets back, if the order may end so."""
        _, _, _, outcome, refunded, compensation = facts
        order, now, state = going.order, self.world.now, going.state
        is_over = now >= going.deadline
        is_arbiters = state == State.DISPUTED and sender == order.arbiter and not is_over
        is_wrong = False
        if outcome == Outcome.FULFILLED:
            in_silence = state == State.DELIVERED and is_over
            is_wrong = is_arbiters and signer != order.member
            rightly = signer == order.member or in_silence or is_arbiters
            assert rightly, "RED-1: fulfilled against the member"
            assert refunded == compensation == 0, "RED-1: a fulfilled order pays nothing back"
        elif outcome == Outcome.DECIDED:
            assert is_arbiters, "RED-1: decided by somebody else, or too late"
            assert refunded <= order.amount and compensation <= order.compensation, (
                "RED-1: too much was split"
            )
        else:
            in_silence = state != State.DELIVERED and is_over
            by_brand = self._is_brands(sender, order.token)
            assert in_silence or by_brand, "RED-1: given back before its time"
            free_until = order.opened_at + (0 if going.desk is self.world.bargains else FIRST_DAY)
            first_day = state == State.OPEN and now < free_until and by_brand
            promised = 0 if first_day else order.compensation
            paid = (refunded, compensation)
            assert paid == (order.amount, promised), f"RED-1: the member got {paid} of {order}"
            self.tally.checks["RED-1: " + ("silence" if in_silence else "declined")] += 1
        draws = [each.facts for each in self.world.events if each.name == "Drawn"]
        drawn = sum(value for *_, payee, value in draws if payee == order.member)
        assert drawn >= compensation, f"RED-1: {compensation} in compensation and {drawn} drawn"
        return int(refunded) + (order.stake if state == State.DISPUTED and not is_wrong else 0)

    def _is_brands(self, sender: Address, token: Address) -> bool:
        _, roles = self.world.brands.standing_of(self.world.token(token).brand_id(), sender)
        return roles & FULFIL != 0

    def _check_ways_out(self) -> None:
        """Also: anybody can end any order at its deadline, and the member's tokens come back."""
        super()._check_ways_out()
        now = self.world.now
        own = [each for each in self.going.values() if each.desk is self.world.orders]
        for going in own[-6:]:
            order, method = going.order, ENDS[going.state]
            snapshot = self.chain.snapshot()
            self.chain.set_time(max(now, going.deadline))
            arguments = (order.token, [order]) if method == "finish" else (order,)
            call = abi.function("Orders", method).encode(arguments)
            held = self.balances_of(order.token)[order.member]
            outcome = self.send(INTRUDER.address, self.world.orders.address, call)
            assert outcome.success, f"RED-1: nobody can {method} {order} at its deadline"
            back = self.balances_of(order.token)[order.member] - held
            due = 0 if method == "finish" else going.locked
            assert back == due, f"RED-1: {back} came back of {due}"
            self.tally.checks[f"RED-1: {method} at the deadline"] += 1
            self.chain.revert(snapshot)
            self.chain.set_time(now)

    def _check_contracts_keep(self) -> None:
        super()._check_contracts_keep()
        orders = self.world.orders.address
        for token in self.world.tokens:
            held = self.balances_of(token.address)[orders]
            due = self.locked[token.address] + self.presents[token.address]
            assert held == due, f"BOOK-1: orders hold {held} {token.facts.name} of {due}"

    # ---- choices

    def an_orderable(self, dice: Dice) -> tuple[LoyaltyToken, bytes]:
        """A token and one of its offers for orders, mostly one that is open."""
        orders, now = self.world.orders, self.world.now
        is_open = [
            each
            for each, record in orders.offers.items()
            if record.settled(now).proposal.conditions.opens_at
            <= now
            < record.settled(now).proposal.conditions.closes_at
        ]
        if is_open and not dice.rarely():
            address, offer_id = dice.pick(is_open)
            return self.world.token(address), offer_id
        return self.a_token(dice), dice.word()

    def an_order(self, dice: Dice, desk: Fulfilment, *states: State) -> Order | None:
        """An order in one of these states; where there is none, one is brought there. Seldom any."""
        standing = list(desk.orders.values())
        fitting = [each.order for each in standing if each.state in states]
        if fitting and not dice.seldom():
            order = dice.pick(fitting)
        elif not dice.seldom():
            made = self.bring_about(dice, desk, dice.pick(states))
            if made is None:
                return None
            order = made
        elif standing:
            order = dice.pick(standing).order
        else:
            return None
        return self.mistaken(dice, order) if dice.rarely() else order

    def mistaken(self, dice: Dice, order: Order) -> Order:
        """An order with one fact wrong, or one that never was."""
        return dice.pick(
            [
                order._replace(number=order.number + 1),
                order._replace(amount=min(order.amount + 1, UINT96)),
                order._replace(compensation=order.compensation + 1),
                order._replace(stake=0),
                order._replace(member=dice.pick(self.at.recipients)),
                order._replace(arbiter=INTRUDER.address),
                order._replace(token=dice.pick(self.world.tokens).address),
            ]
        )

    def bring_about(self, dice: Dice, desk: Fulfilment, state: State) -> Order | None:
        """Have a member order, the brand deliver, the member dispute, as far as need be."""
        order = self.make_order(dice, desk)
        if order is None:
            return None
        token = self.world.token(order.token)
        if state >= State.DELIVERED:
            brand = self.who_may(token, FULFIL)
            self.do(brand, desk, "fulfil", token.address, order.offer_id, [order.number])
        if state == State.DISPUTED:
            self.dispute_now(order.member, desk, order)
        return order

    def make_order(self, dice: Dice, desk: Fulfilment) -> Order | None:
        """Have a member order."""
        played = self.order_now(dice, *self.an_orderable(dice))
        return list(self.going.values())[-1].order if played.ok else None

    def stake_of(self, desk: Fulfilment, order: Order) -> int:
        """What of an order's stake is tokens."""
        return order.stake

    def dispute_now(self, member: Address, desk: Fulfilment, order: Order) -> Played:
        """Send the stake's tokens with the order."""
        token = self.world.token(order.token)
        what = (desk.address, self.stake_of(desk, order), act_data(Act.DISPUTE, order))
        return self.do(member, token, "transfer_and_call", *what)

    def late(self, dice: Dice, desk: Fulfilment, order: Order) -> None:
        """Mostly wait for the order's deadline, to the second."""
        _, deadline = desk.state_of(*order.id)
        if deadline and dice.roll(4):
            self.set_time(max(self.world.now, deadline + (0, 0, 1, -1)[dice.roll(4)]))

    def a_request(self, dice: Dice, token: LoyaltyToken, offer_id: bytes) -> tuple[OrderRequest, int]:
        """What a member orders and what it costs."""
        offer = self.world.orders.offer_of(token.address, offer_id)
        quantity = dice.pick([0, 600, UINT256]) if dice.rarely() else 1 + dice.roll(2)
        version = self.a_version(dice, offer.version)
        promised = min(offer.conditions.compensation * quantity, UINT256)
        least = dice.pick([0, promised, promised, min(promised + 1, UINT256)]) if dice.seldom() else 0
        request = OrderRequest(offer_id, quantity, version, least, dice.word())
        return request, min(offer.conditions.price * quantity, UINT256)

    def order_now(self, dice: Dice, token: LoyaltyToken, offer_id: bytes) -> Played:
        """A member who can pay sends what an order costs; sometimes more, or too little."""
        request, cost = self.a_request(dice, token, offer_id)
        rich = [each for each in self.at.recipients if token.balance_of(each) >= cost and self.can_act(each)]
        member = dice.pick(rich) if rich else self.a_holder(dice, token)
        if dice.seldom():
            cost = dice.pick([min(cost + 1, UINT256), max(0, cost - 1), token.balance_of(member)])
        what = (self.world.orders.address, cost, act_data(Act.OPEN, request))
        return self.do(member, token, "transfer_and_call", *what)

    def a_spend(self, dice: Dice, token: LoyaltyToken, member: Address, amount: int) -> Spend:
        return Spend(member, min(amount, UINT256), self.a_nonce(dice, token, member), self.a_deadline(dice))

    # ---- orders on their way, of any contract that they lie with

    def deliver(self, dice: Dice, desk: Fulfilment) -> None:
        """One or several orders of an offer; sometimes too late, or one of them twice."""
        order = self.an_order(dice, desk, State.OPEN)
        if order is None:
            return
        if dice.seldom():
            self.late(dice, desk, order)
        others = [
            each.order.number
            for each in desk.orders.values()
            if each.state == State.OPEN and each.order.id[:2] == order.id[:2]
        ]
        numbers = [order.number, *others[: dice.roll(3)]]
        if not dice.seldom():
            numbers = list(dict.fromkeys(numbers))
        sender = self.somebody(dice, self.who_may(self.world.token(order.token), FULFIL))
        self.do(sender, desk, "fulfil", order.token, order.offer_id, numbers)

    def give_up(self, dice: Dice, desk: Fulfilment) -> None:
        """The brand declines, for nothing or for what it promised."""
        order = self.an_order(dice, desk, State.OPEN, State.DELIVERED, State.DISPUTED)
        if order is None:
            return
        if dice.roll(2):
            self.set_time(max(self.world.now, order.opened_at + FIRST_DAY + (0, -1)[dice.roll(2)]))
        token = self.world.token(order.token)
        may = self.admin_of(token) if dice.roll(2) else self.who_may(token, FULFIL)
        self.do(self.somebody(dice, may), desk, "decline", order)

    def agree(self, dice: Dice, desk: Fulfilment) -> None:
        """The member is content, and calls."""
        order = self.an_order(dice, desk, State.OPEN, State.DELIVERED, State.DISPUTED)
        if order:
            self.do(self.somebody(dice, order.member), desk, "confirm", order)

    def agree_by_signature(self, dice: Dice, desk: Fulfilment) -> None:
        """The member is content, and signs."""
        order = self.an_order(dice, desk, State.DELIVERED)
        if order is None:
            return
        token = self.world.token(order.token)
        member = dice.pick(self.at.recipients) if dice.rarely() else order.member
        spend = self.a_spend(dice, token, member, dice.rarely())
        digest = token.spend_digest(desk.address, spend, CONFIRMATION_SPEND, order.confirmation())
        what = (order, spend, self.seal(dice, member, digest))
        self.hand_in(dice.pick(EVERYBODY), desk, "confirm_with_signature", *what)

    def object(self, dice: Dice, desk: Fulfilment) -> None:
        """The member sends the stake; sometimes too late, or what is wrong."""
        order = self.an_order(dice, desk, State.DELIVERED)
        if order is None:
            return
        if dice.seldom():
            self.late(dice, desk, order)
        token = self.a_token(dice) if dice.rarely() else self.world.token(order.token)
        member = self.somebody(dice, order.member)
        stake = self.stake_of(desk, order)
        stake = max(0, stake + (1, -1)[dice.roll(2)]) if dice.rarely() else stake
        data = act_data(Act.DISPUTE, order)
        if dice.rarely():
            data = dice.pick([data[:-1], b"\2" * 32, b"", (5).to_bytes(32) + data[32:]])
        self.do(member, token, "transfer_and_call", desk.address, stake, data)

    def object_by_signature(self, dice: Dice, desk: Fulfilment) -> None:
        """The member signs for the stake."""
        order = self.an_order(dice, desk, State.DELIVERED)
        if order is None:
            return
        token = self.world.token(order.token)
        member = dice.pick(self.at.recipients) if dice.rarely() else order.member
        spend = self.a_spend(dice, token, member, self.stake_of(desk, order))
        digest = token.spend_digest(desk.address, spend, DISPUTE_SPEND, order.dispute())
        what = (order, spend, self.seal(dice, member, digest))
        self.hand_in(dice.pick(EVERYBODY), desk, "dispute_with_signature", *what)

    def judge_order(self, dice: Dice, desk: Fulfilment) -> None:
        """In time, or too late; all, some, nothing, or more than there is."""
        order = self.an_order(dice, desk, State.DISPUTED)
        if order is None:
            return
        if dice.seldom():
            self.late(dice, desk, order)
        refunded = dice.pick([0, order.amount, min(dice.amount(order.amount), UINT96)])
        compensation = dice.pick([0, order.compensation, dice.amount(order.compensation)])
        sender = self.somebody(dice, order.arbiter)
        self.do(sender, desk, "decide", order, refunded, compensation)

    def end_in_silence(self, dice: Dice, desk: Fulfilment) -> None:
        """One or several that nobody disputed."""
        order = self.an_order(dice, desk, State.DELIVERED)
        if order is None:
            return
        self.late(dice, desk, order)
        others = [
            each.order
            for each in desk.orders.values()
            if each.state == State.DELIVERED
            and each.order.token == order.token
            and (each.deadline <= self.world.now or dice.rarely())
        ]
        orders = list(dict.fromkeys([order, *others[: dice.roll(3)]]))
        token = self.a_token(dice).address if dice.rarely() else order.token
        self.do(dice.pick(EVERYBODY), desk, "finish", token, orders)

    def claim_in_silence(self, dice: Dice, desk: Fulfilment) -> None:
        """Anybody ends for the member what the brand or the arbiter was silent about."""
        order = self.an_order(dice, desk, State.OPEN, State.DISPUTED)
        if order:
            self.late(dice, desk, order)
            self.do(dice.pick(EVERYBODY), desk, "claim", order)

    # ---- brand

    @play
    def create_order_offer(self, dice: Dice) -> None:
        token = self.an_obliged_token(dice)
        offer_id = self.an_orderable(dice)[1] if dice.seldom() else dice.word()
        conditions = self.some_conditions(dice, token)._replace(
            fulfil_days=0 if dice.rarely() else 1 + dice.roll(40),
            stake_percent=dice.roll(22),
            compensation=UINT96 if dice.rarely() else dice.roll(200) * 10,
            arbiter=dice.pick([*EVERYBODY, ZERO]) if dice.rarely() else dice.pick(ARBITERS).address,
        )
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        what = (token.address, offer_id, conditions, b"\x05" * 32, self.a_uri(dice))
        self.do(sender, self.world.orders, "create_offer", *what)

    def changed_delivery(self, dice: Dice, before: Conditions) -> Conditions:
        """Delivery on better conditions, or on one that is worse."""
        better = before._replace(
            fulfil_days=max(1, before.fulfil_days - dice.roll(2)),
            stake_percent=max(0, before.stake_percent - dice.roll(3)),
            compensation=min(before.compensation + dice.roll(9), UINT96),
        )
        worse = (
            better._replace(fulfil_days=min(before.fulfil_days + 1, 255)),
            better._replace(stake_percent=before.stake_percent + 1),
            better._replace(compensation=max(0, before.compensation - 1)),
            better._replace(arbiter=dice.pick(ARBITERS).address),
        )
        return dice.pick(worse) if dice.roll(3) == 2 else better

    @play
    def set_order_offer(self, dice: Dice) -> None:
        token, offer_id = self.an_orderable(dice)
        before = self.world.orders.offer_of(token.address, offer_id)
        change = self.changed_delivery if dice.roll(2) else self.changed
        what = (change(dice, before.conditions), before.terms_hash, before.terms_uri)
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        self.do(sender, self.world.orders, "set_offer", token.address, offer_id, *what)

    @play
    def withdraw_order_offer_change(self, dice: Dice) -> None:
        orders = self.world.orders
        pending = [each for each in orders.offers if orders.offer_of(*each).change_at]
        if not pending and not dice.seldom():
            token, offer_id = self.an_orderable(dice)
            before = orders.offer_of(token.address, offer_id)
            worse = before.conditions._replace(price=min(before.conditions.price + 1, UINT96))
            what = (token.address, offer_id, worse, before.terms_hash, before.terms_uri)
            self.do(self.who_may(token, CAMPAIGN), orders, "set_offer", *what)
            pending = [each for each in orders.offers if orders.offer_of(*each).change_at]
        token, offer_id = self.an_orderable(dice)
        if pending and not dice.seldom():
            address, offer_id = dice.pick(pending)
            token = self.world.token(address)
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        self.do(sender, orders, "withdraw_offer_change", token.address, offer_id)

    def a_module_to_fund(self, dice: Dice) -> Address:
        others = [*(each.address for each in self.at.modules), *EVERYBODY]
        return dice.pick(others) if dice.rarely() else self.world.orders.address

    @play
    def allot(self, dice: Dice) -> None:
        token, offer_id = self.an_orderable(dice)
        purse = self.a_purse(dice) if dice.seldom() else int(Purse.COMPENSATION)
        view = self.world.bonds.purses.get((token.address, purse))
        value = self.an_amount_of(dice, view.value - view.allotted if view else 5)
        data = offer_id[:-1] if dice.rarely() else offer_id
        sender = self.somebody(dice, self.admin_of(token))
        what = (token.address, purse, self.a_module_to_fund(dice), value, data)
        self.do(sender, self.world.bonds, "allot", *what)

    @play
    def reclaim(self, dice: Dice) -> None:
        token, offer_id = self.an_orderable(dice)
        purse = self.a_purse(dice) if dice.seldom() else int(Purse.COMPENSATION)
        record = self.world.orders.offers.get((token.address, offer_id))
        value = self.an_amount_of(dice, record.free if record else 5)
        sender = self.somebody(dice, self.admin_of(token))
        what = (token.address, purse, self.a_module_to_fund(dice), value, offer_id)
        self.do(sender, self.world.bonds, "reclaim", *what)

    # ---- members

    @play
    def order(self, dice: Dice) -> None:
        self.order_now(dice, *self.an_orderable(dice))

    @play
    def open_with_signature(self, dice: Dice) -> None:
        """A member signs an order, and anybody submits it."""
        token, offer_id = self.an_orderable(dice)
        member = self.a_holder(dice, token)
        request, cost = self.a_request(dice, token, offer_id)
        most = max(0, cost + dice.roll(3) - 1) if dice.seldom() else cost
        spend = self.a_spend(dice, token, member, most)
        digest = token.spend_digest(self.world.orders.address, spend, REQUEST_SPEND, request.witness())
        signature = self.seal(dice, member, digest)
        if dice.rarely():
            request = request._replace(quantity=min(request.quantity + 1, UINT256))
        what = (token.address, request, spend, signature)
        self.hand_in(dice.pick(EVERYBODY), self.world.orders, "open_with_signature", *what)

    @play
    def order_around_a_change(self, dice: Dice) -> None:
        """A member looks, something changes or a change comes due, and then the order arrives (RED-2)."""
        orders, (token, offer_id) = self.world.orders, self.an_orderable(dice)
        for _ in range(4):  # rather one that is about to change
            if orders.offer_of(token.address, offer_id).change_at:
                break
            token, offer_id = self.an_orderable(dice)
        named = (token.address, ORDERED + offer_id)
        due = orders.offer_of(token.address, offer_id).change_at
        if due and dice.roll(2):
            self.set_time(max(self.world.now, due - 1 - dice.roll(60)))
        seen, seen_at = orders.offer_of(token.address, offer_id), self.world.now
        if due and dice.roll(4):
            self.set_time(max(self.world.now, due + (0, -1, 1)[dice.roll(3)]))
        else:
            self.set_order_offer(dice)
            due = orders.offer_of(token.address, offer_id).change_at
            if due and dice.roll(3):
                self.set_time(max(self.world.now, due + (0, -1, 1)[dice.roll(3)]))
        cost = seen.conditions.price
        rich = [each for each in self.at.recipients if token.balance_of(each) >= cost and self.can_act(each)]
        if not rich or not seen.version:
            return
        request = OrderRequest(offer_id, 1, seen.version, 0, dice.word())
        what = (orders.address, cost, act_data(Act.OPEN, request))
        played = self.do(dice.pick(rich), token, "transfer_and_call", *what)
        has_got_worse = self.has_got_worse(named, seen_at)
        if played.ok:
            self.tally.checks["RED-2: ordered"] += 1
            assert not has_got_worse, "RED-2: what a member ordered has got worse and was applied"
            order, applied = list(self.going.values())[-1].order, orders.offer_of(token.address, offer_id)
            assert order.amount <= cost, "RED-2: it cost more than the member saw"
            assert not applied.conditions.is_worse_than(seen.conditions), f"RED-2: {seen} was seen"
        elif played.error == "Offers_StaleVersion":
            self.tally.checks["RED-2: refused"] += 1
            assert has_got_worse, "RED-2: a member's order was refused though nothing has got worse"

    # ---- what becomes of orders

    @play
    def fulfil(self, dice: Dice) -> None:
        self.deliver(dice, self.world.orders)

    @play
    def decline(self, dice: Dice) -> None:
        self.give_up(dice, self.world.orders)

    @play
    def confirm(self, dice: Dice) -> None:
        self.agree(dice, self.world.orders)

    @play
    def confirm_with_signature(self, dice: Dice) -> None:
        self.agree_by_signature(dice, self.world.orders)

    @play
    def dispute(self, dice: Dice) -> None:
        self.object(dice, self.world.orders)

    @play
    def dispute_with_signature(self, dice: Dice) -> None:
        self.object_by_signature(dice, self.world.orders)

    @play
    def decide(self, dice: Dice) -> None:
        self.judge_order(dice, self.world.orders)

    @play
    def finish(self, dice: Dice) -> None:
        self.end_in_silence(dice, self.world.orders)

    @play
    def claim(self, dice: Dice) -> None:
        self.claim_in_silence(dice, self.world.orders)

    # ---- anyone

    @play
    def retire_offer(self, dice: Dice) -> None:
        """An offer's arbiter is struck off, mostly, and anybody ends the offer; a member comes too late.

        Mostly an offer of one's own, for it takes notice to open it again.
        """
        if not dice.seldom():
            self.create_order_offer(dice)
        orders, brands = self.world.orders, self.world.brands
        (address, offer_id), _ = list(orders.offers.items())[-1]
        if dice.seldom():
            token, offer_id = self.an_orderable(dice)
            address = token.address
        arbiter = orders.offer_of(address, offer_id).conditions.arbiter
        if arbiter != ZERO and not dice.seldom():
            self.do(brands.alliance, brands, "set_listed", int(List.ARBITER), arbiter, False)
        played = self.do(dice.pick(EVERYBODY), orders, "retire_offer", address, offer_id)
        if arbiter in [each.address for each in ARBITERS]:
            self.do(brands.alliance, brands, "set_listed", int(List.ARBITER), arbiter, True)
        self.ask(orders, "offer_of", address, offer_id)
        if played.ok:
            self.tally.checks["RED-1: no order under an ended offer"] += 1
            self.order_now(dice, self.world.token(address), offer_id)

    @play
    def give_to_orders(self, dice: Dice) -> None:
        """Tokens and money for the contracts that hold others'; it changes nothing (BOOK-1)."""
        token, what = self.a_token(dice), dice.roll(3)
        holder = self.a_holder(dice, token)
        if what == 0:
            amount = dice.amount(token.balance_of(holder))
            self.do(holder, token, "transfer", self.world.orders.address, amount)
        else:
            to = dice.pick([self.world.orders, self.world.bonds]).address
            giver = dice.pick([*MANAGERS, MEMBERS[0]]).address
            self.do(giver, dice.pick(self.at.currencies), "transfer", to, dice.roll(9))
