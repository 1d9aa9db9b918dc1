"""The whole suite against the model, on an EVM in this process with the frozen build."""

from __future__ import annotations

import os
import secrets
from itertools import count

import pytest

from stateful.alliance import Alliance
from stateful.running import Result, check_not_vacuous, run_on_all_processors, table

RUNS = 50
STARTS = range(8)
LONG_SECONDS = float(os.environ.get("SYMBOLON_LONG_SECONDS", "600"))


def test_alliance__whatever_anybody_does__keeps_its_promises(capsys: pytest.CaptureFixture[str]) -> None:
    result = run_on_all_processors(Alliance, STARTS, RUNS)
    with capsys.disabled():
        print(f"\n  {result}")
    print("\n".join(table(result.tally)))
    check_not_vacuous(result.tally)


@pytest.mark.long
def test_alliance__for_long__keeps_its_promises(capsys: pytest.CaptureFixture[str]) -> None:
    """Other plays each time, unless SYMBOLON_START says where to start; a failure names its start.

    However short the time, it is as much as the default test plays: less could not say what is rare.
    """
    first = int(os.environ.get("SYMBOLON_START") or secrets.randbelow(10**9))
    least = run_on_all_processors(Alliance, range(first, first + len(STARTS)), RUNS)
    left = LONG_SECONDS - least.seconds
    more = run_on_all_processors(Alliance, count(first + len(STARTS)), RUNS, seconds=left)
    least.tally.add(more.tally)
    result = Result(least.tally, least.seconds + more.seconds)
    with capsys.disabled():
        print(f"\n  From {first}: {result}")
    check_not_vacuous(result.tally)
