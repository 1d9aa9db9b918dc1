"""Redemption to order: what members ordered, where each order stands, and what each party can do.

order = alliance.orders.open(token, "mug", 2, reference="A-1047", sender=member)
alliance.orders.fulfil(token, [order], sender=manager)
alliance.orders.finish(token, alliance.orders.due(token), sender=anybody)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from enum import IntEnum
from functools import cache
from operator import add
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.codes import label_bytes, label_text
from symbolon.exceptions import NodeRefusedError, SymbolonError
from symbolon.reverts import RefusedError, moment
from symbolon.sift import together
from symbolon.signing import Fields, Signer, Spend, Witness, random_nonce
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

BATCH = 200
"""Orders in one transaction: far below what a transaction can have of gas."""

PATIENCE = 60 * 60
"""How long a member's signature is good unless said otherwise, in seconds."""

REQUEST: Fields = (
    ("offerId", "bytes32"),
    ("quantity", "uint256"),
    ("version", "uint256"),
    ("leastCompensation", "uint256"),
    ("orderRef", "bytes32"),
)
WHICH: Fields = (("offerId", "bytes32"), ("number", "uint256"))
"""What a dispute and a confirmation name."""

_ORDER_ABI = (
    "(address,bytes32,uint32,address,uint32,uint96,uint96,uint96,address,uint40,bytes32)"  # IFulfilment.Order
)
_OPEN, _DISPUTE = 0, 1
_SUMMED = 500  # offers in one read


class State(IntEnum):
    """Where an order stands."""

    OPEN = 1
    DELIVERED = 2
    DISPUTED = 3
    FULFILLED = 4
    REFUNDED = 5
    COMPENSATED = 6
    DECIDED = 7

    def __str__(self) -> str:
        return self.name.lower()

    @property
    def has_ended(self) -> bool:
        """Whether nothing can happen to the order any more."""
        return self >= State.FULFILLED


OUTCOMES = (State.FULFILLED, State.REFUNDED, State.COMPENSATED, State.DECIDED)
"""How orders end, numbered as in IFulfilment."""


class NoOrderError(SymbolonError):
    """There is no such order."""


@dataclass(frozen=True)
class Order:
    """An order and where it stood when it was read.

    Attributes:
        token: whose brand owes the delivery.
        offer_id, number: with the token, the order's id.
        member: who ordered.
        quantity: units.
        amount: base units of the token that are locked.
        compensation: currency base units reserved for the member.
        stake: base units of the token that a dispute costs if it turns out wrong.
        arbiter: who decides a dispute.
        opened_at: when, in seconds.
        reference: what the shop calls it, 32 bytes.
        state: where it stands.
        deadline: until when, in seconds; for one that ended, 0.
        refunded: base units that went back to the member, without the stake, once it ended.
        paid: currency base units that the member got as compensation, once it ended.
    """

    token: str
    offer_id: bytes
    number: int
    member: str
    quantity: int
    amount: int
    compensation: int
    stake: int
    arbiter: str
    opened_at: int
    reference: bytes
    state: State = State.OPEN
    deadline: int = 0
    refunded: int = 0
    paid: int = 0

    @property
    def name(self) -> str:
        """Offer and number, as people say it."""
        return f"{label_text(self.offer_id)}/{self.number}"

    @property
    def arguments(self) -> tuple[object, ...]:
        """`IFulfilment.Order`."""
        return (
            self.token,
            self.offer_id,
            self.number,
            self.member,
            self.quantity,
            self.amount,
            self.compensation,
            self.stake,
            self.arbiter,
            self.opened_at,
            self.reference,
        )

    @property
    def confirmation(self) -> Witness:
        """What its member signs to say that it is content."""
        return self._witness("OrderConfirmation")

    @property
    def complaint(self) -> Witness:
        """What its member signs to dispute it."""
        return self._witness("OrderDispute")

    def _witness(self, name: str) -> Witness:
        return Witness(name, WHICH, {"offerId": self.offer_id, "number": self.number})

    def is_due(self, now: int) -> bool:
        """Whether it can be ended by anybody, because somebody let time pass."""
        return not self.state.has_ended and now >= self.deadline


@dataclass(frozen=True)
class Wish:
    """What a member wants to order, before it is signed or sent.

    Attributes:
        token: of whose brand.
        member: who orders.
        offer_id, quantity, version: how many of what, as the member saw it.
        least_compensation: the least that must be reserved, in currency base units.
        reference: what the shop calls it, 32 bytes.
        most: base units that it may cost.
    """

    token: str
    member: str
    offer_id: bytes
    quantity: int
    version: int
    least_compensation: int
    reference: bytes
    most: int

    @property
    def request(self) -> tuple[object, ...]:
        """`IOrders.OrderRequest`."""
        return self.offer_id, self.quantity, self.version, self.least_compensation, self.reference

    @property
    def witness(self) -> Witness:
        """What the member agrees to in exchange."""
        names = (name for name, _ in REQUEST)
        return Witness("OrderRequest", REQUEST, dict(zip(names, self.request, strict=True)))


