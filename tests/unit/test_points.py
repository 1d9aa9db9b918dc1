"""Points files, and the one-time keys of customers who have no address."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from symbolon.exceptions import CustomerFileError
from symbolon.points import Customer, LinkKeys, SecretError, leaves_of, read_points, read_secret

TOKEN = "0x" + "ee" * 20
MEMBER = "0x" + "12" * 20
SECRET, LIST = b"\7" * 32, b"\1" * 32


def read(tmp_path: Path, text: str, *, merge: bool = False) -> list[Customer]:
    file = tmp_path / "points.csv"
    file.write_bytes(text.encode())
    return read_points(file, 2, token=TOKEN, merge_duplicates=merge)


def problems(tmp_path: Path, text: str) -> str:
    with pytest.raises(CustomerFileError, match="nothing was sent") as refused:
        read(tmp_path, text)
    return "\n".join(refused.value.problems)


def test_read__addresses_mails_and_cards(tmp_path: Path) -> None:
    text = f'\ufeffMember;Amount\r\n{MEMBER};12.50\r\n\r\n mia@example.org ;3\r\n"4711";0.01\r\n'
    assert read(tmp_path, text) == [
        Customer(MEMBER, bytes.fromhex("12" * 20), 12_50, 2),
        Customer("mia@example.org", None, 3_00, 4),
        Customer("4711", None, 1, 5),
    ]


def test_read__same_customer_twice__is_refused_or_added_up(tmp_path: Path) -> None:
    text = f"member,amount\nmia@example.org,1\n{MEMBER},2\nMia@Example.ORG,3\n {MEMBER} ,4\n"
    said = problems(tmp_path, text)
    assert "line 4: member Mia@Example.ORG stands on line 2 already" in said
    assert "line 5" in said
    assert [each.amount for each in read(tmp_path, text, merge=True)] == [4_00, 6_00]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("0x12,5", "line 2: .*40 hex|line 2: "),
        (f"{'0x' + '00' * 20},5", "the zero address"),
        (f"{TOKEN},5", "the token itself"),
        (",5", "member is missing"),
        ("mia@example.org,-5", "is negative"),
        ("mia@example.org,0", "is zero"),
        ("mia@example.org,1.005", "too finely divided"),
        ("mia@example.org", "1 columns instead of 2"),
        ("mia@example.org,5,x", "3 columns instead of 2"),
        ("m\u202eia,5", "is no name"),
        (f"{'m' * 255},5", "is no name"),
        ('"mia,5', "quotes are not closed"),
    ],
)
def test_read__a_bad_line__is_told(tmp_path: Path, row: str, sentence: str) -> None:
    assert re.search(sentence, problems(tmp_path, f"member,amount\n{row}\n"))


def test_read__bad_header_or_nothing__is_told(tmp_path: Path) -> None:
    assert "the header must be member,amount" in problems(tmp_path, "address,amount\n1,2\n")
    assert "and it is empty" in problems(tmp_path, "")
    assert "no members" in problems(tmp_path, "member,amount\n\n")


def test_read__more_than_a_token_can_have__is_told(tmp_path: Path) -> None:
    most = 2**96 // 100
    text = f"member,amount\na,{most - 1}\nb,{most - 1}\n"
    assert "all amounts together" in problems(tmp_path, text)


def test_keys__of_a_customer__however_written__and_of_nobody_else() -> None:
    keys = LinkKeys(SECRET, LIST)
    assert keys.key("Mia@Example.org") == keys.key(" mia@example.ORG ")
    others = {
        keys.key("mia@example.com"),
        LinkKeys(SECRET, b"\2" * 32).key("mia@example.org"),
        LinkKeys(b"\5" * 32, LIST).key("mia@example.org"),
        keys.key("mia@example.org"),
    }
    assert len(others) == 4
    assert len(keys.address("mia@example.org")) == 20


def test_leaves__say_nothing_of_the_files_order_or_names(tmp_path: Path) -> None:
    first = read(tmp_path, f"member,amount\nmia@example.org,1\n{MEMBER},2\n4711,3\n")
    second = read(tmp_path, f"member,amount\n4711,3\n{MEMBER},2\nMIA@example.org,1\n")
    keys = LinkKeys(SECRET, LIST)
    assert leaves_of(first, keys) == leaves_of(second, keys)
    assert sorted(each.is_link for each in leaves_of(first, keys)) == [False, True, True]


def test_leaves__without_a_secret__only_of_addresses(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=r"Line 2 has no address.*--secret"):
        leaves_of(read(tmp_path, "member,amount\nmia@example.org,1\n"), None)
    assert len(leaves_of(read(tmp_path, f"member,amount\n{MEMBER},1\n"), None)) == 1


def test_secret__is_made_once__for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(SecretError, match="cannot be used"):
        read_secret(path)
    made = read_secret(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_secret(path, create=True) == read_secret(path) == made
    path.write_text("not a secret")
    with pytest.raises(SecretError, match="64 hexadecimal digits"):
        read_secret(path, create=True)
