// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IEarnDistributor } from "../../contracts/interfaces/IEarnDistributor.sol";
import { IQuotaReceiver } from "../../contracts/interfaces/IQuotaReceiver.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { EarnTest } from "./utils/EarnTest.sol";

/// @notice EARN-1: what is earned by root, from posting to what nobody fetched.
contract EarnDistributorTest is EarnTest {
    // --------------------------------------------------------------- posting

    function test_open__without_data__lets_a_manager_post() public view {
        assertTrue(token.isModule(address(earn)));
        _assertReserved(0);
    }

    function test_open__with_quota_and_no_data__reverts() public {
        _expectWrongQuota(1, 0);
        vm.prank(brand);
        token.grantQuotaAndCall(address(earn), 1, "");
    }

    function test_post__by_a_manager__reserves_the_whole_total_at_once() public {
        Tree memory tree = _tree(_three());
        vm.expectEmit(address(earn));
        emit IEarnDistributor.EarningsPosted({
            token: address(token),
            period: PERIOD,
            root: tree.root,
            finalAt: FINAL,
            claimableUntil: UNTIL,
            uri: PROOFS
        });
        _post(tree);
        assertEq(uint96(tree.root), 1370, "the root says how much");
        assertEq(_unclaimed(PERIOD), 1370);
        assertEq(token.quotaOf(manager), QUOTA - 1370);
        _assertReserved(1370);
        assertTrue(_is(tree));
        assertEq(
            earn.listIdOf(address(token), PERIOD), keccak256(abi.encode(block.chainid, earn, token, PERIOD))
        );
    }

    function test_post__by_the_admin__out_of_capacity() public {
        Tree memory tree = _tree(_three());
        uint256 promised = token.totalQuota();
        vm.prank(brand);
        token.grantQuotaAndCall(address(earn), tree.total, abi.encode(_posting(tree), 0));
        assertEq(token.totalQuota(), promised + tree.total);
        _assertReserved(tree.total);
    }

    function test_post__beyond_capacity__reverts() public {
        uint256 room = token.capacity() - token.totalSupply() - token.totalQuota();
        Leaf[] memory leaves = new Leaf[](1);
        leaves[0] = Leaf(member, false, uint96(room + 1));
        Tree memory tree = _tree(leaves);
        _expect(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_CapacityExceeded.selector, room + 1, room));
        vm.prank(brand);
        token.grantQuotaAndCall(address(earn), tree.total, abi.encode(_posting(tree), 0));
    }

    function test_post__with_less_or_more_than_the_total__reverts() public {
        Tree memory tree = _tree(_three());
        _expectWrongQuota(1369, 1370);
        _pass(tree, 0, 1369);
        _expectWrongQuota(1371, 1370);
        _pass(tree, 0, 1371);
        _expectWrongQuota(0, 1370);
        _pass(tree, 0, 0);
        _assertReserved(0);
    }

    function test_post__a_period_with_a_previous_root_that_there_is_not__reverts() public {
        Tree memory tree = _tree(_three());
        _expectOther(PERIOD);
        _pass(tree, tree.root, tree.total);
    }

    function test_post__without_the_campaign_role__reverts() public {
        Tree memory tree = _tree(_three());
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.FULFIL | Roles.SETTLE);
        _expectNotAllowed(brandId, manager, Roles.CAMPAIGN);
        _post(tree);
    }

    function test_post__by_another_brands_admin_with_quota__reverts() public {
        _grant(partner, 2000);
        Tree memory tree = _tree(_three());
        _expectNotAllowed(brandId, partner, Roles.CAMPAIGN);
        _pass(partner, _posting(tree), 0, tree.total);
    }

    function test_post__while_suspended__reverts() public {
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _post(_tree(_three()));
    }

    function test_post__while_mint_is_stopped__reverts() public {
        _leave();
        Tree memory tree = _tree(_three());
        tree.finalAt = uint40(block.timestamp);
        tree.until = tree.finalAt + 180 days;
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        _post(tree);
    }

    function test_post__to_a_token_that_is_not_open__reverts() public {
        vm.prank(partner);
        partnerToken.grantQuota(partner, 2000);
        Tree memory tree = _treeOf(address(partnerToken), PERIOD, _three());
        _expect(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotModule.selector, address(earn)));
        vm.prank(partner);
        partnerToken.passQuotaAndCall(address(earn), tree.total, abi.encode(_posting(tree), 0));
    }

    /// @dev Whoever calls is the token: one that is made up credits what is made up.
    function test_post__by_an_account_that_says_it_is_a_token__reverts() public {
        Tree memory tree = _tree(_three());
        vm.expectRevert();
        vm.prank(intruder);
        earn.onQuotaReceived(brand, tree.total, IQuotaReceiver.Source.Granted, abi.encode(_posting(tree), 0));
    }

    function testFuzz_post__times(uint40 finalAt, uint40 until) public {
        finalAt = uint40(bound(finalAt, START - 2, START + 90 days + 2));
        until = uint40(bound(until, uint256(finalAt) + 180 days - 2, uint256(finalAt) + 180 days + 2));
        _postAt(finalAt, until);
    }

    /// @dev Each boundary: final now or in ninety days, claimable for 180 days, and a second beyond each.
    function test_post__times__at_each_boundary() public {
        uint40[4] memory finals = [START - 1, START, START + 90 days, START + 90 days + 1];
        for (uint256 i = 0; i < 4; ++i) {
            for (uint40 more = 0; more < 3; ++more) {
                uint256 snapshot = vm.snapshotState();
                bool posted = _postAt(finals[i], finals[i] + 180 days + more - 1);
                assertEq(posted, (i == 1 || i == 2) && more > 0, "the boundary");
                vm.revertToState(snapshot);
            }
        }
    }

    function _postAt(uint40 finalAt, uint40 until) private returns (bool good) {
        Tree memory tree = _tree(_three());
        (tree.finalAt, tree.until) = (finalAt, until);
        good = finalAt >= START && finalAt <= START + 90 days && until >= finalAt + 180 days;
        if (!good) {
            _expect(
                abi.encodeWithSelector(IEarnDistributor.EarnDistributor_InvalidTimes.selector, finalAt, until)
            );
        }
        _post(tree);
    }

    function test_post__uri__at_its_longest() public {
        Tree memory tree = _tree(_three());
        IEarnDistributor.Posting memory posting = _posting(tree);
        posting.uri = _uri(513);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_URITooLong.selector, 513, 512));
        _pass(manager, posting, 0, tree.total);
        posting.uri = _uri(512);
        _pass(manager, posting, 0, tree.total);
    }

    function test_post__the_same_twice__reverts_and_reserves_once() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        _expectOther(PERIOD);
        _post(tree);
        _assertReserved(tree.total);
    }

    function test_post__two_periods_and_two_tokens__do_not_touch() public {
        Tree memory first = _tree(_three());
        Tree memory second = _treeOf(address(token), PERIOD + 1, _three());
        _post(first);
        _post(second);
        _assertReserved(2 * uint256(first.total));
        vm.warp(FINAL);
        _claim(first, 0);
        assertEq(_unclaimed(PERIOD), 370);
        assertEq(_unclaimed(PERIOD + 1), 1370);
        assertFalse(earn.isClaimed(address(token), PERIOD + 1, 0));
        assertFalse(earn.isClaimed(address(partnerToken), PERIOD, 0));
    }

    // ------------------------------------------------------------- replacing

    function _withAmounts(uint96 first, uint96 second) private view returns (Tree memory) {
        Leaf[] memory leaves = _three();
        (leaves[0].amount, leaves[1].amount) = (first, second);
        return _tree(leaves);
    }

    function test_replace__with_less__returns_what_is_over() public {
        Tree memory tree = _tree(_three());
        Tree memory less = _withAmounts(600, 300);
        uint256 before = token.totalQuota();
        _post(tree);
        vm.expectEmit(address(earn));
        emit IEarnDistributor.RestReturned({ token: address(token), period: PERIOD, amount: 400 });
        _pass(less, tree.root, 0);
        assertEq(_unclaimed(PERIOD), 970);
        assertEq(token.totalQuota(), before - 400, "it went back to capacity");
        _assertReserved(970);
        assertTrue(_is(less));
        assertFalse(_is(tree));
    }

    function test_replace__with_more__takes_what_is_missing() public {
        Tree memory tree = _tree(_three());
        Tree memory more = _withAmounts(1500, 300);
        _post(tree);
        _expectWrongQuota(0, 500);
        _pass(more, tree.root, 0);
        _expectWrongQuota(more.total, 500);
        _pass(more, tree.root, more.total);
        _pass(more, tree.root, 500);
        _assertReserved(more.total);
    }

    function test_replace__by_as_much__moves_between_members() public {
        Tree memory tree = _tree(_three());
        Tree memory moved = _withAmounts(900, 400);
        _post(tree);
        _expectWrongQuota(1, 0);
        _pass(moved, tree.root, 1);
        _pass(moved, tree.root, 0);
        _assertReserved(tree.total);
        vm.warp(FINAL);
        _expectWrongProof(PERIOD, 0);
        _claim(tree, 0);
        _claim(moved, 0);
        assertEq(token.balanceOf(member), BALANCE + 900);
    }

    function test_replace__with_nothing__withdraws_the_posting() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        Tree memory none = _withAmounts(0, 0);
        none.leaves[2].amount = 0;
        none = _tree(none.leaves);
        _pass(none, tree.root, 0);
        _assertReserved(0);
        assertTrue(_is(none));
    }

    /// @dev Two operators at once: the second would undo what the first did.
    function test_replace__what_was_replaced_meanwhile__reverts() public {
        Tree memory tree = _tree(_three());
        Tree memory less = _withAmounts(600, 300);
        _post(tree);
        _pass(less, tree.root, 0);
        _expectOther(PERIOD);
        _pass(_withAmounts(500, 300), tree.root, 0);
    }

    function test_replace__with_other_times__reverts() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        Tree memory other = _withAmounts(600, 300);
        other.finalAt += 1;
        _expectOther(PERIOD);
        _pass(other, tree.root, 0);
        (other.finalAt, other.until) = (FINAL, UNTIL - 1);
        _expectOther(PERIOD);
        _pass(other, tree.root, 0);
    }

    function test_replace__a_second_before_final__and_at_it() public {
        Tree memory tree = _tree(_three());
        Tree memory less = _withAmounts(600, 300);
        _post(tree);
        vm.warp(FINAL - 1);
        _pass(less, tree.root, 0);
        vm.warp(FINAL);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_Final.selector, FINAL));
        _pass(tree, less.root, 400);
    }

    function test_replace__without_the_role_or_stopped__reverts() public {
        Tree memory tree = _tree(_three());
        Tree memory less = _withAmounts(600, 300);
        _post(tree);
        _expectNotAllowed(brandId, intruder, Roles.CAMPAIGN);
        _pass(intruder, _posting(less), tree.root, 0);
        _suspendAndStop();
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        _pass(less, tree.root, 0);
        assertTrue(_is(tree), "what was promised stays while the brand may promise nothing");
    }

    // -------------------------------------------------------------- claiming

    function test_claim__by_anybody__goes_to_the_account() public {
        Tree memory tree = _postedThree();
        vm.expectEmit(address(earn));
        emit IEarnDistributor.EarningsClaimed({
            token: address(token), period: PERIOD, to: member, index: 0, amount: 1000
        });
        _claim(tree, 0);
        assertEq(token.balanceOf(member), BALANCE + 1000);
        assertEq(token.balanceOf(intruder), 0);
        assertTrue(earn.isClaimed(address(token), PERIOD, 0));
        _assertReserved(370);
        assertEq(_unclaimed(PERIOD), 370);
    }

    function test_claim__twice__reverts() public {
        Tree memory tree = _postedThree();
        _claim(tree, 2);
        _expectAlreadyClaimed(PERIOD, 2);
        _claim(tree, 2);
    }

    function test_claim__a_second_before_final__reverts() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        vm.warp(FINAL - 1);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_NotFinal.selector, FINAL));
        _claim(tree, 0);
        vm.warp(FINAL);
        _claim(tree, 0);
    }

    function test_claim__at_the_last_second__and_after() public {
        Tree memory tree = _postedThree();
        vm.warp(UNTIL - 1);
        _claim(tree, 0);
        vm.warp(UNTIL);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_Over.selector, UNTIL));
        _claim(tree, 2);
    }

    function test_claim__with_other_times__reverts() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        tree.finalAt = uint40(block.timestamp);
        _expectWrongProof(PERIOD, 0);
        _claim(tree, 0);
        vm.warp(UNTIL);
        (tree.finalAt, tree.until) = (FINAL, UNTIL + 1);
        _expectWrongProof(PERIOD, 0);
        _claim(tree, 0);
    }

    function test_claim__of_what_was_not_posted__reverts() public {
        Tree memory tree = _tree(_three());
        vm.warp(FINAL);
        _expect(
            abi.encodeWithSelector(
                IEarnDistributor.EarnDistributor_NotPosted.selector, address(token), PERIOD
            )
        );
        _claim(tree, 0);
    }

    function test_claim__with_anything_altered__reverts() public {
        Tree memory tree = _postedThree();
        IEarnDistributor.Credit memory credit = _credit(tree, 0);
        credit.amount += 1;
        _expectWrongProof(PERIOD, 0);
        earn.claim(address(token), credit);
        credit = _credit(tree, 0);
        credit.account = intruder;
        _expectWrongProof(PERIOD, 0);
        earn.claim(address(token), credit);
        credit = _credit(tree, 0);
        credit.index = 1;
        _expectWrongProof(PERIOD, 1);
        earn.claim(address(token), credit);
        credit = _credit(tree, 0);
        credit.proof[1] ^= 1 << 200;
        _expectWrongProof(PERIOD, 0);
        earn.claim(address(token), credit);
    }

    function test_claim_many__passes_over_what_was_claimed() public {
        Tree memory tree = _postedThree();
        _claim(tree, 0);
        IEarnDistributor.Credit[] memory credits = new IEarnDistributor.Credit[](3);
        (credits[0], credits[1], credits[2]) = (_credit(tree, 0), _credit(tree, 2), _credit(tree, 2));
        vm.prank(intruder);
        earn.claimMany(address(token), credits);
        assertEq(token.balanceOf(member), BALANCE + 1000);
        assertEq(token.balanceOf(friend), 70);
        _assertReserved(300);
    }

    function test_claim_many__of_several_periods() public {
        Tree memory first = _tree(_three());
        Tree memory second = _treeOf(address(token), PERIOD + 1, _three());
        _post(first);
        _post(second);
        vm.warp(FINAL);
        IEarnDistributor.Credit[] memory credits = new IEarnDistributor.Credit[](2);
        (credits[0], credits[1]) = (_credit(first, 0), _credit(second, 0));
        earn.claimMany(address(token), credits);
        assertEq(token.balanceOf(member), BALANCE + 2000);
    }

    function test_claim_many__with_one_that_is_wrong__reverts_whole() public {
        Tree memory tree = _postedThree();
        IEarnDistributor.Credit[] memory credits = new IEarnDistributor.Credit[](2);
        (credits[0], credits[1]) = (_credit(tree, 0), _credit(tree, 2));
        credits[1].amount = 71;
        _expectWrongProof(PERIOD, 2);
        earn.claimMany(address(token), credits);
        assertEq(token.balanceOf(member), BALANCE);
    }

    /// @dev ISSUE-3: what was promised is paid, whatever becomes of the brand.
    function test_claim__of_a_suspended_brand_off_the_list__is_paid() public {
        Tree memory tree = _postedThree();
        _suspendAndStop();
        _list(IBrandRegistry.List.Module, address(earn), false);
        _claim(tree, 0);
        _claimByLink(tree, 1, friend);
        assertEq(token.balanceOf(member), BALANCE + 1000);
        assertEq(token.balanceOf(friend), 300);
    }

    /// @dev The brand's admin can take managers' quotas back; what was posted is nobody's to take.
    function test_revoke__what_was_posted__reverts() public {
        _postedThree();
        _expect(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_IsModule.selector, address(earn)));
        vm.prank(brand);
        token.revokeQuota(address(earn), 1);
    }

    function test_capacity__cannot_fall_below_what_was_posted() public {
        _postedThree();
        uint256 committed = token.totalSupply() + token.totalQuota();
        vm.prank(address(obligations));
        _expect(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_CapacityTooLow.selector, committed - 1, committed
            )
        );
        token.setCapacity(uint96(committed - 1));
    }

    // ----------------------------------------------------------------- links

    function test_link__pays_whom_its_key_names() public {
        Tree memory tree = _postedThree();
        vm.expectEmit(address(earn));
        emit IEarnDistributor.EarningsClaimed({
            token: address(token), period: PERIOD, to: friend, index: 1, amount: 300
        });
        _claimByLink(tree, 1, friend);
        assertEq(token.balanceOf(friend), 300);
        assertEq(token.balanceOf(link), 0);
        _assertReserved(1070);
    }

    function test_link__twice__reverts() public {
        Tree memory tree = _postedThree();
        _claimByLink(tree, 1, friend);
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = _linkSignature(tree, 1, intruder, deadline);
        _expectAlreadyClaimed(PERIOD, 1);
        earn.claimByLink(address(token), _credit(tree, 1), intruder, deadline, signature);
    }

    function test_link__at_its_deadline__and_after() public {
        Tree memory tree = _postedThree();
        uint256 deadline = block.timestamp + 60;
        bytes memory signature = _linkSignature(tree, 1, friend, deadline);
        vm.warp(deadline + 1);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_Expired.selector, deadline));
        earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, signature);
        vm.warp(deadline);
        earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, signature);
    }

    function test_link__without_its_key__reverts() public {
        Tree memory tree = _postedThree();
        uint256 deadline = block.timestamp + 60;
        bytes memory signature = _sign(
            friendKey, _linkDigest(address(earn), block.chainid, address(token), PERIOD, 1, friend, deadline)
        );
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_InvalidSignature.selector, link));
        earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, signature);
    }

    function test_link__compact_signature__is_good() public {
        Tree memory tree = _postedThree();
        uint256 deadline = block.timestamp + 60;
        bytes memory signature = _signCompact(
            linkKey, _linkDigest(address(earn), block.chainid, address(token), PERIOD, 1, friend, deadline)
        );
        earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, signature);
        assertEq(token.balanceOf(friend), 300);
    }

    function test_link__a_second_before_final_and_once_over__reverts() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        vm.warp(FINAL - 1);
        bytes memory signature = _linkSignature(tree, 1, friend, UNTIL);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_NotFinal.selector, FINAL));
        earn.claimByLink(address(token), _credit(tree, 1), friend, UNTIL, signature);
        vm.warp(UNTIL);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_Over.selector, UNTIL));
        earn.claimByLink(address(token), _credit(tree, 1), friend, UNTIL, signature);
    }

    /// @dev A link's credit is no member's: paid to the key's address it would be lost.
    function test_claim__of_a_links_credit_as_if_a_members__reverts() public {
        Tree memory tree = _postedThree();
        _expectWrongProof(PERIOD, 1);
        _claim(tree, 1);
    }

    function test_link__for_a_members_credit_signed_by_the_member__reverts() public {
        Tree memory tree = _postedThree();
        uint256 deadline = block.timestamp + 60;
        bytes memory signature = _sign(
            memberKey,
            _linkDigest(address(earn), block.chainid, address(token), PERIOD, 0, intruder, deadline)
        );
        _expectWrongProof(PERIOD, 0);
        earn.claimByLink(address(token), _credit(tree, 0), intruder, deadline, signature);
    }

    // -------------------------------------------------------------- the rest

    function test_return_rest__once_over__goes_back_to_capacity() public {
        Tree memory tree = _postedThree();
        _claim(tree, 0);
        uint256 before = token.totalQuota();
        vm.warp(UNTIL);
        vm.expectEmit(address(earn));
        emit IEarnDistributor.RestReturned({ token: address(token), period: PERIOD, amount: 370 });
        _returnRest(tree);
        assertEq(token.totalQuota(), before - 370);
        assertEq(_unclaimed(PERIOD), 0);
        assertTrue(_is(tree), "the period stays used");
        _assertReserved(0);
    }

    function test_return_rest__a_second_too_early__reverts() public {
        Tree memory tree = _postedThree();
        vm.warp(UNTIL - 1);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_NotOver.selector, UNTIL));
        _returnRest(tree);
    }

    function test_return_rest__with_times_of_ones_own__reverts() public {
        Tree memory tree = _postedThree();
        tree.until = uint40(block.timestamp);
        _expectOther(PERIOD);
        _returnRest(tree);
    }

    function test_return_rest__twice_or_of_nothing__reverts() public {
        Tree memory tree = _postedThree();
        vm.warp(UNTIL);
        _returnRest(tree);
        _expect(
            abi.encodeWithSelector(
                IEarnDistributor.EarnDistributor_NothingLeft.selector, address(token), PERIOD
            )
        );
        _returnRest(tree);
        tree.period += 1;
        _expect(
            abi.encodeWithSelector(
                IEarnDistributor.EarnDistributor_NotPosted.selector, address(token), PERIOD + 1
            )
        );
        _returnRest(tree);
    }

    function test_post__a_period_that_is_over__reverts() public {
        Tree memory tree = _postedThree();
        vm.warp(UNTIL);
        _returnRest(tree);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_Final.selector, FINAL));
        _pass(tree, tree.root, tree.total);
    }

    /// @dev The rest of one period is never another's.
    function test_return_rest__leaves_other_periods_theirs() public {
        Tree memory first = _postedThree();
        Tree memory second = _treeOf(address(token), PERIOD + 1, _three());
        (second.finalAt, second.until) = (FINAL + 1 days, UNTIL + 1 days);
        _post(second);
        vm.warp(UNTIL);
        _returnRest(first);
        _assertReserved(second.total);
        _claim(second, 0);
    }

    // ------------------------------------------------------ claim and redeem

    function _emptied() private returns (Tree memory tree) {
        tree = _postedThree();
        vm.prank(member);
        token.transfer(friend, BALANCE);
    }

    function test_claim_and_redeem__an_offer_by_somebody_with_an_empty_wallet() public {
        Tree memory tree = _emptied();
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 2));
        vm.prank(till);
        desk.claimAndRedeemOffer(address(token), earn, _one(_credit(tree, 0)), wish);
        assertEq(token.balanceOf(member), 1000 - 2 * PRICE);
        assertEq(_receipt(wish.nonce).amount, 2 * PRICE);
        _assertReserved(370);
    }

    function test_claim_and_redeem__at_par_by_somebody_with_an_empty_wallet() public {
        Tree memory tree = _emptied();
        IRedemptions.ParRedemption memory wish = _signed(_parWish(1000));
        vm.prank(till);
        desk.claimAndRedeemAtPar(address(token), earn, _one(_credit(tree, 0)), wish);
        assertEq(token.balanceOf(member), 0);
        assertEq(_receipt(wish.nonce).amount, 1000);
    }

    /// @dev Anybody may claim for the member first; that must not spoil the purchase.
    function test_claim_and_redeem__of_what_was_claimed_meanwhile__goes_on() public {
        Tree memory tree = _emptied();
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 2));
        _claim(tree, 0);
        vm.prank(till);
        desk.claimAndRedeemOffer(address(token), earn, _one(_credit(tree, 0)), wish);
        assertEq(token.balanceOf(member), 1000 - 2 * PRICE);
    }

    function test_claim_and_redeem__by_no_till__reverts() public {
        Tree memory tree = _emptied();
        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 2));
        _expect(abi.encodeWithSelector(IRedemptions.Redemptions_NotTill.selector, token, intruder));
        vm.prank(intruder);
        desk.claimAndRedeemOffer(address(token), earn, _one(_credit(tree, 0)), wish);
        IRedemptions.ParRedemption memory par = _signed(_parWish(1000));
        _expect(abi.encodeWithSelector(IRedemptions.Redemptions_NotTill.selector, token, intruder));
        vm.prank(intruder);
        desk.claimAndRedeemAtPar(address(token), earn, _one(_credit(tree, 0)), par);
    }

    function test_claim_and_redeem__not_signed_by_the_member__claims_nothing() public {
        Tree memory tree = _emptied();
        IRedemptions.OfferRedemption memory wish = _signedBy(friendKey, _wish(OFFER, 2));
        _expectBadSignature(member);
        vm.prank(till);
        desk.claimAndRedeemOffer(address(token), earn, _one(_credit(tree, 0)), wish);
        assertFalse(earn.isClaimed(address(token), PERIOD, 0));
    }

    function test_claim_and_redeem__more_than_was_earned__reverts() public {
        Tree memory tree = _emptied();
        IRedemptions.ParRedemption memory wish = _signed(_parWish(1001));
        _expect(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, member, 1000, 1001));
        vm.prank(till);
        desk.claimAndRedeemAtPar(address(token), earn, _one(_credit(tree, 0)), wish);
    }

    // ------------------------------------------------------------------ fuzz

    /// @dev Whatever the tree: each leaf pays once what it says, and all together what was set aside.
    function testFuzz_any_tree__pays_each_leaf_and_no_more(uint256 seed, uint8 size) public {
        uint256 count = bound(size, 1, 40);
        Leaf[] memory leaves = new Leaf[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 rolled = uint256(keccak256(abi.encode(seed, i)));
            leaves[i] = Leaf(address(uint160(rolled | 1 << 159)), false, uint96(rolled >> 160) % 10_000);
        }
        Tree memory tree = _tree(leaves);
        _post(tree);
        vm.warp(FINAL);
        uint256 before = token.totalSupply();
        for (uint256 i = 0; i < count; ++i) {
            uint256 place = (i * 7 + seed % count) % count;
            bool was = earn.isClaimed(address(token), PERIOD, uint32(place));
            uint256 held = token.balanceOf(leaves[place].account);
            if (was) _expectAlreadyClaimed(PERIOD, place);
            _claim(tree, place);
            if (!was) assertEq(token.balanceOf(leaves[place].account) - held, leaves[place].amount);
        }
        for (uint256 i = 0; i < count; ++i) {
            if (!earn.isClaimed(address(token), PERIOD, uint32(i))) _claim(tree, i);
        }
        assertEq(token.totalSupply() - before, tree.total, "EARN-1: not what was posted");
        assertEq(_unclaimed(PERIOD), 0);
        _assertReserved(0);
    }
}
