// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";

/// @notice A contract that answers every question as a loyalty token does and does nothing that it is told.
contract Impostor {
    ILoyaltyToken private immutable _MODEL;

    /// @notice How often it was told to do something.
    uint256 public called;

    constructor(ILoyaltyToken model) {
        _MODEL = model;
    }

    function brandId() external view returns (bytes32) {
        return _MODEL.brandId();
    }

    function redemptionDesk() external view returns (address) {
        return _MODEL.redemptionDesk();
    }

    function obligationRegistry() external view returns (address) {
        return _MODEL.obligationRegistry();
    }

    function decimals() external view returns (uint8) {
        return _MODEL.decimals();
    }

    fallback() external {
        called += 1;
    }
}
