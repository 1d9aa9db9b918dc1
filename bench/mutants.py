"""What share of a contract's possible faults the forge tests notice: `make mutants`.

    python -m bench.mutants                    all of CONTRACTS
    python -m bench.mutants LoyaltyToken       only these
    python -m bench.mutants --one-in 1         every mutant, not only every other
    python -m bench.mutants --keep-killed      after adding tests: only what no test had noticed

A mutant is a contract with one small fault (`mutation.py`). Each is compiled and deployed in place of the
contract in a copy of the project, where the tests run until one fails: then it is killed. One that does not
compile, or compiles to the contract's own code, is no mutant. One that survives shows a gap in the tests, or
is no fault at all, and then `survivors.toml` has to say why; it is an error if it does not, and if it speaks
of a mutant that does not survive. Verdicts are kept in `.local/mutants`: a stopped run goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Queue
from typing import Any

import orjson

from bench.artefacts import BENCH
from bench.mutation import Key, Mutant, Node, mutants
from symbolon.artifacts import BUILD
from symbolon.exceptions import SymbolonError

ROOT = BENCH.parent
WORK = ROOT / ".local" / "mutants"
RESULT = BENCH / "results" / "mutants.json"
ARGUMENTS = BENCH / "survivors.toml"
FORGE = ROOT / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"

CONTRACTS = {
    "LoyaltyToken": ("{LoyaltyToken,Batches,Signatures}", "TokenInvariantsTest"),
    "ObligationRegistry": ("ObligationRegistry", "ObligationInvariantsTest"),
    "BrandRegistry": ("BrandRegistry", "TokenInvariantsTest"),
    "LoyaltyTokenFactory": ("LoyaltyTokenFactory", "TokenInvariantsTest"),
}
"""What is put to the test; the files of tests that are likeliest to notice; the invariants to try at last."""

GAS = "(test_|__)gas__"
"""Tests of what things cost: they would notice a change that is no fault."""

WORKERS = 2
BATCH = 24
"""Mutants that are compiled at once: the compiler takes seconds to begin."""
ONE_IN = 2
"""The sample: one mutant in so many."""
SECONDS = 600
"""The longest that the tests may take of one mutant."""

INVALID, SAME, SURVIVED = "does not compile", "same code", "survived"
"""Verdicts; any other is the test that failed."""


class MutantsError(SymbolonError):
    """Nothing can be said of the mutants, or something must be said of a survivor."""


# ---------------------------------------------------------------------------- compiler


@dataclass(frozen=True)
class Compiler:
    """Compiles one contract in many versions.

    Attributes:
        contract: its name.
        sources: of all that it needs, by path.
        settings: of the project's build.
    """

    contract: str
    sources: dict[str, str]
    settings: dict[str, Any]

    @classmethod
    def of(cls, contract: str) -> Compiler:
        """As the build says that it was compiled."""
        metadata = _artefact(contract)["metadata"]
        sources = {path: (ROOT / path).read_text() for path in metadata["sources"]}
        kept = ("remappings", "evmVersion", "metadata", "optimizer")
        return cls(contract, sources, {key: metadata["settings"][key] for key in kept})

    @property
    def path(self) -> str:
        """Of the contract's file."""
        return f"contracts/{self.contract}.sol"

    def ast(self) -> Node:
        """Of the contract's file."""
        output = self._run(self.sources, {"*": {"": ["ast"]}}, optimised=False)
        ast: Node = output["sources"][self.path]["ast"]
        return ast

    def codes(self, versions: Sequence[str], optimised: bool = False) -> list[str | None]:
        """What creates each version of the contract, in hex; None for those that do not compile.

        The compiler refuses all together; those that it names are left out, and it is asked again.
        """
        paths = [f"contracts/{number}/{self.contract}.sol" for number in range(len(versions))]
        left = dict(
            zip(paths, (re.sub(r'from "\./', 'from "contracts/', each) for each in versions), strict=True)
        )
        rest = {path: text for path, text in self.sources.items() if path != self.path}
        while left:
            wanted = {path: {self.contract: ["evm.bytecode.object"]} for path in left}
            output = self._run(rest | left, wanted, optimised)
            errors = [each for each in output.get("errors", []) if each["severity"] == "error"]
            if not errors:
                compiled = output["contracts"]
                return [
                    compiled[path][self.contract]["evm"]["bytecode"]["object"] if path in left else None
                    for path in paths
                ]
            refused = {(each.get("sourceLocation") or {}).get("file") for each in errors} & left.keys()
            if not refused:
                raise MutantsError(f"{self.contract} does not compile: {errors[0]['formattedMessage']}")
            left = {path: text for path, text in left.items() if path not in refused}
        return [None] * len(versions)

    def _run(self, sources: dict[str, str], wanted: dict[str, Any], optimised: bool) -> dict[str, Any]:
        off = {} if optimised else {"optimizer": {"enabled": False}}
        task = {
            "language": "Solidity",
            "sources": {path: {"content": text} for path, text in sources.items()},
            "settings": self.settings | off | {"outputSelection": wanted},
        }
        solc = [str(ROOT / "tools" / "solc"), "--standard-json"]
        run = subprocess.run(solc, input=json.dumps(task), capture_output=True, text=True, check=False)
        if run.returncode:
            raise MutantsError(f"The compiler broke off: {run.stderr.strip()}")
        output: dict[str, Any] = json.loads(run.stdout)
        return output


