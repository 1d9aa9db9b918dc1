// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { SwapTest } from "./utils/SwapTest.sol";

contract SwapsTest is SwapTest {
    string private constant REQUEST_TYPE =
        "SwapRequest(bytes32 pool,address tokenOut,uint256 amountOut,bool exactOut,address to)";

    // ---------------------------------------------------------------- prices

    function test_swap__first__costs_base_fee_and_half_the_slope_it_climbs() public {
        // 1,000.00 of A is worth 10 dollars; the ceiling is 10,000 dollars, which is a million A.
        uint256 out = _swap(a, b, 1000e2);
        uint256 climbed = uint256(FEE_SLOPE) * 1000 / 1_000_000 / 2;
        uint256 kept = 1_000_000 - BASE_FEE - climbed;
        assertEq(out, 1000e2 * uint256(PAR_A) * 1e16 * kept / 1e6 / PAR_B);
        assertEq(_position(a).net, 1000e2);
        assertEq(_position(b).net, -int256(out));
        _assertStock();
    }

    function test_swap__gives_what_is_quoted_and_takes_what_was_named() public {
        uint256 quoted = swaps.quoteOut(pool, address(a), address(b), 12_345);
        uint256 before = a.balanceOf(member);
        assertEq(_swap(a, b, 12_345), quoted);
        assertEq(before - a.balanceOf(member), 12_345);
    }

    function test_swap__exact_out__gives_that_and_takes_the_least() public {
        uint256 quoted = swaps.quoteIn(pool, address(a), address(b), 3e18);
        assertLt(swaps.quoteOut(pool, address(a), address(b), quoted - 1), 3e18);
        assertGe(swaps.quoteOut(pool, address(a), address(b), quoted), 3e18);
        ISwaps.Swap memory order = _exactOut(a, b, 3e18, quoted);
        (uint256 beforeA, uint256 beforeB) = (a.balanceOf(member), b.balanceOf(member));
        vm.prank(member);
        (uint256 amountIn, uint256 amountOut) = swaps.swap(order);
        assertEq(amountIn, quoted);
        assertEq(amountOut, 3e18);
        assertEq(beforeA - a.balanceOf(member), quoted);
        assertEq(b.balanceOf(member) - beforeB, 3e18);
    }

    function test_swap__into_whole_tokens__rounds_down() public {
        // 7 dollars are 700.00 of A: what is short of a whole token of C gives none.
        uint256 enough = swaps.quoteIn(pool, address(a), address(c), 1);
        _expect(ISwaps.Swaps_ZeroAmount.selector);
        _swap(a, c, enough - 1);
        assertEq(_swap(a, c, enough), 1);
    }

    function testFuzz_swap__there_and_back__never_profits(uint256 first, uint256 other, uint256 third_)
        public
    {
        _wander(other);
        ILoyaltyToken tokenIn = _all()[first % 3];
        ILoyaltyToken tokenOut = _all()[(first % 3 + 1 + third_ % 2) % 3];
        uint256 amount = bound(first, 1, tokenIn.balanceOf(member) / 4);
        uint256 before = tokenIn.balanceOf(member);
        vm.startPrank(member);
        try swaps.swap(_order(tokenIn, tokenOut, amount)) returns (uint256, uint256 out) {
            try swaps.swap(_order(tokenOut, tokenIn, out)) { } catch { } // too little for a unit: keeps it
            assertLe(tokenIn.balanceOf(member), before, "SWAP-1: a round trip gained");
        } catch { }
        assertGe(_feesSoFar(), 0, "SETTLE-1: less came in than went out");
        _assertStock();
    }

    /// @notice What comes in at par, less what goes out, stays in the pool, to the last part of a unit.
    function testFuzz_swap__neither_creates_nor_destroys_worth(uint256 seed) public {
        for (uint256 i = 0; i < 6; ++i) {
            int256 before = _feesSoFar();
            (uint256 worthIn, uint256 worthOut) = _wander(uint256(keccak256(abi.encode(seed, i))));
            assertGe(worthIn, worthOut, "SWAP-1: more went out than came in");
            assertEq(_feesSoFar() - before, int256(worthIn - worthOut), "SWAP-1: worth got lost");
        }
        _assertStock();
    }

    /// @notice Bringing a swap forward, and back afterwards, only pays its fees.
    function test_attack__sandwich__costs_the_one_who_tries() public {
        uint256 quoted = swaps.quoteOut(pool, address(a), address(b), 10_000e2);
        _give(intruder, a, 100_000e2);
        vm.startPrank(intruder);
        a.approve(address(swaps), type(uint256).max);
        b.approve(address(swaps), type(uint256).max);
        ISwaps.Swap memory order = _order(a, b, 100_000e2);
        order.to = intruder;
        (, uint256 taken) = swaps.swap(order);
        vm.stopPrank();

        // The member named the least: it gets that or keeps its tokens.
        ISwaps.Swap memory mine = _order(a, b, 10_000e2);
        mine.amountOut = quoted;
        vm.prank(member);
        vm.expectPartialRevert(ISwaps.Swaps_TooLittleOut.selector);
        swaps.swap(mine);
        _swap(a, b, 10_000e2);

        order = _order(b, a, taken);
        order.to = intruder;
        vm.prank(intruder);
        swaps.swap(order);
        assertLt(a.balanceOf(intruder), 100_000e2, "SWAP-1: a sandwich pays");
    }

    // ------------------------------------------------------- what was named

    function test_swap__below_the_least_or_above_the_most__reverts() public {
        uint256 out = swaps.quoteOut(pool, address(a), address(b), 100e2);
        ISwaps.Swap memory order = _order(a, b, 100e2);
        order.amountOut = out + 1;
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_TooLittleOut.selector, out, out + 1));
        swaps.swap(order);
        uint256 cost = swaps.quoteIn(pool, address(a), address(b), out);
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_TooMuchIn.selector, cost, cost - 1));
        swaps.swap(_exactOut(a, b, out, cost - 1));
    }

    function test_swap__deadline__is_its_last_second() public {
        ISwaps.Swap memory order = _order(a, b, 100e2);
        order.deadline = block.timestamp;
        vm.prank(member);
        swaps.swap(order);
        skip(1);
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_Expired.selector, order.deadline));
        swaps.swap(order);
    }

    function test_swap__same_token_nothing_or_unknown__reverts() public {
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_SameToken.selector, a));
        swaps.swap(_order(a, a, 1));
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_ZeroAmount.selector));
        swaps.swap(_order(a, b, 0));
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_NotJoined.selector, pool, token));
        swaps.swap(_order(token, b, 1));
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_NotJoined.selector, pool, token));
        swaps.swap(_order(a, token, 1));
    }

    // ---------------------------------------------------------------- bounds

    function test_swap__intake__ends_exactly_at_the_limit() public {
        _lower(a, 1000e2, type(uint96).max, 0);
        uint256 taken = 400e2;
        _swap(a, b, taken);
        _expectAs(member, _overCeiling(a, 600e2 + 1, 600e2));
        swaps.swap(_order(a, b, 600e2 + 1));
        _swap(a, b, 600e2);
        _expectAs(member, _overCeiling(a, 1, 0));
        swaps.swap(_order(a, b, 1));
        // What goes back makes room.
        uint256 back = _swap(b, a, 1e18);
        _swap(a, b, back);
    }

    function test_swap__intake__ends_at_the_credit_line() public {
        // 10,000 dollars are a million of A.
        assertEq(_position(a).ceiling, 1_000_000e2);
        _provide(partner, b, 30_000e18);
        _give(member, a, 1_000_000e2);
        _swap(a, b, 1_000_000e2);
        _expectAs(member, _overCeiling(a, 1, 0));
        swaps.swap(_order(a, b, 1));
    }

    function test_swap__more_than_there_is__reverts() public {
        uint256 out = 700 + 1;
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_NotEnoughIn.selector, pool, c, out, 700));
        swaps.swap(_exactOut(a, c, out, type(uint256).max));
        vm.prank(member);
        swaps.swap(_exactOut(a, c, 700, type(uint256).max));
        assertEq(_position(c).net, -700);
    }

    function test_swap__over_the_daily_cap__waits_for_the_next_day() public {
        vm.warp((block.timestamp / 1 days + 1) * 1 days);
        _lower(a, type(uint96).max / 2, type(uint96).max, 1000e2);
        assertEq(_position(a).leftToday, 1000e2);
        _swap(a, b, 700e2);
        assertEq(_position(a).leftToday, 300e2);
        bytes memory over =
            abi.encodeWithSelector(ISwaps.Swaps_OverDailyCap.selector, pool, a, 300e2 + 1, 300e2);
        _expectAs(member, over);
        swaps.swap(_order(a, b, 300e2 + 1));
        // Giving back opens no door: what was brought today was brought.
        _swap(b, a, 1e18);
        skip(1 days - 1);
        _expectAs(member, over);
        swaps.swap(_order(a, b, 300e2 + 1));
        skip(1);
        _swap(a, b, 1000e2);
        assertEq(_position(a).leftToday, 0);
        assertEq(_position(b).leftToday, type(uint256).max);
    }

    // ------------------------------------------------------- how tokens come

    function test_transferAndCall__swaps_what_was_sent() public {
        uint256 quoted = swaps.quoteOut(pool, address(a), address(b), 100e2);
        vm.prank(member);
        a.transferAndCall(address(swaps), 100e2, _data(b, quoted, false, till));
        assertEq(b.balanceOf(till), quoted);
        assertEq(_position(a).net, 100e2);
    }

    function test_transferAndCall__exact_out__sends_the_rest_back() public {
        uint256 cost = swaps.quoteIn(pool, address(a), address(b), 1e18);
        uint256 before = a.balanceOf(member);
        vm.prank(member);
        a.transferAndCall(address(swaps), cost + 55, _data(b, 1e18, true, till));
        assertEq(before - a.balanceOf(member), cost);
        assertEq(b.balanceOf(till), 1e18);
        _assertStock();
    }

    function test_onTransferReceived__from_who_is_no_token__reverts() public {
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotJoined.selector, pool, intruder));
        IERC1363Receiver(address(swaps))
            .onTransferReceived(member, member, 100e2, _data(b, 1, false, intruder));
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotJoined.selector, pool, intruder));
        IERC1363Receiver(address(swaps))
            .onTransferReceived(brand, brand, 100e2, abi.encode(ISwaps.Act.Provide, pool));
    }

    function test_swapWithPermit__needs_no_allowance__and_stands_a_used_permit() public {
        vm.prank(member);
        a.approve(address(swaps), 0);
        bytes memory permit = _sign(
            memberKey, _digest(a, _permitHash(member, address(swaps), 100e2, a.nonces(member), FOREVER))
        );
        // Somebody else was faster with it.
        a.permit(member, address(swaps), 100e2, FOREVER, permit);
        vm.prank(member);
        swaps.swapWithPermit(_order(a, b, 100e2), 100e2, FOREVER, permit);
        assertEq(a.allowance(member, address(swaps)), 0);
        permit = _sign(
            memberKey, _digest(a, _permitHash(member, address(swaps), 100e2, a.nonces(member), FOREVER))
        );
        vm.prank(member);
        swaps.swapWithPermit(_order(a, b, 100e2), 100e2, FOREVER, permit);
        assertEq(_position(a).net, 200e2);
    }

    function test_swapWithSignature__anybody_submits_and_only_once() public {
        ISwaps.SwapRequest memory request = _request(b, 1, false);
        ILoyaltyToken.Spend memory spend = _spend(100e2);
        bytes memory signature = _signRequest(a, request, spend);
        vm.prank(intruder);
        (, uint256 out) = swaps.swapWithSignature(address(a), request, spend, signature);
        assertEq(b.balanceOf(till), out);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, member, spend.nonce)
        );
        swaps.swapWithSignature(address(a), request, spend, signature);
    }

    function test_swapWithSignature__exact_out__takes_no_more_than_it_costs() public {
        uint256 cost = swaps.quoteIn(pool, address(a), address(b), 1e18);
        ISwaps.SwapRequest memory request = _request(b, 1e18, true);
        ILoyaltyToken.Spend memory spend = _spend(cost + 100);
        uint256 before = a.balanceOf(member);
        swaps.swapWithSignature(address(a), request, spend, _signRequest(a, request, spend));
        assertEq(before - a.balanceOf(member), cost);
    }

    function test_swapWithSignature__anything_else_than_signed__reverts() public {
        ISwaps.SwapRequest memory request = _request(b, 1, false);
        ILoyaltyToken.Spend memory spend = _spend(100e2);
        bytes memory signature = _signRequest(a, request, spend);
        bytes memory invalid =
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member);
        ISwaps.SwapRequest memory other = _request(b, 1, false);
        other.to = intruder;
        vm.expectRevert(invalid);
        swaps.swapWithSignature(address(a), other, spend, signature);
        other = _request(c, 1, false);
        vm.expectRevert(invalid);
        spend.amount = 1000e2;
        swaps.swapWithSignature(address(a), other, spend, signature);
        spend.amount = 100e2;
        other = _request(b, 0, false);
        vm.expectRevert(invalid);
        swaps.swapWithSignature(address(a), other, spend, signature);
        other = _request(b, 1, true);
        vm.expectRevert(invalid);
        swaps.swapWithSignature(address(a), other, spend, signature);
        // In another token's domain it is nothing either.
        vm.expectRevert(invalid);
        swaps.swapWithSignature(address(b), _request(a, 1, false), _spend(1e18), signature);
        spend.deadline = block.timestamp - 1;
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_Expired.selector, spend.deadline));
        swaps.swapWithSignature(address(a), request, spend, signature);
    }

    // ------------------------------------------------------------ many swaps

    function test_swapMany__moves_only_what_is_left_over() public {
        uint256 viaA = swaps.quoteOut(pool, address(b), address(a), 2e18);
        ISwaps.Step[] memory steps = new ISwaps.Step[](2);
        steps[0] = ISwaps.Step(pool, address(b), address(a), 2e18, false);
        steps[1] = ISwaps.Step(pool, address(a), address(c), 0, false);
        // On the way A is only passed through: none of it is needed, and none moves.
        uint256 before = a.balanceOf(member);
        vm.startPrank(member);
        a.approve(address(swaps), 0);
        vm.expectRevert();
        swaps.swapMany(steps, _movements(-2e18, 0, 1), till, FOREVER);
        steps[0].amount = 20e18;
        viaA = swaps.quoteOut(pool, address(b), address(a), 20e18);
        swaps.swapMany(steps, _movements(-20e18, 0, 1), till, FOREVER);
        vm.stopPrank();
        assertEq(a.balanceOf(member), before);
        assertEq(a.balanceOf(till), 0);
        assertEq(c.balanceOf(till), 1);
        assertEq(_position(a).net, 0);
        assertEq(_position(b).net, 20e18);
        assertGt(viaA, 0);
        _assertStock();
    }

    function test_swapMany__out_of_what_was_named__reverts() public {
        ISwaps.Step[] memory steps = new ISwaps.Step[](1);
        steps[0] = ISwaps.Step(pool, address(b), address(a), 2e18, false);
        int256 out = int256(swaps.quoteOut(pool, address(b), address(a), 2e18));
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_WrongMovement.selector, a, out, out + 1));
        swaps.swapMany(steps, _movements(-2e18, out + 1, 0), till, FOREVER);
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_WrongMovement.selector, b, -2e18, -2e18 + 1));
        swaps.swapMany(steps, _movements(-2e18 + 1, out, 0), till, FOREVER);
        ISwaps.Movement[] memory none = new ISwaps.Movement[](0);
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_UnknownMovement.selector, b));
        swaps.swapMany(steps, none, till, FOREVER);
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_Expired.selector, block.timestamp - 1));
        swaps.swapMany(steps, _movements(-2e18, out, 0), till, block.timestamp - 1);
        vm.prank(member);
        swaps.swapMany(steps, _movements(-2e18, out, 0), till, block.timestamp);
        assertEq(a.balanceOf(till), uint256(out));
    }

    // -------------------------------------------------------------- providing

    function test_provide__needs_who_settles_and_stays_below_the_cap() public {
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotBrand.selector, pool, a, member));
        a.transferAndCall(address(swaps), 1, abi.encode(ISwaps.Act.Provide, pool));
        _lower(a, type(uint96).max / 2, 500_000e2, 0);
        _give(manager, a, 1);
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.SETTLE);
        vm.prank(manager);
        vm.expectRevert(
            abi.encodeWithSelector(ISwaps.Swaps_OverOutflowCap.selector, pool, a, 500_000e2 + 1, 500_000e2)
        );
        a.transferAndCall(address(swaps), 1, abi.encode(ISwaps.Act.Provide, pool));
        vm.prank(brand);
        swaps.withdraw(pool, address(a), 1, till);
        vm.prank(manager);
        a.transferAndCall(address(swaps), 1, abi.encode(ISwaps.Act.Provide, pool));
        assertEq(_position(a).provided, 500_000e2);
    }

    function test_withdraw__takes_no_more_than_members_left() public {
        uint256 out = _swap(a, b, 1000e2);
        uint256 left = 10_000e18 - out;
        vm.startPrank(partner);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotEnoughIn.selector, pool, b, left + 1, left));
        swaps.withdraw(pool, address(b), left + 1, partner);
        _expect(ISwaps.Swaps_ZeroAmount.selector);
        swaps.withdraw(pool, address(b), 0, partner);
        swaps.withdraw(pool, address(b), left, till);
        vm.stopPrank();
        assertEq(b.balanceOf(till), left);
        // What members brought is not the brand's to take.
        vm.startPrank(brand);
        vm.expectRevert(
            abi.encodeWithSelector(ISwaps.Swaps_NotEnoughIn.selector, pool, a, 500_000e2 + 1, 500_000e2)
        );
        swaps.withdraw(pool, address(a), 500_000e2 + 1, brand);
        swaps.withdraw(pool, address(a), 500_000e2, brand);
        vm.stopPrank();
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotBrand.selector, pool, b, intruder));
        swaps.withdraw(pool, address(b), 1, intruder);
        _assertStock();
    }

    function test_setStopped__stops_both_ways_at_once__and_nothing_else() public {
        vm.prank(intruder);
        vm.expectRevert(abi.encodeWithSelector(ISwaps.Swaps_NotBrand.selector, pool, a, intruder));
        swaps.setStopped(pool, address(a), true);
        vm.prank(brand);
        swaps.setStopped(pool, address(a), true);
        bytes memory stopped = abi.encodeWithSelector(ISwaps.Swaps_Stopped.selector, pool, a);
        _expectAs(member, stopped);
        swaps.swap(_order(a, b, 100e2));
        _expectAs(member, stopped);
        swaps.swap(_order(b, a, 1e18));
        _swap(b, c, 15e18);
        vm.startPrank(brand);
        swaps.withdraw(pool, address(a), 1, brand);
        swaps.setStopped(pool, address(a), false);
        vm.stopPrank();
        _swap(a, b, 100e2);
    }

    function test_syncSuspension__follows_the_brand() public {
        vm.prank(alliance);
        brands.suspend(brandId);
        swaps.syncSuspension(pool, address(a));
        _expectAs(member, abi.encodeWithSelector(ISwaps.Swaps_Stopped.selector, pool, a));
        swaps.swap(_order(a, b, 100e2));
        // The way out stays open.
        vm.prank(brand);
        swaps.withdraw(pool, address(a), 500_000e2, brand);
        vm.prank(alliance);
        brands.reinstate(brandId);
        swaps.syncSuspension(pool, address(a));
        _swap(a, b, 100e2);
    }

    function test_attack_4__donation__changes_nothing() public {
        uint256 quoted = swaps.quoteOut(pool, address(a), address(b), 100e2);
        vm.startPrank(member);
        a.transfer(address(swaps), 1000e2);
        b.transfer(address(swaps), 1000e18);
        vm.stopPrank();
        assertEq(swaps.quoteOut(pool, address(a), address(b), 100e2), quoted, "SWAP-4: a donation counts");
        assertEq(_position(b).provided, 10_000e18);
        assertEq(_position(a).net, 0);
    }

    // ------------------------------------------------------------------ scale

    function test_attack_29__gas_of_a_swap__is_the_same_whatever_else_there_is() public {
        _swap(a, b, 1000e2);
        uint256 alone = _gasOfSwap();
        for (uint256 i = 0; i < 8; ++i) {
            bytes32 id = _admittedBrand(makeAddr(vm.toString(i)), bytes32(i + 1));
            _enter(makeAddr(vm.toString(i)), _tokenOf(makeAddr(vm.toString(i)), id, "MORE", 6, 1), 1e18);
        }
        _createPool(200);
        for (uint256 i = 0; i < 20; ++i) {
            _swap(b, c, 15e18);
        }
        _swap(a, b, 1000e2);
        // But for the bits of the numbers.
        assertApproxEqAbs(_gasOfSwap(), alone, 100);
    }

    function _gasOfSwap() private returns (uint256 gas) {
        ISwaps.Swap memory order = _order(a, b, 1000e2);
        vm.prank(member);
        gas = gasleft();
        swaps.swap(order);
        gas -= gasleft();
    }

    // ------------------------------------------------------------ what helps

    function _exactOut(ILoyaltyToken tokenIn, ILoyaltyToken tokenOut, uint256 amountOut, uint256 most)
        private
        view
        returns (ISwaps.Swap memory order)
    {
        order = _order(tokenIn, tokenOut, most);
        (order.amountOut, order.exactOut) = (amountOut, true);
    }

    /// @dev Some swap, if it goes.
    function _wander(uint256 seed) private returns (uint256 worthIn, uint256 worthOut) {
        ILoyaltyToken tokenIn = _all()[seed % 3];
        ILoyaltyToken tokenOut = _all()[(seed % 3 + 1 + (seed >> 8) % 2) % 3];
        uint256 amount = bound(seed >> 16, 1, tokenIn.balanceOf(member) / 10);
        vm.prank(member);
        try swaps.swap(_order(tokenIn, tokenOut, amount)) returns (uint256 amountIn, uint256 amountOut) {
            return (_worth(tokenIn, amountIn), _worth(tokenOut, amountOut));
        } catch { }
    }

    function _lower(ILoyaltyToken which, uint96 limit, uint96 outflowCap, uint96 dailyCap) private {
        vm.prank(steward);
        pools.lowerBounds(pool, address(which), limit, outflowCap, dailyCap);
    }

    function _data(ILoyaltyToken tokenOut, uint256 amountOut, bool exactOut, address to)
        private
        view
        returns (bytes memory)
    {
        return abi.encode(ISwaps.Act.Swap, pool, tokenOut, amountOut, exactOut, to, FOREVER);
    }

    function _request(ILoyaltyToken tokenOut, uint256 amountOut, bool exactOut)
        private
        view
        returns (ISwaps.SwapRequest memory)
    {
        return ISwaps.SwapRequest(pool, address(tokenOut), amountOut, exactOut, till);
    }

    function _spend(uint256 amount) private view returns (ILoyaltyToken.Spend memory) {
        return ILoyaltyToken.Spend(member, amount, keccak256("swap"), block.timestamp + 1 hours);
    }

    function _signRequest(
        ILoyaltyToken tokenIn,
        ISwaps.SwapRequest memory request,
        ILoyaltyToken.Spend memory spend
    ) private view returns (bytes memory) {
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,SwapRequest witness)",
                REQUEST_TYPE
            )
        );
        bytes32 witness = keccak256(
            abi.encode(
                keccak256(bytes(REQUEST_TYPE)),
                request.pool,
                request.tokenOut,
                request.amountOut,
                request.exactOut,
                request.to
            )
        );
        return _sign(memberKey, _digest(tokenIn, _spendHash(spend, address(swaps), typehash, witness)));
    }

    function _movements(int256 boundB, int256 boundA, int256 boundC)
        private
        view
        returns (ISwaps.Movement[] memory movements)
    {
        movements = new ISwaps.Movement[](3);
        movements[0] = ISwaps.Movement(address(b), boundB);
        movements[1] = ISwaps.Movement(address(a), boundA);
        movements[2] = ISwaps.Movement(address(c), boundC);
    }

    function _overCeiling(ILoyaltyToken which, uint256 amount, uint256 room)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeWithSelector(ISwaps.Swaps_OverCeiling.selector, pool, which, amount, room);
    }

    function _expectAs(address account, bytes memory reason) private {
        vm.prank(account);
        vm.expectRevert(reason);
    }
}
