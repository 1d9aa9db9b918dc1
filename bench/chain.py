"""A chain for measuring: each transaction alone in its block, every slot cold, every run the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from eth_abi.abi import decode, encode
from eth_utils.abi import function_signature_to_4byte_selector
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from symbolon.anvil import Anvil
from symbolon.exceptions import SymbolonError

TX_GAS_CAP = 1 << 24
"""The most gas a transaction may have (EIP-7825)."""
GENESIS_AT = 1_767_225_600  # 1 January 2026
SECONDS_A_BLOCK = 12  # by the chain's clock, so that deadlines have the same bytes each run
RICH = hex(1 << 96)
_SCENE_GAS = 1_000_000  # the most gas of each transaction that only sets the scene
_A_BLOCK = 2 * TX_GAS_CAP // _SCENE_GAS  # so many of them fit a block


class MeasurementError(SymbolonError):
    """A measured transaction failed, or did not do what it was measured for."""


@dataclass(frozen=True)
class Receipt:
    """What a mined transaction cost and left behind."""

    gas: int
    contract: str
    logs: list[dict[str, Any]]


_NOTHING_YET = Receipt(0, "", [])


def account(name: str, number: int = 0) -> str:
    """An address that depends on name and number only, looks random and has no zero byte.

    Zero bytes are cheaper in calldata: without this rule a figure would depend on the addresses' luck.
    """
    seed = f"symbolon bench {name} {number}".encode()
    while 0 in (seed := keccak(seed))[:20]:
        pass
    return to_checksum_address(seed[:20])


def accounts(name: str, count: int) -> list[str]:
    """So many different addresses as `account` makes them."""
    return [account(name, number) for number in range(count)]


def calldata(signature: str, *arguments: object) -> bytes:
    """ABI-encoded call, such as `calldata("transfer(address,uint256)", to, amount)`."""
    return function_signature_to_4byte_selector(signature) + encode(types_of(signature), arguments)


def types_of(signature: str) -> list[str]:
    """Types of a signature's parameters; tuples stay whole."""
    inside = signature[signature.index("(") + 1 : signature.rindex(")")]
    types, depth = [""], 0
    for char in inside:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            types.append("")
        else:
            types[-1] += char
    return [kind for kind in types if kind]


class Chain:
    """Anvil with osaka's rules and the transaction gas cap, where any address may send."""

    def __init__(self) -> None:
        self._anvil = Anvil(timestamp=GENESIS_AT, block_gas_limit=2 * TX_GAS_CAP, automine=False)
        self._funded: set[str] = set()
        self._waiting: list[str] | None = None

    def __enter__(self) -> Self:
        self._anvil.start()
        self._anvil.rpc("anvil_autoImpersonateAccount", True)
        self._anvil.rpc("anvil_setBlockTimestampInterval", SECONDS_A_BLOCK)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._anvil.stop()

    def send(
        self,
        sender: str,
        to: str | None,
        data: bytes,
        access_list: Sequence[Mapping[str, object]] | None = None,
    ) -> Receipt:
        """Mine one transaction in a block of its own; MeasurementError where it reverts."""
        if sender not in self._funded:
            self._anvil.rpc("anvil_setBalance", sender, RICH)
            self._funded.add(sender)
        gas = TX_GAS_CAP if self._waiting is None else _SCENE_GAS
        request: dict[str, object] = {"from": sender, "data": "0x" + data.hex(), "gas": hex(gas)}
        if to is not None:
            request["to"] = to
        if access_list is not None:
            request["accessList"] = access_list
        sent: str = self._anvil.rpc("eth_sendTransaction", request)
        if self._waiting is None:
            return self._mined([sent])
        self._waiting.append(sent)
        if len(self._waiting) == _A_BLOCK:
            self._mined(self._waiting)
            self._waiting = []
        return _NOTHING_YET

    @contextmanager
    def setting_the_scene(self) -> Iterator[None]:
        """Mine what is sent meanwhile many to a block, which is faster. Nothing is measured: no receipts."""
        self._waiting = []
        try:
            yield
            if self._waiting:
                self._mined(self._waiting)
        finally:
            self._waiting = None

    def _mined(self, transactions: Sequence[str]) -> Receipt:
        """The receipt of the last of these, which are mined now; MeasurementError where any reverted."""
        self._anvil.rpc("evm_mine")
        for sent in transactions:
            receipt = self._anvil.rpc("eth_getTransactionReceipt", sent)
            if receipt["status"] != "0x1":
                reason = self._anvil.rpc("debug_traceTransaction", sent)["returnValue"]
                raise MeasurementError(
                    f"A call of {receipt['to']} by {receipt['from']} reverted with {reason!r}."
                )
        return Receipt(int(receipt["gasUsed"], 16), receipt["contractAddress"] or "", receipt["logs"])

    def call(self, sender: str, to: str, signature: str, *arguments: object) -> Receipt:
        """`send`, spelt out: `chain.call(holder, token, "transfer(address,uint256)", to, amount)`."""
        return self.send(sender, to, calldata(signature, *arguments))

    def deploy(self, sender: str, creation: bytes, types: Sequence[str] = (), *arguments: object) -> str:
        """Address of a contract made by `sender`; the next one depends on how many it made before."""
        return to_checksum_address(self.send(sender, None, creation + encode(types, arguments)).contract)

    def read(self, to: str, signature: str, returns: str, *arguments: object) -> Any:  # noqa: ANN401 (any ABI type)
        """First value that a view returns."""
        data = "0x" + calldata(signature, *arguments).hex()
        answer = self._anvil.rpc("eth_call", {"to": to, "data": data}, "latest")
        return decode([returns], bytes.fromhex(answer[2:]))[0]

    def chain_id(self) -> int:
        """What signatures are bound to."""
        return int(self._anvil.rpc("eth_chainId"), 16)

    def now(self) -> int:
        """Time of the latest block, in seconds."""
        return int(self._anvil.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def wait(self, seconds: int) -> None:
        """Let the next block be so much later."""
        self._anvil.rpc("evm_setNextBlockTimestamp", self.now() + seconds)

    def snapshot(self) -> str:
        """A state to come back to, once."""
        return str(self._anvil.rpc("evm_snapshot"))

    def dump(self) -> str:
        """The whole state, for another Anvil to load."""
        return str(self._anvil.rpc("anvil_dumpState"))

    def revert(self, snapshot: str) -> None:
        """Go back to a state."""
        self._anvil.rpc("evm_revert", snapshot)
        self._funded.clear()
