// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

import { IAllotmentReceiver } from "../../contracts/interfaces/IAllotmentReceiver.sol";
import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IOrders } from "../../contracts/interfaces/IOrders.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { Cooling } from "./utils/DeskTest.sol";
import { Currency } from "./utils/Currencies.sol";
import { Impostor } from "./utils/Impostor.sol";
import { OrderTest } from "./utils/OrderTest.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice What can be promised of deliveries, and that it gets worse only after notice (RED-2).
contract DeliveryConditionsTest is OrderTest {
    function test_createOffer__delivery__as_it_was_set() public view {
        IOffers.Offer memory offer = orders.offerOf(address(token), MUG);
        _assertConditions(offer.conditions, _made());
        assertEq(offer.version, 1);
        assertEq(orders.MAX_STAKE_PERCENT(), 20);
    }

    /// @dev Any token that is obliged can be ordered for: whatever desk it names, open as a module or not.
    function test_createOffer__token_not_open_to_orders__is_fine() public {
        assertFalse(token.isModule(address(orders)));
        assertEq(token.redemptionDesk(), address(desk));
        _open();
        assertEq(token.quotaOf(address(orders)), 0);
    }

    function test_createOffer__not_obliged__reverts() public {
        ILoyaltyToken fresh = _createToken(brand, brandId, "Fresh", "FRESH");
        address[3] memory none = [address(fresh), address(new Impostor(token)), member];
        for (uint256 i = 0; i < none.length; ++i) {
            _expect(
                abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, none[i])
            );
            vm.prank(brand);
            orders.createOffer(none[i], MUG, _made(), DOCUMENT, DOCUMENT_URI);
        }
    }

    function test_createOffer__no_time_to_deliver__reverts() public {
        IOffers.Conditions memory conditions = _made();
        conditions.fulfilDays = 0;
        _expect(IOrders.Orders_NoFulfilPeriod.selector);
        _publish("now", conditions);
        _expect(IOrders.Orders_NoFulfilPeriod.selector);
        _set(MUG, conditions);
    }

    function test_createOffer__stake__to_the_percent() public {
        IOffers.Conditions memory conditions = _made();
        uint8[2] memory tooMuch = [21, 255];
        for (uint256 i = 0; i < tooMuch.length; ++i) {
            conditions.stakePercent = tooMuch[i];
            _expect(abi.encodeWithSelector(IOrders.Orders_InvalidStake.selector, tooMuch[i], 20));
            _publish("dear", conditions);
            _expect(abi.encodeWithSelector(IOrders.Orders_InvalidStake.selector, tooMuch[i], 20));
            _set(MUG, conditions);
        }
        conditions.stakePercent = 20;
        _publish("dear", conditions);
    }

    function test_createOffer__arbiter_not_on_the_list__reverts() public {
        IOffers.Conditions memory conditions = _made();
        address[4] memory none = [address(0), brand, alliance, address(orders)];
        for (uint256 i = 0; i < none.length; ++i) {
            conditions.arbiter = none[i];
            _expect(abi.encodeWithSelector(IOrders.Orders_NoArbiter.selector, none[i]));
            _publish("own judge", conditions);
            _expect(abi.encodeWithSelector(IOrders.Orders_NoArbiter.selector, none[i]));
            _set(MUG, conditions);
        }
    }

    /// @dev An offer keeps the arbiter it has, so that its other conditions can still be changed; no offer
    /// comes by one anew.
    function test_setOffer__arbiter_left_the_list__stays_but_is_not_chosen() public {
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        IOffers.Conditions memory conditions = _made();
        conditions.price -= 1;
        _set(MUG, conditions);
        bytes memory reason = abi.encodeWithSelector(IOrders.Orders_NoArbiter.selector, arbiter);
        _expect(reason);
        _publish("bowl", conditions);
        // Once exchanged, it does not come back.
        _list(IBrandRegistry.List.Arbiter, till, true);
        conditions.arbiter = till;
        _set(MUG, conditions);
        vm.warp(START + NOTICE);
        conditions.arbiter = arbiter;
        _expect(reason);
        _set(MUG, conditions);
    }

    /// @dev Each field alone: what is better counts at once, what is worse after notice, and the orders that
    /// there are keep what they were opened with.
    /// @dev What draws more on the bond, or sooner, takes the key that laid it down.
    function test_attack_23__staff_key__cannot_make_failures_dearer_or_sooner() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.CAMPAIGN);
        bytes memory reason =
            abi.encodeWithSelector(BrandGate.BrandGate_NotAuthorized.selector, brandId, manager, Roles.ADMIN);
        IOffers.Conditions memory conditions = _made();
        conditions.compensation += 1;
        vm.startPrank(manager);
        vm.expectRevert(reason);
        orders.setOffer(address(token), MUG, conditions, DOCUMENT, DOCUMENT_URI);
        conditions = _made();
        conditions.fulfilDays -= 1;
        vm.expectRevert(reason);
        orders.setOffer(address(token), MUG, conditions, DOCUMENT, DOCUMENT_URI);
        conditions = _made();
        conditions.price -= 1;
        conditions.compensation -= 1;
        conditions.fulfilDays += 1;
        orders.setOffer(address(token), MUG, conditions, DOCUMENT, DOCUMENT_URI);
        vm.stopPrank();
    }

    function test_setOffer__each_field_of_delivery__better_at_once_worse_after_notice() public {
        _list(IBrandRegistry.List.Arbiter, till, true);
        for (uint256 field = 0; field < 4; ++field) {
            for (uint256 way = 0; way < 2; ++way) {
                uint256 snapshot = vm.snapshotState();
                IFulfilment.Order memory before = _open();
                uint40 fulfilBy = _deadline(before);
                bool worse = way == 1 || field == 3;
                IOffers.Conditions memory conditions = _made();
                if (field == 0) conditions.fulfilDays = worse ? FULFIL_DAYS + 1 : FULFIL_DAYS - 1;
                if (field == 1) conditions.stakePercent = worse ? STAKE_PERCENT + 1 : STAKE_PERCENT - 1;
                if (field == 2) conditions.compensation = worse ? COMPENSATION - 1 : COMPENSATION + 1;
                if (field == 3) conditions.arbiter = till;
                uint40 effectiveAt = worse ? START + NOTICE : START;
                vm.expectEmit(address(orders));
                emit IOffers.OfferSet(
                    address(token), MUG, 2, worse, effectiveAt, conditions, DOCUMENT, DOCUMENT_URI
                );
                _set(MUG, conditions);
                assertEq(orders.isOfferVersionValid(address(token), MUG, 1), true);
                if (worse) {
                    vm.warp(START + NOTICE - 1);
                    _assertConditions(orders.offerOf(address(token), MUG).conditions, _made());
                    vm.warp(START + NOTICE);
                    assertEq(orders.isOfferVersionValid(address(token), MUG, 1), false);
                }
                _assertConditions(orders.offerOf(address(token), MUG).conditions, conditions);
                // As they were, and facts that are as they were.
                _assertState(before, IFulfilment.State.Open, fulfilBy);
                _confirm(before);
                // As it is now.
                IFulfilment.Order memory order = _open();
                assertEq(order.arbiter, conditions.arbiter);
                assertEq(_deadline(order), block.timestamp + uint256(conditions.fulfilDays) * 1 days);
                _confirm(order);
                vm.revertToState(snapshot);
            }
        }
    }
}

