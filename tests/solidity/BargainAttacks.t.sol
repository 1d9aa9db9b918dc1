// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { IBargains } from "../../contracts/interfaces/IBargains.sol";
import { ICuts } from "../../contracts/interfaces/ICuts.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IHaggles } from "../../contracts/interfaces/IHaggles.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPricer } from "../../contracts/interfaces/IPricer.sol";
import { IPurchases } from "../../contracts/interfaces/IPurchases.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { BargainTest } from "./utils/BargainTest.sol";
import { Currency } from "./utils/Currencies.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice Attacks on bargains, by their numbers.
contract BargainAttacksTest is BargainTest {
    // ------------------------------------------------- 12: steering, withholding

    /// @dev BARG-1: the brand knows every cut and cannot show another, nor one out of turn.
    function test_attack_12__server_that_steers__no_other_opening_fits() public {
        uint256 number = _number();
        ICuts.Opening[] memory openings = _openCut(number);
        (, ICuts.Opening[] memory clear) = _chain(number, _drawnUp(), 0);
        (, ICuts.Opening[] memory others) = _chain(_number(member, 1), _drawnUp(), SEED);
        for (uint256 i = 0; i < 9; ++i) {
            ICuts.Opening memory opening = openings[0];
            opening = ICuts.Opening(opening.cut, opening.salt, opening.next);
            if (i == 0) opening = openings[1];
            if (i == 1) opening = openings[4];
            if (i == 2) opening.cut -= 1;
            if (i == 3) opening.cut += 1;
            if (i == 4) opening.salt = 0;
            if (i == 5) opening.next = 0;
            if (i == 6) opening.next = openings[2].next;
            if (i == 7) opening = clear[0];
            if (i == 8) opening = others[0];
            vm.expectPartialRevert(ICuts.Cuts_WrongOpening.selector);
            _draw(number, opening, friend);
        }
        assertEq(_cut(number).price, LIST);
        _draw(number, openings[0], friend);
        vm.expectPartialRevert(ICuts.Cuts_WrongOpening.selector);
        _draw(number, openings[0], second);
    }

    /// @dev BARG-1: whatever a brand committed to, and a buyer did not check, comes to the floor exactly, each draw
    /// taking at least what the deal promised.
    function testFuzz_attack_12__commitment_that_nobody_checked__comes_to_the_floor(uint96[5] calldata written)
        public
    {
        uint96[] memory list = new uint96[](CUTS);
        for (uint256 i = 0; i < CUTS; ++i) {
            list[i] = written[i] % 2 == 0 ? written[i] : written[i] % 200;
        }
        uint256 number = _number();
        ICuts.Opening[] memory openings = _openCut(number, list);
        uint256 price = LIST;
        for (uint256 i = 0; i < CUTS; ++i) {
            _draw(number, openings[i], address(uint160(0x1000 + i)));
            uint256 now_ = _cut(number).price;
            assertGe(price - now_, LEAST, "BARG-1: less than promised");
            assertGe(now_, FLOOR, "BARG-1: below the floor");
            price = now_;
        }
        assertEq(price, FLOOR, "BARG-1: not at the floor");
    }

    /// @dev BARG-1: a brand that vanishes after opening changes nothing; all goes on without it.
    function test_attack_12__brand_that_is_gone__all_cuts_are_drawn() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        vm.prank(brand);
        brands.setManager(brandId, manager, 0);
        _announceWindDown();
        _suspendAndStop();
        for (uint256 i = 0; i < CUTS; ++i) {
            _draw(_number(), openings[i], address(uint160(0x1000 + i)));
        }
        assertEq(_cut(_number()).price, FLOOR);
        _pay(_payment(CUT, _number(), FLOOR));
    }

    // ------------------------------------------------------------ 12: farming

    function test_attack_12__one_person_with_many_wallets__draws_once_a_bargain() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        _draw(_number(), openings[0], friend);
        for (uint256 i = 0; i < 3; ++i) {
            address wallet = i == 0 ? friend : address(uint160(0x1000 + i));
            ICuts.Attestation memory attestation = _attest(wallet, _person(friend));
            vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_HelpedAlready.selector, _person(friend)));
            vm.prank(wallet);
            cuts.draw(address(token), CUT, _number(), openings[1], attestation, _none());
        }
        // Another bargain is another matter, with the same attestation.
        uint256 other = _number(member, 1);
        openings = _openCut(other);
        _draw(other, openings[0], friend);
    }

    function test_attack_12__buyer_as_helper__reverts() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_CannotHelp.selector, member));
        _draw(_number(), openings[0], member);
    }

    /// @dev A brand names managers without asking them: that must keep nobody from helping.
    function test_attack_12__brand_names_a_friend_its_manager__helps_all_the_same() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        vm.prank(brand);
        brands.setManager(brandId, friend, Roles.CAMPAIGN);
        _draw(_number(), openings[0], friend);
        assertEq(_cut(_number()).left, CUTS - 1);
    }

    function test_attack_12__attestation_of_ones_own_or_of_another_deal__reverts() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        ICuts.Attestation memory attestation = _attest(friend, "friend");
        attestation.signature =
            _sign(friendKey, _cutDigest(_helperHash(CUT, friend, "friend", attestation.deadline)));
        _expectAttesterInvalid(openings[0], attestation);
        attestation.signature =
            _sign(attesterKey, _cutDigest(_helperHash(HAGGLE, friend, "friend", attestation.deadline)));
        _expectAttesterInvalid(openings[0], attestation);
        attestation = _attest(friend, "friend");
        attestation.person = "another"; // as if a new person
        _expectAttesterInvalid(openings[0], attestation);
        attestation = _attest(friend, "friend");
        attestation.deadline += 1;
        _expectAttesterInvalid(openings[0], attestation);
        attestation = _attest(second, "second");
        attestation.helper = friend; // made out to another
        _expectAttesterInvalid(openings[0], attestation);
    }

    function _expectAttesterInvalid(ICuts.Opening memory opening, ICuts.Attestation memory attestation)
        private
    {
        _expectInvalidSignature(attester);
        vm.prank(friend);
        cuts.draw(address(token), CUT, _number(), opening, attestation, _none());
    }

    /// @dev A stranger who saw the attestation cannot draw in the helper's name.
    function test_attack_12__anothers_attestation__is_no_good() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        ICuts.Attestation memory attestation = _attest(friend, "friend");
        IPricer.Consent memory help = _help(_number());
        help.signature = _sign(memberKey, _cutDigest(_helpHash(_number(), help.deadline)));
        _expectInvalidSignature(friend);
        vm.prank(intruder);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
    }

    // ------------------------------------------------------------- 16: replay

    function test_attack_16__help__on_another_bargain_contract_or_chain__reverts() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        ICuts.Opening[] memory others = _openCut(_number(member, 1));
        ICuts.Attestation memory attestation = _attest(friend, "friend");
        IPricer.Consent memory help = _help(_number());
        _expectInvalidSignature(friend);
        cuts.draw(address(token), CUT, _number(member, 1), others[0], attestation, help);
        help.signature = _sign(
            friendKey,
            _pricerDigest(address(haggles), "Cuts", block.chainid, _helpHash(_number(), help.deadline))
        );
        _expectInvalidSignature(friend);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        help.signature =
            _sign(friendKey, _pricerDigest(address(cuts), "Cuts", 1, _helpHash(_number(), help.deadline)));
        _expectInvalidSignature(friend);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        help = _help(_number());
        help.signature = _malleate(help.signature);
        _expectInvalidSignature(friend);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        help = _help(_number());
        uint256 snapshot = vm.snapshotState();
        vm.chainId(1);
        _expectStatus(CUT, _number(), IPricer.Status.None);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        vm.chainId(31_337);
        vm.revertToState(snapshot);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_HelpedAlready.selector, bytes32("friend")));
        cuts.draw(address(token), CUT, _number(), openings[1], attestation, help);
    }

    function test_attack_16__commitment__for_another_bargain_buyer_or_head__reverts() public {
        uint256 number = _number();
        (bytes32 head,) = _chain(number, _drawnUp(), SEED);
        (bytes32 other,) = _chain(number, _drawnUp(), "other");
        IPricer.BrandConsent memory consent = _commitment(number, head);
        vm.startPrank(member);
        _expectInvalidSignature(brand);
        cuts.open(address(token), CUT, number, other, _none(), consent);
        _expectInvalidSignature(brand);
        cuts.open(address(token), CUT, _number(member, 1), head, _none(), consent);
        consent.signature = _malleate(consent.signature);
        _expectInvalidSignature(brand);
        cuts.open(address(token), CUT, number, head, _none(), consent);
        vm.stopPrank();
        consent = _commitment(number, head);
        vm.prank(intruder); // who is not the buyer, and has no signature of the buyer
        vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_Expired.selector, 0));
        cuts.open(address(token), CUT, number, head, _none(), consent);
        vm.warp(consent.deadline + 1);
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_Expired.selector, consent.deadline));
        cuts.open(address(token), CUT, number, head, _none(), consent);
        vm.warp(consent.deadline);
        vm.prank(member);
        cuts.open(address(token), CUT, number, head, _none(), consent);
    }

    function test_attack_16__commitment_of_a_manager_since_dismissed__reverts() public {
        uint256 number = _number();
        (bytes32 head,) = _chain(number, _drawnUp(), SEED);
        IPricer.BrandConsent memory consent = _commitment(number, head);
        (address staff, uint256 staffKey) = makeAddrAndKey("staff");
        consent.signer = staff;
        consent.signature = _sign(staffKey, _cutDigest(_openingHash(CUT, number, head, consent.deadline)));
        _setRoles(staff, Roles.CAMPAIGN);
        uint256 snapshot = vm.snapshotState();
        _setRoles(staff, Roles.FULFIL | Roles.SETTLE);
        vm.prank(member);
        vm.expectRevert(
            abi.encodeWithSelector(BrandGate.BrandGate_NotAuthorized.selector, brandId, staff, Roles.CAMPAIGN)
        );
        cuts.open(address(token), CUT, number, head, _none(), consent);
        vm.revertToState(snapshot);
        vm.prank(member);
        cuts.open(address(token), CUT, number, head, _none(), consent);
    }

    function _setRoles(address account, uint8 roles) private {
        vm.prank(brand);
        brands.setManager(brandId, account, roles);
    }

    function test_attack_16__bid_and_offer__elsewhere_twice_malleated__reverts() public {
        uint256 number = _open(450);
        _pay(_payment(HAGGLE, _number(member, 1), 450));
        IPricer.Consent memory bid = _bid(number, _agreement(425));
        IPricer.BrandConsent memory offer = _offer(number, 425);
        _expectInvalidSignature(member);
        haggles.strike(address(token), HAGGLE, _number(member, 1), _agreement(425), bid, offer);
        bytes memory good = bid.signature;
        bid.signature = _malleate(good);
        _expectInvalidSignature(member);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        bid.signature = good;
        good = offer.signature;
        offer.signature = _malleate(good);
        _expectInvalidSignature(brand);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        // Neither side's word is the other's.
        offer.signature = bid.signature;
        _expectInvalidSignature(brand);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        offer.signature = good;
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        _expectStatus(HAGGLE, number, IPricer.Status.Ended);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
    }

    function test_attack_16__bid_on_another_chain_or_contract__reverts() public {
        uint256 number = _open(450);
        IPricer.BrandConsent memory offer = _offer(number, 425);
        bytes32 hash = _bidHash(number, _agreement(425), 0, _soon());
        bytes32[2] memory digests = [
            _pricerDigest(address(haggles), "Haggles", 1, hash),
            _pricerDigest(address(cuts), "Haggles", block.chainid, hash)
        ];
        for (uint256 i = 0; i < digests.length; ++i) {
            IPricer.Consent memory bid = IPricer.Consent(_soon(), _sign(memberKey, digests[i]));
            _expectInvalidSignature(member);
            haggles.strike(address(token), HAGGLE, number, _agreement(425), bid, offer);
        }
    }

    function test_attack_16__payment__twice_or_for_another_bargain__reverts() public {
        IBargains.Payment memory payment = _payment(HAGGLE, _number(), 450);
        ILoyaltyToken.Spend memory spend = _spend(450 * TOKEN_PART);
        bytes memory signature = _sign(memberKey, _paymentDigest(spend, payment));
        IBargains.Payment memory other = _payment(HAGGLE, _number(member, 1), 450);
        bytes memory reason =
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member);
        vm.expectRevert(reason);
        bargains.payWithSignature(address(token), other, _noPermit(), spend, signature);
        other = _payment(HAGGLE, _number(), 449);
        vm.expectRevert(reason);
        bargains.payWithSignature(address(token), other, _noPermit(), spend, signature);
        bargains.payWithSignature(address(token), payment, _noPermit(), spend, signature);
        _withdraw(member, _number());
        _expectStatus(HAGGLE, _number(), IPricer.Status.Ended);
        bargains.payWithSignature(address(token), payment, _noPermit(), spend, signature);
    }

    /// @dev ERC-1271: buyer, brand's manager, attester and helper may all be contracts.
    function test_attack_28__wallets_that_sign_or_misbehave__count_or_do_not() public {
        Wallet helper = new Wallet(friend);
        ICuts.Opening[] memory openings = _openCut(_number());
        ICuts.Attestation memory attestation = _attest(address(helper), "helper");
        IPricer.Consent memory help = _help(_number());
        for (uint256 how = 2; how <= uint256(type(Wallet.Behaviour).max); ++how) {
            helper.behave(Wallet.Behaviour(how));
            if (Wallet.Behaviour(how) == Wallet.Behaviour.ReturnBomb) continue; // says yes, and is bounded
            if (Wallet.Behaviour(how) == Wallet.Behaviour.Fickle) continue;
            _expectInvalidSignature(address(helper));
            cuts.draw{ gas: 3_000_000 }(address(token), CUT, _number(), openings[0], attestation, help);
        }
        helper.behave(Wallet.Behaviour.Owner);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        assertEq(_cut(_number()).price, LIST - 15);
        Wallet bomb = new Wallet(friend);
        bomb.behave(Wallet.Behaviour.ReturnBomb);
        attestation = _attest(address(bomb), "bomb");
        cuts.draw{ gas: 6_000_000 }(address(token), CUT, _number(), openings[1], attestation, help);
    }

    function test_wallets__as_the_brands_manager__open_and_strike() public {
        Wallet office = new Wallet(friend);
        vm.prank(brand);
        brands.setManager(brandId, address(office), Roles.CAMPAIGN);
        uint256 number = _open(450);
        IPricer.BrandConsent memory offer = _offer(number, 425);
        offer.signer = address(office);
        offer.signature = _sign(friendKey, _haggleDigest(_offerHash(number, 425, 0, offer.deadline)));
        vm.prank(member);
        haggles.strike(address(token), HAGGLE, number, _agreement(425), _none(), offer);
        (bytes32 head,) = _chain(number, _drawnUp(), SEED);
        IPricer.BrandConsent memory consent = _commitment(number, head);
        consent.signer = address(office);
        consent.signature = _sign(friendKey, _cutDigest(_openingHash(CUT, number, head, consent.deadline)));
        vm.prank(member);
        cuts.open(address(token), CUT, number, head, _none(), consent);
    }

    // --------------------------------------------------- 11: hostile currency

    /// @dev Whatever the currency does as it comes in, exactly the deposit arrives or nothing has happened.
    function test_attack_11__currency_that_misbehaves__deposit_is_exact_or_undone() public {
        for (uint256 how = 1; how <= uint256(type(Currency.Behaviour).max); ++how) {
            uint256 snapshot = vm.snapshotState();
            money.behave(Currency.Behaviour(how));
            bytes memory data = abi.encode(IPurchases.Act.Pay, _payment(HAGGLE, _number(), 450));
            vm.prank(member);
            (bool success,) = address(token).call{ gas: 10_000_000 }(
                abi.encodeCall(token.transferAndCall, (address(bargains), 450 * TOKEN_PART, data))
            );
            uint256 deposit = bargains.depositOf(address(token), HAGGLE, _number());
            assertEq(deposit, success ? 450 : 0);
            assertEq(token.balanceOf(address(bargains)), deposit * TOKEN_PART, "BOOK-1");
            assertGe(money.balanceOf(address(bargains)), deposit * CURRENCY_PART, "BOOK-1");
            vm.revertToState(snapshot);
        }
    }

    /// @dev Giving back does not touch the currency, so that one that fails stands in nobody's way.
    function test_attack_11__currency_that_is_dead__stands_in_nobodys_way() public {
        uint256 number = _open(450);
        uint256 other = _number(member, 1);
        _pay(_payment(HAGGLE, other, 500));
        money.behave(Currency.Behaviour.Reverts);
        _withdraw(member, number);
        IPricer.BrandConsent memory offer = _offer(other, 425);
        vm.prank(member);
        haggles.strike(address(token), HAGGLE, other, _agreement(425), _none(), offer);
        assertEq(token.balanceOf(member), BALANCE - 425 * TOKEN_PART);
        assertEq(bargains.owedTo(currency, member), 525 * CURRENCY_PART);
        vm.expectRevert();
        bargains.collect(currency, member);
        money.behave(Currency.Behaviour.Plain);
        bargains.collect(currency, member);
        assertEq(bargains.owedTo(currency, member), 0);
    }

    /// @dev Called back while it pays, nobody pays, collects or takes twice.
    function test_attack_11__currency_that_calls_back__gets_nothing_twice() public {
        uint256 number = _open(450);
        _withdraw(member, number);
        uint256 next = _number(member, 1);
        IBargains.Payment memory payment = _payment(HAGGLE, next, 450);
        money.script(address(bargains), abi.encodeCall(bargains.collect, (currency, member)));
        money.script(
            address(haggles), abi.encodeCall(haggles.withdraw, (address(token), HAGGLE, number, _none()))
        );
        money.script(address(bargains), abi.encodeCall(bargains.pay, (address(token), payment, _noPermit())));
        money.behave(Currency.Behaviour.Reenters);
        _pay(payment);
        assertFalse(money.outcomes(0), "collected within a payment");
        assertEq(bytes4(money.reasons(0)), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        assertFalse(money.outcomes(1));
        assertFalse(money.outcomes(2));
        assertEq(bargains.depositOf(address(token), HAGGLE, next), 450);
        assertEq(money.balanceOf(address(bargains)), 900 * CURRENCY_PART, "BOOK-1");
    }

    // ------------------------------------------------------- 29: no such loop

    /// @dev What others did before makes nothing dearer: no loop runs over what users made.
    function test_attack_29__after_a_hundred_others__costs_the_same() public {
        uint256 number = _open(450);
        uint256 snapshot = vm.snapshotState();
        _withdraw(member, number);
        uint256 before = vm.lastCallGas().gasTotalUsed;
        vm.revertToState(snapshot);
        for (uint256 i = 1; i < 100; ++i) {
            _pay(_payment(HAGGLE, _number(member, i), 450));
        }
        _withdraw(member, number);
        assertApproxEqAbs(vm.lastCallGas().gasTotalUsed, before, 25_000);
    }

    /// @dev Donations change nothing.
    function test_attack_4__donation__changes_nothing() public {
        uint256 number = _open(450);
        vm.startPrank(member);
        token.transfer(address(bargains), 100);
        money.transfer(address(bargains), 100);
        vm.stopPrank();
        _withdraw(member, number);
        assertEq(token.balanceOf(member), BALANCE - 100);
        assertEq(bargains.owedTo(currency, member), 450 * CURRENCY_PART);
        assertEq(token.balanceOf(address(bargains)), 100);
    }

    /// @dev Whole life with a dispute: the stake comes from the buyer, in tokens and currency.
    function test_bargain__disputed_and_decided__splits_to_the_part() public {
        uint256 number = _open(450);
        IFulfilment.Order memory order = _facts(HAGGLE, number, 450);
        _strike(intruder, number, 450);
        uint256[] memory numbers = new uint256[](1);
        numbers[0] = number;
        vm.prank(brand);
        bargains.fulfil(address(token), HAGGLE, numbers);
        vm.prank(member);
        token.transferAndCall(
            address(bargains), order.stake * TOKEN_PART, abi.encode(IPurchases.Act.Dispute, order)
        );
        vm.prank(arbiter);
        bargains.decide(order, 100, 200);
        assertEq(token.balanceOf(member), BALANCE - 350 * TOKEN_PART);
        assertEq(bargains.owedTo(currency, member), (100 + order.stake) * CURRENCY_PART);
        assertEq(bargains.proceedsOf(address(token)), 350 * CURRENCY_PART);
        assertEq(bonds.owedTo(currency, member), 200);
        assertEq(token.balanceOf(address(bargains)), 0, "BOOK-1: to the last unit");
        bargains.collect(currency, member);
        vm.prank(brand);
        bargains.withdrawProceeds(address(token), brand);
        assertEq(money.balanceOf(address(bargains)), 0, "BOOK-1: to the last unit");
    }
}
