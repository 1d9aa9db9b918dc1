"""Runs proofs of a contract, and shows that each proof can fail.

Halmos, a prover, runs a contract's code with unknowns in place of values. Every check is also run on the
contract with a bug put in on purpose, where it must find a counterexample. It is an error if a check fails,
is not decided in time, leaves something unexplored or holds because nothing succeeds, and if a bug is not
found.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symbolon.artifacts import artifact
from symbolon.exceptions import SymbolonError

ROOT = Path(__file__).resolve().parents[1]
HALMOS = ROOT / ".local" / "halmos" / "bin"
FORGE = ROOT / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin"

HEADER = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n\n"

SECONDS = 600
"""The longest that one check may take."""

PASS, COUNTEREXAMPLE = 0, 1
FAILURES = {2: "not decided in time", 3: "stuck", 4: "vacuous: nothing succeeds", 5: "broke off"}


class NotProvedError(SymbolonError):
    """A check does not hold, or would hold whatever the code."""


@dataclass(frozen=True)
class Verdict:
    """What the prover found out.

    Attributes:
        title: which check of what.
        found: in words.
        good: whether it is as it must be.
        seconds: that it took.
    """

    title: str
    found: str
    good: bool
    seconds: float


@dataclass(frozen=True)
class Prover:
    """Proves of one contract.

    Attributes:
        name: the contract's.
        work: folder below .local in which it works; what is to be compiled is in its `src`.
        options: halmos's own, about this contract.
    """

    name: str
    work: str
    options: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it works."""
        return ROOT / ".local" / self.work

    def write(self, sources: dict[str, str]) -> None:
        """Writes what is to be compiled, by name; what is as it should be need not be compiled again."""
        folder = self.folder / "src"
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in sources.items():
            path = folder / f"{name}.sol"
            if not path.exists() or path.read_text() != text:
                path.write_text(text)

    def build(self) -> None:
        """Compiles; what is proved of is what is deployed, to the byte."""
        options = ["--ast", "--extra-output", "storageLayout", "metadata"]
        run = subprocess.run(
            [FORGE / "forge", "build", "--quiet", *options], cwd=ROOT, env=self._environment(), check=False
        )
        if run.returncode:
            raise NotProvedError("The proofs do not compile: see above.")
        compiled = json.loads((self.folder / "out" / f"{self.name}.sol" / f"{self.name}.json").read_text())
        if bytes.fromhex(compiled["bytecode"]["object"].removeprefix("0x")) != artifact(self.name).bytecode:
            raise NotProvedError(
                f"The {self.name} that is proved of is not the one that is built: run `make setup`. If that "
                "does not help, [profile.prove] in foundry.toml compiles another way than the default."
            )

    def halmos(self, contract: str, check: str, *options: str) -> dict[str, Any]:
        """Runs one check.

        Returns:
            What halmos says of it; `exitcode` is 0 if it holds, 1 if there is a counterexample.
        """
        report = self.folder / f"{contract}.{check}.json"
        report.unlink(missing_ok=True)
        solver = f"{shlex.quote(str(HALMOS / 'yices-smt2'))} --smt2-model-format --bvconst-in-decimal"
        run = subprocess.run(
            [
                HALMOS / "halmos",
                *("--root", ROOT),
                *("--forge-build-out", (self.folder / "out").relative_to(ROOT)),
                *("--contract", contract),
                *("--match-test", rf"^{check}\("),
                *("--solver-command", solver),
                *("--solver-threads", "1"),
                *("--solver-timeout-assertion", "120s"),
                *("--json-output", report),
                "--no-status",
                *self.options,
                *options,
            ],
            cwd=ROOT,
            env=self._environment(),
            timeout=SECONDS,
            check=False,
            capture_output=True,
            text=True,
        )
        if not report.exists():
            raise NotProvedError(f"halmos says nothing of {contract}.{check}:\n{run.stdout}{run.stderr}")
        results: list[dict[str, Any]] = [
            each for found in json.loads(report.read_text())["test_results"].values() for each in found
        ]
        if len(results) != 1:
            raise NotProvedError(f"{contract} has {len(results)} checks named {check}: it must be one.")
        return results[0]

    def prove(self, contract: str, check: str, title: str = "") -> Verdict:
        """Runs a check on the code as it is."""
        started, title = time.monotonic(), title or words(check)
        try:
            result = self.halmos(contract, check)
        except subprocess.TimeoutExpired:
            return Verdict(title, "not decided in time", False, SECONDS)
        seconds = time.monotonic() - started
        code, left = result["exitcode"], result["num_bounded_loops"]
        if code == PASS and left:
            return Verdict(title, "not explored to the end", False, seconds)
        found = {PASS: "proved", COUNTEREXAMPLE: "REFUTED"} | FAILURES
        return Verdict(title, found[code], code == PASS, seconds)

    def refute(self, contract: str, check: str, bug: str) -> Verdict:
        """Runs a check on the code with a bug."""
        started, title = time.monotonic(), f"{words(check)}, where {bug}"
        try:
            result = self.halmos(contract, check, "--early-exit")
        except subprocess.TimeoutExpired:
            return Verdict(title, "not decided in time", False, SECONDS)
        good = result["exitcode"] == COUNTEREXAMPLE and result["num_models"] > 0
        found = {PASS: "PROVED: the check sees nothing", COUNTEREXAMPLE: "refuted as it must be"} | FAILURES
        return Verdict(title, found[result["exitcode"]], good, time.monotonic() - started)

    def reach(self, contract: str, named: str) -> set[int]:
        """Values of the unknown of that name with which something succeeds in what a contract explores.

        What always reverts would be proved easily.
        """
        models = (each["model"] or {} for each in self.halmos(contract, "reach")["models"])
        return {value["value"] for model in models for name, value in model.items() if named in name}

    def _environment(self) -> dict[str, str]:
        """What halmos runs in: it calls forge, which builds as always but in a folder of its own."""
        folders = {"SRC": "src", "TEST": "src", "SCRIPT": "src", "OUT": "out", "CACHE_PATH": "cache"}
        places = {f"FOUNDRY_{key}": str(self.folder / name) for key, name in folders.items()}
        return os.environ | places | {"FOUNDRY_PROFILE": "prove", "PATH": f"{FORGE}:{os.environ['PATH']}"}


