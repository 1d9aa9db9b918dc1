// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPools } from "../../contracts/interfaces/IPools.sol";
import { ISettlements } from "../../contracts/interfaces/ISettlements.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { SwapTest } from "./utils/SwapTest.sol";

/// @notice From swaps to debts and claims: what closing a period makes of it.
contract SwapPeriodsTest is SwapTest {
    function test_close__a_second_early__reverts__and_twice_too() public {
        uint40 closesAt = swaps.periodOf(pool).closesAt;
        vm.warp(closesAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotClosable.selector, pool, closesAt));
        swaps.close(pool);
        vm.warp(closesAt);
        swaps.close(pool);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotClosable.selector, pool, closesAt + PERIOD));
        swaps.close(pool);
        assertEq(swaps.periodOf(pool).number, 1);
        assertEq(swaps.periodOf(pool).startedAt, closesAt);
    }

    function test_close__of_no_pool__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotClosable.selector, bytes32("none"), 0));
        swaps.close("none");
    }

    /// @notice One debtor, one creditor: what is owed is what was brought, what is claimed all of it, because
    /// the fees are the creditor's.
    function test_close__debtor_owes_par_and_creditor_gets_it_with_the_fees() public {
        uint256 out = _swap(a, b, 1000e2);
        bytes32 id = _close();
        ISettlements.Settlement memory settlement = settlements.settlementOf(id);
        assertEq(settlement.currency, address(money));
        assertEq(settlement.dueAt, block.timestamp + PAYMENT);
        assertEq(settlement.total, 10e6);
        assertEq(settlement.received, 0);
        assertEq(settlements.debtOf(id, address(a)).unpaid, 10e6);
        assertEq(settlements.debtOf(id, address(a)).lien, 1000e2);
        assertEq(settlements.claimOf(id, address(b)).value, 10e6);
        assertEq(settlements.claimOf(id, address(a)).value, 0);

        // The next period begins with nobody in debt, and with what is left.
        assertEq(_position(a).net, 0);
        assertEq(_position(a).provided, 500_000e2);
        assertEq(_position(b).net, 0);
        assertEq(_position(b).provided, 10_000e18 - out);
        assertEq(a.balanceOf(address(settlements)), 1000e2);
        assertEq(_feesSoFar(), 0);
        _assertStock();
    }

    /// @notice Fees go to creditors in proportion to their credits, and claims are the debts to the last unit.
    function test_close__shares_fees_in_proportion_to_the_last_unit() public {
        uint256 outB = _swap(a, b, 90_000e2);
        uint256 outC = _swap(a, c, 30_000e2);
        bytes32 id = _close();
        uint256 creditB = outB * PAR_B / 1e18;
        uint256 creditC = outC * PAR_C;
        uint256 fees = 1200e6 - creditB - creditC;
        uint256 claimB = settlements.claimOf(id, address(b)).value;
        uint256 claimC = settlements.claimOf(id, address(c)).value;
        assertEq(claimB + claimC, 1200e6, "SETTLE-1: claims are not the debts");
        assertApproxEqAbs(claimB, creditB + fees * creditB / (creditB + creditC), 1);
        assertGt(fees, 0);
    }

    function test_close__alliance_fee__is_what_it_was_when_the_period_began() public {
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, intruder));
        pools.setAllianceFee(1000, treasury);
        vm.prank(alliance);
        pools.setAllianceFee(1000, treasury);
        _swap(a, b, 1000e2);
        bytes32 id = _close();
        assertEq(settlements.claimOf(id, treasury).value, 0);

        uint256 out = _swap(a, b, 1000e2);
        vm.prank(alliance);
        pools.setAllianceFee(0, treasury);
        id = _close();
        uint256 fees = 10e6 - out * PAR_B / 1e18;
        assertEq(settlements.claimOf(id, treasury).value, fees / 10);
        assertEq(settlements.claimOf(id, address(b)).value, 10e6 - fees / 10);
    }

    /// @notice Members swapped there and back: nobody is owed, and the fees are the brands' in whose tokens
    /// members paid them.
    function test_close__with_fees_alone__gives_them_to_the_tokens_brands() public {
        uint256 out = _swap(a, b, 1000e2);
        vm.startPrank(member);
        ISwaps.Swap memory back = _order(b, a, type(uint256).max);
        (back.amountOut, back.exactOut) = (990e2, true);
        b.approve(address(swaps), type(uint256).max);
        (uint256 paid,) = swaps.swap(back);
        vm.stopPrank();
        int256 netB = int256(paid) - int256(out);
        if (netB < 0) _swap(b, a, uint256(-netB) + 1);
        int256 fees = _feesSoFar();
        int256 netA = _position(a).net;
        netB = _position(b).net;
        assertGe(netA, 0);
        assertGe(netB, 0);
        vm.recordLogs();
        bytes32 id = _close();
        assertEq(settlements.settlementOf(id).dueAt, 0);
        assertEq(int256(uint256(_position(a).provided)), 500_000e2 + netA);
        assertEq(int256(uint256(_position(b).provided)), 10_000e18 + netB);
        assertGt(fees, 0);
        assertEq(_feesSoFar(), 0);
        _assertStock();
    }

    /// @dev The alliance may name whom it likes: even a creditor, which then gets its part too.
    function test_close__treasury_is_a_token__its_brand_claims_both() public {
        address[3] memory treasuries = [address(a), address(b), address(c)];
        for (uint256 i = 0; i < treasuries.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            vm.prank(alliance);
            pools.setAllianceFee(2000, treasuries[i]);
            _close();
            _swap(a, b, 100_000e2);
            uint256 fees = uint256(_feesSoFar()) / 1e18;
            bytes32 id = _close();
            uint256 total = settlements.settlementOf(id).total;
            assertEq(total, 1000e6);
            uint256 part = settlements.claimOf(id, treasuries[i]).value;
            if (treasuries[i] == address(b)) assertEq(part, total);
            else assertApproxEqAbs(part, fees / 5, 1);
            assertGt(part, 0);
            _pay(a, 1, total);
            assertEq(_withdrawClaim(ILoyaltyToken(treasuries[i]), 1, till), part);
            vm.revertToState(snapshot);
        }
    }

    function test_prepay__pays_at_par_and_burns__and_makes_room() public {
        _lower(a, 1000e2);
        _swap(a, b, 1000e2);
        _fund(till, 10e6);
        uint256 supply = a.totalSupply();
        vm.startPrank(till);
        assertEq(settlements.prepay(swaps, pool, address(a), 400e2, 4e6), 4e6);
        vm.stopPrank();
        assertEq(supply - a.totalSupply(), 400e2);
        assertEq(_position(a).net, 600e2);
        assertEq(swaps.periodOf(pool).prepaid, 4e6);
        assertGt(_feesSoFar(), 0);
        _assertStock();
        _swap(a, b, 400e2);

        bytes32 id = _close();
        ISettlements.Settlement memory settlement = settlements.settlementOf(id);
        assertEq(settlement.total, 14e6);
        assertEq(settlement.received, 4e6);
        assertEq(settlements.debtOf(id, address(a)).unpaid, 10e6);
        assertEq(settlements.payableOf(id, address(b)), 4e6);
        assertEq(swaps.periodOf(pool).prepaid, 0);
    }

    function test_close__what_is_unpaid__counts_against_the_line__until_it_is_paid() public {
        assertEq(_position(a).ceiling, 1_000_000e2);
        _swap(a, b, 100_000e2);
        _close();
        assertEq(_position(a).ceiling, 900_000e2);
        _pay(a, 0, 400e6);
        assertEq(_position(a).ceiling, 940_000e2);
        _pay(a, 0, 600e6);
        assertEq(_position(a).ceiling, 1_000_000e2);
    }

    function test_enforce__pays_from_what_was_laid_down() public {
        _swap(a, b, 100_000e2);
        bytes32 id = _close();
        skip(PAYMENT);
        settlements.enforce(address(swaps), pool, 0, address(a));
        assertEq(settlements.settlementOf(id).received, 1000e6);
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).bond, LINE - 1000e6);
        assertEq(_position(a).ceiling, 900_000e2);
        assertEq(_withdrawClaim(b, 0, till), 1000e6);
        assertEq(money.balanceOf(till), 1000e6);
        assertEq(a.balanceOf(address(settlements)), 0);
    }

    function test_reclaim__of_what_running_debts_need__reverts() public {
        _swap(a, b, 100_000e2);
        vm.startPrank(brand);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_BondInUse.selector, pool, a, 1000e6, 1000e6 - 1));
        bonds.reclaim(address(a), PURSE, address(settlements), LINE - 1000e6 + 1, abi.encode(swaps, pool));
        bonds.reclaim(address(a), PURSE, address(settlements), LINE - 1000e6, abi.encode(swaps, pool));
        vm.stopPrank();
        assertEq(_position(a).ceiling, 100_000e2);
    }

    /// @notice With leverage a pool's brands lend without cover, up to a known multiple.
    function test_leverage__multiplies_the_line() public {
        pool = _createPool(300);
        _announce(a, _bounds(type(uint96).max));
        vm.prank(brand);
        pools.joinPool(pool, address(a));
        _layDown(a, 100e6);
        assertEq(_position(a).ceiling, 30_000e2);
    }

    function test_leavePool__only_with_nothing_left() public {
        vm.startPrank(brand);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_StillInUse.selector, pool, a));
        pools.leavePool(pool, address(a));
        swaps.withdraw(pool, address(a), 500_000e2, brand);
        vm.stopPrank();
        _swap(a, b, 100e2);
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_StillInUse.selector, pool, a));
        pools.leavePool(pool, address(a));
        _close();
        vm.prank(brand);
        pools.leavePool(pool, address(a));
        assertFalse(_position(a).joined);
        assertEq(pools.tokensOf(pool).length, 2);
        // What it owes it still owes, and what it laid down for that stays.
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).unpaid, 1e6);
        vm.prank(brand);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotFree.selector, LINE, LINE - 1e6));
        bonds.reclaim(address(a), PURSE, address(settlements), LINE, abi.encode(swaps, pool));
        _pay(a, 0, 1e6);
        vm.prank(brand);
        bonds.reclaim(address(a), PURSE, address(settlements), LINE, abi.encode(swaps, pool));
    }

    /// @notice A pool as full as can be, every brand a debtor or a creditor, closes within a transaction.
    function test_attack_29__close_with_64_brands__fits_a_transaction() public {
        ILoyaltyToken[] memory crowd = new ILoyaltyToken[](64);
        (crowd[0], crowd[1], crowd[2]) = (a, b, c);
        for (uint256 i = 3; i < 64; ++i) {
            address admin = makeAddr(vm.toString(i));
            bytes32 id = _admittedBrand(admin, bytes32(i));
            crowd[i] = _tokenOf(admin, id, vm.toString(i), 2, PAR_A);
            _enter(admin, crowd[i], type(uint96).max / 2);
            _layDown(crowd[i], 1000e6);
            _provide(admin, crowd[i], 10_000e2);
            _give(member, crowd[i], 1000e2);
            vm.prank(member);
            crowd[i].approve(address(swaps), type(uint256).max);
        }
        for (uint256 i = 4; i < 64; i += 2) {
            _swap(crowd[i], crowd[i - 1], 1000e2);
        }
        _swap(a, b, 1000e2);
        vm.warp(swaps.periodOf(pool).closesAt);
        uint256 gas = gasleft();
        swaps.close(pool);
        gas -= gasleft();
        assertLt(gas, 12_000_000);
        emit log_named_uint("gas to close 64 brands", gas);
    }

    // ------------------------------------------------------------ what helps

    function _lower(ILoyaltyToken which, uint96 limit) private {
        vm.prank(steward);
        pools.lowerBounds(pool, address(which), limit, type(uint96).max, 0);
    }

    function _fund(address payer, uint256 value) private {
        money.mint(payer, value);
        vm.prank(payer);
        money.approve(address(settlements), value);
    }
}
