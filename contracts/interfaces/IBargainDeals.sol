// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IDeals } from "./IDeals.sol";

/// @title IBargainDeals
/// @notice What brands offer to bargain for. Members pay at {IBargains}; the price is found by a *pricer*
/// ({IPricer}), which the deal names for good: {IHaggles} or {ICuts}.
interface IBargainDeals is IDeals {
    /// @dev The pricer tells its rules.
    event BargainsPublished(
        address indexed token,
        bytes32 indexed dealId,
        address indexed pricer,
        Conditions conditions,
        bytes32 termsHash,
        string termsURI
    );

    error BargainDeals_PricerNotListed(address pricer);

    /// @notice Publishes a deal, for good. Campaign role, brand active. Emits {BargainsPublished}.
    ///
    /// Requirements:
    /// - the token is obliged, and neither being wound down nor in default
    /// - `dealId` has at most 28 bytes, is not zero, and the brand has not used it
    /// - there is a price, a window that is not over, time to deliver, a stake of at most {MAX_STAKE_PERCENT}, an
    /// arbiter on the alliance's list, and the right, if one is named, is defined
    /// - the alliance lists the pricer among the modules, and it accepts the rules
    /// - a document, at a URI of at most 512 bytes
    ///
    /// @param pricer Who finds the prices; members pay where it says.
    /// @param rules `abi.encode(Rules)` for {IHaggles}, `abi.encode(Rules, CutRules)` for {ICuts}.
    function publishDeal(
        address token,
        bytes32 dealId,
        Conditions calldata conditions,
        address pricer,
        bytes calldata rules,
        bytes32 termsHash,
        string calldata termsURI
    ) external;
}
