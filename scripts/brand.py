"""Brands: register, be admitted, issue a token, oblige, and say who may do what.

BRAND is a brand's id, or the label under which the account registered it. TOKEN is an address or a symbol.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

import click

from symbolon import calls
from symbolon.brands import NOBODY, Roles
from symbolon.cli import Command, Work, currency_of, units_of, writes
from symbolon.exceptions import SymbolonError
from symbolon.obligations import DAY, SHORTEST_NOTICE, Terms
from symbolon.reverts import moment
from symbolon.units import format_amount


def terms_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that describe terms, and hand them over as its `terms`."""

    @click.option(
        "--terms",
        "document",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        required=True,
        help="The terms document, whose hash is recorded.",
    )
    @click.option("--terms-uri", default="", help="Where holders find it.")
    @click.option(
        "--notice-days",
        type=click.IntRange(min=1),
        default=SHORTEST_NOTICE // DAY,
        show_default=True,
        help="How long worse terms wait.",
    )
    @click.option(
        "--bond",
        type=click.FloatRange(0, 100),
        default=0,
        show_default=True,
        help="Percent of what is outstanding, at par, that the holders' purse of the bond must cover.",
    )
    @wraps(function)
    def command(
        *args: object, document: Path, terms_uri: str, notice_days: int, bond: float, **kwargs: object
    ) -> None:
        terms = Terms.of_document(
            document.read_bytes(),
            notice_period=notice_days * DAY,
            uri=terms_uri,
            bond_bps=round(bond * 100),
        )
        function(*args, terms=terms, **kwargs)

    return command


@click.group(short_help="Brands, their tokens and who acts for them")
def cli() -> None:
    """Brands: register, be admitted, make a token, oblige, and say who may do what.

    BRAND is a brand's id, or the label under which the account registered it. TOKEN is an address or a
    symbol. To look at a brand or a token: `ape run show`.
    """


# ---- joining


@cli.command(cls=Command)
@click.argument("label")
@click.option("--guardian", default=NOBODY, help="Who may bring the brand back when the admin's key is lost.")
@click.option("--profile-uri", default="", help="Where the brand describes itself.")
@writes
def register(work: Work, label: str, guardian: str, profile_uri: str) -> None:
    """Register a brand under LABEL, with the account as its admin."""
    brand = work.alliance.brands.register(
        label, guardian=guardian, profile_uri=profile_uri, sender=work.sender
    )
    click.echo(f"Brand {brand} is {brand.status}.")


@cli.command(cls=Command)
@click.argument("brand")
@writes
def admit(work: Work, brand: str) -> None:
    """Admit BRAND (the alliance)."""
    work.brand(brand).admit(sender=work.sender)
    click.echo(f"Brand {work.brand(brand)} is {work.brand(brand).status}.")


@cli.command(cls=Command)
@click.argument("brand")
@writes
def suspend(work: Work, brand: str) -> None:
    """Suspend BRAND and stop its managers' minting (the alliance)."""
    found = work.brand(brand)
    found.suspend(sender=work.sender)
    _sync_all(work, brand)


@cli.command(cls=Command)
@click.argument("brand")
@writes
def reinstate(work: Work, brand: str) -> None:
    """End the suspension of BRAND (the alliance)."""
    found = work.brand(brand)
    found.reinstate(sender=work.sender)
    _sync_all(work, brand)


def _sync_all(work: Work, brand: str) -> None:
    for token in work.brand(brand).tokens():
        if token.obligation is not None:
            work.alliance.obligations.sync_mint_stop(token, sender=work.sender)
            click.echo(f"{token.symbol}: minting is {'stopped' if token.mint_stopped else 'open'}.")
    click.echo(f"Brand {work.brand(brand)} is {work.brand(brand).status}.")


# ---- its token


@cli.command(cls=Command)
@click.argument("brand")
@click.option("--name", required=True, help="1 to 64 bytes, for good.")
@click.option("--symbol", required=True, help="1 to 16 bytes, for good.")
@click.option("--decimals", type=click.IntRange(0, 18), default=2, show_default=True, help="For good.")
@writes
def token(work: Work, brand: str, name: str, symbol: str, decimals: int) -> None:
    """Make a token for BRAND. It can be issued once the brand obliges itself for it."""
    made = work.brand(brand).create_token(name, symbol, decimals, sender=work.sender)
    click.echo(f"Token {symbol} is at {made.address}.")


