"""Make the chain as a file says that it should be."""

from pathlib import Path

import click
from ape.utils.basemodel import ManagerAccessMixin as Ape
from ape_accounts.accounts import KeyfileAccount

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.cli import Command, Failure, sentences
from symbolon.forks import node_url
from symbolon.journal import DEFAULT_FOLDER
from symbolon.planning.apply import Applying
from symbolon.planning.command import ETHER_PRICE, FILE, show
from symbolon.planning.drawing import Drawn, account_at, draw, signer_at, tried
from symbolon.planning.plan import Turn, compare, turns_of
from symbolon.planning.words import named
from symbolon.rpc import Node
from symbolon.sender import Policy

GWEI = 10**9


@click.command(cls=Command)
@FILE
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@ETHER_PRICE
@click.option(
    "--journal",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="Where the journal is, which an interrupted run goes on from.",
)
@click.option("--confirmations", type=click.IntRange(1), help="Blocks until an act is final.")
@click.option("--fee-ceiling", type=click.FloatRange(min=0, min_open=True), help="Never pay more, in gwei.")
def cli(
    file: Path,
    *,
    yes: bool,
    ether_price: str | None,
    journal: Path,
    confirmations: int | None,
    fee_ceiling: float | None,
) -> None:
    """Make the chain as FILE says: everything that `plan` shows and whose signer's key is here.

    Stop it in any way and run it again: what was done is not done again. Nothing is taken off the chain that
    FILE does not speak of.
    """
    with sentences():
        alliance = Alliance.connect()
        policy = Policy(
            confirmations=confirmations or calls.confirmations(),
            fee_ceiling=None if fee_ceiling is None else int(fee_ceiling * GWEI),
            poll=0.05 if calls.is_rehearsal(Ape.provider) else 1.0,
        )
        with Applying(alliance, Node(node_url()), signer_at, folder=journal, policy=policy) as applying:
            for what in applying.resume():
                click.echo(f"An earlier run had signed: {what}; it was waited for.")
            drawn = draw(alliance, file)
            show(drawn, ether_price)
            turns = _sendable(drawn)
            if turns:
                _ask(turns, yes=yes)
                applying.run(turns, drawn.gas, drawn.wanted)
                _report(alliance, drawn, turns)


def _sendable(drawn: Drawn) -> list[Turn]:
    """What can be done with the keys that are here. Raises Failure where a contract would refuse anything."""
    if drawn.refused:
        raise Failure("Nothing was sent, because some of it would be refused: mend that first.")
    acts = drawn.plan.acts
    own = [act for act in acts if account_at(act.signer.address) is not None]
    if len(own) < len(acts):
        foreign = dict.fromkeys(named(act.signer) for act in acts if act not in own)
        click.echo(
            f"No key here signs for {', '.join(foreign)}: `ape run plan --safe` writes what they sign."
        )
        own = [outcome.act for outcome in tried(own) if not outcome.refusal]
        if not own:
            click.echo("Nothing else can be done before that.")
    return turns_of(own)


def _ask(turns: list[Turn], *, yes: bool) -> None:
    count = sum(len(turn.acts) for turn in turns)
    signers = dict.fromkeys(turn.signer for turn in turns)
    if not yes:
        click.confirm(f"Sign {count} transactions with {', '.join(map(named, signers))}?", abort=True)
    for signer in signers:
        account = account_at(signer.address)
        if isinstance(account, KeyfileAccount):
            account.set_autosign(True)


def _report(alliance: Alliance, drawn: Drawn, turns: list[Turn]) -> None:
    done = sum(len(turn.acts) for turn in turns)
    left = compare(alliance, drawn.wanted)
    click.echo(f"Done: {done}. Left to do: {len(left.acts)}.")
    for note in left.notes:
        click.echo(f"  {note.mark} {note.subject}: {note.text}")
