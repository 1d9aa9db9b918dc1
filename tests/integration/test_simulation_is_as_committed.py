"""The comparison of venues is deterministic: what is committed is what the real order flow gives."""

from dataclasses import asdict
from typing import Any

import pytest

from bench.simulation.flow import Flow, derive
from bench.simulation.play import KINDS, Kind, failure, year
from bench.simulation.results import FAILURES_IN_WEEKS, MIDDLE, at, committed
from symbolon.demo.data import load


@pytest.fixture(scope="module")
def flow() -> Flow:
    return derive(load())


def test_flow__is_as_committed(flow: Flow) -> None:
    recorded = committed()["flow"]
    assert list(flow.names) == recorded["brands"]
    assert len(flow.orders) == recorded["orders"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_year_and_failure__with_the_middle_capital__are_as_committed(kind: Kind, flow: Flow) -> None:
    recorded = committed()
    played: dict[str, Any] = asdict(year(kind, flow, flow.orders, MIDDLE))
    assert {"venue": kind.key, "capital": MIDDLE, **played} == at(recorded["years"], kind.key, MIDDLE)
    week = FAILURES_IN_WEEKS[0]
    outcome = asdict(failure(kind, flow, MIDDLE, failed=0, day=flow.first_day + 7 * week))
    assert {"venue": kind.key, "week": week, **outcome} in recorded["failures"]
