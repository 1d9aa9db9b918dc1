// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IQuotaReceiver
/// @notice A module that a loyalty token entrusts quota to. It learns of every unit, in the call that brings
/// it, and keeps its own books: quota is never read from a balance.
interface IQuotaReceiver {
    /// @notice Where the quota came from.
    /// - `Granted`: the brand's admin, out of the token's capacity
    /// - `Passed`: a manager or another module, out of its own quota
    enum Source {
        Granted,
        Passed
    }

    /// @notice Called by a loyalty token (`msg.sender`) after it added to the receiver's quota.
    /// @param from The admin, manager or module that it came from, which also made the call.
    /// @param amount How much, in token base units.
    /// @param source Where it came from.
    /// @param data What the caller wants done with it.
    /// @return magic This function's selector; anything else undoes the whole call.
    function onQuotaReceived(address from, uint256 amount, Source source, bytes calldata data)
        external
        returns (bytes4 magic);
}
