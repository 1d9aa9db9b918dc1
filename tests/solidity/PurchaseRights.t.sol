// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1155Receiver } from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";

import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPurchaseRights } from "../../contracts/interfaces/IPurchaseRights.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { GroupTest } from "./utils/GroupTest.sol";

/// @notice Rights: defined once, sold for tokens that burn, granted, passed on, used up.
contract PurchaseRightsTest is GroupTest {
    bytes32 private constant NEW = "to haggle";
    string private constant REQUEST_TYPE = "RightRequest(bytes32 rightId,uint256 quantity,address holder)";

    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _id = rights.idOf(address(token), NEW);
        _define(NEW, 250, 5, START + 1 days, START + 2 days);
        vm.warp(START + 1 days);
    }

    function test_defineRight__is_there_as_it_was_said() public {
        uint256 id = uint256(keccak256(abi.encode(address(token), bytes32("another"))));
        assertFalse(rights.isDefined(id));
        vm.expectEmit(address(rights));
        emit IPurchaseRights.RightDefined(
            address(token), "another", id, 0, 7, START, START + 3 days, DOCUMENT, DOCUMENT_URI
        );
        _define("another", 0, 7, START, START + 3 days);
        IPurchaseRights.Right memory right = rights.rightOf(address(token), "another");
        assertEq(right.price, 0);
        assertEq(right.supply, 7);
        assertEq(right.issued, 0);
        assertEq(right.opensAt, START);
        assertEq(right.closesAt, START + 3 days);
        assertEq(right.termsHash, DOCUMENT);
        assertEq(right.termsURI, DOCUMENT_URI);
        assertTrue(rights.isDefined(id));
        assertEq(rights.idOf(address(token), "another"), id);
    }

    function test_defineRight__wrong__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_InvalidId.selector, bytes32(0)));
        _define(0, 1, 1, START, START + 3 days);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPurchaseRights.PurchaseRights_AlreadyDefined.selector, address(token), NEW
            )
        );
        _define(NEW, 1, 1, START, START + 3 days);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_NoSupply.selector));
        _define("x", 1, 0, START, START + 3 days);
        uint40 now_ = uint40(block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseRights.PurchaseRights_InvalidWindow.selector, START, now_)
        );
        _define("x", 1, 1, START, now_);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseRights.PurchaseRights_InvalidWindow.selector, now_ + 9, now_ + 9)
        );
        _define("x", 1, 1, now_ + 9, now_ + 9);
        vm.startPrank(brand);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_NoTerms.selector));
        rights.defineRight(address(token), "x", 1, 1, START, START + 3 days, 0, DOCUMENT_URI);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_URITooLong.selector, 513, 512));
        rights.defineRight(address(token), "x", 1, 1, START, START + 3 days, DOCUMENT, _uri(513));
        vm.stopPrank();
    }

    function test_defineRight_and_grant__by_others_suspended_or_leaving__reverts() public {
        (address[] memory holders, uint256[] memory quantities) = _to(member, 1);
        bytes memory reason = abi.encodeWithSelector(
            BrandGate.BrandGate_NotAuthorized.selector, brandId, manager, Roles.CAMPAIGN
        );
        vm.startPrank(manager); // who packs and does not campaign
        vm.expectRevert(reason);
        rights.defineRight(address(token), "x", 1, 1, START, START + 3 days, DOCUMENT, DOCUMENT_URI);
        vm.expectRevert(reason);
        rights.grant(address(token), NEW, holders, quantities);
        vm.stopPrank();
        uint256 snapshot = vm.snapshotState();
        _suspend();
        reason = abi.encodeWithSelector(
            BrandGate.BrandGate_NotActive.selector, brandId, IBrandRegistry.Status.Suspended
        );
        vm.expectRevert(reason);
        _define("x", 1, 1, START, START + 3 days);
        vm.prank(brand);
        vm.expectRevert(reason);
        rights.grant(address(token), NEW, holders, quantities);
        vm.revertToState(snapshot);
        _announceWindDown();
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseRights.PurchaseRights_Leaving.selector, address(token))
        );
        _define("x", 1, 1, START, START + 3 days);
    }

    function test_buy__burns_what_was_paid() public {
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(rights));
        emit IPurchaseRights.RightsSold(_id, member, friend, 2, 500);
        _buy(member, 500, IPurchaseRights.RightRequest(NEW, 2, friend));
        assertEq(rights.balanceOf(friend, _id), 2);
        assertEq(token.totalSupply(), supply - 500);
        assertEq(token.balanceOf(address(rights)), 0);
        _buy(member, 250, IPurchaseRights.RightRequest(NEW, 1, address(0)));
        assertEq(rights.balanceOf(member, _id), 1);
        assertEq(rights.rightOf(address(token), NEW).issued, 3);
    }

    function test_buy__wrong__reverts() public {
        IPurchaseRights.RightRequest memory request = IPurchaseRights.RightRequest(NEW, 1, address(0));
        uint256[3] memory amounts = [uint256(249), 251, 0];
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IPurchaseRights.PurchaseRights_WrongTokens.selector, amounts[i], 250)
            );
            this.buy(member, amounts[i], request);
        }
        request.quantity = 0;
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_ZeroQuantity.selector));
        this.buy(member, 0, request);
        request.quantity = 6;
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_SoldOut.selector, 6, 5));
        this.buy(member, 1500, request);
        request.quantity = type(uint256).max;
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseRights.PurchaseRights_SoldOut.selector, type(uint256).max, 5)
        );
        this.buy(member, 250, request);
        (request.rightId, request.quantity) = ("unknown", 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPurchaseRights.PurchaseRights_NotFound.selector, address(token), bytes32("unknown")
            )
        );
        this.buy(member, 250, request);
        _define("given", 0, 5, START, START + 9 days);
        request.rightId = "given";
        vm.expectRevert(
            abi.encodeWithSelector(
                IPurchaseRights.PurchaseRights_NotSold.selector, address(token), bytes32("given")
            )
        );
        this.buy(member, 0, request);
    }

    function test_buy__window__to_the_second() public {
        IPurchaseRights.RightRequest memory request = IPurchaseRights.RightRequest(NEW, 1, address(0));
        bytes memory reason = abi.encodeWithSelector(
            IPurchaseRights.PurchaseRights_OutsideWindow.selector, START + 1 days, START + 2 days
        );
        uint40[6] memory times = [
            START + 1 days - 1,
            START + 1 days,
            START + 1 days + 1,
            START + 2 days - 1,
            START + 2 days,
            START + 2 days + 1
        ];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            if (i == 0 || i > 3) vm.expectRevert(reason);
            this.buy(member, 250, request);
        }
        assertEq(rights.balanceOf(member, _id), 3);
        // Giving is bound to no window.
        (address[] memory holders, uint256[] memory quantities) = _to(friend, 2);
        vm.prank(brand);
        rights.grant(address(token), NEW, holders, quantities);
    }

    /// @dev SIG-1.
    function test_buyWithSignature__once_and_for_what_was_signed() public {
        IPurchaseRights.RightRequest memory request = IPurchaseRights.RightRequest(NEW, 2, friend);
        ILoyaltyToken.Spend memory spend = _spend(member, 1000);
        bytes memory signature = _sign(memberKey, _buyDigest(spend, request));
        bytes memory reason =
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member);
        for (uint256 i = 0; i < 4; ++i) {
            IPurchaseRights.RightRequest memory changed = IPurchaseRights.RightRequest(NEW, 2, friend);
            ILoyaltyToken.Spend memory meant = abi.decode(abi.encode(spend), (ILoyaltyToken.Spend));
            if (i == 0) changed.rightId = OPENING;
            else if (i == 1) changed.quantity = 1;
            else if (i == 2) changed.holder = intruder;
            else meant.amount = 500;
            vm.prank(intruder);
            vm.expectRevert(reason);
            rights.buyWithSignature(address(token), changed, meant, signature);
        }
        vm.prank(intruder);
        rights.buyWithSignature(address(token), request, spend, signature);
        assertEq(rights.balanceOf(friend, _id), 2);
        assertEq(token.balanceOf(member), PURSE - 500);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, member, spend.nonce)
        );
        rights.buyWithSignature(address(token), request, spend, signature);
        vm.warp(spend.deadline + 1);
        spend.nonce = _nonce();
        signature = _sign(memberKey, _buyDigest(spend, request));
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_Expired.selector, spend.deadline));
        rights.buyWithSignature(address(token), request, spend, signature);
    }

    /// @dev One whose wallet refuses everything holds up nobody (attack 28).
    function test_grant__nobody_is_asked() public {
        (address[] memory holders, uint256[] memory quantities) = (new address[](3), new uint256[](3));
        (holders[0], holders[1], holders[2]) = (member, address(new RefusingHolder()), friend);
        (quantities[0], quantities[1], quantities[2]) = (1, 1, 2);
        vm.prank(brand);
        vm.expectEmit(address(rights));
        emit IPurchaseRights.RightsGranted(_id, brand, 4);
        rights.grant(address(token), NEW, holders, quantities);
        assertEq(rights.balanceOf(holders[1], _id), 1);
        assertEq(rights.balanceOf(friend, _id), 2);
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_SoldOut.selector, 4, 1));
        rights.grant(address(token), NEW, holders, quantities);
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(IPurchaseRights.PurchaseRights_UnequalLists.selector, 3, 1));
        rights.grant(address(token), NEW, holders, new uint256[](1));
        (holders, quantities) = _to(address(0), 1);
        vm.prank(brand);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchaseRights.PurchaseRights_InvalidHolder.selector, address(0))
        );
        rights.grant(address(token), NEW, holders, quantities);
    }

    /// @dev Whoever buys for a wallet that does not take rights has not paid.
    function test_buy__for_a_wallet_that_refuses__reverts() public {
        address refusing = address(new RefusingHolder());
        vm.expectRevert();
        this.buy(member, 250, IPurchaseRights.RightRequest(NEW, 1, refusing));
        assertEq(token.balanceOf(member), PURSE);
    }

    /// @dev A holder who acts when it is asked finds everything written down.
    function test_attack_11__holder_that_reenters__gets_no_more_than_it_paid_for() public {
        ReentrantHolder holder = new ReentrantHolder();
        _mint(address(holder), 1000);
        bytes memory data = abi.encode(IPurchaseRights.RightRequest(NEW, 1, address(0)));
        holder.set(address(token), abi.encodeCall(token.transferAndCall, (address(rights), 250, data)));
        vm.prank(address(holder));
        token.transferAndCall(address(rights), 250, data);
        assertEq(rights.balanceOf(address(holder), _id), 2);
        assertEq(token.balanceOf(address(holder)), 500);
        assertEq(rights.rightOf(address(token), NEW).issued, 2);
    }

    function test_consume__listed_modules_alone() public {
        _buy(member, 250, IPurchaseRights.RightRequest(NEW, 1, address(0)));
        address[3] memory others = [member, brand, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(
                abi.encodeWithSelector(IPurchaseRights.PurchaseRights_NotModule.selector, others[i])
            );
            rights.consume(member, _id);
        }
        vm.startPrank(address(escrow));
        vm.expectEmit(address(rights));
        emit IPurchaseRights.RightConsumed(_id, member, address(escrow));
        rights.consume(member, _id);
        vm.expectRevert();
        rights.consume(member, _id);
        vm.stopPrank();
        assertEq(rights.balanceOf(member, _id), 0);
        // What was used does not come back into what is sold.
        assertEq(rights.rightOf(address(token), NEW).issued, 1);
    }

    /// @dev ISSUE-3: whatever becomes of the brand, a right can be passed on.
    function test_transfer__whatever_becomes_of_the_brand__works() public {
        _buy(member, 250, IPurchaseRights.RightRequest(NEW, 1, address(0)));
        _announceWindDown();
        _suspendAndStop();
        vm.prank(address(bonds));
        obligations.setInDefault(address(token), true);
        vm.prank(member);
        rights.safeTransferFrom(member, friend, _id, 1, "");
        assertEq(rights.balanceOf(friend, _id), 1);
    }

    function buy(address who, uint256 amount, IPurchaseRights.RightRequest memory request) external {
        _buy(who, amount, request);
    }

    function _buy(address who, uint256 amount, IPurchaseRights.RightRequest memory request) private {
        bytes memory data = abi.encode(request);
        vm.prank(who);
        token.transferAndCall(address(rights), amount, data);
    }

    function _define(bytes32 rightId, uint96 price, uint32 supply, uint40 opensAt, uint40 closesAt) private {
        vm.prank(brand);
        rights.defineRight(address(token), rightId, price, supply, opensAt, closesAt, DOCUMENT, DOCUMENT_URI);
    }

    function _to(address holder, uint256 quantity)
        private
        pure
        returns (address[] memory holders, uint256[] memory quantities)
    {
        (holders, quantities) = (new address[](1), new uint256[](1));
        (holders[0], quantities[0]) = (holder, quantity);
    }

    function _buyDigest(ILoyaltyToken.Spend memory spend, IPurchaseRights.RightRequest memory request)
        private
        view
        returns (bytes32)
    {
        bytes32 witness = keccak256(
            abi.encode(keccak256(bytes(REQUEST_TYPE)), request.rightId, request.quantity, request.holder)
        );
        bytes32 typehash = _typehash("RightRequest", REQUEST_TYPE);
        return _digest(token, _spendHash(spend, address(rights), typehash, witness));
    }
}

/// @notice Has code, and takes nothing.
contract RefusingHolder { }

/// @notice Acts once when it is asked whether it takes a right.
contract ReentrantHolder {
    address private _target;
    bytes private _data;

    function set(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external returns (bytes4) {
        address target = _target;
        if (target != address(0)) {
            _target = address(0);
            (bool success,) = target.call(_data);
            require(success, "not let");
        }
        return IERC1155Receiver.onERC1155Received.selector;
    }
}
