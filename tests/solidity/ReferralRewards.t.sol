// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { BrandGate } from "../../contracts/base/BrandGate.sol";
import { Realised } from "../../contracts/base/Realised.sol";
import { Rewards } from "../../contracts/base/Rewards.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { IReferralRewards } from "../../contracts/interfaces/IReferralRewards.sol";
import { Currency } from "./utils/Currencies.sol";
import { GrowthTest } from "./utils/GrowthTest.sol";

contract ReferralRewardsTest is GrowthTest {
    // ------------------------------------------------------------ programmes

    function test_createProgramme__is_as_it_was_written() public {
        IReferralRewards.Terms memory terms = _terms(PURCHASES);
        (terms.opensAt, terms.closesAt, terms.memberDays) = (ENDS, ENDS + 1, 7);
        vm.expectEmit(address(referrals));
        emit IReferralRewards.ProgrammeCreated(address(token), 2, terms, attester, DOCUMENT, DOCUMENT_URI);
        assertEq(_createProgramme(terms, attester), 2);
        IReferralRewards.Programme memory made = referrals.programmeOf(address(token), 2);
        assertEq(abi.encode(made.terms), abi.encode(terms));
        assertEq(made.attester, attester);
        assertEq(made.left, 0);
        assertEq(referrals.programmeCount(address(token)), 2);
    }

    function test_createProgramme__any_bad_term__reverts() public {
        IReferralRewards.Terms memory terms;
        for (uint256 i = 0; i < 9; ++i) {
            terms = _terms(ALL);
            (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 1);
            if (i == 0) (terms.firstBps, terms.secondBps) = (0, 0);
            if (i == 1) (terms.firstBps, terms.secondBps) = (4999, 1); // a half, where spending counts
            if (i == 2) terms.kinds = 8;
            if (i == 3) terms.kinds = 0;
            if (i == 4) terms.vestingDays = 13;
            if (i == 5) terms.vestingDays = 366;
            if (i == 6) terms.closesAt = terms.opensAt;
            if (i == 7) terms.referrerCap = 0;
            if (i == 8) terms.kinds = 3; // an attester of nothing
            _expectInvalid(terms, attester);
        }
        terms = _terms(ALL);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 1);
        _expectInvalid(terms, address(0));
        terms = _terms(PURCHASES);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 1);
        (terms.firstBps, terms.secondBps) = (9999, 1); // the whole
        _expectInvalid(terms, attester);
        (terms.firstBps, terms.secondBps) = (9998, 1);
        _createProgramme(terms, attester);
    }

    function test_createProgramme__at_the_edge_of_a_half__is_accepted() public {
        IReferralRewards.Terms memory terms = _terms(ALL);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 1);
        (terms.firstBps, terms.secondBps, terms.vestingDays) = (4998, 1, 365);
        _createProgramme(terms, attester);
    }

    function test_createProgramme__overlapping_the_last__reverts() public {
        IReferralRewards.Terms memory terms = _terms(ALL);
        terms.opensAt = ENDS - 1;
        terms.closesAt = ENDS + 1;
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_Overlaps.selector, ENDS - 1, ENDS));
        _createProgramme(terms, attester);
    }

    function test_createProgramme__not_by_staff_of_a_brand_that_is_active__reverts() public {
        IReferralRewards.Terms memory terms = _terms(ALL);
        _expectNotCampaigner(intruder);
        vm.prank(intruder);
        referrals.createProgramme(address(token), terms, attester, DOCUMENT, DOCUMENT_URI);
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _createProgramme(terms, attester);
    }

    function test_createProgramme__token_that_is_not_obliged__reverts() public {
        ILoyaltyToken other = _createToken(brand, brandId, "Other", "OTH");
        vm.expectRevert();
        vm.prank(manager);
        referrals.createProgramme(address(other), _terms(ALL), attester, DOCUMENT, DOCUMENT_URI);
    }

    function test_createProgramme__document_of_513_bytes__reverts() public {
        IReferralRewards.Terms memory terms = _terms(ALL);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 1);
        string memory uri = _uri(513);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_URITooLong.selector, 513, 512));
        vm.prank(manager);
        referrals.createProgramme(address(token), terms, attester, DOCUMENT, uri);
    }

    function test_fund__unknown_programme__takes_nothing() public {
        _expect(
            abi.encodeWithSelector(IReferralRewards.ReferralRewards_NoProgramme.selector, address(token), 2)
        );
        _fundProgramme(2, 1);
    }

    function test_fund__with_nothing__only_opens_the_token() public {
        _give(address(referrals), 0, "");
        assertEq(_leftOf(programme), BUDGET);
    }

    function test_end__known_for_14_days__and_the_rest_goes_back_60_days_later() public {
        vm.expectEmit(address(referrals));
        emit IReferralRewards.ProgrammeEnded(address(token), programme, START + 14 days);
        vm.prank(manager);
        referrals.endProgramme(address(token), programme);

        vm.warp(START + 14 days + ACCRUALS - 1);
        _fundProgramme(programme, 1);
        _expect(
            abi.encodeWithSelector(
                IReferralRewards.ReferralRewards_TooEarly.selector, START + 14 days + ACCRUALS
            )
        );
        vm.prank(manager);
        referrals.returnRest(address(token), programme);

        vm.warp(block.timestamp + 1);
        uint256 promised = token.totalQuota();
        vm.expectEmit(address(referrals));
        emit IReferralRewards.RestReturned(address(token), programme, BUDGET + 1);
        vm.prank(manager);
        referrals.returnRest(address(token), programme);
        assertEq(token.totalQuota(), promised - BUDGET - 1);
        assertEq(_leftOf(programme), 0);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_Over.selector, START + 14 days));
        _fundProgramme(programme, 1);
    }

    function test_end__never_later_than_it_would__and_not_twice_over() public {
        vm.warp(ENDS - 1 days);
        vm.prank(manager);
        referrals.endProgramme(address(token), programme);
        assertEq(referrals.programmeOf(address(token), programme).terms.closesAt, ENDS);
        vm.warp(ENDS);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_Over.selector, ENDS));
        vm.prank(manager);
        referrals.endProgramme(address(token), programme);
    }

    function test_end__before_it_opens__leaves_no_place_beside_the_one_before() public {
        IReferralRewards.Terms memory terms = _terms(ALL);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 100 days);
        vm.startPrank(manager);
        referrals.createProgramme(address(token), terms, attester, DOCUMENT, DOCUMENT_URI);
        referrals.endProgramme(address(token), 2);
        assertEq(referrals.programmeOf(address(token), 2).terms.closesAt, ENDS);

        terms.opensAt = START + 14 days; // the first programme runs until the second would have opened
        _expect(
            abi.encodeWithSelector(IReferralRewards.ReferralRewards_Overlaps.selector, START + 14 days, ENDS)
        );
        referrals.createProgramme(address(token), terms, attester, DOCUMENT, DOCUMENT_URI);
    }

    function test_setAttester__what_accrued_stands__and_the_new_one_attests() public {
        _bindChain();
        _accruePurchase(_purchase("before", 1000));
        IReferralRewards.Purchase memory bought = _purchase("after", 1000);
        bytes memory old = _attested(bought);
        vm.prank(manager);
        referrals.setAttester(address(token), programme, vm.addr(77));
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, vm.addr(77)));
        referrals.accruePurchase(programme, bought, old);
        referrals.accruePurchase(programme, bought, _sign(77, _onReferrals(_purchaseHash(bought))));
        vm.warp(block.timestamp + 14 days);
        referrals.claim(_ids(_idOf(IReferralRewards.Kind.Purchase, "before")));
        referrals.claim(_ids(_idOf(IReferralRewards.Kind.Purchase, "after")));
        assertEq(token.balanceOf(friend), 200);
    }

    function test_setAttester__of_none_or_where_purchases_do_not_count__reverts() public {
        vm.startPrank(manager);
        _expect(IReferralRewards.ReferralRewards_InvalidTerms.selector);
        referrals.setAttester(address(token), programme, address(0));
        IReferralRewards.Terms memory terms = _terms(3);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 1);
        referrals.createProgramme(address(token), terms, address(0), DOCUMENT, DOCUMENT_URI);
        _expect(
            abi.encodeWithSelector(
                IReferralRewards.ReferralRewards_NotCounted.selector, IReferralRewards.Kind.Purchase
            )
        );
        referrals.setAttester(address(token), 2, attester);
    }

    function test_brands_functions__by_others__revert() public {
        vm.startPrank(intruder);
        _expectNotCampaigner(intruder);
        referrals.setAttester(address(token), programme, intruder);
        _expectNotCampaigner(intruder);
        referrals.endProgramme(address(token), programme);
        _expectNotCampaigner(intruder);
        referrals.returnRest(address(token), programme);
        _expectNotCampaigner(intruder);
        referrals.undo(_idOf(IReferralRewards.Kind.Purchase, "x"), "why not");
    }

    // --------------------------------------------------------------- binding

    function test_REF_1__bind__once_and_for_good() public {
        vm.expectEmit(address(referrals));
        emit IReferralRewards.ReferrerOpened(address(token), friend);
        vm.expectEmit(address(referrals));
        emit IReferralRewards.Bound(address(token), member, friend);
        _bind(member, friendKey);
        IReferralRewards.Standing memory standing = referrals.standingOf(address(token), member);
        assertEq(standing.referrer, friend);
        assertEq(standing.boundAt, START);
        assertFalse(standing.refers);
        _expect(
            abi.encodeWithSelector(IReferralRewards.ReferralRewards_AlreadyBound.selector, member, friend)
        );
        _bind(member, grandKey);
        // With another brand's token it is nobody's yet.
        assertEq(referrals.standingOf(address(partnerToken), member).referrer, address(0));
    }

    function test_REF_1__bind__to_itself__reverts() public {
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_RefersAlready.selector, member));
        _bind(member, memberKey);
    }

    function test_REF_1__bind__in_a_circle__reverts() public {
        _bindChain();
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_RefersAlready.selector, grand));
        _bind(grand, memberKey);
        vm.prank(member);
        referrals.openReferrals(address(token));
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_RefersAlready.selector, grand));
        vm.prank(grand);
        referrals.bind(address(token), member, _noInvitation());
    }

    function test_bind__without_an_invitation_of_whom_it_is_to__reverts() public {
        IReferralRewards.Invitation memory none = _noInvitation();
        none.deadline = START;
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, friend));
        vm.prank(member);
        referrals.bind(address(token), friend, none);
        // Another's, another token's, an old one.
        IReferralRewards.Invitation memory other = _invitation(grandKey);
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, friend));
        vm.prank(member);
        referrals.bind(address(token), friend, other);
        other = _invitation(friendKey, address(partnerToken), START);
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, friend));
        vm.prank(member);
        referrals.bind(address(token), friend, other);
        other = _invitation(friendKey, address(token), START - 1);
        _expect(abi.encodeWithSelector(Rewards.Rewards_Expired.selector, START - 1));
        vm.prank(member);
        referrals.bind(address(token), friend, other);
        other = _invitation(friendKey, address(token), START);
        vm.prank(member);
        referrals.bind(address(token), friend, other);
    }

    /// @dev Else a stranger's new wallet could bind to a member, which then could never be anybody's referee.
    function test_attack__made_a_referrer_against_its_will__cannot_be() public {
        IReferralRewards.Invitation memory none = _noInvitation();
        none.deadline = START;
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, member));
        vm.prank(intruder);
        referrals.bind(address(token), member, none);
        _bind(member, friendKey);
        assertEq(referrals.standingOf(address(token), member).referrer, friend);
    }

    function test_bind__to_one_who_said_so_itself__needs_no_invitation() public {
        vm.prank(friend);
        referrals.openReferrals(address(token));
        vm.prank(member);
        referrals.bind(address(token), friend, _noInvitation());
        assertEq(referrals.standingOf(address(token), member).referrer, friend);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_RefersAlready.selector, friend));
        vm.prank(friend);
        referrals.openReferrals(address(token));
    }

    function test_bindWithSignature__by_anybody__binds_the_signer() public {
        bytes memory signature =
            _sign(memberKey, _onReferrals(_bindingHash(address(token), member, friend, START)));
        vm.prank(intruder);
        referrals.bindWithSignature(address(token), member, friend, _invitation(friendKey), START, signature);
        assertEq(referrals.standingOf(address(token), member).referrer, friend);
        _expect(
            abi.encodeWithSelector(IReferralRewards.ReferralRewards_AlreadyBound.selector, member, friend)
        );
        referrals.bindWithSignature(address(token), member, friend, _noInvitation(), START, signature);
    }

    function test_multicall__many_acts_of_one_caller__in_one_transaction() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(referrals.bind, (address(token), friend, _invitation(friendKey)));
        calls[1] = abi.encodeCall(referrals.openReferrals, (address(token)));
        vm.prank(member);
        (bool success,) = address(referrals).call(abi.encodeWithSignature("multicall(bytes[])", calls));
        assertTrue(success);
        assertEq(referrals.standingOf(address(token), member).referrer, friend);
        assertTrue(referrals.standingOf(address(token), member).refers);
    }

    // -------------------------------------------------------------- accruing

    function test_accrueReceipt__both_levels__vest_and_are_claimed() public {
        _bindChain();
        vm.warp(START + 1 days);
        (bytes32 nonce, uint256 amount) = _bought(4);
        vm.warp(START + 3 days);
        uint96 first = uint96(amount * FIRST_BPS / 10_000);
        uint96 second = uint96(amount * SECOND_BPS / 10_000);
        assertGt(second, 0);
        vm.expectEmit(address(referrals));
        emit IReferralRewards.Accrued(
            address(token),
            member,
            nonce,
            IReferralRewards.Kind.Counter,
            programme,
            first,
            second,
            START + 15 days
        );
        referrals.accrueReceipt(address(token), programme, member, nonce);
        assertEq(_leftOf(programme), BUDGET - first - second);
        IReferralRewards.EventId memory id = _idOf(IReferralRewards.Kind.Counter, nonce);
        _assertAccrual(id, IReferralRewards.State.Accrued, first, second, START + 15 days);

        vm.warp(START + 15 days - 1);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_TooEarly.selector, START + 15 days));
        referrals.claim(_ids(id));
        vm.warp(START + 15 days);
        vm.expectEmit(address(referrals));
        emit IReferralRewards.Rewarded(address(token), friend, member, nonce, programme, 1, first);
        vm.expectEmit(address(referrals));
        emit IReferralRewards.Rewarded(address(token), grand, member, nonce, programme, 2, second);
        vm.prank(intruder);
        referrals.claim(_ids(id));
        assertEq(token.balanceOf(friend), first);
        assertEq(token.balanceOf(grand), second);
        assertEq(referrals.paidTo(address(token), programme, friend), first);
        _assertAccrual(id, IReferralRewards.State.Claimed, first, second, START + 15 days);
        _expectState(nonce, IReferralRewards.State.Claimed);
        referrals.claim(_ids(id));
        _expectState(nonce, IReferralRewards.State.Claimed);
        referrals.accrueReceipt(address(token), programme, member, nonce);
    }

    function test_accrue__one_level__where_nobody_brought_the_referrer() public {
        _bind(member, friendKey);
        (bytes32 nonce, uint256 amount) = _bought(4);
        referrals.accrueReceipt(address(token), programme, member, nonce);
        uint96 first = uint96(amount * FIRST_BPS / 10_000);
        _assertAccrual(
            _idOf(IReferralRewards.Kind.Counter, nonce),
            IReferralRewards.State.Accrued,
            first,
            0,
            START + 14 days
        );
        vm.warp(START + 14 days);
        referrals.claim(_ids(_idOf(IReferralRewards.Kind.Counter, nonce)));
        assertEq(token.balanceOf(friend), first);
    }

    function test_accrueReceipt__at_par__counts__paid_out_in_currency__does_not() public {
        _bindChain();
        IRedemptions.ParRedemption memory par = _signed(_parWish(1000));
        _redeem(par);
        referrals.accrueReceipt(address(token), programme, member, par.nonce);
        assertEq(_leftOf(programme), BUDGET - 120);

        par = _signed(_parWish(1000));
        money.mint(till, 1e6 * 1000);
        vm.prank(till);
        money.approve(address(desk), type(uint256).max);
        _redeemInCurrency(par);
        _expectNotRealised(par.nonce);
        referrals.accrueReceipt(address(token), programme, member, par.nonce);
    }

    function test_accrueReceipt__that_is_not_there__reverts() public {
        _bindChain();
        _expectNotRealised("nothing");
        referrals.accrueReceipt(address(token), programme, member, "nothing");
    }

    function test_accrueOrder__fulfilled__counts_once_from_its_end() public {
        _bindChain();
        IFulfilment.Order memory order = _open();
        bytes32 ref = referrals.orderRefOf(address(orders), order);
        assertEq(
            ref, keccak256(abi.encode(address(orders), order.token, order.offerId, uint256(order.number)))
        );
        _expectNotRealised(ref);
        referrals.accrueOrder(programme, address(orders), order);
        vm.warp(START + 2 days);
        _confirm(order);
        vm.warp(START + 5 days);
        referrals.accrueOrder(programme, address(orders), order);
        uint96 first = uint96(uint256(order.amount) * FIRST_BPS / 10_000);
        uint96 second = uint96(uint256(order.amount) * SECOND_BPS / 10_000);
        _assertAccrual(
            _idOf(IReferralRewards.Kind.Order, ref),
            IReferralRewards.State.Accrued,
            first,
            second,
            START + 16 days
        );
        _expectState(ref, IReferralRewards.State.Accrued);
        referrals.accrueOrder(programme, address(orders), order);
        order.amount += 1;
        _expectNotRealised(ref);
        referrals.accrueOrder(programme, address(orders), order);
    }

    function test_accrueOrder__refunded__leads_to_nothing() public {
        _bindChain();
        IFulfilment.Order memory order = _open();
        _decline(order);
        _expectNotRealised(referrals.orderRefOf(address(orders), order));
        referrals.accrueOrder(programme, address(orders), order);
    }

    function test_accrueOrder__at_a_contract_that_nobody_listed__reverts() public {
        _bindChain();
        IFulfilment.Order memory order = _fulfilled();
        YesSayer liar = new YesSayer();
        _expect(abi.encodeWithSelector(Realised.Realised_NotListed.selector, address(liar)));
        referrals.accrueOrder(programme, address(liar), order);
    }

    /// @dev Ten thousand parts of a currency base unit are a cent, not ten thousand tokens' base units.
    function test_attack_8__order_paid_in_parts__counts_at_par_and_no_more() public {
        _bindChain();
        PartsDesk desk = new PartsDesk(1 << 96);
        _list(IBrandRegistry.List.Module, address(desk), true);
        IFulfilment.Order memory order = _open();
        order.amount = 100 * PAR;
        referrals.accrueOrder(programme, address(desk), order);
        bytes32 ref = referrals.orderRefOf(address(desk), order);
        IReferralRewards.EventId memory id = _idOf(IReferralRewards.Kind.Order, ref);
        assertEq(referrals.accrualOf(id).first, 100 * 10 ** DECIMALS * FIRST_BPS / 10_000);
    }

    function test_accrueOrder__paid_in_a_mix__counts_both() public {
        _bindChain();
        PartsDesk desk = new PartsDesk(7 | uint256(3 * PAR) << 96);
        _list(IBrandRegistry.List.Module, address(desk), true);
        IFulfilment.Order memory order = _open();
        order.amount = 10;
        referrals.accrueOrder(programme, address(desk), order);
        bytes32 ref = referrals.orderRefOf(address(desk), order);
        IReferralRewards.EventId memory id = _idOf(IReferralRewards.Kind.Order, ref);
        assertEq(referrals.accrualOf(id).first, (70 + 30 * 10 ** DECIMALS) * FIRST_BPS / 10_000);
    }

    function test_accruePurchase__vests_from_now__whenever_it_was() public {
        _bindChain();
        vm.warp(START + 20 days);
        IReferralRewards.Purchase memory bought = _purchase("A-1", 5000);
        bought.purchasedAt = START + 1 days;
        _accruePurchase(bought);
        _assertAccrual(
            _idOf(IReferralRewards.Kind.Purchase, "A-1"),
            IReferralRewards.State.Accrued,
            500,
            100,
            START + 34 days
        );
        bytes memory signature = _attested(bought);
        _expectState("A-1", IReferralRewards.State.Accrued);
        referrals.accruePurchase(programme, bought, signature);
    }

    function test_accruePurchase__bad_amount_future_or_late__reverts() public {
        _bindChain();
        IReferralRewards.Purchase memory bought = _purchase("A-1", 0);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_InvalidAmount.selector, 0));
        referrals.accruePurchase(programme, bought, "");
        bought.amount = uint256(type(uint96).max) + 1;
        _expect(
            abi.encodeWithSelector(IReferralRewards.ReferralRewards_InvalidAmount.selector, bought.amount)
        );
        referrals.accruePurchase(programme, bought, "");
        bought = _purchase("A-1", 1000);
        bought.purchasedAt = START + 1;
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_TooEarly.selector, START + 1));
        referrals.accruePurchase(programme, bought, "");
        bought = _purchase("A-1", 1000);
        bought.deadline = START;
        bytes memory signature = _attested(bought);
        vm.warp(START + 1);
        _expect(abi.encodeWithSelector(Rewards.Rewards_Expired.selector, START));
        referrals.accruePurchase(programme, bought, signature);
        vm.warp(START);
        referrals.accruePurchase(programme, bought, signature);
    }

    function test_accrue__before_bound_or_too_long_after__reverts_to_the_second() public {
        IReferralRewards.Terms memory terms = _terms(PURCHASES);
        (terms.opensAt, terms.closesAt, terms.memberDays) = (ENDS, ENDS + 300 days, 30);
        programme = _createProgramme(terms, attester);
        _fundProgramme(programme, BUDGET);
        vm.warp(ENDS + 10 days);
        _bindChain();
        vm.warp(ENDS + 100 days);
        IReferralRewards.Purchase memory bought = _purchase("A-1", 1000);
        bought.purchasedAt = ENDS + 10 days - 1;
        _expectMembership(bought.purchasedAt);
        referrals.accruePurchase(programme, bought, "");
        bought.purchasedAt = ENDS + 40 days;
        _expectMembership(bought.purchasedAt);
        referrals.accruePurchase(programme, bought, "");
        bought.purchasedAt = ENDS + 40 days - 1;
        _accruePurchase(bought);
        bought.ref = "A-2";
        bought.purchasedAt = ENDS + 10 days;
        _accruePurchase(bought);
    }

    function test_accrue__window__is_half_open_and_belongs_to_one_programme() public {
        IReferralRewards.Terms memory terms = _terms(ALL);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 100);
        uint16 next = _createProgramme(terms, attester);
        _fundProgramme(next, BUDGET);
        _bindChain();
        vm.warp(ENDS + 200);
        IReferralRewards.Purchase memory bought = _purchase("A-1", 1000);
        bought.purchasedAt = ENDS;
        _expectWindow(ENDS);
        referrals.accruePurchase(programme, bought, "");
        bought.purchasedAt = ENDS - 1;
        _expectWindow(ENDS - 1);
        referrals.accruePurchase(next, bought, "");
        _accruePurchase(bought);
        bought.ref = "A-2";
        bought.purchasedAt = ENDS + 100;
        _expectWindow(ENDS + 100);
        referrals.accruePurchase(next, bought, "");
        bought.purchasedAt = ENDS + 99;
        referrals.accruePurchase(next, bought, _attested(bought));
        assertEq(_leftOf(next), BUDGET - 120);
    }

    function test_accrue__kind_that_does_not_count__reverts() public {
        IReferralRewards.Terms memory terms = _terms(PURCHASES);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 100);
        uint16 next = _createProgramme(terms, attester);
        _bindChain();
        vm.warp(ENDS);
        (bytes32 nonce,) = _bought(1);
        _expect(
            abi.encodeWithSelector(
                IReferralRewards.ReferralRewards_NotCounted.selector, IReferralRewards.Kind.Counter
            )
        );
        referrals.accrueReceipt(address(token), next, member, nonce);
    }

    function test_accrue__of_one_who_is_not_bound__reverts() public {
        (bytes32 nonce,) = _bought(1);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_NotBound.selector, member));
        referrals.accrueReceipt(address(token), programme, member, nonce);
    }

    function test_accrue__beyond_the_budget__waits_for_a_refill() public {
        _bindChain();
        IReferralRewards.Purchase memory bought = _purchase("A-1", 10_000_000);
        _expect(
            abi.encodeWithSelector(IReferralRewards.ReferralRewards_BudgetShort.selector, 1_200_000, BUDGET)
        );
        referrals.accruePurchase(programme, bought, "");
        _fundProgramme(programme, 200_000);
        _accruePurchase(bought);
        assertEq(_leftOf(programme), 0);
    }

    function test_claim__beyond_the_cap__is_cut_off_and_budget_again() public {
        _bindChain();
        _accruePurchase(_purchase("A-1", 900_000));
        _accruePurchase(_purchase("A-2", 900_000));
        vm.warp(block.timestamp + 14 days);
        IReferralRewards.EventId[] memory ids = new IReferralRewards.EventId[](2);
        ids[0] = _idOf(IReferralRewards.Kind.Purchase, "A-1");
        ids[1] = _idOf(IReferralRewards.Kind.Purchase, "A-2");
        referrals.claim(ids);
        assertEq(token.balanceOf(friend), CAP);
        assertEq(token.balanceOf(grand), 36_000);
        assertEq(_leftOf(programme), BUDGET - CAP - 36_000);
        assertEq(token.quotaOf(address(referrals)), BUDGET - CAP - 36_000);
    }

    function test_claim__what_never_accrued__reverts() public {
        _expectState("nothing", IReferralRewards.State.None);
        referrals.claim(_ids(_idOf(IReferralRewards.Kind.Purchase, "nothing")));
    }

    function test_ISSUE_3__suspended_stopped_and_over__what_was_promised_is_paid() public {
        _bindChain();
        (bytes32 nonce,) = _bought(4);
        _suspendAndStop();
        vm.prank(manager);
        referrals.endProgramme(address(token), programme);
        vm.warp(START + 40 days);
        referrals.accrueReceipt(address(token), programme, member, nonce);
        referrals.claim(_ids(_idOf(IReferralRewards.Kind.Counter, nonce)));
        assertEq(token.balanceOf(friend), 100);
    }

    // ------------------------------------------------------------------ undo

    /// @dev Attack 9: earn, return the goods, keep the points.
    function test_attack_9__bought_returned__nothing_is_left_of_it() public {
        _bindChain();
        IReferralRewards.Purchase memory bought = _purchase("A-1", 5000);
        _accruePurchase(bought);
        bytes memory signature = _attested(bought);
        vm.warp(START + 14 days - 1);
        IReferralRewards.EventId memory id = _idOf(IReferralRewards.Kind.Purchase, "A-1");
        vm.expectEmit(address(referrals));
        emit IReferralRewards.Undone(address(token), member, "A-1", programme, 600, "returned");
        vm.prank(manager);
        referrals.undo(id, "returned");
        assertEq(_leftOf(programme), BUDGET);
        vm.warp(START + 15 days);
        _expectState("A-1", IReferralRewards.State.Undone);
        referrals.claim(_ids(id));
        _expectState("A-1", IReferralRewards.State.Undone);
        referrals.accruePurchase(programme, bought, signature);
        _expectState("A-1", IReferralRewards.State.Undone);
        vm.prank(manager);
        referrals.undo(id, "returned");
        assertEq(token.balanceOf(friend) + token.balanceOf(grand), 0);
    }

    function test_undo__vested_or_on_chain__is_final() public {
        _bindChain();
        _accruePurchase(_purchase("A-1", 5000));
        (bytes32 nonce,) = _bought(4);
        referrals.accrueReceipt(address(token), programme, member, nonce);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_Final.selector, nonce));
        vm.prank(manager);
        referrals.undo(_idOf(IReferralRewards.Kind.Counter, nonce), "no");
        vm.warp(START + 14 days);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_Final.selector, bytes32("A-1")));
        vm.prank(manager);
        referrals.undo(_idOf(IReferralRewards.Kind.Purchase, "A-1"), "too late");
        string memory reason = _uri(513);
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_URITooLong.selector, 513, 512));
        vm.prank(manager);
        referrals.undo(_idOf(IReferralRewards.Kind.Purchase, "A-1"), reason);
    }

    // --------------------------------------------------------------- attacks

    /// @dev Attack 8: one person, three wallets, every way to count. What comes out is at most the stated share.
    function testFuzz_attack_8__own_wallets_only__get_a_rebate_at_most(
        uint16 firstBps,
        uint16 secondBps,
        uint96[5] memory amounts
    ) public {
        IReferralRewards.Terms memory terms = _terms(PURCHASES);
        terms.firstBps = uint16(bound(firstBps, 1, 9998));
        terms.secondBps = uint16(bound(secondBps, 0, 9999 - terms.firstBps));
        (terms.opensAt, terms.closesAt, terms.referrerCap) = (ENDS, ENDS + 100 days, type(uint96).max);
        programme = _createProgramme(terms, attester);
        _fundProgramme(programme, 10_000_000);
        vm.warp(ENDS);
        _bindChain();
        uint256 spent;
        for (uint256 i = 0; i < amounts.length; ++i) {
            IReferralRewards.Purchase memory bought = _purchase(bytes32(i), bound(amounts[i], 1, 2_000_000));
            _accruePurchase(bought);
            spent += bought.amount;
        }
        vm.warp(ENDS + 14 days);
        for (uint256 i = 0; i < amounts.length; ++i) {
            referrals.claim(_ids(_idOf(IReferralRewards.Kind.Purchase, bytes32(i))));
        }
        uint256 got = token.balanceOf(friend) + token.balanceOf(grand);
        uint256 share = uint256(terms.firstBps) + terms.secondBps;
        assertLe(got, spent * share / 10_000, "REF-2: more than the share");
        assertLt(got, spent, "REF-2: a profit");
    }

    /// @dev Attack 8, where rewards are spent again: the geometric sum stays below what was paid in.
    function test_attack_8__rewards_spent_again_and_again__stay_below_what_was_paid() public {
        IReferralRewards.Terms memory terms = _terms(ALL);
        (terms.firstBps, terms.secondBps, terms.referrerCap) = (4998, 1, type(uint96).max);
        (terms.opensAt, terms.closesAt) = (ENDS, ENDS + 3000 days);
        programme = _createProgramme(terms, attester);
        _fundProgramme(programme, 10_000_000);
        vm.warp(ENDS);
        _bindChain();
        uint256 paidIn = 80_000;
        uint256 got;
        uint256 amount = paidIn;
        while (amount > 10) {
            IRedemptions.ParRedemption memory par = _signed(_parWish(amount));
            _redeem(par);
            referrals.accrueReceipt(address(token), programme, member, par.nonce);
            vm.warp(block.timestamp + 14 days);
            uint256 before = token.balanceOf(friend);
            referrals.claim(_ids(_idOf(IReferralRewards.Kind.Counter, par.nonce)));
            amount = token.balanceOf(friend) - before;
            got += amount;
            vm.prank(friend);
            token.transfer(member, amount);
        }
        assertGt(got, paidIn * 4999 / 10_000);
        assertLt(got, paidIn, "REF-2: a profit");
    }

    function test_attack_8__nothing_is_paid_for_signing_up() public {
        uint256 supply = token.totalSupply();
        _bindChain();
        assertEq(token.totalSupply(), supply);
        assertEq(_leftOf(programme), BUDGET);
    }

    // --------------------------------------------------------------- helpers

    function _expectInvalid(IReferralRewards.Terms memory terms, address by) private {
        _expect(IReferralRewards.ReferralRewards_InvalidTerms.selector);
        _createProgramme(terms, by);
    }

    function _expectNotRealised(bytes32 ref) private {
        _expect(
            abi.encodeWithSelector(
                IReferralRewards.ReferralRewards_NotRealised.selector, address(token), member, ref
            )
        );
    }

    function _expectState(bytes32 ref, IReferralRewards.State state) private {
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_WrongState.selector, ref, state));
    }

    function _expectMembership(uint256 time) private {
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_OutsideMembership.selector, time));
    }

    function _expectWindow(uint256 time) private {
        _expect(abi.encodeWithSelector(IReferralRewards.ReferralRewards_OutsideWindow.selector, time));
    }

    function _assertAccrual(
        IReferralRewards.EventId memory id,
        IReferralRewards.State state,
        uint96 first,
        uint96 second,
        uint40 vestsAt
    ) private view {
        assertEq(
            abi.encode(referrals.accrualOf(id)),
            abi.encode(IReferralRewards.Accrual(state, programme, vestsAt, first, second))
        );
    }
}

/// @notice Says of every order that it was fulfilled.
contract YesSayer {
    function isFulfilled(IFulfilment.Order calldata) external view returns (bool, uint40) {
        return (true, uint40(block.timestamp));
    }
}

/// @notice Where everything was fulfilled just now, at a price in parts.
contract PartsDesk {
    uint256 private immutable _PARTS;

    constructor(uint256 parts) {
        _PARTS = parts;
    }

    function isFulfilled(IFulfilment.Order calldata) external view returns (bool fulfilled, uint40 endedAt) {
        return (true, uint40(block.timestamp));
    }

    function dealWordsOf(address, bytes32, uint256 count) external view returns (uint256[] memory words) {
        words = new uint256[](count);
        words[0] = _PARTS;
    }
}
