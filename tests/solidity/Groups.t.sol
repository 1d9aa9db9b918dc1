// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IDeals } from "../../contracts/interfaces/IDeals.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IGroupDeals } from "../../contracts/interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "../../contracts/interfaces/IGroupPurchaseEscrow.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IPurchases } from "../../contracts/interfaces/IPurchases.sol";
import { GroupWord, GroupWords } from "../../contracts/libraries/GroupWord.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { AllotmentModule } from "./utils/AllotmentModules.sol";
import { GroupTest } from "./utils/GroupTest.sol";

/// @notice The word of a group, against plain sums.
contract GroupWordTest is Test {
    function testFuzz_reached__as_plain_sums_say(uint16[8] memory counts, uint16[8] memory seats)
        public
        pure
    {
        GroupWord group =
            GroupWords.create(type(uint40).max, type(uint32).max, type(uint16).max, 7, 8, 9, true, true);
        uint128 lanes;
        uint256 sum;
        uint256 best;
        uint256 those;
        for (uint256 i = 0; i < 8; ++i) {
            counts[i] %= 8191;
            // Now and then a tier that there is not, now and then one that is just reached.
            if (seats[i] % 4 == 0) seats[i] = 0;
            sum += counts[i];
            if (seats[i] % 4 == 1 && sum != 0) seats[i] = uint16(sum);
            if (seats[i] % 4 == 2) seats[i] = uint16(sum + 1);
            group = group.add(i, counts[i]);
            lanes |= uint128(seats[i]) << uint128(16 * i);
            if (seats[i] != 0 && sum >= seats[i]) (those, best) = (sum, i);
        }
        assertEq(group.taken(), sum);
        (uint16 reached, uint256 tier) = group.reached(lanes);
        assertEq(reached, those, "GROUP-2: participants");
        assertEq(tier, best, "GROUP-2: the best tier");
        for (uint256 i = 0; i < 8; ++i) {
            assertEq(group.takenAt(i), counts[i]);
            group = group.remove(i, counts[i]);
        }
        assertEq(group.taken(), 0);
    }

    function test_closed__keeps_what_is_always_there() public pure {
        GroupWord group = GroupWords.create(1000, 400, 500, 600, 70, 80, true, false).add(7, 65_535);
        assertEq(group.time(), 1000);
        assertEq(group.cutoffAt(), 600);
        group = group.closed(type(uint96).max, 65_535, 900).fail(65_534).fail(1);
        assertEq(group.price(), type(uint96).max);
        assertEq(group.units(), 65_535);
        assertEq(group.failed(), 65_535);
        assertEq(group.time(), 900);
        assertEq(group.mostSeats(), 500);
        assertEq(group.seatLimit(), 600);
        assertEq(group.fulfilDays(), 70);
        assertEq(group.stakePercent(), 80);
        assertTrue(group.isClosed() && group.isMixed() && !group.isCompensated());
    }
}

