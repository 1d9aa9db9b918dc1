// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IMarket } from "../../../contracts/interfaces/IMarket.sol";
import { IPools } from "../../../contracts/interfaces/IPools.sol";

/// @notice A market that puts on record what it is told, and may refuse it or call back meanwhile.
contract Market is IMarket {
    enum Behaviour {
        Good,
        Reverts,
        RevertBomb,
        ReturnBomb,
        Reenters
    }

    struct Told {
        bytes4 what;
        bytes32 pool;
        address token;
    }

    error Refused();

    Behaviour public behaviour;
    Told[] private _told;
    IPools.Rules private _rules;
    IPools.Bounds private _bounds;
    bytes private _script;
    bool[] public outcomes;

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    /// @notice A call to make, once, on whoever tells it something.
    function reenter(bytes calldata script) external {
        (behaviour, _script) = (Behaviour.Reenters, script);
    }

    function onJoined(bytes32 pool, address token, IPools.Rules calldata rules) external {
        _rules = rules;
        _hear(pool, token);
    }

    function onBoundsSet(bytes32 pool, address token, IPools.Bounds calldata bounds) external {
        _bounds = bounds;
        _hear(pool, token);
    }

    function onLeft(bytes32 pool, address token) external {
        _hear(pool, token);
    }

    function told() external view returns (Told[] memory) {
        return _told;
    }

    function rules_() external view returns (IPools.Rules memory) {
        return _rules;
    }

    function bounds_() external view returns (IPools.Bounds memory) {
        return _bounds;
    }

    function _hear(bytes32 pool, address token) private {
        _told.push(Told(msg.sig, pool, token));
        Behaviour how = behaviour;
        if (how == Behaviour.Reverts) revert Refused();
        if (how == Behaviour.Reenters) {
            behaviour = Behaviour.Good; // once
            (bool success,) = msg.sender.call(_script);
            outcomes.push(success);
        }
        assembly ("memory-safe") {
            switch how
            case 2 { revert(0, 1000000) }
            case 3 { return(0, 1000000) }
        }
    }
}
