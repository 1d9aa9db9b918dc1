"""The tool with something left out of it that keeps the promise: what the schedules have to notice."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

import symbolon.bulk_mint
import symbolon.journal
import symbolon.sender
from faults import schedule as what
from faults.clients import Job, Steps, tool
from symbolon.bulk_mint import BulkMint
from symbolon.exceptions import NodeRefusedError
from symbolon.journal import Journal, Record
from symbolon.mint_job import MintJob
from symbolon.reconcile import Minted, find_batches
from symbolon.sender import Policy, Sender


@dataclass(frozen=True)
class Broken:
    """A client: the tool, after `breaks` has been done to it in its process.

    shown_by: the kinds of faults that show it, one of which is enough; none where any schedule does.
    """

    breaks: Callable[[], None]
    shown_by: tuple[str, ...] = ()

    def __call__(self, job: Job, url: str, folder: Path, minter: LocalAccount, on_step: Steps) -> None:
        self.breaks()
        tool(job, url, folder, minter, on_step)


def _patch(owner: Any, name: str, value: Any) -> None:
    """In this process, which nobody else shares."""
    setattr(owner, name, value)


def sends_before_it_writes() -> None:
    append = Journal.append
    held: list[Record] = []

    def late(self: Journal, *records: Record) -> None:
        append(self, *held)
        held[:] = [record for record in records if record["kind"] == "signed"]
        append(self, *(record for record in records if record["kind"] != "signed"))

    _patch(Journal, "append", late)


def does_not_wait_for_the_disk() -> None:
    _patch(os, "fsync", lambda _: None)


def writes_on_behind_a_torn_line() -> None:
    _patch(os, "ftruncate", lambda *_: None)


def takes_no_lock() -> None:
    class Open:
        def __init__(self, *_: object) -> None: ...
        def release(self) -> None: ...

    _patch(symbolon.journal, "Lock", Open)
    _patch(symbolon.sender, "Lock", lambda *_: nullcontext())


def names_batches_by_chance() -> None:
    salt = secrets.token_bytes(20)
    batch_id = MintJob.batch_id
    _patch(MintJob, "batch_id", lambda self, number: salt + batch_id(self, number)[20:])


def asks_for_no_confirmations() -> None:
    make = Policy.__init__

    def hasty(self: Policy, **options: Any) -> None:
        make(self, **{**options, "confirmations": 1})

    _patch(Policy, "__init__", hasty)


def believes_its_journal() -> None:
    """What was final once is not looked for again."""
    resume, sort_out = Sender._resume, Sender._sort_out

    def trusting(self: Sender, calls: Sequence[Any]) -> list[Any]:
        items = resume(self, calls)
        self._settled += sum(item.recorded for item in items)
        return items

    def without_those(self: Sender, items: Sequence[Any]) -> None:
        sort_out(self, [item for item in items if not item.recorded])

    _patch(Sender, "_resume", trusting)
    _patch(Sender, "_sort_out", without_those)


def keeps_receipts_once_written() -> None:
    write = BulkMint.write_receipts

    def once(self: BulkMint, path: Path, minted: dict[int, Minted]) -> None:
        if not path.exists() or "not yet" in path.read_text():
            write(self, path, minted)

    _patch(BulkMint, "write_receipts", once)


def looks_only_where_it_began() -> None:
    def near(node: Any, job: Any, numbers: Sequence[int], first: int, last: int) -> dict[int, Minted]:
        return find_batches(node, job, numbers, first, last) if first else {}

    _patch(symbolon.bulk_mint, "find_batches", near)


def asks_nobody_what_was_done() -> None:
    make = Sender.__init__

    def alone(self: Sender, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **{**options, "done": None})

    _patch(Sender, "__init__", alone)


def never_sends_again() -> None:
    _patch(Sender, "_push", lambda *_, **__: None)


def leaves_gaps() -> None:
    _patch(Sender, "_fill_gap", lambda *_: None)


def takes_another_nonce_when_told_too_low() -> None:
    hear = Sender._hear

    def eager(self: Sender, item: Any, refusal: NodeRefusedError) -> bool:
        if "nonce too low" in refusal.reason:
            self._open.remove(item)
            item.give_up_nonce()
            self._planned.append(item)
            return False
        return hear(self, item, refusal)

    _patch(Sender, "_hear", eager)


def raises_fees_at_another_nonce() -> None:
    send = Sender._sign_and_send

    def elsewhere(self: Sender, group: Sequence[Any], *, may_raise: bool = True) -> None:
        if not may_raise:
            end = max(item.nonce for item in self._open) + 1
            group = [(item, end + at, fees) for at, (item, _, fees) in enumerate(group)]
        send(self, group, may_raise=may_raise)

    _patch(Sender, "_sign_and_send", elsewhere)


UNDOING = (what.RESTARTED, *what.REORGANISED)

BROKEN = {
    each.breaks.__name__: each
    for each in (
        Broken(sends_before_it_writes),
        Broken(does_not_wait_for_the_disk),
        Broken(writes_on_behind_a_torn_line, (what.KILLED_WRITING, what.DISK_FULL)),
        Broken(takes_no_lock, (what.SAME_MACHINE,)),
        Broken(names_batches_by_chance),
        Broken(asks_for_no_confirmations),
        Broken(believes_its_journal, UNDOING),
        Broken(keeps_receipts_once_written, UNDOING),
        Broken(looks_only_where_it_began, (what.RESTARTED, what.TWO_MACHINES, what.JOURNAL_LOST)),
        Broken(asks_nobody_what_was_done, (what.STOLEN, what.JOURNAL_LOST)),
        Broken(never_sends_again, (what.REQUEST_LOST, what.DROPPED, what.KILLED_AT[2])),
        Broken(leaves_gaps, (what.NONCE_MISTOLD, what.DROPPED)),
        Broken(takes_another_nonce_when_told_too_low, (what.NONCE_TOO_LOW, what.REQUEST_TWICE)),
        Broken(raises_fees_at_another_nonce, (what.UNDERPRICED, what.SPIKE)),
    )
}
