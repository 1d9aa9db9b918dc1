"""All of the comparison's figures, as they are committed, and the tables that documents show of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from typing import Any, cast

import orjson

from bench.artefacts import BENCH
from bench.simulation import ours, stableswap, uniswap
from bench.simulation.flow import UNIT_VALUE, Flow, Order
from bench.simulation.ours import PERIOD_DAYS
from bench.simulation.play import KINDS, TOLERATED, Kind, failure, year
from bench.simulation.uniswap_check import Trade

POOLS = BENCH / "results" / "pools.json"
README = BENCH / "README.md"
TABLE_BEGINS, TABLE_ENDS = "<!-- pools:begin -->", "<!-- pools:end -->"

MILLION = 10**6
CAPITALS = tuple(dollars * MILLION for dollars in (50, 100, 200, 400, 800, 1_600, 3_200))
"""What each brand puts in, from far too little to more than enough, in base units of the currency."""
MIDDLE = 400 * MILLION
"""The capital at which everything else is compared."""
WEEKLY = 7
FAILURES_IN_WEEKS = (10, 22, 34, 46)
"""After how many weeks of the flow a brand fails: each time in the middle of a period."""
_TRADES_KEPT = 100

Results = dict[str, Any]


def play_all(flow: Flow, trades: Sequence[Trade], advance: Callable[[str], None]) -> Results:
    """Every figure; `advance` is told what comes next."""
    found: Results = {
        "flow": {
            "brands": list(flow.names),
            "households": len({order.household for order in flow.orders}),
            "orders": len(flow.orders),
            "brought": sum(order.amount for order in flow.orders) * UNIT_VALUE,
            "most_brought": most_brought(flow),
        },
        "venues": [{"key": kind.key, "name": kind.name} for kind in KINDS],
        "assumed": {
            "period_days": PERIOD_DAYS,
            "tolerated_bps": TOLERATED,
            "pool_base_fee_ppm": ours.BASE_FEE,
            "pool_fee_slope_ppm": ours.FEE_SLOPE,
            "hub_fee_permille_a_hop": uniswap.FEE,
            "basket_fee_bps": stableswap.FEE,
            "basket_amplification": stableswap.AMPLIFICATION,
            "middle_capital": MIDDLE,
        },
        "years": [],
        "settled_weekly": [],
        "one_sided": [],
        "failures": [],
        "uniswap_v2": {
            "trades_checked": len(trades),
            "trades": [[*map(str, astuple(trade))] for trade in trades[:_TRADES_KEPT]],
        },
    }
    for kind in KINDS:
        advance(kind.name)
        for capital in CAPITALS:
            found["years"].append(_year(kind, flow, flow.orders, capital))
        found["settled_weekly"].append(_year(kind, flow, flow.orders, MIDDLE, WEEKLY))
        found["one_sided"].append(_year(kind, flow, one_sided(flow), MIDDLE))
        for week in FAILURES_IN_WEEKS:
            for failed in range(len(flow.names)):
                outcome = failure(kind, flow, MIDDLE, failed, flow.first_day + 7 * week)
                found["failures"].append({"venue": kind.key, "week": week, **asdict(outcome)})
    return found


def most_brought(flow: Flow) -> int:
    """The brand whose tokens are brought most."""
    brought = [0] * len(flow.names)
    for order in flow.orders:
        brought[order.brought] += order.amount
    return brought.index(max(brought))


def one_sided(flow: Flow) -> list[Order]:
    """The part of the flow that brings one brand's tokens, and nothing that would take them away again."""
    brand = most_brought(flow)
    return [order for order in flow.orders if order.brought == brand]


def committed() -> Results:
    """What is committed."""
    return cast(Results, orjson.loads(POOLS.read_bytes()))


def write(results: Results) -> None:
    """Commit results to files: the figures, and the tables in the benchmark's README."""
    POOLS.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    README.write_text(readme_with(results, README.read_text()))


def readme_with(results: Results, text: str) -> str:
    """The benchmark's README with its tables made from these results."""
    head, rest = text.split(TABLE_BEGINS, 1)
    tables = "\n\n".join(_markdown(table) for table in (overview(results), by_capital(results)))
    return head + TABLE_BEGINS + "\n" + tables + "\n" + TABLE_ENDS + rest.split(TABLE_ENDS, 1)[1]


Table = list[tuple[str, ...]]
"""Rows of cells, the first row being what the columns are called."""


def overview(results: Results) -> Table:
    """What each venue came to with the middle capital."""
    table: Table = [
        (
            f"with {dollars(MIDDLE)} a brand",
            "served",
            "served, settled weekly",
            "served, one-sided",
            "members lose",
            "locked for a dollar swapped",
            "of that, money",
            "others lose when a brand fails: most",
            "mean",
        )
    ]
    for venue in results["venues"]:
        key = venue["key"]
        mine = at(results["years"], key, MIDDLE)
        losses = [row["lost"] / row["committed"] for row in results["failures"] if row["venue"] == key]
        table.append(
            (
                venue["name"],
                percent(served(mine)),
                percent(served(at(results["settled_weekly"], key, MIDDLE))),
                percent(served(at(results["one_sided"], key, MIDDLE))),
                percent(loss(mine), 2),
                f"${(mine['money'] + mine['tokens']) / mine['swapped']:.2f}",
                f"${mine['money'] / mine['swapped']:.2f}",
                percent(max(losses), 1),
                percent(sum(losses) / len(losses), 1),
            )
        )
    return table


def by_capital(results: Results) -> Table:
    """What part of the flow is served, and what members lose, by capital."""
    table: Table = [("served / members lose", *(dollars(capital) for capital in CAPITALS))]
    for venue in results["venues"]:
        rows = [at(results["years"], venue["key"], capital) for capital in CAPITALS]
        table.append((venue["name"], *(f"{percent(served(row))} / {percent(loss(row), 2)}" for row in rows)))
    return table


def at(rows: Sequence[Results], venue: str, capital: int) -> Results:
    """The row of a venue and a capital."""
    (row,) = (row for row in rows if row["venue"] == venue and row["capital"] == capital)
    return row


def served(row: Results) -> float:
    """What part of what was brought was swapped, by worth."""
    return float(row["swapped"] / row["brought"])


def loss(row: Results) -> float:
    """What part of what they swapped members lost, at par."""
    return float(row["lost"] / row["swapped"]) if row["swapped"] else 0.0


def dollars(value: float) -> str:
    """Base units of the currency for show."""
    return f"${value / MILLION:,.0f}"


def percent(share: float, digits: int = 0) -> str:
    """A share of one for show; only a true whole is 100 %, and nothing has no sign."""
    shown = f"{share * 100:.{digits}f}"
    if float(shown) == 0:
        shown = shown.removeprefix("-")
    if float(shown) == 100 and share < 1:
        shown = f"> {100 - 10**-digits:.{digits}f}"
    return shown.replace("-", "\u2212") + "\u00a0%"


def _year(kind: Kind, flow: Flow, orders: Sequence[Order], capital: int, days: int = PERIOD_DAYS) -> Results:
    return {"venue": kind.key, "capital": capital, **asdict(year(kind, flow, orders, capital, days))}


def _markdown(table: Table) -> str:
    head, *rows = (f"| {' | '.join(row)} |" for row in table)
    return "\n".join((head, "|---|" + "--:|" * (len(table[0]) - 1), *rows))
