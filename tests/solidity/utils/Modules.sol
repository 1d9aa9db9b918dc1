// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";

import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IQuotaReceiver } from "../../../contracts/interfaces/IQuotaReceiver.sol";

/// @notice A module as the later parts of the suite are: it books every unit of quota it is told of and
/// mints, passes on or returns what it holds; it books every token that it takes in, never reading its
/// balance, and
/// gives back no more. Anyone may drive it, so that tests can.
contract Module is IQuotaReceiver, IERC1363Receiver {
    struct Received {
        address token;
        address from;
        uint256 amount;
        Source source;
        bytes data;
    }

    struct Transferred {
        address token;
        address operator;
        address from;
        uint256 value;
        bytes data;
    }

    Received public last;
    Transferred public lastTransfer;
    uint256 public calls;
    /// @notice What quota it believes to hold of each token, from what it was told and what it spent.
    mapping(address token => uint256) public booked;
    /// @notice What it believes to hold of each token itself, from what it took in and gave.
    mapping(address token => uint256) public held;

    function onQuotaReceived(address from, uint256 amount, Source source, bytes calldata data)
        public
        virtual
        returns (bytes4)
    {
        last = Received(msg.sender, from, amount, source, data);
        calls += 1;
        booked[msg.sender] += amount;
        return IQuotaReceiver.onQuotaReceived.selector;
    }

    function mint(ILoyaltyToken token, address to, uint256 amount) external {
        booked[address(token)] -= amount;
        token.mint(to, amount);
    }

    function mintBatchWide(ILoyaltyToken token, bytes32 batchId, bytes calldata rows, uint256 amount)
        external
    {
        booked[address(token)] -= amount;
        token.mintBatchWide(batchId, rows);
    }

    function pass(ILoyaltyToken token, address to, uint96 amount, bytes calldata data) external {
        booked[address(token)] -= amount;
        token.passQuotaAndCall(to, amount, data);
    }

    function giveBack(ILoyaltyToken token, uint96 amount) external {
        booked[address(token)] -= amount;
        token.returnQuota(amount);
    }

    function onTransferReceived(address operator, address from, uint256 value, bytes calldata data)
        external
        returns (bytes4)
    {
        lastTransfer = Transferred(msg.sender, operator, from, value, data);
        held[msg.sender] += value;
        return IERC1363Receiver.onTransferReceived.selector;
    }

    function give(ILoyaltyToken token, address to, uint256 amount) external {
        held[address(token)] -= amount;
        token.transfer(to, amount);
    }

    function takeFrom(ILoyaltyToken token, address from, uint256 amount) external {
        held[address(token)] += amount;
        token.transferFrom(from, address(this), amount);
    }

    function receiveWithSignature(
        ILoyaltyToken token,
        ILoyaltyToken.Spend calldata spend,
        uint256 amount,
        bytes32 typehash,
        bytes32 witness,
        bytes calldata signature
    ) external {
        held[address(token)] += amount;
        token.receiveWithSignature(spend, amount, typehash, witness, signature);
    }
}

/// @notice A listed module that misbehaves in the call that brings it quota or tokens.
contract HostileModule is IQuotaReceiver, IERC1363Receiver {
    enum Behaviour {
        Accept,
        WrongMagic,
        NoAnswer,
        Revert,
        ReturnBomb,
        RevertBomb,
        DirtyMagic,
        Reenter
    }

    error Refused(address from, uint256 amount);

    Behaviour public behaviour;
    bytes[] public script;
    bool[] public outcomes;

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    /// @notice Calls to make on the token from within the callback.
    function reenter(bytes[] memory script_) external {
        behaviour = Behaviour.Reenter;
        delete outcomes;
        delete script;
        for (uint256 i = 0; i < script_.length; ++i) {
            script.push(script_[i]);
        }
    }

    function onQuotaReceived(address from, uint256 amount, Source, bytes calldata) external returns (bytes4) {
        return _answer(from, amount, IQuotaReceiver.onQuotaReceived.selector);
    }

    function onTransferReceived(address, address from, uint256 value, bytes calldata)
        external
        returns (bytes4)
    {
        return _answer(from, value, IERC1363Receiver.onTransferReceived.selector);
    }

    function _answer(address from, uint256 amount, bytes4 magic) private returns (bytes4) {
        Behaviour how = behaviour;
        if (how == Behaviour.WrongMagic) return 0xdeadbeef;
        if (how == Behaviour.Revert) revert Refused(from, amount);
        if (how == Behaviour.Reenter) {
            behaviour = Behaviour.Accept; // once, or it would recurse
            for (uint256 i = 0; i < script.length; ++i) {
                (bool success,) = msg.sender.call(script[i]);
                outcomes.push(success);
            }
        }
        assembly ("memory-safe") {
            switch how
            case 2 { return(0, 0) }
            case 4 {
                mstore(0, magic)
                return(0, 1000000)
            }
            case 5 { revert(0, 1000000) }
            case 6 {
                mstore(0, or(magic, 1))
                return(0, 0x20)
            }
        }
        return magic;
    }

    function call(address target, bytes calldata data) external returns (bool success, bytes memory result) {
        return target.call(data);
    }
}
