// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Busy } from "./utils/Busy.sol";
import { EarnHandler } from "./utils/EarnHandler.sol";

/// @notice EARN-1, ISSUE-1 and BOOK-1 of what is earned by root, in whatever order everybody acts on many periods.
contract EarnInvariantsTest is Busy {
    /// @dev What is shorter is no run, but a failure cut down to what matters.
    uint256 internal constant RUN = 350;

    EarnHandler internal handler;

    function setUp() public {
        handler = new EarnHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    /// forge-config: default.invariant.runs = 4
    /// forge-config: long.invariant.runs = 50
    function invariant_earn_promises() public view {
        handler.checkPromises();
    }

    /// @dev Enough happened, and then everything is paid or goes back, to the last unit.
    function afterInvariant() public {
        if (handler.tried() >= RUN) {
            bytes4[] memory acts = handler.acts();
            for (uint256 i = 0; i < acts.length; ++i) {
                _expect(handler.done(acts[i]), string.concat("hardly tried: act ", vm.toString(i)));
                if (i < 5) {
                    _expect(handler.refused(acts[i]), string.concat("never refused: act ", vm.toString(i)));
                }
            }
        }
        handler.settleAll();
        handler.checkPromises();
        _assertBusy();
    }
}
