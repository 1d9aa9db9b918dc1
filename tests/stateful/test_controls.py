"""The machine can fail: a bug put into a contract is caught, and called by the promise that it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import Phase

import symbolon.artifacts
from stateful.alliance import Alliance
from stateful.mutants import MUTANTS, Mutant, build
from stateful.running import run

MOST_RUNS = 3_000
QUICK = (
    "quota_beyond_capacity",
    "better_makes_stale",
    "failed_orders_pay_no_compensation",
    "fee_forgotten_and_a_unit_more",
    "surplus_to_the_brand",
)


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(each, id=each.name, marks=[] if each.name in QUICK else pytest.mark.long)
        for each in MUTANTS
    ],
)
def test_machine__seeded_bug__is_caught(
    mutant: Mutant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = build(mutant, symbolon.artifacts.BUILD, tmp_path)
    monkeypatch.setattr(symbolon.artifacts, "BUILD", changed)
    symbolon.artifacts.artifact.cache_clear()
    if mutant.agrees:
        mutant.agrees(monkeypatch)

    class OnMutant(Alliance):
        stage = None

    try:
        with pytest.raises(AssertionError, match=rf"^{mutant.breach}:"):
            run(OnMutant, MOST_RUNS, phases=[Phase.generate])
    finally:
        symbolon.artifacts.artifact.cache_clear()
