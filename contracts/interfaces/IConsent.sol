// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IQuotaReceiver } from "./IQuotaReceiver.sol";

/// @title IConsent
/// @notice A member lets a brand have certain data, for a purpose, until a date, at a price; and takes it back
/// with one act (CONSENT-1).
///
/// **Requests.** A brand publishes what it asks for. A request never changes: its id is the hash of what it
/// says, and what it says is in the log in plain words. The money is quota that it is given by a call.
///
/// **Granting is being paid.** The act that grants also pays the first instalment, and sets aside the others
/// that will come due until the end, so that they can be paid. A member grants a request once.
///
/// **Revoking** pays what had come due, and that is all: from its block on the member is paid nothing, nothing
/// can be received under the grant, and the data must not be used. It needs nobody, and nothing stops it.
///
/// **Data** never comes here. It goes to the brand encrypted to the request's key, by whatever way. The brand
/// acknowledges it by posting the hash of the encrypted bytes, which it can only while the grant stands; so
/// the log proves who received which bytes when, and for what.
///
/// **Who is asked.** Where a request names an attester, members bring its signature: else whoever makes wallets
/// could grant, be paid the first instalment, and have nothing to deliver. Without one, anybody can.
interface IConsent is IQuotaReceiver {
    /// @notice Where a grant stands.
    enum State {
        None,
        Granted,
        Ended,
        Revoked
    }

    /// @notice What a brand asks for, in words.
    /// @param fields Which data, as `birthday, postcode`.
    /// @param purpose What for.
    /// @param publicKey To what key the data is encrypted, as whoever encrypts understands it.
    struct Wording {
        string fields;
        string purpose;
        bytes publicKey;
    }

    /// @notice What a brand asks for. Its id is `keccak256(abi.encode(request))`.
    /// @param token In whose tokens it pays.
    /// @param fieldsHash keccak256 of the fields.
    /// @param purposeHash keccak256 of the purpose.
    /// @param keyHash keccak256 of the public key.
    /// @param price What each instalment comes to, in token base units; it may be zero.
    /// @param every How long after an instalment the next is due, in seconds; zero means that there is one.
    /// @param until When the grant ends.
    /// @param attester Who says which wallets may grant; zero for all.
    /// @param salt Tells requests apart that are otherwise the same.
    struct Request {
        address token;
        bytes32 fieldsHash;
        bytes32 purposeHash;
        bytes32 keyHash;
        uint96 price;
        uint32 every;
        uint40 until;
        address attester;
        bytes32 salt;
    }

    /// @notice The attester's word that a wallet may grant, signed in this contract's EIP-712 domain as
    /// `Eligible(bytes32 requestId,address member,uint256 deadline)`.
    /// @param deadline The last second at which it is good.
    /// @param signature The attester's; empty where there is none.
    struct Eligibility {
        uint256 deadline;
        bytes signature;
    }

    /// @notice One member's grant.
    /// @param state Where it stands.
    /// @param grantedAt Since when.
    /// @param until Until when.
    /// @param revokedAt When it was revoked; zero if it was not.
    /// @param instalments How many there are.
    /// @param paid How many have been paid.
    struct Grant {
        State state;
        uint40 grantedAt;
        uint40 until;
        uint40 revokedAt;
        uint16 instalments;
        uint16 paid;
    }

    event RequestPublished(
        address indexed token, bytes32 indexed requestId, Request request, Wording wording
    );
    event RequestFunded(bytes32 indexed requestId, address indexed from, uint256 amount);
    event RequestClosed(bytes32 indexed requestId);
    event RestReturned(bytes32 indexed requestId, uint256 amount);
    event Granted(
        bytes32 indexed requestId,
        address indexed member,
        address indexed token,
        uint40 until,
        uint96 price,
        uint16 instalments
    );
    event Revoked(bytes32 indexed requestId, address indexed member);
    event Paid(bytes32 indexed requestId, address indexed member, uint16 instalments, uint256 amount);
    event DataReceived(bytes32 indexed requestId, address indexed member, bytes32 dataHash);

