"""Customer files: who is to receive how much, checked whole before anything is sent.

A customer file is CSV with the header `address,amount`, or `address,amount,reference` where a third column of
the brand's own is to come back in the receipt file. Commas, semicolons or tabs, quotes, a byte-order mark and
any line ends are read; what is wrong is told line by line, up to `MOST_PROBLEMS` at once.

Rows are kept packed, 32 bytes each (20 of address, 12 of amount in base units), so that five million of them
take 160 MB.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import IO, NoReturn

import numpy as np
import numpy.typing as npt

from symbolon.addresses import checksum_address, checksum_addresses, parse_address
from symbolon.exceptions import AddressError, AmountError, CustomerFileError, SymbolonError
from symbolon.tables import wrong_columns
from symbolon.units import UINT96_MAX, parse_amount

COLUMNS = ("address", "amount")
REFERENCE = "reference"
MOST_PROBLEMS = 20
ROW_BYTES = 32
ADDRESS_BYTES = 20
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Customers:
    """The rows of a customer file, in its order.

    rows: 32 bytes each, 20 of address and 12 of amount in base units, big-endian; addresses are distinct.
    lines: the line of the file each row stands on (of merged rows, the first).
    references: the brand's own third column, or None where the file has none.
    """

    rows: bytes
    lines: array[int]
    references: list[str] | None = None

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Address, as EIP-55 writes it, and amount in base units of each row."""
        return zip(checksum_addresses(row_addresses(self.rows)), row_amounts(self.rows), strict=True)

    @property
    def total(self) -> int:
        """All amounts together, in base units."""
        return total_amount(self.rows)


def row_addresses(rows: bytes) -> bytes:
    """The addresses of packed rows, 20 bytes each."""
    return np.frombuffer(rows, dtype=np.uint8).reshape(-1, ROW_BYTES)[:, :ADDRESS_BYTES].tobytes()


def row_amounts(rows: bytes) -> list[int]:
    """The amount of each packed row, in base units."""
    return [int.from_bytes(rows[at + 20 : at + 32]) for at in range(0, len(rows), ROW_BYTES)]


