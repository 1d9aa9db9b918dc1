"""Points files: what customers earned in a period, checked whole before anything is made of it. Pure.

A points file is CSV with the header `member,amount`. A member is an Ethereum address, or whatever the brand
knows a customer by that has none: an e-mail address, the number of a card. These get a one-time key each,
derived from the brand's secret, and never leave the brand: what is published has the keys' addresses. Commas,
semicolons or tabs, quotes, a byte-order mark and any line ends are read; what is wrong is told line by line.
"""

from __future__ import annotations

import csv
import hmac
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import IO

from coincurve import PrivateKey

from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.customers import DELIMITERS, MOST_PROBLEMS
from symbolon.exceptions import AddressError, AmountError, CustomerFileError, SymbolonError
from symbolon.manifest import write_whole
from symbolon.merkle_sum import Leaf
from symbolon.units import UINT96_MAX, parse_amount

COLUMNS = ("member", "amount")
SECRET_BYTES = 32
_DOMAIN = b"symbolon one-time link 1"
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_LONGEST = 254  # the longest e-mail address


class SecretError(SymbolonError):
    """The secret that links come from is not there, or is none."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody whom the brand credits.

    Attributes:
        name: as the file has it: an address, an e-mail address, a card's number.
        account: the member's address as 20 bytes; None for a customer who gets a link.
        amount: base units.
        line: where it stands in the file.
    """

    name: str
    account: bytes | None
    amount: int
    line: int


def read_points(path: Path, decimals: int, *, token: str, merge_duplicates: bool = False) -> list[Customer]:
    """The customers in a points file whose amounts are of a token with that many decimals, in its order.

    merge_duplicates: add up the lines of a customer, instead of refusing them.
    Raises CustomerFileError with everything that is wrong, line by line.
    """
    source = f"Points file {path}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(file, source, decimals, parse_address(token), merge_duplicates)
    except UnicodeDecodeError as error:
        raise CustomerFileError(source, ["it is not UTF-8 text: save it as “CSV UTF-8”"]) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CustomerFileError(source, [f"it cannot be opened: {reason}"]) from error


class LinkKeys:
    """One-time keys of a period's customers: the same again for the same secret, period and customer."""

    def __init__(self, secret: bytes, list_id: bytes) -> None:
        self._secret = secret
        self._list_id = list_id

    def key(self, name: str) -> bytes:
        """A customer's private key, 32 bytes."""
        body = _DOMAIN + self._list_id + _known_as(name).encode()
        for attempt in range(256):  # all but never more than one: keys are a little fewer than 2**256
            key = hmac.digest(self._secret, body + bytes([attempt]), "sha256")
            if 0 < int.from_bytes(key) < _ORDER:
                return key
        raise AssertionError("unreachable")

    def address(self, name: str) -> bytes:
        """The address of that key, 20 bytes."""
        return address_of_key(self.key(name))


def address_of_key(key: bytes) -> bytes:
    """The address of a private key, 20 bytes."""
    return keccak(PrivateKey(key).public_key.format(compressed=False)[1:])[12:]


def leaves_of(customers: list[Customer], keys: LinkKeys | None) -> list[Leaf]:
    """What a tree credits customers, by ascending address, so that it says nothing of the file's order.

    Raises SecretError where somebody needs a link and there is no secret.
    """
    return sorted(_leaves(customers, keys))


def read_secret(path: Path, *, create: bool = False) -> bytes:
    """The secret in a file; a new one is made there where there is none, if `create`. Raises SecretError."""
    try:
        if create and not path.exists():
            write_whole(path, f"{secrets.token_hex(SECRET_BYTES)}\n".encode(), mode=0o600)
        found = bytes.fromhex(path.read_text(encoding="ascii").strip().removeprefix("0x"))
    except OSError as error:
        raise SecretError(f"The secret {path} cannot be used ({error.strerror}): check its name.") from error
    except ValueError:
        found = b""
    if len(found) != SECRET_BYTES:
        raise SecretError(f"{path} holds no secret: it needs 64 hexadecimal digits, and nothing else.")
    return found


def _leaves(customers: list[Customer], keys: LinkKeys | None) -> Iterator[Leaf]:
    for each in customers:
        if each.account is not None:
            yield Leaf(each.account, each.amount)
        elif keys is None:
            raise SecretError(
                f"Line {each.line} has no address, so this customer needs a link: name the file of the "
                "secret that links come from with --secret."
            )
        else:
            yield Leaf(keys.address(each.name), each.amount, True)


def _known_as(name: str) -> str:
    """The same for every way of writing a customer's name."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _read(file: IO[str], source: str, decimals: int, token: bytes, merge_duplicates: bool) -> list[Customer]:
    delimiter = _delimiter(file.readline(), source)
    amount_of = lru_cache(maxsize=65_536)(partial(parse_amount, decimals=decimals))  # amounts repeat
    found: dict[bytes | str, Customer] = {}
    problems: list[str] = []
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    line, total = 1, 0

    def problem(sentence: str) -> None:
        problems.append(f"line {line}: {sentence}")
        if len(problems) == MOST_PROBLEMS:
            raise CustomerFileError(source, problems, more=True)

    try:
        for fields in reader:
            line = reader.line_num + 1
            if not "".join(fields).strip():
                continue
            if len(fields) != len(COLUMNS):
                problem(f"there are {len(fields)} columns instead of 2 ({','.join(COLUMNS)})")
                continue
            try:
                account, amount = _account(fields[0], token), amount_of(fields[1])
            except (AddressError, AmountError) as error:
                problem(str(error))
                continue
            total += amount
            who = account or _known_as(fields[0])
            before = found.get(who)
            if before and not merge_duplicates:
                problem(f"member {fields[0].strip()} stands on line {before.line} already")
            elif before:
                found[who] = Customer(before.name, account, before.amount + amount, before.line)
            else:
                found[who] = Customer(fields[0].strip(), account, amount, line)
    except csv.Error as error:
        line += 1
        problem(f"the quotes are not closed as CSV wants them ({error})")
    if total > UINT96_MAX:
        problems.append("all amounts together are more than a token can have")
    if problems or not found:
        raise CustomerFileError(source, problems or ["there are no members in it"])
    return list(found.values())


def _account(text: str, token: bytes) -> bytes | None:
    """A member's address; None for a customer who is known by another name."""
    name = text.strip()
    if name[:2].lower() == "0x":
        account = parse_address(name)
        if not any(account):
            raise AddressError("member 0x0… is the zero address: nobody could ever use these tokens")
        if account == token:
            raise AddressError(
                f"member {checksum_address(account)} is the token itself: it cannot hold its own"
            )
        return account
    if not name:
        raise AddressError("member is missing: write an address, an e-mail address or the number of a card")
    if len(name) > _LONGEST or not name.isprintable():
        raise AddressError(f"member {name[:40]!r} is no name: at most {_LONGEST} letters, digits and signs")
    return None


def _delimiter(header: str, source: str) -> str:
    written = header.strip("\r\n")
    for delimiter in DELIMITERS:
        names = tuple(name.strip().strip('"').strip().lower() for name in written.split(delimiter))
        if names == COLUMNS:
            return delimiter
    must = f"the header must be {','.join(COLUMNS)}"
    shown = written[:60] or "empty"
    raise CustomerFileError(source, [f"line 1: {must}, and it is {shown}"])
