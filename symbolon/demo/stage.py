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
from symbolon.demo.clerk import Clerk
from symbolon.demo.data import week_closes_at
from symbolon.demo.plan import BOND_BPS, DECIMALS, PAR_VALUE, Brand, terms_document, till_key
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
_STRANGERS = (18, 19)  # the last two accounts, which no brand has
_TILL_WEI = 10**20


@dataclass(frozen=True)
class Actor:
    """One brand on the stage.

    Attributes:
        brand: which.
        token: its token.
        admin: who acts for it; `admin_key` is the same account for signing without Ape.
        manager: its marketing manager, who mints from the quota.
        till: where its members redeem; `till_key` is the same account for signing without Ape.
    """

    brand: Brand
    token: Token
    admin: AccountAPI
    admin_key: LocalAccount
    manager: LocalAccount
    till: AccountAPI
    till_key: LocalAccount


@dataclass(frozen=True)
class Stage:
    """A running chain with the alliance on it.

    Attributes:
        alliance: its contracts.
        chain: the chain; `chain_id` is its number.
        folder: for journals; gone when the story is over.
        actors: the brands, largest first.
        founder: who runs the alliance.
        arbiter: who decides disputes.
        anybody: somebody with nothing but gas to spend.
    """

    alliance: Alliance
    chain: Anvil
    chain_id: int
    folder: Path
    actors: tuple[Actor, ...]
    founder: AccountAPI
    arbiter: LocalAccount
    anybody: LocalAccount

    def turn_to(self, moment: int) -> None:
        """Set the chain's clock, in seconds: the next block carries that time."""
        self.chain.rpc("evm_setNextBlockTimestamp", moment)

    def clerk(self, key: LocalAccount) -> Clerk:
        """Whoever signs with that key, from where the chain stands now."""
        return Clerk(key, self.chain_id, self.chain.node.nonce(str(key.address)))

    def make_block(self, moment: int, raws: Sequence[bytes]) -> None:
        """One block at that time, in seconds, of signed transactions. Raises NodeRefusedError."""
        self.turn_to(moment)
        for refusal in self.chain.node.send_raw(raws):
            if refusal is not None:
                raise refusal
        self.chain.node.mine()

    @contextmanager
    def blocks_on_demand(self) -> Iterator[None]:
        """While it lasts, the chain makes blocks when told, so that one block takes many transactions."""
        self.chain.node.set_automine(False)
        try:
            yield
        finally:
            self.chain.node.set_automine(True)


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
            _enter(deployed, brand, _Staff(founder, admin, manager, _till(chain, brand)), advance)
            for brand, admin, manager in zip(alliance, others[::2], others[1::2], strict=True)
        )
        arbiter, anybody = (Account.from_key(accounts.test_accounts[at].private_key) for at in _STRANGERS)
        yield Stage(deployed, chain, chain.node.chain_id(), Path(folder), actors, founder, arbiter, anybody)


@dataclass(frozen=True)
class _Staff:
    """Who brings a brand onto the stage."""

    founder: AccountAPI
    admin: TestAccountAPI
    manager: TestAccountAPI
    till: TestAccountAPI


def _till(chain: Anvil, brand: Brand) -> TestAccountAPI:
    """A new account for a brand's till, with what it needs for gas."""
    key = till_key(brand)
    address = Account.from_key(key).address
    chain.rpc("anvil_setBalance", address, hex(_TILL_WEI))
    return accounts.init_test_account(brand.number, address, "0x" + key.hex())


def _enter(alliance: Alliance, brand: Brand, staff: _Staff, advance: Callable[[], object]) -> Actor:
    admin = staff.admin
    registered = alliance.brands.register(brand.symbol, sender=admin)
    advance()
    registered.admit(sender=staff.founder)
    advance()
    token = registered.create_token(f"{brand.name} points", brand.symbol, DECIMALS, sender=admin)
    advance()
    terms = Terms.of_document(terms_document(brand).encode(), bond_bps=BOND_BPS)
    token.oblige(alliance.mock_dollar, PAR_VALUE, brand.capacity, terms, sender=admin)
    advance()
    token.grant_quota(staff.manager, brand.quota, sender=admin)
    advance()
    return Actor(
        brand=brand,
        token=token,
        admin=admin,
        admin_key=Account.from_key(staff.admin.private_key),
        manager=Account.from_key(staff.manager.private_key),
        till=staff.till,
        till_key=Account.from_key(staff.till.private_key),
    )
