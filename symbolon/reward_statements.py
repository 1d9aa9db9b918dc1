"""Statements of referral programmes and campaigns as files: CSV to reckon on with, and a page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbolon.reverts import moment
from symbolon.statement_files import template
from symbolon.tables import inert, to_csv


@dataclass(frozen=True)
class Table:
    """A statement.

    Attributes:
        title: what it is about.
        lead: what a reader needs to know first.
        facts: sums and settings, by what they are called.
        columns: of the table.
        rows: text, by column.
        drawn_up_at: when, in seconds.
        block: as of which block.
    """

    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    drawn_up_at: int
    block: int


def as_csv(table: Table) -> str:
    """The rows as CSV; what others wrote is harmless in a spreadsheet."""
    return to_csv(table.columns, [[inert(field) for field in row] for row in table.rows])


def as_page(table: Table) -> str:
    """The statement as a page that opens anywhere and needs no network."""
    return template("rewards.html.j2").render(table=table, drawn_up=moment(table.drawn_up_at))
