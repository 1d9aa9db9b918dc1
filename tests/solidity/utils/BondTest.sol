// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../../contracts/interfaces/IObligationRegistry.sol";
import { AllotmentModule } from "./AllotmentModules.sol";
import { Currency } from "./Currencies.sol";
import { SuiteTest } from "./SuiteTest.sol";

/// @notice A brand with a bond in a currency that can be told to misbehave, and a module that draws on it.
abstract contract BondTest is SuiteTest {
    IBonds.Purse internal constant SETTLEMENT = IBonds.Purse.Settlement;
    IBonds.Purse internal constant HOLDERS = IBonds.Purse.Holders;
    IBonds.Purse internal constant COMPENSATION = IBonds.Purse.Compensation;
    uint32 internal constant WINDOW = 7 days;
    uint32 internal constant CURE = 30 days;

    Currency internal money;
    AllotmentModule internal payer;
    /// @dev Whoever pays into bonds; it has enough and allows it.
    address internal funder = makeAddr("funder");

    function setUp() public virtual override {
        super.setUp();
        payer = new AllotmentModule();
        _list(IBrandRegistry.List.Module, address(payer), true);
        money = _currency(6);
        token = _tokenIn(brand, brandId, money, DECIMALS, PAR);
    }

    function _currency(uint8 decimals) internal returns (Currency made) {
        made = new Currency(decimals);
        _list(IBrandRegistry.List.Currency, address(made), true);
        made.mint(funder, type(uint248).max);
        vm.prank(funder);
        made.approve(address(bonds), type(uint256).max);
    }

    /// @dev A fresh token of a brand that is settled in `settledIn`.
    function _tokenIn(address admin, bytes32 id, Currency settledIn, uint8 decimals, uint96 par)
        internal
        returns (ILoyaltyToken made)
    {
        vm.startPrank(admin);
        made = ILoyaltyToken(
            factory.createToken(
                id, address(obligations), address(desk), vm.toString(address(settledIn)), "TEA", decimals
            )
        );
        obligations.oblige(address(made), address(settledIn), par, type(uint96).max, _terms());
        vm.stopPrank();
    }

    // --------------------------------------------------------------- actions

    function _deposit(IBonds.Purse purse, uint256 value) internal {
        vm.prank(funder);
        bonds.deposit(address(token), purse, value);
    }

    function _allot(IBonds.Purse purse, address to, uint256 value) internal {
        vm.prank(brand);
        bonds.allot(address(token), purse, to, value, "");
    }

    /// @dev Money in a purse that the module may draw on.
    function _endow(IBonds.Purse purse, uint256 value) internal {
        _deposit(purse, value);
        _allot(purse, address(payer), value);
    }

    function _reclaim(IBonds.Purse purse, address from, uint256 value) internal {
        vm.prank(brand);
        bonds.reclaim(address(token), purse, from, value, "");
    }

    function _draw(IBonds.Purse purse, address payee, uint256 value) internal {
        payer.draw(bonds, address(token), purse, payee, value);
    }

    function _announce(IBonds.Purse purse, uint256 value) internal {
        vm.prank(brand);
        bonds.announceWithdrawal(address(token), purse, value);
    }

    function _withdraw(IBonds.Purse purse) internal returns (uint256) {
        vm.prank(brand);
        return bonds.withdraw(address(token), purse, till);
    }

    function _setRatio(uint16 bondBps) internal {
        IObligationRegistry.Terms memory terms = obligations.obligationOf(address(token)).terms;
        terms.bondBps = bondBps;
        vm.prank(brand);
        obligations.setTerms(address(token), terms);
    }

    // ----------------------------------------------------------------- views

    function _value(IBonds.Purse purse) internal view returns (uint256) {
        return bonds.purseOf(address(token), purse).value;
    }

    function _held() internal view returns (uint256) {
        return money.balanceOf(address(bonds));
    }

    // -------------------------------------------------------- revert reasons

    function _expectNotEnoughFree(IBonds.Purse purse, uint256 value, uint256 free) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IBonds.Bonds_NotEnoughFree.selector, address(token), purse, value, free)
        );
    }

    function _expectExceeded(IBonds.Purse purse, address from, uint256 value, uint256 allotted) internal {
        vm.expectRevert(_exceeded(purse, from, value, allotted));
    }

    function _exceeded(IBonds.Purse purse, address from, uint256 value, uint256 allotted)
        internal
        view
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IBonds.Bonds_AllotmentExceeded.selector, address(token), purse, from, value, allotted
        );
    }
}
