"""Orders: place them, list and export them for the packing desk, fulfil them, and end those that are due."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.cli import Command, Work, sentences, token_of, units_of, writes
from symbolon.codes import UNITS_MAX
from symbolon.fulfilment import Fulfilments, State, in_words, open_ones
from symbolon.packing import DELIVERED, facts_of, hand_over, named, names_in, packing_list, report
from symbolon.units import format_amount

if TYPE_CHECKING:
    pass


@click.group(short_help="What members order and brands deliver")
def cli() -> None:
    """Redemption to order: the member pays now, the brand delivers later, and each silence has an end.

    TOKEN is an address or a symbol. ORDER is the offer and its number, such as mug/17, or the shop's
    reference.
    """


# ---- members


@cli.command(cls=Command, name="open")
@click.argument("token")
@click.argument("offer")
@click.option(
    "--quantity", type=click.IntRange(1, UNITS_MAX), default=1, show_default=True, help="Units of the offer."
)
@click.option("--reference", default="", help="What the shop calls it, at most 32 bytes.")
@click.option("--most", help="The most tokens it may cost; the present price if not given.")
@click.option(
    "--any-compensation",
    is_flag=True,
    help="Order also where the brand's purse cannot cover the whole compensation.",
)
@writes
def open_(
    work: Work,
    token: str,
    offer: str,
    *,
    quantity: int,
    reference: str,
    most: str | None,
    any_compensation: bool,
) -> None:
    """Order units of OFFER of TOKEN. The account is the member."""
    found = work.token(token)
    wish = work.alliance.orders.wish(
        found,
        offer,
        quantity,
        member=work.sender,
        reference=reference,
        most=None if most is None else units_of(found, most),
        least_compensation=0 if any_compensation else None,
    )
    order = work.alliance.orders.open(wish, sender=work.sender)
    click.echo(f"{in_words(order, found)}.")
    left = found.balance_of(work.sender)
    if left < order.stake:
        stake, held = (format_amount(units, found.decimals) for units in (order.stake, left))
        click.echo(
            f"A dispute about this order takes a stake of {stake} {found.symbol} and {held} are left: have "
            "enough by then, or you cannot raise one.",
            err=True,
        )


@cli.command(cls=Command)
@click.argument("token")
@click.argument("order")
@writes
def confirm(work: Work, token: str, order: str) -> None:
    """Say that ORDER is as it should be, which ends it. The account is the member."""
    _act(work, token, order, Fulfilments.confirm)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("order")
@writes
def claim(work: Work, token: str, order: str) -> None:
    """End ORDER in its member's favour, after the brand or the arbiter let its time pass (anybody)."""
    _act(work, token, order, Fulfilments.claim)


# ---- the packing desk


@cli.command(cls=Command, name="list")
@click.argument("token")
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(token: str, everything: bool, as_json: bool) -> None:
    """List the orders of TOKEN, oldest first."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        orders = [each for each in alliance.deliveries.of(found) if everything or not each.state.has_ended]
        if as_json:
            now = calls.now()
            facts = [facts_of(found, each, now) for each in orders]
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        for each in orders:
            click.echo(in_words(each, found))
        if not orders:
            click.echo(f"There are no {'' if everything else 'open '}orders of {found.symbol}.")


@cli.command(cls=Command)
@click.argument("token")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="A file; else it is printed.")
def export(token: str, save: Path | None) -> None:
    """Write a CSV of the open orders of TOKEN for the packing desk, the most urgent first."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        hand_over(packing_list(alliance.deliveries.of(found), found), save, "orders")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("orders", nargs=-1)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV with a column order or reference, such as `export` writes.",
)
@writes
def fulfil(work: Work, token: str, orders: tuple[str, ...], file: Path | None) -> None:
    """Say that ORDERS of TOKEN, or those in a CSV file, were delivered (a manager with the fulfil role).

    Those that were delivered already are passed over, so that the same file can be run again. Those that are
    refunded, compensated or decided are named, the others still go through, and the exit code is 1.
    """
    if bool(orders) == (file is not None):
        raise click.UsageError("Give either ORDERS or --file.")
    found = work.token(token)
    names = orders if file is None else names_in(file)
    wanted, unclear = named(found, work.alliance.deliveries.of(found), names)
    done = work.alliance.deliveries.fulfil(found, open_ones(wanted), sender=work.sender)
    for each in wanted:
        if each.state in DELIVERED:
            click.echo(f"Passed over: {each.name} is {each.state}.", err=True)
    unpaid = [
        f"{each.name} is {each.state}: nothing is owed for it any more, so do not ship it."
        for each in wanted
        if each.state not in (State.OPEN, *DELIVERED)
    ]
    report(done, "delivered", [*unpaid, *unclear])


@cli.command(cls=Command)
@click.argument("token")
@click.argument("order")
@writes
def decline(work: Work, token: str, order: str) -> None:
    """Give ORDER back; after a day that costs its compensation (fulfil role; after a day admin)."""
    _act(work, token, order, Fulfilments.decline)


@cli.command(cls=Command)
@click.argument("token")
@writes
def finish(work: Work, token: str) -> None:
    """End every delivered order of TOKEN that nobody disputed in time (anybody)."""
    found = work.token(token)
    ripe = [each for each in work.alliance.deliveries.due(found) if each.state is State.DELIVERED]
    report(work.alliance.deliveries.finish(found, ripe, sender=work.sender), "fulfilled")


# ---- words


def _act(work: Work, token: str, order: str, act: Callable[..., object]) -> None:
    found = work.token(token)
    meant = work.alliance.deliveries.find(found, order)
    act(work.alliance.deliveries.at(meant), meant, sender=work.sender)
    click.echo(f"{in_words(work.alliance.deliveries.find(found, meant.name), found)}.")
