"""Our scenarios of buying together: members take seats, anybody closes, surplus and refunds are fetched."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from bench.chain import Chain, MeasurementError, Receipt, account
from bench.floors import AMOUNT
from bench.founding import SET_LISTED
from bench.ordering import COMPENSATION, COMPENSATIONS, DAY, SEND
from bench.redeeming import FOREVER
from bench.scenarios import Contender, Cost, TokenWorld
from symbolon.codes import label_bytes
from symbolon.deployment import List

_CONDITIONS = "(uint96,uint96,uint40,uint40,uint8,uint8,uint96,address,bytes32)"
_PLAN = "(uint16,uint16,uint32,uint32,uint32)"
_PUBLISH = f"publishDeal(address,address,bytes32,{_CONDITIONS},{_PLAN},(uint16,uint96)[],bytes32,string)"
_REQUEST = "(bytes32,uint256,uint256,address,address,uint256)"
_SEAT = "(address,bytes32,address,uint32,uint96,uint96,address,address)"
_PAY = 0
NOBODY = "0x" + "00" * 20

DEAL = label_bytes("coffee")
GROUP = (int.from_bytes(DEAL) + 1).to_bytes(32)
TENTH = AMOUNT // 10
TIERS = ((1, 10), (2, 8), (9, 6))
"""From how many seats on one costs how many tenths of the dearest price."""
DAYS, STAKE_PERCENT, DURATION = 10, 10, 10 * DAY
DOLLARS = 5_000_000


@dataclass(frozen=True)
class Gathering:
    """An open group in which the token's holder has a seat at the dearest price.

    Attributes:
        world: where.
        part: token base units in a part of the price: one where tokens are all that is paid.
        compensation: what a seat reserves.
        arbiter: who would decide disputes.
    """

    world: TokenWorld
    part: int
    compensation: int
    arbiter: str

    @property
    def escrow(self) -> str:
        """The contract."""
        return self.world.suite["GroupPurchaseEscrow"]

    def join(self, chain: Chain, member: str, top_tier: int = 0, group: bytes = GROUP) -> Receipt:
        """A member takes a seat with tokens; dollars, if there are any, are taken from its allowance."""
        request = (group, 1, top_tier, NOBODY, NOBODY, self.compensation)
        data = encode(["uint8", _REQUEST], [_PAY, request])
        return chain.call(member, self.world.token, SEND, self.escrow, TIERS[top_tier][1] * TENTH, data)

    def withdraw(self, chain: Chain, member: str, back: int, top_tier: int = 0) -> int:
        """A member fetches so many tenths; returns the gas."""
        held = self.world.balance(chain, member)
        deposit = TIERS[top_tier][1] * TENTH // self.part
        seat = (self.world.token, GROUP, member, 1, deposit, self.compensation, self.arbiter, NOBODY)
        gas = chain.call(member, self.escrow, f"withdraw({_SEAT})", seat).gas
        if self.world.balance(chain, member) != held + back * TENTH:
            raise MeasurementError("A member did not get back just what is over.")
        return gas

    def close(self, chain: Chain) -> int:
        """Anybody writes down how it ended; returns the gas."""
        chain.wait(DURATION)
        what = (self.world.token, GROUP)
        return chain.call(account("relay"), self.escrow, "close(address,bytes32)", *what).gas


def add_grouping(contender: Contender[TokenWorld]) -> None:
    """Scenarios of buying together."""
    contender.scenario("group_join")(_join)
    contender.scenario("group_close")(_close)
    contender.scenario("group_refund")(_refund)
    contender.scenario("group_withdraw")(_withdraw)


def _join(chain: Chain, world: TokenWorld) -> Cost:
    """A member joins a group that somebody else has opened."""
    gas = {}
    for way, compensation, dollars in (
        ("nothing_reserved", 0, 0),
        ("with_compensation", COMPENSATION, 0),
        ("half_in_dollars", 0, DOLLARS),
    ):
        before = chain.snapshot()
        gathering = _open(chain, world, compensation, dollars)
        held = world.balance(chain, world.member)
        gas[way] = gathering.join(chain, world.member).gas
        if world.balance(chain, world.member) != held - AMOUNT:
            raise MeasurementError("A member did not pay exactly its deposit.")
        chain.revert(before)
    return Cost(min(gas.values()), gas)


def _close(chain: Chain, world: TokenWorld) -> Cost:
    gathering = _open(chain, world)
    gathering.join(chain, world.member)
    return Cost(gathering.close(chain))


def _withdraw(chain: Chain, world: TokenWorld) -> Cost:
    """A member who named the dear price fetches what is more than the price reached."""
    gathering = _open(chain, world)
    gathering.join(chain, world.member)
    gathering.close(chain)
    return Cost(gathering.withdraw(chain, world.member, TIERS[0][1] - TIERS[1][1]))


def _refund(chain: Chain, world: TokenWorld) -> Cost:
    """A member whose top price was not reached fetches everything."""
    gathering = _open(chain, world)
    gathering.join(chain, world.member, top_tier=2)
    gathering.close(chain)
    return Cost(gathering.withdraw(chain, world.member, TIERS[2][1], top_tier=2))


def _open(chain: Chain, world: TokenWorld, compensation: int = 0, dollars: int = 0) -> Gathering:
    """A deal, and a group that the token's holder has opened with a seat."""
    admin, arbiter = account("admin"), account("arbiter")
    escrow, currency = world.suite["GroupPurchaseEscrow"], world.suite["MockDollar"]
    brands = world.suite["BrandRegistry"]
    chain.call(account("alliance"), brands, SET_LISTED, int(List.ARBITER), arbiter, True)
    part = TENTH if dollars else 1
    price = (part, dollars // TIERS[0][1], 0, FOREVER)
    conditions = (*price, DAYS, STAKE_PERCENT, compensation, arbiter, bytes(32))
    plan = (1_000, 10, 100, DURATION, DAY)
    terms = (keccak(b"deal"), "ipfs://deal")
    deals = world.suite["GroupDeals"]
    tiers = [(seats, tenths * TENTH // part) for seats, tenths in TIERS]
    chain.call(admin, deals, _PUBLISH, escrow, world.token, DEAL, conditions, plan, tiers, *terms)
    if compensation:
        fund = 1_000 * compensation
        bonds = world.suite["Bonds"]
        chain.call(admin, currency, "mint(address,uint256)", admin, fund)
        chain.call(admin, currency, "approve(address,uint256)", bonds, fund)
        chain.call(admin, bonds, "deposit(address,uint8,uint256)", world.token, COMPENSATIONS, fund)
        chain.call(
            admin,
            bonds,
            "allot(address,uint8,address,uint256,bytes)",
            *(world.token, COMPENSATIONS, escrow, fund, DEAL),
        )
    if dollars:
        for person in (world.holder, world.member):
            chain.call(person, currency, "mint(address,uint256)", person, 10 * dollars)
            chain.call(person, currency, "approve(address,uint256)", escrow, 10 * dollars)
    gathering = Gathering(world, part, compensation, arbiter)
    gathering.join(chain, world.holder, group=DEAL)
    return gathering
