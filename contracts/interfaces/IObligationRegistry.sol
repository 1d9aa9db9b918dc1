// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IObligationRegistry
/// @notice What a brand owes to the holders of its token: shop credit worth par, for every token
/// outstanding.
///
/// Par value and settlement currency are fixed for good when a brand obliges itself. The terms may get
/// better at once and worse only after their own notice period. Capacity, the most that may ever be
/// outstanding or promised, may fall at once and rise only after notice.
interface IObligationRegistry {
    /// @notice The terms of a standing obligation.
    /// @param termsHash keccak256 of the terms document.
    /// @param noticePeriod How long a worsening waits, in seconds.
    /// @param bondBps The bond ratio: how much of everything outstanding or promised, at par, the holders'
    /// purse of the bond must cover, in basis points; it may be zero.
    /// @param termsURI Where the document is. It may move at once; its hash says whether it is still the
    /// same.
    struct Terms {
        bytes32 termsHash;
        uint32 noticePeriod;
        uint16 bondBps;
        string termsURI;
    }

    /// @notice A standing obligation as it is now.
    /// @param brandId Who owes.
    /// @param currency The settlement currency (ERC-20), fixed.
    /// @param parValue Settlement base units per whole token (10**decimals base units), fixed, never zero.
    /// @param version Counts the changes of the terms that took effect; the first terms are version 1.
    /// @param worsenedVersion The version in which the latest worsening took effect; 1 if none has.
    /// @param terms The terms in force.
    /// @param pendingTerms Worse terms that were announced, if `termsChangeAt` is not zero.
    /// @param termsChangeAt When they take effect, by themselves.
    /// @param pendingCapacity The higher capacity that was announced, if `capacityChangeAt` is not zero.
    /// @param capacityChangeAt From when anyone may apply it.
    /// @param windDownStartsAt When the wind-down that was announced starts, or started: until then it can be
    /// withdrawn, from then on issuing ends; zero if the brand is not leaving.
    /// @param windDownEndsAt When it ends, or ended; zero if the brand is not leaving.
    struct Obligation {
        bytes32 brandId;
        address currency;
        uint96 parValue;
        uint32 version;
        uint32 worsenedVersion;
        Terms terms;
        Terms pendingTerms;
        uint40 termsChangeAt;
        uint96 pendingCapacity;
        uint40 capacityChangeAt;
        uint40 windDownStartsAt;
        uint40 windDownEndsAt;
    }

    event Obliged(
        address indexed token,
        bytes32 indexed brandId,
        address indexed currency,
        uint96 parValue,
        uint96 capacity
    );
    /// @dev Emitted when terms are set for `effectiveAt`, which is now for the first terms and for better
    /// ones.
    event TermsSet(
        address indexed token,
        uint32 version,
        bool worse,
        uint40 effectiveAt,
        bytes32 termsHash,
        uint32 noticePeriod,
        uint16 bondBps,
        string termsURI
    );
    event TermsWithdrawn(address indexed token, uint32 version);
    event CapacitySet(address indexed token, uint96 capacity);
    event CapacityRaiseAnnounced(address indexed token, uint96 capacity, uint40 effectiveAt);
    event CapacityRaiseWithdrawn(address indexed token, uint96 capacity);
    event MintStopSynced(address indexed token, bool stopped);
    event WindDownAnnounced(address indexed token, uint40 startsAt, uint40 endsAt);
    event WindDownWithdrawn(address indexed token);
    event InDefaultSet(address indexed token, address indexed bonds, bool inDefault);

    error ObligationRegistry_NotToken(address token);
    error ObligationRegistry_OtherRegistry(address token, address obligationRegistry);
    error ObligationRegistry_AlreadyObliged(address token);
    error ObligationRegistry_NotObliged(address token);
    error ObligationRegistry_CurrencyNotListed(address currency);
    error ObligationRegistry_ZeroParValue();
    error ObligationRegistry_NoTerms();
    error ObligationRegistry_NoticeTooShort(uint32 noticePeriod, uint32 least);
    error ObligationRegistry_NoticeTooLong(uint32 noticePeriod, uint32 most);
    error ObligationRegistry_URITooLong(uint256 length, uint256 most);
    error ObligationRegistry_ChangePending(address token, uint40 effectiveAt);
    error ObligationRegistry_NoChangePending(address token);
    error ObligationRegistry_ChangeNotDue(address token, uint40 effectiveAt);
    error ObligationRegistry_NothingChanges(address token);
    error ObligationRegistry_BondRatioTooHigh(uint16 bondBps);
    error ObligationRegistry_WindingDown(address token, uint40 endsAt);
    error ObligationRegistry_WindDownStarted(address token, uint40 startsAt);
    error ObligationRegistry_NotBonds(address token, address caller);
    error ObligationRegistry_NotInDefault(address token);
    error ObligationRegistry_InDefault(address token);

    /// @notice The shortest notice period, in seconds: never shorter than the wait that lets a brand's
    /// guardian come before a thief.
    function MIN_NOTICE_PERIOD() external view returns (uint32);

    /// @notice The longest notice period, in seconds.
    function MAX_NOTICE_PERIOD() external view returns (uint32);

    /// @notice How long a brand that leaves must still take its tokens back, in seconds.
    function WIND_DOWN_PERIOD() external view returns (uint32);

    // ---- brand

    /// @notice The brand obliges itself for its token: from here on the token can be issued, up to
    /// `capacity`. Emits {Obliged} and {TermsSet}.
    ///
    /// Requirements:
    /// - the caller is the admin of the token's brand, which is active
    /// - the factory made `token` for this registry, and it is not obliged yet
    /// - the alliance lists `currency`
    /// - `parValue` and the terms' hash are not zero; the notice period is within bounds, and the terms' URI
    /// within 512 bytes
    ///
    /// @param token The brand's token.
    /// @param currency What the obligation is settled in; fixed for good.
    /// @param parValue Settlement base units per whole token; fixed for good.
    /// @param capacity The most base units that may be outstanding or promised.
    /// @param terms The first terms.
    function oblige(address token, address currency, uint96 parValue, uint96 capacity, Terms calldata terms)
        external;

