"""Others' exchanges, around plain tokens and around ours: what a pool of brands could be built on instead.

Uniswap's contracts run as published; their own router, where the package has one, beside a small one of ours
(`bench/peers/`) that does only what a member needs. Any two of twenty brands swap through a hub, since pairs
of each with each would be 190.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eth_utils.address import to_checksum_address

from bench import artefacts
from bench.chain import Chain, MeasurementError, Receipt, account
from bench.floors import AMOUNT
from bench.founding import deploy, make_token
from bench.scenarios import TOKEN_NAME, TOKEN_SYMBOL, Contender, Cost

LEAST = AMOUNT * 9 // 10
STOCK = 10_000 * AMOUNT
EVERYTHING = 2**256 - 1
FOREVER = 2**40 - 1
NOBODY = "0x" + "00" * 20
MINT, APPROVE = "mint(address,uint256)", "approve(address,uint256)"
_POOL = "(address,address,uint24,int24,address)"
_FEE, _SPACING, _WIDEST = 3_000, 60, 887_220
_PAR = 1 << 96  # a square root of a price, with 96 bits behind the point

MakeTokens = Callable[[Chain], tuple[str, str, str]]
"""Two tokens and one to be the hub, of each of which the account "member" then has plenty."""


class Exchange(ABC):
    """Where members swap: first and second brand's tokens directly, and through the hub."""

    def __init__(self, chain: Chain, tokens: tuple[str, str, str], router: str) -> None:
        self.chain = chain
        self.first, self.second, self.hub = tokens
        self.router = router
        self.member = account("member")
        for token in tokens:
            chain.call(self.member, token, APPROVE, router, EVERYTHING)

    @abstractmethod
    def swap(self, way: Sequence[str]) -> Receipt:
        """The member swaps `AMOUNT` along these tokens."""

    @abstractmethod
    def provide(self, token: str, other: str, amount: int) -> Receipt:
        """The member adds so much of each."""

    def open(self) -> None:
        """Liquidity everywhere, and a swap each way, so that nothing is new."""
        for token, other in ((self.first, self.second), (self.first, self.hub), (self.hub, self.second)):
            self.provide(token, other, STOCK)
        self.swap([self.first, self.second])
        self.swap([self.first, self.hub, self.second])

    def swap_checked(self, *way: str) -> int:
        """Gas of a swap; fails unless it takes just what is brought and gives something for it."""
        ends = (way[0], way[-1])
        before = [_balance(self.chain, token, self.member) for token in ends]
        gas = self.swap(way).gas
        after = [_balance(self.chain, token, self.member) for token in ends]
        if before[0] - after[0] != AMOUNT or after[1] - before[1] < LEAST:
            raise MeasurementError("A swap did not take what was brought, or gave too little for it.")
        return gas


class SmallV2(Exchange):
    """Uniswap v2's pairs behind the small router."""

    def __init__(self, chain: Chain, tokens: tuple[str, str, str]) -> None:
        deployer = account("deployer")
        factory = chain.deploy(
            deployer, artefacts.uniswap_v2("v2-core", "UniswapV2Factory"), ["address"], deployer
        )
        super().__init__(chain, tokens, self._router(chain, factory))
        self.pairs: dict[frozenset[str], str] = {}
        for token, other in ((self.first, self.second), (self.first, self.hub), (self.second, self.hub)):
            chain.call(deployer, factory, "createPair(address,address)", token, other)
            pair = chain.read(factory, "getPair(address,address)", "address", token, other)
            self.pairs[frozenset((token, other))] = to_checksum_address(pair)

    def swap(self, way: Sequence[str]) -> Receipt:
        """See Exchange."""
        hops = [(self.pairs[frozenset(hop)], _sorted(*hop)[0] == hop[0]) for hop in pairwise(way)]
        call = "swap(address,uint256,uint256,address,uint256,(address,bool)[])"
        order = (way[0], AMOUNT, LEAST, self.member, FOREVER, hops)
        return self.chain.call(self.member, self.router, call, *order)

    def provide(self, token: str, other: str, amount: int) -> Receipt:
        """See Exchange. Near par: what is more of one than of the other is given away."""
        call = "provide(address,address,address,uint256,uint256)"
        pair = self.pairs[frozenset((token, other))]
        order = (pair, *_sorted(token, other), amount, amount)
        return self.chain.call(self.member, self.router, call, *order)

    def _router(self, chain: Chain, _factory: str) -> str:
        return chain.deploy(account("deployer"), artefacts.peer("UniswapRouters", "SmallV2Router"))


class FullV2(SmallV2):
    """Uniswap v2 behind its own router."""

    def swap(self, way: Sequence[str]) -> Receipt:
        """See Exchange."""
        call = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
        return self.chain.call(self.member, self.router, call, AMOUNT, LEAST, way, self.member, FOREVER)

    def provide(self, token: str, other: str, amount: int) -> Receipt:
        """See Exchange."""
        call = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
        order = (token, other, amount, amount, 0, 0, self.member, FOREVER)
        return self.chain.call(self.member, self.router, call, *order)

    def _router(self, chain: Chain, factory: str) -> str:
        creation = artefacts.uniswap_v2("v2-periphery", "UniswapV2Router02")
        return chain.deploy(account("deployer"), creation, ["address", "address"], factory, NOBODY)


