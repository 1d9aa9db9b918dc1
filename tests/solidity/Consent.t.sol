// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Rewards } from "../../contracts/base/Rewards.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IConsent } from "../../contracts/interfaces/IConsent.sol";
import { GrowthTest } from "./utils/GrowthTest.sol";

contract ConsentTest is GrowthTest {
    bytes32 private constant DATA = keccak256("encrypted bytes");
    uint40 private constant UNTIL = START + 90 days;
    uint256 private constant WHOLE = 3 * PRICE_OF_DATA;

    // -------------------------------------------------------------- requests

    function test_publish__says_all_in_plain_words() public {
        IConsent.Request memory asked = _request(1, 0, UNTIL, attester);
        asked.salt = "two";
        bytes32 id = keccak256(abi.encode(asked));
        vm.expectEmit(address(consent));
        emit IConsent.RequestPublished(address(token), id, asked, _wording());
        assertEq(_publishRequest(asked), id);
        assertEq(consent.requestIdOf(asked), id);
        (uint96 left, bool open) = consent.budgetOf(id);
        assertEq(left, 0);
        assertTrue(open);
        _expect(abi.encodeWithSelector(IConsent.Consent_AlreadyPublished.selector, id));
        _publishRequest(asked);
    }

    function test_publish__any_bad_field__reverts() public {
        for (uint256 i = 0; i < 6; ++i) {
            IConsent.Request memory asked = _request(1, 1 days, START + 1000 days, address(0));
            if (i == 0) asked.until = START;
            if (i == 1) asked.every = 1 days - 1;
            if (i == 2) asked.until = START + 1000 days + 1; // 1,001 instalments
            if (i == 3) asked.fieldsHash = keccak256("all");
            if (i == 4) asked.purposeHash = keccak256("whatever");
            if (i == 5) asked.keyHash = keccak256("another key");
            _expect(IConsent.Consent_InvalidRequest.selector);
            _publishRequest(asked);
        }
        _publishRequest(_request(1, 1 days, START + 1000 days, address(0)));
    }

    function test_publish__empty_or_endless_words__reverts() public {
        IConsent.Request memory asked = _request(1, 0, UNTIL, address(0));
        IConsent.Wording memory wording = _wording();
        wording.purpose = "";
        asked.purposeHash = keccak256("");
        _expect(IConsent.Consent_InvalidRequest.selector);
        vm.prank(manager);
        consent.publish(asked, wording);
        wording.purpose = _uri(513);
        _expect(abi.encodeWithSelector(IConsent.Consent_WordingTooLong.selector, 513, 512));
        vm.prank(manager);
        consent.publish(asked, wording);
    }

    function test_brands_functions__by_others__revert() public {
        vm.startPrank(intruder);
        _expectNotCampaigner(intruder);
        consent.publish(request, _wording());
        _expectNotCampaigner(intruder);
        consent.close(request);
        _expectNotCampaigner(intruder);
        consent.returnRest(request);
        _expectNotCampaigner(intruder);
        consent.acknowledge(request, member, DATA);
        vm.stopPrank();
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _publishRequest(_request(1, 0, UNTIL, address(0)));
    }

    function test_fund__for_another_token_or_what_is_not_open__takes_nothing() public {
        IConsent.Request memory asked = _request(1, 0, UNTIL, attester);
        _expect(abi.encodeWithSelector(IConsent.Consent_Closed.selector, keccak256(abi.encode(asked))));
        _fundRequest(asked, 1);
        asked.token = address(partnerToken);
        _expect(
            abi.encodeWithSelector(
                IConsent.Consent_OtherToken.selector, address(token), address(partnerToken)
            )
        );
        _fundRequest(asked, 1);
    }

    function test_close__no_more_grants__and_those_there_are_stand() public {
        _grantData(member);
        vm.expectEmit(address(consent));
        emit IConsent.RequestClosed(requestId);
        vm.prank(manager);
        consent.close(request);
        _expectClosed();
        _grantData(friend);
        _expectClosed();
        _fundRequest(request, 1);
        _expectClosed();
        vm.prank(manager);
        consent.close(request);

        vm.expectEmit(address(consent));
        emit IConsent.RestReturned(requestId, BUDGET - WHOLE);
        vm.prank(manager);
        consent.returnRest(request);
        assertEq(token.quotaOf(address(consent)), 2 * PRICE_OF_DATA);
        assertTrue(consent.isGranted(requestId, member));
        vm.warp(START + 89 days);
        consent.pay(request, member);
        assertEq(token.balanceOf(member), BALANCE + WHOLE);
        assertEq(token.quotaOf(address(consent)), 0);
    }

    // -------------------------------------------------------------- granting

    function test_CONSENT_1__grant__is_payment() public {
        vm.expectEmit(address(consent));
        emit IConsent.Granted(requestId, member, address(token), UNTIL, PRICE_OF_DATA, 3);
        vm.expectEmit(address(consent));
        emit IConsent.Paid(requestId, member, 1, PRICE_OF_DATA);
        _grantData(member);
        assertEq(token.balanceOf(member), BALANCE + PRICE_OF_DATA);
        assertEq(_budget(), BUDGET - WHOLE);
        _assertGrant(IConsent.State.Granted, 0, 1);
        assertTrue(consent.isGranted(requestId, member));
        assertFalse(consent.isGranted(requestId, friend));
        _expectWrongState(IConsent.State.Granted);
        _grantData(member);
    }

    function test_grantWithSignature__by_anybody__pays_the_signer_once() public {
        bytes memory signature = _sign(memberKey, _onConsent(_grantHash(request, member, START)));
        vm.prank(intruder);
        consent.grantWithSignature(request, _noEligibility(), member, START, signature);
        assertEq(token.balanceOf(member), BALANCE + PRICE_OF_DATA);
        _expectWrongState(IConsent.State.Granted);
        consent.grantWithSignature(request, _noEligibility(), member, START, signature);
    }

    function test_grant__at_the_end_of_the_request__reverts_to_the_second() public {
        vm.warp(UNTIL);
        _expectClosed();
        _grantData(member);
        vm.warp(UNTIL - 1);
        _grantData(member);
        assertEq(consent.grantOf(requestId, member).instalments, 1);
    }

    function test_grant__not_published__reverts() public {
        request = _request(0, 0, UNTIL, address(0));
        _expect(abi.encodeWithSelector(IConsent.Consent_Closed.selector, keccak256(abi.encode(request))));
        _grantData(member);
    }

    function test_grant__for_nothing__is_granted_and_mints_nothing() public {
        request = _request(0, 0, UNTIL, address(0));
        requestId = _publishRequest(request);
        _grantData(member);
        assertTrue(consent.isGranted(requestId, member));
        assertEq(token.balanceOf(member), BALANCE);
    }

    function test_grant__beyond_the_budget__reverts_until_it_is_filled() public {
        request = _request(PRICE_OF_DATA, 30 days, UNTIL + 1, address(0)); // four instalments
        requestId = _publishRequest(request);
        _fundRequest(request, 4 * PRICE_OF_DATA - 1);
        _expect(
            abi.encodeWithSelector(
                IConsent.Consent_BudgetShort.selector, 4 * PRICE_OF_DATA, 4 * PRICE_OF_DATA - 1
            )
        );
        _grantData(member);
        _fundRequest(request, 1);
        _grantData(member);
        assertEq(_budget(), 0);
        assertEq(consent.grantOf(requestId, member).instalments, 4);
    }

    function test_attack_22__wallets_made_to_be_paid__need_the_attesters_word() public {
        request = _request(PRICE_OF_DATA, 0, UNTIL, attester);
        requestId = _publishRequest(request);
        _fundRequest(request, BUDGET);
        _expect(abi.encodeWithSelector(Rewards.Rewards_Expired.selector, 0));
        _grantData(member);
        IConsent.Eligibility memory others = _eligible(requestId, friend, START);
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, attester));
        vm.prank(member);
        consent.grant(request, others);
        others = _eligible("another request", member, START);
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, attester));
        vm.prank(member);
        consent.grant(request, others);
        IConsent.Eligibility memory own = _eligible(requestId, member, START);
        vm.warp(START + 1);
        _expect(abi.encodeWithSelector(Rewards.Rewards_Expired.selector, START));
        vm.prank(member);
        consent.grant(request, own);
        vm.warp(START);
        vm.prank(member);
        consent.grant(request, own);
        assertEq(token.balanceOf(member), BALANCE + PRICE_OF_DATA);
    }

    // ------------------------------------------------------------ instalments

    function test_pay__each_when_it_is_due__to_the_second() public {
        _grantData(member);
        vm.warp(START + 30 days - 1);
        _expectNothingDue();
        consent.pay(request, member);
        vm.warp(START + 30 days);
        vm.expectEmit(address(consent));
        emit IConsent.Paid(requestId, member, 1, PRICE_OF_DATA);
        vm.prank(intruder);
        consent.pay(request, member);
        _expectNothingDue();
        consent.pay(request, member);
        // Late, and after the end: what came due is paid, no more.
        vm.warp(UNTIL + 100 days);
        _assertGrant(IConsent.State.Ended, 0, 2);
        consent.pay(request, member);
        assertEq(token.balanceOf(member), BALANCE + WHOLE);
        _expectNothingDue();
        consent.pay(request, member);
        assertEq(token.quotaOf(address(consent)), BUDGET - WHOLE);
    }

    function test_pay__who_never_granted__reverts() public {
        _expectWrongState(IConsent.State.None);
        consent.pay(request, member);
    }

    function test_ISSUE_3__suspended_and_stopped__what_was_promised_is_paid() public {
        _suspendAndStop();
        _grantData(member);
        vm.warp(START + 60 days);
        consent.pay(request, member);
        assertEq(token.balanceOf(member), BALANCE + WHOLE);
    }

    // --------------------------------------------------------------- revoking

    function test_CONSENT_1__revoke__ends_payment_and_use_in_its_block() public {
        _grantData(member);
        vm.warp(START + 30 days);
        vm.expectEmit(address(consent));
        emit IConsent.Revoked(requestId, member);
        vm.expectEmit(address(consent));
        emit IConsent.Paid(requestId, member, 1, PRICE_OF_DATA);
        vm.prank(member);
        consent.revoke(request);
        assertEq(token.balanceOf(member), BALANCE + 2 * PRICE_OF_DATA);
        assertEq(_budget(), BUDGET - 2 * PRICE_OF_DATA);
        _assertGrant(IConsent.State.Revoked, START + 30 days, 2);
        assertFalse(consent.isGranted(requestId, member));
        _assertNoUse();
        vm.warp(UNTIL + 1);
        _assertNoUse();
        assertEq(token.balanceOf(member), BALANCE + 2 * PRICE_OF_DATA);
    }

    function test_revoke__with_nothing_due__pays_nothing() public {
        _grantData(member);
        vm.prank(member);
        consent.revoke(request);
        assertEq(token.balanceOf(member), BALANCE + PRICE_OF_DATA);
        assertEq(_budget(), BUDGET - PRICE_OF_DATA);
    }

    function test_revokeWithSignature__by_anybody__revokes_the_signers() public {
        _grantData(member);
        _grantData(friend);
        bytes memory signature = _sign(memberKey, _onConsent(_revocationHash(requestId, member, START)));
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, friend));
        consent.revokeWithSignature(request, friend, START, signature);
        vm.prank(intruder);
        consent.revokeWithSignature(request, member, START, signature);
        assertFalse(consent.isGranted(requestId, member));
        assertTrue(consent.isGranted(requestId, friend));
        _expectWrongState(IConsent.State.Revoked);
        consent.revokeWithSignature(request, member, START, signature);
    }

    function test_revoke__never_granted_or_ended__reverts() public {
        _expectWrongState(IConsent.State.None);
        vm.prank(member);
        consent.revoke(request);
        _grantData(member);
        vm.warp(UNTIL);
        _expectWrongState(IConsent.State.Ended);
        vm.prank(member);
        consent.revoke(request);
    }

    /// @dev It needs nobody, and nothing stops it.
    function test_revoke__closed_emptied_suspended_stopped__works() public {
        _grantData(member);
        vm.startPrank(manager);
        consent.close(request);
        consent.returnRest(request);
        vm.stopPrank();
        _suspendAndStop();
        vm.prank(member);
        consent.revoke(request);
        assertFalse(consent.isGranted(requestId, member));
        // What never came due can go back, too.
        vm.prank(manager);
        consent.returnRest(request);
        assertEq(token.quotaOf(address(consent)), 0);
    }

    // ------------------------------------------------------------------- data

    function test_acknowledge__which_bytes__while_the_grant_stands() public {
        _grantData(member);
        vm.expectEmit(address(consent));
        emit IConsent.DataReceived(requestId, member, DATA);
        vm.prank(manager);
        consent.acknowledge(request, member, DATA);
        vm.warp(UNTIL);
        _expectWrongState(IConsent.State.Ended);
        vm.prank(manager);
        consent.acknowledge(request, member, DATA);
    }

    /// @dev Attack 22: data bought, then used after it was revoked; and granted anew by an old signature.
    function test_attack_22__after_revocation__no_use_no_payment_no_old_signature() public {
        bytes memory signature = _sign(memberKey, _onConsent(_grantHash(request, member, UNTIL)));
        consent.grantWithSignature(request, _noEligibility(), member, UNTIL, signature);
        vm.prank(member);
        consent.revoke(request);
        _assertNoUse();
        _expectWrongState(IConsent.State.Revoked);
        consent.grantWithSignature(request, _noEligibility(), member, UNTIL, signature);
        _expectWrongState(IConsent.State.Revoked);
        _grantData(member);
        assertEq(token.balanceOf(member), BALANCE + PRICE_OF_DATA);
    }

    function test_multicall__revoke_all_in_one_transaction() public {
        _grantData(member);
        IConsent.Request memory other = _request(1, 0, UNTIL, address(0));
        bytes32 otherId = _publishRequest(other);
        _fundRequest(other, 1);
        vm.prank(member);
        consent.grant(other, _noEligibility());
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(consent.revoke, (request));
        calls[1] = abi.encodeCall(consent.revoke, (other));
        vm.prank(member);
        (bool success,) = address(consent).call(abi.encodeWithSignature("multicall(bytes[])", calls));
        assertTrue(success);
        assertFalse(consent.isGranted(requestId, member) || consent.isGranted(otherId, member));
    }

    // --------------------------------------------------------------- helpers

    function _assertNoUse() private {
        _expectWrongState(IConsent.State.Revoked);
        vm.prank(manager);
        consent.acknowledge(request, member, DATA);
        _expectWrongState(IConsent.State.Revoked);
        consent.pay(request, member);
        _expectWrongState(IConsent.State.Revoked);
        vm.prank(member);
        consent.revoke(request);
    }

    function _assertGrant(IConsent.State state, uint40 revokedAt, uint16 paid) private view {
        assertEq(
            abi.encode(consent.grantOf(requestId, member)),
            abi.encode(IConsent.Grant(state, START, UNTIL, revokedAt, 3, paid))
        );
    }

    function _expectWrongState(IConsent.State state) private {
        _expect(abi.encodeWithSelector(IConsent.Consent_WrongState.selector, requestId, member, state));
    }

    function _expectClosed() private {
        _expect(abi.encodeWithSelector(IConsent.Consent_Closed.selector, requestId));
    }

    function _expectNothingDue() private {
        _expect(abi.encodeWithSelector(IConsent.Consent_NothingDue.selector, requestId, member));
    }
}
