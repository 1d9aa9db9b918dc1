// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IMarket } from "./interfaces/IMarket.sol";
import { IPools } from "./interfaces/IPools.sol";
import { ISettlements } from "./interfaces/ISettlements.sol";
import { ISettlementSource } from "./interfaces/ISettlementSource.sol";
import { ISwaps } from "./interfaces/ISwaps.sol";
import { Roles } from "./libraries/Roles.sol";
import { Pricing, SwapMath } from "./libraries/SwapMath.sol";

// Periods and delays run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp
// Amounts of tokens fit 96 bits, and every other number that is made narrower is checked against one.
// forge-lint: disable-start(unsafe-typecast)

/// @title Swaps
/// @notice See {ISwaps}.
///
/// **Books.** What a pool has of a token is what its brand provided plus its net intake, never a balance: what
/// is merely sent here changes nothing (SWAP-4). A swap touches the two tokens' positions alone, so that it
/// costs the same whatever the number of brands, pools and swaps.
///
/// **Worth.** In every pool and at any time, the net intakes, each at par, and what was prepaid come to the
/// fees, exactly: whatever a swap brings at par and does not give is a fee (SETTLE-1). Fees are not counted;
/// closing finds them as what debts leave after the credits.
///
/// **Trust.** Only tokens of the factory get in, and these call nobody. Settlements is ours; it calls here
/// when what stands behind debts changes, and that writes a ceiling, nothing else.
///
/// **Rounding.** What is taken is rounded up and what is given down; so are debts and claims.
contract Swaps is ISwaps, IERC1363Receiver, BrandGate {
    using SafeCast for uint256;

    // Slots 0 and 1: what the pool's rules say. Slot 2: the running period.
    struct PoolRecord {
        address currency;
        uint32 periodLength;
        uint32 paymentTime;
        uint16 leverage;
        uint32 period;
        uint40 startedAt;
        uint16 allianceFee;
        uint128 prepaid;
    }

    // Slot 0: what each swap changes. Slot 1: what prices it. Then what bounds it.
    struct PositionRecord {
        Books books;
        Pricing pricing;
        uint96 limit;
        uint96 outflowCap;
        uint96 dailyCap;
        uint96 takenToday;
        uint40 day;
    }

    struct Books {
        uint96 provided;
        int104 net;
        bool joined;
        bool stopped;
        bool suspended;
        bool capped;
    }

    uint256 private constant BPS = 10_000;

    bytes32 private constant REQUEST_TYPEHASH =
        keccak256("SwapRequest(bytes32 pool,address tokenOut,uint256 amountOut,bool exactOut,address to)");
    bytes32 private constant SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,SwapRequest witness)SwapRequest(bytes32 pool,address tokenOut,uint256 amountOut,bool exactOut,address to)"
    );

    /// @notice What each brand owes to the holders of its token.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;
    /// @notice Who is in which pool, and within which bounds.
    IPools public immutable POOLS;
    /// @notice Where periods are settled.
    ISettlements public immutable SETTLEMENTS;

    mapping(bytes32 pool => PoolRecord) private _pools;
    mapping(bytes32 pool => mapping(address token => PositionRecord)) private _positions;

    constructor(
        IBrandRegistry brandRegistry,
        IObligationRegistry obligationRegistry,
        IPools pools,
        ISettlements settlements
    ) BrandGate(brandRegistry) {
        OBLIGATION_REGISTRY = obligationRegistry;
        POOLS = pools;
        SETTLEMENTS = settlements;
    }

    // ----------------------------------------------------------------- pools

    /// @inheritdoc IMarket
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign -- our own contracts are called
    function onJoined(bytes32 pool, address token, IPools.Rules calldata rules) external {
        _checkPools();
        PoolRecord storage record = _pools[pool];
        // slither-disable-next-line incorrect-equality -- has not started
        if (record.startedAt == 0) {
            record.currency = rules.currency;
            record.periodLength = rules.periodLength;
            record.paymentTime = rules.paymentTime;
            record.leverage = rules.leverage;
            _startPeriod(record);
        }
        PositionRecord storage position = _positions[pool][token];
        position.books.joined = true;
        position.pricing.parValue = OBLIGATION_REGISTRY.obligationOf(token).parValue;
        position.pricing.decimals = ILoyaltyToken(token).decimals();
    }

    /// @inheritdoc IMarket
    function onBoundsSet(bytes32 pool, address token, IPools.Bounds calldata bounds) external {
        _checkPools();
        PositionRecord storage position = _joined(pool, token);
        (position.limit, position.outflowCap, position.dailyCap) =
        (bounds.limit, bounds.outflowCap, bounds.dailyCap);
        position.books.capped = bounds.dailyCap != 0;
        (position.pricing.baseFee, position.pricing.feeSlope) = (bounds.baseFee, bounds.feeSlope);
        _refreshCeiling(pool, token);
    }

    /// @inheritdoc IMarket
    function onLeft(bytes32 pool, address token) external {
        _checkPools();
        Books memory books = _joined(pool, token).books;
        require(books.provided == 0 && books.net == 0, Swaps_StillInUse(pool, token));
        delete _positions[pool][token];
    }

    // ---------------------------------------------------------------- brands

    /// @inheritdoc ISwaps
    function withdraw(bytes32 pool, address token, uint256 amount, address to) external {
        PositionRecord storage position = _joined(pool, token);
        _checkSettler(pool, token, msg.sender);
        _checkAvailable(pool, token, amount, _withdrawable(position));
        _takeProvided(pool, token, position, amount, to);
        _send(token, to, amount);
    }

    /// @inheritdoc ISwaps
    function setStopped(bytes32 pool, address token, bool stopped) external {
        PositionRecord storage position = _joined(pool, token);
        _checkSettler(pool, token, msg.sender);
        position.books.stopped = stopped;
        emit StopSet({ pool: pool, token: token, stopped: stopped });
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc ISwaps
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign,reentrancy-events -- our own registry is called
    function syncSuspension(bytes32 pool, address token) external {
        PositionRecord storage position = _joined(pool, token);
        OBLIGATION_REGISTRY.syncMintStop(token);
        bool suspended = ILoyaltyToken(token).mintStopped();
        position.books.suspended = suspended;
        emit SuspensionSynced({ pool: pool, token: token, suspended: suspended });
    }

    /// @inheritdoc ISwaps
    function burnProvided(bytes32 pool, address token) external returns (uint256 amount) {
        PositionRecord storage position = _joined(pool, token);
        require(OBLIGATION_REGISTRY.isInDefault(token), Swaps_NotInDefault(token));
        amount = _withdrawable(position);
        _takeProvided(pool, token, position, amount, address(0));
        ILoyaltyToken(token).burn(amount);
    }

    /// @inheritdoc ISwaps
    function close(bytes32 pool) external {
        // Check
        PoolRecord storage record = _pools[pool];
        uint40 closesAt = _closesAt(record);
        require(record.startedAt != 0 && block.timestamp >= closesAt, Swaps_NotClosable(pool, closesAt));

        // Effect
        uint32 period = record.period;
        (ISettlements.Line[] memory lines, uint256 owed, uint256 credit) = _lines(pool);
        bool settles = credit != 0;
        _closePositions(pool, period, lines, settles);
        uint256 treasuryClaim = 0;
        if (settles) {
            treasuryClaim = _shareFees(lines, credit, owed + record.prepaid - credit, record.allianceFee);
            record.prepaid = 0;
        }
        record.period = period + 1;
        address treasury = _startPeriod(record);
        emit PeriodClosed({ pool: pool, period: period, settled: settles });

        // Interaction
        if (settles) _settle(pool, period, record, lines, treasury, treasuryClaim);
    }

    // --------------------------------------------------------------- members

    /// @inheritdoc ISwaps
    function swap(Swap calldata order) external returns (uint256 amountIn, uint256 amountOut) {
        return _swapByAllowance(order);
    }

    /// @inheritdoc ISwaps
    // slither-disable-next-line reentrancy-no-eth,reentrancy-events -- only a token that has joined is called
    function swapWithPermit(Swap calldata order, uint256 value, uint256 deadline, bytes calldata signature)
        external
        returns (uint256 amountIn, uint256 amountOut)
    {
        _joined(order.pool, order.tokenIn);
        // A permit that somebody submitted before does no harm: then the allowance is there.
        try ILoyaltyToken(order.tokenIn).permit(msg.sender, address(this), value, deadline, signature) { }
            catch { }
        return _swapByAllowance(order);
    }

    /// @inheritdoc ISwaps
    function swapWithSignature(
        address tokenIn,
        SwapRequest calldata request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external returns (uint256 amountIn, uint256 amountOut) {
        (amountIn, amountOut) = _swapWithin(
            Swap({
                pool: request.pool,
                tokenIn: tokenIn,
                tokenOut: request.tokenOut,
                amountIn: spend.amount,
                amountOut: request.amountOut,
                exactOut: request.exactOut,
                to: request.to,
                deadline: spend.deadline
            })
        );
        bytes32 witness = keccak256(abi.encode(REQUEST_TYPEHASH, request));
        ILoyaltyToken(tokenIn).receiveWithSignature(spend, amountIn, SPEND_TYPEHASH, witness, signature);
        _send(request.tokenOut, request.to, amountOut);
    }

    /// @inheritdoc ISwaps
    function swapMany(Step[] calldata steps, Movement[] calldata movements, address to, uint256 deadline)
        external
    {
        // Check
        require(block.timestamp <= deadline, Swaps_Expired(deadline));

        // Effect
        int256[] memory deltas = new int256[](movements.length);
        for (uint256 i = 0; i < steps.length; ++i) {
            Step calldata step = steps[i];
            uint256 indexIn = _indexOf(movements, step.tokenIn);
            uint256 indexOut = _indexOf(movements, step.tokenOut);
            uint256 amount = step.amount;
            if (amount == 0 && !step.exactOut && deltas[indexIn] > 0) amount = uint256(deltas[indexIn]);
            (uint256 amountIn, uint256 amountOut) =
                _record(step.pool, step.tokenIn, step.tokenOut, amount, step.exactOut, to);
            deltas[indexIn] -= int256(amountIn);
            deltas[indexOut] += int256(amountOut);
        }

        // Interaction
        for (uint256 i = 0; i < movements.length; ++i) {
            int256 delta = deltas[i];
            address token = movements[i].token;
            require(delta >= movements[i].bound, Swaps_WrongMovement(token, delta, movements[i].bound));
            if (delta < 0) _fetch(token, uint256(-delta));
        }
        for (uint256 i = 0; i < movements.length; ++i) {
            if (deltas[i] > 0) _send(movements[i].token, to, uint256(deltas[i]));
        }
    }

    /// @inheritdoc IERC1363Receiver
    /// @dev Only a genuine token gets through: it has joined the pool.
    function onTransferReceived(address, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        if (abi.decode(data, (Act)) == Act.Swap) _swapReceived(from, value, data);
        else _provide(from, value, data);
        return IERC1363Receiver.onTransferReceived.selector;
    }

    // ----------------------------------------------------------- settlements

    /// @inheritdoc ISettlementSource
    function onAccountChanged(bytes32 pool, address token, uint256 bond, uint256 unpaid) external {
        _checkSettlements();
        if (_positions[pool][token].books.joined) _setCeiling(pool, token, bond, unpaid);
    }

    /// @inheritdoc ISettlementSource
    function onBondReclaimed(bytes32 pool, address token, uint256 bond, uint256 unpaid) external {
        _checkSettlements();
        PositionRecord storage position = _positions[pool][token];
        if (!position.books.joined) return;
        uint256 line = _lineOf(pool, bond, unpaid);
        uint256 debt = _valueUp(position.pricing, _intake(position.books.net));
        require(debt <= line, Swaps_BondInUse(pool, token, debt, line));
        _setCeiling(pool, token, bond, unpaid);
    }

    /// @inheritdoc ISettlementSource
    function onPrepaid(bytes32 pool, address token, uint256 most)
        external
        returns (address currency, uint256 amount, uint256 value)
    {
        // Check
        _checkSettlements();
        PositionRecord storage position = _joined(pool, token);
        uint256 debt = _intake(position.books.net);
        require(debt != 0, Swaps_NotDebtor(pool, token));
        amount = Math.min(most, debt);

        // Effect
        position.books.net -= int104(int256(amount));
        value = _valueUp(position.pricing, amount);
        PoolRecord storage record = _pools[pool];
        record.prepaid += value.toUint128();
        currency = record.currency;

        // Interaction
        ILoyaltyToken(token).burn(amount);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc ISwaps
    function quoteOut(bytes32 pool, address tokenIn, address tokenOut, uint256 amountIn)
        external
        view
        returns (uint256 amountOut)
    {
        (, amountOut) = _quote(pool, tokenIn, tokenOut, amountIn, false);
    }

    /// @inheritdoc ISwaps
    function quoteIn(bytes32 pool, address tokenIn, address tokenOut, uint256 amountOut)
        external
        view
        returns (uint256 amountIn)
    {
        (amountIn,) = _quote(pool, tokenIn, tokenOut, amountOut, true);
    }

    /// @inheritdoc ISwaps
    function periodOf(bytes32 pool) external view returns (Period memory) {
        PoolRecord storage record = _pools[pool];
        return Period({
            number: record.period,
            startedAt: record.startedAt,
            closesAt: _closesAt(record),
            allianceFee: record.allianceFee,
            prepaid: record.prepaid
        });
    }

    /// @inheritdoc ISwaps
    function positionOf(bytes32 pool, address token) external view returns (Position memory) {
        PositionRecord storage position = _positions[pool][token];
        Books memory books = position.books;
        Pricing memory pricing = position.pricing;
        return Position({
            joined: books.joined,
            stopped: books.stopped,
            suspended: books.suspended,
            decimals: pricing.decimals,
            parValue: pricing.parValue,
            provided: books.provided,
            net: books.net,
            ceiling: pricing.ceiling,
            baseFee: pricing.baseFee,
            feeSlope: pricing.feeSlope,
            leftToday: books.capped ? _leftToday(position) : type(uint256).max
        });
    }

    // --------------------------------------------------- internals: swapping

    function _swapByAllowance(Swap calldata order) private returns (uint256 amountIn, uint256 amountOut) {
        (amountIn, amountOut) = _swapWithin(order);
        _fetch(order.tokenIn, amountIn);
        _send(order.tokenOut, order.to, amountOut);
    }

    function _swapReceived(address from, uint256 value, bytes calldata data) private {
        (, bytes32 pool, address tokenOut, uint256 bound, bool exactOut, address to, uint256 deadline) =
            abi.decode(data, (Act, bytes32, address, uint256, bool, address, uint256));
        (uint256 amountIn, uint256 amountOut) = _swapWithin(
            Swap({
                pool: pool,
                tokenIn: msg.sender,
                tokenOut: tokenOut,
                amountIn: value,
                amountOut: bound,
                exactOut: exactOut,
                to: to,
                deadline: deadline
            })
        );
        if (amountIn != value) _send(msg.sender, from, value - amountIn);
        _send(tokenOut, to, amountOut);
    }

    /// @dev Swaps in the books, within what the member said.
    function _swapWithin(Swap memory order) private returns (uint256 amountIn, uint256 amountOut) {
        require(block.timestamp <= order.deadline, Swaps_Expired(order.deadline));
        (amountIn, amountOut) = _record(
            order.pool,
            order.tokenIn,
            order.tokenOut,
            order.exactOut ? order.amountOut : order.amountIn,
            order.exactOut,
            order.to
        );
        require(amountOut >= order.amountOut, Swaps_TooLittleOut(amountOut, order.amountOut));
        require(amountIn <= order.amountIn, Swaps_TooMuchIn(amountIn, order.amountIn));
    }

    function _record(
        bytes32 pool,
        address tokenIn,
        address tokenOut,
        uint256 amount,
        bool exactOut,
        address to
    ) private returns (uint256 amountIn, uint256 amountOut) {
        (amountIn, amountOut) = _quote(pool, tokenIn, tokenOut, amount, exactOut);
        PositionRecord storage positionIn = _positions[pool][tokenIn];
        // Within the ceiling, and of what there is.
        unchecked {
            positionIn.books.net += int104(int256(amountIn));
            _positions[pool][tokenOut].books.net -= int104(int256(amountOut));
        }
        if (positionIn.books.capped) {
            (uint40 day, uint256 taken) = _today(positionIn);
            (positionIn.day, positionIn.takenToday) = (day, uint96(taken + amountIn));
        }
        emit Swapped({
            pool: pool, tokenIn: tokenIn, tokenOut: tokenOut, to: to, amountIn: amountIn, amountOut: amountOut
        });
    }

    /// @dev Prices a swap, and checks it against every bound.
    function _quote(bytes32 pool, address tokenIn, address tokenOut, uint256 amount, bool exactOut)
        private
        view
        returns (uint256 amountIn, uint256 amountOut)
    {
        require(tokenIn != tokenOut, Swaps_SameToken(tokenIn));
        require(amount != 0, Swaps_ZeroAmount());
        PositionRecord storage position = _positions[pool][tokenIn];
        Books memory books = _running(pool, tokenIn, position);
        Pricing memory pricing = position.pricing;
        uint256 room = _room(books, pricing);
        (uint256 available, uint256 unit) = _stock(pool, tokenOut);
        if (exactOut) {
            amountOut = amount;
            _checkAvailable(pool, tokenOut, amountOut, available);
            amountIn = SwapMath.amountIn(pricing, books.net, amountOut * unit, room);
            require(amountIn <= room, Swaps_OverCeiling(pool, tokenIn, amountIn, room));
        } else {
            amountIn = amount;
            require(amountIn <= room, Swaps_OverCeiling(pool, tokenIn, amountIn, room));
            amountOut = SwapMath.worthIn(pricing, books.net, amountIn) / unit;
            require(amountOut != 0, Swaps_ZeroAmount());
            _checkAvailable(pool, tokenOut, amountOut, available);
        }
        if (books.capped) {
            uint256 left = _leftToday(position);
            require(amountIn <= left, Swaps_OverDailyCap(pool, tokenIn, amountIn, left));
        }
    }

    /// @dev What may still be brought.
    function _room(Books memory books, Pricing memory pricing) private pure returns (uint256) {
        int256 room = int256(uint256(pricing.ceiling)) - books.net;
        return room > 0 ? uint256(room) : 0;
    }

    /// @dev What can be taken of a token, and what its base unit is worth.
    function _stock(bytes32 pool, address token) private view returns (uint256 available, uint256 unit) {
        PositionRecord storage position = _positions[pool][token];
        Books memory books = _running(pool, token, position);
        return (_sum(books.provided, books.net), SwapMath.unitWorth(position.pricing));
    }

    function _checkAvailable(bytes32 pool, address token, uint256 amount, uint256 available) private pure {
        require(amount <= available, Swaps_NotEnoughIn(pool, token, amount, available));
    }

    function _running(bytes32 pool, address token, PositionRecord storage position)
        private
        view
        returns (Books memory books)
    {
        books = position.books;
        require(books.joined, Swaps_NotJoined(pool, token));
        require(!books.stopped && !books.suspended, Swaps_Stopped(pool, token));
    }

    function _today(PositionRecord storage position) private view returns (uint40 day, uint256 taken) {
        day = uint40(block.timestamp / 1 days);
        // slither-disable-next-line incorrect-equality -- the same day or another one
        taken = position.day == day ? position.takenToday : 0;
    }

    function _leftToday(PositionRecord storage position) private view returns (uint256) {
        (, uint256 taken) = _today(position);
        return Math.saturatingSub(position.dailyCap, taken);
    }

    function _indexOf(Movement[] calldata movements, address token) private pure returns (uint256 index) {
        while (index < movements.length && movements[index].token != token) ++index;
        require(index < movements.length, Swaps_UnknownMovement(token));
    }

    // --------------------------------------------------- internals: bounding

    function _provide(address from, uint256 value, bytes calldata data) private {
        (, bytes32 pool) = abi.decode(data, (Act, bytes32));
        PositionRecord storage position = _joined(pool, msg.sender);
        _checkSettler(pool, msg.sender, from);
        uint256 provided = position.books.provided + value;
        require(
            provided <= position.outflowCap,
            Swaps_OverOutflowCap(pool, msg.sender, provided, position.outflowCap)
        );
        position.books.provided = uint96(provided);
        emit Provided({ pool: pool, token: msg.sender, from: from, amount: value });
    }

    /// @dev What members left of what the brand provided.
    function _withdrawable(PositionRecord storage position) private view returns (uint256) {
        Books memory books = position.books;
        return _sum(books.provided, books.net < 0 ? books.net : int104(0));
    }

    function _takeProvided(
        bytes32 pool,
        address token,
        PositionRecord storage position,
        uint256 amount,
        address to
    ) private {
        require(amount != 0, Swaps_ZeroAmount());
        position.books.provided -= uint96(amount);
        emit Withdrawn({ pool: pool, token: token, to: to, amount: amount });
    }

    function _refreshCeiling(bytes32 pool, address token) private {
        // slither-disable-next-line calls-loop -- of a bounded number of brands
        ISettlements.Account memory account = SETTLEMENTS.accountOf(address(this), pool, token);
        _setCeiling(pool, token, account.bond, account.unpaid);
    }

    /// @dev The limit, or what the credit line is worth in tokens, rounded down.
    function _setCeiling(bytes32 pool, address token, uint256 bond, uint256 unpaid) private {
        PositionRecord storage position = _positions[pool][token];
        uint256 line = _lineOf(pool, bond, unpaid) * SwapMath.WORTH / SwapMath.unitWorth(position.pricing);
        uint96 ceiling = uint96(Math.min(line, position.limit));
        if (ceiling == position.pricing.ceiling) return;
        position.pricing.ceiling = ceiling;
        emit CeilingSet({ pool: pool, token: token, ceiling: ceiling });
    }

    /// @dev How much a brand may owe. Bounded, so that no sum of a pool's debts overflows.
    function _lineOf(bytes32 pool, uint256 bond, uint256 unpaid) private view returns (uint256) {
        uint256 line = Math.saturatingSub(bond * _pools[pool].leverage / 100, unpaid);
        return Math.min(line, type(uint120).max);
    }

    // ---------------------------------------------------- internals: closing

    /// @dev The alliance's part of the fees is for a whole period what it was when that began.
    function _startPeriod(PoolRecord storage record) private returns (address treasury) {
        record.startedAt = uint40(block.timestamp);
        (record.allianceFee, treasury) = POOLS.allianceFee();
    }

    function _closesAt(PoolRecord storage record) private view returns (uint40) {
        return record.startedAt + record.periodLength;
    }

    /// @dev Debts rounded up, claims down, before the fees are shared out.
    function _lines(bytes32 pool)
        private
        view
        returns (ISettlements.Line[] memory lines, uint256 owed, uint256 credit)
    {
        address[] memory tokens = POOLS.tokensOf(pool);
        lines = new ISettlements.Line[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            PositionRecord storage position = _positions[pool][tokens[i]];
            int256 net = position.books.net;
            ISettlements.Line memory line = lines[i];
            line.token = tokens[i];
            uint256 unit = SwapMath.unitWorth(position.pricing);
            if (net > 0) {
                line.owed = Math.ceilDiv(uint256(net) * unit, SwapMath.WORTH).toUint128();
                line.lien = uint256(net).toUint96();
                owed += line.owed;
            } else if (net < 0) {
                line.claim = (uint256(-net) * unit / SwapMath.WORTH).toUint128();
                credit += line.claim;
            }
        }
    }

    /// @dev What members brought goes with the debt, what they took is gone. Where nothing is settled, because
    /// nobody is owed, all that members left are fees: they fall to the brands in whose tokens they are.
    function _closePositions(bytes32 pool, uint32 period, ISettlements.Line[] memory lines, bool settles)
        private
    {
        for (uint256 i = 0; i < lines.length; ++i) {
            address token = lines[i].token;
            Books storage books = _positions[pool][token].books;
            int104 net = books.net;
            if (net == 0) continue;
            if (net < 0 || !settles) books.provided = _sum(books.provided, net).toUint96();
            books.net = 0;
            emit PositionClosed({ pool: pool, period: period, token: token, net: net });
        }
    }

    /// @dev The alliance's part first, then to the creditors in proportion to their credits, to the last unit.
    /// @return treasuryClaim The alliance's part.
    function _shareFees(ISettlements.Line[] memory lines, uint256 credit, uint256 fees, uint256 allianceFee)
        private
        pure
        returns (uint256 treasuryClaim)
    {
        treasuryClaim = fees * allianceFee / BPS;
        uint256 rest = fees - treasuryClaim;
        uint256 seen = 0;
        uint256 shared = 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            // slither-disable-next-line incorrect-equality -- no creditor
            if (lines[i].claim == 0) continue;
            seen += lines[i].claim;
            uint256 share = Math.mulDiv(rest, seen, credit) - shared;
            shared += share;
            lines[i].claim += share.toUint128();
        }
    }

    /// @dev Debtors' tokens go first, since what stands behind a debt has to have come. Of a bounded number of
    /// brands; our own contracts are called.
    // slither-disable-start reentrancy-no-eth,reentrancy-benign,reentrancy-events,calls-loop
    function _settle(
        bytes32 pool,
        uint32 period,
        PoolRecord storage record,
        ISettlements.Line[] memory lines,
        address treasury,
        uint256 treasuryClaim
    ) private {
        for (uint256 i = 0; i < lines.length; ++i) {
            if (lines[i].lien != 0) _send(lines[i].token, address(SETTLEMENTS), lines[i].lien);
        }
        SETTLEMENTS.open({
            pool: pool,
            period: period,
            currency: record.currency,
            dueAt: uint40(block.timestamp) + record.paymentTime,
            lines: lines,
            treasury: treasury,
            treasuryClaim: treasuryClaim.toUint128()
        });
        for (uint256 i = 0; i < lines.length; ++i) {
            if (lines[i].owed != 0) _refreshCeiling(pool, lines[i].token);
        }
    }
    // slither-disable-end reentrancy-no-eth,reentrancy-benign,reentrancy-events,calls-loop

    // ------------------------------------------------------------- internals

    function _checkPools() private view {
        require(msg.sender == address(POOLS), Swaps_NotPools(msg.sender));
    }

    function _joined(bytes32 pool, address token) private view returns (PositionRecord storage position) {
        position = _positions[pool][token];
        require(position.books.joined, Swaps_NotJoined(pool, token));
    }

    /// @dev The account settles for the token's brand, in whatever status.
    function _checkSettler(bytes32 pool, address token, address account) private view {
        // slither-disable-next-line unused-return -- the status is of no concern here
        (, uint8 roles) = BRAND_REGISTRY.standingOf(ILoyaltyToken(token).brandId(), account);
        require(roles & Roles.SETTLE != 0, Swaps_NotBrand(pool, token, account));
    }

    function _checkSettlements() private view {
        require(msg.sender == address(SETTLEMENTS), Swaps_NotSettlements(msg.sender));
    }

    function _intake(int104 net) private pure returns (uint256) {
        return net > 0 ? uint256(int256(net)) : 0;
    }

    /// @dev Of a pool's stock: never negative.
    function _sum(uint96 provided, int104 net) private pure returns (uint256) {
        return uint256(int256(uint256(provided)) + net);
    }

    function _valueUp(Pricing memory pricing, uint256 amount) private pure returns (uint256) {
        return Math.ceilDiv(amount * SwapMath.unitWorth(pricing), SwapMath.WORTH);
    }

    function _fetch(address token, uint256 amount) private {
        // slither-disable-start arbitrary-send-erc20,unchecked-transfer,calls-loop -- the caller's, of our tokens
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        ILoyaltyToken(token).transferFrom(msg.sender, address(this), amount);
        // slither-disable-end arbitrary-send-erc20,unchecked-transfer,calls-loop
    }

    /// @dev The factory's tokens revert where they fail.
    function _send(address token, address to, uint256 amount) private {
        // slither-disable-start unchecked-transfer,calls-loop -- nobody's token but the factory's gets here
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        ILoyaltyToken(token).transfer(to, amount);
        // slither-disable-end unchecked-transfer,calls-loop
    }
}

// forge-lint: disable-end(unsafe-typecast)
// slither-disable-end timestamp
