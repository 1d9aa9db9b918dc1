// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Versions
/// @notice Conditions that get better at once and worse only after notice (RED-2).
///
/// Each change that takes effect is a version. A worsening that was announced takes effect by the clock:
/// nobody need call anything, and what is in force is derived. A call that names a version is good if that
/// version has been in
/// force and nothing has got worse since; improvements never make a call fail.
library Versions {
    /// @param version The version in force when it was last written down; the first is 1, zero means nothing.
    /// @param worsenedVersion The version in which the latest worsening took effect; 1 if none has.
    /// @param changeAt When an announced worsening takes effect; zero if none is announced.
    struct History {
        uint32 version;
        uint32 worsenedVersion;
        uint40 changeAt;
    }

    /// @notice Whether an announced worsening has taken effect but is not written down yet.
    function isChangeDue(History memory history) internal view returns (bool) {
        return history.changeAt != 0 && block.timestamp >= history.changeAt;
    }

    /// @notice The history as the clock has made it.
    function current(History memory history) internal view returns (History memory) {
        if (!isChangeDue(history)) return history;
        uint32 version = history.version + 1;
        return History({ version: version, worsenedVersion: version, changeAt: 0 });
    }

    /// @notice Whether a call that names `version` is good now.
    function isValid(History memory history, uint256 version) internal view returns (bool) {
        history = current(history);
        return version != 0 && version <= history.version && version >= history.worsenedVersion;
    }
}
