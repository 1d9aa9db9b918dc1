"""Rules: buying together, with friends, strangers, and a brand that would like to be one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from stateful.dice import Dice, play
from stateful.machine import EVERYBODY
from stateful.rules_purchases import BOTH, MONEY, TOKENS, Bought, PurchaseRules
from stateful.rules_rights import RIGHT
from stateful.stage import ARBITERS, GUARDIANS, INTRUDER, MEMBERS
from symbolon.reference import Address, Event
from symbolon.reference.brands import CAMPAIGN
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.deals import NO_RIGHT, Conditions
from symbolon.reference.eip712 import struct_hash
from symbolon.reference.fulfilment import Fulfilment
from symbolon.reference.groups import (
    LEAVING,
    LEAVING_SPEND,
    REQUEST_SPEND,
    Plan,
    Seat,
    SeatRequest,
    Tier,
    seat_data,
)
from symbolon.reference.purchases import Purchases, deal_id_of
from symbolon.reference.token import LoyaltyToken

UINT96 = 2**96 - 1
TIERS = [Tier(2, 60), Tier(4, 50), Tier(6, 40)]
PLAN = Plan(most_seats=6, seat_limit=3, groups=10**6, duration=3 * DAY, cutoff=DAY)
GroupId = tuple[Address, bytes]
"""A token and a group of one of its deals."""


class Room(NamedTuple):
    """A group as we saw it: until when one could join and leave, and how it ended."""

    plan: Plan
    tiers: tuple[Tier, ...]
    deadline: int
    cutoff_at: int
    closed_at: int = 0
    price: int = 0


class Flow(NamedTuple):
    """Parts that came into a group, and went out of it or became orders."""

    came: int = 0
    went: int = 0


class GroupRules(PurchaseRules):
    """Groups are judged by books of our own: who sits where at what top price, what came in and went out.

    The price is found again, the plain way, from the seats that there are (GROUP-2).
    """

    def __init__(self) -> None:
        self.plans: dict[GroupId, tuple[Plan, tuple[Tier, ...]]] = {}
        self.rooms: dict[GroupId, Room] = {}
        self.seated: dict[tuple[Address, bytes, Address], Seat] = {}
        self.taken_up: dict[tuple[Address, bytes, Address], Seat] = {}
        self.flows: dict[GroupId, Flow] = {}
        super().__init__()
        for place in self.world.groups.deals:
            self.plans[place] = self.world.groups.deals_plan(*place)

    def purchases(self) -> list[Purchases]:
        return [*super().purchases(), self.world.groups]

    def witness(self, event: Event) -> None:
        super().witness(event)
        if event.name == "DealPublished":
            token, deal_id, escrow, conditions, plan, tiers, *_ = event.facts
            self.deals[escrow, token, deal_id] = conditions
            self.plans[token, deal_id] = plan, tuple(tiers)

    def publish_in_scene(self, desk: Purchases, token: LoyaltyToken, deal_id: bytes) -> None:
        if desk is not self.world.groups:
            super().publish_in_scene(desk, token, deal_id)
            return
        conditions = self.some_terms_of(token, deal_id, RIGHT if deal_id == BOTH else NO_RIGHT)
        scale = max(1, token.capacity() // 10**6) if deal_id == TOKENS else 1
        tiers = [tier._replace(price=tier.price * scale) for tier in TIERS]
        what = (token.address, deal_id, conditions, PLAN, tiers, b"\x07" * 32, "ipfs://group")
        sender, escrow = self.who_may(token, CAMPAIGN), self.world.groups.address
        self.do(sender, self.world.group_deals, "publish_deal", escrow, *what)

    # ---- judging: GROUP-1, GROUP-2, GROUP-3

    def laid_down(self, desk: Purchases) -> Iterator[tuple[Address, bytes, int]]:
        yield from super().laid_down(desk)
        if desk is self.world.groups:
            for seat in self.seated.values():
                yield seat.token, seat.group_id, seat.deposit

    def opened_at(self, desk: Fulfilment, token: Address, offer_id: bytes) -> int:
        if desk is self.world.groups:
            return self.rooms[token, offer_id].closed_at
        return super().opened_at(desk, token, offer_id)

    def _watch(self, desk: Fulfilment, event: Event, signer: Address, sender: Address) -> None:
        if desk is self.world.groups:
            facts = event.facts
            if event.name == "GroupOpened":
                self._group_opened(facts, signer)
            elif event.name == "SeatTaken":
                self._seat_taken(Seat(*facts), signer)
            elif event.name == "GroupClosed":
                self._group_closed(*facts)
            elif event.name == "SeatRefunded":
                self._seat_refunded(facts, signer)
            elif event.name == "OrderOpened":
                self._seat_became_order(facts)
        super()._watch(desk, event, signer, sender)
        if desk is self.world.groups and event.name.startswith(("Seat", "Group", "OrderOpened")):
            token, group_id, *_ = event.facts
            self._check_flow(token, group_id)
            self.ask(self.world.group_deals, "group_of", token, group_id)

    def _group_opened(self, facts: tuple[Any, ...], signer: Address) -> None:
        token, group_id, opener, deadline = facts
        plan, tiers = self.plans[token, deal_id_of(group_id)]
        conditions = self.conditions_under(self.world.groups, token, group_id)
        now = self.world.now
        assert (token, group_id) not in self.rooms, "GROUP-1: a group was opened twice"
        assert opener == signer, "SIG-1: a group was opened in somebody else's name"
        assert conditions.opens_at <= now < conditions.closes_at, "GROUP-3: opened outside the window"
        assert deadline == now + plan.duration, "GROUP-3: a group has not the time that was published"
        used = [each for each in self.world.events if each.name == "RightConsumed"]
        assert len(used) == (conditions.right_id != NO_RIGHT), (
            "GROUP-1: a right was spared, or used for nothing"
        )
        self.rooms[token, group_id] = Room(plan, tiers, deadline, deadline - plan.cutoff)
        self.flows[token, group_id] = Flow()

    def _seat_taken(self, seat: Seat, payer: Address) -> None:
        room, now = self.rooms[seat.token, seat.group_id], self.world.now
        brand_id = self.world.token(seat.token).brand_id()
        for account in (seat.member, payer):
            is_brands = self.world.brands.is_brand_account(brand_id, account)
            assert not is_brands, f"GROUP-1: {self.at.name(account)} is the brand's, and has a seat"
        assert not room.closed_at and now < room.deadline, "GROUP-3: a seat was taken too late"
        assert seat.id not in self.seated, "GROUP-1: a second seat of one member"
        assert 0 < seat.quantity <= room.plan.seat_limit, "GROUP-1: more units than one member can have"
        prices = [tier.price * seat.quantity for tier in room.tiers]
        assert seat.deposit in prices, "GROUP-1: a seat does not hold the full deposit"
        self.seated[seat.id] = seat
        units = sum(each.quantity for each in self._in(seat.token, seat.group_id))
        assert units <= room.plan.most_seats, "GROUP-1: more units than there are"
        self._flow(seat, came=seat.deposit)
        self.gain(self.world.groups, seat.token, seat.group_id, payer, -seat.deposit)
        promised = self.conditions_under(self.world.groups, seat.token, seat.group_id).compensation
        assert seat.compensation <= promised * seat.quantity, "RED-1: more was promised than the deal says"

    def _group_closed(self, token: Address, group_id: bytes, price: int, units: int, closed_at: int) -> None:
        room, now = self.rooms[token, group_id], self.world.now
        seats = self._in(token, group_id)
        is_full = sum(each.quantity for each in seats) == room.plan.most_seats
        assert not room.closed_at, "GROUP-2: a group was closed twice"
        if is_full and now < room.deadline:
            assert closed_at == now, "GROUP-3: a full group was not closed at once"
            assert price == room.tiers[-1].price, "GROUP-2: a full group has not the best price"
            self.tally.checks["GROUP-2: closed full"] += 1
        else:
            assert now >= room.deadline == closed_at, "GROUP-3: a group was closed before its deadline"
            self.tally.checks["GROUP-2: succeeded" if price else "GROUP-2: failed"] += 1
        best = self._best(room, seats)
        assert price == best, f"GROUP-2: the price is {price}, and {best} is reached"
        ours = sum(each.quantity for each in seats if price and each.deposit >= price * each.quantity)
        assert units == ours, f"GROUP-2: {units} take part, and {ours} named such a price"
        self.rooms[token, group_id] = room._replace(closed_at=closed_at, price=price)

    def _best(self, room: Room, seats: list[Seat]) -> int:
        """The lowest price that enough units would pay; zero if there is none."""
        fit = [
            tier.price
            for tier in room.tiers
            if sum(each.quantity for each in seats if each.deposit >= tier.price * each.quantity)
            >= tier.seats
        ]
        return min(fit, default=0)

    def _seat_refunded(self, facts: tuple[Any, ...], signer: Address) -> None:
        token, group_id, member, quantity, deposit = facts
        room, now = self.rooms[token, group_id], self.world.now
        self._give_all_back(token, group_id, member)
        if not room.closed_at:
            assert now < room.cutoff_at, "GROUP-3: a seat was left too late"
            assert signer == member, "SIG-1: somebody else gave up a member's seat"
            self.tally.checks["GROUP-1: left"] += 1
            return
        assert not room.price or deposit < room.price * quantity, "GROUP-2: a participant was sent away"
        self.tally.checks["GROUP-2: no participant" if room.price else "GROUP-3: refunded"] += 1

    def _seat_became_order(self, facts: tuple[Any, ...]) -> None:
        token, group_id, member, number, quantity, amount, compensation, stake, arbiter, by, ref = facts
        room = self.rooms[token, group_id]
        seat = self.seated.pop((token, group_id, member))
        conditions = self.conditions_under(self.world.groups, token, group_id)
        assert room.closed_at and room.price, "GROUP-2: an order of a group that did not succeed"
        assert amount == room.price * seat.quantity, "GROUP-2: somebody pays another price"
        assert amount <= seat.deposit, "GROUP-2: somebody pays more than the top price"
        taken_over = (seat.quantity, seat.compensation, seat.arbiter, seat.referrer.rjust(32, b"\0"))
        assert (quantity, compensation, arbiter, ref) == taken_over, "RED-1: an order is not what was bought"
        assert number == int.from_bytes(member), "RED-1: an order has not its member's number"
        assert stake == amount * conditions.stake_percent // 100, "RED-1: another stake"
        assert by == room.closed_at + conditions.fulfil_days * DAY, "RED-1: another time to deliver"
        surplus = seat.deposit - amount
        self._flow(seat, went=surplus + amount)
        self.gain(self.world.groups, token, group_id, member, surplus)
        self.tally.checks["GROUP-2: surplus" if surplus else "GROUP-2: no surplus"] += 1

    def _give_all_back(self, token: Address, group_id: bytes, member: Address) -> None:
        seat = self.seated.pop((token, group_id, member))
        self._flow(seat, went=seat.deposit)
        self.gain(self.world.groups, token, group_id, member, seat.deposit)

    def _in(self, token: Address, group_id: bytes) -> list[Seat]:
        return [each for each in self.seated.values() if (each.token, each.group_id) == (token, group_id)]

    def _flow(self, seat: Seat, came: int = 0, went: int = 0) -> None:
        flow = self.flows[seat.token, seat.group_id]
        self.flows[seat.token, seat.group_id] = Flow(flow.came + came, flow.went + went)

    def _check_flow(self, token: Address, group_id: bytes) -> None:
        flow, held = self.flows[token, group_id], sum(each.deposit for each in self._in(token, group_id))
        assert flow.came == flow.went + held, f"GROUP-1: {flow} and {held} do not add up"

    def _check_ways_out(self) -> None:
        """Also: from the deadline on a stranger can settle any seat, and its member has what is due."""
        super()._check_ways_out()
        for seat in list(self.seated.values())[-4:]:
            room = self.rooms[seat.token, seat.group_id]
            price = room.price if room.closed_at else self._best(room, self._in(seat.token, seat.group_id))
            amount = price * seat.quantity
            due = seat.deposit - amount if amount <= seat.deposit else seat.deposit
            bought = Bought(self.world.groups, *seat.id)
            self._must_give(bought, room.deadline, due, (self.world.groups, "withdraw", (seat,)))
            self.tally.checks["GROUP-3: withdrawn by a stranger"] += 1

    def moments_of_purchases(self) -> Iterator[int]:
        yield from super().moments_of_purchases()
        for room in self.rooms.values():
            if not room.closed_at:
                yield from (room.cutoff_at, room.deadline)

    # ---- choices

    def a_dealing_token(self, dice: Dice) -> LoyaltyToken:
        """One of those that have deals since the scene."""
        return self.world.token(dice.pick([token for token, deal_id in self.plans if deal_id == TOKENS]))

    def open_rooms(self) -> list[GroupId]:
        now = self.world.now
        return [place for place, room in self.rooms.items() if not room.closed_at and now < room.deadline]

    def ended_rooms(self) -> list[GroupId]:
        """Those that ended, closed or not."""
        now = self.world.now
        return [place for place, room in self.rooms.items() if room.closed_at or now >= room.deadline]

    def a_group(self, dice: Dice, *, only: tuple[bytes, ...] = ()) -> GroupId:
        """Mostly one that can be joined; sometimes a deal, which opens one, rarely something else."""
        fitting = [each for each in self.open_rooms() if not only or deal_id_of(each[1]) in only]
        what = dice.roll(8)
        if fitting and what < 6:
            return dice.pick(fitting)
        if what == 7 and self.rooms and dice.roll(2):
            return dice.pick(list(self.rooms))
        token = self.a_dealing_token(dice)
        return token.address, dice.pick(only or (TOKENS, MONEY, BOTH))

    def a_request_for_seat(
        self, dice: Dice, only: tuple[bytes, ...] = ()
    ) -> tuple[LoyaltyToken, Address, SeatRequest, int]:
        """Token, payer, what is asked for, and the parts that it costs."""
        address, group_id = self.a_group(dice, only=only)
        token, deal_id = self.world.token(address), deal_id_of(group_id)
        plan, tiers = self.plans.get((address, deal_id), (PLAN, tuple(TIERS)))
        quantity = dice.pick([0, plan.seat_limit + 1, UINT256]) if dice.rarely() else 1 + dice.roll(3)
        tier = dice.pick([len(tiers), UINT256]) if dice.rarely() else dice.roll(len(tiers))
        price = tiers[tier].price if tier < len(tiers) else 1
        parts = min(price * quantity, UINT256)
        conditions = self.deals.get((self.world.groups.address, address, deal_id), Conditions())
        payer = self.a_buyer(dice, token, parts * conditions.token_part)
        free = [each for each in self.at.recipients if (address, group_id, each) not in self.seated]
        if (address, group_id, payer) in self.seated and free and not dice.seldom():
            payer = dice.pick([each for each in free if self.can_act(each)] or free)
        member = ZERO
        if dice.seldom():
            brands = [self.admin_of(token), GUARDIANS[0].address, self.world.groups.address, address]
            member = dice.pick(brands) if dice.seldom() else dice.pick(self.at.recipients)
        referrer = dice.pick([ZERO, ZERO, ZERO, *self.at.recipients])
        if conditions.right_id == RIGHT and group_id == deal_id and not dice.seldom():
            self.have_right(token, payer)
        promised = conditions.compensation * quantity
        least = dice.pick([promised, promised, promised + 1]) if dice.seldom() else 0
        request = SeatRequest(group_id, quantity, tier, member, referrer, min(least, UINT256))
        return token, payer, request, parts

    def a_room_that_can_be_left(self, dice: Dice) -> Seat | None:
        """A seat in a group before its cutoff; where there is none somebody takes one."""
        for attempt in range(2):
            now = self.world.now
            there = [
                seat
                for seat in self.seated.values()
                if now < self.rooms[seat.token, seat.group_id].cutoff_at
                and not self.rooms[seat.token, seat.group_id].closed_at
            ]
            if there and not dice.rarely():
                return dice.pick(there)
            if attempt == 0:
                self.join_now(dice, self.a_dealing_token(dice), dice.pick([TOKENS, MONEY, BOTH]))
        return dice.pick(list(self.seated.values())) if self.seated else None

    def join_now(
        self, dice: Dice, token: LoyaltyToken, group_id: bytes, *, units: int = 1, tier: int = 0
    ) -> Seat | None:
        """Have a member who can pay take a seat there."""
        groups, before = self.world.groups, set(self.seated)
        conditions = self.conditions_under(groups, token.address, group_id)
        _, tiers = self.plans[token.address, deal_id_of(group_id)]
        tokens = tiers[tier].price * units * conditions.token_part
        able = [
            each
            for each in self.at.recipients
            if token.balance_of(each) >= tokens and (token.address, group_id, each) not in self.seated
        ]
        if not able:
            return None
        payer = dice.pick(able)
        if group_id == deal_id_of(group_id) and conditions.right_id == RIGHT:
            self.have_right(token, payer)
        request = SeatRequest(group_id, units, tier, ZERO, ZERO, 0)
        self._send(payer, token, request, tokens)
        made = [seat for key, seat in self.seated.items() if key not in before]
        return made[-1] if made else None

    def _send(self, payer: Address, token: LoyaltyToken, request: SeatRequest, tokens: int) -> None:
        if tokens:
            what = (self.world.groups.address, tokens, seat_data(request))
            self.do(payer, token, "transfer_and_call", *what)
        else:
            self.do(payer, self.world.groups, "join", token.address, request, self.no_permit())

    def buy_now(self, dice: Dice, desk: Purchases) -> None:
        """A small group that succeeds, and a member whose seat becomes an order."""
        if desk is not self.world.groups:
            super().buy_now(dice, desk)
            return
        ready = [seat for seat in self.seated.values() if self._takes_part(seat) and self._is_fresh(seat)]
        seat = dice.pick(ready) if ready else None
        if seat is None:
            token = self.a_dealing_token(dice)
            deal_id = dice.pick([TOKENS, MONEY, BOTH])
            seat = self.join_now(dice, token, deal_id, units=2 + dice.roll(2), tier=0)
        if seat:
            self.set_time(max(self.world.now, self.rooms[seat.token, seat.group_id].deadline))
            self.do(INTRUDER.address, self.world.groups, "withdraw", seat)

    def _is_fresh(self, seat: Seat) -> bool:
        """Whether the brand has time to deliver left, if the seat's group has ended."""
        room = self.rooms[seat.token, seat.group_id]
        conditions = self.conditions_under(self.world.groups, seat.token, seat.group_id)
        return self.world.now < (room.closed_at or room.deadline) + conditions.fulfil_days * DAY

    def _takes_part(self, seat: Seat) -> bool:
        """Whether the seat's group succeeded, and the seat with it."""
        room = self.rooms[seat.token, seat.group_id]
        over = room.closed_at or self.world.now >= room.deadline
        price = room.price if room.closed_at else self._best(room, self._in(seat.token, seat.group_id))
        return bool(over) and 0 < price * seat.quantity <= seat.deposit

    def mistaken_seat(self, dice: Dice, seat: Seat) -> Seat:
        """A seat with one fact wrong."""
        return dice.pick(
            [
                seat._replace(deposit=min(seat.deposit + 1, UINT96)),
                seat._replace(quantity=seat.quantity + 1),
                seat._replace(compensation=seat.compensation + 1),
                seat._replace(member=dice.pick(self.at.recipients)),
                seat._replace(referrer=INTRUDER.address),
                seat._replace(group_id=seat.group_id[:31] + bytes([seat.group_id[31] ^ 1])),
                seat._replace(token=dice.pick(self.world.tokens).address),
            ]
        )

    # ---- brand

    @play
    def publish_deal(self, dice: Dice) -> None:
        """One to eight tiers, in some order; mostly as it should be."""
        token, now = self.a_staying_token(dice), self.world.now
        deal_id = dice.pick([TOKENS, bytes(32), b"x" * 32]) if dice.rarely() else dice.word()[:28] + bytes(4)
        count = dice.pick([0, 9]) if dice.rarely() else 1 + dice.roll(8)
        tiers = [Tier(index + 1 + dice.roll(2) * 2, 10 * (9 - index)) for index in range(count)]
        if not dice.seldom():
            tiers = [Tier(index + 1, 10 * (9 - index)) for index in range(count)]
        most = max([tier.seats for tier in tiers], default=1) + dice.roll(4) - dice.rarely()
        plan = Plan(
            most, 1 + dice.roll(most or 1), 1 + dice.roll(3), (1 + dice.roll(80)) * DAY // 2, dice.roll(DAY)
        )
        if dice.seldom():
            plan = dice.pick(
                [
                    plan._replace(seat_limit=dice.pick([0, most + 1])),
                    plan._replace(groups=0),
                    plan._replace(duration=dice.pick([0, 90 * DAY + 1])),
                    plan._replace(cutoff=dice.pick([0, plan.duration, plan.duration + 1])),
                ]
            )
        arbiter = INTRUDER.address if dice.rarely() else dice.pick(ARBITERS).address
        conditions = Conditions(
            token_part=UINT96 if dice.rarely() else 1 - dice.roll(2),
            currency_part=(1, 2, 0)[dice.roll(3)],
            opens_at=now + dice.roll(2) * DAY,
            closes_at=now if dice.rarely() else now + (dice.roll(9) + 2) * DAY,
            fulfil_days=0 if dice.rarely() else 1 + dice.roll(40),
            stake_percent=21 if dice.rarely() else dice.roll(21),
            compensation=dice.roll(3) * 100,
            arbiter=arbiter,
            right_id=dice.word() if dice.rarely() else dice.pick([NO_RIGHT, RIGHT]),
        )
        terms_hash = bytes([dice.roll(32) != 31]) * 32
        what = (token.address, deal_id, conditions, plan, tiers, terms_hash, self.a_uri(dice))
        sender = self.somebody(dice, self.who_may(token, CAMPAIGN))
        escrow = dice.pick(self.at.spenders) if dice.rarely() else self.world.groups.address
        self.do(sender, self.world.group_deals, "publish_deal", escrow, *what)

    # ---- members

    @play
    def open_group(self, dice: Dice) -> None:
        """By who has the right, or has none."""
        token = self.a_dealing_token(dice)
        deals = [deal_id for its, deal_id in self.plans if its == token.address]
        deal_id = dice.pick(deals) if deals and not dice.rarely() else dice.word()
        opener = dice.pick(self.at.members).address
        if not dice.seldom():
            self.have_right(token, opener)
        self.do(opener, self.world.groups, "open", token.address, deal_id)

    @play
    def join_by_sending(self, dice: Dice) -> None:
        token, payer, request, parts = self.a_request_for_seat(dice, (TOKENS, BOTH))
        conditions = self.deals.get((self.world.groups.address, token.address, deal_id_of(request.group_id)))
        tokens = parts * conditions.token_part if conditions else parts
        if dice.rarely():
            tokens = max(0, tokens + dice.roll(3) - 1)
        data = seat_data(request)
        if dice.rarely():
            data = dice.pick([data[:-1], b"", data[:32], (7).to_bytes(32) + data[32:]])
        what = (self.world.groups.address, min(tokens, UINT256), data)
        self.do(payer, token, "transfer_and_call", *what)

    @play
    def join_for_money(self, dice: Dice) -> None:
        token, payer, request, _ = self.a_request_for_seat(dice, () if dice.rarely() else (MONEY,))
        self.do(payer, self.world.groups, "join", token.address, request, self.no_permit())

    @play
    def join_with_permit(self, dice: Dice) -> None:
        """With a permit that is good, one that somebody was faster with, or none that counts."""
        token, payer, request, parts = self.a_request_for_seat(dice, () if dice.rarely() else (MONEY,))
        groups, dollar = self.world.groups, self.at.guarded_dollar
        permit = self.a_permit(dice, token.address, groups, payer, min(parts * 7, UINT256))
        if permit.deadline and dice.seldom():
            given = (payer, groups.address, permit.value, permit.deadline)
            nonce = dollar.nonces(payer)
            digest = dollar.permit_digest(*given[:3], nonce, permit.deadline)
            is_good = (permit.signature.key, permit.signature.digest) == (payer, digest)
            if self.world.now <= permit.deadline and is_good:
                self.do(INTRUDER.address, dollar, "permit", *given, permit.signature, split=True)
        self.do(payer, groups, "join", token.address, request, permit)

    @play
    def join_with_signature(self, dice: Dice) -> None:
        token, payer, request, parts = self.a_request_for_seat(dice)
        groups = self.world.groups
        conditions = self.deals.get(
            (groups.address, token.address, deal_id_of(request.group_id)), Conditions()
        )
        tokens = min(parts * conditions.token_part, UINT256)
        spend = self.a_spend(
            dice, token, payer, max(0, tokens + dice.roll(3) - 1) if dice.rarely() else tokens
        )
        digest = token.spend_digest(groups.address, spend, REQUEST_SPEND, request.witness())
        signature = self.seal(dice, payer, digest)
        if dice.rarely():
            request = dice.pick(
                [request._replace(member=dice.pick(self.at.recipients)), request._replace(top_tier=0)]
            )
        value = min(parts * conditions.currency_part, UINT256)
        permit = (
            self.a_permit(dice, token.address, groups, payer, value) if dice.roll(2) else self.no_permit()
        )
        what = (token.address, request, spend, signature, permit)
        self.hand_in(dice.pick(EVERYBODY), groups, "join_with_signature", *what)

    @play
    def leave_group(self, dice: Dice) -> None:
        """In time; seldom around the cutoff."""
        seat = self.a_room_that_can_be_left(dice)
        if seat is None:
            return
        self._near_cutoff(dice, seat)
        seat = self.mistaken_seat(dice, seat) if dice.rarely() else seat
        self.do(self.somebody(dice, seat.member), self.world.groups, "leave_group", seat)

    @play
    def leave_group_with_signature(self, dice: Dice) -> None:
        seat = self.a_room_that_can_be_left(dice)
        if seat is None:
            return
        self._near_cutoff(dice, seat)
        token, groups = self.world.token(seat.token), self.world.groups
        member = dice.pick(self.at.recipients) if dice.rarely() else seat.member
        spend = self.a_spend(dice, token, member, dice.rarely())
        digest = token.spend_digest(groups.address, spend, LEAVING_SPEND, struct_hash(LEAVING, seat.group_id))
        what = (seat, spend, self.seal(dice, member, digest))
        self.hand_in(dice.pick(EVERYBODY), groups, "leave_group_with_signature", *what)

    def _near_cutoff(self, dice: Dice, seat: Seat) -> None:
        if dice.seldom():
            cutoff_at = self.rooms[seat.token, seat.group_id].cutoff_at
            self.set_time(max(self.world.now, cutoff_at + (-1, 0, 1)[dice.roll(3)]))

    @play
    def fill_group(self, dice: Dice) -> None:
        """Friends take what is left, one after another, at whatever top price."""
        rooms = self.open_rooms()
        if not rooms:
            self.join_now(dice, self.a_dealing_token(dice), dice.pick([TOKENS, MONEY, BOTH]))
            rooms = self.open_rooms()
        for address, group_id in [dice.pick(rooms)] if rooms else []:
            room = self.rooms[address, group_id]
            for _ in range(5):
                left = room.plan.most_seats - sum(each.quantity for each in self._in(address, group_id))
                units, tier = min(left, room.plan.seat_limit), dice.roll(len(room.tiers))
                if not units or not self.join_now(
                    dice, self.world.token(address), group_id, units=units, tier=tier
                ):
                    break

    # ---- anyone

    @play
    def close_group(self, dice: Dice) -> None:
        """At its deadline, or a second too early."""
        going = [place for place, room in self.rooms.items() if not room.closed_at]
        if not going:
            self.join_now(dice, self.a_dealing_token(dice), dice.pick([TOKENS, MONEY, BOTH]))
            going = [place for place, room in self.rooms.items() if not room.closed_at]
        if dice.rarely() or not going:
            place = (self.a_token(dice).address, dice.word())
        else:
            place = dice.pick(list(self.rooms)) if dice.rarely() else dice.pick(going)
            if dice.roll(4):
                deadline = self.rooms[place].deadline
                self.set_time(max(self.world.now, deadline + (0, 0, 1, -1)[dice.roll(4)]))
        self.do(dice.pick(EVERYBODY), self.world.groups, "close", *place)

    def a_seat_to_settle(self, dice: Dice) -> Seat | None:
        """Mostly of a group that ended; time may pass for it."""
        ended = set(self.ended_rooms())
        there = [seat for seat in self.seated.values() if (seat.token, seat.group_id) in ended]
        if there and not dice.seldom():
            return dice.pick(there)
        if not self.seated:
            self.join_now(dice, self.a_dealing_token(dice), dice.pick([TOKENS, MONEY, BOTH]))
        if not self.seated:
            return None
        seat = dice.pick(list(self.seated.values()))
        if dice.roll(8):
            deadline = self.rooms[seat.token, seat.group_id].deadline
            self.set_time(max(self.world.now, deadline + (0, 0, 1, -1)[dice.roll(4)]))
        return seat

    @play
    def withdraw_seat(self, dice: Dice) -> None:
        """By anybody; seldom twice, or with a fact wrong."""
        seat = self.a_seat_to_settle(dice)
        if seat is None:
            return
        shown = self.mistaken_seat(dice, seat) if dice.rarely() else seat
        self.do(dice.pick(EVERYBODY), self.world.groups, "withdraw", shown)
        if dice.seldom():
            self.do(dice.pick(EVERYBODY), self.world.groups, "withdraw", seat)

    @play
    def settle_seats(self, dice: Dice) -> None:
        """Several at once, settled ones among them; a member who is shut out holds up nobody."""
        seat = self.a_seat_to_settle(dice)
        if seat is None:
            return
        seats = self._in(seat.token, seat.group_id)[: 1 + dice.roll(4)]
        if dice.seldom():
            seats = [*seats, seat, *list(self.seated.values())[: dice.roll(2)]]
        if dice.rarely():
            seats = [*seats, self.mistaken_seat(dice, seat)]
        dollar, is_shut = self.at.guarded_dollar, dice.seldom()
        if is_shut:
            self.do(INTRUDER.address, dollar, "set_blocked", seat.member, True)
        self.do(dice.pick([*EVERYBODY, MEMBERS[0].address]), self.world.groups, "settle", seats)
        if is_shut:
            self.do(INTRUDER.address, dollar, "set_blocked", seat.member, False)
