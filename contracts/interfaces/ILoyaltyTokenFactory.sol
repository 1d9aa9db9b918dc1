// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title ILoyaltyTokenFactory
/// @notice Makes loyalty tokens and tells them from imitations.
interface ILoyaltyTokenFactory {
    event TokenCreated(
        address indexed token,
        bytes32 indexed brandId,
        address indexed creator,
        address obligationRegistry,
        address redemptionDesk,
        string name,
        string symbol,
        uint8 decimals
    );

    error LoyaltyTokenFactory_NotListed(address account);
    error LoyaltyTokenFactory_InvalidName(string name);
    error LoyaltyTokenFactory_InvalidSymbol(string symbol);
    error LoyaltyTokenFactory_InvalidDecimals(uint8 decimals);

    /// @notice The code that every token of this factory runs.
    function IMPLEMENTATION() external view returns (address);

    /// @notice Makes a token for an active brand. What is given here can never be changed; the token can
    /// issue once `obligationRegistry` gives it capacity. Emits {TokenCreated}.
    ///
    /// Requirements:
    /// - the caller is the brand's admin, and the brand is active
    /// - the alliance lists `obligationRegistry` and `redemptionDesk`
    /// - `name` and `symbol` are 1 to 64 and 1 to 16 bytes, `decimals` at most 18
    /// - the caller has made no such token before
    ///
    /// @param brandId Whose token it is.
    /// @param obligationRegistry Who sets its capacity, for good.
    /// @param redemptionDesk Who redeems by signature and writes the receipts, for good.
    /// @param name ERC-20 name.
    /// @param symbol ERC-20 symbol.
    /// @param decimals ERC-20 decimals.
    /// @return token Its address, known beforehand by {tokenAddress}.
    function createToken(
        bytes32 brandId,
        address obligationRegistry,
        address redemptionDesk,
        string calldata name,
        string calldata symbol,
        uint8 decimals
    ) external returns (address token);

    /// @notice The address that {createToken} gives to `creator`.
    function tokenAddress(
        address creator,
        bytes32 brandId,
        address obligationRegistry,
        address redemptionDesk,
        string calldata name,
        string calldata symbol,
        uint8 decimals
    ) external view returns (address token);

    /// @notice Whether this factory made `token`. Derived from the token's code and address, not from a list.
    function isToken(address token) external view returns (bool);
}