/// @notice Publishing a deal: what it says, and what it may not say.
contract PublishDealTest is GroupTest {
    bytes32 private constant NEW = bytes32(bytes28("something new"));

    IDeals.Conditions private _conditions_;
    IGroupDeals.Plan private _plan_;
    IGroupDeals.Tier[] private _tiers_;

    function setUp() public override {
        super.setUp();
        _conditions_ = _mixed();
        _plan_ = _plan();
        for (uint256 i = 0; i < 3; ++i) {
            _tiers_.push(_tiers()[i]);
        }
    }

    function test_publishDeal__is_there_as_it_was_said() public {
        vm.expectEmit(address(deals));
        emit IGroupDeals.DealPublished(
            address(token), NEW, address(escrow), _mixed(), _plan(), _tiers(), DOCUMENT, DOCUMENT_URI
        );
        _publish(NEW, _mixed());
        (IDeals.Conditions memory conditions, bytes32 termsHash, string memory uri, address receiver) =
            deals.conditionsOf(address(token), NEW);
        assertEq(abi.encode(conditions), abi.encode(_mixed()));
        assertEq(termsHash, DOCUMENT);
        assertEq(uri, DOCUMENT_URI);
        assertEq(receiver, address(escrow));
        (IGroupDeals.Plan memory plan, IGroupDeals.Tier[] memory tiers) = deals.dealOf(address(token), NEW);
        assertEq(abi.encode(plan), abi.encode(_plan()));
        assertEq(abi.encode(tiers), abi.encode(_tiers()));
        assertEq(escrow.openedOf(address(token), NEW), 0);
        assertEq(deals.MAX_STAKE_PERCENT(), 20);
        assertEq(deals.MAX_DURATION(), 90 days);
    }

    function test_publishDeal__nothing_there__says_so() public view {
        (IDeals.Conditions memory conditions,,,) = deals.conditionsOf(address(token), NEW);
        assertEq(conditions.closesAt, 0);
        (, IGroupDeals.Tier[] memory tiers) = deals.dealOf(address(token), NEW);
        assertEq(tiers.length, 0);
        assertEq(uint8(_group(NEW).status), uint8(IGroupDeals.Status.None));
        assertEq(uint8(_group(bytes32(uint256(BEANS) + 1)).status), uint8(IGroupDeals.Status.None));
    }

    function test_publishDeal__eight_tiers_at_the_bounds() public {
        delete _tiers_;
        for (uint256 i = 0; i < 8; ++i) {
            _tiers_.push(IGroupDeals.Tier({ seats: uint16(65_528 + i), price: uint96(8 - i) }));
        }
        _plan_ = IGroupDeals.Plan({
            mostSeats: 65_535, seatLimit: 65_535, groups: type(uint32).max, duration: 90 days, cutoff: 90 days
        });
        _publish(NEW, _conditions_, _plan_, _tiers_);
        (, IGroupDeals.Tier[] memory tiers) = deals.dealOf(address(token), NEW);
        assertEq(abi.encode(tiers), abi.encode(_tiers_));
    }

    function test_publishDeal__wrong_tiers__reverts() public {
        delete _tiers_;
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidTierCount.selector, 0, 8));
        for (uint256 i = 0; i < 9; ++i) {
            _tiers_.push(IGroupDeals.Tier({ seats: uint16(i + 1), price: uint96(100 - i) }));
        }
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidTierCount.selector, 9, 8));
        _tiers_.pop();
        _refusedTier(0, 0, 100);
        _refusedTier(0, 1, 0);
        _refusedTier(4, 4, 96);
        _refusedTier(4, 5, 97);
        _refusedTier(7, 8, 0);
    }

    function _refusedTier(uint256 index, uint16 seats, uint96 price) private {
        IGroupDeals.Tier memory before = _tiers_[index];
        _tiers_[index] = IGroupDeals.Tier({ seats: seats, price: price });
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidTier.selector, index));
        _tiers_[index] = before;
    }

    function test_publishDeal__wrong_plan__reverts() public {
        _plan_.mostSeats = 11;
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidMostSeats.selector, 11, 12));
        _plan_ = _plan();
        _plan_.seatLimit = 0;
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidSeatLimit.selector, 0, MOST));
        _plan_.seatLimit = MOST + 1;
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidSeatLimit.selector, MOST + 1, MOST));
        _plan_ = _plan();
        _plan_.groups = 0;
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_NoGroups.selector));
        _plan_ = _plan();
        _plan_.duration = 0;
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidDuration.selector, 0, 90 days));
        _plan_.duration = 90 days + 1;
        _refused(
            abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidDuration.selector, 90 days + 1, 90 days)
        );
        _plan_ = _plan();
        _plan_.cutoff = DURATION + 1;
        _refused(
            abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidCutoff.selector, DURATION + 1, DURATION)
        );
        _plan_.cutoff = 0;
        _refused(abi.encodeWithSelector(IGroupDeals.GroupDeals_InvalidCutoff.selector, 0, DURATION));
    }

    function test_publishDeal__wrong_conditions__reverts() public {
        (_conditions_.tokenPart, _conditions_.currencyPart) = (0, 0);
        _refused(abi.encodeWithSelector(IDeals.Deals_NoPrice.selector));
        // The dearest seat costs 5 times 100 parts.
        _conditions_.tokenPart = type(uint96).max / 500 + 1;
        _refused(abi.encodeWithSelector(IDeals.Deals_PriceTooHigh.selector, 500));
        (_conditions_.tokenPart, _conditions_.currencyPart) = (0, type(uint96).max / 500 + 1);
        _refused(abi.encodeWithSelector(IDeals.Deals_PriceTooHigh.selector, 500));
        _conditions_ = _mixed();
        _conditions_.closesAt = _conditions_.opensAt;
        _refused(abi.encodeWithSelector(IDeals.Deals_InvalidWindow.selector, START, START));
        (_conditions_.opensAt, _conditions_.closesAt) = (START - 2, START);
        _refused(abi.encodeWithSelector(IDeals.Deals_InvalidWindow.selector, START - 2, START));
        _conditions_ = _mixed();
        _conditions_.fulfilDays = 0;
        _refused(abi.encodeWithSelector(IDeals.Deals_NoFulfilPeriod.selector));
        _conditions_ = _mixed();
        _conditions_.stakePercent = 21;
        _refused(abi.encodeWithSelector(IDeals.Deals_InvalidStake.selector, 21, 20));
        _conditions_ = _mixed();
        _conditions_.arbiter = intruder;
        _refused(abi.encodeWithSelector(IDeals.Deals_NoArbiter.selector, intruder));
        _conditions_ = _mixed();
        _conditions_.rightId = "another right";
        _refused(abi.encodeWithSelector(IDeals.Deals_NoRight.selector, bytes32("another right")));
    }

    function test_publishDeal__largest_price__can_be_paid_in_full() public {
        _conditions_.tokenPart = type(uint96).max / 500;
        _publish(NEW, _conditions_, _plan_, _tiers_);
    }

    function test_publishDeal__wrong_name_or_document__reverts() public {
        bytes memory args = abi.encodeWithSelector(IDeals.Deals_InvalidId.selector, bytes32(0));
        _refused(0, DOCUMENT, DOCUMENT_URI, args);
        bytes32 long = bytes32(uint256(BEANS) + 1);
        _refused(long, DOCUMENT, DOCUMENT_URI, abi.encodeWithSelector(IDeals.Deals_InvalidId.selector, long));
        args = abi.encodeWithSelector(IDeals.Deals_AlreadyExists.selector, address(token), BEANS);
        _refused(BEANS, DOCUMENT, DOCUMENT_URI, args);
        _refused(NEW, 0, DOCUMENT_URI, abi.encodeWithSelector(IDeals.Deals_NoTerms.selector));
        args = abi.encodeWithSelector(IDeals.Deals_URITooLong.selector, 513, 512);
        _refused(NEW, DOCUMENT, _uri(513), args);
    }

    function test_publishDeal__by_others_or_while_suspended__reverts() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.MANAGER & ~Roles.CAMPAIGN);
        address[3] memory others = [manager, partner, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusedTo(
                others[i],
                abi.encodeWithSelector(
                    BrandGate.BrandGate_NotAuthorized.selector, brandId, others[i], Roles.CAMPAIGN
                )
            );
        }
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.CAMPAIGN);
        uint256 snapshot = vm.snapshotState();
        vm.prank(manager);
        _call(address(escrow), NEW, DOCUMENT, DOCUMENT_URI);
        vm.revertToState(snapshot);
        _suspend();
        _refusedTo(
            manager,
            abi.encodeWithSelector(
                BrandGate.BrandGate_NotActive.selector, brandId, IBrandRegistry.Status.Suspended
            )
        );
    }

    function test_publishDeal__brand_that_leaves_or_is_in_default__reverts() public {
        bytes memory reason = abi.encodeWithSelector(IDeals.Deals_Leaving.selector, address(token));
        uint256 snapshot = vm.snapshotState();
        _announceWindDown();
        _refused(reason);
        vm.revertToState(snapshot);
        vm.prank(address(bonds));
        obligations.setInDefault(address(token), true);
        _refused(reason);
    }

    function test_publishDeal__token_that_is_not_obliged__reverts() public {
        token = _createToken(brand, brandId, "Loose Points", "LOOSE");
        _refused(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, address(token))
        );
    }

    /// @dev The escrow listens to the contract that looks at deals, and to nobody else.
    function test_onDealPublished__by_others__reverts() public {
        uint256[] memory words = new uint256[](6);
        address[3] memory others = [brand, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NotDeals.selector, others[i]));
            escrow.onDealPublished(address(token), NEW, words);
        }
        AnotherReceiver other = new AnotherReceiver();
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(IDeals.Deals_Refused.selector, address(other)));
        _call(address(other), NEW, DOCUMENT, DOCUMENT_URI);
        // Being on the alliance's list is not enough, the other has to take the deal.
        vm.prank(alliance);
        brands.setListed(IBrandRegistry.List.Module, address(other), true);
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(IDeals.Deals_Refused.selector, address(other)));
        _call(address(other), NEW, DOCUMENT, DOCUMENT_URI);
    }

    function _refused(bytes memory reason) private {
        _refusedTo(brand, reason);
    }

    function _refusedTo(address who, bytes memory reason) private {
        vm.prank(who);
        vm.expectRevert(reason);
        _call(address(escrow), NEW, DOCUMENT, DOCUMENT_URI);
    }

    function _refused(bytes32 dealId, bytes32 termsHash, string memory uri, bytes memory reason) private {
        vm.prank(brand);
        vm.expectRevert(reason);
        _call(address(escrow), dealId, termsHash, uri);
    }

    function _call(address receiver, bytes32 dealId, bytes32 termsHash, string memory uri) private {
        deals.publishDeal(receiver, address(token), dealId, _conditions_, _plan_, _tiers_, termsHash, uri);
    }
}

