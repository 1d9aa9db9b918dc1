// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "./ILoyaltyToken.sol";
import { IMarket } from "./IMarket.sol";
import { ISettlementSource } from "./ISettlementSource.sol";

/// @title ISwaps
/// @notice Where members swap tokens of one brand for those of another, at par, in one hop. A market for
/// {IPools}.
///
/// **Positions.** A brand *provides* tokens of its own, which members can take away, and it can lose no more in
/// a pool than that. The *net intake* of its token is what members brought less what they took this period:
/// above zero its brand is a debtor, below a creditor.
///
/// **Bounds.** The intake of a token never exceeds its *ceiling* (SWAP-2): its limit in the pool or its *credit
/// line*, whichever is less. The line is what its brand laid down in {ISettlements} for this pool, times the
/// pool's leverage, less what it has not paid yet. What a brand provides never exceeds its outflow cap. Any
/// brand can stop its own part at once.
///
/// **Price.** At par less a fee that grows with the intake, see `SwapMath`. Every swap names the least it gives
/// or the most it takes, and its deadline (SWAP-3). Fees stay in the pool and fall to the period's creditors.
///
/// **Periods.** When one has ended, anybody closes it: debts and claims go to {ISettlements}, debtors' tokens
/// with them, and the next begins with nobody in debt.
///
/// Amounts are token base units.
interface ISwaps is IMarket, ISettlementSource {
    /// @notice What members send tokens for with `transferAndCall`.
    /// - `Swap`: `abi.encode(Act.Swap, pool, tokenOut, amountOut, exactOut, to, deadline)`
    /// - `Provide`: `abi.encode(Act.Provide, pool)`, for those who settle for the brand
    enum Act {
        Swap,
        Provide
    }

    /// @notice A pool's running period.
    /// @param number From 0.
    /// @param startedAt When it began; zero if nobody has joined yet.
    /// @param closesAt When it can be closed, inclusive.
    /// @param allianceFee What part of its fees goes to the alliance, in basis points.
    /// @param prepaid What debtors paid already.
    struct Period {
        uint32 number;
        uint40 startedAt;
        uint40 closesAt;
        uint16 allianceFee;
        uint128 prepaid;
    }

    /// @notice A token in a pool.
    /// @param joined Whether its brand is in the pool.
    /// @param stopped Whether its brand stopped its part.
    /// @param suspended Whether it is stopped because its brand is suspended or leaves, or is in default.
    /// @param parValue Currency base units per whole token.
    /// @param decimals The token's.
    /// @param provided What its brand has provided and not withdrawn.
    /// @param net What members brought less what they took this period.
    /// @param ceiling The most that `net` may be now.
    /// @param baseFee See `SwapMath`.
    /// @param feeSlope See `SwapMath`.
    /// @param leftToday What the daily cap leaves; the largest number without one.
    struct Position {
        bool joined;
        bool stopped;
        bool suspended;
        uint8 decimals;
        uint96 parValue;
        uint96 provided;
        int256 net;
        uint96 ceiling;
        uint24 baseFee;
        uint24 feeSlope;
        uint256 leftToday;
    }

    /// @notice A swap.
    /// @param pool Where.
    /// @param tokenIn What is brought.
    /// @param tokenOut What is taken.
    /// @param amountIn How much is brought; the most if `exactOut`.
    /// @param amountOut The least that is taken; exactly that if `exactOut`.
    /// @param exactOut Whether `amountOut` is exact and `amountIn` a bound, or the other way round.
    /// @param to Who gets it.
    /// @param deadline The last second at which it is good.
    struct Swap {
        bytes32 pool;
        address tokenIn;
        address tokenOut;
        uint256 amountIn;
        uint256 amountOut;
        bool exactOut;
        address to;
        uint256 deadline;
    }

    /// @notice One of many swaps of one call.
    /// @param amount What is brought, or what is taken if `exactOut`; without it, zero is everything that the
    /// steps before gave of the token.
    struct Step {
        bytes32 pool;
        address tokenIn;
        address tokenOut;
        uint256 amount;
        bool exactOut;
    }

    /// @notice What many swaps come to for the caller in one token.
    /// @param token Each token of any step, once.
    /// @param bound The least that the caller gets, or if negative, minus the most that the caller pays.
    struct Movement {
        address token;
        int256 bound;
    }

    event StopSet(bytes32 indexed pool, address indexed token, bool stopped);
    event SuspensionSynced(bytes32 indexed pool, address indexed token, bool suspended);
    event CeilingSet(bytes32 indexed pool, address indexed token, uint96 ceiling);
    event Provided(bytes32 indexed pool, address indexed token, address indexed from, uint256 amount);
    event Withdrawn(bytes32 indexed pool, address indexed token, address indexed to, uint256 amount);
    event Swapped(
        bytes32 indexed pool,
        address indexed tokenIn,
        address indexed tokenOut,
        address to,
        uint256 amountIn,
        uint256 amountOut
    );
    event PeriodClosed(bytes32 indexed pool, uint32 indexed period, bool settled);
    event PositionClosed(bytes32 indexed pool, uint32 indexed period, address indexed token, int256 net);

