// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OwnableUpgradeable } from "@openzeppelin/contracts-upgradeable/access/OwnableUpgradeable.sol";
import {
    ERC20PermitUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import { Ownable } from "@openzeppelin/contracts/access/Ownable.sol";
import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice OpenZeppelin's ERC-20 with permit and an owner who mints: one at a time, or in a loop over two
/// arrays. No capacity, no quota, no clone.
contract OpenZeppelinToken is ERC20Permit, Ownable {
    constructor(address owner_, string memory name_, string memory symbol_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
        Ownable(owner_)
    { }

    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function mintMany(address[] calldata to, uint256[] calldata amounts) external onlyOwner {
        require(to.length == amounts.length);
        for (uint256 i = 0; i < to.length; ++i) {
            _mint(to[i], amounts[i]);
        }
    }
}

/// @notice The same from OpenZeppelin's upgradeable family, whose initialiser lets it live behind a clone.
contract OpenZeppelinCloned is ERC20PermitUpgradeable, OwnableUpgradeable {
    function initialize(address owner_, string calldata name_, string calldata symbol_) external initializer {
        __ERC20_init(name_, symbol_);
        __ERC20Permit_init(name_);
        __Ownable_init(owner_);
    }

    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function mintMany(address[] calldata to, uint256[] calldata amounts) external onlyOwner {
        require(to.length == amounts.length);
        for (uint256 i = 0; i < to.length; ++i) {
            _mint(to[i], amounts[i]);
        }
    }
}

/// @notice Makes clones of {OpenZeppelinCloned} at addresses known beforehand and initialises them in the
/// same call.
contract OpenZeppelinFactory {
    address public immutable implementation = address(new OpenZeppelinCloned());

    event TokenCreated(address indexed token, address indexed owner);

    function create(bytes32 salt, string calldata name, string calldata symbol)
        external
        returns (address token)
    {
        token = Clones.cloneDeterministic(implementation, keccak256(abi.encode(msg.sender, salt)));
        OpenZeppelinCloned(token).initialize(msg.sender, name, symbol);
        emit TokenCreated(token, msg.sender);
    }
}
