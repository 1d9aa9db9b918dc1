"""Referrals: programmes, links and QR codes, what accrues, and what is paid to whom."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from symbolon import calls, qr
from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.cli import Command, Failure, Moment, Work, sentences, signs, token_of, units_of, writes
from symbolon.codes import label_bytes
from symbolon.exceptions import AmountError, SymbolonError
from symbolon.manifest import write_whole
from symbolon.offers import Document
from symbolon.referral_links import ReferralLink
from symbolon.referrals import COUNTS, FOREVER, Accrual, Event, Kind, Programme, Realised, State, Terms
from symbolon.reverts import moment
from symbolon.reward_files import read_json, read_purchases
from symbolon.reward_statements import Table, as_csv, as_page
from symbolon.signing import Signer
from symbolon.units import counted, format_amount, parse_amount
from symbolon.vouchers import Purchase, VoucherError

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from symbolon.tokens import Token

DAY = 86_400
MOMENT = Moment()
COLUMNS = (
    "member",
    "event",
    "kind",
    "programme",
    "state",
    "vests",
    "referrer",
    "first",
    "paid first",
    "second referrer",
    "second",
    "paid second",
)

which = click.option("--programme", type=click.IntRange(1), help="Its number; the latest if not given.")
as_json_ = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group(short_help="Rewards for who brings members")
def cli() -> None:
    """Referrals: who brings a member to a brand gets a share of what that member really buys.

    TOKEN is an address or a symbol. Rewards are a share of receipts of the counter, of fulfilled orders,
    and of purchases in a shop that the brand attests.
    """


# ---- brands


@cli.command(cls=Command)
@click.argument("token")
@click.option("--first", required=True, help="The share of who brought the member, in percent, such as 5.")
@click.option("--second", default="0", show_default=True, help="The share of who brought that one.")
@click.option(
    "--count",
    "counts",
    required=True,
    help="What counts: counter, order, purchase, with commas between.",
)
@click.option(
    "--vesting-days",
    type=click.IntRange(14, 365),
    default=30,
    show_default=True,
    help="How long a reward waits.",
)
@click.option(
    "--member-days",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="How long after it was brought a member's purchases count; 0 is for life.",
)
@click.option("--cap", required=True, help="The most tokens that one referrer gets.")
@click.option("--from", "opens_at", type=MOMENT, help="From when, in UTC; now if not given.")
@click.option("--until", "closes_at", type=MOMENT, required=True, help="Until when, in UTC.")
@click.option("--attester", help="Whose signature makes a purchase count: the shop's address.")
@click.option(
    "--document",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The programme in plain words, whose hash is recorded.",
)
@click.option("--document-uri", default="", help="Where members find it.")
@writes
def create(
    work: Work,
    token: str,
    *,
    first: str,
    second: str,
    counts: str,
    vesting_days: int,
    member_days: int,
    cap: str,
    opens_at: int | None,
    closes_at: int,
    attester: str | None,
    document: Path,
    document_uri: str,
) -> None:
    """Start a programme of TOKEN (campaign role). It pays once it is funded, and never changes."""
    found = work.token(token)
    terms = Terms(
        first_bps=_bps(first),
        second_bps=_bps(second),
        vesting_days=vesting_days,
        member_days=member_days,
        kinds=_kinds(counts),
        opens_at=calls.now() if opens_at is None else opens_at,
        closes_at=closes_at,
        referrer_cap=units_of(found, cap),
    )
    described = Document.of(document.read_bytes(), document_uri)
    made = work.alliance.referrals.create(found, terms, attester, described, sender=work.sender)
    for line in _programme(found, made):
        click.echo(line)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("amount")
@which
@writes
def fund(work: Work, token: str, amount: str, programme: int | None) -> None:
    """Add AMOUNT to the budget of a programme of TOKEN (admin, or a manager out of its quota)."""
    found = work.token(token)
    referrals = work.alliance.referrals
    meant = referrals.get(found, programme)
    referrals.fund(meant, units_of(found, amount), sender=work.sender)
    left = referrals.get(found, meant.number).left
    click.echo(f"Programme {meant.number}: {_amount(found, left)} are there for what accrues.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("key")
@which
@writes
def attester(work: Work, token: str, key: str, programme: int | None) -> None:
    """Have KEY attest purchases of a programme of TOKEN from now on (campaign role)."""
    found = work.token(token)
    meant = work.alliance.referrals.get(found, programme)
    work.alliance.referrals.set_attester(meant, key, sender=work.sender)
    click.echo(f"Programme {meant.number}: {address_of(key)} attests purchases. What accrued stands.")


@cli.command(cls=Command)
@click.argument("token")
@which
@writes
def end(work: Work, token: str, programme: int | None) -> None:
    """End a programme of TOKEN after notice (campaign role)."""
    found = work.token(token)
    meant = work.alliance.referrals.get(found, programme)
    work.alliance.referrals.end(meant, sender=work.sender)
    ends = work.alliance.referrals.get(found, meant.number).terms.closes_at
    click.echo(f"Programme {meant.number} counts what is bought before {moment(ends)}.")


@cli.command(cls=Command, name="return")
@click.argument("token")
@which
@writes
def return_(work: Work, token: str, programme: int | None) -> None:
    """Give back to capacity what is left of a programme of TOKEN that is over (campaign role)."""
    found = work.token(token)
    meant = work.alliance.referrals.get(found, programme)
    work.alliance.referrals.return_rest(meant, sender=work.sender)
    click.echo(f"{_amount(found, meant.left)} of programme {meant.number} are capacity again.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("member")
@click.argument("reference")
@click.option("--reason", required=True, help="Why, in plain words, for the record.")
@writes
def undo(work: Work, token: str, member: str, reference: str, reason: str) -> None:
    """Undo purchase REFERENCE of MEMBER, which was returned, before it vests (campaign role)."""
    found = work.token(token)
    event = Event(found.address, address_of(member), Kind.PURCHASE, label_bytes(reference))
    work.alliance.referrals.undo(event, reason, sender=work.sender)
    click.echo(f"Nothing is paid for {reference} of {event.member}; its part is budget again.")


# ---- members


@cli.command(cls=Command)
@click.argument("token")
@click.option("--until", type=MOMENT, help="How long it is good, in UTC; for good if not given.")
@click.option(
    "--page", default="", help="The brand's page that the link leads to, such as https://shop.example/join."
)
@click.option("--save", type=click.Path(path_type=Path), help="A picture for the QR code: .png or .svg.")
@signs
def link(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    *,
    until: int | None,
    page: str,
    save: Path | None,
) -> None:
    """Make the account's referral link for TOKEN, and its QR code. Nothing is sent.

    Whoever has the link can bind to the account with it, and do nothing else.
    """
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    if until is not None and until <= calls.now():
        raise SymbolonError(
            f"The link would be good until {moment(until)}, which is over: name a later time."
        )
    made = alliance.referrals.invite(found, account, until=FOREVER if until is None else until)
    text = made.encode(page)
    if save:
        qr.save(text, save)
        click.echo(f"The QR code is in {save}.", err=True)
    else:
        click.echo(qr.on_terminal(text), err=True)
    click.echo(text)


@cli.command(cls=Command)
@click.argument("link")
@writes
def bind(work: Work, link: str) -> None:
    """Bind the account, for good, to who sent it LINK (a referral link, in quotes)."""
    invited = ReferralLink.decode(link)
    work.alliance.referrals.bind(invited, sender=work.sender)
    symbol = work.alliance.tokens[invited.token].symbol
    click.echo(f"{work.sender.address} was brought to {symbol} by {invited.referrer}.")


# ---- anybody


@cli.command(cls=Command)
@click.argument("token")
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of purchases (member,reference,amount,purchased_at), which the account attests.",
)
@click.option(
    "--signed",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A purchase as a web shop answered it, signed (JSON); the account may be anybody's.",
)
@click.option("--receipts", is_flag=True, help="Receipts of the counter.")
@click.option("--orders", is_flag=True, help="Fulfilled orders.")
@which
@writes
def accrue(
    work: Work,
    token: str,
    *,
    file: Path | None,
    signed: tuple[Path, ...],
    receipts: bool,
    orders: bool,
    programme: int | None,
) -> None:
    """Have what members of TOKEN bought accrue to who brought them.

    Each purchase counts once: run it again with the same file, or a longer one, as often as you like.
    """
    if not (file or signed or receipts or orders):
        raise click.UsageError("Say what accrues: --file, --signed, --receipts or --orders.")
    found = work.token(token)
    referrals = work.alliance.referrals
    meant = referrals.get(found, programme)
    purchases = _purchases(found, file, signed)
    new = _not_accrued(work, purchases)
    passed_over = len(purchases) - len(new)
    realised: list[Realised] = [_signed(work, purchase, signature) for purchase, signature in new]
    if receipts:
        realised += referrals.receipts(meant)
    if orders:
        realised += referrals.orders(meant)
    accrued = referrals.accrue(meant, realised, sender=work.sender)
    if passed_over:
        click.echo(f"Passed over: {passed_over} that accrued already.", err=True)
    if accrued.unfit:
        click.echo(
            f"Passed over: {len(accrued.unfit)} from times that programme {meant.number} does not count, or "
            "not for the member.",
            err=True,
        )
    unbound = 0
    for each, error in accrued.left_out:
        if getattr(error, "name", "") == "ReferralRewards_NotBound":
            unbound += 1
        else:
            click.echo(f"Left out: {referrals.event_of(each).name}: {error}", err=True)
    if unbound:
        click.echo(f"Passed over: {unbound} of members whom nobody brought.", err=True)
    left_out = len(accrued.left_out) - unbound
    click.echo(f"{len(accrued.done)} accrued, {left_out} left out.")
    if left_out:
        raise Failure("Some could not accrue: see what is said about each, and run it again.")


@cli.command(cls=Command)
@click.argument("token")
@writes
def claim(work: Work, token: str) -> None:
    """Have all that vested for TOKEN minted to the referrers (anybody)."""
    found = work.token(token)
    referrals = work.alliance.referrals
    done, left_out = referrals.claim(found, referrals.ripe(found), sender=work.sender)
    for each, error in left_out:
        click.echo(f"Left out: {each.event.name}: {error}", err=True)
    click.echo(f"{len(done)} claimed, {len(left_out)} left out.")
    if left_out:
        raise Failure("Some could not be claimed: see what is said about each, and run it again.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("member", required=False)
@as_json_
def show(token: str, member: str | None, as_json: bool) -> None:
    """Show the programmes of TOKEN, or where MEMBER stands among its members."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        if member is not None:
            _show_member(alliance, found, member, as_json)
            return
        programmes = alliance.referrals.of(found)
        if as_json:
            click.echo(json.dumps([_facts(found, each) for each in programmes], indent=2))
            return
        for each in programmes:
            for line in _programme(found, each):
                click.echo(line)
        if not programmes:
            click.echo(f"{found.symbol} has no referral programme.")


