"""When minting to everybody is dearer than posting a root that members claim from. Pure but for `unit_costs`.

A root costs the brand the same however many members it is for, and each member who claims some gas of their
own: minting is the cheaper way where most of them would.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

_MEASURED = Path(__file__).resolve().parents[1] / "bench" / "results" / "gas.json"

POST_ROOT, CLAIM = "post_root", "claim_root_1m"
MEMBERS_PER_ROOT = 1_000_000


def unit_costs(path: Path = _MEASURED) -> dict[str, int]:
    """Gas of each operation, as measured and committed; nothing where the measurements are not at hand."""
    try:
        return {row["operation"]: int(row["ours"]) for row in orjson.loads(path.read_bytes())}
    except OSError:
        return {}


def root_gas(members: int, costs: Mapping[str, int]) -> int | None:
    """Gas of posting roots for so many members; None where it has not been measured."""
    each = costs.get(POST_ROOT)
    return None if each is None else -(-members // MEMBERS_PER_ROOT) * each


def break_even(members: int, minting: int, costs: Mapping[str, int]) -> float | None:
    """The share of members up to whose claims a root costs all together less than minting for that gas.

    Above 1 where it is less even when everybody claims; None where it never is, or has not been measured.
    """
    root, claim = root_gas(members, costs), costs.get(CLAIM)
    if root is None or claim is None or root >= minting:
        return None
    return (minting - root) / (members * claim)


def advice(members: int, minting: int, costs: Mapping[str, int]) -> str | None:
    """What to tell who is about to mint to so many members for that gas; None where minting is cheaper."""
    share, root = break_even(members, minting, costs), root_gas(members, costs)
    if share is None or root is None:
        return None
    saves = (
        "even if everybody claims"
        if share >= 1
        else f"as long as fewer than {share:.0%} of the members claim"
    )
    return (
        f"Posting a root instead costs gas {root:,}, and {costs[CLAIM]:,} for each member who claims: "
        f"less in all {saves}."
    )
