// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { IEarnDistributor } from "./interfaces/IEarnDistributor.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IQuotaReceiver } from "./interfaces/IQuotaReceiver.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";
import { MerkleSum } from "./libraries/MerkleSum.sol";
import { Roles } from "./libraries/Roles.sol";
import { Signatures } from "./libraries/Signatures.sol";

// Postings are pending for days and final for months: the seconds by which a block's time can be off decide
// nothing.
// slither-disable-start timestamp

/// @title EarnDistributor
/// @notice See {IEarnDistributor}.
///
/// **One word a posting:** 20 bytes of a hash of root and times ‖ what is unclaimed in 12. The root itself is
/// computed from each proof and the times come with each call, so neither needs a slot.
///
/// **Trust.** A token is whoever calls {onQuotaReceived}; its books are its own, so that one that is not the
/// factory's deceives nobody but itself. Quota is never read: what a posting has is what came for it.
contract EarnDistributor is IEarnDistributor, BrandGate, EIP712("EarnDistributor", "1") {
    struct Period {
        uint256 word;
        mapping(uint256 place => uint256 bits) claimed;
    }

    /// @inheritdoc IEarnDistributor
    uint40 public constant CLAIM_PERIOD = 180 days;
    /// @inheritdoc IEarnDistributor
    uint40 public constant MAX_PENDING = 90 days;

    /// @dev Tells a one-time key from a member's address in a leaf.
    uint168 private constant LINK = 1 << 160;
    bytes32 private constant LINK_CLAIM_TYPEHASH =
        keccak256("LinkClaim(address token,uint256 period,uint256 index,address to,uint256 deadline)");

    mapping(address token => mapping(uint32 number => Period)) private _periods;

    constructor(IBrandRegistry brandRegistry) BrandGate(brandRegistry) { }

    // ---------------------------------------------------------------- tokens

    /// @inheritdoc IQuotaReceiver
    function onQuotaReceived(address from, uint256 amount, Source, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        // Check
        magic = IQuotaReceiver.onQuotaReceived.selector;
        if (data.length == 0) {
            require(amount == 0, EarnDistributor_WrongQuota(amount, 0));
            return magic; // the token is opened to postings
        }
        (Posting memory posting, uint256 previous) = abi.decode(data, (Posting, uint256));
        (address token, uint32 period) = (msg.sender, posting.period);
        _checkPoster(token, from);
        uint256 word = _periods[token][period].word;
        if (word != 0) _checkPending(token, posting, word, previous);
        else _checkFirst(token, posting, previous);
        (uint96 reserved, uint96 wanted) = (_sumOf(word), _sumOf(posting.root));
        uint256 missing = Math.saturatingSub(wanted, reserved);
        require(amount == missing, EarnDistributor_WrongQuota(amount, missing));
        uint256 length = bytes(posting.uri).length;
        require(length <= MAX_URI_LENGTH, EarnDistributor_URITooLong(length, MAX_URI_LENGTH));

        // Effect
        _periods[token][period].word =
            MerkleSum.node(_hash(posting.root, posting.finalAt, posting.claimableUntil), wanted);
        emit EarningsPosted({
            token: token,
            period: period,
            root: posting.root,
            finalAt: posting.finalAt,
            claimableUntil: posting.claimableUntil,
            uri: posting.uri
        });

        // Interaction
        if (wanted < reserved) _return(token, period, reserved - wanted);
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IEarnDistributor
    function claim(address token, Credit calldata credit) external {
        _claim(token, credit, credit.account, 0);
    }

    /// @inheritdoc IEarnDistributor
    function claimMany(address token, Credit[] calldata credits) external {
        for (uint256 i = 0; i < credits.length; ++i) {
            Credit calldata credit = credits[i];
            if (isClaimed(token, credit.period, credit.index)) continue;
            _claim(token, credit, credit.account, 0);
        }
    }

    /// @inheritdoc IEarnDistributor
    function claimByLink(
        address token,
        Credit calldata credit,
        address to,
        uint256 deadline,
        bytes calldata signature
    ) external {
        require(block.timestamp <= deadline, EarnDistributor_Expired(deadline));
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(LINK_CLAIM_TYPEHASH, token, credit.period, credit.index, to, deadline))
        );
        require(
            Signatures.isValid(credit.account, digest, signature),
            EarnDistributor_InvalidSignature(credit.account)
        );
        _claim(token, credit, to, LINK);
    }

    /// @inheritdoc IEarnDistributor
    function returnRest(address token, uint32 period, uint256 root, uint40 finalAt, uint40 claimableUntil)
        external
    {
        Period storage posted = _posted(token, period);
        uint256 word = posted.word;
        require(_isOf(word, root, finalAt, claimableUntil), EarnDistributor_OtherPosting(token, period));
        require(block.timestamp >= claimableUntil, EarnDistributor_NotOver(claimableUntil));
        uint96 rest = _sumOf(word);
        require(rest != 0, EarnDistributor_NothingLeft(token, period));
        posted.word = word - rest;
        _return(token, period, rest);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IEarnDistributor
    function unclaimedOf(address token, uint32 period) external view returns (uint96) {
        return _sumOf(_periods[token][period].word);
    }

    /// @inheritdoc IEarnDistributor
    function isPosted(address token, uint32 period, uint256 root, uint40 finalAt, uint40 claimableUntil)
        external
        view
        returns (bool)
    {
        uint256 word = _periods[token][period].word;
        return word != 0 && _isOf(word, root, finalAt, claimableUntil);
    }

    /// @inheritdoc IEarnDistributor
    function isClaimed(address token, uint32 period, uint32 index) public view returns (bool) {
        return _periods[token][period].claimed[index >> 8] >> (index & 0xff) & 1 != 0;
    }

    /// @inheritdoc IEarnDistributor
    function listIdOf(address token, uint32 period) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), token, period));
    }

    // ------------------------------------------------------------- internals

    function _claim(address token, Credit calldata credit, address to, uint168 kind) private {
        // Check
        (uint32 period, uint32 index, uint96 amount) = (credit.period, credit.index, credit.amount);
        require(block.timestamp >= credit.finalAt, EarnDistributor_NotFinal(credit.finalAt));
        require(block.timestamp < credit.claimableUntil, EarnDistributor_Over(credit.claimableUntil));
        Period storage posted = _posted(token, period);
        uint256 word = posted.word;
        uint256 leaf = MerkleSum.leaf(listIdOf(token, period), index, uint160(credit.account) | kind, amount);
        require(
            _isOf(word, MerkleSum.rootOf(leaf, index, credit.proof), credit.finalAt, credit.claimableUntil),
            EarnDistributor_WrongProof(token, period, index)
        );
        uint256 bits = posted.claimed[index >> 8];
        // forge-lint: disable-next-line(incorrect-shift) -- one bit, shifted by what the low byte says
        uint256 bit = 1 << (index & 0xff);
        require(bits & bit == 0, EarnDistributor_AlreadyClaimed(token, period, index));

        // Effect: a sum has room for all leaves below it, so that what one takes never comes from elsewhere
        posted.claimed[index >> 8] = bits | bit;
        posted.word = MerkleSum.node(bytes32(word), _sumOf(word) - amount);
        emit EarningsClaimed({ token: token, period: period, to: to, index: index, amount: amount });

        // Interaction
        // slither-disable-next-line calls-loop -- the loop is the caller's own, and the callee the factory's code
        ILoyaltyToken(token).mint(to, amount);
    }

    function _return(address token, uint32 period, uint96 amount) private {
        emit RestReturned({ token: token, period: period, amount: amount });
        ILoyaltyToken(token).returnQuota(amount);
    }

    function _posted(address token, uint32 period) private view returns (Period storage posted) {
        posted = _periods[token][period];
        require(posted.word != 0, EarnDistributor_NotPosted(token, period));
    }

    /// @dev The role is asked of whoever sent the quota, which is not the caller.
    function _checkPoster(address token, address poster) private view {
        bytes32 brandId = ILoyaltyToken(token).brandId();
        (IBrandRegistry.Status status, uint8 roles) = BRAND_REGISTRY.standingOf(brandId, poster);
        require(roles & Roles.CAMPAIGN != 0, BrandGate_NotAuthorized(brandId, poster, Roles.CAMPAIGN));
        require(status == IBrandRegistry.Status.Active, BrandGate_NotActive(brandId, status));
    }

    function _checkFirst(address token, Posting memory posting, uint256 previous) private view {
        require(previous == 0, EarnDistributor_OtherPosting(token, posting.period));
        (uint256 finalAt, uint256 until) = (posting.finalAt, posting.claimableUntil);
        require(
            finalAt >= block.timestamp && finalAt <= block.timestamp + MAX_PENDING
                && until >= finalAt + CLAIM_PERIOD,
            EarnDistributor_InvalidTimes(posting.finalAt, posting.claimableUntil)
        );
    }

    /// @dev Nothing is claimed before it is final, so that what is unclaimed is still all that was posted.
    function _checkPending(address token, Posting memory posting, uint256 word, uint256 previous)
        private
        view
    {
        require(
            _isOf(word, previous, posting.finalAt, posting.claimableUntil),
            EarnDistributor_OtherPosting(token, posting.period)
        );
        require(block.timestamp < posting.finalAt, EarnDistributor_Final(posting.finalAt));
    }

    function _isOf(uint256 word, uint256 root, uint40 finalAt, uint40 claimableUntil)
        private
        pure
        returns (bool)
    {
        uint256 hash = uint256(_hash(root, finalAt, claimableUntil));
        return word >> MerkleSum.SUM_BITS == hash >> MerkleSum.SUM_BITS;
    }

    function _hash(uint256 root, uint40 finalAt, uint40 claimableUntil) private pure returns (bytes32) {
        return keccak256(abi.encode(root, finalAt, claimableUntil));
    }

    // forge-lint: disable-next-item(unsafe-typecast) -- cuts the sum out of its word
    function _sumOf(uint256 node) private pure returns (uint96) {
        return uint96(node);
    }
}

// slither-disable-end timestamp
