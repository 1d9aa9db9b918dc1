// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { IDefaults } from "../interfaces/IDefaults.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";

// Periods run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Defaults
/// @notice See {IDefaults}. Where the money lies and what it is for is the business of the contract that builds
/// on this one; when a token is in default, and who shares how much, is decided here.
///
/// **Sharing.** Base and pot are read, not kept: the base is supply, quotas and what was handed in, the pot what
/// is in the holders' purse and what was paid out of it. Handing tokens in burns them and leaves the base as it
/// is; so do mints out of modules' quotas. Redemptions, other burns and quotas that are given back lower it, and
/// nothing raises it while issuing is stopped. Money comes in at any time and leaves by shares alone. So
/// `pot / base` never falls, and neither does any account's part. A cure writes both down, and sets aside what
/// those who handed in have not fetched yet.
///
/// **Enough for all.** The parts are `⌊u · pot / base⌋` each, of `u` that are together at most the base: never
/// more than the pot, in whatever order. That a part is at most par is looked at account by account, so that no
/// rounding of the whole can take from anybody what was paid already.
///
/// **Trust.** A report is believed if the brand once relied on the module that makes it, which the alliance
/// listed: such a module could at worst put a brand in default that does not owe, and would get nothing for
/// it. The obligation registry and the factory's tokens are ours.
abstract contract Defaults is IDefaults, IERC1363Receiver {
    using SafeCast for uint256;

    struct DefaultRecord {
        uint40 declaredAt;
        uint32 round;
        uint32 reports;
    }

    // Slot 0: what holders did and got. Slot 1: pot and base at the cure; zero before.
    struct RoundRecord {
        uint96 handedIn;
        uint128 paid;
        uint128 pot;
        uint128 base;
    }

    /// @notice What each brand owes to the holders of its token.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;

    mapping(address token => DefaultRecord) private _defaults;
    mapping(address token => mapping(uint32 round => RoundRecord)) private _rounds;
    mapping(bytes32 shareKey => Share) private _shares;
    mapping(address token => mapping(address module => mapping(bytes32 debtId => bool))) private _reported;
    mapping(address token => mapping(address module => bool)) private _trusted;

    constructor(IObligationRegistry obligationRegistry) {
        OBLIGATION_REGISTRY = obligationRegistry;
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IDefaults
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign,reentrancy-events -- our own registry is called
    function declareDefault(address token) external {
        DefaultRecord storage record = _defaults[token];
        _checkNotInDefault(token);
        require(record.reports != 0 || _isShortPastCure(token), Defaults_NoGrounds(token));
        uint32 round = record.round + 1;
        (record.round, record.declaredAt) = (round, uint40(block.timestamp));
        _cancelWithdrawals(token);
        OBLIGATION_REGISTRY.setInDefault(token, true);
        (uint256 pot, uint256 base) = _potAndBase(token, round);
        emit DefaultDeclared({ token: token, round: round, pot: pot, base: base });
    }

    /// @inheritdoc IDefaults
    function cureDefault(address token) external {
        _checkInDefault(token);
        uint32 reports = _defaults[token].reports;
        require(reports == 0, Defaults_Unpaid(token, reports));
        _checkWhole(token);
        _cure(token);
    }

    /// @inheritdoc IDefaults
    function payShare(address token, uint32 round, address account) external returns (uint256 value) {
        value = _payShare(token, round, account, 0, type(uint256).max);
        require(value != 0, Defaults_NothingToPay(token, account, 0));
    }

    // --------------------------------------------------------------- holders

    /// @inheritdoc IERC1363Receiver
    /// @dev Only a genuine token gets through: it is in default. What is handed in for a debt is paid by
    /// {payShareOf}.
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign,reentrancy-events -- as just said
    function onTransferReceived(address, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        address token = msg.sender;
        _checkInDefault(token);
        uint32 round = _defaults[token].round;
        bytes32 debtId = data.length == 0 ? bytes32(0) : abi.decode(data, (bytes32));
        uint96 amount = value.toUint96();
        _rounds[token][round].handedIn += amount;
        _shares[_shareKey(token, round, from, debtId)].handedIn += amount;
        emit HandedIn({ token: token, account: from, debtId: debtId, amount: amount });
        ILoyaltyToken(token).burn(amount);
        // slither-disable-next-line unused-return -- there may be nothing yet
        if (debtId == 0) _payShare(token, round, from, 0, type(uint256).max);
        return IERC1363Receiver.onTransferReceived.selector;
    }

    // --------------------------------------------------------------- modules

    /// @inheritdoc IDefaults
    function report(address token, bytes32 debtId) external {
        require(_trusted[token][msg.sender], Defaults_NotTrusted(token, msg.sender));
        require(!_reported[token][msg.sender][debtId], Defaults_AlreadyReported(token, msg.sender, debtId));
        _reported[token][msg.sender][debtId] = true;
        uint32 reports = ++_defaults[token].reports;
        emit DebtReported({ token: token, module: msg.sender, debtId: debtId, reports: reports });
    }

    /// @inheritdoc IDefaults
    function withdrawReport(address token, bytes32 debtId) external {
        require(_reported[token][msg.sender][debtId], Defaults_NotReported(token, msg.sender, debtId));
        _reported[token][msg.sender][debtId] = false;
        uint32 reports = --_defaults[token].reports;
        emit ReportWithdrawn({ token: token, module: msg.sender, debtId: debtId, reports: reports });
    }

    /// @inheritdoc IDefaults
    function payShareOf(address token, uint32 round, bytes32 debtId, uint256 most)
        external
        returns (uint256 value)
    {
        value = _payShare(token, round, msg.sender, debtId, most);
        require(value != 0, Defaults_NothingToPay(token, msg.sender, debtId));
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IDefaults
    function defaultOf(address token) external view returns (Default memory facts) {
        DefaultRecord storage record = _defaults[token];
        facts.round = record.round;
        facts.declaredAt = record.declaredAt;
        facts.reports = record.reports;
        facts.paid = _rounds[token][facts.round].paid;
        facts.handedIn = _rounds[token][facts.round].handedIn;
        (facts.pot, facts.base) = _potAndBase(token, facts.round);
    }

    /// @inheritdoc IDefaults
    function isInDefault(address token) public view returns (bool) {
        return _defaults[token].declaredAt != 0;
    }

    /// @inheritdoc IDefaults
    function mayReport(address token, address module) external view returns (bool) {
        return _trusted[token][module];
    }

    /// @inheritdoc IDefaults
    function isReported(address token, address module, bytes32 debtId) external view returns (bool) {
        return _reported[token][module][debtId];
    }

    /// @inheritdoc IDefaults
    function shareOf(address token, uint32 round, address account, bytes32 debtId)
        external
        view
        returns (Share memory)
    {
        return _shares[_shareKey(token, round, account, debtId)];
    }

    /// @inheritdoc IDefaults
    function payableShareOf(address token, uint32 round, address account, bytes32 debtId)
        external
        view
        returns (uint256 value)
    {
        Share memory share = _shares[_shareKey(token, round, account, debtId)];
        return _partOf(token, round, share.handedIn) - share.paid;
    }

    // ----------------------------------- internals: for the contract on top

    /// @dev What is in the holders' purse.
    function _potLeft(address token) internal view virtual returns (uint256 value);

    function _takeFromPot(address token, uint256 value) internal virtual;

    /// @dev What was taken from the pot is owed to an account from here on.
    function _owe(address token, address account, uint256 value) internal virtual;

    /// @dev All that holders have and all that is promised.
    function _outstanding(address token) internal view virtual returns (uint256 amount);

    /// @dev The holders' purse is short, and the time to cure that is over.
    function _isShortPastCure(address token) internal view virtual returns (bool);

    /// @dev The holders' purse holds what is required.
    function _checkWhole(address token) internal view virtual;

    /// @dev A flagged shortfall is made good.
    function _clearFlag(address token) internal virtual;

    function _cancelWithdrawals(address token) internal virtual;

    /// @dev From here on what the module reports counts.
    function _trust(address token, address module) internal {
        _trusted[token][module] = true;
    }

    function _checkInDefault(address token) internal view {
        require(isInDefault(token), Defaults_NotInDefault(token));
    }

    function _checkNotInDefault(address token) internal view {
        require(!isInDefault(token), Defaults_InDefault(token));
    }

    /// @dev In default with all reported debts paid, so that a whole purse ends it.
    function _isCurable(address token) internal view returns (bool) {
        DefaultRecord storage record = _defaults[token];
        return record.declaredAt != 0 && record.reports == 0;
    }

    /// @dev What was handed in in the present default, and what was paid for it.
    function _shared(address token) internal view returns (uint256 handedIn, uint256 paid) {
        if (!isInDefault(token)) return (0, 0);
        RoundRecord storage round = _rounds[token][_defaults[token].round];
        return (round.handedIn, round.paid);
    }

    function _cure(address token) internal {
        uint32 round = _defaults[token].round;
        RoundRecord storage record = _rounds[token][round];
        (uint256 pot, uint256 base) = _potAndBase(token, round);
        uint256 setAside = _partOf(token, round, record.handedIn) - record.paid;
        _clearFlag(token);
        (record.pot, record.base) = (pot.toUint128(), base.toUint128());
        _defaults[token].declaredAt = 0;
        if (setAside != 0) _takeFromPot(token, setAside);
        emit DefaultCured({ token: token, round: round, pot: pot, base: base, setAside: setAside });
        OBLIGATION_REGISTRY.setInDefault(token, false);
    }

    // ------------------------------------------------------------- internals

    function _payShare(address token, uint32 round, address account, bytes32 debtId, uint256 most)
        private
        returns (uint256 value)
    {
        Share storage share = _shares[_shareKey(token, round, account, debtId)];
        value = Math.min(_partOf(token, round, share.handedIn) - share.paid, most);
        // slither-disable-next-line incorrect-equality -- nothing yet
        if (value == 0) return 0;
        // forge-lint: disable-start(unsafe-typecast) -- at most what is in a purse
        share.paid += uint128(value);
        _rounds[token][round].paid += uint128(value);
        // forge-lint: disable-end(unsafe-typecast)
        emit SharePaid({ token: token, round: round, account: account, debtId: debtId, value: value });
        if (_isOpen(token, round)) _takeFromPot(token, value);
        _owe(token, account, value);
    }

    /// @dev What so many tokens may have got by now, or might have got by the cure.
    function _partOf(address token, uint32 round, uint256 handedIn) private view returns (uint256) {
        if (handedIn == 0) return 0;
        (uint256 pot, uint256 base) = _potAndBase(token, round);
        return Math.min(Math.mulDiv(handedIn, pot, base), OBLIGATION_REGISTRY.valueDown(token, handedIn));
    }

    function _potAndBase(address token, uint32 round) private view returns (uint256 pot, uint256 base) {
        RoundRecord storage record = _rounds[token][round];
        if (!_isOpen(token, round)) return (record.pot, record.base);
        return (_potLeft(token) + record.paid, _outstanding(token) + record.handedIn);
    }

    function _isOpen(address token, uint32 round) private view returns (bool) {
        // slither-disable-next-line incorrect-equality -- of numbers that count
        return isInDefault(token) && _defaults[token].round == round;
    }

    /// @dev Each default has shares of its own.
    function _shareKey(address token, uint32 round, address account, bytes32 debtId)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(token, round, account, debtId));
    }
}

// slither-disable-end timestamp
