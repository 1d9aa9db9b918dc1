// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title CutChain
/// @notice How the cuts of a bargain are fixed beforehand and shown one by one.
///
/// Each link is the hash of a cut, its salt and the link after it, down to zero after the last one. Whoever
/// has the first link has all cuts fixed, in their order, and knows none of them; showing the next one takes
/// its salt and the link after it, whatever number of cuts there is. Salts keep the cuts that are still to
/// come from being guessed. The bargain and the place of the cut are hashed along, so that no link of one
/// bargain fits another, nor another place.
///
/// **What a draw takes** is the cut that was written down, within what the deal promised: each draw takes
/// at least `leastCut`, leaves as much for each that follows, and the last one takes all that is left. So
/// all draws together come to the floor price exactly, whatever was written down.
library CutChain {
    /// @notice The link that fixes one cut and all after it.
    /// @param left How many are left to draw, this one among them.
    function link(bytes32 bargainId, uint256 left, uint256 cut, bytes32 salt, bytes32 next)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(bargainId, left, cut, salt, next));
    }

    /// @notice The first link of cuts in the clear: all salts are zero.
    function head(bytes32 bargainId, uint96[] calldata cuts) internal pure returns (bytes32 first) {
        for (uint256 left = 1; left <= cuts.length; ++left) {
            first = link(bargainId, left, cuts[cuts.length - left], 0, first);
        }
    }

    /// @notice What a draw takes off the price.
    /// @param cut What was written down.
    /// @param rest What is left above the floor, at least `leastCut` for each draw still to come.
    /// @param leastCut The least that a draw takes.
    /// @param following How many draws there are after this one.
    function taken(uint256 cut, uint256 rest, uint256 leastCut, uint256 following)
        internal
        pure
        returns (uint256)
    {
        uint256 most = rest - following * leastCut;
        if (following == 0 || cut > most) return most;
        return cut < leastCut ? leastCut : cut;
    }
}
