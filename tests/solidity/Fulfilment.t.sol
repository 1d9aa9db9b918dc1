// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IOrders } from "../../contracts/interfaces/IOrders.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { Currency } from "./utils/Currencies.sol";
import { OrderTest } from "./utils/OrderTest.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice The state machine as a table: every act is tried in every state, a second before, at and a second
/// after its deadline, by everybody. What may happen happens, to the unit; all else is refused, for the
/// reason that is stated.
contract FulfilmentTableTest is OrderTest {
    enum Act {
        Fulfil,
        Decline,
        Confirm,
        Dispute,
        Decide,
        Finish,
        Claim
    }

    enum Stage {
        Unknown,
        Open,
        Delivered,
        Disputed,
        Fulfilled,
        Refunded
    }

    struct Books {
        uint256 inHand;
        uint256 locked;
        uint256 supply;
        uint256 owed;
        uint256 free;
        uint256 allotted;
        IFulfilment.Record record;
    }

    /// @dev What an arbiter gives in this table.
    uint96 private constant HALF = PRICE;
    uint96 private constant THIRD = 333;

    address[] private _actors;

    function setUp() public override {
        super.setUp();
        _actors = [brand, manager, member, arbiter, partner, alliance, intruder];
        for (uint256 i = 0; i < _actors.length; ++i) {
            _mint(_actors[i], BALANCE);
        }
        // So that nothing is the first of its kind.
        _confirm(_open());
    }

    function test_table__never_ordered() public {
        _tryAll(Stage.Unknown, _facts(member, MUG, 2));
    }

    function test_table__open() public {
        _tryAll(Stage.Open, _open());
    }

    function test_table__delivered() public {
        _tryAll(Stage.Delivered, _delivered());
    }

    function test_table__disputed() public {
        _tryAll(Stage.Disputed, _disputed());
    }

    function test_table__fulfilled() public {
        IFulfilment.Order memory order = _delivered();
        _confirm(order);
        _tryAll(Stage.Fulfilled, order);
    }

    function test_table__refunded() public {
        IFulfilment.Order memory order = _open();
        _decline(order);
        _tryAll(Stage.Refunded, order);
    }

    function _tryAll(Stage stage, IFulfilment.Order memory order) private {
        uint40 deadline = _deadline(order);
        bool isLive = _stateIn(stage) != IFulfilment.State.None && stage != Stage.Fulfilled;
        uint40[3] memory times = isLive
            ? [deadline - 1, deadline, deadline + 1]
            : [uint40(block.timestamp), START + 10 days, START + 300 days];
        uint256 done;
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            uint256 snapshot = vm.snapshotState();
            for (uint256 j = 0; j < _actors.length; ++j) {
                for (uint8 act = 0; act <= uint8(type(Act).max); ++act) {
                    if (_try(stage, order, deadline, _actors[j], Act(act))) ++done;
                    vm.revertToState(snapshot);
                }
            }
        }
        // So many edges, by so many who may.
        uint256 everybody = _actors.length;
        if (stage == Stage.Open) assertEq(done, 2 + 3 + 3 + 2 * everybody);
        else if (stage == Stage.Delivered) assertEq(done, 3 + 3 + 1 + 2 * everybody);
        else if (stage == Stage.Disputed) assertEq(done, 3 + 3 + 1 + 2 * everybody);
        else if (stage == Stage.Fulfilled) assertEq(done, 3 * (2 + everybody)); // passed over
        else assertEq(done, 0);
    }

    function _try(Stage stage, IFulfilment.Order memory order, uint40 deadline, address actor, Act act)
        private
        returns (bool)
    {
        bytes memory reason = _reason(stage, order, deadline, actor, act);
        Books memory expected = _books();
        if (reason.length == 0 && stage != Stage.Fulfilled) {
            _foresee(stage, order, act, expected);
            _expectLog(order, act);
        }
        bytes32 before = keccak256(abi.encode(_books()));
        (address target, bytes memory data) = _call(order, act);
        vm.prank(actor);
        (bool success, bytes memory actual) = target.call(data);
        string memory where =
            string.concat(vm.toString(uint8(stage)), "/", vm.toString(uint8(act)), "/", vm.getLabel(actor));
        assertEq(success, reason.length == 0, where);
        if (success) {
            assertEq(abi.encode(_books()), abi.encode(expected), where);
            if (stage != Stage.Fulfilled) _assertTurned(order, act);
        } else {
            assertEq(actual, reason, where);
            assertEq(keccak256(abi.encode(_books())), before, where);
        }
        return success;
    }

    function _call(IFulfilment.Order memory order, Act act) private view returns (address, bytes memory) {
        if (act == Act.Dispute) {
            bytes memory data = abi.encode(IOrders.Act.Dispute, order);
            return
                (address(token), abi.encodeCall(token.transferAndCall, (address(orders), order.stake, data)));
        }
        bytes memory call;
        if (act == Act.Fulfil) {
            call = abi.encodeCall(orders.fulfil, (order.token, order.offerId, _one(order.number)));
        } else if (act == Act.Decline) {
            call = abi.encodeCall(orders.decline, (order));
        } else if (act == Act.Confirm) {
            call = abi.encodeCall(orders.confirm, (order));
        } else if (act == Act.Decide) {
            call = abi.encodeCall(orders.decide, (order, HALF, THIRD));
        } else if (act == Act.Finish) {
            call = abi.encodeCall(orders.finish, (order.token, _one(order)));
        } else {
            call = abi.encodeCall(orders.claim, (order));
        }
        return (address(orders), call);
    }

    /// @dev Why it must not work; nothing if it must.
    function _reason(Stage stage, IFulfilment.Order memory order, uint40 deadline, address actor, Act act)
        private
        view
        returns (bytes memory)
    {
        if (act == Act.Fulfil || act == Act.Decline) {
            if (actor != brand && actor != manager) {
                return _notAuthorized(actor, Roles.FULFIL);
            }
        } else if (act == Act.Confirm || act == Act.Dispute) {
            if (actor != member) {
                return abi.encodeWithSelector(IFulfilment.Fulfilment_NotMember.selector, actor, member);
            }
        } else if (act == Act.Decide && actor != arbiter) {
            return abi.encodeWithSelector(IFulfilment.Fulfilment_NotArbiter.selector, actor, arbiter);
        }

        // Who is content first stands in nobody's way.
        if (stage == Stage.Fulfilled && (act == Act.Fulfil || act == Act.Finish)) return "";
        bool fits;
        if (act == Act.Fulfil) fits = stage == Stage.Open;
        else if (act == Act.Dispute || act == Act.Finish) fits = stage == Stage.Delivered;
        else if (act == Act.Decide) fits = stage == Stage.Disputed;
        else if (act == Act.Claim) fits = stage == Stage.Open || stage == Stage.Disputed;
        else fits = stage == Stage.Open || stage == Stage.Delivered || stage == Stage.Disputed;
        if (!fits) return _wrongState(order, _stateIn(stage));
        // All times here are after the first day: who packs cannot spend.
        if (act == Act.Decline && actor == manager) return _notAuthorized(manager, Roles.ADMIN);

        bool inTime = block.timestamp < deadline;
        if ((act == Act.Fulfil || act == Act.Dispute || act == Act.Decide) && !inTime) {
            return abi.encodeWithSelector(IFulfilment.Fulfilment_TooLate.selector, deadline);
        }
        if ((act == Act.Finish || act == Act.Claim) && inTime) {
            return abi.encodeWithSelector(IFulfilment.Fulfilment_TooEarly.selector, deadline);
        }
        return "";
    }

    function _notAuthorized(address actor, uint8 role) private view returns (bytes memory) {
        return abi.encodeWithSelector(BrandGate.BrandGate_NotAuthorized.selector, brandId, actor, role);
    }

    /// @dev Who gets what, and what is counted.
    function _foresee(Stage stage, IFulfilment.Order memory order, Act act, Books memory books) private view {
        if (act == Act.Fulfil) return;
        if (act == Act.Dispute) {
            books.inHand -= order.stake;
            books.locked += order.stake;
            books.record.disputed += order.quantity;
            return;
        }
        uint256 stake = stage == Stage.Disputed ? order.stake : 0;
        uint256 back = stake;
        uint256 paid;
        if (act == Act.Decline || act == Act.Claim) (back, paid) = (back + order.amount, order.compensation);
        if (act == Act.Decide) (back, paid) = (back + HALF, THIRD);
        books.inHand += back;
        books.locked -= order.amount + stake;
        books.supply -= order.amount + stake - back;
        books.owed += paid;
        books.allotted -= paid;
        books.free += order.compensation - paid;
        books.record.compensationPaid += paid;
        books.record.open -= order.quantity;
        if (act == Act.Confirm || act == Act.Finish) {
            books.record.fulfilled += order.quantity;
        } else if (stage == Stage.Disputed) {
            books.record.lost += order.quantity;
        } else if (act == Act.Claim || stage == Stage.Delivered) {
            books.record.failed += order.quantity;
        }
        // Declined once its time is over is not delivered in time all the same.
        else if (stage == Stage.Open && block.timestamp >= order.openedAt + uint256(FULFIL_DAYS) * 1 days) {
            books.record.failed += order.quantity;
        } else {
            books.record.declined += order.quantity;
        }
    }

    function _expectLog(IFulfilment.Order memory order, Act act) private {
        vm.expectEmit(address(orders));
        uint40 time = uint40(block.timestamp);
        if (act == Act.Fulfil) {
            emit IFulfilment.OrderDelivered(order.token, order.offerId, order.number, time + DISPUTE);
        } else if (act == Act.Dispute) {
            emit IFulfilment.OrderDisputed(order.token, order.offerId, order.number, time + DECISION);
        } else {
            IFulfilment.Outcome outcome = IFulfilment.Outcome.Compensated;
            (uint96 refunded, uint96 paid) = (order.amount, order.compensation);
            if (act == Act.Decide) (outcome, refunded, paid) = (IFulfilment.Outcome.Decided, HALF, THIRD);
            if (act == Act.Confirm || act == Act.Finish) {
                (outcome, refunded, paid) = (IFulfilment.Outcome.Fulfilled, 0, 0);
            }
            emit IFulfilment.OrderEnded(order.token, order.offerId, order.number, outcome, refunded, paid);
        }
    }

    function _assertTurned(IFulfilment.Order memory order, Act act) private view {
        uint40 time = uint40(block.timestamp);
        (bool isReceipt, uint40 endedAt) = orders.isFulfilled(order);
        if (act == Act.Fulfil) {
            _assertState(order, IFulfilment.State.Delivered, time + DISPUTE);
        } else if (act == Act.Dispute) {
            _assertState(order, IFulfilment.State.Disputed, time + DECISION);
        } else if (act == Act.Confirm || act == Act.Finish) {
            _assertState(order, IFulfilment.State.Fulfilled, time);
            assertTrue(isReceipt, "no receipt");
            assertEq(endedAt, time);
            return;
        } else {
            _assertState(order, IFulfilment.State.None, 0);
        }
        assertFalse(isReceipt, "a receipt for nothing");
        assertEq(endedAt, 0);
    }

    function _stateIn(Stage stage) private pure returns (IFulfilment.State) {
        return stage == Stage.Refunded ? IFulfilment.State.None : IFulfilment.State(uint8(stage));
    }

    function _books() private view returns (Books memory books) {
        books.inHand = token.balanceOf(member);
        books.locked = _held();
        books.supply = token.totalSupply();
        books.owed = _owed(member);
        books.free = _free();
        books.allotted = bonds.allotmentOf(address(token), PURSE, address(orders));
        books.record = _record();
    }
}

