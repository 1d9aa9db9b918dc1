// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IDeals } from "./IDeals.sol";

/// @title IGroupDeals
/// @notice What brands offer to groups: the more units a group takes, the less each costs. Members buy at the escrow
/// that the deal is published for ({IGroupPurchaseEscrow}).
interface IGroupDeals is IDeals {
    /// @notice One step of the price.
    /// @param seats How many units reach it.
    /// @param price What a unit costs then, in parts.
    struct Tier {
        uint16 seats;
        uint96 price;
    }

    /// @notice What groups of a deal are like.
    /// @param mostSeats How many units a group has: all of them taken close it.
    /// @param seatLimit How many units one member can have in a group.
    /// @param groups How many groups there can be.
    /// @param duration How long a group is open, in seconds.
    /// @param cutoff How long before its deadline nobody can leave any more, in seconds; not zero.
    struct Plan {
        uint16 mostSeats;
        uint16 seatLimit;
        uint32 groups;
        uint32 duration;
        uint32 cutoff;
    }

    /// @notice Where a group stands now, whether or not that is written down.
    enum Status {
        None,
        Open,
        Succeeded,
        Failed
    }

    /// @notice A group as it is now.
    /// @param status Where it stands.
    /// @param isClosed Whether that is written down.
    /// @param deadline Until when one can join, exclusive; once it succeeded or failed, when that was.
    /// @param cutoffAt Until when one can leave, exclusive.
    /// @param mostSeats All units.
    /// @param seatLimit Units that one member can have.
    /// @param price What a unit costs, or would if the group ended now, in parts; zero if no tier is reached.
    /// @param units Units of the participants, or of those who would be.
    /// @param takenByTier Units by the tier that they named as their top price; empty once closed.
    struct Group {
        Status status;
        bool isClosed;
        uint40 deadline;
        uint40 cutoffAt;
        uint16 mostSeats;
        uint16 seatLimit;
        uint96 price;
        uint16 units;
        uint16[8] takenByTier;
    }

    event DealPublished(
        address indexed token,
        bytes32 indexed dealId,
        address indexed escrow,
        Conditions conditions,
        Plan plan,
        Tier[] tiers,
        bytes32 termsHash,
        string termsURI
    );

    error GroupDeals_InvalidTierCount(uint256 count, uint256 most);
    error GroupDeals_InvalidTier(uint256 index);
    error GroupDeals_InvalidMostSeats(uint16 mostSeats, uint16 least);
    error GroupDeals_InvalidSeatLimit(uint16 seatLimit, uint16 most);
    error GroupDeals_InvalidDuration(uint32 duration, uint32 most);
    error GroupDeals_InvalidCutoff(uint32 cutoff, uint32 most);
    error GroupDeals_NoGroups();

    /// @notice The most price tiers that a deal has.
    function MAX_TIERS() external view returns (uint256);

    /// @notice The longest that a group is open, in seconds.
    function MAX_DURATION() external view returns (uint32);

    /// @notice Publishes a deal, for good. Campaign role, brand active. Emits {DealPublished}.
    ///
    /// Requirements:
    /// - the token is obliged, and neither being wound down nor in default
    /// - `dealId` has at most 28 bytes, is not zero, and the brand has not used it
    /// - there is a price, a window that is not over, time to deliver, a stake of at most {MAX_STAKE_PERCENT}, an
    /// arbiter on the alliance's list, and the right, if one is named, is defined
    /// - one to {MAX_TIERS} tiers, from few seats to many and from dear to cheap, each strictly; the first has a
    /// seat at least, the last has a price, and its seats fit `mostSeats`
    /// - one to `mostSeats` units a seat; a group at least; a duration of at most {MAX_DURATION}, a cutoff of at
    /// most the duration
    /// - a document, at a URI of at most 512 bytes
    ///
    /// @param escrow Where members buy; it takes deals of this contract.
    function publishDeal(
        address escrow,
        address token,
        bytes32 dealId,
        Conditions calldata conditions,
        Plan calldata plan,
        Tier[] calldata tiers,
        bytes32 termsHash,
        string calldata termsURI
    ) external;

    /// @notice What groups of a deal are like, and its tiers; none if there is no such deal.
    function dealOf(address token, bytes32 dealId)
        external
        view
        returns (Plan memory plan, Tier[] memory tiers);

    /// @notice A group as it is now; status `None` if there is none.
    function groupOf(address token, bytes32 groupId) external view returns (Group memory);
}
