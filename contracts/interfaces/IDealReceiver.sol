// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IDealReceiver
/// @notice A contract under whose deals members buy. It learns of each deal once, in the call that publishes it, in
/// words as it will look at them. Those of all deals are, each from the low bits:
///
///   0  token part of the price (96) ‖ currency part (96) ‖ days to fulfil (8) ‖ stake in percent (8)
///   1  compensation for a unit (96); what is above is the receiver's
///   2  arbiter (160) ‖ opens at (40) ‖ closes at (40)
///   3  right that is used up by beginning
///
/// and what follows is between the two contracts.
interface IDealReceiver {
    /// @notice Called by the contract that publishes deals, which has looked at everything in them.
    /// @return magic This function's selector; anything else undoes the whole call.
    function onDealPublished(address token, bytes32 dealId, uint256[] calldata words)
        external
        returns (bytes4 magic);
}
