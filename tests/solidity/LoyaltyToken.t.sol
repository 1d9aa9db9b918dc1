// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IQuotaReceiver } from "../../contracts/interfaces/IQuotaReceiver.sol";
import { HostileModule, Module } from "./utils/Modules.sol";
import { SuiteTest } from "./utils/SuiteTest.sol";

/// @notice What a token does for its brand, its minters, its holders and its modules. Signatures and batches
/// have files of their own.
contract LoyaltyTokenTest is SuiteTest {
    Module internal otherModule;

    function setUp() public override {
        super.setUp();
        otherModule = new Module();
        _list(IBrandRegistry.List.Module, address(otherModule), true);
    }

    // ----------------------------------------------------------------- facts

    function test_facts__as_made() public view {
        assertEq(token.name(), "Coffee Points");
        assertEq(token.symbol(), "COFFEE");
        assertEq(token.decimals(), DECIMALS);
        assertEq(token.brandId(), brandId);
        assertEq(token.creator(), brand);
        assertEq(token.obligationRegistry(), address(obligations));
        assertEq(token.redemptionDesk(), address(desk));
        assertEq(token.capacity(), CAPACITY);
        assertEq(token.totalSupply(), 0);
        assertEq(token.totalQuota(), 0);
        assertFalse(token.mintStopped());
        assertFalse(token.isModule(address(module)));
    }

    function test_contractURI__own_or_the_brands() public {
        assertEq(token.contractURI(), "ipfs://profile");
        vm.expectEmit(address(token));
        emit ILoyaltyToken.ContractURIUpdated();
        vm.prank(brand);
        token.setContractURI("ipfs://coffee");
        assertEq(token.contractURI(), "ipfs://coffee");
        vm.prank(brand);
        token.setContractURI("");
        assertEq(token.contractURI(), "ipfs://profile");
    }

    function test_setContractURI__long__reverts() public {
        vm.startPrank(brand);
        token.setContractURI(_uri(512));
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_URITooLong.selector, uint256(513), uint256(512))
        );
        token.setContractURI(_uri(513));
    }

    function test_setContractURI__others__revert() public {
        address[4] memory others = [manager, partner, address(obligations), intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            vm.prank(others[i]);
            token.setContractURI("ipfs://evil");
        }
    }

    function test_setContractURI__suspended__works() public {
        _suspendAndStop();
        vm.prank(brand);
        token.setContractURI("ipfs://we-are-sorry");
        assertEq(token.contractURI(), "ipfs://we-are-sorry");
    }

    // --------------------------------------------------- obligation registry

    function test_setCapacity__down_to_what_is_promised_not_below() public {
        _mint(member, 300);
        _grant(till, 200);
        _grantModule(module, 100);
        vm.startPrank(address(obligations));
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_CapacityTooLow.selector, 599, 600));
        token.setCapacity(599);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.CapacitySet(600);
        token.setCapacity(600);
        assertEq(token.capacity(), 600);
        token.setCapacity(type(uint96).max);
        assertEq(token.capacity(), type(uint96).max);
    }

    function test_registry_functions__others__revert() public {
        address[5] memory others = [brand, manager, address(module), alliance, intruder];
        bytes[2] memory calls = [
            abi.encodeCall(token.setCapacity, (type(uint96).max)), abi.encodeCall(token.setMintStop, (true))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            for (uint256 j = 0; j < calls.length; ++j) {
                vm.prank(others[i]);
                (bool success, bytes memory reason) = address(token).call(calls[j]);
                assertFalse(success);
                assertEq(
                    reason,
                    abi.encodeWithSelector(
                        ILoyaltyToken.LoyaltyToken_NotObligationRegistry.selector, others[i]
                    )
                );
            }
        }
    }

    function test_redeemWithSignature__others__revert() public {
        address[5] memory others = [brand, manager, address(module), address(obligations), intruder];
        ILoyaltyToken.Spend memory spend;
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotRedemptionDesk.selector, others[i])
            );
            vm.prank(others[i]);
            token.redeemWithSignature(spend, 0, 0, 0, 2, "");
        }
    }

    function test_setMintStop__on_and_off() public {
        vm.startPrank(address(obligations));
        vm.expectEmit(address(token));
        emit ILoyaltyToken.MintStopSet(true);
        token.setMintStop(true);
        assertTrue(token.mintStopped());
        vm.expectEmit(address(token));
        emit ILoyaltyToken.MintStopSet(false);
        token.setMintStop(false);
        assertFalse(token.mintStopped());
    }

    /// @dev The mint-stop shares its slot with the books.
    function test_setMintStop__leaves_the_books_alone() public {
        _mint(member, 300);
        _grant(till, 200);
        _suspendAndStop();
        assertEq(token.totalSupply(), 300);
        assertEq(token.totalQuota(), 200);
    }

    // ------------------------------------------------------------ grantQuota

    function test_grantQuota__within_capacity__is_set_aside() public {
        vm.expectEmit(address(token));
        emit ILoyaltyToken.QuotaGranted(manager, 700);
        _grant(manager, 700);
        _grant(manager, 50);
        assertEq(token.quotaOf(manager), 750);
        assertEq(token.totalQuota(), 750);
        assertEq(token.totalSupply(), 0);
        assertFalse(token.isModule(manager));
    }

    function test_grantQuota__the_last_unit_of_capacity__is_the_last() public {
        _mint(member, 300);
        _grant(manager, CAPACITY - 300);
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_CapacityExceeded.selector, 1, 0));
        _grant(manager, 1);
    }

    function test_grantQuota__beyond_capacity__reverts_with_what_is_left() public {
        _mint(member, 300);
        uint256 left = CAPACITY - 300;
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_CapacityExceeded.selector, left + 1, left)
        );
        _grant(manager, left + 1);
    }

    function test_grantQuota__largest_amounts__never_wrap() public {
        vm.prank(address(obligations));
        token.setCapacity(type(uint96).max);
        _grant(manager, type(uint96).max);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_CapacityExceeded.selector, uint256(type(uint96).max), 0
            )
        );
        _grant(till, type(uint96).max);
        vm.prank(manager);
        token.mint(member, type(uint96).max);
        assertEq(token.totalSupply(), type(uint96).max);
        assertEq(token.totalQuota(), 0);
    }

    function test_grantQuota__to_zero__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidMinter.selector, address(0)));
        _grant(address(0), 1);
    }

    function test_grantQuota__to_modules_and_what_may_become_one__reverts() public {
        _grantModule(module, 1);
        _list(IBrandRegistry.List.Module, address(module), false);
        address[4] memory modules =
            [address(module), address(otherModule), address(obligations), address(desk)];
        for (uint256 i = 0; i < modules.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_IsModule.selector, modules[i]));
            _grant(modules[i], 1);
        }
    }

    function test_grantQuota__others__revert() public {
        address[4] memory others = [manager, partner, alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            vm.prank(others[i]);
            token.grantQuota(others[i], 1);
        }
    }

    function test_grantQuota__suspended__reverts() public {
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _grant(manager, 1);
    }

    function test_grantQuota__mint_stop_not_lifted_yet__reverts() public {
        _suspendAndStop();
        vm.prank(alliance);
        brands.reinstate(brandId);
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        _grant(manager, 1);
        obligations.syncMintStop(address(token));
        _grant(manager, 1);
    }

    function test_grantQuota__before_the_brand_obliges_itself__reverts() public {
        ILoyaltyToken fresh = _createToken(brand, brandId, "Fresh", "FRESH");
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_CapacityExceeded.selector, 1, 0));
        vm.prank(brand);
        fresh.grantQuota(manager, 1);
    }

    // ----------------------------------------------------------- revokeQuota

    function test_revokeQuota__gives_capacity_back() public {
        _grant(manager, 700);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.QuotaRevoked(manager, 200);
        vm.prank(brand);
        assertEq(token.revokeQuota(manager, 200), 200);
        assertEq(token.quotaOf(manager), 500);
        assertEq(token.totalQuota(), 500);
    }

    function test_revokeQuota__more_than_there_is__takes_what_there_is() public {
        _grant(manager, 700);
        _grant(till, 50);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.QuotaRevoked(manager, 700);
        vm.prank(brand);
        assertEq(token.revokeQuota(manager, type(uint96).max), 700);
        assertEq(token.quotaOf(manager), 0);
        assertEq(token.totalQuota(), 50);
    }

    function test_revokeQuota__suspended__works() public {
        _grant(manager, 700);
        _suspendAndStop();
        vm.prank(brand);
        assertEq(token.revokeQuota(manager, 700), 700);
    }

    function test_revokeQuota__module__reverts() public {
        _grantModule(module, 100);
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_IsModule.selector, address(module)));
        vm.prank(brand);
        token.revokeQuota(address(module), 1);
    }

    function test_revokeQuota__others__revert() public {
        _grant(manager, 700);
        address[3] memory others = [manager, partner, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            vm.prank(others[i]);
            token.revokeQuota(manager, 1);
        }
    }

    function test_revokeQuota__obligation_registry__may() public {
        _grant(manager, 700);
        vm.prank(address(obligations));
        assertEq(token.revokeQuota(manager, 300), 300);
        assertEq(token.quotaOf(manager), 400);
    }

    // ----------------------------------------------------- grantQuotaAndCall

    function test_grantQuotaAndCall__listed__holds_quota_and_knows() public {
        vm.expectEmit(address(token));
        emit ILoyaltyToken.QuotaGranted(address(module), 400);
        vm.prank(brand);
        token.grantQuotaAndCall(address(module), 400, hex"beef");
        assertTrue(token.isModule(address(module)));
        assertEq(token.quotaOf(address(module)), 400);
        assertEq(token.totalQuota(), 400);
        _assertLast(module, brand, 400, IQuotaReceiver.Source.Granted, hex"beef");
    }

    function test_grantQuotaAndCall__nothing__opens_the_token_to_the_module() public {
        _grantModule(module, 0);
        assertTrue(token.isModule(address(module)));
        assertEq(module.calls(), 1);
    }

    function test_grantQuotaAndCall__unlisted__reverts() public {
        address[3] memory unlisted = [address(new Module()), manager, address(0)];
        for (uint256 i = 0; i < unlisted.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotModule.selector, unlisted[i])
            );
            vm.prank(brand);
            token.grantQuotaAndCall(unlisted[i], 1, "");
        }
    }

    function test_grantQuotaAndCall__taken_off_the_list__no_more_but_keeps_what_it_has() public {
        _grantModule(module, 100);
        _list(IBrandRegistry.List.Module, address(module), false);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotModule.selector, address(module))
        );
        _grantModule(module, 1);
        assertTrue(token.isModule(address(module)));
        module.mint(token, member, 60);
        assertEq(token.quotaOf(address(module)), 40);
    }

    /// @dev What an account was given as a manager would be a promise to nobody, for good.
    function test_grantQuotaAndCall__holds_quota_as_a_manager__first_that_is_taken_back() public {
        Module late = new Module();
        _grant(address(late), 5);
        _list(IBrandRegistry.List.Module, address(late), true);
        for (uint256 amount = 0; amount < 2; ++amount) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ILoyaltyToken.LoyaltyToken_HoldsQuota.selector, address(late), uint256(5)
                )
            );
            _grantModule(late, amount);
        }
        assertFalse(token.isModule(address(late)));

        vm.prank(brand);
        token.revokeQuota(address(late), 4);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_HoldsQuota.selector, address(late), uint256(1))
        );
        _grantModule(late, 7);
        vm.prank(brand);
        token.revokeQuota(address(late), 1);
        _grantModule(late, 7);
        assertEq(token.quotaOf(address(late)), 7);
        // A module may be given more.
        _grantModule(late, 3);
        assertEq(token.quotaOf(address(late)), 10);
    }

    function test_grantQuotaAndCall__beyond_capacity__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_CapacityExceeded.selector, uint256(CAPACITY) + 1, CAPACITY
            )
        );
        _grantModule(module, uint256(CAPACITY) + 1);
    }

    function test_grantQuotaAndCall__others__revert() public {
        address[4] memory others = [manager, partner, address(module), intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            vm.prank(others[i]);
            token.grantQuotaAndCall(address(module), 0, "");
        }
    }

    function test_grantQuotaAndCall__suspended_or_stopped__reverts() public {
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _grantModule(module, 0);
        obligations.syncMintStop(address(token));
        vm.prank(alliance);
        brands.reinstate(brandId);
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        _grantModule(module, 0);
    }

    /// @dev The obligation registry and the redemption desk may hold quota of their own tokens without a
    /// place on the list; today's take none, so the call comes back.
    function test_grantQuotaAndCall__registry_and_desk__need_no_listing() public {
        address[2] memory born = [address(obligations), address(desk)];
        bytes memory callback = abi.encodeWithSelector(IQuotaReceiver.onQuotaReceived.selector);
        for (uint256 i = 0; i < born.length; ++i) {
            vm.expectCall(born[i], callback);
            vm.expectRevert();
            vm.prank(brand);
            token.grantQuotaAndCall(born[i], 1, "");
            vm.mockCall(born[i], callback, abi.encode(IQuotaReceiver.onQuotaReceived.selector));
            vm.prank(brand);
            token.grantQuotaAndCall(born[i], 1, "");
            assertTrue(token.isModule(born[i]));
        }
        vm.clearMockedCalls();
    }

    // ------------------------------------------------------------------ mint

    function test_mint__turns_quota_into_supply() public {
        _grant(manager, 700);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(address(0), member, 500);
        vm.prank(manager);
        token.mint(member, 500);
        assertEq(token.balanceOf(member), 500);
        assertEq(token.totalSupply(), 500);
        assertEq(token.quotaOf(manager), 200);
        assertEq(token.totalQuota(), 200);
    }

    function test_mint__beyond_quota__reverts_with_what_is_left() public {
        _grant(manager, 700);
        _grant(till, 700);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, 701, 700)
        );
        vm.prank(manager);
        token.mint(member, 701);
        // An amount whose low bits would fit does not pass either.
        uint256 wide = (uint256(1) << 96) | 1;
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, wide, 700)
        );
        vm.prank(manager);
        token.mint(member, wide);
    }

    function test_mint__without_quota__reverts_for_the_brand_too() public {
        address[4] memory others = [brand, address(obligations), alliance, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, others[i], 1, 0)
            );
            vm.prank(others[i]);
            token.mint(others[i], 1);
        }
    }

    function test_mint__to_zero_or_the_token__reverts() public {
        _grant(manager, 700);
        address[2] memory wrong = [address(0), address(token)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, wrong[i]));
            vm.prank(manager);
            token.mint(wrong[i], 1);
        }
    }

    function test_mint__stopped__reverts_for_managers_only() public {
        _grant(manager, 700);
        _grantModule(module, 100);
        _suspendAndStop();
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        vm.prank(manager);
        token.mint(member, 1);
        module.mint(token, member, 100);
        assertEq(token.balanceOf(member), 100);
    }

    // ----------------------------------------------------- passQuotaAndCall

    function test_passQuotaAndCall__manager_to_module__moves_quota_and_calls() public {
        _grant(manager, 700);
        _grantModule(module, 0);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.QuotaPassed(manager, address(module), 300);
        vm.prank(manager);
        token.passQuotaAndCall(address(module), 300, hex"cafe");
        assertEq(token.quotaOf(manager), 400);
        assertEq(token.quotaOf(address(module)), 300);
        assertEq(token.totalQuota(), 700);
        _assertLast(module, manager, 300, IQuotaReceiver.Source.Passed, hex"cafe");
    }

    function test_passQuotaAndCall__module_to_module__works_while_stopped() public {
        _grantModule(module, 100);
        _grantModule(otherModule, 0);
        _suspendAndStop();
        module.pass(token, address(otherModule), 30, "");
        assertEq(token.quotaOf(address(module)), 70);
        assertEq(token.quotaOf(address(otherModule)), 30);
        _assertLast(otherModule, address(module), 30, IQuotaReceiver.Source.Passed, "");
    }

    function test_passQuotaAndCall__to_itself__changes_nothing() public {
        _grantModule(module, 100);
        module.pass(token, address(module), 40, "");
        assertEq(token.quotaOf(address(module)), 100);
        assertEq(token.totalQuota(), 100);
        assertEq(module.booked(address(token)), 100);
    }

    function test_passQuotaAndCall__stopped__reverts_for_managers() public {
        _grant(manager, 700);
        _grantModule(module, 0);
        _suspendAndStop();
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        vm.prank(manager);
        token.passQuotaAndCall(address(module), 1, "");
    }

    function test_passQuotaAndCall__not_open_to_it__reverts() public {
        _grant(manager, 700);
        address[4] memory others = [address(module), till, address(0), address(token)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotModule.selector, others[i]));
            vm.prank(manager);
            token.passQuotaAndCall(others[i], 1, "");
        }
    }

    function test_passQuotaAndCall__beyond_quota__reverts() public {
        _grant(manager, 700);
        _grantModule(module, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, 701, 700)
        );
        vm.prank(manager);
        token.passQuotaAndCall(address(module), 701, "");
    }

    // ----------------------------------------------------------- returnQuota

    function test_returnQuota__manager_and_module__capacity_is_free_again() public {
        _grant(manager, 700);
        _grantModule(module, 100);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.QuotaReturned(manager, 300);
        vm.prank(manager);
        token.returnQuota(300);
        module.giveBack(token, 100);
        assertEq(token.quotaOf(manager), 400);
        assertEq(token.quotaOf(address(module)), 0);
        assertEq(token.totalQuota(), 400);
        assertTrue(token.isModule(address(module)));
    }

    function test_returnQuota__beyond__reverts() public {
        _grant(manager, 700);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, 701, 700)
        );
        vm.prank(manager);
        token.returnQuota(701);
    }

    function test_returnQuota__stopped__works() public {
        _grant(manager, 700);
        _suspendAndStop();
        vm.prank(manager);
        token.returnQuota(700);
        assertEq(token.totalQuota(), 0);
    }

    // --------------------------------------------------------------- holders

    function test_transfer__moves_and_tells() public {
        _mint(member, 500);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, partner, 200);
        vm.prank(member);
        assertTrue(token.transfer(partner, 200));
        assertEq(token.balanceOf(member), 300);
        assertEq(token.balanceOf(partner), 200);
        assertEq(token.totalSupply(), 500);
    }

    function test_transfer__to_oneself__changes_nothing() public {
        _mint(member, 500);
        vm.prank(member);
        token.transfer(member, 500);
        assertEq(token.balanceOf(member), 500);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, member, 500, 501)
        );
        vm.prank(member);
        token.transfer(member, 501);
    }

    function test_transfer__beyond_balance__reverts_with_the_facts() public {
        _mint(member, 500);
        uint256[3] memory amounts = [uint256(501), uint256(1) << 96, type(uint256).max];
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IERC20Errors.ERC20InsufficientBalance.selector, member, 500, amounts[i]
                )
            );
            vm.prank(member);
            token.transfer(partner, amounts[i]);
        }
    }

    function test_transfer__to_zero_or_the_token__reverts() public {
        _mint(member, 500);
        address[2] memory wrong = [address(0), address(token)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, wrong[i]));
            vm.prank(member);
            token.transfer(wrong[i], 1);
        }
    }

    function test_transfer__nothing__succeeds_and_tells() public {
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, partner, 0);
        vm.prank(member);
        assertTrue(token.transfer(partner, 0));
    }

    function test_approve__sets_and_tells() public {
        vm.expectEmit(address(token));
        emit IERC20.Approval(member, partner, 200);
        vm.prank(member);
        assertTrue(token.approve(partner, 200));
        assertEq(token.allowance(member, partner), 200);
        vm.prank(member);
        token.approve(partner, 7);
        assertEq(token.allowance(member, partner), 7);
        assertEq(token.allowance(partner, member), 0);
    }

    function test_approve__zero_spender__reverts() public {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidSpender.selector, address(0)));
        vm.prank(member);
        token.approve(address(0), 1);
    }

    function test_transferFrom__within_allowance__moves_and_counts_down() public {
        _mint(member, 500);
        vm.prank(member);
        token.approve(partner, 300);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, till, 200);
        vm.prank(partner);
        assertTrue(token.transferFrom(member, till, 200));
        assertEq(token.allowance(member, partner), 100);
        assertEq(token.balanceOf(till), 200);
    }

    function test_transferFrom__endless_allowance__stays() public {
        _mint(member, 500);
        vm.prank(member);
        token.approve(partner, type(uint256).max);
        vm.prank(partner);
        token.transferFrom(member, till, 200);
        assertEq(token.allowance(member, partner), type(uint256).max);
    }

    /// @dev Only the very largest number has no end.
    function test_transferFrom__large_allowances__count_down_all_the_same() public {
        _mint(member, 500);
        uint256[3] memory allowances =
            [uint256(type(uint96).max), uint256(type(uint128).max), type(uint256).max - 1];
        for (uint256 i = 0; i < allowances.length; ++i) {
            vm.prank(member);
            token.approve(partner, allowances[i]);
            vm.prank(partner);
            token.transferFrom(member, till, 1);
            assertEq(token.allowance(member, partner), allowances[i] - 1);
        }
    }

    function test_transferFrom__beyond_allowance__reverts_with_the_facts() public {
        _mint(member, 500);
        vm.prank(member);
        token.approve(partner, 300);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, partner, 300, 301)
        );
        vm.prank(partner);
        token.transferFrom(member, till, 301);
        // The holder needs an allowance from itself as well, as ERC-20 has it.
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, member, 0, 1)
        );
        vm.prank(member);
        token.transferFrom(member, till, 1);
    }

    function test_transferFrom__beyond_balance__reverts_with_the_facts() public {
        _mint(member, 500);
        vm.prank(member);
        token.approve(partner, type(uint256).max);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, member, 500, 501)
        );
        vm.prank(partner);
        token.transferFrom(member, till, 501);
    }

    function test_burn__lowers_supply_and_frees_capacity() public {
        _mint(member, 500);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, address(0), 200);
        vm.prank(member);
        token.burn(200);
        assertEq(token.balanceOf(member), 300);
        assertEq(token.totalSupply(), 300);
        _grant(manager, CAPACITY - 300);
    }

    function test_burn__beyond_balance__reverts() public {
        _mint(member, 500);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, member, 500, 501)
        );
        vm.prank(member);
        token.burn(501);
    }

    function test_burnFrom__within_allowance__burns_and_counts_down() public {
        _mint(member, 500);
        vm.prank(member);
        token.approve(partner, 300);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, address(0), 200);
        vm.prank(partner);
        token.burnFrom(member, 200);
        assertEq(token.allowance(member, partner), 100);
        assertEq(token.totalSupply(), 300);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, partner, 100, 101)
        );
        vm.prank(partner);
        token.burnFrom(member, 101);
    }

    // ----------------------------------------------------- transfer and call

    function test_transferAndCall__moves_and_tells_the_contract() public {
        _mint(member, 500);
        Module any = new Module(); // on no list
        vm.expectEmit(address(token));
        emit IERC20.Transfer(member, address(any), 200);
        vm.prank(member);
        assertTrue(token.transferAndCall(address(any), 200, hex"0102"));
        assertEq(token.balanceOf(member), 300);
        assertEq(token.balanceOf(address(any)), 200);
        (address lastToken, address operator, address from, uint256 value, bytes memory data) =
            any.lastTransfer();
        assertEq(lastToken, address(token));
        assertEq(operator, member);
        assertEq(from, member);
        assertEq(value, 200);
        assertEq(data, hex"0102");
    }

    function test_transferAndCall__has_the_selector_of_ERC_1363() public pure {
        assertEq(ILoyaltyToken.transferAndCall.selector, bytes4(0x4000aea0));
    }

    /// @dev ISSUE-1: what a contract takes in is supply as before, and no quota.
    function test_transferAndCall__supply_and_quotas__stay_as_they_are() public {
        _mint(member, 500);
        _grantModule(module, 70);
        vm.prank(member);
        token.transferAndCall(address(module), 200, "");
        assertEq(token.totalSupply(), 500);
        assertEq(token.totalQuota(), 70);
        assertEq(token.quotaOf(address(module)), 70);
    }

    function test_transferAndCall__at_full_capacity_and_stopped__goes_in_and_comes_out() public {
        _mint(member, CAPACITY);
        _suspendAndStop();
        vm.prank(member);
        token.transferAndCall(address(module), CAPACITY, "");
        module.give(token, member, CAPACITY);
        assertEq(token.balanceOf(member), CAPACITY);
    }

    function test_transferAndCall__nothing__calls_all_the_same() public {
        vm.prank(intruder);
        token.transferAndCall(address(module), 0, hex"07");
        (, address operator,, uint256 value, bytes memory data) = module.lastTransfer();
        assertEq(operator, intruder);
        assertEq(value, 0);
        assertEq(data, hex"07");
    }

    function test_transferAndCall__no_code__reverts() public {
        _mint(member, 500);
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_NotContract.selector, till));
        vm.prank(member);
        token.transferAndCall(till, 1, "");
        assertEq(token.balanceOf(member), 500);
    }

    /// @dev A contract that knows nothing of the call, such as another token, keeps nothing.
    function test_transferAndCall__not_a_receiver__reverts() public {
        _mint(member, 500);
        vm.expectRevert();
        vm.prank(member);
        token.transferAndCall(address(partnerToken), 1, "");
        assertEq(token.balanceOf(member), 500);
    }

    function test_transferAndCall__to_nobody_or_the_token__reverts() public {
        _mint(member, 500);
        address[2] memory wrong = [address(0), address(token)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, wrong[i]));
            vm.prank(member);
            token.transferAndCall(wrong[i], 1, "");
        }
    }

    function test_transferAndCall__beyond_balance__reverts() public {
        _mint(member, 500);
        uint256[2] memory amounts = [uint256(501), (uint256(1) << 96) | 1];
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IERC20Errors.ERC20InsufficientBalance.selector, member, 500, amounts[i]
                )
            );
            vm.prank(member);
            token.transferAndCall(address(module), amounts[i], "");
        }
    }

    /// @dev BOOK-1: a present is in no books, so nobody can take it for what somebody brought.
    function test_BOOK_1__donation_to_a_contract__is_not_in_its_books() public {
        _mint(member, 500);
        vm.startPrank(member);
        token.transferAndCall(address(module), 200, "");
        token.transfer(address(module), 100);
        vm.stopPrank();
        assertEq(module.held(address(token)), 200);
        vm.expectRevert();
        module.give(token, intruder, 201);
        module.give(token, member, 200);
        assertEq(token.balanceOf(address(module)), 100);
    }

    // ------------------------------------------- views nobody could mistake

    function test_receiptOf__unused__is_zero() public view {
        assertEq(token.receiptOf(member, "nonce"), 0);
        assertFalse(token.authorizationState(member, "nonce"));
        assertFalse(token.isBatchMinted("batch"));
    }

    // --------------------------------------------------------------- helpers

    function _assertLast(
        Module which,
        address from,
        uint256 amount,
        IQuotaReceiver.Source source,
        bytes memory data
    ) private view {
        (
            address lastToken,
            address lastFrom,
            uint256 lastAmount,
            IQuotaReceiver.Source lastSource,
            bytes memory lastData
        ) = which.last();
        assertEq(lastToken, address(token));
        assertEq(lastFrom, from);
        assertEq(lastAmount, amount);
        assertTrue(lastSource == source);
        assertEq(lastData, data);
    }
}

