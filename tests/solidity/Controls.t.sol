// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IPools } from "../../contracts/interfaces/IPools.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { BondHandler } from "./utils/BondHandler.sol";
import { Module } from "./utils/Modules.sol";
import { ObligationHandler } from "./utils/ObligationHandler.sol";
import { OrderHandler } from "./utils/OrderHandler.sol";
import { SwapHandler } from "./utils/SwapHandler.sol";
import { TokenHandler } from "./utils/TokenHandler.sol";

/// @notice Negative controls: the invariants can fail. Each test does to the chain what a bug would do, and
/// sees the check that should notice it notice, by the id of its promise.
abstract contract ControlsTest is Test {
    /// @dev A suite whose check does not see the damage fails here.
    function _assertNoticed(function() external view check, string memory named) internal view {
        try check() {
            revert(string.concat("not noticed: ", named));
        } catch Error(string memory reason) {
            _assertNames(reason, named);
        } catch (bytes memory reason) {
            // Forge's assertions: CheatcodeError(string).
            assembly ("memory-safe") {
                let length := sub(mload(reason), 4)
                reason := add(reason, 4)
                mstore(reason, length)
            }
            _assertNames(abi.decode(reason, (string)), named);
        }
    }

    function _assertNames(string memory reason, string memory named) private pure {
        bytes memory start = bytes(reason);
        assertGe(start.length, bytes(named).length, reason);
        assembly ("memory-safe") {
            mstore(start, mload(named))
        }
        assertEq(string(start), named);
    }

    /// @dev An act that must notice by itself, because it insists on its outcome.
    function _assertActNotices(address handler, bytes memory act) internal {
        (bool success,) = handler.call(act);
        assertFalse(success, "not noticed by the act");
    }
}

