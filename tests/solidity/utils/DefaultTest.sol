// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IDefaults } from "../../../contracts/interfaces/IDefaults.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { SwapTest } from "./SwapTest.sol";

/// @notice The pool of {SwapTest}, whose brands fail: by a shortfall that they do not make good, or by a debt that
/// they do not pay.
abstract contract DefaultTest is SwapTest {
    IBonds.Purse internal constant HOLDERS = IBonds.Purse.Holders;
    IBonds.Purse internal constant COMPENSATION = IBonds.Purse.Compensation;
    uint40 internal constant CURE = 30 days;

    // --------------------------------------------------------------- actions

    function _deposit(ILoyaltyToken token_, IBonds.Purse purse, uint256 value) internal {
        money.mint(till, value);
        vm.startPrank(till);
        money.approve(address(bonds), value);
        bonds.deposit(address(token_), purse, value);
        vm.stopPrank();
    }

    function _setRatio(ILoyaltyToken token_, uint16 bps) internal {
        IObligationRegistry.Terms memory terms = obligations.obligationOf(address(token_)).terms;
        terms.bondBps = bps;
        vm.prank(_adminOf(token_));
        obligations.setTerms(address(token_), terms);
    }

    /// @dev All must be covered from here on, and is not; a cure period goes by.
    function _neglect(ILoyaltyToken token_) internal {
        _setRatio(token_, 10_000);
        bonds.flagShortfall(address(token_));
        skip(CURE);
    }

    /// @dev In default for a shortfall, with nothing outstanding but what members have.
    function _fail(ILoyaltyToken token_) internal {
        _neglect(token_);
        _declare(token_);
        _clean(token_);
    }

    function _declare(ILoyaltyToken token_) internal {
        vm.prank(intruder);
        bonds.declareDefault(address(token_));
    }

    /// @dev What the brand may still mint and what it provided goes.
    function _clean(ILoyaltyToken token_) internal {
        obligations.revokeQuota(address(token_), _adminOf(token_));
        if (_position(token_).provided != 0) swaps.burnProvided(pool, address(token_));
    }

    function _cashOut(address holder, ILoyaltyToken token_, uint256 amount) internal {
        vm.prank(holder);
        token_.transferAndCall(address(bonds), amount, "");
    }

    // ----------------------------------------------------------------- views

    function _owed(address account) internal view returns (uint256) {
        return bonds.owedTo(address(money), account);
    }

    function _default(ILoyaltyToken token_) internal view returns (IDefaults.Default memory) {
        return bonds.defaultOf(address(token_));
    }

    function _held(ILoyaltyToken token_, IBonds.Purse purse) internal view returns (uint256) {
        return bonds.purseOf(address(token_), purse).value;
    }

    function _isReported(ILoyaltyToken token_, bytes32 debtId) internal view returns (bool) {
        return bonds.isReported(address(token_), address(settlements), debtId);
    }

    /// @dev BOND-2: what was paid and what is left are together what came in.
    function _assertPot(ILoyaltyToken token_, uint256 cameIn) internal view {
        IDefaults.Default memory now_ = _default(token_);
        assertEq(now_.pot, cameIn, "BOND-2: the pot is not what came in");
        assertEq(_held(token_, HOLDERS) + now_.paid, cameIn, "BOND-2: paid and left are not what came in");
        assertGe(money.balanceOf(address(bonds)), _held(token_, HOLDERS), "BOOK-1: money is gone");
    }
}
