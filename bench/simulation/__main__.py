"""The same order flow and the same capital through our pool and through what one might use instead:
`make bench-pools`.

    python -m bench.simulation           play everything, write bench/results/pools.json and the page
    python -m bench.simulation --check   play everything, fail where it differs from what is committed
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import orjson

from bench.artefacts import BENCH
from bench.simulation import page, results, uniswap_check
from bench.simulation.flow import derive
from symbolon.demo.data import load
from symbolon.exceptions import SymbolonError


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 0 when all is well, 1 where figures are not as committed or could not be had."""
    parser = argparse.ArgumentParser(prog="make bench-pools", description=(__doc__ or "").split("`")[0])
    parser.add_argument("--check", action="store_true", help="fail where figures differ from the committed")
    options = parser.parse_args(arguments)
    try:
        _say("Uniswap v2's bytecode against the formula")
        trades = uniswap_check.check()
        _say("The shopping year")
        flow = derive(load())
        found = results.play_all(flow, trades, _say)
    except SymbolonError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    if options.check:
        if orjson.loads(orjson.dumps(found)) != results.committed():
            print("NOT AS COMMITTED: run `make bench-pools` and review the difference.", file=sys.stderr)
            return 1
        return 0
    results.write(found)
    page.write(found)
    for path in (results.POOLS, results.README, page.PAGE):
        print(f"Wrote {path.relative_to(BENCH.parent)}.")
    return 0


def _say(what: str) -> None:
    print(f"{what} …", flush=True)


if __name__ == "__main__":
    sys.exit(main())
