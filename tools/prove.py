"""Prove what always holds of a token, and show that each proof can fail.

The checks are in `tests/solidity/proofs/Token.sol`; halmos, a prover, runs the token's code with unknowns in
place of values. Every check is also run on a token with a bug put in on purpose, where it must find a
counterexample. It is an error if a check fails, is not decided in time, leaves something unexplored or holds
because nothing succeeds, and if a bug is not found.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from symbolon.artifacts import artifact
from symbolon.exceptions import SymbolonError

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".local" / "prove"
HALMOS = ROOT / ".local" / "halmos" / "bin"
YICES = HALMOS / "yices-smt2"
FORGE = ROOT / "node_modules" / "@foundry-rs" / "forge-linux-amd64" / "bin"
PROOFS = "tests/solidity/proofs/Token.sol"

HEADER = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n\n"

GROUPS = ("Plain", "Signed", "Batch")
"""Every function of the token is in one of them."""

SECONDS = 600
"""The longest that one check may take."""

LENGTHS = "rows={24,32,48,64},signature=65,data={0,32},uri={0,31}"
"""Bytes that an argument may have, by its name."""

PASS, COUNTEREXAMPLE = 0, 1
FAILURES = {2: "not decided in time", 3: "stuck", 4: "vacuous: nothing succeeds", 5: "broke off"}


class NotProvedError(SymbolonError):
    """A check does not hold, or would hold whatever the code."""


@dataclass(frozen=True)
class Proof:
    """A check of `Token.sol`.

    Attributes:
        check: its name.
        groups: of functions that it is about.
    """

    check: str
    groups: tuple[str, ...] = GROUPS


@dataclass(frozen=True)
class Control:
    """A token with a bug.

    Attributes:
        name: what the bug does.
        check: that must notice.
        group: of the function that has it.
        before, after: the change; `before` is in the source exactly once.
    """

    name: str
    check: str
    group: str
    before: str
    after: str

    @property
    def token(self) -> str:
        """The contract's name."""
        return "Token" + "".join(word.capitalize() for word in self.name.split())


PROOFS_OF_TOKEN = (
    Proof("check_views", ("Plain",)),
    Proof("check_ISSUE_1__within_capacity"),
    Proof("check_ISSUE_1__quota_books"),
    Proof("check_ISSUE_2__no_claw_back"),
    Proof("check_ISSUE_3__way_out", ("Plain",)),
    Proof("check_ISSUE_3__modules_pay", ("Plain",)),
    Proof("check_AUTH_1__only_the_registry"),
    Proof("check_AUTH_1__new_clone"),
)

CONTROLS = (
    Control(
        "another balance shown",
        "check_views",
        "Plain",
        "return _balances[account];",
        "return _balances[account] / 2;",
    ),
    Control(
        "quota beyond capacity",
        "check_ISSUE_1__within_capacity",
        "Plain",
        "        require(amount <= available, LoyaltyToken_CapacityExceeded(amount, available));\n",
        "",
    ),
    Control(
        "mint without spending quota",
        "check_ISSUE_1__quota_books",
        "Plain",
        "            _quotas[msg.sender].amount = quota.amount - uint96(amount);\n",
        "",
    ),
    Control(
        "brand claws back",
        "check_ISSUE_2__no_claw_back",
        "Plain",
        "        _spendAllowance(from, value);\n        _transfer(from, to, value);",
        "        (, uint8 roles) = BRAND_REGISTRY.standingOf(TokenArgs.brandId(), msg.sender);\n"
        "        if (roles == 0) _spendAllowance(from, value);\n"
        "        _transfer(from, to, value);",
    ),
    Control(
        "stop freezes burns",
        "check_ISSUE_3__way_out",
        "Plain",
        "    function _burn(address from, uint256 amount) private {\n",
        "    function _burn(address from, uint256 amount) private {\n"
        "        require(!_books.mintStopped, LoyaltyToken_MintStopped());\n",
    ),
    Control(
        "stop freezes modules",
        "check_ISSUE_3__modules_pay",
        "Plain",
        "require(quota.isModule || !_books.mintStopped,",
        "require(!_books.mintStopped,",
    ),
    Control(
        "anybody stops minting",
        "check_AUTH_1__only_the_registry",
        "Plain",
        "function setMintStop(bool stopped) external onlyObligationRegistry {",
        "function setMintStop(bool stopped) external {",
    ),
    Control(
        "first caller initialises",
        "check_AUTH_1__new_clone",
        "Plain",
        "    modifier onlyObligationRegistry() {",
        "    function initialize(uint96 newCapacity) external {\n"
        "        require(_capacity == 0);\n"
        "        _capacity = newCapacity;\n"
        "    }\n\n"
        "    modifier onlyObligationRegistry() {",
    ),
)


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


