"""How fast the machine plays, and what it played: `make bench-machine`; see bench/README.md."""

from __future__ import annotations

import argparse
import resource
from pathlib import Path

import orjson

from bench.ops import describe_machine
from stateful.alliance import Alliance
from stateful.running import check_not_vacuous, run_on_all_processors, table

RUNS = 40
"""From each start."""

RESULT = Path(__file__).resolve().parents[2] / "bench" / "results" / "machine.json"


def main() -> None:
    """Play, print the table, write the figures."""
    parser = argparse.ArgumentParser(prog="make bench-machine", description=__doc__)
    parser.add_argument("--starts", type=int, default=10, help="how often to start (default: %(default)s)")
    starts = parser.parse_args().starts
    machine = describe_machine()
    result = run_on_all_processors(Alliance, range(starts), RUNS)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = used.ru_utime + used.ru_stime
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
