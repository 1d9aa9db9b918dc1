// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IEarnDistributor } from "./IEarnDistributor.sol";
import { IOffers } from "./IOffers.sol";
import { IReceipts } from "./IReceipts.sol";

/// @title IRedemptions
/// @notice A brand's redemption desk: what it offers for its tokens, and redeeming at a till, hand to hand.
/// It takes the member's fresh signature and the till's call. The tokens burn, and the mark that the
/// signature leaves is the receipt.
///
/// The member signs, in the token's EIP-712 domain, a `Spend` (see {ILoyaltyToken-Spend}) whose spender is
/// this contract and whose witness is one of
/// - `OfferRedemption(bytes32 offerId,uint256 quantity,uint256 version,address till)`
/// - `ParRedemption(bytes32 orderRef,uint256 version,address till)`
interface IRedemptions is IOffers, IReceipts {
    /// @notice A member's signed wish for units of an offer.
    /// @param member Who.
    /// @param offerId Which offer.
    /// @param quantity How many units.
    /// @param version The version of the offer that the member saw.
    /// @param maxAmount The most it may cost, in token base units: what is signed as the spend's amount.
    /// @param nonce The spend's nonce.
    /// @param deadline The spend's deadline.
    /// @param signature The member's signature.
    struct OfferRedemption {
        address member;
        bytes32 offerId;
        uint256 quantity;
        uint256 version;
        uint256 maxAmount;
        bytes32 nonce;
        uint256 deadline;
        bytes signature;
    }

    /// @notice A member's signed wish for shop credit worth par.
    /// @param member Who.
    /// @param orderRef What it is for: the shop's reference of the purchase.
    /// @param version The version of the token's terms that the member saw.
    /// @param amount How many token base units.
    /// @param nonce The spend's nonce.
    /// @param deadline The spend's deadline.
    /// @param signature The member's signature.
    struct ParRedemption {
        address member;
        bytes32 orderRef;
        uint256 version;
        uint256 amount;
        bytes32 nonce;
        uint256 deadline;
        bytes signature;
    }

    event TillSet(address indexed token, address indexed till, bool allowed);
    event OfferRedeemed(
        address indexed token,
        bytes32 indexed offerId,
        address indexed member,
        bytes32 nonce,
        uint256 quantity,
        uint256 amount,
        address till
    );
    /// @dev `value` is what was paid in the settlement currency, zero where the shop gave credit.
    event ParRedeemed(
        address indexed token,
        bytes32 indexed orderRef,
        address indexed member,
        bytes32 nonce,
        uint256 amount,
        uint256 value,
        address till
    );

    error Redemptions_NotTill(address token, address account);
    error Redemptions_StaleTerms(address token, uint256 version);
    error Redemptions_ZeroAmount();
    error Redemptions_NotFresh(uint256 deadline, uint256 latest);
    error Redemptions_NoDelivery();
    error Redemptions_ShortPaid(uint256 received, uint256 value);

    /// @notice How far ahead a signature's deadline may lie at most, in seconds, so that none is left lying
    /// about.
    function FRESHNESS() external view returns (uint32);

    /// @notice Lets an account take redemptions of the token, or no longer. Fulfil role, so that a shop
    /// manager can change its tills; works in any status of the brand. Emits {TillSet}.
    function setTill(address token, address till, bool allowed) external;

    /// @notice The till, which is the caller, takes units of an offer. The price is the present one, at most
    /// what was signed. Emits {OfferRedeemed}.
    ///
    /// Requirements:
    /// - the caller is a till for the token, and the one that the member named
    /// - the offer is open, nothing got worse since the version named, stock and the member's limit suffice
    /// - the signature is the member's, its nonce unused, its deadline not past and at most {FRESHNESS} ahead
    function redeemOffer(address token, OfferRedemption calldata redemption) external;

    /// @notice As {redeemOffer} for many; if one fails, all do.
    function redeemOffers(address token, OfferRedemption[] calldata redemptions) external;

    /// @notice As {redeemOffer}, once what the member earned was claimed: straight from the proof, so that goods can
    /// be had for what is not in the wallet yet.
    /// @param earnings Whoever pays the credits, told by {IEarnDistributor-claimMany}; it needs no trust.
    /// @param credits The member's; those that have been claimed are passed over.
    function claimAndRedeemOffer(
        address token,
        IEarnDistributor earnings,
        IEarnDistributor.Credit[] calldata credits,
        OfferRedemption calldata redemption
    ) external;

    /// @notice The till takes tokens for shop credit worth par. Emits {ParRedeemed}.
    ///
    /// Requirements: as for {redeemOffer}, with the token's terms in place of an offer's
    function redeemAtPar(address token, ParRedemption calldata redemption) external;

    /// @notice As {redeemAtPar} for many; if one fails, all do.
    function redeemManyAtPar(address token, ParRedemption[] calldata redemptions) external;

    /// @notice As {redeemAtPar}, once what the member earned was claimed, as by {claimAndRedeemOffer}.
    function claimAndRedeemAtPar(
        address token,
        IEarnDistributor earnings,
        IEarnDistributor.Credit[] calldata credits,
        ParRedemption calldata redemption
    ) external;

    /// @notice The till takes tokens and pays their par value, rounded up, in the settlement currency, from
    /// its own allowance to this contract. That settles the debt for good (RED-3). Emits {ParRedeemed}.
    ///
    /// Requirements: as for {redeemAtPar}, and the member receives the value in full
    function redeemInCurrency(address token, ParRedemption calldata redemption) external;

    /// @notice Whether an account may take redemptions of the token.
    function isTill(address token, address account) external view returns (bool);
}
