// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ISettlements } from "../../../contracts/interfaces/ISettlements.sol";
import { ISettlementSource } from "../../../contracts/interfaces/ISettlementSource.sol";

/// @notice A settlement source that anyone may drive, so that tests can. It puts on record what it is told, and
/// may refuse it or call back meanwhile.
contract Source is ISettlementSource {
    enum Behaviour {
        Good,
        Reverts,
        RevertBomb,
        ReturnBomb,
        Reenters
    }

    struct Told {
        bool reclaimed;
        bytes32 pool;
        address token;
        uint256 bond;
        uint256 unpaid;
    }

    struct Call {
        address target;
        bytes data;
    }

    error Refused();

    Behaviour public behaviour;
    address public currency;
    uint256 public value;
    uint256 public calls;
    Told private _last;
    Call[] private _script;
    bool[] public outcomes;
    bytes[] public reasons;

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    /// @notice What it says that a prepayment costs.
    function charge(address currency_, uint256 value_) external {
        (currency, value) = (currency_, value_);
    }

    /// @notice A call to make when it is next told something.
    function script(address target, bytes calldata data) external {
        behaviour = Behaviour.Reenters;
        _script.push(Call(target, data));
    }

    function call(address target, bytes calldata data) external returns (bool success, bytes memory result) {
        return target.call(data);
    }

    function open(
        ISettlements settlements,
        bytes32 pool,
        uint32 period,
        address currency_,
        uint40 dueAt,
        ISettlements.Line[] calldata lines,
        address treasury,
        uint128 treasuryClaim
    ) external {
        settlements.open(pool, period, currency_, dueAt, lines, treasury, treasuryClaim);
    }

    function last() external view returns (Told memory) {
        return _last;
    }

    function onAccountChanged(bytes32 pool, address token, uint256 bond, uint256 unpaid) external {
        _last = Told(false, pool, token, bond, unpaid);
        _answer();
    }

    function onBondReclaimed(bytes32 pool, address token, uint256 bond, uint256 unpaid) external {
        _last = Told(true, pool, token, bond, unpaid);
        _answer();
    }

    function onPrepaid(bytes32, address, uint256 most) external returns (address, uint256, uint256) {
        _answer();
        return (currency, most, value);
    }

    function _answer() private {
        calls += 1;
        Behaviour how = behaviour;
        if (how == Behaviour.Reverts) revert Refused();
        if (how == Behaviour.Reenters) {
            behaviour = Behaviour.Good; // once
            for (uint256 i = 0; i < _script.length; ++i) {
                (bool success, bytes memory reason) = _script[i].target.call(_script[i].data);
                outcomes.push(success);
                reasons.push(reason);
            }
        }
        assembly ("memory-safe") {
            switch how
            case 2 { revert(0, 1000000) }
            case 3 { return(0, 1000000) }
        }
    }
}
