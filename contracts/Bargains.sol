// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Fulfilment } from "./base/Fulfilment.sol";
import { Purchases } from "./base/Purchases.sol";
import { IBargains } from "./interfaces/IBargains.sol";
import { IBonds } from "./interfaces/IBonds.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IPricer } from "./interfaces/IPricer.sol";
import { IPurchaseRights } from "./interfaces/IPurchaseRights.sol";

/// @title Bargains
/// @notice See {IBargains} and {IPurchases}.
///
/// **Books.** What lies here for a bargain is its deposit until it ends, and an order's amount from then on: whole
/// numbers of the deal's parts both. A pricer says when, and cannot say to whom.
contract Bargains is IBargains, Purchases {
    // The deal's fifth word: pricer (160) ‖ how many became orders (32) ‖ how many of these failed (32), from the
    // low bits.
    uint256 private constant PRICER = 0;
    uint256 private constant ORDERED_AT = 160;
    uint256 private constant FAILED_AT = 192;

    bytes32 private constant PAYMENT_TYPEHASH = keccak256(
        "Payment(bytes32 dealId,uint256 number,uint256 most,uint256 leastCompensation,bytes32 orderRef)"
    );
    bytes32 private constant PAYMENT_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,Payment witness)Payment(bytes32 dealId,uint256 number,uint256 most,uint256 leastCompensation,bytes32 orderRef)"
    );

    mapping(address token => mapping(bytes32 dealId => mapping(uint256 number => uint256 parts))) private
        _deposits;

    constructor(
        IBrandRegistry brandRegistry,
        IObligationRegistry obligationRegistry,
        IBonds bonds,
        IPurchaseRights rights,
        address deals
    ) Purchases(brandRegistry, obligationRegistry, bonds, rights, deals) { }

    // ----------------------------------------------------------------- buyer

    /// @inheritdoc IBargains
    function pay(address token, Payment memory payment, Permit memory permit) external {
        uint256 tokens = _take(token, msg.sender, payment, permit);
        require(tokens == 0, Purchases_WrongTokens(0, tokens));
    }

    /// @inheritdoc IBargains
    function payWithSignature(
        address token,
        Payment memory payment,
        Permit memory permit,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external {
        uint256 tokens = _take(token, spend.from, payment, permit);
        bytes32 witness = keccak256(abi.encode(PAYMENT_TYPEHASH, payment));
        ILoyaltyToken(token).receiveWithSignature(spend, tokens, PAYMENT_SPEND_TYPEHASH, witness, signature);
    }

    // ---------------------------------------------------------------- pricer

    /// @inheritdoc IBargains
    function begin(address token, bytes32 dealId, address buyer) external {
        _start(token, _pricersDeal(token, dealId), buyer);
    }

    /// @inheritdoc IBargains
    function strike(
        address token,
        bytes32 dealId,
        uint256 number,
        uint96 price,
        uint256 leastCompensation,
        bytes32 orderRef
    ) external {
        DealRecord storage deal = _pricersDeal(token, dealId);
        _order(token, dealId, deal, number, price, leastCompensation, orderRef);
        _release(token, dealId, deal, number, price);
    }

    /// @inheritdoc IBargains
    function release(address token, bytes32 dealId, uint256 number) external {
        _release(token, dealId, _pricersDeal(token, dealId), number, 0);
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IBargains
    function pricerOf(address token, bytes32 dealId) external view returns (address) {
        return _pricerOf(_dealUnder(token, dealId));
    }

    /// @inheritdoc IBargains
    function depositOf(address token, bytes32 dealId, uint256 number) external view returns (uint256 parts) {
        return _deposits[token][dealId][number];
    }

    // ------------------------------------------------------------- internals

    function _start(address token, DealRecord storage deal, address buyer) private {
        _checkBuyer(token, _brandOf(token), buyer);
        _begin(token, deal, buyer);
    }

    /// @dev The buyer pays; what of it is currency is taken last, when all else is written down.
    /// @return tokens What of it is tokens, which the caller sees to.
    // slither-disable-next-line reentrancy-no-eth,reentrancy-benign,reentrancy-events -- of a listed pricer and our rights
    function _take(address token, address buyer, Payment memory payment, Permit memory permit)
        private
        returns (uint256 tokens)
    {
        (bytes32 dealId, uint256 number, uint256 parts) = (payment.dealId, payment.number, payment.most);
        DealRecord storage deal = _deal(token, dealId);
        require(buyer == _buyerOf(number), Bargains_NotBuyers(number, buyer));
        uint96 price = IPricer(_pricerOf(deal)).onPayment(token, dealId, number, parts);
        if (price == 0) {
            require(_deposits[token][dealId][number] == 0, Bargains_NumberUsed(number));
            _start(token, deal, buyer);
            _deposits[token][dealId][number] = parts;
            emit DepositHeld({ token: token, dealId: dealId, number: number, parts: parts });
        } else {
            require(price <= parts, Bargains_TooDear(price, parts));
            _order(token, dealId, deal, number, price, payment.leastCompensation, payment.orderRef);
            parts = price;
        }
        return _charge(token, deal, buyer, parts, permit);
    }

    /// @inheritdoc Purchases
    function _paid(address token, address from, uint256 amount, bytes calldata data) internal override {
        // slither-disable-next-line unused-return -- the act is known
        (, Payment memory payment) = abi.decode(data, (Act, Payment));
        uint256 tokens = _take(token, from, payment, _noPermit());
        require(amount >= tokens, Purchases_WrongTokens(amount, tokens));
        if (amount > tokens) _send(token, from, amount - tokens);
    }

    /// @dev Makes an order of a bargain.
    function _order(
        address token,
        bytes32 dealId,
        DealRecord storage deal,
        uint256 number,
        uint96 price,
        uint256 leastCompensation,
        bytes32 orderRef
    ) private {
        // slither-disable-next-line unused-return -- an order that never was has no deadline
        (State state,) = stateOf(token, dealId, number);
        require(state == State.None, Bargains_NumberUsed(number));
        // forge-lint: disable-next-line(incorrect-shift) -- one more
        deal.words[PRICER] += 1 << ORDERED_AT;
        _openOrder(
            Order({
                token: token,
                offerId: dealId,
                number: number,
                member: _buyerOf(number),
                quantity: 1,
                amount: price,
                compensation: _reserve(deal, 1, leastCompensation),
                // forge-lint: disable-next-line(unsafe-typecast) -- a part of the price
                stake: uint96(uint256(price) * deal.stakePercent / 100),
                arbiter: deal.arbiter,
                openedAt: uint40(block.timestamp),
                orderRef: orderRef
            }),
            uint40(block.timestamp + uint256(deal.fulfilDays) * 1 days)
        );
    }

    /// @dev Ends a deposit and gives back what of it was not spent.
    function _release(address token, bytes32 dealId, DealRecord storage deal, uint256 number, uint256 spent)
        private
    {
        uint256 deposit = _deposits[token][dealId][number];
        require(deposit != 0, Bargains_NoDeposit(number));
        require(spent <= deposit, Bargains_TooDear(spent, deposit));
        _deposits[token][dealId][number] = 0;
        uint256 back = deposit - spent;
        emit DepositReleased({ token: token, dealId: dealId, number: number, back: back });
        _payOut(token, deal, _buyerOf(number), back);
    }

    /// @dev The deal, whose pricer calls.
    function _pricersDeal(address token, bytes32 dealId) private view returns (DealRecord storage deal) {
        deal = _deal(token, dealId);
        address pricer = _pricerOf(deal);
        require(msg.sender == pricer, Bargains_NotPricer(msg.sender, pricer));
    }

    /// @dev Cuts the pricer out of the word.
    function _pricerOf(DealRecord storage deal) private view returns (address) {
        // forge-lint: disable-next-line(unsafe-typecast) -- as just said
        return address(uint160(deal.words[PRICER]));
    }

    /// @dev Cuts the buyer out of the number.
    function _buyerOf(uint256 number) private pure returns (address) {
        // forge-lint: disable-next-line(unsafe-typecast) -- as just said
        return address(uint160(number));
    }

    // ------------------------------------------------------ internals: hooks

    /// @inheritdoc Fulfilment
    function _declinePeriod() internal pure override returns (uint32) {
        return 0;
    }

    /// @inheritdoc Fulfilment
    function _countFailed(Order memory order) internal override {
        _deal(order.token, order.offerId).words[PRICER] += uint256(order.quantity) << FAILED_AT;
    }

    /// @inheritdoc Fulfilment
    function _openedAndFailed(address token, bytes32 offerId)
        internal
        view
        override
        returns (uint256 opened, uint256 failed)
    {
        uint256 word = _deal(token, offerId).words[PRICER];
        // forge-lint: disable-next-line(unsafe-typecast) -- cuts the fields out of the word
        return (uint32(word >> ORDERED_AT), uint32(word >> FAILED_AT));
    }
}
