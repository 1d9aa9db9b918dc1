// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Fulfilment } from "./base/Fulfilment.sol";
import { Offers } from "./base/Offers.sol";
import { IAllotmentReceiver } from "./interfaces/IAllotmentReceiver.sol";
import { IBonds } from "./interfaces/IBonds.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IOrders } from "./interfaces/IOrders.sol";

/// @title Orders
/// @notice See {IOrders} and {IFulfilment}.
///
/// What members pay and stake lies here as tokens of the brand. How much of it is whose follows from the
/// orders alone; a balance is never read, so tokens that are merely sent here change nothing. Giving back
/// is a plain transfer of the factory's own code, which nobody can stop (ISSUE-3).
contract Orders is IOrders, IERC1363Receiver, IAllotmentReceiver, Offers, Fulfilment {
    /// @inheritdoc IOrders
    uint8 public constant MAX_STAKE_PERCENT = 20;

    // Where an offer's counts have what only orders count, see `OfferRecord`.
    uint256 private constant FAILED_AT = 136;
    uint256 private constant FREE_AT = 168;

    bytes32 private constant REQUEST_TYPEHASH = keccak256(
        "OrderRequest(bytes32 offerId,uint256 quantity,uint256 version,uint256 leastCompensation,bytes32 orderRef)"
    );
    bytes32 private constant REQUEST_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,OrderRequest witness)OrderRequest(bytes32 offerId,uint256 quantity,uint256 version,uint256 leastCompensation,bytes32 orderRef)"
    );

    /// @notice Where compensations come from.
    IBonds public immutable BONDS;

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, IBonds bonds)
        Offers(brandRegistry, obligationRegistry)
    {
        BONDS = bonds;
    }

    // ---------------------------------------------------------------- tokens

    /// @inheritdoc IERC1363Receiver
    /// @dev Only a genuine token gets through: an offer exists only for tokens that are obliged, and an order
    /// only under an offer.
    function onTransferReceived(address, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        if (abi.decode(data, (Act)) == Act.Open) _open(from, value, data);
        else _disputeSent(from, value, data);
        return IERC1363Receiver.onTransferReceived.selector;
    }

    // ----------------------------------------------------------------- bonds

    /// @inheritdoc IAllotmentReceiver
    function onAllotted(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        (bytes32 offerId, OfferRecord storage offer) = _funded(token, purse, data);
        // All that is allotted fits the counter of one offer, so whatever comes free again fits it too.
        uint256 allotted = BONDS.allotmentOf(token, IBonds.Purse.Compensation, address(this));
        require(allotted <= type(uint88).max, Orders_FundTooLarge(value));
        offer.counts += value << FREE_AT;
        emit CompensationFunded({ token: token, offerId: offerId, value: value });
        return IAllotmentReceiver.onAllotted.selector;
    }

    /// @inheritdoc IAllotmentReceiver
    function onReclaimed(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        (bytes32 offerId, OfferRecord storage offer) = _funded(token, purse, data);
        require(value <= _free(offer), Orders_NotFree(value, _free(offer)));
        offer.counts -= value << FREE_AT;
        emit CompensationUnfunded({ token: token, offerId: offerId, value: value });
        return IAllotmentReceiver.onReclaimed.selector;
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IOrders
    function retireOffer(address token, bytes32 offerId) external {
        OfferRecord storage offer = _offer(token, offerId);
        _settleOffer(offer);
        uint256 front = offer.front;
        uint256 delivery = offer.delivery;
        // forge-lint: disable-start(unsafe-typecast) -- each cast cuts a field out of its word
        address arbiter = address(uint160(delivery >> ARBITER_AT));
        require(
            arbiter != address(0) && !BRAND_REGISTRY.isListed(IBrandRegistry.List.Arbiter, arbiter),
            Orders_NothingToRetire(arbiter)
        );
        // Ended now, or when it ended by itself; and without an arbiter, so that it takes a new one to reopen.
        uint256 closesAt = Math.min(uint40(front >> CLOSES_AT), block.timestamp);
        offer.front = front & ~(uint256(type(uint40).max) << CLOSES_AT) | closesAt << CLOSES_AT;
        offer.delivery = uint96(delivery);
        // forge-lint: disable-end(unsafe-typecast)
        emit OfferRetired({ token: token, offerId: offerId, arbiter: arbiter });
    }

    // ------------------------------------------------------- signed variants

    /// @inheritdoc IOrders
    function openWithSignature(
        address token,
        OrderRequest calldata request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external {
        uint256 cost = _take(token, spend.from, request);
        bytes32 witness = keccak256(abi.encode(REQUEST_TYPEHASH, request));
        _receiveSigned(token, spend, cost, REQUEST_SPEND_TYPEHASH, witness, signature);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IOrders
    function freeCompensationOf(address token, bytes32 offerId) external view returns (uint256 value) {
        return _free(_offer(token, offerId));
    }

    // ---------------------------------------------------- internals: opening

    function _open(address member, uint256 amount, bytes calldata data) private {
        (, OrderRequest memory request) = abi.decode(data, (Act, OrderRequest));
        uint256 cost = _take(msg.sender, member, request);
        require(amount >= cost, Orders_TooLittle(amount, cost));
        if (amount > cost) _send(msg.sender, member, amount - cost);
    }

    /// @dev Takes the units, reserves the compensation and writes the order down.
    /// @return cost What is to be locked.
    function _take(address token, address member, OrderRequest memory request)
        private
        returns (uint256 cost)
    {
        OfferRecord storage offer = _offer(token, request.offerId);
        uint256 quantity = request.quantity;
        (uint256 front, uint256 counts) = _takeUnits(offer, member, quantity, request.version);
        (uint256 compensation, address arbiter) = _deliveryOf(offer, counts);
        compensation = Math.min(compensation * quantity, counts >> FREE_AT);
        require(
            compensation >= request.leastCompensation,
            Orders_CompensationShort(compensation, request.leastCompensation)
        );
        // Checked: the units fit the stock, the compensation what is free.
        unchecked {
            offer.counts = counts + (quantity << SOLD_AT) - (compensation << FREE_AT);
        }
        // A cost is at most a balance, once the tokens have been taken, and a stake is a part of it.
        // forge-lint: disable-start(unsafe-typecast)
        cost = uint96(front) * quantity;
        _openOrder(
            Order({
                token: token,
                offerId: request.offerId,
                number: uint32(counts >> SOLD_AT),
                member: member,
                quantity: uint32(quantity),
                amount: uint96(cost),
                compensation: uint96(compensation),
                stake: uint96(Math.ceilDiv(cost * (front >> STAKE_AT), 100)),
                arbiter: arbiter,
                openedAt: uint40(block.timestamp),
                orderRef: request.orderRef
            }),
            uint40(block.timestamp + uint256(uint8(front >> DAYS_AT)) * 1 days)
        );
        // forge-lint: disable-end(unsafe-typecast)
    }

    // ------------------------------------------------------ internals: hooks

    /// @inheritdoc Offers
    /// @dev Any token can be ordered for.
    function _checkDesk(address token) internal view override { }

    /// @inheritdoc Offers
    function _checkDelivery(Conditions calldata conditions, address arbiter) internal view override {
        require(conditions.fulfilDays != 0, Orders_NoFulfilPeriod());
        require(
            conditions.stakePercent <= MAX_STAKE_PERCENT,
            Orders_InvalidStake(conditions.stakePercent, MAX_STAKE_PERCENT)
        );
        bool stays = conditions.arbiter == arbiter && arbiter != address(0);
        require(
            stays || BRAND_REGISTRY.isListed(IBrandRegistry.List.Arbiter, conditions.arbiter),
            Orders_NoArbiter(conditions.arbiter)
        );
    }

    /// @inheritdoc Fulfilment
    /// @dev Asked of tokens that may be anything: only what has offers here is genuine.
    function _brandOf(address token) internal view override returns (bytes32) {
        return ILoyaltyToken(token).brandId();
    }

    /// @inheritdoc Fulfilment
    function _giveBack(Order memory order, uint256 amount) internal override {
        _send(order.token, order.member, amount);
    }

    /// @inheritdoc Fulfilment
    function _chargeStake(Order memory order) internal pure override returns (uint256 tokens) {
        return order.stake;
    }

    /// @inheritdoc Fulfilment
    function _earn(Order memory, uint256 amount) internal pure override returns (uint256 tokens) {
        return amount;
    }

    /// @inheritdoc Fulfilment
    function _useReserve(Order memory order, uint256 value) internal override {
        uint256 rest = order.compensation - value;
        if (rest != 0) _offer(order.token, order.offerId).counts += rest << FREE_AT;
        // slither-disable-next-line calls-loop -- in a loop nothing is ever drawn
        if (value != 0) BONDS.draw(order.token, IBonds.Purse.Compensation, order.member, value);
    }

    /// @inheritdoc Fulfilment
    function _countFailed(Order memory order) internal override {
        _offer(order.token, order.offerId).counts += uint256(order.quantity) << FAILED_AT;
    }

    /// @inheritdoc Fulfilment
    function _openedAndFailed(address token, bytes32 offerId)
        internal
        view
        override
        returns (uint256 opened, uint256 failed)
    {
        OfferRecord storage offer = _offer(token, offerId);
        // forge-lint: disable-next-line(unsafe-typecast) -- cuts the fields out of the word
        return (uint32(offer.counts >> SOLD_AT), uint32(offer.counts >> FAILED_AT));
    }

    function _free(OfferRecord storage offer) private view returns (uint256) {
        return offer.counts >> FREE_AT;
    }

    /// @dev The factory's tokens revert where they fail.
    function _send(address token, address to, uint256 amount) private {
        // slither-disable-start unchecked-transfer,calls-loop -- nobody's token but the factory's gets here
        // forge-lint: disable-next-line(erc20-unchecked-transfer)
        ILoyaltyToken(token).transfer(to, amount);
        // slither-disable-end unchecked-transfer,calls-loop
    }

    function _funded(address token, uint8 purse, bytes calldata data)
        private
        view
        returns (bytes32 offerId, OfferRecord storage offer)
    {
        require(msg.sender == address(BONDS), Orders_NotBonds(msg.sender));
        require(purse == uint8(IBonds.Purse.Compensation), Orders_WrongPurse(purse));
        offerId = abi.decode(data, (bytes32));
        offer = _offer(token, offerId);
    }
}
