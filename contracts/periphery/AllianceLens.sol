// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IAllianceLens } from "../interfaces/IAllianceLens.sol";
import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";
import { IOffers } from "../interfaces/IOffers.sol";

// Views of what the suite itself made, as many at a time as the caller asks for.
// slither-disable-start calls-loop

/// @title AllianceLens
/// @notice See {IAllianceLens}.
///
/// Reads go to the desk that each token names, so that one lens serves tokens with different desks. A
/// token's offers are looked at from the latest back, a bounded number of them, so that no brand can make
/// its members' screens too dear to read.
contract AllianceLens is IAllianceLens {
    /// @inheritdoc IAllianceLens
    uint256 public constant MAX_SCANNED = 32;

    /// @notice Who is a brand.
    IBrandRegistry public immutable BRAND_REGISTRY;
    /// @notice What brands owe.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry) {
        BRAND_REGISTRY = brandRegistry;
        OBLIGATION_REGISTRY = obligationRegistry;
    }

    // --------------------------------------------------------------- screens

    /// @inheritdoc IAllianceLens
    function walletOf(address member, uint256 from, uint256 count, uint256 maxOffers)
        external
        view
        returns (WalletLine[] memory lines, uint256 total)
    {
        total = OBLIGATION_REGISTRY.tokenCount();
        lines = new WalletLine[](_pageLength(total, from, count));
        for (uint256 i = 0; i < lines.length; ++i) {
            lines[i] = _walletLine(member, OBLIGATION_REGISTRY.tokenAt(from + i), maxOffers);
        }
    }

    /// @inheritdoc IAllianceLens
    function walletOf(address member, address[] calldata tokens, uint256 maxOffers)
        external
        view
        returns (WalletLine[] memory lines)
    {
        lines = new WalletLine[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            lines[i] = _walletLine(member, tokens[i], maxOffers);
        }
    }

    /// @inheritdoc IAllianceLens
    function brandPageOf(address token, address member, uint256 from, uint256 count)
        external
        view
        returns (BrandPage memory page)
    {
        page.token = _tokenView(member, token);
        page.brand = BRAND_REGISTRY.brandOf(page.token.brandId);
        page.obligation = OBLIGATION_REGISTRY.obligationOf(token);
        IOffers desk = IOffers(ILoyaltyToken(token).redemptionDesk());
        page.offerCount = desk.offerCount(token);
        page.offers = new OfferView[](_pageLength(page.offerCount, from, count));
        for (uint256 i = 0; i < page.offers.length; ++i) {
            page.offers[i] = _offerView(desk, member, page.token, desk.offerIdAt(token, from + i));
        }
    }

    // ------------------------------------------------------------- internals

    function _walletLine(address member, address token, uint256 maxOffers)
        private
        view
        returns (WalletLine memory line)
    {
        line.token = _tokenView(member, token);
        line.offers = _bestOffers(member, line.token, maxOffers);
    }

    function _tokenView(address member, address token) private view returns (TokenView memory shown) {
        IObligationRegistry.Obligation memory obligation = OBLIGATION_REGISTRY.obligationOf(token);
        shown.currency = OBLIGATION_REGISTRY.currencyOf(token); // Check: the token is obliged
        ILoyaltyToken loyaltyToken = ILoyaltyToken(token);
        shown.token = token;
        shown.brandId = obligation.brandId;
        shown.status = BRAND_REGISTRY.statusOf(obligation.brandId);
        shown.name = loyaltyToken.name();
        shown.symbol = loyaltyToken.symbol();
        shown.decimals = loyaltyToken.decimals();
        shown.contractURI = loyaltyToken.contractURI();
        shown.currencySymbol = IERC20Metadata(shown.currency).symbol();
        shown.currencyDecimals = IERC20Metadata(shown.currency).decimals();
        shown.parValue = obligation.parValue;
        shown.version = obligation.version;
        shown.noticePeriod = obligation.terms.noticePeriod;
        shown.supply = loyaltyToken.totalSupply();
        shown.promised = loyaltyToken.totalQuota();
        shown.capacity = loyaltyToken.capacity();
        shown.mintStopped = loyaltyToken.mintStopped();
        shown.balance = loyaltyToken.balanceOf(member);
        shown.value = OBLIGATION_REGISTRY.valueDown(token, shown.balance);
    }

    function _offerView(IOffers desk, address member, TokenView memory token, bytes32 offerId)
        private
        view
        returns (OfferView memory shown)
    {
        shown.offerId = offerId;
        shown.offer = desk.offerOf(token.token, offerId);
        IOffers.Conditions memory conditions = shown.offer.conditions;
        shown.left = Math.saturatingSub(conditions.stock, shown.offer.sold);
        uint256 redeemed = desk.redeemedBy(token.token, offerId, member);
        shown.memberLeft = Math.min(shown.left, Math.saturatingSub(conditions.memberLimit, redeemed));
        shown.affordable = Math.min(shown.memberLeft, token.balance / conditions.price);
    }

    /// @dev Keeps the best so far in order and lets each further offer sink to its place. From there on all
    /// move down by one, so that of equals the latest stays first.
    function _bestOffers(address member, TokenView memory token, uint256 maxOffers)
        private
        view
        returns (OfferView[] memory best)
    {
        IOffers desk = IOffers(ILoyaltyToken(token.token).redemptionDesk());
        uint256 count = desk.offerCount(token.token);
        uint256 scanned = Math.min(count, MAX_SCANNED);
        best = new OfferView[](Math.min(scanned, maxOffers));
        uint256 found = 0;
        for (uint256 i = 0; i < scanned; ++i) {
            OfferView memory shown =
                _offerView(desk, member, token, desk.offerIdAt(token.token, count - 1 - i));
            if (!_isOpen(shown)) continue;
            bool inPlace = false;
            for (uint256 place = 0; place < best.length; ++place) {
                if (place == found) {
                    best[place] = shown;
                    ++found;
                    break;
                }
                inPlace = inPlace || _isBetter(shown, best[place]);
                if (inPlace) (best[place], shown) = (shown, best[place]);
            }
        }
        assembly ("memory-safe") {
            mstore(best, found)
        }
    }

    // slither-disable-next-line timestamp -- windows run for days, seconds decide nothing
    function _isOpen(OfferView memory shown) private view returns (bool) {
        IOffers.Conditions memory conditions = shown.offer.conditions;
        return shown.memberLeft != 0 && block.timestamp >= conditions.opensAt
            && block.timestamp < conditions.closesAt;
    }

    function _isBetter(OfferView memory a, OfferView memory b) private pure returns (bool) {
        if ((a.affordable != 0) != (b.affordable != 0)) return a.affordable != 0;
        uint96 priceA = a.offer.conditions.price;
        uint96 priceB = b.offer.conditions.price;
        return a.affordable != 0 ? priceA > priceB : priceA < priceB;
    }

    function _pageLength(uint256 total, uint256 from, uint256 count) private pure returns (uint256) {
        return Math.min(Math.saturatingSub(total, from), count);
    }
}

// slither-disable-end calls-loop
