"""Whether to mint or to post a root, reckoned from what each costs."""

from pathlib import Path

import pytest

from symbolon.advice import CLAIM, POST_ROOT, advice, break_even, root_gas, unit_costs

COSTS = {POST_ROOT: 100_000, CLAIM: 80_000}


def test_advice__large_file__root_cheaper_while_few_claim() -> None:
    # 1,000,000 at 24,000: 24 billion for minting; all claims together would be 80 billion.
    assert break_even(10**6, 24 * 10**9, COSTS) == pytest.approx((24 * 10**9 - 100_000) / (80 * 10**9))
    told = advice(10**6, 24 * 10**9, COSTS)
    assert told is not None
    assert "costs gas 100,000, and 80,000 for each member who claims" in told
    assert "as long as fewer than 30% of the members claim" in told


def test_advice__a_handful__mint() -> None:
    assert advice(3, 90_000, COSTS) is None


def test_advice__dear_minting__root_whoever_claims() -> None:
    told = advice(1_000, 1_000 * 200_000, COSTS)
    assert told is not None
    assert told.endswith("less in all even if everybody claims.")


def test_advice__not_measured__none() -> None:
    assert advice(10**6, 24 * 10**9, {}) is None


def test_root_gas__beyond_a_million__another_root() -> None:
    assert root_gas(10**6, COSTS) == 100_000
    assert root_gas(10**6 + 1, COSTS) == 200_000


def test_unit_costs__as_committed__and_none_without_measurements(tmp_path: Path) -> None:
    assert unit_costs()["bulk_mint_new_500"] > 20_000
    assert unit_costs(tmp_path / "gas.json") == {}
