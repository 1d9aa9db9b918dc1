"""What brands offer to people who buy together or bargain, as they write it down in YAML. Pure: no chain.

    rights:
      - name: host                     # opens one group or bargain of each deal that asks for it
        title: Host a coffee group
        price: 50                      # in tokens, which burn; without it the right is only given away
        supply: 200
    groups:
      - name: coffee
        title: A kilo of house coffee
        tiers:                         # the more seats, the lower the price
          - {seats: 3, price: {tokens: 500, money: 9.00}}
          - {seats: 8, price: {tokens: 400, money: 7.20}}
        most_seats: 10
        groups: 50
        closes: 2027-06-01
        lasts: 3 days
        cutoff: 12 hours
        deliver_in: 10 days
        right: host
    bargains:
      - name: lamp
        kind: cut
        price: 800
        floor: 500
        cuts: 12
        least_cut: 5
        attester: 0x…                  # who vouches that friends are different people
        stock: 20
        …

A price is tokens, money (the token's settlement currency), or both in one proportion for the whole deal: the
*mix*. It is then counted in parts, each the smallest amounts of both that have that proportion, so that every
price, refund and stake is exact. Everything wrong with a file is told at once, a sentence and a line each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar, cast
from urllib.parse import quote

import yaml

from symbolon.addresses import checksum_address, parse_address
from symbolon.codes import LabelError, label_bytes
from symbolon.exceptions import SymbolonError
from symbolon.offers import FOREVER, Document
from symbolon.prices import Mix, MixError, Price, Units
from symbolon.units import UINT96_MAX, parse_amount

TIERS = 8
"""The most tiers that a deal can have."""

NAME_BYTES = 28
"""How long a deal's name can be: with the number of a group behind it, it fits 32 bytes."""

STAKE_PERCENT = 20
"""The most that a dispute may be made to cost."""

NOBODY = "0x" + "00" * 20
NO_RIGHT = bytes(32)
"""As the right that opens something: anybody may."""

UINT16_MAX, UINT32_MAX = 2**16 - 1, 2**32 - 1
MINUTE, HOUR, DAY = 60, 3_600, 86_400

