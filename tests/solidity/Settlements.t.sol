// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IAllotmentReceiver } from "../../contracts/interfaces/IAllotmentReceiver.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { ISettlements } from "../../contracts/interfaces/ISettlements.sol";
import { ISettlementSource } from "../../contracts/interfaces/ISettlementSource.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { SettlementTest } from "./utils/SettlementTest.sol";
import { Source } from "./utils/Sources.sol";

contract SettlementsTest is SettlementTest {
    function test_settlementIdOf__is_told_apart_by_source_pool_and_number() public view {
        assertEq(id, keccak256(abi.encode(address(source), CLUB, uint32(0))));
        assertNotEq(id, settlements.settlementIdOf(address(swaps), CLUB, 0));
        assertNotEq(id, settlements.settlementIdOf(address(source), pool, 0));
        assertNotEq(id, settlements.settlementIdOf(address(source), CLUB, 1));
    }

    function test_views__of_no_settlement__are_empty() public view {
        assertEq(settlements.settlementOf(id).dueAt, 0);
        assertEq(_debt(a).unpaid, 0);
        assertEq(settlements.claimOf(id, address(c)).value, 0);
        assertEq(_payable(c), 0);
        assertEq(_account(a).bond, 0);
        assertEq(settlements.prepaidOf(address(source), CLUB), 0);
    }

    // ------------------------------------------------------------------ open

    function test_open__writes_down_debts_liens_and_claims() public {
        _sendLiens();
        vm.expectEmit(address(settlements));
        emit ISettlements.DebtOpened(id, address(a), OWED_A, LIEN_A);
        vm.expectEmit(address(settlements));
        emit ISettlements.DebtOpened(id, address(b), OWED_B, LIEN_B);
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimOpened(id, address(c), CLAIM_C);
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimOpened(id, address(d), CLAIM_D);
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimOpened(id, treasury, CLAIM_TREASURY);
        vm.expectEmit(address(settlements));
        emit ISettlements.SettlementOpened(address(source), CLUB, 0, address(money), dueAt, TOTAL, 0);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY);

        ISettlements.Settlement memory settlement = settlements.settlementOf(id);
        assertEq(settlement.currency, address(money));
        assertEq(settlement.dueAt, dueAt);
        assertEq(settlement.total, TOTAL);
        assertEq(settlement.received, 0);
        assertEq(_debt(a).unpaid, OWED_A);
        assertEq(_debt(a).lien, LIEN_A);
        assertEq(_debt(b).unpaid, OWED_B);
        assertEq(_debt(b).lien, LIEN_B);
        assertEq(_debt(c).unpaid, 0);
        assertEq(settlements.claimOf(id, address(c)).value, CLAIM_C);
        assertEq(settlements.claimOf(id, address(d)).value, CLAIM_D);
        assertEq(settlements.claimOf(id, treasury).value, CLAIM_TREASURY);
        assertEq(settlements.claimOf(id, address(a)).value, 0);
        assertEq(_account(a).unpaid, OWED_A);
        assertEq(_account(b).unpaid, OWED_B);
        assertEq(_payable(c), 0);
        // Debts are of the source's pool alone.
        assertEq(settlements.accountOf(address(swaps), CLUB, address(a)).unpaid, 0);
        assertEq(settlements.accountOf(address(source), pool, address(a)).unpaid, 0);
        _assertBooks();
    }

    function test_open__twice__reverts__other_numbers_pools_and_sources_do_not() public {
        _openUsual();
        _sendLiens();
        _expectAlreadyOpen(id);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY);
        _payUp(a, OWED_A);
        _payUp(b, OWED_B);
        _expectAlreadyOpen(id);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY);
        _openBy(source, 1, address(money), _usual(), treasury, CLAIM_TREASURY);
        _sendLiens();
        source.open(settlements, pool, 0, address(money), dueAt, _usual(), treasury, CLAIM_TREASURY);
        _sendLiens();
        _openBy(new Source(), 0, address(money), _usual(), treasury, CLAIM_TREASURY);
        assertEq(_account(a).unpaid, OWED_A);
        assertEq(_received(), TOTAL);
    }

    /// @dev An empty one is one.
    function test_open__empty__cannot_be_filled_later() public {
        _openBy(source, 0, address(money), new ISettlements.Line[](0), address(0), 0);
        assertEq(settlements.settlementOf(id).total, 0);
        _sendLiens();
        _expectAlreadyOpen(id);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY);
        _expectNothingToTake(id, treasury);
        _withdrawTreasury(till);
    }

    function test_open__without_a_date__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotOpen.selector, id));
        source.open(settlements, CLUB, 0, address(money), 0, _usual(), treasury, CLAIM_TREASURY);
    }

    function test_SETTLE_1__open__claims_are_not_the_debts__reverts() public {
        _sendLiens();
        _expectUnbalanced(TOTAL, TOTAL + 1);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY + 1);
        _expectUnbalanced(TOTAL, TOTAL - 1);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY - 1);
        _expectUnbalanced(TOTAL, TOTAL - CLAIM_TREASURY);
        _openBy(source, 0, address(money), _usual(), treasury, 0);
        ISettlements.Line[] memory lines = _usual();
        lines[0].owed += 1;
        _expectUnbalanced(TOTAL + 1, TOTAL);
        _openBy(source, 0, address(money), lines, treasury, CLAIM_TREASURY);
        _expectUnbalanced(0, 1);
        _openBy(source, 0, address(money), new ISettlements.Line[](0), treasury, 1);
        assertEq(settlements.settlementOf(id).dueAt, 0);
    }

    function test_open__somebody_owes_twice__reverts() public {
        _sendLiens();
        ISettlements.Line[] memory lines = _usual();
        lines[1] = _line(a, OWED_B, 0, 0);
        _expectAlreadyOpen(id);
        _openBy(source, 0, address(money), lines, treasury, CLAIM_TREASURY);
    }

    /// @dev A treasury that is a creditor too stops nothing: its claim is the sum.
    function test_open__somebody_claims_twice__claims_the_sum() public {
        _sendLiens();
        ISettlements.Line[] memory lines = _usual();
        lines[3] = _line(c, 0, 0, CLAIM_D);
        _openBy(source, 0, address(money), lines, address(c), CLAIM_TREASURY);
        assertEq(settlements.claimOf(id, address(c)).value, TOTAL);
        _payUp(a, OWED_A);
        assertEq(_payable(c), OWED_A);
        assertEq(_withdraw(c, third), OWED_A);
        assertEq(_received(), OWED_A);
    }

    /// @dev Nobody keeps a source from having a brand owe and claim at once.
    function test_open__one_brand_owes_itself__pays_itself() public {
        _openBy(source, 0, address(money), _one(_line(a, 10, 0, 10)), address(0), 0);
        _payUp(a, 4);
        assertEq(_payable(a), 4);
        assertEq(_withdraw(a, till), 4);
    }

    /// @dev Up to what the books hold: nothing is cut off.
    function test_open__beyond_128_bits__reverts() public {
        uint128 most = type(uint128).max;
        ISettlements.Line[] memory lines = new ISettlements.Line[](2);
        lines[0] = _line(a, most, 0, most);
        lines[1] = _line(b, 1, 0, 1);
        vm.expectRevert(
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 128, uint256(most) + 1)
        );
        _openBy(source, 0, address(money), lines, address(0), 0);
        _openBy(source, 0, address(money), _one(lines[0]), address(0), 0);
        assertEq(settlements.settlementOf(id).total, most);
        vm.expectRevert();
        _openBy(source, 1, address(money), _one(_line(a, 1, 0, 1)), address(0), 0);
    }

    // --------------------------------------------------------------- prepaid

    function test_prepay__pays_at_par__burns__and_goes_into_the_settlement() public {
        _swap(a, b, 1000e2);
        uint256 supply = a.totalSupply();
        uint256 purse = money.balanceOf(till);
        vm.expectEmit(address(settlements));
        emit ISettlements.Prepaid(address(swaps), pool, address(a), till, 400e2, 4e6);
        assertEq(_prepay(a, 400e2, 4e6), 4e6);
        assertEq(settlements.prepaidOf(address(swaps), pool), 4e6);
        assertEq(swaps.periodOf(pool).prepaid, 4e6);
        assertEq(_held(), 4e6);
        assertEq(money.balanceOf(till), purse - 4e6);
        assertEq(a.totalSupply(), supply - 400e2);
        assertEq(_position(a).net, 600e2);
        _prepay(a, 100e2, FOREVER);

        bytes32 settled = _close();
        assertEq(settlements.prepaidOf(address(swaps), pool), 0);
        assertEq(swaps.periodOf(pool).prepaid, 0);
        assertEq(settlements.settlementOf(settled).total, 10e6);
        assertEq(settlements.settlementOf(settled).received, 5e6);
        assertEq(settlements.debtOf(settled, address(a)).unpaid, 5e6);
        assertEq(settlements.debtOf(settled, address(a)).lien, 500e2);
        // What was prepaid is there at once.
        assertEq(settlements.payableOf(settled, address(b)), 5e6);
        assertEq(_withdrawClaim(b, 0, till), 5e6);
        assertEq(_held(), 0);
    }

    function test_prepay__everything__leaves_no_debt() public {
        _swap(a, b, 1000e2);
        _prepay(a, 1000e2, 10e6);
        bytes32 settled = _close();
        assertEq(settlements.debtOf(settled, address(a)).unpaid, 0);
        assertEq(_withdrawClaim(b, 0, till), 10e6);
        assertEq(_position(a).ceiling, LINE * 100 / PAR_A);
    }

    /// @dev A part of a base unit is paid as a whole one.
    function test_prepay__rounds_up() public {
        _swap(b, a, 1e18);
        assertEq(_prepay(b, 1, 1), 1);
        assertEq(_prepay(b, 1e18 - 1, 500_000), 500_000);
        assertEq(_position(b).net, 0);
    }

    function test_prepay__dearer_than_the_caller_said__reverts() public {
        _swap(a, b, 1000e2);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_TooDear.selector, 4e6, 4e6 - 1));
        _prepay(a, 400e2, 4e6 - 1);
        assertEq(_position(a).net, 1000e2);
    }

    function test_prepay__for_nothing_or_no_debtor__reverts() public {
        _swap(a, b, 1000e2);
        _expect(ISettlements.Settlements_ZeroValue.selector);
        _prepay(a, 0, FOREVER);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotDebtor.selector, pool, address(b)));
        _prepay(b, 1, FOREVER);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotJoined.selector, pool, address(d)));
        _prepay(d, 1, FOREVER);
    }

    function test_prepay__for_more_than_is_owed__pays_all_that_is() public {
        _swap(a, b, 1000e2);
        uint256 supply = a.totalSupply();
        vm.expectEmit(address(settlements));
        emit ISettlements.Prepaid(address(swaps), pool, address(a), till, 1000e2, 10e6);
        assertEq(_prepay(a, FOREVER, FOREVER), 10e6);
        assertEq(a.totalSupply(), supply - 1000e2);
        assertEq(_position(a).net, 0);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotDebtor.selector, pool, address(a)));
        _prepay(a, FOREVER, FOREVER);
    }

    function test_prepay__not_paid__reverts() public {
        _swap(a, b, 1000e2);
        vm.expectRevert();
        vm.prank(intruder);
        settlements.prepay(ISettlementSource(address(swaps)), pool, address(a), 1e2, FOREVER);
        assertEq(_position(a).net, 1000e2);
        assertEq(settlements.prepaidOf(address(swaps), pool), 0);
    }

    /// @dev What was prepaid for one pool is in no other's settlement.
    function test_prepay__is_the_pools_and_the_sources_own() public {
        source.charge(address(money), 70);
        _prepayClub(a, 1);
        assertEq(settlements.prepaidOf(address(source), CLUB), 70);
        source.open(settlements, pool, 0, address(money), dueAt, new ISettlements.Line[](0), address(0), 0);
        Source other = new Source();
        _expectUnbalanced(0, 70);
        other.open(settlements, CLUB, 0, address(money), dueAt, new ISettlements.Line[](0), treasury, 70);
        _openBy(source, 0, address(money), new ISettlements.Line[](0), treasury, 70);
        _expectUnbalanced(0, 70);
        _openBy(source, 1, address(money), new ISettlements.Line[](0), treasury, 70);
        assertEq(_withdrawTreasury(till), 70);
    }

    // ------------------------------------------------------------------- pay

    function test_pay__a_part__burns_as_large_a_part_of_the_lien() public {
        _openUsual();
        _secure(a, 55);
        uint256 supply = a.totalSupply();
        uint256 purse = money.balanceOf(till);
        // 777 · 300 / 1000 = 233.1
        vm.expectEmit(address(settlements));
        emit ISettlements.DebtPaid(id, address(a), till, 300, 233);
        assertEq(_payUp(a, 300), 300);
        assertEq(_debt(a).unpaid, 700);
        assertEq(_debt(a).lien, 544);
        assertEq(a.totalSupply(), supply - 233);
        assertEq(money.balanceOf(till), purse - 300);
        assertEq(_received(), 300);
        assertEq(_account(a).unpaid, 700);
        assertEq(_account(a).bond, 55);
        assertEq(_debt(b).unpaid, OWED_B);
        Source.Told memory told = source.last();
        assertFalse(told.reclaimed);
        assertEq(told.pool, CLUB);
        assertEq(told.token, address(a));
        assertEq(told.bond, 55);
        assertEq(told.unpaid, 700);
        _assertBooks();
    }

    function test_pay__in_full__takes_no_more_than_is_unpaid() public {
        _openUsual();
        _payUp(a, 1);
        uint256 purse = money.balanceOf(till);
        assertEq(_payUp(a, FOREVER), 999);
        assertEq(money.balanceOf(till), purse - 999);
        assertEq(_debt(a).unpaid, 0);
        assertEq(_debt(a).lien, 0);
        assertEq(_account(a).unpaid, 0);
        assertEq(a.balanceOf(address(settlements)), 0);
        _expectNothingUnpaid(id, a);
        _payUp(a, 1);
        _assertBooks();
    }

    function test_pay__nothing_or_nothing_owed__reverts() public {
        _expectNothingUnpaid(id, a);
        _payUp(a, 1);
        _openUsual();
        _expect(ISettlements.Settlements_ZeroValue.selector);
        _payUp(a, 0);
        _expectNothingUnpaid(id, c);
        _payUp(c, 1);
        bytes32 second = settlements.settlementIdOf(address(source), CLUB, 1);
        _expectNothingUnpaid(second, a);
        vm.prank(till);
        settlements.pay(address(source), CLUB, 1, address(a), 1);
    }

    function test_pay__not_paid__reverts() public {
        _openUsual();
        money.mint(intruder, 5);
        vm.prank(intruder);
        money.approve(address(settlements), 4);
        vm.expectRevert();
        vm.prank(intruder);
        settlements.pay(address(source), CLUB, 0, address(a), 5);
        vm.prank(intruder);
        settlements.pay(address(source), CLUB, 0, address(a), 4);
        _assertBooks();
    }

    /// @dev However it is paid: the lien burns in proportion, never ahead of the money, and none is left over.
    function testFuzz_pay__in_parts__the_lien_burns_in_proportion(uint256 seed, uint128 owed, uint96 lien)
        public
    {
        owed = uint128(bound(owed, 1, 1e24));
        lien = uint96(bound(lien, 0, 1e27));
        _give(address(settlements), a, lien);
        _openBy(source, 0, address(money), _one(_line(a, owed, lien, 0)), treasury, owed);
        for (uint256 i = 0; i < 12; ++i) {
            ISettlements.Debt memory before = _debt(a);
            if (before.unpaid == 0) break;
            uint256 most = uint256(keccak256(abi.encode(seed, i)));
            uint256 value =
                i == 11 ? before.unpaid : bound(most, 1, i % 3 == 0 ? before.unpaid : before.unpaid / 3 + 1);
            _payUp(a, value);
            ISettlements.Debt memory left = _debt(a);
            assertEq(before.lien - left.lien, uint256(before.lien) * value / before.unpaid);
            assertEq(left.unpaid, before.unpaid - value);
            assertGe(uint256(left.lien) * owed, uint256(left.unpaid) * lien, "burned ahead of the money");
            assertEq(a.balanceOf(address(settlements)), left.lien, "BOOK-1: liens");
        }
        assertEq(_debt(a).lien, 0);
        assertEq(_held(), owed);
    }

    // --------------------------------------------------------------- enforce

    function test_enforce__at_the_second_it_is_due__by_anyone() public {
        _openUsual();
        _secure(a, 5000);
        vm.warp(dueAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotDue.selector, id, dueAt));
        _enforce(a);
        uint256 snapshot = vm.snapshotState();
        for (uint256 late = 0; late < 2; ++late) {
            vm.warp(dueAt + late);
            uint256 inPurse = bonds.purseOf(address(a), PURSE).value;
            uint256 supply = a.totalSupply();
            vm.expectEmit(address(settlements));
            emit ISettlements.BondChanged(address(source), CLUB, address(a), 4000);
            vm.expectEmit(address(settlements));
            emit ISettlements.DebtPaid(id, address(a), address(bonds), 1000, 777);
            vm.expectEmit(address(bonds));
            emit IBonds.Drawn(address(a), PURSE, address(settlements), address(settlements), 1000);
            assertEq(_enforce(a), 1000);
            assertEq(_account(a).bond, 4000);
            assertEq(_account(a).unpaid, 0);
            assertEq(bonds.purseOf(address(a), PURSE).value, inPurse - 1000);
            assertEq(_allotted(a), LINE + 4000);
            assertEq(a.totalSupply(), supply - 777);
            assertEq(source.last().bond, 4000);
            assertEq(source.last().unpaid, 0);
            _assertBooks();
            _expectNothingUnpaid(id, a);
            _enforce(a);
            vm.revertToState(snapshot);
        }
    }

    /// @dev Paying waits for no date.
    function test_pay__before_and_after_it_is_due() public {
        _openUsual();
        _payUp(a, 10);
        vm.warp(dueAt + 1000 days);
        _payUp(a, 10);
        assertEq(_debt(a).unpaid, OWED_A - 20);
    }

    function test_enforce__less_laid_down_than_owed__pays_that_and_leaves_the_rest_owed() public {
        _openUsual();
        _secure(a, 400);
        vm.warp(dueAt);
        assertEq(_enforce(a), 400);
        assertEq(_debt(a).unpaid, 600);
        assertEq(_debt(a).lien, 777 - 310); // of 310.8
        assertEq(_account(a).bond, 0);
        assertEq(_account(a).unpaid, 600);
        _expectNoBond(a);
        _enforce(a);
        // Money laid down later answers too, and so does the debtor itself.
        _secure(a, 100);
        assertEq(_enforce(a), 100);
        assertEq(_payUp(a, FOREVER), 500);
        _assertBooks();
    }

    function test_SETTLE_3__enforce__what_is_laid_down_elsewhere__is_out_of_reach() public {
        _openUsual();
        money.mint(brand, 3000);
        vm.startPrank(brand);
        money.approve(address(bonds), 3000);
        bonds.deposit(address(a), PURSE, 2000);
        bonds.deposit(address(a), HOLDERS, 1000);
        // For another pool of the same source; the rest is allotted to nobody.
        bonds.allot(address(a), PURSE, address(settlements), 900, abi.encode(source, bytes32("other")));
        vm.stopPrank();
        vm.warp(dueAt);
        _expectNoBond(a);
        _enforce(a);
        _secure(a, 10);
        assertEq(_enforce(a), 10);
        _expectNoBond(a);
        _enforce(a);
        assertEq(settlements.accountOf(address(source), "other", address(a)).bond, 900);
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).bond, LINE);
        assertEq(_allotted(a), LINE + 900);
        assertEq(bonds.purseOf(address(a), PURSE).value, LINE + 2000);
        assertEq(_inHolders(a), 1000);
        assertEq(_position(a).ceiling, LINE * 100 / PAR_A);
    }

    function test_enforce__nothing_unpaid__reverts() public {
        _secure(c, 100);
        vm.warp(dueAt);
        _expectNothingUnpaid(id, a);
        _enforce(a);
        _openUsual();
        _expectNothingUnpaid(id, c);
        _enforce(c);
    }

    /// @dev Neither suspension, wind-down nor the alliance's list stands between creditors and a bond.
    function test_enforce__brand_suspended__source_delisted__winding_down() public {
        _openUsual();
        _secure(a, 5000);
        _list(IBrandRegistry.List.Module, address(source), false);
        _list(IBrandRegistry.List.Module, address(settlements), false);
        _announceWindDown(a);
        _suspend();
        vm.warp(dueAt);
        assertEq(_enforce(a), 1000);
    }

    /// @dev Money that was owed to settlements for another reason is nobody's: one debt is paid once.
    function test_enforce__something_else_owed_in_the_bonds__counts_what_was_drawn() public {
        _openUsual();
        _secure(a, 5000);
        Source other = new Source();
        _list(IBrandRegistry.List.Module, address(other), true);
        // Whoever may draw on a bond may name settlements as the payee.
        vm.mockCall(
            address(other),
            abi.encodeWithSelector(IAllotmentReceiver.onAllotted.selector),
            abi.encode(IAllotmentReceiver.onAllotted.selector)
        );
        money.mint(partner, 40);
        vm.startPrank(partner);
        money.approve(address(bonds), 40);
        bonds.deposit(address(b), PURSE, 40);
        bonds.allot(address(b), PURSE, address(other), 40, "");
        vm.stopPrank();
        other.call(address(bonds), abi.encodeCall(bonds.draw, (address(b), PURSE, address(settlements), 40)));
        vm.warp(dueAt);
        assertEq(_enforce(a), 1000);
        assertEq(_received(), 1000);
        assertEq(_held(), 1040);
    }

    // -------------------------------------------------------------- withdraw

    function test_withdraw__the_claims_part_of_what_has_come_in() public {
        _openUsual();
        _payUp(a, 700);
        // 997 · 700 / 1501 = 464.9…
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimPaid(id, address(c), till, 464, 0);
        uint256 purse = money.balanceOf(till);
        assertEq(_withdraw(c, till), 464);
        assertEq(money.balanceOf(till), purse + 464);
        assertEq(_taken(address(c)), 464);
        assertEq(_payable(c), 0);
        _expectNothingToTake(id, address(c));
        _withdraw(c, till);
        // 401 · 700 / 1501 = 187.0…
        assertEq(_payable(d), 187);
        _payUp(a, 300);
        _payUp(b, 501);
        assertEq(_withdraw(c, third), 997 - 464);
        assertEq(_withdraw(d, third), 401);
        assertEq(_withdrawTreasury(treasury), 103);
        assertEq(_held(), 0);
        _assertBooks();
    }

    function test_withdraw__nothing_there_or_nothing_claimed__reverts() public {
        _expectNothingToTake(id, address(c));
        _withdraw(c, till);
        _openUsual();
        _expectNothingToTake(id, address(c));
        _withdraw(c, till);
        _payUp(a, 1); // which is less than a base unit for anybody
        _expectNothingToTake(id, address(c));
        _withdraw(c, till);
        _expectNothingToTake(id, address(a));
        _withdraw(a, till);
        _expectNothingToTake(id, intruder);
        vm.prank(intruder);
        settlements.withdraw(address(source), CLUB, 0, intruder, intruder);
    }

    function test_withdraw__not_the_brands_admin__reverts() public {
        _openUsual();
        _payUp(a, 700);
        vm.prank(third);
        brands.setManager(thirdId, manager, Roles.MANAGER);
        address[5] memory others = [manager, brand, treasury, intruder, address(c)];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(thirdId, others[i]);
            vm.prank(others[i]);
            settlements.withdraw(address(source), CLUB, 0, address(c), others[i]);
        }
        vm.prank(alliance);
        brands.suspend(thirdId);
        assertEq(_withdraw(c, till), 464);
    }

    function test_withdraw__to_nobody_or_into_settlements__reverts() public {
        _openUsual();
        _payUp(a, 700);
        address[2] memory none = [address(0), address(settlements)];
        for (uint256 i = 0; i < none.length; ++i) {
            _expectInvalid(none[i]);
            _withdraw(c, none[i]);
            _expectInvalid(none[i]);
            _withdrawTreasury(none[i]);
        }
        assertEq(_taken(address(c)), 0);
    }

    // --------------------------------------------------------- holders first

    function test_withdraw__holders_have_too_little__get_theirs_first_to_the_last_unit() public {
        _openUsual();
        _leaveShort(c, 500);
        uint256 inPurse = _inHolders(c);
        _payUp(a, 700);
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimPaid(id, address(c), till, 464, 464);
        uint256 purse = money.balanceOf(till);
        assertEq(_withdraw(c, till), 464);
        assertEq(_inHolders(c), inPurse + 464);
        assertEq(money.balanceOf(till), purse);
        _payUp(a, 300);
        _payUp(b, 501);
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimPaid(id, address(c), till, 533, 36);
        assertEq(_withdraw(c, till), 533);
        assertEq(_inHolders(c), inPurse + 500);
        assertEq(_inHolders(c), bonds.purseOf(address(c), HOLDERS).required);
        assertEq(money.balanceOf(till), purse - 801 + 497);
        assertEq(money.allowance(address(settlements), address(bonds)), 0);
        // The brand's other token asks for nothing.
        assertEq(_withdraw(d, third), 401);
        assertEq(money.balanceOf(third), 401);
        _assertBooks();
    }

    function test_fillHolders__by_anyone__as_far_as_they_need_it() public {
        _openUsual();
        _leaveShort(c, 500);
        uint256 inPurse = _inHolders(c);
        _payUp(a, 700);
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimPaid(id, address(c), address(bonds), 464, 464);
        assertEq(_fill(c), 464);
        _payUp(a, 300);
        assertEq(_fill(c), 36);
        assertEq(_inHolders(c), inPurse + 500);
        assertEq(_taken(address(c)), 500);
        _expectNothingToTake(id, address(c));
        _fill(c);
        assertEq(_withdraw(c, till), uint256(997) * 1000 / 1501 - 500);
        _assertBooks();
    }

    function test_fillHolders__nothing_needed_claimed_or_there__reverts() public {
        _openUsual();
        _leaveShort(c, 500);
        _expectNothingToTake(id, address(c));
        _fill(c);
        _payUp(a, 700);
        _expectNothingToTake(id, address(d)); // no bond ratio
        _fill(d);
        _expectNothingToTake(id, address(a)); // no claim
        _fill(a);
        // A treasury has no holders.
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, treasury)
        );
        _fill(ILoyaltyToken(treasury));
    }

    function test_wind_down__takes_all_for_the_holders__until_it_ends() public {
        _openUsual();
        _announceWindDown(c);
        uint256 endsAt = obligations.windDownEndOf(address(c));
        _payUp(a, 700);
        uint256 snapshot = vm.snapshotState();
        vm.warp(endsAt - 1);
        assertEq(_withdraw(c, till), 464);
        assertEq(_inHolders(c), 464);
        _payUp(b, 501);
        assertEq(_fill(c), uint256(997) * 1201 / 1501 - 464);
        assertEq(_inHolders(c), uint256(997) * 1201 / 1501);
        vm.revertToState(snapshot);
        for (uint256 late = 0; late < 2; ++late) {
            vm.warp(endsAt + late);
            _expectNothingToTake(id, address(c));
            _fill(c);
            uint256 purse = money.balanceOf(till);
            assertEq(_withdraw(c, till), 464);
            assertEq(money.balanceOf(till), purse + 464);
            assertEq(_inHolders(c), 0);
            vm.revertToState(snapshot);
        }
    }

    // -------------------------------------------------------------- treasury

    function test_withdrawTreasury__its_part__nobody_elses() public {
        _openUsual();
        _payUp(a, 700);
        // 103 · 700 / 1501 = 48.0…
        vm.expectEmit(address(settlements));
        emit ISettlements.ClaimPaid(id, treasury, till, 48, 0);
        uint256 purse = money.balanceOf(till);
        assertEq(_withdrawTreasury(till), 48);
        assertEq(money.balanceOf(till), purse + 48);
        _expectNothingToTake(id, treasury);
        _withdrawTreasury(till);
        address[3] memory others = [intruder, third, alliance];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNothingToTake(id, others[i]);
            vm.prank(others[i]);
            settlements.withdrawTreasury(address(source), CLUB, 0, others[i]);
        }
        // Nor does it come out the way of the brands.
        vm.expectRevert();
        vm.prank(treasury);
        settlements.withdraw(address(source), CLUB, 0, treasury, till);
        _payUp(b, 501);
        assertEq(_withdrawTreasury(treasury), uint256(103) * 1201 / 1501 - 48);
        _assertBooks();
    }

    // --------------------------------------------------------------- sharing

    /// @dev In whatever order money comes and goes: what everybody can have had is its part of what came in.
    function testFuzz_SETTLE_1__any_order__gives_everybody_its_part(uint256 seed) public {
        _openUsual();
        _leaveShort(c, 300);
        uint256 inPurse = _inHolders(c);
        for (uint256 i = 0; i < 16; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            uint256 amount = (dice >> 8) % 400 + 1;
            if (dice % 7 < 2 && _debt(a).unpaid != 0) _payUp(a, amount);
            else if (dice % 7 == 2 && _debt(b).unpaid != 0) _payUp(b, amount);
            else if (dice % 7 == 3) _tryWithdraw(c);
            else if (dice % 7 == 4) _tryWithdraw(d);
            else if (dice % 7 == 5) _tryTreasury();
            else _tryFill(c);
            _assertBooks();
        }
        _assertParts();
        if (_debt(a).unpaid != 0) _payUp(a, FOREVER);
        if (_debt(b).unpaid != 0) _payUp(b, FOREVER);
        _assertParts();
        assertEq(_taken(address(c)), CLAIM_C);
        assertEq(_taken(address(d)), CLAIM_D);
        assertEq(_taken(treasury), CLAIM_TREASURY);
        assertEq(_inHolders(c), inPurse + 300, "holders first");
        assertEq(_held(), 0);
        assertEq(a.balanceOf(address(settlements)), 0);
        assertEq(b.balanceOf(address(settlements)), 0);
    }

    /// @dev With any claims at all, and any part paid.
    function testFuzz_SETTLE_1__parts__are_rounded_down_and_never_more_than_received(
        uint128[3] memory claims,
        uint128 paid
    ) public {
        uint256 total = 0;
        for (uint256 i = 0; i < 3; ++i) {
            claims[i] = uint128(bound(claims[i], 1, 1e28));
            total += claims[i];
        }
        paid = uint128(bound(paid, 1, total));
        ISettlements.Line[] memory lines = new ISettlements.Line[](3);
        lines[0] = _line(a, uint128(total), 0, 0);
        lines[1] = _line(c, 0, 0, claims[0]);
        lines[2] = _line(d, 0, 0, claims[1]);
        _openBy(source, 0, address(money), lines, treasury, claims[2]);
        _payUp(a, paid);
        uint256 sum = 0;
        address[3] memory claimants = [address(c), address(d), treasury];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 part = settlements.payableOf(id, claimants[i]);
            assertEq(part, uint256(claims[i]) * paid / total);
            sum += part;
        }
        assertLe(sum, paid);
        assertGe(sum + 2, paid);
        _tryWithdraw(c);
        _tryWithdraw(d);
        _tryTreasury();
        assertEq(_held(), paid - sum);
    }

    /// @dev Two settlements of a source, what was prepaid for its next one, and a pool besides, in one currency.
    function testFuzz_BOOK_1__several_settlements_and_prepayments__everything_is_there(uint256 seed) public {
        _openUsual(0);
        _openUsual(1);
        _secure(a, 1300);
        _swap(a, b, 1000e2);
        source.charge(address(money), 13);
        vm.warp(dueAt);
        uint256 moved = 0;
        for (uint256 i = 0; i < 24; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            (address caller, bytes memory act) = _anyAct(dice % 9, uint32(dice >> 8) % 2, (dice >> 16) % 700);
            vm.prank(caller);
            (bool success,) = address(settlements).call(act);
            if (success) ++moved;
            _assertAllBooks();
        }
        assertNotEq(moved, 0);
    }

    // ------------------------------------------------------------------ bond

    function test_bond__allotted_to_a_pool__is_its_account_and_its_source_is_told() public {
        money.mint(brand, 100);
        vm.startPrank(brand);
        money.approve(address(bonds), 100);
        bonds.deposit(address(a), PURSE, 100);
        vm.expectEmit(address(settlements));
        emit ISettlements.BondChanged(address(source), CLUB, address(a), 100);
        bonds.allot(address(a), PURSE, address(settlements), 100, abi.encode(source, CLUB));
        vm.stopPrank();
        assertEq(_account(a).bond, 100);
        assertEq(abi.encode(source.last()), abi.encode(Source.Told(false, CLUB, address(a), 100, 0)));
        _openUsual();
        _secure(a, 11);
        assertEq(abi.encode(source.last()), abi.encode(Source.Told(false, CLUB, address(a), 111, OWED_A)));
        assertEq(_account(b).bond, 0);
        assertEq(settlements.accountOf(address(source), "other", address(a)).bond, 0);
    }

    function test_bond__back__what_is_neither_owed_nor_needed() public {
        _secure(a, 1500);
        _openUsual();
        _expectNotFree(501, 500);
        _reclaim(a, address(source), CLUB, 501);
        vm.expectEmit(address(settlements));
        emit ISettlements.BondChanged(address(source), CLUB, address(a), 1000);
        _reclaim(a, address(source), CLUB, 500);
        assertEq(_account(a).bond, 1000);
        assertEq(abi.encode(source.last()), abi.encode(Source.Told(true, CLUB, address(a), 1000, OWED_A)));
        assertEq(_allotted(a), LINE + 1000);
        _expectNotFree(1, 0);
        _reclaim(a, address(source), CLUB, 1);
        _payUp(a, 1);
        _reclaim(a, address(source), CLUB, 1);
        // With less laid down than owed, nothing is free either.
        vm.warp(dueAt);
        _payUp(a, 100);
        assertEq(_enforce(a), 899);
        assertEq(_account(a).bond, 100);
        _reclaim(a, address(source), CLUB, 100);
    }

    function test_bond__back__less_laid_down_than_owed__reverts() public {
        _secure(a, 400);
        _openUsual();
        _expectNotFree(1, 0);
        _reclaim(a, address(source), CLUB, 1);
        _payUp(a, 600);
        _expectNotFree(1, 0);
        _reclaim(a, address(source), CLUB, 1);
        _payUp(a, 100);
        _expectNotFree(101, 100);
        _reclaim(a, address(source), CLUB, 101);
        _reclaim(a, address(source), CLUB, 100);
    }

    /// @dev A pool gives back its own part alone, whatever the brand has elsewhere.
    function test_SETTLE_3__bond__back__another_pools_part__reverts() public {
        _secure(a, 1000);
        _expectNotFree(1001, 1000);
        _reclaim(a, address(source), CLUB, 1001);
        _expectNotFree(1, 0);
        _reclaim(a, address(source), "other", 1);
        _expectNotFree(1, 0);
        _reclaim(a, address(swaps), CLUB, 1);
        _openUsual();
        vm.warp(dueAt);
        _enforce(a);
        _expectNotFree(1, 0);
        _reclaim(a, address(source), CLUB, 1);
        _reclaim(a, address(swaps), pool, LINE);
        assertEq(_allotted(a), 0);
    }

    function test_bond__back__running_debts_need_it__reverts() public {
        _swap(a, b, 1000e2);
        vm.expectRevert(
            abi.encodeWithSelector(ISwaps.Swaps_BondInUse.selector, pool, address(a), 10e6, 10e6 - 1)
        );
        _reclaim(a, address(swaps), pool, LINE - 10e6 + 1);
        _reclaim(a, address(swaps), pool, LINE - 10e6);
        assertEq(_position(a).ceiling, 1000e2);
        // Closed, the debt needs it as an unpaid one; and paid, not at all.
        _close();
        _expectNotFree(1, 0);
        _reclaim(a, address(swaps), pool, 1);
        _pay(a, 0, 4e6);
        _expectNotFree(4e6 + 1, 4e6);
        _reclaim(a, address(swaps), pool, 4e6 + 1);
        _reclaim(a, address(swaps), pool, 4e6);
        _pay(a, 0, 6e6);
        _reclaim(a, address(swaps), pool, 6e6);
        assertEq(_position(a).ceiling, 0);
    }

    function test_bond__told_by_a_stranger__reverts() public {
        bytes memory data = abi.encode(source, CLUB);
        bytes memory reason = abi.encodeWithSelector(ISettlements.Settlements_NotBonds.selector, intruder);
        vm.startPrank(intruder);
        vm.expectRevert(reason);
        IAllotmentReceiver(address(settlements)).onAllotted(address(a), 0, 1e6, data);
        vm.expectRevert(reason);
        IAllotmentReceiver(address(settlements)).onReclaimed(address(a), 0, 0, data);
        vm.stopPrank();
    }

    function test_bond__from_another_purse__reverts() public {
        money.mint(brand, 100);
        vm.startPrank(brand);
        money.approve(address(bonds), 100);
        bonds.deposit(address(a), IBonds.Purse.Compensation, 100);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_WrongPurse.selector, 2));
        bonds.allot(
            address(a), IBonds.Purse.Compensation, address(settlements), 100, abi.encode(source, CLUB)
        );
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_WrongPurse.selector, 1));
        vm.prank(address(bonds));
        IAllotmentReceiver(address(settlements)).onReclaimed(address(a), 1, 0, abi.encode(source, CLUB));
    }

    function test_bond__for_an_unlisted_source_or_for_nothing__reverts() public {
        money.mint(brand, 100);
        vm.startPrank(brand);
        money.approve(address(bonds), 100);
        bonds.deposit(address(a), PURSE, 100);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_SourceNotListed.selector, intruder));
        bonds.allot(address(a), PURSE, address(settlements), 100, abi.encode(intruder, CLUB));
        vm.expectRevert();
        bonds.allot(address(a), PURSE, address(settlements), 100, "");
        vm.expectRevert();
        bonds.allot(address(a), PURSE, address(settlements), 100, abi.encode(source));
        vm.stopPrank();
    }

    /// @dev A source that was taken off the list gets nothing new and gives back what is free.
    function test_bond__source_delisted_later__can_be_taken_back() public {
        _secure(a, 100);
        _list(IBrandRegistry.List.Module, address(source), false);
        money.mint(brand, 1);
        vm.startPrank(brand);
        money.approve(address(bonds), 1);
        bonds.deposit(address(a), PURSE, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_SourceNotListed.selector, address(source))
        );
        bonds.allot(address(a), PURSE, address(settlements), 1, abi.encode(source, CLUB));
        vm.stopPrank();
        _reclaim(a, address(source), CLUB, 100);
        assertEq(_account(a).bond, 0);
    }

    /// @dev Debts of several periods of a pool rest on the same money, one after another.
    function test_bond__several_periods__one_account() public {
        _secure(a, 1500);
        _openUsual(0);
        _openUsual(1);
        assertEq(_account(a).unpaid, 2 * OWED_A);
        _expectNotFree(1, 0);
        _reclaim(a, address(source), CLUB, 1);
        vm.warp(dueAt);
        settlements.enforce(address(source), CLUB, 1, address(a));
        assertEq(_enforce(a), 500);
        assertEq(_account(a).unpaid, 500);
        bytes32 second = settlements.settlementIdOf(address(source), CLUB, 1);
        assertEq(settlements.settlementOf(second).received, 1000);
        assertEq(_received(), 500);
        assertEq(a.balanceOf(address(settlements)), _debt(a).lien);
    }

    // --------------------------------------------------------------- helpers

    function _anyAct(uint256 kind, uint32 period, uint256 amount)
        private
        view
        returns (address caller, bytes memory act)
    {
        address from = address(source);
        if (kind < 2) {
            address debtor = kind == 0 ? address(a) : address(b);
            return (till, abi.encodeCall(settlements.pay, (from, CLUB, period, debtor, amount)));
        }
        if (kind == 2) {
            return (intruder, abi.encodeCall(settlements.enforce, (from, CLUB, period, address(a))));
        }
        if (kind < 5) {
            address claimant = kind == 3 ? address(c) : address(d);
            return (third, abi.encodeCall(settlements.withdraw, (from, CLUB, period, claimant, third)));
        }
        if (kind == 5) {
            return (treasury, abi.encodeCall(settlements.withdrawTreasury, (from, CLUB, period, treasury)));
        }
        if (kind == 6) {
            return (till, abi.encodeCall(settlements.prepay, (source, CLUB, address(b), amount, 13)));
        }
        ISettlementSource market = ISettlementSource(address(swaps));
        return (till, abi.encodeCall(settlements.prepay, (market, pool, address(a), amount * 3, FOREVER)));
    }

    /// @dev To the unit: nothing is merely sent here.
    function _assertAllBooks() private view {
        uint256 cash =
            settlements.prepaidOf(address(source), CLUB) + settlements.prepaidOf(address(swaps), pool);
        uint256 lienA = 0;
        uint256 lienB = 0;
        for (uint32 period = 0; period < 2; ++period) {
            bytes32 which = settlements.settlementIdOf(address(source), CLUB, period);
            cash += settlements.settlementOf(which).received;
            cash -= settlements.claimOf(which, address(c)).taken
            + settlements.claimOf(which, address(d)).taken;
            cash -= settlements.claimOf(which, treasury).taken;
            lienA += settlements.debtOf(which, address(a)).lien;
            lienB += settlements.debtOf(which, address(b)).lien;
        }
        assertEq(_held(), cash, "BOOK-1: money");
        assertEq(a.balanceOf(address(settlements)), lienA, "BOOK-1: liens of A");
        assertEq(b.balanceOf(address(settlements)), lienB, "BOOK-1: liens of B");
        assertEq(_allotted(a), LINE + _account(a).bond, "BOOK-1: bond");
    }

    function _prepay(ILoyaltyToken token_, uint256 amount, uint256 most) private returns (uint256) {
        vm.prank(till);
        return settlements.prepay(ISettlementSource(address(swaps)), pool, address(token_), amount, most);
    }

    function _prepayClub(ILoyaltyToken token_, uint256 amount) private {
        vm.prank(till);
        settlements.prepay(source, CLUB, address(token_), amount, FOREVER);
    }

    function _tryWithdraw(ILoyaltyToken token_) private {
        if (_payable(token_) != 0) _withdraw(token_, makeAddr("purse"));
    }

    function _tryTreasury() private {
        if (settlements.payableOf(id, treasury) != 0) _withdrawTreasury(makeAddr("purse"));
    }

    function _tryFill(ILoyaltyToken token_) private {
        if (_payable(token_) == 0) return;
        if (_inHolders(token_) < bonds.purseOf(address(token_), HOLDERS).required) _fill(token_);
    }

    function _assertParts() private {
        _tryWithdraw(c);
        _tryWithdraw(d);
        _tryTreasury();
        uint256 received = _received();
        assertEq(_taken(address(c)), CLAIM_C * received / TOTAL);
        assertEq(_taken(address(d)), CLAIM_D * received / TOTAL);
        assertEq(_taken(treasury), CLAIM_TREASURY * received / TOTAL);
    }

    function _expectAlreadyOpen(bytes32 settlementId) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_AlreadyOpen.selector, settlementId));
    }

    function _expectUnbalanced(uint256 due, uint256 claimed) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_Unbalanced.selector, due, claimed));
    }

    function _expectNothingUnpaid(bytes32 settlementId, ILoyaltyToken token_) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlements.Settlements_NothingUnpaid.selector, settlementId, address(token_)
            )
        );
    }

    function _expectNothingToTake(bytes32 settlementId, address claimant) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NothingToTake.selector, settlementId, claimant)
        );
    }

    function _expectNoBond(ILoyaltyToken token_) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlements.Settlements_NoBond.selector, address(source), CLUB, address(token_)
            )
        );
    }

    function _expectNotFree(uint256 value, uint256 free) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotFree.selector, value, free));
    }

    function _expectInvalid(address account) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_InvalidAccount.selector, account));
    }
}
