"""What is missing on this machine or chain, and the mend."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symbolon import calls, deployment, exports
from symbolon.alliance import Alliance
from symbolon.anvil import ANVIL_VERSION, find_anvil
from symbolon.artifacts import artifact
from symbolon.calls import AccountLike, address_of
from symbolon.deployment import CREATE2_DEPLOYER, LISTED, SUITE, code_at
from symbolon.exceptions import SymbolonError
from symbolon.manifest import ROOT, Records
from symbolon.standing import MULTICALL3
from symbolon.units import ether

SOLC_VERSION = "0.8.37"
_NODE = 20
_PYTHON = (3, 11)


class AilmentError(SymbolonError):
    """Something is missing; the message says what, and the mend."""


@dataclass(frozen=True)
class Finding:
    """What one check found: all is well, or a sentence with the mend."""

    what: str
    well: bool
    text: str


Check = tuple[str, Callable[[], str]]


def examine(checks: tuple[Check, ...]) -> Iterator[Finding]:
    """Make the checks, one after another."""
    for what, check in checks:
        try:
            yield Finding(what, True, check())
        except SymbolonError as error:
            yield Finding(what, False, str(error))


# ---- the machine


def machine() -> tuple[Check, ...]:
    """What has to be installed."""
    return (
        ("Python", _python),
        ("Node", _node),
        ("Anvil", lambda: f"{ANVIL_VERSION} at {find_anvil()}"),
        ("compiler", _compiler),
        ("build", _build),
        ("environment", _environment),
    )


def _python() -> str:
    if sys.version_info < _PYTHON:
        raise AilmentError("Python 3.11 or newer is needed: run `make setup PYTHON=/path/to/python3.11`.")
    return sys.version.split()[0]


def _node() -> str:
    version = _run("node", "--version").removeprefix("v")
    if not version or int(version.split(".")[0]) < _NODE:
        raise AilmentError(f"Node {_NODE} or newer is needed, which compiles the contracts: install it.")
    return version


def _compiler() -> str:
    path = ROOT / "tools" / "solc"
    match = re.search(r"Version: (\d+\.\d+\.\d+)", _run(str(path), "--version"))
    if match is None or match[1] != SOLC_VERSION:
        raise AilmentError(f"solc {SOLC_VERSION} does not run: run `make setup`.")
    return f"solc {match[1]}"


def _build() -> str:
    names = [part.name for part in SUITE]
    for name in names:
        artifact(name)
    return f"{len(names)} contracts"


def _environment() -> str:
    wanted = str(ROOT / ".ape")
    if os.environ.get("APE_DATA_FOLDER") != wanted:
        raise AilmentError("Ape would keep its cache outside the project: run `source tools/env.sh`.")
    return "tools/env.sh is in force"


def _run(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


# ---- the connected chain


def chain(records: Records, account: AccountLike | None = None) -> tuple[Check, ...]:
    """What has to be on the chain; `account` is who would sign."""
    checks: list[Check] = [
        ("CREATE2 deployer", _create2),
        ("contracts", lambda: _contracts(records)),
        ("the alliance's lists", lambda: _lists(records)),
        ("exports", lambda: _exports(records)),
        ("Multicall3", _multicall3),
    ]
    if account is not None:
        checks.append(("account", lambda: _account(account)))
    return tuple(checks)


def _create2() -> str:
    if not code_at(CREATE2_DEPLOYER):
        raise AilmentError(f"There is none at {CREATE2_DEPLOYER}: have it deployed before you deploy.")
    return CREATE2_DEPLOYER


def _contracts(records: Records) -> str:
    deployment.check(records)
    return f"{sum(1 for _ in records)} as recorded in {records.folder}"


def _lists(records: Records) -> str:
    alliance = Alliance.connect(records)
    known = {record.name: record.address for record in records}
    for kind, name in LISTED:
        if name in known and not alliance.is_listed(kind, known[name]):
            raise AilmentError(f"{name} is not listed: run `ape run deploy` again as the alliance.")
    return f"{len(alliance.currencies())} settlement currencies"


def _exports(records: Records) -> str:
    exports.check(exports.everything(Alliance.connect(records)))
    return "up to date"


def _multicall3() -> str:
    if not code_at(MULTICALL3):
        raise AilmentError(f"There is none at {MULTICALL3}, which front ends expect: they must do without.")
    return MULTICALL3


def _account(account: AccountLike) -> str:
    address = address_of(account)
    calls.refuse_public_key(address)
    with calls.node() as web3:
        balance = int(web3.eth.get_balance(web3.to_checksum_address(address)))
    if balance == 0:
        raise AilmentError(f"{address} holds no ETH: send it some before it signs.")
    return f"{address} holds {ether(balance)} ETH"
