// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Roles
/// @notice What an account may do for a brand, a bit each.
library Roles {
    /// @notice Hands over goods: takes redemptions, fulfils orders.
    uint8 internal constant FULFIL = 1 << 0;
    /// @notice Runs campaigns: offers, rewards, vouchers.
    uint8 internal constant CAMPAIGN = 1 << 1;
    /// @notice Deals with partners: pools, settlement.
    uint8 internal constant SETTLE = 1 << 2;
    /// @notice All that a manager can hold.
    uint8 internal constant MANAGER = FULFIL | CAMPAIGN | SETTLE;
    /// @notice Decides for the brand; comes with every manager's role and is never granted, only handed over.
    uint8 internal constant ADMIN = 1 << 7;
}
