"""A brand on the reference model, that keeps to its own rules, and what it takes to buy from it.

Everything is counted in base units of the brand's tokens, at par: a unit of money is one of tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from symbolon.addresses import keccak
from symbolon.reference import Address, Addresses, World
from symbolon.reference.brands import List
from symbolon.reference.contract import DAY, ZERO
from symbolon.reference.currency import Currency
from symbolon.reference.eip712 import Signature
from symbolon.reference.obligations import Terms as Obligation
from symbolon.reference.token import LoyaltyToken

_T = TypeVar("_T")

START = 1_750_000_000
PLENTY = 2**60
"""What there is of everything."""

ALLIANCE, BRAND, TILL, ATTESTER, CROWD = (
    keccak(name.encode())[:20] for name in ("alliance", "brand", "till", "attester", "crowd")
)


def address(name: str) -> Address:
    """Of somebody or something of that name."""
    return keccak(name.encode())[:20]


class Scene:
    """A brand with a token that is redeemed at a till, and the same again for a second token.

    The crowd has plenty of tokens and sells them at par to whoever wants some.
    """

    def __init__(self) -> None:
        places = {name: address(name) for name in Addresses.__dataclass_fields__}
        self.world = World(Addresses(**places | {"alliance": ALLIANCE}), chain_id=1, now=START)
        world = self.world
        currency = world.add(Currency(world, address("dollar")))
        for kind, account in (
            (List.OBLIGATION_REGISTRY, world.obligations.address),
            (List.REDEMPTION_DESK, world.desk.address),
            (List.MODULE, world.orders.address),
            (List.MODULE, world.referrals.address),
            (List.MODULE, world.campaigns.address),
            (List.MODULE, world.consents.address),
            (List.ARBITER, ALLIANCE),
            (List.CURRENCY, currency.address),
        ):
            self.do(world.brands.set_listed, ALLIANCE, int(kind), account, True)
        self.do(currency.mint, TILL, TILL, PLENTY)
        self.do(currency.approve, TILL, world.desk.address, PLENTY)
        brand_id = self.do(world.brands.register, BRAND, bytes(32), ZERO, "")
        self.do(world.brands.admit, ALLIANCE, brand_id)
        self.tokens = [self._found(brand_id, currency, name) for name in ("Points", "Stars")]

    def do(self, method: Callable[..., _T], sender: Address, *arguments: Any) -> _T:  # noqa: ANN401
        """A call of somebody's. Raises RevertError."""
        return self.world.call(method, sender, *arguments)

    def wait(self, days: int) -> None:
        """Let days pass."""
        self.world.now += days * DAY

    def _found(self, brand_id: bytes, currency: Currency, name: str) -> LoyaltyToken:
        world = self.world
        registry, desk = world.obligations.address, world.desk.address
        facts = (brand_id, registry, desk, name, name.upper(), 2)
        token = world.token(self.do(world.factory.create_token, BRAND, *facts))
        obligation = Obligation(keccak(b"terms"), 30 * DAY, 0, "")
        terms = (token.address, currency.address, 1, 4 * PLENTY, obligation)
        self.do(world.obligations.oblige, BRAND, *terms)
        self.do(token.grant_quota, BRAND, BRAND, PLENTY)
        self.do(token.mint, BRAND, CROWD, PLENTY)
        self.do(world.desk.set_till, BRAND, token.address, TILL, True)
        return token


def signed(signer: Address, digest: bytes) -> Signature:
    """What `signer` says with its key."""
    return Signature(signer, digest)
