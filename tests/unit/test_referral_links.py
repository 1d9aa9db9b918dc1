"""Referral links survive being passed on, and what is none is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import checksum_address
from symbolon.referral_links import LinkError, ReferralLink

addresses = st.binary(min_size=20, max_size=20).map(checksum_address)


@given(st.integers(1, 2**63), addresses, addresses, st.integers(0, 2**40), st.binary(max_size=200))
def test_link__passed_on__is_the_same(
    chain: int, token: str, referrer: str, until: int, signature: bytes
) -> None:
    link = ReferralLink(chain, token, referrer, until, signature)
    for page in ("", "https://bakery.example/join?shop=2"):
        text = link.encode(page)
        assert text.startswith(f"{page}#refer?" if page else "symbolon:refer?")
        assert ReferralLink.decode(f" {text}\n") == link


@pytest.mark.parametrize(
    "text", ["", "https://bakery.example/join", "symbolon:redeem?chain=1", "symbolon:refer?chain=1"]
)
def test_link__that_is_none__is_told(text: str) -> None:
    with pytest.raises(LinkError, match="not the whole of one: copy it again"):
        ReferralLink.decode(text)


def test_link__damaged__is_told() -> None:
    whole = ReferralLink(1, "0x" + "1" * 40, "0x" + "2" * 40, 5, b"\1").encode()
    for damaged in ("until=soon", "until=-1", f"until={2**256}", "until=" + "9" * 9_999):
        with pytest.raises(LinkError, match="damaged"):
            ReferralLink.decode(whole.replace("until=5", damaged))


@pytest.mark.parametrize("page", ["ftp://bakery.example", "bakery.example", "https://bakery.example/#shop"])
def test_link__to_a_page_that_cannot_be__is_told(page: str) -> None:
    with pytest.raises(LinkError, match="cannot be linked to"):
        ReferralLink(1, "0x" + "1" * 40, "0x" + "2" * 40, 5, b"\1").encode(page)
