// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// The alliance is an OpenZeppelin AccessManager, deployed as it is. Nothing of ours imports it, since our
// contracts know it by its interface only; imported here, it becomes part of the one build that is tested
// and deployed.
// forge-lint: disable-next-line(unused-import)
import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
