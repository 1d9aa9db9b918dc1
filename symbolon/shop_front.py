"""What the commands of groups, bargains and rights share: files of deals, links, and money to fetch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon import calls, deals, qr, standing
from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Failure, Work, sentences, token_of, writes
from symbolon.codes import label_text
from symbolon.currencies import Currency
from symbolon.deals import NO_RIGHT, Book, Deal, Listing, Right
from symbolon.exceptions import SymbolonError
from symbolon.fields import DAY, FOREVER, HOUR, MINUTE
from symbolon.packing import hand_over, packing_list
from symbolon.prices import Units
from symbolon.purchases import NoDealError, Purchases
from symbolon.reverts import RefusedError, moment
from symbolon.rights import NoRightError
from symbolon.units import format_amount

if TYPE_CHECKING:
    from symbolon.tokens import Token

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PICTURE = click.Path(dir_okay=False, path_type=Path)
RIGHT_NAMED = "right "
YES = click.option("--yes", is_flag=True, help="Do not ask before signing.")


def book_of(token: Token, file: Path) -> Book:
    """What a file says, in the token's own units. Raises FileError."""
    return deals.read(file, token.units)


@dataclass(frozen=True)
class Publication:
    """Something that a file says, and whether it is published: so, otherwise (False), or not (None)."""

    name: str
    words: str
    is_there: bool | None
    publish: partial[Any]


@dataclass(frozen=True)
class Publishing:
    """What a file has published."""

    publications: Sequence[Publication]

    def carry_out(self, work: Work, *, yes: bool) -> None:
        """Publish what is not there yet, after showing it.

        Raises SymbolonError before anything is sent where something is published with other conditions.
        """
        for each in self.publications:
            if each.is_there is False:
                raise SymbolonError(
                    f"The {each.name} is published with other conditions, which never change: choose another "
                    "name in the file."
                )
        for each in self.publications:
            if each.is_there:
                click.echo(f"There already: {each.name}.")
        wanted = [each for each in self.publications if each.is_there is None]
        if not wanted:
            click.echo("Nothing is left to be published.")
            return
        lines = "\n".join(f"  {each.name}: {each.words}" for each in wanted)
        self._try(work, wanted)
        work.ask(f"To be published, for good:\n{lines}", yes=yes)
        for each in wanted:
            each.publish()
            click.echo(f"Published: {each.name}.")

    def _try(self, work: Work, wanted: Sequence[Publication]) -> None:
        """Try each before anything is sent, so that a file is not published by halves."""
        are_rights_new = any(each.name.startswith(RIGHT_NAMED) for each in wanted)
        for each in wanted:
            sender = str(work.sender.address)
            act = calls.draft(each.publish.func, *each.publish.args, sender=sender)
            try:
                calls.estimate(sender, act.to, act.data)
            except RefusedError as refused:
                # A right that the same file brings is not there yet.
                if not (are_rights_new and refused.name == "Deals_NoRight"):
                    raise


def is_published(wanted: Right | Deal | Listing, find: Callable[[str], object]) -> bool | None:
    """Whether what `find` finds by that name is what is wanted: so, otherwise (False), or nothing (None)."""
    try:
        return find(wanted.name) == wanted
    except (NoDealError, NoRightError):
        return None


def rights_to_define(work: Work, token: Token, book: Book) -> list[Publication]:
    """The rights in a file."""
    rights = work.alliance.rights
    return [
        Publication(
            f"{RIGHT_NAMED}{right.name}",
            right_in_words(right, token.units),
            is_published(right, lambda name: rights.get(token, name).right),
            partial(rights.define, token, right, sender=work.sender),
        )
        for right in book.rights
    ]


def right_in_words(right: Right, units: Units) -> str:
    """A right in a line."""
    price = f"{_tokens(units, right.price)} each" if right.price else "only given away"
    until = "" if right.closes_at >= FOREVER else f", sold until {moment(right.closes_at)}"
    return f"{price}, {right.supply} in all{until}"


def agreed_in_words(deal: Deal | Listing, token: Token) -> str:
    """What all deals say: when they can be begun, with what right, and what follows."""
    delivery = deal.delivery
    compensation = (
        f", compensation {token.currency.text(delivery.compensation)} a unit" if delivery.compensation else ""
    )
    stake = f", a dispute takes {delivery.stake_percent} %" if delivery.stake_percent else ""
    right = "" if deal.right == NO_RIGHT else f", with right {label_text(deal.right)}"
    until = "" if deal.closes_at >= FOREVER else f" until {moment(deal.closes_at)}"
    return (
        f"opened{f' from {moment(deal.opens_at)}' if deal.opens_at else ''}{until or ' at any time'}{right}, "
        f"delivered in {delivery.days} days{compensation}{stake}"
    )


