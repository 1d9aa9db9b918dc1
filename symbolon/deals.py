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
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import yaml

from symbolon.codes import LabelError, label_bytes
from symbolon.fields import (
    FOREVER,
    Fields,
    FileError,
    MistakeError,
    Problems,
    compose,
    either,
    name_of_bytes,
    one_of,
    read_address,
    read_days,
    read_file,
    read_moment,
    read_sequence,
    read_span,
    read_text,
    whole,
)
from symbolon.offers import Document
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
SECTIONS = ("rights", "groups", "bargains")
"""Where in a file what is."""

ReadAddress = Callable[[yaml.Node], str]

T = TypeVar("T")


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
    """The deals in a file. Raises FileError."""
    return parse(read_file(path), units, path.name, path.parent)


def parse(text: str, units: Units, source: str = "The file", folder: Path = Path()) -> Book:
    """The deals in a text; documents that it names are files in `folder`. Raises FileError."""
    problems: Problems = []
    top = Fields(compose(text, source), "the file", problems)
    book = read_book(top, units, folder, problems)
    top.close()
    if not problems and not any((book.rights, book.deals, book.listings)):
        problems.append((1, f"there is nothing here: write {either(SECTIONS)}"))
    if problems:
        raise FileError.of(source, problems)
    return book


def read_book(
    fields: Fields, units: Units, folder: Path, problems: Problems, address: ReadAddress = read_address
) -> Book:
    """The deals in the sections of some fields; `address` reads who is named in them."""
    items: dict[str, list[Fields]] = {}
    for section in SECTIONS:
        kind = section.removesuffix("s")
        nodes = fields.get(section, read_sequence, [])
        items[section] = [Fields(node, f"this {kind}", problems) for node in nodes]
    reader = Reader(units, folder, problems, address)
    return Book(
        read_items(items["rights"], reader.right),
        read_items(items["groups"], reader.deal),
        read_items(items["bargains"], reader.listing),
    )


