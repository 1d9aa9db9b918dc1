"""Campaigns: fund them, issue vouchers and lists, pay, look for abuse, and close with a statement."""

import json
from collections.abc import Callable, Container, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from symbolon import abuse, calls
from symbolon.abuse import Cluster, Sighting, Traces, Transfer
from symbolon.alliance import Alliance
from symbolon.calls import address_of
from symbolon.campaigns import (
    IN_OFFICE,
    KINDS,
    Campaign,
    Campaigns,
    Conditions,
    Payment,
    Purse,
    attester_of,
    attester_text,
)
from symbolon.cli import Command, Failure, Moment, Work, sentences, signs, token_of, units_of, writes
from symbolon.codes import label_bytes
from symbolon.fulfilment import Order
from symbolon.manifest import dump, write_whole
from symbolon.offers import Document
from symbolon.redemptions import Redeemed
from symbolon.reverts import moment
from symbolon.reward_files import (
    Action,
    Registered,
    numbered,
    read_actions,
    read_funding,
    read_register,
    read_vouchers,
    write_register,
)
from symbolon.reward_statements import Table, as_csv, as_page
from symbolon.units import counted, format_amount
from symbolon.vouchers import SignedVoucher, Voucher, VoucherError, VoucherList, review_action

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from symbolon.tokens import Token

MOMENT = Moment()
COLUMNS = ("member", "voucher", "action", "what", "reward", "paid at", "attester", "transaction")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)

until_ = click.option(
    "--until", type=MOMENT, help="The vouchers' last second, in UTC; a month after the campaign if not given."
)


def about(function: Callable[..., None]) -> Callable[..., None]:
    """Hand a command its TOKEN and CAMPAIGN as they are on chain."""

    @wraps(function)
    def command(work: Work, token: str, campaign: str, **given: object) -> None:
        found = work.token(token)
        function(work, found, work.alliance.campaigns.get(found, campaign), **given)

    return command


@click.group(short_help="Pay members for what they do")
def cli() -> None:
    """Campaigns: a brand pays members a fixed reward for each thing they do, by voucher.

    TOKEN is an address or a symbol. CAMPAIGN is a name of up to 32 letters, digits and signs.
    """


# ---- brands


