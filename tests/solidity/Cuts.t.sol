// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { IBargainDeals } from "../../contracts/interfaces/IBargainDeals.sol";
import { IBargains } from "../../contracts/interfaces/IBargains.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ICuts } from "../../contracts/interfaces/ICuts.sol";
import { IDeals } from "../../contracts/interfaces/IDeals.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IPricer } from "../../contracts/interfaces/IPricer.sol";
import { IPurchases } from "../../contracts/interfaces/IPurchases.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { BargainTest } from "./utils/BargainTest.sol";
import { Cooling } from "./utils/DeskTest.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice What can be published for friends to cut.
contract CutDealsTest is BargainTest {
    function _publishCut(IPricer.Rules memory rules, ICuts.CutRules memory own) private {
        _publish("other", _conditions(), address(cuts), abi.encode(rules, own));
    }

    function test_publish__as_it_was_set() public view {
        (IPricer.Rules memory rules, uint256 opened) = cuts.rulesOf(address(token), CUT);
        assertEq(abi.encode(rules), abi.encode(_rules()));
        assertEq(opened, 0);
        assertEq(abi.encode(cuts.cutRulesOf(address(token), CUT)), abi.encode(_cutRules()));
        assertEq(bargains.pricerOf(address(token), CUT), address(cuts));
        assertEq(cuts.MAX_CUTS(), 64);
        assertEq(cuts.ANSWER_PERIOD(), ANSWER);
        assertEq(address(cuts.BARGAINS()), address(bargains));
    }

    function test_publish__cuts_that_do_not_fit__reverts_to_the_unit() public {
        ICuts.CutRules memory own = _cutRules();
        uint8[3] memory counts = [0, 65, 21];
        for (uint256 i = 0; i < counts.length; ++i) {
            own.cuts = counts[i];
            vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_InvalidRules.selector, own));
            _publishCut(_rules(), own);
        }
        (own.cuts, own.leastCut) = (20, 0);
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_InvalidRules.selector, own));
        _publishCut(_rules(), own);
        own.leastCut = 5; // 20 cuts of 5 fill all the room there is
        _publishCut(_rules(), own);
    }

    function test_publish__sixty_four_cuts__is_the_most() public {
        ICuts.CutRules memory own = _cutRules();
        (own.cuts, own.leastCut) = (64, 1);
        _publishCut(_rules(), own);
    }

    function test_publish__prices_stock_or_time_that_make_no_sense__reverts() public {
        for (uint256 i = 0; i < 4; ++i) {
            IPricer.Rules memory rules = _rules();
            if (i == 0) rules.floorPrice = LIST;
            if (i == 1) rules.floorPrice = 0;
            if (i == 2) rules.stock = 0;
            if (i == 3) rules.duration = 0;
            vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_InvalidRules.selector, rules));
            _publishCut(rules, _cutRules());
        }
    }

    /// @dev BARG-1: a brand cannot name its own attester and so withhold the cuts.
    function test_attack_12__attester_that_the_alliance_does_not_list__reverts() public {
        address[3] memory none = [brand, address(0), arbiter];
        for (uint256 i = 0; i < none.length; ++i) {
            ICuts.CutRules memory own = _cutRules();
            own.attester = none[i];
            vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_NoAttester.selector, none[i]));
            _publishCut(_rules(), own);
        }
    }

    function test_publish__pricer_that_is_not_listed__reverts() public {
        _list(IBrandRegistry.List.Module, address(cuts), false);
        vm.expectRevert(
            abi.encodeWithSelector(IBargainDeals.BargainDeals_PricerNotListed.selector, address(cuts))
        );
        _publishCut(_rules(), _cutRules());
    }

    function test_publish__by_others_or_twice__reverts_and_changes_no_rules() public {
        IPricer.Rules memory rules = _rules();
        rules.floorPrice = 1;
        vm.expectRevert(abi.encodeWithSelector(IDeals.Deals_AlreadyExists.selector, address(token), CUT));
        _publish(CUT, _conditions(), address(cuts), abi.encode(rules, _cutRules()));
        vm.prank(partner);
        vm.expectRevert(
            abi.encodeWithSelector(
                BrandGate.BrandGate_NotAuthorized.selector, brandId, partner, Roles.CAMPAIGN
            )
        );
        deals.publishDeal(
            address(token),
            "other",
            _conditions(),
            address(cuts),
            abi.encode(rules, _cutRules()),
            DOCUMENT,
            DOCUMENT_URI
        );
        (rules,) = cuts.rulesOf(address(token), CUT);
        assertEq(rules.floorPrice, FLOOR);
        (rules,) = cuts.rulesOf(address(token), "other");
        assertEq(rules.listPrice, 0);
    }

    function test_onPublished_and_onPayment__by_others__reverts() public {
        address[3] memory others = [brand, manager, address(bargains)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_NotDeals.selector, others[i]));
            cuts.onPublished(address(token), "x", brandId, abi.encode(_rules(), _cutRules()));
        }
        _openCut(_number());
        vm.prank(member);
        vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_NotBargains.selector, member));
        cuts.onPayment(address(token), CUT, _number(), LIST);
    }
}

