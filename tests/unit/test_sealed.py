"""Members' data opens for the brand, for one request and member, and for nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolon.addresses import keccak
from symbolon.sealed import DataKey, SealedDataError, data_hash, seal

KEY = DataKey.make()
REQUEST, MEMBER, OTHER = b"\7" * 32, "0x" + "1" * 40, "0x" + "2" * 40


@settings(max_examples=20)
@given(st.binary(max_size=2_000))
def test_data__sealed__opens_for_the_brand(data: bytes) -> None:
    sealed = seal(KEY.public, data, REQUEST, MEMBER)
    assert KEY.open(sealed, REQUEST, MEMBER) == data
    assert data_hash(sealed) == keccak(sealed)


def test_data__sealed_twice__looks_different() -> None:
    one, other = (seal(KEY.public, b"1990-03-01", REQUEST, MEMBER) for _ in range(2))
    assert one != other
    assert b"1990" not in one


def test_data__of_another_request_member_or_key_or_altered__does_not_open() -> None:
    sealed = seal(KEY.public, b"1990-03-01", REQUEST, MEMBER)
    tries = [
        (KEY, sealed, bytes(32), MEMBER),
        (KEY, sealed, REQUEST, OTHER),
        (DataKey.make(), sealed, REQUEST, MEMBER),
    ]
    tries += [
        (KEY, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], REQUEST, MEMBER)
        for at in range(len(sealed))
    ]
    tries += [(KEY, sealed[:length], REQUEST, MEMBER) for length in (0, 10, 32, len(sealed) - 1)]
    for key, content, request, member in tries:
        with pytest.raises(SealedDataError, match="does not open with this key"):
            key.open(content, request, member)


def test_key__behind_its_passphrase__comes_back() -> None:
    text = KEY.save("correct horse")
    sealed = seal(KEY.public, b"1990-03-01", REQUEST, MEMBER)
    assert DataKey.load(text, "correct horse").open(sealed, REQUEST, MEMBER) == b"1990-03-01"
    for wrong, passphrase in ((text, "wrong"), ("nonsense", "correct horse"), ("", "")):
        with pytest.raises(SealedDataError, match="check its file and its passphrase"):
            DataKey.load(wrong, passphrase)
    with pytest.raises(SealedDataError, match="passphrase is empty"):
        KEY.save("")


@pytest.mark.parametrize(
    ("public", "sentence"),
    [
        (b"", "of a kind that this program does not know"),
        (KEY.public[:-1], "of a kind"),
        (bytes(6) + KEY.public[6:], "of a kind"),
        (KEY.public[:6] + bytes(32), "not a point of its curve"),
    ],
)
def test_public_key__that_is_none__is_told(public: bytes, sentence: str) -> None:
    with pytest.raises(SealedDataError, match=sentence):
        seal(public, b"1990-03-01", REQUEST, MEMBER)
