// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Realised } from "./base/Realised.sol";
import { Rewards } from "./base/Rewards.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { IFulfilment } from "./interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IReceipts } from "./interfaces/IReceipts.sol";
import { IReferralRewards } from "./interfaces/IReferralRewards.sol";
import { MAX_URI_LENGTH } from "./libraries/Limits.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title ReferralRewards
/// @notice See {IReferralRewards}.
///
/// **One word an event.** What accrued for an event is one word, and that the word is there is what counts the
/// event once. It says how much, not for whom: that follows from whom the member is bound to, which never
/// changes. Neither does whom the referrer is bound to, because who refers cannot bind any more.
///
/// **Books.** Quota of a token here is what is left of its programmes' budgets and what accrued and was neither
/// claimed nor undone. A referrer's cap is looked at when a reward is claimed; what it cuts off is budget
/// again.
///
/// Many acts go in one transaction by {multicall}; nobody pays anything here that one act could be made to
/// count twice for.
contract ReferralRewards is IReferralRewards, Realised, Multicall {
    /// @dev What is read when an event accrues, in one word.
    struct Books {
        uint96 left;
        uint40 opensAt;
        uint40 closesAt;
        uint16 firstBps;
        uint16 secondBps;
        uint16 vestingDays;
        uint16 memberDays;
        uint8 kinds;
    }

    struct ProgrammeRecord {
        Books books;
        address attester;
        uint96 referrerCap;
        mapping(address referrer => uint96) paid;
    }

    /// @inheritdoc IReferralRewards
    uint16 public constant MIN_VESTING_DAYS = 14;
    /// @inheritdoc IReferralRewards
    uint16 public constant MAX_VESTING_DAYS = 365;
    /// @inheritdoc IReferralRewards
    uint32 public constant END_NOTICE = 14 days;
    /// @inheritdoc IReferralRewards
    uint32 public constant ACCRUAL_PERIOD = 60 days;

    // Where an accrual has what.
    uint256 private constant STATE_AT = 248;
    uint256 private constant PROGRAMME_AT = 232;
    uint256 private constant VESTS_AT = 192;
    uint256 private constant FIRST_AT = 96;

    uint256 private constant WHOLE = 10_000; // basis points
    uint256 private constant HALF = 5000;
    uint8 private constant PURCHASES = 4; // the bit of Kind.Purchase
    uint8 private constant ALL_KINDS = 7; // all three
    bytes32 private constant BINDING_TYPEHASH =
        keccak256("Binding(address token,address member,address referrer,uint256 deadline)");
    bytes32 private constant INVITATION_TYPEHASH =
        keccak256("Invitation(address token,address referrer,uint256 deadline)");
    bytes32 private constant PURCHASE_TYPEHASH = keccak256(
        "Purchase(address token,address member,bytes32 ref,uint256 amount,uint256 purchasedAt,uint256 deadline)"
    );

    mapping(address token => uint16) private _counts;
    mapping(address token => mapping(uint256 programme => ProgrammeRecord)) private _programmes;
    mapping(address token => mapping(address account => Standing)) private _standings;
    /// @dev State (8 bits) ‖ programme (16) ‖ time it vests (40) ‖ first (96) ‖ second (96), from the high bits.
    mapping(bytes32 eventKey => uint256) private _accruals;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, address redemptionDesk)
        Rewards(brandRegistry, obligationRegistry, "ReferralRewards")
        Realised(redemptionDesk)
    { }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IReferralRewards
    function createProgramme(
        address token,
        Terms calldata terms,
        address attester,
        bytes32 documentHash,
        string calldata documentURI
    ) external returns (uint16 programme) {
        // Check
        _checkNew(token);
        _checkDesk(token);
        _checkTerms(terms, attester);
        _checkLength(documentURI);
        programme = _counts[token];
        uint40 closesAt = _programmes[token][programme].books.closesAt;
        require(terms.opensAt >= closesAt, ReferralRewards_Overlaps(terms.opensAt, closesAt));

        // Effect
        _counts[token] = ++programme;
        ProgrammeRecord storage record = _programmes[token][programme];
        record.books = Books({
            left: 0,
            opensAt: terms.opensAt,
            closesAt: terms.closesAt,
            firstBps: terms.firstBps,
            secondBps: terms.secondBps,
            vestingDays: terms.vestingDays,
            memberDays: terms.memberDays,
            kinds: terms.kinds
        });
        record.attester = attester;
        record.referrerCap = terms.referrerCap;
        emit ProgrammeCreated({
            token: token,
            programme: programme,
            terms: terms,
            attester: attester,
            documentHash: documentHash,
            documentURI: documentURI
        });
    }

    /// @inheritdoc IReferralRewards
    function setAttester(address token, uint16 programme, address attester) external {
        _checkCampaigner(token);
        ProgrammeRecord storage record = _find(token, programme);
        require(record.books.kinds & PURCHASES != 0, ReferralRewards_NotCounted(Kind.Purchase));
        require(attester != address(0), ReferralRewards_InvalidTerms());
        record.attester = attester;
        emit AttesterSet({ token: token, programme: programme, attester: attester });
    }

    /// @inheritdoc IReferralRewards
    function endProgramme(address token, uint16 programme) external {
        _checkCampaigner(token);
        Books storage books = _find(token, programme).books;
        uint40 closesAt = books.closesAt;
        require(block.timestamp < closesAt, ReferralRewards_Over(closesAt));
        uint40 endsAt = uint40(block.timestamp) + END_NOTICE;
        // Not before it opens, or the next one could lie beside one that goes before it.
        if (endsAt < books.opensAt) endsAt = books.opensAt;
        if (endsAt < closesAt) closesAt = endsAt;
        books.closesAt = closesAt;
        emit ProgrammeEnded({ token: token, programme: programme, closesAt: closesAt });
    }

    /// @inheritdoc IReferralRewards
    function undo(EventId calldata id, string calldata reason) external {
        // Check
        _checkCampaigner(id.token);
        _checkLength(reason);
        require(id.kind == Kind.Purchase, ReferralRewards_Final(id.ref));
        Accrual memory accrual = _accrued(id);
        require(block.timestamp < accrual.vestsAt, ReferralRewards_Final(id.ref));

        // Effect
        _turn(id, State.Undone);
        uint16 programme = accrual.programme;
        uint96 amount = accrual.first + accrual.second;
        _programmes[id.token][programme].books.left += amount;
        emit Undone({
            token: id.token,
            member: id.member,
            ref: id.ref,
            programme: programme,
            amount: amount,
            reason: reason
        });
    }

    /// @inheritdoc IReferralRewards
    function returnRest(address token, uint16 programme) external {
        _checkCampaigner(token);
        Books storage books = _find(token, programme).books;
        uint256 from = _accruesUntil(books.closesAt);
        require(block.timestamp >= from, ReferralRewards_TooEarly(from));
        uint96 amount = books.left;
        books.left = 0;
        emit RestReturned({ token: token, programme: programme, amount: amount });
        ILoyaltyToken(token).returnQuota(amount);
    }

    // --------------------------------------------------------------- members

    /// @inheritdoc IReferralRewards
    function openReferrals(address token) external {
        _openReferrals(token, msg.sender);
    }

    /// @inheritdoc IReferralRewards
    function bind(address token, address referrer, Invitation calldata invitation) external {
        _bind(token, msg.sender, referrer, invitation);
    }

    /// @inheritdoc IReferralRewards
    function bindWithSignature(
        address token,
        address member,
        address referrer,
        Invitation calldata invitation,
        uint256 deadline,
        bytes calldata signature
    ) external {
        bytes32 binding = keccak256(abi.encode(BINDING_TYPEHASH, token, member, referrer, deadline));
        _checkSignature(member, binding, deadline, signature);
        _bind(token, member, referrer, invitation);
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IReferralRewards
    function accrueReceipt(address token, uint16 programme, address member, bytes32 nonce) external {
        // A programme is there for genuine tokens alone.
        Books memory books = _find(token, programme).books;
        IReceipts.Receipt memory receipt = _received(token, member, nonce);
        require(receipt.kind != IReceipts.Kind.None, ReferralRewards_NotRealised(token, member, nonce));
        EventId memory id = EventId({ token: token, member: member, kind: Kind.Counter, ref: nonce });
        _accrue(id, programme, books, receipt.amount, receipt.redeemedAt, receipt.redeemedAt);
    }

    /// @inheritdoc IReferralRewards
    function accrueOrder(uint16 programme, address fulfilment, IFulfilment.Order calldata order) external {
        bytes32 ref = _orderRef(fulfilment, order);
        uint40 endedAt = _fulfilledAt(fulfilment, order);
        require(endedAt != 0, ReferralRewards_NotRealised(order.token, order.member, ref));
        EventId memory id = EventId({ token: order.token, member: order.member, kind: Kind.Order, ref: ref });
        Books memory books = _find(order.token, programme).books;
        _accrue(id, programme, books, _paidFor(fulfilment, order), endedAt, endedAt);
    }

    /// @inheritdoc IReferralRewards
    function accruePurchase(uint16 programme, Purchase calldata purchase, bytes calldata signature) external {
        ProgrammeRecord storage record = _find(purchase.token, programme);
        require(
            purchase.amount <= type(uint96).max && purchase.amount != 0,
            ReferralRewards_InvalidAmount(purchase.amount)
        );
        require(purchase.purchasedAt <= block.timestamp, ReferralRewards_TooEarly(purchase.purchasedAt));
        EventId memory id = EventId({
            token: purchase.token, member: purchase.member, kind: Kind.Purchase, ref: purchase.ref
        });
        _accrue(id, programme, record.books, purchase.amount, purchase.purchasedAt, uint40(block.timestamp));
        bytes32 attested = keccak256(abi.encode(PURCHASE_TYPEHASH, purchase));
        _checkSignature(record.attester, attested, purchase.deadline, signature);
    }

    /// @inheritdoc IReferralRewards
    // slither-disable-next-line reentrancy-no-eth,reentrancy-events -- the token is the factory's code, which calls nobody
    function claim(EventId[] calldata ids) external {
        for (uint256 i = 0; i < ids.length; ++i) {
            EventId calldata id = ids[i];
            // Check
            Accrual memory accrual = _accrued(id);
            require(block.timestamp >= accrual.vestsAt, ReferralRewards_TooEarly(accrual.vestsAt));

            // Effect and interaction
            _turn(id, State.Claimed);
            address referrer = _standings[id.token][id.member].referrer;
            _reward(id, accrual.programme, referrer, 1, accrual.first);
            _reward(id, accrual.programme, _standings[id.token][referrer].referrer, 2, accrual.second);
        }
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IReferralRewards
    function programmeCount(address token) external view returns (uint16) {
        return _counts[token];
    }

    /// @inheritdoc IReferralRewards
    function programmeOf(address token, uint16 programme) external view returns (Programme memory) {
        ProgrammeRecord storage record = _find(token, programme);
        Books memory books = record.books;
        return Programme({
            terms: Terms({
                firstBps: books.firstBps,
                secondBps: books.secondBps,
                vestingDays: books.vestingDays,
                memberDays: books.memberDays,
                kinds: books.kinds,
                opensAt: books.opensAt,
                closesAt: books.closesAt,
                referrerCap: record.referrerCap
            }),
            left: books.left,
            attester: record.attester
        });
    }

    /// @inheritdoc IReferralRewards
    function standingOf(address token, address account) external view returns (Standing memory) {
        return _standings[token][account];
    }

    /// @inheritdoc IReferralRewards
    function accrualOf(EventId calldata id) external view returns (Accrual memory) {
        return _unpacked(_accruals[_keyOf(id)]);
    }

    /// @inheritdoc IReferralRewards
    function paidTo(address token, uint16 programme, address referrer) external view returns (uint96) {
        return _programmes[token][programme].paid[referrer];
    }

    /// @inheritdoc IReferralRewards
    function orderRefOf(address fulfilment, IFulfilment.Order calldata order)
        external
        pure
        returns (bytes32)
    {
        return _orderRef(fulfilment, order);
    }

    // ----------------------------------------------------- internals: binding

    function _bind(address token, address member, address referrer, Invitation calldata invitation) private {
        if (!_standings[token][referrer].refers) {
            bytes32 invited = keccak256(abi.encode(INVITATION_TYPEHASH, token, referrer, invitation.deadline));
            _checkSignature(referrer, invited, invitation.deadline, invitation.signature);
            _openReferrals(token, referrer);
        }
        // Who refers, itself for one, cannot bind: so this wallet has had no edge, and closes no circle.
        Standing memory standing = _standings[token][member];
        require(!standing.refers, ReferralRewards_RefersAlready(member));
        require(standing.referrer == address(0), ReferralRewards_AlreadyBound(member, standing.referrer));
        _standings[token][member] =
            Standing({ referrer: referrer, boundAt: uint40(block.timestamp), refers: false });
        emit Bound({ token: token, member: member, referrer: referrer });
    }

    function _openReferrals(address token, address referrer) private {
        require(!_standings[token][referrer].refers, ReferralRewards_RefersAlready(referrer));
        _standings[token][referrer].refers = true;
        emit ReferrerOpened({ token: token, referrer: referrer });
    }

    // ---------------------------------------------------- internals: accruing

    /// @dev Sets aside what an event leads to. That it happened is checked elsewhere.
    /// @param happenedAt When it happened.
    /// @param waitsFrom From when on it vests.
    function _accrue(
        EventId memory id,
        uint16 programme,
        Books memory books,
        uint256 amount,
        uint256 happenedAt,
        uint256 waitsFrom
    ) private {
        // Check
        require(books.kinds >> uint8(id.kind) & 1 != 0, ReferralRewards_NotCounted(id.kind));
        require(
            happenedAt >= books.opensAt && happenedAt < books.closesAt,
            ReferralRewards_OutsideWindow(happenedAt)
        );
        bytes32 key = _keyOf(id);
        require(_accruals[key] == 0, ReferralRewards_WrongState(id.ref, _stateOf(_accruals[key])));
        address referrer = _referrerAt(id, books.memberDays, happenedAt);
        uint256 first = amount * books.firstBps / WHOLE;
        uint256 second = books.secondBps == 0 || _standings[id.token][referrer].referrer == address(0)
            ? 0
            : amount * books.secondBps / WHOLE;
        require(first + second <= books.left, ReferralRewards_BudgetShort(first + second, books.left));

        // Effect. Amounts that the budget covers fit 96 bits.
        // forge-lint: disable-start(unsafe-typecast)
        _programmes[id.token][programme].books.left = books.left - uint96(first + second);
        waitsFrom += uint256(books.vestingDays) * 1 days;
        _accruals[key] = uint256(State.Accrued) << STATE_AT | uint256(programme) << PROGRAMME_AT | waitsFrom
            << VESTS_AT | first << FIRST_AT | second;
        emit Accrued({
            token: id.token,
            member: id.member,
            ref: id.ref,
            kind: id.kind,
            programme: programme,
            first: uint96(first),
            second: uint96(second),
            vestsAt: uint40(waitsFrom)
        });
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev To whom the member was bound when the event happened, and for not too long.
    function _referrerAt(EventId memory id, uint256 memberDays, uint256 happenedAt)
        private
        view
        returns (address)
    {
        Standing memory standing = _standings[id.token][id.member];
        require(standing.referrer != address(0), ReferralRewards_NotBound(id.member));
        bool isLate = memberDays != 0 && happenedAt >= standing.boundAt + memberDays * 1 days;
        require(happenedAt >= standing.boundAt && !isLate, ReferralRewards_OutsideMembership(happenedAt));
        return standing.referrer;
    }

    /// @dev Pays what the referrer's cap leaves; the rest is budget again.
    function _reward(EventId calldata id, uint16 programme, address referrer, uint8 level, uint256 amount)
        private
    {
        if (amount == 0) return;
        ProgrammeRecord storage record = _programmes[id.token][programme];
        uint96 paid = record.paid[referrer];
        uint256 given = Math.min(amount, record.referrerCap - paid);
        // forge-lint: disable-start(unsafe-typecast) -- parts of the token's quotas, which fit 96 bits
        if (given != amount) record.books.left += uint96(amount - given);
        record.paid[referrer] = paid + uint96(given);
        // forge-lint: disable-end(unsafe-typecast)
        emit Rewarded({
            token: id.token,
            referrer: referrer,
            member: id.member,
            ref: id.ref,
            programme: programme,
            level: level,
            amount: given
        });
        _mint(id.token, referrer, given);
    }

    /// @inheritdoc Rewards
    function _fund(address token, address from, uint256 amount, bytes calldata data) internal override {
        uint16 programme = abi.decode(data, (uint16));
        Books storage books = _find(token, programme).books;
        require(block.timestamp < _accruesUntil(books.closesAt), ReferralRewards_Over(books.closesAt));
        // forge-lint: disable-next-line(unsafe-typecast) -- a part of the token's quotas, which fit 96 bits
        books.left += uint96(amount);
        emit ProgrammeFunded({ token: token, programme: programme, from: from, amount: amount });
    }

    // ---------------------------------------------------- internals: checking

    function _checkTerms(Terms calldata terms, address attester) private pure {
        bool hasPurchases = terms.kinds & PURCHASES != 0;
        bool rewardsCount = terms.kinds & ~PURCHASES != 0;
        uint256 share = uint256(terms.firstBps) + terms.secondBps;
        bool isShare = share != 0 && share < (rewardsCount ? HALF : WHOLE);
        bool isKinds = terms.kinds != 0 && terms.kinds <= ALL_KINDS;
        bool isVesting = terms.vestingDays >= MIN_VESTING_DAYS && terms.vestingDays <= MAX_VESTING_DAYS;
        bool hasWindow = terms.opensAt < terms.closesAt;
        require(
            isShare && isKinds && isVesting && hasWindow && terms.referrerCap != 0
                && hasPurchases == (attester != address(0)),
            ReferralRewards_InvalidTerms()
        );
    }

    function _checkLength(string calldata text) private pure {
        uint256 length = bytes(text).length;
        require(length <= MAX_URI_LENGTH, ReferralRewards_URITooLong(length, MAX_URI_LENGTH));
    }

    /// @dev What accrued for an event and became of nothing yet.
    function _accrued(EventId calldata id) private view returns (Accrual memory accrual) {
        accrual = _unpacked(_accruals[_keyOf(id)]);
        require(accrual.state == State.Accrued, ReferralRewards_WrongState(id.ref, accrual.state));
    }

    function _turn(EventId calldata id, State state) private {
        bytes32 key = _keyOf(id);
        _accruals[key] = _accruals[key] << 8 >> 8 | uint256(state) << STATE_AT;
    }

    function _stateOf(uint256 word) private pure returns (State) {
        return State(word >> STATE_AT);
    }

    // Each cast cuts its field out of the word.
    // forge-lint: disable-next-item(unsafe-typecast)
    function _unpacked(uint256 word) private pure returns (Accrual memory) {
        return Accrual({
            state: _stateOf(word),
            programme: uint16(word >> PROGRAMME_AT),
            vestsAt: uint40(word >> VESTS_AT),
            first: uint96(word >> FIRST_AT),
            second: uint96(word)
        });
    }

    function _find(address token, uint256 programme) private view returns (ProgrammeRecord storage record) {
        record = _programmes[token][programme];
        require(record.books.closesAt != 0, ReferralRewards_NoProgramme(token, programme));
    }

    function _keyOf(EventId memory id) private pure returns (bytes32) {
        return keccak256(abi.encode(id));
    }

    function _accruesUntil(uint40 closesAt) private pure returns (uint256) {
        return uint256(closesAt) + ACCRUAL_PERIOD;
    }
}

// slither-disable-end timestamp
