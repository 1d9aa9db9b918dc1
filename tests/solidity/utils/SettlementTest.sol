// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { ISettlements } from "../../../contracts/interfaces/ISettlements.sol";
import { Source } from "./Sources.sol";
import { SwapTest } from "./SwapTest.sol";

/// @notice Beside the pool of {SwapTest}, a source that opens whatever settlement it is told to. The usual one:
/// A and B owe; C, D, which is of C's brand, and a treasury claim. No number divides another.
abstract contract SettlementTest is SwapTest {
    IBonds.Purse internal constant HOLDERS = IBonds.Purse.Holders;
    bytes32 internal constant CLUB = "club";
    uint128 internal constant OWED_A = 1000;
    uint128 internal constant OWED_B = 501;
    uint96 internal constant LIEN_A = 777;
    uint96 internal constant LIEN_B = 3e18 + 1;
    uint128 internal constant CLAIM_C = 997;
    uint128 internal constant CLAIM_D = 401;
    uint128 internal constant CLAIM_TREASURY = 103;
    uint128 internal constant TOTAL = 1501;

    Source internal source;
    ILoyaltyToken internal d;
    uint40 internal dueAt;
    bytes32 internal id;

    function setUp() public virtual override {
        super.setUp();
        source = new Source();
        _list(IBrandRegistry.List.Module, address(source), true);
        d = _tokenOf(third, thirdId, "DDD", 6, 123);
        dueAt = uint40(block.timestamp) + PAYMENT;
        id = settlements.settlementIdOf(address(source), CLUB, 0);
        money.mint(till, 1e30);
        vm.prank(till);
        money.approve(address(settlements), type(uint256).max);
    }

    // --------------------------------------------------------------- actions

    function _line(ILoyaltyToken token_, uint128 owed, uint96 lien, uint128 claim)
        internal
        pure
        returns (ISettlements.Line memory)
    {
        return ISettlements.Line({ token: address(token_), owed: owed, lien: lien, claim: claim });
    }

    function _usual() internal view returns (ISettlements.Line[] memory lines) {
        lines = new ISettlements.Line[](4);
        lines[0] = _line(a, OWED_A, LIEN_A, 0);
        lines[1] = _line(b, OWED_B, LIEN_B, 0);
        lines[2] = _line(c, 0, 0, CLAIM_C);
        lines[3] = _line(d, 0, 0, CLAIM_D);
    }

    function _one(ISettlements.Line memory line) internal pure returns (ISettlements.Line[] memory lines) {
        lines = new ISettlements.Line[](1);
        lines[0] = line;
    }

    function _sendLiens() internal {
        _give(address(settlements), a, LIEN_A);
        _give(address(settlements), b, LIEN_B);
    }

    function _openUsual() internal {
        _openUsual(0);
    }

    function _openUsual(uint32 period) internal {
        _sendLiens();
        _openBy(source, period, address(money), _usual(), treasury, CLAIM_TREASURY);
    }

    function _openBy(
        Source by,
        uint32 period,
        address currency_,
        ISettlements.Line[] memory lines,
        address treasury_,
        uint128 treasuryClaim
    ) internal {
        by.open(settlements, CLUB, period, currency_, dueAt, lines, treasury_, treasuryClaim);
    }

    /// @dev Money laid down for the source's pool.
    function _secure(ILoyaltyToken token_, uint256 value) internal {
        address admin = _brandOf(token_);
        money.mint(admin, value);
        vm.startPrank(admin);
        money.approve(address(bonds), value);
        bonds.deposit(address(token_), PURSE, value);
        bonds.allot(address(token_), PURSE, address(settlements), value, abi.encode(source, CLUB));
        vm.stopPrank();
    }

    function _reclaim(ILoyaltyToken token_, address source_, bytes32 pool_, uint256 value) internal {
        vm.prank(_brandOf(token_));
        bonds.reclaim(address(token_), PURSE, address(settlements), value, abi.encode(source_, pool_));
    }

    function _payUp(ILoyaltyToken token_, uint256 most) internal returns (uint256) {
        vm.prank(till);
        return settlements.pay(address(source), CLUB, 0, address(token_), most);
    }

    function _enforce(ILoyaltyToken token_) internal returns (uint256) {
        vm.prank(intruder);
        return settlements.enforce(address(source), CLUB, 0, address(token_));
    }

    function _withdraw(ILoyaltyToken token_, address to) internal returns (uint256) {
        vm.prank(_brandOf(token_));
        return settlements.withdraw(address(source), CLUB, 0, address(token_), to);
    }

    function _fill(ILoyaltyToken token_) internal returns (uint256) {
        vm.prank(intruder);
        return settlements.fillHolders(address(source), CLUB, 0, address(token_));
    }

    function _withdrawTreasury(address to) internal returns (uint256) {
        vm.prank(treasury);
        return settlements.withdrawTreasury(address(source), CLUB, 0, to);
    }

    /// @dev So much of the token's holders' purse is missing from here on.
    function _leaveShort(ILoyaltyToken token_, uint256 missing) internal {
        address admin = _brandOf(token_);
        vm.startPrank(admin);
        token_.returnQuota(uint96(token_.quotaOf(admin)));
        IObligationRegistry.Terms memory terms = obligations.obligationOf(address(token_)).terms;
        terms.bondBps = 1000;
        obligations.setTerms(address(token_), terms);
        uint256 held = bonds.purseOf(address(token_), HOLDERS).required - missing;
        money.mint(admin, held);
        money.approve(address(bonds), held);
        bonds.deposit(address(token_), HOLDERS, held);
        vm.stopPrank();
    }

    function _announceWindDown(ILoyaltyToken token_) internal {
        vm.prank(_brandOf(token_));
        obligations.announceWindDown(address(token_));
    }

    // ----------------------------------------------------------------- views

    /// @dev Without a call, which an expected revert would be looked for in.
    function _brandOf(ILoyaltyToken token_) internal view returns (address) {
        if (token_ == a) return brand;
        return token_ == b ? partner : third;
    }

    function _debt(ILoyaltyToken token_) internal view returns (ISettlements.Debt memory) {
        return settlements.debtOf(id, address(token_));
    }

    function _taken(address claimant) internal view returns (uint256) {
        return settlements.claimOf(id, claimant).taken;
    }

    function _payable(ILoyaltyToken token_) internal view returns (uint256) {
        return settlements.payableOf(id, address(token_));
    }

    function _received() internal view returns (uint256) {
        return settlements.settlementOf(id).received;
    }

    function _account(ILoyaltyToken token_) internal view returns (ISettlements.Account memory) {
        return settlements.accountOf(address(source), CLUB, address(token_));
    }

    function _held() internal view returns (uint256) {
        return money.balanceOf(address(settlements));
    }

    function _allotted(ILoyaltyToken token_) internal view returns (uint256) {
        return bonds.allotmentOf(address(token_), PURSE, address(settlements));
    }

    function _inHolders(ILoyaltyToken token_) internal view returns (uint256) {
        return bonds.purseOf(address(token_), HOLDERS).value;
    }

    /// @dev BOOK-1, with nothing but the usual settlement: money received and not taken, and liens.
    function _assertBooks() internal view {
        uint256 taken = _taken(address(c)) + _taken(address(d)) + _taken(treasury);
        assertLe(taken, _received(), "SETTLE-1: more taken than received");
        assertEq(_held(), _received() - taken, "BOOK-1: money");
        assertEq(a.balanceOf(address(settlements)), _debt(a).lien, "BOOK-1: liens of A");
        assertEq(b.balanceOf(address(settlements)), _debt(b).lien, "BOOK-1: liens of B");
        assertEq(_received() + _debt(a).unpaid + _debt(b).unpaid, TOTAL, "SETTLE-1: debts and cash");
    }
}