class Reader:
    """Makes rights, deals and listings of fields, and what offers have in common with them."""

    def __init__(self, units: Units, folder: Path, problems: Problems, address: ReadAddress) -> None:
        self._units = units
        self._folder = folder
        self._problems = problems
        self._address = address

    def right(self, fields: Fields) -> Right:
        """A right."""
        return Right(
            name=fields.need("name", name_of_bytes(32)),
            document=self.document(fields),
            price=fields.get("price", self.tokens, 0),
            supply=fields.need("supply", whole(1, UINT32_MAX)),
            **read_window(fields),
        )

    def deal(self, fields: Fields) -> Deal:
        """A deal for groups."""
        tiers = fields.need("tiers", self._tiers) or ()
        mix, prices = self._mix(fields, [price for _, price in tiers])
        most = fields.need("most_seats", whole(1, UINT16_MAX))
        deal = Deal(
            name=fields.need("name", name_of_bytes(NAME_BYTES)),
            document=self.document(fields),
            mix=mix,
            tiers=tuple(Tier(seats, price) for (seats, _), price in zip(tiers, prices, strict=True)),
            most_seats=most,
            seat_limit=fields.get("seat_limit", whole(1, UINT16_MAX), 1),
            groups=fields.need("groups", whole(1, UINT32_MAX)),
            **read_window(fields),
            duration=fields.need("lasts", read_span),
            cutoff=fields.need("cutoff", read_span),
            delivery=self.delivery(fields),
            right=fields.get("right", _label, NO_RIGHT),
        )
        if fields.is_sound:
            _check_deal(deal, fields)
        return deal

    def listing(self, fields: Fields) -> Listing:
        """Something to bargain for."""
        is_cut = fields.need("kind", one_of("haggle", "cut")) == "cut"
        prices = [fields.need("price", self._price), fields.need("floor", self._price)]
        if is_cut:
            prices.append(fields.need("least_cut", self._price))
        mix, parts = self._mix(fields, prices) if fields.is_sound else (Mix(1, 0), [0, 0, 0])
        listing = Listing(
            name=fields.need("name", name_of_bytes(NAME_BYTES)),
            document=self.document(fields),
            mix=mix,
            price=parts[0],
            floor=parts[1],
            cuts=fields.need("cuts", whole(1, 255)) if is_cut else 0,
            least_cut=parts[2] if is_cut else 0,
            stock=fields.need("stock", whole(1, UINT32_MAX)),
            **read_window(fields),
            duration=fields.need("lasts", read_span),
            delivery=self.delivery(fields),
            right=fields.get("right", _label, NO_RIGHT),
            attester=fields.need("attester", self._address) if is_cut else NOBODY,
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
        for each in read_sequence(node):
            fields = Fields(each, "this tier", self._problems)
            tiers.append((fields.need("seats", whole(1, UINT16_MAX)), fields.need("price", self._price)))
            fields.close()
            is_sound &= fields.is_sound
        if not is_sound:
            raise MistakeError
        if not 1 <= len(tiers) <= TIERS:
            raise MistakeError(f"are {len(tiers)}: write 1 to {TIERS}")
        return tiers

    def _mix(self, fields: Fields, prices: list[Price]) -> tuple[Mix, list[int]]:
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
            return Price(self.tokens(node), 0)
        fields = Fields(node, "a price", self._problems)
        price = Price(fields.get("tokens", self.tokens, 0), fields.get("money", self.money, 0))
        fields.close()
        if not fields.is_sound:
            raise MistakeError
        if price == Price(0, 0):
            raise MistakeError("is nothing: write tokens, money or both")
        return price

    def tokens(self, node: yaml.Node) -> int:
        """An amount of the token, in base units."""
        return parse_amount(read_text(node), self._units.decimals)

    def money(self, node: yaml.Node) -> int:
        """An amount of the currency, in base units."""
        return parse_amount(read_text(node), self._units.money_decimals)

    def document(self, fields: Fields) -> Document:
        """What members read: a file, or what is written here."""
        uri = fields.get("document_uri", read_text, "")
        content = fields.get("document", self._content, None)
        title, about = fields.get("title", read_text, ""), fields.get("description", read_text, "")
        if content is not None:
            if title or about:
                fields.note("write either document, or title and description")
            return Document.of(content, uri)
        if not title and not fields.has("document"):
            fields.note("title is missing: say what members get, or name a document")
        text = json.dumps({"name": title, "description": about}, ensure_ascii=False)
        return Document.of(text.encode(), uri or f"data:application/json,{quote(text)}")

    def _content(self, node: yaml.Node) -> bytes:
        path = self._folder / read_text(node)
        try:
            return path.read_bytes()
        except OSError as error:
            raise MistakeError(f"{path} cannot be read ({error.strerror})") from error

    def delivery(self, fields: Fields) -> Delivery:
        """What is promised once something is bought."""
        days = fields.need("deliver_in", read_days)
        return Delivery(
            days,
            fields.get("stake", whole(0, STAKE_PERCENT), 0),
            fields.get("compensation", self.money, 0),
            fields.need("arbiter", self._address),
        )


def read_items(found: Sequence[Fields], make: Callable[[Fields], T]) -> tuple[T, ...]:
    """What each of several fields describes; no two of them have one name."""
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


def _check_deal(deal: Deal, fields: Fields) -> None:
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


def read_window(fields: Fields) -> dict[str, int]:
    """From when and until when something can be had."""
    opens_at, closes_at = fields.get("opens", read_moment, 0), fields.get("closes", read_moment, FOREVER)
    if opens_at >= closes_at:
        fields.note("closes is not after opens")
    return {"opens_at": opens_at, "closes_at": closes_at}


def _label(node: yaml.Node) -> bytes:
    try:
        return label_bytes(read_text(node))
    except LabelError as error:
        raise MistakeError(f"{read_text(node)!r} names no right ({error})") from error
