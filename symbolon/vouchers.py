"""What brands' shops and members sign so that rewards are paid. Pure: no chain, no Ape, no network.

    domain = rewards_domain("CampaignRewards", manifest)
    voucher = Voucher(token, campaign, member, number=0, action=action_of("A-1047"), deadline=until)
    signed = SignedVoucher.sign(voucher, domain, key)          # the member, or anybody, hands it in

    purchase = Purchase(token, member, label_bytes("A-1047"), amount, bought_at, until)
    signature = purchase.sign(rewards_domain("ReferralRewards", manifest), key)

A voucher's number counts a member's vouchers in a campaign. Each number is paid once, so a voucher that was
lost can be signed again, and two for one action must have the same number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from eth_abi.abi import encode
from eth_account import Account

from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.codes import label_bytes, label_text
from symbolon.exceptions import SymbolonError
from symbolon.merkle import Tree, is_in
from symbolon.signing import Domain, Fields, Signer, Struct, compact


class VoucherError(SymbolonError):
    """A voucher, an invitation or an attestation cannot be used."""


# ---- campaigns


@dataclass(frozen=True)
class Voucher(Struct):
    """A brand's word that a member did something and is to be paid a campaign's reward.

    Attributes:
        token, campaign_id: which campaign.
        member: who is paid.
        number: which of the member's vouchers in the campaign, from zero; each is paid once.
        action: what it is for, see `action_of` and `review_action`.
        deadline: the last second at which it is good.
    """

    token: str
    campaign_id: bytes
    member: str
    number: int
    action: bytes
    deadline: int

    type_name: ClassVar[str] = "Voucher"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("campaignId", "bytes32"),
        ("member", "address"),
        ("number", "uint256"),
        ("action", "bytes32"),
        ("deadline", "uint256"),
    )

    @property
    def arguments(self) -> tuple[object, ...]:
        """`ICampaignRewards.Voucher`."""
        return self.member, self.number, self.action, self.deadline


@dataclass(frozen=True)
class SignedVoucher:
    """A voucher that a key signed: anybody can hand it in, and its member is paid.

    Attributes:
        voucher: what is attested.
        key: who signed it.
        signature: 65 bytes, or whatever a contract wallet takes.
    """

    voucher: Voucher
    key: str
    signature: bytes

    @classmethod
    def sign(cls, voucher: Voucher, domain: Domain, key: Signer | bytes | str) -> SignedVoucher:
        """Sign with the private key or account of an attester."""
        signer = Account.from_key(key) if isinstance(key, bytes | str) else key
        return cls(voucher, str(signer.address), voucher.sign(domain, signer))

    def check(self, domain: Domain, now: int) -> None:
        """Raise VoucherError unless the key signed exactly this and it is still good at `now`."""
        if now > self.voucher.deadline:
            raise VoucherError("The voucher's time has passed: have the shop issue it again.")
        if not self.voucher.is_signed_by(self.key, domain, self.signature):
            raise VoucherError(
                f"The voucher is not signed by {self.key}, or something in it was changed: have the shop "
                "issue it again."
            )

    def to_json(self) -> dict[str, Any]:
        """The voucher as it travels to the member."""
        voucher = self.voucher
        return {
            "token": voucher.token,
            "campaign": "0x" + voucher.campaign_id.hex(),
            "member": voucher.member,
            "number": voucher.number,
            "action": "0x" + voucher.action.hex(),
            "deadline": voucher.deadline,
            "key": self.key,
            "signature": "0x" + self.signature.hex(),
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> SignedVoucher:
        """The voucher that `to_json` gave. Raises VoucherError."""
        try:
            token, member, key = (
                checksum_address(parse_address(str(facts[name]))) for name in ("token", "member", "key")
            )
            campaign, action, signature = (
                bytes.fromhex(str(facts[name]).removeprefix("0x"))
                for name in ("campaign", "action", "signature")
            )
            number, deadline = int(facts["number"]), int(facts["deadline"])
        except (KeyError, TypeError, ValueError) as error:
            raise VoucherError("This is no voucher, or not the whole of one: ask the shop again.") from error
        return cls(Voucher(token, campaign, member, number, action, deadline), key, signature)

    @property
    def compact(self) -> tuple[object, ...]:
        """`ICampaignRewards.SignedVoucher`, for a voucher that goes with others."""
        return (self.voucher.arguments, *compact(self.signature))


def action_of(text: str) -> bytes:
    """What stands for an action on chain: the hash of what the brand calls it; 0x and 64 digits as they are.

    Raises VoucherError.
    """
    stripped = text.strip()
    if stripped.startswith("0x") and len(stripped) == 66:
        try:
            return bytes.fromhex(stripped[2:])
        except ValueError:
            raise VoucherError(f"{text!r} is no action: after 0x there are 64 hexadecimal digits.") from None
    if not stripped:
        raise VoucherError("The action is missing: write what the member did, as you would find it again.")
    return keccak(stripped.encode())


def review_action(thing: bytes, text: str) -> bytes:
    """The action of a review: of which offer or order reference, and the hash of its text."""
    return keccak(encode(["bytes32", "bytes32"], [thing, keccak(text.encode())]))


class VoucherList:
    """Vouchers that no key signs: a Merkle list, whose root is their attester.

    Their proofs can lie anywhere that members can read.
    """

    def __init__(self, domain: Domain, vouchers: Sequence[Voucher]) -> None:
        if not vouchers:
            raise VoucherError("A list has at least one voucher: there is nothing to list.")
        self.vouchers = tuple(vouchers)
        self._tree = Tree([_leaf(each, domain) for each in self.vouchers])

    @property
    def root(self) -> bytes:
        """The attester's name, whose purse pays."""
        return self._tree.root

    @cached_property
    def proofs(self) -> tuple[tuple[bytes, ...], ...]:
        """One for each voucher, in their order."""
        return tuple(self._tree.proof(index) for index in range(len(self.vouchers)))

    def by_member(self) -> dict[str, list[tuple[Voucher, tuple[bytes, ...]]]]:
        """Each member's vouchers with their proofs."""
        found: dict[str, list[tuple[Voucher, tuple[bytes, ...]]]] = {}
        for voucher, proof in zip(self.vouchers, self.proofs, strict=True):
            found.setdefault(voucher.member, []).append((voucher, proof))
        return found


