// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IEarnDistributor } from "../../contracts/interfaces/IEarnDistributor.sol";
import { IRedemptions } from "../../contracts/interfaces/IRedemptions.sol";
import { Cooling } from "./utils/DeskTest.sol";
import { EarnTest } from "./utils/EarnTest.sol";

/// @notice What earning by root costs where a million members are credited, each call by itself a transaction.
contract EarnGasTest is EarnTest {
    uint256 private constant LEVELS = 20;
    uint256 private constant INDEX = 777_777;
    uint96 private constant AMOUNT = 1000;

    /// @dev The tree of a million leaves as the contract sees it: two neighbours, and the nodes beside their path.
    function _million() private view returns (Tree memory tree) {
        tree.period = PERIOD;
        (tree.finalAt, tree.until) = (FINAL, UNTIL);
        uint256 node = _leafOf(INDEX);
        uint256[] memory proof = _beside(INDEX);
        for (uint256 level = 0; level < LEVELS; ++level) {
            node = INDEX >> level & 1 == 0 ? _parent(node, proof[level]) : _parent(proof[level], node);
        }
        (tree.root, tree.total) = (node, uint96(node));
    }

    /// @dev Each node has about as much below it as it would have.
    function _beside(uint256 index) private view returns (uint256[] memory proof) {
        proof = new uint256[](LEVELS);
        proof[0] = _leafOf(index ^ 1);
        for (uint256 level = 1; level < LEVELS; ++level) {
            proof[level] = _node(keccak256(abi.encode("beside", level)), uint96((2 << level) / 32 + 13));
        }
    }

    function _leafOf(uint256 index) private view returns (uint256) {
        return _leafNode(address(token), PERIOD, index, Leaf(_at(index), false, AMOUNT));
    }

    function _at(uint256 index) private view returns (address) {
        return index == INDEX ? member : friend;
    }

    function _ofMillion(uint256 index) private view returns (IEarnDistributor.Credit memory) {
        return
            IEarnDistributor.Credit(PERIOD, FINAL, UNTIL, uint32(index), _at(index), AMOUNT, _beside(index));
    }

    /// @dev By a brand that has posted before, of a member who has tokens and was here before, in a word of the
    /// bitmap in which somebody has claimed.
    /// forge-config: default.isolate = true
    function test_gas__whole_transactions() public {
        _post(_treeOf(address(token), PERIOD - 1, _three()));
        Tree memory tree = _million();
        _cool();
        _post(tree);
        _log("post_root", 84_000);
        vm.warp(FINAL);
        earn.claim(address(token), _ofMillion(INDEX ^ 1));
        _buy(OFFER, 1);

        uint256 snapshot = vm.snapshotState();
        IEarnDistributor.Credit memory credit = _ofMillion(INDEX);
        _cool();
        vm.prank(till);
        earn.claim(address(token), credit);
        _log("claim_root_1m", 76_000);
        vm.revertToState(snapshot);

        IRedemptions.OfferRedemption memory wish = _signed(_wish(OFFER, 1));
        _cool();
        vm.prank(till);
        desk.claimAndRedeemOffer(address(token), earn, _one(credit), wish);
        _log("redeem_from_root_1m", 140_000);
    }

    function _log(string memory name, uint256 most) private {
        uint256 gas = vm.lastCallGas().gasTotalUsed - uint256(uint64(vm.lastCallGas().gasRefunded));
        emit log_named_uint(name, gas);
        assertGt(gas, 21_000, "not a whole transaction");
        assertLt(gas, most, name);
    }

    function _cool() private {
        address[7] memory all = [
            address(earn),
            address(token),
            address(implementation),
            address(brands),
            address(obligations),
            address(desk),
            address(bonds)
        ];
        for (uint256 i = 0; i < all.length; ++i) {
            Cooling(address(vm)).cool(all[i]);
        }
    }
}