/// @notice Takes deals of anybody, in words of its own.
contract AnotherReceiver {
    function onDealPublished(address, bytes32, uint256[] calldata) external pure returns (bytes4) {
        return 0xdeadbeef;
    }
}

/// @notice Opening groups: who may, when, and how many.
contract OpenGroupTest is GroupTest {
    function test_open__uses_a_right_up() public {
        uint256 id = rights.idOf(address(token), OPENING);
        bytes32 groupId = bytes32(uint256(MIXED) + 1);
        vm.expectEmit(address(escrow));
        emit IGroupPurchaseEscrow.GroupOpened(address(token), groupId, member, START + DURATION);
        assertEq(_open(MIXED), groupId);
        assertEq(rights.balanceOf(member, id), 9);
        assertEq(escrow.openedOf(address(token), MIXED), 1);
        IGroupDeals.Group memory group = _group(groupId);
        assertEq(uint8(group.status), uint8(IGroupDeals.Status.Open));
        assertEq(group.deadline, START + DURATION);
        assertEq(group.cutoffAt, START + DURATION - CUTOFF);
        assertEq(group.mostSeats, MOST);
        assertEq(group.seatLimit, SEAT_LIMIT);
        assertEq(group.price, 0);
        assertEq(_open(MIXED), bytes32(uint256(MIXED) + 2));
    }

    function test_open__with_a_seat() public {
        IGroupPurchaseEscrow.Seat memory seat = _join(member, MIXED, 2, 0);
        assertEq(seat.groupId, bytes32(uint256(MIXED) + 1));
        assertTrue(escrow.isSeat(seat));
        assertEq(rights.balanceOf(member, rights.idOf(address(token), OPENING)), 9);
    }

    function test_open__without_a_right__reverts() public {
        vm.prank(intruder);
        vm.expectRevert();
        escrow.open(address(token), MIXED);
        // Nobody needs one where the deal names none.
        vm.prank(intruder);
        escrow.open(address(token), BEANS);
    }

    function test_open__window__to_the_second() public {
        uint40 opensAt = START + 10 days;
        IDeals.Conditions memory conditions = _tokens();
        (conditions.opensAt, conditions.closesAt) = (opensAt, opensAt + 5 days);
        bytes32 dealId = bytes32(bytes28("later"));
        _publish(dealId, conditions);
        bytes memory reason =
            abi.encodeWithSelector(IPurchases.Purchases_OutsideWindow.selector, opensAt, opensAt + 5 days);
        uint40[6] memory times =
            [opensAt - 1, opensAt, opensAt + 1, opensAt + 5 days - 1, opensAt + 5 days, opensAt + 5 days + 1];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            vm.prank(member);
            if (i == 0 || i > 3) vm.expectRevert(reason);
            escrow.open(address(token), dealId);
        }
        assertEq(escrow.openedOf(address(token), dealId), 3);
        // What has begun goes on.
        _join(member, bytes32(uint256(dealId) + 3), 1, 0);
    }

    function test_open__no_more_than_the_deal_has__reverts() public {
        IGroupDeals.Plan memory plan = _plan();
        plan.groups = 2;
        bytes32 dealId = bytes32(bytes28("two of them"));
        _publish(dealId, _tokens(), plan, _tiers());
        _open(dealId);
        _open(dealId);
        vm.prank(member);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGroupPurchaseEscrow.GroupPurchaseEscrow_NoGroupLeft.selector, address(token), dealId
            )
        );
        escrow.open(address(token), dealId);
    }

    function test_open__unknown_deal__reverts() public {
        bytes32[2] memory unknown = [bytes32(bytes28("unknown")), bytes32(0)];
        for (uint256 i = 0; i < unknown.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IPurchases.Purchases_NotFound.selector, address(token), unknown[i])
            );
            escrow.open(address(token), unknown[i]);
        }
    }

    /// @dev Nothing new begins with an arbiter that the alliance struck off; what is open goes on.
    function test_open__arbiter_struck_off__reverts_and_open_groups_go_on() public {
        bytes32 groupId = _open(BEANS);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NoArbiter.selector, arbiter));
        escrow.open(address(token), BEANS);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 5, 0);
        vm.warp(START + DURATION);
        _withdraw(seat);
        assertEq(uint8(_state(_orderOf(seat))), uint8(IFulfilment.State.Open));
    }
}

