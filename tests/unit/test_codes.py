"""A redemption survives the way through a QR code as it is, or is refused; nothing is ever misread."""

import base64
import random
import re
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import checksum_address, keccak
from symbolon.codes import (
    PREFIX,
    UNITS_MAX,
    Code,
    CodeError,
    LabelError,
    OfferRedemption,
    ParRedemption,
    Redemption,
    label_bytes,
    label_text,
)
from symbolon.signing import Domain
from symbolon.units import UINT96_MAX

addresses = st.binary(min_size=20, max_size=20).map(checksum_address)
words = st.binary(min_size=32, max_size=32)
shared = {
    "chain_id": st.integers(1, 2**64 - 1),
    "token": addresses,
    "member": addresses,
    "till": addresses,
    "version": st.integers(0, 2**32 - 1),
    "amount": st.integers(0, UINT96_MAX),
    "nonce": words,
    "deadline": st.integers(0, 2**40 - 1),
}
offers = st.builds(OfferRedemption, **shared, offer_id=words, quantity=st.integers(0, UNITS_MAX))
pars = st.builds(ParRedemption, **shared, order_ref=words)
redemptions: st.SearchStrategy[Redemption] = st.one_of(offers, pars)
codes = st.builds(Code, redemptions, st.binary(min_size=1, max_size=300))

MEMBER = Account.from_key(b"\x01" * 32)
DESK = "0x" + "dE" * 20
DOMAIN = Domain("Bakery Points", 31337, "0x" + "11" * 20)
WISH = OfferRedemption(
    chain_id=31337,
    token="0x" + "11" * 20,
    member=MEMBER.address,
    till="0x" + "33" * 20,
    version=1,
    amount=250,
    nonce=b"\x44" * 32,
    deadline=1_800_000_000,
    offer_id=label_bytes("croissant"),
    quantity=1,
)
CODE = Code(WISH, WISH.spend(DESK).sign(DOMAIN, MEMBER))


@given(codes)
def test_decode__what_was_encoded__is_the_same(code: Code) -> None:
    assert Code.decode(code.encode()) == code


@given(codes)
def test_encode__has_what_qr_codes_hold_densely(code: Code) -> None:
    assert re.fullmatch(r"[0-9A-Z:]+", code.encode())


def test_decode__copied_with_line_ends_and_in_small_letters__is_the_same() -> None:
    text = CODE.encode().lower()
    wrapped = "\r\n  ".join(text[at : at + 40] for at in range(0, len(text), 40))
    assert Code.decode(f" {wrapped}\n") == CODE


