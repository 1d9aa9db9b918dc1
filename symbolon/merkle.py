"""Merkle trees: many entries behind 32 bytes, and short proofs that an entry is among them. Pure.

Two neighbours are hashed in order of size, so that a proof needs no directions; who has no neighbour moves up
as it is. Leaves must be hashes of something that is not 64 bytes long, or a pair could pass for a leaf.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symbolon.addresses import keccak


class Tree:
    """The tree over some leaves, 32 bytes each, at least one."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        if not leaves:
            raise ValueError("a tree has at least one leaf")
        self._rows = [list(leaves)]
        while len(row := self._rows[-1]) > 1:
            pairs = [_pair(*row[at : at + 2]) for at in range(0, len(row) - 1, 2)]
            self._rows.append(pairs + row[len(row) & ~1 :])

    @property
    def root(self) -> bytes:
        """What stands for them all."""
        return self._rows[-1][0]

    def proof(self, index: int) -> tuple[bytes, ...]:
        """What shows that the leaf at `index` is in the tree."""
        found = []
        for row in self._rows[:-1]:
            if index ^ 1 < len(row):
                found.append(row[index ^ 1])
            index //= 2
        return tuple(found)


def is_in(root: bytes, leaf: bytes, proof: Iterable[bytes]) -> bool:
    """Whether the proof leads from the leaf to the root."""
    for other in proof:
        leaf = _pair(leaf, other)
    return leaf == root


def _pair(one: bytes, other: bytes) -> bytes:
    return keccak(min(one, other) + max(one, other))