@cli.command(cls=Command)
@click.argument("token")
@click.argument("campaign")
@click.option("--kind", type=click.Choice(list(KINDS)), required=True, help="What members do.")
@click.option("--reward", required=True, help="Tokens for each action, such as 2.50.")
@click.option(
    "--member-cap",
    type=click.IntRange(1, 232),
    default=1,
    show_default=True,
    help="The most rewards of one member.",
)
@click.option(
    "--day-cap",
    type=click.IntRange(1, 232),
    help="The most of them on one day (UTC); as many as in all if not given.",
)
@click.option("--from", "opens_at", type=MOMENT, help="From when, in UTC; now if not given.")
@click.option(
    "--until", "closes_at", type=MOMENT, required=True, help="Until when, in UTC; it pays a month longer."
)
@click.option(
    "--document", type=FILE, required=True, help="The campaign in plain words, whose hash is recorded."
)
@click.option("--document-uri", default="", help="Where members find it.")
@writes
def create(
    work: Work,
    token: str,
    campaign: str,
    *,
    kind: str,
    reward: str,
    member_cap: int,
    day_cap: int | None,
    opens_at: int | None,
    closes_at: int,
    document: Path,
    document_uri: str,
) -> None:
    """Start CAMPAIGN of TOKEN (campaign role). It pays once an attester's purse is filled."""
    found = work.token(token)
    conditions = Conditions(
        kind=KINDS[kind],
        reward=units_of(found, reward),
        member_cap=member_cap,
        day_cap=member_cap if day_cap is None else day_cap,
        opens_at=calls.now() if opens_at is None else opens_at,
        closes_at=closes_at,
    )
    described = Document.of(document.read_bytes(), document_uri)
    made = work.alliance.campaigns.create(found, campaign, conditions, described, sender=work.sender)
    click.echo(f"{_line(found, made)}.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("campaign")
@click.argument("amount")
@click.option("--attester", required=True, help="The shop's key (an address), or a list's root.")
@writes
@about
def fund(work: Work, token: "Token", campaign: Campaign, *, amount: str, attester: str) -> None:
    """Fill an attester's purse with AMOUNT, which makes it one (admin, or a manager out of its quota).

    A key that leaks costs its purse at the most: fill it for days, not for years.
    """
    name = attester_of(attester)
    work.alliance.campaigns.fund(campaign, name, units_of(token, amount), sender=work.sender)
    _tell_purses(work.alliance, token, campaign)


@cli.command(cls=Command)
@click.argument("token")
@click.argument("campaign")
@click.argument("retired")
@click.option("--by", "successor", help="The key that takes its place.")
@click.option("--amount", help="Tokens for its purse, with --by.")
@writes
@about
def attester(
    work: Work,
    token: "Token",
    campaign: Campaign,
    *,
    retired: str,
    successor: str | None,
    amount: str | None,
) -> None:
    """Retire the key or list RETIRED, and put another in its place (campaign role).

    What the old one attested is paid for a month, out of its own purse. The new one comes first, so that the
    campaign is never without.
    """
    if (successor is None) != (amount is None):
        raise click.UsageError("Give both --by and --amount, or neither.")
    campaigns = work.alliance.campaigns
    if successor is not None:
        campaigns.fund(campaign, attester_of(successor), units_of(token, str(amount)), sender=work.sender)
    campaigns.retire(campaign, attester_of(retired), sender=work.sender)
    _tell_purses(work.alliance, token, campaign)


@cli.command(cls=Command, name="return")
@click.argument("token")
@click.argument("campaign")
@writes
@about
def return_(work: Work, token: "Token", campaign: Campaign) -> None:
    """Give back to capacity what is left in purses that no longer pay (campaign role)."""
    campaigns, now = work.alliance.campaigns, calls.now()
    for purse in campaigns.purses(campaign):
        name = attester_text(purse.attester)
        ends = min(purse.until, _pays_until(campaigns, campaign))
        if now < ends:
            click.echo(f"{name} pays until {moment(ends)}: run it again then.", err=True)
        elif purse.left:
            campaigns.return_rest(campaign, purse.attester, sender=work.sender)
            click.echo(f"{_amount(token, purse.left)} of {name} are capacity again.")


# ---- vouchers


@cli.command(cls=Command)
@click.argument("token")
@click.argument("campaign")
@click.argument("actions", type=FILE)
@click.option(
    "--register",
    type=NEW_FILE,
    required=True,
    help="The file of all vouchers of this campaign; issued ones are added.",
)
@until_
@signs
def issue(
    account: "AccountAPI | str",
    dry_run: bool,
    token: str,
    campaign: str,
    *,
    actions: Path,
    register: Path,
    until: int | None,
) -> None:
    """Sign vouchers for ACTIONS, a CSV with the columns member,action. The account is an attester's key.

    Nothing is sent. What is in the register, or was paid, is not issued again, so that the same file, or a
    longer one, can be issued as often as you like; only what a key signed that no longer attests is. Each
    action of a member is paid once.
    """
    alliance = Alliance.connect()
    found = token_of(alliance, token)
    meant = alliance.campaigns.get(found, campaign)
    wanted = read_actions(actions, meant.conditions.member_cap)
    attesting = _attesting(alliance.campaigns, meant)
    if (key := address_of(account)) not in attesting:
        raise VoucherError(
            f"{key} attests nothing for {meant.name}, so nobody would be paid: sign with a key that does, or "
            "fill its purse first with `ape run campaign fund … --attester`."
        )
    before = read_register(register) if register.exists() else []
    payments = alliance.campaigns.payments(meant)
    deadline = _pays_until(alliance.campaigns, meant) if until is None else until
    new = _new_vouchers(meant, wanted, before, payments, deadline=deadline, attesting=attesting)
    click.echo(
        f"{counted(len(new), 'voucher')} to issue; {len(wanted) - len(new)} of the file had one before."
    )
    if dry_run or isinstance(account, str):
        click.echo("Nothing was signed.", err=True)
        return
    if new and hasattr(account, "set_autosign"):
        account.set_autosign(True)
    domain = alliance.campaigns.domain
    signed = [Registered(SignedVoucher.sign(each, domain, account), what) for each, what in new]
    again = {(voucher.member, voucher.number) for voucher, _ in new}
    kept = [each for each in before if (each.signed.voucher.member, each.signed.voucher.number) not in again]
    write_register(register, [*kept, *signed])
    click.echo(f"{register} has {counted(len(kept) + len(signed), 'voucher')}.")


@cli.command(cls=Command)
@click.argument("registers", nargs=-1, required=True, type=FILE)
@writes
def pay(work: Work, registers: tuple[Path, ...]) -> None:
    """Have all vouchers of REGISTERS paid, a hundred in a transaction (anybody).

    A register is the CSV that `issue` writes, or a single voucher as a web shop answers it (.json). None is
    paid twice, however often it is run; those that cannot be paid now are told, with why.
    """
    vouchers = [each for register in registers for each in read_vouchers(register)]
    done = work.alliance.campaigns.pay(vouchers, sender=work.sender)
    paid_before = sum(why == "it has been paid" for _, why in done.left_out)
    for each, why in done.left_out:
        if why != "it has been paid":
            click.echo(f"Left out: voucher {each.voucher.number} of {each.voucher.member}: {why}", err=True)
    if paid_before:
        click.echo(f"Passed over: {paid_before} that were paid before.", err=True)
    left_out = len(done.left_out) - paid_before
    click.echo(f"{len(done.paid)} paid, {left_out} left out.")
    if left_out:
        raise Failure("Some were not paid: see what is said about each, and run it again.")


@cli.command(cls=Command, name="list")
@click.argument("token")
@click.argument("campaign")
@click.argument("actions", type=FILE)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A folder for the list and its proofs, to be put where members read it.",
)
@until_
def list_(token: str, campaign: str, actions: Path, *, save: Path, until: int | None) -> None:
    """Make a list of vouchers for ACTIONS, which no key signs: its root is funded, and members bring proofs.

    The folder has list.json, and a file for each member by its address, in small letters. Nothing is sent.
    """
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        meant = alliance.campaigns.get(found, campaign)
        wanted = read_actions(actions, meant.conditions.member_cap)
        payments = alliance.campaigns.payments(meant)
        deadline = _pays_until(alliance.campaigns, meant) if until is None else until
        vouchers = _new_vouchers(meant, wanted, [], payments, deadline=deadline)
        listed = VoucherList(alliance.campaigns.domain, [voucher for voucher, _ in vouchers])
        _write_list(save, found, meant, listed)
        total = _amount(found, meant.conditions.reward * len(listed.vouchers))
        click.echo(f"{counted(len(listed.vouchers), 'voucher')}, together {total}: see {save}.", err=True)
        click.echo("0x" + listed.root.hex())


