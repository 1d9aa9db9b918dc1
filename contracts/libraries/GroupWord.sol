// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A group of buyers, in one word; zero means that there is none. From the low bits:
///
///   while it is open   units taken by top tier (8 × 16)
///   once it is closed  price (96) ‖ units of the participants (16) ‖ units failed (16)
///   always             deadline, or when it closed (40) ‖ cutoff (32) ‖ most seats (16) ‖ seat limit (16) ‖
///                      days to fulfil (8) ‖ stake in percent (8) ‖ is closed (1) ‖ is mixed (1) ‖ is compensated (1)
type GroupWord is uint256;

using GroupWords for GroupWord global;

/// @title GroupWords
/// @notice What a {GroupWord} says. All units of a group together fit 16 bits, hence so do those of a tier and those
/// of several tiers.
library GroupWords {
    // Each cast cuts a field out of its word.
    // forge-lint: disable-start(unsafe-typecast)

    uint256 internal constant TIERS = 8;

    uint256 private constant LANE = 16;
    uint256 private constant COUNTS = type(uint128).max;
    /// @dev A one in each lane.
    uint256 private constant ONES = 0x00010001000100010001000100010001;
    uint256 private constant UNITS_AT = 96;
    uint256 private constant FAILED_AT = 112;
    uint256 private constant TIME_AT = 128;
    uint256 private constant CUTOFF_AT = 168;
    uint256 private constant MOST_AT = 200;
    uint256 private constant LIMIT_AT = 216;
    uint256 private constant DAYS_AT = 232;
    uint256 private constant STAKE_AT = 240;
    uint256 private constant CLOSED = 1 << 248;
    uint256 private constant MIXED = 1 << 249;
    uint256 private constant COMPENSATED = 1 << 250;

    /// @notice A new group.
    /// @param isMixed_ Whether a part of the price is anything else than a base unit of the token.
    /// @param isCompensated_ Whether compensation is reserved for its seats.
    function create(
        uint40 deadline,
        uint32 cutoff,
        uint16 mostSeats_,
        uint16 seatLimit_,
        uint8 fulfilDays_,
        uint8 stakePercent_,
        bool isMixed_,
        bool isCompensated_
    ) internal pure returns (GroupWord) {
        uint256 word = uint256(deadline) << TIME_AT | uint256(cutoff) << CUTOFF_AT;
        word |= uint256(mostSeats_) << MOST_AT | uint256(seatLimit_) << LIMIT_AT;
        word |= uint256(fulfilDays_) << DAYS_AT | uint256(stakePercent_) << STAKE_AT;
        if (isMixed_) word |= MIXED;
        if (isCompensated_) word |= COMPENSATED;
        return GroupWord.wrap(word);
    }

    // -------------------------------------------------------------- always

    function exists(GroupWord group) internal pure returns (bool) {
        return GroupWord.unwrap(group) != 0;
    }

    /// @notice The deadline, or once it is closed when that was.
    function time(GroupWord group) internal pure returns (uint40) {
        return uint40(GroupWord.unwrap(group) >> TIME_AT);
    }

    function cutoffAt(GroupWord group) internal pure returns (uint40) {
        return time(group) - uint32(GroupWord.unwrap(group) >> CUTOFF_AT);
    }

    function mostSeats(GroupWord group) internal pure returns (uint16) {
        return uint16(GroupWord.unwrap(group) >> MOST_AT);
    }

    function seatLimit(GroupWord group) internal pure returns (uint16) {
        return uint16(GroupWord.unwrap(group) >> LIMIT_AT);
    }

    function fulfilDays(GroupWord group) internal pure returns (uint8) {
        return uint8(GroupWord.unwrap(group) >> DAYS_AT);
    }

    function stakePercent(GroupWord group) internal pure returns (uint8) {
        return uint8(GroupWord.unwrap(group) >> STAKE_AT);
    }

    function isClosed(GroupWord group) internal pure returns (bool) {
        return GroupWord.unwrap(group) & CLOSED != 0;
    }

    function isMixed(GroupWord group) internal pure returns (bool) {
        return GroupWord.unwrap(group) & MIXED != 0;
    }

    function isCompensated(GroupWord group) internal pure returns (bool) {
        return GroupWord.unwrap(group) & COMPENSATED != 0;
    }

    // ---------------------------------------------------------- while open

    /// @notice Units whose top price is that of `tier`.
    function takenAt(GroupWord group, uint256 tier) internal pure returns (uint16) {
        return uint16(GroupWord.unwrap(group) >> tier * LANE);
    }

    /// @notice All units taken.
    function taken(GroupWord group) internal pure returns (uint256) {
        return _upTo(group) >> (TIERS - 1) * LANE;
    }

    /// @notice The group with `quantity` units more; the caller knows that so many are left.
    function add(GroupWord group, uint256 tier, uint256 quantity) internal pure returns (GroupWord) {
        return GroupWord.wrap(GroupWord.unwrap(group) + (quantity << tier * LANE));
    }

    /// @notice The group with `quantity` units less; the caller knows that so many were added.
    function remove(GroupWord group, uint256 tier, uint256 quantity) internal pure returns (GroupWord) {
        return GroupWord.wrap(GroupWord.unwrap(group) - (quantity << tier * LANE));
    }

    /// @notice The best tier that is reached: whose seats are at most the units whose top price is its price or
    /// more, which are those of its own and of all earlier tiers.
    /// @param seats What each tier needs, in lanes; zero for tiers that there are not.
    /// @return those How many those units are; zero if no tier is reached.
    /// @return tier Which.
    function reached(GroupWord group, uint128 seats) internal pure returns (uint16 those, uint256 tier) {
        uint256 upTo = _upTo(group);
        for (tier = TIERS; tier != 0;) {
            --tier;
            uint16 needed = uint16(seats >> tier * LANE);
            those = uint16(upTo >> tier * LANE);
            if (needed != 0 && those >= needed) return (those, tier);
        }
        return (0, 0);
    }

    // --------------------------------------------------------- once closed

    /// @notice The group as it is once closed.
    /// @param price_ Zero if it has failed.
    function closed(GroupWord group, uint96 price_, uint16 units_, uint40 time_)
        internal
        pure
        returns (GroupWord)
    {
        uint256 word = GroupWord.unwrap(group) & ~(COUNTS | uint256(type(uint40).max) << TIME_AT);
        return
            GroupWord.wrap(word | CLOSED | price_ | uint256(units_) << UNITS_AT | uint256(time_) << TIME_AT);
    }

    function price(GroupWord group) internal pure returns (uint96) {
        return uint96(GroupWord.unwrap(group));
    }

    function units(GroupWord group) internal pure returns (uint16) {
        return uint16(GroupWord.unwrap(group) >> UNITS_AT);
    }

    function failed(GroupWord group) internal pure returns (uint16) {
        return uint16(GroupWord.unwrap(group) >> FAILED_AT);
    }

    /// @notice The group with `quantity` units failed more; the caller knows that they were the participants'.
    function fail(GroupWord group, uint256 quantity) internal pure returns (GroupWord) {
        return GroupWord.wrap(GroupWord.unwrap(group) + (quantity << FAILED_AT));
    }

    /// @dev In each lane the units of that tier and all earlier ones: multiplying by ones adds up what is below.
    ///
    /// Plain twin, which the tests hold it to: for each tier, the sum of `takenAt` from 0 to it.
    function _upTo(GroupWord group) private pure returns (uint256) {
        unchecked {
            return (GroupWord.unwrap(group) & COUNTS) * ONES & COUNTS;
        }
    }

    // forge-lint: disable-end(unsafe-typecast)
}
