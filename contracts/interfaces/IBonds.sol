// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IDefaults } from "./IDefaults.sol";

/// @title IBonds
/// @notice What a brand lays down, in its token's settlement currency, so that its promises do not rest on
/// its word alone. A bond has three purses, and each leaves only for its purpose (BOND-1):
///
/// - `Settlement`: debts to partners
/// - `Holders`: what the token's holders would share in a default. Terms require a part of everything
///   outstanding at par (the bond ratio, which may be zero)
/// - `Compensation`: what members get for orders that fail
///
/// A brand *allots* money from the settlement and the compensation purse to modules, one by one: contracts
/// on the alliance's list that may draw on their allotment for the purpose, never on more. From the
/// holders' purse nothing is allotted. What is neither allotted nor required goes back to the brand,
/// announced and after a delay.
///
/// Payments are pulled: what is drawn for somebody is owed here until it is collected, so that no payee can
/// stand in anybody's way. Values are in base units of the currency. What arrives is measured; what is
/// merely sent here changes nothing.
///
/// **In default** (see {IDefaults}) what nobody was promised goes to the holders: anybody can take it back from
/// modules ({reclaim}) and have what is free in a purse put into the holders' ({gather}). Meanwhile the brand
/// can neither allot nor announce nor withdraw.
interface IBonds is IDefaults {
    /// @notice What money in a bond is for.
    enum Purse {
        Settlement,
        Holders,
        Compensation
    }

    /// @notice One purse.
    /// @param value All that is in it.
    /// @param allotted Of that, what modules may draw on.
    /// @param required Of that, what must stay: the holders' requirement; zero for the others.
    /// @param withdrawal What the brand announced to take back; zero if nothing.
    /// @param withdrawableAt From when, inclusive.
    /// @param withdrawableUntil Until when, exclusive; after that it must be announced again.
    struct PurseView {
        uint256 value;
        uint256 allotted;
        uint256 required;
        uint256 withdrawal;
        uint40 withdrawableAt;
        uint40 withdrawableUntil;
    }

    event Deposited(address indexed token, Purse indexed purse, address indexed from, uint256 value);
    event Allotted(address indexed token, Purse indexed purse, address indexed module, uint256 value);
    event Reclaimed(address indexed token, Purse indexed purse, address indexed module, uint256 value);
    event Drawn(
        address indexed token, Purse purse, address indexed module, address indexed payee, uint256 value
    );
    event Collected(address indexed currency, address indexed account, address indexed to, uint256 value);
    event WithdrawalAnnounced(
        address indexed token, Purse indexed purse, uint256 value, uint40 withdrawableAt, uint40 until
    );
    event WithdrawalCancelled(address indexed token, Purse indexed purse);
    event Withdrawn(address indexed token, Purse indexed purse, address indexed to, uint256 value);
    event ShortfallFlagged(address indexed token, uint256 held, uint256 required, uint40 cureBy);
    event ShortfallCured(address indexed token, uint256 held, uint256 required);
    event Gathered(address indexed token, Purse indexed purse, uint256 value);

    error Bonds_ZeroValue();
    error Bonds_InvalidAccount(address account);
    error Bonds_ShortDeposit(uint256 received, uint256 value);
    error Bonds_WrongPayment(uint256 before, uint256 left, uint256 value);
    error Bonds_NotAllottable(Purse purse);
    error Bonds_ModuleNotListed(address module);
    error Bonds_ModuleRefused(address module);
    error Bonds_NotEnoughFree(address token, Purse purse, uint256 value, uint256 free);
    error Bonds_AllotmentExceeded(
        address token, Purse purse, address module, uint256 value, uint256 allotted
    );
    error Bonds_NoWithdrawal(address token, Purse purse);
    error Bonds_WithdrawalNotDue(address token, Purse purse, uint40 withdrawableAt, uint40 until);
    error Bonds_WindingDown(address token, uint40 endsAt);
    error Bonds_NoShortfall(address token, uint256 held, uint256 required);
    error Bonds_StillShort(address token, uint256 held, uint256 required);
    error Bonds_AlreadyFlagged(address token, uint40 cureBy);

    /// @notice How long an announced withdrawal can be carried out, in seconds, from when it is due.
    function WITHDRAWAL_WINDOW() external view returns (uint32);

    /// @notice How long a brand has to make a flagged shortfall good, in seconds.
    function CURE_PERIOD() external view returns (uint32);

