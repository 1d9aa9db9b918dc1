// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Vm } from "forge-std/Vm.sol";
import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IMarket } from "../../contracts/interfaces/IMarket.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IPools } from "../../contracts/interfaces/IPools.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { Market } from "./utils/Markets.sol";
import { SwapTest } from "./utils/SwapTest.sol";

contract PoolsTest is SwapTest {
    bytes32 internal constant NOWHERE = "no pool";

    Market internal market;
    /// @dev A pool that nobody has joined, in a market that puts on record what it is told.
    bytes32 internal club;

    function setUp() public override {
        super.setUp();
        market = new Market();
        _list(IBrandRegistry.List.Module, address(market), true);
        vm.prank(steward);
        club = pools.createPool("club", _clubRules());
    }

    function test_constants__as_documented() public view {
        assertEq(pools.CHANGE_DELAY(), 14 days);
        assertEq(pools.MAX_TOKENS(), 64);
    }

    // ---------------------------------------------------------------- create

    function test_createPool__is_the_callers_and_empty() public {
        IPools.Rules memory rules = _clubRules();
        rules.leverage = 250;
        bytes32 expected = pools.poolIdOf(intruder, "mine");
        vm.expectEmit(address(pools));
        emit IPools.PoolCreated(expected, intruder, "mine", rules);
        vm.prank(intruder);
        bytes32 made = pools.createPool("mine", rules);
        assertEq(made, expected);
        IPools.Pool memory facts = pools.poolOf(made);
        assertEq(abi.encode(facts.rules), abi.encode(rules));
        assertEq(facts.steward, intruder);
        assertEq(facts.nextSteward, address(0));
        assertEq(facts.tokens.length, 0);
        assertEq(pools.poolCount(), 3);
        assertEq(pools.poolAt(0), pool);
        assertEq(pools.poolAt(1), club);
        assertEq(pools.poolAt(2), made);
        assertEq(market.told().length, 0);
    }

    function test_poolIdOf__is_told_apart_by_chain_contract_creator_and_salt() public {
        assertEq(club, keccak256(abi.encode(block.chainid, address(pools), steward, bytes32("club"))));
        assertNotEq(pools.poolIdOf(steward, "club"), pools.poolIdOf(intruder, "club"));
        assertNotEq(pools.poolIdOf(steward, "club"), pools.poolIdOf(steward, "clue"));
        vm.chainId(block.chainid + 1);
        assertNotEq(pools.poolIdOf(steward, "club"), club);
    }

    function test_createPool__salt_used_before__reverts_for_that_creator_alone() public {
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_PoolExists.selector, club));
        vm.prank(steward);
        pools.createPool("club", _clubRules());
        vm.prank(intruder);
        bytes32 other = pools.createPool("club", _clubRules());
        assertNotEq(other, club);
        assertEq(pools.poolOf(club).steward, steward);
    }

    /// @dev Handing the pool over does not free its id.
    function test_createPool__after_hand_over__reverts() public {
        vm.prank(steward);
        pools.nameSteward(club, intruder);
        vm.prank(intruder);
        pools.acceptSteward(club);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_PoolExists.selector, club));
        vm.prank(steward);
        pools.createPool("club", _clubRules());
    }

    function test_createPool__market_or_currency_not_listed__reverts() public {
        IPools.Rules memory rules = _clubRules();
        rules.market = intruder;
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_MarketNotListed.selector, intruder));
        pools.createPool("x", rules);
        rules = _clubRules();
        rules.currency = address(a);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_CurrencyNotListed.selector, address(a)));
        pools.createPool("x", rules);
        // Being on another of the alliance's lists is no entry.
        rules.currency = address(market);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_CurrencyNotListed.selector, address(market)));
        pools.createPool("x", rules);
        _list(IBrandRegistry.List.Module, address(market), false);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_MarketNotListed.selector, address(market)));
        pools.createPool("x", _clubRules());
        assertEq(pools.poolCount(), 2);
    }

    function test_createPool__periods_from_a_day_to_366__leverage_from_100_to_1000() public {
        _assertRules(1 days, 1 days, 100, true);
        _assertRules(366 days, 366 days, 1000, true);
        _assertRules(1 days - 1, 1 days, 100, false);
        _assertRules(1 days, 1 days - 1, 100, false);
        _assertRules(366 days + 1, 1 days, 100, false);
        _assertRules(1 days, 366 days + 1, 100, false);
        _assertRules(1 days, 1 days, 99, false);
        _assertRules(1 days, 1 days, 1001, false);
        _assertRules(0, 1 days, 100, false);
        _assertRules(1 days, 0, 100, false);
        _assertRules(1 days, 1 days, 0, false);
    }

    function test_views__of_no_pool__are_empty() public view {
        assertEq(pools.poolOf(NOWHERE).steward, address(0));
        assertEq(pools.poolOf(NOWHERE).rules.currency, address(0));
        assertEq(pools.tokensOf(NOWHERE).length, 0);
        assertFalse(pools.membershipOf(NOWHERE, address(a)).joined);
    }

    // --------------------------------------------------------------- steward

    function test_steward__hands_over_in_two_steps() public {
        vm.expectEmit(address(pools));
        emit IPools.StewardNamed(club, till);
        vm.prank(steward);
        pools.nameSteward(club, till);
        assertEq(pools.poolOf(club).steward, steward);
        assertEq(pools.poolOf(club).nextSteward, till);
        _expectNotSteward(club, till);
        vm.prank(till);
        pools.announceBounds(club, address(a), _bounds(1));

        vm.expectEmit(address(pools));
        emit IPools.StewardChanged(club, till);
        vm.prank(till);
        pools.acceptSteward(club);
        assertEq(pools.poolOf(club).steward, till);
        assertEq(pools.poolOf(club).nextSteward, address(0));
        _expectNotSteward(club, steward);
        vm.prank(steward);
        pools.announceBounds(club, address(a), _bounds(1));
        _expectNotSteward(club, steward);
        vm.prank(steward);
        pools.nameSteward(club, steward);
        vm.prank(till);
        pools.announceBounds(club, address(a), _bounds(1));
        // Its other pool is still the first one's.
        assertEq(pools.poolOf(pool).steward, steward);
    }

    function test_acceptSteward__not_named_or_no_longer__reverts() public {
        vm.prank(steward);
        pools.nameSteward(club, till);
        _expectNotSteward(club, intruder);
        vm.prank(intruder);
        pools.acceptSteward(club);
        _expectNotSteward(pool, till);
        vm.prank(till);
        pools.acceptSteward(pool);
        vm.prank(steward);
        pools.nameSteward(club, address(0));
        _expectNotSteward(club, till);
        vm.prank(till);
        pools.acceptSteward(club);
        vm.prank(steward);
        pools.nameSteward(club, till);
        vm.prank(till);
        pools.acceptSteward(club);
        _expectNotSteward(club, till);
        vm.prank(till);
        pools.acceptSteward(club);
        assertEq(pools.poolOf(club).steward, till);
    }

    function test_steward__stranger__reverts() public {
        vm.startPrank(intruder);
        _expectNotSteward(club, intruder);
        pools.nameSteward(club, intruder);
        _expectNotSteward(club, intruder);
        pools.announceBounds(club, address(a), _bounds(1));
        _expectNotSteward(club, intruder);
        pools.withdrawBounds(club, address(a));
        vm.stopPrank();
    }

    function test_steward__no_pool__reverts() public {
        vm.startPrank(steward);
        bytes memory none = abi.encodeWithSelector(IPools.Pools_NoPool.selector, NOWHERE);
        vm.expectRevert(none);
        pools.nameSteward(NOWHERE, steward);
        vm.expectRevert(none);
        pools.announceBounds(NOWHERE, address(a), _bounds(1));
        vm.expectRevert(none);
        pools.withdrawBounds(NOWHERE, address(a));
        _expectNotSteward(NOWHERE, steward);
        pools.acceptSteward(NOWHERE);
        vm.stopPrank();
        vm.expectRevert(none);
        vm.prank(brand);
        pools.joinPool(NOWHERE, address(a));
    }

    // ---------------------------------------------------------------- bounds

    function test_announceBounds__waits__anew_each_time() public {
        _joinClub(a);
        IPools.Bounds memory bounds = _bounds(123);
        uint40 dueAt = uint40(block.timestamp + DELAY);
        vm.expectEmit(address(pools));
        emit IPools.BoundsAnnounced(club, address(b), bounds, dueAt);
        _announceTo(club, b, bounds);
        IPools.Membership memory membership = pools.membershipOf(club, address(b));
        assertFalse(membership.joined);
        assertEq(membership.boundsChangeAt, dueAt);
        assertEq(abi.encode(membership.pendingBounds), abi.encode(bounds));
        assertEq(membership.bounds.limit, 0);
        // Announced anew, it waits anew.
        skip(DELAY - 1);
        _announceTo(club, b, bounds);
        skip(1);
        vm.expectRevert(
            abi.encodeWithSelector(IPools.Pools_ChangeNotDue.selector, club, address(b), dueAt + DELAY - 1)
        );
        vm.prank(partner);
        pools.joinPool(club, address(b));
    }

    function test_announceBounds__fees_up_to_half__not_beyond() public {
        IPools.Bounds memory bounds = _bounds(1);
        uint24[4] memory base = [uint24(500_000), 0, 1, 0];
        uint24[4] memory slope = [uint24(0), 500_000, 499_999, 0];
        for (uint256 i = 0; i < base.length; ++i) {
            (bounds.baseFee, bounds.feeSlope) = (base[i], slope[i]);
            _announceTo(club, a, bounds);
            assertEq(pools.membershipOf(club, address(a)).pendingBounds.feeSlope, slope[i]);
        }
        uint24 most = type(uint24).max;
        base = [uint24(500_001), 0, 1, most];
        slope = [uint24(0), 500_001, 500_000, most];
        for (uint256 i = 0; i < base.length; ++i) {
            (bounds.baseFee, bounds.feeSlope) = (base[i], slope[i]);
            vm.expectRevert(abi.encodeWithSelector(IPools.Pools_InvalidBounds.selector, bounds));
            vm.prank(steward);
            pools.announceBounds(club, address(a), bounds);
        }
    }

    function test_withdrawBounds__forgets_what_was_announced() public {
        _announce(a, _bounds(type(uint96).max));
        vm.expectEmit(address(pools));
        emit IPools.BoundsWithdrawn(pool, address(a));
        vm.prank(steward);
        pools.withdrawBounds(pool, address(a));
        IPools.Membership memory membership = pools.membershipOf(pool, address(a));
        assertTrue(membership.joined);
        assertEq(membership.boundsChangeAt, 0);
        assertEq(membership.pendingBounds.limit, 0);
        assertEq(membership.bounds.limit, type(uint96).max / 2);
        skip(DELAY);
        _expectNoChange(pool, a);
        pools.applyBounds(pool, address(a));
        _expectNoChange(pool, a);
        vm.prank(steward);
        pools.withdrawBounds(pool, address(a));
        _expectNoChange(club, a);
        vm.prank(steward);
        pools.withdrawBounds(club, address(a));
    }

    function test_SWAP_2__raise__only_after_the_delay__by_anyone() public {
        _lower(steward, a, 100, 100, 0);
        assertEq(_position(a).ceiling, 100);
        IPools.Bounds memory bounds = IPools.Bounds(5000, 600_000e2, 70, 8, 9);
        _announce(a, bounds);
        uint256 dueAt = block.timestamp + DELAY;
        bytes memory early =
            abi.encodeWithSelector(IPools.Pools_ChangeNotDue.selector, pool, address(a), uint40(dueAt));
        vm.expectRevert(early);
        pools.applyBounds(pool, address(a));
        vm.warp(dueAt - 1);
        vm.expectRevert(early);
        pools.applyBounds(pool, address(a));
        assertEq(_position(a).ceiling, 100);
        uint256 snapshot = vm.snapshotState();
        for (uint256 late = 0; late < 2; ++late) {
            vm.warp(dueAt + late);
            vm.expectEmit(address(pools));
            emit IPools.BoundsSet(pool, address(a), bounds);
            vm.prank(intruder);
            pools.applyBounds(pool, address(a));
            ISwaps.Position memory position = _position(a);
            assertEq(position.ceiling, 5000);
            assertEq(position.leftToday, 70);
            assertEq(position.baseFee, 8);
            assertEq(position.feeSlope, 9);
            IPools.Membership memory membership = pools.membershipOf(pool, address(a));
            assertEq(abi.encode(membership.bounds), abi.encode(bounds));
            assertEq(membership.boundsChangeAt, 0);
            assertEq(membership.pendingBounds.limit, 0);
            _expectNoChange(pool, a);
            pools.applyBounds(pool, address(a));
            vm.revertToState(snapshot);
        }
    }

    /// @dev Fees change with the rest and after the delay, downwards too.
    function test_applyBounds__lower_fees__wait_as_well() public {
        IPools.Bounds memory bounds = _bounds(type(uint96).max / 2);
        (bounds.baseFee, bounds.feeSlope) = (0, 0);
        _announce(a, bounds);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPools.Pools_ChangeNotDue.selector, pool, address(a), uint40(block.timestamp + DELAY)
            )
        );
        pools.applyBounds(pool, address(a));
        assertEq(_position(a).baseFee, BASE_FEE);
    }

    function test_applyBounds__not_joined__reverts() public {
        _announceTo(club, a, _bounds(1));
        _expectNotJoined(club, a);
        pools.applyBounds(club, address(a));
    }

    function test_SWAP_2__lowering__is_at_once_and_leaves_fees() public {
        uint96 most = type(uint96).max;
        IPools.Bounds memory lower = IPools.Bounds(77, most - 1, 5, BASE_FEE, FEE_SLOPE);
        vm.expectEmit(address(pools));
        emit IPools.BoundsSet(pool, address(a), lower);
        _lower(steward, a, 77, most - 1, 5);
        assertEq(abi.encode(pools.membershipOf(pool, address(a)).bounds), abi.encode(lower));
        assertEq(_position(a).ceiling, 77);
        assertEq(_position(a).leftToday, 5);
        assertEq(_position(a).feeSlope, FEE_SLOPE);
        _lower(steward, a, 0, 0, 0 + 1);
        assertEq(_position(a).ceiling, 0);
        // Others' bounds are theirs.
        assertEq(pools.membershipOf(pool, address(b)).bounds.limit, type(uint96).max / 2);
    }

    function test_lowerBounds__by_those_who_settle_for_the_brand__alone() public {
        address settler = makeAddr("settler");
        address clerk = makeAddr("clerk");
        vm.startPrank(brand);
        brands.setManager(brandId, settler, Roles.SETTLE);
        brands.setManager(brandId, clerk, Roles.FULFIL | Roles.CAMPAIGN);
        vm.stopPrank();
        _lower(settler, a, 50, 40, 0);
        _lower(brand, a, 49, 39, 0);
        address[4] memory others = [clerk, partner, intruder, guardian];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPools.Pools_NotBrand.selector, address(a), others[i]));
            _lower(others[i], a, 1, 1, 0);
        }
        // A suspended brand can still be careful.
        _suspend();
        _lower(settler, a, 48, 38, 0);
        assertEq(pools.membershipOf(pool, address(a)).bounds.limit, 48);
    }

    function test_lowerBounds__raises_something__reverts() public {
        _lower(steward, a, 100, 200, 30);
        _expectRaises(a, 101, 200, 30);
        _lower(steward, a, 101, 200, 30);
        _expectRaises(a, 100, 201, 30);
        _lower(brand, a, 100, 201, 30);
        _expectRaises(a, 100, 200, 31);
        _lower(steward, a, 100, 200, 31);
        _expectRaises(a, 0, 0, type(uint96).max);
        _lower(brand, a, 0, 0, type(uint96).max);
        _lower(brand, a, 100, 200, 30);
    }

    /// @dev No daily cap is the highest of all.
    function test_lowerBounds__daily_cap__from_none_to_some_is_lowering__back_is_raising() public {
        _lower(brand, a, 100, 100, 0);
        assertEq(_position(a).leftToday, type(uint256).max);
        _lower(brand, a, 100, 100, type(uint96).max);
        assertEq(_position(a).leftToday, type(uint96).max);
        _lower(brand, a, 100, 100, 1);
        _expectRaises(a, 100, 100, 0);
        _lower(brand, a, 100, 100, 0);
        _expectRaises(a, 100, 100, 2);
        _lower(steward, a, 100, 100, 2);
        assertEq(_position(a).leftToday, 1);
    }

    function test_lowerBounds__not_joined__reverts() public {
        _announceTo(club, a, _bounds(10));
        _expectNotJoined(club, a);
        vm.prank(steward);
        pools.lowerBounds(club, address(a), 0, 0, 0);
        _expectNotJoined(NOWHERE, a);
        vm.prank(steward);
        pools.lowerBounds(NOWHERE, address(a), 0, 0, 0);
    }

    /// @dev What was announced is for the same time, and for no more. Fees change all the same.
    function test_SWAP_2__lowering__keeps_what_is_announced_from_raising_again() public {
        IPools.Bounds memory announced = IPools.Bounds(5000, 600_000e2, 0, 8, 9);
        _announce(a, announced);
        uint40 dueAt = uint40(block.timestamp + DELAY);
        vm.warp(dueAt); // it could be applied before, by anybody, and after
        IPools.Bounds memory left = IPools.Bounds(10, 20, 30, 8, 9);
        vm.expectEmit(address(pools));
        emit IPools.BoundsAnnounced(pool, address(a), left, dueAt);
        _lower(brand, a, 10, 20, 30);
        vm.prank(intruder);
        pools.applyBounds(pool, address(a));
        assertEq(abi.encode(pools.membershipOf(pool, address(a)).bounds), abi.encode(left));
        assertEq(_position(a).ceiling, 10);
        assertEq(_position(a).baseFee, 8);
    }

    /// @dev What was to be lower than it is made now stays so.
    function test_lowerBounds__lower_ones_are_announced__stay_announced() public {
        IPools.Bounds memory announced = IPools.Bounds(5, 6, 7, 8, 9);
        _announce(a, announced);
        _lower(steward, a, 10, 10, 10);
        assertEq(abi.encode(pools.membershipOf(pool, address(a)).pendingBounds), abi.encode(announced));
        _lower(steward, a, 10, 10, 6);
        announced.dailyCap = 6;
        assertEq(abi.encode(pools.membershipOf(pool, address(a)).pendingBounds), abi.encode(announced));
    }

    /// @dev Only the cap of each day is lowered: with none before, or none announced.
    function test_SWAP_2__lowering__daily_caps_alone__any_order_of_none_and_some() public {
        IPools.Bounds memory announced = _bounds(type(uint96).max / 2);
        uint96 most = type(uint96).max;
        _announce(a, announced);
        _lower(steward, a, announced.limit, most, 0);
        assertEq(pools.membershipOf(pool, address(a)).pendingBounds.dailyCap, 0);
        _lower(steward, a, announced.limit, most, 50);
        assertEq(pools.membershipOf(pool, address(a)).pendingBounds.dailyCap, 50);
        announced.dailyCap = 40;
        _announce(a, announced);
        _lower(steward, a, announced.limit, most, 45);
        assertEq(pools.membershipOf(pool, address(a)).pendingBounds.dailyCap, 40);
        assertEq(pools.membershipOf(pool, address(a)).boundsChangeAt, block.timestamp + DELAY);
    }

    function test_lowerBounds__nothing_is_announced__announces_nothing() public {
        vm.recordLogs();
        _lower(steward, a, 10, 10, 10);
        assertEq(pools.membershipOf(pool, address(a)).boundsChangeAt, 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            assertNotEq(logs[i].topics[0], IPools.BoundsAnnounced.selector);
        }
    }

    // ------------------------------------------------------------------ join

    function test_joinPool__tells_the_market_the_rules_then_the_bounds() public {
        IPools.Bounds memory bounds = IPools.Bounds(1, 2, 3, 4, 5);
        _announceTo(club, a, bounds);
        vm.expectEmit(address(pools));
        emit IPools.Joined(club, address(a), brandId);
        vm.expectEmit(address(pools));
        emit IPools.BoundsSet(club, address(a), bounds);
        vm.prank(brand);
        pools.joinPool(club, address(a));
        IPools.Membership memory membership = pools.membershipOf(club, address(a));
        assertTrue(membership.joined);
        assertEq(abi.encode(membership.bounds), abi.encode(bounds));
        assertEq(membership.boundsChangeAt, 0);
        assertEq(membership.pendingBounds.limit, 0);
        assertEq(pools.tokensOf(club).length, 1);
        assertEq(pools.tokensOf(club)[0], address(a));
        assertEq(pools.poolOf(club).tokens[0], address(a));
        Market.Told[] memory told = market.told();
        assertEq(told.length, 2);
        assertEq(told[0].what, IMarket.onJoined.selector);
        assertEq(told[1].what, IMarket.onBoundsSet.selector);
        assertEq(told[1].pool, club);
        assertEq(told[1].token, address(a));
        assertEq(abi.encode(market.rules_()), abi.encode(_clubRules()));
        assertEq(abi.encode(market.bounds_()), abi.encode(bounds));
    }

    function test_joinPool__bounds_not_announced_or_not_due__reverts() public {
        _expectNoChange(club, a);
        vm.prank(brand);
        pools.joinPool(club, address(a));
        _joinClub(a);
        _announceTo(club, b, _bounds(1));
        uint256 dueAt = block.timestamp + DELAY;
        vm.warp(dueAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IPools.Pools_ChangeNotDue.selector, club, address(b), uint40(dueAt))
        );
        vm.prank(partner);
        pools.joinPool(club, address(b));
        vm.warp(dueAt);
        vm.prank(partner);
        pools.joinPool(club, address(b));
        assertEq(pools.tokensOf(club).length, 2);
    }

    /// @dev Announced while nobody was in the pool, bounds wait all the same, but for who comes first.
    function test_SWAP_2__announced_while_the_pool_is_empty__waits_for_all_but_the_first() public {
        _announceTo(club, a, _bounds(1));
        _announceTo(club, b, _bounds(type(uint96).max));
        uint40 dueAt = uint40(block.timestamp) + DELAY;
        assertEq(pools.membershipOf(club, address(a)).boundsChangeAt, dueAt);
        vm.prank(brand);
        pools.joinPool(club, address(a));
        assertEq(pools.membershipOf(club, address(a)).bounds.limit, 1);
        vm.warp(dueAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_ChangeNotDue.selector, club, address(b), dueAt));
        vm.prank(partner);
        pools.joinPool(club, address(b));
        vm.warp(dueAt);
        vm.prank(partner);
        pools.joinPool(club, address(b));
    }

    /// @dev The first gets in at once, and then is bound like everybody.
    function test_SWAP_2__the_first_to_join__raises_only_after_the_delay() public {
        _joinClub(a);
        _announceTo(club, a, _bounds(5));
        vm.expectRevert(
            abi.encodeWithSelector(
                IPools.Pools_ChangeNotDue.selector, club, address(a), uint40(block.timestamp) + DELAY
            )
        );
        pools.applyBounds(club, address(a));
    }

    function test_joinPool__winding_down__reverts_from_its_announcement_on() public {
        _announceTo(club, a, _bounds(1));
        vm.startPrank(brand);
        obligations.announceWindDown(address(a));
        uint40 endsAt = obligations.windDownEndOf(address(a));
        bytes memory reason = abi.encodeWithSelector(IPools.Pools_WindingDown.selector, address(a), endsAt);
        vm.expectRevert(reason);
        pools.joinPool(club, address(a));
        uint256 snapshot = vm.snapshotState();
        vm.warp(endsAt); // over, and no longer obliged to anything
        vm.expectRevert(reason);
        pools.joinPool(club, address(a));
        vm.revertToState(snapshot);
        obligations.withdrawWindDown(address(a));
        pools.joinPool(club, address(a));
        vm.stopPrank();
        assertTrue(pools.membershipOf(club, address(a)).joined);
    }

    function test_joinPool__twice__reverts() public {
        _joinClub(a);
        _announceTo(club, a, _bounds(2));
        skip(DELAY);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_AlreadyJoined.selector, club, address(a)));
        vm.prank(brand);
        pools.joinPool(club, address(a));
    }

    function test_joinPool__not_the_brands_admin_or_brand_not_active__reverts() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.MANAGER);
        _announceTo(club, a, _bounds(1));
        address[4] memory others = [manager, partner, steward, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            vm.prank(others[i]);
            pools.joinPool(club, address(a));
        }
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        vm.prank(brand);
        pools.joinPool(club, address(a));
        vm.prank(alliance);
        brands.reinstate(brandId);
        vm.prank(brand);
        pools.joinPool(club, address(a));
    }

    function test_joinPool__token_of_another_currency_or_not_obliged__reverts() public {
        _announceTo(club, token, _bounds(1));
        vm.expectRevert(
            abi.encodeWithSelector(
                IPools.Pools_OtherCurrency.selector, address(token), currency, address(money)
            )
        );
        vm.prank(brand);
        pools.joinPool(club, address(token));
        ILoyaltyToken fresh = _createToken(brand, brandId, "Fresh", "FRESH");
        _announceTo(club, fresh, _bounds(1));
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, address(fresh))
        );
        vm.prank(brand);
        pools.joinPool(club, address(fresh));
        _announceTo(club, ILoyaltyToken(intruder), _bounds(1));
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, intruder)
        );
        vm.prank(intruder);
        pools.joinPool(club, intruder);
    }

    function test_joinPool__the_65th__reverts_until_one_has_left() public {
        uint256 most = pools.MAX_TOKENS();
        ILoyaltyToken[] memory many = new ILoyaltyToken[](most + 1);
        for (uint256 i = 0; i <= most; ++i) {
            many[i] = _tokenOf(brand, brandId, vm.toString(i), 2, PAR_A);
            _announceTo(club, many[i], _bounds(1));
        }
        skip(DELAY);
        vm.startPrank(brand);
        for (uint256 i = 0; i < most; ++i) {
            pools.joinPool(club, address(many[i]));
        }
        assertEq(pools.tokensOf(club).length, most);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_PoolFull.selector, club));
        pools.joinPool(club, address(many[most]));
        pools.leavePool(club, address(many[7]));
        pools.joinPool(club, address(many[most]));
        vm.stopPrank();
        address[] memory tokens = pools.tokensOf(club);
        assertEq(tokens.length, most);
        for (uint256 i = 0; i < most; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                assertNotEq(tokens[i], tokens[j], "twice in the pool");
            }
            assertTrue(pools.membershipOf(club, tokens[i]).joined);
        }
    }

    // ----------------------------------------------------------------- leave

    function test_leavePool__each_in_turn__the_others_stay() public {
        for (uint256 leaving = 0; leaving < 3; ++leaving) {
            uint256 snapshot = vm.snapshotState();
            for (uint256 i = 0; i < 3; ++i) {
                _announceTo(club, _all()[i], _bounds(1));
            }
            skip(DELAY);
            for (uint256 i = 0; i < 3; ++i) {
                vm.prank(_adminOf(_all()[i]));
                pools.joinPool(club, address(_all()[i]));
            }
            ILoyaltyToken left = _all()[leaving];
            vm.expectEmit(address(pools));
            emit IPools.Left(club, address(left));
            vm.prank(_adminOf(left));
            pools.leavePool(club, address(left));
            address[] memory tokens = pools.tokensOf(club);
            assertEq(tokens.length, 2);
            assertNotEq(tokens[0], address(left));
            assertNotEq(tokens[1], address(left));
            assertNotEq(tokens[0], tokens[1]);
            assertFalse(pools.membershipOf(club, address(left)).joined);
            assertEq(pools.membershipOf(club, address(left)).bounds.limit, 0);
            Market.Told[] memory told = market.told();
            assertEq(told[told.length - 1].what, IMarket.onLeft.selector);
            assertEq(told[told.length - 1].token, address(left));
            vm.revertToState(snapshot);
        }
    }

    /// @dev Nothing of it may be left: neither what its brand provided nor what members brought or took.
    function test_leavePool__something_left_in_the_market__reverts() public {
        bytes memory inUse = abi.encodeWithSelector(ISwaps.Swaps_StillInUse.selector, pool, address(a));
        vm.expectRevert(inUse);
        vm.prank(brand);
        pools.leavePool(pool, address(a));
        vm.prank(brand);
        swaps.withdraw(pool, address(a), 500_000e2 - 1, brand);
        vm.expectRevert(inUse);
        vm.prank(brand);
        pools.leavePool(pool, address(a));
        vm.prank(brand);
        swaps.withdraw(pool, address(a), 1, brand);
        uint256 snapshot = vm.snapshotState();
        _swap(a, b, 1000e2);
        vm.expectRevert(inUse);
        vm.prank(brand);
        pools.leavePool(pool, address(a));
        assertTrue(pools.membershipOf(pool, address(a)).joined);
        vm.revertToState(snapshot);
        vm.prank(brand);
        pools.leavePool(pool, address(a));
        assertFalse(_position(a).joined);
        assertEq(pools.tokensOf(pool).length, 2);
    }

    function test_leavePool__after_the_period_was_settled__leaves_the_debt_behind() public {
        _swap(a, b, 1000e2);
        vm.prank(brand);
        swaps.withdraw(pool, address(a), 500_000e2, brand);
        bytes32 settlementId = _close();
        vm.prank(brand);
        pools.leavePool(pool, address(a));
        assertEq(settlements.debtOf(settlementId, address(a)).unpaid, 1000e2 * uint256(PAR_A) / 100);
        // Back again, it has the line that its unpaid debt leaves it.
        _enter(brand, a, type(uint96).max);
        assertEq(_position(a).ceiling, (LINE - 1000e2 * uint256(PAR_A) / 100) * 100 / PAR_A);
    }

    function test_leavePool__not_admin_or_not_in__reverts() public {
        _joinClub(a);
        address[3] memory others = [steward, partner, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            vm.prank(others[i]);
            pools.leavePool(club, address(a));
        }
        _expectNotJoined(club, b);
        vm.prank(partner);
        pools.leavePool(club, address(b));
        _suspend();
        vm.prank(brand);
        pools.leavePool(club, address(a));
        _expectNotJoined(club, a);
        vm.prank(brand);
        pools.leavePool(club, address(a));
    }

    /// @dev Neither old bounds nor old announcements lead back in.
    function test_leavePool__back_again__on_bounds_announced_anew() public {
        _joinClub(a);
        _announceTo(club, b, _bounds(1));
        skip(DELAY);
        vm.prank(partner);
        pools.joinPool(club, address(b));
        _announceTo(club, a, _bounds(9));
        skip(DELAY);
        vm.startPrank(brand);
        pools.leavePool(club, address(a));
        _expectNoChange(club, a);
        pools.joinPool(club, address(a));
        vm.stopPrank();
        _announceTo(club, a, _bounds(8));
        skip(DELAY);
        vm.prank(brand);
        pools.joinPool(club, address(a));
        assertEq(pools.membershipOf(club, address(a)).bounds.limit, 8);
    }

    // -------------------------------------------------------------- alliance

    function test_setAllianceFee__by_the_alliance__up_to_a_fifth() public {
        (uint16 bps, address to) = pools.allianceFee();
        assertEq(bps, 0);
        assertEq(to, address(0));
        vm.expectEmit(address(pools));
        emit IPools.AllianceFeeSet(2000, treasury);
        vm.prank(alliance);
        pools.setAllianceFee(2000, treasury);
        (bps, to) = pools.allianceFee();
        assertEq(bps, 2000);
        assertEq(to, treasury);
        vm.startPrank(alliance);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_InvalidFee.selector, 2001));
        pools.setAllianceFee(2001, treasury);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_InvalidFee.selector, type(uint16).max));
        pools.setAllianceFee(type(uint16).max, treasury);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_InvalidFee.selector, 1));
        pools.setAllianceFee(1, address(0));
        pools.setAllianceFee(0, till);
        vm.stopPrank();
        (bps, to) = pools.allianceFee();
        assertEq(bps, 0);
        assertEq(to, till);
    }

    function test_setAllianceFee__anybody_else__reverts() public {
        address[3] memory others = [steward, brand, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i])
            );
            vm.prank(others[i]);
            pools.setAllianceFee(1, others[i]);
        }
    }

    /// @dev A period that has begun keeps the part that it began with.
    function test_setAllianceFee__counts_from_the_next_period_on() public {
        vm.prank(alliance);
        pools.setAllianceFee(1000, treasury);
        assertEq(swaps.periodOf(pool).allianceFee, 0);
        _swap(a, b, 100_000e2);
        bytes32 first = _close();
        assertEq(settlements.claimOf(first, treasury).value, 0);
        assertEq(swaps.periodOf(pool).allianceFee, 1000);
        vm.prank(alliance);
        pools.setAllianceFee(2000, treasury);
        _swap(a, b, 100_000e2);
        uint256 fees = uint256(_feesSoFar()) / 1e18;
        bytes32 second = _close();
        assertApproxEqAbs(settlements.claimOf(second, treasury).value, fees / 10, 1);
        assertGt(settlements.claimOf(second, treasury).value, 0);
    }

    // ------------------------------------------------------- hostile markets

    /// @dev A market that refuses is a matter of its own pool: nothing changes there, and everything elsewhere.
    function test_market__that_refuses__blocks_its_own_pool_alone() public {
        _joinClub(a);
        _announceTo(club, b, _bounds(5));
        _announceTo(club, a, _bounds(6));
        _announce(a, _bounds(7));
        skip(DELAY);
        bytes[4] memory calls = [
            abi.encodeCall(pools.joinPool, (club, address(b))),
            abi.encodeCall(pools.applyBounds, (club, address(a))),
            abi.encodeCall(pools.lowerBounds, (club, address(a), 0, 0, 0)),
            abi.encodeCall(pools.leavePool, (club, address(a)))
        ];
        address[4] memory callers = [partner, intruder, brand, brand];
        Market.Behaviour[2] memory hostile = [Market.Behaviour.Reverts, Market.Behaviour.RevertBomb];
        for (uint256 how = 0; how < hostile.length; ++how) {
            market.behave(hostile[how]);
            for (uint256 i = 0; i < calls.length; ++i) {
                vm.prank(callers[i]);
                (bool success,) = address(pools).call(calls[i]);
                assertFalse(success, vm.toString(i));
            }
            assertFalse(pools.membershipOf(club, address(b)).joined);
            assertEq(pools.tokensOf(club).length, 1);
            assertEq(pools.membershipOf(club, address(a)).bounds.limit, 1);
            assertEq(pools.membershipOf(club, address(a)).pendingBounds.limit, 6);
        }
        pools.applyBounds(pool, address(a));
        assertEq(_position(a).ceiling, 7);
        _lower(brand, a, 3, 3, 0);
        assertEq(_position(a).ceiling, 3);
        // Better again, or answering with a lot of nothing, it blocks nothing.
        market.behave(Market.Behaviour.ReturnBomb);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(callers[i]);
            (bool success,) = address(pools).call(calls[i]);
            assertTrue(success, vm.toString(i));
        }
        assertEq(pools.tokensOf(club).length, 1);
        assertEq(pools.tokensOf(club)[0], address(b));
    }

    function test_market__that_is_no_longer_listed__still_serves_its_pool() public {
        _joinClub(a);
        _list(IBrandRegistry.List.Module, address(market), false);
        vm.prank(brand);
        pools.lowerBounds(club, address(a), 0, 0, 0);
        vm.prank(brand);
        pools.leavePool(club, address(a));
        assertEq(pools.tokensOf(club).length, 0);
    }

    /// @dev What a market calls meanwhile, it calls as a stranger, of a pool that is already what it will be.
    function test_market__that_calls_back__gets_nowhere() public {
        _announceTo(club, a, _bounds(5));
        market.reenter(abi.encodeCall(pools.joinPool, (club, address(a))));
        vm.prank(brand);
        pools.joinPool(club, address(a));
        assertFalse(market.outcomes(0));
        assertEq(pools.tokensOf(club).length, 1);
        market.reenter(abi.encodeCall(pools.lowerBounds, (pool, address(a), 0, 0, 0)));
        vm.prank(brand);
        pools.lowerBounds(club, address(a), 1, 1, 0);
        assertFalse(market.outcomes(1));
        market.reenter(abi.encodeCall(pools.leavePool, (club, address(a))));
        vm.prank(brand);
        pools.leavePool(club, address(a));
        assertFalse(market.outcomes(2));
        assertEq(pools.tokensOf(club).length, 0);
        // What was announced is used up before the market hears of it.
        _announceTo(club, a, _bounds(5));
        market.reenter(abi.encodeCall(pools.applyBounds, (club, address(a))));
        vm.prank(brand);
        pools.joinPool(club, address(a));
        assertFalse(market.outcomes(3));
        assertEq(pools.tokensOf(club).length, 1);
    }

    /// @dev Nobody but its registry of pools tells a market anything.
    function test_swaps__told_by_a_stranger__reverts() public {
        vm.startPrank(intruder);
        bytes memory reason = abi.encodeWithSelector(ISwaps.Swaps_NotPools.selector, intruder);
        vm.expectRevert(reason);
        swaps.onJoined(pool, address(token), _rules(COVERED));
        vm.expectRevert(reason);
        swaps.onBoundsSet(pool, address(a), _bounds(type(uint96).max));
        vm.expectRevert(reason);
        swaps.onLeft(pool, address(a));
        vm.stopPrank();
    }

    // --------------------------------------------------------------- helpers

    function _clubRules() private view returns (IPools.Rules memory rules) {
        rules = _rules(COVERED);
        rules.market = address(market);
    }

    function _assertRules(uint32 periodLength, uint32 paymentTime, uint16 leverage, bool good) private {
        IPools.Rules memory rules = _clubRules();
        (rules.periodLength, rules.paymentTime, rules.leverage) = (periodLength, paymentTime, leverage);
        if (!good) vm.expectRevert(abi.encodeWithSelector(IPools.Pools_InvalidRules.selector, rules));
        pools.createPool(keccak256(abi.encode(rules)), rules);
    }

    function _announceTo(bytes32 pool_, ILoyaltyToken token_, IPools.Bounds memory bounds) private {
        vm.prank(steward);
        pools.announceBounds(pool_, address(token_), bounds);
    }

    function _joinClub(ILoyaltyToken token_) private {
        _announceTo(club, token_, _bounds(1));
        vm.prank(_adminOf(token_));
        pools.joinPool(club, address(token_));
    }

    function _lower(address by, ILoyaltyToken token_, uint96 limit, uint96 outflowCap, uint96 dailyCap)
        private
    {
        vm.prank(by);
        pools.lowerBounds(pool, address(token_), limit, outflowCap, dailyCap);
    }

    function _expectRaises(ILoyaltyToken token_, uint96 limit, uint96 outflowCap, uint96 dailyCap) private {
        IPools.Bounds memory current = pools.membershipOf(pool, address(token_)).bounds;
        IPools.Bounds memory asked =
            IPools.Bounds(limit, outflowCap, dailyCap, current.baseFee, current.feeSlope);
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_Raises.selector, asked, current));
    }

    function _expectNotSteward(bytes32 pool_, address caller) private {
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_NotSteward.selector, pool_, caller));
    }

    function _expectNotJoined(bytes32 pool_, ILoyaltyToken token_) private {
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_NotJoined.selector, pool_, address(token_)));
    }

    function _expectNoChange(bytes32 pool_, ILoyaltyToken token_) private {
        vm.expectRevert(abi.encodeWithSelector(IPools.Pools_NoChangePending.selector, pool_, address(token_)));
    }
}