class SmallV4(Exchange):
    """Uniswap v4's manager behind the small router."""

    def __init__(self, chain: Chain, tokens: tuple[str, str, str]) -> None:
        deployer = account("deployer")
        manager = chain.deploy(deployer, artefacts.uniswap_v4_manager(), ["address"], deployer)
        creation = artefacts.peer("UniswapRouters", "SmallV4Router")
        super().__init__(chain, tokens, chain.deploy(deployer, creation, ["address"], manager))
        for token, other in ((self.first, self.second), (self.first, self.hub), (self.second, self.hub)):
            chain.call(deployer, manager, f"initialize({_POOL},uint160)", self._pool(token, other), _PAR)

    def swap(self, way: Sequence[str]) -> Receipt:
        """See Exchange."""
        call = f"swap(address,uint256,uint256,address,uint256,{_POOL}[])"
        hops = [self._pool(*hop) for hop in pairwise(way)]
        order = (way[0], AMOUNT, LEAST, self.member, FOREVER, hops)
        return self.chain.call(self.member, self.router, call, *order)

    def provide(self, token: str, other: str, amount: int) -> Receipt:
        """See Exchange. At par and over the whole range, liquidity and amounts are as good as equal."""
        call = f"provide({_POOL},int24,int24,uint256)"
        pool = self._pool(token, other)
        return self.chain.call(self.member, self.router, call, pool, -_WIDEST, _WIDEST, amount)

    def _pool(self, token: str, other: str) -> tuple[str, str, int, int, str]:
        return (*_sorted(token, other), _FEE, _SPACING, NOBODY)


@dataclass(frozen=True)
class Kind:
    """A kind of exchange and what it is called."""

    name: str
    make: Callable[[Chain, tuple[str, str, str]], Exchange]


def everyone() -> list[Contender[Exchange]]:
    """All exchanges, in the order in which they are measured."""
    v2 = f"@uniswap/v2-core {artefacts.version_of('@uniswap/v2-core')}"
    periphery = f"v2-periphery {artefacts.version_of('@uniswap/v2-periphery')}"
    v4 = f"@uniswap/v4-core {artefacts.version_of('@uniswap/v4-core')}"
    kinds = [
        Kind(f"{v2}, small router", SmallV2),
        Kind(f"{v2} with {periphery} Router02", FullV2),
        Kind(f"{v4}, small router", SmallV4),
    ]
    solady = f"solady {artefacts.version_of('solady')} ERC20"
    return [_contender(kind, f"around {solady}", _plain) for kind in kinds] + [
        _contender(kind, OUR_TOKENS, _ours) for kind in kinds
    ]


OUR_TOKENS = "around our tokens"
"""What the name of an exchange ends with that moves our tokens, which is the comparison of like with like."""


def _contender(kind: Kind, around: str, tokens: MakeTokens) -> Contender[Exchange]:
    def set_up(chain: Chain) -> Exchange:
        exchange = kind.make(chain, tokens(chain))
        exchange.open()
        return exchange

    contender = Contender(f"{kind.name}, {around}", set_up)

    @contender.scenario("swap_1_hop")
    def swap(_chain: Chain, exchange: Exchange) -> Cost:
        return Cost(exchange.swap_checked(exchange.first, exchange.second))

    @contender.scenario("swap_20_brands")
    def swap_through_the_hub(_chain: Chain, exchange: Exchange) -> Cost:
        return Cost(exchange.swap_checked(exchange.first, exchange.hub, exchange.second))

    @contender.scenario("provide_liquidity")
    def provide(_chain: Chain, exchange: Exchange) -> Cost:
        return Cost(exchange.provide(exchange.first, exchange.second, AMOUNT).gas)

    return contender


def _plain(chain: Chain) -> tuple[str, str, str]:
    """Solady's tokens, deployed in full: the cheapest to move."""
    owner = account("owner")
    made = [chain.deploy(owner, artefacts.peer("SoladyToken", "SoladyToken")) for _ in range(3)]
    for token in made:
        chain.call(owner, token, "initialize(address,string,string)", owner, TOKEN_NAME, TOKEN_SYMBOL)
        chain.call(owner, token, MINT, account("member"), 4 * STOCK)
    return made[0], made[1], made[2]


def _ours(chain: Chain) -> tuple[str, str, str]:
    """Two brands' tokens, with the settlement currency as the hub."""
    suite, minter = deploy(chain), account("manager")
    first, second = (make_token(chain, suite, account("brand", number), minter) for number in range(2))
    hub = suite["MockDollar"]
    for token in (first, second, hub):
        chain.call(minter, token, MINT, account("member"), 4 * STOCK)
    return first, second, hub


def _sorted(token: str, other: str) -> tuple[str, str]:
    """As exchanges name a pair."""
    return (token, other) if int(token, 16) < int(other, 16) else (other, token)


def _balance(chain: Chain, token: str, of: str) -> int:
    return int(chain.read(token, "balanceOf(address)", "uint256", of))
