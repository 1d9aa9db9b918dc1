// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Errors } from "@openzeppelin/contracts/utils/Errors.sol";

import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { ILoyaltyTokenFactory } from "../../contracts/interfaces/ILoyaltyTokenFactory.sol";
import { SuiteTest } from "./utils/SuiteTest.sol";

contract LoyaltyTokenFactoryTest is SuiteTest {
    function test_implementation__is_what_it_was_made_with() public view {
        assertEq(factory.IMPLEMENTATION(), address(implementation));
    }

    // ----------------------------------------------------------- createToken

    function test_createToken__at_the_address_known_beforehand() public {
        address expected = _addressOf(brand, brandId, "Tea Points", "TEA", 18);
        assertEq(expected.code.length, 0);
        assertFalse(factory.isToken(expected));
        vm.expectEmit(address(factory));
        emit ILoyaltyTokenFactory.TokenCreated(
            expected, brandId, brand, address(obligations), address(desk), "Tea Points", "TEA", 18
        );
        address made = _create("Tea Points", "TEA", 18);
        assertEq(made, expected);
        assertTrue(factory.isToken(made));

        ILoyaltyToken tea = ILoyaltyToken(made);
        assertEq(tea.name(), "Tea Points");
        assertEq(tea.symbol(), "TEA");
        assertEq(tea.decimals(), 18);
        assertEq(tea.brandId(), brandId);
        assertEq(tea.creator(), brand);
        assertEq(tea.obligationRegistry(), address(obligations));
        assertEq(tea.redemptionDesk(), address(desk));
        assertEq(tea.capacity(), 0);
        assertEq(tea.totalSupply() + tea.totalQuota(), 0);
        assertFalse(tea.mintStopped());
    }

    function testFuzz_createToken__any_fitting_facts__come_back_whole(
        string memory name,
        string memory symbol,
        uint8 decimals
    ) public {
        name = _cut(name, 64);
        symbol = _cut(symbol, 16);
        decimals %= 19;
        vm.assume(bytes(name).length != 0 && bytes(symbol).length != 0);
        ILoyaltyToken made = ILoyaltyToken(_create(name, symbol, decimals));
        assertEq(address(made), _addressOf(brand, brandId, name, symbol, decimals));
        assertEq(made.name(), name);
        assertEq(made.symbol(), symbol);
        assertEq(made.decimals(), decimals);
        assertEq(made.brandId(), brandId);
        assertEq(made.creator(), brand);
        assertTrue(factory.isToken(address(made)));
    }

    function test_createToken__longest_and_shortest_names() public {
        ILoyaltyToken long = ILoyaltyToken(_create(_letters(64), _letters(16), 0));
        assertEq(long.name(), _letters(64));
        assertEq(long.symbol(), _letters(16));
        ILoyaltyToken short = ILoyaltyToken(_create("x", "y", 0));
        assertEq(short.name(), "x");
        assertEq(short.symbol(), "y");
    }

    function test_createToken__name_empty_or_too_long__reverts() public {
        string[2] memory wrong = ["", _letters(65)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ILoyaltyTokenFactory.LoyaltyTokenFactory_InvalidName.selector, wrong[i]
                )
            );
            _create(wrong[i], "TEA", 0);
        }
    }

    function test_createToken__symbol_empty_or_too_long__reverts() public {
        string[2] memory wrong = ["", _letters(17)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ILoyaltyTokenFactory.LoyaltyTokenFactory_InvalidSymbol.selector, wrong[i]
                )
            );
            _create("Tea", wrong[i], 0);
        }
    }

    function test_createToken__decimals_up_to_18() public {
        _create("Tea", "TEA", 18);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyTokenFactory.LoyaltyTokenFactory_InvalidDecimals.selector, 19)
        );
        _create("Tea", "TEA", 19);
    }

    function test_createToken__twice__reverts() public {
        _expect(Errors.FailedDeployment.selector);
        _create("Coffee Points", "COFFEE", DECIMALS);
    }

    function test_createToken__any_fact_different__is_another_token() public {
        address[6] memory made = [
            address(token),
            _create("Coffee Point", "COFFEE", DECIMALS),
            _create("Coffee Points", "COFFE", DECIMALS),
            _create("Coffee Points", "COFFEE", DECIMALS + 1),
            // The border between name and symbol is a fact too.
            _create("Coffee PointsC", "OFFEE", DECIMALS),
            address(partnerToken)
        ];
        for (uint256 i = 0; i < made.length; ++i) {
            assertTrue(factory.isToken(made[i]));
            for (uint256 j = 0; j < i; ++j) {
                assertTrue(made[i] != made[j]);
            }
        }
        assertEq(ILoyaltyToken(made[4]).symbol(), "OFFEE");
    }

    function test_createToken__others__revert() public {
        vm.prank(brand);
        brands.setManager(brandId, manager, 7);
        address[5] memory others = [manager, guardian, alliance, partner, intruder];
        for (uint256 i = 0; i < others.length; ++i) {
            _expectNotAuthorized(brandId, others[i]);
            vm.prank(others[i]);
            factory.createToken(brandId, address(obligations), address(desk), "Tea", "TEA", 0);
        }
    }

    function test_createToken__not_active__reverts() public {
        vm.prank(member);
        bytes32 applied = brands.register("tea", guardian, "");
        _expectNotActive(applied, IBrandRegistry.Status.Applied);
        vm.prank(member);
        factory.createToken(applied, address(obligations), address(desk), "Tea", "TEA", 0);
        _suspend();
        _expectNotActive(brandId, IBrandRegistry.Status.Suspended);
        _create("Tea", "TEA", 0);
    }

    function test_createToken__registry_or_desk_not_listed__reverts() public {
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyTokenFactory.LoyaltyTokenFactory_NotListed.selector, brand)
        );
        vm.prank(brand);
        factory.createToken(brandId, brand, address(desk), "Tea", "TEA", 0);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyTokenFactory.LoyaltyTokenFactory_NotListed.selector, brand)
        );
        vm.prank(brand);
        factory.createToken(brandId, address(obligations), brand, "Tea", "TEA", 0);
        // Each has its own list.
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyTokenFactory.LoyaltyTokenFactory_NotListed.selector, desk)
        );
        vm.prank(brand);
        factory.createToken(brandId, address(desk), address(obligations), "Tea", "TEA", 0);
        _list(IBrandRegistry.List.ObligationRegistry, address(obligations), false);
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyTokenFactory.LoyaltyTokenFactory_NotListed.selector, obligations)
        );
        _create("Tea", "TEA", 0);
    }

    // --------------------------------------------------------------- isToken

    function test_isToken__what_others_made__is_none() public {
        address[7] memory others = [
            address(0),
            brand,
            address(factory),
            address(implementation),
            address(obligations),
            address(brands),
            currency
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            assertFalse(factory.isToken(others[i]), vm.toString(i));
        }
    }

    /// @dev Byte for byte a token's code, at an address that is not the factory's to give.
    function test_isToken__a_copy_of_a_tokens_code__is_none() public {
        address copy = makeAddr("copy");
        vm.etch(copy, address(token).code);
        assertEq(ILoyaltyToken(copy).brandId(), brandId);
        assertFalse(factory.isToken(copy));
    }

    function test_isToken__another_factorys_token__is_none() public {
        ILoyaltyTokenFactory other = ILoyaltyTokenFactory(
            deployCode(
                "LoyaltyTokenFactory.sol:LoyaltyTokenFactory", abi.encode(brands, address(implementation))
            )
        );
        vm.prank(brand);
        address made = other.createToken(brandId, address(obligations), address(desk), "Tea", "TEA", 0);
        assertTrue(other.isToken(made));
        assertFalse(factory.isToken(made));
        assertFalse(other.isToken(address(token)));
    }

    /// @dev Code of every length around the borders at which it is read: it answers and never reverts.
    function testFuzz_isToken__any_code__is_none(bytes memory code, uint16 length) public {
        address any = makeAddr("any");
        length %= 512;
        bytes memory sized = new bytes(length);
        for (uint256 i = 0; i < length && i < code.length; ++i) {
            sized[i] = code[i];
        }
        if (length != 0) sized[0] = 0x36; // not an ERC-7702 or EOF mark, which forge refuses to plant
        vm.etch(any, sized);
        assertFalse(factory.isToken(any));
    }

    // --------------------------------------------------------------- helpers

    function _create(string memory name, string memory symbol, uint8 decimals) private returns (address) {
        vm.prank(brand);
        return factory.createToken(brandId, address(obligations), address(desk), name, symbol, decimals);
    }

    function _addressOf(address creator, bytes32 id, string memory name, string memory symbol, uint8 decimals)
        private
        view
        returns (address)
    {
        return factory.tokenAddress(creator, id, address(obligations), address(desk), name, symbol, decimals);
    }

    function _letters(uint256 length) private pure returns (string memory) {
        bytes memory letters = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            letters[i] = bytes1(uint8(0x61 + i % 26));
        }
        return string(letters);
    }

    function _cut(string memory text, uint256 most) private pure returns (string memory) {
        bytes memory cut = bytes(text);
        if (cut.length > most) {
            assembly ("memory-safe") {
                mstore(cut, most)
            }
        }
        return string(cut);
    }
}
