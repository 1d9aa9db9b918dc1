"""Orders: place them, list and export them for the packing desk, fulfil them, and end those that are due."""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.cli import Command, Failure, Work, sentences, token_of, units_of, writes
from symbolon.codes import UNITS_MAX, label_text
from symbolon.exceptions import SymbolonError
from symbolon.orders import Done, Names, NoOrderError, Order, Orders, State, in_words, open_ones
from symbolon.reverts import moment
from symbolon.tables import inert
from symbolon.units import format_amount

if TYPE_CHECKING:
    from symbolon.tokens import Token

_DELIVERED = (State.DELIVERED, State.DISPUTED, State.FULFILLED)
"""Where an order can stand that was delivered and not taken back: to say so again does no harm."""

COLUMNS = ("order", "reference", "member", "quantity", "amount", "opened", "fulfil_by")


class FileError(SymbolonError):
    """A file of orders cannot be used."""


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
    _act(work, token, order, Orders.confirm)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("order")
@writes
def claim(work: Work, token: str, order: str) -> None:
    """End ORDER in its member's favour, after the brand or the arbiter let its time pass (anybody)."""
    _act(work, token, order, Orders.claim)


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
        orders = [each for each in alliance.orders.of(found) if everything or not each.state.has_ended]
        if as_json:
            now = calls.now()
            facts = [_facts(found, each, now) for each in orders]
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
        orders = sorted(open_ones(alliance.orders.of(found)), key=lambda each: each.deadline)
        target = save.open("w", encoding="utf-8", newline="") if save else sys.stdout
        try:
            writer = csv.writer(target)
            writer.writerow(COLUMNS)
            for each in orders:
                writer.writerow(
                    (
                        each.name,
                        inert(label_text(each.reference)) if each.reference.strip(b"\0") else "",
                        each.member,
                        each.quantity,
                        format_amount(each.amount, found.decimals),
                        moment(each.opened_at),
                        moment(each.deadline),
                    )
                )
        finally:
            if save:
                target.close()
    if save:
        click.echo(f"{len(orders)} orders are in {save}.", err=True)


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
    names = orders if file is None else _names(file)
    wanted, unclear = _named(found, work.alliance.orders.of(found), names)
    done = work.alliance.orders.fulfil(found, open_ones(wanted), sender=work.sender)
    for each in wanted:
        if each.state in _DELIVERED:
            click.echo(f"Passed over: {each.name} is {each.state}.", err=True)
    unpaid = [
        f"{each.name} is {each.state}: nothing is owed for it any more, so do not ship it."
        for each in wanted
        if each.state not in (State.OPEN, *_DELIVERED)
    ]
    _report(done, "delivered", [*unpaid, *unclear])


@cli.command(cls=Command)
@click.argument("token")
@click.argument("order")
@writes
def decline(work: Work, token: str, order: str) -> None:
    """Give ORDER back; after a day that costs its compensation (fulfil role; after a day admin)."""
    _act(work, token, order, Orders.decline)


@cli.command(cls=Command)
@click.argument("token")
@writes
def finish(work: Work, token: str) -> None:
    """End every delivered order of TOKEN that nobody disputed in time (anybody)."""
    found = work.token(token)
    ripe = [each for each in work.alliance.orders.due(found) if each.state is State.DELIVERED]
    _report(work.alliance.orders.finish(found, ripe, sender=work.sender), "fulfilled")


# ---- words


def _act(work: Work, token: str, order: str, act: Callable[..., object]) -> None:
    found = work.token(token)
    meant = work.alliance.orders.find(found, order)
    act(work.alliance.orders, meant, sender=work.sender)
    click.echo(f"{in_words(work.alliance.orders.find(found, meant.name), found)}.")


def _report(done: Done, what: str, others: Sequence[str] = ()) -> None:
    """Say what was done and what was left out, also for reasons of the command's own."""
    left_out = [*(f"{order.name}: {error}" for order, error in done.left_out), *others]
    for each in left_out:
        click.echo(f"Left out: {each}", err=True)
    click.echo(f"{len(done.done)} {what}, {len(left_out)} left out.")
    if left_out:
        raise Failure("Some orders were left out: see what is said about each, and run it again.")


def _names(file: Path) -> list[str]:
    """The orders that a CSV names, by its column order or else reference."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = reader.fieldnames or ()
            column = next((each for each in ("order", "reference") if each in columns), None)
            if column is None:
                raise FileError(f"{file.name} has no column order or reference: add one in the first line.")
            names = [(row[column] or "").strip() for row in reader]
    except UnicodeDecodeError:
        raise FileError(f"{file.name} is no text in UTF-8: save it as CSV UTF-8.") from None
    if empty := [number for number, name in enumerate(names, 2) if not name]:
        raise FileError(f"{file.name}, line {empty[0]} names no order: fill it in or remove the line.")
    return names


def _named(token: "Token", orders: list[Order], texts: Sequence[str]) -> tuple[list[Order], list[str]]:
    """The orders of these names or references, each once, and what is said of those that several have.

    Raises NoOrderError.
    """
    names = Names(orders)
    found: dict[Order, None] = {}
    unclear: dict[str, None] = {}
    for text in texts:
        meant = names.called(text)
        if not meant:
            raise NoOrderError(
                f"There is no order {text!r} of {token.symbol}: `ape run orders list {token.symbol} --all` "
                "lists what there is; nothing was sent."
            )
        if len(meant) == 1:
            found[meant[0]] = None
        else:
            which = ", ".join(order.name for order in meant)
            unclear[f"{text}: several orders are called so ({which}): give offer and number."] = None
    return list(found), list(unclear)


def _facts(token: "Token", order: Order, now: int) -> dict[str, Any]:
    return {
        "order": order.name,
        "reference": label_text(order.reference) if order.reference.strip(b"\0") else "",
        "state": str(order.state),
        "deadline": order.deadline,
        "member": order.member,
        "quantity": order.quantity,
        "amount": format_amount(order.amount, token.decimals),
        "compensation": order.compensation,
        "stake": format_amount(order.stake, token.decimals),
        "arbiter": order.arbiter,
        "openedAt": order.opened_at,
        "age": now - order.opened_at,
        "refunded": format_amount(order.refunded, token.decimals),
        "paid": order.paid,
    }
