"""Write what block explorers ask to verify the recorded contracts."""

from pathlib import Path

import click

from symbolon import manifest, verification
from symbolon.cli import sentences
from symbolon.manifest import NotDeployedError, Records


@click.command()
@click.argument("network")
@click.argument("names", nargs=-1)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    default="verification",
    show_default=True,
    help="The folder to write to.",
)
def cli(network: str, names: tuple[str, ...], save: Path) -> None:
    """Write what explorers ask to verify the contracts of NETWORK, or those with NAMES. Needs no network.

    NETWORK is a folder of deployments/. Each contract is compiled again, which takes some seconds, and has to
    lead to the address at which it was recorded. Brands' tokens are clones of LoyaltyToken, which explorers
    recognise once that is verified.
    """
    with sentences():
        records = Records(manifest.DEPLOYMENTS / network)
        found = [record for record in records if not names or record.name in names]
        missing = set(names) - {record.name for record in found}
        if missing or not found:
            what = ", ".join(sorted(missing)) or "contract"
            raise NotDeployedError(f"No {what} is recorded for {network}: look into {records.folder}.")
        made = verification.inputs(found)
        for path in verification.write(made, save):
            click.echo(f"Wrote {path}")
        click.echo(f"Byte for byte as recorded: {len(made)}.")
