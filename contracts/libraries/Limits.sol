// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @dev The most bytes of an address on the web that a brand may write down. Whoever shows brands reads all
/// of these, and one brand must not make that too dear or too long for everybody.
uint256 constant MAX_URI_LENGTH = 512;