/// @notice Opening an order by sending tokens.
contract OpenTest is OrderTest {
    function test_open__locks_reserves_and_tells() public {
        vm.warp(START + 12_345);
        IFulfilment.Order memory order = _facts(member, MUG, 3);
        assertEq(order.amount, 3 * PRICE);
        assertEq(order.compensation, 3 * COMPENSATION);
        assertEq(order.stake, 75);
        IOrders.OrderRequest memory request = _request(MUG, 3);
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, address(orders), 3 * PRICE);
        vm.expectEmit(address(orders));
        emit IFulfilment.OrderOpened(
            address(token),
            MUG,
            member,
            0,
            3,
            3 * PRICE,
            3 * COMPENSATION,
            75,
            arbiter,
            START + 12_345 + 10 days,
            REF
        );
        _send(member, 3 * PRICE, request);

        _assertState(order, IFulfilment.State.Open, START + 12_345 + 10 days);
        assertEq(token.balanceOf(member), BALANCE - 3 * PRICE);
        assertEq(_held(), 3 * PRICE);
        assertEq(token.totalSupply(), supply);
        assertEq(token.totalQuota(), 0);
        assertEq(_free(), FUND - 3 * COMPENSATION);
        _assertAllotment(3 * COMPENSATION);
        assertEq(orders.offerOf(address(token), MUG).sold, 3);
        IFulfilment.Record memory record;
        record.open = 3;
        assertEq(abi.encode(_record()), abi.encode(record));
        // And they are the facts.
        _confirm(order);
    }

    function test_open__numbers__are_units_sold_before_and_never_come_again() public {
        uint32[4] memory numbers = [uint32(0), 3, 4, 9];
        uint8[4] memory quantities = [3, 1, 5, 2];
        for (uint256 i = 0; i < numbers.length; ++i) {
            IFulfilment.Order memory order = _open(quantities[i]);
            assertEq(order.number, numbers[i]);
            _assertState(order, IFulfilment.State.Open, START + 10 days);
            // Ended or not.
            if (i % 2 == 0) _decline(order);
        }
    }

    // ----------------------------------------------------------------- price

    function test_open__price_fallen__surplus_comes_back_at_once() public {
        IOrders.OrderRequest memory request = _request(MUG, 2);
        IOffers.Conditions memory conditions = _made();
        conditions.price = 101;
        _set(MUG, conditions);
        IFulfilment.Order memory order = _facts(member, MUG, 2);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(address(orders), member, 2 * (PRICE - 101));
        _send(member, 2 * PRICE, request);
        assertEq(token.balanceOf(member), BALANCE - 202);
        assertEq(_held(), 202);
        assertEq(order.amount, 202);
        assertEq(order.stake, 21); // a tenth, rounded up
        _confirm(order);
    }

    function test_open__amount__to_the_unit() public {
        IOrders.OrderRequest memory request = _request(MUG, 2);
        uint256[2] memory little = [uint256(2 * PRICE - 1), 0];
        for (uint256 i = 0; i < little.length; ++i) {
            _expect(abi.encodeWithSelector(IOrders.Orders_TooLittle.selector, little[i], 2 * PRICE));
            _send(member, little[i], request);
        }
        _send(member, 2 * PRICE + 1, request);
        assertEq(_held(), 2 * PRICE);
        assertEq(token.balanceOf(member), BALANCE - 2 * PRICE);
        _expect(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector, member, BALANCE - 2 * PRICE, BALANCE
            )
        );
        _send(member, BALANCE, request);
    }

    /// @dev Price times quantity beyond what any balance is: it must not wrap round to something small.
    function test_open__cost_beyond_96_bits__is_exact() public {
        vm.prank(address(obligations));
        token.setCapacity(type(uint96).max);
        _mint(member, type(uint96).max - token.totalSupply());
        IOffers.Conditions memory conditions = _made();
        conditions.stock = type(uint32).max;
        conditions.price = (1 << 64) + (1 << 33); // so that cut to 96 bits it would be little
        _publish("castle", conditions);
        IOrders.OrderRequest memory request = _request("castle", uint256(1) << 31);
        request.quantity = (uint256(1) << 32) - 1;
        uint256 balance = token.balanceOf(member);
        uint256 cost = request.quantity * conditions.price;
        _expect(abi.encodeWithSelector(IOrders.Orders_TooLittle.selector, balance, cost));
        _send(member, balance, request);

        conditions.price = type(uint96).max;
        _publish("world", conditions);
        request.offerId = "world";
        cost = request.quantity * type(uint96).max;
        _expect(abi.encodeWithSelector(IOrders.Orders_TooLittle.selector, balance, cost));
        _send(member, balance, request);
        // Nor where the member signs for any sum.
        ILoyaltyToken.Spend memory spend = _spend(member, type(uint256).max);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        _expect(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, member, balance, cost));
        orders.openWithSignature(address(token), request, spend, signature);
    }

    /// @dev The largest that there can be: all units in one order, for all there is, and out again.
    function test_open__largest_numbers__can_be_ended() public {
        vm.prank(address(obligations));
        token.setCapacity(type(uint96).max);
        _reclaim(MUG, FUND);
        _deposit(type(uint88).max - FUND);
        IOffers.Conditions memory conditions = _made();
        (conditions.stock, conditions.price) = (type(uint32).max, 1);
        conditions.compensation = type(uint96).max;
        _publish("everything", conditions);
        _allot("everything", type(uint88).max);
        _mint(member, type(uint32).max);
        IFulfilment.Order memory order = _open(member, "everything", type(uint32).max);
        assertEq(order.quantity, type(uint32).max);
        assertEq(order.compensation, type(uint88).max);
        assertEq(orders.freeCompensationOf(address(token), "everything"), 0);
        uint256 snapshot = vm.snapshotState();
        vm.warp(_deadline(order));
        _claim(order);
        assertEq(_owed(member), type(uint88).max);
        assertEq(orders.recordOf(address(token), "everything").failed, type(uint32).max);
        vm.revertToState(snapshot);
        _confirm(order);
        assertEq(orders.freeCompensationOf(address(token), "everything"), type(uint88).max);
        assertEq(orders.recordOf(address(token), "everything").fulfilled, type(uint32).max);
        // Nothing more is for sale, so no count can pass its end.
        _refuse(
            abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, 1, 0),
            member,
            1,
            _request("everything", 1)
        );
    }

    function test_open__stake__rounded_up_once(uint96 price, uint8 percent, uint32 quantity) public {
        IOffers.Conditions memory conditions = _made();
        conditions.price = uint96(bound(price, 1, 100));
        conditions.stakePercent = uint8(bound(percent, 0, 20));
        quantity = uint32(bound(quantity, 1, 1000));
        _publish("any", conditions);
        uint256 amount = conditions.price * quantity;
        IFulfilment.Order memory order = _open(member, "any", quantity);
        assertGe(uint256(order.stake) * 100, amount * conditions.stakePercent);
        assertLt(uint256(order.stake) * 100, amount * conditions.stakePercent + 100);
        _confirm(order);
    }

    // -------------------------------------------------------------- versions

    function test_open__version__good_since_the_last_worsening() public {
        IOrders.OrderRequest memory request = _request(MUG, 1);
        IOffers.Conditions memory conditions = _made();
        conditions.price -= 1;
        _set(MUG, conditions); // 2, better
        _send(member, PRICE, request);
        conditions.price += 5;
        _set(MUG, conditions); // 3, worse, after notice
        request.version = 2;
        vm.warp(START + NOTICE - 1);
        _send(member, PRICE, request);
        request.version = 3;
        _expectStale(3, 1, 2);
        _send(member, 1000, request);
        vm.warp(START + NOTICE);
        uint256[4] memory bad = [uint256(0), 1, 2, 4];
        for (uint256 i = 0; i < bad.length; ++i) {
            request.version = bad[i];
            _expectStale(bad[i], 3, 3);
            _send(member, 1000, request);
        }
        request.version = 3;
        _send(member, PRICE + 4, request);
    }

    /// @dev Due by the clock and written down by nobody: every field counts as it was announced.
    function test_open__change_due_but_not_written_down__counts_whole() public {
        _list(IBrandRegistry.List.Arbiter, till, true);
        IOffers.Conditions memory conditions = _made();
        conditions.price = 301;
        conditions.stock = 7;
        conditions.memberLimit = 5;
        conditions.closesAt = START + NOTICE + 100;
        conditions.fulfilDays = 33;
        conditions.stakePercent = 20;
        conditions.compensation = 77;
        conditions.arbiter = till;
        _set(MUG, conditions);
        vm.warp(START + NOTICE - 1);
        assertEq(_open(1).compensation, COMPENSATION);
        vm.warp(START + NOTICE);
        for (uint256 i = 0; i < 2; ++i) {
            IFulfilment.Order memory order = _open(2);
            assertEq(order.number, 1 + 2 * i);
            assertEq(order.amount, 602);
            assertEq(order.compensation, 154);
            assertEq(order.stake, 121);
            assertEq(order.arbiter, till);
            _assertState(order, IFulfilment.State.Open, START + NOTICE + 33 days);
            _fulfil(order);
            _dispute(order);
            vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_NotArbiter.selector, arbiter, till));
            vm.prank(arbiter);
            orders.decide(order, 0, 0);
            _decide(order, 0, 0);
        }
        _refuse(
            abi.encodeWithSelector(IOffers.Offers_MemberLimitReached.selector, 2, 1),
            member,
            602,
            _request(MUG, 2)
        );
        _refuse(
            abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, 3, 2), member, 903, _request(MUG, 3)
        );
        vm.warp(START + NOTICE + 100);
        _refuse(
            abi.encodeWithSelector(IOffers.Offers_OutsideWindow.selector, START, START + NOTICE + 100),
            member,
            301,
            _request(MUG, 1)
        );
        // Written down, nothing is different.
        IOrders.OrderRequest memory request = _request(MUG, 1);
        conditions.closesAt += 1;
        _set(MUG, conditions);
        IFulfilment.Order memory last = _facts(member, MUG, 1);
        _send(member, 301, request);
        assertEq(last.number, 5);
        _confirm(last);
    }

    // ---------------------------------------------------------------- limits

    function test_open__window__half_open_to_the_second() public {
        IOffers.Conditions memory conditions = _made();
        (conditions.opensAt, conditions.closesAt) = (START + 10 days, START + 20 days);
        _publish("fair", conditions);
        for (uint256 end = 0; end < 2; ++end) {
            for (uint256 i = 0; i < 3; ++i) {
                uint40 time = uint40((end == 0 ? conditions.opensAt : conditions.closesAt) + i - 1);
                vm.warp(time);
                IOrders.OrderRequest memory request = _request("fair", 1);
                if (time < conditions.opensAt || time >= conditions.closesAt) {
                    _expect(
                        abi.encodeWithSelector(
                            IOffers.Offers_OutsideWindow.selector, conditions.opensAt, conditions.closesAt
                        )
                    );
                }
                _send(member, PRICE, request);
            }
        }
        assertEq(orders.offerOf(address(token), "fair").sold, 3);
    }

    /// @dev A unit given back is a unit sold all the same: stock and limit are over the offer's life.
    function test_open__stock_and_limit__count_what_was_given_back() public {
        IOffers.Conditions memory conditions = _made();
        (conditions.stock, conditions.memberLimit) = (5, 3);
        _publish("rare", conditions);
        _decline(_open(member, "rare", 2));
        _refuse(
            abi.encodeWithSelector(IOffers.Offers_MemberLimitReached.selector, 2, 1),
            member,
            2 * PRICE,
            _request("rare", 2)
        );
        _open(member, "rare", 1);
        assertEq(orders.redeemedBy(address(token), "rare", member), 3);
        _mint(till, BALANCE);
        _refuse(
            abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, 3, 2),
            till,
            3 * PRICE,
            _request("rare", 3)
        );
        _open(till, "rare", 2);
        assertEq(orders.redeemedBy(address(token), "rare", till), 2);
    }

    function test_open__quantity__of_nothing_or_beyond_all__reverts() public {
        _refuse(abi.encodeWithSelector(IOffers.Offers_ZeroQuantity.selector), member, PRICE, _request(MUG, 0));
        IOrders.OrderRequest memory request = _request(MUG, 1);
        uint256[3] memory most = [uint256(MANY) + 1, (uint256(1) << 32) | 1, type(uint256).max];
        for (uint256 i = 0; i < most.length; ++i) {
            request.quantity = most[i];
            _expect(abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, most[i], MANY));
            _send(member, PRICE, request);
        }
    }

    function test_open__unknown_offer__reverts() public {
        IOrders.OrderRequest memory request = _request(MUG, 1);
        request.offerId = "no such offer";
        _expect(abi.encodeWithSelector(IOffers.Offers_NotFound.selector, token, request.offerId));
        _send(member, PRICE, request);
    }

    /// @dev ISSUE-3: members do with their tokens what they like, in any status.
    function test_open__suspended_or_leaving__works_and_ends() public {
        _suspendAndStop();
        IFulfilment.Order memory order = _open();
        _leave();
        IFulfilment.Order memory second = _open();
        vm.warp(_deadline(second));
        _claim(order);
        _claim(second);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(_owed(member), 4 * COMPENSATION);
    }

    // -------------------------------------------------------------- retiring

    /// @dev Nobody gets an arbiter any more whom the alliance has struck off; who has him keeps him.
    function test_retireOffer__arbiter_struck_off__ends_it_for_new_orders_alone() public {
        IFulfilment.Order memory before = _open();
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        IOffers.Offer memory offer = orders.offerOf(address(token), MUG);
        vm.warp(START + 1 days);
        vm.expectEmit(address(orders));
        emit IOrders.OfferRetired(address(token), MUG, arbiter);
        vm.prank(intruder);
        orders.retireOffer(address(token), MUG);

        // Nothing but the end and the arbiter has changed.
        offer.conditions.closesAt = START + 1 days;
        offer.conditions.arbiter = address(0);
        assertEq(
            keccak256(abi.encode(orders.offerOf(address(token), MUG))), keccak256(abi.encode(offer)), "RED-2"
        );
        IOrders.OrderRequest memory request = _request(MUG, 1);
        _expect(abi.encodeWithSelector(IOffers.Offers_OutsideWindow.selector, START, START + 1 days));
        _send(member, PRICE, request);
        assertEq(_free(), FUND - before.compensation);

        _fulfil(before);
        _dispute(before);
        _decide(before, before.amount, before.compensation);
        assertEq(_owed(member), before.compensation);
    }

    function test_retireOffer__arbiter_on_the_list_or_none__reverts() public {
        _expectNothingToRetire(arbiter);
        orders.retireOffer(address(token), MUG);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        _list(IBrandRegistry.List.Arbiter, arbiter, true);
        _expectNothingToRetire(arbiter);
        orders.retireOffer(address(token), MUG);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        orders.retireOffer(address(token), MUG);
        _expectNothingToRetire(address(0));
        orders.retireOffer(address(token), MUG);
        vm.expectRevert(abi.encodeWithSelector(IOffers.Offers_NotFound.selector, token, bytes32("none")));
        orders.retireOffer(address(token), "none");
    }

    /// @dev An offer that is over stays over since when it was.
    function test_retireOffer__over_already__keeps_its_end() public {
        IOffers.Conditions memory conditions = _made();
        for (uint40 i = 0; i < 3; ++i) {
            bytes32 offerId = bytes32(uint256(i) + 1);
            conditions.closesAt = START + 9 + i;
            _publish(offerId, conditions);
        }
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        vm.warp(START + 10);
        for (uint40 i = 0; i < 3; ++i) {
            bytes32 offerId = bytes32(uint256(i) + 1);
            orders.retireOffer(address(token), offerId);
            uint40 closesAt = orders.offerOf(address(token), offerId).conditions.closesAt;
            assertEq(closesAt, i == 0 ? START + 9 : START + 10);
        }
    }

    /// @dev The brand goes on with an arbiter from the list, after notice; not with the old one, nor at once.
    function test_retireOffer__opens_again_with_another_arbiter_after_notice() public {
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        orders.retireOffer(address(token), MUG);
        IOffers.Conditions memory conditions = _made();
        _expect(abi.encodeWithSelector(IOrders.Orders_NoArbiter.selector, arbiter));
        _set(MUG, conditions);
        conditions.arbiter = address(0);
        _expect(abi.encodeWithSelector(IOrders.Orders_NoArbiter.selector, address(0)));
        _set(MUG, conditions);
        _list(IBrandRegistry.List.Arbiter, till, true);
        conditions.arbiter = till;
        _set(MUG, conditions);
        vm.warp(START + NOTICE - 1);
        IOrders.OrderRequest memory request = _request(MUG, 1);
        _expect(abi.encodeWithSelector(IOffers.Offers_OutsideWindow.selector, START, START));
        _send(member, PRICE, request);
        vm.warp(START + NOTICE);
        assertEq(_open().arbiter, till);
    }

    /// @dev What is in force by the clock is what is ended, written down or not; what is still to come comes.
    function test_retireOffer__change_announced__comes_and_can_be_ended_too() public {
        _list(IBrandRegistry.List.Arbiter, till, true);
        IOffers.Conditions memory conditions = _made();
        conditions.arbiter = till;
        conditions.price = PRICE + 1;
        _set(MUG, conditions);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        _list(IBrandRegistry.List.Arbiter, till, false);
        orders.retireOffer(address(token), MUG);
        assertEq(orders.offerOf(address(token), MUG).changeAt, START + NOTICE);
        vm.warp(START + NOTICE);
        assertEq(_open().arbiter, till);
        vm.expectEmit(address(orders));
        emit IOrders.OfferRetired(address(token), MUG, till);
        orders.retireOffer(address(token), MUG);
        IOffers.Offer memory offer = orders.offerOf(address(token), MUG);
        assertEq(offer.version, 2);
        assertEq(offer.conditions.price, PRICE + 1);
        assertEq(offer.conditions.closesAt, START + NOTICE);
        assertEq(offer.pendingConditions.price, 0);
        IOrders.OrderRequest memory request = _request(MUG, 1);
        _expect(abi.encodeWithSelector(IOffers.Offers_OutsideWindow.selector, START, START + NOTICE));
        _send(member, PRICE + 1, request);
    }

    function _expectNothingToRetire(address which) private {
        vm.expectRevert(abi.encodeWithSelector(IOrders.Orders_NothingToRetire.selector, which));
    }

    // ---------------------------------------------------------- compensation

    function test_open__compensation__reserved_until_the_purse_is_empty() public {
        _reclaim(MUG, FUND - 2 * COMPENSATION - 1);
        IFulfilment.Order memory first = _open(2);
        assertEq(first.compensation, 2 * COMPENSATION);
        // A unit is left, and whoever insists on more is told.
        IOrders.OrderRequest memory request = _request(MUG, 1);
        request.leastCompensation = 2;
        _expect(abi.encodeWithSelector(IOrders.Orders_CompensationShort.selector, 1, 2));
        _send(member, PRICE, request);
        request.leastCompensation = 1;
        IFulfilment.Order memory second = _facts(member, MUG, 1);
        assertEq(second.compensation, 1);
        _send(member, PRICE, request);
        request.leastCompensation = 0;
        IFulfilment.Order memory third = _facts(member, MUG, 1);
        assertEq(third.compensation, 0);
        _send(member, PRICE, request);
        _assertAllotment(2 * COMPENSATION + 1);
        // What comes free is there for the next, and each gets what it reserved.
        _confirm(first);
        assertEq(_open(1).compensation, COMPENSATION);
        vm.warp(START + 10 days);
        _claim(second);
        _claim(third);
        assertEq(_owed(member), 1);
        assertEq(_record().compensationPaid, 1);
        _assertAllotment(COMPENSATION);
    }

    function test_open__more_compensation_than_offered__reverts() public {
        IOrders.OrderRequest memory request = _request(MUG, 2);
        request.leastCompensation = 2 * COMPENSATION + 1;
        _expect(
            abi.encodeWithSelector(
                IOrders.Orders_CompensationShort.selector, 2 * COMPENSATION, 2 * COMPENSATION + 1
            )
        );
        _send(member, 2 * PRICE, request);
    }

    /// @dev Money meant for one offer is not there for another, though both are one brand's.
    function test_open__compensation__of_another_offer__is_not_touched() public {
        _publish("bowl", _made());
        assertEq(_open(member, "bowl", 1).compensation, 0);
        assertEq(_free(), FUND);
        _fund("bowl", 600);
        assertEq(_open(member, "bowl", 2).compensation, 600);
        assertEq(_free(), FUND);
        uint256 allotted = bonds.allotmentOf(address(token), PURSE, address(orders));
        assertEq(allotted, FUND + 600);
    }

    // ------------------------------------------------------ unbidden callers

    /// @dev Who is no token has no offers, whatever it says of itself; and there is nothing to call back.
    function test_onTransferReceived__by_who_is_no_token__reverts() public {
        IFulfilment.Order memory order = _delivered();
        bytes memory open = abi.encode(IOrders.Act.Open, _request(MUG, 1));
        bytes memory dispute = abi.encode(IOrders.Act.Dispute, order);
        Impostor impostor = new Impostor(token);
        address[4] memory fakes = [address(impostor), intruder, member, address(partnerToken)];
        for (uint256 i = 0; i < fakes.length; ++i) {
            _expect(abi.encodeWithSelector(IOffers.Offers_NotFound.selector, fakes[i], MUG));
            _tell(fakes[i], PRICE, open);
            vm.expectRevert(
                abi.encodeWithSelector(IFulfilment.Fulfilment_OtherToken.selector, token, fakes[i])
            );
            _tell(fakes[i], order.stake, dispute);
        }
        assertEq(impostor.called(), 0);
        order.token = address(impostor);
        _expectWrongState(order, IFulfilment.State.None);
        _tell(address(impostor), order.stake, abi.encode(IOrders.Act.Dispute, order));
    }

    function test_open__garbage__reverts_and_leaves_the_tokens() public {
        IOrders.OrderRequest memory request = _request(MUG, 1);
        bytes memory good = abi.encode(IOrders.Act.Open, request);
        bytes[7] memory garbage = [
            bytes(""),
            hex"00",
            abi.encode(uint256(0)),
            abi.encode(uint256(1)),
            abi.encode(uint256(2), request),
            abi.encode(type(uint256).max, request),
            bytes.concat(bytes31(0), good) // one byte off
        ];
        for (uint256 i = 0; i < garbage.length; ++i) {
            vm.expectRevert();
            vm.prank(member);
            token.transferAndCall(address(orders), PRICE, garbage[i]);
        }
        // Every shorter one.
        for (uint256 length = 0; length < good.length; length += 16) {
            bytes memory short = new bytes(length);
            for (uint256 i = 0; i < length; ++i) {
                short[i] = good[i];
            }
            vm.expectRevert();
            vm.prank(member);
            token.transferAndCall(address(orders), PRICE, short);
        }
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(_held(), 0);
        assertEq(orders.offerOf(address(token), MUG).sold, 0);
    }

    /// @dev Facts with dirt above a field's width are no facts.
    function test_dispute__dirty_facts__revert() public {
        IFulfilment.Order memory order = _delivered();
        bytes memory good = abi.encode(IOrders.Act.Dispute, order);
        uint256[8] memory narrow = [uint256(0), 2, 3, 4, 5, 6, 8, 9];
        for (uint256 i = 0; i < narrow.length; ++i) {
            bytes memory dirty = bytes.concat(good);
            assembly ("memory-safe") {
                let at := add(add(dirty, 0x40), mul(mload(add(narrow, mul(i, 0x20))), 0x20))
                mstore(at, or(mload(at), shl(255, 1)))
            }
            vm.expectRevert();
            vm.prank(member);
            token.transferAndCall(address(orders), order.stake, dirty);
        }
        vm.prank(member);
        token.transferAndCall(address(orders), order.stake, good);
    }

    /// @dev Attack 4: what is merely sent here is nobody's and changes nothing.
    function test_attack_4__donation__changes_nothing() public {
        _mint(till, BALANCE);
        IFulfilment.Order memory order = _open();
        vm.prank(till);
        token.transfer(address(orders), BALANCE);
        money.mint(address(bonds), 1000);
        money.mint(address(orders), 1000);
        assertEq(_open().compensation, 2 * COMPENSATION);
        vm.warp(_deadline(order));
        _claim(order);
        assertEq(token.balanceOf(member), BALANCE - 2 * PRICE);
        assertEq(_held(), BALANCE + 2 * PRICE);
        _assertAllotment(2 * COMPENSATION);
    }

    /// @dev Several brands' tokens lie here, and each order is paid back in its own.
    function test_open__two_brands__have_nothing_to_do_with_each_other() public {
        vm.startPrank(partner);
        orders.createOffer(address(partnerToken), MUG, _made(), DOCUMENT, DOCUMENT_URI);
        vm.stopPrank();
        _mint(partnerToken, member, BALANCE);
        IFulfilment.Order memory order = _open();
        IOrders.OrderRequest memory request = _request(MUG, 2);
        request.leastCompensation = 0;
        vm.prank(member);
        partnerToken.transferAndCall(address(orders), 2 * PRICE, abi.encode(IOrders.Act.Open, request));
        IFulfilment.Order memory other = abi.decode(abi.encode(order), (IFulfilment.Order));
        other.token = address(partnerToken);
        other.compensation = 0;
        // Another brand's manager can neither deliver nor decline.
        _expectNotAllowed(partnerId, manager, 1);
        vm.prank(manager);
        orders.fulfil(address(partnerToken), MUG, _one(0));
        _expectNotAllowed(partnerId, manager, 1);
        vm.prank(manager);
        orders.decline(other);
        IFulfilment.Order[] memory both = new IFulfilment.Order[](2);
        (both[0], both[1]) = (order, other);
        _fulfil(order);
        vm.prank(partner);
        orders.fulfil(address(partnerToken), MUG, _one(0));
        vm.warp(START + DISPUTE);
        vm.expectRevert(
            abi.encodeWithSelector(IFulfilment.Fulfilment_OtherToken.selector, partnerToken, token)
        );
        orders.finish(address(token), both);
        _finish(order);
        assertEq(partnerToken.balanceOf(address(orders)), 2 * PRICE);
        assertEq(_held(), 0);
        vm.prank(partner);
        orders.decline(other);
        assertEq(partnerToken.balanceOf(member), BALANCE);
        assertEq(token.balanceOf(member), BALANCE - 2 * PRICE);
        assertEq(_free(), FUND);
    }

    function _refuse(bytes memory reason, address who, uint256 amount, IOrders.OrderRequest memory request)
        private
    {
        vm.expectRevert(reason);
        _send(who, amount, request);
    }

    function _tell(address who, uint256 value, bytes memory data) private {
        vm.prank(who);
        IERC1363Receiver(address(orders)).onTransferReceived(member, member, value, data);
    }

    function _expectStale(uint256 version, uint32 worsened, uint32 current) private {
        _expect(abi.encodeWithSelector(IOffers.Offers_StaleVersion.selector, version, worsened, current));
    }
}

