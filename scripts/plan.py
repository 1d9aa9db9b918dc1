"""Show what differs between a file that describes an alliance and the chain."""

from pathlib import Path

import click

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.cli import Command, Failure, sentences
from symbolon.planning import safe
from symbolon.planning.command import ETHER_PRICE, FILE, show
from symbolon.planning.drawing import account_at, draw
from symbolon.planning.plan import Turn


@click.command(cls=Command)
@FILE
@click.option(
    "--safe",
    "batches",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what accounts sign whose keys are not here as batches for Safe, beside this file.",
)
@click.option("--check", is_flag=True, help="Exit code 1 if anything differs.")
@ETHER_PRICE
def cli(file: Path, batches: Path | None, check: bool, ether_price: str | None) -> None:
    """Show how the chain differs from FILE, and what it takes and costs to mend that. Sends nothing.

    Each act is tried on a copy of the chain, as whom it is meant for, so no key is needed.
    """
    with sentences():
        alliance = Alliance.connect()
        drawn = draw(alliance, file)
        show(drawn, ether_price)
        if batches is not None:
            _write_batches(drawn.plan.turns, batches)
    if check and drawn.plan.differences:
        raise Failure("The chain differs from the file.")


def _write_batches(turns: list[Turn], path: Path) -> None:
    foreign = [
        (number, turn) for number, turn in enumerate(turns, 1) if account_at(turn.signer.address) is None
    ]
    for target in safe.write(path, foreign, calls.chain_id(), calls.now()):
        click.echo(f"Wrote {target}")
    if not foreign:
        click.echo("No batch was written: the keys of all who sign are here.")
