"""Generate what others build on from the deployment records, or check that it is up to date."""

import click

from symbolon import exports
from symbolon.alliance import Alliance
from symbolon.cli import Command, sentences


@click.command(cls=Command)
@click.option("--check", is_flag=True, help="Change nothing; fail if anything differs.")
def cli(check: bool) -> None:
    """Write manifest.json, symbolon.ts and tokenlist.json of a network, from its records and events."""
    with sentences():
        files = exports.everything(Alliance.connect())
        if check:
            exports.check(files)
            click.echo("Everything is up to date.")
            return
        for path in exports.write(files):
            click.echo(f"Wrote {path}")
