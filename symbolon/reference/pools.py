"""Which brands accept one another's tokens, and within which bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from symbolon.addresses import keccak
from symbolon.reference.brands import SETTLE, Gated, List
from symbolon.reference.contract import DAY, ZERO, Address, RevertError, require
from symbolon.reference.eip712 import word

if TYPE_CHECKING:
    from symbolon.reference.world import World

_SHORTEST, _LONGEST = DAY, 366 * DAY
_NO_LEVERAGE, _MOST_LEVERAGE = 100, 1000
_MOST_FEE = 500_000
_MOST_ALLIANCE_FEE = 2000


class Rules(NamedTuple):
    """A pool's fixed facts."""

    market: Address = ZERO
    currency: Address = ZERO
    period_length: int = 0
    payment_time: int = 0
    leverage: int = 0


class Bounds(NamedTuple):
    """What a pool accepts of a token, and for how much."""

    limit: int = 0
    outflow_cap: int = 0
    daily_cap: int = 0
    base_fee: int = 0
    fee_slope: int = 0

    def is_within(self, other: Bounds) -> bool:
        """Whether no bound is above the other's; fees are none."""
        capped = other.daily_cap == 0 or 0 < self.daily_cap <= other.daily_cap
        return self.limit <= other.limit and self.outflow_cap <= other.outflow_cap and capped

    def lowered_to(self, other: Bounds) -> Bounds:
        """Each bound, or the other's if that is lower. No daily cap is the highest."""
        caps = [each for each in (self.daily_cap, other.daily_cap) if each]
        return self._replace(
            limit=min(self.limit, other.limit),
            outflow_cap=min(self.outflow_cap, other.outflow_cap),
            daily_cap=min(caps, default=0),
        )


class Membership(NamedTuple):
    """A token in a pool. `bounds_change_at` is zero if nothing is announced."""

    joined: bool = False
    bounds_change_at: int = 0
    bounds: Bounds = Bounds()
    pending_bounds: Bounds = Bounds()


class Pool(NamedTuple):
    """A pool. Its tokens are in the order that leaving gives them: the last one fills the gap."""

    rules: Rules = Rules()
    steward: Address = ZERO
    next_steward: Address = ZERO
    tokens: tuple[Address, ...] = ()


@runtime_checkable
class Market(Protocol):
    """A contract that is told of every change in its pools."""

    def on_joined(self, sender: Address, pool: bytes, token: Address, rules: Rules) -> None:
        """A brand joins."""

    def on_bounds_set(self, sender: Address, pool: bytes, token: Address, bounds: Bounds) -> None:
        """Other bounds are in force."""

    def on_left(self, sender: Address, pool: bytes, token: Address) -> None:
        """A brand leaves; refused while there is anything of it."""


