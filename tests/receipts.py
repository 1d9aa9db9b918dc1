"""Blocks of receipts as a node tells them, of a small alliance: two brands and two members."""

from __future__ import annotations

from typing import Any

from symbolon.demo.ledger import TRANSFER, Desks
from symbolon.demo.plan import Brand
from symbolon.rpc import Node

TOKENS = {69: "0x" + "A1" * 20, 2: "0x" + "b2" * 20}
DESKS = Desks(redemptions="0x" + "Dd" * 20, orders="0x" + "Ee" * 20, bonds="0x" + "Cc" * 20)
MEMBERS = {10: "0x" + "0A" * 20, 11: "0x" + "0b" * 20}
ALLIANCE = [
    Brand(number, name, symbol, "things", 1, 10, 20, 30)
    for number, name, symbol in [(69, "Store's own brand", "OWN"), (2, "Brand 2", "B2")]
]


def topic(address: str) -> str:
    return "0x" + "00" * 12 + address[2:].lower()


def mint(brand: int, household: int, units: int, origin: str = "0x" + "00" * 20) -> dict[str, Any]:
    return {
        "address": TOKENS[brand].lower(),
        "topics": [TRANSFER, topic(origin), topic(MEMBERS.get(household, "0x" + "ee" * 20))],
        "data": f"0x{units:064x}",
        "transactionHash": "0xfeed",
    }


def receipt(gas: int, logs: list[dict[str, Any]], status: str = "0x1") -> dict[str, Any]:
    return {
        "status": status,
        "blockNumber": "0x1",
        "transactionHash": "0xfeed",
        "gasUsed": hex(gas),
        "logs": logs,
    }


class Chain(Node):
    """Blocks of receipts at their times, as a node tells them."""

    def __init__(self, blocks: list[tuple[int, list[dict[str, Any]]]]) -> None:
        super().__init__("http://nowhere.invalid")
        self.blocks = blocks

    def ask(self, method: str, *params: object) -> Any:
        timestamp, receipts = self.blocks[int(str(params[0]), 16)]
        return {"eth_getBlockReceipts": receipts, "eth_getBlockByNumber": {"timestamp": hex(timestamp)}}[
            method
        ]
