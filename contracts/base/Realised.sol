// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Rewards } from "./Rewards.sol";
import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IPurchases } from "../interfaces/IPurchases.sol";
import { IReceipts } from "../interfaces/IReceipts.sol";
import { Receipts } from "../libraries/Receipts.sol";

/// @title Realised
/// @notice What members really had, proven on chain: handed over at a counter, or ordered and delivered.
abstract contract Realised is Rewards {
    /// @notice Where the tokens that are rewarded here are redeemed, and whose receipts count.
    address public immutable REDEMPTION_DESK;

    /// @dev What is bought under a deal is named by the deal's id with a number there.
    bytes32 private constant NUMBER_MASK = bytes32(uint256(type(uint32).max));

    error Realised_OtherDesk(address token, address desk);
    error Realised_NotListed(address fulfilment);

    constructor(address redemptionDesk) {
        REDEMPTION_DESK = redemptionDesk;
    }

    /// @dev Only this desk's receipts are understood.
    function _checkDesk(address token) internal view {
        address desk = ILoyaltyToken(token).redemptionDesk();
        require(desk == REDEMPTION_DESK, Realised_OtherDesk(token, desk));
    }

    /// @dev What the member had at the counter for tokens; kind `None` if nothing. Paid out in currency is not
    /// had: nothing was bought. Read where the desk wrote it, which saves a way through the desk.
    function _received(address token, address member, bytes32 nonce)
        internal
        view
        returns (IReceipts.Receipt memory receipt)
    {
        receipt = Receipts.unpack(ILoyaltyToken(token).receiptOf(member, nonce));
        if (receipt.kind == IReceipts.Kind.Currency) receipt.kind = IReceipts.Kind.None;
    }

    /// @dev When an order ended as fulfilled; zero if it did not.
    function _fulfilledAt(address fulfilment, IFulfilment.Order calldata order)
        internal
        view
        returns (uint40 endedAt)
    {
        require(
            BRAND_REGISTRY.isListed(IBrandRegistry.List.Module, fulfilment), Realised_NotListed(fulfilment)
        );
        // slither-disable-next-line unused-return -- it ended at zero if it is not fulfilled
        (, endedAt) = IFulfilment(fulfilment).isFulfilled(order);
    }

    /// @dev What a fulfilled order's member paid, in token base units: what was paid in currency counts at par,
    /// rounded down. Purchases count parts of a price, which the first word of their deal tells; where only
    /// tokens are ordered for, nobody knows deals.
    function _paidFor(address fulfilment, IFulfilment.Order calldata order)
        internal
        view
        returns (uint256 amount)
    {
        bytes32 dealId = order.offerId & ~NUMBER_MASK;
        // slither-disable-next-line low-level-calls -- whether it is understood is the answer
        (bool knowsDeals, bytes memory answer) =
            fulfilment.staticcall(abi.encodeCall(IPurchases.dealWordsOf, (order.token, dealId, 1)));
        if (!knowsDeals) return order.amount;
        uint256 word = abi.decode(answer, (uint256[]))[0];
        // forge-lint: disable-start(unsafe-typecast) -- each cast cuts its field out of the word
        uint256 value = uint256(order.amount) * uint96(word >> 96);
        amount = uint256(order.amount) * uint96(word);
        // forge-lint: disable-end(unsafe-typecast)
        if (value == 0) return amount;
        uint256 whole = 10 ** uint256(ILoyaltyToken(order.token).decimals());
        amount += Math.mulDiv(value, whole, OBLIGATION_REGISTRY.obligationOf(order.token).parValue);
    }

    /// @dev An order's name beyond the contract where it was opened.
    function _orderRef(address fulfilment, IFulfilment.Order calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(fulfilment, order.token, order.offerId, uint256(order.number)));
    }
}
