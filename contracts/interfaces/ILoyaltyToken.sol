// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { IERC5267 } from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

/// @title ILoyaltyToken
/// @notice A brand's loyalty token: an ERC-20 that its brand owes for.
///
/// **Issuing.** Nothing is minted but from a *quota*, and every quota is set aside from *capacity* when it
/// is given, so that supply + quotas ≤ capacity always (ISSUE-1) and what was promised can be minted.
/// Managers hold quotas for their own minting. *Modules*, contracts on the alliance's list, hold quotas for
/// what they promised to members. The mint-stop stops managers' quotas and new quotas; it never stops
/// modules, transfers or burns (ISSUE-3).
///
/// **Moving.** Only the holder, or whom the holder authorised by allowance or signature, moves or burns
/// tokens (ISSUE-2). There is no owner, no pause, no claw-back.
///
/// **Contracts that take tokens in**, escrows and pools, hold them as plain balances, which changes nothing
/// in supply + quotas. They learn of what comes in by the call that brings it ({transferAndCall}) or fetch
/// it themselves ({receiveWithSignature}, `transferFrom`), and keep books of it within; they never read a
/// balance, so that a donation changes nothing (BOOK-1).
///
/// Standards: ERC-20 with ERC-6093 errors, ERC-2612 and ERC-3009 (each also with signatures as bytes: 65
/// bytes, 64 bytes as in ERC-2098, or whatever an ERC-1271 wallet understands), ERC-5267, ERC-7572. Of
/// ERC-1363, `transferAndCall` with data alone, see there. Amounts are base units and fit 96 bits. Tokens
/// cannot be sent to the token itself.
interface ILoyaltyToken is IERC20Metadata, IERC20Permit, IERC5267, IERC20Errors {
    /// @notice A holder's signed leave to take up to `amount`, once, by the contract it names as `spender`,
    /// which is the caller. Signed as the EIP-712 struct
    /// `Spend(address from,address spender,uint256 amount,bytes32 nonce,uint256 deadline,W witness)` in the
    /// token's domain, where `W` is the spender's own struct: what the holder agrees to in exchange.
    /// @param from The holder.
    /// @param amount The most that may be taken, in base units.
    /// @param nonce Any value the holder has not used yet (shared with ERC-3009).
    /// @param deadline The last second at which it is good.
    struct Spend {
        address from;
        uint256 amount;
        bytes32 nonce;
        uint256 deadline;
    }

    event CapacitySet(uint256 capacity);
    event MintStopSet(bool stopped);
    event QuotaGranted(address indexed minter, uint256 amount);
    event QuotaRevoked(address indexed minter, uint256 amount);
    event QuotaReturned(address indexed minter, uint256 amount);
    event QuotaPassed(address indexed from, address indexed module, uint256 amount);
    event BatchMinted(bytes32 indexed batchId, address indexed minter, uint256 amount);
    /// @dev ERC-3009.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    /// @dev ERC-3009.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);
    /// @dev ERC-7572.
    event ContractURIUpdated();

    error LoyaltyToken_NotObligationRegistry(address caller);
    error LoyaltyToken_NotRedemptionDesk(address caller);
    error LoyaltyToken_CapacityTooLow(uint256 capacity, uint256 committed);
    error LoyaltyToken_CapacityExceeded(uint256 requested, uint256 available);
    error LoyaltyToken_QuotaExceeded(address minter, uint256 requested, uint256 available);
    error LoyaltyToken_MintStopped();
    error LoyaltyToken_NotModule(address account);
    error LoyaltyToken_IsModule(address account);
    error LoyaltyToken_HoldsQuota(address account, uint256 amount);
    error LoyaltyToken_URITooLong(uint256 length, uint256 most);
    error LoyaltyToken_NotContract(address account);
    error LoyaltyToken_CallRefused(address callee);
    error LoyaltyToken_InvalidMinter(address minter);
    error LoyaltyToken_ZeroAmount();
    error LoyaltyToken_InvalidRows(uint256 length);
    error LoyaltyToken_InvalidRow();
    error LoyaltyToken_BatchAlreadyMinted(bytes32 batchId);
    error LoyaltyToken_InvalidSignature(address signer);
    error LoyaltyToken_Expired(uint256 deadline);
    error LoyaltyToken_NotYetValid(uint256 validAfter);
    error LoyaltyToken_AuthorizationUsed(address authorizer, bytes32 nonce);
    error LoyaltyToken_NotRecipient(address caller, address to);
    error LoyaltyToken_InvalidType(bytes32 typehash);
    error LoyaltyToken_MoreThanSigned(uint256 amount, uint256 signed);
    error LoyaltyToken_InvalidReceipt();

