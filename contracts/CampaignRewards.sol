// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { Realised } from "./base/Realised.sol";
import { Rewards } from "./base/Rewards.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ICampaignRewards } from "./interfaces/ICampaignRewards.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IReceipts } from "./interfaces/IReceipts.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";
import { Signatures } from "./libraries/Signatures.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// A member's latest day is compared with today, which is no balance.
// slither-disable-start timestamp,incorrect-equality

/// @title CampaignRewards
/// @notice See {ICampaignRewards}.
///
/// **One word a member.** What a member got in a campaign is a bit for each voucher (232), how many rewards on
/// its latest day (8 bits), and that day (16, since 1970). It is nullifier and both caps at once: a number
/// is below the member's cap and is paid once, so that there are no more rewards than that.
///
/// **One word an attester.** The purse is all that a payment takes from, and nothing is ever moved from one
/// to another, so that no key reaches what another's vouchers are to be paid from.
///
/// **A fixed reward** for every voucher of a campaign: were the amount in the voucher, whoever held a leaked
/// key could use up members' numbers with vouchers for next to nothing, and void what they had earned.
contract CampaignRewards is ICampaignRewards, Realised {
    /// @inheritdoc ICampaignRewards
    uint8 public constant MAX_MEMBER_CAP = 232;
    /// @inheritdoc ICampaignRewards
    uint32 public constant CLAIM_PERIOD = 30 days;

    // Where a campaign has what, see {Campaign}.
    uint256 private constant REWARD_AT = 8;
    uint256 private constant MEMBER_CAP_AT = 104;
    uint256 private constant DAY_CAP_AT = 112;
    uint256 private constant OPENS_AT = 120;
    uint256 private constant CLOSES_AT = 160;
    // Where a member's word has what.
    uint256 private constant TODAY_AT = 232;
    uint256 private constant DAY_AT = 240;
    uint40 private constant IN_OFFICE = type(uint40).max;
    bytes32 private constant VOUCHER_TYPEHASH = keccak256(
        "Voucher(address token,bytes32 campaignId,address member,uint256 number,bytes32 action,uint256 deadline)"
    );

    struct CampaignRecord {
        Campaign campaign;
        mapping(bytes32 attester => Purse) purses;
        mapping(address member => uint256) accounts;
        mapping(bytes32 receipt => bool) reviewed;
    }

    /// @dev What a call pays from: the campaign's terms as the word that they lie in, and what the purse has.
    struct Payer {
        address token;
        bytes32 campaignId;
        bytes32 attester;
        uint256 terms;
        uint256 left;
        uint256 until;
    }

    mapping(address token => mapping(bytes32 campaignId => CampaignRecord)) private _campaigns;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, address redemptionDesk)
        Rewards(brandRegistry, obligationRegistry, "CampaignRewards")
        Realised(redemptionDesk)
    { }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc ICampaignRewards
    function createCampaign(
        address token,
        bytes32 campaignId,
        Campaign calldata campaign,
        bytes32 documentHash,
        string calldata documentURI
    ) external {
        _checkNew(token);
        _checkDesk(token);
        CampaignRecord storage record = _campaigns[token][campaignId];
        require(record.campaign.closesAt == 0, CampaignRewards_AlreadyThere(token, campaignId));
        bool hasCaps = campaign.dayCap != 0 && campaign.dayCap <= campaign.memberCap
            && campaign.memberCap <= MAX_MEMBER_CAP;
        bool hasWindow = campaign.opensAt < campaign.closesAt && block.timestamp < campaign.closesAt;
        require(hasCaps && hasWindow && campaign.reward != 0, CampaignRewards_InvalidCampaign());
        uint256 length = bytes(documentURI).length;
        require(length <= MAX_URI_LENGTH, CampaignRewards_URITooLong(length, MAX_URI_LENGTH));
        record.campaign = campaign;
        emit CampaignCreated({
            token: token,
            campaignId: campaignId,
            campaign: campaign,
            documentHash: documentHash,
            documentURI: documentURI
        });
    }

    /// @inheritdoc ICampaignRewards
    function retireAttester(address token, bytes32 campaignId, bytes32 attester) external {
        _checkCampaigner(token);
        Purse storage purse = _campaigns[token][campaignId].purses[attester];
        require(purse.until == IN_OFFICE, CampaignRewards_NoPurse(token, campaignId, attester));
        uint40 until = uint40(block.timestamp) + CLAIM_PERIOD;
        purse.until = until;
        emit AttesterRetired({ token: token, campaignId: campaignId, attester: attester, until: until });
    }

    /// @inheritdoc ICampaignRewards
    function endCampaign(address token, bytes32 campaignId) external {
        _checkCampaigner(token);
        Campaign storage campaign = _find(token, campaignId).campaign;
        uint40 closesAt = campaign.closesAt;
        require(block.timestamp < closesAt, CampaignRewards_Over(closesAt));
        campaign.closesAt = uint40(block.timestamp);
        emit CampaignEnded({ token: token, campaignId: campaignId, closesAt: uint40(block.timestamp) });
    }

    /// @inheritdoc ICampaignRewards
    function returnRest(address token, bytes32 campaignId, bytes32 attester) external {
        _checkCampaigner(token);
        CampaignRecord storage record = _find(token, campaignId);
        Purse storage purse = record.purses[attester];
        require(purse.until != 0, CampaignRewards_NoPurse(token, campaignId, attester));
        uint256 from = _paysUntil(record.campaign.closesAt);
        if (purse.until < from) from = purse.until;
        require(block.timestamp >= from, CampaignRewards_TooEarly(from));
        uint96 amount = purse.left;
        purse.left = 0;
        emit RestReturned({ token: token, campaignId: campaignId, attester: attester, amount: amount });
        ILoyaltyToken(token).returnQuota(amount);
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc ICampaignRewards
    function claim(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature
    ) external {
        _claim(token, campaignId, voucher, key, signature, false);
    }

    /// @inheritdoc ICampaignRewards
    // slither-disable-next-line reentrancy-events -- the token is the factory's code, which calls nobody
    function claimBatch(address token, bytes32 campaignId, address key, SignedVoucher[] calldata vouchers)
        external
        returns (uint256 paid)
    {
        CampaignRecord storage record = _campaigns[token][campaignId];
        Payer memory payer = _payer(record, token, campaignId, _nameOf(key));
        for (uint256 i = 0; i < vouchers.length; ++i) {
            Voucher calldata voucher = vouchers[i].voucher;
            uint256 account = record.accounts[voucher.member];
            Flaw flaw = _flawOf(payer, voucher, account, false);
            if (flaw == Flaw.None && !_isSigned(payer, key, vouchers[i])) flaw = Flaw.NotAttested;
            if (flaw == Flaw.None) {
                ++paid;
                _payVoucher(record, payer, voucher, account);
            } else {
                emit VoucherPassedOver({
                    token: token,
                    campaignId: campaignId,
                    member: voucher.member,
                    number: voucher.number,
                    action: voucher.action,
                    flaw: flaw
                });
            }
        }
    }

    /// @inheritdoc ICampaignRewards
    function claimFromList(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        bytes32[] calldata proof
    ) external {
        // Hashed once more, a leaf is never the hash of a pair.
        bytes32 leaf = keccak256(bytes.concat(digestOf(token, campaignId, voucher)));
        bytes32 root = MerkleProof.processProofCalldata(proof, leaf);
        CampaignRecord storage record = _campaigns[token][campaignId];
        Payer memory payer = _payer(record, token, campaignId, root);
        uint256 account = record.accounts[voucher.member];
        _payFlawless(record, payer, voucher, account, _flawOf(payer, voucher, account, false));
    }

    /// @inheritdoc ICampaignRewards
    function claimReview(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature,
        CounterReview calldata review
    ) external {
        // Check: had at the counter, this very thing
        IReceipts.Receipt memory receipt = _received(token, voucher.member, review.nonce);
        require(
            receipt.kind != IReceipts.Kind.None && receipt.tag == bytes10(review.thing),
            CampaignRewards_NoReceipt(voucher.member, review.thing)
        );
        bytes32 ref = keccak256(abi.encode(token, voucher.member, review.nonce));
        _review(token, campaignId, voucher, review.thing, review.textHash, ref);
        _claim(token, campaignId, voucher, key, signature, true);
    }

    /// @inheritdoc ICampaignRewards
    function claimOrderReview(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature,
        OrderReview calldata review
    ) external {
        // Check: ordered by the member for this token, and delivered
        bytes32 thing = review.order.offerId;
        require(
            review.order.token == token && review.order.member == voucher.member
                && _fulfilledAt(review.fulfilment, review.order) != 0,
            CampaignRewards_NoReceipt(voucher.member, thing)
        );
        bytes32 ref = _orderRef(review.fulfilment, review.order);
        _review(token, campaignId, voucher, thing, review.textHash, ref);
        _claim(token, campaignId, voucher, key, signature, true);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc ICampaignRewards
    function campaignOf(address token, bytes32 campaignId) external view returns (Campaign memory) {
        return _campaigns[token][campaignId].campaign;
    }

    /// @inheritdoc ICampaignRewards
    function purseOf(address token, bytes32 campaignId, bytes32 attester)
        external
        view
        returns (Purse memory)
    {
        return _campaigns[token][campaignId].purses[attester];
    }

    /// @inheritdoc ICampaignRewards
    function isPaid(address token, bytes32 campaignId, address member, uint256 number)
        external
        view
        returns (bool)
    {
        return number < MAX_MEMBER_CAP && _hasPaid(_campaigns[token][campaignId].accounts[member], number);
    }

    /// @inheritdoc ICampaignRewards
    function leftToday(address token, bytes32 campaignId, address member) external view returns (uint256) {
        uint256 account = _campaigns[token][campaignId].accounts[member];
        Campaign memory campaign = _campaigns[token][campaignId].campaign;
        uint256 left = campaign.memberCap;
        for (uint256 number = 0; number < campaign.memberCap; ++number) {
            if (_hasPaid(account, number)) --left;
        }
        uint256 today = campaign.dayCap - _paidToday(account);
        return left < today ? left : today;
    }

    /// @inheritdoc ICampaignRewards
    function isReviewed(address token, bytes32 campaignId, bytes32 receipt) external view returns (bool) {
        return _campaigns[token][campaignId].reviewed[receipt];
    }

    /// @inheritdoc ICampaignRewards
    function flawOf(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature
    ) external view returns (Flaw flaw) {
        CampaignRecord storage record = _campaigns[token][campaignId];
        uint256 account = record.accounts[voucher.member];
        flaw = _flawOf(_payer(record, token, campaignId, _nameOf(key)), voucher, account, true);
        if (flaw != Flaw.None) return flaw;
        bool isSigned = Signatures.isValid(key, digestOf(token, campaignId, voucher), signature);
        return isSigned ? Flaw.None : Flaw.NotAttested;
    }

    /// @inheritdoc ICampaignRewards
    /// @dev By hand, because every voucher needs it.
    ///
    /// Plain twin, which the tests hold it to: `_hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, token,
    /// campaignId, voucher)))`.
    function digestOf(address token, bytes32 campaignId, Voucher calldata voucher)
        public
        view
        returns (bytes32)
    {
        bytes32 typehash = VOUCHER_TYPEHASH;
        bytes32 structHash;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            mstore(add(free, 0x20), token)
            mstore(add(free, 0x40), campaignId)
            calldatacopy(add(free, 0x60), voucher, 0x80)
            structHash := keccak256(free, 0xe0)
        }
        return _hashTypedDataV4(structHash);
    }

    // ------------------------------------------------------ internals: paying

    function _claim(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature,
        bool hasReceipt
    ) private {
        CampaignRecord storage record = _campaigns[token][campaignId];
        Payer memory payer = _payer(record, token, campaignId, _nameOf(key));
        uint256 account = record.accounts[voucher.member];
        Flaw flaw = _flawOf(payer, voucher, account, hasReceipt);
        if (flaw == Flaw.None && !Signatures.isValid(key, digestOf(token, campaignId, voucher), signature)) {
            flaw = Flaw.NotAttested;
        }
        _payFlawless(record, payer, voucher, account, flaw);
    }

    function _payFlawless(
        CampaignRecord storage record,
        Payer memory payer,
        Voucher calldata voucher,
        uint256 account,
        Flaw flaw
    ) private {
        require(flaw == Flaw.None, CampaignRewards_BadVoucher(flaw, voucher.member, voucher.number));
        _payVoucher(record, payer, voucher, account);
    }

    /// @dev All has been checked. What is in the purse is kept up to date in memory, too.
    // forge-lint: disable-next-item(unsafe-typecast) -- the reward is cut out of its word, the rest is less than was
    function _payVoucher(
        CampaignRecord storage record,
        Payer memory payer,
        Voucher calldata voucher,
        uint256 account
    ) private {
        // Effect
        uint256 reward = uint96(payer.terms >> REWARD_AT);
        unchecked {
            payer.left -= reward;
        }
        record.purses[payer.attester].left = uint96(payer.left);
        record.accounts[voucher.member] = _afterPaying(account, voucher.number);
        emit VoucherPaid({
            token: payer.token,
            campaignId: payer.campaignId,
            member: voucher.member,
            number: voucher.number,
            action: voucher.action,
            attester: payer.attester
        });

        // Interaction
        _mint(payer.token, voucher.member, reward);
    }

    /// @dev Uses a receipt up for a review. That it is the member's has been checked.
    function _review(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        bytes32 thing,
        bytes32 textHash,
        bytes32 receipt
    ) private {
        CampaignRecord storage record = _campaigns[token][campaignId];
        require(record.campaign.kind == Kind.Review, CampaignRewards_NotReview(campaignId));
        bytes32 action = keccak256(abi.encode(thing, textHash));
        require(voucher.action == action, CampaignRewards_OtherReview(voucher.action, action));
        require(!record.reviewed[receipt], CampaignRewards_AlreadyReviewed(receipt));
        record.reviewed[receipt] = true;
        emit Reviewed({
            token: token,
            thing: thing,
            member: voucher.member,
            campaignId: campaignId,
            textHash: textHash,
            receipt: receipt
        });
    }

    /// @inheritdoc Rewards
    function _fund(address token, address from, uint256 amount, bytes calldata data) internal override {
        (bytes32 campaignId, bytes32 attester) = abi.decode(data, (bytes32, bytes32));
        CampaignRecord storage record = _find(token, campaignId);
        uint40 closesAt = record.campaign.closesAt;
        require(block.timestamp < _paysUntil(closesAt), CampaignRewards_Over(closesAt));
        require(attester != 0, CampaignRewards_InvalidAttester());
        Purse storage purse = record.purses[attester];
        if (purse.until == 0) purse.until = IN_OFFICE;
        require(block.timestamp < purse.until, CampaignRewards_Over(purse.until));
        // forge-lint: disable-next-line(unsafe-typecast) -- a part of the token's quotas, which fit 96 bits
        purse.left += uint96(amount);
        emit PurseFunded({
            token: token, campaignId: campaignId, attester: attester, from: from, amount: amount
        });
    }

    // ---------------------------------------------------- internals: checking

    /// @dev What is wrong with a voucher, apart from who attested it. Each cast cuts its field out of the terms.
    // forge-lint: disable-next-item(unsafe-typecast)
    function _flawOf(Payer memory payer, Voucher calldata voucher, uint256 account, bool hasReceipt)
        private
        view
        returns (Flaw)
    {
        uint256 terms = payer.terms;
        // A campaign that is not there closed long ago.
        if (
            block.timestamp < uint40(terms >> OPENS_AT)
                || block.timestamp >= _paysUntil(uint40(terms >> CLOSES_AT))
        ) {
            return Flaw.NotOpen;
        }
        if (uint8(terms) == uint8(Kind.Review) && !hasReceipt) return Flaw.NeedsReceipt;
        if (block.timestamp > voucher.deadline) return Flaw.Expired;
        uint256 number = voucher.number;
        if (number >= uint8(terms >> MEMBER_CAP_AT)) return Flaw.BeyondCap;
        if (_hasPaid(account, number)) return Flaw.AlreadyPaid;
        if (_paidToday(account) >= uint8(terms >> DAY_CAP_AT)) return Flaw.DayFull;
        if (block.timestamp >= payer.until) return Flaw.NoPurse;
        if (payer.left < uint96(terms >> REWARD_AT)) return Flaw.PurseEmpty;
        if (voucher.member == address(0) || voucher.member == payer.token) return Flaw.InvalidMember;
        return Flaw.None;
    }

    function _isSigned(Payer memory payer, address key, SignedVoucher calldata signed)
        private
        view
        returns (bool)
    {
        // slither-disable-next-line unused-return -- what a failure was is all the same
        (address signer, ECDSA.RecoverError failure,) =
            ECDSA.tryRecover(digestOf(payer.token, payer.campaignId, signed.voucher), signed.r, signed.vs);
        return failure == ECDSA.RecoverError.NoError && signer == key;
    }

    function _payer(CampaignRecord storage record, address token, bytes32 campaignId, bytes32 attester)
        private
        view
        returns (Payer memory payer)
    {
        Purse storage purse = record.purses[attester];
        payer.token = token;
        payer.campaignId = campaignId;
        payer.attester = attester;
        payer.terms = _termsOf(record.campaign);
        payer.left = purse.left;
        payer.until = purse.until;
    }

    function _termsOf(Campaign storage campaign) private view returns (uint256 terms) {
        assembly ("memory-safe") {
            terms := sload(campaign.slot)
        }
    }

    function _find(address token, bytes32 campaignId) private view returns (CampaignRecord storage record) {
        record = _campaigns[token][campaignId];
        require(record.campaign.closesAt != 0, CampaignRewards_NoCampaign(token, campaignId));
    }

    function _paysUntil(uint40 closesAt) private pure returns (uint256) {
        unchecked {
            return uint256(closesAt) + CLAIM_PERIOD;
        }
    }

    function _nameOf(address key) private pure returns (bytes32) {
        return bytes32(uint256(uint160(key)));
    }

    // --------------------------------------------- internals: a member's word

    function _hasPaid(uint256 account, uint256 number) private pure returns (bool) {
        return account >> number & 1 != 0;
    }

    // forge-lint: disable-start(unsafe-typecast) -- each cast cuts its field out of the word

    function _today() private view returns (uint256) {
        return uint16(block.timestamp / 1 days);
    }

    function _paidToday(uint256 account) private view returns (uint256) {
        return account >> DAY_AT == _today() ? uint8(account >> TODAY_AT) : 0;
    }

    function _afterPaying(uint256 account, uint256 number) private view returns (uint256) {
        unchecked {
            // forge-lint: disable-next-line(incorrect-shift) -- one bit, shifted by the number
            uint256 paid = account << 24 >> 24 | 1 << number;
            return _today() << DAY_AT | (_paidToday(account) + 1) << TODAY_AT | paid;
        }
    }

    // forge-lint: disable-end(unsafe-typecast)
}

// slither-disable-end timestamp,incorrect-equality
