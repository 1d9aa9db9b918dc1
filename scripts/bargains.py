"""Bargains: publish listings; haggle by bid and offer; have friends cut a price; strike, take and share."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from eth_utils.crypto import keccak

from symbolon import calls, links, papers
from symbolon.alliance import Alliance
from symbolon.bargains import bargain_of
from symbolon.cli import Command, Work, sentences, signs, token_of, writes
from symbolon.codes import label_text
from symbolon.cutting import Attestation, Cut, Openings
from symbolon.deals import Listing
from symbolon.exceptions import SymbolonError
from symbolon.fields import HOUR
from symbolon.haggles import Haggle, SignedBid, SignedOffer, Status
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

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from symbolon.tokens import Token

SAVE = click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to hand over."
)
HOURS = click.option(
    "--hours", type=click.IntRange(1, 24 * 90), default=24, show_default=True, help="How long it is good."
)
NONCE = click.option(
    "--nonce",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Which of the buyer's bargains of this listing, counted from 0.",
)
COMPENSATION = click.option(
    "--any-compensation", is_flag=True, help="Also where the brand's purse cannot cover all of it."
)


@click.group(short_help="Haggling, and prices that friends cut")
def cli() -> None:
    """Bargains: haggle with the brand over a price, or have friends cut it.

    TOKEN is an address or a symbol. LISTING is a name such as lamp, BARGAIN a listing and its buyer's
    address, such as lamp/0x1234…, and /1 behind it for that buyer's second. PRICE is in tokens, or in money
    where nothing else is paid.
    """


# ---- brands


@cli.command(cls=Command)
@click.argument("token")
@click.argument("file", type=FILE)
@YES
@writes
def publish(work: Work, token: str, file: Path, yes: bool) -> None:
    """Publish the rights and bargains in FILE, a YAML, for good (a manager with the campaign role).

    The whole file is checked, and what it would publish is shown, before anything is sent. What is there
    already is passed over, so that it can be run again.
    """
    found, bargains = work.token(token), work.alliance.bargains
    book = book_of(found, file)
    Publishing(
        [
            *rights_to_define(work, found, book),
            *(
                Publication(
                    f"bargain {listing.name}",
                    _listing(listing, found),
                    is_published(listing, lambda name: bargains.listing(found, name).listing),
                    partial(bargains.publish, found, listing, sender=work.sender),
                )
                for listing in book.listings
            ),
        ]
    ).carry_out(work, yes=yes)


# ---- anyone


@cli.command(cls=Command, name="list")
@click.argument("token")
def list_(token: str) -> None:
    """List what can be bargained for with TOKEN, oldest first."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        listings = alliance.bargains.listings(found)
        for each in listings:
            listing = each.listing
            click.echo(
                f"{listing.name}: {_listing(listing, found)}; {each.opened} of {listing.stock} were opened"
            )
        if not listings:
            click.echo(f"There is nothing to bargain for with {found.symbol}.")


@cli.command(cls=Command)
@click.argument("token")
@click.option("--all", "everything", is_flag=True, help="Also those that have ended.")
def watch(token: str, everything: bool) -> None:
    """Show the bargains of TOKEN: what each costs now, and until when."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        every: list[Haggle | Cut] = [*alliance.haggles.of(found), *alliance.cuts.of(found)]
        shown = [each for each in every if everything or each.status is not Status.ENDED]
        struck, taken = alliance.haggles.struck(found), alliance.cuts.taken(found)
        for each in shown:
            agreed = struck if isinstance(each, Haggle) else taken
            price = agreed.get((each.listing.id, each.number))
            click.echo(_bargain(each, found) if price is None else _agreed(each, found, price))
        if not shown:
            click.echo(f"No bargains of {found.symbol} are {'there' if everything else 'open'}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@click.option("--page", help="Where the member's page is; that of the local chain if not given.")
@click.option("--save", type=PICTURE, help="A picture of the QR code: .png or .svg.")
def link(token: str, bargain: str, page: str | None, save: Path | None) -> None:
    """Make the link and the QR code that show friends a BARGAIN, so that they cut its price."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        name, number = bargain_of(bargain)
        if not alliance.bargains.listing(found, name).listing.is_cut:
            raise SymbolonError(
                f"Over {label_text(name)} the buyer and the brand alone haggle, so friends need no link: "
                "send the file of `ape run bargains bid` or `offer` to the other side."
            )
        cut = alliance.cuts.get(found, name, number)
        show_link(links.to_bargain(page_at(page), found.address, cut.listing.id, cut.number), save)


