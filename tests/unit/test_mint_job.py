"""Batches follow from the rows alone: the same file, however saved, is the same job for ever."""

import random

import orjson
import pytest
from eth_abi.abi import decode, encode
from hypothesis import given
from hypothesis import strategies as st

from symbolon.addresses import checksum_address, keccak
from symbolon.artifacts import BUILD
from symbolon.customers import Customers, customers_from
from symbolon.exceptions import SymbolonError
from symbolon.mint_job import ROWS_PER_BATCH, MintJob
from symbolon.units import UINT96_MAX

TOKEN = checksum_address(b"\x70" * 20)
ADDRESSES = st.binary(min_size=20, max_size=20).filter(any).filter(lambda each: each != b"\x70" * 20)
ROWS = st.lists(
    st.tuples(ADDRESSES, st.integers(1, UINT96_MAX // 100)),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[0],
)


def customers(rows: list[tuple[bytes, int]]) -> Customers:
    return customers_from(((checksum_address(address), amount) for address, amount in rows), token=TOKEN)


def job(
    rows: list[tuple[bytes, int]], *, chain_id: int = 1, token: str = TOKEN, campaign: str = "mint"
) -> MintJob:
    return MintJob.of(chain_id, token, customers(rows), campaign=campaign)


def many(count: int) -> list[tuple[bytes, int]]:
    dice = random.Random(3)
    return [(dice.randbytes(20), dice.randint(1, 10**9)) for _ in range(count)]


def unpacked(calldata: bytes) -> list[tuple[bytes, int]]:
    """The rows that a call mints, read as the contract reads them."""
    selector, arguments = calldata[:4], calldata[4:]
    if selector == keccak(b"mintBatch(bytes32,uint96,bytes)")[:4]:
        _, unit, packed = decode(["bytes32", "uint96", "bytes"], arguments)
        width = 24
    else:
        assert selector == keccak(b"mintBatchWide(bytes32,bytes)")[:4]
        unit = 1
        _, packed = decode(["bytes32", "bytes"], arguments)
        width = 32
    rows = [packed[at : at + width] for at in range(0, len(packed), width)]
    return [(row[:20], int.from_bytes(row[20:]) * unit) for row in rows]


def test_ids__golden() -> None:
    # If these change, files that were paid can be paid again: never change them.
    one = job([(b"\x01" * 20, 5), (b"\x02" * 20, 7)], chain_id=31337)
    assert one.id.hex() == "dec8891b99fca9cc374314d58cdd455710fa28d1bdda3befa442edda27c40dd0"
    assert one.batch_id(0).hex() == "241cee563f437a0277f43322fa9fb4c6adfc0c7350b52e6bb7ad7a93656ae500"
    assert one.batch_id(257).hex() == "9c8a2ac789acf1229a60d878effd541daf2afb82c6567d2c37882f170aa6c501"
    assert ROWS_PER_BATCH == 500


@given(ROWS, st.randoms())
def test_id__order_of_lines_does_not_matter(rows: list[tuple[bytes, int]], dice: random.Random) -> None:
    shuffled = rows.copy()
    dice.shuffle(shuffled)
    assert job(shuffled).id == job(rows).id
    assert job(shuffled).calldata(0) == job(rows).calldata(0)


def test_id__everything_else_does() -> None:
    rows = [(b"\x01" * 20, 5), (b"\x02" * 20, 7)]
    ids = {
        job(rows).id,
        job(rows, chain_id=2).id,
        job(rows, token=checksum_address(b"\x71" * 20)).id,
        job(rows, campaign="other").id,
        job(rows[:1]).id,
        job([(b"\x01" * 20, 7), (b"\x02" * 20, 5)]).id,
        job([(b"\x01" * 20, 6), (b"\x02" * 20, 7)]).id,
    }
    assert len(ids) == 7


@given(ROWS)
def test_calldata__holds_the_rows_sorted(rows: list[tuple[bytes, int]]) -> None:
    assert unpacked(job(rows).calldata(0)) == sorted(rows)


@given(st.lists(st.integers(1, 2**32 - 1), min_size=2, max_size=20), st.integers(1, 2**60))
def test_calldata__counts_of_a_unit_where_they_fit(counts: list[int], unit: int) -> None:
    rows = [(bytes([at + 1] * 20), count * unit) for at, count in enumerate(counts)]
    calldata = job(rows).calldata(0)
    assert calldata[:4] == keccak(b"mintBatch(bytes32,uint96,bytes)")[:4]
    assert unpacked(calldata) == rows


def test_calldata__one_row__one_count() -> None:
    calldata = job([(b"\x01" * 20, UINT96_MAX)]).calldata(0)
    assert calldata[:4] == keccak(b"mintBatch(bytes32,uint96,bytes)")[:4]
    assert unpacked(calldata) == [(b"\x01" * 20, UINT96_MAX)]


@pytest.mark.parametrize(
    ("largest", "selector"),
    [(2**32 - 1, "mintBatch(bytes32,uint96,bytes)"), (2**32, "mintBatchWide(bytes32,bytes)")],
)
def test_calldata__narrow_until_a_count_needs_33_bits(largest: int, selector: str) -> None:
    rows = [(b"\x01" * 20, 1), (b"\x02" * 20, largest)]
    calldata = job(rows).calldata(0)
    assert calldata[:4] == keccak(selector.encode())[:4]
    assert unpacked(calldata) == rows


def test_calldata__is_what_the_abi_says() -> None:
    rows = [(b"\x01" * 20, 10), (b"\x02" * 20, 30)]
    one = job(rows)
    packed = b"\x01" * 20 + (1).to_bytes(4) + b"\x02" * 20 + (3).to_bytes(4)
    assert one.calldata(0)[4:] == encode(["bytes32", "uint96", "bytes"], [one.batch_id(0), 10, packed])
    rows = [(b"\x01" * 20, 1), (b"\x02" * 20, 2**40)]
    wide = job(rows)
    packed = b"".join(address + amount.to_bytes(12) for address, amount in rows)
    assert wide.calldata(0)[4:] == encode(["bytes32", "bytes"], [wide.batch_id(0), packed])


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1_000, 1_234])
def test_batches__all_rows_once(count: int) -> None:
    rows = many(count)
    one = job(rows)
    batches = [unpacked(one.calldata(number)) for number in range(len(one))]
    assert [row for batch in batches for row in batch] == sorted(rows)
    assert [len(batch) for batch in batches[:-1]] == [ROWS_PER_BATCH] * (len(batches) - 1)
    assert 1 <= len(batches[-1]) <= ROWS_PER_BATCH