    // ---- anyone

    /// @notice Puts money into a purse, from the caller's allowance. Emits {Deposited}, and {ShortfallCured}
    /// if that makes a flagged shortfall good. If no reported debt is unpaid, it ends a default with that
    /// ({IDefaults-DefaultCured}).
    ///
    /// Requirements:
    /// - the token is obliged; `value` is not zero and arrives in full
    function deposit(address token, Purse purse, uint256 value) external;

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

    /// @notice States that the holders' purse holds less than is required, which starts the time that the
    /// brand has to make it good. Emits {ShortfallFlagged}.
    ///
    /// Requirements:
    /// - so it is, and it is not flagged yet
    function flagShortfall(address token) external;

    /// @notice States that the shortfall is made good. Emits {ShortfallCured}.
    ///
    /// Requirements:
    /// - one is flagged, and the holders' purse holds what is required
    function clearShortfall(address token) external;

    /// @notice In default, puts what is free in the settlement or the compensation purse into the holders'.
    /// Emits {Gathered}.
    ///
    /// Requirements:
    /// - the token is in default, `purse` is not the holders', and something in it is not allotted
    /// @return value How much.
    function gather(address token, Purse purse) external returns (uint256 value);

    // ---- brand

    /// @notice Lets a module draw on `value` more of a purse, and tells it. Brand's admin only. Emits
    /// {Allotted}.
    ///
    /// Requirements:
    /// - the token is not in default
    /// - `purse` is not the holders'; so much of it is not allotted yet
    /// - the alliance lists `module`, which accepts the call
    ///
    /// @param data What it is meant for, in the module's own terms.
    function allot(address token, Purse purse, address module, uint256 value, bytes calldata data) external;

    /// @notice Takes back from a module what it has not promised to anybody. Brand's admin only, or in default
    /// anybody. Emits {Reclaimed}.
    ///
    /// Requirements:
    /// - the module accepts the call, which it does only for what it has not promised
    function reclaim(address token, Purse purse, address module, uint256 value, bytes calldata data) external;

    /// @notice Announces that the brand takes money back, replacing what was announced for the purse
    /// before. It can be withdrawn once the notice period of the token's terms is over, within
    /// {WITHDRAWAL_WINDOW}. Brand's admin only, and not in default. Emits {WithdrawalAnnounced}.
    function announceWithdrawal(address token, Purse purse, uint256 value) external;

    /// @notice Cancels an announced withdrawal. Brand's admin only. Emits {WithdrawalCancelled}.
    function cancelWithdrawal(address token, Purse purse) external;

    /// @notice Carries out an announced withdrawal, up to what is free now; with that the announcement is
    /// used up. Brand's admin only. Emits {Withdrawn}.
    ///
    /// Requirements:
    /// - its time has come and has not passed, and something is free
    /// - the token is not in default
    /// - from the holders' purse: the brand is not leaving, or its wind-down has ended; it is leaving from
    /// the announcement on
    /// @return value How much was withdrawn.
    function withdraw(address token, Purse purse, address to) external returns (uint256 value);

    // ---- modules

    /// @notice Takes from the calling module's allotment what is then owed to `payee`. Emits {Drawn}.
    ///
    /// Requirements:
    /// - the caller may draw on so much; `value` is not zero, and `payee` is neither zero nor this contract
    function draw(address token, Purse purse, address payee, uint256 value) external;

    // ---- views

    /// @notice One purse of a token's bond.
    function purseOf(address token, Purse purse) external view returns (PurseView memory);

    /// @notice What a module may draw on.
    function allotmentOf(address token, Purse purse, address module) external view returns (uint256 value);

    /// @notice What is owed to an account.
    function owedTo(address currency, address account) external view returns (uint256 value);

    /// @notice What the holders' purse must hold now: the bond ratio of everything outstanding or promised,
    /// at par, rounded up; zero after the wind-down has ended. In default what was handed in counts too, and what
    /// was paid for it comes off, so that a cure gives everybody the same.
    function requiredOf(address token) external view returns (uint256 value);

    /// @notice How much of everything outstanding or promised, at par, the holders' purse covers, in basis
    /// points, rounded down and at most 10,000; 10,000 if nothing is outstanding.
    function coverageOf(address token) external view returns (uint256 bps);

    /// @notice By when a flagged shortfall must be made good; zero if none is flagged.
    function cureByOf(address token) external view returns (uint40 cureBy);
}
