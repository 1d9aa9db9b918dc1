"""What the amounts in a contract's refusal are of, so that people read 12.5 BAKE and not 1250 base units.

A refusal says how much, and seldom of what. That is found out from the call which was refused: from the
contract that it went to, and from the addresses that it names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import requests
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import function_signature_to_4byte_selector
from eth_utils.address import to_checksum_address
from web3.exceptions import Web3Exception

from symbolon.reverts import plainly
from symbolon.units import format_amount

if TYPE_CHECKING:
    from web3 import Web3
    from web3.types import TxParams

_MOST_ASKED = 16  # addresses in a call that are looked at
_LEAST_ADDRESS = 2**128  # what is smaller is an amount, a time or a number, and no address that anybody has


@dataclass(frozen=True)
class Measure:
    """A token or a currency, as far as amounts of it are written."""

    address: str
    symbol: str
    decimals: int

    def text(self, amount: int) -> str:
        """Base units in words."""
        return f"{format_amount(amount, self.decimals)} {self.symbol}"


class Asked:
    """A call that was refused, and what can be found out from it about the refusal's amounts."""

    def __init__(self, web3: Web3, to: str, data: bytes, sender: str = "") -> None:
        """Nothing is asked before `words` needs to know."""
        self._web3, self._to, self._data, self._sender = web3, to, data, sender
        self._known: dict[str, Measure | None] = {}

    def words(self, kind: str, amount: int, facts: Mapping[str, Any]) -> str:
        """An amount of a kind as in `symbolon.reverts.SENTENCES`; in base units if it is not found out."""
        if kind not in self._known:
            self._known[kind] = self._measure(kind, facts)
        measure = self._known[kind]
        return plainly(kind, amount) if measure is None else measure.text(amount)

    def _measure(self, kind: str, facts: Mapping[str, Any]) -> Measure | None:
        if kind == "held":
            return self._held(facts)
        tokens = islice(self._tokens(facts), 1 if kind == "bought" else 0, None)
        token = next(tokens, None)
        return self._money(token) if token and kind == "money" else token

    def _tokens(self, facts: Mapping[str, Any]) -> Iterator[Measure]:
        """The token that the refusal names, or those that the call deals with, in its order."""
        named = [str(facts["token"])] if "token" in facts else [self._to, *_addresses(self._data)]
        for address in list(dict.fromkeys(named))[:_MOST_ASKED]:
            if (measure := self._read(address)) and self._ask(address, "obligationRegistry", "address"):
                yield measure

    def _money(self, token: Measure) -> Measure | None:
        """What the token's brand owes in."""
        registry = self._ask(token.address, "obligationRegistry", "address")
        currency = self._ask(str(registry), "currencyOf", "address", token.address)
        return self._read(str(currency)) if currency else None

    def _held(self, facts: Mapping[str, Any]) -> Measure | None:
        """That of which somebody has just as much as the refusal says, if there is one such thing."""
        measures = []
        for token in self._tokens(facts):
            measures += [token, self._money(token)]
        question, holders, amount = "balanceOf", [facts.get("sender", "")], facts.get("balance")
        if "allowance" in facts:
            question, holders, amount = "allowance", [self._sender, facts["spender"]], facts["allowance"]
        fit = [
            each
            for each in dict.fromkeys(measures)
            if each and self._ask(each.address, question, "uint256", *holders) == amount
        ]
        alone = fit if len(fit) == 1 else [each for each in fit if each.address == self._to]
        return alone[0] if alone else None

    def _read(self, address: str) -> Measure | None:
        decimals = self._ask(address, "decimals", "uint8")
        symbol = None if decimals is None else self._ask(address, "symbol", "string")
        return None if symbol is None else Measure(to_checksum_address(address), symbol, decimals)

    def _ask(self, address: str, method: str, returns: str, *holders: str) -> Any:  # noqa: ANN401 (its answer)
        """What a view says that is given addresses; None where it says nothing that fits."""
        kinds = ["address"] * len(holders)
        data = function_signature_to_4byte_selector(f"{method}({','.join(kinds)})") + encode(kinds, holders)
        call = {"to": to_checksum_address(address), "data": "0x" + data.hex()}
        try:
            return decode([returns], self._web3.eth.call(cast("TxParams", call)))[0]
        except (Web3Exception, ValueError, DecodingError, requests.exceptions.RequestException):
            return None


def _addresses(data: bytes) -> Iterator[str]:
    """What in a call's arguments looks like an address."""
    for at in range(4, len(data) - 31, 32):
        if _LEAST_ADDRESS <= int.from_bytes(data[at : at + 32]) < 2**160:
            yield to_checksum_address(data[at + 12 : at + 32])
