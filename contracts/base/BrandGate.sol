// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { Roles } from "../libraries/Roles.sol";

/// @title BrandGate
/// @notice Lets through only those who act for a brand. Every contract that brands act on stands behind it.
abstract contract BrandGate {
    /// @notice Who is a brand and who may act for it.
    IBrandRegistry public immutable BRAND_REGISTRY;

    error BrandGate_NotActive(bytes32 brandId, IBrandRegistry.Status status);
    error BrandGate_NotAuthorized(bytes32 brandId, address account, uint8 role);

    constructor(IBrandRegistry brandRegistry) {
        BRAND_REGISTRY = brandRegistry;
    }

    /// @dev The caller is the brand's admin, whatever the brand's status: for what must always be possible.
    function _checkAdmin(bytes32 brandId) internal view {
        _checkRole(brandId, Roles.ADMIN);
    }

    /// @dev The caller is the brand's admin, and the brand is active: for what is new.
    function _checkActiveAdmin(bytes32 brandId) internal view {
        IBrandRegistry.Status status = _checkRole(brandId, Roles.ADMIN);
        require(status == IBrandRegistry.Status.Active, BrandGate_NotActive(brandId, status));
    }

    function _checkRole(bytes32 brandId, uint8 role) internal view returns (IBrandRegistry.Status status) {
        uint8 roles;
        (status, roles) = BRAND_REGISTRY.standingOf(brandId, msg.sender);
        require(roles & role != 0, BrandGate_NotAuthorized(brandId, msg.sender, role));
    }
}
