"""Pools: which brands accept one another's tokens, and within which bounds; a whole pool in one look.

pool = alliance.pools.create("town", Rules(currency, 30 * DAY, 14 * DAY), sender=steward)
alliance.pools.announce(pool, token, Bounds(limit=5_000_00, outflow_cap=5_000_00), sender=steward)
alliance.pools.join(pool, token, sender=admin)
print(alliance.pools.look(pool).member(token).side.room)  # what the pool takes of it now
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

from symbolon import calls
from symbolon.calls import AccountLike, address_of
from symbolon.codes import label_bytes, label_text
from symbolon.currencies import Currency
from symbolon.exceptions import SymbolonError
from symbolon.quotes import Side
from symbolon.reference.swap_math import MILLION, WORTH
from symbolon.units import format_amount, parse_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ReceiptAPI
    from ape.contracts import ContractInstance

    from symbolon.alliance import Alliance
    from symbolon.tokens import Token

NO_COVER_NEEDED = 100
"""The usual leverage, in percent: every debt is covered by what its brand laid down."""


class NoPoolError(SymbolonError):
    """There is no such pool."""


class NotInPoolError(SymbolonError):
    """The token is not in the pool."""


@dataclass(frozen=True)
class Rules:
    """A pool's fixed facts.

    Attributes:
        currency: what it is settled in.
        period_length: how long a period lasts at least, in seconds.
        payment_time: how long debtors have to pay after a period is closed, in seconds.
        leverage: how much a brand may owe for what it laid down, in percent; at least 100.
    """

    currency: str
    period_length: int
    payment_time: int
    leverage: int = NO_COVER_NEEDED


@dataclass(frozen=True)
class Bounds:
    """What a pool accepts of a token, and for how much. Amounts are base units.

    Attributes:
        limit: the most net intake.
        outflow_cap: the most that its brand may provide.
        daily_cap: the most that may be brought in a day; 0 for no cap.
        base_fee: what bringing it costs at least, in parts per million of its worth.
        fee_slope: how much more it costs at the ceiling, in the same.
    """

    limit: int
    outflow_cap: int
    daily_cap: int = 0
    base_fee: int = 0
    fee_slope: int = 0


@dataclass(frozen=True)
class Membership:
    """What a pool accepts of a token.

    Attributes:
        joined: whether its brand is in the pool.
        bounds: what the pool accepts.
        pending: what it will accept from `change_at`, or None.
        change_at: in seconds; 0 if nothing is announced.
    """

    joined: bool
    bounds: Bounds
    pending: Bounds | None
    change_at: int


@dataclass(frozen=True)
class Period:
    """A pool's running period.

    Attributes:
        number: from 0.
        started_at: when it began, in seconds; 0 before anybody has joined.
        closes_at: from when it can be closed.
        alliance_fee: what part of its fees goes to the alliance, in basis points.
        prepaid: what debtors paid already, in currency base units.
    """

    number: int
    started_at: int
    closes_at: int
    alliance_fee: int
    prepaid: int


@dataclass(frozen=True)
class Member:
    """A token in a pool. Amounts are base units of the token, values of the currency.

    Attributes:
        token: its address.
        side: what prices and bounds swaps of it.
        terms: what the pool accepts.
        stopped: whether its brand stopped its part.
        suspended: whether it is stopped because its brand is suspended or leaves.
        bond: what its brand laid down for this pool.
        unpaid: what it owes from periods that are closed.
    """

    token: str
    side: Side
    terms: Membership
    stopped: bool
    suspended: bool
    bond: int
    unpaid: int

    @property
    def symbol(self) -> str:
        """The token's."""
        return self.side.symbol

    @property
    def intake(self) -> int:
        """What members brought beyond what they took."""
        return max(0, self.side.net)

    @property
    def debt(self) -> int:
        """What its brand would owe if the period ended now."""
        return self.side.pricing.value_up(self.intake)

    @property
    def withdrawable(self) -> int:
        """What its brand can take back at once."""
        return self.side.provided + min(self.side.net, 0)

    def value(self, amount: int) -> int:
        """What so many are worth at par, rounded down."""
        return amount * self.side.pricing.unit_worth // WORTH


