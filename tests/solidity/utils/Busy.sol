// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

/// @notice Whether a run of random acts meant anything: what should happen in it did. Chance may spare a run
/// two of the rarest things, no more.
abstract contract Busy is Test {
    uint256 private constant MOST_IDLE = 2;

    string[] private _idle;

    function _expect(uint256 times, string memory what) internal {
        if (times == 0) _idle.push(what);
    }

    function _assertBusy() internal {
        string memory all = "";
        for (uint256 i = 0; i < _idle.length; ++i) {
            all = string.concat(all, "; ", _idle[i]);
        }
        assertLe(_idle.length, MOST_IDLE, all);
        delete _idle;
    }
}
