"""What wallets can do with vouchers: claim them again, for others, under other numbers, from a list, late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import NamedTuple

from bench.farming.scene import BRAND, CROWD, PLENTY, TILL, Scene, address, signed
from symbolon.addresses import keccak
from symbolon.reference import Address, RevertError
from symbolon.reference.campaigns import (
    Account,
    Campaign,
    CampaignRewards,
    CounterReview,
    Kind,
    SignedVoucher,
    Voucher,
    name_of,
)
from symbolon.reference.contract import DAY
from symbolon.reference.eip712 import word
from symbolon.reference.receipts import Kind as ReceiptKind
from symbolon.reference.receipts import Receipt
from symbolon.reference.redemptions import ParRedemption

WALLETS = 5
ATTESTED = 2
"""The attester knows so many of the farmers' wallets as members who did something; the others nobody does."""
CAMPAIGN = word(1)
DAYS = 20
"""How long the campaign runs."""
REWARD = 100
THING = word(9)
KEYS = (address("attester"), address("next attester"))
"""The first one is retired in mid-campaign; what it signed, the second one signs again."""


class Setting(NamedTuple):
    """A campaign's terms; `purse` is what each key and the list is given, in rewards."""

    kind: Kind
    member_cap: int
    day_cap: int
    purse: int


class Outcome(NamedTuple):
    """What the farmers got: in all, the most that one attested member got, and any that nobody attested."""

    got: int
    most: int
    unattested: int
    days: int
    receipts: int

    def bound(self, setting: Setting) -> int:
        """The most that they may get: budget, caps, and for reviews as many as there are receipts."""
        for_each = min(setting.member_cap, setting.day_cap * self.days)
        count = min(ATTESTED * for_each, 3 * setting.purse)
        return (min(count, self.receipts) if setting.kind == Kind.REVIEW else count) * REWARD


