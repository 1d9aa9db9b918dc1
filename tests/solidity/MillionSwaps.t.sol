// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { SwapCrowd } from "./utils/SwapCrowd.sol";

/// @notice A million swaps in twenty brands' tokens, over many periods, end with exact books: among the long tests,
/// in fifty stories. The default ones tell the beginning of one.
contract MillionSwapsTest is SwapCrowd {
    uint256 private constant BEGINNING = 2; // thousand
    uint256 private constant WHOLE = 20;

    /// forge-config: default.fuzz.runs = 1
    /// forge-config: ci.fuzz.runs = 1
    /// forge-config: long.fuzz.runs = 50
    function testFuzz_twenty_brands__a_million_swaps__books_are_exact(uint256 seed) public {
        bool long = keccak256(bytes(vm.envOr("FOUNDRY_PROFILE", string("")))) == keccak256("long");
        uint256 thousands = long ? WHOLE : BEGINNING;
        for (uint256 i = 0; i < thousands; ++i) {
            this.play(uint256(keccak256(abi.encode(seed, i))));
            this.checkBooks();
        }
        this.settle();
        this.checkBooks();
        assertGe(swapCount, SWAPS * thousands);
        if (long) assertGe(periodCount, 2);
    }
}
