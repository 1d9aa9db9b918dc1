// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice An account with code whose strings anyone may pull: a wallet that obeys one key (ERC-1271), or a
/// module that gives one answer to quota. The state machine acts through it as it does through plain
/// accounts.
contract Puppet {
    error Puppet_Unwilling();

    bytes4 private constant SIGNED = 0x1626ba7e;

    /// @notice Whose signatures are this wallet's; zero for a module.
    address public immutable KEY;
    /// @notice What it says to quota; zero for nothing but a revert.
    bytes4 public immutable ANSWER;

    constructor(address key, bytes4 answer) {
        KEY = key;
        ANSWER = answer;
    }

    /// @notice Makes a call: 20 bytes of whom to call, then with what. What comes back comes back.
    fallback(bytes calldata act) external returns (bytes memory) {
        (bool success, bytes memory result) = address(bytes20(act[:20])).call(act[20:]);
        if (success) return result;
        assembly ("memory-safe") {
            revert(add(result, 0x20), mload(result))
        }
    }

    function onQuotaReceived(address, uint256, uint8, bytes calldata) external view returns (bytes4) {
        require(ANSWER != 0, Puppet_Unwilling());
        return ANSWER;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        return signer == KEY && KEY != address(0) ? SIGNED : bytes4(0xffffffff);
    }
}
