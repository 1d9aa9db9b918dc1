// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { Test } from "forge-std/Test.sol";

import { IBonds } from "../../contracts/interfaces/IBonds.sol";
import { IBrandRegistry } from "../../contracts/interfaces/IBrandRegistry.sol";
import { IFulfilment } from "../../contracts/interfaces/IFulfilment.sol";
import { IGroupPurchaseEscrow } from "../../contracts/interfaces/IGroupPurchaseEscrow.sol";
import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { IObligationRegistry } from "../../contracts/interfaces/IObligationRegistry.sol";
import { IOffers } from "../../contracts/interfaces/IOffers.sol";
import { Roles } from "../../contracts/libraries/Roles.sol";
import { AllotmentModule } from "./utils/AllotmentModules.sol";
import { MockDollar } from "../../contracts/local/MockDollar.sol";
import { IPools } from "../../contracts/interfaces/IPools.sol";
import { EarnTest } from "./utils/EarnTest.sol";
import { GroupTest } from "./utils/GroupTest.sol";
import { BargainTest } from "./utils/BargainTest.sol";
import { OrderTest } from "./utils/OrderTest.sol";
import { SigningTest } from "./utils/SigningTest.sol";
import { SwapTest } from "./utils/SwapTest.sol";

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
        uint256 changeAt = uint256(START + 14 days) << 200;
        assertEq(_slot(address(brands), base), uint160(brand) | (active << 160) | changeAt);
        assertEq(_slot(address(brands), base + 1), uint160(pendingAdmin));
        assertEq(_slot(address(brands), base + 2), uint160(guardian));
        assertEq(_slot(address(brands), base + 3), uint160(pendingGuardian));
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

        uint256 base = _at(uint256(purse), _at(address(token), 5));
        assertEq(_slot(address(bonds), base), 0x4444 | (uint256(0x1111) << 128));
        assertEq(_slot(address(bonds), base + 1), 0x3333 | (uint256(START + NOTICE) << 128));
        uint256 allotments = _at(uint256(purse), _at(address(token), 6));
        assertEq(_slot(address(bonds), _at(address(payer), allotments)), 0x1111);
        assertEq(_slot(address(bonds), _at(member, _at(currency, 7))), 0x1111);
        assertEq(_slot(address(bonds), _at(address(token), 8)), START + 30 days);
    }

    /// @dev What a token's default is and what each round has come to, by what is read together; and in the
    /// registry, who said so, beside what is seldom read.
    function test_Bonds__default_in_a_word_and_a_round_in_two() public {
        AllotmentModule payer = new AllotmentModule();
        _list(IBrandRegistry.List.Module, address(payer), true);
        _mint(member, 0x8000);
        MockDollar(currency).mint(brand, 0x4001);
        vm.startPrank(brand);
        MockDollar(currency).approve(address(bonds), 0x4001);
        bonds.deposit(address(token), IBonds.Purse.Settlement, 1);
        bonds.allot(address(token), IBonds.Purse.Settlement, address(payer), 1, "");
        bonds.deposit(address(token), IBonds.Purse.Holders, 0x4000);
        vm.stopPrank();
        vm.startPrank(address(payer));
        bonds.report(address(token), "debt");
        bonds.report(address(token), "other");
        vm.stopPrank();
        bonds.declareDefault(address(token));
        vm.prank(member);
        token.transferAndCall(address(bonds), 0x2000, "");

        assertEq(
            _slot(address(bonds), _at(address(token), 0)), START | (uint256(1) << 40) | (uint256(2) << 72)
        );
        uint256 round = _at(uint256(1), _at(address(token), 1));
        assertEq(_slot(address(bonds), round), 0x2000 | (uint256(0x1000) << 96));
        assertEq(_slot(address(bonds), round + 1), 0);
        uint256 share = uint256(
            keccak256(
                abi.encode(keccak256(abi.encode(address(token), uint32(1), member, bytes32(0))), uint256(2))
            )
        );
        assertEq(_slot(address(bonds), share), 0x2000 | (uint256(0x1000) << 96));
        assertEq(
            _slot(address(obligations), _at(address(token), 0) + 2), uint256(uint160(address(bonds))) << 96
        );
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

/// @notice Where pools, positions and debts lie: what a swap reads and writes of a token are two slots.
contract PoolLayoutTest is SwapTest, SlotReader {
    function test_Pools__membership_in_five_slots_and_the_alliances_fee_in_one() public {
        IPools.Bounds memory bounds = IPools.Bounds(0x11, 0x22, 0x33, 0x44, 0x55);
        _announce(a, bounds);
        uint256 base = _at(address(a), _at(pool, 2));
        uint256 most = type(uint96).max;
        assertEq(_slot(address(pools), base), 1 | ((block.timestamp + DELAY) << 8));
        assertEq(_slot(address(pools), base + 1), (most / 2) | (most << 96));
        assertEq(_slot(address(pools), base + 2), (uint256(BASE_FEE) << 96) | (uint256(FEE_SLOPE) << 120));
        assertEq(_slot(address(pools), base + 3), 0x11 | (uint256(0x22) << 96));
        assertEq(_slot(address(pools), base + 4), 0x33 | (uint256(0x44) << 96) | (uint256(0x55) << 120));
        vm.prank(alliance);
        pools.setAllianceFee(0x77, treasury);
        assertEq(_slot(address(pools), 4), uint160(treasury) | (uint256(0x77) << 160));
    }

    function test_Pools__pool_in_four_slots_and_its_tokens() public {
        vm.prank(steward);
        pools.nameSteward(pool, till);
        uint256 base = _at(pool, 1);
        uint256 spans = (uint256(PERIOD) << 160) | (uint256(PAYMENT) << 192) | (uint256(COVERED) << 224);
        assertEq(_slot(address(pools), base), uint160(address(swaps)));
        assertEq(_slot(address(pools), base + 1), uint160(address(money)) | spans);
        assertEq(_slot(address(pools), base + 2), uint160(steward));
        assertEq(_slot(address(pools), base + 3), uint160(till));
        assertEq(_slot(address(pools), base + 4), 3);
        assertEq(_slot(address(pools), uint256(keccak256(abi.encode(base + 4))) + 2), uint160(address(c)));
    }

    function test_Swaps__pool_in_two_slots() public {
        vm.prank(alliance);
        pools.setAllianceFee(0x77, treasury);
        _close();
        uint256 startedAt = block.timestamp;
        _swap(a, b, 1000e2);
        _prepay(a, 100e2, 1e6);
        uint256 base = _at(pool, 0);
        uint256 spans = (uint256(PERIOD) << 160) | (uint256(PAYMENT) << 192) | (uint256(COVERED) << 224);
        assertEq(_slot(address(swaps), base), uint160(address(money)) | spans);
        assertEq(
            _slot(address(swaps), base + 1),
            1 | (startedAt << 32) | (uint256(0x77) << 72) | (uint256(1e6) << 88)
        );
        uint256 prepaid = _at(pool, _at(address(swaps), 4));
        assertEq(_slot(address(settlements), prepaid), uint160(address(money)) | (uint256(1e6) << 160));
    }

    function test_Swaps__position_books_in_a_slot_price_in_the_next() public {
        vm.prank(steward);
        pools.lowerBounds(pool, address(a), 0x99999999, 500_000e2, 0x88888888);
        _swap(b, a, 1e18);
        _swap(a, b, 10e2);
        vm.prank(brand);
        swaps.setStopped(pool, address(a), true);
        uint256 base = _at(address(a), _at(pool, 1));
        uint256 net = uint104(int104(_position(a).net));
        assertLt(_position(a).net, 0);
        uint256 flags = 1 | (uint256(1) << 8) | (uint256(1) << 24); // joined, stopped, capped
        assertEq(_slot(address(swaps), base), 500_000e2 | (net << 96) | (flags << 200));
        uint256 ceiling = LINE * 100 / PAR_A;
        assertEq(ceiling, _position(a).ceiling);
        assertEq(
            _slot(address(swaps), base + 1),
            PAR_A | (ceiling << 96) | (uint256(2) << 192) | (uint256(BASE_FEE) << 200)
                | (uint256(FEE_SLOPE) << 224)
        );
        assertEq(_slot(address(swaps), base + 2), 0x99999999 | (uint256(500_000e2) << 96));
        uint256 today = block.timestamp / 1 days;
        assertEq(_slot(address(swaps), base + 3), 0x88888888 | (uint256(10e2) << 96) | (today << 192));
    }

    function test_Settlements__settlement_in_two_slots__debt_claim_and_account_in_one_each() public {
        _swap(a, b, 1000e2);
        bytes32 id = _close();
        _pay(a, 0, 4e6);
        _withdrawClaim(b, 0, till);
        uint256 base = _at(id, 0);
        address where = address(settlements);
        assertEq(_slot(where, base), uint160(address(money)) | ((block.timestamp + PAYMENT) << 160));
        assertEq(_slot(where, base + 1), 10e6 | (uint256(4e6) << 128));
        assertEq(_slot(where, _at(address(a), _at(id, 1))), 6e6 | (uint256(600e2) << 128));
        assertEq(_slot(where, _at(address(b), _at(id, 2))), 10e6 | (uint256(4e6) << 128));
        uint256 account = _at(address(a), _at(pool, _at(address(swaps), 3)));
        assertEq(_slot(where, account), LINE | (uint256(6e6) << 128));
        assertEq(_slot(where, _at(address(swaps), _at(address(a), 5))), 1);
        assertEq(_slot(where, _at(address(a), 6)), 600e2);
    }

    function _prepay(ILoyaltyToken token_, uint256 amount, uint256 value) private {
        money.mint(till, value);
        vm.startPrank(till);
        money.approve(address(settlements), value);
        settlements.prepay(swaps, pool, address(token_), amount, value);
        vm.stopPrank();
    }
}

/// @notice Where what was earned by root lies: a word a posting, and a bit a leaf.
contract EarnLayoutTest is EarnTest, SlotReader {
    function test_EarnDistributor__posting_in_a_word_and_leaf_in_a_bit() public {
        Tree memory tree = _postedThree();
        // Two slots before are for a long name and version of the signing domain.
        uint256 word = _at(PERIOD, _at(address(token), 2));
        uint256 hash = uint256(keccak256(abi.encode(tree.root, FINAL, UNTIL))) >> 96 << 96;
        assertEq(_slot(address(earn), word), hash | 1370);
        _claim(tree, 2);
        assertEq(_slot(address(earn), word), hash | 1300);
        assertEq(_slot(address(earn), _at(uint256(0), word + 1)), 1 << 2);
    }
}

/// @notice Where groups lie: a word each, a word a seat, and a deal as it was told.
contract GroupLayoutTest is GroupTest, SlotReader {
    function test_GroupPurchaseEscrow__group_and_seat_in_a_word_each() public {
        bytes32 groupId = _open(MIXED);
        IGroupPurchaseEscrow.Seat memory seat = _join(member, groupId, 5, 0);
        _join(friend, groupId, 2, 1);
        uint256 word = _at(groupId, _at(address(token), 6));
        uint256 always = (uint256(CUTOFF) << 168) | (uint256(MOST) << 200) | (uint256(SEAT_LIMIT) << 216)
            | (uint256(FULFIL_DAYS) << 232) | (uint256(STAKE_PERCENT) << 240) | (uint256(2 + 4) << 248)
            | (uint256(START + DURATION) << 128);
        assertEq(_slot(address(escrow), word), always | 5 | (2 << 16));

        // The seat's facts wait in the word of the order that it becomes: in no state, until no time.
        uint256 seatAt = _at(keccak256(abi.encode(address(token), groupId, uint256(uint160(member)))), 0);
        assertEq(_slot(address(escrow), seatAt), uint256(keccak256(abi.encode(seat))) >> 48 << 48);
        vm.warp(START + DURATION);
        _withdraw(seat);
        IFulfilment.Order memory order = _orderOf(seat);
        uint256 fulfilBy = START + DURATION + uint256(FULFIL_DAYS) * 1 days;
        uint256 open = uint256(IFulfilment.State.Open) << 40;
        assertEq(
            _slot(address(escrow), seatAt),
            (uint256(keccak256(abi.encode(order))) >> 48 << 48) | open | fulfilBy
        );

        // Closed, the same word says the price, the participants and those whom the brand let down.
        vm.warp(fulfilBy);
        escrow.claim(order);
        assertEq(
            _slot(address(escrow), word),
            always | (uint256(1) << 248) | 90 | (uint256(7) << 96) | (uint256(5) << 112)
        );
        assertEq(_slot(address(escrow), seatAt), 0);
    }

    function test_GroupPurchaseEscrow__deal_in_the_words_that_it_was_told_in() public {
        uint256 base = _at(MIXED, _at(address(token), 2));
        uint256[] memory words = escrow.dealWordsOf(address(token), MIXED, 8);
        for (uint256 i = 0; i < words.length; ++i) {
            assertEq(_slot(address(escrow), base + i), words[i]);
        }
        assertEq(
            words[0],
            TOKEN_PART | (uint256(CURRENCY_PART) << 96) | (uint256(FULFIL_DAYS) << 192)
                | (uint256(STAKE_PERCENT) << 200)
        );
        assertEq(words[1], COMPENSATION | (FUND << 96));
        assertEq(words[2], uint160(arbiter) | (uint256(START) << 160) | (uint256(START + 60 days) << 200));
        assertEq(bytes32(words[3]), OPENING);
        assertEq(
            words[4],
            3 | (6 << 16) | (12 << 32) | (uint256(MOST) << 128) | (uint256(SEAT_LIMIT) << 144)
                | (uint256(1000) << 160) | (uint256(DURATION) << 192) | (uint256(CUTOFF) << 224)
        );
        assertEq(words[5], 100 | (uint256(uint160(arbiter)) << 96));
        assertEq(words[7], 70 | (uint256(uint160(arbiter)) << 96));
    }
}

/// @notice Where bargains lie.
contract BargainLayoutTest is BargainTest, SlotReader {
    function test_Cuts__bargain_in_a_slot_and_its_link_in_the_next() public {
        uint256 base = _at(cuts.bargainIdOf(address(token), CUT, _number()), 4);
        (bytes32 head,) = _chain(_number(), _drawnUp(), SEED);
        _openCut(_number());
        uint256 word = LIST | (uint256(FLOOR) << 96) | (uint256(START + DURATION) << 192);
        assertEq(_slot(address(cuts), base), word | (uint256(CUTS) << 232) | (uint256(2) << 240));
        assertEq(bytes32(_slot(address(cuts), base + 1)), head);
        base = _at(CUT, _at(address(token), 3));
        assertEq(_slot(address(cuts), base), LEAST | (uint256(uint160(attester)) << 96));
        assertEq(_slot(address(cuts), base + 1), CUTS);
    }

    function test_Haggles__bargain_in_a_slot_and_rules_in_three() public {
        _open(450);
        vm.prank(member);
        haggles.revoke(address(token), HAGGLE, _number());
        uint256 base = _at(_number(), _at(HAGGLE, _at(address(token), 3)));
        assertEq(_slot(address(haggles), base), (START + DURATION) | (uint256(1) << 40));
        vm.prank(manager);
        haggles.revoke(address(token), HAGGLE, _number());
        assertEq(_slot(address(haggles), base), (START + DURATION) | (uint256(1) << 40) | (uint256(1) << 72));
        _withdraw(member, _number());
        assertEq(_slot(address(haggles), base) >> 104, 1);
        base = _at(HAGGLE, _at(address(token), 2));
        uint256 word = LIST | (uint256(FLOOR) << 96) | (uint256(STOCK) << 192);
        assertEq(_slot(address(haggles), base), word | (uint256(DURATION) << 224));
        assertEq(_slot(address(haggles), base + 1), 0);
        assertEq(bytes32(_slot(address(haggles), base + 2)), brandId);
    }
}
