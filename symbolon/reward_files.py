"""Files about rewards: actions and purchases that a brand lists, and the register of its vouchers. Pure.

    member,action,at                          what members did; `at` may be missing
    member,reference,amount,purchased_at      what members bought for money
    token,campaign,member,number,action,what,deadline,key,signature      the register of vouchers
    account,source,at                         who filled whom, for the abuse report

What is wrong with a file is told line by line, all of it at once, and then nothing of the file is used.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from symbolon.addresses import checksum_address, parse_address
from symbolon.codes import label_bytes, label_text
from symbolon.customers import DELIMITERS, MOST_PROBLEMS
from symbolon.exceptions import SymbolonError, TableFileError
from symbolon.manifest import write_whole
from symbolon.tables import inert, to_csv, wrong_columns
from symbolon.units import parse_amount
from symbolon.vouchers import SignedVoucher, Voucher, VoucherError, action_of

ACTIONS = ("member", "action")
PURCHASES = ("member", "reference", "amount", "purchased_at")
REGISTER = ("token", "campaign", "member", "number", "action", "what", "deadline", "key", "signature")
FUNDING = ("account", "source")

T = TypeVar("T")


@dataclass(frozen=True)
class Action:
    """Something that a member did.

    Attributes:
        member: who.
        what: as the brand calls it.
        at: when, in seconds; None where the file does not say.
    """

    member: str
    what: str
    at: int | None = None

    @property
    def hash(self) -> bytes:
        """What stands for it on chain."""
        return action_of(self.what)


@dataclass(frozen=True)
class Bought:
    """Something that a member bought for money, in base units at par, at a time in seconds."""

    member: str
    reference: str
    amount: int
    at: int


@dataclass(frozen=True)
class Registered:
    """A voucher that was issued, and what the brand calls its action."""

    signed: SignedVoucher
    what: str


@dataclass(frozen=True)
class Filled:
    """An account that was filled from a source, at a time in seconds."""

    account: str
    source: str
    at: int


# ---- reading


def read_actions(path: Path, member_cap: int) -> list[Action]:
    """What members did, each thing once, and no member more than a campaign pays. Raises TableFileError."""

    def read(row: Mapping[str, str]) -> Action:
        action_of(row["action"])
        at = parse_moment(row["at"]) if row.get("at") else None
        return Action(_address(row["member"]), row["action"].strip(), at)

    table = _Table(path, "Action file", ACTIONS, ("at",))
    seen: dict[tuple[str, str], int] = {}
    often: dict[str, int] = defaultdict(int)
    found = []
    for line, action in table.rows(read):
        first = seen.setdefault((action.member, action.what), line)
        often[action.member] += 1
        if first != line:
            table.problem(line, f"{action.member} did {action.what!r} on line {first} already")
        elif often[action.member] > member_cap:
            table.problem(
                line, f"{action.member} stands on more than {member_cap} lines, and more are not paid"
            )
        found.append(action)
    return table.checked(found)


def read_purchases(path: Path, decimals: int) -> list[Bought]:
    """What members bought, each reference of a member once. Raises TableFileError."""

    def read(row: Mapping[str, str]) -> Bought:
        label_bytes(row["reference"])
        return Bought(
            _address(row["member"]),
            row["reference"].strip(),
            parse_amount(row["amount"], decimals),
            parse_moment(row["purchased_at"]),
        )

    table = _Table(path, "Purchase file", PURCHASES)
    seen: dict[tuple[str, str], int] = {}
    found = []
    for line, bought in table.rows(read):
        first = seen.setdefault((bought.member, bought.reference), line)
        if first != line:
            table.problem(
                line, f"purchase {bought.reference} of {bought.member} stands on line {first} already"
            )
        found.append(bought)
    return table.checked(found)


def read_funding(path: Path) -> list[Filled]:
    """Who filled whom. Raises TableFileError."""

    def read(row: Mapping[str, str]) -> Filled:
        at = parse_moment(row["at"]) if row.get("at") else 0
        return Filled(_address(row["account"]), _address(row["source"]), at)

    table = _Table(path, "Funding file", FUNDING, ("at",))
    return table.checked([filled for _, filled in table.rows(read)])


def read_register(path: Path) -> list[Registered]:
    """The vouchers of a register, oldest first. Raises TableFileError."""

    def read(row: Mapping[str, str]) -> Registered:
        voucher = Voucher(
            token=_address(row["token"]),
            campaign_id=label_bytes(row["campaign"]),
            member=_address(row["member"]),
            number=_number(row["number"]),
            action=_hex(row["action"]),
            deadline=_number(row["deadline"]),
        )
        signed = SignedVoucher(voucher, _address(row["key"]), _hex(row["signature"]))
        return Registered(signed, row["what"])

    table = _Table(path, "Register", REGISTER)
    seen: dict[tuple[str, bytes, str, int], int] = {}
    found = []
    for line, each in table.rows(read):
        voucher = each.signed.voucher
        name = (voucher.token, voucher.campaign_id, voucher.member, voucher.number)
        first = seen.setdefault(name, line)
        if first != line:
            table.problem(
                line, f"voucher {voucher.number} of {voucher.member} stands on line {first} already"
            )
        found.append(each)
    return table.checked(found)


def read_vouchers(path: Path) -> list[SignedVoucher]:
    """The vouchers of a register, or the one that a shop answered as JSON.

    Raises TableFileError, VoucherError.
    """
    if path.suffix == ".json":
        return [SignedVoucher.from_json(read_json(path))]
    return [each.signed for each in read_register(path)]


def read_json(path: Path) -> Mapping[str, Any]:
    """What a shop answered. Raises VoucherError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise VoucherError(f"{path} is no JSON object: save what the shop answered, whole.")
    return found


