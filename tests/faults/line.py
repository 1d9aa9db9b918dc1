"""The line between a client and its node, which does to requests and replies what a schedule says.

A real HTTP proxy. The chain makes blocks as it is looked at, so that a schedule takes the time that its
client takes and no more.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import orjson
from nodes import Answer, Cut, Server

from faults import schedule
from faults.schedule import Fault
from faults.world import World
from symbolon.addresses import keccak

PATIENCE = 0.4
"""Seconds that a client waits for a reply; one that is too slow takes longer."""
_DELAYS = {schedule.REPLY_SLOW: 0.05, schedule.REPLY_TOO_SLOW: PATIENCE * 1.3}

_LAG = 4  # blocks
_NEW_BLOCKS = (0, 1, 1, 2, 3)  # how many a look at the chain finds
_LATE = 6  # requests that come before the late one
_MASK = "Other/v1.0"
_GARBAGE: tuple[bytes, ...] = (
    b"<html><body>Please sign in to the airport's network</body></html>",
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"0x1"',
    b'{"jsonrpc":"2.0","id":0,"resu',
    b'[{"jsonrpc":"2.0","id":99,"result":"0x0"}]',
)
_HOLLOW: tuple[Any, ...] = (None, {}, [], [{}], [None], "", "0x", "0xzz", 7, True, {"blockNumber": "soon"})
_STATUS: dict[str, Answer] = {
    schedule.STATUS_429: (429, b"slow down"),
    schedule.STATUS_503: (503, b"<html>upstream</html>"),
}
_SAID = {
    schedule.NONCE_TOO_LOW: ("nonce too low",),
    schedule.UNDERPRICED: (
        "transaction underpriced",
        "replacement transaction underpriced",
        "max fee per gas less than block base fee",
    ),
}
_UNKNOWN_BLOCK = {"code": -32000, "message": "header not found"}

Call = dict[str, Any]


class Line(Server):
    """A proxy to a world's node.

    fired: how often each kind of fault has happened. unwritten: transactions that came before a journal on
    disk told of them.
    """

    def __init__(self, world: World) -> None:
        super().__init__(self._deal_with)
        self._world = world
        self._lock = threading.Lock()
        self.fired: Counter[str] = Counter()
        self.unwritten = 0
        self.clear()

    def clear(self) -> None:
        """A line without faults to a node that names itself."""
        self.begin((), seed=0, masked=False)

    def seen(self, what: str) -> int:
        """How many requests of a kind have come since it began."""
        return self._seen[what]

    def begin(
        self, faults: Iterable[Fault], *, seed: int, masked: bool, journals: Path | None = None
    ) -> None:
        """Have these happen from now on.

        masked: the node does not say that it is a development node's. journals: the folder that must tell of
        each transaction before it comes.
        """
        with self._lock:
            self._faults = tuple(faults)
            self._journals = journals
            self._seen: Counter[str] = Counter()
            self._dice = Random(seed)
            self._masked = masked
            self._late: list[tuple[int, list[Call]]] = []

    def settle(self) -> None:
        """Return when all has been dealt with that clients asked who are no more, also what was held up."""
        self.wait_until_left()
        with self._lock:
            for _, late in self._late:
                self._forward(late)
            self._late = []

    def _deal_with(self, body: bytes) -> Answer:
        request = orjson.loads(body)
        batch: list[Call] = request if isinstance(request, list) else [request]
        with self._lock:
            self._live(batch)
            due = self._due(batch)
            self._happen(each for each in due if each.on != schedule.SEND)
            fault = next((each for each in due if each.kind not in schedule.CHAIN), None)
            answer = self._answer(batch, request, fault)
            self._happen(each for each in due if each.on == schedule.SEND)  # to what has just been taken
        if fault is not None and fault.kind in _DELAYS:
            time.sleep(_DELAYS[fault.kind])
        return answer

    def _live(self, batch: list[Call]) -> None:
        """Time passes: blocks come, and so do requests that were held up."""
        self._seen.update({schedule.ANY, *(call["method"] for call in batch)})
        if any(call["method"] == schedule.LOOK for call in batch):
            self._world.mine(self._dice.choice(_NEW_BLOCKS))
        self._look_up([call["params"][0] for call in batch if call["method"] == schedule.SEND])
        now = self._seen[schedule.ANY]
        for due, late in [each for each in self._late if each[0] <= now]:
            self._late.remove((due, late))
            self._forward(late)

    def _look_up(self, raws: list[str]) -> None:
        """Whether a journal has each of these transactions."""
        if raws and self._journals is not None:
            written = "".join(path.read_text() for path in self._journals.rglob("*.jsonl"))
            hashes = (keccak(bytes.fromhex(raw[2:])).hex() for raw in raws)
            self.unwritten += sum(hash_ not in written for hash_ in hashes)

    def _due(self, batch: list[Call]) -> list[Fault]:
        """The faults that are to happen now."""
        methods = {call["method"] for call in batch}
        return [
            fault
            for fault in self._faults
            if 0 <= self._seen[fault.on] - fault.at < fault.times
            and self._applies(fault, methods, len(batch))
        ]

    def _happen(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            if fault.kind in schedule.CHAIN:
                self.fired[fault.kind] += self._world.happen(fault)

    def _applies(self, fault: Fault, methods: set[str], requests: int) -> bool:
        if fault.kind == schedule.REORDERED:
            return requests > 1 and fault.on in methods
        if fault.kind == schedule.NONCE_MISTOLD:
            return "eth_getTransactionCount" in methods
        if fault.kind == schedule.LAGGING:  # one of two nodes behind the same address
            return self._dice.random() < 0.5 and not methods & {"evm_mine", "web3_clientVersion"}
        return fault.on == schedule.ANY or fault.on in methods

    def _answer(self, batch: list[Call], request: Any, fault: Fault | None) -> Answer:
        kind = "" if fault is None else fault.kind
        if fault is not None:
            self.fired[kind] += 1
        dice = Random(0 if fault is None else fault.dice)
        if kind in _STATUS:
            return _STATUS[kind]
        if kind == schedule.REQUEST_LATE:
            self._late.append((self._seen[schedule.ANY] + dice.randint(1, _LATE), batch))
        if kind in (schedule.REQUEST_LOST, schedule.REQUEST_LATE):
            return None
        replies = self._replies(kind, batch, dice)
        body = orjson.dumps(replies if isinstance(request, list) else replies[0])
        if kind == schedule.REPLY_LOST:
            return None
        if kind == schedule.REPLY_CUT:
            return Cut(200, body, dice.randrange(len(body)))
        if kind == schedule.NONSENSE and dice.random() < 0.5:
            body = dice.choice(_GARBAGE)
        return 200, body

    def _replies(self, kind: str, batch: list[Call], dice: Random) -> list[Call]:
        """What comes back to these requests, to each in its place unless they are reordered."""
        if kind in _SAID:
            words = dice.choice(_SAID[kind])
            if dice.random() < 0.5:  # one of two nodes behind the same address has taken it already
                self._forward(batch)
            return [_error(call, words) for call in batch]
        if kind == schedule.LAGGING:
            return self._forward_to_the_lagging(batch)
        if kind == schedule.NONSENSE and dice.random() < 0.5:
            hollow = dice.choice(_HOLLOW)
            return [_reply(call, hollow) for call in batch]
        if kind == schedule.REQUEST_TWICE:
            self._forward(batch)
        if kind == schedule.REORDERED:
            by_turns = [*batch[1:], batch[0]]
            return list(reversed(self._forward(by_turns)))
        replies = self._forward(batch)
        if kind == schedule.NONCE_MISTOLD:
            return [_mistold(reply, dice) for reply in replies]
        return replies

    # ---- nodes

    def _forward(self, batch: list[Call]) -> list[Call]:
        """What the node says to each, in the order of the requests."""
        replies: list[Call] = orjson.loads(self._world.post(orjson.dumps(batch)))
        by_id = {reply["id"]: reply for reply in replies}
        ordered = [by_id[call["id"]] for call in batch]
        if self._masked:
            for call, reply in zip(batch, ordered, strict=True):
                if call["method"] == "web3_clientVersion":
                    reply["result"] = _MASK
        return ordered

    def _forward_to_the_lagging(self, batch: list[Call]) -> list[Call]:
        """As a node answers that has not heard of the last blocks."""
        seen = int(self._ask("eth_blockNumber"), 16) - _LAG
        return [self._of_the_lagging(call, seen) for call in batch]

    def _of_the_lagging(self, call: Call, seen: int) -> Call:
        method, params = call["method"], list(call.get("params", ()))
        if method == "eth_blockNumber":
            return _reply(call, hex(seen))
        if method == "eth_getLogs":
            last = params[0]["toBlock"]
            params = [{**params[0], "toBlock": hex(min(int(last, 16), seen))}]
            if int(params[0]["fromBlock"], 16) > seen:
                return _reply(call, [])
        place = _BLOCK_AT.get(method)
        if place is not None and place < len(params):
            block = params[place]
            if block in ("latest", "pending"):
                params[place] = hex(seen)
            elif int(block, 16) > seen:
                return {"jsonrpc": "2.0", "id": call["id"], "error": _UNKNOWN_BLOCK}
        (reply,) = self._forward([{**call, "params": params}])
        receipt = reply.get("result")
        if method == "eth_getTransactionReceipt" and receipt and int(receipt["blockNumber"], 16) > seen:
            reply["result"] = None
        return reply

    def _ask(self, method: str, *params: object) -> Any:
        (reply,) = self._forward([{"jsonrpc": "2.0", "id": 0, "method": method, "params": params}])
        return reply["result"]


_BLOCK_AT = {
    "eth_getTransactionCount": 1,
    "eth_getBalance": 1,
    "eth_getCode": 1,
    "eth_call": 1,
    "eth_estimateGas": 1,
    "eth_getBlockByNumber": 0,
    "eth_feeHistory": 1,
}


def _reply(call: Call, result: object) -> Call:
    return {"jsonrpc": "2.0", "id": call["id"], "result": result}


def _error(call: Call, message: str) -> Call:
    return {"jsonrpc": "2.0", "id": call["id"], "error": {"code": -32000, "message": message}}


def _mistold(reply: Call, dice: Random) -> Call:
    try:
        count = int(reply["result"], 16)
    except (KeyError, TypeError, ValueError):
        return reply
    return {**reply, "result": hex(max(0, count + dice.choice((-2, -1, 1, 2, 3))))}
