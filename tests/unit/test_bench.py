"""What the benchmark compares with: floors worked out by hand, and differences that it must not overlook."""

import pytest

from bench import floors
from bench.chain import account, calldata
from bench.gas import README, committed, differences, readme_with

# By hand: calldata of 4 selector bytes and 20 + 6 non-zero bytes of the arguments at 16, their 38 zero bytes
# at 4; a log with three topics and 32 bytes.
CALL = 30 * 16 + 38 * 4
TRANSFER_LOG = 375 + 3 * 375 + 32 * 8


def test_floor__of_a_transfer_or_mint__is_two_slots_and_an_event() -> None:
    existing = 21_000 + CALL + 5_000 + 5_000 + TRANSFER_LOG
    assert floors.transfer(to_new=False) == floors.mint(to_new=False) == existing == 33_388
    assert floors.transfer(to_new=True) == floors.mint(to_new=True) == existing + 17_100


def test_floor__of_a_batch_row__is_its_24_bytes_a_slot_and_an_event() -> None:
    row = 20 * 16 + 2 * 16 + 2 * 4  # an address, and a count that takes two of its four bytes
    assert floors.bulk_mint_each(to_new=False) == row + 5_000 + TRANSFER_LOG == 7_116
    assert floors.bulk_mint_each(to_new=True) == row + 22_100 + TRANSFER_LOG == 24_216


def test_floor__of_a_swap__is_two_transfers_and_a_price() -> None:
    # Of the pool's 32 bytes none is zero; an address, and two amounts of 6 non-zero bytes.
    call = (4 + 32 + 20 + 6 + 6) * 16 + (12 + 26 + 26) * 4
    moved = 2 * (2 * 5_000 + TRANSFER_LOG)
    assert floors.swap() == 21_000 + call + moved + 5_000 + 375 + 4 * 375 + 64 * 8


def test_floor__of_mere_calldata__is_ten_a_token() -> None:
    assert floors.transaction_gas(b"\x01" * 100 + b"\x00" * 100, work=0) == 21_000 + 10 * (400 + 100)


def test_account__of_any_number__has_no_zero_byte_and_stays_the_same() -> None:
    made = [account("someone", number) for number in range(300)]
    assert all(0 not in bytes.fromhex(address[2:]) for address in made)
    assert len(set(made)) == 300
    assert made == [account("someone", number) for number in range(300)]


def test_calldata__of_nested_tuples__keeps_them_whole() -> None:
    one = calldata("f((address,uint256)[],bytes)", [(account("a"), 7)], b"xyz")
    assert one[:4] == calldata("f((address,uint256)[],bytes)", [], b"")[:4]
    assert bytes.fromhex(account("a")[2:]) in one


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ([{"operation": "mint", "ours": 2}], "mint: ours is 2, committed 1"),
        ([{"operation": "mint", "ours": 1, "note": 3}], "mint: note is 3, committed None"),
        ([{"operation": "mint", "ours": 1}, {"operation": "burn"}], "burn: measured, not committed"),
        ([], "mint: committed, not measured"),
    ],
)
def test_differences__of_a_changed_figure__name_it(measured: list[dict[str, object]], said: str) -> None:
    assert differences(measured, [{"operation": "mint", "ours": 1}], "operation") == [said]


def test_differences__of_equal_figures__are_none() -> None:
    rows = [{"operation": "mint", "ours": 1}]
    assert differences(rows, list(rows), "operation") == []


def test_readme__its_table_of_gas__is_the_committed_figures() -> None:
    text = README.read_text()
    assert readme_with(committed(), text) == text
    other = [{**row, "ours": row["ours"] + 1} for row in committed()]
    assert readme_with(other, text) != text
