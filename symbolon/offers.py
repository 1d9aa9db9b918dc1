"""Offers: what brands give for their tokens, on top of shop credit at par.

croissant = alliance.offers.create(token, "croissant", Conditions(...), Document.of(text), sender=brand)
change = alliance.offers.change(token, "croissant", replace(croissant.conditions, price=200), sender=brand)
print(change)  # Better, and in force: the price falls from 2.5 to 2 BAKE.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Any

from eth_utils.crypto import keccak

from symbolon import calls
from symbolon.brands import NOBODY
from symbolon.calls import AccountLike, address_of
from symbolon.codes import id_of, label_text
from symbolon.deployment import contract_at
from symbolon.exceptions import SymbolonError
from symbolon.fields import FOREVER
from symbolon.reverts import moment
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

NO_LIMIT = 2**32 - 1
"""As a member limit: none."""

_PAGE = 50  # offers of each desk in one read


class NoOfferError(SymbolonError):
    """The token has no such offer."""


class NameTakenError(SymbolonError):
    """The token has such an offer already."""


@dataclass(frozen=True)
class Conditions:
    """What machines can read of an offer.

    Attributes:
        price: base units for one unit of it.
        stock: units that there are in all, over its life.
        member_limit: units that one member can get; `NO_LIMIT` is none, and members are not counted.
        opens_at: from when, inclusive, in seconds.
        closes_at: until when, exclusive, in seconds; `FOREVER` is for good.
        fulfil_days: how many days the brand has to deliver; zero where goods are handed over at once, and
            then the rest is zero as well.
        stake_percent: what disputing a delivery costs if it turns out wrong, in percent of the price.
        compensation: what a member gets for one unit if the brand fails, in currency base units.
        arbiter: who decides disputes.
    """

    price: int
    stock: int
    member_limit: int
    opens_at: int
    closes_at: int
    fulfil_days: int = 0
    stake_percent: int = 0
    compensation: int = 0
    arbiter: str = NOBODY


@dataclass(frozen=True)
class Document:
    """The document that describes an offer to people.

    Attributes:
        hash: its keccak256.
        uri: where it is.
    """

    hash: bytes
    uri: str = ""

    @classmethod
    def of(cls, content: bytes, uri: str = "") -> Document:
        """The document with that content."""
        return cls(keccak(content), uri)


@dataclass(frozen=True)
class Offer:
    """An offer as it was when it was read.

    Attributes:
        id: 32 bytes, unique for the token.
        desk: the contract that it is kept in: the token's redemption desk, or the one that takes orders.
        version: counts the changes that took effect, from 1.
        worsened_version: the version in which the latest worsening took effect; 1 if none has.
        sold: units redeemed so far.
        conditions, document: in force.
        pending, pending_document: what was announced for `change_at`, or None.
        change_at: when it takes effect, in seconds; 0 if nothing was.
    """

    id: bytes
    desk: str
    version: int
    worsened_version: int
    sold: int
    conditions: Conditions
    document: Document
    pending: Conditions | None
    pending_document: Document | None
    change_at: int

    @property
    def name(self) -> str:
        """Its id for people."""
        return label_text(self.id)

    @property
    def left(self) -> int:
        """Units left in stock."""
        return max(0, self.conditions.stock - self.sold)


@dataclass(frozen=True)
class Change:
    """What became of a change of an offer.

    Attributes:
        offer: the offer afterwards.
        worse: whether anything gets worse for members, so that all of it waits.
        effective_at: from when it is in force, in seconds.
        parts: what changes, in words.
    """

    offer: Offer
    worse: bool
    effective_at: int
    parts: tuple[str, ...]

    def __str__(self) -> str:
        what = "; ".join(self.parts)
        if self.worse:
            return f"Worse for members, so it waits for notice, until {moment(self.effective_at)}: {what}."
        return f"Better for members, or the same, so it is in force: {what}."


class Offers:
    """The offers for an alliance's tokens. Acts take `sender`, who runs campaigns for the token's brand."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    def get(self, token: Token, name: str | bytes) -> Offer:
        """An offer by its name or its id. Raises NoOfferError."""
        offer_id = id_of(name)
        for desk in self._desks(token):
            found = calls.read(desk, "offerOf", token.address, offer_id)
            if found.version:
                return _offer(offer_id, found, str(desk.address))
        raise NoOfferError(
            f"{token.symbol} has no offer {label_text(offer_id)}: `ape run offers list` lists those that are."
        )

    def of(self, token: Token) -> list[Offer]:
        """Every offer that the token has ever had: those at the counter, then those to order."""
        to_order = str(self._alliance.orders_desk.address)
        found: dict[tuple[str, bytes], Offer] = {}
        skipped, most = 0, 1
        while skipped < most:  # from the latest back: one that is made meanwhile is met twice, none is missed
            page = calls.read(self._alliance.lens, "brandPageOf", token.address, NOBODY, skipped, _PAGE)
            for each in page.offers:
                desk, offer_id = address_of(each.desk), bytes(each.offerId)
                found[(desk, offer_id)] = _offer(offer_id, each.offer, desk)
            skipped, most = skipped + _PAGE, max(page.offersAtCounter, page.offersToOrder)
        oldest_first = list(found.values())[::-1]
        return sorted(oldest_first, key=lambda offer: offer.desk == to_order)

    def redeemed_by(self, token: Token, name: str | bytes, member: AccountLike) -> int:
        """Units of an offer that a member has redeemed while there was a member limit."""
        desk = self._desk_of(self.get(token, name))
        return int(calls.read(desk, "redeemedBy", token.address, id_of(name), address_of(member)))

    def is_version_valid(self, token: Token, name: str | bytes, version: int) -> bool:
        """Whether a call that names that version of an offer is still good."""
        desk = self._desk_of(self.get(token, name))
        return bool(calls.read(desk, "isOfferVersionValid", token.address, id_of(name), version))

    # ---- managers with the campaign role

    def create(
        self,
        token: Token,
        name: str | bytes,
        conditions: Conditions,
        document: Document,
        *,
        sender: AccountAPI,
    ) -> Offer:
        """Publish an offer under a name that the token has not used.

        With days to deliver it is one to order, else one that tills hand over. Raises NameTakenError.
        """
        counter, to_order = self._desks(token)
        for desk in (counter, to_order):
            if calls.read(desk, "offerOf", token.address, id_of(name)).version:
                raise NameTakenError(
                    f"{token.symbol} has an offer {label_text(id_of(name))} already: choose another name, or "
                    "change that one."
                )
        desk = to_order if conditions.fulfil_days else counter
        calls.transact(sender, desk, "createOffer", *_arguments(token, id_of(name), conditions, document))
        return self.get(token, name)

    def change(
        self,
        token: Token,
        name: str | bytes,
        conditions: Conditions | None = None,
        document: Document | None = None,
        *,
        sender: AccountAPI,
    ) -> Change:
        """Change an offer: at once if nothing gets worse, else after the notice period of the token's terms.

        What is not given stays as it is.
        """
        before = self.get(token, name)
        conditions, document = conditions or before.conditions, document or before.document
        desk = self._desk_of(before)
        calls.transact(sender, desk, "setOffer", *_arguments(token, before.id, conditions, document))
        after = self.get(token, name)
        return Change(
            offer=after,
            worse=after.change_at != 0,
            effective_at=after.change_at or calls.now(),
            parts=differences(before, conditions, document, token),
        )

    def withdraw_change(self, token: Token, name: str | bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """Withdraw worse conditions that have not taken effect."""
        desk = self._desk_of(self.get(token, name))
        return calls.transact(sender, desk, "withdrawOfferChange", token.address, id_of(name))

    # ---- anyone

    def retire(self, token: Token, name: str | bytes, *, sender: AccountAPI) -> ReceiptAPI:
        """End an offer to order whose arbiter the alliance has struck off its list.

        Open orders stay with that arbiter; the brand opens the offer again by naming another. Raises
        SymbolonError for an offer that tills hand over, which has no arbiter.
        """
        offer = self.get(token, name)
        if not offer.conditions.fulfil_days:
            raise SymbolonError(
                f"Offer {offer.name} is handed over at the counter and has no arbiter: there is nothing to "
                "retire."
            )
        return calls.transact(sender, self._desk_of(offer), "retireOffer", token.address, id_of(name))

    # ---- internals

    def _desks(self, token: Token) -> tuple[ContractInstance, ContractInstance]:
        return contract_at("Redemptions", token.redemption_desk), self._alliance.orders_desk

    def _desk_of(self, offer: Offer) -> ContractInstance:
        to_order = self._alliance.orders_desk
        return to_order if offer.desk == to_order.address else contract_at("Redemptions", offer.desk)


def _arguments(
    token: Token, offer_id: bytes, conditions: Conditions, document: Document
) -> tuple[object, ...]:
    return token.address, offer_id, astuple(conditions), document.hash, document.uri


def _offer(offer_id: bytes, found: Any, desk: str) -> Offer:  # noqa: ANN401 (Ape's struct)
    """An offer from `IOffers.Offer`, by position: inside lists Ape leaves out the names."""
    version, worsened, sold, conditions, hash_, uri, change_at, pending, pending_hash, pending_uri = (
        found[field] for field in range(10)
    )
    return Offer(
        id=offer_id,
        desk=desk,
        version=version,
        worsened_version=worsened,
        sold=sold,
        conditions=_conditions(conditions),
        document=Document(bytes(hash_), uri),
        pending=_conditions(pending) if change_at else None,
        pending_document=Document(bytes(pending_hash), pending_uri) if change_at else None,
        change_at=change_at,
    )


def _conditions(found: Any) -> Conditions:  # noqa: ANN401 (as above)
    return Conditions(*(found[place] for place, _ in enumerate(fields(Conditions))))


def differences(before: Offer, to: Conditions, document: Document, token: Token) -> tuple[str, ...]:
    """What a change changes, in words."""

    def amount(units: int) -> str:
        return format_amount(units, token.decimals)

    def limit(units: int) -> str:
        return "no limit" if units == NO_LIMIT else f"{units} units"

    def end(seconds: int) -> str:
        return "never" if seconds >= FOREVER else moment(seconds)

    old, symbol = before.conditions, token.symbol
    rows = (
        ("the price", old.price, to.price, amount(old.price), f"{amount(to.price)} {symbol}"),
        ("the stock", old.stock, to.stock, f"{old.stock}", f"{to.stock} units"),
        (
            "a member's limit",
            old.member_limit,
            to.member_limit,
            limit(old.member_limit),
            limit(to.member_limit),
        ),
        (
            "the time to deliver",
            old.fulfil_days,
            to.fulfil_days,
            f"{old.fulfil_days}",
            f"{to.fulfil_days} days",
        ),
        ("the stake", old.stake_percent, to.stake_percent, f"{old.stake_percent}", f"{to.stake_percent} %"),
        (
            "the compensation",
            old.compensation,
            to.compensation,
            token.currency.text(old.compensation),
            token.currency.text(to.compensation),
        ),
    )
    parts = [
        f"{what} {'rises' if new > was else 'falls'} from {was_text} to {new_text}"
        for what, was, new, was_text, new_text in rows
        if new != was
    ]
    times = (
        ("opens", old.opens_at, to.opens_at, moment),
        ("closes", old.closes_at, to.closes_at, end),
    )
    parts += [
        f"it {what} {'later' if new > was else 'earlier'}, {words(new)} instead of {words(was)}"
        for what, was, new, words in times
        if new != was
    ]
    if to.arbiter != old.arbiter:
        parts.append(f"{to.arbiter} decides disputes instead of {old.arbiter}")
    if document.hash != before.document.hash:
        parts.append("its description is another")
    elif document.uri != before.document.uri:
        parts.append("its description has moved")
    return tuple(parts)
