"""Contracts import what is below them and nothing else; on one floor they know each other by interface."""

from __future__ import annotations

import re
from pathlib import Path

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
IMPORT = re.compile(r'^import .*?from "(\.[^"]+)";', re.M | re.S)

FLOORS = {
    "interfaces": 0,
    "libraries": 0,
    "base": 1,
    "BrandRegistry.sol": 2,
    "LoyaltyToken.sol": 3,
    "LoyaltyTokenFactory.sol": 3,
    "Bonds.sol": 4,
    "ObligationRegistry.sol": 4,
    "PurchaseRights.sol": 4,
    "EarnDistributor.sol": 5,
    "GroupDeals.sol": 5,
    "GroupPurchaseEscrow.sol": 5,
    "BargainDeals.sol": 5,
    "Bargains.sol": 5,
    "CampaignRewards.sol": 5,
    "Consent.sol": 5,
    "Orders.sol": 5,
    "Pools.sol": 5,
    "Redemptions.sol": 5,
    "ReferralRewards.sol": 5,
    "Settlements.sol": 5,
    "Cuts.sol": 6,
    "Haggles.sol": 6,
    "Swaps.sol": 6,
    "periphery": 7,
}
"""Floor of each folder, and of each contract that lies in none; `local` is not part of the house."""


def floor(path: Path) -> int:
    return FLOORS[path.relative_to(CONTRACTS).parts[0]]


def imports(path: Path) -> list[Path]:
    return [(path.parent / target).resolve() for target in IMPORT.findall(path.read_text())]


def house() -> list[Path]:
    return [
        path for path in CONTRACTS.rglob("*.sol") if "local" not in path.parts and ".cache" not in path.parts
    ]


def test_every_source__has_a_floor() -> None:
    assert [path for path in house() if path.relative_to(CONTRACTS).parts[0] not in FLOORS] == []


def test_imports__point_down() -> None:
    shared = {"interfaces", "libraries", "base"}
    upward = [
        f"{path.relative_to(CONTRACTS)} imports {target.relative_to(CONTRACTS)}"
        for path in house()
        for target in imports(path)
        if floor(target) > floor(path)
        or (floor(target) == floor(path) and target.relative_to(CONTRACTS).parts[0] not in shared)
    ]
    assert upward == []


def test_imports__of_contracts__are_of_interfaces_libraries_and_base_alone() -> None:
    """Contracts meet through interfaces: none carries another's code."""
    foreign = [
        f"{path.relative_to(CONTRACTS)} imports {target.relative_to(CONTRACTS)}"
        for path in house()
        for target in imports(path)
        if floor(target) > 1
    ]
    assert foreign == []


def test_imports__are_found_at_all() -> None:
    assert sum(len(imports(path)) for path in house()) > 30
