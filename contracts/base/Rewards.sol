// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import { BrandGate } from "./BrandGate.sol";
import { IBrandRegistry } from "../interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../interfaces/IObligationRegistry.sol";
import { IQuotaReceiver } from "../interfaces/IQuotaReceiver.sol";
import { Roles } from "../libraries/Roles.sol";
import { Signatures } from "../libraries/Signatures.sol";

/// @title Rewards
/// @notice What contracts share that pay members out of quota. They hold quota and no tokens; each keeps
/// books of what it was given and for what, and mints no more than that, so that what was promised can be
/// paid whatever becomes of the brand (ISSUE-1, ISSUE-3).
///
/// Books are kept for tokens that are obliged alone, hence the factory's: anything else that calls as a token
/// finds none.
abstract contract Rewards is IQuotaReceiver, BrandGate, EIP712 {
    /// @notice Who knows which tokens are obliged.
    IObligationRegistry public immutable OBLIGATION_REGISTRY;

    error Rewards_Expired(uint256 deadline);
    error Rewards_InvalidSignature(address signer);

    constructor(IBrandRegistry brandRegistry, IObligationRegistry obligationRegistry, string memory name)
        BrandGate(brandRegistry)
        EIP712(name, "1")
    {
        OBLIGATION_REGISTRY = obligationRegistry;
    }

    // ---------------------------------------------------------------- tokens

    /// @inheritdoc IQuotaReceiver
    /// @dev Nothing with no data only opens the token to this contract.
    function onQuotaReceived(address from, uint256 amount, Source, bytes calldata data)
        external
        returns (bytes4 magic)
    {
        if (amount != 0 || data.length != 0) _fund(msg.sender, from, amount, data);
        return IQuotaReceiver.onQuotaReceived.selector;
    }

    // ----------------------------------- internals: for the contract on top

    /// @dev Books what the token's quota here grew by. The token may be anything.
    function _fund(address token, address from, uint256 amount, bytes calldata data) internal virtual;

    /// @dev The caller runs campaigns for the token's brand, whatever the brand's status.
    function _checkCampaigner(address token) internal view returns (IBrandRegistry.Status status) {
        return _checkRole(ILoyaltyToken(token).brandId(), Roles.CAMPAIGN);
    }

    /// @dev As {_checkCampaigner} for what is new: the token is obliged, and its brand active.
    function _checkNew(address token) internal view {
        // slither-disable-next-line unused-return -- called because it reverts for others
        OBLIGATION_REGISTRY.currencyOf(token);
        IBrandRegistry.Status status = _checkCampaigner(token);
        require(
            status == IBrandRegistry.Status.Active,
            BrandGate_NotActive(ILoyaltyToken(token).brandId(), status)
        );
    }

    // slither-disable-next-line timestamp -- a deadline is days or minutes away, seconds decide nothing
    function _checkSignature(address signer, bytes32 structHash, uint256 deadline, bytes calldata signature)
        internal
        view
    {
        require(block.timestamp <= deadline, Rewards_Expired(deadline));
        require(
            Signatures.isValid(signer, _hashTypedDataV4(structHash), signature),
            Rewards_InvalidSignature(signer)
        );
    }

    /// @dev A token that a book is kept for is the factory's code, which calls nobody.
    function _mint(address token, address to, uint256 amount) internal {
        // slither-disable-next-line calls-loop -- see above
        if (amount != 0) ILoyaltyToken(token).mint(to, amount);
    }
}
