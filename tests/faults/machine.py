"""The operator's machine, in the client's own process: killed, out of disk, with a clock that jumps.

Even without faults it is not like others. Its clocks go on by as much as somebody wants to sleep, so that a
client waits as patiently as in earnest and nobody has to wait for it, nor does it matter how busy the machine
is. And its disk keeps nothing that was not waited for: who dies has been cut off from power as well.
"""

from __future__ import annotations

import errno
import gc
import os
import resource
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from faults import schedule as what
from faults.schedule import Fault

_system_write = os.write


class Machine:
    """Makes this process's machine one of this kind, with the faults of a run; there is no way back.

    tell: is told the kind of each fault as it happens. files: where the client writes.
    """

    def __init__(self, faults: Sequence[Fault], files: Path, tell: Callable[[str], None]) -> None:
        self._faults = {fault.kind: fault for fault in faults}
        self._files = files
        self._tell = tell
        self._writes = 0
        self._unkept: defaultdict[int, bytes] = defaultdict(bytes)
        gc.disable()  # it would copy all the memory that is shared with the process that this one came from
        os.write = self._write  # type: ignore[assignment]
        os.fsync = self._keep  # type: ignore[assignment]
        self._set_clocks()
        if what.CLOCK in self._faults:
            self._have_clocks_leap(self._faults[what.CLOCK])

    def on_step(self, name: str) -> None:
        """A step has been taken."""
        if (fault := self._faults.get(f"killed when {name}")) is not None:
            self._die(fault)
        fault = self._faults.get(what.DISK_FULL)
        if fault is not None and name == ("begun", "signing")[fault.dice % 2]:
            size = max((path.stat().st_size for path in self._files.rglob("*.jsonl")), default=0)
            room = size + fault.dice % 2_000
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    def _write(self, descriptor: int, data: bytes) -> int:
        self._writes += 1
        fault = self._faults.get(what.KILLED_WRITING)
        if fault is not None and self._writes > fault.dice % 6:
            _system_write(descriptor, data[: fault.dice % len(data)])
            self._die(fault)
        self._unkept[descriptor] += data
        return len(data)

    def _keep(self, descriptor: int) -> None:
        data = self._unkept.pop(descriptor, b"")
        try:
            while data:
                data = data[_system_write(descriptor, data) :]
        except OSError as error:
            self._tell(what.DISK_FULL)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error

    def _die(self, fault: Fault) -> None:
        self._tell(fault.kind)
        os.kill(os.getpid(), signal.SIGKILL)

    def _set_clocks(self) -> None:
        slept = 0.0
        sleep, monotonic, wall = time.sleep, time.monotonic, time.time

        def oversleep(seconds: float) -> None:
            nonlocal slept
            slept += seconds
            sleep(0)

        time.sleep = oversleep  # type: ignore[assignment]
        time.monotonic = lambda: monotonic() + slept
        time.time = lambda: wall() + slept

    def _have_clocks_leap(self, fault: Fault) -> None:
        """The machine sleeps for a while, or somebody sets it right: both clocks leap when they were read."""
        readings = 0
        ahead = (3_600, 86_400)[fault.dice % 2]
        back = (1, -1)[fault.dice // 2 % 2]
        monotonic, wall = time.monotonic, time.time

        def leaps() -> bool:
            nonlocal readings
            readings += 1
            if readings == 2 + fault.dice % 40:
                self._tell(fault.kind)
            return readings >= 2 + fault.dice % 40

        time.monotonic = lambda: monotonic() + (ahead if leaps() else 0)
        time.time = lambda: wall() + (back * ahead if leaps() else 0)
