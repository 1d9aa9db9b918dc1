"""Prove what always holds of an order, and show that each proof can fail.

The checks are in `tests/solidity/proofs/Orders.sol`, and what `tools.prove` says of the token's goes for
them: halmos runs the code of `Orders` with unknowns in place of values, and each check must find a bug that
was put in on purpose.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from symbolon.artifacts import artifact
from tools import prove
from tools.prove import (
    COUNTEREXAMPLE,
    FAILURES,
    FORGE,
    HALMOS,
    HEADER,
    PASS,
    ROOT,
    YICES,
    NotProvedError,
    Verdict,
)

WORK = ROOT / ".local" / "prove-orders"

PROOFS = "tests/solidity/proofs/Orders.sol"
CONTRACT = "OrderProofs"

ACTS = 9
"""Ways to do something to an order, by number in `OrderProof._act`."""

SECONDS = 600
"""The longest that one check may take."""

CHECKS = (
    "check_BOOK_1__tokens_and_purses",
    "check_RED_1__way_out",
    "check_RED_1__nobody_elses",
)


@dataclass(frozen=True)
class Control:
    """Orders with a bug.

    Attributes:
        name: what the bug does.
        check: that must notice.
        source: file below contracts/ that has it.
        before, after: the change; `before` is in the source exactly once.
    """

    name: str
    check: str
    source: str
    before: str
    after: str

    @property
    def contract(self) -> str:
        """The contract's name."""
        return "Orders" + "".join(word.capitalize() for word in self.name.split())


CONTROLS = (
    Control(
        "stake kept by nobody",
        "check_BOOK_1__tokens_and_purses",
        "base/Fulfilment.sol",
        "            kept += order.stake - stakeBack;\n",
        "",
    ),
    Control(
        "reserve freed twice",
        "check_BOOK_1__tokens_and_purses",
        "Orders.sol",
        "uint256 rest = order.compensation - value;",
        "uint256 rest = order.compensation;",
    ),
    Control(
        "dispute for less",
        "check_BOOK_1__tokens_and_purses",
        "Orders.sol",
        "        require(amount == order.stake, Fulfilment_WrongStake(amount, order.stake));\n",
        "",
    ),
    Control(
        "claim a second late",
        "check_RED_1__way_out",
        "base/Fulfilment.sol",
        "require(block.timestamp >= _deadlineOf(word), Fulfilment_TooEarly(_deadlineOf(word)));",
        "require(block.timestamp > _deadlineOf(word), Fulfilment_TooEarly(_deadlineOf(word)));",
    ),
    Control(
        "anybody decides",
        "check_RED_1__nobody_elses",
        "base/Fulfilment.sol",
        "        require(msg.sender == order.arbiter, Fulfilment_NotArbiter(msg.sender, order.arbiter));\n",
        "",
    ),
)


def patched(control: Control) -> dict[str, str]:
    """The sources of orders with a bug, by name, to be compiled in `.local/prove-orders/src`."""
    base = f"{control.contract}Fulfilment"
    sources = {
        name: (ROOT / "contracts" / name).read_text() for name in ("Orders.sol", "base/Fulfilment.sol")
    }
    if sources[control.source].count(control.before) != 1:
        raise NotProvedError(
            f'The bug "{control.name}" has no place in {control.source} any more: find it one in {__file__}.'
        )
    sources[control.source] = sources[control.source].replace(control.before, control.after)
    orders = sources["Orders.sol"].replace('"./base/Fulfilment.sol"', f'"{base}.sol"')
    orders = orders.replace("contract Orders is", f"contract {control.contract} is")
    fulfilment = sources["base/Fulfilment.sol"].replace('from "../', 'from "contracts/')
    return {
        control.contract: orders.replace('from "./', 'from "contracts/').replace(
            f'from "{base}', f'from "./{base}'
        ),
        base: fulfilment.replace('from "./', 'from "contracts/base/'),
    }


def control_proof(control: Control) -> str:
    """Solidity: the checks of orders with a bug."""
    return f"""{HEADER}import {{ {control.contract} }} from "./{control.contract}.sol";
import {{ IBonds }} from "contracts/interfaces/IBonds.sol";
import {{ IBrandRegistry }} from "contracts/interfaces/IBrandRegistry.sol";
import {{ IObligationRegistry }} from "contracts/interfaces/IObligationRegistry.sol";
import {{ OrderProof }} from "{PROOFS}";

contract {control.contract}Proofs is OrderProof {{
    function _code(IBrandRegistry brands, IBonds behind) internal override returns (address) {{
        return address(new {control.contract}(brands, IObligationRegistry(address(0)), behind));
    }}
}}
"""