def _artefact(contract: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((BUILD / f"{contract}.sol" / f"{contract}.json").read_bytes())
    except OSError as error:
        raise MutantsError(f"{contract} is not compiled: run `make mutants`.") from error
    return content


# ------------------------------------------------------------------------------- tests


@dataclass(frozen=True)
class Stage:
    """A part of the tests.

    Attributes:
        options: of `forge test`.
        fuzz: runs of each fuzz test.
    """

    options: tuple[str, ...]
    fuzz: int = 8


def stages(contract: str) -> list[Stage]:
    """The contract's own tests, all that are not of invariants, and invariants of some."""
    files, invariants = CONTRACTS[contract]
    own = f"tests/solidity/{files}.t.sol"
    return [
        Stage(("--match-path", own), fuzz=32),
        Stage(("--no-match-path", own, "--no-match-contract", "Invariants|ControlsTest")),
        Stage(("--match-contract", invariants)),
    ]


class Tree:
    """A copy of the project, in which the tests run on whatever code is put there."""

    def __init__(self, number: int) -> None:
        self._root = WORK / f"tree{number}"
        shutil.rmtree(self._root, ignore_errors=True)
        for folder in ("contracts", "tests/solidity", "build", "cache"):
            shutil.copytree(ROOT / folder, self._root / folder)
        shutil.copy(ROOT / "foundry.toml", self._root)
        (self._root / "node_modules").symlink_to(ROOT / "node_modules")
        solc = self._root / "tools" / "solc"
        solc.parent.mkdir()
        solc.symlink_to(ROOT / "tools" / "solc")
        self._forge("build", "--quiet")
        # From here on forge has nothing to compile, and asks every time which compiler it does not need.
        version = subprocess.run([solc, "--version"], capture_output=True, text=True, check=True).stdout
        solc.unlink()
        solc.write_text(f"#!/bin/sh\ncat <<'END'\n{version}END\n")
        solc.chmod(0o755)

    def noticed_by(self, contract: str, code: str) -> str:
        """The test that fails with that code in the contract's place, or SURVIVED."""
        path = self._root / "build" / f"{contract}.sol" / f"{contract}.json"
        original = path.read_bytes()
        artefact = json.loads(original)
        artefact["bytecode"]["object"] = "0x" + code
        path.write_text(json.dumps(artefact))
        try:
            for stage in stages(contract):
                failed = self._test(stage)
                if failed:
                    return failed
        finally:
            path.write_bytes(original)
        return SURVIVED

    def _test(self, stage: Stage) -> str:
        options = ("--fail-fast", "--threads", "1", "--no-match-test", GAS, "--fuzz-runs", str(stage.fuzz))
        try:
            run = self._forge("test", *options, *stage.options)
        except subprocess.TimeoutExpired:
            return "never came to an end"
        if "No files changed" not in run.stdout:
            raise MutantsError(
                f"forge compiled anew, or not at all:\n{run.stdout[-2000:]}{run.stderr[-2000:]}"
            )
        failed = re.search(r"^\[FAIL.*\] (\w+)\(", run.stdout, re.MULTILINE)
        if (run.returncode != 0) != bool(failed):
            raise MutantsError(f"forge says neither yes nor no:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
        return failed[1] if failed else ""

    def _forge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"FOUNDRY_INVARIANT_RUNS": "1", "FOUNDRY_INVARIANT_DEPTH": "200"}
        return subprocess.run(
            [FORGE, *arguments],
            cwd=self._root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )


# ---------------------------------------------------------------------------- verdicts


class Verdicts:
    """What is known of mutants, on disk: a line for each, below a line that says of which tests."""

    def __init__(self, keep_killed: bool) -> None:
        self._path = WORK / "verdicts.jsonl"
        self._known: dict[str, str] = {}
        tested = [*(ROOT / "tests" / "solidity").rglob("*.sol"), *(ROOT / "contracts").rglob("*.sol")]
        texts = [path.read_text() for path in sorted(tested) if "proofs" not in path.parts]
        tests = _digest(*texts, (ROOT / "foundry.toml").read_text())
        if self._path.exists():
            head, *lines = self._path.read_text().splitlines()
            known = dict(json.loads(line) for line in lines)
            if head == tests:
                self._known = known
            elif keep_killed:
                self._known = {mutant: verdict for mutant, verdict in known.items() if verdict != SURVIVED}
        WORK.mkdir(parents=True, exist_ok=True)
        self._path.write_text("\n".join([tests, *map(json.dumps, self._known.items())]) + "\n")

    def get(self, source: str) -> str | None:
        """What is known of a mutant."""
        return self._known.get(_digest(source))

    def put(self, source: str, verdict: str) -> None:
        """Writes it down at once."""
        self._known[_digest(source)] = verdict
        with self._path.open("a") as file:
            file.write(json.dumps([_digest(source), verdict]) + "\n")


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:32]