_SPAN = re.compile(r"([0-9]{1,6}) *(minute|hour|day|week)s?")
_SECONDS = {"minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}
_WHOLE = re.compile(r"[0-9]{1,20}")
_SECTIONS = ("rights", "groups", "bargains")

T = TypeVar("T")
D = TypeVar("D")


class DealFileError(SymbolonError):
    """A file of deals cannot be used; `problems` holds one sentence for each thing to mend."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        listed = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{source} was not used and nothing was sent; mend it and run again:{listed}")


# ---- what there is


@dataclass(frozen=True)
class Delivery:
    """What happens after the price is fixed, as for offers to order.

    Attributes:
        days: that the brand has to deliver.
        stake_percent: what a dispute costs if it turns out wrong, in percent of the price.
        compensation: what a member gets for one unit if the brand fails, in currency base units.
        arbiter: who decides disputes.
    """

    days: int
    stake_percent: int
    compensation: int
    arbiter: str


@dataclass(frozen=True)
class Tier:
    """From so many seats on, each pays `price`, in parts."""

    seats: int
    price: int


@dataclass(frozen=True)
class Right:
    """Leave to open something: sold for tokens, which burn, or given away.

    Attributes:
        name: its id.
        document: what it is for.
        price: base units of the token; zero where it is only given away.
        supply: how many there can be.
        opens_at, closes_at: when it is sold, in seconds; the end is exclusive.
    """

    name: str
    document: Document
    price: int
    supply: int
    opens_at: int
    closes_at: int

    @property
    def id(self) -> bytes:
        """32 bytes, unique for the token."""
        return label_bytes(self.name)


@dataclass(frozen=True)
class Deal:
    """What people buy together.

    Attributes:
        name: its id.
        document: what is bought.
        mix: what a part of a price is.
        tiers: prices by seats: more seats, lower prices. The first one's seats make a group at all.
        most_seats: of a group, which closes when it is full.
        seat_limit: of one member in a group.
        groups: how many can be opened in all.
        opens_at, closes_at: when groups can be opened, in seconds; the end is exclusive.
        duration: how long a group is open, in seconds.
        cutoff: how long before its end nobody can leave any more, in seconds.
        delivery: what happens after it has come about.
        right: what opening a group takes; `NO_RIGHT` lets anybody.
    """

    name: str
    document: Document
    mix: Mix
    tiers: tuple[Tier, ...]
    most_seats: int
    seat_limit: int
    groups: int
    opens_at: int
    closes_at: int
    duration: int
    cutoff: int
    delivery: Delivery
    right: bytes

    @property
    def id(self) -> bytes:
        """32 bytes, of which the last four are zero."""
        return label_bytes(self.name)

    @property
    def least_seats(self) -> int:
        """Without so many, a group does not come about."""
        return self.tiers[0].seats


@dataclass(frozen=True)
class Listing:
    """What people bargain for: haggling with the brand, or having friends cut the price.

    Attributes:
        name: its id.
        document: what it is.
        mix: what a part of a price is.
        price: the list price of one, in parts.
        floor: the least bid, or the price after all cuts, in parts.
        cuts: how many friends can cut; zero for haggling.
        least_cut: what each takes off at least, in parts; zero for haggling.
        stock: how many bargains can be opened in all.
        opens_at, closes_at: when one can be opened, in seconds; the end is exclusive.
        duration: how long one is open, in seconds.
        delivery: what happens after it was struck.
        right: what opening one takes; `NO_RIGHT` lets anybody.
        attester: who vouches that each friend is another person; nobody for haggling.
    """

    name: str
    document: Document
    mix: Mix
    price: int
    floor: int
    cuts: int
    least_cut: int
    stock: int
    opens_at: int
    closes_at: int
    duration: int
    delivery: Delivery
    right: bytes
    attester: str

    @property
    def id(self) -> bytes:
        """32 bytes, of which the last four are zero."""
        return label_bytes(self.name)

    @property
    def is_cut(self) -> bool:
        """Whether friends cut its price."""
        return self.cuts != 0


@dataclass(frozen=True)
class Book:
    """Everything in a file, in its order."""

    rights: tuple[Right, ...]
    deals: tuple[Deal, ...]
    listings: tuple[Listing, ...]


# ---- reading it


def read(path: Path, units: Units) -> Book:
    """The deals in a file. Raises DealFileError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DealFileError(path.name, [f"it is no text that can be read ({error})"]) from error
    return parse(text, units, path.name, path.parent)


def parse(text: str, units: Units, source: str = "The file", folder: Path = Path()) -> Book:
    """The deals in a text; documents that it names are files in `folder`. Raises DealFileError."""
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        what = getattr(error, "problem", None) or "it is nested too deeply"
        raise DealFileError(source, [f"{where}this is no YAML ({what})"]) from error
    problems: list[tuple[int, str]] = []
    top = _Fields(root, "the file", problems)
    items: dict[str, list[_Fields]] = {}
    for section in _SECTIONS:
        kind = section.removesuffix("s")
        nodes = top.get(section, _sequence, [])
        items[section] = [_Fields(node, f"this {kind}", problems) for node in nodes]
    top.close()
    if not problems and not any(items.values()):
        problems.append((1, f"there is nothing here: write {_either(_SECTIONS)}"))
    reader = _Reader(units, folder, problems)
    book = Book(
        _items(items["rights"], reader.right),
        _items(items["groups"], reader.deal),
        _items(items["bargains"], reader.listing),
    )
    if problems:
        raise DealFileError(source, [f"line {line}: {problem}" for line, problem in sorted(problems)])
    return book


class _MistakeError(Exception):
    """What is wrong with a value, to be told after its name; nothing where it was told already."""


class _Fields:
    """A mapping of the file. What is wrong with a field is noted, and then its value means nothing."""

    def __init__(self, node: yaml.Node | None, what: str, problems: list[tuple[int, str]]) -> None:
        self._what = what
        self._problems = problems
        self._line = _line(node)
        self._known: list[str] = []
        self._nodes: dict[str, yaml.Node] = {}
        self.is_sound = True
        if node is not None and not isinstance(node, yaml.MappingNode):
            self.note(f"{what} is no list of fields: write each as `name: value`")
            return
        for key, value in node.value if node is not None else ():
            name = _text(key) if isinstance(key, yaml.ScalarNode) else "?"
            if name in self._nodes:
                self.note(f"{name} is there twice: keep one", key)
            self._nodes[name] = value

    def note(self, problem: str, node: yaml.Node | None = None) -> None:
        """Note what is wrong, and where."""
        self._problems.append((_line(node) if node else self._line, problem))
        self.is_sound = False

    def need(self, name: str, value: Callable[[yaml.Node], T]) -> T:
        """A field that must be there."""
        if name not in self._nodes:
            self.note(f"{self._what} needs {name}")
        return cast("T", self.get(name, value, None))

    def get(self, name: str, value: Callable[[yaml.Node], T], default: D) -> T | D:
        """A field, or `default` where it is not there."""
        self._known.append(name)
        node = self._nodes.get(name)
        if node is None:
            return default
        try:
            return value(node)
        except _MistakeError as mistake:
            self.is_sound = False
            if str(mistake):
                self.note(f"{name} {mistake}", node)
        except SymbolonError as error:
            self.note(f"{name}: {str(error).rstrip('.')}", node)
        return default

    def close(self) -> None:
        """Note fields that nothing asked for."""
        for name, node in self._nodes.items():
            if name not in self._known:
                meant = get_close_matches(name, self._known, 1)
                hint = f"did you mean {meant[0]}?" if meant else f"write {_either(self._known)}"
                self.note(f"{self._what} has no field {name!r}: {hint}", node)


class _Reader:
    """Makes rights, deals and listings of fields."""

    def __init__(self, units: Units, folder: Path, problems: list[tuple[int, str]]) -> None:
        self._units = units
        self._folder = folder
        self._problems = problems

    def right(self, fields: _Fields) -> Right:
        return Right(
            name=fields.need("name", _name(32)),
            document=self._document(fields),
            price=fields.get("price", self._tokens, 0),
            supply=fields.need("supply", _whole(1, UINT32_MAX)),
            **_window(fields),
        )

    def deal(self, fields: _Fields) -> Deal:
        tiers = fields.need("tiers", self._tiers) or ()
        mix, prices = self._mix(fields, [price for _, price in tiers])
        most = fields.need("most_seats", _whole(1, UINT16_MAX))
        deal = Deal(
            name=fields.need("name", _name(NAME_BYTES)),
            document=self._document(fields),
            mix=mix,
            tiers=tuple(Tier(seats, price) for (seats, _), price in zip(tiers, prices, strict=True)),
            most_seats=most,
            seat_limit=fields.get("seat_limit", _whole(1, UINT16_MAX), 1),
            groups=fields.need("groups", _whole(1, UINT32_MAX)),
            **_window(fields),
            duration=fields.need("lasts", _span),
            cutoff=fields.need("cutoff", _span),
            delivery=self._delivery(fields),
            right=fields.get("right", _label, NO_RIGHT),
        )
        if fields.is_sound:
            _check_deal(deal, fields)
        return deal

    def listing(self, fields: _Fields) -> Listing:
        is_cut = fields.need("kind", _one_of("haggle", "cut")) == "cut"
        prices = [fields.need("price", self._price), fields.need("floor", self._price)]
        if is_cut:
            prices.append(fields.need("least_cut", self._price))
        mix, parts = self._mix(fields, prices) if fields.is_sound else (Mix(1, 0), [0, 0, 0])
        listing = Listing(
            name=fields.need("name", _name(NAME_BYTES)),
            document=self._document(fields),
            mix=mix,
            price=parts[0],
            floor=parts[1],
            cuts=fields.need("cuts", _whole(1, 255)) if is_cut else 0,
            least_cut=parts[2] if is_cut else 0,
            stock=fields.need("stock", _whole(1, UINT32_MAX)),
            **_window(fields),
            duration=fields.need("lasts", _span),
            delivery=self._delivery(fields),
            right=fields.get("right", _label, NO_RIGHT),
            attester=fields.need("attester", _address) if is_cut else NOBODY,
        )
        if fields.is_sound and listing.floor >= listing.price:
            fields.note("floor is not below price: there would be nothing to bargain for")
        elif fields.is_sound and listing.cuts * listing.least_cut > listing.price - listing.floor:
            fields.note(
                "price less floor is too little for so many cuts of least_cut: take fewer, or a smaller one"
            )
        return listing

    # ---- values

    def _tiers(self, node: yaml.Node) -> list[tuple[int, Price]]:
        tiers, is_sound = [], True
        for each in _sequence(node):
            fields = _Fields(each, "this tier", self._problems)
            tiers.append((fields.need("seats", _whole(1, UINT16_MAX)), fields.need("price", self._price)))
            fields.close()
            is_sound &= fields.is_sound
        if not is_sound:
            raise _MistakeError
        if not 1 <= len(tiers) <= TIERS:
            raise _MistakeError(f"are {len(tiers)}: write 1 to {TIERS}")
        return tiers

    def _mix(self, fields: _Fields, prices: list[Price]) -> tuple[Mix, list[int]]:
        if not prices:
            return Mix(1, 0), []
        try:
            mix = Mix.of(prices)
        except MixError as error:
            fields.note(f"{error}: make money the same share of each")
            return Mix(1, 0), [0] * len(prices)
        return mix, [mix.parts(price) for price in prices]

    def _price(self, node: yaml.Node) -> Price:
        if isinstance(node, yaml.ScalarNode):
            return Price(self._tokens(node), 0)
        fields = _Fields(node, "a price", self._problems)
        price = Price(fields.get("tokens", self._tokens, 0), fields.get("money", self._money, 0))
        fields.close()
        if not fields.is_sound:
            raise _MistakeError
        if price == Price(0, 0):
            raise _MistakeError("is nothing: write tokens, money or both")
        return price

    def _tokens(self, node: yaml.Node) -> int:
        return parse_amount(_text(node), self._units.decimals)

    def _money(self, node: yaml.Node) -> int:
        return parse_amount(_text(node), self._units.money_decimals)

    def _document(self, fields: _Fields) -> Document:
        """What members read: a file, or what is written here."""
        uri = fields.get("document_uri", _text, "")
        content = fields.get("document", self._content, None)
        title, about = fields.get("title", _text, ""), fields.get("description", _text, "")
        if content is not None:
            if title or about:
                fields.note("write either document, or title and description")
            return Document.of(content, uri)
        if not title:
            fields.note("title is missing: say what members get, or name a document")
        text = json.dumps({"name": title, "description": about}, ensure_ascii=False)
        return Document.of(text.encode(), uri or f"data:application/json,{quote(text)}")

    def _content(self, node: yaml.Node) -> bytes:
        path = self._folder / _text(node)
        try:
            return path.read_bytes()
        except OSError as error:
            raise _MistakeError(f"{path} cannot be read ({error.strerror})") from error

    def _delivery(self, fields: _Fields) -> Delivery:
        days = fields.need("deliver_in", _days)
        return Delivery(
            days,
            fields.get("stake", _whole(0, STAKE_PERCENT), 0),
            fields.get("compensation", self._money, 0),
            fields.need("arbiter", _address),
        )


def _items(found: Sequence[_Fields], make: Callable[[_Fields], T]) -> tuple[T, ...]:
    made: list[T] = []
    names: set[object] = set()
    for fields in found:
        if not fields.is_sound:
            continue
        item = make(fields)
        fields.close()
        name = getattr(item, "name", None)
        if name in names:
            fields.note(f"the name {name!r} is taken by another in this file: choose another one")
        names.add(name)
        made.append(item)
    return tuple(made)


def _check_deal(deal: Deal, fields: _Fields) -> None:
    for lower, higher in zip(deal.tiers, deal.tiers[1:], strict=False):
        if higher.seats <= lower.seats:
            fields.note(f"seats must rise from tier to tier: {higher.seats} follows {lower.seats}")
        if higher.price >= lower.price:
            fields.note(f"prices must fall from tier to tier: that for {higher.seats} seats does not")
    if deal.tiers[-1].seats > deal.most_seats:
        fields.note(
            f"the last tier's {deal.tiers[-1].seats} seats are more than most_seats {deal.most_seats}"
        )
    if deal.seat_limit > deal.most_seats:
        fields.note(f"seat_limit {deal.seat_limit} is more than most_seats {deal.most_seats}")
    if not deal.cutoff:
        fields.note("cutoff 0: members could leave in the last second and let others' groups fail")
    if deal.cutoff > deal.duration:
        fields.note("cutoff is longer than lasts: nobody could ever leave")
    if deal.tiers[0].price * deal.seat_limit * max(astuple(deal.mix)) > UINT96_MAX:
        fields.note("the first tier's price is too large: take a smaller one, or a smaller seat_limit")


def _window(fields: _Fields) -> dict[str, int]:
    opens_at, closes_at = fields.get("opens", _moment, 0), fields.get("closes", _moment, FOREVER)
    if opens_at >= closes_at:
        fields.note("closes is not after opens")
    return {"opens_at": opens_at, "closes_at": closes_at}


def _line(node: yaml.Node | None) -> int:
    return int(node.start_mark.line) + 1 if node is not None else 1


def _sequence(node: yaml.Node) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise _MistakeError("is no list: begin each with a dash")
    return list(node.value)


def _text(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        raise _MistakeError("is empty: write one value")
    return str(node.value).strip()


def _whole(least: int, most: int) -> Callable[[yaml.Node], int]:
    def read(node: yaml.Node) -> int:
        text = _text(node)
        if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise _MistakeError(f"{text} is no whole number from {least} to {most}")
        return int(text)

    return read


def _one_of(*choices: str) -> Callable[[yaml.Node], str]:
    def read(node: yaml.Node) -> str:
        if (text := _text(node)) not in choices:
            raise _MistakeError(f"{text} is neither: write {_either(choices)}")
        return text

    return read


def _name(longest: int) -> Callable[[yaml.Node], str]:
    def read(node: yaml.Node) -> str:
        text = _text(node)
        if len(text.encode()) > longest or not text.isprintable() or "/" in text:
            raise _MistakeError(f"{text!r} is none: write 1 to {longest} letters, digits or signs but /")
        return text

    return read


def _label(node: yaml.Node) -> bytes:
    try:
        return label_bytes(_text(node))
    except LabelError as error:
        raise _MistakeError(f"{_text(node)!r} names no right ({error})") from error


def _address(node: yaml.Node) -> str:
    return checksum_address(parse_address(_text(node)))


def _span(node: yaml.Node) -> int:
    match = _SPAN.fullmatch(text := _text(node))
    if match is None:
        raise _MistakeError(f"{text} is no time: write 3 days, 12 hours or 90 minutes")
    return int(match[1]) * _SECONDS[match[2]]


def _days(node: yaml.Node) -> int:
    seconds = _span(node)
    if seconds % DAY or not 1 <= seconds // DAY <= 255:
        raise _MistakeError(f"{_text(node)} is not from 1 to 255 days")
    return seconds // DAY


def _moment(node: yaml.Node) -> int:
    try:
        read = datetime.fromisoformat(_text(node))
        seconds = int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise _MistakeError(
            f"{_text(node)} is no time: write 2027-03-01 or 2027-03-01 18:30, in UTC"
        ) from None
    return min(max(seconds, 0), FOREVER)


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
