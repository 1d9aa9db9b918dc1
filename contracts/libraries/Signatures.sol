// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Signatures
/// @notice Whether a signature over a digest is the signer's, for keys and for wallets that are contracts.
library Signatures {
    /// @notice A key's signature of 65 bytes, or of 64 as in ERC-2098, is tried first, so that an account
    /// that runs code by ERC-7702 can still sign with its key; then the signer is asked by ERC-1271. High
    /// `s` is refused. Callers must not use the signature's bytes to tell whether it was used: nonces do
    /// that.
    function isValid(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signer == address(0)) return false;
        (uint8 v, bytes32 r, bytes32 s) = ECDSA.parseCalldata(signature);
        // slither-disable-next-line unused-return -- what a failure was is all the same
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, v, r, s);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return signer.code.length != 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }

    /// @notice As {isValid}, for a key's signature in parts.
    function isValid(address signer, bytes32 digest, uint8 v, bytes32 r, bytes32 s)
        internal
        view
        returns (bool)
    {
        // slither-disable-next-line unused-return -- what a failure was is all the same
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, v, r, s);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return signer.code.length != 0
            && SignatureChecker.isValidERC1271SignatureNow(signer, digest, abi.encodePacked(r, s, v));
    }
}
