"""Gas of our operations beside their floors, our targets and what others need: `make bench-gas`.

    python -m bench.gas           measure all, print the table, write bench/results/
    python -m bench.gas --check   measure all, print the table, fail where it differs from bench/results/

Every figure is the gas used by a whole transaction, alone in its block, intrinsic gas and calldata included.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from bench import bytecode, floors, our_scenarios, peer_scenarios
from bench.artefacts import BENCH
from bench.chain import TX_GAS_CAP, Chain
from bench.scenarios import RECIPIENTS, Cost
from symbolon.exceptions import SymbolonError

RESULTS = BENCH / "results"
GAS, BYTECODE = RESULTS / "gas.json", RESULTS / "bytecode.json"

README = BENCH.parent / "README.md"
TABLE_BEGINS, TABLE_ENDS = "<!-- gas:begin -->", "<!-- gas:end -->"

Row = dict[str, Any]
Costs = dict[str, dict[str, Cost]]


@dataclass(frozen=True)
class Operation:
    """What is measured: the gas we aim for, if there is something to aim at, and the least it could take."""

    name: str
    target: int | None
    floor: Callable[[], int]


OPERATIONS = [
    Operation("create_token", 160_000, floors.create_token),
    Operation("transfer_existing", 37_000, lambda: floors.transfer(to_new=False)),
    Operation("transfer_new", 54_100, lambda: floors.transfer(to_new=True)),
    Operation("mint_existing", 43_000, lambda: floors.mint(to_new=False)),
    Operation("mint_new", 60_100, lambda: floors.mint(to_new=True)),
    Operation("bulk_mint_existing_500", 7_500, lambda: floors.bulk_mint_each(to_new=False)),
    Operation("bulk_mint_new_500", 24_600, lambda: floors.bulk_mint_each(to_new=True)),
    Operation("post_root", 55_000, floors.post_root),
    Operation("claim_root_1m", 68_000, floors.claim_root),
    Operation("redeem_from_root_1m", 105_000, floors.redeem_from_root),
    Operation("redeem_counter", 95_000, floors.redeem),
    Operation("redeem_counter_first", 112_000, floors.redeem),
    Operation("redeem_counter_batch_100", 48_000, floors.redeem_batch_each),
    Operation("redeem_order_open", 85_000, floors.order_open),
    Operation("redeem_order_fulfil", 48_000, floors.order_fulfil),
    Operation("redeem_order_fulfil_batch_100", 13_000, floors.order_fulfil_each),
    Operation("redeem_order_refund", 55_000, floors.order_refund),
    Operation("swap_1_hop", 96_000, floors.swap),
    Operation("swap_20_brands", 98_000, floors.swap),
    Operation("provide_liquidity", 85_000, floors.provide),
    Operation("settle_per_brand", TX_GAS_CAP // 64, floors.settle_each),
    Operation("group_join", 78_000, floors.order_open),
    Operation("group_close", 60_000, floors.group_close),
    Operation("group_refund", 50_000, floors.order_refund),
    Operation("group_withdraw", 50_000, floors.group_withdraw),
    Operation("bargain_cut", None, floors.bargain_cut),
    Operation("voucher_claim", 72_000, floors.voucher),
    Operation("voucher_batch_100", 30_000, floors.voucher_each),
    Operation("referral_bind", 60_000, floors.referral_bind),
    Operation("referral_accrue", 60_000, floors.referral_accrue),
    Operation("consent_grant", None, floors.consent_grant),
]


def measure(peers_too: bool = True) -> list[Row]:
    """One row an operation that we have, in the order of `OPERATIONS`."""
    with Chain() as chain:
        own = our_scenarios.suite().measure(chain)
        others = {peer.name: peer.measure(chain) for peer in peer_scenarios.everyone()} if peers_too else {}
    assert own.keys() <= {operation.name for operation in OPERATIONS}, "a scenario is not in OPERATIONS"
    return [_row(operation, own[operation.name], others) for operation in OPERATIONS if operation.name in own]


def _row(operation: Operation, own: Cost, others: Costs) -> Row:
    row: Row = {
        "operation": operation.name,
        "ours": own.gas,
        "floor": operation.floor(),
        "target": operation.target,
        "peers": {
            name: costs[operation.name].gas for name, costs in others.items() if operation.name in costs
        },
    }
    if own.ways:
        row["transaction"] = own.ways
    return row


def committed(path: Path = GAS) -> list[Row]:
    """What is committed; empty where nothing is yet."""
    return cast(list[Row], orjson.loads(path.read_bytes())) if path.exists() else []


def differences(measured: Sequence[Row], recorded: Sequence[Row], key: str) -> list[str]:
    """A sentence for each row that is not as recorded, told apart by `key`."""
    before = {row[key]: row for row in recorded}
    after = {row[key]: row for row in measured}
    changed = [
        f"{name}: {field} is {row.get(field)!r}, committed {before[name].get(field)!r}"
        for name, row in after.items()
        if name in before
        for field in {**before[name], **row}
        if row.get(field) != before[name].get(field)
    ]
    added = [f"{name}: measured, not committed" for name in after.keys() - before.keys()]
    missing = [f"{name}: committed, not measured" for name in before.keys() - after.keys()]
    return changed + sorted(added) + sorted(missing)


def table(rows: Sequence[Row]) -> str:
    """The rows for a reader."""
    lines = [("operation", "ours", "floor", "target", "best peer", "ours/peer", "which peer")]
    for row in rows:
        name, best = min(row["peers"].items(), key=lambda item: int(item[1]), default=("", 0))
        target = row["target"]
        missed = " !" if target and row["ours"] > target else ""
        ratio = f"{row['ours'] / best:.3f}" if best else ""
        numbers = (
            f"{row['ours']:,}{missed}",
            f"{row['floor']:,}",
            f"{target:,}" if target else "",
            f"{best:,}" if best else "",
        )
        lines.append((row["operation"], *numbers, ratio, name))
    return _aligned(lines)


def sizes(rows: Sequence[Row]) -> str:
    """The contracts' sizes for a reader."""
    lines = [
        ("contract", f"runtime (at most {bytecode.MAX_RUNTIME:,})", f"init (at most {bytecode.MAX_INIT:,})")
    ]
    lines += [(row["contract"], f"{row['runtime']:,}", f"{row['init']:,}") for row in rows]
    return _aligned(lines)