contract TokenControlsTest is ControlsTest {
    uint256 internal constant BOOKS = 0;
    uint256 internal constant CAPACITY = 1;
    uint256 internal constant BALANCES = 2;
    uint256 internal constant QUOTAS = 3;
    uint256 internal constant AUTHORIZATIONS = 5;

    TokenHandler internal handler;
    address internal token;
    address internal holder = makeAddr("holder0");
    address internal other = makeAddr("holder1");
    address internal intruder = makeAddr("intruder");

    function setUp() public {
        handler = new TokenHandler();
        handler.setUp();
        token = handler.tokenAddress();
        handler.transfer(0, 1, 10);
        handler.signedTransfer(0, 1, 10, 7, false);
        handler.checkPromises();
        handler.checkNonces();
    }

    function test_control__minted_out_of_nothing__is_noticed() public {
        _add(_at(holder, BALANCES), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: supply != balances");
    }

    function test_control__supply_not_counted__is_noticed() public {
        _add(bytes32(BOOKS), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: supply != balances");
    }

    function test_control__quota_given_but_not_set_aside__is_noticed() public {
        _add(_at(intruder, QUOTAS), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: total quota != quotas");
    }

    function test_control__capacity_below_what_is_promised__is_noticed() public {
        vm.store(token, bytes32(CAPACITY), bytes32(uint256(1)));
        _assertNoticed(handler.checkPromises, "ISSUE-1: promised > capacity");
    }

    /// @dev Supply and sums are as they were: only the shadow ledger knows whose tokens they are.
    function test_control__tokens_taken_from_a_holder__is_noticed() public {
        _add(_at(holder, BALANCES), type(uint256).max); // less one
        _add(_at(other, BALANCES), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-2: moved without its holder");
    }

    function test_control__quota_moved_between_modules__is_noticed() public {
        address module = handler.moduleAt(0);
        _add(_at(module, QUOTAS), type(uint256).max);
        _add(_at(makeAddr("manager"), QUOTAS), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: a manager's quota");
    }

    function test_control__forgotten_nonce__is_noticed() public {
        bytes32 mark = keccak256(abi.encode(bytes32(uint256(7)), _at(holder, AUTHORIZATIONS)));
        assertEq(uint256(vm.load(token, mark)), 1);
        vm.store(token, mark, 0);
        _assertNoticed(handler.checkNonces, "SIG-1: nonce");
        // And the replay that it allows.
        _assertActNotices(address(handler), abi.encodeCall(handler.signedTransfer, (0, 1, 10, 7, false)));
    }

    function test_control__mint_stop_lost_or_forgotten__is_noticed() public {
        handler.changeStatus(2); // suspended, and the token told
        _add(bytes32(BOOKS), type(uint256).max - (uint256(1) << 192) + 1); // bit 192 off
        _assertNoticed(handler.checkPromises, "ISSUE-3: mint-stop");
        _assertActNotices(address(handler), abi.encodeCall(handler.mint, (0, 0, 1)));
    }

    function test_control__a_transfer_that_is_stopped__is_noticed() public {
        vm.mockCallRevert(token, abi.encodeWithSelector(ILoyaltyToken.burn.selector), "paused");
        _assertActNotices(address(handler), abi.encodeCall(handler.burn, (0, 1)));
    }

    function test_control__an_unchecked_theft__is_noticed() public {
        vm.mockCall(token, abi.encodeWithSelector(ILoyaltyToken.burnFrom.selector), "");
        _assertActNotices(address(handler), abi.encodeCall(handler.steal, (1, 0, 1)));
    }

    /// @dev Supply and sums are as they were: a module has tokens in its books that it was never sent.
    function test_control__told_of_tokens_that_never_came__is_noticed() public {
        address module = handler.moduleAt(0);
        vm.prank(token);
        Module(module).onTransferReceived(holder, holder, 1, "");
        _assertNoticed(handler.checkPromises, "BOOK-1: a module's books");
    }

    function test_control__tokens_taken_from_a_module__is_noticed() public {
        address module = handler.moduleAt(0);
        handler.transferAndCall(0, 0, 10);
        _add(_at(module, BALANCES), type(uint256).max);
        _add(_at(other, BALANCES), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-2: moved without its holder");
    }

    function _at(address key, uint256 slot) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }

    function _add(bytes32 slot, uint256 amount) private {
        unchecked {
            vm.store(token, slot, bytes32(uint256(vm.load(token, slot)) + amount));
        }
    }
}

contract ObligationControlsTest is ControlsTest {
    ObligationHandler internal handler;
    address internal obligations;
    uint256 internal record;

    function setUp() public {
        handler = new ObligationHandler();
        handler.setUp();
        obligations = handler.obligationsAddress();
        record = uint256(keccak256(abi.encode(handler.tokenAddress(), uint256(0))));
        handler.setTerms(1, 2, 1, 1);
        handler.checkPromises();
    }

    function test_control__par_value_changed__is_noticed() public {
        _flip(0, 160);
        _assertNoticed(handler.checkPromises, "RED-3: par");
    }

    function test_control__currency_changed__is_noticed() public {
        _flip(0, 0);
        _assertNoticed(handler.checkPromises, "RED-3: currency");
    }

    function test_control__version_counted_wrong__is_noticed() public {
        _flip(1, 0);
        _assertNoticed(handler.checkPromises, "RED-2: version");
    }

    function test_control__worsening_not_remembered__is_noticed() public {
        _flip(1, 32 + 1);
        _assertNoticed(handler.checkPromises, "RED-2: worsened version");
    }

    function test_control__worsening_comes_a_second_early_or_late__is_noticed() public {
        _flip(1, 64);
        _assertNoticed(handler.checkPromises, "RED-2: when worse terms come");
    }

    function test_control__terms_changed_without_notice__is_noticed() public {
        _flip(3, 0);
        _assertNoticed(handler.checkPromises, "RED-2: terms in force");
    }

    function test_control__bond_ratio_changed_without_notice__is_noticed() public {
        _flip(4, 32);
        _assertNoticed(handler.checkPromises, "RED-2: terms in force");
    }

    function test_control__announced_terms_changed__is_noticed() public {
        _flip(6, 0);
        _assertNoticed(handler.checkPromises, "RED-2: terms to come");
    }

    function test_control__capacity_announced_by_nobody__is_noticed() public {
        _flip(2, 0);
        _assertNoticed(handler.checkPromises, "ISSUE-1: announced capacity");
        _flip(2, 0);
        _flip(1, 104);
        _assertNoticed(handler.checkPromises, "ISSUE-1: when it may rise");
    }

    function test_control__wind_down_that_nobody_announced__is_noticed() public {
        _flip(1, 144);
        _assertNoticed(handler.checkPromises, "RED-2: start of the wind-down");
        _flip(1, 144);
        _flip(1, 184);
        _assertNoticed(handler.checkPromises, "RED-2: wind-down");
    }

    function _flip(uint256 slot, uint256 bit) private {
        bytes32 where = bytes32(record + slot);
        vm.store(obligations, where, vm.load(obligations, where) ^ bytes32(uint256(1) << bit));
    }
}

contract BondControlsTest is ControlsTest {
    uint256 internal constant PURSES = 5;
    uint256 internal constant ALLOTMENTS = 6;
    uint256 internal constant OWED = 7;
    uint256 internal constant CURES = 8;
    uint256 internal constant HOLDERS = uint256(IBonds.Purse.Holders);
    uint256 internal constant COMPENSATION = uint256(IBonds.Purse.Compensation);

    BondHandler internal handler;
    address internal bonds;
    address internal token;
    address internal money;
    address internal member = makeAddr("member");

    function setUp() public {
        handler = new BondHandler();
        handler.setUp();
        (bonds, token, money) = (handler.bondsAddress(), handler.tokenAddress(), handler.moneyAddress());
        (member,) = makeAddrAndKey("member");
        handler.deposit(0, COMPENSATION, 1000);
        handler.allot(0, COMPENSATION + 1, 0, 500);
        handler.draw(0, COMPENSATION + 1, 0, 0, 100);
        handler.cover(0, 1);
        handler.checkPromises();
    }

    function test_control__purse_counts_what_never_came__is_noticed() public {
        _add(_purse(COMPENSATION), 1);
        _assertNoticed(handler.checkPromises, "BOND-1: purse");
    }

    function test_control__one_purse_pays_for_another__is_noticed() public {
        _add(_purse(COMPENSATION), 1);
        _add(_purse(HOLDERS), type(uint256).max); // less one
        _assertNoticed(handler.checkPromises, "BOND-1: purse");
    }

    function test_control__allotment_out_of_nothing__is_noticed() public {
        _add(_allotment(COMPENSATION), 1);
        _assertNoticed(handler.checkPromises, "BOND-1: allotment");
    }

    function test_control__allotted_but_not_set_aside__is_noticed() public {
        _add(_purse(COMPENSATION), type(uint256).max - (uint256(1) << 128) + 1);
        _assertNoticed(handler.checkPromises, "BOND-1: allotted != allotments");
        // And the withdrawal that it allows.
        handler.announce(0, COMPENSATION, 1800);
        _assertActNotices(address(handler), abi.encodeCall(handler.withdraw, (0, COMPENSATION, 1)));
    }

    function test_control__owed_to_nobodys_credit__is_noticed() public {
        _add(_at(_at(OWED, money), member), 1);
        _assertNoticed(handler.checkPromises, "BOOK-1: owed");
    }

    function test_control__collected_twice__is_noticed() public {
        handler.collect(0, 0, false);
        _add(_at(_at(OWED, money), member), 100); // as if it had not been written down
        _assertNoticed(handler.checkPromises, "BOOK-1: owed");
        _assertActNotices(address(handler), abi.encodeCall(handler.collect, (0, 1, false)));
    }

    function test_control__money_gone__is_noticed() public {
        _take(1);
        _assertNoticed(handler.checkPromises, "BOOK-1: holds less than it owes");
    }

    function test_control__donation_gone__is_noticed() public {
        handler.donateAndSteal(0, 0, 0, 1);
        handler.checkPromises();
        _take(1);
        _assertNoticed(handler.checkPromises, "BOOK-1: unaccounted for");
    }

    /// @dev A registry that asks for nothing, and the withdrawal below what is required that it allows.
    function test_control__requirement_forgotten__is_noticed() public {
        vm.mockCall(
            handler.registryAddress(),
            abi.encodeWithSignature("bondRatioOf(address)", token),
            abi.encode(uint16(0))
        );
        _assertNoticed(handler.checkPromises, "BOND-1: required");
        handler.announce(0, HOLDERS, 5000);
        _assertActNotices(address(handler), abi.encodeCall(handler.withdraw, (0, HOLDERS, 1)));
    }

    function test_control__wind_down_overlooked__is_noticed() public {
        handler.deposit(0, HOLDERS, 10_000);
        handler.announce(0, HOLDERS, 20_000);
        handler.windDown();
        vm.mockCall(
            handler.registryAddress(),
            abi.encodeWithSignature("windDownEndOf(address)", token),
            abi.encode(uint40(0))
        );
        _assertActNotices(address(handler), abi.encodeCall(handler.withdraw, (0, HOLDERS, 1)));
    }

    function test_control__cure_put_off__is_noticed() public {
        _add(_at(CURES, token), 1);
        _assertNoticed(handler.checkPromises, "BOND-1: cure");
    }

    function test_control__announced_a_second_early__is_noticed() public {
        handler.announce(0, COMPENSATION, 10);
        bytes32 slot = bytes32(uint256(_purse(COMPENSATION)) + 1);
        _add(slot, type(uint256).max - (uint256(1) << 128) + 1);
        _assertNoticed(handler.checkPromises, "BOND-1: when");
    }

    function test_control__an_unchecked_theft__is_noticed() public {
        vm.mockCall(bonds, abi.encodeWithSelector(IBonds.draw.selector), "");
        _assertActNotices(address(handler), abi.encodeCall(handler.donateAndSteal, (0, 0, 0, 1)));
    }

    function _purse(uint256 purse) private view returns (bytes32) {
        return keccak256(abi.encode(purse, _at(PURSES, token)));
    }

    function _allotment(uint256 purse) private view returns (bytes32) {
        return _at(uint256(keccak256(abi.encode(purse, _at(ALLOTMENTS, token)))), handler.moduleAt(0));
    }

    function _at(uint256 slot, address key) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }

    function _at(bytes32 slot, address key) private pure returns (bytes32) {
        return _at(uint256(slot), key);
    }

    function _add(bytes32 slot, uint256 amount) private {
        unchecked {
            vm.store(bonds, slot, bytes32(uint256(vm.load(bonds, slot)) + amount));
        }
    }

    function _take(uint256 amount) private {
        bytes32 slot = _at(uint256(0), bonds);
        vm.store(money, slot, bytes32(uint256(vm.load(money, slot)) - amount));
    }
}

contract OrderControlsTest is ControlsTest {
    uint256 internal constant BALANCES = 2; // of the token
    uint256 internal constant OFFERS = 0;
    uint256 internal constant COUNTS = 1; // of an offer
    uint256 internal constant ORDERS = 2;
    uint256 internal constant TALLIES = 3;
    uint256 internal constant ALLOTMENTS = 6; // of the bonds
    uint256 internal constant OWED = 7;
    uint256 internal constant SOLD_AT = 104;
    uint256 internal constant FAILED_AT = 136;
    uint256 internal constant FREE_AT = 168;
    uint256 internal constant STATE_AT = 40;

    OrderHandler internal handler;
    address internal orders;
    address internal bonds;
    address internal token;

    /// @dev One order is disputed, one is open.
    function setUp() public {
        handler = new OrderHandler();
        handler.setUp();
        (orders, bonds, token) = (handler.ordersAddress(), handler.bondsAddress(), handler.tokenAddress());
        handler.open(0, 0, 0, 5, 6);
        handler.open(0, 0, 0, 5, 6);
        handler.fulfil(0, 0);
        handler.dispute(0, 0);
        handler.checkPromises();
    }

    function test_control__locked_tokens_gone__is_noticed() public {
        _add(token, _at(BALANCES, orders), type(uint256).max); // less one
        _assertNoticed(handler.checkPromises, "BOOK-1: holds less than it owes");
    }

    function test_control__donated_tokens_gone__is_noticed() public {
        handler.donateAndSteal(0, 1, 1);
        handler.checkPromises();
        _add(token, _at(BALANCES, orders), type(uint256).max);
        _assertNoticed(handler.checkPromises, "BOOK-1: unaccounted for");
    }

    function test_control__refund_to_another__is_noticed() public {
        (address member,) = makeAddrAndKey("member");
        _add(token, _at(BALANCES, member), type(uint256).max);
        _add(token, _at(BALANCES, makeAddr("second member")), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-2: a member's tokens");
    }

    function test_control__reserve_freed_twice__is_noticed() public {
        _add(orders, _counts(), uint256(1) << FREE_AT);
        _assertNoticed(handler.checkPromises, "BOND-1: free");
        // And the reclaim of what is promised that it allows.
        _assertActNotices(address(handler), abi.encodeCall(handler.reclaim, (0, 0, 1)));
    }

    function test_control__reserve_not_set_aside__is_noticed() public {
        bytes32 purse = keccak256(abi.encode(uint256(IBonds.Purse.Compensation), _at(ALLOTMENTS, token)));
        _add(bonds, _at(uint256(purse), orders), type(uint256).max);
        _assertNoticed(handler.checkPromises, "BOND-1: allotment != reserved + free");
    }

    function test_control__units_sold_and_not_ordered__is_noticed() public {
        _add(orders, _counts(), uint256(1) << SOLD_AT);
        _assertNoticed(handler.checkPromises, "RED-1: counts != sold");
    }

    function test_control__record_dressed_up__is_noticed() public {
        _add(orders, _counts(), uint256(1) << FAILED_AT);
        _assertNoticed(handler.checkPromises, "RED-1: record");
        _add(orders, _counts(), type(uint256).max - (uint256(1) << FAILED_AT) + 1);
        handler.checkPromises();
        _add(orders, keccak256(abi.encode(handler.offerId(), _at(TALLIES, token))), 1);
        _assertNoticed(handler.checkPromises, "RED-1: record");
    }

    function test_control__deadline_a_second_later__is_noticed() public {
        _add(orders, _order(1), 1);
        _assertNoticed(handler.checkPromises, "deadline");
    }

    function test_control__state_that_nobody_brought_about__is_noticed() public {
        _add(orders, _order(1), uint256(1) << STATE_AT);
        _assertNoticed(handler.checkPromises, "state");
    }

    /// @dev An order whose word comes back can end again, and somebody tries.
    function test_control__ended_but_not_forgotten__is_noticed() public {
        uint256 word = uint256(vm.load(orders, _order(1)));
        handler.decline(1, 1);
        handler.checkPromises();
        handler.donateAndSteal(0, 1, 1);
        vm.store(orders, _order(1), bytes32(word));
        _assertActNotices(address(handler), abi.encodeCall(handler.donateAndSteal, (0, 1, 1)));
    }

    function test_control__owed_to_nobodys_credit__is_noticed() public {
        (address member,) = makeAddrAndKey("member");
        _add(bonds, _at(uint256(_at(OWED, handler.currencyAddress())), member), 1);
        _assertNoticed(handler.checkPromises, "BOND-1: owed");
    }

    /// @dev RED-1: a way out that somebody closed.
    function test_control__claims_stopped__is_noticed() public {
        vm.mockCallRevert(orders, abi.encodeWithSelector(IFulfilment.claim.selector), "paused");
        (bool success,) = address(handler).call(abi.encodeCall(handler.leaveAll, ()));
        assertFalse(success, "not noticed");
    }

    function test_control__an_unchecked_theft__is_noticed() public {
        vm.mockCall(orders, abi.encodeWithSelector(IFulfilment.confirm.selector), "");
        _assertActNotices(address(handler), abi.encodeCall(handler.donateAndSteal, (0, 1, 0)));
    }

    function test_control__a_late_delivery_let_through__is_noticed() public {
        vm.mockCall(orders, abi.encodeWithSelector(IFulfilment.fulfil.selector), "");
        vm.warp(block.timestamp + 400 days);
        _assertActNotices(address(handler), abi.encodeCall(handler.fulfil, (0, 0)));
    }

    function _order(uint256 number) private view returns (bytes32) {
        bytes32 key = keccak256(abi.encode(token, handler.offerId(), number));
        return keccak256(abi.encode(key, ORDERS));
    }

    function _counts() private view returns (bytes32) {
        return bytes32(uint256(keccak256(abi.encode(handler.offerId(), _at(OFFERS, token)))) + COUNTS);
    }

    function _at(uint256 slot, address key) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }

    function _add(address where, bytes32 slot, uint256 amount) private {
        unchecked {
            vm.store(where, slot, bytes32(uint256(vm.load(where, slot)) + amount));
        }
    }
}

contract PoolControlsTest is ControlsTest {
    uint256 internal constant BALANCES = 2; // of a token
    uint256 internal constant POSITIONS = 1; // of swaps
    uint256 internal constant NET_AT = 96;
    uint256 internal constant CEILING_AT = 96;
    uint256 internal constant SETTLEMENTS = 0; // of settlements
    uint256 internal constant ACCOUNTS = 3;
    uint256 internal constant HALF = 128;

    SwapHandler internal handler;
    address internal swaps;
    address internal settlements;
    address internal token;
    address internal other;

    /// @dev In the bold pool, the first brand owes more than it laid down, of a period that is closed and of one
    /// that runs.
    function setUp() public {
        handler = new SwapHandler();
        handler.setUp();
        (swaps, settlements) = (handler.swapsAddress(), handler.settlementsAddress());
        (token, other) = (handler.tokenAddress(0), handler.tokenAddress(1));
        handler.drain(1, 0, 1);
        handler.closePeriod(1, false);
        handler.pay(0, 0, 16 << 8 | 4, 1);
        handler.drain(1, 0, 2);
        handler.checkPromises();
    }

    function test_control__settling_up__loses_what_was_agreed_to_alone() public {
        handler.leaveAll(0);
        handler.checkPromises();
    }

    function test_control__provided_out_of_nothing__is_noticed() public {
        _add(swaps, _position(), 1);
        _assertNoticed(handler.checkPromises, "SWAP-4: provided");
    }

    function test_control__intake_counted_twice__is_noticed() public {
        _add(swaps, _position(), uint256(1) << NET_AT);
        _assertNoticed(handler.checkPromises, "SWAP-4: net intake");
    }

    function test_control__tokens_gone_from_the_pools__is_noticed() public {
        _add(other, keccak256(abi.encode(swaps, BALANCES)), type(uint256).max); // less one
        _assertNoticed(handler.checkPromises, "BOOK-1: tokens in the pools");
    }

    function test_control__tokens_behind_debts_gone__is_noticed() public {
        _add(token, keccak256(abi.encode(settlements, BALANCES)), type(uint256).max);
        _assertNoticed(handler.checkPromises, "BOOK-1: tokens behind debts");
    }

    function test_control__cover_out_of_nothing__is_noticed() public {
        _add(settlements, _account(), 1);
        _assertNoticed(handler.checkPromises, "SWAP-2: what is laid down");
    }

    function test_control__debt_forgotten__is_noticed() public {
        vm.store(
            settlements, _account(), bytes32(uint256(vm.load(settlements, _account())) & type(uint128).max)
        );
        _assertNoticed(handler.checkPromises, "SETTLE-1: what is unpaid");
    }

    function test_control__money_for_claims_gone__is_noticed() public {
        handler.enforce(0, 0, 2);
        handler.checkPromises();
        vm.mockCall(
            handler.moneyAddress(), abi.encodeWithSignature("balanceOf(address)", settlements), abi.encode(0)
        );
        _assertNoticed(handler.checkPromises, "BOOK-1: money for claims");
    }

    /// @dev The first to take could take others' part.
    function test_control__more_received_than_came_in__is_noticed() public {
        handler.enforce(0, 0, 2);
        _add(settlements, bytes32(uint256(_settlement()) + 1), uint256(1e6) << HALF);
        _assertActNotices(address(handler), abi.encodeCall(handler.takeClaim, (0, 1, 1)));
    }

    /// @dev SETTLE-2: what a brand laid down does not reach those whom it owes.
    function test_control__bond_that_pays_nobody__is_noticed() public {
        _add(settlements, bytes32(uint256(_settlement()) + 1), 1000e6); // of a larger total, a smaller part
        _assertActNotices(address(handler), abi.encodeCall(handler.leaveAll, (0)));
    }

    function test_control__ceiling_lifted__is_noticed() public {
        handler.layDown(1, 1, 1);
        _add(swaps, bytes32(uint256(_position()) + 1), uint256(type(uint64).max) << CEILING_AT);
        _assertActNotices(address(handler), abi.encodeCall(handler.swapOut, (1, 0, 1, 1)));
    }

    function test_control__raise_without_delay__is_noticed() public {
        vm.mockCall(handler.poolsAddress(), abi.encodeWithSelector(IPools.applyBounds.selector), "");
        _assertActNotices(address(handler), abi.encodeCall(handler.raise, (0, 0, 5, true)));
    }

    function test_control__closed_too_early__is_noticed() public {
        vm.mockCall(swaps, abi.encodeWithSelector(ISwaps.close.selector), "");
        _assertActNotices(address(handler), abi.encodeCall(handler.closePeriod, (1, true)));
    }

    function test_control__more_given_than_taken__is_noticed() public {
        vm.mockCall(swaps, abi.encodeWithSelector(ISwaps.swap.selector), abi.encode(1, 1e18));
        _assertActNotices(address(handler), abi.encodeCall(handler.swapIn, (0, 0, 1, 5 << 8 | 4)));
    }

    function _position() private view returns (bytes32) {
        return keccak256(abi.encode(token, keccak256(abi.encode(handler.poolId(1), POSITIONS))));
    }

    function _account() private view returns (bytes32) {
        bytes32 ofSource = keccak256(abi.encode(swaps, ACCOUNTS));
        return keccak256(abi.encode(token, keccak256(abi.encode(handler.poolId(1), ofSource))));
    }

    function _settlement() private view returns (bytes32) {
        return keccak256(abi.encode(handler.settlementAt(0), SETTLEMENTS));
    }

    function _add(address where, bytes32 slot, uint256 amount) private {
        unchecked {
            vm.store(where, slot, bytes32(uint256(vm.load(where, slot)) + amount));
        }
    }
}
