// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { ILoyaltyTokenFactory } from "./interfaces/ILoyaltyTokenFactory.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";
import { History, Versions } from "./libraries/Versions.sol";

// Delays run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title ObligationRegistry
/// @notice See {IObligationRegistry}.
///
/// **Fixed.** Par value and currency are written once and there is no function that writes them again
/// (RED-3). A currency that leaves the alliance's list stays the currency of the tokens that have it.
///
/// **Changing.** Announced changes take effect by the clock, not by a call: what is in force is derived
/// from what was announced, and written down when the next change comes. Only capacity needs a call,
/// because the token must know it, and anyone can make it.
///
/// **Leaving.** A wind-down is announced too, so that a thief with the admin's key cannot end a brand's
/// issuing: until it starts, the brand can withdraw it. From the announcement on things can only get better
/// for those who hold the token: worse terms and a higher capacity lapse and are refused, and the end is
/// fixed. From the start on there is no way back, and the mint-stop is anybody's to set and nobody's to
/// lift.
///
/// **Default.** Whether a token is in default is for the bonds to say; here it stops issuing, and nothing gets
/// worse meanwhile: a brand cannot lower what it must hold to be cured. Who may say so can do little more than the
/// alliance itself, which lists it, does by suspending a brand.
///
/// **Rounding.** Worth at par is rounded down or up as the function's name says.
contract ObligationRegistry is IObligationRegistry, BrandGate {
    // Slot 0: currency and par value. Slot 1: history of the terms, when an announced raise may be applied,
    // and when a wind-down starts and ends. Slot 2: that raise, and who says that the token is in default.
    // Then the terms.
    struct ObligationRecord {
        address currency;
        uint96 parValue;
        History history;
        uint40 capacityChangeAt;
        uint40 windDownStartsAt;
        uint40 windDownEndsAt;
        uint96 pendingCapacity;
        address defaultedBy;
        Terms terms;
        Terms pendingTerms;
    }

    /// @inheritdoc IObligationRegistry
    uint32 public constant MAX_NOTICE_PERIOD = 3650 days;
    /// @inheritdoc IObligationRegistry
    uint32 public constant WIND_DOWN_PERIOD = 730 days;
    /// @inheritdoc IObligationRegistry
    uint32 public immutable MIN_NOTICE_PERIOD;

    uint16 private constant FULL_RATIO = 10_000;

    /// @notice Who makes the tokens that can be obliged here.
    ILoyaltyTokenFactory public immutable TOKEN_FACTORY;

    mapping(address token => ObligationRecord) private _obligations;
    address[] private _tokens;

    constructor(IBrandRegistry brandRegistry, ILoyaltyTokenFactory tokenFactory) BrandGate(brandRegistry) {
        TOKEN_FACTORY = tokenFactory;
        MIN_NOTICE_PERIOD = brandRegistry.CHANGE_DELAY();
    }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IObligationRegistry
    function oblige(address token, address currency, uint96 parValue, uint96 capacity, Terms calldata terms)
        external
    {
        // Check
        require(TOKEN_FACTORY.isToken(token), ObligationRegistry_NotToken(token));
        address registry = ILoyaltyToken(token).obligationRegistry();
        require(registry == address(this), ObligationRegistry_OtherRegistry(token, registry));
        bytes32 brandId = ILoyaltyToken(token).brandId();
        _checkActiveAdmin(brandId);
        ObligationRecord storage obligation = _obligations[token];
        require(obligation.parValue == 0, ObligationRegistry_AlreadyObliged(token));
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.Currency, currency),
            ObligationRegistry_CurrencyNotListed(currency)
        );
        require(parValue != 0, ObligationRegistry_ZeroParValue());
        _checkTerms(terms);

        // Effect
        obligation.currency = currency;
        obligation.parValue = parValue;
        obligation.history = Versions.first();
        obligation.terms = terms;
        _tokens.push(token);
        emit Obliged({
            token: token, brandId: brandId, currency: currency, parValue: parValue, capacity: capacity
        });
        _emitTermsSet(token, 1, false, uint40(block.timestamp), terms);

        // Interaction
        ILoyaltyToken(token).setCapacity(capacity);
    }

    /// @inheritdoc IObligationRegistry
    function setTerms(address token, Terms calldata terms) external {
        ObligationRecord storage obligation = _adminObligation(token);
        _settleTerms(obligation);
        require(
            obligation.history.changeAt() == 0,
            ObligationRegistry_ChangePending(token, obligation.history.changeAt())
        );
        _checkTerms(terms);
        Terms memory current = obligation.terms;
        bool sameDocument = terms.termsHash == current.termsHash;
        require(
            !sameDocument || terms.noticePeriod != current.noticePeriod || terms.bondBps != current.bondBps
                || keccak256(bytes(terms.termsURI)) != keccak256(bytes(current.termsURI)),
            ObligationRegistry_NothingChanges(token)
        );

        uint32 next = obligation.history.version() + 1;
        bool worse =
            !sameDocument || terms.noticePeriod < current.noticePeriod || terms.bondBps < current.bondBps;
        uint40 effectiveAt = uint40(block.timestamp);
        if (worse) {
            _checkMayWorsen(token, obligation);
            effectiveAt += current.noticePeriod;
            obligation.pendingTerms = terms;
            obligation.history = obligation.history.announced(effectiveAt);
        } else {
            obligation.terms = terms;
            obligation.history = obligation.history.improved();
        }
        _emitTermsSet(token, next, worse, effectiveAt, terms);
    }

    /// @inheritdoc IObligationRegistry
    function withdrawTerms(address token) external {
        ObligationRecord storage obligation = _adminObligation(token);
        _settleTerms(obligation);
        require(obligation.history.changeAt() != 0, ObligationRegistry_NoChangePending(token));
        _withdrawTerms(token, obligation);
    }

    /// @inheritdoc IObligationRegistry
    function setCapacity(address token, uint96 capacity) external {
        ObligationRecord storage obligation = _adminObligation(token);
        _settleTerms(obligation);
        if (capacity > ILoyaltyToken(token).capacity()) {
            _checkMayWorsen(token, obligation);
            uint40 effectiveAt = uint40(block.timestamp) + obligation.terms.noticePeriod;
            obligation.pendingCapacity = capacity;
            obligation.capacityChangeAt = effectiveAt;
            emit CapacityRaiseAnnounced({ token: token, capacity: capacity, effectiveAt: effectiveAt });
        } else {
            if (obligation.capacityChangeAt != 0) _withdrawCapacityRaise(token, obligation);
            emit CapacitySet({ token: token, capacity: capacity });
            ILoyaltyToken(token).setCapacity(capacity);
        }
    }

    /// @inheritdoc IObligationRegistry
    function withdrawCapacityRaise(address token) external {
        ObligationRecord storage obligation = _adminObligation(token);
        require(obligation.capacityChangeAt != 0, ObligationRegistry_NoChangePending(token));
        _withdrawCapacityRaise(token, obligation);
    }

    /// @inheritdoc IObligationRegistry
    function announceWindDown(address token) external {
        ObligationRecord storage obligation = _adminObligation(token);
        _checkNotWindingDown(token, obligation);
        _lapse(token, obligation);
        uint32 noticePeriod = obligation.terms.noticePeriod;
        uint40 startsAt = uint40(block.timestamp) + noticePeriod;
        uint40 endsAt = startsAt + (noticePeriod > WIND_DOWN_PERIOD ? noticePeriod : WIND_DOWN_PERIOD);
        obligation.windDownStartsAt = startsAt;
        obligation.windDownEndsAt = endsAt;
        emit WindDownAnnounced({ token: token, startsAt: startsAt, endsAt: endsAt });
    }

    /// @inheritdoc IObligationRegistry
    function withdrawWindDown(address token) external {
        ObligationRecord storage obligation = _adminObligation(token);
        uint40 startsAt = obligation.windDownStartsAt;
        require(startsAt != 0, ObligationRegistry_NoChangePending(token));
        require(block.timestamp < startsAt, ObligationRegistry_WindDownStarted(token, startsAt));
        obligation.windDownStartsAt = 0;
        obligation.windDownEndsAt = 0;
        emit WindDownWithdrawn({ token: token });
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IObligationRegistry
    function applyCapacityRaise(address token) external {
        // Check
        ObligationRecord storage obligation = _obliged(token);
        uint40 effectiveAt = obligation.capacityChangeAt;
        require(effectiveAt != 0, ObligationRegistry_NoChangePending(token));
        require(block.timestamp >= effectiveAt, ObligationRegistry_ChangeNotDue(token, effectiveAt));
        bytes32 brandId = ILoyaltyToken(token).brandId();
        IBrandRegistry.Status status = BRAND_REGISTRY.statusOf(brandId);
        require(status == IBrandRegistry.Status.Active, BrandGate_NotActive(brandId, status));

        // Effect
        uint96 capacity = obligation.pendingCapacity;
        obligation.pendingCapacity = 0;
        obligation.capacityChangeAt = 0;
        emit CapacitySet({ token: token, capacity: capacity });

        // Interaction
        ILoyaltyToken(token).setCapacity(capacity);
    }

    /// @inheritdoc IObligationRegistry
    function syncMintStop(address token) external {
        _syncMintStop(token, _obliged(token));
    }

    /// @inheritdoc IObligationRegistry
    function revokeQuota(address token, address minter) external returns (uint256 revoked) {
        require(isInDefault(token), ObligationRegistry_NotInDefault(token));
        return ILoyaltyToken(token).revokeQuota(minter, type(uint96).max);
    }

    // ----------------------------------------------------------------- bonds

    /// @inheritdoc IObligationRegistry
    function setInDefault(address token, bool inDefault) external {
        ObligationRecord storage obligation = _obliged(token);
        address defaultedBy = obligation.defaultedBy;
        bool mayCall = inDefault
            ? defaultedBy == address(0) && BRAND_REGISTRY.isListed(IBrandRegistry.List.Bonds, msg.sender)
            : defaultedBy == msg.sender;
        require(mayCall, ObligationRegistry_NotBonds(token, msg.sender));
        if (inDefault) _lapse(token, obligation);
        obligation.defaultedBy = inDefault ? msg.sender : address(0);
        emit InDefaultSet({ token: token, bonds: msg.sender, inDefault: inDefault });
        _syncMintStop(token, obligation);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IObligationRegistry
    function obligationOf(address token) external view returns (Obligation memory obligation) {
        ObligationRecord storage record = _obligations[token];
        if (record.parValue == 0) return obligation;
        obligation.brandId = ILoyaltyToken(token).brandId();
        obligation.currency = record.currency;
        obligation.parValue = record.parValue;
        History history = record.history.current();
        obligation.version = history.version();
        obligation.worsenedVersion = history.worsenedVersion();
        obligation.termsChangeAt = history.changeAt();
        obligation.pendingCapacity = record.pendingCapacity;
        obligation.capacityChangeAt = record.capacityChangeAt;
        obligation.windDownStartsAt = record.windDownStartsAt;
        obligation.windDownEndsAt = record.windDownEndsAt;
        if (record.history.isChangeDue()) {
            obligation.terms = record.pendingTerms;
        } else {
            obligation.terms = record.terms;
            obligation.pendingTerms = record.pendingTerms;
        }
    }

    /// @inheritdoc IObligationRegistry
    function isVersionValid(address token, uint256 version) external view returns (bool) {
        return _obligations[token].history.current().accepts(version);
    }

    /// @inheritdoc IObligationRegistry
    function noticePeriodOf(address token) external view returns (uint32) {
        ObligationRecord storage obligation = _obliged(token);
        return obligation.history.isChangeDue()
            ? obligation.pendingTerms.noticePeriod
            : obligation.terms.noticePeriod;
    }

    /// @inheritdoc IObligationRegistry
    function bondRatioOf(address token) external view returns (uint16) {
        ObligationRecord storage obligation = _obliged(token);
        uint40 endsAt = obligation.windDownEndsAt;
        if (endsAt != 0 && block.timestamp >= endsAt) return 0;
        return obligation.history.isChangeDue() ? obligation.pendingTerms.bondBps : obligation.terms.bondBps;
    }

    /// @inheritdoc IObligationRegistry
    function windDownEndOf(address token) external view returns (uint40) {
        return _obliged(token).windDownEndsAt;
    }

    /// @inheritdoc IObligationRegistry
    function isInDefault(address token) public view returns (bool) {
        return _obligations[token].defaultedBy != address(0);
    }

    /// @inheritdoc IObligationRegistry
    function currencyOf(address token) external view returns (address) {
        return _obliged(token).currency;
    }

    /// @inheritdoc IObligationRegistry
    function tokenCount() external view returns (uint256) {
        return _tokens.length;
    }

    /// @inheritdoc IObligationRegistry
    function tokenAt(uint256 index) external view returns (address) {
        return _tokens[index];
    }

    /// @inheritdoc IObligationRegistry
    function valueDown(address token, uint256 amount) external view returns (uint256 value) {
        return _value(token, amount, Math.Rounding.Floor);
    }

    /// @inheritdoc IObligationRegistry
    function valueUp(address token, uint256 amount) external view returns (uint256 value) {
        return _value(token, amount, Math.Rounding.Ceil);
    }

    // ------------------------------------------------------------- internals

    function _obliged(address token) private view returns (ObligationRecord storage obligation) {
        obligation = _obligations[token];
        require(obligation.parValue != 0, ObligationRegistry_NotObliged(token));
    }

    function _adminObligation(address token) private view returns (ObligationRecord storage obligation) {
        obligation = _obliged(token);
        _checkAdmin(ILoyaltyToken(token).brandId());
    }

    function _checkTerms(Terms calldata terms) private view {
        require(terms.termsHash != 0, ObligationRegistry_NoTerms());
        require(
            terms.noticePeriod >= MIN_NOTICE_PERIOD,
            ObligationRegistry_NoticeTooShort(terms.noticePeriod, MIN_NOTICE_PERIOD)
        );
        require(
            terms.noticePeriod <= MAX_NOTICE_PERIOD,
            ObligationRegistry_NoticeTooLong(terms.noticePeriod, MAX_NOTICE_PERIOD)
        );
        require(terms.bondBps <= FULL_RATIO, ObligationRegistry_BondRatioTooHigh(terms.bondBps));
        uint256 length = bytes(terms.termsURI).length;
        require(length <= MAX_URI_LENGTH, ObligationRegistry_URITooLong(length, MAX_URI_LENGTH));
    }

    function _checkNotWindingDown(address token, ObligationRecord storage obligation) private view {
        uint40 endsAt = obligation.windDownEndsAt;
        require(endsAt == 0, ObligationRegistry_WindingDown(token, endsAt));
    }

    function _checkMayWorsen(address token, ObligationRecord storage obligation) private view {
        _checkNotWindingDown(token, obligation);
        require(obligation.defaultedBy == address(0), ObligationRegistry_InDefault(token));
    }

    /// @dev What was announced for the worse and has not come lapses.
    function _lapse(address token, ObligationRecord storage obligation) private {
        _settleTerms(obligation);
        if (obligation.history.changeAt() != 0) _withdrawTerms(token, obligation);
        if (obligation.capacityChangeAt != 0) _withdrawCapacityRaise(token, obligation);
    }

    /// @dev Writes down a change that is due, so that the next one can be announced.
    function _settleTerms(ObligationRecord storage obligation) private {
        if (!obligation.history.isChangeDue()) return;
        obligation.history = obligation.history.current();
        obligation.terms = obligation.pendingTerms;
        delete obligation.pendingTerms;
    }

    function _withdrawTerms(address token, ObligationRecord storage obligation) private {
        delete obligation.pendingTerms;
        obligation.history = obligation.history.announced(0);
        emit TermsWithdrawn({ token: token, version: obligation.history.version() + 1 });
    }

    function _withdrawCapacityRaise(address token, ObligationRecord storage obligation) private {
        emit CapacityRaiseWithdrawn({ token: token, capacity: obligation.pendingCapacity });
        obligation.pendingCapacity = 0;
        obligation.capacityChangeAt = 0;
    }

    function _syncMintStop(address token, ObligationRecord storage obligation) private {
        uint40 startsAt = obligation.windDownStartsAt;
        bool windingDown = startsAt != 0 && block.timestamp >= startsAt;
        IBrandRegistry.Status status = BRAND_REGISTRY.statusOf(ILoyaltyToken(token).brandId());
        bool stopped =
            windingDown || status != IBrandRegistry.Status.Active || obligation.defaultedBy != address(0);
        // slither-disable-next-line incorrect-equality -- of two booleans
        if (stopped == ILoyaltyToken(token).mintStopped()) return;
        emit MintStopSynced({ token: token, stopped: stopped });
        ILoyaltyToken(token).setMintStop(stopped);
    }

    function _emitTermsSet(
        address token,
        uint32 version,
        bool worse,
        uint40 effectiveAt,
        Terms calldata terms
    ) private {
        emit TermsSet({
            token: token,
            version: version,
            worse: worse,
            effectiveAt: effectiveAt,
            termsHash: terms.termsHash,
            noticePeriod: terms.noticePeriod,
            bondBps: terms.bondBps,
            termsURI: terms.termsURI
        });
    }

    function _value(address token, uint256 amount, Math.Rounding rounding) private view returns (uint256) {
        uint256 parValue = _obliged(token).parValue;
        return Math.mulDiv(amount, parValue, 10 ** uint256(ILoyaltyToken(token).decimals()), rounding);
    }
}

// slither-disable-end timestamp
