// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IDefaults } from "../../contracts/interfaces/IDefaults.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { AllotmentModule } from "./utils/AllotmentModules.sol";
import { DefaultTest } from "./utils/DefaultTest.sol";

/// @notice BOND-2 between a brand and its holders: grounds, what stops, sharing, cure.
contract DefaultsTest is DefaultTest {
    address internal other = makeAddr("other");

    // --------------------------------------------------------------- grounds

    function test_declare__short_past_cure__from_the_second_on() public {
        _setRatio(a, 10_000);
        bonds.flagShortfall(address(a));
        vm.warp(bonds.cureByOf(address(a)) - 1);
        _expectNoGrounds(a);
        bonds.declareDefault(address(a));
        skip(1);
        vm.expectEmit(address(bonds));
        emit IDefaults.DefaultDeclared(address(a), 1, 0, a.totalSupply() + a.totalQuota());
        vm.prank(intruder);
        bonds.declareDefault(address(a));
        assertTrue(bonds.isInDefault(address(a)));
        assertTrue(obligations.isInDefault(address(a)));
        assertEq(_default(a).declaredAt, block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_InDefault.selector, address(a)));
        bonds.declareDefault(address(a));
    }

    function test_declare__short_and_never_flagged__reverts() public {
        _setRatio(a, 10_000);
        skip(365 days);
        _expectNoGrounds(a);
        bonds.declareDefault(address(a));
    }

    function test_declare__made_good_in_time__reverts() public {
        _neglect(a);
        vm.startPrank(brand);
        a.returnQuota(uint96(a.quotaOf(brand)));
        vm.stopPrank();
        // Short by a unit, it is no less in default; whole, it is none.
        uint256 required = bonds.requiredOf(address(a));
        _deposit(a, HOLDERS, required - 1);
        uint256 snapshot = vm.snapshotState();
        _declare(a);
        assertTrue(bonds.isInDefault(address(a)));
        vm.revertToState(snapshot);
        _deposit(a, HOLDERS, 1);
        _expectNoGrounds(a);
        bonds.declareDefault(address(a));
    }

    function test_declare__token_that_is_none__reverts() public {
        _expectNoGrounds(ILoyaltyToken(intruder));
        bonds.declareDefault(intruder);
    }

    function test_declare__alliance_does_not_list_the_bonds__reverts() public {
        _neglect(a);
        _list(IBrandRegistry.List.Bonds, address(bonds), false);
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NotBonds.selector, address(a), address(bonds)
            )
        );
        bonds.declareDefault(address(a));
    }

    function test_setInDefault__by_who_is_no_bonds__reverts() public {
        bytes memory refusal = abi.encodeWithSelector(
            IObligationRegistry.ObligationRegistry_NotBonds.selector, address(a), intruder
        );
        vm.startPrank(intruder);
        vm.expectRevert(refusal);
        obligations.setInDefault(address(a), true);
        vm.expectRevert(refusal);
        obligations.setInDefault(address(a), false);
        vm.stopPrank();
        _fail(a);
        vm.prank(intruder);
        vm.expectRevert(refusal);
        obligations.setInDefault(address(a), false);
        // Other bonds that are listed can neither begin it again nor end it.
        _list(IBrandRegistry.List.Bonds, intruder, true);
        vm.startPrank(intruder);
        vm.expectRevert(refusal);
        obligations.setInDefault(address(a), true);
        vm.expectRevert(refusal);
        obligations.setInDefault(address(a), false);
        vm.stopPrank();
    }

    function test_report__by_a_module_the_brand_never_used__reverts() public {
        AllotmentModule liar = new AllotmentModule();
        _list(IBrandRegistry.List.Module, address(liar), true);
        vm.startPrank(address(liar));
        vm.expectRevert(
            abi.encodeWithSelector(IDefaults.Defaults_NotTrusted.selector, address(a), address(liar))
        );
        bonds.report(address(a), "debt");
        vm.stopPrank();
        // An allotment for compensations is no leave to say that a debt is unpaid.
        _deposit(a, COMPENSATION, 1);
        vm.prank(brand);
        bonds.allot(address(a), COMPENSATION, address(liar), 1, "");
        assertFalse(bonds.mayReport(address(a), address(liar)));
        vm.prank(address(liar));
        vm.expectRevert(
            abi.encodeWithSelector(IDefaults.Defaults_NotTrusted.selector, address(a), address(liar))
        );
        bonds.report(address(a), "debt");
        _expectNoGrounds(a);
        bonds.declareDefault(address(a));
    }

    function test_report__counted_once_each_and_withdrawn() public {
        address module_ = address(settlements);
        assertTrue(bonds.mayReport(address(a), module_));
        vm.startPrank(module_);
        bonds.report(address(a), "first");
        vm.expectRevert(
            abi.encodeWithSelector(
                IDefaults.Defaults_AlreadyReported.selector, address(a), module_, bytes32("first")
            )
        );
        bonds.report(address(a), "first");
        bonds.report(address(a), "second");
        assertEq(_default(a).reports, 2);
        bonds.withdrawReport(address(a), "first");
        vm.expectRevert(
            abi.encodeWithSelector(
                IDefaults.Defaults_NotReported.selector, address(a), module_, bytes32("first")
            )
        );
        bonds.withdrawReport(address(a), "first");
        vm.expectRevert(
            abi.encodeWithSelector(
                IDefaults.Defaults_NotReported.selector, address(b), module_, bytes32("second")
            )
        );
        bonds.withdrawReport(address(b), "second");
        vm.stopPrank();
        _declare(a);
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_Unpaid.selector, address(a), 1));
        bonds.cureDefault(address(a));
        vm.prank(module_);
        bonds.withdrawReport(address(a), "second");
        bonds.cureDefault(address(a));
        assertFalse(bonds.isInDefault(address(a)));
    }

    // ------------------------------------------------------------ what stops

    function test_declare__minting_stops_at_once__and_all_else_goes_on() public {
        _neglect(a);
        _declare(a);
        assertTrue(a.mintStopped());
        obligations.syncMintStop(address(a));
        assertTrue(a.mintStopped());
        vm.startPrank(brand);
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        a.mint(brand, 1);
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        a.grantQuota(manager, 1);
        vm.stopPrank();
        vm.startPrank(member);
        a.transfer(other, 5);
        a.burn(5);
        vm.stopPrank();
        assertEq(a.balanceOf(other), 5);
        // In pools it is stopped by a call that anybody can make.
        swaps.syncSuspension(pool, address(a));
        assertTrue(_position(a).suspended);
    }

    /// @dev Else a brand could lower what it takes to be cured, a notice later.
    function test_declare__what_was_announced_for_the_worse__lapses_and_is_refused() public {
        _setRatio(a, 10_000);
        bonds.flagShortfall(address(a));
        skip(CURE - 1 days);
        _setRatio(a, 0);
        vm.startPrank(brand);
        obligations.setCapacity(address(a), type(uint96).max - 1);
        obligations.setCapacity(address(a), type(uint96).max);
        vm.stopPrank();
        skip(1 days);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.TermsWithdrawn(address(a), 3);
        vm.expectEmit(address(obligations));
        emit IObligationRegistry.CapacityRaiseWithdrawn(address(a), type(uint96).max);
        _declare(a);
        skip(NOTICE);
        assertEq(obligations.bondRatioOf(address(a)), 10_000);
        IObligationRegistry.Terms memory worse = obligations.obligationOf(address(a)).terms;
        worse.bondBps = 9999;
        bytes memory refusal =
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_InDefault.selector, address(a));
        vm.startPrank(brand);
        vm.expectRevert(refusal);
        obligations.setTerms(address(a), worse);
        vm.expectRevert(refusal);
        obligations.setCapacity(address(a), type(uint96).max);
        // Better is always possible.
        worse.bondBps = 10_000;
        worse.noticePeriod += 1;
        obligations.setTerms(address(a), worse);
        vm.stopPrank();
    }

    function test_declare__brand_gets_nothing_back() public {
        _deposit(a, PURSE, 100);
        _deposit(a, COMPENSATION, 100);
        vm.startPrank(brand);
        bonds.announceWithdrawal(address(a), PURSE, 100);
        bonds.announceWithdrawal(address(a), COMPENSATION, 100);
        vm.stopPrank();
        _neglect(a);
        vm.expectEmit(address(bonds));
        emit IBonds.WithdrawalCancelled(address(a), PURSE);
        vm.expectEmit(address(bonds));
        emit IBonds.WithdrawalCancelled(address(a), COMPENSATION);
        _declare(a);
        bytes memory refusal = abi.encodeWithSelector(IDefaults.Defaults_InDefault.selector, address(a));
        vm.startPrank(brand);
        vm.expectRevert(refusal);
        bonds.withdraw(address(a), PURSE, brand);
        vm.expectRevert(refusal);
        bonds.announceWithdrawal(address(a), HOLDERS, 1);
        vm.expectRevert(refusal);
        bonds.allot(address(a), COMPENSATION, address(settlements), 1, "");
        vm.stopPrank();
        assertEq(bonds.purseOf(address(a), PURSE).withdrawal, 0);
        assertEq(bonds.purseOf(address(a), COMPENSATION).withdrawableAt, 0);
        assertEq(money.balanceOf(brand), 0);
        // Another brand has nothing to do with it.
        _deposit(b, COMPENSATION, 1);
        vm.prank(partner);
        bonds.announceWithdrawal(address(b), COMPENSATION, 1);
    }

    function test_gather__what_nobody_was_promised__by_anybody() public {
        AllotmentModule payer = new AllotmentModule();
        _list(IBrandRegistry.List.Module, address(payer), true);
        _deposit(a, COMPENSATION, 1000);
        vm.prank(brand);
        bonds.allot(address(a), COMPENSATION, address(payer), 700, "");
        vm.startPrank(intruder);
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_NotInDefault.selector, address(a)));
        bonds.gather(address(a), COMPENSATION);
        _expectNotAuthorized(brandId, intruder);
        bonds.reclaim(address(a), COMPENSATION, address(payer), 1, "");
        vm.stopPrank();
        _fail(a);
        payer.promise_(address(a), COMPENSATION, 500);
        vm.startPrank(intruder);
        vm.expectRevert();
        bonds.reclaim(address(a), COMPENSATION, address(payer), 201, "");
        bonds.reclaim(address(a), COMPENSATION, address(payer), 200, "");
        assertEq(bonds.gather(address(a), COMPENSATION), 500);
        _expect(IBonds.Bonds_ZeroValue.selector);
        bonds.gather(address(a), COMPENSATION);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_NotAllottable.selector, HOLDERS));
        bonds.gather(address(a), HOLDERS);
        // What was laid down for a pool's debts is free where nothing is owed.
        bonds.reclaim(address(a), PURSE, address(settlements), LINE, abi.encode(swaps, pool));
        assertEq(bonds.gather(address(a), PURSE), LINE);
        vm.stopPrank();
        _assertPot(a, LINE + 500);
        // What was promised is still paid.
        payer.draw(bonds, address(a), COMPENSATION, member, 500);
        assertEq(_owed(member), 500);
    }

    // ------------------------------------------------------------------ base

    function test_base__stopped_quotas_and_what_the_brand_provided__can_go() public {
        _neglect(a);
        vm.expectRevert(
            abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotInDefault.selector, address(a))
        );
        obligations.revokeQuota(address(a), brand);
        _expectSwapsNotInDefault();
        swaps.burnProvided(pool, address(a));
        _swap(a, b, 7e2);
        _swap(b, a, 3e18);
        int256 net = _position(a).net;
        assertLt(net, 0);
        _declare(a);
        uint256 base = _default(a).base;
        assertEq(base, a.totalSupply() + a.totalQuota());
        vm.startPrank(intruder);
        assertEq(obligations.revokeQuota(address(a), brand), type(uint96).max / 2 - 1_500_000e2);
        assertEq(swaps.burnProvided(pool, address(a)), 500_000e2 - uint256(-net));
        vm.stopPrank();
        assertEq(_default(a).base, a.totalSupply());
        assertEq(a.totalSupply(), 1_000_000e2 + uint256(-net));
        // The period ends in order: what members took came out of what was provided.
        _close();
        assertEq(_position(a).provided, 0);
    }

    function test_revokeQuota__of_a_module__reverts() public {
        vm.prank(brand);
        a.grantQuotaAndCall(address(module), 100, "");
        _neglect(a);
        _declare(a);
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_IsModule.selector, address(module)));
        obligations.revokeQuota(address(a), address(module));
        _clean(a);
        // Promised tokens share, before and after they are minted.
        uint256 base = _default(a).base;
        assertEq(base, a.totalSupply() + 100);
        module.mint(a, other, 60);
        assertEq(_default(a).base, base);
        _deposit(a, HOLDERS, 1000e6);
        _cashOut(other, a, 60);
        assertEq(_owed(other), uint256(60) * 1000e6 / base);
        assertEq(_default(a).base, base);
    }

    // --------------------------------------------------------------- sharing

    function test_BOND_2__a_quarter_is_there__everybody_gets_a_quarter() public {
        _deposit(a, HOLDERS, 2500e6);
        _fail(a);
        assertEq(_default(a).base, 1_000_000e2); // worth 10,000 dollars
        _cashOut(member, a, 600_000e2);
        assertEq(_owed(member), 1500e6);
        assertEq(_default(a).paid, 1500e6);
        assertEq(_default(a).handedIn, 600_000e2);
        _assertPot(a, 2500e6);
        bonds.collect(address(money), member);
        assertEq(money.balanceOf(member), 1500e6);
        vm.expectRevert(
            abi.encodeWithSelector(IDefaults.Defaults_NothingToPay.selector, address(a), member, bytes32(0))
        );
        bonds.payShare(address(a), 1, member);
    }

    /// @dev The first gain nothing by being first, and the last lose nothing.
    function test_BOND_2__attack__run_on_the_pot__gains_nothing() public {
        _deposit(a, HOLDERS, 1000e6);
        _fail(a);
        vm.prank(member);
        a.transfer(intruder, 900_000e2);
        _cashOut(intruder, a, 900_000e2);
        assertEq(_owed(intruder), 900e6);
        _cashOut(member, a, 100_000e2);
        assertEq(_owed(member), 100e6);
        assertEq(_held(a, HOLDERS), 0);
    }

    function test_BOND_2__late_inflow__is_everybodys() public {
        _fail(a);
        vm.prank(member);
        a.transfer(other, 250_000e2);
        // Nothing is there yet: what is handed in now shares in what comes.
        _cashOut(other, a, 250_000e2);
        assertEq(_owed(other), 0);
        _deposit(a, HOLDERS, 400e6);
        assertEq(bonds.payableShareOf(address(a), 1, other, 0), 100e6);
        vm.prank(intruder);
        assertEq(bonds.payShare(address(a), 1, other), 100e6);
        _cashOut(member, a, 750_000e2);
        assertEq(_owed(member), 300e6);
        _deposit(a, HOLDERS, 40e6);
        bonds.payShare(address(a), 1, member);
        bonds.payShare(address(a), 1, other);
        assertEq(_owed(member), 330e6);
        assertEq(_owed(other), 110e6);
    }

    function test_BOND_2__redeemed_meanwhile__leaves_more_for_the_others() public {
        _deposit(a, HOLDERS, 1000e6);
        _fail(a);
        vm.prank(member);
        a.transfer(other, 500_000e2);
        _cashOut(other, a, 500_000e2);
        assertEq(_owed(other), 500e6);
        vm.prank(member);
        a.burn(250_000e2); // as redeeming does
        bonds.payShare(address(a), 1, other);
        assertEq(_owed(other), uint256(1000e6) * 500_000 / 750_000);
    }

    function test_BOND_2__more_than_par_is_there__nobody_gets_more_than_par() public {
        _deposit(a, HOLDERS, 50_000e6);
        vm.prank(address(settlements));
        bonds.report(address(a), "debt");
        _declare(a);
        _clean(a);
        _cashOut(member, a, 1);
        assertEq(_owed(member), 100);
        _cashOut(member, a, 1_000_000e2 - 1);
        assertEq(_owed(member), 10_000e6);
        // What is above stays until the brand has paid what it owes, and then it is its own again.
        assertEq(_held(a, HOLDERS), 40_000e6);
        vm.prank(address(settlements));
        bonds.withdrawReport(address(a), "debt");
        bonds.cureDefault(address(a));
        vm.startPrank(brand);
        bonds.announceWithdrawal(address(a), HOLDERS, 40_000e6);
        skip(NOTICE);
        assertEq(bonds.withdraw(address(a), HOLDERS, brand), 40_000e6);
        vm.stopPrank();
    }

    function test_handIn__not_in_default__reverts() public {
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_NotInDefault.selector, address(a)));
        a.transferAndCall(address(bonds), 1, "");
        // Nor by who is no token.
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_NotInDefault.selector, address(this)));
        (bool done,) = address(bonds)
            .call(
                abi.encodeWithSignature(
                    "onTransferReceived(address,address,uint256,bytes)", intruder, intruder, 1, ""
                )
            );
        assertTrue(done);
    }

    /// @dev What is merely sent is handed in by nobody.
    function test_BOND_2__attack__donations__change_no_share() public {
        _deposit(a, HOLDERS, 1000e6);
        _fail(a);
        money.mint(address(bonds), 1e12);
        vm.prank(member);
        a.transfer(address(bonds), 500_000e2);
        assertEq(_default(a).pot, 1000e6);
        assertEq(_default(a).base, 1_000_000e2);
        _cashOut(member, a, 500_000e2);
        assertEq(_owed(member), 500e6);
    }

    /// @dev Whatever the decimals, worth, pot, inflows and burns: handed in in any order and in any pieces, each
    /// has got the same to the last unit, nobody more than par, and all together no more than there is.
    function testFuzz_BOND_2__any_order__same_totals(
        uint256 seed,
        uint8 decimals_,
        uint96 par,
        uint96[4] memory held,
        uint96[3] memory inflows
    ) public {
        Story memory story = _begin(seed, decimals_, par, held, inflows);
        uint256 snapshot = vm.snapshotState();
        for (uint256 run = 0; run < 3; ++run) {
            _play(story, uint256(keccak256(abi.encode(seed, run))));
            uint256 paid = 0;
            for (uint256 i = 0; i < 4; ++i) {
                uint256 mine = _owed(_holder(i));
                paid += mine;
                assertLe(mine, obligations.valueDown(address(story.t), held[i]), "BOND-2: more than par");
                if (run == 0) story.got[i] = mine;
                assertEq(mine, story.got[i], "BOND-2: the order of arrival matters");
            }
            _assertPot(story.t, story.pots[0] + story.pots[1] + story.pots[2]);
            assertEq(paid, _default(story.t).paid);
            if (run != 2) vm.revertToState(snapshot);
        }
    }

    struct Story {
        ILoyaltyToken t;
        uint96[4] held;
        uint256[3] pots;
        uint256[4] got;
    }

    function _begin(
        uint256 seed,
        uint8 decimals_,
        uint96 par,
        uint96[4] memory held,
        uint96[3] memory inflows
    ) private returns (Story memory story) {
        ILoyaltyToken t = _tokenOf(
            third, thirdId, "FZZ", uint8(bound(decimals_, 0, 18)), uint96(bound(par, 1, type(uint80).max))
        );
        uint256 total = 0;
        for (uint256 i = 0; i < 4; ++i) {
            held[i] = uint96(bound(held[i], i == 0 ? 1 : 0, seed & 1 == 0 ? 99 : type(uint88).max));
            _give(_holder(i), t, held[i]);
            total += held[i];
        }
        // Between nothing and somewhat above par.
        uint256 worth = obligations.valueDown(address(t), total);
        (story.t, story.held) = (t, held);
        for (uint256 i = 0; i < 3; ++i) {
            story.pots[i] = bound(inflows[i], 0, Math.min(worth / 2 + 3, type(uint120).max));
        }
        _trustSettlements(t);
        vm.prank(address(settlements));
        bonds.report(address(t), "debt");
        if (story.pots[0] != 0) _deposit(t, HOLDERS, story.pots[0]);
        _declare(t);
        obligations.revokeQuota(address(t), third);
    }

    /// @dev Each hands in all it has, in two pieces; the last burns a third before. Money comes in meanwhile.
    function _play(Story memory story, uint256 seed) private {
        uint256[10] memory acts = _shuffled(seed);
        for (uint256 i = 0; i < 10; ++i) {
            uint256 act = acts[i];
            if (act < 8) _handInSome(story, act / 2, seed % 7);
            else if (story.pots[act - 7] != 0) _deposit(story.t, HOLDERS, story.pots[act - 7]);
            if (seed >> (i + 20) & 1 == 1) _fetch(story.t, _holder(i % 4));
        }
        for (uint256 i = 0; i < 4; ++i) {
            uint256 left = story.t.balanceOf(_holder(i));
            if (left != 0) _cashOut(_holder(i), story.t, left);
        }
        for (uint256 i = 0; i < 4; ++i) {
            _fetch(story.t, _holder(i));
        }
    }

    function _handInSome(Story memory story, uint256 who, uint256 sevenths) private {
        uint256 held = story.held[who];
        if (story.t.balanceOf(_holder(who)) == held) {
            uint256 burned = who == 3 ? held / 3 : 0;
            if (burned != 0) {
                vm.prank(_holder(who));
                story.t.burn(burned);
            }
            held = (held - burned) * sevenths / 7;
        } else {
            held = story.t.balanceOf(_holder(who));
        }
        if (held != 0) _cashOut(_holder(who), story.t, held);
    }

    function _fetch(ILoyaltyToken t, address holder) private {
        if (bonds.payableShareOf(address(t), 1, holder, 0) != 0) bonds.payShare(address(t), 1, holder);
    }

    function _shuffled(uint256 seed) private pure returns (uint256[10] memory acts) {
        for (uint256 i = 0; i < 10; ++i) {
            acts[i] = i;
        }
        for (uint256 i = 9; i > 0; --i) {
            uint256 j = uint256(keccak256(abi.encode(seed, i))) % (i + 1);
            (acts[i], acts[j]) = (acts[j], acts[i]);
        }
    }

    function _holder(uint256 i) private pure returns (address) {
        return address(uint160(0xbeef00 + i));
    }

    /// @dev A unit, so that the settlements may report.
    function _trustSettlements(ILoyaltyToken t) private {
        _deposit(t, PURSE, 1);
        vm.prank(third);
        bonds.allot(address(t), PURSE, address(settlements), 1, abi.encode(swaps, pool));
    }

    // ------------------------------------------------------------------ cure

    /// @dev A cure gives everybody the same, those who handed in before too.
    function test_cure__deposit_that_makes_it_whole__ends_it_at_once() public {
        _fail(a);
        _cashOut(member, a, 400_000e2);
        _deposit(a, HOLDERS, 1000e6);
        bonds.payShare(address(a), 1, member);
        assertEq(_owed(member), 400e6);
        // Of a million, worth 10,000 dollars, 400 were paid and 600 are there.
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_StillShort.selector, address(a), 600e6, 9600e6));
        bonds.cureDefault(address(a));
        _deposit(a, HOLDERS, 9000e6 - 1);
        assertTrue(bonds.isInDefault(address(a)));
        _deposit(a, HOLDERS, 1);
        assertFalse(bonds.isInDefault(address(a)));
        assertFalse(obligations.isInDefault(address(a)));
        assertFalse(a.mintStopped());
        assertEq(bonds.cureByOf(address(a)), 0);
        // What was handed in stays handed in; its part is set aside, and the rest covers the rest.
        assertEq(_held(a, HOLDERS), 6000e6);
        assertEq(bonds.requiredOf(address(a)), 6000e6);
        assertEq(bonds.shareOf(address(a), 1, member, 0).handedIn, 400_000e2);
        skip(365 days);
        assertEq(bonds.payShare(address(a), 1, member), 3600e6);
        assertEq(_held(a, HOLDERS), 6000e6);
        vm.prank(brand);
        a.grantQuota(brand, 1);
    }

    function test_cure__then_again__is_another_round() public {
        _deposit(a, HOLDERS, 1000e6);
        _fail(a);
        _cashOut(member, a, 500_000e2);
        _deposit(a, HOLDERS, 9000e6);
        assertFalse(bonds.isInDefault(address(a)));
        // Whole, and now something is owed.
        vm.prank(address(settlements));
        bonds.report(address(a), "debt");
        _declare(a);
        IDefaults.Default memory second = _default(a);
        assertEq(second.round, 2);
        assertEq(second.pot, 5000e6);
        assertEq(second.paid, 0);
        assertEq(second.base, 500_000e2);
        assertEq(second.handedIn, 0);
        assertEq(bonds.shareOf(address(a), 2, member, 0).handedIn, 0);
        _cashOut(member, a, 500_000e2);
        assertEq(_owed(member), 500e6 + 5000e6);
        // What the first set aside is no part of the second, and still there.
        assertEq(bonds.payShare(address(a), 1, member), 4500e6);
        bonds.collect(address(money), member);
        assertEq(money.balanceOf(member), 10_000e6);
    }

    /// @dev With nothing outstanding any more, what comes late is still the holders'.
    function test_attack__all_have_handed_in__brand_cannot_shake_them_off() public {
        _deposit(a, HOLDERS, 1000e6);
        _fail(a);
        _cashOut(member, a, 1_000_000e2);
        assertEq(a.totalSupply(), 0);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_StillShort.selector, address(a), 0, 9000e6));
        bonds.cureDefault(address(a));
        _deposit(a, HOLDERS, 500e6);
        assertTrue(bonds.isInDefault(address(a)));
        bonds.payShare(address(a), 1, member);
        assertEq(_owed(member), 1500e6);
    }

    function test_cure__not_in_default__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_NotInDefault.selector, address(a)));
        bonds.cureDefault(address(a));
    }

    function test_cure__suspended_meanwhile__stays_stopped() public {
        _neglect(a);
        _declare(a);
        _suspend();
        _clean(a);
        _deposit(a, HOLDERS, 10_000e6);
        assertFalse(bonds.isInDefault(address(a)));
        assertTrue(a.mintStopped());
    }

    /// @dev When a wind-down has ended nothing is required any more: the default is over, and what is left goes
    /// back after notice, as from any brand that left.
    function test_windDown__ends_during_a_default__what_is_left_goes_back() public {
        _deposit(a, HOLDERS, 1000e6);
        _fail(a);
        vm.prank(brand);
        obligations.announceWindDown(address(a));
        _cashOut(member, a, 300_000e2);
        vm.warp(obligations.windDownEndOf(address(a)) - 1);
        vm.expectRevert(abi.encodeWithSelector(IBonds.Bonds_StillShort.selector, address(a), 700e6, 9700e6));
        bonds.cureDefault(address(a));
        skip(1);
        bonds.cureDefault(address(a));
        assertTrue(a.mintStopped());
        vm.startPrank(brand);
        bonds.announceWithdrawal(address(a), HOLDERS, 700e6);
        skip(NOTICE);
        assertEq(bonds.withdraw(address(a), HOLDERS, brand), 700e6);
        vm.stopPrank();
    }

    // --------------------------------------------------------------- helpers

    function _expectNoGrounds(ILoyaltyToken token_) private {
        vm.expectRevert(abi.encodeWithSelector(IDefaults.Defaults_NoGrounds.selector, address(token_)));
    }

    function _expectSwapsNotInDefault() private {
        vm.expectRevert(abi.encodeWithSignature("Swaps_NotInDefault(address)", address(a)));
    }
}
