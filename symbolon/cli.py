"""What the scripts' command lines share: network, account, dry run, progress, errors without a traceback.

A command that writes is a function of a `Work`:

    @cli.command(cls=Command)
    @click.argument("brand")
    @writes
    def admit(work: Work, brand: str) -> None:
        work.brand(brand).admit(sender=work.sender)

Exit codes: 0 done, 1 could not be done (one sentence on stderr says why), 2 the command line is wrong.
"""

from __future__ import annotations

import atexit
import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any

import click
from ape.cli import AccountAliasPromptChoice, ConnectedProviderCommand, NetworkChoice
from ape.cli.options import NetworkOption
from ape.exceptions import Abort, ApeException
from ape.logging import logger
from ape.utils.basemodel import ManagerAccessMixin as Ape
from eth_utils.address import is_address, to_checksum_address

from symbolon import calls, deployment, standing
from symbolon.alliance import Alliance, records_of
from symbolon.calls import address_of
from symbolon.currencies import Currency
from symbolon.exceptions import NodeUnreachableError, SymbolonError, WrongChainError
from symbolon.forks import forked
from symbolon.manifest import Records
from symbolon.rpc import Node
from symbolon.units import ether, parse_amount

if TYPE_CHECKING:
    from ape.api import AccountAPI, ProviderAPI, ReceiptAPI

    from symbolon.brands import Brand
    from symbolon.pools import Pool
    from symbolon.tokens import Token


# Python looks through everything once more before it ends, which takes longer than most commands work.
atexit.register(gc.freeze)

_NOT_NAMED = ("adhoc", "custom")  # networks of Ape's that are none


class Failure(click.ClickException):
    """Ends a command with a sentence and exit code 1."""

    exit_code = 1


@contextmanager
def sentences() -> Iterator[None]:
    """Turn every error that is meant for a person into one sentence and exit code 1."""
    if logger.level == logging.INFO:  # our own words will do; -v DEBUG stays
        logger.set_level(logging.WARNING)
    try:
        yield
    except SymbolonError as error:
        raise Failure(str(error)) from error
    except Abort as error:
        raise Failure(str(error) or "Stopped.") from error
    except ApeException as error:
        raise Failure(f"Ape says: {str(error).strip().rstrip('.')}.") from error


