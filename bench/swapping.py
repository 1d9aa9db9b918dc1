"""Our scenarios of swapping: brands in a pool, members who swap, a period that is closed and paid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from bench.chain import Chain, MeasurementError, account
from bench.floors import AMOUNT
from bench.founding import Suite, make_token
from bench.scenarios import Contender, Cost, TokenWorld

APPROVE = "approve(address,uint256)"
SEND = "transferAndCall(address,uint256,bytes)"
_SWAP = "swap((bytes32,address,address,uint256,uint256,bool,address,uint256))"
_SWAP_MANY = "swapMany((bytes32,address,address,uint256,bool)[],(address,int256)[],address,uint256)"
_CREATE_POOL = "createPool(bytes32,(address,address,uint32,uint32,uint16))"
_JOIN = "joinPool(bytes32,address)"
_NOTICE = 14 * 24 * 3600
_ANNOUNCE = "announceBounds(bytes32,address,(uint96,uint96,uint96,uint24,uint24))"

EVERYTHING = 2**256 - 1
FOREVER = 2**40 - 1
PERIOD, TIME_TO_PAY, LEVERAGE = 30 * 24 * 3600, 14 * 24 * 3600, 100
BASE_FEE, FEE_SLOPE = 2_000, 10_000
BOND = 10**12
"""What a brand lays down, in currency base units: more than its stock is worth, so that the limit binds."""
STOCK = 10_000 * AMOUNT
MANY_SWAPS = 1_000
_A_CALL = 100
_SETTLEMENT = 0
"""The bond's purse for debts to partners, as the bonds number it."""
_ACT_SWAP, _ACT_PROVIDE = 0, 1