@cli.command(cls=Command)
@click.argument("proofs", type=FILE)
@writes
def claim(work: Work, proofs: Path) -> None:
    """Have a member's vouchers of a list paid: PROOFS is its file of the list (anybody)."""
    for voucher, proof in _read_proofs(proofs):
        found = work.alliance.tokens[voucher.token]
        campaign = work.alliance.campaigns.get(found, voucher.campaign_id)
        if work.alliance.campaigns.is_paid(campaign, voucher.member, voucher.number):
            click.echo(f"Passed over: voucher {voucher.number} was paid before.", err=True)
            continue
        work.alliance.campaigns.claim_from_list(voucher, proof, sender=work.sender)
        reward = _amount(found, campaign.conditions.reward)
        click.echo(f"Voucher {voucher.number} of {voucher.member}: {reward} paid.")


@cli.command(cls=Command)
@click.argument("register", type=FILE)
@click.option("--member", required=True, help="Who wrote the review.")
@click.option(
    "--text", type=FILE, required=True, help="The review's text, as it was when the voucher was issued."
)
@click.option("--receipt", help="The nonce of the counter's receipt of what is reviewed.")
@click.option("--order", help="The order of what is reviewed, such as mug/17.")
@writes
def review(
    work: Work, register: Path, *, member: str, text: Path, receipt: str | None, order: str | None
) -> None:
    """Have the voucher for a review paid, with the receipt of the thing reviewed (anybody)."""
    if (receipt is None) == (order is None):
        raise click.UsageError("Give either --receipt or --order.")
    whose, written = address_of(member), text.read_text(encoding="utf-8")
    theirs = [each.signed for each in read_register(register) if each.signed.voucher.member == whose]
    if not theirs:
        raise VoucherError(f"{register.name} has no voucher of {whose}: issue one for the review first.")
    token = work.alliance.tokens[theirs[0].voucher.token]
    had = _had(work, token, whose, receipt, order)
    thing = had.reference if isinstance(had, Redeemed) else had.offer_id
    action = review_action(thing, written)
    signed = next((each for each in theirs if each.voucher.action == action), None)
    if signed is None:
        raise VoucherError(
            f"No voucher of {whose} is for this text and this thing: issue one for the action "
            f"0x{action.hex()} first."
        )
    work.alliance.campaigns.claim_review(signed, had, written, sender=work.sender)
    click.echo(f"The review of {whose} was paid.")


