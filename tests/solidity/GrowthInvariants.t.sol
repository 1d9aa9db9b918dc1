// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { ControlsTest } from "./Controls.t.sol";
import { Busy } from "./utils/Busy.sol";
import { GrowthHandler } from "./utils/GrowthHandler.sol";

/// @notice What holds of referrals, campaigns and consent whatever happens, and that enough happened.
contract GrowthInvariants is Busy {
    GrowthHandler private _handler;
    bytes32[] private _actions;

    function setUp() public {
        _handler = new GrowthHandler();
        _handler.setUp();
        bytes4[] memory selectors = new bytes4[](13);
        selectors[0] = _add("fund", GrowthHandler.fund.selector);
        selectors[1] = _add("takeBack", GrowthHandler.takeBack.selector);
        selectors[2] = _add("passTime", GrowthHandler.passTime.selector);
        selectors[3] = _add("bind", GrowthHandler.bind.selector);
        selectors[4] = _add("accrue", GrowthHandler.accrue.selector);
        selectors[5] = _add("undo", GrowthHandler.undo.selector);
        selectors[6] = _add("claim", GrowthHandler.claim.selector);
        selectors[7] = _add("voucher", GrowthHandler.voucher.selector);
        selectors[8] = _add("batch", GrowthHandler.batch.selector);
        selectors[9] = _add("grant", GrowthHandler.grant.selector);
        selectors[10] = _add("pay", GrowthHandler.pay.selector);
        selectors[11] = _add("revoke", GrowthHandler.revoke.selector);
        selectors[12] = _add("acknowledge", GrowthHandler.acknowledge.selector);
        targetContract(address(_handler));
        targetSelector(FuzzSelector({ addr: address(_handler), selectors: selectors }));
    }

    function _add(bytes32 action, bytes4 selector) private returns (bytes4) {
        _actions.push(action);
        return selector;
    }

    /// @dev All in one, so that the same calls are played once.
    /// forge-config: default.invariant.runs = 2
    /// forge-config: default.invariant.depth = 300
    /// forge-config: long.invariant.runs = 100
    /// forge-config: long.invariant.depth = 500
    function invariant_growth_promises() public view {
        _handler.checkPromises();
    }

    function afterInvariant() public {
        for (uint256 i = 0; i < _actions.length; ++i) {
            _expect(_handler.done(_actions[i]), string(abi.encodePacked("vacuous: ", _actions[i])));
        }
        _assertBusy();
    }
}