    // ---- obligation registry

    /// @notice Sets the most that may be outstanding or promised. Obligation registry only. Emits
    /// {CapacitySet}.
    /// Requirements:
    /// - `newCapacity` covers supply and quotas
    function setCapacity(uint96 newCapacity) external;

    /// @notice Stops managers' quotas and new quotas, or lets them go on. Obligation registry only. Emits
    /// {MintStopSet}.
    function setMintStop(bool stopped) external;

    // ---- redemption desk

    /// @notice Burns what a holder's signature allows the redemption desk to take, and stores `receipt`
    /// as the mark of the used nonce: one slot is nullifier and receipt. Redemption desk only, which tells of
    /// the redemption and its nonce itself. Emits {Transfer}.
    ///
    /// Requirements:
    /// - `spend` is signed, in time, its nonce unused; `amount` is covered by it and by the balance
    /// - `typehash` is not one of ERC-3009's
    /// - `receipt` is greater than 1 (1 marks a nonce that was used for something else)
    ///
    /// @param spend What the holder allows.
    /// @param amount How much to take, at most what the holder allows: a price may have fallen since.
    /// @param typehash The hash of the whole EIP-712 type, from `Spend(` to the end of the witness's own
    /// type.
    /// @param witness The hash (EIP-712 `hashStruct`) of what the holder agreed to.
    /// @param receipt What to store.
    /// @param signature The holder's signature.
    function redeemWithSignature(
        Spend calldata spend,
        uint256 amount,
        bytes32 typehash,
        bytes32 witness,
        uint256 receipt,
        bytes calldata signature
    ) external;

    // ---- brand

    /// @notice Gives a manager more quota, set aside from capacity. Brand's admin only. Emits {QuotaGranted}.
    ///
    /// Requirements:
    /// - the brand is active, the mint-stop is off, and capacity leaves room
    /// - `minter` is neither zero nor a module (a module must learn of its quota, see {grantQuotaAndCall})
    function grantQuota(address minter, uint96 amount) external;

    /// @notice Takes back up to `amount` of a manager's unspent quota. Modules' quotas are promises and stay.
    /// Brand's admin only, in any status, and the obligation registry, which does so in a default. Emits
    /// {QuotaRevoked}.
    /// @return revoked How much was there to take.
    function revokeQuota(address minter, uint96 amount) external returns (uint256 revoked);

    /// @notice Gives a module quota, set aside from capacity, and calls it. An amount of zero only opens the
    /// token to the module. Brand's admin only. Emits {QuotaGranted}.
    ///
    /// Requirements:
    /// - the brand is active, the mint-stop is off, and capacity leaves room
    /// - the alliance lists `module`, or it is the obligation registry or the redemption desk; it accepts the
    /// call
    /// - `module` is one already or holds no quota: what it was given as a manager would become a promise
    /// that it knows nothing of and that nobody can take back
    function grantQuotaAndCall(address module, uint96 amount, bytes calldata data) external;

    /// @notice Changes where the token describes itself (ERC-7572); empty means where its brand does.
    /// At most 512 bytes. Brand's admin only. Emits {ContractURIUpdated}.
    function setContractURI(string calldata uri) external;

    // ---- minters

    /// @notice Mints from the caller's quota. Emits {Transfer}.
    function mint(address to, uint256 amount) external;

    /// @notice Mints a whole-number multiple of `unit` to each row, from the caller's quota, once per
    /// `batchId`. Emits {Transfer} for each row and {BatchMinted}.
    ///
    /// Requirements:
    /// - `batchId` has not been minted, by whomever
    /// - no recipient of an amount is zero or the token, at least one row, and an amount in one of them
    ///
    /// @param batchId The low 8 bits number a bit in the word that the upper 248 bits name: neighbours share
    /// a slot.
    /// @param unit Base units per count.
    /// @param rows 24 bytes each: 20 of address, 4 of count, big-endian.
    function mintBatch(bytes32 batchId, uint96 unit, bytes calldata rows) external;

