"""Ethereum addresses as people write them: 20 bytes, and the EIP-55 checksum in the case of the letters."""

import re
from collections.abc import Sequence

import numpy as np
import sha3  # type: ignore[import-untyped]

from symbolon.exceptions import AddressError

ZERO_ADDRESS = "0x" + "00" * 20

_HEX = re.compile(r"0x([0-9a-fA-F]{40})")
_NAME = re.compile(r"([^\s.@]+\.)+[a-z]{2,}", re.IGNORECASE)

# One byte for each byte: "1" where the character is what the name says, "0" elsewhere.
_IS_UPPER = bytes(ord("1") if byte in b"ABCDEF" else ord("0") for byte in range(256))
_IS_LETTER = bytes(ord("1") if byte in b"abcdef" else ord("0") for byte in range(256))
_IS_HIGH = bytes(ord("1") if byte in b"89abcdef" else ord("0") for byte in range(256))


def keccak(data: bytes) -> bytes:
    """The hash Ethereum uses: Keccak-256, 32 bytes."""
    digest: bytes = sha3.keccak_256(data).digest()
    return digest


def parse_address(text: str) -> bytes:
    """The 20 bytes of an address written as 0x and 40 hex digits, spaces around it ignored.

    Letters all small or all capital carry no checksum; mixed ones must be right. Raises AddressError with the
    reason for anything else.
    """
    stripped = text.strip()
    match = _HEX.fullmatch(stripped)
    if match is None:
        raise AddressError(_why_not_address(stripped))
    body = match[1]
    if not body.islower() and not body.isupper() and not body.isdigit() and not _has_checksum(body):
        raise AddressError(
            f"address {stripped} has a wrong checksum: a character was mistyped, copy it again"
        )
    return bytes.fromhex(body)


def checksum_address(address: bytes) -> str:
    """The EIP-55 writing of 20 bytes."""
    body = address.hex()
    digest: str = sha3.keccak_256(body.encode()).hexdigest()
    return "0x" + "".join(
        [char.upper() if high > "7" else char for char, high in zip(body, digest, strict=False)]
    )


def checksum_addresses(packed: bytes) -> Sequence[str]:
    """The EIP-55 writing of many addresses, 20 bytes each and one after the other, in bulk for speed."""
    letters = packed.hex().encode()
    bodies = [letters[at : at + 40] for at in range(0, len(letters), 40)]
    digests = b"".join([sha3.keccak_256(body).digest()[:20] for body in bodies])
    plain = np.frombuffer(letters, dtype=np.uint8)
    high = np.frombuffer(digests.hex().encode(), dtype=np.uint8) >= ord("8")  # "8", "9", "a" … "f"
    capital = high & (plain >= ord("a"))
    written = (plain - capital.astype(np.uint8) * 32).tobytes().decode()
    return ["0x" + written[at : at + 40] for at in range(0, len(written), 40)]


def _has_checksum(body: str) -> bool:
    given = body.encode()
    small = given.lower()
    digest = sha3.keccak_256(small).hexdigest().encode()[:40]
    expected = int(digest.translate(_IS_HIGH), 16) & int(small.translate(_IS_LETTER), 16)
    return int(given.translate(_IS_UPPER), 16) == expected


def _why_not_address(text: str) -> str:
    shown = text if len(text) <= 60 else f"{text[:60]}…"
    if not text:
        reason = "address is missing"
    elif re.fullmatch(r"[0-9a-fA-F]{40}", text):
        reason = f"address {shown} has no 0x in front: write 0x{shown}"
    elif re.fullmatch(r"0x[0-9a-fA-F]*", text):
        reason = f"address {shown} has {len(text) - 2} hex digits instead of 40"
    elif _NAME.fullmatch(text):
        reason = f"{shown} is a name, not an address: look it up first and write the 0x address"
    else:
        reason = f"{shown!r} is not an address: write 0x and 40 hex digits"
    return reason
