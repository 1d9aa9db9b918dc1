// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IOffers } from "../../../contracts/interfaces/IOffers.sol";
import { IRedemptions } from "../../../contracts/interfaces/IRedemptions.sol";
import { Currency } from "./Currencies.sol";
import { DeskTest } from "./DeskTest.sol";

/// @notice Brand, members, tills and strangers at one desk, doing what they can in any order. It never
/// reverts: what is refused is counted apart. It deploys a suite of its own.
contract DeskHandler is DeskTest {
    struct Redeemed {
        address member;
        bytes32 nonce;
        uint256 word;
        uint256 amount;
    }

    uint256 public constant MEMBERS = 4;
    uint256 public constant MAX_OFFERS = 6;

    address[] public buyers;
    bytes32[] public offerIds;
    Redeemed[] private _redeemed;
    IRedemptions.ParRedemption private _lastPar;
    IRedemptions.OfferRedemption private _lastOffer;

    /// @notice What went in and out, kept from what the handler did alone.
    uint256 public minted;
    uint256 public burnedByReceipts;
    uint256 public burnedByHolders;
    uint256 public paid;
    mapping(bytes32 offerId => uint256) public mostStock;
    mapping(bytes32 offerId => mapping(address buyer => uint256)) public units;
    mapping(bytes32 action => uint256) public done;
    mapping(bytes32 action => uint256) public refused;

    function setUp() public override {
        super.setUp();
        minted = BALANCE;
        mostStock[OFFER] = STOCK;
        offerIds.push(OFFER);
        buyers.push(member);
        for (uint256 i = 1; i < MEMBERS; ++i) {
            buyers.push(vm.addr(i));
        }
        vm.prank(till);
        Currency(currency).approve(address(desk), type(uint256).max);
    }

    // ---------------------------------------------------------------- views

    function redeemedCount() external view returns (uint256) {
        return _redeemed.length;
    }

    function redeemedAt(uint256 index) external view returns (Redeemed memory) {
        return _redeemed[index];
    }

    function offerCount() external view returns (uint256) {
        return offerIds.length;
    }

    function theDesk() external view returns (IRedemptions) {
        return desk;
    }

    function theToken() external view returns (address) {
        return address(token);
    }

    function theCurrency() external view returns (address) {
        return currency;
    }

    // ---------------------------------------------------------------- brand

    function createOffer(uint96 price, uint32 stock, uint32 limit) external {
        if (offerIds.length == MAX_OFFERS) return;
        IOffers.Conditions memory conditions = _conditions();
        conditions.price = uint96(_between(price, 1, 100));
        conditions.stock = uint32(_between(stock, 20, 100));
        conditions.memberLimit = uint32(_between(limit, 10, 40));
        (conditions.opensAt, conditions.closesAt) = (uint40(block.timestamp), type(uint40).max);
        bytes32 offerId = bytes32(offerIds.length);
        vm.prank(brand);
        desk.createOffer(address(token), offerId, conditions, DOCUMENT, DOCUMENT_URI);
        offerIds.push(offerId);
        mostStock[offerId] = conditions.stock;
        done["createOffer"] += 1;
    }

    function setOffer(uint256 which, uint96 price, uint32 stock, uint32 limit) external {
        bytes32 offerId = offerIds[which % offerIds.length];
        IOffers.Conditions memory conditions = desk.offerOf(address(token), offerId).conditions;
        conditions.price = uint96(_between(price, 1, 100));
        conditions.stock = uint32(_between(stock, 0, 200));
        conditions.memberLimit = uint32(_between(limit, 0, 100));
        conditions.closesAt = type(uint40).max;
        vm.prank(brand);
        (bool success,) = address(desk)
            .call(
                abi.encodeCall(desk.setOffer, (address(token), offerId, conditions, DOCUMENT, DOCUMENT_URI))
            );
        _count("setOffer", success);
        if (success && conditions.stock > mostStock[offerId]) mostStock[offerId] = conditions.stock;
    }

    function withdrawOfferChange(uint256 which) external {
        bytes32 offerId = offerIds[which % offerIds.length];
        vm.prank(brand);
        (bool success,) =
            address(desk).call(abi.encodeCall(desk.withdrawOfferChange, (address(token), offerId)));
        _count("withdrawOfferChange", success);
    }

    function passTime(uint256 by) external {
        vm.warp(block.timestamp + _between(by, 1, 10 days));
        done["passTime"] += 1;
    }

    function mint(uint256 buyer, uint256 amount) external {
        amount = _between(amount, 1, 2000);
        if (token.totalSupply() + token.totalQuota() + amount > token.capacity()) return;
        _mint(buyers[buyer % MEMBERS], amount);
        minted += amount;
        done["mint"] += 1;
    }

    // --------------------------------------------------------------- counter

    function redeemOffer(uint256 buyer, uint256 which, uint32 quantity) external {
        IRedemptions.OfferRedemption memory wish = _wishOf(buyer % MEMBERS, which, quantity);
        vm.prank(till);
        (bool success,) = address(desk).call(abi.encodeCall(desk.redeemOffer, (address(token), wish)));
        _count("redeemOffer", success);
        if (success) _note(wish);
    }

    function redeemOffers(uint256 buyer, uint256 which, uint32 quantity, bool again) external {
        IRedemptions.OfferRedemption[] memory wishes = new IRedemptions.OfferRedemption[](2);
        wishes[0] = _wishOf(buyer % MEMBERS, which, quantity);
        wishes[1] = again ? wishes[0] : _wishOf((buyer >> 8) % MEMBERS, which >> 8, quantity / 7);
        vm.prank(till);
        (bool success,) = address(desk).call(abi.encodeCall(desk.redeemOffers, (address(token), wishes)));
        _count("redeemOffers", success);
        if (!success) return;
        assertFalse(again, "one signature, twice in a batch");
        _note(wishes[0]);
        _note(wishes[1]);
    }

    function redeemAtPar(uint256 buyer, uint96 amount) external {
        IRedemptions.ParRedemption memory wish = _parWishOf(buyer % MEMBERS, amount);
        vm.prank(till);
        (bool success,) = address(desk).call(abi.encodeCall(desk.redeemAtPar, (address(token), wish)));
        _count("redeemAtPar", success);
        if (success) _note(wish);
    }

    function redeemInCurrency(uint256 buyer, uint96 amount) external {
        IRedemptions.ParRedemption memory wish = _parWishOf(buyer % MEMBERS, amount);
        uint256 value = obligations.valueUp(address(token), wish.amount);
        Currency(currency).mint(till, value);
        vm.prank(till);
        (bool success,) = address(desk).call(abi.encodeCall(desk.redeemInCurrency, (address(token), wish)));
        _count("redeemInCurrency", success);
        if (!success) return;
        _note(wish);
        paid += value;
    }

    /// @dev What was redeemed last, again.
    function replay(bool atPar) external {
        bytes memory data = atPar
            ? abi.encodeCall(desk.redeemAtPar, (address(token), _lastPar))
            : abi.encodeCall(desk.redeemOffer, (address(token), _lastOffer));
        vm.prank(till);
        (bool success,) = address(desk).call(data);
        assertFalse(success, "SIG-1: replayed");
        done["replay"] += 1;
    }

    /// @dev A good wish in a stranger's hands, and a till with nobody's signature.
    function steal(uint256 buyer, uint96 amount, bool byTill) external {
        IRedemptions.ParRedemption memory wish = _parWishOf(buyer % MEMBERS, amount);
        if (byTill) wish.signature[0] = bytes1(uint8(wish.signature[0]) ^ 1);
        vm.prank(byTill ? till : intruder);
        (bool success,) = address(desk).call(abi.encodeCall(desk.redeemAtPar, (address(token), wish)));
        assertFalse(success, "ISSUE-2: taken");
        done["steal"] += 1;
    }

    // --------------------------------------------------------------- holders

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        address holder = buyers[from % MEMBERS];
        amount = _between(amount, 0, token.balanceOf(holder));
        vm.prank(holder);
        token.transfer(buyers[to % MEMBERS], amount);
        done["transfer"] += 1;
    }

    function burn(uint256 from, uint256 amount) external {
        address holder = buyers[from % MEMBERS];
        amount = _between(amount, 0, token.balanceOf(holder) / 8);
        vm.prank(holder);
        token.burn(amount);
        burnedByHolders += amount;
        done["burn"] += 1;
    }

    // --------------------------------------------------------------- helpers

    function _wishOf(uint256 buyer, uint256 which, uint32 quantity)
        private
        returns (IRedemptions.OfferRedemption memory wish)
    {
        wish = _wish(offerIds[which % offerIds.length], 1 + quantity % 4);
        wish.member = buyers[buyer];
        return _signedBy(_keyOf(buyer), wish);
    }

    function _parWishOf(uint256 buyer, uint96 amount)
        private
        returns (IRedemptions.ParRedemption memory wish)
    {
        uint256 held = token.balanceOf(buyers[buyer]);
        wish = _parWish(uint96(_between(amount, 1, held < 10 ? 10 : held / 5)));
        wish.member = buyers[buyer];
        return _signedBy(_keyOf(buyer), wish);
    }

    /// @dev As forge's `bound`, without its log, which costs more than the call.
    function _between(uint256 any, uint256 least, uint256 most) private pure returns (uint256) {
        return least + any % (most - least + 1);
    }

    function _keyOf(uint256 buyer) private view returns (uint256) {
        return buyer == 0 ? memberKey : buyer;
    }

    function _note(IRedemptions.OfferRedemption memory wish) private {
        units[wish.offerId][wish.member] += wish.quantity;
        _lastOffer = wish;
        // Nothing changed since the member looked, so it cost what was signed.
        _noteReceipt(wish.member, wish.nonce, wish.maxAmount);
    }

    function _note(IRedemptions.ParRedemption memory wish) private {
        _lastPar = wish;
        _noteReceipt(wish.member, wish.nonce, wish.amount);
    }

    function _noteReceipt(address who, bytes32 nonce, uint256 amount) private {
        burnedByReceipts += amount;
        _redeemed.push(Redeemed(who, nonce, token.receiptOf(who, nonce), amount));
    }

    function _count(bytes32 action, bool success) private {
        if (success) done[action] += 1;
        else refused[action] += 1;
    }
}
