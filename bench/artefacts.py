"""Compiled contracts to measure beside ours: from the bench's own build or as their package has them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson

from symbolon.artifacts import BUILD, artifact
from symbolon.exceptions import SymbolonError

BENCH = Path(__file__).resolve().parent
PACKAGES = BENCH / "node_modules"


class PeersMissingError(SymbolonError):
    """A peer has not been installed or compiled, or not as our own contracts are."""


def slot_of(contract: str, variable: str) -> int:
    """Storage slot of a state variable of ours."""
    layout = _read(BUILD / f"{contract}.sol" / f"{contract}.json")["storageLayout"]["storage"]
    (slot,) = (entry["slot"] for entry in layout if entry["label"] == variable)
    return int(slot)


def peer(file: str, name: str) -> bytes:
    """Creation code of a wrapper in `bench/peers/`; refused unless compiled as our own contracts are."""
    content = _read(BENCH / "build" / f"{file}.sol" / f"{name}.json")
    ours = artifact("LoyaltyToken")
    theirs = content["metadata"]
    if _what_counts(theirs["compiler"]["version"], theirs["settings"]) != _what_counts(
        ours.compiler, ours.settings
    ):
        raise PeersMissingError(
            f"The peer {name} was compiled otherwise than our own contracts: make bench/foundry.toml say "
            "what foundry.toml says and run `make bench-gas`."
        )
    return bytes.fromhex(content["bytecode"]["object"].removeprefix("0x"))


def clone_of(code: str) -> bytes:
    """Creation code of a minimal clone (ERC-1167) of the contract at an address."""
    runtime = bytes.fromhex("363d3d373d3d3d363d73" + code[2:] + "5af43d82803e903d91602b57fd5bf3")
    return bytes.fromhex("3d602d80600a3d3981f3") + runtime


def thirdweb(name: str) -> bytes:
    """Creation code as thirdweb published it: its sources do not all compile today."""
    return _published("@thirdweb-dev/contracts", f"abi/{name}.json", "bytecode")


def uniswap_v2(package: str, name: str) -> bytes:
    """Creation code as Uniswap published it in its v2-core or v2-periphery: it is what runs on chains."""
    return _published(f"@uniswap/{package}", f"build/{name}.json", "evm", "bytecode")


def uniswap_v4_manager() -> bytes:
    """Creation code of v4's PoolManager as published: compiled via IR, and for swaps, by its own settings."""
    return _published("@uniswap/v4-core", "out/PoolManager.sol/PoolManager.json", "bytecode")


@cache
def version_of(package: str) -> str:
    """Version of an npm package that is installed for the benchmark."""
    return cast(str, _read(PACKAGES / package / "package.json")["version"])


def _published(package: str, path: str, *keys: str) -> bytes:
    """Bytecode out of a JSON file of an npm package."""
    content = _read(PACKAGES / package / path)
    for key in keys:
        content = content[key]
    return bytes.fromhex(content["object"].removeprefix("0x"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return cast(dict[str, Any], orjson.loads(path.read_bytes()))
    except OSError as error:
        raise PeersMissingError(
            f"{path.relative_to(BENCH.parent)} is missing: run `make bench-gas`."
        ) from error


def _what_counts(compiler: str, settings: dict[str, Any]) -> tuple[object, ...]:
    """Compiler and settings that bytecode depends on."""
    return (compiler, *(settings.get(key) for key in ("optimizer", "evmVersion", "viaIR", "metadata")))
