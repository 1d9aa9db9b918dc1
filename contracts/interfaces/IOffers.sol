// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IOffers
/// @notice What brands offer for their tokens, on top of shop credit at par.
///
/// An offer's conditions get better at once: a lower price, more stock, a higher limit, a longer window,
/// quicker delivery, a smaller stake, a higher compensation. They get worse, or their document or arbiter
/// changes, only after the notice period of the token's terms (RED-2).
interface IOffers {
    /// @notice The conditions that machines can read.
    /// @param price Token base units for one unit; not zero.
    /// @param stock Units that there are in all, over the offer's life.
    /// @param memberLimit Units that one member can get; the largest number is no limit, and then members are
    /// not counted, which makes redeeming cheaper. A limit set later counts from when it takes effect.
    /// @param opensAt From when, inclusive.
    /// @param closesAt Until when, exclusive.
    /// @param fulfilDays How many days the brand has to deliver; zero where goods are handed over at once,
    /// and then the next three are zero as well.
    /// @param stakePercent What disputing a delivery costs if it turns out wrong, in percent of the price,
    /// rounded up to a base unit.
    /// @param compensation What a member gets for one unit if the brand fails, in currency base units.
    /// @param arbiter Who decides disputes.
    struct Conditions {
        uint96 price;
        uint32 stock;
        uint32 memberLimit;
        uint40 opensAt;
        uint40 closesAt;
        uint8 fulfilDays;
        uint8 stakePercent;
        uint96 compensation;
        address arbiter;
    }

    /// @notice An offer as it is now.
    /// @param version The version in force; zero if there is no such offer.
    /// @param worsenedVersion The version in which the latest worsening took effect.
    /// @param sold Units redeemed so far.
    /// @param conditions In force.
    /// @param termsHash keccak256 of the document that describes what is offered.
    /// @param termsURI Where that document is.
    /// @param changeAt When what is pending takes effect, by itself; zero if nothing is.
    /// @param pendingConditions What was announced.
    /// @param pendingTermsHash What was announced.
    /// @param pendingTermsURI What was announced.
    struct Offer {
        uint32 version;
        uint32 worsenedVersion;
        uint32 sold;
        Conditions conditions;
        bytes32 termsHash;
        string termsURI;
        uint40 changeAt;
        Conditions pendingConditions;
        bytes32 pendingTermsHash;
        string pendingTermsURI;
    }

    event OfferCreated(address indexed token, bytes32 indexed offerId);
    /// @dev Emitted when conditions are set for `effectiveAt`, which is now for the first ones and for better
    /// ones.
    event OfferSet(
        address indexed token,
        bytes32 indexed offerId,
        uint32 version,
        bool worse,
        uint40 effectiveAt,
        Conditions conditions,
        bytes32 termsHash,
        string termsURI
    );
    event OfferChangeWithdrawn(address indexed token, bytes32 indexed offerId, uint32 version);

    error Offers_AlreadyExists(address token, bytes32 offerId);
    error Offers_NotFound(address token, bytes32 offerId);
    error Offers_ZeroPrice();
    error Offers_NoTerms();
    error Offers_InvalidWindow(uint40 opensAt, uint40 closesAt);
    error Offers_URITooLong(uint256 length, uint256 most);
    error Offers_ChangePending(address token, bytes32 offerId, uint40 effectiveAt);
    error Offers_NoChangePending(address token, bytes32 offerId);
    error Offers_NothingChanges(address token, bytes32 offerId);
    error Offers_StaleVersion(uint256 version, uint32 worsenedVersion, uint32 current);
    error Offers_OtherDesk(address token, address redemptionDesk);
    error Offers_ZeroQuantity();
    error Offers_OutsideWindow(uint40 opensAt, uint40 closesAt);
    error Offers_OutOfStock(uint256 quantity, uint256 left);
    error Offers_MemberLimitReached(uint256 quantity, uint256 left);

    /// @notice Publishes an offer. Emits {OfferCreated} and {OfferSet}.
    ///
    /// Requirements:
    /// - the caller runs campaigns for the token's brand, which is active
    /// - the token is obliged, and its offers are kept here: what is handed over at once, at the redemption
    /// desk that the token names; what is delivered later, wherever brands and members please
    /// - the brand has no such offer
    /// - the price and the document's hash are not zero, and the window closes after it opens and in the
    /// future
    /// - what the conditions say of delivery is what this contract does
    /// - `termsURI` has at most 512 bytes
    /// @param offerId Any name for it, unique for the token.
    function createOffer(
        address token,
        bytes32 offerId,
        Conditions calldata conditions,
        bytes32 termsHash,
        string calldata termsURI
    ) external;

    /// @notice Changes an offer: at once if nothing gets worse, else after the notice period of the token's
    /// terms. Campaign role; a higher compensation or fewer days to deliver, the brand's admin. Emits
    /// {OfferSet}.
    ///
    /// Requirements:
    /// - no worsening is pending (withdraw it first), and something changes
    /// - the new conditions are valid
    function setOffer(
        address token,
        bytes32 offerId,
        Conditions calldata conditions,
        bytes32 termsHash,
        string calldata termsURI
    ) external;

    /// @notice Withdraws a worsening that has not taken effect. Campaign role. Emits {OfferChangeWithdrawn}.
    function withdrawOfferChange(address token, bytes32 offerId) external;

    /// @notice An offer as it is now; version zero if there is none.
    function offerOf(address token, bytes32 offerId) external view returns (Offer memory);

    /// @notice Whether a call that names `version` of the offer is good: that version has been in force, and
    /// nothing has got worse since.
    function isOfferVersionValid(address token, bytes32 offerId, uint256 version) external view returns (bool);

    /// @notice Units of the offer that `member` has redeemed while there was a member limit.
    function redeemedBy(address token, bytes32 offerId, address member) external view returns (uint256);

    /// @notice How many offers the token has ever had.
    function offerCount(address token) external view returns (uint256);

    /// @notice The id of one of them, in the order of creation.
    function offerIdAt(address token, uint256 index) external view returns (bytes32);
}
