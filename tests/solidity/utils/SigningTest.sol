// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { SuiteTest } from "./SuiteTest.sol";

/// @notice Signs what a token understands. The types are spelt out anew here, not taken from the contracts.
abstract contract SigningTest is SuiteTest {
    bytes32 internal constant NONCE = "nonce";
    bytes32 internal constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 internal constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    /// @dev What a spender of these tests has its members agree to.
    bytes32 internal constant SPEND_TYPEHASH = keccak256(
        "Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,Order witness)Order(bytes32 item,uint256 quantity)"
    );

    // --------------------------------------------------------------- digests

    function _domainSeparator(ILoyaltyToken which, uint256 chainId) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256(bytes(which.name())),
                keccak256("1"),
                chainId,
                address(which)
            )
        );
    }

    function _digest(ILoyaltyToken which, uint256 chainId, bytes32 structHash)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(hex"1901", _domainSeparator(which, chainId), structHash));
    }

    function _digest(ILoyaltyToken which, bytes32 structHash) internal view returns (bytes32) {
        return _digest(which, block.chainid, structHash);
    }

    function _permitHash(address owner, address spender, uint256 value, uint256 nonce, uint256 deadline)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                keccak256(
                    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
                ),
                owner,
                spender,
                value,
                nonce,
                deadline
            )
        );
    }

    function _authorizationHash(
        bytes32 typehash,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(typehash, from, to, value, validAfter, validBefore, nonce));
    }

    function _cancelHash(address authorizer, bytes32 nonce) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(keccak256("CancelAuthorization(address authorizer,bytes32 nonce)"), authorizer, nonce)
        );
    }

    function _witness() internal pure returns (bytes32) {
        return keccak256(
            abi.encode(keccak256("Order(bytes32 item,uint256 quantity)"), bytes32("cup"), uint256(2))
        );
    }

    function _spendHash(ILoyaltyToken.Spend memory spend, address spender, bytes32 typehash, bytes32 witness)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(typehash, spend.from, spender, spend.amount, spend.nonce, spend.deadline, witness)
        );
    }

    // ------------------------------------------------------------ signatures

    /// @dev 65 bytes: r, s, v.
    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev 64 bytes, as in ERC-2098.
    function _signCompact(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 vs) = _compact(_sign(key, digest));
        return abi.encodePacked(r, vs);
    }

    function _compact(bytes memory signature) internal pure returns (bytes32 r, bytes32 vs) {
        (uint8 v, bytes32 r_, bytes32 s) = _split(signature);
        return (r_, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    /// @dev The other signature that recovers to the same key, for which nobody needs the key.
    function _malleate(bytes memory signature) internal pure returns (bytes memory) {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        (uint8 v, bytes32 r, bytes32 s) = _split(signature);
        return abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    function _split(bytes memory signature) internal pure returns (uint8 v, bytes32 r, bytes32 s) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }
}
