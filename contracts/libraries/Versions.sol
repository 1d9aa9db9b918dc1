// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice How conditions have changed, in one packed value; zero means that there are none.
/// Layout, from the low bits: version (32) ‖ worsened version (32) ‖ time of an announced worsening (40).
type History is uint104;

using Versions for History global;

/// @title Versions
/// @notice Conditions that get better at once and worse only after notice (RED-2).
///
/// Each change that takes effect is a version; the first conditions are version 1. A worsening that was
/// announced takes effect by the clock: nobody need call anything, and what is in force is derived. A call
/// that names a version is good if that version has been in force and nothing has got worse since;
/// improvements never make a call fail.
library Versions {
    /// @notice The history of new conditions.
    function first() internal pure returns (History) {
        return _pack(1, 1, 0);
    }

    /// @notice Whether there are conditions at all.
    function exists(History history) internal pure returns (bool) {
        return History.unwrap(history) != 0;
    }

    /// @notice The version in force when the history was last written down.
    function version(History history) internal pure returns (uint32) {
        return uint32(History.unwrap(history));
    }

    /// @notice The version in which the latest worsening took effect; 1 if none has.
    function worsenedVersion(History history) internal pure returns (uint32) {
        return uint32(History.unwrap(history) >> 32);
    }

    /// @notice When an announced worsening takes effect; zero if none is announced.
    function changeAt(History history) internal pure returns (uint40) {
        return uint40(History.unwrap(history) >> 64);
    }

    /// @notice Whether an announced worsening has taken effect but is not written down yet.
    // slither-disable-next-line timestamp -- notice runs for days, seconds decide nothing
    function isChangeDue(History history) internal view returns (bool) {
        uint40 due = changeAt(history);
        return due != 0 && block.timestamp >= due;
    }

    /// @notice The history as the clock has made it.
    function current(History history) internal view returns (History) {
        if (!isChangeDue(history)) return history;
        uint32 next = version(history) + 1;
        return _pack(next, next, 0);
    }

    /// @notice Whether a call that names `named` is good, given the history as the clock has made it.
    function accepts(History history, uint256 named) internal pure returns (bool) {
        return named != 0 && named <= version(history) && named >= worsenedVersion(history);
    }

    /// @notice The history after an improvement, which counts at once.
    function improved(History history) internal pure returns (History) {
        return _pack(version(history) + 1, worsenedVersion(history), changeAt(history));
    }

    /// @notice The history with a worsening announced for `time`; zero withdraws it.
    function announced(History history, uint40 time) internal pure returns (History) {
        return _pack(version(history), worsenedVersion(history), time);
    }

    function _pack(uint32 version_, uint32 worsenedVersion_, uint40 changeAt_)
        private
        pure
        returns (History)
    {
        return History.wrap(uint104(changeAt_) << 64 | uint104(worsenedVersion_) << 32 | version_);
    }
}
