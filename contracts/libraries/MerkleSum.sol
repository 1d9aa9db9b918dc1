// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title MerkleSum
/// @notice Binary trees of amounts, whose every node says how much is below it.
///
/// A *node* is one word: the first 20 bytes of a hash ‖ the sum of what is below in 12 bytes. A parent's hash is
/// that of its two children's words, so a sum cannot be altered without altering the hash, and what all leaves
/// credit together is the root's sum. A missing right child is the zero word. A leaf's hash is taken twice, of 69
/// bytes and then of 32, and a parent's once, of 64, so that no leaf is a parent and no parent a leaf.
///
/// Hashes are cut to 160 bits, which makes proofs a word a level: to find a second leaf for a given root takes
/// 2**160 trials. Whoever makes a tree can find two nodes that share a hash in 2**80, and gains nothing by it if no
/// more is paid in all than the root's sum: which is for the contract that pays to see to.
library MerkleSum {
    uint256 internal constant SUM_BITS = 96;

    error MerkleSum_IndexTooLarge(uint256 index, uint256 depth);
    error MerkleSum_SumTooLarge();

    /// @notice A leaf's node.
    /// @param listId Which list it is in, so that no leaf proves anything in another.
    /// @param index Its place in the list.
    /// @param key Whose it is, in at most 21 bytes.
    /// @param amount What it credits.
    function leaf(bytes32 listId, uint32 index, uint168 key, uint96 amount) internal pure returns (uint256) {
        bytes32 inner = keccak256(abi.encodePacked(listId, index, key, amount));
        return node(keccak256(abi.encodePacked(inner)), amount);
    }

    /// @notice The root above a leaf.
    /// @param proof The other child at each level, from the leaf's on.
    ///
    /// Reverts where sums exceed 96 bits, and where there is no such place in so small a tree: an index has one
    /// path.
    ///
    /// By hand, because most of a claim is this. Plain twin, which the tests hold it to: at each level
    /// `root = node(keccak256(abi.encodePacked(left, right)), uint96(left) + uint96(right))`.
    function rootOf(uint256 leafNode, uint256 index, uint256[] calldata proof)
        internal
        pure
        returns (uint256 root)
    {
        require(index >> proof.length == 0, MerkleSum_IndexTooLarge(index, proof.length));
        uint256 sum; // it only grows: none was too large if the last is not
        assembly ("memory-safe") {
            // slither-disable-next-line incorrect-shift -- a one, shifted by the bits of a sum
            let sumMask := sub(shl(SUM_BITS, 1), 1)
            let hashMask := not(sumMask)
            let next := proof.offset
            root := leafNode
            sum := and(leafNode, sumMask)
            for { let end := add(next, shl(5, proof.length)) } lt(next, end) { next := add(next, 0x20) } {
                let beside := calldataload(next)
                let place := shl(5, and(index, 1)) // the left child's word lies first
                mstore(place, root)
                mstore(xor(place, 0x20), beside)
                sum := add(sum, and(beside, sumMask))
                root := or(and(keccak256(0x00, 0x40), hashMask), sum)
                index := shr(1, index)
            }
        }
        require(sum >> SUM_BITS == 0, MerkleSum_SumTooLarge());
    }

    /// @notice A node of a hash, which is cut, and a sum.
    function node(bytes32 hash, uint96 sum) internal pure returns (uint256) {
        return uint256(hash) >> SUM_BITS << SUM_BITS | sum;
    }
}