/// @notice Taking seats.
contract JoinGroupTest is GroupTest {
    bytes32 private _id;

    function setUp() public override {
        super.setUp();
        _id = _open(MIXED);
    }

    function test_join__deposits_the_top_price_and_reserves() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 2, 1);
        request.referrer = referrer;
        request.leastCompensation = 2 * COMPENSATION;
        vm.expectEmit(address(escrow));
        emit IGroupPurchaseEscrow.SeatTaken(
            address(token), _id, member, 2, 180, 2 * COMPENSATION, arbiter, referrer
        );
        IGroupPurchaseEscrow.Seat memory seat = _join(member, request);
        assertEq(token.balanceOf(address(escrow)), 180 * TOKEN_PART);
        assertEq(money.balanceOf(address(escrow)), 180 * CURRENCY_PART);
        assertEq(token.balanceOf(member), PURSE - 180 * TOKEN_PART);
        assertEq(money.balanceOf(member), PURSE - 180 * CURRENCY_PART);
        assertEq(_free(MIXED), FUND - 2 * COMPENSATION);
        assertTrue(escrow.isSeat(seat));
        assertTrue(escrow.hasSeat(address(token), _id, member));
        assertFalse(escrow.hasSeat(address(token), _id, friend));
        assertEq(_group(_id).takenByTier[1], 2);
        seat.deposit += 1;
        assertFalse(escrow.isSeat(seat));
    }

    function test_join__as_a_gift__is_the_members() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 1, 0);
        request.member = friend;
        IGroupPurchaseEscrow.Seat memory seat = _join(member, request);
        assertTrue(escrow.hasSeat(address(token), _id, friend));
        assertFalse(escrow.hasSeat(address(token), _id, member));
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_NotMember.selector, member, friend));
        escrow.leaveGroup(seat);
        _leave(seat);
        assertEq(token.balanceOf(friend), PURSE + 100 * TOKEN_PART);
        assertEq(_owed(friend), 100 * CURRENCY_PART);
    }

    function test_join__deadline__to_the_second() public {
        uint40 deadline = START + DURATION;
        vm.warp(deadline - 1);
        _join(member, _id, 1, 0);
        for (uint40 time = deadline; time <= deadline + 1; ++time) {
            vm.warp(time);
            _expectNotOpen(_id, deadline);
            _callJoin(friend, _request(_id, 1, 0), 100);
        }
        _close(_id);
        _expectNotOpen(_id, deadline);
        _callJoin(friend, _request(_id, 1, 0), 100);
    }

    function test_join__wrong_request__reverts() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 0, 0);
        bytes4 selector = IGroupPurchaseEscrow.GroupPurchaseEscrow_InvalidQuantity.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 0, SEAT_LIMIT));
        _callJoin(member, request, 0);
        uint256[3] memory many = [uint256(SEAT_LIMIT) + 1, 1 << 32, type(uint256).max];
        for (uint256 i = 0; i < many.length; ++i) {
            request.quantity = many[i];
            vm.expectRevert(abi.encodeWithSelector(selector, many[i], SEAT_LIMIT));
            _callJoin(member, request, 0);
        }
        request.quantity = 1;
        selector = IGroupPurchaseEscrow.GroupPurchaseEscrow_NoTier.selector;
        uint256[4] memory tiers = [uint256(3), 7, 8, type(uint256).max];
        for (uint256 i = 0; i < tiers.length; ++i) {
            request.topTier = tiers[i];
            vm.expectRevert(abi.encodeWithSelector(selector, tiers[i]));
            _callJoin(member, request, 0);
        }
        request.topTier = 0;
        request.referrer = member;
        selector = IGroupPurchaseEscrow.GroupPurchaseEscrow_InvalidReferrer.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, member));
        _callJoin(member, request, 100);
        request.referrer = address(0);
        bytes32[2] memory unknown = [bytes32(uint256(_id) + 1), bytes32(uint256(1))];
        for (uint256 i = 0; i < unknown.length; ++i) {
            request.groupId = unknown[i];
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGroupPurchaseEscrow.GroupPurchaseEscrow_NotFound.selector, address(token), unknown[i]
                )
            );
            _callJoin(member, request, 100);
        }
    }

    function test_join__twice__reverts_until_left() public {
        IGroupPurchaseEscrow.Seat memory seat = _join(member, _id, 1, 0);
        bytes memory reason = abi.encodeWithSelector(
            IGroupPurchaseEscrow.GroupPurchaseEscrow_AlreadySeated.selector, address(token), _id, member
        );
        vm.expectRevert(reason);
        _callJoin(member, _request(_id, 1, 0), 100);
        IGroupPurchaseEscrow.SeatRequest memory gift = _request(_id, 1, 2);
        gift.member = member;
        vm.expectRevert(reason);
        _callJoin(friend, gift, 70);
        _leave(seat);
        _join(member, _id, 5, 2);
        // Another group has seats of its own.
        _join(member, _open(MIXED), 1, 0);
    }

    function test_join__other_than_the_deposit__reverts() public {
        uint256 cost = 100 * TOKEN_PART;
        uint256[3] memory amounts = [cost - 1, cost + 1, 0];
        for (uint256 i = 0; i < amounts.length; ++i) {
            bytes memory data = abi.encode(IPurchases.Act.Pay, _request(_id, 1, 0));
            vm.prank(member);
            vm.expectRevert(
                abi.encodeWithSelector(IPurchases.Purchases_WrongTokens.selector, amounts[i], cost)
            );
            token.transferAndCall(address(escrow), amounts[i], data);
        }
        // Nor is it enough to pay the currency alone.
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_WrongTokens.selector, 0, cost));
        escrow.join(address(token), _request(_id, 1, 0), _noPermit());
    }

    function test_join__no_allowance__reverts() public {
        vm.prank(member);
        money.approve(address(escrow), 100 * CURRENCY_PART - 1);
        vm.expectRevert("not allowed");
        _callJoin(member, _request(_id, 1, 0), 100);
    }

    /// @dev GROUP-1: whoever acts for the brand neither holds nor pays for a seat, whatever it is.
    function test_attack_10__seats_of_the_brand_itself__reverts() public {
        address[3] memory ours = [brand, manager, guardian];
        for (uint256 i = 0; i < ours.length; ++i) {
            _mint(ours[i], 1000);
            money.mint(ours[i], 1000);
            vm.prank(ours[i]);
            money.approve(address(escrow), 1000);
            bytes memory reason = abi.encodeWithSelector(IPurchases.Purchases_BrandAccount.selector, ours[i]);
            vm.expectRevert(reason);
            _callJoin(ours[i], _request(_id, 1, 0), 100);
            IGroupPurchaseEscrow.SeatRequest memory gift = _request(_id, 1, 0);
            gift.member = intruder;
            vm.expectRevert(reason);
            _callJoin(ours[i], gift, 100);
            gift.member = ours[i];
            vm.expectRevert(reason);
            _callJoin(member, gift, 100);
        }
    }

    /// @dev What could not be paid back could hold up a batch.
    function test_join__for_whom_nothing_can_be_sent_to__reverts() public {
        address[3] memory nobody = [address(token), address(escrow), address(bonds)];
        for (uint256 i = 0; i < nobody.length; ++i) {
            IGroupPurchaseEscrow.SeatRequest memory gift = _request(_id, 1, 0);
            gift.member = nobody[i];
            vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_InvalidAccount.selector, nobody[i]));
            _callJoin(member, gift, 100);
        }
    }

    function test_join__purse_short__reserves_what_there_is_if_that_is_enough() public {
        vm.prank(brand);
        bonds.reclaim(
            address(token), COMPENSATIONS, address(escrow), FUND - 2 * COMPENSATION + 1, abi.encode(MIXED)
        );
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_id, 2, 0);
        request.leastCompensation = 2 * COMPENSATION;
        vm.expectRevert(
            abi.encodeWithSelector(
                IPurchases.Purchases_CompensationShort.selector, 2 * COMPENSATION - 1, 2 * COMPENSATION
            )
        );
        _callJoin(member, request, 200);
        request.leastCompensation -= 1;
        assertEq(_join(member, request).compensation, 2 * COMPENSATION - 1);
        assertEq(_free(MIXED), 0);
        assertEq(_join(friend, _id, 1, 0).compensation, 0);
    }

    function test_join__no_compensation_promised__none_can_be_asked() public {
        IGroupPurchaseEscrow.SeatRequest memory request = _request(_open(BEANS), 1, 0);
        request.leastCompensation = 1;
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_CompensationShort.selector, 0, 1));
        token.transferAndCall(address(escrow), 100, abi.encode(IPurchases.Act.Pay, request));
    }

    function test_join__more_than_is_left__reverts_and_the_last_unit_closes() public {
        for (uint256 i = 0; i < 3; ++i) {
            _join(_somebody(i), _id, 5, 2);
        }
        _join(friend, _id, 4, 2);
        vm.expectRevert(abi.encodeWithSelector(IGroupPurchaseEscrow.GroupPurchaseEscrow_Full.selector, 2, 1));
        _callJoin(member, _request(_id, 2, 0), 200);
        vm.warp(START + 3 days);
        vm.expectEmit(address(escrow));
        emit IGroupPurchaseEscrow.GroupClosed(address(token), _id, 70, MOST, START + 3 days);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, _id, 1, 0);
        IGroupDeals.Group memory group = _group(_id);
        assertEq(uint8(group.status), uint8(IGroupDeals.Status.Succeeded));
        assertTrue(group.isClosed);
        assertEq(group.deadline, START + 3 days);
        _expectNotOpen(_id, START + 3 days);
        _callJoin(intruder, _request(_id, 1, 0), 0);
        vm.prank(member);
        _expectNotOpen(_id, START + 3 days);
        escrow.leaveGroup(seat);
        _expectNotOpen(_id, START + 3 days);
        escrow.close(address(token), _id);
        _withdraw(seat);
        assertEq(token.balanceOf(member), PURSE - 70 * TOKEN_PART);
    }

    /// @dev Of a token that has deals nowhere, whatever it says.
    function test_attack_11__false_token__cannot_take_anothers_allowance() public {
        bytes memory data = abi.encode(IPurchases.Act.Pay, _request(_id, 1, 0));
        vm.prank(intruder);
        vm.expectRevert(
            abi.encodeWithSelector(IGroupPurchaseEscrow.GroupPurchaseEscrow_NotFound.selector, intruder, _id)
        );
        IReceiver(address(escrow)).onTransferReceived(member, member, 700, data);
        data = abi.encode(IPurchases.Act.Pay, _request(MIXED, 1, 0));
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NotFound.selector, intruder, MIXED));
        IReceiver(address(escrow)).onTransferReceived(member, member, 700, data);
    }

    function _callJoin(address who, IGroupPurchaseEscrow.SeatRequest memory request, uint256 parts) private {
        bytes memory data = abi.encode(IPurchases.Act.Pay, request);
        vm.prank(who);
        token.transferAndCall(address(escrow), parts * TOKEN_PART, data);
    }
}

