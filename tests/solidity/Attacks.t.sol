// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { SigningTest } from "./utils/SigningTest.sol";

/// @notice Attack 5: a stranger seals, pauses, initialises or configures.
contract StrangerConfiguresTest is SigningTest {
    /// @dev There is nothing to initialise: a clone is born with its facts, in the creating call.
    function test_attack_5__no_initialiser__on_clone_or_implementation() public {
        string[6] memory signatures = [
            "initialize()",
            "initialize(address)",
            "init(address,address,bytes32,uint8,string,string)",
            "initialize(address,address,bytes32,uint8,string,string)",
            "setAuthority(address)",
            "transferOwnership(address)"
        ];
        address[2] memory targets = [address(token), address(implementation)];
        for (uint256 i = 0; i < signatures.length; ++i) {
            bytes memory data = abi.encodePacked(
                bytes4(keccak256(bytes(signatures[i]))), abi.encode(intruder, intruder, brandId)
            );
            for (uint256 j = 0; j < targets.length; ++j) {
                vm.prank(intruder);
                (bool success,) = targets[j].call(data);
                assertFalse(success, signatures[i]);
            }
        }
    }

    /// @dev The code that clones run is a contract too. It takes its facts from its own bytes, so its
    /// registry, desk and brand are nobody's, and nobody can issue there.
    function test_attack_5__bare_implementation__is_inert() public {
        address[9] memory everyone = [
            brand, partner, manager, member, guardian, alliance, intruder, address(obligations), address(desk)
        ];
        address nobodysRegistry = implementation.obligationRegistry();
        address nobodysDesk = implementation.redemptionDesk();
        bytes32 nobodysBrand = implementation.brandId();
        assertTrue(brands.statusOf(nobodysBrand) == IBrandRegistry.Status.None);
        assertEq(nobodysRegistry.code.length, 0);
        assertEq(nobodysDesk.code.length, 0);
        assertFalse(factory.isToken(address(implementation)));

        for (uint256 i = 0; i < everyone.length; ++i) {
            address who = everyone[i];
            assertTrue(who != nobodysRegistry && who != nobodysDesk);
            vm.startPrank(who);
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotObligationRegistry.selector, who)
            );
            implementation.setCapacity(1);
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotObligationRegistry.selector, who)
            );
            implementation.setMintStop(true);
            _expectNotAuthorized(nobodysBrand, who);
            implementation.grantQuota(makeAddr("minter"), 0);
            _expectNotAuthorized(nobodysBrand, who);
            implementation.grantQuotaAndCall(address(module), 0, "");
            _expectNotAuthorized(nobodysBrand, who);
            implementation.setContractURI("");
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, who, 1, 0)
            );
            implementation.mint(who, 1);
            vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, who, 0, 1));
            implementation.transferAndCall(address(module), 1, "");
            vm.stopPrank();
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NotToken.selector, address(implementation)
            )
        );
        _oblige(brand, implementation);
        assertEq(implementation.totalSupply() + implementation.totalQuota() + implementation.capacity(), 0);
    }

    /// @dev Not even views break there.
    function test_attack_5__bare_implementation__answers_its_views() public view {
        implementation.name();
        implementation.symbol();
        implementation.decimals();
        implementation.creator();
        implementation.DOMAIN_SEPARATOR();
        implementation.eip712Domain();
        assertEq(implementation.contractURI(), "");
    }
}

/// @notice How a caller takes tokens by a permit that somebody else may have handed in before.
contract PatientTaker {
    /// @dev A permit that fails is no reason to fail: what counts is the allowance, and a permit handed in
    /// by somebody else has given it.
    function take(
        ILoyaltyToken token,
        address owner,
        uint256 value,
        uint256 deadline,
        bytes calldata signature
    ) external {
        try token.permit(owner, address(this), value, deadline, signature) { } catch { }
        token.transferFrom(owner, address(this), value);
    }
}

