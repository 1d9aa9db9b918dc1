"""Seventh chapter: the store pays members for what they do, and for whom they bring.

It is played on a chain of its own and in the reference model at once. On the evening of each day the store's
shop signs a voucher for every coupon that was redeemed, and somebody with nothing but gas to spend hands them
in, up to a hundred in a call; being careless, he hands all of them in twice. What a member's day has no room
for he tries again the day after. In the middle of the year the shop's key is changed.

Purchases of those who were brought are attested on the Sunday of their week, and anybody claims what they
bring once the goods can no longer be returned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import TypeVar

from eth_account import Account
from eth_account.signers.local import LocalAccount

from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.demo.data import Campaign as Coupons
from symbolon.demo.data import day_begins_at, week_closes_at
from symbolon.demo.plan import UNITS_PER_POINT, member_key
from symbolon.demo.rewarding import (
    DAY_CAP,
    FIRST_BPS,
    MEMBER_CAP,
    MEMBER_WEEKS,
    REFERRER_CAP,
    REWARD,
    SECOND_BPS,
    VESTING_DAYS,
    Action,
    Purchase,
    RewardPlan,
    Tie,
)
from symbolon.demo.stage import Stage
from symbolon.demo.twin import Sealed, Twin
from symbolon.fields import FOREVER
from symbolon.reference import Address
from symbolon.reference.campaigns import Campaign, Flaw, Kind, SignedVoucher, Voucher
from symbolon.reference.eip712 import word
from symbolon.reference.referrals import EventId, Invitation, State, Terms
from symbolon.reference.referrals import Kind as Source
from symbolon.reference.referrals import Purchase as Attested
from symbolon.signing import Domain, Signed
from symbolon.vouchers import Binding
from symbolon.vouchers import Invitation as SignedInvitation
from symbolon.vouchers import Purchase as SignedPurchase
from symbolon.vouchers import Voucher as OneVoucher

FIRST_DAY = date(2017, 1, 1).toordinal()
"""Of the story; whatever campaigns began before begin on the next one."""

BATCH = 100
_HOUR = 3600
EVENING = 20 * _HOUR
"""When a day's vouchers are handed in, in seconds after it began."""

_MIDSUMMER = 182  # days of the story after which the shop's key is changed
_PATIENCE = 40 * 86_400
_SEED = b"symbolon demonstration: key of the shop"
_DOCUMENT = keccak(b"A reward for each coupon that is redeemed. (Invented for a demonstration.)")
_T = TypeVar("_T")


@dataclass
class Paid:
    """What became of a campaign; amounts are base units.

    Attributes:
        coupons: the campaign in the data set.
        budget: what its purses were filled with.
        members: who got something.
        rewards: how many were paid.
        put_off: vouchers that a full day passed over, once for each day.
        twice: vouchers that were handed in again and paid nothing.
        returned: what went back to capacity.
    """

    coupons: Coupons
    budget: int = 0
    members: set[int] = field(default_factory=set)
    rewards: int = 0
    put_off: int = 0
    twice: int = 0
    returned: int = 0


@dataclass
class Brought:
    """What came of who brought whom; amounts are base units.

    Attributes:
        ties: who was brought by whom, as it was planned.
        accrued: purchases that count, by the name of their event, with what was set aside for both levels.
        undone: those that were returned.
        claimed: those that were paid.
        first, second: paid to who brought the buyer, and to who brought that one.
    """

    ties: list[Tie] = field(default_factory=list)
    accrued: dict[EventId, tuple[Purchase, int, int]] = field(default_factory=dict)
    undone: list[EventId] = field(default_factory=list)
    claimed: list[EventId] = field(default_factory=list)
    first: int = 0
    second: int = 0