def judge(made: Sequence[Mutant], compiler: Compiler, verdicts: Verdicts, trees: Queue[Tree]) -> None:
    """Finds a verdict for each of some mutants of a contract."""
    original, *codes = compiler.codes([compiler.sources[compiler.path], *(each.source for each in made)])
    survivors = []
    for mutant, code in zip(made, codes, strict=True):
        if code is None or code == original:
            verdicts.put(mutant.source, INVALID if code is None else SAME)
            continue
        tree = trees.get()
        try:
            verdict = tree.noticed_by(mutant.contract, code)
        finally:
            trees.put(tree)
        if verdict == SURVIVED:
            survivors.append(mutant)
        else:
            verdicts.put(mutant.source, verdict)
        print(f"{mutant.contract}:{mutant.line}: {mutant.after[:70]:<70} {verdict}", flush=True)
    # What is deployed is optimised: a fault that goes with that is none.
    deployed = _artefact(compiler.contract)["bytecode"]["object"].removeprefix("0x")
    codes = compiler.codes([each.source for each in survivors], optimised=True)
    for mutant, code in zip(survivors, codes, strict=True):
        verdicts.put(mutant.source, SAME if code == deployed else SURVIVED)


def judge_all(made: dict[str, list[Mutant]], compilers: dict[str, Compiler], verdicts: Verdicts) -> None:
    """Finds a verdict for each mutant that has none yet."""
    left = {
        contract: [each for each in of if verdicts.get(each.source) is None] for contract, of in made.items()
    }
    if not any(left.values()):
        return
    trees: Queue[Tree] = Queue()
    with ThreadPoolExecutor(WORKERS) as pool:
        for tree in pool.map(Tree, range(WORKERS)):
            trees.put(tree)
        for contract in (each for each in left if left[each]):
            _check_unharmed(compilers[contract], verdicts, trees)
        work = [
            pool.submit(judge, of[start : start + BATCH], compilers[contract], verdicts, trees)
            for contract, of in left.items()
            for start in range(0, len(of), BATCH)
        ]
        try:
            for each in work:
                each.result()
        except MutantsError:
            pool.shutdown(cancel_futures=True)
            raise


def _check_unharmed(compiler: Compiler, verdicts: Verdicts, trees: Queue[Tree]) -> None:
    """The tests pass with the contract compiled as its mutants are: else they would kill whatever comes."""
    source = compiler.sources[compiler.path]
    if verdicts.get(source) == SURVIVED:
        return
    (code,) = compiler.codes([source])
    tree = trees.get()
    try:
        failed = INVALID if code is None else tree.noticed_by(compiler.contract, code)
    finally:
        trees.put(tree)
    if failed != SURVIVED:
        raise MutantsError(f"{compiler.contract} as it is: {failed}. First make the tests pass.")
    verdicts.put(source, failed)


# ------------------------------------------------------------------------------ report


