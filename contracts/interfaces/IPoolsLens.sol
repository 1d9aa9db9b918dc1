// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IPools } from "./IPools.sol";
import { ISettlements } from "./ISettlements.sol";
import { ISwaps } from "./ISwaps.sol";

/// @title IPoolsLens
/// @notice Pools in one read: to a member, what can be swapped into what, with every number that prices a swap;
/// to a brand, where it stands, what it owes and what it is owed. It only reads, holds nothing and is trusted by
/// nobody.
///
/// Pools whose market is another contract, and pools that nobody has ever joined, are left out: anybody can make
/// those, and they cost whoever reads next to nothing.
///
/// Amounts are token base units, values base units of the pool's currency.
interface IPoolsLens {
    /// @notice A token in a pool.
    /// @param token The token.
    /// @param brandId Whose it is.
    /// @param name ERC-20 name.
    /// @param symbol ERC-20 symbol.
    /// @param contractURI Where the token or its brand describes itself.
    /// @param position All that prices and bounds it.
    /// @param room How much of it may be brought now; zero while its part is stopped.
    /// @param available How much of it can be taken now; zero while its part is stopped.
    /// @param balance What the member holds.
    struct Side {
        address token;
        bytes32 brandId;
        string name;
        string symbol;
        string contractURI;
        ISwaps.Position position;
        uint256 room;
        uint256 available;
        uint256 balance;
    }

    /// @notice A pool with its tokens.
    /// @param pool Its id.
    /// @param rules Its fixed facts.
    /// @param steward Who sets bounds.
    /// @param currencySymbol The currency's symbol.
    /// @param currencyDecimals The currency's decimals.
    /// @param period The running period.
    /// @param sides Its tokens.
    struct PoolView {
        bytes32 pool;
        IPools.Rules rules;
        address steward;
        string currencySymbol;
        uint8 currencyDecimals;
        ISwaps.Period period;
        Side[] sides;
    }

    /// @notice What a brand owes or is owed for a period that is closed.
    /// @param period Its number.
    /// @param settlementId Its id.
    /// @param settlement All that is owed, what has come in, and when debts can be enforced.
    /// @param debt What the brand still owes.
    /// @param claim What the brand is owed, and what it took out.
    /// @param ready What its claim gives now.
    struct SettlementView {
        uint32 period;
        bytes32 settlementId;
        ISettlements.Settlement settlement;
        ISettlements.Debt debt;
        ISettlements.Claim claim;
        uint256 ready;
    }

    /// @notice Where a brand stands in a pool.
    /// @param pool The pool, with all its tokens.
    /// @param membership What the pool accepts of the brand's token, and what is announced.
    /// @param account What the brand laid down for its debts there, and what is unpaid.
    /// @param debt What it would owe if the period were closed now, rounded up.
    /// @param credit What it would be owed, before fees, rounded down.
    /// @param settlements Closed periods in which it still owes, or has a claim that is not all taken out; the
    /// latest first.
    struct BrandPool {
        PoolView pool;
        IPools.Membership membership;
        ISettlements.Account account;
        uint256 debt;
        uint256 credit;
        SettlementView[] settlements;
    }

    // ---- members

    /// @notice The pools in which a member holds any token: all it takes to swap, and to know beforehand what a
    /// swap gives (see `SwapMath`).
    /// @param from Index of the first pool that is looked at, in order of creation.
    /// @param count How many are looked at.
    /// @return pools Those of them in which the member holds something.
    /// @return total How many pools there are in all.
    function swapsOf(address member, uint256 from, uint256 count)
        external
        view
        returns (PoolView[] memory pools, uint256 total);

    /// @notice Chosen pools, whatever the member holds. One that nobody has joined has no period and no tokens.
    /// @param member Whose balances to show; zero for nobody.
    function swapsOf(address member, bytes32[] calldata ids) external view returns (PoolView[] memory pools);

    // ---- brands

    /// @notice The pools in which a token is, or in which its brand has money or owes or is owed.
    /// @param from Index of the first pool that is looked at, in order of creation.
    /// @param count How many are looked at.
    /// @param periods How many of each pool's latest closed periods to look at.
    /// @return positions Those of them that concern the token.
    /// @return total How many pools there are in all.
    function positionsOf(address token, uint256 from, uint256 count, uint256 periods)
        external
        view
        returns (BrandPool[] memory positions, uint256 total);

    /// @notice What a token's brand still owes, or may still take out, for a pool's closed periods.
    /// @param skipped How many of the latest to leave out.
    /// @param count How many at most are looked at, the latest first.
    function settlementsOf(address token, bytes32 pool, uint256 skipped, uint256 count)
        external
        view
        returns (SettlementView[] memory settlements);

    // ---- what is read

    /// @notice Who is in which pool.
    function POOLS() external view returns (IPools);

    /// @notice Where members swap.
    function SWAPS() external view returns (ISwaps);

    /// @notice Where brands settle.
    function SETTLEMENTS() external view returns (ISettlements);
}
