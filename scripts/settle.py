"""Settling: what brands owe one another in a pool, by when; paying it, sharing it out, and statements."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.cli import Command, Work, sentences, token_of, units_of, writes
from symbolon.exceptions import SymbolonError
from symbolon.pools import Pool
from symbolon.reverts import moment
from symbolon.statement_files import Heading, as_csv, as_page, to_rows
from symbolon.statements import Books, Claim, Debt
from symbolon.tables import inert, to_csv
from symbolon.tokens import Token
from symbolon.units import format_amount

REMINDER = ("pool", "period", "brand", "token", "admin", "owes", "currency", "by", "overdue", "laid_down")

PERIOD = click.option("--period", type=click.IntRange(min=0), help="Only this period.")


@click.group(short_help="What brands owe one another in pools")
def cli() -> None:
    """Settling: when a pool's period has ended, brands pay in money what members' swaps made them owe.

    POOL is its name or its id. TOKEN is an address or a symbol, and stands for its brand. Everything here can
    be run again: what is done is not done twice.
    """


# ---- anyone: to read


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token", required=False)
@PERIOD
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file; else it is printed."
)
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="An HTML file, to read and print."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def statement(
    pool: str, token: str | None, *, period: int | None, save: Path | None, page: Path | None, as_json: bool
) -> None:
    """State for each brand in POOL, or that of TOKEN, and each period what came, went and was settled.

    From the chain's log, to the last unit: opening, in, out, fees, settled and closing add up, and so do its
    tokens. Numbers are signed as they count: a row's sum is at its end.
    """
    with sentences():
        alliance = Alliance.connect()
        found = alliance.pools.find(pool)
        books = alliance.settlements.books(found)
        only = token_of(alliance, token).address if token else None
        lines = [
            line
            for line in books.lines
            if only in (None, line.claimant) and period in (None, line.period.number)
        ]
        heading = Heading(found.name, found.currency.symbol, found.currency.decimals, found.now, found.block)
    if as_json:
        click.echo(json.dumps(to_rows(heading, lines), indent=2, ensure_ascii=False))
    elif save or not page:
        _put(save, as_csv(heading, lines))
    if page:
        _put(page, as_page(heading, lines))
    for path in filter(None, (save, page)):
        click.echo(f"{len(lines)} statements are in {path}.", err=True)


@cli.command(cls=Command)
@click.argument("pools", nargs=-1)
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file, to send.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def remind(pools: tuple[str, ...], save: Path | None, as_json: bool) -> None:
    """List who owes what by when in POOLS, or in all, the most urgent first: to be sent."""
    with sentences():
        alliance = Alliance.connect()
        rows = [
            _reminder(alliance, pool, books, debt)
            for pool, books in _chosen(alliance, pools)
            for debt in books.unpaid()
        ]
        rows.sort(key=lambda row: row["by"])
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    if save:
        harmless = [
            [inert(row[name]) if name in ("pool", "brand", "currency") else row[name] for name in REMINDER]
            for row in rows
        ]
        _put(save, to_csv(REMINDER, harmless))
        click.echo(f"{len(rows)} reminders are in {save}.", err=True)
    if as_json or save:
        return
    for row in rows:
        when = f"since {row['by']}, which is overdue" if row["overdue"] == "yes" else f"by {row['by']}"
        click.echo(
            f"{row['brand']} owes {row['owes']} {row['currency']} for period {row['period']} of pool "
            f"{row['pool']} {when}: `ape run settle pay {row['pool']} {row['brand']}`. Admin {row['admin']}; "
            f"{row['laid_down']} {row['currency']} are laid down."
        )
    if not rows:
        click.echo("Nobody owes anything.")


# ---- anyone: to do


@cli.command(cls=Command)
@click.argument("pools", nargs=-1)
@writes
def close(work: Work, pools: tuple[str, ...]) -> None:
    """Close the period of each of POOLS, or of all, that has ended (anyone)."""
    for pool in _pools(work.alliance, pools):
        if not pool.is_closable:
            started = pool.period.started_at
            when = (
                f"can be closed from {moment(pool.period.closes_at)} on" if started else "has no brands yet"
            )
            click.echo(f"Pool {pool.name}: period {pool.period.number} {when}.")
            continue
        work.alliance.swaps.close(pool, sender=work.sender)
        books = work.alliance.settlements.books(work.alliance.pools.look(pool))
        settled = books.settled.get(pool.period.number)
        if settled is None:
            click.echo(f"Pool {pool.name}: period {pool.period.number} is closed, and nobody owes anything.")
            continue
        money = pool.currency.text
        click.echo(
            f"Pool {pool.name}: period {pool.period.number} is closed. {money(settled.total)} are to be "
            f"shared out, of which {money(settled.received)} are there."
        )
        for debt in books.unpaid(period=pool.period.number):
            symbol = books.tokens[debt.token].symbol
            click.echo(f"  {symbol} owes {money(debt.unpaid)}, by {moment(debt.due_at)}.")


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@click.argument("amount", required=False)
@click.option("--all", "everything", is_flag=True, help="For all that there are: instead of AMOUNT.")
@click.option("--most", help="The most that the account pays; what it costs now if not given.")
@writes
def prepay(
    work: Work, pool: str, token: str, *, amount: str | None, everything: bool, most: str | None
) -> None:
    """Pay now for AMOUNT of TOKEN that members brought to POOL, so that they can bring more (anyone)."""
    if (amount is None) is not everything:
        raise click.UsageError("Give either AMOUNT or --all.")
    found, what = work.pool(pool), work.token(token)
    member = found.member(what)
    if not member.intake:
        click.echo(f"The brand of {what.symbol} owes nothing in this period: there is nothing to prepay.")
        return
    units = member.intake if amount is None else min(units_of(what, amount), member.intake)
    value = member.side.pricing.value_up(units)
    limit = value if most is None else found.currency.parse(most)
    if limit < value:
        raise SymbolonError(
            f"{member.side.text(units)} cost {found.currency.text(value)}: offer that with --most, or pay "
            "for fewer."
        )
    work.alliance.settlements.prepay(found, what, units, value, sender=work.sender)
    click.echo(
        f"{member.side.text(units)} are paid for with {found.currency.text(value)}, and burned: members can "
        "bring as many again."
    )


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@PERIOD
@click.option("--most", help="The most money that is paid in all; everything unpaid if not given.")
@writes
def pay(work: Work, pool: str, token: str, *, period: int | None, most: str | None) -> None:
    """Pay all that the brand of TOKEN owes in POOL, the oldest period first. The account pays."""
    found, what = work.pool(pool), work.token(token)
    debts = work.alliance.settlements.books(found).unpaid(what.address, period)
    left = sum(debt.unpaid for debt in debts) if most is None else found.currency.parse(most)
    if not debts:
        click.echo(f"The brand of {what.symbol} owes nothing in pool {found.name}: there is nothing to pay.")
        return
    for debt in debts:
        value = min(debt.unpaid, left)
        if not value:
            break
        paid = work.alliance.settlements.pay(found, what, debt.period, value, sender=work.sender)
        left -= paid
        rest = debt.unpaid - paid
        owed = f", {found.currency.text(rest)} still owed" if rest else ""
        click.echo(f"Period {debt.period}: {found.currency.text(paid)} paid{owed}.")


@cli.command(cls=Command)
@click.argument("pools", nargs=-1)
@writes
def enforce(work: Work, pools: tuple[str, ...]) -> None:
    """Have all debts that are due in POOLS, or in all, paid from what debtors laid down (anyone)."""
    nothing = True
    for pool, books in _chosen(work.alliance, pools):
        left = _bonds(work.alliance, pool, books)
        for debt in books.unpaid():
            if pool.now < debt.due_at:
                continue
            nothing = False
            token = work.alliance.tokens.at(debt.token)
            if not left[debt.token]:
                click.echo(
                    f"Pool {pool.name}, period {debt.period}: {token.symbol} owes "
                    f"{pool.currency.text(debt.unpaid)}, and nothing is left of what it laid down.",
                    err=True,
                )
                continue
            paid = work.alliance.settlements.enforce(pool, token, debt.period, sender=work.sender)
            left[debt.token] -= paid
            click.echo(
                f"Pool {pool.name}, period {debt.period}: {pool.currency.text(paid)} came from what "
                f"{token.symbol} laid down; {pool.currency.text(debt.unpaid - paid)} are still owed."
            )
    if nothing:
        click.echo("No debt is due: there is nothing to enforce.")


# ---- creditors


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@PERIOD
@click.option("--to", help="Who receives the brand's part; the account itself if not given.")
@click.option("--holders", is_flag=True, help="Only fill the holders' purse, which anyone may.")
@writes
def withdraw(work: Work, pool: str, token: str, *, period: int | None, to: str | None, holders: bool) -> None:
    """Take out all that the claims of TOKEN's brand in POOL are worth by now (the brand's admin).

    The holders' purse comes first, up to what the terms require, and gets everything while the brand leaves.
    """
    if holders and to:
        raise click.UsageError("--holders pays into the purse: leave out --to.")
    found, what = work.pool(pool), work.token(token)
    settlements, money = work.alliance.settlements, found.currency.text
    claims = [
        each for each in settlements.books(found).payable(what.address) if period in (None, each.period)
    ]
    if not claims:
        click.echo(f"Nothing has come in for {what.symbol} in pool {found.name} that was not taken out.")
    for claim in claims:
        if holders:
            if not _holders_need(work.alliance, what):
                click.echo("The holders' purse has what it needs: nothing more goes there.")
                break
            filled = settlements.fill_holders(found, what, claim.period, sender=work.sender)
            click.echo(f"Period {claim.period}: {money(filled)} went to the holders' purse.")
            continue
        value, kept = settlements.withdraw(found, what, claim.period, to=to, sender=work.sender)
        click.echo(
            f"Period {claim.period}: {money(value)} taken out, of which {money(kept)} went to the holders' "
            f"purse; {_rest(found, claim, value)}."
        )


@cli.command(cls=Command)
@click.argument("pool")
@click.option("--to", help="Who receives it; the account itself if not given.")
@writes
def treasury(work: Work, pool: str, to: str | None) -> None:
    """Take out the alliance's part of the fees of POOL that has come in. The account is its treasury."""
    found = work.pool(pool)
    claims = work.alliance.settlements.books(found).payable(str(work.sender.address))
    if not claims:
        click.echo(f"Nothing has come in for {work.sender.address} in pool {found.name}.")
    for claim in claims:
        value = work.alliance.settlements.withdraw_treasury(found, claim.period, to=to, sender=work.sender)
        click.echo(
            f"Period {claim.period}: {found.currency.text(value)} taken out; {_rest(found, claim, value)}."
        )


