"""Who is measured, and how: a contender is set up once, then each scenario starts from that same state.

A scenario does one operation and says what it cost. To add an operation, give it a line in `OPERATIONS`
(`bench/gas.py`) and write one scenario for us and one for each peer that has it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from bench.chain import Chain, MeasurementError, Receipt, account, accounts
from bench.floors import AMOUNT

TOKEN_NAME, TOKEN_SYMBOL = "Corner Bakery Points", "CRUMB"
"""What every measured token is called, since the length of a name costs gas."""

RECIPIENTS = 500
"""How many a bulk mint has."""

World = TypeVar("World")


@dataclass(frozen=True)
class Cost:
    """Gas of one act, rounded up; where a transaction does many, `ways` has what each way of it costs."""

    gas: int
    ways: dict[str, int] = field(default_factory=dict)


class Contender(Generic[World]):
    """One implementation under its name: how to set it up, and its scenario for each operation it has."""

    def __init__(self, name: str, set_up: Callable[[Chain], World]) -> None:
        self.name = name
        self._set_up = set_up
        self._scenarios: dict[str, Callable[[Chain, World], Cost]] = {}

    def scenario(
        self, operation: str
    ) -> Callable[[Callable[[Chain, World], Cost]], Callable[[Chain, World], Cost]]:
        """Decorator: this function does `operation` once and returns what it cost."""

        def register(function: Callable[[Chain, World], Cost]) -> Callable[[Chain, World], Cost]:
            self._scenarios[operation] = function
            return function

        return register

    def measure(self, chain: Chain) -> dict[str, Cost]:
        """Cost of every operation this contender has; the chain is left as it was."""
        clean = chain.snapshot()
        world = self._set_up(chain)
        ready = chain.snapshot()
        costs = {}
        for operation, scenario in self._scenarios.items():
            costs[operation] = scenario(chain, world)
            chain.revert(ready)
            ready = chain.snapshot()
        chain.revert(clean)
        return costs


@dataclass(frozen=True)
class TokenWorld:
    """A token in use: `holder` and `member` hold it, `minter` has minted before, `factory` made it.

    `suite` has our contracts by name.
    """

    token: str
    minter: str
    factory: str = ""
    suite: Mapping[str, str] = field(default_factory=dict)
    holder: str = account("holder")
    member: str = account("member")
    newcomer: str = account("newcomer")

    def balance(self, chain: Chain, of: str) -> int:
        """Tokens that an account holds."""
        return int(chain.read(self.token, "balanceOf(address)", "uint256", of))


MintMany = Callable[[Chain, TokenWorld, list[str]], Receipt]
"""Mints `AMOUNT` to each of these recipients in one transaction."""


def in_use(chain: Chain, world: TokenWorld, mint: str) -> TokenWorld:
    """Mint to holder and member, ten times what a scenario moves."""
    for member in (world.holder, world.member):
        chain.call(world.minter, world.token, mint, member, 10 * AMOUNT)
    return world


def measure_receiving(
    chain: Chain, world: TokenWorld, recipients: list[str], act: Callable[[], Receipt]
) -> Receipt:
    """Do `act` and make sure that each recipient got exactly `AMOUNT` by it."""
    before = [world.balance(chain, recipient) for recipient in recipients]
    receipt = act()
    for recipient, had in zip(recipients, before, strict=True):
        if world.balance(chain, recipient) != had + AMOUNT:
            raise MeasurementError(f"{recipient} did not receive {AMOUNT} of {world.token}.")
    return receipt


def add_transfers(contender: Contender[TokenWorld]) -> None:
    """Scenarios of an ERC-20: transfer to someone who holds some already, and to someone who does not."""

    def transfer(chain: Chain, world: TokenWorld, to: str) -> Cost:
        act = lambda: chain.call(world.holder, world.token, "transfer(address,uint256)", to, AMOUNT)  # noqa: E731
        return Cost(measure_receiving(chain, world, [to], act).gas)

    contender.scenario("transfer_existing")(lambda chain, world: transfer(chain, world, world.member))
    contender.scenario("transfer_new")(lambda chain, world: transfer(chain, world, world.newcomer))


def add_mints(contender: Contender[TokenWorld], mint: str) -> None:
    """Scenarios of single mints by the call `mint`, which takes a recipient and an amount."""

    def mint_to(chain: Chain, world: TokenWorld, to: str) -> Cost:
        act = lambda: chain.call(world.minter, world.token, mint, to, AMOUNT)  # noqa: E731
        return Cost(measure_receiving(chain, world, [to], act).gas)

    contender.scenario("mint_existing")(lambda chain, world: mint_to(chain, world, world.member))
    contender.scenario("mint_new")(lambda chain, world: mint_to(chain, world, world.newcomer))


def add_bulk_mint(contender: Contender[TokenWorld], **ways: MintMany) -> None:
    """Scenarios of a bulk mint of `AMOUNT` to each of 500, a `Transfer` each, the cheapest of these ways."""
    recipients = accounts("recipient", RECIPIENTS)

    def once(chain: Chain, world: TokenWorld, mint_many: MintMany) -> Receipt:
        receipt = measure_receiving(chain, world, recipients, lambda: mint_many(chain, world, recipients))
        if sum(len(log["topics"]) == 3 for log in receipt.logs) < RECIPIENTS:
            raise MeasurementError(f"{contender.name} minted to {RECIPIENTS} without a Transfer event each.")
        return receipt

    def twice(chain: Chain, world: TokenWorld, mint_many: MintMany) -> Receipt:
        once(chain, world, mint_many)
        return once(chain, world, mint_many)

    def cheapest(
        run: Callable[[Chain, TokenWorld, MintMany], Receipt], chain: Chain, world: TokenWorld
    ) -> Cost:
        gas = {}
        for way, mint_many in ways.items():
            before = chain.snapshot()
            gas[way] = run(chain, world, mint_many).gas
            chain.revert(before)
        return Cost(math.ceil(min(gas.values()) / RECIPIENTS), gas)

    contender.scenario("bulk_mint_new_500")(partial(cheapest, once))
    contender.scenario("bulk_mint_existing_500")(partial(cheapest, twice))
