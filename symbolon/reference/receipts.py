"""A receipt in one word: kind (8 bits), tag (80), quantity (32), time (40), amount (96)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

_32_BITS = 2**32 - 1
_40_BITS = 2**40 - 1
_80_BITS = 2**80 - 1
_96_BITS = 2**96 - 1


class Kind(IntEnum):
    """How a redemption was met."""

    NONE = 0
    OFFER = 1
    PAR = 2
    CURRENCY = 3


class Receipt(NamedTuple):
    """One redemption.

    Attributes:
        kind: units of an offer, shop credit at par, or paid out at par.
        tag: the first ten bytes of the offer's id, or of the order's reference at par.
        quantity: units of the offer; zero at par.
        redeemed_at: when.
        amount: base units burned.
    """

    kind: int
    tag: bytes
    quantity: int
    redeemed_at: int
    amount: int


def pack(kind: Kind, name: bytes, quantity: int, redeemed_at: int, amount: int) -> int:
    """The word; `name` is the offer's id or the order's reference."""
    tag = int.from_bytes(name[:10])
    return kind << 248 | tag << 168 | (quantity & _32_BITS) << 136 | redeemed_at << 96 | amount & _96_BITS


def unpack(word: int) -> Receipt:
    """What a word says; kind NONE for zero."""
    return Receipt(
        kind=word >> 248,
        tag=(word >> 168 & _80_BITS).to_bytes(10),
        quantity=word >> 136 & _32_BITS,
        redeemed_at=word >> 96 & _40_BITS,
        amount=word & _96_BITS,
    )
