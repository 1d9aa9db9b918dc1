// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC1363Receiver } from "@openzeppelin/contracts/interfaces/IERC1363Receiver.sol";
import { Clones } from "@openzeppelin/contracts/proxy/Clones.sol";
import { Test } from "forge-std/Test.sol";

import { LoyaltyToken } from "../../../contracts/LoyaltyToken.sol";
import { IBrandRegistry } from "../../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../../contracts/interfaces/ILoyaltyToken.sol";
import { IQuotaReceiver } from "../../../contracts/interfaces/IQuotaReceiver.sol";
import { TokenArgs } from "../../../contracts/libraries/TokenArgs.sol";

/// @notice What the prover offers beyond forge's cheats.
interface Prover {
    /// @notice Forgets everything about an account's storage: from here on it may hold anything.
    function enableSymbolicStorage(address account) external;

    /// @notice A call of any function of `contractName` that changes state, with any arguments.
    function createCalldata(string calldata contractName) external pure returns (bytes memory);
}

/// @notice A registry in which anybody may hold any role for any brand, and anything may be listed.
contract AnyRegistry {
    mapping(bytes32 brandId => mapping(address account => uint16)) private _standing;
    mapping(uint8 list => mapping(address account => bool)) private _listed;

    function standingOf(bytes32 brandId, address account) external view returns (uint8 status, uint8 roles) {
        uint16 standing = _standing[brandId][account];
        return (uint8(standing >> 8) & 3, uint8(standing));
    }

    function isListed(uint8 list, address account) external view returns (bool) {
        return _listed[list][account];
    }
}

/// @notice A module and a wallet that may answer anything.
contract AnyAccount {
    mapping(bytes32 digest => bytes4) private _verdicts;
    bytes4 public answer;
    bool public sawTooMuch;

    function forget() external {
        sawTooMuch = false;
    }

    /// @dev What the books are while a module is called: any call that it might make begins there.
    function onQuotaReceived(address, uint256, IQuotaReceiver.Source, bytes calldata)
        external
        returns (bytes4)
    {
        return _look();
    }

    function onTransferReceived(address, address, uint256, bytes calldata) external returns (bytes4) {
        return _look();
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return _verdicts[digest];
    }

    function _look() private returns (bytes4) {
        ILoyaltyToken token = ILoyaltyToken(msg.sender);
        sawTooMuch = token.totalSupply() + token.totalQuota() > token.capacity();
        return answer;
    }
}

