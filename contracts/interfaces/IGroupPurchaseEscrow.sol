// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "./ILoyaltyToken.sol";
import { IPurchases } from "./IPurchases.sol";
import { GroupWord } from "../libraries/GroupWord.sol";

/// @title IGroupPurchaseEscrow
/// @notice Buying together: the more units a group takes, the less each costs. A brand publishes a *deal* with one
/// to eight price *tiers* ({IGroupDeals}); whoever has the right to opens a *group*; members take *seats* in it, each with its full
/// deposit; and at the deadline, or as soon as the group is full, all participants pay the same price.
///
/// **Price.** Each seat names its top price, that of a tier, and deposits it. A tier is reached if the units whose
/// top price is its price or more are at least its `seats`. The best tier reached is everybody's price; whoever
/// named a lower top price is no participant and gets everything back. If no tier is reached the group has
/// failed, and all get everything back (GROUP-2). Others' seats can only lower what a member pays: so a false
/// seat, which holds its full deposit as all do, costs its owner and harms nobody.
///
/// ```
///                 join, leave before cutoffAt
///                      +-----+
///                      v     |
///  (publish) -> open -> Open +-- the last unit is taken ------------> Succeeded, at the lowest price
///                       |
///                       +------- from the deadline on, by anybody --> Succeeded or Failed
/// ```
///
/// **Seat.** One seat of a group per member, of one unit to the deal's `seatLimit`; to change it, leave and join
/// again. Accounts of the token's brand can neither hold nor pay for one (GROUP-1). Leaving is possible until
/// `cutoffAt`, and never after: nobody can let a group fail in its last moments. Joining is possible to the end.
///
/// **After.** Once a group is closed, anybody can settle its seats, one by one or some at once: no seat depends on
/// another (GROUP-3). What is over goes back, and a participant's seat becomes an order of {IFulfilment}: its
/// `offerId` is the group's id, its `number` the member's address, its `openedAt` the time of the closing, its
/// `orderRef` the referrer, its `amount` what the member pays in parts of the price. The brand has `fulfilDays`
/// from the closing on, whenever it settles. A seat that nobody has settled by then can be settled and claimed in
/// the member's favour by anybody. The closing happens at the deadline, whenever it is written down.
///
/// **Paying.** With `transferAndCall`, as tokens of exactly the deposit, and
/// `data = abi.encode(Act.Pay, SeatRequest)`; the currency part of a mixed price by the payer's allowance. With
/// {join} where the price is currency alone. Without ETH, the payer signs in the token's domain a `Spend` (of
/// nothing if the price has no tokens) whose spender is this contract and whose witness is the `SeatRequest`.
///
/// Facts of seats come with the calls that need them, as they stood in {SeatTaken}; one word is stored for each.
interface IGroupPurchaseEscrow is IPurchases {
    /// @notice What somebody pays for.
    /// @param groupId Which group; the deal's id opens a new one, which uses up a right of the payer.
    /// @param quantity How many units.
    /// @param topTier The tier whose price is the most that the member pays.
    /// @param member Whose seat it is; zero for the payer's. What comes back, comes back to the member.
    /// @param referrer Who brought the member; it may be zero, and not the member.
    /// @param leastCompensation The least that must be reserved, in currency base units: the deal's
    /// compensation, or less if less is accepted where the brand's purse is short.
    struct SeatRequest {
        bytes32 groupId;
        uint256 quantity;
        uint256 topTier;
        address member;
        address referrer;
        uint256 leastCompensation;
    }

    /// @notice The facts of a seat; they never change.
    /// @param token The token whose brand owes the delivery.
    /// @param groupId The group.
    /// @param member Who has it; with token and group this is the seat's id.
    /// @param quantity How many units.
    /// @param deposit What was paid, at the top price, in parts.
    /// @param compensation What is reserved in case that the brand fails, in currency base units.
    /// @param arbiter Who would decide a dispute.
    /// @param referrer Who brought the member.
    struct Seat {
        address token;
        bytes32 groupId;
        address member;
        uint32 quantity;
        uint96 deposit;
        uint96 compensation;
        address arbiter;
        address referrer;
    }

    event GroupOpened(
        address indexed token, bytes32 indexed groupId, address indexed opener, uint40 deadline
    );
    event SeatTaken(
        address indexed token,
        bytes32 indexed groupId,
        address indexed member,
        uint32 quantity,
        uint96 deposit,
        uint96 compensation,
        address arbiter,
        address referrer
    );
    /// @param price What a unit costs, in parts; zero if the group has failed.
    /// @param units Units of the participants.
    /// @param closedAt When; the deadline, unless the group was full before.
    event GroupClosed(
        address indexed token, bytes32 indexed groupId, uint96 price, uint16 units, uint40 closedAt
    );
    /// @dev All of the deposit went back: the member left, or the group ended without it. A participant's seat
    /// becomes an order instead: {OrderOpened}.
    event SeatRefunded(
        address indexed token,
        bytes32 indexed groupId,
        address indexed member,
        uint32 quantity,
        uint96 deposit
    );

