"""End the local chain that `up` left running."""

import click

from symbolon import standing
from symbolon.cli import sentences


@click.command()
def cli() -> None:
    """End the local chain that `ape run up` left running."""
    with sentences():
        chain = standing.down()
    click.echo(f"Ended the local chain at {chain.url}." if chain else "No local chain was running.")
