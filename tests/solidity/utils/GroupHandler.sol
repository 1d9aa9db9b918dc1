// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IDeals } from "../../../contracts/interfaces/IDeals.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { IGroupDeals } from "../../../contracts/interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "../../../contracts/interfaces/IGroupPurchaseEscrow.sol";
import { IPurchases } from "../../../contracts/interfaces/IPurchases.sol";
import { GroupTest } from "./GroupTest.sol";

/// @notice Members, a brand and strangers who act on many groups of three deals at once, in whatever order, and books
/// of what must come of it that are kept apart from the contract's: plain lists and sums.
contract GroupHandler is GroupTest {
    enum Phase {
        Waiting,
        Open,
        Delivered,
        Disputed,
        Over
    }

    struct Followed {
        IGroupPurchaseEscrow.Seat facts;
        IFulfilment.Order order;
        Phase phase;
        uint256 tier;
        uint256 deadline;
    }

    struct FollowedGroup {
        bytes32 id;
        uint256 deadline;
        bool closed;
        uint256 price;
        uint256 paidIn;
        uint256 paidBack;
        uint256 earned;
    }

    uint256 private constant MEMBERS = 8;
    uint256 private constant MOST_GROUPS = 12;

    address[] private _members;
    FollowedGroup[] private _groups_;
    Followed[] private _seats;
    mapping(bytes32 groupId => uint256) private _indexOf;
    mapping(address => uint256) private _owedTo;
    mapping(address => uint256) private _tokensOf;
    uint256 private _proceeds;
    uint256 private _freeFund;
    uint256 private _donatedTokens;
    uint256 private _donatedMoney;

    uint256 public tried;
    uint256 public groupsSucceeded;
    uint256 public groupsFailed;
    uint256 public ended;
    mapping(bytes4 => uint256) public done;
    mapping(bytes4 => uint256) public refused;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < MEMBERS; ++i) {
            address who = makeAddr(string.concat("member ", vm.toString(i)));
            _members.push(who);
            _mint(who, 1_000_000);
            _tokensOf[who] = 1_000_000;
            money.mint(who, 10_000_000);
            vm.prank(who);
            money.approve(address(escrow), type(uint256).max);
        }
        (address[] memory holders, uint256[] memory quantities) =
            (new address[](MEMBERS), new uint256[](MEMBERS));
        for (uint256 i = 0; i < MEMBERS; ++i) {
            (holders[i], quantities[i]) = (_members[i], 20);
        }
        vm.prank(brand);
        rights.grant(address(token), OPENING, holders, quantities);
        _freeFund = FUND;
    }

    function acts() external pure returns (bytes4[] memory list) {
        list = new bytes4[](12);
        list[0] = this.open.selector;
        list[1] = this.join.selector;
        list[2] = this.leaveGroup.selector;
        list[3] = this.close.selector;
        list[4] = this.settle.selector;
        list[5] = this.fulfil.selector;
        list[6] = this.decline.selector;
        list[7] = this.dispute.selector;
        list[8] = this.end.selector;
        list[9] = this.fetch.selector;
        list[10] = this.donateAndSteal.selector;
        list[11] = this.wait_.selector;
    }

    // ------------------------------------------------------------------ acts

    function open(uint256 who, uint256 what) external {
        if (_groups_.length >= MOST_GROUPS && what % 4 != 0) return;
        bytes32 dealId = [BEANS, KETTLE, MIXED][what % 3];
        bytes32 groupId = bytes32(uint256(dealId) + escrow.openedOf(address(token), dealId) + 1);
        bytes memory data = abi.encodeCall(escrow.open, (address(token), dealId));
        bool can = block.timestamp < START + 60 days
            && (dealId != MIXED || rights.balanceOf(_who(who), rights.idOf(address(token), OPENING)) != 0);
        if (!_act(_who(who), address(escrow), data, can)) return;
        _indexOf[groupId] = _groups_.length;
        _groups_.push(FollowedGroup(groupId, block.timestamp + DURATION, false, 0, 0, 0, 0));
    }

    /// @dev Three at a time, so that groups fill.
    function join(uint256 who, uint256 what, uint256 quantity, uint256 tier, uint256 when) external {
        if (_groups_.length == 0) return;
        for (uint256 i = 0; i < 3; ++i) {
            _joinOne(who % 1000 + i, what, (quantity >> 8 * i) % 256, tier >> 8 * i, when);
        }
    }

    function _joinOne(uint256 who, uint256 what, uint256 quantity, uint256 tier, uint256 when) private {
        FollowedGroup storage group = _groups_[_groups_.length - 1 - what % _min(4, _groups_.length)];
        _maybeWait(group.deadline, when);
        IGroupPurchaseEscrow.SeatRequest memory request =
            _request(group.id, quantity % (SEAT_LIMIT + 2), tier % 3);
        address payer = _who(who);
        request.member = quantity % 7 == 0 ? _who(who + 1) : payer;
        bool can = _isOpen(group) && request.quantity != 0 && request.quantity <= SEAT_LIMIT
            && request.quantity <= MOST - _taken(group.id) && !_isSeated(group.id, request.member);
        if (can) {
            IGroupPurchaseEscrow.Seat memory seat = _seatOf(payer, request);
            _follow(group, seat, request.topTier);
            (uint256 tokens,) = _price(group.id, seat.deposit);
            _tokensOf[payer] -= tokens;
            _freeFund -= seat.compensation;
            _pay(payer, request, tokens, true);
            if (_taken(group.id) == MOST) _closed(group);
        } else {
            (uint256 tokens,) = _price(group.id, request.quantity * [uint256(100), 90, 70][tier % 3]);
            _pay(payer, request, tokens, false);
        }
    }

    function leaveGroup(uint256 which, uint256 when) external {
        (bool any, uint256 id) = _pick(which, Phase.Waiting);
        if (!any) return;
        Followed storage one = _seats[id];
        if (_isSeatedAgain(one)) return;
        FollowedGroup storage group = _groupOf(one);
        _maybeWait(group.deadline - CUTOFF, when);
        bool can = one.phase == Phase.Waiting && _isOpen(group) && block.timestamp < group.deadline - CUTOFF;
        bytes memory data = abi.encodeCall(escrow.leaveGroup, (one.facts));
        if (_act(one.facts.member, address(escrow), data, can)) _back(one, one.facts.deposit, true);
    }

    function close(uint256 which, uint256 when) external {
        if (_groups_.length == 0) return;
        FollowedGroup storage group = _groups_[which % _groups_.length];
        _maybeWait(group.deadline, when);
        bool can = !group.closed && block.timestamp >= group.deadline;
        bytes memory data = abi.encodeCall(escrow.close, (address(token), group.id));
        if (_act(intruder, address(escrow), data, can)) _closed(group);
    }

    function settle(uint256 which, uint256 when, bool alone) external {
        (bool any, uint256 id) = _pick(which, Phase.Waiting);
        if (!any) return;
        Followed storage one = _seats[id];
        if (_isSeatedAgain(one)) return;
        FollowedGroup storage group = _groupOf(one);
        _maybeWait(group.deadline, when);
        bool ripe = group.closed || block.timestamp >= group.deadline;
        // Alone what is over is refused, in a batch it is passed over.
        bool can = one.phase == Phase.Waiting ? ripe : !alone;
        bytes memory data = alone
            ? abi.encodeCall(escrow.withdraw, (one.facts))
            : abi.encodeCall(escrow.settle, (_one(one.facts)));
        if (_act(intruder, address(escrow), data, can) && one.phase == Phase.Waiting) _settled(one);
    }

    function fulfil(uint256 which, uint256 when) external {
        (bool any, uint256 id) = _pick(which, Phase.Open);
        if (!any) return;
        Followed storage one = _seats[id];
        if (one.phase == Phase.Over) return;
        _maybeWait(one.deadline, when);
        bool can = one.phase == Phase.Open && block.timestamp < one.deadline;
        bytes memory data = abi.encodeCall(
            escrow.fulfil, (address(token), one.facts.groupId, _one(uint160(one.facts.member)))
        );
        if (!_act(manager, address(escrow), data, can)) return;
        (one.phase, one.deadline) = (Phase.Delivered, block.timestamp + 14 days);
    }

    function decline(uint256 which) external {
        (bool any, uint256 id) = _pick(which, Phase.Open);
        if (!any) return;
        Followed storage one = _seats[id];
        bool can = one.phase != Phase.Waiting && one.phase != Phase.Over;
        bool free = one.phase == Phase.Open && block.timestamp < one.order.openedAt + 1 days;
        uint256 stake = one.phase == Phase.Disputed ? one.order.stake : 0;
        bytes memory data = abi.encodeCall(escrow.decline, (one.order));
        if (!_act(brand, address(escrow), data, can)) return;
        _over(one, one.order.amount, stake, free ? 0 : one.order.compensation);
    }

    function dispute(uint256 which, uint256 when) external {
        (bool any, uint256 id) = _pick(which, Phase.Delivered);
        if (!any) return;
        Followed storage one = _seats[id];
        if (one.phase == Phase.Waiting) return;
        if (one.phase != Phase.Over) _maybeWait(one.deadline, when);
        bool can = one.phase == Phase.Delivered && block.timestamp < one.deadline;
        (uint256 tokens,) = _price(one.facts.groupId, one.order.stake);
        (address target, bytes memory data) = (address(escrow), abi.encodeCall(escrow.dispute, (one.order)));
        if (tokens != 0) {
            data = abi.encode(IPurchases.Act.Dispute, one.order);
            (target, data) =
            (address(token), abi.encodeCall(token.transferAndCall, (address(escrow), tokens, data)));
        }
        if (!_act(one.facts.member, target, data, can)) return;
        _tokensOf[one.facts.member] -= tokens;
        _groupOf(one).paidIn += one.order.stake;
        (one.phase, one.deadline) = (Phase.Disputed, block.timestamp + 30 days);
    }

    /// @dev Confirm, decide, finish or claim.
    function end(uint256 which, uint256 how, uint256 when) external {
        how %= 4;
        (bool any, uint256 id) =
            _pick(which, how == 1 ? Phase.Disputed : how == 2 ? Phase.Delivered : Phase.Open);
        if (!any) return;
        Followed storage one = _seats[id];
        if (one.phase == Phase.Waiting || one.phase == Phase.Over) return;
        _maybeWait(one.deadline, when);
        bool late = block.timestamp >= one.deadline;
        IFulfilment.Order memory order = one.order;
        bool disputed = one.phase == Phase.Disputed;
        uint256 stake = disputed ? order.stake : 0;
        if (how == 0) {
            if (!_act(order.member, address(escrow), abi.encodeCall(escrow.confirm, (order)), true)) return;
            _over(one, 0, stake, 0);
        } else if (how == 1) {
            uint96 back = uint96(which % (uint256(order.amount) + 1));
            bytes memory data = abi.encodeCall(escrow.decide, (order, back, order.compensation));
            if (!_act(arbiter, address(escrow), data, disputed && !late)) return;
            bool right = back != 0 || order.compensation != 0;
            _over(one, back, right ? stake : 0, order.compensation);
        } else if (how == 2) {
            bytes memory data = abi.encodeCall(escrow.finish, (address(token), _one(order)));
            if (!_act(intruder, address(escrow), data, one.phase == Phase.Delivered && late)) return;
            _over(one, 0, 0, 0);
        } else {
            bytes memory data = abi.encodeCall(escrow.claim, (order));
            if (!_act(intruder, address(escrow), data, one.phase != Phase.Delivered && late)) return;
            _over(one, order.amount, stake, order.compensation);
        }
    }

    function fetch(uint256 who, bool asBrand) external {
        if (asBrand) {
            bytes memory data = abi.encodeCall(escrow.withdrawProceeds, (address(token), till));
            if (_act(brand, address(escrow), data, _proceeds != 0)) _proceeds = 0;
            return;
        }
        address account = _who(who);
        bytes memory call = abi.encodeCall(escrow.collect, (currency, account));
        if (_act(intruder, address(escrow), call, _owedTo[account] != 0)) _owedTo[account] = 0;
    }

    function donateAndSteal(uint256 which, uint256 amount) external {
        amount = 1 + amount % 100;
        money.mint(address(escrow), amount);
        _donatedMoney += amount;
        address from = _who(which);
        vm.prank(from);
        token.transfer(address(escrow), amount);
        _tokensOf[from] -= amount;
        _donatedTokens += amount;
        _act(intruder, address(escrow), abi.encodeCall(escrow.collectTo, (currency, intruder)), false);
        if (_seats.length == 0) return;
        Followed storage one = _seats[which % _seats.length];
        IGroupPurchaseEscrow.Seat memory seat = one.facts;
        _act(intruder, address(escrow), abi.encodeCall(escrow.leaveGroup, (seat)), false);
        seat.deposit += 1;
        _act(intruder, address(escrow), abi.encodeCall(escrow.withdraw, (seat)), false);
        seat = one.facts;
        seat.compensation += 1;
        _act(seat.member, address(escrow), abi.encodeCall(escrow.leaveGroup, (seat)), false);
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + 1 + time % 1 days);
        done[msg.sig] += 1;
    }

    // ---------------------------------------------------------------- checks

    function checkPromises() external view {
        uint256[] memory held = new uint256[](_groups_.length);
        uint256 reserved;
        for (uint256 i = 0; i < _seats.length; ++i) {
            Followed storage one = _seats[i];
            if (one.phase == Phase.Over) continue;
            bool waits = one.phase == Phase.Waiting;
            if (waits) assertTrue(escrow.isSeat(one.facts), "GROUP-1: a seat is gone");
            uint256 parts = waits ? one.facts.deposit : one.order.amount;
            if (one.phase == Phase.Disputed) parts += one.order.stake;
            held[_indexOf[one.facts.groupId]] += parts;
            reserved += one.facts.compensation;
            if (waits) continue;
            (IFulfilment.State state, uint40 deadline) =
                escrow.stateOf(address(token), one.facts.groupId, uint160(one.facts.member));
            assertEq(uint8(state), uint8(one.phase), "RED-1: state");
            assertEq(deadline, one.deadline, "RED-1: deadline");
        }
        (uint256 tokens, uint256 value) = (_donatedTokens, _donatedMoney + _proceeds);
        for (uint256 i = 0; i < _groups_.length; ++i) {
            FollowedGroup storage group = _groups_[i];
            assertEq(group.paidIn, group.paidBack + group.earned + held[i], "GROUP-1: in != out + held");
            (uint256 someTokens, uint256 some) = _price(group.id, held[i]);
            (tokens, value) = (tokens + someTokens, value + some);
            // Each in its turn: looking at all seats for each group at each step would take most of a run.
            if (i == tried % _groups_.length) _checkGroup(group);
        }
        for (uint256 i = 0; i < MEMBERS; ++i) {
            assertEq(_owed(_members[i]), _owedTo[_members[i]], "BOOK-1: owed");
            assertEq(token.balanceOf(_members[i]), _tokensOf[_members[i]], "ISSUE-2: a member's tokens");
            value += _owedTo[_members[i]];
        }
        assertEq(escrow.proceedsOf(address(token)), _proceeds, "BOOK-1: proceeds");
        assertEq(token.balanceOf(address(escrow)), tokens, "GROUP-1: tokens in total");
        assertEq(money.balanceOf(address(escrow)), value, "GROUP-1: currency in total");
        assertEq(_free(MIXED), _freeFund, "BOND-1: free");
        uint256 drawable = bonds.allotmentOf(address(token), COMPENSATIONS, address(escrow));
        assertEq(drawable, _freeFund + reserved, "BOND-1: allotment != free + reserved");
    }

    function _checkGroup(FollowedGroup storage group) private view {
        IGroupDeals.Group memory facts = _group(group.id);
        assertEq(facts.isClosed, group.closed, "GROUP-3: closed");
        assertEq(facts.deadline, group.deadline, "GROUP-3: deadline");
        uint256 price = group.closed ? group.price : _outcome(group.id);
        assertEq(facts.price, price, "GROUP-2: the price");
        bool isOpen = _isOpen(group);
        IGroupDeals.Status status = isOpen
            ? IGroupDeals.Status.Open
            : price == 0 ? IGroupDeals.Status.Failed : IGroupDeals.Status.Succeeded;
        assertEq(uint8(facts.status), uint8(status), "GROUP-3: status");
    }

    /// @notice In the end everybody leaves, without anyone's help, and nothing is left but what was given.
    function leaveAll() external {
        vm.warp(block.timestamp + 400 days);
        for (uint256 i = 0; i < _seats.length; ++i) {
            Followed storage one = _seats[i];
            if (one.phase == Phase.Waiting) {
                _act(intruder, address(escrow), abi.encodeCall(escrow.withdraw, (one.facts)), true);
                _settled(one);
            }
            if (one.phase == Phase.Delivered) {
                bytes memory data = abi.encodeCall(escrow.finish, (address(token), _one(one.order)));
                _act(intruder, address(escrow), data, true);
                _over(one, 0, 0, 0);
            } else if (one.phase != Phase.Over) {
                uint256 stake = one.phase == Phase.Disputed ? one.order.stake : 0;
                _act(intruder, address(escrow), abi.encodeCall(escrow.claim, (one.order)), true);
                _over(one, one.order.amount, stake, one.order.compensation);
            }
        }
        for (uint256 i = 0; i < MEMBERS; ++i) {
            if (_owedTo[_members[i]] == 0) continue;
            escrow.collect(currency, _members[i]);
            _owedTo[_members[i]] = 0;
        }
        if (_proceeds != 0) {
            vm.prank(brand);
            escrow.withdrawProceeds(address(token), till);
            _proceeds = 0;
        }
        assertEq(token.balanceOf(address(escrow)), _donatedTokens, "GROUP-1: tokens are left");
        assertEq(money.balanceOf(address(escrow)), _donatedMoney, "GROUP-1: currency is left");
    }

    // ----------------------------------------------------------- own books

    function _follow(FollowedGroup storage group, IGroupPurchaseEscrow.Seat memory seat, uint256 tier)
        private
    {
        Followed storage one = _seats.push();
        (one.facts, one.tier) = (seat, tier);
        group.paidIn += seat.deposit;
    }

    /// @dev What a group would come to, seat by seat.
    function _outcome(bytes32 groupId) private view returns (uint256 price) {
        IGroupDeals.Tier[] memory tiers = _tiers();
        uint256[3] memory units;
        for (uint256 i = 0; i < _seats.length; ++i) {
            Followed storage one = _seats[i];
            if (one.phase != Phase.Waiting || one.facts.groupId != groupId) continue;
            for (uint256 tier = one.tier; tier < tiers.length; ++tier) {
                units[tier] += one.facts.quantity;
            }
        }
        for (uint256 tier = 0; tier < tiers.length; ++tier) {
            if (units[tier] >= tiers[tier].seats) price = tiers[tier].price;
        }
    }

    function _closed(FollowedGroup storage group) private {
        group.price = _outcome(group.id);
        if (block.timestamp < group.deadline) group.deadline = block.timestamp;
        group.closed = true;
        group.price == 0 ? ++groupsFailed : ++groupsSucceeded;
    }

    function _settled(Followed storage one) private {
        FollowedGroup storage group = _groupOf(one);
        if (!group.closed) _closed(group);
        uint256 amount = group.price * one.facts.quantity;
        if (amount == 0 || amount > one.facts.deposit) {
            _back(one, one.facts.deposit, true);
            return;
        }
        one.order = _orderOf(one.facts);
        assertEq(one.order.amount, amount, "GROUP-2: one price for all");
        (one.phase, one.deadline) = (Phase.Open, group.deadline + uint256(FULFIL_DAYS) * 1 days);
        _back(one, one.facts.deposit - amount, false);
    }

    function _back(Followed storage one, uint256 parts, bool over) private {
        _groupOf(one).paidBack += parts;
        (uint256 tokens, uint256 value) = _price(one.facts.groupId, parts);
        _tokensOf[one.facts.member] += tokens;
        _owedTo[one.facts.member] += value;
        if (!over) return;
        assertTrue(one.phase != Phase.Over, "RED-1: ended twice");
        one.phase = Phase.Over;
        _freeFund += one.facts.compensation;
    }

    function _over(Followed storage one, uint256 back, uint256 stakeBack, uint256 compensation) private {
        uint256 stake = one.phase == Phase.Disputed ? one.order.stake : 0;
        uint256 earned = one.order.amount - back + stake - stakeBack;
        _groupOf(one).earned += earned;
        (, uint256 value) = _price(one.facts.groupId, earned);
        _proceeds += value;
        _back(one, back + stakeBack, true);
        _freeFund -= compensation;
        ++ended;
    }

    // --------------------------------------------------------------- helpers

    function _pay(
        address payer,
        IGroupPurchaseEscrow.SeatRequest memory request,
        uint256 tokens,
        bool expected
    ) private {
        (, uint256 value) = _price(request.groupId, 1);
        (address target, bytes memory data) = tokens == 0 && value != 0
            ? (address(escrow), abi.encodeCall(escrow.join, (address(token), request, _noPermit())))
            : (
                address(token),
                abi.encodeCall(
                    token.transferAndCall, (address(escrow), tokens, abi.encode(IPurchases.Act.Pay, request))
                )
            );
        _act(payer, target, data, expected);
    }

    function _who(uint256 which) private view returns (address) {
        return _members[which % MEMBERS];
    }

    function _groupOf(Followed storage one) private view returns (FollowedGroup storage) {
        return _groups_[_indexOf[one.facts.groupId]];
    }

    function _isOpen(FollowedGroup storage group) private view returns (bool) {
        return !group.closed && block.timestamp < group.deadline;
    }

    function _isSeated(bytes32 groupId, address who) private view returns (bool) {
        for (uint256 i = 0; i < _seats.length; ++i) {
            Followed storage one = _seats[i];
            if (one.facts.groupId == groupId && one.facts.member == who && one.phase == Phase.Waiting) {
                return true;
            }
        }
        return false;
    }

    function _taken(bytes32 groupId) private view returns (uint256 units) {
        for (uint256 i = 0; i < _seats.length; ++i) {
            Followed storage one = _seats[i];
            if (one.facts.groupId == groupId && one.phase == Phase.Waiting) units += one.facts.quantity;
        }
    }

    /// @dev A seat in that phase if there is one; seldom any.
    function _pick(uint256 which, Phase phase) private view returns (bool any, uint256 id) {
        if (_seats.length == 0) return (false, 0);
        id = which % _seats.length;
        if (which % 8 == 7) return (true, id);
        for (uint256 i = 0; i < _seats.length; ++i) {
            uint256 other = (id + i) % _seats.length;
            if (_seats[other].phase == phase) return (true, other);
        }
        return (true, id);
    }

    /// @dev To a second before a deadline, to it, or to a second after it; or not at all.
    function _maybeWait(uint256 deadline, uint256 when) private {
        if (deadline == 0 || when % 13 > 2) return;
        uint256 time = deadline + when % 13 - 1;
        if (time > block.timestamp && time < block.timestamp + 15 days) vm.warp(time);
    }

    /// @dev Who left and came back has another seat, whose facts may even be the same.
    function _isSeatedAgain(Followed storage one) private view returns (bool) {
        return
            one.phase != Phase.Waiting && escrow.hasSeat(address(token), one.facts.groupId, one.facts.member);
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _act(address sender, address target, bytes memory data, bool expected) private returns (bool) {
        vm.prank(sender);
        (bool success,) = target.call(data);
        assertEq(success, expected, expected ? "refused what must work" : "did what must not work");
        success ? done[msg.sig] += 1 : refused[msg.sig] += 1;
        tried += 1;
        return success;
    }
}
