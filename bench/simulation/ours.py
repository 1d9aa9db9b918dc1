"""Our pool, played on the reference model of the contracts: what happens here is what would on a chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import TypeVar

from bench.simulation.flow import UNIT_VALUE
from bench.simulation.venues import MEMBERS, MONEY, Books, Venue
from symbolon.addresses import keccak
from symbolon.demo.plan import DECIMALS, PAR_VALUE
from symbolon.reference import Address, Addresses, RevertError, World
from symbolon.reference.bonds import Purse
from symbolon.reference.brands import List
from symbolon.reference.contract import DAY, UINT256, ZERO
from symbolon.reference.currency import Currency
from symbolon.reference.eip712 import word
from symbolon.reference.obligations import Terms
from symbolon.reference.pools import Bounds, Rules
from symbolon.reference.swaps import Act, Swap
from symbolon.reference.token import LoyaltyToken

_T = TypeVar("_T")

BASE_FEE, FEE_SLOPE = 400, 10_000
"""In millionths: the base is the basket's fee, so that what differs is the curve, which adds up to one
percent towards the ceiling."""

PERIOD_DAYS = 28
_TIME_TO_PAY = DAY
_NOTICE_PERIOD = 14 * DAY
_PLENTY = 2**80
_START = 1_483_228_800  # 1 January 2017; only how much time passes counts


def _address(name: str) -> Address:
    return keccak(name.encode())[:20]


_ALLIANCE, _CROWD, _STEWARD = _address("alliance"), _address("members"), _address("steward")


class Pool(Venue):
    """Every brand lays down a part of its capital in money and provides the rest in tokens of its own, as
    many as it may owe: half and half, or with more leverage less money and more tokens.

    At the end of a period the debtors pay, the creditors take out what they are owed and provide again what
    members took.
    """

    def __init__(self, brands: int, capital: int, leverage: int = 100) -> None:
        money = capital * 100 // (100 + leverage) // UNIT_VALUE * UNIT_VALUE
        self._stock = (capital - money) // UNIT_VALUE
        super().__init__(brands, brands * money, brands * self._stock * UNIT_VALUE)
        self._world = _world()
        self._currency = _money(self._world)
        self._admins = [_address(f"brand {number}") for number in range(brands)]
        self._tokens = [self._found(number) for number in range(brands)]
        self._pool = self._create_pool(leverage)
        for brand in range(brands):
            self._lay_down(brand, money)
            self._provide(brand)

    # ---- members

    def room(self, brought: int) -> int:
        """See Venue."""
        return self._world.swaps.positions[self._pool, self._tokens[brought].address].room

    def quote(self, brought: int, wanted: int, amount: int) -> int:
        """See Venue."""
        pair = (self._tokens[brought].address, self._tokens[wanted].address)
        try:
            return self._world.swaps.quote_out(self._pool, *pair, amount)
        except RevertError:
            return 0

    def swap(self, brought: int, wanted: int, amount: int) -> int:
        """See Venue."""
        pair = (self._tokens[brought].address, self._tokens[wanted].address)
        order = Swap(self._pool, *pair, amount, 1, False, _CROWD, self._world.now)
        return self._do(self._world.swaps.swap, _CROWD, order)[1]

    # ---- brands

    def end_period(self) -> None:
        """See Venue."""
        self._settle(range(self.brands))
        for brand in range(self.brands):
            self._provide(brand)

    def wind_up(self, failed: int) -> None:
        """See Venue. What the failed brand owes is enforced from what it laid down."""
        self._settle([brand for brand in range(self.brands) if brand != failed])
        for brand in range(self.brands):
            self._take_out(brand)

    # ---- books

    def books(self) -> Books:
        """See Venue."""
        found: Books = Counter()
        for brand, token in enumerate(self._tokens):
            outside = token.balance_of(_CROWD)
            found[MEMBERS, brand] = outside - _PLENTY
            found[brand, brand] = _PLENTY - token.total_supply()
            found[brand, MONEY] = self._currency.balance_of(self._admins[brand]) - _PLENTY
        return found

    def holdings(self) -> Counter[int]:
        """See Venue."""
        world = self._world
        places = (world.swaps.address, world.settlements.address, world.bonds.address)
        held = Counter({MONEY: sum(map(self._currency.balance_of, places))})
        for brand, token in enumerate(self._tokens):
            held[brand] = sum(map(token.balance_of, places))
        return held

    # ---- setting up

    def _do(self, method: Callable[..., _T], sender: Address, *arguments: object) -> _T:
        """A call of somebody's."""
        return self._world.call(method, sender, *arguments)

    def _found(self, number: int) -> LoyaltyToken:
        """A brand and its token, of which members have plenty; so has the brand of money."""
        world, admin, salt = self._world, self._admins[number], bytes(32)
        brand_id = self._do(world.brands.register, admin, salt, ZERO, "")
        self._do(world.brands.admit, _ALLIANCE, brand_id)
        facts = (world.obligations.address, world.desk.address, f"Brand {number}", f"B{number}", DECIMALS)
        token = world.token(self._do(world.factory.create_token, admin, brand_id, *facts))
        terms = Terms(terms_hash=keccak(b"terms"), notice_period=_NOTICE_PERIOD)
        capacity = 4 * _PLENTY
        self._do(
            world.obligations.oblige, admin, token.address, self._currency.address, PAR_VALUE, capacity, terms
        )
        self._do(token.grant_quota, admin, admin, capacity)
        self._do(token.mint, admin, _CROWD, _PLENTY)
        self._do(token.approve, _CROWD, world.swaps.address, UINT256)
        self._do(self._currency.mint, admin, admin, _PLENTY)
        for contract in (world.bonds, world.settlements):
            self._do(self._currency.approve, admin, contract.address, UINT256)
        return token

    def _create_pool(self, leverage: int) -> bytes:
        """A pool that all brands have joined, where what they laid down is the only limit."""
        world = self._world
        rules = Rules(world.swaps.address, self._currency.address, PERIOD_DAYS * DAY, _TIME_TO_PAY, leverage)
        pool = self._do(world.pools.create_pool, _STEWARD, bytes(32), rules)
        bounds = Bounds(_PLENTY, _PLENTY, 0, BASE_FEE, FEE_SLOPE)
        for token in self._tokens:
            self._do(world.pools.announce_bounds, _STEWARD, pool, token.address, bounds)
        world.now += world.pools.change_delay
        for admin, token in zip(self._admins, self._tokens, strict=True):
            self._do(world.pools.join_pool, admin, pool, token.address)
        return pool

    def _lay_down(self, brand: int, value: int) -> None:
        bonds, admin, purse = self._world.bonds, self._admins[brand], int(Purse.SETTLEMENT)
        self._do(bonds.deposit, admin, self._tokens[brand].address, purse, value)
        self._do(bonds.allot, admin, *self._fund(brand, value))

    def _fund(self, brand: int, value: int) -> tuple[Address, int, Address, int, bytes]:
        world = self._world
        meant_for = word(world.swaps.address) + self._pool
        return self._tokens[brand].address, int(Purse.SETTLEMENT), world.settlements.address, value, meant_for

    def _provide(self, brand: int) -> None:
        """Bring what members can take back to the stock."""
        token, admin, swaps = self._tokens[brand], self._admins[brand], self._world.swaps
        missing = self._stock - swaps.positions[self._pool, token.address].provided
        if missing > 0:
            self._do(token.mint, admin, admin, missing)
            self._do(token.transfer_and_call, admin, swaps.address, missing, word(Act.PROVIDE) + self._pool)

    # ---- settling

    def _settle(self, payers: Collection[int]) -> None:
        """Close the period; those pay who pay, the others' debts are enforced once due; all take out."""
        world = self._world
        period = world.swaps.period_of(self._pool)
        world.now = max(world.now, period.closes_at)
        self._do(world.swaps.close, _STEWARD, self._pool)
        its = (world.swaps.address, self._pool, period.number)
        settlement = world.settlements.settlement_id_of(*its)
        if not world.settlements.settlement_of(settlement).due_at:
            return
        owing = [
            brand
            for brand, token in enumerate(self._tokens)
            if world.settlements.debt_of(settlement, token.address).unpaid
        ]
        for brand in owing:
            debtor = self._tokens[brand].address
            if brand in payers:
                self._do(world.settlements.pay, self._admins[brand], *its, debtor, UINT256)
            else:
                world.now = world.settlements.settlement_of(settlement).due_at
                self._do(world.settlements.enforce, _STEWARD, *its, debtor)
        for admin, token in zip(self._admins, self._tokens, strict=True):
            if world.settlements.payable_of(settlement, token.address):
                self._do(world.settlements.withdraw, admin, *its, token.address, admin)

    def _take_out(self, brand: int) -> None:
        """A brand's tokens, and what is left of what it laid down."""
        world, admin, token = self._world, self._admins[brand], self._tokens[brand]
        provided = world.swaps.positions[self._pool, token.address].provided
        if provided:
            self._do(world.swaps.withdraw, admin, self._pool, token.address, provided, admin)
            self._do(token.burn, admin, provided)
        bond = world.settlements.account_of(world.swaps.address, self._pool, token.address).bond
        if bond:
            self._do(world.bonds.reclaim, admin, *self._fund(brand, bond))
            purse = int(Purse.SETTLEMENT)
            self._do(world.bonds.announce_withdrawal, admin, token.address, purse, bond)
            world.now += _NOTICE_PERIOD
            self._do(world.bonds.withdraw, admin, token.address, purse, admin)


def _world() -> World:
    """The alliance with nobody in it."""
    places = {name: _address(name) for name in Addresses.__dataclass_fields__}
    world = World(Addresses(**places | {"alliance": _ALLIANCE}), chain_id=1, now=_START)
    listed = (
        (List.OBLIGATION_REGISTRY, world.obligations),
        (List.REDEMPTION_DESK, world.desk),
        (List.MODULE, world.settlements),
        (List.MODULE, world.swaps),
    )
    for kind, contract in listed:
        world.brands.set_listed(_ALLIANCE, int(kind), contract.address, True)
    return world


def _money(world: World) -> Currency:
    """The settlement currency."""
    currency = world.add(Currency(world, _address("dollar")))
    world.brands.set_listed(_ALLIANCE, int(List.CURRENCY), currency.address, True)
    return currency