@given(st.data())
def test_decode__a_character_changed__is_refused(data: st.DataObject) -> None:
    text = CODE.encode()
    at = data.draw(st.integers(len(PREFIX), len(text) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").filter(lambda new: new != text[at]))
    with pytest.raises(CodeError, match="damaged or cut off: have the member"):
        Code.decode(text[:at] + other + text[at + 1 :])


def test_decode__the_same_bytes_in_other_letters__is_refused() -> None:
    """The last letter has a bit to spare, which must not make two texts of one code."""
    text = CODE.encode()
    assert len(text.removeprefix(PREFIX)) * 5 % 8 == 1
    other = chr(ord(text[-1]) + 1)
    with pytest.raises(CodeError, match="damaged"):
        Code.decode(text[:-1] + other)


def test_decode__cut_off_anywhere__is_refused() -> None:
    text = CODE.encode()
    for length in range(len(text)):
        with pytest.raises(CodeError):
            Code.decode(text[:length])


def test_decode__two_codes_run_together__is_refused() -> None:
    with pytest.raises(CodeError, match="damaged"):
        Code.decode(CODE.encode() + CODE.encode())


@given(st.text(max_size=500))
def test_decode__any_text__is_refused_in_a_sentence(text: str) -> None:
    for attempt in (text, PREFIX + text):
        with pytest.raises(CodeError, match=r"^The code .*: .*\.$|^This is no redemption code: "):
            Code.decode(attempt)


def test_decode__a_huge_text__is_refused_at_once() -> None:
    with pytest.raises(CodeError, match="no redemption code"):
        Code.decode(PREFIX + "A" * 10_000_000)


def rewrapped(body: bytes) -> str:
    """A text with that body and a checksum that fits it."""
    return PREFIX + base64.b32encode(body + keccak(body)[:4]).decode().rstrip("=")


def body_of(code: Code) -> bytes:
    text = code.encode().removeprefix(PREFIX)
    return base64.b32decode(text + "=" * (-len(text) % 8))[:-4]


def test_decode__a_newer_format__says_to_update() -> None:
    with pytest.raises(CodeError, match="format 2, which is newer than this program: update it"):
        Code.decode(rewrapped(b"\x02" + body_of(CODE)[1:]))


def test_decode__an_unknown_kind__says_to_update() -> None:
    with pytest.raises(CodeError, match="does not know: update"):
        Code.decode(rewrapped(b"\x01\x09" + body_of(CODE)[2:]))


def test_decode__at_par_with_units__is_refused() -> None:
    """Else two texts would be the same redemption."""
    with pytest.raises(CodeError):
        Code.decode(rewrapped(b"\x01\x02" + body_of(CODE)[2:]))


def test_decode__without_a_signature__says_so() -> None:
    with pytest.raises(CodeError, match="no signature"):
        Code.decode(rewrapped(body_of(CODE)[: -len(CODE.signature)]))


def test_encode__layout__is_as_documented() -> None:
    body = body_of(CODE)
    assert body[:10] == b"\x01\x01" + (31337).to_bytes(8, "big")
    assert body[10:70].hex() == ("11" * 20 + MEMBER.address[2:].lower() + "33" * 20)
    assert body[70:102] == b"croissant".ljust(32, b"\0")
    assert body[102:122] == (1).to_bytes(4, "big") * 2 + (250).to_bytes(12, "big")
    assert body[122:159] == b"\x44" * 32 + (1_800_000_000).to_bytes(5, "big")
    assert body[159:] == CODE.signature


CHANGES: dict[str, Any] = {
    "chain_id": 1,
    "token": "0x" + "12" * 20,
    "till": "0x" + "34" * 20,
    "version": 2,
    "amount": 251,
    "nonce": b"\x45" * 32,
    "deadline": 1_800_000_001,
    "offer_id": label_bytes("tart"),
    "quantity": 2,
}


@pytest.mark.parametrize("field", CHANGES)
def test_signature__covers_every_field(field: str) -> None:
    changed = replace(WISH, **{field: CHANGES[field]})
    domain = Domain(DOMAIN.name, changed.chain_id, changed.token)
    spend = changed.spend(DESK)
    recovered = Account.recover_message(spend.signable(domain), signature=CODE.signature)
    assert recovered != MEMBER.address
    unchanged = WISH.spend(DESK).signable(DOMAIN)
    assert Account.recover_message(unchanged, signature=CODE.signature) == MEMBER.address


def test_signature__for_another_desk__is_another() -> None:
    other = WISH.spend("0x" + "dF" * 20).signable(DOMAIN)
    assert Account.recover_message(other, signature=CODE.signature) != MEMBER.address


@given(words)
def test_label__of_any_id__leads_back_to_it(raw: bytes) -> None:
    assert label_bytes(label_text(raw)) == raw


@pytest.mark.parametrize("name", ["croissant", "2 for 1", "Brötchen", "x" * 32, "0x12"])
def test_label__of_a_name__is_the_name(name: str) -> None:
    assert label_text(label_bytes(name)) == name


@pytest.mark.parametrize("name", ["", "  ", "x" * 33, "é" * 17, "a\nb", "a\0b", "0x" + "g" * 64])
def test_label__that_fits_nowhere__is_refused(name: str) -> None:
    with pytest.raises(LabelError, match="name"):
        label_bytes(name)


def test_label__of_an_id_that_only_looks_like_a_name__is_shown_in_digits() -> None:
    for raw in (b" croissant", b"croi\0ssant", b"\xff" * 9, b"", b"0x" + b"1" * 30):
        padded = raw.ljust(32, b"\0")
        assert label_bytes(label_text(padded)) == padded
    assert label_text(b" croissant".ljust(32, b"\0")).startswith("0x")


def test_nonces__of_equal_wishes__differ_in_the_code() -> None:
    rng = random.Random(5)
    texts = {Code(replace(WISH, nonce=rng.randbytes(32)), b"\x01").encode() for _ in range(50)}
    assert len(texts) == 50
