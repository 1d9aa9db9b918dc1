"""The bulk mint is worth its trouble: many times as fast as the loop that everybody writes first."""

import pytest

from bench.ops import TARGET_RATIO, measure


@pytest.mark.long
def test_bulk_mint__beside_a_loop_of_single_mints__is_many_times_as_fast() -> None:
    results = measure(recipients=5_000, singles=50, say=print)
    assert results["times_as_fast"]["bulk_mint / ape_loop"] >= TARGET_RATIO, results