@dataclass(frozen=True)
class Fair:
    """A pool of brands; `member` holds some of every brand's tokens."""

    suite: Suite
    pool: bytes
    tokens: Sequence[str]
    member: str

    def swap(self, chain: Chain, token_in: str, token_out: str, *, send: bool = False) -> int:
        """Gas of a member's swap of `AMOUNT`; fails unless it takes just that and gives something.

        By allowance, or with `send` by sending the tokens along.
        """
        swaps, least, who = self.suite["Swaps"], AMOUNT * 9 // 10, self.member
        before = [_balance(chain, token, who) for token in (token_in, token_out)]
        if send:
            act = (_ACT_SWAP, self.pool, token_out, least, False, who, FOREVER)
            data = encode(["uint8", "bytes32", "address", "uint256", "bool", "address", "uint256"], act)
            gas = chain.call(who, token_in, SEND, swaps, AMOUNT, data).gas
        else:
            order = (self.pool, token_in, token_out, AMOUNT, least, False, who, FOREVER)
            gas = chain.call(who, swaps, _SWAP, order).gas
        after = [_balance(chain, token, who) for token in (token_in, token_out)]
        if before[0] - after[0] != AMOUNT or after[1] - before[1] < least:
            raise MeasurementError("A swap did not take what was brought, or gave too little for it.")
        return gas

    def swap_often(self, chain: Chain) -> None:
        """A thousand swaps to and fro between the first two brands' tokens, which leave both in use."""
        first, second = self.tokens[:2]
        there = (self.pool, first, second, AMOUNT, False)
        back = (self.pool, second, first, 0, False)  # all that the step before gave
        movements = [(first, -EVERYTHING >> 2), (second, -EVERYTHING >> 2)]
        for _ in range(MANY_SWAPS // _A_CALL):
            steps = [there, back] * (_A_CALL // 2)
            chain.call(self.member, self.suite["Swaps"], _SWAP_MANY, steps, movements, self.member, FOREVER)

    def swap_all(self, chain: Chain) -> None:
        """Members swap so that every brand of the first half will owe, and every other one be owed."""
        half = len(self.tokens) // 2
        for token_in, token_out in zip(self.tokens[:half], self.tokens[half:], strict=True):
            self.swap(chain, token_in, token_out)

    def close(self, chain: Chain) -> int:
        """Gas of closing the period, which anybody does."""
        chain.wait(PERIOD)
        return chain.call(account("anyone"), self.suite["Swaps"], "close(bytes32)", self.pool).gas


def add_swapping(contender: Contender[TokenWorld]) -> None:
    """Scenarios of pools."""
    contender.scenario("swap_1_hop")(_swap)
    contender.scenario("swap_20_brands")(_swap_among_many)
    contender.scenario("provide_liquidity")(_provide)
    contender.scenario("settle_per_brand")(_settle)


def _swap(chain: Chain, world: TokenWorld) -> Cost:
    """A member swaps between two brands whose tokens were swapped before."""
    fair = _open(chain, world.suite, brands=2)
    gas = {}
    for way in ("allowance", "transfer_and_call"):
        before = chain.snapshot()
        gas[way] = fair.swap(chain, *fair.tokens[:2], send=way == "transfer_and_call")
        chain.revert(before)
    return Cost(min(gas.values()), gas)


def _swap_among_many(chain: Chain, world: TokenWorld) -> Cost:
    """The same whatever else there is: brands in the pool, pools that they are in, swaps before."""
    gas = {}
    for way, brands, pools, often in (
        ("brands_2", 2, 1, False),
        ("brands_20", 20, 1, False),
        ("brands_64", 64, 1, False),
        ("pools_20", 2, 20, False),
        ("after_1000_swaps", 2, 1, True),
    ):
        before = chain.snapshot()
        fair = _open(chain, world.suite, brands, pools)
        if often:
            fair.swap_often(chain)
        gas[way] = fair.swap(chain, fair.tokens[0], fair.tokens[-1], send=True)
        chain.revert(before)
    return Cost(gas["brands_20"], gas)


def _provide(chain: Chain, world: TokenWorld) -> Cost:
    """A brand adds to what it has provided."""
    fair = _open(chain, world.suite, brands=2)
    chain.call(world.minter, fair.tokens[0], "mint(address,uint256)", account("brand"), 2 * AMOUNT)
    return Cost(_provide_some(chain, fair, fair.tokens[0], account("brand"), AMOUNT))


def _settle(chain: Chain, world: TokenWorld) -> Cost:
    """A brand's part of closing a period, in the largest pool; and what paying and taking out cost each."""
    gas = {}
    for brands in (2, 20, 64):
        before = chain.snapshot()
        fair = _open(chain, world.suite, brands)
        fair.swap_all(chain)
        swapped = chain.snapshot()
        gas[f"close_{brands}_brands"] = fair.close(chain)
        if brands == 2:
            gas |= _pay(chain, fair)
        if brands == 64:
            chain.revert(swapped)
            fair.swap_often(chain)
            gas["close_64_brands_after_1000_swaps"] = fair.close(chain)
        chain.revert(before)
    return Cost(math.ceil(gas["close_64_brands"] / 64), gas)


def _pay(chain: Chain, fair: Fair) -> dict[str, int]:
    """The debtor pays and the creditor takes out."""
    debtor, creditor = fair.tokens
    settlements, currency = fair.suite["Settlements"], fair.suite["MockDollar"]
    chain.call(account("brand"), currency, "mint(address,uint256)", account("brand"), BOND)
    chain.call(account("brand"), currency, APPROVE, settlements, EVERYTHING)
    settlement = (fair.suite["Swaps"], fair.pool, 0)
    pay, take = (
        f"{name}(address,bytes32,uint32,address,{last})"
        for name, last in (("pay", "uint256"), ("withdraw", "address"))
    )
    owner = account("brand", 1)
    return {
        "pay": chain.call(account("brand"), settlements, pay, *settlement, debtor, BOND).gas,
        "withdraw": chain.call(owner, settlements, take, *settlement, creditor, owner).gas,
    }


def _open(chain: Chain, suite: Suite, brands: int, pools: int = 1) -> Fair:
    """Brands in a pool, each with tokens and money in it, and a member who has swapped before.

    They are in other pools as well, where there is to be more than one.
    """
    minter, member = account("manager"), account("member")
    with chain.setting_the_scene():
        tokens = [_found(chain, suite, number, minter, member) for number in range(brands)]
        ids = [_create_pool(chain, suite, number, tokens) for number in range(pools)]
    chain.wait(_NOTICE)
    with chain.setting_the_scene():
        for pool in ids:
            for number, token in enumerate(tokens):
                chain.call(account("brand", number), suite["Pools"], _JOIN, pool, token)
        fair = Fair(suite, ids[-1], tokens, member)
        for number, token in enumerate(tokens):
            _join(chain, fair, token, account("brand", number))
    fair.swap(chain, tokens[0], tokens[-1])
    return fair


def _found(chain: Chain, suite: Suite, number: int, minter: str, member: str) -> str:
    """A brand's token, of which member and brand have some."""
    admin = account("brand", number)
    token = make_token(chain, suite, admin, minter)
    for holder in (admin, member):
        chain.call(minter, token, "mint(address,uint256)", holder, STOCK)
    chain.call(member, token, APPROVE, suite["Swaps"], EVERYTHING)
    return token


def _create_pool(chain: Chain, suite: Suite, number: int, tokens: Sequence[str]) -> bytes:
    """A pool that these brands may join after notice."""
    steward, pools = account("steward"), suite["Pools"]
    salt = keccak(b"pool %d" % number)
    rules = (suite["Swaps"], suite["MockDollar"], PERIOD, TIME_TO_PAY, LEVERAGE)
    chain.call(steward, pools, _CREATE_POOL, salt, rules)
    pool: bytes = chain.read(pools, "poolIdOf(address,bytes32)", "bytes32", steward, salt)
    for token in tokens:
        chain.call(steward, pools, _ANNOUNCE, pool, token, (STOCK, 2 * STOCK, 0, BASE_FEE, FEE_SLOPE))
    return pool


def _join(chain: Chain, fair: Fair, token: str, admin: str) -> None:
    """Provide half of what the brand has, and lay money down."""
    _provide_some(chain, fair, token, admin, STOCK // 2)
    currency, bonds = fair.suite["MockDollar"], fair.suite["Bonds"]
    chain.call(admin, currency, "mint(address,uint256)", admin, BOND)
    chain.call(admin, currency, APPROVE, bonds, BOND)
    chain.call(admin, bonds, "deposit(address,uint8,uint256)", token, _SETTLEMENT, BOND)
    fund = (token, _SETTLEMENT, fair.suite["Settlements"], BOND)
    meant_for = encode(["address", "bytes32"], [fair.suite["Swaps"], fair.pool])
    chain.call(admin, bonds, "allot(address,uint8,address,uint256,bytes)", *fund, meant_for)


def _provide_some(chain: Chain, fair: Fair, token: str, admin: str, amount: int) -> int:
    """Gas of a brand's transaction that provides so much."""
    data = encode(["uint8", "bytes32"], [_ACT_PROVIDE, fair.pool])
    return chain.call(admin, token, SEND, fair.suite["Swaps"], amount, data).gas


def _balance(chain: Chain, token: str, of: str) -> int:
    return int(chain.read(token, "balanceOf(address)", "uint256", of))
