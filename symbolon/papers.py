"""What buyers, brands, attesters and friends hand one another as files: signed bids, offers, cuts.

    papers.write(path, offer, chain_id)
    papers.read(path, SignedOffer, chain_id)

A paper says what it is and for which chain; what it holds counts only with its signature, which the contract
checks. JSON, in which numbers are decimal text, bytes 0x-hex.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from symbolon.addresses import parse_address
from symbolon.cuts import Opening
from symbolon.cutting import Attestation, Commitment, Openings, Vouched
from symbolon.exceptions import SymbolonError
from symbolon.haggles import Bid, Offer, SignedBid, SignedOffer
from symbolon.manifest import dump, write_whole

T = TypeVar("T", SignedBid, SignedOffer, Openings, Attestation)

_INNER = {"bid": Bid, "offer": Offer, "commitment": Commitment, "vouched": Vouched}
_NAMES = {
    SignedBid: "a signed bid",
    SignedOffer: "a signed offer",
    Openings: "the cuts of a bargain",
    Attestation: "an attestation",
}
_ADDRESSES = ("token", "helper", "signer")


class PaperError(SymbolonError):
    """A file is not the paper that is needed."""


def write(path: Path, paper: SignedBid | SignedOffer | Openings | Attestation, chain_id: int) -> None:
    """Write a paper. Raises PaperError."""
    content = {"paper": type(paper).__name__, "chainId": chain_id, **_plain(paper)}
    try:
        write_whole(path, dump(content))
    except OSError as error:
        raise PaperError(f"{path} cannot be written ({error.strerror}): choose another file.") from error


def read(path: Path, kind: type[T], chain_id: int) -> T:
    """Read a paper of that kind. Raises PaperError."""
    what = _NAMES[kind]
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        name, chain = content["paper"], content["chainId"]
    except (OSError, ValueError, KeyError, TypeError):
        raise PaperError(f"{path.name} is not {what}: have it sent again, as a whole file.") from None
    if name != kind.__name__:
        other = next((text for each, text in _NAMES.items() if each.__name__ == name), "something else")
        raise PaperError(f"{path.name} is {other} and {what} is needed: look for the right file.")
    if chain != chain_id:
        raise PaperError(f"{path.name} is for chain {chain} and this is chain {chain_id}: check --network.")
    try:
        return cast("T", _made(kind, content))
    except (ValueError, KeyError, TypeError, SymbolonError):
        raise PaperError(f"{path.name} is damaged: have it sent again, as a whole file.") from None


def _plain(value: Any) -> Any:  # noqa: ANN401 (whatever a paper holds)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Opening):
        return {"cut": str(value.cut), "salt": _plain(value.salt), "next": _plain(value.next)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value)


def _made(kind: type[Any], content: dict[str, Any]) -> Any:  # noqa: ANN401 (as above)
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):
        text = content[field.name]
        if field.name in _INNER:
            values[field.name] = _made(_INNER[field.name], text)
        elif field.name == "cuts":
            values[field.name] = tuple(
                Opening(int(each["cut"]), _bytes(each["salt"]), _bytes(each["next"])) for each in text
            )
        elif hints[field.name] is bytes:
            values[field.name] = _bytes(text, None if field.name == "signature" else 32)
        elif hints[field.name] is int:
            values[field.name] = int(text)
        else:
            if field.name in _ADDRESSES:
                parse_address(text)
            values[field.name] = str(text)
    return kind(**values)


def _bytes(text: str, length: int | None = 32) -> bytes:
    """Bytes as they are written down: a word of 32, unless it is a signature. Raises ValueError."""
    found = bytes.fromhex(text.removeprefix("0x"))
    if length is not None and len(found) != length:
        raise ValueError
    return found
