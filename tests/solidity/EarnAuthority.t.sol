// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IEarnDistributor } from "../../contracts/interfaces/IEarnDistributor.sol";
import { EarnTest } from "./utils/EarnTest.sol";
import { StrangerTest } from "./utils/StrangerTest.sol";

/// @notice AUTH-1 for what is earned by root: called by a stranger, every function either reverts or pays members what
/// is theirs.
contract EarnAuthorityTest is EarnTest, StrangerTest {
    string private constant CREDIT = "(uint32,uint40,uint40,uint32,address,uint96,uint256[])";

    IEarnDistributor.Credit internal credit;

    function setUp() public override {
        super.setUp();
        stranger = intruder;
        Tree memory tree = _tree(_three());
        _post(tree);
        vm.warp(FINAL);
        _claim(tree, 0);
        credit = _credit(tree, 2);
        _addTarget("EarnDistributor", address(earn));
        address[8] memory accounts =
            [address(0), stranger, member, friend, brand, manager, address(token), address(earn)];
        for (uint256 i = 0; i < accounts.length; ++i) {
            _addWord(accounts[i]);
        }
        uint256[9] memory numbers = [uint256(0), 1, 2, 70, PERIOD, FINAL, UNTIL, block.timestamp, FAR_FUTURE];
        for (uint256 i = 0; i < numbers.length; ++i) {
            words.push(bytes32(numbers[i]));
        }
        words.push(bytes32(tree.root));
        _addOffsets(0x180);
    }

    function testFuzz_any_function__by_a_stranger__leaves_what_matters(
        uint256 target,
        uint256 selector,
        uint256 seed
    ) public {
        _callWithWords(target, selector, seed);
    }

    function testFuzz_any_function__any_calldata__leaves_what_matters(
        uint256 target,
        uint256 selector,
        bytes memory tail,
        address sender
    ) public {
        vm.assume(sender != address(token));
        stranger = sender;
        _callWithTail(target, selector, tail);
    }

    /// @dev What a stranger would call if it could, for each state-changing function.
    function test_every_mutator__well_formed_by_a_stranger__is_refused() public {
        Call[] memory calls = new Call[](5);
        // A posting needs a token to come from; see where strangers say that they are one.
        calls[0] = Call("onQuotaReceived(address,uint256,uint8,bytes)", abi.encode(brand, 1, 0, bytes("")));
        IEarnDistributor.Credit memory own = credit;
        own.account = stranger;
        calls[1] = Call(string.concat("claim(address,", CREDIT, ")"), abi.encode(token, own));
        calls[2] = Call(string.concat("claimMany(address,", CREDIT, "[])"), abi.encode(token, _one(own)));
        calls[3] = Call(
            string.concat("claimByLink(address,", CREDIT, ",address,uint256,bytes)"),
            abi.encode(token, credit, stranger, block.timestamp, new bytes(65))
        );
        calls[4] = Call(
            "returnRest(address,uint32,uint256,uint40,uint40)",
            abi.encode(token, PERIOD, words[words.length - 1], FINAL, UNTIL)
        );
        _tryAll("EarnDistributor", address(earn), calls);
    }

    function _isForStrangers(string memory) internal pure override returns (bool) {
        return false;
    }

    /// @dev Whatever is written down of the token, and what everybody has.
    function _whatMatters() internal view override returns (bytes32) {
        return keccak256(
            abi.encode(
                token.totalSupply(),
                token.totalQuota(),
                token.quotaOf(address(earn)),
                token.balanceOf(stranger),
                token.balanceOf(member),
                token.balanceOf(friend),
                earn.unclaimedOf(address(token), PERIOD),
                earn.unclaimedOf(address(token), PERIOD + 1),
                earn.isClaimed(address(token), PERIOD, 1)
            )
        );
    }
}
