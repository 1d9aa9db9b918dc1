"""Rules: what brands ask members for, and members who grant it, are paid for it and take it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from stateful import abi
from stateful.chains import START
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY
from stateful.rules_campaigns import CampaignRules
from stateful.stage import ATTESTERS
from symbolon.addresses import keccak
from symbolon.reference import Address, Event
from symbolon.reference.abi_words import words
from symbolon.reference.brands import CAMPAIGN
from symbolon.reference.consents import (
    ELIGIBLE,
    GRANT,
    REVOCATION,
    Eligibility,
    Request,
    State,
    Wording,
    grant_fields,
)
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.token import LoyaltyToken

WORDING = Wording("birthday, postcode", "greetings", b"\x02" * 33)


class ConsentRules(CampaignRules):
    """CONSENT-1 by the clock: no instalment before it is due or after the revocation, no use after it."""

    def __init__(self) -> None:
        self.requests: dict[bytes, Request] = {}
        self.granted_at: dict[tuple[bytes, Address], int] = {}
        self.revoked_at: dict[tuple[bytes, Address], int] = {}
        self.instalments: Counter[tuple[bytes, Address]] = Counter()
        super().__init__()
        if not self.requests:
            self.requests = {each.id: each for each in self._scene_requests()}

    def set_scene(self) -> None:
        super().set_scene()
        for request in self._scene_requests():
            token = self.world.token(request.token)
            self.do(self.campaigner_of(token), self.world.consents, "publish", request, WORDING)
            given = (self.world.consents.address, token.capacity() // 100, words(*request))
            self.do(self.admin_of(token), token, "grant_quota_and_call", *given)

    def _scene_requests(self) -> list[Request]:
        """As the scene has them; what is there does not depend on when it is asked."""
        return [
            _request(token, max(1, token.capacity() // 10_000), every, START + 400 * DAY, attester)
            for token in self.obliged()
            for every, attester in ((0, ZERO), (30 * DAY, ATTESTERS[0].address))
        ]

    # ---- CONSENT-1

    def judge(
        self,
        event: Event,
        sender: Address,
        arguments: Sequence[Any],
        gains: Counter[tuple[Address, Address]],
    ) -> None:
        if event.contract == self.world.consents.address and event.name == "RequestPublished":
            _, request_id, request, _ = event.facts
            self.requests[request_id] = request
        super().judge(event, sender, arguments, gains)
        if event.contract != self.world.consents.address:
            return
        now = self.world.now
        if event.name == "RequestFunded":
            request_id, _, amount = event.facts
            self.comes(event, self.requests[request_id].token, amount)
        elif event.name == "Granted":
            request_id, member, *_ = event.facts
            assert (request_id, member) not in self.granted_at, "CONSENT-1: granted a second time"
            assert self._said(member, sender, arguments), "CONSENT-1: granted by somebody else"
            self.granted_at[request_id, member] = now
            self.tally.checks["CONSENT-1: granted"] += 1
        elif event.name == "Paid":
            request_id, member, count, amount = event.facts
            self._instalments_paid((request_id, member), count, amount)
            self.pays(event, self.requests[request_id].token, member, amount, gains)
        elif event.name == "Revoked":
            request_id, member = event.facts
            assert self._said(member, sender, arguments), "CONSENT-1: revoked by somebody else"
            self.revoked_at[request_id, member] = now
            self.tally.checks["CONSENT-1: revoked"] += 1
        elif event.name == "DataReceived":
            request_id, member, _ = event.facts
            request = self.requests[request_id]
            is_good = (request_id, member) in self.granted_at and (request_id, member) not in self.revoked_at
            assert is_good and now < request.until, (
                "CONSENT-1: data was taken that was not granted, or no more"
            )
            _, roles = self.world.brands.standing_of(self.world.token(request.token).brand_id(), sender)
            assert roles & CAMPAIGN, "AUTH-1: a stranger said that data was received"
        elif event.name == "RestReturned":
            request_id, amount = event.facts
            if amount:  # of nothing it may be of a request that nobody has published
                self.returns(event, self.requests[request_id].token, amount)

    def _said(self, member: Address, sender: Address, arguments: Sequence[Any]) -> bool:
        """Whether it is the member who calls, or whose signature came along as the last argument."""
        if sender == member:
            return True
        key = getattr(arguments[-1], "key", None)
        return key == member or self.world.wallets.get(member) == key

    def _instalments_paid(self, place: tuple[bytes, Address], count: int, amount: int) -> None:
        request, start, now = self.requests[place[0]], self.granted_at[place], self.world.now
        assert self.revoked_at.get(place, now) == now, "CONSENT-1: paid after it was revoked"
        assert amount == count * request.price, "CONSENT-1: an instalment is not the price"
        self.instalments[place] += count
        paid = self.instalments[place]
        until = min(now, request.until - 1)
        due = 1 if request.every == 0 else (until - start) // request.every + 1
        assert paid <= due, f"CONSENT-1: {paid} instalments paid where {due} are due"
        self.tally.checks["CONSENT-1: paid"] += 1

    def _check_ways_out(self) -> None:
        """Also: a member can revoke, whatever the brand's status, and is paid what had come due."""
        super()._check_ways_out()
        snapshot = self.chain.snapshot()
        for request_id, member in list(self.granted_at)[-4:]:
            if not self.world.consents.is_granted(request_id, member):
                continue
            call = abi.function("Consent", "revoke").encode((self.requests[request_id],))
            outcome = self.send(member, self.world.consents.address, call)
            assert outcome.success, f"CONSENT-1: a member cannot revoke: {abi.explain(outcome.output)}"
            self.tally.checks["CONSENT-1: revoked whatever the brand does"] += 1
        self.chain.revert(snapshot)

    # ---- choices

    def a_data_request(self, dice: Dice, *, is_open: bool = True) -> Request:
        """Mostly one that can be granted."""
        consents, now = self.world.consents, self.world.now
        fitting = [
            each
            for each in self.requests.values()
            if not is_open or (consents.budget_of(each.id).open and now < each.until)
        ]
        if not fitting and not dice.seldom():
            self.publish(dice)
        request = dice.pick(fitting if fitting and not dice.rarely() else list(self.requests.values()))
        return request._replace(salt=dice.word()) if dice.rarely() else request

    def campaigner_for(self, dice: Dice, request: Request) -> Address:
        return self.somebody(dice, self.campaigner_of(self.world.token(request.token)))

    def a_grant(self, dice: Dice) -> tuple[Request, Address]:
        """Mostly one that stands; where none does, one is made."""
        standing = [each for each in self.granted_at if self.world.consents.is_granted(*each)]
        if not standing and not dice.seldom():
            self._grant(dice)
        every = list(self.granted_at)
        if every and not dice.rarely():
            request_id, member = dice.pick(standing if standing and not dice.seldom() else every)
            return self.requests[request_id], member
        return self.a_data_request(dice), dice.pick(self.at.recipients)

    # ---- brand

    @play
    def publish(self, dice: Dice) -> None:
        token, now = self.a_redeemable_token(dice), self.world.now
        price = max(1, token.capacity() // 50_000) * dice.roll(3)
        every = (0, DAY, 7 * DAY)[dice.roll(3)]
        attester = dice.pick([ZERO, ATTESTERS[0].address])
        request = _request(token, price, every, now + (1 + dice.roll(60)) * DAY, attester)
        request = request._replace(salt=dice.word())
        wording = WORDING
        if dice.seldom():
            request, wording = dice.pick(
                [
                    (request._replace(until=now), WORDING),
                    (request._replace(every=DAY - 1), WORDING),
                    (request._replace(every=DAY, until=now + 1001 * DAY), WORDING),
                    (request._replace(key_hash=bytes(32)), WORDING),
                    (request, WORDING._replace(fields="")),
                    (request, WORDING._replace(purpose="é" * (256 + dice.roll(2)))),
                    (dice.pick(list(self.requests.values())), WORDING),
                ]
            )
        sender = self.somebody(dice, self.campaigner_of(token))
        played = self.do(sender, self.world.consents, "publish", request, wording)
        if played.ok:
            self.give(dice, token, self.world.consents, words(*request))

    @play
    def fund_request(self, dice: Dice) -> None:
        request = self.a_data_request(dice)
        token = self.a_token(dice) if dice.rarely() else self.world.token(request.token)
        data = words(*request)
        self.give(dice, token, self.world.consents, data[:-1] if dice.rarely() else data)

    @play
    def close_request(self, dice: Dice) -> None:
        """Mostly one that is not of the scene."""
        request = self.a_data_request(dice)
        own = [each for each in self.requests.values() if each.salt != SCENE]
        is_open = [each for each in own if self.world.consents.budget_of(each.id).open]
        if is_open and not dice.rarely():
            request = dice.pick(is_open)
        self.do(self.campaigner_for(dice, request), self.world.consents, "close", request)

    @play
    def return_rest_of_request(self, dice: Dice) -> None:
        request = self.a_data_request(dice, is_open=False)
        self.do(self.campaigner_for(dice, request), self.world.consents, "return_rest", request)

    @play
    def acknowledge(self, dice: Dice) -> None:
        request, member = self.a_grant(dice)
        self._near_its_end(dice, request)
        what = (request, member, dice.word())
        self.do(self.campaigner_for(dice, request), self.world.consents, "acknowledge", *what)

    # ---- members

    def an_eligibility(self, dice: Dice, request: Request, member: Address) -> Eligibility:
        """The attester's word, where there is an attester."""
        if request.attester == ZERO and not dice.rarely():
            return Eligibility(0, self.blank())
        deadline = self.a_deadline(dice)
        about = dice.pick(self.at.recipients) if dice.rarely() else member
        digest = self.world.consents.digest(ELIGIBLE, request.id, about, deadline)
        return Eligibility(deadline, self.seal(dice, request.attester, digest))

    def who_grants(self, dice: Dice, request: Request) -> Address:
        """Mostly somebody who has not."""
        free = [each for each in self.at.recipients if (request.id, each) not in self.granted_at]
        return dice.pick(free) if free and not dice.seldom() else dice.pick(self.at.recipients)

    @play
    def grant(self, dice: Dice) -> None:
        self._grant(dice)

    def _grant(self, dice: Dice) -> None:
        request = self.a_data_request(dice)
        if not self.world.consents.budget_of(request.id).left and not dice.seldom():
            self.give(dice, self.world.token(request.token), self.world.consents, words(*request))
        member = self.who_grants(dice, request)
        # Not to be tried again by others: anybody may grant for itself where no attester is asked.
        what = (request, self.an_eligibility(dice, request, member))
        self.do(member, self.world.consents, "grant", *what)

    @play
    def grant_with_signature(self, dice: Dice) -> None:
        request, consents = self.a_data_request(dice), self.world.consents
        member, deadline = self.who_grants(dice, request), self.a_deadline(dice)
        eligibility = self.an_eligibility(dice, request, member)
        digest = consents.digest(GRANT, *grant_fields(request, member, deadline))
        signature = self.seal(dice, member, digest)
        if dice.rarely():
            request = request._replace(price=request.price + 1)
        what = (request, eligibility, member, deadline, signature)
        self.hand_in(dice.pick(EVERYBODY), consents, "grant_with_signature", *what)

    def _near_its_end(self, dice: Dice, request: Request) -> None:
        """Sometimes wait until the grant ends, if that is not long."""
        now = self.world.now
        if dice.seldom() and now < request.until < now + 60 * DAY:
            self.set_time(request.until - 1 + dice.roll(3))

    @play
    def revoke_grant(self, dice: Dice) -> None:
        request, member = self.a_grant(dice)
        self._some_time(dice, request, member)
        self.do(member, self.world.consents, "revoke", request)

    @play
    def revoke_grant_with_signature(self, dice: Dice) -> None:
        request, member = self.a_grant(dice)
        deadline = self.a_deadline(dice)
        digest = self.world.consents.digest(REVOCATION, request.id, member, deadline)
        what = (request, member, deadline, self.seal(dice, member, digest))
        self.hand_in(dice.pick(EVERYBODY), self.world.consents, "revoke_with_signature", *what)

    def _some_time(self, dice: Dice, request: Request, member: Address) -> None:
        """Sometimes wait until the next instalment is due, to the second, or a day."""
        if request.every and dice.roll(2):
            start = self.granted_at.get((request.id, member), self.world.now)
            passed = (self.world.now - start) // request.every + 1
            self.set_time(max(self.world.now, start + passed * request.every + (0, 0, 1, -1)[dice.roll(4)]))
        self._near_its_end(dice, request)

    def _is_unpaid(self, request_id: bytes, member: Address) -> bool:
        """There are instalments to come, or that have come due."""
        grant = self.world.consents.grant_of(request_id, member)
        return grant.state in (State.GRANTED, State.ENDED) and grant.paid < grant.instalments

    @play
    def pay_instalments(self, dice: Dice) -> None:
        consents = self.world.consents
        several = [place for place in self.granted_at if self.requests[place[0]].every]
        unpaid = [place for place in several if self._is_unpaid(*place)]
        if several and not dice.seldom():
            several = unpaid if unpaid and not dice.seldom() else several
            request_id, member = dice.pick(several)
            request = self.requests[request_id]
        else:
            request, member = self.a_grant(dice)
        self._some_time(dice, request, member)
        self.do(dice.pick(EVERYBODY), consents, "pay", request, member)
        if dice.seldom():
            self.do(dice.pick(EVERYBODY), consents, "pay", request, member)

    @play
    def grant_and_revoke_at_once(self, dice: Dice) -> None:
        consents, calls = self.world.consents, []
        request = self.a_data_request(dice)
        member = self.who_grants(dice, request)
        for _ in range(1 + dice.roll(2)):
            what = (request, self.an_eligibility(dice, request, member))
            calls.append(abi.encoded(consents, "grant", *what))
        if dice.roll(2):
            calls[1:] = [abi.encoded(consents, "revoke", request)]
        self.do(member, consents, "multicall", calls)


SCENE = bytes(32)
"""The salt of requests that have been there from the beginning."""


def _request(token: LoyaltyToken, price: int, every: int, until: int, attester: Address) -> Request:
    hashes = (keccak(WORDING.fields.encode()), keccak(WORDING.purpose.encode()), keccak(WORDING.public_key))
    return Request(token.address, *hashes, price, every, until, attester, SCENE)
