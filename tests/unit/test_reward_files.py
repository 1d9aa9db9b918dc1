"""Files of actions and purchases are read whole, or told wrong line by line; the register keeps numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import checksum_address
from symbolon.exceptions import TableFileError
from symbolon.reward_files import (
    Action,
    Registered,
    numbered,
    parse_moment,
    read_actions,
    read_funding,
    read_purchases,
    read_register,
    write_register,
)
from symbolon.reward_statements import Table, as_csv, as_page
from symbolon.signing import Domain
from symbolon.vouchers import SignedVoucher, Voucher, VoucherError, action_of

ALICE, BOB = (checksum_address(bytes([number]) * 20) for number in (0xAB, 0xCD))
DOMAIN = Domain("CampaignRewards", 31_337, "0x" + "4" * 40)


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def problems(error: pytest.ExceptionInfo[TableFileError]) -> list[str]:
    return list(error.value.problems)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_actions__however_they_are_separated__are_read(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ("Member", "action", "at"),
        (ALICE.lower(), "visit", "2027-03-01"),
        (BOB, "visit", ""),
        (ALICE, "tour", "5"),
    ]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows) + "\r\n\r\n"
    assert read_actions(file(tmp_path, text), 2) == [
        Action(ALICE, "visit", 1_803_859_200),
        Action(BOB, "visit"),
        Action(ALICE, "tour", 5),
    ]


def test_actions__everything_wrong__is_told_by_line(tmp_path: Path) -> None:
    mistyped = ALICE[:-1] + ALICE[-1].swapcase()
    rows = [f"{ALICE},a", f"{ALICE},a", f"{mistyped},a", f"{BOB},", f"{BOB}", f"{ALICE},b", "alice.eth,a"]
    with pytest.raises(TableFileError) as caught:
        read_actions(file(tmp_path, "\n".join(["member,action", *rows])), 2)
    assert [problem.partition(":")[0] for problem in problems(caught)] == [
        f"line {line}" for line in (3, 4, 5, 6, 7, 8)
    ]
    told = str(caught.value)
    for sentence in (
        "did 'a' on line 2 already",
        "wrong checksum",
        "The action is missing",
        "1 columns instead of 2",
        "more than 2 lines",
        "is a name, not an address",
    ):
        assert sentence in told
    assert "nothing was sent" in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it is empty: the columns are member, action, and at if known"),
        ("member\n", "line 1: column action is missing"),
        ("wallet,deed\n", "line 1: columns member and action are missing"),
        ("member,action,colour,size,mood\n", "line 1: columns colour, size and mood are not wanted"),
        ("member,action,colour\n", "line 1: column colour is not wanted"),
        ("member,action,action\n", "line 1: column action stands twice"),
        ('member,action\n"a,b\n', "the quotes are not closed"),
    ],
)
def test_actions__wrong_as_a_whole__are_told_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(TableFileError) as caught:
        read_actions(file(tmp_path, text), 2)
    assert len(problems(caught)) == 1
    assert sentence in problems(caught)[0]


def test_file__that_is_no_text_or_not_there__is_told(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with pytest.raises(TableFileError, match="cannot be opened"):
        read_actions(path, 1)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableFileError, match="not UTF-8"):
        read_actions(path, 1)


def test_purchases__amounts_and_times__are_exact(tmp_path: Path) -> None:
    text = f"member,reference,amount,purchased_at\n{ALICE},A-1,12.5,2027-03-01 00:01\n"
    (bought,) = read_purchases(file(tmp_path, text), 2)
    assert (bought.reference, bought.amount, bought.at) == ("A-1", 12_50, 1_803_859_260)
    wrong = f"{text}{ALICE},A-1,1,5\n{ALICE},{'x' * 33},1,5\n{ALICE},A-2,0.001,5\n{ALICE},A-3,1,soon\n"
    with pytest.raises(TableFileError) as caught:
        read_purchases(file(tmp_path, wrong), 2)
    assert [problem.partition(":")[0] for problem in problems(caught)] == [
        "line 3",
        "line 4",
        "line 5",
        "line 6",
    ]


def test_funding__is_read(tmp_path: Path) -> None:
    (filled,) = read_funding(file(tmp_path, f"account,source\n{ALICE},{BOB}\n"))
    assert (filled.account, filled.source, filled.at) == (ALICE, BOB, 0)


def registered(member: str, number: int, what: str) -> Registered:
    voucher = Voucher(BOB, b"spring".ljust(32, b"\0"), member, number, action_of(what), 900)
    return Registered(SignedVoucher.sign(voucher, DOMAIN, Account.from_key("0x" + "11" * 32)), what)


def test_register__comes_back_and_tells_numbers_given_twice(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    written = [registered(ALICE, number, f"visit, day {number}") for number in range(3)]
    write_register(path, written)
    assert read_register(path) == written
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    with pytest.raises(TableFileError, match="stands on line 2 already"):
        read_register(path)


def test_register__a_formula__is_text_for_spreadsheets(tmp_path: Path) -> None:
    path = tmp_path / "register.csv"
    write_register(path, [registered(ALICE, 0, "=1+1")])
    assert ",'=1+1," in path.read_text()
    with pytest.raises(VoucherError, match="name another file"):
        write_register(path / "below.csv", [])  # in a file, as if it were a folder


@given(st.lists(st.tuples(st.sampled_from([ALICE, BOB]), st.sampled_from("abcdef")), unique=True), st.data())
def test_numbers__given_in_pieces__are_each_given_once_and_never_change(
    wanted: list[tuple[str, str]], data: st.DataObject
) -> None:
    actions = [Action(member, what) for member, what in wanted]
    cut = data.draw(st.integers(0, len(actions)))
    first = {(action.member, action.hash): number for action, number in numbered(actions[:cut], {}, [])}
    second = list(numbered(actions, first, []))
    for action, number in second:
        assert first.get((action.member, action.hash), number) == number
    for member in (ALICE, BOB):
        theirs = sorted(number for action, number in second if action.member == member)
        assert theirs == list(range(len(theirs)))


def test_numbers__that_were_paid_for_something_else__are_passed_by() -> None:
    ((_, number),) = numbered([Action(ALICE, "visit")], {}, [(ALICE, 0), (ALICE, 2), (BOB, 1)])
    assert number == 1


@pytest.mark.parametrize("text", ["", "soon", "2027-13-01", "-5", "9" * 13])
def test_moment__that_is_none__is_told(text: str) -> None:
    with pytest.raises(VoucherError, match="write 2027-03-01"):
        parse_moment(text)


def test_statement__what_others_wrote__is_harmless() -> None:
    table = Table("T", "L.", [("paid", "1")], ("member", "what"), [(ALICE, "=<b>")], 0, 7)
    assert as_csv(table).splitlines()[1] == f"{ALICE},'=<b>"
    page = as_page(table)
    assert "=&lt;b&gt;" in page
    assert "<b>" not in page
    assert "There is nothing to state" in as_page(Table("T", "L.", [], (), [], 0, 7))
