"""Rules: pools of brands, swapping in them, and settling what brands come to owe one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from stateful import abi
from stateful.dice import Dice, play
from stateful.machine import EVERYBODY, Played
from stateful.rules_orders import OrderRules
from stateful.stage import (
    ADMINS,
    ALLIANCE,
    FOUNDERS,
    INTRUDER,
    MANAGERS,
    MEMBERS,
    TILLS,
    entry_slot,
    slot_of,
)
from symbolon.reference import Address, Contract, Event, RevertError
from symbolon.reference.bonds import Purse
from symbolon.reference.brands import SETTLE, List, Status
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.eip712 import word
from symbolon.reference.pools import Bounds, Rules
from symbolon.reference.settlements import Line
from symbolon.reference.swap_math import WORTH
from symbolon.reference.swaps import REQUEST_SPEND, Act, Movement, Record, Step, Swap, SwapRequest, act_data
from symbolon.reference.token import LoyaltyToken

UINT96 = 2**96 - 1
STEWARD, TREASURY = FOUNDERS[0], TILLS[1]
CAREFUL, BOLD = 100, 250
"""Leverage of the pools of the scene, in percent."""
Place = tuple[bytes, Address]
"""A pool and a token."""
Fund = tuple[Address, bytes, Address]
"""A source, its pool, and a token."""


class Books(NamedTuple):
    """A token in a pool, as we saw it."""

    provided: int = 0
    net: int = 0
    stopped: bool = False
    bounds: Bounds = Bounds()

    @property
    def stock(self) -> int:
        return self.provided + self.net


class Settling(NamedTuple):
    """A settlement, as we saw it."""

    source: Address
    pool: bytes
    period: int
    currency: Address
    due_at: int
    total: int
    received: int


class PoolRules(OrderRules):
    """Swaps and settlements are judged by books of our own: what came and went, what it was worth at par."""

    def __init__(self) -> None:
        self.rules_of_pools: dict[bytes, Rules] = {}
        self.books: dict[Place, Books] = {}
        self.bounds_announced: dict[Place, tuple[int, Bounds]] = {}
        self.prepaid: Counter[tuple[Address, bytes]] = Counter()
        self.bond: Counter[Fund] = Counter()
        self.unpaid: Counter[Fund] = Counter()
        self.settling: dict[bytes, Settling] = {}
        self.debts: Counter[tuple[bytes, Address]] = Counter()
        self.claims: dict[tuple[bytes, Address], int] = {}
        self.taken: Counter[tuple[bytes, Address]] = Counter()
        self.liens: Counter[Address] = Counter()
        self.money: Counter[Address] = Counter()
        self.gifts_of_tokens: Counter[tuple[Address, Address]] = Counter()
        self.gifts_of_money: Counter[Address] = Counter()
        super().__init__()
        if not self.rules_of_pools:
            self._take_stock()

    def _take_stock(self) -> None:
        """Each play begins with what the scene has set up."""
        world = self.world
        self.rules_of_pools = {pool: record.rules for pool, record in world.pools.pools.items()}
        for (pool, token), membership in world.pools.memberships.items():
            position = world.swaps.positions[pool, token]
            self.books[pool, token] = Books(position.provided, bounds=membership.bounds)
        self.bond = Counter({fund: account.bond for fund, account in world.settlements.accounts.items()})

    def set_scene(self) -> None:
        super().set_scene()
        world, alliance = self.world, ALLIANCE.address
        for module in (world.swaps, world.settlements):
            self.do(alliance, world.brands, "set_listed", int(List.MODULE), module.address, True)
        self.do(alliance, world.pools, "set_alliance_fee", 500, TREASURY.address)
        for account in {*ADMINS, *MANAGERS, *TILLS, *MEMBERS}:
            for currency in self.at.currencies:
                self.do(account.address, currency, "mint", account.address, 10**33)
                self.do(account.address, currency, "approve", world.settlements.address, UINT256)
        for token in self.obliged():
            what = (token.address, int(Purse.SETTLEMENT), 10**9)
            self.do(self.admin_of(token), world.bonds, "deposit", *what)
            for member in self.at.members:
                self.do(member.address, token, "approve", world.swaps.address, UINT256)
        made = []
        for leverage in (CAREFUL, BOLD):
            rules = Rules(world.swaps.address, self.at.currencies[0].address, 7 * DAY, 5 * DAY, leverage)
            pool = self.do(STEWARD.address, world.pools, "create_pool", leverage.to_bytes(32), rules).result
            for token in self.obliged():
                scale = token.capacity() // 100 + 1
                bounds = Bounds(scale, 3 * scale, 0, 1000, 20_000)
                self.do(STEWARD.address, world.pools, "announce_bounds", pool, token.address, bounds)
            made.append(pool)
        self.set_time(world.now + world.pools.change_delay)
        for pool in made:
            for token in self.obliged():
                self._enter(token, pool)

    def _enter(self, token: LoyaltyToken, pool: bytes) -> None:
        """A brand joins, lays down money, and provides tokens."""
        world, admin = self.world, self.admin_of(token)
        self.do(admin, world.pools, "join_pool", pool, token.address)
        fund = (token.address, int(Purse.SETTLEMENT), world.settlements.address, 4 * 10**8)
        self.do(admin, world.bonds, "allot", *fund, word(world.swaps.address) + pool)
        some = min(
            token.capacity() // 100, self._worth_a_million(token), token.quota_of(self._manager(token))
        )
        self.do(self._manager(token), token, "mint", self._manager(token), some)
        data = act_data(Act.PROVIDE, pool)
        self.do(self._manager(token), token, "transfer_and_call", world.swaps.address, some, data)

    def _manager(self, token: LoyaltyToken) -> Address:
        return next(each for each in token.quotas if each in {manager.address for manager in MANAGERS})

    def _worth_a_million(self, token: LoyaltyToken) -> int:
        return int(10**8 * WORTH // self.unit_of(token.address))

    # ---- what was seen

    def unit_of(self, token: Address) -> int:
        """What a base unit is worth at par."""
        par = self.world.obligations.obligations[token].par_value
        return int(par * WORTH // 10 ** self.world.token(token).decimals())

    def line_of(self, pool: bytes, token: Address) -> int:
        """What a brand may owe: for what it laid down for this pool, less what is unpaid."""
        fund = (self.world.swaps.address, pool, token)
        return max(0, self.bond[fund] * self.rules_of_pools[pool].leverage // 100 - self.unpaid[fund])

    def pooled(self) -> list[Address]:
        """Every token that was ever in a pool."""
        return list(dict.fromkeys(token for _, token in self.books))

    def _fees(self, pool: bytes) -> int:
        """What members left in a running period beyond par."""
        nets = (books.net * self.unit_of(token) for (its, token), books in self.books.items() if its == pool)
        return sum(nets) + self.prepaid[self.world.swaps.address, pool] * WORTH

    # ---- judging

    def _touched(self, target: Contract, arguments: Sequence[Any]) -> list[LoyaltyToken]:
        touched = super()._touched(target, arguments)
        if not self._is_ours(target, arguments):
            return touched
        return list(dict.fromkeys([*touched, *map(self.world.token, self.pooled())]))

    def _is_ours(self, target: Contract, arguments: Sequence[Any]) -> bool:
        swaps = self.world.swaps
        sent = bool(arguments) and type(arguments[0]) is bytes and arguments[0] == swaps.address
        return target in (swaps, self.world.settlements) or sent

    def _acting(self, target: Contract, arguments: Sequence[Any]) -> tuple[Address, ...]:
        acting = super()._acting(target, arguments)
        ours = (self.world.swaps.address, self.world.settlements.address)
        return (*acting, *ours) if self._is_ours(target, arguments) else acting

    def do(
        self, sender: Address, target: Contract, method: str, *arguments: Any, split: bool = False
    ) -> Played:
        played = super().do(sender, target, method, *arguments, split=split)
        if not played.ok:
            return played
        watched = (self.world.swaps, self.world.settlements, self.world.pools)
        addresses = [each.address for each in watched]
        mine = [each for each in self.world.events if each.contract in addresses]
        self._count_gifts(target, method)
        if mine:
            settled = next((each.facts[2] for each in mine if each.name == "PeriodClosed"), False)
            for event in mine:
                self._judge_pools(event, settled=settled)
            self._check_pool_money()
        return played

    def _count_gifts(self, target: Contract, method: str) -> None:
        """What is merely sent is nobody's."""
        ours = (self.world.swaps.address, self.world.settlements.address)
        for event in self.world.events:
            if event.name != "Transfer" or event.contract != target.address:
                continue
            _, to, amount = event.facts
            if to not in ours:
                continue
            if target in self.at.currencies:
                self.gifts_of_money[target.address] += amount * (to == ours[1])
            elif method != "transfer_and_call":
                self.gifts_of_tokens[to, target.address] += amount

    def _judge_pools(self, event: Event, *, settled: bool) -> None:
        """Enter in our books what an event says, if it may be so."""
        judges: dict[str, Callable[..., object]] = {
            "PoolCreated": lambda pool, _creator, _salt, rules: self.rules_of_pools.update({pool: rules}),
            "BoundsAnnounced": self._bounds_announced,
            "BoundsSet": self._bounds_set,
            "Left": lambda pool, token: self._write(pool, token, stopped=False, bounds=Bounds()),
            "StopSet": lambda pool, token, stopped: self._write(pool, token, stopped=stopped),
            "Provided": self._provided,
            "Withdrawn": self._withdrawn_from_pool,
            "Swapped": self._swapped,
            "Prepaid": self._prepaid,
            "BondChanged": self._bond_changed,
            "DebtOpened": self._debt_opened,
            "ClaimOpened": self._claim_opened,
            "SettlementOpened": self._settlement_opened,
            "DebtPaid": self._debt_paid,
            "ClaimPaid": self._claim_paid,
        }
        if event.name == "PositionClosed":
            self._position_closed(*event.facts, settled=settled)
        elif event.name in judges:
            judges[event.name](*event.facts)

    def _write(self, pool: bytes, token: Address, **changes: Any) -> Books:
        books = self.books.get((pool, token), Books())._replace(**changes)
        self.books[pool, token] = books
        assert books.stock >= 0, "SETTLE-3: members took more of a token than there was in the pool"
        assert books.provided + min(0, books.net) >= 0, "SETTLE-3: a brand gives more than it provides"
        return books

    def _bounds_set(self, pool: bytes, token: Address, bounds: Bounds) -> None:
        before, now = self.books.get((pool, token), Books()).bounds, Bounds(*bounds)
        names = [each.name for each in self.world.events]
        is_first = "Joined" in names and self.members_of(pool) == [token]
        if not now.is_within(before) and not is_first:
            announced_at, announced = self.bounds_announced[pool, token]
            waited = self.world.now - announced_at
            assert waited >= self.world.pools.change_delay, f"SWAP-2: bounds rose {waited} s after notice"
            assert now == announced, "SWAP-2: bounds rose to what was not announced"
            self.tally.checks["SWAP-2: raised"] += 1
        self._write(pool, token, bounds=now)

    def _bounds_announced(self, pool: bytes, token: Address, bounds: Bounds, _effective_at: int) -> None:
        """Said again while bounds are lowered, for the time that was said first."""
        announced, lowered = Bounds(*bounds), any(each.name == "BoundsSet" for each in self.world.events)
        if lowered:
            now = self.books[pool, token].bounds
            assert announced.is_within(now), "SWAP-2: bounds were lowered, and wait to be raised again"
            self.tally.checks["SWAP-2: lowered under what was announced"] += 1
        since = self.bounds_announced[pool, token][0] if lowered else self.world.now
        self.bounds_announced[pool, token] = (since, announced)

    def _provided(self, pool: bytes, token: Address, _from: Address, amount: int) -> None:
        before = self.books[pool, token]
        after = self._write(pool, token, provided=before.provided + amount)
        assert after.provided <= before.bounds.outflow_cap, "SWAP-2: more is provided than the cap"

    def _withdrawn_from_pool(self, pool: bytes, token: Address, _to: Address, amount: int) -> None:
        before = self.books[pool, token]
        self._write(pool, token, provided=before.provided - amount)

    def _swapped(
        self,
        pool: bytes,
        token_in: Address,
        token_out: Address,
        _to: Address,
        amount_in: int,
        amount_out: int,
    ) -> None:
        brought, taken = amount_in * self.unit_of(token_in), amount_out * self.unit_of(token_out)
        assert taken <= brought, f"SWAP-1: a swap gave {taken} for {brought} at par"
        self.tally.checks["SWAP-1: at par"] += 1
        for token, change in ((token_in, amount_in), (token_out, -amount_out)):
            before = self.books[pool, token]
            assert not before.stopped, "SWAP-2: a brand's part goes on though it stopped it"
            self._write(pool, token, net=before.net + change)
        after = self.books[pool, token_in]
        net, line = after.net, self.line_of(pool, token_in)
        assert net <= after.bounds.limit or net <= 0, f"SWAP-2: {net} is more than the limit"
        assert net * self.unit_of(token_in) <= line * WORTH or net <= 0, (
            f"SWAP-2: {net} is more than a line of {line}"
        )
        self.tally.checks["SWAP-2: within the bounds"] += 1
        assert self._fees(pool) >= 0, "SETTLE-1: members took more than they left"

    def _prepaid(
        self, source: Address, pool: bytes, token: Address, _payer: Address, amount: int, value: int
    ) -> None:
        assert value * WORTH >= amount * self.unit_of(token), "SETTLE-1: prepaid for less than par"
        before = self.books[pool, token]
        assert amount <= before.net, "SETTLE-1: prepaid for more than is owed"
        self._write(pool, token, net=before.net - amount)
        self.prepaid[source, pool] += value
        self.money[self.rules_of_pools[pool].currency] += value

    def _position_closed(self, pool: bytes, _period: int, token: Address, net: int, *, settled: bool) -> None:
        before = self.books[pool, token]
        assert net == before.net, f"SETTLE-1: {net} were closed and {before.net} swapped"
        stays = net < 0 or not settled
        self._write(pool, token, net=0, provided=before.provided + (net if stays else 0))

    def _bond_changed(self, source: Address, pool: bytes, token: Address, bond: int) -> None:
        fund = (source, pool, token)
        is_less = bond < self.bond[fund]
        self.bond[fund] = bond
        if not is_less or pool not in self.rules_of_pools:
            return
        if any(each.name == "DebtPaid" for each in self.world.events):
            return  # what was laid down pays; a running debt may then be without cover
        debt = self.books.get((pool, token), Books()).net * self.unit_of(token)
        line = self.line_of(pool, token)
        assert debt <= line * WORTH or debt <= 0, f"SWAP-2: a brand that owes {debt} took back all but {line}"
        assert bond >= self.unpaid[fund], "SWAP-2: a brand took back what an unpaid debt needs"
        self.tally.checks["SWAP-2: reclaimed"] += 1

    def _debt_opened(self, settlement_id: bytes, token: Address, value: int, lien: int) -> None:
        self.debts[settlement_id, token] += value
        self.liens[token] += lien

    def _claim_opened(self, settlement_id: bytes, claimant: Address, value: int) -> None:
        self.claims[settlement_id, claimant] = self.claims.get((settlement_id, claimant), 0) + value

    def _settlement_opened(self, source: Address, pool: bytes, period: int, *facts: Any) -> None:
        currency, due_at, total, prepaid = facts
        settlement_id = self.world.settlements.settlement_id_of(source, pool, period)
        assert settlement_id not in self.settling, "SETTLE-1: a period was settled twice"
        assert prepaid == self.prepaid[source, pool], "SETTLE-1: what was prepaid is not what is settled"
        self.prepaid[source, pool] = 0
        owed = {token: value for (its, token), value in self.debts.items() if its == settlement_id}
        claims = {each: value for (its, each), value in self.claims.items() if its == settlement_id}
        due, claimed = sum(owed.values()) + prepaid, sum(claims.values())
        assert due == claimed == total, f"SETTLE-1: {due} are due and {claimed} claimed of {total}"
        self.settling[settlement_id] = Settling(source, pool, period, currency, due_at, total, prepaid)
        for token, value in owed.items():
            self.unpaid[source, pool, token] += value
        if source == self.world.swaps.address:
            self._check_par(owed, claims)
        else:
            # A stranger's source sends nothing along: what it names had been lying there as nobody's.
            for event in self.world.events:
                if event.name == "DebtOpened":
                    _, token, _, lien = event.facts
                    self.gifts_of_tokens[self.world.settlements.address, token] -= lien
        self.tally.checks["SETTLE-1: opened"] += 1

    def _check_par(self, owed: dict[Address, int], claims: dict[Address, int]) -> None:
        """Debts are what came in at par, and nobody's claim is less than what it gave (SETTLE-1)."""
        closed = {each.facts[2]: each.facts[3] for each in self.world.events if each.name == "PositionClosed"}
        for token, net in closed.items():
            worth = net * self.unit_of(token)
            if net > 0:
                assert owed[token] == -(-worth // WORTH), f"SETTLE-1: {owed[token]} owed for {worth}"
            else:
                assert claims.get(token, 0) >= -worth // WORTH, f"SETTLE-1: a claim below par, for {worth}"

    def _debt_paid(
        self, settlement_id: bytes, token: Address, payer: Address, value: int, burned: int
    ) -> None:
        settling = self.settling[settlement_id]
        if payer == self.world.bonds.address:
            assert self.world.now >= settling.due_at, "SETTLE-1: a debt was enforced before it was due"
            self.tally.checks["SETTLE-1: enforced"] += 1
        fund = (settling.source, settling.pool, token)
        self.debts[settlement_id, token] -= value
        self.unpaid[fund] -= value
        self.liens[token] -= burned
        assert self.debts[settlement_id, token] >= 0, "SETTLE-1: more was paid than owed"
        received = settling.received + value
        self.settling[settlement_id] = settling._replace(received=received)
        assert received <= settling.total, "SETTLE-1: more was received than is claimed"
        self.money[settling.currency] += value

    def _claim_paid(
        self, settlement_id: bytes, claimant: Address, _to: Address, value: int, to_holders: int
    ) -> None:
        settling = self.settling[settlement_id]
        self.taken[settlement_id, claimant] += value
        taken, claim = self.taken[settlement_id, claimant], self.claims[settlement_id, claimant]
        most = claim * settling.received // settling.total
        assert taken <= most, f"SETTLE-3: {taken} were taken and the part is {most}"
        assert to_holders <= value, "SETTLE-3: the holders' purse got more than was taken"
        self.money[settling.currency] -= value
        self.tally.checks["SETTLE-3: taken"] += 1

    def _check_pool_money(self) -> None:
        """Swaps and settlements hold what their books say, and what they were given (BOOK-1)."""
        swaps, settlements = self.world.swaps.address, self.world.settlements.address
        stock: Counter[Address] = Counter()
        for (_, token), books in self.books.items():
            stock[token] += books.stock
        for token in self.pooled():
            held = self._held.get(token, {})
            for account, own in ((swaps, stock[token]), (settlements, self.liens[token])):
                due = own + self.gifts_of_tokens[account, token]
                if account in held:
                    assert held[account] == due, (
                        f"BOOK-1: {self.at.name(account)} holds {held[account]} of {due} "
                        f"{self.world.token(token).facts.name}"
                    )
        slot = slot_of("MockDollar", "_balances")
        for currency in (each.address for each in self.at.currencies):
            there = self.chain.storage(currency, entry_slot(slot, settlements))
            due = self.money[currency] + self.gifts_of_money[currency]
            assert there == due, f"BOOK-1: settlements hold {there} of {due}"

    def _check_contracts_keep(self) -> None:
        super()._check_contracts_keep()
        self._check_pool_money()

    def _check_ways_out(self) -> None:
        """Also: anybody can close any period when it ends, and a brand gets back what nobody took."""
        super()._check_ways_out()
        now, swaps = self.world.now, self.world.swaps
        for pool, record in swaps.pools.items():
            snapshot = self.chain.snapshot()
            for (its, token), books in self.books.items():
                free = books.provided + min(0, books.net)
                if its == pool and free > 0:
                    admin = self.admin_of(self.world.token(token))
                    call = abi.function("Swaps", "withdraw").encode((pool, token, free, admin))
                    outcome = self.send(admin, swaps.address, call)
                    assert outcome.success, f"SWAP-2: a brand cannot withdraw: {abi.explain(outcome.output)}"
                    self.tally.checks["SWAP-2: withdrawn at any time"] += 1
            self.chain.set_time(max(now, record.closes_at))
            outcome = self.send(
                INTRUDER.address, swaps.address, abi.function("Swaps", "close").encode((pool,))
            )
            assert outcome.success, f"SETTLE-1: nobody can close: {abi.explain(outcome.output)}"
            self.tally.checks["SETTLE-1: closed at the end"] += 1
            self.chain.revert(snapshot)
            self.chain.set_time(now)

    # ---- choices

    def a_pool(self, dice: Dice) -> bytes:
        """Mostly one in which members swap."""
        started = list(self.world.swaps.pools)
        if dice.rarely():
            return dice.pick([dice.word(), *self.world.pools.pools])
        return dice.pick(started)

    def members_of(self, pool: bytes) -> list[Address]:
        return list(self.world.pools.tokens_of(pool))

    def a_pooled(self, dice: Dice, pool: bytes) -> LoyaltyToken:
        tokens = self.members_of(pool)
        return self.world.token(dice.pick(tokens)) if tokens and not dice.rarely() else self.a_token(dice)

    def position(self, pool: bytes, token: Address) -> Record:
        return self.world.swaps.positions.get((pool, token), Record())

    def a_settler(self, dice: Dice, token: LoyaltyToken) -> Address:
        return self.somebody(dice, self.who_may(token, SETTLE))

    def a_pair(self, dice: Dice, pool: bytes) -> tuple[LoyaltyToken, LoyaltyToken]:
        """What is brought and what is taken, mostly such as can be."""
        swaps = self.world.swaps
        fits: list[tuple[Address, Address]] = []
        running = [each for each in self.members_of(pool) if self._is_running(pool, each)]
        for token_in in running:
            if swaps.positions[pool, token_in].room:
                fits += [(token_in, each) for each in running if each != token_in and self._stock(pool, each)]
        if fits and not dice.rarely():
            token_in, token_out = dice.pick(fits)
            return self.world.token(token_in), self.world.token(token_out)
        return self.a_pooled(dice, pool), self.a_pooled(dice, pool)

    def _is_running(self, pool: bytes, token: Address) -> bool:
        position = self.position(pool, token)
        return not (position.stopped or position.suspended)

    def _stock(self, pool: bytes, token: Address) -> int:
        return self.position(pool, token).stock

    def a_swapper(self, dice: Dice, token: LoyaltyToken) -> Address:
        """Mostly a member who has some and lets us take it."""
        swaps = self.world.swaps.address
        able = [
            each.address
            for each in self.at.members
            if token.balance_of(each.address) and token.allowance(each.address, swaps)
        ]
        return dice.pick(able) if able and not dice.rarely() else self.a_holder(dice, token)

    def some_swap(self, dice: Dice, *, exact_out: bool) -> tuple[Address, LoyaltyToken, Swap]:
        """A member, what it brings, and a swap that mostly can be, within bounds that mostly let it."""
        pool = self.a_pool(dice)
        token_in, token_out = self.a_pair(dice, pool)
        member = self.a_swapper(dice, token_in)
        brought, taken = self.position(pool, token_in.address), self.position(pool, token_out.address)
        most = min(token_in.balance_of(member), brought.room)
        if taken.pricing.par_value:
            can_pay = taken.stock * taken.pricing.unit_worth // max(1, brought.pricing.unit_worth)
            most = min(most, can_pay) or most
        amount_in = min(dice.amount(most), UINT96)
        amount_out = 0
        if exact_out and taken.pricing.par_value:
            gives = amount_in * brought.pricing.unit_worth // taken.pricing.unit_worth
            amount_out = max(1, gives * 97 // 100)
            amount_in = amount_in if dice.seldom() else token_in.balance_of(member)
        elif dice.seldom():
            amount_out = dice.pick([1, amount_in, UINT256])
        to = dice.pick([*self.recipients_of(dice), member, member])
        swap = Swap(
            pool=pool,
            token_in=token_in.address,
            token_out=token_out.address,
            amount_in=amount_in,
            amount_out=amount_out,
            exact_out=exact_out,
            to=to,
            deadline=self.a_deadline(dice),
        )
        return member, token_in, swap

    def possible_swaps(self) -> list[tuple[Address, Step]]:
        """Who could swap what, all of it that can be."""
        swaps, found = self.world.swaps, []
        for (pool, token), brought in swaps.positions.items():
            for other in self.members_of(pool):
                stock = self.position(pool, other).stock * self.unit_of(other) // (self.unit_of(token) or 1)
                for holder in (each.address for each in self.at.members if brought.room and stock):
                    mine = self.world.token(token)
                    allowed = mine.allowance(holder, swaps.address)
                    amount = min(mine.balance_of(holder), allowed, brought.room, stock, UINT96)
                    try:
                        swaps.quote_out(pool, token, other, amount)
                    except RevertError:
                        continue
                    found.append((holder, Step(pool, token, other, amount, False)))
        return found

    def recipients_of(self, dice: Dice) -> list[Address]:
        return [ZERO] if dice.rarely() else self.at.recipients

    # ---- stewards, and the alliance

    @play
    def create_pool(self, dice: Dice) -> None:
        rules = Rules(
            market=self.world.swaps.address,
            currency=self.at.currencies[dice.seldom()].address,
            period_length=(1 + dice.roll(30)) * DAY,
            payment_time=(1 + dice.roll(30)) * DAY,
            leverage=CAREFUL + dice.roll(200),
        )
        if dice.seldom():
            rules = dice.pick(
                [
                    rules._replace(market=dice.pick(EVERYBODY)),
                    rules._replace(currency=dice.pick(EVERYBODY)),
                    rules._replace(period_length=dice.pick([DAY - 1, 366 * DAY + 1])),
                    rules._replace(payment_time=dice.pick([0, 366 * DAY + 1])),
                    rules._replace(leverage=dice.pick([99, 1001])),
                    rules._replace(market=self.world.orders.address),
                ]
            )
        salt = dice.roll(4).to_bytes(32) if dice.seldom() else dice.word()
        self.do(dice.pick(FOUNDERS).address, self.world.pools, "create_pool", salt, rules)

    @play
    def hand_over_pool(self, dice: Dice) -> None:
        """Name another steward, who takes over; sometimes somebody else tries."""
        pools, pool = self.world.pools, self.a_pool(dice)
        steward = pools.pool_of(pool).steward
        nominee = dice.pick(FOUNDERS).address
        self.do(self.somebody(dice, steward), pools, "name_steward", pool, nominee)
        self.do(self.somebody(dice, nominee), pools, "accept_steward", pool)

    @play
    def set_alliance_fee(self, dice: Dice) -> None:
        treasury = ZERO if dice.rarely() else dice.pick(TILLS).address
        sender = self.somebody(dice, ALLIANCE.address)
        self.do(sender, self.world.pools, "set_alliance_fee", 250 * dice.roll(10), treasury)

    def some_bounds(self, dice: Dice, token: LoyaltyToken) -> Bounds:
        scale = token.capacity() // 100 + 1
        limit = scale * (1 + dice.roll(4)) if dice.roll(4) else dice.pick([0, 1, UINT96])
        daily = 0 if dice.roll(3) else max(1, limit // 4)
        fee = 600_000 if dice.rarely() else dice.pick([0, 1, 1001, 300_000])
        slope = dice.pick([0, 19_999, 200_000])
        return Bounds(min(limit, UINT96), min(3 * scale, UINT96), min(daily, UINT96), fee, slope)

    @play
    def announce_bounds(self, dice: Dice) -> None:
        pool = self.a_pool(dice)
        token = self.a_pooled(dice, pool) if dice.roll(4) else self.an_obliged_token(dice)
        sender = self.somebody(dice, self.world.pools.pool_of(pool).steward)
        what = (pool, token.address, self.some_bounds(dice, token))
        self.do(sender, self.world.pools, "announce_bounds", *what)

    def announced_bounds(self) -> list[Place]:
        """Where bounds are announced, for tokens that have joined."""
        memberships = self.world.pools.memberships.items()
        return [place for place, each in memberships if each.bounds_change_at and each.joined]

    @play
    def withdraw_bounds(self, dice: Dice) -> None:
        if not self.announced_bounds() and not dice.seldom():
            self.announce_bounds(dice)
        waiting = self.announced_bounds()
        pool = self.a_pool(dice)
        place = dice.pick(waiting) if waiting else (pool, self.a_pooled(dice, pool).address)
        sender = self.somebody(dice, self.world.pools.pool_of(place[0]).steward)
        self.do(sender, self.world.pools, "withdraw_bounds", *place)

    @play
    def apply_bounds(self, dice: Dice) -> None:
        """In time, or a second too early."""
        if not self.announced_bounds() and not dice.seldom():
            self.announce_bounds(dice)
        waiting = self.announced_bounds()
        pool = self.a_pool(dice)
        place = dice.pick(waiting) if waiting else (pool, self.a_pooled(dice, pool).address)
        due = self.world.pools.membership_of(*place).bounds_change_at
        if due and dice.roll(3):
            self.set_time(max(self.world.now, due - dice.rarely()))
        self.do(dice.pick(EVERYBODY), self.world.pools, "apply_bounds", *place)

    @play
    def lower_bounds(self, dice: Dice) -> None:
        pool = self.a_pool(dice)
        token = self.a_pooled(dice, pool)
        waiting = self.announced_bounds()
        if waiting and dice.roll(2):
            pool, token = waiting[0][0], self.world.token(waiting[0][1])
        now = self.world.pools.membership_of(pool, token.address).bounds
        limit, cap, daily = now.limit, now.outflow_cap, now.daily_cap
        what = [(limit // 2, cap, daily), (limit, cap // 2, daily), (limit, cap, (daily or limit) // 2)]
        lower = dice.pick([*what, (min(limit + 1, UINT96), cap, daily)])
        steward = self.world.pools.pool_of(pool).steward
        sender = self.somebody(dice, steward) if dice.roll(2) else self.a_settler(dice, token)
        self.do(sender, self.world.pools, "lower_bounds", pool, token.address, *lower)

    # ---- brands

    @play
    def join_pool(self, dice: Dice) -> None:
        """A brand that left, or one of a new pool, comes in on bounds that have been announced."""
        pools = self.world.pools
        able = [
            (pool, each)
            for pool, record in pools.pools.items()
            for each in self.obliged()
            if each.address not in record.tokens
            and self.world.obligations.currency_of(each.address) == record.rules.currency
            and self.world.brands.status_of(each.brand_id()) == Status.ACTIVE
        ]
        pool, token = self.a_pool(dice), self.an_obliged_token(dice)
        if able and not dice.seldom():
            pool, token = dice.pick(able)
        steward = pools.pool_of(pool).steward
        if not dice.seldom() and self.can_act(steward):
            bounds = self.some_bounds(dice, token)
            self.do(steward, pools, "announce_bounds", pool, token.address, bounds)
            due = pools.membership_of(pool, token.address).bounds_change_at
            if not dice.seldom():
                self.set_time(max(self.world.now, due))
        self.do(self.somebody(dice, self.admin_of(token)), pools, "join_pool", pool, token.address)

    @play
    def leave_pool(self, dice: Dice) -> None:
        """Mostly after taking back what was provided, in a period in which nothing is owed."""
        pool = self.a_pool(dice)
        if len(self.members_of(pool)) <= 2 and not dice.rarely():
            return
        quiet = [each for each in self.members_of(pool) if self.position(pool, each).net == 0]
        token = self.world.token(dice.pick(quiet)) if quiet else self.a_pooled(dice, pool)
        admin, provided = self.admin_of(token), self.position(pool, token.address).provided
        if provided and not dice.seldom():
            self.do(admin, self.world.swaps, "withdraw", pool, token.address, provided, MEMBERS[0].address)
        self.do(self.somebody(dice, admin), self.world.pools, "leave_pool", pool, token.address)

    @play
    def provide(self, dice: Dice) -> None:
        """A brand's own people, with tokens that they have or mint for it; or somebody else."""
        pool = self.a_pool(dice)
        token = self.a_pooled(dice, pool)
        sender = self.a_settler(dice, token)
        position = self.position(pool, token.address)
        room = max(0, position.outflow_cap - position.provided)
        quota = token.quota_of(sender)
        if quota and sender in {each.address for each in MANAGERS}:
            most = self._worth_a_million(token) if token in self.obliged() else 1
            self.do(sender, token, "mint", sender, min(quota, room // 4 + 1, most))
        amount = min(token.balance_of(sender), room + dice.rarely())
        data = act_data(Act.PROVIDE, pool)
        data = dice.pick([data[:-1], b"", (2).to_bytes(32) + pool]) if dice.rarely() else data
        self.do(sender, token, "transfer_and_call", self.world.swaps.address, amount, data)

    @play
    def withdraw_from_pool(self, dice: Dice) -> None:
        pool = self.a_pool(dice)
        token = self.a_pooled(dice, pool)
        position = self.position(pool, token.address)
        amount = dice.amount(position.provided + min(0, position.net))
        to = dice.pick([*self.at.recipients, *self.recipients_of(dice)])
        sender = self.a_settler(dice, token)
        self.do(sender, self.world.swaps, "withdraw", pool, token.address, amount, to)

    @play
    def set_stopped(self, dice: Dice) -> None:
        """Mostly let go on what was stopped."""
        positions = self.world.swaps.positions.items()
        stopped = [place for place, each in positions if each.stopped]
        pool = self.a_pool(dice)
        place = dice.pick(stopped) if stopped else (pool, self.a_pooled(dice, pool).address)
        sender = self.a_settler(dice, self.world.token(place[1]))
        self.do(sender, self.world.swaps, "set_stopped", *place, not stopped)

    @play
    def sync_suspension(self, dice: Dice) -> None:
        pool = self.a_pool(dice)
        token = self.a_pooled(dice, pool).address
        self.do(dice.pick(EVERYBODY), self.world.swaps, "sync_suspension", pool, token)

    def a_fund(self, dice: Dice) -> tuple[bytes, LoyaltyToken, bytes]:
        """A pool, a token, and what names the money for its debts there."""
        pool = self.a_pool(dice)
        source = self.world.swaps.address
        if dice.rarely():
            source = dice.pick([self.world.orders.address, INTRUDER.address])
        data = word(source) + pool
        return pool, self.a_pooled(dice, pool), data[:-1] if dice.rarely() else data

    @play
    def lay_down(self, dice: Dice) -> None:
        """Money for a token's debts in a pool."""
        _, token, data = self.a_fund(dice)
        purse = self.a_purse(dice) if dice.seldom() else int(Purse.SETTLEMENT)
        if dice.roll(2):
            self.do(ADMINS[0].address, self.world.bonds, "deposit", token.address, purse, 10**8)
        view = self.world.bonds.purses.get((token.address, purse))
        value = self.an_amount_of(dice, view.value - view.allotted if view else 5)
        what = (token.address, purse, self.world.settlements.address, value, data)
        self.do(self.somebody(dice, self.admin_of(token)), self.world.bonds, "allot", *what)

    @play
    def take_up(self, dice: Dice) -> None:
        """Money back that debts do not need, or that they do."""
        pool, token, data = self.a_fund(dice)
        debtors = [place for place, each in self.books.items() if each.net > 0]
        is_debtors = bool(debtors) and dice.roll(2) == 1
        if is_debtors:
            pool, address = dice.pick(debtors)
            token, data = self.world.token(address), word(self.world.swaps.address) + pool
        account = self.world.settlements.account_of(self.world.swaps.address, pool, token.address)
        value = account.bond if is_debtors else self.an_amount_of(dice, account.bond or 5)
        purse = self.a_purse(dice) if dice.seldom() else int(Purse.SETTLEMENT)
        what = (token.address, purse, self.world.settlements.address, value, data)
        self.do(self.somebody(dice, self.admin_of(token)), self.world.bonds, "reclaim", *what)

    # ---- members

    @play
    def swap(self, dice: Dice) -> None:
        """From an allowance; exactly so much in, or exactly so much out."""
        member, _, swap = self.some_swap(dice, exact_out=dice.roll(2) == 1)
        played = self.do(member, self.world.swaps, "swap", swap)
        if played.ok:
            amount_in, amount_out = played.result
            assert amount_in <= swap.amount_in, "SWAP-3: more was taken than the member said"
            assert amount_out >= swap.amount_out, "SWAP-3: less was given than the member said"
            self.tally.checks["SWAP-3: within what the member said"] += 1

    @play
    def swap_and_back(self, dice: Dice) -> None:
        """A round trip never profits."""
        member, token, there = self.some_swap(dice, exact_out=False)
        swaps = self.world.swaps
        there = there._replace(to=member, amount_out=0, deadline=self.world.now)
        held = token.balance_of(member)
        first = self.do(member, swaps, "swap", there)
        if not first.ok:
            return
        other = self.world.token(there.token_out)
        back = there._replace(
            token_in=there.token_out, token_out=there.token_in, amount_in=first.result[1], amount_out=0
        )
        data = (back.pool, back.token_out, 0, False, member, back.deadline)
        what = (swaps.address, back.amount_in, act_data(Act.SWAP, *data))
        if self.do(member, other, "transfer_and_call", *what).ok:
            assert token.balance_of(member) <= held, "SWAP-1: a round trip made a profit"
            self.tally.checks["SWAP-1: there and back"] += 1

    @play
    def swap_by_sending(self, dice: Dice) -> None:
        """Exactly so much in, or at most so much for exactly so much out: the rest comes back."""
        exact_out = dice.roll(2) == 1
        member, token, swap = self.some_swap(dice, exact_out=exact_out)
        fields = (swap.pool, swap.token_out, swap.amount_out, swap.exact_out, swap.to, swap.deadline)
        data = act_data(Act.SWAP, *fields)
        if dice.rarely():
            data = dice.pick([data[:-1], data[:32], data[: 4 * 32] + (2).to_bytes(32) + data[5 * 32 :]])
        self.do(member, token, "transfer_and_call", self.world.swaps.address, swap.amount_in, data)

    @play
    def swap_with_permit(self, dice: Dice) -> None:
        """With a permit that is good, or one that is not, where an allowance may do."""
        member, token, swap = self.some_swap(dice, exact_out=dice.roll(2) == 1)
        deadline = self.a_deadline(dice)
        value = dice.pick([swap.amount_in, UINT256, UINT256])
        digest = token.permit_digest(member, self.world.swaps.address, value, token.nonces(member), deadline)
        what = (swap, value, deadline, self.seal(dice, member, digest))
        self.do(member, self.world.swaps, "swap_with_permit", *what)

    @play
    def swap_with_signature(self, dice: Dice) -> None:
        member, token, swap = self.some_swap(dice, exact_out=dice.roll(2) == 1)
        spend = self.a_spend(dice, token, member, swap.amount_in)
        request = SwapRequest(swap.pool, swap.token_out, swap.amount_out, swap.exact_out, swap.to)
        swaps = self.world.swaps
        digest = token.spend_digest(swaps.address, spend, REQUEST_SPEND, request.witness())
        if dice.rarely():
            request = request._replace(to=dice.pick(EVERYBODY))
        what = (token.address, request, spend, self.seal(dice, member, digest))
        self.hand_in(dice.pick(EVERYBODY), swaps, "swap_with_signature", *what)

    @play
    def swap_many(self, dice: Dice) -> None:
        """One after another; what one gives, the next may bring."""
        member, _, first = self.some_swap(dice, exact_out=dice.seldom())
        amount = first.amount_out if first.exact_out else first.amount_in
        steps = [Step(first.pool, first.token_in, first.token_out, amount, first.exact_out)]
        possible = self.possible_swaps()
        if possible and not dice.seldom():
            member, step = dice.pick(possible)
            steps = [step]
        for _ in range(dice.roll(3)):
            pool = steps[0].pool if dice.roll(2) else self.a_pool(dice)
            last, others = steps[-1].token_out, self.members_of(pool)
            following = [each for each in others if each != last]
            if following or dice.rarely():
                steps.append(Step(pool, last, dice.pick(following or [last]), 0, False))
        tokens = list(dict.fromkeys([each for step in steps for each in (step.token_in, step.token_out)]))
        bounds = {each: -UINT96 if dice.roll(8) else dice.pick([0, 1]) for each in tokens}
        movements = [Movement(each, bounds[each]) for each in tokens]
        if dice.rarely():
            movements.pop()
        what = (steps, movements, first.to, first.deadline)
        self.do(self.somebody(dice, member), self.world.swaps, "swap_many", *what)

    @play
    def give_to_pools(self, dice: Dice) -> None:
        """What is merely sent changes no price and nobody's part (SWAP-4)."""
        _, token, swap = self.some_swap(dice, exact_out=False)
        swaps, settlements = self.world.swaps, self.world.settlements
        call = abi.function("Swaps", "quote_out").encode(swap[:4])
        before = self.chain.read(swaps.address, call)
        to = dice.pick([swaps, settlements]).address
        holder = self.a_holder(dice, token)
        what = (to, dice.amount(token.balance_of(holder)))
        self.do(holder, token, "transfer", *what)
        self.do(MEMBERS[0].address, dice.pick(self.at.currencies), "transfer", to, dice.roll(9))
        after = self.chain.read(swaps.address, call)
        assert before == after, "SWAP-4: a present changed a price"
        self.tally.checks["SWAP-4: a present"] += 1

    # ---- settling

    @play
    def prepay(self, dice: Dice) -> None:
        debtors = [place for place, each in self.books.items() if each.net > 0]
        pool = self.a_pool(dice)
        pool, token = dice.pick(debtors) if debtors else (pool, self.a_pooled(dice, pool).address)
        amount = dice.amount(self.position(pool, token).intake)
        most = dice.pick([0, 1]) if dice.rarely() else UINT256
        source = self.world.orders.address if dice.rarely() else self.world.swaps.address
        payer = dice.pick([*ADMINS, *MANAGERS]).address
        self.do(payer, self.world.settlements, "prepay", source, pool, token, amount, most)

    @play
    def close(self, dice: Dice) -> None:
        """When the period is over, or a second too early."""
        pool = self.a_pool(dice)
        closes_at = self.world.swaps.period_of(pool).closes_at
        if closes_at and not dice.seldom():
            self.set_time(max(self.world.now, closes_at - dice.rarely()))
        self.do(dice.pick(EVERYBODY), self.world.swaps, "close", pool)

    def unpaid_debts(self, dice: Dice) -> list[tuple[bytes, Address]]:
        """Rarely also such as somebody made up."""
        swaps, made_up = self.world.swaps.address, dice.rarely()
        return [each for each in +self.debts if made_up or self.settling[each[0]].source == swaps]

    def a_debt(self, dice: Dice) -> tuple[Address, bytes, int, Address]:
        """A debt that is unpaid, where there is one; else a period is closed in the hope of one."""
        if not self.unpaid_debts(dice) and not dice.seldom():
            self.close(dice)
        unpaid = self.unpaid_debts(dice)
        if unpaid and not dice.rarely():
            settlement_id, token = dice.pick(unpaid)
            settling = self.settling[settlement_id]
            return settling.source, settling.pool, settling.period, token
        pool = self.a_pool(dice)
        return self.world.swaps.address, pool, dice.roll(2), self.a_pooled(dice, pool).address

    @play
    def pay(self, dice: Dice) -> None:
        debt = self.a_debt(dice)
        settlements = self.world.settlements
        unpaid = settlements.debt_of(settlements.settlement_id_of(*debt[:3]), debt[3]).unpaid
        most = UINT256 if dice.seldom() else dice.amount(unpaid)
        self.do(dice.pick([*ADMINS, *TILLS]).address, settlements, "pay", *debt, most)

    @play
    def enforce(self, dice: Dice) -> None:
        """When a debt is due, or a second too early."""
        debt, settlements = self.a_debt(dice), self.world.settlements
        due_at = settlements.settlement_of(settlements.settlement_id_of(*debt[:3])).due_at
        if due_at and debt[0] == self.world.swaps.address and not dice.seldom():
            self.set_time(max(self.world.now, due_at - dice.rarely()))
        self.do(dice.pick(EVERYBODY), settlements, "enforce", *debt)

    def a_claim(self, dice: Dice, *, treasury: bool) -> tuple[tuple[Address, bytes, int], Address]:
        """A settlement, and who has a claim in it, mostly one that gives something now."""
        payable = self.world.settlements.payable_of
        claims = [each for each in self.claims if self.world.is_token(each[1]) != treasury]
        full = [each for each in claims if payable(*each)]
        if not full and not dice.seldom():
            self.pay(dice)
            claims = [each for each in self.claims if self.world.is_token(each[1]) != treasury]
            full = [each for each in claims if payable(*each)]
        if (full or claims) and not dice.rarely():
            settlement_id, claimant = dice.pick(full or claims)
            return self.settling[settlement_id][:3], claimant
        pool = self.a_pool(dice)
        return (self.world.swaps.address, pool, dice.roll(2)), self.a_pooled(dice, pool).address

    def a_payee(self, dice: Dice) -> Address:
        return dice.pick([ZERO, self.world.settlements.address]) if dice.rarely() else dice.pick(EVERYBODY)

    @play
    def withdraw_claim(self, dice: Dice) -> None:
        named, token = self.a_claim(dice, treasury=dice.rarely())
        is_token = self.world.is_token(token)
        admin = self.admin_of(self.world.token(token)) if is_token else dice.pick(EVERYBODY)
        what = (*named, token, self.a_payee(dice))
        self.do(self.somebody(dice, admin), self.world.settlements, "withdraw", *what)

    @play
    def fill_holders(self, dice: Dice) -> None:
        """Mostly for a brand whose holders' purse lacks something: else its terms ask for more first."""
        named, claimant = self.a_claim(dice, treasury=dice.rarely())
        if self.world.is_token(claimant) and claimant in self.world.obligations.obligations:
            token = self.world.token(claimant)
            if not self.shortage(token) and not dice.seldom():
                before = self.world.obligations.obligation_of(claimant).terms
                more = before._replace(bond_bps=min(before.bond_bps + 1 + dice.roll(200), 10_000))
                self.do(self.admin_of(token), self.world.obligations, "set_terms", claimant, more)
        self.do(dice.pick(EVERYBODY), self.world.settlements, "fill_holders", *named, claimant)

    @play
    def withdraw_treasury(self, dice: Dice) -> None:
        named, treasury = self.a_claim(dice, treasury=True)
        sender = self.somebody(dice, treasury)
        self.do(sender, self.world.settlements, "withdraw_treasury", *named, self.a_payee(dice))

    @play
    def open_of_ones_own(self, dice: Dice) -> None:
        """Anybody can settle what it made up; it is nobody's money, and no pool of ours learns of it."""
        token, settlements = self.a_token(dice).address, self.world.settlements
        owed, lien = dice.roll(9), dice.rarely() * 10**6
        claim = owed + dice.rarely()
        lines = [Line(token, owed, lien, 0), Line(dice.pick(self.pooled()), 0, 0, claim)]
        due_at = 0 if dice.rarely() else self.world.now
        what = (bytes(32), dice.roll(200), self.at.currencies[0].address, due_at, lines, ZERO, 0)
        self.do(INTRUDER.address, settlements, "open", *what)
