// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { SuiteTest } from "./utils/SuiteTest.sol";

contract BrandRegistryTest is SuiteTest {
    uint40 internal constant RECOVERY_DELAY = 7 days;
    uint40 internal constant CHANGE_DELAY = 14 days;

    address internal successor = makeAddr("successor");
    address internal otherGuardian = makeAddr("otherGuardian");

    function test_delays__as_documented() public view {
        assertEq(brands.RECOVERY_DELAY(), RECOVERY_DELAY);
        assertEq(brands.CHANGE_DELAY(), CHANGE_DELAY);
    }

    // -------------------------------------------------------------- register

    function test_register__new_salt__applies_under_the_id_known_beforehand() public {
        bytes32 expected = keccak256(abi.encode(member, bytes32("tea")));
        assertEq(brands.brandIdOf(member, "tea"), expected);
        vm.expectEmit(address(brands));
        emit IBrandRegistry.BrandRegistered(expected, member, guardian, "ipfs://tea");
        vm.prank(member);
        bytes32 id = brands.register("tea", guardian, "ipfs://tea");
        assertEq(id, expected);

        IBrandRegistry.Brand memory applied = brands.brandOf(id);
        assertTrue(applied.status == IBrandRegistry.Status.Applied);
        assertEq(applied.admin, member);
        assertEq(applied.pendingAdmin, address(0));
        assertEq(applied.guardian, guardian);
        assertEq(applied.pendingGuardian, address(0));
        assertEq(applied.guardianChangeAt, 0);
        assertEq(applied.profileURI, "ipfs://tea");
        assertEq(brands.profileURIOf(id), "ipfs://tea");
    }

    function test_register__same_founder_and_salt__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_AlreadyRegistered.selector, brandId)
        );
        vm.prank(brand);
        brands.register(SALT, guardian, "");
    }

    function test_register__another_founder_same_salt__is_another_brand() public {
        vm.prank(intruder);
        bytes32 id = brands.register(SALT, guardian, "");
        assertTrue(id != brandId);
        assertEq(brands.brandOf(brandId).admin, brand);
    }

    function test_register__after_handing_the_brand_over__cannot_take_it_back() public {
        _handOver(successor);
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_AlreadyRegistered.selector, brandId)
        );
        vm.prank(brand);
        brands.register(SALT, guardian, "");
    }

    function test_brandOf__unknown__is_empty() public view {
        IBrandRegistry.Brand memory none = brands.brandOf("nothing");
        assertTrue(none.status == IBrandRegistry.Status.None);
        assertEq(none.admin, address(0));
        assertEq(none.guardian, address(0));
    }

    function test_register__long_profile__reverts() public {
        string memory longest = _uri(512);
        vm.prank(member);
        bytes32 id = brands.register("tea", guardian, longest);
        assertEq(brands.profileURIOf(id), longest);
        _expectTooLong();
        vm.prank(member);
        brands.register("coffee", guardian, _uri(513));
    }

    // --------------------------------------------------------------- profile

    function test_setProfileURI__long__reverts() public {
        vm.startPrank(brand);
        brands.setProfileURI(brandId, _uri(512));
        _expectTooLong();
        brands.setProfileURI(brandId, _uri(513));
    }

    function test_setProfileURI__admin__changes_it() public {
        vm.expectEmit(address(brands));
        emit IBrandRegistry.ProfileURISet(brandId, "ipfs://new");
        vm.prank(brand);
        brands.setProfileURI(brandId, "ipfs://new");
        assertEq(brands.profileURIOf(brandId), "ipfs://new");
    }

    function test_setProfileURI__others__revert() public {
        _appoint(manager, Roles.MANAGER);
        address[4] memory others = [manager, guardian, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAdmin(others[i]);
            vm.prank(others[i]);
            brands.setProfileURI(brandId, "ipfs://evil");
        }
    }

    // -------------------------------------------------------------- managers

    function test_setManager__admin__gives_exactly_these_roles() public {
        vm.expectEmit(address(brands));
        emit IBrandRegistry.ManagerSet(brandId, manager, Roles.FULFIL | Roles.SETTLE);
        _appoint(manager, Roles.FULFIL | Roles.SETTLE);
        _assertRoles(manager, Roles.FULFIL | Roles.SETTLE);
        _appoint(manager, Roles.CAMPAIGN);
        _assertRoles(manager, Roles.CAMPAIGN);
        assertTrue(brands.isBrandAccount(brandId, manager));
        _appoint(manager, 0);
        _assertRoles(manager, 0);
        assertFalse(brands.isBrandAccount(brandId, manager));
    }

    function test_setManager__zero_account__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_InvalidAccount.selector, address(0))
        );
        vm.prank(brand);
        brands.setManager(brandId, address(0), Roles.FULFIL);
    }

    function testFuzz_setManager__any_roles__only_managers_roles_pass(uint8 roles) public {
        bool allowed = roles < 8;
        if (!allowed) {
            vm.expectRevert(abi.encodeWithSelector(IBrandRegistry.BrandRegistry_InvalidRoles.selector, roles));
        }
        vm.prank(brand);
        brands.setManager(brandId, manager, roles);
        _assertRoles(manager, allowed ? roles : 0);
    }

    function test_setManager__others__revert() public {
        _appoint(manager, Roles.MANAGER);
        address[4] memory others = [manager, guardian, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAdmin(others[i]);
            vm.prank(others[i]);
            brands.setManager(brandId, others[i], Roles.MANAGER);
        }
    }

    function test_standingOf__admin__holds_every_role() public view {
        _assertRoles(brand, Roles.ADMIN | Roles.MANAGER);
        _assertRoles(guardian, 0);
        assertTrue(brands.isBrandAccount(brandId, brand));
        assertTrue(brands.isBrandAccount(brandId, guardian));
        assertFalse(brands.isBrandAccount(brandId, intruder));
    }

    function test_standingOf__unknown_brand_and_zero_account__nothing() public view {
        (IBrandRegistry.Status status, uint8 roles) = brands.standingOf("nothing", address(0));
        assertTrue(status == IBrandRegistry.Status.None);
        assertEq(roles, 0);
        assertFalse(brands.isBrandAccount("nothing", address(0)));
    }

    function test_isBrandAccount__no_guardian__zero_is_not_one() public {
        vm.prank(member);
        bytes32 id = brands.register("tea", address(0), "");
        assertFalse(brands.isBrandAccount(id, address(0)));
    }

    // ----------------------------------------------------------------- admin

    function test_transferAdmin__offer__changes_nothing_until_accepted() public {
        vm.expectEmit(address(brands));
        emit IBrandRegistry.AdminTransferStarted(brandId, brand, successor);
        vm.prank(brand);
        brands.transferAdmin(brandId, successor);
        assertEq(brands.brandOf(brandId).pendingAdmin, successor);
        assertEq(brands.brandOf(brandId).admin, brand);
        _assertRoles(successor, 0);
        _expectNotAdmin(successor);
        vm.prank(successor);
        brands.setProfileURI(brandId, "");
    }

    function test_transferAdmin__others__revert() public {
        address[3] memory others = [guardian, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAdmin(others[i]);
            vm.prank(others[i]);
            brands.transferAdmin(brandId, others[i]);
        }
    }

    function test_acceptAdmin__offered__takes_over_and_managers_stay() public {
        _appoint(manager, Roles.CAMPAIGN);
        vm.prank(brand);
        brands.transferAdmin(brandId, successor);
        vm.expectEmit(address(brands));
        emit IBrandRegistry.AdminTransferred(brandId, brand, successor);
        vm.prank(successor);
        brands.acceptAdmin(brandId);
        assertEq(brands.brandOf(brandId).admin, successor);
        assertEq(brands.brandOf(brandId).pendingAdmin, address(0));
        _assertRoles(brand, 0);
        _assertRoles(successor, Roles.ADMIN | Roles.MANAGER);
        _assertRoles(manager, Roles.CAMPAIGN);
    }

    function test_acceptAdmin__withdrawn_offer__reverts() public {
        vm.startPrank(brand);
        brands.transferAdmin(brandId, successor);
        brands.transferAdmin(brandId, address(0));
        vm.stopPrank();
        _expectNotPendingAdmin(successor);
        vm.prank(successor);
        brands.acceptAdmin(brandId);
    }

    function test_acceptAdmin__twice_or_by_others__reverts() public {
        _expectNotPendingAdmin(intruder);
        vm.prank(intruder);
        brands.acceptAdmin(brandId);
        _handOver(successor);
        _expectNotPendingAdmin(successor);
        vm.prank(successor);
        brands.acceptAdmin(brandId);
    }

    // -------------------------------------------------------------- guardian

    function test_setGuardian__takes_office_by_itself_at_the_second() public {
        vm.expectEmit(address(brands));
        emit IBrandRegistry.GuardianChangeStarted(brandId, otherGuardian, START + CHANGE_DELAY);
        _nameGuardian(otherGuardian);
        IBrandRegistry.Brand memory pending = brands.brandOf(brandId);
        assertEq(pending.guardian, guardian);
        assertEq(pending.pendingGuardian, otherGuardian);
        assertEq(pending.guardianChangeAt, START + CHANGE_DELAY);

        vm.warp(START + CHANGE_DELAY - 1);
        assertEq(brands.brandOf(brandId).guardian, guardian);
        assertEq(brands.brandOf(brandId).pendingGuardian, otherGuardian);
        assertTrue(brands.isBrandAccount(brandId, guardian));
        _expectNotGuardian(otherGuardian);
        vm.prank(otherGuardian);
        brands.startRecovery(brandId, successor);

        vm.warp(START + CHANGE_DELAY);
        IBrandRegistry.Brand memory changed = brands.brandOf(brandId);
        assertEq(changed.guardian, otherGuardian);
        assertEq(changed.pendingGuardian, address(0));
        assertEq(changed.guardianChangeAt, 0);
        assertTrue(brands.isBrandAccount(brandId, otherGuardian));
        assertFalse(brands.isBrandAccount(brandId, guardian));
        _expectNotGuardian(guardian);
        vm.prank(guardian);
        brands.startRecovery(brandId, successor);
        _startRecovery(otherGuardian, successor);

        vm.warp(START + CHANGE_DELAY + 1);
        assertEq(brands.brandOf(brandId).guardian, otherGuardian);
    }

    function test_setGuardian__naming_the_present_one__withdraws_the_change() public {
        _nameGuardian(otherGuardian);
        vm.expectEmit(address(brands));
        emit IBrandRegistry.GuardianChangeStarted(brandId, guardian, 0);
        _nameGuardian(guardian);
        vm.warp(START + CHANGE_DELAY + 1);
        assertEq(brands.brandOf(brandId).guardian, guardian);
        assertEq(brands.brandOf(brandId).pendingGuardian, address(0));
    }

    function test_setGuardian__again_after_a_change__starts_from_the_one_in_office() public {
        _nameGuardian(otherGuardian);
        vm.warp(START + CHANGE_DELAY);
        _nameGuardian(successor);
        IBrandRegistry.Brand memory pending = brands.brandOf(brandId);
        assertEq(pending.guardian, otherGuardian);
        assertEq(pending.pendingGuardian, successor);
        assertEq(pending.guardianChangeAt, START + 2 * CHANGE_DELAY);
    }

    function test_setGuardian__again_while_pending__waits_anew() public {
        _nameGuardian(otherGuardian);
        vm.warp(START + CHANGE_DELAY - 1);
        _nameGuardian(successor);
        vm.warp(START + 2 * CHANGE_DELAY - 2);
        assertEq(brands.brandOf(brandId).guardian, guardian);
        vm.warp(START + 2 * CHANGE_DELAY - 1);
        assertEq(brands.brandOf(brandId).guardian, successor);
    }

    function test_setGuardian__to_nobody__waits_too() public {
        _nameGuardian(address(0));
        assertEq(brands.brandOf(brandId).guardian, guardian);
        vm.warp(START + CHANGE_DELAY);
        assertEq(brands.brandOf(brandId).guardian, address(0));
        _expectNotGuardian(guardian);
        vm.prank(guardian);
        brands.startRecovery(brandId, successor);
    }

    function test_setGuardian__others__revert() public {
        address[3] memory others = [guardian, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAdmin(others[i]);
            vm.prank(others[i]);
            brands.setGuardian(brandId, others[i]);
        }
    }

    // -------------------------------------------------------------- recovery

    function test_startRecovery__guardian__opens_a_delayed_attempt() public {
        vm.expectEmit(address(brands));
        emit IBrandRegistry.RecoveryStarted(brandId, guardian, successor, START + RECOVERY_DELAY);
        _startRecovery(guardian, successor);
        _assertRecovery(successor, START + RECOVERY_DELAY, false, false);
        assertEq(brands.brandOf(brandId).admin, brand);
    }

    function test_startRecovery__to_nobody__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_InvalidAccount.selector, address(0))
        );
        _startRecovery(guardian, address(0));
    }

    function test_startRecovery__others__revert() public {
        _appoint(manager, Roles.MANAGER);
        address[4] memory others = [brand, manager, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotGuardian(others[i]);
            _startRecovery(others[i], others[i]);
        }
    }

    function test_startRecovery__again__starts_over() public {
        _startRecovery(guardian, successor);
        _veto();
        vm.warp(START + 3 days);
        _startRecovery(guardian, member);
        _assertRecovery(member, START + 3 days + RECOVERY_DELAY, false, false);
    }

    function test_startRecovery__own_confirmed_one__starts_over_unconfirmed() public {
        _startRecovery(guardian, successor);
        _confirm(successor);
        _startRecovery(guardian, member);
        _assertRecovery(member, START + RECOVERY_DELAY, false, false);
    }

    function test_startRecovery__over_anothers_confirmed_one__reverts() public {
        _nameGuardian(otherGuardian);
        vm.warp(START + CHANGE_DELAY - 1);
        _startRecovery(guardian, successor);
        _confirm(successor);
        vm.warp(START + CHANGE_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryConfirmed.selector, brandId)
        );
        _startRecovery(otherGuardian, otherGuardian);
    }

    function test_startRecovery__over_anothers_open_one__replaces_it() public {
        _nameGuardian(otherGuardian);
        vm.warp(START + CHANGE_DELAY - 1);
        _startRecovery(guardian, successor);
        vm.warp(START + CHANGE_DELAY);
        _startRecovery(otherGuardian, member);
        assertEq(brands.recoveryOf(brandId).newAdmin, member);
        assertEq(brands.recoveryOf(brandId).guardian, otherGuardian);
    }

    function test_completeRecovery__at_the_second__not_before() public {
        _startRecovery(guardian, successor);
        vm.warp(START + RECOVERY_DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBrandRegistry.BrandRegistry_RecoveryNotReady.selector, brandId, START + RECOVERY_DELAY
            )
        );
        _complete(successor);
        vm.warp(START + RECOVERY_DELAY);
        vm.expectEmit(address(brands));
        emit IBrandRegistry.RecoveryCompleted(brandId, brand, successor);
        _complete(successor);
        assertEq(brands.brandOf(brandId).admin, successor);
    }

    function test_completeRecovery__after_the_second__still_works() public {
        _startRecovery(guardian, successor);
        vm.warp(START + RECOVERY_DELAY + 1);
        _complete(successor);
        assertEq(brands.brandOf(brandId).admin, successor);
    }

    function test_completeRecovery__dismisses_everyone_and_clears_what_was_pending() public {
        _appoint(manager, Roles.MANAGER);
        _nameGuardian(otherGuardian);
        vm.prank(brand);
        brands.transferAdmin(brandId, intruder);
        _startRecovery(guardian, successor);
        vm.warp(START + RECOVERY_DELAY);
        _complete(successor);

        _assertRoles(manager, 0);
        _assertRoles(brand, 0);
        _assertRoles(successor, Roles.ADMIN | Roles.MANAGER);
        _assertRecovery(address(0), 0, false, false);
        IBrandRegistry.Brand memory recovered = brands.brandOf(brandId);
        assertEq(recovered.pendingAdmin, address(0));
        assertEq(recovered.pendingGuardian, address(0));
        assertEq(recovered.guardianChangeAt, 0);
        assertTrue(recovered.status == IBrandRegistry.Status.Active);
        assertEq(recovered.profileURI, "ipfs://profile");
        vm.warp(START + 10 * CHANGE_DELAY);
        assertEq(brands.brandOf(brandId).guardian, guardian);
        _expectNotPendingAdmin(intruder);
        vm.prank(intruder);
        brands.acceptAdmin(brandId);
        // The new admin appoints anew.
        vm.prank(successor);
        brands.setManager(brandId, manager, Roles.FULFIL);
        _assertRoles(manager, Roles.FULFIL);
    }

    function test_completeRecovery__guardian_changed_meanwhile__its_starter_is_back_in_office() public {
        _nameGuardian(otherGuardian);
        vm.warp(START + CHANGE_DELAY - 1);
        _startRecovery(guardian, successor);
        vm.warp(START + CHANGE_DELAY - 1 + RECOVERY_DELAY);
        assertEq(brands.brandOf(brandId).guardian, otherGuardian);
        _complete(successor);
        assertEq(brands.brandOf(brandId).guardian, guardian);
    }

    /// @dev A thief who names one guardian after the other has the first in office written down.
    function test_completeRecovery__guardian_changed_more_than_once__its_starter_is_back_in_office() public {
        _nameGuardian(otherGuardian);
        vm.warp(START + CHANGE_DELAY - 1);
        _startRecovery(guardian, successor);
        vm.warp(START + CHANGE_DELAY);
        _nameGuardian(intruder);
        assertEq(brands.brandOf(brandId).guardian, otherGuardian);
        vm.warp(START + CHANGE_DELAY - 1 + RECOVERY_DELAY);
        _complete(successor);
        assertEq(brands.brandOf(brandId).guardian, guardian);
        vm.warp(START + 10 * CHANGE_DELAY);
        assertEq(brands.brandOf(brandId).guardian, guardian);
    }

    function test_completeRecovery__suspended_brand__works_and_stays_suspended() public {
        _suspend();
        _startRecovery(guardian, successor);
        vm.warp(START + RECOVERY_DELAY);
        _complete(successor);
        assertTrue(brands.statusOf(brandId) == IBrandRegistry.Status.Suspended);
    }

    function test_completeRecovery__by_others__reverts() public {
        _startRecovery(guardian, successor);
        vm.warp(START + RECOVERY_DELAY);
        address[4] memory others = [guardian, brand, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotPendingAdmin(others[i]);
            _complete(others[i]);
        }
    }

    function test_completeRecovery__none_or_twice__reverts() public {
        _expectNoRecovery();
        _complete(successor);
        _startRecovery(guardian, successor);
        vm.warp(START + RECOVERY_DELAY);
        _complete(successor);
        _expectNoRecovery();
        _complete(successor);
    }

    function test_completeRecovery__vetoed__reverts() public {
        _startRecovery(guardian, successor);
        _veto();
        vm.warp(START + RECOVERY_DELAY);
        vm.expectRevert(abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryVetoed.selector, brandId));
        _complete(successor);
    }

    function test_vetoRecovery__at_the_last_moment__holds() public {
        _startRecovery(guardian, successor);
        vm.warp(START + RECOVERY_DELAY);
        vm.expectEmit(address(brands));
        emit IBrandRegistry.RecoveryVetoed(brandId, brand);
        _veto();
        _assertRecovery(successor, START + RECOVERY_DELAY, true, false);
    }

    function test_vetoRecovery__none__reverts() public {
        _expectNoRecovery();
        _veto();
    }

    function test_vetoRecovery__confirmed__is_on_record_and_stops_nothing() public {
        _startRecovery(guardian, successor);
        _confirm(successor);
        _veto();
        _assertRecovery(successor, START + RECOVERY_DELAY, true, true);
        vm.warp(START + RECOVERY_DELAY);
        _complete(successor);
        assertEq(brands.brandOf(brandId).admin, successor);
    }

    function test_vetoRecovery__others__revert() public {
        _startRecovery(guardian, successor);
        address[4] memory others = [guardian, successor, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAdmin(others[i]);
            vm.prank(others[i]);
            brands.vetoRecovery(brandId);
        }
    }

    function test_confirmRecovery__vetoed__overrides_but_still_waits() public {
        _startRecovery(guardian, successor);
        _veto();
        vm.expectEmit(address(brands));
        emit IBrandRegistry.RecoveryConfirmed(brandId);
        _confirm(successor);
        _assertRecovery(successor, START + RECOVERY_DELAY, true, true);
        vm.warp(START + RECOVERY_DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBrandRegistry.BrandRegistry_RecoveryNotReady.selector, brandId, START + RECOVERY_DELAY
            )
        );
        _complete(successor);
        vm.warp(START + RECOVERY_DELAY);
        _complete(successor);
        assertEq(brands.brandOf(brandId).admin, successor);
    }

    function test_confirmRecovery__another_new_admin__reverts() public {
        _startRecovery(guardian, successor);
        vm.expectRevert(abi.encodeWithSelector(IBrandRegistry.BrandRegistry_InvalidAccount.selector, member));
        _confirm(member);
    }

    function test_confirmRecovery__none_or_twice__reverts() public {
        _expectNoRecovery();
        _confirm(address(0));
        _startRecovery(guardian, successor);
        _confirm(successor);
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryConfirmed.selector, brandId)
        );
        _confirm(successor);
    }

    /// @dev A recovery to a key that nobody holds, and its guardian gone: nobody could end it.
    function test_withdrawConfirmation__recovery_stuck__next_guardian_starts_over() public {
        _startRecovery(guardian, address(0xdead));
        _confirm(address(0xdead));
        vm.prank(brand);
        brands.setGuardian(brandId, otherGuardian);
        vm.warp(START + CHANGE_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryConfirmed.selector, brandId)
        );
        _startRecovery(otherGuardian, successor);

        vm.expectEmit(address(brands));
        emit IBrandRegistry.RecoveryConfirmationWithdrawn(brandId);
        _withdrawConfirmation(alliance);
        _startRecovery(otherGuardian, successor);
        vm.warp(START + CHANGE_DELAY + RECOVERY_DELAY);
        _complete(successor);
        assertEq(brands.brandOf(brandId).admin, successor);
    }

    function test_withdrawConfirmation__not_vetoed__goes_on_and_may_be_vetoed() public {
        _startRecovery(guardian, successor);
        _confirm(successor);
        vm.warp(START + 1 days);
        _withdrawConfirmation(alliance);
        _assertRecovery(successor, START + RECOVERY_DELAY, false, false);
        vm.warp(START + RECOVERY_DELAY);
        uint256 snapshot = vm.snapshotState();
        _complete(successor);
        vm.revertToState(snapshot);
        _veto();
        _expectVetoed();
        _complete(successor);
    }

    /// @dev However late it is withdrawn: who objected before the confirmation or under it has objected.
    function test_withdrawConfirmation__vetoed__the_veto_counts_whenever_given() public {
        for (uint256 vetoedBefore = 0; vetoedBefore < 2; ++vetoedBefore) {
            uint256 snapshot = vm.snapshotState();
            _startRecovery(guardian, successor);
            if (vetoedBefore == 1) _veto();
            _confirm(successor);
            if (vetoedBefore == 0) _veto();
            vm.warp(START + RECOVERY_DELAY);
            _withdrawConfirmation(alliance);
            _assertRecovery(successor, START + RECOVERY_DELAY, true, false);
            _expectVetoed();
            _complete(successor);
            // It may be confirmed again, and withdrawn by its guardian.
            _confirm(successor);
            _withdrawConfirmation(alliance);
            _withdraw(guardian);
            _assertRecovery(address(0), 0, false, false);
            vm.revertToState(snapshot);
        }
    }

    function test_withdrawConfirmation__none_or_twice__reverts() public {
        _expectNoRecovery();
        _withdrawConfirmation(alliance);
        _startRecovery(guardian, successor);
        bytes memory notConfirmed =
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryNotConfirmed.selector, brandId);
        vm.expectRevert(notConfirmed);
        _withdrawConfirmation(alliance);
        _confirm(successor);
        _withdrawConfirmation(alliance);
        vm.expectRevert(notConfirmed);
        _withdrawConfirmation(alliance);
    }

    function test_withdrawConfirmation__others__revert() public {
        _startRecovery(guardian, successor);
        _confirm(successor);
        address[4] memory others = [brand, guardian, successor, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i])
            );
            _withdrawConfirmation(others[i]);
        }
    }

    function test_withdrawRecovery__guardian__ends_it() public {
        _startRecovery(guardian, successor);
        vm.expectEmit(address(brands));
        emit IBrandRegistry.RecoveryWithdrawn(brandId);
        _withdraw(guardian);
        _assertRecovery(address(0), 0, false, false);
        vm.warp(START + RECOVERY_DELAY);
        _expectNoRecovery();
        _complete(successor);
    }

    function test_withdrawRecovery__none__reverts() public {
        _expectNoRecovery();
        _withdraw(guardian);
    }

    function test_withdrawRecovery__confirmed__reverts() public {
        _startRecovery(guardian, successor);
        _confirm(successor);
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryConfirmed.selector, brandId)
        );
        _withdraw(guardian);
    }

    function test_withdrawRecovery__others__revert() public {
        _startRecovery(guardian, successor);
        address[4] memory others = [brand, successor, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotGuardian(others[i]);
            _withdraw(others[i]);
        }
    }

    // -------------------------------------------------------------- alliance

    function test_admit__applied__becomes_active() public {
        vm.prank(member);
        bytes32 id = brands.register("tea", guardian, "");
        vm.expectEmit(address(brands));
        emit IBrandRegistry.BrandAdmitted(id);
        vm.prank(alliance);
        brands.admit(id);
        assertTrue(brands.statusOf(id) == IBrandRegistry.Status.Active);
    }

    function test_suspend_and_reinstate__back_and_forth() public {
        vm.expectEmit(address(brands));
        emit IBrandRegistry.BrandSuspended(brandId);
        _suspend();
        assertTrue(brands.statusOf(brandId) == IBrandRegistry.Status.Suspended);
        vm.expectEmit(address(brands));
        emit IBrandRegistry.BrandReinstated(brandId);
        vm.prank(alliance);
        brands.reinstate(brandId);
        assertTrue(brands.statusOf(brandId) == IBrandRegistry.Status.Active);
    }

    /// @dev The forbidden moves between statuses, each tried: 4 statuses × 3 moves, of which 3 are allowed.
    function test_status__every_forbidden_move__reverts() public {
        vm.prank(member);
        bytes32 applied = brands.register("tea", guardian, "");
        _suspend();
        bytes32[4] memory ids = [bytes32("nothing"), applied, partnerId, brandId];
        for (uint256 status = 0; status < 4; ++status) {
            for (uint256 move = 1; move < 4; ++move) {
                if (move == status) continue;
                vm.expectRevert(
                    abi.encodeWithSelector(
                        IBrandRegistry.BrandRegistry_WrongStatus.selector, ids[status], status
                    )
                );
                vm.prank(alliance);
                if (move == 1) brands.admit(ids[status]);
                else if (move == 2) brands.suspend(ids[status]);
                else brands.reinstate(ids[status]);
            }
        }
    }

    function test_setListed__every_list_apart() public {
        for (uint8 i = 0; i < 4; ++i) {
            IBrandRegistry.List list = IBrandRegistry.List(i);
            vm.expectEmit(address(brands));
            emit IBrandRegistry.Listed(list, member, true);
            _list(list, member, true);
            for (uint8 j = 0; j < 4; ++j) {
                assertEq(brands.isListed(IBrandRegistry.List(j), member), i == j);
            }
            vm.expectEmit(address(brands));
            emit IBrandRegistry.Listed(list, member, false);
            _list(list, member, false);
            assertFalse(brands.isListed(list, member));
        }
    }

    function test_setListed__zero__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_InvalidAccount.selector, address(0))
        );
        _list(IBrandRegistry.List.Currency, address(0), true);
    }

    function test_alliance_functions__others__revert() public {
        _startRecovery(guardian, successor);
        address[4] memory others = [brand, guardian, successor, intruder];
        bytes[5] memory calls = [
            abi.encodeCall(brands.admit, (brandId)),
            abi.encodeCall(brands.suspend, (brandId)),
            abi.encodeCall(brands.reinstate, (brandId)),
            abi.encodeCall(brands.setListed, (IBrandRegistry.List.Module, intruder, true)),
            abi.encodeCall(brands.confirmRecovery, (brandId, successor))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            for (uint256 j = 0; j < calls.length; ++j) {
                vm.prank(others[i]);
                (bool success, bytes memory reason) = address(brands).call(calls[j]);
                assertFalse(success);
                assertEq(
                    reason,
                    abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i])
                );
            }
        }
    }

    /// @dev The alliance cannot act in a brand's name: all of the brand's functions refuse it.
    function test_brand_functions__alliance__reverts() public {
        bytes[5] memory calls = [
            abi.encodeCall(brands.setProfileURI, (brandId, "")),
            abi.encodeCall(brands.setManager, (brandId, alliance, Roles.FULFIL)),
            abi.encodeCall(brands.transferAdmin, (brandId, alliance)),
            abi.encodeCall(brands.setGuardian, (brandId, alliance)),
            abi.encodeCall(brands.vetoRecovery, (brandId))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(alliance);
            (bool success, bytes memory reason) = address(brands).call(calls[i]);
            assertFalse(success);
            assertEq(
                reason,
                abi.encodeWithSelector(IBrandRegistry.BrandRegistry_NotAdmin.selector, brandId, alliance)
            );
        }
    }

    // --------------------------------------------------------------- helpers

    function _appoint(address account, uint8 roles) private {
        vm.prank(brand);
        brands.setManager(brandId, account, roles);
    }

    function _handOver(address to) private {
        vm.prank(brand);
        brands.transferAdmin(brandId, to);
        vm.prank(to);
        brands.acceptAdmin(brandId);
    }

    function _nameGuardian(address account) private {
        vm.prank(brand);
        brands.setGuardian(brandId, account);
    }

    function _startRecovery(address by, address newAdmin) private {
        vm.prank(by);
        brands.startRecovery(brandId, newAdmin);
    }

    function _expectTooLong() private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IBrandRegistry.BrandRegistry_URITooLong.selector, uint256(513), uint256(512)
            )
        );
    }

    function _veto() private {
        vm.prank(brand);
        brands.vetoRecovery(brandId);
    }

    function _confirm(address newAdmin) private {
        vm.prank(alliance);
        brands.confirmRecovery(brandId, newAdmin);
    }

    function _withdrawConfirmation(address by) private {
        vm.prank(by);
        brands.withdrawConfirmation(brandId);
    }

    function _expectVetoed() private {
        vm.expectRevert(abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryVetoed.selector, brandId));
    }

    function _withdraw(address by) private {
        vm.prank(by);
        brands.withdrawRecovery(brandId);
    }

    function _complete(address by) private {
        vm.prank(by);
        brands.completeRecovery(brandId);
    }

    function _assertRoles(address account, uint8 expected) private view {
        (, uint8 roles) = brands.standingOf(brandId, account);
        assertEq(roles, expected, "roles");
    }

    function _assertRecovery(address newAdmin, uint40 readyAt, bool vetoed, bool confirmed) private view {
        IBrandRegistry.Recovery memory recovery = brands.recoveryOf(brandId);
        assertEq(recovery.newAdmin, newAdmin);
        assertEq(recovery.readyAt, readyAt);
        assertEq(recovery.guardian, newAdmin == address(0) ? address(0) : guardian);
        assertEq(recovery.vetoed, vetoed);
        assertEq(recovery.confirmed, confirmed);
    }

    function _expectNotAdmin(address account) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_NotAdmin.selector, brandId, account)
        );
    }

    function _expectNotPendingAdmin(address account) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_NotPendingAdmin.selector, brandId, account)
        );
    }

    function _expectNotGuardian(address account) private {
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_NotGuardian.selector, brandId, account)
        );
    }

    function _expectNoRecovery() private {
        vm.expectRevert(abi.encodeWithSelector(IBrandRegistry.BrandRegistry_NoRecovery.selector, brandId));
    }
}