    error Consent_InvalidRequest();
    error Consent_AlreadyPublished(bytes32 requestId);
    error Consent_OtherToken(address token, address expected);
    error Consent_Closed(bytes32 requestId);
    error Consent_WrongState(bytes32 requestId, address member, State state);
    error Consent_BudgetShort(uint256 needed, uint256 left);
    error Consent_NothingDue(bytes32 requestId, address member);
    error Consent_WordingTooLong(uint256 length, uint256 most);

    /// @notice The shortest time between instalments, in seconds.
    function MIN_EVERY() external view returns (uint32);

    /// @notice The most instalments of one grant.
    function MAX_INSTALMENTS() external view returns (uint16);

    // ---- brand

    /// @notice Publishes a request. Its budget comes by quota: a call to the token's `grantQuotaAndCall` or
    /// `passQuotaAndCall` with `data = abi.encode(request)`. Campaign role, active brand. Emits
    /// {RequestPublished}.
    ///
    /// Requirements:
    /// - the token is obliged, and the request has not been published
    /// - the hashes are those of the wording, in which nothing is empty or longer than 512 bytes
    /// - its end lies ahead; there is one instalment, or they are at least {MIN_EVERY} apart and at most
    /// {MAX_INSTALMENTS}
    ///
    /// @return requestId The hash of `request`.
    function publish(Request calldata request, Wording calldata wording) external returns (bytes32 requestId);

    /// @notice Ends granting, for good; what was granted stands and is paid. Campaign role. Emits
    /// {RequestClosed}.
    ///
    /// Requirements:
    /// - the request is open
    function close(Request calldata request) external;

    /// @notice Gives back to capacity what is set aside for nobody. Campaign role. Emits {RestReturned}.
    function returnRest(Request calldata request) external;

    /// @notice Says that the brand received a member's data. Campaign role. Emits {DataReceived}.
    ///
    /// Requirements:
    /// - the grant stands: it was neither revoked nor has it ended
    ///
    /// @param dataHash keccak256 of the encrypted bytes.
    function acknowledge(Request calldata request, address member, bytes32 dataHash) external;

    // ---- members

    /// @notice Grants what is asked and is paid the first instalment. Emits {Granted} and {Paid}.
    ///
    /// Requirements:
    /// - the request is open and its end lies ahead
    /// - the caller has not granted it before, revoked or not
    /// - the attester, if there is one, says that it may
    /// - the budget covers all instalments until the end
    function grant(Request calldata request, Eligibility calldata eligibility) external;

    /// @notice As {grant}, for anybody to submit. The member signs, in this contract's EIP-712 domain,
    /// `DataGrant(address token,address member,string fields,string purpose,bytes32 keyHash,uint256 price,uint256 every,uint256 until,bytes32 requestId,uint256 deadline)`,
    /// and so reads in its wallet which data it gives for what. That it grants once is what keeps the
    /// signature from being used twice.
    function grantWithSignature(
        Request calldata request,
        Eligibility calldata eligibility,
        address member,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Revokes the caller's grant, and pays what had come due. Emits {Revoked}, and {Paid} if so.
    ///
    /// Requirements:
    /// - the grant stands
    function revoke(Request calldata request) external;

    /// @notice As {revoke}, for anybody to submit: the member signs
    /// `Revocation(bytes32 requestId,address member,uint256 deadline)`.
    function revokeWithSignature(
        Request calldata request,
        address member,
        uint256 deadline,
        bytes calldata signature
    ) external;

    // ---- anyone

    /// @notice Pays a member the instalments that have come due. Emits {Paid}.
    ///
    /// Requirements:
    /// - it granted, did not revoke, and an instalment is due
    function pay(Request calldata request, address member) external;

    // ---- views

    /// @notice The name of a request.
    function requestIdOf(Request calldata request) external pure returns (bytes32 requestId);

    /// @notice What can still be granted from, in token base units, and whether it can.
    function budgetOf(bytes32 requestId) external view returns (uint96 left, bool open);

    /// @notice One member's grant; state `None` if there is none.
    function grantOf(bytes32 requestId, address member) external view returns (Grant memory);

    /// @notice Whether a member's data may be used under this request now.
    function isGranted(bytes32 requestId, address member) external view returns (bool);
}
