"""What the commands `plan`, `apply` and `fork` share."""

from __future__ import annotations

from pathlib import Path

import click

from symbolon.planning import words
from symbolon.planning.drawing import Drawn, gas_price, short_of_ether
from symbolon.units import ether

FILE = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default="alliance.yaml"
)
ETHER_PRICE = click.option(
    "--ether-price", help='What an ETH costs, such as "2500 EUR": shows costs in that too.'
)


def show(drawn: Drawn, ether_price: str | None) -> None:
    """Print a plan, and who cannot pay for it."""
    price = words.Price.of(gas_price(), ether_price)
    for line in words.lines(drawn.plan, drawn.outcomes, price):
        click.echo(line)
    for account, held, needed in short_of_ether(drawn.outcomes, price.wei):
        click.echo(
            f"{words.named(account)} holds {ether(held)} ETH and needs {ether(needed)}: send it the "
            "difference first.",
            err=True,
        )