def span(seconds: int) -> str:
    """A time that is left, for people, such as 2 d 3 h."""
    if seconds <= 0:
        return "0 min"
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    parts = [f"{days} d" if days else "", f"{hours} h" if hours else ""]
    if not days:
        parts.append(f"{minutes} min" if minutes or not hours else "")
    return " ".join(part for part in parts if part)


# ---- links


def show_link(link: str, save: Path | None) -> None:
    """Print a link, with its QR code in a picture or, on a terminal, beside it."""
    if save:
        qr.save(link, save)
        click.echo(f"The QR code is in {save}.", err=True)
    elif click.get_text_stream("stderr").isatty():
        click.echo(qr.on_terminal(link), err=True)
    click.echo(link)


def page_at(given: str | None) -> str:
    """The member's page: the one given, or that of the local chain. Raises SymbolonError."""
    chain = standing.find()
    if page := given or (chain.page_url if chain else ""):
        return page
    raise SymbolonError("No member's page runs here: say with --page where it is.")


# ---- money and orders, the same for groups and bargains


def add_desk(cli: click.Group, name: str, desk: Callable[[Alliance], Purchases]) -> None:
    """Add the commands `fund`, `payout`, `collect` and `orders` to those of a contract where people buy."""

    @cli.command(cls=Command)
    @click.argument("token")
    @click.argument("deal")
    @click.argument("value")
    @click.option("--reclaim", is_flag=True, help="Take back what is set aside and reserved for nobody.")
    @writes
    def fund(work: Work, token: str, deal: str, value: str, reclaim: bool) -> None:
        """Set so much of the compensation purse aside for the purchases under DEAL of TOKEN (admin)."""
        found = work.token(token)
        at, amount = desk(work.alliance), found.currency.parse(value)
        (at.reclaim if reclaim else at.allot)(found, deal, amount, sender=work.sender)
        free = found.currency.text(at.free_compensation(found, deal))
        click.echo(f"For compensations of {deal}, {free} are free.")

    @cli.command(cls=Command)
    @click.argument("token")
    @click.option("--to", help="To another account than the admin's.")
    @writes
    def payout(work: Work, token: str, to: str | None) -> None:
        """Fetch the money that the brand of TOKEN has earned here (admin).

        Tokens that it has earned burned when it earned them.
        """
        found = work.token(token)
        at, payee = desk(work.alliance), address_of(to or work.sender)
        value = at.proceeds(found)
        if not value:
            click.echo(
                f"There is no money of {found.symbol}'s brand to fetch. An order's is there once the member "
                "is content, or has said nothing for 14 days after the delivery."
            )
            return
        at.withdraw_proceeds(found, payee, sender=work.sender)
        click.echo(f"{found.currency.text(value)} went to {payee}.")

    @cli.command(cls=Command)
    @click.argument("token")
    @click.argument("accounts", nargs=-1)
    @click.option("--all", "everybody", is_flag=True, help="Everybody who is owed anything.")
    @writes
    def collect(work: Work, token: str, accounts: tuple[str, ...], everybody: bool) -> None:
        """Pay out to ACCOUNTS the money in TOKEN's currency that came back to them (anybody).

        Without any, it is the account's own. Tokens came back by themselves. An account that the currency
        refuses to pay is named, the others are still paid, and the exit code is 1.
        """
        if accounts and everybody:
            raise click.UsageError("Give either ACCOUNTS or --all.")
        currency = work.token(token).currency
        at = desk(work.alliance)
        wanted = list(accounts) or [str(work.sender.address)]
        failed = _pay_out(work, at, currency, at.creditors(currency) if everybody else wanted)
        if failed:
            raise Failure("Some could not be paid: their money stays here until they collect it elsewhere.")

    @cli.command(cls=Command)
    @click.argument("token")
    @click.option("--save", type=PICTURE, help="A file; else it is printed.")
    def orders(token: str, save: Path | None) -> None:
        """Write a CSV for the warehouse of what is to be delivered, the most urgent first.

        `ape run orders fulfil --file` takes it when it has been shipped; both can be run again.
        """
        with sentences():
            alliance = Alliance.connect()
            found = token_of(alliance, token)
            hand_over(packing_list(desk(alliance).of(found), found), save, f"orders of {name}")


def _pay_out(work: Work, at: Purchases, currency: Currency, accounts: list[str]) -> bool:
    """Pay out to each account what it is owed; whether any could not be paid."""
    failed, paid = False, 0
    for account in dict.fromkeys(map(address_of, accounts)):
        value = at.owed_to(currency, account)
        if not value:
            continue
        try:
            at.collect(currency, account, sender=work.sender)
        except RefusedError as error:
            click.echo(f"Left out: {account}: {error}", err=True)
            failed = True
            continue
        click.echo(f"{currency.text(value)} went to {account}.")
        paid += 1
    click.echo(f"{paid} paid.")
    return failed


def _tokens(units: Units, amount: int) -> str:
    return f"{format_amount(amount, units.decimals)} {units.symbol}"