class Campaigning:
    """A campaign with two keys and a list, and farmers with vouchers for what two of them really did."""

    def __init__(self, setting: Setting, rewards: Callable[..., CampaignRewards] = CampaignRewards) -> None:
        self.scene = Scene()
        self.world = self.scene.world
        self.setting = setting
        self.rewards = self.world.add(rewards(self.world, self.world.campaigns.address))
        self.wallets = [address(f"farmer {number}") for number in range(WALLETS)]
        self._token = self.scene.tokens[0]
        self._vouchers = self._issued()
        self._prepare()
        self._saved, self._began = self.world.save(), self.world.now

    def play(self, random: Random, tries: int) -> Outcome:
        """By chance: each turn a voucher is tried in some way, or days pass."""
        self.world.restore(self._saved)
        self._saved = self.world.save()
        self.world.now = self._began
        self._receipts: list[tuple[Address, bytes]] = []
        self._days = {self.world.now // DAY}
        acts = (self._try_one, self._try_one, self._try_many, self._try_list, self._review, self._wait)
        for turn in range(tries):
            if turn == tries // 2:
                self._attempt(self.rewards.retire_attester, BRAND, name_of(KEYS[0]))
            random.choice(acts)(random)
        held = [self._token.balance_of(each) for each in self.wallets]
        known, unknown = held[:ATTESTED], held[ATTESTED:]
        return Outcome(sum(held), max(known), sum(unknown), len(self._days), len(self._receipts))

    # ---- farmers

    def _attempt(self, method: Callable[..., object], sender: Address, *arguments: object) -> None:
        with suppress(RevertError):
            self.scene.do(method, sender, self._token.address, CAMPAIGN, *arguments)

    def _voucher(self, random: Random) -> tuple[Voucher, Voucher]:
        """One that was issued, and what is made of it: mostly the same."""
        issued = random.choice(self._vouchers)
        forged = (
            issued._replace(member=random.choice(self.wallets)),
            issued._replace(number=random.randrange(self.setting.member_cap + 2)),
            issued._replace(action=word(random.randrange(9))),
            issued._replace(deadline=issued.deadline + DAY),
        )
        return issued, random.choice((*[issued] * 6, *forged))

    def _signed(self, key: Address, voucher: Voucher) -> SignedVoucher:
        digest = self.rewards.digest_of(self._token.address, CAMPAIGN, voucher)
        return SignedVoucher(voucher, signed(key, digest))

    def _try_one(self, random: Random) -> None:
        key = random.choice(KEYS)
        issued, tried = self._voucher(random)
        signature = self._signed(key, issued).signature
        self._attempt(self.rewards.claim, CROWD, tried, random.choice((key, *KEYS)), signature)

    def _try_many(self, random: Random) -> None:
        key = random.choice(KEYS)
        pairs = [self._voucher(random) for _ in range(8)]
        vouchers = [self._signed(key, issued)._replace(voucher=tried) for issued, tried in pairs]
        self._attempt(self.rewards.claim_batch, CROWD, key, vouchers + vouchers[:2])

    def _try_list(self, random: Random) -> None:
        """The list is of two vouchers; so each is the other's proof."""
        leaves = self._listed()
        place = random.randrange(2)
        voucher = self._vouchers[place]
        tried = random.choice((voucher, voucher, voucher._replace(number=voucher.number + 1)))
        self._attempt(self.rewards.claim_from_list, CROWD, tried, [leaves[1 - place]])

    def _review(self, random: Random) -> None:
        """Something is bought for a unit now and then; each receipt is tried again and again."""
        if len(self._receipts) < 4 and random.randrange(2):
            self._buy(random.choice(self.wallets[:ATTESTED]))
        if not self._receipts:
            return
        member, nonce = random.choice(self._receipts)
        text = word(random.randrange(50))
        voucher = Voucher(
            random.choice((member, random.choice(self.wallets))),
            random.randrange(self.setting.member_cap + 1),
            keccak(THING + text),
            2**40,
        )
        if voucher.member not in self.wallets[:ATTESTED]:
            return  # nobody signs for whom it does not know
        key = random.choice(KEYS)
        signature = self._signed(key, voucher).signature
        review = CounterReview(THING, text, nonce)
        self._attempt(self.rewards.claim_review, CROWD, voucher, key, signature, review)

    def _wait(self, random: Random) -> None:
        if random.randrange(3) == 0:
            self.world.now += random.randrange(2 * DAY)
            self._days.add(self.world.now // DAY)

    def _buy(self, member: Address) -> None:
        """For one unit, which it buys; so what a wallet holds is rewards alone."""
        self.scene.do(self._token.transfer, CROWD, member, 1)
        nonce = word(1_000 + len(self._receipts))
        desk, deadline = self.world.desk, self.world.now + 60
        unsigned = ParRedemption(member, THING, 1, 1, nonce, deadline, signed(member, b""))
        digest = desk.par_digest(self._token.address, unsigned, TILL)
        redemption = unsigned._replace(signature=signed(member, digest))
        self.scene.do(desk.redeem_at_par, TILL, self._token.address, redemption)
        self._receipts.append((member, nonce))

    # ---- the brand

    def _issued(self) -> list[Voucher]:
        """For each member that it knows as many as the cap allows, and one too many."""
        return [
            Voucher(member, number, word(number), 2**40)
            for number in range(min(self.setting.member_cap, 12) + 1)
            for member in self.wallets[:ATTESTED]
        ]

    def _listed(self) -> list[bytes]:
        digests = (self.rewards.digest_of(self._token.address, CAMPAIGN, each) for each in self._vouchers[:2])
        return [keccak(each) for each in digests]

    def _prepare(self) -> None:
        setting, now = self.setting, self.world.now
        terms = (setting.kind, REWARD, setting.member_cap, setting.day_cap, now, now + DAYS * DAY)
        campaign = (self._token.address, CAMPAIGN, Campaign(*terms), bytes(32), "")
        self.scene.do(self.rewards.create_campaign, BRAND, *campaign)
        root = keccak(b"".join(sorted(self._listed())))
        for attester in (*map(name_of, KEYS), root):
            given = min(setting.purse * REWARD, PLENTY // 4)
            what = (self.rewards.address, given, CAMPAIGN + attester)
            self.scene.do(self._token.grant_quota_and_call, BRAND, *what)


# ---- with a rule left out


class PaysAgain(CampaignRewards):
    """A voucher has no number, so nothing tells one that was paid."""

    def _account(self, token: Address, campaign_id: bytes, member: Address) -> Account:
        return super()._account(token, campaign_id, member)._replace(numbers=frozenset())


class AsksForNoReceipt(CampaignRewards):
    """Whatever is said to have been bought is believed."""

    def is_reviewed(self, token: Address, campaign_id: bytes, receipt: bytes) -> bool:
        """Never."""
        return False

    def received(self, token: Address, member: Address, nonce: bytes) -> Receipt:
        """Whatever is asked for."""
        return super().received(token, member, nonce)._replace(kind=ReceiptKind.PAR, tag=THING[:10])


CONTROLS: Mapping[str, tuple[Setting, type[CampaignRewards]]] = {
    "nothing": (Setting(Kind.VIEW, 3, 1, 1_000), CampaignRewards),
    "a number is paid once": (Setting(Kind.VIEW, 3, 3, 1_000), PaysAgain),
    "a receipt is used once": (Setting(Kind.REVIEW, 8, 8, 1_000), AsksForNoReceipt),
}
"""By what is left out, in words."""
