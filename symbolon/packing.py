"""What the packing desk works with: lists of orders for other programs, and the orders that a list names."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon.cli import Failure
from symbolon.exceptions import SymbolonError
from symbolon.fulfilment import Done, Names, NoOrderError, Order, State, open_ones
from symbolon.reverts import moment
from symbolon.tables import inert, to_csv
from symbolon.units import format_amount

if TYPE_CHECKING:
    from symbolon.tokens import Token

DELIVERED = (State.DELIVERED, State.DISPUTED, State.FULFILLED)
"""Where an order can stand that was delivered and not taken back: to say so again does no harm."""

COLUMNS = ("order", "reference", "member", "quantity", "amount", "money", "opened", "fulfil_by")


class FileError(SymbolonError):
    """A file of orders cannot be used."""


def packing_list(orders: Iterable[Order], token: Token) -> list[tuple[object, ...]]:
    """A row for each open order, the most urgent first."""
    waiting = sorted(open_ones(orders), key=lambda each: each.deadline)
    return [
        (
            each.name,
            inert(each.called),
            each.member,
            each.quantity,
            format_amount(each.price.tokens, token.decimals),
            format_amount(each.price.money, token.units.money_decimals),
            moment(each.opened_at),
            moment(each.deadline),
        )
        for each in waiting
    ]


def hand_over(rows: Sequence[Sequence[object]], save: Path | None, what: str) -> None:
    """Write rows of orders as CSV: to a file, or print them."""
    text = to_csv(COLUMNS, rows)
    if save is None:
        sys.stdout.write(text)
        return
    save.write_text(text, encoding="utf-8", newline="")
    click.echo(f"{len(rows)} {what} are in {save}.", err=True)


def report(done: Done, what: str, others: Sequence[str] = ()) -> None:
    """Say what was done and what was left out, also for reasons of the command's own."""
    left_out = [*(f"{order.name}: {error}" for order, error in done.left_out), *others]
    for each in left_out:
        click.echo(f"Left out: {each}", err=True)
    click.echo(f"{len(done.done)} {what}, {len(left_out)} left out.")
    if left_out:
        raise Failure("Some orders were left out: see what is said about each, and run it again.")


def names_in(file: Path) -> list[str]:
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


def named(token: Token, orders: list[Order], texts: Sequence[str]) -> tuple[list[Order], list[str]]:
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


def facts_of(token: Token, order: Order, now: int) -> dict[str, Any]:
    """An order for programs: tokens and, where the price has any, money as people write them."""
    units = token.units

    def priced(name: str, parts: int) -> dict[str, str]:
        price = order.mix.cost(parts)
        words = {name: format_amount(price.tokens, units.decimals)}
        if order.mix.currency_part:
            words[f"{name}Money"] = format_amount(price.money, units.money_decimals)
        return words

    return {
        "order": order.name,
        "reference": order.called,
        "state": str(order.state),
        "deadline": order.deadline,
        "member": order.member,
        "quantity": order.quantity,
        **priced("amount", order.amount),
        "compensation": order.compensation,
        **priced("stake", order.stake),
        "arbiter": order.arbiter,
        "openedAt": order.opened_at,
        "age": now - order.opened_at,
        **priced("refunded", order.refunded),
        "paid": order.paid,
    }
