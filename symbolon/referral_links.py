"""Invitations that referrers pass on as links, and show as QR codes. Pure: no chain.

    https://bakery.example/join#refer?chain=1&token=0x…&referrer=0x…&until=1803859200&signature=0x…

What is in a link stands behind its #, which browsers keep to themselves: no server's log has it. Without a
page of the brand's own, a link begins with `symbolon:`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from symbolon.addresses import checksum_address, parse_address
from symbolon.exceptions import SymbolonError

SCHEME = "symbolon:"


class LinkError(SymbolonError):
    """A text is no link that can be used."""


@dataclass(frozen=True)
class ReferralLink:
    """A referrer's invitation.

    Attributes:
        chain_id: where.
        token: whose programme.
        referrer: to whom the reader binds.
        until: the last second at which it is good.
        signature: the referrer's of the invitation.
    """

    chain_id: int
    token: str
    referrer: str
    until: int
    signature: bytes

    act: ClassVar[str] = "refer"

    def encode(self, page: str = "") -> str:
        """The link, to a page of the brand's if it has one. Raises LinkError for a page that is none."""
        if page and (urlsplit(page).scheme not in ("http", "https") or "#" in page):
            raise LinkError(f"{page} cannot be linked to: give an http or https address without a #.")
        facts = {
            "chain": self.chain_id,
            "token": self.token,
            "referrer": self.referrer,
            "until": self.until,
            "signature": "0x" + self.signature.hex(),
        }
        return f"{page + '#' if page else SCHEME}{self.act}?{urlencode(facts)}"

    @classmethod
    def decode(cls, text: str) -> ReferralLink:
        """The invitation that a link holds. Raises LinkError, AddressError."""
        stripped = text.strip()
        body = stripped.removeprefix(SCHEME) if stripped.startswith(SCHEME) else stripped.partition("#")[2]
        act, _, query = body.partition("?")
        facts = dict(parse_qsl(query))
        if act != cls.act or not {"chain", "token", "referrer", "until", "signature"} <= facts.keys():
            raise LinkError("This is no referral link, or not the whole of one: copy it again.")
        try:
            until = int(facts["until"])
            if not 0 <= until < 2**256:
                raise ValueError
            return cls(
                int(facts["chain"]),
                checksum_address(parse_address(facts["token"])),
                checksum_address(parse_address(facts["referrer"])),
                until,
                bytes.fromhex(facts["signature"].removeprefix("0x")),
            )
        except ValueError as error:
            raise LinkError("The referral link is damaged: copy it again.") from error
