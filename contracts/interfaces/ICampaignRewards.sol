// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IFulfilment } from "./IFulfilment.sol";
import { IQuotaReceiver } from "./IQuotaReceiver.sol";

/// @title ICampaignRewards
/// @notice A brand pays members for what they do: a fixed reward for each action, by voucher.
///
/// **Vouchers.** A voucher says that a member did something and is to be paid for it. It is worth the campaign's
/// reward and has a number among the member's vouchers in the campaign. Each number is paid once (CAMP-1),
/// whoever attested it and however often, so a voucher that was lost can be issued again, and a voucher that
/// a thief forges on a member's number pays that member in full. In this contract's EIP-712 domain it is
/// `Voucher(address token,bytes32 campaignId,address member,uint256 number,bytes32 action,uint256 deadline)`.
///
/// **Attesters.** A voucher is good if a *key* signed it, or if it is in a *list*: a Merkle tree whose leaves are
/// the vouchers' digests, hashed once more; pairs are hashed in order of size. A key's name here is its
/// address, a list's name its root. Each has a *purse* of its own, made and filled by quota, and pays out of
/// nothing else: whom a brand gives a purse, it makes an attester, and a leaked key costs the purse that the
/// brand gave it at the most.
///
/// **Rotation voids nothing earned.** A key or a list that is retired goes on paying for {CLAIM_PERIOD}, and so
/// does every purse after the campaign's end; only then can the rest go back. A thief who holds a leaked key
/// has as long, up to what is in its purse: brands fill purses for days, not for years, and after a leak put
/// what the key attested honestly on a list with a purse of its own, where no thief can reach it.
///
/// **Caps.** A member gets at most `memberCap` rewards, and at most `dayCap` of them on any day (UTC, when they
/// are paid). What is beyond waits until the next day.
///
/// **Reviews** are paid only with a receipt of the thing that is reviewed, once for each receipt (CAMP-2). The
/// voucher's action is then the hash of the thing and of the review's text.
interface ICampaignRewards is IQuotaReceiver {
    /// @notice What members do. `Review` needs a receipt; otherwise it only tells them apart.
    enum Kind {
        View,
        Visit,
        Review,
        Survey,
        FocusGroup,
        Data,
        Custom
    }

    /// @notice What is wrong with a voucher, the first thing first.
    /// - `NotOpen`: the campaign is not open yet, or no longer pays, or is not there
    /// - `NeedsReceipt`: it is for a review and came without a receipt
    /// - `Expired`: its deadline has passed
    /// - `BeyondCap`: its number is not below the member's cap
    /// - `AlreadyPaid`: its number has been paid
    /// - `DayFull`: the member has got all that it can get today
    /// - `NoPurse`: who attests it is not, or no longer, an attester
    /// - `PurseEmpty`: the purse has less than a reward
    /// - `InvalidMember`: the member is nobody, or the token
    /// - `NotAttested`: the signature is not the key's
    enum Flaw {
        None,
        NotOpen,
        NeedsReceipt,
        Expired,
        BeyondCap,
        AlreadyPaid,
        DayFull,
        NoPurse,
        PurseEmpty,
        InvalidMember,
        NotAttested
    }

    /// @notice A campaign. Nothing of it ever changes, but `closesAt` may come earlier.
    /// @param kind What members do.
    /// @param reward What each action is paid, in token base units.
    /// @param memberCap How many rewards a member gets at most, up to {MAX_MEMBER_CAP}.
    /// @param dayCap How many of them on one day.
    /// @param opensAt When it begins to pay.
    /// @param closesAt When it ends; what was earned is paid for {CLAIM_PERIOD} longer.
    struct Campaign {
        Kind kind;
        uint96 reward;
        uint8 memberCap;
        uint8 dayCap;
        uint40 opensAt;
        uint40 closesAt;
    }

    /// @notice What an attester's vouchers are paid from.
    /// @param left What is in it, in token base units.
    /// @param until When it stops paying; the largest number while its attester is in office, zero if there is
    /// no purse.
    struct Purse {
        uint96 left;
        uint40 until;
    }

