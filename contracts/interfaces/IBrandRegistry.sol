// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IBrandRegistry
/// @notice Who is a brand, who may act for it, and what the alliance has approved.
///
/// A brand registers itself and the alliance admits it. Its *admin* decides, its *managers* carry out (by
/// role), its *guardian* brings it back when the admin's key is lost or stolen. The alliance admits,
/// suspends and keeps the lists of what brands may rely on; it can never act in a brand's name.
interface IBrandRegistry {
    /// @notice Where a brand stands. `Suspended` stops what is new; it never stops members' ways out.
    enum Status {
        None,
        Applied,
        Active,
        Suspended
    }

    /// @notice What the alliance lists: money that obligations are settled in, who may decide disputes,
    /// contracts that tokens may entrust quota to, contracts that may hold a token's capacity, where tokens may
    /// be redeemed by signature, contracts that may say that a token is in default, and who may attest that
    /// accounts belong to different persons.
    enum List {
        Currency,
        Arbiter,
        Module,
        ObligationRegistry,
        RedemptionDesk,
        Bonds,
        Attester
    }

    /// @notice One brand.
    /// @param status Where it stands.
    /// @param admin Who decides for it.
    /// @param pendingAdmin Who may take over by accepting; zero if nobody.
    /// @param guardian Who may start a recovery; zero if nobody.
    /// @param pendingGuardian Who becomes guardian at `guardianChangeAt`.
    /// @param guardianChangeAt When; zero if no change is pending.
    /// @param profileURI Where the brand describes itself.
    struct Brand {
        Status status;
        address admin;
        address pendingAdmin;
        address guardian;
        address pendingGuardian;
        uint40 guardianChangeAt;
        string profileURI;
    }

    /// @notice A guardian's attempt to give a brand a new admin.
    /// @param newAdmin Who takes over; zero if there is no attempt.
    /// @param readyAt When `newAdmin` may take over.
    /// @param guardian Who started it.
    /// @param vetoed Whether the sitting admin objected.
    /// @param confirmed Whether the alliance confirmed it, which overrides the objection.
    struct Recovery {
        address newAdmin;
        uint40 readyAt;
        address guardian;
        bool vetoed;
        bool confirmed;
    }

    event BrandRegistered(
        bytes32 indexed brandId, address indexed admin, address indexed guardian, string profileURI
    );
    event BrandAdmitted(bytes32 indexed brandId);
    event BrandSuspended(bytes32 indexed brandId);
    event BrandReinstated(bytes32 indexed brandId);
    event ProfileURISet(bytes32 indexed brandId, string profileURI);
    event ManagerSet(bytes32 indexed brandId, address indexed manager, uint8 roles);
    event AdminTransferStarted(bytes32 indexed brandId, address indexed admin, address indexed pendingAdmin);
    event AdminTransferred(bytes32 indexed brandId, address indexed previousAdmin, address indexed admin);
    event GuardianChangeStarted(
        bytes32 indexed brandId, address indexed pendingGuardian, uint40 guardianChangeAt
    );
    event RecoveryStarted(
        bytes32 indexed brandId, address indexed guardian, address indexed newAdmin, uint40 readyAt
    );
    event RecoveryVetoed(bytes32 indexed brandId, address indexed admin);
    event RecoveryConfirmed(bytes32 indexed brandId);
    event RecoveryConfirmationWithdrawn(bytes32 indexed brandId);
    event RecoveryWithdrawn(bytes32 indexed brandId);
    event RecoveryCompleted(bytes32 indexed brandId, address indexed previousAdmin, address indexed admin);
    event Listed(List indexed list, address indexed account, bool listed);

    error BrandRegistry_AlreadyRegistered(bytes32 brandId);
    error BrandRegistry_WrongStatus(bytes32 brandId, Status status);
    error BrandRegistry_NotAdmin(bytes32 brandId, address account);
    error BrandRegistry_NotPendingAdmin(bytes32 brandId, address account);
    error BrandRegistry_NotGuardian(bytes32 brandId, address account);
    error BrandRegistry_InvalidAccount(address account);
    error BrandRegistry_InvalidRoles(uint8 roles);
    error BrandRegistry_NoRecovery(bytes32 brandId);
    error BrandRegistry_RecoveryConfirmed(bytes32 brandId);
    error BrandRegistry_RecoveryNotConfirmed(bytes32 brandId);
    error BrandRegistry_RecoveryVetoed(bytes32 brandId);
    error BrandRegistry_RecoveryNotReady(bytes32 brandId, uint40 readyAt);
    error BrandRegistry_URITooLong(uint256 length, uint256 most);

    /// @notice How long a sitting admin has to veto a recovery, in seconds.
    function RECOVERY_DELAY() external view returns (uint32);

    /// @notice How long every change waits that a stolen admin key could abuse, in seconds: a new guardian
    /// here, a higher capacity or worse terms elsewhere. Twice the recovery delay, so that a recovery started
    /// strictly less than {RECOVERY_DELAY} after the thief's change was announced comes first; one started
    /// exactly then is ready in the very second in which the change takes effect.
    function CHANGE_DELAY() external view returns (uint32);

    // ---- brands

