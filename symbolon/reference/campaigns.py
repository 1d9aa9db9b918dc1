"""Rewards for what members do, by voucher."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.abi_words import words, words_of
from symbolon.reference.contract import DAY, ZERO, Address, require, require_short
from symbolon.reference.eip712 import Signature, type_hash, word
from symbolon.reference.fulfilment import Order
from symbolon.reference.receipts import Kind as ReceiptKind
from symbolon.reference.rewards import Realised, order_ref_of

if TYPE_CHECKING:
    from symbolon.reference.world import World

VOUCHER = type_hash(
    "Voucher(address token,bytes32 campaignId,address member,uint256 number,bytes32 action,uint256 deadline)"
)

IN_OFFICE = 2**40 - 1


class Kind(IntEnum):
    """What members do."""

    VIEW = 0
    VISIT = 1
    REVIEW = 2
    SURVEY = 3
    FOCUS_GROUP = 4
    DATA = 5
    CUSTOM = 6


class Flaw(IntEnum):
    """What is wrong with a voucher, the first thing first."""

    NONE = 0
    NOT_OPEN = 1
    NEEDS_RECEIPT = 2
    EXPIRED = 3
    BEYOND_CAP = 4
    ALREADY_PAID = 5
    DAY_FULL = 6
    NO_PURSE = 7
    PURSE_EMPTY = 8
    INVALID_MEMBER = 9
    NOT_ATTESTED = 10


class Campaign(NamedTuple):
    """A campaign; only `closes_at` may come earlier."""

    kind: Kind = Kind.VIEW
    reward: int = 0
    member_cap: int = 0
    day_cap: int = 0
    opens_at: int = 0
    closes_at: int = 0


class Purse(NamedTuple):
    """What an attester's vouchers are paid from, and until when."""

    left: int = 0
    until: int = 0


class Voucher(NamedTuple):
    """What is attested of a campaign that is named beside it."""

    member: Address
    number: int
    action: bytes
    deadline: int


class SignedVoucher(NamedTuple):
    """A voucher as it goes with others."""

    voucher: Voucher
    signature: Signature


class CounterReview(NamedTuple):
    """A review of what was had at a counter."""

    thing: bytes
    text_hash: bytes
    nonce: bytes


class OrderReview(NamedTuple):
    """A review of what was ordered."""

    text_hash: bytes
    fulfilment: Address
    order: Order


class Account(NamedTuple):
    """What a member got in a campaign: which numbers, and how many on its latest day."""

    numbers: frozenset[int] = frozenset()
    day: int = 0
    on_day: int = 0


Place = tuple[Address, bytes]
"""A campaign: of which token, and its id."""


