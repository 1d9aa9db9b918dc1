// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IReceipts } from "../../contracts/interfaces/IReceipts.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Currency } from "./utils/Currencies.sol";
import { DeskTest } from "./utils/DeskTest.sol";

/// @notice Discharge at par in the settlement currency (RED-3): the member has the full value, or nothing has
/// happened.
contract RedeemInCurrencyTest is DeskTest {
    Currency private _money;

    function setUp() public override {
        super.setUp();
        _money = new Currency(6);
        _list(IBrandRegistry.List.Currency, address(_money), true);
        _useTokenIn(_money, DECIMALS, PAR);
        _fund(till, 1_000_000e6);
    }

    /// @dev From here on `token` is one that is settled in `money`, and the member has some of it.
    function _useTokenIn(Currency money, uint8 decimals, uint96 par) private {
        vm.startPrank(brand);
        token = ILoyaltyToken(
            factory.createToken(
                brandId, address(obligations), address(desk), vm.toString(address(money)), "TEA", decimals
            )
        );
        obligations.oblige(address(token), address(money), par, type(uint96).max, _terms());
        vm.stopPrank();
        _setTill(till, true);
        _mint(member, BALANCE);
    }

    function _fund(address payer, uint256 amount) private {
        _money.mint(payer, amount);
        vm.prank(payer);
        _money.approve(address(desk), type(uint256).max);
    }

    // --------------------------------------------------------------- in full

    function test_redeemInCurrency__pays_par_burns_and_leaves_a_receipt() public {
        uint256 value = 1234 * uint256(PAR) / 100;
        uint256 purse = _money.balanceOf(till);
        IRedemptions.ParRedemption memory wish = _signed(_parWish(1234));
        vm.expectEmit(address(desk));
        emit IRedemptions.ParRedeemed(address(token), ORDER, member, wish.nonce, 1234, value, till);
        _redeemInCurrency(wish);
        assertEq(_money.balanceOf(member), value);
        assertEq(_money.balanceOf(till), purse - value);
        assertEq(_money.balanceOf(address(desk)), 0);
        assertEq(token.balanceOf(member), BALANCE - 1234);
        assertEq(token.totalSupply(), BALANCE - 1234);
        IReceipts.Receipt memory receipt = _receipt(wish.nonce);
        assertEq(uint8(receipt.kind), uint8(IReceipts.Kind.Currency));
        assertEq(receipt.tag, bytes10(ORDER));
        assertEq(receipt.amount, 1234);
    }

    /// @dev Rounded up, exactly, whatever the decimals: value * 10^d is the first multiple not below
    /// amount * par.
    function testFuzz_redeemInCurrency__any_decimals__value_rounded_up_exactly(
        uint8 decimals,
        bool wide,
        uint96 par,
        uint96 amount
    ) public {
        decimals = uint8(bound(decimals, 0, 18));
        par = uint96(bound(par, 1, type(uint96).max));
        amount = uint96(bound(amount, 1, type(uint96).max - BALANCE));
        _money = new Currency(wide ? 18 : 6);
        _list(IBrandRegistry.List.Currency, address(_money), true);
        _useTokenIn(_money, decimals, par);
        _mint(member, amount);
        _fund(till, type(uint256).max);

        _redeemInCurrency(_signed(_parWish(amount)));
        uint256 value = _money.balanceOf(member);
        uint256 unit = 10 ** uint256(decimals);
        uint256 exact = uint256(amount) * par;
        assertGe(value * unit, exact, "the member is never short");
        assertLt((value - 1) * unit, exact, "nor is the brand by a whole unit");
        assertEq(_money.balanceOf(till), type(uint256).max - value);
        assertEq(token.balanceOf(member), BALANCE);
    }

    function test_redeemInCurrency__least_amount__is_worth_a_base_unit() public {
        _useTokenIn(_money, 18, 1);
        _redeemInCurrency(_signed(_parWish(1)));
        assertEq(_money.balanceOf(member), 1);
    }

    function test_redeemInCurrency__currency_off_the_list__still_pays() public {
        _list(IBrandRegistry.List.Currency, address(_money), false);
        _redeemInCurrency(_signed(_parWish(100)));
        assertEq(_money.balanceOf(member), PAR);
    }

    function test_redeemInCurrency__till_without_the_means__reverts() public {
        _setTill(intruder, true);
        IRedemptions.ParRedemption memory wish = _parWish(100);
        wish.signature = _sign(memberKey, _parDigest(token, block.chainid, address(desk), intruder, wish));
        vm.expectRevert();
        vm.prank(intruder);
        desk.redeemInCurrency(address(token), wish);
        _money.mint(intruder, PAR);
        vm.startPrank(intruder);
        vm.expectRevert();
        desk.redeemInCurrency(address(token), wish);
        _money.approve(address(desk), PAR - 1);
        vm.expectRevert();
        desk.redeemInCurrency(address(token), wish);
        _money.approve(address(desk), PAR);
        desk.redeemInCurrency(address(token), wish);
        vm.stopPrank();
        assertEq(_money.balanceOf(member), PAR);
        assertEq(_money.balanceOf(intruder), 0);
    }

    /// @dev Who pays itself has paid nobody.
    function test_redeemInCurrency__till_is_the_member__reverts() public {
        _setTill(member, true);
        _fund(member, PAR);
        IRedemptions.ParRedemption memory wish = _parWish(100);
        wish.signature = _sign(memberKey, _parDigest(token, block.chainid, address(desk), member, wish));
        _expectShort(0, PAR);
        vm.prank(member);
        desk.redeemInCurrency(address(token), wish);
    }

    /// @dev Only the till that calls pays, though others have allowed the desk to take from them.
    function test_redeemInCurrency__others_allowances__are_not_touched() public {
        _fund(partner, 5e6);
        _fund(member, 5e6);
        _redeemInCurrency(_signed(_parWish(100)));
        assertEq(_money.balanceOf(partner), 5e6);
        assertEq(_money.balanceOf(member), 5e6 + PAR);
    }

    // ------------------------------------------------------ hostile currency

    function test_redeemInCurrency__silent_or_generous_currency__works() public {
        Currency.Behaviour[2] memory fine = [Currency.Behaviour.Silent, Currency.Behaviour.MovesMore];
        for (uint256 i = 0; i < fine.length; ++i) {
            uint256 before = _money.balanceOf(member);
            _money.behave(fine[i]);
            _redeemInCurrency(_signed(_parWish(100)));
            assertEq(_money.balanceOf(member), before + PAR + i);
        }
    }

    function test_redeemInCurrency__hostile_currency__nothing_has_happened() public {
        _money.mint(member, 10);
        Currency.Behaviour[8] memory hostile = [
            Currency.Behaviour.TakesFee,
            Currency.Behaviour.MovesNothing,
            Currency.Behaviour.SaysFalse,
            Currency.Behaviour.MovesAndSaysFalse,
            Currency.Behaviour.SaysOther,
            Currency.Behaviour.Reverts,
            Currency.Behaviour.ReturnBomb,
            Currency.Behaviour.TakesFromPayee
        ];
        bytes memory failed =
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(_money));
        bytes[8] memory reasons = [
            _short(PAR - 1, PAR),
            _short(0, PAR),
            failed,
            failed,
            failed,
            abi.encodeWithSignature("Error(string)", "not today"),
            bytes(""),
            bytes("")
        ];
        IRedemptions.ParRedemption memory wish = _signed(_parWish(100));
        for (uint256 i = 0; i < hostile.length; ++i) {
            _money.behave(hostile[i]);
            vm.prank(till);
            (bool success, bytes memory reason) =
                address(desk).call(abi.encodeCall(desk.redeemInCurrency, (address(token), wish)));
            assertFalse(success, vm.toString(i));
            if (reasons[i].length != 0) assertEq(reason, reasons[i]);
            assertEq(token.balanceOf(member), BALANCE);
            assertEq(token.receiptOf(member, wish.nonce), 0);
            assertFalse(token.authorizationState(member, wish.nonce));
            assertEq(_money.balanceOf(member), 10);
            assertEq(_money.balanceOf(till), 1_000_000e6);
        }
        // The way out does not need the currency: the same signature is good for shop credit.
        _redeem(wish);
        assertEq(token.balanceOf(member), BALANCE - 100);
    }

    // ----------------------------------------------------------- re-entrance

    /// @dev From within the payment, a till that is a party to it tries the desk: the same wish again, the
    /// same at par, and what other members signed for it.
    function test_redeemInCurrency__reentered__each_is_burned_once_and_paid_in_full() public {
        _setTill(address(_money), true);
        _fundSelf();
        IRedemptions.ParRedemption memory wish = _signed(_parWish(100));
        IRedemptions.ParRedemption memory inner = _parWish(200);
        inner.signature =
            _sign(memberKey, _parDigest(token, block.chainid, address(desk), address(_money), inner));
        _money.script(address(desk), abi.encodeCall(desk.redeemAtPar, (address(token), wish)));
        _money.script(address(desk), abi.encodeCall(desk.redeemInCurrency, (address(token), wish)));
        _money.script(address(desk), abi.encodeCall(desk.setTill, (address(token), intruder, true)));
        _money.script(address(desk), abi.encodeCall(desk.redeemAtPar, (address(token), inner)));
        _money.behave(Currency.Behaviour.Reenters);
        _redeemInCurrency(wish);

        assertFalse(_money.outcomes(0));
        assertEq(
            _money.reasons(0),
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_AuthorizationUsed.selector, member, wish.nonce)
        );
        assertFalse(_money.outcomes(1));
        assertFalse(_money.outcomes(2));
        assertTrue(_money.outcomes(3), "what needs no payment harms nobody");
        assertEq(token.balanceOf(member), BALANCE - 300);
        assertEq(_receipt(wish.nonce).amount, 100);
        assertEq(_receipt(inner.nonce).amount, 200);
        assertEq(_money.balanceOf(member), PAR);
    }

    /// @dev One payment must not settle two debts: what arrives within the call, for another redemption of
    /// the same member, does not count for this one.
    function test_redeemInCurrency__reentered_to_pay_once_for_two__nothing_has_happened() public {
        _setTill(address(_money), true);
        _fundSelf();
        IRedemptions.ParRedemption memory wish = _signed(_parWish(100));
        IRedemptions.ParRedemption memory inner = _parWish(100);
        inner.signature =
            _sign(memberKey, _parDigest(token, block.chainid, address(desk), address(_money), inner));
        _money.script(address(desk), abi.encodeCall(desk.redeemInCurrency, (address(token), inner)));
        _money.behave(Currency.Behaviour.ReentersThenKeeps);
        _expectShort(0, PAR);
        _redeemInCurrency(wish);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(_money.balanceOf(member), 0);
    }

    /// @dev The currency can pay from its own purse, so that it can be a till.
    function _fundSelf() private {
        _fund(address(_money), 1_000_000e6);
    }

    // --------------------------------------------------------------- helpers

    function _short(uint256 received, uint256 value) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRedemptions.Redemptions_ShortPaid.selector, received, value);
    }

    function _expectShort(uint256 received, uint256 value) private {
        _expect(_short(received, value));
    }
}