/// @notice Opening, drawing and taking, to the second.
contract CutsTest is BargainTest {
    // --------------------------------------------------------------- opening

    function test_open__takes_a_right_and_nothing_else() public {
        uint256 number = _number();
        uint256 held = money.balanceOf(member);
        (bytes32 head,) = _chain(number, _drawnUp(), SEED);
        vm.expectEmit(address(cuts));
        emit ICuts.CutOpened(address(token), CUT, member, number, head, START + DURATION);
        _openCut(number);
        ICuts.Bargain memory bargain = _cut(number);
        assertEq(uint8(bargain.status), uint8(IPricer.Status.Open));
        assertEq(bargain.price, LIST);
        assertEq(bargain.left, CUTS);
        assertEq(bargain.deadline, START + DURATION);
        assertEq(bargain.answerBy, 0);
        assertEq(bargain.link, head);
        assertEq(_rightsOf(member), 99);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(money.balanceOf(member), held);
        assertEq(
            cuts.bargainIdOf(address(token), CUT, number),
            keccak256(abi.encode(block.chainid, address(cuts), token, CUT, number))
        );
    }

    function test_open__window__to_the_second() public {
        IDeals.Conditions memory conditions = _conditions();
        (conditions.opensAt, conditions.closesAt) = (START + 100, START + 200);
        bytes memory rules = abi.encode(_rules(), _cutRules());
        _publish("brief", conditions, address(cuts), rules);
        uint40[4] memory times = [START + 99, START + 100, START + 199, START + 200];
        for (uint256 i = 0; i < times.length; ++i) {
            vm.warp(times[i]);
            bool may = i == 1 || i == 2;
            if (!may) {
                vm.expectRevert(
                    abi.encodeWithSelector(
                        IPurchases.Purchases_OutsideWindow.selector, START + 100, START + 200
                    )
                );
            }
            vm.prank(member);
            cuts.request(address(token), "brief", _number(member, i), _none());
        }
    }

    function test_open__without_a_right__reverts() public {
        address poor = makeAddr("poor");
        uint256 number = _number(poor, 0);
        (bytes32 head,) = _chain(number, _drawnUp(), SEED);
        IPricer.BrandConsent memory consent = _commitment(number, head);
        vm.prank(poor);
        vm.expectRevert();
        cuts.open(address(token), CUT, number, head, _none(), consent);
        assertEq(uint8(_cut(number).status), uint8(IPricer.Status.None));
    }

    function test_open__number_used_before__reverts_in_every_state() public {
        uint256 number = _number();
        ICuts.Opening[] memory openings = _openCut(number);
        (bytes32 head,) = _chain(number, _drawnUp(), SEED);
        IPricer.BrandConsent memory consent = _commitment(number, head);
        _expectStatus(CUT, number, IPricer.Status.Open);
        vm.prank(member);
        cuts.open(address(token), CUT, number, head, _none(), consent);
        _draw(number, openings[0], friend);
        _pay(_payment(CUT, number, LIST));
        _expectStatus(CUT, number, IPricer.Status.Ended);
        _request(number);
        uint256 other = _number(member, 1);
        _request(other);
        _expectStatus(CUT, other, IPricer.Status.Requested);
        _request(other);
        vm.warp(START + ANSWER + DURATION);
        _expectStatus(CUT, other, IPricer.Status.Lapsed);
        _request(other);
    }

    function test_open__out_of_stock__reverts() public {
        IPricer.Rules memory rules = _rules();
        rules.stock = 2;
        _publish("few", _conditions(), address(cuts), abi.encode(rules, _cutRules()));
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(member);
            cuts.request(address(token), "few", _number(member, i), _none());
        }
        vm.expectRevert(abi.encodeWithSelector(IPricer.Pricer_OutOfStock.selector, 2));
        vm.prank(member);
        cuts.request(address(token), "few", _number(member, 2), _none());
    }

    function test_open__no_commitment__reverts() public {
        IPricer.BrandConsent memory consent = _commitment(_number(), 0);
        _expect(ICuts.Cuts_NoCommitment.selector);
        vm.prank(member);
        cuts.open(address(token), CUT, _number(), 0, _none(), consent);
    }

    function test_open__arbiter_or_attester_struck_off__reverts() public {
        _list(IBrandRegistry.List.Attester, attester, false);
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_NoAttester.selector, attester));
        _request(_number());
        _list(IBrandRegistry.List.Attester, attester, true);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_NoArbiter.selector, arbiter));
        _request(_number());
    }

    function test_open__by_an_account_of_the_brand__reverts() public {
        address[3] memory own = [brand, manager, guardian];
        for (uint256 i = 0; i < own.length; ++i) {
            _grantRights(token, own[i], 1);
            vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_BrandAccount.selector, own[i]));
            _request(_number(own[i], 0));
        }
    }

    /// @dev The buyer has no ETH: it signs, the brand's manager submits and need not sign.
    function test_open__buyer_signs_and_manager_submits__opens() public {
        uint256 number = _number();
        (bytes32 head,) = _chain(number, _drawnUp(), SEED);
        bytes32 digest = _cutDigest(_openingHash(CUT, number, head, _soon()));
        IPricer.Consent memory buyer = IPricer.Consent(_soon(), _sign(memberKey, digest));
        IPricer.BrandConsent memory consent;
        consent.signer = manager;
        vm.prank(manager);
        cuts.open(address(token), CUT, number, head, buyer, consent);
        assertEq(uint8(_cut(number).status), uint8(IPricer.Status.Open));
    }

    // ------------------------------------------------------------ requesting

    function test_request__answered__lives_as_long_as_if_not() public {
        uint256 number = _number();
        _request(number);
        ICuts.Bargain memory bargain = _cut(number);
        assertEq(uint8(bargain.status), uint8(IPricer.Status.Requested));
        assertEq(bargain.answerBy, START + ANSWER);
        assertEq(bargain.deadline, START + ANSWER + DURATION);
        assertEq(bargain.price, LIST);
        assertEq(_rightsOf(member), 99);
        vm.warp(START + ANSWER - 1);
        _answer(number, _drawnUp());
        (bytes32 head, ICuts.Opening[] memory openings) = _chain(number, _drawnUp(), 0);
        bargain = _cut(number);
        assertEq(uint8(bargain.status), uint8(IPricer.Status.Open));
        assertEq(bargain.link, head);
        assertEq(bargain.answerBy, 0);
        assertEq(bargain.deadline, START + ANSWER + DURATION);
        _draw(number, openings[0], friend);
        assertEq(_cut(number).price, LIST - 15);
        vm.warp(START + ANSWER);
        assertEq(_cut(number).price, LIST - 15, "an answer in time stays one");
    }

    /// @dev BARG-1: silence gives the buyer everything, in that very second and not before.
    function test_attack_12__brand_that_withholds_the_openings__price_is_the_floor() public {
        uint256 number = _number();
        _request(number);
        vm.warp(START + ANSWER - 1);
        assertEq(_cut(number).price, LIST);
        vm.warp(START + ANSWER);
        ICuts.Bargain memory bargain = _cut(number);
        assertEq(bargain.price, FLOOR, "BARG-1: silence pays");
        assertEq(uint8(bargain.status), uint8(IPricer.Status.Open));
        _expectStatus(CUT, number, IPricer.Status.Open);
        _answer(number, _drawnUp());
        vm.warp(START + ANSWER + DURATION - 1);
        IFulfilment.Order memory order = _facts(CUT, number, FLOOR);
        _pay(_payment(CUT, number, FLOOR));
        (bool fulfilled,) = bargains.isFulfilled(order);
        assertFalse(fulfilled);
        vm.prank(member);
        bargains.confirm(order);
    }

    function test_request__silence_for_ever__lapses() public {
        uint256 number = _number();
        _request(number);
        vm.warp(START + ANSWER + DURATION);
        assertEq(uint8(_cut(number).status), uint8(IPricer.Status.Lapsed));
        _expectStatus(CUT, number, IPricer.Status.Lapsed);
        _pay(_payment(CUT, number, LIST));
    }

    function test_request__before_the_answer__can_be_taken_at_the_list_price() public {
        _request(_number());
        _pay(_payment(CUT, _number(), LIST));
        assertEq(_cut(_number()).price, LIST);
        assertEq(uint8(_cut(_number()).status), uint8(IPricer.Status.Ended));
    }

    function test_request__deal_without_a_right__reverts() public {
        IDeals.Conditions memory conditions = _conditions();
        conditions.rightId = 0;
        _publish("open to all", conditions, address(cuts), abi.encode(_rules(), _cutRules()));
        vm.expectRevert(
            abi.encodeWithSelector(ICuts.Cuts_NoRightNeeded.selector, address(token), bytes32("open to all"))
        );
        vm.prank(member);
        cuts.request(address(token), "open to all", _number(), _none());
    }

    function test_answer__with_cuts_that_break_the_promise__reverts() public {
        uint256 number = _number();
        _request(number);
        uint96[] memory list = _drawnUp();
        list[0] += 1;
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_WrongCuts.selector, 5, 101));
        _answer(number, list);
        list[0] -= 2;
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_WrongCuts.selector, 5, 99));
        _answer(number, list);
        (list[0], list[1], list[2], list[3], list[4]) = (4, 24, 24, 24, 24);
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_CutTooSmall.selector, 4, 5));
        _answer(number, list);
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_WrongCuts.selector, 0, 0));
        _answer(number, new uint96[](0));
        uint96[] memory four = new uint96[](4);
        (four[0], four[1], four[2], four[3]) = (25, 25, 25, 25);
        vm.expectRevert(abi.encodeWithSelector(ICuts.Cuts_WrongCuts.selector, 4, 100));
        _answer(number, four);
        _answer(number, _drawnUp());
        _expectStatus(CUT, number, IPricer.Status.Open);
        _answer(number, _drawnUp());
    }

    function test_answer__by_others__reverts() public {
        uint256 number = _number();
        _request(number);
        address[3] memory others = [member, partner, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(
                abi.encodeWithSelector(
                    BrandGate.BrandGate_NotAuthorized.selector, brandId, others[i], Roles.CAMPAIGN
                )
            );
            cuts.answer(address(token), CUT, number, _drawnUp());
        }
    }

    // --------------------------------------------------------------- drawing

    function test_draw__one_after_another__down_to_the_floor() public {
        uint256 number = _number();
        ICuts.Opening[] memory openings = _openCut(number);
        uint96[] memory list = _drawnUp();
        uint96 price = LIST;
        for (uint256 i = 0; i < CUTS; ++i) {
            address helper = makeAddr(vm.toString(i));
            price -= list[i];
            vm.expectEmit(address(cuts));
            emit ICuts.CutDrawn(
                address(token), CUT, number, helper, _person(helper), price, uint8(CUTS - 1 - i)
            );
            _draw(number, openings[i], helper);
            assertEq(_cut(number).price, price);
            assertEq(_cut(number).link, openings[i].next);
            assertTrue(cuts.hasHelped(address(token), CUT, number, _person(helper)));
        }
        assertEq(price, FLOOR);
        vm.expectRevert(
            abi.encodeWithSelector(ICuts.Cuts_NothingToDraw.selector, address(token), CUT, number)
        );
        _draw(number, openings[4], makeAddr("one more"));
    }

    /// @dev RED-1's clock: drawing and taking end in the second of the deadline.
    function test_draw_and_take__to_the_second() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        vm.warp(START + DURATION - 1);
        uint256 snapshot = vm.snapshotState();
        _draw(_number(), openings[0], friend);
        _pay(_payment(CUT, _number(), LIST));
        for (uint256 late = 0; late < 2; ++late) {
            vm.revertToState(snapshot);
            vm.warp(START + DURATION + late);
            _expectStatus(CUT, _number(), IPricer.Status.Lapsed);
            _draw(_number(), openings[0], friend);
            _expectStatus(CUT, _number(), IPricer.Status.Lapsed);
            _pay(_payment(CUT, _number(), LIST));
        }
        assertEq(token.balanceOf(member), BALANCE, "lapsing costs nothing");
    }

    function test_draw__while_requested_or_unanswered__reverts() public {
        uint256 number = _number();
        (, ICuts.Opening[] memory openings) = _chain(number, _drawnUp(), 0);
        _request(number);
        _expectStatus(CUT, number, IPricer.Status.Requested);
        _draw(number, openings[0], friend);
        vm.warp(START + ANSWER);
        vm.expectRevert(
            abi.encodeWithSelector(ICuts.Cuts_NothingToDraw.selector, address(token), CUT, number)
        );
        _draw(number, openings[0], friend);
    }

    function test_draw__never_opened_or_ended__reverts() public {
        uint256 number = _number();
        (, ICuts.Opening[] memory openings) = _chain(number, _drawnUp(), SEED);
        _expectStatus(CUT, number, IPricer.Status.None);
        _draw(number, openings[0], friend);
        _openCut(number);
        _pay(_payment(CUT, number, LIST));
        _expectStatus(CUT, number, IPricer.Status.Ended);
        _draw(number, openings[0], friend);
    }

    /// @dev Attestations and helpers' words are good in the second of their deadline and not after it.
    function test_draw__signatures__to_the_second() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        ICuts.Attestation memory attestation = _attest(friend, "friend");
        IPricer.Consent memory help = _help(_number());
        vm.warp(attestation.deadline + 1);
        bytes memory expired = abi.encodeWithSelector(IPricer.Pricer_Expired.selector, attestation.deadline);
        vm.expectRevert(expired);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        ICuts.Attestation memory fresh = _attest(friend, "friend");
        vm.expectRevert(expired);
        cuts.draw(address(token), CUT, _number(), openings[0], fresh, help);
        vm.warp(attestation.deadline);
        vm.prank(intruder);
        cuts.draw(address(token), CUT, _number(), openings[0], attestation, help);
        assertEq(_cut(_number()).price, LIST - 15);
    }

    /// @dev Suspension, default and strikings off lists stop neither helping nor taking.
    function test_draw_and_take__brand_suspended_and_lists_empty__go_on() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        _suspendAndStop();
        _list(IBrandRegistry.List.Attester, attester, false);
        _list(IBrandRegistry.List.Arbiter, arbiter, false);
        _list(IBrandRegistry.List.Module, address(cuts), false);
        _list(IBrandRegistry.List.Module, address(bargains), false);
        _list(IBrandRegistry.List.Currency, currency, false);
        vm.prank(brand);
        brands.setManager(brandId, manager, 0);
        _draw(_number(), openings[0], friend);
        _pay(_payment(CUT, _number(), LIST));
        assertEq(_cut(_number()).price, LIST - 15);
    }

    // ---------------------------------------------------------------- taking

    function test_take__becomes_an_order_and_what_is_too_much_goes_back() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        _draw(_number(), openings[0], friend);
        IFulfilment.Order memory order = _facts(CUT, _number(), LIST - 15);
        _pay(_payment(CUT, _number(), LIST)); // as it saw the price before the friend's help
        uint256 price = LIST - 15;
        assertEq(token.balanceOf(member), BALANCE - price * TOKEN_PART);
        assertEq(money.balanceOf(member), MEANS - price * CURRENCY_PART);
        (IFulfilment.State state, uint40 fulfilBy) = bargains.stateOf(address(token), CUT, _number());
        assertEq(uint8(state), uint8(IFulfilment.State.Open));
        assertEq(fulfilBy, START + uint40(FULFIL_DAYS) * 1 days);
        assertEq(bargains.freeCompensationOf(address(token), CUT), FUND - COMPENSATION);
        vm.warp(fulfilBy);
        bargains.claim(order);
        assertEq(token.balanceOf(member), BALANCE);
        assertEq(bargains.owedTo(currency, member), price * CURRENCY_PART);
        assertEq(bonds.owedTo(currency, member), COMPENSATION);
        bargains.collect(currency, member);
        assertEq(money.balanceOf(member), MEANS);
        IFulfilment.Record memory record = bargains.recordOf(address(token), CUT);
        assertEq(record.failed, 1);
        assertEq(record.open, 0);
    }

    function test_take__dearer_than_signed_for__reverts() public {
        _openCut(_number());
        vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_TooDear.selector, LIST, LIST - 1));
        _pay(_payment(CUT, _number(), LIST - 1));
    }

    function test_take__tokens_or_money_short__reverts() public {
        _openCut(_number());
        vm.expectRevert(
            abi.encodeWithSelector(
                IPurchases.Purchases_WrongTokens.selector, LIST * TOKEN_PART - 1, LIST * TOKEN_PART
            )
        );
        _pay(member, _payment(CUT, _number(), LIST), LIST * TOKEN_PART - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IPurchases.Purchases_WrongTokens.selector, 0, LIST * TOKEN_PART)
        );
        vm.prank(member);
        bargains.pay(address(token), _payment(CUT, _number(), LIST), _noPermit());
        vm.prank(member);
        money.approve(address(bargains), LIST * CURRENCY_PART - 1);
        vm.expectRevert();
        _pay(_payment(CUT, _number(), LIST));
        assertEq(token.balanceOf(member), BALANCE);
    }

    function test_take__by_another_than_the_buyer__reverts() public {
        _openCut(_number());
        _equip(friend);
        vm.expectRevert(abi.encodeWithSelector(IBargains.Bargains_NotBuyers.selector, _number(), friend));
        _pay(friend, _payment(CUT, _number(), LIST), LIST * TOKEN_PART);
    }

    function test_take__compensation_short__only_if_the_buyer_accepts() public {
        vm.prank(brand);
        bonds.reclaim(address(token), PURSE, address(bargains), FUND - 10, abi.encode(CUT));
        _openCut(_number());
        IBargains.Payment memory payment = _payment(CUT, _number(), LIST);
        payment.leastCompensation = 11;
        vm.expectRevert(abi.encodeWithSelector(IPurchases.Purchases_CompensationShort.selector, 10, 11));
        _pay(payment);
        payment.leastCompensation = 10;
        _pay(payment);
        assertEq(bargains.freeCompensationOf(address(token), CUT), 0);
    }

    function test_take__with_a_signature__by_anybody() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        IBargains.Payment memory payment = _payment(CUT, _number(), LIST);
        ILoyaltyToken.Spend memory spend = _spend(LIST * TOKEN_PART);
        bytes memory signature = _sign(memberKey, _paymentDigest(spend, payment));
        _draw(_number(), openings[0], friend);
        vm.prank(intruder);
        bargains.payWithSignature(address(token), payment, _noPermit(), spend, signature);
        assertEq(token.balanceOf(member), BALANCE - (LIST - 15) * TOKEN_PART);
        assertEq(_cut(_number()).price, LIST - 15);
    }

    // ------------------------------------------------------------------- gas

    /// @dev A draw costs the same, whatever was drawn before it.
    function test_attack_29__first_and_later_draws__cost_the_same() public {
        ICuts.Opening[] memory openings = _openCut(_number());
        uint256[CUTS] memory gas;
        for (uint256 i = 0; i < CUTS; ++i) {
            _cool();
            _draw(_number(), openings[i], address(uint160(0x1000 + i)));
            gas[i] = vm.lastCallGas().gasTotalUsed;
            assertApproxEqAbs(gas[i], gas[0], 5000);
        }
    }

    function _cool() private {
        Cooling(address(vm)).cool(address(cuts));
        Cooling(address(vm)).cool(address(brands));
    }
}
