// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IGroupDeals } from "../../contracts/interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "../../contracts/interfaces/IGroupPurchaseEscrow.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPurchases } from "../../contracts/interfaces/IPurchases.sol";
import { Currency } from "./utils/Currencies.sol";
import { GroupTest } from "./utils/GroupTest.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice What is signed is good once, for what it says, here and nowhere else (SIG-1).
contract SignedGroupTest is GroupTest {
    bytes32 private _id;

    function setUp() public override {
        super.setUp();
        _id = _open(MIXED);
    }

    function test_joinWithSignature__submitted_by_anybody_once() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 2, 0);
        request.referrer = referrer;
        ILoyaltyToken.Spend memory spend = _spend(member, 200 * TOKEN_PART);
        bytes memory signature = _sign(memberKey, _joinDigest(spend, request));
        IGroupPurchaseEscrow.Seat memory seat = _seatOf(member, request);
        _submit(request, spend, signature, "");
        assertTrue(escrow.isSeat(seat));
        assertEq(token.balanceOf(member), PURSE - 200 * TOKEN_PART);
        assertEq(money.balanceOf(member), PURSE - 200 * CURRENCY_PART);
        _leave(seat);
        _submit(
            request,
            spend,
            signature,
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, member, spend.nonce)
        );
    }

    function test_joinWithSignature__currency_alone__signs_a_spend_of_nothing() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(KETTLE, 2, 0);
        ILoyaltyToken.Spend memory spend = _spend(member, 0);
        bytes memory signature = _sign(memberKey, _joinDigest(spend, request));
        IGroupPurchaseEscrow.Seat memory seat = _seatOf(member, request);
        _submit(request, spend, signature, "");
        assertTrue(escrow.isSeat(seat));
        assertEq(money.balanceOf(member), PURSE - 200);
    }

    function test_joinWithSignature__opens_with_the_signers_right() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(MIXED, 2, 0);
        ILoyaltyToken.Spend memory spend = _spend(member, 200 * TOKEN_PART);
        uint256 before = rights.balanceOf(member, rights.idOf(address(token), OPENING));
        _submit(request, spend, _sign(memberKey, _joinDigest(spend, request)), "");
        assertEq(rights.balanceOf(member, rights.idOf(address(token), OPENING)), before - 1);
    }

    function test_joinWithSignature__any_field_changed__reverts() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 2, 1);
        ILoyaltyToken.Spend memory spend = _spend(member, 1000 * TOKEN_PART);
        bytes memory signature = _sign(memberKey, _joinDigest(spend, request));
        bytes memory reason =
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member);
        bytes32 other = _open(MIXED);
        bytes32 otherDeal = _open(BEANS);
        for (uint256 i = 0; i < 9; ++i) {
            IGroupPurchaseEscrow.SeatRequest memory changed =
                abi.decode(abi.encode(request), (IGroupPurchaseEscrow.SeatRequest));
            ILoyaltyToken.Spend memory meant = abi.decode(abi.encode(spend), (ILoyaltyToken.Spend));
            if (i == 0) changed.groupId = other;
            else if (i == 1) changed.quantity = 1;
            else if (i == 2) changed.topTier = 0;
            else if (i == 3) changed.member = intruder;
            else if (i == 4) changed.referrer = intruder;
            else if (i == 5) changed.leastCompensation = 1;
            else if (i == 6) meant.amount += 1;
            else if (i == 7) changed.groupId = otherDeal;
            else meant.deadline += 1;
            _submit(changed, meant, signature, reason);
        }
        signature = _malleate(signature);
        _submit(request, spend, signature, reason);
        // Another payer is not who signed.
        spend.from = friend;
        _submit(
            request,
            spend,
            _sign(memberKey, _joinDigest(spend, request)),
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, friend)
        );
    }

    function test_joinWithSignature__for_another_token_contract_or_chain__reverts() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 2, 1);
        ILoyaltyToken.Spend memory spend = _spend(member, 1000 * TOKEN_PART);
        bytes32[3] memory digests = [
            _joinDigest(partnerToken, block.chainid, address(escrow), spend, request),
            _joinDigest(token, block.chainid + 1, address(escrow), spend, request),
            _joinDigest(token, block.chainid, address(desk), spend, request)
        ];
        for (uint256 i = 0; i < digests.length; ++i) {
            _submit(
                request,
                spend,
                _sign(memberKey, digests[i]),
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member)
            );
        }
    }

    function test_joinWithSignature__deadline__to_the_second() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 2, 1);
        ILoyaltyToken.Spend memory spend = _spend(member, 1000 * TOKEN_PART);
        bytes memory signature = _sign(memberKey, _joinDigest(spend, request));
        vm.warp(spend.deadline + 1);
        _submit(
            request,
            spend,
            signature,
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_Expired.selector, spend.deadline)
        );
        vm.warp(spend.deadline);
        _submit(request, spend, signature, "");
    }

    function test_joinWithSignature__costs_more_than_signed__reverts() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 1, 0);
        ILoyaltyToken.Spend memory spend = _spend(member, 100 * TOKEN_PART - 1);
        _submit(
            request,
            spend,
            _sign(memberKey, _joinDigest(spend, request)),
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_MoreThanSigned.selector, 100 * TOKEN_PART, 100 * TOKEN_PART - 1
            )
        );
    }

    function test_joinWithSignature__by_a_wallet() public {
        Wallet wallet = new Wallet(member);
        _equip(address(wallet));
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 1, 0);
        ILoyaltyToken.Spend memory spend = _spend(address(wallet), 1000 * TOKEN_PART);
        bytes memory signature = _sign(memberKey, _joinDigest(spend, request));
        wallet.behave(Wallet.Behaviour.ReturnBomb);
        vm.prank(intruder);
        try escrow.joinWithSignature{ gas: 3_000_000 }(
            address(token), request, spend, signature, _noPermit()
        ) { }
            catch { }
        wallet.behave(Wallet.Behaviour.Owner);
        if (!escrow.hasSeat(address(token), _id, address(wallet))) {
            _submit(request, spend, signature, "");
        }
        assertTrue(escrow.hasSeat(address(token), _id, address(wallet)));
    }

    function test_leaveGroupWithSignature__for_this_group_once() public {
        IGroupPurchaseEscrow.Seat memory seat = _join(member, _id, 2, 0);
        IGroupPurchaseEscrow.Seat memory other = _join(member, _open(MIXED), 2, 0);
        ILoyaltyToken.Spend memory spend = _spend(member, 0);
        bytes memory signature = _sign(memberKey, _leaveDigest(spend, _id));
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member));
        escrow.leaveGroupWithSignature(other, spend, signature);
        vm.prank(intruder);
        escrow.leaveGroupWithSignature(seat, spend, signature);
        assertFalse(escrow.hasSeat(address(token), _id, member));
        _join(member, _id, 2, 0);
        vm.prank(intruder);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, member, spend.nonce)
        );
        escrow.leaveGroupWithSignature(seat, spend, signature);
        // Nobody leaves in another's name.
        spend = _spend(intruder, 0);
        vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_NotMember.selector, intruder, member));
        escrow.leaveGroupWithSignature(seat, spend, signature);
    }

    function test_confirm_and_dispute_with_a_signature() public {
        IGroupPurchaseEscrow.Seat memory seat = _join(member, _id, 3, 0);
        vm.warp(START + DURATION);
        _withdraw(seat);
        IFulfilment.Order memory order = _orderOf(seat);
        _fulfil(order);
        string memory kind = "OrderDispute(bytes32 offerId,uint256 number)";
        ILoyaltyToken.Spend memory spend = _spend(member, 30 * TOKEN_PART);
        bytes32 witness = keccak256(abi.encode(keccak256(bytes(kind)), order.offerId, order.number));
        bytes32 structHash = _spendHash(spend, address(escrow), _typehash("OrderDispute", kind), witness);
        escrow.disputeWithSignature(order, spend, _sign(memberKey, _digest(token, structHash)));
        assertEq(uint8(_state(order)), uint8(IFulfilment.State.Disputed));
        assertEq(money.balanceOf(address(escrow)), 330 * CURRENCY_PART);
        kind = "OrderConfirmation(bytes32 offerId,uint256 number)";
        spend = _spend(member, 0);
        witness = keccak256(abi.encode(keccak256(bytes(kind)), order.offerId, order.number));
        structHash = _spendHash(spend, address(escrow), _typehash("OrderConfirmation", kind), witness);
        escrow.confirmWithSignature(order, spend, _sign(memberKey, _digest(token, structHash)));
        assertEq(uint8(_state(order)), uint8(IFulfilment.State.Fulfilled));
        assertEq(_owed(member), 30 * CURRENCY_PART, "the stake");
    }

    function _submit(
        IGroupPurchaseEscrow.SeatRequest memory request,
        ILoyaltyToken.Spend memory spend,
        bytes memory signature,
        bytes memory reason
    ) private {
        vm.prank(intruder);
        if (reason.length != 0) vm.expectRevert(reason);
        escrow.joinWithSignature(address(token), request, spend, signature, _noPermit());
    }
}

