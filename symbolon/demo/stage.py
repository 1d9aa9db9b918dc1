"""Where the story plays: a chain whose clock is in 2017, and on it the alliance, ready to issue."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ape import accounts, networks
from ape.logging import LogLevel, logger
from eth_account import Account
from eth_account.signers.local import LocalAccount

from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.demo.data import week_closes_at
from symbolon.demo.figures import TokenState
from symbolon.demo.plan import DECIMALS, PAR_VALUE, Brand, terms_document
from symbolon.manifest import Records
from symbolon.obligations import Terms
from symbolon.tokens import Token

if TYPE_CHECKING:
    from ape.api import AccountAPI, TestAccountAPI

ACTS_PER_BRAND = 5
"""Register, admit, create the token, oblige, grant the quota."""

_BLOCK_GAS = 1_000_000_000
_OPENS_AT = week_closes_at(1) - 86_400  # the first shop week has one day
_ACCOUNTS = 20


@dataclass(frozen=True)
class Actor:
    """One brand on the stage: its token, and the marketing manager who mints from the quota."""

    brand: Brand
    token: Token
    manager: LocalAccount


@dataclass(frozen=True)
class Stage:
    """A running chain with the alliance on it.

    Attributes:
        chain: the chain; `chain_id` is its number.
        folder: for journals; gone when the story is over.
        actors: the brands, largest first.
    """

    chain: Anvil
    chain_id: int
    folder: Path
    actors: tuple[Actor, ...]

    def turn_to(self, week: int) -> None:
        """Set the chain's clock to the end of a shop week: the next block carries that time."""
        self.chain.rpc("evm_setNextBlockTimestamp", week_closes_at(week))

    @contextmanager
    def blocks_on_demand(self) -> Iterator[None]:
        """While it lasts, the chain makes blocks when told, so that one block takes many transactions."""
        self.chain.node.set_automine(False)
        try:
            yield
        finally:
            self.chain.node.set_automine(True)

    def token_states(self) -> dict[int, TokenState]:
        """What each brand's token says of itself now."""
        return {
            actor.brand.number: TokenState(
                address=actor.token.address,
                supply=actor.token.supply,
                capacity=actor.token.capacity,
                unspent_quota=actor.token.quota_of(str(actor.manager.address)),
            )
            for actor in self.actors
        }


@contextmanager
def set_stage(alliance: Sequence[Brand], advance: Callable[[], object]) -> Iterator[Stage]:
    """Start a chain on New Year's Day 2017, deploy, and bring every brand to where it may issue.

    `advance` is called once for the deployment and after each act of a brand.
    """
    with (
        tempfile.TemporaryDirectory(prefix="symbolon-demo-") as folder,
        Anvil(timestamp=_OPENS_AT, block_gas_limit=_BLOCK_GAS, accounts=_ACCOUNTS) as chain,
        logger.at_level(LogLevel.WARNING),
        networks.ethereum.local.use_provider("foundry", provider_settings={"host": chain.url}),
    ):
        founder, *others = [accounts.test_accounts[index] for index in range(1 + 2 * len(alliance))]
        deployed = Alliance.deploy(sender=founder, records=Records(Path(folder, "local")))
        advance()
        actors = tuple(
            _enter(deployed, brand, founder=founder, admin=admin, manager=manager, advance=advance)
            for brand, admin, manager in zip(alliance, others[::2], others[1::2], strict=True)
        )
        yield Stage(chain, chain.node.chain_id(), Path(folder), actors)


def _enter(
    alliance: Alliance,
    brand: Brand,
    *,
    founder: AccountAPI,
    admin: AccountAPI,
    manager: TestAccountAPI,
    advance: Callable[[], object],
) -> Actor:
    registered = alliance.brands.register(brand.symbol, sender=admin)
    advance()
    registered.admit(sender=founder)
    advance()
    token = registered.create_token(f"{brand.name} points", brand.symbol, DECIMALS, sender=admin)
    advance()
    terms = Terms.of_document(terms_document(brand).encode())
    token.oblige(alliance.mock_dollar, PAR_VALUE, brand.capacity, terms, sender=admin)
    advance()
    token.grant_quota(manager, brand.quota, sender=admin)
    advance()
    return Actor(brand, token, Account.from_key(manager.private_key))
