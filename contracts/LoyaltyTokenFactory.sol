// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { ILoyaltyTokenFactory } from "./interfaces/ILoyaltyTokenFactory.sol";
import { TokenArgs } from "./libraries/TokenArgs.sol";

/// @title LoyaltyTokenFactory
/// @notice See {ILoyaltyTokenFactory}.
///
/// A token is an ERC-1167 clone whose fixed facts lie in its code. There is nothing to initialise, so
/// nobody can do it first. Its address follows from creator, brand and facts, so nobody else can take it,
/// here or on another chain; and from a token's code and address anybody can tell that it came from here,
/// which is why the factory stores nothing.
contract LoyaltyTokenFactory is ILoyaltyTokenFactory, BrandGate {
    uint256 private constant MAX_NAME_LENGTH = 64;
    uint256 private constant MAX_SYMBOL_LENGTH = 16;
    uint8 private constant MAX_DECIMALS = 18;

    /// @inheritdoc ILoyaltyTokenFactory
    address public immutable IMPLEMENTATION;

    constructor(IBrandRegistry brandRegistry, address implementation) BrandGate(brandRegistry) {
        // slither-disable-next-line missing-zero-check -- the address follows from what is deployed with it
        IMPLEMENTATION = implementation;
    }

    // ---------------------------------------------------------------- brands

    /// @inheritdoc ILoyaltyTokenFactory
    function createToken(
        bytes32 brandId,
        address obligationRegistry,
        address redemptionDesk,
        string calldata name,
        string calldata symbol,
        uint8 decimals
    ) external returns (address token) {
        // Check
        _checkActiveAdmin(brandId);
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.ObligationRegistry, obligationRegistry),
            LoyaltyTokenFactory_NotListed(obligationRegistry)
        );
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.RedemptionDesk, redemptionDesk),
            LoyaltyTokenFactory_NotListed(redemptionDesk)
        );
        uint256 length = bytes(name).length;
        require(length != 0 && length <= MAX_NAME_LENGTH, LoyaltyTokenFactory_InvalidName(name));
        length = bytes(symbol).length;
        require(length != 0 && length <= MAX_SYMBOL_LENGTH, LoyaltyTokenFactory_InvalidSymbol(symbol));
        require(decimals <= MAX_DECIMALS, LoyaltyTokenFactory_InvalidDecimals(decimals));

        // Effect
        bytes memory args =
            TokenArgs.encode(obligationRegistry, redemptionDesk, msg.sender, brandId, decimals, name, symbol);
        token = Clones.cloneDeterministicWithImmutableArgs(IMPLEMENTATION, args, _salt(msg.sender, brandId));
        emit TokenCreated({
            token: token,
            brandId: brandId,
            creator: msg.sender,
            obligationRegistry: obligationRegistry,
            redemptionDesk: redemptionDesk,
            name: name,
            symbol: symbol,
            decimals: decimals
        });
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc ILoyaltyTokenFactory
    function tokenAddress(
        address creator,
        bytes32 brandId,
        address obligationRegistry,
        address redemptionDesk,
        string calldata name,
        string calldata symbol,
        uint8 decimals
    ) external view returns (address token) {
        bytes memory args = TokenArgs.encode(
            obligationRegistry, redemptionDesk, creator, brandId, decimals, name, symbol
        );
        return _tokenAddress(args, creator, brandId);
    }

    /// @inheritdoc ILoyaltyTokenFactory
    function isToken(address token) external view returns (bool) {
        if (token.code.length <= TokenArgs.PROXY_LENGTH) return false;
        // Whatever the code claims, the address proves: only this factory, making exactly this, gets there.
        bytes memory args = Clones.fetchCloneArgs(token);
        (address creator, bytes32 brandId) = TokenArgs.identity(args);
        return token == _tokenAddress(args, creator, brandId);
    }

    // ------------------------------------------------------------- internals

    function _tokenAddress(bytes memory args, address creator, bytes32 brandId)
        private
        view
        returns (address)
    {
        return Clones.predictDeterministicAddressWithImmutableArgs(
            IMPLEMENTATION, args, _salt(creator, brandId)
        );
    }

    function _salt(address creator, bytes32 brandId) private pure returns (bytes32) {
        return keccak256(abi.encode(creator, brandId));
    }
}
