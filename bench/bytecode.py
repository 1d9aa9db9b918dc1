"""Sizes and hashes of our contracts: the reviewed lock on the one build that is tested and deployed.

A change of source, compiler or settings changes a hash here, and with it a line that somebody reviews.
"""

from __future__ import annotations

from typing import Any

from eth_utils.crypto import keccak

from symbolon.artifacts import artifact
from symbolon.deployment import SUITE

MAX_RUNTIME = 24_576  # EIP-170
MAX_INIT = 49_152  # EIP-3860


def rows() -> list[dict[str, Any]]:
    """For each contract that is deployed: its bytes, those that create it (without arguments), their hash."""
    deployed = [artifact(part.name) for part in SUITE]
    return [
        {
            "contract": each.name,
            "runtime": len(each.runtime),
            "init": len(each.bytecode),
            "init_keccak256": "0x" + keccak(each.bytecode).hex(),
        }
        for each in deployed
    ]
