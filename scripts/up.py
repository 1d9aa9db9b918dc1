"""Start a local chain that stays, with the suite deployed and seeded."""

import click

from symbolon import page, standing
from symbolon.cli import sentences


@click.command()
@click.option("--port", default=standing.PORT, show_default=True, help="Where it listens, on 127.0.0.1.")
@click.option("--page-port", default=page.PORT, show_default=True, help="Where the member's page is; 0: any.")
def cli(port: int, page_port: int) -> None:
    """Start a local chain that stays, with the suite deployed, three brands, members and Multicall3.

    The member's page is served beside it, if it is built: `make up` builds it first, this command does not.
    `ape run down` ends both. The accounts, with their keys, are in deployments/local/accounts.json.
    """
    with sentences():
        chain = standing.up(port, page_port, progress=click.echo)
    click.echo(f"A local chain runs at {chain.url}; `make down` ends it.")
    if chain.page_url:
        click.echo(f"The member's page: {chain.page_url}")
    click.echo(f"Its accounts: {standing.LOCAL / 'accounts.json'}")
    click.echo(f"For TypeScript: {standing.LOCAL / 'symbolon.ts'}")
