"""Merkle-sum trees: one root credits any number of members, and says how much in all.

    tree = SumTree.of(list_id, [Leaf(member, 500_00), Leaf(key, 1_25, is_link=True)])
    tree.root, tree.total, tree.proof(1)

A node is one word: the first 20 bytes of a hash ‖ the sum of what is below it in 12. A parent's hash is that
of its children's words; a missing right child is the zero word. A leaf's hash is taken twice. The contracts'
`MerkleSum` reads the same trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sha3  # type: ignore[import-untyped]
from eth_abi.abi import encode

from symbolon.addresses import keccak, parse_address
from symbolon.exceptions import SymbolonError

HASH, SUM = 20, 12
NODE = HASH + SUM
_NOTHING = bytes(NODE)
_MOST = 1 << 8 * SUM
_INDEX = 4
_MOST_LEAVES = 1 << 8 * _INDEX


class TreeError(SymbolonError):
    """Leaves do not make a tree, or a proof is not one."""


class Leaf(NamedTuple):
    """What a place of the list credits.

    Attributes:
        account: a member's address, or that of a one-time key, as 20 bytes.
        amount: base units, at most 96 bits.
        is_link: whether the account is a one-time key, whose signature says who claims.
    """

    account: bytes
    amount: int
    is_link: bool = False


def list_id(chain_id: int, distributor: str, token: str, period: int) -> bytes:
    """What the leaves of a period's tree are bound to (`EarnDistributor.listIdOf`)."""
    places = (parse_address(distributor), parse_address(token))
    return keccak(encode(["uint256", "address", "address", "uint32"], [chain_id, *places, period]))


def root_of(name: bytes, index: int, leaf: Leaf, proof: Sequence[bytes]) -> bytes:
    """The root above a leaf, 32 bytes; `name` is the list's id.

    Raises TreeError where sums do not fit 96 bits, or a tree so small has no such place.
    """
    if index >> len(proof):
        raise TreeError(f"There is no place {index} in a tree of {len(proof)} levels.")
    node = _leaf(name, index, leaf)
    for level, other in enumerate(proof):
        left, right = (other, node) if index >> level & 1 else (node, other)
        total = int.from_bytes(left[HASH:]) + int.from_bytes(right[HASH:])
        if total >= _MOST:
            raise TreeError("The sums of a proof do not fit 96 bits.")
        node = keccak(left + right)[:HASH] + total.to_bytes(SUM)
    return node


@dataclass(frozen=True, eq=False)
class SumTree:
    """A tree with all of its nodes, for making proofs.

    Attributes:
        levels: nodes from the leaves up to the root, each level's in one string of 32 bytes a node.
    """

    levels: tuple[bytes, ...]

    @classmethod
    def of(cls, name: bytes, leaves: Iterable[Leaf]) -> SumTree:
        """The tree over leaves in this order; `name` is the list's id.

        Raises TreeError where there are none or too many, or an amount or their sum does not fit 96 bits.
        """
        return cls._over(name, leaves, 0, None)

    @classmethod
    def part(cls, name: bytes, leaves: Iterable[Leaf], first: int, depth: int) -> SumTree:
        """The lowest `depth` levels over a stretch of a greater tree that begins at place `first`, a multiple
        of 2**depth. Its root is a node of the greater tree. Raises TreeError as `of` does."""
        return cls._over(name, leaves, first, depth)

    @classmethod
    def _over(cls, name: bytes, leaves: Iterable[Leaf], first: int, depth: int | None) -> SumTree:
        level, total = _lowest(name, leaves, first)
        if not level:
            raise TreeError("A tree needs a leaf: nobody is credited anything.")
        if len(level) > _MOST_LEAVES * NODE:
            raise TreeError(f"A tree has at most {_MOST_LEAVES:,} leaves.")
        if total >= _MOST:
            raise TreeError("What the leaves credit does not fit 96 bits.")
        levels = [level]
        while len(level) > NODE if depth is None else len(levels) <= depth:
            level = _parents(level)
            levels.append(level)
        return cls(tuple(levels))

    @property
    def root(self) -> bytes:
        """The root's word."""
        return self.levels[-1]

    @property
    def total(self) -> int:
        """What all leaves credit together."""
        return int.from_bytes(self.root[HASH:])

    @property
    def depth(self) -> int:
        """How many levels are above the leaves: the length of a proof."""
        return len(self.levels) - 1

    def __len__(self) -> int:
        return len(self.levels[0]) // NODE

    def proof(self, index: int) -> list[bytes]:
        """The nodes beside a leaf's path, from the leaf on."""
        if not 0 <= index < len(self):
            raise TreeError(f"There is no place {index} in a list of {len(self)}.")
        return [self.beside(level, index >> level) for level in range(self.depth)]

    def beside(self, level: int, at: int) -> bytes:
        """The node beside another of its level, counted from the leaves'."""
        other = at ^ 1
        return self.levels[level][other * NODE : (other + 1) * NODE] or _NOTHING


def _leaf(name: bytes, index: int, leaf: Leaf) -> bytes:
    amount = leaf.amount.to_bytes(SUM)
    key = (b"\1" if leaf.is_link else b"\0") + leaf.account
    return keccak(keccak(name + index.to_bytes(_INDEX) + key + amount))[:HASH] + amount


def _lowest(name: bytes, leaves: Iterable[Leaf], first: int) -> tuple[bytes, int]:
    """The lowest level, and what it credits; `_leaf` for each, in one loop since there are millions."""
    hashed, level, total = sha3.keccak_256, bytearray(), 0
    for index, (account, amount, is_link) in enumerate(leaves, first):
        if not 0 <= amount < _MOST:
            raise TreeError(f"An amount does not fit 96 bits: {amount}.")
        tail = amount.to_bytes(SUM)
        body = name + index.to_bytes(_INDEX) + (b"\1" if is_link else b"\0") + account + tail
        level += hashed(hashed(body).digest()).digest()[:HASH]
        level += tail
        total += amount
    return bytes(level), total


def _parents(level: bytes) -> bytes:
    """The next level up."""
    hashed, number, parents = sha3.keccak_256, int.from_bytes, bytearray()
    if len(level) % (2 * NODE):
        level += _NOTHING
    for at in range(0, len(level), 2 * NODE):
        pair = level[at : at + 2 * NODE]
        parents += hashed(pair).digest()[:HASH]
        parents += (number(pair[HASH:NODE]) + number(pair[NODE + HASH :])).to_bytes(SUM)
    return bytes(parents)
