// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPools } from "../../contracts/interfaces/IPools.sol";
import { IPoolsLens } from "../../contracts/interfaces/IPoolsLens.sol";
import { ISettlements } from "../../contracts/interfaces/ISettlements.sol";
import { ISwaps } from "../../contracts/interfaces/ISwaps.sol";
import { Pricing, SwapMath } from "../../contracts/libraries/SwapMath.sol";
import { Cooling } from "./utils/DeskTest.sol";
import { Market } from "./utils/Markets.sol";
import { SwapTest } from "./utils/SwapTest.sol";

/// @notice What the lens shows of pools is what the contracts say, and enough to know every swap beforehand.
abstract contract PoolsLensBase is SwapTest {
    uint256 internal constant ALL = type(uint256).max;

    IPoolsLens internal lens;

    function setUp() public virtual override {
        super.setUp();
        lens = IPoolsLens(deployCode("PoolsLens.sol:PoolsLens", abi.encode(pools, swaps, settlements)));
    }

    function _seen(address who) internal view returns (IPoolsLens.PoolView[] memory shown) {
        (shown,) = lens.swapsOf(who, 0, ALL);
    }

    function _standing(ILoyaltyToken which) internal view returns (IPoolsLens.BrandPool memory) {
        (IPoolsLens.BrandPool[] memory found,) = lens.positionsOf(address(which), 0, ALL, 12);
        assertEq(found.length, 1);
        return found[0];
    }

    function _one(bytes32 id) internal pure returns (bytes32[] memory ids) {
        ids = new bytes32[](1);
        ids[0] = id;
    }
}

