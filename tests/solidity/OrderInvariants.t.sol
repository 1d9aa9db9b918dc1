// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Busy } from "./utils/Busy.sol";
import { OrderHandler } from "./utils/OrderHandler.sol";

/// @notice RED-1, BOND-1 and the orders' BOOK-1 in whatever order brands, members and arbiters act.
contract OrderInvariantsTest is Busy {
    /// @dev What is shorter is no run, but a failure cut down to what matters.
    uint256 internal constant RUN = 360;

    OrderHandler internal handler;

    function setUp() public {
        handler = new OrderHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    /// forge-config: default.invariant.runs = 4
    /// forge-config: long.invariant.runs = 50
    function invariant_order_promises() public view {
        handler.checkPromises();
    }

    /// @dev Enough happened, and then everybody can leave, to the last unit.
    function afterInvariant() public {
        if (handler.tried() >= RUN) {
            bytes4[] memory acts = handler.acts();
            for (uint256 i = 0; i < acts.length; ++i) {
                _expect(handler.done(acts[i]), string.concat("hardly tried: act ", vm.toString(i)));
            }
            bytes4[6] memory tested = [
                OrderHandler.open.selector,
                OrderHandler.fulfil.selector,
                OrderHandler.decline.selector,
                OrderHandler.finish.selector,
                OrderHandler.claim.selector,
                OrderHandler.donateAndSteal.selector
            ];
            for (uint256 i = 0; i < tested.length; ++i) {
                _expect(handler.refused(tested[i]), string.concat("never refused: ", vm.toString(i)));
            }
            assertGe(handler.endedCount(), 20, "hardly any order ended");
        }
        handler.leaveAll();
        handler.checkPromises();
        _assertBusy();
    }
}
