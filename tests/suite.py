"""The real contracts on a chain of our own, without Ape: a brand, its token, a manager with a quota."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.abi import collapse_if_tuple

from symbolon.anvil import MNEMONIC, Anvil
from symbolon.artifacts import artifact
from symbolon.deployment import CREATE2_DEPLOYER, LISTED, plan

Account.enable_unaudited_hdwallet_features()

CAPACITY = 2**90
DECIMALS = 2


def account(number: int) -> LocalAccount:
    """One of the chain's well-known accounts."""
    signer: LocalAccount = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{number}")
    return signer


ALLIANCE, BRAND, MANAGER, PARTNER, INTRUDER = (account(number) for number in range(5))


@dataclass
class Suite:
    """Deployed contracts by name, and the brand's token."""

    chain: Anvil
    addresses: dict[str, str]
    token: str = ""

    def send(self, sender: LocalAccount, contract: str, method: str, *arguments: object) -> dict[str, Any]:
        """Make a transaction; its receipt. Fails the test where it reverts."""
        return transact(self.chain, sender, self._address(contract), calldata(contract, method, *arguments))

    def ask(self, contract: str, method: str, *arguments: object) -> Any:
        """The one value that a view returns."""
        data = calldata(contract, method, *arguments)
        answer = self.chain.node.call(self._address(contract), data)
        (entry,) = (e for e in artifact(contract).abi if e["type"] == "function" and e["name"] == method)
        (value,) = decode([collapse_if_tuple(each) for each in entry["outputs"]], answer)
        return value

    def balance(self, member: str) -> int:
        """What a member holds of the token."""
        return int(self.ask("LoyaltyToken", "balanceOf", member))

    def supply(self) -> int:
        """All of the token there is."""
        return int(self.ask("LoyaltyToken", "totalSupply"))

    def grant(self, minter: LocalAccount, amount: int) -> None:
        """Have the brand give a minter a quota."""
        self.send(BRAND, "LoyaltyToken", "grantQuota", minter.address, amount)

    def _address(self, contract: str) -> str:
        return self.token if contract == "LoyaltyToken" and self.token else self.addresses[contract]


def deploy(chain: Anvil, *, quota: int = 2**80) -> Suite:
    """The suite, a brand, its token, and a quota for the manager."""
    addresses = {}
    for step in plan(ALLIANCE.address, rehearsal=True):
        transact(chain, ALLIANCE, CREATE2_DEPLOYER, step.salt + step.init_code)
        addresses[step.name] = step.address
    suite = Suite(chain, addresses)
    for list_, name in LISTED:
        suite.send(ALLIANCE, "BrandRegistry", "setListed", int(list_), addresses[name], True)
    brand = suite.ask("BrandRegistry", "brandIdOf", BRAND.address, bytes(32))
    suite.send(BRAND, "BrandRegistry", "register", bytes(32), BRAND.address, "")
    suite.send(ALLIANCE, "BrandRegistry", "admit", brand)
    token = (
        brand,
        addresses["ObligationRegistry"],
        addresses["Redemptions"],
        "Corner Points",
        "CRN",
        DECIMALS,
    )
    suite.send(BRAND, "LoyaltyTokenFactory", "createToken", *token)
    suite.token = suite.ask("LoyaltyTokenFactory", "tokenAddress", BRAND.address, *token)
    terms = (b"\x01" * 32, 30 * 86_400, 0, "https://corner.example/terms")
    suite.send(
        BRAND, "ObligationRegistry", "oblige", suite.token, addresses["MockDollar"], 10**4, CAPACITY, terms
    )
    suite.grant(MANAGER, quota)
    return suite


def calldata(contract: str, method: str, *arguments: object) -> bytes:
    """A call as the ABI writes it."""
    built = artifact(contract)
    (entry,) = (e for e in built.abi if e["type"] == "function" and e["name"] == method)
    return built.selector(method) + encode([collapse_if_tuple(each) for each in entry["inputs"]], arguments)


def transact(chain: Anvil, sender: LocalAccount, to: str, data: bytes) -> dict[str, Any]:
    """Send from one of the chain's unlocked accounts; the receipt of a transaction that succeeded."""
    request = {"from": sender.address, "to": to, "data": "0x" + data.hex(), "gas": hex(13_500_000)}
    hash_ = chain.rpc("eth_sendTransaction", request)
    until = time.monotonic() + 10
    while (receipt := chain.node.receipts([hash_])[0]) is None:
        assert time.monotonic() < until, f"{sender.address} -> {to} was not mined"
        time.sleep(0.002)
    assert receipt["status"] == "0x1", f"{sender.address} -> {to} reverted"
    return receipt
