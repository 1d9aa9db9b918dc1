// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { EIP712 as OpenZeppelinEIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ECDSA as SoladyECDSA } from "solady/utils/ECDSA.sol";
import { EIP712 as SoladyEIP712 } from "solady/utils/EIP712.sol";
import { LibBitmap } from "solady/utils/LibBitmap.sol";
import { SafeTransferLib } from "solady/utils/SafeTransferLib.sol";

/// @notice Who gets how much, until when, under which number.
struct Voucher {
    address member;
    uint256 amount;
    uint256 number;
    uint256 deadline;
}

bytes32 constant VOUCHER_TYPEHASH =
    keccak256("Voucher(address member,uint256 amount,uint256 number,uint256 deadline)");

/// @notice Pays vouchers out of what lies here, with OpenZeppelin's parts and a flag a voucher. No budget, no
/// caps, no window.
contract OpenZeppelinVouchers is OpenZeppelinEIP712("Vouchers", "1") {
    using SafeERC20 for IERC20;

    IERC20 private immutable _TOKEN;
    address private immutable _SIGNER;
    mapping(uint256 number => bool) public used;

    event Claimed(address indexed member, uint256 indexed number, uint256 amount);

    constructor(IERC20 token, address signer) {
        _TOKEN = token;
        _SIGNER = signer;
    }

    function claim(Voucher calldata voucher, bytes calldata signature) public {
        require(block.timestamp <= voucher.deadline, "late");
        require(!used[voucher.number], "used");
        used[voucher.number] = true;
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, voucher)));
        require(ECDSA.recover(digest, signature) == _SIGNER, "signature");
        _TOKEN.safeTransfer(voucher.member, voucher.amount);
        emit Claimed(voucher.member, voucher.number, voucher.amount);
    }

    function claimMany(Voucher[] calldata vouchers, bytes[] calldata signatures) external {
        for (uint256 i = 0; i < vouchers.length; ++i) {
            claim(vouchers[i], signatures[i]);
        }
    }
}

/// @notice The same with Solady's parts and a bit a voucher.
contract SoladyVouchers is SoladyEIP712 {
    using LibBitmap for LibBitmap.Bitmap;

    address private immutable _TOKEN;
    address private immutable _SIGNER;
    LibBitmap.Bitmap private _used;

    event Claimed(address indexed member, uint256 indexed number, uint256 amount);

    constructor(address token, address signer) {
        _TOKEN = token;
        _SIGNER = signer;
    }

    function claim(Voucher calldata voucher, bytes calldata signature) public {
        require(block.timestamp <= voucher.deadline, "late");
        require(_used.toggle(voucher.number), "used");
        bytes32 digest = _hashTypedData(keccak256(abi.encode(VOUCHER_TYPEHASH, voucher)));
        require(SoladyECDSA.recoverCalldata(digest, signature) == _SIGNER, "signature");
        SafeTransferLib.safeTransfer(_TOKEN, voucher.member, voucher.amount);
        emit Claimed(voucher.member, voucher.number, voucher.amount);
    }

    function claimMany(Voucher[] calldata vouchers, bytes[] calldata signatures) external {
        for (uint256 i = 0; i < vouchers.length; ++i) {
            claim(vouchers[i], signatures[i]);
        }
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("Vouchers", "1");
    }
}
