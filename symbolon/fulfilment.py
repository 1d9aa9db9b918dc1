"""What is paid now and delivered later, whatever it was agreed with: where it stands, and what each can do.

deliveries = alliance.deliveries
deliveries.fulfil(token, [order], sender=manager)
deliveries.finish(token, deliveries.due(token), sender=anybody)
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from enum import IntEnum
from functools import cache
from operator import add
from typing import TYPE_CHECKING, Any, TypeVar

from eth_abi.abi import encode

from symbolon import calls
from symbolon.addresses import checksum_address
from symbolon.calls import address_of
from symbolon.codes import bought_text, id_of, label_text, number_text
from symbolon.exceptions import NodeRefusedError, SymbolonError
from symbolon.prices import ONE_BY_ONE, Mix, Price
from symbolon.reverts import RefusedError, moment
from symbolon.sift import together
from symbolon.signing import Fields, Signer, Spend, Witness, random_nonce

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

T = TypeVar("T")
Call = tuple[str, tuple[object, ...]]
"""A method and its arguments."""

BATCH = 200
"""Orders in one transaction: far below what a transaction can have of gas."""

PATIENCE = 60 * 60
"""How long a member's signature is good unless said otherwise, in seconds."""

WHICH: Fields = (("offerId", "bytes32"), ("number", "uint256"))
"""What a dispute and a confirmation name."""

_DISPUTE = 1  # of what tokens are sent for, at every desk
_ORDER_ABI = "(address,bytes32,uint256,address,uint32,uint96,uint96,uint96,address,uint40,bytes32)"


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
        amount: parts of its price that are locked.
        compensation: currency base units reserved for the member.
        stake: parts that a dispute costs if it turns out wrong.
        arbiter: who decides a dispute.
        opened_at: when, in seconds.
        reference: what the shop calls it, 32 bytes.
        desk: the contract that it is at.
        mix: what a part is; a base unit of the token unless it was agreed on otherwise.
        state: where it stands.
        deadline: until when, in seconds; for one that ended, 0.
        refunded: parts that went back to the member, without the stake, once it ended.
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
    desk: str
    mix: Mix = ONE_BY_ONE
    state: State = State.OPEN
    deadline: int = 0
    refunded: int = 0
    paid: int = 0

    @property
    def name(self) -> str:
        """What was ordered and whose it is or its number, as people say it: mug/17, or coffee/3/0x1234…"""
        return f"{bought_text(self.offer_id)}/{number_text(self.number)}"

    @property
    def price(self) -> Price:
        """What is locked."""
        return self.mix.cost(self.amount)

    @property
    def called(self) -> str:
        """What the shop calls it, or for a seat who brought its member; empty if there is neither."""
        if not self.reference.strip(b"\0"):
            return ""
        is_address = not any(self.reference[:12])
        return checksum_address(self.reference[12:]) if is_address else label_text(self.reference)

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

    @classmethod
    def of(cls, found: Any) -> Record:  # noqa: ANN401 (Ape's struct)
        """The record that a contract told of."""
        return cls(*(int(found[field]) for field in range(7)))

    @property
    def settled(self) -> int:
        """Units that are no longer open; of these, the fulfilled ones came as promised."""
        return self.fulfilled + self.declined + self.failed + self.lost

    def __add__(self, other: Record) -> Record:
        return Record(*map(add, astuple(self), astuple(other)))


class Names:
    """Finds orders by what people call them."""

    def __init__(self, orders: Iterable[Order]) -> None:
        self._by_name: dict[str, list[Order]] = defaultdict(list)
        self._by_reference: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            self._by_name[order.name].append(order)
            if order.called:
                self._by_reference[order.called].append(order)

    def called(self, text: str) -> list[Order]:
        """The order of that name, or else those of that reference: of several, those that have not ended.

        Members choose references, so any number of orders can have the same.
        """
        if text in self._by_name:
            return self._by_name[text]
        found = self._by_reference.get(text, [])
        return [order for order in found if not order.state.has_ended] or found


