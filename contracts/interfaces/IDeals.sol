// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IDeals
/// @notice What brands publish for members to buy under, and what all such deals have in common. Members buy at the
/// contract that the deal is published for ({IPurchases}), which learns of it as it is published.
///
/// Conditions never change and a deal never ends early: the right to buy under it may have been sold.
interface IDeals {
    /// @notice What is fixed when a deal is published.
    /// @param tokenPart Token base units in one part of the price.
    /// @param currencyPart Currency base units in one part of the price.
    /// @param opensAt From when buying can begin, inclusive.
    /// @param closesAt Until when, exclusive. What has begun goes on.
    /// @param fulfilDays How many days the brand has to deliver, once the price is found; not zero.
    /// @param stakePercent What disputing a delivery costs if it turns out wrong, in percent of the price,
    /// rounded down to a part.
    /// @param compensation What a member gets for one unit if the brand fails, in currency base units.
    /// @param arbiter Who decides disputes.
    /// @param rightId What right is used up by beginning ({IPurchaseRights}); zero if anybody may.
    struct Conditions {
        uint96 tokenPart;
        uint96 currencyPart;
        uint40 opensAt;
        uint40 closesAt;
        uint8 fulfilDays;
        uint8 stakePercent;
        uint96 compensation;
        address arbiter;
        bytes32 rightId;
    }

    error Deals_InvalidId(bytes32 dealId);
    error Deals_AlreadyExists(address token, bytes32 dealId);
    error Deals_Leaving(address token);
    error Deals_NoPrice();
    error Deals_PriceTooHigh(uint256 parts);
    error Deals_InvalidWindow(uint40 opensAt, uint40 closesAt);
    error Deals_NoFulfilPeriod();
    error Deals_InvalidStake(uint8 stakePercent, uint8 most);
    error Deals_NoArbiter(address arbiter);
    error Deals_NoRight(bytes32 rightId);
    error Deals_NoTerms();
    error Deals_URITooLong(uint256 length, uint256 most);
    error Deals_Refused(address receiver);

    /// @notice The most that a dispute may be made to cost, in percent of what is in dispute.
    function MAX_STAKE_PERCENT() external view returns (uint8);

    /// @notice What was published: conditions, keccak256 of the document that describes what is sold, where that
    /// is, and where members buy. `closesAt` is zero if there is no such deal.
    function conditionsOf(address token, bytes32 dealId)
        external
        view
        returns (Conditions memory conditions, bytes32 termsHash, string memory termsURI, address receiver);
}
