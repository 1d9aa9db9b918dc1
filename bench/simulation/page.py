"""The comparison as one page that opens anywhere: reports/pools.html."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bench.artefacts import BENCH
from bench.simulation import results
from bench.simulation.results import CAPITALS, FAILURES_IN_WEEKS, Results
from symbolon.demo import charts

PAGE = BENCH.parent / "reports" / "pools.html"
TEMPLATE = "page.html.j2"


def write(found: Results, path: Path = PAGE) -> None:
    """Write the page, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(found), encoding="utf-8")


def render(found: Results) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"dollars": results.dollars, "count": lambda number: f"{number:,}"}
    return environment.get_template(TEMPLATE).render(
        found=found,
        overview=results.overview(found),
        by_capital=results.by_capital(found),
        charts=_charts(found),
    )


def _charts(found: Results) -> dict[str, Markup]:
    return {
        "served": _by_capital(found, results.served, "What part of the flow is served, by capital"),
        "lost": _by_capital(found, results.loss, "What members lose of what they swap, by capital", digits=1),
        "failed": charts.lines(
            [venue["name"] for venue in found["venues"]],
            series=[
                [_worst_loss(found, venue["key"], week) for week in FAILURES_IN_WEEKS]
                for venue in found["venues"]
            ],
            ticks=[(number, f"week {week}") for number, week in enumerate(FAILURES_IN_WEEKS)],
            show=lambda value: results.percent(value, 0),
            title="What the other brands lose at worst of what they committed, by when a brand fails",
        ),
    }


def _by_capital(found: Results, figure: Callable[[Results], float], title: str, digits: int = 0) -> Markup:
    return charts.lines(
        [venue["name"] for venue in found["venues"]],
        series=[
            [figure(results.at(found["years"], venue["key"], capital)) for capital in CAPITALS]
            for venue in found["venues"]
        ],
        ticks=_capital_ticks(),
        show=lambda value: results.percent(value, digits),
        title=title,
    )


def _capital_ticks() -> list[tuple[int, str]]:
    return [(number, results.dollars(capital)) for number, capital in enumerate(CAPITALS)]


def _worst_loss(found: Results, venue: str, week: int) -> float:
    rows = (row for row in found["failures"] if row["venue"] == venue and row["week"] == week)
    return max(0.0, *(float(row["lost"] / row["committed"]) for row in rows))
