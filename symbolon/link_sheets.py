"""One-time links for customers who have no address yet: a table for the mail tool, a sheet to print. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from symbolon import qr
from symbolon.tables import inert, to_csv

COLUMNS = ("member", "amount", "link")


@dataclass(frozen=True)
class Link:
    """A customer's link, and what it is worth, in words."""

    member: str
    amount: str
    url: str


def as_csv(links: Sequence[Link]) -> str:
    """A line each, to merge into mails; names that customers chose are harmless in a spreadsheet."""
    return to_csv(COLUMNS, [(inert(each.member), each.amount, each.url) for each in links])


def as_page(title: str, until: str, links: Sequence[Link]) -> str:
    """A sheet to print and cut up: a QR code each. It needs no network."""
    environment = Environment(
        loader=PackageLoader("symbolon"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    codes = [(each, qr.draw(each.url).svg_inline(scale=3, border=4)) for each in links]
    return environment.get_template("links.html.j2").render(title=title, until=until, codes=codes)
