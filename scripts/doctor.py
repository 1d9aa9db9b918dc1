"""Say what is missing on this machine or chain, and the mend."""

import click
from ape.api import ProviderAPI
from ape.utils.basemodel import ManagerAccessMixin as Ape

from symbolon import doctor
from symbolon.alliance import records_of
from symbolon.calls import AccountLike
from symbolon.cli import AccountChoice, connecting, sentences
from symbolon.doctor import Check, Finding


@click.command()
@click.option("--network", default="ethereum:local:foundry", show_default=True, help="As for other commands.")
@click.option("--account", type=AccountChoice(), help="Who would sign there.")
@click.option("--machine-only", is_flag=True, help="Leave the chain out.")
def cli(network: str, account: AccountLike | None, machine_only: bool) -> None:
    """Say what is missing on this machine or chain, and the mend. Exit code 1 if anything is."""
    well = _report(doctor.machine())
    if not machine_only:
        reached: list[ProviderAPI] = []

        def reach() -> str:
            reached.append(connecting(network))
            return str(reached[0].network_choice)

        well &= _report(((f"network {network}", reach),))
        if reached:
            with sentences(), reached[0].network.use_provider(reached[0]):
                well &= _report(doctor.chain(records_of(Ape.provider.network), account))
    if not well:
        raise SystemExit(1)


def _report(checks: tuple[Check, ...]) -> bool:
    well = True
    for finding in doctor.examine(checks):
        _print(finding)
        well &= finding.well
    return well


def _print(finding: Finding) -> None:
    mark = click.style("ok ", fg="green") if finding.well else click.style("no ", fg="red")
    click.echo(f"{mark} {finding.what}: {finding.text}")
