// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Ownable } from "solady/auth/Ownable.sol";
import { ERC20 } from "solady/tokens/ERC20.sol";
import { Initializable } from "solady/utils/Initializable.sol";
import { LibClone } from "solady/utils/LibClone.sol";

/// @notice Solady's ERC-20 with an owner who mints: one at a time, or in a loop over two arrays.
/// No capacity, no quota. Used as it is and behind a clone.
contract SoladyToken is ERC20, Ownable, Initializable {
    string private _name;
    string private _symbol;

    function initialize(address owner_, string calldata name_, string calldata symbol_) external initializer {
        _initializeOwner(owner_);
        _name = name_;
        _symbol = symbol_;
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

    function name() public view override returns (string memory) {
        return _name;
    }

    function symbol() public view override returns (string memory) {
        return _symbol;
    }
}

/// @notice Makes clones of {SoladyToken} at addresses known beforehand and initialises them in the same call.
contract SoladyFactory {
    address public immutable implementation = address(new SoladyToken());

    event TokenCreated(address indexed token, address indexed owner);

    function create(bytes32 salt, string calldata name, string calldata symbol)
        external
        returns (address token)
    {
        token = LibClone.cloneDeterministic(implementation, keccak256(abi.encode(msg.sender, salt)));
        SoladyToken(token).initialize(msg.sender, name, symbol);
        emit TokenCreated(token, msg.sender);
    }
}
