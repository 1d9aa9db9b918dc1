"""The local chain that stays: `make up` starts it with the suite deployed and seeded, `make down` ends it.

For people who build front ends or write tests. Its accounts are in deployments/local/accounts.json, with keys
that everybody has. The member's page is served beside it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from ape.utils.basemodel import ManagerAccessMixin as Ape

from symbolon import calls, deals, page
from symbolon.alliance import Alliance
from symbolon.anvil import MNEMONIC, Anvil
from symbolon.bonds import Purse
from symbolon.brands import Roles
from symbolon.deployment import List
from symbolon.exceptions import NodeError, SymbolonError
from symbolon.exports import write_all
from symbolon.fields import FOREVER
from symbolon.fulfilment import State
from symbolon.manifest import DEPLOYMENTS, ROOT, Records, dump, write_whole
from symbolon.obligations import DAY, Terms
from symbolon.offers import NO_LIMIT, Conditions, Document
from symbolon.pools import Bounds, Pool, Rules
from symbolon.rpc import Node
from symbolon.units import format_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI

    from symbolon.tokens import Token

PORT = 8545
LOCAL = DEPLOYMENTS / "local"
STATE = LOCAL / "chain.json"
LOG = LOCAL / "chain.log"
PAGE_LOG = LOCAL / "page.log"

MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11"
"""Where front ends look for it on every chain."""

_VIEM = ROOT / "node_modules" / "viem" / "constants" / "contracts.ts"
_ACCOUNTS = 20
_DOLLARS = 10_000 * 10**6
_STAKE_PERCENT = 10
_PAST = 15 * DAY
"""How long ago the chain begins, so that what takes notice is in force when it is now."""


@dataclass(frozen=True)
class SeedOffer:
    """An offer to begin with: its name, what members read, whole tokens for one, and its limits.

    `days` is for how long, 0 for good; `dearer` is a higher price that is announced. One to order has
    `fulfil_days`, and `compensation` in millionths, of which a hundredfold is set aside.
    """

    name: str
    title: str
    description: str
    price: int
    stock: int = 1_000
    member_limit: int = NO_LIMIT
    days: int = 0
    dearer: int = 0
    fulfil_days: int = 0
    compensation: int = 0


@dataclass(frozen=True)
class SeedOrder:
    """An order to begin with: whose, counted from 0, of what, and how far it got."""

    member: int
    offer: str
    state: State = State.OPEN


@dataclass(frozen=True)
class Seed:
    """One brand to begin with: its token, par in millionths, and whole tokens per member.

    `bond` is laid down for holders, in millionths; `bond_bps` is how much of all it owes the terms require.
    `book` is what is offered to groups and bargains, `opener` the member, from 0, who opens a group of each.
    """

    label: str
    about: str
    name: str
    symbol: str
    decimals: int
    par_value: int
    capacity: int
    balances: tuple[int, ...]
    offers: tuple[SeedOffer, ...]
    orders: tuple[SeedOrder, ...] = ()
    bond: int = 0
    bond_bps: int = 0
    book: str = ""
    opener: int = 0


POOL = "town"
"""The pool of all seeded brands."""

POOLED = 200_000_000
"""What each lays down for it, in millionths: the pool takes so much of each token, and has as much of it."""

BASE_FEE, FEE_SLOPE = 2_000, 20_000
"""What swaps cost in it, in parts per million: 0.2 % at least, and 2 % more at the ceiling."""

BOOK = """
groups:
  - name: coffee
    title: A kilo of house coffee
    description: Roasted on Fridays. The more of you order together, the less it costs.
    tiers:
      - {seats: 2, price: 60}
      - {seats: 3, price: 50}
      - {seats: 5, price: 40}
    most_seats: 6
    seat_limit: 2
    groups: 100
    lasts: 3 days
    cutoff: 6 hours
    deliver_in: 7 days
    stake: 10
    arbiter: ARBITER