class Command(ConnectedProviderCommand):
    """A command that is connected to `--network`, which is checked in words before Ape connects.

    On the local network it goes to the chain that `make up` left running, if there is one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (click's)
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.params.append(NetworkOption(type=Networks(case_sensitive=False)))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's)
        """Run it."""
        with sentences():
            provider = ctx.params.get("network")
            if provider is not None and not isinstance(provider, str):
                if not _prefer_standing_chain(provider):
                    click.echo(
                        "No local chain is running: this one ends with the command (`make up` starts one "
                        "to stay).",
                        err=True,
                    )
                _check_node(provider)
            return super().invoke(ctx)


class Networks(NetworkChoice):
    """What `--network` takes; of a name that there is not it says which there are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 (click's)
        """The provider."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(unknown_network(str(value)), param, ctx)


def unknown_network(text: str) -> str:
    """What is said of a network that there is not."""
    ecosystem = Ape.network_manager.ethereum
    names = sorted(name for name in ecosystem.networks if name not in _NOT_NAMED)
    known = ", ".join(f"{ecosystem.name}:{name}" for name in names)
    return f"{text!r} is no network that is known here: write one of {known}, or ecosystem:network:URL."


def connecting(network: str) -> ProviderAPI:
    """The provider that `--network` names, checked as for a command; local means the chain that stays.

    Raises SymbolonError where it names nothing, NodeError, WrongChainError.
    """
    try:
        provider = Ape.network_manager.get_provider_from_choice(network)
    except ApeException as error:
        raise SymbolonError(unknown_network(network)) from error
    if not _prefer_standing_chain(provider):
        raise NodeUnreachableError("No local chain is running: `make up` starts one that stays.")
    _check_node(provider)
    return provider


def _prefer_standing_chain(provider: ProviderAPI) -> bool:
    """Turn to the chain that `make up` left running; False where one is meant and none runs."""
    if provider.name != "foundry" or not provider.network.is_local or "host" in provider.provider_settings:
        return True
    chain = standing.find()
    if chain:
        provider.provider_settings["host"] = chain.url
    return chain is not None


def _check_node(provider: ProviderAPI) -> None:
    """Raise NodeError or WrongChainError before Ape says the same at length."""
    try:
        with logger.at_level(logging.ERROR):  # where no node was named, Ape tries public ones at length
            uri = str(getattr(provider, "uri", "") or "")
    except ApeException as error:
        choice = f"{provider.network.ecosystem.name}:{provider.network.name}"
        raise NodeUnreachableError(
            f"No node is known for {provider.network.name}: name one with --network {choice}:URL."
        ) from error
    if not uri.startswith("http"):
        return
    node = Node(uri, timeout=15, attempts=1)
    try:
        served = node.chain_id()
    except NodeUnreachableError as error:
        raise NodeUnreachableError(
            f"Nothing answers at {node.name}: start the node, or name another with --network "
            "ecosystem:network:URL."
        ) from error
    if provider.network.is_dev or provider.network.is_adhoc:
        return
    meant = provider.network.chain_id
    if served != meant:
        raise WrongChainError(
            f"{provider.network.name} is chain {meant} and {node.name} serves chain {served}: check "
            "--network."
        )


# ---- accounts


class AccountChoice(AccountAliasPromptChoice):
    """An alias of `ape accounts list`, TEST::0 to TEST::19, or a bare address, which can only rehearse."""

    name = "account"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 (click's)
        """The account, or the address as text."""
        if isinstance(value, str) and is_address(value):
            address = address_of(value)
            # Asked for an address it does not know, Ape would impersonate it where it can.
            known = (*Ape.account_manager, *Ape.account_manager.test_accounts)
            return next((each for each in known if each.address == address), address)
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(
                f"There is no account {value!r} here: write an alias that `ape accounts list` shows (`ape "
                "accounts import` adds one), or TEST::0 to TEST::19 on a local chain or a fork.",
                param,
                ctx,
            )


class Moment(click.ParamType):
    """A time in UTC, such as 2027-03-01 or "2027-03-01 18:30"."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 (click's)
        """Seconds since 1970."""
        if not isinstance(value, str):
            return value
        try:
            read = datetime.fromisoformat(value.strip())
            return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
        except (ValueError, OverflowError):
            self.fail(f'{value!r} is no time: write 2027-03-01 or "2027-03-01 18:30", in UTC.', param, ctx)


# ---- writing


@dataclass
class Work:
    """What a writing command works with.

    Attributes:
        sender: who signs.
        records: of the network; a copy that is thrown away in a rehearsal.
        dry_run: whether this is a rehearsal.
        at_stake: whether the network meant is a live one.
        receipts: every transaction so far, with its name.
    """

    sender: AccountAPI
    records: Records
    dry_run: bool
    at_stake: bool
    receipts: list[tuple[str, ReceiptAPI]] = field(default_factory=list)

    @cached_property
    def alliance(self) -> Alliance:
        """The alliance on this network."""
        return Alliance.connect(self.records)

    def brand(self, text: str) -> Brand:
        """The brand of that id, or the one that the sender registered under that label."""
        return brand_of(self.alliance, text, founder=str(self.sender.address))

    def token(self, text: str) -> Token:
        """The token at that address, or with that symbol."""
        return token_of(self.alliance, text)

    def pool(self, text: str) -> Pool:
        """The pool of that name or id."""
        return self.alliance.pools.find(text)

    def ask(self, warning: str, *, yes: bool) -> None:
        """Tell what is at risk, and ask whether to go on unless `yes`, or this is a rehearsal."""
        click.echo(warning)
        if not (yes or self.dry_run):
            click.confirm("Go on?", abort=True)

    def _watch(self, what: str, receipt: ReceiptAPI) -> None:
        self.receipts.append((what, receipt))
        if not self.dry_run:
            click.echo(
                f"  {what}: block {receipt.block_number}, gas {receipt.gas_used:,}, {receipt.txn_hash}"
            )


def signs(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command `--account` and `--dry-run`, and hand it both as its first arguments.

    An account whose key everybody has is refused on a live chain, also for a dry run.
    """

    @click.option(
        "--account",
        "account",
        type=AccountChoice(),
        required=True,
        help="Who signs: an alias of `ape accounts list`, or TEST::0 on a local chain. "
        "With --dry-run an address is enough.",
    )
    @click.option("--dry-run", is_flag=True, help="Send nothing; show what it would do and cost.")
    @wraps(function)
    def command(account: AccountAPI | str, dry_run: bool, *args: object, **kwargs: object) -> None:
        with sentences():
            calls.refuse_public_key(address_of(account))
            if isinstance(account, str) and not dry_run:
                raise SymbolonError(
                    f"There is no key for {account} here: import it with `ape accounts import`, or add "
                    "--dry-run."
                )
            function(account, dry_run, *args, **kwargs)

    return command


def writes(function: Callable[..., None]) -> Callable[..., None]:
    """As `signs`, but hand a command its `Work`, which in a dry run happens on a fork of the network."""

    @signs
    @wraps(function)
    def command(account: AccountAPI | str, dry_run: bool, *args: object, **kwargs: object) -> None:
        with working(account, dry_run) as work:
            function(work, *args, **kwargs)

    return command


@contextmanager
def working(account: AccountAPI | str, dry_run: bool) -> Iterator[Work]:
    """Work on the connected network, or, in a dry run, on a fork of it."""
    if dry_run:
        with rehearsed(address_of(account)) as work:
            yield work
        return
    assert not isinstance(account, str)
    at_stake = not calls.is_rehearsal(Ape.provider)
    work = Work(account, records_of(Ape.provider.network), dry_run=False, at_stake=at_stake)
    with calls.watched(work._watch):
        yield work


@contextmanager
def rehearsed(sender: str) -> Iterator[Work]:
    """Work that happens on a fork of the connected chain, and is then shown with its cost and thrown away."""
    with calls.node() as web3:
        price = int(web3.eth.gas_price)
        balance = int(web3.eth.get_balance(to_checksum_address(sender)))
    at_stake = not calls.is_rehearsal(Ape.provider)
    with forked() as fork, fork.acting(sender) as account:
        work = Work(account, fork.records, dry_run=True, at_stake=at_stake)
        with calls.watched(work._watch):
            yield work
    _show_cost(work, sender, price, balance)


def _show_cost(work: Work, sender: str, price: int, balance: int) -> None:
    click.echo("Rehearsed on a fork; nothing was sent.")
    gas = 0
    for what, receipt in work.receipts:
        used = int(receipt.gas_used)
        gas += used
        click.echo(f"  {what}: gas {used:,}, {ether(used * price)} ETH")
    click.echo(f"Together: gas {gas:,}, {ether(gas * price)} ETH at {price / 10**9:.3f} gwei.")
    if balance < gas * price:
        click.echo(f"{sender} holds {ether(balance)} ETH, which is not enough: send it some first.", err=True)


# ---- what people write


def brand_of(alliance: Alliance, text: str, *, founder: str | None = None) -> Brand:
    """A brand by its id, or by the label under which `founder` registered it."""
    if text.startswith("0x") or founder is None:
        return alliance.brands[text]
    return alliance.brands.of(founder, text)


def token_of(alliance: Alliance, text: str) -> Token:
    """A token by its address or its symbol. A symbol that several tokens have is refused."""
    if is_address(text):
        return alliance.tokens[text]
    found = [token for token in alliance.tokens if token.symbol.casefold() == text.casefold()]
    if not found:
        raise SymbolonError(f"There is no token {text!r} here: `ape run show` lists those that are.")
    if len(found) > 1:
        which = ", ".join(token.address for token in found)
        raise SymbolonError(f"Several tokens are called {text} ({which}): give the address.")
    return found[0]


def units_of(token: Token, text: str) -> int:
    """Base units of an amount of a token."""
    return parse_amount(text, token.decimals)


def currency_of(alliance: Alliance, text: str | None) -> Currency:
    """A settlement currency: the one given, or the only one that is listed."""
    if text is None:
        listed = alliance.currencies()
        if len(listed) != 1:
            which = ", ".join(listed) or "none"
            raise SymbolonError(f"Say which settlement currency with --currency; listed are: {which}.")
        text = listed[0]
    address = address_of(text)
    if not deployment.code_at(address):
        raise SymbolonError(f"There is no contract at {address}: check the currency's address.")
    return Currency(address)
