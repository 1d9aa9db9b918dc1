// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { IReceipts } from "../../contracts/interfaces/IReceipts.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { Cooling, DeskTest } from "./utils/DeskTest.sol";
import { Impostor } from "./utils/Impostor.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice Who may take redemptions.
contract TillsTest is DeskTest {
    function test_setTill__lets_and_lets_no_longer() public {
        address second = makeAddr("second till");
        assertFalse(desk.isTill(address(token), second));
        vm.expectEmit(address(desk));
        emit IRedemptions.TillSet(address(token), second, true);
        _setTill(second, true);
        assertTrue(desk.isTill(address(token), second));
        assertFalse(desk.isTill(address(partnerToken), second));
        vm.expectEmit(address(desk));
        emit IRedemptions.TillSet(address(token), second, false);
        _setTill(second, false);
        assertFalse(desk.isTill(address(token), second));
        assertTrue(desk.isTill(address(token), till));
    }

    function test_setTill__by_who_fulfils__in_any_status() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.FULFIL);
        _suspendAndStop();
        vm.prank(manager);
        desk.setTill(address(token), manager, true);
        assertTrue(desk.isTill(address(token), manager));
    }

    function test_setTill__by_others__reverts() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.CAMPAIGN | Roles.SETTLE);
        vm.prank(partner);
        brands.setManager(partnerId, intruder, Roles.MANAGER);
        address[7] memory others = [manager, partner, till, member, guardian, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAllowed(brandId, others[i], Roles.FULFIL);
            vm.prank(others[i]);
            desk.setTill(address(token), others[i], true);
        }
    }

    function test_setTill__not_obliged__reverts() public {
        ILoyaltyToken fresh = _createToken(brand, brandId, "Fresh", "FRESH");
        address[3] memory none = [address(fresh), currency, intruder];
        for (uint256 i = 0; i < none.length; ++i) {
            _expect(
                abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, none[i])
            );
            vm.prank(brand);
            desk.setTill(none[i], till, true);
        }
    }

    function test_redeem__not_a_till__reverts_in_every_way() public {
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        IRedemptions.ParRedemption memory par = _signed(_parWish(1));
        _setTill(till, false);
        _assertNoTill(till, wish, par);
        _setTill(till, true);
        // Nor the member itself, the brand, or a till of another brand.
        vm.prank(partner);
        desk.setTill(address(partnerToken), manager, true);
        address[4] memory others = [member, brand, manager, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _assertNoTill(others[i], wish, par);
        }
        _redeem(wish);
        _redeem(par);
    }

    function _assertNoTill(
        address caller,
        IRedemptions.OfferRedemption memory wish,
        IRedemptions.ParRedemption memory par
    ) private {
        bytes[5] memory calls = [
            abi.encodeCall(desk.redeemOffer, (address(token), wish)),
            abi.encodeCall(desk.redeemOffers, (address(token), new IRedemptions.OfferRedemption[](0))),
            abi.encodeCall(desk.redeemAtPar, (address(token), par)),
            abi.encodeCall(desk.redeemManyAtPar, (address(token), new IRedemptions.ParRedemption[](0))),
            abi.encodeCall(desk.redeemInCurrency, (address(token), par))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(caller);
            (bool success, bytes memory reason) = address(desk).call(calls[i]);
            assertFalse(success, "no till");
            assertEq(
                reason,
                abi.encodeWithSelector(IRedemptions.Redemptions_NotTill.selector, address(token), caller)
            );
        }
    }
}

