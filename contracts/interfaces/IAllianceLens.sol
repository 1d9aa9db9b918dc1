// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "./IBonds.sol";
import { IBrandRegistry } from "./IBrandRegistry.sol";
import { IFulfilment } from "./IFulfilment.sol";
import { IObligationRegistry } from "./IObligationRegistry.sol";
import { IOffers } from "./IOffers.sol";
import { IOrders } from "./IOrders.sol";

/// @title IAllianceLens
/// @notice Whole screens in one read: what a wallet shows a member, and what a brand's page shows anybody:
/// what a token is worth, what is laid down for it, what it buys, and how its brand has delivered. It only
/// reads, holds nothing and is trusted by nobody.
///
/// All values are in base units of the token's currency.
interface IAllianceLens {
    /// @notice What is laid down for everything that a brand owes for its token.
    /// @param owed All that is outstanding or promised, at par, rounded up.
    /// @param held The holders' purse.
    /// @param coverageBps How much of that it covers, see {IBonds-coverageOf}.
    /// @param requiredBps How much the terms require, see {IObligationRegistry-bondRatioOf}.
    /// @param cureBy By when a shortfall that was stated must be made good; zero if none was.
    /// @param windDownEndsAt Until when a brand that leaves owes as before; zero if it is not leaving.
    struct Backing {
        uint256 owed;
        uint256 held;
        uint256 coverageBps;
        uint256 requiredBps;
        uint40 cureBy;
        uint40 windDownEndsAt;
    }

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
    /// @param backing What is laid down for it.
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
        Backing backing;
        uint256 balance;
        uint256 value;
    }

    /// @notice An offer as a member sees it.
    /// @param desk Where it is kept: the token's redemption desk for what is handed over at once, {ORDERS} for
    /// what is delivered later. Days, stake, compensation and arbiter are among the offer's conditions.
    /// @param offerId Its id.
    /// @param offer Everything about it.
    /// @param left Units left in stock.
    /// @param memberLeft Units that the member may still get.
    /// @param affordable Units that the member's balance pays for, at most what is left for the member.
    /// @param compensation What would be reserved now for one unit, in case that the brand fails: what the
    /// offer promises, or less where the brand has set less aside.
    struct OfferView {
        address desk;
        bytes32 offerId;
        IOffers.Offer offer;
        uint256 left;
        uint256 memberLeft;
        uint256 affordable;
        uint256 compensation;
    }

    /// @notice A token with the offers that suit the member best.
    struct WalletLine {
        TokenView token;
        OfferView[] offers;
    }

    /// @notice A brand's page.
    /// @param brand The brand.
    /// @param token Its token.
    /// @param obligation What it owes, with every change of it that is announced.
    /// @param purses Its bond: by {IBonds-Purse}, with every withdrawal that is announced.
    /// @param delivery What the latest {MAX_SUMMED} of the offers to order came to, all together.
    /// @param offersAtCounter How many offers the token has ever had that are handed over at once.
    /// @param offersToOrder How many it has ever had that are delivered later.
    /// @param offers Some of them: first those at the counter, then those to order.
    struct BrandPage {
        IBrandRegistry.Brand brand;
        TokenView token;
        IObligationRegistry.Obligation obligation;
        IBonds.PurseView[] purses;
        IFulfilment.Record delivery;
        uint256 offersAtCounter;
        uint256 offersToOrder;
        OfferView[] offers;
    }

    /// @notice Which of a token's orders.
    struct OrderKey {
        bytes32 offerId;
        uint256 number;
    }

    /// @notice Where an order stands, see {IFulfilment-stateOf}.
    struct OrderView {
        IFulfilment.State state;
        uint40 deadline;
    }

    /// @notice A member's wallet: a page of the alliance's tokens, in the order in which they were obliged.
    /// @param member Whose wallet.
    /// @param from Index of the first token.
    /// @param count How many at most.
    /// @param maxOffers How many offers per token at most: open ones with units left for the member, those
    /// that the member can pay for first, of these the dearest first, then the cheapest of the others; of
    /// equals those at the counter first, then the latest. Only the token's latest {MAX_SCANNED} offers at
    /// each desk are looked at.
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
    /// @param skipped How many of the latest offers at each desk to leave out.
    /// @param count How many offers at each desk at most, the latest first.
    function brandPageOf(address token, address member, uint256 skipped, uint256 count)
        external
        view
        returns (BrandPage memory page);

    /// @notice What a token's offers to order came to, all together.
    /// @param skipped How many of the latest to leave out.
    /// @param count How many at most.
    function deliveryOf(address token, uint256 skipped, uint256 count)
        external
        view
        returns (IFulfilment.Record memory record);

    /// @notice Where orders stand. An order's number is below the units sold of its offer, so whoever asks for
    /// all of these knows every order that has not ended, and until when.
    function ordersOf(address token, OrderKey[] calldata keys)
        external
        view
        returns (OrderView[] memory orders);

    /// @notice How many of a token's latest offers at each desk {walletOf} looks at.
    function MAX_SCANNED() external view returns (uint256);

    /// @notice How many of a token's latest offers to order {brandPageOf} adds up.
    function MAX_SUMMED() external view returns (uint256);

    /// @notice Where what brands deliver later is offered and ordered.
    function ORDERS() external view returns (IOrders);
}
