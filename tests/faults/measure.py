"""A thousand schedules of faults, and what they do to a client as people write it first: `make test-faults`.

    python -m faults.measure                     1,000 schedules, the tool and the naive client
    python -m faults.measure --schedules 100     fewer

Writes bench/results/faults.json as it goes. Fails where a schedule ends other than with each row minted
exactly once and a receipt file that is true, and where a kind of fault never happened.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bench.ops import describe_machine
from faults.clients import naive, tool
from faults.play import Stage
from faults.schedule import FAULTS, Schedule
from faults.world import World

_ROOT = Path(__file__).resolve().parents[2]
RESULT = _ROOT / "bench" / "results" / "faults.json"
PAGE = _ROOT / "docs" / "operations.md"
BEGINS, ENDS = "<!-- faults:begin -->", "<!-- faults:end -->"
SCHEDULES = 1_000
NAIVE_ROWS = 6
_TOGETHER = 25  # schedules on one chain


@dataclass
class Tally:
    """What came of schedules. wrong: those of the tool that ended wrongly, with what was said."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    runs: int = 0
    undone: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    naive: Counter[str] = field(default_factory=Counter)

    @property
    def played(self) -> int:
        """Schedules."""
        return self.right + len(self.wrong)

    def add(self, other: Tally) -> None:
        """Count another's too."""
        self.right += other.right
        self.wrong += other.wrong
        self.runs += other.runs
        self.undone += other.undone
        self.fired += other.fired
        self.naive += other.naive


def play(seeds: Sequence[int]) -> Tally:
    """The schedules of these seeds, with the tool and with the naive client."""
    tally = Tally()
    with World() as world:
        with Stage(world) as stage:
            for seed in seeds:
                schedule = Schedule.of(seed)
                outcome = stage.play(schedule, tool)
                tally.runs += len(outcome.said)
                if outcome.is_right:
                    tally.right += 1
                else:
                    tally.wrong.append(f"{schedule} ended with {outcome}")
                    print(f"OPS-1: {tally.wrong[-1]}", file=sys.stderr, flush=True)
            tally.fired, tally.undone = stage.fired, world.taken_away
        with Stage(world) as stage:
            for seed in seeds:
                outcome = stage.play(Schedule.of(seed), naive, rows=NAIVE_ROWS)
                end = outcome.end
                assert end is not None
                tally.naive["right"] += not (end.twice or end.missed)
                tally.naive["paid somebody twice"] += end.twice > 0
                tally.naive["left somebody out"] += end.missed > 0
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, write the figures; 1 where anything ended wrongly."""
    parser = argparse.ArgumentParser(prog="make test-faults", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--schedules", type=int, default=SCHEDULES, help="how many (default: %(default)s)")
    count = parser.parse_args(arguments).schedules
    machine = describe_machine()
    began = time.monotonic()
    tally = Tally()
    groups = [range(at, min(at + _TOGETHER, count)) for at in range(0, count, _TOGETHER)]
    with ProcessPoolExecutor(os.cpu_count(), max_tasks_per_child=1) as pool:
        for part in pool.map(play, groups):
            tally.add(part)
            figures = _figures(machine, tally, time.monotonic() - began)
            RESULT.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
            PAGE.write_text(page_with(figures, PAGE.read_text()))
            print(f"{tally.played:,} of {count:,} schedules, {len(tally.wrong)} wrong", flush=True)
    print(f"Wrote {RESULT} and the table in {PAGE}.")
    never = [kind for kind in FAULTS if not tally.fired[kind]]
    if never:
        print(f"Never happened: {', '.join(never)}.", file=sys.stderr)
    return 1 if tally.wrong or (never and count >= len(FAULTS)) else 0


def _figures(machine: dict[str, Any], tally: Tally, seconds: float) -> dict[str, Any]:
    return {
        "machine": machine,
        "schedules": tally.played,
        "runs": tally.runs,
        "seconds": round(seconds),
        "tool": {"right": tally.right, "wrong": len(tally.wrong)},
        "naive": {
            "right": tally.naive["right"],
            "wrong": tally.played - tally.naive["right"],
            "paid somebody twice": tally.naive["paid somebody twice"],
            "left somebody out": tally.naive["left somebody out"],
        },
        "mints undone by reorganisations and restarts": tally.undone,
        "happened": {kind: tally.fired[kind] for kind in FAULTS},
    }


def page_with(figures: dict[str, Any], page: str) -> str:
    """The page with these figures in place of those it has."""
    tool_, other = figures["tool"], figures["naive"]
    table = (
        f"| of {figures['schedules']:,} schedules | right | paid somebody twice | left somebody out |",
        "|---|--:|--:|--:|",
        f"| `ape run mint` | {tool_['right']:,} | {tool_['wrong']} | {tool_['wrong']} |",
        f"| one mint after the other, and a file that says how far it came | {other['right']:,} "
        f"| {other['paid somebody twice']:,} | {other['left somebody out']:,} |",
    )
    head, rest = page.split(BEGINS, 1)
    return "\n".join((head + BEGINS, *table, ENDS + rest.split(ENDS, 1)[1]))


if __name__ == "__main__":
    sys.exit(main())
