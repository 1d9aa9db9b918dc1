// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IFulfilment } from "./IFulfilment.sol";
import { IQuotaReceiver } from "./IQuotaReceiver.sol";

/// @title IReferralRewards
/// @notice Who brings a member to a brand gets a share of what that member really buys, and who brought the
/// one who brought gets a smaller one.
///
/// **Binding.** A member binds itself to a referrer, once for each token, by its own call or signature. Who
/// refers or is bound cannot bind any more. So every new edge goes from a wallet without any to one that
/// stands already, and there can be no circle, however many wallets play together (REF-1). Nobody becomes a
/// referrer against its will, because that would keep it from binding: the first who binds to a wallet
/// brings that wallet's signed invitation, which is in its link, unless the wallet said so itself.
///
/// **Programmes.** A programme's terms never change; it can only end, after notice. A token's programmes
/// follow one another, their windows are disjoint, and an event belongs to the one in whose window it lies.
///
/// **Events.** Only what was realised counts: a receipt of the counter, a fulfilled order, or a purchase in
/// a shop that the programme's attester signed. Each counts once. Nothing is paid for signing up.
///
/// **Rewards.** *Accrue*: both levels' shares are set aside from the programme's budget, so that what
/// accrued can be paid. *Vest*: the return window passes; until then the brand may undo a purchase that was
/// returned. *Claim*: anybody has what vested minted to the referrers. For each event all levels together are
/// at most the programme's share of its amount, below one (REF-2): between wallets of one person a rebate,
/// never a profit.
///
/// **Do rewards themselves count?** Tokens are all alike, so where members' spending of tokens counts
/// (`Counter`, `Order`), what was earned as a reward counts again when it is spent. With the share s, an
/// amount then leads to at most s + s² + … = s / (1 − s) of it in rewards. For that to stay below one, s must
/// be below a half there; where purchases alone count, which are paid in money, s must be below one.
interface IReferralRewards is IQuotaReceiver {
    /// @notice What can be an event.
    /// - `Counter`: a redemption at a till, for an offer or for shop credit; not one paid out in currency
    /// - `Order`: an order that ended as fulfilled, at any contract on the alliance's list of modules
    /// - `Purchase`: a purchase in a shop, attested by the brand
    enum Kind {
        Counter,
        Order,
        Purchase
    }

    /// @notice What became of an event.
    enum State {
        None,
        Accrued,
        Claimed,
        Undone
    }

    /// @notice The terms of a programme; they never change, but `closesAt` may come earlier, after notice.
    /// @param firstBps The share of who referred the member, in basis points of the event's amount.
    /// @param secondBps The share of who referred that one; it may be zero.
    /// @param vestingDays How long a reward waits: at least as long as goods can be returned.
    /// @param memberDays For how long after a member bound its purchases count; zero means for life.
    /// @param kinds Which events count: a bit for each {Kind}, `1 << kind`.
    /// @param opensAt From when on events count.
    /// @param closesAt From when on they no longer do.
    /// @param referrerCap The most that one referrer gets out of the programme, in token base units.
    struct Terms {
        uint16 firstBps;
        uint16 secondBps;
        uint16 vestingDays;
        uint16 memberDays;
        uint8 kinds;
        uint40 opensAt;
        uint40 closesAt;
        uint96 referrerCap;
    }

    /// @notice A programme as it is now.
    /// @param terms Its terms.
    /// @param left Budget that is not set aside for anything that accrued, in token base units.
    /// @param attester Whose signature makes a purchase an event.
    struct Programme {
        Terms terms;
        uint96 left;
        address attester;
    }

    /// @notice Where a wallet stands among a token's members.
    /// @param referrer To whom it is bound; zero if to nobody.
    /// @param boundAt Since when.
    /// @param refers Whether others may bind to it.
    struct Standing {
        address referrer;
        uint40 boundAt;
        bool refers;
    }

    /// @notice A wallet's leave to bind to it, which is in its link. Signed in this contract's EIP-712 domain as
    /// `Invitation(address token,address referrer,uint256 deadline)`. All it ever does is to let others bind.
    /// @param deadline The last second at which it is good; a link may be meant for years.
    /// @param signature The referrer's; empty if others may bind to it already.
    struct Invitation {
        uint256 deadline;
        bytes signature;
    }

    /// @notice A purchase as the attester signs it, in this contract's EIP-712 domain, as
    /// `Purchase(address token,address member,bytes32 ref,uint256 amount,uint256 purchasedAt,uint256 deadline)`.
    /// @param token Whose programme.
    /// @param member Who bought.
    /// @param ref The shop's name for the purchase; it counts once for each member.
    /// @param amount What was paid in money, at par, in token base units.
    /// @param purchasedAt When.
    /// @param deadline The last second at which the signature is good.
    struct Purchase {
        address token;
        address member;
        bytes32 ref;
        uint256 amount;
        uint256 purchasedAt;
        uint256 deadline;
    }

