// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { ISettlements } from "../../../contracts/interfaces/ISettlements.sol";
import { ISwaps } from "../../../contracts/interfaces/ISwaps.sol";
import { SwapTest } from "./SwapTest.sol";

/// @notice Twenty brands in a pool, with tokens of every number of decimals, and one who swaps and swaps. What each
/// swap, debt and claim must be is computed beside it, by the plainest formulae, and counted.
contract SwapCrowd is SwapTest {
    uint256 internal constant BRANDS = 20;
    uint256 internal constant SWAPS = 1000;
    uint256 internal constant TOGETHER = 30;
    uint256 internal constant VALUE = 1e12; // what each provides and lays down, in base units
    uint256 internal constant WORTH = 1e18;
    uint256 internal constant MILLION = 1e6;

    /// @dev What is fixed of a token, and what is counted.
    struct Count {
        uint256 unit;
        uint256 ceiling;
        uint256 supply;
        uint256 held;
        uint256 provided;
        int256 net;
    }

    ILoyaltyToken[BRANDS] internal crowd;
    Count[BRANDS] internal counts;
    uint256 internal fees;
    uint256 public swapCount;
    uint256 public periodCount;

    function setUp() public override {
        super.setUp();
        pool = _createPool(200);
        for (uint256 i = 0; i < BRANDS; ++i) {
            address admin = vm.addr(i + 1);
            bytes32 id = _admittedBrand(admin, bytes32(i));
            uint8 decimals = uint8(i % 19);
            uint96 par = uint96(7 + i * i * 1009 * (decimals < 6 ? 1 : 1000));
            crowd[i] = _tokenOf(admin, id, "CROWD", decimals, par);
            counts[i].unit = uint256(par) * 10 ** (18 - decimals);
            _announce(crowd[i], _bounds(type(uint96).max));
        }
        skip(DELAY);
        for (uint256 i = 0; i < BRANDS; ++i) {
            _join(i);
        }
        money.mint(address(this), 1e30);
        money.approve(address(settlements), type(uint256).max);
    }

    function _join(uint256 i) private {
        address admin = vm.addr(i + 1);
        Count storage count = counts[i];
        vm.prank(admin);
        pools.joinPool(pool, address(crowd[i]));
        _layDown(crowd[i], VALUE);
        uint256 amount = VALUE * WORTH / count.unit;
        _provide(admin, crowd[i], amount);
        _give(address(this), crowd[i], 4 * amount);
        crowd[i].approve(address(swaps), type(uint256).max);
        (count.provided, count.held, count.supply) = (amount, 4 * amount, 5 * amount);
        count.ceiling = 2 * VALUE * WORTH / count.unit;
    }

    // ------------------------------------------------------------------ plays

    /// @notice A thousand swaps, some more if they come together, and now and then the end of a period.
    function play(uint256 seed) external {
        uint256 end = swapCount + SWAPS;
        for (uint256 tried = 0; swapCount < end; ++tried) {
            seed = uint256(keccak256(abi.encode(seed, tried)));
            if (tried % SWAPS == SWAPS - 1) this.settle();
            if (seed % 4 == 0) this.swapTogether(seed);
            else _swapAlone(seed);
        }
        if (seed % 8 == 0) this.settle();
    }

    function _swapAlone(uint256 seed) private {
        (uint256 from, uint256 to, uint256 amount, uint256 out) = _choose(seed);
        if (out == 0) return;
        Count storage brought = counts[from];
        uint256 worth = out * counts[to].unit;
        bool exactOut = (seed >> 24) % 4 == 0;
        (uint256 amountIn, uint256 amountOut) = swaps.swap(
            ISwaps.Swap({
                pool: pool,
                tokenIn: address(crowd[from]),
                tokenOut: address(crowd[to]),
                amountIn: amount,
                amountOut: out,
                exactOut: exactOut,
                to: address(this),
                deadline: block.timestamp
            })
        );
        if (!exactOut && amountIn != amount) revert("SWAP-1: taken");
        if (amountOut != out) revert("SWAP-1: given");
        if (exactOut && _worthIn(brought, amountIn) < worth) revert("SWAP-1: too little is taken");
        if (exactOut && _worthIn(brought, amountIn - 1) >= worth) revert("SWAP-1: too much is taken");
        _count(from, to, amountIn, out);
    }

    /// @notice Many swaps in one call, whose tokens move once: exactly as many as are counted.
    function swapTogether(uint256 seed) external {
        ISwaps.Step[] memory steps = new ISwaps.Step[](TOGETHER);
        int256[] memory deltas = new int256[](BRANDS);
        uint256 count = 0;
        for (uint256 i = 0; i < TOGETHER; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            (uint256 from, uint256 to, uint256 amount, uint256 out) = _choose(seed);
            if (out == 0) continue;
            steps[count++] = ISwaps.Step(pool, address(crowd[from]), address(crowd[to]), amount, false);
            deltas[from] -= int256(amount);
            deltas[to] += int256(out);
            _count(from, to, amount, out);
        }
        ISwaps.Movement[] memory movements = new ISwaps.Movement[](BRANDS);
        for (uint256 i = 0; i < BRANDS; ++i) {
            movements[i] = ISwaps.Movement(address(crowd[i]), deltas[i]);
        }
        assembly ("memory-safe") {
            mstore(steps, count)
        }
        swaps.swapMany(steps, movements, address(this), block.timestamp);
    }

    /// @dev What is brought and what is taken, within all bounds; nothing is taken where nothing can be.
    function _choose(uint256 seed)
        private
        view
        returns (uint256 from, uint256 to, uint256 amount, uint256 out)
    {
        from = seed % BRANDS;
        to = (from + 1 + (seed >> 8) % (BRANDS - 1)) % BRANDS;
        Count storage brought = counts[from];
        Count storage taken = counts[to];
        amount = ((seed >> 32) % (VALUE / 40)) * WORTH / brought.unit + 1;
        uint256 most = brought.held;
        uint256 room = uint256(int256(brought.ceiling) - brought.net);
        if (room < most) most = room;
        if (amount > most) amount = most;
        out = _worthIn(brought, amount) / taken.unit;
        if (out > uint256(int256(taken.provided) + taken.net)) out = 0;
    }

    function _count(uint256 from, uint256 to, uint256 amount, uint256 out) private {
        Count storage brought = counts[from];
        Count storage taken = counts[to];
        (brought.net, brought.held) = (brought.net + int256(amount), brought.held - amount);
        (taken.net, taken.held) = (taken.net - int256(out), taken.held + out);
        fees += amount * brought.unit - out * taken.unit;
        ++swapCount;
    }

    /// @dev At par less the area under the curve, which is rounded up in millionths of a unit, and then in worth.
    function _worthIn(Count storage count, uint256 amount) private view returns (uint256) {
        uint256 start = count.net > 0 ? uint256(count.net) : 0;
        uint256 end = count.net + int256(amount) > 0 ? uint256(count.net + int256(amount)) : 0;
        uint256 slope = _up((end * end - start * start) * FEE_SLOPE, 2 * count.ceiling);
        return amount * count.unit - _up((amount * BASE_FEE + slope) * count.unit, MILLION);
    }

    function _up(uint256 number, uint256 divisor) private pure returns (uint256) {
        return number == 0 ? 0 : (number - 1) / divisor + 1;
    }

    // ----------------------------------------------------------------- periods

    /// @notice Ends the period; every debt is paid, and every claim is taken.
    function settle() external {
        ISwaps.Period memory period = swaps.periodOf(pool);
        vm.warp(period.closesAt);
        swaps.close(pool);
        ++periodCount;
        bytes32 id = settlements.settlementIdOf(address(swaps), pool, period.number);
        uint256 credit = _credit();
        if (credit == 0) _keepFees();
        else _takeAll(period.number, id, _payAll(period.number, id), credit);
        fees = 0;
    }

    /// @dev What brands gave, at par, each rounded down.
    function _credit() private view returns (uint256 credit) {
        for (uint256 i = 0; i < BRANDS; ++i) {
            Count storage count = counts[i];
            if (count.net < 0) credit += uint256(-count.net) * count.unit / WORTH;
        }
    }

    /// @dev Where nobody is owed, what members left stays with the brands in whose tokens it is.
    function _keepFees() private {
        for (uint256 i = 0; i < BRANDS; ++i) {
            counts[i].provided = uint256(int256(counts[i].provided) + counts[i].net);
            counts[i].net = 0;
        }
    }

    function _payAll(uint32 period, bytes32 id) private returns (uint256 owed) {
        for (uint256 i = 0; i < BRANDS; ++i) {
            Count storage count = counts[i];
            if (count.net <= 0) continue;
            uint256 debt = _up(uint256(count.net) * count.unit, WORTH);
            ISettlements.Debt memory seen = settlements.debtOf(id, address(crowd[i]));
            assertEq(seen.unpaid, debt, "SETTLE-1: a debt");
            assertEq(seen.lien, uint256(count.net), "SETTLE-1: a lien");
            // In two pieces, where it can be.
            settlements.pay(address(swaps), pool, period, address(crowd[i]), debt / 3 + 1);
            if (debt > debt / 3 + 1) settlements.pay(address(swaps), pool, period, address(crowd[i]), debt);
            owed += debt;
            count.supply -= uint256(count.net);
        }
    }

    function _takeAll(uint32 period, bytes32 id, uint256 owed, uint256 credit) private {
        uint256 seen = 0;
        uint256 shared = 0;
        for (uint256 i = 0; i < BRANDS; ++i) {
            Count storage count = counts[i];
            address token_ = address(crowd[i]);
            uint256 claim = 0;
            if (count.net < 0) {
                claim = uint256(-count.net) * count.unit / WORTH;
                seen += claim;
                uint256 upTo = (owed - credit) * seen / credit;
                (claim, shared) = (claim + upTo - shared, claim == 0 ? shared : upTo);
                count.provided -= uint256(-count.net);
            }
            count.net = 0;
            assertEq(settlements.claimOf(id, token_).value, claim, "SETTLE-1: a claim");
            if (claim == 0) continue;
            vm.prank(vm.addr(i + 1));
            assertEq(settlements.withdraw(address(swaps), pool, period, token_, address(this)), claim);
        }
        assertEq(credit + shared, owed, "SETTLE-1: claims are the debts");
        _mintAgain();
    }

    /// @dev The brands pay in tokens for what was redeemed from them, so that the play goes on.
    function _mintAgain() private {
        for (uint256 i = 0; i < BRANDS; ++i) {
            Count storage count = counts[i];
            uint256 whole = VALUE * WORTH / count.unit;
            if (count.provided < whole) {
                uint256 missing = whole - count.provided;
                _provide(vm.addr(i + 1), crowd[i], missing);
                (count.provided, count.supply) = (whole, count.supply + missing);
            }
            if (count.held < whole) {
                _give(address(this), crowd[i], whole);
                (count.held, count.supply) = (count.held + whole, count.supply + whole);
            }
        }
    }

    // ------------------------------------------------------------------- books

    function checkBooks() external view {
        int256 sum = 0;
        for (uint256 i = 0; i < BRANDS; ++i) {
            Count storage count = counts[i];
            ISwaps.Position memory position = _position(crowd[i]);
            assertEq(position.provided, count.provided, "SWAP-4: provided");
            assertEq(position.net, count.net, "SWAP-4: net intake");
            assertEq(position.ceiling, count.ceiling, "SWAP-2: ceiling");
            int256 stock = int256(count.provided) + count.net;
            assertEq(crowd[i].balanceOf(address(swaps)), uint256(stock), "BOOK-1: tokens in the pool");
            assertEq(crowd[i].balanceOf(address(this)), count.held, "SWAP-1: what the member holds");
            assertEq(crowd[i].balanceOf(address(settlements)), 0, "BOOK-1: tokens behind debts");
            assertEq(crowd[i].totalSupply(), count.supply, "BOOK-1: supply");
            sum += count.net * int256(count.unit);
        }
        assertEq(sum, int256(fees), "SETTLE-1: positions are the fees");
        assertEq(money.balanceOf(address(settlements)), 0, "BOOK-1: money is left that is nobody's");
    }
}
