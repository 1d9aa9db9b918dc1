// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IReceipts } from "../interfaces/IReceipts.sol";

/// @title Receipts
/// @notice A receipt in one word: kind (8 bits) ‖ tag (80) ‖ quantity (32) ‖ time (40) ‖ amount (96).
library Receipts {
    function pack(IReceipts.Receipt memory receipt) internal pure returns (uint256) {
        return uint256(receipt.kind) << 248 | uint256(uint80(receipt.tag)) << 168 | uint256(receipt.quantity)
            << 136 | uint256(receipt.redeemedAt) << 96 | receipt.amount;
    }

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
