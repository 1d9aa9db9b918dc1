// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { AllotmentModule } from "./utils/AllotmentModules.sol";
import { MockDollar } from "../../contracts/local/MockDollar.sol";
import { OrderTest } from "./utils/OrderTest.sol";
import { SigningTest } from "./utils/SigningTest.sol";

/// @notice Reads storage as it lies on the chain.
abstract contract SlotReader is Test {
    function _slot(address account, uint256 slot) internal view returns (uint256) {
        return uint256(vm.load(account, bytes32(slot)));
    }

    /// @dev Where a mapping keeps what it has for `key`.
    function _at(uint256 key, uint256 slot) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(key, slot)));
    }

    function _at(bytes32 key, uint256 slot) internal pure returns (uint256) {
        return _at(uint256(key), slot);
    }

    function _at(address key, uint256 slot) internal pure returns (uint256) {
        return _at(uint160(key), slot);
    }
}

/// @notice Where things lie: what is read together lies in one slot. Read from the chain, as it is.
contract StorageLayoutTest is SigningTest, SlotReader {
    // --------------------------------------------------------- loyalty token

    function test_LoyaltyToken__books_share_a_slot() public {
        vm.prank(address(obligations));
        token.setCapacity(type(uint96).max);
        _mint(member, 0x1111);
        _grant(till, 0x2222);
        assertEq(_slot(address(token), 0), 0x1111 | (uint256(0x2222) << 96));
        vm.prank(address(obligations));
        token.setMintStop(true);
        assertEq(_slot(address(token), 0), 0x1111 | (uint256(0x2222) << 96) | (uint256(1) << 192));
        assertEq(_slot(address(token), 1), type(uint96).max);
    }

    function test_LoyaltyToken__mappings() public {
        _mint(member, 0x1111);
        assertEq(_slot(address(token), _at(member, 2)), 0x1111);
        _grant(till, 0x2222);
        assertEq(_slot(address(token), _at(till, 3)), 0x2222);
        _grantModule(module, 0x3333);
        assertEq(_slot(address(token), _at(address(module), 3)), 0x3333 | (uint256(1) << 96));
        vm.prank(member);
        token.approve(till, 0x4444);
        assertEq(_slot(address(token), _at(till, _at(member, 4))), 0x4444);
        vm.prank(till);
        token.mintBatch(bytes32(uint256(0x0503)), 1, abi.encodePacked(member, uint32(1)));
        assertEq(_slot(address(token), _at(uint256(5), 6)), 1 << 3);
    }

    /// @dev One slot is the mark of a used nonce and the receipt of a redemption.
    function test_LoyaltyToken__receipt_is_the_nonces_mark() public {
        _mint(member, 100);
        uint256 mark = _at(NONCE, _at(member, 5));
        bytes memory signature = _sign(memberKey, _digest(token, _cancelHash(member, NONCE)));
        token.cancelAuthorization(member, NONCE, signature);
        assertEq(_slot(address(token), mark), 1);
    }

    // -------------------------------------------------------- brand registry

    function test_BrandRegistry__brand_in_four_slots_and_its_profile() public {
        address pendingAdmin = makeAddr("pendingAdmin");
        address pendingGuardian = makeAddr("pendingGuardian");
        vm.startPrank(brand);
        brands.transferAdmin(brandId, pendingAdmin);
        brands.setGuardian(brandId, pendingGuardian);
        vm.stopPrank();
        uint256 base = _at(brandId, 1);
        uint256 active = uint256(IBrandRegistry.Status.Active);
        assertEq(_slot(address(brands), base), uint160(brand) | (active << 160));
        assertEq(_slot(address(brands), base + 1), uint160(pendingAdmin));
        assertEq(_slot(address(brands), base + 2), uint160(guardian));
        assertEq(
            _slot(address(brands), base + 3), uint160(pendingGuardian) | (uint256(START + 14 days) << 160)
        );
        assertEq(_slot(address(brands), base + 4) & 0xff, 2 * bytes("ipfs://profile").length);

        // A recovery counts eras beside the status.
        vm.prank(guardian);
        brands.startRecovery(brandId, pendingAdmin);
        uint256 recovery = _at(brandId, 2);
        assertEq(_slot(address(brands), recovery), uint160(pendingAdmin) | (uint256(START + 7 days) << 160));
        vm.prank(alliance);
        brands.confirmRecovery(brandId, pendingAdmin);
        assertEq(_slot(address(brands), recovery + 1), uint160(guardian) | (uint256(1) << 168));
        vm.warp(START + 7 days);
        vm.startPrank(pendingAdmin);
        brands.completeRecovery(brandId);
        assertEq(_slot(address(brands), base), uint160(pendingAdmin) | (active << 160) | (uint256(1) << 168));
        // Roles are kept by era.
        brands.setManager(brandId, manager, Roles.SETTLE);
        uint256 era = _at(uint256(1), _at(brandId, 3));
        assertEq(_slot(address(brands), _at(manager, era)), Roles.SETTLE);
    }

    // --------------------------------------------------- obligation registry

    function test_ObligationRegistry__obligation_by_what_is_read_together() public {
        vm.startPrank(brand);
        obligations.setTerms(
            address(token),
            IObligationRegistry.Terms({
                termsHash: keccak256("terms"), noticePeriod: NOTICE + 1, bondBps: BOND_BPS + 2, termsURI: ""
            })
        );
        obligations.setTerms(
            address(token),
            IObligationRegistry.Terms({
                termsHash: "other", noticePeriod: NOTICE, bondBps: BOND_BPS, termsURI: ""
            })
        );
        obligations.setCapacity(address(token), CAPACITY + 1);
        vm.stopPrank();
        uint256 base = _at(address(token), 0);
        uint256 versions = 2 | (uint256(1) << 32);
        uint256 changeAt = START + NOTICE + 1;
        assertEq(_slot(address(obligations), base), uint160(currency) | (uint256(PAR) << 160));
        assertEq(_slot(address(obligations), base + 1), versions | (changeAt << 64) | (changeAt << 104));
        assertEq(_slot(address(obligations), base + 2), CAPACITY + 1);
        assertEq(_slot(address(obligations), base + 3), uint256(keccak256("terms")));
        assertEq(_slot(address(obligations), base + 4), NOTICE + 1 | (uint256(BOND_BPS + 2) << 32));
        assertEq(_slot(address(obligations), base + 6), uint256(bytes32("other")));
        assertEq(_slot(address(obligations), base + 7), NOTICE | (uint256(BOND_BPS) << 32));

        // A wind-down ends what is announced, and its own start and end lie where the versions are.
        _announceWindDown();
        uint256 startsAt = START + NOTICE + 1;
        assertEq(
            _slot(address(obligations), base + 1),
            versions | (startsAt << 144) | ((startsAt + WIND_DOWN) << 184)
        );
        for (uint256 slot = 6; slot <= 8; ++slot) {
            assertEq(_slot(address(obligations), base + slot), 0);
        }
    }

    // ----------------------------------------------------------------- bonds

    function test_Bonds__purse_in_a_slot_and_its_announcement_in_the_next() public {
        AllotmentModule payer = new AllotmentModule();
        _list(IBrandRegistry.List.Module, address(payer), true);
        _mint(member, 1);
        bonds.flagShortfall(address(token));
        MockDollar(currency).mint(brand, 0x5555);
        IBonds.Purse purse = IBonds.Purse.Compensation;
        vm.startPrank(brand);
        MockDollar(currency).approve(address(bonds), 0x5555);
        bonds.deposit(address(token), purse, 0x5555);
        bonds.allot(address(token), purse, address(payer), 0x2222, "");
        bonds.announceWithdrawal(address(token), purse, 0x3333);
        vm.stopPrank();
        payer.draw(bonds, address(token), purse, member, 0x1111);

        uint256 base = _at(uint256(purse), _at(address(token), 0));
        assertEq(_slot(address(bonds), base), 0x4444 | (uint256(0x1111) << 128));
        assertEq(_slot(address(bonds), base + 1), 0x3333 | (uint256(START + NOTICE) << 128));
        uint256 allotments = _at(uint256(purse), _at(address(token), 1));
        assertEq(_slot(address(bonds), _at(address(payer), allotments)), 0x1111);
        assertEq(_slot(address(bonds), _at(member, _at(currency, 2))), 0x1111);
        assertEq(_slot(address(bonds), _at(address(token), 3)), START + 30 days);
    }
}

