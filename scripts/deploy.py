"""Deploy the alliance's contracts to a network, or go on where an earlier run was cut off."""

import click

from symbolon import exports
from symbolon.alliance import Alliance
from symbolon.cli import Command, Work, writes
from symbolon.deployment import DEFAULT_SALT


@click.command(cls=Command)
@click.option("--first-admin", help="Who is the alliance at first (a multisig); the account if not given.")
@click.option("--salt", default=DEFAULT_SALT, show_default=True, help="Another one gives another suite.")
@click.option("--currency", "currencies", multiple=True, help="A settlement currency (ERC-20) to list.")
@click.option("--replace", is_flag=True, help="Let the records of another suite be overwritten.")
@writes
def cli(work: Work, first_admin: str | None, salt: str, currencies: tuple[str, ...], replace: bool) -> None:
    """Deploy the suite. The same build, salt and first admin give the same addresses on every chain.

    What is there already is left as it is, so running it again is safe at any time.
    """
    alliance = Alliance.deploy(
        sender=work.sender,
        records=work.records,
        first_admin=first_admin,
        salt=salt,
        currencies=currencies,
        replace=replace,
        rehearsal=not work.at_stake,
        progress=lambda name, outcome: click.echo(f"{name}: {outcome}"),
    )
    for act in alliance.left_to_do:
        click.echo(f"Left to the alliance: {act.what}: call {act.to} with 0x{act.data.hex()}")
    if not work.dry_run:
        for path in exports.write_all(alliance):
            click.echo(f"Wrote {path}")
