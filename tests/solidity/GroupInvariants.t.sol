// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Busy } from "./utils/Busy.sol";
import { GroupHandler } from "./utils/GroupHandler.sol";

/// @notice GROUP-1, GROUP-2, GROUP-3 and what orders promise of seats (RED-1, BOND-1, BOOK-1), in whatever order
/// everybody acts on many groups at once.
contract GroupInvariantsTest is Busy {
    /// @dev What is shorter is no run, but a failure cut down to what matters.
    uint256 internal constant RUN = 900;

    GroupHandler internal handler;

    function setUp() public {
        handler = new GroupHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    /// forge-config: default.invariant.runs = 3
    /// forge-config: long.invariant.runs = 50
    function invariant_group_promises() public view {
        handler.checkPromises();
    }

    /// @dev Enough happened, and then everybody can leave, to the last unit.
    function afterInvariant() public {
        if (handler.tried() >= RUN) {
            bytes4[] memory acts = handler.acts();
            for (uint256 i = 0; i < acts.length; ++i) {
                _expect(handler.done(acts[i]), string.concat("hardly tried: act ", vm.toString(i)));
            }
            bytes4[7] memory tested = [
                GroupHandler.join.selector,
                GroupHandler.leaveGroup.selector,
                GroupHandler.close.selector,
                GroupHandler.settle.selector,
                GroupHandler.fulfil.selector,
                GroupHandler.end.selector,
                GroupHandler.donateAndSteal.selector
            ];
            for (uint256 i = 0; i < tested.length; ++i) {
                _expect(handler.refused(tested[i]), string.concat("never refused: ", vm.toString(i)));
            }
            _expect(handler.groupsSucceeded(), "no group succeeded");
            _expect(handler.groupsFailed(), "no group failed");
            assertGe(handler.ended(), 3, "hardly any order ended");
        }
        handler.leaveAll();
        handler.checkPromises();
        _assertBusy();
    }
}