# ---- haggling


@cli.command(cls=Command)
@click.argument("token")
@click.argument("listing")
@click.argument("deposit")
@NONCE
@writes
def haggle(work: Work, token: str, listing: str, deposit: str, nonce: int) -> None:
    """Open a bargain for LISTING with a DEPOSIT: the most that the account can come to pay.

    Nothing happens to it without the account's word for a price, and `withdraw` gives it back at any time.
    """
    found = work.token(token)
    wanted = work.alliance.bargains.listing(found, listing).listing
    if wanted.is_cut:
        raise SymbolonError(
            f"Nobody haggles over {listing}, friends cut its price: see `ape run bargains start`."
        )
    parts = wanted.mix.read(deposit, found.units)
    opened = work.alliance.haggles.open(found, listing, parts, nonce=nonce, sender=work.sender)
    click.echo(f"{_bargain(opened, found)}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@click.argument("price")
@HOURS
@COMPENSATION
@SAVE
@signs
def bid(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    bargain: str,
    price: str,
    *,
    hours: int,
    any_compensation: bool,
    save: Path,
) -> None:
    """Sign a PRICE that the account, the buyer of BARGAIN, would pay. Sends nothing."""
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    haggled = alliance.haggles.get(found, *bargain_of(bargain))
    parts = haggled.listing.mix.read(price, found.units)
    click.echo(f"A bid of {_price(found, haggled.listing, parts)} for {haggled.name}.", err=True)
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    least = 0 if any_compensation else None
    paper = alliance.haggles.bid(haggled, parts, account, least_compensation=least, patience=hours * HOUR)
    _hand_over(alliance, haggled, paper, save)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@click.argument("price")
@HOURS
@SAVE
@signs
def offer(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    bargain: str,
    price: str,
    *,
    hours: int,
    save: Path,
) -> None:
    """Sign a PRICE at which the brand would sell (a manager with the campaign role). Sends nothing."""
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    haggled = alliance.haggles.get(found, *bargain_of(bargain))
    parts = haggled.listing.mix.read(price, found.units)
    click.echo(f"An offer of {_price(found, haggled.listing, parts)} for {haggled.name}.", err=True)
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    paper = alliance.haggles.offer(haggled, parts, account, patience=hours * HOUR)
    _hand_over(alliance, haggled, paper, save)


def _hand_over(alliance: Alliance, haggled: Haggle, paper: SignedBid | SignedOffer, save: Path) -> None:
    alliance.haggles.check(haggled, paper)
    papers.write(save, paper, calls.chain_id())
    click.echo(f"It is in {save}: send that to the other side.", err=True)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@click.option("--bid", "bid_file", type=FILE, help="A bid that the buyer signed.")
@click.option("--offer", "offer_file", type=FILE, help="An offer that the brand signed.")
def read(token: str, bargain: str, bid_file: Path | None, offer_file: Path | None) -> None:
    """Say what a signed --bid or --offer is worth now. Exit code 1 if it does not count."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        haggled = alliance.haggles.get(found, *bargain_of(bargain))
        for paper in _papers(bid_file, offer_file):
            alliance.haggles.check(haggled, paper)
            said = paper.bid if isinstance(paper, SignedBid) else paper.offer
            price = _price(found, haggled.listing, said.price)
            click.echo(f"It is good until {moment(said.deadline)}: {price} for {haggled.name}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@click.option("--bid", "bid_file", type=FILE, help="A bid that the buyer signed.")
@click.option("--offer", "offer_file", type=FILE, help="An offer that the brand signed.")
@COMPENSATION
@writes
def strike(
    work: Work,
    token: str,
    bargain: str,
    *,
    bid_file: Path | None,
    offer_file: Path | None,
    any_compensation: bool,
) -> None:
    """Strike BARGAIN at the price in the other side's --bid or --offer: it is an order then.

    The account is the buyer, or runs the brand's campaigns; with both papers it is anybody.
    """
    found = work.token(token)
    haggled = work.alliance.haggles.get(found, *bargain_of(bargain))
    signed_bid = signed_offer = None
    price = 0
    for paper in _papers(bid_file, offer_file):
        work.alliance.haggles.check(haggled, paper)
        if isinstance(paper, SignedBid):
            signed_bid, price = paper, paper.bid.price
        else:
            signed_offer, price = paper, paper.offer.price
    if signed_bid is None and work.sender.address != haggled.buyer:
        raise SymbolonError(f"{work.sender.address} is not the buyer of {haggled.name}: give the --bid too.")
    work.alliance.haggles.strike(
        haggled,
        price,
        bid=signed_bid,
        offer=signed_offer,
        least_compensation=0 if any_compensation else None,
        sender=work.sender,
    )
    click.echo(f"{haggled.name} is struck at {_price(found, haggled.listing, price)}.")


def _papers(bid_file: Path | None, offer_file: Path | None) -> list[SignedBid | SignedOffer]:
    if bid_file is None and offer_file is None:
        raise click.UsageError("Give --bid, --offer or both.")
    found: list[SignedBid | SignedOffer] = []
    if bid_file:
        found.append(papers.read(bid_file, SignedBid, calls.chain_id()))
    if offer_file:
        found.append(papers.read(offer_file, SignedOffer, calls.chain_id()))
    return found


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@writes
def revoke(work: Work, token: str, bargain: str) -> None:
    """Make void what the account's side has signed for BARGAIN: the buyer's bids, or the brand's offers."""
    found = work.token(token)
    haggled = work.alliance.haggles.get(found, *bargain_of(bargain))
    work.alliance.haggles.revoke(haggled, sender=work.sender)
    click.echo(f"What this side had signed for {haggled.name} is void.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@writes
def withdraw(work: Work, token: str, bargain: str) -> None:
    """End BARGAIN and give its deposit back: the buyer at any time, anybody once its time is over."""
    found = work.token(token)
    haggled = work.alliance.haggles.get(found, *bargain_of(bargain))
    work.alliance.haggles.withdraw(haggled, sender=work.sender)
    fetch = " `ape run bargains collect` pays out the money." if haggled.listing.mix.currency_part else ""
    click.echo(f"{_price(found, haggled.listing, haggled.deposit)} went back to {haggled.buyer}.{fetch}")


# ---- cuts


@cli.command(cls=Command, name="draw-up")
@click.argument("token")
@click.argument("listing")
@click.argument("buyer")
@NONCE
@HOURS
@SAVE
@signs
def draw_up(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    listing: str,
    buyer: str,
    *,
    nonce: int,
    hours: int,
    save: Path,
) -> None:
    """Draw up the cuts of a bargain for BUYER and sign for them (a manager with the campaign role).

    The file has all of them, for the buyer alone: whoever has it knows what each friend will draw.
    """
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    openings = alliance.cuts.draw_up(found, listing, buyer, account, nonce=nonce, patience=hours * HOUR)
    alliance.cuts.check(openings)
    papers.write(save, openings, calls.chain_id())
    click.echo(f"{len(openings.cuts)} cuts are in {save}: send that to the buyer alone.", err=True)


@cli.command(cls=Command)
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check the cuts in FILE before opening: all can be drawn, and they lead to the floor price.

    Exit code 1 if not; then do not open.
    """
    with sentences():
        alliance = Alliance.connect()
        openings = papers.read(file, Openings, calls.chain_id())
        alliance.cuts.check(openings)
        wanted = openings.commitment
        found = alliance.tokens[wanted.token]
        listing = alliance.bargains.listing(found, wanted.deal_id).listing
        click.echo(
            f"All {len(openings.cuts)} cuts can be drawn, from {_price(found, listing, listing.price)} to "
            f"{_price(found, listing, listing.floor)}; open until {moment(wanted.deadline)}."
        )


@cli.command(cls=Command)
@click.argument("file", type=FILE)
@writes
def start(work: Work, file: Path) -> None:
    """Check the cuts in FILE and open the bargain that they are of. The account is its buyer."""
    openings = papers.read(file, Openings, calls.chain_id())
    opened = work.alliance.cuts.open(openings, sender=work.sender)
    click.echo(f"{_bargain(opened, work.token(opened.token))}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("listing")
@NONCE
@writes
def request(work: Work, token: str, listing: str, nonce: int) -> None:
    """Open a bargain without the brand, which answers in time or sells at the floor price."""
    found = work.token(token)
    opened = work.alliance.cuts.request(found, listing, nonce=nonce, sender=work.sender)
    click.echo(f"{_bargain(opened, found)}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@writes
def answer(work: Work, token: str, bargain: str) -> None:
    """Answer a BARGAIN that was requested, with cuts that everybody sees (a manager, campaign role)."""
    found = work.token(token)
    cut = work.alliance.cuts.get(found, *bargain_of(bargain))
    drawn = work.alliance.cuts.answer(cut, sender=work.sender)
    click.echo(f"{cut.name} is answered with {len(drawn)} cuts.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("listing")
@click.argument("helper")
@click.option("--person", required=True, help="What the attester knows the person by; its hash is told.")
@HOURS
@SAVE
@signs
def attest(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    listing: str,
    helper: str,
    *,
    person: str,
    hours: int,
    save: Path,
) -> None:
    """Vouch that the address HELPER is that person's (the listing's attester). Sends nothing."""
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    wanted = alliance.bargains.listing(found, listing).listing
    if account.address != wanted.attester:
        raise SymbolonError(f"{wanted.attester} vouches for {listing}: sign with that account.")
    pseudonym = keccak(wanted.id + person.encode())
    paper = alliance.cuts.attest(found, listing, helper, pseudonym, account, patience=hours * HOUR)
    papers.write(save, paper, calls.chain_id())
    click.echo(f"It is in {save}: send that to the helper.", err=True)


@cli.command(cls=Command)
@click.argument("file", type=FILE)
@click.option("--attestation", type=FILE, required=True, help="Who vouches for the account.")
@writes
def cut(work: Work, file: Path, attestation: Path) -> None:
    """Draw the next of the cuts in FILE. The account is the friend, whom the --attestation is about."""
    openings = papers.read(file, Openings, calls.chain_id())
    vouched = papers.read(attestation, Attestation, calls.chain_id())
    found = work.token(openings.commitment.token)
    after = work.alliance.cuts.draw(openings, vouched, sender=work.sender)
    click.echo(f"{_bargain(after, found)}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("bargain")
@click.option("--reference", default="", help="What the shop calls it, at most 32 bytes.")
@COMPENSATION
@writes
def take(work: Work, token: str, bargain: str, *, reference: str, any_compensation: bool) -> None:
    """Take BARGAIN at the price that it has come to: it is an order then. The account is the buyer."""
    found = work.token(token)
    cut = work.alliance.cuts.get(found, *bargain_of(bargain))
    work.alliance.cuts.take(
        cut,
        least_compensation=0 if any_compensation else None,
        reference=reference,
        sender=work.sender,
    )
    click.echo(f"{cut.name} is taken for {_price(found, cut.listing, cut.price)}.")


add_desk(cli, "bargains", lambda alliance: alliance.bargains)


# ---- words


def _price(token: "Token", listing: Listing, parts: int) -> str:
    return token.units.text(listing.mix.cost(parts))


def _listing(listing: Listing, token: "Token") -> str:
    price, floor = (_price(token, listing, parts) for parts in (listing.price, listing.floor))
    how = (
        f"{listing.cuts} friends cut it from {price} to {floor}, vouched for by {listing.attester}"
        if listing.is_cut
        else f"haggle from {price} down to {floor}"
    )
    return (
        f"{how}; {listing.stock} in all, each for {span(listing.duration)}, {agreed_in_words(listing, token)}"
    )


def _agreed(bargain: Haggle | Cut, token: "Token", price: int) -> str:
    """A bargain that became an order."""
    how = "struck at" if isinstance(bargain, Haggle) else "taken for"
    return f"{bargain.name}: {how} {_price(token, bargain.listing, price)}, and an order since"


def _bargain(bargain: Haggle | Cut, token: "Token") -> str:
    until = f"until {moment(bargain.deadline)}"
    if isinstance(bargain, Haggle):
        deposit = _price(token, bargain.listing, bargain.deposit)
        return f"{bargain.name}: {bargain.status}, deposit {deposit}, {until}"
    price = _price(token, bargain.listing, bargain.price)
    waiting = f", to be answered until {moment(bargain.answer_by)}" if bargain.answer_by else ""
    return f"{bargain.name}: {bargain.status}, now {price}, {bargain.left} cuts left{waiting}, {until}"
