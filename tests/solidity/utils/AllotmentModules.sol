// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IAllotmentReceiver } from "../../../contracts/interfaces/IAllotmentReceiver.sol";
import { IBonds } from "../../../contracts/interfaces/IBonds.sol";

/// @notice A module that pays out of bonds: it knows what it has promised and gives back the rest alone.
/// Anyone may drive it, so that tests can.
contract AllotmentModule is IAllotmentReceiver {
    struct Told {
        bool reclaimed;
        address token;
        uint8 purse;
        uint256 value;
        bytes data;
        uint256 allotment;
    }

    error Promised(uint256 value, uint256 spare);

    Told public last;
    mapping(address token => mapping(uint8 purse => uint256)) public promised;

    function promise_(address token, IBonds.Purse purse, uint256 value) external {
        promised[token][uint8(purse)] += value;
    }

    function onAllotted(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4)
    {
        last = Told(false, token, purse, value, data, _allotment(token, purse));
        return IAllotmentReceiver.onAllotted.selector;
    }

    function onReclaimed(address token, uint8 purse, uint256 value, bytes calldata data)
        external
        returns (bytes4)
    {
        uint256 allotment = _allotment(token, purse);
        last = Told(true, token, purse, value, data, allotment);
        uint256 spare = allotment - promised[token][purse];
        require(value <= spare, Promised(value, spare));
        return IAllotmentReceiver.onReclaimed.selector;
    }

    function draw(IBonds bonds, address token, IBonds.Purse purse, address payee, uint256 value) external {
        bonds.draw(token, purse, payee, value);
    }

    function _allotment(address token, uint8 purse) private view returns (uint256) {
        return IBonds(msg.sender).allotmentOf(token, IBonds.Purse(purse), address(this));
    }
}

/// @notice A listed module that misbehaves when it is told of its allotment.
contract HostileAllotmentModule is IAllotmentReceiver {
    enum Behaviour {
        Accept,
        WrongMagic,
        OtherMagic, // the one of the other call
        NoAnswer,
        Revert,
        ReturnBomb,
        RevertBomb,
        DirtyMagic,
        Reenter
    }

    error Refused(uint256 value);

    Behaviour public behaviour;
    bytes[] public script;
    bool[] public outcomes;
    bytes[] public reasons;

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    /// @notice Calls to make on the bonds from within the call that tells it.
    function reenter(bytes[] memory script_) external {
        behaviour = Behaviour.Reenter;
        delete outcomes;
        delete reasons;
        delete script;
        for (uint256 i = 0; i < script_.length; ++i) {
            script.push(script_[i]);
        }
    }

    function onAllotted(address, uint8, uint256 value, bytes calldata) external returns (bytes4) {
        return _answer(value, IAllotmentReceiver.onAllotted.selector, IAllotmentReceiver.onReclaimed.selector);
    }

    function onReclaimed(address, uint8, uint256 value, bytes calldata) external returns (bytes4) {
        return _answer(value, IAllotmentReceiver.onReclaimed.selector, IAllotmentReceiver.onAllotted.selector);
    }

    function call(address target, bytes calldata data) external returns (bool success, bytes memory result) {
        return target.call(data);
    }

    function _answer(uint256 value, bytes4 magic, bytes4 other) private returns (bytes4) {
        Behaviour how = behaviour;
        if (how == Behaviour.WrongMagic) return 0xdeadbeef;
        if (how == Behaviour.OtherMagic) return other;
        if (how == Behaviour.Revert) revert Refused(value);
        if (how == Behaviour.Reenter) {
            behaviour = Behaviour.Accept; // once
            for (uint256 i = 0; i < script.length; ++i) {
                (bool success, bytes memory reason) = msg.sender.call(script[i]);
                outcomes.push(success);
                reasons.push(reason);
            }
        }
        assembly ("memory-safe") {
            switch how
            case 3 { return(0, 0) }
            case 5 {
                mstore(0, magic)
                return(0, 1000000)
            }
            case 6 { revert(0, 1000000) }
            case 7 {
                mstore(0, or(magic, 1))
                return(0, 0x20)
            }
        }
        return magic;
    }
}
