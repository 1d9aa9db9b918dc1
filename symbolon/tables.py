"""Tables for people's own programs: CSV that no spreadsheet runs, and pages that need no network. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO


def inert(text: str) -> str:
    """What somebody else wrote, so that no spreadsheet takes it for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def wrong_columns(columns: Sequence[str], needed: Sequence[str], optional: Sequence[str] = ()) -> str:
    """What is wrong with the columns that a table has, in words; empty where nothing is."""
    known = (*needed, *optional)
    missing = [name for name in needed if name not in columns]
    extra = [name or "without a name" for name in columns if name not in known]
    twice = [name for name in known if columns.count(name) > 1]
    for one, many, names in (
        ("is missing", "are missing", missing),
        ("is not wanted", "are not wanted", extra),
        ("stands twice", "stand twice", twice),
    ):
        if len(names) == 1:
            return f"column {names[0]} {one}"
        if names:
            return f"columns {', '.join(names[:-1])} and {names[-1]} {many}"
    return ""


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