# ---- what came of it


@cli.command(cls=Command)
@click.argument("token")
@click.argument("campaign", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(token: str, campaign: str | None, as_json: bool) -> None:
    """Show the campaigns of TOKEN, or CAMPAIGN with its attesters and their purses."""
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        campaigns = alliance.campaigns
        meant = campaigns.of(found) if campaign is None else [campaigns.get(found, campaign)]
        if as_json:
            facts = [_facts(found, each, campaigns.purses(each)) for each in meant]
            click.echo(json.dumps(facts, indent=2, ensure_ascii=False))
            return
        for each in meant:
            click.echo(_line(found, each))
            if campaign is not None:
                _tell_purses(alliance, found, each)
        if not meant:
            click.echo(f"{found.symbol} has no campaign.")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("campaign")
@click.option("--save", type=NEW_FILE, help="A CSV file of everything paid.")
@click.option("--page", type=NEW_FILE, help="A page (HTML) to read, print and send.")
@click.option("--register", type=FILE, help="Tells what the actions are called.")
@writes
@about
def close(
    work: Work,
    token: "Token",
    campaign: Campaign,
    *,
    save: Path | None,
    page: Path | None,
    register: Path | None,
) -> None:
    """End CAMPAIGN of TOKEN, if it has not ended, and state what it paid (campaign role)."""
    campaigns = work.alliance.campaigns
    if calls.now() < campaign.conditions.closes_at:
        campaigns.end(campaign, sender=work.sender)
        campaign = campaigns.get(token, campaign.id)
    names = {each.signed.voucher.action: each.what for each in read_register(register)} if register else {}
    table = _statement(work.alliance, token, campaign, names)
    for path, content in ((save, as_csv), (page, as_page)):
        if path and not work.dry_run:
            write_whole(path, content(table).encode())
            click.echo(f"Wrote {path}", err=True)
    for name, value in table.facts:
        click.echo(f"{name}: {value}")


@cli.command(cls=Command)
@click.argument("token")
@click.argument("campaign")
@click.option("--actions", type=FILE, help="The CSV of actions with a column at: when members did them.")
@click.option(
    "--funding", type=FILE, help="A CSV (account,source,at) of who first sent whom money, from an explorer."
)
@click.option(
    "--ordinary",
    multiple=True,
    help="An account that fills or collects from many by its nature, such as an exchange.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def report(
    token: str,
    campaign: str,
    *,
    actions: Path | None,
    funding: Path | None,
    ordinary: tuple[str, ...],
    as_json: bool,
) -> None:
    """Look among those whom CAMPAIGN paid for wallets that may be one person's, and say why.

    It looks at where tokens came from and went, at when members acted, and at who brought whom. It is no
    proof: look before you act.
    """
    with sentences():
        alliance = Alliance.connect()
        found = token_of(alliance, token)
        meant = alliance.campaigns.get(found, campaign)
        accounts = [address_of(each) for each in ordinary]
        traces = _traces(alliance, found, meant, actions=actions, funding=funding, ordinary=accounts)
        clusters = abuse.clusters(traces)
        if as_json:
            click.echo(json.dumps([_cluster_facts(found, each) for each in clusters], indent=2))
            return
        for number, cluster in enumerate(clusters, 1):
            click.echo(
                f"{number}. {len(cluster.wallets)} wallets got {_amount(found, cluster.amount)} together:"
            )
            for finding in cluster.findings:
                click.echo(f"   {finding.words}.")
            click.echo(f"   {', '.join(cluster.wallets)}")
        if not traces.rewarded:
            click.echo(
                f"{meant.name} has paid nobody yet, so there is nothing to judge: look again once it has."
            )
            return
        suspected = sum(cluster.amount for cluster in clusters)
        click.echo(
            f"{counted(len(clusters), 'cluster')} among {counted(len(traces.rewarded), 'member')}; they got "
            f"{_amount(found, suspected)} of {_amount(found, sum(traces.rewarded.values()))}."
        )


# ---- within


def _had(work: Work, token: "Token", member: str, receipt: str | None, order: str | None) -> Redeemed | Order:
    """What a member had, by the nonce of its receipt or the name of its order."""
    if order is not None:
        return work.alliance.deliveries.find(token, order)
    nonce = label_bytes(str(receipt))
    for each in work.alliance.redemptions.history(token, member):
        if each.nonce == nonce:
            return each
    raise VoucherError(
        f"{member} has no receipt {receipt} of {token.symbol}: `ape run redeem receipt` shows those it has."
    )


def _pays_until(campaigns: Campaigns, campaign: Campaign) -> int:
    """When a campaign stops paying what was earned, in seconds."""
    return campaign.conditions.closes_at + campaigns.claim_period


def _attesting(campaigns: Campaigns, campaign: Campaign) -> set[str]:
    """The keys and lists whose vouchers are paid now, as far as their purses go."""
    now = calls.now()
    return {attester_text(purse.attester) for purse in campaigns.purses(campaign) if now < purse.until}


def _new_vouchers(
    campaign: Campaign,
    actions: Sequence[Action],
    before: Sequence[Registered],
    payments: Sequence[Payment],
    *,
    deadline: int,
    attesting: Container[str] = (),
) -> list[tuple[Voucher, str]]:
    """Vouchers for the actions that have none, or only one that its key no longer attests, and what for."""
    ours = [
        each.signed.voucher
        for each in before
        if (each.signed.voucher.token, each.signed.voucher.campaign_id) == (campaign.token, campaign.id)
    ]
    if len(ours) != len(before):
        raise VoucherError("The register has vouchers of another campaign: name one file for each.")
    issued = {(each.member, each.action): each.number for each in ours}
    paid = {(each.member, each.action): each.number for each in payments}
    used = issued | paid
    void = (each.signed.voucher for each in before if each.signed.key not in attesting)
    lost = {(each.member, each.action) for each in void} - set(paid)
    made = []
    taken = [(each.member, each.number) for each in ours]
    taken += [(each.member, each.number) for each in payments]
    for action, number in numbered(actions, used, taken):
        if (action.member, action.hash) in used and (action.member, action.hash) not in lost:
            continue
        if number >= campaign.conditions.member_cap:
            raise VoucherError(
                f"{action.member} has had all {campaign.conditions.member_cap} vouchers that the campaign "
                f"pays a member, and {action.what!r} is one more: take it out of the file."
            )
        voucher = Voucher(campaign.token, campaign.id, action.member, number, action.hash, deadline)
        made.append((voucher, action.what))
    return made


def _write_list(folder: Path, token: "Token", campaign: Campaign, listed: VoucherList) -> None:
    about = {
        "token": token.address,
        "campaign": "0x" + campaign.id.hex(),
        "root": "0x" + listed.root.hex(),
    }
    try:
        for member, theirs in listed.by_member().items():
            vouchers = [
                {
                    "number": voucher.number,
                    "action": "0x" + voucher.action.hex(),
                    "deadline": voucher.deadline,
                    "proof": ["0x" + each.hex() for each in proof],
                }
                for voucher, proof in theirs
            ]
            path = folder / f"{member.lower()}.json"
            write_whole(path, dump({**about, "member": member, "vouchers": vouchers}))
        write_whole(folder / "list.json", dump({**about, "vouchers": len(listed.vouchers)}))
    except OSError as error:
        raise VoucherError(
            f"{folder} cannot be written to ({error.strerror}): name another folder."
        ) from error


def _read_proofs(path: Path) -> list[tuple[Voucher, list[bytes]]]:
    """A member's vouchers of a list, with their proofs."""

    def raw(text: str) -> bytes:
        return bytes.fromhex(text.removeprefix("0x"))

    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return [
            (
                Voucher(
                    address_of(content["token"]),
                    raw(content["campaign"]),
                    address_of(content["member"]),
                    int(each["number"]),
                    raw(each["action"]),
                    int(each["deadline"]),
                ),
                [raw(one) for one in each["proof"]],
            )
            for each in content["vouchers"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VoucherError(
            f"{path.name} is no member's file of a list: take the one with the member's address for a name."
        ) from error


def _statement(alliance: Alliance, token: "Token", campaign: Campaign, names: dict[bytes, str]) -> Table:
    block = calls.block_number()
    payments, purses = alliance.campaigns.payments(campaign), alliance.campaigns.purses(campaign)
    reward = format_amount(campaign.conditions.reward, token.decimals)
    rows = [
        (
            each.member,
            str(each.number),
            "0x" + each.action.hex(),
            names.get(each.action, ""),
            reward,
            moment(each.at),
            attester_text(each.attester),
            each.transaction,
        )
        for each in payments
    ]
    members = len({each.member for each in payments})
    return Table(
        title=f"{token.symbol}: campaign {campaign.name}",
        lead=f"What was paid for each {campaign.conditions.kind}, {reward} {token.symbol} at a time.",
        facts=[
            ("funded", _amount(token, sum(purse.given for purse in purses))),
            ("paid", _amount(token, sum(purse.paid for purse in purses))),
            ("returned", _amount(token, sum(purse.returned for purse in purses))),
            ("left", _amount(token, sum(purse.left for purse in purses))),
            ("rewards", str(len(payments))),
            ("members", str(members)),
            ("ended", moment(campaign.conditions.closes_at)),
            ("what was earned is paid until", moment(_pays_until(alliance.campaigns, campaign))),
        ],
        columns=COLUMNS,
        rows=rows,
        drawn_up_at=calls.block_time(block),
        block=block,
    )


def _traces(
    alliance: Alliance,
    token: "Token",
    campaign: Campaign,
    *,
    actions: Path | None,
    funding: Path | None,
    ordinary: Sequence[str],
) -> Traces:
    """All that is known about those whom a campaign paid."""
    rewarded: dict[str, int] = {}
    payments = alliance.campaigns.payments(campaign)
    for each in payments:
        rewarded[each.member] = rewarded.get(each.member, 0) + campaign.conditions.reward
    bindings = [
        abuse.Binding(each.member, each.referrer, each.at) for each in alliance.referrals.bindings(token)
    ]
    transfers = [Transfer(each.sender, each.to, each.at) for each in token.transfers()]
    if funding:
        transfers += [Transfer(each.source, each.account, each.at) for each in read_funding(funding)]
    sightings = [Sighting(each.member, each.at) for each in bindings]
    if actions:
        done = read_actions(actions, campaign.conditions.member_cap)
        sightings += [Sighting(each.member, each.at) for each in done if each.at is not None]
    suite = {record.address for record in alliance.records}
    return Traces(
        rewarded,
        sorted(transfers, key=lambda each: each.at),
        sightings,
        bindings,
        frozenset({*suite, *ordinary}),
    )


def _cluster_facts(token: "Token", cluster: Cluster) -> dict[str, object]:
    return {
        "wallets": cluster.wallets,
        "amount": format_amount(cluster.amount, token.decimals),
        "findings": [{"wallets": each.wallets, "words": each.words} for each in cluster.findings],
    }


# ---- words


def _line(token: "Token", campaign: Campaign) -> str:
    conditions = campaign.conditions
    return (
        f"{campaign.name}: {_amount(token, conditions.reward)} for each {conditions.kind}, at most "
        f"{conditions.member_cap} a member and {conditions.day_cap} a day, from "
        f"{moment(conditions.opens_at)} to {moment(conditions.closes_at)}"
    )


def _tell_purses(alliance: Alliance, token: "Token", campaign: Campaign) -> None:
    for purse in alliance.campaigns.purses(campaign):
        until = "" if purse.until == IN_OFFICE else f", retired, pays until {moment(purse.until)}"
        click.echo(
            f"  {attester_text(purse.attester)}: {_amount(token, purse.left)} of "
            f"{_amount(token, purse.given)} left{until}"
        )


def _facts(token: "Token", campaign: Campaign, purses: Sequence[Purse]) -> dict[str, Any]:
    conditions = campaign.conditions
    return {
        "name": campaign.name,
        "id": "0x" + campaign.id.hex(),
        "kind": str(conditions.kind),
        "reward": format_amount(conditions.reward, token.decimals),
        "memberCap": conditions.member_cap,
        "dayCap": conditions.day_cap,
        "opensAt": conditions.opens_at,
        "closesAt": conditions.closes_at,
        "attesters": [
            {
                "attester": attester_text(purse.attester),
                "given": format_amount(purse.given, token.decimals),
                "paid": format_amount(purse.paid, token.decimals),
                "returned": format_amount(purse.returned, token.decimals),
                "left": format_amount(purse.left, token.decimals),
                "until": None if purse.until == IN_OFFICE else purse.until,
            }
            for purse in purses
        ],
    }


def _amount(token: "Token", units: int) -> str:
    return f"{format_amount(units, token.decimals)} {token.symbol}"
