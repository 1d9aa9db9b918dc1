"""Referrals: who brought whom to a brand, and what the brand pays for what those really buy.

programme = alliance.referrals.create(token, Terms(...), attester, document, sender=manager)
alliance.referrals.fund(programme, 1_000_00, sender=brand)
link = alliance.referrals.invite(token, member)           # the member's, for its friends
alliance.referrals.bind(link, sender=friend)
alliance.referrals.accrue(programme, alliance.referrals.receipts(programme), sender=anybody)
alliance.referrals.claim(token, alliance.referrals.ripe(token), sender=anybody)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from eth_abi.abi import encode

from symbolon import calls
from symbolon.brands import NOBODY
from symbolon.calls import AccountLike, address_of
from symbolon.codes import label_text
from symbolon.exceptions import NodeRefusedError, SymbolonError
from symbolon.fulfilment import Order
from symbolon.fulfilment import State as OrderState
from symbolon.offers import Document
from symbolon.redemptions import Kind as ReceiptKind
from symbolon.redemptions import Redeemed
from symbolon.referral_links import LinkError, ReferralLink
from symbolon.reverts import KINDS, RefusedError
from symbolon.sift import together
from symbolon.signing import Domain, Signer
from symbolon.vouchers import Binding, Invitation, Purchase

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

WHOLE = 10_000
"""Basis points of an amount."""

DAY = 86_400
FOREVER = 2**40 - 1
"""As an invitation's end: none that anybody will see."""

BATCH = 100
"""Events that are claimed in one transaction."""

PATIENCE = 60 * 60
"""How long a member's signature is good unless said otherwise, in seconds."""

_UNFIT = ("ReferralRewards_OutsideWindow", "ReferralRewards_OutsideMembership")
"""What is said of something that happened, and does not count for a programme."""


class NoProgrammeError(SymbolonError):
    """The token has no such programme."""


class Kind(IntEnum):
    """What leads to rewards, numbered as in IReferralRewards."""

    COUNTER = 0
    ORDER = 1
    PURCHASE = 2

    def __str__(self) -> str:
        return KINDS[self]


class State(IntEnum):
    """What became of what accrued."""

    NONE = 0
    ACCRUED = 1
    CLAIMED = 2
    UNDONE = 3

    def __str__(self) -> str:
        return self.name.lower()


COUNTS = {"counter": Kind.COUNTER, "order": Kind.ORDER, "purchase": Kind.PURCHASE}
"""By what people write."""

SHORTEST_VESTING, LONGEST_VESTING = 14, 365
"""How long a reward can wait, in days."""


@dataclass(frozen=True)
class Terms:
    """A programme's terms, which never change; its end alone may come earlier.

    Attributes:
        first_bps: the share of who brought the member, in basis points of what it bought for.
        second_bps: the share of who brought that one.
        vesting_days: how long a reward waits.
        member_days: for how long after a member was bound its purchases count; zero is for life.
        kinds: what counts.
        opens_at, closes_at: from when on, and from when on no longer, in seconds.
        referrer_cap: the most that one referrer gets, in base units.
    """

    first_bps: int
    second_bps: int
    vesting_days: int
    member_days: int
    kinds: frozenset[Kind]
    opens_at: int
    closes_at: int
    referrer_cap: int

    @property
    def arguments(self) -> tuple[object, ...]:
        """`IReferralRewards.Terms`."""
        return (
            self.first_bps,
            self.second_bps,
            self.vesting_days,
            self.member_days,
            sum(1 << kind for kind in self.kinds),
            self.opens_at,
            self.closes_at,
            self.referrer_cap,
        )

    @property
    def share(self) -> Fraction:
        """What both levels get of an amount, together."""
        return Fraction(self.first_bps + self.second_bps, WHOLE)

    @property
    def do_rewards_count(self) -> bool:
        """Whether a reward that is spent counts again: what is spent counts, whatever its origin."""
        return bool(self.kinds & {Kind.COUNTER, Kind.ORDER})

    @property
    def is_share(self) -> bool:
        """Whether the contract takes the share: something, and less than half where rewards count again."""
        return 0 < self.share < (Fraction(1, 2) if self.do_rewards_count else 1)

    @property
    def most(self) -> Fraction:
        """What an amount leads to at most, with the rewards of rewards: s, or s + s² + … = s / (1 - s)."""
        return self.share / (1 - self.share) if self.do_rewards_count else self.share


