"""OPS-1 as a person types it: `ape run mint` under faults, killed from outside, and simply run again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import ROOT, ape_run
from minting import customer_file
from suite import MANAGER

from faults.clients import Job
from faults.line import Line
from faults.play import Verdict, judge
from faults.schedule import SEND, Schedule
from faults.world import World

ROWS = 600
SAMPLE = range(12)
_LONGEST = 60.0  # seconds that a run with faults may take before it is killed


@pytest.fixture(scope="module")
def records(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of the world's suite: deploying what is there already writes them."""
    from ape import accounts, networks  # noqa: PLC0415 (slow to import)

    from symbolon.alliance import Alliance  # noqa: PLC0415
    from symbolon.manifest import Records  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("deployments")
    world.rpc("evm_setAutomine", True)
    settings = {"host": world.url}
    with networks.ethereum.local.use_provider(
        "foundry", provider_settings=settings, disconnect_after=True, disconnect_on_exit=False
    ):
        Alliance.deploy(sender=accounts.test_accounts[0], records=Records(folder / "local"))
    world.rpc("evm_setAutomine", False)
    world.keep()
    return folder


class Typed:
    """`ape run mint` on a customer file, over a line, with as many confirmations as a schedule says."""

    def __init__(self, world: World, line: Line, records: Path, folder: Path, schedule: Schedule) -> None:
        self.receipts = folder / "receipts.csv"
        self.file = customer_file(folder / "customers.csv", ROWS)
        self._world, self._line, self._records, self._schedule = world, line, records, schedule
        self._arguments = (
            *("mint", world.suite.token, "--file", str(self.file), "--receipts", str(self.receipts)),
            *("--journal", str(folder / "state"), "--network", f"ethereum:local:{line.url}"),
            *("--account", "TEST::2", "--yes", "--confirmations", str(schedule.confirmations)),
        )

    def run_killed(self, at_send: int | None = None) -> None:
        """Run it until it ends, and kill it after so many sends, or when it takes too long."""
        process = subprocess.Popen(
            ["ape", "run", *self._arguments],
            cwd=ROOT,
            env={**os.environ, "SYMBOLON_DEPLOYMENTS": str(self._records)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + _LONGEST
        while process.poll() is None and time.monotonic() < until:
            if at_send is not None and self._line.seen(SEND) >= at_send:
                break
            time.sleep(0.005)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._line.settle()

    def run_again(self) -> Verdict:
        """Run it without faults, and see what came of it."""
        self._world.calm()
        self._line.clear()
        ended = ape_run(*self._arguments, SYMBOLON_DEPLOYMENTS=str(self._records))
        assert ended.code == 0, ended
        return judge(self._world, Job(self._world.suite, self.file, self._schedule), self.receipts)


def test_ape_run_mint__killed_as_it_sends__run_again__each_row_once(
    world: World, records: Path, tmp_path: Path
) -> None:
    world.reset()
    with Line(world) as line:
        typed = Typed(world, line, records, tmp_path, Schedule.of(0))
        before = world.suite.chain.node.nonce(MANAGER.address)
        typed.run_killed(at_send=1)
        assert not typed.receipts.read_text().count(",minted,"), "it was killed too late"
        outcome = typed.run_again()
    assert outcome.is_right, f"OPS-1: {outcome}"
    assert world.suite.chain.node.nonce(MANAGER.address) == before + 2, "OPS-1: sent more than once"


@pytest.mark.long
@pytest.mark.parametrize("seed", SAMPLE)
def test_ape_run_mint__schedule_of_faults__run_again__each_row_once(
    world: World, records: Path, tmp_path: Path, seed: int
) -> None:
    world.reset()
    schedule = Schedule.of(seed)
    with Line(world) as line:
        typed = Typed(world, line, records, tmp_path, schedule)
        line.begin(schedule.runs[0].line, seed=seed, masked=schedule.masked, journals=tmp_path)
        typed.run_killed(at_send=1 if seed % 3 == 0 else None)
        outcome = typed.run_again()
        assert not line.unwritten, f"OPS-1: {schedule} had it send what no journal tells of"
    assert outcome.is_right, f"OPS-1: {schedule} ended with {outcome}"
