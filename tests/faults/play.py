"""Plays a schedule with a client and says what came of it."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from eth_account.signers.local import LocalAccount
from minting import customer_file
from suite import DECIMALS, MANAGER, PARTNER

from faults import schedule as what
from faults.clients import Client, Job, Steps
from faults.line import Line
from faults.machine import Machine
from faults.schedule import Fault, Run, Schedule
from faults.world import World
from symbolon.addresses import keccak
from symbolon.customers import read_customers
from symbolon.exceptions import SymbolonError
from symbolon.units import parse_amount

_DONE, _REFUSED, _BROKEN = 0, 3, 4  # how a client's process ends
_HANGS = 60.0  # seconds
_MOMENTS = 30  # requests after which a client is killed, at most
_TRANSFER = "0x" + keccak(b"Transfer(address,address,uint256)").hex()


@dataclass(frozen=True)
class Verdict:
    """What the chain has of a customer file.

    twice, missed: rows minted more than once, and not at all. early: rows not as deep in the chain as was
    asked for. untrue: lines of the receipt file that the chain does not bear out, None without a file. idle:
    mints in the chain that did nothing, which only cost gas.
    """

    twice: int
    missed: int
    early: int
    untrue: int | None
    idle: int

    @property
    def is_right(self) -> bool:
        """Each row exactly once and for good, and receipts that say so."""
        return not (self.twice or self.missed or self.early or self.untrue is None or self.untrue)


@dataclass
class Outcome:
    """What came of a schedule.

    end: what the chain has in the end. unwritten: transactions sent before they were in a journal on disk.
    broken: what should not have been said at all. said: how each run ended.
    """

    end: Verdict | None = None
    unwritten: int = 0
    broken: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """All is in order in the end, and was at each step on the way there."""
        return self.end is not None and self.end.is_right and not (self.unwritten or self.broken)


class Stage:
    """A world and the line to it, for many schedules. fired: how often each kind of fault has happened."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.line = Line(world)
        self.fired: Counter[str] = Counter()
        self._files: dict[int, Path] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="symbolon-faults-")

    def __enter__(self) -> Stage:
        self.line.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.line.__exit__(None, None, None)
        self._folder.cleanup()

    def play(self, schedule: Schedule, client: Client, *, rows: int | None = None) -> Outcome:
        """The runs of a schedule, one more without faults, and what the chain and the receipts then say."""
        self.world.reset()
        self.line.fired.clear()
        self.line.unwritten = 0
        outcome = Outcome()
        job = Job(self.world.suite, self._file(rows or schedule.rows), schedule)
        with tempfile.TemporaryDirectory(dir=self._folder.name) as place:
            folder = Path(place) / "mine"
            for number, run in enumerate(schedule.runs):
                self._begin(schedule, Path(place), number, run.line)
                self._run(client, job, run, folder, outcome)
                if any(each.kind == what.JOURNAL_LOST for each in run.machine) and folder.exists():
                    shutil.rmtree(folder)
                    self.fired[what.JOURNAL_LOST] += 1
            self.world.calm()
            self._begin(schedule, Path(place))
            last = _Process(client, replace(job, patience=15.0), self.line, folder)
            outcome.said.append(last.wait())
            self.line.settle()
            if last.code != _DONE:
                outcome.broken.append(f"run again, it ended so: {last.said}")
            outcome.end = judge(self.world, job, folder / "receipts.csv")
            # Two who do not know of each other in time may mint the same, and the token takes one of them.
            if outcome.end.idle and not schedule.kinds & {what.TWO_MACHINES, what.TWO_ACCOUNTS}:
                outcome.broken.append("it paid gas for mints that did nothing")
        outcome.unwritten = self.line.unwritten
        self.fired += self.line.fired
        return outcome

    def _begin(self, schedule: Schedule, place: Path, number: int = 9, faults: Sequence[Fault] = ()) -> None:
        seed = schedule.seed * 10 + number
        self.line.begin(faults, seed=seed, masked=schedule.masked, journals=place)

    def _file(self, rows: int) -> Path:
        if rows not in self._files:
            self._files[rows] = customer_file(Path(self._folder.name) / f"{rows}.csv", rows)
        return self._files[rows]

    def _run(self, client: Client, job: Job, run: Run, folder: Path, outcome: Outcome) -> None:
        processes = [_Process(client, job, self.line, folder, faults=run.machine)]
        if run.others:
            elsewhere = folder if run.others == what.SAME_MACHINE else folder.with_name("theirs")
            minter = PARTNER if run.others == what.TWO_ACCOUNTS else MANAGER
            processes.append(_Process(client, job, self.line, elsewhere, minter=minter))
            self.fired[run.others] += 1
        for process in processes:
            outcome.said.append(process.wait())
        self.line.settle()
        for process in processes:
            self.fired += process.fired
            if process.code == _BROKEN:
                outcome.broken.append(process.said)
        if not run.others and processes[0].code == _DONE:
            found = judge(self.world, job, folder / "receipts.csv")
            if not found.is_right:
                outcome.broken.append(f"it said that all was done: {found}")


