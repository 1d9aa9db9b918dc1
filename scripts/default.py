"""When a brand fails: show the grounds, declare, gather what is left, hand in, pay out, and cure."""

import json
from collections.abc import Iterable

import click

from symbolon.alliance import Alliance
from symbolon.cli import Command, Work, sentences, token_of, units_of, writes
from symbolon.defaults import Debt, Default, Step, enforceable, gathering, stopping, syncing
from symbolon.exceptions import SymbolonError
from symbolon.reverts import RefusedError, moment
from symbolon.units import format_amount

YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group(short_help="When a brand does not keep what it owes")
def cli() -> None:
    """Default: what is left of a failed brand goes to those whom it was for, whoever comes first.

    TOKEN is an address or a symbol, and stands for its brand. Everything here can be run again: what is
    done is not done twice.
    """


@cli.command(cls=Command)
@click.argument("token", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(token: str | None, as_json: bool) -> None:
    """Show what is wrong with TOKEN, or with any: grounds, default, and what its holders share."""
    with sentences():
        alliance = Alliance.connect()
        chosen = (
            [token_of(alliance, token)] if token else [each for each in alliance.tokens if each.obligation]
        )
        states = [alliance.defaults.of(each) for each in chosen]
    if as_json:
        click.echo(json.dumps([_facts(state) for state in states], indent=2, ensure_ascii=False))
        return
    wrong = [state for state in states if not state.is_sound]
    for state in wrong:
        _describe(state)
    if not wrong:
        click.echo(f"Nothing is wrong with {token or 'any token'}.")
    for state in states if token else ():
        if state.round and not state.in_default:
            click.echo(
                f"Default {state.round} of {state.symbol} is over: {state.text(state.handed_in)} were handed "
                f"in for {state.currency.text(state.share(state.handed_in))}, of which "
                f"{state.currency.text(state.paid)} were made out."
            )


@cli.command(cls=Command)
@click.argument("token")
@YES
@writes
def declare(work: Work, token: str, yes: bool) -> None:
    """Bring TOKEN into default, if there is a ground; flag or report first what has to be (anyone).

    Afterwards pools stop it, what the brand provided and nobody took burns, and managers' quotas end.
    """
    found = work.token(token)
    defaults, bonds = work.alliance.defaults, work.alliance.bonds
    state = defaults.of(found)
    if state.in_default:
        click.echo(f"{state.symbol} is in default since {moment(state.declared_at)}.")
    elif not (state.is_declarable or state.overdue):
        if not state.missing or state.cure_by:
            raise SymbolonError(_why_not(state))
        bonds.flag_shortfall(found, sender=work.sender)
        click.echo(
            f"The holders' purse of {state.symbol} lacks {state.currency.text(state.missing)}, which is now "
            f"stated: if it still does on {moment(bonds.of(found).cure_by)}, declare the default then."
        )
        return
    else:
        work.ask(
            f"{state.symbol} stops being issued, and its brand gets nothing back before it has paid all "
            "reported debts and made the holders' purse whole.",
            yes=yes,
        )
        if state.overdue:
            _take(work, state, enforceable(state))
            for debt in defaults.of(found).reportable:
                defaults.report(found, debt, sender=work.sender)
                click.echo(f"{_debt(state, debt)} is reported.")
            state = defaults.of(found)
        if not state.is_declarable:
            click.echo(f"What {state.symbol} laid down has paid its debts: there is no ground any more.")
            return
        defaults.declare(found, sender=work.sender)
        state = defaults.of(found)
        click.echo(f"{state.symbol} is in default. {_worth(state)}")
    _take(work, state, stopping(state))


@cli.command(cls=Command)
@click.argument("token")
@writes
def gather(work: Work, token: str) -> None:
    """Gather for creditors and holders of TOKEN all that was promised to nobody else (anyone)."""
    found = work.token(token)
    state = work.alliance.defaults.of(found)
    nothing = True
    while steps := gathering(state):
        nothing = False
        _take(work, state, steps)
        state = work.alliance.defaults.of(found)
    if nothing:
        click.echo("There is nothing to gather.")
    click.echo(_worth(state) if state.in_default else f"{state.symbol} is not in default.")


@cli.command("hand-in", cls=Command)
@click.argument("token")
@click.argument("amount", required=False)
@click.option("--all", "everything", is_flag=True, help="All that the account holds.")
@YES
@writes
def hand_in(work: Work, token: str, amount: str | None, everything: bool, yes: bool) -> None:
    """Hand AMOUNT of the account's tokens in for their part of what there is (a holder)."""
    if (amount is None) != everything:
        raise click.UsageError("Give either AMOUNT or --all.")
    found = work.token(token)
    alliance = work.alliance
    state = alliance.defaults.of(found)
    if not state.in_default:
        raise SymbolonError(f"{state.symbol} is not in default: keep it, and redeem or swap it as ever.")
    held = found.balance_of(work.sender)
    units = held if amount is None else units_of(found, amount)
    if not units or units > held:
        raise SymbolonError(f"{work.sender.address} holds {state.text(held)}: hand in what there is.")
    money = state.currency.text
    work.ask(
        f"{state.text(units)} burn. They get {money(state.share(units))} now, and later their part of what "
        f"still comes in, {money(state.par(units))} in all at most. To wait costs nothing.",
        yes=yes,
    )
    alliance.defaults.hand_in(found, units, sender=work.sender)
    owed = alliance.bonds.owed_to(state.currency, work.sender)
    if owed:
        alliance.bonds.collect(state.currency, work.sender, sender=work.sender)
    handed_in, paid = alliance.defaults.share_of(found, state.round, work.sender)
    click.echo(
        f"{money(owed)} went to {work.sender.address}: {money(paid)} so far for {state.text(handed_in)}. Of "
        f"what comes in later, `ape run default pay {state.symbol}` pays the part."
    )


@cli.command(cls=Command)
@click.argument("token")
@writes
def pay(work: Work, token: str) -> None:
    """Pay to everybody who handed in TOKEN, in any default of it, what there is by now (anyone)."""
    found = work.token(token)
    defaults, bonds, money = work.alliance.defaults, work.alliance.bonds, found.currency.text
    parts = [part for part in defaults.parts(found) if part.owed or any(part.shares.values())]
    left_out = 0
    for part in parts:
        value = part.owed + sum(part.shares.values())
        try:
            for number in (number for number, share in part.shares.items() if share):
                defaults.pay_share(found, number, part.account, sender=work.sender)
            bonds.collect(found.currency, part.account, sender=work.sender)
        except RefusedError as error:  # one payee that its currency refuses is in nobody's way
            left_out += 1
            click.echo(f"{money(value)} of {part.account} stay where they are: {error}", err=True)
        else:
            click.echo(f"{money(value)} went to {part.account}.")
    if left_out:
        raise SymbolonError(f"{left_out} of {len(parts)} could not be paid: the others were.")
    if not parts:
        click.echo(f"Nothing more is there for who handed in {found.symbol}.")


@cli.command(cls=Command)
@click.argument("token")
@writes
def cure(work: Work, token: str) -> None:
    """End the default of TOKEN, once what its brand owes is paid and its holders' purse is whole (anyone)."""
    found = work.token(token)
    state = work.alliance.defaults.of(found)
    if not state.in_default:
        click.echo(f"{state.symbol} is not in default.")
    else:
        if todo := _to_cure(state):
            raise SymbolonError(f"{state.symbol} stays in default: {'; '.join(todo)}.")
        work.alliance.defaults.cure(found, sender=work.sender)
        state = work.alliance.defaults.of(found)
        click.echo(f"The default of {state.symbol} is over.")
    if not found.mint_stopped:  # which a brand that is suspended or leaves stays
        _take(work, state, syncing(state, suspended=True))


# ---- within


def _take(work: Work, state: Default, steps: Iterable[Step]) -> None:
    for step in steps:
        value = work.alliance.defaults.do(step, sender=work.sender)
        click.echo(f"{state.currency.text(value)} {step.what}." if step.event else f"{step.what}.")


def _debt(state: Default, debt: Debt) -> str:
    return (
        f"{state.currency.text(debt.unpaid)} for period {debt.period} of pool {state.places[debt.pool].name}"
    )


def _worth(state: Default) -> str:
    whole: int = 10**state.pricing.decimals
    money = state.currency.text
    return (
        f"{money(state.pot)} are there for {state.text(state.base)}: {state.text(whole)} gets "
        f"{money(state.share(whole))} by now, of {money(state.par(whole))} at par."
    )


def _why_not(state: Default) -> str:
    """Why a token cannot be brought into default now, and from when it can."""
    reasons = [
        f"{_debt(state, debt)} can be reported from {moment(debt.due_at + state.cure_period)}"
        for debt in state.debts
    ]
    if state.missing:
        lacks = state.currency.text(state.missing)
        reasons.insert(
            0, f"its holders' purse lacks {lacks} and can be made whole until {moment(state.cure_by)}"
        )
    if not reasons:
        return f"Nothing is wrong with {state.symbol}: there is no ground to declare a default."
    return f"{state.symbol} cannot be brought into default yet: {'; '.join(reasons)}. Come back then."


def _to_cure(state: Default) -> list[str]:
    """What has to be done before a default is over."""
    todo = [
        f"{_debt(state, debt)} are to be paid (`ape run settle pay {state.places[debt.pool].name} "
        f"{state.symbol} --period {debt.period}`)"
        for debt in state.reported
    ]
    if state.reports > len(todo):
        todo.append(f"{state.reports - len(todo)} more debts were reported and are to be paid")
    if state.missing:
        amount = format_amount(state.missing, state.currency.decimals)
        todo.append(
            f"the holders' purse lacks {state.currency.text(state.missing)} "
            f"(`ape run bond deposit {state.symbol} holders {amount}`)"
        )
    return todo


def _describe(state: Default) -> None:
    money = state.currency.text
    if state.in_default:
        click.echo(
            f"{state.symbol}: in default {state.round} since {moment(state.declared_at)}. {_worth(state)}"
        )
        click.echo(
            f"  {state.text(state.handed_in)} were handed in, for which {money(state.paid)} were made out."
        )
        for what in _to_cure(state):
            click.echo(f"  To cure: {what}.")
    else:
        can = "; `ape run default declare` can declare it" if state.is_declarable or state.overdue else ""
        click.echo(f"{state.symbol}: not in default{can}.")
        if state.missing:
            by = (
                f", to be made good by {moment(state.cure_by)}"
                if state.cure_by
                else ", which nobody stated yet"
            )
            click.echo(f"  The holders' purse lacks {money(state.missing)}{by}.")
    for debt in state.debts:
        place = state.places[debt.pool]
        stands = "reported" if debt.reported else f"a ground from {moment(debt.due_at + state.cure_period)}"
        click.echo(
            f"  Owes {_debt(state, debt)}, due {moment(debt.due_at)}: {stands}; {money(place.bond)} are left "
            "of what was laid down there."
        )


def _facts(state: Default) -> dict[str, object]:
    """For programs: amounts and money as text, times in seconds."""

    def money(value: int) -> str:
        return format_amount(value, state.currency.decimals)

    def amount(value: int) -> str:
        return format_amount(value, state.pricing.decimals)

    whole: int = 10**state.pricing.decimals
    return {
        "token": state.token,
        "symbol": state.symbol,
        "currency": state.currency.symbol,
        "block": state.block,
        "in_default": state.in_default,
        "can_be_declared": not state.in_default and bool(state.is_declarable or state.overdue),
        "round": state.round,
        "declared_at": state.declared_at,
        "missing": money(state.missing),
        "cure_by": state.cure_by,
        "reports": state.reports,
        "debts": [
            {
                "pool": state.places[debt.pool].name,
                "period": debt.period,
                "unpaid": money(debt.unpaid),
                "due_at": debt.due_at,
                "ground_from": debt.due_at + state.cure_period,
                "reported": debt.reported,
                "laid_down": money(state.places[debt.pool].bond),
            }
            for debt in state.debts
        ],
        "pot": money(state.pot),
        "paid": money(state.paid),
        "base": amount(state.base),
        "handed_in": amount(state.handed_in),
        "one_gets": money(state.share(whole)),
        "par": money(state.par(whole)),
    }
