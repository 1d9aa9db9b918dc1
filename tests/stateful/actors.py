"""Who plays: keys that really sign, and everything that can be wrong with a signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coincurve import PrivateKey

from symbolon.addresses import keccak
from symbolon.reference.contract import ZERO, Address
from symbolon.reference.eip712 import Signature

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_ORDER = 2 * _HALF_ORDER + 1


@dataclass(frozen=True)
class Actor:
    """A name in the story, and the address that goes with it."""

    name: str
    address: Address


class Key(Actor):
    """An account that a private key controls."""

    def __init__(self, name: str) -> None:
        secret = PrivateKey(keccak(b"the state machine's " + name.encode()))
        super().__init__(name, keccak(secret.public_key.format(compressed=False)[1:])[12:])
        _SECRETS[self.address] = secret


_SECRETS: dict[Address, Any] = {}


class Sealed(Signature):
    """A signature with the bytes that a contract is given; 65 of them, or 64 as in ERC-2098."""

    raw: bytes

    def __bytes__(self) -> bytes:
        return self.raw


def sign(key: Address, digest: bytes, *, compact: bool = False) -> Sealed:
    """What `key` says with its signature over `digest`."""
    sealed = Sealed(key, digest)
    raw = _SECRETS[key].sign_recoverable(digest, hasher=None)
    if compact:
        sealed.raw = raw[:32] + bytes([raw[32] | raw[64] << 7]) + raw[33:64]
    else:
        sealed.raw = raw[:64] + bytes([27 + raw[64]])
    return sealed


def spoil(signature: Sealed, how: int) -> Sealed:
    """Bytes that are nobody's signature any more, made from one of 65: see SPOILED for how."""
    raw = signature.raw
    other_s = (_ORDER - int.from_bytes(raw[32:64])).to_bytes(32)
    spoiled = Sealed(ZERO, b"")
    spoiled.raw = (
        raw[:32] + other_s + bytes([55 - raw[64]]),  # malleated
        raw[:5] + bytes([raw[5] ^ 1]) + raw[6:],  # one bit turned
        bytes(65),
        raw[:-2],
        raw + b"\0",
        b"",
    )[how]
    return spoiled


SPOILED = range(6)
"""The ways in which a signature is spoiled; the first three leave its length."""
