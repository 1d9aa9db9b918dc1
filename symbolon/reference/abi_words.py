"""Plain fields as the ABI has them, and out of the bytes that come along with tokens or money."""

from __future__ import annotations

from symbolon.reference.contract import RevertError
from symbolon.reference.eip712 import word


def words_of(data: bytes, widths: tuple[int | None, ...]) -> list[int | bytes]:
    """Fields as the ABI has them: so many bits each, None for 32 bytes.

    Where a word is missing or too great, there is no answer.
    """
    fields: list[int | bytes] = []
    for place, bits in enumerate(widths):
        each = bytes(data[32 * place : 32 * place + 32])
        value = int.from_bytes(each)
        if len(each) < 32 or (bits is not None and value >= 1 << bits):
            raise RevertError("")
        fields.append(each if bits is None else value)
    return fields


def words(*values: int | bytes) -> bytes:
    """Plain fields one after the other, 32 bytes each: `abi.encode` of them."""
    return b"".join(map(word, values))
