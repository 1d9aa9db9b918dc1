"""Disputes: raise one, decide one, and list those that wait."""

import click

from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Work, sentences, token_of, writes
from symbolon.fulfilment import State, in_words
from symbolon.units import parse_amount


@click.group(short_help="When a delivery was not what it should be")
def cli() -> None:
    """Disputes about deliveries: the member raises one against the stated stake, and the arbiter splits.

    TOKEN is an address or a symbol. ORDER is the offer and its number, such as mug/17, or the shop's
    reference.
    """


@cli.command(cls=Command, name="list")
@click.argument("token")
@click.option("--arbiter", help="Only those that this account is to decide.")
def list_(token: str, arbiter: str | None) -> None:
    """List the disputes about orders of TOKEN that wait for their arbiter, the oldest first."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        whose = None if arbiter is None else address_of(arbiter)
        waiting = [
            order
            for order in alliance.deliveries.of(found)
            if order.state is State.DISPUTED and whose in (None, order.arbiter)
        ]
        for order in waiting:
            stake = found.units.text(order.mix.cost(order.stake))
            compensation = found.currency.text(order.compensation)
            click.echo(
                f"{in_words(order, found)}, compensation {compensation}, stake {stake}, arbiter "
                f"{order.arbiter}"
            )
        if not waiting:
            click.echo(f"No disputes about orders of {found.symbol} wait.")


@cli.command(cls=Command, name="raise")
@click.argument("token")
@click.argument("order")
@writes
def raise_(work: Work, token: str, order: str) -> None:
    """Dispute the delivery of ORDER and pay its stake. The account is the member."""
    found = work.token(token)
    meant = work.alliance.deliveries.find(found, order)
    work.alliance.deliveries.at(meant).dispute(meant, sender=work.sender)
    click.echo(f"{in_words(work.alliance.deliveries.find(found, meant.name), found)}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("order")
@click.option("--refund", help="Tokens for the member, or money where nothing else was paid; 0 for none.")
@click.option("--compensation", help="Money for the member; 0 for none.")
@writes
def decide(work: Work, token: str, order: str, refund: str | None, compensation: str | None) -> None:
    """Decide the dispute about ORDER: what is not the member's is the brand's. The account is the arbiter.

    The stake goes back to the member unless it gets nothing at all. A decision is for good.
    """
    if refund is None or compensation is None:
        raise click.UsageError("Give both --refund and --compensation: 0 where the member gets none.")
    found = work.token(token)
    meant = work.alliance.deliveries.find(found, order)
    work.alliance.deliveries.at(meant).decide(
        meant,
        meant.mix.read(refund, found.units),
        parse_amount(compensation, found.currency.decimals, allow_zero=True),
        sender=work.sender,
    )
    click.echo(f"{in_words(work.alliance.deliveries.find(found, meant.name), found)}.")
