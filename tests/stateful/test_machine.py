"""The whole suite against the model, on an EVM in this process with the frozen build."""

from __future__ import annotations

import os
import time

import pytest

from stateful.alliance import Alliance
from stateful.machine import Tally
from stateful.running import check_not_vacuous, run, table

RUNS = 320
LONG_SECONDS = float(os.environ.get("SYMBOLON_LONG_SECONDS", "600"))


def test_alliance__whatever_anybody_does__keeps_its_promises(capsys: pytest.CaptureFixture[str]) -> None:
    result = run(Alliance, RUNS)
    with capsys.disabled():
        print(f"\n  {result}")
    print("\n".join(table(result.tally)))
    check_not_vacuous(result.tally)


@pytest.mark.long
def test_alliance__for_long__keeps_its_promises(capsys: pytest.CaptureFixture[str]) -> None:
    """Other plays each time; a failure tells its story and how to play it again."""
    until = time.monotonic() + LONG_SECONDS
    total = Tally()
    while time.monotonic() < until:
        result = run(Alliance, 200, derandomize=False, print_blob=True)
        total.add(result.tally)
        with capsys.disabled():
            print(f"\n  {result}")
    check_not_vacuous(total)
