// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { AllotmentModule } from "./AllotmentModules.sol";
import { BondTest } from "./BondTest.sol";
import { Currency } from "./Currencies.sol";

/// @notice Plays the brands, modules and payees of three bonds at random, two of them in one currency, while
/// tokens come and go, ratios change and time passes. It keeps the plainest books beside it: each act says
/// beforehand whether it must succeed, and how much must move.
contract BondHandler is BondTest {
    uint256 internal constant BONDS = 3;
    uint256 internal constant PURSES = 3;
    uint256 internal constant MODULES = 2;
    uint256 internal constant PAYEES = 3;
    uint256 internal constant MOST = 10_000;

    struct Announced {
        uint256 value;
        uint256 from;
    }

    ILoyaltyToken[BONDS] internal tokens;
    Currency[BONDS] internal monies;
    address[BONDS] internal admins;
    AllotmentModule[MODULES] internal modules;
    address[PAYEES] internal payees;

    // The shadow books.
    uint256[PURSES][BONDS] internal values;
    uint256[MODULES][PURSES][BONDS] internal allotments;
    Announced[PURSES][BONDS] internal announcements;
    mapping(Currency money => mapping(address payee => uint256)) internal owed;
    mapping(Currency money => uint256) internal deposited;
    mapping(Currency money => uint256) internal paidOut;
    mapping(Currency money => uint256) internal donated;
    uint256[BONDS] internal promised;
    uint256[BONDS] internal ratios;
    uint256[BONDS] internal cureBy;
    uint256[BONDS] internal windDownStartsAt;
    uint256[BONDS] internal windDownEndsAt;
    bool internal delisted;

    mapping(bytes4 act => uint256) public done;
    mapping(bytes4 act => uint256) public refused;
    /// @notice How many acts there were.
    uint256 public tried;

    function setUp() public override {
        super.setUp();
        tokens[0] = token;
        tokens[1] = _tokenIn(partner, partnerId, money, 0, 7);
        monies = [money, money, _currency(18)];
        tokens[2] = _tokenIn(partner, partnerId, monies[2], 18, 3 ether);
        admins = [brand, partner, partner];
        modules = [payer, new AllotmentModule()];
        _list(IBrandRegistry.List.Module, address(modules[1]), true);
        payees = [member, till, brand];
        for (uint256 i = 0; i < BONDS; ++i) {
            ratios[i] = BOND_BPS;
            vm.prank(admins[i]);
            tokens[i].grantQuota(manager, type(uint64).max);
            promised[i] = type(uint64).max;
            _promiseLess(i, type(uint64).max - 100 * MOST / (i == 0 ? 10 : 1));
        }
    }

    function acts() external pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](16);
        selectors[0] = this.deposit.selector;
        selectors[1] = this.cover.selector;
        selectors[2] = this.allot.selector;
        selectors[3] = this.reclaim.selector;
        selectors[4] = this.draw.selector;
        selectors[5] = this.collect.selector;
        selectors[6] = this.announce.selector;
        selectors[7] = this.cancel.selector;
        selectors[8] = this.withdraw.selector;
        selectors[9] = this.flag.selector;
        selectors[10] = this.clear.selector;
        selectors[11] = this.promise_.selector;
        selectors[12] = this.raiseRatio.selector;
        selectors[13] = this.wait_.selector;
        selectors[14] = this.donateAndSteal.selector;
        selectors[15] = this.windDown.selector;
    }

    // ---------------------------------------------------- for the controls

    function bondsAddress() external view returns (address) {
        return address(bonds);
    }

    function registryAddress() external view returns (address) {
        return address(obligations);
    }

    function tokenAddress() external view returns (address) {
        return address(tokens[0]);
    }

    function moneyAddress() external view returns (address) {
        return address(monies[0]);
    }

    function moduleAt(uint256 index) external view returns (address) {
        return address(modules[index]);
    }

    // ------------------------------------------------------------------ acts

    function deposit(uint256 which, uint256 purse, uint256 value) external {
        _depositInto(which % BONDS, purse % PURSES, bound(value, 0, MOST));
    }

    /// @dev What is short, or a unit less or more than that.
    function cover(uint256 which, uint256 more) external {
        which %= BONDS;
        uint256 required = _required(which);
        uint256 held = values[which][uint8(HOLDERS)];
        if (held >= required) return;
        _depositInto(which, uint8(HOLDERS), required - held - 1 + more % 3);
    }

    function allot(uint256 which, uint256 purse, uint256 to, uint256 value) external {
        (which, purse, to) = (which % BONDS, _pick(purse), to % MODULES);
        uint256 free = values[which][purse] - _allotted(which, purse);
        value = bound(value, 0, free + free / 4 + 1);
        bool may = value != 0 && value <= free && purse != uint8(HOLDERS) && !(to == 1 && delisted);
        bytes memory data = abi.encodeCall(
            bonds.allot, (address(tokens[which]), IBonds.Purse(purse), address(modules[to]), value, "")
        );
        if (_act(admins[which], data, may)) allotments[which][purse][to] += value;
    }

    /// @dev Half of what a module may draw on is promised.
    function reclaim(uint256 which, uint256 purse, uint256 from, uint256 value) external {
        (which, purse, from) = (which % BONDS, _pick(purse), from % MODULES);
        uint256 allotted = allotments[which][purse][from];
        AllotmentModule module_ = modules[from];
        address which_ = address(tokens[which]);
        uint256 already = module_.promised(which_, uint8(purse));
        if (already < allotted / 2) {
            module_.promise_(which_, IBonds.Purse(purse), allotted / 2 - already);
            already = allotted / 2;
        }
        value = bound(value, 0, allotted + 1);
        bool may = value != 0 && already <= allotted && value <= allotted - already;
        bytes memory data =
            abi.encodeCall(bonds.reclaim, (which_, IBonds.Purse(purse), address(module_), value, ""));
        if (_act(admins[which], data, may)) allotments[which][purse][from] -= value;
    }

    function draw(uint256 which, uint256 purse, uint256 by, uint256 to, uint256 value) external {
        (which, purse, by, to) = (which % BONDS, _pick(purse), by % MODULES, to % PAYEES);
        if (allotments[which][purse][by] == 0) by = 1 - by;
        uint256 allotted = allotments[which][purse][by];
        value = bound(value, 0, allotted + 1);
        bytes memory data =
            abi.encodeCall(bonds.draw, (address(tokens[which]), IBonds.Purse(purse), payees[to], value));
        if (!_act(address(modules[by]), data, value != 0 && value <= allotted)) return;
        allotments[which][purse][by] -= value;
        values[which][purse] -= value;
        owed[monies[which]][payees[to]] += value;
    }

    /// @dev By anyone for the payee, or by the payee for another account; mostly where something is owed.
    function collect(uint256 which, uint256 who, bool elsewhere) external {
        Currency in_ = monies[which % BONDS];
        address payee = payees[who % PAYEES];
        for (uint256 i = 0; i < PAYEES && owed[in_][payee] == 0; ++i) {
            payee = payees[(who % PAYEES + i) % PAYEES];
        }
        uint256 value = owed[in_][payee];
        address to = elsewhere ? guardian : payee;
        uint256 before = in_.balanceOf(to);
        bytes memory data = elsewhere
            ? abi.encodeCall(bonds.collectTo, (address(in_), to))
            : abi.encodeCall(bonds.collect, (address(in_), payee));
        if (!_act(elsewhere ? payee : intruder, data, value != 0)) return;
        assertEq(in_.balanceOf(to), before + value, "BOOK-1: collected");
        owed[in_][payee] = 0;
        paidOut[in_] += value;
    }

    function announce(uint256 which, uint256 purse, uint256 value) external {
        (which, purse) = (which % BONDS, purse % PURSES);
        value = bound(value, 0, values[which][purse] * 2 + 1);
        bytes memory data =
            abi.encodeCall(bonds.announceWithdrawal, (address(tokens[which]), IBonds.Purse(purse), value));
        if (!_act(admins[which], data, value != 0)) return;
        announcements[which][purse] = Announced(value, block.timestamp + NOTICE);
    }

    function cancel(uint256 which, uint256 purse) external {
        (which, purse) = (which % BONDS, purse % PURSES);
        bytes memory data =
            abi.encodeCall(bonds.cancelWithdrawal, (address(tokens[which]), IBonds.Purse(purse)));
        bool may = announcements[which][purse].value != 0;
        if (_act(admins[which], data, may)) delete announcements[which][purse];
    }

    /// @dev Now, or a second before, at or after its time comes or goes.
    function withdraw(uint256 which, uint256 purse, uint256 when) external {
        (which, purse) = (which % BONDS, purse % PURSES);
        Announced memory announced = announcements[which][purse];
        if (when % 8 < 6 && announced.value != 0) {
            uint256 time = announced.from - 1 + when % 3 + (when % 8 < 4 ? 0 : WINDOW);
            if (time > block.timestamp) vm.warp(time);
        }
        uint256 kept = purse == uint8(HOLDERS) ? _required(which) : _allotted(which, purse);
        uint256 free = values[which][purse] > kept ? values[which][purse] - kept : 0;
        uint256 value = announced.value < free ? announced.value : free;
        bool may = value != 0 && block.timestamp >= announced.from
            && block.timestamp < announced.from + WINDOW
            && !(purse == uint8(HOLDERS) && block.timestamp < windDownEndsAt[which]);
        Currency in_ = monies[which];
        uint256 before = in_.balanceOf(guardian);
        bytes memory data =
            abi.encodeCall(bonds.withdraw, (address(tokens[which]), IBonds.Purse(purse), guardian));
        if (!_act(admins[which], data, may)) return;
        assertEq(in_.balanceOf(guardian), before + value, "BOND-1: withdrew another sum");
        values[which][purse] -= value;
        paidOut[in_] += value;
        delete announcements[which][purse];
        assertGe(bonds.purseOf(address(tokens[which]), IBonds.Purse(purse)).value, kept, "BOND-1: kept");
    }

    function flag(uint256 which) external {
        which %= BONDS;
        bool may = cureBy[which] == 0 && values[which][uint8(HOLDERS)] < _required(which);
        if (!_act(intruder, abi.encodeCall(bonds.flagShortfall, (address(tokens[which]))), may)) return;
        cureBy[which] = block.timestamp + CURE;
    }

    /// @dev As it is, or after the brand gave up what nobody has yet.
    function clear(uint256 which, bool promisesLess) external {
        which %= BONDS;
        if (promisesLess && cureBy[which] != 0) _promiseLess(which, tokens[which].quotaOf(manager));
        bool may = cureBy[which] != 0 && values[which][uint8(HOLDERS)] >= _required(which);
        bytes memory data = abi.encodeCall(bonds.clearShortfall, (address(tokens[which])));
        if (_act(intruder, data, may)) cureBy[which] = 0;
    }

    /// @dev More or less, by the brand's own quota, or issued, which promises as much as before.
    function promise_(uint256 which, uint256 how, uint256 amount) external {
        which %= BONDS;
        amount = bound(amount, 0, MOST);
        if (how % 3 == 0 && !_isLeaving(which)) {
            vm.prank(admins[which]);
            tokens[which].grantQuota(manager, uint96(amount));
            promised[which] += amount;
        } else if (how % 3 == 1) {
            uint256 left = tokens[which].quotaOf(manager);
            _promiseLess(which, amount < left ? amount : left);
        } else if (!_isLeaving(which) && tokens[which].quotaOf(manager) >= amount) {
            vm.prank(manager);
            tokens[which].mint(member, amount);
        }
        done[msg.sig] += 1;
    }

    /// @dev Higher ratios are in force at once; and the second module is listed or not.
    function raiseRatio(uint256 which, uint256 by) external {
        which %= BONDS;
        delisted = !delisted;
        _list(IBrandRegistry.List.Module, address(modules[1]), !delisted);
        by = bound(by, 0, 400);
        IObligationRegistry.Terms memory terms = _terms();
        terms.bondBps = uint16(ratios[which] + by > 10_000 ? 10_000 : ratios[which] + by);
        if (terms.bondBps == ratios[which]) return;
        vm.prank(admins[which]);
        obligations.setTerms(address(tokens[which]), terms);
        ratios[which] = terms.bondBps;
        done[msg.sig] += 1;
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 10 days));
        done[msg.sig] += 1;
    }

    /// @dev What is merely sent here is nobody's, and nobody can get at what is others'.
    function donateAndSteal(uint256 which, uint256 purse, uint256 how, uint256 value) external {
        which %= BONDS;
        value = bound(value, 1, MOST);
        monies[which].mint(address(bonds), value);
        donated[monies[which]] += value;
        (address which_, IBonds.Purse from) = (address(tokens[which]), IBonds.Purse(purse % PURSES));
        address in_ = address(monies[which]);
        how %= 6;
        bytes memory data = how == 0
            ? abi.encodeCall(bonds.draw, (which_, from, intruder, value))
            : how == 1
                ? abi.encodeCall(bonds.withdraw, (which_, from, intruder))
                : how == 2
                    ? abi.encodeCall(bonds.collectTo, (in_, intruder))
                    : how == 3
                        ? abi.encodeCall(bonds.allot, (which_, from, address(modules[0]), value, ""))
                        : how == 4
                            ? abi.encodeCall(bonds.reclaim, (which_, from, address(modules[0]), value, ""))
                            : abi.encodeCall(bonds.cancelWithdrawal, (which_, from));
        // A stranger, or another bond's brand.
        _act(how % 2 == 0 || which != 0 ? intruder : partner, data, false);
    }

    /// @dev Of one bond: announced and withdrawn; late in a run it stays announced, starts and ends.
    function windDown() external {
        address which = address(tokens[0]);
        if (windDownEndsAt[0] == 0) {
            vm.prank(admins[0]);
            obligations.announceWindDown(which);
            windDownStartsAt[0] = block.timestamp + NOTICE;
            windDownEndsAt[0] = windDownStartsAt[0] + WIND_DOWN;
        } else if (tried < 250 && block.timestamp < windDownStartsAt[0]) {
            vm.prank(admins[0]);
            obligations.withdrawWindDown(which);
            (windDownStartsAt[0], windDownEndsAt[0]) = (0, 0);
        } else if (tried > 330 && block.timestamp < windDownEndsAt[0]) {
            vm.warp(windDownEndsAt[0]);
        }
        obligations.syncMintStop(which);
        done[msg.sig] += 1;
    }

    // ---------------------------------------------------------------- checks

    function checkPromises() external view {
        uint256[BONDS] memory inCurrency;
        uint256[BONDS] memory due;
        for (uint256 i = 0; i < BONDS; ++i) {
            uint256 sum = _checkBond(i);
            // What lies in one currency, counted where that currency comes first.
            uint256 first = i == 1 ? 0 : i;
            inCurrency[first] += sum;
            due[first] += sum;
        }
        for (uint256 i = 0; i < BONDS; i += 2) {
            Currency in_ = monies[i];
            for (uint256 j = 0; j < PAYEES; ++j) {
                uint256 claim = bonds.owedTo(address(in_), payees[j]);
                assertEq(claim, owed[in_][payees[j]], "BOOK-1: owed");
                due[i] += claim;
            }
            uint256 balance = in_.balanceOf(address(bonds));
            assertGe(balance, due[i], "BOOK-1: holds less than it owes");
            assertEq(deposited[in_], due[i] + paidOut[in_], "BOOK-1: deposits != purses + owed + paid out");
            assertEq(balance, due[i] + donated[in_], "BOOK-1: unaccounted for");
        }
    }

    function _checkBond(uint256 which) private view returns (uint256 sum) {
        address which_ = address(tokens[which]);
        for (uint8 purse = 0; purse < PURSES; ++purse) {
            IBonds.PurseView memory seen = bonds.purseOf(which_, IBonds.Purse(purse));
            sum += seen.value;
            assertEq(seen.value, values[which][purse], "BOND-1: purse");
            assertLe(seen.allotted, seen.value, "BOND-1: allotted more than there is");
            uint256 allotted;
            for (uint256 i = 0; i < MODULES; ++i) {
                uint256 one = bonds.allotmentOf(which_, IBonds.Purse(purse), address(modules[i]));
                assertEq(one, allotments[which][purse][i], "BOND-1: allotment");
                allotted += one;
            }
            assertEq(seen.allotted, allotted, "BOND-1: allotted != allotments");
            Announced memory announced = announcements[which][purse];
            assertEq(seen.withdrawal, announced.value, "BOND-1: announced");
            assertEq(seen.withdrawableAt, announced.from, "BOND-1: when");
        }
        assertEq(bonds.purseOf(which_, HOLDERS).allotted, 0, "BOND-1: holders' money allotted");
        assertEq(bonds.requiredOf(which_), _required(which), "BOND-1: required");
        assertEq(bonds.cureByOf(which_), cureBy[which], "BOND-1: cure");
    }

    // --------------------------------------------------------------- helpers

    /// @dev Seldom the holders', which nothing is allotted from.
    function _pick(uint256 purse) private pure returns (uint256) {
        return purse % 8 == 0 ? uint8(HOLDERS) : uint8(purse % 2 == 0 ? SETTLEMENT : COMPENSATION);
    }

    function _depositInto(uint256 which, uint256 purse, uint256 value) private {
        bytes memory data =
            abi.encodeCall(bonds.deposit, (address(tokens[which]), IBonds.Purse(purse), value));
        if (!_act(funder, data, value != 0)) return;
        values[which][purse] += value;
        deposited[monies[which]] += value;
        if (purse == uint8(HOLDERS) && values[which][purse] >= _required(which)) cureBy[which] = 0;
    }

    /// @dev Whether issuing has ended: what is due is also done.
    function _isLeaving(uint256 which) private returns (bool) {
        obligations.syncMintStop(address(tokens[which]));
        return windDownStartsAt[which] != 0 && block.timestamp >= windDownStartsAt[which];
    }

    function _promiseLess(uint256 which, uint256 amount) private {
        vm.prank(admins[which]);
        tokens[which].revokeQuota(manager, uint96(amount));
        promised[which] -= amount;
    }

    /// @dev The least that is not below the ratio of what is promised at par.
    function _required(uint256 which) private view returns (uint256) {
        if (windDownEndsAt[which] != 0 && block.timestamp >= windDownEndsAt[which]) return 0;
        uint256 par = [uint256(PAR), 7, 3 ether][which];
        uint256 unit = 10_000 * [uint256(100), 1, 1e18][which];
        return (promised[which] * ratios[which] * par + unit - 1) / unit;
    }

    function _allotted(uint256 which, uint256 purse) private view returns (uint256 sum) {
        for (uint256 i = 0; i < MODULES; ++i) {
            sum += allotments[which][purse][i];
        }
    }

    function _act(address sender, bytes memory data, bool expected) private returns (bool) {
        vm.prank(sender);
        (bool success,) = address(bonds).call(data);
        assertEq(success, expected, expected ? "refused what must work" : "did what must not work");
        success ? done[msg.sig] += 1 : refused[msg.sig] += 1;
        tried += 1;
        return success;
    }
}
