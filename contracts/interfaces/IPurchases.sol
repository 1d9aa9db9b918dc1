// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IDealReceiver } from "./IDealReceiver.sol";
import { IFulfilment } from "./IFulfilment.sol";

/// @title IPurchases
/// @notice What purchases have in common whose price is found before they become orders: who pays in what, what
/// is the brand's and what is somebody's to fetch, and where compensations come from.
///
/// **Deals** are published elsewhere ({IDeals}), which tells this contract of each.
///
/// **Parts.** A deal fixes what one *part* of its price is: so many base units of the brand's token and so many
/// of the token's settlement currency, of which one may be zero. Prices, deposits, stakes and refunds are whole
/// numbers of parts, so that a fixed mix is exact to the last unit. Tokens alone are (1, 0), currency alone is
/// (0, 1). In {IFulfilment} the amount of an order, its stake and what is refunded count parts too.
///
/// **Ids.** A deal is named by up to 28 bytes: the last four bytes of its id are zero, and what is bought under
/// it is named by the deal's id with a number there. So a deal follows from what was bought.
///
/// **Out.** Tokens go back to their member by a plain transfer, which nobody can stop. Currency is owed here
/// until it is collected, so that no payee stands in another's way. What the brand has earned in tokens is
/// burned, what it has earned in currency it fetches.
///
/// **Compensation.** As for orders: the brand allots money from its bond's compensation purse to a deal
/// (`data = abi.encode(dealId)`), each purchase reserves its part of it, the deal's `compensation` a unit, or
/// what there is if the member accepts that. Nothing is promised that is not there.
///
/// **Arbiter.** Purchases agree on the deal's arbiter. Nothing new is opened once the alliance has struck that
/// one off its list; what is open goes on with it.
interface IPurchases is IFulfilment, IDealReceiver {
    /// @notice What tokens are sent for, as the first word of `transferAndCall`'s data.
    /// @dev `Pay`: what the contract says; `Dispute`: `abi.encode(Act.Dispute, Order)`, with the stake's tokens,
    /// its currency by the member's allowance.
    enum Act {
        Pay,
        Dispute
    }

    /// @notice An ERC-2612 permit of the settlement currency to this contract, passed along; one whose deadline
    /// is zero is none. One that fails, because somebody was faster with it, does not matter if the allowance is
    /// there.
    struct Permit {
        uint256 value;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    event CompensationFunded(address indexed token, bytes32 indexed dealId, uint256 value);
    event CompensationUnfunded(address indexed token, bytes32 indexed dealId, uint256 value);
    /// @dev From here on so much more is owed to the account.
    event Credited(address indexed currency, address indexed account, uint256 value);
    /// @dev From here on so much more is the brand's to withdraw.
    event Earned(address indexed token, bytes32 indexed offerId, uint256 value);
    event Collected(address indexed currency, address indexed account, address indexed to, uint256 value);
    event ProceedsWithdrawn(address indexed token, address indexed to, uint256 value);

    error Purchases_NotBonds(address caller);
    error Purchases_WrongPurse(uint8 purse);
    error Purchases_FundTooLarge(uint256 value);
    error Purchases_NotFree(uint256 value, uint256 free);
    error Purchases_CompensationShort(uint256 available, uint256 least);
    error Purchases_NotDeals(address caller);
    error Purchases_NotFound(address token, bytes32 dealId);
    error Purchases_OutsideWindow(uint40 opensAt, uint40 closesAt);
    error Purchases_NoArbiter(address arbiter);
    error Purchases_BrandAccount(address account);
    error Purchases_InvalidAccount(address account);
    error Purchases_WrongTokens(uint256 amount, uint256 cost);
    error Purchases_WrongPayment(uint256 moved, uint256 value);
    error Purchases_NothingOwed(address account);

    // ---- member

    /// @notice Disputes a delivery whose stake is no tokens, taking it from the caller's allowance. The member
    /// only. Emits {OrderDisputed}.
    ///
    /// Requirements:
    /// - the order is delivered, and the time to dispute has not passed
    function dispute(Order calldata order) external;

    // ---- anyone

    /// @notice Pays out everything that is owed to an account in a currency, to that account. Emits
    /// {Collected}.
    ///
    /// Requirements:
    /// - something is owed, and exactly that much leaves
    /// @return value How much.
    function collect(address currency, address account) external returns (uint256 value);

    /// @notice Pays out everything that is owed to the caller, to another account. Emits {Collected}.
    /// @return value How much.
    function collectTo(address currency, address to) external returns (uint256 value);

    // ---- brand

    /// @notice Pays out what the token's brand has earned here in currency. Brand's admin only, in any status.
    /// Emits {ProceedsWithdrawn}.
    ///
    /// Requirements:
    /// - there is something, and exactly that much leaves
    /// @return value How much.
    function withdrawProceeds(address token, address to) external returns (uint256 value);

    // ---- views

    /// @notice A deal as it was published: the words of {IDealReceiver}, of which the second's upper part counts;
    /// zeros if there is none. What they say is told by the contract that publishes.
    function dealWordsOf(address token, bytes32 dealId, uint256 count)
        external
        view
        returns (uint256[] memory words);

    /// @notice Money that compensations of the deal's next purchases can be reserved from.
    function freeCompensationOf(address token, bytes32 dealId) external view returns (uint256 value);

    /// @notice What is owed to an account.
    function owedTo(address currency, address account) external view returns (uint256 value);

    /// @notice What the token's brand has earned in currency and not fetched yet.
    function proceedsOf(address token) external view returns (uint256 value);
}