/// @notice Redeeming at the counter.
contract RedeemTest is DeskTest {
    // ---------------------------------------------------------------- offers

    function test_redeemOffer__burns_counts_and_leaves_a_receipt() public {
        vm.warp(START + 12_345);
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 3));
        uint256 supply = token.totalSupply();
        uint256 promised = token.totalQuota();
        vm.expectEmit(address(desk));
        emit IRedemptions.OfferRedeemed(address(token), OFFER, member, wish.nonce, 3, 3 * PRICE, till);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, address(0), 3 * PRICE);
        _redeem(wish);

        assertEq(token.balanceOf(member), BALANCE - 3 * PRICE);
        assertEq(token.totalSupply(), supply - 3 * PRICE);
        assertEq(token.totalQuota(), promised);
        assertEq(_offer().sold, 3);
        assertEq(desk.redeemedBy(address(token), OFFER, member), 3);
        assertEq(_offer().version, 1);
        IReceipts.Receipt memory receipt = _receipt(wish.nonce);
        assertEq(uint8(receipt.kind), uint8(IReceipts.Kind.Offer));
        assertEq(receipt.tag, bytes10(OFFER));
        assertEq(receipt.quantity, 3);
        assertEq(receipt.redeemedAt, START + 12_345);
        assertEq(receipt.amount, 3 * PRICE);
        assertTrue(token.authorizationState(member, wish.nonce));
    }

    function test_redeemOffer__window__half_open_to_the_second() public {
        IOffers.Conditions memory conditions = _conditions();
        (conditions.opensAt, conditions.closesAt) = (START + 10 days, START + 20 days);
        _create("brunch", conditions);
        uint40[6] memory times = [
            START + 10 days - 1,
            START + 10 days,
            START + 10 days + 1,
            START + 20 days - 1,
            START + 20 days,
            START + 20 days + 1
        ];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            IRedemptions.OfferRedemption memory wish = _signed(_wish("brunch", 1));
            if (times[i] < conditions.opensAt || times[i] >= conditions.closesAt) {
                _expect(
                    abi.encodeWithSelector(
                        IOffers.Offers_OutsideWindow.selector, conditions.opensAt, conditions.closesAt
                    )
                );
            }
            _redeem(wish);
        }
        assertEq(desk.offerOf(address(token), "brunch").sold, 3);
    }

    function test_redeemOffer__window_of_a_due_change__is_the_one_that_counts() public {
        IOffers.Conditions memory worse = _conditions();
        worse.closesAt = START + NOTICE + 10;
        _change(OFFER, worse);
        vm.warp(START + NOTICE + 9);
        _buy(OFFER, 1);
        vm.warp(START + NOTICE + 10);
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        _expect(abi.encodeWithSelector(IOffers.Offers_OutsideWindow.selector, START, START + NOTICE + 10));
        _redeem(wish);
    }

    function test_redeemOffer__deadline_and_freshness__to_the_second() public {
        // Signed for as long as can be, tried at its deadline.
        for (uint40 ahead = FRESH - 1; ahead <= FRESH + 1; ++ahead) {
            IRedemptions.OfferRedemption memory wish = _wish(OFFER, 1);
            wish.deadline = START + ahead;
            wish = _signed(wish);
            if (ahead > FRESH) _expectNotFresh(wish.deadline);
            uint256 snapshot = vm.snapshotState();
            _redeem(wish);
            vm.revertToState(snapshot);
            for (uint256 time = wish.deadline - 1; time <= wish.deadline + 1; ++time) {
                vm.warp(time);
                if (time > wish.deadline) _expectExpired(wish.deadline);
                _redeem(wish);
                vm.revertToState(snapshot);
            }
        }
    }

    function test_redeemAtPar__deadline_and_freshness__to_the_second() public {
        for (uint40 ahead = FRESH - 1; ahead <= FRESH + 1; ++ahead) {
            IRedemptions.ParRedemption memory wish = _parWish(10);
            wish.deadline = START + ahead;
            wish = _signed(wish);
            if (ahead > FRESH) _expectNotFresh(wish.deadline);
            uint256 snapshot = vm.snapshotState();
            _redeem(wish);
            vm.revertToState(snapshot);
            for (uint256 time = wish.deadline - 1; time <= wish.deadline + 1; ++time) {
                vm.warp(time);
                if (time > wish.deadline) _expectExpired(wish.deadline);
                _redeem(wish);
                vm.revertToState(snapshot);
            }
        }
        assertEq(desk.FRESHNESS(), FRESH);
    }

    function test_redeemOffer__unknown__reverts() public {
        IRedemptions.OfferRedemption memory wish = _signed(_wish("no such offer", 1));
        _expect(
            abi.encodeWithSelector(IOffers.Offers_NotFound.selector, address(token), bytes32("no such offer"))
        );
        _redeem(wish);
    }

    function test_redeemOffer__nothing_of_it__reverts() public {
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 0));
        _expect(IOffers.Offers_ZeroQuantity.selector);
        _redeem(wish);
    }

    function test_redeemOffer__stock__to_the_last_unit() public {
        IOffers.Conditions memory conditions = _conditions();
        (conditions.stock, conditions.memberLimit) = (5, 100);
        _create("brunch", conditions);
        _buy("brunch", 2);
        for (uint32 quantity = 4; quantity >= 2; --quantity) {
            IRedemptions.OfferRedemption memory wish = _signed(_wish("brunch", quantity));
            if (quantity > 3) {
                _expect(abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, quantity, 3));
            } else if (quantity < 3) {
                _expect(abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, quantity, 0));
            }
            _redeem(wish);
        }
        assertEq(desk.offerOf(address(token), "brunch").sold, 5);
    }

    function test_redeemOffer__members_limit__to_the_last_unit_and_each_its_own() public {
        _buy(OFFER, 1);
        for (uint32 quantity = 4; quantity >= 2; --quantity) {
            IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, quantity));
            if (quantity > 3) {
                _expect(abi.encodeWithSelector(IOffers.Offers_MemberLimitReached.selector, quantity, 3));
            } else if (quantity < 3) {
                _expect(abi.encodeWithSelector(IOffers.Offers_MemberLimitReached.selector, quantity, 0));
            }
            _redeem(wish);
        }
        (address second, uint256 key) = makeAddrAndKey("second member");
        _mint(second, PRICE);
        IRedemptions.OfferRedemption memory other = _wish(OFFER, 1);
        other.member = second;
        _redeem(_signedBy(key, other));
        assertEq(_offer().sold, LIMIT + 1);
        assertEq(desk.redeemedBy(address(token), OFFER, second), 1);
    }

    /// @dev The largest limit is none: members are not counted, the stock is.
    function test_redeemOffer__no_limit__counts_stock_alone() public {
        IOffers.Conditions memory conditions = _conditions();
        conditions.memberLimit = type(uint32).max;
        _create("brunch", conditions);
        _buy("brunch", 4);
        _buy("brunch", 5);
        assertEq(desk.offerOf(address(token), "brunch").sold, 9);
        assertEq(desk.redeemedBy(address(token), "brunch", member), 0);
        IRedemptions.OfferRedemption memory wish = _signed(_wish("brunch", 2));
        _expect(abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, 2, 1));
        _redeem(wish);
        // A limit set later counts from when it takes effect, and one below none is a limit.
        (conditions.stock, conditions.memberLimit) = (100, type(uint32).max - 1);
        _change("brunch", conditions);
        vm.warp(START + NOTICE - 1);
        _buy("brunch", 1);
        assertEq(desk.redeemedBy(address(token), "brunch", member), 0);
        vm.warp(START + NOTICE);
        _buy("brunch", 2);
        assertEq(desk.redeemedBy(address(token), "brunch", member), 2);
        assertEq(desk.offerOf(address(token), "brunch").sold, 12);
    }

    function test_redeemOffer__balance__to_the_last_unit() public {
        vm.prank(member);
        token.transfer(intruder, BALANCE - PRICE + 1);
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        _expectPoor(PRICE - 1, PRICE);
        _redeem(wish);
        vm.prank(intruder);
        token.transfer(member, 1);
        _redeem(wish);
        assertEq(token.balanceOf(member), 0);
    }

    function test_redeemOffer__largest_numbers__are_exact() public {
        IOffers.Conditions memory conditions =
            _handedOver(type(uint96).max, type(uint32).max, type(uint32).max, 0, type(uint40).max);
        _create("everything", conditions);
        // What it costs does not fit what can be signed: it must not wrap round.
        IRedemptions.OfferRedemption memory wish = _wish("everything", type(uint32).max);
        wish.maxAmount = type(uint96).max;
        wish = _signed(wish);
        _expect(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_MoreThanSigned.selector,
                uint256(type(uint96).max) * type(uint32).max,
                type(uint96).max
            )
        );
        _redeem(wish);
        conditions.price = 1;
        _change("everything", conditions);
        vm.prank(address(obligations));
        token.setCapacity(type(uint96).max);
        _mint(member, type(uint32).max);
        _buy("everything", type(uint32).max);
        assertEq(desk.offerOf(address(token), "everything").sold, type(uint32).max);
        assertEq(token.balanceOf(member), BALANCE);
        wish = _signed(_wish("everything", 1));
        _expect(abi.encodeWithSelector(IOffers.Offers_OutOfStock.selector, 1, 0));
        _redeem(wish);
    }

    // ---------------------------------------------------------------- at par

    function test_redeemAtPar__burns_and_leaves_a_receipt() public {
        vm.warp(START + 54_321);
        IRedemptions.ParRedemption memory wish = _signed(_parWish(777));
        vm.expectEmit(address(desk));
        emit IRedemptions.ParRedeemed(address(token), ORDER, member, wish.nonce, 777, 0, till);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, address(0), 777);
        _redeem(wish);
        assertEq(token.balanceOf(member), BALANCE - 777);
        assertEq(token.totalSupply(), BALANCE - 777);
        IReceipts.Receipt memory receipt = _receipt(wish.nonce);
        assertEq(uint8(receipt.kind), uint8(IReceipts.Kind.Par));
        assertEq(receipt.tag, bytes10(ORDER));
        assertEq(receipt.quantity, 0);
        assertEq(receipt.redeemedAt, START + 54_321);
        assertEq(receipt.amount, 777);
        assertEq(_offer().sold, 0);
    }

    function test_redeemAtPar__nothing__reverts() public {
        IRedemptions.ParRedemption memory wish = _signed(_parWish(0));
        _expect(IRedemptions.Redemptions_ZeroAmount.selector);
        _redeem(wish);
        _expect(IRedemptions.Redemptions_ZeroAmount.selector);
        _redeemInCurrency(wish);
    }

    function test_redeemAtPar__more_than_held__reverts() public {
        IRedemptions.ParRedemption memory wish = _signed(_parWish(BALANCE + 1));
        _expectPoor(BALANCE, BALANCE + 1);
        _redeem(wish);
        _redeem(_signed(_parWish(BALANCE)));
        assertEq(token.totalSupply(), 0);
    }

    // --------------------------------------------------------------- batches

    function test_redeemOffers__in_order__each_with_its_receipt() public {
        _create("cake", _conditions());
        IRedemptions.OfferRedemption[] memory wishes = new IRedemptions.OfferRedemption[](3);
        wishes[0] = _signed(_wish(OFFER, 1));
        wishes[1] = _signed(_wish("cake", 2));
        wishes[2] = _signed(_wish(OFFER, 3));
        for (uint256 i = 0; i < wishes.length; ++i) {
            vm.expectEmit(address(desk));
            emit IRedemptions.OfferRedeemed(
                address(token),
                wishes[i].offerId,
                member,
                wishes[i].nonce,
                wishes[i].quantity,
                uint256(wishes[i].quantity) * PRICE,
                till
            );
        }
        vm.prank(till);
        desk.redeemOffers(address(token), wishes);
        assertEq(_offer().sold, 4);
        assertEq(desk.offerOf(address(token), "cake").sold, 2);
        assertEq(token.balanceOf(member), BALANCE - 6 * PRICE);
        for (uint256 i = 0; i < wishes.length; ++i) {
            assertEq(_receipt(wishes[i].nonce).quantity, wishes[i].quantity);
        }
    }

    function test_redeemOffers__one_fails__all_do() public {
        IRedemptions.OfferRedemption[] memory wishes = new IRedemptions.OfferRedemption[](3);
        wishes[0] = _signed(_wish(OFFER, 1));
        wishes[1] = _signed(_wish(OFFER, 3));
        wishes[2] = _signed(_wish(OFFER, 1));
        _expect(abi.encodeWithSelector(IOffers.Offers_MemberLimitReached.selector, 1, 0));
        vm.prank(till);
        desk.redeemOffers(address(token), wishes);
        assertEq(_offer().sold, 0);
        assertEq(token.balanceOf(member), BALANCE);
    }

    function test_redeemOffers__the_same_twice__reverts() public {
        IRedemptions.OfferRedemption[] memory wishes = new IRedemptions.OfferRedemption[](2);
        wishes[0] = wishes[1] = _signed(_wish(OFFER, 1));
        _expectUsed(member, wishes[0].nonce);
        vm.prank(till);
        desk.redeemOffers(address(token), wishes);
    }

    function test_redeemManyAtPar__in_order_or_none() public {
        IRedemptions.ParRedemption[] memory wishes = new IRedemptions.ParRedemption[](3);
        wishes[0] = _signed(_parWish(5));
        wishes[1] = _signed(_parWish(BALANCE - 5));
        wishes[2] = wishes[0];
        _expectUsed(member, wishes[0].nonce);
        vm.prank(till);
        desk.redeemManyAtPar(address(token), wishes);
        wishes[2] = _signed(_parWish(1));
        _expectPoor(0, 1);
        vm.prank(till);
        desk.redeemManyAtPar(address(token), wishes);

        wishes[1] = _signed(_parWish(BALANCE - 6));
        for (uint256 i = 0; i < wishes.length; ++i) {
            vm.expectEmit(address(desk));
            emit IRedemptions.ParRedeemed(
                address(token), ORDER, member, wishes[i].nonce, wishes[i].amount, 0, till
            );
        }
        vm.prank(till);
        desk.redeemManyAtPar(address(token), wishes);
        assertEq(token.totalSupply(), 0);
        for (uint256 i = 0; i < wishes.length; ++i) {
            assertEq(_receipt(wishes[i].nonce).amount, wishes[i].amount);
        }
    }

    function test_redeemMany__none__does_nothing() public {
        vm.startPrank(till);
        desk.redeemOffers(address(token), new IRedemptions.OfferRedemption[](0));
        desk.redeemManyAtPar(address(token), new IRedemptions.ParRedemption[](0));
        vm.stopPrank();
        assertEq(token.totalSupply(), BALANCE);
    }

    // -------------------------------------------------------------- receipts

    function test_receiptOf__none__is_empty() public {
        IReceipts.Receipt memory none;
        assertEq(abi.encode(_receipt("never used")), abi.encode(none));
        // A nonce that was used for something else is no receipt either.
        bytes memory signature = _sign(memberKey, _digest(token, _cancelHash(member, "cancelled")));
        token.cancelAuthorization(member, "cancelled", signature);
        assertEq(abi.encode(_receipt("cancelled")), abi.encode(none));
    }

    function test_receiptOf__not_obliged_or_of_another_desk__reverts() public {
        _expect(abi.encodeWithSelector(IObligationRegistry.ObligationRegistry_NotObliged.selector, currency));
        desk.receiptOf(currency, member, NONCE);
        IRedemptions other =
            IRedemptions(deployCode("Redemptions.sol:Redemptions", abi.encode(brands, obligations)));
        _expect(abi.encodeWithSelector(IOffers.Offers_OtherDesk.selector, address(token), address(desk)));
        other.receiptOf(address(token), member, NONCE);
    }

    /// @dev The word, as documented: kind (8 bits) ‖ tag (80) ‖ quantity (32) ‖ time (40) ‖ amount
    /// (96).
    function testFuzz_receipt__offer__word_says_it_all(
        bytes32 offerId,
        uint32 quantity,
        uint96 price,
        uint40 time
    ) public {
        vm.assume(offerId != OFFER);
        quantity = uint32(bound(quantity, 1, type(uint32).max));
        price = uint96(bound(price, 1, type(uint96).max / quantity));
        time = uint40(bound(time, START, type(uint40).max - 1 hours));
        uint96 amount = uint96(uint256(price) * quantity);
        vm.prank(address(obligations));
        token.setCapacity(type(uint96).max);
        _mint(member, amount - (amount > BALANCE ? BALANCE : amount));
        vm.warp(time);
        _create(offerId, _handedOver(price, quantity, quantity, 0, type(uint40).max));
        bytes32 nonce = _buy(offerId, quantity).nonce;
        uint256 word = token.receiptOf(member, nonce);
        assertEq(word >> 248, 1);
        assertEq((word >> 168) % 2 ** 80, uint256(offerId) / 2 ** 176);
        assertEq((word >> 136) % 2 ** 32, quantity);
        assertEq((word >> 96) % 2 ** 40, time);
        assertEq(word % 2 ** 96, amount);
        IReceipts.Receipt memory receipt = IReceipts.Receipt({
            kind: IReceipts.Kind.Offer,
            tag: bytes10(offerId),
            quantity: quantity,
            redeemedAt: time,
            amount: amount
        });
        assertEq(abi.encode(_receipt(nonce)), abi.encode(receipt));
    }

    function testFuzz_receipt__par__word_says_it_all(
        bytes32 orderRef,
        uint96 amount,
        uint40 time,
        bool inCurrency
    ) public {
        amount = uint96(bound(amount, 1, BALANCE));
        time = uint40(bound(time, START, type(uint40).max - 1 hours));
        vm.warp(time);
        IRedemptions.ParRedemption memory wish = _parWish(amount);
        wish.orderRef = orderRef;
        wish = _signed(wish);
        if (inCurrency) {
            deal(currency, till, BALANCE * uint256(PAR));
            vm.prank(till);
            IERC20(currency).approve(address(desk), type(uint256).max);
            _redeemInCurrency(wish);
        } else {
            _redeem(wish);
        }
        uint256 word = token.receiptOf(member, wish.nonce);
        assertEq(word >> 248, inCurrency ? 3 : 2);
        assertEq((word >> 168) % 2 ** 80, uint256(orderRef) / 2 ** 176);
        assertEq((word >> 136) % 2 ** 32, 0);
        assertEq((word >> 96) % 2 ** 40, time);
        assertEq(word % 2 ** 96, amount);
        IReceipts.Receipt memory receipt = IReceipts.Receipt({
            kind: inCurrency ? IReceipts.Kind.Currency : IReceipts.Kind.Par,
            tag: bytes10(orderRef),
            quantity: 0,
            redeemedAt: time,
            amount: amount
        });
        assertEq(abi.encode(_receipt(wish.nonce)), abi.encode(receipt));
    }

    // -------------------------------------------------- suspension, donation

    /// @dev ISSUE-3: neither a suspension nor the mint-stop closes the counter.
    function test_redeem__suspended_and_stopped__works() public {
        _suspendAndStop();
        assertTrue(token.mintStopped());
        address second = makeAddr("second till");
        _setTill(second, true);
        _buy(OFFER, 1);
        _redeem(_signed(_parWish(10)));
        deal(currency, till, 10 * uint256(PAR));
        vm.prank(till);
        IERC20(currency).approve(address(desk), type(uint256).max);
        _redeemInCurrency(_signed(_parWish(10)));
        assertEq(token.balanceOf(member), BALANCE - PRICE - 20);
    }

    /// @dev BOOK-1: the desk owes and holds nothing; what strangers send it changes nothing.
    function test_BOOK_1__donations_to_the_desk__change_nothing() public {
        IOffers.Offer memory before = _offer();
        vm.prank(member);
        token.transfer(address(desk), 1000);
        deal(currency, address(desk), 5000);
        vm.deal(intruder, 2 ether);
        vm.prank(intruder);
        (bool success,) = address(desk).call{ value: 1 ether }("");
        assertFalse(success, "the desk takes no ether");
        vm.deal(address(desk), 1 ether); // by force, as a block's reward may
        // Even quota that the brand gives it by mistake is only quota that nobody uses.
        vm.expectRevert();
        vm.prank(brand);
        token.grantQuotaAndCall(address(desk), 5, "");

        assertEq(abi.encode(_offer()), abi.encode(before));
        _buy(OFFER, 1);
        deal(currency, till, 10 * uint256(PAR));
        vm.prank(till);
        IERC20(currency).approve(address(desk), type(uint256).max);
        _redeemInCurrency(_signed(_parWish(100)));
        assertEq(token.balanceOf(address(desk)), 1000);
        assertEq(IERC20(currency).balanceOf(address(desk)), 5000);
        assertEq(IERC20(currency).balanceOf(till), 9 * uint256(PAR));
        assertEq(token.balanceOf(member), BALANCE - 1000 - PRICE - 100);
    }

    // ------------------------------------------------------------------- gas

    /// @dev A redemption costs the same however many offers and members there are.
    function test_redeemOffer__gas__same_with_a_thousand_offers_and_members() public {
        _mint(member, 1100 * PRICE);
        _create("few", _many());
        _sell("few", 1);
        uint256 alone = _sell("few", 2);
        for (uint256 i = 0; i < 1000; ++i) {
            _create(keccak256(abi.encode("offer", i)), _many());
            _sell("few", 3 + i);
        }
        assertEq(desk.offerCount(address(token)), 1002);
        assertEq(_sell("few", 2000), alone);
    }

    function _many() private pure returns (IOffers.Conditions memory conditions) {
        conditions = _conditions();
        conditions.stock = type(uint32).max;
    }

    /// @dev A new member buys one; what the till's call used.
    function _sell(bytes32 offerId, uint256 key) private returns (uint256) {
        IRedemptions.OfferRedemption memory wish = _wish(offerId, 1);
        wish.member = vm.addr(key);
        vm.prank(member);
        token.transfer(wish.member, PRICE + 1);
        wish = _signedBy(key, wish);
        Cooling(address(vm)).cool(address(desk));
        Cooling(address(vm)).cool(address(token));
        _redeem(wish);
        return vm.lastCallGas().gasTotalUsed;
    }

    // --------------------------------------------------------------- helpers

    function _expectNotFresh(uint256 deadline) private {
        _expect(
            abi.encodeWithSelector(
                IRedemptions.Redemptions_NotFresh.selector, deadline, block.timestamp + FRESH
            )
        );
    }

    function _expectExpired(uint256 deadline) private {
        _expect(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_Expired.selector, deadline));
    }

    function _expectPoor(uint256 balance, uint256 needed) private {
        _expect(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, member, balance, needed)
        );
    }
}

