// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A wallet with a contract for an address (ERC-1271), honest or not.
contract Wallet {
    enum Behaviour {
        Owner, // what its owner's key signed is good
        Anything, // everything is good
        Nothing, // says no in the standard way
        Garbage, // answers with something else
        Dirty, // the right four bytes and then not zeros
        Short, // the right four bytes and nothing else
        Silent, // answers with nothing
        Reverts,
        ReturnBomb, // says yes with a megabyte
        RevertBomb,
        BurnsGas,
        Fickle // takes its owner's signatures for its own while nobody pays for gas, as in a trial
    }

    bytes4 internal constant MAGIC = 0x1626ba7e;

    address public immutable OWNER;
    Behaviour public behaviour;

    constructor(address owner) {
        OWNER = owner;
    }

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        Behaviour how = behaviour;
        if (how == Behaviour.Anything) return MAGIC;
        if (how == Behaviour.Nothing) return 0xffffffff;
        if (how == Behaviour.Garbage) return 0x11223344;
        if (how == Behaviour.Reverts) revert("no");
        if (how == Behaviour.BurnsGas) {
            uint256 i;
            while (true) ++i;
        }
        if (how == Behaviour.Fickle && tx.gasprice != 0) return 0xffffffff;
        assembly ("memory-safe") {
            mstore(0, MAGIC)
            switch how
            case 4 {
                mstore(0, or(MAGIC, 1))
                return(0, 0x20)
            }
            case 5 { return(0, 4) }
            case 6 { return(0, 0) }
            case 8 { return(0, 1000000) }
            case 9 { revert(0, 1000000) }
        }
        if (signature.length != 65) return 0xffffffff;
        address signer =
            ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));
        return signer == OWNER && signer != address(0) ? MAGIC : bytes4(0xffffffff);
    }
}