    error GroupPurchaseEscrow_NoGroupLeft(address token, bytes32 dealId);
    error GroupPurchaseEscrow_NotFound(address token, bytes32 groupId);
    error GroupPurchaseEscrow_NotOpen(address token, bytes32 groupId, uint40 endedAt);
    error GroupPurchaseEscrow_StillOpen(address token, bytes32 groupId, uint40 deadline);
    error GroupPurchaseEscrow_NoTier(uint256 topTier);
    error GroupPurchaseEscrow_InvalidQuantity(uint256 quantity, uint16 seatLimit);
    error GroupPurchaseEscrow_Full(uint256 quantity, uint256 left);
    error GroupPurchaseEscrow_AlreadySeated(address token, bytes32 groupId, address member);
    error GroupPurchaseEscrow_InvalidReferrer(address referrer);
    error GroupPurchaseEscrow_NoSeat(address token, bytes32 groupId, address member);
    error GroupPurchaseEscrow_OtherFacts(address token, bytes32 groupId, address member);
    error GroupPurchaseEscrow_TooLateToLeave(uint40 cutoffAt);

    // ---- members

    /// @notice Opens a group without taking a seat. Whoever has the deal's right, which is used up. Emits
    /// {GroupOpened}. To open one with a seat, take the seat in the deal itself.
    ///
    /// Requirements:
    /// - the deal's window is open, its arbiter still listed, and it has groups left
    /// @return groupId The deal's id with the group's number, from 1 on.
    function open(address token, bytes32 dealId) external returns (bytes32 groupId);

    /// @notice Takes a seat whose price is currency alone, from the caller's allowance. Emits {SeatTaken}, before
    /// that {GroupOpened} if that opens one, and after it {GroupClosed} if that fills it.
    ///
    /// Requirements, for all ways to take a seat:
    /// - the group is open, that is its deadline has not come and units are left; or it can be opened
    /// - `quantity` is one to the group's `seatLimit` and there is so much left; `topTier` is a tier
    /// - the member has no seat in the group; neither member nor payer acts for the token's brand
    /// - compensation of at least `leastCompensation` can be reserved
    /// - exactly the deposit arrives
    /// @param permit For the currency of the deposit, if there is no allowance yet.
    function join(address token, SeatRequest calldata request, Permit calldata permit) external;

    /// @notice Leaves a group, with everything. The seat's member only. Emits {SeatRefunded}.
    ///
    /// Requirements:
    /// - the group is open, and `cutoffAt` has not come
    function leaveGroup(Seat calldata seat) external;

    // ---- signed variants

    /// @notice Takes a seat as the payer signed, for anybody to submit. Emits as {join}.
    /// @param spend The payer's spend; its amount is at least the tokens of the deposit.
    /// @param permit For the currency of the deposit, if there is no allowance yet.
    function joinWithSignature(
        address token,
        SeatRequest calldata request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature,
        Permit calldata permit
    ) external;

    /// @notice As {leaveGroup}, for anybody to submit: the member signs, in the token's domain, a `Spend` of nothing
    /// whose spender is this contract and whose witness is `SeatLeaving(bytes32 groupId)`.
    function leaveGroupWithSignature(
        Seat calldata seat,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external;

    // ---- anyone

    /// @notice Writes down how a group ended. It costs the same however many seats there are. Emits
    /// {GroupClosed}.
    ///
    /// Requirements:
    /// - its deadline has come, and it is not written down yet
    function close(address token, bytes32 groupId) external;

    /// @notice Settles a seat of a group that ended, and closes the group if nobody has yet. To its member goes the
    /// whole deposit, or what is more than the price; then the seat is an order. Emits {SeatRefunded} or
    /// {OrderOpened}.
    ///
    /// Requirements:
    /// - the group's deadline has come, or it was full; the seat is not settled yet
    function withdraw(Seat calldata seat) external;

    /// @notice Settles seats as {withdraw} does. Those that are no longer there, because somebody was faster, are
    /// passed over.
    function settle(Seat[] calldata seats) external;

    // ---- views

    /// @notice How many groups of a deal were opened.
    function openedOf(address token, bytes32 dealId) external view returns (uint256 groups);

    /// @notice A group as it is stored; {IGroupDeals-groupOf} says what that means. Zero if there is none.
    function groupWordOf(address token, bytes32 groupId) external view returns (GroupWord);

    /// @notice Whether `member` has a seat in a group that is not settled yet.
    function hasSeat(address token, bytes32 groupId, address member) external view returns (bool);

    /// @notice Whether these are the facts of a seat that is not settled yet.
    function isSeat(Seat calldata seat) external view returns (bool);
}
