"""What members sign (EIP-712), so that others can submit it for them. Pure: no chain, no Ape.

    permit = Permit(owner=member, spender=shop, value=500, nonce=token.permit_nonce(member), deadline=until)
    signature = permit.sign(token.domain, key)
    token.permit(permit, signature, sender=anybody)

A signature is 65 bytes, r ‖ s ‖ v, and good for one chain and one token: its domain.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Any, ClassVar, Protocol

from coincurve import PublicKey
from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak

from symbolon.addresses import checksum_address

Fields = tuple[tuple[str, str], ...]
"""Names and types, in the order that is signed."""

_DOMAIN: Fields = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
_TRANSFER: Fields = (
    ("from", "address"),
    ("to", "address"),
    ("value", "uint256"),
    ("validAfter", "uint256"),
    ("validBefore", "uint256"),
    ("nonce", "bytes32"),
)
_SPEND: Fields = (
    ("from", "address"),
    ("spender", "address"),
    ("amount", "uint256"),
    ("nonce", "bytes32"),
    ("deadline", "uint256"),
)

TYPES: dict[str, Fields] = {
    "Permit": (
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ),
    "TransferWithAuthorization": _TRANSFER,
    "ReceiveWithAuthorization": _TRANSFER,
    "CancelAuthorization": (("authorizer", "address"), ("nonce", "bytes32")),
}
"""Every struct that a token understands by itself, by its name."""

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0

SPEND = _SPEND
"""The fields of `Spend` before `witness`, whose type is the spender's."""


class Signer(Protocol):
    """An account of eth-account, or of Ape."""

    @property
    def address(self) -> str:
        """Whose signatures these are."""

    def sign_message(self, signable_message: Any, /) -> Any:  # noqa: ANN401 (each library has its own)
        """Sign."""


@dataclass(frozen=True)
class Domain:
    """What signatures about one token are bound to: its name, its chain, and itself."""

    name: str
    chain_id: int
    verifying_contract: str
    version: str = "1"

    def to_json(self) -> dict[str, Any]:
        """The domain as wallets want it."""
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": self.verifying_contract,
        }


class Signed(ABC):
    """Something that a holder signs."""

    type_name: ClassVar[str]

    def _types(self) -> dict[str, Fields]:
        return {self.type_name: TYPES[self.type_name]}

    @abstractmethod
    def _message(self) -> dict[str, Any]:
        """What is signed, by field."""

    def typed_data(self, domain: Domain) -> dict[str, Any]:
        """The whole request, as `eth_signTypedData_v4` takes it (bytes as 0x-hex)."""
        types = {"EIP712Domain": _DOMAIN, **self._types()}
        return {
            "types": {
                name: [{"name": field, "type": kind} for field, kind in fields]
                for name, fields in types.items()
            },
            "primaryType": self.type_name,
            "domain": domain.to_json(),
            "message": _hexed(self._message()),
        }

    def signable(self, domain: Domain) -> SignableMessage:
        """The same for eth-account and for Ape's accounts."""
        return encode_typed_data(full_message=self.typed_data(domain))

    def digest(self, domain: Domain) -> bytes:
        """The 32 bytes that are signed in the end."""
        signable = self.signable(domain)
        return keccak(b"\x19" + signable.version + signable.header + signable.body)

    def recover(self, domain: Domain, signature: bytes) -> str:
        """Whose key made a signature; some address or other where it is damaged, empty where it is none."""
        try:
            return str(Account.recover_message(self.signable(domain), signature=signature))
        except (ValueError, BadSignature):
            return ""

    def sign(self, domain: Domain, signer: Signer | bytes | str) -> bytes:
        """Sign with a private key or an account: r ‖ s ‖ v, 65 bytes."""
        account = Account.from_key(signer) if isinstance(signer, bytes | str) else signer
        signature = account.sign_message(self.signable(domain))
        if isinstance(signature.r, int):  # eth-account; Ape has bytes
            return bytes(signature.signature)
        # Ape's are as short as their numbers: every 128th signature would be a byte too short.
        return (
            bytes(signature.r).rjust(32, b"\0") + bytes(signature.s).rjust(32, b"\0") + bytes([signature.v])
        )

    def is_signed_by(self, signer: str, domain: Domain, signature: bytes) -> bool:
        """Whether the signature is that key's, as contracts see it; those of contract wallets they ask."""
        return signer_of(self.digest(domain), signature) == signer


class Struct(Signed):
    """A dataclass whose attributes are the members of the struct that is signed, in their order."""

    members: ClassVar[Fields]

    def _types(self) -> dict[str, Fields]:
        return {self.type_name: self.members}

    def _message(self) -> dict[str, Any]:
        values = (getattr(self, each.name) for each in dataclass_fields(self))  # type: ignore[arg-type]
        return dict(zip((name for name, _ in self.members), values, strict=True))


