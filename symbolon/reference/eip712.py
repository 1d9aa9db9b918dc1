"""What is signed, bit by bit, and signatures as the model knows them: whose key, over which digest."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from symbolon.addresses import keccak
from symbolon.reference.contract import Address


class Signature(NamedTuple):
    """A signature: nobody can forge one, and it says one thing."""

    key: Address
    digest: bytes


def word(value: int | bytes) -> bytes:
    """A value in 32 bytes, as the ABI has numbers, addresses and 32 bytes."""
    return value.to_bytes(32) if isinstance(value, int) else value.rjust(32, b"\0")


@cache
def type_hash(type_string: str) -> bytes:
    """The hash of a struct's type, such as "Permit(address owner,…)"."""
    return keccak(type_string.encode())


def struct_hash(typehash: bytes, *values: int | bytes) -> bytes:
    """EIP-712 `hashStruct` of plain fields."""
    return keccak(typehash + b"".join(map(word, values)))


@cache
def domain_separator(name: str, chain_id: int, contract: Address) -> bytes:
    """What binds a signature to a chain and to a contract of that name, version 1."""
    typehash = type_hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
    return struct_hash(typehash, keccak(name.encode()), keccak(b"1"), chain_id, contract)


def typed_digest(domain: bytes, struct: bytes) -> bytes:
    """The 32 bytes that are signed in the end."""
    return keccak(b"\x19\x01" + domain + struct)