/// @notice Attack 16: a signature replayed (see Signatures.t.sol for the matrix of replays), or used first.
contract PermitFrontRunTest is SigningTest {
    uint256 internal constant DEADLINE = START + 1 hours;

    PatientTaker internal taker = new PatientTaker();

    function setUp() public override {
        super.setUp();
        _mint(member, 500);
    }

    function test_attack_16__permit_handed_in_first__the_allowance_is_there_all_the_same() public {
        bytes memory signature =
            _sign(memberKey, _digest(token, _permitHash(member, address(taker), 300, 0, DEADLINE)));
        vm.prank(intruder);
        token.permit(member, address(taker), 300, DEADLINE, signature);

        // ERC-2612 has a used permit fail…
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member));
        token.permit(member, address(taker), 300, DEADLINE, signature);
        // …and a caller that goes by the allowance does not mind.
        taker.take(token, member, 300, DEADLINE, signature);
        assertEq(token.balanceOf(address(taker)), 300);
        assertEq(token.allowance(member, address(taker)), 0);
    }

    function test_attack_16__patient_caller__takes_nothing_without_leave() public {
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(taker), 0, 300)
        );
        taker.take(token, member, 300, DEADLINE, new bytes(65));
    }

    /// @dev What a member would rather nobody could use first, it signs as a Spend or to be received: those
    /// only their spender can hand in.
    function test_attack_16__spend_cannot_be_handed_in_by_another() public {
        ILoyaltyToken.Spend memory spend =
            ILoyaltyToken.Spend({ from: member, amount: 300, nonce: NONCE, deadline: DEADLINE });
        bytes memory signature =
            _sign(memberKey, _digest(token, _spendHash(spend, address(module), SPEND_TYPEHASH, _witness())));
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidSignature.selector, member));
        vm.prank(intruder);
        token.receiveWithSignature(spend, 300, SPEND_TYPEHASH, _witness(), signature);
        module.receiveWithSignature(token, spend, 300, SPEND_TYPEHASH, _witness(), signature);
        assertEq(token.balanceOf(address(module)), 300);
    }
}

