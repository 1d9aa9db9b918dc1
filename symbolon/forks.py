"""A copy of the connected chain to try things out on, which is thrown away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ape.utils.basemodel import ManagerAccessMixin as Ape

from symbolon.alliance import records_of
from symbolon.anvil import Anvil
from symbolon.exceptions import SymbolonError
from symbolon.manifest import Records

if TYPE_CHECKING:
    from ape.api import AccountAPI

_RICH = 10**24  # wei that whoever plays a part is lent, so that a lack of funds is told and not met


@dataclass(frozen=True)
class Fork:
    """A running copy, and a copy of the records that are written there."""

    chain: Anvil
    records: Records

    @contextmanager
    def acting(self, address: str) -> Iterator[AccountAPI]:
        """An account that signs without its key, and has ETH enough."""
        self.chain.rpc("anvil_setBalance", address, hex(_RICH))
        accounts = Ape.account_manager.test_accounts
        try:
            yield accounts.impersonate_account(address)
        finally:
            accounts.stop_impersonating(address)

    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.chain.rpc("evm_increaseTime", hex(seconds))
        self.chain.rpc("evm_mine")


@contextmanager
def forked() -> Iterator[Fork]:
    """Be connected to a copy of the connected chain."""
    records = records_of(Ape.provider.network)
    local = Ape.network_manager.ethereum.local
    with tempfile.TemporaryDirectory() as folder, Anvil(fork_url=node_url(), chain_id=None) as chain:
        fork = Fork(chain, Records(Path(folder) / records.network, records))
        settings = {"host": chain.url}
        with local.use_provider("foundry", provider_settings=settings, disconnect_after=True):
            yield fork


def node_url() -> str:
    """The HTTP address of the connected node."""
    uri = str(getattr(Ape.provider, "http_uri", "") or "")
    if not uri.startswith("http"):
        raise SymbolonError(
            "This network's provider has no HTTP address, which is needed here: name one with --network "
            "ecosystem:network:URL."
        )
    return uri
