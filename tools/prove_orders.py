"""Prove what always holds of an order, and show that each proof can fail.

The checks are in `tests/solidity/proofs/Orders.sol`; `tools.prover` says what is asked of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tools.prover import HEADER, ROOT, Prover, Verdict, command, with_bug

PROOFS = "tests/solidity/proofs/Orders.sol"

ACTS = 9
"""Ways to do something to an order, by number in `OrderProof._act`."""

PROVER = Prover("Orders", "prove-orders", ("--loop", "5"))

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
        "base/Fulfilment.sol",
        "        require(amount == tokens, Fulfilment_WrongStake(amount, tokens));\n",
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
    """The sources of orders with a bug, by name, to be compiled apart from the contracts."""
    base = f"{control.contract}Fulfilment"
    sources = {
        name: (ROOT / "contracts" / name).read_text() for name in ("Orders.sol", "base/Fulfilment.sol")
    }
    sources[control.source] = with_bug(sources[control.source], control.name, control.before, control.after)
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


def sources() -> dict[str, str]:
    """What is to be compiled: the checks, orders with bugs, and the checks of them."""
    bad = {name: text for control in CONTROLS for name, text in patched(control).items()}
    proofs = {f"{control.contract}Proofs": control_proof(control) for control in CONTROLS}
    return bad | proofs | {"OrderProofs": f'{HEADER}import "{PROOFS}";\n'}


def reach() -> Verdict:
    """Whether every act succeeds somewhere."""
    started = time.monotonic()
    missing = sorted(set(range(ACTS)) - PROVER.reach("OrderProofs", "what"))
    title = f"acts that succeed somewhere: {ACTS - len(missing)} of {ACTS}"
    found = f"NOT {missing}" if missing else "all"
    return Verdict(title, found, not missing, time.monotonic() - started)


def work() -> Iterator[Callable[[], Verdict]]:
    """All that is run."""
    yield reach
    for check in CHECKS:
        yield partial(PROVER.prove, "OrderProofs", check)
    for control in CONTROLS:
        yield partial(PROVER.refute, f"{control.contract}Proofs", control.check, control.name)


if __name__ == "__main__":
    sys.exit(command(PROVER, sources(), work()))
