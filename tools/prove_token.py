"""Prove what always holds of a token, and show that each proof can fail.

The checks are in `tests/solidity/proofs/Token.sol`; `tools.prover` says what is asked of them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from eth_utils.crypto import keccak

from symbolon.artifacts import artifact
from tools.prover import HEADER, ROOT, Prover, Verdict, command, with_bug, words

PROOFS = "tests/solidity/proofs/Token.sol"

GROUPS = ("Plain", "Signed", "Batch")
"""Every function of the token is in one of them."""

LENGTHS = "rows={24,32,48,64},signature=65,data={0,32},uri={0,31}"
"""Bytes that an argument may have, by its name."""

PROVER = Prover("LoyaltyToken", "prove", ("--array-lengths", LENGTHS, "--loop", "3"))


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


def patched(control: Control) -> str:
    """The token's source with a bug, under the bug's name, to be compiled apart from the contracts."""
    source = (ROOT / "contracts" / "LoyaltyToken.sol").read_text()
    source = with_bug(source, control.name, control.before, control.after)
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


def sources() -> dict[str, str]:
    """What is to be compiled: the checks, the tokens with bugs, and the checks of them."""
    bad = {control.token: patched(control) for control in CONTROLS}
    proofs = {f"{control.token}Proofs": control_proof(control) for control in CONTROLS}
    return bad | proofs | {"Proofs": f'{HEADER}import "{PROOFS}";\n'}


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


def reach() -> Verdict:
    """Whether every function succeeds somewhere in what its group's checks explore."""
    started, known = time.monotonic(), mutators()
    reached = {
        f"{value >> 224:08x}" for group in GROUPS for value in PROVER.reach(f"{group}Proofs", "reached")
    }
    missing = sorted(signature for selector, signature in known.items() if selector not in reached)
    title = f"functions that succeed somewhere: {len(known) - len(missing)} of {len(known)}"
    found = f"NOT {', '.join(missing)}" if missing else "all"
    return Verdict(title, found, not missing, time.monotonic() - started)


def work() -> Iterator[Callable[[], Verdict]]:
    """All that is run."""
    yield reach
    for proof in PROOFS_OF_TOKEN:
        for group in proof.groups:
            about = f", {group.lower()} functions" if len(proof.groups) > 1 else ""
            yield partial(PROVER.prove, f"{group}Proofs", proof.check, words(proof.check) + about)
    for control in CONTROLS:
        yield partial(PROVER.refute, f"{control.token}Proofs", control.check, control.name)


if __name__ == "__main__":
    sys.exit(command(PROVER, sources(), work()))
