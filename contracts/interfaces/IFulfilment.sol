// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "./ILoyaltyToken.sol";

/// @title IFulfilment
/// @notice What happens between a member's order and its end. What the member paid is locked; the brand
/// says that it delivered; the member agrees or disputes; an arbiter decides; and each silence has an end
/// that favours the member and that anybody can bring about (RED-1).
///
/// ```
///            +-- decline -----------------------------> Refunded (first day), Compensated (later)
///            |   claim, from fulfilBy on -------------> Compensated
///  (open) -> Open --- confirm ------------------------> Fulfilled
///            | fulfil, before fulfilBy
///            v
///         Delivered - confirm; finish, from disputeBy on -> Fulfilled
///            |   +---- decline -----------------------> Compensated
///            | dispute, before disputeBy
///            v
///         Disputed --- decide, before decideBy -------> Decided
///                +---- claim, from decideBy on -------> Compensated
///                +---- decline -----------------------> Compensated
///                +---- confirm -----------------------> Fulfilled
/// ```
///
/// One word is stored for an order: where it stands, until when, and the hash of its facts. The facts are in
/// {OrderOpened} and come with each call. "Compensated" without any compensation reserved is "refunded".
interface IFulfilment {
    /// @notice Where an order stands; `None` also once it ended other than fulfilled.
    enum State {
        None,
        Open,
        Delivered,
        Disputed,
        Fulfilled
    }

    /// @notice How an order ended.
    enum Outcome {
        Fulfilled,
        Refunded,
        Compensated,
        Decided
    }

    /// @notice The facts of an order; they never change.
    /// @param token The token whose brand owes the delivery.
    /// @param offerId What was ordered.
    /// @param number Tells the orders of one offer apart; with token and offer it is the order's id. Where a
    /// member can have one order alone, it is the member's address.
    /// @param member Who ordered.
    /// @param quantity How many units.
    /// @param amount What is locked: in token base units, or in parts of a price where the contract says so
    /// ({IPurchases}); so are `stake` and what is refunded.
    /// @param compensation What is reserved in case that the brand fails, in currency base units.
    /// @param stake What a dispute costs if it turns out wrong.
    /// @param arbiter Who decides a dispute.
    /// @param openedAt When.
    /// @param orderRef What the shop calls it; it may be zero.
    struct Order {
        address token;
        bytes32 offerId;
        uint256 number;
        address member;
        uint32 quantity;
        uint96 amount;
        uint96 compensation;
        uint96 stake;
        address arbiter;
        uint40 openedAt;
        bytes32 orderRef;
    }

    /// @notice What the orders of one offer came to, in units; the first five make up all that were ordered.
    /// @param open Not ended.
    /// @param fulfilled Undisputed for long enough, confirmed, or decided with nothing for the member.
    /// @param declined By the brand, in time and before anybody disputed.
    /// @param failed The brand let its time pass.
    /// @param lost Disputed, and ended with something for the member.
    /// @param disputed How many have ever been disputed.
    /// @param compensationPaid In currency base units.
    struct Record {
        uint256 open;
        uint256 fulfilled;
        uint256 declined;
        uint256 failed;
        uint256 lost;
        uint256 disputed;
        uint256 compensationPaid;
    }

    event OrderOpened(
        address indexed token,
        bytes32 indexed offerId,
        address indexed member,
        uint256 number,
        uint32 quantity,
        uint96 amount,
        uint96 compensation,
        uint96 stake,
        address arbiter,
        uint40 fulfilBy,
        bytes32 orderRef
    );
    event OrderDelivered(
        address indexed token, bytes32 indexed offerId, uint256 indexed number, uint40 disputeBy
    );
    event OrderDisputed(
        address indexed token, bytes32 indexed offerId, uint256 indexed number, uint40 decideBy
    );
    /// @param refunded What of the amount went back to the member, without the stake.
    /// @param compensation Currency base units that the member got.
    event OrderEnded(
        address indexed token,
        bytes32 indexed offerId,
        uint256 indexed number,
        Outcome outcome,
        uint96 refunded,
        uint96 compensation
    );

