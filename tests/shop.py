"""A shop of the bakery's: a till, an offer, and a member with tokens who comes to the counter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ape import accounts, chain

from symbolon import calls
from symbolon.alliance import Alliance
from symbolon.brands import Roles
from symbolon.codes import Code, OfferRedemption
from symbolon.obligations import SHORTEST_NOTICE, Terms
from symbolon.offers import Change, Conditions, Document
from symbolon.redemptions import Redeemed
from symbolon.tokens import Token

if TYPE_CHECKING:
    from ape_test.accounts import TestAccount

DAY = 86_400
PRICE = 2_50
HELD = 20_00
CAPACITY = 1_000_000_00
PAR_VALUE = 10_000  # a cent, in a currency of six decimals
OFFER = "croissant"
DOCUMENT = Document.of(b"A croissant, fresh from the oven.", "https://bakery.example/croissant")


@dataclass
class Shop:
    """The bakery's shop, and who comes to it."""

    alliance: Alliance
    token: Token
    conditions: Conditions
    operator: TestAccount
    brand: TestAccount
    manager: TestAccount
    till: TestAccount
    member: TestAccount
    partner: TestAccount
    intruder: TestAccount

    @classmethod
    def open(cls, alliance: Alliance) -> Shop:
        """Everything up to the opening of the doors."""
        operator, brand, manager, till, member, partner, intruder = accounts.test_accounts[:7]
        bakery = alliance.brands.register("bakery", sender=brand)
        bakery.admit(sender=operator)
        bakery.set_manager(manager, Roles.FULFIL | Roles.CAMPAIGN, sender=brand)
        token = bakery.create_token("Bakery Points", "BAKE", 2, sender=brand)
        terms = Terms.of_document(b"Worth a cent each in our shops.")
        token.oblige(alliance.currencies()[0], PAR_VALUE, CAPACITY, terms, sender=brand)
        token.grant_quota(manager, CAPACITY, sender=brand)
        token.mint(member, HELD, sender=manager)
        now = calls.now()
        conditions = Conditions(PRICE, stock=10, member_limit=4, opens_at=now, closes_at=now + 60 * DAY)
        alliance.offers.create(token, OFFER, conditions, DOCUMENT, sender=manager)
        alliance.redemptions.set_till(token, till, sender=manager)
        return cls(alliance, token, conditions, operator, brand, manager, till, member, partner, intruder)

    @property
    def held(self) -> int:
        """What the member holds."""
        return self.token.balance_of(self.member)

    def wish(self, quantity: int = 1, **changes: object) -> OfferRedemption:
        """What the member asks for, as it is or with something else in it."""
        wish = self.alliance.redemptions.of_offer(
            self.token, OFFER, quantity, member=self.member, till=self.till
        )
        return replace(wish, **changes)  # type: ignore[arg-type]

    def sign(self, quantity: int = 1, **changes: object) -> Code:
        """The same, signed by the member."""
        return self.alliance.redemptions.sign(self.wish(quantity, **changes), self.member)

    def sign_at_par(self, amount: int, order: str = "basket 4711", **changes: object) -> Code:
        """The member's code for shop credit."""
        wish = self.alliance.redemptions.at_par(self.token, amount, order, member=self.member, till=self.till)
        return self.alliance.redemptions.sign(replace(wish, **changes), self.member)  # type: ignore[arg-type]

    def take(self, code: Code) -> Redeemed:
        """The till takes a code."""
        return self.alliance.redemptions.take(code, sender=self.till)

    def change(self, **changes: Any) -> Change:
        """The brand changes the offer's conditions."""
        now = self.alliance.offers.get(self.token, OFFER).conditions
        changed = replace(now, **changes)
        return self.alliance.offers.change(self.token, OFFER, changed, sender=self.manager)

    def wait_for_notice(self) -> None:
        """Until whatever was announced is in force."""
        wait(SHORTEST_NOTICE + 60)


def wait(seconds: int) -> None:
    """Let the chain's time pass."""
    chain.pending_timestamp += seconds
    chain.mine()


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens to the chain meanwhile is undone."""
    snapshot = chain.snapshot()
    try:
        yield
    finally:
        chain.restore(snapshot)
