// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { ControlsTest } from "./Controls.t.sol";
import { BargainHandler } from "./utils/BargainHandler.sol";
import { Test } from "forge-std/Test.sol";

/// @notice BARG-1, RED-1 and the bargains' BOOK-1 over many bargains at once, in whatever order buyers, brand,
/// friends and strangers act.
contract BargainInvariantsTest is Test {
    /// @dev What is shorter is no run, but a failure cut down to what matters.
    uint256 internal constant RUN = 150;

    BargainHandler internal handler;

    function setUp() public {
        handler = new BargainHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    /// forge-config: default.invariant.runs = 4
    /// forge-config: default.invariant.depth = 300
    /// forge-config: long.invariant.runs = 50
    function invariant_bargain_promises() public view {
        handler.check();
    }

    /// @dev Enough happened, and then each buyer ends what is open by itself, to the last unit.
    function afterInvariant() public {
        if (handler.tried() >= RUN) _expectBusy();
        handler.drain();
    }

    /// @dev A bargain has few acts to its name, so that one play need not meet them all.
    function _expectBusy() private view {
        bytes4[] memory acts = handler.acts();
        uint256 done = 0;
        uint256 refused = 0;
        for (uint256 i = 0; i < acts.length; ++i) {
            if (handler.done(acts[i]) != 0) ++done;
            if (handler.refused(acts[i]) != 0) ++refused;
        }
        assertGe(2 * done, acts.length, "most acts never succeeded");
        assertGe(refused, 2, "nothing was ever refused");
    }
}

/// @notice The bargains' invariants can fail.
contract BargainControlsTest is ControlsTest {
    /// @dev Where Cuts keeps its bargains.
    uint256 internal constant BARGAINS = 4;

    BargainHandler internal handler;

    function setUp() public {
        handler = new BargainHandler();
        handler.setUp();
        handler.haggle(0, 451);
        uint96[5] memory lies;
        handler.open(0, lies, 2);
        handler.check();
    }

    function test_control__tokens_that_leave_the_bargains__are_noticed() public {
        ILoyaltyToken token = ILoyaltyToken(handler.tokenAddress());
        vm.prank(handler.bargainsAddress());
        token.transfer(address(1), 1);
        _assertNoticed(handler.check, "BOOK-1: tokens");
    }

    function test_control__price_steered_below_the_floor__is_noticed() public {
        _setPrice(399);
        _assertNoticed(handler.check, "BARG-1: below the floor");
    }

    function test_control__price_that_nobody_drew__is_noticed() public {
        _setPrice(499);
        _assertNoticed(handler.check, "BARG-1: another price");
    }

    function _setPrice(uint96 price) private {
        bytes32 slot = keccak256(abi.encode(handler.lastBargainId(), BARGAINS));
        uint256 word = uint256(vm.load(handler.cutsAddress(), slot));
        assertEq(uint96(word), 500);
        vm.store(handler.cutsAddress(), slot, bytes32(word - 500 + price));
    }
}