/// @notice The brand's part: delivering, one or hundreds, and giving back.
contract DeliverTest is OrderTest {
    function test_periods__are_what_members_were_told() public view {
        assertEq(orders.DECLINE_PERIOD(), DECLINE);
        assertEq(orders.DISPUTE_PERIOD(), DISPUTE);
        assertEq(orders.DECISION_PERIOD(), DECISION);
    }

    function test_decline__first_day__free_of_compensation_to_the_second() public {
        IFulfilment.Order memory order = _open();
        uint256 snapshot = vm.snapshotState();
        for (uint40 time = START + DECLINE - 1; time <= START + DECLINE + 1; ++time) {
            vm.warp(time);
            bool early = time < START + DECLINE;
            vm.expectEmit(address(orders));
            emit IFulfilment.OrderEnded(
                address(token),
                MUG,
                0,
                early ? IFulfilment.Outcome.Refunded : IFulfilment.Outcome.Compensated,
                order.amount,
                early ? 0 : order.compensation
            );
            _decline(order);
            assertEq(token.balanceOf(member), BALANCE);
            assertEq(_owed(member), early ? 0 : 2 * COMPENSATION);
            assertEq(_free(), early ? FUND : FUND - 2 * COMPENSATION);
            assertEq(_record().declined, 2);
            _assertAllotment(0);
            vm.revertToState(snapshot);
        }
    }

    /// @dev A staff key opens no purse: it could order for itself and decline.
    function test_attack_23__staff_key__declines_for_nothing_alone() public {
        IFulfilment.Order memory order = _open(member, MUG, 2);
        bytes memory reason =
            abi.encodeWithSelector(BrandGate.BrandGate_NotAuthorized.selector, brandId, manager, Roles.ADMIN);
        uint256 snapshot = vm.snapshotState();
        _fulfil(order);
        vm.prank(manager);
        vm.expectRevert(reason);
        orders.decline(order);
        vm.revertToState(snapshot);
        vm.warp(START + DECLINE);
        vm.prank(manager);
        vm.expectRevert(reason);
        orders.decline(order);
        vm.warp(START + DECLINE - 1);
        vm.prank(manager);
        orders.decline(order);
        assertEq(_owed(member), 0);
        assertEq(token.balanceOf(member), BALANCE);
    }

    /// @dev Whoever said that it delivered did not decline in time: it counts as failed.
    function test_decline__delivered__counts_as_failed() public {
        IFulfilment.Order memory order = _delivered();
        _decline(order);
        assertEq(_record().failed, order.quantity);
        assertEq(_record().declined, 0);
        assertEq(_record().open, 0);
    }

    /// @dev Who says that it delivered cannot take it back for nothing, be it the first hour.
    function test_decline__delivered_on_the_first_day__pays_compensation() public {
        IFulfilment.Order memory order = _open();
        _fulfil(order);
        _decline(order);
        assertEq(_owed(member), order.compensation);
    }

    /// @dev A brand that is late cannot pass off as an early "no" what it let slip.
    function test_decline__after_its_time__counts_as_failed() public {
        IFulfilment.Order memory order = _open();
        uint256 snapshot = vm.snapshotState();
        uint40 fulfilBy = _deadline(order);
        for (uint40 time = fulfilBy - 1; time <= fulfilBy + 1; ++time) {
            vm.warp(time);
            _decline(order);
            assertEq(_record().declined, time < fulfilBy ? 2 : 0);
            assertEq(_record().failed, time < fulfilBy ? 0 : 2);
            assertEq(_record().open, 0);
            vm.revertToState(snapshot);
        }
    }

    function test_decline__nothing_reserved__is_refunded_at_any_time() public {
        _reclaim(MUG, FUND);
        IFulfilment.Order memory order = _open();
        vm.warp(START + 5 days);
        vm.expectEmit(address(orders));
        emit IFulfilment.OrderEnded(address(token), MUG, 0, IFulfilment.Outcome.Refunded, order.amount, 0);
        _decline(order);
        assertEq(_owed(member), 0);
    }

    function test_fulfil__shortest_and_longest_time__to_the_second() public {
        uint8[2] memory periods = [1, 255];
        for (uint256 i = 0; i < periods.length; ++i) {
            IOffers.Conditions memory conditions = _made();
            conditions.fulfilDays = periods[i];
            _publish(bytes32(i), conditions);
            IFulfilment.Order memory order = _open(member, bytes32(i), 1);
            uint40 fulfilBy = uint40(block.timestamp) + uint40(periods[i]) * 1 days;
            _assertState(order, IFulfilment.State.Open, fulfilBy);
            vm.warp(fulfilBy);
            vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_TooLate.selector, fulfilBy));
            _fulfil(order);
            vm.warp(fulfilBy - 1);
            _fulfil(order);
        }
    }

    function test_fulfil__hundreds_in_a_call() public {
        uint256[] memory numbers = _openMany(300);
        vm.warp(START + 9 days);
        vm.prank(manager);
        orders.fulfil(address(token), MUG, numbers);
        for (uint256 i = 0; i < numbers.length; ++i) {
            (IFulfilment.State state, uint40 until) = orders.stateOf(address(token), MUG, i);
            assertEq(uint8(state), uint8(IFulfilment.State.Delivered));
            assertEq(until, START + 9 days + DISPUTE);
        }
        assertEq(_record().open, 300);
    }

    function test_fulfil__one_bad_of_many__reverts_all() public {
        uint256[] memory numbers = _openMany(20);
        IFulfilment.Order memory order = _facts(member, MUG, 1);
        order.number = 7;
        // Unknown.
        numbers[7] = 20;
        order.number = 20;
        _expectBad(numbers, _wrongState(order, IFulfilment.State.None));
        // Unknown, though its low bits are not.
        numbers[7] = (uint256(1) << 32) | 7;
        _expectBad(
            numbers,
            abi.encodeWithSelector(
                IFulfilment.Fulfilment_WrongState.selector,
                address(token),
                MUG,
                numbers[7],
                IFulfilment.State.None
            )
        );
        // Twice.
        numbers[7] = 6;
        order.number = 6;
        _expectBad(numbers, _wrongState(order, IFulfilment.State.Delivered));
        // Ended.
        numbers[7] = 7;
        order.number = 7;
        order.openedAt = START;
        _decline(order);
        _expectBad(numbers, _wrongState(order, IFulfilment.State.None));
        for (uint256 i = 0; i < 20; ++i) {
            (IFulfilment.State state,) = orders.stateOf(address(token), MUG, i);
            assertEq(uint8(state), uint8(i == 7 ? IFulfilment.State.None : IFulfilment.State.Open));
        }
    }

    /// @dev Members who are content before the brand says anything do not make hundreds fail.
    function test_attack_11__confirmed_just_before__stands_in_no_batchs_way() public {
        uint256[] memory numbers = _openMany(20);
        IFulfilment.Order memory order = _facts(member, MUG, 1);
        order.openedAt = START;
        order.number = 7;
        _confirm(order);
        vm.prank(manager);
        orders.fulfil(address(token), MUG, numbers);
        for (uint256 i = 0; i < 20; ++i) {
            (IFulfilment.State state,) = orders.stateOf(address(token), MUG, i);
            assertEq(uint8(state), uint8(i == 7 ? IFulfilment.State.Fulfilled : IFulfilment.State.Delivered));
        }
        assertEq(_record().fulfilled, 1);
    }

    function test_fulfil__one_too_late_of_many__reverts_all() public {
        _openMany(3);
        vm.warp(START + 1);
        _open(1);
        uint256[] memory numbers = new uint256[](2);
        (numbers[0], numbers[1]) = (3, 0);
        vm.warp(START + 10 days);
        _expectBad(numbers, abi.encodeWithSelector(IFulfilment.Fulfilment_TooLate.selector, START + 10 days));
        vm.prank(manager);
        orders.fulfil(address(token), MUG, _one(3));
    }

    function test_fulfil__none__does_nothing() public {
        vm.prank(manager);
        orders.fulfil(address(token), MUG, new uint256[](0));
        vm.prank(intruder);
        vm.expectRevert(
            abi.encodeWithSelector(
                BrandGate.BrandGate_NotAuthorized.selector, brandId, intruder, Roles.FULFIL
            )
        );
        orders.fulfil(address(token), MUG, new uint256[](0));
    }

    /// @dev Neither another brand nor who has another role.
    function test_fulfil__and_decline__by_other_roles__revert() public {
        IFulfilment.Order memory order = _open();
        vm.prank(brand);
        brands.setManager(brandId, till, Roles.CAMPAIGN | Roles.SETTLE);
        address[2] memory others = [till, partner];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAllowed(brandId, others[i], Roles.FULFIL);
            vm.prank(others[i]);
            orders.fulfil(address(token), MUG, _one(0));
            _expectNotAllowed(brandId, others[i], Roles.FULFIL);
            vm.prank(others[i]);
            orders.decline(order);
        }
    }

    function _openMany(uint256 count) private returns (uint256[] memory numbers) {
        numbers = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            _open(1);
            numbers[i] = i;
        }
    }

    function _expectBad(uint256[] memory numbers, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(manager);
        orders.fulfil(address(token), MUG, numbers);
    }
}

