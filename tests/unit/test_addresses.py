"""Addresses: the checksum protects from a mistyped character, and every refusal says what to write."""

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import checksum_address, checksum_addresses, keccak, parse_address
from symbolon.exceptions import AddressError

MEMBER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
ADDRESSES = st.binary(min_size=20, max_size=20)


def test_keccak__known_hash() -> None:
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.parametrize(
    "text", [MEMBER, MEMBER.lower(), "0x" + MEMBER[2:].upper(), f" {MEMBER}\t", "0x" + "1" * 40]
)
def test_parse__right_or_no_checksum__accepted(text: str) -> None:
    assert parse_address(text).hex() == text.strip()[2:].lower()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "address is missing"),
        (MEMBER.replace("aA", "Aa"), "has a wrong checksum: a character was mistyped"),
        (MEMBER[:-1] + "e", "has a wrong checksum"),
        ("0x" + MEMBER[2:-1].lower(), "has 39 hex digits instead of 40"),
        (MEMBER + "0", "has 41 hex digits instead of 40"),
        (MEMBER[2:], f"has no 0x in front: write {MEMBER}"),
        ("vitalik.eth", "vitalik.eth is a name, not an address: look it up first and write the 0x address"),
        ("points.brand.xyz", "is a name, not an address"),
        ("0X" + MEMBER[2:], "is not an address: write 0x and 40 hex digits"),
        ("0x" + "g" * 40, "is not an address"),
        ("jane@example.com", "is not an address"),
        ("5.00", "is not an address"),
        ("x" * 10_000, "…' is not an address"),
    ],
)
def test_parse__anything_else__refused(text: str, sentence: str) -> None:
    with pytest.raises(AddressError) as refused:
        parse_address(text)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 200


@given(ADDRESSES)
def test_checksum__as_ethereum_writes_it__and_read_back(address: bytes) -> None:
    written = checksum_address(address)
    assert written == to_checksum_address(address)
    assert parse_address(written) == address


@given(ADDRESSES, st.integers(2, 41))
def test_parse__one_letter_in_the_wrong_case__refused(address: bytes, at: int) -> None:
    written = checksum_address(address)
    other = written[:at] + written[at].swapcase() + written[at + 1 :]
    body = other[2:]
    if other == written or body.islower() or body.isupper():
        assert parse_address(other) == address
    else:
        with pytest.raises(AddressError, match="wrong checksum"):
            parse_address(other)


@given(st.lists(ADDRESSES))
def test_checksum_many__each_as_alone(addresses: list[bytes]) -> None:
    assert checksum_addresses(b"".join(addresses)) == [checksum_address(address) for address in addresses]
