"""A receipt in one word: kind (8 bits), tag (80), quantity (32), time (40), amount (96)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


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
    low_amount = amount & 2**96 - 1
    return kind << 248 | int.from_bytes(name[:10]) << 168 | quantity << 136 | redeemed_at << 96 | low_amount


def unpack(word: int) -> Receipt:
    """What a word says; kind NONE for zero."""
    return Receipt(
        kind=word >> 248,
        tag=(word >> 168 & 2**80 - 1).to_bytes(10),
        quantity=word >> 136 & 2**32 - 1,
        redeemed_at=word >> 96 & 2**40 - 1,
        amount=word & 2**96 - 1,
    )
