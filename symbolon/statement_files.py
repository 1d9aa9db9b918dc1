"""Statements as files: CSV to reckon on with, and a page to read, print and send. Pure.

Every number is exact, and signed as it counts: what is in a row adds up to what is at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from symbolon.reverts import moment
from symbolon.statements import AMOUNTS, VALUES, Line
from symbolon.tables import inert, to_csv
from symbolon.units import format_amount

COLUMNS = ("period", "from", "to", "brand", "token", *AMOUNTS, "currency", *VALUES, "due")

TITLES = {
    "stock_before": "stock before",
    "provided": "provided",
    "withdrawn": "withdrawn",
    "tokens_brought": "brought by members",
    "tokens_taken": "taken by members",
    "tokens_prepaid": "paid for and burned",
    "handed_over": "handed over with the debt",
    "stock_after": "stock after",
    "opening": "opening",
    "brought": "in: brought, at par",
    "taken": "out: taken, at par",
    "prepaid": "paid in advance",
    "fees": "fees",
    "rounding": "rounding",
    "paid": "settled: paid",
    "enforced": "settled: from what was laid down",
    "received": "settled: received",
    "closing": "closing",
}
"""What the columns mean, for people."""


@dataclass(frozen=True)
class Heading:
    """What statements are about.

    Attributes:
        pool: its name.
        currency, decimals: the symbol and decimals of what it is settled in.
        drawn_up_at: when, in seconds.
        block: as of which block.
    """

    pool: str
    currency: str
    decimals: int
    drawn_up_at: int
    block: int


def to_rows(heading: Heading, lines: Sequence[Line]) -> list[dict[str, str]]:
    """Statements as text, by column; a treasury has no amounts of tokens."""
    return [
        {
            "period": str(line.period.number),
            "from": moment(line.period.started_at),
            "to": "" if line.period.ended_at is None else moment(line.period.ended_at),
            "brand": line.name,
            "token": line.claimant,
            **{
                column: format_amount(amount, line.token.decimals) if line.token else ""
                for column, amount in line.amounts.items()
            },
            "currency": heading.currency,
            **{column: format_amount(value, heading.decimals) for column, value in line.values.items()},
            "due": "" if line.period.due_at is None else moment(line.period.due_at),
        }
        for line in lines
    ]


def as_csv(heading: Heading, lines: Sequence[Line]) -> str:
    """Statements as CSV; names that others chose are harmless in a spreadsheet."""
    rows = to_rows(heading, lines)
    for row in rows:
        row |= {name: inert(row[name]) for name in ("brand", "currency")}
    return to_csv(COLUMNS, [[row[column] for column in COLUMNS] for row in rows])


def as_page(heading: Heading, lines: Sequence[Line]) -> str:
    """Statements as a page that opens anywhere and needs no network."""
    return template("statement.html.j2").render(
        heading=heading,
        drawn_up=moment(heading.drawn_up_at),
        statements=list(zip(lines, to_rows(heading, lines), strict=True)),
        titles=TITLES,
        amounts=AMOUNTS,
        values=VALUES,
    )


def template(name: str) -> Template:
    """One of the package's pages, which escapes what it is given."""
    environment = Environment(
        loader=PackageLoader("symbolon"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
