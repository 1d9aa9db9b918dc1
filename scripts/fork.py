"""Rehearse a file that describes an alliance on a copy of the chain, which is thrown away."""

from pathlib import Path

import click

from symbolon.alliance import Alliance
from symbolon.cli import Command, Failure, sentences
from symbolon.fields import DAY
from symbolon.forks import Fork, forked
from symbolon.planning import file as plan_file
from symbolon.planning.command import ETHER_PRICE, FILE, show
from symbolon.planning.drawing import Drawn, money_at
from symbolon.planning.model import Resource
from symbolon.planning.plan import compare
from symbolon.planning.rehearse import rehearse


@click.command(cls=Command)
@FILE
@click.option("--wait", "waits", type=click.IntRange(1), multiple=True, help="Then let days pass, and go on.")
@ETHER_PRICE
def cli(file: Path, waits: tuple[int, ...], ether_price: str | None) -> None:
    """Apply FILE to a copy of the chain, as whoever has to sign, and show what differs afterwards.

    With --wait, as often as you like, so many days pass there, and what was waiting is gone on with. The copy
    is thrown away; exit code 1 if a contract refused anything.
    """
    with sentences():
        alliance = Alliance.connect()
        wanted = plan_file.read(file, money_at(alliance))
        with forked() as fork:
            well = _play(fork, alliance, wanted, ether_price)
            for days in waits:
                fork.wait(days * DAY)
                click.echo(f"\n{days} days later:")
                well &= _play(fork, alliance, wanted, ether_price)
            click.echo("\nAfterwards:")
            show(Drawn(wanted, compare(alliance, wanted), []), ether_price)
    click.echo("The copy was thrown away; nothing was sent.")
    if not well:
        raise Failure("Some of it would be refused.")


def _play(fork: Fork, alliance: Alliance, wanted: list[Resource], ether_price: str | None) -> bool:
    plan = compare(alliance, wanted)
    drawn = Drawn(wanted, plan, rehearse(fork, plan.acts))
    show(drawn, ether_price)
    return not drawn.refused
