"""What brands ask members to let them have, and what members sign about it. Pure: no chain, no Ape.

A request's id is the hash of all that it says, so that nothing in it can change under a member's hands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from eth_abi.abi import encode

from symbolon.addresses import ZERO_ADDRESS, keccak
from symbolon.signing import Fields, Struct

REQUEST = "(address,bytes32,bytes32,bytes32,uint96,uint32,uint40,address,bytes32)"
"""`IConsent.Request`, as it is hashed and as quota is sent for it."""


@dataclass(frozen=True)
class Request:
    """What a brand asks for.

    Attributes:
        token: in whose tokens it pays.
        fields: which data, as `birthday, postcode`.
        purpose: what for.
        public_key: to what key the data is encrypted, see `sealed`.
        price: of each instalment, in base units.
        every: seconds between instalments; zero means that there is one.
        until: when a grant ends, in seconds.
        attester: who says which wallets may grant; nobody means all.
        salt: 32 bytes that tell apart what is otherwise the same.
    """

    token: str
    fields: str
    purpose: str
    public_key: bytes
    price: int
    every: int
    until: int
    attester: str = ZERO_ADDRESS
    salt: bytes = bytes(32)

    @property
    def arguments(self) -> tuple[object, ...]:
        """`IConsent.Request`."""
        return (
            self.token,
            keccak(self.fields.encode()),
            keccak(self.purpose.encode()),
            keccak(self.public_key),
            self.price,
            self.every,
            self.until,
            self.attester,
            self.salt,
        )

    @property
    def wording(self) -> tuple[str, str, bytes]:
        """`IConsent.Wording`."""
        return self.fields, self.purpose, self.public_key

    @property
    def encoded(self) -> bytes:
        """What its budget is sent with."""
        return encode([REQUEST], [self.arguments])

    @property
    def id(self) -> bytes:
        """Its name, 32 bytes."""
        return keccak(self.encoded)


@dataclass(frozen=True)
class Eligible(Struct):
    """The attester's word that a wallet may grant, good until `deadline`."""

    request_id: bytes
    member: str
    deadline: int

    type_name: ClassVar[str] = "Eligible"
    members: ClassVar[Fields] = (("requestId", "bytes32"), ("member", "address"), ("deadline", "uint256"))


@dataclass(frozen=True)
class DataGrant(Struct):
    """What a member signs to grant a request: which data, what for, for how much, until when."""

    token: str
    member: str
    data: str
    purpose: str
    key_hash: bytes
    price: int
    every: int
    until: int
    request_id: bytes
    deadline: int

    type_name: ClassVar[str] = "DataGrant"
    members: ClassVar[Fields] = (
        ("token", "address"),
        ("member", "address"),
        ("fields", "string"),
        ("purpose", "string"),
        ("keyHash", "bytes32"),
        ("price", "uint256"),
        ("every", "uint256"),
        ("until", "uint256"),
        ("requestId", "bytes32"),
        ("deadline", "uint256"),
    )

    @classmethod
    def of(cls, request: Request, member: str, deadline: int) -> DataGrant:
        """The grant of a request by a member, for anybody to submit until `deadline`."""
        return cls(
            request.token,
            member,
            request.fields,
            request.purpose,
            keccak(request.public_key),
            request.price,
            request.every,
            request.until,
            request.id,
            deadline,
        )


@dataclass(frozen=True)
class Revocation(Struct):
    """What a member signs to revoke its grant, for anybody to submit until `deadline`."""

    request_id: bytes
    member: str
    deadline: int

    type_name: ClassVar[str] = "Revocation"
    members: ClassVar[Fields] = (("requestId", "bytes32"), ("member", "address"), ("deadline", "uint256"))
