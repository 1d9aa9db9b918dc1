// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IQuotaReceiver } from "./IQuotaReceiver.sol";

/// @title IEarnDistributor
/// @notice What any number of members earned in a period, credited by one root. A brand posts the root of a
/// Merkle-sum tree ({MerkleSum}) whose leaves are the period's net credits, and in the same call passes quota for
/// all of them: so what is credited can be paid, and leaves cannot promise more than was set aside (EARN-1,
/// ISSUE-1).
///
/// ```
///              replace, while goods can be returned
///                    +-----+
///                    v     |
///  (post) -------> Pending +-- finalAt --> Final: claim ------ claimableUntil --> Over: the rest goes back
/// ```
///
/// **Posting.** Quota comes with `data = abi.encode(Posting, uint256 previous)`: from a manager of campaigns by
/// {ILoyaltyToken-passQuotaAndCall}, or from the brand's admin by {ILoyaltyToken-grantQuotaAndCall}. There is one
/// posting a token and period. Until it is final the brand can replace it, to offset what was returned against
/// what was earned: `previous` is then the root to be replaced (zero at first), the times stay, and the amount is
/// what is missing, zero where less is credited than before; what is over goes back to the token's capacity.
/// Once it is final nothing can change it, and it can be claimed for {CLAIM_PERIOD} at least, whatever becomes of
/// the brand. Without data nothing may come: so the brand opens its token to postings that managers pay.
///
/// **Leaves.** A leaf's inner hash is of `listId ‖ index (4 bytes) ‖ key (21 bytes) ‖ amount (12 bytes)`, where
/// `listId` is {listIdOf} and `key` is a member's address, or `1 << 160 | address` of a one-time key that came to
/// a customer by a link or a printed code. Whoever has that key says who claims, by signing
/// `LinkClaim(address token,uint256 period,uint256 index,address to,uint256 deadline)` in this contract's EIP-712
/// domain. No personal data is on the chain: who got which link only the brand knows.
///
/// **Claiming.** Anybody may submit a claim: it pays the member, or whom the link's key named, and nobody else.
interface IEarnDistributor is IQuotaReceiver {
    /// @notice A period's credits.
    /// @param period The brand's number for it, used once.
    /// @param root The tree's root: 20 bytes of a hash ‖ the sum of all leaves in 12.
    /// @param finalAt Until when it can be replaced, and from when on it can be claimed; not past, and at most
    /// {MAX_PENDING} ahead.
    /// @param claimableUntil Until when, exclusive; at least {CLAIM_PERIOD} after that.
    /// @param uri Where the proofs are, in at most 512 bytes.
    struct Posting {
        uint32 period;
        uint256 root;
        uint40 finalAt;
        uint40 claimableUntil;
        string uri;
    }

    /// @notice A leaf with its proof. What is the posting's comes with each and is checked against it.
    /// @param period Of which period.
    /// @param finalAt As posted.
    /// @param claimableUntil As posted.
    /// @param index The leaf's place.
    /// @param account The member, or the one-time key.
    /// @param amount What it credits, in token base units.
    /// @param proof The nodes beside its path, from the leaf on.
    struct Credit {
        uint32 period;
        uint40 finalAt;
        uint40 claimableUntil;
        uint32 index;
        address account;
        uint96 amount;
        uint256[] proof;
    }

    /// @dev Posted anew with the same period: the posting before it was replaced.
    event EarningsPosted(
        address indexed token,
        uint32 indexed period,
        uint256 root,
        uint40 finalAt,
        uint40 claimableUntil,
        string uri
    );
    event EarningsClaimed(
        address indexed token, uint32 indexed period, address indexed to, uint32 index, uint96 amount
    );
    event RestReturned(address indexed token, uint32 indexed period, uint96 amount);

    error EarnDistributor_InvalidTimes(uint40 finalAt, uint40 claimableUntil);
    error EarnDistributor_WrongQuota(uint256 amount, uint256 missing);
    error EarnDistributor_NotPosted(address token, uint32 period);
    error EarnDistributor_OtherPosting(address token, uint32 period);
    error EarnDistributor_Final(uint40 finalAt);
    error EarnDistributor_NotFinal(uint40 finalAt);
    error EarnDistributor_Over(uint40 claimableUntil);
    error EarnDistributor_NotOver(uint40 claimableUntil);
    error EarnDistributor_NothingLeft(address token, uint32 period);
    error EarnDistributor_WrongProof(address token, uint32 period, uint32 index);
    error EarnDistributor_AlreadyClaimed(address token, uint32 period, uint32 index);
    error EarnDistributor_Expired(uint256 deadline);
    error EarnDistributor_InvalidSignature(address key);
    error EarnDistributor_URITooLong(uint256 length, uint256 most);

    /// @notice How long a posting can be claimed at least once it is final, in seconds.
    function CLAIM_PERIOD() external view returns (uint40);

    /// @notice How long a posting can be pending at most, in seconds.
    function MAX_PENDING() external view returns (uint40);

    /// @notice Claims a member's credit for it. Emits {EarningsClaimed}.
    ///
    /// Requirements:
    /// - the posting is final and not over
    /// - the proof leads to its root, and the leaf has not been claimed
    function claim(address token, Credit calldata credit) external;

    /// @notice As {claim} for many, of whatever periods; what has been claimed is passed over, so that nobody
    /// spoils this by claiming a part of it first.
    function claimMany(address token, Credit[] calldata credits) external;

    /// @notice Claims a link's credit for whom its key names.
    ///
    /// Requirements: as for {claim}, and
    /// - the key, which is the credit's account, signed, and the deadline has not passed
    function claimByLink(
        address token,
        Credit calldata credit,
        address to,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Gives what nobody claimed back to the token's capacity; anybody can. Emits {RestReturned}.
    ///
    /// Requirements:
    /// - this is the posting, `claimableUntil` has come, and something is left
    function returnRest(address token, uint32 period, uint256 root, uint40 finalAt, uint40 claimableUntil)
        external;

    /// @notice What a period still owes; zero if nothing was posted, or all of it was claimed or returned.
    function unclaimedOf(address token, uint32 period) external view returns (uint96);

    /// @notice Whether this is the posting of its period, whatever its `uri`.
    function isPosted(address token, uint32 period, uint256 root, uint40 finalAt, uint40 claimableUntil)
        external
        view
        returns (bool);

    /// @notice Whether a leaf has been claimed.
    function isClaimed(address token, uint32 period, uint32 index) external view returns (bool);

    /// @notice What leaves of a period's tree are bound to: `keccak256(abi.encode(chainId, this, token, period))`.
    function listIdOf(address token, uint32 period) external view returns (bytes32);
}
