// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice What prices one side of a swap.
/// @param parValue Currency base units per whole token.
/// @param ceiling The most that a pool may have taken in of the token, in token base units.
/// @param decimals The token's.
/// @param baseFee What taking in costs at least, in parts per million.
/// @param feeSlope How much more it costs at the ceiling.
struct Pricing {
    uint96 parValue;
    uint96 ceiling;
    uint8 decimals;
    uint24 baseFee;
    uint24 feeSlope;
}

/// @title SwapMath
/// @notice What a swap at par costs. Everything is a pure function of integers.
///
/// *Worth* is exact: currency base units times {WORTH}, of which every token's base unit has a whole number,
/// because tokens have at most 18 decimals.
///
/// *The fee* is for making a pool hold more of what it holds already. Where `x` is what the pool took in
/// and not gave back this period, and zero while it gave out more than it took, taking in the next unit
/// costs the part `baseFee + feeSlope · x / ceiling` of its worth. A swap pays the integral of that over what
/// it brings, so that a swap in pieces pays no less than one in a single piece; each fee is rounded up.
///
/// Bounds: amounts, ceilings and par values fit 96 bits, fees 24; a worth fits 252.
library SwapMath {
    // Amounts and intakes are far from what a signed word cannot hold.
    // forge-lint: disable-start(unsafe-typecast)

    /// @notice So many parts has a currency base unit.
    uint256 internal constant WORTH = 1e18;
    /// @notice So many parts has a whole, in fees.
    uint256 internal constant MILLION = 1e6;

    /// @notice The worth of a token's base unit.
    function unitWorth(Pricing memory pricing) internal pure returns (uint256) {
        return uint256(pricing.parValue) * 10 ** (18 - uint256(pricing.decimals));
    }

    /// @notice What `amount` is worth, less the fee for taking it in where `net` has been taken in before.
    /// It never falls while `amount` grows, as long as base and slope together are at most half a million.
    function worthIn(Pricing memory pricing, int256 net, uint256 amount) internal pure returns (uint256) {
        uint256 unit = unitWorth(pricing);
        return amount * unit - Math.mulDiv(_feeUp(pricing, net, amount), unit, MILLION, Math.Rounding.Ceil);
    }

    /// @notice The least amount that {worthIn} values at `worth` or more, or `most + 1` if even `most`, which
    /// is within the ceiling, is not enough.
    ///
    /// Worth grows ever more slowly with the amount. So from an amount that is too small, the slope there
    /// leads to a larger one that is at most a rounding too large: each step doubles the digits that are
    /// right, and a few steps do.
    function amountIn(Pricing memory pricing, int256 net, uint256 worth, uint256 most)
        internal
        pure
        returns (uint256 amount)
    {
        uint256 unit = unitWorth(pricing);
        amount = Math.ceilDiv(worth, unit);
        while (amount <= most) {
            uint256 reached = worthIn(pricing, net, amount);
            if (reached >= worth) break;
            // The slope is not rounded on its own: it would lead a part of the way too far.
            uint256 slope = unit * (MILLION - _rateDown(pricing, net, amount));
            amount += Math.max(1, Math.mulDiv(worth - reached, MILLION, slope));
        }
        if (amount > most) {
            if (worthIn(pricing, net, most) < worth) return most + 1;
            amount = most;
        }
        while (amount != 0 && worthIn(pricing, net, amount - 1) >= worth) --amount;
    }

    /// @dev The fee in millionths of the token's base units.
    function _feeUp(Pricing memory pricing, int256 net, uint256 amount) private pure returns (uint256 fee) {
        fee = amount * pricing.baseFee;
        uint256 from = _intake(net);
        uint256 to = _intake(net + int256(amount));
        if (to != from && pricing.feeSlope != 0) {
            // The area under a straight line: the mean of its ends times its length.
            fee += Math.mulDiv(
                (to - from) * (to + from), pricing.feeSlope, 2 * uint256(pricing.ceiling), Math.Rounding.Ceil
            );
        }
    }

    /// @dev What the next unit after `amount` costs, in parts per million.
    function _rateDown(Pricing memory pricing, int256 net, uint256 amount) private pure returns (uint256) {
        uint256 intake = _intake(net + int256(amount));
        // slither-disable-next-line incorrect-equality -- without intake there is no slope, and no ceiling needed
        if (intake == 0) return pricing.baseFee;
        return pricing.baseFee + intake * pricing.feeSlope / pricing.ceiling;
    }

    function _intake(int256 net) private pure returns (uint256) {
        return net > 0 ? uint256(net) : 0;
    }

    // forge-lint: disable-end(unsafe-typecast)
}