interface IReceiver {
    function onTransferReceived(address, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4);
}

/// @notice How groups end, and what everybody gets.
contract EndGroupTest is GroupTest {
    function test_leave__cutoff__to_the_second() public {
        bytes32 groupId = _open(MIXED);
        uint40 cutoffAt = START + DURATION - CUTOFF;
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 2, 1);
        uint256 snapshot = vm.snapshotState();
        vm.warp(cutoffAt - 1);
        vm.expectEmit(address(escrow));
        emit IGroupPurchaseEscrow.SeatRefunded(address(token), groupId, member, 2, 180);
        _leave(seat);
        assertEq(token.balanceOf(member), PURSE);
        assertEq(_owed(member), 180 * CURRENCY_PART);
        assertEq(_free(MIXED), FUND);
        assertEq(_group(groupId).takenByTier[1], 0);
        vm.prank(member);
        _expectNoSeat(seat);
        escrow.leaveGroup(seat);
        vm.revertToState(snapshot);
        for (uint40 time = cutoffAt; time <= cutoffAt + 1; ++time) {
            vm.warp(time);
            vm.prank(member);
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGroupPurchaseEscrow.GroupPurchaseEscrow_TooLateToLeave.selector, cutoffAt
                )
            );
            escrow.leaveGroup(seat);
        }
        for (uint40 time = cutoffAt + CUTOFF; time <= cutoffAt + CUTOFF + 1; ++time) {
            vm.warp(time);
            vm.prank(member);
            _expectNotOpen(groupId, cutoffAt + CUTOFF);
            escrow.leaveGroup(seat);
        }
    }

    function test_leave__any_fact_changed__reverts() public {
        IGroupPurchaseEscrow.Seat memory seat = _join(member, _open(MIXED), 2, 1);
        IGroupPurchaseEscrow.Seat[4] memory others;
        for (uint256 i = 0; i < others.length; ++i) {
            others[i] = abi.decode(abi.encode(seat), (IGroupPurchaseEscrow.Seat));
        }
        others[0].quantity = 1;
        others[1].deposit = 200;
        others[2].compensation = 0;
        others[3].referrer = intruder;
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(member);
            _expectOtherFacts(seat);
            escrow.leaveGroup(others[i]);
        }
        vm.warp(START + DURATION);
        seat.arbiter = intruder;
        _expectOtherFacts(seat);
        escrow.withdraw(seat);
        _expectOtherFacts(seat);
        escrow.settle(_one(seat));
    }

    function test_close__deadline__to_the_second() public {
        bytes32 groupId = _open(BEANS);
        uint40 deadline = START + DURATION;
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 3, 0);
        vm.warp(deadline - 1);
        _expectStillOpen(groupId, deadline);
        escrow.close(address(token), groupId);
        _expectStillOpen(groupId, deadline);
        escrow.withdraw(seat);
        _expectStillOpen(groupId, deadline);
        escrow.settle(_one(seat));
        for (uint40 time = deadline; time <= deadline + 1; ++time) {
            uint256 snapshot = vm.snapshotState();
            vm.warp(time);
            assertEq(uint8(_group(groupId).status), uint8(IGroupDeals.Status.Succeeded), "by itself");
            assertFalse(_group(groupId).isClosed);
            vm.expectEmit(address(escrow));
            emit IGroupPurchaseEscrow.GroupClosed(address(token), groupId, 100, 3, deadline);
            _close(groupId);
            assertTrue(_group(groupId).isClosed);
            _expectNotOpen(groupId, deadline);
            escrow.close(address(token), groupId);
            vm.revertToState(snapshot);
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                IGroupPurchaseEscrow.GroupPurchaseEscrow_NotFound.selector, address(token), KETTLE
            )
        );
        escrow.close(address(token), KETTLE);
    }

    /// @dev All participants pay the best tier that is reached; whoever would not is no participant (GROUP-2).
    function test_withdraw__three_top_prices__one_price() public {
        bytes32 groupId = _open(MIXED);
        IGroupPurchaseEscrow.SeatRequest memory request = _request(groupId, 4, 0);
        request.referrer = referrer;
        IGroupPurchaseEscrow.Seat memory high = _join(member, request);
        IGroupPurchaseEscrow.Seat memory middle = _join(friend, groupId, 2, 1);
        IGroupPurchaseEscrow.Seat memory low = _join(_somebody(0), groupId, 5, 2);
        assertEq(_group(groupId).price, 90);
        vm.warp(START + DURATION);

        // Nobody need close it first.
        vm.expectEmit(address(escrow));
        emit IGroupPurchaseEscrow.GroupClosed(address(token), groupId, 90, 6, START + DURATION);
        vm.expectEmit(address(escrow));
        emit IGroupPurchaseEscrow.SeatRefunded(address(token), groupId, low.member, 5, 350);
        _withdraw(low);
        assertEq(token.balanceOf(low.member), PURSE);
        assertEq(_owed(low.member), 350 * CURRENCY_PART);
        assertFalse(escrow.hasSeat(address(token), groupId, low.member));

        IFulfilment.Order memory order = _orderOf(high);
        assertEq(order.amount, 360);
        assertEq(order.stake, 36);
        vm.expectEmit(address(escrow));
        emit IFulfilment.OrderOpened(
            address(token),
            groupId,
            member,
            uint160(member),
            4,
            360,
            4 * COMPENSATION,
            36,
            arbiter,
            START + DURATION + uint40(FULFIL_DAYS) * 1 days,
            bytes32(uint256(uint160(referrer)))
        );
        _withdraw(high);
        assertEq(token.balanceOf(member), PURSE - 360 * TOKEN_PART);
        assertEq(_owed(member), 40 * CURRENCY_PART);
        assertEq(uint8(_state(order)), uint8(IFulfilment.State.Open));
        // Who named exactly the price gets nothing back, and an order.
        _withdraw(middle);
        assertEq(token.balanceOf(friend), PURSE - 180 * TOKEN_PART);
        assertEq(_owed(friend), 0);
        assertEq(uint8(_state(_orderOf(middle))), uint8(IFulfilment.State.Open));
        assertEq(_free(MIXED), FUND - 6 * COMPENSATION, "the one who left is reserved for no more");
        assertEq(escrow.recordOf(address(token), groupId).open, 6);
        _expectNoSeat(high);
        escrow.withdraw(high);
        _expectNoSeat(low);
        escrow.withdraw(low);
    }

    function test_withdraw__no_tier_reached__everything_back() public {
        bytes32 groupId = _open(MIXED);
        IGroupPurchaseEscrow.Seat memory high = _join(member, groupId, 2, 0);
        IGroupPurchaseEscrow.Seat memory low = _join(friend, groupId, 3, 1);
        vm.warp(START + DURATION);
        assertEq(uint8(_group(groupId).status), uint8(IGroupDeals.Status.Failed));
        vm.expectEmit(address(escrow));
        emit IGroupPurchaseEscrow.GroupClosed(address(token), groupId, 0, 0, START + DURATION);
        _close(groupId);
        assertEq(uint8(_group(groupId).status), uint8(IGroupDeals.Status.Failed));
        _withdraw(high);
        _withdraw(low);
        assertEq(token.balanceOf(member), PURSE);
        assertEq(token.balanceOf(friend), PURSE);
        assertEq(token.balanceOf(address(escrow)), 0, "GROUP-1");
        escrow.collect(currency, member);
        escrow.collect(currency, friend);
        assertEq(money.balanceOf(member), PURSE);
        assertEq(money.balanceOf(address(escrow)), 0, "GROUP-1");
        assertEq(_free(MIXED), FUND);
        assertEq(escrow.recordOf(address(token), groupId).open, 0);
    }

    function test_settle__some_faster__passes_over_them() public {
        bytes32 groupId = _open(BEANS);
        IGroupPurchaseEscrow.Seat[] memory seats = new IGroupPurchaseEscrow.Seat[](4);
        seats[0] = _join(member, groupId, 3, 0);
        seats[1] = _join(friend, groupId, 1, 2);
        seats[2] = _join(_somebody(0), groupId, 4, 1);
        seats[3] = _join(_somebody(1), _open(BEANS), 1, 0);
        vm.warp(START + DURATION);
        _withdraw(seats[0]);
        _withdraw(seats[1]);
        uint256 snapshot = vm.snapshotState();
        vm.prank(intruder);
        escrow.settle(seats);
        for (uint256 i = 0; i < seats.length; ++i) {
            assertFalse(escrow.hasSeat(address(token), seats[i].groupId, seats[i].member));
        }
        assertEq(uint8(_state(_orderOf(seats[2]))), uint8(IFulfilment.State.Open));
        assertEq(token.balanceOf(seats[3].member), PURSE);
        assertEq(token.balanceOf(address(escrow)), 7 * 90);
        vm.revertToState(snapshot);
        // What is false stays refused.
        seats[2].deposit -= 1;
        _expectOtherFacts(seats[2]);
        escrow.settle(seats);
    }

    /// @dev Late closing and settling changes nothing: the brand's time runs from the deadline.
    function test_claim__nobody_settled__anybody_does_and_claims() public {
        bytes32 groupId = _open(MIXED);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 3, 0);
        uint40 fulfilBy = START + DURATION + uint40(FULFIL_DAYS) * 1 days;
        vm.warp(fulfilBy - 1);
        uint256 snapshot = vm.snapshotState();
        _withdraw(seat);
        IFulfilment.Order memory order = _orderOf(seat);
        vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_TooEarly.selector, fulfilBy));
        escrow.claim(order);
        _fulfil(order);
        vm.revertToState(snapshot);
        for (uint40 time = fulfilBy; time <= fulfilBy + 1; ++time) {
            vm.warp(time);
            _withdraw(seat);
            vm.prank(manager);
            vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_TooLate.selector, fulfilBy));
            escrow.fulfil(address(token), groupId, _one(order.number));
            vm.prank(intruder);
            escrow.claim(order);
            assertEq(token.balanceOf(member), PURSE);
            assertEq(_owed(member), 300 * CURRENCY_PART);
            assertEq(bonds.owedTo(currency, member), 3 * COMPENSATION);
            assertEq(escrow.recordOf(address(token), groupId).failed, 3);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Whoever settles late has the same order as whoever settles at once.
    function testFuzz_withdraw__at_any_time__the_same_order(uint256 late) public {
        bytes32 groupId = _open(BEANS);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 3, 0);
        vm.warp(START + DURATION + bound(late, 0, 1000 days));
        _withdraw(seat);
        (IFulfilment.State state, uint40 deadline) = escrow.stateOf(address(token), groupId, uint160(member));
        assertEq(uint8(state), uint8(IFulfilment.State.Open));
        assertEq(deadline, START + DURATION + uint40(FULFIL_DAYS) * 1 days);
        assertEq(_orderOf(seat).openedAt, START + DURATION);
    }

    /// @dev A seat that waits is no order to anything of the orders' machine.
    function test_seat__is_no_order_before_it_is_settled() public {
        bytes32 groupId = _open(BEANS);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 3, 0);
        vm.warp(START + DURATION);
        IFulfilment.Order memory order = _orderOf(seat);
        (IFulfilment.State state, uint40 deadline) = escrow.stateOf(order.token, groupId, order.number);
        assertEq(uint8(state), 0);
        assertEq(deadline, 0);
        bytes memory reason = abi.encodeWithSelector(
            IFulfilment.Fulfilment_WrongState.selector, order.token, groupId, order.number, state
        );
        vm.prank(manager);
        vm.expectRevert(reason);
        escrow.fulfil(order.token, groupId, _one(order.number));
        vm.prank(brand);
        vm.expectRevert(reason);
        escrow.decline(order);
        vm.prank(member);
        vm.expectRevert(reason);
        escrow.confirm(order);
        vm.expectRevert(reason);
        escrow.claim(order);
        vm.expectRevert(reason);
        escrow.finish(order.token, _one(order));
    }
}

