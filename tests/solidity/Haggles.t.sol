// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { IBargains } from "../../contracts/interfaces/IBargains.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IDeals } from "../../contracts/interfaces/IDeals.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IHaggles } from "../../contracts/interfaces/IHaggles.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPricer } from "../../contracts/interfaces/IPricer.sol";
import { IPurchases } from "../../contracts/interfaces/IPurchases.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { BargainTest } from "./utils/BargainTest.sol";

/// @notice Deposits, strikes and withdrawals, in every state and to the second.
contract HagglesTest is BargainTest {
    function _holds(uint256 parts) private view {
        assertEq(token.balanceOf(address(bargains)), parts * TOKEN_PART, "BOOK-1: tokens");
        assertEq(money.balanceOf(address(bargains)), parts * CURRENCY_PART + _owed(), "BOOK-1: currency");
    }

    function _owed() private view returns (uint256) {
        return bargains.owedTo(currency, member) + bargains.proceedsOf(address(token));
    }

    // --------------------------------------------------------------- opening

    function test_open__holds_the_deposit_and_uses_a_right() public {
        uint256 number = _number();
        vm.expectEmit(address(haggles));
        emit IHaggles.HaggleOpened(address(token), HAGGLE, member, number, 450, START + DURATION);
        vm.expectEmit(address(bargains));
        emit IBargains.DepositHeld(address(token), HAGGLE, number, 450);
        _open(450);
        assertEq(bargains.depositOf(address(token), HAGGLE, number), 450);
        assertEq(uint8(_haggle(number).status), uint8(IPricer.Status.Open));
        assertEq(_haggle(number).deadline, START + DURATION);
        assertEq(_rightsOf(member), 99);
        _holds(450);
    }

    function test_open__deposit__between_floor_and_list_price() public {
        uint256[4] memory deposits = [uint256(FLOOR) - 1, FLOOR, LIST, LIST + 1];
        for (uint256 i = 0; i < deposits.length; ++i) {
            if (i == 0 || i == 3) {
                vm.expectRevert(
                    abi.encodeWithSelector(IPricer.Pricer_InvalidPrice.selector, deposits[i], FLOOR, LIST)
                );
            }
            _pay(_payment(HAGGLE, _number(member, i), deposits[i]));
        }
    }

    function test_open__too_many_tokens__what_is_too_much_goes_back() public {
        _pay(member, _payment(HAGGLE, _number(), 450), 450 * TOKEN_PART + 7);
        assertEq(token.balanceOf(member), BALANCE - 450 * TOKEN_PART);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_WrongTokens.selector, 1349, 1350));
        _pay(member, _payment(HAGGLE, _number(member, 1), 450), 450 * TOKEN_PART - 1);
    }

    function test_open__window_and_stock__to_the_second_and_the_last() public {
        IDeals.Conditions memory conditions = _conditions();
        (conditions.opensAt, conditions.closesAt) = (START + 100, START + 200);
        IPricer.Rules memory rules = _rules();
        rules.stock = 2;
        _publish("brief", conditions, address(haggles), abi.encode(rules));
        uint40[5] memory times = [START + 99, START + 100, START + 199, START + 199, START + 200];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            if (i == 0) vm.expectRevert(_outside());
            if (i == 3) vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_OutOfStock.selector, 2));
            if (i == 4) {
                vm.prank(member);
                haggles.withdraw(address(token), "brief", _number(member, 1), _none());
                vm.expectRevert(_outside());
            }
            _pay(_payment("brief", _number(member, i), 450));
        }
        (, uint256 opened) = haggles.rulesOf(address(token), "brief");
        assertEq(opened, 1, "what was withdrawn is in stock again");
    }

    function _outside() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPurchases.Purchases_OutsideWindow.selector, START + 100, START + 200);
    }

    function test_open__number_of_another_or_used__reverts() public {
        uint256 number = _number(friend, 0);
        vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_NotBuyers.selector, number, member));
        _pay(member, _payment(HAGGLE, number, 450), 450 * TOKEN_PART);
        number = _open(450);
        _expectStatus(HAGGLE, number, IPricer.Status.Open);
        _open(450);
        _withdraw(member, number);
        _expectStatus(HAGGLE, number, IPricer.Status.Ended);
        _open(450);
    }

    function test_open__deal_that_does_not_exist__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(IPurchases.Purchases_NotFound.selector, address(token), bytes32("nothing"))
        );
        _pay(_payment("nothing", _number(), 450));
    }

    function test_open__currency_alone__by_a_plain_call() public {
        IDeals.Conditions memory conditions = _conditions();
        (conditions.tokenPart, conditions.currencyPart) = (0, 1);
        _publish("cash", conditions, address(haggles), abi.encode(_rules()));
        vm.startPrank(member);
        bargains.pay(address(token), _payment("cash", _number(), 450), _noPermit());
        assertEq(money.balanceOf(member), MEANS - 450);
        haggles.withdraw(address(token), "cash", _number(), _none());
        bargains.collectTo(currency, friend);
        assertEq(money.balanceOf(friend), 450);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_WrongTokens.selector, 0, 1350));
        bargains.pay(address(token), _payment(HAGGLE, _number(), 450), _noPermit());
        vm.stopPrank();
    }

    function test_open__with_a_signature__by_anybody() public {
        IBargains.Payment memory payment = _payment(HAGGLE, _number(), 450);
        ILoyaltyToken.Spend memory spend = _spend(450 * TOKEN_PART);
        bytes memory signature = _sign(memberKey, _paymentDigest(spend, payment));
        vm.prank(intruder);
        bargains.payWithSignature(address(token), payment, _noPermit(), spend, signature);
        _holds(450);
    }

    // -------------------------------------------------------------- striking

    function test_strike__by_whoever_has_the_others_word__at_the_price_of_both() public {
        address[4] memory by = [member, brand, manager, intruder];
        for (uint256 i = 0; i < by.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            uint256 number = _open(450);
            IFulfilment.Order memory order = _facts(HAGGLE, number, 425);
            IPricer.Consent memory bid = _bid(number, _agreement(425));
            IPricer.BrandConsent memory offer = _offer(number, 425);
            if (by[i] == member) bid = _none();
            if (by[i] == brand || by[i] == manager) (offer.signer, offer.signature) = (by[i], "");
            vm.expectEmit(address(haggles));
            emit IHaggles.HaggleStruck(address(token), HAGGLE, number, 425);
            vm.expectEmit(address(bargains));
            emit IBargains.DepositReleased(address(token), HAGGLE, number, 25);
            vm.prank(by[i]);
            haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
            assertEq(token.balanceOf(member), BALANCE - 425 * TOKEN_PART);
            assertEq(bargains.owedTo(currency, member), 25 * CURRENCY_PART);
            assertEq(bargains.depositOf(address(token), HAGGLE, number), 0);
            assertEq(uint8(_haggle(number).status), uint8(IPricer.Status.Ended));
            _holds(425);
            // The order is one as any other: confirmed, it is the brand's.
            vm.prank(member);
            bargains.confirm(order);
            (bool fulfilled,) = bargains.isFulfilled(order);
            assertTrue(fulfilled);
            assertEq(bargains.proceedsOf(address(token)), 425 * CURRENCY_PART);
            _holds(0);
            vm.revertToState(snapshot);
        }
    }

    function test_strike__price__between_floor_and_deposit() public {
        uint256 number = _open(450);
        uint96[4] memory prices = [FLOOR - 1, 451, FLOOR, 450];
        for (uint256 i = 0; i < prices.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            IPricer.Consent memory bid = _bid(number, _agreement(prices[i]));
            IPricer.BrandConsent memory offer = _offer(number, prices[i]);
            if (i == 0) {
                vm.expectRevert(
                    abi.encodeWithSelector(IPricer.Pricer_InvalidPrice.selector, prices[i], FLOOR, LIST)
                );
            }
            if (i == 1) {
                vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_TooDear.selector, 451, 450));
            }
            vm.prank(intruder);
            haggles.strike(address(token), HAGGLE, number, _agreement(prices[i]), bid, offer);
            vm.revertToState(snapshot);
        }
    }

    function test_strike_and_withdraw__to_the_second() public {
        uint256 number = _open(450);
        uint256 snapshot = vm.snapshotState();
        vm.warp(START + DURATION - 1);
        _expectNoConsent();
        _withdraw(intruder, number);
        _strike(intruder, number, 425);
        for (uint256 late = 0; late < 2; ++late) {
            vm.revertToState(snapshot);
            vm.warp(START + DURATION + late);
            IPricer.Consent memory bid = _bid(number, _agreement(425));
            IPricer.BrandConsent memory offer = _offer(number, 425);
            assertEq(uint8(_haggle(number).status), uint8(IPricer.Status.Lapsed));
            _expectStatus(HAGGLE, number, IPricer.Status.Lapsed);
            haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
            _withdraw(intruder, number);
            assertEq(token.balanceOf(member), BALANCE);
            assertEq(bargains.owedTo(currency, member), 450 * CURRENCY_PART);
            _holds(0);
        }
    }

    /// @dev An empty consent has expired long ago.
    function _expectNoConsent() private {
        vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_Expired.selector, 0));
    }

    function test_strike__signatures__to_the_second() public {
        uint256 number = _open(450);
        IPricer.Consent memory bid = _bid(number, _agreement(425));
        IPricer.BrandConsent memory offer = _offer(number, 425);
        vm.warp(bid.deadline + 1);
        bytes memory expired = abi.encodeWithSelector(IPricer.Pricer_Expired.selector, bid.deadline);
        vm.expectRevert(expired);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        vm.expectRevert(expired);
        vm.prank(member);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), _none(), offer);
        vm.warp(bid.deadline);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
    }

    function test_strike__other_terms_than_signed__reverts() public {
        uint256 number = _open(450);
        IPricer.Consent memory bid = _bid(number, _agreement(425));
        IPricer.BrandConsent memory offer = _offer(number, 426);
        IHaggles.Agreement[3] memory others = [_agreement(426), _agreement(425), _agreement(425)];
        others[1].leastCompensation = 0;
        others[2].orderRef = "other";
        for (uint256 i = 0; i < others.length; ++i) {
            _expectInvalidSignature(member);
            haggles.strike(address(token), HAGGLE, number, others[i], bid, offer);
        }
        _expectInvalidSignature(brand);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
    }

    function test_strike__by_one_side_alone__reverts() public {
        uint256 number = _open(450);
        IPricer.BrandConsent memory own;
        own.signer = member;
        vm.expectRevert(
            abi.encodeWithSelector(
                BrandGate.BrandGate_NotAuthorized.selector, brandId, member, Roles.CAMPAIGN
            )
        );
        vm.prank(member);
        haggles.strike(address(token), HAGGLE, number, _agreement(400), _none(), own);
        own.signer = brand;
        vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_Expired.selector, 0));
        vm.prank(brand);
        haggles.strike(address(token), HAGGLE, number, _agreement(450), _none(), own);
    }

    function test_strike__compensation_short__reverts_unless_agreed() public {
        vm.prank(brand);
        bonds.reclaim(address(token), PURSE, address(bargains), FUND - 10, abi.encode(HAGGLE));
        uint256 number = _open(450);
        IHaggles.Agreement memory agreement = _agreement(425);
        IPricer.BrandConsent memory offer = _offer(number, 425);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchases.Purchases_CompensationShort.selector, 10, COMPENSATION)
        );
        vm.prank(member);
        haggles.strike(address(token), HAGGLE, number, agreement, _none(), offer);
        agreement.leastCompensation = 10;
        vm.prank(member);
        haggles.strike(address(token), HAGGLE, number, agreement, _none(), offer);
    }

    // ----------------------------------------------------- forbidden passages

    /// @dev Each act in each state; what is not allowed is refused by name and moves nothing.
    function test_table__acts_by_states() public {
        for (uint256 state = 0; state < 4; ++state) {
            for (uint256 act = 0; act < 4; ++act) {
                uint256 snapshot = vm.snapshotState();
                uint256 number = _number();
                if (state != 0) _open(450);
                if (state == 3) _withdraw(member, number);
                IPricer.BrandConsent memory offer = _offer(number, 425);
                if (state == 2) vm.warp(START + DURATION);
                IPricer.Status status = [
                    IPricer.Status.None, IPricer.Status.Open, IPricer.Status.Lapsed, IPricer.Status.Ended
                ][state];
                bool may = act == 0 ? state == 0 : act == 3 ? state == 1 || state == 2 : state == 1;
                if (!may) _expectStatus(HAGGLE, number, status);
                if (act == 0) {
                    _open(450);
                } else {
                    vm.prank(member);
                    if (act == 1) {
                        haggles.strike(address(token), HAGGLE, number, _agreement(425), _none(), offer);
                    } else if (act == 2) {
                        haggles.revoke(address(token), HAGGLE, number);
                    } else {
                        haggles.withdraw(address(token), HAGGLE, number, _none());
                    }
                }
                vm.revertToState(snapshot);
            }
        }
    }

    // ----------------------------------------------------------- withdrawing

    function test_withdraw__with_the_buyers_signature__by_anybody() public {
        uint256 number = _open(450);
        uint256 deadline = _soon();
        bytes32 typehash =
            keccak256("HaggleWithdrawal(address token,bytes32 dealId,uint256 number,uint256 deadline)");
        bytes32 digest = _haggleDigest(keccak256(abi.encode(typehash, token, HAGGLE, number, deadline)));
        IPricer.Consent memory consent = IPricer.Consent(deadline, _sign(memberKey, digest));
        vm.expectEmit(address(haggles));
        emit IHaggles.HaggleWithdrawn(address(token), HAGGLE, number);
        vm.prank(intruder);
        haggles.withdraw(address(token), HAGGLE, number, consent);
        assertEq(token.balanceOf(member), BALANCE);
        _expectStatus(HAGGLE, number, IPricer.Status.Ended);
        haggles.withdraw(address(token), HAGGLE, number, consent);
    }

    /// @dev A bid that is still in time does not stand between the buyer and its money.
    function test_withdraw__with_a_bid_out__works_and_voids_it() public {
        uint256 number = _open(450);
        IPricer.Consent memory bid = _bid(number, _agreement(450));
        _withdraw(member, number);
        IPricer.BrandConsent memory own;
        own.signer = manager;
        _expectStatus(HAGGLE, number, IPricer.Status.Ended);
        vm.prank(manager);
        haggles.strike(address(token), HAGGLE, number, _agreement(450), bid, own);
    }

    /// @dev ISSUE-3: nothing that the alliance or the brand can do stops it.
    function test_withdraw__suspended_delisted_leaving__works() public {
        uint256 number = _open(450);
        _leave();
        _suspendAndStop();
        _list(IBrandRegistry.List.Module, address(haggles), false);
        _list(IBrandRegistry.List.Module, address(bargains), false);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        _list(IBrandRegistry.List.Currency, currency, false);
        _withdraw(intruder, number);
        bargains.collect(currency, member);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(money.balanceOf(member), MEANS);
    }

    // -------------------------------------------------------------- revoking

    function test_revoke__each_side__voids_its_own_words_alone() public {
        uint256 number = _open(450);
        IPricer.Consent memory bid = _bid(number, _agreement(425));
        IPricer.BrandConsent memory offer = _offer(number, 425);
        vm.expectEmit(address(haggles));
        emit IHaggles.HaggleRevoked(address(token), HAGGLE, number, 1, 0);
        vm.prank(member);
        haggles.revoke(address(token), HAGGLE, number);
        _expectInvalidSignature(member);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        bid = _bid(number, _agreement(425));
        uint256 snapshot = vm.snapshotState();
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        vm.revertToState(snapshot);
        vm.prank(manager);
        haggles.revoke(address(token), HAGGLE, number);
        _expectInvalidSignature(brand);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        offer = _offer(number, 425);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
    }

    function test_revoke__by_others__reverts() public {
        uint256 number = _open(450);
        address[3] memory others = [intruder, partner, friend];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    BrandGate.BrandGate_NotAuthorized.selector, brandId, others[i], Roles.CAMPAIGN
                )
            );
            vm.prank(others[i]);
            haggles.revoke(address(token), HAGGLE, number);
        }
    }

    // --------------------------------------------------------------- pricers

    function test_begin_strike_release__by_others_than_the_pricer__reverts() public {
        uint256 number = _open(450);
        address[4] memory others = [member, brand, manager, address(cuts)];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory reason =
                abi.encodeWithSelector(IBargains.Bargains_NotPricer.selector, others[i], address(haggles));
            vm.startPrank(others[i]);
            vm.expectRevert(reason);
            bargains.begin(address(token), HAGGLE, member);
            vm.expectRevert(reason);
            bargains.strike(address(token), HAGGLE, number, 450, 0, 0);
            vm.expectRevert(reason);
            bargains.release(address(token), HAGGLE, number);
            vm.stopPrank();
        }
    }

    /// @dev What a pricer can do is bounded, even one that has gone mad.
    function test_pricer_gone_mad__moves_no_more_than_the_deposit_and_to_its_buyer_alone() public {
        uint256 number = _open(450);
        vm.startPrank(address(haggles));
        vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_TooDear.selector, 451, 450));
        bargains.strike(address(token), HAGGLE, number, 451, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_NoDeposit.selector, _number(intruder, 0)));
        bargains.strike(address(token), HAGGLE, _number(intruder, 0), 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_NoDeposit.selector, _number(intruder, 0)));
        bargains.release(address(token), HAGGLE, _number(intruder, 0));
        bargains.release(address(token), HAGGLE, number);
        vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_NoDeposit.selector, number));
        bargains.release(address(token), HAGGLE, number);
        vm.stopPrank();
        assertEq(token.balanceOf(member), BALANCE);
        _holds(0);
    }

    function test_pricer_gone_mad__writes_over_no_deposit_and_no_order() public {
        uint256 number = _open(450);
        bytes memory used = abi.encodeWithSelector(IBargains.Bargains_NumberUsed.selector, number);
        _saysFor(number, 420, 0);
        _payTwice(number, 420, used);
        IFulfilment.Order memory order = _facts(HAGGLE, number, 430);
        vm.prank(address(haggles));
        bargains.strike(address(token), HAGGLE, number, 430, 0, REF);
        _saysFor(number, 440, 440);
        _payTwice(number, 440, used);
        vm.prank(brand);
        bargains.decline(order);
        assertEq(token.balanceOf(member), BALANCE);
        _holds(0);
    }

    /// @dev The pricer answers a payment with that price.
    function _saysFor(uint256 number, uint256 most, uint96 price) private {
        bytes memory asked = abi.encodeCall(IPricer.onPayment, (address(token), HAGGLE, number, most));
        vm.mockCall(address(haggles), asked, abi.encode(price));
    }

    function _payTwice(uint256 number, uint256 parts, bytes memory reason) private {
        bytes memory data = abi.encode(IPurchases.Act.Pay, _payment(HAGGLE, number, parts));
        vm.expectRevert(reason);
        vm.prank(member);
        token.transferAndCall(address(bargains), parts * TOKEN_PART, data);
    }

    /// @dev The brand agreed to the very price: to think again costs what it promised, from the first second on.
    function test_decline__struck_a_moment_ago__costs_the_compensation() public {
        uint256 number = _open(450);
        IFulfilment.Order memory order = _facts(HAGGLE, number, 430);
        _strike(member, number, 430);
        assertEq(bargains.DECLINE_PERIOD(), 0);
        vm.prank(brand);
        bargains.decline(order);
        assertEq(bonds.owedTo(currency, member), COMPENSATION);
    }
}