def is_listed(root: bytes, voucher: Voucher, domain: Domain, proof: Sequence[bytes]) -> bool:
    """Whether a voucher is in the list with that root."""
    return is_in(root, _leaf(voucher, domain), proof)


def _leaf(voucher: Voucher, domain: Domain) -> bytes:
    return keccak(voucher.digest(domain))


# ---- referrals


@dataclass(frozen=True)
class Purchase(Struct):
    """A shop's word that a member bought something for money.

    Attributes:
        token: whose programme.
        member: who bought.
        reference: the shop's name for it, 32 bytes; it counts once for each member.
        amount: what was paid, at par, in base units of the token.
        purchased_at: when, in seconds.
        deadline: the last second at which the signature is good.
    """

    token: str
    member: str
    reference: bytes
    amount: int
    purchased_at: int
    deadline: int

    type_name: ClassVar[str] = "Purchase"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("member", "address"),
        ("ref", "bytes32"),
        ("amount", "uint256"),
        ("purchasedAt", "uint256"),
        ("deadline", "uint256"),
    )

    @property
    def arguments(self) -> tuple[object, ...]:
        """`IReferralRewards.Purchase`."""
        return self.token, self.member, self.reference, self.amount, self.purchased_at, self.deadline

    def to_json(self, signature: bytes) -> dict[str, Any]:
        """The purchase with the shop's signature, as it travels to whoever hands it in."""
        return {
            "token": self.token,
            "member": self.member,
            "reference": label_text(self.reference),
            "amount": str(self.amount),
            "purchasedAt": self.purchased_at,
            "deadline": self.deadline,
            "signature": "0x" + signature.hex(),
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> tuple[Purchase, bytes]:
        """The purchase and the signature that `to_json` gave. Raises VoucherError."""
        try:
            token, member = (
                checksum_address(parse_address(str(facts[name]))) for name in ("token", "member")
            )
            reference = label_bytes(str(facts["reference"]))
            amount, at, until = (int(facts[name]) for name in ("amount", "purchasedAt", "deadline"))
            signature = bytes.fromhex(str(facts["signature"]).removeprefix("0x"))
        except (KeyError, TypeError, ValueError) as error:
            raise VoucherError(
                "This is no signed purchase, or not the whole of one: ask the shop."
            ) from error
        return cls(token, member, reference, amount, at, until), signature


@dataclass(frozen=True)
class Invitation(Struct):
    """A referrer's leave, for everybody who has it, to bind to it; `deadline` is its last second."""

    token: str
    referrer: str
    deadline: int

    type_name: ClassVar[str] = "Invitation"
    members: ClassVar[Fields] = (("token", "address"), ("referrer", "address"), ("deadline", "uint256"))


@dataclass(frozen=True)
class Binding(Struct):
    """A member's word that it is bound to a referrer, for anybody to hand in until `deadline`."""

    token: str
    member: str
    referrer: str
    deadline: int

    type_name: ClassVar[str] = "Binding"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("member", "address"),
        ("referrer", "address"),
        ("deadline", "uint256"),
    )


# ---- where


def rewards_domain(contract: str, manifest: Mapping[str, Any]) -> Domain:
    """What signatures for one of the suite's contracts are bound to, by its name and a `manifest.json`.

    Raises VoucherError where the manifest does not have the contract.
    """
    try:
        address = str(manifest["contracts"][contract]["address"])
        return Domain(contract, int(manifest["chainId"]), checksum_address(parse_address(address)))
    except (KeyError, TypeError, ValueError) as error:
        raise VoucherError(
            f"This manifest.json has no {contract}: take that of the network, as `ape run export` writes it."
        ) from error
