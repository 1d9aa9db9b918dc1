// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import { IAllotmentReceiver } from "../../contracts/interfaces/IAllotmentReceiver.sol";
import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { ISettlements } from "../../contracts/interfaces/ISettlements.sol";
import { ISettlementSource } from "../../contracts/interfaces/ISettlementSource.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { Currency } from "./utils/Currencies.sol";
import { SwapTest } from "./utils/SwapTest.sol";

/// @notice What somebody would try on pools that settle, from the swap to the cash.
contract SettlementsAttacksTest is SwapTest {
    IBonds.Purse internal constant HOLDERS = IBonds.Purse.Holders;

    // ---------------------------------------------------- promising too much

    /// @dev It mints as much as anybody could want and its own wallets bring it: what partners give for it is
    /// what it laid down, and its bond pays them to the last unit.
    function test_attack_1__brand_mints_without_limit__partners_get_what_it_laid_down() public {
        _give(intruder, a, 1e27);
        ISwaps.Swap memory order = _order(a, b, 1_000_000e2);
        order.to = intruder;
        vm.startPrank(intruder);
        a.approve(address(swaps), type(uint256).max);
        order.amountIn += 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                ISwaps.Swaps_OverCeiling.selector, pool, address(a), 1_000_000e2 + 1, 1_000_000e2
            )
        );
        swaps.swap(order);
        order.amountIn = 500_000e2;
        swaps.swap(order);
        (order.tokenOut, order.amountIn) = (address(c), 490_000e2);
        swaps.swap(order);
        vm.stopPrank();
        // It takes back what it can before anybody notices, which is what no debt needs.
        bytes memory fund = abi.encode(swaps, pool);
        vm.startPrank(brand);
        swaps.withdraw(pool, address(a), 500_000e2, brand);
        vm.expectRevert(
            abi.encodeWithSelector(ISwaps.Swaps_BondInUse.selector, pool, address(a), 9900e6, 9900e6 - 1)
        );
        bonds.reclaim(address(a), PURSE, address(settlements), 100e6 + 1, fund);
        bonds.reclaim(address(a), PURSE, address(settlements), 100e6, fund);
        vm.stopPrank();
        bytes32 settled = _close();
        vm.warp(settlements.settlementOf(settled).dueAt);
        assertEq(settlements.enforce(address(swaps), pool, 0, address(a)), 9900e6);
        uint256 worthOfB = uint256(-(int256(uint256(_position(b).provided)) - 10_000e18)) * PAR_B / 1e18;
        uint256 worthOfC = (700 - uint256(_position(c).provided)) * PAR_C;
        assertGe(_withdrawClaim(b, 0, partner), worthOfB, "SETTLE-2: B lost");
        assertGe(_withdrawClaim(c, 0, third), worthOfC, "SETTLE-2: C lost");
    }

    /// @dev Fees, what was prepaid, debts, claims and what is provided do not mix: with everything of two pools
    /// in two periods under way, each brand can take what it provided, and each claim what it is worth.
    function test_attack_6__fees_and_funds_of_two_pools_and_periods__do_not_mix() public {
        vm.prank(alliance);
        pools.setAllianceFee(2000, treasury);
        bytes32 second = _secondPool(100e6, 200e6, 200e6);
        bytes32 first = pool;
        _close();
        pool = second;
        _close();
        for (uint256 i = 0; i < 2; ++i) {
            pool = i == 0 ? first : second;
            _swap(a, b, 2000e2 + i);
            _swap(c, b, 2);
            _close();
            _swap(b, a, 3e18 + i);
            _prepay(b, 1e18, 0.5e6);
        }
        uint256 cash = money.balanceOf(address(settlements));
        assertEq(cash, 1e6);
        for (uint256 i = 0; i < 2; ++i) {
            pool = i == 0 ? first : second;
            uint32 period = swaps.periodOf(pool).number - 1;
            uint256 paid = _pay(a, period, type(uint128).max) + _pay(c, period, type(uint128).max);
            uint256 given = _withdrawClaim(b, period, till);
            vm.prank(treasury);
            given += settlements.withdrawTreasury(address(swaps), pool, period, till);
            assertEq(given, paid, "SETTLE-1: a period's claims are its debts");
            assertEq(money.balanceOf(address(settlements)), cash, "SETTLE-1: others' money moved");
            for (uint256 j = 0; j < 3; ++j) {
                ISwaps.Position memory position = _position(_all()[j]);
                int256 free =
                    int256(uint256(position.provided)) + (position.net < 0 ? position.net : int256(0));
                vm.prank(_adminOf(_all()[j]));
                swaps.withdraw(pool, address(_all()[j]), uint256(free), till);
            }
        }
        // What is left in the pools is what members brought: the running debts.
        assertEq(a.balanceOf(address(swaps)), 0);
        assertEq(b.balanceOf(address(swaps)), 4e18 + 1);
        assertEq(c.balanceOf(address(swaps)), 0);
    }

    // ------------------------------------------------------------------ rates

    /// @dev A token without a par value gets into no pool, and what a unit is worth in it never changes.
    function test_attack_7__rate_unset_or_moved__there_is_none() public {
        vm.prank(third);
        ILoyaltyToken fresh =
            ILoyaltyToken(factory.createToken(thirdId, address(obligations), address(desk), "F", "F", 4));
        _announce(fresh, _bounds(1e9));
        skip(DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, address(fresh))
        );
        vm.prank(third);
        pools.joinPool(pool, address(fresh));

        uint256 quoted = swaps.quoteOut(pool, address(a), address(b), 100e2);
        vm.startPrank(brand);
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_AlreadyObliged.selector, address(a))
        );
        obligations.oblige(address(a), address(money), PAR_A * 2, type(uint96).max, _unbondedTerms());
        IObligationRegistry.Terms memory terms = _unbondedTerms();
        terms.termsHash = "other";
        obligations.setTerms(address(a), terms);
        vm.stopPrank();
        skip(NOTICE);
        assertEq(swaps.quoteOut(pool, address(a), address(b), 100e2), quoted, "SWAP-1: a rate moved");
    }

    // ------------------------------------------------------------------ bombs

    /// @dev A currency that answers with a megabyte, or not at all, keeps nobody from swapping, stopping,
    /// taking back tokens and closing; the payment itself fails, and can be made once the currency works.
    function test_attack_28__currency_bombs__stands_in_no_swaps_way() public {
        _swap(a, b, 1000e2);
        Currency.Behaviour[3] memory ways =
            [Currency.Behaviour.ReturnBomb, Currency.Behaviour.Reverts, Currency.Behaviour.MovesNothing];
        for (uint256 i = 0; i < ways.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            money.behave(ways[i]);
            _swap(b, c, 20e18);
            vm.startPrank(partner);
            swaps.withdraw(pool, address(b), 1e18, partner);
            swaps.setStopped(pool, address(b), true);
            vm.stopPrank();
            bytes32 settled = _close();
            uint256 owed = settlements.debtOf(settled, address(a)).unpaid;
            money.mint(till, owed);
            vm.startPrank(till);
            money.approve(address(settlements), owed);
            uint256 gas = gasleft();
            vm.expectRevert();
            settlements.pay(address(swaps), pool, 0, address(a), owed);
            assertLt(gas - gasleft(), 5_000_000, "a bomb is copied");
            money.behave(Currency.Behaviour.Plain);
            assertEq(settlements.pay(address(swaps), pool, 0, address(a), owed), owed);
            vm.stopPrank();
            vm.revertToState(snapshot);
        }
    }

    // ------------------------------------------------------- running for cash

    /// @dev A debtor's bond covers a tenth. Who comes first gets its part of that, and so does who comes last.
    function test_attack_24__first_creditor_runs__gains_nothing() public {
        bytes32 settled = _unpaidDebt();
        vm.warp(settlements.settlementOf(settled).dueAt);
        assertEq(settlements.enforce(address(swaps), pool, 0, address(a)), 10e6);
        uint256 total = settlements.settlementOf(settled).total;
        uint256 claimB = settlements.claimOf(settled, address(b)).value;
        uint256 claimC = settlements.claimOf(settled, address(c)).value;
        assertEq(claimB + claimC, total);
        assertEq(total, 80e6);
        uint256 snapshot = vm.snapshotState();
        for (uint256 order = 0; order < 2; ++order) {
            if (order == 0) assertEq(_withdrawClaim(b, 0, partner), claimB / 8);
            assertEq(_withdrawClaim(c, 0, third), claimC / 8);
            if (order == 1) assertEq(_withdrawClaim(b, 0, partner), claimB / 8);
            assertLe(money.balanceOf(address(settlements)), 1);
            // What comes in later is everybody's in the same parts.
            _pay(a, 0, 7e6);
            if (order == 1) _withdrawClaim(c, 0, third);
            _withdrawClaim(b, 0, partner);
            if (order == 0) _withdrawClaim(c, 0, third);
            assertEq(settlements.claimOf(settled, address(b)).taken, claimB * 17e6 / total);
            assertEq(settlements.claimOf(settled, address(c)).taken, claimC * 17e6 / total);
            _pay(a, 0, 63e6);
            _withdrawClaim(b, 0, partner);
            _withdrawClaim(c, 0, third);
            assertEq(money.balanceOf(partner), claimB);
            assertEq(money.balanceOf(third), claimC);
            assertEq(money.balanceOf(address(settlements)), 0);
            vm.revertToState(snapshot);
        }
    }

    // ------------------------------------------------------------- two pools

    /// @dev A brand is lent to in one pool and lends in another: its line here is what it laid down here, its
    /// creditors here get that, and its claim there is no part of it.
    function test_attack_2__brand_routes_through_two_pools__each_line_is_its_own_money() public {
        bytes32 first = pool;
        pool = _secondPool(1e6, 20e6, 20e6);
        bytes32 second = pool;
        // Ten thousand dollars in the first pool are no line in the second.
        assertEq(_position(a).ceiling, 100e2);
        vm.expectRevert(
            abi.encodeWithSelector(ISwaps.Swaps_OverCeiling.selector, second, address(a), 100e2 + 1, 100e2)
        );
        _swap(a, b, 100e2 + 1);
        _swap(a, b, 100e2);
        pool = first;
        _swap(b, a, 10e18); // here A is a creditor, for five dollars
        pool = second;
        bytes32 settled = _close();
        pool = first;
        bytes32 elsewhere = _close();
        vm.warp(settlements.settlementOf(elsewhere).dueAt);
        // A does not pay: what it laid down for the second pool does, and its other money stays.
        assertEq(settlements.enforce(address(swaps), second, 0, address(a)), 1e6);
        assertEq(settlements.settlementOf(settled).received, 1e6);
        assertEq(settlements.accountOf(address(swaps), second, address(a)).bond, 0);
        assertEq(settlements.accountOf(address(swaps), first, address(a)).bond, LINE);
        assertEq(settlements.settlementOf(elsewhere).received, 0);
        assertEq(settlements.claimOf(elsewhere, address(a)).value, 5e6);
        assertEq(settlements.debtOf(elsewhere, address(b)).unpaid, 5e6);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlements.Settlements_NothingUnpaid.selector,
                settlements.settlementIdOf(address(swaps), first, 0),
                address(a)
            )
        );
        settlements.enforce(address(swaps), first, 0, address(a));
        // B, which is owed there and owes here, is paid in full and still owes in full.
        vm.prank(partner);
        assertEq(settlements.withdraw(address(swaps), second, 0, address(b), partner), 1e6);
        assertEq(settlements.enforce(address(swaps), first, 0, address(b)), 5e6);
        assertEq(settlements.accountOf(address(swaps), second, address(b)).bond, 20e6);
        assertEq(_withdrawClaim(a, 0, brand), 5e6);
    }

    function test_SETTLE_3__attack__bond_taken_out_of_the_wrong_pool__reverts() public {
        bytes32 first = pool;
        pool = _secondPool(1e6, 1e6, 1e6);
        _swap(a, b, 100e2);
        vm.startPrank(brand);
        vm.expectRevert(
            abi.encodeWithSelector(ISwaps.Swaps_BondInUse.selector, pool, address(a), 1e6, 1e6 - 1)
        );
        bonds.reclaim(address(a), PURSE, address(settlements), 1, abi.encode(swaps, pool));
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotFree.selector, 1e6 + 1, 1e6));
        bonds.reclaim(address(a), PURSE, address(settlements), 1e6 + 1, abi.encode(swaps, pool));
        // All of the first pool's can go, and none of the second's with it.
        bonds.reclaim(address(a), PURSE, address(settlements), LINE, abi.encode(swaps, first));
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotFree.selector, 1, 0));
        bonds.reclaim(address(a), PURSE, address(settlements), 1, abi.encode(swaps, first));
        vm.stopPrank();
        _close();
        vm.warp(block.timestamp + PAYMENT);
        assertEq(settlements.enforce(address(swaps), pool, 0, address(a)), 1e6);
    }

    // ------------------------------------------------------------- donations

    /// @dev BOOK-1, SWAP-4: what is merely sent is nobody's, at any time, in any coin.
    function test_attack_4__donations_everywhere__change_nothing() public {
        uint256 snapshot = vm.snapshotState();
        bytes32[2] memory seen;
        for (uint256 i = 0; i < 2; ++i) {
            bool gives = i == 1;
            if (gives) _donate();
            uint256 out = _swap(a, b, 12_345);
            if (gives) _donate();
            vm.startPrank(till);
            money.mint(till, 1e12);
            money.approve(address(settlements), FOREVER);
            settlements.prepay(ISettlementSource(address(swaps)), pool, address(a), 45, FOREVER);
            vm.stopPrank();
            bytes32 settled = _close();
            if (gives) _donate();
            uint256 paid = _pay(a, 0, 777);
            uint256 got = _withdrawClaim(b, 0, partner);
            if (gives) _donate();
            vm.warp(settlements.settlementOf(settled).dueAt);
            uint256 enforced = settlements.enforce(address(swaps), pool, 0, address(a));
            uint256 rest = _withdrawClaim(b, 0, partner);
            seen[i] = keccak256(
                abi.encode(
                    out,
                    paid,
                    got,
                    enforced,
                    rest,
                    settlements.settlementOf(settled),
                    settlements.accountOf(address(swaps), pool, address(a)),
                    _position(a),
                    _position(b),
                    _position(c)
                )
            );
            assertEq(money.balanceOf(address(settlements)), gives ? 4 * 1e12 : 0);
            assertEq(a.balanceOf(address(settlements)), gives ? 4 * 1e6 : 0);
            if (!gives) vm.revertToState(snapshot);
        }
        assertEq(seen[0], seen[1], "a donation changed something");
    }

    // --------------------------------------------------------------- closing

    function test_attack__period_closed_early_late_or_twice() public {
        _swap(a, b, 1000e2);
        ISwaps.Period memory period = swaps.periodOf(pool);
        vm.warp(period.closesAt - 1);
        _expectNotClosable(pool, period.closesAt);
        swaps.close(pool);
        uint256 snapshot = vm.snapshotState();
        for (uint256 late = 0; late <= 200 days; late += 100 days) {
            vm.warp(period.closesAt + late);
            vm.prank(intruder);
            swaps.close(pool);
            bytes32 settled = settlements.settlementIdOf(address(swaps), pool, 0);
            // Debtors have their time from when it was closed, however late that was.
            assertEq(settlements.settlementOf(settled).dueAt, block.timestamp + PAYMENT);
            assertEq(swaps.periodOf(pool).number, 1);
            assertEq(swaps.periodOf(pool).startedAt, block.timestamp);
            _expectNotClosable(pool, uint40(block.timestamp) + PERIOD);
            swaps.close(pool);
            skip(PERIOD - 1);
            _expectNotClosable(pool, uint40(block.timestamp) + 1);
            swaps.close(pool);
            // With nothing swapped meanwhile, the next one settles nothing and what was owed stays owed.
            skip(1);
            swaps.close(pool);
            assertEq(settlements.settlementOf(settlements.settlementIdOf(address(swaps), pool, 1)).dueAt, 0);
            assertEq(settlements.debtOf(settled, address(a)).unpaid, 10e6);
            assertEq(settlements.accountOf(address(swaps), pool, address(a)).unpaid, 10e6);
            vm.revertToState(snapshot);
        }
    }

    function test_attack__pool_that_nobody_joined__cannot_be_closed() public {
        bytes32 empty = _createPool(250);
        _expectNotClosable(empty, 0);
        swaps.close(empty);
        _expectNotClosable("no pool", 0);
        swaps.close("no pool");
    }

    // --------------------------------------------------------- holders first

    /// @dev A brand has its fresh tokens bought out of the pool and goes for the cash. Its holders, who are many
    /// more now, are covered first; it gets what is left.
    function test_attack_24b__brand_is_drained_and_takes_the_cash__its_holders_come_first() public {
        _setRatio(b, 700); // of 30,000 B at half a dollar: 1,050 dollars
        uint256 required = bonds.purseOf(address(b), HOLDERS).required;
        assertEq(required, 1050e6);
        _swap(a, b, 100_000e2);
        _close();
        _pay(a, 0, 600e6);
        assertEq(_withdrawClaim(b, 0, partner), 600e6);
        assertEq(money.balanceOf(partner), 0);
        assertEq(bonds.purseOf(address(b), HOLDERS).value, 600e6);
        _pay(a, 0, 400e6);
        assertEq(_withdrawClaim(b, 0, partner), 400e6);
        assertEq(money.balanceOf(partner), 0);
        // Drained once more; now they are covered, to the last unit, and the rest is the brand's.
        _swap(a, b, 100_000e2);
        _close();
        _pay(a, 1, FOREVER >> 128);
        uint256 snapshot = vm.snapshotState();
        vm.prank(intruder);
        assertEq(settlements.fillHolders(address(swaps), pool, 1, address(b)), 50e6);
        assertEq(bonds.purseOf(address(b), HOLDERS).value, required);
        assertEq(_withdrawClaim(b, 1, partner), 950e6);
        assertEq(money.balanceOf(partner), 950e6);
        vm.revertToState(snapshot);
        // Leaving, it leaves all of it to them.
        vm.startPrank(partner);
        obligations.announceWindDown(address(b));
        assertEq(settlements.withdraw(address(swaps), pool, 1, address(b), partner), 1000e6);
        vm.stopPrank();
        assertEq(money.balanceOf(partner), 0);
        assertEq(bonds.purseOf(address(b), HOLDERS).value, 2000e6);
    }

    /// @dev A brand sends its claim to an account of its own: the holders' part does not go there.
    function test_attack_24b__cash_sent_elsewhere__holders_come_first_all_the_same() public {
        _setRatio(b, 700);
        _swap(a, b, 1000e2);
        _close();
        _pay(a, 0, 10e6);
        _withdrawClaim(b, 0, makeAddr("elsewhere"));
        assertEq(money.balanceOf(makeAddr("elsewhere")), 0);
        assertEq(bonds.purseOf(address(b), HOLDERS).value, 10e6);
        // It cannot be taken out again either, while they need it.
        vm.startPrank(partner);
        bonds.announceWithdrawal(address(b), HOLDERS, 10e6);
        skip(NOTICE);
        vm.expectRevert(
            abi.encodeWithSelector(IBonds.Bonds_NotEnoughFree.selector, address(b), HOLDERS, 10e6, 0)
        );
        bonds.withdraw(address(b), HOLDERS, partner);
        vm.stopPrank();
    }

    // ------------------------------------------------------------- strangers

    function test_attack__strangers__move_nothing() public {
        _swap(a, b, 1000e2);
        bytes32 settled = _close();
        _pay(a, 0, 6e6);
        bytes memory data = abi.encode(swaps, pool);
        IAllotmentReceiver receiver = IAllotmentReceiver(address(settlements));
        vm.startPrank(intruder);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotBonds.selector, intruder));
        receiver.onAllotted(address(a), 0, 1e30, data);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_NotBonds.selector, intruder));
        receiver.onReclaimed(address(a), 0, 1, data);
        bytes memory notSettlements = abi.encodeWithSelector(ISwaps.Swaps_NotSettlements.selector, intruder);
        vm.expectRevert(notSettlements);
        swaps.onAccountChanged(pool, address(a), 1e30, 0);
        vm.expectRevert(notSettlements);
        swaps.onBondReclaimed(pool, address(a), 0, 0);
        vm.expectRevert(notSettlements);
        swaps.onPrepaid(pool, address(a), 0);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, intruder));
        pools.setAllianceFee(2000, intruder);
        _expectNotAuthorized(partnerId, intruder);
        settlements.withdraw(address(swaps), pool, 0, address(b), intruder);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NothingToTake.selector, settled, intruder)
        );
        settlements.withdrawTreasury(address(swaps), pool, 0, intruder);
        // What it opens is its own, though it may be called the same.
        settlements.open(pool, 0, address(money), uint40(block.timestamp), _madeUp(), intruder, 5e6);
        settlements.open(pool, 1, address(money), uint40(block.timestamp), _madeUp(), intruder, 5e6);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NoBond.selector, intruder, pool, address(a))
        );
        settlements.enforce(intruder, pool, 0, address(a));
        vm.stopPrank();
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).unpaid, 4e6);
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).bond, LINE);
        assertEq(_withdrawClaim(b, 0, partner), 6e6);
        _swap(b, a, 1e18);
        _close();
        assertEq(swaps.periodOf(pool).number, 2);
    }

    /// @dev Who pays ahead for a brand does it a favour: its own payment, of all that it owed, then is of the rest.
    function test_attack__stranger_prepays_a_little_first__the_rest_can_be_prepaid() public {
        _swap(a, b, 1000e2);
        money.mint(intruder, 100);
        vm.startPrank(intruder);
        money.approve(address(settlements), 100);
        settlements.prepay(ISettlementSource(address(swaps)), pool, address(a), 1, 100);
        vm.stopPrank();
        money.mint(brand, 10e6);
        vm.startPrank(brand);
        money.approve(address(settlements), 10e6);
        settlements.prepay(ISettlementSource(address(swaps)), pool, address(a), 1000e2, 10e6);
        vm.stopPrank();
        assertEq(money.balanceOf(brand), 100);
        assertEq(_position(a).net, 0);
    }

    // --------------------------------------------------------------- helpers

    function _prepay(ILoyaltyToken token_, uint256 amount, uint256 value) private {
        money.mint(till, value);
        vm.startPrank(till);
        money.approve(address(settlements), value);
        settlements.prepay(ISettlementSource(address(swaps)), pool, address(token_), amount, value);
        vm.stopPrank();
    }

    /// @dev A pool in which brands owe up to ten times what they laid down. A laid down 10 dollars, owes 80, and
    /// B and C are owed.
    function _unpaidDebt() private returns (bytes32 settled) {
        pool = _createPool(1000);
        _enterAndProvide();
        _layDown(a, 10e6);
        _swap(a, b, 3000e2);
        _swap(a, c, 5000e2);
        return _close();
    }

    function _secondPool(uint256 ofA, uint256 ofB, uint256 ofC) private returns (bytes32 made) {
        bytes32 first = pool;
        vm.prank(steward);
        made = pools.createPool("second", _rules(COVERED));
        pool = made;
        _enterAndProvide();
        _layDown(a, ofA);
        _layDown(b, ofB);
        _layDown(c, ofC);
        pool = first;
    }

    function _enterAndProvide() private {
        _enter(brand, a, type(uint96).max / 2);
        _enter(partner, b, type(uint96).max / 2);
        _enter(third, c, type(uint96).max / 2);
        _provide(brand, a, 10_000e2);
        _provide(partner, b, 1000e18);
        _provide(third, c, 50);
    }

    /// @dev Of everything that is outstanding; nothing is promised beyond it.
    function _setRatio(ILoyaltyToken token_, uint16 bps) private {
        address admin = _adminOf(token_);
        uint96 quota = uint96(token_.quotaOf(admin));
        IObligationRegistry.Terms memory terms = obligations.obligationOf(address(token_)).terms;
        terms.bondBps = bps;
        vm.startPrank(admin);
        token_.returnQuota(quota);
        obligations.setTerms(address(token_), terms);
        vm.stopPrank();
    }

    function _donate() private {
        money.mint(address(settlements), 1e12);
        money.mint(address(swaps), 1e12);
        money.mint(address(bonds), 1e12);
        for (uint256 i = 0; i < 3; ++i) {
            _give(address(settlements), _all()[i], 1e6);
            _give(address(swaps), _all()[i], 1e6);
        }
    }

    function _madeUp() private view returns (ISettlements.Line[] memory lines) {
        lines = new ISettlements.Line[](1);
        lines[0] = ISettlements.Line({ token: address(a), owed: 5e6, lien: 0, claim: 0 });
    }

    function _expectNotClosable(bytes32 pool_, uint40 closesAt) private {
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotClosable.selector, pool_, closesAt));
    }
}