contract PoolsLensTest is PoolsLensBase {
    // --------------------------------------------------------------- members

    function testFuzz_swapsOf__equals_direct_reads(uint256 seed) public {
        _swapAny(seed);
        _swapAny(uint256(keccak256(abi.encode(seed))));
        if (seed % 5 == 0) _stop(b, true);
        (IPoolsLens.PoolView[] memory shown, uint256 total) = lens.swapsOf(member, 0, ALL);
        assertEq(total, 1);
        assertEq(shown.length, 1);
        _assertPool(shown[0], member);
        assertEq(abi.encode(lens.swapsOf(member, _one(pool))), abi.encode(shown), "chosen or found");
    }

    function _assertPool(IPoolsLens.PoolView memory shown, address who) private view {
        IPools.Pool memory plain = pools.poolOf(shown.pool);
        assertEq(abi.encode(shown.rules), abi.encode(plain.rules));
        assertEq(shown.steward, plain.steward);
        assertEq(shown.currencySymbol, IERC20Metadata(plain.rules.currency).symbol());
        assertEq(shown.currencyDecimals, IERC20Metadata(plain.rules.currency).decimals());
        assertEq(abi.encode(shown.period), abi.encode(swaps.periodOf(shown.pool)));
        assertEq(shown.sides.length, plain.tokens.length);
        for (uint256 i = 0; i < shown.sides.length; ++i) {
            assertEq(shown.sides[i].token, plain.tokens[i]);
            _assertSide(shown.sides[i], shown.pool, who);
        }
    }

    /// @dev What can be brought and taken is what the contract takes and gives, and not a unit more.
    function _assertSide(IPoolsLens.Side memory side, bytes32 where, address who) private view {
        ILoyaltyToken which = ILoyaltyToken(side.token);
        assertEq(side.brandId, which.brandId());
        assertEq(side.name, which.name());
        assertEq(side.symbol, which.symbol());
        assertEq(side.contractURI, which.contractURI());
        assertEq(side.balance, which.balanceOf(who));
        ISwaps.Position memory position = swaps.positionOf(where, side.token);
        assertEq(abi.encode(side.position), abi.encode(position));
        if (position.stopped || position.suspended) {
            assertEq(side.room + side.available, 0, "stopped");
            return;
        }
        int256 room = int256(uint256(position.ceiling)) - position.net;
        assertEq(side.room, room < 0 ? 0 : uint256(room), "room");
        assertEq(int256(side.available), int256(uint256(position.provided)) + position.net, "available");
    }

    /// @notice Whoever has the lens's numbers knows what the contract would give and take, to the unit.
    function testFuzz_swapsOf__is_all_it_takes_to_quote(uint256 seed, uint256 amount) public {
        _swapAny(seed);
        IPoolsLens.Side[] memory sides = _seen(member)[0].sides;
        IPoolsLens.Side memory from = sides[seed % 3];
        IPoolsLens.Side memory to = sides[(seed % 3 + 1 + (seed >> 8) % 2) % 3];
        amount = bound(amount, 1, from.room);
        uint256 unit = SwapMath.unitWorth(_pricing(to));
        uint256 out = SwapMath.worthIn(_pricing(from), from.position.net, amount) / unit;
        if (out == 0 || out > to.available) return;
        assertEq(swaps.quoteOut(pool, from.token, to.token, amount), out);
        uint256 cost = SwapMath.amountIn(_pricing(from), from.position.net, out * unit, from.room);
        assertEq(swaps.quoteIn(pool, from.token, to.token, out), cost);
    }

    function _pricing(IPoolsLens.Side memory side) private pure returns (Pricing memory) {
        ISwaps.Position memory position = side.position;
        return Pricing({
            parValue: position.parValue,
            ceiling: position.ceiling,
            decimals: position.decimals,
            baseFee: position.baseFee,
            feeSlope: position.feeSlope
        });
    }

    function test_swapsOf__room__is_the_last_unit_that_is_taken() public {
        uint256 room = _sideOf(a).room;
        assertEq(room, LINE * 100 / PAR_A);
        _provide(partner, b, 1_000_000e18);
        vm.expectPartialRevert(ISwaps.Swaps_OverCeiling.selector);
        swaps.quoteOut(pool, address(a), address(b), room + 1);
        _swap(a, b, room);
        assertEq(_sideOf(a).room, 0);
        assertEq(_sideOf(a).available, 500_000e2 + room);
    }

    function test_swapsOf__available__is_the_last_unit_that_is_given() public {
        assertEq(_sideOf(c).available, 700);
        swaps.quoteIn(pool, address(a), address(c), 700);
        vm.expectPartialRevert(ISwaps.Swaps_NotEnoughIn.selector);
        swaps.quoteIn(pool, address(a), address(c), 701);
    }

    function test_swapsOf__daily_cap__bounds_room_and_comes_back_the_next_day() public {
        vm.prank(steward);
        pools.lowerBounds(pool, address(a), type(uint96).max / 2, type(uint96).max, 300e2);
        assertEq(_sideOf(a).room, 300e2);
        _swap(a, b, 120e2);
        assertEq(_sideOf(a).room, 180e2);
        skip(1 days);
        assertEq(_sideOf(a).room, 300e2);
    }

    function test_swapsOf__bond_taken_back_or_limit_lowered__room_is_nothing() public {
        _swap(a, b, 1000e2);
        vm.prank(steward);
        pools.lowerBounds(pool, address(a), 400e2, type(uint96).max, 0);
        assertEq(_sideOf(a).position.ceiling, 400e2);
        assertEq(_sideOf(a).room, 0);
    }

    function test_swapsOf__suspended__says_so_once_it_counts() public {
        vm.prank(alliance);
        brands.suspend(partnerId);
        assertFalse(_sideOf(b).position.suspended);
        swaps.syncSuspension(pool, address(b));
        assertTrue(_sideOf(b).position.suspended);
        assertEq(_sideOf(b).room + _sideOf(b).available, 0);
        assertGt(_sideOf(a).room, 0, "others go on");
    }

    function test_swapsOf__who_holds_nothing_there__sees_nothing() public view {
        (IPoolsLens.PoolView[] memory shown, uint256 total) = lens.swapsOf(intruder, 0, ALL);
        assertEq(total, 1);
        assertEq(shown.length, 0);
        assertEq(_seen(address(0)).length, 0);
        // Chosen pools are shown to anybody.
        assertEq(lens.swapsOf(intruder, _one(pool))[0].sides.length, 3);
    }

    function test_swapsOf__one_token_of_a_pool__is_enough_to_see_it() public {
        _give(intruder, c, 1);
        IPoolsLens.Side[] memory sides = _seen(intruder)[0].sides;
        assertEq(sides.length, 3);
        assertEq(sides[0].balance + sides[1].balance, 0);
        assertEq(sides[2].balance, 1);
    }

    /// @dev Anybody can make pools. They are looked past, and markets of others are not even called.
    function test_swapsOf__pools_of_others_and_of_nobody__are_left_out() public {
        Market other = new Market();
        _list(IBrandRegistry.List.Module, address(other), true);
        IPools.Rules memory rules = _rules(COVERED);
        rules.market = address(other);
        bytes32 hostile = _foreign(rules);
        other.behave(Market.Behaviour.Reverts);
        vm.prank(intruder);
        bytes32 empty = pools.createPool("empty", _rules(COVERED));

        (IPoolsLens.PoolView[] memory shown, uint256 total) = lens.swapsOf(member, 0, ALL);
        assertEq(total, 3);
        assertEq(shown.length, 1);
        assertEq(shown[0].pool, pool);
        assertEq(_standing(a).pool.pool, pool);
        bytes32[] memory ids = new bytes32[](4);
        (ids[0], ids[1], ids[2], ids[3]) = (hostile, empty, "unknown", pool);
        shown = lens.swapsOf(member, ids);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(shown[i].pool, ids[i]);
            assertEq(shown[i].period.startedAt, 0);
            assertEq(shown[i].sides.length, 0);
        }
        _assertPool(shown[3], member);
        assertEq(lens.settlementsOf(address(a), "unknown", 0, ALL).length, 0);
    }

    function _foreign(IPools.Rules memory rules) private returns (bytes32 id) {
        vm.startPrank(brand);
        id = pools.createPool("hostile", rules);
        pools.announceBounds(id, address(a), _bounds(1));
        pools.joinPool(id, address(a));
        vm.stopPrank();
    }

    function test_swapsOf__pages__edges() public {
        bytes32 second = _createPool(200);
        vm.prank(steward);
        pools.announceBounds(second, address(a), _bounds(1));
        vm.prank(brand);
        pools.joinPool(second, address(a));
        _assertPage(0, ALL, pool, 2);
        _assertPage(0, 1, pool, 1);
        _assertPage(1, 1, second, 1);
        _assertPage(1, ALL, second, 1);
        _assertPage(0, 0, 0, 0);
        _assertPage(2, 1, 0, 0);
        _assertPage(ALL, ALL, 0, 0);
        assertEq(lens.swapsOf(member, new bytes32[](0)).length, 0);
    }

    function _assertPage(uint256 from, uint256 count, bytes32 first, uint256 length) private view {
        (IPoolsLens.PoolView[] memory shown, uint256 total) = lens.swapsOf(member, from, count);
        assertEq(total, 2);
        assertEq(shown.length, length);
        if (length != 0) assertEq(shown[0].pool, first);
        (IPoolsLens.BrandPool[] memory found,) = lens.positionsOf(address(a), from, count, 0);
        assertEq(found.length, length);
        if (length != 0) assertEq(found[0].pool.pool, first);
    }

    // ---------------------------------------------------------------- brands

    function test_positionsOf__equals_direct_reads() public {
        _swap(a, b, 12_345);
        IPools.Bounds memory higher = _bounds(123);
        higher.baseFee = 7;
        _announce(a, higher);
        IPoolsLens.BrandPool memory shown = _standing(a);
        _assertPool(shown.pool, address(0));
        IPools.Membership memory membership = pools.membershipOf(pool, address(a));
        assertEq(abi.encode(shown.membership), abi.encode(membership));
        assertEq(shown.membership.pendingBounds.baseFee, 7);
        assertEq(shown.membership.boundsChangeAt, block.timestamp + DELAY);
        assertEq(shown.account.bond, LINE);
        assertEq(shown.account.unpaid, 0);
        assertEq(shown.settlements.length, 0);
    }

    /// @notice What it says a brand would owe or be owed is what closing comes to, fees aside.
    function testFuzz_positionsOf__running_period__is_what_closing_makes_of_it(uint256 seed) public {
        _swapAny(seed);
        _swapAny(uint256(keccak256(abi.encode(seed))));
        uint256[2][3] memory before;
        uint256 credits = 0;
        for (uint256 i = 0; i < 3; ++i) {
            IPoolsLens.BrandPool memory shown = _standing(_all()[i]);
            before[i] = [shown.debt, shown.credit];
            credits += shown.credit;
            assertTrue(shown.debt == 0 || shown.credit == 0);
        }
        bytes32 settlementId = _close();
        if (credits == 0) return;
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(settlements.debtOf(settlementId, address(_all()[i])).unpaid, before[i][0], "debt");
            uint256 claim = settlements.claimOf(settlementId, address(_all()[i])).value;
            assertGe(claim, before[i][1], "credit");
            assertEq(claim == 0, before[i][1] == 0);
            IPoolsLens.BrandPool memory shown = _standing(_all()[i]);
            assertEq(shown.debt + shown.credit, 0);
            assertEq(shown.settlements.length, before[i][0] + before[i][1] == 0 ? 0 : 1);
        }
    }

    function test_positionsOf__debt_and_claim__until_they_are_settled() public {
        _swap(a, b, 100_000e2); // worth 1,000 dollars
        bytes32 settlementId = _close();
        IPoolsLens.SettlementView memory owed = _only(a);
        assertEq(owed.period, 0);
        assertEq(owed.settlementId, settlementId);
        assertEq(owed.settlement.dueAt, block.timestamp + PAYMENT);
        assertEq(owed.settlement.total, 1000e6);
        assertEq(owed.debt.unpaid, 1000e6);
        assertEq(owed.debt.lien, 100_000e2);
        assertEq(owed.claim.value, 0);
        assertEq(_standing(a).account.unpaid, 1000e6);
        assertEq(_only(b).claim.value, 1000e6, "all of it, fees included");
        assertEq(_only(b).ready, 0);
        assertEq(_standing(c).settlements.length, 0);

        _pay(a, 0, 400e6);
        assertEq(_only(a).debt.unpaid, 600e6);
        assertEq(_only(b).ready, 400e6);
        _withdrawClaim(b, 0, partner);
        assertEq(_only(b).ready, 0);
        assertEq(_only(b).claim.taken, 400e6);

        _pay(a, 0, 600e6);
        assertEq(_standing(a).settlements.length, 0, "paid");
        assertEq(_only(b).ready, 600e6);
        _withdrawClaim(b, 0, partner);
        assertEq(_standing(b).settlements.length, 0, "all taken out");
    }

    /// @dev Leaving a pool does not hide what one is owed from it.
    function test_positionsOf__brand_that_left__still_sees_its_claim() public {
        _swap(a, b, 100_000e2);
        _close();
        uint256 left = _position(b).provided;
        vm.startPrank(partner);
        swaps.withdraw(pool, address(b), left, partner);
        bonds.reclaim(address(b), PURSE, address(settlements), LINE, abi.encode(swaps, pool));
        pools.leavePool(pool, address(b));
        vm.stopPrank();
        IPoolsLens.BrandPool memory shown = _standing(b);
        assertFalse(shown.membership.joined);
        assertEq(shown.debt + shown.credit, 0);
        assertEq(shown.settlements[0].claim.value, 1000e6);
        (IPoolsLens.BrandPool[] memory found,) = lens.positionsOf(address(b), 0, ALL, 0);
        assertEq(found.length, 0, "for whoever does not look back");
    }

    function test_positionsOf__money_laid_down_beforehand__is_shown() public {
        (IPoolsLens.BrandPool[] memory found, uint256 total) = lens.positionsOf(address(token), 0, ALL, 12);
        assertEq(total, 1);
        assertEq(found.length, 0, "no concern of its brand's");
        ILoyaltyToken fourth = _tokenOf(brand, brandId, "DDD", 6, 1);
        _layDown(fourth, 5);
        IPoolsLens.BrandPool memory shown = _standing(fourth);
        assertEq(shown.account.bond, 5);
        assertEq(shown.pool.sides.length, 3);
        (found,) = lens.positionsOf(intruder, 0, ALL, 12);
        assertEq(found.length, 0, "no token at all");
    }

    function test_settlementsOf__pages__the_latest_first() public {
        for (uint256 i = 0; i < 4; ++i) {
            // Nothing in the third.
            if (i != 2) _swap(a, b, (i + 1) * 1000e2);
            _close();
        }
        _assertPeriods(0, ALL, 310);
        _assertPeriods(0, 4, 310);
        _assertPeriods(0, 2, 3);
        _assertPeriods(1, 2, 1);
        _assertPeriods(1, 1, 9);
        _assertPeriods(2, 5, 10);
        _assertPeriods(0, 0, 9);
        _assertPeriods(4, 1, 9);
        _assertPeriods(ALL, ALL, 9);
    }

    /// @dev Periods as digits, 9 for none.
    function _assertPeriods(uint256 skipped, uint256 count, uint256 digits) private view {
        IPoolsLens.SettlementView[] memory found = lens.settlementsOf(address(a), pool, skipped, count);
        uint256 seen = found.length == 0 ? 9 : 0;
        for (uint256 i = 0; i < found.length; ++i) {
            seen = 10 * seen + found[i].period;
            assertEq(found[i].debt.unpaid, (uint256(found[i].period) + 1) * 10e6);
        }
        assertEq(seen, digits);
    }

    // --------------------------------------------------------------- helpers

    function _only(ILoyaltyToken which) private view returns (IPoolsLens.SettlementView memory) {
        IPoolsLens.SettlementView[] memory found = _standing(which).settlements;
        assertEq(found.length, 1);
        return found[0];
    }

    function _sideOf(ILoyaltyToken which) private view returns (IPoolsLens.Side memory) {
        IPoolsLens.Side[] memory sides = _seen(member)[0].sides;
        for (uint256 i = 0; i < sides.length; ++i) {
            if (sides[i].token == address(which)) return sides[i];
        }
        revert("not in the pool");
    }

    function _swapAny(uint256 seed) private {
        ILoyaltyToken tokenIn = _all()[seed % 3];
        ILoyaltyToken tokenOut = _all()[(seed % 3 + 1 + (seed >> 2) % 2) % 3];
        uint256 amount = bound(seed >> 4, 1, tokenIn.balanceOf(member) / 4);
        vm.prank(member);
        try swaps.swap(_order(tokenIn, tokenOut, amount)) { } catch { }
    }

    function _stop(ILoyaltyToken which, bool stopped) private {
        vm.prank(_adminOf(which));
        swaps.setStopped(pool, address(which), stopped);
    }
}

