// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Busy } from "./utils/Busy.sol";
import { ObligationHandler } from "./utils/ObligationHandler.sol";
import { TokenHandler } from "./utils/TokenHandler.sol";

/// @notice ISSUE-1, ISSUE-2, ISSUE-3 and SIG-1 in whatever order people act.
contract TokenInvariantsTest is Busy {
    /// @dev Below this an act was not really tried in a run.
    /// @dev What is shorter is no run, but a failure cut down to what matters.
    uint256 internal constant RUN = 300;

    TokenHandler internal handler;

    function setUp() public {
        handler = new TokenHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    function invariant_token_promises() public view {
        handler.checkPromises();
    }

    /// @dev Each act succeeded often enough to mean something; the intruder's never do.
    function afterInvariant() public {
        handler.checkNonces();
        if (handler.tried() < RUN) return;
        bytes4[] memory acts = handler.acts();
        for (uint256 i = 0; i < acts.length; ++i) {
            bool theft = acts[i] == TokenHandler.steal.selector;
            uint256 times = theft ? handler.refused(acts[i]) : handler.done(acts[i]);
            _expect(times, string.concat("hardly tried: act ", vm.toString(i)));
        }
        assertEq(handler.done(TokenHandler.steal.selector), 0, "ISSUE-2: stolen");
        // And the mint-stop has stopped something.
        _expect(handler.refused(TokenHandler.mint.selector), "ISSUE-3: no mint was stopped");
        _expect(handler.refused(TokenHandler.grantQuota.selector), "ISSUE-3: no grant was stopped");
        _assertBusy();
    }
}

/// @notice RED-2, RED-3 and the notice on capacity in whatever order a brand acts and time passes.
contract ObligationInvariantsTest is Busy {
    uint256 internal constant RUN = 300;

    ObligationHandler internal handler;

    function setUp() public {
        handler = new ObligationHandler();
        handler.setUp();
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.acts() }));
    }

    function invariant_obligation_promises() public view {
        handler.checkPromises();
    }

    function afterInvariant() public {
        if (handler.tried() < RUN) return;
        bytes4[] memory acts = handler.acts();
        for (uint256 i = 0; i < acts.length; ++i) {
            bool meddling = acts[i] == ObligationHandler.meddle.selector;
            uint256 times = meddling ? handler.refused(acts[i]) : handler.done(acts[i]);
            _expect(times, string.concat("hardly tried: act ", vm.toString(i)));
        }
        assertEq(handler.done(ObligationHandler.meddle.selector), 0, "RED-3: meddled with");
        _expect(handler.refused(ObligationHandler.applyRaise.selector), "no raise was held back");
        _assertBusy();
    }
}
