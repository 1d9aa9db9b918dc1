"""What a very large customer file takes before anything is sent: `make bench-planning`.

    python -m bench.planning                       five million rows
    python -m bench.planning --rows 500000         fewer, and nothing is written

The file is read and checked whole, cut into batches, planned against a chain, and a receipt file that says
"not yet" of every row is written: all that a run does before it signs. In a process of its own, whose peak of
memory is the figure. Writes bench/results/planning.json.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import orjson
from eth_account import Account
from eth_account.signers.local import LocalAccount

from bench.artefacts import BENCH
from bench.ops import DECIMALS, build_stage, describe_machine
from symbolon.addresses import checksum_addresses
from symbolon.anvil import LOCAL_CHAIN_ID
from symbolon.bulk_mint import BulkMint
from symbolon.customers import read_customers
from symbolon.mint_job import MintJob
from symbolon.rpc import Node

PLANNING = BENCH / "results" / "planning.json"
ROWS = 5_000_000
MOST_MEGABYTES = 1_500
_AT_ONCE = 100_000


@dataclass(frozen=True)
class Planned:
    """Seconds of a processor for each part, and megabytes of memory at the highest."""

    batches: int
    read: float
    planned: float
    receipts: float
    megabytes: int


def write_file(path: Path, rows: int) -> None:
    """So many members with amounts of their own."""
    dice = random.Random(1)  # noqa: S311 (customers, not keys)
    with path.open("w") as file:
        file.write("address,amount\n")
        for at in range(0, rows, _AT_ONCE):
            addresses = checksum_addresses(dice.randbytes(20 * min(_AT_ONCE, rows - at)))
            file.writelines(f"{address},{dice.randint(1, 10**3) / 100}\n" for address in addresses)


def plan(url: str, token: str, key: bytes, path: Path) -> Planned:
    """Do with the file what a run does before it signs; for a process of its own."""
    began = time.process_time()
    customers = read_customers(path, DECIMALS, token=token)
    read = time.process_time()
    job = MintJob.of(LOCAL_CHAIN_ID, token, customers)
    minter: LocalAccount = Account.from_key(key)
    bulk = BulkMint(Node(url), minter, job, decimals=DECIMALS, folder=path.with_name("state"))
    batches = bulk.check().batches_left
    planned = time.process_time()
    bulk.write_receipts(path.with_name("receipts.csv"), {})
    done = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return Planned(batches, read - began, planned - read, done - planned, peak)


def measure(rows: int) -> dict[str, Any]:
    """The figures."""
    machine = describe_machine()
    stage = build_stage()
    with tempfile.TemporaryDirectory(prefix="symbolon-bench-") as folder, stage.chain() as anvil:
        anvil.rpc("anvil_setBalance", stage.manager.address, hex(10**24))
        path = Path(folder) / "customers.csv"
        write_file(path, rows)
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            planned = pool.submit(plan, anvil.url, stage.token, bytes(stage.manager.key), path).result()
    return {
        "machine": machine,
        "rows": rows,
        "batches": planned.batches,
        "processor_seconds": {
            "customer file read and checked": round(planned.read, 1),
            "cut into batches, planned": round(planned.planned, 1),
            "receipt file written": round(planned.receipts, 1),
        },
        "peak_megabytes": planned.megabytes,
        "target": {"peak_megabytes": MOST_MEGABYTES},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 0 when the target is met."""
    parser = argparse.ArgumentParser(prog="make bench-planning", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rows", type=int, default=ROWS, help="of the customer file (default: %(default)s)")
    rows = parser.parse_args(arguments).rows
    results = measure(rows)
    print(orjson.dumps(results, option=orjson.OPT_INDENT_2).decode())
    if rows == ROWS:
        PLANNING.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        print(f"Wrote {PLANNING}.")
    return 0 if results["peak_megabytes"] < MOST_MEGABYTES else 1


if __name__ == "__main__":
    sys.exit(main())
