// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { Vm } from "forge-std/Vm.sol";

import { ILoyaltyToken } from "../../contracts/interfaces/ILoyaltyToken.sol";
import { SuiteTest } from "./utils/SuiteTest.sol";

/// @notice What a batch means, said plainly: the packed rows are held to it.
contract PlainBatch {
    mapping(address holder => uint256) public balanceOf;
    uint256 public total;
    uint256 public rows;

    event Transfer(address indexed from, address indexed to, uint256 value);

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
        total += amount;
        rows += 1;
        emit Transfer(address(0), to, amount);
    }
}

contract BatchesTest is SuiteTest {
    bytes32 internal constant BATCH = keccak256("week 1");

    struct Row {
        address to;
        uint96 amount;
    }

    function setUp() public override {
        super.setUp();
        vm.prank(address(obligations));
        token.setCapacity(type(uint96).max);
    }

    // ------------------------------------------------------------ by example

    function test_mintBatch__counts_times_unit() public {
        _grant(manager, 1000);
        bytes memory rows = abi.encodePacked(member, uint32(3), partner, uint32(5), member, uint32(2));
        vm.expectEmit(address(token));
        emit IERC20.Transfer(address(0), member, 300);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(address(0), partner, 500);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(address(0), member, 200);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.BatchMinted(BATCH, manager, 1000);
        vm.prank(manager);
        token.mintBatch(BATCH, 100, rows);
        assertEq(token.balanceOf(member), 500);
        assertEq(token.balanceOf(partner), 500);
        assertEq(token.totalSupply(), 1000);
        assertEq(token.quotaOf(manager), 0);
        assertEq(token.totalQuota(), 0);
        assertTrue(token.isBatchMinted(BATCH));
    }

    function test_mintBatchWide__amounts_in_base_units() public {
        _grant(manager, 1000);
        bytes memory rows = abi.encodePacked(member, uint96(999), partner, uint96(1));
        vm.expectEmit(address(token));
        emit IERC20.Transfer(address(0), member, 999);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(address(0), partner, 1);
        vm.expectEmit(address(token));
        emit ILoyaltyToken.BatchMinted(BATCH, manager, 1000);
        vm.prank(manager);
        token.mintBatchWide(BATCH, rows);
        assertEq(token.balanceOf(member), 999);
        assertEq(token.balanceOf(partner), 1);
        assertTrue(token.isBatchMinted(BATCH));
    }

    function test_mintBatch__a_second_time__reverts_in_either_form_for_everyone() public {
        _grant(manager, 1000);
        _grant(till, 1000);
        vm.prank(manager);
        token.mintBatch(BATCH, 1, _narrow(member, 1));
        address[2] memory minters = [manager, till];
        for (uint256 i = 0; i < minters.length; ++i) {
            _expectAlreadyMinted();
            vm.prank(minters[i]);
            token.mintBatch(BATCH, 1, _narrow(member, 1));
            _expectAlreadyMinted();
            vm.prank(minters[i]);
            token.mintBatchWide(BATCH, _wide(member, 1));
        }
        assertEq(token.balanceOf(member), 1);
    }

    /// @dev Ids that differ in their last byte share a word; each has its own bit.
    function testFuzz_mintBatch__ids_are_apart(bytes32 first, bytes32 second) public {
        second = uint256(second) % 3 == 0 ? bytes32(uint256(first) ^ (uint256(second) % 256)) : second;
        vm.assume(first != second);
        _grant(manager, 2);
        vm.startPrank(manager);
        token.mintBatch(first, 1, _narrow(member, 1));
        assertTrue(token.isBatchMinted(first));
        assertFalse(token.isBatchMinted(second));
        token.mintBatchWide(second, _wide(member, 1));
        assertTrue(token.isBatchMinted(second));
        assertEq(token.balanceOf(member), 2);
    }

    function test_mintBatch__ragged_or_no_rows__reverts() public {
        _grant(manager, 1000);
        uint256[6] memory lengths = [uint256(0), 1, 23, 25, 47, 49];
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidRows.selector, lengths[i])
            );
            vm.prank(manager);
            token.mintBatch(BATCH, 1, new bytes(lengths[i]));
        }
        uint256[6] memory wideLengths = [uint256(0), 1, 31, 33, 63, 65];
        for (uint256 i = 0; i < wideLengths.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_InvalidRows.selector, wideLengths[i])
            );
            vm.prank(manager);
            token.mintBatchWide(BATCH, new bytes(wideLengths[i]));
        }
    }

    /// @dev Wherever in the batch it stands, and though others' amounts are good.
    function test_mintBatch__a_row_for_nobody_or_the_token__reverts_whole() public {
        _grant(manager, 1000);
        address[2] memory wrong = [address(0), address(token)];
        for (uint256 i = 0; i < wrong.length; ++i) {
            for (uint256 place = 0; place < 3; ++place) {
                address[3] memory to = [member, partner, till];
                to[place] = wrong[i];
                _expect(ILoyaltyToken.LoyaltyToken_InvalidRow.selector);
                vm.prank(manager);
                token.mintBatch(
                    BATCH, 1, abi.encodePacked(to[0], uint32(1), to[1], uint32(1), to[2], uint32(1))
                );
                _expect(ILoyaltyToken.LoyaltyToken_InvalidRow.selector);
                vm.prank(manager);
                token.mintBatchWide(
                    BATCH, abi.encodePacked(to[0], uint96(1), to[1], uint96(1), to[2], uint96(1))
                );
            }
        }
        assertEq(token.totalSupply(), 0);
        assertFalse(token.isBatchMinted(BATCH));
    }

    function test_mintBatch__beyond_quota__reverts_whole() public {
        _grant(manager, 1000);
        bytes memory exceeded =
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, 1001, 1000);
        vm.expectRevert(exceeded);
        vm.prank(manager);
        token.mintBatch(BATCH, 1, abi.encodePacked(member, uint32(1000), partner, uint32(1)));
        vm.expectRevert(exceeded);
        vm.prank(manager);
        token.mintBatchWide(BATCH, abi.encodePacked(member, uint96(1000), partner, uint96(1)));
        assertEq(token.balanceOf(member), 0);
        assertFalse(token.isBatchMinted(BATCH));
    }

    /// @dev The largest of everything: neither a product nor a sum comes round to something small.
    function test_mintBatch__largest_counts_and_units__never_wrap() public {
        _grant(manager, 1000);
        bytes memory rows;
        for (uint256 i = 0; i < 40; ++i) {
            rows = abi.encodePacked(rows, member, type(uint32).max);
        }
        uint256 total = 40 * uint256(type(uint32).max) * type(uint96).max;
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, total, 1000)
        );
        vm.prank(manager);
        token.mintBatch(BATCH, type(uint96).max, rows);

        // Two rows that would come round to 998 in 96 bits.
        rows = abi.encodePacked(member, type(uint96).max, partner, uint96(999));
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector,
                manager,
                uint256(type(uint96).max) + 999,
                1000
            )
        );
        vm.prank(manager);
        token.mintBatchWide(BATCH, rows);
    }

    function test_mintBatchWide__everything_to_one__fits() public {
        _grant(manager, type(uint96).max);
        vm.prank(manager);
        token.mintBatchWide(BATCH, _wide(member, type(uint96).max));
        assertEq(token.balanceOf(member), type(uint96).max);
        assertEq(token.totalSupply(), type(uint96).max);
    }

    function test_mintBatch__stopped__reverts_for_managers_only() public {
        _grant(manager, 1000);
        _grantModule(module, 1000);
        _suspendAndStop();
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        vm.prank(manager);
        token.mintBatch(BATCH, 1, _narrow(member, 1));
        _expect(ILoyaltyToken.LoyaltyToken_MintStopped.selector);
        vm.prank(manager);
        token.mintBatchWide(BATCH, _wide(member, 1));
        module.mintBatchWide(token, BATCH, _wide(member, 7), 7);
        assertEq(token.balanceOf(member), 7);
    }

    /// @dev OPS-1: whoever has no quota cannot use up the id of a batch that is on its way, not even with
    /// rows that mint nothing.
    function test_mintBatch__stranger_with_empty_rows__cannot_take_the_id() public {
        _grant(manager, 1000);
        bytes[3] memory attempts = [
            abi.encodeCall(token.mintBatch, (BATCH, 0, _narrow(member, 1))),
            abi.encodeCall(token.mintBatch, (BATCH, 1, _narrow(member, 0))),
            abi.encodeCall(token.mintBatchWide, (BATCH, _wide(member, 0)))
        ];
        address[2] memory senders = [intruder, manager];
        for (uint256 i = 0; i < senders.length; ++i) {
            for (uint256 j = 0; j < attempts.length; ++j) {
                vm.prank(senders[i]);
                (bool success, bytes memory reason) = address(token).call(attempts[j]);
                assertFalse(success, "OPS-1: an empty batch used up an id");
                assertEq(reason, abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_ZeroAmount.selector));
            }
        }
        vm.expectRevert(
            abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, intruder, 1, 0)
        );
        vm.prank(intruder);
        token.mintBatch(BATCH, 1, _narrow(intruder, 1));
        vm.prank(manager);
        token.mintBatch(BATCH, 1, _narrow(member, 1));
        assertTrue(token.isBatchMinted(BATCH));
    }

    // ------------------------------------------------- against the plain twin

    /// @dev Recipients come from a handful, so that duplicates are common; counts and unit over their whole
    /// range.
    function testFuzz_mintBatch__as_the_plain_twin(uint256 seed, uint8 length, uint96 unit) public {
        Row[] memory rows = _rows(seed, length, type(uint32).max);
        bytes memory packed;
        for (uint256 i = 0; i < rows.length; ++i) {
            packed = abi.encodePacked(packed, rows[i].to, uint32(rows[i].amount));
        }
        _compare(rows, unit, abi.encodeCall(token.mintBatch, (BATCH, unit, packed)));
    }

    function testFuzz_mintBatchWide__as_the_plain_twin(uint256 seed, uint8 length) public {
        Row[] memory rows = _rows(seed, length, type(uint96).max >> (seed % 90));
        bytes memory packed;
        for (uint256 i = 0; i < rows.length; ++i) {
            packed = abi.encodePacked(packed, rows[i].to, rows[i].amount);
        }
        _compare(rows, 1, abi.encodeCall(token.mintBatchWide, (BATCH, packed)));
    }

    /// @dev Calldata as no encoder makes it: rows at an odd offset, something else's bytes before and behind
    /// them. What lies outside the rows is never read as one.
    function testFuzz_mintBatch__dirty_calldata__reads_the_rows_alone(
        uint256 seed,
        uint8 length,
        bytes32 dirt,
        uint8 gap
    ) public {
        Row[] memory rows = _rows(seed, length, type(uint32).max);
        bytes memory packed;
        for (uint256 i = 0; i < rows.length; ++i) {
            packed = abi.encodePacked(packed, rows[i].to, uint32(rows[i].amount));
        }
        bytes memory filling;
        for (uint256 i = 0; i < gap; ++i) {
            filling = abi.encodePacked(filling, dirt[i % 32]);
        }
        bytes memory data = abi.encodePacked(
            token.mintBatch.selector,
            BATCH,
            uint256(7),
            uint256(0x60) + gap,
            filling,
            packed.length,
            packed,
            dirt,
            dirt
        );
        _compare(rows, 7, data);
    }

    /// @dev A unit with dirty high bits is no unit.
    function testFuzz_mintBatch__unit_beyond_96_bits__reverts(uint256 unit) public {
        unit = bound(unit, uint256(type(uint96).max) + 1, type(uint256).max);
        _grant(manager, 1000);
        bytes memory rows = _narrow(member, 1);
        vm.prank(manager);
        (bool success,) = address(token)
            .call(
                abi.encodePacked(
                    token.mintBatch.selector, BATCH, unit, uint256(0x60), rows.length, rows, bytes8(0)
                )
            );
        assertFalse(success);
    }

    // --------------------------------------------------------------- helpers

    /// @dev Runs both and compares balances, books and logs. Quota is exactly enough, or one short.
    function _compare(Row[] memory rows, uint256 unit, bytes memory call) private {
        PlainBatch plain = new PlainBatch();
        vm.recordLogs();
        for (uint256 i = 0; i < rows.length; ++i) {
            plain.mint(rows[i].to, uint256(rows[i].amount) * unit);
        }
        Vm.Log[] memory expected = vm.getRecordedLogs();
        uint256 total = plain.total();

        if (total > type(uint96).max) {
            _grant(manager, type(uint96).max);
            vm.expectRevert(
                abi.encodeWithSelector(
                    ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, total, type(uint96).max
                )
            );
            this.submit(call);
            return;
        }
        if (total == 0) {
            _expect(ILoyaltyToken.LoyaltyToken_ZeroAmount.selector);
            this.submit(call);
            return;
        }
        _grant(manager, total - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ILoyaltyToken.LoyaltyToken_QuotaExceeded.selector, manager, total, total - 1
            )
        );
        this.submit(call);
        _grant(manager, 1);

        vm.recordLogs();
        this.submit(call);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, expected.length + 1);
        for (uint256 i = 0; i < expected.length; ++i) {
            assertEq(abi.encode(logs[i].topics), abi.encode(expected[i].topics), "Transfer: topics");
            assertEq(logs[i].data, expected[i].data, "Transfer: data");
            assertEq(token.balanceOf(rows[i].to), plain.balanceOf(rows[i].to), "balance");
        }
        assertEq(token.totalSupply(), total, "ISSUE-1: supply != minted");
        assertEq(token.quotaOf(manager), 0);
        assertEq(token.totalQuota(), 0);
        assertTrue(token.isBatchMinted(BATCH));
    }

    function submit(bytes memory call) external {
        vm.prank(manager);
        (bool success, bytes memory reason) = address(token).call(call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    function _rows(uint256 seed, uint256 length, uint256 most) private pure returns (Row[] memory rows) {
        rows = new Row[](length % 24 + 1);
        for (uint256 i = 0; i < rows.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            // Some addresses have high bits set and some low ones, to show a shift that is off.
            address to = address(uint160(random % 5 == 0 ? (random % 7 + 1) << 157 : random % 11 + 0x1000));
            uint256 amount = random >> 160;
            // A quarter each: nothing, one, the most, anything.
            uint256 kind = (random >> 152) % 4;
            amount = kind == 0 ? 0 : kind == 1 ? 1 : kind == 2 ? most : amount % (most + 1);
            rows[i] = Row({ to: to, amount: uint96(amount) });
        }
    }

    function _narrow(address to, uint32 count) private pure returns (bytes memory) {
        return abi.encodePacked(to, count);
    }

    function _wide(address to, uint96 amount) private pure returns (bytes memory) {
        return abi.encodePacked(to, amount);
    }

    function _expectAlreadyMinted() private {
        vm.expectRevert(abi.encodeWithSelector(ILoyaltyToken.LoyaltyToken_BatchAlreadyMinted.selector, BATCH));
    }
}