/// @notice Attack 23: the key of a brand is lost or stolen.
contract StolenBrandKeyTest is SigningTest {
    uint40 internal constant RECOVERY_DELAY = 7 days;
    uint40 internal constant CHANGE_DELAY = 14 days;

    address internal successor = makeAddr("successor");
    address internal accomplice = makeAddr("accomplice");

    /// @dev The key is stolen now, and the thief does at once all that an admin can do.
    function _steal() private {
        vm.startPrank(brand);
        brands.setGuardian(brandId, accomplice);
        brands.setManager(brandId, accomplice, Roles.MANAGER);
        obligations.setCapacity(address(token), type(uint96).max);
        token.grantQuota(accomplice, uint96(token.capacity() - token.totalSupply() - token.totalQuota()));
        vm.stopPrank();
        vm.startPrank(accomplice);
        token.mint(accomplice, token.quotaOf(accomplice) / 2);
        vm.stopPrank();
    }

    /// @dev The least notice that a brand can have, which is where it is closest.
    function _shortestNotice() private {
        vm.prank(brand);
        obligations.setTerms(
            address(token),
            IObligationRegistry.Terms({
                termsHash: keccak256("terms"),
                noticePeriod: uint32(CHANGE_DELAY),
                bondBps: BOND_BPS,
                termsURI: "ipfs://terms"
            })
        );
        vm.warp(block.timestamp + NOTICE);
        assertEq(obligations.noticePeriodOf(address(token)), CHANGE_DELAY);
    }

    function _veto() private {
        vm.prank(brand);
        brands.vetoRecovery(brandId);
    }

    function _startAndConfirm() private {
        vm.prank(guardian);
        brands.startRecovery(brandId, successor);
        _veto();
        vm.prank(alliance);
        brands.confirmRecovery(brandId, successor);
    }

    /// @dev Started less than a week after the theft, the recovery is complete before anything takes effect
    /// that would raise the bounds, though the thief objects to all of it, before and after.
    function test_attack_23__recovery_within_a_week__comes_before_all_that_waits() public {
        _shortestNotice();
        _mint(member, 1000);
        uint256 stolenAt = block.timestamp;
        _steal();

        vm.warp(stolenAt + RECOVERY_DELAY - 1);
        _startAndConfirm();
        _veto();

        vm.warp(stolenAt + CHANGE_DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_ChangeNotDue.selector,
                address(token),
                stolenAt + CHANGE_DELAY
            )
        );
        vm.prank(accomplice);
        obligations.applyCapacityRaise(address(token));
        assertEq(brands.brandOf(brandId).guardian, guardian);
        vm.prank(successor);
        brands.completeRecovery(brandId);

        // The new admin clears up.
        vm.startPrank(successor);
        obligations.withdrawCapacityRaise(address(token));
        token.revokeQuota(accomplice, type(uint96).max);
        vm.stopPrank();

        vm.warp(stolenAt + 10 * CHANGE_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IObligationRegistry.ObligationRegistry_NoChangePending.selector, address(token)
            )
        );
        obligations.applyCapacityRaise(address(token));
        assertEq(brands.brandOf(brandId).guardian, guardian, "AUTH-1: the thief's guardian");
        (, uint8 roles) = brands.standingOf(brandId, accomplice);
        assertEq(roles, 0, "AUTH-1: the thief's manager");
        (, roles) = brands.standingOf(brandId, brand);
        assertEq(roles, 0, "AUTH-1: the stolen key");
        assertEq(token.quotaOf(accomplice), 0);
        // The damage is what capacity left room for on the day of the theft, and no member lost a unit.
        assertLe(token.totalSupply() + token.totalQuota(), CAPACITY, "ISSUE-1");
        assertEq(token.balanceOf(member), 1000, "ISSUE-2");
    }

    /// @dev Started exactly a week after the theft, the recovery is ready in the second in which the thief's
    /// change takes effect: whoever comes first in the block has it.
    function test_attack_23__recovery_after_exactly_a_week__is_a_race() public {
        _shortestNotice();
        uint256 stolenAt = block.timestamp;
        _steal();
        vm.warp(stolenAt + RECOVERY_DELAY);
        _startAndConfirm();
        vm.warp(stolenAt + CHANGE_DELAY);
        uint256 snapshot = vm.snapshotState();
        vm.prank(accomplice);
        obligations.applyCapacityRaise(address(token));
        assertGt(token.capacity(), CAPACITY);
        vm.revertToState(snapshot);

        vm.startPrank(successor);
        brands.completeRecovery(brandId);
        obligations.withdrawCapacityRaise(address(token));
        vm.stopPrank();
        assertEq(token.capacity(), CAPACITY);
    }

    /// @dev Who waits longer than a week leaves it to the alliance, whose suspension still holds the raise.
    function test_attack_23__recovery_later__suspension_still_holds_the_raise() public {
        _shortestNotice();
        uint256 stolenAt = block.timestamp;
        _steal();
        vm.warp(stolenAt + RECOVERY_DELAY + 1);
        _startAndConfirm();
        _suspendAndStop();
        vm.warp(stolenAt + CHANGE_DELAY);
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        vm.prank(accomplice);
        obligations.applyCapacityRaise(address(token));
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        vm.prank(accomplice);
        token.mint(accomplice, 1);
        // The thief's guardian is in office by now, but cannot touch what the alliance has confirmed.
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryConfirmed.selector, brandId)
        );
        vm.prank(accomplice);
        brands.startRecovery(brandId, accomplice);
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryConfirmed.selector, brandId)
        );
        vm.prank(accomplice);
        brands.withdrawRecovery(brandId);

        vm.warp(stolenAt + CHANGE_DELAY + 1);
        vm.prank(successor);
        brands.completeRecovery(brandId);
        assertEq(brands.brandOf(brandId).guardian, guardian);
        vm.prank(successor);
        obligations.withdrawCapacityRaise(address(token));
        assertEq(token.capacity(), CAPACITY);
    }

    /// @dev What a thief could not take back either: it announces that the brand leaves. Recovered within a
    /// week of its guardian's start, the brand withdraws that before it starts, and issues on as before.
    function test_attack_23__stolen_key__cannot_end_issuing_before_the_recovery_is_over() public {
        _shortestNotice();
        _grant(manager, 100);
        uint256 stolenAt = block.timestamp;
        vm.prank(brand);
        obligations.announceWindDown(address(token));

        vm.warp(stolenAt + RECOVERY_DELAY - 1);
        _startAndConfirm();
        vm.warp(stolenAt + CHANGE_DELAY - 1);
        vm.prank(accomplice);
        obligations.syncMintStop(address(token));
        vm.prank(manager);
        token.mint(member, 40);
        vm.startPrank(successor);
        brands.completeRecovery(brandId);
        obligations.withdrawWindDown(address(token));
        vm.stopPrank();

        vm.warp(stolenAt + 10 * CHANGE_DELAY);
        vm.prank(accomplice);
        obligations.syncMintStop(address(token));
        vm.prank(manager);
        token.mint(member, 60);
        vm.prank(successor);
        token.grantQuota(manager, 1);
        assertEq(token.balanceOf(member), 100);
    }

    /// @dev The thief hands the brand on to itself under another name: the recovery goes on.
    function test_attack_23__thief_hands_over_to_itself__changes_nothing() public {
        _steal();
        vm.prank(guardian);
        brands.startRecovery(brandId, successor);
        vm.prank(brand);
        brands.transferAdmin(brandId, accomplice);
        vm.prank(accomplice);
        brands.acceptAdmin(brandId);
        vm.prank(accomplice);
        brands.vetoRecovery(brandId);
        vm.prank(alliance);
        brands.confirmRecovery(brandId, successor);
        vm.warp(START + RECOVERY_DELAY);
        vm.prank(successor);
        brands.completeRecovery(brandId);
        assertEq(brands.brandOf(brandId).admin, successor);
    }

    /// @dev A lost key objects to nothing: the guardian alone is enough.
    function test_attack_23__lost_key__guardian_alone_brings_the_brand_back() public {
        vm.prank(guardian);
        brands.startRecovery(brandId, successor);
        vm.warp(START + RECOVERY_DELAY);
        vm.prank(successor);
        brands.completeRecovery(brandId);
        vm.prank(successor);
        token.grantQuota(manager, 1);
    }

    /// @dev A guardian that errs or is bribed gets nowhere against the sitting admin, however often it tries.
    function test_attack_23__stolen_guardian_key__admin_alone_holds_and_replaces_it() public {
        vm.prank(brand);
        brands.setGuardian(brandId, successor);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(guardian);
            brands.startRecovery(brandId, intruder);
            _veto();
            vm.warp(block.timestamp + RECOVERY_DELAY);
            vm.expectRevert(
                abi.encodeWithSelector(IBrandRegistry.BrandRegistry_RecoveryVetoed.selector, brandId)
            );
            vm.prank(intruder);
            brands.completeRecovery(brandId);
        }
        assertEq(block.timestamp, START + CHANGE_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(IBrandRegistry.BrandRegistry_NotGuardian.selector, brandId, guardian)
        );
        vm.prank(guardian);
        brands.startRecovery(brandId, intruder);
        assertEq(brands.brandOf(brandId).admin, brand);
    }

    /// @dev A manager's key is worth its quota, for as long as the brand leaves it.
    function test_attack_23__stolen_manager_key__is_worth_its_quota() public {
        _grant(manager, 700);
        vm.startPrank(manager);
        token.mint(intruder, 500);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, 500, 200)
        );
        token.mint(intruder, 500);
        vm.stopPrank();
        vm.prank(brand);
        token.revokeQuota(manager, type(uint96).max);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, 1, 0)
        );
        vm.prank(manager);
        token.mint(intruder, 1);
    }
}

