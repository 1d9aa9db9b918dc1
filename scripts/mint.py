"""Mint tokens from the account's quota: to one member, or to a whole customer file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from ape_accounts.accounts import KeyfileAccount
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from symbolon import calls
from symbolon.advice import advice, unit_costs
from symbolon.alliance import Alliance
from symbolon.bulk_mint import BulkMint, Plan
from symbolon.calls import ApeSigner, address_of
from symbolon.cli import Command, signs, token_of, units_of, working
from symbolon.customers import read_customers
from symbolon.forks import node_url
from symbolon.journal import DEFAULT_FOLDER
from symbolon.mint_job import MintJob
from symbolon.rpc import GWEI, Node
from symbolon.sender import Policy, Progress
from symbolon.units import EtherPrice, ether, format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from symbolon.tokens import Token


@click.command(cls=Command)
@click.argument("token")
@click.option("--to", help="One member's address.")
@click.option("--amount", help="How many tokens for one member, such as 12.50.")
@click.option(
    "--file",
    "customers",
    type=click.Path(path_type=Path),
    help="A customer file: CSV with the columns address,amount and, if you like, reference.",
)
@click.option(
    "--campaign", default="mint", show_default=True, help="Tells payments of one and the same file apart."
)
@click.option(
    "--receipts", type=click.Path(path_type=Path), help="Receipt file, row by row; beside the file."
)
@click.option("--merge-duplicates", is_flag=True, help="Add up the lines of an address; else refuse them.")
@click.option(
    "--confirmations", type=click.IntRange(min=1), help="Blocks until a batch is final; 1 on a local chain."
)
@click.option("--fee-ceiling", type=click.FloatRange(min=0), help="Never offer more gwei a gas.")
@click.option("--ether-price", help="What one ETH costs, such as '2500 EUR', to show costs in that too.")
@click.option(
    "--journal",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="Folder of the journals that make every row be minted exactly once.",
)
@click.option(
    "--access-lists", is_flag=True, help="Announce what a batch writes: less gas, more than twice the data."
)
@click.option("--yes", is_flag=True, help="Do not ask before signing a file's transactions.")
@signs
def cli(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    *,
    to: str | None,
    amount: str | None,
    customers: Path | None,
    campaign: str,
    receipts: Path | None,
    merge_duplicates: bool,
    confirmations: int | None,
    fee_ceiling: float | None,
    ether_price: str | None,
    journal: Path,
    access_lists: bool,
    yes: bool,
) -> None:
    """Mint TOKEN (an address or a symbol) from the account's quota.

    With --to and --amount: to one member. With --file: to everybody in the file, each row exactly once,
    however often the command is stopped and run again.
    """
    if (customers is None) == (to is None) or (to is None) != (amount is None):
        raise click.UsageError("Give either --to and --amount, or --file.")
    if to is not None and amount is not None:
        _mint_one(account, dry_run, token, to, amount)
        return
    assert customers is not None
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    rows = read_customers(customers, found.decimals, token=found.address, merge_duplicates=merge_duplicates)
    job = MintJob.of(calls.chain_id(), found.address, rows, campaign=campaign)
    policy = Policy(
        confirmations=confirmations or calls.confirmations(),
        fee_ceiling=None if fee_ceiling is None else int(fee_ceiling * GWEI),
    )
    price = None if ether_price is None else EtherPrice.parse(ether_price)
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[cost]}"),
    )
    shown = _Shown(bars, price)
    bulk = BulkMint(
        Node(node_url()),
        ApeSigner(account),
        job,
        decimals=found.decimals,
        first_block=alliance.start_block,
        folder=journal,
        access_lists=access_lists,
        policy=policy,
        on_progress=shown,
    )
    plan = bulk.check()
    shown.plan = plan
    click.echo(f"{plan.rows:,} members, {_amount(found, plan.amount)} in {plan.batches} batches.")
    if plan.batches_left:
        click.echo(
            f"To mint: {plan.batches_left} batches, gas {plan.gas:,}, {_cost(plan.fee, price)}, at most "
            f"{_cost(plan.fee_most, price)}."
        )
        if advised := advice(plan.rows, plan.gas * plan.batches // plan.batches_left, unit_costs()):
            click.echo(advised)
    else:
        click.echo("All of it has been minted.")
    if dry_run:
        click.echo("Nothing was sent.")
        return
    if plan.batches_left and isinstance(account, KeyfileAccount):
        if not yes:
            click.confirm(f"Sign {plan.batches_left} transactions with {account.address}?", abort=True)
        account.set_autosign(True)
    with bars:
        result = bulk.run(receipts or customers.with_suffix(".receipts.csv"))
    transactions = len({place.transaction for place in result.places.values()})
    click.echo(
        f"{result.rows:,} members have {_amount(found, result.amount)}, minted in {transactions} "
        "transactions; the chain agrees with the file, row by row."
    )
    click.echo(f"Receipts: {receipts or customers.with_suffix('.receipts.csv')}")


def _mint_one(account: "AccountAPI | str", dry_run: bool, token: str, to: str, amount: str) -> None:
    with working(account, dry_run) as work:
        found = work.token(token)
        units = units_of(found, amount)
        found.mint(to, units, sender=work.sender)
        click.echo(f"{address_of(to)} holds {_amount(found, found.balance_of(to))}.")


def _amount(token: "Token", units: int) -> str:
    return f"{format_amount(units, token.decimals)} {token.symbol}"


def _cost(wei: int, price: EtherPrice | None) -> str:
    return f"{ether(wei)} ETH" + (f" ({price.of(wei)})" if price else "")


class _Shown:
    """Shows how many batches have been signed, mined, and are final, and what those mined cost about."""

    def __init__(self, bars: Bars, price: EtherPrice | None) -> None:
        self.plan: Plan | None = None
        self._price = price
        self._bars = bars
        self._tasks = {
            name: bars.add_task(name, total=None, visible=False, cost="")
            for name in ("signed", "mined", "final")
        }

    def __call__(self, progress: Progress) -> None:
        for name, task in self._tasks.items():
            done = getattr(progress, name)
            cost = self._cost_of(progress) if name == "mined" else ""
            self._bars.update(task, completed=done, total=progress.total, visible=True, cost=cost)

    def _cost_of(self, progress: Progress) -> str:
        if self.plan is None or not self.plan.batches_left:
            return ""
        mined = max(0, progress.mined - (self.plan.batches - self.plan.batches_left))
        return f"about {_cost(self.plan.fee * mined // self.plan.batches_left, self._price)}"