/// @notice A full pool is one read that any node answers.
contract PoolsLensScaleTest is PoolsLensBase {
    uint256 private constant NODE_LIMIT = 30_000_000;

    function setUp() public override {
        super.setUp();
        uint256 missing = pools.MAX_TOKENS() - 3;
        address[] memory admins = new address[](missing);
        ILoyaltyToken[] memory made = new ILoyaltyToken[](missing);
        for (uint256 i = 0; i < missing; ++i) {
            admins[i] = vm.addr(1000 + i);
            bytes32 id = _admittedBrand(admins[i], bytes32(1000 + i));
            made[i] = _tokenOf(admins[i], id, "LOYAL", 2, PAR_A);
            string memory uri = _uri(512);
            vm.prank(admins[i]);
            brands.setProfileURI(id, uri);
            _announce(made[i], _bounds(type(uint96).max / 2));
        }
        skip(DELAY);
        for (uint256 i = 0; i < missing; ++i) {
            vm.prank(admins[i]);
            pools.joinPool(pool, address(made[i]));
            _provide(admins[i], made[i], 100e2);
            _layDown(made[i], 100e6);
            _give(member, made[i], 10e2);
        }
    }

    function test_swapsOf__sixty_four_brands__one_read() public {
        _cool();
        IPoolsLens.PoolView[] memory shown = _seen(member);
        uint256 used = vm.lastCallGas().gasTotalUsed;
        assertEq(shown[0].sides.length, 64);
        assertEq(shown[0].sides[63].balance, 10e2);
        assertEq(shown[0].sides[63].available, 100e2);
        emit log_named_uint("gas", used);
        emit log_named_uint("bytes", abi.encode(shown).length);
        assertLt(used, NODE_LIMIT);
        assertLt(abi.encode(shown).length, 256 * 1024);
    }

    function test_positionsOf__sixty_four_brands_and_a_year_of_debts__one_read() public {
        for (uint256 i = 0; i < 12; ++i) {
            _swap(a, b, 100e2);
            _close();
        }
        _cool();
        IPoolsLens.BrandPool memory shown = _standing(a);
        uint256 used = vm.lastCallGas().gasTotalUsed;
        assertEq(shown.settlements.length, 12);
        assertEq(shown.pool.sides.length, 64);
        emit log_named_uint("gas", used);
        assertLt(used, NODE_LIMIT);
    }

    /// @dev Anybody can make pools: a thousand of them that nobody joined must not hide the others.
    function test_swapsOf__a_thousand_empty_pools__still_one_read() public {
        IPools.Rules memory rules = _rules(COVERED);
        vm.startPrank(intruder);
        for (uint256 i = 0; i < 1000; ++i) {
            pools.createPool(bytes32(i), rules);
        }
        vm.stopPrank();
        _cool();
        (IPoolsLens.PoolView[] memory shown, uint256 total) = lens.swapsOf(member, 0, ALL);
        uint256 used = vm.lastCallGas().gasTotalUsed;
        assertEq(total, 1001);
        assertEq(shown.length, 1);
        emit log_named_uint("gas", used);
        assertLt(used, NODE_LIMIT);
    }

    function _cool() private {
        address[] memory tokens = pools.tokensOf(pool);
        for (uint256 i = 0; i < tokens.length; ++i) {
            Cooling(address(vm)).cool(tokens[i]);
        }
        Cooling(address(vm)).cool(address(pools));
        Cooling(address(vm)).cool(address(swaps));
        Cooling(address(vm)).cool(address(settlements));
        Cooling(address(vm)).cool(address(brands));
        Cooling(address(vm)).cool(address(money));
    }
}
