// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { CutChain } from "../../contracts/libraries/CutChain.sol";

/// @notice The chain of cuts, as `symbolon/cuts.py` makes it, and what draws take of it.
contract CutChainTest is Test {
    uint256 internal constant MOST = 64;

    // The facts that tests/unit/test_cuts.py has too.
    bytes32 internal constant BARGAIN = 0x832354679be07d13126157765fb2c387cfbaf8f9adc5f07733be3d36e2f55105;
    bytes32 internal constant HEAD = 0x916c29dc93546bb389a931b8e98f99449472cb8c5de9d958594ed8ee78e92bdc;
    bytes32 internal constant CLEAR = 0x35430f2c4af5cf9e1c02f1453a90d8adc475e3c388587d9ce11fe59881a1b22a;

    function head(bytes32 bargainId, uint96[] calldata cuts) external pure returns (bytes32) {
        return CutChain.head(bargainId, cuts);
    }

    function test_link__of_fixed_facts__is_what_the_package_has_too() public view {
        bytes32 seed = keccak256("seed");
        uint96[] memory cuts = new uint96[](3);
        (cuts[0], cuts[1], cuts[2]) = (11, 7, 82);
        bytes32 next;
        for (uint256 i = 3; i != 0;) {
            --i;
            bytes32 salt = keccak256(abi.encodePacked(seed, "salt", i));
            next = CutChain.link(BARGAIN, 3 - i, cuts[i], salt, next);
        }
        assertEq(next, HEAD);
        assertEq(this.head(BARGAIN, cuts), CLEAR);
    }

    /// @dev Every field counts: no other opening shows the same link.
    function testFuzz_link__another_field__is_another_link(
        bytes32 bargainId,
        uint256 left,
        uint256 cut,
        bytes32 salt,
        bytes32 next,
        uint256 field
    ) public pure {
        bytes32 link = CutChain.link(bargainId, left, cut, salt, next);
        bytes32 flipped = bytes32(uint256(1) << (field / 5 % 256));
        if (field % 5 == 0) bargainId ^= flipped;
        if (field % 5 == 1) left ^= uint256(flipped);
        if (field % 5 == 2) cut ^= uint256(flipped);
        if (field % 5 == 3) salt ^= flipped;
        if (field % 5 == 4) next ^= flipped;
        assertTrue(
            CutChain.link(bargainId, left, cut, salt, next) != link, "BARG-1: two openings of one link"
        );
    }

    /// @dev BARG-1: whatever is written down, all draws come to the floor, and none takes less than promised.
    function testFuzz_taken__whatever_is_written__comes_to_the_floor(
        uint256 list,
        uint256 floor,
        uint256 least,
        uint256 count,
        uint96[64] calldata written
    ) public pure {
        count = bound(count, 1, MOST);
        list = bound(list, count, type(uint96).max);
        floor = bound(floor, 0, list - count);
        least = bound(least, 1, (list - floor) / count);
        uint256 price = list;
        for (uint256 i = 0; i < count; ++i) {
            uint256 taken = CutChain.taken(written[i], price - floor, least, count - 1 - i);
            assertGe(taken, least, "BARG-1: less than promised");
            price -= taken;
            assertGe(price, floor + (count - 1 - i) * least, "BARG-1: too little for who follows");
        }
        assertEq(price, floor, "BARG-1: not at the floor");
    }

    /// @dev Cuts that keep the promise are taken as they are written.
    function testFuzz_taken__of_cuts_that_sum__is_what_is_written(
        uint96 floor,
        uint256 least,
        uint256 count,
        uint80[64] calldata over
    ) public pure {
        count = bound(count, 1, MOST);
        least = bound(least, 1, 1e20);
        uint256 rest;
        for (uint256 i = 0; i < count; ++i) {
            rest += least + over[i];
        }
        uint256 price = floor + rest;
        for (uint256 i = 0; i < count; ++i) {
            uint256 cut = least + over[i];
            assertEq(CutChain.taken(cut, price - floor, least, count - 1 - i), cut);
            price -= cut;
        }
        assertEq(price, floor);
    }
}
