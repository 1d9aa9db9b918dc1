// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "./ILoyaltyToken.sol";
import { IFulfilment } from "./IFulfilment.sol";
import { IOffers } from "./IOffers.sol";

/// @title IOrders
/// @notice Redemption to order: a member pays now for what the brand delivers later. The tokens lock, the
/// compensation of the offer is reserved from the brand's bond, and {IFulfilment} tells the rest.
///
/// A member opens an order by sending tokens to this contract with `transferAndCall` and
/// `data = abi.encode(Act.Open, OrderRequest)`, and disputes one by sending its stake with
/// `data = abi.encode(Act.Dispute, Order)`. Without ETH, the member signs a `Spend` in the token's domain
/// whose spender is this contract and whose witness is the `OrderRequest`, or
/// `OrderDispute(bytes32 offerId,uint256 number)`, and anybody submits it.
///
/// What is sent too much, because the price has fallen, goes back at once.
interface IOrders is IOffers, IFulfilment {
    /// @notice What a member sends tokens for.
    enum Act {
        Open,
        Dispute
    }

    /// @notice What a member orders.
    /// @param offerId Which offer.
    /// @param quantity How many units.
    /// @param version The version of the offer that the member saw.
    /// @param leastCompensation The least that must be reserved, in currency base units: the offer's
    /// compensation, or less if the member accepts less where the brand's purse is short.
    /// @param orderRef What the shop calls it; it may be zero.
    struct OrderRequest {
        bytes32 offerId;
        uint256 quantity;
        uint256 version;
        uint256 leastCompensation;
        bytes32 orderRef;
    }

    event CompensationFunded(address indexed token, bytes32 indexed offerId, uint256 value);
    event CompensationUnfunded(address indexed token, bytes32 indexed offerId, uint256 value);
    event OfferRetired(address indexed token, bytes32 indexed offerId, address arbiter);

    error Orders_NotBonds(address caller);
    error Orders_WrongPurse(uint8 purse);
    error Orders_CompensationShort(uint256 available, uint256 least);
    error Orders_TooLittle(uint256 amount, uint256 cost);
    error Orders_FundTooLarge(uint256 value);
    error Orders_NotFree(uint256 value, uint256 free);
    error Orders_NoArbiter(address arbiter);
    error Orders_NothingToRetire(address arbiter);
    error Orders_NoFulfilPeriod();
    error Orders_InvalidStake(uint8 stakePercent, uint8 most);

    /// @notice The most that a dispute may be made to cost, in percent of what is in dispute, rounded up to a
    /// base unit.
    function MAX_STAKE_PERCENT() external view returns (uint8);

    /// @notice Ends an offer whose arbiter the alliance has struck off its list, so that no more orders are
    /// opened with that arbiter; anybody can. Open orders keep the arbiter that they agreed on. The brand
    /// opens the offer again by naming an arbiter on the list, which takes notice as any new arbiter does. A
    /// change that was announced takes effect as announced, and can be ended again. Emits {OfferRetired}.
    ///
    /// Requirements:
    /// - the offer in force has an arbiter, who is not on the list
    function retireOffer(address token, bytes32 offerId) external;

    /// @notice Opens an order that the member signed, for anybody to submit. Emits {OrderOpened}.
    /// @param spend The member's spend; its amount is the most that the order may cost.
    function openWithSignature(
        address token,
        OrderRequest calldata request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external;

    /// @notice Money that compensations of the offer's next orders can be reserved from.
    function freeCompensationOf(address token, bytes32 offerId) external view returns (uint256 value);
}
