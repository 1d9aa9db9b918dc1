// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IReceipts } from "../interfaces/IReceipts.sol";

/// @title Receipts
/// @notice A receipt in one word: kind (8 bits) ‖ tag (80) ‖ quantity (32) ‖ time (40) ‖ amount (96).
library Receipts {
    /// @notice The word for what is redeemed now.
    /// @param name The offer's id or the order's reference, of which the first ten bytes are kept.
    function pack(IReceipts.Kind kind, bytes32 name, uint32 quantity, uint96 amount)
        internal
        view
        returns (uint256)
    {
        return uint256(kind) << 248 | (uint256(name) >> 176) << 168 | uint256(quantity) << 136
            | uint256(uint40(block.timestamp)) << 96 | amount;
    }

    /// @notice What a word says; kind `None` for zero.
    /// @dev Each cast cuts its field out of the word.
    // forge-lint: disable-next-item(unsafe-typecast)
    function unpack(uint256 word) internal pure returns (IReceipts.Receipt memory) {
        return IReceipts.Receipt({
            kind: IReceipts.Kind(word >> 248),
            tag: bytes10(uint80(word >> 168)),
            quantity: uint32(word >> 136),
            redeemedAt: uint40(word >> 96),
            amount: uint96(word)
        });
    }
}
