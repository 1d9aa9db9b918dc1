"""Groups: publish deals, open, join and leave groups, watch them, close and settle them, and share links."""

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon import calls, links
from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Failure, Work, sentences, token_of, writes
from symbolon.codes import bought_text
from symbolon.deals import UINT16_MAX, Deal
from symbolon.groups import Group, Seat, Settled, Status, Wish
from symbolon.reverts import moment
from symbolon.shop_front import (
    FILE,
    PICTURE,
    YES,
    Publication,
    Publishing,
    add_desk,
    agreed_in_words,
    book_of,
    is_published,
    page_at,
    rights_to_define,
    show_link,
    span,
)
from symbolon.units import format_amount

if TYPE_CHECKING:
    from symbolon.tokens import Token


@click.group(short_help="Buying together: the more, the cheaper")
def cli() -> None:
    """Buying together: members open groups of a deal, and the more units a group takes, the less each costs.

    TOKEN is an address or a symbol. DEAL is a name such as coffee, GROUP a deal and a number, such as
    coffee/3.
    """


# ---- brands


@cli.command(cls=Command)
@click.argument("token")
@click.argument("file", type=FILE)
@YES
@writes
def publish(work: Work, token: str, file: Path, yes: bool) -> None:
    """Publish the rights and group deals in FILE, a YAML, for good (a manager with the campaign role).

    The whole file is checked, and what it would publish is shown, before anything is sent. What is there
    already is passed over, so that it can be run again.
    """
    found, groups = work.token(token), work.alliance.groups
    book = book_of(found, file)
    Publishing(
        [
            *rights_to_define(work, found, book),
            *(
                Publication(
                    f"deal {deal.name}",
                    _deal(deal, found).partition(": ")[2],
                    is_published(deal, lambda name: groups.deal(found, name).deal),
                    partial(groups.publish, found, deal, sender=work.sender),
                )
                for deal in book.deals
            ),
        ]
    ).carry_out(work, yes=yes)


