// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Rewards } from "../../contracts/base/Rewards.sol";
import { ICampaignRewards } from "../../contracts/interfaces/ICampaignRewards.sol";
import { IConsent } from "../../contracts/interfaces/IConsent.sol";
import { IReferralRewards } from "../../contracts/interfaces/IReferralRewards.sol";
import { GrowthTest } from "./utils/GrowthTest.sol";
import { Wallet } from "./utils/Wallets.sol";

/// @notice SIG-1 for everything that is signed to referrals, campaigns and consent: what was signed is good for
/// that alone, in any of its forms, and once. Attack 16 by each kind of signature.
contract GrowthSignaturesTest is GrowthTest {
    uint40 private constant DEADLINE = START + 1 days;

    // ---------------------------------------------------------------- binding

    function test_attack_16__binding__for_another_chain_contract_or_field__reverts() public {
        bytes32 hash = _bindingHash(address(token), member, friend, DEADLINE);
        _expectNoBinding(member, friend, DEADLINE, _otherChain("ReferralRewards", address(referrals), hash));
        _expectNoBinding(member, friend, DEADLINE, _sign(memberKey, _onConsent(hash)));
        _expectNoBinding(
            member,
            friend,
            DEADLINE,
            _sign(memberKey, _typed("ReferralRewards", address(1), block.chainid, hash))
        );
        bytes memory good = _sign(memberKey, _onReferrals(hash));
        _expectNoBinding(member, grand, DEADLINE, good);
        _expectNoBinding(friend, grand, DEADLINE, good);
        _expectNoBinding(member, friend, DEADLINE + 1, good);
        _expectNoBinding(member, friend, DEADLINE, _malleate(good));
        bytes32 elsewhere = _bindingHash(address(partnerToken), member, friend, DEADLINE);
        _expectNoBinding(member, friend, DEADLINE, _sign(memberKey, _onReferrals(elsewhere)));
        vm.warp(DEADLINE + 1);
        IReferralRewards.Invitation memory invitation = _invitation(friendKey);
        _expect(abi.encodeWithSelector(Rewards.Rewards_Expired.selector, DEADLINE));
        referrals.bindWithSignature(address(token), member, friend, invitation, DEADLINE, good);
        vm.warp(DEADLINE);
        referrals.bindWithSignature(address(token), member, friend, invitation, DEADLINE, good);
    }

    function test_binding__compact_or_by_a_wallet_with_code__is_good() public {
        bytes32 hash = _bindingHash(address(token), member, friend, DEADLINE);
        referrals.bindWithSignature(
            address(token),
            member,
            friend,
            _invitation(friendKey),
            DEADLINE,
            _signCompact(memberKey, _onReferrals(hash))
        );
        Wallet wallet = new Wallet(member);
        hash = _bindingHash(address(token), address(wallet), friend, DEADLINE);
        bytes memory signature = _sign(memberKey, _onReferrals(hash));
        wallet.behave(Wallet.Behaviour.Nothing);
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, address(wallet)));
        referrals.bindWithSignature(
            address(token), address(wallet), friend, _noInvitation(), DEADLINE, signature
        );
        wallet.behave(Wallet.Behaviour.Owner);
        referrals.bindWithSignature(
            address(token), address(wallet), friend, _noInvitation(), DEADLINE, signature
        );
        assertEq(referrals.standingOf(address(token), address(wallet)).referrer, friend);
    }

    // --------------------------------------------------------------- purchases

    function testFuzz_attack_16__purchase__every_field_is_bound(uint256 field, uint256 by) public {
        _bindChain();
        IReferralRewards.Purchase memory bought = _purchase("A-1", 1000);
        bytes memory good = _attested(bought);
        by = bound(by, 1, 1000);
        field = field % 5;
        if (field == 0) (bought.member, by) = (friend, by); // bound, too
        if (field == 1) bought.ref = bytes32(uint256(bought.ref) ^ by);
        if (field == 2) bought.amount += by;
        if (field == 3) bought.deadline += by;
        if (field == 4) {
            vm.warp(block.timestamp + by);
            bought.purchasedAt += by;
        }
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, attester));
        referrals.accruePurchase(programme, bought, good);
    }

    function test_attack_16__purchase__for_another_chain_or_contract_or_malleated__reverts() public {
        _bindChain();
        IReferralRewards.Purchase memory bought = _purchase("A-1", 1000);
        bytes32 hash = _purchaseHash(bought);
        bytes[3] memory bad = [
            _sign(attesterKey, _typed("ReferralRewards", address(referrals), block.chainid + 1, hash)),
            _sign(attesterKey, _onCampaigns(hash)),
            _malleate(_attested(bought))
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, attester));
            referrals.accruePurchase(programme, bought, bad[i]);
        }
        _accruePurchase(bought);
    }

    // ---------------------------------------------------------------- vouchers

    function testFuzz_attack_16__voucher__every_field_is_bound(uint256 field, uint256 by) public {
        ICampaignRewards.Voucher memory voucher = _voucher(member, 0);
        bytes memory good = _signedVoucher(VIEWS, voucher);
        by = bound(by, 1, MEMBER_CAP - 1);
        bytes32 id = VIEWS;
        field = field % 5;
        if (field == 0) voucher.member = friend;
        if (field == 1) voucher.number = by;
        if (field == 2) voucher.action = bytes32(uint256(ACTION) ^ by);
        if (field == 3) voucher.deadline += by;
        if (field == 4) {
            id = "another campaign of this key";
            _createCampaign(id, _campaign(ICampaignRewards.Kind.View));
            _fundPurse(id, byKey, BUDGET);
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                ICampaignRewards.CampaignRewards_BadVoucher.selector,
                ICampaignRewards.Flaw.NotAttested,
                voucher.member,
                voucher.number
            )
        );
        campaigns.claim(address(token), id, voucher, attester, good);
        ICampaignRewards.SignedVoucher[] memory vouchers = new ICampaignRewards.SignedVoucher[](1);
        vouchers[0].voucher = voucher;
        (vouchers[0].r, vouchers[0].vs) = _compact(good);
        assertEq(campaigns.claimBatch(address(token), id, attester, vouchers), 0);
    }

    function test_attack_16__voucher__for_another_chain_contract_or_malleated__reverts() public {
        ICampaignRewards.Voucher memory voucher = _voucher(member, 0);
        bytes32 hash = _voucherHash(address(token), VIEWS, voucher);
        bytes[3] memory bad = [
            _sign(attesterKey, _typed("CampaignRewards", address(campaigns), block.chainid + 1, hash)),
            _sign(attesterKey, _typed("CampaignRewards", address(referrals), block.chainid, hash)),
            _malleate(_signedVoucher(VIEWS, voucher))
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            _expectFlaw(ICampaignRewards.Flaw.NotAttested, 0);
            campaigns.claim(address(token), VIEWS, voucher, attester, bad[i]);
        }
        campaigns.claim(
            address(token), VIEWS, voucher, attester, _signCompact(attesterKey, _onCampaigns(hash))
        );
    }

    // ----------------------------------------------------------------- consent

    function testFuzz_attack_16__grant__every_field_is_bound(uint256 field) public {
        bytes memory good = _sign(memberKey, _onConsent(_grantHash(request, member, DEADLINE)));
        IConsent.Request memory other = request;
        address who = member;
        uint256 deadline = DEADLINE;
        field = field % 6;
        if (field == 0) who = friend;
        if (field == 1) deadline += 1;
        if (field == 2) other.price += 1;
        if (field == 3) other.until += 1;
        if (field == 4) other.salt = "another";
        if (field == 5) other.every += 1;
        if (field > 1) {
            _publishRequest(other);
            _fundRequest(other, BUDGET);
        }
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, who));
        consent.grantWithSignature(other, _noEligibility(), who, deadline, good);
    }

    function test_attack_16__grant_and_revocation__elsewhere_malleated_or_late__revert() public {
        bytes32 hash = _grantHash(request, member, DEADLINE);
        bytes memory good = _sign(memberKey, _onConsent(hash));
        bytes[4] memory bad = [
            _sign(memberKey, _typed("Consent", address(consent), block.chainid + 1, hash)),
            _sign(memberKey, _typed("Consent", address(campaigns), block.chainid, hash)),
            _sign(memberKey, _onConsent(_revocationHash(requestId, member, DEADLINE))),
            _malleate(good)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, member));
            consent.grantWithSignature(request, _noEligibility(), member, DEADLINE, bad[i]);
        }
        vm.warp(DEADLINE + 1);
        _expect(abi.encodeWithSelector(Rewards.Rewards_Expired.selector, DEADLINE));
        consent.grantWithSignature(request, _noEligibility(), member, DEADLINE, good);
        vm.warp(DEADLINE);
        consent.grantWithSignature(request, _noEligibility(), member, DEADLINE, good);

        hash = _revocationHash("another request", member, DEADLINE);
        bytes memory others = _sign(memberKey, _onConsent(hash));
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, member));
        consent.revokeWithSignature(request, member, DEADLINE, others);
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, member));
        consent.revokeWithSignature(request, member, DEADLINE, good);
        bytes memory own = _sign(memberKey, _onConsent(_revocationHash(requestId, member, DEADLINE)));
        vm.warp(DEADLINE + 1);
        _expect(abi.encodeWithSelector(Rewards.Rewards_Expired.selector, DEADLINE));
        consent.revokeWithSignature(request, member, DEADLINE, own);
        vm.warp(DEADLINE);
        consent.revokeWithSignature(request, member, DEADLINE, own);
        assertFalse(consent.isGranted(requestId, member));
    }

    function test_grant__by_a_wallet_with_code__is_good() public {
        Wallet wallet = new Wallet(member);
        bytes memory signature = _sign(memberKey, _onConsent(_grantHash(request, address(wallet), DEADLINE)));
        consent.grantWithSignature(request, _noEligibility(), address(wallet), DEADLINE, signature);
        assertEq(token.balanceOf(address(wallet)), PRICE_OF_DATA);
    }

    // ----------------------------------------------------------------- helpers

    function _otherChain(string memory name, address verifier, bytes32 hash)
        private
        view
        returns (bytes memory)
    {
        return _sign(memberKey, _typed(name, verifier, block.chainid + 1, hash));
    }

    function _expectNoBinding(address who, address to, uint256 deadline, bytes memory signature) private {
        IReferralRewards.Invitation memory invitation = _invitation(friendKey);
        _expect(abi.encodeWithSelector(Rewards.Rewards_InvalidSignature.selector, who));
        referrals.bindWithSignature(address(token), who, to, invitation, deadline, signature);
    }
}
