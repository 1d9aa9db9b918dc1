// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title TokenArgs
/// @notice What is fixed when a loyalty token is made. It lies in the clone's code, behind the 45 bytes of
/// the ERC-1167 proxy, where it costs no storage and nothing can change it.
///
/// Layout: obligation registry (20 bytes) ‖ redemption desk (20) ‖ creator (20) ‖ brand id (32) ‖
/// decimals (1) ‖ length of name (1) ‖ name ‖ symbol.
library TokenArgs {
    uint256 internal constant PROXY_LENGTH = 0x2d;

    uint256 private constant REGISTRY_AT = 0;
    uint256 private constant DESK_AT = 20;
    uint256 private constant CREATOR_AT = 40;
    uint256 private constant BRAND_AT = 60;
    uint256 private constant DECIMALS_AT = 92;
    uint256 private constant NAME_LENGTH_AT = 93;
    uint256 private constant NAME_AT = 94;

    function encode(
        address obligationRegistry_,
        address redemptionDesk_,
        address creator_,
        bytes32 brandId_,
        uint8 decimals_,
        string memory name_,
        string memory symbol_
    ) internal pure returns (bytes memory) {
        return abi.encodePacked(
            obligationRegistry_,
            redemptionDesk_,
            creator_,
            brandId_,
            decimals_,
            uint8(bytes(name_).length),
            name_,
            symbol_
        );
    }

    /// @dev Who made the token whose arguments these are, and for which brand; zero where `args` is too
    /// short.
    function identity(bytes memory args) internal pure returns (address creator_, bytes32 brandId_) {
        if (args.length <= NAME_AT) return (address(0), 0);
        assembly ("memory-safe") {
            creator_ := shr(96, mload(add(add(args, 0x20), CREATOR_AT)))
            brandId_ := mload(add(add(args, 0x20), BRAND_AT))
        }
    }

    // ---- the arguments of the clone that runs this code

    function obligationRegistry() internal view returns (address) {
        return address(uint160(uint256(_word(REGISTRY_AT) >> 96)));
    }

    function redemptionDesk() internal view returns (address) {
        return address(uint160(uint256(_word(DESK_AT) >> 96)));
    }

    function creator() internal view returns (address) {
        return address(uint160(uint256(_word(CREATOR_AT) >> 96)));
    }

    function brandId() internal view returns (bytes32) {
        return _word(BRAND_AT);
    }

    function decimals() internal view returns (uint8) {
        return uint8(_word(DECIMALS_AT)[0]);
    }

    function name() internal view returns (string memory) {
        return string(_slice(NAME_AT, uint8(_word(NAME_LENGTH_AT)[0])));
    }

    /// @dev keccak256 of the name, without allocating it.
    function nameHash() internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            extcodecopy(address(), free, add(PROXY_LENGTH, NAME_LENGTH_AT), 0x100)
            hash := keccak256(add(free, 1), byte(0, mload(free)))
        }
    }

    function symbol() internal view returns (string memory) {
        uint256 offset = NAME_AT + uint8(_word(NAME_LENGTH_AT)[0]);
        return string(_slice(offset, address(this).code.length - PROXY_LENGTH - offset));
    }

    /// @dev The 32 bytes at `offset`, zero beyond the end of the code.
    function _word(uint256 offset) private view returns (bytes32 word) {
        assembly ("memory-safe") {
            extcodecopy(address(), 0x00, add(PROXY_LENGTH, offset), 0x20)
            word := mload(0x00)
        }
    }

    function _slice(uint256 offset, uint256 length) private view returns (bytes memory slice) {
        slice = new bytes(length);
        assembly ("memory-safe") {
            extcodecopy(address(), add(slice, 0x20), add(PROXY_LENGTH, offset), length)
        }
    }
}
