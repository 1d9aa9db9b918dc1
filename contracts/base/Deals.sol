// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { BrandGate } from "./BrandGate.sol";
import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { IDealReceiver } from "../interfaces/IDealReceiver.sol";
import { IDeals } from "../interfaces/IDeals.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";
import { IPurchaseRights } from "../interfaces/IPurchaseRights.sol";
import { IPurchases } from "../interfaces/IPurchases.sol";
import { MAX_URI_LENGTH } from "../libraries/Limits.sol";
import { Roles } from "../libraries/Roles.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Deals
/// @notice See {IDeals}. What a deal says of its price is the business of the contract that builds on this one; what
/// all deals say is looked at here, once, so that the contracts that members buy at need not.
///
/// Conditions lie where they are used, at the receiver; only the document is kept here.
abstract contract Deals is IDeals, BrandGate {
    struct Publication {
        address receiver;
        bytes32 termsHash;
        string termsURI;
    }

    /// @inheritdoc IDeals
    uint8 public constant MAX_STAKE_PERCENT = 20;

    /// @dev How many words all deals have.
    uint256 internal constant WORDS = 4;

    uint256 private constant CURRENCY_AT = 96;
    uint256 private constant DAYS_AT = 192;
    uint256 private constant STAKE_AT = 200;
    uint256 private constant OPENS_AT = 160;
    uint256 private constant CLOSES_AT = 200;

    /// @notice Where the tokens' standing obligations are.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;
    /// @notice The rights to begin.
    IPurchaseRights public immutable RIGHTS;

    mapping(address token => mapping(bytes32 dealId => Publication)) private _publications;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, IPurchaseRights rights)
        BrandGate(brandRegistry)
    {
        OBLIGATION_REGISTRY = obligationRegistry;
        RIGHTS = rights;
    }

    // Each cast cuts a field out of its word.
    // forge-lint: disable-start(unsafe-typecast)

    /// @inheritdoc IDeals
    function conditionsOf(address token, bytes32 dealId)
        external
        view
        returns (Conditions memory conditions, bytes32 termsHash, string memory termsURI, address receiver)
    {
        Publication storage publication = _publications[token][dealId];
        (termsHash, termsURI) = (publication.termsHash, publication.termsURI);
        receiver = publication.receiver;
        if (receiver == address(0)) return (conditions, termsHash, termsURI, receiver);
        uint256[] memory words = _wordsOf(token, dealId, WORDS);
        conditions = Conditions({
            tokenPart: uint96(words[0]),
            currencyPart: uint96(words[0] >> CURRENCY_AT),
            opensAt: uint40(words[2] >> OPENS_AT),
            closesAt: uint40(words[2] >> CLOSES_AT),
            fulfilDays: uint8(words[0] >> DAYS_AT),
            stakePercent: uint8(words[0] >> STAKE_AT),
            compensation: uint96(words[1]),
            arbiter: address(uint160(words[2])),
            rightId: bytes32(words[3])
        });
    }

    // forge-lint: disable-end(unsafe-typecast)

    // ----------------------------------- internals: for the contract on top

    /// @dev Publishes a deal, as its brand's manager of campaigns.
    /// @param words As the receiver wants them; the first {WORDS} are filled in here.
    /// @param mostParts The most that one purchase can cost, so that no price is too large later on.
    function _publish(
        address receiver,
        address token,
        bytes32 dealId,
        Conditions calldata conditions,
        uint256[] memory words,
        uint256 mostParts,
        bytes32 termsHash,
        string calldata termsURI
    ) internal {
        // Check: the token is obliged, hence genuine, and its brand stays
        require(
            OBLIGATION_REGISTRY.windDownEndOf(token) == 0 && !OBLIGATION_REGISTRY.isInDefault(token),
            Deals_Leaving(token)
        );
        bytes32 brandId = ILoyaltyToken(token).brandId();
        IBrandRegistry.Status status = _checkRole(brandId, Roles.CAMPAIGN);
        require(status == IBrandRegistry.Status.Active, BrandGate_NotActive(brandId, status));
        require(dealId != 0 && uint32(uint256(dealId)) == 0, Deals_InvalidId(dealId));
        Publication storage publication = _publications[token][dealId];
        require(publication.receiver == address(0), Deals_AlreadyExists(token, dealId));
        require(BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, receiver), Deals_Refused(receiver));
        _checkConditions(token, conditions, mostParts);
        require(termsHash != 0, Deals_NoTerms());
        uint256 length = bytes(termsURI).length;
        require(length <= MAX_URI_LENGTH, Deals_URITooLong(length, MAX_URI_LENGTH));

        // Effect
        publication.receiver = receiver;
        publication.termsHash = termsHash;
        publication.termsURI = termsURI;

        // Interaction
        _fill(words, conditions);
        bytes4 magic = IDealReceiver(receiver).onDealPublished(token, dealId, words);
        require(magic == IDealReceiver.onDealPublished.selector, Deals_Refused(receiver));
    }

    /// @dev Where members buy; zero if there is no such deal.
    function _receiverOf(address token, bytes32 dealId) internal view returns (address receiver) {
        return _publications[token][dealId].receiver;
    }

    /// @dev A deal's words, as its receiver has them.
    function _wordsOf(address token, bytes32 dealId, uint256 count)
        internal
        view
        returns (uint256[] memory words)
    {
        address receiver = _receiverOf(token, dealId);
        if (receiver == address(0)) return new uint256[](count);
        return IPurchases(receiver).dealWordsOf(token, dealId, count);
    }

    // ------------------------------------------------------------- internals

    function _checkConditions(address token, Conditions calldata conditions, uint256 mostParts) private view {
        uint256 part = Math.max(conditions.tokenPart, conditions.currencyPart);
        require(part != 0, Deals_NoPrice());
        require(mostParts <= type(uint96).max / part, Deals_PriceTooHigh(mostParts));
        require(
            conditions.opensAt < conditions.closesAt && block.timestamp < conditions.closesAt,
            Deals_InvalidWindow(conditions.opensAt, conditions.closesAt)
        );
        require(conditions.fulfilDays != 0, Deals_NoFulfilPeriod());
        require(
            conditions.stakePercent <= MAX_STAKE_PERCENT,
            Deals_InvalidStake(conditions.stakePercent, MAX_STAKE_PERCENT)
        );
        address arbiter = conditions.arbiter;
        require(BRAND_REGISTRY.isListed(IBrandRegistry.List.Arbiter, arbiter), Deals_NoArbiter(arbiter));
        bytes32 rightId = conditions.rightId;
        require(rightId == 0 || RIGHTS.isDefined(RIGHTS.idOf(token, rightId)), Deals_NoRight(rightId));
    }

    function _fill(uint256[] memory words, Conditions calldata conditions) private pure {
        words[0] = conditions.tokenPart | uint256(conditions.currencyPart) << CURRENCY_AT
            | uint256(conditions.fulfilDays) << DAYS_AT | uint256(conditions.stakePercent) << STAKE_AT;
        words[1] = conditions.compensation;
        words[2] = uint160(conditions.arbiter) | uint256(conditions.opensAt) << OPENS_AT
            | uint256(conditions.closesAt) << CLOSES_AT;
        words[3] = uint256(conditions.rightId);
    }
}

// slither-disable-end timestamp
