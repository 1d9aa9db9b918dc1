"""INVARIANTS.md is true: every promise has holders, every holder exists, and no promise is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "INVARIANTS.md"
PROMISE = re.compile(
    r"\b(?:ISSUE|RED|BOND|SWAP|SETTLE|GROUP|BARG|REF|CAMP|CONSENT|EARN|SIG|BOOK|AUTH|OPS)-\d\b"
)
REFERENCE = re.compile(r"`(tests/[\w/]+\.(?:t\.sol|sol|py))::(\w+)`")


def sections() -> dict[str, str]:
    """The text about each promise, by its id."""
    promises = FILE.read_text().split("\n# Attacks")[0]
    parts = re.split(r"^## (\S+)\n", promises, flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def exists(file: str, name: str) -> bool:
    path = ROOT / file
    definition = rf"\bfunction {name}\(" if file.endswith(".sol") else rf"^(?:async )?def {name}\("
    return path.is_file() and re.search(definition, path.read_text(), re.M) is not None


@pytest.mark.parametrize("promise", sections())
def test_promise__is_enforced_and_held(promise: str) -> None:
    text = sections()[promise]
    assert re.search(r"^- Enforced: \S", text, re.M), f"{promise} does not say where it is enforced"
    held = re.findall(r"^- Held by: (.+)$", text, re.M)
    assert held, f"{promise} has no holder"
    assert all(holder == "machine" or REFERENCE.fullmatch(holder) for holder in held), held


def test_every_test_named__exists() -> None:
    named = REFERENCE.findall(FILE.read_text())
    assert len(named) > 40
    assert [f"{file}::{name}" for file, name in named if not exists(file, name)] == []


def test_every_attack__names_its_test() -> None:
    rows = re.findall(r"^\| (?!attack|---)(.+) \| (.+) \|$", FILE.read_text().split("\n# Attacks")[1], re.M)
    assert len(rows) > 15
    assert [attack for attack, test in rows if not REFERENCE.fullmatch(test)] == []


def test_every_promise_that_the_contracts_quote__is_there() -> None:
    quoted = {
        promise
        for source in (ROOT / "contracts").rglob("*.sol")
        for promise in PROMISE.findall(source.read_text())
    }
    assert quoted and quoted <= sections().keys()


def test_exists__of_what_does_not__says_no() -> None:
    assert exists("tests/unit/test_invariants_are_held.py", "test_exists__of_what_does_not__says_no")
    assert not exists("tests/unit/test_invariants_are_held.py", "test_of_my_dreams")
    assert not exists("tests/unit/test_of_my_dreams.py", "test_of_my_dreams")
