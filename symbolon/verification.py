"""What block explorers ask to verify a contract, made without a network and checked before it is handed out.

The sources and settings of the build are compiled again by the pinned compiler. Bytecode, constructor's
arguments and salt must then lead to the recorded address: the CREATE2 deployer puts nothing else there,
immutables included, since those follow from bytecode and arguments.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from eth_utils.crypto import keccak

from symbolon.artifacts import BUILD, Artifact, artifact
from symbolon.deployment import create2_address
from symbolon.exceptions import SymbolonError
from symbolon.manifest import Record, dump, write_whole

_ROOT = BUILD.parent
_SOLC = _ROOT / "tools" / "solc"


class VerificationError(SymbolonError):
    """A contract cannot be verified from this build."""


@dataclass(frozen=True)
class Input:
    """What an explorer asks of one contract.

    Attributes:
        record: where it is.
        target: its source and name, such as contracts/Pools.sol:Pools.
        compiler: version of solc, with its commit, as explorers write it.
        arguments: the constructor's, encoded.
        standard_json: what the compiler was given.
    """

    record: Record
    target: str
    compiler: str
    arguments: bytes
    standard_json: dict[str, Any]

    def facts(self) -> dict[str, str]:
        """What is to be typed into a form."""
        return {
            "address": self.record.address,
            "contractName": self.target,
            "compilerVersion": self.compiler,
            "constructorArguments": self.arguments.hex(),
        }


def inputs(records: Sequence[Record]) -> list[Input]:
    """What explorers ask of some contracts, compiled again and found to lead to their addresses.

    Raises VerificationError, BuildMissingError.
    """
    made = [_input(record) for record in records]
    for one in made:
        _check(one)
    return made


def write(made: Sequence[Input], folder: Path) -> list[Path]:
    """Write each contract's standard JSON input, and one file with what else the forms ask."""
    written = []
    for one in made:
        path = folder / f"{one.record.name}.input.json"
        write_whole(path, dump(one.standard_json))
        written.append(path)
    path = folder / "contracts.json"
    write_whole(path, dump({one.record.name: one.facts() for one in made}))
    return [*written, path]


def recompiled(standard_json: dict[str, Any], target: str) -> tuple[bytes, dict[str, Any]]:
    """The bytecode that the pinned compiler makes, and what it says of the code that will run."""
    return _compiled(orjson.dumps(standard_json), target)


@cache
def _compiled(asked: bytes, target: str) -> tuple[bytes, dict[str, Any]]:
    done = subprocess.run([_SOLC, "--standard-json"], input=asked, capture_output=True, check=False)
    source, _, name = target.rpartition(":")
    try:
        output = orjson.loads(done.stdout)
        evm = output["contracts"][source][name]["evm"]
        return bytes.fromhex(evm["bytecode"]["object"]), evm["deployedBytecode"]
    except (ValueError, KeyError) as error:
        said = done.stderr.decode(errors="replace").strip() or done.stdout.decode(errors="replace")[:300]
        raise VerificationError(f"{target} does not compile again ({error!r}): {said}") from error


def _input(record: Record) -> Input:
    built = artifact(record.name)
    ((source, name),) = built.settings["compilationTarget"].items()
    settings = {key: value for key, value in built.settings.items() if key != "compilationTarget"}
    wanted = ["evm.bytecode.object", "evm.deployedBytecode", "metadata"]
    standard_json = {
        "language": "Solidity",
        "sources": {path: {"content": _source(path, facts)} for path, facts in _sources(built).items()},
        "settings": {**settings, "outputSelection": {source: {name: wanted}}},
    }
    arguments = built.init_code(*record.args)[len(built.bytecode) :]
    return Input(record, f"{source}:{name}", f"v{built.compiler}", arguments, standard_json)


def _sources(built: Artifact) -> dict[str, dict[str, Any]]:
    path = BUILD / f"{built.name}.sol" / f"{built.name}.json"
    sources: dict[str, dict[str, Any]] = orjson.loads(path.read_bytes())["metadata"]["sources"]
    return sources


def _source(path: str, facts: dict[str, Any]) -> str:
    try:
        content = (_ROOT / path).read_bytes()
    except OSError as error:
        raise VerificationError(f"{path} cannot be read ({error.strerror}): run `make setup`.") from error
    if "0x" + keccak(content).hex() != facts["keccak256"]:
        raise VerificationError(
            f"{path} is not what was compiled: check out the version that was deployed and run `make setup`."
        )
    return content.decode()


def _check(one: Input) -> None:
    record = one.record
    bytecode, _ = recompiled(one.standard_json, one.target)
    salt = bytes.fromhex(record.salt.removeprefix("0x"))
    if create2_address(salt, bytecode + one.arguments) != record.address:
        raise VerificationError(
            f"What {record.name} compiles to now does not lead to {record.address}: check out the version "
            f"that was deployed ({record.provenance.version}) and run `make setup`."
        )
