// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice A settlement currency as the large ones are: allowances can be signed (ERC-2612), and its issuer can
/// shut somebody out, who then neither pays nor is paid. Here anybody may print it, and shut anybody out.
contract GuardedDollar is ERC20, ERC20Permit {
    error GuardedDollar_Blocked(address account);

    event BlockedSet(address indexed account, bool blocked);

    mapping(address account => bool) public isBlocked;

    constructor() ERC20("Guarded Dollar", "GUSD") ERC20Permit("Guarded Dollar") { }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
        emit BlockedSet({ account: account, blocked: blocked });
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!isBlocked[from], GuardedDollar_Blocked(from));
        require(!isBlocked[to], GuardedDollar_Blocked(to));
        super._update(from, to, value);
    }
}