# ---- within


def _pools(alliance: Alliance, names: Iterable[str]) -> Iterator[Pool]:
    """The pools of these names, or all."""
    found = [alliance.pools.find(name) for name in names]
    yield from found or alliance.pools


def _chosen(alliance: Alliance, names: Iterable[str]) -> Iterator[tuple[Pool, Books]]:
    """The same with their books."""
    for pool in _pools(alliance, names):
        yield pool, alliance.settlements.books(pool)


def _bonds(alliance: Alliance, pool: Pool, books: Books) -> dict[str, int]:
    """What is left of what each brand laid down, of those too that have left the pool."""
    return {token: alliance.settlements.bond_of(pool, token) for token in books.tokens}


def _holders_need(alliance: Alliance, token: Token) -> bool:
    """Whether the holders' purse lacks what terms require, or the brand leaves and it gets everything."""
    obligation = token.obligation
    assert obligation is not None
    return alliance.bonds.of(token).missing > 0 or calls.now() < obligation.wind_down_ends_at


def _rest(pool: Pool, claim: Claim, value: int) -> str:
    left = claim.value - claim.taken - value
    return f"{pool.currency.text(left)} are still to come in" if left else "that was all of it"


def _reminder(alliance: Alliance, pool: Pool, books: Books, debt: Debt) -> dict[str, str]:
    token = alliance.tokens.at(debt.token)
    decimals = pool.currency.decimals
    return {
        "pool": pool.name,
        "period": str(debt.period),
        "brand": books.tokens[debt.token].symbol,
        "token": debt.token,
        "admin": token.brand.facts.admin,
        "owes": format_amount(debt.unpaid, decimals),
        "currency": pool.currency.symbol,
        "by": moment(debt.due_at),
        "overdue": "yes" if pool.now >= debt.due_at else "no",
        "laid_down": format_amount(alliance.settlements.bond_of(pool, debt.token), decimals),
    }


def _put(path: Path | None, text: str) -> None:
    if path is None:
        click.echo(text, nl=False)
    else:
        path.write_text(text, encoding="utf-8", newline="")