def readme_with(rows: Sequence[Row], text: str) -> str:
    """The project's README with its table of gas made from these rows."""
    lines = ["| operation | ours | best peer | |", "|---|--:|--:|---|"]
    for row in rows:
        name, best = min(row["peers"].items(), key=lambda item: int(item[1]), default=("", 0))
        peer = f"{best:,}" if best else "none like it"
        lines.append(f"| {row['operation'].replace('_', ' ')} | {row['ours']:,} | {peer} | {name} |")
    head, rest = text.split(TABLE_BEGINS, 1)
    return "\n".join((head + TABLE_BEGINS, *lines, TABLE_ENDS + rest.split(TABLE_ENDS, 1)[1]))


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    """Text left, numbers right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in (0, 6) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 0 when all is well, 1 where figures are not as committed or nothing could be measured."""
    parser = argparse.ArgumentParser(prog="make bench-gas", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="fail where figures differ from the committed")
    options = parser.parse_args(arguments)
    try:
        rows, lock = measure(), bytecode.rows()
    except SymbolonError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    print(f"Gas of whole transactions; of bulk mints, for each of {RECIPIENTS} recipients\n\n{table(rows)}")
    print(f"\nBytes of our contracts\n\n{sizes(lock)}\n")
    if options.check:
        found = differences(rows, committed(), "operation")
        found += differences(lock, committed(BYTECODE), "contract")
        for line in found:
            print(f"NOT AS COMMITTED: {line}", file=sys.stderr)
        return 1 if found else 0
    for path, content in ((GAS, rows), (BYTECODE, lock)):
        RESULTS.mkdir(exist_ok=True)
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        print(f"Wrote {path.relative_to(BENCH.parent)}.")
    README.write_text(readme_with(rows, README.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
