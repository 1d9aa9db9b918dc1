"""Earning by root: post a period's points, send links, check and claim them, and take back what is left."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon import calls, link_sheets, links, proofs
from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Work, sentences, token_of, writes
from symbolon.earn import CLAIM_DAYS, DAY, MOST_PENDING_DAYS, Posted
from symbolon.exceptions import SymbolonError
from symbolon.forks import node_url
from symbolon.link_sheets import Link
from symbolon.manifest import write_whole
from symbolon.merkle_sum import list_id
from symbolon.points import Customer, LinkKeys, address_of_key, leaves_of, read_points, read_secret
from symbolon.proofs import ProofError, Proofs
from symbolon.reverts import moment
from symbolon.rpc import Node
from symbolon.shop_front import FILE, YES, page_at
from symbolon.units import format_amount

if TYPE_CHECKING:
    from symbolon.tokens import Token

PERIOD = click.IntRange(0, 2**32 - 1)
FOLDER = click.Path(file_okay=False, path_type=Path)
SECRET = click.option(
    "--secret",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the secret that links come from; made if it is not there. Keep it: it makes them again.",
)
MERGE = click.option("--merge-duplicates", is_flag=True, help="Add up a member's lines; else refuse them.")
OUT = click.option(
    "--out", type=FOLDER, required=True, help="Folder for the proofs, to be put where --uri says."
)
URI = click.option("--uri", default="", help="Where the proofs will be on the web.")


@click.group(short_help="Crediting what was earned, by one root a period")
def cli() -> None:
    """Earning by root: one transaction credits any number of members, who claim when they like.

    TOKEN is an address or a symbol. PERIOD is the brand's number for what was earned when, such as 202607.
    """


# ---- brands


@cli.command(cls=Command, name="open")
@click.argument("token")
@writes
def open_(work: Work, token: str) -> None:
    """Open TOKEN to postings that managers pay from their quotas (the brand's admin, once)."""
    found = work.token(token)
    if not found.is_module(work.alliance.earnings.contract):
        work.alliance.earnings.open(found, sender=work.sender)
    click.echo(f"{found.symbol} is open to postings.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("period", type=PERIOD)
@click.argument("file", type=FILE)
@OUT
@URI
@SECRET
@click.option(
    "--pending",
    type=click.IntRange(0, MOST_PENDING_DAYS),
    default=30,
    show_default=True,
    help="Days for which returns can be offset, before it can be claimed.",
)
@click.option(
    "--claimable",
    type=click.IntRange(CLAIM_DAYS, 3650),
    default=CLAIM_DAYS,
    show_default=True,
    help="Days for which it can be claimed after that.",
)
@MERGE
@YES
@writes
def post(
    work: Work,
    token: str,
    period: int,
    file: Path,
    *,
    out: Path,
    uri: str,
    secret: Path | None,
    pending: int,
    claimable: int,
    merge_duplicates: bool,
    yes: bool,
) -> None:
    """Credit everybody in FILE, a CSV with the columns member,amount (a manager with the campaign role).

    A member is an address, or an e-mail address or card number, which gets a link. The whole file is checked
    first. Run again it finds what was posted, and posts nothing twice.
    """
    found = work.token(token)
    times = {"pending": pending * DAY, "claimable": claimable * DAY}
    customers = read_points(file, found.decimals, token=found.address, merge_duplicates=merge_duplicates)
    act = work.alliance.earnings.post
    _post(work, found, period, customers, out=out, uri=uri, secret=secret, yes=yes, act=act, **times)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("period", type=PERIOD)
@click.argument("file", type=FILE)
@OUT
@URI
@SECRET
@MERGE
@YES
@writes
def offset(
    work: Work,
    token: str,
    period: int,
    file: Path,
    *,
    out: Path,
    uri: str,
    secret: Path | None,
    merge_duplicates: bool,
    yes: bool,
) -> None:
    """Replace a posting that is pending by FILE, from which what was returned has been taken out.

    FILE is the whole list as it is now. Links that were sent stay good for those who are still in it. What is
    no longer credited goes back to the token's capacity.
    """
    found = work.token(token)
    work.alliance.earnings.get(found, period)
    customers = read_points(file, found.decimals, token=found.address, merge_duplicates=merge_duplicates)
    act = work.alliance.earnings.offset
    _post(work, found, period, customers, out=out, uri=uri, secret=secret, yes=yes, act=act)


def _post(
    work: Work,
    token: "Token",
    period: int,
    customers: list[Customer],
    *,
    out: Path,
    uri: str,
    secret: Path | None,
    yes: bool,
    act: Callable[..., bool],
    **times: int,
) -> None:
    """Write the proofs, then post or replace: a posting without its proofs would be of no use."""
    earnings = work.alliance.earnings
    named = sum(each.account is None for each in customers)
    create = not work.dry_run
    keys = _keys(work.alliance, token, period, secret, create=create) if secret and named else None
    leaves = leaves_of(customers, keys)
    posting, tree = earnings.draft(token, period, leaves, **times)
    click.echo(
        f"Period {period}: {len(leaves):,} members, {named:,} of them by link, "
        f"{_amount(token, posting.total)}; final at {moment(posting.final_at)}, claimable until "
        f"{moment(posting.claimable_until)}."
    )
    there = earnings.posted(token, period)
    if not (there and there[0].posting.root == posting.root):
        work.ask("Until then the posting can be replaced; after that nothing changes it.", yes=yes)
        # It might be this very posting, and with other times than the proofs would be given now.
        Node(node_url()).check_nothing_waits(str(work.sender.address))
    if not work.dry_run:
        _refuse_other(out, token, period)
        proofs.write(out, posting, leaves, tree)
    if act(token, posting, uri, sender=work.sender):
        click.echo(f"Posted with root 0x{posting.root.hex()}.")
    else:
        click.echo("That is what is posted; nothing was sent.")
    if not work.dry_run:
        click.echo(f"Proofs: {out}" + (f", to be put at {uri}" if uri else ""))


def _refuse_other(out: Path, token: "Token", period: int) -> None:
    """Whatever proofs are in a folder already must be of the same period."""
    if (out / proofs.INDEX).exists():
        there = Proofs(out).posting
        if (there.token, there.period) != (token.address, period):
            raise SymbolonError(
                f"{out} has the proofs of period {there.period} of {there.token}: choose another folder."
            )


@cli.command(cls=Command, name="links")
@click.argument("token")
@click.argument("period", type=PERIOD)
@click.argument("file", type=FILE)
@click.option("--proofs", "place", required=True, help="The folder that `post` wrote.")
@click.option(
    "--secret", type=FILE, required=True, help="File of the secret that the posting's links came from."
)
@click.option("--page", help="Where the member's page is; that of the local chain if not given.")
@click.option("--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="For the mail tool.")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="HTML to print: QR codes.")
def links_(
    token: str,
    period: int,
    file: Path,
    *,
    place: str,
    secret: Path,
    page: str | None,
    table: Path | None,
    sheet: Path | None,
) -> None:
    """Make the one-time links of the customers in FILE who have no address.

    Whoever has a link can claim: the CSV and the sheet are as good as money, and stay with the brand.
    """
    if not (table or sheet):
        raise click.UsageError("Say with --csv or --sheet what to make.")
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        there = Proofs(place)
        _check_of(there, found, period)
        keys, at = _keys(alliance, found, period, secret), page_at(page)
        made = [
            _link(there, found, each, keys, at)
            for each in read_points(file, found.decimals, token=found.address, merge_duplicates=True)
            if each.account is None
        ]
        until = moment(there.posting.claimable_until)
        if table:
            write_whole(table, link_sheets.as_csv(made).encode(), mode=0o600)
        if sheet:
            page_of = link_sheets.as_page(f"{found.name}: what you earned", until, made)
            write_whole(sheet, page_of.encode(), mode=0o600)
        click.echo(f"{len(made):,} links, good from {moment(there.posting.final_at)} until {until}.")


def _link(there: Proofs, token: "Token", customer: Customer, keys: LinkKeys, page: str) -> Link:
    """Raises ProofError where the posting has another amount for a customer, or nothing."""
    key = keys.key(customer.name)
    try:
        amount = there.credit(address_of_key(key)).leaf.amount
    except ProofError as error:
        raise ProofError(
            f"Line {customer.line}: {customer.name} is not in the posting, or the secret is another one."
        ) from error
    if amount != customer.amount:
        raise ProofError(
            f"Line {customer.line}: {customer.name} is credited {_amount(token, amount)} and the file says "
            f"{_amount(token, customer.amount)}: take the file that was posted."
        )
    url = links.to_earnings(page, token.address, there.posting.period, key)
    return Link(customer.name, _amount(token, amount), url)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("period", type=PERIOD)
@writes
def finish(work: Work, token: str, period: int) -> None:
    """Give back to TOKEN's capacity what nobody claimed of PERIOD, once its time is over (anybody)."""
    found = work.token(token)
    amount = work.alliance.earnings.finish(found, period, sender=work.sender)
    click.echo(f"{_amount(found, amount)} went back." if amount else "Nothing is left to go back.")


# ---- anyone


@cli.command(cls=Command)
@click.argument("token")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(token: str, as_json: bool) -> None:
    """Show what was posted for TOKEN: how much, what is unclaimed, and until when."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        postings = alliance.earnings.posted(found)
        if as_json:
            click.echo(json.dumps([_facts(each, found) for each in postings], indent=2))
            return
        now = calls.now()
        for each in postings:
            click.echo(_posting(each, found, now))
        if not postings:
            click.echo(f"Nothing was posted for {found.symbol}.")


@cli.command(cls=Command)
@click.argument("place")
@click.argument("account", required=False)
@click.option(
    "--all", "everything", is_flag=True, help="Hash all of it anew, not only what one account needs."
)
def check(place: str, account: str | None, everything: bool) -> None:
    """Check the proofs in PLACE, a folder or an address on the web: of ACCOUNT, or all of them.

    What is credited must lead to the root that is on the chain.
    """
    if not account and not everything:
        raise click.UsageError("Name an account, or check everything with --all.")
    with sentences():
        alliance = Alliance.connect()
        there = Proofs(place)
        token = token_of(alliance, there.posting.token)
        if everything:
            there.check()
            click.echo(f"{there.count:,} members, {_amount(token, there.posting.total)}: all of it fits.")
        credit = there.credit(address_of(account)) if account else there.first()
        alliance.earnings.check(credit)
        if account:
            state = "claimed" if alliance.earnings.is_claimed(token, credit) else "not claimed yet"
            click.echo(
                f"{address_of(account)} is credited {_amount(token, credit.leaf.amount)} in period "
                f"{credit.posting.period}, {state}; claimable from {moment(credit.posting.final_at)} until "
                f"{moment(credit.posting.claimable_until)}."
            )
        click.echo("It is what is posted on this chain.")


@cli.command(cls=Command)
@click.argument("place")
@click.argument("accounts", nargs=-1)
@click.option("--link", help="A one-time link, instead of accounts.")
@click.option("--to", help="Who gets what the link credits; the account that sends it if not given.")
@writes
def claim(work: Work, place: str, accounts: tuple[str, ...], link: str | None, to: str | None) -> None:
    """Claim what the proofs in PLACE (a folder, or an address on the web) credit to ACCOUNTS, or to a link.

    Anybody can claim for a member: it goes to the member. What was claimed is passed over.
    """
    if bool(accounts) == bool(link):
        raise click.UsageError("Name accounts, or give a link with --link.")
    earnings, there = work.alliance.earnings, Proofs(place)
    found = work.token(there.posting.token)
    if link is None:
        credits_ = [there.credit(address_of(each)) for each in accounts]
        earnings.check(credits_[0])
        count = earnings.claim(found, credits_, sender=work.sender)
        click.echo(f"{count} claimed, {len(credits_) - count} had been claimed before.")
        return
    token, period, key = links.from_earnings(link)
    if (address_of(token), period) != (there.posting.token, there.posting.period):
        raise SymbolonError(f"The link is for period {period} of {token}: name the place of those proofs.")
    credit = there.credit(address_of_key(key))
    earnings.check(credit)
    wallet = address_of(to or work.sender)
    earnings.claim_by_link(found, credit, key, wallet, sender=work.sender)
    click.echo(f"{wallet} got {_amount(found, credit.leaf.amount)}.")


# ---- words


def _keys(alliance: Alliance, token: "Token", period: int, secret: Path, *, create: bool = False) -> LinkKeys:
    name = list_id(calls.chain_id(), address_of(alliance.earnings.contract), token.address, period)
    return LinkKeys(read_secret(secret, create=create), name)


def _check_of(there: Proofs, token: "Token", period: int) -> None:
    posting = there.posting
    if (posting.token, posting.period) != (token.address, period):
        raise ProofError(
            f"The proofs are of period {posting.period} of {posting.token}: name the folder of this one."
        )


def _posting(posted: Posted, token: "Token", now: int) -> str:
    posting = posted.posting
    if now < posting.final_at:
        state = f"pending until {moment(posting.final_at)}"
    elif now < posting.claimable_until:
        state = f"claimable until {moment(posting.claimable_until)}"
    else:
        state = f"over since {moment(posting.claimable_until)}"
    where = f"; proofs at {posted.uri}" if posted.uri else ""
    return (
        f"{posting.period}: {_amount(token, posting.total)}, {_amount(token, posted.unclaimed)} unclaimed; "
        f"{state}{where}"
    )


def _facts(posted: Posted, token: "Token") -> dict[str, Any]:
    posting = posted.posting
    return {
        "period": posting.period,
        "root": "0x" + posting.root.hex(),
        "total": format_amount(posting.total, token.decimals),
        "unclaimed": format_amount(posted.unclaimed, token.decimals),
        "finalAt": posting.final_at,
        "claimableUntil": posting.claimable_until,
        "uri": posted.uri,
    }


def _amount(token: "Token", units: int) -> str:
    return f"{format_amount(units, token.decimals)} {token.symbol}"
