"""Proofs as static files, which any web server can serve and any holder can check. Pure.

    <folder>/earned.json          what was posted, and the first account of each shard
    <folder>/shards/00000.json    1,024 leaves by ascending account, and the proof of what they sum up to

A shard has leaves and not a proof for each: who reads it hashes it anew, a thousand hashes, which gives its
leaf's proof and shows that the shard is whole. A million members are a thousand files of 70 KB. Nothing in
them is personal: accounts, and amounts.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
import requests

from symbolon.addresses import checksum_address, parse_address
from symbolon.exceptions import SymbolonError
from symbolon.manifest import dump, write_whole
from symbolon.merkle_sum import Leaf, SumTree, TreeError, list_id, root_of

FORMAT = "symbolon earnings 1"
INDEX = "earned.json"
_DEPTH = 10
_SHARD = 1 << _DEPTH
_PATIENCE = 20  # seconds for a web server to answer


class ProofError(SymbolonError):
    """Proof files are missing, damaged, or have nothing for an account."""


class NothingCreditedError(ProofError):
    """Proofs have nothing for an account."""


@dataclass(frozen=True)
class Posting:
    """What a period's posting says, apart from where its proofs are.

    Attributes:
        chain_id, distributor, token, period: what its leaves are bound to.
        root: the tree's root, 32 bytes; its last 12 are what all leaves credit.
        final_at: until when it can be replaced and from when on it can be claimed, in seconds.
        claimable_until: until when, exclusive.
    """

    chain_id: int
    distributor: str
    token: str
    period: int
    root: bytes
    final_at: int
    claimable_until: int

    @property
    def total(self) -> int:
        """What all leaves credit together, in base units."""
        return int.from_bytes(self.root[20:])

    @property
    def list_id(self) -> bytes:
        """What the leaves are bound to."""
        return list_id(self.chain_id, self.distributor, self.token, self.period)


@dataclass(frozen=True)
class Credit:
    """A leaf with its proof, as claims take it."""

    posting: Posting
    index: int
    leaf: Leaf
    proof: list[bytes]

    @property
    def arguments(self) -> tuple[int, int, int, int, str, int, list[int]]:
        """The struct that the contracts' functions take."""
        posting, (account, amount, _) = self.posting, self.leaf
        times = (posting.period, posting.final_at, posting.claimable_until)
        return (*times, self.index, checksum_address(account), amount, [*map(int.from_bytes, self.proof)])


def write(folder: Path, posting: Posting, leaves: list[Leaf], tree: SumTree) -> None:
    """Write the proofs of a tree over leaves by ascending account; the index last. Raises ProofError."""
    depth = min(_DEPTH, tree.depth)
    try:
        for number, first in enumerate(range(0, len(leaves), _SHARD)):
            rows = [_row(leaf) for leaf in leaves[first : first + _SHARD]]
            above = [_node(tree, level, number) for level in range(depth, tree.depth)]
            write_whole(_shard_path(folder, number), orjson.dumps({"leaves": rows, "proof": above}))
        facts = {**asdict(posting), "root": "0x" + posting.root.hex(), "total": str(posting.total)}
        firsts = [_hex(leaf.account) for leaf in leaves[::_SHARD]]
        index = {"format": FORMAT, **facts, "leaves": len(leaves), "shards": firsts}
        write_whole(folder / INDEX, dump(index))
    except OSError as error:
        raise ProofError(
            f"Proofs cannot be written to {folder} ({error.strerror}): choose another folder."
        ) from error


class Proofs:
    """The proofs in a folder, or below an address on the web."""

    def __init__(self, place: str | Path) -> None:
        """Raises ProofError where there is no index."""
        self._place = str(place).rstrip("/")
        content = self._read(INDEX)
        try:
            if content["format"] != FORMAT:
                raise ValueError
            self.posting = Posting(
                int(content["chain_id"]),
                checksum_address(parse_address(content["distributor"])),
                checksum_address(parse_address(content["token"])),
                int(content["period"]),
                bytes.fromhex(content["root"][2:]),
                int(content["final_at"]),
                int(content["claimable_until"]),
            )
            self.count = int(content["leaves"])
            self._firsts = [bytes.fromhex(each[2:]) for each in content["shards"]]
        except (KeyError, ValueError, TypeError, SymbolonError) as error:
            raise self._damaged(INDEX) from error

    def credit(self, account: str | bytes) -> Credit:
        """What an account is credited, with its proof, which is checked.

        Raises NothingCreditedError, ProofError.
        """
        wanted = account if isinstance(account, bytes) else parse_address(account)
        number = bisect_right(self._firsts, wanted) - 1
        if number >= 0:
            leaves, tree, above = self._shard(number)
            for place, leaf in enumerate(leaves):
                if leaf.account == wanted:
                    index = number * _SHARD + place
                    return Credit(self.posting, index, leaf, [*tree.proof(place), *above])
        raise NothingCreditedError(
            f"Period {self.posting.period} credits {checksum_address(wanted)} nothing: check the account, "
            "and whether the proofs are the right ones."
        )

    def first(self) -> Credit:
        """The credit of the first account there is."""
        return self.credit(self._firsts[0])

    def check(self) -> None:
        """Hash everything anew. Raises ProofError where it does not make up the root."""
        leaves: list[Leaf] = []
        for number in range(len(self._firsts)):
            leaves += self._shard(number)[0]
        if len(leaves) != self.count or SumTree.of(self.posting.list_id, leaves).root != self.posting.root:
            raise self._damaged("one of the shards")

    def _shard(self, number: int) -> tuple[list[Leaf], SumTree, list[bytes]]:
        name = str(_shard_path(Path(), number))
        content = self._read(name)
        try:
            leaves = [
                Leaf(bytes.fromhex(who[2:]), int(sum_), bool(link)) for who, sum_, link in content["leaves"]
            ]
            above = [bytes.fromhex(each[2:]) for each in content["proof"]]
            depth = min(_DEPTH, (self.count - 1).bit_length())
            tree = SumTree.part(self.posting.list_id, leaves, number * _SHARD, depth)
            root = root_of(self.posting.list_id, number * _SHARD, leaves[0], [*tree.proof(0), *above])
        except (KeyError, ValueError, TypeError, IndexError, OverflowError, TreeError) as error:
            raise self._damaged(name) from error
        if root != self.posting.root:
            raise self._damaged(name)
        return leaves, tree, above

    def _read(self, name: str) -> Any:  # noqa: ANN401 (whatever the file holds)
        place = f"{self._place}/{name}"
        try:
            if place.startswith(("http://", "https://")):
                answer = requests.get(place, timeout=_PATIENCE)
                answer.raise_for_status()
                return orjson.loads(answer.content)
            return orjson.loads(Path(place).read_bytes())
        except (OSError, requests.RequestException) as error:
            raise ProofError(f"{place} cannot be read: check where the proofs are.") from error
        except orjson.JSONDecodeError as error:
            raise self._damaged(name) from error

    def _damaged(self, name: str) -> ProofError:
        return ProofError(
            f"{name} in {self._place} is damaged or another posting's: have the proofs published anew."
        )


def _shard_path(folder: Path, number: int) -> Path:
    return folder / "shards" / f"{number:05}.json"


def _node(tree: SumTree, level: int, number: int) -> str:
    """The node beside what is above a shard."""
    return _hex(tree.beside(level, number >> level - min(_DEPTH, tree.depth)))


def _row(leaf: Leaf) -> list[Any]:
    return [_hex(leaf.account), str(leaf.amount), int(leaf.is_link)]


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
