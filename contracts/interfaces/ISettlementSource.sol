// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ISettlementSource
/// @notice A contract whose members come to owe one another, and who settle through {ISettlements}. It is
/// told whenever what stands behind a member's debts changes.
interface ISettlementSource {
    /// @notice The money laid down for a token's debts in a pool, or what is unpaid of them, has changed. It
    /// must not revert: payments wait for it.
    function onAccountChanged(bytes32 pool, address token, uint256 bond, uint256 unpaid) external;

    /// @notice The brand takes money back that is laid down for its debts in a pool. The source refuses, by
    /// reverting, while its running debts need it.
    function onBondReclaimed(bytes32 pool, address token, uint256 bond, uint256 unpaid) external;

    /// @notice The token's brand pays for part of its running debt before the period ends.
    /// @param most For how many of its tokens it pays at most, in base units.
    /// @return currency What it is to be paid in.
    /// @return amount How many they are: no more than it owes for.
    /// @return value And how much that costs.
    function onPrepaid(bytes32 pool, address token, uint256 most)
        external
        returns (address currency, uint256 amount, uint256 value);
}
