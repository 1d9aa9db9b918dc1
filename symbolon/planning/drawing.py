"""Drawing a plan up: reading the file, comparing it with the connected chain, and rehearsing what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ape.utils.basemodel import ManagerAccessMixin as Ape
from eth_utils.address import to_checksum_address

from symbolon import calls, deployment
from symbolon.alliance import Alliance
from symbolon.calls import ApeSigner
from symbolon.currencies import Currency
from symbolon.exceptions import SymbolonError
from symbolon.forks import forked
from symbolon.planning import file
from symbolon.planning.model import Account, Act, MoneyAt, Resource
from symbolon.planning.plan import Plan, compare
from symbolon.planning.rehearse import Outcome, gas_by_signer, rehearse

if TYPE_CHECKING:
    from ape.api import AccountAPI


@dataclass(frozen=True)
class Drawn:
    """What a file describes, what differs, and what became of each act on a copy of the chain."""

    wanted: list[Resource]
    plan: Plan
    outcomes: list[Outcome]

    @property
    def refused(self) -> list[Outcome]:
        """The acts that a contract would refuse."""
        return [outcome for outcome in self.outcomes if outcome.refusal]

    @property
    def gas(self) -> dict[str, int]:
        """What each act takes, by its key."""
        return {outcome.act.key: outcome.gas for outcome in self.outcomes}


def draw(alliance: Alliance, path: Path) -> Drawn:
    """The plan for a file on the connected chain. Raises FileError, NodeError."""
    wanted = file.read(path, money_at(alliance))
    plan = compare(alliance, wanted)
    return Drawn(wanted, plan, tried(plan.acts))


def tried(acts: Sequence[Act]) -> list[Outcome]:
    """What becomes of acts on a copy of the connected chain."""
    if not acts:
        return []
    with forked() as fork:
        return rehearse(fork, acts)


def money_at(alliance: Alliance) -> MoneyAt:
    """Looks currencies up on the connected chain; what is not named is the only one that is listed."""
    found: dict[str | None, Currency] = {}

    def look(address: str | None) -> Currency:
        if address not in found:
            found[address] = _currency(alliance, address)
        return found[address]

    return look


def _currency(alliance: Alliance, address: str | None) -> Currency:
    if address is None:
        listed = alliance.currencies()
        if len(listed) != 1:
            which = ", ".join(listed) or "none"
            raise SymbolonError(f"say which settlement currency; listed are: {which}")
        (address,) = listed
    if not deployment.code_at(address):
        raise SymbolonError(f"there is no contract at {address}: check the currency's address")
    return Currency(address)


def account_at(address: str) -> AccountAPI | None:
    """The account of Ape with that address; well-known ones count where nothing is at stake."""
    manager = Ape.account_manager
    own = next((each for each in manager if each.address == address), None)
    if own is not None or not calls.is_rehearsal(Ape.provider):
        return own
    return next((each for each in manager.test_accounts if each.address == address), None)


def signer_at(address: str) -> ApeSigner | None:
    """Who signs for an address, if its key is here."""
    account = account_at(address)
    return None if account is None else ApeSigner(account)


def gas_price() -> int:
    """What a gas costs now, in wei."""
    with calls.node() as web3:
        return int(web3.eth.gas_price)


def short_of_ether(outcomes: Sequence[Outcome], price: int) -> list[tuple[Account, int, int]]:
    """Who cannot pay for its gas: what it holds and what it needs, in wei."""
    found = []
    for account, gas in gas_by_signer(outcomes).items():
        with calls.node() as web3:
            held = int(web3.eth.get_balance(to_checksum_address(account.address)))
        if held < gas * price:
            found.append((account, held, gas * price))
    return found
