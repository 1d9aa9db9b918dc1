// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { BrandGate } from "../../../contracts/base/BrandGate.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IOffers } from "../../../contracts/interfaces/IOffers.sol";
import { IReceipts } from "../../../contracts/interfaces/IReceipts.sol";
import { IRedemptions } from "../../../contracts/interfaces/IRedemptions.sol";
import { SigningTest } from "./SigningTest.sol";

/// @notice A cheatcode that forge has and its library here does not name: makes an account's slots cold.
interface Cooling {
    function cool(address account) external;
}

/// @notice A desk that is open: one offer, one till, a member with tokens. What a member signs here is spelt
/// out anew, not taken from the contracts.
abstract contract DeskTest is SigningTest {
    bytes32 internal constant OFFER = "a cup of coffee";
    bytes32 internal constant ORDER = "order 4711";
    bytes32 internal constant DOCUMENT = keccak256("one cup, any size");
    string internal constant DOCUMENT_URI = "ipfs://cup";
    uint96 internal constant PRICE = 250;
    uint32 internal constant STOCK = 10;
    uint32 internal constant LIMIT = 4;
    uint40 internal constant CLOSES = START + 365 days;
    uint96 internal constant BALANCE = 100_000;
    uint40 internal constant FRESH = 1 hours;

    bytes32 private constant SPEND_OFFER = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,OfferRedemption witness)OfferRedemption(bytes32 offerId,uint256 quantity,uint256 version,address till)"
    );
    bytes32 private constant SPEND_PAR = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,ParRedemption witness)ParRedemption(bytes32 orderRef,uint256 version,address till)"
    );
    bytes32 private constant BY_OFFER =
        keccak256("OfferRedemption(bytes32 offerId,uint256 quantity,uint256 version,address till)");
    bytes32 private constant BY_PAR =
        keccak256("ParRedemption(bytes32 orderRef,uint256 version,address till)");

    uint256 private _nonces;

    function setUp() public virtual override {
        super.setUp();
        _setTill(till, true);
        _mint(member, BALANCE);
        _create(OFFER, _conditions());
    }

    // ----------------------------------------------------------------- brand

    function _conditions() internal pure returns (IOffers.Conditions memory) {
        return _handedOver(PRICE, STOCK, LIMIT, START, CLOSES);
    }

    /// @dev What is handed over at once.
    function _handedOver(uint96 price, uint32 stock, uint32 memberLimit, uint40 opensAt, uint40 closesAt)
        internal
        pure
        returns (IOffers.Conditions memory conditions)
    {
        conditions.price = price;
        conditions.stock = stock;
        conditions.memberLimit = memberLimit;
        conditions.opensAt = opensAt;
        conditions.closesAt = closesAt;
    }

    function _create(bytes32 offerId, IOffers.Conditions memory conditions) internal {
        vm.prank(brand);
        desk.createOffer(address(token), offerId, conditions, DOCUMENT, DOCUMENT_URI);
    }

    function _change(bytes32 offerId, IOffers.Conditions memory conditions) internal {
        vm.prank(brand);
        desk.setOffer(address(token), offerId, conditions, DOCUMENT, DOCUMENT_URI);
    }

    function _withdraw(bytes32 offerId) internal {
        vm.prank(brand);
        desk.withdrawOfferChange(address(token), offerId);
    }

    function _setTill(address account, bool allowed) internal {
        vm.prank(brand);
        desk.setTill(address(token), account, allowed);
    }

    function _offer() internal view returns (IOffers.Offer memory) {
        return desk.offerOf(address(token), OFFER);
    }

    // ---------------------------------------------------------------- member

    function _nonce() internal returns (bytes32) {
        return keccak256(abi.encode("nonce", ++_nonces));
    }

    /// @dev What the member would ask for, seeing the offer as it is now; not signed yet.
    function _wish(bytes32 offerId, uint32 quantity)
        internal
        returns (IRedemptions.OfferRedemption memory wish)
    {
        IOffers.Offer memory offer = desk.offerOf(address(token), offerId);
        wish.member = member;
        wish.offerId = offerId;
        wish.quantity = quantity;
        wish.version = offer.version;
        wish.maxAmount = uint96(uint256(quantity) * offer.conditions.price);
        wish.nonce = _nonce();
        wish.deadline = uint40(block.timestamp) + 5 minutes;
    }

    /// @dev The member's wish for shop credit under the terms of now; not signed yet.
    function _parWish(uint256 amount) internal returns (IRedemptions.ParRedemption memory wish) {
        wish.member = member;
        wish.orderRef = ORDER;
        wish.version = obligations.obligationOf(address(token)).version;
        wish.amount = amount;
        wish.nonce = _nonce();
        wish.deadline = uint40(block.timestamp) + 5 minutes;
    }

    function _offerDigest(
        ILoyaltyToken which,
        uint256 chainId,
        address spender,
        address atTill,
        IRedemptions.OfferRedemption memory wish
    ) internal view returns (bytes32) {
        bytes32 witness = keccak256(
            abi.encode(BY_OFFER, wish.offerId, uint256(wish.quantity), uint256(wish.version), atTill)
        );
        bytes32 spend = keccak256(
            abi.encode(
                SPEND_OFFER,
                wish.member,
                spender,
                uint256(wish.maxAmount),
                wish.nonce,
                uint256(wish.deadline),
                witness
            )
        );
        return _digest(which, chainId, spend);
    }

    function _parDigest(
        ILoyaltyToken which,
        uint256 chainId,
        address spender,
        address atTill,
        IRedemptions.ParRedemption memory wish
    ) internal view returns (bytes32) {
        bytes32 witness = keccak256(abi.encode(BY_PAR, wish.orderRef, uint256(wish.version), atTill));
        bytes32 spend = keccak256(
            abi.encode(
                SPEND_PAR,
                wish.member,
                spender,
                uint256(wish.amount),
                wish.nonce,
                uint256(wish.deadline),
                witness
            )
        );
        return _digest(which, chainId, spend);
    }

    /// @dev Signed by the member for this till, this desk, this token and this chain.
    function _signed(IRedemptions.OfferRedemption memory wish)
        internal
        view
        returns (IRedemptions.OfferRedemption memory)
    {
        return _signedBy(memberKey, wish);
    }

    function _signedBy(uint256 key, IRedemptions.OfferRedemption memory wish)
        internal
        view
        returns (IRedemptions.OfferRedemption memory)
    {
        wish.signature = _sign(key, _offerDigest(token, block.chainid, address(desk), till, wish));
        return wish;
    }

    function _signed(IRedemptions.ParRedemption memory wish)
        internal
        view
        returns (IRedemptions.ParRedemption memory)
    {
        return _signedBy(memberKey, wish);
    }

    function _signedBy(uint256 key, IRedemptions.ParRedemption memory wish)
        internal
        view
        returns (IRedemptions.ParRedemption memory)
    {
        wish.signature = _sign(key, _parDigest(token, block.chainid, address(desk), till, wish));
        return wish;
    }

    // ------------------------------------------------------------------ till

    function _redeem(IRedemptions.OfferRedemption memory wish) internal {
        vm.prank(till);
        desk.redeemOffer(address(token), wish);
    }

    function _redeem(IRedemptions.ParRedemption memory wish) internal {
        vm.prank(till);
        desk.redeemAtPar(address(token), wish);
    }

    function _redeemInCurrency(IRedemptions.ParRedemption memory wish) internal {
        vm.prank(till);
        desk.redeemInCurrency(address(token), wish);
    }

    function _buy(bytes32 offerId, uint32 quantity)
        internal
        returns (IRedemptions.OfferRedemption memory wish)
    {
        wish = _signed(_wish(offerId, quantity));
        _redeem(wish);
    }

    // ------------------------------------------------------------ assertions

    function _receipt(bytes32 nonce) internal view returns (IReceipts.Receipt memory) {
        return desk.receiptOf(address(token), member, nonce);
    }

    function _assertConditions(IOffers.Conditions memory actual, IOffers.Conditions memory expected)
        internal
        pure
    {
        assertEq(abi.encode(actual), abi.encode(expected));
    }

    /// @dev Which of the offer's versions are good: exactly those from `first` to `last`.
    function _assertValid(bytes32 offerId, uint32 first, uint32 last) internal view {
        for (uint32 version = 0; version <= last + 2; ++version) {
            assertEq(
                desk.isOfferVersionValid(address(token), offerId, version),
                version >= first && version <= last,
                "RED-2: version's validity"
            );
        }
    }

    // -------------------------------------------------------- revert reasons

    function _expectNotAllowed(bytes32 id, address account, uint8 role) internal {
        vm.expectRevert(abi.encodeWithSelector(BrandGate.BrandGate_NotAuthorized.selector, id, account, role));
    }

    function _expect(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    /// @dev The token refuses the signature as not being `signer`'s.
    function _expectBadSignature(address signer) internal {
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, signer));
    }

    function _expectUsed(address signer, bytes32 nonce) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, signer, nonce)
        );
    }
}
