"""The formula of `uniswap` against Uniswap v2's published bytecode, on an EVM in this process.

A pair takes a trade if the product of its reserves does not fall. So that the formula gives the most that
can be taken, exactly, is seen from the pair itself: it gives that, and refuses one base unit more. Its router
says what it would give; that must be the same number.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from eth_abi.abi import decode, encode
from pyrevm import EVM

from bench import artefacts
from bench.chain import MeasurementError, calldata
from bench.simulation.uniswap import Pair, amount_out

TRADES = 1_000
_PAIRS = 20
_SEED = 3
_SUPPLY = 10**30
_TRADER = "0x" + "11" * 20
_NOBODY = "0x" + "00" * 20


@dataclass(frozen=True)
class Trade:
    """What a pair gave: `out` of a token of which it held `wanted`, for `amount` of one of which it held
    `held`.
    """

    amount: int
    held: int
    wanted: int
    out: int


class Uniswap:
    """Factory, router and test tokens of the packages, deployed."""

    def __init__(self) -> None:
        self._evm = EVM(gas_limit=30_000_000, spec_id="PRAGUE")
        code = artefacts.uniswap_v2
        owner = encode(["address"], [_TRADER])
        self._factory = self._deploy(code("v2-core", "UniswapV2Factory") + owner)
        places = encode(["address", "address"], [self._factory, _NOBODY])
        self._router = self._deploy(code("v2-periphery", "UniswapV2Router02") + places)

    def pair(self, tokens: int, money: int) -> DeployedPair:
        """A new pair with such reserves."""
        token = artefacts.uniswap_v2("v2-core", "ERC20") + encode(["uint256"], [_SUPPLY])
        made = [self._deploy(token), self._deploy(token)]
        self.call(self._factory, "createPair(address,address)", *made)
        address = self.read(self._factory, "getPair(address,address)", "address", *made)
        made.sort(key=lambda each: int(each, 16))
        deployed = DeployedPair(self, address, (made[0], made[1]))
        deployed.fill(tokens, money)
        return deployed

    def amount_out(self, amount: int, held: int, wanted: int) -> int:
        """What the router says."""
        call = "getAmountOut(uint256,uint256,uint256)"
        return int(self.read(self._router, call, "uint256", amount, held, wanted))

    def call(self, to: str, signature: str, *arguments: object) -> bytes:
        """Call something; RuntimeError where it is refused."""
        return bytes(self._evm.message_call(_TRADER, to, calldata=calldata(signature, *arguments)))

    def read(self, to: str, signature: str, returns: str, *arguments: object) -> str:
        """First value that a call returns."""
        return str(decode([returns], self.call(to, signature, *arguments))[0])

    def _deploy(self, creation: bytes) -> str:
        return str(self._evm.deploy(_TRADER, creation))


@dataclass
class DeployedPair:
    """A pair of two tokens; the first counts as the brand's, the second as money."""

    uniswap: Uniswap
    address: str
    tokens: tuple[str, str]

    def fill(self, first: int, second: int) -> None:
        """Give it its reserves."""
        for token, amount in zip(self.tokens, (first, second), strict=True):
            self.uniswap.call(token, "transfer(address,uint256)", self.address, amount)
        self.uniswap.call(self.address, "mint(address)", _TRADER)

    def trade(self, amount: int, out: int, *, sell: bool) -> bool:
        """Bring the first token, or the second, and take so much of the other; False where it is refused."""
        self.uniswap.call(self.tokens[not sell], "transfer(address,uint256)", self.address, amount)
        taken = (0, out) if sell else (out, 0)
        try:
            self.uniswap.call(self.address, "swap(uint256,uint256,address,bytes)", *taken, _TRADER, b"")
        except RuntimeError:
            return False
        return True

    def take_back(self) -> None:
        """Take what was brought and not traded."""
        self.uniswap.call(self.address, "skim(address)", _TRADER)

    @property
    def reserves(self) -> Pair:
        """What it holds by its own books."""
        answer = self.uniswap.call(self.address, "getReserves()")
        first, second, _ = decode(["uint112", "uint112", "uint32"], answer)
        return Pair(first, second)


def check(trades: int = TRADES) -> list[Trade]:
    """Make random trades, of every size, with pairs of every size; MeasurementError where the bytecode does
    anything else than the formula says."""
    dice = random.Random(_SEED)  # noqa: S311 (trades that are the same each run)
    uniswap = Uniswap()
    made = []
    for _ in range(_PAIRS):
        pair = uniswap.pair(_some(dice, 4, 24), _some(dice, 4, 24))
        model = pair.reserves
        for _ in range(trades // _PAIRS):
            sell = dice.random() < 0.5
            held, wanted = (model.tokens, model.money) if sell else (model.money, model.tokens)
            amount = max(1, held * _some(dice, 0, 6) // 10**5)
            out = amount_out(amount, held, wanted)
            _require(uniswap.amount_out(amount, held, wanted) == out, "the router says another amount")
            _require(not pair.trade(amount, out + 1, sell=sell), "the pair gives more")
            pair.take_back()
            if out:
                _require(pair.trade(amount, out, sell=sell), "the pair refuses")
                _require((model.sell(amount) if sell else model.buy(amount)) == out, "a pair here differs")
            _require(pair.reserves == model, "reserves differ")
            made.append(Trade(amount, held, wanted, out))
    return made


def _some(dice: random.Random, least: int, most: int) -> int:
    """A number with about so many digits."""
    return int(10 ** dice.uniform(least, most))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise MeasurementError(f"Uniswap v2's bytecode and the formula disagree: {otherwise}.")
