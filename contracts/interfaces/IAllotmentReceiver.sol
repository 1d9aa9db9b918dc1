// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IAllotmentReceiver
/// @notice A module that a brand lets draw on its bond. It learns of every change of its allotment, in the
/// call that makes it, and keeps its own books of what it has promised to whom.
interface IAllotmentReceiver {
    /// @notice Called by the bonds after the module's allotment grew.
    /// @param data What the brand means it for, in the module's own terms.
    /// @return magic This function's selector; anything else undoes the whole call.
    function onAllotted(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic);

    /// @notice Called by the bonds before the module's allotment shrinks. The module refuses if it has
    /// promised the money.
    /// @return magic This function's selector; anything else undoes the whole call.
    function onReclaimed(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic);
}
