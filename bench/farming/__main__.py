"""What farmers get who know every rule: `make bench-farming`.

python -m bench.farming           play everything, write bench/results/farming.json and the tables
python -m bench.farming --check   play everything, fail where it differs from what is committed
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import orjson

from bench.artefacts import BENCH
from bench.farming import results
from symbolon.exceptions import SymbolonError


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 0 when all is well, 1 where a promise is broken or figures are not as committed."""
    parser = argparse.ArgumentParser(prog="make bench-farming", description=(__doc__ or "").split(":")[0])
    parser.add_argument("--check", action="store_true", help="fail where figures differ from the committed")
    options = parser.parse_args(arguments)
    try:
        found = results.play_all()
    except SymbolonError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    if options.check:
        if orjson.loads(orjson.dumps(found)) != results.committed():
            print("NOT AS COMMITTED: run `make bench-farming` and review the difference.", file=sys.stderr)
            return 1
        return 0
    results.write(found)
    for path in (results.FARMING, results.README):
        print(f"Wrote {path.relative_to(BENCH.parent)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
