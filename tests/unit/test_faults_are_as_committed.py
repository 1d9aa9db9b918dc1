"""The committed figures of the schedules of faults are what documents say of them, and leave nothing out."""

from __future__ import annotations

import orjson
from faults.measure import PAGE, RESULT, page_with
from faults.schedule import FAULTS, Schedule

FIGURES = orjson.loads(RESULT.read_bytes())


def test_figures__tool_always_right__naive_client_often_wrong() -> None:
    assert FIGURES["tool"] == {"right": FIGURES["schedules"], "wrong": 0}
    assert FIGURES["naive"]["wrong"] > FIGURES["schedules"] / 10
    assert FIGURES["naive"]["paid somebody twice"] > 0
    assert FIGURES["naive"]["left somebody out"] > 0


def test_figures__every_kind_of_fault_happened() -> None:
    assert list(FIGURES["happened"]) == list(FAULTS)
    assert [kind for kind, times in FIGURES["happened"].items() if not times] == []


def test_page__has_the_figures() -> None:
    page = PAGE.read_text()
    assert page_with(FIGURES, page) == page
    assert page_with({**FIGURES, "schedules": FIGURES["schedules"] + 1}, page) != page


def test_schedule__of_a_seed__is_always_the_same_and_each_kind_comes_first_in_turn() -> None:
    assert Schedule.of(7) == Schedule.of(7)
    first = [Schedule.of(seed).runs[0] for seed in range(len(FAULTS))]
    for kind, run in zip(FAULTS, first, strict=True):
        assert kind in [*(fault.kind for fault in run.line + run.machine), run.others]
