// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { ObligationHandler } from "./utils/ObligationHandler.sol";
import { TokenHandler } from "./utils/TokenHandler.sol";

/// @notice Negative controls: the invariants can fail. Each test does to the chain what a bug would do, and
/// sees the check that should notice it notice, by the id of its promise.
abstract contract ControlsTest is Test {
    /// @dev A suite whose check does not see the damage fails here.
    function _assertNoticed(function() external view check, string memory named) internal view {
        try check() {
            revert(string.concat("not noticed: ", named));
        } catch Error(string memory reason) {
            _assertNames(reason, named);
        } catch (bytes memory reason) {
            // Forge's assertions: CheatcodeError(string).
            assembly ("memory-safe") {
                let length := sub(mload(reason), 4)
                reason := add(reason, 4)
                mstore(reason, length)
            }
            _assertNames(abi.decode(reason, (string)), named);
        }
    }

    function _assertNames(string memory reason, string memory named) private pure {
        bytes memory start = bytes(reason);
        assertGe(start.length, bytes(named).length, reason);
        assembly ("memory-safe") {
            mstore(start, mload(named))
        }
        assertEq(string(start), named);
    }

    /// @dev An act that must notice by itself, because it insists on its outcome.
    function _assertActNotices(address handler, bytes memory act) internal {
        (bool success,) = handler.call(act);
        assertFalse(success, "not noticed by the act");
    }
}

contract TokenControlsTest is ControlsTest {
    uint256 internal constant BOOKS = 0;
    uint256 internal constant CAPACITY = 1;
    uint256 internal constant BALANCES = 2;
    uint256 internal constant QUOTAS = 3;
    uint256 internal constant AUTHORIZATIONS = 5;

    TokenHandler internal handler;
    address internal token;
    address internal holder = makeAddr("holder0");
    address internal other = makeAddr("holder1");
    address internal intruder = makeAddr("intruder");

    function setUp() public {
        handler = new TokenHandler();
        handler.setUp();
        token = handler.tokenAddress();
        handler.transfer(0, 1, 10);
        handler.signedTransfer(0, 1, 10, 7, false);
        handler.checkPromises();
        handler.checkNonces();
    }

    function test_control__minted_out_of_nothing__is_noticed() public {
        _add(_at(holder, BALANCES), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: supply != balances");
    }

    function test_control__supply_not_counted__is_noticed() public {
        _add(bytes32(BOOKS), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: supply != balances");
    }

    function test_control__quota_given_but_not_set_aside__is_noticed() public {
        _add(_at(intruder, QUOTAS), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: total quota != quotas");
    }

    function test_control__capacity_below_what_is_promised__is_noticed() public {
        vm.store(token, bytes32(CAPACITY), bytes32(uint256(1)));
        _assertNoticed(handler.checkPromises, "ISSUE-1: promised > capacity");
    }

    /// @dev Supply and sums are as they were: only the shadow ledger knows whose tokens they are.
    function test_control__tokens_taken_from_a_holder__is_noticed() public {
        _add(_at(holder, BALANCES), type(uint256).max); // less one
        _add(_at(other, BALANCES), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-2: moved without its holder");
    }

    function test_control__quota_moved_between_modules__is_noticed() public {
        address module = handler.moduleAt(0);
        _add(_at(module, QUOTAS), type(uint256).max);
        _add(_at(makeAddr("manager"), QUOTAS), 1);
        _assertNoticed(handler.checkPromises, "ISSUE-1: a manager's quota");
    }

    function test_control__forgotten_nonce__is_noticed() public {
        bytes32 mark = keccak256(abi.encode(bytes32(uint256(7)), _at(holder, AUTHORIZATIONS)));
        assertEq(uint256(vm.load(token, mark)), 1);
        vm.store(token, mark, 0);
        _assertNoticed(handler.checkNonces, "SIG-1: nonce");
        // And the replay that it allows.
        _assertActNotices(address(handler), abi.encodeCall(handler.signedTransfer, (0, 1, 10, 7, false)));
    }

    function test_control__mint_stop_lost_or_forgotten__is_noticed() public {
        handler.changeStatus(2); // suspended, and the token told
        _add(bytes32(BOOKS), type(uint256).max - (uint256(1) << 192) + 1); // bit 192 off
        _assertNoticed(handler.checkPromises, "ISSUE-3: mint-stop");
        _assertActNotices(address(handler), abi.encodeCall(handler.mint, (0, 0, 1)));
    }

    function test_control__a_transfer_that_is_stopped__is_noticed() public {
        vm.mockCallRevert(token, abi.encodeWithSelector(ILoyaltyToken.burn.selector), "paused");
        _assertActNotices(address(handler), abi.encodeCall(handler.burn, (0, 1)));
    }

    function test_control__an_unchecked_theft__is_noticed() public {
        vm.mockCall(token, abi.encodeWithSelector(ILoyaltyToken.depositFrom.selector), abi.encode(true));
        _assertActNotices(address(handler), abi.encodeCall(handler.steal, (2, 0, 1)));
    }

    function _at(address key, uint256 slot) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }

    function _add(bytes32 slot, uint256 amount) private {
        unchecked {
            vm.store(token, slot, bytes32(uint256(vm.load(token, slot)) + amount));
        }
    }
}

contract ObligationControlsTest is ControlsTest {
    ObligationHandler internal handler;
    address internal obligations;
    uint256 internal record;

    function setUp() public {
        handler = new ObligationHandler();
        handler.setUp();
        obligations = handler.obligationsAddress();
        record = uint256(keccak256(abi.encode(handler.tokenAddress(), uint256(0))));
        handler.setTerms(1, 2, 1);
        handler.checkPromises();
    }

    function test_control__par_value_changed__is_noticed() public {
        _flip(0, 160);
        _assertNoticed(handler.checkPromises, "RED-3: par");
    }

    function test_control__currency_changed__is_noticed() public {
        _flip(0, 0);
        _assertNoticed(handler.checkPromises, "RED-3: currency");
    }

    function test_control__version_counted_wrong__is_noticed() public {
        _flip(1, 0);
        _assertNoticed(handler.checkPromises, "RED-2: version");
    }

    function test_control__worsening_not_remembered__is_noticed() public {
        _flip(1, 32 + 1);
        _assertNoticed(handler.checkPromises, "RED-2: worsened version");
    }

    function test_control__worsening_comes_a_second_early_or_late__is_noticed() public {
        _flip(1, 64);
        _assertNoticed(handler.checkPromises, "RED-2: when worse terms come");
    }

    function test_control__terms_changed_without_notice__is_noticed() public {
        _flip(2, 0);
        _assertNoticed(handler.checkPromises, "RED-2: terms in force");
    }

    function test_control__announced_terms_changed__is_noticed() public {
        _flip(5, 0);
        _assertNoticed(handler.checkPromises, "RED-2: terms to come");
    }

    function test_control__capacity_announced_by_nobody__is_noticed() public {
        _flip(1, 144);
        _assertNoticed(handler.checkPromises, "ISSUE-1: announced capacity");
        _flip(1, 144);
        _flip(1, 104);
        _assertNoticed(handler.checkPromises, "ISSUE-1: when it may rise");
    }

    function _flip(uint256 slot, uint256 bit) private {
        bytes32 where = bytes32(record + slot);
        vm.store(obligations, where, vm.load(obligations, where) ^ bytes32(uint256(1) << bit));
    }
}