def with_bug(source: str, name: str, before: str, after: str) -> str:
    """A source with a bug; `before` must be in it exactly once.

    Args:
        name: what the bug is called.
    """
    if source.count(before) != 1:
        raise NotProvedError(f'The bug "{name}" has no place in its source any more: find it one.')
    return source.replace(before, after)


def words(name: str) -> str:
    """A check's or a group's name for people."""
    promise = re.fullmatch(r"check_([A-Z]+)_(\d)__(\w+)", name)
    parts = [f"{promise[1]}-{promise[2]}", promise[3]] if promise else [name.removeprefix("check_")]
    return " ".join(parts).replace("_", " ")


def run(work: Iterable[Callable[[], Verdict]]) -> bool:
    """Runs everything, two at a time, and prints a line for each; returns whether all are good."""
    good = True
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            for each in [pool.submit(one) for one in work]:
                verdict = each.result()
                good &= verdict.good
                print(f"{verdict.title:<72} {verdict.found:<24} {verdict.seconds:6.1f} s", flush=True)
        except NotProvedError:
            pool.shutdown(cancel_futures=True)
            raise
    return good


def command(prover: Prover, sources: dict[str, str], work: Iterable[Callable[[], Verdict]]) -> int:
    """Builds and runs everything: the exit code."""
    try:
        prover.write(sources)
        prover.build()
    except NotProvedError as error:
        print(error, file=sys.stderr)
        return 1
    return conclude(work)


def conclude(work: Iterable[Callable[[], Verdict]]) -> int:
    """Runs everything: the exit code."""
    try:
        if not run(work):
            raise NotProvedError("Not everything is as it must be: see above.")
    except NotProvedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
