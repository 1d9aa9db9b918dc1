// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IPricer } from "./IPricer.sol";

/// @title IHaggles
/// @notice Bargains by bid and counter-offer: the buyer lays down a deposit, buyer and brand talk off chain, and
/// one transaction strikes the bargain at a price that both agreed to.
///
/// ```
///  (a right, a deposit) -- open --> Open --- strike, before deadline, by both --> Ended, an order
///                                    | +---- withdraw, by the buyer ------------> Ended, the deposit back
///                                    +------ from deadline on --> Lapsed -- withdraw, by anybody --> Ended, likewise
/// ```
///
/// A deal's rules are `abi.encode(Rules)`; the floor price is the least bid. A bargain opens with a payment to
/// {IBargains}, between floor price and list price.
///
/// **The deposit** is the most that the buyer can be brought to pay, and no bid: nothing happens to it without the
/// buyer's word for a price. What the price leaves of it goes back in the transaction that strikes.
///
/// **One price that both named.** The buyer agrees by its call, or by signing
/// `HaggleBid(address token,bytes32 dealId,uint256 number,uint256 price,uint256 leastCompensation,bytes32 orderRef,uint256 nonce,uint256 deadline)`;
/// the brand by the call, or signature, of somebody who runs its campaigns, over
/// `HaggleOffer(address token,bytes32 dealId,uint256 number,uint256 price,uint256 nonce,uint256 deadline)`.
/// Whoever has the other side's signature strikes by its own call; whoever has both can be anybody. A bargain is
/// struck once, so that no signature is used twice.
///
/// **Taking one's word back.** Each side has a nonce in the bargain, and {revoke} moves its own on: what was signed
/// with the one before is void. An offer is void too as soon as its signer no longer runs the brand's campaigns.
/// The buyer's {withdraw} ends the bargain, and all bids with it, signed ones that are still in time not excepted:
/// **a bid or an offer is a promise that its signer can take back until the bargain is struck**, and within a block
/// who comes first wins. No contract can know what was signed off chain, and nothing that was must stand between
/// the buyer and its money.
///
/// **To the second.** In the second of `deadline` a bargain can no longer be struck, and anybody can give its
/// deposit back. `opensAt` and `closesAt` are from and until, like that. A signature is good in the second of its
/// own deadline, not after it, and never longer than the bargain.
///
/// **Nobody in the way.** The deposit goes back through the factory's tokens, which call nobody, and as a credit
/// that is collected apart. No suspension, default, wind-down or striking off a list stops that.
interface IHaggles is IPricer {
    /// @notice What a bargain is struck at.
    /// @param price In parts.
    /// @param leastCompensation The least that must be reserved for the buyer, in currency base units.
    /// @param orderRef What the shop calls it; it may be zero.
    struct Agreement {
        uint96 price;
        uint96 leastCompensation;
        bytes32 orderRef;
    }

    /// @notice A bargain as it is now. Its deposit is {IBargains-depositOf}.
    /// @param deadline Until when it can be struck.
    /// @param bidNonce What the buyer's bids must carry.
    /// @param offerNonce What the brand's offers must carry.
    struct Haggle {
        Status status;
        uint40 deadline;
        uint32 bidNonce;
        uint32 offerNonce;
    }

    /// @dev {IBargains} tells the rest.
    event HagglesPublished(address indexed token, bytes32 indexed dealId, Rules rules);
    event HaggleOpened(
        address indexed token,
        bytes32 indexed dealId,
        address indexed buyer,
        uint256 number,
        uint256 deposit,
        uint40 deadline
    );
    /// @dev Bids and offers with other nonces than these are void.
    event HaggleRevoked(
        address indexed token,
        bytes32 indexed dealId,
        uint256 indexed number,
        uint32 bidNonce,
        uint32 offerNonce
    );
    event HaggleStruck(address indexed token, bytes32 indexed dealId, uint256 indexed number, uint96 price);
    event HaggleWithdrawn(address indexed token, bytes32 indexed dealId, uint256 indexed number);

    // ---- buyer

    /// @notice Gives the deposit back and ends the bargain; what it took of the stock is there again. The buyer
    /// calls, or signed
    /// `HaggleWithdrawal(address token,bytes32 dealId,uint256 number,uint256 deadline)`; from the bargain's
    /// deadline on anybody calls. Emits {HaggleWithdrawn}.
    ///
    /// Requirements:
    /// - the bargain is open, or lapsed
    function withdraw(address token, bytes32 dealId, uint256 number, Consent calldata buyer) external;

    // ---- both

    /// @notice Strikes a bargain at a price that buyer and brand agree to: it is an order, and what the price leaves
    /// of the deposit goes back. Emits {HaggleStruck}.
    ///
    /// Requirements:
    /// - the bargain is open
    /// - the price is neither less than the floor price nor more than the deposit
    /// - the buyer calls, or signed the bid; `brand.signer` runs the brand's campaigns, and calls, or signed the
    /// offer
    /// - so much compensation is free
    function strike(
        address token,
        bytes32 dealId,
        uint256 number,
        Agreement calldata agreement,
        Consent calldata buyer,
        BrandConsent calldata brand
    ) external;

    /// @notice Makes void what the caller's side has signed for an open bargain: the buyer's bids; or, called by
    /// somebody who runs the brand's campaigns, its offers. Emits {HaggleRevoked}.
    function revoke(address token, bytes32 dealId, uint256 number) external;

    // ---- views

    /// @notice A bargain as it is now.
    function bargainOf(address token, bytes32 dealId, uint256 number) external view returns (Haggle memory);
}