def in_batches(
    contract: ContractInstance,
    groups: Iterable[Sequence[T]],
    call: Callable[[Sequence[T]], Call],
    sender: AccountAPI,
) -> tuple[list[T], list[tuple[T, SymbolonError]]]:
    """Do to many what a method does to some; those done, and those left out since they would fail, with why.

    What is in one group can be done together; `call` tells by which method, and with which arguments.
    """

    def refusal(some: Sequence[T]) -> SymbolonError | None:
        method, arguments = call(some)
        data = bytes(getattr(contract, method).encode_input(*arguments))
        try:
            calls.estimate(str(sender.address), str(contract.address), data)
        except (RefusedError, NodeRefusedError) as error:  # any other trouble is no order's fault
            return error
        return None

    def act(some: Sequence[T]) -> Sequence[T]:
        method, arguments = call(some)
        calls.transact(sender, contract, method, *arguments)
        return some

    done: list[T] = []
    left_out: list[tuple[T, SymbolonError]] = []
    for group in groups:
        for at in range(0, len(group), BATCH):
            some, out = together(group[at : at + BATCH], refusal, act)
            done += some
            left_out += out
    return done, left_out


class Shelf(ABC):
    """Orders that can be looked through."""

    @abstractmethod
    def of(self, token: Token) -> list[Order]:
        """Every order of a token, with where it stands."""

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

    def due(self, token: Token) -> list[Order]:
        """Orders that anybody can end now, because somebody let time pass."""
        now = calls.now()
        return [order for order in self.of(token) if order.is_due(now)]