def patched(source: str, control: Control) -> str:
    """The token's source with a bug, under the bug's name, to be compiled in `.local/prove/src`."""
    if source.count(control.before) != 1:
        raise NotProvedError(
            f'The bug "{control.name}" has no place in LoyaltyToken.sol any more: find it one in {__file__}.'
        )
    source = source.replace(control.before, control.after)
    source = source.replace("contract LoyaltyToken is", f"contract {control.token} is")
    return source.replace('from "./', 'from "contracts/')


def control_proof(control: Control) -> str:
    """Solidity: the check of a token with a bug."""
    return f"""{HEADER}import {{ {control.token} }} from "./{control.token}.sol";
import {{ IBrandRegistry }} from "contracts/interfaces/IBrandRegistry.sol";
import {{ {control.group}Proof }} from "{PROOFS}";

contract {control.token}Proofs is {control.group}Proof {{
    function _code(IBrandRegistry registry) internal override returns (address) {{
        return address(new {control.token}(registry));
    }}

    function _name() internal pure override returns (string memory) {{
        return "{control.token}";
    }}
}}
"""


def write(path: Path, text: str) -> None:
    """Leaves a file alone that is as it should be, so that it need not be compiled again."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def lay_out() -> None:
    """Writes what is to be compiled: the tokens with bugs, and the checks of them."""
    folder = WORK / "src"
    folder.mkdir(parents=True, exist_ok=True)
    source = (ROOT / "contracts" / "LoyaltyToken.sol").read_text()
    for control in CONTROLS:
        write(folder / f"{control.token}.sol", patched(source, control))
        write(folder / f"{control.token}Proofs.sol", control_proof(control))
    write(folder / "Proofs.sol", f'{HEADER}import "{PROOFS}";\n')


def environment() -> dict[str, str]:
    """What halmos runs in: it calls forge."""
    return os.environ | {"FOUNDRY_PROFILE": "prove", "PATH": f"{FORGE}:{os.environ['PATH']}"}


def build() -> None:
    """Compiles; what is proved of is what is deployed, to the byte."""
    options = ["--ast", "--extra-output", "storageLayout", "metadata"]
    run = subprocess.run(
        [FORGE / "forge", "build", "--quiet", *options], cwd=ROOT, env=environment(), check=False
    )
    if run.returncode:
        raise NotProvedError("The proofs do not compile: see above.")
    compiled = json.loads((WORK / "out" / "LoyaltyToken.sol" / "LoyaltyToken.json").read_text())
    if bytes.fromhex(compiled["bytecode"]["object"].removeprefix("0x")) != artifact("LoyaltyToken").bytecode:
        raise NotProvedError(
            "The token that is proved of is not the one that is built: run `make setup`. If that does not "
            "help, [profile.prove] in foundry.toml compiles another way than the default."
        )


def halmos(contract: str, check: str, *options: str) -> dict[str, Any]:
    """Runs one check.

    Returns:
        What halmos says of it; `exitcode` is 0 if it holds, 1 if there is a counterexample.
    """
    report = WORK / f"{contract}.{check}.json"
    report.unlink(missing_ok=True)
    run = subprocess.run(
        [
            HALMOS / "halmos",
            *("--root", ROOT),
            *("--forge-build-out", ".local/prove/out"),
            *("--contract", contract),
            *("--match-test", rf"^{check}\("),
            *("--array-lengths", LENGTHS),
            *("--loop", "3"),
            *("--solver-command", f"{shlex.quote(str(YICES))} --smt2-model-format --bvconst-in-decimal"),
            *("--solver-threads", "1"),
            *("--solver-timeout-assertion", "120s"),
            *("--json-output", report),
            "--no-status",
            *options,
        ],
        cwd=ROOT,
        env=environment(),
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


def words(name: str) -> str:
    """A check's or a group's name for people."""
    promise = re.fullmatch(r"check_([A-Z]+)_(\d)__(\w+)", name)
    parts = [f"{promise[1]}-{promise[2]}", promise[3]] if promise else [name.removeprefix("check_")]
    return " ".join(parts).replace("_", " ")


def prove(proof: Proof, group: str) -> Verdict:
    """Runs a check on the token."""
    started = time.monotonic()
    title = words(proof.check) + (f", {group.lower()} functions" if len(proof.groups) > 1 else "")
    try:
        result = halmos(f"{group}Proofs", proof.check)
    except subprocess.TimeoutExpired:
        return Verdict(title, "not decided in time", False, SECONDS)
    seconds = time.monotonic() - started
    code, left = result["exitcode"], result["num_bounded_loops"]
    if code == PASS and left:
        return Verdict(title, "not explored to the end", False, seconds)
    found = {PASS: "proved", COUNTEREXAMPLE: "REFUTED"} | FAILURES
    return Verdict(title, found[code], code == PASS, seconds)


def refute(control: Control) -> Verdict:
    """Runs a check on a token with a bug."""
    started = time.monotonic()
    title = f"{words(control.check)}, where {control.name}"
    try:
        result = halmos(f"{control.token}Proofs", control.check, "--early-exit")
    except subprocess.TimeoutExpired:
        return Verdict(title, "not decided in time", False, SECONDS)
    good = result["exitcode"] == COUNTEREXAMPLE and result["num_models"] > 0
    found = {PASS: "PROVED: the check sees nothing", COUNTEREXAMPLE: "refuted as it must be"} | FAILURES
    return Verdict(title, found[result["exitcode"]], good, time.monotonic() - started)


def mutators() -> dict[str, str]:
    """The token's functions that change state, by selector."""
    signatures = {}
    for item in artifact("LoyaltyToken").abi:
        if item["type"] == "function" and item["stateMutability"] not in ("view", "pure"):
            signature = f"{item['name']}({','.join(canonical(each) for each in item['inputs'])})"
            signatures[keccak(text=signature)[:4].hex()] = signature
    return signatures


