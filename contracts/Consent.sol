// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Rewards } from "./base/Rewards.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { IConsent } from "./interfaces/IConsent.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// A time that is zero was never written, and a number of instalments is no balance.
// slither-disable-start timestamp,incorrect-equality

/// @title Consent
/// @notice See {IConsent}.
///
/// **What is stored.** Of a request, what is left of its budget and whether it is open; what it says is in the
/// log and comes with each call, held to the id. Of a grant, one word, which stays for good: it keeps the
/// member's signature from being used again, after revoking too.
///
/// **Books.** Quota of a token here is what is left of its requests' budgets, and of each grant that was not
/// revoked the instalments that were not paid.
contract Consent is IConsent, Rewards, Multicall {
    struct Budget {
        uint96 left;
        bool isPublished;
        bool isClosed;
    }

    struct GrantRecord {
        uint40 grantedAt;
        uint40 until;
        uint40 revokedAt;
        uint16 instalments;
        uint16 paid;
    }

    /// @inheritdoc IConsent
    uint32 public constant MIN_EVERY = 1 days;
    /// @inheritdoc IConsent
    uint16 public constant MAX_INSTALMENTS = 1000;

    bytes32 private constant GRANT_TYPEHASH = keccak256(
        "DataGrant(address token,address member,string fields,string purpose,bytes32 keyHash,uint256 price,uint256 every,uint256 until,bytes32 requestId,uint256 deadline)"
    );
    bytes32 private constant REVOCATION_TYPEHASH =
        keccak256("Revocation(bytes32 requestId,address member,uint256 deadline)");
    bytes32 private constant ELIGIBLE_TYPEHASH =
        keccak256("Eligible(bytes32 requestId,address member,uint256 deadline)");

    mapping(bytes32 requestId => Budget) private _budgets;
    mapping(bytes32 requestId => mapping(address member => GrantRecord)) private _grants;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry)
        Rewards(brandRegistry, obligationRegistry, "Consent")
    { }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IConsent
    function publish(Request calldata request, Wording calldata wording)
        external
        returns (bytes32 requestId)
    {
        // Check
        _checkNew(request.token);
        requestId = requestIdOf(request);
        require(!_budgets[requestId].isPublished, Consent_AlreadyPublished(requestId));
        bool isWorded = _checkWording(bytes(wording.fields)) == request.fieldsHash
            && _checkWording(bytes(wording.purpose)) == request.purposeHash
            && _checkWording(wording.publicKey) == request.keyHash;
        bool isSpaced = request.every == 0 || request.every >= MIN_EVERY;
        require(
            isWorded && isSpaced && block.timestamp < request.until
                && _instalmentsOf(request) <= MAX_INSTALMENTS,
            Consent_InvalidRequest()
        );

        // Effect
        _budgets[requestId].isPublished = true;
        emit RequestPublished({
            token: request.token, requestId: requestId, request: request, wording: wording
        });
    }

    /// @inheritdoc IConsent
    function close(Request calldata request) external {
        _checkCampaigner(request.token);
        bytes32 requestId = requestIdOf(request);
        _checkOpen(requestId, _budgets[requestId]);
        _budgets[requestId].isClosed = true;
        emit RequestClosed({ requestId: requestId });
    }

    /// @inheritdoc IConsent
    function returnRest(Request calldata request) external {
        _checkCampaigner(request.token);
        bytes32 requestId = requestIdOf(request);
        uint96 amount = _budgets[requestId].left;
        _budgets[requestId].left = 0;
        emit RestReturned({ requestId: requestId, amount: amount });
        ILoyaltyToken(request.token).returnQuota(amount);
    }

    /// @inheritdoc IConsent
    function acknowledge(Request calldata request, address member, bytes32 dataHash) external {
        _checkCampaigner(request.token);
        bytes32 requestId = requestIdOf(request);
        _checkGranted(requestId, member);
        emit DataReceived({ requestId: requestId, member: member, dataHash: dataHash });
    }

    // --------------------------------------------------------------- members

    /// @inheritdoc IConsent
    function grant(Request calldata request, Eligibility calldata eligibility) external {
        _grant(request, eligibility, msg.sender, requestIdOf(request));
    }

    /// @inheritdoc IConsent
    function grantWithSignature(
        Request calldata request,
        Eligibility calldata eligibility,
        address member,
        uint256 deadline,
        bytes calldata signature
    ) external {
        bytes32 requestId = requestIdOf(request);
        bytes32 granted = keccak256(
            abi.encode(
                GRANT_TYPEHASH,
                request.token,
                member,
                request.fieldsHash,
                request.purposeHash,
                request.keyHash,
                request.price,
                request.every,
                request.until,
                requestId,
                deadline
            )
        );
        _checkSignature(member, granted, deadline, signature);
        _grant(request, eligibility, member, requestId);
    }

    /// @inheritdoc IConsent
    function revoke(Request calldata request) external {
        _revoke(request, msg.sender);
    }

    /// @inheritdoc IConsent
    function revokeWithSignature(
        Request calldata request,
        address member,
        uint256 deadline,
        bytes calldata signature
    ) external {
        bytes32 revoked = keccak256(abi.encode(REVOCATION_TYPEHASH, requestIdOf(request), member, deadline));
        _checkSignature(member, revoked, deadline, signature);
        _revoke(request, member);
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IConsent
    function pay(Request calldata request, address member) external {
        bytes32 requestId = requestIdOf(request);
        State state = _stateOf(_grants[requestId][member]);
        require(state == State.Granted || state == State.Ended, Consent_WrongState(requestId, member, state));
        require(_payDue(request, requestId, member) != 0, Consent_NothingDue(requestId, member));
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IConsent
    function requestIdOf(Request calldata request) public pure returns (bytes32 requestId) {
        return keccak256(abi.encode(request));
    }

    /// @inheritdoc IConsent
    function budgetOf(bytes32 requestId) external view returns (uint96 left, bool open) {
        Budget memory budget = _budgets[requestId];
        return (budget.left, budget.isPublished && !budget.isClosed);
    }

    /// @inheritdoc IConsent
    function grantOf(bytes32 requestId, address member) external view returns (Grant memory) {
        GrantRecord memory record = _grants[requestId][member];
        return Grant({
            state: _stateOf(record),
            grantedAt: record.grantedAt,
            until: record.until,
            revokedAt: record.revokedAt,
            instalments: record.instalments,
            paid: record.paid
        });
    }

    /// @inheritdoc IConsent
    function isGranted(bytes32 requestId, address member) external view returns (bool) {
        return _stateOf(_grants[requestId][member]) == State.Granted;
    }

    // -------------------------------------------------------------- internals

    function _grant(
        Request calldata request,
        Eligibility calldata eligibility,
        address member,
        bytes32 requestId
    ) private {
        // Check
        Budget memory budget = _budgets[requestId];
        _checkOpen(requestId, budget);
        require(block.timestamp < request.until, Consent_Closed(requestId));
        State state = _stateOf(_grants[requestId][member]);
        require(state == State.None, Consent_WrongState(requestId, member, state));
        if (request.attester != address(0)) {
            bytes32 eligible =
                keccak256(abi.encode(ELIGIBLE_TYPEHASH, requestId, member, eligibility.deadline));
            _checkSignature(request.attester, eligible, eligibility.deadline, eligibility.signature);
        }
        uint256 instalments = _instalmentsOf(request);
        uint256 cost = instalments * request.price;
        require(cost <= budget.left, Consent_BudgetShort(cost, budget.left));

        // Effect. Instalments were few when the request was published, and the budget covers the cost.
        // forge-lint: disable-start(unsafe-typecast)
        _budgets[requestId].left = budget.left - uint96(cost);
        _grants[requestId][member] = GrantRecord({
            grantedAt: uint40(block.timestamp),
            until: request.until,
            revokedAt: 0,
            instalments: uint16(instalments),
            paid: 1
        });
        emit Granted({
            requestId: requestId,
            member: member,
            token: request.token,
            until: request.until,
            price: request.price,
            instalments: uint16(instalments)
        });
        // forge-lint: disable-end(unsafe-typecast)
        emit Paid({ requestId: requestId, member: member, instalments: 1, amount: request.price });

        // Interaction
        _mint(request.token, member, request.price);
    }

    function _revoke(Request calldata request, address member) private {
        bytes32 requestId = requestIdOf(request);
        _checkGranted(requestId, member);
        GrantRecord storage record = _grants[requestId][member];
        record.revokedAt = uint40(block.timestamp);
        // What never comes due is for others to be granted from, or for the brand to take back.
        uint256 rest = uint256(record.instalments - _dueOf(request, record)) * request.price;
        // forge-lint: disable-next-line(unsafe-typecast) -- it came out of this budget
        _budgets[requestId].left += uint96(rest);
        emit Revoked({ requestId: requestId, member: member });
        // slither-disable-next-line unused-return -- it may be nothing
        _payDue(request, requestId, member);
    }

    /// @dev Pays what has come due and was not paid.
    /// @return instalments How many.
    function _payDue(Request calldata request, bytes32 requestId, address member)
        private
        returns (uint16 instalments)
    {
        GrantRecord storage record = _grants[requestId][member];
        uint16 due = _dueOf(request, record);
        instalments = due - record.paid;
        if (instalments == 0) return 0;
        record.paid = due;
        uint256 amount = uint256(instalments) * request.price;
        emit Paid({ requestId: requestId, member: member, instalments: instalments, amount: amount });
        _mint(request.token, member, amount);
    }

    /// @inheritdoc Rewards
    function _fund(address token, address from, uint256 amount, bytes calldata data) internal override {
        Request memory request = abi.decode(data, (Request));
        require(request.token == token, Consent_OtherToken(token, request.token));
        bytes32 requestId = keccak256(abi.encode(request));
        _checkOpen(requestId, _budgets[requestId]);
        // forge-lint: disable-next-line(unsafe-typecast) -- a part of the token's quotas, which fit 96 bits
        _budgets[requestId].left += uint96(amount);
        emit RequestFunded({ requestId: requestId, from: from, amount: amount });
    }

    function _checkOpen(bytes32 requestId, Budget memory budget) private pure {
        require(budget.isPublished && !budget.isClosed, Consent_Closed(requestId));
    }

    function _checkGranted(bytes32 requestId, address member) private view {
        State state = _stateOf(_grants[requestId][member]);
        require(state == State.Granted, Consent_WrongState(requestId, member, state));
    }

    function _checkWording(bytes calldata text) private pure returns (bytes32 hash) {
        require(text.length <= MAX_URI_LENGTH, Consent_WordingTooLong(text.length, MAX_URI_LENGTH));
        require(text.length != 0, Consent_InvalidRequest());
        return keccak256(text);
    }

    function _stateOf(GrantRecord memory record) private view returns (State) {
        if (record.grantedAt == 0) return State.None;
        if (record.revokedAt != 0) return State.Revoked;
        return block.timestamp < record.until ? State.Granted : State.Ended;
    }

    /// @dev How many instalments there are for who grants now: one at once, and one for each `every` that
    /// passes before the end.
    function _instalmentsOf(Request calldata request) private view returns (uint256) {
        if (request.every == 0) return 1;
        return Math.ceilDiv(request.until - block.timestamp, request.every);
    }

    /// @dev How many instalments have come due.
    function _dueOf(Request calldata request, GrantRecord storage record) private view returns (uint16) {
        if (request.every == 0) return 1;
        uint256 due = (block.timestamp - record.grantedAt) / request.every + 1;
        // forge-lint: disable-next-line(unsafe-typecast) -- at most a number of so many bits
        return uint16(Math.min(due, record.instalments));
    }
}

// slither-disable-end timestamp,incorrect-equality