class Fulfilments(Shelf):
    """What members paid for at one contract, and what became of it. Acts take `sender`."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    @abstractmethod
    def contract(self) -> ContractInstance:
        """Where they are."""

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
            found[key] = (
                self._order(log, time_of(int(log.block_number))) if is_new else _moved(found[key], log)
            )
        return list(found.values())

    def get(self, token: Token, offer: str | bytes, number: int) -> Order:
        """One order. Raises NoOrderError."""
        offer_id = id_of(offer)
        for order in self.of(token):
            if (order.offer_id, order.number) == (offer_id, number):
                return order
        raise NoOrderError(
            f"{token.symbol} has no order {label_text(offer_id)}/{number}: `ape run orders list` lists those "
            "that are."
        )

    def record(self, token: Token, offer: str | bytes) -> Record:
        """What the orders of an offer came to."""
        return Record.of(calls.read(self.contract, "recordOf", token.address, id_of(offer)))

    # ---- members

    def confirm(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """The sender, who is the member, is content: the order ends."""
        return calls.transact(sender, self.contract, "confirm", order.arguments)

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

    def dispute(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """The sender, who is the member, disputes a delivery and pays the stake."""
        token, stake = self._alliance.tokens[order.token], order.mix.cost(order.stake)
        if stake.money:
            token.currency.make_ready(stake.money, order.desk, sender=sender)
        if order.mix.token_part == 0:
            return calls.transact(sender, self.contract, "dispute", order.arguments)
        data = encode(["uint8", _ORDER_ABI], [_DISPUTE, order.arguments])
        return calls.transact(sender, token.contract, "transferAndCall", order.desk, stake.tokens, data)

    def sign_dispute(
        self, order: Order, signer: Signer | bytes | str, *, patience: int = PATIENCE
    ) -> tuple[Spend, bytes]:
        """The member's signature that it disputes, and pays the stake, for `dispute_signed`."""
        tokens = order.mix.cost(order.stake).tokens
        return self._signed(order, order.complaint, tokens, signer, patience)

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

        def call(some: Sequence[Order]) -> Call:
            return "fulfil", (token.address, some[0].offer_id, [order.number for order in some])

        return self._together(groups.values(), call, sender)

    def decline(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """Give an order back, with its compensation unless it is open and less than a day old."""
        return calls.transact(sender, self.contract, "decline", order.arguments)

    # ---- arbiters

    def decide(self, order: Order, refunded: int, compensation: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Decide a dispute: parts of the price and base units of the currency for the member.

        The rest is the brand's.
        """
        return calls.transact(sender, self.contract, "decide", order.arguments, refunded, compensation)

    # ---- anyone

    def finish(self, token: Token, orders: Iterable[Order], *, sender: AccountAPI) -> Done:
        """End delivered orders that nobody disputed in time, in few transactions."""

        def call(some: Sequence[Order]) -> Call:
            return "finish", (token.address, [order.arguments for order in some])

        return self._together([list(dict.fromkeys(orders))], call, sender)

    def claim(self, order: Order, *, sender: AccountAPI) -> ReceiptAPI:
        """End an order in its member's favour after the brand's or the arbiter's silence."""
        return calls.transact(sender, self.contract, "claim", order.arguments)

    # ---- within

    def _together(
        self, groups: Iterable[Sequence[Order]], call: Callable[[Sequence[Order]], Call], sender: AccountAPI
    ) -> Done:
        done, left_out = in_batches(self.contract, groups, call, sender)
        return Done(tuple(done), tuple(left_out))

    def _mix(self, token: str, offer_id: bytes) -> Mix:
        """What a part of the price is of what was ordered."""
        return ONE_BY_ONE

    def _order(self, log: Any, at: int) -> Order:  # noqa: ANN401 (Ape's log)
        """The order that a log tells of, in a block of that time."""
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
            desk=str(self.contract.address),
            mix=self._mix(address_of(facts["token"]), bytes(facts["offerId"])),
            deadline=int(facts["fulfilBy"]),
        )

    def _spend(self, member: str, amount: int, witness: Witness, patience: int) -> Spend:
        deadline = calls.now() + patience
        return Spend(member, str(self.contract.address), amount, random_nonce(), deadline, witness)

    def _signed(
        self, order: Order, witness: Witness, amount: int, signer: Signer | bytes | str, patience: int
    ) -> tuple[Spend, bytes]:
        token = self._alliance.tokens[order.token]
        spend = self._spend(order.member, amount, witness, patience)
        return spend, spend.sign(token.domain, signer)


class Deliveries(Shelf):
    """Everything that brands owe their members, whatever it was agreed with. Acts take `sender`."""

    def __init__(self, *desks: Fulfilments) -> None:
        self._desks = desks

    def at(self, order: Order) -> Fulfilments:
        """Where an order is."""
        return next(desk for desk in self._desks if desk.contract.address == order.desk)

    def of(self, token: Token) -> list[Order]:
        """Every order of a token, with where it stands; each desk's oldest first."""
        return [order for desk in self._desks for order in desk.of(token)]

    def fulfil(self, token: Token, orders: Iterable[Order], *, sender: AccountAPI) -> Done:
        """Say of open orders that they were delivered; see `Fulfilments.fulfil`."""
        return self._each(orders, lambda desk, some: desk.fulfil(token, some, sender=sender))

    def finish(self, token: Token, orders: Iterable[Order], *, sender: AccountAPI) -> Done:
        """End delivered orders that nobody disputed in time; see `Fulfilments.finish`."""
        return self._each(orders, lambda desk, some: desk.finish(token, some, sender=sender))

    def _each(self, orders: Iterable[Order], act: Callable[[Fulfilments, list[Order]], Done]) -> Done:
        by_desk: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            by_desk[order.desk].append(order)
        done = [act(self.at(some[0]), some) for some in by_desk.values()]
        return Done(
            tuple(order for each in done for order in each.done),
            tuple(left for each in done for left in each.left_out),
        )


def in_words(order: Order, token: Token) -> str:
    """An order in a line."""
    until = "" if order.state.has_ended else f" until {moment(order.deadline)}"
    called = f" ({order.called})" if order.called else ""
    return (
        f"{order.name}{called}: {order.quantity} for {token.units.text(order.price)}, "
        f"{order.state}{until}, member {order.member}"
    )


def open_ones(orders: Iterable[Order]) -> Iterator[Order]:
    """Those that wait for their brand."""
    return (order for order in orders if order.state is State.OPEN)


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
