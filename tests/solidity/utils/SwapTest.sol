// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { IPools } from "../../../contracts/interfaces/IPools.sol";
import { ISettlements } from "../../../contracts/interfaces/ISettlements.sol";
import { ISwaps } from "../../../contracts/interfaces/ISwaps.sol";
import { Currency } from "./Currencies.sol";
import { SigningTest } from "./SigningTest.sol";

/// @notice A pool of three brands, whose tokens have 2, 18 and 0 decimals and different worth, all settled in a
/// currency that can be told to misbehave. Each provides, each has money laid down, and a member holds all three.
abstract contract SwapTest is SigningTest {
    IBonds.Purse internal constant PURSE = IBonds.Purse.Settlement;
    uint32 internal constant PERIOD = 30 days;
    uint32 internal constant PAYMENT = 14 days;
    uint32 internal constant DELAY = 14 days;
    uint16 internal constant COVERED = 100; // percent
    uint256 internal constant LINE = 10_000e6; // what each brand lays down, in base units
    uint24 internal constant BASE_FEE = 1000; // 0.1 %
    uint24 internal constant FEE_SLOPE = 20_000; // 2 % at the ceiling
    bytes32 internal constant POOL_SALT = "high street";
    uint256 internal constant FOREVER = type(uint256).max;

    // What 1, 2 and 3 are worth: 0.01 each, 0.5 each, 7 each.
    uint96 internal constant PAR_A = 10_000; // of tokens with two decimals: a hundredth each, in a six-decimal currency
    uint96 internal constant PAR_B = 500_000;
    uint96 internal constant PAR_C = 7_000_000;

    IPools internal pools;
    ISettlements internal settlements;
    ISwaps internal swaps;
    Currency internal money;
    bytes32 internal pool;

    address internal steward = makeAddr("steward");
    address internal treasury = makeAddr("treasury");
    address internal third;
    bytes32 internal thirdId;
    ILoyaltyToken internal a;
    ILoyaltyToken internal b;
    ILoyaltyToken internal c;

    function setUp() public virtual override {
        super.setUp();
        pools = IPools(deployCode("Pools.sol:Pools", abi.encode(brands, obligations)));
        settlements =
            ISettlements(deployCode("Settlements.sol:Settlements", abi.encode(brands, obligations, bonds)));
        swaps = ISwaps(deployCode("Swaps.sol:Swaps", abi.encode(brands, obligations, pools, settlements)));
        vm.label(address(pools), "Pools");
        vm.label(address(settlements), "Settlements");
        vm.label(address(swaps), "Swaps");
        _list(IBrandRegistry.List.Module, address(settlements), true);
        _list(IBrandRegistry.List.Module, address(swaps), true);
        money = new Currency(6);
        _list(IBrandRegistry.List.Currency, address(money), true);

        third = makeAddr("third");
        thirdId = _admittedBrand(third, "third");
        a = _tokenOf(brand, brandId, "AAA", 2, PAR_A);
        b = _tokenOf(partner, partnerId, "BBB", 18, PAR_B);
        c = _tokenOf(third, thirdId, "CCC", 0, PAR_C);
        pool = _createPool(COVERED);
        _enter(brand, a, type(uint96).max / 2);
        _enter(partner, b, type(uint96).max / 2);
        _enter(third, c, type(uint96).max / 2);
        _provide(brand, a, 500_000e2);
        _provide(partner, b, 10_000e18);
        _provide(third, c, 700);
        for (uint256 i = 0; i < 3; ++i) {
            _layDown(_all()[i], LINE);
            vm.prank(member);
            _all()[i].approve(address(swaps), type(uint256).max);
        }
        _give(member, a, 1_000_000e2);
        _give(member, b, 20_000e18);
        _give(member, c, 2000);
    }

    // ---------------------------------------------------------------- set-up

    function _all() internal view returns (ILoyaltyToken[3] memory) {
        return [a, b, c];
    }

    function _tokenOf(address admin, bytes32 id, string memory symbol, uint8 decimals, uint96 par)
        internal
        returns (ILoyaltyToken made)
    {
        vm.startPrank(admin);
        made = ILoyaltyToken(
            factory.createToken(id, address(obligations), address(desk), symbol, symbol, decimals)
        );
        obligations.oblige(address(made), address(money), par, type(uint96).max, _unbondedTerms());
        made.grantQuota(admin, type(uint96).max / 2);
        vm.stopPrank();
        vm.label(address(made), symbol);
    }

    function _unbondedTerms() internal pure returns (IObligationRegistry.Terms memory terms) {
        terms = _terms();
        terms.bondBps = 0;
    }

    function _rules(uint16 leverage) internal view returns (IPools.Rules memory) {
        return IPools.Rules({
            market: address(swaps),
            currency: address(money),
            periodLength: PERIOD,
            paymentTime: PAYMENT,
            leverage: leverage
        });
    }

    function _createPool(uint16 leverage) internal returns (bytes32) {
        vm.prank(steward);
        return pools.createPool(keccak256(abi.encode(POOL_SALT, leverage)), _rules(leverage));
    }

    function _bounds(uint96 limit) internal pure returns (IPools.Bounds memory) {
        return IPools.Bounds({
            limit: limit, outflowCap: type(uint96).max, dailyCap: 0, baseFee: BASE_FEE, feeSlope: FEE_SLOPE
        });
    }

    function _announce(ILoyaltyToken token_, IPools.Bounds memory bounds) internal {
        vm.prank(steward);
        pools.announceBounds(pool, address(token_), bounds);
    }

    /// @dev A brand joins, at once if it is the first, else after the delay.
    function _enter(address admin, ILoyaltyToken token_, uint96 limit) internal {
        _announce(token_, _bounds(limit));
        if (pools.tokensOf(pool).length != 0) skip(DELAY);
        vm.prank(admin);
        pools.joinPool(pool, address(token_));
    }

    function _give(address to, ILoyaltyToken token_, uint256 amount) internal {
        vm.prank(_adminOf(token_));
        token_.mint(to, amount);
    }

    function _adminOf(ILoyaltyToken token_) internal view returns (address) {
        return brands.brandOf(token_.brandId()).admin;
    }

    function _provide(address admin, ILoyaltyToken token_, uint256 amount) internal {
        vm.startPrank(admin);
        token_.mint(admin, amount);
        token_.transferAndCall(address(swaps), amount, abi.encode(ISwaps.Act.Provide, pool));
        vm.stopPrank();
    }

    function _layDown(ILoyaltyToken token_, uint256 value) internal {
        address admin = _adminOf(token_);
        money.mint(admin, value);
        vm.startPrank(admin);
        money.approve(address(bonds), value);
        bonds.deposit(address(token_), PURSE, value);
        bonds.allot(address(token_), PURSE, address(settlements), value, abi.encode(swaps, pool));
        vm.stopPrank();
    }

    // --------------------------------------------------------------- members

    function _order(ILoyaltyToken tokenIn, ILoyaltyToken tokenOut, uint256 amountIn)
        internal
        view
        returns (ISwaps.Swap memory)
    {
        return ISwaps.Swap({
            pool: pool,
            tokenIn: address(tokenIn),
            tokenOut: address(tokenOut),
            amountIn: amountIn,
            amountOut: 0,
            exactOut: false,
            to: member,
            deadline: FOREVER
        });
    }

    function _swap(ILoyaltyToken tokenIn, ILoyaltyToken tokenOut, uint256 amountIn)
        internal
        returns (uint256 amountOut)
    {
        vm.prank(member);
        (, amountOut) = swaps.swap(_order(tokenIn, tokenOut, amountIn));
    }

    // ------------------------------------------------------------ settlement

    function _close() internal returns (bytes32 settlementId) {
        ISwaps.Period memory period = swaps.periodOf(pool);
        if (block.timestamp < period.closesAt) vm.warp(period.closesAt);
        swaps.close(pool);
        return settlements.settlementIdOf(address(swaps), pool, period.number);
    }

    function _pay(ILoyaltyToken token_, uint32 period, uint256 value) internal returns (uint256) {
        money.mint(till, value);
        vm.startPrank(till);
        money.approve(address(settlements), value);
        uint256 paid = settlements.pay(address(swaps), pool, period, address(token_), value);
        vm.stopPrank();
        return paid;
    }

    function _withdrawClaim(ILoyaltyToken token_, uint32 period, address to) internal returns (uint256) {
        vm.prank(_adminOf(token_));
        return settlements.withdraw(address(swaps), pool, period, address(token_), to);
    }

    // ----------------------------------------------------------------- views

    function _position(ILoyaltyToken token_) internal view returns (ISwaps.Position memory) {
        return swaps.positionOf(pool, address(token_));
    }

    /// @dev At par, in currency base units times 1e18.
    function _worth(ILoyaltyToken token_, uint256 amount) internal view returns (uint256) {
        return amount * _position(token_).parValue * 10 ** (18 - token_.decimals());
    }

    /// @dev SETTLE-1 while a period runs: what members left beyond par.
    function _feesSoFar() internal view returns (int256 fees) {
        fees = int256(uint256(swaps.periodOf(pool).prepaid) * 1e18);
        for (uint256 i = 0; i < 3; ++i) {
            int256 net = _position(_all()[i]).net;
            int256 worth = int256(_worth(_all()[i], uint256(net < 0 ? -net : net)));
            fees += net < 0 ? -worth : worth;
        }
    }

    /// @dev BOOK-1: what is here is at least what the books say.
    function _assertStock() internal view {
        for (uint256 i = 0; i < 3; ++i) {
            ISwaps.Position memory position = _position(_all()[i]);
            assertGe(
                int256(_all()[i].balanceOf(address(swaps))),
                int256(uint256(position.provided)) + position.net,
                "BOOK-1: less than the books say"
            );
        }
    }
}
