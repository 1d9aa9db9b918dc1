// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ISettlementSource } from "./ISettlementSource.sol";

/// @title ISettlements
/// @notice Where brands pay what they came to owe one another, and share what has come in.
///
/// A *source*, a pool of brands for one, closes a period by opening a settlement: debtors, each with what it
/// owes, and claims that together are exactly as much (SETTLE-1). Money comes in by {prepay}, {pay} and, once
/// it is due, from what the debtor laid down, by a call that anybody can make ({enforce}). Every claim is
/// worth its part of what has come in, whoever comes first: being early gains nothing.
///
/// **What stands behind a debt.** A brand allots a part of its settlement purse to a source's pool, with
/// `data = abi.encode(source, pool)`. Nothing else of its bond, and no other pool's part, answers for its debts
/// there (SETTLE-3). It gets back what neither running nor unpaid debts need.
///
/// **The tokens behind a debt.** A debtor's own tokens that partners took in lie here, and burn as it pays:
/// whoever pays redeems them at par.
///
/// **Holders first.** What a brand receives fills its holders' purse up to what its terms require, and goes
/// there in full while it winds down. The rest it takes out. In default it pays first what the brand owes in the
/// same pool ({offset}), and goes to the holders' purse in full once nothing is unpaid there.
///
/// A settlement is known by its source, the source's pool and a number. Values are in base units of the
/// currency.
interface ISettlements {
    /// @notice A line of a settlement that is opened: a token's brand owes, or is owed, or both are zero.
    /// @param token Whose.
    /// @param owed What its brand owes.
    /// @param lien How many of its tokens stand behind that; they have been sent here.
    /// @param claim What its brand may claim.
    struct Line {
        address token;
        uint128 owed;
        uint96 lien;
        uint128 claim;
    }

    /// @notice A settlement.
    /// @param currency What is paid in.
    /// @param dueAt When debts can be enforced, inclusive; zero if there is no such settlement.
    /// @param total All claims, which is all that is owed or was prepaid.
    /// @param received What has come in.
    struct Settlement {
        address currency;
        uint40 dueAt;
        uint128 total;
        uint128 received;
    }

    /// @notice What a token's brand still owes in a settlement.
    /// @param unpaid How much.
    /// @param lien The tokens that stand behind it.
    /// @param reported Whether it was reported to the bonds as unpaid.
    struct Debt {
        uint128 unpaid;
        uint96 lien;
        bool reported;
    }

    /// @notice What somebody is owed in a settlement.
    /// @param value All of it.
    /// @param taken What was taken out.
    struct Claim {
        uint128 value;
        uint128 taken;
    }

    /// @notice What stands behind a token's debts in a pool.
    /// @param bond Money laid down.
    /// @param unpaid Unpaid debts of all settlements.
    struct Account {
        uint128 bond;
        uint128 unpaid;
    }

    event BondChanged(address indexed source, bytes32 indexed pool, address indexed token, uint256 bond);
    event Prepaid(
        address indexed source,
        bytes32 indexed pool,
        address indexed token,
        address payer,
        uint256 amount,
        uint256 value
    );
    event SettlementOpened(
        address indexed source,
        bytes32 indexed pool,
        uint32 indexed period,
        address currency,
        uint40 dueAt,
        uint256 total,
        uint256 prepaid
    );
    event DebtOpened(bytes32 indexed settlementId, address indexed token, uint256 value, uint256 lien);
    event ClaimOpened(bytes32 indexed settlementId, address indexed claimant, uint256 value);
    event DebtPaid(
        bytes32 indexed settlementId, address indexed token, address payer, uint256 value, uint256 burned
    );
    event ClaimPaid(
        bytes32 indexed settlementId, address indexed claimant, address to, uint256 value, uint256 toHolders
    );

    error Settlements_NotBonds(address caller);
    error Settlements_WrongPurse(uint8 purse);
    error Settlements_SourceNotListed(address source);
    error Settlements_AlreadyOpen(bytes32 settlementId);
    error Settlements_NotOpen(bytes32 settlementId);
    error Settlements_Unbalanced(uint256 due, uint256 claimed);
    error Settlements_OtherCurrency(address currency, address other);
    error Settlements_ShortPayment(uint256 received, uint256 value);
    error Settlements_WrongPayment(uint256 before, uint256 left, uint256 value);
    error Settlements_TooDear(uint256 value, uint256 most);
    error Settlements_NothingUnpaid(bytes32 settlementId, address token);
    error Settlements_NotDue(bytes32 settlementId, uint40 dueAt);
    error Settlements_NoBond(address source, bytes32 pool, address token);
    error Settlements_NotFree(uint256 value, uint256 free);
    error Settlements_NothingToTake(bytes32 settlementId, address claimant);
    error Settlements_InvalidAccount(address account);
    error Settlements_NotReportable(bytes32 settlementId, uint40 reportableAt);
    error Settlements_BondLeft(address source, bytes32 pool, address token, uint256 bond);
    error Settlements_NotTrusted(address source, address token);
    error Settlements_NotInDefault(address token);
    error Settlements_OwesFirst(address source, bytes32 pool, address token, uint256 unpaid);
    error Settlements_ZeroValue();

