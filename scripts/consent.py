"""Consent: ask members for data, grant and revoke, seal and open it, and list who granted what."""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon import calls
from symbolon.addresses import ZERO_ADDRESS
from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Moment, Work, sentences, signs, token_of, units_of, writes
from symbolon.codes import label_bytes
from symbolon.consents import FOR_ALL, Grant, Published
from symbolon.data_requests import Request
from symbolon.exceptions import SymbolonError
from symbolon.manifest import write_whole
from symbolon.reverts import moment
from symbolon.sealed import DataKey, SealedDataError, data_hash, seal
from symbolon.units import format_amount, parse_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from symbolon.tokens import Token

DAY = 86_400
MOMENT = Moment()
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
PASSPHRASE = "SYMBOLON_DATA_PASSPHRASE"  # noqa: S105 (where it is, not what)


def about(function: Callable[..., None]) -> Callable[..., None]:
    """Hand a command its TOKEN and REQUEST as they are on chain."""

    @wraps(function)
    def command(work: Work, token: str, request: str, **given: object) -> None:
        found = work.token(token)
        function(work, found, work.alliance.consents.find(found, request).request, **given)

    return command


@click.group(short_help="Data that members let brands have")
def cli() -> None:
    """Consent: a member lets a brand have certain data, for a purpose, until a date, at a price.

    TOKEN is an address or a symbol. REQUEST is a request's id, or the beginning of it. The data itself is
    encrypted to the request's key and goes to the brand by any way, never to the chain.
    """


# ---- brands


@cli.command()
@click.argument("file", type=NEW_FILE)
def key(file: Path) -> None:
    """Make a key for members' data in FILE, and print its public part, which requests name.

    Its passphrase is asked for, or taken from SYMBOLON_DATA_PASSPHRASE. Needs no chain.
    """
    with sentences():
        if file.exists():
            raise SealedDataError(
                f"{file} is there already: name another file, since a lost key opens nothing."
            )
        secret = _passphrase(confirm=True)
        made = DataKey.make()
        _write_privately(file, made.save(secret).encode())
        click.echo("0x" + made.public.hex())


@cli.command(cls=Command)
@click.argument("token")
@click.option("--fields", required=True, help='Which data, such as "birthday, postcode".')
@click.option("--purpose", required=True, help="What for, in words that members understand.")
@click.option("--key", "public_key", required=True, help="The public key that `key` printed.")
@click.option("--price", required=True, help="Tokens for each instalment; 0 for a gift.")
@click.option(
    "--every-days",
    type=click.IntRange(0, 36_500),
    default=0,
    show_default=True,
    help="Days between instalments; 0 for one.",
)
@click.option("--until", type=MOMENT, required=True, help="When a grant ends, in UTC.")
@click.option("--attester", help="Who says which wallets may grant; without it any wallet can, and is paid.")
@click.option("--salt", default="", help="Tells requests apart that are otherwise the same.")
@writes
def ask(
    work: Work,
    token: str,
    *,
    fields: str,
    purpose: str,
    public_key: str,
    price: str,
    every_days: int,
    until: int,
    attester: str | None,
    salt: str,
) -> None:
    """Publish a request for data to members of TOKEN (campaign role). It pays once it is funded."""
    found = work.token(token)
    request = Request(
        token=found.address,
        fields=fields,
        purpose=purpose,
        public_key=_public(public_key),
        price=parse_amount(price, found.decimals, allow_zero=True),
        every=every_days * DAY,
        until=until,
        attester=ZERO_ADDRESS if attester is None else address_of(attester),
        salt=label_bytes(salt) if salt else bytes(32),
    )
    work.alliance.consents.ask(request, sender=work.sender)
    click.echo(_line(found, request))