bargains:
  - name: mixer
    kind: haggle
    title: The old dough mixer
    description: It still kneads forty kilos. Make us a bid.
    price: 5000
    floor: 3000
    stock: 1
    lasts: 5 days
    deliver_in: 7 days
    arbiter: ARBITER
"""
"""What the bakery offers to groups and to those who haggle, as `ape run groups publish` would take it."""


SEEDS = (
    Seed(
        label="bakery",
        about="Bread and pastry from our own oven, at five shops in town.",
        name="Bakery Points",
        symbol="BAKE",
        decimals=2,
        par_value=10_000,
        capacity=1_000_000,
        balances=(120, 45, 0, 370, 7),
        offers=(
            SeedOffer("coffee", "Filter coffee", "A large cup, with a refill.", 60),
            SeedOffer("croissant", "Croissant", "With butter, warm from the oven.", 40, member_limit=5),
            SeedOffer("cake", "Birthday cake", "Any cake of the day, order a day ahead.", 900, stock=12),
            SeedOffer(
                "breakfast",
                "Breakfast at your door",
                "Rolls, butter and jam for two, on a Saturday.",
                150,
                fulfil_days=7,
                compensation=500_000,
            ),
        ),
        orders=(SeedOrder(3, "breakfast"),),
        bond=300_000_000,
        bond_bps=1_000,
        book=BOOK,
        opener=3,
    ),
    Seed(
        label="cinema",
        about="Three screens and the best popcorn in town.",
        name="Cinema Stars",
        symbol="STAR",
        decimals=0,
        par_value=500_000,
        capacity=200_000,
        balances=(12, 0, 3, 8, 1),
        offers=(
            SeedOffer("popcorn", "Popcorn", "Sweet or salted, a medium bag.", 3),
            SeedOffer("evening", "Evening ticket", "Any film, any seat.", 8, member_limit=2, dearer=10),
        ),
    ),
    Seed(
        label="books",
        about="New and second-hand books, and a chair to read them in.",
        name="Book Miles",
        symbol="BOOK",
        decimals=18,
        par_value=50_000,
        capacity=500_000,
        balances=(0, 260, 75, 18, 900),
        offers=(
            SeedOffer(
                "paperback", "Paperback of the month", "Ask at the desk which one it is.", 150, days=90
            ),
            SeedOffer("lamp", "Reading lamp", "Brass, with a warm light.", 800, stock=3, member_limit=1),
            SeedOffer(
                "parcel",
                "A book by post",
                "Any paperback, wrapped as a present.",
                200,
                fulfil_days=10,
                compensation=2_000_000,
            ),
        ),
        orders=(
            SeedOrder(4, "parcel", State.FULFILLED),
            SeedOrder(4, "parcel", State.DELIVERED),
            SeedOrder(4, "parcel"),
        ),
        bond=500_000_000,
    ),
)
"""Three brands with different tokens and bonds, so that whoever builds on them meets all kinds."""

MEMBERS = 5


@dataclass(frozen=True)
class Chain:
    """A local chain that runs: its process and where to send requests; and the page's, if it is served."""

    pid: int
    url: str
    page_pid: int = 0
    page_url: str = ""


class AlreadyUpError(SymbolonError):
    """There is a local chain already."""


def find() -> Chain | None:
    """The chain that `up` left running; None where there is none."""
    chain = _noted()
    try:
        if chain and _is_anvil(chain.pid) and Node(chain.url, timeout=5, attempts=1).chain_id():
            return chain
    except NodeError:
        pass
    return None


