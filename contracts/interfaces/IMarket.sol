// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IPools } from "./IPools.sol";

/// @title IMarket
/// @notice What happens in a pool. It is told, in the call that makes it, of every change of who is in and
/// within which bounds.
interface IMarket {
    /// @notice A brand joins. Its bounds follow.
    function onJoined(bytes32 pool, address token, IPools.Rules calldata rules) external;

    /// @notice A token's bounds are other ones from now on.
    function onBoundsSet(bytes32 pool, address token, IPools.Bounds calldata bounds) external;

    /// @notice A brand leaves. The market refuses, by reverting, while it has anything of it.
    function onLeft(bytes32 pool, address token) external;
}