@cli.command(cls=Command)
@click.argument("token")
@click.option("--par", required=True, help="What a whole token is worth, in the currency; for good.")
@click.option("--capacity", required=True, help="The most tokens that may be outstanding or promised.")
@click.option("--currency", help="The settlement currency; for good. The only one listed if not given.")
@terms_options
@writes
def oblige(
    work: Work,
    token: str,
    *,
    par: str,
    capacity: str,
    currency: str | None,
    terms: Terms,
) -> None:
    """Have the brand oblige itself for TOKEN: from here on it can be issued."""
    found = work.token(token)
    money = currency_of(work.alliance, currency)
    made = found.oblige(
        money.address,
        money.parse(par),
        units_of(found, capacity),
        terms,
        sender=work.sender,
    )
    worth = money.text(made.par_value)
    click.echo(f"{found.symbol} is owed for: {worth} (of {money.address}) a token.")


@cli.command(cls=Command)
@click.argument("token")
@terms_options
@writes
def terms(work: Work, token: str, terms: Terms) -> None:
    """Change the terms of TOKEN: at once if nothing gets worse, else after notice."""
    found = work.token(token)
    work.alliance.obligations.set_terms(found, terms, sender=work.sender)
    obligation = found.obligation
    if obligation and obligation.pending_terms:
        click.echo(f"Worse terms are announced for {moment(obligation.terms_change_at)}.")
    else:
        click.echo("The terms are in force.")


@cli.command(cls=Command)
@click.argument("token")
@writes
def withdraw_terms(work: Work, token: str) -> None:
    """Withdraw worse terms of TOKEN that were announced."""
    work.alliance.obligations.withdraw_terms(work.token(token), sender=work.sender)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("amount")
@writes
def capacity(work: Work, token: str, amount: str) -> None:
    """Set the capacity of TOKEN: less at once, more after notice (then `apply-capacity`)."""
    found = work.token(token)
    work.alliance.obligations.set_capacity(found, units_of(found, amount), sender=work.sender)
    obligation = found.obligation
    click.echo(f"Capacity is {format_amount(found.capacity, found.decimals)} {found.symbol}.")
    if obligation and obligation.capacity_change_at:
        click.echo(f"A raise is announced for {moment(obligation.capacity_change_at)}.")