class _Process:
    """A client in a process of its own. fired: faults of its machine that happened to it."""

    def __init__(
        self,
        client: Client,
        job: Job,
        line: Line,
        folder: Path,
        *,
        minter: LocalAccount = MANAGER,
        faults: Sequence[Fault] = (),
    ) -> None:
        self.code = _DONE
        self.said = ""
        self.fired: Counter[str] = Counter()
        self._kills = [fault for fault in faults if fault.kind == what.KILLED_ANYWHERE]
        self._line = line
        self._pipe, told = os.pipe()
        self._began = time.monotonic()
        self._pid = os.fork()
        if self._pid:
            os.close(told)
            return
        code = _BROKEN
        try:
            os.close(self._pipe)
            code = _be(partial(client, job, line.url, folder, minter), faults, folder, told)
        finally:
            os._exit(code)

    def wait(self) -> str:
        """How it ended; killed where it is to be killed or does not end."""
        until = self._began + _HANGS
        while (ended := os.waitpid(self._pid, os.WNOHANG))[0] == 0:
            moment = any(self._line.seen(what.ANY) > fault.dice % _MOMENTS for fault in self._kills)
            if moment or time.monotonic() > until:
                os.kill(self._pid, signal.SIGKILL)
                ended = os.waitpid(self._pid, 0)
                self.fired[what.KILLED_ANYWHERE] += moment
                break
            time.sleep(0.001)
        self.code = os.waitstatus_to_exitcode(ended[1])
        with os.fdopen(self._pipe, "rb") as pipe:
            *kinds, self.said = pipe.read().decode().split("\0")
        self.fired.update(kinds)
        if self.code == -signal.SIGKILL:
            if not self.fired:
                self.code, self.said = _BROKEN, "it did not end"
            self.said = self.said or "killed"
        elif self.code not in (_DONE, _REFUSED):
            self.code = _BROKEN
        return self.said or "done"


# ---- in the client's process


def _be(act: Callable[[Steps], None], faults: Sequence[Fault], folder: Path, told: int) -> int:
    """Run a client on a machine with faults; how to end this process."""
    write = os.write

    def tell(kind: str) -> None:
        write(told, kind.encode() + b"\0")

    machine = Machine(faults, folder, tell)
    try:
        act(machine.on_step)
    except SymbolonError as error:
        write(told, str(error).encode())
        return _REFUSED
    except BaseException:
        write(told, traceback.format_exc().encode()[-3_000:])
        return _BROKEN
    return _DONE


# ---- what came of it


def judge(world: World, job: Job, receipts: Path) -> Verdict:
    """Compare the chain and the receipt file with the customer file, row by row."""
    request = {"address": job.suite.token, "topics": [_TRANSFER, "0x" + "00" * 32], "fromBlock": "0x0"}
    minted: Counter[tuple[str, int]] = Counter()
    places: set[tuple[str, int, str, int]] = set()
    for log in world.rpc("eth_getLogs", request):
        row = "0x" + log["topics"][2][26:], int(log["data"], 16)
        minted[row] += 1
        places.add((*row, log["transactionHash"], int(log["blockNumber"], 16)))
    wanted = Counter((address.lower(), amount) for address, amount in read_customers(job.file, DECIMALS))
    deep = world.head() - job.schedule.confirmations + 1
    return Verdict(
        twice=(minted - wanted).total(),
        missed=(wanted - minted).total(),
        early=sum(block > deep for *_, block in places),
        untrue=_untrue(receipts, places, wanted.total()) if receipts.exists() else None,
        idle=sum(
            receipt["status"] == "0x0" and receipt["to"].lower() == job.suite.token.lower()
            for receipt in world.receipts()
        ),
    )


def _untrue(receipts: Path, places: set[tuple[str, int, str, int]], rows: int) -> int:
    with receipts.open(newline="") as text:
        lines = list(csv.DictReader(text))
    told = {
        (
            line["address"].lower(),
            parse_amount(line["amount"], DECIMALS),
            line["transaction"],
            int(line["block"] or 0),
        )
        for line in lines
    }
    return len(told ^ places) + abs(len(lines) - rows)
