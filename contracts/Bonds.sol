// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { Defaults } from "./base/Defaults.sol";
import { IAllotmentReceiver } from "./interfaces/IAllotmentReceiver.sol";
import { IBonds } from "./interfaces/IBonds.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";

// Notice and cure run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Bonds
/// @notice See {IBonds}.
///
/// **Books.** What is in a purse and what is owed to somebody is counted here and nowhere read from a
/// balance. Money comes in by {deposit} alone and leaves by {withdraw} and {collect} alone; each of them
/// looks at this contract's own balance before and after, and undoes everything if the currency moved
/// anything else than it was told to. So this contract holds, in each currency, at least all purses, all that is
/// owed and all that a cure has set aside (BOOK-1).
///
/// **Trust.** The currency may call back: no function that moves money, and none that calls a module, runs
/// within another. {draw} may run anywhere; it moves a claim from one account to another and calls nobody but
/// the obligation registry. A module can take its allotment, no more, whatever it does. The alliance's list
/// is asked when money is allotted; a module that is taken off it keeps what it was given, since members rely
/// on it, and gives back the rest.
///
/// **Liveness.** What is allotted is spoken for: no withdrawal, shortfall, suspension or wind-down takes it
/// away, and drawing asks nobody. What is owed can be collected for ever.
///
/// **Rounding.** What must be held is rounded up and what is covered down, each once and from the exact
/// value: coverage is at least the bond ratio exactly when nothing is missing.
///
/// **In default**, which {Defaults} decides, the brand's own ways to its money are shut, and those to the
/// holders' purse are anybody's. Paying shares moves a claim, as {draw} does, and may run anywhere.
contract Bonds is IBonds, Defaults, BrandGate, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    // Slot 0: what is in it. Slot 1: what the brand announced to take back.
    struct PurseRecord {
        uint128 value;
        uint128 allotted;
        uint128 withdrawal;
        uint40 withdrawableAt;
    }

    /// @inheritdoc IBonds
    uint32 public constant WITHDRAWAL_WINDOW = 7 days;
    /// @inheritdoc IBonds
    uint32 public constant CURE_PERIOD = 30 days;

    uint256 private constant BPS = 10_000;
    /// @dev A multiple of every token's unit, so that so many times an amount has an exact worth at par.
    uint256 private constant SCALE = 1e18;

    mapping(address token => mapping(Purse => PurseRecord)) private _purses;
    mapping(address token => mapping(Purse => mapping(address module => uint256))) private _allotments;
    mapping(address currency => mapping(address account => uint256)) private _owed;
    mapping(address token => uint40) private _cureBy;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry)
        Defaults(obligationRegistry)
        BrandGate(brandRegistry)
    { }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IBonds
    function deposit(address token, Purse purse, uint256 value) external nonReentrant {
        require(value != 0, Bonds_ZeroValue());
        uint128 added = value.toUint128();

        // What arrives is what counts, and what arrives on top is nobody's.
        IERC20 currency = IERC20(OBLIGATION_REGISTRY.currencyOf(token));
        uint256 before = currency.balanceOf(address(this));
        currency.safeTransferFrom(msg.sender, address(this), value);
        uint256 received = currency.balanceOf(address(this)) - before;
        require(received >= value, Bonds_ShortDeposit(received, value));

        _purses[token][purse].value += added;
        emit Deposited({ token: token, purse: purse, from: msg.sender, value: value });
        if (purse != Purse.Holders) return;
        bool curable = _isCurable(token);
        if (!curable && _cureBy[token] == 0) return;
        (uint256 held, uint256 required) = _heldAndRequired(token);
        if (held < required) return;
        if (curable) _cure(token);
        else _clear(token, held, required);
    }

    /// @inheritdoc IBonds
    function collect(address currency, address account) external nonReentrant returns (uint256 value) {
        return _collect(currency, account, account);
    }

    /// @inheritdoc IBonds
    function collectTo(address currency, address to) external nonReentrant returns (uint256 value) {
        return _collect(currency, msg.sender, to);
    }

    /// @inheritdoc IBonds
    function flagShortfall(address token) external {
        uint40 cureBy = _cureBy[token];
        // slither-disable-next-line incorrect-equality -- zero stands for none, it is no measure
        require(cureBy == 0, Bonds_AlreadyFlagged(token, cureBy));
        (uint256 held, uint256 required) = _heldAndRequired(token);
        require(held < required, Bonds_NoShortfall(token, held, required));
        cureBy = uint40(block.timestamp) + CURE_PERIOD;
        _cureBy[token] = cureBy;
        emit ShortfallFlagged({ token: token, held: held, required: required, cureBy: cureBy });
    }

    /// @inheritdoc IBonds
    function clearShortfall(address token) external {
        (uint256 held, uint256 required) = _heldAndRequired(token);
        require(_cureBy[token] != 0, Bonds_NoShortfall(token, held, required));
        require(held >= required, Bonds_StillShort(token, held, required));
        _clear(token, held, required);
    }

    /// @inheritdoc IBonds
    function gather(address token, Purse purse) external returns (uint256 value) {
        _checkInDefault(token);
        require(purse != Purse.Holders, Bonds_NotAllottable(purse));
        value = _freeIn(token, purse);
        require(value != 0, Bonds_ZeroValue());
        _purses[token][purse].value -= value.toUint128();
        _purses[token][Purse.Holders].value += value.toUint128();
        emit Gathered({ token: token, purse: purse, value: value });
    }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IBonds
    function allot(address token, Purse purse, address module, uint256 value, bytes calldata data)
        external
        nonReentrant
    {
        // Check
        _checkBrand(token);
        _checkNotInDefault(token);
        require(value != 0, Bonds_ZeroValue());
        require(purse != Purse.Holders, Bonds_NotAllottable(purse));
        require(BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, module), Bonds_ModuleNotListed(module));
        PurseRecord storage record = _purses[token][purse];
        uint256 free = record.value - record.allotted;
        require(value <= free, Bonds_NotEnoughFree(token, purse, value, free));

        // Effect
        record.allotted += value.toUint128();
        _allotments[token][purse][module] += value;
        if (purse == Purse.Settlement) _trust(token, module);
        emit Allotted({ token: token, purse: purse, module: module, value: value });

        // Interaction
        bytes4 magic = IAllotmentReceiver(module).onAllotted(token, uint8(purse), value, data);
        require(magic == IAllotmentReceiver.onAllotted.selector, Bonds_ModuleRefused(module));
    }

    /// @inheritdoc IBonds
    /// @dev The module is asked first and may draw meanwhile: what it may draw on is read afterwards.
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign -- as just said
    function reclaim(address token, Purse purse, address module, uint256 value, bytes calldata data)
        external
        nonReentrant
    {
        if (!isInDefault(token)) _checkBrand(token);
        require(value != 0, Bonds_ZeroValue());
        _checkAllotment(token, purse, module, value);
        bytes4 magic = IAllotmentReceiver(module).onReclaimed(token, uint8(purse), value, data);
        require(magic == IAllotmentReceiver.onReclaimed.selector, Bonds_ModuleRefused(module));
        _takeAllotment(token, purse, module, value);
        emit Reclaimed({ token: token, purse: purse, module: module, value: value });
    }

    /// @inheritdoc IBonds
    function announceWithdrawal(address token, Purse purse, uint256 value) external {
        _checkBrand(token);
        _checkNotInDefault(token);
        require(value != 0, Bonds_ZeroValue());
        uint40 withdrawableAt = uint40(block.timestamp) + OBLIGATION_REGISTRY.noticePeriodOf(token);
        PurseRecord storage record = _purses[token][purse];
        record.withdrawal = value.toUint128();
        record.withdrawableAt = withdrawableAt;
        emit WithdrawalAnnounced({
            token: token,
            purse: purse,
            value: value,
            withdrawableAt: withdrawableAt,
            until: withdrawableAt + WITHDRAWAL_WINDOW
        });
    }

    /// @inheritdoc IBonds
    function cancelWithdrawal(address token, Purse purse) external {
        _checkBrand(token);
        _useAnnouncement(token, purse);
        emit WithdrawalCancelled({ token: token, purse: purse });
    }

    /// @inheritdoc IBonds
    function withdraw(address token, Purse purse, address to) external nonReentrant returns (uint256 value) {
        // Check
        _checkBrand(token);
        _checkPayee(to);
        _checkNotInDefault(token);
        (uint256 announced, uint40 from) = _useAnnouncement(token, purse);
        require(
            block.timestamp >= from && block.timestamp < from + WITHDRAWAL_WINDOW,
            Bonds_WithdrawalNotDue(token, purse, from, from + WITHDRAWAL_WINDOW)
        );
        if (purse == Purse.Holders) _checkNotWindingDown(token);
        uint256 free = _freeIn(token, purse);
        value = announced < free ? announced : free;
        require(value != 0, Bonds_NotEnoughFree(token, purse, announced, 0));

        // Effect
        _purses[token][purse].value -= value.toUint128();
        emit Withdrawn({ token: token, purse: purse, to: to, value: value });

        // Interaction
        _pay(OBLIGATION_REGISTRY.currencyOf(token), to, value);
    }

    // --------------------------------------------------------------- modules

    /// @inheritdoc IBonds
    function draw(address token, Purse purse, address payee, uint256 value) external {
        require(value != 0, Bonds_ZeroValue());
        _checkPayee(payee);
        _takeAllotment(token, purse, msg.sender, value);
        _purses[token][purse].value -= value.toUint128();
        _owe(token, payee, value);
        emit Drawn({ token: token, purse: purse, module: msg.sender, payee: payee, value: value });
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IBonds
    function purseOf(address token, Purse purse) external view returns (PurseView memory) {
        PurseRecord storage record = _purses[token][purse];
        uint40 from = record.withdrawableAt;
        return PurseView({
            value: record.value,
            allotted: record.allotted,
            required: purse == Purse.Holders ? requiredOf(token) : 0,
            withdrawal: record.withdrawal,
            withdrawableAt: from,
            withdrawableUntil: from == 0 ? 0 : from + WITHDRAWAL_WINDOW
        });
    }

    /// @inheritdoc IBonds
    function allotmentOf(address token, Purse purse, address module) external view returns (uint256) {
        return _allotments[token][purse][module];
    }

    /// @inheritdoc IBonds
    function owedTo(address currency, address account) external view returns (uint256) {
        return _owed[currency][account];
    }

    /// @inheritdoc IBonds
    function requiredOf(address token) public view returns (uint256) {
        uint256 ratio = OBLIGATION_REGISTRY.bondRatioOf(token);
        if (ratio == 0) return 0;
        (uint256 handedIn, uint256 paid) = _shared(token);
        // Rounded up twice, which for two divisions in a row is as if once.
        uint256 worth = OBLIGATION_REGISTRY.valueUp(token, (_outstanding(token) + handedIn) * ratio);
        return Math.saturatingSub(Math.ceilDiv(worth, BPS), paid);
    }

    /// @inheritdoc IBonds
    function coverageOf(address token) external view returns (uint256) {
        uint256 worth = OBLIGATION_REGISTRY.valueUp(token, _outstanding(token) * SCALE);
        if (worth == 0) return BPS;
        return Math.min(Math.mulDiv(_purses[token][Purse.Holders].value * BPS, SCALE, worth), BPS);
    }

    /// @inheritdoc IBonds
    function cureByOf(address token) external view returns (uint40) {
        return _cureBy[token];
    }

    // ------------------------------------------------------------- internals

    /// @dev The caller decides for the token's brand, in whatever status. Only of tokens that are obliged,
    /// hence genuine, is the brand known.
    function _checkBrand(address token) private view {
        // slither-disable-next-line unused-return -- called because it reverts for others
        OBLIGATION_REGISTRY.currencyOf(token);
        _checkAdmin(ILoyaltyToken(token).brandId());
    }

    function _checkPayee(address payee) private view {
        require(payee != address(0) && payee != address(this), Bonds_InvalidAccount(payee));
    }

    function _checkNotWindingDown(address token) private view {
        uint40 endsAt = OBLIGATION_REGISTRY.windDownEndOf(token);
        require(block.timestamp >= endsAt, Bonds_WindingDown(token, endsAt));
    }

    function _checkAllotment(address token, Purse purse, address module, uint256 value)
        private
        view
        returns (uint256 allotted)
    {
        allotted = _allotments[token][purse][module];
        require(value <= allotted, Bonds_AllotmentExceeded(token, purse, module, value, allotted));
    }

    function _takeAllotment(address token, Purse purse, address module, uint256 value) private {
        _allotments[token][purse][module] = _checkAllotment(token, purse, module, value) - value;
        _purses[token][purse].allotted -= value.toUint128();
    }

    function _useAnnouncement(address token, Purse purse) private returns (uint256 announced, uint40 from) {
        PurseRecord storage record = _purses[token][purse];
        (announced, from) = (record.withdrawal, record.withdrawableAt);
        require(announced != 0, Bonds_NoWithdrawal(token, purse));
        (record.withdrawal, record.withdrawableAt) = (0, 0);
    }

    function _clear(address token, uint256 held, uint256 required) private {
        _cureBy[token] = 0;
        emit ShortfallCured({ token: token, held: held, required: required });
    }

    /// @inheritdoc Defaults
    function _owe(address token, address account, uint256 value) internal override {
        _owed[OBLIGATION_REGISTRY.currencyOf(token)][account] += value;
    }

    function _collect(address currency, address account, address to) private returns (uint256 value) {
        _checkPayee(to);
        value = _owed[currency][account];
        require(value != 0, Bonds_ZeroValue());
        _owed[currency][account] = 0;
        emit Collected({ currency: currency, account: account, to: to, value: value });
        _pay(currency, to, value);
    }

    /// @dev Exactly `value` leaves, or nothing has happened: less would lose the payee's claim, more would be
    /// others' money.
    function _pay(address currency, address to, uint256 value) private {
        uint256 before = IERC20(currency).balanceOf(address(this));
        IERC20(currency).safeTransfer(to, value);
        uint256 left = IERC20(currency).balanceOf(address(this));
        // slither-disable-next-line incorrect-equality -- a payee who sends money back undoes its own payment
        require(left + value == before, Bonds_WrongPayment(before, left, value));
    }

    /// @inheritdoc Defaults
    function _outstanding(address token) internal view override returns (uint256) {
        return ILoyaltyToken(token).totalSupply() + ILoyaltyToken(token).totalQuota();
    }

    function _heldAndRequired(address token) private view returns (uint256 held, uint256 required) {
        return (_purses[token][Purse.Holders].value, requiredOf(token));
    }

    /// @dev What is neither allotted nor required.
    function _freeIn(address token, Purse purse) private view returns (uint256) {
        PurseRecord storage record = _purses[token][purse];
        uint256 bound = purse == Purse.Holders ? requiredOf(token) : record.allotted;
        return Math.saturatingSub(record.value, bound);
    }

    // -------------------------------------------------- internals: in default

    /// @inheritdoc Defaults
    function _potLeft(address token) internal view override returns (uint256) {
        return _purses[token][Purse.Holders].value;
    }

    /// @inheritdoc Defaults
    function _takeFromPot(address token, uint256 value) internal override {
        _purses[token][Purse.Holders].value -= value.toUint128();
    }

    /// @inheritdoc Defaults
    function _isShortPastCure(address token) internal view override returns (bool) {
        uint40 cureBy = _cureBy[token];
        // slither-disable-next-line incorrect-equality -- zero stands for none, it is no measure
        if (cureBy == 0 || block.timestamp < cureBy) return false;
        (uint256 held, uint256 required) = _heldAndRequired(token);
        return held < required;
    }

    /// @inheritdoc Defaults
    function _checkWhole(address token) internal view override {
        (uint256 held, uint256 required) = _heldAndRequired(token);
        require(held >= required, Bonds_StillShort(token, held, required));
    }

    /// @inheritdoc Defaults
    function _clearFlag(address token) internal override {
        // slither-disable-next-line incorrect-equality -- zero stands for none, it is no measure
        if (_cureBy[token] == 0) return;
        (uint256 held, uint256 required) = _heldAndRequired(token);
        _clear(token, held, required);
    }

    /// @inheritdoc Defaults
    function _cancelWithdrawals(address token) internal override {
        for (uint256 i = 0; i <= uint256(type(Purse).max); ++i) {
            Purse purse = Purse(i);
            // slither-disable-next-line incorrect-equality -- zero stands for none, it is no measure
            if (_purses[token][purse].withdrawal == 0) continue;
            (_purses[token][purse].withdrawal, _purses[token][purse].withdrawableAt) = (0, 0);
            emit WithdrawalCancelled({ token: token, purse: purse });
        }
    }
}

// slither-disable-end timestamp
