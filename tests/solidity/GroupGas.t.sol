// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IDeals } from "../../contracts/interfaces/IDeals.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IGroupDeals } from "../../contracts/interfaces/IGroupDeals.sol";
import { IGroupPurchaseEscrow } from "../../contracts/interfaces/IGroupPurchaseEscrow.sol";
import { IPurchases } from "../../contracts/interfaces/IPurchases.sol";
import { Cooling } from "./utils/DeskTest.sol";
import { GroupTest } from "./utils/GroupTest.sol";

/// @notice What buying in groups costs, and that it costs the same in a crowd.
contract GroupGasTest is GroupTest {
    bytes32 private constant CROWD = bytes32(bytes28("for a crowd"));
    uint256 private constant FEW = 3;
    uint256 private constant VERY_MANY = 10_000;

    /// @dev A group that takes that many.
    function _publishFor(bytes32 dealId, IDeals.Conditions memory conditions) private {
        IGroupDeals.Plan memory plan = _plan();
        plan.mostSeats = 20_000;
        _publish(dealId, conditions, plan, _tiers());
    }

    /// @dev To the unit, after three seats and after ten thousand that were taken.
    function test_attack_29__ten_thousand_seats__cost_what_three_do() public {
        _publishFor(CROWD, _tokens());
        bytes32 groupId = _open(CROWD);
        _mint(till, 2_000_000);
        _joinMore(groupId, 0, FEW);
        uint256[4] memory few = _measure(groupId);
        vm.pauseGasMetering(); // so many joins are more than one test has gas for
        _joinMore(groupId, FEW, VERY_MANY);
        vm.resumeGasMetering();
        uint256 taken;
        for (uint256 i = 0; i < 8; ++i) {
            taken += _group(groupId).takenByTier[i];
        }
        assertEq(taken, VERY_MANY);
        uint256[4] memory veryMany = _measure(groupId);
        for (uint256 i = 0; i < few.length; ++i) {
            // The members' addresses have a zero byte more or less, and a search among tiers one round more.
            assertApproxEqAbs(few[i], veryMany[i], 400, "GROUP-3: not flat");
        }
    }

    /// @dev Each call by itself is a transaction, with what that and its data cost.
    /// forge-config: default.isolate = true
    function test_gas__whole_transactions() public {
        bytes32[3] memory ids = [BEANS, KETTLE, MIXED];
        string[3] memory kinds = ["tokens", "currency", "mixed, with compensation"];
        string[4] memory names = ["join", "close", "refund", "withdraw"];
        _mint(till, 200_000);
        money.mint(till, 200_000);
        vm.prank(till);
        money.approve(address(escrow), type(uint256).max);
        for (uint256 i = 0; i < ids.length; ++i) {
            bytes32 groupId = _open(ids[i]);
            _joinMore(groupId, 0, FEW);
            uint256[4] memory gas = _measure(groupId);
            for (uint256 j = 0; j < gas.length; ++j) {
                emit log_named_uint(string.concat(kinds[i], ": ", names[j]), gas[j]);
                assertGt(gas[j], 21_000, "not a whole transaction");
            }
        }
    }

    /// @dev Somebody's gifts, so that each seat is a wallet's of its own.
    function _joinMore(bytes32 groupId, uint256 from, uint256 to) private {
        for (uint256 i = from; i < to; ++i) {
            IGroupPurchaseEscrow.SeatRequest memory request = _request(groupId, 1, 0);
            request.member = address(uint160(uint256(0xbeef << 144) + 1 + i));
            (uint256 tokens,) = _price(groupId, 100);
            vm.prank(till);
            if (tokens == 0) escrow.join(address(token), request, _noPermit());
            else token.transferAndCall(address(escrow), tokens, abi.encode(IPurchases.Act.Pay, request));
        }
    }

    /// @dev Join, close, refund, withdraw with a surplus: each as if nothing had been touched before it in its
    /// transaction, and with balances that are there already.
    function _measure(bytes32 groupId) private returns (uint256[4] memory gas) {
        uint256 snapshot = vm.snapshotState();
        IGroupPurchaseEscrow.SeatRequest memory request = _request(groupId, 2, 0);
        IGroupPurchaseEscrow.Seat memory seat = _seatOf(member, request);
        (uint256 tokens,) = _price(groupId, seat.deposit);
        bytes memory data = abi.encode(IPurchases.Act.Pay, request);
        _cool();
        vm.prank(member);
        if (tokens == 0) escrow.join(address(token), request, _noPermit());
        else token.transferAndCall(address(escrow), tokens, data);
        gas[0] = _used();
        IGroupPurchaseEscrow.Seat memory low = _join(friend, groupId, 1, 2);
        _join(_somebody(1), groupId, 5, 1);
        vm.warp(START + DURATION);
        _cool();
        escrow.close(address(token), groupId);
        gas[1] = _used();
        if (_group(groupId).price != 70) {
            _cool();
            escrow.withdraw(low);
            gas[2] = _used();
        } else {
            gas[2] = 0;
        }
        _cool();
        escrow.withdraw(seat);
        gas[3] = _used();
        assertEq(uint8(_state(_orderOf(seat))), uint8(IFulfilment.State.Open));
        vm.revertToState(snapshot);
        // With a crowd all tiers are reached: what is refunded is a group's that nobody else joined.
        if (gas[2] != 0) return gas;
        bytes32 other = _open(_dealOf(groupId));
        low = _join(friend, other, 1, 2);
        vm.warp(START + DURATION);
        escrow.close(address(token), other);
        _cool();
        escrow.withdraw(low);
        gas[2] = _used();
        vm.revertToState(snapshot);
    }

    function _used() private returns (uint256) {
        return vm.lastCallGas().gasTotalUsed - uint256(uint64(vm.lastCallGas().gasRefunded));
    }

    function _cool() private {
        address[8] memory all = [
            address(escrow),
            address(token),
            address(implementation),
            address(bonds),
            address(brands),
            address(obligations),
            address(rights),
            currency
        ];
        for (uint256 i = 0; i < all.length; ++i) {
            Cooling(address(vm)).cool(all[i]);
        }
    }
}
