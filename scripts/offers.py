"""Offers: publish, change, withdraw a change, and list them."""

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.brands import NOBODY
from symbolon.calls import address_of
from symbolon.cli import Command, Moment, Work, sentences, token_of, units_of, writes
from symbolon.codes import UNITS_MAX
from symbolon.fields import FOREVER
from symbolon.offers import NO_LIMIT, Conditions, Document, Offer
from symbolon.reverts import moment
from symbolon.units import format_amount

if TYPE_CHECKING:
    from symbolon.tokens import Token

UNITS = click.IntRange(0, UNITS_MAX)
MOMENT = Moment()


def described(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that describe an offer, and hand them over as a dictionary, `given`."""
    options = (
        click.option("--price", help="Tokens for one unit, such as 2.50."),
        click.option("--stock", type=UNITS, help="Units that there are in all, over the offer's life."),
        click.option("--member-limit", type=UNITS, help="Units that one member can get; no limit saves gas."),
        click.option("--from", "opens_at", type=MOMENT, help="From when, in UTC, such as 2027-03-01."),
        click.option("--until", "closes_at", type=MOMENT, help="Until when, in UTC."),
        click.option(
            "--document",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The document that describes it to members, whose hash is recorded.",
        ),
        click.option("--document-uri", help="Where members find it."),
        click.option(
            "--deliver-in",
            "fulfil_days",
            type=click.IntRange(1, 255),
            help="Days to deliver: makes it an offer to order.",
        ),
        click.option("--compensation", help="To order: money for one unit if the brand fails, such as 5.00."),
        click.option(
            "--stake",
            "stake_percent",
            type=click.IntRange(0, 20),
            help="To order: what a dispute costs if it turns out wrong, in percent of the price.",
        ),
        click.option("--arbiter", help="To order: who decides disputes, from the alliance's list."),
    )

    @wraps(function)
    def command(work: Work, token: str, offer: str, **given: object) -> None:
        function(work, token, offer, given)

    for option in reversed(options):
        command = option(command)
    return command


@click.group(short_help="What brands give for their tokens")
def cli() -> None:
    """Offers: what a brand gives for its tokens, on top of shop credit at par.

    TOKEN is an address or a symbol. OFFER is a name of up to 32 letters, digits and signs, unique for the
    token, or 0x and 64 digits.
    """


@cli.command(cls=Command)
@click.argument("token")
@click.argument("offer")
@writes
@described
def create(work: Work, token: str, offer: str, given: dict[str, Any]) -> None:
    """Publish OFFER for TOKEN (a manager with the campaign role).

    --price, --stock and --document are needed. There is no limit for a member unless --member-limit sets
    one; it is open from now on unless --from says later, and for good unless --until says not. With
    --deliver-in it is ordered and delivered, and needs --arbiter; else tills hand it over.
    """
    needed = ["price", "stock", "document"]
    if given["fulfil_days"] is not None:
        needed.append("arbiter")
    elif any(given[name] is not None for name in ("compensation", "stake_percent", "arbiter")):
        raise click.UsageError("--compensation, --stake and --arbiter are for orders: add --deliver-in.")
    missing = [f"--{name}" for name in needed if given[name] is None]
    if missing:
        raise click.UsageError(f"A new offer needs {', '.join(missing)}.")
    found = work.token(token)
    conditions = Conditions(
        price=units_of(found, given["price"]),
        stock=given["stock"],
        member_limit=NO_LIMIT if given["member_limit"] is None else given["member_limit"],
        opens_at=calls.now() if given["opens_at"] is None else given["opens_at"],
        closes_at=FOREVER if given["closes_at"] is None else given["closes_at"],
        fulfil_days=given["fulfil_days"] or 0,
        stake_percent=given["stake_percent"] or 0,
        compensation=0 if given["compensation"] is None else found.currency.parse(given["compensation"]),
        arbiter=NOBODY if given["arbiter"] is None else address_of(given["arbiter"]),
    )
    document = Document.of(given["document"].read_bytes(), given["document_uri"] or "")
    made = work.alliance.offers.create(found, offer, conditions, document, sender=work.sender)
    click.echo(f"{_line(found, made)}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("offer")
@writes
@described
def change(work: Work, token: str, offer: str, given: dict[str, Any]) -> None:
    """Change OFFER of TOKEN: at once if nothing gets worse, else after notice (campaign role).

    What is not given stays as it is. To end an offer, lower its stock or let it close earlier.
    """
    found = work.token(token)
    before = work.alliance.offers.get(found, offer)
    old, document = before.conditions, before.document
    conditions = Conditions(
        price=old.price if given["price"] is None else units_of(found, given["price"]),
        stock=old.stock if given["stock"] is None else given["stock"],
        member_limit=old.member_limit if given["member_limit"] is None else given["member_limit"],
        opens_at=old.opens_at if given["opens_at"] is None else given["opens_at"],
        closes_at=old.closes_at if given["closes_at"] is None else given["closes_at"],
        fulfil_days=old.fulfil_days if given["fulfil_days"] is None else given["fulfil_days"],
        stake_percent=old.stake_percent if given["stake_percent"] is None else given["stake_percent"],
        compensation=(
            old.compensation if given["compensation"] is None else found.currency.parse(given["compensation"])
        ),
        arbiter=old.arbiter if given["arbiter"] is None else address_of(given["arbiter"]),
    )
    uri = document.uri if given["document_uri"] is None else given["document_uri"]
    file = given["document"]
    document = Document(document.hash, uri) if file is None else Document.of(file.read_bytes(), uri)
    click.echo(work.alliance.offers.change(found, offer, conditions, document, sender=work.sender))


@cli.command(cls=Command)
@click.argument("token")
@click.argument("offer")
@writes
def withdraw(work: Work, token: str, offer: str) -> None:
    """Withdraw worse conditions of OFFER of TOKEN that were announced (campaign role)."""
    found = work.token(token)
    work.alliance.offers.withdraw_change(found, offer, sender=work.sender)
    click.echo(f"{_line(found, work.alliance.offers.get(found, offer))}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("offer")
@writes
def retire(work: Work, token: str, offer: str) -> None:
    """End OFFER of TOKEN, whose arbiter the alliance has struck off its list (anyone).

    Open orders stay with that arbiter. The brand opens the offer again with `change --arbiter --until`.
    """
    found = work.token(token)
    work.alliance.offers.retire(found, offer, sender=work.sender)
    click.echo(f"{_line(found, work.alliance.offers.get(found, offer))}.")


@cli.command(cls=Command, name="list")
@click.argument("token")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(token: str, as_json: bool) -> None:
    """List the offers of TOKEN, oldest first."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        offers = alliance.offers.of(found)
        if as_json:
            facts = [_facts(found, offer) for offer in offers]
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        for offer in offers:
            click.echo(_line(found, offer))
            if offer.pending:
                announced = _conditions(found, offer.pending)
                click.echo(f"  announced for {moment(offer.change_at)}: {announced}")
        if not offers:
            click.echo(f"There are no offers for {found.symbol}.")


def _line(token: "Token", offer: Offer) -> str:
    return f"{offer.name}: {_conditions(token, offer.conditions)}; {offer.left} left"


def _conditions(token: "Token", conditions: Conditions) -> str:
    price = format_amount(conditions.price, token.decimals)
    limit = "" if conditions.member_limit == NO_LIMIT else f", {conditions.member_limit} a member"
    until = "" if conditions.closes_at >= FOREVER else f" to {moment(conditions.closes_at)}"
    days = f", delivered in {conditions.fulfil_days} days" if conditions.fulfil_days else ""
    if days and conditions.arbiter == NOBODY:
        days += ", retired until it has a new arbiter"
    return (
        f"{price} {token.symbol} each, {conditions.stock} in all{limit}{days}, from "
        f"{moment(conditions.opens_at)}{until}"
    )


def _facts(token: "Token", offer: Offer) -> dict[str, Any]:
    def conditions(of: Conditions) -> dict[str, Any]:
        return {
            "price": format_amount(of.price, token.decimals),
            "stock": of.stock,
            "memberLimit": of.member_limit,
            "opensAt": of.opens_at,
            "closesAt": of.closes_at,
        } | (
            {
                "fulfilDays": of.fulfil_days,
                "stakePercent": of.stake_percent,
                "compensation": of.compensation,
                "arbiter": of.arbiter,
            }
            if of.fulfil_days
            else {}
        )

    facts: dict[str, Any] = {
        "name": offer.name,
        "id": "0x" + offer.id.hex(),
        "version": offer.version,
        "left": offer.left,
        **conditions(offer.conditions),
        "documentHash": "0x" + offer.document.hash.hex(),
        "documentURI": offer.document.uri,
    }
    if offer.pending and offer.pending_document:
        facts["announced"] = {
            "for": offer.change_at,
            **conditions(offer.pending),
            "documentHash": "0x" + offer.pending_document.hash.hex(),
            "documentURI": offer.pending_document.uri,
        }
    return facts