/// @notice Opening an order that was signed: good for that alone, once (SIG-1).
contract SignedOrderTest is OrderTest {
    function test_openWithSignature__submitted_by_anybody() public {
        IFulfilment.Order memory order = _facts(member, MUG, 2);
        IOrders.OrderRequest memory request = _request(MUG, 2);
        ILoyaltyToken.Spend memory spend = _spend(member, 2 * PRICE);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, address(orders), 2 * PRICE);
        vm.prank(intruder);
        orders.openWithSignature(address(token), request, spend, signature);
        _assertState(order, IFulfilment.State.Open, START + 10 days);
        assertEq(token.balanceOf(member), BALANCE - 2 * PRICE);
        assertEq(_held(), 2 * PRICE);
        assertEq(token.receiptOf(member, spend.nonce), 0);
        // Once.
        _expectUsed(member, spend.nonce);
        orders.openWithSignature(address(token), request, spend, signature);
        // And by no other way of writing it.
        signature = _signCompact(memberKey, _openDigest(spend, request));
        _expectUsed(member, spend.nonce);
        orders.openWithSignature(address(token), request, spend, signature);
        _confirm(order);
    }

    function test_openWithSignature__price_fallen__takes_no_more_than_it_costs() public {
        IOrders.OrderRequest memory request = _request(MUG, 2);
        ILoyaltyToken.Spend memory spend = _spend(member, 2 * PRICE);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        IOffers.Conditions memory conditions = _made();
        conditions.price -= 40;
        _set(MUG, conditions);
        orders.openWithSignature(address(token), request, spend, signature);
        assertEq(token.balanceOf(member), BALANCE - 2 * (PRICE - 40));
        assertEq(_held(), 2 * (PRICE - 40));
    }

    function test_openWithSignature__costs_more_than_signed__reverts() public {
        IOrders.OrderRequest memory request = _request(MUG, 2);
        ILoyaltyToken.Spend memory spend = _spend(member, 2 * PRICE - 1);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        _expect(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_MoreThanSigned.selector, 2 * PRICE, 2 * PRICE - 1
            )
        );
        orders.openWithSignature(address(token), request, spend, signature);
    }

    function test_openWithSignature__deadline__to_the_second() public {
        IOrders.OrderRequest memory request = _request(MUG, 1);
        ILoyaltyToken.Spend memory spend = _spend(member, PRICE);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        uint256 snapshot = vm.snapshotState();
        for (uint256 time = spend.deadline - 1; time <= spend.deadline + 1; ++time) {
            vm.warp(time);
            if (time > spend.deadline) {
                _expect(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_Expired.selector, spend.deadline));
            }
            orders.openWithSignature(address(token), request, spend, signature);
            vm.revertToState(snapshot);
        }
    }

    function test_openWithSignature__any_field_changed__reverts() public {
        IOrders.OrderRequest memory request = _request(MUG, 2);
        request.leastCompensation = 1;
        ILoyaltyToken.Spend memory spend = _spend(member, 10 * PRICE);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        // So that all that differs is the signature: both versions and both offers are good.
        IOffers.Conditions memory conditions = _made();
        conditions.price -= 1;
        _set(MUG, conditions);
        _publish("bowl", _made());
        _fund("bowl", FUND);
        for (uint256 field = 0; field < 5; ++field) {
            IOrders.OrderRequest memory wrong = abi.decode(abi.encode(request), (IOrders.OrderRequest));
            if (field == 0) wrong.offerId = "bowl";
            else if (field == 1) wrong.quantity = 3;
            else if (field == 2) wrong.version = 2;
            else if (field == 3) wrong.leastCompensation = 0;
            else wrong.orderRef = 0;
            if (field == 0) wrong.version = 1;
            _expectBadSignature(member);
            orders.openWithSignature(address(token), wrong, spend, signature);
        }
        for (uint256 field = 0; field < 4; ++field) {
            ILoyaltyToken.Spend memory wrong = abi.decode(abi.encode(spend), (ILoyaltyToken.Spend));
            if (field == 0) wrong.from = till;
            else if (field == 1) wrong.amount += 1;
            else if (field == 2) wrong.nonce = _nonce();
            else wrong.deadline += 1;
            _expectBadSignature(wrong.from);
            orders.openWithSignature(address(token), request, wrong, signature);
        }
        orders.openWithSignature(address(token), request, spend, signature);
    }

    function test_openWithSignature__for_another_token_desk_or_chain__reverts() public {
        vm.prank(partner);
        orders.createOffer(address(partnerToken), MUG, _made(), DOCUMENT, DOCUMENT_URI);
        _mint(partnerToken, member, BALANCE);
        IOrders.OrderRequest memory request = _request(MUG, 2);
        request.leastCompensation = 0;
        ILoyaltyToken.Spend memory spend = _spend(member, 2 * PRICE);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        _expectBadSignature(member);
        orders.openWithSignature(address(partnerToken), request, spend, signature);

        IOrders second = IOrders(deployCode("Orders.sol:Orders", abi.encode(brands, obligations, bonds)));
        vm.prank(brand);
        second.createOffer(address(token), MUG, _made(), DOCUMENT, DOCUMENT_URI);
        _expectBadSignature(member);
        second.openWithSignature(address(token), request, spend, signature);

        vm.chainId(5);
        _expectBadSignature(member);
        orders.openWithSignature(address(token), request, spend, signature);
        vm.chainId(31_337);
        orders.openWithSignature(address(token), request, spend, signature);
    }

    /// @dev Handed straight to the token, it is for nobody but Orders.
    function test_openWithSignature__taken_to_the_token_by_another__reverts() public {
        IOrders.OrderRequest memory request = _request(MUG, 2);
        ILoyaltyToken.Spend memory spend = _spend(member, 2 * PRICE);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        bytes32 typehash = keccak256(
            "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,OrderRequest witness)OrderRequest(bytes32 offerId,uint256 quantity,uint256 version,uint256 leastCompensation,bytes32 orderRef)"
        );
        bytes32 witness = keccak256(abi.encode(request));
        _expectBadSignature(member);
        vm.prank(intruder);
        token.receiveWithSignature(spend, 2 * PRICE, typehash, witness, signature);
    }

    /// @dev A wallet that is a contract signs as a key does (ERC-1271), and is asked without being let act.
    function test_openWithSignature__by_a_wallet() public {
        Wallet wallet = new Wallet(member);
        _mint(address(wallet), BALANCE);
        IOrders.OrderRequest memory request = _request(MUG, 2);
        ILoyaltyToken.Spend memory spend = _spend(address(wallet), 2 * PRICE);
        bytes memory signature = _sign(memberKey, _openDigest(spend, request));
        IFulfilment.Order memory order = _facts(address(wallet), MUG, 2);
        orders.openWithSignature(address(token), request, spend, signature);
        _fulfil(order);
        // It disputes and agrees by signature as well.
        ILoyaltyToken.Spend memory stake = _spend(address(wallet), order.stake);
        orders.disputeWithSignature(order, stake, _sign(memberKey, _disputeDigest(stake, MUG, order.number)));
        ILoyaltyToken.Spend memory consent = _spend(address(wallet), 0);
        orders.confirmWithSignature(
            order, consent, _sign(memberKey, _confirmDigest(consent, MUG, order.number))
        );
        assertEq(token.balanceOf(address(wallet)), BALANCE - order.amount);
        assertEq(_held(), 0);
    }

    function test_openWithSignature__by_a_wallet_that_does_not_say_yes__reverts() public {
        Wallet wallet = new Wallet(member);
        _mint(address(wallet), BALANCE);
        IOrders.OrderRequest memory request = _request(MUG, 1);
        ILoyaltyToken.Spend memory spend = _spend(address(wallet), PRICE);
        bytes memory signature = _sign(partnerKey, _openDigest(spend, request));
        Wallet.Behaviour[5] memory ways = [
            Wallet.Behaviour.Owner,
            Wallet.Behaviour.Nothing,
            Wallet.Behaviour.Dirty,
            Wallet.Behaviour.Silent,
            Wallet.Behaviour.Reverts
        ];
        for (uint256 i = 0; i < ways.length; ++i) {
            wallet.behave(ways[i]);
            _expectBadSignature(address(wallet));
            orders.openWithSignature(address(token), request, spend, signature);
        }
        assertEq(_held(), 0);
        assertEq(orders.offerOf(address(token), MUG).sold, 0);
    }

    /// @dev A wallet that would rather act than answer is not let: it is asked in a static call.
    function test_openWithSignature__wallet_that_reenters__reverts() public {
        ReentrantWallet wallet = new ReentrantWallet();
        _mint(address(wallet), BALANCE);
        IFulfilment.Order memory order = _open();
        vm.warp(_deadline(order));
        wallet.set(address(orders), abi.encodeCall(orders.claim, (order)));
        ILoyaltyToken.Spend memory spend = _spend(address(wallet), PRICE);
        IOrders.OrderRequest memory request = _request(MUG, 1);
        _expectBadSignature(address(wallet));
        orders.openWithSignature(address(token), request, spend, "any");
        _assertState(order, IFulfilment.State.Open, block.timestamp);
    }

    /// @dev A currency that calls back in the middle of a payment finds books that are right, and the end of
    /// another order that anybody may bring about; nothing is paid twice.
    function test_collect__currency_that_reenters__finds_everything_in_order() public {
        IFulfilment.Order memory order = _open();
        IFulfilment.Order memory second = _open();
        vm.warp(_deadline(order));
        _claim(order);
        money.script(address(orders), abi.encodeCall(orders.claim, (order)));
        money.script(address(orders), abi.encodeCall(orders.claim, (second)));
        money.script(address(bonds), abi.encodeCall(bonds.collect, (currency, member)));
        money.behave(Currency.Behaviour.Reenters);
        bonds.collect(currency, member);
        assertFalse(money.outcomes(0), "ended twice");
        assertTrue(money.outcomes(1));
        assertFalse(money.outcomes(2), "collected within a payment");
        assertEq(money.balanceOf(member), order.compensation);
        assertEq(_owed(member), second.compensation);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(_held(), 0);
    }
}