@dataclass(frozen=True)
class Pool:
    """A pool as it was at one block.

    Attributes:
        id: 32 bytes.
        name: what its maker called it; not unique.
        market: where it is swapped in.
        rules: its fixed facts.
        currency: what it is settled in.
        steward: who sets bounds.
        next_steward: who may take over by accepting; nobody is the zero address.
        period: the running one.
        members: the tokens in it.
        block: the block at which all of this was so.
        now: that block's time, in seconds.
    """

    id: bytes
    name: str
    market: str
    rules: Rules
    currency: Currency
    steward: str
    next_steward: str
    period: Period
    members: tuple[Member, ...]
    block: int
    now: int

    def __str__(self) -> str:
        return self.name

    def member(self, token: Token | str) -> Member:
        """A token in it, by itself or by its address. Raises NotInPoolError."""
        address = address_of(token)
        for member in self.members:
            if member.token == address:
                return member
        named = token if isinstance(token, str) else token.symbol
        raise NotInPoolError(f"{named} is not in pool {self.name}: choose a token that is.")

    @property
    def is_closable(self) -> bool:
        """Whether its period can be closed."""
        return bool(self.period.started_at) and self.now >= self.period.closes_at

    def uncovered(self, of: Member) -> int:
        """What a brand of it could come to owe for which it has laid nothing down, in currency base units."""
        most = of.side.pricing.value_up(max(of.side.ceiling, of.intake)) + of.unpaid
        return max(0, most - of.bond)

    def at_risk(self, of: Member, provided: int | None = None) -> int:
        """The most that a brand can lose by what it provides, or would: what is provided, at par, as far as
        what the others could owe is not covered; in currency base units."""
        others = sum(self.uncovered(each) for each in self.members if each.token != of.token)
        amount = of.side.provided if provided is None else provided
        return min(of.side.pricing.value_up(amount), others)


PoolLike = Pool | bytes
"""A pool, or its id."""


