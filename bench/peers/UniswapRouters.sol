// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IUniswapV2Pair } from "@uniswap/v2-core/contracts/interfaces/IUniswapV2Pair.sol";
import { IPoolManager } from "@uniswap/v4-core/src/interfaces/IPoolManager.sol";
import { IUnlockCallback } from "@uniswap/v4-core/src/interfaces/callback/IUnlockCallback.sol";
import { BalanceDelta } from "@uniswap/v4-core/src/types/BalanceDelta.sol";
import { Currency } from "@uniswap/v4-core/src/types/Currency.sol";
import { PoolKey } from "@uniswap/v4-core/src/types/PoolKey.sol";
import { ModifyLiquidityParams, SwapParams } from "@uniswap/v4-core/src/types/PoolOperation.sol";

interface IToken {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @notice The least that members need around Uniswap v2's pairs: their allowance, a bound, a deadline. Its
/// own router does more and costs more, so that this is the fairer peer.
contract SmallV2Router {
    /// @notice One pair on the way, and whether its first token goes in.
    struct Hop {
        IUniswapV2Pair pair;
        bool firstIn;
    }

    function swap(
        address tokenIn,
        uint256 amountIn,
        uint256 least,
        address to,
        uint256 deadline,
        Hop[] calldata hops
    ) external {
        require(block.timestamp <= deadline, "too late");
        IToken(tokenIn).transferFrom(msg.sender, address(hops[0].pair), amountIn);
        uint256 amount = amountIn;
        for (uint256 i = 0; i < hops.length; ++i) {
            (uint256 first, uint256 second,) = hops[i].pair.getReserves();
            (uint256 held, uint256 wanted) = hops[i].firstIn ? (first, second) : (second, first);
            amount = amount * 997 * wanted / (held * 1000 + amount * 997);
            address next = i + 1 == hops.length ? to : address(hops[i + 1].pair);
            (uint256 out0, uint256 out1) = hops[i].firstIn ? (uint256(0), amount) : (amount, uint256(0));
            hops[i].pair.swap(out0, out1, next, "");
        }
        require(amount >= least, "too little");
    }

    /// @notice Both tokens of a pair, in the proportion that it has.
    function provide(IUniswapV2Pair pair, address token0, address token1, uint256 amount0, uint256 amount1)
        external
    {
        IToken(token0).transferFrom(msg.sender, address(pair), amount0);
        IToken(token1).transferFrom(msg.sender, address(pair), amount1);
        pair.mint(msg.sender);
    }
}

/// @notice The same around Uniswap v4's manager. What it holds in a pool belongs to whoever calls {provide},
/// which a benchmark need not keep apart.
contract SmallV4Router is IUnlockCallback {
    IPoolManager private immutable MANAGER;
    uint160 private constant LOWEST = 4_295_128_740;
    uint160 private constant HIGHEST = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    constructor(IPoolManager manager) {
        MANAGER = manager;
    }

    function swap(
        address tokenIn,
        uint256 amountIn,
        uint256 least,
        address to,
        uint256 deadline,
        PoolKey[] calldata hops
    ) external {
        require(block.timestamp <= deadline, "too late");
        MANAGER.unlock(abi.encode(true, abi.encode(msg.sender, tokenIn, amountIn, least, to, hops)));
    }

    function provide(PoolKey calldata pool, int24 lower, int24 upper, uint256 liquidity) external {
        MANAGER.unlock(abi.encode(false, abi.encode(msg.sender, pool, lower, upper, liquidity)));
    }

    function unlockCallback(bytes calldata data) external returns (bytes memory) {
        require(msg.sender == address(MANAGER), "not the manager");
        (bool swaps, bytes memory order) = abi.decode(data, (bool, bytes));
        if (swaps) _swap(order);
        else _provide(order);
        return "";
    }

    function _swap(bytes memory order) private {
        (address payer, Currency current, uint256 amount, uint256 least, address to, PoolKey[] memory hops) =
            abi.decode(order, (address, Currency, uint256, uint256, address, PoolKey[]));
        _pay(current, payer, amount);
        for (uint256 i = 0; i < hops.length; ++i) {
            bool firstIn = Currency.unwrap(current) == Currency.unwrap(hops[i].currency0);
            SwapParams memory swapped = SwapParams({
                zeroForOne: firstIn,
                amountSpecified: -int256(amount),
                sqrtPriceLimitX96: firstIn ? LOWEST : HIGHEST
            });
            BalanceDelta delta = MANAGER.swap(hops[i], swapped, "");
            amount = uint128(firstIn ? delta.amount1() : delta.amount0());
            current = firstIn ? hops[i].currency1 : hops[i].currency0;
        }
        require(amount >= least, "too little");
        MANAGER.take(current, to, amount);
    }

    function _provide(bytes memory order) private {
        (address payer, PoolKey memory pool, int24 lower, int24 upper, uint256 liquidity) =
            abi.decode(order, (address, PoolKey, int24, int24, uint256));
        ModifyLiquidityParams memory change = ModifyLiquidityParams({
            tickLower: lower, tickUpper: upper, liquidityDelta: int256(liquidity), salt: ""
        });
        (BalanceDelta delta,) = MANAGER.modifyLiquidity(pool, change, "");
        _pay(pool.currency0, payer, uint128(-delta.amount0()));
        _pay(pool.currency1, payer, uint128(-delta.amount1()));
    }

    function _pay(Currency currency, address payer, uint256 amount) private {
        MANAGER.sync(currency);
        IToken(Currency.unwrap(currency)).transferFrom(payer, address(MANAGER), amount);
        MANAGER.settle();
    }
}
