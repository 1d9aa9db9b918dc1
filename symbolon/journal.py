"""A journal: what a job has done so far, on disk before it is done in the world.

A journal is a text file, one JSON object a line, only ever appended to. Its first line, the header, binds it
to one job; every later line is a step. Each line ends with a checksum over itself and the checksum before it,
so that a changed, missing or foreign line shows. What `append` was given is on the disk when it returns.

A crash can leave the last line torn. Nothing had been done on its strength yet, so it is dropped on opening.
Anything else that is wrong is an error, never repaired by guessing: the chain itself knows what was minted,
so a damaged journal may be moved away.

One process at a time: opening takes a lock that the system releases when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from symbolon.exceptions import (
    JournalCorruptError,
    JournalError,
    JournalLockedError,
    JournalMismatchError,
)

DEFAULT_FOLDER = Path("state")
"""Where journals lie unless the user names another folder."""

Record = dict[str, Any]

_CHECK = b',"check":"'
_TAIL = len(_CHECK) + 8 + len(b'"}')


class Journal:
    """An open, locked journal; close it or use it in a `with` block.

    header: what binds it to its job. records: every step written so far, oldest first.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        """Open the journal at `path`, or begin it there with `header`.

        Raises JournalLockedError while another process has it, JournalMismatchError where its header differs
        from `header`, JournalCorruptError where it was damaged otherwise than by a crash, JournalError where
        the file cannot be used.
        """
        self.path = path
        self._lock = Lock(path.with_suffix(".lock"), f"Journal {path}")
        try:
            self._descriptor = _open(path)
        except BaseException:
            self._lock.release()
            raise
        try:
            whole = path.read_bytes()
            lines, self._size, self._check = _read(whole, path)
            if not lines:
                self.append(dict(header))
                _sync_folder(path.parent)
                lines = [dict(header)]
            self.header, self.records = lines[0], lines[1:]
            _compare(self.header, header, path)
        except BaseException:
            self.close()
            raise

    def append(self, *records: Mapping[str, Any]) -> None:
        """Write steps; they are on the disk when this returns, all of them with one wait for it.

        Raises JournalError where the disk does not take them; none of them counts then.
        """
        text = bytearray()
        check = self._check
        for record in records:
            line, check = _seal(record, check)
            text += line
        try:
            os.ftruncate(self._descriptor, self._size)  # what a crash or an interrupt left of a line
            view = memoryview(text)
            while view:
                view = view[os.write(self._descriptor, view) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise JournalError(
                f"Journal {self.path} cannot be written ({error.strerror or error}): mend that and run again."
            ) from error
        self._check, self._size = check, self._size + len(text)

    def close(self) -> None:
        """Let others have it."""
        os.close(self._descriptor)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Chapter:
    """The part of a journal that is about one thing: its steps are told apart by `number`."""

    def __init__(self, journal: Journal, number: int, records: Sequence[Record] = ()) -> None:
        """A new chapter, or one of which `records` were written before."""
        self.path = journal.path
        self.records = list(records)
        self._journal = journal
        self._number = number

    def append(self, *records: Mapping[str, Any]) -> None:
        """Write steps of this chapter; see `Journal.append`."""
        self._journal.append(*({**record, "chapter": self._number} for record in records))


class Lock:
    """A file that one process at a time can hold; released when the process ends, however it ends."""

    def __init__(self, path: Path, what: str) -> None:
        """Take it at once; JournalLockedError names the process that has it, `what` begins the sentence."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+")
        except OSError as error:
            raise JournalError(f"{what} cannot be locked at {path}: {error.strerror or error}.") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip() or "another one"
            self._file.close()
            raise JournalLockedError(
                f"{what} is in use by process {holder} on this machine: wait until it ends, or stop it."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let others have it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def read_journal(path: Path) -> tuple[Record, list[Record]]:
    """Header and steps of a journal that somebody may be writing; changes nothing.

    The header is empty where not even that was written whole. Raises JournalCorruptError, JournalError.
    """
    try:
        lines, _, _ = _read(path.read_bytes(), path)
    except OSError as error:
        raise JournalError(f"Journal {path} cannot be read: {error.strerror or error}.") from error
    return (lines[0], lines[1:]) if lines else ({}, [])


def read_header(path: Path) -> Record:
    """The header of a journal, without reading the rest; empty where it is not whole. Raises JournalError."""
    try:
        with path.open("rb") as file:
            lines, _, _ = _read(file.readline(), path)
    except OSError as error:
        raise JournalError(f"Journal {path} cannot be read: {error.strerror or error}.") from error
    except JournalCorruptError:
        lines = []
    return lines[0] if lines else {}


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise JournalError(f"Journal {path} cannot be opened: {error.strerror or error}.") from error


def _sync_folder(folder: Path) -> None:
    """Have the folder's entry for a new file on disk, without which the file is lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _seal(record: Mapping[str, Any], check: int) -> tuple[bytes, int]:
    body = orjson.dumps(record)
    check = zlib.crc32(body, check)
    return body[:-1] + _CHECK + b'%08x"}\n' % check, check


def _read(whole: bytes, path: Path) -> tuple[list[Record], int, int]:
    """The sound lines, how many bytes they take, and the last checksum."""
    lines: list[Record] = []
    check = 0
    sound = 0
    while sound < len(whole):
        end = whole.find(b"\n", sound)
        line = whole[sound:end] if end >= 0 else whole[sound:]
        body = line[:-_TAIL] + b"}"
        expected = zlib.crc32(body, check)
        if end < 0 or line[-_TAIL:] != _CHECK + b'%08x"}' % expected:
            if end < 0 or (end + 1 == len(whole) and not _is_whole(line)):
                break  # torn by a crash
            raise JournalCorruptError(
                f"Journal {path} is damaged at line {len(lines) + 1}: move it away and run again; what was "
                "done is read from the chain and not sent twice."
            )
        lines.append(orjson.loads(body))
        check = expected
        sound = end + 1
    return lines, sound, check


def _is_whole(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _compare(found: Record, wanted: Mapping[str, Any], path: Path) -> None:
    # Through JSON, as the found one came, so that a tuple equals a list.
    plain: Record = orjson.loads(orjson.dumps(wanted))
    differing = [key for key in {**plain, **found} if plain.get(key) != found.get(key)]
    if differing:
        key = differing[0]
        raise JournalMismatchError(
            f"Journal {path} belongs to another job, with {key} {found.get(key)} and not {plain.get(key)}: "
            "go on with what it was begun with, or name another folder for journals."
        )
