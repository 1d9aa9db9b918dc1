// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { IAllianceLens } from "../interfaces/IAllianceLens.sol";
import { IBonds } from "../interfaces/IBonds.sol";
import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";
import { IOffers } from "../interfaces/IOffers.sol";
import { IOrders } from "../interfaces/IOrders.sol";

// Views of what the suite itself made, as many at a time as the caller asks for.
// slither-disable-start calls-loop

/// @title AllianceLens
/// @notice See {IAllianceLens}.
///
/// What is handed over at once is read at the desk that each token names, so that one lens serves tokens with
/// different desks; what is delivered later at one desk for all. A token's offers are looked at from the
/// latest back, a bounded number of them, so that no brand can make its members' screens too dear to read.
contract AllianceLens is IAllianceLens {
    /// @dev A token's latest offers: where each desk's end, and how many of each are looked at.
    struct Shelf {
        IOffers counter;
        uint256 counterEnd;
        uint256 ordersEnd;
        uint256 atCounter;
        uint256 toOrder;
    }

    /// @inheritdoc IAllianceLens
    uint256 public constant MAX_SCANNED = 32;
    /// @inheritdoc IAllianceLens
    uint256 public constant MAX_SUMMED = 500;

    /// @notice Who is a brand.
    IBrandRegistry public immutable BRAND_REGISTRY;
    /// @notice What brands owe.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;
    /// @notice What brands laid down.
    IBonds public immutable BONDS;
    /// @inheritdoc IAllianceLens
    IOrders public immutable ORDERS;

    constructor(
        IBrandRegistry brandRegistry,
        IObligationRegistry obligationRegistry,
        IBonds bonds,
        IOrders orders
    ) {
        BRAND_REGISTRY = brandRegistry;
        OBLIGATION_REGISTRY = obligationRegistry;
        BONDS = bonds;
        ORDERS = orders;
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
    function brandPageOf(address token, address member, uint256 skipped, uint256 count)
        external
        view
        returns (BrandPage memory page)
    {
        page.token = _tokenView(member, token);
        page.brand = BRAND_REGISTRY.brandOf(page.token.brandId);
        page.obligation = OBLIGATION_REGISTRY.obligationOf(token);
        page.purses = new IBonds.PurseView[](3);
        for (uint8 i = 0; i < page.purses.length; ++i) {
            page.purses[i] = BONDS.purseOf(token, IBonds.Purse(i));
        }
        page.delivery = deliveryOf(token, 0, MAX_SUMMED);

        IOffers counter = _counterOf(token);
        page.offersAtCounter = counter.offerCount(token);
        page.offersToOrder = ORDERS.offerCount(token);
        uint256 atCounter = _pageLength(page.offersAtCounter, skipped, count);
        page.offers = new OfferView[](atCounter + _pageLength(page.offersToOrder, skipped, count));
        for (uint256 i = 0; i < page.offers.length; ++i) {
            page.offers[i] = i < atCounter
                ? _offerView(counter, member, page.token, page.offersAtCounter - skipped - i)
                : _offerView(ORDERS, member, page.token, page.offersToOrder - skipped - (i - atCounter));
        }
    }

    /// @inheritdoc IAllianceLens
    function deliveryOf(address token, uint256 skipped, uint256 count)
        public
        view
        returns (IFulfilment.Record memory sum)
    {
        uint256 total = ORDERS.offerCount(token);
        uint256 length = _pageLength(total, skipped, count);
        for (uint256 i = 1; i <= length; ++i) {
            bytes32 offerId = ORDERS.offerIdAt(token, total - skipped - i);
            IFulfilment.Record memory record = ORDERS.recordOf(token, offerId);
            sum.open += record.open;
            sum.fulfilled += record.fulfilled;
            sum.declined += record.declined;
            sum.failed += record.failed;
            sum.lost += record.lost;
            sum.disputed += record.disputed;
            sum.compensationPaid += record.compensationPaid;
        }
    }

    /// @inheritdoc IAllianceLens
    function ordersOf(address token, OrderKey[] calldata keys)
        external
        view
        returns (OrderView[] memory orders)
    {
        orders = new OrderView[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            (orders[i].state, orders[i].deadline) = ORDERS.stateOf(token, keys[i].offerId, keys[i].number);
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
        shown.backing = Backing({
            owed: OBLIGATION_REGISTRY.valueUp(token, shown.supply + shown.promised),
            held: BONDS.purseOf(token, IBonds.Purse.Holders).value,
            coverageBps: BONDS.coverageOf(token),
            requiredBps: OBLIGATION_REGISTRY.bondRatioOf(token),
            cureBy: BONDS.cureByOf(token),
            windDownEndsAt: obligation.windDownEndsAt
        });
        shown.balance = loyaltyToken.balanceOf(member);
        shown.value = OBLIGATION_REGISTRY.valueDown(token, shown.balance);
    }

    /// @dev The last of a token's first `end` offers at a desk.
    function _offerView(IOffers desk, address member, TokenView memory token, uint256 end)
        private
        view
        returns (OfferView memory shown)
    {
        bytes32 offerId = desk.offerIdAt(token.token, end - 1);
        shown.desk = address(desk);
        shown.offerId = offerId;
        shown.offer = desk.offerOf(token.token, offerId);
        IOffers.Conditions memory conditions = shown.offer.conditions;
        shown.left = Math.saturatingSub(conditions.stock, shown.offer.sold);
        uint256 redeemed = desk.redeemedBy(token.token, offerId, member);
        shown.memberLeft = Math.min(shown.left, Math.saturatingSub(conditions.memberLimit, redeemed));
        shown.affordable = Math.min(shown.memberLeft, token.balance / conditions.price);
        if (conditions.compensation != 0) {
            uint256 free = ORDERS.freeCompensationOf(token.token, offerId);
            shown.compensation = Math.min(conditions.compensation, free);
        }
    }

    /// @dev First a number for each offer, then the views of the best alone: fifty brands' offers would fill
    /// more memory than a node pays for.
    function _bestOffers(address member, TokenView memory token, uint256 maxOffers)
        private
        view
        returns (OfferView[] memory best)
    {
        if (maxOffers == 0) return best;
        Shelf memory shelf = _shelfOf(token.token);
        uint256[] memory ranks = new uint256[](shelf.atCounter + shelf.toOrder);
        for (uint256 i = 0; i < ranks.length; ++i) {
            ranks[i] = _rank(shelf, member, token, i);
        }
        best = new OfferView[](Math.min(ranks.length, maxOffers));
        uint256 found = 0;
        while (found < best.length) {
            uint256 first = 0; // of equals
            for (uint256 i = 1; i < ranks.length; ++i) {
                if (ranks[i] > ranks[first]) first = i;
            }
            // slither-disable-next-line incorrect-equality -- zero stands for none, it is no measure
            if (ranks[first] == 0) break;
            ranks[first] = 0;
            best[found++] = _onShelf(shelf, member, token, first);
        }
        assembly ("memory-safe") {
            mstore(best, found)
        }
    }

    function _shelfOf(address token) private view returns (Shelf memory shelf) {
        shelf.counter = _counterOf(token);
        shelf.counterEnd = shelf.counter.offerCount(token);
        shelf.ordersEnd = ORDERS.offerCount(token);
        shelf.atCounter = Math.min(shelf.counterEnd, MAX_SCANNED);
        shelf.toOrder = Math.min(shelf.ordersEnd, MAX_SCANNED);
    }

    function _onShelf(Shelf memory shelf, address member, TokenView memory token, uint256 index)
        private
        view
        returns (OfferView memory)
    {
        return index < shelf.atCounter
            ? _offerView(shelf.counter, member, token, shelf.counterEnd - index)
            : _offerView(ORDERS, member, token, shelf.ordersEnd - (index - shelf.atCounter));
    }

    /// @dev How well an offer suits the member: the more the better, zero for not at all. What it takes of
    /// memory is given back.
    function _rank(Shelf memory shelf, address member, TokenView memory token, uint256 index)
        private
        view
        returns (uint256 rank)
    {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        OfferView memory shown = _onShelf(shelf, member, token, index);
        if (_isOpen(shown)) {
            uint256 price = shown.offer.conditions.price;
            rank = shown.affordable != 0 ? type(uint128).max + price : type(uint128).max - price;
        }
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
    }

    // slither-disable-next-line timestamp -- windows run for days, seconds decide nothing
    function _isOpen(OfferView memory shown) private view returns (bool) {
        IOffers.Conditions memory conditions = shown.offer.conditions;
        return shown.memberLeft != 0 && block.timestamp >= conditions.opensAt
            && block.timestamp < conditions.closesAt;
    }

    function _counterOf(address token) private view returns (IOffers) {
        return IOffers(ILoyaltyToken(token).redemptionDesk());
    }

    function _pageLength(uint256 total, uint256 from, uint256 count) private pure returns (uint256) {
        return Math.min(Math.saturatingSub(total, from), count);
    }
}

// slither-disable-end calls-loop
