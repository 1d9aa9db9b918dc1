// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Busy } from "./utils/Busy.sol";
import { SwapHandler } from "./utils/SwapHandler.sol";

/// @notice SWAP-1, 2 and 4, SETTLE-1, 2 and 3 and the pools' BOOK-1 in whatever order brands, members and
/// strangers act.
contract PoolInvariantsTest is Busy {
    /// @dev What is shorter is no run, but a failure cut down to what matters.
    uint256 internal constant RUN = 360;

    SwapHandler internal handler;

    function setUp() public {
        handler = new SwapHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    /// forge-config: default.invariant.runs = 4
    /// forge-config: long.invariant.runs = 50
    function invariant_pool_promises() public view {
        handler.checkPromises();
    }

    /// @dev Enough happened; and then, whichever brand stops paying, the others lose no more than they agreed to.
    function afterInvariant() public {
        if (handler.tried() >= RUN) {
            bytes4[] memory acts = handler.acts();
            for (uint256 i = 0; i < acts.length; ++i) {
                _expect(handler.done(acts[i]), string.concat("hardly tried: act ", vm.toString(i)));
            }
            bytes4[6] memory tested = [
                SwapHandler.swapIn.selector,
                SwapHandler.swapOut.selector,
                SwapHandler.takeUp.selector,
                SwapHandler.lower.selector,
                SwapHandler.pay.selector,
                SwapHandler.enforce.selector
            ];
            for (uint256 i = 0; i < tested.length; ++i) {
                _expect(handler.refused(tested[i]), string.concat("never refused: ", vm.toString(i)));
            }
            assertGe(handler.settledCount(), 5, "hardly anything was settled");
        }
        for (uint256 bad = 0; bad < 3; ++bad) {
            uint256 snapshot = vm.snapshotState();
            handler.leaveAll(bad);
            handler.checkPromises();
            vm.revertToState(snapshot);
        }
        _assertBusy();
    }
}
