"""The local chain that stays: `make up` starts it with the suite deployed and seeded, `make down` ends it.

For people who build front ends or write tests. Its accounts are in deployments/local/accounts.json, with keys
that everybody has.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from ape.utils.basemodel import ManagerAccessMixin as Ape

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.anvil import MNEMONIC, Anvil
from symbolon.brands import Roles
from symbolon.exceptions import NodeError, SymbolonError
from symbolon.exports import write_all
from symbolon.manifest import DEPLOYMENTS, ROOT, Records, dump, write_whole
from symbolon.obligations import Terms
from symbolon.rpc import Node
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI

PORT = 8545
LOCAL = DEPLOYMENTS / "local"
STATE = LOCAL / "chain.json"
LOG = LOCAL / "chain.log"

MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
"""Where front ends look for it on every chain."""

_VIEM = ROOT / "node_modules" / "viem" / "constants" / "contracts.ts"
_ACCOUNTS = 20
_DOLLARS = 10_000 * 10**6


@dataclass(frozen=True)
class Seed:
    """One brand to begin with: its token, par in hundredths of a cent, and whole tokens per member."""

    label: str
    name: str
    symbol: str
    decimals: int
    par_value: int
    capacity: int
    balances: tuple[int, ...]


SEEDS = (
    Seed("bakery", "Bakery Points", "BAKE", 2, 10_000, 1_000_000, (120, 45, 0, 310, 7)),
    Seed("cinema", "Cinema Stars", "STAR", 0, 500_000, 200_000, (12, 0, 3, 8, 1)),
    Seed("books", "Book Miles", "BOOK", 18, 50_000, 500_000, (0, 260, 75, 18, 900)),
)
"""Three brands with tokens of different fineness, so that whoever builds on them meets all kinds."""

MEMBERS = 5


@dataclass(frozen=True)
class Chain:
    """A local chain that runs: its process and where to send requests."""

    pid: int
    url: str


class AlreadyUpError(SymbolonError):
    """There is a local chain already."""


def find() -> Chain | None:
    """The chain that `up` left running; None where there is none."""
    try:
        state = orjson.loads(STATE.read_bytes())
        chain = Chain(int(state["pid"]), str(state["url"]))
        return chain if _is_anvil(chain.pid) and Node(chain.url, timeout=5, attempts=1).chain_id() else None
    except (OSError, ValueError, KeyError, TypeError, NodeError):
        return None


def up(port: int = PORT, progress: Callable[[str], None] = lambda text: None) -> Chain:
    """Start the chain, deploy and seed the suite, and leave it running.

    Raises AlreadyUpError where it runs already, AnvilError where it cannot start. If anything fails on the
    way, the chain is stopped again.
    """
    if found := find():
        raise AlreadyUpError(
            f"A local chain runs at {found.url} already: use it, or end it with `make down` first."
        )
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with Anvil(port=port, accounts=_ACCOUNTS, stays=True, log=LOG) as anvil:
        try:
            settings = {"host": anvil.url}
            with Ape.network_manager.ethereum.local.use_provider("foundry", provider_settings=settings):
                progress(f"Anvil answers at {anvil.url}")
                place_multicall3(anvil)
                _build(anvil, progress)
            chain = Chain(anvil.pid, anvil.url)
            write_whole(STATE, dump({"pid": chain.pid, "url": chain.url}))
        except BaseException:
            anvil.stop()
            raise
    return chain


def down() -> Chain | None:
    """End the chain that `up` left running; None where there is none."""
    chain = find()
    if chain is not None:
        os.kill(chain.pid, signal.SIGTERM)
        until = time.monotonic() + 10
        while _is_anvil(chain.pid) and time.monotonic() < until:
            time.sleep(0.05)
    STATE.unlink(missing_ok=True)
    return chain


def place_multicall3(chain: Anvil) -> None:
    """Put Multicall3 where front ends look for it; its bytecode comes with viem."""
    try:
        match = re.search(r"multicall3Bytecode =\s*'(0x[0-9a-f]+)'", _VIEM.read_text())
    except FileNotFoundError:
        match = None
    if match is None:
        raise SymbolonError("Multicall3 was not found in node_modules/viem: run `make setup`.")
    chain.rpc("anvil_setCode", MULTICALL3, chain.rpc("eth_call", {"data": match[1]}, "latest"))


def _build(anvil: Anvil, progress: Callable[[str], None]) -> None:
    accounts = list(Ape.account_manager.test_accounts[:_ACCOUNTS])
    alliance = Alliance.deploy(sender=accounts[0], records=Records(LOCAL), replace=True)
    progress("The suite is deployed")
    held = seed(alliance, accounts, progress)
    write_all(alliance)
    write_whole(LOCAL / "accounts.json", dump(_accounts_json(anvil, accounts, held)))


def seed(
    alliance: Alliance, accounts: list[AccountAPI], progress: Callable[[str], None] = lambda text: None
) -> dict[str, dict[str, str]]:
    """Three brands, their managers, and members with balances: what each address holds, by symbol.

    Accounts: the alliance, three brands' admins, their managers, their guardians, then the members.
    """
    number = len(SEEDS)
    admin, *others = accounts
    brands, managers = others[:number], others[number : 2 * number]
    guardians, members = others[2 * number : 3 * number], others[3 * number : 3 * number + MEMBERS]
    dollar = alliance.mock_dollar
    held: dict[str, dict[str, str]] = {}
    for plan, owner, manager, guardian in zip(SEEDS, brands, managers, guardians, strict=True):
        brand = alliance.brands.register(
            plan.label, guardian=guardian, profile_uri=_profile(plan), sender=owner
        )
        brand.admit(sender=admin)
        brand.set_manager(manager, Roles.FULFIL | Roles.CAMPAIGN, sender=owner)
        token = brand.create_token(plan.name, plan.symbol, plan.decimals, sender=owner)
        whole = 10**plan.decimals
        terms = f"{plan.name}: each is worth its par value in the shop, at any time.".encode()
        token.oblige(
            str(dollar.address),
            plan.par_value,
            plan.capacity * whole,
            Terms.of_document(terms, uri=f"data:text/plain,{quote(terms)}"),
            sender=owner,
        )
        token.grant_quota(manager, plan.capacity * whole // 4, sender=owner)
        for member, amount in zip(members, plan.balances, strict=True):
            if amount:
                token.mint(member, amount * whole, sender=manager)
                held.setdefault(str(member.address), {})[plan.symbol] = format_amount(
                    amount * whole, plan.decimals
                )
        calls.transact(owner, dollar, "mint", owner.address, _DOLLARS)
        progress(f"{plan.name} ({plan.symbol}) is seeded")
    return held


def _profile(plan: Seed) -> str:
    content = {"name": plan.label.capitalize(), "description": f"Issues {plan.name}."}
    return f"data:application/json,{quote(json.dumps(content))}"


def _accounts_json(
    anvil: Anvil, accounts: list[AccountAPI], held: dict[str, dict[str, str]]
) -> dict[str, object]:
    labels = [plan.label for plan in SEEDS]
    names = [
        "alliance",
        *(f"{label} admin" for label in labels),
        *(f"{label} manager" for label in labels),
        *(f"{label} guardian" for label in labels),
        *(f"member {number + 1}" for number in range(MEMBERS)),
    ]
    return {
        "url": anvil.url,
        "chainId": int(anvil.rpc("eth_chainId"), 16),
        "multicall3": MULTICALL3,
        "mnemonic": MNEMONIC,
        "accounts": [
            {
                "name": names[index] if index < len(names) else "free",
                "address": str(account.address),
                "privateKey": account.private_key,
                "alias": f"TEST::{index}",
                "holds": held.get(str(account.address), {}),
            }
            for index, account in enumerate(accounts)
        ],
    }


def _is_anvil(pid: int) -> bool:
    """Whether that process is an Anvil: numbers of processes are used again."""
    command = ""
    with suppress(OSError):
        if Path("/proc").is_dir():
            stat = Path(f"/proc/{pid}/stat").read_text()
            command = "" if stat.rsplit(")", 1)[1].split()[0] == "Z" else stat
        else:
            listed = ["ps", "-o", "comm=", "-p", str(pid)]
            command = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    return "anvil" in command