@dataclass(frozen=True)
class SignedWish:
    """A wish with the member's signature: anybody can send it."""

    wish: Wish
    spend: Spend
    signature: bytes


@dataclass(frozen=True)
class Done:
    """What became of many orders: those done, and those left out, each with why."""

    done: tuple[Order, ...]
    left_out: tuple[tuple[Order, SymbolonError], ...]


@dataclass(frozen=True)
class Record:
    """What orders came to, in units; compensation in currency base units."""

    open: int
    fulfilled: int
    declined: int
    failed: int
    lost: int
    disputed: int
    compensation_paid: int

    @property
    def settled(self) -> int:
        """Units that are no longer open; of these, the fulfilled ones came as promised."""
        return self.fulfilled + self.declined + self.failed + self.lost

    def __add__(self, other: Record) -> Record:
        return Record(*map(add, astuple(self), astuple(other)))


class Names:
    """Finds orders by what people call them."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self._by_name: dict[str, Order] = {}
        self._by_reference: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            self._by_name[order.name] = order
            if order.reference.strip(b"\0"):
                self._by_reference[label_text(order.reference)].append(order)

    def called(self, text: str) -> list[Order]:
        """The order of that name, or else those of that reference: of several, those that have not ended.

        Members choose references, so any number of orders can have the same.
        """
        if text in self._by_name:
            return [self._by_name[text]]
        found = self._by_reference.get(text, [])
        return [order for order in found if not order.state.has_ended] or found


class Orders:
    """The orders of an alliance's members. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where orders are."""
        return self._alliance.orders_desk

    # ---- what there is

    def of(self, token: Token) -> list[Order]:
        """Every order of a token, oldest first, with where it stands. Read from the chain's log."""
        names = ("OrderOpened", "OrderDelivered", "OrderDisputed", "OrderEnded")
        found: dict[tuple[bytes, int], Order] = {}
        time_of = cache(calls.block_time)
        for log in calls.events(self.contract, self._alliance.start_block, *names, about=token):
            facts = log.event_arguments
            key = bytes(facts["offerId"]), int(facts["number"])
            is_new = log.event_name == "OrderOpened"
            found[key] = _opened(log, time_of(int(log.block_number))) if is_new else _moved(found[key], log)
        return list(found.values())

    def get(self, token: Token, offer: str | bytes, number: int) -> Order:
        """One order. Raises NoOrderError."""
        offer_id = _id(offer)
        for order in self.of(token):
            if (order.offer_id, order.number) == (offer_id, number):
                return order
        raise NoOrderError(
            f"{token.symbol} has no order {label_text(offer_id)}/{number}: `ape run orders list` lists those "
            "that are."
        )

    def find(self, token: Token, text: str) -> Order:
        """An order by its name, such as mug/17, or by the shop's reference.

        Raises NoOrderError where none is called so, or several are; beside one that goes on, those that have
        ended do not count.
        """
        found = Names(self.of(token)).called(text)
        if len(found) == 1:
            return found[0]
        if found:
            which = ", ".join(order.name for order in found)
            raise NoOrderError(f"Several orders are called {text} ({which}): give offer and number.")
        raise NoOrderError(
            f"{token.symbol} has no order {text}: `ape run orders list {token.symbol}` lists those that are."
        )

    def record(self, token: Token, offer: str | bytes) -> Record:
        """What the orders of an offer came to."""
        return _record(calls.read(self.contract, "recordOf", token.address, _id(offer)))

    def delivery(self, token: Token) -> Record:
        """What everything came to that was ever ordered for a token."""
        offers = int(calls.read(self.contract, "offerCount", token.address))
        lens = self._alliance.lens
        parts = (
            _record(calls.read(lens, "deliveryOf", token.address, skipped, _SUMMED))
            for skipped in range(0, offers, _SUMMED)
        )
        return sum(parts, start=Record(0, 0, 0, 0, 0, 0, 0))

    def free_compensation(self, token: Token, offer: str | bytes) -> int:
        """What the compensations of an offer's next orders can be reserved from, in currency base units."""
        return int(calls.read(self.contract, "freeCompensationOf", token.address, _id(offer)))

    # ---- members

    def wish(
        self,
        token: Token,
        offer: str | bytes,
        quantity: int = 1,
        *,
        member: AccountLike,
        reference: str | bytes = b"",
        most: int | None = None,
        least_compensation: int | None = None,
    ) -> Wish:
        """What a member would order, of an offer as it is now.

        `most` is what it may cost; the present price if not given. `least_compensation` is what must be
        reserved; all that the offer promises if not given. Raises NoOfferError.
        """
        found = self._alliance.offers.get(token, offer)
        conditions = found.conditions
        return Wish(
            token=token.address,
            member=address_of(member),
            offer_id=found.id,
            quantity=quantity,
            version=found.version,
            least_compensation=(
                conditions.compensation * quantity if least_compensation is None else least_compensation
            ),
            reference=_id(reference) if reference else bytes(32),
            most=conditions.price * quantity if most is None else most,
        )

    def open(self, wish: Wish, *, sender: AccountAPI) -> Order:
        """Order what the sender, who is the member, wishes; what is sent too much comes back at once."""
        token = self._alliance.tokens[wish.token]
        types = ["uint8", "(" + ",".join(kind for _, kind in REQUEST) + ")"]
        data = encode(types, [_OPEN, wish.request])
        receipt = calls.transact(
            sender, token.contract, "transferAndCall", self.contract.address, wish.most, data
        )
        return self._opened_in(receipt)

    def sign(self, wish: Wish, signer: Signer | bytes | str, *, patience: int = PATIENCE) -> SignedWish:
        """Sign a wish with the member's key or account, for anybody to send within `patience` seconds."""
        token = self._alliance.tokens[wish.token]
        spend = self._spend(wish.member, wish.most, wish.witness, patience)
        return SignedWish(wish, spend, spend.sign(token.domain, signer))

    def submit(self, signed: SignedWish, *, sender: AccountAPI) -> Order:
        """Order what a member signed, at the sender's cost of gas."""
        receipt = calls.transact(
            sender,
            self.contract,
            "openWithSignature",
            signed.wish.token,
            signed.wish.request,
            signed.spend.arguments,
            signed.signature,
        )
        return self._opened_in(receipt)

    def confirm(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """The sender, who is the member, is content: the order ends."""
        return calls.transact(sender, self.contract, "confirm", order.arguments)

    def dispute(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """The sender, who is the member, disputes a delivery and pays the stake."""
        token = self._alliance.tokens[order.token]
        data = encode(["uint8", _ORDER_ABI], [_DISPUTE, order.arguments])
        return calls.transact(
            sender, token.contract, "transferAndCall", self.contract.address, order.stake, data
        )

    def sign_confirmation(
        self, order: Order, signer: Signer | bytes | str, *, patience: int = PATIENCE
    ) -> tuple[Spend, bytes]:
        """The member's signature that it is content, for `confirm_signed`."""
        return self._signed(order, order.confirmation, 0, signer, patience)

    def confirm_signed(
        self, order: Order, spend: Spend, signature: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """End an order whose member signed that it is content."""
        return calls.transact(
            sender, self.contract, "confirmWithSignature", order.arguments, spend.arguments, signature
        )

    def sign_dispute(
        self, order: Order, signer: Signer | bytes | str, *, patience: int = PATIENCE
    ) -> tuple[Spend, bytes]:
        """The member's signature that it disputes, and pays the stake, for `dispute_signed`."""
        return self._signed(order, order.complaint, order.stake, signer, patience)

    def dispute_signed(
        self, order: Order, spend: Spend, signature: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Dispute an order as its member signed."""
        return calls.transact(
            sender, self.contract, "disputeWithSignature", order.arguments, spend.arguments, signature
        )

    # ---- managers with the fulfil role

    def fulfil(self, token: Token, orders: Iterable[Order], *, sender: AccountAPI) -> Done:
        """Say of open orders that they were delivered, in few transactions.

        Those that would fail are left out, each with its reason; run it again for the rest. An order that was
        delivered already is left out, so that doing it twice does nothing twice.
        """
        groups: dict[bytes, list[Order]] = defaultdict(list)
        for order in dict.fromkeys(orders):
            groups[order.offer_id].append(order)

        def call(some: Sequence[Order]) -> tuple[str, tuple[object, ...]]:
            return "fulfil", (token.address, some[0].offer_id, [order.number for order in some])

        return self._together(groups.values(), call, sender)

    def decline(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """Give an order back, with its compensation unless it is open and less than a day old."""
        return calls.transact(sender, self.contract, "decline", order.arguments)

    # ---- arbiters

    def decide(self, order: Order, refunded: int, compensation: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Decide a dispute: base units of the token and of the currency for the member.

        The rest is the brand's.
        """
        return calls.transact(sender, self.contract, "decide", order.arguments, refunded, compensation)

    # ---- anyone

    def due(self, token: Token) -> list[Order]:
        """Orders that anybody can end now, because somebody let time pass."""
        now = calls.now()
        return [order for order in self.of(token) if order.is_due(now)]

    def finish(self, token: Token, orders: Iterable[Order], *, sender: AccountAPI) -> Done:
        """End delivered orders that nobody disputed in time, in few transactions."""

        def call(some: Sequence[Order]) -> tuple[str, tuple[object, ...]]:
            return "finish", (token.address, [order.arguments for order in some])

        return self._together([list(dict.fromkeys(orders))], call, sender)

    def claim(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """End an order in its member's favour after the brand's or the arbiter's silence."""
        return calls.transact(sender, self.contract, "claim", order.arguments)

    # ---- within

    def _together(
        self,
        groups: Iterable[Sequence[Order]],
        call: Callable[[Sequence[Order]], tuple[str, tuple[object, ...]]],
        sender: AccountAPI,
    ) -> Done:
        """Do the same to many orders, leaving out those that would fail."""

        def refusal(some: Sequence[Order]) -> SymbolonError | None:
            method, arguments = call(some)
            data = bytes(getattr(self.contract, method).encode_input(*arguments))
            try:
                calls.estimate(str(sender.address), str(self.contract.address), data)
            except (RefusedError, NodeRefusedError) as error:  # any other trouble is no order's fault
                return error
            return None

        def act(some: Sequence[Order]) -> Sequence[Order]:
            method, arguments = call(some)
            calls.transact(sender, self.contract, method, *arguments)
            return some

        done: list[Order] = []
        left_out: list[tuple[Order, SymbolonError]] = []
        for group in groups:
            for at in range(0, len(group), BATCH):
                some, out = together(group[at : at + BATCH], refusal, act)
                done += some
                left_out += out
        return Done(tuple(done), tuple(left_out))

    def _spend(self, member: str, amount: int, witness: Witness, patience: int) -> Spend:
        deadline = calls.now() + patience
        return Spend(member, str(self.contract.address), amount, random_nonce(), deadline, witness)

    def _signed(
        self, order: Order, witness: Witness, amount: int, signer: Signer | bytes | str, patience: int
    ) -> tuple[Spend, bytes]:
        token = self._alliance.tokens[order.token]
        spend = self._spend(order.member, amount, witness, patience)
        return spend, spend.sign(token.domain, signer)

    def _opened_in(self, receipt: ReceiptAPI) -> Order:
        (log,) = receipt.decode_logs([self.contract.OrderOpened.abi])
        return _opened(log, calls.block_time(int(receipt.block_number)))


def in_words(order: Order, token: Token) -> str:
    """An order in a line."""
    until = "" if order.state.has_ended else f" until {moment(order.deadline)}"
    reference = label_text(order.reference)
    called = f" ({reference})" if order.reference.strip(b"\0") else ""
    return (
        f"{order.name}{called}: {order.quantity} for {format_amount(order.amount, token.decimals)} "
        f"{token.symbol}, {order.state}{until}, member {order.member}"
    )


def _record(found: Any) -> Record:  # noqa: ANN401 (Ape's struct)
    return Record(*(int(found[field]) for field in range(7)))


def _id(offer: str | bytes) -> bytes:
    return label_bytes(offer) if isinstance(offer, str) else offer


def _opened(log: Any, at: int) -> Order:  # noqa: ANN401 (Ape's log)
    facts = log.event_arguments
    return Order(
        token=address_of(facts["token"]),
        offer_id=bytes(facts["offerId"]),
        number=int(facts["number"]),
        member=address_of(facts["member"]),
        quantity=int(facts["quantity"]),
        amount=int(facts["amount"]),
        compensation=int(facts["compensation"]),
        stake=int(facts["stake"]),
        arbiter=address_of(facts["arbiter"]),
        opened_at=at,
        reference=bytes(facts["orderRef"]),
        deadline=int(facts["fulfilBy"]),
    )


def _moved(order: Order, log: Any) -> Order:  # noqa: ANN401 (Ape's log)
    facts = log.event_arguments
    if log.event_name == "OrderDelivered":
        return replace(order, state=State.DELIVERED, deadline=int(facts["disputeBy"]))
    if log.event_name == "OrderDisputed":
        return replace(order, state=State.DISPUTED, deadline=int(facts["decideBy"]))
    return replace(
        order,
        state=OUTCOMES[int(facts["outcome"])],
        deadline=0,
        refunded=int(facts["refunded"]),
        paid=int(facts["compensation"]),
    )


def open_ones(orders: Iterable[Order]) -> Iterator[Order]:
    """Those that wait for their brand."""
    return (order for order in orders if order.state is State.OPEN)
