// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBonds } from "../../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { IDeals } from "../../../contracts/interfaces/IDeals.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { IGroupDeals } from "../../../contracts/interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "../../../contracts/interfaces/IGroupPurchaseEscrow.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IPurchaseRights } from "../../../contracts/interfaces/IPurchaseRights.sol";
import { IPurchases } from "../../../contracts/interfaces/IPurchases.sol";
import { Roles } from "../../../contracts/libraries/Roles.sol";
import { Currency } from "./Currencies.sol";
import { DeskTest } from "./DeskTest.sol";

/// @notice A brand that sells to groups: for tokens, for currency and for a mix of both, in a currency that can be
/// told to misbehave. What a member signs is spelt out anew here, and so is what a seat's facts are.
abstract contract GroupTest is DeskTest {
    bytes32 internal constant BEANS = bytes32(bytes28("beans by the sack"));
    bytes32 internal constant KETTLE = bytes32(bytes28("a kettle"));
    bytes32 internal constant MIXED = bytes32(bytes28("a grinder"));
    bytes32 internal constant OPENING = "to open a group";
    uint32 internal constant DURATION = 7 days;
    uint32 internal constant CUTOFF = 1 days;
    uint8 internal constant FULFIL_DAYS = 10;
    uint8 internal constant STAKE_PERCENT = 10;
    uint16 internal constant MOST = 20;
    uint16 internal constant SEAT_LIMIT = 5;
    uint96 internal constant COMPENSATION = 50;
    uint96 internal constant TOKEN_PART = 7;
    uint96 internal constant CURRENCY_PART = 3;
    uint256 internal constant FUND = 100_000;
    /// @dev What each member of the crowd has, of tokens and of currency.
    uint256 internal constant PURSE = 100_000;
    IBonds.Purse internal constant COMPENSATIONS = IBonds.Purse.Compensation;

    string private constant REQUEST_TYPE =
        "SeatRequest(bytes32 groupId,uint256 quantity,uint256 topTier,address member,address referrer,uint256 leastCompensation)";
    string private constant LEAVING_TYPE = "SeatLeaving(bytes32 groupId)";

    IPurchaseRights internal rights;
    IGroupDeals internal deals;
    IGroupPurchaseEscrow internal escrow;
    Currency internal money;
    address internal arbiter = makeAddr("arbiter");
    address internal friend;
    uint256 internal friendKey;
    address internal referrer = makeAddr("referrer");

    function setUp() public virtual override {
        super.setUp();
        (friend, friendKey) = makeAddrAndKey("friend");
        _deployGroups();
        money = new Currency(6);
        currency = address(money);
        _list(IBrandRegistry.List.Currency, currency, true);
        token = _createToken(brand, brandId, "Roaster Points", "ROAST");
        _oblige(brand, token);
        vm.startPrank(brand);
        brands.setManager(brandId, manager, Roles.FULFIL);
        rights.defineRight(
            address(token), OPENING, 100, 1000, START, type(uint40).max, DOCUMENT, DOCUMENT_URI
        );
        vm.stopPrank();
        _equip(member);
        _equip(friend);
        _publish(BEANS, _tokens());
        _publish(KETTLE, _currencyAlone());
        _publish(MIXED, _mixed());
        _fund(MIXED, FUND);
    }

    function _deployGroups() internal {
        rights = IPurchaseRights(
            deployCode("PurchaseRights.sol:PurchaseRights", abi.encode(brands, obligations))
        );
        deals = IGroupDeals(deployCode("GroupDeals.sol:GroupDeals", abi.encode(brands, obligations, rights)));
        escrow = IGroupPurchaseEscrow(
            deployCode(
                "GroupPurchaseEscrow.sol:GroupPurchaseEscrow",
                abi.encode(brands, obligations, bonds, rights, deals)
            )
        );
        vm.label(address(rights), "PurchaseRights");
        vm.label(address(deals), "GroupDeals");
        vm.label(address(escrow), "GroupPurchaseEscrow");
        _list(IBrandRegistry.List.Module, address(escrow), true);
        _list(IBrandRegistry.List.Arbiter, arbiter, true);
    }

    // ----------------------------------------------------------------- brand

    /// @dev Tokens alone, and anybody opens.
    function _tokens() internal view returns (IDeals.Conditions memory conditions) {
        conditions = IDeals.Conditions({
            tokenPart: 1,
            currencyPart: 0,
            opensAt: START,
            closesAt: START + 60 days,
            fulfilDays: FULFIL_DAYS,
            stakePercent: STAKE_PERCENT,
            compensation: 0,
            arbiter: arbiter,
            rightId: 0
        });
    }

    function _currencyAlone() internal view returns (IDeals.Conditions memory conditions) {
        conditions = _tokens();
        (conditions.tokenPart, conditions.currencyPart) = (0, 1);
    }

    /// @dev With compensation, and a right to open.
    function _mixed() internal view returns (IDeals.Conditions memory conditions) {
        conditions = _tokens();
        (conditions.tokenPart, conditions.currencyPart) = (TOKEN_PART, CURRENCY_PART);
        conditions.compensation = COMPENSATION;
        conditions.rightId = OPENING;
    }

    function _plan() internal pure returns (IGroupDeals.Plan memory) {
        return IGroupDeals.Plan({
            mostSeats: MOST, seatLimit: SEAT_LIMIT, groups: 1000, duration: DURATION, cutoff: CUTOFF
        });
    }

    /// @dev Three units at 100 each, six at 90, twelve at 70.
    function _tiers() internal pure returns (IGroupDeals.Tier[] memory tiers) {
        tiers = new IGroupDeals.Tier[](3);
        tiers[0] = IGroupDeals.Tier({ seats: 3, price: 100 });
        tiers[1] = IGroupDeals.Tier({ seats: 6, price: 90 });
        tiers[2] = IGroupDeals.Tier({ seats: 12, price: 70 });
    }

    function _publish(bytes32 dealId, IDeals.Conditions memory conditions) internal {
        _publish(dealId, conditions, _plan(), _tiers());
    }

    function _publish(
        bytes32 dealId,
        IDeals.Conditions memory conditions,
        IGroupDeals.Plan memory plan,
        IGroupDeals.Tier[] memory tiers
    ) internal {
        vm.prank(brand);
        deals.publishDeal(
            address(escrow), address(token), dealId, conditions, plan, tiers, DOCUMENT, DOCUMENT_URI
        );
    }

    function _fund(bytes32 dealId, uint256 value) internal {
        money.mint(brand, value);
        vm.startPrank(brand);
        money.approve(address(bonds), value);
        bonds.deposit(address(token), COMPENSATIONS, value);
        bonds.allot(address(token), COMPENSATIONS, address(escrow), value, abi.encode(dealId));
        vm.stopPrank();
    }

    function _fulfil(IFulfilment.Order memory order) internal {
        vm.prank(manager);
        escrow.fulfil(order.token, order.offerId, _one(order.number));
    }

    // --------------------------------------------------------------- members

    /// @dev Tokens, currency that the escrow may take, and rights to open.
    function _equip(address who) internal {
        _mint(who, PURSE);
        money.mint(who, PURSE);
        vm.prank(who);
        money.approve(address(escrow), type(uint256).max);
        (address[] memory holders, uint256[] memory quantities) = (new address[](1), new uint256[](1));
        (holders[0], quantities[0]) = (who, 10);
        vm.prank(brand);
        rights.grant(address(token), OPENING, holders, quantities);
    }

    /// @dev Somebody new, with all that buying takes.
    function _somebody(uint256 index) internal returns (address who) {
        who = makeAddr(string.concat("somebody ", vm.toString(index)));
        _equip(who);
    }

    function _open(bytes32 dealId) internal returns (bytes32 groupId) {
        vm.prank(member);
        return escrow.open(address(token), dealId);
    }

    function _request(bytes32 groupId, uint256 quantity, uint256 topTier)
        internal
        pure
        returns (IGroupPurchaseEscrow.SeatRequest memory request)
    {
        (request.groupId, request.quantity, request.topTier) = (groupId, quantity, topTier);
    }

    function _join(address who, bytes32 groupId, uint256 quantity, uint256 topTier)
        internal
        returns (IGroupPurchaseEscrow.Seat memory)
    {
        return _join(who, _request(groupId, quantity, topTier));
    }

    /// @dev Whatever the deal is paid in.
    function _join(address who, IGroupPurchaseEscrow.SeatRequest memory request)
        internal
        returns (IGroupPurchaseEscrow.Seat memory seat)
    {
        seat = _seatOf(who, request);
        (uint256 tokens,) = _price(request.groupId, seat.deposit);
        vm.prank(who);
        if (tokens == 0) escrow.join(address(token), request, _noPermit());
        else token.transferAndCall(address(escrow), tokens, abi.encode(IPurchases.Act.Pay, request));
    }

    /// @dev The facts of the seat that would be taken now.
    function _seatOf(address who, IGroupPurchaseEscrow.SeatRequest memory request)
        internal
        view
        returns (IGroupPurchaseEscrow.Seat memory)
    {
        bytes32 dealId = _dealOf(request.groupId);
        (IDeals.Conditions memory conditions,,,) = deals.conditionsOf(address(token), dealId);
        (, IGroupDeals.Tier[] memory tiers) = deals.dealOf(address(token), dealId);
        uint256 free = escrow.freeCompensationOf(address(token), dealId);
        uint256 compensation = conditions.compensation * request.quantity;
        return IGroupPurchaseEscrow.Seat({
            token: address(token),
            groupId: request.groupId == dealId
                ? bytes32(uint256(dealId) + escrow.openedOf(address(token), dealId) + 1)
                : request.groupId,
            member: request.member == address(0) ? who : request.member,
            quantity: uint32(request.quantity),
            deposit: uint96(request.quantity * tiers[request.topTier].price),
            compensation: uint96(compensation < free ? compensation : free),
            arbiter: conditions.arbiter,
            referrer: request.referrer
        });
    }

    function _leave(IGroupPurchaseEscrow.Seat memory seat) internal {
        vm.prank(seat.member);
        escrow.leaveGroup(seat);
    }

    /// @dev By a stranger: it needs nobody.
    function _close(bytes32 groupId) internal {
        vm.prank(intruder);
        escrow.close(address(token), groupId);
    }

    /// @dev By a stranger: it needs nobody.
    function _withdraw(IGroupPurchaseEscrow.Seat memory seat) internal {
        vm.prank(intruder);
        escrow.withdraw(seat);
    }

    /// @dev The order that a participant's seat becomes.
    function _orderOf(IGroupPurchaseEscrow.Seat memory seat)
        internal
        view
        returns (IFulfilment.Order memory)
    {
        IGroupDeals.Group memory group = deals.groupOf(seat.token, seat.groupId);
        uint256 amount = uint256(group.price) * seat.quantity;
        return IFulfilment.Order({
            token: seat.token,
            offerId: seat.groupId,
            number: uint160(seat.member),
            member: seat.member,
            quantity: seat.quantity,
            amount: uint96(amount),
            compensation: seat.compensation,
            stake: uint96(amount * STAKE_PERCENT / 100),
            arbiter: seat.arbiter,
            openedAt: group.deadline,
            orderRef: bytes32(uint256(uint160(seat.referrer)))
        });
    }

    // ------------------------------------------------------------ signatures

    function _noPermit() internal pure returns (IPurchases.Permit memory permit) { }

    function _spend(address from, uint256 amount) internal returns (ILoyaltyToken.Spend memory) {
        return ILoyaltyToken.Spend({
            from: from, amount: amount, nonce: _nonce(), deadline: block.timestamp + 5 minutes
        });
    }

    function _joinDigest(
        ILoyaltyToken which,
        uint256 chainId,
        address spender,
        ILoyaltyToken.Spend memory spend,
        IGroupPurchaseEscrow.SeatRequest memory request
    ) internal view returns (bytes32) {
        bytes32 witness = keccak256(
            abi.encode(
                keccak256(bytes(REQUEST_TYPE)),
                request.groupId,
                request.quantity,
                request.topTier,
                request.member,
                request.referrer,
                request.leastCompensation
            )
        );
        bytes32 typehash = _typehash("SeatRequest", REQUEST_TYPE);
        return _digest(which, chainId, _spendHash(spend, spender, typehash, witness));
    }

    function _joinDigest(ILoyaltyToken.Spend memory spend, IGroupPurchaseEscrow.SeatRequest memory request)
        internal
        view
        returns (bytes32)
    {
        return _joinDigest(token, block.chainid, address(escrow), spend, request);
    }

    function _leaveDigest(ILoyaltyToken.Spend memory spend, bytes32 groupId) internal view returns (bytes32) {
        bytes32 witness = keccak256(abi.encode(keccak256(bytes(LEAVING_TYPE)), groupId));
        return
            _digest(
                token, _spendHash(spend, address(escrow), _typehash("SeatLeaving", LEAVING_TYPE), witness)
            );
    }

    function _typehash(string memory name, string memory witnessType) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(
                "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,",
                name,
                " witness)",
                witnessType
            )
        );
    }

    // ----------------------------------------------------------------- views

    function _dealOf(bytes32 id) internal pure returns (bytes32) {
        return bytes32(bytes28(id));
    }

    function _group(bytes32 groupId) internal view returns (IGroupDeals.Group memory) {
        return deals.groupOf(address(token), groupId);
    }

    /// @dev So many parts of a deal, in tokens and in currency.
    function _price(bytes32 id, uint256 parts) internal view returns (uint256 tokens, uint256 value) {
        (IDeals.Conditions memory conditions,,,) = deals.conditionsOf(address(token), _dealOf(id));
        return (parts * conditions.tokenPart, parts * conditions.currencyPart);
    }

    function _owed(address who) internal view returns (uint256) {
        return escrow.owedTo(currency, who);
    }

    function _free(bytes32 dealId) internal view returns (uint256) {
        return escrow.freeCompensationOf(address(token), dealId);
    }

    function _state(IFulfilment.Order memory order) internal view returns (IFulfilment.State state) {
        (state,) = escrow.stateOf(order.token, order.offerId, order.number);
    }

    function _one(uint256 number) internal pure returns (uint256[] memory numbers) {
        numbers = new uint256[](1);
        numbers[0] = number;
    }

    function _one(IFulfilment.Order memory order) internal pure returns (IFulfilment.Order[] memory list) {
        list = new IFulfilment.Order[](1);
        list[0] = order;
    }

    function _one(IGroupPurchaseEscrow.Seat memory seat)
        internal
        pure
        returns (IGroupPurchaseEscrow.Seat[] memory list)
    {
        list = new IGroupPurchaseEscrow.Seat[](1);
        list[0] = seat;
    }

    // -------------------------------------------------------- revert reasons

    function _expectNotOpen(bytes32 groupId, uint256 endedAt) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IGroupPurchaseEscrow.GroupPurchaseEscrow_NotOpen.selector, address(token), groupId, endedAt
            )
        );
    }

    function _expectStillOpen(bytes32 groupId, uint256 deadline) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IGroupPurchaseEscrow.GroupPurchaseEscrow_StillOpen.selector, address(token), groupId, deadline
            )
        );
    }

    function _expectNoSeat(IGroupPurchaseEscrow.Seat memory seat) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IGroupPurchaseEscrow.GroupPurchaseEscrow_NoSeat.selector,
                seat.token,
                seat.groupId,
                seat.member
            )
        );
    }

    function _expectOtherFacts(IGroupPurchaseEscrow.Seat memory seat) internal {
        vm.expectRevert(
            abi.encodeWithSelector(
                IGroupPurchaseEscrow.GroupPurchaseEscrow_OtherFacts.selector,
                seat.token,
                seat.groupId,
                seat.member
            )
        );
    }
}
