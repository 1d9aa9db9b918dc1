"""A local chain of our own: find Anvil, start it, wait until it answers, and never leave it running.

    with Anvil(timestamp=1_483_228_800) as chain:
        chain.rpc("eth_chainId")  # "0x7a69"

Anvil comes with the installation (npm's native package); a user's own on PATH is preferred when its version
is the one this project is tested with.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from symbolon.exceptions import NodeError, SymbolonError
from symbolon.rpc import Node

ANVIL_VERSION = "1.7.1"
"""The version every figure and test of this project was made with."""

LOCAL_CHAIN_ID = 31337
MNEMONIC = "test test test test test test test test test test test junk"
"""Anvil's well-known accounts: for local chains only, everybody has their keys."""

_LISTENING = re.compile(rb"Listening on (?:[\d.]+|\[[\da-f:]+\]):(\d+)")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class AnvilError(SymbolonError):
    """Anvil is missing, has the wrong version, or did not start."""


def find_anvil() -> Path:
    """Path of an Anvil of the right version: the user's own on PATH first, else the one npm installed.

    Raises AnvilError where there is none, naming the versions found.
    """
    others = []
    for candidate in _candidates():
        version = anvil_version(candidate)
        if version == ANVIL_VERSION:
            return candidate
        others.append(f"{candidate} is {version or 'not an Anvil that runs'}")
    found = f" ({'; '.join(others)})" if others else ""
    raise AnvilError(
        f"Anvil {ANVIL_VERSION} was not found{found}: run `make setup`, which installs it on Linux x86-64, "
        f"or put your own anvil {ANVIL_VERSION} on PATH."
    )


def anvil_version(binary: Path) -> str | None:
    """Version of the Anvil at that path, such as "1.7.1"; None where it does not run or is something else."""
    try:
        answer = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"anvil\D*(\d+\.\d+\.\d+)", answer.stdout, re.IGNORECASE)
    return match.group(1) if match and answer.returncode == 0 else None


def _candidates() -> list[Path]:
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), "")
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), ""
    )
    inside = Path("node_modules", "@foundry-rs", f"anvil-{system}-{machine}", "bin", "anvil")
    paths = [Path(__file__).resolve().parents[1] / inside, Path.cwd() / inside]
    if own := shutil.which("anvil"):
        paths.insert(0, Path(own))
    return [path for path in dict.fromkeys(paths) if path.is_file()]


