"""Three brands of one town whose tokens have different decimals, and members who swap them in one pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ape import accounts
from shop import wait

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.bonds import Purse
from symbolon.brands import Roles
from symbolon.obligations import DAY, Terms
from symbolon.pools import Bounds, Pool, Rules
from symbolon.tokens import Token

if TYPE_CHECKING:
    from ape_test.accounts import TestAccount

TOKENS = (("BAKE", 2, 10_000), ("STAR", 0, 500_000), ("BOOK", 18, 50_003))
"""Symbol, decimals and par value; the last is such that next to no amount of it is a whole unit of money."""

WORTH = 200_000_000
"""What each brand provides, may take in, and lays down, in currency base units."""

PERIOD, PAYMENT = 30 * DAY, 14 * DAY
NOTICE = 14 * DAY + 60
BOND_BPS = 100


@dataclass
class Town:
    """Brands' admins, who settle for them, and members."""

    alliance: Alliance
    tokens: tuple[Token, ...]
    id: bytes
    operator: TestAccount
    steward: TestAccount
    admins: tuple[TestAccount, ...]
    members: tuple[TestAccount, ...]
    treasury: TestAccount
    intruder: TestAccount

    @classmethod
    def found(cls, alliance: Alliance) -> Town:
        """Everything up to the first swap: a pool, its brands, and members with tokens."""
        operator, *others = accounts.test_accounts[:10]
        admins, members, (steward, treasury, intruder) = others[:3], others[3:6], others[6:]
        alliance.pools.set_alliance_fee(500, treasury, sender=operator)
        rules = Rules(alliance.currencies()[0], PERIOD, PAYMENT)
        pool = alliance.pools.create("town", rules, sender=steward)
        tokens = []
        for (symbol, decimals, par_value), admin in zip(TOKENS, admins, strict=True):
            brand = alliance.brands.register(symbol, sender=admin)
            brand.admit(sender=operator)
            token = brand.create_token(f"{symbol} points", symbol, decimals, sender=admin)
            terms = Terms.of_document(symbol.encode(), bond_bps=BOND_BPS)
            token.oblige(rules.currency, par_value, 10**7 * 10**decimals, terms, sender=admin)
            amount = worth(token)
            bounds = Bounds(amount, 2 * amount, base_fee=2_000, fee_slope=20_000)
            alliance.pools.announce(pool, token, bounds, sender=steward)
            tokens.append(token)
        town = cls(
            alliance,
            tuple(tokens),
            pool.id,
            operator,
            steward,
            tuple(admins),
            tuple(members),
            treasury,
            intruder,
        )
        calls.transact(intruder, alliance.mock_dollar, "mint", intruder.address, 10 * WORTH)
        wait(NOTICE)
        for token, admin in zip(tokens, admins, strict=True):
            town._join(token, admin)
        return town

    def _join(self, token: Token, admin: TestAccount) -> None:
        alliance, amount = self.alliance, worth(token)
        calls.transact(admin, alliance.mock_dollar, "mint", admin.address, 10 * WORTH)
        alliance.pools.join(self.id, token, sender=admin)
        alliance.bonds.deposit(token, Purse.SETTLEMENT, WORTH, sender=admin)
        alliance.bonds.allot_to_pool(token, self.id, WORTH, sender=admin)
        token.brand.set_manager(admin, Roles.FULFIL | Roles.CAMPAIGN | Roles.SETTLE, sender=admin)
        token.grant_quota(admin, 8 * amount, sender=admin)
        for holder in (admin, *self.members):
            token.mint(holder, 2 * amount, sender=admin)
        alliance.swaps.provide(self.id, token, amount, sender=admin)

    @property
    def pool(self) -> Pool:
        """The pool as it is now."""
        return self.alliance.pools.look(self.id)

    def admin_of(self, token: Token) -> TestAccount:
        """Who decides for its brand."""
        return self.admins[self.tokens.index(token)]

    def money_of(self, account: TestAccount) -> int:
        """What an account holds of the currency."""
        return self.pool.currency.balance_of(account)


def worth(token: Token) -> int:
    """Base units of a token that are worth `WORTH`, rounded down."""
    obligation = token.obligation
    assert obligation is not None
    amount: int = WORTH * 10**token.decimals // obligation.par_value
    return amount
