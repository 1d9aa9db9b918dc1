// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Deals } from "./base/Deals.sol";
import { IBargainDeals } from "./interfaces/IBargainDeals.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IPricer } from "./interfaces/IPricer.sol";
import { IPurchaseRights } from "./interfaces/IPurchaseRights.sol";

/// @title BargainDeals
/// @notice See {IBargainDeals} and {IDeals}. Of the words of a deal the fifth is its pricer (160).
contract BargainDeals is IBargainDeals, Deals {
    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, IPurchaseRights rights)
        Deals(brandRegistry, obligationRegistry, rights)
    { }

    /// @inheritdoc IBargainDeals
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign -- the pricer is one of the alliance's
    // slither-disable-next-line reentrancy-events -- a pricer that the alliance lists is asked
    function publishDeal(
        address token,
        bytes32 dealId,
        Conditions calldata conditions,
        address pricer,
        bytes calldata rules,
        bytes32 termsHash,
        string calldata termsURI
    ) external {
        (address bargains, uint256[] memory words, uint256 mostPrice) = _ask(token, dealId, pricer, rules);
        _publish(bargains, token, dealId, conditions, words, mostPrice, termsHash, termsURI);
        emit BargainsPublished({
            token: token,
            dealId: dealId,
            pricer: pricer,
            conditions: conditions,
            termsHash: termsHash,
            termsURI: termsURI
        });
    }

    /// @dev Tells the pricer, before anything is looked at: what is refused later undoes that.
    function _ask(address token, bytes32 dealId, address pricer, bytes calldata rules)
        private
        returns (address bargains, uint256[] memory words, uint256 mostPrice)
    {
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, pricer), BargainDeals_PricerNotListed(pricer)
        );
        bargains = address(IPricer(pricer).BARGAINS());
        words = new uint256[](WORDS + 1);
        words[WORDS] = uint160(pricer);
        mostPrice = IPricer(pricer).onPublished(token, dealId, ILoyaltyToken(token).brandId(), rules);
    }
}
