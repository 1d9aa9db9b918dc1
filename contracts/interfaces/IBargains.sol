// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "./ILoyaltyToken.sol";
import { IPurchases } from "./IPurchases.sol";

/// @title IBargains
/// @notice Where bargains are paid for and kept: deals ({IBargainDeals}) whose price one buyer can bring down. How a
/// price comes down is a *pricer's* business ({IPricer}), which the deal names and the alliance lists: {IHaggles} by bid and
/// counter-offer, {ICuts} with friends' help. A bargain that comes about is an order of one unit, whose amount is
/// its price in parts; {IFulfilment} tells the rest.
///
/// **What a pricer can do** is bounded here, whatever it is: it can let its deal's bargains begin, make an order
/// for the buyer at no more than the buyer laid down or agreed to pay, and give a deposit back to its buyer. At
/// worst it uses up rights to its own deals; it reaches no money but to give it back, and no order.
///
/// **Numbers.** A bargain's number has its buyer in the low 160 bits and, above them, whatever the buyer tells its
/// own bargains under one deal apart by. So it is known before the bargain opens, which lets signatures and
/// commitments name it, and nobody can take it from its buyer. It is used once, whatever becomes of the bargain.
///
/// **Paying.** A buyer pays by sending tokens here with `transferAndCall` and `data = abi.encode(Act.Pay, Payment)`,
/// the currency part coming from its allowance; what is too much goes back, since a price can have fallen. What is
/// currency alone is paid by {pay}. Or the buyer signs, in the token's domain, a `Spend` of at least the price's
/// tokens whose spender is this contract and whose witness is
/// `Payment(bytes32 dealId,uint256 number,uint256 most,uint256 leastCompensation,bytes32 orderRef)`, and anybody
/// submits it. So the signature binds chain and contract (the domain and the spender), the bargain and with it
/// buyer and beneficiary, the price, a deadline and a nonce, and the number can be paid for once.
interface IBargains is IPurchases {
    /// @notice What a buyer pays for.
    /// @param dealId The deal.
    /// @param number The bargain's number.
    /// @param most What the buyer pays at most, in parts; where a deposit opens the bargain, the deposit.
    /// @param leastCompensation The least that must be reserved, in currency base units. For a deposit it does not
    /// count: that is agreed on with the price.
    /// @param orderRef What the shop calls the order; it may be zero, and does not count for a deposit either.
    struct Payment {
        bytes32 dealId;
        uint256 number;
        uint256 most;
        uint256 leastCompensation;
        bytes32 orderRef;
    }

    /// @param parts What lies here for the bargain from now on.
    event DepositHeld(address indexed token, bytes32 indexed dealId, uint256 indexed number, uint256 parts);
    /// @param back What of the deposit the buyer has back; the rest became an order.
    event DepositReleased(
        address indexed token, bytes32 indexed dealId, uint256 indexed number, uint256 back
    );

    error Bargains_NotPricer(address caller, address pricer);
    error Bargains_NotBuyers(uint256 number, address account);
    error Bargains_TooDear(uint256 price, uint256 most);
    error Bargains_NoDeposit(uint256 number);
    error Bargains_NumberUsed(uint256 number);

    // ---- buyer

    /// @notice Pays what is currency alone, from the caller's allowance. Emits {DepositHeld} or {OrderOpened}.
    ///
    /// Requirements:
    /// - the number is the caller's; the pricer accepts the payment, and says a price of at most `most`
    /// - for an order, so much compensation is free
    /// - for a deposit, what {begin} requires
    function pay(address token, Payment calldata payment, Permit calldata permit) external;

    /// @notice As {pay}, with or without tokens, for anybody to submit.
    function payWithSignature(
        address token,
        Payment calldata payment,
        Permit calldata permit,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external;

    // ---- pricer

    /// @notice Begins a bargain without a deposit; uses up one of the buyer's rights, if the deal says so. The
    /// deal's pricer only, which sees to it that the buyer asked for it.
    ///
    /// Requirements:
    /// - the deal's window is open, and the alliance lists its arbiter
    /// - the buyer is not registered for the brand, and has a right if one is needed
    function begin(address token, bytes32 dealId, address buyer) external;

    /// @notice Makes an order of a deposit and gives the rest of it back. The deal's pricer only. Emits
    /// {OrderOpened} and {DepositReleased}.
    ///
    /// Requirements:
    /// - the bargain has a deposit of at least the price
    /// - so much compensation is free
    function strike(
        address token,
        bytes32 dealId,
        uint256 number,
        uint96 price,
        uint256 leastCompensation,
        bytes32 orderRef
    ) external;

    /// @notice Gives a deposit back to its buyer. The deal's pricer only. Emits {DepositReleased}.
    ///
    /// Requirements:
    /// - the bargain has a deposit
    function release(address token, bytes32 dealId, uint256 number) external;

    // ---- views

    /// @notice Who finds the prices under a deal; zero if there is no such deal.
    function pricerOf(address token, bytes32 dealId) external view returns (address);

    /// @notice What lies here for a bargain that has not ended, in parts.
    function depositOf(address token, bytes32 dealId, uint256 number) external view returns (uint256 parts);
}
