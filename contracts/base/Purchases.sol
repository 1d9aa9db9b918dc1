// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { BrandGate } from "./BrandGate.sol";
import { Fulfilment } from "./Fulfilment.sol";
import { IAllotmentReceiver } from "../interfaces/IAllotmentReceiver.sol";
import { IBonds } from "../interfaces/IBonds.sol";
import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { IDealReceiver } from "../interfaces/IDealReceiver.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";
import { IPurchaseRights } from "../interfaces/IPurchaseRights.sol";
import { IPurchases } from "../interfaces/IPurchases.sol";

// Windows run for days: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title Purchases
/// @notice See {IPurchases}. How a price is found is the business of the contract that builds on this one; what is
/// paid, given back, earned and reserved is kept here, once.
///
/// **Books.** Whose of what lies here follows from what was bought, from what is owed and from proceeds alone. A
/// balance is read only around a transfer of the currency, which must move exactly what it was told to: so
/// what is merely sent here changes nothing, and one bad currency touches no other (BOOK-1).
///
/// **Trust.** Deals exist only for tokens that are obliged, hence the factory's: these call nobody, refuse nobody
/// but zero and themselves, and can be sent in the middle of anything. The currency is on the alliance's list and
/// may still call back: no two moves of a currency run within one another, and all that concerns the mover is
/// written down before.
abstract contract Purchases is
    IPurchases,
    IERC1363Receiver,
    IAllotmentReceiver,
    Fulfilment,
    ReentrancyGuardTransient
{
    using SafeERC20 for IERC20;

    // The words of {IDealReceiver}, as they were published, one slot each. Slot 0: what a part is, and what all
    // orders take over. Slot 1: what is reserved for one unit, and what can be. Slot 2: who decides, and when buying
    // can begin. From slot 4 on: what the contract on top looks at.
    struct DealRecord {
        uint96 tokenPart;
        uint96 currencyPart;
        uint8 fulfilDays;
        uint8 stakePercent;
        uint96 compensation;
        uint88 free;
        address arbiter;
        uint40 opensAt;
        uint40 closesAt;
        bytes32 rightId;
        uint256[12] words;
    }

    /// @dev Where the number of what was bought lies in its id, and the deal's id has zeros.
    bytes32 private constant NUMBER_MASK = bytes32(uint256(type(uint32).max));

    /// @notice Where deals are published.
    address public immutable DEALS;
    /// @notice Where the tokens' standing obligations are.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;
    /// @notice Where compensations come from.
    IBonds public immutable BONDS;
    /// @notice The rights to begin.
    IPurchaseRights public immutable RIGHTS;

    mapping(address token => mapping(bytes32 dealId => DealRecord)) private _deals;
    mapping(address currency => mapping(address account => uint256)) private _owed;
    mapping(address token => uint256) private _proceeds;

    constructor(
        IBrandRegistry brandRegistry,
        IObligationRegistry obligationRegistry,
        IBonds bonds,
        IPurchaseRights rights,
        address deals
    ) BrandGate(brandRegistry) {
        // slither-disable-next-line missing-zero-check -- the address follows from what is deployed with it
        DEALS = deals;
        OBLIGATION_REGISTRY = obligationRegistry;
        BONDS = bonds;
        RIGHTS = rights;
    }

    // ---------------------------------------------------------------- tokens

    /// @inheritdoc IERC1363Receiver
    /// @dev Only a genuine token gets through: a deal exists only for tokens that are obliged, and an order only
    /// under a deal.
    function onTransferReceived(address, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        if (abi.decode(data, (Act)) == Act.Pay) _paid(msg.sender, from, value, data);
        else _disputeSent(from, value, data);
        return IERC1363Receiver.onTransferReceived.selector;
    }

    // ----------------------------------------------------------------- deals

    /// @inheritdoc IDealReceiver
    function onDealPublished(address token, bytes32 dealId, uint256[] calldata words)
        external
        returns (bytes4 magic)
    {
        require(msg.sender == DEALS, Purchases_NotDeals(msg.sender));
        DealRecord storage deal = _deals[token][dealId];
        for (uint256 i = 0; i < words.length; ++i) {
            uint256 word = words[i];
            assembly ("memory-safe") {
                sstore(add(deal.slot, i), word)
            }
        }
        return IDealReceiver.onDealPublished.selector;
    }

    // ----------------------------------------------------------------- bonds

    /// @inheritdoc IAllotmentReceiver
    function onAllotted(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        (bytes32 dealId, DealRecord storage deal) = _funded(token, purse, data);
        // All that is allotted fits the counter of one deal, so whatever comes free again fits it too.
        uint256 allotted = BONDS.allotmentOf(token, IBonds.Purse.Compensation, address(this));
        require(allotted <= type(uint88).max, Purchases_FundTooLarge(value));
        // forge-lint: disable-next-line(unsafe-typecast) -- a part of what is allotted
        deal.free += uint88(value);
        emit CompensationFunded({ token: token, dealId: dealId, value: value });
        return IAllotmentReceiver.onAllotted.selector;
    }

    /// @inheritdoc IAllotmentReceiver
    function onReclaimed(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        (bytes32 dealId, DealRecord storage deal) = _funded(token, purse, data);
        uint256 free = deal.free;
        require(value <= free, Purchases_NotFree(value, free));
        // forge-lint: disable-next-line(unsafe-typecast) -- at most what was there
        deal.free = uint88(free - value);
        emit CompensationUnfunded({ token: token, dealId: dealId, value: value });
        return IAllotmentReceiver.onReclaimed.selector;
    }

    // ---------------------------------------------------------------- member

    /// @inheritdoc IPurchases
    function dispute(Order memory order) external {
        require(msg.sender == order.member, Fulfilment_NotMember(msg.sender, order.member));
        _disputeOrder(order);
        uint256 tokens = _chargeStake(order);
        require(tokens == 0, Fulfilment_WrongStake(0, tokens));
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IPurchases
    function collect(address currency, address account) external returns (uint256 value) {
        return _collect(currency, account, account);
    }

    /// @inheritdoc IPurchases
    function collectTo(address currency, address to) external returns (uint256 value) {
        return _collect(currency, msg.sender, to);
    }

    // ----------------------------------------------------------------- brand

    /// @inheritdoc IPurchases
    function withdrawProceeds(address token, address to) external returns (uint256 value) {
        address currency = _currencyOf(token); // which reverts for others than genuine ones
        _checkAdmin(_brandOf(token));
        _checkPayee(to);
        value = _proceeds[token];
        require(value != 0, Purchases_NothingOwed(to));
        _proceeds[token] = 0;
        emit ProceedsWithdrawn({ token: token, to: to, value: value });
        _pay(currency, to, value);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IPurchases
    function dealWordsOf(address token, bytes32 dealId, uint256 count)
        external
        view
        returns (uint256[] memory words)
    {
        DealRecord storage deal = _deals[token][dealId];
        words = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            assembly ("memory-safe") {
                mstore(add(add(words, 0x20), mul(i, 0x20)), sload(add(deal.slot, i)))
            }
        }
    }

    /// @inheritdoc IPurchases
    function freeCompensationOf(address token, bytes32 dealId) external view returns (uint256 value) {
        return _deal(token, dealId).free;
    }

    /// @inheritdoc IPurchases
    function owedTo(address currency, address account) external view returns (uint256 value) {
        return _owed[currency][account];
    }

    /// @inheritdoc IPurchases
    function proceedsOf(address token) external view returns (uint256 value) {
        return _proceeds[token];
    }

    // ----------------------------------- internals: for the contract on top

    /// @dev Tokens came with {Act.Pay}, from whoever pays; the token is not known to be genuine yet.
    function _paid(address token, address from, uint256 amount, bytes calldata data) internal virtual;

    function _deal(address token, bytes32 dealId) internal view returns (DealRecord storage deal) {
        deal = _deals[token][dealId];
        require(deal.closesAt != 0, Purchases_NotFound(token, dealId));
    }

    /// @dev The deal under which something was bought, which shows that there is one.
    function _dealUnder(address token, bytes32 id) internal view returns (DealRecord storage deal) {
        return _deals[token][_dealIdOf(id)];
    }

    /// @dev The id of the deal under which something was bought.
    function _dealIdOf(bytes32 id) internal pure returns (bytes32 dealId) {
        return id & ~NUMBER_MASK;
    }

    /// @dev Lets `account` begin under the deal, and uses its right up.
    function _begin(address token, DealRecord storage deal, address account) internal {
        (uint40 opensAt, uint40 closesAt) = (deal.opensAt, deal.closesAt);
        require(
            block.timestamp >= opensAt && block.timestamp < closesAt,
            Purchases_OutsideWindow(opensAt, closesAt)
        );
        address arbiter = deal.arbiter;
        require(BRAND_REGISTRY.isListed(IBrandRegistry.List.Arbiter, arbiter), Purchases_NoArbiter(arbiter));
        bytes32 rightId = deal.rightId;
        if (rightId != 0) RIGHTS.consume(account, _rightOf(token, rightId));
    }

    /// @dev Nobody who acts for the brand buys, and nobody who could not be paid.
    function _checkBuyer(address token, bytes32 brandId, address account) internal view {
        require(
            account != address(0) && account != token && account != address(this)
                && account != address(BONDS),
            Purchases_InvalidAccount(account)
        );
        require(!BRAND_REGISTRY.isBrandAccount(brandId, account), Purchases_BrandAccount(account));
    }

    /// @dev Reserves the compensation of so many units.
    function _reserve(DealRecord storage deal, uint256 quantity, uint256 least)
        internal
        returns (uint96 compensation)
    {
        (uint256 whole, uint256 free) = (deal.compensation, deal.free);
        // forge-lint: disable-start(unsafe-typecast) -- at most what was free
        compensation = uint96(Math.min(whole * quantity, free));
        require(compensation >= least, Purchases_CompensationShort(compensation, least));
        if (compensation != 0) deal.free = uint88(free - compensation);
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev What was reserved for something is free again.
    function _free(DealRecord storage deal, uint256 compensation) internal {
        // forge-lint: disable-next-line(unsafe-typecast) -- a part of what was free once
        if (compensation != 0) deal.free += uint88(compensation);
    }

    /// @dev Takes the currency of so many parts from the payer's allowance, once all else is written down.
    /// @return tokens The tokens of so many parts, which the caller sees to.
    function _charge(
        address token,
        DealRecord storage deal,
        address payer,
        uint256 parts,
        Permit memory permit
    ) internal returns (uint256 tokens) {
        uint256 value = parts * deal.currencyPart;
        tokens = parts * deal.tokenPart;
        if (value != 0) _receive(_currencyOf(token), payer, value, permit);
    }

    /// @dev Gives so many parts to an account: tokens at once, currency to be collected.
    function _payOut(address token, DealRecord storage deal, address account, uint256 parts) internal {
        uint256 value = parts * deal.currencyPart;
        uint256 tokens = parts * deal.tokenPart;
        if (value != 0) {
            address currency = _currencyOf(token);
            _owed[currency][account] += value;
            emit Credited({ currency: currency, account: account, value: value });
        }
        if (tokens != 0) _send(token, account, tokens);
    }

    /// @dev The factory's tokens revert where they fail.
    function _send(address token, address to, uint256 amount) internal {
        // slither-disable-start unchecked-transfer,calls-loop -- nobody's token but the factory's gets here
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        ILoyaltyToken(token).transfer(to, amount);
        // slither-disable-end unchecked-transfer,calls-loop
    }

    function _noPermit() internal pure returns (Permit memory permit) { }

    // ------------------------------------------------------ internals: hooks

    /// @inheritdoc Fulfilment
    /// @dev Asked of tokens that may be anything: only what has deals here is genuine.
    function _brandOf(address token) internal view override returns (bytes32) {
        return ILoyaltyToken(token).brandId();
    }

    /// @inheritdoc Fulfilment
    function _giveBack(Order memory order, uint256 amount) internal override {
        _payOut(order.token, _dealUnder(order.token, order.offerId), order.member, amount);
    }

    /// @inheritdoc Fulfilment
    function _chargeStake(Order memory order) internal override returns (uint256 tokens) {
        return _charge(
            order.token, _dealUnder(order.token, order.offerId), order.member, order.stake, _noPermit()
        );
    }

    /// @inheritdoc Fulfilment
    function _earn(Order memory order, uint256 amount) internal override returns (uint256 tokens) {
        DealRecord storage deal = _dealUnder(order.token, order.offerId);
        uint256 value = amount * deal.currencyPart;
        if (value != 0) {
            _proceeds[order.token] += value;
            emit Earned({ token: order.token, offerId: order.offerId, value: value });
        }
        return amount * deal.tokenPart;
    }

    /// @inheritdoc Fulfilment
    function _useReserve(Order memory order, uint256 value) internal override {
        _free(_dealUnder(order.token, order.offerId), order.compensation - value);
        // slither-disable-next-line calls-loop -- in a loop nothing is ever drawn
        if (value != 0) BONDS.draw(order.token, IBonds.Purse.Compensation, order.member, value);
    }

    // ----------------------------------------------------- internals: checks

    function _checkPayee(address payee) private view {
        require(payee != address(0) && payee != address(this), Purchases_InvalidAccount(payee));
    }

    function _funded(address token, uint8 purse, bytes calldata data)
        private
        view
        returns (bytes32 dealId, DealRecord storage deal)
    {
        require(msg.sender == address(BONDS), Purchases_NotBonds(msg.sender));
        require(purse == uint8(IBonds.Purse.Compensation), Purchases_WrongPurse(purse));
        dealId = abi.decode(data, (bytes32));
        deal = _deal(token, dealId);
    }

    function _rightOf(address token, bytes32 rightId) private pure returns (uint256 id) {
        return uint256(keccak256(abi.encode(token, rightId)));
    }

    // ------------------------------------------------------ internals: money

    /// @dev Exactly `value` arrives, or nothing has happened.
    function _receive(address currency, address payer, uint256 value, Permit memory permit)
        private
        nonReentrant
    {
        if (permit.deadline != 0) {
            // Whoever was faster with it has given the allowance that it gives.
            try IERC20Permit(currency)
                .permit(payer, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s) { }
                catch { }
        }
        uint256 before = _balanceIn(currency);
        // slither-disable-next-line arbitrary-send-erc20 -- the payer called, or signed
        IERC20(currency).safeTransferFrom(payer, address(this), value);
        _checkMoved(_balanceIn(currency), before, value);
    }

    function _collect(address currency, address account, address to) private returns (uint256 value) {
        _checkPayee(to);
        value = _owed[currency][account];
        require(value != 0, Purchases_NothingOwed(account));
        _owed[currency][account] = 0;
        emit Collected({ currency: currency, account: account, to: to, value: value });
        _pay(currency, to, value);
    }

    /// @dev Exactly `value` leaves, or nothing has happened: less would lose the payee's claim, more would be
    /// others' money.
    function _pay(address currency, address to, uint256 value) private nonReentrant {
        uint256 before = _balanceIn(currency);
        IERC20(currency).safeTransfer(to, value);
        _checkMoved(before, _balanceIn(currency), value);
    }

    function _balanceIn(address currency) private view returns (uint256) {
        return IERC20(currency).balanceOf(address(this));
    }

    /// @dev Reverts for tokens that are not obliged.
    function _currencyOf(address token) private view returns (address) {
        // slither-disable-next-line calls-loop -- our own registry is asked
        return OBLIGATION_REGISTRY.currencyOf(token);
    }

    function _checkMoved(uint256 more, uint256 less, uint256 value) private pure {
        uint256 moved = Math.saturatingSub(more, less);
        // slither-disable-next-line incorrect-equality -- whoever moves money on the side undoes its own act
        require(moved == value, Purchases_WrongPayment(moved, value));
    }
}

// slither-disable-end timestamp