    /// @notice What is attested of a campaign that is named beside it.
    /// @param member Who is paid.
    /// @param number Which of the member's vouchers in the campaign, from zero.
    /// @param action What it is for: the hash of whatever the brand keeps of it, or for a review
    /// `keccak256(abi.encode(thing, textHash))`.
    /// @param deadline The last second at which it is good.
    struct Voucher {
        address member;
        uint256 number;
        bytes32 action;
        uint256 deadline;
    }

    /// @notice A voucher as it goes with others: signed by a key, in 64 bytes as in ERC-2098.
    struct SignedVoucher {
        Voucher voucher;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice What a receipt proves that a member had.
    /// @param thing The offer's id; for shop credit at par, the order's reference. A receipt has the first ten bytes
    /// of it, so that offers whose ids begin alike are told apart by the attester alone.
    /// @param textHash keccak256 of the review's text.
    /// @param nonce With token and member the id of the counter's receipt.
    struct CounterReview {
        bytes32 thing;
        bytes32 textHash;
        bytes32 nonce;
    }

    /// @notice As {CounterReview}, of what was ordered.
    /// @param textHash keccak256 of the review's text.
    /// @param fulfilment Where it was ordered: a contract on the alliance's list of modules.
    /// @param order The facts of the order, which ended as fulfilled. Its offer is the thing.
    struct OrderReview {
        bytes32 textHash;
        address fulfilment;
        IFulfilment.Order order;
    }

    event CampaignCreated(
        address indexed token,
        bytes32 indexed campaignId,
        Campaign campaign,
        bytes32 documentHash,
        string documentURI
    );
    event PurseFunded(
        address indexed token,
        bytes32 indexed campaignId,
        bytes32 indexed attester,
        address from,
        uint256 amount
    );
    event AttesterRetired(
        address indexed token, bytes32 indexed campaignId, bytes32 indexed attester, uint40 until
    );
    event CampaignEnded(address indexed token, bytes32 indexed campaignId, uint40 closesAt);
    event RestReturned(
        address indexed token, bytes32 indexed campaignId, bytes32 indexed attester, uint256 amount
    );
    /// @dev The amount is the campaign's reward.
    event VoucherPaid(
        address indexed token,
        bytes32 indexed campaignId,
        address indexed member,
        uint256 number,
        bytes32 action,
        bytes32 attester
    );
    event VoucherPassedOver(
        address indexed token,
        bytes32 indexed campaignId,
        address indexed member,
        uint256 number,
        bytes32 action,
        Flaw flaw
    );
    event Reviewed(
        address indexed token,
        bytes32 indexed thing,
        address indexed member,
        bytes32 campaignId,
        bytes32 textHash,
        bytes32 receipt
    );

    error CampaignRewards_InvalidCampaign();
    error CampaignRewards_AlreadyThere(address token, bytes32 campaignId);
    error CampaignRewards_NoCampaign(address token, bytes32 campaignId);
    error CampaignRewards_NoPurse(address token, bytes32 campaignId, bytes32 attester);
    error CampaignRewards_InvalidAttester();
    error CampaignRewards_Over(uint256 closedAt);
    error CampaignRewards_TooEarly(uint256 from);
    error CampaignRewards_BadVoucher(Flaw flaw, address member, uint256 number);
    error CampaignRewards_NotReview(bytes32 campaignId);
    error CampaignRewards_OtherReview(bytes32 action, bytes32 expected);
    error CampaignRewards_NoReceipt(address member, bytes32 thing);
    error CampaignRewards_AlreadyReviewed(bytes32 receipt);
    error CampaignRewards_URITooLong(uint256 length, uint256 most);

    /// @notice The most rewards that a member can get in one campaign.
    function MAX_MEMBER_CAP() external view returns (uint8);

    /// @notice How long what was earned is still paid, after a campaign's end or an attester's, in seconds.
    function CLAIM_PERIOD() external view returns (uint32);

    // ---- brand

