"""Merkle-sum trees: proofs lead to the root, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import keccak
from symbolon.merkle_sum import Leaf, SumTree, TreeError, list_id, root_of
from symbolon.reference import earn

NAME = list_id(1, "0x" + "11" * 20, "0x" + "22" * 20, 202607)
LEAVES = st.lists(
    st.builds(Leaf, st.binary(min_size=20, max_size=20), st.integers(0, 2**80), st.booleans()),
    min_size=1,
    max_size=40,
)


def some(count: int) -> list[Leaf]:
    return [Leaf(keccak(bytes([each]))[:20], 100 + each, each % 3 == 0) for each in range(count)]


def test_root__of_two_leaves__by_hand() -> None:
    first, second = some(2)

    def node(index: int, leaf: Leaf) -> bytes:
        tail = leaf.amount.to_bytes(12)
        body = NAME + index.to_bytes(4) + bytes([leaf.is_link]) + leaf.account + tail
        return keccak(keccak(body))[:20] + tail

    left, right = node(0, first), node(1, second)
    assert SumTree.of(NAME, [first, second]).root == keccak(left + right)[:20] + (201).to_bytes(12)


def test_root__of_one_leaf__is_the_leaf() -> None:
    tree = SumTree.of(NAME, some(1))
    assert (tree.depth, tree.total, tree.proof(0)) == (0, 100, [])


@given(LEAVES)
def test_proofs__of_any_tree__lead_to_its_root(leaves: list[Leaf]) -> None:
    tree = SumTree.of(NAME, leaves)
    assert tree.total == sum(each.amount for each in leaves)
    for index, leaf in enumerate(leaves):
        assert root_of(NAME, index, leaf, tree.proof(index)) == tree.root


@given(LEAVES, st.data())
def test_proofs__of_any_tree__the_contract_s_model_agrees(leaves: list[Leaf], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    tree, leaf = SumTree.of(NAME, leaves), leaves[index]
    bottom = earn.leaf(NAME, index, leaf.account, leaf.amount, is_link=leaf.is_link)
    assert earn.root_of(
        bottom, index, [int.from_bytes(each) for each in tree.proof(index)]
    ) == int.from_bytes(tree.root)


@pytest.mark.parametrize("changed", ["account", "amount", "is_link", "index", "name", "proof"])
def test_proof__with_anything_altered__leads_elsewhere(changed: str) -> None:
    tree, leaf, index, name = SumTree.of(NAME, some(11)), some(11)[6], 6, NAME
    proof = tree.proof(6)
    if changed == "account":
        leaf = leaf._replace(account=bytes(20))
    elif changed == "amount":
        leaf = leaf._replace(amount=leaf.amount + 1)
    elif changed == "is_link":
        leaf = leaf._replace(is_link=not leaf.is_link)
    elif changed == "index":
        index = 7
    elif changed == "name":
        name = list_id(1, "0x" + "11" * 20, "0x" + "22" * 20, 202608)
    else:
        proof[2] = proof[2][:31] + bytes([proof[2][31] ^ 1])
    assert root_of(name, index, leaf, proof) != tree.root


def test_proof__of_a_place_that_there_is_not__is_refused() -> None:
    tree = SumTree.of(NAME, some(5))
    with pytest.raises(TreeError, match="no place 5"):
        tree.proof(5)
    with pytest.raises(TreeError, match="no place 8"):
        root_of(NAME, 8, some(5)[0], tree.proof(0))


@pytest.mark.parametrize(("count", "depth"), [(5, 2), (8, 2), (9, 2), (13, 2), (4, 2), (3, 2), (1, 0)])
def test_part__of_a_tree__is_a_node_of_it(count: int, depth: int) -> None:
    leaves = some(count)
    tree = SumTree.of(NAME, leaves)
    for number, first in enumerate(range(0, count, 1 << depth)):
        part = SumTree.part(NAME, leaves[first : first + (1 << depth)], first, depth)
        assert part.root == tree.levels[depth][number * 32 : number * 32 + 32]
        assert tree.proof(first)[:depth] == part.proof(0)


@pytest.mark.parametrize(
    ("leaves", "sentence"),
    [
        ([], "nobody is credited"),
        ([Leaf(bytes(20), 2**96)], "does not fit"),
        ([Leaf(bytes(20), -1)], "does not fit"),
        ([Leaf(bytes(20), 2**95)] * 2, "do not fit|does not fit"),
    ],
)
def test_tree__of_what_makes_none__is_refused(leaves: list[Leaf], sentence: str) -> None:
    with pytest.raises(TreeError, match=sentence):
        SumTree.of(NAME, leaves)


def test_root_of__sums_beyond_96_bits__is_refused() -> None:
    with pytest.raises(TreeError, match="96 bits"):
        root_of(NAME, 0, some(1)[0], [b"\1" * 20 + b"\xff" * 12])