@dataclass(frozen=True)
class Permit(Signed):
    """An allowance (ERC-2612): `spender` may take `value` from `owner`, if submitted by `deadline`.

    `nonce` is the owner's next one, which the token tells.
    """

    owner: str
    spender: str
    value: int
    nonce: int
    deadline: int

    type_name: ClassVar[str] = "Permit"

    def _message(self) -> dict[str, Any]:
        return {
            "owner": self.owner,
            "spender": self.spender,
            "value": self.value,
            "nonce": self.nonce,
            "deadline": self.deadline,
        }


@dataclass(frozen=True)
class Transfer(Signed):
    """A transfer (ERC-3009) that anybody may submit after `valid_after` and before `valid_before`.

    `nonce` is any 32 bytes that the holder has not used, see `random_nonce`.
    """

    holder: str
    to: str
    value: int
    valid_after: int
    valid_before: int
    nonce: bytes

    type_name: ClassVar[str] = "TransferWithAuthorization"

    @property
    def arguments(self) -> tuple[str, str, int, int, int, bytes]:
        """What the token's function takes before the signature."""
        return self.holder, self.to, self.value, self.valid_after, self.valid_before, self.nonce

    def _message(self) -> dict[str, Any]:
        names = (name for name, _ in TYPES[self.type_name])
        return dict(zip(names, self.arguments, strict=True))


@dataclass(frozen=True)
class Receive(Transfer):
    """As `Transfer`, for the recipient alone to submit."""

    type_name: ClassVar[str] = "ReceiveWithAuthorization"


@dataclass(frozen=True)
class Cancel(Signed):
    """The withdrawal of a signature that was not used yet (ERC-3009), by its nonce."""

    authorizer: str
    nonce: bytes

    type_name: ClassVar[str] = "CancelAuthorization"

    def _message(self) -> dict[str, Any]:
        return {"authorizer": self.authorizer, "nonce": self.nonce}


@dataclass(frozen=True)
class Witness:
    """What a holder agrees to in exchange for a spend: the spender's own struct, of plain fields."""

    type_name: str
    fields: Fields
    values: Mapping[str, Any]

    @property
    def typehash(self) -> bytes:
        """The hash of the whole type that is signed, from `Spend(` on, as the token's functions take it."""
        spend = ",".join(f"{kind} {name}" for name, kind in _SPEND)
        own = ",".join(f"{kind} {name}" for name, kind in self.fields)
        return keccak(text=f"Spend({spend},{self.type_name} witness){self.type_name}({own})")

    @property
    def hash(self) -> bytes:
        """EIP-712 `hashStruct` of what was agreed to, as the token's functions take it."""
        message = {
            "types": {
                "EIP712Domain": [],
                self.type_name: [{"name": name, "type": kind} for name, kind in self.fields],
            },
            "primaryType": self.type_name,
            "domain": {},
            "message": _hexed(dict(self.values)),
        }
        return bytes(encode_typed_data(full_message=message).body)


@dataclass(frozen=True)
class Spend(Signed):
    """A holder's leave for the contract `spender` to take `amount`, once, by `deadline`, for `witness`."""

    holder: str
    spender: str
    amount: int
    nonce: bytes
    deadline: int
    witness: Witness

    type_name: ClassVar[str] = "Spend"

    @property
    def arguments(self) -> tuple[str, int, bytes, int]:
        """The struct that the token's functions take; the spender is who calls."""
        return self.holder, self.amount, self.nonce, self.deadline

    def _types(self) -> dict[str, Fields]:
        fields = (*_SPEND, ("witness", self.witness.type_name))
        return {self.type_name: fields, self.witness.type_name: self.witness.fields}

    def _message(self) -> dict[str, Any]:
        return {
            "from": self.holder,
            "spender": self.spender,
            "amount": self.amount,
            "nonce": self.nonce,
            "deadline": self.deadline,
            "witness": dict(self.witness.values),
        }


def signer_of(digest: bytes, signature: bytes) -> str | None:
    """Whose key made a signature (r ‖ s ‖ v), or None where contracts take it for nobody's.

    Of the two signatures that a key can make of the same, contracts take the one with the lower s alone.
    """
    if len(signature) != 65 or signature[64] not in (27, 28):
        return None
    if not 0 < int.from_bytes(signature[32:64]) <= _HALF_ORDER:
        return None
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes([signature[64] - 27]), digest, hasher=None
        )
    except Exception:  # coincurve says in several ways that there is no such key
        return None
    return checksum_address(keccak(key.format(compressed=False)[1:])[12:])


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """A signature of 65 bytes as the two words of ERC-2098: r, and s with v in its highest bit."""
    high = (signature[64] - 27) << 255
    return signature[:32], (high | int.from_bytes(signature[32:64])).to_bytes(32)


def random_nonce() -> bytes:
    """A nonce for anything but permits: nobody guesses it, and it is not used again."""
    return secrets.token_bytes(32)


def _hexed(message: dict[str, Any]) -> dict[str, Any]:
    """The message with bytes as wallets want them."""
    return {
        name: "0x" + value.hex()
        if isinstance(value, bytes)
        else _hexed(value)
        if isinstance(value, dict)
        else value
        for name, value in message.items()
    }