@cli.command(cls=Command)
@click.argument("token")
@click.argument("request")
@click.argument("amount")
@writes
@about
def fund(work: Work, token: "Token", request: Request, *, amount: str) -> None:
    """Add AMOUNT to the budget of REQUEST (admin, or a manager out of its quota)."""
    work.alliance.consents.fund(request, units_of(token, amount), sender=work.sender)
    left = work.alliance.consents.find(token, _id(request)).left
    click.echo(f"{_amount(token, left)} are there for grants.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("request")
@writes
@about
def close(work: Work, token: "Token", request: Request) -> None:
    """Let nobody grant REQUEST any more; what was granted stands, and is paid (campaign role)."""
    work.alliance.consents.close(request, sender=work.sender)
    click.echo(f"{_id(request)[:10]} of {token.symbol} is closed.")


@cli.command(cls=Command, name="return")
@click.argument("token")
@click.argument("request")
@writes
@about
def return_(work: Work, token: "Token", request: Request) -> None:
    """Give back to capacity what is set aside for nobody under REQUEST (campaign role)."""
    left = work.alliance.consents.find(token, _id(request)).left
    work.alliance.consents.return_rest(request, sender=work.sender)
    click.echo(f"{_amount(token, left)} are capacity again.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("request")
@click.argument("member")
@click.option(
    "--days", type=click.IntRange(1, 365), default=7, show_default=True, help="How long the word is good."
)
@signs
def attest(
    account: "AccountAPI | str", dry_run: bool, token: str, request: str, member: str, *, days: int
) -> None:
    """Sign that MEMBER's wallet may grant REQUEST, and print it. The account is the attester."""
    alliance = Alliance.connect()
    asked = alliance.consents.find(token_of(alliance, token), request).request
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    deadline, signature = alliance.consents.attest(asked, member, account, patience=days * DAY)
    click.echo(f"{deadline}:0x{signature.hex()}")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("request")
@click.argument("member")
@click.argument("sealed", type=FILE)
@click.option("--key", "key_file", type=FILE, required=True, help="The file of the request's key.")
@click.option("--save", type=NEW_FILE, required=True, help="Where the data goes, in the clear.")
@writes
@about
def acknowledge(
    work: Work,
    token: "Token",
    request: Request,
    *,
    member: str,
    sealed: Path,
    key_file: Path,
    save: Path,
) -> None:
    """Open what MEMBER sent, and put on record that it came: which bytes, and when (campaign role).

    What does not open is not acknowledged.
    """
    whose, content = address_of(member), sealed.read_bytes()
    data = DataKey.load(key_file.read_text(), _passphrase()).open(content, request.id, whose)
    receipt = data_hash(content)
    work.alliance.consents.acknowledge(request, whose, receipt, sender=work.sender)
    if not work.dry_run:
        _write_privately(save, data)
    click.echo(f"The data of {whose} for {token.symbol} came: 0x{receipt.hex()} is on record.")


# ---- members


@cli.command(cls=Command)
@click.argument("token")
@click.argument("request")
@click.option("--word", help="The attester's word, as `attest` printed it, where one is needed.")
@click.option("--data", type=FILE, help="A file with the data, to be sealed for the brand.")
@click.option("--save", type=NEW_FILE, help="Where the sealed data goes; send it to the brand.")
@writes
@about
def grant(
    work: Work,
    token: "Token",
    request: Request,
    *,
    word: str | None,
    data: Path | None,
    save: Path | None,
) -> None:
    """Grant REQUEST, which pays the account, who is the member. It can be revoked at any time."""
    if (data is None) != (save is None):
        raise click.UsageError("Give both --data and --save, or neither.")
    consents, member = work.alliance.consents, str(work.sender.address)
    sealed = None if data is None else seal(request.public_key, data.read_bytes(), request.id, member)
    if consents.is_granted(request, member):
        click.echo("It was granted before, so nothing is paid again.", err=True)
    else:
        consents.grant(request, FOR_ALL if word is None else _word(word), sender=work.sender)
    click.echo(f"{member} lets {token.symbol} have {request.fields} until {moment(request.until)}.")
    if sealed is not None and save is not None and not work.dry_run:
        write_whole(save, sealed)
        click.echo(f"{save} is for the brand; its hash is 0x{data_hash(sealed).hex()}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("request")
@writes
@about
def revoke(work: Work, token: "Token", request: Request) -> None:
    """Revoke the account's grant of REQUEST: from now on the data must not be used, and nothing is paid."""
    work.alliance.consents.revoke(request, sender=work.sender)
    click.echo(f"{token.symbol} must not use the data of {work.sender.address} any more.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("request")
@click.argument("member")
@writes
@about
def pay(work: Work, token: "Token", request: Request, *, member: str) -> None:
    """Pay MEMBER what has come due under REQUEST (anybody)."""
    before = token.balance_of(member)
    work.alliance.consents.pay(request, member, sender=work.sender)
    click.echo(f"{_amount(token, token.balance_of(member) - before)} were paid to {address_of(member)}.")


# ---- anybody


@cli.command(cls=Command, name="list")
@click.argument("token")
@click.argument("request", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_(token: str, request: str | None, as_json: bool) -> None:
    """List what TOKEN's brand asks for, and who granted it: what, why, until when, revoked when."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        consents = alliance.consents
        asked = consents.of(found) if request is None else [consents.find(found, request)]
        if as_json:
            facts = [_facts(found, each, consents.grants(each.request)) for each in asked]
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        now = calls.now()
        for each in asked:
            state = "open" if each.is_open and now < each.request.until else "closed"
            click.echo(f"{_line(found, each.request)}; {state}, {_amount(found, each.left)} for grants")
            for granted in consents.grants(each.request):
                click.echo(f"  {_grant(found, granted, now)}")
        if not asked:
            click.echo(f"{found.symbol} asks for nothing.")


# ---- words


def _passphrase(*, confirm: bool = False) -> str:
    """The data key's passphrase, from the environment or from whoever sits there."""
    if given := os.environ.get(PASSPHRASE):
        return given
    if not sys.stdin.isatty():
        raise SealedDataError(
            f"Nobody is here to type the key's passphrase: run it in a terminal, or set {PASSPHRASE}."
        )
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))


def _write_privately(path: Path, content: bytes) -> None:
    """Write a file that nobody else on this machine can read, at no moment."""
    before = os.umask(0o077)
    try:
        write_whole(path, content)
    finally:
        os.umask(before)


def _public(text: str) -> bytes:
    try:
        public = bytes.fromhex(text.strip().removeprefix("0x"))
        seal(public, b"", bytes(32), ZERO_ADDRESS)  # a request never changes, and members will want to seal
        return public
    except (ValueError, SealedDataError):
        raise SealedDataError(
            f"{text!r} is no public key: take what `ape run consent key` printed."
        ) from None


def _word(text: str) -> tuple[int, bytes]:
    deadline, _, signature = text.partition(":")
    try:
        return int(deadline), bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        raise SymbolonError(
            f"{text!r} is no attester's word: take what `ape run consent attest` printed."
        ) from None


def _id(request: Request) -> str:
    return "0x" + request.id.hex()


def _line(token: "Token", request: Request) -> str:
    price = f"{_amount(token, request.price)}" if request.price else "nothing"
    every = f" every {format_amount(request.every * 100 // DAY, 2)} days" if request.every else ""
    return (
        f"{_id(request)}: {request.fields}, for: {request.purpose}; {price}{every}, until "
        f"{moment(request.until)}"
    )


def _grant(token: "Token", grant: Grant, now: int) -> str:
    if grant.revoked_at is not None:
        state = f"revoked {moment(grant.revoked_at)}"
    else:
        state = "stands" if grant.stands(now) else "ended"
    received = ", ".join(f"0x{each.hex()} ({moment(at)})" for each, at in grant.received) or "nothing"
    return (
        f"{grant.member}: granted {moment(grant.granted_at)} until {moment(grant.until)}, {state}; got "
        f"{_amount(token, grant.paid)}; the brand has {received}"
    )


def _facts(token: "Token", published: Published, grants: list[Grant]) -> dict[str, Any]:
    request = published.request
    return {
        "request": _id(request),
        "fields": request.fields,
        "purpose": request.purpose,
        "publicKey": "0x" + request.public_key.hex(),
        "price": format_amount(request.price, token.decimals),
        "every": request.every,
        "until": request.until,
        "attester": request.attester,
        "open": published.is_open,
        "left": format_amount(published.left, token.decimals),
        "grants": [
            {
                "member": each.member,
                "grantedAt": each.granted_at,
                "until": each.until,
                "revokedAt": each.revoked_at,
                "paid": format_amount(each.paid, token.decimals),
                "received": [{"hash": "0x" + hashed.hex(), "at": at} for hashed, at in each.received],
            }
            for each in grants
        ],
    }


def _amount(token: "Token", units: int) -> str:
    return f"{format_amount(units, token.decimals)} {token.symbol}"