    /// @notice As {mintBatch}, for amounts that do not fit.
    /// @param rows 32 bytes each: 20 of address, 12 of amount in base units, big-endian.
    function mintBatchWide(bytes32 batchId, bytes calldata rows) external;

    /// @notice Hands the caller's quota on to a module and calls it. Emits {QuotaPassed}.
    ///
    /// Requirements:
    /// - the mint-stop is off, unless the caller is a module
    /// - the token is open to `module`, which accepts the call
    function passQuotaAndCall(address module, uint96 amount, bytes calldata data) external;

    /// @notice Gives the caller's quota back to capacity. Emits {QuotaReturned}.
    function returnQuota(uint96 amount) external;

    // ---- holders

    /// @notice Burns the caller's tokens.
    function burn(uint256 amount) external;

    /// @notice Burns a holder's tokens from the caller's allowance.
    function burnFrom(address from, uint256 amount) external;

    /// @notice Moves the caller's tokens to a contract and calls its `onTransferReceived`, with the caller as
    /// both operator and holder, in the manner of ERC-1363. Emits {Transfer}.
    ///
    /// Of ERC-1363 only this function is here. A spender needs no call after `transferFrom`: it makes that
    /// move itself and knows of it. A holder needs none after `approve`: this function does already in one
    /// transaction what that would. The token claims no more, so it does not answer ERC-165.
    ///
    /// Requirements:
    /// - `to` has code, and answers the call with its selector
    ///
    /// @param to Any contract (OpenZeppelin's `IERC1363Receiver`); it need not be a module.
    /// @param value How much, in base units; may be zero.
    /// @param data What the caller wants done with it.
    /// @return Always true.
    function transferAndCall(address to, uint256 value, bytes calldata data) external returns (bool);

    // ---- spenders

    /// @notice Moves to the caller what a holder's signature allows it, as the spender that is named in it,
    /// to take: less than was signed, if it likes, or nothing, which uses the signature up. Requirements and
    /// parameters as for {redeemWithSignature}, without a receipt. Emits {AuthorizationUsed} and {Transfer}.
    function receiveWithSignature(
        Spend calldata spend,
        uint256 amount,
        bytes32 typehash,
        bytes32 witness,
        bytes calldata signature
    ) external;

    // ---- signed variants, for anyone to submit

    /// @notice ERC-2612 with any kind of signature.
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature)
        external;

    /// @notice ERC-3009: the holder's signed transfer. `validAfter` and `validBefore` are both exclusive.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice ERC-3009, signature in parts.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice ERC-3009: as {transferWithAuthorization}, submitted by the recipient only.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// @notice ERC-3009, signature in parts.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// @notice ERC-3009: the holder's signed withdrawal of a signature not used yet.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external;

    /// @notice ERC-3009, signature in parts.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;

    // ---- views

    /// @notice Whose token this is.
    function brandId() external view returns (bytes32);

    /// @notice Who sets capacity; fixed.
    function obligationRegistry() external view returns (address);

    /// @notice Who redeems by signature and writes the receipts; fixed.
    function redemptionDesk() external view returns (address);

    /// @notice Who made this token through the factory.
    function creator() external view returns (address);

    /// @notice The most that may be outstanding or promised.
    function capacity() external view returns (uint256);

    /// @notice All unspent quotas together.
    function totalQuota() external view returns (uint256);

    /// @notice The unspent quota of `minter`.
    function quotaOf(address minter) external view returns (uint256);

    /// @notice Whether the token is open to `account` as a module.
    function isModule(address account) external view returns (bool);

    /// @notice Whether managers' quotas are stopped.
    function mintStopped() external view returns (bool);

    /// @notice Whether a batch has been minted.
    function isBatchMinted(bytes32 batchId) external view returns (bool);

    /// @notice What the redemption desk stored when it redeemed by this signature; zero if it did not.
    function receiptOf(address from, bytes32 nonce) external view returns (uint256);

    /// @notice ERC-3009: whether a nonce is used or cancelled.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);

    /// @notice ERC-7572: where the token describes itself.
    function contractURI() external view returns (string memory);
}
