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

    // Conditions in force lie in words, so that what is used together is read and written together:
    //   front     price (96) ‖ stock (32) ‖ memberLimit (32) ‖ opensAt (40) ‖ closesAt (40) ‖
    //             fulfilDays (8) ‖ stakePercent (8): what every redemption looks at
    //   counts    history (104) ‖ units sold (32) ‖ units failed (32) ‖ compensation that is free (88)
    //   delivery  compensation (96) ‖ arbiter (160): what only orders look at
    // each from the low bits.
    struct OfferRecord {
        uint256 front;
        uint256 counts;
        uint256 delivery;
        Conditions pendingConditions;
        Description description;
        Description pendingDescription;
        mapping(address member => uint256) taken;
    }

    uint256 private constant STOCK_AT = 96;
    uint256 private constant LIMIT_AT = 128;
    uint256 private constant OPENS_AT = 160;
    uint256 internal constant CLOSES_AT = 200;
    uint256 internal constant DAYS_AT = 240;
    uint256 internal constant STAKE_AT = 248;
    uint256 internal constant ARBITER_AT = 96;
    uint256 internal constant SOLD_AT = 104;

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
        _checkDesk(token);
        bytes32 brandId = ILoyaltyToken(token).brandId();
        IBrandRegistry.Status status = _checkRole(brandId, Roles.CAMPAIGN);
        require(status == IBrandRegistry.Status.Active, BrandGate_NotActive(brandId, status));
        OfferRecord storage offer = _offers[token][offerId];
        require(!_history(offer).exists(), Offers_AlreadyExists(token, offerId));
        _checkConditions(conditions, termsHash, termsURI);
        _checkDelivery(conditions, address(0));
        require(
            block.timestamp < conditions.closesAt,
            Offers_InvalidWindow(conditions.opensAt, conditions.closesAt)
        );

        _write(offer, conditions);
        offer.description = Description({ termsHash: termsHash, termsURI: termsURI });
        _setHistory(offer, Versions.first());
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
        History history = _history(offer);
        require(history.changeAt() == 0, Offers_ChangePending(token, offerId, history.changeAt()));
        _checkConditions(conditions, termsHash, termsURI);
        // forge-lint: disable-next-line(unsafe-typecast) -- cuts the arbiter out of the word
        _checkDelivery(conditions, address(uint160(offer.delivery >> ARBITER_AT)));
        Conditions memory present = _read(offer);
        // What draws more, or sooner, on the bond is for whoever laid it down.
        if (conditions.compensation > present.compensation || conditions.fulfilDays < present.fulfilDays) {
            _checkAdmin(ILoyaltyToken(token).brandId());
        }
        bool worse = _isWorse(present, conditions) || termsHash != offer.description.termsHash;
        require(
            worse || _isDifferent(present, conditions, offer.description.termsURI, termsURI),
            Offers_NothingChanges(token, offerId)
        );

        uint40 effectiveAt = uint40(block.timestamp);
        if (worse) {
            effectiveAt += OBLIGATION_REGISTRY.noticePeriodOf(token);
            _setHistory(offer, history.announced(effectiveAt));
            offer.pendingConditions = conditions;
            offer.pendingDescription = Description({ termsHash: termsHash, termsURI: termsURI });
        } else {
            _setHistory(offer, history.improved());
            _write(offer, conditions);
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
        require(_history(offer).changeAt() != 0, Offers_NoChangePending(token, offerId));
        _setHistory(offer, _history(offer).announced(0));
        delete offer.pendingConditions;
        delete offer.pendingDescription;
        emit OfferChangeWithdrawn({ token: token, offerId: offerId, version: _history(offer).version() + 1 });
    }

    // Each cast cuts a field out of its word.
    // forge-lint: disable-start(unsafe-typecast)

    // ----------------------------------------------------------------- views

    /// @inheritdoc IOffers
    function offerOf(address token, bytes32 offerId) external view returns (Offer memory offer) {
        OfferRecord storage record = _offers[token][offerId];
        History history = _history(record).current();
        offer.version = history.version();
        offer.worsenedVersion = history.worsenedVersion();
        offer.changeAt = history.changeAt();
        offer.sold = uint32(record.counts >> SOLD_AT);
        bool due = _history(record).isChangeDue();
        Description memory description = due ? record.pendingDescription : record.description;
        offer.conditions = due ? record.pendingConditions : _read(record);
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
        return _history(_offers[token][offerId]).current().accepts(version);
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

    /// @dev Reverts if the token's offers are not kept here.
    function _checkDesk(address token) internal view virtual;

    /// @dev Reverts if what conditions say of delivery is not what this desk does.
    /// @param arbiter The arbiter in force, which may have left the alliance's list.
    function _checkDelivery(Conditions calldata conditions, address arbiter) internal view virtual;

    function _offer(address token, bytes32 offerId) internal view returns (OfferRecord storage offer) {
        offer = _offers[token][offerId];
        require(_history(offer).exists(), Offers_NotFound(token, offerId));
    }

    /// @dev Counts `quantity` units for `member` under the conditions in force.
    /// @return front These; what only orders look at is told by {_deliveryOf}.
    /// @return counts The offer's counts before; the caller writes them down with `quantity` units more.
    function _takeUnits(OfferRecord storage offer, address member, uint256 quantity, uint256 version)
        internal
        returns (uint256 front, uint256 counts)
    {
        counts = offer.counts;
        History history = _historyIn(counts);
        if (history.isChangeDue()) {
            history = history.current();
            front = _pack(offer.pendingConditions);
        } else {
            front = offer.front;
        }
        require(
            history.accepts(version),
            Offers_StaleVersion(version, history.worsenedVersion(), history.version())
        );
        require(quantity != 0, Offers_ZeroQuantity());
        uint40 opensAt = uint40(front >> OPENS_AT);
        uint40 closesAt = uint40(front >> CLOSES_AT);
        require(
            block.timestamp >= opensAt && block.timestamp < closesAt, Offers_OutsideWindow(opensAt, closesAt)
        );
        uint256 left = Math.saturatingSub(uint32(front >> STOCK_AT), uint32(counts >> SOLD_AT));
        require(quantity <= left, Offers_OutOfStock(quantity, left));
        uint32 memberLimit = uint32(front >> LIMIT_AT);
        if (memberLimit != NO_LIMIT) {
            uint256 taken = offer.taken[member];
            left = Math.saturatingSub(memberLimit, taken);
            require(quantity <= left, Offers_MemberLimitReached(quantity, left));
            unchecked {
                offer.taken[member] = taken + quantity;
            }
        }
    }

    /// @dev What only orders look at, of the conditions in force.
    function _deliveryOf(OfferRecord storage offer, uint256 counts)
        internal
        view
        returns (uint96 compensation, address arbiter)
    {
        if (_historyIn(counts).isChangeDue()) {
            return (offer.pendingConditions.compensation, offer.pendingConditions.arbiter);
        }
        uint256 delivery = offer.delivery;
        return (uint96(delivery), address(uint160(delivery >> ARBITER_AT)));
    }

    function _campaignOffer(address token, bytes32 offerId) private view returns (OfferRecord storage offer) {
        offer = _offer(token, offerId);
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
            || to.opensAt > from.opensAt || to.closesAt < from.closesAt || to.fulfilDays > from.fulfilDays
            || to.stakePercent > from.stakePercent || to.compensation < from.compensation
            || to.arbiter != from.arbiter;
    }

    function _isDifferent(
        Conditions memory from,
        Conditions calldata to,
        string memory fromURI,
        string calldata toURI
    ) private pure returns (bool) {
        return keccak256(abi.encode(from)) != keccak256(abi.encode(to))
            || keccak256(bytes(fromURI)) != keccak256(bytes(toURI));
    }

    /// @dev Writes down a change that is due, so that the next one can be announced.
    function _settleOffer(OfferRecord storage offer) internal {
        if (!_history(offer).isChangeDue()) return;
        _setHistory(offer, _history(offer).current());
        _write(offer, offer.pendingConditions);
        offer.description = offer.pendingDescription;
        delete offer.pendingConditions;
        delete offer.pendingDescription;
    }

    function _write(OfferRecord storage offer, Conditions memory conditions) private {
        offer.front = _pack(conditions);
        offer.delivery = conditions.compensation | uint256(uint160(conditions.arbiter)) << ARBITER_AT;
    }

    function _pack(Conditions memory conditions) private pure returns (uint256 front) {
        front = conditions.price;
        front |= uint256(conditions.stock) << STOCK_AT;
        front |= uint256(conditions.memberLimit) << LIMIT_AT;
        front |= uint256(conditions.opensAt) << OPENS_AT;
        front |= uint256(conditions.closesAt) << CLOSES_AT;
        front |= uint256(conditions.fulfilDays) << DAYS_AT;
        front |= uint256(conditions.stakePercent) << STAKE_AT;
    }

    function _read(OfferRecord storage offer) private view returns (Conditions memory) {
        uint256 front = offer.front;
        uint256 delivery = offer.delivery;
        return Conditions({
            price: uint96(front),
            stock: uint32(front >> STOCK_AT),
            memberLimit: uint32(front >> LIMIT_AT),
            opensAt: uint40(front >> OPENS_AT),
            closesAt: uint40(front >> CLOSES_AT),
            fulfilDays: uint8(front >> DAYS_AT),
            stakePercent: uint8(front >> STAKE_AT),
            compensation: uint96(delivery),
            arbiter: address(uint160(delivery >> ARBITER_AT))
        });
    }

    function _history(OfferRecord storage offer) private view returns (History) {
        return _historyIn(offer.counts);
    }

    function _historyIn(uint256 counts) private pure returns (History) {
        return History.wrap(uint104(counts));
    }

    function _setHistory(OfferRecord storage offer, History history) private {
        offer.counts = offer.counts >> SOLD_AT << SOLD_AT | History.unwrap(history);
    }

    // forge-lint: disable-end(unsafe-typecast)

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
