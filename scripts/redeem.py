"""Redeem at the counter: make the member's QR code, read it at the till, take it, and show the receipt."""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbolon import calls, qr
from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Failure, Work, sentences, signs, token_of, units_of, writes
from symbolon.codes import UNITS_MAX, Code, CodeError, OfferRedemption, Redemption, label_text
from symbolon.exceptions import SymbolonError
from symbolon.proofs import Credit, Proofs
from symbolon.redemptions import MINUTE, PATIENCE, Redeemed
from symbolon.reverts import moment
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from symbolon.tokens import Token

LONGEST = 59  # minutes; the desk allows an hour, and nodes are a little behind
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")


def shown(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command `CODE` and `--image`, and hand it the code as its argument `code`."""

    @click.argument("code", required=False)
    @click.option(
        "--image", type=click.Path(path_type=Path), help="A picture of the QR code, in place of CODE."
    )
    @wraps(function)
    def command(*args: object, code: str | None, image: Path | None, **kwargs: object) -> None:
        if (code is None) == (image is None):
            raise click.UsageError("Give either the text of a code (or -, to read a line), or --image.")
        with sentences():
            text = qr.read(image) if image else sys.stdin.readline() if code == "-" else str(code)
            function(*args, code=Code.decode(text), **kwargs)

    return command


PROOFS = click.option(
    "--proofs",
    "places",
    multiple=True,
    help="Where proofs of what was earned are, a folder or an address on the web: what the member has not "
    "claimed yet is claimed for it when the code is taken. Can be given several times.",
)


@click.group(short_help="The member's QR code, and the till that takes it")
def cli() -> None:
    """Redeem at the counter: the member signs for one till and a few minutes, and the till takes it.

    The till hands over what the code is for; its call burns the member's tokens. TOKEN is an address or a
    symbol. CODE is the text of a QR code, which begins with SYMBOLON:.
    """


# ---- members


@cli.command(cls=Command)
@click.argument("token")
@click.option("--till", required=True, help="Who may take it: the till's address.")
@click.option("--offer", help="The offer's name.")
@click.option(
    "--quantity", type=click.IntRange(1, UNITS_MAX), default=1, show_default=True, help="Units of the offer."
)
@click.option("--most", help="The most tokens it may cost; the present price if not given.")
@click.option("--par", help="Tokens for shop credit worth par, in place of an offer.")
@click.option("--order", help="The shop's reference of the purchase, with --par.")
@click.option(
    "--minutes",
    type=click.IntRange(1, LONGEST),
    default=PATIENCE // MINUTE,
    show_default=True,
    help="How long it is good.",
)
@click.option("--member", help="A wallet that the account signs for; the account itself if not given.")
@click.option("--save", type=click.Path(path_type=Path), help="A picture for the code: .png or .svg.")
@PROOFS
@signs
def sign(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    *,
    till: str,
    offer: str | None,
    quantity: int,
    most: str | None,
    par: str | None,
    order: str | None,
    minutes: int,
    member: str | None,
    save: Path | None,
    places: tuple[str, ...],
) -> None:
    """Make the member's QR code for one till: for --offer, or for --par and --order.

    It is tried out before it is shown, so that what the till would refuse is told here. Nothing is sent.
    """
    if (offer is None) == (par is None) or (par is None) != (order is None):
        raise click.UsageError("Give either --offer, or --par and --order.")
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    whose = {"member": address_of(member or account), "till": address_of(till)}
    wish: Redemption
    if offer is not None:
        dearest = None if most is None else units_of(found, most)
        wish = alliance.redemptions.of_offer(
            found, offer, quantity, **whose, most=dearest, patience=minutes * MINUTE
        )
    else:
        amount = units_of(found, str(par))
        wish = alliance.redemptions.at_par(found, amount, str(order), **whose, patience=minutes * MINUTE)
    click.echo(_wish(alliance, found, wish), err=True)
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    code = alliance.redemptions.sign(wish, account)
    alliance.redemptions.check(code, earned=_earned(alliance, code, places))
    text = code.encode()
    if save:
        qr.save(text, save)
        click.echo(f"The QR code is in {save}.", err=True)
    elif sys.stderr.isatty():
        click.echo(qr.on_terminal(text), err=True)
    click.echo(text)


# ---- anyone


@cli.command(cls=Command)
@PROOFS
@shown
def read(*, code: Code, places: tuple[str, ...]) -> None:
    """Say what a code is for, and whether its till could take it now. Exit code 1 if not."""
    alliance = Alliance.connect()
    wish = code.redemption
    found = alliance.redemptions.token_of(code)
    click.echo(_wish(alliance, found, wish))
    alliance.redemptions.check(code, earned=_earned(alliance, code, places))
    click.echo("It can be taken.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("member")
@click.argument("nonce", required=False)
def receipt(token: str, member: str, nonce: str | None) -> None:
    """Show what MEMBER has redeemed of TOKEN, or the stored receipt of one NONCE.

    Token, member and nonce are a receipt's id.
    """
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        if nonce is None:
            for redeemed in alliance.redemptions.history(found, member):
                at = moment(calls.block_time(redeemed.block_number))
                click.echo(f"{at}: {_redeemed(found, redeemed)}")
            return
        stored = alliance.redemptions.receipt(found, member, _nonce(nonce))
        if stored is None:
            raise Failure("Nothing was redeemed by that nonce: check the token, the member and the nonce.")
        units = f"{stored.quantity} of " if stored.quantity else ""
        click.echo(
            f"{moment(stored.redeemed_at)}: {_amount(found, stored.amount)} for {stored.kind}: "
            f"{units}{stored.name}"
        )


# ---- tills


@cli.command(cls=Command)
@click.option("--in-currency", is_flag=True, help="Pay the par value in the settlement currency.")
@PROOFS
@shown
@writes
def take(work: Work, *, code: Code, in_currency: bool, places: tuple[str, ...]) -> None:
    """Take a member's code: tried first, then sent. The account is the till.

    With --proofs a member pays with what it earned and has not claimed, in the same transaction.
    """
    if in_currency and places:
        raise click.UsageError("Give --proofs or --in-currency: what is paid out is claimed before.")
    desk = work.alliance.redemptions
    if in_currency:
        redeemed, earned = desk.take_in_currency(code, sender=work.sender), list[Credit]()
    else:
        earned = _earned(work.alliance, code, places)
        redeemed = desk.take(code, earned=earned, sender=work.sender)
    found = work.token(redeemed.token)
    for credit in earned:
        amount = _amount(found, credit.leaf.amount)
        click.echo(f"Claimed for the member first: {amount}, earned in period {credit.posting.period}.")
    click.echo(f"Taken: {_redeemed(found, redeemed)}")


@cli.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@writes
def batch(work: Work, files: tuple[Path, ...]) -> None:
    """Take many codes in few transactions. The account is the till.

    FILES are pictures of QR codes, and text files with a code on each line. Codes that would fail are left
    out, each with its reason; exit code 1 if there are any.
    """
    codes, unread = _codes(files)
    done = work.alliance.redemptions.take_all((code for _, code in codes), sender=work.sender)
    tokens = {redeemed.token: work.token(redeemed.token) for redeemed in done.taken}
    for redeemed in done.taken:
        click.echo(f"Taken: {_redeemed(tokens[redeemed.token], redeemed)}")
    where = {id(code): place for place, code in codes}
    for code, error in done.left_out:
        click.echo(f"Left out: {where[id(code)]}: {error}", err=True)
    for place, error in unread:
        click.echo(f"Left out: {place}: {error}", err=True)
    out = len(done.left_out) + len(unread)
    click.echo(f"{len(done.taken)} taken, {out} left out.")
    if out:
        raise Failure("Some codes were left out: mend what is said about each and take those again.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("till")
@click.option("--remove", is_flag=True, help="No longer.")
@writes
def till(work: Work, token: str, till: str, remove: bool) -> None:
    """Let the account TILL take redemptions of TOKEN, or no longer (a manager with the fulfil role)."""
    found = work.token(token)
    work.alliance.redemptions.set_till(found, till, not remove, sender=work.sender)
    allowed = work.alliance.redemptions.is_till(found, till)
    click.echo(f"{address_of(till)} is {'now' if allowed else 'no longer'} a till for {found.symbol}.")


def _earned(alliance: Alliance, code: Code, places: tuple[str, ...]) -> list[Credit]:
    """What a code's member earned, by the proofs in these places, and can claim now."""
    token = alliance.redemptions.token_of(code)
    return alliance.earnings.claimable(token, code.redemption.member, map(Proofs, places))


# ---- words


def _wish(alliance: Alliance, token: "Token", wish: Redemption) -> str:
    name, amount = label_text(wish.reference), _amount(token, wish.amount)
    if isinstance(wish, OfferRedemption):
        what = f"{wish.quantity} of {name} for at most {amount}"
    else:
        value = alliance.obligations.value_down(token, wish.amount)
        what = f"{amount} for order {name}, worth {token.currency.text(value)} at par"
    return f"{what}, from {wish.member}, at till {wish.till}, until {moment(wish.deadline)}."


def _redeemed(token: "Token", redeemed: Redeemed) -> str:
    units = f"{redeemed.quantity} of " if redeemed.quantity else ""
    paid = f", {token.currency.text(redeemed.value)} paid" if redeemed.value else ""
    return (
        f"{_amount(token, redeemed.amount)} for {redeemed.kind}: {units}{redeemed.name}{paid}; member "
        f"{redeemed.member}, nonce 0x{redeemed.nonce.hex()}"
    )


def _amount(token: "Token", units: int) -> str:
    return f"{format_amount(units, token.decimals)} {token.symbol}"


def _codes(files: tuple[Path, ...]) -> tuple[list[tuple[str, Code]], list[tuple[str, SymbolonError]]]:
    """The codes in pictures and text files, each with where it stood, and what could not be read."""
    found: list[tuple[str, Code]] = []
    unread: list[tuple[str, SymbolonError]] = []
    for path in files:
        try:
            texts = _texts(path)
        except SymbolonError as error:
            unread.append((path.name, error))
            continue
        for place, text in texts:
            try:
                found.append((place, Code.decode(text)))
            except SymbolonError as error:
                unread.append((place, error))
    return found, unread


def _texts(path: Path) -> list[tuple[str, str]]:
    """The text in a picture, or each line of a text file, with where it stood."""
    if path.suffix.lower() in PICTURES:
        return [(path.name, qr.read(path))]
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise CodeError("This is neither a picture nor a text: check the file.") from None
    return [(f"{path.name}, line {number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def _nonce(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise SymbolonError(f"{text!r} is no nonce: give 0x and 64 hexadecimal digits.")
    return raw
