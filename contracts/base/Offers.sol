// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { BrandGate } from "./BrandGate.sol";
import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";
import { IOffers } from "../interfaces/IOffers.sol";
import { MAX_URI_LENGTH } from "../libraries/Limits.sol";
import { Roles } from "../libraries/Roles.sol";
import { History, Versions } from "../libraries/Versions.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Offers
/// @notice See {IOffers}.
///
/// What members redeem is counted against the stock and their limit; both counts only ever grow, so that a
/// change of conditions can neither forget nor repeat a unit.
abstract contract Offers is IOffers, BrandGate {
    /// @dev A member limit that is none: members are not even counted.
    uint32 private constant NO_LIMIT = type(uint32).max;

    struct Description {
        bytes32 termsHash;
        string termsURI;
    }

    // Slot 0: conditions. Slot 1: history and units sold. Slot 2: pending conditions. Then the descriptions.
    struct OfferRecord {
        Conditions conditions;
        History history;
        uint32 sold;
        Conditions pendingConditions;
        Description description;
        Description pendingDescription;
        mapping(address member => uint256) taken;
    }

    /// @notice Where the tokens' standing obligations are.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;

    mapping(address token => mapping(bytes32 offerId => OfferRecord)) private _offers;
    mapping(address token => bytes32[]) private _offerIds;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry)
        BrandGate(brandRegistry)
    {
        OBLIGATION_REGISTRY = obligationRegistry;
    }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IOffers
    function createOffer(
        address token,
        bytes32 offerId,
        Conditions calldata conditions,
        bytes32 termsHash,
        string calldata termsURI
    ) external {
        // Check: the token is obliged, hence genuine
        // slither-disable-next-line unused-return -- called because it reverts for others
        OBLIGATION_REGISTRY.noticePeriodOf(token);
        address desk = ILoyaltyToken(token).redemptionDesk();
        require(desk == address(this), Offers_OtherDesk(token, desk));
        bytes32 brandId = ILoyaltyToken(token).brandId();
        IBrandRegistry.Status status = _checkRole(brandId, Roles.CAMPAIGN);
        require(status == IBrandRegistry.Status.Active, BrandGate_NotActive(brandId, status));
        OfferRecord storage offer = _offers[token][offerId];
        require(!offer.history.exists(), Offers_AlreadyExists(token, offerId));
        _checkConditions(conditions, termsHash, termsURI);
        require(
            block.timestamp < conditions.closesAt,
            Offers_InvalidWindow(conditions.opensAt, conditions.closesAt)
        );

        offer.conditions = conditions;
        offer.description = Description({ termsHash: termsHash, termsURI: termsURI });
        offer.history = Versions.first();
        _offerIds[token].push(offerId);
        emit OfferCreated({ token: token, offerId: offerId });
        _emitOfferSet(token, offerId, 1, false, uint40(block.timestamp), conditions, termsHash, termsURI);
    }

    /// @inheritdoc IOffers
    function setOffer(
        address token,
        bytes32 offerId,
        Conditions calldata conditions,
        bytes32 termsHash,
        string calldata termsURI
    ) external {
        OfferRecord storage offer = _campaignOffer(token, offerId);
        _settleOffer(offer);
        History history = offer.history;
        require(history.changeAt() == 0, Offers_ChangePending(token, offerId, history.changeAt()));
        _checkConditions(conditions, termsHash, termsURI);
        bool worse = _isWorse(offer.conditions, conditions) || termsHash != offer.description.termsHash;
        require(worse || _isDifferent(offer, conditions, termsURI), Offers_NothingChanges(token, offerId));

        uint40 effectiveAt = uint40(block.timestamp);
        if (worse) {
            effectiveAt += OBLIGATION_REGISTRY.noticePeriodOf(token);
            offer.history = history.announced(effectiveAt);
            offer.pendingConditions = conditions;
            offer.pendingDescription = Description({ termsHash: termsHash, termsURI: termsURI });
        } else {
            offer.history = history.improved();
            offer.conditions = conditions;
            offer.description.termsURI = termsURI;
        }
        _emitOfferSet(
            token, offerId, history.version() + 1, worse, effectiveAt, conditions, termsHash, termsURI
        );
    }

    /// @inheritdoc IOffers
    function withdrawOfferChange(address token, bytes32 offerId) external {
        OfferRecord storage offer = _campaignOffer(token, offerId);
        _settleOffer(offer);
        require(offer.history.changeAt() != 0, Offers_NoChangePending(token, offerId));
        offer.history = offer.history.announced(0);
        delete offer.pendingConditions;
        delete offer.pendingDescription;
        emit OfferChangeWithdrawn({ token: token, offerId: offerId, version: offer.history.version() + 1 });
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IOffers
    function offerOf(address token, bytes32 offerId) external view returns (Offer memory offer) {
        OfferRecord storage record = _offers[token][offerId];
        History history = record.history.current();
        offer.version = history.version();
        offer.worsenedVersion = history.worsenedVersion();
        offer.changeAt = history.changeAt();
        offer.sold = record.sold;
        bool due = record.history.isChangeDue();
        Description memory description = due ? record.pendingDescription : record.description;
        offer.conditions = due ? record.pendingConditions : record.conditions;
        offer.termsHash = description.termsHash;
        offer.termsURI = description.termsURI;
        if (history.changeAt() == 0) return offer;
        offer.pendingConditions = record.pendingConditions;
        offer.pendingTermsHash = record.pendingDescription.termsHash;
        offer.pendingTermsURI = record.pendingDescription.termsURI;
    }

    /// @inheritdoc IOffers
    function isOfferVersionValid(address token, bytes32 offerId, uint256 version)
        external
        view
        returns (bool)
    {
        return _offers[token][offerId].history.current().accepts(version);
    }

    /// @inheritdoc IOffers
    function redeemedBy(address token, bytes32 offerId, address member) external view returns (uint256) {
        return _offers[token][offerId].taken[member];
    }

    /// @inheritdoc IOffers
    function offerCount(address token) external view returns (uint256) {
        return _offerIds[token].length;
    }

    /// @inheritdoc IOffers
    function offerIdAt(address token, uint256 index) external view returns (bytes32) {
        return _offerIds[token][index];
    }

    // ------------------------------------------------------------- internals

    /// @dev Counts `quantity` units for `member` under the conditions in force.
    /// @return price What one of them costs.
    function _takeUnits(address token, bytes32 offerId, address member, uint256 quantity, uint256 version)
        internal
        returns (uint256 price)
    {
        OfferRecord storage offer = _offers[token][offerId];
        History history = offer.history;
        require(history.exists(), Offers_NotFound(token, offerId));
        Conditions memory conditions = offer.conditions;
        if (history.isChangeDue()) {
            history = history.current();
            conditions = offer.pendingConditions;
        }
        require(
            history.accepts(version),
            Offers_StaleVersion(version, history.worsenedVersion(), history.version())
        );
        require(quantity != 0, Offers_ZeroQuantity());
        require(
            block.timestamp >= conditions.opensAt && block.timestamp < conditions.closesAt,
            Offers_OutsideWindow(conditions.opensAt, conditions.closesAt)
        );
        uint256 sold = offer.sold;
        uint256 left = Math.saturatingSub(conditions.stock, sold);
        require(quantity <= left, Offers_OutOfStock(quantity, left));
        unchecked {
            // forge-lint: disable-next-line(unsafe-typecast) -- at most the stock, which fits
            offer.sold = uint32(sold + quantity);
        }
        if (conditions.memberLimit != NO_LIMIT) {
            uint256 taken = offer.taken[member];
            left = Math.saturatingSub(conditions.memberLimit, taken);
            require(quantity <= left, Offers_MemberLimitReached(quantity, left));
            unchecked {
                offer.taken[member] = taken + quantity;
            }
        }
        return conditions.price;
    }

    function _campaignOffer(address token, bytes32 offerId) private view returns (OfferRecord storage offer) {
        offer = _offers[token][offerId];
        require(offer.history.exists(), Offers_NotFound(token, offerId));
        _checkRole(ILoyaltyToken(token).brandId(), Roles.CAMPAIGN);
    }

    function _checkConditions(Conditions calldata conditions, bytes32 termsHash, string calldata termsURI)
        private
        pure
    {
        require(conditions.price != 0, Offers_ZeroPrice());
        require(termsHash != 0, Offers_NoTerms());
        require(
            conditions.opensAt < conditions.closesAt,
            Offers_InvalidWindow(conditions.opensAt, conditions.closesAt)
        );
        uint256 length = bytes(termsURI).length;
        require(length <= MAX_URI_LENGTH, Offers_URITooLong(length, MAX_URI_LENGTH));
    }

    /// @dev Whether any field is worse for members.
    function _isWorse(Conditions memory from, Conditions calldata to) private pure returns (bool) {
        return to.price > from.price || to.stock < from.stock || to.memberLimit < from.memberLimit
            || to.opensAt > from.opensAt || to.closesAt < from.closesAt;
    }

    function _isDifferent(OfferRecord storage offer, Conditions calldata to, string calldata termsURI)
        private
        view
        returns (bool)
    {
        return keccak256(abi.encode(offer.conditions)) != keccak256(abi.encode(to))
            || keccak256(bytes(offer.description.termsURI)) != keccak256(bytes(termsURI));
    }

    /// @dev Writes down a change that is due, so that the next one can be announced.
    function _settleOffer(OfferRecord storage offer) private {
        if (!offer.history.isChangeDue()) return;
        offer.history = offer.history.current();
        offer.conditions = offer.pendingConditions;
        offer.description = offer.pendingDescription;
        delete offer.pendingConditions;
        delete offer.pendingDescription;
    }

    function _emitOfferSet(
        address token,
        bytes32 offerId,
        uint32 version,
        bool worse,
        uint40 effectiveAt,
        Conditions calldata conditions,
        bytes32 termsHash,
        string calldata termsURI
    ) private {
        emit OfferSet({
            token: token,
            offerId: offerId,
            version: version,
            worse: worse,
            effectiveAt: effectiveAt,
            conditions: conditions,
            termsHash: termsHash,
            termsURI: termsURI
        });
    }
}

// slither-disable-end timestamp