def up(
    port: int = PORT, page_port: int = page.PORT, progress: Callable[[str], None] = lambda text: None
) -> Chain:
    """Start the chain, deploy and seed the suite, serve the member's page, and leave both running.

    Raises AlreadyUpError where it runs already, AnvilError where it cannot start. If anything fails on the
    way, the chain is stopped again; only the page may be missing, and then `progress` is told why.
    """
    if found := find():
        raise AlreadyUpError(
            f"A local chain runs at {found.url} already: use it, or end it with `make down` first."
        )
    down()  # what a chain that died left behind
    LOG.parent.mkdir(parents=True, exist_ok=True)
    began = int(time.time()) - _PAST
    with Anvil(port=port, accounts=_ACCOUNTS, stays=True, log=LOG, timestamp=began) as anvil:
        try:
            settings = {"host": anvil.url}
            with Ape.network_manager.ethereum.local.use_provider("foundry", provider_settings=settings):
                progress(f"Anvil answers at {anvil.url}")
                place_multicall3(anvil)
                _build(anvil, progress)
            chain = Chain(anvil.pid, anvil.url, *_serve_page(page_port, progress))
            state = {
                "pid": chain.pid,
                "url": chain.url,
                "pagePid": chain.page_pid,
                "pageUrl": chain.page_url,
            }
            write_whole(STATE, dump(state))
        except BaseException:
            anvil.stop()
            raise
    return chain


def down() -> Chain | None:
    """End the chain that `up` left running, and its page; None where there is no chain."""
    chain, noted = find(), _noted()
    if noted:
        _end(noted.page_pid, "symbolon.page")
    if chain:
        _end(chain.pid, "anvil")
    STATE.unlink(missing_ok=True)
    return chain