    error Fulfilment_OtherFacts(address token, bytes32 offerId, uint256 number);
    error Fulfilment_WrongState(address token, bytes32 offerId, uint256 number, State state);
    error Fulfilment_TooLate(uint256 deadline);
    error Fulfilment_TooEarly(uint256 deadline);
    error Fulfilment_OtherToken(address token, address expected);
    error Fulfilment_NotMember(address account, address member);
    error Fulfilment_NotArbiter(address account, address arbiter);
    error Fulfilment_SplitTooLarge(uint256 given, uint256 most);
    error Fulfilment_WrongStake(uint256 amount, uint256 stake);

    /// @notice How long after an order the brand may decline it without paying compensation, in seconds; zero where it
    /// has agreed to the very price, as in bargains.
    function DECLINE_PERIOD() external view returns (uint32);

    /// @notice How long a member can dispute a delivery, in seconds.
    function DISPUTE_PERIOD() external view returns (uint32);

    /// @notice How long an arbiter has to decide, in seconds.
    function DECISION_PERIOD() external view returns (uint32);

    // ---- brand

    /// @notice Says that orders of one offer were delivered. Fulfil role, in any status of the brand. Emits
    /// {OrderDelivered} for each; those that ended as fulfilled meanwhile are passed over.
    ///
    /// Requirements:
    /// - each other is open, and its time to fulfil has not passed
    function fulfil(address token, bytes32 offerId, uint256[] calldata numbers) external;

    /// @notice Gives an order back, with its compensation unless it is open and younger than
    /// {DECLINE_PERIOD}. Fulfil role; where it costs compensation, the brand's admin. Unless it is open and in
    /// time it counts as failed. Emits {OrderEnded}.
    function decline(Order calldata order) external;

    // ---- member

    /// @notice The member is content, which ends the order; a stake comes back. Emits {OrderEnded}.
    function confirm(Order calldata order) external;

    /// @notice As {confirm}, for anybody to submit: the member signs, in the token's domain, a `Spend` of
    /// nothing whose spender is this contract and whose witness is
    /// `OrderConfirmation(bytes32 offerId,uint256 number)`.
    function confirmWithSignature(
        Order calldata order,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external;

    /// @notice Disputes a delivery, for anybody to submit: the member signs, in the token's domain, a `Spend`
    /// of the stake's tokens whose spender is this contract and whose witness is
    /// `OrderDispute(bytes32 offerId,uint256 number)`. Emits {OrderDisputed}.
    ///
    /// Requirements:
    /// - the order is delivered, and the time to dispute has not passed
    function disputeWithSignature(
        Order calldata order,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external;

    // ---- arbiter

    /// @notice Decides a dispute. What is not refunded is the brand's, what is not paid in compensation is
    /// free again. The member's stake comes back unless both are zero. The order's arbiter only. Emits
    /// {OrderEnded}.
    ///
    /// Requirements:
    /// - the time to decide has not passed
    /// @param refunded What of the amount is for the member.
    /// @param compensation Currency base units for the member.
    function decide(Order calldata order, uint96 refunded, uint96 compensation) external;

    // ---- anyone

    /// @notice Ends orders of one token that nobody disputed in time. Emits {OrderEnded} for each; those that
    /// ended as fulfilled meanwhile are passed over.
    function finish(address token, Order[] calldata orders) external;

    /// @notice Ends an order in the member's favour after the brand's or the arbiter's silence: what was paid
    /// comes back, with the compensation and any stake. Emits {OrderEnded}.
    ///
    /// Requirements:
    /// - it is open and its time to fulfil has passed, or it is disputed and the time to decide has passed
    function claim(Order calldata order) external;

    // ---- views

    /// @notice Where an order stands, and until when: `fulfilBy`, `disputeBy`, `decideBy`; for a fulfilled
    /// one, when it ended.
    function stateOf(address token, bytes32 offerId, uint256 number)
        external
        view
        returns (State state, uint40 deadline);

    /// @notice Whether these are the facts of an order that ended as fulfilled, and when: a receipt.
    function isFulfilled(Order calldata order) external view returns (bool fulfilled, uint40 endedAt);

    /// @notice What the orders of an offer came to.
    function recordOf(address token, bytes32 offerId) external view returns (Record memory);
}
