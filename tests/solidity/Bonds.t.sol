// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { AllotmentModule, HostileAllotmentModule } from "./utils/AllotmentModules.sol";
import { BondTest } from "./utils/BondTest.sol";
import { Currency } from "./utils/Currencies.sol";

contract BondsTest is BondTest {
    function test_periods__as_documented() public view {
        assertEq(bonds.WITHDRAWAL_WINDOW(), WINDOW);
        assertEq(bonds.CURE_PERIOD(), CURE);
    }

    // --------------------------------------------------------------- deposit

    function test_deposit__by_anyone__fills_each_purse_apart() public {
        for (uint8 i = 0; i < 3; ++i) {
            vm.expectEmit(address(bonds));
            emit IBonds.Deposited(address(token), IBonds.Purse(i), funder, 10 + i);
            _deposit(IBonds.Purse(i), 10 + i);
        }
        _deposit(COMPENSATION, 100);
        assertEq(_value(SETTLEMENT), 10);
        assertEq(_value(HOLDERS), 11);
        assertEq(_value(COMPENSATION), 112);
        assertEq(_held(), 133);
        assertEq(bonds.purseOf(address(partnerToken), SETTLEMENT).value, 0);
        IBonds.PurseView memory purse = bonds.purseOf(address(token), COMPENSATION);
        assertEq(purse.allotted, 0);
        assertEq(purse.required, 0);
        assertEq(purse.withdrawal, 0);
        assertEq(purse.withdrawableAt, 0);
        assertEq(purse.withdrawableUntil, 0);
    }

    function test_deposit__nothing_or_beyond_128_bits__reverts() public {
        _expect(IBonds.Bonds_ZeroValue.selector);
        _deposit(HOLDERS, 0);
        uint256 most = type(uint128).max;
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, most + 1)
        );
        _deposit(HOLDERS, most + 1);
        _deposit(HOLDERS, most);
        assertEq(_value(HOLDERS), most);
    }

    function test_deposit__no_allowance__reverts() public {
        money.mint(intruder, 100);
        vm.expectRevert();
        vm.prank(intruder);
        bonds.deposit(address(token), HOLDERS, 1);
        vm.startPrank(intruder);
        money.approve(address(bonds), 100);
        bonds.deposit(address(token), HOLDERS, 100);
        vm.expectRevert();
        bonds.deposit(address(token), HOLDERS, 1);
        vm.stopPrank();
        assertEq(_value(HOLDERS), 100);
    }

    function test_BOOK_1__donations__change_nothing() public {
        _deposit(SETTLEMENT, 100);
        _endow(COMPENSATION, 50);
        money.mint(address(bonds), 1_000_000);
        assertEq(_value(SETTLEMENT), 100);
        assertEq(_value(HOLDERS), 0);
        _expectNotEnoughFree(SETTLEMENT, 101, 100);
        _allot(SETTLEMENT, address(payer), 101);
        _announce(SETTLEMENT, 1000);
        vm.warp(START + NOTICE);
        assertEq(_withdraw(SETTLEMENT), 100);
        _draw(COMPENSATION, member, 50);
        bonds.collect(address(money), member);
        assertEq(_held(), 1_000_000);
    }

    function test_deposit__silent_or_generous_currency__counts_what_was_meant() public {
        money.behave(Currency.Behaviour.Silent);
        _deposit(HOLDERS, 100);
        money.behave(Currency.Behaviour.MovesMore);
        _deposit(HOLDERS, 100);
        assertEq(_value(HOLDERS), 200);
        assertEq(_held(), 201);
    }

    function test_deposit__hostile_currency__nothing_has_happened() public {
        _deposit(HOLDERS, 1000);
        Currency.Behaviour[8] memory hostile = [
            Currency.Behaviour.TakesFee,
            Currency.Behaviour.MovesNothing,
            Currency.Behaviour.SaysFalse,
            Currency.Behaviour.MovesAndSaysFalse,
            Currency.Behaviour.SaysOther,
            Currency.Behaviour.Reverts,
            Currency.Behaviour.ReturnBomb,
            Currency.Behaviour.TakesFromPayee
        ];
        bytes memory failed =
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(money));
        bytes[8] memory reasons = [
            abi.encodeWithSelector(IBonds.Bonds_ShortDeposit.selector, 99, 100),
            abi.encodeWithSelector(IBonds.Bonds_ShortDeposit.selector, 0, 100),
            failed,
            failed,
            failed,
            abi.encodeWithSignature("Error(string)", "not today"),
            bytes(""),
            bytes("")
        ];
        uint256 purse = money.balanceOf(funder);
        for (uint256 i = 0; i < hostile.length; ++i) {
            money.behave(hostile[i]);
            vm.prank(funder);
            (bool success, bytes memory reason) =
                address(bonds).call(abi.encodeCall(bonds.deposit, (address(token), HOLDERS, 100)));
            assertFalse(success, vm.toString(i));
            if (reasons[i].length != 0) assertEq(reason, reasons[i]);
            assertEq(_value(HOLDERS), 1000);
            assertEq(_held(), 1000);
            assertEq(money.balanceOf(funder), purse);
        }
    }

    // ----------------------------------------------------------------- allot

    function test_allot__gives_and_tells_the_module_afterwards() public {
        _deposit(COMPENSATION, 100);
        vm.expectEmit(address(bonds));
        emit IBonds.Allotted(address(token), COMPENSATION, address(payer), 60);
        vm.prank(brand);
        bonds.allot(address(token), COMPENSATION, address(payer), 60, "for breakfast");

        assertEq(bonds.allotmentOf(address(token), COMPENSATION, address(payer)), 60);
        assertEq(bonds.allotmentOf(address(token), SETTLEMENT, address(payer)), 0);
        assertEq(bonds.allotmentOf(address(partnerToken), COMPENSATION, address(payer)), 0);
        assertEq(bonds.purseOf(address(token), COMPENSATION).value, 100);
        assertEq(bonds.purseOf(address(token), COMPENSATION).allotted, 60);
        _assertTold(false, COMPENSATION, 60, "for breakfast", 60);
    }

    function test_allot__up_to_what_is_free__not_beyond() public {
        _deposit(SETTLEMENT, 100);
        _deposit(COMPENSATION, 1000);
        _allot(SETTLEMENT, address(payer), 60);
        _expectNotEnoughFree(SETTLEMENT, 41, 40);
        _allot(SETTLEMENT, address(payer), 41);
        _allot(SETTLEMENT, address(payer), 40);
        _expectNotEnoughFree(SETTLEMENT, 1, 0);
        _allot(SETTLEMENT, address(payer), 1);
        assertEq(bonds.allotmentOf(address(token), SETTLEMENT, address(payer)), 100);
        _expectNotEnoughFree(COMPENSATION, type(uint256).max, 1000);
        _allot(COMPENSATION, address(payer), type(uint256).max);
    }

    function test_allot__nothing__reverts() public {
        _deposit(SETTLEMENT, 100);
        _expect(IBonds.Bonds_ZeroValue.selector);
        _allot(SETTLEMENT, address(payer), 0);
    }

    function test_BOND_1__allot_from_the_holders_purse__reverts() public {
        _deposit(HOLDERS, 100);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_NotAllottable.selector, HOLDERS));
        _allot(HOLDERS, address(payer), 1);
    }

    function test_allot__module_not_listed__reverts() public {
        _deposit(SETTLEMENT, 100);
        AllotmentModule unlisted = new AllotmentModule();
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_ModuleNotListed.selector, address(unlisted)));
        _allot(SETTLEMENT, address(unlisted), 1);
    }

    /// @dev It gets nothing new, pays what it promised, and gives back the rest.
    function test_allot__module_delisted_later__pays_and_gives_back() public {
        _deposit(SETTLEMENT, 200);
        _allot(SETTLEMENT, address(payer), 100);
        _list(IBrandRegistry.List.Module, address(payer), false);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_ModuleNotListed.selector, address(payer)));
        _allot(SETTLEMENT, address(payer), 1);
        _draw(SETTLEMENT, partner, 30);
        _reclaim(SETTLEMENT, address(payer), 70);
        assertEq(bonds.owedTo(address(money), partner), 30);
        assertEq(bonds.purseOf(address(token), SETTLEMENT).allotted, 0);
        assertEq(_value(SETTLEMENT), 170);
    }

    function test_allot__hostile_module__nothing_has_happened() public {
        HostileAllotmentModule hostile = _hostile();
        _deposit(SETTLEMENT, 200);
        _allot(SETTLEMENT, address(hostile), 100);
        bytes memory refused = abi.encodeWithSelector(IBonds.Bonds_ModuleRefused.selector, address(hostile));
        bytes[7] memory reasons = [
            refused,
            refused,
            bytes(""),
            abi.encodeWithSelector(HostileAllotmentModule.Refused.selector, 50),
            bytes(""),
            bytes(""),
            bytes("")
        ];
        bytes[2] memory calls = [
            abi.encodeCall(bonds.allot, (address(token), SETTLEMENT, address(hostile), 50, "")),
            abi.encodeCall(bonds.reclaim, (address(token), SETTLEMENT, address(hostile), 50, ""))
        ];
        for (uint8 i = 1; i <= 7; ++i) {
            hostile.behave(HostileAllotmentModule.Behaviour(i));
            // A module that answers, and adds a lot of nothing, has answered.
            bool answers = HostileAllotmentModule.Behaviour(i) == HostileAllotmentModule.Behaviour.ReturnBomb;
            for (uint256 j = 0; j < calls.length; ++j) {
                uint256 snapshot = vm.snapshotState();
                vm.prank(brand);
                (bool success, bytes memory reason) = address(bonds).call(calls[j]);
                assertEq(success, answers, vm.toString(i));
                if (!success) {
                    if (reasons[i - 1].length != 0) assertEq(reason, reasons[i - 1]);
                    assertEq(bonds.allotmentOf(address(token), SETTLEMENT, address(hostile)), 100);
                    assertEq(bonds.purseOf(address(token), SETTLEMENT).allotted, 100);
                }
                vm.revertToState(snapshot);
            }
        }
    }

    function test_allot__module_without_code__reverts() public {
        _list(IBrandRegistry.List.Module, intruder, true);
        _deposit(SETTLEMENT, 100);
        vm.expectRevert();
        _allot(SETTLEMENT, intruder, 1);
    }

    // ------------------------------------------------------------------ draw

    function test_draw__is_owed_to_the_payee_and_no_longer_in_the_purse() public {
        _endow(COMPENSATION, 100);
        vm.expectEmit(address(bonds));
        emit IBonds.Drawn(address(token), COMPENSATION, address(payer), member, 40);
        _draw(COMPENSATION, member, 40);
        assertEq(bonds.owedTo(address(money), member), 40);
        assertEq(_value(COMPENSATION), 60);
        assertEq(bonds.purseOf(address(token), COMPENSATION).allotted, 60);
        assertEq(bonds.allotmentOf(address(token), COMPENSATION, address(payer)), 60);
        assertEq(money.balanceOf(member), 0);
        assertEq(_held(), 100);
        _draw(COMPENSATION, member, 5);
        assertEq(bonds.owedTo(address(money), member), 45);
    }

    function test_BOND_1__draw_beyond_the_allotment__reverts() public {
        _deposit(COMPENSATION, 1000);
        _deposit(SETTLEMENT, 1000);
        _allot(COMPENSATION, address(payer), 100);
        _expectExceeded(COMPENSATION, address(payer), 101, 100);
        _draw(COMPENSATION, member, 101);
        // What it may take from one purse is no claim on another, nor on another brand's.
        _expectExceeded(SETTLEMENT, address(payer), 1, 0);
        _draw(SETTLEMENT, member, 1);
        _expectExceeded(HOLDERS, address(payer), 1, 0);
        _draw(HOLDERS, member, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBonds.Bonds_AllotmentExceeded.selector,
                address(partnerToken),
                COMPENSATION,
                address(payer),
                1,
                0
            )
        );
        payer.draw(bonds, address(partnerToken), COMPENSATION, member, 1);
        _draw(COMPENSATION, member, 100);
        _expectExceeded(COMPENSATION, address(payer), 1, 0);
        _draw(COMPENSATION, member, 1);
        _expectExceeded(COMPENSATION, address(payer), type(uint256).max, 0);
        _draw(COMPENSATION, member, type(uint256).max);
    }

    function test_draw__another_modules_allotment__reverts() public {
        HostileAllotmentModule hostile = _hostile();
        _endow(COMPENSATION, 100);
        _deposit(COMPENSATION, 10);
        _allot(COMPENSATION, address(hostile), 10);
        (bool success, bytes memory reason) = hostile.call(
            address(bonds), abi.encodeCall(bonds.draw, (address(token), COMPENSATION, member, 11))
        );
        assertFalse(success);
        assertEq(reason, _exceeded(COMPENSATION, address(hostile), 11, 10));
        (success,) = hostile.call(
            address(bonds), abi.encodeCall(bonds.draw, (address(token), COMPENSATION, member, 10))
        );
        assertTrue(success);
        _draw(COMPENSATION, member, 100);
    }

    function test_draw__nothing_or_to_nobody__reverts() public {
        _endow(COMPENSATION, 100);
        _expect(IBonds.Bonds_ZeroValue.selector);
        _draw(COMPENSATION, member, 0);
        address[2] memory nobody = [address(0), address(bonds)];
        for (uint256 i = 0; i < nobody.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_InvalidAccount.selector, nobody[i]));
            _draw(COMPENSATION, nobody[i], 1);
        }
    }

    /// @dev What members rely on does not depend on anything that happens to the brand.
    function test_draw__suspended_short_and_winding_down_and_after__works() public {
        _mint(member, 100);
        _endow(COMPENSATION, 100);
        _draw(COMPENSATION, member, 10);
        bonds.flagShortfall(address(token));
        _suspendAndStop();
        _draw(COMPENSATION, member, 10);
        _leave();
        _draw(COMPENSATION, member, 10);
        vm.warp(START + NOTICE + WIND_DOWN + 1);
        _draw(COMPENSATION, member, 10);
        bonds.collect(address(money), member);
        assertEq(money.balanceOf(member), 40);
    }

    // --------------------------------------------------------------- collect

    function test_collect__by_anyone__pays_whom_it_is_owed() public {
        _endow(COMPENSATION, 100);
        _draw(COMPENSATION, member, 40);
        _draw(COMPENSATION, partner, 25);
        vm.expectEmit(address(bonds));
        emit IBonds.Collected(address(money), member, member, 40);
        vm.prank(intruder);
        assertEq(bonds.collect(address(money), member), 40);
        assertEq(money.balanceOf(member), 40);
        assertEq(money.balanceOf(intruder), 0);
        assertEq(bonds.owedTo(address(money), member), 0);
        assertEq(bonds.owedTo(address(money), partner), 25);
        _expect(IBonds.Bonds_ZeroValue.selector);
        bonds.collect(address(money), member);
        assertEq(_held(), 60);
    }

    function test_collectTo__pays_whom_the_owner_says() public {
        _endow(COMPENSATION, 100);
        _draw(COMPENSATION, member, 40);
        _expect(IBonds.Bonds_ZeroValue.selector);
        vm.prank(intruder);
        bonds.collectTo(address(money), intruder);
        address[2] memory nobody = [address(0), address(bonds)];
        for (uint256 i = 0; i < nobody.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_InvalidAccount.selector, nobody[i]));
            vm.prank(member);
            bonds.collectTo(address(money), nobody[i]);
        }
        vm.expectEmit(address(bonds));
        emit IBonds.Collected(address(money), member, till, 40);
        vm.prank(member);
        assertEq(bonds.collectTo(address(money), till), 40);
        assertEq(money.balanceOf(till), 40);
        assertEq(money.balanceOf(member), 0);
    }

    /// @dev One currency's claims are none in another, and what no bond is in is never even called.
    function test_collect__another_currency__reverts() public {
        _endow(COMPENSATION, 100);
        _draw(COMPENSATION, member, 40);
        address[3] memory others = [currency, address(token), intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expect(IBonds.Bonds_ZeroValue.selector);
            bonds.collect(others[i], member);
        }
    }

    function test_collect__silent_or_generous_or_greedy_currency__leaves_the_books_right() public {
        Currency.Behaviour[3] memory fine =
            [Currency.Behaviour.Silent, Currency.Behaviour.MovesMore, Currency.Behaviour.TakesFee];
        _endow(COMPENSATION, 1000);
        for (uint256 i = 0; i < fine.length; ++i) {
            _draw(COMPENSATION, member, 100);
            money.behave(fine[i]);
            bonds.collect(address(money), member);
            money.behave(Currency.Behaviour.Plain);
            assertEq(_held(), 1000 - 100 * (i + 1));
        }
        // What the currency keeps on the way is between it and the payee.
        assertEq(money.balanceOf(member), 100 + 101 + 99);
    }

    /// @dev Nobody's claim is lost to a currency that only says that it paid, and nobody's money goes with
    /// another's payment.
    function test_BOOK_1__hostile_currency_on_the_way_out__nothing_has_happened() public {
        _endow(COMPENSATION, 1000);
        _draw(COMPENSATION, member, 100);
        _deposit(SETTLEMENT, 500);
        _announce(SETTLEMENT, 500);
        vm.warp(START + NOTICE);
        money.mint(member, 10);
        money.mint(till, 10);
        Currency.Behaviour[9] memory hostile = [
            Currency.Behaviour.MovesNothing,
            Currency.Behaviour.TakesFromPayee,
            Currency.Behaviour.ChargesPayer,
            Currency.Behaviour.SaysFalse,
            Currency.Behaviour.MovesAndSaysFalse,
            Currency.Behaviour.SaysOther,
            Currency.Behaviour.Reverts,
            Currency.Behaviour.ReturnBomb,
            Currency.Behaviour.ReentersThenKeeps
        ];
        uint256[9] memory left = [uint256(1500), 1500, 1399, 0, 0, 0, 0, 0, 1500];
        for (uint256 i = 0; i < hostile.length; ++i) {
            money.behave(hostile[i]);
            vm.prank(member);
            (bool success, bytes memory reason) =
                address(bonds).call(abi.encodeCall(bonds.collectTo, (address(money), member)));
            assertFalse(success, vm.toString(i));
            if (left[i] != 0) {
                assertEq(
                    reason, abi.encodeWithSelector(IBonds.Bonds_WrongPayment.selector, 1500, left[i], 100)
                );
            }
            vm.prank(brand);
            (success,) =
                address(bonds).call(abi.encodeCall(bonds.withdraw, (address(token), SETTLEMENT, till)));
            assertFalse(success, vm.toString(i));
            assertEq(bonds.owedTo(address(money), member), 100);
            assertEq(_value(SETTLEMENT), 500);
            assertEq(bonds.purseOf(address(token), SETTLEMENT).withdrawal, 500);
            assertEq(_held(), 1500);
            assertEq(money.balanceOf(member), 10);
            assertEq(money.balanceOf(till), 10);
        }
    }

    /// @dev Attack 11: a payee whom the currency refuses stands in nobody's way, its own included.
    function test_attack_11__refused_payee__others_collect_and_it_names_another_account() public {
        _endow(COMPENSATION, 100);
        _draw(COMPENSATION, intruder, 40);
        _draw(COMPENSATION, member, 40);
        vm.mockCallRevert(address(money), abi.encodeCall(money.transfer, (intruder, 40)), "blocked account");
        vm.expectRevert("blocked account");
        bonds.collect(address(money), intruder);
        bonds.collect(address(money), member);
        assertEq(money.balanceOf(member), 40);
        vm.prank(intruder);
        bonds.collectTo(address(money), till);
        assertEq(money.balanceOf(till), 40);
    }

    /// @dev Attack 11: a currency that stops working keeps its own bonds and touches no other's.
    function test_attack_11__dead_currency__others_bonds_work() public {
        _endow(COMPENSATION, 100);
        _draw(COMPENSATION, member, 40);
        ILoyaltyToken dead = token;
        money.behave(Currency.Behaviour.Reverts);
        money = _currency(18);
        token = _tokenIn(brand, brandId, money, 18, 1 ether);
        _endow(COMPENSATION, 1 ether);
        _draw(COMPENSATION, member, 1 ether);
        bonds.collect(address(money), member);
        assertEq(money.balanceOf(member), 1 ether);
        assertEq(bonds.purseOf(address(dead), COMPENSATION).value, 60);
    }

    function test_any_function__currency_off_the_list__works() public {
        _deposit(SETTLEMENT, 100);
        _list(IBrandRegistry.List.Currency, address(money), false);
        _endow(COMPENSATION, 100);
        _draw(COMPENSATION, member, 40);
        _reclaim(COMPENSATION, address(payer), 60);
        bonds.collect(address(money), member);
        _announce(SETTLEMENT, 100);
        vm.warp(START + NOTICE);
        _withdraw(SETTLEMENT);
        assertEq(_held(), 60);
    }

    // --------------------------------------------------------------- reclaim

    function test_reclaim__asks_the_module_first_and_takes_back() public {
        _endow(COMPENSATION, 100);
        vm.expectEmit(address(bonds));
        emit IBonds.Reclaimed(address(token), COMPENSATION, address(payer), 70);
        vm.prank(brand);
        bonds.reclaim(address(token), COMPENSATION, address(payer), 70, "lunch");
        _assertTold(true, COMPENSATION, 70, "lunch", 100);
        assertEq(bonds.allotmentOf(address(token), COMPENSATION, address(payer)), 30);
        assertEq(bonds.purseOf(address(token), COMPENSATION).allotted, 30);
        assertEq(_value(COMPENSATION), 100);
        _expectNotEnoughFree(COMPENSATION, 71, 70);
        _allot(COMPENSATION, address(payer), 71);
    }

    function test_BOND_1__reclaim_of_what_is_promised__is_the_modules_to_refuse() public {
        _endow(COMPENSATION, 100);
        payer.promise_(address(token), COMPENSATION, 80);
        vm.expectRevert(abi.encodeWithSelector(AllotmentModule.Promised.selector, 21, 20));
        _reclaim(COMPENSATION, address(payer), 21);
        _reclaim(COMPENSATION, address(payer), 20);
        _draw(COMPENSATION, member, 80);
    }

    function test_reclaim__beyond_or_nothing__reverts() public {
        _endow(COMPENSATION, 100);
        _expectExceeded(COMPENSATION, address(payer), 101, 100);
        _reclaim(COMPENSATION, address(payer), 101);
        _expectExceeded(SETTLEMENT, address(payer), 1, 0);
        _reclaim(SETTLEMENT, address(payer), 1);
        _expectExceeded(HOLDERS, address(payer), 1, 0);
        _reclaim(HOLDERS, address(payer), 1);
        _expectExceeded(COMPENSATION, intruder, 1, 0);
        _reclaim(COMPENSATION, intruder, 1);
        _expect(IBonds.Bonds_ZeroValue.selector);
        _reclaim(COMPENSATION, address(payer), 0);
    }

    // -------------------------------------------------------------- re-entry

    /// @dev A module that draws while it is told has its due and no more: what it drew cannot be reclaimed
    /// as well.
    function test_reentered__module_draws_while_it_is_told__counts_once() public {
        HostileAllotmentModule hostile = _hostile();
        _deposit(COMPENSATION, 200);
        bytes[] memory script = new bytes[](2);
        script[0] = abi.encodeCall(bonds.draw, (address(token), COMPENSATION, member, 60));
        script[1] = abi.encodeCall(bonds.draw, (address(token), COMPENSATION, member, 50));
        hostile.reenter(script);
        _allot(COMPENSATION, address(hostile), 100);
        assertTrue(hostile.outcomes(0));
        assertFalse(hostile.outcomes(1));
        assertEq(hostile.reasons(1), _exceeded(COMPENSATION, address(hostile), 50, 40));
        assertEq(bonds.allotmentOf(address(token), COMPENSATION, address(hostile)), 40);

        script[0] = abi.encodeCall(bonds.draw, (address(token), COMPENSATION, member, 1));
        hostile.reenter(script);
        _expectExceeded(COMPENSATION, address(hostile), 40, 39);
        _reclaim(COMPENSATION, address(hostile), 40);
        hostile.reenter(script);
        _reclaim(COMPENSATION, address(hostile), 39);
        assertTrue(hostile.outcomes(0));
        assertFalse(hostile.outcomes(1));
        assertEq(bonds.allotmentOf(address(token), COMPENSATION, address(hostile)), 0);
        assertEq(bonds.purseOf(address(token), COMPENSATION).allotted, 0);
        assertEq(bonds.owedTo(address(money), member), 61);
        assertEq(_value(COMPENSATION), 139);
    }

    /// @dev Attack 11: from within each call to a stranger's code, every function, by an account that is the
    /// brand's admin, a module and a payee all at once.
    function test_attack_11__reentered_with_every_function__moves_no_more_than_meant() public {
        _becomeCurrencysBrand();
        HostileAllotmentModule hostile = _hostile();
        _deposit(SETTLEMENT, 1000);
        _deposit(HOLDERS, 1000);
        _deposit(COMPENSATION, 1000);
        vm.startPrank(address(money));
        bonds.allot(address(token), SETTLEMENT, address(hostile), 300, "");
        bonds.allot(address(token), SETTLEMENT, address(payer), 300, "");
        money.approve(address(bonds), type(uint256).max);
        bonds.announceWithdrawal(address(token), HOLDERS, 400);
        bonds.announceWithdrawal(address(token), COMPENSATION, 400);
        vm.stopPrank();
        hostile.call(address(bonds), abi.encodeCall(bonds.draw, (address(token), SETTLEMENT, member, 100)));
        money.mint(address(money), 10_000);
        vm.warp(START + NOTICE);

        bytes[7] memory guarded = [
            abi.encodeCall(bonds.deposit, (address(token), SETTLEMENT, 50)),
            abi.encodeCall(bonds.collect, (address(money), member)),
            abi.encodeCall(bonds.collectTo, (address(money), till)),
            abi.encodeCall(bonds.allot, (address(token), SETTLEMENT, address(hostile), 50, "")),
            abi.encodeCall(bonds.reclaim, (address(token), SETTLEMENT, address(hostile), 50, "")),
            abi.encodeCall(bonds.withdraw, (address(token), HOLDERS, till)),
            abi.encodeCall(bonds.withdraw, (address(token), COMPENSATION, till))
        ];
        for (uint256 i = 0; i < guarded.length; ++i) {
            money.script(address(bonds), guarded[i]);
        }
        // What moves no money may run.
        money.script(
            address(bonds), abi.encodeCall(bonds.announceWithdrawal, (address(token), SETTLEMENT, 1))
        );
        money.script(address(bonds), abi.encodeCall(bonds.cancelWithdrawal, (address(token), SETTLEMENT)));
        money.script(
            address(payer), abi.encodeCall(payer.draw, (bonds, address(token), SETTLEMENT, partner, 7))
        );

        bytes[4] memory ways = [
            abi.encodeCall(bonds.deposit, (address(token), SETTLEMENT, 50)),
            abi.encodeCall(bonds.collect, (address(money), member)),
            abi.encodeCall(bonds.withdraw, (address(token), HOLDERS, till)),
            abi.encodeCall(bonds.withdraw, (address(token), COMPENSATION, till))
        ];
        int256[4] memory moved = [int256(50), -100, -400, -400];
        for (uint256 i = 0; i < ways.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            money.behave(Currency.Behaviour.Reenters);
            uint256 before = _held();
            vm.prank(address(money));
            (bool success,) = address(bonds).call(ways[i]);
            assertTrue(success, vm.toString(i));
            for (uint256 j = 0; j < guarded.length + 3; ++j) {
                assertEq(money.outcomes(j), j >= guarded.length, "re-entered");
                if (j < guarded.length) {
                    assertEq(
                        money.reasons(j),
                        abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
                    );
                }
            }
            assertEq(int256(_held()), int256(before) + moved[i]);
            assertEq(bonds.owedTo(address(money), partner), 7);
            assertEq(_value(SETTLEMENT), 900 - 7 + (i == 0 ? 50 : 0));
            vm.revertToState(snapshot);
        }
    }

    /// @dev One payment must not fill two purses.
    function test_attack_11__deposit_reentered_to_pay_once_for_two__nothing_has_happened() public {
        vm.prank(address(money));
        money.approve(address(bonds), type(uint256).max);
        money.mint(address(money), 10_000);
        money.script(address(bonds), abi.encodeCall(bonds.deposit, (address(token), HOLDERS, 100)));
        money.behave(Currency.Behaviour.ReentersThenKeeps);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_ShortDeposit.selector, 0, 100));
        _deposit(HOLDERS, 100);
        assertEq(_value(HOLDERS), 0);
    }

    // ------------------------------------------------------------ withdrawal

    function test_withdraw__after_notice_within_its_window_to_the_second() public {
        _deposit(SETTLEMENT, 100);
        uint40 from = START + NOTICE;
        vm.expectEmit(address(bonds));
        emit IBonds.WithdrawalAnnounced(address(token), SETTLEMENT, 60, from, from + WINDOW);
        _announce(SETTLEMENT, 60);
        IBonds.PurseView memory purse = bonds.purseOf(address(token), SETTLEMENT);
        assertEq(purse.withdrawal, 60);
        assertEq(purse.withdrawableAt, from);
        assertEq(purse.withdrawableUntil, from + WINDOW);
        assertEq(purse.value, 100);

        uint40[6] memory times =
            [from - 1, from, from + 1, from + WINDOW - 1, from + WINDOW, from + WINDOW + 1];
        for (uint256 i = 0; i < times.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            vm.warp(times[i]);
            if (i == 0 || i > 3) {
                vm.expectRevert(
                    abi.encodeWithSelector(
                        IBonds.Bonds_WithdrawalNotDue.selector,
                        address(token),
                        SETTLEMENT,
                        from,
                        from + WINDOW
                    )
                );
                _withdraw(SETTLEMENT);
            } else {
                vm.expectEmit(address(bonds));
                emit IBonds.Withdrawn(address(token), SETTLEMENT, till, 60);
                assertEq(_withdraw(SETTLEMENT), 60);
                assertEq(money.balanceOf(till), 60);
                assertEq(_value(SETTLEMENT), 40);
                // Once.
                purse = bonds.purseOf(address(token), SETTLEMENT);
                assertEq(purse.withdrawal, 0);
                assertEq(purse.withdrawableAt, 0);
                assertEq(purse.withdrawableUntil, 0);
                _expectNoWithdrawal(SETTLEMENT);
                _withdraw(SETTLEMENT);
            }
            vm.revertToState(snapshot);
        }
    }

    function test_announceWithdrawal__again__replaces_and_waits_anew() public {
        _deposit(SETTLEMENT, 100);
        _announce(SETTLEMENT, 60);
        vm.warp(START + NOTICE);
        _announce(SETTLEMENT, 10);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBonds.Bonds_WithdrawalNotDue.selector,
                address(token),
                SETTLEMENT,
                START + 2 * NOTICE,
                START + 2 * NOTICE + WINDOW
            )
        );
        _withdraw(SETTLEMENT);
        vm.warp(START + 2 * NOTICE);
        assertEq(_withdraw(SETTLEMENT), 10);
    }

    /// @dev The notice that counts is the one in force when it is announced, also when the clock has changed
    /// it and nobody has written that down.
    function test_announceWithdrawal__waits_the_notice_in_force() public {
        _deposit(SETTLEMENT, 100);
        IObligationRegistry.Terms memory terms = _terms();
        terms.noticePeriod = 14 days;
        vm.prank(brand);
        obligations.setTerms(address(token), terms);
        _announce(SETTLEMENT, 1);
        assertEq(bonds.purseOf(address(token), SETTLEMENT).withdrawableAt, START + NOTICE);
        vm.warp(START + NOTICE);
        _announce(SETTLEMENT, 1);
        assertEq(bonds.purseOf(address(token), SETTLEMENT).withdrawableAt, START + NOTICE + 14 days);
    }

    function test_announceWithdrawal__nothing__reverts() public {
        _expect(IBonds.Bonds_ZeroValue.selector);
        _announce(SETTLEMENT, 0);
    }

    function test_withdraw__purses__are_announced_apart() public {
        _deposit(SETTLEMENT, 100);
        _deposit(COMPENSATION, 100);
        _announce(SETTLEMENT, 60);
        vm.warp(START + 1 days);
        _announce(COMPENSATION, 70);
        vm.warp(START + NOTICE);
        _withdraw(SETTLEMENT);
        assertEq(bonds.purseOf(address(token), COMPENSATION).withdrawal, 70);
        vm.warp(START + NOTICE + 1 days);
        _withdraw(COMPENSATION);
        assertEq(money.balanceOf(till), 130);
    }

    function test_cancelWithdrawal__ends_it() public {
        _deposit(SETTLEMENT, 100);
        _announce(SETTLEMENT, 60);
        vm.warp(START + NOTICE);
        vm.expectEmit(address(bonds));
        emit IBonds.WithdrawalCancelled(address(token), SETTLEMENT);
        vm.prank(brand);
        bonds.cancelWithdrawal(address(token), SETTLEMENT);
        _expectNoWithdrawal(SETTLEMENT);
        _withdraw(SETTLEMENT);
        _expectNoWithdrawal(SETTLEMENT);
        vm.prank(brand);
        bonds.cancelWithdrawal(address(token), SETTLEMENT);
    }

    function test_withdraw__to_nobody__reverts() public {
        _deposit(SETTLEMENT, 100);
        _announce(SETTLEMENT, 60);
        vm.warp(START + NOTICE);
        address[2] memory nobody = [address(0), address(bonds)];
        for (uint256 i = 0; i < nobody.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_InvalidAccount.selector, nobody[i]));
            vm.prank(brand);
            bonds.withdraw(address(token), SETTLEMENT, nobody[i]);
        }
    }

    /// @dev BOND-1: what is allotted stays, also when it was allotted after the announcement; what is left is
    /// paid and the announcement used up.
    function test_BOND_1__withdraw__what_is_not_allotted_by_then() public {
        _deposit(COMPENSATION, 100);
        _announce(COMPENSATION, 100);
        vm.warp(START + NOTICE);
        _allot(COMPENSATION, address(payer), 100);
        // Nothing is free: the announcement stands while its time lasts.
        _expectNotEnoughFree(COMPENSATION, 100, 0);
        _withdraw(COMPENSATION);
        assertEq(bonds.purseOf(address(token), COMPENSATION).withdrawal, 100);
        _reclaim(COMPENSATION, address(payer), 30);
        assertEq(_withdraw(COMPENSATION), 30);
        _reclaim(COMPENSATION, address(payer), 30);
        _expectNoWithdrawal(COMPENSATION);
        _withdraw(COMPENSATION);
        _draw(COMPENSATION, member, 40);
    }

    /// @dev BOND-1: what holders are promised stays, counted when the money leaves and not when it was
    /// announced.
    function test_BOND_1__withdraw_from_holders__what_is_not_required_by_then() public {
        _mint(member, 1000); // worth 100,000, a tenth is required
        _deposit(HOLDERS, 12_000);
        _announce(HOLDERS, type(uint128).max);
        vm.warp(START + NOTICE);
        uint256 snapshot = vm.snapshotState();
        assertEq(_withdraw(HOLDERS), 2000);
        assertEq(_value(HOLDERS), 10_000);
        vm.revertToState(snapshot);
        _grant(manager, 199); // what may be minted counts already
        assertEq(_withdraw(HOLDERS), 10);
        vm.revertToState(snapshot);
        _grant(manager, 200);
        _expectNotEnoughFree(HOLDERS, type(uint128).max, 0);
        _withdraw(HOLDERS);
        _grant(manager, 1); // short, and nothing wraps round
        _expectNotEnoughFree(HOLDERS, type(uint128).max, 0);
        _withdraw(HOLDERS);
    }

    function test_withdraw__suspended__works() public {
        _deposit(SETTLEMENT, 100);
        _suspendAndStop();
        _announce(SETTLEMENT, 100);
        vm.warp(START + NOTICE);
        assertEq(_withdraw(SETTLEMENT), 100);
    }

    // ------------------------------------------------------------- wind-down

    function test_withdraw_from_holders__winding_down__from_its_end_on_to_the_second() public {
        _mint(member, 1000);
        _deposit(HOLDERS, 20_000);
        _deposit(COMPENSATION, 500);
        _deposit(SETTLEMENT, 500);
        _announce(HOLDERS, 20_000);
        _leave();
        uint40 endsAt = START + NOTICE + WIND_DOWN;
        _expectWindingDown(endsAt);
        _withdraw(HOLDERS);

        // The other purses are the brand's as ever.
        _announce(COMPENSATION, 500);
        _announce(SETTLEMENT, 500);
        vm.warp(block.timestamp + NOTICE);
        assertEq(_withdraw(COMPENSATION), 500);
        assertEq(_withdraw(SETTLEMENT), 500);

        vm.warp(endsAt - NOTICE - 1);
        _announce(HOLDERS, 20_000);
        vm.warp(endsAt - 1);
        assertEq(bonds.requiredOf(address(token)), 10_000);
        _expectWindingDown(endsAt);
        _withdraw(HOLDERS);
        for (uint40 late = 0; late < 2; ++late) {
            uint256 snapshot = vm.snapshotState();
            vm.warp(endsAt + late);
            assertEq(bonds.requiredOf(address(token)), 0);
            assertEq(_withdraw(HOLDERS), 20_000);
            vm.revertToState(snapshot);
        }
    }

    /// @dev From the announcement on the holders' purse stays; withdrawn, it leaves what was free free, no more.
    function test_withdraw_from_holders__wind_down_announced__stays_until_it_is_withdrawn() public {
        _mint(member, 1000);
        _deposit(HOLDERS, 20_000);
        _announce(HOLDERS, 20_000);
        vm.warp(START + 1);
        _announceWindDown();
        vm.warp(START + NOTICE);
        _expectWindingDown(START + 1 + NOTICE + WIND_DOWN);
        _withdraw(HOLDERS);
        vm.prank(brand);
        obligations.withdrawWindDown(address(token));
        assertEq(bonds.requiredOf(address(token)), 10_000);
        assertEq(_withdraw(HOLDERS), 10_000);
    }

    function test_winding_down__ended__shortfall_is_none() public {
        _mint(member, 1000);
        bonds.flagShortfall(address(token));
        _leave();
        vm.warp(START + NOTICE + WIND_DOWN - 1);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_StillShort.selector, address(token), 0, 10_000));
        bonds.clearShortfall(address(token));
        vm.warp(START + NOTICE + WIND_DOWN);
        bonds.clearShortfall(address(token));
        _expectNoShortfall(0, 0);
        bonds.flagShortfall(address(token));
    }

    // -------------------------------------------------- required and covered

    function test_required_and_covered__of_what_is_outstanding_or_promised() public {
        assertEq(bonds.requiredOf(address(token)), 0);
        assertEq(bonds.coverageOf(address(token)), 10_000);
        _mint(member, 700);
        assertEq(bonds.requiredOf(address(token)), 7000);
        assertEq(bonds.coverageOf(address(token)), 0);
        _grant(manager, 200);
        _grantModule(module, 100);
        assertEq(bonds.requiredOf(address(token)), 10_000);
        assertEq(bonds.purseOf(address(token), HOLDERS).required, 10_000);
        assertEq(bonds.purseOf(address(token), SETTLEMENT).required, 0);
        assertEq(bonds.purseOf(address(token), COMPENSATION).required, 0);
        _deposit(SETTLEMENT, 1_000_000);
        _deposit(COMPENSATION, 1_000_000);
        assertEq(bonds.coverageOf(address(token)), 0, "other purses are for other things");
        _deposit(HOLDERS, 9999);
        assertEq(bonds.coverageOf(address(token)), 999);
        _deposit(HOLDERS, 1);
        assertEq(bonds.coverageOf(address(token)), 1000);
        _deposit(HOLDERS, 89_999);
        assertEq(bonds.coverageOf(address(token)), 9999);
        _deposit(HOLDERS, 1);
        assertEq(bonds.coverageOf(address(token)), 10_000);
        _deposit(HOLDERS, 1_000_000);
        assertEq(bonds.coverageOf(address(token)), 10_000);
        // A lower ratio waits its notice, a higher one does not.
        _setRatio(10_000);
        assertEq(bonds.requiredOf(address(token)), 100_000);
        _setRatio(0);
        assertEq(bonds.requiredOf(address(token)), 100_000);
        vm.warp(START + NOTICE);
        assertEq(bonds.requiredOf(address(token)), 0);
    }

    /// @dev Exact, and the two agree, for currencies of 0, 6 and 18 decimals and tokens of any: required is
    /// the least that covers, and coverage the most that is covered.
    function testFuzz_required_and_covered__any_decimals__exact(
        uint8 decimals,
        uint8 currencys,
        uint96 par,
        uint96 amount,
        uint128 held,
        uint16 bondBps
    ) public {
        money = _currency(uint8([0, 6, 18][currencys % 3]));
        decimals = uint8(bound(decimals, 0, 18));
        par = uint96(bound(par, 1, type(uint96).max));
        amount = uint96(bound(amount, 1, type(uint96).max));
        token = _tokenIn(brand, brandId, money, decimals, par);
        bondBps = uint16(bound(bondBps, 1, 10_000));
        if (bondBps != BOND_BPS) _setRatio(bondBps);
        vm.warp(START + NOTICE);
        assertEq(obligations.bondRatioOf(address(token)), bondBps);
        _mint(member, amount);

        uint256 required = bonds.requiredOf(address(token));
        uint256 worth = uint256(amount) * par * bondBps;
        uint256 unit = 10 ** uint256(decimals) * 10_000;
        assertGe(required * unit, worth, "BOND-1: covers");
        assertLt((required - 1) * unit, worth, "BOND-1: the least that does");

        // Close to what is required, where it matters, or anywhere.
        if (held % 2 == 0 && required < type(uint128).max - 3) {
            held = uint128(bound(held, required > 3 ? required - 3 : 1, required + 3));
        } else {
            held = uint128(bound(held, 1, type(uint128).max));
        }
        _deposit(HOLDERS, held);
        uint256 coverage = bonds.coverageOf(address(token));
        assertEq(coverage >= bondBps, held >= required, "BOND-1: covered exactly if not short");
        // held * 10,000 >= coverage * worth at par, and not for a basis point more.
        uint256 par_ = uint256(amount) * par;
        uint256 scaled = uint256(held) * 10_000;
        if (scaled > type(uint256).max / 10 ** uint256(decimals)) return;
        scaled *= 10 ** uint256(decimals);
        assertGe(scaled, coverage * par_);
        if (coverage < 10_000) assertLt(scaled, (coverage + 1) * par_);
    }

    /// @dev The whole way of the money, in currencies of any size: all of it comes out again, to the last
    /// unit.
    function testFuzz_way_of_the_money__any_decimals__to_the_last_unit(
        uint8 currencys,
        uint128 paid,
        uint128 allotted,
        uint128 drawn,
        uint128 reclaimed
    ) public {
        money = _currency(uint8([0, 6, 18][currencys % 3]));
        token = _tokenIn(brand, brandId, money, DECIMALS, PAR);
        paid = uint128(bound(paid, 1, type(uint128).max));
        allotted = uint128(bound(allotted, 1, paid));
        drawn = uint128(bound(drawn, 1, allotted));
        reclaimed = uint128(bound(reclaimed, 0, allotted - drawn));
        _deposit(COMPENSATION, paid);
        _allot(COMPENSATION, address(payer), allotted);
        _draw(COMPENSATION, member, drawn);
        if (reclaimed > 0) _reclaim(COMPENSATION, address(payer), reclaimed);
        _announce(COMPENSATION, type(uint128).max);
        vm.warp(START + NOTICE);
        uint256 free = uint256(paid) - allotted + reclaimed;
        if (free > 0) {
            assertEq(_withdraw(COMPENSATION), free);
        } else {
            _expectNotEnoughFree(COMPENSATION, type(uint128).max, 0);
            _withdraw(COMPENSATION);
        }
        bonds.collect(address(money), member);
        uint256 rest = uint256(allotted) - drawn - reclaimed;
        assertEq(money.balanceOf(member), drawn);
        assertEq(_held(), rest, "BOOK-1");
        assertEq(_value(COMPENSATION), rest);
        if (rest > 0) {
            _draw(COMPENSATION, partner, rest);
            bonds.collect(address(money), partner);
        }
        assertEq(_held(), 0);
    }

    // ------------------------------------------------------------- shortfall

    function test_flagShortfall__by_anyone__starts_the_time_to_cure() public {
        _mint(member, 1000);
        _deposit(HOLDERS, 9999);
        uint40 cureBy = START + CURE;
        vm.expectEmit(address(bonds));
        emit IBonds.ShortfallFlagged(address(token), 9999, 10_000, cureBy);
        vm.prank(intruder);
        bonds.flagShortfall(address(token));
        assertEq(bonds.cureByOf(address(token)), cureBy);
        assertEq(bonds.cureByOf(address(partnerToken)), 0);
        // Once: nobody can put the day off by saying it again, before it, on it or after it.
        for (uint40 time = cureBy - 1; time <= cureBy + 1; ++time) {
            vm.expectRevert(
                abi.encodeWithSelector(IBonds.Bonds_AlreadyFlagged.selector, address(token), cureBy)
            );
            bonds.flagShortfall(address(token));
            vm.expectRevert(
                abi.encodeWithSelector(IBonds.Bonds_StillShort.selector, address(token), 9999, 10_000)
            );
            bonds.clearShortfall(address(token));
            assertEq(bonds.cureByOf(address(token)), cureBy);
            vm.warp(time);
        }
    }

    function test_flagShortfall__not_short__reverts() public {
        _expectNoShortfall(0, 0);
        bonds.flagShortfall(address(token));
        _mint(member, 1000);
        _deposit(HOLDERS, 10_000);
        _expectNoShortfall(10_000, 10_000);
        bonds.flagShortfall(address(token));
        _expectNoShortfall(10_000, 10_000);
        bonds.clearShortfall(address(token));
    }

    function test_deposit__makes_a_flagged_shortfall_good__clears_it() public {
        _mint(member, 1000);
        bonds.flagShortfall(address(token));
        _deposit(SETTLEMENT, 10_000);
        _deposit(COMPENSATION, 10_000);
        _deposit(HOLDERS, 9999);
        assertEq(bonds.cureByOf(address(token)), START + CURE);
        vm.expectEmit(address(bonds));
        emit IBonds.ShortfallCured(address(token), 10_000, 10_000);
        _deposit(HOLDERS, 1);
        assertEq(bonds.cureByOf(address(token)), 0);
    }

    function test_deposit__into_another_purse__says_nothing_of_a_flag() public {
        _mint(member, 1000);
        bonds.flagShortfall(address(token));
        vm.prank(member);
        token.burn(1000);
        assertEq(bonds.requiredOf(address(token)), 0);
        _deposit(SETTLEMENT, 1);
        _deposit(COMPENSATION, 1);
        assertEq(bonds.cureByOf(address(token)), START + CURE);
    }

    /// @dev A cure by fewer promises: whoever notices may say so, late too.
    function test_clearShortfall__less_is_promised__by_anyone() public {
        _mint(member, 500);
        _grant(till, 500);
        _deposit(HOLDERS, 5000);
        bonds.flagShortfall(address(token));
        vm.warp(START + CURE + 1);
        vm.prank(brand);
        token.revokeQuota(till, 499);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_StillShort.selector, address(token), 5000, 5010));
        bonds.clearShortfall(address(token));
        vm.prank(member);
        token.burn(1);
        vm.expectEmit(address(bonds));
        emit IBonds.ShortfallCured(address(token), 5000, 5000);
        vm.prank(intruder);
        bonds.clearShortfall(address(token));
        assertEq(bonds.cureByOf(address(token)), 0);
    }

    /// @dev Flagged, cured, flagged again: each time to cure begins anew, but only after a real cure. What a
    /// brand laid down for it is held until its notice is over and nothing is short; what it took back of
    /// its promises nobody holds.
    function test_shortfall__cured_for_show__costs_what_a_cure_costs() public {
        _mint(member, 1000);
        bonds.flagShortfall(address(token));
        _announce(HOLDERS, type(uint128).max);
        vm.warp(START + NOTICE);
        // Just in time, and it cannot leave again, though a withdrawal was announced long before.
        _deposit(HOLDERS, 10_000);
        assertEq(bonds.cureByOf(address(token)), 0);
        _expectNotEnoughFree(HOLDERS, type(uint128).max, 0);
        _withdraw(HOLDERS);
        // More is promised, and it is short again: a new flag, a new time.
        _grant(manager, 1);
        bonds.flagShortfall(address(token));
        assertEq(bonds.cureByOf(address(token)), START + NOTICE + CURE);
    }

    /// @dev Nobody but who pays or gives up tokens can make a flag go away, and nobody can raise one while
    /// nothing is short, in the middle of the deposit that cures it either.
    function test_flagShortfall__from_within_the_curing_deposit__is_cleared_by_it() public {
        _mint(member, 1000);
        money.script(address(bonds), abi.encodeCall(bonds.flagShortfall, (address(token))));
        money.behave(Currency.Behaviour.Reenters);
        _deposit(HOLDERS, 10_000);
        assertTrue(money.outcomes(0));
        assertEq(bonds.cureByOf(address(token)), 0);
    }

    // --------------------------------------------------------------- refusals

    function test_brand_functions__others__revert() public {
        _deposit(SETTLEMENT, 200);
        _allot(SETTLEMENT, address(payer), 100);
        _announce(SETTLEMENT, 100);
        vm.warp(START + NOTICE);
        address[6] memory others = [partner, manager, alliance, intruder, guardian, address(payer)];
        bytes[] memory calls = _brandCalls(address(token));
        for (uint256 i = 0; i < others.length; ++i) {
            for (uint256 j = 0; j < calls.length; ++j) {
                _expectNotAuthorized(brandId, others[i]);
                this.submit(others[i], calls[j]);
            }
            _expectExceeded(SETTLEMENT, others[i], 101, others[i] == address(payer) ? 100 : 0);
            this.submit(others[i], abi.encodeCall(bonds.draw, (address(token), SETTLEMENT, others[i], 101)));
        }
    }

    function test_any_function__not_obliged__reverts() public {
        ILoyaltyToken fresh = _createToken(brand, brandId, "Fresh Points", "FRESH");
        // One is not obliged; the others are no tokens at all, one of which says whose it is.
        FalseToken claims = new FalseToken(brandId);
        address[2] memory none = [address(fresh), address(claims)];
        for (uint256 i = 0; i < none.length; ++i) {
            bytes memory notObliged =
                abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, none[i]);
            bytes[] memory calls = _brandCalls(none[i]);
            for (uint256 j = 0; j < calls.length; ++j) {
                vm.expectRevert(notObliged);
                this.submit(brand, calls[j]);
            }
            bytes[5] memory more = [
                abi.encodeCall(bonds.deposit, (none[i], HOLDERS, 1)),
                abi.encodeCall(bonds.flagShortfall, (none[i])),
                abi.encodeCall(bonds.clearShortfall, (none[i])),
                abi.encodeCall(bonds.requiredOf, (none[i])),
                abi.encodeCall(bonds.purseOf, (none[i], HOLDERS))
            ];
            for (uint256 j = 0; j < more.length; ++j) {
                vm.expectRevert(notObliged);
                this.submit(funder, more[j]);
            }
        }
    }

    /// @dev Attack 23: with the admin's key stolen, the brand's guardian comes before the money can leave.
    function test_attack_23__stolen_key__withdrawal_comes_too_late() public {
        _deposit(SETTLEMENT, 1000);
        IObligationRegistry.Terms memory terms = _terms();
        terms.noticePeriod = 14 days; // the shortest there is
        vm.prank(brand);
        obligations.setTerms(address(token), terms);
        vm.warp(START + NOTICE);
        uint40 stolenAt = uint40(block.timestamp);
        _announce(SETTLEMENT, 1000); // by the thief
        vm.warp(stolenAt + 7 days - 1);
        vm.prank(guardian);
        brands.startRecovery(brandId, till);
        vm.prank(alliance);
        brands.confirmRecovery(brandId, till);
        vm.warp(stolenAt + 14 days - 1);
        vm.prank(till);
        brands.completeRecovery(brandId);
        vm.warp(stolenAt + 14 days);
        _expectNotAuthorized(brandId, brand);
        _withdraw(SETTLEMENT);
        vm.prank(till);
        bonds.cancelWithdrawal(address(token), SETTLEMENT);
        assertEq(_value(SETTLEMENT), 1000);
    }

    /// @dev Attack 24a: a brand whose own wallets collect every compensation there is gets at what it laid
    /// down for compensation, and at nothing that partners or holders rely on.
    function test_attack_24a__compensation_drained__other_purses_untouched() public {
        _mint(member, 1000);
        _deposit(HOLDERS, 10_000);
        _endow(SETTLEMENT, 5000);
        _endow(COMPENSATION, 3000);
        address wallet = makeAddr("the brand's own");
        _draw(COMPENSATION, wallet, 3000);
        bonds.collect(address(money), wallet);
        _expectExceeded(COMPENSATION, address(payer), 1, 0);
        _draw(COMPENSATION, wallet, 1);
        assertEq(_value(SETTLEMENT), 5000);
        assertEq(_value(HOLDERS), 10_000);
        assertEq(_held(), 15_000);
    }

    // --------------------------------------------------------------- helpers

    function submit(address sender, bytes memory call) external {
        vm.prank(sender);
        (bool success, bytes memory reason) = address(bonds).call(call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    function _brandCalls(address which) private view returns (bytes[] memory calls) {
        calls = new bytes[](5);
        calls[0] = abi.encodeCall(bonds.allot, (which, SETTLEMENT, address(payer), 1, ""));
        calls[1] = abi.encodeCall(bonds.reclaim, (which, SETTLEMENT, address(payer), 1, ""));
        calls[2] = abi.encodeCall(bonds.announceWithdrawal, (which, SETTLEMENT, 1));
        calls[3] = abi.encodeCall(bonds.cancelWithdrawal, (which, SETTLEMENT));
        calls[4] = abi.encodeCall(bonds.withdraw, (which, SETTLEMENT, intruder));
    }

    function _hostile() private returns (HostileAllotmentModule hostile) {
        hostile = new HostileAllotmentModule();
        _list(IBrandRegistry.List.Module, address(hostile), true);
    }

    /// @dev The currency founds a brand, so that it may do what admins do.
    function _becomeCurrencysBrand() private {
        bytes32 id = _admittedBrand(address(money), "money");
        token = _tokenIn(address(money), id, money, DECIMALS, PAR);
    }

    function _assertTold(
        bool reclaimed,
        IBonds.Purse purse,
        uint256 value,
        bytes memory data,
        uint256 allotment
    ) private view {
        AllotmentModule.Told memory told;
        (told.reclaimed, told.token, told.purse, told.value, told.data, told.allotment) = payer.last();
        assertEq(told.reclaimed, reclaimed);
        assertEq(told.token, address(token));
        assertEq(told.purse, uint8(purse));
        assertEq(told.value, value);
        assertEq(told.data, data);
        assertEq(told.allotment, allotment);
    }

    function _expectNoWithdrawal(IBonds.Purse purse) private {
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_NoWithdrawal.selector, address(token), purse));
    }

    function _expectNoShortfall(uint256 held, uint256 required) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBonds.Bonds_NoShortfall.selector, address(token), held, required)
        );
    }

    function _expectWindingDown(uint40 endsAt) private {
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_WindingDown.selector, address(token), endsAt));
    }
}

/// @notice Says that it belongs to a brand.
contract FalseToken {
    bytes32 public immutable brandId;

    constructor(bytes32 brandId_) {
        brandId = brandId_;
    }
}
