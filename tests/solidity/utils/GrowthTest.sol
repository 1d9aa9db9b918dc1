// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ICampaignRewards } from "../../../contracts/interfaces/ICampaignRewards.sol";
import { IConsent } from "../../../contracts/interfaces/IConsent.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IRedemptions } from "../../../contracts/interfaces/IRedemptions.sol";
import { IReferralRewards } from "../../../contracts/interfaces/IReferralRewards.sol";
import { Roles } from "../../../contracts/libraries/Roles.sol";
import { OrderTest } from "./OrderTest.sol";

/// @notice A brand that pays for growth: a referral programme, campaigns and a request for data, each with a
/// budget; a counter and orders to have receipts from. What anybody signs is spelt out anew here.
abstract contract GrowthTest is OrderTest {
    bytes32 internal constant VIEWS = "views of the new mug";
    bytes32 internal constant REVIEWS = "reviews";
    bytes32 internal constant ACTION = keccak256("what was done");
    bytes32 internal constant TEXT = keccak256("A fine cup.");
    uint96 internal constant BUDGET = 1_000_000;
    uint96 internal constant REWARD = 50;
    uint8 internal constant MEMBER_CAP = 10;
    uint8 internal constant DAY_CAP = 3;
    uint16 internal constant FIRST_BPS = 1000;
    uint16 internal constant SECOND_BPS = 200;
    uint16 internal constant VESTING_DAYS = 14;
    uint96 internal constant CAP = 100_000;
    uint40 internal constant ENDS = START + 300 days;
    uint40 internal constant CLAIMS = 30 days;
    uint40 internal constant ACCRUALS = 60 days;
    uint8 internal constant ALL = 7;
    uint8 internal constant PURCHASES = 4;
    uint96 internal constant PRICE_OF_DATA = 70;

    IReferralRewards internal referrals;
    ICampaignRewards internal campaigns;
    IConsent internal consent;
    uint256 internal attesterKey;
    address internal attester;
    uint256 internal friendKey;
    address internal friend; // who referred the member
    uint256 internal grandKey;
    address internal grand; // who referred the friend
    uint16 internal programme;
    bytes32 internal byKey; // the attester's name at campaigns
    IConsent.Request internal request;
    bytes32 internal requestId;

    function setUp() public virtual override {
        super.setUp();
        (attester, attesterKey) = makeAddrAndKey("attester");
        (friend, friendKey) = makeAddrAndKey("friend");
        (grand, grandKey) = makeAddrAndKey("grand");
        byKey = bytes32(uint256(uint160(attester)));
        referrals = IReferralRewards(
            deployCode("ReferralRewards.sol:ReferralRewards", abi.encode(brands, obligations, desk))
        );
        campaigns = ICampaignRewards(
            deployCode("CampaignRewards.sol:CampaignRewards", abi.encode(brands, obligations, desk))
        );
        consent = IConsent(deployCode("Consent.sol:Consent", abi.encode(brands, obligations)));
        vm.label(address(referrals), "ReferralRewards");
        vm.label(address(campaigns), "CampaignRewards");
        vm.label(address(consent), "Consent");
        _list(IBrandRegistry.List.Module, address(referrals), true);
        _list(IBrandRegistry.List.Module, address(campaigns), true);
        _list(IBrandRegistry.List.Module, address(consent), true);
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.FULFIL | Roles.CAMPAIGN);
        // The counter of this token.
        _setTill(till, true);
        _create(OFFER, _handedOver(PRICE, MANY, NO_LIMIT, START, type(uint40).max));

        programme = _createProgramme(_terms(ALL), attester);
        _fundProgramme(programme, BUDGET);
        _createCampaign(VIEWS, _campaign(ICampaignRewards.Kind.View));
        _createCampaign(REVIEWS, _campaign(ICampaignRewards.Kind.Review));
        _fundPurse(VIEWS, byKey, BUDGET);
        _fundPurse(REVIEWS, byKey, BUDGET);
        request = _request(PRICE_OF_DATA, 30 days, START + 90 days, address(0));
        requestId = _publishRequest(request);
        _fundRequest(request, BUDGET);
    }

    // ---------------------------------------------------------------- brand

    function _terms(uint8 kinds) internal pure returns (IReferralRewards.Terms memory) {
        return IReferralRewards.Terms({
            firstBps: FIRST_BPS,
            secondBps: SECOND_BPS,
            vestingDays: VESTING_DAYS,
            memberDays: 0,
            kinds: kinds,
            opensAt: START,
            closesAt: ENDS,
            referrerCap: CAP
        });
    }

    function _createProgramme(IReferralRewards.Terms memory terms, address by) internal returns (uint16) {
        vm.prank(manager);
        return referrals.createProgramme(address(token), terms, by, DOCUMENT, DOCUMENT_URI);
    }

    function _campaign(ICampaignRewards.Kind kind) internal pure returns (ICampaignRewards.Campaign memory) {
        return ICampaignRewards.Campaign({
            kind: kind, reward: REWARD, memberCap: MEMBER_CAP, dayCap: DAY_CAP, opensAt: START, closesAt: ENDS
        });
    }

    function _createCampaign(bytes32 id, ICampaignRewards.Campaign memory campaign) internal {
        vm.prank(manager);
        campaigns.createCampaign(address(token), id, campaign, DOCUMENT, DOCUMENT_URI);
    }

    function _request(uint96 price, uint32 every, uint40 until, address by)
        internal
        view
        returns (IConsent.Request memory)
    {
        return IConsent.Request({
            token: address(token),
            fieldsHash: keccak256("birthday, postcode"),
            purposeHash: keccak256("a present on your birthday"),
            keyHash: keccak256("a public key"),
            price: price,
            every: every,
            until: until,
            attester: by,
            salt: 0
        });
    }

    function _wording() internal pure returns (IConsent.Wording memory) {
        return IConsent.Wording("birthday, postcode", "a present on your birthday", "a public key");
    }

    function _publishRequest(IConsent.Request memory asked) internal returns (bytes32) {
        vm.prank(manager);
        return consent.publish(asked, _wording());
    }

    function _give(address to, uint256 amount, bytes memory data) internal {
        vm.prank(brand);
        token.grantQuotaAndCall(to, uint96(amount), data);
    }

    function _fundProgramme(uint16 number, uint256 amount) internal {
        _give(address(referrals), amount, abi.encode(number));
    }

    function _fundPurse(bytes32 id, bytes32 by, uint256 amount) internal {
        _give(address(campaigns), amount, abi.encode(id, by));
    }

    function _fundRequest(IConsent.Request memory asked, uint256 amount) internal {
        _give(address(consent), amount, abi.encode(asked));
    }

    // ------------------------------------------------------------- receipts

    function _bought(uint32 quantity) internal returns (bytes32 nonce, uint256 amount) {
        IRedemptions.OfferRedemption memory wish = _buy(OFFER, quantity);
        return (wish.nonce, wish.maxAmount);
    }

    function _fulfilled() internal returns (IFulfilment.Order memory order) {
        order = _open(1);
        _confirm(order);
    }

    // ------------------------------------------------------------- referrals

    function _noInvitation() internal pure returns (IReferralRewards.Invitation memory) { }

    function _invitation(uint256 key) internal view returns (IReferralRewards.Invitation memory) {
        return _invitation(key, address(token), block.timestamp + 365 days);
    }

    function _invitation(uint256 key, address which, uint256 deadline)
        internal
        view
        returns (IReferralRewards.Invitation memory)
    {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Invitation(address token,address referrer,uint256 deadline)"),
                which,
                vm.addr(key),
                deadline
            )
        );
        return IReferralRewards.Invitation(deadline, _sign(key, _onReferrals(hash)));
    }

    function _bind(address who, uint256 toKey) internal {
        vm.prank(who);
        referrals.bind(address(token), vm.addr(toKey), _invitation(toKey));
    }

    /// @dev grand <- friend <- member.
    function _bindChain() internal {
        _bind(friend, grandKey);
        _bind(member, friendKey);
    }

    function _bindingHash(address which, address who, address referrer, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256("Binding(address token,address member,address referrer,uint256 deadline)"),
                which,
                who,
                referrer,
                deadline
            )
        );
    }

    function _purchase(bytes32 ref, uint256 amount) internal view returns (IReferralRewards.Purchase memory) {
        return IReferralRewards.Purchase({
            token: address(token),
            member: member,
            ref: ref,
            amount: amount,
            purchasedAt: block.timestamp,
            deadline: block.timestamp + 30 days
        });
    }

    function _purchaseHash(IReferralRewards.Purchase memory bought) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "Purchase(address token,address member,bytes32 ref,uint256 amount,uint256 purchasedAt,uint256 deadline)"
                ),
                bought.token,
                bought.member,
                bought.ref,
                bought.amount,
                bought.purchasedAt,
                bought.deadline
            )
        );
    }

    function _attested(IReferralRewards.Purchase memory bought) internal view returns (bytes memory) {
        return _sign(attesterKey, _onReferrals(_purchaseHash(bought)));
    }

    function _accruePurchase(IReferralRewards.Purchase memory bought) internal {
        referrals.accruePurchase(programme, bought, _attested(bought));
    }

    function _idOf(IReferralRewards.Kind kind, bytes32 ref)
        internal
        view
        returns (IReferralRewards.EventId memory)
    {
        return IReferralRewards.EventId(address(token), member, kind, ref);
    }

    function _ids(IReferralRewards.EventId memory id)
        internal
        pure
        returns (IReferralRewards.EventId[] memory ids)
    {
        ids = new IReferralRewards.EventId[](1);
        ids[0] = id;
    }

    function _leftOf(uint16 number) internal view returns (uint256) {
        return referrals.programmeOf(address(token), number).left;
    }

    // ------------------------------------------------------------- campaigns

    function _voucher(address who, uint256 number) internal view returns (ICampaignRewards.Voucher memory) {
        return ICampaignRewards.Voucher(who, number, ACTION, block.timestamp + 10 days);
    }

    function _voucherHash(address which, bytes32 id, ICampaignRewards.Voucher memory voucher)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "Voucher(address token,bytes32 campaignId,address member,uint256 number,bytes32 action,uint256 deadline)"
                ),
                which,
                id,
                voucher.member,
                voucher.number,
                voucher.action,
                voucher.deadline
            )
        );
    }

    function _signedVoucher(bytes32 id, ICampaignRewards.Voucher memory voucher)
        internal
        view
        returns (bytes memory)
    {
        return _sign(attesterKey, _onCampaigns(_voucherHash(address(token), id, voucher)));
    }

    function _claim(bytes32 id, ICampaignRewards.Voucher memory voucher) internal {
        campaigns.claim(address(token), id, voucher, attester, _signedVoucher(id, voucher));
    }

    function _claim(uint256 number) internal {
        _claim(VIEWS, _voucher(member, number));
    }

    function _forBatch(bytes32 id, ICampaignRewards.Voucher memory voucher)
        internal
        view
        returns (ICampaignRewards.SignedVoucher memory signed)
    {
        signed.voucher = voucher;
        (signed.r, signed.vs) = _compact(_signedVoucher(id, voucher));
    }

    function _left(bytes32 id, bytes32 by) internal view returns (uint256) {
        return campaigns.purseOf(address(token), id, by).left;
    }

    // --------------------------------------------------------------- consent

    function _noEligibility() internal pure returns (IConsent.Eligibility memory) { }

    function _grantHash(IConsent.Request memory asked, address who, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        // In two parts: so many are too many for one.
        return keccak256(
            bytes.concat(
                abi.encode(
                    keccak256(
                        "DataGrant(address token,address member,string fields,string purpose,bytes32 keyHash,uint256 price,uint256 every,uint256 until,bytes32 requestId,uint256 deadline)"
                    ),
                    asked.token,
                    who,
                    asked.fieldsHash,
                    asked.purposeHash,
                    asked.keyHash
                ),
                abi.encode(
                    uint256(asked.price),
                    uint256(asked.every),
                    uint256(asked.until),
                    keccak256(abi.encode(asked)),
                    deadline
                )
            )
        );
    }

    function _revocationHash(bytes32 id, address who, uint256 deadline) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("Revocation(bytes32 requestId,address member,uint256 deadline)"), id, who, deadline
            )
        );
    }

    function _eligible(bytes32 id, address who, uint256 deadline)
        internal
        view
        returns (IConsent.Eligibility memory)
    {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256("Eligible(bytes32 requestId,address member,uint256 deadline)"), id, who, deadline
            )
        );
        return IConsent.Eligibility(deadline, _sign(attesterKey, _onConsent(hash)));
    }

    function _grantData(address who) internal {
        vm.prank(who);
        consent.grant(request, _noEligibility());
    }

    function _budget() internal view returns (uint256 left) {
        (left,) = consent.budgetOf(requestId);
    }

    // --------------------------------------------------------------- digests

    function _onReferrals(bytes32 structHash) internal view returns (bytes32) {
        return _typed("ReferralRewards", address(referrals), block.chainid, structHash);
    }

    function _onCampaigns(bytes32 structHash) internal view returns (bytes32) {
        return _typed("CampaignRewards", address(campaigns), block.chainid, structHash);
    }

    function _onConsent(bytes32 structHash) internal view returns (bytes32) {
        return _typed("Consent", address(consent), block.chainid, structHash);
    }

    function _typed(string memory name, address verifier, uint256 chainId, bytes32 structHash)
        internal
        pure
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(name)),
                keccak256("1"),
                chainId,
                verifier
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    // -------------------------------------------------------- revert reasons

    function _expectNotCampaigner(address account) internal {
        _expectNotAllowed(brandId, account, Roles.CAMPAIGN);
    }

    function _expectFlaw(ICampaignRewards.Flaw flaw, uint256 number) internal {
        vm.expectRevert(
            abi.encodeWithSelector(ICampaignRewards.CampaignRewards_BadVoucher.selector, flaw, member, number)
        );
    }
}