def _noted() -> Chain | None:
    """The chain that the state file tells of, whether it still runs or not."""
    try:
        state = orjson.loads(STATE.read_bytes())
        return Chain(
            int(state["pid"]), str(state["url"]), int(state.get("pagePid", 0)), str(state.get("pageUrl", ""))
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _end(pid: int, program: str) -> None:
    """End a process and wait until it has ended, unless its number is another program's by now."""
    until = time.monotonic() + 10
    if pid and program in _command_of(pid):
        os.kill(pid, signal.SIGTERM)
    while pid and program in _command_of(pid) and time.monotonic() < until:
        time.sleep(0.05)


def _serve_page(port: int, progress: Callable[[str], None]) -> tuple[int, str]:
    try:
        return page.start(LOCAL, port, PAGE_LOG)
    except page.PageError as error:
        progress(str(error))
        return 0, ""


def place_multicall3(chain: Anvil) -> None:
    """Put Multicall3 where front ends look for it; its bytecode comes with viem."""
    try:
        match = re.search(r"multicall3Bytecode =\s*'(0x[0-9a-f]+)'", _VIEM.read_text())
    except FileNotFoundError:
        match = None
    if match is None:
        raise SymbolonError("Multicall3 was not found in node_modules/viem: run `make setup`.")
    chain.rpc("anvil_setCode", MULTICALL3, chain.rpc("eth_call", {"data": match[1]}, "latest"))


def _build(anvil: Anvil, progress: Callable[[str], None]) -> None:
    accounts = list(Ape.account_manager.test_accounts[:_ACCOUNTS])
    alliance = Alliance.deploy(sender=accounts[0], records=Records(LOCAL), replace=True)
    progress("The suite is deployed")
    held = seed(alliance, accounts, progress)
    write_all(alliance)
    write_whole(LOCAL / "accounts.json", dump(_accounts_json(anvil, accounts, held)))


def seed(
    alliance: Alliance, accounts: list[AccountAPI], progress: Callable[[str], None] = lambda text: None
) -> dict[str, dict[str, str]]:
    """Three brands with offers, bonds, orders and a pool, and members: what each address holds, by symbol.

    Accounts: the alliance, three brands' admins, their managers, their guardians, the members, three tills,
    an arbiter.
    """
    number = len(SEEDS)
    admin, *others = accounts
    brands, managers = others[:number], others[number : 2 * number]
    guardians, others = others[2 * number : 3 * number], others[3 * number :]
    members, tills = others[:MEMBERS], others[MEMBERS : MEMBERS + number]
    arbiter = others[MEMBERS + number]
    alliance.set_listed(List.ARBITER, arbiter, True, sender=admin)
    rules = Rules(str(alliance.mock_dollar.address), period_length=30 * DAY, payment_time=14 * DAY)
    pool = alliance.pools.create(POOL, rules, sender=admin)
    tokens = []
    for plan, owner, manager, guardian in zip(SEEDS, brands, managers, guardians, strict=True):
        brand = alliance.brands.register(
            plan.label, guardian=guardian, profile_uri=_profile(plan), sender=owner
        )
        brand.admit(sender=admin)
        brand.set_manager(manager, Roles.FULFIL | Roles.CAMPAIGN, sender=owner)
        token = brand.create_token(plan.name, plan.symbol, plan.decimals, sender=owner)
        most = _pooled(plan)
        bounds = Bounds(most, most, base_fee=BASE_FEE, fee_slope=FEE_SLOPE)
        alliance.pools.announce(pool, token, bounds, sender=admin)
        tokens.append(token)
    _come_to_now(int(calls.read(alliance.pools_contract, "CHANGE_DELAY")))
    held: dict[str, dict[str, str]] = {}
    for plan, token, owner, manager, till in zip(SEEDS, tokens, brands, managers, tills, strict=True):
        staff = _Staff(owner, manager, arbiter)
        for each in (owner, till):
            calls.transact(each, alliance.mock_dollar, "mint", each.address, _DOLLARS)
        _issue(alliance, token, plan, staff, members)
        alliance.redemptions.set_till(token, till, sender=manager)
        for offer in plan.offers:
            _offer(alliance, token, offer, staff)
        for order in plan.orders:
            _order(alliance, token, order, members[order.member], manager)
        if plan.book:
            _buy_together(alliance, token, plan, staff, members)
        for member in members:
            if balance := token.balance_of(member):
                amount = format_amount(balance, plan.decimals)
                held.setdefault(str(member.address), {})[plan.symbol] = amount
        _join(alliance, pool, token, plan, staff)
        progress(f"{plan.name} ({plan.symbol}) is seeded")
    progress(f"They accept one another's tokens in pool {POOL}")
    return held


@dataclass(frozen=True)
class _Staff:
    owner: AccountAPI
    manager: AccountAPI
    arbiter: AccountAPI


def _issue(alliance: Alliance, token: Token, plan: Seed, staff: _Staff, members: list[AccountAPI]) -> None:
    whole = 10**plan.decimals
    terms = f"{plan.name}: each is worth its par value in the shop, at any time.".encode()
    token.oblige(
        str(alliance.mock_dollar.address),
        plan.par_value,
        plan.capacity * whole,
        Terms.of_document(terms, uri=f"data:text/plain,{quote(terms)}", bond_bps=plan.bond_bps),
        sender=staff.owner,
    )
    if plan.bond:
        alliance.bonds.deposit(token, Purse.HOLDERS, plan.bond, sender=staff.owner)
    token.grant_quota(staff.manager, plan.capacity * whole // 4, sender=staff.owner)
    for member, amount in zip(members, plan.balances, strict=True):
        if amount:
            token.mint(member, amount * whole, sender=staff.manager)


def _offer(alliance: Alliance, token: Token, plan: SeedOffer, staff: _Staff) -> None:
    now, whole = calls.now(), 10**token.decimals
    conditions = Conditions(
        price=plan.price * whole,
        stock=plan.stock,
        member_limit=plan.member_limit,
        opens_at=now,
        closes_at=now + plan.days * DAY if plan.days else FOREVER,
    )
    if plan.fulfil_days:
        conditions = replace(
            conditions,
            fulfil_days=plan.fulfil_days,
            stake_percent=_STAKE_PERCENT,
            compensation=plan.compensation,
            arbiter=str(staff.arbiter.address),
        )
    text = json.dumps({"name": plan.title, "description": plan.description})
    document = Document.of(text.encode(), f"data:application/json,{quote(text)}")
    alliance.offers.create(token, plan.name, conditions, document, sender=staff.manager)
    if plan.compensation:
        aside = 100 * plan.compensation
        alliance.bonds.deposit(token, Purse.COMPENSATION, aside, sender=staff.owner)
        alliance.bonds.allot_to_offer(token, plan.name, aside, sender=staff.owner)
    if plan.dearer:
        dearer = replace(conditions, price=plan.dearer * whole)
        alliance.offers.change(token, plan.name, dearer, sender=staff.manager)


def _order(
    alliance: Alliance, token: Token, plan: SeedOrder, member: AccountAPI, manager: AccountAPI
) -> None:
    order = alliance.orders.open(alliance.orders.wish(token, plan.offer, member=member), sender=member)
    if plan.state is State.DELIVERED:
        alliance.orders.fulfil(token, [order], sender=manager)
    elif plan.state is State.FULFILLED:
        alliance.orders.confirm(order, sender=member)


def _buy_together(
    alliance: Alliance, token: Token, plan: Seed, staff: _Staff, members: list[AccountAPI]
) -> None:
    """Publish what is for groups and for bargains, and have a member open a group of each deal."""
    book = deals.parse(plan.book.replace("ARBITER", f'"{staff.arbiter.address}"'), token.units)
    for deal in book.deals:
        alliance.groups.publish(token, deal, sender=staff.manager)
        opener = members[plan.opener]
        alliance.groups.join(alliance.groups.wish(token, deal.name, member=opener), sender=opener)
    for listing in book.listings:
        alliance.bargains.publish(token, listing, sender=staff.manager)


def _come_to_now(delay: int) -> None:
    """Let time pass until it is now, and at least until what was announced is in force."""
    Ape.chain_manager.pending_timestamp = max(int(time.time()), calls.now() + delay)
    Ape.chain_manager.mine()


def _join(alliance: Alliance, pool: Pool, token: Token, plan: Seed, staff: _Staff) -> None:
    alliance.pools.join(pool, token, sender=staff.owner)
    alliance.bonds.deposit(token, Purse.SETTLEMENT, POOLED, sender=staff.owner)
    alliance.bonds.allot_to_pool(token, pool.id, POOLED, sender=staff.owner)
    token.mint(staff.owner, _pooled(plan), sender=staff.manager)
    alliance.swaps.provide(pool, token, _pooled(plan), sender=staff.owner)


def _pooled(plan: Seed) -> int:
    """Base units of its token that are worth `POOLED`."""
    whole: int = 10**plan.decimals
    return POOLED * whole // plan.par_value


def _profile(plan: Seed) -> str:
    content = {"name": plan.label.capitalize(), "description": plan.about}
    return f"data:application/json,{quote(json.dumps(content))}"


def _accounts_json(
    anvil: Anvil, accounts: list[AccountAPI], held: dict[str, dict[str, str]]
) -> dict[str, object]:
    labels = [plan.label for plan in SEEDS]
    names = [
        "alliance",
        *(f"{label} admin" for label in labels),
        *(f"{label} manager" for label in labels),
        *(f"{label} guardian" for label in labels),
        *(f"member {number + 1}" for number in range(MEMBERS)),
        *(f"{label} till" for label in labels),
        "arbiter",
    ]
    names += ["free"] * (len(accounts) - len(names))
    takes = {f"{plan.label} till": plan.symbol for plan in SEEDS}
    return {
        "url": anvil.url,
        "chainId": int(anvil.rpc("eth_chainId"), 16),
        "multicall3": MULTICALL3,
        "mnemonic": MNEMONIC,
        "accounts": [
            {
                "name": name,
                "address": str(account.address),
                "privateKey": account.private_key,
                "alias": f"TEST::{index}",
                "holds": held.get(str(account.address), {}),
                **({"takes": takes[name]} if name in takes else {}),
            }
            for index, (name, account) in enumerate(zip(names, accounts, strict=True))
        ],
    }


def _is_anvil(pid: int) -> bool:
    """Whether that process is an Anvil that runs: numbers of processes are used again."""
    return "anvil" in _command_of(pid)


def _command_of(pid: int) -> str:
    """The command line of a process; empty where it does not run or has only not been buried yet."""
    with suppress(OSError):
        if Path("/proc").is_dir():
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        listed = ["ps", "-o", "args=", "-p", str(pid)]
        return subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    return ""
