// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { BondHandler } from "./utils/BondHandler.sol";
import { Busy } from "./utils/Busy.sol";

/// @notice BOND-1 and the bonds' BOOK-1 in whatever order brands, modules and payees act.
contract BondInvariantsTest is Busy {
    /// @dev What is shorter is no run, but a failure cut down to what matters.
    uint256 internal constant RUN = 360;

    BondHandler internal handler;

    function setUp() public {
        handler = new BondHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    /// forge-config: default.invariant.runs = 4
    /// forge-config: long.invariant.runs = 50
    function invariant_bond_promises() public view {
        handler.checkPromises();
    }

    function afterInvariant() public {
        if (handler.tried() < RUN) return;
        bytes4[] memory acts = handler.acts();
        for (uint256 i = 0; i < acts.length; ++i) {
            bool theft = acts[i] == BondHandler.donateAndSteal.selector;
            uint256 times = theft ? handler.refused(acts[i]) : handler.done(acts[i]);
            _expect(times, string.concat("hardly tried: act ", vm.toString(i)));
        }
        assertEq(handler.done(BondHandler.donateAndSteal.selector), 0, "AUTH-1: stolen");
        _expect(handler.refused(BondHandler.withdraw.selector), "BOND-1: no withdrawal was refused");
        _expect(handler.refused(BondHandler.draw.selector), "BOND-1: no draw was refused");
        _expect(handler.refused(BondHandler.reclaim.selector), "BOND-1: no reclaim was refused");
        _assertBusy();
    }
}
