"""The frozen build: what forge compiled once, what tests run and what is deployed, byte for byte.

`artifact("BrandRegistry")` reads build/BrandRegistry.sol/BrandRegistry.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak

from symbolon.exceptions import SymbolonError

if TYPE_CHECKING:
    from ethpm_types import ContractType

Abi = list[dict[str, Any]]

BUILD = Path(__file__).resolve().parents[1] / "build"
"""Where forge puts it."""


class BuildMissingError(SymbolonError):
    """The frozen build is not there, or not whole."""


@dataclass(frozen=True)
class Artifact:
    """One compiled contract.

    Attributes:
        name: of the contract, and of its file.
        abi: as the compiler wrote it.
        bytecode: what runs once, followed by the constructor's arguments, to make the contract.
        runtime: the contract's code, with zeros where immutables will be.
        compiler: version of solc, with its commit.
        settings: what the compiler was told: evmVersion, optimizer, viaIR, …
    """

    name: str
    abi: Abi
    bytecode: bytes
    runtime: bytes
    compiler: str
    settings: dict[str, Any]

    @cached_property
    def contract_type(self) -> ContractType:
        """The same in Ape's terms."""
        from ethpm_types import ContractType  # noqa: PLC0415 (slow to import, and not everybody needs it)

        return ContractType.model_validate(
            {
                "contractName": self.name,
                "sourceId": f"contracts/{self.name}.sol",
                "abi": self.abi,
                "deploymentBytecode": {"bytecode": "0x" + self.bytecode.hex()},
                "runtimeBytecode": {"bytecode": "0x" + self.runtime.hex()},
            }
        )

    def init_code(self, *arguments: object) -> bytes:
        """What to send to make the contract: its bytecode and the constructor's encoded arguments."""
        inputs: Abi = next((entry["inputs"] for entry in self.abi if entry["type"] == "constructor"), [])
        return self.bytecode + encode([collapse_if_tuple(each) for each in inputs], arguments)

    def selector(self, method: str) -> bytes:
        """First four bytes of a call to `method`, which has one form only."""
        matches = [e for e in self.abi if e["type"] == "function" and e["name"] == method]
        assert len(matches) == 1, f"{self.name}.{method} is {len(matches)} functions"
        return keccak(text=signature(matches[0]))[:4]


@cache
def artifact(name: str) -> Artifact:
    """The compiled contract of that name. Raises BuildMissingError where there is none."""
    path = BUILD / f"{name}.sol" / f"{name}.json"
    try:
        content = orjson.loads(path.read_bytes())
        return Artifact(
            name=name,
            abi=content["abi"],
            bytecode=bytes.fromhex(content["bytecode"]["object"].removeprefix("0x")),
            runtime=bytes.fromhex(content["deployedBytecode"]["object"].removeprefix("0x")),
            compiler=content["metadata"]["compiler"]["version"],
            settings=content["metadata"]["settings"],
        )
    except FileNotFoundError:
        raise BuildMissingError(f"{name} is not compiled: run `make setup`.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BuildMissingError(
            f"The compiled {name} cannot be read ({error!r}): remove the folder build and run `make setup`."
        ) from error


def signature(entry: dict[str, Any]) -> str:
    """Canonical signature of a function, error or event of an ABI, such as "transfer(address,uint256)"."""
    return f"{entry['name']}({','.join(collapse_if_tuple(each) for each in entry['inputs'])})"


def merged_abi(*names: str) -> Abi:
    """The functions, errors and events of several contracts in one list, each signature once."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for name in names:
        for entry in artifact(name).abi:
            if entry["type"] in ("function", "error", "event"):
                merged.setdefault((entry["type"], signature(entry)), entry)
    return list(merged.values())
