// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";

import { Purchases } from "./base/Purchases.sol";
import { IBonds } from "./interfaces/IBonds.sol";
import { IBrandRegistry } from "./interfaces/IBrandRegistry.sol";
import { IGroupDeals } from "./interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "./interfaces/IGroupPurchaseEscrow.sol";
import { ILoyaltyToken } from "./interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "./interfaces/IObligationRegistry.sol";
import { IPurchaseRights } from "./interfaces/IPurchaseRights.sol";
import { GroupWord, GroupWords } from "./libraries/GroupWord.sol";

// Groups run for hours at least: the seconds by which a block's time can be off decide nothing.
// slither-disable-start timestamp

/// @title GroupPurchaseEscrow
/// @notice See {IGroupPurchaseEscrow}, {IPurchases} and {IFulfilment}.
///
/// **Words.** A group is one word, see {GroupWord}: what a join looks at, and once it is closed what a settling
/// looks at. A seat is one word too, the one of the order that it may become: until then the hash of the
/// seat's facts waits in it. So a join writes two words and nothing grows.
///
/// **Ends.** How a group ends follows from its word alone: it is the same whoever writes it down and when. From
/// then on each seat is settled by its own facts; no act looks at any other's, and nobody but the
/// currency is ever called.
contract GroupPurchaseEscrow is IGroupPurchaseEscrow, Purchases {
    // Where a deal's plan has what, see {GroupDeals}; below it is what the tiers need. A tier is its price and, above
    // that, the arbiter.
    uint256 private constant MOST_AT = 128;
    uint256 private constant LIMIT_AT = 144;
    uint256 private constant GROUPS_AT = 160;
    uint256 private constant DURATION_AT = 192;
    uint256 private constant CUTOFF_AT = 224;
    uint256 private constant ARBITER_AT = 96;

    bytes32 private constant REQUEST_TYPEHASH = keccak256(
        "SeatRequest(bytes32 groupId,uint256 quantity,uint256 topTier,address member,address referrer,uint256 leastCompensation)"
    );
    bytes32 private constant REQUEST_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,SeatRequest witness)SeatRequest(bytes32 groupId,uint256 quantity,uint256 topTier,address member,address referrer,uint256 leastCompensation)"
    );
    bytes32 private constant LEAVING_TYPEHASH = keccak256("SeatLeaving(bytes32 groupId)");
    bytes32 private constant LEAVING_SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,SeatLeaving witness)SeatLeaving(bytes32 groupId)"
    );

    mapping(address token => mapping(bytes32 dealId => uint256 groups)) private _opened;
    mapping(address token => mapping(bytes32 groupId => GroupWord)) private _groups;

    constructor(
        IBrandRegistry brandRegistry,
        IObligationRegistry obligationRegistry,
        IBonds bonds,
        IPurchaseRights rights,
        IGroupDeals deals
    ) Purchases(brandRegistry, obligationRegistry, bonds, rights, address(deals)) { }

    // --------------------------------------------------------------- members

    /// @inheritdoc IGroupPurchaseEscrow
    function open(address token, bytes32 dealId) external returns (bytes32 groupId) {
        return _open(token, dealId, msg.sender);
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function join(address token, SeatRequest memory request, Permit memory permit) external {
        uint256 tokens = _join(token, msg.sender, request, permit);
        require(tokens == 0, Purchases_WrongTokens(0, tokens));
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function leaveGroup(Seat memory seat) external {
        require(msg.sender == seat.member, Fulfilment_NotMember(msg.sender, seat.member));
        _leave(seat);
    }

    // ------------------------------------------------------- signed variants

    /// @inheritdoc IGroupPurchaseEscrow
    function joinWithSignature(
        address token,
        SeatRequest memory request,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature,
        Permit memory permit
    ) external {
        uint256 tokens = _join(token, spend.from, request, permit);
        bytes32 witness = keccak256(abi.encode(REQUEST_TYPEHASH, request));
        _receiveSigned(token, spend, tokens, REQUEST_SPEND_TYPEHASH, witness, signature);
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function leaveGroupWithSignature(
        Seat memory seat,
        ILoyaltyToken.Spend calldata spend,
        bytes calldata signature
    ) external {
        require(spend.from == seat.member, Fulfilment_NotMember(spend.from, seat.member));
        _leave(seat);
        bytes32 witness = keccak256(abi.encode(LEAVING_TYPEHASH, seat.groupId));
        _receiveSigned(seat.token, spend, 0, LEAVING_SPEND_TYPEHASH, witness, signature);
    }

    // ---------------------------------------------------------------- anyone

    /// @inheritdoc IGroupPurchaseEscrow
    function close(address token, bytes32 groupId) external {
        GroupWord group = _group(token, groupId);
        require(!group.isClosed(), GroupPurchaseEscrow_NotOpen(token, groupId, group.time()));
        // slither-disable-next-line unused-return -- it is written down
        _closeAtDeadline(token, groupId, group);
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function withdraw(Seat memory seat) external {
        _checkSeat(seat);
        _settleSeat(seat);
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function settle(Seat[] memory seats) external {
        for (uint256 i = 0; i < seats.length; ++i) {
            Seat memory seat = seats[i];
            if (!hasSeat(seat.token, seat.groupId, seat.member)) continue;
            _checkSeat(seat);
            _settleSeat(seat);
        }
    }

    // ----------------------------------------------------------------- views

    /// @inheritdoc IGroupPurchaseEscrow
    function openedOf(address token, bytes32 dealId) external view returns (uint256 groups) {
        return _opened[token][dealId];
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function groupWordOf(address token, bytes32 groupId) external view returns (GroupWord) {
        return _groups[token][groupId];
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function hasSeat(address token, bytes32 groupId, address member) public view returns (bool) {
        return _waiting(token, groupId, uint160(member)) != 0;
    }

    /// @inheritdoc IGroupPurchaseEscrow
    function isSeat(Seat memory seat) public view returns (bool) {
        return _waiting(seat.token, seat.groupId, uint160(seat.member)) == _hashOf(seat);
    }

    // ---------------------------------------------------- internals: joining

    /// @inheritdoc Purchases
    function _paid(address token, address from, uint256 amount, bytes calldata data) internal override {
        // slither-disable-next-line unused-return -- the act is known
        (, SeatRequest memory request) = abi.decode(data, (Act, SeatRequest));
        uint256 tokens = _join(token, from, request, _noPermit());
        require(amount == tokens, Purchases_WrongTokens(amount, tokens));
    }

    function _open(address token, bytes32 dealId, address opener) private returns (bytes32 groupId) {
        // Check
        DealRecord storage deal = _deal(token, dealId);
        uint256 plan = deal.words[0];
        uint256 number = _opened[token][dealId] + 1;
        // forge-lint: disable-next-line(unsafe-typecast) -- cuts the field out of the word
        require(number <= uint32(plan >> GROUPS_AT), GroupPurchaseEscrow_NoGroupLeft(token, dealId));

        // Effect
        _opened[token][dealId] = number;
        groupId = dealId | bytes32(number);
        // forge-lint: disable-start(unsafe-typecast) -- each cast cuts a field out of its word
        uint40 deadline = uint40(block.timestamp) + uint32(plan >> DURATION_AT);
        _groups[token][groupId] = GroupWords.create(
            deadline,
            uint32(plan >> CUTOFF_AT),
            uint16(plan >> MOST_AT),
            uint16(plan >> LIMIT_AT),
            deal.fulfilDays,
            deal.stakePercent,
            deal.tokenPart != 1 || deal.currencyPart != 0,
            deal.compensation != 0
        );
        // forge-lint: disable-end(unsafe-typecast)
        emit GroupOpened({ token: token, groupId: groupId, opener: opener, deadline: deadline });

        // Interaction
        _begin(token, deal, opener);
    }

    /// @dev Takes a seat and the currency of its deposit.
    /// @return tokens The tokens of its deposit, which the caller sees to.
    // slither-disable-next-line reentrancy-events,reentrancy-benign -- only our own rights are asked; they call nobody
    function _join(address token, address payer, SeatRequest memory request, Permit memory permit)
        private
        returns (uint256 tokens)
    {
        bytes32 groupId = request.groupId;
        bytes32 dealId = _dealIdOf(groupId);
        if (groupId == dealId) groupId = _open(token, dealId, payer);
        GroupWord group = _openGroup(token, groupId);
        (uint256 quantity, uint256 tier) = (request.quantity, request.topTier);
        require(
            quantity != 0 && quantity <= group.seatLimit(),
            GroupPurchaseEscrow_InvalidQuantity(quantity, group.seatLimit())
        );
        uint256 left = group.mostSeats() - group.taken();
        require(quantity <= left, GroupPurchaseEscrow_Full(quantity, left));
        Seat memory seat = _seat(token, groupId, group, payer, request);
        group = group.add(tier, quantity);
        if (quantity == left) _close(token, groupId, group, uint40(block.timestamp));
        else _groups[token][groupId] = group;
        if (!group.isMixed()) return seat.deposit;
        return _charge(token, _dealUnder(token, groupId), payer, seat.deposit, permit);
    }

    /// @dev Writes a seat down.
    function _seat(address token, bytes32 groupId, GroupWord group, address payer, SeatRequest memory request)
        private
        returns (Seat memory seat)
    {
        uint256 tier = request.topTier;
        require(tier < GroupWords.TIERS, GroupPurchaseEscrow_NoTier(tier));
        uint256 top = _dealUnder(token, groupId).words[1 + tier];
        require(top != 0, GroupPurchaseEscrow_NoTier(tier));
        address member = request.member == address(0) ? payer : request.member;
        require(request.referrer != member, GroupPurchaseEscrow_InvalidReferrer(member));
        require(!hasSeat(token, groupId, member), GroupPurchaseEscrow_AlreadySeated(token, groupId, member));
        bytes32 brandId = _brandOf(token);
        _checkBuyer(token, brandId, member);
        if (payer != member) _checkBuyer(token, brandId, payer);

        // forge-lint: disable-start(unsafe-typecast) -- at most the seat limit, for which the dearest price fits
        seat = Seat({
            token: token,
            groupId: groupId,
            member: member,
            quantity: uint32(request.quantity),
            deposit: uint96(request.quantity * uint96(top)),
            compensation: _reserveFor(token, groupId, group, request),
            arbiter: address(uint160(top >> ARBITER_AT)),
            referrer: request.referrer
        });
        // forge-lint: disable-end(unsafe-typecast)
        _setWaiting(token, groupId, uint160(member), _hashOf(seat));
        emit SeatTaken({
            token: token,
            groupId: groupId,
            member: member,
            quantity: seat.quantity,
            deposit: seat.deposit,
            compensation: seat.compensation,
            arbiter: seat.arbiter,
            referrer: seat.referrer
        });
    }

    /// @dev Without looking at the deal if it promises none.
    function _reserveFor(address token, bytes32 groupId, GroupWord group, SeatRequest memory request)
        private
        returns (uint96 compensation)
    {
        uint256 least = request.leastCompensation;
        if (group.isCompensated()) return _reserve(_dealUnder(token, groupId), request.quantity, least);
        require(least == 0, Purchases_CompensationShort(0, least));
    }

    function _leave(Seat memory seat) private {
        GroupWord group = _openGroup(seat.token, seat.groupId);
        uint40 cutoffAt = group.cutoffAt();
        require(block.timestamp < cutoffAt, GroupPurchaseEscrow_TooLateToLeave(cutoffAt));
        _checkSeat(seat);
        DealRecord storage deal = _dealUnder(seat.token, seat.groupId);
        uint256 tier = 0;
        // The deposit was made at the price of one of them.
        // forge-lint: disable-next-line(unsafe-typecast) -- cuts the price out of the word
        while (uint256(uint96(deal.words[1 + tier])) * seat.quantity != seat.deposit) ++tier;
        _groups[seat.token][seat.groupId] = group.remove(tier, seat.quantity);
        _refund(seat, group);
    }

    // ----------------------------------------------------- internals: ending

    function _closeAtDeadline(address token, bytes32 groupId, GroupWord group) private returns (GroupWord) {
        uint40 deadline = group.time();
        require(block.timestamp >= deadline, GroupPurchaseEscrow_StillOpen(token, groupId, deadline));
        return _close(token, groupId, group, deadline);
    }

    function _close(address token, bytes32 groupId, GroupWord group, uint40 closedAt)
        private
        returns (GroupWord closed)
    {
        (uint96 price, uint16 units) = _outcomeOf(token, groupId, group);
        closed = group.closed(price, units, closedAt);
        _groups[token][groupId] = closed;
        emit GroupClosed({ token: token, groupId: groupId, price: price, units: units, closedAt: closedAt });
    }

    /// @dev Settles a seat that waits.
    function _settleSeat(Seat memory seat) private {
        GroupWord group = _group(seat.token, seat.groupId);
        if (!group.isClosed()) group = _closeAtDeadline(seat.token, seat.groupId, group);
        uint256 amount = uint256(group.price()) * seat.quantity;
        // slither-disable-next-line incorrect-equality -- a group without a price has failed
        if (amount == 0 || amount > seat.deposit) {
            _refund(seat, group);
            return;
        }
        // forge-lint: disable-start(unsafe-typecast) -- at most the deposit
        _openOrder(
            Order({
                token: seat.token,
                offerId: seat.groupId,
                number: uint160(seat.member),
                member: seat.member,
                quantity: seat.quantity,
                amount: uint96(amount),
                compensation: seat.compensation,
                stake: uint96(amount * group.stakePercent() / 100),
                arbiter: seat.arbiter,
                openedAt: group.time(),
                orderRef: bytes32(uint256(uint160(seat.referrer)))
            }),
            group.time() + uint40(group.fulfilDays()) * 1 days
        );
        // forge-lint: disable-end(unsafe-typecast)
        if (amount != seat.deposit) _repay(seat, group, seat.deposit - amount);
    }

    /// @dev Gives a seat up: all of it goes back.
    function _refund(Seat memory seat, GroupWord group) private {
        _setWaiting(seat.token, seat.groupId, uint160(seat.member), 0);
        emit SeatRefunded({
            token: seat.token,
            groupId: seat.groupId,
            member: seat.member,
            quantity: seat.quantity,
            deposit: seat.deposit
        });
        if (seat.compensation != 0) _free(_dealUnder(seat.token, seat.groupId), seat.compensation);
        _repay(seat, group, seat.deposit);
    }

    function _repay(Seat memory seat, GroupWord group, uint256 parts) private {
        if (!group.isMixed()) _send(seat.token, seat.member, parts);
        else _payOut(seat.token, _dealUnder(seat.token, seat.groupId), seat.member, parts);
    }

    // ------------------------------------------------------ internals: hooks

    /// @dev Counts the order's units as failed.
    function _countFailed(Order memory order) internal override {
        _groups[order.token][order.offerId] = _groups[order.token][order.offerId].fail(order.quantity);
    }

    /// @dev The participants' units are open from the closing on, whether or not their seats are settled.
    function _openedAndFailed(address token, bytes32 groupId)
        internal
        view
        override
        returns (uint256 opened, uint256 failed)
    {
        GroupWord group = _group(token, groupId);
        return group.isClosed() ? (group.units(), group.failed()) : (0, 0);
    }

    // ----------------------------------------------------- internals: checks

    function _group(address token, bytes32 groupId) private view returns (GroupWord group) {
        group = _groups[token][groupId];
        require(group.exists(), GroupPurchaseEscrow_NotFound(token, groupId));
    }

    function _openGroup(address token, bytes32 groupId) private view returns (GroupWord group) {
        group = _group(token, groupId);
        require(
            !group.isClosed() && block.timestamp < group.time(),
            GroupPurchaseEscrow_NotOpen(token, groupId, group.time())
        );
    }

    function _checkSeat(Seat memory seat) private view {
        uint208 waiting = _waiting(seat.token, seat.groupId, uint160(seat.member));
        require(waiting != 0, GroupPurchaseEscrow_NoSeat(seat.token, seat.groupId, seat.member));
        require(
            waiting == _hashOf(seat), GroupPurchaseEscrow_OtherFacts(seat.token, seat.groupId, seat.member)
        );
    }

    /// @dev How an open group would end now.
    function _outcomeOf(address token, bytes32 groupId, GroupWord group)
        private
        view
        returns (uint96 price, uint16 units)
    {
        DealRecord storage deal = _dealUnder(token, groupId);
        uint256 tier;
        // forge-lint: disable-start(unsafe-typecast) -- each cast cuts a field out of its word
        (units, tier) = group.reached(uint128(deal.words[0]));
        if (units != 0) price = uint96(deal.words[1 + tier]);
        // forge-lint: disable-end(unsafe-typecast)
    }

    /// @dev The upper 208 bits of the hash of the facts, which lie in memory as they would be encoded.
    ///
    /// Plain twin, which the tests hold it to: `uint256(keccak256(abi.encode(seat))) >> 48`.
    function _hashOf(Seat memory seat) private pure returns (uint208 hash) {
        assembly ("memory-safe") {
            hash := shr(48, keccak256(seat, mul(8, 0x20)))
        }
    }
}

// slither-disable-end timestamp
