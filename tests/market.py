"""The bakery sells to groups and to those who bargain: its commands, files, and who comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ape import accounts
from commands import Outcome, run

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.brands import Roles
from symbolon.deployment import List
from symbolon.tokens import Token

if TYPE_CHECKING:
    from ape_test.accounts import TestAccount

    from symbolon.anvil import Anvil

OPERATOR, BRAND, MANAGER, MEMBER, PARTNER, INTRUDER, ARBITER = (
    f"TEST::{number}" for number in (0, 1, 2, 3, 4, 5, 7)
)
FRIENDS = tuple(f"TEST::{number}" for number in range(8, 14))
DAY = 86_400

Do = Callable[..., Outcome]


def account(alias: str) -> TestAccount:
    found: TestAccount = accounts.test_accounts[int(alias.removeprefix("TEST::"))]
    return found


def address(alias: str) -> str:
    return str(account(alias).address)


@dataclass(frozen=True)
class Market:
    """The bakery, with dollars and a manager, and members who each have 2,000 BAKE and 100 dollars."""

    alliance: Alliance
    token: Token
    folder: Path
    node: str

    @classmethod
    def open(cls, alliance: Alliance, chain: Anvil, token: Token, folder: Path) -> Market:
        brand, manager = account(BRAND), account(MANAGER)
        token.brand.set_manager(manager, Roles.FULFIL | Roles.CAMPAIGN, sender=brand)
        alliance.set_listed(List.ARBITER, address(ARBITER), True, sender=account(OPERATOR))
        token.grant_quota(manager, 20_000_00, sender=brand)
        for each in (MEMBER, PARTNER, *FRIENDS):
            token.mint(address(each), 2_000_00, sender=manager)
            calls.transact(manager, alliance.mock_dollar, "mint", address(each), 100_000_000)
        calls.transact(brand, alliance.mock_dollar, "mint", brand.address, 100_000_000)
        return cls(alliance, token, folder, chain.url)

    def __call__(self, name: str, *arguments: str, by: str = "") -> Outcome:
        signer = ("--account", by) if by else ()
        return run(name, *arguments, "--network", f"ethereum:local:{self.node}", *signer)

    def file(self, text: str, name: str = "deals.yaml") -> str:
        """A file of that content; where it says ARBITER, its address."""
        path = self.folder / name
        path.write_text(text.replace("ARBITER", f'"{address(ARBITER)}"'))
        return str(path)

    def held(self, alias: str) -> int:
        return self.token.balance_of(address(alias))

    def money(self, alias: str) -> int:
        return self.token.currency.balance_of(address(alias))
