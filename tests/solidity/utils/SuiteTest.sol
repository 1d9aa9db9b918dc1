// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";
import { IAccessManager } from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import { BrandGate } from "../../../contracts/base/BrandGate.sol";
import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { ILoyaltyTokenFactory } from "../../../contracts/interfaces/ILoyaltyTokenFactory.sol";
import { IRedemptions } from "../../../contracts/interfaces/IRedemptions.sol";
import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { IQuotaReceiver } from "../../../contracts/interfaces/IQuotaReceiver.sol";
import { Roles } from "../../../contracts/libraries/Roles.sol";
import { Module } from "./Modules.sol";

/// @notice The whole suite as a deployment leaves it, with two brands whose tokens are obliged and one listed
/// module. The contracts under test are the build's artefacts, byte for byte; tests import interfaces alone.
abstract contract SuiteTest is Test {
    uint8 internal constant DECIMALS = 2;
    uint96 internal constant CAPACITY = 1_000_000e2;
    uint96 internal constant PAR = 10_000; // a cent of a six-decimal dollar, a hundredfold: 0.01 each
    uint32 internal constant NOTICE = 30 days;
    uint32 internal constant WIND_DOWN = 730 days;
    uint16 internal constant BOND_BPS = 1000; // a tenth
    uint40 internal constant START = 1_750_000_000;
    bytes32 internal constant SALT = "coffee";
    /// @dev What a stranger may name as an amount, a key or a size before anything is checked.
    uint256 internal constant FAR_FUTURE = type(uint40).max;

    address internal alliance = makeAddr("alliance");
    address internal guardian = makeAddr("guardian");
    address internal manager = makeAddr("manager");
    address internal intruder = makeAddr("intruder");
    address internal till = makeAddr("till");
    address internal brand;
    uint256 internal brandKey;
    address internal partner;
    uint256 internal partnerKey;
    address internal member;
    uint256 internal memberKey;

    IAccessManager internal authority;
    IBrandRegistry internal brands;
    ILoyaltyToken internal implementation;
    ILoyaltyTokenFactory internal factory;
    IObligationRegistry internal obligations;
    IRedemptions internal desk;
    IBonds internal bonds;
    address internal currency;
    Module internal module;

    bytes32 internal brandId;
    bytes32 internal partnerId;
    ILoyaltyToken internal token;
    ILoyaltyToken internal partnerToken;

    function setUp() public virtual {
        vm.warp(START);
        (brand, brandKey) = makeAddrAndKey("brand");
        (partner, partnerKey) = makeAddrAndKey("partner");
        (member, memberKey) = makeAddrAndKey("member");
        _deploySuite();

        brandId = _admittedBrand(brand, SALT);
        partnerId = _admittedBrand(partner, "books");
        token = _createToken(brand, brandId, "Coffee Points", "COFFEE");
        partnerToken = _createToken(partner, partnerId, "Book Points", "BOOK");
        _oblige(brand, token);
        _oblige(partner, partnerToken);
        _label();
    }

    // ------------------------------------------------------------ deployment

    function _deploySuite() internal {
        authority = IAccessManager(deployCode("AccessManager.sol:AccessManager", abi.encode(alliance)));
        brands = IBrandRegistry(deployCode("BrandRegistry.sol:BrandRegistry", abi.encode(authority)));
        implementation = ILoyaltyToken(deployCode("LoyaltyToken.sol:LoyaltyToken", abi.encode(brands)));
        factory = ILoyaltyTokenFactory(
            deployCode("LoyaltyTokenFactory.sol:LoyaltyTokenFactory", abi.encode(brands, implementation))
        );
        obligations = IObligationRegistry(
            deployCode("ObligationRegistry.sol:ObligationRegistry", abi.encode(brands, factory))
        );
        desk = IRedemptions(deployCode("Redemptions.sol:Redemptions", abi.encode(brands, obligations)));
        bonds = IBonds(deployCode("Bonds.sol:Bonds", abi.encode(brands, obligations)));
        currency = deployCode("MockDollar.sol:MockDollar");
        module = new Module();
        _list(IBrandRegistry.List.ObligationRegistry, address(obligations), true);
        _list(IBrandRegistry.List.RedemptionDesk, address(desk), true);
        _list(IBrandRegistry.List.Currency, currency, true);
        _list(IBrandRegistry.List.Module, address(module), true);
        _list(IBrandRegistry.List.Bonds, address(bonds), true);
    }

    function _label() private {
        vm.label(address(authority), "AccessManager");
        vm.label(address(brands), "BrandRegistry");
        vm.label(address(implementation), "LoyaltyToken");
        vm.label(address(factory), "LoyaltyTokenFactory");
        vm.label(address(obligations), "ObligationRegistry");
        vm.label(address(desk), "Redemptions");
        vm.label(address(bonds), "Bonds");
        vm.label(address(token), "COFFEE");
        vm.label(address(partnerToken), "BOOK");
    }

    // --------------------------------------------------------------- actions

    function _list(IBrandRegistry.List list, address account, bool listed) internal {
        vm.prank(alliance);
        brands.setListed(list, account, listed);
    }

    function _admittedBrand(address admin, bytes32 salt) internal returns (bytes32 id) {
        vm.prank(admin);
        id = brands.register(salt, guardian, "ipfs://profile");
        vm.prank(alliance);
        brands.admit(id);
    }

    function _createToken(address admin, bytes32 id, string memory name, string memory symbol)
        internal
        returns (ILoyaltyToken)
    {
        vm.prank(admin);
        return
            ILoyaltyToken(
                factory.createToken(id, address(obligations), address(desk), name, symbol, DECIMALS)
            );
    }

    /// @dev A URI of so many bytes.
    function _uri(uint256 length) internal pure returns (string memory uri) {
        uri = new string(length);
        for (uint256 i = 0; i < length; ++i) {
            bytes(uri)[i] = "u";
        }
    }

    function _terms() internal pure returns (IObligationRegistry.Terms memory) {
        return IObligationRegistry.Terms({
            termsHash: keccak256("terms"), noticePeriod: NOTICE, bondBps: BOND_BPS, termsURI: "ipfs://terms"
        });
    }

    function _oblige(address admin, ILoyaltyToken which) internal {
        vm.prank(admin);
        obligations.oblige(address(which), currency, PAR, CAPACITY, _terms());
    }

    function _grant(address minter, uint256 amount) internal {
        vm.prank(brand);
        token.grantQuota(minter, uint96(amount));
    }

    function _grantModule(Module to, uint256 amount) internal {
        vm.prank(brand);
        token.grantQuotaAndCall(address(to), uint96(amount), "");
    }

    /// @dev Tokens for `to` the ordinary way: the brand grants a manager, the manager mints.
    function _mint(address to, uint256 amount) internal {
        _mint(token, to, amount);
    }

    function _mint(ILoyaltyToken which, address to, uint256 amount) internal {
        vm.prank(which == token ? brand : partner);
        which.grantQuota(manager, uint96(amount));
        vm.prank(manager);
        which.mint(to, amount);
    }

    function _suspend() internal {
        vm.prank(alliance);
        brands.suspend(brandId);
    }

    /// @dev The brand is suspended and the token knows.
    function _suspendAndStop() internal {
        _suspend();
        obligations.syncMintStop(address(token));
    }

    function _announceWindDown() internal {
        vm.prank(brand);
        obligations.announceWindDown(address(token));
    }

    /// @dev The brand's wind-down has started and the token knows.
    function _leave() internal {
        _announceWindDown();
        vm.warp(obligations.obligationOf(address(token)).windDownStartsAt);
        obligations.syncMintStop(address(token));
    }

    // ------------------------------------------------------------ assertions

    /// @dev ISSUE-1 and the books behind it, for one token.
    function _assertBooks(ILoyaltyToken which) internal view {
        assertLe(which.totalSupply() + which.totalQuota(), which.capacity(), "ISSUE-1: promised > capacity");
    }

    // -------------------------------------------------------- revert reasons

    function _expect(bytes4 selector) internal {
        vm.expectRevert(abi.encodeWithSelector(selector));
    }

    function _expectNotAuthorized(bytes32 id, address account) internal {
        vm.expectRevert(
            abi.encodeWithSelector(BrandGate.BrandGate_NotAuthorized.selector, id, account, Roles.ADMIN)
        );
    }

    function _expectNotActive(bytes32 id, IBrandRegistry.Status status) internal {
        vm.expectRevert(abi.encodeWithSelector(BrandGate.BrandGate_NotActive.selector, id, status));
    }
}
