// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { ISettlements } from "../../contracts/interfaces/ISettlements.sol";
import { ISettlementSource } from "../../contracts/interfaces/ISettlementSource.sol";
import { BurnableCurrency, Currency } from "./utils/Currencies.sol";
import { SettlementTest } from "./utils/SettlementTest.sol";
import { Source } from "./utils/Sources.sol";

/// @notice Currencies and sources that misbehave: whatever they do, nothing is lost but what somebody entrusted
/// to them.
contract SettlementsHostilityTest is SettlementTest {
    Currency.Behaviour[8] internal hostileIn = [
        Currency.Behaviour.TakesFee,
        Currency.Behaviour.MovesNothing,
        Currency.Behaviour.SaysFalse,
        Currency.Behaviour.MovesAndSaysFalse,
        Currency.Behaviour.SaysOther,
        Currency.Behaviour.Reverts,
        Currency.Behaviour.ReturnBomb,
        Currency.Behaviour.TakesFromPayee
    ];
    Currency.Behaviour[9] internal hostileOut = [
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

    // ------------------------------------------------------ hostile currency

    function test_BOOK_1__hostile_currency_on_the_way_in__nothing_has_happened() public {
        _openUsual();
        _secure(a, 5000);
        _payUp(b, 500);
        _swap(a, b, 1000e2);
        vm.warp(dueAt);
        bytes[3] memory calls = [
            abi.encodeCall(settlements.pay, (address(source), CLUB, 0, address(a), 100)),
            abi.encodeCall(settlements.enforce, (address(source), CLUB, 0, address(a))),
            abi.encodeCall(
                settlements.prepay, (ISettlementSource(address(swaps)), pool, address(a), 1e2, FOREVER)
            )
        ];
        uint256 inBonds = money.balanceOf(address(bonds));
        for (uint256 i = 0; i < hostileIn.length; ++i) {
            money.behave(hostileIn[i]);
            for (uint256 j = 0; j < calls.length; ++j) {
                vm.prank(till);
                (bool success,) = address(settlements).call(calls[j]);
                assertFalse(success, string.concat(vm.toString(i), "/", vm.toString(j)));
            }
            assertEq(_received(), 500);
            assertEq(_account(a).bond, 5000);
            assertEq(_account(a).unpaid, OWED_A);
            assertEq(_position(a).net, 1000e2);
            assertEq(settlements.prepaidOf(address(swaps), pool), 0);
            assertEq(money.balanceOf(address(bonds)), inBonds);
            _assertBooks();
        }
    }

    function test_BOOK_1__hostile_currency__reasons_say_what_was_missing() public {
        _openUsual();
        _secure(a, 5000);
        vm.warp(dueAt);
        money.behave(Currency.Behaviour.TakesFee);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_ShortPayment.selector, 99, 100));
        _payUp(a, 100);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_ShortPayment.selector, 999, 1000));
        _enforce(a);
        money.behave(Currency.Behaviour.MovesNothing);
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_ShortPayment.selector, 0, 100));
        _payUp(a, 100);
    }

    function test_pay__silent_or_generous_currency__counts_what_was_meant() public {
        _openUsual();
        _secure(a, 5000);
        money.behave(Currency.Behaviour.Silent);
        _payUp(a, 100);
        money.behave(Currency.Behaviour.MovesMore);
        _payUp(a, 100);
        vm.warp(dueAt);
        _enforce(a);
        assertEq(_received(), 1000);
        assertEq(_held(), 1002);
        _withdraw(c, till);
        assertEq(_taken(address(c)), CLAIM_C * uint256(1000) / TOTAL);
    }

    function test_BOOK_1__hostile_currency_on_the_way_out__nothing_has_happened() public {
        _openUsual();
        _leaveShort(c, 100);
        _payUp(a, 1000);
        money.mint(address(bonds), 1);
        bytes[4] memory calls = [
            abi.encodeCall(settlements.withdraw, (address(source), CLUB, 0, address(c), till)),
            abi.encodeCall(settlements.withdraw, (address(source), CLUB, 0, address(d), till)),
            abi.encodeCall(settlements.withdrawTreasury, (address(source), CLUB, 0, till)),
            abi.encodeCall(settlements.fillHolders, (address(source), CLUB, 0, address(c)))
        ];
        address[4] memory callers = [third, third, treasury, intruder];
        uint256 inHolders = _inHolders(c);
        uint256 purse = money.balanceOf(till);
        uint256 inBonds = money.balanceOf(address(bonds));
        for (uint256 i = 0; i < hostileOut.length; ++i) {
            money.behave(hostileOut[i]);
            for (uint256 j = 0; j < calls.length; ++j) {
                vm.prank(callers[j]);
                (bool success,) = address(settlements).call(calls[j]);
                assertFalse(success, string.concat(vm.toString(i), "/", vm.toString(j)));
            }
            assertEq(_taken(address(c)) + _taken(address(d)) + _taken(treasury), 0);
            assertEq(_inHolders(c), inHolders);
            assertEq(money.balanceOf(till), purse);
            assertEq(money.balanceOf(address(bonds)), inBonds);
            _assertBooks();
        }
        money.behave(Currency.Behaviour.Plain);
        for (uint256 j = calls.length; j > 0; --j) {
            vm.prank(callers[j - 1]);
            (bool success,) = address(settlements).call(calls[j - 1]);
            assertTrue(success, vm.toString(j));
        }
    }

    /// @dev What goes to holders is measured as what goes to anybody: others' money does not pay for it.
    function test_BOOK_1__currency_that_charges_the_payer__reverts_wherever_money_leaves() public {
        _openUsual();
        _leaveShort(c, 100);
        _payUp(a, 1000);
        money.behave(Currency.Behaviour.ChargesPayer);
        _expectWrongPayment(1000, 1000 - 100 - 1, 100);
        _fill(c);
        _expectWrongPayment(1000, 1000 - 100 - 1, 100);
        _withdraw(c, till);
        _expectWrongPayment(1000, 1000 - 267 - 1, 267);
        _withdraw(d, till);
        _expectWrongPayment(1000, 1000 - 68 - 1, 68);
        _withdrawTreasury(till);
        _assertBooks();
    }

    function test_BOOK_1__one_currency__cannot_touch_anothers_money() public {
        _openUsual();
        _payUp(a, 1000);
        Currency evil = new Currency(6);
        evil.mint(till, 1e12);
        vm.prank(till);
        evil.approve(address(settlements), FOREVER);
        Source other = new Source();
        other.open(settlements, CLUB, 0, address(evil), dueAt, _one(_line(d, 5000, 0, 0)), treasury, 5000);
        for (uint8 i = 0; i <= uint8(type(Currency.Behaviour).max); ++i) {
            for (uint256 j = 0; j < 3; ++j) {
                evil.behave(j == 2 ? Currency.Behaviour.Plain : Currency.Behaviour(i));
                vm.prank(till);
                address(settlements)
                    .call(abi.encodeCall(settlements.pay, (address(other), CLUB, 0, address(d), 100)));
                evil.behave(Currency.Behaviour(i));
                vm.prank(treasury);
                address(settlements)
                    .call(abi.encodeCall(settlements.withdrawTreasury, (address(other), CLUB, 0, till)));
                _assertBooks();
            }
        }
        _payUp(b, 501);
        _withdraw(c, till);
        _withdraw(d, till);
        _withdrawTreasury(till);
        assertEq(_held(), 0);
        assertEq(_taken(address(c)), CLAIM_C);
        assertEq(_taken(treasury), CLAIM_TREASURY);
    }

    /// @dev From within each call to a stranger's code, every function that moves money.
    function test_attack_11__currency_re_enters__moves_no_more_than_meant() public {
        _openUsual();
        _secure(a, 5000);
        _leaveShort(c, 100);
        _payUp(a, 500);
        _swap(a, b, 1000e2);
        vm.warp(dueAt);
        bytes[] memory guarded = _guarded();
        for (uint256 i = 0; i < guarded.length; ++i) {
            money.script(address(settlements), guarded[i]);
        }
        bytes[6] memory ways = [
            abi.encodeCall(settlements.pay, (address(source), CLUB, 0, address(a), 100)),
            abi.encodeCall(settlements.enforce, (address(source), CLUB, 0, address(a))),
            abi.encodeCall(
                settlements.prepay, (ISettlementSource(address(swaps)), pool, address(a), 100e2, FOREVER)
            ),
            abi.encodeCall(settlements.withdraw, (address(source), CLUB, 0, address(c), till)),
            abi.encodeCall(settlements.fillHolders, (address(source), CLUB, 0, address(c))),
            abi.encodeCall(settlements.withdrawTreasury, (address(source), CLUB, 0, till))
        ];
        address[6] memory callers = [till, intruder, till, third, intruder, treasury];
        int256[6] memory moved = [int256(100), 500, 1e6, -332, -100, -34];
        for (uint256 i = 0; i < ways.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            money.behave(Currency.Behaviour.Reenters);
            vm.prank(callers[i]);
            (bool success,) = address(settlements).call(ways[i]);
            assertTrue(success, vm.toString(i));
            for (uint256 j = 0; j < guarded.length; ++j) {
                _assertGuarded(money.outcomes(j), money.reasons(j));
            }
            assertEq(int256(_held()), 500 + moved[i], vm.toString(i));
            vm.revertToState(snapshot);
        }
    }

    /// @dev A brand that takes its bond back in the middle of its payment gets what the payment frees, no more.
    function test_attack_11__bond_reclaimed_within_a_payment__what_is_unpaid_stays_covered() public {
        _openUsual();
        _secure(a, 1100);
        vm.prank(brand);
        brands.transferAdmin(brandId, address(money));
        vm.prank(address(money));
        brands.acceptAdmin(brandId);
        bytes memory where = abi.encode(source, CLUB);
        money.script(
            address(bonds),
            abi.encodeCall(bonds.reclaim, (address(a), PURSE, address(settlements), 501, where))
        );
        money.script(
            address(bonds),
            abi.encodeCall(bonds.reclaim, (address(a), PURSE, address(settlements), 500, where))
        );
        money.behave(Currency.Behaviour.Reenters);
        _payUp(a, 400);
        assertFalse(money.outcomes(0));
        assertEq(
            money.reasons(0), abi.encodeWithSelector(ISettlements.Settlements_NotFree.selector, 501, 500)
        );
        assertTrue(money.outcomes(1));
        assertEq(_account(a).bond, 600);
        assertEq(_account(a).unpaid, 600);
        assertEq(_allotted(a), LINE + 600);
        money.behave(Currency.Behaviour.Plain);
        vm.warp(dueAt);
        assertEq(_enforce(a), 600);
        _assertBooks();
    }

    // ------------------------------------------------------- hostile sources

    /// @dev Whoever makes debts up has nothing but the word of those it says it of.
    function test_hostile_source__not_listed__makes_debts_up__nothing_stands_behind_them() public {
        Source evil = new Source();
        ISettlements.Line[] memory lines = new ISettlements.Line[](2);
        lines[0] = _line(a, 1e12, 0, 0);
        lines[1] = _line(b, 1e12, 0, 0);
        _openBy(evil, 0, address(money), lines, intruder, 2e12);
        evil.open(settlements, pool, 0, address(money), dueAt, lines, intruder, 2e12);
        vm.warp(dueAt);
        vm.startPrank(intruder);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NoBond.selector, address(evil), CLUB, address(a))
        );
        settlements.enforce(address(evil), CLUB, 0, address(a));
        // Nor behind the like-named pool of another source.
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_NoBond.selector, address(evil), pool, address(a))
        );
        settlements.enforce(address(evil), pool, 0, address(a));
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlements.Settlements_NothingToTake.selector,
                settlements.settlementIdOf(address(evil), CLUB, 0),
                intruder
            )
        );
        settlements.withdrawTreasury(address(evil), CLUB, 0, intruder);
        vm.stopPrank();
        // What brands have laid down and can swap is what it was.
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).unpaid, 0);
        assertEq(_position(a).ceiling, LINE * 100 / PAR_A);
        _reclaim(a, address(swaps), pool, LINE);
    }

    function test_hostile_source__listed__takes_what_was_laid_down_for_it_and_no_more() public {
        _secure(a, 100);
        _secure(b, 70);
        _openBy(source, 0, address(money), _one(_line(a, 1e12, 0, 0)), intruder, 1e12);
        vm.warp(dueAt);
        assertEq(_enforce(a), 100);
        vm.prank(intruder);
        assertEq(settlements.withdrawTreasury(address(source), CLUB, 0, intruder), 100);
        assertEq(_held(), 0);
        assertEq(_account(b).bond, 70);
        assertEq(settlements.accountOf(address(swaps), pool, address(a)).bond, LINE);
        assertEq(_allotted(a), LINE);
        _reclaim(a, address(swaps), pool, LINE);
    }

    function test_hostile_source__liens_that_did_not_come__reverts() public {
        _give(address(settlements), a, LIEN_A);
        _give(address(settlements), b, LIEN_B - 1);
        _expectShort(LIEN_B - 1, LIEN_B);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY);
        _give(address(settlements), b, 1);
        _openBy(source, 0, address(money), _usual(), treasury, CLAIM_TREASURY);
        // What lies behind one debt lies behind no other, of whatever source.
        Source evil = new Source();
        _expectShort(LIEN_A, LIEN_A + 1);
        _openBy(evil, 0, address(money), _one(_line(a, 1, 1, 0)), treasury, 1);
        _expectShort(LIEN_A, LIEN_A + 1);
        _openBy(source, 1, address(money), _one(_line(a, 1, 1, 0)), treasury, 1);
        _assertBooks();
    }

    /// @dev Paid in a loyalty token, a settlement holds tokens that are somebody's money. They are not there
    /// once more to be a lien: paying that would burn the liens of others.
    function test_BOOK_1__tokens_that_are_a_settlements_money__are_no_lien() public {
        _openUsual();
        Source evil = new Source();
        _give(intruder, a, LIEN_A);
        _openBy(evil, 0, address(a), _one(_line(b, LIEN_A, 0, 0)), intruder, LIEN_A);
        vm.startPrank(intruder);
        a.approve(address(settlements), LIEN_A);
        settlements.pay(address(evil), CLUB, 0, address(b), LIEN_A);
        vm.stopPrank();
        _expectShort(2 * uint256(LIEN_A), 3 * uint256(LIEN_A));
        _openBy(evil, 1, address(money), _one(_line(a, 1, LIEN_A, 0)), intruder, 1);
        vm.prank(intruder);
        settlements.withdrawTreasury(address(evil), CLUB, 0, intruder);
        assertEq(a.balanceOf(intruder), LIEN_A);
        // Everybody else pays and closes as ever.
        _payUp(a, FOREVER);
        _payUp(b, FOREVER);
        _assertBooks();
        _swap(a, b, 1000e2);
        _close();
        _pay(a, 0, 10e6);
    }

    /// @dev The same with what was prepaid in a loyalty token for a pool that never closes.
    function test_BOOK_1__tokens_that_were_prepaid__are_no_lien() public {
        Source evil = new Source();
        evil.charge(address(a), 500);
        _give(intruder, a, 500);
        vm.startPrank(intruder);
        a.approve(address(settlements), 500);
        settlements.prepay(evil, CLUB, address(a), 1, 500);
        vm.stopPrank();
        _expectShort(500, 1000);
        evil.open(settlements, "other", 0, address(money), dueAt, _one(_line(a, 1, 500, 0)), intruder, 1);
    }

    /// @dev A currency that anyone can burn of their own: it is in nobody's power to have settlements burn it.
    function test_BOOK_1__money_named_as_a_lien__is_not_burned() public {
        BurnableCurrency coin = new BurnableCurrency(6);
        coin.mint(till, 1000);
        vm.prank(till);
        coin.approve(address(settlements), 1000);
        _openBy(source, 0, address(coin), _one(_line(a, 1000, 0, 0)), treasury, 1000);
        _payUp(a, 600);
        Source evil = new Source();
        money.mint(intruder, 1);
        _expectShort(600, 1200);
        _openBy(evil, 0, address(money), _one(_line(ILoyaltyToken(address(coin)), 1, 600, 0)), intruder, 1);
        assertEq(_withdrawTreasury(till), 600);
    }

    function test_hostile_source__re_enters_while_it_prices__gets_nowhere() public {
        _openUsual();
        source.charge(address(money), 70);
        _scriptGuarded();
        vm.prank(till);
        assertEq(settlements.prepay(source, CLUB, address(a), 1, 70), 70);
        _assertAllGuarded();
        assertEq(_held(), 70);
        assertEq(settlements.prepaidOf(address(source), CLUB), 70);
    }

    function test_hostile_source__re_enters_while_it_is_told__gets_nowhere() public {
        _openUsual();
        _secure(a, 5000);
        _scriptGuarded();
        _payUp(a, 100);
        _assertAllGuarded();
        _assertBooks();
    }

    /// @dev Asked for a bond back, it may enforce or make up debts. The bond counts once all the same.
    function test_hostile_source__re_enters_while_a_bond_is_taken_back__counts_once() public {
        _openUsual();
        _secure(a, 1500);
        vm.warp(dueAt);
        source.script(
            address(settlements), abi.encodeCall(settlements.enforce, (address(source), CLUB, 0, address(a)))
        );
        source.script(
            address(settlements),
            abi.encodeCall(
                settlements.open, (CLUB, 9, address(money), dueAt, _one(_line(a, 1e9, 0, 0)), intruder, 1e9)
            )
        );
        source.script(
            address(settlements), abi.encodeCall(settlements.enforce, (address(source), CLUB, 9, address(a)))
        );
        _reclaim(a, address(source), CLUB, 500);
        assertFalse(source.outcomes(0));
        assertTrue(source.outcomes(1));
        assertFalse(source.outcomes(2));
        assertEq(_account(a).bond, 1000);
        assertEq(_allotted(a), LINE + 1000);
        assertEq(_enforce(a), 1000);
        assertEq(_allotted(a), LINE);
        _assertBooks();
    }

    /// @dev It stands in the way of its own pools' payments; what has come in goes out, and others' pools live.
    function test_hostile_source__refuses_to_be_told__blocks_its_own_pools_alone() public {
        _openUsual();
        _secure(a, 5000);
        _payUp(a, 700);
        _swap(a, b, 1000e2);
        _close();
        Source.Behaviour[2] memory ways = [Source.Behaviour.Reverts, Source.Behaviour.RevertBomb];
        money.mint(brand, 1);
        vm.startPrank(brand);
        money.approve(address(bonds), 1);
        bonds.deposit(address(a), PURSE, 1);
        vm.stopPrank();
        vm.warp(dueAt + PERIOD + PAYMENT);
        for (uint256 i = 0; i < ways.length; ++i) {
            source.behave(ways[i]);
            vm.expectRevert();
            _payUp(a, 1);
            vm.expectRevert();
            _enforce(a);
            vm.expectRevert();
            _reclaim(a, address(source), CLUB, 1);
            vm.expectRevert();
            vm.prank(brand);
            bonds.allot(address(a), PURSE, address(settlements), 1, abi.encode(source, CLUB));
            assertEq(_account(a).bond, 5000);
            assertEq(_account(a).unpaid, 300);
        }
        _pay(a, 0, 4e6);
        assertEq(settlements.enforce(address(swaps), pool, 0, address(a)), 6e6);
        assertEq(_withdraw(c, till), 464);
        assertEq(_withdrawTreasury(till), 48);
        // A lot of nothing is an answer.
        vm.prank(till);
        money.approve(address(settlements), FOREVER);
        source.behave(Source.Behaviour.ReturnBomb);
        _payUp(a, 1);
        assertEq(_enforce(a), 299);
    }

    /// @dev Without code it cannot be told, so that nothing can be paid to it.
    function test_hostile_source__without_code__is_not_paid() public {
        ISettlements.Line[] memory lines = _one(_line(a, 100, 0, 0));
        vm.prank(intruder);
        settlements.open(CLUB, 0, address(money), dueAt, lines, intruder, 100);
        uint256 purse = money.balanceOf(till);
        vm.expectRevert();
        vm.prank(till);
        settlements.pay(intruder, CLUB, 0, address(a), 100);
        vm.expectRevert();
        vm.prank(till);
        settlements.prepay(ISettlementSource(intruder), CLUB, address(a), 1, FOREVER);
        assertEq(money.balanceOf(till), purse);
    }

    function test_hostile_source__prices_in_several_currencies__reverts() public {
        Currency other = new Currency(6);
        other.mint(till, 100);
        vm.startPrank(till);
        other.approve(address(settlements), 100);
        source.charge(address(money), 70);
        settlements.prepay(source, CLUB, address(a), 1, 70);
        source.charge(address(other), 5);
        bytes memory reason = abi.encodeWithSelector(
            ISettlements.Settlements_OtherCurrency.selector, address(money), address(other)
        );
        vm.expectRevert(reason);
        settlements.prepay(source, CLUB, address(a), 1, 70);
        vm.stopPrank();
        vm.expectRevert(reason);
        _openBy(source, 0, address(other), new ISettlements.Line[](0), treasury, 70);
        _openBy(source, 0, address(money), new ISettlements.Line[](0), treasury, 70);
        // With the old one used up, the pool may go on in another.
        vm.prank(till);
        settlements.prepay(source, CLUB, address(a), 1, 70);
        _openBy(source, 1, address(other), new ISettlements.Line[](0), treasury, 5);
        assertEq(_withdrawTreasury(till), 70);
        vm.prank(treasury);
        assertEq(settlements.withdrawTreasury(address(source), CLUB, 1, till), 5);
    }

    function test_hostile_source__prices_beyond_96_bits_or_at_nothing__reverts() public {
        money.mint(till, 1e30);
        source.charge(address(money), uint256(type(uint96).max) + 1);
        vm.expectRevert();
        vm.prank(till);
        settlements.prepay(source, CLUB, address(a), 1, FOREVER);
        source.charge(address(money), 0);
        _expect(ISettlements.Settlements_ZeroValue.selector);
        vm.prank(till);
        settlements.prepay(source, CLUB, address(a), 1, FOREVER);
    }

    /// @dev A debt in another currency than the token's: the bond does not answer for it, and what it is paid
    /// in is all that its claimants get.
    function test_hostile_source__another_currency_than_the_tokens__cannot_reach_bond_or_holders() public {
        Currency other = new Currency(6);
        other.mint(till, 1000);
        vm.prank(till);
        other.approve(address(settlements), 1000);
        _secure(a, 5000);
        _leaveShort(c, 100);
        ISettlements.Line[] memory lines = new ISettlements.Line[](3);
        lines[0] = _line(a, 1000, 0, 0);
        lines[1] = _line(c, 0, 0, 600);
        lines[2] = _line(d, 0, 0, 400);
        _openBy(source, 0, address(other), lines, address(0), 0);
        vm.warp(dueAt);
        _expect(IBonds.Bonds_ZeroValue.selector);
        _enforce(a);
        assertEq(_account(a).bond, 5000);
        assertEq(_allotted(a), LINE + 5000);
        assertEq(_payUp(a, FOREVER), 1000);
        // Money of C's own currency, of other settlements, lies here meanwhile.
        money.mint(address(settlements), 1e9);
        vm.expectRevert();
        _withdraw(c, till);
        vm.expectRevert();
        _fill(c);
        assertEq(_withdraw(d, third), 400);
        assertEq(other.balanceOf(third), 400);
        assertEq(other.balanceOf(address(settlements)), 600);
        assertEq(_held(), 1e9);
    }

    // --------------------------------------------------------------- helpers

    function _guarded() private view returns (bytes[] memory calls) {
        calls = new bytes[](7);
        calls[0] = abi.encodeCall(settlements.pay, (address(source), CLUB, 0, address(a), 50));
        calls[1] = abi.encodeCall(settlements.enforce, (address(source), CLUB, 0, address(a)));
        calls[2] = abi.encodeCall(
            settlements.prepay, (ISettlementSource(address(swaps)), pool, address(a), 1e2, FOREVER)
        );
        calls[3] = abi.encodeCall(settlements.withdraw, (address(source), CLUB, 0, address(c), till));
        calls[4] = abi.encodeCall(settlements.fillHolders, (address(source), CLUB, 0, address(c)));
        calls[5] = abi.encodeCall(settlements.withdrawTreasury, (address(source), CLUB, 0, till));
        calls[6] = abi.encodeCall(
            settlements.open, (CLUB, 9, address(money), dueAt, new ISettlements.Line[](0), address(0), 0)
        );
    }

    function _scriptGuarded() private {
        bytes[] memory guarded = _guarded();
        for (uint256 i = 0; i < guarded.length; ++i) {
            source.script(address(settlements), guarded[i]);
        }
    }

    function _assertAllGuarded() private view {
        for (uint256 i = 0; i < 7; ++i) {
            _assertGuarded(source.outcomes(i), source.reasons(i));
        }
    }

    function _assertGuarded(bool outcome, bytes memory reason) private pure {
        assertFalse(outcome, "re-entered");
        assertEq(
            reason, abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
    }

    function _expectShort(uint256 held, uint256 needed) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlements.Settlements_ShortPayment.selector, held, needed));
    }

    function _expectWrongPayment(uint256 before, uint256 left, uint256 value) private {
        vm.expectRevert(
            abi.encodeWithSelector(ISettlements.Settlements_WrongPayment.selector, before, left, value)
        );
    }
}
