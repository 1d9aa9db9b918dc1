// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Realised } from "../../contracts/base/Realised.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ICampaignRewards } from "../../contracts/interfaces/ICampaignRewards.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { GrowthTest } from "./utils/GrowthTest.sol";
import { Wallet } from "./utils/Wallets.sol";

contract CampaignRewardsTest is GrowthTest {
    bytes32 private constant NEW = "another campaign";

    // ------------------------------------------------------------- campaigns

    function test_createCampaign__is_as_it_was_written() public {
        ICampaignRewards.Campaign memory campaign = _campaign(ICampaignRewards.Kind.Custom);
        (campaign.memberCap, campaign.dayCap) = (232, 232);
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.CampaignCreated(address(token), NEW, campaign, DOCUMENT, DOCUMENT_URI);
        _createCampaign(NEW, campaign);
        assertEq(abi.encode(campaigns.campaignOf(address(token), NEW)), abi.encode(campaign));
    }

    function test_createCampaign__any_bad_field__reverts() public {
        for (uint256 i = 0; i < 7; ++i) {
            ICampaignRewards.Campaign memory campaign = _campaign(ICampaignRewards.Kind.View);
            if (i == 0) campaign.reward = 0;
            if (i == 1) campaign.dayCap = 0;
            if (i == 2) campaign.dayCap = MEMBER_CAP + 1;
            if (i == 3) campaign.memberCap = 233;
            if (i == 4) campaign.closesAt = campaign.opensAt;
            if (i == 5) (campaign.opensAt, campaign.closesAt) = (START - 1, START);
            if (i == 6) campaign.memberCap = 0;
            _expect(ICampaignRewards.CampaignRewards_InvalidCampaign.selector);
            _createCampaign(NEW, campaign);
        }
    }

    function test_createCampaign__twice_too_long_or_by_others__reverts() public {
        ICampaignRewards.Campaign memory campaign = _campaign(ICampaignRewards.Kind.View);
        _expect(
            abi.encodeWithSelector(
                ICampaignRewards.CampaignRewards_AlreadyThere.selector, address(token), VIEWS
            )
        );
        _createCampaign(VIEWS, campaign);
        string memory uri = _uri(513);
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_URITooLong.selector, 513, 512));
        vm.prank(manager);
        campaigns.createCampaign(address(token), NEW, campaign, DOCUMENT, uri);
        _expectNotCampaigner(intruder);
        vm.prank(intruder);
        campaigns.createCampaign(address(token), NEW, campaign, DOCUMENT, DOCUMENT_URI);
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _createCampaign(NEW, campaign);
    }

    function test_fund__makes_an_attester__and_refills() public {
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.PurseFunded(address(token), VIEWS, "list", brand, 7);
        _fundPurse(VIEWS, "list", 7);
        _fundPurse(VIEWS, "list", 8);
        ICampaignRewards.Purse memory purse = campaigns.purseOf(address(token), VIEWS, "list");
        assertEq(purse.left, 15);
        assertEq(purse.until, type(uint40).max);
    }

    function test_fund__no_campaign_no_name_or_over__takes_nothing() public {
        _expect(
            abi.encodeWithSelector(ICampaignRewards.CampaignRewards_NoCampaign.selector, address(token), NEW)
        );
        _fundPurse(NEW, byKey, 1);
        _expect(ICampaignRewards.CampaignRewards_InvalidAttester.selector);
        _fundPurse(VIEWS, 0, 1);
        vm.warp(ENDS + CLAIMS - 1);
        _fundPurse(VIEWS, byKey, 1);
        vm.warp(ENDS + CLAIMS);
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_Over.selector, ENDS));
        _fundPurse(VIEWS, byKey, 1);
    }

    function test_endCampaign__pays_for_30_days_more__then_the_rest_goes_back() public {
        vm.warp(START + 10 days);
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.CampaignEnded(address(token), VIEWS, START + 10 days);
        vm.prank(manager);
        campaigns.endCampaign(address(token), VIEWS);
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_Over.selector, START + 10 days));
        vm.prank(manager);
        campaigns.endCampaign(address(token), VIEWS);

        vm.warp(START + 40 days - 1);
        _claim(0);
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_TooEarly.selector, START + 40 days));
        vm.prank(manager);
        campaigns.returnRest(address(token), VIEWS, byKey);
        vm.warp(START + 40 days);
        _expectFlaw(ICampaignRewards.Flaw.NotOpen, 1);
        this.tryClaim(VIEWS, _voucher(member, 1));
        uint256 promised = token.totalQuota();
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.RestReturned(address(token), VIEWS, byKey, BUDGET - REWARD);
        vm.prank(manager);
        campaigns.returnRest(address(token), VIEWS, byKey);
        assertEq(token.totalQuota(), promised - BUDGET + REWARD);
        assertEq(_left(VIEWS, byKey), 0);
        assertEq(_left(REVIEWS, byKey), BUDGET);
    }

    function test_brands_functions__by_others_or_of_nothing__revert() public {
        vm.startPrank(intruder);
        _expectNotCampaigner(intruder);
        campaigns.retireAttester(address(token), VIEWS, byKey);
        _expectNotCampaigner(intruder);
        campaigns.endCampaign(address(token), VIEWS);
        _expectNotCampaigner(intruder);
        campaigns.returnRest(address(token), VIEWS, byKey);
        vm.stopPrank();
        vm.startPrank(manager);
        _expect(
            abi.encodeWithSelector(ICampaignRewards.CampaignRewards_NoCampaign.selector, address(token), NEW)
        );
        campaigns.endCampaign(address(token), NEW);
        _expect(
            abi.encodeWithSelector(
                ICampaignRewards.CampaignRewards_NoPurse.selector, address(token), VIEWS, bytes32("x")
            )
        );
        campaigns.retireAttester(address(token), VIEWS, "x");
        _expect(
            abi.encodeWithSelector(
                ICampaignRewards.CampaignRewards_NoPurse.selector, address(token), VIEWS, bytes32("x")
            )
        );
        campaigns.returnRest(address(token), VIEWS, "x");
    }

    // -------------------------------------------------------------- rotation

    function test_retire__what_was_signed_is_paid_for_30_days() public {
        ICampaignRewards.Voucher memory before = _voucher(member, 0);
        before.deadline = ENDS;
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.AttesterRetired(address(token), VIEWS, byKey, START + CLAIMS);
        vm.prank(manager);
        campaigns.retireAttester(address(token), VIEWS, byKey);
        vm.expectRevert();
        vm.prank(manager);
        campaigns.retireAttester(address(token), VIEWS, byKey);

        vm.warp(START + CLAIMS - 1);
        uint256 snapshot = vm.snapshotState();
        _fundPurse(VIEWS, byKey, 1);
        _claim(VIEWS, before);
        assertEq(token.balanceOf(member), BALANCE + REWARD);
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_TooEarly.selector, START + CLAIMS));
        vm.prank(manager);
        campaigns.returnRest(address(token), VIEWS, byKey);
        vm.revertToState(snapshot);

        vm.warp(START + CLAIMS);
        _expectFlaw(ICampaignRewards.Flaw.NoPurse, 0);
        this.tryClaim(VIEWS, before);
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_Over.selector, START + CLAIMS));
        _fundPurse(VIEWS, byKey, 1);
        vm.prank(manager);
        campaigns.returnRest(address(token), VIEWS, byKey);
        assertEq(_left(VIEWS, byKey), 0);
    }

    /// @dev A thief drains the leaked key's purse; what was earned is put on a list, with a purse of its own.
    function test_attack_23__leaked_key__costs_its_purse_and_voids_nothing() public {
        ICampaignRewards.Campaign memory campaign = _campaign(ICampaignRewards.Kind.View);
        _createCampaign(NEW, campaign);
        _fundPurse(NEW, byKey, 10 * REWARD);
        ICampaignRewards.Voucher memory honest = _voucher(member, 0);
        ICampaignRewards.Voucher memory honest2 = _voucher(friend, 0);
        honest.deadline = honest2.deadline = ENDS;
        for (uint256 i = 0; i < 10; ++i) {
            _claim(NEW, _voucher(vm.addr(500 + i), 0));
        }
        _expectFlaw(ICampaignRewards.Flaw.PurseEmpty, 0);
        this.tryClaim(NEW, honest);
        vm.prank(manager);
        campaigns.retireAttester(address(token), NEW, byKey);

        (bytes32 root, bytes32[] memory proof) = _listOfTwo(NEW, honest, honest2);
        _fundPurse(NEW, root, 2 * REWARD);
        campaigns.claimFromList(address(token), NEW, honest, proof);
        assertEq(token.balanceOf(member), BALANCE + REWARD);
    }

    /// @dev A thief's voucher on a member's number pays the member what its own would have.
    function test_attack_23__forged_on_a_members_number__pays_the_member_in_full() public {
        ICampaignRewards.Voucher memory forged = _voucher(member, 0);
        forged.action = "forged";
        _claim(VIEWS, forged);
        assertEq(token.balanceOf(member), BALANCE + REWARD);
    }

    // --------------------------------------------------------------- vouchers

    function test_claim__by_anybody__pays_the_member_once() public {
        ICampaignRewards.Voucher memory voucher = _voucher(member, 3);
        bytes memory signature = _signedVoucher(VIEWS, voucher);
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.VoucherPaid(address(token), VIEWS, member, 3, ACTION, byKey);
        vm.prank(intruder);
        campaigns.claim(address(token), VIEWS, voucher, attester, signature);
        assertEq(token.balanceOf(member), BALANCE + REWARD);
        assertEq(token.balanceOf(intruder), 0);
        assertEq(_left(VIEWS, byKey), BUDGET - REWARD);
        assertTrue(campaigns.isPaid(address(token), VIEWS, member, 3));
        assertFalse(campaigns.isPaid(address(token), VIEWS, member, 2));
        assertFalse(campaigns.isPaid(address(token), VIEWS, member, 1000));
        assertEq(campaigns.leftToday(address(token), VIEWS, member), DAY_CAP - 1);
        _expectFlaw(ICampaignRewards.Flaw.AlreadyPaid, 3);
        campaigns.claim(address(token), VIEWS, voucher, attester, signature);
        // The same number, attested anew.
        voucher.deadline += 1;
        _expectFlaw(ICampaignRewards.Flaw.AlreadyPaid, 3);
        this.tryClaim(VIEWS, voucher);
    }

    function testFuzz_digestOf__as_its_plain_twin(
        address which,
        bytes32 id,
        ICampaignRewards.Voucher memory voucher
    ) public view {
        assertEq(campaigns.digestOf(which, id, voucher), _onCampaigns(_voucherHash(which, id, voucher)));
    }

    function test_CAMP_1__a_day__pays_so_many_and_the_next_day_more() public {
        uint256 day = (uint256(START) / 1 days + 1) * 1 days;
        vm.warp(day - 1);
        for (uint256 i = 0; i < DAY_CAP; ++i) {
            _claim(i);
        }
        _expectFlaw(ICampaignRewards.Flaw.DayFull, 5);
        this.tryClaim(VIEWS, _voucher(member, 5));
        assertEq(campaigns.leftToday(address(token), VIEWS, member), 0);
        vm.warp(day);
        assertEq(campaigns.leftToday(address(token), VIEWS, member), DAY_CAP);
        _claim(5);
        assertTrue(campaigns.isPaid(address(token), VIEWS, member, 0));
    }

    function test_CAMP_1__a_member__never_gets_beyond_the_cap() public {
        for (uint256 number = 0; number < MEMBER_CAP; ++number) {
            if (number % DAY_CAP == 0) vm.warp(block.timestamp + 1 days);
            _claim(number);
        }
        vm.warp(block.timestamp + 1 days);
        assertEq(campaigns.leftToday(address(token), VIEWS, member), 0);
        _expectFlaw(ICampaignRewards.Flaw.BeyondCap, MEMBER_CAP);
        this.tryClaim(VIEWS, _voucher(member, MEMBER_CAP));
        _expectFlaw(ICampaignRewards.Flaw.BeyondCap, type(uint256).max);
        this.tryClaim(VIEWS, _voucher(member, type(uint256).max));
        assertEq(token.balanceOf(member), BALANCE + uint256(MEMBER_CAP) * REWARD);
    }

    function test_CAMP_1__all_232_numbers__are_each_paid_once() public {
        ICampaignRewards.Campaign memory campaign = _campaign(ICampaignRewards.Kind.Custom);
        (campaign.memberCap, campaign.dayCap) = (232, 232);
        _createCampaign(NEW, campaign);
        _fundPurse(NEW, byKey, BUDGET);
        for (uint256 number = 0; number < 232; ++number) {
            _claim(NEW, _voucher(member, number));
        }
        for (uint256 number = 0; number < 232; ++number) {
            assertTrue(campaigns.isPaid(address(token), NEW, member, number));
        }
        assertEq(token.balanceOf(member), BALANCE + 232 * uint256(REWARD));
        vm.warp(block.timestamp + 1 days);
        assertEq(campaigns.leftToday(address(token), NEW, member), 0);
    }

    function test_CAMP_1__purse__pays_to_its_last_reward_and_no_further() public {
        _createCampaign(NEW, _campaign(ICampaignRewards.Kind.Survey));
        _fundPurse(NEW, byKey, 2 * REWARD - 1);
        _claim(NEW, _voucher(member, 0));
        _expectFlaw(ICampaignRewards.Flaw.PurseEmpty, 1);
        this.tryClaim(NEW, _voucher(member, 1));
        _fundPurse(NEW, byKey, 1);
        _claim(NEW, _voucher(member, 1));
        assertEq(_left(NEW, byKey), 0);
        // Another campaign's purse of the same key is another's.
        assertEq(_left(VIEWS, byKey), BUDGET);
    }

    function test_claim__window_and_deadline__to_the_second() public {
        ICampaignRewards.Campaign memory campaign = _campaign(ICampaignRewards.Kind.Visit);
        campaign.opensAt = START + 100;
        _createCampaign(NEW, campaign);
        _fundPurse(NEW, byKey, BUDGET);
        vm.warp(START + 99);
        _expectFlaw(ICampaignRewards.Flaw.NotOpen, 0);
        this.tryClaim(NEW, _voucher(member, 0));
        vm.warp(START + 100);
        _claim(NEW, _voucher(member, 0));
        ICampaignRewards.Voucher memory voucher = _voucher(member, 1);
        voucher.deadline = START + 200;
        vm.warp(START + 201);
        _expectFlaw(ICampaignRewards.Flaw.Expired, 1);
        this.tryClaim(NEW, voucher);
        vm.warp(START + 200);
        _claim(NEW, voucher);
        vm.warp(ENDS + CLAIMS - 1);
        _claim(NEW, _voucher(member, 2));
        vm.warp(ENDS + CLAIMS);
        _expectFlaw(ICampaignRewards.Flaw.NotOpen, 3);
        this.tryClaim(NEW, _voucher(member, 3));
    }

    function test_claim__of_no_campaign_by_no_attester_or_for_nobody__reverts() public {
        ICampaignRewards.Voucher memory voucher = _voucher(member, 0);
        _expectFlaw(ICampaignRewards.Flaw.NotOpen, 0);
        this.tryClaim(NEW, voucher);
        bytes memory own = _sign(friendKey, _onCampaigns(_voucherHash(address(token), VIEWS, voucher)));
        _expectFlaw(ICampaignRewards.Flaw.NoPurse, 0);
        campaigns.claim(address(token), VIEWS, voucher, friend, own);
        _expectFlaw(ICampaignRewards.Flaw.NotAttested, 0);
        campaigns.claim(address(token), VIEWS, voucher, attester, own);
        _expectFlaw(ICampaignRewards.Flaw.NotAttested, 0);
        campaigns.claim(address(token), VIEWS, voucher, attester, "");
        assertEq(
            uint8(campaigns.flawOf(address(token), VIEWS, voucher, attester, own)),
            uint8(ICampaignRewards.Flaw.NotAttested)
        );
        assertEq(
            uint8(campaigns.flawOf(address(token), VIEWS, voucher, attester, _signedVoucher(VIEWS, voucher))),
            uint8(ICampaignRewards.Flaw.None)
        );
        for (uint256 i = 0; i < 2; ++i) {
            voucher.member = i == 0 ? address(0) : address(token);
            vm.expectRevert(
                abi.encodeWithSelector(
                    ICampaignRewards.CampaignRewards_BadVoucher.selector,
                    ICampaignRewards.Flaw.InvalidMember,
                    voucher.member,
                    0
                )
            );
            this.tryClaim(VIEWS, voucher);
        }
    }

    function test_claim__by_a_wallet_with_code__attests_too() public {
        Wallet wallet = new Wallet(attester);
        _fundPurse(VIEWS, bytes32(uint256(uint160(address(wallet)))), REWARD);
        ICampaignRewards.Voucher memory voucher = _voucher(member, 0);
        bytes memory signature = _signedVoucher(VIEWS, voucher);
        campaigns.claim(address(token), VIEWS, voucher, address(wallet), signature);
        assertEq(token.balanceOf(member), BALANCE + REWARD);
        assertEq(_left(VIEWS, byKey), BUDGET);
    }

    function test_ISSUE_3__suspended_and_stopped__what_was_promised_is_paid() public {
        _suspendAndStop();
        _claim(0);
        assertEq(token.balanceOf(member), BALANCE + REWARD);
    }

    // ---------------------------------------------------------------- batches

    function test_claimBatch__bad_ones__stand_in_nobodys_way() public {
        ICampaignRewards.SignedVoucher[] memory vouchers = new ICampaignRewards.SignedVoucher[](8);
        vouchers[0] = _forBatch(VIEWS, _voucher(member, 0));
        vouchers[1] = _forBatch(VIEWS, _voucher(member, 0)); // again
        vouchers[2] = _forBatch(VIEWS, _voucher(friend, 0));
        vouchers[2].r = bytes32(uint256(vouchers[2].r) ^ 1); // not signed
        vouchers[3] = _forBatch(VIEWS, _voucher(address(token), 0));
        vouchers[4] = _forBatch(VIEWS, _voucher(grand, MEMBER_CAP));
        vouchers[5] = _forBatch(VIEWS, _voucher(grand, 1));
        vouchers[5].voucher.deadline = START - 1;
        vouchers[6] = _forBatch(REVIEWS, _voucher(grand, 1)); // another campaign's
        vouchers[7] = _forBatch(VIEWS, _voucher(grand, 9));
        _expectPassedOver(vouchers[1], ICampaignRewards.Flaw.AlreadyPaid);
        _expectPassedOver(vouchers[2], ICampaignRewards.Flaw.NotAttested);
        _expectPassedOver(vouchers[3], ICampaignRewards.Flaw.InvalidMember);
        _expectPassedOver(vouchers[4], ICampaignRewards.Flaw.BeyondCap);
        _expectPassedOver(vouchers[5], ICampaignRewards.Flaw.Expired);
        _expectPassedOver(vouchers[6], ICampaignRewards.Flaw.NotAttested);
        uint256 paid = campaigns.claimBatch(address(token), VIEWS, attester, vouchers);
        assertEq(paid, 2);
        assertEq(token.balanceOf(member), BALANCE + REWARD);
        assertEq(token.balanceOf(grand), REWARD);
        assertEq(token.balanceOf(friend), 0);
        assertEq(_left(VIEWS, byKey), BUDGET - 2 * REWARD);
    }

    function test_CAMP_1__claimBatch__caps_and_purse_hold_within_it() public {
        _createCampaign(NEW, _campaign(ICampaignRewards.Kind.View));
        _fundPurse(NEW, byKey, 4 * REWARD);
        ICampaignRewards.SignedVoucher[] memory vouchers = new ICampaignRewards.SignedVoucher[](6);
        for (uint256 i = 0; i < 4; ++i) {
            vouchers[i] = _forBatch(NEW, _voucher(member, i));
        }
        vouchers[4] = _forBatch(NEW, _voucher(friend, 0));
        vouchers[5] = _forBatch(NEW, _voucher(friend, 1));
        _expectPassedOver(NEW, vouchers[3], ICampaignRewards.Flaw.DayFull);
        _expectPassedOver(NEW, vouchers[5], ICampaignRewards.Flaw.PurseEmpty);
        assertEq(campaigns.claimBatch(address(token), NEW, attester, vouchers), 4);
        assertEq(_left(NEW, byKey), 0);
    }

    function test_claimBatch__of_none_or_of_nothing__pays_nobody() public {
        ICampaignRewards.SignedVoucher[] memory vouchers = new ICampaignRewards.SignedVoucher[](0);
        assertEq(campaigns.claimBatch(address(token), VIEWS, attester, vouchers), 0);
        vouchers = new ICampaignRewards.SignedVoucher[](1);
        vouchers[0] = _forBatch(NEW, _voucher(member, 0));
        assertEq(campaigns.claimBatch(address(token), NEW, attester, vouchers), 0);
        assertEq(campaigns.claimBatch(address(token), VIEWS, address(0), vouchers), 0);
    }

    // ------------------------------------------------------------------ lists

    function test_claimFromList__pays_each_once__whoever_attested_it_as_well() public {
        ICampaignRewards.Voucher memory one = _voucher(member, 0);
        ICampaignRewards.Voucher memory two = _voucher(friend, 4);
        (bytes32 root, bytes32[] memory proof) = _listOfTwo(VIEWS, one, two);
        _fundPurse(VIEWS, root, 2 * REWARD);
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.VoucherPaid(address(token), VIEWS, member, 0, ACTION, root);
        campaigns.claimFromList(address(token), VIEWS, one, proof);
        assertEq(_left(VIEWS, root), REWARD);
        assertEq(_left(VIEWS, byKey), BUDGET);
        _expectFlaw(ICampaignRewards.Flaw.AlreadyPaid, 0);
        campaigns.claimFromList(address(token), VIEWS, one, proof);
        _expectFlaw(ICampaignRewards.Flaw.AlreadyPaid, 0);
        this.tryClaim(VIEWS, one);
        proof[0] = _leaf(VIEWS, one);
        campaigns.claimFromList(address(token), VIEWS, two, proof);
        assertEq(token.balanceOf(friend), REWARD);
    }

    /// @dev Attack 15: leaves of other lists, inner nodes as leaves, leaves hashed once.
    function test_attack_15__not_a_leaf_of_this_list__is_not_paid() public {
        ICampaignRewards.Voucher memory one = _voucher(member, 0);
        ICampaignRewards.Voucher memory two = _voucher(friend, 0);
        (bytes32 root, bytes32[] memory proof) = _listOfTwo(VIEWS, one, two);
        _fundPurse(VIEWS, root, 2 * REWARD);
        _fundPurse(REVIEWS, root, 2 * REWARD);

        ICampaignRewards.Voucher memory other = _voucher(member, 1);
        _expectFlaw(ICampaignRewards.Flaw.NoPurse, 1);
        campaigns.claimFromList(address(token), VIEWS, other, proof);
        _expectFlaw(ICampaignRewards.Flaw.NoPurse, 0);
        campaigns.claimFromList(address(token), VIEWS, one, new bytes32[](0));
        // The same root elsewhere is the root of nothing.
        _createCampaign(NEW, _campaign(ICampaignRewards.Kind.View));
        _fundPurse(NEW, root, 2 * REWARD);
        _expectFlaw(ICampaignRewards.Flaw.NoPurse, 0);
        campaigns.claimFromList(address(token), NEW, one, proof);
        // A list of digests that were hashed once only.
        bytes32 once = _onCampaigns(_voucherHash(address(token), VIEWS, one));
        bytes32 twice = _onCampaigns(_voucherHash(address(token), VIEWS, two));
        bytes32 bare = once < twice
            ? keccak256(abi.encodePacked(once, twice))
            : keccak256(abi.encodePacked(twice, once));
        _fundPurse(VIEWS, bare, 2 * REWARD);
        proof[0] = twice;
        _expectFlaw(ICampaignRewards.Flaw.NoPurse, 0);
        campaigns.claimFromList(address(token), VIEWS, one, proof);
    }

    // ---------------------------------------------------------------- reviews

    function test_CAMP_2__review_of_what_was_had_at_the_counter__is_paid_once() public {
        (bytes32 nonce,) = _bought(1);
        ICampaignRewards.CounterReview memory review = ICampaignRewards.CounterReview(OFFER, TEXT, nonce);
        bytes32 receipt = keccak256(abi.encode(address(token), member, nonce));
        uint256 before = token.balanceOf(member);
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.Reviewed(address(token), OFFER, member, REVIEWS, TEXT, receipt);
        _review(_reviewVoucher(0, OFFER), review);
        assertEq(token.balanceOf(member), before + REWARD);
        assertTrue(campaigns.isReviewed(address(token), REVIEWS, receipt));
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_AlreadyReviewed.selector, receipt));
        this.tryReview(_reviewVoucher(1, OFFER), review);
    }

    function test_CAMP_2__review_of_what_was_ordered__is_paid_once() public {
        IFulfilment.Order memory order = _fulfilled();
        ICampaignRewards.OrderReview memory review =
            ICampaignRewards.OrderReview(TEXT, address(orders), order);
        uint256 before = token.balanceOf(member);
        this.tryOrderReview(_reviewVoucher(0, MUG), review);
        assertEq(token.balanceOf(member), before + REWARD);
        bytes32 receipt = referrals.orderRefOf(address(orders), order);
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_AlreadyReviewed.selector, receipt));
        this.tryOrderReview(_reviewVoucher(1, MUG), review);
    }

    /// @dev Attack 21: reviews of what the member never had, others' receipts, other things, other texts.
    function test_attack_21__review_without_a_receipt_of_the_thing__is_not_paid() public {
        (bytes32 nonce,) = _bought(1);
        ICampaignRewards.Voucher memory voucher = _reviewVoucher(0, OFFER);
        _expectFlaw(ICampaignRewards.Flaw.NeedsReceipt, 0);
        this.tryClaim(REVIEWS, voucher);
        ICampaignRewards.SignedVoucher[] memory batch = new ICampaignRewards.SignedVoucher[](1);
        batch[0] = _forBatch(REVIEWS, voucher);
        assertEq(campaigns.claimBatch(address(token), REVIEWS, attester, batch), 0);
        _fundPurse(REVIEWS, _leaf(REVIEWS, voucher), REWARD);
        _expectFlaw(ICampaignRewards.Flaw.NeedsReceipt, 0);
        campaigns.claimFromList(address(token), REVIEWS, voucher, new bytes32[](0));

        _expectNoReceipt(member, OFFER);
        this.tryReview(voucher, ICampaignRewards.CounterReview(OFFER, TEXT, "another nonce"));
        _expectNoReceipt(member, MUG);
        this.tryReview(_reviewVoucher(0, MUG), ICampaignRewards.CounterReview(MUG, TEXT, nonce));
        voucher.member = friend;
        _expectNoReceipt(friend, OFFER);
        this.tryReview(voucher, ICampaignRewards.CounterReview(OFFER, TEXT, nonce));
        voucher = _reviewVoucher(0, OFFER);
        _expect(
            abi.encodeWithSelector(
                ICampaignRewards.CampaignRewards_OtherReview.selector,
                voucher.action,
                keccak256(abi.encode(OFFER, bytes32("another text")))
            )
        );
        this.tryReview(voucher, ICampaignRewards.CounterReview(OFFER, "another text", nonce));
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_NotReview.selector, VIEWS));
        this.tryReviewIn(VIEWS, voucher, ICampaignRewards.CounterReview(OFFER, TEXT, nonce));
        // The attester has not said yes.
        voucher.number = 1;
        bytes memory old = _signedVoucher(REVIEWS, _reviewVoucher(0, OFFER));
        _expectFlaw(ICampaignRewards.Flaw.NotAttested, 1);
        campaigns.claimReview(
            address(token),
            REVIEWS,
            voucher,
            attester,
            old,
            ICampaignRewards.CounterReview(OFFER, TEXT, nonce)
        );
    }

    function test_attack_21__review_of_an_order__of_another_open_or_unlisted__is_not_paid() public {
        IFulfilment.Order memory order = _open();
        ICampaignRewards.OrderReview memory review =
            ICampaignRewards.OrderReview(TEXT, address(orders), order);
        ICampaignRewards.Voucher memory voucher = _reviewVoucher(0, MUG);
        _expectNoReceipt(member, MUG);
        this.tryOrderReview(voucher, review);
        _confirm(order);
        voucher.member = friend;
        _expectNoReceipt(friend, MUG);
        this.tryOrderReview(voucher, review);
        voucher.member = member;
        review.fulfilment = address(this);
        _expect(abi.encodeWithSelector(Realised.Realised_NotListed.selector, address(this)));
        this.tryOrderReview(voucher, review);
        review.fulfilment = address(orders);
        review.order.token = address(partnerToken);
        _expectNoReceipt(member, MUG);
        this.tryOrderReview(voucher, review);
    }

    // --------------------------------------------------------------- helpers

    /// @dev From outside, so that a refusal is the next call's.
    function tryClaim(bytes32 id, ICampaignRewards.Voucher memory voucher) external {
        bytes memory signature = _signedVoucher(id, voucher);
        (bool success, bytes memory reason) = address(campaigns)
            .call(abi.encodeCall(campaigns.claim, (address(token), id, voucher, attester, signature)));
        _rethrow(success, reason);
    }

    function tryReview(ICampaignRewards.Voucher memory voucher, ICampaignRewards.CounterReview memory review)
        external
    {
        _review(voucher, review);
    }

    function tryReviewIn(
        bytes32 id,
        ICampaignRewards.Voucher memory voucher,
        ICampaignRewards.CounterReview memory review
    ) external {
        bytes memory signature = _signedVoucher(id, voucher);
        campaigns.claimReview(address(token), id, voucher, attester, signature, review);
    }

    function tryOrderReview(
        ICampaignRewards.Voucher memory voucher,
        ICampaignRewards.OrderReview memory review
    ) external {
        bytes memory signature = _signedVoucher(REVIEWS, voucher);
        campaigns.claimOrderReview(address(token), REVIEWS, voucher, attester, signature, review);
    }

    function _review(ICampaignRewards.Voucher memory voucher, ICampaignRewards.CounterReview memory review)
        private
    {
        bytes memory signature = _signedVoucher(REVIEWS, voucher);
        campaigns.claimReview(address(token), REVIEWS, voucher, attester, signature, review);
    }

    function _rethrow(bool success, bytes memory reason) private pure {
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    function _reviewVoucher(uint256 number, bytes32 thing)
        private
        view
        returns (ICampaignRewards.Voucher memory voucher)
    {
        voucher = _voucher(member, number);
        voucher.action = keccak256(abi.encode(thing, TEXT));
    }

    function _leaf(bytes32 id, ICampaignRewards.Voucher memory voucher) private view returns (bytes32) {
        return keccak256(abi.encodePacked(_onCampaigns(_voucherHash(address(token), id, voucher))));
    }

    /// @return root Of a list of these two.
    /// @return proof For the first.
    function _listOfTwo(bytes32 id, ICampaignRewards.Voucher memory one, ICampaignRewards.Voucher memory two)
        private
        view
        returns (bytes32 root, bytes32[] memory proof)
    {
        bytes32 a = _leaf(id, one);
        bytes32 b = _leaf(id, two);
        root = a < b ? keccak256(abi.encodePacked(a, b)) : keccak256(abi.encodePacked(b, a));
        proof = new bytes32[](1);
        proof[0] = b;
    }

    function _expectPassedOver(ICampaignRewards.SignedVoucher memory signed, ICampaignRewards.Flaw flaw)
        private
    {
        _expectPassedOver(VIEWS, signed, flaw);
    }

    function _expectPassedOver(
        bytes32 id,
        ICampaignRewards.SignedVoucher memory signed,
        ICampaignRewards.Flaw flaw
    ) private {
        vm.expectEmit(address(campaigns));
        emit ICampaignRewards.VoucherPassedOver(
            address(token), id, signed.voucher.member, signed.voucher.number, signed.voucher.action, flaw
        );
    }

    function _expectNoReceipt(address who, bytes32 thing) private {
        _expect(abi.encodeWithSelector(ICampaignRewards.CampaignRewards_NoReceipt.selector, who, thing));
    }
}
