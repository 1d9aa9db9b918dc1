// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { BrandGate } from "./base/BrandGate.sol";
import { IAllotmentReceiver } from "./interfaces/IAllotmentReceiver.sol";
import { IBonds } from "./interfaces/IBonds.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { ISettlements } from "./interfaces/ISettlements.sol";
import { ISettlementSource } from "./interfaces/ISettlementSource.sol";

/// @title Settlements
/// @notice See {ISettlements}.
///
/// **Books.** Money here is what settlements received and claims have not taken, and what was prepaid for
/// those to come; tokens here are liens. Each is counted, never read from a balance; what arrives and leaves
/// is measured, so that what is merely sent here is nobody's (BOOK-1). An asset has one book, whatever it is
/// here as: a source may well name as a lien what is money to another settlement.
///
/// **Sources are not trusted.** A source can open settlements of its own pools alone, whose claims are as
/// much as their debts and whose liens have really come. It can make debts up, which nothing stands behind
/// but what a brand laid down for this very source, while the alliance listed it. Nor can it have a brand
/// reported that never did so.
///
/// **Sharing.** A claim is worth `received · claim / total`, rounded down, less what it took. All claims are
/// together the total, so that they are never worth more than what has come in, in whatever order.
contract Settlements is ISettlements, IAllotmentReceiver, BrandGate, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    struct Prepayment {
        address currency;
        uint96 value;
    }

    /// @notice What each brand owes to the holders of its token.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;
    /// @notice What brands laid down.
    IBonds public immutable BONDS;

    mapping(bytes32 settlementId => Settlement) private _settlements;
    mapping(bytes32 settlementId => mapping(address token => Debt)) private _debts;
    mapping(bytes32 settlementId => mapping(address claimant => Claim)) private _claims;
    mapping(address source => mapping(bytes32 pool => mapping(address token => Account))) private _accounts;
    mapping(address source => mapping(bytes32 pool => Prepayment)) private _prepaid;
    /// @dev Whether a brand ever laid money down for a source.
    mapping(address token => mapping(address source => bool)) private _trusted;
    /// @dev How much of an asset, currency or token, has to be here.
    mapping(address asset => uint256) private _books;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, IBonds bonds)
        BrandGate(brandRegistry)
    {
        OBLIGATION_REGISTRY = obligationRegistry;
        BONDS = bonds;
    }

    // ----------------------------------------------------------------- bonds

    /// @inheritdoc IAllotmentReceiver
    function onAllotted(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        (address source, bytes32 pool) = _fund(purse, data);
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, source), Settlements_SourceNotListed(source)
        );
        Account storage account = _accounts[source][pool][token];
        account.bond += value.toUint128();
        _trusted[token][source] = true;
        emit BondChanged({ source: source, pool: pool, token: token, bond: account.bond });
        ISettlementSource(source).onAccountChanged(pool, token, account.bond, account.unpaid);
        return IAllotmentReceiver.onAllotted.selector;
    }

    /// @inheritdoc IAllotmentReceiver
    function onReclaimed(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        (address source, bytes32 pool) = _fund(purse, data);
        Account storage account = _accounts[source][pool][token];
        uint256 free = Math.saturatingSub(account.bond, account.unpaid);
        require(value <= free, Settlements_NotFree(value, free));
        // forge-lint: disable-next-line(unsafe-typecast) -- at most the bond
        account.bond -= uint128(value);
        emit BondChanged({ source: source, pool: pool, token: token, bond: account.bond });
        ISettlementSource(source).onBondReclaimed(pool, token, account.bond, account.unpaid);
        return IAllotmentReceiver.onReclaimed.selector;
    }

    // --------------------------------------------------------------- sources

    /// @inheritdoc ISettlements
    function open(
        bytes32 pool,
        uint32 period,
        address currency,
        uint40 dueAt,
        Line[] calldata lines,
        address treasury,
        uint128 treasuryClaim
    ) external nonReentrant {
        // Check
        bytes32 settlementId = settlementIdOf(msg.sender, pool, period);
        require(_settlements[settlementId].dueAt == 0, Settlements_AlreadyOpen(settlementId));
        require(dueAt != 0, Settlements_NotOpen(settlementId));

        // Effect
        uint256 prepaid = _usePrepaid(pool, currency);
        uint256 due = prepaid;
        uint256 claimed = treasuryClaim;
        for (uint256 i = 0; i < lines.length; ++i) {
            due += lines[i].owed;
            claimed += lines[i].claim;
            if (lines[i].owed != 0) _openDebt(settlementId, pool, lines[i]);
            if (lines[i].claim != 0) _openClaim(settlementId, lines[i].token, lines[i].claim);
        }
        if (treasuryClaim != 0) _openClaim(settlementId, treasury, treasuryClaim);
        require(due == claimed, Settlements_Unbalanced(due, claimed));
        _settlements[settlementId] = Settlement({
            currency: currency, dueAt: dueAt, total: due.toUint128(), received: prepaid.toUint128()
        });
        emit SettlementOpened({
            source: msg.sender,
            pool: pool,
            period: period,
            currency: currency,
            dueAt: dueAt,
            total: due,
            prepaid: prepaid
        });
    }

    // --------------------------------------------------------------- debtors

    /// @inheritdoc ISettlements
    /// @dev What the source says it is, is what the caller pays, unless that is more than the caller said.
    // slither-disable-next-line reentrancy-benign,reentrancy-no-eth -- nothing that moves money runs within another
    function prepay(ISettlementSource source, bytes32 pool, address token, uint256 amount, uint256 most)
        external
        nonReentrant
        returns (uint256 value)
    {
        address currency;
        uint256 taken;
        (currency, taken, value) = source.onPrepaid(pool, token, amount);
        require(value != 0, Settlements_ZeroValue());
        require(value <= most, Settlements_TooDear(value, most));
        Prepayment storage prepaid = _prepaid[address(source)][pool];
        // slither-disable-next-line incorrect-equality -- none yet
        if (prepaid.value == 0) prepaid.currency = currency;
        require(prepaid.currency == currency, Settlements_OtherCurrency(prepaid.currency, currency));
        prepaid.value += value.toUint96();
        emit Prepaid({
            source: address(source), pool: pool, token: token, payer: msg.sender, amount: taken, value: value
        });
        _receive(currency, value);
    }

    /// @inheritdoc ISettlements
    function pay(address source, bytes32 pool, uint32 period, address token, uint256 most)
        external
        nonReentrant
        returns (uint256 value)
    {
        bytes32 settlementId = settlementIdOf(source, pool, period);
        uint256 unpaid = _unpaid(settlementId, token);
        value = most < unpaid ? most : unpaid;
        require(value != 0, Settlements_ZeroValue());
        uint256 burned = _book(settlementId, source, pool, token, value, msg.sender);
        _receive(_settlements[settlementId].currency, value);
        _release(settlementId, source, pool, token, burned);
    }

    /// @inheritdoc ISettlements
    // slither-disable-next-line reentrancy-no-eth -- nothing that moves money runs within another
    function enforce(address source, bytes32 pool, uint32 period, address token)
        external
        nonReentrant
        returns (uint256 value)
    {
        // Check
        bytes32 settlementId = settlementIdOf(source, pool, period);
        uint256 unpaid = _unpaid(settlementId, token);
        _checkDue(settlementId);
        Account storage account = _accounts[source][pool][token];
        value = Math.min(unpaid, account.bond);
        require(value != 0, Settlements_NoBond(source, pool, token));

        // Effect
        // forge-lint: disable-next-line(unsafe-typecast) -- at most the bond
        account.bond -= uint128(value);
        address currency = _settlements[settlementId].currency;
        _books[currency] += value;
        emit BondChanged({ source: source, pool: pool, token: token, bond: account.bond });
        uint256 burned = _book(settlementId, source, pool, token, value, address(BONDS));

        // Interaction
        BONDS.draw(token, IBonds.Purse.Settlement, address(this), value);
        _collect(currency, value);
        _release(settlementId, source, pool, token, burned);
    }

    // --------------------------------------------------------------- default

    /// @inheritdoc ISettlements
    function report(address source, bytes32 pool, uint32 period, address token) external {
        bytes32 settlementId = settlementIdOf(source, pool, period);
        // slither-disable-next-line unused-return -- called because it reverts where nothing is unpaid
        _unpaid(settlementId, token);
        uint40 reportableAt = _settlements[settlementId].dueAt + BONDS.CURE_PERIOD();
        // slither-disable-next-line timestamp -- long due
        require(block.timestamp >= reportableAt, Settlements_NotReportable(settlementId, reportableAt));
        _checkNoBond(source, pool, token);
        require(_trusted[token][source], Settlements_NotTrusted(source, token));
        _debts[settlementId][token].reported = true;
        BONDS.report(token, settlementId);
    }

    /// @inheritdoc ISettlements
    function offset(address source, bytes32 pool, uint32 claimPeriod, uint32 debtPeriod, address token)
        external
        nonReentrant
        returns (uint256 value)
    {
        _checkInDefault(token);
        bytes32 settlementId = settlementIdOf(source, pool, claimPeriod);
        bytes32 debtId = settlementIdOf(source, pool, debtPeriod);
        uint256 unpaid = _unpaid(debtId, token);
        address currency = _settlements[settlementId].currency;
        address other = _settlements[debtId].currency;
        value = _take(settlementId, token, unpaid);
        require(currency == other, Settlements_OtherCurrency(currency, other));
        emit ClaimPaid({
            settlementId: settlementId, claimant: token, to: address(this), value: value, toHolders: 0
        });
        // What one settlement gives the other has.
        _books[currency] += value;
        uint256 burned = _book(debtId, source, pool, token, value, address(this));
        _release(debtId, source, pool, token, burned);
    }

    /// @inheritdoc ISettlements
    /// @dev Due and enforced first: what was laid down for a debt pays it before holders share with it.
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign -- nothing that moves money runs within another
    function cashOut(address source, bytes32 pool, uint32 period, address token)
        external
        nonReentrant
        returns (uint256 value)
    {
        // Check
        bytes32 settlementId = settlementIdOf(source, pool, period);
        uint256 lien = _debts[settlementId][token].lien;
        if (lien != 0) _checkInDefault(token);
        uint256 unpaid = _unpaid(settlementId, token);
        _checkDue(settlementId);
        _checkNoBond(source, pool, token);

        // Interaction
        if (lien != 0) {
            _debts[settlementId][token].lien = 0;
            _books[token] -= lien;
            // slither-disable-next-line unused-return -- it reverts where it fails
            ILoyaltyToken(token).transferAndCall(address(BONDS), lien, abi.encode(settlementId));
        }
        value = BONDS.payShareOf(token, BONDS.defaultOf(token).round, settlementId, unpaid);

        // Effect
        address currency = _settlements[settlementId].currency;
        _books[currency] += value;
        uint256 burned = _book(settlementId, source, pool, token, value, address(BONDS));

        // Interaction
        _collect(currency, value);
        _release(settlementId, source, pool, token, burned);
    }

    // ------------------------------------------------------------- claimants

    /// @inheritdoc ISettlements
    function withdraw(address source, bytes32 pool, uint32 period, address token, address to)
        external
        nonReentrant
        returns (uint256 value)
    {
        bytes32 settlementId = settlementIdOf(source, pool, period);
        _checkPayee(to);
        require(_claims[settlementId][token].value != 0, Settlements_NothingToTake(settlementId, token));
        _checkAdmin(ILoyaltyToken(token).brandId());
        _checkOwesNothing(source, pool, token);
        value = _take(settlementId, token, type(uint256).max);
        uint256 toHolders = Math.min(value, _missing(token));
        emit ClaimPaid({
            settlementId: settlementId, claimant: token, to: to, value: value, toHolders: toHolders
        });
        address currency = _settlements[settlementId].currency;
        if (toHolders != 0) _deposit(currency, token, toHolders);
        if (value != toHolders) _pay(currency, to, value - toHolders);
    }

    /// @inheritdoc ISettlements
    function fillHolders(address source, bytes32 pool, uint32 period, address token)
        external
        nonReentrant
        returns (uint256 value)
    {
        bytes32 settlementId = settlementIdOf(source, pool, period);
        _checkOwesNothing(source, pool, token);
        value = _take(settlementId, token, _missing(token));
        emit ClaimPaid({
            settlementId: settlementId, claimant: token, to: address(BONDS), value: value, toHolders: value
        });
        _deposit(_settlements[settlementId].currency, token, value);
    }

    /// @inheritdoc ISettlements
    function withdrawTreasury(address source, bytes32 pool, uint32 period, address to)
        external
        nonReentrant
        returns (uint256 value)
    {
        bytes32 settlementId = settlementIdOf(source, pool, period);
        _checkPayee(to);
        value = _take(settlementId, msg.sender, type(uint256).max);
        emit ClaimPaid({
            settlementId: settlementId, claimant: msg.sender, to: to, value: value, toHolders: 0
        });
        _pay(_settlements[settlementId].currency, to, value);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc ISettlements
    function settlementIdOf(address source, bytes32 pool, uint32 period) public pure returns (bytes32) {
        return keccak256(abi.encode(source, pool, period));
    }

    /// @inheritdoc ISettlements
    function settlementOf(bytes32 settlementId) external view returns (Settlement memory) {
        return _settlements[settlementId];
    }

    /// @inheritdoc ISettlements
    function debtOf(bytes32 settlementId, address token) external view returns (Debt memory) {
        return _debts[settlementId][token];
    }

    /// @inheritdoc ISettlements
    function claimOf(bytes32 settlementId, address claimant) external view returns (Claim memory) {
        return _claims[settlementId][claimant];
    }

    /// @inheritdoc ISettlements
    function payableOf(bytes32 settlementId, address claimant) public view returns (uint256 value) {
        Claim storage claim = _claims[settlementId][claimant];
        if (claim.value == 0) return 0;
        Settlement storage settlement = _settlements[settlementId];
        return Math.mulDiv(claim.value, settlement.received, settlement.total) - claim.taken;
    }

    /// @inheritdoc ISettlements
    function accountOf(address source, bytes32 pool, address token) external view returns (Account memory) {
        return _accounts[source][pool][token];
    }

    /// @inheritdoc ISettlements
    function prepaidOf(address source, bytes32 pool) external view returns (uint256 value) {
        return _prepaid[source][pool].value;
    }

    // ------------------------------------------------------------- internals

    function _fund(uint8 purse, bytes calldata data) private view returns (address source, bytes32 pool) {
        require(msg.sender == address(BONDS), Settlements_NotBonds(msg.sender));
        require(purse == uint8(IBonds.Purse.Settlement), Settlements_WrongPurse(purse));
        return abi.decode(data, (address, bytes32));
    }

    function _usePrepaid(bytes32 pool, address currency) private returns (uint256 value) {
        Prepayment storage prepaid = _prepaid[msg.sender][pool];
        value = prepaid.value;
        // slither-disable-next-line incorrect-equality -- none
        if (value == 0) return 0;
        require(prepaid.currency == currency, Settlements_OtherCurrency(prepaid.currency, currency));
        prepaid.value = 0;
    }

    /// @dev The lien has come on top of all that is here: nobody's debt is backed by another's tokens or money.
    function _openDebt(bytes32 settlementId, bytes32 pool, Line calldata line) private {
        _accounts[msg.sender][pool][line.token].unpaid += line.owed;
        Debt storage debt = _debts[settlementId][line.token];
        require(debt.unpaid == 0, Settlements_AlreadyOpen(settlementId));
        (debt.unpaid, debt.lien) = (line.owed, line.lien);
        emit DebtOpened({ settlementId: settlementId, token: line.token, value: line.owed, lien: line.lien });
        if (line.lien == 0) return;
        uint256 booked = _books[line.token] + line.lien;
        _books[line.token] = booked;
        // slither-disable-next-line calls-loop -- of the source's own, bounded by it
        uint256 held = ILoyaltyToken(line.token).balanceOf(address(this));
        require(held >= booked, Settlements_ShortPayment(held, booked));
    }

    /// @dev Who is named twice, say a treasury that is a creditor too, claims the sum.
    function _openClaim(bytes32 settlementId, address claimant, uint128 value) private {
        _claims[settlementId][claimant].value += value;
        emit ClaimOpened({ settlementId: settlementId, claimant: claimant, value: value });
    }

    function _unpaid(bytes32 settlementId, address token) private view returns (uint256 unpaid) {
        unpaid = _debts[settlementId][token].unpaid;
        require(unpaid != 0, Settlements_NothingUnpaid(settlementId, token));
    }

    /// @dev A debt is paid, or a part of it, and as large a part of its lien burns, rounded down.
    /// @return burned What is to burn once the money is here.
    function _book(
        bytes32 settlementId,
        address source,
        bytes32 pool,
        address token,
        uint256 value,
        address payer
    ) private returns (uint256 burned) {
        // forge-lint: disable-start(unsafe-typecast) -- the value is at most what is unpaid
        Debt storage debt = _debts[settlementId][token];
        burned = Math.mulDiv(debt.lien, value, debt.unpaid);
        debt.unpaid -= uint128(value);
        debt.lien -= uint96(burned);
        _books[token] -= burned;
        _settlements[settlementId].received += uint128(value);
        _accounts[source][pool][token].unpaid -= uint128(value);
        // forge-lint: disable-end(unsafe-typecast)
        emit DebtPaid({
            settlementId: settlementId, token: token, payer: payer, value: value, burned: burned
        });
    }

    function _release(bytes32 settlementId, address source, bytes32 pool, address token, uint256 burned)
        private
    {
        Debt storage debt = _debts[settlementId][token];
        // slither-disable-next-line incorrect-equality -- paid in full
        if (debt.reported && debt.unpaid == 0) {
            debt.reported = false;
            BONDS.withdrawReport(token, settlementId);
        }
        if (burned != 0) ILoyaltyToken(token).burn(burned);
        Account memory account = _accounts[source][pool][token];
        ISettlementSource(source).onAccountChanged(pool, token, account.bond, account.unpaid);
    }

    function _take(bytes32 settlementId, address claimant, uint256 most) private returns (uint256 value) {
        value = Math.min(payableOf(settlementId, claimant), most);
        require(value != 0, Settlements_NothingToTake(settlementId, claimant));
        // forge-lint: disable-next-line(unsafe-typecast) -- at most the claim
        _claims[settlementId][claimant].taken += uint128(value);
        _books[_settlements[settlementId].currency] -= value;
    }

    /// @dev What the holders' purse still needs: what terms require, and everything while winding down or in
    /// default.
    // slither-disable-next-line timestamp -- a wind-down runs for years
    function _missing(address token) private view returns (uint256) {
        uint40 endsAt = OBLIGATION_REGISTRY.windDownEndOf(token);
        if (endsAt != 0 && block.timestamp < endsAt || BONDS.isInDefault(token)) return type(uint256).max;
        IBonds.PurseView memory purse = BONDS.purseOf(token, IBonds.Purse.Holders);
        return Math.saturatingSub(purse.required, purse.value);
    }

    // slither-disable-next-line timestamp -- due after days
    function _checkDue(bytes32 settlementId) private view {
        uint40 dueAt = _settlements[settlementId].dueAt;
        require(block.timestamp >= dueAt, Settlements_NotDue(settlementId, dueAt));
    }

    function _checkNoBond(address source, bytes32 pool, address token) private view {
        uint256 bond = _accounts[source][pool][token].bond;
        require(bond == 0, Settlements_BondLeft(source, pool, token, bond));
    }

    function _checkInDefault(address token) private view {
        require(BONDS.isInDefault(token), Settlements_NotInDefault(token));
    }

    /// @dev In default what a brand receives pays what it owes in the same pool first, see {offset}.
    function _checkOwesNothing(address source, bytes32 pool, address token) private view {
        uint256 unpaid = _accounts[source][pool][token].unpaid;
        require(unpaid == 0 || !BONDS.isInDefault(token), Settlements_OwesFirst(source, pool, token, unpaid));
    }

    function _checkPayee(address payee) private view {
        require(payee != address(0) && payee != address(this), Settlements_InvalidAccount(payee));
    }

    function _receive(address currency, uint256 value) private {
        _books[currency] += value;
        uint256 before = IERC20(currency).balanceOf(address(this));
        IERC20(currency).safeTransferFrom(msg.sender, address(this), value);
        _checkReceived(currency, before, value);
    }

    /// @dev Fetches what the bonds owe here, which is at least `value`.
    function _collect(address currency, uint256 value) private {
        uint256 before = IERC20(currency).balanceOf(address(this));
        // slither-disable-next-line unused-return -- measured
        BONDS.collect(currency, address(this));
        _checkReceived(currency, before, value);
    }

    function _checkReceived(address currency, uint256 before, uint256 value) private view {
        uint256 received = IERC20(currency).balanceOf(address(this)) - before;
        require(received >= value, Settlements_ShortPayment(received, value));
    }

    function _deposit(address currency, address token, uint256 value) private {
        uint256 before = IERC20(currency).balanceOf(address(this));
        IERC20(currency).forceApprove(address(BONDS), value);
        BONDS.deposit(token, IBonds.Purse.Holders, value);
        _checkSent(currency, before, value);
    }

    function _pay(address currency, address to, uint256 value) private {
        uint256 before = IERC20(currency).balanceOf(address(this));
        IERC20(currency).safeTransfer(to, value);
        _checkSent(currency, before, value);
    }

    /// @dev Exactly `value` has left, or nothing has happened.
    function _checkSent(address currency, uint256 before, uint256 value) private view {
        uint256 left = IERC20(currency).balanceOf(address(this));
        // slither-disable-next-line incorrect-equality -- a payee who sends money back undoes its own payment
        require(left + value == before, Settlements_WrongPayment(before, left, value));
    }
}
