// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IPools
/// @notice Which brands accept one another's tokens, and within which bounds.
///
/// **What a pool is.** Brands of one settlement currency. Accepting a brand's token is lending to it: who
/// brings it takes other brands' tokens away, and its brand pays for that when the period ends. A pool is a risk
/// of its own: nothing nets or spreads across pools (SETTLE-3). What happens in it, its *market*, another
/// contract, keeps; this one says who is in and on what terms, and tells the market of every change.
///
/// **Bounds** are set by the pool's *steward*, token by token: a *limit*, the most net intake; an *outflow cap*,
/// the most that the brand may provide; a daily cap, if wanted; and the fee. Bounds fall at once. They rise, and
/// fees change, after a delay, in which every brand can take back what it provides or stop (SWAP-2). A brand
/// joins by its own call, on bounds that were announced: as long before, unless it is the first.
///
/// Amounts are token base units.
interface IPools {
    /// @notice A pool's fixed facts.
    /// @param market The contract in which tokens are swapped, on the alliance's list of modules.
    /// @param currency What it is settled in.
    /// @param periodLength How long a period lasts at least, in seconds.
    /// @param paymentTime How long debtors have to pay after a period is closed, in seconds.
    /// @param leverage How much a brand may owe for what it laid down, in percent; at least 100. Above that
    /// the brands of the pool lend to one another without cover.
    struct Rules {
        address market;
        address currency;
        uint32 periodLength;
        uint32 paymentTime;
        uint16 leverage;
    }

    /// @notice A pool.
    /// @param rules Its fixed facts.
    /// @param steward Who sets bounds.
    /// @param nextSteward Who may take over by accepting.
    /// @param tokens Of the brands that are in it.
    struct Pool {
        Rules rules;
        address steward;
        address nextSteward;
        address[] tokens;
    }

    /// @notice What a pool accepts of a token, and for how much.
    /// @param limit The most net intake.
    /// @param outflowCap The most that its brand may provide.
    /// @param dailyCap The most that may be brought in a day; zero for no cap of its own.
    /// @param baseFee What bringing it costs at least, in parts per million of its worth.
    /// @param feeSlope How much more it costs at the ceiling; both together at most half.
    struct Bounds {
        uint96 limit;
        uint96 outflowCap;
        uint96 dailyCap;
        uint24 baseFee;
        uint24 feeSlope;
    }

    /// @notice A token in a pool.
    /// @param joined Whether its brand is in the pool.
    /// @param bounds What the pool accepts.
    /// @param pendingBounds What it will accept from `boundsChangeAt`, once somebody applies it.
    /// @param boundsChangeAt Zero if nothing is announced.
    struct Membership {
        bool joined;
        uint40 boundsChangeAt;
        Bounds bounds;
        Bounds pendingBounds;
    }

    event PoolCreated(bytes32 indexed pool, address indexed creator, bytes32 salt, Rules rules);
    event StewardNamed(bytes32 indexed pool, address indexed steward);
    event StewardChanged(bytes32 indexed pool, address indexed steward);
    event BoundsAnnounced(bytes32 indexed pool, address indexed token, Bounds bounds, uint40 effectiveAt);
    event BoundsWithdrawn(bytes32 indexed pool, address indexed token);
    event BoundsSet(bytes32 indexed pool, address indexed token, Bounds bounds);
    event Joined(bytes32 indexed pool, address indexed token, bytes32 indexed brandId);
    event Left(bytes32 indexed pool, address indexed token);
    event AllianceFeeSet(uint16 bps, address indexed treasury);

    error Pools_NotSteward(bytes32 pool, address caller);
    error Pools_NotBrand(address token, address caller);
    error Pools_PoolExists(bytes32 pool);
    error Pools_NoPool(bytes32 pool);
    error Pools_InvalidRules(Rules rules);
    error Pools_InvalidBounds(Bounds bounds);
    error Pools_CurrencyNotListed(address currency);
    error Pools_MarketNotListed(address market);
    error Pools_OtherCurrency(address token, address currency, address poolCurrency);
    error Pools_PoolFull(bytes32 pool);
    error Pools_AlreadyJoined(bytes32 pool, address token);
    error Pools_NotJoined(bytes32 pool, address token);
    error Pools_Raises(Bounds bounds, Bounds current);
    error Pools_NoChangePending(bytes32 pool, address token);
    error Pools_ChangeNotDue(bytes32 pool, address token, uint40 effectiveAt);
    error Pools_WindingDown(address token, uint40 endsAt);
    error Pools_InvalidFee(uint16 bps);

