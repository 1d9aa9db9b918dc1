"""What goes wrong, when, and in which run: everything follows from a seed.

A schedule is one to three runs of a client with faults, after which it is run once more without any. Each
schedule's first fault is the next of all there are, so that as many schedules as there are faults have each;
what else happens is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

# On the line to the node.
REQUEST_LOST = "request lost"
REQUEST_TWICE = "request arrives twice"
REQUEST_LATE = "request arrives late"
REORDERED = "requests reordered"
REPLY_LOST = "reply lost"
REPLY_SLOW = "reply slow"
REPLY_TOO_SLOW = "reply too slow"
REPLY_CUT = "reply cut"
STATUS_429 = "status 429"
STATUS_503 = "status 503"
NONSENSE = "nonsense"
NONCE_TOO_LOW = "called nonce too low"
NONCE_MISTOLD = "nonce mistold"
UNDERPRICED = "called underpriced"
LAGGING = "node lags behind"

# On the chain.
DROPPED = "transactions dropped"
SPIKE = "base fee spike"
STOLEN = "nonce stolen"
RESTARTED = "node restarted with older state"
CHAIN_CLOCK = "clock of the chain jumps"
DEEPEST = 10
REORGANISED = tuple(f"reorganised {depth} deep" for depth in range(1, DEEPEST + 1))

# On the operator's machine.
STEPS = ("begun", "signing", "signed", "sent", "mined", "final", "finished")
KILLED_AT = tuple(f"killed when {step}" for step in STEPS)
KILLED_ANYWHERE = "killed at any moment"
KILLED_WRITING = "killed in the middle of a write"
DISK_FULL = "disk full"
CLOCK = "clock of the machine jumps"
JOURNAL_LOST = "journal lost"

# By others.
SAME_MACHINE = "two operators, one machine"
TWO_MACHINES = "two operators, two machines"
TWO_ACCOUNTS = "two operators, two accounts"

SEND, LOOK, ANY = "eth_sendRawTransaction", "eth_blockNumber", "any"
"""At which requests faults come: those of a method, or any; to the chain, behind a send that it has taken."""

_LINE = (
    REQUEST_LOST,
    REQUEST_TWICE,
    REQUEST_LATE,
    REORDERED,
    REPLY_LOST,
    REPLY_SLOW,
    REPLY_TOO_SLOW,
    REPLY_CUT,
    STATUS_429,
    STATUS_503,
    NONSENSE,
    NONCE_TOO_LOW,
    NONCE_MISTOLD,
    UNDERPRICED,
    LAGGING,
)
CHAIN = (DROPPED, SPIKE, STOLEN, RESTARTED, CHAIN_CLOCK, *REORGANISED)
_MACHINE = (*KILLED_AT, KILLED_ANYWHERE, KILLED_WRITING, DISK_FULL, CLOCK, JOURNAL_LOST)
OPERATORS = (SAME_MACHINE, TWO_MACHINES, TWO_ACCOUNTS)
FAULTS = (*_LINE, *CHAIN, *_MACHINE, *OPERATORS)
"""Every kind of fault."""

_AT_SENDS = {REQUEST_LATE, REORDERED, NONCE_TOO_LOW, UNDERPRICED, DROPPED}
_LASTING = {REORDERED, STATUS_429, STATUS_503, LAGGING, NONCE_MISTOLD, NONSENSE}


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong: at the request `at` of those of a method, and at so many following."""

    kind: str
    on: str = ANY
    at: int = 1
    times: int = 1
    dice: int = 0

    @property
    def depth(self) -> int:
        """Of a reorganisation: blocks."""
        return REORGANISED.index(self.kind) + 1


@dataclass(frozen=True)
class Run:
    """One run of a client: what happens on the way to the chain, to its machine, and who else is at it."""

    line: tuple[Fault, ...] = ()
    machine: tuple[Fault, ...] = ()
    others: str = ""


@dataclass(frozen=True)
class Schedule:
    """Runs with faults, and what the operator asked for.

    batches, together: of how many rows each. ceiling: wei a gas, None without one.
    """

    seed: int
    batches: int
    together: int
    confirmations: int
    ceiling: int | None
    masked: bool
    runs: tuple[Run, ...]

    @property
    def rows(self) -> int:
        """In the customer file; the last batch is a small one."""
        return self.together * (self.batches - 1) + 10

    @property
    def kinds(self) -> set[str]:
        """Of faults that it may bring."""
        found = {fault.kind for run in self.runs for fault in run.line + run.machine}
        return found | {run.others for run in self.runs if run.others}

    @classmethod
    def of(cls, seed: int) -> Schedule:
        """The schedule of a seed."""
        dice = Random(seed)
        chief = FAULTS[seed % len(FAULTS)]
        return cls(
            seed=seed,
            batches=dice.choice((2, 3, 4) if chief == REORDERED else (1, 2, 3, 4)),
            together=dice.choice((20, 20, 20, 20, 500)),
            confirmations=dice.choice((1, 1, 2, 3, 6, 12)),
            ceiling=dice.choice((None, None, None, 50 * 10**9)),
            masked=dice.random() < 0.5,
            runs=tuple(
                _run(dice, chief if first else dice.choice(FAULTS))
                for first in [True] + [False] * dice.choice((0, 0, 0, 1, 2))
            ),
        )


def _run(dice: Random, chief: str) -> Run:
    kinds = [chief, *dice.choices(_LINE + CHAIN, k=dice.choice((0, 0, 1, 2, 3)))]
    return Run(
        line=tuple(_fault(dice, kind) for kind in kinds if kind in _LINE + CHAIN),
        machine=tuple(_fault(dice, kind) for kind in kinds if kind in _MACHINE),
        others=chief if chief in OPERATORS else "",
    )


def _fault(dice: Random, kind: str) -> Fault:
    if kind in _AT_SENDS:
        on = SEND
    elif kind in CHAIN:
        on = dice.choice((SEND, LOOK))
    elif kind == NONCE_MISTOLD:
        on = LOOK
    else:
        on = dice.choice((ANY, ANY, SEND, LOOK))
    at = {SEND: dice.choice((1, 1, 1, 2)), LOOK: dice.randint(2, 5), ANY: dice.randint(1, 25)}[on]
    times = dice.choice((1, 1, 3, 8)) if kind in _LASTING else 1
    return Fault(kind, on, at, times * 4 if kind == LAGGING else times, dice.getrandbits(32))
