// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IMarket } from "./interfaces/IMarket.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IPools } from "./interfaces/IPools.sol";
import { Roles } from "./libraries/Roles.sol";

// Delays run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Pools
/// @notice See {IPools}.
///
/// A pool's market is told of every change in the call that makes it, after everything is written. The alliance
/// lists markets when pools are made; a market that misbehaves can only refuse changes of its own pools.
contract Pools is IPools, BrandGate, AccessManaged {
    struct PoolRecord {
        Rules rules;
        address steward;
        address nextSteward;
        address[] tokens;
    }

    /// @inheritdoc IPools
    uint256 public constant MAX_TOKENS = 64;
    /// @inheritdoc IPools
    uint32 public immutable CHANGE_DELAY;

    uint32 private constant SHORTEST = 1 days;
    uint32 private constant LONGEST = 366 days;
    uint16 private constant NO_LEVERAGE = 100;
    uint16 private constant MOST_LEVERAGE = 1000;
    /// @dev Base fee and slope together: half.
    uint256 private constant MOST_FEE = 500_000;
    uint16 private constant MOST_ALLIANCE_FEE = 2000;

    /// @notice What each brand owes to the holders of its token.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;

    mapping(bytes32 pool => PoolRecord) private _pools;
    mapping(bytes32 pool => mapping(address token => Membership)) private _memberships;
    bytes32[] private _poolIds;
    address private _treasury;
    uint16 private _allianceFee;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry)
        BrandGate(brandRegistry)
        AccessManaged(IAccessManaged(address(brandRegistry)).authority())
    {
        OBLIGATION_REGISTRY = obligationRegistry;
        CHANGE_DELAY = brandRegistry.CHANGE_DELAY();
    }

    // -------------------------------------------------------------- alliance

    /// @inheritdoc IPools
    function setAllianceFee(uint16 bps, address treasury) external restricted {
        require(bps <= MOST_ALLIANCE_FEE && treasury != address(0), Pools_InvalidFee(bps));
        (_allianceFee, _treasury) = (bps, treasury);
        emit AllianceFeeSet({ bps: bps, treasury: treasury });
    }

    // -------------------------------------------------------------- stewards

    /// @inheritdoc IPools
    function createPool(bytes32 salt, Rules calldata rules) external returns (bytes32 pool) {
        pool = poolIdOf(msg.sender, salt);
        PoolRecord storage record = _pools[pool];
        require(record.steward == address(0), Pools_PoolExists(pool));
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, rules.market),
            Pools_MarketNotListed(rules.market)
        );
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.Currency, rules.currency),
            Pools_CurrencyNotListed(rules.currency)
        );
        require(
            _isSpan(rules.periodLength) && _isSpan(rules.paymentTime) && rules.leverage >= NO_LEVERAGE
                && rules.leverage <= MOST_LEVERAGE,
            Pools_InvalidRules(rules)
        );
        record.rules = rules;
        record.steward = msg.sender;
        _poolIds.push(pool);
        emit PoolCreated({ pool: pool, creator: msg.sender, salt: salt, rules: rules });
    }

    /// @inheritdoc IPools
    function nameSteward(bytes32 pool, address next) external {
        _checkSteward(pool).nextSteward = next;
        emit StewardNamed({ pool: pool, steward: next });
    }

    /// @inheritdoc IPools
    function acceptSteward(bytes32 pool) external {
        PoolRecord storage record = _pools[pool];
        require(msg.sender == record.nextSteward, Pools_NotSteward(pool, msg.sender));
        (record.steward, record.nextSteward) = (msg.sender, address(0));
        emit StewardChanged({ pool: pool, steward: msg.sender });
    }

    /// @inheritdoc IPools
    function announceBounds(bytes32 pool, address token, Bounds calldata bounds) external {
        _checkSteward(pool);
        require(uint256(bounds.baseFee) + bounds.feeSlope <= MOST_FEE, Pools_InvalidBounds(bounds));
        uint40 effectiveAt = uint40(block.timestamp) + CHANGE_DELAY;
        Membership storage membership = _memberships[pool][token];
        (membership.pendingBounds, membership.boundsChangeAt) = (bounds, effectiveAt);
        emit BoundsAnnounced({ pool: pool, token: token, bounds: bounds, effectiveAt: effectiveAt });
    }

    /// @inheritdoc IPools
    function withdrawBounds(bytes32 pool, address token) external {
        _checkSteward(pool);
        Membership storage membership = _memberships[pool][token];
        require(membership.boundsChangeAt != 0, Pools_NoChangePending(pool, token));
        _forgetPending(membership);
        emit BoundsWithdrawn({ pool: pool, token: token });
    }

    /// @inheritdoc IPools
    function lowerBounds(bytes32 pool, address token, uint96 limit, uint96 outflowCap, uint96 dailyCap)
        external
    {
        Membership storage membership = _joined(pool, token);
        if (msg.sender != _pools[pool].steward) _checkSettler(token);
        Bounds memory current = membership.bounds;
        Bounds memory lower = Bounds({
            limit: limit,
            outflowCap: outflowCap,
            dailyCap: dailyCap,
            baseFee: current.baseFee,
            feeSlope: current.feeSlope
        });
        bool raises = limit > current.limit || outflowCap > current.outflowCap
            || _raisesDaily(dailyCap, current.dailyCap);
        require(!raises, Pools_Raises(lower, current));
        membership.bounds = lower;
        emit BoundsSet({ pool: pool, token: token, bounds: lower });
        if (membership.boundsChangeAt != 0) _lowerPending(pool, token, membership, lower);
        IMarket(_pools[pool].rules.market).onBoundsSet(pool, token, lower);
    }

    // ---------------------------------------------------------------- brands

    /// @inheritdoc IPools
    function joinPool(bytes32 pool, address token) external {
        // Check
        PoolRecord storage record = _pools[pool];
        Membership storage membership = _memberships[pool][token];
        require(record.steward != address(0), Pools_NoPool(pool));
        require(!membership.joined, Pools_AlreadyJoined(pool, token));
        require(record.tokens.length < MAX_TOKENS, Pools_PoolFull(pool));
        address currency = OBLIGATION_REGISTRY.currencyOf(token);
        require(
            currency == record.rules.currency, Pools_OtherCurrency(token, currency, record.rules.currency)
        );
        uint40 endsAt = OBLIGATION_REGISTRY.windDownEndOf(token);
        require(endsAt == 0, Pools_WindingDown(token, endsAt));
        bytes32 brandId = ILoyaltyToken(token).brandId();
        _checkActiveAdmin(brandId);
        // Nobody is there yet whom bounds could surprise.
        if (record.tokens.length != 0) _checkDue(pool, token, membership);

        // Effect
        membership.joined = true;
        record.tokens.push(token);
        emit Joined({ pool: pool, token: token, brandId: brandId });
        Bounds memory bounds = _useAnnounced(pool, token, membership);

        // Interaction
        IMarket(record.rules.market).onJoined(pool, token, record.rules);
        IMarket(record.rules.market).onBoundsSet(pool, token, bounds);
    }

    /// @inheritdoc IPools
    function leavePool(bytes32 pool, address token) external {
        // Check
        _joined(pool, token);
        _checkAdmin(ILoyaltyToken(token).brandId());

        // Effect
        delete _memberships[pool][token];
        address[] storage tokens = _pools[pool].tokens;
        uint256 last = tokens.length - 1;
        for (uint256 i = 0; i < last; ++i) {
            if (tokens[i] != token) continue;
            tokens[i] = tokens[last];
            break;
        }
        tokens.pop();
        emit Left({ pool: pool, token: token });

        // Interaction
        IMarket(_pools[pool].rules.market).onLeft(pool, token);
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IPools
    function applyBounds(bytes32 pool, address token) external {
        Membership storage membership = _joined(pool, token);
        _checkDue(pool, token, membership);
        Bounds memory bounds = _useAnnounced(pool, token, membership);
        IMarket(_pools[pool].rules.market).onBoundsSet(pool, token, bounds);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IPools
    function poolOf(bytes32 pool) external view returns (Pool memory) {
        PoolRecord storage record = _pools[pool];
        return Pool({
            rules: record.rules,
            steward: record.steward,
            nextSteward: record.nextSteward,
            tokens: record.tokens
        });
    }

    /// @inheritdoc IPools
    function tokensOf(bytes32 pool) external view returns (address[] memory) {
        return _pools[pool].tokens;
    }

    /// @inheritdoc IPools
    function membershipOf(bytes32 pool, address token) external view returns (Membership memory) {
        return _memberships[pool][token];
    }

    /// @inheritdoc IPools
    function allianceFee() external view returns (uint16 bps, address treasury) {
        return (_allianceFee, _treasury);
    }

    /// @inheritdoc IPools
    function poolCount() external view returns (uint256) {
        return _poolIds.length;
    }

    /// @inheritdoc IPools
    function poolAt(uint256 index) external view returns (bytes32 pool) {
        return _poolIds[index];
    }

    /// @inheritdoc IPools
    function poolIdOf(address creator, bytes32 salt) public view returns (bytes32 pool) {
        return keccak256(abi.encode(block.chainid, address(this), creator, salt));
    }

    // ------------------------------------------------------------- internals

    function _checkSteward(bytes32 pool) private view returns (PoolRecord storage record) {
        record = _pools[pool];
        require(record.steward != address(0), Pools_NoPool(pool));
        require(msg.sender == record.steward, Pools_NotSteward(pool, msg.sender));
    }

    function _joined(bytes32 pool, address token) private view returns (Membership storage membership) {
        membership = _memberships[pool][token];
        require(membership.joined, Pools_NotJoined(pool, token));
    }

    function _checkSettler(address token) private view {
        // slither-disable-next-line unused-return -- lowering is always possible
        (, uint8 roles) = BRAND_REGISTRY.standingOf(ILoyaltyToken(token).brandId(), msg.sender);
        require(roles & Roles.SETTLE != 0, Pools_NotBrand(token, msg.sender));
    }

    function _checkDue(bytes32 pool, address token, Membership storage membership) private view {
        uint40 effectiveAt = membership.boundsChangeAt;
        require(block.timestamp >= effectiveAt, Pools_ChangeNotDue(pool, token, effectiveAt));
    }

    /// @dev What was announced is what the pool accepts now.
    function _useAnnounced(bytes32 pool, address token, Membership storage membership)
        private
        returns (Bounds memory bounds)
    {
        require(membership.boundsChangeAt != 0, Pools_NoChangePending(pool, token));
        bounds = membership.pendingBounds;
        membership.bounds = bounds;
        _forgetPending(membership);
        emit BoundsSet({ pool: pool, token: token, bounds: bounds });
    }

    /// @dev Announced fees stay announced: else a brand could keep its own from rising.
    function _lowerPending(bytes32 pool, address token, Membership storage membership, Bounds memory lower)
        private
    {
        Bounds memory pending = membership.pendingBounds;
        if (pending.limit > lower.limit) pending.limit = lower.limit;
        if (pending.outflowCap > lower.outflowCap) pending.outflowCap = lower.outflowCap;
        if (_raisesDaily(pending.dailyCap, lower.dailyCap)) pending.dailyCap = lower.dailyCap;
        membership.pendingBounds = pending;
        emit BoundsAnnounced({
            pool: pool, token: token, bounds: pending, effectiveAt: membership.boundsChangeAt
        });
    }

    /// @dev No cap is the highest.
    function _raisesDaily(uint96 dailyCap, uint96 current) private pure returns (bool) {
        return current != 0 && (dailyCap == 0 || dailyCap > current);
    }

    function _forgetPending(Membership storage membership) private {
        delete membership.pendingBounds;
        membership.boundsChangeAt = 0;
    }

    function _isSpan(uint32 span) private pure returns (bool) {
        return span >= SHORTEST && span <= LONGEST;
    }
}

// slither-disable-end timestamp