/// @notice What holds in every state of a token, for every caller, function and argument: the prover runs
/// the code with unknowns in place of values. `make prove` runs it and shows that each proof can fail.
///
/// The token is a clone, as members use it. Each check starts from any storage in which the books are in
/// order: supply and quotas are within capacity, nobody holds more than there is, and no two minters may mint
/// more than all of them. The first is proved to stay so; the others the invariant tests hold. A module that
/// is called finds supply and quotas within capacity too, so what it calls meanwhile is one more such call.
///
/// Bounds:
/// - at most two rows in a batch, signatures of 65 bytes or in parts, `data` of 0 or 32 bytes
/// - a URI of at most 31 bytes, before and after
/// - modules and wallets that are called may answer anything, and do not call back
abstract contract TokenProof is Test {
    /// @dev A call, and whom it names.
    struct Act {
        address caller;
        bytes data;
        bytes4 selector;
        address first;
        address[3] holders;
    }

    Prover internal constant PROVER = Prover(address(uint160(uint256(keccak256("svm cheat code")))));
    address internal constant REGISTRY = address(0xA11CE5);
    address internal constant DESK = address(0xDE5C);
    address internal constant CREATOR = address(0xC0FFEE);
    bytes32 internal constant BRAND = "brand";
    bytes32 internal constant BOOKS_SLOT = bytes32(uint256(0));
    bytes32 internal constant CAPACITY_SLOT = bytes32(uint256(1));
    bytes32 internal constant BALANCES_SLOT = bytes32(uint256(2));
    bytes32 internal constant QUOTAS_SLOT = bytes32(uint256(3));
    bytes32 internal constant ALLOWANCES_SLOT = bytes32(uint256(4));
    bytes32 internal constant URI_SLOT = bytes32(uint256(8));

    LoyaltyToken internal token;
    AnyAccount internal account;
    address internal code;
    address internal registry;

    function setUp() public {
        registry = address(new AnyRegistry());
        account = new AnyAccount();
        code = _code(IBrandRegistry(registry));
        bytes memory args = TokenArgs.encode(REGISTRY, DESK, CREATOR, BRAND, 2, "Points", "PTS");
        token = LoyaltyToken(Clones.cloneWithImmutableArgs(code, args));
        PROVER.enableSymbolicStorage(registry);
        PROVER.enableSymbolicStorage(address(account));
    }

    /// @dev The code that the token runs.
    function _code(IBrandRegistry brandRegistry) internal virtual returns (address);

    /// @dev Whether a check is about a function: the prover takes them in groups.
    function _covers(bytes4 selector) internal pure virtual returns (bool);

    /// @dev The code's name.
    function _name() internal pure virtual returns (string memory);

    // ---------------------------------------------------------------- proofs

    /// @notice ISSUE-1: supply and quotas stay within capacity, also while a module is called.
    function check_ISSUE_1__within_capacity(address caller) public {
        _anyState();
        Act memory act = _anyAct(caller);
        _assumeBooks(act);
        account.forget();
        _do(act);
        (uint256 supply, uint256 totalQuota,) = _totals();
        assert(supply + totalQuota <= _capacity());
        assert(!account.sawTooMuch());
    }

    /// @notice ISSUE-1: what is minted is out of the caller's own quota, to the unit; what a module was
    /// promised nobody else can lessen, and a module stays one; whom the call does not name keeps its quota.
    function check_ISSUE_1__quota_books(address caller, address other) public {
        _anyState();
        Act memory act = _anyAct(caller);
        _assumeBooks(act);
        vm.assume(other != caller);
        (uint256 supply, uint256 totalQuota,) = _totals();
        (uint256 own,) = _quota(caller);
        (uint256 others, bool isModule) = _quota(other);
        _do(act);
        (uint256 supplyThen, uint256 totalQuotaThen,) = _totals();
        (uint256 ownThen,) = _quota(caller);
        (uint256 othersThen, bool isModuleThen) = _quota(other);
        if (supplyThen > supply) {
            uint256 minted = supplyThen - supply;
            assert(ownThen + minted == own && totalQuotaThen + minted == totalQuota);
        }
        if (isModule) assert(othersThen >= others && isModuleThen);
        if (other != act.first) assert(othersThen == others && isModuleThen == isModule);
    }

    /// @notice ISSUE-2: no call makes a holder's balance fall but the holder's own, or one that the holder
    /// gave an allowance or a signature for.
    function check_ISSUE_2__no_claw_back(address caller, address holder) public {
        _anyState();
        Act memory act = _anyAct(caller);
        vm.assume(caller != holder);
        vm.assume(!_takesSignature(act.selector) || act.first != holder);
        _assumeBooks(act);
        vm.assume(_allowance(holder, caller) == 0);
        (uint256 supply,,) = _totals();
        uint256 balance = _balance(holder);
        vm.assume(balance <= supply);
        _do(act);
        assert(_balance(holder) >= balance);
    }

    /// @notice ISSUE-3: whatever the state, stopped or not, a holder can send and burn all there is.
    function check_ISSUE_3__way_out(address holder, address to, uint256 value) public {
        _anyState();
        (uint256 supply,,) = _totals();
        uint256 balance = _balance(holder);
        vm.assume(balance <= supply && value <= balance);
        vm.assume(to != address(0) && to != address(token));
        assert(_try(holder, abi.encodeCall(token.transfer, (to, value))));
        uint256 rest = _balance(holder);
        assert(to == holder ? rest == balance : rest == balance - value);
        assert(_try(holder, abi.encodeCall(token.burn, (rest))));
        assert(_balance(holder) == 0);
    }

    /// @notice ISSUE-3: whatever the state, stopped or not, a holder can send to a contract that takes it, and
    /// a module can mint what it owes to whom it owes it.
    function check_ISSUE_3__modules_pay(address holder, address to, uint256 value) public {
        _anyState();
        _assumeBooks(Act(holder, "", 0, address(account), [holder, to, to]));
        (uint256 owed, bool isModule) = _quota(address(account));
        vm.assume(value <= _balance(holder) && isModule);
        vm.assume(account.answer() == IERC1363Receiver.onTransferReceived.selector);
        vm.assume(to != address(0) && to != address(token));
        assert(_try(holder, abi.encodeCall(token.transferAndCall, (address(account), value, ""))));
        uint256 balance = _balance(to);
        assert(_try(address(account), abi.encodeCall(token.mint, (to, owed))));
        assert(_balance(to) == balance + owed);
    }

    /// @notice AUTH-1: capacity and mint-stop obey the obligation registry alone.
    function check_AUTH_1__only_the_registry(address caller) public {
        _anyState();
        vm.assume(caller != REGISTRY);
        uint256 capacity = _capacity();
        (,, bool stopped) = _totals();
        _do(_anyAct(caller));
        (,, bool stoppedThen) = _totals();
        assert(_capacity() == capacity && stoppedThen == stopped);
    }

    /// @notice AUTH-1: there is nothing to initialise: a new clone gives nobody anything before its
    /// obligation registry gives it capacity.
    function check_AUTH_1__new_clone(address caller, address anybody) public {
        vm.assume(caller != REGISTRY);
        // Not `_do`: a batch needs a quota and never succeeds here, and what never succeeds proves nothing.
        _try(caller, _anyAct(caller).data);
        (uint256 supply, uint256 totalQuota,) = _totals();
        (uint256 quota,) = _quota(anybody);
        assert(_capacity() == 0 && supply == 0 && totalQuota == 0 && _balance(anybody) == 0 && quota == 0);
    }

    /// @notice What the checks read from storage is what the token says.
    function check_views(address holder, address spender) public {
        _anyState();
        (uint256 supply, uint256 totalQuota, bool mintStopped) = _totals();
        (uint256 quota, bool isModule) = _quota(holder);
        assert(token.totalSupply() == supply && token.totalQuota() == totalQuota);
        assert(token.mintStopped() == mintStopped && token.capacity() == _capacity());
        assert(token.balanceOf(holder) == _balance(holder));
        assert(token.quotaOf(holder) == quota && token.isModule(holder) == isModule);
        assert(token.allowance(holder, spender) == _allowance(holder, spender));
    }

    /// @notice Not a proof: refuted once for each function that can succeed here, by its selector in
    /// `reached`. What a function does when it always reverts is easily proved.
    function reach(address caller, bytes4 reached) public {
        _anyState();
        Act memory act = _anyAct(caller);
        vm.assume(reached == act.selector);
        _assumeBooks(act);
        _do(act);
        assert(false);
    }

    // ------------------------------------------------------------- internals

    /// @dev A description of up to 31 bytes takes one slot.
    function _anyState() internal {
        PROVER.enableSymbolicStorage(address(token));
        vm.assume(uint256(vm.load(address(token), URI_SLOT)) & 1 == 0);
    }

    function _anyAct(address caller) internal view returns (Act memory act) {
        act.caller = caller;
        act.data = PROVER.createCalldata(_name());
        act.selector = bytes4(act.data);
        act.first = address(uint160(_word(act.data, 0)));
        vm.assume(_covers(act.selector));
        if (_takesSignature(act.selector) || _callsModule(act.selector)) {
            // Whom these call may answer anything. What the suite's own contracts answer is among it.
            vm.assume(act.first != registry && act.first != code && act.first != address(token));
        }
        if (act.selector == ILoyaltyToken.mintBatch.selector) {
            address row = _address(act.data, 128);
            act.holders = [caller, row, _address(act.data, 152)];
        } else if (act.selector == ILoyaltyToken.mintBatchWide.selector) {
            address row = _address(act.data, 96);
            act.holders = [caller, row, _address(act.data, 128)];
        } else {
            act.holders = [caller, act.first, address(uint160(_word(act.data, 32)))];
        }
    }

    function _try(address caller, bytes memory data) internal returns (bool success) {
        vm.prank(caller);
        (success,) = address(token).call(data);
    }

    /// @dev What reverts changes nothing, so there is nothing to look at.
    function _do(Act memory act) internal {
        vm.assume(_try(act.caller, act.data));
    }

    function _assumeBooks(Act memory act) internal view {
        (uint256 supply, uint256 totalQuota,) = _totals();
        vm.assume(supply + totalQuota <= _capacity());
        for (uint256 i = 0; i < 3; ++i) {
            vm.assume(_balance(act.holders[i]) <= supply);
        }
        (uint256 own,) = _quota(act.caller);
        (uint256 others,) = _quota(act.first);
        vm.assume(own <= totalQuota && others <= totalQuota);
        vm.assume(_or(act.caller == act.first, own + others <= totalQuota));
    }

    /// @dev Without a branch, which would double the prover's work.
    function _or(bool a, bool b) internal pure returns (bool either) {
        assembly ("memory-safe") {
            either := or(a, b)
        }
    }

    // The prover copies all it knows at every call, so what is looked at often is read from storage, as
    // `check_views` proves that it lies there.

    function _totals() internal view returns (uint256 supply, uint256 totalQuota, bool mintStopped) {
        uint256 word = uint256(vm.load(address(token), BOOKS_SLOT));
        return (uint96(word), uint96(word >> 96), uint8(word >> 192) != 0);
    }

    function _capacity() internal view returns (uint256) {
        return uint96(uint256(vm.load(address(token), CAPACITY_SLOT)));
    }

    function _balance(address holder) internal view returns (uint256) {
        return uint256(vm.load(address(token), keccak256(abi.encode(holder, BALANCES_SLOT))));
    }

    function _quota(address minter) internal view returns (uint256 amount, bool isModule) {
        uint256 word = uint256(vm.load(address(token), keccak256(abi.encode(minter, QUOTAS_SLOT))));
        return (uint96(word), uint8(word >> 96) != 0);
    }

    function _allowance(address owner, address spender) internal view returns (uint256) {
        bytes32 slot = keccak256(abi.encode(owner, ALLOWANCES_SLOT));
        return uint256(vm.load(address(token), keccak256(abi.encode(spender, slot))));
    }

    /// @dev The word at `offset` of the arguments.
    function _word(bytes memory data, uint256 offset) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x24), offset))
        }
    }

    /// @dev The address that begins there.
    function _address(bytes memory data, uint256 offset) internal pure returns (address) {
        return address(uint160(_word(data, offset) >> 96));
    }

    /// @dev Whether a function takes a signature. The first argument of each that does is whose it is.
    function _takesSignature(bytes4 selector) internal pure returns (bool) {
        return selector == bytes4(keccak256("permit(address,address,uint256,uint256,bytes)"))
            || selector == bytes4(keccak256("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"))
            || _isAuthorization(selector, "transferWithAuthorization")
            || _isAuthorization(selector, "receiveWithAuthorization")
            || selector == bytes4(keccak256("cancelAuthorization(address,bytes32,bytes)"))
            || selector == bytes4(keccak256("cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)"))
            || selector == ILoyaltyToken.redeemWithSignature.selector
            || selector == ILoyaltyToken.receiveWithSignature.selector;
    }

    function _isBatch(bytes4 selector) internal pure returns (bool) {
        return
            selector == ILoyaltyToken.mintBatch.selector || selector == ILoyaltyToken.mintBatchWide.selector;
    }

    /// @dev The first argument of each is the contract that is called.
    function _callsModule(bytes4 selector) internal pure returns (bool) {
        return selector == ILoyaltyToken.grantQuotaAndCall.selector
            || selector == ILoyaltyToken.passQuotaAndCall.selector
            || selector == ILoyaltyToken.transferAndCall.selector;
    }

    function _isAuthorization(bytes4 selector, string memory name) private pure returns (bool) {
        string memory fields = "(address,address,uint256,uint256,uint256,bytes32,";
        return selector == bytes4(keccak256(abi.encodePacked(name, fields, "bytes)")))
            || selector == bytes4(keccak256(abi.encodePacked(name, fields, "uint8,bytes32,bytes32)")));
    }
}

// Every function is in one of three groups.

abstract contract BatchProof is TokenProof {
    function _covers(bytes4 selector) internal pure override returns (bool) {
        return _isBatch(selector);
    }
}

abstract contract SignedProof is TokenProof {
    function _covers(bytes4 selector) internal pure override returns (bool) {
        return _takesSignature(selector);
    }
}

abstract contract PlainProof is TokenProof {
    function _covers(bytes4 selector) internal pure override returns (bool) {
        return !_isBatch(selector) && !_takesSignature(selector);
    }
}

/// @notice The code as it is: every check holds.
abstract contract AsItIs is TokenProof {
    function _code(IBrandRegistry brandRegistry) internal override returns (address) {
        return address(new LoyaltyToken(brandRegistry));
    }

    function _name() internal pure override returns (string memory) {
        return "LoyaltyToken";
    }
}

contract BatchProofs is AsItIs, BatchProof { }

contract SignedProofs is AsItIs, SignedProof { }

contract PlainProofs is AsItIs, PlainProof { }
