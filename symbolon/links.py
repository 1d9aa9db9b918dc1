"""Links to the member's page that people share, as text and as QR codes. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from symbolon.exceptions import SymbolonError

_EARNED = re.compile(r"#/earned/(0x[0-9a-fA-F]{40})/([0-9]{1,10})/0x([0-9a-fA-F]{64})$")


class LinkError(SymbolonError):
    """There is no page that a link could lead to."""


def to_group(page: str, token: str, group_id: bytes, referrer: str | None = None) -> str:
    """Where one joins a group, or with a deal's id opens a new one; `referrer` is who shares the link."""
    return _joined(page, "group", token, "0x" + group_id.hex(), referrer)


def to_bargain(page: str, token: str, listing: bytes, number: int) -> str:
    """Where a bargain is shown, so that a friend can cut its price."""
    return _joined(page, "bargain", token, "0x" + listing.hex(), hex(number))


def to_earnings(page: str, token: str, period: int, key: bytes) -> str:
    """Where a customer claims what was earned, with the one-time key: whoever has the link can claim.

    The key is behind the #, so that it is in no server's log.
    """
    return _joined(page, "earned", token, str(period), "0x" + key.hex())


def from_earnings(link: str) -> tuple[str, int, bytes]:
    """Token, period and key of a link to earnings. Raises LinkError."""
    match = _EARNED.search(link.strip())
    if match is None:
        raise LinkError("This is no link to claim with, or a part of it is missing: copy the whole link.")
    return match[1], int(match[2]), bytes.fromhex(match[3])


def _joined(page: str, *parts: str | None) -> str:
    address = urlsplit(page)
    if address.scheme not in ("http", "https") or not address.netloc:
        raise LinkError(f"{page!r} is no page's address: write one such as https://shop.example/points/.")
    base = page.partition("#")[0]
    base = base if base.endswith(("/", ".html")) else f"{base}/"
    return f"{base}#/{'/'.join(part for part in parts if part)}"
