"""What plans are made of: what a file describes, what differs on the chain, and acts that mend it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import yaml

from symbolon import calls
from symbolon.addresses import checksum_address, keccak, parse_address
from symbolon.calls import Draft
from symbolon.exceptions import SymbolonError
from symbolon.fields import Fields, MistakeError, Problems, either, read_text
from symbolon.units import format_amount

if TYPE_CHECKING:
    from symbolon.alliance import Alliance
    from symbolon.brands import Brand
    from symbolon.planning.kinds.brand import BrandSpec
    from symbolon.planning.kinds.token import TokenSpec
    from symbolon.tokens import Token


class Mark(StrEnum):
    """What is said of a difference, in the sign that it is shown with."""

    CREATE = "+"
    CHANGE = "~"
    FIXED = "!"  # it differs and no act of ours can mend it
    WAITS = "…"
    DRIFT = "?"  # it is on the chain and not in the file


class Stage(IntEnum):
    """The order of acts: what a stage needs was done in those before it."""

    LIST = 0
    REGISTER = 1
    ADMIT = 2
    BRAND = 3
    BOND = 4
    POOL = 5
    JOIN = 6
    CAMPAIGN = 7
    FUND = 8


class Money(Protocol):
    """A settlement currency."""

    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def symbol(self) -> str: ...  # noqa: D102
    @property
    def decimals(self) -> int: ...  # noqa: D102


MoneyAt = Callable[[str | None], Money]
"""Looks up the currency at an address, or the only one that is listed. Raises SymbolonError."""


@dataclass(frozen=True)
class Account:
    """Who signs, or is given something: an address and what the file calls it."""

    name: str
    address: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Act:
    """One transaction that brings the chain nearer to the file.

    Attributes:
        subject: what it is about, such as "bakery token".
        text: what it does.
        mark: whether something is created or changed.
        stage: when it comes.
        signer: who has to sign it.
        call: what is sent.
    """

    subject: str
    text: str
    mark: Mark
    stage: Stage
    signer: Account
    call: Draft

    @property
    def key(self) -> str:
        """Names it: the same act has the same key whenever it is planned."""
        digest = keccak(parse_address(self.call.to) + self.call.data)[:6].hex()
        return f"{self.subject}: {self.call.what} {digest}"


@dataclass(frozen=True)
class Note:
    """A difference that no act answers, and why; `line` is where the file speaks of it, 0 if nowhere."""

    subject: str
    text: str
    mark: Mark
    line: int = 0


Difference = Act | Note


class Resource(ABC):
    """Something that a file describes; `line` is where."""

    line: int

    @property
    @abstractmethod
    def subject(self) -> str:
        """What it is called in plans."""

    @abstractmethod
    def compare(self, world: World) -> Iterator[Difference]:
        """What differs on the chain, acts in the order in which they are to be done."""

    def acts(self, world: World) -> list[Act]:
        """Of what differs, what can be done about it."""
        return [each for each in self.compare(world) if isinstance(each, Act)]

    # ---- for those who compare

    def create(self, stage: Stage, signer: Account, text: str, call: Draft) -> Act:
        """An act that makes something."""
        return Act(self.subject, text, Mark.CREATE, stage, signer, call)

    def change(self, stage: Stage, signer: Account, text: str, call: Draft) -> Act:
        """An act that changes something."""
        return Act(self.subject, text, Mark.CHANGE, stage, signer, call)

    def fixed(self, text: str, line: int = 0) -> Note:
        """Something that cannot be changed, and why."""
        return Note(self.subject, text, Mark.FIXED, line or self.line)

    def waits(self, text: str) -> Note:
        """Something that is under way and takes time."""
        return Note(self.subject, text, Mark.WAITS)

    def drift(self, text: str) -> Note:
        """Something on the chain that the file does not know."""
        return Note(self.subject, text, Mark.DRIFT)


class World:
    """The alliance as it is on the chain, for one comparison, with what several kinds ask looked up once."""

    def __init__(self, alliance: Alliance) -> None:
        self.alliance = alliance
        self._brands: dict[str, Brand] = {}
        self._tokens: dict[str, tuple[Token, bool]] = {}

    @cached_property
    def now(self) -> int:
        """The chain's clock, in seconds."""
        return calls.now()

    def brand(self, spec: BrandSpec) -> Brand:
        """The brand that a file describes, whether it is there or not."""
        if spec.label not in self._brands:
            self._brands[spec.label] = self.alliance.brands.of(spec.founder.address, spec.label)
        return self._brands[spec.label]

    def token(self, spec: TokenSpec) -> tuple[Token, bool]:
        """The token that a file describes, where it is or will be; and whether it is there."""
        if spec.symbol not in self._tokens:
            brand = self.brand(spec.brand)
            found = [each for each in brand.tokens() if each.symbol == spec.symbol]
            foreseen = self.alliance.tokens.foreseen
            self._tokens[spec.symbol] = (
                (found[0], True)
                if found
                else (
                    foreseen(spec.brand.admin.address, brand.id, spec.name, spec.symbol, spec.decimals),
                    False,
                )
            )
        return self._tokens[spec.symbol]


@dataclass
class Reading:
    """What those need who read a file: where it lies, what it calls accounts, and what was read before.

    Attributes:
        folder: of the file; documents that it names are looked up there.
        problems: what is wrong so far.
        money: looks currencies up.
        accounts: by the names that the file gives them.
        alliance: who acts for the alliance, if the file says it.
        tokens: that the file describes, by symbol; None where something about one is wrong.
    """

    folder: Path
    problems: Problems
    money: MoneyAt
    accounts: dict[str, Account] = field(default_factory=dict)
    alliance: Account | None = None
    tokens: dict[str, TokenSpec | None] = field(default_factory=dict)

    def account(self, node: yaml.Node) -> Account:
        """An account by its name or its address."""
        return self.named(read_text(node))

    def named(self, text: str) -> Account:
        """The same of a text. Raises SymbolonError."""
        if text in self.accounts:
            return self.accounts[text]
        if not text.startswith("0x"):
            known = f"write {either(self.accounts)}, or an address" if self.accounts else "write an address"
            raise SymbolonError(f"{text} is no name among the accounts: {known}")
        address = checksum_address(parse_address(text))
        names = (each for each in self.accounts.values() if each.address == address)
        return next(names, Account(address, address))

    def address(self, node: yaml.Node) -> str:
        """The address of an account by its name or its address."""
        return self.account(node).address

    def currency(self, fields: Fields) -> Money | None:
        """The currency that some fields name, or the only one that is listed; None where there is none."""
        account = fields.get("currency", self.address, None)
        if not fields.is_sound:
            return None
        try:
            return self.money(account)
        except SymbolonError as error:
            fields.note(f"currency: {str(error).rstrip('.')}")
            return None

    def content(self, node: yaml.Node) -> bytes:
        """What is in a file that the file names."""
        path = self.folder / read_text(node)
        try:
            return path.read_bytes()
        except OSError as error:
            raise MistakeError(f"{path} cannot be read ({error.strerror})") from error


def in_words(amount: int, decimals: int, symbol: str) -> str:
    """An amount with separators, such as 1,000,000.5 BAKE."""
    whole, point, rest = format_amount(amount, decimals).partition(".")
    return f"{int(whole):,}{point}{rest} {symbol}"


def listed(words: Iterable[str]) -> str:
    """Words with commas between."""
    return ", ".join(words)
