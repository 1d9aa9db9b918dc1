// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IRedemptions } from "./interfaces/IRedemptions.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { IEarnDistributor } from "./interfaces/IEarnDistributor.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IReceipts } from "./interfaces/IReceipts.sol";
import { Receipts } from "./libraries/Receipts.sol";
import { Roles } from "./libraries/Roles.sol";
import { Offers } from "./base/Offers.sol";

/// @title Redemptions
/// @notice See {IRedemptions}, {IOffers} and {IReceipts}.
///
/// Goods and tokens change hands at once, so there is nothing to hold and nothing to dispute: a till alone
/// can take nothing (the member signs for this till, these conditions, these minutes), and a member alone
/// can give nothing (only the till's call burns). The token itself checks the signature; this contract only
/// says what was signed.
contract Redemptions is IRedemptions, Offers, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @inheritdoc IRedemptions
    uint32 public constant FRESHNESS = 1 hours;

    bytes32 private constant OFFER_TYPEHASH =
        keccak256("OfferRedemption(bytes32 offerId,uint256 quantity,uint256 version,address till)");
    bytes32 private constant PAR_TYPEHASH =
        keccak256("ParRedemption(bytes32 orderRef,uint256 version,address till)");
    bytes32 private constant OFFER_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,OfferRedemption witness)OfferRedemption(bytes32 offerId,uint256 quantity,uint256 version,address till)"
    );
    bytes32 private constant PAR_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,ParRedemption witness)ParRedemption(bytes32 orderRef,uint256 version,address till)"
    );

    mapping(address token => mapping(address till => bool)) private _tills;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry)
        Offers(brandRegistry, obligationRegistry)
    { }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IRedemptions
    function setTill(address token, address till, bool allowed) external {
        // Check: the token is obliged, hence genuine
        // slither-disable-next-line unused-return -- called because it reverts for others
        OBLIGATION_REGISTRY.currencyOf(token);
        _checkRole(ILoyaltyToken(token).brandId(), Roles.FULFIL);
        _tills[token][till] = allowed;
        emit TillSet({ token: token, till: till, allowed: allowed });
    }

    // ----------------------------------------------------------------- tills

    /// @inheritdoc IRedemptions
    function redeemOffer(address token, OfferRedemption calldata redemption) external {
        _checkTill(token);
        _redeemOffer(token, redemption);
    }

    /// @inheritdoc IRedemptions
    function redeemOffers(address token, OfferRedemption[] calldata redemptions) external {
        _checkTill(token);
        for (uint256 i = 0; i < redemptions.length; ++i) {
            _redeemOffer(token, redemptions[i]);
        }
    }

    /// @inheritdoc IRedemptions
    // slither-disable-next-line reentrancy-events -- the till names whom to call, and all is checked after that
    function claimAndRedeemOffer(
        address token,
        IEarnDistributor earnings,
        IEarnDistributor.Credit[] calldata credits,
        OfferRedemption calldata redemption
    ) external {
        _checkTill(token);
        earnings.claimMany(token, credits);
        _redeemOffer(token, redemption);
    }

    /// @inheritdoc IRedemptions
    function redeemAtPar(address token, ParRedemption calldata redemption) external {
        _checkTill(token);
        _redeemAtPar(token, redemption, Kind.Par, 0);
    }

    /// @inheritdoc IRedemptions
    function redeemManyAtPar(address token, ParRedemption[] calldata redemptions) external {
        _checkTill(token);
        for (uint256 i = 0; i < redemptions.length; ++i) {
            _redeemAtPar(token, redemptions[i], Kind.Par, 0);
        }
    }

    /// @inheritdoc IRedemptions
    // slither-disable-next-line reentrancy-events -- the till names whom to call, and all is checked after that
    function claimAndRedeemAtPar(
        address token,
        IEarnDistributor earnings,
        IEarnDistributor.Credit[] calldata credits,
        ParRedemption calldata redemption
    ) external {
        _checkTill(token);
        earnings.claimMany(token, credits);
        _redeemAtPar(token, redemption, Kind.Par, 0);
    }

    /// @inheritdoc IRedemptions
    /// @dev Not within itself: what arrives is measured, and one payment must not count for two debts.
    function redeemInCurrency(address token, ParRedemption calldata redemption) external nonReentrant {
        _checkTill(token);
        uint256 value = OBLIGATION_REGISTRY.valueUp(token, redemption.amount);
        _redeemAtPar(token, redemption, Kind.Currency, value);

        // The currency is one that the alliance listed, but what arrives is what counts.
        IERC20 currency = IERC20(OBLIGATION_REGISTRY.currencyOf(token));
        uint256 before = currency.balanceOf(redemption.member);
        currency.safeTransferFrom(msg.sender, redemption.member, value);
        uint256 received = currency.balanceOf(redemption.member) - before;
        require(received >= value, Redemptions_ShortPaid(received, value));
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IRedemptions
    function isTill(address token, address account) external view returns (bool) {
        return _tills[token][account];
    }

    /// @inheritdoc IReceipts
    function receiptOf(address token, address member, bytes32 nonce) external view returns (Receipt memory) {
        // Check: the token is obliged, hence genuine
        // slither-disable-next-line unused-return -- called because it reverts for others
        OBLIGATION_REGISTRY.currencyOf(token);
        _checkDesk(token);
        return Receipts.unpack(ILoyaltyToken(token).receiptOf(member, nonce));
    }

    // ------------------------------------------------------------- internals

    /// @inheritdoc Offers
    function _checkDesk(address token) internal view override {
        address desk = ILoyaltyToken(token).redemptionDesk();
        require(desk == address(this), Offers_OtherDesk(token, desk));
    }

    /// @inheritdoc Offers
    function _checkDelivery(Conditions calldata conditions, address) internal pure override {
        bool none = conditions.fulfilDays == 0 && conditions.stakePercent == 0 && conditions.compensation == 0
            && conditions.arbiter == address(0);
        require(none, Redemptions_NoDelivery());
    }

    function _checkTill(address token) private view {
        require(_tills[token][msg.sender], Redemptions_NotTill(token, msg.sender));
    }

    // slither-disable-next-line timestamp -- a signature lives for minutes, seconds decide nothing
    function _checkFresh(uint256 deadline) private view {
        uint256 latest = block.timestamp + FRESHNESS;
        require(deadline <= latest, Redemptions_NotFresh(deadline, latest));
    }

    // slither-disable-next-line calls-loop -- the loop is the till's own, and the callee the factory's code
    function _redeemOffer(address token, OfferRedemption calldata redemption) private {
        // Check and effect
        _checkFresh(redemption.deadline);
        OfferRecord storage offer = _offer(token, redemption.offerId);
        (uint256 front, uint256 counts) =
            _takeUnits(offer, redemption.member, redemption.quantity, redemption.version);
        offer.counts = counts + (redemption.quantity << SOLD_AT);
        // forge-lint: disable-next-line(unsafe-typecast) -- cuts the price out of the word
        uint256 amount = redemption.quantity * uint96(front);
        emit OfferRedeemed({
            token: token,
            offerId: redemption.offerId,
            member: redemption.member,
            nonce: redemption.nonce,
            quantity: redemption.quantity,
            amount: amount,
            till: msg.sender
        });

        // Interaction
        bytes32 witness = keccak256(
            abi.encode(
                OFFER_TYPEHASH, redemption.offerId, redemption.quantity, redemption.version, msg.sender
            )
        );
        ILoyaltyToken.Spend memory spend = ILoyaltyToken.Spend({
            from: redemption.member,
            amount: redemption.maxAmount,
            nonce: redemption.nonce,
            deadline: redemption.deadline
        });
        // The token burns no more than was signed, so that the amount fits its receipt.
        // forge-lint: disable-next-item(unsafe-typecast)
        uint256 receipt =
            Receipts.pack(Kind.Offer, redemption.offerId, uint32(redemption.quantity), uint96(amount));
        ILoyaltyToken(token)
            .redeemWithSignature(spend, amount, OFFER_SPEND_TYPEHASH, witness, receipt, redemption.signature);
    }

    // slither-disable-next-line calls-loop -- as above
    function _redeemAtPar(address token, ParRedemption calldata redemption, Kind kind, uint256 value)
        private
    {
        // Check and effect
        _checkFresh(redemption.deadline);
        require(
            OBLIGATION_REGISTRY.isVersionValid(token, redemption.version),
            Redemptions_StaleTerms(token, redemption.version)
        );
        require(redemption.amount != 0, Redemptions_ZeroAmount());
        emit ParRedeemed({
            token: token,
            orderRef: redemption.orderRef,
            member: redemption.member,
            nonce: redemption.nonce,
            amount: redemption.amount,
            value: value,
            till: msg.sender
        });

        // Interaction
        bytes32 witness =
            keccak256(abi.encode(PAR_TYPEHASH, redemption.orderRef, redemption.version, msg.sender));
        ILoyaltyToken.Spend memory spend = ILoyaltyToken.Spend({
            from: redemption.member,
            amount: redemption.amount,
            nonce: redemption.nonce,
            deadline: redemption.deadline
        });
        uint256 receipt = Receipts.pack(kind, redemption.orderRef, 0, uint96(redemption.amount));
        ILoyaltyToken(token)
            .redeemWithSignature(
                spend, redemption.amount, PAR_SPEND_TYPEHASH, witness, receipt, redemption.signature
            );
    }
}
