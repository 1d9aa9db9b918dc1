"""Rules: programmes, referrers, and what accrues and is paid for what members really had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from stateful import abi
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY
from stateful.rules_rewards import RewardRules, What
from stateful.stage import ATTESTERS, INTRUDER, MEMBERS
from symbolon.reference import Address, Event
from symbolon.reference.abi_words import words
from symbolon.reference.brands import CAMPAIGN
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.referrals import (
    ALL_KINDS,
    BINDING,
    INVITATION,
    PURCHASE,
    EventId,
    Invitation,
    Kind,
    Purchase,
    State,
    Terms,
)
from symbolon.reference.token import LoyaltyToken

UINT40, UINT96 = 2**40 - 1, 2**96 - 1
WHOLE = 10_000


class Due(NamedTuple):
    """What accrued, as we saw it."""

    programme: int
    first: int
    second: int
    vests_at: int
    paid: frozenset[int] = frozenset()


class ReferralRules(RewardRules):
    """REF-1 by walking up from who was bound to; REF-2 by what members had and what was paid for it."""

    def __init__(self) -> None:
        self.parents: dict[tuple[Address, Address], Address] = {}
        self.bound_at: dict[tuple[Address, Address], int] = {}
        self.bought_of: dict[tuple[Address, Address, bytes], list[tuple[int, int, Address]]] = {}
        self.dues: dict[What, Due] = {}
        self.undone: set[What] = set()
        self.paid_out: Counter[tuple[Address, int, Address]] = Counter()
        super().__init__()
        for place, standing in self.world.referrals.standings.items():
            if standing.referrer != ZERO:
                self.parents[place], self.bound_at[place] = standing.referrer, standing.bound_at

    def set_scene(self) -> None:
        super().set_scene()
        referrals, now = self.world.referrals, self.world.now
        for token in self.obliged():
            if token.redemption_desk() != self.world.desk.address:
                continue
            terms = Terms(1000, 500, 14, 0, ALL_KINDS, now - DAY, now + 90 * DAY, UINT96)
            made = (token.address, terms, ATTESTERS[0].address, b"\x06" * 32, "ipfs://programme")
            self.do(self.campaigner_of(token), referrals, "create_programme", *made)
            some = token.capacity() // 50
            what = (referrals.address, some, words(1))
            self.do(self.admin_of(token), token, "grant_quota_and_call", *what)
            first, second, third, *_ = MEMBERS
            for referrer, members in ((first, (second, self.at.wallet)), (second, (third,))):
                self.do(referrer.address, referrals, "open_referrals", token.address)
                for member in members:
                    above = (token.address, referrer.address, Invitation(0, self.blank()))
                    self.do(member.address, referrals, "bind", *above)

    # ---- REF-1 and REF-2

    def judge(
        self,
        event: Event,
        sender: Address,
        arguments: Sequence[Any],
        gains: Counter[tuple[Address, Address]],
    ) -> None:
        super().judge(event, sender, arguments, gains)
        if event.contract != self.world.referrals.address:
            return
        if event.name in ("ProgrammeCreated", "ProgrammeEnded"):
            self._check_windows(event.facts[0])
        elif event.name == "Bound":
            self._bound(*event.facts)
        elif event.name == "Accrued":
            self._accrued_now(*event.facts)
        elif event.name == "Undone":
            self._undone_now(sender, *event.facts)
        elif event.name == "Rewarded":
            self._rewarded(*event.facts)
            token, referrer, *_, amount = event.facts
            self.pays(event, token, referrer, amount, gains)
        elif event.name == "RestReturned":
            token, _, amount = event.facts
            self.returns(event, token, amount)

    def _check_windows(self, token: Address) -> None:
        """As they are on the chain."""
        programmes = (each for its, each in self.world.referrals.programmes if its == token)
        ask = abi.function("ReferralRewards", "programme_of")
        told = (
            self.chain.read(self.world.referrals.address, ask.encode((token, each))) for each in programmes
        )
        windows = sorted(tuple(int.from_bytes(each[32 * at :][:32]) for at in (5, 6)) for each in told)
        for (_, closes_at), (opens_at, _) in pairwise(windows):
            assert closes_at <= opens_at, "REF-2: an event lies in two programmes"

    def _bound(self, token: Address, member: Address, referrer: Address) -> None:
        assert (token, member) not in self.parents, "REF-1: a member was bound a second time"
        above: Address | None = referrer
        while above is not None:
            assert above != member, "REF-1: a member was bound in a circle"
            above = self.parents.get((token, above))
        self.parents[token, member], self.bound_at[token, member] = referrer, self.world.now
        self.tally.checks["REF-1: bound"] += 1

    def _accrued_now(  # noqa: PLR0917 (as the event has them)
        self,
        token: Address,
        member: Address,
        ref: bytes,
        kind: Kind,
        number: int,
        first: int,
        second: int,
        vests_at: int,
    ) -> None:
        what = (token, member, kind, ref)
        assert what not in self.dues, "REF-2: an event counted twice"
        terms, _, attester = self.world.referrals.programmes[token, number]
        if kind == Kind.PURCHASE:
            said = self.bought_of.get((token, member, ref), [])
            known = [each for each in said if each[2] == attester]
            amount = max((amount for amount, _, _ in known), default=0)
            since, start = self.world.now, min((at for _, at, _ in known), default=0)
        else:
            assert what in self.had, "REF-2: paid for what nobody had"
            amount, since, _ = self.had[what]
            start = since
        share = terms.first_bps + terms.second_bps
        assert share < WHOLE, "REF-2: a share of the whole or more"
        assert (first + second) * WHOLE <= share * amount, f"REF-2: {first} and {second} of {amount}"
        vesting = max(14, terms.vesting_days)
        assert vests_at >= since + vesting * DAY, "REF-2: it can be claimed while goods can come back"
        assert (token, member) in self.parents, "REF-2: for a member whom nobody referred"
        assert kind == Kind.PURCHASE or self.bound_at[token, member] <= start, (
            "REF-2: had before it was bound"
        )
        self.dues[what] = Due(number, first, second, vests_at)
        self.tally.checks["REF-2: accrued"] += 1

    def _undone_now(  # noqa: PLR0917 (as the event has them)
        self,
        sender: Address,
        token: Address,
        member: Address,
        ref: bytes,
        number: int,
        amount: int,
        _reason: str,
    ) -> None:
        what = (token, member, Kind.PURCHASE, ref)
        due = self.dues[what]
        assert self.world.now < due.vests_at, "REF-2: undone when it had vested"
        assert (number, amount) == (due.programme, due.first + due.second), "BOOK-1: more or less was undone"
        _, roles = self.world.brands.standing_of(self.world.token(token).brand_id(), sender)
        assert roles & CAMPAIGN, "AUTH-1: a stranger undid a purchase"
        self.undone.add(what)
        self.tally.checks["REF-2: undone"] += 1

    def _rewarded(  # noqa: PLR0917 (as the event has them)
        self,
        token: Address,
        referrer: Address,
        member: Address,
        ref: bytes,
        number: int,
        level: int,
        amount: int,
    ) -> None:
        named = [(token, member, kind, ref) for kind in Kind if (token, member, kind, ref) in self.dues]
        fitting = [each for each in named if level not in self.dues[each].paid and each not in self.undone]
        assert fitting, "REF-2: paid twice, or for what was undone"
        what = fitting[0]
        due = self.dues[what]
        most = due.first if level == 1 else due.second
        assert amount <= most, f"REF-2: {amount} paid of {most}"
        assert self.world.now >= due.vests_at, "REF-2: paid before it vested"
        above = self.parents[token, member]
        rightful = above if level == 1 else self.parents[token, above]
        assert referrer == rightful, "REF-2: paid to who did not refer"
        self.paid_out[token, number, referrer] += amount
        cap = self.world.referrals.programmes[token, number].terms.referrer_cap
        assert self.paid_out[token, number, referrer] <= cap, "REF-2: a referrer got more than its cap"
        self.dues[what] = due._replace(paid=due.paid | {level})
        self.tally.checks["REF-2: paid"] += 1

    def _check_ways_out(self) -> None:
        """Also: anybody can have what vested paid, whatever the brand's status."""
        super()._check_ways_out()
        now = self.world.now
        accruals = self.world.referrals.accruals
        waiting = [each for each, accrual in accruals.items() if accrual.state == State.ACCRUED]
        for each in waiting[-4:]:
            snapshot = self.chain.snapshot()
            self.chain.set_time(max(now, accruals[each].vests_at))
            call = abi.function("ReferralRewards", "claim").encode(([each],))
            outcome = self.send(INTRUDER.address, self.world.referrals.address, call)
            assert outcome.success, f"REF-2: what vested is not paid: {abi.explain(outcome.output)}"
            self.tally.checks["REF-2: paid whatever the brand does"] += 1
            self.chain.revert(snapshot)
            self.chain.set_time(now)

    # ---- brand

    def some_programme(self, dice: Dice, last_closed: int) -> tuple[Terms, Address]:
        """Mostly one that follows the last one."""
        now = self.world.now
        opens_at = max(last_closed, now - 200 * DAY) if dice.roll(4) else max(last_closed, now)
        kinds = ALL_KINDS if dice.roll(2) else 1 + dice.roll(7)
        share = dice.pick([(1000, 500), (1, 0), (2499, 2500), (0, 700), (4999, 0)])
        vesting, members = (14, 30, 365)[dice.roll(3)], (0, 0, 0, 0, 0, 1, 30, 400)[dice.roll(8)]
        cap = (UINT96, UINT96, 10**6, 1)[dice.roll(4)]
        closes_at = (max(opens_at, now) if dice.roll(4) else opens_at) + (1 + dice.roll(64)) * DAY
        terms = Terms(*share, vesting, members, kinds, opens_at, closes_at, cap)
        attester = dice.pick(ATTESTERS).address if kinds & Kind.PURCHASE.bit else ZERO
        if dice.seldom():
            terms = dice.pick(
                [
                    terms._replace(first_bps=5000, second_bps=0),
                    terms._replace(first_bps=9999, second_bps=1),
                    terms._replace(first_bps=0, second_bps=0),
                    terms._replace(kinds=4, first_bps=9000, second_bps=999),
                    terms._replace(kinds=8),
                    terms._replace(kinds=0),
                    terms._replace(vesting_days=13),
                    terms._replace(vesting_days=366),
                    terms._replace(closes_at=opens_at),
                    terms._replace(opens_at=max(0, last_closed - 1)),
                    terms._replace(referrer_cap=0),
                ]
            )
        if dice.rarely():
            attester = dice.pick([ZERO, ATTESTERS[0].address])
        return terms, attester

    @play
    def create_programme(self, dice: Dice) -> None:
        token = self.a_rewarding_token(dice)
        self._create_programme(dice, token)

    def _create_programme(self, dice: Dice, token: LoyaltyToken) -> None:
        referrals = self.world.referrals
        last = referrals.programmes.get((token.address, referrals.programme_count(token.address)))
        terms, attester = self.some_programme(dice, last.terms.closes_at if last else 0)
        sender = self.somebody(dice, self.campaigner_of(token))
        what = (token.address, terms, attester, dice.word(), self.a_uri(dice))
        played = self.do(sender, referrals, "create_programme", *what)
        if played.ok and dice.roll(4):
            self.give(dice, token, referrals, words(played.result))

    def a_programme(self, dice: Dice, token: LoyaltyToken) -> int:
        """Seldom one that is not there."""
        count = self.world.referrals.programme_count(token.address)
        return dice.roll(4) if dice.rarely() or not count else 1 + dice.roll(count)

    @play
    def fund_programme(self, dice: Dice) -> None:
        token = self.a_rewarding_token(dice)
        data = words(self.a_programme(dice, token))
        if dice.rarely():
            data = dice.pick([b"", data[:31], words(2**16), words(0)])
        self.give(dice, token, self.world.referrals, data)

    @play
    def set_attester(self, dice: Dice) -> None:
        token = self.a_rewarding_token(dice)
        attester = ZERO if dice.rarely() else dice.pick(ATTESTERS).address
        sender = self.somebody(dice, self.campaigner_of(token))
        what = (token.address, self.a_programme(dice, token), attester)
        self.do(sender, self.world.referrals, "set_attester", *what)

    @play
    def end_programme(self, dice: Dice) -> None:
        token = self.a_rewarding_token(dice)
        referrals, now = self.world.referrals, self.world.now
        going = [
            number
            for (its, number), each in referrals.programmes.items()
            if its == token.address and now < each.terms.closes_at
        ]
        number = dice.pick(going) if going and not dice.seldom() else self.a_programme(dice, token)
        sender = self.somebody(dice, self.campaigner_of(token))
        self.do(sender, referrals, "end_programme", token.address, number)

    @play
    def undo(self, dice: Dice) -> None:
        """A purchase was returned; or a brand would rather not pay for something else."""
        referrals = self.world.referrals
        waiting = [
            each
            for each, accrual in referrals.accruals.items()
            if accrual.state == State.ACCRUED and accrual.vests_at > self.world.now
        ]
        purchases = [each for each in waiting if each.kind == Kind.PURCHASE]
        if not purchases and not dice.seldom():
            made = self._accrue_purchase(dice)
            purchases = [made] if made else []
        every = purchases if purchases and not dice.seldom() else list(referrals.accruals)
        if not every:
            return
        event = dice.pick(every)
        if dice.seldom():
            vests_at = referrals.accrual_of(event).vests_at
            self.set_time(max(self.world.now, vests_at - dice.roll(2)))
        sender = self.somebody(dice, self.campaigner_of(self.world.token(event.token)))
        self.do(sender, referrals, "undo", event, self.a_uri(dice))

    @play
    def return_rest_of_programme(self, dice: Dice) -> None:
        """One that closed long ago; where there is none, one is made that did."""
        token, referrals, now = self.a_rewarding_token(dice), self.world.referrals, self.world.now
        count = referrals.programme_count(token.address)
        over = [
            number
            for number in range(1, count + 1)
            if referrals.programmes[token.address, number].terms.closes_at + referrals.ACCRUAL_PERIOD <= now
        ]
        if not over and not dice.seldom():
            number = self.a_programme(dice, token)
            programme = referrals.programmes.get((token.address, number))
            if programme is None:
                return
            due = programme.terms.closes_at + referrals.ACCRUAL_PERIOD
            if due > now + 100 * DAY:
                return
            self.set_time(max(now, due - dice.roll(2)))
        else:
            number = dice.pick(over) if over else self.a_programme(dice, token)
        sender = self.somebody(dice, self.campaigner_of(token))
        self.do(sender, referrals, "return_rest", token.address, number)

    # ---- members

    @play
    def open_referrals(self, dice: Dice) -> None:
        """For any token, obliged or not."""
        token = self.a_token(dice)
        member = dice.pick(self.at.recipients)
        self.do(member, self.world.referrals, "open_referrals", token.address)

    def an_invitation(self, dice: Dice, token: LoyaltyToken, referrer: Address) -> Invitation:
        """Mostly one where it is needed."""
        if self.world.referrals.standing_of(token.address, referrer).refers and not dice.rarely():
            return Invitation(0, self.blank())
        deadline = self.a_deadline(dice)
        digest = self.world.referrals.digest(INVITATION, token.address, referrer, deadline)
        return Invitation(deadline, self.seal(dice, referrer, digest))

    def a_binding(self, dice: Dice, token: LoyaltyToken) -> tuple[Address, Address]:
        """A member, mostly one who can bind, and whom it binds to."""
        standing = self.world.referrals.standing_of
        everybody = self.at.recipients
        free = [each for each in everybody if standing(token.address, each)[::2] == (ZERO, False)]
        member = dice.pick(free) if free and not dice.seldom() else dice.pick(everybody)
        others = [each for each in everybody if each != member or dice.rarely()]
        return member, dice.pick(others or everybody)

    @play
    def bind(self, dice: Dice) -> None:
        token = self.a_token(dice)
        member, referrer = self.a_binding(dice, token)
        what = (token.address, referrer, self.an_invitation(dice, token, referrer))
        self.hand_in(member, self.world.referrals, "bind", *what)

    @play
    def bind_with_signature(self, dice: Dice) -> None:
        token, referrals = self.a_token(dice), self.world.referrals
        member, referrer = self.a_binding(dice, token)
        invitation, deadline = self.an_invitation(dice, token, referrer), self.a_deadline(dice)
        digest = referrals.digest(BINDING, token.address, member, referrer, deadline)
        signature = self.seal(dice, member, digest)
        if dice.rarely():
            member = dice.pick(self.at.recipients)
        what = (token.address, member, referrer, invitation, deadline, signature)
        self.hand_in(dice.pick(EVERYBODY), referrals, "bind_with_signature", *what)

    @play
    def bind_in_a_circle(self, dice: Dice) -> None:
        """Members bind to one another in a ring, in any order (REF-1)."""
        token = self.a_token(dice)
        ring = self.at.recipients[dice.roll(3) :][: 2 + dice.roll(3)]
        start = dice.roll(len(ring))
        for place in range(len(ring)):
            member, referrer = ring[(start + place) % len(ring)], ring[(start + place + 1) % len(ring)]
            what = (token.address, referrer, self.an_invitation(dice, token, referrer))
            self.do(member, self.world.referrals, "bind", *what)

    # ---- events

    def programme_at(self, dice: Dice, token: LoyaltyToken, at: int) -> int:
        """Mostly the programme in whose window it lies."""
        referrals = self.world.referrals
        fitting = [
            number
            for (its, number), each in referrals.programmes.items()
            if its == token.address and each.terms.opens_at <= at < each.terms.closes_at
        ]
        return dice.pick(fitting) if fitting and not dice.seldom() else self.a_programme(dice, token)

    def ready(self, dice: Dice, token: LoyaltyToken) -> None:
        """Mostly there is a programme now that has a budget, and somebody is bound."""
        referrals, now = self.world.referrals, self.world.now
        mine = {number: each for (its, number), each in referrals.programmes.items() if its == token.address}
        if not any(each.terms.opens_at <= now < each.terms.closes_at for each in mine.values()):
            self._create_programme(dice, token)
        number = self.programme_at(dice, token, now)
        programme = referrals.programmes.get((token.address, number))
        if programme and programme.left < 10**3:
            self.give(dice, token, referrals, words(number))
        free = [
            each
            for each in self.at.recipients
            if token.balance_of(each) and referrals.standing_of(token.address, each)[::2] == (ZERO, False)
        ]
        referrers = [each for each in self.at.recipients if referrals.standing_of(token.address, each).refers]
        if free and referrers and not dice.seldom():
            what = (token.address, dice.pick(referrers), Invitation(0, self.blank()))
            self.do(dice.pick(free), referrals, "bind", *what)

    def _may_accrue(self, what: What) -> bool:
        """Its member was bound, and it has not accrued."""
        bound_at = self.bound_at.get(what[:2])
        return bound_at is not None and bound_at <= self.had[what].at and what not in self.dues

    @play
    def accrue_receipt(self, dice: Dice) -> None:
        token = self.a_rewarding_token(dice)
        self.ready(dice, token)
        what = self.something_had(dice, token, [Kind.COUNTER], self._may_accrue)
        if what is None:
            return
        address, member, _, nonce = what
        number = self.programme_at(dice, token, self.had[what].at)
        if dice.rarely():
            nonce = dice.word()
        facts = (address, number, member, nonce)
        for _ in range(1 + dice.seldom()):
            self.do(dice.pick(EVERYBODY), self.world.referrals, "accrue_receipt", *facts)

    @play
    def accrue_order(self, dice: Dice) -> None:
        token = self.a_rewarding_token(dice)
        self.ready(dice, token)
        what = self.something_had(dice, token, [Kind.ORDER], self._may_accrue)
        if what is None:
            return
        at, order = self.order_of(what)
        if dice.rarely():
            order = self.mistaken(dice, order)
        if dice.rarely():
            at = dice.pick([self.world.swaps.address, ZERO, self.at.modules[0].address])
        number = self.programme_at(dice, token, self.had[what].at)
        for _ in range(1 + dice.seldom()):
            self.do(dice.pick(EVERYBODY), self.world.referrals, "accrue_order", number, at, order)

    @play
    def accrue_purchase(self, dice: Dice) -> None:
        self._accrue_purchase(dice)

    def _accrue_purchase(self, dice: Dice) -> EventId | None:
        """A shop attests what was bought, and somebody has it accrue; the event, if it does."""
        referrals, now = self.world.referrals, self.world.now
        token = self.a_rewarding_token(dice)
        self.ready(dice, token)
        bound = [each for its, each in self.parents if its == token.address]
        member = dice.pick(bound) if bound and not dice.rarely() else dice.pick(self.at.recipients)
        at = (now, now, now - DAY, now + 1)[dice.roll(4)] if dice.seldom() else now
        number = self.programme_at(dice, token, at)
        programme = referrals.programmes.get((token.address, number))
        attester = programme.attester if programme else ZERO
        left = programme.left if programme else 0
        amount = dice.pick([0, UINT96, 2**96]) if dice.rarely() else 1 + left * dice.roll(8) // 16
        signer = attester if attester in EVERYBODY and not dice.seldom() else dice.pick(ATTESTERS).address
        if dice.seldom() and referrals.accruals:
            ref = dice.pick(list(referrals.accruals)).ref
        else:
            self.nonces += 1
            ref = words(self.nonces)
        purchase = Purchase(token.address, member, ref, amount, at, self.a_deadline(dice))
        signature = self.seal(dice, signer, referrals.digest(PURCHASE, *purchase))
        said = (amount, at, signature.key)
        self.bought_of.setdefault((token.address, member, ref), []).append(said)
        if dice.rarely():
            purchase = purchase._replace(amount=min(amount + 1, UINT96), member=MEMBERS[0].address)
        what = (number, purchase, signature)
        played = self.hand_in(dice.pick(EVERYBODY), referrals, "accrue_purchase", *what)
        return EventId(purchase.token, purchase.member, Kind.PURCHASE, ref) if played.ok else None

    def some_events(self, dice: Dice) -> list[EventId]:
        """Mostly such as can be claimed, or soon can."""
        accruals = self.world.referrals.accruals
        waiting = [each for each, accrual in accruals.items() if accrual.state == State.ACCRUED]
        if not waiting and not dice.seldom():
            made = self._accrue_purchase(dice)
            waiting = [made] if made else []
        if not waiting or dice.seldom():
            return [dice.pick(list(accruals))] if accruals else []
        chosen = sorted((dice.pick(waiting) for _ in range(1 + dice.roll(2))), key=waiting.index)
        return chosen if dice.rarely() else list(dict.fromkeys(chosen))

    @play
    def claim_rewards(self, dice: Dice) -> None:
        events = self.some_events(dice)
        if events and not dice.seldom():
            vests_at = max(self.world.referrals.accrual_of(each).vests_at for each in events)
            self.set_time(max(self.world.now, vests_at + (0, 0, 1, -1)[dice.roll(4)]))
        self.do(dice.pick(EVERYBODY), self.world.referrals, "claim", events)

    @play
    def act_at_once(self, dice: Dice) -> None:
        """Several acts in one call: all or none."""
        referrals, member = self.world.referrals, dice.pick(self.at.recipients)
        calls = []
        for _ in range(dice.roll(3)):
            token = self.a_token(dice)
            if dice.roll(2):
                calls.append(abi.encoded(referrals, "open_referrals", token.address))
            else:
                _, referrer = self.a_binding(dice, token)
                what = (token.address, referrer, self.an_invitation(dice, token, referrer))
                calls.append(abi.encoded(referrals, "bind", *what))
        if events := self.some_events(dice) if dice.seldom() else []:
            calls.append(abi.encoded(referrals, "claim", events))
        self.do(member, referrals, "multicall", calls)
