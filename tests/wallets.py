"""Wallets with a contract for an address (ERC-1271), on a chain."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import orjson
from ape.utils.basemodel import ManagerAccessMixin as Ape
from eth_abi.abi import encode

from symbolon import calls
from symbolon.addresses import keccak
from symbolon.artifacts import BUILD

if TYPE_CHECKING:
    from ape.api import AccountAPI

ROOT = BUILD.parent
FORGE = ROOT / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"
SOURCE = ROOT / "tests" / "solidity" / "utils" / "Wallets.sol"


FICKLE = 11
"""Behaves well while it is only tried, and says no in a block."""


def make_wallet(owner: str, *, sender: AccountAPI, behaviour: int = 0) -> str:
    """Deploy a wallet that takes its owner's signatures for its own, or behaves otherwise; its address."""
    code = bytes.fromhex(_artifact()["bytecode"]["object"][2:]) + encode(["address"], [owner])
    transaction = Ape.provider.network.ecosystem.create_transaction(
        sender=sender.address, data=code, gas_limit=3_000_000
    )
    wallet = str(sender.call(transaction).contract_address)
    data = keccak(b"behave(uint8)")[:4] + encode(["uint8"], [behaviour])
    calls.send(sender, wallet, data, what="Wallet.behave")
    return wallet


def _artifact() -> Any:
    """As `forge test` leaves it; built where that has not run."""
    path = BUILD / "Wallets.sol" / "Wallet.json"
    if not path.exists():
        subprocess.run([FORGE, "build", "--quiet", SOURCE], cwd=ROOT, check=True)
    return orjson.loads(path.read_bytes())