class Pools:
    """The pools of an alliance. Acts take `sender`, who must be entitled to them."""

    def __init__(self, alliance: Alliance) -> None:
        self._alliance = alliance

    @property
    def contract(self) -> ContractInstance:
        """Where it is written who is in a pool."""
        return self._alliance.pools_contract

    # ---- what there is

    def names(self) -> dict[bytes, str]:
        """Every pool's id and name, in order of creation. Read from the chain's log."""
        logs = calls.events(self.contract, self._alliance.start_block, "PoolCreated")
        found = (log.event_arguments for log in logs)
        return {bytes(each["pool"]): label_text(bytes(each["salt"])) for each in found}

    def __iter__(self) -> Iterator[Pool]:
        """Every pool as it is now, in order of creation."""
        for pool, name in self.names().items():
            yield self._look(pool, name)

    def find(self, text: str) -> Pool:
        """The pool of that name or id. Raises NoPoolError where there is none, or several are called so."""
        names = self.names()
        raw = label_bytes(text)
        found = [pool for pool, name in names.items() if raw == pool or name == text.strip()]
        if len(found) == 1:
            return self._look(found[0], names[found[0]])
        if found:
            which = ", ".join("0x" + pool.hex() for pool in found)
            raise NoPoolError(f"Several pools are called {text} ({which}): give the id.")
        raise NoPoolError(f"There is no pool {text}: `ape run pools list` lists those that are.")

    def look(self, pool: PoolLike) -> Pool:
        """A pool as it is now. Raises NoPoolError."""
        if isinstance(pool, Pool):
            return self._look(pool.id, pool.name)
        names = self.names()
        if pool not in names:
            raise NoPoolError(f"There is no pool 0x{pool.hex()}: `ape run pools list` lists those that are.")
        return self._look(pool, names[pool])

    def membership(self, pool: PoolLike, token: Token) -> Membership:
        """What a pool accepts of a token, whether its brand has joined or not."""
        block = calls.block_number()
        question = (self.contract, "membershipOf", [pool_id(pool), token.address])
        ((found,),) = calls.read_many([question], block=block)
        return _membership(found)

    def _look(self, pool: bytes, name: str) -> Pool:
        """Everything about a pool as of the latest block: in two requests, of which one for its members."""
        block = calls.block_number()
        swaps, settlements = self._alliance.swaps_contract, self._alliance.settlements_contract
        (found,), (period,) = calls.read_many(
            [(self.contract, "poolOf", [pool]), (swaps, "periodOf", [pool])], block=block
        )
        (market, currency, *spans), steward, next_steward, tokens = found
        questions: list[calls.Question] = []
        for token in map(address_of, tokens):
            at = self._alliance.tokens.at(token).contract
            questions += [
                (at, "symbol", []),
                (self.contract, "membershipOf", [pool, token]),
                (swaps, "positionOf", [pool, token]),
                (settlements, "accountOf", [swaps.address, pool, token]),
            ]
        answers = iter(calls.read_many(questions, block=block))
        return Pool(
            id=pool,
            name=name,
            market=address_of(market),
            rules=Rules(address_of(currency), *spans),
            currency=Currency(currency),
            steward=address_of(steward),
            next_steward=address_of(next_steward),
            period=Period(*period),
            members=tuple(
                _member(address_of(token), *(next(answers)[0] for _ in range(4))) for token in tokens
            ),
            block=block,
            now=calls.block_time(block),
        )

    # ---- stewards

    def create(self, name: str, rules: Rules, *, sender: AccountAPI) -> Pool:
        """Make a pool under a name that the sender has not used for one; its steward is the sender."""
        salt = label_bytes(name)
        spans = (rules.period_length, rules.payment_time, rules.leverage)
        market = str(self._alliance.swaps_contract.address)
        self._act(sender, "createPool", salt, (market, address_of(rules.currency), *spans))
        pool = calls.read(self.contract, "poolIdOf", str(sender.address), salt)
        return self._look(bytes(pool), label_text(salt))

    def name_steward(self, pool: PoolLike, steward: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Offer a pool to another steward, who takes over by accepting; nobody withdraws the offer."""
        return self._act(sender, "nameSteward", pool_id(pool), address_of(steward))

    def accept_steward(self, pool: PoolLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Take over a pool that was offered to the sender."""
        return self._act(sender, "acceptSteward", pool_id(pool))

    def announce(self, pool: PoolLike, token: Token, bounds: Bounds, *, sender: AccountAPI) -> ReceiptAPI:
        """Announce what the pool will accept of a token, in place of what was announced before."""
        return self._act(sender, "announceBounds", pool_id(pool), token.address, astuple(bounds))

    def withdraw_announced(self, pool: PoolLike, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """Withdraw what was announced."""
        return self._act(sender, "withdrawBounds", pool_id(pool), token.address)

    # ---- stewards, and those who settle for the brand

    def lower(
        self,
        pool: PoolLike,
        token: Token,
        *,
        limit: int,
        outflow_cap: int,
        daily_cap: int,
        sender: AccountAPI,
    ) -> ReceiptAPI:
        """Lower bounds at once, in base units; fees stay."""
        return self._act(sender, "lowerBounds", pool_id(pool), token.address, limit, outflow_cap, daily_cap)

    # ---- brands' admins

    def join(self, pool: PoolLike, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """Join a pool, on the bounds that its steward announced."""
        return self._act(sender, "joinPool", pool_id(pool), token.address)

    def leave(self, pool: PoolLike, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """Leave a pool that has nothing of the token."""
        return self._act(sender, "leavePool", pool_id(pool), token.address)

    # ---- anyone

    def apply(self, pool: PoolLike, token: Token, *, sender: AccountAPI) -> ReceiptAPI:
        """Put announced bounds into force once their time has come."""
        return self._act(sender, "applyBounds", pool_id(pool), token.address)

    # ---- the alliance

    def set_alliance_fee(self, bps: int, treasury: AccountLike, *, sender: AccountAPI) -> ReceiptAPI:
        """Set what part of fees goes to the alliance, from each pool's next period on."""
        return self._act(sender, "setAllianceFee", bps, address_of(treasury))

    def _act(self, sender: AccountAPI, method: str, *arguments: object) -> ReceiptAPI:
        return calls.transact(sender, self.contract, method, *arguments)


def percent(parts_per_million: int) -> str:
    """A fee for people, exact: "0.25 %" for 2500."""
    return f"{format_amount(parts_per_million, 4)} %"


def parts_per_million(text: str) -> int:
    """A fee that a person wrote in percent, such as 0.25. Raises AmountError."""
    return parse_amount(text.strip().removesuffix("%"), 4, allow_zero=True, maximum=MILLION)


def _member(
    token: str,
    symbol: str,
    membership: tuple[bool, int, tuple[int, ...], tuple[int, ...]],
    position: tuple[int, ...],
    account: tuple[int, int],
) -> Member:
    """From what `symbol`, `membershipOf`, `positionOf` and `accountOf` return."""
    _, stopped, suspended, decimals, par_value, provided, net, ceiling, base_fee, slope, left_today = position
    return Member(
        token=token,
        side=Side(
            symbol,
            decimals,
            par_value,
            provided,
            net,
            ceiling,
            base_fee,
            slope,
            left_today,
            stopped=bool(stopped or suspended),
        ),
        terms=_membership(membership),
        stopped=bool(stopped),
        suspended=bool(suspended),
        bond=account[0],
        unpaid=account[1],
    )


def _membership(found: tuple[bool, int, tuple[int, ...], tuple[int, ...]]) -> Membership:
    """From what `membershipOf` returns."""
    joined, change_at, bounds, pending = found
    return Membership(joined, Bounds(*bounds), Bounds(*pending) if change_at else None, change_at)


def pool_id(pool: PoolLike) -> bytes:
    """Its id."""
    return pool.id if isinstance(pool, Pool) else pool
