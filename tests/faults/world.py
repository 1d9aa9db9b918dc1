"""A chain that lives, and what can happen to it: it is put back as it was before each schedule."""

from __future__ import annotations

import gzip
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from random import Random
from types import TracebackType
from typing import Any, Self

import orjson
from suite import MANAGER, PARTNER, deploy, transact

from faults import schedule
from faults.schedule import Fault
from symbolon.anvil import Anvil
from symbolon.exceptions import NodeRefusedError
from symbolon.rpc import GWEI

_BORN = 1_700_000_000
_QUIET_BLOCKS = schedule.DEEPEST + 2  # what comes before them cannot be reorganised away
_MOST_BLOCKS = 300  # Anvil forgets what was the case hundreds of blocks ago, counting those it went back from
_CALM = GWEI
_SPIKE = 4_000 * GWEI


class World:
    """An Anvil with the suite deployed, that makes blocks when it is told to.

    suite: the contracts. taken_away: mints that reorganisations and restarts have undone.
    """

    def __init__(self) -> None:
        self._anvil = Anvil(timestamp=_BORN)
        self.taken_away = 0
        self._begun = self._mined = 0
        self._lock = threading.RLock()
        # Linux ends an Anvil with the thread that started it: this one stays, unlike those of a proxy.
        self._starter = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        self._anvil.start()
        self._connection = HTTPConnection("127.0.0.1", self._anvil.port)
        self.suite = deploy(self._anvil)
        self.suite.grant(PARTNER, 2**80)
        for minter in (MANAGER, PARTNER):  # so that there are nonces too low for them
            transact(self._anvil, minter, minter.address, b"")
        self.rpc("evm_setAutomine", False)
        self.keep()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._anvil.stop()
        self._starter.shutdown()

    @property
    def url(self) -> str:
        """Where the node listens."""
        return self._anvil.url

    def reset(self) -> None:
        """Everything as it was."""
        if self._mined > _MOST_BLOCKS:
            self._restart()
        else:
            self.rpc("evm_revert", self._snapshot)
        self._begin()

    def keep(self) -> None:
        """Make the state of now the one that schedules begin with and a restarted node is left with."""
        self._begin()
        # All that a node would find on its disk, with what was the case at each block.
        self._older = gzip.decompress(bytes.fromhex(self.rpc("anvil_dumpState", True)[2:]))

    def _begin(self) -> None:
        # Blocks of another schedule are other blocks: Anvil keeps what was the case by their hashes.
        self._begun += 1
        self.rpc("evm_increaseTime", self._begun)
        self._snapshot = self.rpc("evm_snapshot")
        self.drop()
        self.calm()
        self._lie_quiet()

    def _lie_quiet(self) -> None:
        """Make blocks that a reorganisation can take."""
        self.mine(_QUIET_BLOCKS)
        self._first_block = self._anvil.node.head()

    def drop(self) -> None:
        """Forget what waits."""
        self.rpc("anvil_dropAllTransactions")

    def calm(self) -> None:
        """Fees are low."""
        self.rpc("anvil_setNextBlockBaseFeePerGas", hex(_CALM))
        self.mine()

    def mine(self, blocks: int = 1) -> None:
        """More blocks."""
        self._mined += blocks
        if blocks:
            self.rpc("anvil_mine", hex(blocks))

    def post(self, body: bytes) -> bytes:
        """The node's answer to a request, by the shortest way."""
        with self._lock:
            try:
                self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
                return self._connection.getresponse().read()
            except OSError:
                self._connection.close()
                raise

    def rpc(self, method: str, *params: object) -> Any:
        """Ask the node itself."""
        request = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
        reply = orjson.loads(self.post(orjson.dumps(request)))
        if "error" in reply:
            raise NodeRefusedError(f"Anvil refused {method}: {reply['error']}")
        return reply["result"]

    def head(self) -> int:
        """Number of the latest block."""
        return int(self.rpc("eth_blockNumber"), 16)

    def receipts(self) -> list[dict[str, Any]]:
        """Those of all transactions since it was reset."""
        blocks = range(self._first_block, self.head() + 1)
        batch = [
            {"jsonrpc": "2.0", "id": block, "method": "eth_getBlockReceipts", "params": [hex(block)]}
            for block in blocks
        ]
        return [
            receipt for reply in orjson.loads(self.post(orjson.dumps(batch))) for receipt in reply["result"]
        ]

    def happen(self, fault: Fault) -> bool:
        """One of the faults of the chain; False where it makes no difference now."""
        before = self.suite.supply()
        if fault.kind in schedule.REORGANISED:
            self._reorganise(fault)
        elif fault.kind == schedule.DROPPED:
            self.drop()
        elif fault.kind == schedule.SPIKE:
            self._spike()
        elif fault.kind == schedule.STOLEN:
            if not self._steal(fault):
                return False
        elif fault.kind == schedule.RESTARTED:
            self._restart()
        else:
            self._jump(fault)
        if self.suite.supply() < before:
            self.taken_away += 1
        return True

    def _reorganise(self, fault: Fault) -> None:
        if fault.dice % 2 and self._anvil.node.head() - fault.depth >= self._first_block:
            self.rpc("anvil_rollback", fault.depth)
        else:
            self.rpc("anvil_reorg", fault.depth, [])  # as many empty blocks instead

    def _spike(self) -> None:
        self.rpc("anvil_setNextBlockBaseFeePerGas", hex(_SPIKE))
        self.mine()

    def _steal(self, fault: Fault) -> bool:
        """Somebody else with the same key makes a transaction: at once in the chain, or left waiting."""
        request = {
            "from": MANAGER.address,
            "to": PARTNER.address,
            "gas": hex(21_000),
            "gasPrice": hex(20_000 * GWEI),
            "nonce": hex(self._anvil.node.nonce(MANAGER.address)),
        }
        try:
            self.rpc("eth_sendTransaction", request)
        except NodeRefusedError:  # it has stolen this nonce already
            return False
        if fault.dice % 3:
            self.mine()
        return True

    def _jump(self, fault: Fault) -> None:
        self.rpc("evm_increaseTime", Random(fault.dice).choice((1, 3_600, 40 * 86_400)))
        self.mine()

    def _restart(self) -> None:
        self._starter.submit(self._start).result()

    def _start(self) -> None:
        """A new process that knows what was there then and nothing that waited."""
        self._connection.close()
        self._anvil.stop()
        with tempfile.NamedTemporaryFile() as file:
            file.write(self._older)
            file.flush()
            self._anvil = self.suite.chain = Anvil(
                timestamp=_BORN, automine=False, extra=["--load-state", file.name]
            )
            self._anvil.start()
        self._connection = HTTPConnection("127.0.0.1", self._anvil.port)
        self._mined = 0
        self._snapshot = self.rpc("evm_snapshot")
        self._lie_quiet()