/// @notice A currency with permits, which anybody can be faster with.
contract PermitCurrency is Currency {
    mapping(address owner => uint256) public nonces;

    constructor() Currency(6) { }

    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(block.timestamp <= deadline, "expired");
        bytes32 digest =
            keccak256(abi.encode(address(this), owner, spender, value, nonces[owner]++, deadline));
        require(ecrecover(digest, v, r, s) == owner, "not signed");
        allowance[owner][spender] = value;
    }
}

/// @notice Attacks on groups, by name.
contract GroupAttacksTest is GroupTest {
    // ------------------------------------------------- 10: seats in bad faith

    /// @dev A unit for a seat at the lowest price: it pays in full, and nobody pays more for it.
    function test_attack_10__dust_seats__only_lower_the_price() public {
        bytes32 groupId = _open(BEANS);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 5, 0);
        uint256 before = _group(groupId).price;
        for (uint256 i = 0; i < 15; ++i) {
            _join(_somebody(i), groupId, 1, 2);
            uint256 now_ = _group(groupId).price;
            assertTrue(now_ <= before && now_ != 0, "GROUP-2: others' seats raised the price");
            before = now_;
        }
        assertEq(before, 70, "full, hence at the best price");
        _withdraw(seat);
        assertEq(token.balanceOf(member), PURSE - 5 * 70);
    }

    /// @dev Whoever holds the last seats back until nobody can leave any more has bought them; whoever leaves before
    /// that makes room.
    function test_attack_10__last_seats_blocked__are_bought_or_free_again() public {
        bytes32 groupId = _open(BEANS);
        _join(member, groupId, 5, 0);
        IGroupPurchaseEscrow.Seat[2] memory blocking =
            [_join(_somebody(0), groupId, 5, 2), _join(_somebody(1), groupId, 5, 2)];
        uint40 cutoffAt = START + DURATION - CUTOFF;
        vm.warp(cutoffAt - 1);
        uint256 snapshot = vm.snapshotState();
        _leave(blocking[0]);
        _leave(blocking[1]);
        assertEq(_group(groupId).price, 100);
        vm.warp(cutoffAt + 1);
        _join(friend, groupId, 5, 1);
        assertEq(_group(groupId).price, 90, "there is a day to fill what was left");
        vm.revertToState(snapshot);
        vm.warp(cutoffAt);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(blocking[i].member);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGroupPurchaseEscrow.GroupPurchaseEscrow_TooLateToLeave.selector, cutoffAt
                )
            );
            escrow.leaveGroup(blocking[i]);
        }
        vm.warp(START + DURATION);
        _withdraw(blocking[0]);
        assertEq(uint8(_state(_orderOf(blocking[0]))), uint8(IFulfilment.State.Open), "bought");
    }

    /// @dev Unlisted wallets cannot be told apart: a false seat makes a group succeed, at nobody's cost but its own.
    function test_attack_10__false_seats__cost_their_owner_and_harm_nobody() public {
        bytes32 groupId = _open(BEANS);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 1, 0);
        address puppet = makeAddr("the brand's cousin");
        _equip(puppet);
        IGroupPurchaseEscrow.Seat memory false_ = _join(puppet, groupId, 5, 1);
        vm.warp(START + DURATION);
        _withdraw(seat);
        _withdraw(false_);
        assertEq(token.balanceOf(puppet), PURSE - 5 * 90, "the false seat's deposit is locked");
        assertEq(token.balanceOf(member), PURSE - 90, "the member pays less than it was ready to");
    }

    // ------------------------------------------ 11: receivers and currencies

    /// @dev One member whom the currency refuses stands in nobody's way, nor does the brand's batch.
    function test_attack_11__blocklisted_member__holds_up_only_itself() public {
        bytes32 groupId = _open(MIXED);
        IGroupPurchaseEscrow.Seat[] memory seats = new IGroupPurchaseEscrow.Seat[](3);
        seats[0] = _join(member, groupId, 1, 0);
        seats[1] = _join(friend, groupId, 1, 0);
        seats[2] = _join(_somebody(0), groupId, 1, 1);
        vm.warp(START + DURATION);
        // Two at 100 and one at 90: no tier is reached, and everything goes back.
        vm.mockCallRevert(currency, abi.encodeWithSignature("transfer(address,uint256)", member), "blocked");
        escrow.settle(seats);
        vm.expectRevert("blocked");
        escrow.collect(currency, member);
        escrow.collect(currency, friend);
        escrow.collect(currency, seats[2].member);
        assertEq(money.balanceOf(friend), PURSE);
        assertEq(money.balanceOf(seats[2].member), PURSE);
        assertEq(_owed(member), 100 * CURRENCY_PART, "still its own");
        // And it can be fetched elsewhere.
        vm.prank(member);
        escrow.collectTo(currency, till);
        assertEq(money.balanceOf(till), 100 * CURRENCY_PART);
    }

    /// @dev A member with code that refuses everything and has no receiver for anything.
    function test_attack_11__member_that_is_a_contract__is_never_called() public {
        bytes32 groupId = _open(BEANS);
        IGroupPurchaseEscrow.SeatRequest memory gift = _request(groupId, 1, 0);
        gift.member = address(new Bomb());
        IGroupPurchaseEscrow.Seat memory bomb = _join(member, gift);
        IGroupPurchaseEscrow.Seat memory seat = _join(friend, groupId, 1, 0);
        vm.warp(START + DURATION);
        IGroupPurchaseEscrow.Seat[] memory seats = new IGroupPurchaseEscrow.Seat[](2);
        (seats[0], seats[1]) = (bomb, seat);
        escrow.settle(seats);
        assertEq(token.balanceOf(bomb.member), 100);
        assertEq(token.balanceOf(friend), PURSE);
    }

    function test_attack_11__currency_that_cheats_on_the_way_in__reverts() public {
        Currency.Behaviour[9] memory bad = [
            Currency.Behaviour.TakesFee,
            Currency.Behaviour.MovesNothing,
            Currency.Behaviour.SaysFalse,
            Currency.Behaviour.MovesAndSaysFalse,
            Currency.Behaviour.SaysOther,
            Currency.Behaviour.Reverts,
            Currency.Behaviour.ReturnBomb,
            Currency.Behaviour.MovesMore,
            Currency.Behaviour.TakesFromPayee
        ];
        bytes32 groupId = _open(KETTLE);
        for (uint256 i = 0; i < bad.length; ++i) {
            money.behave(bad[i]);
            vm.prank(member);
            vm.expectRevert();
            escrow.join{ gas: 5_000_000 }(address(token), _request(groupId, 1, 0), _noPermit());
        }
        money.behave(Currency.Behaviour.Silent);
        _join(member, groupId, 1, 0);
        assertEq(money.balanceOf(address(escrow)), 100, "BOOK-1");
    }

    function test_attack_11__currency_that_cheats_on_the_way_out__nothing_is_lost() public {
        bytes32 groupId = _open(KETTLE);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 1, 0);
        _join(friend, groupId, 1, 0);
        _leave(seat);
        Currency.Behaviour[8] memory bad = [
            Currency.Behaviour.MovesNothing,
            Currency.Behaviour.SaysFalse,
            Currency.Behaviour.MovesAndSaysFalse,
            Currency.Behaviour.SaysOther,
            Currency.Behaviour.Reverts,
            Currency.Behaviour.ReturnBomb,
            Currency.Behaviour.ChargesPayer,
            Currency.Behaviour.ReentersThenKeeps
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            money.behave(bad[i]);
            vm.expectRevert();
            escrow.collect{ gas: 5_000_000 }(currency, member);
            assertEq(_owed(member), 100, "BOOK-1: the claim is lost");
        }
        money.behave(Currency.Behaviour.Plain);
        escrow.collect(currency, member);
        assertEq(money.balanceOf(member), PURSE);
        assertEq(money.balanceOf(address(escrow)), 100);
    }

    /// @dev Whatever a currency calls while it is moved, nothing moves twice and nothing is paid for by another. The
    /// calls: each way that moves a currency, and each that does not.
    function test_attack_11__currency_that_reenters__every_entry() public {
        bytes32 groupId = _open(KETTLE);
        IGroupPurchaseEscrow.Seat memory seat = _join(friend, groupId, 1, 0);
        IGroupPurchaseEscrow.Seat memory left = _join(_somebody(0), groupId, 1, 0);
        _leave(left);
        bytes memory locked =
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        // The currency itself is a member here, so that its own acts count.
        _mint(address(money), PURSE);
        money.mint(address(money), PURSE);
        vm.prank(address(money));
        money.approve(address(escrow), type(uint256).max);
        bytes[6] memory script = [
            abi.encodeCall(escrow.collect, (currency, left.member)),
            abi.encodeCall(escrow.join, (address(token), _request(groupId, 1, 0), _noPermit())),
            abi.encodeCall(escrow.withdraw, (seat)),
            abi.encodeCall(escrow.close, (address(token), groupId)),
            abi.encodeCall(escrow.leaveGroup, (seat)),
            abi.encodeCall(escrow.open, (address(token), KETTLE))
        ];
        for (uint256 i = 0; i < script.length; ++i) {
            money.script(address(escrow), script[i]);
        }
        money.behave(Currency.Behaviour.Reenters);
        uint256 held = money.balanceOf(address(escrow));
        vm.prank(member);
        escrow.join(address(token), _request(groupId, 2, 0), _noPermit());
        assertEq(money.reasons(0), locked, "collected while paying in");
        assertEq(money.reasons(1), locked, "joined while paying in");
        assertFalse(money.outcomes(2) || money.outcomes(3) || money.outcomes(4));
        assertTrue(money.outcomes(5), "opening moves no currency");
        assertEq(money.balanceOf(address(escrow)), held + 200, "BOOK-1");
        assertEq(_group(groupId).takenByTier[0], 3);
        // On the way out.
        uint256 seen = script.length;
        escrow.collect(currency, left.member);
        assertEq(
            money.reasons(seen),
            abi.encodeWithSelector(IPurchases.Purchases_NothingOwed.selector, left.member),
            "collected twice"
        );
        assertEq(money.reasons(seen + 1), locked);
        assertEq(money.balanceOf(address(escrow)), held + 100, "BOOK-1");
        assertEq(money.balanceOf(left.member), PURSE);
        assertEq(_owed(left.member), 0);
    }

    /// @dev What is merely sent here is nobody's and changes nothing.
    function test_attack_4__donations__change_nothing() public {
        bytes32 groupId = _open(MIXED);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 3, 0);
        _mint(intruder, 1000);
        money.mint(address(escrow), 1000);
        vm.prank(intruder);
        token.transfer(address(escrow), 1000);
        vm.warp(START + DURATION);
        _withdraw(seat);
        IFulfilment.Order memory order = _orderOf(seat);
        vm.prank(member);
        escrow.confirm(order);
        assertEq(token.balanceOf(address(escrow)), 1000);
        vm.prank(brand);
        escrow.withdrawProceeds(address(token), till);
        assertEq(money.balanceOf(address(escrow)), 1000);
    }

    // ---------------------------------------------------- 16: permits

    function test_attack_16__permit_that_was_front_run__is_tolerated() public {
        PermitCurrency dollars = new PermitCurrency();
        currency = address(dollars);
        money = dollars;
        _list(IBrandRegistry.List.Currency, currency, true);
        token = _createToken(brand, brandId, "Permit Points", "PERM");
        _oblige(brand, token);
        _publish(KETTLE, _currencyAlone());
        bytes32 groupId = _open(KETTLE);
        dollars.mint(member, 1000);
        IPurchases.Permit memory permit;
        (permit.value, permit.deadline) = (100, block.timestamp);
        bytes32 digest = keccak256(
            abi.encode(address(dollars), member, address(escrow), uint256(100), uint256(0), permit.deadline)
        );
        (permit.v, permit.r, permit.s) = vm.sign(memberKey, digest);
        uint256 snapshot = vm.snapshotState();
        vm.prank(member);
        escrow.join(address(token), _request(groupId, 1, 0), permit);
        assertEq(dollars.balanceOf(address(escrow)), 100);
        vm.revertToState(snapshot);
        // Somebody is faster with it: the allowance is there all the same.
        dollars.permit(member, address(escrow), permit.value, permit.deadline, permit.v, permit.r, permit.s);
        vm.prank(member);
        escrow.join(address(token), _request(groupId, 1, 0), permit);
        assertEq(dollars.balanceOf(address(escrow)), 100);
        // One that gives nothing lets nobody in.
        IGroupPurchaseEscrow.SeatRequest memory gift = _request(groupId, 1, 0);
        gift.member = friend;
        vm.prank(member);
        vm.expectRevert("not allowed");
        escrow.join(address(token), gift, permit);
    }

    // ---------------------------------------------------- 28: way out

    /// @dev Suspended, in default, leaving, taken off every list: everybody gets out without anyone's help (ISSUE-3).
    function test_attack_28__everything_stopped__everybody_leaves() public {
        bytes32 groupId = _open(MIXED);
        IGroupPurchaseEscrow.Seat memory early = _join(_somebody(0), groupId, 1, 0);
        IGroupPurchaseEscrow.Seat memory high = _join(member, groupId, 5, 0);
        IGroupPurchaseEscrow.Seat memory low = _join(friend, groupId, 1, 1);
        _announceWindDown();
        _suspendAndStop();
        vm.prank(address(bonds));
        obligations.setInDefault(address(token), true);
        _list(IBrandRegistry.List.Module, address(escrow), false);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        _list(IBrandRegistry.List.Currency, currency, false);
        _leave(early);
        vm.warp(START + DURATION);
        _withdraw(low);
        _withdraw(high);
        IFulfilment.Order memory order = _orderOf(high);
        vm.warp(START + DURATION + uint40(FULFIL_DAYS) * 1 days);
        vm.prank(intruder);
        escrow.claim(order);
        if (_state(_orderOf(low)) == IFulfilment.State.Open) escrow.claim(_orderOf(low));
        assertEq(token.balanceOf(address(escrow)), 0, "GROUP-1");
        escrow.collect(currency, early.member);
        escrow.collect(currency, member);
        escrow.collect(currency, friend);
        assertEq(money.balanceOf(address(escrow)), 0, "GROUP-1");
        assertEq(bonds.owedTo(currency, member), 5 * COMPENSATION);
    }
}

/// @notice Refuses whatever it is asked, at length.
contract Bomb {
    fallback() external {
        assembly ("memory-safe") {
            revert(0, 1000000)
        }
    }
}