def canonical(argument: dict[str, Any]) -> str:
    """A type as signatures have it."""
    kind: str = argument["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(canonical(each) for each in argument['components'])}){kind.removeprefix('tuple')}"


def reach(group: str) -> tuple[set[str], float]:
    """Selectors of the functions that succeed somewhere in what a group's checks explore, and seconds."""
    started = time.monotonic()
    found = set()
    for model in halmos(f"{group}Proofs", "reach")["models"]:
        values = (model["model"] or {}).items()
        found |= {f"{value['value'] >> 224:08x}" for name, value in values if "reached" in name}
    return found, time.monotonic() - started


def reach_all() -> Verdict:
    """Whether every function succeeds somewhere: what always reverts would be proved easily."""
    known = mutators()
    reached: set[str] = set()
    seconds = 0.0
    for group in GROUPS:
        found, took = reach(group)
        reached |= found
        seconds += took
    missing = sorted(signature for selector, signature in known.items() if selector not in reached)
    title = f"functions that succeed somewhere: {len(known) - len(missing)} of {len(known)}"
    return Verdict(title, f"NOT {', '.join(missing)}" if missing else "all", not missing, seconds)


def verdicts() -> Iterator[Verdict]:
    """Runs everything, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        work = [
            pool.submit(reach_all),
            *(pool.submit(prove, proof, group) for proof in PROOFS_OF_TOKEN for group in proof.groups),
            *(pool.submit(refute, control) for control in CONTROLS),
        ]
        try:
            for each in work:
                yield each.result()
        except NotProvedError:
            pool.shutdown(cancel_futures=True)
            raise


def show(found: Iterable[Verdict]) -> bool:
    """Prints a line for each; returns whether all are good."""
    good = True
    for verdict in found:
        good &= verdict.good
        print(f"{verdict.title:<72} {verdict.found:<24} {verdict.seconds:6.1f} s", flush=True)
    return good


def main() -> int:
    """The command: its exit code."""
    try:
        uncontrolled = {proof.check for proof in PROOFS_OF_TOKEN} - {control.check for control in CONTROLS}
        if uncontrolled:
            raise NotProvedError(f"Nothing shows that these can fail: {', '.join(sorted(uncontrolled))}.")
        lay_out()
        build()
        if not show(verdicts()):
            raise NotProvedError("Not everything is as it must be: see above.")
    except NotProvedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