/// @notice Where offers and orders lie: each word of theirs is told field by field.
contract OrderLayoutTest is OrderTest, SlotReader {
    /// @dev What every order looks at lies in three words, told field by field.
    function test_Orders__offer_in_words_and_a_tally() public {
        IOffers.Conditions memory conditions = _made();
        conditions.memberLimit = 0x77;
        conditions.closesAt = START + 365 days;
        _publish("words", conditions);
        _fund("words", 0x5555);
        IFulfilment.Order memory order = _open(member, "words", 3);
        vm.warp(_deadline(order));
        _claim(order);
        order = _open(member, "words", 2);
        _fulfil(order);
        vm.prank(member);
        orders.confirm(order);

        uint256 base = _at(bytes32("words"), _at(address(token), 0));
        uint256 front = PRICE | (uint256(MANY) << 96) | (uint256(0x77) << 128) | (uint256(START) << 160);
        front |= (uint256(conditions.closesAt) << 200) | (uint256(FULFIL_DAYS) << 240);
        front |= uint256(STAKE_PERCENT) << 248;
        assertEq(_slot(address(orders), base), front);
        uint256 history = 1 | (uint256(1) << 32);
        uint256 left = 0x5555 - 3 * uint256(COMPENSATION);
        uint256 counts = history | (uint256(5) << 104) | (uint256(3) << 136) | (left << 168);
        assertEq(_slot(address(orders), base + 1), counts);
        uint256 tally = 2 | ((3 * uint256(COMPENSATION)) << 128);
        assertEq(_slot(address(orders), base + 2), COMPENSATION | (uint256(uint160(arbiter)) << 96));
        assertEq(_slot(address(orders), _at(bytes32("words"), _at(address(token), 3))), tally);
    }

    /// @dev An order is one word, until it ends; a fulfilled one stays, as its receipt.
    function test_Orders__order_in_a_word() public {
        uint256 before = block.timestamp;
        IFulfilment.Order memory order = _open();
        uint256 slot = uint256(
            keccak256(
                abi.encode(
                    keccak256(abi.encode(order.token, order.offerId, uint256(order.number))), uint256(2)
                )
            )
        );
        uint256 facts = uint256(keccak256(abi.encode(order))) >> 48 << 48;
        uint256 open = uint256(IFulfilment.State.Open) << 40;
        assertEq(_slot(address(orders), slot), facts | open | (before + FULFIL_DAYS * 1 days));
        uint256 snapshot = vm.snapshotState();
        vm.prank(member);
        orders.confirm(order);
        uint256 fulfilled = uint256(IFulfilment.State.Fulfilled) << 40;
        assertEq(_slot(address(orders), slot), facts | fulfilled | block.timestamp);
        vm.revertToState(snapshot);
        _decline(order);
        assertEq(_slot(address(orders), slot), 0);
    }
}
