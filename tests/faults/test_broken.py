"""The schedules can fail: with any one thing left out of the tool, some of those always played do."""

from __future__ import annotations

import pytest

from faults.broken import BROKEN, Broken
from faults.play import Stage
from faults.schedule import Schedule
from faults.test_faults import SCHEDULES

AT_ONCE = ("sends_before_it_writes", "does_not_wait_for_the_disk", "names_batches_by_chance")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(each, id=name, marks=[] if name in AT_ONCE else pytest.mark.long)
        for name, each in BROKEN.items()
    ],
)
def test_tool__with_something_left_out__is_caught(stage: Stage, broken: Broken) -> None:
    schedules = (Schedule.of(seed) for seed in range(SCHEDULES))
    fitting = (each for each in schedules if not broken.shown_by or each.kinds & set(broken.shown_by))
    assert any(not stage.play(each, broken).is_right for each in fitting), "no schedule notices"