    /// @notice The name of an event.
    /// @param token Whose.
    /// @param member Whose purchase it was.
    /// @param kind What it is.
    /// @param ref The signature's nonce (`Counter`), the {orderRefOf} (`Order`) or the shop's name (`Purchase`).
    struct EventId {
        address token;
        address member;
        Kind kind;
        bytes32 ref;
    }

    /// @notice What accrued for an event.
    /// @param state What became of it.
    /// @param programme The number of the programme that it belongs to.
    /// @param vestsAt When it can be claimed.
    /// @param first For the member's referrer, in token base units.
    /// @param second For that one's referrer.
    struct Accrual {
        State state;
        uint16 programme;
        uint40 vestsAt;
        uint96 first;
        uint96 second;
    }

    event ProgrammeCreated(
        address indexed token,
        uint16 indexed programme,
        Terms terms,
        address attester,
        bytes32 documentHash,
        string documentURI
    );
    event ProgrammeFunded(address indexed token, uint16 indexed programme, address from, uint256 amount);
    event ProgrammeEnded(address indexed token, uint16 indexed programme, uint40 closesAt);
    event AttesterSet(address indexed token, uint16 indexed programme, address attester);
    event RestReturned(address indexed token, uint16 indexed programme, uint256 amount);
    event ReferrerOpened(address indexed token, address indexed referrer);
    event Bound(address indexed token, address indexed member, address indexed referrer);
    event Accrued(
        address indexed token,
        address indexed member,
        bytes32 indexed ref,
        Kind kind,
        uint16 programme,
        uint96 first,
        uint96 second,
        uint40 vestsAt
    );
    event Undone(
        address indexed token,
        address indexed member,
        bytes32 indexed ref,
        uint16 programme,
        uint96 amount,
        string reason
    );
    /// @dev For each level that got something; what its cap cut off went back to the budget.
    event Rewarded(
        address indexed token,
        address indexed referrer,
        address indexed member,
        bytes32 ref,
        uint16 programme,
        uint8 level,
        uint256 amount
    );

    error ReferralRewards_InvalidTerms();
    error ReferralRewards_Overlaps(uint40 opensAt, uint40 closesAt);
    error ReferralRewards_NoProgramme(address token, uint256 programme);
    error ReferralRewards_Over(uint256 closedAt);
    error ReferralRewards_TooEarly(uint256 from);
    error ReferralRewards_RefersAlready(address account);
    error ReferralRewards_AlreadyBound(address account, address referrer);
    error ReferralRewards_NotBound(address account);
    error ReferralRewards_NotRealised(address token, address member, bytes32 ref);
    error ReferralRewards_NotCounted(Kind kind);
    error ReferralRewards_OutsideWindow(uint256 happenedAt);
    error ReferralRewards_OutsideMembership(uint256 happenedAt);
    error ReferralRewards_InvalidAmount(uint256 amount);
    error ReferralRewards_WrongState(bytes32 ref, State state);
    error ReferralRewards_BudgetShort(uint256 needed, uint256 left);
    error ReferralRewards_Final(bytes32 ref);
    error ReferralRewards_URITooLong(uint256 length, uint256 most);

    /// @notice The shortest time that rewards wait, in days.
    function MIN_VESTING_DAYS() external view returns (uint16);

    /// @notice The longest, so that nobody waits for ever.
    function MAX_VESTING_DAYS() external view returns (uint16);

    /// @notice How long before its end a programme's end is known, in seconds.
    function END_NOTICE() external view returns (uint32);

    /// @notice How long after a programme's end its events can still accrue, in seconds; then the rest of its
    /// budget can go back.
    function ACCRUAL_PERIOD() external view returns (uint32);

    // ---- brand

    /// @notice Starts a programme. Its budget comes by quota: a call to the token's `grantQuotaAndCall` or
    /// `passQuotaAndCall` with `data = abi.encode(uint16 programme)`, also to refill it. Campaign role, active
    /// brand. Emits {ProgrammeCreated}.
    ///
    /// Requirements:
    /// - the token is obliged and redeems at this contract's desk
    /// - the shares together are above zero, and below a half where `Counter` or `Order` counts, below one
    /// otherwise
    /// - the window is not empty and begins when the token's last programme has closed, or later
    /// - at least one kind and no unknown one; a cap above zero; vesting within its bounds
    /// - an attester if, and only if, purchases count
    ///
    /// @param documentHash keccak256 of the document in plain words.
    /// @param documentURI Where that is, in at most 512 bytes.
    /// @return programme Its number among the token's, from one.
    function createProgramme(
        address token,
        Terms calldata terms,
        address attester,
        bytes32 documentHash,
        string calldata documentURI
    ) external returns (uint16 programme);

