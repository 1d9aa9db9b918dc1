"""Plans for accounts whose keys are not here: batches that Safe's transaction builder reads. Pure.

One file for each turn of a signer, to be signed and executed in the order of their numbers. The builder
checks the batch against `checksum`, which is over everything but its name.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from symbolon.addresses import keccak
from symbolon.manifest import dump, write_whole
from symbolon.planning.plan import Turn

_FORMAT = "1.0"
_BUILDER = "1.16.5"  # the version of the builder whose files these are like


def batch(turn: Turn, chain_id: int, made_at: int, name: str) -> dict[str, Any]:
    """One turn's batch; `made_at` in seconds."""
    content: dict[str, Any] = {
        "version": _FORMAT,
        "chainId": str(chain_id),
        "createdAt": made_at * 1000,
        "meta": {
            "name": name,
            "description": "; ".join(f"{act.subject}: {act.text}" for act in turn.acts),
            "txBuilderVersion": _BUILDER,
            "createdFromSafeAddress": turn.signer.address,
            "createdFromOwnerAddress": "",
        },
        "transactions": [
            {
                "to": act.call.to,
                "value": "0",
                "data": "0x" + act.call.data.hex(),
                "contractMethod": None,
                "contractInputsValues": None,
            }
            for act in turn.acts
        ],
    }
    content["meta"]["checksum"] = checksum(content)
    return content


def checksum(content: dict[str, Any]) -> str:
    """What the builder computes of a batch: keccak256 of its own writing of it, without name and checksum."""
    meta = {key: value for key, value in content["meta"].items() if key != "checksum"}
    return "0x" + keccak(_written({**content, "meta": {**meta, "name": None}}).encode()).hex()


def _written(value: object) -> str:
    """JSON in the builder's own way: an object is its sorted keys, and then its values."""
    if isinstance(value, list):
        return f"[{','.join(_written(each) for each in value)}]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: str(key).encode("utf-16-be"))
        return f"{{{_plain(keys)}{''.join(f'{_written(value[key])},' for key in keys)}}}"
    return _plain(value)


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(path: Path, turns: Sequence[tuple[int, Turn]], chain_id: int, made_at: int) -> list[Path]:
    """Write each turn's batch beside `path`, with its number and signer in the name."""
    written = []
    for number, turn in turns:
        target = path.with_name(f"{path.stem}.{number}-{turn.signer}{path.suffix or '.json'}")
        write_whole(target, dump(batch(turn, chain_id, made_at, target.stem)))
        written.append(target)
    return written