/// @notice Contracts that are called and hostile: they can refuse quota or tokens, never take more.
contract LoyaltyTokenHostileModuleTest is SuiteTest {
    HostileModule internal hostile;

    function setUp() public override {
        super.setUp();
        hostile = new HostileModule();
        _list(IBrandRegistry.List.Module, address(hostile), true);
        vm.prank(brand);
        token.grantQuotaAndCall(address(hostile), 100, "");
        _mint(member, 500);
        _grant(manager, 300);
    }

    /// @dev Every way in, times every way to refuse: nothing moves.
    function test_callee__refusals__undo_the_whole_call() public {
        HostileModule.Behaviour[5] memory refusals = [
            HostileModule.Behaviour.WrongMagic,
            HostileModule.Behaviour.NoAnswer,
            HostileModule.Behaviour.Revert,
            HostileModule.Behaviour.RevertBomb,
            HostileModule.Behaviour.DirtyMagic
        ];
        bytes[3] memory calls = _waysIn(50);
        address[3] memory callers = [brand, manager, member];
        for (uint256 i = 0; i < refusals.length; ++i) {
            hostile.behave(refusals[i]);
            for (uint256 j = 0; j < calls.length; ++j) {
                vm.prank(callers[j]);
                (bool success, bytes memory reason) = address(token).call(calls[j]);
                assertFalse(success, "accepted");
                if (refusals[i] == HostileModule.Behaviour.WrongMagic) {
                    assertEq(
                        reason,
                        abi.encodeWithSelector(
                            ILoyaltyToken.LoyaltyToken_CallRefused.selector, address(hostile)
                        )
                    );
                } else if (refusals[i] == HostileModule.Behaviour.Revert) {
                    assertEq(reason, abi.encodeWithSelector(HostileModule.Refused.selector, callers[j], 50));
                }
                _assertUntouched();
            }
        }
    }

    function test_callee__return_bomb__costs_no_more_than_the_callee_spends() public {
        bytes[3] memory calls = _waysIn(50);
        address[3] memory callers = [brand, manager, member];
        hostile.behave(HostileModule.Behaviour.ReturnBomb);
        for (uint256 j = 0; j < calls.length; ++j) {
            vm.prank(callers[j]);
            uint256 before = gasleft();
            (bool success,) = address(token).call(calls[j]);
            // A megabyte of memory costs the callee 2.2 million gas. The token must not copy it; where it
            // answers itself, it does so behind as much memory.
            assertLt(before - gasleft(), j == 2 ? 4_500_000 : 2_400_000);
            assertTrue(success);
        }
        assertEq(token.quotaOf(address(hostile)), 200);
        assertEq(token.balanceOf(address(hostile)), 50);
    }

    /// @dev Every hook times every entry point: whatever the callee calls from within, books hold and it gets
    /// no more than it had.
    function test_callee__reentering__every_entry_point__gains_nothing() public {
        bytes[3] memory calls = _waysIn(50);
        address[3] memory callers = [brand, manager, member];
        for (uint256 j = 0; j < calls.length; ++j) {
            uint256 snapshot = vm.snapshotState();
            hostile.reenter(_script());
            vm.prank(callers[j]);
            (bool success,) = address(token).call(calls[j]);
            assertTrue(success);
            // What belongs to the module works from within, and nothing else does.
            bool[17] memory expected = [
                true, // mint its quota
                false, // mint beyond it
                true, // pass to itself
                true, // return some
                false, // grant itself
                false, // revoke a manager's
                false, // raise capacity
                false, // lift the mint-stop
                false, // take from a member who allowed nothing
                false, // burn such a member's
                false, // redeem or receive by a signature that such a member never gave
                false,
                true, // a transfer of what it just minted
                true, // a burn of it
                true, // send it to itself, and be called again
                false, // send more than it has
                false // batch beyond its quota
            ];
            for (uint256 i = 0; i < expected.length; ++i) {
                assertEq(hostile.outcomes(i), expected[i], vm.toString(i));
            }
            _assertBooks(token);
            uint256 supply =
                token.balanceOf(member) + token.balanceOf(address(hostile)) + token.balanceOf(intruder);
            assertEq(token.totalSupply(), supply, "ISSUE-1: supply != balances");
            assertEq(
                token.totalQuota(),
                token.quotaOf(address(hostile)) + token.quotaOf(manager),
                "ISSUE-1: quotas"
            );
            // 500 of the member's, 300 of the manager's and 100 of its own, and what the brand added, less
            // the 5 that it gave back and the 3 that it burned.
            uint256 granted = j == 0 ? 50 : 0;
            assertEq(token.totalSupply() + token.totalQuota(), 900 + granted - 5 - 3);
            assertEq(token.balanceOf(member), j == 2 ? 450 : 500);
            vm.revertToState(snapshot);
        }
    }

    function _waysIn(uint96 amount) private view returns (bytes[3] memory) {
        return [
            abi.encodeCall(token.grantQuotaAndCall, (address(hostile), amount, "")),
            abi.encodeCall(token.passQuotaAndCall, (address(hostile), amount, "")),
            abi.encodeCall(token.transferAndCall, (address(hostile), amount, ""))
        ];
    }

    function _script() private view returns (bytes[] memory script) {
        script = new bytes[](17);
        ILoyaltyToken.Spend memory spend =
            ILoyaltyToken.Spend({ from: member, amount: 1, nonce: "nonce", deadline: type(uint256).max });
        script[0] = abi.encodeCall(token.mint, (address(hostile), 20));
        script[1] = abi.encodeCall(token.mint, (address(hostile), 1000));
        script[2] = abi.encodeCall(token.passQuotaAndCall, (address(hostile), 10, ""));
        script[3] = abi.encodeCall(token.returnQuota, (5));
        script[4] = abi.encodeCall(token.grantQuotaAndCall, (address(hostile), 10, ""));
        script[5] = abi.encodeCall(token.revokeQuota, (manager, 10));
        script[6] = abi.encodeCall(token.setCapacity, (type(uint96).max));
        script[7] = abi.encodeCall(token.setMintStop, (false));
        script[8] = abi.encodeCall(token.transferFrom, (member, address(hostile), 1));
        script[9] = abi.encodeCall(token.burnFrom, (member, 1));
        script[10] = abi.encodeCall(token.redeemWithSignature, (spend, 1, "type", 0, 2, new bytes(65)));
        script[11] = abi.encodeCall(token.receiveWithSignature, (spend, 1, "type", 0, new bytes(65)));
        script[12] = abi.encodeCall(token.transfer, (intruder, 10));
        script[13] = abi.encodeCall(token.burn, (3));
        script[14] = abi.encodeCall(token.transferAndCall, (address(hostile), 7, ""));
        script[15] = abi.encodeCall(token.transferAndCall, (address(hostile), 1000, ""));
        script[16] = abi.encodeCall(
            token.mintBatch, ("batch", type(uint96).max, abi.encodePacked(intruder, uint32(1)))
        );
    }

    function _assertUntouched() private view {
        assertEq(token.quotaOf(address(hostile)), 100);
        assertEq(token.quotaOf(manager), 300);
        assertEq(token.balanceOf(member), 500);
        assertEq(token.balanceOf(address(hostile)), 0);
        assertEq(token.totalQuota(), 400);
        assertEq(token.totalSupply(), 500);
    }
}
