// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IOffers } from "../../../contracts/interfaces/IOffers.sol";
import { IOrders } from "../../../contracts/interfaces/IOrders.sol";
import { Roles } from "../../../contracts/libraries/Roles.sol";
import { Currency } from "./Currencies.sol";
import { DeskTest } from "./DeskTest.sol";

/// @notice A brand that delivers to order: one offer, its compensations funded from a bond in a currency that
/// can be told to misbehave, an arbiter, a manager who packs, a member with tokens. What a member signs is
/// spelt out anew here, and so is what an order's facts are.
abstract contract OrderTest is DeskTest {
    bytes32 internal constant MUG = "a mug with a name on it";
    bytes32 internal constant REF = "A-1047";
    uint8 internal constant FULFIL_DAYS = 10;
    uint8 internal constant STAKE_PERCENT = 10;
    uint96 internal constant COMPENSATION = 500;
    uint256 internal constant FUND = 100_000;
    uint32 internal constant MANY = 100_000;
    uint32 internal constant NO_LIMIT = type(uint32).max;
    uint40 internal constant DECLINE = 1 days;
    uint40 internal constant DISPUTE = 14 days;
    uint40 internal constant DECISION = 30 days;
    IBonds.Purse internal constant PURSE = IBonds.Purse.Compensation;

    string private constant REQUEST_TYPE =
        "OrderRequest(bytes32 offerId,uint256 quantity,uint256 version,uint256 leastCompensation,bytes32 orderRef)";
    string private constant DISPUTE_TYPE = "OrderDispute(bytes32 offerId,uint256 number)";
    string private constant CONFIRMATION_TYPE = "OrderConfirmation(bytes32 offerId,uint256 number)";

    IOrders internal orders;
    Currency internal money;
    address internal arbiter = makeAddr("arbiter");

    function setUp() public virtual override {
        super.setUp();
        orders = IOrders(deployCode("Orders.sol:Orders", abi.encode(brands, obligations, bonds)));
        vm.label(address(orders), "Orders");
        _list(IBrandRegistry.List.Module, address(orders), true);
        _list(IBrandRegistry.List.Arbiter, arbiter, true);
        money = new Currency(6);
        currency = address(money);
        _list(IBrandRegistry.List.Currency, currency, true);
        token = _createToken(brand, brandId, "Pottery Points", "POT");
        _oblige(brand, token);
        vm.prank(brand);
        brands.setManager(brandId, manager, Roles.FULFIL);
        _mint(member, BALANCE);
        _publish(MUG, _made());
        _fund(MUG, FUND);
    }

    // ----------------------------------------------------------------- brand

    function _made() internal view returns (IOffers.Conditions memory conditions) {
        conditions = _handedOver(PRICE, MANY, NO_LIMIT, START, type(uint40).max);
        conditions.fulfilDays = FULFIL_DAYS;
        conditions.stakePercent = STAKE_PERCENT;
        conditions.compensation = COMPENSATION;
        conditions.arbiter = arbiter;
    }

    function _publish(bytes32 offerId, IOffers.Conditions memory conditions) internal {
        vm.prank(brand);
        orders.createOffer(address(token), offerId, conditions, DOCUMENT, DOCUMENT_URI);
    }

    function _set(bytes32 offerId, IOffers.Conditions memory conditions) internal {
        vm.prank(brand);
        orders.setOffer(address(token), offerId, conditions, DOCUMENT, DOCUMENT_URI);
    }

    function _deposit(uint256 value) internal {
        money.mint(brand, value);
        vm.startPrank(brand);
        money.approve(address(bonds), value);
        bonds.deposit(address(token), PURSE, value);
        vm.stopPrank();
    }

    function _allot(bytes32 offerId, uint256 value) internal {
        vm.prank(brand);
        bonds.allot(address(token), PURSE, address(orders), value, abi.encode(offerId));
    }

    function _fund(bytes32 offerId, uint256 value) internal {
        _deposit(value);
        _allot(offerId, value);
    }

    function _reclaim(bytes32 offerId, uint256 value) internal {
        vm.prank(brand);
        bonds.reclaim(address(token), PURSE, address(orders), value, abi.encode(offerId));
    }

    function _fulfil(IFulfilment.Order memory order) internal {
        vm.prank(manager);
        orders.fulfil(order.token, order.offerId, _one(order.number));
    }

    function _decline(IFulfilment.Order memory order) internal {
        vm.prank(brand);
        orders.decline(order);
    }

    // ---------------------------------------------------------------- member

    /// @dev What the member asks for, seeing the offer as it is now.
    function _request(bytes32 offerId, uint256 quantity) internal view returns (IOrders.OrderRequest memory) {
        IOffers.Offer memory offer = orders.offerOf(address(token), offerId);
        return IOrders.OrderRequest({
            offerId: offerId,
            quantity: quantity,
            version: offer.version,
            leastCompensation: _reserved(offer, offerId, quantity),
            orderRef: REF
        });
    }

    /// @dev What would be reserved now: the offer's compensation, or what there is.
    function _reserved(IOffers.Offer memory offer, bytes32 offerId, uint256 quantity)
        private
        view
        returns (uint256)
    {
        uint256 free = orders.freeCompensationOf(address(token), offerId);
        uint256 whole = offer.conditions.compensation * quantity;
        return whole < free ? whole : free;
    }

    /// @dev The facts of the order that would be opened now.
    function _facts(address who, bytes32 offerId, uint256 quantity)
        internal
        view
        returns (IFulfilment.Order memory)
    {
        IOffers.Offer memory offer = orders.offerOf(address(token), offerId);
        uint256 amount = offer.conditions.price * quantity;
        return IFulfilment.Order({
            token: address(token),
            offerId: offerId,
            number: offer.sold,
            member: who,
            quantity: uint32(quantity),
            amount: uint96(amount),
            compensation: uint96(_reserved(offer, offerId, quantity)),
            stake: uint96((amount * offer.conditions.stakePercent + 99) / 100),
            arbiter: offer.conditions.arbiter,
            openedAt: uint40(block.timestamp),
            orderRef: REF
        });
    }

    function _send(address who, uint256 amount, IOrders.OrderRequest memory request) internal {
        vm.prank(who);
        token.transferAndCall(address(orders), amount, abi.encode(IOrders.Act.Open, request));
    }

    function _open(address who, bytes32 offerId, uint256 quantity)
        internal
        returns (IFulfilment.Order memory order)
    {
        order = _facts(who, offerId, quantity);
        _send(who, order.amount, _request(offerId, quantity));
    }

    function _open(uint256 quantity) internal returns (IFulfilment.Order memory) {
        return _open(member, MUG, quantity);
    }

    function _open() internal returns (IFulfilment.Order memory) {
        return _open(2);
    }

    function _delivered() internal returns (IFulfilment.Order memory order) {
        order = _open();
        vm.warp(block.timestamp + 3 days);
        _fulfil(order);
    }

    function _disputed() internal returns (IFulfilment.Order memory order) {
        order = _delivered();
        vm.warp(block.timestamp + 3 days);
        _dispute(order);
    }

    function _dispute(IFulfilment.Order memory order) internal {
        _dispute(order.member, order.stake, order);
    }

    function _dispute(address who, uint256 amount, IFulfilment.Order memory order) internal {
        vm.prank(who);
        ILoyaltyToken(order.token)
            .transferAndCall(address(orders), amount, abi.encode(IOrders.Act.Dispute, order));
    }

    function _confirm(IFulfilment.Order memory order) internal {
        vm.prank(order.member);
        orders.confirm(order);
    }

    function _decide(IFulfilment.Order memory order, uint256 refunded, uint256 compensation) internal {
        vm.prank(order.arbiter);
        orders.decide(order, uint96(refunded), uint96(compensation));
    }

    /// @dev By a stranger: it needs nobody.
    function _claim(IFulfilment.Order memory order) internal {
        vm.prank(intruder);
        orders.claim(order);
    }

    /// @dev By a stranger: it needs nobody.
    function _finish(IFulfilment.Order memory order) internal {
        vm.prank(intruder);
        orders.finish(order.token, _one(order));
    }

    // ------------------------------------------------------------ signatures

    function _spend(address from, uint256 amount) internal returns (ILoyaltyToken.Spend memory) {
        return ILoyaltyToken.Spend({
            from: from, amount: amount, nonce: _nonce(), deadline: block.timestamp + 5 minutes
        });
    }

    function _openDigest(ILoyaltyToken.Spend memory spend, IOrders.OrderRequest memory request)
        internal
        view
        returns (bytes32)
    {
        bytes32 witness = keccak256(
            abi.encode(
                keccak256(bytes(REQUEST_TYPE)),
                request.offerId,
                request.quantity,
                request.version,
                request.leastCompensation,
                request.orderRef
            )
        );
        return _spendDigest(token, spend, "OrderRequest", REQUEST_TYPE, witness);
    }

    function _disputeDigest(ILoyaltyToken.Spend memory spend, bytes32 offerId, uint256 number)
        internal
        view
        returns (bytes32)
    {
        bytes32 witness = keccak256(abi.encode(keccak256(bytes(DISPUTE_TYPE)), offerId, number));
        return _spendDigest(token, spend, "OrderDispute", DISPUTE_TYPE, witness);
    }

    function _confirmDigest(ILoyaltyToken.Spend memory spend, bytes32 offerId, uint256 number)
        internal
        view
        returns (bytes32)
    {
        bytes32 witness = keccak256(abi.encode(keccak256(bytes(CONFIRMATION_TYPE)), offerId, number));
        return _spendDigest(token, spend, "OrderConfirmation", CONFIRMATION_TYPE, witness);
    }

    function _spendDigest(
        ILoyaltyToken which,
        ILoyaltyToken.Spend memory spend,
        string memory name,
        string memory witnessType,
        bytes32 witness
    ) internal view returns (bytes32) {
        bytes32 typehash = keccak256(
            abi.encodePacked(
                "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,",
                name,
                " witness)",
                witnessType
            )
        );
        return _digest(which, block.chainid, _spendHash(spend, address(orders), typehash, witness));
    }

    // ----------------------------------------------------------------- views

    function _state(IFulfilment.Order memory order) internal view returns (IFulfilment.State state) {
        (state,) = orders.stateOf(order.token, order.offerId, order.number);
    }

    function _deadline(IFulfilment.Order memory order) internal view returns (uint40 deadline) {
        (, deadline) = orders.stateOf(order.token, order.offerId, order.number);
    }

    function _record() internal view returns (IFulfilment.Record memory) {
        return orders.recordOf(address(token), MUG);
    }

    function _free() internal view returns (uint256) {
        return orders.freeCompensationOf(address(token), MUG);
    }

    function _owed(address who) internal view returns (uint256) {
        return bonds.owedTo(currency, who);
    }

    function _held() internal view returns (uint256) {
        return token.balanceOf(address(orders));
    }

    function _one(uint256 number) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](1);
        numbers[0] = number;
    }

    function _one(IFulfilment.Order memory order) internal pure returns (IFulfilment.Order[] memory list) {
        list = new IFulfilment.Order[](1);
        list[0] = order;
    }

    // ------------------------------------------------------------ assertions

    function _assertState(IFulfilment.Order memory order, IFulfilment.State state, uint256 deadline)
        internal
        view
    {
        (IFulfilment.State actual, uint40 until) = orders.stateOf(order.token, order.offerId, order.number);
        assertEq(uint8(actual), uint8(state), "state");
        assertEq(until, deadline, "deadline");
    }

    /// @dev What Orders may draw on is what it has promised and what it may still promise, no more, no less.
    function _assertAllotment(uint256 reserved) internal view {
        uint256 allotted = bonds.allotmentOf(address(token), PURSE, address(orders));
        assertEq(allotted, reserved + _free(), "BOND-1: allotment != reserved + free");
    }

    // -------------------------------------------------------- revert reasons

    function _expectWrongState(IFulfilment.Order memory order, IFulfilment.State state) internal {
        vm.expectRevert(_wrongState(order, state));
    }

    function _wrongState(IFulfilment.Order memory order, IFulfilment.State state)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(
            IFulfilment.Fulfilment_WrongState.selector, order.token, order.offerId, order.number, state
        );
    }

    function _expectOtherFacts(IFulfilment.Order memory order) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IFulfilment.Fulfilment_OtherFacts.selector, order.token, order.offerId, order.number
            )
        );
    }
}
