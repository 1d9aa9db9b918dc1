"""Sizes and hashes of our contracts: the reviewed lock on the one build that is tested and deployed.

A change of source, compiler or settings changes a hash here, and with it a line that somebody reviews.
"""

from __future__ import annotations

from typing import Any

from eth_utils.crypto import keccak

from bench import artefacts

MAX_RUNTIME = 24_576  # EIP-170
MAX_INIT = 49_152  # EIP-3860


def rows() -> list[dict[str, Any]]:
    """For each contract: bytes on the chain, bytes that create it (without arguments), hash of the latter."""
    return [
        {
            "contract": artefact.name,
            "runtime": len(artefact.runtime),
            "init": len(artefact.creation),
            "init_keccak256": "0x" + keccak(artefact.creation).hex(),
        }
        for artefact in artefacts.all_ours()
    ]