def total_amount(rows: bytes) -> int:
    """The amounts of packed rows together, in base units."""
    words = np.frombuffer(rows, dtype=">u4").reshape(-1, ROW_BYTES // 4)[:, ADDRESS_BYTES // 4 :]
    high, middle, low = words.sum(axis=0, dtype=np.uint64).tolist()
    return (int(high) << 64) + (int(middle) << 32) + int(low)


def address_order(rows: bytes) -> npt.NDArray[np.int64]:
    """Positions of the packed rows by ascending address; equal addresses keep their order."""
    table = np.frombuffer(rows, dtype=np.uint8).reshape(-1, ROW_BYTES)
    high, middle = (
        np.ascontiguousarray(table[:, at : at + 8]).view(">u8").ravel().astype(np.uint64) for at in (0, 8)
    )
    low = np.ascontiguousarray(table[:, 16:20]).view(">u4").ravel().astype(np.uint32)
    order: npt.NDArray[np.int64] = np.lexsort((low, middle, high)).astype(np.int64)
    return order


def read_customers(
    path: Path, decimals: int, *, token: str | None = None, merge_duplicates: bool = False
) -> Customers:
    """Read a customer file whose amounts are of a token with that many decimals.

    token: the token's own address, which cannot receive. merge_duplicates: add up the amounts of an address
    that stands on several lines, instead of refusing them.
    Raises CustomerFileError with everything that is wrong, line by line.
    """
    source = f"Customer file {path}"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(file, source, decimals, token, merge_duplicates)
    except UnicodeDecodeError as error:
        raise CustomerFileError(source, ["it is not UTF-8 text: save it as “CSV UTF-8”"]) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CustomerFileError(source, [f"it cannot be opened: {reason}"]) from error


def customers_from(
    pairs: Iterable[tuple[str, int]], *, token: str | None = None, merge_duplicates: bool = False
) -> Customers:
    """Customers from pairs of address and amount in base units, held to the same rules as a file.

    The first pair counts as line 1. Raises CustomerFileError.
    """
    collector = _Collector("The list of customers", token)
    for line, (address, amount) in enumerate(pairs, start=1):
        try:
            if not 0 < amount <= UINT96_MAX:
                raise AmountError(f"amount {amount} is not between 1 and {UINT96_MAX}")
            collector.add(line, parse_address(address), amount)
        except (AddressError, AmountError) as error:
            collector.problem(line, str(error))
    return collector.customers(merge_duplicates)


def _read(file: IO[str], source: str, decimals: int, token: str | None, merge_duplicates: bool) -> Customers:
    delimiter, names = _read_header(file.readline(), source)
    collector = _Collector(source, token, with_references=REFERENCE in names)
    amount_of = lru_cache(maxsize=65_536)(partial(parse_amount, decimals=decimals))  # amounts repeat
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    following = 2
    try:
        for fields in reader:
            line, following = following, reader.line_num + 2
            if not "".join(fields).strip():
                continue  # an empty line is no customer
            if len(fields) != len(names):
                columns = f"{len(fields)} column{'' if len(fields) == 1 else 's'}"
                collector.problem(line, f"there are {columns} instead of {len(names)} ({','.join(names)})")
                continue
            try:
                collector.add(line, parse_address(fields[0]), amount_of(fields[1]), *fields[2:])
            except (AddressError, AmountError):
                collector.problems_of(line, (parse_address, fields[0]), (amount_of, fields[1]))
    except csv.Error as error:
        collector.problem(following, f"the quotes are not closed as CSV wants them ({error})")
    return collector.customers(merge_duplicates)


def _read_header(header: str, source: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter and the columns that the first line names; CustomerFileError where they are not ours."""
    wanted = (COLUMNS, (*COLUMNS, REFERENCE))
    written = header.strip("\r\n")
    if not written.strip():
        empty = "it is empty" if not header else "its first line is empty"
        raise CustomerFileError(source, [f"{empty}: write the header {','.join(COLUMNS)} and a line each"])
    splits = {
        delimiter: tuple(name.strip().strip('"').strip().lower() for name in written.split(delimiter))
        for delimiter in DELIMITERS
    }
    for delimiter, names in splits.items():
        if names in wanted:
            return delimiter, names
    names = max(splits.values(), key=len)
    raise CustomerFileError(source, [f"line 1: {_why_not_header(names)}"])


def _why_not_header(names: tuple[str, ...]) -> str:
    must = f"the header must be {','.join(COLUMNS)}, or {','.join((*COLUMNS, REFERENCE))}"
    if names[0].startswith("0x"):
        return f"there is no header: {must}"
    if wrong := wrong_columns(names, COLUMNS, (REFERENCE,)):
        return f"{wrong} (found {','.join(names)}): {must}"
    return f"the columns are in the order {','.join(names)}: {must}"


class _Collector:
    """Packs good rows and gathers what is wrong with the others."""

    def __init__(self, source: str, token: str | None, *, with_references: bool = False) -> None:
        self._source = source
        self._refused = {bytes(20): "is the zero address: nobody could ever use these tokens"}
        if token is not None:
            self._refused[parse_address(token)] = "is the token itself: it cannot hold its own tokens"
        self._rows = bytearray()
        self._lines = array("I")
        self._references: list[str] | None = [] if with_references else None
        self._problems: list[tuple[int, str]] = []

    def add(self, line: int, address: bytes, amount: int, reference: str = "") -> None:
        """Take one row."""
        if address in self._refused:
            self.problem(line, f"address {checksum_address(address)} {self._refused[address]}")
            return
        self._rows += address + amount.to_bytes(12)
        self._lines.append(line)
        if self._references is not None:
            self._references.append(reference.strip())

    def problem(self, line: int, sentence: str) -> None:
        """Note what is wrong on a line; raises CustomerFileError once there is enough to mend."""
        self._problems.append((line, sentence))
        if len(self._problems) == MOST_PROBLEMS:
            self._refuse(more=True)

    def problems_of(self, line: int, *fields: tuple[Callable[[str], object], str]) -> None:
        """Note the problem of each field of a line, given as how to read it and its text."""
        for read, text in fields:
            try:
                read(text)
            except SymbolonError as error:
                self.problem(line, str(error))

    def customers(self, merge_duplicates: bool) -> Customers:
        """All rows, when nothing was wrong; CustomerFileError otherwise."""
        rows = bytes(self._rows)
        self._rows.clear()
        if not rows:
            self._refuse(more=False)
        order = address_order(rows)
        repeats = _repeats(rows, order)
        if repeats and merge_duplicates:
            rows = self._merge(rows, repeats)
        elif repeats:
            self._note_duplicates(rows, repeats)
        if self._problems:
            self._refuse(more=False)
        if total_amount(rows) > UINT96_MAX:
            raise CustomerFileError(self._source, ["all amounts together are more than a token can have"])
        return Customers(rows, self._lines, self._references)

    def _note_duplicates(self, rows: bytes, repeats: Mapping[int, int]) -> None:
        for again, first in sorted(repeats.items()):
            address = checksum_address(_address_at(rows, again))
            self.problem(self._lines[again], f"address {address} stands on line {self._lines[first]} already")

    def _merge(self, rows: bytes, repeats: Mapping[int, int]) -> bytes:
        amounts = row_amounts(rows)
        for again, first in repeats.items():
            amounts[first] += amounts[again]
            if amounts[first] > UINT96_MAX:
                most = "its lines together are more than a token can have"
                self.problem(self._lines[first], most)
                return rows
        kept = [at for at in range(len(self._lines)) if at not in repeats]
        self._lines = array("I", (self._lines[at] for at in kept))
        if self._references is not None:
            self._references = [self._references[at] for at in kept]
        return b"".join(_address_at(rows, at) + amounts[at].to_bytes(12) for at in kept)

    def _refuse(self, *, more: bool) -> NoReturn:
        problems = [f"line {line}: {sentence}" for line, sentence in sorted(self._problems)]
        raise CustomerFileError(self._source, problems or ["there are no customers in it"], more=more)


def _address_at(rows: bytes, at: int) -> bytes:
    return rows[at * ROW_BYTES : at * ROW_BYTES + ADDRESS_BYTES]


def _repeats(rows: bytes, order: npt.NDArray[np.int64]) -> dict[int, int]:
    """Position of each row whose address came before, to the position where it came first."""
    table = np.frombuffer(rows, dtype=np.uint8).reshape(-1, ROW_BYTES)[order, :ADDRESS_BYTES]
    same = np.flatnonzero((table[1:] == table[:-1]).all(axis=1)) + 1
    repeats: dict[int, int] = {}
    for at in same.tolist():
        before = int(order[at - 1])
        repeats[int(order[at])] = repeats.get(before, before)
    return repeats
