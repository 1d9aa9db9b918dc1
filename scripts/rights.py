"""Purchase rights: define, list, buy, give away, and pass on."""

from pathlib import Path

import click

from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Work, sentences, token_of, writes
from symbolon.codes import UNITS_MAX
from symbolon.shop_front import FILE, YES, Publishing, book_of, right_in_words, rights_to_define

QUANTITY = click.option(
    "--quantity", type=click.IntRange(1, UNITS_MAX), default=1, show_default=True, help="How many."
)


@click.group(short_help="Leave to open groups and bargains")
def cli() -> None:
    """Purchase rights: leave to open a group or a bargain, sold for tokens or given away.

    Whoever has one may use it, pass it on or sell it; nobody can take it. TOKEN is an address or a symbol.
    """


@cli.command(cls=Command)
@click.argument("token")
@click.argument("file", type=FILE)
@YES
@writes
def publish(work: Work, token: str, file: Path, yes: bool) -> None:
    """Define the rights in FILE, a YAML of deals, for good (a manager with the campaign role).

    Those that are there already are passed over, so that the same file can be run again.
    """
    found = work.token(token)
    Publishing(rights_to_define(work, found, book_of(found, file))).carry_out(work, yes=yes)


@cli.command(cls=Command, name="list")
@click.argument("token")
@click.option("--holder", help="Say also how many this account has.")
def list_(token: str, holder: str | None) -> None:
    """List the rights of TOKEN, oldest first."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        rights = alliance.rights.of(found)
        for each in rights:
            held = f"; {alliance.rights.held(found, each.right.name, holder)} held" if holder else ""
            click.echo(
                f"{each.right.name}: {right_in_words(each.right, found.units)}; {each.left} left{held}"
            )
        if not rights:
            click.echo(f"There are no rights of {found.symbol}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("right")
@QUANTITY
@click.option("--to", help="For another account than the one that pays.")
@writes
def buy(work: Work, token: str, right: str, quantity: int, to: str | None) -> None:
    """Buy RIGHT for tokens, which burn. The account pays."""
    found = work.token(token)
    work.alliance.rights.buy(found, right, quantity, holder=to, sender=work.sender)
    holder = address_of(to or work.sender)
    click.echo(f"{holder} has {work.alliance.rights.held(found, right, holder)} of {right}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("right")
@click.argument("holders", nargs=-1, required=True)
@QUANTITY
@writes
def grant(work: Work, token: str, right: str, holders: tuple[str, ...], quantity: int) -> None:
    """Give RIGHT to HOLDERS, who pay nothing (a manager with the campaign role).

    Each run gives as many again.
    """
    found = work.token(token)
    wanted = dict.fromkeys(map(address_of, holders), quantity)
    work.alliance.rights.grant(found, right, wanted, sender=work.sender)
    left = work.alliance.rights.get(found, right).left
    click.echo(f"{quantity} of {right} went to each of {len(wanted)}; {left} are left.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("right")
@click.argument("to")
@QUANTITY
@writes
def give(work: Work, token: str, right: str, to: str, quantity: int) -> None:
    """Pass RIGHT on to the account TO."""
    found = work.token(token)
    work.alliance.rights.give(found, right, to, quantity, sender=work.sender)
    click.echo(f"{address_of(to)} has {work.alliance.rights.held(found, right, to)} of {right}.")
