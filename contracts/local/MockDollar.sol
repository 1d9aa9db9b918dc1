// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title MockDollar
/// @notice A settlement currency with six decimals for local chains and forks, where anyone may print it. The
/// tools deploy it nowhere else.
contract MockDollar is ERC20 {
    constructor() ERC20("Mock Dollar", "MUSD") { }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