    /// @notice Starts a campaign. It pays once a purse is filled: by a call to the token's `grantQuotaAndCall`
    /// or `passQuotaAndCall` with `data = abi.encode(bytes32 campaignId, bytes32 attester)`, which makes a key
    /// or a list an attester and emits {PurseFunded}. Campaign role, active brand. Emits {CampaignCreated}.
    ///
    /// Requirements:
    /// - the token is obliged and redeems at this contract's desk
    /// - it has no campaign of this id
    /// - a reward and caps above zero, the day's at most the member's, that at most {MAX_MEMBER_CAP}
    /// - the window is not empty and has not passed
    ///
    /// @param documentHash keccak256 of the document in plain words.
    /// @param documentURI Where that is, in at most 512 bytes.
    function createCampaign(
        address token,
        bytes32 campaignId,
        Campaign calldata campaign,
        bytes32 documentHash,
        string calldata documentURI
    ) external;

    /// @notice Retires a key or a list, which goes on paying for {CLAIM_PERIOD} and can be filled meanwhile.
    /// Campaign role. Emits {AttesterRetired}.
    ///
    /// Requirements:
    /// - it is in office
    function retireAttester(address token, bytes32 campaignId, bytes32 attester) external;

    /// @notice Ends a campaign now; what was earned is paid for {CLAIM_PERIOD} longer. Campaign role. Emits
    /// {CampaignEnded}.
    ///
    /// Requirements:
    /// - it has not closed
    function endCampaign(address token, bytes32 campaignId) external;

    /// @notice Gives back to capacity what is left in a purse. Campaign role. Emits {RestReturned}.
    ///
    /// Requirements:
    /// - its attester was retired, or the campaign closed, {CLAIM_PERIOD} ago
    function returnRest(address token, bytes32 campaignId, bytes32 attester) external;

    // ---- anyone

    /// @notice Pays a voucher that a key signed. Emits {VoucherPaid}.
    ///
    /// Requirements:
    /// - it has no {Flaw}
    ///
    /// @param key Who signed it: a key or an ERC-1271 wallet.
    function claim(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature
    ) external;

    /// @notice Pays many vouchers that one key signed. Those with a flaw are passed over and stand in nobody's
    /// way. Emits {VoucherPaid} or {VoucherPassedOver} for each. Contract wallets' signatures are not asked
    /// for here: a loop calls nobody.
    /// @return paid How many were paid.
    function claimBatch(address token, bytes32 campaignId, address key, SignedVoucher[] calldata vouchers)
        external
        returns (uint256 paid);

    /// @notice Pays a voucher that is in a list. Emits {VoucherPaid}.
    ///
    /// Requirements:
    /// - it has no {Flaw}
    ///
    /// @param proof From its leaf to the root that is the attester's name.
    function claimFromList(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        bytes32[] calldata proof
    ) external;

    /// @notice Pays a voucher for a review of something that was redeemed at a counter. Emits {Reviewed} and
    /// {VoucherPaid}.
    ///
    /// Requirements:
    /// - the campaign is one for reviews, and the voucher's action is this review
    /// - the member has the receipt, of this thing, and it has not been used in the campaign
    /// - the voucher has no {Flaw}
    function claimReview(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature,
        CounterReview calldata review
    ) external;

    /// @notice As {claimReview}, of something that was ordered.
    function claimOrderReview(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature,
        OrderReview calldata review
    ) external;

    // ---- views

    /// @notice A campaign; all zero if there is none.
    function campaignOf(address token, bytes32 campaignId) external view returns (Campaign memory);

    /// @notice The purse of a key or a list.
    function purseOf(address token, bytes32 campaignId, bytes32 attester) external view returns (Purse memory);

    /// @notice Whether the member's voucher of this number has been paid.
    function isPaid(address token, bytes32 campaignId, address member, uint256 number)
        external
        view
        returns (bool);

    /// @notice How many more rewards the member can get today.
    function leftToday(address token, bytes32 campaignId, address member) external view returns (uint256);

    /// @notice Whether a receipt has been used in a campaign.
    function isReviewed(address token, bytes32 campaignId, bytes32 receipt) external view returns (bool);

    /// @notice What would keep {claim} from paying a voucher now; for a review, apart from its receipt.
    function flawOf(
        address token,
        bytes32 campaignId,
        Voucher calldata voucher,
        address key,
        bytes calldata signature
    ) external view returns (Flaw);

    /// @notice What a key signs, and what a list's leaf is the hash of.
    function digestOf(address token, bytes32 campaignId, Voucher calldata voucher)
        external
        view
        returns (bytes32);
}
