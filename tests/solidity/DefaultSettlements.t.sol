// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IDefaults } from "../../contracts/interfaces/IDefaults.sol";
import { ISettlements } from "../../contracts/interfaces/ISettlements.sol";
import { DefaultTest } from "./utils/DefaultTest.sol";
import { Source } from "./utils/Sources.sol";

/// @notice BOND-2 between a brand and its partners: unpaid debts, the tokens behind them, and what the brand is
/// owed. In a pool where brands owe up to ten times what they laid down, A laid down 10 dollars.
contract DefaultSettlementsTest is DefaultTest {
    bytes32 internal debtId;

    function setUp() public override {
        super.setUp();
        pool = _createPool(1000);
        _enter(brand, a, type(uint96).max / 2);
        _enter(partner, b, type(uint96).max / 2);
        _enter(third, c, type(uint96).max / 2);
        _provide(brand, a, 10_000e2);
        _provide(partner, b, 1000e18);
        _provide(third, c, 50);
        _layDown(a, 10e6);
        _layDown(b, 100e6);
        debtId = settlements.settlementIdOf(address(swaps), pool, 0);
    }

    // --------------------------------------------------------------- grounds

    function test_report__long_unpaid__from_the_second_on() public {
        _owe();
        vm.warp(settlements.settlementOf(debtId).dueAt);
        assertEq(_enforce(), 10e6);
        uint40 from = settlements.settlementOf(debtId).dueAt + CURE;
        vm.warp(from - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotReportable.selector, debtId, from));
        _report();
        skip(1);
        vm.expectEmit(address(bonds));
        emit IDefaults.DebtReported(address(a), address(settlements), debtId, 1);
        _report();
        assertTrue(_isReported(a, debtId));
        assertTrue(settlements.debtOf(debtId, address(a)).reported);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDefaults.Defaults_AlreadyReported.selector, address(a), address(settlements), debtId
            )
        );
        _report();
        _declare(a);
        assertTrue(a.mintStopped());
    }

    function test_report__something_is_left_of_what_was_laid_down__reverts() public {
        _owe();
        skip(PAYMENT + CURE);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlements.Settlements_BondLeft.selector, address(swaps), pool, address(a), 10e6
            )
        );
        _report();
        _enforce();
        _report();
    }

    function test_report__nothing_is_unpaid__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NothingUnpaid.selector, debtId, address(a))
        );
        _report();
    }

    /// @dev A source can make debts up, also one that the alliance lists: only those that the brand relied on
    /// are believed.
    function test_attack__debt_made_up_by_a_source_the_brand_never_used__is_not_believed() public {
        Source liar = new Source();
        _list(IBrandRegistry.List.Module, address(liar), true);
        ISettlements.Line[] memory lines = new ISettlements.Line[](1);
        lines[0] = ISettlements.Line({ token: address(a), owed: 5e6, lien: 0, claim: 0 });
        liar.open(settlements, pool, 0, address(money), uint40(block.timestamp), lines, intruder, 5e6);
        skip(CURE);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NotTrusted.selector, address(liar), address(a))
        );
        settlements.report(address(liar), pool, 0, address(a));
    }

    /// @dev Paid in full, it is no ground any more, whoever paid.
    function test_pay__in_full__withdraws_the_report() public {
        _oweAndReport();
        assertEq(_pay(a, 0, 70e6 - 1), 70e6 - 1);
        assertTrue(_isReported(a, debtId));
        assertEq(_pay(a, 0, 1), 1);
        assertFalse(_isReported(a, debtId));
        assertFalse(settlements.debtOf(debtId, address(a)).reported);
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_NoGrounds.selector, address(a)));
        bonds.declareDefault(address(a));
    }

    // ----------------------------------------------------------------- liens

    /// @dev First what was laid down, then the tokens behind the debt share with the holders, like any others.
    function test_BOND_2__tokens_behind_a_debt__share_as_any_others() public {
        _deposit(a, HOLDERS, 2500e6);
        _owe();
        _neglect(a);
        _declareAndClean();
        uint256 base = _default(a).base;
        // Due and enforced, a cure period ago; the tokens behind the rest are 7,000 of those outstanding.
        _enforce();
        base -= 1000e2;
        assertEq(_default(a).base, base);
        assertEq(settlements.debtOf(debtId, address(a)).lien, 7000e2);
        uint256 part = uint256(7000e2) * 2500e6 / base;
        uint256 received = settlements.settlementOf(debtId).received;
        vm.prank(intruder);
        assertEq(settlements.cashOut(address(swaps), pool, 0, address(a)), part);
        ISettlements.Debt memory debt = settlements.debtOf(debtId, address(a));
        assertEq(debt.unpaid, 70e6 - part);
        assertEq(debt.lien, 0);
        assertEq(settlements.settlementOf(debtId).received, received + part);
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).unpaid, 70e6 - part);
        assertEq(_default(a).base, base);
        // The holders lose no more by it than these tokens' part.
        uint256 held = a.balanceOf(member);
        _cashOut(member, a, held);
        assertEq(_owed(member), held * 2500e6 / base);
        _assertPot(a, 2500e6);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDefaults.Defaults_NothingToPay.selector, address(a), address(settlements), debtId
            )
        );
        settlements.cashOut(address(swaps), pool, 0, address(a));
        // Creditors share what came in, as ever, and BOOK-1 holds.
        uint256 claimB = settlements.claimOf(debtId, address(b)).value;
        uint256 inSettlement = settlements.settlementOf(debtId).received;
        assertEq(
            _withdrawClaim(b, 0, partner), claimB * inSettlement / settlements.settlementOf(debtId).total
        );
    }

    function test_BOND_2__late_inflow__tops_the_debt_up_and_no_further() public {
        _deposit(a, HOLDERS, 1000e6);
        _owe();
        _neglect(a);
        _declareAndClean();
        _enforce();
        uint256 first = settlements.cashOut(address(swaps), pool, 0, address(a));
        _deposit(a, HOLDERS, 1000e6);
        uint256 second = settlements.cashOut(address(swaps), pool, 0, address(a));
        assertEq(first + second, uint256(7000e2) * 2000e6 / _default(a).base);
        // Somebody pays most of the rest: what the tokens get is at most what is left of the debt.
        _pay(a, 0, 70e6 - first - second - 7);
        _deposit(a, HOLDERS, 1000e6);
        assertEq(settlements.cashOut(address(swaps), pool, 0, address(a)), 7);
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).unpaid, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NothingUnpaid.selector, debtId, address(a))
        );
        settlements.cashOut(address(swaps), pool, 0, address(a));
        _assertPot(a, 3000e6);
    }

    function test_cashOut__before_it_is_due_or_enforced__reverts() public {
        _deposit(a, HOLDERS, 2500e6);
        _neglect(a);
        _declareAndClean();
        _owe();
        uint40 dueAt = settlements.settlementOf(debtId).dueAt;
        vm.warp(dueAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotDue.selector, debtId, dueAt));
        settlements.cashOut(address(swaps), pool, 0, address(a));
        skip(1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlements.Settlements_BondLeft.selector, address(swaps), pool, address(a), 10e6
            )
        );
        settlements.cashOut(address(swaps), pool, 0, address(a));
        _enforce();
        assertGt(settlements.cashOut(address(swaps), pool, 0, address(a)), 0);
    }

    function test_cashOut__and_offset__not_in_default__revert() public {
        _owe();
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotInDefault.selector, address(a)));
        settlements.cashOut(address(swaps), pool, 0, address(a));
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotInDefault.selector, address(a)));
        settlements.offset(address(swaps), pool, 1, 0, address(a));
    }

    /// @dev A part of a debt is paid and no whole token burned for it: the tokens behind it are worth more than
    /// is unpaid. They get what is unpaid.
    function test_BOND_2__attack__whole_tokens_behind_half_a_debt__pay_the_debt_and_no_more() public {
        _layDown(c, 1e6);
        _swap(c, a, 1);
        _close();
        uint256 owed = settlements.debtOf(debtId, address(c)).unpaid;
        assertEq(owed, PAR_C);
        _pay(c, 0, owed / 2);
        assertEq(settlements.debtOf(debtId, address(c)).lien, 1);
        _deposit(c, HOLDERS, 1e12);
        skip(PAYMENT + CURE);
        settlements.enforce(address(swaps), pool, 0, address(c));
        settlements.report(address(swaps), pool, 0, address(c));
        _declare(c);
        _clean(c);
        uint256 unpaid = settlements.debtOf(debtId, address(c)).unpaid;
        assertEq(unpaid, owed - owed / 2 - 1e6);
        assertEq(settlements.cashOut(address(swaps), pool, 0, address(c)), unpaid);
        assertEq(_default(c).reports, 0);
        assertEq(_default(c).paid, unpaid);
        // Nothing is required, nothing is unpaid: the default is over.
        bonds.cureDefault(address(c));
    }

    // ---------------------------------------------------------------- timing

    /// @dev A default in mid-period: swapping stops, the period ends, is closed and enforced as ever.
    function test_attack__default_in_mid_period__period_is_settled_as_ever() public {
        _swap(a, b, 3000e2);
        _neglectWithinPeriod();
        _declareAndClean();
        swaps.syncSuspension(pool, address(a));
        vm.expectRevert(abi.encodeWithSignature("Swaps_Stopped(bytes32,address)", pool, address(a)));
        vm.prank(member);
        swaps.swap(_order(a, b, 1));
        // What it laid down stays for what it owes: nobody can gather it.
        vm.expectRevert(
            abi.encodeWithSignature(
                "Swaps_BondInUse(bytes32,address,uint256,uint256)", pool, address(a), 30e6, 0
            )
        );
        bonds.reclaim(address(a), PURSE, address(settlements), 10e6, abi.encode(swaps, pool));
        _close();
        assertEq(settlements.debtOf(debtId, address(a)).lien, 3000e2);
        skip(PAYMENT);
        assertEq(_enforce(), 10e6);
        _deposit(a, HOLDERS, 100e6);
        uint256 part = uint256(2000e2) * 100e6 / _default(a).base;
        assertEq(settlements.cashOut(address(swaps), pool, 0, address(a)), part);
        assertEq(settlements.payableOf(debtId, address(b)), 10e6 + part);
    }

    /// @dev Declared between closing and paying: partners lose nothing that stands behind the debt.
    function test_attack__default_declared_between_close_and_pay__bond_still_pays_the_debt() public {
        _neglectWithinPeriod();
        _owe();
        _declare(a);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotFree.selector, 1, 0));
        bonds.reclaim(address(a), PURSE, address(settlements), 1, abi.encode(swaps, pool));
        vm.startPrank(brand);
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_InDefault.selector, address(a)));
        bonds.announceWithdrawal(address(a), PURSE, 10e6);
        vm.stopPrank();
        // It can still pay by itself, and its tokens burn.
        assertEq(_pay(a, 0, 40e6), 40e6);
        assertEq(settlements.debtOf(debtId, address(a)).lien, 4000e2);
        skip(PAYMENT);
        assertEq(_enforce(), 10e6);
    }

    // ----------------------------------------------------------- receivables

    /// @dev What a failed brand is owed pays first what it owes in the same pool, then goes to the holders whole.
    function test_BOND_2__receivables__own_debts_first_then_the_holders() public {
        _swap(b, a, 100e18); // period 0: A is owed 50 dollars
        _close();
        _swap(a, b, 2000e2); // period 1: A owes 20
        _close();
        _neglect(a);
        _declareAndClean();
        settlements.enforce(address(swaps), pool, 1, address(a));
        uint256 claim = settlements.claimOf(debtId, address(a)).value;
        assertEq(_pay(b, 0, 4e6), 4e6);
        bytes memory refusal = abi.encodeWithSelector(
            ISettlements.Settlements_OwesFirst.selector, address(swaps), pool, address(a), 10e6
        );
        vm.expectRevert(refusal);
        settlements.fillHolders(address(swaps), pool, 0, address(a));
        vm.prank(brand);
        vm.expectRevert(refusal);
        settlements.withdraw(address(swaps), pool, 0, address(a), brand);
        vm.prank(intruder);
        assertEq(settlements.offset(address(swaps), pool, 0, 1, address(a)), 4e6);
        bytes32 second = settlements.settlementIdOf(address(swaps), pool, 1);
        assertEq(settlements.debtOf(second, address(a)).unpaid, 6e6);
        assertEq(settlements.debtOf(second, address(a)).lien, 600e2);
        _pay(b, 0, 30e6);
        assertEq(settlements.offset(address(swaps), pool, 0, 1, address(a)), 6e6);
        assertEq(settlements.settlementOf(second).received, 20e6);
        // Nothing is unpaid: all the rest goes to the holders, whoever asks and wherever the brand wants it.
        _pay(b, 0, FOREVER >> 128);
        vm.prank(brand);
        assertEq(settlements.withdraw(address(swaps), pool, 0, address(a), brand), claim - 10e6);
        assertEq(money.balanceOf(brand), 0);
        _assertPot(a, claim - 10e6);
        _withdrawClaim(b, 1, partner);
        assertLe(money.balanceOf(address(settlements)), 1);
    }

    function test_offset__in_another_currency__reverts() public {
        _neglect(a);
        _declare(a);
        Source source = new Source();
        ISettlements.Line[] memory lines = new ISettlements.Line[](1);
        lines[0] = ISettlements.Line({ token: address(a), owed: 5, lien: 0, claim: 0 });
        source.open(settlements, pool, 0, currency, 1, lines, intruder, 5);
        lines = new ISettlements.Line[](2);
        lines[0] = ISettlements.Line({ token: address(a), owed: 0, lien: 0, claim: 5 });
        lines[1] = ISettlements.Line({ token: address(b), owed: 5, lien: 0, claim: 0 });
        source.open(settlements, pool, 1, address(money), 1, lines, address(0), 0);
        money.mint(till, 5);
        vm.startPrank(till);
        money.approve(address(settlements), 5);
        settlements.pay(address(source), pool, 1, address(b), 5);
        vm.stopPrank();
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_OtherCurrency.selector, address(money), currency)
        );
        settlements.offset(address(source), pool, 1, 0, address(a));
    }

    // ------------------------------------------------------------------ cure

    function test_cure__debts_paid_and_purse_whole() public {
        _oweAndReport();
        _declare(a);
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_Unpaid.selector, address(a), 1));
        bonds.cureDefault(address(a));
        // Money for the holders alone does not end it.
        _deposit(a, HOLDERS, 50e6);
        assertTrue(bonds.isInDefault(address(a)));
        _pay(a, 0, 70e6);
        bonds.cureDefault(address(a));
        assertFalse(a.mintStopped());
        swaps.syncSuspension(pool, address(a));
        assertFalse(_position(a).suspended);
        // The brand has its money back under the usual conditions.
        vm.startPrank(brand);
        bonds.announceWithdrawal(address(a), HOLDERS, 50e6);
        skip(NOTICE);
        assertEq(bonds.withdraw(address(a), HOLDERS, brand), 50e6);
        vm.stopPrank();
    }

    /// @dev What a cure set aside for the tokens behind a debt still pays it.
    function test_cashOut__after_a_cure__pays_what_was_set_aside() public {
        _deposit(a, HOLDERS, 1000e6);
        _owe();
        _neglect(a);
        _declareAndClean();
        _enforce();
        uint256 first = settlements.cashOut(address(swaps), pool, 0, address(a));
        _deposit(a, HOLDERS, bonds.requiredOf(address(a)));
        assertFalse(bonds.isInDefault(address(a)));
        assertEq(settlements.cashOut(address(swaps), pool, 0, address(a)), 70e6 - first);
        assertEq(settlements.debtOf(debtId, address(a)).unpaid, 0);
    }

    // --------------------------------------------------------------- helpers

    /// @dev A comes to owe B 30 dollars and C 50.
    function _owe() private {
        _swap(a, b, 3000e2);
        _swap(a, c, 5000e2);
        _close();
        assertEq(settlements.debtOf(debtId, address(a)).unpaid, 80e6);
    }

    function _oweAndReport() private {
        _owe();
        skip(PAYMENT + CURE);
        _enforce();
        _report();
    }

    function _enforce() private returns (uint256) {
        vm.prank(intruder);
        return settlements.enforce(address(swaps), pool, 0, address(a));
    }

    function _report() private {
        settlements.report(address(swaps), pool, 0, address(a));
    }

    function _declareAndClean() private {
        _declare(a);
        _clean(a);
    }

    /// @dev Flagged a cure period ago, while the pool's period runs on from now.
    function _neglectWithinPeriod() private {
        _setRatio(a, 10_000);
        bonds.flagShortfall(address(a));
        skip(CURE);
    }
}
