"""`ape compile` works for those who live in Ape, and makes what forge froze, but for a hash of the sources.

Ape has no setting that leaves the metadata out: a trap and a CBOR map at the end of the code.
"""

import subprocess

import pytest
from ape import project
from commands import ROOT

from symbolon.artifacts import Artifact, artifact
from symbolon.deployment import SUITE

TRAP_AND_MAP = bytes.fromhex("fea264697066735822")  # invalid, map of 2, "ipfs": 34 bytes
PUSH1, PUSH32 = 0x60, 0x7F
OURS = [part.name for part in SUITE if part.name != "AccessManager"]  # Ape leaves out what is only imported

pytestmark = pytest.mark.long


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    done = subprocess.run(
        ["ape", "compile", "--force"], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr


def code(name: str) -> tuple[bytes, bytes]:
    """Ape's bytecode of a contract: what makes it, and what it runs."""
    found = getattr(project, name).contract_type
    return (
        bytes.fromhex(found.deployment_bytecode.bytecode[2:]),
        bytes.fromhex(found.runtime_bytecode.bytecode[2:]),
    )


def creation(whole: bytes, runtime: bytes) -> list[bytes]:
    """The part that runs once, by instructions, with a name for each length that the metadata changes."""
    code, names = whole[: whole.index(runtime)], {len(runtime): b"runtime", len(whole): b"whole"}
    found, at = [], 0
    while at < len(code):
        size = max(0, code[at] - PUSH1 + 1) if code[at] <= PUSH32 else 0
        pushed = code[at + 1 : at + 1 + size]
        found.append(names.get(int.from_bytes(pushed), pushed) if size else code[at : at + 1])
        at += 1 + size
    return found


@pytest.mark.parametrize("name", OURS)
def test_ape_and_forge__differ_in_the_metadata_only(name: str) -> None:
    frozen: Artifact = artifact(name)
    whole, runtime = code(name)
    assert runtime[: len(frozen.runtime)] == frozen.runtime
    tail = runtime[len(frozen.runtime) :]
    assert tail.startswith(TRAP_AND_MAP)
    assert len(tail) == int.from_bytes(tail[-2:]) + 3  # the map tells its own length; and the trap
    assert creation(whole, runtime) == creation(frozen.bytecode, frozen.runtime)