/// @notice What a member signs is good for that alone (SIG-1), and it takes both, member and till (24d).
contract RedeemSignatureTest is DeskTest {
    address private _second;
    uint256 private _secondKey;
    address private _secondTill;

    function setUp() public override {
        super.setUp();
        (_second, _secondKey) = makeAddrAndKey("second member");
        _secondTill = makeAddr("second till");
        _mint(_second, BALANCE);
        _setTill(_secondTill, true);
        _create("cake", _conditions());
        IOffers.Conditions memory better = _conditions();
        better.stock += 1;
        _change(OFFER, better); // versions 1 and 2 are both good
        _change("cake", better);
        _moveTerms(brand, token);
        _moveTerms(partner, partnerToken);
        // The partner's desk is as open, under the same names.
        vm.startPrank(partner);
        desk.createOffer(address(partnerToken), OFFER, better, DOCUMENT, "");
        better.stock += 1;
        desk.setOffer(address(partnerToken), OFFER, better, DOCUMENT, "");
        desk.setTill(address(partnerToken), till, true);
        vm.stopPrank();
        _mint(partnerToken, member, BALANCE);
    }

    // ------------------------------------------------- each field, one by one

    function test_redeemOffer__any_field_changed__reverts_and_unchanged_works() public {
        IRedemptions.OfferRedemption memory signed = _signed(_wish(OFFER, 2));
        for (uint256 field = 0; field < 8; ++field) {
            IRedemptions.OfferRedemption memory changed = _copy(signed);
            if (field == 0) changed.member = _second;
            if (field == 1) changed.offerId = "cake";
            if (field == 2) changed.quantity = 1;
            if (field == 3) changed.version = 1;
            if (field == 4) changed.maxAmount += 1;
            if (field == 5) changed.nonce = "another nonce";
            if (field == 6) changed.deadline += 1;
            if (field == 7) changed.deadline -= 1;
            _expectBadSignature(changed.member);
            _redeem(changed);
        }
        // Another till, another token, another chain.
        _expectBadSignature(member);
        vm.prank(_secondTill);
        desk.redeemOffer(address(token), signed);
        _expectBadSignature(member);
        vm.prank(till);
        desk.redeemOffer(address(partnerToken), signed);
        vm.chainId(block.chainid + 1);
        _expectBadSignature(member);
        _redeem(signed);
        vm.chainId(block.chainid - 1);
        _redeem(signed);
        assertEq(desk.redeemedBy(address(token), OFFER, member), 2);
    }

    function test_redeemAtPar__any_field_changed__reverts_and_unchanged_works() public {
        IRedemptions.ParRedemption memory signed = _signed(_parWish(500));
        for (uint256 field = 0; field < 8; ++field) {
            IRedemptions.ParRedemption memory changed = _copy(signed);
            if (field == 0) changed.member = _second;
            if (field == 1) changed.orderRef = "order 4712";
            if (field == 2) changed.version = 1;
            if (field == 3) changed.amount += 1;
            if (field == 4) changed.amount -= 1;
            if (field == 5) changed.nonce = "another nonce";
            if (field == 6) changed.deadline += 1;
            if (field == 7) changed.deadline -= 1;
            _expectBadSignature(changed.member);
            _redeem(changed);
            _expectBadSignature(changed.member);
            _redeemInCurrency(changed);
        }
        _expectBadSignature(member);
        vm.prank(_secondTill);
        desk.redeemAtPar(address(token), signed);
        _expectBadSignature(member);
        vm.prank(till);
        desk.redeemAtPar(address(partnerToken), signed);
        vm.chainId(block.chainid + 1);
        _expectBadSignature(member);
        _redeem(signed);
        vm.chainId(block.chainid - 1);
        _redeem(signed);
        assertEq(token.balanceOf(member), BALANCE - 500);
    }

    /// @dev Neither kind of wish passes for the other, though both are spends of the same amount.
    function test_redeem__signed_for_the_other_kind__reverts() public {
        IRedemptions.OfferRedemption memory offer = _signed(_wish(OFFER, 1));
        IRedemptions.ParRedemption memory par = _parWish(offer.maxAmount);
        (par.orderRef, par.nonce, par.signature) = (OFFER, offer.nonce, offer.signature);
        _expectBadSignature(member);
        _redeem(par);
        par = _signed(par);
        offer.signature = par.signature;
        _expectBadSignature(member);
        _redeem(offer);
        _redeem(par);
    }

    // ---------------------------------------------------------------- replay

    function test_redeem__again__reverts_everywhere() public {
        IRedemptions.OfferRedemption memory offer = _signed(_wish(OFFER, 1));
        IRedemptions.ParRedemption memory par = _signed(_parWish(5));
        _redeem(offer);
        _redeem(par);
        for (uint256 i = 0; i < 2; ++i) {
            vm.startPrank(i == 0 ? till : _secondTill);
            _expectUsed(member, offer.nonce);
            desk.redeemOffer(address(token), offer);
            _expectUsed(member, par.nonce);
            desk.redeemAtPar(address(token), par);
            _expectUsed(member, par.nonce);
            desk.redeemInCurrency(address(token), par);
            vm.stopPrank();
        }
        // Under another form of the same signature neither.
        offer.signature = _malleate(offer.signature);
        _expectUsed(member, offer.nonce);
        _redeem(offer);
        _expectBadSignature(member);
        vm.prank(till);
        desk.redeemAtPar(address(partnerToken), par);
    }

    /// @dev One nonce, two wishes: the first to come is the only one.
    function test_redeem__same_nonce_for_two_wishes__one_is_met() public {
        IRedemptions.OfferRedemption memory offer = _signed(_wish(OFFER, 1));
        IRedemptions.ParRedemption memory par = _parWish(5);
        par.nonce = offer.nonce;
        par = _signed(par);
        _redeem(par);
        _expectUsed(member, offer.nonce);
        _redeem(offer);
        assertEq(uint8(_receipt(par.nonce).kind), uint8(IReceipts.Kind.Par));
    }

    /// @dev Members can take back what they signed.
    function test_redeem__cancelled__reverts() public {
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        bytes memory signature = _sign(memberKey, _digest(token, _cancelHash(member, wish.nonce)));
        token.cancelAuthorization(member, wish.nonce, signature);
        _expectUsed(member, wish.nonce);
        _redeem(wish);
    }

    /// @dev Another desk of the alliance can do nothing with it, and a signature for it nothing here.
    function test_redeem__other_desk__reverts() public {
        IRedemptions other =
            IRedemptions(deployCode("Redemptions.sol:Redemptions", abi.encode(brands, obligations)));
        _list(IBrandRegistry.List.RedemptionDesk, address(other), true);
        vm.prank(brand);
        other.setTill(address(token), till, true);
        IRedemptions.ParRedemption memory par = _signed(_parWish(5));
        bytes memory reason =
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotRedemptionDesk.selector, address(other));
        vm.startPrank(till);
        _expect(reason);
        other.redeemAtPar(address(token), par);
        IRedemptions.ParRedemption memory forOther = _copy(par);
        forOther.signature = _sign(memberKey, _parDigest(token, block.chainid, address(other), till, par));
        _expect(reason);
        other.redeemAtPar(address(token), forOther);
        _expectBadSignature(member);
        desk.redeemAtPar(address(token), forOther);
        desk.redeemAtPar(address(token), par);
        vm.stopPrank();
    }

    // --------------------------------------------------- forms of signatures

    function test_redeem__64_bytes__works() public {
        IRedemptions.OfferRedemption memory offer = _wish(OFFER, 1);
        offer.signature =
            _signCompact(memberKey, _offerDigest(token, block.chainid, address(desk), till, offer));
        assertEq(offer.signature.length, 64);
        _redeem(offer);
        IRedemptions.ParRedemption memory par = _parWish(5);
        par.signature = _signCompact(memberKey, _parDigest(token, block.chainid, address(desk), till, par));
        _redeem(par);
        assertEq(token.balanceOf(member), BALANCE - PRICE - 5);
    }

    function test_redeem__wallet_with_code__works_as_it_says() public {
        Wallet wallet = new Wallet(member);
        _mint(address(wallet), PRICE * 2);
        IRedemptions.OfferRedemption memory offer = _wish(OFFER, 1);
        offer.member = address(wallet);
        offer = _signed(offer);
        wallet.behave(Wallet.Behaviour.Nothing);
        _expectBadSignature(address(wallet));
        _redeem(offer);
        wallet.behave(Wallet.Behaviour.Owner);
        _redeem(offer);
        assertEq(token.balanceOf(address(wallet)), PRICE);
        assertEq(desk.redeemedBy(address(token), OFFER, address(wallet)), 1);
        assertEq(desk.receiptOf(address(token), address(wallet), offer.nonce).amount, PRICE);
        _expectUsed(address(wallet), offer.nonce);
        _redeem(offer);

        IRedemptions.ParRedemption memory par = _parWish(PRICE);
        par.member = address(wallet);
        _redeem(_signed(par));
        assertEq(token.balanceOf(address(wallet)), 0);
    }

    function test_redeem__malformed__reverts() public {
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        bytes[5] memory bad = [
            bytes(""),
            abi.encodePacked(wish.signature, uint8(0)),
            new bytes(65),
            new bytes(64),
            _malleate(wish.signature)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            IRedemptions.OfferRedemption memory changed = _copy(wish);
            changed.signature = bad[i];
            _expectBadSignature(member);
            _redeem(changed);
        }
        // Nobody's tokens for nobody's signature.
        wish.member = address(0);
        _expectBadSignature(address(0));
        _redeem(wish);
    }

    // ------------------------------------------------------------ attack 24d

    /// @dev 24d: a till wants tokens that the member did not sign away. The member's signature for something
    /// else does not help, neither does calling the token itself.
    function test_attack_24d__till_without_the_member__gets_nothing() public {
        IRedemptions.ParRedemption memory small = _signed(_parWish(1));
        IRedemptions.ParRedemption memory large = _copy(small);
        large.amount = BALANCE;
        _expectBadSignature(member);
        _redeem(large);

        ILoyaltyToken.Spend memory spend = ILoyaltyToken.Spend({
            from: member, amount: small.amount, nonce: small.nonce, deadline: small.deadline
        });
        bytes32 typehash = keccak256(
            "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,ParRedemption witness)ParRedemption(bytes32 orderRef,uint256 version,address till)"
        );
        vm.startPrank(till);
        _expect(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotRedemptionDesk.selector, till));
        token.redeemWithSignature(spend, 1, typehash, 0, 2, small.signature);
        _expectBadSignature(member);
        token.receiveWithSignature(spend, 1, typehash, 0, small.signature);
        _expect(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, till, 0, 1));
        token.burnFrom(member, 1);
        vm.stopPrank();
        assertEq(token.balanceOf(member), BALANCE);
    }

    function testFuzz_attack_24d__till_with_any_signature__gets_nothing(
        bytes memory signature,
        uint256 key,
        uint96 amount
    ) public {
        key = bound(key, 1, 2 ** 255);
        vm.assume(vm.addr(key) != member);
        IRedemptions.ParRedemption memory par = _parWish(uint96(bound(amount, 1, BALANCE)));
        par.signature = signature;
        _expectBadSignature(member);
        _redeem(par);
        par = _signedBy(key, par);
        _expectBadSignature(member);
        _redeem(par);
        IRedemptions.OfferRedemption memory offer = _signedBy(key, _wish(OFFER, 1));
        _expectBadSignature(member);
        _redeem(offer);
    }

    /// @dev 24d: a member, or who saw its code, wants to burn alone, for nothing.
    function test_attack_24d__member_without_the_till__burns_nothing() public {
        IRedemptions.OfferRedemption memory offer = _signed(_wish(OFFER, 1));
        IRedemptions.ParRedemption memory par = _signed(_parWish(5));
        // Also with itself named as the till.
        IRedemptions.ParRedemption memory self = _parWish(5);
        self.signature = _sign(memberKey, _parDigest(token, block.chainid, address(desk), member, self));
        address[2] memory callers = [member, intruder];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory reason =
                abi.encodeWithSelector(IRedemptions.Redemptions_NotTill.selector, address(token), callers[i]);
            vm.startPrank(callers[i]);
            _expect(reason);
            desk.redeemOffer(address(token), offer);
            _expect(reason);
            desk.redeemAtPar(address(token), par);
            _expect(reason);
            desk.redeemAtPar(address(token), self);
            vm.stopPrank();
        }
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(_offer().sold, 0);
    }

    /// @dev 24d: the member's time is over before the till calls; nothing that was signed is left lying
    /// about.
    function test_attack_24d__till_waits__signature_is_stale() public {
        IRedemptions.ParRedemption memory par = _parWish(5);
        par.deadline = START + FRESH;
        par = _signed(par);
        vm.warp(START + FRESH + 1);
        _expect(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_Expired.selector, START + FRESH));
        _redeem(par);
    }

    // -------------------------------------------------------------- impostors

    /// @dev A contract that says of itself what the true token says gets nowhere, whoever calls.
    function test_attack_5__impostor_of_the_token__is_no_token() public {
        Impostor impostor = new Impostor(token);
        assertEq(impostor.brandId(), brandId);
        assertEq(impostor.redemptionDesk(), address(desk));
        IRedemptions.OfferRedemption memory offer = _signed(_wish(OFFER, 1));
        IRedemptions.ParRedemption memory par = _signed(_parWish(5));
        bytes memory notObliged = abi.encodeWithSelector(
            IObligationRegistry.ObligationRegistry_NotObliged.selector, address(impostor)
        );
        vm.startPrank(brand);
        _expect(notObliged);
        desk.setTill(address(impostor), till, true);
        _expect(notObliged);
        desk.createOffer(address(impostor), OFFER, _conditions(), DOCUMENT, "");
        _expect(notObliged);
        desk.receiptOf(address(impostor), member, offer.nonce);
        vm.stopPrank();
        bytes memory notTill =
            abi.encodeWithSelector(IRedemptions.Redemptions_NotTill.selector, address(impostor), till);
        vm.startPrank(till);
        _expect(notTill);
        desk.redeemOffer(address(impostor), offer);
        _expect(notTill);
        desk.redeemAtPar(address(impostor), par);
        _expect(notTill);
        desk.redeemInCurrency(address(impostor), par);
        vm.stopPrank();
        assertEq(impostor.called(), 0);
    }

    // --------------------------------------------------------------- helpers

    /// @dev Better terms, so that versions 1 and 2 are both good.
    function _moveTerms(address admin, ILoyaltyToken which) private {
        vm.prank(admin);
        obligations.setTerms(
            address(which),
            IObligationRegistry.Terms({
                termsHash: keccak256("terms"), noticePeriod: NOTICE + 1, bondBps: BOND_BPS, termsURI: ""
            })
        );
    }

    function _copy(IRedemptions.OfferRedemption memory from)
        private
        pure
        returns (IRedemptions.OfferRedemption memory)
    {
        return abi.decode(abi.encode(from), (IRedemptions.OfferRedemption));
    }

    function _copy(IRedemptions.ParRedemption memory from)
        private
        pure
        returns (IRedemptions.ParRedemption memory)
    {
        return abi.decode(abi.encode(from), (IRedemptions.ParRedemption));
    }
}

