// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice An account with code whose strings anyone may pull: a wallet that obeys one key (ERC-1271), or a
/// contract that is told of quota, tokens and rights, puts it on record and answers in one way. The state
/// machine acts through it as it does through plain accounts.
contract Puppet {
    enum Manners {
        Unwilling,
        AbsentMinded,
        Good
    }

    event ToldOfQuota(address from, uint256 amount, uint8 source, bytes data);
    event ToldOfTokens(address operator, address from, uint256 value, bytes data);

    event ToldOfRights(address operator, address from, uint256[] ids, uint256[] values, bytes data);

    error Puppet_Unwilling();

    bytes4 private constant SIGNED = 0x1626ba7e;

    /// @notice Whose signatures are this wallet's; zero for a module.
    address public immutable KEY;
    /// @notice How it answers what it is told: by a revert, with something else, or with the selector.
    Manners public immutable MANNERS;

    constructor(address key, Manners manners) {
        KEY = key;
        MANNERS = manners;
    }

    /// @notice Makes a call: 20 bytes of whom to call, then with what. What comes back comes back.
    fallback(bytes calldata act) external returns (bytes memory) {
        (bool success, bytes memory result) = address(bytes20(act[:20])).call(act[20:]);
        if (success) return result;
        assembly ("memory-safe") {
            revert(add(result, 0x20), mload(result))
        }
    }

    function onQuotaReceived(address from, uint256 amount, uint8 source, bytes calldata data)
        external
        returns (bytes4)
    {
        emit ToldOfQuota(from, amount, source, data);
        return _answer(msg.sig);
    }

    function onTransferReceived(address operator, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4)
    {
        emit ToldOfTokens(operator, from, value, data);
        return _answer(msg.sig);
    }

    function onERC1155Received(address operator, address from, uint256 id, uint256 value, bytes calldata data)
        external
        returns (bytes4)
    {
        uint256[] memory ids = new uint256[](1);
        uint256[] memory values = new uint256[](1);
        (ids[0], values[0]) = (id, value);
        emit ToldOfRights(operator, from, ids, values, data);
        return _answer(msg.sig);
    }

    function onERC1155BatchReceived(
        address operator,
        address from,
        uint256[] calldata ids,
        uint256[] calldata values,
        bytes calldata data
    ) external returns (bytes4) {
        emit ToldOfRights(operator, from, ids, values, data);
        return _answer(msg.sig);
    }

    function _answer(bytes4 expected) private view returns (bytes4) {
        require(MANNERS != Manners.Unwilling, Puppet_Unwilling());
        return MANNERS == Manners.Good ? expected : bytes4(0xdeadbeef);
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address signer,,) = ECDSA.tryRecover(digest, signature);
        return signer == KEY && KEY != address(0) ? SIGNED : bytes4(0xffffffff);
    }
}