@cli.command(cls=Command)
@click.argument("token")
@writes
def apply_capacity(work: Work, token: str) -> None:
    """Put an announced raise of the capacity of TOKEN into force (anyone)."""
    found = work.token(token)
    work.alliance.obligations.apply_capacity_raise(found, sender=work.sender)
    click.echo(f"Capacity is {format_amount(found.capacity, found.decimals)} {found.symbol}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("minter")
@click.argument("amount")
@click.option("--revoke", is_flag=True, help="Take back instead, up to what is unspent.")
@writes
def quota(work: Work, token: str, minter: str, amount: str, revoke: bool) -> None:
    """Let MINTER mint AMOUNT more of TOKEN, or take that back."""
    found = work.token(token)
    change = found.revoke_quota if revoke else found.grant_quota
    change(minter, units_of(found, amount), sender=work.sender)
    left = format_amount(found.quota_of(minter), found.decimals)
    click.echo(f"{minter} may mint {left} {found.symbol}.")


@cli.command(cls=Command)
@click.argument("token")
@writes
def sync(work: Work, token: str) -> None:
    """Bring TOKEN's mint-stop in line with its brand's status and its wind-down (anyone)."""
    found = work.token(token)
    work.alliance.obligations.sync_mint_stop(found, sender=work.sender)
    click.echo(f"{found.symbol}: minting is {'stopped' if found.mint_stopped else 'open'}.")


@cli.command(cls=Command)
@click.argument("token")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def leave(work: Work, token: str, yes: bool) -> None:
    """Announce that TOKEN winds down: after notice nothing new is issued, and what is owed is owed on.

    Until it starts, `stay` withdraws it; it cannot be undone after that. Run `leave` again once it has
    started (anyone can), which ends issuing.
    """
    found = work.token(token)
    obligation = found.obligation
    if obligation is None or not obligation.wind_down_starts_at:
        work.ask(f"After notice nobody can ever issue {found.symbol} again.", yes=yes)
        work.alliance.obligations.announce_wind_down(found, sender=work.sender)
        obligation = found.obligation
        assert obligation is not None
        click.echo(
            f"{found.symbol} winds down from {moment(obligation.wind_down_starts_at)} to "
            f"{moment(obligation.wind_down_ends_at)}. Before that starts `ape run brand stay` withdraws it; "
            "then run `ape run brand leave` again, which ends issuing."
        )
        return
    if calls.now() < obligation.wind_down_starts_at:
        raise SymbolonError(
            f"{found.symbol} winds down from {moment(obligation.wind_down_starts_at)} on: come back then to "
            "end issuing, or withdraw it before with `ape run brand stay`."
        )
    if not found.mint_stopped:
        work.alliance.obligations.sync_mint_stop(found, sender=work.sender)
    click.echo(
        f"{found.symbol} is issued no more, and winds down until {moment(obligation.wind_down_ends_at)}."
    )


@cli.command(cls=Command)
@click.argument("token")
@writes
def stay(work: Work, token: str) -> None:
    """Withdraw the wind-down of TOKEN, which was announced and has not started."""
    found = work.token(token)
    work.alliance.obligations.withdraw_wind_down(found, sender=work.sender)
    click.echo(f"The brand stays: {found.symbol} is issued and owed for as before.")


# ---- who acts for it


@cli.command(cls=Command)
@click.argument("brand")
@click.argument("manager")
@click.argument("roles")
@writes
def manager(work: Work, brand: str, manager: str, roles: str) -> None:
    """Give MANAGER exactly these ROLES for BRAND: fulfil,campaign,settle, or none to dismiss."""
    found = work.brand(brand)
    found.set_manager(manager, Roles.parse(roles), sender=work.sender)
    click.echo(f"{manager} may {found.roles_of(manager)} for brand {found}.")


@cli.command(cls=Command)
@click.argument("brand")
@click.argument("new_admin")
@writes
def hand_over(work: Work, brand: str, new_admin: str) -> None:
    """Offer BRAND to NEW_ADMIN, who takes over with `accept`."""
    work.brand(brand).transfer_admin(new_admin, sender=work.sender)


@cli.command(cls=Command)
@click.argument("brand")
@writes
def accept(work: Work, brand: str) -> None:
    """Take over BRAND (by its id), which was offered to the account."""
    work.brand(brand).accept_admin(sender=work.sender)


@cli.command(cls=Command)
@click.argument("brand")
@click.argument("guardian")
@writes
def guardian(work: Work, brand: str, guardian: str) -> None:
    """Name another GUARDIAN of BRAND, who takes office after the alliance's delay."""
    found = work.brand(brand)
    found.set_guardian(guardian, sender=work.sender)
    if at := found.facts.guardian_change_at:
        click.echo(f"{guardian} becomes guardian at {moment(at)}.")


@cli.command(cls=Command)
@click.argument("brand")
@click.argument("step", type=click.Choice(["start", "veto", "confirm", "unconfirm", "withdraw", "complete"]))
@click.option("--to", help="Who becomes admin; for start and confirm.")
@writes
def recover(work: Work, brand: str, step: str, to: str | None) -> None:
    """Bring back BRAND (by its id) after its admin's key was lost or stolen.

    The guardian starts or withdraws, the sitting admin may veto, the alliance may confirm (and take that
    back: unconfirm), and the new admin completes it after the delay.
    """
    found = work.brand(brand)
    if step in ("start", "confirm"):
        if to is None:
            raise click.UsageError(f"{step} needs --to: who becomes admin.")
        (found.start_recovery if step == "start" else found.confirm_recovery)(to, sender=work.sender)
    else:
        steps = {
            "veto": found.veto_recovery,
            "unconfirm": found.withdraw_confirmation,
            "withdraw": found.withdraw_recovery,
            "complete": found.complete_recovery,
        }
        steps[step](sender=work.sender)
    if recovery := found.recovery:
        click.echo(f"{recovery.new_admin} may complete it from {moment(recovery.ready_at)}.")
    else:
        click.echo(f"The admin of brand {found} is {found.facts.admin}.")