class CampaignRewards(Realised):
    """See ICampaignRewards."""

    NAME = "CampaignRewards"
    MAX_MEMBER_CAP = 232
    CLAIM_PERIOD = 30 * DAY

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.campaigns: dict[Place, Campaign] = {}
        self.purses: dict[tuple[Address, bytes, bytes], Purse] = {}
        self.accounts: dict[tuple[Address, bytes, Address], Account] = {}
        self.reviewed: set[tuple[Address, bytes, bytes]] = set()

    # ---- tokens

    def fund(self, token: Address, holder: Address, amount: int, data: bytes) -> None:
        """Fill a purse; whom it belongs to is an attester from then on."""
        campaign_id, attester = words_of(data, (None, None))
        assert isinstance(campaign_id, bytes) and isinstance(attester, bytes)
        closes_at = self._find(token, campaign_id).closes_at
        require(self.world.now < closes_at + self.CLAIM_PERIOD, "CampaignRewards_Over", closes_at)
        require(attester != bytes(32), "CampaignRewards_InvalidAttester")
        purse = self.purse_of(token, campaign_id, attester)
        until = purse.until or IN_OFFICE
        require(self.world.now < until, "CampaignRewards_Over", until)
        self.purses[token, campaign_id, attester] = Purse(purse.left + amount, until)
        self.emit("PurseFunded", token, campaign_id, attester, holder, amount)

    # ---- brand

    def create_campaign(
        self,
        sender: Address,
        token: Address,
        campaign_id: bytes,
        campaign: Campaign,
        document_hash: bytes,
        document_uri: str,
    ) -> None:
        """Start a campaign."""
        self.check_new(sender, token)
        self.check_desk(token)
        is_new = (token, campaign_id) not in self.campaigns
        require(is_new, "CampaignRewards_AlreadyThere", token, campaign_id)
        has_caps = 0 < campaign.day_cap <= campaign.member_cap <= self.MAX_MEMBER_CAP
        has_window = max(campaign.opens_at, self.world.now) < campaign.closes_at
        is_valid = has_caps and has_window and campaign.reward != 0
        require(is_valid, "CampaignRewards_InvalidCampaign")
        require_short(document_uri, "CampaignRewards_URITooLong")
        self.campaigns[token, campaign_id] = campaign
        self.emit("CampaignCreated", token, campaign_id, campaign, document_hash, document_uri)

    def retire_attester(self, sender: Address, token: Address, campaign_id: bytes, attester: bytes) -> None:
        """Retire a key or a list, which goes on paying for a while."""
        self.check_campaigner(sender, token)
        purse = self.purse_of(token, campaign_id, attester)
        in_office = purse.until == IN_OFFICE
        require(in_office, "CampaignRewards_NoPurse", token, campaign_id, attester)
        until = self.world.now + self.CLAIM_PERIOD
        self.purses[token, campaign_id, attester] = purse._replace(until=until)
        self.emit("AttesterRetired", token, campaign_id, attester, until)

    def end_campaign(self, sender: Address, token: Address, campaign_id: bytes) -> None:
        """End a campaign now; what was earned is paid for a while longer."""
        self.check_campaigner(sender, token)
        campaign, now = self._find(token, campaign_id), self.world.now
        require(now < campaign.closes_at, "CampaignRewards_Over", campaign.closes_at)
        self.campaigns[token, campaign_id] = campaign._replace(closes_at=now)
        self.emit("CampaignEnded", token, campaign_id, now)

    def return_rest(self, sender: Address, token: Address, campaign_id: bytes, attester: bytes) -> None:
        """Give back to capacity what is left in a purse."""
        self.check_campaigner(sender, token)
        closes_at = self._find(token, campaign_id).closes_at
        purse = self.purse_of(token, campaign_id, attester)
        require(purse.until != 0, "CampaignRewards_NoPurse", token, campaign_id, attester)
        start = min(closes_at + self.CLAIM_PERIOD, purse.until)
        require(self.world.now >= start, "CampaignRewards_TooEarly", start)
        self.purses[token, campaign_id, attester] = purse._replace(left=0)
        self.emit("RestReturned", token, campaign_id, attester, purse.left)
        self.world.token(token).return_quota(self.address, purse.left)

    # ---- anyone

    def claim(
        self,
        _sender: Address,
        token: Address,
        campaign_id: bytes,
        voucher: Voucher,
        key: Address,
        signature: Signature,
    ) -> None:
        """Pay a voucher that a key signed."""
        self._claim(token, campaign_id, voucher, key, signature, has_receipt=False)

    def claim_batch(
        self,
        _sender: Address,
        token: Address,
        campaign_id: bytes,
        key: Address,
        vouchers: Sequence[SignedVoucher],
    ) -> int:
        """Pay many vouchers that one key signed, but for those with a flaw; how many were paid."""
        paid = 0
        for voucher, signature in vouchers:
            flaw = self._flaw_of(token, campaign_id, voucher, name_of(key), has_receipt=False)
            # Wallets are not asked here.
            is_signed = signature == Signature(key, self.digest_of(token, campaign_id, voucher))
            if flaw == Flaw.NONE and not is_signed:
                flaw = Flaw.NOT_ATTESTED
            if flaw == Flaw.NONE:
                paid += 1
                self._pay(token, campaign_id, voucher, name_of(key))
            else:
                member, number, action, _ = voucher
                self.emit("VoucherPassedOver", token, campaign_id, member, number, action, flaw)
        return paid

    def claim_from_list(
        self, _sender: Address, token: Address, campaign_id: bytes, voucher: Voucher, proof: Sequence[bytes]
    ) -> None:
        """Pay a voucher that is in a list."""
        root = keccak(self.digest_of(token, campaign_id, voucher))
        for sibling in proof:
            root = keccak(b"".join(sorted((root, sibling))))
        flaw = self._flaw_of(token, campaign_id, voucher, root, has_receipt=False)
        self._pay_flawless(token, campaign_id, voucher, root, flaw)

    def claim_review(
        self,
        _sender: Address,
        token: Address,
        campaign_id: bytes,
        voucher: Voucher,
        key: Address,
        signature: Signature,
        review: CounterReview,
    ) -> None:
        """Pay a voucher for a review of something that was had at a counter."""
        thing, text_hash, nonce = review
        receipt = self.received(token, voucher.member, nonce)
        is_had = receipt.kind != ReceiptKind.NONE and receipt.tag == thing[:10]
        require(is_had, "CampaignRewards_NoReceipt", voucher.member, thing)
        ref = keccak(words(token, voucher.member, nonce))
        self._review(token, campaign_id, voucher, thing, text_hash, ref)
        self._claim(token, campaign_id, voucher, key, signature, has_receipt=True)

    def claim_order_review(
        self,
        _sender: Address,
        token: Address,
        campaign_id: bytes,
        voucher: Voucher,
        key: Address,
        signature: Signature,
        review: OrderReview,
    ) -> None:
        """Pay a voucher for a review of something that was ordered."""
        text_hash, fulfilment, order = review
        is_ours = order.token == token and order.member == voucher.member
        is_had = is_ours and self.fulfilled_at(fulfilment, order) != 0
        require(is_had, "CampaignRewards_NoReceipt", voucher.member, order.offer_id)
        ref = order_ref_of(fulfilment, order)
        self._review(token, campaign_id, voucher, order.offer_id, text_hash, ref)
        self._claim(token, campaign_id, voucher, key, signature, has_receipt=True)

    # ---- views

    def campaign_of(self, token: Address, campaign_id: bytes) -> Campaign:
        """A campaign; all zero if there is none."""
        return self.campaigns.get((token, campaign_id), Campaign())

    def purse_of(self, token: Address, campaign_id: bytes, attester: bytes) -> Purse:
        """The purse of a key or a list."""
        return self.purses.get((token, campaign_id, attester), Purse())

    def is_paid(self, token: Address, campaign_id: bytes, member: Address, number: int) -> bool:
        """Whether the member's voucher of this number has been paid."""
        return number in self._account(token, campaign_id, member).numbers

    def left_today(self, token: Address, campaign_id: bytes, member: Address) -> int:
        """How many more rewards the member can get today."""
        campaign = self.campaign_of(token, campaign_id)
        account = self._account(token, campaign_id, member)
        return min(campaign.member_cap - len(account.numbers), campaign.day_cap - self._paid_today(account))

    def is_reviewed(self, token: Address, campaign_id: bytes, receipt: bytes) -> bool:
        """Whether a receipt has been used in a campaign."""
        return (token, campaign_id, receipt) in self.reviewed

    def flaw_of(
        self, token: Address, campaign_id: bytes, voucher: Voucher, key: Address, signature: Signature
    ) -> Flaw:
        """What would keep a voucher from being paid now; for a review, apart from its receipt."""
        flaw = self._flaw_of(token, campaign_id, voucher, name_of(key), has_receipt=True)
        return flaw or self._signature_flaw(token, campaign_id, voucher, key, signature)

    def digest_of(self, token: Address, campaign_id: bytes, voucher: Voucher) -> bytes:
        """What a key signs, and what a list's leaf is the hash of."""
        return self.digest(VOUCHER, token, campaign_id, *voucher)

    # ---- internals

    def _claim(
        self,
        token: Address,
        campaign_id: bytes,
        voucher: Voucher,
        key: Address,
        signature: Signature,
        *,
        has_receipt: bool,
    ) -> None:
        flaw = self._flaw_of(token, campaign_id, voucher, name_of(key), has_receipt=has_receipt)
        flaw = flaw or self._signature_flaw(token, campaign_id, voucher, key, signature)
        self._pay_flawless(token, campaign_id, voucher, name_of(key), flaw)

    def _pay_flawless(
        self, token: Address, campaign_id: bytes, voucher: Voucher, attester: bytes, flaw: Flaw
    ) -> None:
        is_good = flaw == Flaw.NONE
        require(is_good, "CampaignRewards_BadVoucher", flaw, voucher.member, voucher.number)
        self._pay(token, campaign_id, voucher, attester)

    def _pay(self, token: Address, campaign_id: bytes, voucher: Voucher, attester: bytes) -> None:
        reward = self.campaigns[token, campaign_id].reward
        purse = self.purses[token, campaign_id, attester]
        self.purses[token, campaign_id, attester] = purse._replace(left=purse.left - reward)
        member, number, action, _ = voucher
        account = self._account(token, campaign_id, member)
        paid_today = Account(account.numbers | {number}, self._today(), self._paid_today(account) + 1)
        self.accounts[token, campaign_id, member] = paid_today
        self.emit("VoucherPaid", token, campaign_id, member, number, action, attester)
        self.mint(token, member, reward)

    def _review(
        self,
        token: Address,
        campaign_id: bytes,
        voucher: Voucher,
        thing: bytes,
        text_hash: bytes,
        receipt: bytes,
    ) -> None:
        """Use a receipt up for a review."""
        is_for_reviews = self.campaign_of(token, campaign_id).kind == Kind.REVIEW
        require(is_for_reviews, "CampaignRewards_NotReview", campaign_id)
        action = keccak(words(thing, text_hash))
        require(voucher.action == action, "CampaignRewards_OtherReview", voucher.action, action)
        is_new = not self.is_reviewed(token, campaign_id, receipt)
        require(is_new, "CampaignRewards_AlreadyReviewed", receipt)
        self.reviewed.add((token, campaign_id, receipt))
        self.emit("Reviewed", token, thing, voucher.member, campaign_id, text_hash, receipt)

    def _flaw_of(
        self, token: Address, campaign_id: bytes, voucher: Voucher, attester: bytes, *, has_receipt: bool
    ) -> Flaw:
        """What is wrong with a voucher, apart from who attested it."""
        now, campaign = self.world.now, self.campaign_of(token, campaign_id)
        account = self._account(token, campaign_id, voucher.member)
        purse = self.purse_of(token, campaign_id, attester)
        pays = campaign.opens_at <= now < campaign.closes_at + self.CLAIM_PERIOD
        flaws = {
            Flaw.NOT_OPEN: not pays,
            Flaw.NEEDS_RECEIPT: campaign.kind == Kind.REVIEW and not has_receipt,
            Flaw.EXPIRED: now > voucher.deadline,
            Flaw.BEYOND_CAP: voucher.number >= campaign.member_cap,
            Flaw.ALREADY_PAID: voucher.number in account.numbers,
            Flaw.DAY_FULL: self._paid_today(account) >= campaign.day_cap,
            Flaw.NO_PURSE: now >= purse.until,
            Flaw.PURSE_EMPTY: purse.left < campaign.reward,
            Flaw.INVALID_MEMBER: voucher.member in (ZERO, token),
        }
        return next((flaw for flaw, has_it in flaws.items() if has_it), Flaw.NONE)

    def _signature_flaw(
        self, token: Address, campaign_id: bytes, voucher: Voucher, key: Address, signature: Signature
    ) -> Flaw:
        digest = self.digest_of(token, campaign_id, voucher)
        return Flaw.NONE if self.world.is_signed(key, digest, signature) else Flaw.NOT_ATTESTED

    def _find(self, token: Address, campaign_id: bytes) -> Campaign:
        is_there = (token, campaign_id) in self.campaigns
        require(is_there, "CampaignRewards_NoCampaign", token, campaign_id)
        return self.campaigns[token, campaign_id]

    def _account(self, token: Address, campaign_id: bytes, member: Address) -> Account:
        return self.accounts.get((token, campaign_id, member), Account())

    def _today(self) -> int:
        return self.world.now // DAY

    def _paid_today(self, account: Account) -> int:
        return account.on_day if account.day == self._today() else 0


def name_of(key: Address) -> bytes:
    """By what name a key is an attester."""
    return word(key)