/// @notice What orders that came from seats do, in parts of a mixed price.
contract MixedOrderTest is GroupTest {
    IGroupPurchaseEscrow.Seat private _seat;
    IFulfilment.Order private _order;

    function setUp() public override {
        super.setUp();
        _seat = _join(member, _open(MIXED), 3, 0);
        vm.warp(START + DURATION);
        _withdraw(_seat);
        _order = _orderOf(_seat);
    }

    function test_confirm__burns_tokens_and_earns_currency() public {
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(escrow));
        emit IPurchases.Earned(address(token), _order.offerId, 300 * CURRENCY_PART);
        vm.prank(member);
        escrow.confirm(_order);
        assertEq(token.totalSupply(), supply - 300 * TOKEN_PART);
        assertEq(escrow.proceedsOf(address(token)), 300 * CURRENCY_PART);
        (bool fulfilled,) = escrow.isFulfilled(_order);
        assertTrue(fulfilled, "no receipt");
        assertEq(_free(MIXED), FUND);

        vm.prank(manager);
        vm.expectRevert();
        escrow.withdrawProceeds(address(token), till);
        vm.prank(brand);
        vm.expectEmit(address(escrow));
        emit IPurchases.ProceedsWithdrawn(address(token), till, 300 * CURRENCY_PART);
        assertEq(escrow.withdrawProceeds(address(token), till), 300 * CURRENCY_PART);
        assertEq(money.balanceOf(till), 300 * CURRENCY_PART);
        assertEq(money.balanceOf(address(escrow)), 0, "GROUP-1");
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NothingOwed.selector, till));
        escrow.withdrawProceeds(address(token), till);
    }

    function test_dispute__stake_in_both__comes_back_or_is_the_brands() public {
        _fulfil(_order);
        uint256 stake = 30;
        _dispute(stake * TOKEN_PART);
        assertEq(money.balanceOf(address(escrow)), 330 * CURRENCY_PART);
        uint256 snapshot = vm.snapshotState();
        vm.prank(arbiter);
        escrow.decide(_order, 100, 7);
        assertEq(token.balanceOf(member), PURSE - 200 * TOKEN_PART);
        assertEq(_owed(member), 130 * CURRENCY_PART);
        assertEq(escrow.proceedsOf(address(token)), 200 * CURRENCY_PART);
        assertEq(bonds.owedTo(currency, member), 7);
        assertEq(_free(MIXED), FUND - 7);
        vm.revertToState(snapshot);
        vm.prank(arbiter);
        escrow.decide(_order, 0, 0);
        assertEq(token.balanceOf(member), PURSE - 330 * TOKEN_PART);
        assertEq(_owed(member), 0);
        assertEq(escrow.proceedsOf(address(token)), 330 * CURRENCY_PART);
        assertEq(token.balanceOf(address(escrow)), 0, "GROUP-1");
    }

    function test_dispute__wrong_stake__reverts() public {
        _fulfil(_order);
        vm.expectRevert(
            abi.encodeWithSelector(
                IFulfilment.Fulfilment_WrongStake.selector, 30 * TOKEN_PART - 1, 30 * TOKEN_PART
            )
        );
        this.callDispute(member, 30 * TOKEN_PART - 1);
        // The plain call is for stakes without tokens.
        vm.prank(member);
        vm.expectRevert(
            abi.encodeWithSelector(IFulfilment.Fulfilment_WrongStake.selector, 0, 30 * TOKEN_PART)
        );
        escrow.dispute(_order);
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_NotMember.selector, intruder, member));
        escrow.dispute(_order);
    }

    function test_dispute__currency_alone__by_a_plain_call() public {
        IGroupPurchaseEscrow.Seat memory seat = _join(friend, _open(KETTLE), 3, 0);
        vm.warp(block.timestamp + DURATION);
        _withdraw(seat);
        IFulfilment.Order memory order = _orderOf(seat);
        _fulfil(order);
        vm.prank(friend);
        escrow.dispute(order);
        assertEq(uint8(_state(order)), uint8(IFulfilment.State.Disputed));
        assertEq(money.balanceOf(friend), PURSE - 330);
        vm.prank(brand);
        escrow.decline(order);
        assertEq(_owed(friend), 330);
    }

    function test_decline__first_day_of_the_closing__free_of_compensation() public {
        vm.warp(START + DURATION + 1 days - 1);
        vm.prank(manager);
        escrow.decline(_order);
        assertEq(_owed(member), 300 * CURRENCY_PART);
        assertEq(bonds.owedTo(currency, member), 0);
        assertEq(escrow.recordOf(address(token), _order.offerId).declined, 3);
        assertEq(_free(MIXED), FUND);
    }

    function test_finish__several_groups__burns_once_and_earns_each() public {
        IGroupPurchaseEscrow.Seat memory seat = _join(friend, _open(BEANS), 3, 0);
        vm.warp(block.timestamp + DURATION);
        _withdraw(seat);
        IFulfilment.Order[] memory orders = new IFulfilment.Order[](2);
        (orders[0], orders[1]) = (_order, _orderOf(seat));
        _fulfil(orders[0]);
        _fulfil(orders[1]);
        vm.warp(block.timestamp + 14 days);
        escrow.finish(address(token), orders);
        assertEq(token.balanceOf(address(escrow)), 0, "GROUP-1");
        assertEq(escrow.proceedsOf(address(token)), 300 * CURRENCY_PART);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NothingOwed.selector, member));
        escrow.collect(currency, member);
    }

    function test_collectTo__by_its_owner_alone() public {
        vm.prank(brand);
        escrow.decline(_order);
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NothingOwed.selector, intruder));
        escrow.collectTo(currency, intruder);
        address[2] memory bad = [address(0), address(escrow)];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.prank(member);
            vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_InvalidAccount.selector, bad[i]));
            escrow.collectTo(currency, bad[i]);
        }
        vm.prank(member);
        vm.expectEmit(address(escrow));
        emit IPurchases.Collected(currency, member, till, 300 * CURRENCY_PART);
        assertEq(escrow.collectTo(currency, till), 300 * CURRENCY_PART);
        assertEq(money.balanceOf(till), 300 * CURRENCY_PART);
    }

    function test_fund__only_bonds_and_only_what_is_free() public {
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NotBonds.selector, intruder));
        AllotmentModule(address(escrow)).onAllotted(address(token), 2, 1, abi.encode(MIXED));
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NotBonds.selector, intruder));
        AllotmentModule(address(escrow)).onReclaimed(address(token), 2, 1, abi.encode(MIXED));
        uint256 free = _free(MIXED);
        assertEq(free, FUND - 3 * COMPENSATION);
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NotFree.selector, free + 1, free));
        bonds.reclaim(address(token), COMPENSATIONS, address(escrow), free + 1, abi.encode(MIXED));
        vm.startPrank(address(bonds));
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_WrongPurse.selector, 0));
        AllotmentModule(address(escrow)).onAllotted(address(token), 0, 1, abi.encode(MIXED));
        vm.expectRevert(
            abi.encodeWithSelector(IPurchases.Purchases_NotFound.selector, address(token), _order.offerId)
        );
        AllotmentModule(address(escrow)).onAllotted(address(token), 2, 1, abi.encode(_order.offerId));
        vm.stopPrank();
        uint256 most = type(uint88).max;
        money.mint(brand, most);
        vm.startPrank(brand);
        money.approve(address(bonds), most);
        bonds.deposit(address(token), COMPENSATIONS, most);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_FundTooLarge.selector, most));
        bonds.allot(address(token), COMPENSATIONS, address(escrow), most, abi.encode(MIXED));
        vm.stopPrank();
    }

    function callDispute(address who, uint256 amount) external {
        bytes memory data = abi.encode(IPurchases.Act.Dispute, _order);
        vm.prank(who);
        token.transferAndCall(address(escrow), amount, data);
    }

    function _dispute(uint256 amount) private {
        this.callDispute(member, amount);
    }
}
