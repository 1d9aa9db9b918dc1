// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

/// @notice A stranger who calls every function of some contracts. The functions come from the build's artefacts,
/// so that none is forgotten.
abstract contract StrangerTest is Test {
    struct Target {
        string name;
        address account;
        bytes4[] selectors;
    }

    struct Call {
        string signature;
        bytes args;
    }

    Target[] internal targets;
    /// @dev Words that mean something here, to be put where arguments are.
    bytes32[] internal words;
    address internal stranger;

    // --------------------------------------------------------------- set-up

    function _addTarget(string memory name, address account) internal {
        string memory artefact = _artefact(name);
        string[] memory signatures = vm.parseJsonKeys(artefact, ".methodIdentifiers");
        Target storage target = targets.push();
        target.name = name;
        target.account = account;
        for (uint256 i = 0; i < signatures.length; ++i) {
            target.selectors.push(bytes4(keccak256(bytes(signatures[i]))));
        }
    }

    function _artefact(string memory name) internal view returns (string memory) {
        return vm.readFile(string.concat("build/", name, ".sol/", name, ".json"));
    }

    function _addWord(address account) internal {
        words.push(bytes32(uint256(uint160(account))));
    }

    /// @dev Where what is dynamic may lie.
    function _addOffsets(uint256 last) internal {
        for (uint256 offset = 0x40; offset <= last; offset += 0x20) {
            words.push(bytes32(offset));
        }
    }

    // ------------------------------------------------------------------ calls

    /// @dev Any function, with arguments that mean something.
    function _callWithWords(uint256 target, uint256 selector, uint256 seed) internal {
        bytes memory tail;
        for (uint256 i = 0; i < 14; ++i) {
            tail = abi.encodePacked(tail, words[uint256(keccak256(abi.encode(seed, i))) % words.length]);
        }
        _callWithTail(target, selector, tail);
    }

    function _callWithTail(uint256 target, uint256 selector, bytes memory tail) internal {
        Target storage chosen = targets[target % targets.length];
        bytes4 function_ = chosen.selectors[selector % chosen.selectors.length];
        bytes32 before = _whatMatters();
        vm.prank(stranger);
        (bool success,) = chosen.account.call(abi.encodePacked(function_, tail));
        success; // Whether it reverts does not matter, what it leaves does.
        assertEq(_whatMatters(), before, "AUTH-1: a stranger changed what is not its own");
    }

    /// @dev None of the functions is missing, all are refused with a reason, and none for its form.
    function _tryAll(string memory name, address target, Call[] memory calls) internal {
        string memory artefact = _artefact(name);
        assertEq(calls.length, _mutators(artefact), string.concat(name, ": not each mutator is tried"));
        bytes32 before = _whatMatters();
        for (uint256 i = 0; i < calls.length; ++i) {
            string memory key = string.concat(".methodIdentifiers['", calls[i].signature, "']");
            assertTrue(vm.keyExistsJson(artefact, key), calls[i].signature);
            for (uint256 j = 0; j < i; ++j) {
                assertTrue(
                    keccak256(bytes(calls[i].signature)) != keccak256(bytes(calls[j].signature)),
                    "tried twice"
                );
            }
            bytes memory data = abi.encodePacked(bytes4(keccak256(bytes(calls[i].signature))), calls[i].args);
            vm.prank(stranger);
            (bool success, bytes memory reason) = target.call(data);
            if (_isForStrangers(calls[i].signature)) {
                assertTrue(success, calls[i].signature);
            } else {
                assertFalse(success, calls[i].signature);
                assertGe(reason.length, 4, calls[i].signature);
                assertTrue(bytes4(reason) != 0x4e487b71, calls[i].signature); // no panic
            }
            assertEq(_whatMatters(), before, calls[i].signature);
        }
    }

    /// @dev How many functions of an artefact change state.
    function _mutators(string memory artefact) private view returns (uint256 count) {
        for (uint256 i = 0;; ++i) {
            string memory entry = string.concat(".abi[", vm.toString(i), "]");
            if (!vm.keyExistsJson(artefact, entry)) return count;
            if (!_is(artefact, string.concat(entry, ".type"), "function")) continue;
            string memory mutability = string.concat(entry, ".stateMutability");
            if (!_is(artefact, mutability, "view") && !_is(artefact, mutability, "pure")) ++count;
        }
    }

    function _is(string memory artefact, string memory key, string memory value) private pure returns (bool) {
        return keccak256(bytes(vm.parseJsonString(artefact, key))) == keccak256(bytes(value));
    }

    // --------------------------------------------------------- what matters

    /// @dev What a stranger may do.
    function _isForStrangers(string memory signature) internal pure virtual returns (bool);

    /// @dev All that is not the stranger's own, in one number.
    function _whatMatters() internal view virtual returns (bytes32);
}