    /// @notice How long announced bounds wait, in seconds.
    function CHANGE_DELAY() external view returns (uint32);

    /// @notice How many brands a pool can have, so that closing fits a block.
    function MAX_TOKENS() external view returns (uint256);

    // ---- alliance

    /// @notice Sets what part of fees goes to the alliance, from each market's next period on: at most a
    /// fifth. Alliance only. Emits {AllianceFeeSet}.
    /// @param bps In basis points of the fees.
    function setAllianceFee(uint16 bps, address treasury) external;

    // ---- stewards

    /// @notice Makes a pool. Its steward is the caller. Emits {PoolCreated}.
    ///
    /// Requirements:
    /// - the alliance lists market and currency; periods and payment times are between a day and 366 days;
    /// leverage is between 100 and 1,000 percent
    /// @param salt Any value that the caller has not used yet.
    function createPool(bytes32 salt, Rules calldata rules) external returns (bytes32 pool);

    /// @notice Names who may take over. Steward only. Emits {StewardNamed}.
    function nameSteward(bytes32 pool, address next) external;

    /// @notice Takes over. Only who is named. Emits {StewardChanged}.
    function acceptSteward(bytes32 pool) external;

    /// @notice Announces what the pool will accept of a token: of one whose brand is to join, or of one in it.
    /// It can be applied after {CHANGE_DELAY}. Steward only. Emits {BoundsAnnounced}.
    function announceBounds(bytes32 pool, address token, Bounds calldata bounds) external;

    /// @notice Withdraws what was announced. Steward only. Emits {BoundsWithdrawn}.
    function withdrawBounds(bytes32 pool, address token) external;

    /// @notice Lowers bounds at once; fees stay as they are. Of what was announced, nothing higher is left:
    /// it would have to be announced anew. Steward, or those who settle for the brand. Emits {BoundsSet}, and
    /// {BoundsAnnounced} with what is left, for the same time, if something was announced.
    function lowerBounds(bytes32 pool, address token, uint96 limit, uint96 outflowCap, uint96 dailyCap)
        external;

    // ---- brands

    /// @notice Joins on the bounds that the steward announced. Brand's admin only, brand active. Emits {Joined}
    /// and {BoundsSet}.
    ///
    /// Requirements:
    /// - the token is obliged in the pool's currency, and no wind-down of it is announced
    /// - the pool has room; the bounds' time has come, or nobody else is in the pool
    function joinPool(bytes32 pool, address token) external;

    /// @notice Leaves. Brand's admin only. Emits {Left}.
    ///
    /// Requirements:
    /// - the market has nothing left of it
    function leavePool(bytes32 pool, address token) external;

    // ---- anyone

    /// @notice Applies announced bounds whose time has come. Emits {BoundsSet}.
    function applyBounds(bytes32 pool, address token) external;

    // ---- views

    /// @notice A pool; all zero if there is none.
    function poolOf(bytes32 pool) external view returns (Pool memory);

    /// @notice The tokens in a pool.
    function tokensOf(bytes32 pool) external view returns (address[] memory);

    /// @notice A token in a pool.
    function membershipOf(bytes32 pool, address token) external view returns (Membership memory);

    /// @notice What part of fees goes to the alliance, in basis points, and to whom.
    function allianceFee() external view returns (uint16 bps, address treasury);

    /// @notice How many pools there are.
    function poolCount() external view returns (uint256);

    /// @notice One of them, in order of creation.
    function poolAt(uint256 index) external view returns (bytes32 pool);

    /// @notice The id of a pool.
    function poolIdOf(address creator, bytes32 salt) external view returns (bytes32 pool);
}