/// @notice Attack 26: somebody takes a CREATE2 address first, or reuses a salt on another chain.
contract SquattedAddressTest is SigningTest {
    string internal constant NAME = "Tea Points";
    string internal constant SYMBOL = "TEA";

    function _expected(address creator, bytes32 id) private view returns (address) {
        return factory.tokenAddress(creator, id, address(obligations), address(desk), NAME, SYMBOL, 2);
    }

    function _create(address creator, bytes32 id) private returns (address) {
        vm.prank(creator);
        return factory.createToken(id, address(obligations), address(desk), NAME, SYMBOL, 2);
    }

    function test_attack_26__another_sender__cannot_create_for_the_brand() public {
        address expected = _expected(brand, brandId);
        address[3] memory others = [partner, manager, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            _create(others[i], brandId);
            assertTrue(_expected(others[i], brandId) != expected);
        }
        assertEq(_create(brand, brandId), expected);
    }

    function test_attack_26__another_brand_same_facts__is_elsewhere() public {
        address expected = _expected(brand, brandId);
        address theirs = _create(partner, partnerId);
        assertTrue(theirs != expected);
        // And another brand of the same founder.
        bytes32 second = _admittedBrand(brand, "second");
        assertTrue(_create(brand, second) != expected);
        assertEq(_create(brand, brandId), expected);
    }

    /// @dev The same suite at the same addresses on two chains; on the second somebody else comes first.
    function test_attack_26__another_chain__the_place_is_kept_for_the_brand() public {
        uint256 snapshot = vm.snapshotState();
        bytes32 id = _admittedBrand(member, SALT);
        address made = _create(member, id);
        vm.revertToState(snapshot);
        vm.chainId(block.chainid + 1);

        // The intruder takes the brand's salt and is even admitted.
        bytes32 intrudersId = _admittedBrand(intruder, SALT);
        assertTrue(intrudersId != id);
        assertTrue(_create(intruder, intrudersId) != made);
        _expectNotAuthorized(id, intruder);
        _create(intruder, id);
        assertEq(made.code.length, 0);

        assertEq(_admittedBrand(member, SALT), id);
        assertEq(_create(member, id), made);
    }

    /// @dev Whoever took the brand over makes its own tokens, and cannot pass one off as the founder's.
    function test_attack_26__after_a_handover__new_admin_has_its_own_addresses() public {
        address expected = _expected(brand, brandId);
        vm.prank(brand);
        brands.transferAdmin(brandId, intruder);
        vm.prank(intruder);
        brands.acceptAdmin(brandId);
        address made = _create(intruder, brandId);
        assertTrue(made != expected);
        assertEq(ILoyaltyToken(made).creator(), intruder);
        _expectNotAuthorized(brandId, brand);
        _create(brand, brandId);
    }
}
