"""Campaigns: what brands pay members for what they do, by voucher.

campaign = alliance.campaigns.create(token, "spring", Conditions(...), document, sender=manager)
alliance.campaigns.fund(campaign, attester_of(shop_key), 500_00, sender=brand)
signed = SignedVoucher.sign(voucher, alliance.campaigns.domain, shop_key)       # by the web shop, off chain
alliance.campaigns.pay([signed, ...], sender=anybody)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from symbolon import calls, deployment
from symbolon.addresses import checksum_address
from symbolon.calls import AccountLike, address_of
from symbolon.codes import label_bytes, label_text
from symbolon.exceptions import NodeRefusedError, SymbolonError
from symbolon.fulfilment import Order
from symbolon.offers import Document
from symbolon.redemptions import Redeemed
from symbolon.reverts import FLAWS, RefusedError
from symbolon.signing import Domain
from symbolon.vouchers import SignedVoucher, Voucher

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

BATCH = 100
"""Vouchers in one transaction: far below what a transaction can have of gas."""

IN_OFFICE = 2**40 - 1
"""As the end of a purse: its attester was not retired."""

_COMPACT = 65  # bytes of a signature that goes with others


class NoCampaignError(SymbolonError):
    """The token has no such campaign."""


class Kind(IntEnum):
    """What members do, numbered as in ICampaignRewards."""

    VIEW = 0
    VISIT = 1
    REVIEW = 2
    SURVEY = 3
    FOCUS_GROUP = 4
    DATA = 5
    CUSTOM = 6

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


KINDS = {str(kind).replace(" ", "-"): kind for kind in Kind}
"""By what people write."""


class Flaw(IntEnum):
    """What is wrong with a voucher, numbered as in ICampaignRewards."""

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

    def __str__(self) -> str:
        return FLAWS[self]


@dataclass(frozen=True)
class Conditions:
    """What a campaign pays for what; its end alone can come earlier.

    Attributes:
        kind: what members do.
        reward: for each action, in base units.
        member_cap, day_cap: the most rewards of one member, in all and on one day (UTC).
        opens_at, closes_at: when it pays, in seconds; what was earned is paid a month longer.
    """

    kind: Kind
    reward: int
    member_cap: int
    day_cap: int
    opens_at: int
    closes_at: int


@dataclass(frozen=True)
class Campaign:
    """A campaign as it was when it was read; `id` is 32 bytes."""

    token: str
    id: bytes
    conditions: Conditions

    @property
    def name(self) -> str:
        """Its id, for people."""
        return label_text(self.id)


@dataclass(frozen=True)
class Purse:
    """What an attester's vouchers are paid from.

    Attributes:
        attester: a key or a list, 32 bytes.
        given, paid, returned: base units that came, were paid to members, and went back.
        left: base units in it.
        until: when it stops paying, in seconds; `IN_OFFICE` while its attester is.
    """

    attester: bytes
    given: int
    paid: int
    returned: int
    left: int
    until: int


@dataclass(frozen=True)
class Payment:
    """A voucher that was paid, at a time in seconds."""

    member: str
    number: int
    action: bytes
    attester: bytes
    at: int
    transaction: str


@dataclass(frozen=True)
class Paid:
    """What became of many vouchers: those paid, and those that were not, each with why."""

    paid: tuple[SignedVoucher, ...]
    left_out: tuple[tuple[SignedVoucher, str], ...]


class Campaigns:
    """The campaigns of an alliance's brands. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where they are."""
        return self._alliance.campaign_rewards

    @property
    def domain(self) -> Domain:
        """What vouchers are bound to."""
        return calls.domain_of(self.contract)

    @cached_property
    def claim_period(self) -> int:
        """How long after a campaign's end, or an attester's, what was earned is still paid, in seconds."""
        return int(calls.read(self.contract, "CLAIM_PERIOD"))

    # ---- what there is

    def of(self, token: Token) -> list[Campaign]:
        """Every campaign of a token, oldest first."""
        logs = self._events("CampaignCreated", about=token)
        return [self.get(token, bytes(log.event_arguments["campaignId"])) for log in logs]

    def get(self, token: Token, name: str | bytes) -> Campaign:
        """A campaign by its name or id. Raises NoCampaignError."""
        campaign_id = label_bytes(name) if isinstance(name, str) else name
        found = calls.read(self.contract, "campaignOf", token.address, campaign_id)
        if not found.closesAt:
            raise NoCampaignError(
                f"{token.symbol} has no campaign {label_text(campaign_id)}: `ape run campaign show "
                f"{token.symbol}` lists those that are."
            )
        conditions = Conditions(
            kind=Kind(found.kind),
            reward=int(found.reward),
            member_cap=int(found.memberCap),
            day_cap=int(found.dayCap),
            opens_at=int(found.opensAt),
            closes_at=int(found.closesAt),
        )
        return Campaign(token.address, campaign_id, conditions)

    def document(self, campaign: Campaign) -> Document:
        """The campaign in plain words, as it was announced."""
        (log,) = self._events("CampaignCreated", about=campaign)
        facts = log.event_arguments
        return Document(bytes(facts["documentHash"]), str(facts["documentURI"]))

    def purses(self, campaign: Campaign) -> list[Purse]:
        """The purses of a campaign, in the order in which they were first filled."""
        names = ("PurseFunded", "VoucherPaid", "RestReturned")
        sums: dict[bytes, list[int]] = {}
        for log in self._events(*names, about=campaign):
            facts = log.event_arguments
            counted = sums.setdefault(bytes(facts["attester"]), [0, 0, 0])
            is_paid = log.event_name == "VoucherPaid"
            counted[names.index(log.event_name)] += (
                campaign.conditions.reward if is_paid else int(facts["amount"])
            )
        questions = [(self.contract, "purseOf", (campaign.token, campaign.id, attester)) for attester in sums]
        answers = calls.read_many(questions, block=calls.block_number())
        return [
            Purse(attester, given, paid, returned, int(left), int(until))
            for (attester, (given, paid, returned)), ((left, until),) in zip(
                sums.items(), answers, strict=True
            )
        ]

    def payments(self, campaign: Campaign) -> list[Payment]:
        """Every voucher that was paid, oldest first."""
        time_of = cache(calls.block_time)
        return [
            Payment(
                member=address_of(log.event_arguments["member"]),
                number=int(log.event_arguments["number"]),
                action=bytes(log.event_arguments["action"]),
                attester=bytes(log.event_arguments["attester"]),
                at=time_of(int(log.block_number)),
                transaction=str(log.transaction_hash),
            )
            for log in self._events("VoucherPaid", about=campaign)
        ]

    def flaws(self, vouchers: Sequence[SignedVoucher]) -> list[Flaw]:
        """What would keep each voucher, alone, from being paid now."""
        questions = [
            (
                self.contract,
                "flawOf",
                (
                    each.voucher.token,
                    each.voucher.campaign_id,
                    each.voucher.arguments,
                    each.key,
                    each.signature,
                ),
            )
            for each in vouchers
        ]
        block = calls.block_number()
        found = [Flaw(flaw) for (flaw,) in calls.read_many(questions, block=block)]
        # What else is wrong with it does not matter once a voucher was paid.
        flawed = [at for at, flaw in enumerate(found) if flaw is not Flaw.NONE]
        asked = [
            (self.contract, "isPaid", (each.token, each.campaign_id, each.member, each.number))
            for each in (vouchers[at].voucher for at in flawed)
        ]
        for at, (paid,) in zip(flawed, calls.read_many(asked, block=block), strict=True):
            found[at] = Flaw.ALREADY_PAID if paid else found[at]
        return found

    def is_paid(self, campaign: Campaign, member: AccountLike, number: int) -> bool:
        """Whether a member's voucher of that number has been paid."""
        arguments = (campaign.token, campaign.id, address_of(member), number)
        return bool(calls.read(self.contract, "isPaid", *arguments))

    # ---- managers with the campaign role

    def create(
        self,
        token: Token,
        name: str | bytes,
        conditions: Conditions,
        document: Document,
        *,
        sender: AccountAPI,
    ) -> Campaign:
        """Start a campaign; it pays once an attester has a purse."""
        campaign_id = label_bytes(name) if isinstance(name, str) else name
        arguments = (token.address, campaign_id, astuple(conditions), document.hash, document.uri)
        calls.transact(sender, self.contract, "createCampaign", *arguments)
        return self.get(token, campaign_id)

    def fund(self, campaign: Campaign, attester: bytes, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Fill a key's or a list's purse, which makes it an attester.

        The admin gives out of capacity, a manager out of its quota.
        """
        token = self._alliance.tokens[campaign.token]
        return token.entrust(self.contract, amount, funding_of(campaign.id, attester), sender=sender)

    def retire(self, campaign: Campaign, attester: bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Retire a key or a list: what it attested is paid for a month."""
        return self._act(sender, campaign, "retireAttester", attester)

    def end(self, campaign: Campaign, *, sender: AccountAPI) -> ReceiptAPI:
        """End a campaign now: what was earned is paid for a month."""
        return self._act(sender, campaign, "endCampaign")

    def return_rest(self, campaign: Campaign, attester: bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Give what is left in a purse back to capacity."""
        return self._act(sender, campaign, "returnRest", attester)

    # ---- anyone

    def pay(self, vouchers: Iterable[SignedVoucher], *, sender: AccountAPI) -> Paid:
        """Hand in many vouchers, a hundred in a transaction. None is paid twice, however often it is done."""
        wanted = list(dict.fromkeys(vouchers))
        left_out: list[tuple[SignedVoucher, str]] = []
        groups: dict[tuple[str, bytes, str], list[SignedVoucher]] = defaultdict(list)
        for each, flaw in zip(wanted, self.flaws(wanted), strict=True):
            if flaw is Flaw.NONE:
                groups[each.voucher.token, each.voucher.campaign_id, each.key].append(each)
            else:
                left_out.append((each, str(flaw)))
        paid: list[SignedVoucher] = []
        for (token, campaign_id, key), group in groups.items():
            # A contract wallet's signature is not asked for in a batch.
            size = 1 if deployment.code_at(key) else BATCH
            for at in range(0, len(group), size):
                some = group[at : at + size]
                try:
                    reasons = self._hand_in(token, campaign_id, key, some, sender=sender, single=size == 1)
                except (RefusedError, NodeRefusedError) as error:
                    left_out += [(each, str(error)) for each in some]
                    continue
                for each in some:
                    voucher = each.voucher
                    reason = reasons.get((voucher.member, voucher.number))
                    if reason is None:
                        paid.append(each)
                    else:
                        left_out.append((each, str(reason)))
        return Paid(tuple(paid), tuple(left_out))

    def claim(self, signed: SignedVoucher, *, sender: AccountAPI) -> ReceiptAPI:
        """Hand in one voucher."""
        voucher = signed.voucher
        arguments = (voucher.token, voucher.campaign_id, voucher.arguments, signed.key, signed.signature)
        return calls.transact(sender, self.contract, "claim", *arguments)

    def claim_from_list(self, voucher: Voucher, proof: Sequence[bytes], *, sender: AccountAPI) -> ReceiptAPI:
        """Hand in a voucher that is in a list."""
        arguments = (voucher.token, voucher.campaign_id, voucher.arguments, list(proof))
        return calls.transact(sender, self.contract, "claimFromList", *arguments)

    def claim_review(
        self, signed: SignedVoucher, had: Redeemed | Order, text: str, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Hand in a voucher for a review: its text, and the receipt or order of what is reviewed."""
        voucher = signed.voucher
        arguments = (voucher.token, voucher.campaign_id, voucher.arguments, signed.key, signed.signature)
        hashed = keccak(text.encode())
        if isinstance(had, Redeemed):
            review = (had.reference, hashed, had.nonce)
            return calls.transact(sender, self.contract, "claimReview", *arguments, review)
        review_of_order = (hashed, had.desk, had.arguments)
        return calls.transact(sender, self.contract, "claimOrderReview", *arguments, review_of_order)

    # ---- within

    def _hand_in(
        self,
        token: str,
        campaign_id: bytes,
        key: str,
        some: Sequence[SignedVoucher],
        *,
        sender: AccountAPI,
        single: bool,
    ) -> dict[tuple[str, int], Flaw]:
        """Have vouchers paid; why not, by member and number, of those that were passed over."""
        if single:
            self.claim(some[0], sender=sender)
            return {}
        receipt = calls.transact(
            sender, self.contract, "claimBatch", token, campaign_id, key, [each.compact for each in some]
        )
        passed = (log.event_arguments for log in receipt.decode_logs([self.contract.VoucherPassedOver.abi]))
        return {(address_of(facts["member"]), int(facts["number"])): Flaw(facts["flaw"]) for facts in passed}

    def _events(self, *names: str, about: Token | Campaign) -> Iterator[Any]:
        token = about.token if isinstance(about, Campaign) else about.address
        for log in calls.events(self.contract, self._alliance.start_block, *names, about=token):
            if not isinstance(about, Campaign) or bytes(log.event_arguments["campaignId"]) == about.id:
                yield log

    def _act(self, sender: AccountAPI, campaign: Campaign, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self.contract, method, campaign.token, campaign.id, *arguments)


def funding_of(campaign_id: bytes, attester: bytes) -> bytes:
    """What quota for a purse comes with, which says whose it is."""
    return encode(["bytes32", "bytes32"], [campaign_id, attester])


def attester_of(who: AccountLike | bytes) -> bytes:
    """The 32 bytes that name an attester: a key's address, or a list's root (also as 0x and 64 digits).

    Raises AddressError.
    """
    if isinstance(who, bytes):
        return who
    if isinstance(who, str) and who.startswith("0x") and len(who) == 66:
        return label_bytes(who)
    return bytes.fromhex(address_of(who)[2:]).rjust(32, b"\0")


def attester_text(attester: bytes) -> str:
    """An attester for people: a key's address, or a list's root."""
    if any(attester[:12]):
        return "0x" + attester.hex()
    return checksum_address(attester[12:])