class Anvil:
    """One Anvil process, for as long as the `with` block lasts.

    Options, all by name:
        chain_id: what eth_chainId answers; None keeps the forked chain's own.
        hardfork: the rules the chain runs; contracts are compiled for prague and must run on osaka too.
        port: 0 lets the system pick a free one, which `.url` then names.
        timestamp: seconds since 1970 of the genesis block; None is now.
        automine: mine each transaction at once; False mines on `evm_mine` only.
        block_gas_limit: gas a block may hold; a large one lets bulk jobs fill a block with many transactions.
        tx_gas_limit: enforce the cap of 16,777,216 gas a transaction (EIP-7825), as live chains do.
        order: "fifo" keeps transactions in the order they came, "fees" sorts by fee.
        base_fee: wei a gas at the genesis block; None is Anvil's own (1 gwei).
        accounts: how many well-known, funded accounts.
        fork_url, fork_block: start from the state of another chain.
        log: file that receives what Anvil prints; None keeps it to itself.
        stays: leave the process running when the block or this program ends (for a chain that is to stay);
            otherwise it ends with the block and, on Linux, also when this program is killed.
        binary: the Anvil to run; None finds one.
        extra: further arguments, passed through.
    """

    def __init__(
        self,
        *,
        chain_id: int | None = LOCAL_CHAIN_ID,
        hardfork: str = "osaka",
        port: int = 0,
        timestamp: int | None = None,
        automine: bool = True,
        block_gas_limit: int = 30_000_000,
        tx_gas_limit: bool = True,
        order: str = "fifo",
        base_fee: int | None = None,
        accounts: int = 10,
        fork_url: str | None = None,
        fork_block: int | None = None,
        log: Path | None = None,
        stays: bool = False,
        binary: Path | None = None,
        extra: Sequence[str] = (),
        start_timeout: float = 30.0,
    ) -> None:
        self._binary = binary
        self._log = log
        self._stays = stays
        self._start_timeout = start_timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._node: Node | None = None
        self._port = port
        arguments = [
            f"--hardfork={hardfork}",
            f"--port={port}",
            f"--gas-limit={block_gas_limit}",
            f"--order={order}",
            f"--accounts={accounts}",
            f"--mnemonic={MNEMONIC}",
        ]
        if chain_id is not None:
            arguments.append(f"--chain-id={chain_id}")
        if timestamp is not None:
            arguments.append(f"--timestamp={timestamp}")
        if base_fee is not None:
            arguments.append(f"--block-base-fee-per-gas={base_fee}")
        if tx_gas_limit:
            arguments.append("--enable-tx-gas-limit")
        if not automine:
            arguments.append("--no-mining")
        if fork_url is not None:
            # Anvil remembers a fork by number and time of its block, in which local chains are often alike.
            arguments += [f"--fork-url={fork_url}", "--no-storage-caching"]
        if fork_block is not None:
            arguments.append(f"--fork-block-number={fork_block}")
        self._arguments = [*arguments, *extra]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._stays:
            self.stop()

    @property
    def port(self) -> int:
        """The port it listens on; known once it has started."""
        return self._port

    @property
    def url(self) -> str:
        """Where to send JSON-RPC requests."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def node(self) -> Node:
        """The connection to it, for its thread."""
        if self._node is None:
            self._node = Node(self.url)
        return self._node

    @property
    def pid(self) -> int:
        """The process id, while it runs."""
        if self._process is None:
            raise AnvilError("This Anvil is not running: use it inside its `with` block.")
        return self._process.pid

    def start(self) -> None:
        """Start it and return when it answers.

        Raises AnvilError where it is missing, or with its own reason for not starting (the port is taken, the
        chain to fork does not answer, …).
        """
        if self._process is not None:
            raise AnvilError(f"This Anvil already runs at {self.url}.")
        binary = self._binary or find_anvil()
        # A file, not a pipe: a pipe that nobody empties would stop the chain, a closed one would kill it.
        self._output = self._log.open("w+b") if self._log else tempfile.TemporaryFile()  # noqa: SIM115 (stop closes)
        self._process = subprocess.Popen(
            [binary, *self._arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the program, which then ends the chain in its own time
            # Safe beside threads: the child makes one system call through a library loaded before the fork.
            preexec_fn=_die_with_parent if _libc and not self._stays else None,  # noqa: PLW1509
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process; nothing happens when it has ended already."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._node = None
        if self._output is not None:
            self._output.close()
            self._output = None

    def rpc(self, method: str, *params: object) -> Any:  # noqa: ANN401 (whatever JSON the method returns)
        """Send one JSON-RPC request, once, and return its result. Raises NodeError."""
        return self.node.command(method, *params)

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        assert self._output is not None
        until = time.monotonic() + self._start_timeout
        while time.monotonic() < until:
            printed = os.pread(self._output.fileno(), 1 << 20, 0)
            if listening := _LISTENING.search(printed):
                # Its own words, so that the port is certainly this process's and not a neighbour's.
                self._port = int(listening.group(1))
                with suppress(NodeError):
                    self.rpc("eth_chainId")
                    return
            elif self._process.poll() is not None:
                raise AnvilError(f"Anvil did not start: {_last_words(printed)}.")
            time.sleep(0.01)
        raise AnvilError(f"Anvil did not answer within {self._start_timeout:.0f} seconds.")


def _die_with_parent() -> None:
    """In the child, before Anvil starts: have the kernel end it when this program dies without tidying up."""
    assert _libc is not None
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _last_words(printed: bytes) -> str:
    lines = [line.strip() for line in printed.decode(errors="replace").splitlines() if line.strip()]
    words = lines[-1] if lines else "it ended without a word"
    return words.removeprefix("Error: ").rstrip(".")
