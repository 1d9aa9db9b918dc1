"""Start a local chain that stays, with the suite deployed and seeded."""

import click

from symbolon import standing
from symbolon.cli import sentences


@click.command()
@click.option("--port", default=standing.PORT, show_default=True, help="Where it listens, on 127.0.0.1.")
def cli(port: int) -> None:
    """Start a local chain that stays, with the suite deployed, three brands, members and Multicall3.

    `ape run down` ends it. The accounts, with their keys, are in deployments/local/accounts.json.
    """
    with sentences():
        chain = standing.up(port, progress=click.echo)
    click.echo(f"A local chain runs at {chain.url}; `make down` ends it.")
    click.echo(f"Its accounts: {standing.LOCAL / 'accounts.json'}")
    click.echo(f"For TypeScript: {standing.LOCAL / 'symbolon.ts'}")