    /// @notice Names another attester, at once. What accrued stands; what was attested and not accrued can be
    /// attested again under the same name, which counts once. Campaign role. Emits {AttesterSet}.
    ///
    /// Requirements:
    /// - purchases count, and `attester` is not zero
    function setAttester(address token, uint16 programme, address attester) external;

    /// @notice Ends a programme {END_NOTICE} from now, or when it would close if that is earlier; one that opens
    /// later than that ends as it opens. Campaign role. Emits {ProgrammeEnded}.
    ///
    /// Requirements:
    /// - it has not closed
    function endProgramme(address token, uint16 programme) external;

    /// @notice Undoes a purchase that was returned: nothing is paid for it, and it never counts again. What
    /// was set aside is budget again. Campaign role. Emits {Undone}.
    ///
    /// Requirements:
    /// - the event is an attested purchase: receipts on chain are final
    /// - it accrued and has not vested
    /// @param reason In plain words, in at most 512 bytes.
    function undo(EventId calldata id, string calldata reason) external;

    /// @notice Gives back to capacity what is left of a budget and set aside for nothing. Campaign role. Emits
    /// {RestReturned}.
    ///
    /// Requirements:
    /// - the programme closed {ACCRUAL_PERIOD} ago
    function returnRest(address token, uint16 programme) external;

    // ---- members

    /// @notice Lets others bind to the caller, which can no longer bind itself unless it is bound already.
    /// Emits {ReferrerOpened}.
    function openReferrals(address token) external;

    /// @notice Binds the caller to `referrer`. Emits {Bound}, and {ReferrerOpened} for a new referrer.
    ///
    /// Requirements:
    /// - the caller neither refers nor is bound
    /// - others may bind to `referrer` already, or by this `invitation`
    function bind(address token, address referrer, Invitation calldata invitation) external;

    /// @notice As {bind}, for anybody to submit: the member signs
    /// `Binding(address token,address member,address referrer,uint256 deadline)`. That it binds once is what
    /// keeps the signature from being used twice.
    function bindWithSignature(
        address token,
        address member,
        address referrer,
        Invitation calldata invitation,
        uint256 deadline,
        bytes calldata signature
    ) external;

    // ---- anyone

    /// @notice Has a counter's receipt accrue, as of its time. Emits {Accrued}.
    ///
    /// Requirements (also of the next two):
    /// - the event lies in the programme's window, its kind counts, and it has not accrued
    /// - the member was bound at its time, and no longer ago than `memberDays`
    /// - the budget covers it; otherwise it waits for a refill
    ///
    /// @param nonce With token and member the receipt's id.
    function accrueReceipt(address token, uint16 programme, address member, bytes32 nonce) external;

    /// @notice Has a fulfilled order accrue, as of the time when it ended; a seat of a group and a bargain become
    /// orders too. What was paid for it in currency counts at par. Emits {Accrued}.
    ///
    /// Requirements: as for {accrueReceipt}, and
    /// - the alliance lists `fulfilment` as a module
    function accrueOrder(uint16 programme, address fulfilment, IFulfilment.Order calldata order) external;

    /// @notice Has an attested purchase accrue. It vests from now on, not from its own time, so that the brand
    /// always has the whole return window to undo it. Emits {Accrued}.
    ///
    /// Requirements: as for {accrueReceipt}, and
    /// - the programme's attester signed it, the deadline has not passed, and it is not in the future
    function accruePurchase(uint16 programme, Purchase calldata purchase, bytes calldata signature) external;

    /// @notice Has what vested minted to those whom it is for. Emits {Rewarded} for each.
    ///
    /// Requirements:
    /// - each event accrued, has vested, and has not been claimed
    function claim(EventId[] calldata ids) external;

    // ---- views

    /// @notice How many programmes the token has had.
    function programmeCount(address token) external view returns (uint16);

    /// @notice A programme as it is now.
    function programmeOf(address token, uint16 programme) external view returns (Programme memory);

    /// @notice Where `account` stands.
    function standingOf(address token, address account) external view returns (Standing memory);

    /// @notice What accrued for an event.
    function accrualOf(EventId calldata id) external view returns (Accrual memory);

    /// @notice What `referrer` has been paid out of a programme.
    function paidTo(address token, uint16 programme, address referrer) external view returns (uint96);

    /// @notice By what name an order is an event.
    function orderRefOf(address fulfilment, IFulfilment.Order calldata order) external pure returns (bytes32);
}
