// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../../contracts/interfaces/IFulfilment.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IOffers } from "../../../contracts/interfaces/IOffers.sol";
import { IOrders } from "../../../contracts/interfaces/IOrders.sol";
import { OrderTest } from "./OrderTest.sol";

/// @notice Plays two brands, their members, an arbiter and strangers at random, while prices change, purses
/// fill and run dry, a brand is suspended or leaves, the currency fails and time passes. It keeps the
/// plainest books beside it, an order each: every act says beforehand whether it must succeed, and who must
/// get what.
contract OrderHandler is OrderTest {
    uint256 internal constant TOKENS = 2;
    uint256 internal constant OFFERS = 2;
    uint256 internal constant MEMBERS = 3;

    /// @dev An order as whoever follows the events knows it.
    struct Followed {
        IFulfilment.Order facts;
        uint256 token;
        IFulfilment.State state;
        uint256 deadline;
        bool ended;
    }

    ILoyaltyToken[TOKENS] internal tokens;
    address[TOKENS] internal admins;
    bytes32[OFFERS] internal offerIds;
    address[] internal members;

    // The shadow books.
    Followed[] internal followed;
    uint256[] internal live;
    uint256[TOKENS] internal supplies;
    uint256[TOKENS] internal donated;
    uint256[TOKENS] internal allotted;
    uint256[OFFERS][TOKENS] internal free;
    IFulfilment.Record[OFFERS][TOKENS] internal records;
    uint256[MEMBERS] internal owed;
    mapping(address holder => mapping(uint256 token => uint256)) internal balances;

    mapping(bytes4 act => uint256) public done;
    mapping(bytes4 act => uint256) public refused;
    /// @notice How many acts there were.
    uint256 public tried;

    function setUp() public override {
        super.setUp();
        tokens = [token, partnerToken];
        admins = [brand, partner];
        offerIds = [MUG, bytes32("a bowl")];
        members = [member, makeAddr("second member"), brand];
        // The partner's token is settled in the same currency, so that one vault holds both bonds.
        partnerToken = _createToken(partner, partnerId, "Paper Points", "PAP");
        _oblige(partner, partnerToken);
        tokens[1] = partnerToken;
        _list(IBrandRegistry.List.Arbiter, till, true);
        for (uint256 i = 0; i < TOKENS; ++i) {
            for (uint256 j = 0; j < OFFERS; ++j) {
                if (i + j == 0) continue;
                IOffers.Conditions memory conditions = _made();
                conditions.price = uint96(7 + 90 * j);
                conditions.fulfilDays = uint8(30 + 30 * j);
                vm.prank(admins[i]);
                orders.createOffer(address(tokens[i]), offerIds[j], conditions, DOCUMENT, DOCUMENT_URI);
            }
            for (uint256 j = 0; j < MEMBERS; ++j) {
                if (i + j != 0) _mint(tokens[i], members[j], BALANCE);
                balances[members[j]][i] = BALANCE;
            }
            supplies[i] = MEMBERS * BALANCE;
        }
        (free[0][0], allotted[0]) = (FUND, FUND);
    }

    function acts() external pure returns (bytes4[] memory selectors) {
        selectors = new bytes4[](16);
        selectors[0] = this.open.selector;
        selectors[1] = this.openMore.selector;
        selectors[2] = this.fulfil.selector;
        selectors[3] = this.fulfilAgain.selector;
        selectors[4] = this.decline.selector;
        selectors[5] = this.confirm.selector;
        selectors[6] = this.dispute.selector;
        selectors[7] = this.finishAgain.selector;
        selectors[8] = this.decide.selector;
        selectors[9] = this.finish.selector;
        selectors[10] = this.claim.selector;
        selectors[11] = this.fund.selector;
        selectors[12] = this.reclaim.selector;
        selectors[13] = this.change.selector;
        selectors[14] = this.donateAndSteal.selector;
        selectors[15] = this.wait_.selector;
    }

    // ----------------------------------------------------- for the controls

    function ordersAddress() external view returns (address) {
        return address(orders);
    }

    function bondsAddress() external view returns (address) {
        return address(bonds);
    }

    function tokenAddress() external view returns (address) {
        return address(tokens[0]);
    }

    function offerId() external view returns (bytes32) {
        return offerIds[0];
    }

    function currencyAddress() external view returns (address) {
        return currency;
    }

    /// @notice How many orders ended so far.
    function endedCount() external view returns (uint256) {
        return followed.length - live.length;
    }

    // ------------------------------------------------------------------ acts

    /// @dev Mostly for what it costs, sometimes for a unit less or for more, or insisting on too much.
    function open(uint256 who, uint256 which, uint256 what, uint256 quantity, uint256 how) public {
        (who, which, what) = (who % MEMBERS, which % TOKENS, what % OFFERS);
        quantity = _between(quantity, how % 16 == 0 ? 0 : 1, 5);
        (token, how) = (tokens[which], how % 16);
        IFulfilment.Order memory order = _facts(members[who], offerIds[what], quantity);
        IOrders.OrderRequest memory request = _request(offerIds[what], quantity);
        uint256 sent = order.amount;
        bool may = quantity != 0;
        if (how == 1 && sent != 0) (sent, may) = (sent - 1, false);
        if (how == 2) sent += 100;
        if (how == 3) (request.leastCompensation, may) = (request.leastCompensation + 1, false);
        if (how == 4) request.leastCompensation = 0;
        if (how == 5) (request.version, may) = (request.version + 1, false);
        if (sent > balances[members[who]][which]) may = false;
        bytes memory data = abi.encode(IOrders.Act.Open, request);
        if (!_act(
                members[who],
                address(token),
                abi.encodeCall(token.transferAndCall, (address(orders), sent, data)),
                may
            )) {
            return;
        }
        uint256 time = orders.offerOf(address(token), offerIds[what]).conditions.fulfilDays;
        followed.push(Followed(order, which, IFulfilment.State.Open, block.timestamp + time * 1 days, false));
        live.push(followed.length - 1);
        balances[members[who]][which] -= order.amount;
        free[which][what] -= order.compensation;
        records[which][what].open += quantity;
    }

    function openMore(uint256 who, uint256 which, uint256 what, uint256 quantity) external {
        for (uint256 i = 0; i < 3; ++i) {
            open(who % MEMBERS + i, which, what % OFFERS + i / 2, quantity >> i, 6);
        }
    }

    /// @dev One, or with the next one of the same offer, which may be bad, or fulfilled and passed over.
    function fulfil(uint256 which, uint256 who) public {
        (bool any, uint256 id) = _pick(which, IFulfilment.State.Open);
        if (!any) return;
        Followed storage first = followed[id];
        bool mayFirst = first.state == IFulfilment.State.Open && block.timestamp < first.deadline;
        uint256[] memory numbers = _one(first.facts.number);
        uint256 other = id + 1 < followed.length ? id + 1 : id;
        bool two = who % 4 == 1 && _sameOffer(id, other);
        if (two) {
            numbers = new uint256[](2);
            (numbers[0], numbers[1]) = (first.facts.number, followed[other].facts.number);
            Followed storage second = followed[other];
            two = !_isFulfilled(second.facts);
            mayFirst = mayFirst && other != id
                && (!two
                    || (second.state == IFulfilment.State.Open
                        && !second.ended
                        && block.timestamp < second.deadline));
        }
        address by = who % 8 == 2 ? members[1] : admins[first.token];
        bytes memory data = abi.encodeCall(orders.fulfil, (first.facts.token, first.facts.offerId, numbers));
        if (!_act(by, address(orders), data, mayFirst && who % 8 != 2)) return;
        _turn(id, IFulfilment.State.Delivered, DISPUTE);
        if (two) _turn(other, IFulfilment.State.Delivered, DISPUTE);
    }

    function fulfilAgain(uint256 which) external {
        fulfil(which, 0);
    }

    function decline(uint256 which, uint256 who) external {
        (bool any, uint256 id) = _pick(which, IFulfilment.State.None);
        if (!any) return;
        Followed storage one = followed[id];
        address by = who % 4 == 0 ? members[1] : admins[one.token];
        if (!_act(by, address(orders), abi.encodeCall(orders.decline, (one.facts)), who % 4 != 0)) return;
        bool isOpen = one.state == IFulfilment.State.Open;
        bool early = isOpen && block.timestamp < one.facts.openedAt + DECLINE;
        _count(id, isOpen && block.timestamp < one.deadline ? 1 : 2);
        _end(id, one.facts.amount, early ? 0 : one.facts.compensation, true);
    }

    function confirm(uint256 which, uint256 who) external {
        (bool any, uint256 id) = _pick(which, IFulfilment.State.None);
        if (!any || which % 4 != 0) return;
        Followed storage one = followed[id];
        bool may = who % 4 != 0;
        address by = may ? one.facts.member : admins[1];
        if (!_act(by, address(orders), abi.encodeCall(orders.confirm, (one.facts)), may)) return;
        _count(id, 0);
        _end(id, 0, 0, true);
    }

    function dispute(uint256 which, uint256 how) external {
        (bool any, uint256 id) = _pick(which, IFulfilment.State.Delivered);
        if (!any) return;
        Followed storage one = followed[id];
        uint256 sent = one.facts.stake;
        bool may = one.state == IFulfilment.State.Delivered && block.timestamp < one.deadline
            && sent <= balances[one.facts.member][one.token];
        if (how % 8 == 1) (sent, may) = (sent + 1, false);
        bytes memory data = abi.encodeCall(
            token.transferAndCall, (address(orders), sent, abi.encode(IOrders.Act.Dispute, one.facts))
        );
        if (!_act(one.facts.member, one.facts.token, data, may)) return;
        _turn(id, IFulfilment.State.Disputed, DECISION);
        balances[one.facts.member][one.token] -= sent;
        _recordOf(id).disputed += one.facts.quantity;
    }

    function decide(uint256 which, uint256 refunded, uint256 compensation, uint256 how) external {
        (bool any, uint256 id) = _pick(which, IFulfilment.State.Disputed);
        if (!any) return;
        Followed storage one = followed[id];
        bool may = one.state == IFulfilment.State.Disputed && block.timestamp < one.deadline;
        refunded = how % 4 == 0 ? 0 : _between(refunded, 0, one.facts.amount);
        compensation = how % 3 == 0 ? 0 : _between(compensation, 0, one.facts.compensation);
        if (how % 8 == 1) (refunded, may) = (one.facts.amount + 1, false);
        if (how % 8 == 2) may = false;
        bytes memory data = abi.encodeCall(orders.decide, (one.facts, uint96(refunded), uint96(compensation)));
        if (!_act(how % 8 == 2 ? intruder : one.facts.arbiter, address(orders), data, may)) return;
        bool isRight = refunded + compensation != 0;
        _count(id, isRight ? 3 : 0);
        _end(id, refunded, compensation, isRight);
    }

    /// @dev By a stranger, one or with another of the same token, which may be bad; or twice, which is as once.
    function finish(uint256 which, uint256 with) public {
        (bool any, uint256 id) = _pick(which, IFulfilment.State.Delivered);
        if (!any) return;
        _maybeWait(id, which);
        bool may = _finishable(id);
        IFulfilment.Order[] memory list = _one(followed[id].facts);
        uint256 other = live[with % live.length];
        bool two = with % 4 == 1 && followed[other].token == followed[id].token;
        if (two) {
            list = new IFulfilment.Order[](2);
            (list[0], list[1]) = (followed[id].facts, followed[other].facts);
            may = may && _finishable(other);
            two = other != id;
        }
        bytes memory data = abi.encodeCall(orders.finish, (followed[id].facts.token, list));
        if (!_act(intruder, address(orders), data, may)) return;
        _count(id, 0);
        _end(id, 0, 0, false);
        if (!two) return;
        _count(other, 0);
        _end(other, 0, 0, false);
    }

    /// @dev Once its time has come, and by itself.
    function finishAgain(uint256 which) external {
        finish(which - which % 40 + 1, 0);
    }

    /// @dev RED-1: after its deadline anybody ends it, and before nobody does.
    function claim(uint256 which, uint256 what) external {
        (bool any, uint256 id) =
            _pick(which, what % 2 == 0 ? IFulfilment.State.Open : IFulfilment.State.Disputed);
        if (!any) return;
        _maybeWait(id, which);
        Followed storage one = followed[id];
        bool may = one.state != IFulfilment.State.Delivered && block.timestamp >= one.deadline;
        if (!_act(intruder, address(orders), abi.encodeCall(orders.claim, (one.facts)), may)) return;
        _count(id, 2);
        _end(id, one.facts.amount, one.facts.compensation, true);
    }

    function fund(uint256 which, uint256 what, uint256 value) external {
        (which, what, value) = (which % TOKENS, what % OFFERS, _between(value, 1, 5000));
        money.mint(admins[which], value);
        vm.startPrank(admins[which]);
        money.approve(address(bonds), value);
        bonds.deposit(address(tokens[which]), PURSE, value);
        vm.stopPrank();
        bytes memory data = abi.encodeCall(
            bonds.allot, (address(tokens[which]), PURSE, address(orders), value, abi.encode(offerIds[what]))
        );
        if (!_act(admins[which], address(bonds), data, true)) return;
        free[which][what] += value;
        allotted[which] += value;
    }

    /// @dev Half of what is free, all of it, or a unit more.
    function reclaim(uint256 which, uint256 what, uint256 how) external {
        (which, what) = (which % TOKENS, what % OFFERS);
        uint256 value = free[which][what];
        value = how % 4 == 0 ? value : how % 4 == 1 ? value + 1 : value / 2;
        bytes memory data = abi.encodeCall(
            bonds.reclaim, (address(tokens[which]), PURSE, address(orders), value, abi.encode(offerIds[what]))
        );
        if (!_act(admins[which], address(bonds), data, value != 0 && how % 4 != 1)) return;
        free[which][what] -= value;
        allotted[which] -= value;
    }

    /// @dev Conditions, now or after notice; the brand's standing; the arbiter's; the leaving.
    function change(uint256 which, uint256 what, uint256 how, uint256 by) external {
        (which, what) = (which % TOKENS, what % OFFERS);
        if (how % 8 == 0) {
            bool active = brands.statusOf(brandId) == IBrandRegistry.Status.Active;
            vm.prank(alliance);
            if (active) brands.suspend(brandId);
            else brands.reinstate(brandId);
        } else if (how % 8 == 1) {
            bool listed = brands.isListed(IBrandRegistry.List.Arbiter, arbiter);
            _list(IBrandRegistry.List.Arbiter, arbiter, !listed);
        } else if (how % 128 == 2) {
            vm.prank(partner);
            (bool success,) =
                address(obligations).call(abi.encodeCall(obligations.announceWindDown, (address(tokens[1]))));
            success;
            obligations.syncMintStop(address(tokens[1]));
        } else {
            IOffers.Conditions memory conditions =
            orders.offerOf(address(tokens[which]), offerIds[what]).conditions;
            conditions.price = uint96(_between(by, 1, 300));
            conditions.fulfilDays = uint8(_between(by >> 16, 1, 60));
            conditions.stakePercent = uint8(_between(by >> 32, 0, 20));
            conditions.compensation = uint96(_between(by >> 48, 0, 1000));
            if (by % 4 == 0) conditions.arbiter = till;
            vm.prank(admins[which]);
            (bool success,) = address(orders)
                .call(
                    abi.encodeCall(
                        orders.setOffer,
                        (address(tokens[which]), offerIds[what], conditions, DOCUMENT, DOCUMENT_URI)
                    )
                );
            if (!success) return;
        }
        done[msg.sig] += 1;
    }

    /// @dev What is merely sent here is nobody's, and nobody can get at what is others'.
    function donateAndSteal(uint256 which, uint256 what, uint256 how) external {
        which %= TOKENS;
        uint256 value = _between(what, 0, balances[members[0]][which] / 100);
        _act(
            members[0], address(tokens[which]), abi.encodeCall(token.transfer, (address(orders), value)), true
        );
        balances[members[0]][which] -= value;
        donated[which] += value;
        if (followed.length == 0) return;
        IFulfilment.Order memory order = followed[what % followed.length].facts;
        bytes memory data;
        how %= 6;
        // Whose facts are as they were but for what the thief would have.
        if (how == 0) order.member = intruder;
        else if (how == 1) order.amount += 1;
        else if (how == 2) order.compensation += 1;
        else if (how == 3) order.stake += 1;
        else if (how == 4) order.quantity += 1;
        else order.arbiter = intruder;
        if (how == 0) data = abi.encodeCall(orders.confirm, (order));
        else if (how == 5) data = abi.encodeCall(orders.decide, (order, order.amount, 0));
        else if (how % 2 == 0) data = abi.encodeCall(orders.finish, (order.token, _one(order)));
        else data = abi.encodeCall(orders.claim, (order));
        // Finishing passes over what was fulfilled, whatever else is said of it, and does nothing.
        bool isOver = _isFulfilled(order);
        _act(intruder, address(orders), data, isOver && (how == 2 || how == 4));
        // What has ended cannot end again.
        if (!followed[what % followed.length].ended) return;
        order = followed[what % followed.length].facts;
        bytes[4] memory ends = [
            abi.encodeCall(orders.claim, (order)),
            abi.encodeCall(orders.finish, (order.token, _one(order))),
            abi.encodeCall(orders.confirm, (order)),
            abi.encodeCall(orders.decline, (order))
        ];
        address[4] memory by =
            [intruder, intruder, order.member, admins[followed[what % followed.length].token]];
        for (uint256 i = 0; i < ends.length; ++i) {
            _act(by[i], address(orders), ends[i], isOver && i == 1);
        }
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + _between(time, 1, 2 days));
        done[msg.sig] += 1;
    }

    // ---------------------------------------------------------------- checks

    function checkPromises() external view {
        uint256[TOKENS] memory locked;
        uint256[TOKENS] memory reserved;
        for (uint256 i = 0; i < live.length; ++i) {
            Followed storage one = followed[live[i]];
            locked[one.token] += one.facts.amount;
            if (one.state == IFulfilment.State.Disputed) locked[one.token] += one.facts.stake;
            reserved[one.token] += one.facts.compensation;
            _assertState(one.facts, one.state, one.deadline);
        }
        for (uint256 i = 0; i < TOKENS; ++i) {
            _checkToken(i, locked[i], reserved[i]);
        }
        uint256 due;
        for (uint256 i = 0; i < MEMBERS; ++i) {
            uint256 claim_ = bonds.owedTo(currency, members[i]);
            assertEq(claim_, owed[i], "BOND-1: owed");
            due += claim_;
        }
        for (uint256 i = 0; i < TOKENS; ++i) {
            due += bonds.purseOf(address(tokens[i]), PURSE).value;
        }
        assertEq(money.balanceOf(address(bonds)), due, "BOOK-1: the vault");
    }

    function _checkToken(uint256 which, uint256 locked, uint256 reserved) private view {
        ILoyaltyToken one = tokens[which];
        uint256 balance = one.balanceOf(address(orders));
        assertGe(balance, locked, "BOOK-1: holds less than it owes");
        assertEq(balance, locked + donated[which], "BOOK-1: unaccounted for");
        uint256 sum = balance;
        for (uint256 i = 0; i < MEMBERS; ++i) {
            uint256 held = one.balanceOf(members[i]);
            assertEq(held, balances[members[i]][which], "ISSUE-2: a member's tokens");
            sum += held;
        }
        assertEq(one.totalSupply(), sum, "ISSUE-1: supply != balances");
        assertEq(one.totalSupply(), supplies[which], "ISSUE-1: supply");
        assertEq(one.totalQuota(), 0, "ISSUE-1: quota");
        uint256 unspent;
        for (uint256 i = 0; i < OFFERS; ++i) {
            uint256 value = orders.freeCompensationOf(address(one), offerIds[i]);
            assertEq(value, free[which][i], "BOND-1: free");
            unspent += value;
            IFulfilment.Record memory record = records[which][i];
            assertEq(
                orders.offerOf(address(one), offerIds[i]).sold,
                record.open + record.fulfilled + record.declined + record.failed + record.lost,
                "RED-1: counts != sold"
            );
            assertEq(
                abi.encode(orders.recordOf(address(one), offerIds[i])), abi.encode(record), "RED-1: record"
            );
        }
        uint256 drawable = bonds.allotmentOf(address(one), PURSE, address(orders));
        assertEq(drawable, reserved + unspent, "BOND-1: allotment != reserved + free");
        assertEq(drawable, allotted[which], "BOND-1: allotment");
    }

    /// @notice In the end everybody leaves, without anyone's help, and nothing is left but what was given.
    function leaveAll() external {
        vm.warp(block.timestamp + 400 days);
        while (live.length != 0) {
            uint256 id = live[live.length - 1];
            IFulfilment.Order memory order = followed[id].facts;
            bool isDelivered = followed[id].state == IFulfilment.State.Delivered;
            bytes memory data = isDelivered
                ? abi.encodeCall(orders.finish, (order.token, _one(order)))
                : abi.encodeCall(orders.claim, (order));
            _act(intruder, address(orders), data, true);
            _count(id, isDelivered ? 0 : 2);
            if (isDelivered) _end(id, 0, 0, false);
            else _end(id, order.amount, order.compensation, true);
        }
        for (uint256 i = 0; i < TOKENS; ++i) {
            assertEq(tokens[i].balanceOf(address(orders)), donated[i], "BOOK-1: something is left");
        }
    }

    // --------------------------------------------------------------- helpers

    /// @dev A live order, of that state if there is one; seldom any.
    function _pick(uint256 which, IFulfilment.State state) private view returns (bool any, uint256 id) {
        if (live.length == 0) return (false, 0);
        id = live[which % live.length];
        if (state == IFulfilment.State.None || which % 8 == 7) return (true, id);
        for (uint256 i = 0; i < live.length; ++i) {
            uint256 other = live[(which % live.length + i) % live.length];
            if (followed[other].state == state) return (true, other);
        }
        return (true, id);
    }

    /// @dev To a second before the order's deadline, to it, or to a second after it; or not at all.
    function _maybeWait(uint256 id, uint256 when) private {
        if (when % 5 > 2) return;
        uint256 time = followed[id].deadline + when % 5 - 1;
        if (time > block.timestamp && time < block.timestamp + 15 days) vm.warp(time);
    }

    function _isFulfilled(IFulfilment.Order memory order) private view returns (bool) {
        (IFulfilment.State state,) = orders.stateOf(order.token, order.offerId, order.number);
        return state == IFulfilment.State.Fulfilled;
    }

    function _finishable(uint256 id) private view returns (bool) {
        return followed[id].state == IFulfilment.State.Delivered && block.timestamp >= followed[id].deadline;
    }

    function _sameOffer(uint256 id, uint256 other) private view returns (bool) {
        return followed[id].token == followed[other].token
            && followed[id].facts.offerId == followed[other].facts.offerId;
    }

    function _turn(uint256 id, IFulfilment.State state, uint256 period) private {
        (followed[id].state, followed[id].deadline) = (state, block.timestamp + period);
    }

    /// @dev 0 fulfilled, 1 declined, 2 failed, 3 lost; whatever was disputed and not fulfilled is lost.
    function _count(uint256 id, uint256 as_) private {
        Followed storage one = followed[id];
        IFulfilment.Record storage record = _recordOf(id);
        if (as_ == 0) record.fulfilled += one.facts.quantity;
        else if (one.state == IFulfilment.State.Disputed) record.lost += one.facts.quantity;
        else if (as_ == 1) record.declined += one.facts.quantity;
        else record.failed += one.facts.quantity;
        record.open -= one.facts.quantity;
    }

    function _end(uint256 id, uint256 refunded, uint256 compensation, bool stakeBack) private {
        Followed storage one = followed[id];
        IFulfilment.Order memory order = one.facts;
        uint256 stake = one.state == IFulfilment.State.Disputed ? order.stake : 0;
        uint256 back = refunded + (stakeBack ? stake : 0);
        balances[order.member][one.token] += back;
        supplies[one.token] -= order.amount + stake - back;
        free[one.token][_offerOf(id)] += order.compensation - compensation;
        allotted[one.token] -= compensation;
        _recordOf(id).compensationPaid += compensation;
        for (uint256 i = 0; i < MEMBERS; ++i) {
            if (members[i] == order.member) owed[i] += compensation;
        }
        assertFalse(one.ended, "RED-1: ended twice");
        one.ended = true;
        for (uint256 i = 0; i < live.length; ++i) {
            if (live[i] != id) continue;
            live[i] = live[live.length - 1];
            live.pop();
            break;
        }
    }

    function _recordOf(uint256 id) private view returns (IFulfilment.Record storage) {
        return records[followed[id].token][_offerOf(id)];
    }

    function _offerOf(uint256 id) private view returns (uint256) {
        return followed[id].facts.offerId == offerIds[0] ? 0 : 1;
    }

    /// @dev As forge's `bound`, without its log, which costs more than the call.
    function _between(uint256 any, uint256 least, uint256 most) private pure returns (uint256) {
        return least + any % (most - least + 1);
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
