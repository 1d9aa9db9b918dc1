"""One chain and one deployed alliance for all tests that need them; each test finds it as it was deployed.

Actors are accounts of Ape: the alliance's `operator`, a `brand`'s admin, its `manager` and `guardian`, a
`member`, a `partner` (another brand's admin) and an `intruder`, who is nobody's.
"""
# ruff: noqa: PLC0415 (Ape takes seconds to import, which tests that need no chain are spared)

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from bakery import CAPACITY, PAR_VALUE, QUOTA
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from ape.api import ProviderAPI
    from ape_test.accounts import TestAccount

    from symbolon.alliance import Alliance
    from symbolon.anvil import Anvil
    from symbolon.brands import Brand
    from symbolon.tokens import Token

# How long an example takes says more about the machine than about the code.
settings.register_profile("symbolon", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("symbolon")


@pytest.fixture(scope="session")
def chain() -> Iterator[Anvil]:
    from symbolon.anvil import Anvil

    with Anvil(accounts=20) as anvil:
        yield anvil


@pytest.fixture(scope="session")
def _provider(chain: Anvil) -> ProviderAPI:
    from ape import networks
    from ape.logging import LogLevel, logger

    logger.set_level(LogLevel.WARNING)
    settings = {"host": chain.url}
    return networks.ethereum.local.get_provider("foundry", provider_settings=settings, connect=True)


@pytest.fixture(scope="session")
def _deployed(_provider: ProviderAPI, tmp_path_factory: pytest.TempPathFactory) -> Alliance:
    from symbolon.alliance import Alliance
    from symbolon.manifest import Records

    records = Records(tmp_path_factory.mktemp("deployments") / "local")
    with _provider.network.use_provider(_provider):
        return Alliance.deploy(sender=account(0), records=records)


@pytest.fixture
def alliance(_provider: ProviderAPI, _deployed: Alliance) -> Iterator[Alliance]:
    """The alliance as it was deployed; what the test does to it is undone."""
    from ape import chain

    with _provider.network.use_provider(_provider):
        snapshot = chain.snapshot()
        yield _deployed
        chain.restore(snapshot)


def account(number: int) -> TestAccount:
    """One of the chain's funded accounts."""
    from ape import accounts

    found: TestAccount = accounts.test_accounts[number]
    return found


@pytest.fixture
def operator() -> TestAccount:
    return account(0)


@pytest.fixture
def brand() -> TestAccount:
    return account(1)


@pytest.fixture
def manager() -> TestAccount:
    return account(2)


@pytest.fixture
def member() -> TestAccount:
    return account(3)


@pytest.fixture
def partner() -> TestAccount:
    return account(4)


@pytest.fixture
def intruder() -> TestAccount:
    return account(5)


@pytest.fixture
def guardian() -> TestAccount:
    return account(6)


@pytest.fixture
def bakery(alliance: Alliance, operator: TestAccount, brand: TestAccount, guardian: TestAccount) -> Brand:
    """An admitted brand."""
    registered = alliance.brands.register("bakery", guardian=guardian, sender=brand)
    registered.admit(sender=operator)
    return registered


@pytest.fixture
def token(alliance: Alliance, bakery: Brand, brand: TestAccount, manager: TestAccount) -> Token:
    """The bakery's token, of two decimals, which it owes for and its manager has a quota of."""
    from symbolon.obligations import Terms

    made = bakery.create_token("Bakery Points", "BAKE", 2, sender=brand)
    terms = Terms.of_document(b"Worth a cent each in our shops.")
    made.oblige(alliance.currencies()[0], PAR_VALUE, CAPACITY, terms, sender=brand)
    made.grant_quota(manager, QUOTA, sender=brand)
    return made
