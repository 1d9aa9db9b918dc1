"""The demonstration as a command: `make demo`, or `ape run demo`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from symbolon.cli import sentences
from symbolon.demo import report, story
from symbolon.demo.data import WEEKS, load
from symbolon.demo.figures import Figures, dollars
from symbolon.demo.plan import UNITS_PER_POINT
from symbolon.demo.report import percent

REPORT = Path("reports/demo.html")
_MOST_BRANDS = 8


@click.command()
@click.option(
    "--weeks", type=click.IntRange(1, WEEKS), default=WEEKS, show_default=True, help="How many weeks to play."
)
@click.option(
    "--brands",
    type=click.IntRange(1, _MOST_BRANDS),
    default=_MOST_BRANDS,
    show_default=True,
    help="How many of the largest manufacturers are brands.",
)
@click.option(
    "--report",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=REPORT,
    show_default=True,
    help="Where to write the report.",
)
def cli(weeks: int, brands: int, path: Path) -> None:
    """Play a year of an alliance on real shopping data, on a local chain, and report it.

    The largest manufacturers of a public data set become brands, its households members; each week's spending
    earns points, minted in bulk; who redeemed coupons redeems points at tills, and others order what comes
    later, behind bonds. In a chapter of its own they swap, brands settle, and one of them fails. It fails if
    chain and data differ by a single unit.
    """
    began = time.monotonic()
    console = Console(highlight=False)
    with sentences():
        with console.status("Adding up a year of shopping"):
            year = load(brands, weeks)
        with _bars(console) as show:
            books = story.play(year, weeks, show)
        figures = report.write(books, path)
    console.print(_summary(figures))
    console.print(
        f"Shopping data and chain agree to the last unit in all {figures.rows:,} mints "
        f"({figures.units:,} base units),\nall {figures.redemptions:,} redemptions "
        f"({figures.roll.at_counter:,} base units) and all {figures.orders.sums.orders:,} orders "
        f"({figures.orders.sums.ordered:,} base units);\n"
        f"chain and reference model agree on all {figures.pool.pooled.events:,} events of "
        f"{figures.pool.swaps:,} swaps and all {figures.together.together.events:,} of "
        f"{figures.together.sums.groups:,} groups,\nafter {time.monotonic() - began:.0f} seconds.\n"
        f"The report is in {path}.",
        soft_wrap=True,
    )


@contextmanager
def _bars(console: Console) -> Iterator[story.Show]:
    """A progress bar for each part of the story."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bars = {part: progress.add_task(f"{part:<24}", start=False, total=None) for part in story.PARTS}

        def show(part: str, done: int, total: int) -> None:
            if not progress.tasks[bars[part]].started:
                progress.start_task(bars[part])
            progress.update(bars[part], completed=done, total=total)

        yield show


def _summary(figures: Figures) -> Table:
    table = Table(show_footer=True, header_style="", box=None, padding=(0, 2, 0, 0))
    table.add_column("Brand", "Alliance", no_wrap=True)
    totals = (
        ("Spent", f"${figures.spent / 100:,.0f}"),
        ("Points", f"{figures.units // UNITS_PER_POINT:,}"),
        ("Redeemed", percent(figures.roll.rate)),
        ("Owed", f"${dollars(figures.roll.outstanding):,.0f}"),
        ("Members", f"{figures.earners:,}"),
        ("Mints", f"{figures.rows:,}"),
    )
    for heading, total in totals:
        table.add_column(heading, total, justify="right", no_wrap=True)
    for brand in figures.brands:
        table.add_row(
            brand.brand.name,
            f"${brand.spent / 100:,.0f}",
            f"{brand.units // UNITS_PER_POINT:,}",
            percent(brand.roll.rate),
            f"${brand.dollars:,.0f}",
            f"{brand.members:,}",
            f"{brand.rows:,}",
        )
    return table