/// @notice The invariants can fail: what a bug would do to the chain is noticed, by the id of its promise.
contract GrowthControlsTest is ControlsTest {
    GrowthHandler internal handler;
    address internal referrals;
    address internal campaigns;
    address internal consent;
    address internal token;
    bytes32 internal constant PURCHASE = bytes32(uint256(7));

    function setUp() public {
        handler = new GrowthHandler();
        handler.setUp();
        address[4] memory parts = handler.parts();
        (referrals, campaigns, consent, token) = (parts[0], parts[1], parts[2], parts[3]);
        handler.fund(2, 2999);
        handler.bind(1, 0);
        handler.bind(2, 1);
        handler.accrue(2, 9999, 7, false);
        handler.voucher(0, 0, false);
        handler.grant(0);
        handler.checkPromises();
    }

    function test_control__bound_in_a_circle__is_noticed() public {
        // The first wallet is bound to the last of its own line.
        bytes32 slot = _standing(handler.wallets(0));
        vm.store(referrals, slot, bytes32(uint256(vm.load(referrals, slot)) | uint160(handler.wallets(2))));
        _assertNoticed(handler.checkPromises, "REF-1: bound anew");
    }

    function test_control__bound_again__is_noticed_by_the_act() public {
        bytes32 slot = _standing(handler.wallets(2));
        vm.store(referrals, slot, 0);
        _assertActNotices(address(handler), abi.encodeCall(handler.bind, (2, 0)));
    }

    function test_control__event_forgotten__is_noticed() public {
        bytes32 slot = _accrual(handler.wallets(2));
        assertTrue(vm.load(referrals, slot) != 0);
        vm.store(referrals, slot, 0);
        _assertNoticed(handler.checkPromises, "REF-2: an event's state");
        _assertActNotices(address(handler), abi.encodeCall(handler.accrue, (2, 9999, 7, false)));
    }

    function test_control__reward_grown__is_noticed() public {
        _add(referrals, _accrual(handler.wallets(2)), 1);
        _assertNoticed(handler.checkPromises, "REF-2: an event's reward");
    }

    function test_control__budget_that_is_not_set_aside__is_noticed() public {
        _add(referrals, _programme(), 1);
        _assertNoticed(handler.checkPromises, "BOOK-1: a programme's budget");
    }

    function test_control__quota_gone__is_noticed() public {
        _takeQuota(referrals);
        _assertNoticed(handler.checkPromises, "BOOK-1: quota of referrals");
    }

    function test_control__campaigns_quota_gone__is_noticed() public {
        _takeQuota(campaigns);
        _assertNoticed(handler.checkPromises, "BOOK-1: quota of campaigns");
    }

    function test_control__consents_quota_gone__is_noticed() public {
        _takeQuota(consent);
        _assertNoticed(handler.checkPromises, "BOOK-1: quota of consent");
    }

    function test_control__voucher_forgotten__is_noticed() public {
        bytes32 slot = _account(handler.wallets(0));
        assertTrue(vm.load(campaigns, slot) != 0);
        vm.store(campaigns, slot, 0);
        _assertNoticed(handler.checkPromises, "CAMP-1: a number paid");
    }

    function test_control__day_forgotten__is_noticed_by_the_act() public {
        bytes32 slot = _account(handler.wallets(0));
        for (uint256 number = 1; number < 4; ++number) {
            // The numbers stay, how many there were today is lost.
            vm.store(campaigns, slot, vm.load(campaigns, slot) << 24 >> 24);
            bytes memory act = abi.encodeCall(handler.voucher, (0, number, false));
            if (number == 3) _assertActNotices(address(handler), act);
            else handler.voucher(0, number, false);
        }
    }

    function test_control__purse_that_fills_itself__is_noticed() public {
        _add(campaigns, _purse(), 1);
        _assertNoticed(handler.checkPromises, "CAMP-1: a purse");
    }

    function test_control__revocation_forgotten__is_noticed() public {
        bytes32 slot = _grant(handler.wallets(0));
        bytes32 granted = vm.load(consent, slot);
        handler.revoke(0);
        handler.checkPromises();
        vm.store(consent, slot, granted);
        _assertNoticed(handler.checkPromises, "CONSENT-1: granted or not");
        _assertActNotices(address(handler), abi.encodeCall(handler.acknowledge, (0)));
    }

    // ----------------------------------------------------- where things lie, behind two slots of EIP-712's

    function _standing(address who) private view returns (bytes32) {
        return _in(who, _in(token, bytes32(uint256(4))));
    }

    function _programme() private view returns (bytes32) {
        return keccak256(abi.encode(uint256(2), _in(token, bytes32(uint256(3)))));
    }

    function _accrual(address who) private view returns (bytes32) {
        bytes32 key = keccak256(abi.encode(token, who, uint256(2), PURCHASE));
        return keccak256(abi.encode(key, uint256(5)));
    }

    function _campaign() private view returns (uint256) {
        return uint256(keccak256(abi.encode(bytes32("endless"), _in(token, bytes32(uint256(2))))));
    }

    function _purse() private returns (bytes32) {
        bytes32 name = bytes32(uint256(uint160(makeAddr("attester"))));
        return keccak256(abi.encode(name, _campaign() + 1));
    }

    function _account(address who) private view returns (bytes32) {
        return keccak256(abi.encode(who, _campaign() + 2));
    }

    function _grant(address who) private view returns (bytes32) {
        return _in(who, keccak256(abi.encode(handler.theRequest(), uint256(3))));
    }

    function _in(address key, bytes32 slot) private pure returns (bytes32) {
        return keccak256(abi.encode(key, slot));
    }

    function _add(address account, bytes32 slot, uint256 by) private {
        vm.store(account, slot, bytes32(uint256(vm.load(account, slot)) + by));
    }

    function _takeQuota(address module) private {
        bytes32 slot = _in(module, bytes32(uint256(3)));
        vm.store(token, slot, bytes32(uint256(vm.load(token, slot)) - 1));
    }
}