def arguments(text: str) -> dict[Key, str]:
    """Why survivors are no faults, from `survivors.toml`."""
    found = {}
    for contract, entries in tomllib.loads(text).items():
        for entry in entries:
            key = contract, entry["function"], entry["before"], entry["after"], entry.get("nth", 1)
            if key in found:
                raise MutantsError(f"{ARGUMENTS.name} speaks twice of {_words(key)}")
            found[key] = " ".join(entry["why"].split())
    return found


def joined(survivors: Iterable[Mutant], why: dict[Key, str]) -> list[dict[str, Any]]:
    """Survivors as the report has them.

    Raises:
        MutantsError: a survivor has no argument, or an argument no survivor.
    """
    survivors = list(survivors)
    missing = [each for each in survivors if each.key not in why]
    stale = why.keys() - {each.key for each in survivors}
    if missing:
        raise MutantsError(
            f"{len(missing)} survivors need a test that kills them or an argument in {ARGUMENTS.name}:\n"
            + "\n".join(f"line {each.line}: {_words(each.key)}" for each in missing)
        )
    if stale:
        raise MutantsError(
            f"{len(stale)} arguments in {ARGUMENTS.name} are about no survivor; take them out:\n"
            + "\n".join(map(_words, sorted(stale)))
        )
    return [
        {
            "function": each.function,
            "line": each.line,
            "fault": each.operator,
            "before": each.before,
            "after": each.after,
            "why": why[each.key],
        }
        for each in survivors
    ]


def _words(key: Key) -> str:
    contract, function, before, after, nth = key
    return f"{contract}.{function}, {nth}\n    - {before}\n    + {after}"


def sampled(key: Key, one_in: int) -> bool:
    """Whether a mutant is in the sample: for good, whatever else changes in its contract."""
    return int(_digest(*map(str, key)), 16) % one_in == 0


def report(made: Sequence[Mutant], verdicts: Sequence[str], why: dict[Key, str]) -> dict[str, Any]:
    """The figures of one contract; raises MutantsError as `joined` does."""
    tally = Counter(verdict for verdict in verdicts if verdict in (INVALID, SAME, SURVIVED))
    real = len(made) - tally[INVALID] - tally[SAME]
    killed = real - tally[SURVIVED]
    survivors = [mutant for mutant, verdict in zip(made, verdicts, strict=True) if verdict == SURVIVED]
    return {
        "made": len(made),
        "invalid": tally[INVALID],
        "same_code": tally[SAME],
        "killed": killed,
        "survived": tally[SURVIVED],
        "share_killed": round(killed / real, 4) if real else None,
        "survivors": joined(survivors, why),
    }


def measure(contracts: Sequence[str], one_in: int, keep_killed: bool) -> dict[str, Any]:
    """Everything, by contract."""
    why = arguments(ARGUMENTS.read_text())
    compilers = {contract: Compiler.of(contract) for contract in contracts}
    possible = {
        contract: mutants(contract, compiler.sources[compiler.path], compiler.ast())
        for contract, compiler in compilers.items()
    }
    made = {contract: [each for each in of if sampled(each.key, one_in)] for contract, of in possible.items()}
    verdicts = Verdicts(keep_killed)
    judge_all(made, compilers, verdicts)
    found = {}
    for contract, of in made.items():
        known = [verdicts.get(each.source) or SURVIVED for each in of]
        about = {key: text for key, text in why.items() if key[0] == contract and sampled(key, one_in)}
        found[contract] = {"possible": len(possible[contract])} | report(of, known, about)
    return found


def main(given: Sequence[str] | None = None) -> int:
    """The command: its exit code."""
    parser = argparse.ArgumentParser(prog="make mutants", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("contracts", nargs="*", choices=[[], *CONTRACTS], help="which; else all")
    parser.add_argument("--one-in", type=int, default=ONE_IN, metavar="N", help="a sample, always the same")
    parser.add_argument("--keep-killed", action="store_true", help="though the tests are others now")
    options = parser.parse_args(given)
    try:
        found = measure(options.contracts or list(CONTRACTS), options.one_in, options.keep_killed)
    except MutantsError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    before = orjson.loads(RESULT.read_bytes()) if RESULT.exists() else {}
    results = {contract: (before | found)[contract] for contract in CONTRACTS if contract in before | found}
    RESULT.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    for contract, row in found.items():
        real = row["killed"] + row["survived"]
        print(f"{contract}: {row['killed']} of {real} killed, {row['survived']} argued")
    print(f"Wrote {RESULT}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
