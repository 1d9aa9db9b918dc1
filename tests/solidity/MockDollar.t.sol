// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { Test } from "forge-std/Test.sol";

interface IMockDollar is IERC20Metadata {
    function mint(address to, uint256 amount) external;
}

/// @notice The settlement currency of local chains.
contract MockDollarTest is Test {
    function test_mint__anyone__prints_six_decimals() public {
        IMockDollar dollar = IMockDollar(deployCode("MockDollar.sol:MockDollar"));
        assertEq(dollar.name(), "Mock Dollar");
        assertEq(dollar.symbol(), "MUSD");
        assertEq(dollar.decimals(), 6);
        address member = makeAddr("member");
        vm.prank(makeAddr("intruder"));
        dollar.mint(member, 5e6);
        assertEq(dollar.balanceOf(member), 5e6);
        assertEq(dollar.totalSupply(), 5e6);
    }
}
