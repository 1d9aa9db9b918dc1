"""What a billion members take, reckoned from what was measured: the tables of docs/scale.md.

python -m bench.scale             writes them anew
python -m bench.scale --check     fails where they are not what the committed measurements give
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from bench.artefacts import BENCH
from symbolon.advice import CLAIM, MEMBERS_PER_ROOT, POST_ROOT, break_even, root_gas
from symbolon.mint_job import ROWS_PER_BATCH

PAGE = BENCH.parent / "docs" / "scale.md"
BEGINS, ENDS = "<!-- scale:begin -->", "<!-- scale:end -->"

MEMBERS = 1_000_000_000
ROWS_PER_FILE = 5_000_000
BLOCK_GAS = 60_000_000
"""What a block of the chain assumed can hold."""
BLOCK_SECONDS = 2
SHARE = 2
"""One part in so many of the chain is ours."""
PRICES = (("0.001", 10**6), ("0.01", 10**7), ("0.1", 10**8), ("1", 10**9))
"""Gwei a gas, and as wei."""
CALLDATA_PER_MEMBER = 24
"""Bytes: an address, and a count of four."""

Measured = dict[str, Any]


def measurements() -> Measured:
    """What the page rests on, as committed."""
    results = BENCH / "results"
    gas = orjson.loads((results / "gas.json").read_bytes())
    return {
        "gas": {row["operation"]: row["ours"] for row in gas},
        "ops": orjson.loads((results / "ops.json").read_bytes()),
        "planning": orjson.loads((results / "planning.json").read_bytes()),
    }


def tables(measured: Measured) -> str:
    """The tables, as Markdown."""
    return "\n\n".join(
        "\n".join(each) for each in (_minting(measured), _machine(measured), _roots(measured)) if each
    )


def _minting(measured: Measured) -> list[str]:
    costs = [measured["gas"][f"bulk_mint_{kind}_{ROWS_PER_BATCH}"] for kind in ("new", "existing")]
    totals = [MEMBERS * cost for cost in costs]
    seconds = [SHARE * BLOCK_SECONDS * total / BLOCK_GAS for total in totals]
    return [
        "| minting to everybody | who holds none yet | who holds some |",
        "|---|--:|--:|",
        _row("gas a member", (f"{cost:,}" for cost in costs)),
        _row("gas in all", (f"{total:,}" for total in totals)),
        _row("batches", [f"{MEMBERS // ROWS_PER_BATCH:,}"] * 2),
        _row("calldata", [f"{MEMBERS * CALLDATA_PER_MEMBER // 10**9} GB"] * 2),
        _row("time on the chain assumed", (f"{each / 86_400:,.1f} days" for each in seconds)),
        *(_row(f"cost at {name} gwei", (_ether(total * wei) for total in totals)) for name, wei in PRICES),
    ]


def _machine(measured: Measured) -> list[str]:
    ops, planning = measured["ops"], measured["planning"]
    files = MEMBERS // ROWS_PER_FILE
    checking = sum(planning["processor_seconds"].values()) * MEMBERS / planning["rows"]
    minting = MEMBERS / ops["recipients_per_second"]["bulk_mint"]
    return [
        "| the operator's machine | |",
        "|---|--:|",
        _row(f"files of {ROWS_PER_FILE:,} rows", [f"{files:,}"]),
        _row(
            "memory for one, at most",
            [f"{planning['peak_megabytes'] * ROWS_PER_FILE // planning['rows']:,} MB"],
        ),
        _row("checking, planning and receipts of all, on one processor", [f"{checking / 3_600:,.1f} hours"]),
        _row("signing, sending and comparing, were the chain no limit", [f"{minting / 3_600:,.1f} hours"]),
    ]


def _roots(measured: Measured) -> list[str]:
    gas = measured["gas"]
    posting = root_gas(MEMBERS, gas)
    if posting is None or CLAIM not in gas:
        return []
    minting = MEMBERS * gas[f"bulk_mint_new_{ROWS_PER_BATCH}"]
    share = break_even(MEMBERS, minting, gas) or 0
    return [
        "| posting roots that members claim from | |",
        "|---|--:|",
        _row(f"roots of {MEMBERS_PER_ROOT:,} members", [f"{MEMBERS // MEMBERS_PER_ROOT:,}"]),
        _row("gas a root", [f"{gas[POST_ROOT]:,}"]),
        _row("gas of all roots", [f"{posting:,}"]),
        *(_row(f"cost at {name} gwei", [_ether(posting * wei)]) for name, wei in PRICES),
        _row("gas of a claim, which the member pays", [f"{gas[CLAIM]:,}"]),
        _row("cheaper in all than minting while fewer claim than", [f"{share:.0%}"]),
    ]


def _row(name: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"


def _ether(wei: int) -> str:
    whole = wei / 10**18
    return f"{whole:,.0f} ETH" if whole >= 10 else f"{whole:.3g} ETH"


def page_with(text: str, page: str) -> str:
    """The page with these tables in place of those it has."""
    head, rest = page.split(BEGINS, 1)
    return f"{head}{BEGINS}\n{text}\n{ENDS}{rest.split(ENDS, 1)[1]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 1 where the page is not as the measurements have it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    page = PAGE.read_text()
    wanted = page_with(tables(measurements()), page)
    if check:
        return int(page != wanted)
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
