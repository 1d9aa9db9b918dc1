// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { IEarnDistributor } from "../../../contracts/interfaces/IEarnDistributor.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { Roles } from "../../../contracts/libraries/Roles.sol";
import { DeskTest } from "./DeskTest.sol";

/// @notice A brand that credits what was earned by roots. How a tree is hashed, and what a link's key signs, is spelt
/// out anew here, with 32 bytes a hash cut to 20, plainly and level by level.
abstract contract EarnTest is DeskTest {
    /// @dev What a place of the list credits.
    struct Leaf {
        address account;
        bool isLink;
        uint96 amount;
    }

    struct Tree {
        uint32 period;
        uint40 finalAt;
        uint40 until;
        uint256 root;
        uint96 total;
        Leaf[] leaves;
        uint256[][] levels;
    }

    uint32 internal constant PERIOD = 202_606;
    uint40 internal constant FINAL = START + 30 days;
    uint40 internal constant UNTIL = FINAL + 180 days;
    uint96 internal constant QUOTA = 500_000;
    string internal constant PROOFS = "https://brand.example/earned/";

    IEarnDistributor internal earn;
    address internal friend;
    uint256 internal friendKey;
    address internal link;
    uint256 internal linkKey;

    function setUp() public virtual override {
        super.setUp();
        (friend, friendKey) = makeAddrAndKey("friend");
        (link, linkKey) = makeAddrAndKey("a link's key");
        earn = IEarnDistributor(deployCode("EarnDistributor.sol:EarnDistributor", abi.encode(brands)));
        vm.label(address(earn), "EarnDistributor");
        _list(IBrandRegistry.List.Module, address(earn), true);
        vm.startPrank(brand);
        brands.setManager(brandId, manager, Roles.CAMPAIGN);
        token.grantQuotaAndCall(address(earn), 0, "");
        token.grantQuota(manager, QUOTA);
        vm.stopPrank();
    }

    // ----------------------------------------------------------------- trees

    /// @dev Members' credits, one of them a link's.
    function _three() internal view returns (Leaf[] memory leaves) {
        leaves = new Leaf[](3);
        leaves[0] = Leaf(member, false, 1000);
        leaves[1] = Leaf(link, true, 300);
        leaves[2] = Leaf(friend, false, 70);
    }

    function _tree(Leaf[] memory leaves) internal view returns (Tree memory) {
        return _treeOf(address(token), PERIOD, leaves);
    }

    function _treeOf(address which, uint32 period, Leaf[] memory leaves)
        internal
        view
        returns (Tree memory tree)
    {
        tree.period = period;
        (tree.finalAt, tree.until) = (FINAL, UNTIL);
        tree.leaves = leaves;
        uint256 depth;
        while (1 << depth < leaves.length) ++depth;
        tree.levels = new uint256[][](depth + 1);
        tree.levels[0] = new uint256[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            tree.levels[0][i] = _leafNode(which, period, i, leaves[i]);
            tree.total += leaves[i].amount;
        }
        for (uint256 level = 1; level <= depth; ++level) {
            uint256[] memory below = tree.levels[level - 1];
            tree.levels[level] = new uint256[]((below.length + 1) / 2);
            for (uint256 i = 0; i < tree.levels[level].length; ++i) {
                uint256 right = 2 * i + 1 < below.length ? below[2 * i + 1] : 0;
                tree.levels[level][i] = _parent(below[2 * i], right);
            }
        }
        tree.root = tree.levels[depth][0];
    }

    function _leafNode(address which, uint32 period, uint256 index, Leaf memory leaf)
        internal
        view
        returns (uint256)
    {
        bytes32 listId = keccak256(abi.encode(block.chainid, address(earn), which, period));
        bytes32 inner = keccak256(
            abi.encodePacked(
                listId, uint32(index), leaf.isLink ? bytes1(0x01) : bytes1(0x00), leaf.account, leaf.amount
            )
        );
        return _node(keccak256(abi.encodePacked(inner)), leaf.amount);
    }

    function _parent(uint256 left, uint256 right) internal pure returns (uint256) {
        return _node(keccak256(abi.encode(left, right)), uint96(left) + uint96(right));
    }

    function _node(bytes32 hash, uint96 sum) internal pure returns (uint256) {
        return uint256(bytes32(abi.encodePacked(bytes20(hash), sum)));
    }

    function _credit(Tree memory tree, uint256 index)
        internal
        pure
        returns (IEarnDistributor.Credit memory credit)
    {
        credit.period = tree.period;
        (credit.finalAt, credit.claimableUntil) = (tree.finalAt, tree.until);
        credit.index = uint32(index);
        (credit.account, credit.amount) = (tree.leaves[index].account, tree.leaves[index].amount);
        credit.proof = new uint256[](tree.levels.length - 1);
        for (uint256 level = 0; level < credit.proof.length; ++level) {
            uint256 beside = index >> level ^ 1;
            credit.proof[level] = beside < tree.levels[level].length ? tree.levels[level][beside] : 0;
        }
    }

    // ----------------------------------------------------------------- brand

    function _posting(Tree memory tree) internal pure returns (IEarnDistributor.Posting memory) {
        return IEarnDistributor.Posting({
            period: tree.period,
            root: tree.root,
            finalAt: tree.finalAt,
            claimableUntil: tree.until,
            uri: PROOFS
        });
    }

    function _post(Tree memory tree) internal {
        _pass(tree, 0, tree.total);
    }

    function _pass(Tree memory tree, uint256 previous, uint96 amount) internal {
        _pass(manager, _posting(tree), previous, amount);
    }

    function _pass(address poster, IEarnDistributor.Posting memory posting, uint256 previous, uint256 amount)
        internal
    {
        vm.prank(poster);
        token.passQuotaAndCall(address(earn), uint96(amount), abi.encode(posting, previous));
    }

    /// @dev Three credits that are final.
    function _postedThree() internal returns (Tree memory tree) {
        tree = _tree(_three());
        _post(tree);
        vm.warp(FINAL);
    }

    // ---------------------------------------------------------------- anyone

    function _claim(Tree memory tree, uint256 index) internal {
        vm.prank(intruder);
        earn.claim(address(token), _credit(tree, index));
    }

    function _linkDigest(
        address contract_,
        uint256 chainId,
        address which,
        uint32 period,
        uint256 index,
        address to,
        uint256 deadline
    ) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("EarnDistributor"),
                keccak256("1"),
                chainId,
                contract_
            )
        );
        bytes32 claim_ = keccak256(
            abi.encode(
                keccak256(
                    "LinkClaim(address token,uint256 period,uint256 index,address to,uint256 deadline)"
                ),
                which,
                period,
                index,
                to,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, claim_));
    }

    function _linkSignature(Tree memory tree, uint256 index, address to, uint256 deadline)
        internal
        view
        returns (bytes memory)
    {
        return _sign(
            linkKey,
            _linkDigest(address(earn), block.chainid, address(token), tree.period, index, to, deadline)
        );
    }

    function _claimByLink(Tree memory tree, uint256 index, address to) internal {
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = _linkSignature(tree, index, to, deadline);
        vm.prank(intruder);
        earn.claimByLink(address(token), _credit(tree, index), to, deadline, signature);
    }

    function _returnRest(Tree memory tree) internal {
        vm.prank(intruder);
        earn.returnRest(address(token), tree.period, tree.root, tree.finalAt, tree.until);
    }

    // ------------------------------------------------------------ assertions

    /// @dev BOOK-1, ISSUE-1: the quota that is set aside is exactly what the periods owe.
    function _assertReserved(uint256 expected) internal view {
        assertEq(token.quotaOf(address(earn)), expected, "BOOK-1: quota is not what is owed");
        _assertBooks(token);
    }

    function _unclaimed(uint32 period) internal view returns (uint256) {
        return earn.unclaimedOf(address(token), period);
    }

    function _one(IEarnDistributor.Credit memory credit)
        internal
        pure
        returns (IEarnDistributor.Credit[] memory list)
    {
        list = new IEarnDistributor.Credit[](1);
        list[0] = credit;
    }

    function _is(Tree memory tree) internal view returns (bool) {
        return earn.isPosted(address(token), tree.period, tree.root, tree.finalAt, tree.until);
    }

    // -------------------------------------------------------- revert reasons

    function _expectOther(uint32 period) internal {
        _expect(
            abi.encodeWithSelector(
                IEarnDistributor.EarnDistributor_OtherPosting.selector, address(token), period
            )
        );
    }

    function _expectWrongQuota(uint256 amount, uint256 missing) internal {
        _expect(abi.encodeWithSelector(IEarnDistributor.EarnDistributor_WrongQuota.selector, amount, missing));
    }

    function _expectWrongProof(uint32 period, uint256 index) internal {
        _expect(
            abi.encodeWithSelector(
                IEarnDistributor.EarnDistributor_WrongProof.selector, address(token), period, index
            )
        );
    }

    function _expectAlreadyClaimed(uint32 period, uint256 index) internal {
        _expect(
            abi.encodeWithSelector(
                IEarnDistributor.EarnDistributor_AlreadyClaimed.selector, address(token), period, index
            )
        );
    }
}