def test_batch_ids__distinct__256_to_a_word() -> None:
    one = job(many(1))
    ids = [one.batch_id(number) for number in range(600)]
    assert len(set(ids)) == 600
    assert [len({id_[:31] for id_ in ids[at : at + 256]}) for at in (0, 256, 512)] == [1, 1, 1]
    assert ids[255][:31] != ids[256][:31]
    assert [id_[31] for id_ in ids[254:258]] == [254, 255, 0, 1]


def test_order__leads_back_to_the_file() -> None:
    rows = many(700)
    one = job(rows)
    assert [rows[at] for at in one.order] == sorted(rows)


@pytest.mark.parametrize("label", ["", "Spring", "spring 2026", "-x", "a" * 65, "été", "a/b", "a\n"])
def test_campaign_label__plain_or_refused(label: str) -> None:
    with pytest.raises(SymbolonError, match="cannot be a campaign label"):
        job(many(1), campaign=label)
    job(many(1), campaign="spring-2026_v1.2")


def test_access_list__every_balance_that_the_batch_writes() -> None:
    rows = many(ROWS_PER_BATCH + 25)
    made = job(rows)
    layout = orjson.loads((BUILD / "LoyaltyToken.sol" / "LoyaltyToken.json").read_bytes())["storageLayout"]
    (slot,) = (int(each["slot"]) for each in layout["storage"] if each["label"] == "_balances")
    listed = []
    for number in (0, 1):
        (entry,) = made.access_list(number)
        assert entry["address"] == TOKEN
        listed += entry["storageKeys"]
    expected = ["0x" + keccak(encode(["address", "uint256"], [to, slot])).hex() for to, _ in sorted(rows)]
    assert listed == expected


def test_access_list__too_short_to_save_anything__is_none() -> None:
    assert job(many(24)).access_list(0) == []
    assert len(job(many(25)).access_list(0)[0]["storageKeys"]) == 25