/// @notice Fulfilled counts, stock and limits are exact under any interleaving.
contract RedeemCountsTest is DeskTest {
    uint256 private constant MEMBERS = 4;
    uint256 private constant OFFERS = 3;

    address[] private _buyers;
    mapping(address buyer => uint256) private _purseOf;
    mapping(uint256 offer => mapping(address buyer => uint256)) private _units;
    mapping(uint256 offer => uint256) private _unitsOf;
    mapping(address buyer => uint256) private _spent;
    IRedemptions.OfferRedemption[] private _batch;

    function setUp() public override {
        super.setUp();
        for (uint256 offer = 0; offer < OFFERS; ++offer) {
            _create(_id(offer), _of(offer));
        }
        for (uint256 buyer = 0; buyer < MEMBERS; ++buyer) {
            _buyers.push(vm.addr(100 + buyer));
            _purseOf[_buyers[buyer]] = 60 * (buyer + 1); // the poorest cannot buy all that it may
            _mint(_buyers[buyer], _purseOf[_buyers[buyer]]);
        }
    }

    function _id(uint256 offer) private pure returns (bytes32) {
        return bytes32(offer + 1);
    }

    function _of(uint256 offer) private pure returns (IOffers.Conditions memory conditions) {
        conditions = _conditions();
        conditions.price = uint96(10 + offer);
        conditions.stock = uint32(8 + 4 * offer);
        conditions.memberLimit = uint32(3 + 2 * offer);
    }

    /// @dev Each seed is a till's call: one wish or up to four in a batch, perhaps one of them twice.
    function testFuzz_redeemOffers__any_interleaving__counts_exact(uint256[8] memory seeds) public {
        for (uint256 i = 0; i < seeds.length; ++i) {
            _call(seeds[i]);
            _compare();
        }
    }

    function _call(uint256 seed) private {
        delete _batch;
        uint256 length = 1 + seed % 4;
        bool good = true;
        for (uint256 i = 0; i < length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            bool again = i != 0 && seed % 16 == 0;
            _batch.push(again ? _batch[i - 1] : _randomWish(seed >> 8));
            good = _book(_batch[i]) && !again && good;
        }
        if (!good) _unbook();
        IRedemptions.OfferRedemption[] memory batch = _batch;
        bytes memory call = length == 1
            ? abi.encodeCall(desk.redeemOffer, (address(token), batch[0]))
            : abi.encodeCall(desk.redeemOffers, (address(token), batch));
        vm.prank(till);
        (bool success,) = address(desk).call(call);
        assertEq(success, good, "stock, limits and purses decide");
    }

    function _randomWish(uint256 seed) private returns (IRedemptions.OfferRedemption memory wish) {
        wish = _wish(_id(seed % OFFERS), uint32(1 + (seed >> 8) % 4));
        uint256 buyer = (seed >> 16) % MEMBERS;
        wish.member = _buyers[buyer];
        wish = _signedBy(100 + buyer, wish);
    }

    /// @dev Writes a wish into the ghost's books; whether it is within stock, limit and purse.
    function _book(IRedemptions.OfferRedemption memory wish) private returns (bool) {
        uint256 offer = uint256(wish.offerId) - 1;
        _units[offer][wish.member] += wish.quantity;
        _unitsOf[offer] += wish.quantity;
        _spent[wish.member] += wish.maxAmount;
        return _unitsOf[offer] <= _of(offer).stock && _units[offer][wish.member] <= _of(offer).memberLimit
            && _spent[wish.member] <= _purseOf[wish.member];
    }

    function _unbook() private {
        for (uint256 i = 0; i < _batch.length; ++i) {
            IRedemptions.OfferRedemption memory wish = _batch[i];
            uint256 offer = uint256(wish.offerId) - 1;
            _units[offer][wish.member] -= wish.quantity;
            _unitsOf[offer] -= wish.quantity;
            _spent[wish.member] -= wish.maxAmount;
        }
    }

    function _compare() private view {
        uint256 burned;
        for (uint256 buyer = 0; buyer < MEMBERS; ++buyer) {
            address account = _buyers[buyer];
            for (uint256 offer = 0; offer < OFFERS; ++offer) {
                assertEq(
                    desk.redeemedBy(address(token), _id(offer), account), _units[offer][account], "taken"
                );
            }
            assertEq(token.balanceOf(account), _purseOf[account] - _spent[account], "burned");
            burned += _spent[account];
        }
        for (uint256 offer = 0; offer < OFFERS; ++offer) {
            assertEq(desk.offerOf(address(token), _id(offer)).sold, _unitsOf[offer], "sold");
        }
        assertEq(token.totalSupply(), BALANCE + 600 - burned, "supply");
    }
}