@cli.command(cls=Command, name="list")
@click.argument("token")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(token: str, as_json: bool) -> None:
    """List the group deals of TOKEN, oldest first."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        deals = alliance.groups.deals(found)
        if as_json:
            facts = [_deal_facts(each.deal, found) | {"opened": each.opened} for each in deals]
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        for each in deals:
            click.echo(f"{_deal(each.deal, found)}; {each.opened} of {each.deal.groups} groups were opened")
        if not deals:
            click.echo(f"There are no group deals of {found.symbol}.")


# ---- anyone


@cli.command(cls=Command)
@click.argument("token")
@click.argument("group")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(token: str, group: str, as_json: bool) -> None:
    """Show GROUP of TOKEN: its tiers, what each still needs, and its seats."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        seen = alliance.groups.group(found, group)
        seats = alliance.groups.seats(found, seen)
        if as_json:
            facts = _group_facts(seen, found) | {"seats": [_seat_facts(each, found, seen) for each in seats]}
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        click.echo(_group(seen, found, calls.now()))
        click.echo(_deal(seen.deal, found))
        for index, tier in enumerate(seen.deal.tiers, 1):
            price = found.units.text(seen.deal.mix.cost(tier.price))
            click.echo(f"  {index}. from {tier.seats}: {price}{_standing(seen, index - 1)}")
        for seat in seats:
            click.echo(f"  {_seat(seat, found, seen)}")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("deals", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Also those that have ended and are settled.")
@click.option("--every", type=click.IntRange(1), help="Look again every so many seconds, until stopped.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def watch(token: str, deals: tuple[str, ...], everything: bool, every: int | None, as_json: bool) -> None:
    """Show the groups of TOKEN, or of DEALS: seats, the price reached, the time left, what is to be done."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        while True:
            _watch(alliance, found, deals, everything, as_json)
            if every is None:
                return
            time.sleep(every)


def _watch(
    alliance: Alliance, token: "Token", deals: tuple[str, ...], everything: bool, as_json: bool
) -> None:
    now = calls.now()
    unsettled = {seat.group_id for seat in alliance.groups.seats(token)}
    groups = [
        each
        for each in alliance.groups.groups(token, *deals)
        if everything or each.status is Status.OPEN or each.id in unsettled
    ]
    if as_json:
        click.echo(json.dumps([_group_facts(each, token) for each in groups], indent=2, ensure_ascii=False))
        return
    for each in groups:
        to_do = "; seats are to be settled" if each.status is not Status.OPEN and each.id in unsettled else ""
        click.echo(f"{_group(each, token, now)}{to_do}")
    if not groups:
        click.echo(f"No groups of {token.symbol} are {'there' if everything else 'open'}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("group")
@click.option("--from", "referrer", help="Who shares it: the address that new members' seats name.")
@click.option("--page", help="Where the member's page is; that of the local chain if not given.")
@click.option("--save", type=PICTURE, help="A picture of the QR code: .png or .svg.")
def link(token: str, group: str, referrer: str | None, page: str | None, save: Path | None) -> None:
    """Make the link and the QR code by which friends join GROUP, or open one of the DEAL that is named."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        wanted = alliance.groups.wish(found, group, member=found.address).group_id
        who = address_of(referrer) if referrer else None
        show_link(links.to_group(page_at(page), found.address, wanted, who), save)


# ---- members


@cli.command(cls=Command, name="open")
@click.argument("token")
@click.argument("deal")
@writes
def open_(work: Work, token: str, deal: str) -> None:
    """Open a group of DEAL without taking a seat; it uses up the right that the deal asks for."""
    found = work.token(token)
    opened = work.alliance.groups.open(found, deal, sender=work.sender)
    click.echo(f"{_group(opened, found, calls.now())}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("group")
@click.option("--quantity", type=click.IntRange(1, UINT16_MAX), default=1, show_default=True, help="Units.")
@click.option(
    "--tier",
    type=click.IntRange(1, 8),
    default=1,
    show_default=True,
    help="The tier whose price is the most that is paid; with the first the group comes about soonest.",
)
@click.option("--member", help="Whose seat it is, if not the account's: a present.")
@click.option("--from", "referrer", help="Who brought the member.")
@click.option("--any-compensation", is_flag=True, help="Join also where the purse cannot cover all of it.")
@writes
def join(
    work: Work,
    token: str,
    group: str,
    *,
    quantity: int,
    tier: int,
    member: str | None,
    referrer: str | None,
    any_compensation: bool,
) -> None:
    """Take a seat in GROUP, or in a new group of the DEAL that is named. The account pays the deposit."""
    found = work.token(token)
    wish = work.alliance.groups.wish(
        found,
        group,
        quantity,
        member=member or work.sender,
        top_tier=tier - 1,
        referrer=referrer,
        least_compensation=0 if any_compensation else None,
    )
    click.echo(f"{_wish(wish, found)}.", err=True)
    seat = work.alliance.groups.join(wish, sender=work.sender)
    seen = work.alliance.groups.group(found, seat.group_id)
    click.echo(f"{_seat(seat, found, seen)}.")
    click.echo(f"{_group(seen, found, calls.now())}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("group")
@writes
def leave(work: Work, token: str, group: str) -> None:
    """Leave GROUP and get everything back, until its cutoff. The account is the member."""
    found = work.token(token)
    seen = work.alliance.groups.group(found, group)
    seat = work.alliance.groups.seat(found, seen, work.sender)
    work.alliance.groups.leave(seat, sender=work.sender)
    click.echo(f"{found.units.text(seen.deal.mix.cost(seat.deposit))} came back.{_fetch(seen)}")


# ---- when groups have ended


@cli.command(cls=Command)
@click.argument("token")
@click.argument("groups", nargs=-1)
@writes
def close(work: Work, token: str, groups: tuple[str, ...]) -> None:
    """Write down how the groups of TOKEN that have ended did, or those named (anybody).

    It costs the same for each, however many seats it has. Settling closes too.
    """
    found = work.token(token)
    wanted = _ended(work.alliance, found, groups)
    closed = [each for each in wanted if not each.is_closed]
    for each in closed:
        click.echo(_group(work.alliance.groups.close(each, sender=work.sender), found, calls.now()))
    click.echo(f"{len(closed)} closed.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("groups", nargs=-1)
@writes
def settle(work: Work, token: str, groups: tuple[str, ...]) -> None:
    """Settle the seats of all groups of TOKEN that have ended, or of those named (anybody).

    Refunds and what is over go to members; what participants bought is then an order. By hundreds in a
    transaction; stopped, it goes on where it was. Exit code 1 if any seat was left out.
    """
    found = work.token(token)
    ended = {each.id: each for each in _ended(work.alliance, found, groups)}
    seats = [seat for seat in work.alliance.groups.seats(found) if seat.group_id in ended]
    _report(work.alliance.groups.settle(found, seats, sender=work.sender))


add_desk(cli, "groups", lambda alliance: alliance.groups)


def _ended(alliance: Alliance, token: "Token", names: tuple[str, ...]) -> list[Group]:
    """The groups named, or all that have ended. Raises SymbolonError where one named is still open."""
    if not names:
        return [each for each in alliance.groups.groups(token) if each.status is not Status.OPEN]
    found = [alliance.groups.group(token, name) for name in names]
    for each in found:
        if each.status is Status.OPEN:
            raise Failure(f"{each.name} is open until {moment(each.deadline)}: come back then.")
    return found


def _report(settled: Settled) -> None:
    for seat, error in settled.left_out:
        click.echo(f"Left out: {bought_text(seat.group_id)}/{seat.member}: {error}", err=True)
    click.echo(f"{len(settled.done)} seats settled, {len(settled.left_out)} left out.")
    if settled.left_out:
        raise Failure("Some seats were left out: see what is said about each, and run it again.")


# ---- words


def _deal(deal: Deal, token: "Token") -> str:
    tiers = ", ".join(
        f"{token.units.text(deal.mix.cost(tier.price))} from {tier.seats}" for tier in deal.tiers
    )
    cutoff = f", to leave until {span(deal.cutoff)} before"
    limit = f", {deal.seat_limit} a member" if deal.seat_limit < deal.most_seats else ""
    return (
        f"{deal.name}: {tiers}; at most {deal.most_seats}{limit}, for {span(deal.duration)}{cutoff}, "
        f"{agreed_in_words(deal, token)}"
    )


def _group(group: Group, token: "Token", now: int) -> str:
    price = token.units.text(group.deal.mix.cost(group.price))
    if group.status is Status.FAILED:
        return f"{group.name}: failed at {moment(group.deadline)}, everything goes back"
    if group.status is Status.SUCCEEDED:
        return f"{group.name}: succeeded at {moment(group.deadline)}, {group.units} at {price}"
    tier = group.next_tier
    reached = f"now {price}" if group.price else "no price reached"
    more = ""
    if tier:
        better = token.units.text(group.deal.mix.cost(tier.price))
        more = f", {group.needed_for(tier)} more for {better}"
    return (
        f"{group.name}: {group.seats_taken} of {group.deal.most_seats} taken, {reached}{more}; open for "
        f"{span(group.deadline - now)}, until {moment(group.deadline)}"
    )


def _standing(group: Group, index: int) -> str:
    if group.status is not Status.OPEN:
        return ""
    tier = group.deal.tiers[index]
    if group.price and tier.price >= group.price:
        return " (reached)"
    return f" ({group.needed_for(tier)} more needed)"


def _wish(wish: Wish, token: "Token") -> str:
    return (
        f"{wish.quantity} of {bought_text(wish.group_id)} for at most {token.units.text(wish.cost)}, for "
        f"{wish.member}"
    )


def _seat(seat: Seat, token: "Token", group: Group) -> str:
    brought = "" if not int(seat.referrer, 16) else f", brought by {seat.referrer}"
    return (
        f"{seat.member}: {seat.quantity} of {bought_text(seat.group_id)} for at most "
        f"{token.units.text(group.deal.mix.cost(seat.deposit))}{brought}"
    )


def _fetch(group: Group) -> str:
    return " `ape run groups collect` pays out the money." if group.deal.mix.currency_part else ""


def _price(token: "Token", deal: Deal, parts: int) -> dict[str, str]:
    cost = deal.mix.cost(parts)
    return {
        "tokens": format_amount(cost.tokens, token.units.decimals),
        "money": format_amount(cost.money, token.units.money_decimals),
    }


def _deal_facts(deal: Deal, token: "Token") -> dict[str, Any]:
    return {
        "name": deal.name,
        "id": "0x" + deal.id.hex(),
        "tiers": [{"seats": tier.seats, "price": _price(token, deal, tier.price)} for tier in deal.tiers],
        "mostSeats": deal.most_seats,
        "seatLimit": deal.seat_limit,
        "groups": deal.groups,
        "opensAt": deal.opens_at,
        "closesAt": deal.closes_at,
        "duration": deal.duration,
        "cutoff": deal.cutoff,
        "fulfilDays": deal.delivery.days,
        "stakePercent": deal.delivery.stake_percent,
        "compensation": deal.delivery.compensation,
        "arbiter": deal.delivery.arbiter,
        "right": "0x" + deal.right.hex(),
        "documentHash": "0x" + deal.document.hash.hex(),
        "documentURI": deal.document.uri,
    }


def _group_facts(group: Group, token: "Token") -> dict[str, Any]:
    return {
        "name": group.name,
        "id": "0x" + group.id.hex(),
        "status": str(group.status),
        "closed": group.is_closed,
        "deadline": group.deadline,
        "cutoffAt": group.cutoff_at,
        "price": _price(token, group.deal, group.price) if group.price else None,
        "units": group.units,
        "taken": list(group.taken),
        "left": group.seats_left,
    }


def _seat_facts(seat: Seat, token: "Token", group: Group) -> dict[str, Any]:
    return {
        "member": seat.member,
        "quantity": seat.quantity,
        "deposit": _price(token, group.deal, seat.deposit),
        "compensation": seat.compensation,
        "referrer": seat.referrer,
    }
