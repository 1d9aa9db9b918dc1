// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IPools } from "../interfaces/IPools.sol";
import { IPoolsLens } from "../interfaces/IPoolsLens.sol";
import { ISettlements } from "../interfaces/ISettlements.sol";
import { ISwaps } from "../interfaces/ISwaps.sol";
import { Pricing, SwapMath } from "../libraries/SwapMath.sol";

// Views of what the suite itself made, as many at a time as the caller asks for.
// slither-disable-start calls-loop

/// @title PoolsLens
/// @notice See {IPoolsLens}.
///
/// Whether a pool is one of {SWAPS}'s, and alive, {SWAPS} alone is asked: another market, which may be anything
/// that the alliance listed, is never called.
contract PoolsLens is IPoolsLens {
    /// @inheritdoc IPoolsLens
    IPools public immutable POOLS;
    /// @inheritdoc IPoolsLens
    ISwaps public immutable SWAPS;
    /// @inheritdoc IPoolsLens
    ISettlements public immutable SETTLEMENTS;

    constructor(IPools pools, ISwaps swaps, ISettlements settlements) {
        POOLS = pools;
        SWAPS = swaps;
        SETTLEMENTS = settlements;
    }

    // --------------------------------------------------------------- members

    /// @inheritdoc IPoolsLens
    function swapsOf(address member, uint256 from, uint256 count)
        external
        view
        returns (PoolView[] memory pools, uint256 total)
    {
        bytes32[] memory ids;
        (ids, total) = _idsOf(from, count);
        uint256 found = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_isAlive(ids[i]) && _holdsAny(member, ids[i])) ids[found++] = ids[i];
        }
        pools = new PoolView[](found);
        for (uint256 i = 0; i < found; ++i) {
            pools[i] = _poolView(member, ids[i]);
        }
    }

    /// @inheritdoc IPoolsLens
    function swapsOf(address member, bytes32[] calldata ids) external view returns (PoolView[] memory pools) {
        pools = new PoolView[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_isAlive(ids[i])) pools[i] = _poolView(member, ids[i]);
            else pools[i].pool = ids[i];
        }
    }

    // ---------------------------------------------------------------- brands

    /// @inheritdoc IPoolsLens
    function positionsOf(address token, uint256 from, uint256 count, uint256 periods)
        external
        view
        returns (BrandPool[] memory positions, uint256 total)
    {
        bytes32[] memory ids;
        (ids, total) = _idsOf(from, count);
        uint256 found = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            if (_concerns(token, ids[i], periods)) ids[found++] = ids[i];
        }
        positions = new BrandPool[](found);
        for (uint256 i = 0; i < found; ++i) {
            positions[i] = _brandPool(token, ids[i], periods);
        }
    }

    /// @inheritdoc IPoolsLens
    function settlementsOf(address token, bytes32 pool, uint256 skipped, uint256 count)
        public
        view
        returns (SettlementView[] memory settlements)
    {
        uint256 closed = SWAPS.periodOf(pool).number;
        uint256 length = _pageLength(closed, skipped, count);
        settlements = new SettlementView[](length);
        uint256 found = 0;
        for (uint256 i = 1; i <= length; ++i) {
            // forge-lint: disable-next-line(unsafe-typecast) -- below a number of 32 bits
            SettlementView memory shown = _settlement(token, pool, uint32(closed - skipped - i));
            bool isOpen = shown.debt.unpaid != 0 || shown.claim.taken != shown.claim.value;
            if (isOpen) settlements[found++] = shown;
        }
        assembly ("memory-safe") {
            mstore(settlements, found)
        }
    }

    // ------------------------------------------------------------- internals

    function _idsOf(uint256 from, uint256 count) private view returns (bytes32[] memory ids, uint256 total) {
        total = POOLS.poolCount();
        ids = new bytes32[](_pageLength(total, from, count));
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = POOLS.poolAt(from + i);
        }
    }

    /// @dev One of {SWAPS}'s pools that some brand has joined.
    function _isAlive(bytes32 pool) private view returns (bool) {
        return SWAPS.periodOf(pool).startedAt != 0;
    }

    function _holdsAny(address member, bytes32 pool) private view returns (bool) {
        address[] memory tokens = POOLS.tokensOf(pool);
        for (uint256 i = 0; i < tokens.length; ++i) {
            if (ILoyaltyToken(tokens[i]).balanceOf(member) != 0) return true;
        }
        return false;
    }

    function _poolView(address member, bytes32 pool) private view returns (PoolView memory shown) {
        IPools.Pool memory record = POOLS.poolOf(pool);
        shown.pool = pool;
        shown.rules = record.rules;
        shown.steward = record.steward;
        shown.currencySymbol = IERC20Metadata(record.rules.currency).symbol();
        shown.currencyDecimals = IERC20Metadata(record.rules.currency).decimals();
        shown.period = SWAPS.periodOf(pool);
        shown.sides = new Side[](record.tokens.length);
        for (uint256 i = 0; i < record.tokens.length; ++i) {
            shown.sides[i] = _side(member, pool, record.tokens[i]);
        }
    }

    function _side(address member, bytes32 pool, address token) private view returns (Side memory side) {
        ILoyaltyToken loyaltyToken = ILoyaltyToken(token);
        side.token = token;
        side.brandId = loyaltyToken.brandId();
        side.name = loyaltyToken.name();
        side.symbol = loyaltyToken.symbol();
        side.contractURI = loyaltyToken.contractURI();
        side.balance = loyaltyToken.balanceOf(member);
        ISwaps.Position memory position = SWAPS.positionOf(pool, token);
        side.position = position;
        if (position.stopped || position.suspended) return side;
        // Amounts are far from what a signed word cannot hold, and a pool's stock is never negative.
        // forge-lint: disable-start(unsafe-typecast)
        int256 room = int256(uint256(position.ceiling)) - position.net;
        if (room > 0) side.room = Math.min(uint256(room), position.leftToday);
        side.available = uint256(int256(uint256(position.provided)) + position.net);
        // forge-lint: disable-end(unsafe-typecast)
    }

    function _concerns(address token, bytes32 pool, uint256 periods) private view returns (bool) {
        if (!_isAlive(pool)) return false;
        if (SWAPS.positionOf(pool, token).joined) return true;
        ISettlements.Account memory account = SETTLEMENTS.accountOf(address(SWAPS), pool, token);
        if (account.bond != 0 || account.unpaid != 0) return true;
        return settlementsOf(token, pool, 0, periods).length != 0;
    }

    function _brandPool(address token, bytes32 pool, uint256 periods)
        private
        view
        returns (BrandPool memory shown)
    {
        shown.pool = _poolView(address(0), pool);
        shown.membership = POOLS.membershipOf(pool, token);
        shown.account = SETTLEMENTS.accountOf(address(SWAPS), pool, token);
        (shown.debt, shown.credit) = _valueOf(SWAPS.positionOf(pool, token));
        shown.settlements = settlementsOf(token, pool, 0, periods);
    }

    function _settlement(address token, bytes32 pool, uint32 period)
        private
        view
        returns (SettlementView memory shown)
    {
        bytes32 settlementId = SETTLEMENTS.settlementIdOf(address(SWAPS), pool, period);
        shown.period = period;
        shown.settlementId = settlementId;
        shown.debt = SETTLEMENTS.debtOf(settlementId, token);
        shown.claim = SETTLEMENTS.claimOf(settlementId, token);
        shown.settlement = SETTLEMENTS.settlementOf(settlementId);
        shown.ready = SETTLEMENTS.payableOf(settlementId, token);
    }

    /// @dev What a position comes to at par: a debt rounded up, a credit rounded down, as closing has it.
    function _valueOf(ISwaps.Position memory position) private pure returns (uint256 debt, uint256 credit) {
        // A token that is not in the pool has no decimals here, and no worth.
        uint256 unit = SwapMath.unitWorth(
            Pricing({
                parValue: position.parValue,
                ceiling: position.ceiling,
                decimals: position.decimals,
                baseFee: position.baseFee,
                feeSlope: position.feeSlope
            })
        );
        // forge-lint: disable-start(unsafe-typecast)
        if (position.net > 0) debt = Math.ceilDiv(uint256(position.net) * unit, SwapMath.WORTH);
        else credit = uint256(-position.net) * unit / SwapMath.WORTH;
        // forge-lint: disable-end(unsafe-typecast)
    }

    function _pageLength(uint256 total, uint256 from, uint256 count) private pure returns (uint256) {
        return Math.min(Math.saturatingSub(total, from), count);
    }
}

// slither-disable-end calls-loop