/// @notice Ends: decisions, confirmations, batches, and that there is but one.
contract EndTest is OrderTest {
    uint256 private constant BALANCE_LEFT = BALANCE - 2 * PRICE;
    uint256 private constant ORDERS_SLOT = 2;

    // ------------------------------------------------------------- decisions

    function test_decide__nothing_for_the_member__stake_and_price_are_the_brands() public {
        IFulfilment.Order memory order = _disputed();
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(orders));
        emit IFulfilment.OrderEnded(address(token), MUG, 0, IFulfilment.Outcome.Fulfilled, 0, 0);
        _decide(order, 0, 0);
        assertEq(token.balanceOf(member), BALANCE_LEFT - order.stake);
        assertEq(token.totalSupply(), supply - order.amount - order.stake);
        assertEq(_held(), 0);
        assertEq(_owed(member), 0);
        assertEq(_free(), FUND);
        (bool isReceipt, uint40 endedAt) = orders.isFulfilled(order);
        assertTrue(isReceipt);
        assertEq(endedAt, block.timestamp);
        IFulfilment.Record memory record = _record();
        assertEq(record.fulfilled, 2);
        assertEq(record.lost, 0);
        assertEq(record.disputed, 2);
    }

    function test_decide__everything__is_as_if_it_had_failed() public {
        IFulfilment.Order memory order = _disputed();
        _decide(order, order.amount, order.compensation);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(_owed(member), order.compensation);
        assertEq(_held(), 0);
        assertEq(_record().lost, 2);
        assertEq(_record().compensationPaid, order.compensation);
    }

    /// @dev Any split: every unit is somebody's, and the stake comes back if the member was right in
    /// anything.
    function test_decide__any_split(uint96 refunded, uint96 compensation) public {
        IFulfilment.Order memory order = _disputed();
        refunded = uint96(bound(refunded, 0, order.amount));
        compensation = uint96(bound(compensation, 0, order.compensation));
        uint256 supply = token.totalSupply();
        bool isRight = refunded + compensation != 0;
        _decide(order, refunded, compensation);
        uint256 back = isRight ? refunded + order.stake : 0;
        assertEq(token.balanceOf(member), BALANCE_LEFT - order.stake + back);
        assertEq(token.totalSupply(), supply - order.amount - order.stake + back);
        assertEq(_held(), 0);
        assertEq(_owed(member), compensation);
        assertEq(_free(), FUND - compensation);
        _assertAllotment(0);
        assertEq(_record().lost, isRight ? 2 : 0);
        assertEq(_record().fulfilled, isRight ? 0 : 2);
        assertEq(_record().open, 0);
    }

    function test_decide__one_unit_of_either__brings_back_the_stake() public {
        IFulfilment.Order memory order = _disputed();
        uint256 snapshot = vm.snapshotState();
        _decide(order, 1, 0);
        assertEq(token.balanceOf(member), BALANCE_LEFT + 1);
        vm.revertToState(snapshot);
        _decide(order, 0, 1);
        assertEq(token.balanceOf(member), BALANCE_LEFT);
        assertEq(_owed(member), 1);
    }

    function test_decide__more_than_there_is__reverts() public {
        IFulfilment.Order memory order = _disputed();
        uint96[2] memory tooMuch = [order.amount + 1, type(uint96).max];
        for (uint256 i = 0; i < tooMuch.length; ++i) {
            _expectTooLarge(tooMuch[i], order.amount);
            _decide(order, tooMuch[i], 0);
        }
        tooMuch = [order.compensation + 1, type(uint96).max];
        for (uint256 i = 0; i < tooMuch.length; ++i) {
            _expectTooLarge(tooMuch[i], order.compensation);
            _decide(order, 0, tooMuch[i]);
        }
    }

    function test_decide__nothing_reserved__nothing_to_give() public {
        _reclaim(MUG, FUND);
        IFulfilment.Order memory order = _disputed();
        _expectTooLarge(1, 0);
        _decide(order, 0, 1);
        _decide(order, order.amount, 0);
        assertEq(token.balanceOf(member), BALANCE);
    }

    // ----------------------------------------------------------------- stake

    function test_dispute__stake__to_the_unit() public {
        IFulfilment.Order memory order = _delivered();
        uint256[3] memory wrong = [uint256(order.stake) - 1, order.stake + 1, 0];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IFulfilment.Fulfilment_WrongStake.selector, wrong[i], order.stake)
            );
            _dispute(member, wrong[i], order);
        }
        _dispute(order);
        assertEq(_held(), order.amount + order.stake);
    }

    function test_dispute__stake_of_nothing__costs_nothing() public {
        IOffers.Conditions memory conditions = _made();
        conditions.stakePercent = 0;
        _set(MUG, conditions);
        IFulfilment.Order memory order = _disputed();
        assertEq(order.stake, 0);
        assertEq(_held(), order.amount);
        _decide(order, 0, 0);
        assertEq(_held(), 0);
    }

    /// @dev Attack 19: who disputes what is right, again and again, pays each time.
    function test_attack_19__false_disputes__cost_their_stake_each() public {
        uint256 lost;
        for (uint256 i = 0; i < 5; ++i) {
            IFulfilment.Order memory order = _disputed();
            _decide(order, 0, 0);
            lost += order.amount + order.stake;
        }
        assertEq(token.balanceOf(member), BALANCE - lost);
        assertEq(_owed(member), 0);
        assertEq(_record().disputed, 10);
        assertEq(_record().fulfilled, 10);
    }

    // --------------------------------------------------------------- batches

    function test_finish__many_of_several_offers() public {
        _publish("bowl", _made());
        IFulfilment.Order[] memory list = new IFulfilment.Order[](100);
        uint256 sum;
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = _open(member, i % 3 == 0 ? bytes32("bowl") : MUG, 1 + i % 2);
            _fulfil(list[i]);
            sum += list[i].amount;
        }
        uint256 supply = token.totalSupply();
        vm.warp(START + DISPUTE);
        vm.prank(intruder);
        orders.finish(address(token), list);
        assertEq(token.totalSupply(), supply - sum);
        assertEq(_held(), 0);
        assertEq(_free(), FUND);
        for (uint256 i = 0; i < list.length; ++i) {
            (bool isReceipt, uint40 endedAt) = orders.isFulfilled(list[i]);
            assertTrue(isReceipt);
            assertEq(endedAt, START + DISPUTE);
        }
        assertEq(_record().fulfilled + orders.recordOf(address(token), "bowl").fulfilled, 150);
    }

    function test_finish__one_bad_of_many__reverts_all() public {
        IFulfilment.Order[] memory list = new IFulfilment.Order[](5);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = _open(1);
            _fulfil(list[i]);
        }
        vm.warp(START + DISPUTE - 1);
        _dispute(list[2]);
        vm.warp(START + DISPUTE);
        _expectWrongState(list[2], IFulfilment.State.Disputed);
        orders.finish(address(token), list);
        assertEq(_record().fulfilled, 0);
        assertEq(_record().open, 5);
    }

    /// @dev Somebody who finishes one of them first stands in nobody's way, and nothing burns twice.
    function test_finish__some_ended_before__finishes_the_others() public {
        IFulfilment.Order[] memory list = new IFulfilment.Order[](5);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = _open(1);
            _fulfil(list[i]);
        }
        vm.warp(START + DISPUTE);
        _finish(list[2]);
        list[4] = list[1];
        uint256 supply = token.totalSupply();
        orders.finish(address(token), list);
        assertEq(supply - token.totalSupply(), 3 * PRICE);
        assertEq(_record().fulfilled, 4);
        assertEq(_record().open, 1);
    }

    function test_finish__of_another_token__reverts() public {
        IFulfilment.Order memory order = _delivered();
        vm.warp(block.timestamp + DISPUTE);
        address[2] memory others = [address(partnerToken), intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IFulfilment.Fulfilment_OtherToken.selector, token, others[i])
            );
            orders.finish(others[i], _one(order));
        }
    }

    /// @dev With nothing to end, nobody is called: not even who pretends to be a token.
    function test_finish__none_of_a_fake_token__does_nothing() public {
        orders.finish(intruder, new IFulfilment.Order[](0));
        orders.finish(address(token), new IFulfilment.Order[](0));
    }

    // ------------------------------------------------------- signed consents

    function test_confirmWithSignature__by_anybody_for_the_member() public {
        IFulfilment.Order memory order = _delivered();
        (ILoyaltyToken.Spend memory spend, bytes memory signature) = _consent(order);
        vm.prank(intruder);
        orders.confirmWithSignature(order, spend, signature);
        _assertState(order, IFulfilment.State.Fulfilled, block.timestamp);
        assertEq(token.balanceOf(member), BALANCE_LEFT);
        assertTrue(token.authorizationState(member, spend.nonce));
        // Once.
        _expectWrongState(order, IFulfilment.State.Fulfilled);
        orders.confirmWithSignature(order, spend, signature);
    }

    function test_confirmWithSignature__disputed__stake_comes_back() public {
        IFulfilment.Order memory order = _disputed();
        (ILoyaltyToken.Spend memory spend, bytes memory signature) = _consent(order);
        orders.confirmWithSignature(order, spend, signature);
        assertEq(token.balanceOf(member), BALANCE_LEFT);
        assertEq(_held(), 0);
    }

    /// @dev What was agreed to is that order alone, whatever the amount says.
    function test_confirmWithSignature__takes_nothing_however_much_is_signed() public {
        IFulfilment.Order memory order = _delivered();
        ILoyaltyToken.Spend memory spend = _spend(member, BALANCE);
        bytes memory signature = _sign(memberKey, _confirmDigest(spend, MUG, order.number));
        orders.confirmWithSignature(order, spend, signature);
        assertEq(token.balanceOf(member), BALANCE_LEFT);
    }

    function test_confirmWithSignature__for_another_order_or_by_another__reverts() public {
        IFulfilment.Order memory order = _delivered();
        IFulfilment.Order memory other = _open();
        (ILoyaltyToken.Spend memory spend, bytes memory signature) = _consent(order);
        _expectBadSignature(member);
        orders.confirmWithSignature(other, spend, signature);
        signature = _sign(partnerKey, _confirmDigest(spend, MUG, order.number));
        _expectBadSignature(member);
        orders.confirmWithSignature(order, spend, signature);
        spend.from = partner;
        signature = _sign(partnerKey, _confirmDigest(spend, MUG, order.number));
        vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_NotMember.selector, partner, member));
        orders.confirmWithSignature(order, spend, signature);
    }

    /// @dev A consent is no dispute and no order, nor the other way round.
    function test_confirmWithSignature__signed_for_something_else__reverts() public {
        IFulfilment.Order memory order = _delivered();
        ILoyaltyToken.Spend memory spend = _spend(member, order.stake);
        bytes memory signature = _sign(memberKey, _disputeDigest(spend, MUG, order.number));
        _expectBadSignature(member);
        orders.confirmWithSignature(order, spend, signature);
        signature = _sign(memberKey, _confirmDigest(spend, MUG, order.number));
        _expectBadSignature(member);
        orders.disputeWithSignature(order, spend, signature);
        signature = _sign(memberKey, _disputeDigest(spend, MUG, order.number));
        vm.prank(intruder);
        orders.disputeWithSignature(order, spend, signature);
        _assertState(order, IFulfilment.State.Disputed, block.timestamp + DECISION);
        assertEq(token.balanceOf(member), BALANCE_LEFT - order.stake);
        assertEq(_held(), order.amount + order.stake);
    }

    function test_disputeWithSignature__of_another_member__reverts() public {
        IFulfilment.Order memory order = _delivered();
        ILoyaltyToken.Spend memory spend = _spend(partner, order.stake);
        _mint(partner, BALANCE);
        bytes memory signature = _sign(partnerKey, _disputeDigest(spend, MUG, order.number));
        vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_NotMember.selector, partner, member));
        orders.disputeWithSignature(order, spend, signature);
    }

    function test_disputeWithSignature__less_than_the_stake__reverts() public {
        IFulfilment.Order memory order = _delivered();
        ILoyaltyToken.Spend memory spend = _spend(member, order.stake - 1);
        bytes memory signature = _sign(memberKey, _disputeDigest(spend, MUG, order.number));
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_MoreThanSigned.selector, order.stake, order.stake - 1
            )
        );
        orders.disputeWithSignature(order, spend, signature);
    }

    // ----------------------------------------------------------------- facts

    /// @dev Which order it is, is looked up; all else is held to what was written down.
    function test_facts__each_field_wrong__is_refused_by_every_act() public {
        IFulfilment.Order memory order = _disputed();
        for (uint256 field = 0; field < 11; ++field) {
            bytes memory encoded = abi.encode(order);
            assembly ("memory-safe") {
                let at := add(add(encoded, 0x20), mul(field, 0x20))
                // The lowest bit, or for what a caller is held to, somebody else.
                mstore(at, xor(mload(at), 1))
            }
            IFulfilment.Order memory wrong = abi.decode(encoded, (IFulfilment.Order));
            bytes memory reason = field < 3
                ? _wrongState(wrong, IFulfilment.State.None)
                : abi.encodeWithSelector(
                    IFulfilment.Fulfilment_OtherFacts.selector, wrong.token, wrong.offerId, wrong.number
                );
            bytes[4] memory calls = [
                abi.encodeCall(orders.claim, (wrong)),
                abi.encodeCall(orders.decide, (wrong, 0, 0)),
                abi.encodeCall(orders.confirm, (wrong)),
                abi.encodeCall(orders.finish, (wrong.token, _one(wrong)))
            ];
            address[4] memory callers = [intruder, wrong.arbiter, wrong.member, intruder];
            for (uint256 i = 0; i < calls.length; ++i) {
                vm.prank(callers[i]);
                (bool success, bytes memory actual) = address(orders).call(calls[i]);
                assertFalse(success);
                assertEq(actual, reason, vm.toString(field));
            }
            if (field != 0) {
                vm.expectRevert(reason);
                _decline(wrong);
            }
            (bool isReceipt,) = orders.isFulfilled(wrong);
            assertFalse(isReceipt);
        }
        _confirm(order);
        (bool isReceipt_,) = orders.isFulfilled(order);
        assertTrue(isReceipt_);
        order.amount += 1;
        (isReceipt_,) = orders.isFulfilled(order);
        assertFalse(isReceipt_, "a receipt of more than was paid");
    }

    /// @dev The stake comes with the facts, and they are held to what was written down.
    function test_facts__each_field_wrong__is_refused_by_a_dispute() public {
        IFulfilment.Order memory order = _delivered();
        for (uint256 field = 1; field < 11; ++field) {
            if (field == 3) continue; // the member, as whom the token knows the sender
            bytes memory encoded = abi.encode(order);
            assembly ("memory-safe") {
                let at := add(add(encoded, 0x20), mul(field, 0x20))
                mstore(at, xor(mload(at), 1))
            }
            IFulfilment.Order memory wrong = abi.decode(encoded, (IFulfilment.Order));
            if (field < 3) _expectWrongState(wrong, IFulfilment.State.None);
            else _expectOtherFacts(wrong);
            _dispute(member, order.stake, wrong);
        }
        order.token = address(partnerToken);
        vm.expectRevert(
            abi.encodeWithSelector(IFulfilment.Fulfilment_OtherToken.selector, partnerToken, token)
        );
        vm.prank(member);
        token.transferAndCall(address(orders), order.stake, abi.encode(IOrders.Act.Dispute, order));
    }

    /// @dev A fake token lets its own brand in and gets no further: there is no such order.
    function test_facts__of_a_fake_token__reach_nothing() public {
        IFulfilment.Order memory order = _disputed();
        order.token = address(new FakeToken(brandId));
        _expectWrongState(order, IFulfilment.State.None);
        _decline(order);
        vm.warp(block.timestamp + DECISION);
        _expectWrongState(order, IFulfilment.State.None);
        _claim(order);
        FakeToken(order.token)
            .call(
                address(orders),
                abi.encodeWithSignature(
                    "onTransferReceived(address,address,uint256,bytes)",
                    member,
                    member,
                    order.stake,
                    abi.encode(IOrders.Act.Dispute, order)
                )
            );
    }

    /// @dev The word: the hash by hand is the plain one, and each part lies where it is said to.
    function test_word__is_hash_state_and_deadline(uint256 quantity, bytes32 orderRef, uint40 time) public {
        quantity = bound(quantity, 1, BALANCE / PRICE);
        vm.warp(bound(time, START, START + 10_000 days));
        IFulfilment.Order memory order = _facts(member, MUG, quantity);
        order.orderRef = orderRef;
        IOrders.OrderRequest memory request = _request(MUG, quantity);
        request.orderRef = orderRef;
        _send(member, order.amount, request);
        _assertWord(order, IFulfilment.State.Open, block.timestamp + uint256(FULFIL_DAYS) * 1 days);
        _fulfil(order);
        _assertWord(order, IFulfilment.State.Delivered, block.timestamp + DISPUTE);
        _confirm(order);
        _assertWord(order, IFulfilment.State.Fulfilled, block.timestamp);
    }

    function _assertWord(IFulfilment.Order memory order, IFulfilment.State state, uint256 deadline)
        private
        view
    {
        bytes32 key = keccak256(abi.encode(order.token, order.offerId, uint256(order.number)));
        uint256 word = uint256(vm.load(address(orders), keccak256(abi.encode(key, ORDERS_SLOT))));
        assertEq(word >> 48, uint256(keccak256(abi.encode(order))) >> 48, "hash");
        assertEq(uint8(word >> 40), uint8(state), "state");
        assertEq(uint40(word), deadline, "deadline");
    }

    // --------------------------------------------------------------- helpers

    function _consent(IFulfilment.Order memory order)
        private
        returns (ILoyaltyToken.Spend memory spend, bytes memory signature)
    {
        spend = _spend(member, 0);
        signature = _sign(memberKey, _confirmDigest(spend, order.offerId, order.number));
    }

    function _expectTooLarge(uint256 given, uint256 most) private {
        vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_SplitTooLarge.selector, given, most));
    }
}

