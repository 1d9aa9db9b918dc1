"""Where members swap tokens of one brand for those of another, at par, in one hop."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from symbolon.reference.abi_words import words_of
from symbolon.reference.brands import SETTLE
from symbolon.reference.contract import DAY, UINT256, ZERO, Address, Contract, RevertError, checked, require
from symbolon.reference.eip712 import Signature, struct_hash, type_hash, word
from symbolon.reference.settlements import Line
from symbolon.reference.swap_math import WORTH, Pricing
from symbolon.reference.token import TRANSFER_ACCEPTED, Spend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from symbolon.reference.pools import Bounds, Rules
    from symbolon.reference.world import World

_REQUEST = "SwapRequest(bytes32 pool,address tokenOut,uint256 amountOut,bool exactOut,address to)"
REQUEST = type_hash(_REQUEST)
REQUEST_SPEND = type_hash(
    "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,SwapRequest witness)"
    f"{_REQUEST}"
)
_BPS = 10_000
_MOST_LINE = 2**120 - 1


class Act(IntEnum):
    """What tokens are sent for."""

    SWAP = 0
    PROVIDE = 1


class Swap(NamedTuple):
    """A swap, and what the member accepts."""

    pool: bytes
    token_in: Address
    token_out: Address
    amount_in: int
    amount_out: int
    exact_out: bool
    to: Address
    deadline: int


class SwapRequest(NamedTuple):
    """What a member signs; amount in and deadline are the spend's."""

    pool: bytes
    token_out: Address
    amount_out: int
    exact_out: bool
    to: Address

    def witness(self) -> bytes:
        """What the member agrees to, hashed."""
        return struct_hash(REQUEST, *self)


class Step(NamedTuple):
    """One of many swaps of one call."""

    pool: bytes
    token_in: Address
    token_out: Address
    amount: int
    exact_out: bool


class Movement(NamedTuple):
    """What many swaps come to in a token: the least that the caller gets, negative if it pays."""

    token: Address
    bound: int


class Period(NamedTuple):
    """A pool's running period."""

    number: int
    started_at: int
    closes_at: int
    alliance_fee: int
    prepaid: int


class Position(NamedTuple):
    """A token in a pool, as it is shown."""

    joined: bool
    stopped: bool
    suspended: bool
    decimals: int
    par_value: int
    provided: int
    net: int
    ceiling: int
    base_fee: int
    fee_slope: int
    left_today: int


