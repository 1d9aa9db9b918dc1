// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IEarnDistributor } from "../../../contracts/interfaces/IEarnDistributor.sol";
import { EarnTest } from "./EarnTest.sol";

/// @notice A brand that posts and replaces, members who claim and strangers who try again, over many periods at once,
/// and books of what must come of it that are kept apart from the contract's: plain lists and sums.
contract EarnHandler is EarnTest {
    struct Followed {
        uint32 period;
        uint40 finalAt;
        uint40 until;
        uint256 previous;
        uint96 posted;
        uint96 claimed;
        bool returned;
        Leaf[] leaves;
        mapping(uint256 index => bool) isClaimed;
    }

    uint256 private constant MEMBERS = 6;
    uint256 private constant MOST = 10;

    Followed[] private _periods;
    mapping(address => uint256) private _held;
    uint256 private _minted;
    address[] private _members;

    uint256 public tried;
    mapping(bytes4 => uint256) public done;
    mapping(bytes4 => uint256) public refused;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < MEMBERS; ++i) {
            _members.push(makeAddr(string.concat("earner ", vm.toString(i))));
        }
        _minted = token.totalSupply();
    }

    function acts() external pure returns (bytes4[] memory list) {
        list = new bytes4[](6);
        list[0] = this.post.selector;
        list[1] = this.replace.selector;
        list[2] = this.claim_.selector;
        list[3] = this.claimMany_.selector;
        list[4] = this.returnRest_.selector;
        list[5] = this.wait_.selector;
    }

    // ------------------------------------------------------------------ acts

    function post(uint256 seed, uint256 size, uint256 pending) external {
        if (_periods.length == MOST) return;
        Followed storage one = _periods.push();
        one.period = uint32(_periods.length);
        one.finalAt = uint40(block.timestamp + pending % 90 days);
        one.until = one.finalAt + 180 days;
        _fill(one, seed, 1 + size % 12);
        Tree memory tree = _treeOf(one);
        uint256 wrong = seed % 5 == 0 ? 1 : 0;
        if (!_passes(tree, 0, tree.total + wrong, wrong == 0)) {
            _periods.pop();
            return;
        }
        (one.previous, one.posted) = (tree.root, tree.total);
    }

    function replace(uint256 which, uint256 seed, uint256 when) external {
        if (_periods.length == 0) return;
        Followed storage one = _periods[which % _periods.length];
        _maybeWait(one.finalAt, when);
        Leaf[] memory before = one.leaves;
        _fill(one, seed, before.length);
        Tree memory tree = _treeOf(one);
        uint256 missing = tree.total > one.posted ? tree.total - one.posted : 0;
        bool can = block.timestamp < one.finalAt && seed % 5 != 0;
        if (_passes(tree, seed % 5 == 0 ? seed : one.previous, missing, can)) {
            (one.previous, one.posted) = (tree.root, tree.total);
        } else {
            _setLeaves(one, before);
        }
    }

    function claim_(uint256 which, uint256 place, uint256 when, uint96 more) external {
        if (_periods.length == 0) return;
        Followed storage one = _periods[which % _periods.length];
        _maybeWait(place % 3 == 0 ? one.until : one.finalAt, when);
        uint256 index = (place >> 8) % one.leaves.length;
        IEarnDistributor.Credit memory credit = _credit(_treeOf(one), index);
        bool forged = more % 4 == 0 && more != 0;
        if (forged) credit.amount ^= more;
        Leaf memory leaf = one.leaves[index];
        bool can = _isClaimable(one) && !one.isClaimed[index] && !forged;
        if (leaf.isLink) {
            uint256 deadline = block.timestamp;
            bytes memory signature = _sign(
                linkKey,
                _linkDigest(address(earn), block.chainid, address(token), one.period, index, friend, deadline)
            );
            bytes memory data =
                abi.encodeCall(earn.claimByLink, (address(token), credit, friend, deadline, signature));
            if (_act(data, can)) _paid(one, index, friend);
        } else if (_act(abi.encodeCall(earn.claim, (address(token), credit)), can)) {
            _paid(one, index, leaf.account);
        }
    }

    /// @dev All members' credits of a period, twice: what was claimed is passed over.
    function claimMany_(uint256 which, uint256 when) external {
        if (_periods.length == 0) return;
        Followed storage one = _periods[which % _periods.length];
        _maybeWait(one.until, when);
        Tree memory tree = _treeOf(one);
        uint256 open;
        uint256 count;
        IEarnDistributor.Credit[] memory credits = new IEarnDistributor.Credit[](2 * one.leaves.length);
        for (uint256 i = 0; i < credits.length; ++i) {
            uint256 index = i % one.leaves.length;
            if (one.leaves[index].isLink) continue;
            credits[count++] = _credit(tree, index);
            if (!one.isClaimed[index]) ++open;
        }
        assembly ("memory-safe") {
            mstore(credits, count)
        }
        bool can = _isClaimable(one) || open == 0;
        if (!_act(abi.encodeCall(earn.claimMany, (address(token), credits)), can)) return;
        for (uint256 i = 0; i < one.leaves.length; ++i) {
            if (!one.leaves[i].isLink && !one.isClaimed[i]) _paid(one, i, one.leaves[i].account);
        }
    }

    function returnRest_(uint256 which, uint256 when) external {
        if (_periods.length == 0) return;
        Followed storage one = _periods[which % _periods.length];
        if (when % 4 == 0) _maybeWait(one.until, when);
        bool can = block.timestamp >= one.until && one.posted != one.claimed && !one.returned;
        bytes memory data = abi.encodeCall(
            earn.returnRest, (address(token), one.period, one.previous, one.finalAt, one.until)
        );
        if (_act(data, can)) one.returned = true;
    }

    function wait_(uint256 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 5 days);
        ++done[this.wait_.selector];
        ++tried;
    }

    // -------------------------------------------------------------- promises

    function checkPromises() external view {
        uint256 owed;
        uint256 claimed;
        for (uint256 i = 0; i < _periods.length; ++i) {
            Followed storage one = _periods[i];
            uint256 open = one.returned ? 0 : one.posted - one.claimed;
            assertEq(_unclaimed(one.period), open, "EARN-1: a period owes something else");
            assertLe(one.claimed, one.posted, "EARN-1: more claimed than posted");
            owed += open;
            claimed += one.claimed;
            for (uint256 j = 0; j < one.leaves.length; ++j) {
                assertEq(earn.isClaimed(address(token), one.period, uint32(j)), one.isClaimed[j]);
            }
        }
        _assertReserved(owed);
        assertEq(token.totalSupply(), _minted + claimed, "EARN-1: something else was minted");
        for (uint256 i = 0; i < MEMBERS; ++i) {
            assertEq(token.balanceOf(_members[i]), _held[_members[i]], "EARN-1: a member has something else");
        }
        assertEq(token.balanceOf(friend), _held[friend]);
    }

    /// @dev Everything that is final is paid to the last unit, or goes back once its time is over.
    function settleAll() external {
        for (uint256 i = 0; i < _periods.length; ++i) {
            Followed storage one = _periods[i];
            if (block.timestamp < one.finalAt) vm.warp(one.finalAt);
            if (block.timestamp >= one.until) continue;
            Tree memory tree = _treeOf(one);
            for (uint256 j = 0; j < one.leaves.length; ++j) {
                if (one.leaves[j].isLink || one.isClaimed[j]) continue;
                _claim(tree, j);
                _paid(one, j, one.leaves[j].account);
            }
        }
        vm.warp(block.timestamp + 400 days);
        for (uint256 i = 0; i < _periods.length; ++i) {
            Followed storage one = _periods[i];
            if (one.returned || one.posted == one.claimed) continue;
            _returnRest(_treeOf(one));
            one.returned = true;
        }
        _assertReserved(0);
    }

    // ------------------------------------------------------------- internals

    function _fill(Followed storage one, uint256 seed, uint256 count) private {
        delete one.leaves;
        for (uint256 i = 0; i < count; ++i) {
            uint256 rolled = uint256(keccak256(abi.encode(seed, i)));
            bool isLink = rolled % 4 == 0;
            one.leaves
                .push(Leaf(isLink ? link : _members[rolled % MEMBERS], isLink, uint96(rolled >> 128) % 1000));
        }
    }

    function _setLeaves(Followed storage one, Leaf[] memory leaves) private {
        delete one.leaves;
        for (uint256 i = 0; i < leaves.length; ++i) {
            one.leaves.push(leaves[i]);
        }
    }

    function _treeOf(Followed storage one) private view returns (Tree memory tree) {
        tree = _treeOf(address(token), one.period, one.leaves);
        (tree.finalAt, tree.until) = (one.finalAt, one.until);
    }

    function _isClaimable(Followed storage one) private view returns (bool) {
        return block.timestamp >= one.finalAt && block.timestamp < one.until;
    }

    function _paid(Followed storage one, uint256 index, address to) private {
        one.isClaimed[index] = true;
        one.claimed += one.leaves[index].amount;
        _held[to] += one.leaves[index].amount;
    }

    function _passes(Tree memory tree, uint256 previous, uint256 amount, bool can) private returns (bool) {
        bytes memory data = abi.encodeCall(
            token.passQuotaAndCall, (address(earn), uint96(amount), abi.encode(_posting(tree), previous))
        );
        vm.prank(manager);
        (bool success,) = address(token).call(data);
        return _counted(success, can);
    }

    function _act(bytes memory data, bool can) private returns (bool) {
        vm.prank(intruder);
        (bool success,) = address(earn).call(data);
        return _counted(success, can);
    }

    function _counted(bool success, bool can) private returns (bool) {
        assertEq(success, can, "what can be done is done, and nothing else");
        ++tried;
        if (success) ++done[msg.sig];
        else ++refused[msg.sig];
        return success;
    }

    /// @dev Sometimes to the second before a clock, to it, or to the one after.
    function _maybeWait(uint256 clock, uint256 when) private {
        if (when % 3 != 0) return;
        uint256 moment = clock + (when >> 8) % 3 - 1;
        if (moment > block.timestamp && moment < START + 5 * 365 days) vm.warp(moment);
    }
}
