"""Measure the machine: `python -m stateful.measure`, with `tests` on PYTHONPATH; see bench/README.md."""

from __future__ import annotations

import argparse
import platform
from pathlib import Path

import orjson

from stateful.alliance import Alliance
from stateful.running import check_not_vacuous, run, table

RESULT = Path(__file__).resolve().parents[2] / "bench" / "results" / "machine.json"


def main() -> None:
    """Play, print the table, write the figures."""
    parser = argparse.ArgumentParser(description="Measure how fast the state machine plays.")
    parser.add_argument("--runs", type=int, default=350, help="how many runs to play (default: %(default)s)")
    runs = parser.parse_args().runs
    run(Alliance, 1)  # the scene is set once, and is no part of the speed
    result = run(Alliance, runs)
    check_not_vacuous(result.tally)
    figures = {
        "python": platform.python_version(),
        "runs": result.tally.runs,
        "steps": result.tally.steps,
        "seconds": round(result.seconds, 1),
        "steps_per_second": round(result.speed),
        "succeeded": result.tally.successes.total(),
        "refused": result.tally.refusals.total(),
        "errors_met": len(result.tally.errors),
        "successes": dict(sorted(result.tally.successes.items())),
        "checks": dict(sorted(result.tally.checks.items())),
    }
    RESULT.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    print("\n".join(table(result.tally)))
    print(result)


if __name__ == "__main__":
    main()
