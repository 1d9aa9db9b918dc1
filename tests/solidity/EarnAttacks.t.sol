// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IEarnDistributor } from "../../contracts/interfaces/IEarnDistributor.sol";
import { EarnTest } from "./utils/EarnTest.sol";

/// @notice Attacks on what is earned by root, by their numbers: washing points, forging proofs, replaying links,
/// and jobs that run twice.
contract EarnAttacksTest is EarnTest {
    // ------------------------------------------------ 9: earn, return, keep

    /// @dev What is bought in the period and returned while it is pending is taken out before anybody can claim.
    function test_attack_9__goods_returned_while_pending__earn_nothing() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        vm.warp(FINAL - 1);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_NotFinal.selector, FINAL));
        _claim(tree, 0);
        Leaf[] memory net = _three();
        net[0].amount = 0;
        Tree memory offset = _tree(net);
        _pass(offset, tree.root, 0);
        vm.warp(FINAL);
        _expectWrongProof(PERIOD, 0);
        _claim(tree, 0);
        _claim(offset, 0);
        assertEq(token.balanceOf(member), BALANCE, "EARN-1: points kept for goods returned");
        _assertReserved(370);
    }

    /// @dev And the brand cannot use the same way to take back what is final.
    function test_attack_9__what_is_final__the_brand_cannot_offset() public {
        Tree memory tree = _postedThree();
        Leaf[] memory net = _three();
        net[0].amount = 0;
        Tree memory offset = _tree(net);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_Final.selector, FINAL));
        _pass(offset, tree.root, 0);
        _claim(tree, 0);
        assertEq(token.balanceOf(member), BALANCE + 1000);
    }

    // ------------------------------------------------- 15: forging of proofs

    function _eight() private view returns (Leaf[] memory leaves) {
        leaves = new Leaf[](8);
        for (uint256 i = 0; i < 8; ++i) {
            leaves[i] = Leaf(address(uint160(member) + uint160(i)), false, uint96(100 + i));
        }
    }

    /// @dev A parent's two words offered as a leaf, at each level and of any length of proof.
    function test_attack_15__an_inner_node_as_a_leaf__reverts() public {
        Tree memory tree = _tree(_eight());
        _post(tree);
        vm.warp(FINAL);
        for (uint256 level = 1; level < tree.levels.length; ++level) {
            IEarnDistributor.Credit memory credit = _credit(tree, 0);
            credit.amount = uint96(tree.levels[level][0]);
            credit.account = address(uint160(tree.levels[level - 1][0] >> 96));
            credit.proof = new uint256[](tree.levels.length - 1 - level);
            for (uint256 i = 0; i < credit.proof.length; ++i) {
                credit.proof[i] = tree.levels[level + i][1];
            }
            _expectWrongProof(PERIOD, 0);
            earn.claim(address(token), credit);
        }
    }

    /// @dev A leaf proves one place: not another that a longer or a shorter proof leads to.
    function test_attack_15__another_index_on_the_same_path__reverts() public {
        Tree memory tree = _tree(_eight());
        _post(tree);
        vm.warp(FINAL);
        IEarnDistributor.Credit memory credit = _credit(tree, 3);
        _claim(tree, 3);
        credit.index = 3 + 8;
        _expect(abi.encodeWithSignature("MerkleSum_IndexTooLarge(uint256,uint256)", 11, 3));
        earn.claim(address(token), credit);
        credit.index = 3 + (1 << 31);
        _expect(abi.encodeWithSignature("MerkleSum_IndexTooLarge(uint256,uint256)", 3 + (1 << 31), 3));
        earn.claim(address(token), credit);
        credit.index = 3;
        credit.proof = new uint256[](4);
        _expectWrongProof(PERIOD, 11);
        credit.index = 11;
        earn.claim(address(token), credit);
    }

    /// @dev The proof of one list in another: of another period, token, chain or contract.
    function test_attack_15__the_proof_of_another_list__reverts() public {
        Leaf[] memory leaves = _eight();
        uint32 other = PERIOD + 1;
        Tree memory tree = _treeOf(address(token), PERIOD, leaves);
        _post(tree);
        Leaf[] memory poorer = _eight();
        poorer[0].amount = 1;
        Tree memory second = _treeOf(address(token), other, poorer);
        _post(second);
        vm.warp(FINAL);
        IEarnDistributor.Credit memory credit = _credit(tree, 0);
        credit.period = other;
        _expectWrongProof(other, 0);
        earn.claim(address(token), credit);

        // A brand that posts the tree of another token, or of another chain, by mistake credits nobody.
        Tree memory foreign = _treeOf(address(partnerToken), PERIOD + 2, leaves);
        (foreign.finalAt, foreign.until) = (uint40(block.timestamp), uint40(block.timestamp) + 180 days);
        _post(foreign);
        _expectWrongProof(PERIOD + 2, 0);
        _claim(foreign, 0);
        vm.chainId(block.chainid + 1);
        _expectWrongProof(PERIOD, 0);
        _claim(tree, 0);
    }

    /// @dev The same member twice in a list is credited for both places, and for each once.
    function test_attack_15__duplicate_leaves__each_place_once() public {
        Leaf[] memory leaves = new Leaf[](2);
        (leaves[0], leaves[1]) = (Leaf(member, false, 50), Leaf(member, false, 50));
        Tree memory tree = _tree(leaves);
        assertTrue(tree.levels[0][0] != tree.levels[0][1], "places are told apart");
        _post(tree);
        vm.warp(FINAL);
        _claim(tree, 0);
        IEarnDistributor.Credit memory credit = _credit(tree, 0);
        credit.index = 1;
        _expectWrongProof(PERIOD, 1);
        earn.claim(address(token), credit);
        _claim(tree, 1);
        _expectAlreadyClaimed(PERIOD, 0);
        _claim(tree, 0);
        assertEq(token.balanceOf(member), BALANCE + 100);
    }

    /// @dev A brand posts a root whose sum is less than what its leaves say: none of them can be claimed for more.
    function testFuzz_attack_15__a_root_that_says_less_than_its_leaves__pays_none(uint96 said) public {
        Tree memory tree = _tree(_eight());
        uint96 truth = tree.total;
        said = uint96(bound(said, 0, truth - 1));
        (tree.root, tree.total) = (tree.root >> 96 << 96 | said, said);
        _post(tree);
        vm.warp(FINAL);
        for (uint256 i = 0; i < 8; ++i) {
            _expectWrongProof(PERIOD, i);
            _claim(tree, i);
        }
    }

    /// @dev An inner node is given a smaller sum than its children have, so that a root can promise more than it
    /// says: then what is below it proves nothing.
    function testFuzz_attack_15__a_forged_sum_inside__proves_nothing(uint256 level, uint256 place, uint96 sum)
        public
    {
        Tree memory tree = _tree(_eight());
        level = bound(level, 1, 2);
        place = bound(place, 0, tree.levels[level].length - 1);
        vm.assume(sum != uint96(tree.levels[level][place]) && sum < 100_000);
        tree.levels[level][place] = tree.levels[level][place] >> 96 << 96 | sum;
        for (uint256 above = level + 1; above < tree.levels.length; ++above) {
            for (uint256 i = 0; i < tree.levels[above].length; ++i) {
                tree.levels[above][i] =
                    _parent(tree.levels[above - 1][2 * i], tree.levels[above - 1][2 * i + 1]);
            }
        }
        tree.root = tree.levels[3][0];
        tree.total = uint96(tree.root);
        _post(tree);
        vm.warp(FINAL);
        for (uint256 i = 0; i < 8; ++i) {
            bool below = i >> level == place;
            if (below) _expectWrongProof(PERIOD, i);
            _claim(tree, i);
        }
    }

    /// @dev Sums that run over 96 bits do not start again from zero.
    function test_attack_15__sums_that_overflow__revert() public {
        Leaf memory rich = Leaf(intruder, false, 1000);
        uint256 beside = _node(keccak256("anything"), type(uint96).max - 999);
        uint256 leaf = _leafNode(address(token), PERIOD, 0, rich);
        Tree memory tree = _tree(_three());
        bytes32 hash = keccak256(abi.encode(leaf, beside));
        (tree.root, tree.total) = (_node(hash, 0), 0);
        _post(tree);
        vm.warp(FINAL);
        IEarnDistributor.Credit memory credit = _credit(tree, 0);
        (credit.account, credit.amount) = (intruder, 1000);
        credit.proof = new uint256[](1);
        credit.proof[0] = beside;
        _expect(bytes4(keccak256("MerkleSum_SumTooLarge()")));
        earn.claim(address(token), credit);
    }

    function testFuzz_attack_15__made_up_proofs__revert(
        uint32 index,
        address account,
        uint96 amount,
        uint256[] calldata proof
    ) public {
        _postedThree();
        vm.assume(proof.length < 40);
        IEarnDistributor.Credit memory credit =
            IEarnDistributor.Credit(PERIOD, FINAL, UNTIL, index, account, amount, proof);
        uint256 supply = token.totalSupply();
        try earn.claim(address(token), credit) {
            assertTrue(false, "EARN-1: a proof was made up");
        } catch { }
        assertEq(token.totalSupply(), supply);
    }

    // ------------------------------------------ 16: a link's signature again

    /// @dev On another chain, for another contract, token, period, place or beneficiary, or with another deadline.
    function test_attack_16__a_links_signature_elsewhere__reverts() public {
        Tree memory tree = _postedThree();
        uint256 deadline = block.timestamp + 1 hours;
        bytes32[7] memory digests = [
            _linkDigest(address(desk), block.chainid, address(token), PERIOD, 1, friend, deadline),
            _linkDigest(address(earn), block.chainid + 1, address(token), PERIOD, 1, friend, deadline),
            _linkDigest(address(earn), block.chainid, address(partnerToken), PERIOD, 1, friend, deadline),
            _linkDigest(address(earn), block.chainid, address(token), PERIOD + 1, 1, friend, deadline),
            _linkDigest(address(earn), block.chainid, address(token), PERIOD, 2, friend, deadline),
            _linkDigest(address(earn), block.chainid, address(token), PERIOD, 1, intruder, deadline),
            _linkDigest(address(earn), block.chainid, address(token), PERIOD, 1, friend, deadline + 1)
        ];
        for (uint256 i = 0; i < digests.length; ++i) {
            _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_InvalidSignature.selector, link));
            earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, _sign(linkKey, digests[i]));
        }
        _claimByLink(tree, 1, friend);
    }

    /// @dev Who sees a claim on its way can only submit it, and then again in no form.
    function test_attack_16__a_link_claim_seen_on_its_way__cannot_be_turned() public {
        Tree memory tree = _postedThree();
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = _linkSignature(tree, 1, friend, deadline);
        vm.startPrank(intruder);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_InvalidSignature.selector, link));
        earn.claimByLink(address(token), _credit(tree, 1), intruder, deadline, signature);
        earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, signature);
        assertEq(token.balanceOf(friend), 300);
        _expectAlreadyClaimed(PERIOD, 1);
        earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, signature);
        bytes memory twin = _malleate(signature);
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_InvalidSignature.selector, link));
        earn.claimByLink(address(token), _credit(tree, 1), friend, deadline, twin);
        vm.stopPrank();
    }

    /// @dev The zero address is what a broken signature recovers to: a leaf of it is nobody's.
    function test_attack_16__a_leaf_of_the_zero_address__is_nobodys() public {
        Leaf[] memory leaves = _three();
        leaves[1].account = address(0);
        Tree memory tree = _tree(leaves);
        _post(tree);
        vm.warp(FINAL);
        _expect(
            abi.encodeWithSelector(IEarnDistributor.EarnDistributor_InvalidSignature.selector, address(0))
        );
        earn.claimByLink(address(token), _credit(tree, 1), intruder, block.timestamp, new bytes(65));
    }

    // -------------------------------------------------- 25: run twice, or by two

    /// @dev A job that died after posting is run again, or by somebody else at the same time.
    function test_attack_25__a_posting_run_again__reserves_and_credits_once() public {
        Tree memory tree = _tree(_three());
        _post(tree);
        _expectOther(PERIOD);
        vm.prank(brand);
        token.grantQuotaAndCall(address(earn), tree.total, abi.encode(_posting(tree), 0));
        _assertReserved(tree.total);
        vm.warp(FINAL);
        IEarnDistributor.Credit[] memory credits = new IEarnDistributor.Credit[](2);
        (credits[0], credits[1]) = (_credit(tree, 0), _credit(tree, 2));
        earn.claimMany(address(token), credits);
        earn.claimMany(address(token), credits);
        assertEq(token.balanceOf(member), BALANCE + 1000);
        assertEq(token.balanceOf(friend), 70);
        _assertReserved(300);
    }

    /// @dev The same replacement twice: the second finds another root than it means to replace.
    function test_attack_25__a_replacement_run_again__reverts() public {
        Tree memory tree = _tree(_three());
        Leaf[] memory more = _three();
        more[0].amount = 2000;
        Tree memory raised = _tree(more);
        _post(tree);
        _pass(raised, tree.root, 1000);
        _expectOther(PERIOD);
        _pass(raised, tree.root, 1000);
        _assertReserved(raised.total);
    }
}
