"""Our scenarios of redemption to order: members order, the brand delivers or does not."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from bench.chain import Chain, MeasurementError, Receipt, account, accounts
from bench.floors import AMOUNT
from bench.founding import SET_LISTED
from bench.redeeming import CREATE_OFFER, FOREVER, NO_LIMIT
from bench.scenarios import Contender, Cost, TokenWorld
from symbolon.codes import label_bytes
from symbolon.deployment import List

SEND = "transferAndCall(address,uint256,bytes)"
REQUEST = "(bytes32,uint256,uint256,uint256,bytes32)"
ORDER = "(address,bytes32,uint256,address,uint32,uint96,uint96,uint96,address,uint40,bytes32)"
FULFIL = "fulfil(address,bytes32,uint256[])"

MEMBERS = 100
"""How many a batch serves."""
DAYS, STAKE_PERCENT, COMPENSATION = 10, 10, 5_000_000
DAY = 24 * 3600
COMPENSATIONS = 2
"""The bond's purse for compensations, as the bonds number it."""


@dataclass(frozen=True)
class Mailroom:
    """One offer to order, whose orders are numbered from zero."""

    world: TokenWorld
    offer_id: bytes
    arbiter: str
    compensation: int

    def order(self, chain: Chain, member: str) -> Receipt:
        """A member orders one unit."""
        request = (self.offer_id, 1, 1, self.compensation, label_bytes("A-1047"))
        data = encode(["uint8", REQUEST], [0, request])
        return chain.call(member, self.world.token, SEND, self.world.suite["Orders"], AMOUNT, data)

    def fulfil(self, chain: Chain, numbers: list[int]) -> Receipt:
        """The brand says that it delivered."""
        return chain.call(
            account("admin"), self.world.suite["Orders"], FULFIL, self.world.token, self.offer_id, numbers
        )

    def facts(self, number: int, member: str, opened_at: int) -> tuple[object, ...]:
        """What an order says."""
        stake = AMOUNT * STAKE_PERCENT // 100
        money = (AMOUNT, self.compensation, stake)
        placed = (self.world.token, self.offer_id, number, member, 1, *money, self.arbiter, opened_at)
        return (*placed, label_bytes("A-1047"))

    def claim(self, chain: Chain, number: int, member: str, opened_at: int) -> Receipt:
        """Anybody ends an order that was not delivered."""
        facts = self.facts(number, member, opened_at)
        return chain.call(account("relay"), self.world.suite["Orders"], f"claim({ORDER})", facts)


def add_ordering(contender: Contender[TokenWorld]) -> None:
    """Scenarios of redeeming to order."""
    contender.scenario("redeem_order_open")(_order)
    contender.scenario("redeem_order_fulfil")(_fulfil)
    contender.scenario("redeem_order_fulfil_batch_100")(_fulfil_many)
    contender.scenario("redeem_order_refund")(_refund)


def deliver(chain: Chain, world: TokenWorld, member: str) -> tuple[object, ...]:
    """Have a member who holds enough order something and confirm it; returns the facts of the order."""
    mailroom = _open(chain, world, compensation=0)
    mailroom.order(chain, member)
    facts = mailroom.facts(0, member, chain.now())
    mailroom.fulfil(chain, [0])
    chain.call(member, world.suite["Orders"], f"confirm({ORDER})", facts)
    return facts


def _order(chain: Chain, world: TokenWorld) -> Cost:
    """A member who has ordered before, at an offer with a member limit and at one without."""
    gas = {}
    for way, member_limit in (("member_limit", 10), ("no_member_limit", NO_LIMIT)):
        before = chain.snapshot()
        mailroom = _open(chain, world, member_limit)
        mailroom.order(chain, world.member)
        held = world.balance(chain, world.member)
        gas[way] = mailroom.order(chain, world.member).gas
        if world.balance(chain, world.member) != held - AMOUNT:
            raise MeasurementError("A member did not pay exactly one unit.")
        chain.revert(before)
    return Cost(min(gas.values()), gas)


def _fulfil(chain: Chain, world: TokenWorld) -> Cost:
    mailroom = _open(chain, world)
    mailroom.order(chain, world.member)
    mailroom.order(chain, world.member)
    return Cost(mailroom.fulfil(chain, [1]).gas)


def _fulfil_many(chain: Chain, world: TokenWorld) -> Cost:
    mailroom = _open(chain, world)
    for member in accounts("orders", MEMBERS):
        chain.call(world.minter, world.token, "mint(address,uint256)", member, AMOUNT)
        mailroom.order(chain, member)
    return Cost(math.ceil(mailroom.fulfil(chain, list(range(MEMBERS))).gas / MEMBERS))


def _refund(chain: Chain, world: TokenWorld) -> Cost:
    """A member who still holds tokens gets an order's back: with nothing reserved, and with compensation."""
    gas = {}
    for way, compensation in (("nothing_reserved", 0), ("with_compensation", COMPENSATION)):
        before = chain.snapshot()
        mailroom = _open(chain, world, compensation=compensation)
        opened = []
        for _ in range(2):
            mailroom.order(chain, world.member)
            opened.append(chain.now())
        chain.wait(DAYS * DAY)
        for number, opened_at in enumerate(opened):  # the second time, the member was owed money before
            held = world.balance(chain, world.member)
            gas[way] = mailroom.claim(chain, number, world.member, opened_at).gas
            if world.balance(chain, world.member) != held + AMOUNT:
                raise MeasurementError("A member did not get back what was paid.")
        chain.revert(before)
    return Cost(min(gas.values()), gas)


def _open(
    chain: Chain, world: TokenWorld, member_limit: int = NO_LIMIT, compensation: int = COMPENSATION
) -> Mailroom:
    """An offer to order with money for compensations behind it."""
    admin, alliance, arbiter = account("admin"), account("alliance"), account("arbiter")
    registry, currency = world.suite["BrandRegistry"], world.suite["MockDollar"]
    offer_id = label_bytes("mug")
    chain.call(alliance, registry, SET_LISTED, int(List.ARBITER), arbiter, True)
    conditions = (AMOUNT, 1_000_000, member_limit, 0, FOREVER, DAYS, STAKE_PERCENT, compensation, arbiter)
    chain.call(
        admin,
        world.suite["Orders"],
        CREATE_OFFER,
        world.token,
        offer_id,
        conditions,
        keccak(b"offer"),
        "ipfs://offer",
    )
    if compensation:
        fund = 1_000 * compensation
        chain.call(admin, currency, "mint(address,uint256)", admin, fund)
        chain.call(admin, currency, "approve(address,uint256)", world.suite["Bonds"], fund)
        chain.call(
            admin, world.suite["Bonds"], "deposit(address,uint8,uint256)", world.token, COMPENSATIONS, fund
        )
        chain.call(
            admin,
            world.suite["Bonds"],
            "allot(address,uint8,address,uint256,bytes)",
            world.token,
            COMPENSATIONS,
            world.suite["Orders"],
            fund,
            offer_id,
        )
    return Mailroom(world, offer_id, arbiter, compensation)