    error Swaps_NotBrand(bytes32 pool, address token, address caller);
    error Swaps_NotJoined(bytes32 pool, address token);
    error Swaps_StillInUse(bytes32 pool, address token);
    error Swaps_Stopped(bytes32 pool, address token);
    error Swaps_SameToken(address token);
    error Swaps_Expired(uint256 deadline);
    error Swaps_TooLittleOut(uint256 amountOut, uint256 least);
    error Swaps_TooMuchIn(uint256 amountIn, uint256 most);
    error Swaps_OverCeiling(bytes32 pool, address token, uint256 amount, uint256 room);
    error Swaps_OverDailyCap(bytes32 pool, address token, uint256 amount, uint256 room);
    error Swaps_NotEnoughIn(bytes32 pool, address token, uint256 amount, uint256 available);
    error Swaps_OverOutflowCap(bytes32 pool, address token, uint256 provided, uint96 outflowCap);
    error Swaps_NotDebtor(bytes32 pool, address token);
    error Swaps_NotClosable(bytes32 pool, uint40 closesAt);
    error Swaps_NotPools(address caller);
    error Swaps_NotSettlements(address caller);
    error Swaps_BondInUse(bytes32 pool, address token, uint256 debt, uint256 line);
    error Swaps_UnknownMovement(address token);
    error Swaps_WrongMovement(address token, int256 delta, int256 bound);
    error Swaps_ZeroAmount();
    error Swaps_NotInDefault(address token);

    // ---- brands

    /// @notice Takes back provided tokens, at once. Those who settle for the brand only. Emits {Withdrawn}.
    function withdraw(bytes32 pool, address token, uint256 amount, address to) external;

    /// @notice Stops a brand's part at once, or lets it go on. Those who settle for the brand only. Emits
    /// {StopSet}.
    function setStopped(bytes32 pool, address token, bool stopped) external;

    // ---- anyone

    /// @notice Stops a token's part if its brand is suspended or leaves or the token is in default, or ends
    /// that. Emits {SuspensionSynced}.
    function syncSuspension(bytes32 pool, address token) external;

    /// @notice In default, burns what the brand could withdraw, which would share in what its holders get. Emits
    /// {Withdrawn}, to nobody.
    /// @return amount How much.
    function burnProvided(bytes32 pool, address token) external returns (uint256 amount);

    /// @notice Closes a period that has ended. Emits {PeriodClosed} and a {PositionClosed} for each debtor and
    /// creditor.
    function close(bytes32 pool) external;

    // ---- members

    /// @notice Swaps, from the caller's allowance. Emits {Swapped}.
    function swap(Swap calldata order) external returns (uint256 amountIn, uint256 amountOut);

    /// @notice As {swap}, with the caller's permit for `tokenIn`; if that was used already, the allowance
    /// counts.
    function swapWithPermit(Swap calldata order, uint256 value, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 amountIn, uint256 amountOut);

    /// @notice Swaps what a member signed, for anybody to submit: a `Spend` in the domain of `tokenIn` whose
    /// spender is this contract and whose witness is
    /// `SwapRequest(bytes32 pool,address tokenOut,uint256 amountOut,bool exactOut,address to)`. Amount in and
    /// deadline are the spend's.
    function swapWithSignature(
        address tokenIn,
        SwapRequest calldata request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external returns (uint256 amountIn, uint256 amountOut);

    /// @notice Many swaps one after another; tokens move once, by what is left over. From the caller's
    /// allowance. Emits {Swapped} for each.
    function swapMany(Step[] calldata steps, Movement[] calldata movements, address to, uint256 deadline)
        external;

    /// @notice What a member signs, see {swapWithSignature}.
    struct SwapRequest {
        bytes32 pool;
        address tokenOut;
        uint256 amountOut;
        bool exactOut;
        address to;
    }

    // ---- views

    /// @notice What {swap} would give now for `amountIn`. Reverts as it would.
    function quoteOut(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        view
        returns (uint256 amountOut);

    /// @notice The least that {swap} would take now for `amountOut`. Reverts as it would.
    function quoteIn(bytes32 pool, address tokenIn, address tokenOut, uint256 amountOut)
        external
        view
        returns (uint256 amountIn);

    /// @notice A pool's running period.
    function periodOf(bytes32 pool) external view returns (Period memory);

    /// @notice A token in a pool.
    function positionOf(bytes32 pool, address token) external view returns (Position memory);
}