/// @notice Whatever is stopped, left or broken: every order has an end that its member can bring about.
contract WaysOutTest is OrderTest {
    /// @dev What may befall between an order and its end, one after the other or all at once.
    uint256 private constant CALAMITIES = 9;
    uint256 private constant ALL = CALAMITIES;
    uint256 private constant LEAVING = 1;

    /// @dev A week before a wind-down that was announced, which starts unless it is withdrawn.
    function setUp() public override {
        super.setUp();
        _announceWindDown();
        vm.warp(START + NOTICE - 7 days);
    }

    function test_attack_18__silence__ends_in_the_members_favour() public {
        for (uint256 calamity = 0; calamity <= ALL; ++calamity) {
            uint256 snapshot = vm.snapshotState();
            IFulfilment.Order memory order = _open();
            uint40 deadline = _deadline(order);
            _befall(calamity);
            vm.warp(deadline - 1);
            vm.expectRevert(abi.encodeWithSelector(IFulfilment.Fulfilment_TooEarly.selector, deadline));
            _claim(order);
            vm.warp(deadline);
            _claim(order);
            _assertMadeWhole(order);
            assertEq(_record().failed, 2);
            vm.revertToState(snapshot);
        }
    }

    function test_attack_18__silent_arbiter__ends_in_the_members_favour() public {
        for (uint256 calamity = 0; calamity <= ALL; ++calamity) {
            uint256 snapshot = vm.snapshotState();
            IFulfilment.Order memory order = _disputed();
            _befall(calamity);
            vm.warp(_deadline(order));
            _claim(order);
            _assertMadeWhole(order);
            assertEq(_record().lost, 2);
            vm.revertToState(snapshot);
        }
    }

    /// @dev It says that it delivered when it did not: the member's word and stake undo it.
    function test_attack_18__said_it_delivered__is_disputed_and_decided() public {
        for (uint256 calamity = 0; calamity <= ALL; ++calamity) {
            uint256 snapshot = vm.snapshotState();
            IFulfilment.Order memory order = _delivered();
            _befall(calamity);
            vm.warp(_deadline(order) - 1);
            _dispute(order);
            _decide(order, order.amount, order.compensation);
            _assertMadeWhole(order);
            vm.revertToState(snapshot);
        }
    }

    function test_way_out__delivered__anybody_finishes() public {
        for (uint256 calamity = 0; calamity <= ALL; ++calamity) {
            uint256 snapshot = vm.snapshotState();
            IFulfilment.Order memory order = _delivered();
            _befall(calamity);
            vm.warp(_deadline(order));
            _finish(order);
            _assertState(order, IFulfilment.State.Fulfilled, block.timestamp);
            assertEq(_held(), 0);
            vm.revertToState(snapshot);
        }
    }

    /// @dev What is good for the member can be done at any time, by the brand's own admin if by nobody else.
    function test_way_out__confirm_and_decline__in_every_state_at_any_time() public {
        for (uint256 calamity = 0; calamity <= ALL; ++calamity) {
            for (uint256 stage = 0; stage < 3; ++stage) {
                for (uint256 late = 0; late < 3; ++late) {
                    uint256 snapshot = vm.snapshotState();
                    IFulfilment.Order memory order =
                        stage == 0 ? _open() : stage == 1 ? _delivered() : _disputed();
                    _befall(calamity);
                    if (late != 0) vm.warp(_deadline(order) + (late == 2 ? 3000 days : 0));
                    uint256 again = vm.snapshotState();
                    _confirm(order);
                    assertEq(_held(), 0);
                    vm.revertToState(again);
                    vm.prank(brand);
                    orders.decline(order);
                    assertEq(token.balanceOf(member), BALANCE);
                    vm.revertToState(snapshot);
                }
            }
        }
    }

    /// @dev The currency may do what it likes: the order ends, and what is owed waits for better days.
    function test_attack_11__currency_that_misbehaves__stands_in_no_orders_way() public {
        for (uint8 how = 1; how <= uint8(type(Currency.Behaviour).max); ++how) {
            uint256 snapshot = vm.snapshotState();
            IFulfilment.Order memory order = _open();
            money.behave(Currency.Behaviour(how));
            vm.warp(_deadline(order));
            _claim(order);
            assertEq(token.balanceOf(member), BALANCE);
            assertEq(_owed(member), order.compensation);
            money.behave(Currency.Behaviour.Plain);
            bonds.collect(currency, member);
            assertEq(money.balanceOf(member), order.compensation);
            vm.revertToState(snapshot);
        }
    }

    /// @dev A member whom the currency does not pay stands in nobody's way, its own included.
    function test_attack_11__blocklisted_member__ends_its_order_and_blocks_nobody() public {
        (address other,) = makeAddrAndKey("other member");
        _mint(other, BALANCE);
        IFulfilment.Order memory order = _open();
        IFulfilment.Order memory second = _open(other, MUG, 1);
        vm.mockCallRevert(
            currency, abi.encodeWithSignature("transfer(address,uint256)", member, order.compensation), "no"
        );
        vm.warp(_deadline(order));
        _claim(order);
        _claim(second);
        vm.expectRevert();
        bonds.collect(currency, member);
        bonds.collect(currency, other);
        assertEq(money.balanceOf(other), second.compensation);
        vm.prank(member);
        bonds.collectTo(currency, other);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(money.balanceOf(other), second.compensation + order.compensation);
    }

    /// @dev A wallet that refuses every call is sent its tokens all the same: nobody is asked.
    function test_attack_28__a_wallet_that_bombs__stands_in_nobodys_way() public {
        Wallet wallet = new Wallet(member);
        _mint(address(wallet), BALANCE);
        IFulfilment.Order memory order = _open(address(wallet), MUG, 1);
        IFulfilment.Order memory mine = _open();
        wallet.behave(Wallet.Behaviour.RevertBomb);
        vm.warp(_deadline(order));
        _claim(order);
        _claim(mine);
        assertEq(token.balanceOf(address(wallet)), BALANCE);
        assertEq(token.balanceOf(member), BALANCE);
    }

    /// @dev One who is brand, member and arbiter in one gets from itself what was its own, and no more than
    /// its order had reserved; what others' orders have is untouched.
    function test_attack_24a__brand_member_and_arbiter_in_one__drains_its_own_reserve_alone() public {
        _list(IBrandRegistry.List.Arbiter, brand, true);
        IOffers.Conditions memory conditions = _made();
        conditions.arbiter = brand;
        _publish("own", conditions);
        _fund("own", 700);
        IFulfilment.Order memory others = _open();
        _mint(brand, BALANCE);
        uint256 settlement = bonds.purseOf(address(token), IBonds.Purse.Settlement).value;
        uint256 holders = bonds.purseOf(address(token), IBonds.Purse.Holders).value;

        IFulfilment.Order memory own = _open(brand, "own", 2);
        assertEq(own.compensation, 700);
        vm.prank(brand);
        orders.fulfil(address(token), "own", _one(own.number));
        _dispute(own);
        _decide(own, own.amount, own.compensation);
        assertEq(token.balanceOf(brand), BALANCE);
        assertEq(_owed(brand), 700);
        assertEq(orders.freeCompensationOf(address(token), "own"), 0);
        assertEq(bonds.purseOf(address(token), IBonds.Purse.Settlement).value, settlement);
        assertEq(bonds.purseOf(address(token), IBonds.Purse.Holders).value, holders);
        // Nothing more is to be had: an order now has no compensation, and the members' is still theirs.
        assertEq(_open(brand, "own", 1).compensation, 0);
        vm.warp(_deadline(others));
        _claim(others);
        assertEq(_owed(member), others.compensation);
    }

    /// @dev The bond pays for orders what it has for orders, though everything else is withdrawn.
    function test_attack_24a__what_is_reserved__cannot_be_withdrawn_or_reclaimed() public {
        IFulfilment.Order memory order = _open();
        vm.expectRevert(
            abi.encodeWithSelector(
                IOrders.Orders_NotFree.selector, FUND - order.compensation + 1, FUND - order.compensation
            )
        );
        _reclaim(MUG, FUND - order.compensation + 1);
        _reclaim(MUG, FUND - order.compensation);
        vm.prank(brand);
        bonds.announceWithdrawal(address(token), PURSE, FUND);
        vm.warp(block.timestamp + NOTICE);
        vm.prank(brand);
        assertEq(bonds.withdraw(address(token), PURSE, brand), FUND - order.compensation);
        _claim(order);
        bonds.collect(currency, member);
        assertEq(money.balanceOf(member), order.compensation);
    }

    function _assertMadeWhole(IFulfilment.Order memory order) private {
        _assertState(order, IFulfilment.State.None, 0);
        assertEq(token.balanceOf(member), BALANCE, "not refunded");
        assertEq(_owed(member), order.compensation, "not compensated");
        assertEq(_held(), 0, "something is left");
        money.behave(Currency.Behaviour.Plain);
        bonds.collect(currency, member);
        assertEq(money.balanceOf(member), order.compensation);
    }

    function _befall(uint256 calamity) private {
        if (calamity != LEAVING && calamity != ALL) {
            vm.prank(brand);
            obligations.withdrawWindDown(address(token));
        }
        for (uint256 i = 0; i < CALAMITIES; ++i) {
            if (calamity == i || calamity == ALL) _strike(i);
        }
    }

    function _strike(uint256 calamity) private {
        if (calamity == 0) {
            _suspendAndStop();
        } else if (calamity == LEAVING) {
            vm.warp(START + NOTICE);
            obligations.syncMintStop(address(token));
            assertTrue(token.mintStopped());
        } else if (calamity == 2) {
            vm.prank(brand);
            brands.setManager(brandId, manager, 0);
        } else if (calamity == 3) {
            _list(IBrandRegistry.List.Arbiter, arbiter, false);
        } else if (calamity == 4) {
            _list(IBrandRegistry.List.Module, address(orders), false);
        } else if (calamity == 5) {
            _list(IBrandRegistry.List.Currency, currency, false);
            _list(IBrandRegistry.List.ObligationRegistry, address(obligations), false);
        } else if (calamity == 6) {
            money.behave(Currency.Behaviour.Reverts);
        } else if (calamity == 7) {
            // The offer is over, gets dearer and has another arbiter.
            IOffers.Conditions memory conditions = _made();
            conditions.closesAt = START + 1;
            conditions.stock = 0;
            conditions.price = type(uint96).max;
            conditions.compensation = 0;
            conditions.stakePercent = 20;
            _set(MUG, conditions);
        } else {
            _reclaim(MUG, _free());
        }
    }
}

/// @notice A contract that says whose brand it is and calls whom it is told to.
contract FakeToken {
    bytes32 public immutable brandId;

    constructor(bytes32 brandId_) {
        brandId = brandId_;
    }

    function call(address target, bytes calldata data) external {
        (bool success,) = target.call(data);
        require(!success, "a fake token got through");
    }
}
