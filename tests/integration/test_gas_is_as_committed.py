"""Gas and bytecode are deterministic: what is committed is what the build does, to the last unit of gas."""

from typing import Any

import pytest

from bench import bytecode
from bench.chain import TX_GAS_CAP
from bench.exchanges import OUR_TOKENS
from bench.gas import BYTECODE, Row, committed, differences, measure

A_FEW_ZERO_BYTES = 100
"""By how much calls differ whose addresses and ids happen to have zero bytes."""

MEND = "run `make bench-gas` and review the difference"


@pytest.fixture(scope="module")
def measured() -> list[Row]:
    return measure(peers_too=False)


def own_part(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows without the peers, which only `make bench-gas` installs; their packages are pinned."""
    return [{field: value for field, value in row.items() if field != "peers"} for row in rows]


def test_gas__of_every_operation__is_as_committed(measured: list[Row]) -> None:
    assert differences(own_part(measured), own_part(committed()), "operation") == [], MEND


MISSED = {
    "post_root": "each period has a slot of its own, and both quotas and the poster's role are looked at",
    "claim_root_1m": "what is left is written down for the period, the module and the token",
    "redeem_from_root_1m": "it is a whole claim and a whole redemption, whose receipt alone has a slot",
    "group_join": "it asks whether payer and member act for the brand, which a plain escrow does not",
    "group_withdraw": "the seat becomes an order at once, with all of its facts in an event",
    "referral_accrue": "a receipt is read in its token, and both levels' shares are set aside",
}
"""Targets that are missed, and what for; what is mended comes off."""


def test_gas__of_every_operation__is_within_its_target_and_above_its_floor(measured: list[Row]) -> None:
    assert measured
    assert all(row["floor"] < row["ours"] for row in measured)
    missed = {row["operation"] for row in measured if row["target"] and row["ours"] > row["target"]}
    assert missed == MISSED.keys()


def test_gas__of_a_bulk_mint__is_below_every_peer() -> None:
    bulk = [row for row in committed() if row["operation"].startswith("bulk_mint")]
    assert len(bulk) == 2
    assert all(row["ours"] < min(row["peers"].values()) for row in bulk)


def test_gas__of_a_swap__is_the_same_whatever_brands_pools_and_swaps_there_are(measured: list[Row]) -> None:
    (row,) = (row for row in measured if row["operation"] == "swap_20_brands")
    ways = row["transaction"]
    assert ways.keys() == {"brands_2", "brands_20", "brands_64", "pools_20", "after_1000_swaps"}
    assert max(ways.values()) - min(ways.values()) <= A_FEW_ZERO_BYTES


def test_gas__of_closing__does_not_grow_with_swaps_and_fits_a_transaction(measured: list[Row]) -> None:
    (row,) = (row for row in measured if row["operation"] == "settle_per_brand")
    largest, after_many = (row["transaction"][f"close_64_brands{when}"] for when in ("", "_after_1000_swaps"))
    assert abs(after_many - largest) <= A_FEW_ZERO_BYTES
    assert largest <= TX_GAS_CAP


def test_gas__of_swapping_and_providing__is_below_every_exchange() -> None:
    rows = [
        row
        for row in committed()
        if row["operation"] in ("swap_1_hop", "swap_20_brands", "provide_liquidity")
    ]
    assert len(rows) == 3
    assert all(row["ours"] < min(row["peers"].values()) for row in rows)
    assert all(any(OUR_TOKENS in name for name in row["peers"]) for row in rows)


def test_bytecode__of_every_contract__is_as_committed() -> None:
    assert differences(bytecode.rows(), committed(BYTECODE), "contract") == [], MEND


def test_bytecode__of_every_contract__fits_the_chain() -> None:
    too_large = [
        row
        for row in bytecode.rows()
        if row["runtime"] > bytecode.MAX_RUNTIME or row["init"] > bytecode.MAX_INIT
    ]
    assert not too_large