    /// @notice Registers a brand with the caller as its admin. It can act once the alliance admits it.
    /// Emits {BrandRegistered}.
    ///
    /// Requirements:
    /// - the caller has not registered under `salt` before
    /// - `profileURI` has at most 512 bytes
    ///
    /// @param salt Tells one founder's brands apart. The id depends on founder and salt only, so it is known
    /// beforehand and the same on every chain.
    /// @param guardian Who may start a recovery; zero for nobody.
    /// @param profileURI Where the brand describes itself (ERC-7572 contract metadata).
    /// @return brandId `keccak256(abi.encode(founder, salt))`.
    function register(bytes32 salt, address guardian, string calldata profileURI)
        external
        returns (bytes32 brandId);

    /// @notice Changes where the brand describes itself, in at most 512 bytes. Admin only. Emits
    /// {ProfileURISet}.
    function setProfileURI(bytes32 brandId, string calldata profileURI) external;

    /// @notice Gives `manager` exactly `roles` (a bit each, see the `Roles` library); zero dismisses. Admin
    /// only. Emits {ManagerSet}.
    ///
    /// Requirements:
    /// - `manager` is not zero, and `roles` holds managers' roles only
    function setManager(bytes32 brandId, address manager, uint8 roles) external;

    /// @notice Offers the brand to `newAdmin`, who takes over by accepting; zero withdraws the offer. Admin
    /// only. Emits {AdminTransferStarted}.
    function transferAdmin(bytes32 brandId, address newAdmin) external;

    /// @notice Takes over a brand that was offered to the caller. Emits {AdminTransferred}.
    function acceptAdmin(bytes32 brandId) external;

    /// @notice Names another guardian, who takes office by itself after {CHANGE_DELAY}; naming the present
    /// one withdraws a pending change. Admin only. Emits {GuardianChangeStarted}.
    function setGuardian(bytes32 brandId, address guardian) external;

    // ---- recovery

    /// @notice Starts giving the brand to `newAdmin`, or starts over with another. Guardian only.
    /// Emits {RecoveryStarted}.
    ///
    /// Requirements:
    /// - no recovery that another guardian started and the alliance confirmed is under way
    function startRecovery(bytes32 brandId, address newAdmin) external;

    /// @notice The sitting admin objects to a recovery. While the alliance confirms it, the objection is on
    /// record only; it counts if the confirmation is withdrawn. Emits {RecoveryVetoed}.
    ///
    /// Requirements:
    /// - a recovery is under way
    function vetoRecovery(bytes32 brandId) external;

    /// @notice The alliance confirms a recovery: no veto, earlier or later, stops it, and only the guardian
    /// who started it can start over. It still waits its delay. Alliance only. Emits {RecoveryConfirmed}.
    ///
    /// @param newAdmin Who is meant to take over, so that a confirmation cannot be caught by another attempt.
    function confirmRecovery(bytes32 brandId, address newAdmin) external;

    /// @notice The alliance takes its confirmation back, so that a recovery to a key that nobody holds does
    /// not stand for ever. The recovery is then as if it had never been confirmed: a veto counts, whenever it
    /// was given, and the guardian in office may withdraw it or start another. The delay goes on as it was.
    /// Alliance only. Emits {RecoveryConfirmationWithdrawn}.
    ///
    /// Requirements:
    /// - a recovery is under way that the alliance has confirmed
    function withdrawConfirmation(bytes32 brandId) external;

    /// @notice Gives up a recovery that is not confirmed. Guardian only. Emits {RecoveryWithdrawn}.
    function withdrawRecovery(bytes32 brandId) external;

    /// @notice The new admin takes over: every manager is dismissed, pending changes of admin and guardian
    /// lapse, and the guardian who started the recovery stays in office. Emits {RecoveryCompleted}.
    ///
    /// Requirements:
    /// - the caller is the new admin, the delay is over, and there is no veto or the alliance confirmed
    function completeRecovery(bytes32 brandId) external;

    // ---- alliance

    /// @notice Admits a brand that registered. Alliance only. Emits {BrandAdmitted}.
    function admit(bytes32 brandId) external;

    /// @notice Suspends an active brand. Alliance only. Emits {BrandSuspended}.
    function suspend(bytes32 brandId) external;

    /// @notice Ends a suspension. Alliance only. Emits {BrandReinstated}.
    function reinstate(bytes32 brandId) external;

    /// @notice Puts `account` on a list or takes it off. What was agreed while it was listed stands. Alliance
    /// only. Emits {Listed}.
    function setListed(List list, address account, bool listed) external;

    // ---- views

    /// @notice The id that `register` gives to `founder` for `salt`.
    function brandIdOf(address founder, bytes32 salt) external pure returns (bytes32 brandId);

    /// @notice Everything about a brand; status `None` if there is none.
    function brandOf(bytes32 brandId) external view returns (Brand memory);

    /// @notice The recovery under way, if any.
    function recoveryOf(bytes32 brandId) external view returns (Recovery memory);

    /// @notice Where a brand stands.
    function statusOf(bytes32 brandId) external view returns (Status);

    /// @notice Where the brand describes itself.
    function profileURIOf(bytes32 brandId) external view returns (string memory);

    /// @notice What `account` may do for the brand, and where the brand stands, in one read.
    /// @return status Where the brand stands.
    /// @return roles The roles of `account`, a bit each; the admin holds all of them.
    function standingOf(bytes32 brandId, address account) external view returns (Status status, uint8 roles);

    /// @notice Whether `account` acts for the brand in any way: admin, guardian or manager.
    function isBrandAccount(bytes32 brandId, address account) external view returns (bool);

    /// @notice Whether the alliance lists `account`.
    function isListed(List list, address account) external view returns (bool);
}
