"""What holds on a fresh chain holds on a fork of a deployment: a sample of other tests, played there.

Only the chain differs: it is forked from another one, on which the suite was deployed, and is connected to by
that one's records, as a rehearsal of a live network is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from ape import accounts, networks
from integration import test_alliance

from symbolon.alliance import Alliance
from symbolon.anvil import Anvil
from symbolon.manifest import Records

if TYPE_CHECKING:
    from ape.api import ProviderAPI

test_register = test_alliance.test_register__applies_and_has_its_id_beforehand
test_managers = test_alliance.test_managers__get_and_lose_roles
test_recovery = test_alliance.test_recovery__gives_the_brand_back_after_its_delay


def connected(chain: Anvil) -> ProviderAPI:
    settings = {"host": chain.url}
    return networks.ethereum.local.get_provider("foundry", provider_settings=settings, connect=True)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    return Records(tmp_path_factory.mktemp("deployments") / "local")


@pytest.fixture(scope="module")
def chain(records: Records) -> Iterator[Anvil]:
    """A fork of a chain on which the suite is deployed."""
    with Anvil(accounts=20) as origin:
        provider = connected(origin)
        with provider.network.use_provider(provider):
            Alliance.deploy(sender=accounts.test_accounts[0], records=records)
        with Anvil(fork_url=origin.url, chain_id=None, accounts=20) as fork:
            yield fork


@pytest.fixture(scope="module")
def _provider(chain: Anvil) -> ProviderAPI:
    return connected(chain)


@pytest.fixture(scope="module")
def _deployed(_provider: ProviderAPI, records: Records) -> Alliance:
    with _provider.network.use_provider(_provider):
        return Alliance.connect(records)


def test_fork__has_the_deployments_contracts_and_its_history(alliance: Alliance, records: Records) -> None:
    assert alliance.brand_registry.address == next(
        each.address for each in records if each.name == "BrandRegistry"
    )
    assert alliance.currencies() == [str(alliance.mock_dollar.address)]