/// @notice The money that compensations come from.
contract CompensationFundTest is OrderTest {
    function test_allot__and_reclaim__are_told_and_booked() public {
        _deposit(700);
        vm.expectEmit(address(orders));
        emit IOrders.CompensationFunded(address(token), MUG, 700);
        _allot(MUG, 700);
        assertEq(_free(), FUND + 700);
        vm.expectEmit(address(orders));
        emit IOrders.CompensationUnfunded(address(token), MUG, FUND + 1);
        _reclaim(MUG, FUND + 1);
        assertEq(_free(), 699);
        _assertAllotment(0);
        // It is the counts' neighbour, and none of them has moved.
        assertEq(orders.offerOf(address(token), MUG).version, 1);
        assertEq(orders.offerOf(address(token), MUG).sold, 0);
    }

    function test_onAllotted__and_onReclaimed__by_strangers__revert() public {
        address[6] memory strangers = [brand, member, alliance, address(token), address(orders), intruder];
        for (uint256 i = 0; i < strangers.length; ++i) {
            _expect(abi.encodeWithSelector(IOrders.Orders_NotBonds.selector, strangers[i]));
            vm.prank(strangers[i]);
            IAllotmentReceiver(address(orders)).onAllotted(address(token), uint8(PURSE), 1, abi.encode(MUG));
            _expect(abi.encodeWithSelector(IOrders.Orders_NotBonds.selector, strangers[i]));
            vm.prank(strangers[i]);
            IAllotmentReceiver(address(orders)).onReclaimed(address(token), uint8(PURSE), 1, abi.encode(MUG));
        }
        assertEq(_free(), FUND);
    }

    function test_allot__from_the_settlement_purse__reverts() public {
        money.mint(brand, 10);
        vm.startPrank(brand);
        money.approve(address(bonds), 10);
        bonds.deposit(address(token), IBonds.Purse.Settlement, 10);
        _expect(abi.encodeWithSelector(IOrders.Orders_WrongPurse.selector, IBonds.Purse.Settlement));
        bonds.allot(address(token), IBonds.Purse.Settlement, address(orders), 10, abi.encode(MUG));
        vm.stopPrank();
    }

    function test_allot__for_no_offer__reverts() public {
        _deposit(1);
        bytes memory reason =
            abi.encodeWithSelector(IOffers.Offers_NotFound.selector, token, bytes32("no such offer"));
        _expect(reason);
        _allot("no such offer", 1);
        _expect(reason);
        _reclaim("no such offer", 1);
        vm.startPrank(brand);
        vm.expectRevert();
        bonds.allot(address(token), PURSE, address(orders), 1, "");
        vm.expectRevert();
        bonds.allot(address(token), PURSE, address(orders), 1, new bytes(31));
        vm.stopPrank();
    }

    /// @dev An offer's money cannot be taken back as another's.
    function test_reclaim__as_another_offers__reverts() public {
        _publish("bowl", _made());
        _expect(abi.encodeWithSelector(IOrders.Orders_NotFree.selector, 1, 0));
        _reclaim("bowl", 1);
        _fund("bowl", 5);
        _expect(abi.encodeWithSelector(IOrders.Orders_NotFree.selector, 6, 5));
        _reclaim("bowl", 6);
        _expect(abi.encodeWithSelector(IOrders.Orders_NotFree.selector, FUND + 1, FUND));
        _reclaim(MUG, FUND + 1);
    }

    /// @dev All that is allotted fits one counter, so that nothing that comes free again could be lost:
    /// neither what is reserved nor what other offers have may be left out of account.
    function test_allot__more_than_a_counter_holds__reverts() public {
        _publish("bowl", _made());
        _deposit(type(uint96).max);
        IFulfilment.Order memory order = _open();
        uint256 most = type(uint88).max - FUND;
        bytes32[2] memory offers = [MUG, bytes32("bowl")];
        for (uint256 i = 0; i < offers.length; ++i) {
            _expect(abi.encodeWithSelector(IOrders.Orders_FundTooLarge.selector, most + 1));
            _allot(offers[i], most + 1);
            _expect(abi.encodeWithSelector(IOrders.Orders_FundTooLarge.selector, type(uint88).max));
            _allot(offers[i], type(uint88).max);
        }
        _allot(MUG, most);
        _expect(abi.encodeWithSelector(IOrders.Orders_FundTooLarge.selector, 1));
        _allot("bowl", 1);
        assertEq(_free(), type(uint88).max - order.compensation);
        _confirm(order);
        assertEq(_free(), type(uint88).max);
        _reclaim(MUG, type(uint88).max);
        _assertAllotment(0);
    }
}

