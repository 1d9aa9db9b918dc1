// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import { LibBitmap } from "solady/utils/LibBitmap.sol";
import { MerkleProofLib } from "solady/utils/MerkleProofLib.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @dev Whose it is, at which place, how much: hashed twice, so that no leaf is a node.
function leafOf(uint256 index, address member, uint256 amount) pure returns (bytes32) {
    return keccak256(bytes.concat(keccak256(abi.encode(index, member, amount))));
}

/// @notice Pays a list's members out of what lies here, with OpenZeppelin's parts and a bit a member: one
/// contract a list, no sums, no times, nothing set aside.
contract OpenZeppelinList {
    using SafeERC20 for IERC20;
    using BitMaps for BitMaps.BitMap;

    IERC20 private immutable _TOKEN;
    bytes32 private immutable _ROOT;
    BitMaps.BitMap private _claimed;

    event Claimed(uint256 index, address member, uint256 amount);

    constructor(IERC20 token, bytes32 root) {
        _TOKEN = token;
        _ROOT = root;
    }

    function claim(uint256 index, address member, uint256 amount, bytes32[] calldata proof) external {
        require(!_claimed.get(index), "claimed");
        require(MerkleProof.verifyCalldata(proof, _ROOT, leafOf(index, member, amount)), "proof");
        _claimed.set(index);
        _TOKEN.safeTransfer(member, amount);
        emit Claimed(index, member, amount);
    }
}

/// @notice The same with Solady's parts.
contract SoladyList {
    using LibBitmap for LibBitmap.Bitmap;

    address private immutable _TOKEN;
    bytes32 private immutable _ROOT;
    LibBitmap.Bitmap private _claimed;

    event Claimed(uint256 index, address member, uint256 amount);

    constructor(address token, bytes32 root) {
        _TOKEN = token;
        _ROOT = root;
    }

    function claim(uint256 index, address member, uint256 amount, bytes32[] calldata proof) external {
        require(MerkleProofLib.verifyCalldata(proof, _ROOT, leafOf(index, member, amount)), "proof");
        require(_claimed.toggle(index), "claimed");
        SafeTransferLib.safeTransfer(_TOKEN, member, amount);
        emit Claimed(index, member, amount);
    }
}
