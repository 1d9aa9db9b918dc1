"""Compiled contracts: ours from the project's build, others' from the bench's build or their packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson

from symbolon.exceptions import SymbolonError

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
OUR_BUILD = "run `make build`"
PEERS_BUILD = "run `make bench-gas`"
NOT_DEPLOYED = ("contracts/interfaces/", "contracts/libraries/", "contracts/types/", "contracts/base/")


class MissingArtefactError(SymbolonError):
    """A contract that the benchmark needs has not been compiled or installed."""


@dataclass(frozen=True)
class Artefact:
    """One compiled contract: its source, its name, its creation code and the code it leaves on the chain."""

    source: str
    name: str
    creation: bytes
    runtime: bytes


def ours(name: str) -> Artefact:
    """A contract of this project, from the one build that tests run and deployments use."""
    return _load(ROOT / "build" / f"{name}.sol" / f"{name}.json", OUR_BUILD)


def all_ours() -> Iterator[Artefact]:
    """Every contract of this project that goes on a chain by itself, in the order of their names."""
    found = {}
    for path in (ROOT / "build").glob("*.sol/*.json"):
        if "." in path.stem:  # another compiler profile's, for tests
            continue
        artefact = _load(path, OUR_BUILD)
        # What remains in build/ of a source that was renamed or deleted is no contract of ours any more.
        if (
            artefact.source.startswith("contracts/")
            and not artefact.source.startswith(NOT_DEPLOYED)
            and artefact.creation
            and (ROOT / artefact.source).is_file()
        ):
            found[artefact.name] = artefact
    return (found[name] for name in sorted(found))


def slot_of(contract: str, variable: str) -> int:
    """Storage slot of a state variable of ours."""
    content = _read(ROOT / "build" / f"{contract}.sol" / f"{contract}.json", OUR_BUILD)
    (slot,) = (entry["slot"] for entry in content["storageLayout"]["storage"] if entry["label"] == variable)
    return int(slot)


def access_manager() -> bytes:
    """Creation code of the alliance's AccessManager, as OpenZeppelin published it."""
    path = ROOT / "node_modules/@openzeppelin/contracts/build/contracts/AccessManager.json"
    return bytes.fromhex(_read(path, OUR_BUILD)["bytecode"][2:])


def peer(file: str, name: str) -> Artefact:
    """A wrapper of `bench/peers/`; refused where compiler or settings are not those of our own build."""
    path = BENCH / "build" / f"{file}.sol" / f"{name}.json"
    theirs = _compilation(_read(path, PEERS_BUILD))
    own = _compilation(_read(ROOT / "build" / "LoyaltyToken.sol" / "LoyaltyToken.json", OUR_BUILD))
    if theirs != own:
        raise MissingArtefactError(f"{name} was compiled with {theirs}, our own with {own}: make them equal.")
    return _load(path, PEERS_BUILD)


def thirdweb(name: str) -> Artefact:
    """A contract as thirdweb published it: its sources do not all compile today, its bytecode is in use."""
    return _load(BENCH / "node_modules" / "@thirdweb-dev" / "contracts" / "abi" / f"{name}.json", PEERS_BUILD)


@cache
def version_of(package: str) -> str:
    """Version of an npm package that is installed for the benchmark."""
    path = BENCH / "node_modules" / package / "package.json"
    return cast(str, _read(path, PEERS_BUILD)["version"])


def _load(path: Path, mend: str) -> Artefact:
    content = _read(path, mend)
    target: dict[str, str] = content["metadata"]["settings"]["compilationTarget"]
    ((source, name),) = target.items()
    return Artefact(source, name, _bytes(content["bytecode"]), _bytes(content["deployedBytecode"]))


def _compilation(content: dict[str, Any]) -> dict[str, Any]:
    """Compiler and settings that the bytecode depends on."""
    metadata = content["metadata"]
    settings = metadata["settings"]
    kept = {key: settings.get(key) for key in ("optimizer", "evmVersion", "viaIR", "metadata")}
    return {"compiler": metadata["compiler"]["version"], **kept}


def _read(path: Path, mend: str) -> dict[str, Any]:
    try:
        return cast(dict[str, Any], orjson.loads(path.read_bytes()))
    except OSError as error:
        raise MissingArtefactError(f"{path.relative_to(ROOT)} is missing: {mend}.") from error


def _bytes(code: dict[str, Any]) -> bytes:
    return bytes.fromhex(code["object"].removeprefix("0x"))
