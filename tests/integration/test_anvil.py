"""The local chain starts on its own port, keeps to its options and is never left running."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from symbolon import anvil
from symbolon.anvil import Anvil, AnvilError, find_anvil
from symbolon.exceptions import NodeRefusedError


def running(pid: int) -> bool:
    """Whether the process lives; a zombie that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def fake_anvil(folder: Path, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    binary = folder / "anvil"
    binary.write_text(f"#!/bin/sh\necho 'anvil Version: {version}'\n")
    binary.chmod(0o755)
    return binary


def test_start__answers_with_the_options_given() -> None:
    with Anvil(chain_id=4242, timestamp=1_483_228_800, block_gas_limit=900_000_000, accounts=3) as chain:
        block = chain.rpc("eth_getBlockByNumber", "latest", False)
        assert chain.rpc("eth_chainId") == hex(4242)
        assert int(block["timestamp"], 16) == 1_483_228_800
        assert int(block["gasLimit"], 16) == 900_000_000
        assert len(chain.rpc("eth_accounts")) == 3
        assert chain.rpc("anvil_nodeInfo")["transactionOrder"] == "fifo"


def test_start__automine_off__mines_only_when_told() -> None:
    with Anvil(automine=False) as chain:
        sender, receiver = chain.rpc("eth_accounts")[:2]
        chain.rpc("eth_sendTransaction", {"from": sender, "to": receiver, "value": "0x1"})
        assert chain.rpc("eth_blockNumber") == "0x0"
        chain.rpc("evm_mine")
        assert chain.rpc("eth_getBlockTransactionCountByNumber", "latest") == "0x1"


def test_transaction_above_the_gas_cap__refused() -> None:
    with Anvil() as chain:
        sender = chain.rpc("eth_accounts")[0]
        with pytest.raises(NodeRefusedError, match="refused eth_sendTransaction"):
            chain.rpc("eth_sendTransaction", {"from": sender, "to": sender, "gas": hex(2**24 + 1)})


def test_two_chains__have_their_own_ports() -> None:
    with Anvil(chain_id=1001) as one, Anvil(chain_id=1002) as other:
        assert one.port != other.port
        assert (one.rpc("eth_chainId"), other.rpc("eth_chainId")) == (hex(1001), hex(1002))


def test_fork__starts_from_the_other_chain() -> None:
    with Anvil() as origin:
        account = "0x00000000000000000000000000000000000000aa"
        origin.rpc("anvil_setBalance", account, "0x7b")
        origin.rpc("evm_mine")
        with Anvil(fork_url=origin.url, chain_id=5) as fork:
            assert fork.rpc("eth_getBalance", account, "latest") == "0x7b"


def test_fork__of_a_chain_that_looks_like_another__is_of_that_chain() -> None:
    """Local chains are often alike in number and time of their latest block, and differ in what they hold."""
    account, code = "0x" + "77" * 20, "0x" + "88" * 20
    seen = []
    for amount in (5, 6):
        with Anvil(timestamp=1_800_000_000) as origin:
            origin.rpc("anvil_setBalance", account, hex(amount))
            origin.rpc("anvil_setStorageAt", code, "0x0", f"0x{amount:064x}")
            with Anvil(fork_url=origin.url, chain_id=None) as fork:
                balance = int(fork.rpc("eth_getBalance", account, "latest"), 16)
                seen.append((balance, int(fork.rpc("eth_getStorageAt", code, "0x0", "latest"), 16)))
    assert seen == [(5, 5), (6, 6)]


def test_leaving_the_block__ends_the_process() -> None:
    with pytest.raises(RuntimeError, match="the story broke"), Anvil() as chain:
        pid = chain.pid
        raise RuntimeError("the story broke")
    assert not running(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_program_killed__ends_the_process() -> None:
    program = "from symbolon.anvil import Anvil\nwith Anvil() as c:\n  print(c.pid, flush=True)\n  input()"
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    pid = int(parent.stdout.readline())
    assert running(pid)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 10
    while running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    parent.stdin.close()
    parent.stdout.close()
    assert not running(pid)


def test_stays__outlives_the_block(tmp_path: Path) -> None:
    with Anvil(stays=True, log=tmp_path / "anvil.log") as chain:
        pid = chain.pid
    try:
        assert running(pid)
        assert f"Listening on 127.0.0.1:{chain.port}" in (tmp_path / "anvil.log").read_text()
    finally:
        os.kill(pid, signal.SIGTERM)


def test_port_taken__says_so() -> None:
    with Anvil() as chain, pytest.raises(AnvilError, match="did not start: Address already in use"):
        Anvil(port=chain.port).start()


def test_find__own_of_right_version_on_path__is_preferred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = fake_anvil(tmp_path, anvil.ANVIL_VERSION)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_anvil() == own


def test_find__own_of_wrong_version__is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = fake_anvil(tmp_path, "0.2.0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert find_anvil() != own


def test_find__none_of_the_right_version__names_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = fake_anvil(tmp_path / "own", "0.2.0")
    monkeypatch.setattr(anvil, "_candidates", lambda: [own])
    with pytest.raises(
        AnvilError, match=r"Anvil 1\.7\.1 was not found \(.*own/anvil is 0\.2\.0\): run `make setup`"
    ):
        find_anvil()
