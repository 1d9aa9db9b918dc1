"""Chains that the machine can play on: an EVM in this process, or Anvil by its JSON-RPC."""

from __future__ import annotations

import time
from functools import cache
from typing import Any, NamedTuple, Protocol

from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

from stateful.abi import Log
from symbolon.anvil import Anvil
from symbolon.deployment import CREATE2_DEPLOYER
from symbolon.exceptions import NodeRefusedError

CHAIN_ID = 31337
START = 1_750_000_000
TX_GAS = 2**24

_CREATE2_DEPLOYER_CODE = bytes.fromhex(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0"
    "3601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3"
)
_OBSERVER = "0x" + "0b" * 20
"""Who reads."""


class Outcome(NamedTuple):
    """What became of a call: what it returned and logged, or what it was refused with."""

    success: bool
    output: bytes
    logs: list[Log]


class Chain(Protocol):
    """What the machine needs of a chain."""

    def set_time(self, now: int) -> None:
        """From here on every call happens at that second."""

    def send(self, sender: bytes, to: bytes, data: bytes) -> Outcome:
        """Have a plain account make a call."""

    def read(self, to: bytes, data: bytes) -> bytes:
        """What a view returns, or is refused with."""

    def storage(self, address: bytes, slot: int) -> int:
        """A word of a contract's storage."""

    def storages(self, address: bytes, slots: list[int]) -> list[int]:
        """Several words of it, in their order."""

    def snapshot(self) -> Any:
        """The state as it is, to go back to once."""

    def revert(self, snapshot: Any) -> None:
        """Go back."""


@cache
def hexed(address: bytes) -> str:
    """0x and 40 digits."""
    return "0x" + address.hex()


@cache
def bytes_of(address: str) -> bytes:
    """20 bytes."""
    return bytes.fromhex(address.removeprefix("0x"))


class Revm:
    """An EVM in this process (revm): tens of thousands of calls a second."""

    def __init__(self) -> None:
        block = BlockEnv(number=1, timestamp=START, gas_limit=30_000_000)
        self._evm = EVM(Env(cfg=CfgEnv(chain_id=CHAIN_ID), block=block), gas_limit=TX_GAS, spec_id="OSAKA")
        self._evm.insert_account_info(CREATE2_DEPLOYER, AccountInfo(code=_CREATE2_DEPLOYER_CODE))
        self._number = 1

    def set_time(self, now: int) -> None:
        self._number += 1
        self._evm.set_block_env(BlockEnv(number=self._number, timestamp=now, gas_limit=30_000_000))

    def send(self, sender: bytes, to: bytes, data: bytes) -> Outcome:
        try:
            output = self._evm.message_call(hexed(sender), hexed(to), calldata=data)
        except RuntimeError as error:
            return Outcome(False, _refused_with(error), [])
        assert self._evm.result is not None
        logs: list[Log] = []
        for log in self._evm.result.logs:
            topics, plain = log.data
            logs.append((bytes_of(log.address), tuple(topics), plain))
        return Outcome(True, output, logs)

    def read(self, to: bytes, data: bytes) -> bytes:
        try:
            return bytes(self._evm.message_call(_OBSERVER, hexed(to), calldata=data, is_static=True))
        except RuntimeError as error:
            return _refused_with(error)

    def storage(self, address: bytes, slot: int) -> int:
        return int(self._evm.storage(hexed(address), slot))

    def storages(self, address: bytes, slots: list[int]) -> list[int]:
        at, read = hexed(address), self._evm.storage
        return [int(read(at, slot)) for slot in slots]

    def snapshot(self) -> Any:
        return self._evm.snapshot()

    def revert(self, snapshot: Any) -> None:
        self._evm.revert(snapshot)


def _raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _refused_with(error: RuntimeError) -> bytes:
    """What a call returned that was reverted; anything else, such as running out of gas, is no refusal."""
    text = str(error)
    assert text.startswith("Revert"), text
    return bytes.fromhex(text[text.index("0x") + 2 : text.rindex("}")].strip())


class OnAnvil:
    """Anvil, with every account unlocked; a millisecond or two a call."""

    def __init__(self, anvil: Anvil) -> None:
        self._rpc = anvil.rpc
        self._ask_many = anvil.node.ask_many
        self._now = START
        self._rpc("anvil_autoImpersonateAccount", True)
        self._rpc("anvil_setBlockTimestampInterval", 0)

    def set_time(self, now: int) -> None:
        """A block at that second, so that views see it too."""
        if now != self._now:
            self._now = now
            self._rpc("evm_setNextBlockTimestamp", now)
            self._rpc("evm_mine")

    def send(self, sender: bytes, to: bytes, data: bytes) -> Outcome:
        self._rpc("anvil_setBalance", hexed(sender), hex(10**20))
        self._rpc("evm_setNextBlockTimestamp", self._now)
        call = {"from": hexed(sender), "to": hexed(to), "data": hexed(data), "gas": hex(TX_GAS)}
        receipt = self._mined(self._rpc("eth_sendTransaction", call))
        trace = self._rpc("debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"})
        logs: list[Log] = [
            (_raw(log["address"]), tuple(map(_raw, log["topics"])), _raw(log["data"]))
            for log in receipt["logs"]
        ]
        return Outcome(receipt["status"] == "0x1", _raw(trace.get("output", "0x")), logs)

    def _mined(self, transaction: str) -> dict[str, Any]:
        until = time.monotonic() + 10
        while (receipt := self._rpc("eth_getTransactionReceipt", transaction)) is None:
            assert time.monotonic() < until, f"{transaction} was not mined"
            time.sleep(0.001)
        return dict(receipt)

    def read(self, to: bytes, data: bytes) -> bytes:
        call = {"from": _OBSERVER, "to": hexed(to), "data": hexed(data)}
        try:
            return _raw(self._rpc("eth_call", call, "latest"))
        except NodeRefusedError as error:
            return _raw(error.data)

    def storage(self, address: bytes, slot: int) -> int:
        return self.storages(address, [slot])[0]

    def storages(self, address: bytes, slots: list[int]) -> list[int]:
        at = hexed(address)
        words = self._ask_many([("eth_getStorageAt", (at, hex(slot), "latest")) for slot in slots])
        return [int(word, 16) for word in words]

    def snapshot(self) -> Any:
        return self._rpc("evm_snapshot")

    def revert(self, snapshot: Any) -> None:
        assert self._rpc("evm_revert", snapshot)