class Rewarding:
    """The store's campaigns and its referral programme.

    Attributes:
        twin: where it is played.
        plan: what is to happen.
        wallets: each household's wallet.
        paid: what became of each campaign, by its number.
        brought: what came of who brought whom.
    """

    def __init__(self, stage: Stage, plan: RewardPlan, wallets: Mapping[int, str]) -> None:
        """Open the token to both contracts, and start the referral programme."""
        opens_at = week_closes_at(1) - 12 * _HOUR  # the stage may have taken a while to set
        self.twin = Twin(stage, opens_at)
        self.plan = plan
        self.wallets = {household: parse_address(wallet) for household, wallet in wallets.items()}
        self.paid = {each.number: Paid(each) for each in plan.campaigns}
        self.brought = Brought()
        self._stage = stage
        (self._actor,) = stage.actors
        self._token = self.twin.token[plan.store.number]
        self._keys: list[LocalAccount] = [
            Account.from_key(keccak(_SEED + bytes([year]))) for year in range(2)
        ]
        self._key = self._keys[0]
        self._household_of = {wallet: household for household, wallet in self.wallets.items()}
        self._waiting: dict[int, list[SignedVoucher]] = defaultdict(list)
        self._actions: dict[int, list[Action]] = defaultdict(list)
        for action in plan.actions:
            self._actions[action.day].append(action)
        self._ties: dict[int, list[Tie]] = defaultdict(list)
        for tie in plan.ties:
            self._ties[tie.day].append(tie)
        self._purchases: dict[int, list[Purchase]] = defaultdict(list)
        for purchase in plan.purchases:
            self._purchases[purchase.week].append(purchase)
        self._references = count()
        with self.twin.at(opens_at):
            self._begin(opens_at)

    def play_day(self, day: int, advance: Callable[[int], object]) -> None:
        """What is done on a day, a date's ordinal, of the story; `advance` is called with the steps done."""
        begins = day_begins_at(day)
        opening = [each for each in self.plan.campaigns if self._opens_on(each, day)]
        if opening:
            with self.twin.at(begins + _HOUR):
                for each in opening:
                    self._open(each)
        if day - FIRST_DAY == _MIDSUMMER:
            with self.twin.at(begins + 2 * _HOUR):
                self._rotate(begins)
        if ties := self._ties.get(day, []):
            with self.twin.at(begins + EVENING - _HOUR):
                for tie in ties:
                    self._bind(tie, begins + EVENING)
        actions = self._actions.get(day, [])
        for action in actions:
            self._waiting[action.campaign].append(self._sign(action, begins + _PATIENCE))
        if any(self._waiting.values()):
            with self.twin.at(begins + EVENING):
                self._hand_in(again=False)
                self._hand_in(again=True)
        advance(len(actions))

    def play_evening(self, week: int, advance: Callable[[int], object]) -> None:
        """What is done on a week's Sunday, after the day itself."""
        late = week_closes_at(week) - _HOUR
        purchases = self._purchases.get(week, [])
        with self.twin.at(late):
            for purchase in purchases:
                self._attest(purchase, late)
        with self.twin.at(late + 60):
            self._take_back(week)
            self._claim(late + 60)
            self._give_back(late + 60)
        advance(len(purchases))

    # ---- the store

    def _begin(self, now: int) -> None:
        world, twin, plan = self.twin.world, self.twin, self.plan
        admin, token = self._actor.admin_key, self._token
        for contract in (world.campaigns, world.referrals):
            twin.do(admin, token, "grantQuotaAndCall", contract.address, 0, b"")
        terms = Terms(
            first_bps=FIRST_BPS,
            second_bps=SECOND_BPS,
            vesting_days=VESTING_DAYS,
            member_days=7 * MEMBER_WEEKS,
            kinds=Source.PURCHASE.bit,
            opens_at=now,
            closes_at=FOREVER - _PATIENCE * 10,
            referrer_cap=REFERRER_CAP,
        )
        attester = parse_address(str(self._keys[0].address))
        what = (token.address, terms, attester, _DOCUMENT, "")
        number = twin.do(admin, world.referrals, "createProgramme", *what)
        if plan.referral_budget:
            self._fund(world.referrals.address, plan.referral_budget, word(number))

    def _fund(self, contract: Address, amount: int, data: bytes) -> None:
        self.twin.do(self._actor.manager, self._token, "passQuotaAndCall", contract, amount, data)

    def _opens_on(self, coupons: Coupons, day: int) -> bool:
        first = max(coupons.first_day.toordinal(), FIRST_DAY + 1)
        return first == day and self.plan.window_of(coupons)[1] > day_begins_at(day + 1)

    def _open(self, coupons: Coupons) -> None:
        world, plan = self.twin.world, self.plan
        opens_at, closes_at = plan.window_of(coupons)
        campaign = Campaign(Kind.CUSTOM, REWARD, MEMBER_CAP, DAY_CAP, opens_at, closes_at)
        what = (self._token.address, id_of(coupons), campaign, _DOCUMENT, "")
        self.twin.do(self._actor.admin_key, world.campaigns, "createCampaign", *what)
        self._fill(coupons, plan.budget_of(coupons.number))

    def _fill(self, coupons: Coupons, amount: int) -> None:
        purse = id_of(coupons) + word(parse_address(str(self._key.address)))
        self._fund(self.twin.world.campaigns.address, amount, purse)
        self.paid[coupons.number].budget += amount

    def _rotate(self, now: int) -> None:
        """A new key for the shop: the old one goes on paying for what it signed, out of what it has."""
        world, twin = self.twin.world, self.twin
        old = word(parse_address(str(self._key.address)))
        self._key = self._keys[1]
        for coupons in self.plan.campaigns:
            paid = self.paid[coupons.number]
            opens_at, closes_at = self.plan.window_of(coupons)
            if paid.budget and opens_at <= now < closes_at:
                place = (self._token.address, id_of(coupons))
                left = world.campaigns.purse_of(*place, old).left
                twin.do(self._actor.admin_key, world.campaigns, "retireAttester", *place, old)
                if left:
                    self._fill(coupons, left)
        key = parse_address(str(self._key.address))
        twin.do(self._actor.admin_key, world.referrals, "setAttester", self._token.address, 1, key)

    def _give_back(self, now: int) -> None:
        """What is left in purses once nothing is paid out of them any more."""
        world, place = self.twin.world, self._token.address
        for coupons in self.plan.campaigns:
            paid = self.paid[coupons.number]
            closes_at = self.plan.window_of(coupons)[1]
            if not paid.budget or now < closes_at + world.campaigns.CLAIM_PERIOD:
                continue
            for key in self._keys:
                attester = word(parse_address(str(key.address)))
                left = world.campaigns.purse_of(place, id_of(coupons), attester).left
                if left:
                    what = (place, id_of(coupons), attester)
                    self.twin.do(self._actor.admin_key, world.campaigns, "returnRest", *what)
                    paid.returned += left

    # ---- vouchers

    def _sign(self, action: Action, deadline: int) -> SignedVoucher:
        """The shop's word that a household redeemed a coupon."""
        campaigns = self.twin.world.campaigns
        campaign = id_of(self.paid[action.campaign].coupons)
        member, what = self.wallets[action.household], keccak(repr(action).encode())
        statement = OneVoucher(
            checksum_address(self._token.address),
            campaign,
            checksum_address(member),
            action.number,
            what,
            deadline,
        )
        signature = self._seal(statement, "CampaignRewards", campaigns.address, bytes(self._key.key))
        return SignedVoucher(Voucher(member, action.number, what, deadline), signature)

    def _hand_in(self, *, again: bool) -> None:
        """Anybody hands in all that is waiting; the second time he need not have."""
        world = self.twin.world
        for number, waiting in self._waiting.items():
            for key in self._keys:
                signer = parse_address(str(key.address))
                mine = [each for each in waiting if each.signature.key == signer]
                for batch in _batches(mine):
                    what = (self._token.address, id_of(self.paid[number].coupons), signer, batch)
                    self.twin.do(self._stage.anybody, world.campaigns, "claimBatch", *what)
                    self._note(number, again=again)
            if again:
                place = self._token.address, id_of(self.paid[number].coupons)
                waiting[:] = [each for each in waiting if not self._is_paid(place, each.voucher)]

    def _is_paid(self, place: tuple[Address, bytes], voucher: Voucher) -> bool:
        return self.twin.world.campaigns.is_paid(*place, voucher.member, voucher.number)

    def _note(self, number: int, *, again: bool) -> None:
        paid = self.paid[number]
        for event in self.twin.world.events:
            if event.name == "VoucherPaid":
                paid.rewards += 1
                paid.members.add(self._household_of[event.facts[2]])
            elif event.name == "VoucherPassedOver":
                flaw = event.facts[-1]
                paid.twice += flaw == Flaw.ALREADY_PAID
                paid.put_off += flaw == Flaw.DAY_FULL and not again

    # ---- referrals

    def _bind(self, tie: Tie, deadline: int) -> None:
        """A household signs that it was brought, with the leave that came in its referrer's link."""
        world, token = self.twin.world, self._token.address
        member, referrer = self.wallets[tie.household], self.wallets[tie.referrer]
        place = world.referrals.address
        shown = [checksum_address(each) for each in (token, member, referrer)]
        invitation = Invitation(0, Sealed.none())
        if not world.referrals.standing_of(token, referrer).refers:
            leave = SignedInvitation(shown[0], shown[2], deadline)
            sealed = self._seal(leave, "ReferralRewards", place, member_key(tie.referrer))
            invitation = Invitation(deadline, sealed)
        binding = Binding(shown[0], shown[1], shown[2], deadline)
        signature = self._seal(binding, "ReferralRewards", place, member_key(tie.household))
        what = (token, member, referrer, invitation, deadline, signature)
        self.twin.do(self._stage.anybody, world.referrals, "bindWithSignature", *what)
        self.brought.ties.append(tie)

    def _attest(self, purchase: Purchase, now: int) -> None:
        world, token = self.twin.world, self._token.address
        member = self.wallets[purchase.household]
        reference = keccak(_SEED + next(self._references).to_bytes(4))
        amount = purchase.cents * UNITS_PER_POINT
        facts = (reference, amount, now, now + _HOUR)
        attested = Attested(token, member, *facts)
        statement = SignedPurchase(checksum_address(token), checksum_address(member), *facts)
        place = world.referrals.address
        sealed = self._seal(statement, "ReferralRewards", place, bytes(self._key.key))
        self.twin.do(self._stage.anybody, world.referrals, "accruePurchase", 1, attested, sealed)
        event = EventId(token, member, Source.PURCHASE, reference)
        accrual = world.referrals.accrual_of(event)
        self.brought.accrued[event] = (purchase, accrual.first, accrual.second)

    def _take_back(self, week: int) -> None:
        """Goods that come back a week after they were bought."""
        for event, (purchase, _, _) in self.brought.accrued.items():
            if purchase.is_returned and purchase.week == week - 1:
                what = (event, "The goods were returned.")
                self.twin.do(self._actor.admin_key, self.twin.world.referrals, "undo", *what)
                self.brought.undone.append(event)

    def _claim(self, now: int) -> None:
        """Anybody has paid what can no longer be undone."""
        referrals = self.twin.world.referrals
        done = {*self.brought.claimed, *self.brought.undone}
        due = [each for each in self.brought.accrued if each not in done]
        due = [each for each in due if referrals.accrual_of(each).vests_at <= now]
        for batch in _batches(due):
            self.twin.do(self._stage.anybody, referrals, "claim", batch)
            for event in self.twin.world.events:
                if event.name == "Rewarded":
                    *_, level, amount = event.facts
                    self.brought.first += amount if level == 1 else 0
                    self.brought.second += amount if level == 2 else 0
            self.brought.claimed += batch
        assert all(referrals.accrual_of(each).state == State.CLAIMED for each in self.brought.claimed)

    def _seal(self, statement: Signed, contract: str, address: Address, key: bytes) -> Sealed:
        domain = Domain(contract, self._stage.chain_id, checksum_address(address))
        return Sealed.of(statement, domain, key)


def _batches(items: Sequence[_T]) -> Iterator[list[_T]]:
    """As many as go into a call."""
    return (list(items[at : at + BATCH]) for at in range(0, len(items), BATCH))


def id_of(coupons: Coupons) -> bytes:
    """What a campaign is called on chain."""
    return f"coupons-{coupons.number}".encode().ljust(32, b"\0")