    /// @notice Changes the terms: at once if no field gets worse, else after the notice period in force.
    /// Worse is a shorter notice period, a lower bond ratio or another document. Brand's admin only. Emits
    /// {TermsSet}.
    ///
    /// Requirements:
    /// - no worsening is pending (withdraw it first), and none is announced in default
    /// - something changes, and the new terms are valid
    function setTerms(address token, Terms calldata terms) external;

    /// @notice Withdraws worse terms that have not taken effect. Brand's admin only. Emits {TermsWithdrawn}.
    function withdrawTerms(address token) external;

    /// @notice Lowers capacity at once, or announces a raise for after the notice period in force. Either
    /// takes the place of a raise announced before: whoever sets capacity at or below what it is does not
    /// want it to rise. Brand's admin only. Emits {CapacitySet}, after {CapacityRaiseWithdrawn} if a raise
    /// was announced; or {CapacityRaiseAnnounced}.
    ///
    /// Requirements:
    /// - a lower capacity still covers what is outstanding and promised
    function setCapacity(address token, uint96 capacity) external;

    /// @notice Withdraws an announced raise. Brand's admin only. Emits {CapacityRaiseWithdrawn}.
    function withdrawCapacityRaise(address token) external;

    /// @notice The brand announces that it leaves. After the notice period in force the wind-down starts: the
    /// brand can issue nothing new, and owes as before for {WIND_DOWN_PERIOD}, or for the notice period if
    /// that is longer. Nothing that was promised is touched: orders, modules' quotas and redemptions go on.
    ///
    /// From the announcement on changes for the worse lapse and no more can be announced, and a raise of
    /// capacity likewise; what the bond holds for the token's holders stays. Start and end stay as announced,
    /// whatever becomes of the notice period. Brand's admin only, in any status of the brand. Emits
    /// {WindDownAnnounced}, after {TermsWithdrawn} and {CapacityRaiseWithdrawn} for what lapses.
    ///
    /// Requirements:
    /// - no wind-down is announced or under way
    function announceWindDown(address token) external;

    /// @notice Withdraws a wind-down that has not started: all is as before, but for what lapsed. Brand's
    /// admin only, in any status of the brand. Emits {WindDownWithdrawn}.
    ///
    /// Requirements:
    /// - one is announced, and its start has not come
    function withdrawWindDown(address token) external;

    // ---- anyone

    /// @notice Puts an announced raise into force once its notice is over, if the brand is active. Emits
    /// {CapacitySet}.
    function applyCapacityRaise(address token) external;

    /// @notice Brings the token's mint-stop in line with its brand's status, its wind-down and its default:
    /// stopped while the brand is not active or the token in default, and for good once the wind-down has
    /// started. Emits {MintStopSynced} if it changes.
    function syncMintStop(address token) external;

    /// @notice In default, takes back what a manager may still mint: it is stopped, and would share in what the
    /// holders get. Modules' quotas are promises and stay.
    ///
    /// Requirements:
    /// - the token is in default, and `minter` is no module
    /// @return revoked How much was there to take.
    function revokeQuota(address token, address minter) external returns (uint256 revoked);

    // ---- bonds

    /// @notice Says that a token is in default, which stops managers' quotas and new ones at once; or that it
    /// is no more. Worse terms and a higher capacity that were announced lapse when it begins, and none can be
    /// announced until it ends. Emits {InDefaultSet}, {MintStopSynced} if that changes, and {TermsWithdrawn} and
    /// {CapacityRaiseWithdrawn} for what lapses.
    ///
    /// Requirements:
    /// - the token is obliged
    /// - to begin, the alliance lists the caller among the bonds, and nobody has said so yet; to end, the caller
    /// said so
    function setInDefault(address token, bool inDefault) external;

    // ---- views

    /// @notice The obligation of `token` as it is now; `parValue` zero if there is none.
    function obligationOf(address token) external view returns (Obligation memory);

    /// @notice Whether a call that names `version` of the terms is still good: that version has been in
    /// force, and no worsening has taken effect since.
    function isVersionValid(address token, uint256 version) external view returns (bool);

    /// @notice The notice period of the terms in force, in seconds. Reverts if the token is not obliged.
    function noticePeriodOf(address token) external view returns (uint32);

    /// @notice The bond ratio of the terms in force, in basis points; zero once the wind-down has ended.
    /// Reverts if the token is not obliged.
    function bondRatioOf(address token) external view returns (uint16 bps);

    /// @notice When the token's wind-down ends, or ended; told from its announcement on, and zero if the brand
    /// is not leaving. Reverts if the token is not obliged.
    function windDownEndOf(address token) external view returns (uint40 endsAt);

    /// @notice Whether a token is in default.
    function isInDefault(address token) external view returns (bool);

    /// @notice The settlement currency. Reverts if the token is not obliged.
    function currencyOf(address token) external view returns (address);

    /// @notice How many tokens are obliged here.
    function tokenCount() external view returns (uint256);

    /// @notice One of them, in the order in which they were obliged.
    function tokenAt(uint256 index) external view returns (address token);

    /// @notice What `amount` of `token` is worth at par, in settlement base units, rounded down.
    function valueDown(address token, uint256 amount) external view returns (uint256 value);

    /// @notice What `amount` of `token` is worth at par, in settlement base units, rounded up.
    function valueUp(address token, uint256 amount) external view returns (uint256 value);
}
