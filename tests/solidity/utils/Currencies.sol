// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice A settlement currency that may misbehave: where it moves money, and in what it says of it.
contract Currency {
    enum Behaviour {
        Plain,
        Silent, // moves and returns nothing, as some large ones do
        TakesFee, // a base unit stays behind
        MovesNothing, // and says that it did
        SaysFalse, // and moves nothing
        MovesAndSaysFalse,
        SaysOther, // moves, and returns a number that is no boolean
        Reverts,
        ReturnBomb,
        MovesMore, // a base unit comes on top
        TakesFromPayee, // the payee ends up with less than before
        Reenters, // makes the calls of its script first, as a payer's hook would
        ReentersThenKeeps, // and then moves nothing
        ChargesPayer // the payer loses a base unit on top
    }

    string public constant symbol = "CUR";
    uint8 public immutable decimals;
    mapping(address account => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;
    Behaviour public behaviour;

    struct Call {
        address target;
        bytes data;
    }

    Call[] private _script;
    bytes[] public reasons;
    bool[] public outcomes;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    function script(address target, bytes calldata data) external {
        _script.push(Call(target, data));
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        Behaviour how = _begin();
        require(allowance[from][msg.sender] >= amount, "not allowed");
        allowance[from][msg.sender] -= amount;
        return _move(how, from, to, amount);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(_begin(), msg.sender, to, amount);
    }

    function _begin() private returns (Behaviour how) {
        how = behaviour;
        if (how == Behaviour.Reverts) revert("not today");
        if (how == Behaviour.Reenters || how == Behaviour.ReentersThenKeeps) {
            behaviour = Behaviour.Plain; // what is called from here is paid for honestly
            _play();
            behaviour = how;
        }
    }

    function _move(Behaviour how, address from, address to, uint256 amount) private returns (bool) {
        bool moves = how != Behaviour.MovesNothing && how != Behaviour.SaysFalse
            && how != Behaviour.ReentersThenKeeps && how != Behaviour.TakesFromPayee;
        if (moves) {
            balanceOf[from] -= amount;
            balanceOf[to] += amount;
        }
        if (how == Behaviour.TakesFee) balanceOf[to] -= 1;
        if (how == Behaviour.MovesMore) balanceOf[to] += 1;
        if (how == Behaviour.TakesFromPayee) balanceOf[to] -= 1;
        if (how == Behaviour.ChargesPayer) balanceOf[from] -= 1;
        assembly ("memory-safe") {
            switch how
            case 1 { return(0, 0) }
            case 6 {
                mstore(0, 2)
                return(0, 0x20)
            }
            case 8 { return(0, 1000000) }
        }
        return how != Behaviour.SaysFalse && how != Behaviour.MovesAndSaysFalse;
    }

    function _play() private {
        for (uint256 i = 0; i < _script.length; ++i) {
            (bool success, bytes memory reason) = _script[i].target.call(_script[i].data);
            outcomes.push(success);
            reasons.push(reason);
        }
    }
}

/// @notice A currency that everybody can burn of their own.
contract BurnableCurrency is Currency {
    constructor(uint8 decimals_) Currency(decimals_) { }

    function burn(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
    }
}
