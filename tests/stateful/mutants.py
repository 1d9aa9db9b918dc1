"""Contracts with a bug put in on purpose: what the machine must catch, and by which promise's name."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from symbolon.reference.contract import require
from symbolon.reference.token import USED, LoyaltyToken
from symbolon.reference.versions import History

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutant:
    """A change of one contract.

    Attributes:
        name: what the bug does, in words for test names.
        contracts: that are deployed with the change in them.
        source: file below contracts/ that is changed.
        before, after: the change; `before` is in the file exactly once.
        breach: how the machine's complaint begins.
        agrees: makes the model err in the same way, so that nothing but the promise can tell.
    """

    name: str
    contracts: tuple[str, ...]
    source: str
    before: str
    after: str
    breach: str
    agrees: Callable[[pytest.MonkeyPatch], None] | None = None


def _forget_what_left_no_receipt(self: LoyaltyToken, authorizer: bytes, nonce: bytes, mark: int) -> None:
    is_free = self.marks.get((authorizer, nonce), 0) <= USED
    require(is_free, "LoyaltyToken_AuthorizationUsed", authorizer, nonce)
    self.marks[authorizer, nonce] = mark


MUTANTS = (
    Mutant(
        "quota_beyond_capacity",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(amount <= available, LoyaltyToken_CapacityExceeded(amount, available));",
        "",
        "ISSUE-1",
    ),
    Mutant(
        "capacity_below_what_is_promised",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(newCapacity >= committed,",
        "require(newCapacity >= _books.supply,",
        "ISSUE-1",
    ),
    Mutant(
        "brand_claws_back",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "        _spendAllowance(from, value);\n        _transfer(from, to, value);",
        "        (, uint8 roles) = BRAND_REGISTRY.standingOf(TokenArgs.brandId(), msg.sender);\n"
        "        if (roles == 0) _spendAllowance(from, value);\n"
        "        _transfer(from, to, value);",
        "ISSUE-2",
    ),
    Mutant(
        "stop_freezes_transfers",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "    function _transfer(address from, address to, uint256 value) private {\n",
        "    function _transfer(address from, address to, uint256 value) private {\n"
        "        require(!_books.mintStopped, LoyaltyToken_MintStopped());\n",
        "(ISSUE-3|MODEL)",
    ),
    Mutant(
        "deposit_forgets_the_supply",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "_books.supply = books.supply - uint96(amount);",
        "_books.supply = books.supply;",
        "(BOOK-1|ISSUE-1)",
    ),
    Mutant(
        "signature_good_twice",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(marks[nonce] == 0, LoyaltyToken_AuthorizationUsed(authorizer, nonce));",
        "require(marks[nonce] <= USED, LoyaltyToken_AuthorizationUsed(authorizer, nonce));",
        "SIG-1",
        lambda patch: patch.setattr(LoyaltyToken, "_use_nonce", _forget_what_left_no_receipt),
    ),
    Mutant(
        "deadline_not_signed",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "require(block.timestamp <= spend.deadline, LoyaltyToken_Expired(spend.deadline));",
        "require(block.timestamp <= spend.deadline + 1, LoyaltyToken_Expired(spend.deadline));",
        "MODEL",
    ),
    Mutant(
        "stranger_stops_minting",
        ("LoyaltyToken",),
        "LoyaltyToken.sol",
        "function setMintStop(bool stopped) external onlyObligationRegistry {",
        "function setMintStop(bool stopped) external {",
        "MODEL",
    ),
    Mutant(
        "par_follows_capacity",
        ("ObligationRegistry",),
        "ObligationRegistry.sol",
        "emit CapacitySet({ token: token, capacity: capacity });\n"
        "            ILoyaltyToken(token).setCapacity(capacity);",
        "emit CapacitySet({ token: token, capacity: capacity });\n"
        "            obligation.parValue -= 1;\n"
        "            ILoyaltyToken(token).setCapacity(capacity);",
        "RED-3",
    ),
    Mutant(
        "shorter_notice_at_once",
        ("ObligationRegistry",),
        "ObligationRegistry.sol",
        "bool worse = !sameDocument || terms.noticePeriod < current.noticePeriod;",
        "bool worse = !sameDocument;",
        "MODEL",
    ),
    Mutant(
        "better_makes_stale",
        ("ObligationRegistry", "Redemptions"),
        "libraries/Versions.sol",
        "return _pack(version(history) + 1, worsenedVersion(history), changeAt(history));",
        "return _pack(version(history) + 1, version(history) + 1, changeAt(history));",
        "RED-2",
        lambda patch: patch.setattr(
            History, "improved", lambda self: History(self.version + 1, self.version + 1, self.change_at)
        ),
    ),
    Mutant(
        "old_versions_stay_good",
        ("ObligationRegistry", "Redemptions"),
        "libraries/Versions.sol",
        "return _pack(next, next, 0);",
        "return _pack(next, worsenedVersion(history), 0);",
        "RED-2",
        lambda patch: patch.setattr(
            History,
            "current",
            lambda self, now: (
                History(self.version + 1, self.worsened_version, 0) if self.is_change_due(now) else self
            ),
        ),
    ),
    Mutant(
        "sold_units_not_counted",
        ("Redemptions",),
        "base/Offers.sol",
        "offer.sold = uint32(sold + quantity);",
        "offer.sold = uint32(sold + 1);",
        "MODEL",
    ),
    Mutant(
        "stranger_lists_tills",
        ("Redemptions",),
        "Redemptions.sol",
        "_checkRole(ILoyaltyToken(token).brandId(), Roles.FULFIL);",
        "",
        "MODEL",
    ),
    Mutant(
        "guardian_a_second_early",
        ("BrandRegistry",),
        "BrandRegistry.sol",
        "return changeAt != 0 && block.timestamp >= changeAt ?",
        "return changeAt != 0 && block.timestamp + 1 >= changeAt ?",
        "MODEL",
    ),
    Mutant(
        "recovery_keeps_managers",
        ("BrandRegistry",),
        "BrandRegistry.sol",
        "brand.era += 1;",
        "",
        "MODEL",
    ),
)


def build(mutant: Mutant, frozen: Path, folder: Path) -> Path:
    """A build like the frozen one but for the mutant, in `folder`."""
    made = folder / "build"
    shutil.copytree(frozen, made, ignore=shutil.ignore_patterns("build-info"))
    for contract, code in _compile(mutant).items():
        target = made / f"{contract}.sol" / f"{contract}.json"
        content = orjson.loads(target.read_bytes())
        content["bytecode"]["object"] = "0x" + code
        target.write_bytes(orjson.dumps(content))
    return made


def _compile(mutant: Mutant) -> dict[str, str]:
    """Creation code of the mutant's contracts. Sources that it does not change are read from the tree."""
    changed = ROOT / "contracts" / mutant.source
    text = changed.read_text()
    assert text.count(mutant.before) == 1, f"{mutant.name}: what it changes is in {mutant.source} no longer"
    paths = {contract: f"contracts/{contract}.sol" for contract in mutant.contracts}
    sources = {path: (ROOT / path).read_text() for path in paths.values()}
    sources[f"contracts/{mutant.source}"] = text.replace(mutant.before, mutant.after)
    request: dict[str, Any] = {
        "language": "Solidity",
        "sources": {path: {"content": content} for path, content in sources.items()},
        "settings": {
            "remappings": ["@openzeppelin/contracts/=node_modules/@openzeppelin/contracts/"],
            "optimizer": {"enabled": True, "runs": 1},  # else they outgrow what a contract may have
            "evmVersion": "prague",
            "outputSelection": {path: {name: ["evm.bytecode.object"]} for name, path in paths.items()},
        },
    }
    answer = subprocess.run(
        [ROOT / "tools" / "solc", "--standard-json", "--base-path", ROOT],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    output = json.loads(answer.stdout)
    errors = [each for each in output.get("errors", []) if each["severity"] == "error"]
    assert not errors, f"{mutant.name}: {errors[0]['formattedMessage']}"
    made = output["contracts"]
    return {name: made[path][name]["evm"]["bytecode"]["object"] for name, path in paths.items()}