class Pools(Gated):
    """See IPools."""

    MAX_TOKENS = 64

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.change_delay = world.brands.CHANGE_DELAY
        self.pools: dict[bytes, Pool] = {}
        """By id, in the order in which they were made."""
        self.memberships: dict[tuple[bytes, Address], Membership] = {}
        self.treasury = ZERO
        self.fee_bps = 0

    # ---- alliance

    def set_alliance_fee(self, sender: Address, bps: int, treasury: Address) -> None:
        """Set what part of fees goes to the alliance, and where to."""
        require(sender == self.world.brands.alliance, "AccessManagedUnauthorized", sender)
        require(bps <= _MOST_ALLIANCE_FEE and treasury != ZERO, "Pools_InvalidFee", bps)
        self.fee_bps, self.treasury = bps, treasury
        self.emit("AllianceFeeSet", bps, treasury)

    def set_authority(self, sender: Address, _authority: Address) -> None:
        """Put another access manager in charge: only the present one itself can, and it is not modelled."""
        raise RevertError("AccessManagedUnauthorized", sender)

    # ---- stewards

    def create_pool(self, sender: Address, salt: bytes, rules: Rules) -> bytes:
        """Make a pool, whose steward is the caller."""
        pool, brands = self.pool_id_of(sender, salt), self.world.brands
        require(pool not in self.pools, "Pools_PoolExists", pool)
        require(brands.is_listed(List.MODULE, rules.market), "Pools_MarketNotListed", rules.market)
        require(brands.is_listed(List.CURRENCY, rules.currency), "Pools_CurrencyNotListed", rules.currency)
        spans = (rules.period_length, rules.payment_time)
        possible = all(_SHORTEST <= span <= _LONGEST for span in spans)
        covered = _NO_LEVERAGE <= rules.leverage <= _MOST_LEVERAGE
        require(possible and covered, "Pools_InvalidRules", rules)
        self.pools[pool] = Pool(rules, sender)
        self.emit("PoolCreated", pool, sender, salt, rules)
        return pool

    def name_steward(self, sender: Address, pool: bytes, steward: Address) -> None:
        """Name who may take over."""
        record = self._of_steward(sender, pool)
        self.pools[pool] = record._replace(next_steward=steward)
        self.emit("StewardNamed", pool, steward)

    def accept_steward(self, sender: Address, pool: bytes) -> None:
        """Take over."""
        record = self.pool_of(pool)
        require(sender == record.next_steward, "Pools_NotSteward", pool, sender)
        self.pools[pool] = record._replace(steward=sender, next_steward=ZERO)
        self.emit("StewardChanged", pool, sender)

    def announce_bounds(self, sender: Address, pool: bytes, token: Address, bounds: Bounds) -> None:
        """Announce bounds, which count after notice."""
        self._of_steward(sender, pool)
        require(bounds.base_fee + bounds.fee_slope <= _MOST_FEE, "Pools_InvalidBounds", bounds)
        effective_at = self.world.now + self.change_delay
        membership = self.membership_of(pool, token)
        self.memberships[pool, token] = membership._replace(
            pending_bounds=bounds, bounds_change_at=effective_at
        )
        self.emit("BoundsAnnounced", pool, token, bounds, effective_at)

    def withdraw_bounds(self, sender: Address, pool: bytes, token: Address) -> None:
        """Withdraw what was announced."""
        self._of_steward(sender, pool)
        membership = self.membership_of(pool, token)
        require(membership.bounds_change_at != 0, "Pools_NoChangePending", pool, token)
        self.memberships[pool, token] = _without_pending(membership)
        self.emit("BoundsWithdrawn", pool, token)

    def lower_bounds(
        self, sender: Address, pool: bytes, token: Address, limit: int, outflow_cap: int, daily_cap: int
    ) -> None:
        """Lower bounds at once, and what is announced to no more. No daily cap is the highest."""
        current = self._joined(pool, token).bounds
        if sender != self.pools[pool].steward:
            _, roles = self.world.brands.standing_of(self.world.token(token).brand_id(), sender)
            require(roles & SETTLE != 0, "Pools_NotBrand", token, sender)
        lower = current._replace(limit=limit, outflow_cap=outflow_cap, daily_cap=daily_cap)
        require(lower.is_within(current), "Pools_Raises", lower, current)
        self._keep_bounds(pool, token, lower)
        membership = self.memberships[pool, token]
        if membership.bounds_change_at:
            pending = membership.pending_bounds.lowered_to(lower)
            self.memberships[pool, token] = membership._replace(pending_bounds=pending)
            self.emit("BoundsAnnounced", pool, token, pending, membership.bounds_change_at)
        self._market(pool).on_bounds_set(self.address, pool, token, lower)

    # ---- brands

    def join_pool(self, sender: Address, pool: bytes, token: Address) -> None:
        """Join on the bounds that were announced."""
        require(pool in self.pools, "Pools_NoPool", pool)
        record, membership = self.pools[pool], self.membership_of(pool, token)
        require(not membership.joined, "Pools_AlreadyJoined", pool, token)
        require(len(record.tokens) < self.MAX_TOKENS, "Pools_PoolFull", pool)
        currency, wanted = self.world.obligations.currency_of(token), record.rules.currency
        require(currency == wanted, "Pools_OtherCurrency", token, currency, wanted)
        ends_at = self.world.obligations.wind_down_end_of(token)
        require(ends_at == 0, "Pools_WindingDown", token, ends_at)
        brand_id = self.world.token(token).brand_id()
        self.check_active_admin(brand_id, sender)
        if record.tokens:
            self._check_due(pool, token)
        self.memberships[pool, token] = membership._replace(joined=True)
        self.pools[pool] = record._replace(tokens=(*record.tokens, token))
        self.emit("Joined", pool, token, brand_id)
        bounds = self._use_announced(pool, token)
        self._market(pool).on_joined(self.address, pool, token, record.rules)
        self._market(pool).on_bounds_set(self.address, pool, token, bounds)

    def leave_pool(self, sender: Address, pool: bytes, token: Address) -> None:
        """Leave, with nothing left in it."""
        self._joined(pool, token)
        self.check_admin(self.world.token(token).brand_id(), sender)
        self.memberships[pool, token] = Membership()
        record = self.pools[pool]
        *tokens, last = record.tokens
        left = tuple(last if each == token else each for each in tokens)
        self.pools[pool] = record._replace(tokens=left)
        self.emit("Left", pool, token)
        self._market(pool).on_left(self.address, pool, token)

    # ---- anyone

    def apply_bounds(self, _sender: Address, pool: bytes, token: Address) -> None:
        """Apply bounds whose time has come."""
        self._joined(pool, token)
        self._check_due(pool, token)
        bounds = self._use_announced(pool, token)
        self._market(pool).on_bounds_set(self.address, pool, token, bounds)

    # ---- views

    def pool_of(self, pool: bytes) -> Pool:
        """A pool; all zero if there is none."""
        return self.pools.get(pool, Pool())

    def tokens_of(self, pool: bytes) -> tuple[Address, ...]:
        """The tokens in a pool."""
        return self.pool_of(pool).tokens

    def membership_of(self, pool: bytes, token: Address) -> Membership:
        """A token in a pool."""
        return self.memberships.get((pool, token), Membership())

    def alliance_fee(self) -> tuple[int, Address]:
        """What part of fees goes to the alliance, in basis points, and to whom."""
        return self.fee_bps, self.treasury

    def pool_count(self) -> int:
        """How many pools there are."""
        return len(self.pools)

    def pool_at(self, index: int) -> bytes:
        """One of them."""
        require(index < len(self.pools), "Panic", 0x32)
        return list(self.pools)[index]

    def pool_id_of(self, creator: Address, salt: bytes) -> bytes:
        """The id of a pool."""
        facts: tuple[int | bytes, ...] = (self.world.chain_id, self.address, creator, salt)
        return keccak(b"".join(map(word, facts)))

    # ---- internals

    def _of_steward(self, sender: Address, pool: bytes) -> Pool:
        require(pool in self.pools, "Pools_NoPool", pool)
        record = self.pools[pool]
        require(sender == record.steward, "Pools_NotSteward", pool, sender)
        return record

    def _joined(self, pool: bytes, token: Address) -> Membership:
        membership = self.membership_of(pool, token)
        require(membership.joined, "Pools_NotJoined", pool, token)
        return membership

    def _check_due(self, pool: bytes, token: Address) -> None:
        effective_at = self.membership_of(pool, token).bounds_change_at
        require(self.world.now >= effective_at, "Pools_ChangeNotDue", pool, token, effective_at)

    def _use_announced(self, pool: bytes, token: Address) -> Bounds:
        membership = self.membership_of(pool, token)
        require(membership.bounds_change_at != 0, "Pools_NoChangePending", pool, token)
        self.memberships[pool, token] = _without_pending(membership)
        self._keep_bounds(pool, token, membership.pending_bounds)
        return membership.pending_bounds

    def _keep_bounds(self, pool: bytes, token: Address, bounds: Bounds) -> None:
        self.memberships[pool, token] = self.memberships[pool, token]._replace(bounds=bounds)
        self.emit("BoundsSet", pool, token, bounds)

    def _market(self, pool: bytes) -> Market:
        market = self.world.contracts.get(self.pools[pool].rules.market)
        if not isinstance(market, Market):
            raise RevertError("")  # nothing there answers, or nothing that understands
        return market


def _without_pending(membership: Membership) -> Membership:
    return membership._replace(pending_bounds=Bounds(), bounds_change_at=0)
