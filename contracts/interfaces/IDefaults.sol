// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title IDefaults
/// @notice What happens when a brand does not keep what it owes, token by token (BOND-2).
///
/// **Grounds.** Anybody can declare a default who finds on chain that the brand
///
/// - was told that its holders' purse holds too little, has not made that good in its time, and still is
/// short; or
/// - owes a debt that a module reported: one that is unpaid a cure period after it was due, with nothing left
/// of what was laid down for it. Only modules can report that the brand itself ever let draw on its settlement
/// purse, and they take back a report as soon as the debt is paid.
///
/// **What it does.** Nothing new is issued: managers' quotas and new ones stop. Nothing goes back to the brand
/// any more, and what it announced to take back is cancelled. All else goes on: transfers, redemptions, orders,
/// refunds, and what modules owe.
///
/// **The pot** is all that is in the holders' purse, and what was paid out of it in this default. **The base**
/// is all that can share in it: everything outstanding or promised, and what was handed in. Nothing can be
/// issued, so the base never grows, and what a token gets never falls.
///
/// **Sharing.** Who has handed in `u` tokens in all may have got `⌊u · pot / base⌋` by now, and never more than
/// they are worth at par. What comes into the pot later raises everybody's part, and is paid to whoever handed
/// in before. So it does not matter who comes first. A holder hands tokens in by sending them here with
/// `transferAndCall`, without data; they burn, and the share is owed until it is collected.
///
/// **Cure.** When all reported debts are paid and the pot holds what terms require for the whole base, the default
/// is over. What was handed in stays handed in, for its part of the pot as it was then: what of that was not
/// fetched is set aside and can be fetched for ever. A later default is another round and begins anew.
interface IDefaults {
    /// @notice A token's default.
    /// @param round Counts the token's defaults; zero if there was none.
    /// @param declaredAt Since when it is in default; zero if it is not.
    /// @param reports Reported debts that are unpaid.
    /// @param pot What the holders share: what is left of it and what was paid out; as of the cure if that is over.
    /// @param paid Of that, what was paid out.
    /// @param base How many tokens share in it, in base units; as of the cure if that is over.
    /// @param handedIn Of those, how many were handed in.
    struct Default {
        uint32 round;
        uint40 declaredAt;
        uint32 reports;
        uint256 pot;
        uint256 paid;
        uint256 base;
        uint256 handedIn;
    }

    /// @notice What somebody handed in, in one default.
    /// @param handedIn How many tokens, in base units.
    /// @param paid What was paid for them.
    struct Share {
        uint96 handedIn;
        uint128 paid;
    }

    event DebtReported(
        address indexed token, address indexed module, bytes32 indexed debtId, uint256 reports
    );
    event ReportWithdrawn(
        address indexed token, address indexed module, bytes32 indexed debtId, uint256 reports
    );
    event DefaultDeclared(address indexed token, uint32 indexed round, uint256 pot, uint256 base);
    event DefaultCured(
        address indexed token, uint32 indexed round, uint256 pot, uint256 base, uint256 setAside
    );
    event HandedIn(address indexed token, address indexed account, bytes32 indexed debtId, uint256 amount);
    event SharePaid(
        address indexed token, uint32 round, address indexed account, bytes32 indexed debtId, uint256 value
    );

    error Defaults_InDefault(address token);
    error Defaults_NotInDefault(address token);
    error Defaults_NoGrounds(address token);
    error Defaults_Unpaid(address token, uint256 reports);
    error Defaults_NotTrusted(address token, address module);
    error Defaults_AlreadyReported(address token, address module, bytes32 debtId);
    error Defaults_NotReported(address token, address module, bytes32 debtId);
    error Defaults_NothingToPay(address token, address account, bytes32 debtId);

    // ---- anyone

    /// @notice Declares a default. It costs the same whatever the number of holders, modules and debts. Emits
    /// {DefaultDeclared}, and `WithdrawalCancelled` for each announcement that is cancelled.
    ///
    /// Requirements:
    /// - the token is not in default, and there are grounds
    /// - the alliance lists this contract among the bonds, so that issuing can be stopped
    function declareDefault(address token) external;

    /// @notice States that a default is over. Emits {DefaultCured}, and `ShortfallCured` if a shortfall was
    /// flagged. A deposit that makes the holders' purse whole does so by itself.
    ///
    /// Requirements:
    /// - the token is in default, all reported debts are paid, and the holders' purse holds what is required
    function cureDefault(address token) external;

    /// @notice Makes out what an account may have got by now and has not: from here on it is owed to it. Emits
    /// {SharePaid}.
    ///
    /// Requirements:
    /// - there is something
    /// @param round Which default.
    /// @return value How much.
    function payShare(address token, uint32 round, address account) external returns (uint256 value);

    // ---- modules

    /// @notice States that a debt of the token's brand is long unpaid and nothing is left that stands behind
    /// it. Emits {DebtReported}.
    ///
    /// Requirements:
    /// - the brand once let the caller draw on its settlement purse
    /// - the caller has not reported it already
    ///
    /// @param debtId The debt, in the module's own terms.
    function report(address token, bytes32 debtId) external;

    /// @notice Takes a report back, because the debt is paid. Emits {ReportWithdrawn}.
    ///
    /// Requirements:
    /// - the caller reported it
    function withdrawReport(address token, bytes32 debtId) external;

    /// @notice As {payShare}, for what the caller handed in for a debt (`abi.encode(debtId)` as the
    /// data of `transferAndCall`, after which nothing is paid out by itself). So a contract can hold apart what
    /// it hands in for several, and know what it gets.
    /// @param most The most that is to be paid out now.
    function payShareOf(address token, uint32 round, bytes32 debtId, uint256 most)
        external
        returns (uint256 value);

    // ---- views

    /// @notice A token's default as it is now, or the latest.
    function defaultOf(address token) external view returns (Default memory);

    /// @notice Whether a token is in default.
    function isInDefault(address token) external view returns (bool);

    /// @notice Whether a module may report, because the brand relied on it.
    function mayReport(address token, address module) external view returns (bool);

    /// @notice Whether a debt stands reported.
    function isReported(address token, address module, bytes32 debtId) external view returns (bool);

    /// @notice What an account handed in and got in a default.
    /// @param debtId Zero for what was handed in without one.
    function shareOf(address token, uint32 round, address account, bytes32 debtId)
        external
        view
        returns (Share memory);

    /// @notice What {payShare} or {payShareOf} would pay out now, without a limit.
    function payableShareOf(address token, uint32 round, address account, bytes32 debtId)
        external
        view
        returns (uint256 value);
}
