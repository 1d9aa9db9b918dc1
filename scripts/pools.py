"""Pools: brands that accept one another's tokens. Make and bound them, join, provide, and swap in them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from symbolon.alliance import Alliance
from symbolon.bonds import Purse
from symbolon.cli import Command, Work, currency_of, sentences, token_of, units_of, writes
from symbolon.exceptions import SymbolonError
from symbolon.obligations import DAY
from symbolon.pools import NO_COVER_NEEDED, Bounds, Member, Pool, Rules, parts_per_million, percent
from symbolon.quotes import NO_CAP, Quote, Side, largest
from symbolon.reverts import moment
from symbolon.units import format_amount, parse_amount

if TYPE_CHECKING:
    from symbolon.tokens import Token

NONE = "none"
"""Written for a daily cap: there is none."""

Named = Callable[..., None]


@click.group(short_help="Brands that accept one another's tokens")
def cli() -> None:
    """Pools: members swap the tokens of any brand in one for those of any other, at par less a small fee.

    POOL is its name or its id. TOKEN is an address or a symbol. What brands owe one another in the end,
    `ape run settle` settles.
    """


def _bounded(function: Named) -> Named:
    """Give a command the options that bound what a pool accepts of a token."""
    options = (
        click.option("--limit", help="Tokens: the most net intake, so the most that its brand can owe for."),
        click.option("--provide", "outflow_cap", help="Tokens: the most that its brand may provide."),
        click.option("--daily", "daily_cap", help=f'Tokens that may be brought in a day, or "{NONE}".'),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _yes(function: Named) -> Named:
    return click.option("--yes", is_flag=True, help="Do not ask.")(function)


# ---- anyone


@cli.command(cls=Command, name="list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(as_json: bool) -> None:
    """List the pools, oldest first."""
    with sentences():
        pools = list(Alliance.connect().pools)
    if as_json:
        click.echo(json.dumps([_facts(pool) for pool in pools], indent=2, ensure_ascii=False))
        return
    for pool in pools:
        symbols = ", ".join(member.symbol for member in pool.members) or "nobody yet"
        click.echo(f"{pool.name} (0x{pool.id.hex()}): {symbols}, settled in {pool.currency.symbol}")
    if not pools:
        click.echo("There are no pools.")


@cli.command(cls=Command)
@click.argument("pool")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(pool: str, as_json: bool) -> None:
    """Show POOL: its brands, what each provides, owes and laid down, and what swaps cost."""
    with sentences():
        found = Alliance.connect().pools.find(pool)
    if as_json:
        click.echo(json.dumps(_facts(found), indent=2, ensure_ascii=False))
        return
    rules, period = found.rules, found.period
    click.echo(
        f"{found.name} (0x{found.id.hex()}), settled in {found.currency.symbol}, steward {found.steward}"
    )
    click.echo(
        f"Periods of {rules.period_length / DAY:g} days, {rules.payment_time / DAY:g} more to pay, leverage "
        f"{rules.leverage} %, {percent(period.alliance_fee * 100)} of fees to the alliance"
    )
    if period.started_at:
        click.echo(
            f"Period {period.number} since {moment(period.started_at)}, to be closed from "
            f"{moment(period.closes_at)}"
        )
    for member in found.members:
        for line in _lines(found, member):
            click.echo(line)


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token_in", metavar="FROM")
@click.argument("token_out", metavar="TO")
@click.option("--in", "amount_in", help="Tokens of FROM that are brought.")
@click.option("--out", "amount_out", help="Tokens of TO that are taken: instead of --in.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def quote(
    pool: str, token_in: str, token_out: str, *, amount_in: str | None, amount_out: str | None, as_json: bool
) -> None:
    """Tell what swapping tokens FROM for tokens TO in POOL costs now, to the last unit. Sends nothing."""
    with sentences():
        alliance = Alliance.connect()
        found = alliance.pools.find(pool)
        brought, taken = token_of(alliance, token_in), token_of(alliance, token_out)
        quoted = _quote(alliance, found, brought, taken, amount_in=amount_in, amount_out=amount_out)
        sides = found.member(brought).side, found.member(taken).side
    if as_json:
        facts = {
            "in": format_amount(quoted.amount_in, sides[0].decimals),
            "out": format_amount(quoted.amount_out, sides[1].decimals),
            "fee": quoted.rate,
            "most": format_amount(largest(*sides), sides[0].decimals),
            "block": found.block,
        }
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(_in_words(found, brought, taken, quoted))
    click.echo(f"At most {sides[0].text(largest(*sides))} can be brought for {sides[1].symbol} now.")


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@writes
def apply(work: Work, pool: str, token: str) -> None:
    """Put the bounds that are announced for TOKEN in POOL into force, once their time has come (anyone)."""
    found, what = work.pool(pool), work.token(token)
    work.alliance.pools.apply(found, what, sender=work.sender)
    _say(work, found, what)


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@writes
def sync(work: Work, pool: str, token: str) -> None:
    """Stop TOKEN in POOL if its brand is suspended, leaves or is in default, or end that (anyone)."""
    found, what = work.pool(pool), work.token(token)
    work.alliance.swaps.sync_suspension(found, what, sender=work.sender)
    _say(work, found, what)


# ---- members


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token_in", metavar="FROM")
@click.argument("token_out", metavar="TO")
@click.option("--in", "amount_in", help="Tokens of FROM that are brought.")
@click.option("--out", "amount_out", help="Tokens of TO that are taken, exactly: instead of --in.")
@click.option(
    "--slack",
    default="0.5",
    show_default=True,
    help="How much worse than quoted it may come, in percent; if worse, nothing happens.",
)
@click.option("--to", help="Who gets the tokens; the account itself if not given.")
@writes
def swap(
    work: Work,
    pool: str,
    token_in: str,
    token_out: str,
    *,
    amount_in: str | None,
    amount_out: str | None,
    slack: str,
    to: str | None,
) -> None:
    """Swap tokens FROM for tokens TO in POOL. The account is the member."""
    found = work.pool(pool)
    brought, taken = work.token(token_in), work.token(token_out)
    quoted = _quote(work.alliance, found, brought, taken, amount_in=amount_in, amount_out=amount_out)
    margin = parts_per_million(slack)
    exact_out = amount_out is not None
    most, least = quoted.amount_in, quoted.amount_out
    held = brought.balance_of(work.sender)
    if exact_out:
        most = min(quoted.amount_in * (10**6 + margin) // 10**6, max(held, quoted.amount_in))
    else:
        least = -(-quoted.amount_out * (10**6 - margin) // 10**6)
    if held < quoted.amount_in:
        side = found.member(brought).side
        raise SymbolonError(
            f"{work.sender.address} holds {side.text(held)} and {side.text(quoted.amount_in)} are needed: "
            "swap less."
        )
    done = work.alliance.swaps.swap(
        found,
        brought,
        taken,
        amount_in=most,
        amount_out=least,
        exact_out=exact_out,
        to=to,
        sender=work.sender,
    )
    click.echo(
        f"{format_amount(done.amount_in, brought.decimals)} {brought.symbol} were swapped for "
        f"{format_amount(done.amount_out, taken.decimals)} {taken.symbol}, which {done.to} has."
    )


# ---- stewards


@cli.command(cls=Command)
@click.argument("name", metavar="POOL")
@click.option("--currency", help="What it is settled in; the only listed one if not given.")
@click.option(
    "--period-days",
    type=click.IntRange(1, 366),
    default=30,
    show_default=True,
    help="How long a period lasts at least.",
)
@click.option(
    "--payment-days",
    type=click.IntRange(1, 366),
    default=14,
    show_default=True,
    help="How long debtors have to pay after it.",
)
@click.option(
    "--leverage",
    type=click.IntRange(100, 1000),
    default=NO_COVER_NEEDED,
    show_default=True,
    help="How much a brand may owe for what it laid down, in percent; above 100 brands lend without cover.",
)
@writes
def create(
    work: Work, name: str, *, currency: str | None, period_days: int, payment_days: int, leverage: int
) -> None:
    """Make a POOL under a name of up to 32 letters, digits and signs. The account is its steward."""
    settled_in = currency_of(work.alliance, currency)
    rules = Rules(settled_in.address, period_days * DAY, payment_days * DAY, leverage)
    made = work.alliance.pools.create(name, rules, sender=work.sender)
    click.echo(f"Pool {made.name} is 0x{made.id.hex()}, settled in {settled_in.symbol}.")


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@_bounded
@click.option("--fee", help="What bringing it costs at least, in percent of its worth, such as 0.25.")
@click.option("--slope", help="How much more it costs at the ceiling, in percent.")
@writes
def announce(
    work: Work,
    pool: str,
    token: str,
    *,
    limit: str | None,
    outflow_cap: str | None,
    daily_cap: str | None,
    fee: str | None,
    slope: str | None,
) -> None:
    """Announce what POOL will accept of TOKEN, for its brand to join on, or in place of now (steward).

    --limit and --provide are needed for a token that is not in the pool; what else is not given stays as it
    is, or is none. It is in force after notice, once somebody runs `apply`. What was announced before is
    forgotten.
    """
    found, what = work.pool(pool), work.token(token)
    now = work.alliance.pools.membership(found, what)
    if not now.joined and (limit is None or outflow_cap is None):
        raise click.UsageError("A token that is not in the pool needs --limit and --provide.")
    bounds = _bounds(what, now.bounds, limit=limit, outflow_cap=outflow_cap, daily_cap=daily_cap)
    bounds = replace(
        bounds,
        base_fee=now.bounds.base_fee if fee is None else parts_per_million(fee),
        fee_slope=now.bounds.fee_slope if slope is None else parts_per_million(slope),
    )
    work.alliance.pools.announce(found, what, bounds, sender=work.sender)
    from_ = moment(work.alliance.pools.membership(found, what).change_at)
    click.echo(f"{what.symbol} in {found.name} from {from_}: {_terms(what, bounds)}.")


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@_bounded
@writes
def lower(
    work: Work,
    pool: str,
    token: str,
    *,
    limit: str | None,
    outflow_cap: str | None,
    daily_cap: str | None,
) -> None:
    """Lower what POOL accepts of TOKEN, at once (steward, or a manager of the brand with the settle role)."""
    found, what = work.pool(pool), work.token(token)
    if limit is None and outflow_cap is None and daily_cap is None:
        raise click.UsageError("Give --limit, --provide or --daily.")
    now = found.member(what).terms.bounds
    bounds = _bounds(what, now, limit=limit, outflow_cap=outflow_cap, daily_cap=daily_cap)
    work.alliance.pools.lower(
        found,
        what,
        limit=bounds.limit,
        outflow_cap=bounds.outflow_cap,
        daily_cap=bounds.daily_cap,
        sender=work.sender,
    )
    _say(work, found, what)


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@writes
def cancel(work: Work, pool: str, token: str) -> None:
    """Withdraw the bounds that are announced for TOKEN in POOL (steward)."""
    found, what = work.pool(pool), work.token(token)
    work.alliance.pools.withdraw_announced(found, what, sender=work.sender)
    click.echo(f"Nothing is announced for {what.symbol} in {found.name}.")


@cli.command(cls=Command, name="hand-over")
@click.argument("pool")
@click.argument("steward")
@writes
def hand_over(work: Work, pool: str, steward: str) -> None:
    """Offer POOL to another STEWARD, who takes over with `accept` (steward)."""
    found = work.pool(pool)
    work.alliance.pools.name_steward(found, steward, sender=work.sender)
    click.echo(f"{work.alliance.pools.look(found).next_steward} can accept pool {found.name}.")


@cli.command(cls=Command)
@click.argument("pool")
@writes
def accept(work: Work, pool: str) -> None:
    """Take over POOL, which was offered to the account."""
    found = work.pool(pool)
    work.alliance.pools.accept_steward(found, sender=work.sender)
    click.echo(f"{work.alliance.pools.look(found).steward} is the steward of pool {found.name}.")


# ---- brands


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@_yes
@writes
def join(work: Work, pool: str, token: str, yes: bool) -> None:
    """Have the brand of TOKEN join POOL, on the bounds that its steward announced (the brand's admin)."""
    found, what = work.pool(pool), work.token(token)
    announced = work.alliance.pools.membership(found, what)
    if announced.joined:
        raise SymbolonError(f"{what.symbol} is in pool {found.name} already: there is nothing to do.")
    if announced.pending is None:
        raise SymbolonError(
            f"The steward of pool {found.name} has announced nothing for {what.symbol}: ask {found.steward} "
            "to run `ape run pools announce`."
        )
    partners = ", ".join(member.symbol for member in found.members) or "nobody yet"
    work.ask(
        f"{what.symbol} joins pool {found.name}, with {partners}: {_terms(what, announced.pending)}. "
        "Joining alone risks nothing. You can lose at most what you then provide here, and owe at most "
        f"{found.rules.leverage} % of what you lay down for this pool.",
        yes=yes,
    )
    work.alliance.pools.join(found, what, sender=work.sender)
    click.echo(
        f"{what.symbol} is in pool {found.name}. Next: `ape run pools bond` lays money down, up to which "
        "members can bring its tokens, and `ape run pools provide` lets them take some."
    )


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@writes
def leave(work: Work, pool: str, token: str) -> None:
    """Have the brand of TOKEN leave POOL, which must have nothing left of it (the brand's admin)."""
    found, what = work.pool(pool), work.token(token)
    member = found.member(what)
    if member.side.net:
        raise SymbolonError(
            f"Members have swapped {what.symbol} in this period: stop its part with `ape run pools stop`, "
            f"and leave once the period is closed, from {moment(found.period.closes_at)} on."
        )
    if member.side.provided:
        raise SymbolonError(
            f"The pool still has {member.side.text(member.side.provided)} of yours: take them back with "
            "`ape run pools withdraw` first."
        )
    work.alliance.pools.leave(found, what, sender=work.sender)
    click.echo(
        f"{what.symbol} has left pool {found.name}. What closed periods left to pay or to take out stays."
    )


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@click.argument("value")
@click.option("--deposit", is_flag=True, help="Put it into the settlement purse first; the account pays.")
@click.option("--reclaim", is_flag=True, help="Take back instead what answers for no debt.")
@_yes
@writes
def bond(work: Work, pool: str, token: str, value: str, *, deposit: bool, reclaim: bool, yes: bool) -> None:
    """Set VALUE of the settlement purse aside for the debts of TOKEN's brand in POOL (the brand's admin)."""
    if deposit and reclaim:
        raise click.UsageError("Give --deposit or --reclaim, not both.")
    found, what = work.pool(pool), work.token(token)
    bonds, money = work.alliance.bonds, found.currency
    parsed = money.parse(value)
    if reclaim:
        bonds.reclaim_from_pool(what, found.id, parsed, sender=work.sender)
    else:
        free = bonds.of(what).purses[Purse.SETTLEMENT].free
        if not deposit and free < parsed:
            raise SymbolonError(
                f"The settlement purse has {money.text(free)} that are free: deposit more with --deposit or "
                "`ape run bond deposit`, or set less aside."
            )
        work.ask(
            f"{money.text(parsed)} will answer for what {what.symbol} comes to owe in pool {found.name}, and "
            "for nothing else. You get back what no debt needs.",
            yes=yes,
        )
        if deposit:
            bonds.deposit(what, Purse.SETTLEMENT, parsed, sender=work.sender)
        bonds.allot_to_pool(what, found.id, parsed, sender=work.sender)
    _say(work, found, what)


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@click.argument("amount")
@_yes
@writes
def provide(work: Work, pool: str, token: str, amount: str, yes: bool) -> None:
    """Let members of POOL take AMOUNT of the account's TOKEN (a manager with the settle role).

    The tokens are the account's own: mint them to it first, with `ape run mint`.
    """
    found, what = work.pool(pool), work.token(token)
    member, units = found.member(what), units_of(what, amount)
    side, cap = member.side, member.terms.bounds.outflow_cap
    if side.provided + units > cap:
        raise SymbolonError(
            f"The pool takes at most {side.text(cap)} from its brand and has "
            f"{format_amount(side.provided, side.decimals)}: provide at most "
            f"{format_amount(max(0, cap - side.provided), side.decimals)}."
        )
    held = what.balance_of(work.sender)
    if held < units:
        raise SymbolonError(
            f"{work.sender.address} holds {side.text(held)}: mint the rest to it first, with "
            f"`ape run mint {what.symbol} --to {work.sender.address}`."
        )
    work.ask(_risk(found, member, side.provided + units), yes=yes)
    work.alliance.swaps.provide(found, what, units, sender=work.sender)
    _say(work, found, what)


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@click.argument("amount", required=False)
@click.option("--all", "everything", is_flag=True, help="All that nobody has taken: instead of AMOUNT.")
@click.option("--to", help="Who gets them; the account itself if not given.")
@writes
def withdraw(
    work: Work, pool: str, token: str, *, amount: str | None, everything: bool, to: str | None
) -> None:
    """Take AMOUNT of what was provided of TOKEN back from POOL, at once (settle role)."""
    if (amount is None) is not everything:
        raise click.UsageError("Give either AMOUNT or --all.")
    found, what = work.pool(pool), work.token(token)
    member = found.member(what)
    units = member.withdrawable if amount is None else units_of(what, amount)
    if units > member.withdrawable or not units:
        side = member.side
        raise SymbolonError(
            f"Of {side.text(side.provided)} that were provided, "
            f"{format_amount(member.withdrawable, side.decimals)} can be taken back: members have taken the "
            "others, which are settled when the period is closed."
        )
    work.alliance.swaps.withdraw(found, what, units, to=to, sender=work.sender)
    _say(work, found, what)


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@writes
def stop(work: Work, pool: str, token: str) -> None:
    """Stop swaps of TOKEN in POOL at once (settle role)."""
    _stop(work, pool, token, stopped=True)


@cli.command(cls=Command)
@click.argument("pool")
@click.argument("token")
@writes
def resume(work: Work, pool: str, token: str) -> None:
    """Let swaps of TOKEN in POOL go on (settle role)."""
    _stop(work, pool, token, stopped=False)


# ---- the alliance


@cli.command(cls=Command, name="alliance-fee")
@click.argument("percentage")
@click.argument("treasury")
@writes
def alliance_fee(work: Work, percentage: str, treasury: str) -> None:
    """Give PERCENTAGE of all fees, at most 20, to TREASURY, from each pool's next period on (alliance)."""
    bps = parse_amount(percentage.strip().removesuffix("%"), 2, allow_zero=True, maximum=2_000)
    work.alliance.pools.set_alliance_fee(bps, treasury, sender=work.sender)
    click.echo(f"{percent(bps * 100)} of fees go to {treasury}, from each pool's next period on.")


# ---- words


def _stop(work: Work, pool: str, token: str, *, stopped: bool) -> None:
    found, what = work.pool(pool), work.token(token)
    work.alliance.swaps.set_stopped(found, what, stopped, sender=work.sender)
    _say(work, found, what)


def _say(work: Work, pool: Pool, token: "Token") -> None:
    now = work.alliance.pools.look(pool)
    for line in _lines(now, now.member(token)):
        click.echo(line)


def _quote(
    alliance: Alliance,
    pool: Pool,
    brought: "Token",
    taken: "Token",
    *,
    amount_in: str | None,
    amount_out: str | None,
) -> Quote:
    if (amount_in is None) is (amount_out is None):
        raise click.UsageError("Give either --in or --out.")
    if brought == taken:
        raise click.UsageError("FROM and TO are the same token.")
    return alliance.swaps.quote(
        pool,
        brought,
        taken,
        amount_in=None if amount_in is None else units_of(brought, amount_in),
        amount_out=None if amount_out is None else units_of(taken, amount_out),
    )


def _in_words(pool: Pool, brought: "Token", taken: "Token", quoted: Quote) -> str:
    given = pool.member(brought).side.text(quoted.amount_in)
    got = pool.member(taken).side.text(quoted.amount_out)
    return f"{given} for {got}: {quoted.rate:.3%} less than at par, as of block {pool.block}."


def _risk(pool: Pool, member: Member, provided: int) -> str:
    """What a brand can lose by what it provides, in words."""
    money, side = pool.currency, member.side
    worth = member.side.pricing.value_up(provided)
    most = pool.at_risk(member, provided)
    told = (
        f"Members can then take {side.text(provided)}, worth {money.text(worth)} at par, and you can lose at "
        "most that here (what they leave you take back at any time). "
    )
    if not most:
        return told + "As bounds are now, all that your partners could owe is covered by what they laid down."
    return told + (
        f"As bounds are now, {money.text(most)} of it would not be covered by what your partners laid down."
    )


def _bounds(
    token: "Token", now: Bounds, *, limit: str | None, outflow_cap: str | None, daily_cap: str | None
) -> Bounds:
    def units(text: str | None, default: int) -> int:
        return default if text is None else parse_amount(text, token.decimals, allow_zero=True)

    return replace(
        now,
        limit=units(limit, now.limit),
        outflow_cap=units(outflow_cap, now.outflow_cap),
        daily_cap=0 if daily_cap == NONE else units(daily_cap, now.daily_cap),
    )


def _terms(token: "Token | Side", bounds: Bounds) -> str:
    def text(units: int) -> str:
        return f"{format_amount(units, token.decimals)} {token.symbol}"

    daily = f", at most {text(bounds.daily_cap)} a day" if bounds.daily_cap else ""
    return (
        f"members bring net {text(bounds.limit)} at most{daily}, its brand provides at most "
        f"{text(bounds.outflow_cap)}, bringing it costs {percent(bounds.base_fee)} and up to "
        f"{percent(bounds.fee_slope)} more"
    )


def _lines(pool: Pool, member: Member) -> list[str]:
    """A token in a pool, in lines."""
    side, money = member.side, pool.currency.text
    stopped = ", stopped" if member.stopped else ""
    if member.suspended:
        stopped += ", stopped because its brand is suspended or leaves"
    today = "" if side.left_today == NO_CAP else f", {side.text(side.left_today)} more today"
    if side.net > 0:
        standing = (
            f"{side.text(side.net)} more were brought than taken, so its brand owes {money(member.debt)}"
        )
    elif side.net < 0:
        owed = money(member.value(-side.net))
        standing = f"{side.text(-side.net)} more were taken than brought, so its brand is owed {owed}"
    else:
        standing = "as much was brought as taken"
    unpaid = f", {money(member.unpaid)} unpaid of closed periods" if member.unpaid else ""
    lines = [
        f"{side.symbol}{stopped}: members can take {side.text(side.stock)} and bring {side.text(side.room)}"
        f"{today}; bringing costs {percent(side.rate)} now",
        f"  {side.text(side.provided)} provided; {standing}{unpaid}; {money(member.bond)} laid down",
        f"  bounds: {_terms(side, member.terms.bounds)}",
    ]
    if member.terms.pending:
        announced = _terms(side, member.terms.pending)
        lines.append(f"  from {moment(member.terms.change_at)}: {announced}")
    return lines


def _facts(pool: Pool) -> dict[str, Any]:
    return {
        "pool": "0x" + pool.id.hex(),
        "name": pool.name,
        "steward": pool.steward,
        "currency": pool.currency.address,
        "periodLength": pool.rules.period_length,
        "paymentTime": pool.rules.payment_time,
        "leverage": pool.rules.leverage,
        "period": pool.period.number,
        "startedAt": pool.period.started_at,
        "closesAt": pool.period.closes_at,
        "prepaid": pool.period.prepaid,
        "block": pool.block,
        "tokens": [_member_facts(pool, member) for member in pool.members],
    }


def _member_facts(pool: Pool, member: Member) -> dict[str, Any]:
    side = member.side

    def amount(units: int) -> str:
        return format_amount(units, side.decimals)

    def bounds(of: Bounds) -> dict[str, Any]:
        return {
            "limit": amount(of.limit),
            "outflowCap": amount(of.outflow_cap),
            "dailyCap": amount(of.daily_cap) if of.daily_cap else None,
            "baseFee": of.base_fee,
            "feeSlope": of.fee_slope,
        }

    facts: dict[str, Any] = {
        "token": member.token,
        "symbol": side.symbol,
        "stopped": member.stopped,
        "suspended": member.suspended,
        "provided": amount(side.provided),
        "net": amount(side.net),
        "canBeTaken": amount(side.stock),
        "canBeBrought": amount(side.room),
        "feeNow": side.rate,
        "debt": member.debt,
        "unpaid": member.unpaid,
        "laidDown": member.bond,
        "atRisk": pool.at_risk(member),
        **bounds(member.terms.bounds),
    }
    if member.terms.pending:
        facts["announced"] = {"for": member.terms.change_at, **bounds(member.terms.pending)}
    return facts