def write_register(path: Path, registered: Iterable[Registered]) -> None:
    """Write a register so that a crash leaves the old one or the new one."""
    rows = (
        (
            each.signed.voucher.token,
            label_text(each.signed.voucher.campaign_id),
            each.signed.voucher.member,
            each.signed.voucher.number,
            "0x" + each.signed.voucher.action.hex(),
            inert(each.what),
            each.signed.voucher.deadline,
            each.signed.key,
            "0x" + each.signed.signature.hex(),
        )
        for each in registered
    )
    try:
        write_whole(path, to_csv(REGISTER, rows).encode())
    except OSError as error:
        raise VoucherError(f"{path} cannot be written ({error.strerror}): name another file.") from error


def numbered(
    actions: Sequence[Action], used: Mapping[tuple[str, bytes], int], taken: Iterable[tuple[str, int]]
) -> Iterator[tuple[Action, int]]:
    """The number of each action's voucher: that which it has, or the member's next that is free.

    `used` has the numbers that actions have by member and hash; `taken` those that may not be given again.
    """
    numbers: dict[str, set[int]] = defaultdict(set)
    for member, number in taken:
        numbers[member].add(number)
    for (member, _), number in used.items():
        numbers[member].add(number)
    for action in actions:
        theirs = numbers[action.member]
        free = next(number for number in range(len(theirs) + 1) if number not in theirs)
        number = used.get((action.member, action.hash), free)
        theirs.add(number)
        yield action, number


def parse_moment(text: str) -> int:
    """Seconds of a time that people or programs write, in UTC. Raises VoucherError."""
    stripped = text.strip()
    if stripped.isdecimal() and len(stripped) <= 12:
        return int(stripped)
    try:
        read = datetime.fromisoformat(stripped)
        return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise VoucherError(
            f'time {stripped!r} is none: write 2027-03-01 or "2027-03-01 18:30", in UTC'
        ) from None


# ---- within


class _Table:
    """A CSV file with a header, and what is wrong with it."""

    def __init__(self, path: Path, kind: str, needed: Sequence[str], optional: Sequence[str] = ()) -> None:
        self._source = f"{kind} {path}"
        self._needed, self._optional = tuple(needed), tuple(optional)
        self._problems: list[tuple[int, str]] = []
        try:
            self._text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise TableFileError(self._source, ["it is not UTF-8 text: save it as “CSV UTF-8”"]) from error
        except OSError as error:
            raise TableFileError(self._source, [f"it cannot be opened: {error.strerror}"]) from error

    def rows(self, read: Callable[[Mapping[str, str]], T]) -> Iterator[tuple[int, T]]:
        """Each row that can be read, with its line."""
        reader = csv.reader(self._text.splitlines(keepends=True), delimiter=self._delimiter(), strict=True)
        following = 1
        columns: list[str] | None = None
        try:
            for fields in reader:
                line, following = following, reader.line_num + 1
                if columns is None:
                    columns = self._header([field.strip().lower() for field in fields])
                    continue
                if not "".join(fields).strip():
                    continue
                if len(fields) != len(columns):
                    self.problem(line, f"there are {len(fields)} columns instead of {len(columns)}")
                    continue
                try:
                    yield line, read(dict(zip(columns, fields, strict=True)))
                except SymbolonError as error:
                    self.problem(line, str(error).rstrip("."))
        except csv.Error as error:
            self.problem(following, f"the quotes are not closed as CSV wants them ({error})")
        if columns is None:
            raise TableFileError(self._source, [f"it is empty: {self._wanted()}"])

    def problem(self, line: int, sentence: str) -> None:
        """Note what is wrong on a line."""
        self._problems.append((line, sentence))
        if len(self._problems) == MOST_PROBLEMS:
            self._refuse(more=True)

    def checked(self, found: list[T]) -> list[T]:
        """What was read, if nothing was wrong."""
        if self._problems:
            self._refuse(more=False)
        return found

    def _refuse(self, *, more: bool) -> None:
        problems = [f"line {line}: {sentence}" for line, sentence in sorted(self._problems)]
        raise TableFileError(self._source, problems, more=more)

    def _delimiter(self) -> str:
        first = self._text.partition("\n")[0]
        return max(DELIMITERS, key=first.count)

    def _header(self, columns: list[str]) -> list[str]:
        if wrong := wrong_columns(columns, self._needed, self._optional):
            raise TableFileError(self._source, [f"line 1: {wrong}: {self._wanted()}"])
        return columns

    def _wanted(self) -> str:
        also = f", and {', '.join(self._optional)} if known" if self._optional else ""
        return f"the columns are {', '.join(self._needed)}{also}"


def _address(text: str) -> str:
    return checksum_address(parse_address(text))


def _number(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 20:
        raise VoucherError(f"{text!r} is no whole number")
    return int(text)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        raise VoucherError(f"{text!r} is not hexadecimal digits") from None