class PoolRecord(NamedTuple):
    """A pool as written down."""

    currency: Address = ZERO
    period_length: int = 0
    payment_time: int = 0
    leverage: int = 0
    period: int = 0
    started_at: int = 0
    alliance_fee: int = 0
    prepaid: int = 0

    @property
    def closes_at(self) -> int:
        """When the period can be closed."""
        return self.started_at + self.period_length

    def line(self, bond: int, unpaid: int) -> int:
        """How much a brand may owe."""
        return min(max(0, bond * self.leverage // 100 - unpaid), _MOST_LINE)


class Record(NamedTuple):
    """A token in a pool as written down."""

    joined: bool = False
    stopped: bool = False
    suspended: bool = False
    provided: int = 0
    net: int = 0
    pricing: Pricing = Pricing()
    limit: int = 0
    outflow_cap: int = 0
    daily_cap: int = 0
    taken_today: int = 0
    day: int = 0

    @property
    def intake(self) -> int:
        """What members brought beyond what they took."""
        return max(0, self.net)

    @property
    def stock(self) -> int:
        """What members can take."""
        return self.provided + self.net

    @property
    def room(self) -> int:
        """What they can bring."""
        return max(0, self.pricing.ceiling - self.net)

    def taken_on(self, day: int) -> int:
        """What counts against that day's cap."""
        return self.taken_today if self.day == day else 0

    def left_on(self, day: int) -> int:
        """What the daily cap leaves; the largest number without one."""
        return max(0, self.daily_cap - self.taken_on(day)) if self.daily_cap else UINT256


class Swaps(Contract):
    """See ISwaps."""

    def __init__(self, world: World, address: Address) -> None:
        super().__init__(world, address)
        self.pools: dict[bytes, PoolRecord] = {}
        self.positions: dict[tuple[bytes, Address], Record] = {}

    # ---- pools

    def on_joined(self, sender: Address, pool: bytes, token: Address, rules: Rules) -> None:
        """Learn of a brand that joins; the first starts the first period."""
        self._check_pools(sender)
        if pool not in self.pools:
            record = PoolRecord(rules.currency, rules.period_length, rules.payment_time, rules.leverage)
            self.pools[pool] = self._started(record)
        par_value = self.world.obligations.obligation_of(token).par_value
        pricing = Pricing(par_value=par_value, decimals=self.world.token(token).decimals())
        self.positions[pool, token] = Record(joined=True, pricing=pricing)

    def on_bounds_set(self, sender: Address, pool: bytes, token: Address, bounds: Bounds) -> None:
        """Learn of other bounds."""
        self._check_pools(sender)
        position = self._joined(pool, token)
        pricing = position.pricing._replace(base_fee=bounds.base_fee, fee_slope=bounds.fee_slope)
        self.positions[pool, token] = position._replace(
            pricing=pricing, limit=bounds.limit, outflow_cap=bounds.outflow_cap, daily_cap=bounds.daily_cap
        )
        self._refresh_ceiling(pool, token)

    def on_left(self, sender: Address, pool: bytes, token: Address) -> None:
        """Learn of a brand that leaves, with nothing left."""
        self._check_pools(sender)
        position = self._joined(pool, token)
        require(position.provided == position.net == 0, "Swaps_StillInUse", pool, token)
        self.positions[pool, token] = Record()

    # ---- brands

    def withdraw(self, sender: Address, pool: bytes, token: Address, amount: int, to: Address) -> None:
        """Take back what was provided and members have not taken."""
        position = self._joined(pool, token)
        self._check_settler(pool, token, sender)
        self._check_available(pool, token, amount, position.provided + min(position.net, 0))
        self._take_provided(pool, token, amount, to)
        self.world.token(token).transfer(self.address, to, amount)

    def set_stopped(self, sender: Address, pool: bytes, token: Address, stopped: bool) -> None:
        """Stop a brand's part, or let it go on."""
        position = self._joined(pool, token)
        self._check_settler(pool, token, sender)
        self.positions[pool, token] = position._replace(stopped=stopped)
        self.emit("StopSet", pool, token, stopped)

    # ---- anyone

    def sync_suspension(self, _sender: Address, pool: bytes, token: Address) -> None:
        """Stop a token's part with its brand's issuing, or end that."""
        position = self._joined(pool, token)
        self.world.obligations.sync_mint_stop(self.address, token)
        suspended = self.world.token(token).mint_stopped()
        self.positions[pool, token] = position._replace(suspended=suspended)
        self.emit("SuspensionSynced", pool, token, suspended)

    def burn_provided(self, _sender: Address, pool: bytes, token: Address) -> int:
        """In default, burn what the brand could withdraw; how much."""
        position = self._joined(pool, token)
        in_default = self.world.obligations.is_in_default(token)
        require(in_default, "Swaps_NotInDefault", token)
        amount = position.provided + min(position.net, 0)
        self._take_provided(pool, token, amount, ZERO)
        self.world.token(token).burn(self.address, amount)
        return amount

    def close(self, _sender: Address, pool: bytes) -> None:
        """Close a period that has ended: debts and claims are settled, and the next one begins."""
        record = self.pools.get(pool, PoolRecord())
        is_over = record.started_at != 0 and self.world.now >= record.closes_at
        require(is_over, "Swaps_NotClosable", pool, record.closes_at)
        lines = [self._line(pool, token) for token in self.world.pools.tokens_of(pool)]
        owed, credit = sum(each.owed for each in lines), sum(each.claim for each in lines)
        self._close_positions(pool, record.period, lines, settles=credit != 0)
        treasury_claim, prepaid = 0, record.prepaid
        if credit:
            fees = checked(owed + record.prepaid - credit, 256)
            treasury_claim = fees * record.alliance_fee // _BPS
            lines, prepaid = _with_fees(lines, credit, fees - treasury_claim), 0
        self.pools[pool] = self._started(record)._replace(period=record.period + 1, prepaid=prepaid)
        self.emit("PeriodClosed", pool, record.period, credit != 0)
        if credit:
            self._settle(pool, record, lines, treasury_claim)

    # ---- members

    def swap(self, sender: Address, order: Swap) -> tuple[int, int]:
        """Swap, from the caller's allowance."""
        amount_in, amount_out = self._swap_within(order)
        self.world.token(order.token_in).transfer_from(self.address, sender, self.address, amount_in)
        self.world.token(order.token_out).transfer(self.address, order.to, amount_out)
        return amount_in, amount_out

    def swap_with_permit(
        self, sender: Address, order: Swap, value: int, deadline: int, signature: Signature
    ) -> tuple[int, int]:
        """As `swap`, with the caller's permit; if that is no good, what is allowed counts."""
        self._joined(order.pool, order.token_in)
        try:
            token = self.world.token(order.token_in)
            token.permit(self.address, sender, self.address, value, deadline, signature)
        except RevertError:
            pass  # a permit is refused before it has changed anything
        return self.swap(sender, order)

    def swap_with_signature(
        self, _sender: Address, token_in: Address, request: SwapRequest, spend: Spend, signature: Signature
    ) -> tuple[int, int]:
        """Swap what a member signed."""
        amount_in, amount_out = self._swap_within(
            Swap(
                pool=request.pool,
                token_in=token_in,
                token_out=request.token_out,
                amount_in=spend.amount,
                amount_out=request.amount_out,
                exact_out=request.exact_out,
                to=request.to,
                deadline=spend.deadline,
            )
        )
        self.world.token(token_in).receive_with_signature(
            self.address, spend, amount_in, REQUEST_SPEND, request.witness(), signature
        )
        self.world.token(request.token_out).transfer(self.address, request.to, amount_out)
        return amount_in, amount_out

    def swap_many(
        self,
        sender: Address,
        steps: Sequence[Step],
        movements: Sequence[Movement],
        to: Address,
        deadline: int,
    ) -> None:
        """Many swaps; tokens move once, by what is left over."""
        require(self.world.now <= deadline, "Swaps_Expired", deadline)
        places = {each.token: place for place, each in reversed(list(enumerate(movements)))}
        deltas = [0] * len(movements)
        for step in steps:
            for token in (step.token_in, step.token_out):
                require(token in places, "Swaps_UnknownMovement", token)
            place_in, place_out = places[step.token_in], places[step.token_out]
            amount = step.amount
            if amount == 0 and not step.exact_out:
                amount = max(0, deltas[place_in])
            what = (step.pool, step.token_in, step.token_out, amount, step.exact_out, to)
            amount_in, amount_out = self._record(*what)
            deltas[place_in] -= amount_in
            deltas[place_out] += amount_out
        for (token, bound), delta in zip(movements, deltas, strict=True):
            require(delta >= bound, "Swaps_WrongMovement", token, delta, bound)
            if delta < 0:
                self.world.token(token).transfer_from(self.address, sender, self.address, -delta)
        for (token, _), delta in zip(movements, deltas, strict=True):
            if delta > 0:
                self.world.token(token).transfer(self.address, to, delta)

    def on_transfer_received(
        self, sender: Address, _operator: Address, holder: Address, value: int, data: bytes
    ) -> bytes:
        """Swap what a member sends, or take in what a brand provides."""
        (act,) = words_of(data, (256,))
        if act not in (Act.SWAP, Act.PROVIDE):
            raise RevertError("")
        if act == Act.SWAP:
            self._swap_received(sender, holder, value, data[32:])
        else:
            self._provide(sender, holder, value, data[32:])
        return TRANSFER_ACCEPTED

    # ---- settlements

    def on_account_changed(
        self, sender: Address, pool: bytes, token: Address, bond: int, unpaid: int
    ) -> None:
        """Learn of what stands behind a brand's debts."""
        self._check_settlements(sender)
        if self._position(pool, token).joined:
            self._set_ceiling(pool, token, bond, unpaid)

    def on_bond_reclaimed(self, sender: Address, pool: bytes, token: Address, bond: int, unpaid: int) -> None:
        """Let a brand have back what its running debt does not need."""
        self._check_settlements(sender)
        position = self._position(pool, token)
        if not position.joined:
            return
        line, debt = self.pools[pool].line(bond, unpaid), position.pricing.value_up(position.intake)
        require(debt <= line, "Swaps_BondInUse", pool, token, debt, line)
        self._set_ceiling(pool, token, bond, unpaid)

    def on_prepaid(self, sender: Address, pool: bytes, token: Address, most: int) -> tuple[Address, int, int]:
        """Cancel a brand's running debt, or a part of it, whose tokens burn."""
        self._check_settlements(sender)
        position = self._joined(pool, token)
        debt = position.intake
        require(debt != 0, "Swaps_NotDebtor", pool, token)
        amount = min(most, debt)
        self.positions[pool, token] = position._replace(net=position.net - amount)
        record, value = self.pools[pool], position.pricing.value_up(amount)
        require(value < 1 << 128, "SafeCastOverflowedUintDowncast", 128, value)
        self.pools[pool] = record._replace(prepaid=checked(record.prepaid + value, 128))
        self.world.token(token).burn(self.address, amount)
        return record.currency, amount, value

    # ---- views

    def quote_out(self, pool: bytes, token_in: Address, token_out: Address, amount_in: int) -> int:
        """What a swap would give."""
        return self._quote(pool, token_in, token_out, amount_in, exact_out=False)[1]

    def quote_in(self, pool: bytes, token_in: Address, token_out: Address, amount_out: int) -> int:
        """What a swap would take."""
        return self._quote(pool, token_in, token_out, amount_out, exact_out=True)[0]

    def period_of(self, pool: bytes) -> Period:
        """A pool's running period."""
        record = self.pools.get(pool, PoolRecord())
        return Period(record.period, record.started_at, record.closes_at, record.alliance_fee, record.prepaid)

    def position_of(self, pool: bytes, token: Address) -> Position:
        """A token in a pool."""
        position = self._position(pool, token)
        pricing = position.pricing
        return Position(
            joined=position.joined,
            stopped=position.stopped,
            suspended=position.suspended,
            decimals=pricing.decimals,
            par_value=pricing.par_value,
            provided=position.provided,
            net=position.net,
            ceiling=pricing.ceiling,
            base_fee=pricing.base_fee,
            fee_slope=pricing.fee_slope,
            left_today=position.left_on(self._today()),
        )

    # ---- swapping

    def _swap_within(self, order: Swap) -> tuple[int, int]:
        require(self.world.now <= order.deadline, "Swaps_Expired", order.deadline)
        amount = order.amount_out if order.exact_out else order.amount_in
        what = (order.pool, order.token_in, order.token_out, amount, order.exact_out, order.to)
        amount_in, amount_out = self._record(*what)
        require(amount_out >= order.amount_out, "Swaps_TooLittleOut", amount_out, order.amount_out)
        require(amount_in <= order.amount_in, "Swaps_TooMuchIn", amount_in, order.amount_in)
        return amount_in, amount_out

    def _swap_received(self, token: Address, holder: Address, value: int, data: bytes) -> None:
        fields = words_of(data, (None, 160, 256, 1, 160, 256))
        pool, token_out, amount_out, exact_out, to, deadline = fields
        order = Swap(
            pool=bytes(pool),
            token_in=token,
            token_out=int(token_out).to_bytes(20),
            amount_in=value,
            amount_out=int(amount_out),
            exact_out=bool(exact_out),
            to=int(to).to_bytes(20),
            deadline=int(deadline),
        )
        amount_in, taken = self._swap_within(order)
        if amount_in != value:
            self.world.token(token).transfer(self.address, holder, value - amount_in)
        self.world.token(order.token_out).transfer(self.address, order.to, taken)

    def _record(
        self, pool: bytes, token_in: Address, token_out: Address, amount: int, exact_out: bool, to: Address
    ) -> tuple[int, int]:
        amounts = self._quote(pool, token_in, token_out, amount, exact_out=exact_out)
        amount_in, amount_out = amounts
        brought, taken = self.positions[pool, token_in], self.positions[pool, token_out]
        if brought.daily_cap:
            today = self._today()
            brought = brought._replace(day=today, taken_today=brought.taken_on(today) + amount_in)
        self.positions[pool, token_in] = brought._replace(net=brought.net + amount_in)
        self.positions[pool, token_out] = taken._replace(net=taken.net - amount_out)
        self.emit("Swapped", pool, token_in, token_out, to, amount_in, amount_out)
        return amounts

    def _quote(
        self, pool: bytes, token_in: Address, token_out: Address, amount: int, *, exact_out: bool
    ) -> tuple[int, int]:
        require(token_in != token_out, "Swaps_SameToken", token_in)
        require(amount != 0, "Swaps_ZeroAmount")
        brought, taken = self._running(pool, token_in), self._running(pool, token_out)
        pricing, unit, room = brought.pricing, taken.pricing.unit_worth, brought.room
        if exact_out:
            amount_out = amount
            self._check_available(pool, token_out, amount_out, taken.stock)
            amount_in = pricing.amount_in(brought.net, amount_out * unit, room)
            require(amount_in <= room, "Swaps_OverCeiling", pool, token_in, amount_in, room)
        else:
            amount_in = amount
            require(amount_in <= room, "Swaps_OverCeiling", pool, token_in, amount_in, room)
            amount_out = pricing.worth_in(brought.net, amount_in) // unit
            require(amount_out != 0, "Swaps_ZeroAmount")
            self._check_available(pool, token_out, amount_out, taken.stock)
        left = brought.left_on(self._today())
        require(amount_in <= left, "Swaps_OverDailyCap", pool, token_in, amount_in, left)
        return amount_in, amount_out

    def _take_provided(self, pool: bytes, token: Address, amount: int, to: Address) -> None:
        require(amount != 0, "Swaps_ZeroAmount")
        position = self.positions[pool, token]
        self.positions[pool, token] = position._replace(provided=position.provided - amount)
        self.emit("Withdrawn", pool, token, to, amount)

    def _check_available(self, pool: bytes, token: Address, amount: int, available: int) -> None:
        require(amount <= available, "Swaps_NotEnoughIn", pool, token, amount, available)

    def _running(self, pool: bytes, token: Address) -> Record:
        position = self._joined(pool, token)
        require(not (position.stopped or position.suspended), "Swaps_Stopped", pool, token)
        return position

    def _today(self) -> int:
        return self.world.now // DAY

    # ---- bounding

    def _provide(self, token: Address, holder: Address, value: int, data: bytes) -> None:
        pool = bytes(words_of(data, (None,))[0])
        position = self._joined(pool, token)
        self._check_settler(pool, token, holder)
        provided, cap = position.provided + value, position.outflow_cap
        require(provided <= cap, "Swaps_OverOutflowCap", pool, token, provided, cap)
        self.positions[pool, token] = position._replace(provided=provided)
        self.emit("Provided", pool, token, holder, value)

    def _refresh_ceiling(self, pool: bytes, token: Address) -> None:
        account = self.world.settlements.account_of(self.address, pool, token)
        self._set_ceiling(pool, token, account.bond, account.unpaid)

    def _set_ceiling(self, pool: bytes, token: Address, bond: int, unpaid: int) -> None:
        position = self.positions[pool, token]
        line = self.pools[pool].line(bond, unpaid) * WORTH // position.pricing.unit_worth
        ceiling = min(line, position.limit)
        if ceiling != position.pricing.ceiling:
            pricing = position.pricing._replace(ceiling=ceiling)
            self.positions[pool, token] = position._replace(pricing=pricing)
            self.emit("CeilingSet", pool, token, ceiling)

    # ---- closing

    def _started(self, record: PoolRecord) -> PoolRecord:
        return record._replace(started_at=self.world.now, alliance_fee=self.world.pools.alliance_fee()[0])

    def _line(self, pool: bytes, token: Address) -> Line:
        position = self.positions[pool, token]
        net, unit = position.net, position.pricing.unit_worth
        if net >= 0:
            return Line(token, owed=position.pricing.value_up(net), lien=net)
        return Line(token, claim=-net * unit // WORTH)

    def _close_positions(self, pool: bytes, period: int, lines: Sequence[Line], *, settles: bool) -> None:
        for line in lines:
            position = self.positions[pool, line.token]
            net, provided = position.net, position.provided
            if net == 0:
                continue
            if net < 0 or not settles:
                provided += net
                require(provided < 1 << 96, "SafeCastOverflowedUintDowncast", 96, provided)
            self.positions[pool, line.token] = position._replace(net=0, provided=provided)
            self.emit("PositionClosed", pool, period, line.token, net)

    def _settle(self, pool: bytes, record: PoolRecord, lines: Sequence[Line], treasury_claim: int) -> None:
        settlements = self.world.settlements
        for line in lines:
            if line.lien:
                self.world.token(line.token).transfer(self.address, settlements.address, line.lien)
        settlements.open(
            self.address,
            pool,
            record.period,
            record.currency,
            self.world.now + record.payment_time,
            lines,
            self.world.pools.treasury,
            treasury_claim,
        )
        for line in lines:
            if line.owed:
                self._refresh_ceiling(pool, line.token)

    # ---- internals

    def _check_pools(self, sender: Address) -> None:
        require(sender == self.world.pools.address, "Swaps_NotPools", sender)

    def _check_settlements(self, sender: Address) -> None:
        require(sender == self.world.settlements.address, "Swaps_NotSettlements", sender)

    def _check_settler(self, pool: bytes, token: Address, account: Address) -> None:
        _, roles = self.world.brands.standing_of(self.world.token(token).brand_id(), account)
        require(roles & SETTLE != 0, "Swaps_NotBrand", pool, token, account)

    def _position(self, pool: bytes, token: Address) -> Record:
        return self.positions.get((pool, token), Record())

    def _joined(self, pool: bytes, token: Address) -> Record:
        position = self._position(pool, token)
        require(position.joined, "Swaps_NotJoined", pool, token)
        return position


def act_data(act: Act, *fields: int | bytes) -> bytes:
    """What is sent along with tokens."""
    return b"".join(map(word, (act, *fields)))


def _with_fees(lines: Sequence[Line], credit: int, fees: int) -> list[Line]:
    """Creditors' claims with their part of the fees: what all up to and with one get, less those before."""
    shared, seen = [], 0
    for line in lines:
        before, seen = seen, seen + line.claim
        share = fees * seen // credit - fees * before // credit
        shared.append(line._replace(claim=line.claim + share))
    return shared
