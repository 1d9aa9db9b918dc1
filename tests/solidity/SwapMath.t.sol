// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { Pricing, SwapMath } from "../../contracts/libraries/SwapMath.sol";

/// @notice What a price must be, whatever the numbers.
contract SwapMathTest is Test {
    uint256 private constant LARGEST = type(uint96).max;

    /// @dev Any pricing that a pool can have, and any intake and amount within its ceiling.
    function _any(Pricing memory pricing, int256 net, uint256 amount) private pure returns (int256, uint256) {
        pricing.parValue = uint96(bound(pricing.parValue, 1, LARGEST));
        pricing.ceiling = uint96(bound(pricing.ceiling, 1, LARGEST));
        pricing.decimals = uint8(bound(pricing.decimals, 0, 18));
        pricing.baseFee = uint24(bound(pricing.baseFee, 0, 500_000));
        pricing.feeSlope = uint24(bound(pricing.feeSlope, 0, 500_000 - pricing.baseFee));
        net = bound(net, -int256(LARGEST), int256(uint256(pricing.ceiling)));
        amount = bound(amount, 0, uint256(int256(uint256(pricing.ceiling)) - net));
        return (net, amount);
    }

    function test_unitWorth__is_whole_at_all_decimals() public pure {
        for (uint8 decimals = 0; decimals <= 18; ++decimals) {
            Pricing memory pricing = Pricing(3, 1, decimals, 0, 0);
            assertEq(SwapMath.unitWorth(pricing) * 10 ** decimals, 3e18);
        }
    }

    function test_worthIn__without_fees__is_par() public pure {
        assertEq(SwapMath.worthIn(Pricing(7, 100, 2, 0, 0), 0, 100), 7e18);
    }

    function test_worthIn__up_the_whole_slope__costs_its_mean() public pure {
        Pricing memory pricing = Pricing(1, 1_000_000, 0, 10_000, 30_000);
        assertEq(SwapMath.worthIn(pricing, 0, 1_000_000), 1_000_000e18 * 975 / 1000);
        assertEq(SwapMath.worthIn(pricing, 500_000, 500_000), 500_000e18 * 9675 / 10_000);
        // What only gives back what members took costs the base alone.
        assertEq(SwapMath.worthIn(pricing, -1_000_000, 1_000_000), 1_000_000e18 * 99 / 100);
    }

    /// @notice The fee is the integral, rounded up by less than a unit and a millionth of the token's.
    function testFuzz_worthIn__is_the_integral_rounded_against_the_member(
        Pricing memory pricing,
        int256 net,
        uint256 amount
    ) public pure {
        // Small enough that the exact fraction fits a word.
        pricing.ceiling = uint96(bound(pricing.ceiling, 1, type(uint40).max));
        pricing.parValue = uint96(bound(pricing.parValue, 1, type(uint24).max));
        pricing.decimals = uint8(bound(pricing.decimals, 12, 18));
        net = bound(net, -int256(uint256(type(uint40).max)), int256(uint256(pricing.ceiling)));
        (net, amount) = _any(pricing, net, amount);
        uint256 unit = SwapMath.unitWorth(pricing);
        uint256 from = net > 0 ? uint256(net) : 0;
        uint256 to = net + int256(amount) > 0 ? uint256(net + int256(amount)) : 0;
        uint256 whole = 2 * uint256(pricing.ceiling) * 1e6;
        uint256 exact = unit
            * (2
                * uint256(pricing.ceiling)
                * pricing.baseFee
                * amount
                + pricing.feeSlope
                * (to * to - from * from));
        uint256 fee = amount * unit - SwapMath.worthIn(pricing, net, amount);
        assertGe(fee * whole, exact, "SWAP-1: the fee is less than the curve says");
        assertLt(fee * whole, exact + whole + unit * 2 * pricing.ceiling, "SWAP-1: rounded up too far");
    }

    function testFuzz_worthIn__in_two_pieces__is_no_more(
        Pricing memory pricing,
        int256 net,
        uint256 amount,
        uint256 first
    ) public pure {
        (net, amount) = _any(pricing, net, amount);
        first = bound(first, 0, amount);
        uint256 pieces = SwapMath.worthIn(pricing, net, first)
            + SwapMath.worthIn(pricing, net + int256(first), amount - first);
        assertLe(pieces, SwapMath.worthIn(pricing, net, amount), "SWAP-1: splitting gains");
    }

    function testFuzz_worthIn__never_falls_with_the_amount(Pricing memory pricing, int256 net, uint256 amount)
        public
        pure
    {
        (net, amount) = _any(pricing, net, amount);
        vm.assume(amount != 0);
        uint256 worth = SwapMath.worthIn(pricing, net, amount);
        assertGe(worth, SwapMath.worthIn(pricing, net, amount - 1), "SWAP-1: more brought is worth less");
        assertLe(worth, amount * SwapMath.unitWorth(pricing), "SWAP-1: worth more than par");
    }

    function testFuzz_amountIn__is_the_least_that_does(
        Pricing memory pricing,
        int256 net,
        uint256 amount,
        uint256 less
    ) public pure {
        (net, amount) = _any(pricing, net, amount);
        uint256 reachable = SwapMath.worthIn(pricing, net, amount);
        uint256 worth = reachable - bound(less, 0, reachable);
        uint256 least = SwapMath.amountIn(pricing, net, worth, amount);
        assertLe(least, amount, "SWAP-1: more than was enough");
        assertGe(SwapMath.worthIn(pricing, net, least), worth, "SWAP-1: too little");
        if (least != 0) assertLt(SwapMath.worthIn(pricing, net, least - 1), worth, "SWAP-1: not the least");
    }

    function testFuzz_amountIn__that_not_even_the_most_reaches__is_one_more(
        Pricing memory pricing,
        int256 net,
        uint256 most,
        uint256 more
    ) public pure {
        (net, most) = _any(pricing, net, most);
        uint256 worth = SwapMath.worthIn(pricing, net, most) + bound(more, 1, type(uint192).max);
        assertEq(SwapMath.amountIn(pricing, net, worth, most), most + 1);
    }

    /// @notice The search is short, whatever the numbers.
    function testFuzz_amountIn__takes_few_steps(Pricing memory pricing, int256 net, uint256 amount)
        public
        view
    {
        (net, amount) = _any(pricing, net, amount);
        uint256 worth = SwapMath.worthIn(pricing, net, amount);
        uint256 gas = gasleft();
        SwapMath.amountIn(pricing, net, worth, amount);
        assertLt(gas - gasleft(), 150_000); // unoptimised, as all tests are
    }
}
