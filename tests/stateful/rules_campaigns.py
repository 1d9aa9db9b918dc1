"""Rules: campaigns, their purses, and vouchers alone, in batches, in lists and for reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from stateful import abi
from stateful.actors import sign, spoil
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY
from stateful.rules_referrals import ReferralRules
from stateful.rules_rewards import What
from stateful.stage import ATTESTERS, INTRUDER
from symbolon.addresses import keccak
from symbolon.reference import Address, Event
from symbolon.reference.abi_words import words
from symbolon.reference.campaigns import (
    IN_OFFICE,
    Campaign,
    CounterReview,
    Flaw,
    OrderReview,
    SignedVoucher,
    Voucher,
    name_of,
)
from symbolon.reference.campaigns import Kind as CampaignKind
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.referrals import Kind
from symbolon.reference.token import LoyaltyToken

MOST_LISTS = 8

Place = tuple[Address, bytes]
"""A token and a campaign's id."""


class CampaignRules(ReferralRules):
    """CAMP-1 and CAMP-2 by what was funded, what was really attested, and what members really had."""

    def __init__(self) -> None:
        self.vouched: set[tuple[Address, bytes, Voucher, bytes]] = set()
        self.lists: dict[Place, list[tuple[bytes, Voucher, list[bytes]]]] = {}
        self.numbers: set[tuple[Address, bytes, Address, int]] = set()
        self.on_day: Counter[tuple[Address, bytes, Address, int]] = Counter()
        self.in_purses: Counter[tuple[Address, bytes, bytes]] = Counter()
        self.reviewed_with: set[tuple[Address, bytes, bytes]] = set()
        super().__init__()
        self.in_purses = Counter({place: purse.left for place, purse in self.world.campaigns.purses.items()})

    def set_scene(self) -> None:
        super().set_scene()
        campaigns, now = self.world.campaigns, self.world.now
        for token in self.obliged():
            if token.redemption_desk() != self.world.desk.address:
                continue
            reward = max(1, token.capacity() // 100_000)
            for number, kind in enumerate((CampaignKind.VIEW, CampaignKind.REVIEW), start=1):
                campaign = Campaign(kind, reward, 20, 8, now - DAY, now + 200 * DAY)
                what = (token.address, words(number), campaign, b"\x07" * 32, "ipfs://campaign")
                self.do(self.campaigner_of(token), campaigns, "create_campaign", *what)
                data = words(number) + name_of(ATTESTERS[0].address)
                given = (campaigns.address, token.capacity() // 100, data)
                self.do(self.admin_of(token), token, "grant_quota_and_call", *given)

    # ---- CAMP-1 and CAMP-2

    def judge(
        self,
        event: Event,
        sender: Address,
        arguments: Sequence[Any],
        gains: Counter[tuple[Address, Address]],
    ) -> None:
        super().judge(event, sender, arguments, gains)
        if event.contract != self.world.campaigns.address:
            return
        if event.name == "PurseFunded":
            *place, _, amount = event.facts
            self.in_purses[place[0], place[1], place[2]] += amount
        elif event.name == "RestReturned":
            *place, amount = event.facts
            self.in_purses[place[0], place[1], place[2]] -= amount
            self.returns(event, place[0], amount)
        elif event.name == "Reviewed":
            self._reviewed(*event.facts)
        elif event.name == "VoucherPaid":
            token, campaign_id, member, *_ = event.facts
            self._voucher_paid(*event.facts)
            reward = self.world.campaigns.campaigns[token, campaign_id].reward
            self.pays(event, token, member, reward, gains)

    def _voucher_paid(  # noqa: PLR0917 (as the event has them)
        self,
        token: Address,
        campaign_id: bytes,
        member: Address,
        number: int,
        action: bytes,
        attester: bytes,
    ) -> None:
        campaign, now = self.world.campaigns.campaigns[token, campaign_id], self.world.now
        place = (token, campaign_id, member)
        assert (*place, number) not in self.numbers, "CAMP-1: a voucher was paid twice"
        self.numbers.add((*place, number))
        got = sum(each[:3] == place for each in self.numbers)
        assert got <= campaign.member_cap, f"CAMP-1: a member got {got} of {campaign.member_cap}"
        self.on_day[*place, now // DAY] += 1
        today = self.on_day[*place, now // DAY]
        assert today <= campaign.day_cap, f"CAMP-1: a member got {today} on a day of {campaign.day_cap}"
        self.in_purses[token, campaign_id, attester] -= campaign.reward
        assert self.in_purses[token, campaign_id, attester] >= 0, "CAMP-1: paid beyond its purse"
        assert campaign.opens_at <= now < campaign.closes_at + 30 * DAY, "CAMP-1: paid when it was over"
        said = (each for each in self.vouched if each[:2] == place[:2] and each[3] == attester)
        fitting = [v for *_, v, _ in said if (v.member, v.number, v.action) == (member, number, action)]
        assert any(now <= each.deadline for each in fitting), "CAMP-1: paid what nobody attested"
        names = [each.name for each in self.world.events]
        if campaign.kind == CampaignKind.REVIEW:
            assert "Reviewed" in names, "CAMP-2: a review was paid without a receipt"
        self.tally.checks["CAMP-1: paid"] += 1

    def _reviewed(  # noqa: PLR0917 (as the event has them)
        self,
        token: Address,
        thing: bytes,
        member: Address,
        campaign_id: bytes,
        text_hash: bytes,
        receipt: bytes,
    ) -> None:
        used = (token, campaign_id, receipt)
        assert used not in self.reviewed_with, "CAMP-2: a receipt was used for two reviews"
        self.reviewed_with.add(used)
        mine = [(what, had) for what, had in self.had.items() if what[:2] == (token, member)]
        fitting = [what for what, had in mine if had.thing == thing[:10] and _receipt_of(what) == receipt]
        assert fitting, "CAMP-2: reviewed what the member never had"
        self.tally.checks["CAMP-2: reviewed"] += 1

    def _check_ways_out(self) -> None:
        """Also: what was earned is paid, whatever the brand's status."""
        super()._check_ways_out()
        for what in list(self._earned())[-4:]:
            snapshot = self.chain.snapshot()
            call = abi.function("CampaignRewards", "claim").encode(what)
            outcome = self.send(INTRUDER.address, self.world.campaigns.address, call)
            said = abi.explain(outcome.output)
            assert outcome.success, f"CAMP-1: what was earned is not paid: {said}"
            self.tally.checks["CAMP-1: paid whatever the brand does"] += 1
            self.chain.revert(snapshot)

    def _earned(self) -> Iterator[tuple[Any, ...]]:
        """What is handed in for a voucher: from each purse that can pay one, for a member."""
        campaigns, keys = self.world.campaigns, {name_of(each.address): each.address for each in ATTESTERS}
        for token, campaign_id, attester in campaigns.purses:
            is_review = campaigns.campaign_of(token, campaign_id).kind == CampaignKind.REVIEW
            if attester not in keys or is_review or not self._is_able(token, campaign_id, attester):
                continue
            member = self.at.recipients[0]
            cap = campaigns.campaign_of(token, campaign_id).member_cap
            for number in range(min(cap, 24)):
                voucher = Voucher(member, number, words(number), self.world.now + 60)
                signature = sign(keys[attester], campaigns.digest_of(token, campaign_id, voucher))
                what = (token, campaign_id, voucher, keys[attester], signature)
                if campaigns.flaw_of(*what) == Flaw.NONE:
                    yield what
                    break

    # ---- brand

    @play
    def create_campaign(self, dice: Dice) -> None:
        token, now = self.a_rewarding_token(dice), self.world.now
        campaign_id = words(1) if dice.rarely() else dice.word()
        opens_at = now + (dice.roll(4) - 3) * DAY
        closes_at = max(now + 1, opens_at + 1 + dice.roll(40) * DAY)
        caps = dice.pick([(1, 1), (20, 3), (5, 5), (232, 232), (232, 4)])
        reward = max(1, token.capacity() // 200_000 * (1 + dice.roll(3)))
        campaign = Campaign(dice.pick(list(CampaignKind)), reward, *caps, opens_at, closes_at)
        if dice.seldom():
            campaign = dice.pick(
                [
                    campaign._replace(member_cap=233),
                    campaign._replace(day_cap=0),
                    campaign._replace(member_cap=1, day_cap=2),
                    campaign._replace(reward=0),
                    campaign._replace(closes_at=campaign.opens_at),
                    campaign._replace(opens_at=0, closes_at=now),
                ]
            )
        what = (token.address, campaign_id, campaign, dice.word(), self.a_uri(dice))
        sender = self.somebody(dice, self.campaigner_of(token))
        played = self.do(sender, self.world.campaigns, "create_campaign", *what)
        if played.ok:
            self.give(dice, token, self.world.campaigns, campaign_id + name_of(dice.pick(ATTESTERS).address))

    def a_campaign(self, dice: Dice, *kinds: CampaignKind) -> tuple[LoyaltyToken, bytes]:
        """Mostly one that pays."""
        campaigns, now = self.world.campaigns, self.world.now
        fitting = [
            place
            for place, each in campaigns.campaigns.items()
            if each.opens_at <= now < each.closes_at + campaigns.CLAIM_PERIOD
            and (each.kind in kinds or not kinds)
        ]
        if fitting and not dice.rarely():
            address, campaign_id = dice.pick(fitting)
            return self.world.token(address), campaign_id
        return self.a_token(dice), dice.word()

    def a_campaign_purse(self, dice: Dice) -> tuple[LoyaltyToken, bytes, bytes]:
        """One that there is; seldom one that there is not."""
        purses = list(self.world.campaigns.purses)
        if dice.rarely():
            return self.a_token(dice), words(1), dice.word()
        address, campaign_id, attester = dice.pick(purses)
        return self.world.token(address), campaign_id, attester

    def an_attester(self, dice: Dice, token: LoyaltyToken, campaign_id: bytes) -> Address:
        """Mostly one with a purse that can pay."""
        place = (token.address, campaign_id)
        keys = [each.address for each in ATTESTERS]
        able = [each for each in keys if self._is_able(*place, name_of(each))]
        key = dice.pick(able if able and not dice.rarely() else keys)
        if not able and not dice.seldom():
            self.give(dice, token, self.world.campaigns, campaign_id + name_of(key))
        return key

    def _is_able(self, token: Address, campaign_id: bytes, attester: bytes) -> bool:
        campaigns = self.world.campaigns
        purse = campaigns.purse_of(token, campaign_id, attester)
        reward = campaigns.campaign_of(token, campaign_id).reward
        return self.world.now < purse.until and purse.left >= reward

    @play
    def fund_purse(self, dice: Dice) -> None:
        token, campaign_id = self.a_campaign(dice)
        attester = name_of(dice.pick(ATTESTERS).address)
        if dice.seldom():
            attester = dice.pick([bytes(32), name_of(self.at.wallet.address), dice.word()])
        data = campaign_id + attester
        if dice.rarely():
            data = data[:63]
        self.give(dice, token, self.world.campaigns, data)

    @play
    def retire_attester(self, dice: Dice) -> None:
        campaigns = self.world.campaigns
        token, campaign_id, attester = self.a_campaign_purse(dice)
        first = name_of(ATTESTERS[0].address)
        in_office = [
            place
            for place, purse in campaigns.purses.items()
            if purse.until == IN_OFFICE and (place[2] != first or dice.rarely())
        ]
        if in_office and not dice.seldom():
            address, campaign_id, attester = dice.pick(in_office)
            token = self.world.token(address)
        sender = self.somebody(dice, self.campaigner_of(token))
        self.do(sender, campaigns, "retire_attester", token.address, campaign_id, attester)

    @play
    def end_campaign(self, dice: Dice) -> None:
        campaigns, now = self.world.campaigns, self.world.now
        going = [place for place, each in campaigns.campaigns.items() if now < each.closes_at]
        own = [place for place in going if place[1] not in (words(1), words(2))]
        if own and not dice.rarely():
            address, campaign_id = dice.pick(own)
            token = self.world.token(address)
        else:
            token, campaign_id = self.a_campaign(dice)
        sender = self.somebody(dice, self.campaigner_of(token))
        self.do(sender, campaigns, "end_campaign", token.address, campaign_id)

    @play
    def return_rest_of_purse(self, dice: Dice) -> None:
        """Where the time has come; else it is mostly waited for, if that is not long."""
        campaigns, now = self.world.campaigns, self.world.now

        def due(place: tuple[Address, bytes, bytes]) -> int:
            closes_at = campaigns.campaigns[place[:2]].closes_at
            return min(closes_at + campaigns.CLAIM_PERIOD, campaigns.purses[place].until)

        over = [place for place in campaigns.purses if due(place) <= now]
        soon = [place for place in campaigns.purses if now < due(place) <= now + 40 * DAY]
        token, campaign_id, attester = self.a_campaign_purse(dice)
        if over and not dice.seldom():
            address, campaign_id, attester = dice.pick(over)
            token = self.world.token(address)
        elif soon and not dice.seldom():
            place = dice.pick(soon)
            self.set_time(due(place) - dice.seldom())
            token, campaign_id, attester = self.world.token(place[0]), place[1], place[2]
        sender = self.somebody(dice, self.campaigner_of(token))
        self.do(sender, campaigns, "return_rest", token.address, campaign_id, attester)

    # ---- vouchers

    def a_voucher(self, dice: Dice, token: LoyaltyToken, campaign_id: bytes, action: bytes) -> Voucher:
        """Mostly the next number of a member that has not had enough; sometimes one that was paid."""
        campaigns = self.world.campaigns
        member = dice.pick([ZERO, token.address]) if dice.rarely() else dice.pick(self.at.recipients)
        cap = campaigns.campaign_of(token.address, campaign_id).member_cap
        free = [
            number
            for number in range(min(cap, 24))
            if not campaigns.is_paid(token.address, campaign_id, member, number)
        ]
        number = free[0] if free and not dice.seldom() else dice.pick([0, 1, cap, 231, 232, 255, 2**255])
        deadline = max(0, self.world.now - 1) if dice.rarely() else self.a_deadline(dice)
        return Voucher(member, number, action, deadline)

    def attest(self, token: LoyaltyToken, campaign_id: bytes, voucher: Voucher, attester: bytes) -> None:
        """Note what was really attested."""
        self.vouched.add((token.address, campaign_id, voucher, attester))

    def forged(self, dice: Dice, voucher: Voucher) -> Voucher:
        """As it was signed, or changed afterwards."""
        if not dice.seldom():
            return voucher
        return dice.pick(
            [
                voucher._replace(member=dice.pick(self.at.recipients)),
                voucher._replace(number=voucher.number ^ 1),
                voucher._replace(action=dice.word()),
                voucher._replace(deadline=min(voucher.deadline + 1, 2**256 - 1)),
            ]
        )

    @play
    def claim_voucher(self, dice: Dice) -> None:
        token, campaign_id = self.a_campaign(dice, *set(CampaignKind) - {CampaignKind.REVIEW})
        key = self.at.wallet.address if dice.rarely() else self.an_attester(dice, token, campaign_id)
        voucher = self.a_voucher(dice, token, campaign_id, dice.word())
        digest = self.world.campaigns.digest_of(token.address, campaign_id, voucher)
        signature = self.seal(dice, key, digest)
        self.attest(token, campaign_id, voucher, name_of(key))
        what = (token.address, campaign_id, self.forged(dice, voucher), key, signature)
        self.ask(self.world.campaigns, "flaw_of", *what)
        if not dice.seldom():
            self.hand_in(dice.pick(EVERYBODY), self.world.campaigns, "claim", *what)

    @play
    def claim_batch(self, dice: Dice) -> None:
        token, campaign_id = self.a_campaign(dice)
        campaigns, key, signed = self.world.campaigns, self.an_attester(dice, token, campaign_id), []
        for _ in range(dice.roll(4)):
            voucher = self.a_voucher(dice, token, campaign_id, dice.word())
            signer = dice.pick(EVERYBODY) if dice.rarely() else key
            signature = sign(signer, campaigns.digest_of(token.address, campaign_id, voucher), compact=True)
            if dice.rarely():
                signature = spoil(sign(signer, bytes(32)), 2)
            self.attest(token, campaign_id, voucher, name_of(signer))
            signed.append(SignedVoucher(voucher, signature))
        if signed and dice.seldom():
            signed.append(signed[0])
        self.do(dice.pick(EVERYBODY), campaigns, "claim_batch", token.address, campaign_id, key, signed)

    @play
    def make_list(self, dice: Dice) -> None:
        """A brand lists up to three vouchers and gives the list a purse."""
        token, campaign_id = self.a_campaign(dice, *set(CampaignKind) - {CampaignKind.REVIEW})
        self._make_list(dice, token, campaign_id)

    def _make_list(self, dice: Dice, token: LoyaltyToken, campaign_id: bytes) -> None:
        vouchers = [self.a_voucher(dice, token, campaign_id, dice.word()) for _ in range(1 + dice.roll(3))]
        digest = self.world.campaigns.digest_of
        leaves = [keccak(digest(token.address, campaign_id, each)) for each in vouchers]
        root, proofs = _tree(leaves)
        kept = self.lists.setdefault((token.address, campaign_id), [])
        for voucher, proof in zip(vouchers, proofs, strict=True):
            self.attest(token, campaign_id, voucher, root)
            kept.append((root, voucher, proof))
        del kept[:-MOST_LISTS]
        self.give(dice, token, self.world.campaigns, campaign_id + root)

    @play
    def claim_from_list(self, dice: Dice) -> None:
        token, campaign_id = self.a_campaign(dice, *set(CampaignKind) - {CampaignKind.REVIEW})
        place = (token.address, campaign_id)
        able = [each for each in self.lists.get(place, []) if self._is_able(*place, each[0])]
        if not able or dice.seldom():
            self._make_list(dice, token, campaign_id)
            able = self.lists[place]
        _, voucher, proof = able[-1 - dice.roll(2) :][0]
        if dice.seldom():
            proof = dice.pick([[], proof[:1], [*proof, dice.word()]])
        if dice.rarely():
            token, campaign_id = self.a_campaign(dice)
        what = (token.address, campaign_id, self.forged(dice, voucher), proof)
        self.do(dice.pick(EVERYBODY), self.world.campaigns, "claim_from_list", *what)

    # ---- reviews

    def _review(self, dice: Dice, kind: Kind) -> None:
        token, campaign_id = self.a_campaign(dice, CampaignKind.REVIEW)
        if dice.rarely():
            token, campaign_id = self.a_campaign(dice)
        what = self.something_had(dice, token, [kind])
        if what is None:
            return
        campaigns, text = self.world.campaigns, dice.word()
        key = self.an_attester(dice, token, campaign_id)
        thing = dice.word() if dice.seldom() else self._thing(what)
        claimed = dice.word() if dice.rarely() else thing
        voucher = self.a_voucher(dice, token, campaign_id, keccak(claimed + text))
        if not dice.rarely():
            free = [
                number
                for number in range(20)
                if not campaigns.is_paid(token.address, campaign_id, what[1], number)
            ]
            voucher = voucher._replace(member=what[1], number=free[0] if free else 20)
        digest = campaigns.digest_of(token.address, campaign_id, voucher)
        signature = self.seal(dice, key, digest)
        self.attest(token, campaign_id, voucher, name_of(key))
        facts = (token.address, campaign_id, voucher, key, signature)
        if dice.rarely():
            thing = dice.word()
        if kind == Kind.COUNTER:
            review: CounterReview | OrderReview = CounterReview(thing, text, what[3])
        else:
            at, order = self.order_of(what)
            order = self.mistaken(dice, order) if dice.rarely() else order
            review = OrderReview(text, INTRUDER.address if dice.rarely() else at, order)
        method = "claim_review" if kind == Kind.COUNTER else "claim_order_review"
        self.hand_in(dice.pick(EVERYBODY), campaigns, method, *facts, review)
        if dice.seldom():  # without the receipt
            self.hand_in(dice.pick(EVERYBODY), campaigns, "claim", *facts)

    def _thing(self, what: What) -> bytes:
        """What it is called; at par, the ten bytes that the receipt has of the reference, and zeros."""
        token, _, kind, _ = what
        if kind == Kind.ORDER:
            _, order = self.order_of(what)
            return order.offer_id
        tag = self.had[what].thing
        offers = (offer for owner, offer in self.world.desk.offers if owner == token)
        return next((each for each in offers if each[:10] == tag), tag.ljust(32, b"\0"))

    @play
    def review(self, dice: Dice) -> None:
        self._review(dice, Kind.COUNTER)

    @play
    def review_order(self, dice: Dice) -> None:
        self._review(dice, Kind.ORDER)


def _receipt_of(what: What) -> bytes:
    """By what name a receipt is used up."""
    token, member, kind, ref = what
    return ref if kind == Kind.ORDER else keccak(words(token, member, ref))


def _tree(leaves: list[bytes]) -> tuple[bytes, list[list[bytes]]]:
    """The root of up to three leaves, and each one's proof."""
    if len(leaves) == 1:
        return leaves[0], [[]]
    pair = _pair(leaves[0], leaves[1])
    if len(leaves) == 2:
        return pair, [[leaves[1]], [leaves[0]]]
    last = leaves[2]
    return _pair(pair, last), [[leaves[1], last], [leaves[0], last], [pair]]


def _pair(left: bytes, right: bytes) -> bytes:
    return keccak(b"".join(sorted((left, right))))