@cli.command(cls=Command)
@click.argument("token")
@which
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="A CSV file; else it is printed."
)
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="A page (HTML) to read, print and send."
)
def statement(token: str, programme: int | None, save: Path | None, page: Path | None) -> None:
    """State all that accrued in a programme of TOKEN: for what, to whom, and what became of it."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        meant = alliance.referrals.get(found, programme)
        table = _statement(alliance, found, meant)
        if save is None and page is None:
            click.echo(as_csv(table), nl=False)
        for path, content in ((save, as_csv), (page, as_page)):
            if path:
                write_whole(path, content(table).encode())
                click.echo(f"Wrote {path}", err=True)


# ---- words


def _bps(text: str) -> int:
    """Basis points of a percentage."""
    try:
        return parse_amount(text, 2, allow_zero=True, maximum=100_00)
    except AmountError as error:
        raise SymbolonError(
            f"{text!r} is no share: write a percentage up to 100 with at most two decimals, such as 2.5."
        ) from error


def _kinds(text: str) -> frozenset[Kind]:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    if not names or any(name not in COUNTS for name in names):
        raise SymbolonError(
            f"{text!r} is no list of what counts: write counter, order, purchase, with commas between."
        )
    return frozenset(COUNTS[name] for name in names)


def _purchases(
    token: "Token", file: Path | None, signed: tuple[Path, ...]
) -> list[tuple[Purchase, bytes | None]]:
    """The purchases of a file, which nobody has signed yet, and those that a shop did."""
    found: list[tuple[Purchase, bytes | None]] = []
    for path in signed:
        purchase, signature = Purchase.from_json(read_json(path))
        if purchase.token != token.address:
            raise VoucherError(
                f"{path} is of token {purchase.token}, which is not {token.symbol}: name that."
            )
        found.append((purchase, signature))
    deadline = calls.now() + DAY
    for each in read_purchases(file, token.decimals) if file else ():
        reference = label_bytes(each.reference)
        found.append((Purchase(token.address, each.member, reference, each.amount, each.at, deadline), None))
    return found


def _not_accrued(
    work: Work, purchases: list[tuple[Purchase, bytes | None]]
) -> list[tuple[Purchase, bytes | None]]:
    events = [Event(each.token, each.member, Kind.PURCHASE, each.reference) for each, _ in purchases]
    states = work.alliance.referrals.states_of(events)
    return [each for each, state in zip(purchases, states, strict=True) if state is State.NONE]


def _signed(work: Work, purchase: Purchase, signature: bytes | None) -> tuple[Purchase, bytes]:
    """A purchase with its signature, by the account if no shop has signed."""
    signer: Signer = work.sender
    return purchase, signature or purchase.sign(work.alliance.referrals.domain, signer)


def _programme(token: "Token", programme: Programme) -> list[str]:
    terms = programme.terms
    counted = ", ".join(name for name, kind in COUNTS.items() if kind in terms.kinds)
    levels = f"{_percent(terms.first_bps)} to who brought the member"
    if terms.second_bps:
        levels += f", {_percent(terms.second_bps)} to who brought that one"
    length = f"{terms.member_days} days after it was brought" if terms.member_days else "for life"
    again = (
        f"What is spent counts whether it was bought or earned as a reward: with the rewards of rewards, an "
        f"amount leads to at most {float(terms.most):.2%} of it."
        if terms.do_rewards_count
        else "Rewards themselves do not count: only what is paid for in money does."
    )
    facts = {
        "pays": levels,
        "counts": counted,
        "window": f"{moment(terms.opens_at)} to {moment(terms.closes_at)}",
        "member counts": length,
        "paid after": f"{terms.vesting_days} days",
        "one referrer": f"at most {_amount(token, terms.referrer_cap)}",
        "budget left": _amount(token, programme.left),
    }
    if Kind.PURCHASE in terms.kinds:
        facts["attester"] = programme.attester
    lines = [f"  {name + ':':<15}{fact}" for name, fact in facts.items()]
    return [f"Programme {programme.number} of {token.symbol}", *lines, f"  {again}"]


def _facts(token: "Token", programme: Programme) -> dict[str, object]:
    terms = programme.terms
    return {
        "programme": programme.number,
        "firstBps": terms.first_bps,
        "secondBps": terms.second_bps,
        "counts": [name for name, kind in COUNTS.items() if kind in terms.kinds],
        "rewardsCount": terms.do_rewards_count,
        "mostOfAnAmount": float(terms.most),
        "vestingDays": terms.vesting_days,
        "memberDays": terms.member_days,
        "opensAt": terms.opens_at,
        "closesAt": terms.closes_at,
        "referrerCap": format_amount(terms.referrer_cap, token.decimals),
        "left": format_amount(programme.left, token.decimals),
        "attester": programme.attester,
    }


def _show_member(alliance: Alliance, token: "Token", member: str, as_json: bool) -> None:
    address = address_of(member)
    standing = alliance.referrals.standing(token, address)
    brought = [each.member for each in alliance.referrals.bindings(token) if each.referrer == address]
    theirs = [each for each in alliance.referrals.accruals(token) if address in each.referrers]
    waiting = sum(_part(each, address) for each in theirs if each.state is State.ACCRUED)
    got = sum(_part(each, address, paid=True) for each in theirs)
    if as_json:
        facts = {
            "member": address,
            "referrer": standing.referrer,
            "boundAt": standing.bound_at,
            "refers": standing.refers,
            "brought": brought,
            "waiting": format_amount(waiting, token.decimals),
            "paid": format_amount(got, token.decimals),
        }
        click.echo(json.dumps(facts, indent=2))
        return
    by = (
        f"was brought by {standing.referrer} on {moment(standing.bound_at)}"
        if standing.referrer
        else "was brought by nobody"
    )
    click.echo(f"{address} {by} and brought {counted(len(brought), 'member')}.")
    click.echo(f"{_amount(token, waiting)} wait to vest or to be claimed; {_amount(token, got)} were paid.")


def _part(accrual: Accrual, referrer: str, *, paid: bool = False) -> int:
    parts = accrual.paid if paid else (accrual.first, accrual.second)
    return sum(part for part, whose in zip(parts, accrual.referrers, strict=True) if whose == referrer)


def _statement(alliance: Alliance, token: "Token", programme: Programme) -> Table:
    block = calls.block_number()
    accruals = [each for each in alliance.referrals.accruals(token) if each.programme == programme.number]

    def total(*states: State) -> str:
        return _amount(token, sum(each.first + each.second for each in accruals if each.state in states))

    rows = [
        (
            each.event.member,
            each.event.name,
            str(each.event.kind),
            str(each.programme),
            str(each.state),
            moment(each.vests_at),
            each.referrers[0],
            format_amount(each.first, token.decimals),
            format_amount(each.paid[0], token.decimals),
            each.referrers[1] or "",
            format_amount(each.second, token.decimals),
            format_amount(each.paid[1], token.decimals),
        )
        for each in accruals
    ]
    return Table(
        title=f"{token.symbol}: referral programme {programme.number}",
        lead="Everything that accrued, and what became of it. What a referrer's cap cut off was not paid.",
        facts=[
            ("left of the budget", _amount(token, programme.left)),
            ("accrued and not claimed", total(State.ACCRUED)),
            ("claimed", total(State.CLAIMED)),
            ("paid", _amount(token, sum(sum(each.paid) for each in accruals))),
            ("undone", total(State.UNDONE)),
        ],
        columns=COLUMNS,
        rows=rows,
        drawn_up_at=calls.block_time(block),
        block=block,
    )


def _percent(bps: int) -> str:
    return f"{format_amount(bps, 2)} %"


def _amount(token: "Token", units: int) -> str:
    return f"{format_amount(units, token.decimals)} {token.symbol}"
