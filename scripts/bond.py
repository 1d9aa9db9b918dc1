"""Bonds: lay money down, allot it to offers, take it back, and look at what is there."""

import click

from symbolon.alliance import Alliance
from symbolon.bonds import Purse
from symbolon.cli import Command, Work, sentences, token_of, writes
from symbolon.exceptions import SymbolonError
from symbolon.reverts import moment

PURSE = click.Choice([str(purse) for purse in Purse])


@click.group(short_help="What a brand lays down for its promises")
def cli() -> None:
    """Bonds: money that a brand lays down, in its token's settlement currency, in three purses.

    settlement is for debts to partners, holders for everybody who holds the token, compensation for orders
    that fail. TOKEN is an address or a symbol, VALUE an amount of the currency such as 250.00.
    """


@cli.command(cls=Command)
@click.argument("token")
def show(token: str) -> None:
    """Show the bond of TOKEN: what is in each purse, what it covers, and what is announced."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        bond = alliance.bonds.of(found)
        money = bond.currency.text
        for purse, state in bond.purses.items():
            parts = [money(state.value)]
            if state.allotted:
                parts.append(f"{money(state.allotted)} allotted")
            if state.required:
                parts.append(f"{money(state.required)} required")
            if state.withdrawal:
                parts.append(
                    f"{money(state.withdrawal)} to be withdrawn from {moment(state.withdrawable_at)} to "
                    f"{moment(state.withdrawable_until)}"
                )
            click.echo(f"{purse}: {', '.join(parts)}")
        click.echo(f"It covers {bond.coverage:.2%} of what is outstanding or promised.")
        if bond.missing:
            cure = f", to be made good by {moment(bond.cure_by)}" if bond.cure_by else ""
            click.echo(f"The holders' purse lacks {money(bond.missing)}{cure}.")
        elif bond.cure_by:
            click.echo(
                f"A shortfall is flagged, with time until {moment(bond.cure_by)}, but nothing is missing any "
                "more: `ape run bond shortfall` has the flag taken down."
            )


@cli.command(cls=Command)
@click.argument("token")
@click.argument("purse", type=PURSE)
@click.argument("value")
@writes
def deposit(work: Work, token: str, purse: str, value: str) -> None:
    """Put VALUE into a PURSE of TOKEN's bond. The account pays."""
    found = work.token(token)
    bond = work.alliance.bonds.of(found)
    work.alliance.bonds.deposit(found, _purse(purse), bond.currency.parse(value), sender=work.sender)
    _say(work, token, purse)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("offer")
@click.argument("value")
@click.option("--reclaim", is_flag=True, help="Take back instead what is reserved for no order.")
@writes
def allot(work: Work, token: str, offer: str, value: str, reclaim: bool) -> None:
    """Set VALUE of the compensation purse aside for orders of OFFER (the brand's admin)."""
    found = work.token(token)
    bond = work.alliance.bonds.of(found)
    act = work.alliance.bonds.reclaim_from_offer if reclaim else work.alliance.bonds.allot_to_offer
    act(found, offer, bond.currency.parse(value), sender=work.sender)
    free = work.alliance.orders.free_compensation(found, offer)
    click.echo(f"Orders of {offer} can be promised {bond.currency.text(free)} more.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("purse", type=PURSE)
@click.argument("value")
@writes
def announce(work: Work, token: str, purse: str, value: str) -> None:
    """Announce that the brand takes VALUE back from a PURSE, after its notice period (the brand's admin)."""
    found = work.token(token)
    bond = work.alliance.bonds.of(found)
    work.alliance.bonds.announce_withdrawal(
        found, _purse(purse), bond.currency.parse(value), sender=work.sender
    )
    state = work.alliance.bonds.of(found).purses[_purse(purse)]
    click.echo(
        f"{bond.currency.text(state.withdrawal)} can be withdrawn from {moment(state.withdrawable_at)} to "
        f"{moment(state.withdrawable_until)}, if it is free then."
    )


@cli.command(cls=Command)
@click.argument("token")
@click.argument("purse", type=PURSE)
@writes
def cancel(work: Work, token: str, purse: str) -> None:
    """Cancel the withdrawal that is announced for a PURSE (the brand's admin)."""
    work.alliance.bonds.cancel_withdrawal(work.token(token), _purse(purse), sender=work.sender)
    click.echo(f"Nothing is to be withdrawn from {purse}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("purse", type=PURSE)
@click.option("--to", help="Who receives it; the account itself if not given.")
@writes
def withdraw(work: Work, token: str, purse: str, to: str | None) -> None:
    """Carry out the withdrawal that was announced for a PURSE, up to what is free (the brand's admin)."""
    found = work.token(token)
    work.alliance.bonds.withdraw(found, _purse(purse), to or work.sender, sender=work.sender)
    _say(work, token, purse)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("account_owed", required=False)
@writes
def collect(work: Work, token: str, account_owed: str | None) -> None:
    """Pay out what the account, or ACCOUNT_OWED, is owed in the currency of TOKEN."""
    found = work.token(token)
    bond = work.alliance.bonds.of(found)
    account = account_owed or str(work.sender.address)
    owed = work.alliance.bonds.owed_to(bond.currency, account)
    if not owed:
        raise SymbolonError(
            f"Nothing is owed to {account} in {bond.currency.symbol}: there is nothing to collect."
        )
    work.alliance.bonds.collect(bond.currency, account, sender=work.sender)
    click.echo(f"{bond.currency.text(owed)} went to {account}.")


@cli.command(cls=Command)
@click.argument("token")
@writes
def shortfall(work: Work, token: str) -> None:
    """State that the holders' purse of TOKEN holds too little, or that it no longer does (anybody).

    A deposit that makes the purse whole takes the flag down by itself; where less is owed instead, this does.
    """
    found = work.token(token)
    bond = work.alliance.bonds.of(found)
    if bond.cure_by and not bond.missing:
        work.alliance.bonds.clear_shortfall(found, sender=work.sender)
        click.echo("The shortfall is made good.")
        return
    work.alliance.bonds.flag_shortfall(found, sender=work.sender)
    by = moment(work.alliance.bonds.of(found).cure_by)
    click.echo(f"{bond.currency.text(bond.missing)} are missing, to be made good by {by}.")


def _say(work: Work, token: str, purse: str) -> None:
    bond = work.alliance.bonds.of(work.token(token))
    click.echo(f"{purse}: {bond.currency.text(bond.purses[_purse(purse)].value)}")


def _purse(text: str) -> Purse:
    return next(purse for purse in Purse if str(purse) == text)
