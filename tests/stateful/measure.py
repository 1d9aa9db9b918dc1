"""How fast the machine plays, and what it played: `make bench-machine`; see bench/README.md."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import orjson

from bench.ops import describe_machine
from stateful.alliance import Alliance
from stateful.running import check_not_vacuous, run, table

RESULT = Path(__file__).resolve().parents[2] / "bench" / "results" / "machine.json"


def main() -> None:
    """Play, print the table, write the figures."""
    parser = argparse.ArgumentParser(prog="make bench-machine", description=__doc__)
    parser.add_argument("--runs", type=int, default=350, help="how many runs to play (default: %(default)s)")
    runs = parser.parse_args().runs
    run(Alliance, 1)  # the scene is set once, and is no part of the speed
    machine, began = describe_machine(), time.process_time()
    result = run(Alliance, runs)
    busy = time.process_time() - began
    check_not_vacuous(result.tally)
    figures = {
        "machine": machine,
        "runs": result.tally.runs,
        "steps": result.tally.steps,
        "seconds": round(result.seconds, 1),
        "processor_seconds": round(busy, 1),
        "steps_per_second": round(result.speed),
        "steps_per_processor_second": round(result.tally.steps / busy),
        "succeeded": result.tally.successes.total(),
        "refused": result.tally.refusals.total(),
        "different_errors": len(result.tally.errors),
        "successes": dict(sorted(result.tally.successes.items())),
        "checks": dict(sorted(result.tally.checks.items())),
    }
    RESULT.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    print("\n".join(table(result.tally)))
    print(f"{result}; {figures['steps_per_processor_second']:,} a second of a processor")
    print(f"Wrote {RESULT}.")


if __name__ == "__main__":
    main()