def lay_out() -> None:
    """Writes what is to be compiled: orders with bugs, and the checks of them."""
    folder = WORK / "src"
    folder.mkdir(parents=True, exist_ok=True)
    for control in CONTROLS:
        for name, text in patched(control).items():
            prove.write(folder / f"{name}.sol", text)
        prove.write(folder / f"{control.contract}Proofs.sol", control_proof(control))
    prove.write(folder / "OrderProofs.sol", f'{HEADER}import "{PROOFS}";\n')


def environment() -> dict[str, str]:
    """What halmos runs in: it calls forge, which builds as for the token's proofs but elsewhere."""
    folders = {"SRC": "src", "TEST": "src", "SCRIPT": "src", "OUT": "out", "CACHE_PATH": "cache"}
    places = {f"FOUNDRY_{key}": str(WORK / name) for key, name in folders.items()}
    return os.environ | places | {"FOUNDRY_PROFILE": "prove", "PATH": f"{FORGE}:{os.environ['PATH']}"}


def build() -> None:
    """Compiles; what is proved of is what is deployed, to the byte."""
    lay_out()
    options = ["--ast", "--extra-output", "storageLayout", "metadata"]
    run = subprocess.run(
        [FORGE / "forge", "build", "--quiet", *options], cwd=ROOT, env=environment(), check=False
    )
    if run.returncode:
        raise NotProvedError("The proofs do not compile: see above.")
    compiled = json.loads((WORK / "out" / "Orders.sol" / "Orders.json").read_text())
    if bytes.fromhex(compiled["bytecode"]["object"].removeprefix("0x")) != artifact("Orders").bytecode:
        raise NotProvedError("The orders that are proved of are not those that are built: run `make setup`.")


def halmos(contract: str, name: str, *options: str) -> dict[str, Any]:
    """Runs one check.

    Returns:
        What halmos says of it; `exitcode` is 0 if it holds, 1 if there is a counterexample.
    """
    report = WORK / f"{contract}.{name}.json"
    report.unlink(missing_ok=True)
    run = subprocess.run(
        [
            HALMOS / "halmos",
            *("--root", ROOT),
            *("--forge-build-out", (WORK / "out").relative_to(ROOT)),
            *("--contract", contract),
            *("--match-test", rf"^{name}\("),
            *("--loop", "5"),
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
        raise NotProvedError(f"halmos says nothing of {contract}.{name}:\n{run.stdout}{run.stderr}")
    results: list[dict[str, Any]] = [
        each for found in json.loads(report.read_text())["test_results"].values() for each in found
    ]
    if len(results) != 1:
        raise NotProvedError(f"{contract} has {len(results)} checks named {name}: it must be one.")
    return results[0]


def check(name: str) -> Verdict:
    """Runs a check on the code as it is."""
    started = time.monotonic()
    title = prove.words(name)
    try:
        result = halmos(CONTRACT, name)
    except subprocess.TimeoutExpired:
        return Verdict(title, "not decided in time", False, SECONDS)
    code, left = result["exitcode"], result["num_bounded_loops"]
    found = {PASS: "proved", COUNTEREXAMPLE: "REFUTED"} | FAILURES
    if code == PASS and left:
        return Verdict(title, "not explored to the end", False, time.monotonic() - started)
    return Verdict(title, found[code], code == PASS, time.monotonic() - started)


def refute(control: Control) -> Verdict:
    """Runs a check on orders with a bug."""
    started = time.monotonic()
    title = f"{prove.words(control.check)}, where {control.name}"
    try:
        result = halmos(f"{control.contract}Proofs", control.check, "--early-exit")
    except subprocess.TimeoutExpired:
        return Verdict(title, "not decided in time", False, SECONDS)
    good = result["exitcode"] == COUNTEREXAMPLE and result["num_models"] > 0
    found = {PASS: "PROVED: the check sees nothing", COUNTEREXAMPLE: "refuted as it must be"} | FAILURES
    return Verdict(title, found[result["exitcode"]], good, time.monotonic() - started)


def reach() -> Verdict:
    """Whether every act succeeds somewhere: what always reverts would be proved easily."""
    started = time.monotonic()
    reached = set()
    for model in halmos(CONTRACT, "reach")["models"]:
        values = (model["model"] or {}).items()
        reached |= {value["value"] for name, value in values if "what" in name}
    missing = sorted(set(range(ACTS)) - reached)
    title = f"acts that succeed somewhere: {ACTS - len(missing)} of {ACTS}"
    found = f"NOT {missing}" if missing else "all"
    return Verdict(title, found, not missing, time.monotonic() - started)


def verdicts() -> Iterator[Verdict]:
    """Runs everything, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        work = [
            pool.submit(reach),
            *(pool.submit(check, name) for name in CHECKS),
            *(pool.submit(refute, control) for control in CONTROLS),
        ]
        for each in work:
            yield each.result()


def main() -> int:
    """The command: its exit code."""
    try:
        build()
        if not prove.show(verdicts()):
            raise NotProvedError("Not everything is as it must be: see above.")
    except NotProvedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
