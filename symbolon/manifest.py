"""Records of what was deployed: deployments/<network>/, the truth that everything else is generated from.

    deployments/sepolia/.chainId              11155111
    deployments/sepolia/BrandRegistry.json    address, abi, args, transactionHash, …

The shape is the one that common tools read. Tokens that brands create are not here: the factory's events
tell them.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from symbolon import __version__
from symbolon.artifacts import Abi, Artifact
from symbolon.exceptions import SymbolonError

ROOT = Path(__file__).resolve().parents[1]
DEPLOYMENTS = Path(os.environ.get("SYMBOLON_DEPLOYMENTS", ROOT / "deployments"))
"""Where the records are; the environment can name another folder."""


class RecordError(SymbolonError):
    """A deployment record cannot be used as it is."""


class NotDeployedError(SymbolonError):
    """Nothing of ours is recorded for the network, or nothing is there."""


@dataclass(frozen=True)
class Provenance:
    """Where a contract's code came from.

    Attributes:
        version: of this project.
        commit: of its repository, "+" behind it where files had been changed; empty outside a repository.
        compiler: version of solc, with its commit.
        evm_version: the rules that it compiled for.
        optimizer_runs: how often code was expected to run; None where nothing was optimised.
        via_ir: whether it compiled by way of Yul.
    """

    version: str
    commit: str
    compiler: str
    evm_version: str
    optimizer_runs: int | None
    via_ir: bool

    @classmethod
    def of(cls, built: Artifact) -> Provenance:
        """The provenance of that artifact, here and now."""
        optimizer = built.settings.get("optimizer", {})
        return cls(
            version=__version__,
            commit=_commit(),
            compiler=built.compiler,
            evm_version=built.settings["evmVersion"],
            optimizer_runs=optimizer.get("runs") if optimizer.get("enabled") else None,
            via_ir=bool(built.settings.get("viaIR")),
        )


@dataclass(frozen=True)
class Record:
    """One deployed contract.

    Attributes:
        name: of the contract, and of the record's file.
        address: where it is.
        abi: its interface.
        args: what its constructor was given.
        transaction_hash: of the transaction that made it; None where the node keeps no history to find it in.
        block_number: of the block that it was made in, from where its events are to be read; with the same
            exception 0, from where they are certainly all read.
        salt: what its address follows from, together with `bytecode_hash`.
        bytecode_hash: keccak256 of the bytecode and the constructor's arguments that made it.
        code_hash: keccak256 of the code at the address.
        provenance: where the code came from.
    """

    name: str
    address: str
    abi: Abi
    args: tuple[Any, ...]
    transaction_hash: str | None
    block_number: int
    salt: str
    bytecode_hash: str
    code_hash: str
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        """The record as it is written down."""
        origin = self.provenance
        return {
            "address": self.address,
            "abi": self.abi,
            "args": list(self.args),
            "transactionHash": self.transaction_hash,
            "blockNumber": self.block_number,
            "salt": self.salt,
            "bytecodeHash": self.bytecode_hash,
            "codeHash": self.code_hash,
            "provenance": {
                "version": origin.version,
                "commit": origin.commit,
                "compiler": origin.compiler,
                "evmVersion": origin.evm_version,
                "optimizerRuns": origin.optimizer_runs,
                "viaIR": origin.via_ir,
                "startBlock": self.block_number,
            },
        }

    @classmethod
    def from_json(cls, name: str, content: dict[str, Any]) -> Record:
        """The record that was written down so."""
        origin = content["provenance"]
        return cls(
            name=name,
            address=content["address"],
            abi=content["abi"],
            args=tuple(content["args"]),
            transaction_hash=content["transactionHash"],
            block_number=content["blockNumber"],
            salt=content["salt"],
            bytecode_hash=content["bytecodeHash"],
            code_hash=content["codeHash"],
            provenance=Provenance(
                version=origin["version"],
                commit=origin["commit"],
                compiler=origin["compiler"],
                evm_version=origin["evmVersion"],
                optimizer_runs=origin["optimizerRuns"],
                via_ir=origin["viaIR"],
            ),
        )


class Records:
    """The records of one network, in one folder.

    Where `origin` is given, as for a fork or a rehearsal, what is not in the folder is read from there, and
    only the folder is written to.
    """

    def __init__(self, folder: Path, origin: Records | None = None) -> None:
        self.folder = folder
        self._origin = origin

    @property
    def network(self) -> str:
        """The network's name, which is the folder's."""
        return self.folder.name

    @property
    def chain_id(self) -> int | None:
        """The chain that was deployed to; None where nothing is recorded."""
        try:
            return int((self.folder / ".chainId").read_text())
        except FileNotFoundError:
            return self._origin.chain_id if self._origin else None
        except ValueError:
            raise RecordError(
                f"{self.folder / '.chainId'} holds no number: write the chain's id into it."
            ) from None

    def start(self, chain_id: int) -> None:
        """Note the chain before the first record."""
        write_whole(self.folder / ".chainId", str(chain_id).encode())

    def read(self, name: str) -> Record | None:
        """The record of that contract; None where there is none. RecordError where it makes no sense."""
        path = self.folder / f"{name}.json"
        try:
            return Record.from_json(name, orjson.loads(path.read_bytes()))
        except FileNotFoundError:
            return self._origin.read(name) if self._origin else None
        except (ValueError, KeyError, TypeError) as error:
            raise RecordError(
                f"{path} cannot be read ({error!r}): restore it from version control, or remove it and run "
                "`ape run deploy` again, which finds the contract and writes it anew."
            ) from error

    def write(self, record: Record) -> None:
        """Write one record down; after this returns it survives a crash."""
        write_whole(self.folder / f"{record.name}.json", dump(record.to_json()))

    def __iter__(self) -> Iterator[Record]:
        """Every record, in the order of deployment."""
        records = [record for name in self._names() if (record := self.read(name))]
        return iter(sorted(records, key=lambda record: (record.block_number, record.name)))

    def _names(self) -> set[str]:
        own = {path.stem for path in self.folder.glob("[A-Z]*.json")}
        return own | self._origin._names() if self._origin else own


def dump(content: object) -> bytes:
    """JSON as this project commits it: indented, with a line end."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file so that a crash leaves the old one or the new one, nothing between.

    mode: who may do what with it, as far as the user's mask lets them.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


@cache
def _commit() -> str:
    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=10, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = git("rev-parse", "HEAD")
    if commit is None:
        return ""
    changed = git("status", "--porcelain", "--", "contracts", "foundry.toml", "package-lock.json")
    return commit + ("+" if changed else "")