@dataclass(frozen=True)
class Programme:
    """A programme as it was when it was read.

    Attributes:
        token: whose.
        number: among the token's, from one.
        terms: for good.
        left: budget that is not set aside, in base units.
        attester: whose signature makes a purchase count; nobody where purchases do not.
    """

    token: str
    number: int
    terms: Terms
    left: int
    attester: str


@dataclass(frozen=True)
class Standing:
    """Where an account stands among a token's members.

    Attributes:
        referrer: to whom it is bound, or None.
        bound_at: since when, in seconds.
        refers: whether others can bind to it.
    """

    referrer: str | None
    bound_at: int
    refers: bool


@dataclass(frozen=True)
class Bound:
    """That a member was brought by a referrer, since when (in seconds) and from which block on."""

    member: str
    referrer: str
    at: int


@dataclass(frozen=True)
class Event:
    """The name of something that was bought; `reference` is 32 bytes."""

    token: str
    member: str
    kind: Kind
    reference: bytes

    @property
    def arguments(self) -> tuple[object, ...]:
        """`IReferralRewards.EventId`."""
        return self.token, self.member, int(self.kind), self.reference

    @property
    def name(self) -> str:
        """What it is called, for people."""
        return label_text(self.reference)


@dataclass(frozen=True)
class Accrual:
    """What accrued for an event, as of when it was read; amounts in base units.

    Attributes:
        event: for what.
        programme: the number of the programme.
        state: what became of it.
        first, second: what each level was set aside.
        referrers: for whom; the second is None where there is none.
        vests_at: when it can be claimed, in seconds.
        paid: what each level got, which a cap may have cut.
    """

    event: Event
    programme: int
    state: State
    first: int
    second: int
    referrers: tuple[str, str | None]
    vests_at: int
    paid: tuple[int, int] = (0, 0)


Realised = Redeemed | Order | tuple[Purchase, bytes]
"""What can accrue: a receipt of the counter, a fulfilled order, a purchase with its attester's signature."""

LeftOut = tuple[tuple[Realised, SymbolonError], ...]


@dataclass(frozen=True)
class Accrued:
    """What became of many events.

    Attributes:
        done: those that accrued.
        unfit: those that do not count for the programme.
        left_out: those that could not accrue, each with why.
    """

    done: tuple[Realised, ...]
    unfit: tuple[Realised, ...]
    left_out: LeftOut