/// @notice What it costs, and that it costs the same whatever others have ordered.
contract OrderGasTest is OrderTest {
    /// @dev What is there before, few and many.
    uint256 private constant FEW = 10;
    uint256 private constant LOTS = 3000;
    uint256 private constant VERY_MANY = 100_000;
    uint256 private constant BATCH = 100;

    /// @dev To the unit: at 10, at 3,000 that were opened, and at 100,000 of which the rest are written down as
    /// an opening writes them.
    function test_gas__same_at_10_and_at_100_000_open_orders() public {
        IOffers.Conditions memory conditions = _made();
        conditions.stock = 2 * MANY;
        _set(MUG, conditions);
        _mint(till, 500_000);
        _fund(MUG, 100_000_000);
        _openMore(FEW);
        uint256[5] memory few = _measure();
        _openMore(LOTS - FEW);
        uint256[5] memory lots = _measure();
        _writeMore(VERY_MANY - LOTS);
        assertEq(_record().open, VERY_MANY);
        uint256[5] memory veryMany = _measure();
        for (uint256 i = 0; i < few.length; ++i) {
            assertEq(few[i], lots[i], "not flat");
            assertEq(few[i], veryMany[i], "not flat");
        }
    }

    /// @dev Each call by itself is a transaction, with what that and its data cost.
    /// forge-config: default.isolate = true
    function test_gas__whole_transactions__within_their_targets() public {
        _openMore(FEW);
        uint256[5] memory gas = _measure();
        gas[4] /= BATCH;
        string[5] memory names =
            ["open", "fulfil", "refund", "claim with compensation", "fulfil, each of 100"];
        uint256[5] memory targets = [uint256(85_000), 48_000, 55_000, 110_000, 13_000];
        for (uint256 i = 0; i < gas.length; ++i) {
            emit log_named_uint(names[i], gas[i]);
            assertLt(gas[i], targets[i], names[i]);
            assertGt(gas[i], i == 4 ? 5000 : 21_000, "not a whole transaction");
        }
    }

    function _openMore(uint256 count) private {
        _mint(till, count * PRICE);
        vm.startPrank(till);
        bytes memory data = abi.encode(IOrders.Act.Open, _request(MUG, 1));
        for (uint256 i = 0; i < count; ++i) {
            token.transferAndCall(address(orders), PRICE, data);
        }
        vm.stopPrank();
    }

    /// @dev What so many openings leave in storage: a word for each, and the offer's counts.
    function _writeMore(uint256 count) private {
        uint256 sold = orders.offerOf(address(token), MUG).sold;
        bytes32 word = vm.load(address(orders), _wordAt(sold - 1));
        assertTrue(word != 0, "the words are elsewhere");
        vm.pauseGasMetering(); // so much writing is more than one test has gas for
        for (uint256 number = sold; number < sold + count; ++number) {
            vm.store(address(orders), _wordAt(number), word);
        }
        vm.resumeGasMetering();
        bytes32 offers = keccak256(abi.encode(address(token), uint256(0)));
        bytes32 counts = bytes32(uint256(keccak256(abi.encode(MUG, offers))) + 1);
        uint256 grown = uint256(vm.load(address(orders), counts)) + (count << 104);
        vm.store(address(orders), counts, bytes32(grown - (count * COMPENSATION << 168)));
    }

    function _wordAt(uint256 number) private view returns (bytes32) {
        return keccak256(abi.encode(keccak256(abi.encode(address(token), MUG, number)), uint256(2)));
    }

    /// @dev Open, fulfil, refund, claim with compensation, fulfil a hundred: each as if nothing had been
    /// touched before it in its transaction.
    function _measure() private returns (uint256[5] memory gas) {
        uint256 snapshot = vm.snapshotState();
        IFulfilment.Order memory order = _facts(member, MUG, 1);
        bytes memory data = abi.encode(IOrders.Act.Open, _request(MUG, 1));
        _cool();
        vm.prank(member);
        token.transferAndCall(address(orders), PRICE, data);
        gas[0] = _used();
        _open(1);
        // The first of its kind writes where nothing was.
        _decline(_open(1));
        _cool();
        _fulfil(order);
        gas[1] = _used();
        // Opened without compensation, so that nothing is paid.
        _reclaim(MUG, _free());
        IFulfilment.Order memory bare = _open(1);
        vm.warp(START + 10 days);
        _cool();
        orders.claim(bare);
        gas[2] = _used();
        order.number += 1;
        _cool();
        orders.claim(order);
        gas[3] = _used();
        vm.revertToState(snapshot);

        _openMore(BATCH);
        uint256[] memory numbers = new uint256[](BATCH);
        uint256 sold = orders.offerOf(address(token), MUG).sold;
        for (uint256 i = 0; i < BATCH; ++i) {
            numbers[i] = sold - BATCH + i;
        }
        _cool();
        vm.prank(manager);
        orders.fulfil(address(token), MUG, numbers);
        gas[4] = _used();
        vm.revertToState(snapshot);
    }

    function _used() private returns (uint256) {
        return vm.lastCallGas().gasTotalUsed - uint256(uint64(vm.lastCallGas().gasRefunded));
    }

    function _cool() private {
        address[5] memory all =
            [address(orders), address(token), address(bonds), address(brands), address(obligations)];
        for (uint256 i = 0; i < all.length; ++i) {
            Cooling(address(vm)).cool(all[i]);
        }
    }
}

/// @notice A wallet that acts when it is asked.
contract ReentrantWallet {
    address private _target;
    bytes private _data;

    function set(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        (bool success,) = _target.call(_data);
        require(success, "not let");
        return 0x1626ba7e;
    }
}