    // ---- sources

    /// @notice Opens a settlement of the caller's. What was prepaid for the pool is in it. Emits
    /// {SettlementOpened}, and {DebtOpened} and {ClaimOpened} for each.
    ///
    /// Requirements:
    /// - the caller has opened none of that pool and period; claims are together what is owed and prepaid
    ///
    /// @param dueAt When debts can be enforced.
    /// @param treasury Who else may claim, and how much; zero for nobody.
    function open(
        bytes32 pool,
        uint32 period,
        address currency,
        uint40 dueAt,
        Line[] calldata lines,
        address treasury,
        uint128 treasuryClaim
    ) external;

    // ---- debtors, or anyone for them

    /// @notice Pays, from the caller's allowance, for tokens that a pool took in and not gave back in the
    /// running period; they burn. Emits {Prepaid}.
    /// @param amount Of the tokens; more than there are pays for just these.
    /// @param most The most that the caller pays.
    /// @return value What the caller paid: their worth at par, rounded up.
    function prepay(ISettlementSource source, bytes32 pool, address token, uint256 amount, uint256 most)
        external
        returns (uint256 value);

    /// @notice Pays a debt, or a part of it, from the caller's allowance. Emits {DebtPaid}.
    /// @param most The most that the caller pays; a larger value than what is unpaid pays just that.
    /// @return value What the caller paid.
    function pay(address source, bytes32 pool, uint32 period, address token, uint256 most)
        external
        returns (uint256 value);

    /// @notice Pays a debt that is due out of what the debtor laid down for the pool, as far as that goes.
    /// Emits {DebtPaid}.
    /// @return value What was paid.
    function enforce(address source, bytes32 pool, uint32 period, address token)
        external
        returns (uint256 value);

    // ---- default, anyone

    /// @notice Reports a debt to the bonds, which is a ground for declaring a default. It is withdrawn by itself
    /// when the debt is paid in full.
    ///
    /// Requirements:
    /// - it is unpaid the bonds' cure period after it was due, and nothing is left of what the brand laid down
    /// for the pool
    /// - the brand once laid money down for this source: what others say that it owes does not count
    function report(address source, bytes32 pool, uint32 period, address token) external;

    /// @notice In default, pays a brand's unpaid debt from what its own claim in the same pool gives by now.
    /// Emits {ClaimPaid} and {DebtPaid}.
    ///
    /// Requirements:
    /// - the token is in default; both settlements have the same currency
    ///
    /// @param claimPeriod Whose claim is taken.
    /// @param debtPeriod Whose debt is paid.
    /// @return value How much.
    function offset(address source, bytes32 pool, uint32 claimPeriod, uint32 debtPeriod, address token)
        external
        returns (uint256 value);

    /// @notice In default, hands in the tokens that stand behind an unpaid debt as any holder would, and pays
    /// the debt with what they get; later calls pay with what they got since. Emits {DebtPaid}.
    ///
    /// Requirements:
    /// - the token is in default, or was when the tokens were handed in and has not been since; there is
    /// something to be had
    /// - the debt is due, and nothing is left of what the brand laid down for the pool
    /// @return value How much was paid.
    function cashOut(address source, bytes32 pool, uint32 period, address token)
        external
        returns (uint256 value);

    // ---- claimants

    /// @notice Takes out what a brand's claim is worth by now, after the holders' purse has had what it
    /// needs. Brand's admin only. Emits {ClaimPaid}.
    /// @return value What the claim gave, the holders' part included.
    function withdraw(address source, bytes32 pool, uint32 period, address token, address to)
        external
        returns (uint256 value);

    /// @notice Puts what a brand's claim is worth by now into the holders' purse, as far as that needs it.
    /// Anyone. Emits {ClaimPaid}.
    /// @return value What the holders' purse got.
    function fillHolders(address source, bytes32 pool, uint32 period, address token)
        external
        returns (uint256 value);

    /// @notice Takes out what the caller's own claim, as a treasury, is worth by now. Emits {ClaimPaid}.
    function withdrawTreasury(address source, bytes32 pool, uint32 period, address to)
        external
        returns (uint256 value);

    // ---- views

    /// @notice The id under which events name a settlement.
    function settlementIdOf(address source, bytes32 pool, uint32 period) external pure returns (bytes32);

    /// @notice A settlement.
    function settlementOf(bytes32 settlementId) external view returns (Settlement memory);

    /// @notice What a token's brand still owes in a settlement.
    function debtOf(bytes32 settlementId, address token) external view returns (Debt memory);

    /// @notice What somebody may claim in a settlement: a brand, by its token, or a treasury.
    function claimOf(bytes32 settlementId, address claimant) external view returns (Claim memory);

    /// @notice What a claim gives now.
    function payableOf(bytes32 settlementId, address claimant) external view returns (uint256 value);

    /// @notice What stands behind a token's debts in a pool.
    function accountOf(address source, bytes32 pool, address token) external view returns (Account memory);

    /// @notice What was prepaid for a pool's running period.
    function prepaidOf(address source, bytes32 pool) external view returns (uint256 value);
}
