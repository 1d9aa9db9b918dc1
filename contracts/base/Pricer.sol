// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { BrandGate } from "./BrandGate.sol";
import { IBargains } from "../interfaces/IBargains.sol";
import { IPricer } from "../interfaces/IPricer.sol";
import { Roles } from "../libraries/Roles.sol";
import { Signatures } from "../libraries/Signatures.sol";

/// @title Pricer
/// @notice See {IPricer}. How a price comes down is the business of the contract that builds on this one.
abstract contract Pricer is IPricer, BrandGate, EIP712 {
    // Slot 0: what is fixed. Slot 1: what is counted. Slot 2: whose deal it is.
    struct RulesRecord {
        uint96 listPrice;
        uint96 floorPrice;
        uint32 stock;
        uint32 duration;
        uint32 opened;
        bytes32 brandId;
    }

    /// @inheritdoc IPricer
    IBargains public immutable BARGAINS;
    /// @notice Where deals are published.
    address public immutable DEALS;

    mapping(address token => mapping(bytes32 dealId => RulesRecord)) private _rules;

    modifier onlyBargains() {
        require(msg.sender == address(BARGAINS), Pricer_NotBargains(msg.sender));
        _;
    }

    modifier onlyDeals() {
        require(msg.sender == DEALS, Pricer_NotDeals(msg.sender));
        _;
    }

    constructor(IBargains bargains, address deals) {
        BARGAINS = bargains;
        // slither-disable-next-line missing-zero-check -- the address follows from what is deployed with it
        DEALS = deals;
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IPricer
    function rulesOf(address token, bytes32 dealId)
        external
        view
        returns (Rules memory rules, uint256 opened)
    {
        RulesRecord storage record = _rules[token][dealId];
        rules = Rules({
            listPrice: record.listPrice,
            floorPrice: record.floorPrice,
            stock: record.stock,
            duration: record.duration
        });
        opened = record.opened;
    }

    // ----------------------------------- internals: for the contract on top

    function _setRules(address token, bytes32 dealId, bytes32 brandId, Rules memory rules) internal {
        require(
            rules.floorPrice != 0 && rules.floorPrice < rules.listPrice && rules.stock != 0
                && rules.duration != 0,
            Pricer_InvalidRules(rules)
        );
        _rules[token][dealId] = RulesRecord({
            listPrice: rules.listPrice,
            floorPrice: rules.floorPrice,
            stock: rules.stock,
            duration: rules.duration,
            opened: 0,
            brandId: brandId
        });
    }

    function _rulesOf(address token, bytes32 dealId) internal view returns (RulesRecord storage) {
        return _rules[token][dealId];
    }

    function _takeStock(RulesRecord storage rules) internal {
        (uint32 stock, uint32 opened) = (rules.stock, rules.opened);
        require(opened < stock, Pricer_OutOfStock(stock));
        rules.opened = opened + 1;
    }

    /// @dev Cuts the buyer out of the number.
    function _buyerOf(uint256 number) internal pure returns (address) {
        // forge-lint: disable-next-line(unsafe-typecast) -- as just said
        return address(uint160(number));
    }

    // ----------------------------------------------------- internals: checks

    /// @dev `account` calls, or signed the struct.
    function _checkConsent(address account, bytes32 structHash, uint256 deadline, bytes calldata signature)
        internal
        view
    {
        if (msg.sender != account) _checkSigned(account, structHash, deadline, signature);
    }

    /// @dev `account` signed the struct.
    function _checkSigned(address account, bytes32 structHash, uint256 deadline, bytes calldata signature)
        internal
        view
    {
        // slither-disable-next-line timestamp -- to the second is what a deadline says
        require(block.timestamp <= deadline, Pricer_Expired(deadline));
        require(
            Signatures.isValid(account, _hashTypedDataV4(structHash), signature),
            Pricer_InvalidSignature(account)
        );
    }

    /// @dev `consent.signer` runs the brand's campaigns, whatever the brand's standing, and calls or signed.
    function _checkBrand(bytes32 brandId, bytes32 structHash, BrandConsent calldata consent) internal view {
        _checkCampaigner(brandId, consent.signer);
        _checkConsent(consent.signer, structHash, consent.deadline, consent.signature);
    }

    function _checkCampaigner(bytes32 brandId, address account) internal view {
        // slither-disable-next-line unused-return -- as just said
        (, uint8 roles) = BRAND_REGISTRY.standingOf(brandId, account);
        require(roles & Roles.CAMPAIGN != 0, BrandGate_NotAuthorized(brandId, account, Roles.CAMPAIGN));
    }
}
