"""Journals survive a crash at any byte, and say so when anything else happened to them."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbolon.exceptions import (
    JournalCorruptError,
    JournalError,
    JournalLockedError,
    JournalMismatchError,
)
from symbolon.journal import Journal, Lock, read_header, read_journal

HEADER = {"kind": "header", "chain": 31337, "job": "0xabc"}
STEPS = [{"kind": "signed", "nonce": n, "raw": "0x02" + "ab" * n} for n in range(5)]

VALUES = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.lists(st.text(), max_size=2)
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "job.jsonl"


def written(path: Path) -> bytes:
    with Journal(path, HEADER) as journal:
        journal.append(*STEPS[:2])
        journal.append(*STEPS[2:])
    return path.read_bytes()


def test_reopen__all_steps_in_order(path: Path) -> None:
    written(path)
    with Journal(path, HEADER) as journal:
        assert journal.records == STEPS
        journal.append({"kind": "finished"})
    header, records = read_journal(path)
    assert header == HEADER == read_header(path)
    assert records == [*STEPS, {"kind": "finished"}]


def test_append__on_disk_when_it_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(path.stat().st_size))
    with Journal(path, HEADER) as journal:
        synced.clear()
        journal.append(*STEPS)
        assert synced == [path.stat().st_size]  # one wait for the whole group, after its last byte


@pytest.mark.parametrize("stage", ["write", "fsync"])
@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_append__cut_off__does_not_count__and_later_ones_do(
    path: Path, monkeypatch: pytest.MonkeyPatch, stage: str, trouble: BaseException
) -> None:
    write = os.write

    def half(descriptor: int, data: memoryview) -> int:
        write(descriptor, data[: len(data) // 2])
        raise trouble

    def never(descriptor: int) -> None:
        raise trouble

    with Journal(path, HEADER) as journal:
        journal.append(STEPS[0])
        with monkeypatch.context() as patch, pytest.raises((KeyboardInterrupt, JournalError)) as stopped:
            patch.setattr(os, stage, half if stage == "write" else never)
            journal.append(*STEPS[1:])
        assert stopped.type is KeyboardInterrupt or "No space left on device" in str(stopped.value)
        journal.append({"kind": "after"})
    with Journal(path, HEADER) as journal:
        assert journal.records == [STEPS[0], {"kind": "after"}]


def test_every_line_is_plain_json(path: Path) -> None:
    lines = written(path).splitlines()
    assert [orjson.loads(line)["kind"] for line in lines] == ["header", *["signed"] * 5]


def test_cut_at_any_byte__whole_lines_kept__and_goes_on(path: Path) -> None:
    whole = written(path)
    line_ends = [at + more for at, byte in enumerate(whole) if byte == ord("\n") for more in (-1, 0, 1)]
    for cut in sorted({*range(0, len(whole), 11), *line_ends}):
        path.write_bytes(whole[:cut])
        complete = whole[:cut].count(b"\n")
        with Journal(path, HEADER) as journal:
            assert journal.records == STEPS[: max(0, complete - 1)]
            journal.append({"kind": "after"})
        with Journal(path, HEADER) as journal:
            assert journal.records == [*STEPS[: max(0, complete - 1)], {"kind": "after"}]


def test_last_line_garbled__dropped(path: Path) -> None:
    whole = written(path)
    path.write_bytes(whole[:-30] + bytes(29) + b"\n")
    with Journal(path, HEADER) as journal:
        assert journal.records == STEPS[:-1]


def test_any_byte_changed_before_the_last_line__refused(path: Path) -> None:
    whole = written(path)
    last = whole.rindex(b"\n", 0, len(whole) - 1) + 1
    for at in range(0, last, 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(JournalCorruptError, match=r"damaged at line \d: move it away and run again"):
            Journal(path, HEADER)


@pytest.mark.parametrize("missing", range(5))
def test_a_line_missing__refused(path: Path, missing: int) -> None:
    lines = written(path).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:missing] + lines[missing + 1 :]))
    with pytest.raises(JournalCorruptError, match=f"damaged at line {missing + 1}"):
        Journal(path, HEADER)


def test_damaged__left_as_it_is(path: Path) -> None:
    damaged = b"{}\n" + written(path)
    path.write_bytes(damaged)
    with pytest.raises(JournalCorruptError):
        Journal(path, HEADER)
    assert path.read_bytes() == damaged
    assert read_header(path) == {}


def test_other_job__refused_by_name(path: Path) -> None:
    written(path)
    with pytest.raises(JournalMismatchError, match="another job, with chain 31337 and not 1:"):
        Journal(path, {**HEADER, "chain": 1})
    with pytest.raises(JournalMismatchError, match="with signer None and not 0xb0b"):
        Journal(path, {**HEADER, "signer": "0xb0b"})
    with Journal(path, HEADER) as journal:  # refusing left no lock behind
        assert journal.records == STEPS


def test_two_at_once__second_refused_with_the_firsts_process(path: Path) -> None:
    with Journal(path, HEADER):
        with pytest.raises(JournalLockedError, match=f"in use by process {os.getpid()} on this machine"):
            Journal(path, HEADER)
        assert read_journal(path) == (HEADER, [])  # looking is always allowed
    Journal(path, HEADER).close()


def test_holder_killed__lock_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\nfrom pathlib import Path\nfrom symbolon.journal import Lock\n"
            "lock = Lock(Path(sys.argv[1]), 'It')\nprint('held', flush=True)\ntime.sleep(60)",
            str(tmp_path / "it.lock"),
        ],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(JournalLockedError, match=f"It is in use by process {holder.pid}"):
        Lock(tmp_path / "it.lock", "It")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    Lock(tmp_path / "it.lock", "It").release()


def test_unusable_place__a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be locked at"):
        Journal(tmp_path / "file" / "job.jsonl", HEADER)
    (tmp_path / "job.jsonl").mkdir()
    with pytest.raises(JournalError, match="cannot be opened: Is a directory"):
        Journal(tmp_path / "job.jsonl", HEADER)
    with pytest.raises(JournalError, match="cannot be read"):
        read_journal(tmp_path / "none.jsonl")
    with pytest.raises(JournalError, match="cannot be read"):
        read_header(tmp_path / "none.jsonl")


@settings(max_examples=25)  # each waits for the disk
@given(
    st.lists(
        st.lists(st.dictionaries(st.text(), VALUES, min_size=1, max_size=2), min_size=1, max_size=3),
        max_size=3,
    )
)
def test_any_json__comes_back(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[dict[str, object]]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "job.jsonl"
    with Journal(path, HEADER) as journal:
        for group in groups:
            journal.append(*group)
    assert read_journal(path) == (HEADER, [record for group in groups for record in group])
