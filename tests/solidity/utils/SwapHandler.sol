// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IPools } from "../../../contracts/interfaces/IPools.sol";
import { ISettlements } from "../../../contracts/interfaces/ISettlements.sol";
import { ISwaps } from "../../../contracts/interfaces/ISwaps.sol";
import { Currency } from "./Currencies.sol";
import { SwapTest } from "./SwapTest.sol";

/// @notice Plays three brands in two pools, their members and strangers at random. Brands mint and drain one
/// another, stop, take back what they can and pay late or never; the currency misbehaves; time passes. Beside it
/// are the plainest books: what each act brought and took, and what that is worth at par.
contract SwapHandler is SwapTest {
    uint256 internal constant POOLS = 2;
    uint256 internal constant TOKENS = 3;
    uint16 internal constant BOLD = 250; // percent
    uint256 internal constant WORTH = 1e18;

    /// @dev A closed period. The last claim is the alliance's.
    struct Closed {
        uint256 pool;
        uint32 period;
        bytes32 id;
        uint256 dueAt;
        uint256 total;
        uint256 received;
        uint256[TOKENS] unpaid;
        uint256[TOKENS] lien;
        uint256[TOKENS + 1] claim;
        uint256[TOKENS + 1] taken;
    }

    bytes32[POOLS] internal ids;
    ILoyaltyToken[TOKENS] internal tokens;
    address[TOKENS] internal admins;
    uint256[TOKENS] internal units;

    // The shadow books.
    uint256[TOKENS][POOLS] internal provided;
    int256[TOKENS][POOLS] internal nets;
    uint256[TOKENS][POOLS] internal limits;
    uint256[TOKENS][POOLS] internal bonded;
    uint256[TOKENS][POOLS] internal unpaid;
    uint256[POOLS] internal prepaid;
    /// @dev What members left beyond par in the running period, swap by swap.
    uint256[POOLS] internal fees;
    uint256[TOKENS] internal given;
    uint256[TOKENS] internal givenToSettlements;
    uint256 internal cash;
    Closed[] internal closed;

    mapping(bytes4 act => uint256) public done;
    mapping(bytes4 act => uint256) public refused;
    /// @notice How many acts there were.
    uint256 public tried;
    /// @notice How many settlements opened, and how often something was enforced.
    uint256 public settledCount;

    function setUp() public override {
        super.setUp();
        tokens = _all();
        admins = [brand, partner, third];
        ids[0] = pool;
        ids[1] = pool = _createPool(BOLD);
        for (uint256 i = 0; i < TOKENS; ++i) {
            units[i] = _worth0(i);
            _enter(admins[i], tokens[i], type(uint96).max / 2);
            _layDown(tokens[i], 1000e6);
            (bonded[0][i], bonded[1][i]) = (LINE, 1000e6);
            (limits[0][i], limits[1][i]) = (type(uint96).max / 2, type(uint96).max / 2);
        }
        _provide(brand, a, 100_000e2);
        _provide(partner, b, 4000e18);
        _provide(third, c, 300);
        provided[0] = [uint256(500_000e2), 10_000e18, 700];
        provided[1] = [uint256(100_000e2), 4000e18, 300];
        vm.prank(alliance);
        pools.setAllianceFee(1000, treasury);
        for (uint256 i = 0; i < POOLS; ++i) {
            _closeNow(i);
        }
        money.mint(till, 1e30);
        vm.prank(till);
        money.approve(address(settlements), type(uint256).max);
    }

    function acts() external pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](16);
        selectors[0] = this.swapIn.selector;
        selectors[1] = this.swapOut.selector;
        selectors[2] = this.swapAndBack.selector;
        selectors[3] = this.drain.selector;
        selectors[4] = this.provide.selector;
        selectors[5] = this.takeBack.selector;
        selectors[6] = this.lower.selector;
        selectors[7] = this.raise.selector;
        selectors[8] = this.layDown.selector;
        selectors[9] = this.takeUp.selector;
        selectors[10] = this.prepay.selector;
        selectors[11] = this.closePeriod.selector;
        selectors[12] = this.pay.selector;
        selectors[13] = this.enforce.selector;
        selectors[14] = this.takeClaim.selector;
        selectors[15] = this.donateAndSteal.selector;
    }

    // ----------------------------------------------------- for the controls

    function swapsAddress() external view returns (address) {
        return address(swaps);
    }

    function settlementsAddress() external view returns (address) {
        return address(settlements);
    }

    function poolsAddress() external view returns (address) {
        return address(pools);
    }

    function moneyAddress() external view returns (address) {
        return address(money);
    }

    function settlementAt(uint256 index) external view returns (bytes32) {
        return closed[index].id;
    }

    function poolId(uint256 which) external view returns (bytes32) {
        return ids[which];
    }

    function tokenAddress(uint256 which) external view returns (address) {
        return address(tokens[which]);
    }

    // ------------------------------------------------------------------ acts

    function swapIn(uint256 which, uint256 from, uint256 to, uint256 amount) public {
        (which, from, to) = (which % POOLS, from % TOKENS, to % TOKENS);
        amount = _some(amount, _room(which, from));
        _swapExactly(ISwaps.Swap(ids[which], _at(from), _at(to), amount, 0, false, member, FOREVER), which);
    }

    function swapOut(uint256 which, uint256 from, uint256 to, uint256 amount) public {
        (which, from, to) = (which % POOLS, from % TOKENS, to % TOKENS);
        amount = _some(amount, uint256(int256(provided[which][to]) + nets[which][to]));
        uint256 most = tokens[from].balanceOf(member);
        _swapExactly(ISwaps.Swap(ids[which], _at(from), _at(to), most, amount, true, member, FOREVER), which);
    }

    /// @dev A round trip never profits (SWAP-1).
    function swapAndBack(uint256 which, uint256 from, uint256 to, uint256 amount) public {
        (which, from, to) = (which % POOLS, from % TOKENS, to % TOKENS);
        amount = _some(amount, _room(which, from));
        uint256 held = tokens[from].balanceOf(member);
        uint256 got = _swapExactly(
            ISwaps.Swap(ids[which], _at(from), _at(to), amount, 0, false, member, FOREVER), which
        );
        if (got == 0) return;
        _swapExactly(ISwaps.Swap(ids[which], _at(to), _at(from), got, 0, false, member, FOREVER), which);
        assertLe(tokens[from].balanceOf(member), held, "SWAP-1: a round trip made a profit");
    }

    /// @dev A brand mints out of nothing and takes away whatever partners provide.
    function drain(uint256 which, uint256 from, uint256 to) public {
        (which, from, to) = (which % POOLS, from % TOKENS, to % TOKENS);
        uint256 room = _room(which, from);
        if (room > 1e30) room = 1e30;
        vm.prank(admins[from]);
        tokens[from].mint(member, room);
        uint256 most = uint256(int256(provided[which][to]) + nets[which][to]) * units[to] / units[from];
        uint256 amount = most < room ? most : room;
        _swapExactly(ISwaps.Swap(ids[which], _at(from), _at(to), amount, 0, false, member, FOREVER), which);
    }

    function provide(uint256 which, uint256 what, uint256 amount) public {
        (which, what) = (which % POOLS, what % TOKENS);
        amount = _some(amount, 1000e6 * WORTH / units[what] + 1);
        bytes memory data = abi.encode(ISwaps.Act.Provide, ids[which]);
        vm.prank(admins[what]);
        tokens[what].mint(admins[what], amount);
        bytes memory call = abi.encodeCall(tokens[what].transferAndCall, (address(swaps), amount, data));
        (bool success,) = _act(this.provide.selector, admins[what], _at(what), call);
        if (success) provided[which][what] += amount;
    }

    /// @dev What members did not take it gets back, at any time and at once (SETTLE-3).
    function takeBack(uint256 which, uint256 what, uint256 amount) public {
        (which, what) = (which % POOLS, what % TOKENS);
        int256 net = nets[which][what];
        uint256 free = uint256(int256(provided[which][what]) + (net < 0 ? net : int256(0)));
        amount = _some(amount, free / 4);
        bytes memory call = abi.encodeCall(swaps.withdraw, (ids[which], _at(what), amount, till));
        (bool success,) = _act(this.takeBack.selector, admins[what], address(swaps), call);
        assertEq(success, amount != 0 && amount <= free, "SETTLE-3: a brand gets back what nobody took");
        if (success) provided[which][what] -= amount;
    }

    function lower(uint256 which, uint256 what, uint256 limit) public {
        (which, what) = (which % POOLS, what % TOKENS);
        uint96 to = uint96(_some(limit, 3000e6 * WORTH / units[what]));
        bytes memory call =
            abi.encodeCall(pools.lowerBounds, (ids[which], _at(what), to, type(uint96).max, 0));
        (bool success,) = _act(this.lower.selector, steward, address(pools), call);
        assertEq(success, to <= limits[which][what], "SWAP-2: limits only fall at once");
        if (success) limits[which][what] = to;
    }

    /// @dev Announced, and tried too early half of the time.
    function raise(uint256 which, uint256 what, uint256 limit, bool early) public {
        (which, what) = (which % POOLS, what % TOKENS);
        uint96 to = uint96(_some(limit, 6000e6 * WORTH / units[what]));
        vm.prank(steward);
        pools.announceBounds(ids[which], _at(what), _bounds(to));
        skip(early ? DELAY - 1 : DELAY);
        bytes memory call = abi.encodeCall(pools.applyBounds, (ids[which], _at(what)));
        (bool success,) = _act(this.raise.selector, intruder, address(pools), call);
        assertEq(success, !early, "SWAP-2: limits rise after the delay alone");
        if (success) limits[which][what] = to;
    }

    function layDown(uint256 which, uint256 what, uint256 value) public {
        (which, what) = (which % POOLS, what % TOKENS);
        value = _some(value, 500e6) + 1;
        pool = ids[which];
        _layDown(tokens[what], value);
        bonded[which][what] += value;
        ++done[this.layDown.selector];
    }

    /// @dev Neither running nor unpaid debts are left without what they need (SWAP-2).
    function takeUp(uint256 which, uint256 what, uint256 value) public {
        (which, what) = (which % POOLS, what % TOKENS);
        value = _some(value, bonded[which][what]);
        bytes memory data = abi.encode(swaps, ids[which]);
        bytes memory call =
            abi.encodeCall(bonds.reclaim, (_at(what), PURSE, address(settlements), value, data));
        (bool success,) = _act(this.takeUp.selector, admins[what], address(bonds), call);
        if (!success) return;
        bonded[which][what] -= value;
        assertLe(
            _runningDebt(which, what), _line(which, what), "SWAP-2: a running debt is left without cover"
        );
        assertGe(bonded[which][what], unpaid[which][what], "SWAP-2: an unpaid debt is left without cover");
    }

    function prepay(uint256 which, uint256 what, uint256 amount, uint256 how) public {
        (which, what) = (which % POOLS, what % TOKENS);
        int256 net = nets[which][what];
        amount = _some(amount, net > 0 ? uint256(net) : 1);
        _misbehave(how);
        bytes memory call =
            abi.encodeCall(settlements.prepay, (swaps, ids[which], _at(what), amount, type(uint256).max));
        (bool success, bytes memory result) = _act(this.prepay.selector, till, address(settlements), call);
        money.behave(Currency.Behaviour.Plain);
        if (!success) return;
        assertGt(net, 0, "SETTLE-1: paid for a debt that is none");
        if (amount > uint256(net)) amount = uint256(net);
        uint256 value = abi.decode(result, (uint256));
        assertEq(value, _up(amount * units[what]), "SETTLE-1: prepaid at par");
        nets[which][what] -= int256(amount);
        prepaid[which] += value;
        fees[which] += value * WORTH - amount * units[what];
        cash += value;
    }

    function closePeriod(uint256 which, bool early) public {
        which %= POOLS;
        uint256 closesAt = swaps.periodOf(ids[which]).closesAt;
        if (early && block.timestamp < closesAt) {
            vm.warp(closesAt - 1);
            bytes memory call = abi.encodeCall(swaps.close, (ids[which]));
            (bool success,) = _act(this.closePeriod.selector, intruder, address(swaps), call);
            assertFalse(success, "SETTLE-1: closed too early");
            return;
        }
        _closeNow(which);
        ++done[this.closePeriod.selector];
    }

    function pay(uint256 which, uint256 what, uint256 value, uint256 how) public {
        Closed storage one = _aClosed(which);
        what %= TOKENS;
        uint256 most = _some(value, one.unpaid[what]);
        _misbehave(how);
        bytes memory call =
            abi.encodeCall(settlements.pay, (address(swaps), ids[one.pool], one.period, _at(what), most));
        (bool success,) = _act(this.pay.selector, till, address(settlements), call);
        money.behave(Currency.Behaviour.Plain);
        bool may = most != 0 && one.unpaid[what] != 0;
        if (how % 8 != 0) assertEq(success, may, "SETTLE-1: what is unpaid can be paid");
        if (!success) return;
        _booked(one, what, most < one.unpaid[what] ? most : one.unpaid[what]);
    }

    function enforce(uint256 which, uint256 what, uint256 how) public {
        Closed storage one = _aClosed(which);
        what %= TOKENS;
        if (how % 2 == 0 && block.timestamp < one.dueAt) vm.warp(one.dueAt);
        _misbehave(how);
        bytes memory call =
            abi.encodeCall(settlements.enforce, (address(swaps), ids[one.pool], one.period, _at(what)));
        (bool success,) = _act(this.enforce.selector, intruder, address(settlements), call);
        money.behave(Currency.Behaviour.Plain);
        uint256 bond = bonded[one.pool][what];
        bool may = block.timestamp >= one.dueAt && bond != 0 && one.unpaid[what] != 0;
        if (how % 8 != 0) assertEq(success, may, "SETTLE-1: enforced once it is due, by anybody");
        if (!success) return;
        uint256 value = bond < one.unpaid[what] ? bond : one.unpaid[what];
        bonded[one.pool][what] -= value;
        _booked(one, what, value);
    }

    /// @dev By its brand, or by the treasury.
    function takeClaim(uint256 which, uint256 what, uint256 how) public {
        Closed storage one = _aClosed(which);
        what %= TOKENS + 1;
        uint256 due = one.total == 0 ? 0 : one.claim[what] * one.received / one.total - one.taken[what];
        address who = what == TOKENS ? treasury : admins[what];
        bytes memory call = what == TOKENS
            ? abi.encodeCall(settlements.withdrawTreasury, (address(swaps), ids[one.pool], one.period, till))
            : abi.encodeCall(
                settlements.withdraw, (address(swaps), ids[one.pool], one.period, _at(what), till)
            );
        _misbehave(how);
        (bool success, bytes memory result) = _act(this.takeClaim.selector, who, address(settlements), call);
        money.behave(Currency.Behaviour.Plain);
        if (how % 8 != 0) assertEq(success, due != 0, "SETTLE-1: who is owed gets its part");
        if (!success) return;
        assertEq(abi.decode(result, (uint256)), due, "SETTLE-1: a claim's part of what has come in");
        one.taken[what] += due;
        cash -= due;
    }

    /// @dev What is merely sent is nobody's, and changes no price (SWAP-4).
    function donateAndSteal(uint256 which, uint256 what, uint256 amount, bytes4 selector) public {
        (which, what) = (which % POOLS, what % TOKENS);
        amount = _some(amount, tokens[what].balanceOf(member) / 8);
        uint256 next = (what + 1) % TOKENS;
        uint256 price = _price(which, what, next);
        vm.startPrank(member);
        tokens[what].transfer(address(swaps), amount);
        tokens[what].transfer(address(settlements), amount / 2);
        vm.stopPrank();
        given[what] += amount;
        givenToSettlements[what] += amount / 2;
        money.mint(address(settlements), amount % 97);
        assertEq(_price(which, what, next), price, "SWAP-4: a present changed a price");
        bytes memory call = abi.encodePacked(selector, abi.encode(ids[which], _at(what), amount, intruder));
        (bool success,) = _act(
            this.donateAndSteal.selector,
            intruder,
            address(which == 0 ? address(swaps) : address(settlements)),
            call
        );
        success;
        ++done[this.donateAndSteal.selector];
    }

    // -------------------------------------------------------------- promises

    function checkPromises() external view {
        uint256[TOKENS] memory liens;
        for (uint256 i = 0; i < closed.length; ++i) {
            Closed storage one = closed[i];
            uint256 left = one.received;
            for (uint256 j = 0; j < TOKENS; ++j) {
                liens[j] += one.lien[j];
                left += one.unpaid[j];
            }
            assertEq(left, one.total, "SETTLE-1: what is owed and what has come in are the claims");
            uint256 taken = 0;
            for (uint256 j = 0; j <= TOKENS; ++j) {
                taken += one.taken[j];
            }
            assertLe(taken, one.received, "SETTLE-1: more was taken out than came in");
        }
        for (uint256 i = 0; i < TOKENS; ++i) {
            uint256 stock = 0;
            for (uint256 j = 0; j < POOLS; ++j) {
                int256 there = int256(provided[j][i]) + nets[j][i];
                assertGe(there, 0, "SETTLE-3: members took more than was there");
                stock += uint256(there);
                _checkPosition(j, i);
            }
            assertEq(tokens[i].balanceOf(address(swaps)), stock + given[i], "BOOK-1: tokens in the pools");
            uint256 held = tokens[i].balanceOf(address(settlements));
            assertEq(held, liens[i] + givenToSettlements[i], "BOOK-1: tokens behind debts");
        }
        for (uint256 j = 0; j < POOLS; ++j) {
            int256 sum = int256(prepaid[j] * WORTH);
            for (uint256 i = 0; i < TOKENS; ++i) {
                sum += nets[j][i] * int256(units[i]);
            }
            assertEq(sum, int256(fees[j]), "SETTLE-1: positions and what was prepaid are the fees");
        }
        assertGe(money.balanceOf(address(settlements)), cash, "BOOK-1: money for claims");
    }

    function _checkPosition(uint256 which, uint256 what) private view {
        ISwaps.Position memory position = swaps.positionOf(ids[which], _at(what));
        assertEq(position.provided, provided[which][what], "SWAP-4: provided");
        assertEq(position.net, nets[which][what], "SWAP-4: net intake");
        ISettlements.Account memory account = settlements.accountOf(address(swaps), ids[which], _at(what));
        assertEq(account.bond, bonded[which][what], "SWAP-2: what is laid down");
        assertEq(account.unpaid, unpaid[which][what], "SETTLE-1: what is unpaid");
    }

    /// @notice Everybody settles up but one brand, and everything is taken out. What others then miss is no
    /// more than what it owed beyond what it had laid down (SETTLE-2), and of money nothing is left but dust.
    function leaveAll(uint256 bad) external {
        uint256 beyond = 0;
        for (uint256 j = 0; j < POOLS; ++j) {
            uint256 exposure = unpaid[j][bad] + _runningDebt(j, bad);
            if (exposure > bonded[j][bad]) beyond += exposure - bonded[j][bad];
            _closeNow(j);
        }
        vm.warp(block.timestamp + PAYMENT);
        uint256 missing = 0;
        uint256 parts = 0;
        for (uint256 i = 0; i < closed.length; ++i) {
            for (uint256 j = 0; j < TOKENS; ++j) {
                if (j == bad) enforce(i, j, 1);
                else pay(i, j, 1, 1);
            }
            for (uint256 j = 0; j <= TOKENS; ++j) {
                takeClaim(i, j, 1);
                if (closed[i].claim[j] != 0) ++parts;
                missing += closed[i].claim[j] - closed[i].taken[j];
            }
        }
        assertLe(missing, beyond + parts, "SETTLE-2: more is lost than was agreed to");
        // What was prepaid where nobody was owed waits for a period in which somebody is.
        assertLe(cash - prepaid[0] - prepaid[1], parts, "SETTLE-1: money is left that is nobody's");
        for (uint256 i = 0; i < TOKENS; ++i) {
            for (uint256 j = 0; j < POOLS; ++j) {
                takeBack(j, i, type(uint256).max - 1);
                uint256 left = provided[j][i];
                vm.prank(admins[i]);
                if (left != 0) swaps.withdraw(ids[j], _at(i), left, till);
                provided[j][i] = 0;
            }
        }
    }

    // ------------------------------------------------------------- internals

    function _at(uint256 what) private view returns (address) {
        return address(tokens[what]);
    }

    function _worth0(uint256 what) private view returns (uint256) {
        uint96[TOKENS] memory pars = [PAR_A, PAR_B, PAR_C];
        return pars[what] * 10 ** (18 - tokens[what].decimals());
    }

    function _up(uint256 worth) private pure returns (uint256) {
        return (worth + WORTH - 1) / WORTH;
    }

    /// @dev Mostly a part; sometimes one, all, one too much, or nothing.
    function _some(uint256 seed, uint256 most) private pure returns (uint256) {
        uint256 how = seed % 16;
        if (how == 0) return 1;
        if (how == 1) return most;
        if (how == 2) return most + 1;
        if (how == 3) return 0;
        return most == 0 ? 0 : (seed >> 8) % (most / (how < 10 ? 4 : 1) + 1);
    }

    function _runningDebt(uint256 which, uint256 what) private view returns (uint256) {
        int256 net = nets[which][what];
        return net > 0 ? _up(uint256(net) * units[what]) : 0;
    }

    function _line(uint256 which, uint256 what) private view returns (uint256) {
        uint256 most = bonded[which][what] * (which == 0 ? COVERED : BOLD) / 100;
        return most > unpaid[which][what] ? most - unpaid[which][what] : 0;
    }

    function _ceiling(uint256 which, uint256 what) private view returns (uint256) {
        uint256 line = _line(which, what) * WORTH / units[what];
        return line < limits[which][what] ? line : limits[which][what];
    }

    function _room(uint256 which, uint256 what) private view returns (uint256) {
        int256 room = int256(_ceiling(which, what)) - nets[which][what];
        return room > 0 ? uint256(room) : 0;
    }

    function _price(uint256 which, uint256 from, uint256 to) private view returns (uint256) {
        try swaps.quoteOut(ids[which], _at(from), _at(to), 1e18 * 1e6 / units[from] + 1) returns (
            uint256 out
        ) {
            return out;
        } catch {
            return 0;
        }
    }

    function _indexOf(address token_) private view returns (uint256 index) {
        while (_at(index) != token_) ++index;
    }

    function _swapExactly(ISwaps.Swap memory order, uint256 which) private returns (uint256) {
        (bool success, bytes memory result) = _act(
            order.exactOut ? this.swapOut.selector : msg.sig,
            member,
            address(swaps),
            abi.encodeCall(swaps.swap, (order))
        );
        if (!success) return 0;
        (uint256 amountIn, uint256 amountOut) = abi.decode(result, (uint256, uint256));
        (uint256 from, uint256 to) = (_indexOf(order.tokenIn), _indexOf(order.tokenOut));
        uint256 worth = amountIn * units[from];
        assertLe(amountOut * units[to], worth, "SWAP-1: more is given at par than taken");
        assertLe(amountIn, order.amountIn, "SWAP-3: more is taken than the member said");
        assertGe(amountOut, order.amountOut, "SWAP-3: less is given than the member said");
        assertLe(amountIn, _room(which, from), "SWAP-2: more is taken in than the ceiling");
        nets[which][from] += int256(amountIn);
        nets[which][to] -= int256(amountOut);
        fees[which] += worth - amountOut * units[to];
        return amountOut;
    }

    /// @dev Debts are at par, rounded up; claims are together the debts and what was prepaid, and nobody's is
    /// less than par, rounded down.
    function _closeNow(uint256 which) private {
        ISwaps.Period memory period = swaps.periodOf(ids[which]);
        if (block.timestamp < period.closesAt) vm.warp(period.closesAt);
        vm.prank(intruder);
        swaps.close(ids[which]);
        bytes32 id = settlements.settlementIdOf(address(swaps), ids[which], period.number);
        bool settles = settlements.settlementOf(id).dueAt != 0;
        if (settles) _open(which, period.number, id);
        for (uint256 i = 0; i < TOKENS; ++i) {
            int256 net = nets[which][i];
            if (net < 0 || !settles) provided[which][i] = uint256(int256(provided[which][i]) + net);
            nets[which][i] = 0;
        }
        if (settles) prepaid[which] = 0;
        fees[which] = prepaid[which] * WORTH;
    }

    function _open(uint256 which, uint32 period, bytes32 id) private {
        Closed storage one = closed.push();
        (one.pool, one.period, one.id, one.dueAt) = (which, period, id, block.timestamp + PAYMENT);
        one.received = prepaid[which];
        one.total = prepaid[which];
        uint256 claims = 0;
        for (uint256 i = 0; i < TOKENS; ++i) {
            int256 net = nets[which][i];
            one.claim[i] = settlements.claimOf(id, _at(i)).value;
            claims += one.claim[i];
            if (net <= 0) {
                assertGe(one.claim[i], uint256(-net) * units[i] / WORTH, "SETTLE-1: a claim below par");
                continue;
            }
            one.unpaid[i] = _runningDebt(which, i);
            one.lien[i] = uint256(net);
            one.total += one.unpaid[i];
            unpaid[which][i] += one.unpaid[i];
            assertEq(one.claim[i], 0, "SETTLE-1: a debtor is owed");
        }
        one.claim[TOKENS] = settlements.claimOf(id, treasury).value;
        assertEq(claims + one.claim[TOKENS], one.total, "SETTLE-1: claims are what is owed and was prepaid");
        assertEq(settlements.settlementOf(id).total, one.total, "SETTLE-1: the total");
        ++settledCount;
    }

    function _booked(Closed storage one, uint256 what, uint256 value) private {
        uint256 burned = one.lien[what] * value / one.unpaid[what];
        one.unpaid[what] -= value;
        one.lien[what] -= burned;
        one.received += value;
        unpaid[one.pool][what] -= value;
        cash += value;
    }

    function _aClosed(uint256 which) private returns (Closed storage) {
        if (closed.length == 0) closed.push().id = bytes32(type(uint256).max);
        return closed[which % closed.length];
    }

    /// @dev One payment in eight.
    function _misbehave(uint256 how) private {
        if (how % 8 != 0) return;
        uint256 kinds = uint256(type(Currency.Behaviour).max) + 1;
        money.behave(Currency.Behaviour(how / 8 % kinds));
    }

    function _act(bytes4 act, address who, address target, bytes memory call)
        private
        returns (bool success, bytes memory result)
    {
        ++tried;
        vm.prank(who);
        (success, result) = target.call(call);
        if (success) ++done[act];
        else ++refused[act];
    }
}