class Referrals:
    """The referral programmes of an alliance's brands. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where they are."""
        return self._alliance.referral_rewards

    @property
    def domain(self) -> Domain:
        """What signatures for them are bound to."""
        return calls.domain_of(self.contract)

    # ---- what there is

    def of(self, token: Token) -> list[Programme]:
        """Every programme of a token, oldest first."""
        count = int(calls.read(self.contract, "programmeCount", token.address))
        return [self._programme(token, number) for number in range(1, count + 1)]

    def get(self, token: Token, number: int | None = None) -> Programme:
        """A programme by its number, or the latest. Raises NoProgrammeError."""
        count = int(calls.read(self.contract, "programmeCount", token.address))
        wanted = count if number is None else number
        if not 1 <= wanted <= count:
            which = "no referral programme" if number is None else f"no referral programme {number}"
            raise NoProgrammeError(f"{token.symbol} has {which}: `ape run referral create` makes one.")
        return self._programme(token, wanted)

    def document(self, programme: Programme) -> Document:
        """The programme in plain words, as it was announced."""
        (facts,) = self._facts("ProgrammeCreated", programme)
        return Document(bytes(facts["documentHash"]), str(facts["documentURI"]))

    def given(self, programme: Programme) -> int:
        """What came into a programme's budget, ever, in base units."""
        return sum(int(facts["amount"]) for facts in self._facts("ProgrammeFunded", programme))

    def standing(self, token: Token, account: AccountLike) -> Standing:
        """Where an account stands."""
        found = calls.read(self.contract, "standingOf", token.address, address_of(account))
        bound_at = int(found.boundAt)
        return Standing(address_of(found.referrer) if bound_at else None, bound_at, bool(found.refers))

    def bindings(self, token: Token) -> list[Bound]:
        """Who was brought by whom, oldest first."""
        time_of = cache(calls.block_time)
        return [
            Bound(
                address_of(log.event_arguments["member"]),
                address_of(log.event_arguments["referrer"]),
                time_of(int(log.block_number)),
            )
            for log in self._events("Bound", about=token)
        ]

    def accruals(self, token: Token) -> list[Accrual]:
        """Everything that ever accrued for a token, oldest first, with what became of it."""
        referrer_of = {each.member: each.referrer for each in self.bindings(token)}
        logs: list[tuple[Event, dict[str, Any]]] = []
        paid: dict[tuple[str, bytes], list[int]] = {}
        for log in self._events("Accrued", "Rewarded", about=token):
            facts = log.event_arguments
            member, reference = address_of(facts["member"]), bytes(facts["ref"])
            if log.event_name == "Accrued":
                logs.append((Event(token.address, member, Kind(facts["kind"]), reference), facts))
            else:
                levels = paid.setdefault((member, reference), [0, 0])
                levels[int(facts["level"]) - 1] += int(facts["amount"])
        states = self.states_of([event for event, _ in logs])
        found = []
        for (event, facts), state in zip(logs, states, strict=True):
            first = referrer_of[event.member]
            one, other = paid.get((event.member, event.reference), (0, 0))
            found.append(
                Accrual(
                    event=event,
                    programme=int(facts["programme"]),
                    state=state,
                    first=int(facts["first"]),
                    second=int(facts["second"]),
                    referrers=(first, referrer_of.get(first)),
                    vests_at=int(facts["vestsAt"]),
                    paid=(one, other),
                )
            )
        return found

    def ripe(self, token: Token) -> list[Accrual]:
        """What has vested and was not claimed."""
        now = calls.now()
        return [each for each in self.accruals(token) if each.state is State.ACCRUED and now >= each.vests_at]

    def paid_to(self, programme: Programme, referrer: AccountLike) -> int:
        """What a referrer has been paid out of a programme, in base units."""
        arguments = (programme.token, programme.number, address_of(referrer))
        return int(calls.read(self.contract, "paidTo", *arguments))

    # ---- managers with the campaign role

    def create(
        self,
        token: Token,
        terms: Terms,
        attester: AccountLike | None,
        document: Document,
        *,
        sender: AccountAPI,
    ) -> Programme:
        """Start a programme; it pays once it is funded. `attester` signs purchases, where they count."""
        who = NOBODY if attester is None else address_of(attester)
        arguments = (token.address, terms.arguments, who, document.hash, document.uri)
        calls.transact(sender, self.contract, "createProgramme", *arguments)
        return self.get(token)

    def fund(self, programme: Programme, amount: int, *, sender: AccountAPI) -> ReceiptAPI:
        """Add to a programme's budget: the admin out of capacity, a manager out of its quota."""
        token = self._alliance.tokens[programme.token]
        return token.entrust(self.contract, amount, funding_of(programme.number), sender=sender)

    def set_attester(self, programme: Programme, attester: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Have another key sign purchases from now on."""
        return self._act(sender, programme, "setAttester", address_of(attester))

    def end(self, programme: Programme, *, sender: AccountAPI) -> ReceiptAPI:
        """End a programme after notice."""
        return self._act(sender, programme, "endProgramme")

    def return_rest(self, programme: Programme, *, sender: AccountAPI) -> ReceiptAPI:
        """Give what is left of a programme's budget back to capacity."""
        return self._act(sender, programme, "returnRest")

    def undo(self, event: Event, reason: str, *, sender: AccountAPI) -> ReceiptAPI:
        """Undo a purchase that was returned, before it vests."""
        return calls.transact(sender, self.contract, "undo", event.arguments, reason)

    # ---- members

    def invite(self, token: Token, signer: Signer, *, until: int = FOREVER) -> ReferralLink:
        """A member's link, with which others bind to it; `until` is its last second."""
        referrer = address_of(signer)
        signature = Invitation(token.address, referrer, until).sign(self.domain, signer)
        return ReferralLink(calls.chain_id(), token.address, referrer, until, signature)

    def bind(self, link: ReferralLink, *, sender: AccountAPI) -> ReceiptAPI:
        """Bind the sender to who sent it a link. Raises LinkError for one of another chain."""
        arguments = (self._here(link), link.referrer, (link.until, link.signature))
        return calls.transact(sender, self.contract, "bind", *arguments)

    def sign_binding(
        self, link: ReferralLink, signer: Signer, *, patience: int = PATIENCE
    ) -> tuple[Binding, bytes]:
        """A member's signature that it binds, for anybody to hand in by `bind_signed`."""
        member = address_of(signer)
        binding = Binding(self._here(link), member, link.referrer, calls.now() + patience)
        return binding, binding.sign(self.domain, signer)

    def bind_signed(
        self, link: ReferralLink, binding: Binding, signature: bytes, *, sender: AccountAPI
    ) -> ReceiptAPI:
        """Bind a member as it signed, at the sender's cost of gas."""
        return calls.transact(
            sender,
            self.contract,
            "bindWithSignature",
            self._here(link),
            binding.member,
            binding.referrer,
            (link.until, link.signature),
            binding.deadline,
            signature,
        )

    # ---- anyone

    def receipts(self, programme: Programme) -> list[Redeemed]:
        """Receipts of the counter that may count for a programme and have not accrued."""
        token = self._alliance.tokens[programme.token]
        history = (
            each
            for each in self._alliance.redemptions.history(token)
            if each.kind is not ReceiptKind.CURRENCY
        )
        return self._new(token, history)

    def orders(self, programme: Programme) -> list[Order]:
        """Fulfilled orders that may count for a programme and have not accrued."""
        token = self._alliance.tokens[programme.token]
        every = self._alliance.deliveries.of(token)
        fulfilled = (each for each in every if each.state is OrderState.FULFILLED)
        return self._new(token, fulfilled)

    def event_of(self, realised: Realised) -> Event:
        """By what name something that was bought counts."""
        (event,) = self.events_of([realised])
        return event

    def events_of(self, realised: Sequence[Realised]) -> list[Event]:
        """The same of many things, in their order."""
        orders = [each for each in realised if isinstance(each, Order)]
        questions = [(self.contract, "orderRefOf", (each.desk, each.arguments)) for each in orders]
        references = iter(calls.read_many(questions, block=calls.block_number()))
        found = []
        for each in realised:
            if isinstance(each, Order):
                found.append(Event(each.token, each.member, Kind.ORDER, bytes(next(references)[0])))
            elif isinstance(each, Redeemed):
                found.append(Event(each.token, each.member, Kind.COUNTER, each.nonce))
            else:
                purchase, _ = each
                found.append(Event(purchase.token, purchase.member, Kind.PURCHASE, purchase.reference))
        return found

    def states_of(self, events: Sequence[Event]) -> list[State]:
        """What became of events, in their order."""
        questions = [(self.contract, "accrualOf", (event.arguments,)) for event in events]
        return [State(now[0]) for (now,) in calls.read_many(questions, block=calls.block_number())]

    def accrue(self, programme: Programme, realised: Iterable[Realised], *, sender: AccountAPI) -> Accrued:
        """Have what was bought accrue, one transaction each; those that cannot are left out.

        Each counts once, so that doing it again does nothing twice.
        """
        done: list[Realised] = []
        unfit: list[Realised] = []
        left_out: list[tuple[Realised, SymbolonError]] = []
        for each in realised:
            method, arguments = self._accrual(programme, each)
            try:
                calls.transact(sender, self.contract, method, *arguments)
            except (RefusedError, NodeRefusedError) as error:
                if isinstance(error, RefusedError) and error.name in _UNFIT:
                    unfit.append(each)
                else:
                    left_out.append((each, error))
                continue
            done.append(each)
        return Accrued(tuple(done), tuple(unfit), tuple(left_out))

    def claim(
        self, token: Token, accruals: Sequence[Accrual], *, sender: AccountAPI
    ) -> tuple[list[Accrual], list[tuple[Accrual, SymbolonError]]]:
        """Have what vested minted to the referrers, in few transactions: what was claimed, and what not."""

        def arguments(some: Sequence[Accrual]) -> tuple[object, ...]:
            return ([each.event.arguments for each in some],)

        def refusal(some: Sequence[Accrual]) -> SymbolonError | None:
            data = bytes(self.contract.claim.encode_input(*arguments(some)))
            try:
                calls.estimate(str(sender.address), str(self.contract.address), data)
            except (RefusedError, NodeRefusedError) as error:
                return error
            return None

        def act(some: Sequence[Accrual]) -> Sequence[Accrual]:
            calls.transact(sender, self.contract, "claim", *arguments(some))
            return some

        done: list[Accrual] = []
        left_out: list[tuple[Accrual, SymbolonError]] = []
        for at in range(0, len(accruals), BATCH):
            some, out = together(accruals[at : at + BATCH], refusal, act)
            done += some
            left_out += out
        return done, left_out

    # ---- within

    def _programme(self, token: Token, number: int) -> Programme:
        found = calls.read(self.contract, "programmeOf", token.address, number)
        terms = found.terms
        return Programme(
            token=token.address,
            number=number,
            terms=Terms(
                first_bps=int(terms.firstBps),
                second_bps=int(terms.secondBps),
                vesting_days=int(terms.vestingDays),
                member_days=int(terms.memberDays),
                kinds=frozenset(kind for kind in Kind if terms.kinds >> kind & 1),
                opens_at=int(terms.opensAt),
                closes_at=int(terms.closesAt),
                referrer_cap=int(terms.referrerCap),
            ),
            left=int(found.left),
            attester=address_of(found.attester),
        )

    def _new(self, token: Token, realised: Iterable[Any]) -> list[Any]:
        """Those of bound members that have not accrued."""
        bound = {each.member for each in self.bindings(token)}
        ours = [each for each in realised if each.member in bound]
        states = self.states_of(self.events_of(ours))
        return [each for each, state in zip(ours, states, strict=True) if state is State.NONE]

    def _accrual(self, programme: Programme, each: Realised) -> tuple[str, tuple[object, ...]]:
        if isinstance(each, Redeemed):
            return "accrueReceipt", (each.token, programme.number, each.member, each.nonce)
        if isinstance(each, Order):
            return "accrueOrder", (programme.number, each.desk, each.arguments)
        purchase, signature = each
        return "accruePurchase", (programme.number, purchase.arguments, signature)

    def _here(self, link: ReferralLink) -> str:
        """The link's token, if the link is for this chain."""
        if link.chain_id != (here := calls.chain_id()):
            raise LinkError(
                f"The link is for chain {link.chain_id} and this is chain {here}: check --network."
            )
        return self._alliance.tokens[link.token].address

    def _events(self, *names: str, about: Token) -> Iterator[Any]:
        return calls.events(self.contract, self._alliance.start_block, *names, about=about)

    def _facts(self, name: str, programme: Programme) -> Iterator[Any]:
        logs = calls.events(self.contract, self._alliance.start_block, name, about=programme.token)
        facts = (log.event_arguments for log in logs)
        return (each for each in facts if int(each["programme"]) == programme.number)

    def _act(self, sender: AccountAPI, programme: Programme, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self.contract, method, programme.token, programme.number, *arguments)


def funding_of(number: int) -> bytes:
    """What quota for a programme's budget comes with, which says whose it is."""
    return encode(["uint16"], [number])
