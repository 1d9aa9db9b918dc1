// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBrandRegistry } from "./IBrandRegistry.sol";
import { IObligationRegistry } from "./IObligationRegistry.sol";
import { IOffers } from "./IOffers.sol";

/// @title IAllianceLens
/// @notice Whole screens in one read: what a wallet shows a member, and what a brand's page shows anybody. It
/// only reads, holds nothing and is trusted by nobody.
interface IAllianceLens {
    /// @notice A token, what stands behind it and what a member has of it.
    /// @param token The token.
    /// @param brandId Whose it is.
    /// @param status Where the brand stands.
    /// @param name ERC-20 name.
    /// @param symbol ERC-20 symbol.
    /// @param decimals ERC-20 decimals.
    /// @param contractURI Where the token or its brand describes itself.
    /// @param currency The settlement currency.
    /// @param currencySymbol Its symbol.
    /// @param currencyDecimals Its decimals.
    /// @param parValue Currency base units per whole token.
    /// @param version The version of the terms in force.
    /// @param noticePeriod How long worse terms or offers wait, in seconds.
    /// @param supply Outstanding, in token base units.
    /// @param promised Set aside for minters: managers' quotas and what modules owe to members.
    /// @param capacity The most that supply and promised may be.
    /// @param mintStopped Whether managers' quotas are stopped.
    /// @param balance What the member holds.
    /// @param value What that is worth at par, rounded down.
    struct TokenView {
        address token;
        bytes32 brandId;
        IBrandRegistry.Status status;
        string name;
        string symbol;
        uint8 decimals;
        string contractURI;
        address currency;
        string currencySymbol;
        uint8 currencyDecimals;
        uint96 parValue;
        uint32 version;
        uint32 noticePeriod;
        uint256 supply;
        uint256 promised;
        uint256 capacity;
        bool mintStopped;
        uint256 balance;
        uint256 value;
    }

    /// @notice An offer as a member sees it.
    /// @param offerId Its id.
    /// @param offer Everything about it.
    /// @param left Units left in stock.
    /// @param memberLeft Units that the member may still get.
    /// @param affordable Units that the member's balance pays for, at most what is left for the member.
    struct OfferView {
        bytes32 offerId;
        IOffers.Offer offer;
        uint256 left;
        uint256 memberLeft;
        uint256 affordable;
    }

    /// @notice A token with the offers that suit the member best.
    struct WalletLine {
        TokenView token;
        OfferView[] offers;
    }

    /// @notice A brand's page: the brand, its token, its obligation and a page of its offers.
    struct BrandPage {
        IBrandRegistry.Brand brand;
        TokenView token;
        IObligationRegistry.Obligation obligation;
        uint256 offerCount;
        OfferView[] offers;
    }

    /// @notice A member's wallet: a page of the alliance's tokens, in the order in which they were obliged.
    /// @param member Whose wallet.
    /// @param from Index of the first token.
    /// @param count How many at most.
    /// @param maxOffers How many offers per token at most: open ones with units left for the member, those
    /// that the member can pay for first, of these the dearest first, then the cheapest of the others; of
    /// equals the latest. Only the token's latest {MAX_SCANNED} offers are looked at.
    /// @return lines One per token.
    /// @return total How many tokens there are in all.
    function walletOf(address member, uint256 from, uint256 count, uint256 maxOffers)
        external
        view
        returns (WalletLine[] memory lines, uint256 total);

    /// @notice The same for chosen tokens. Reverts if one is not obliged.
    function walletOf(address member, address[] calldata tokens, uint256 maxOffers)
        external
        view
        returns (WalletLine[] memory lines);

    /// @notice A brand's page. Reverts if the token is not obliged.
    /// @param member Whose balance and limits to show; zero for nobody.
    /// @param from Index of the first offer.
    /// @param count How many offers at most.
    function brandPageOf(address token, address member, uint256 from, uint256 count)
        external
        view
        returns (BrandPage memory page);

    /// @notice How many of a token's latest offers {walletOf} looks at.
    function MAX_SCANNED() external view returns (uint256);
}
