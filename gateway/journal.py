"""Usage that PostgreSQL could not take: JSON lines in files, synced to disk before anyone is told that they are safe.

A file is locked by the gateway that writes or replays it; a file without a living owner is adopted at the next start.
It is removed only after everything in it has been settled: a crash in between replays it, which counts nothing twice.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from gateway.database import Row

NANOSECONDS = 10**9


class Segment:
    """One file, open and locked. Its name says when it was begun."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self.file = file
        self.events = 0

    @classmethod
    def begin(cls, folder: Path) -> "Segment":
        path = folder / f"usage-{time.time_ns():020d}-{os.getpid()}.jsonl"
        segment = cls(path, path.open("xb+", buffering=0))
        fcntl.flock(segment.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sync_folder(folder)
        return segment

    @classmethod
    def adopt(cls, path: Path) -> "Segment | None":
        """None where another gateway lives on it, or has just removed it."""
        try:
            file = path.open("rb+", buffering=0)
        except FileNotFoundError:
            return None
        if not _is_ours_now(file, path):
            file.close()
            return None
        segment = cls(path, file)
        segment.events = len(segment.rows())
        return segment

    @property
    def begun_at(self) -> float:
        """Unix seconds."""
        return int(self.path.stem.split("-")[1]) / NANOSECONDS

    def append(self, rows: Iterable[Row]) -> int:
        """Answer how many rows are on the disk now. Raises OSError, after which this file is not appended to."""
        lines = [msgspec.json.encode(row) + b"\n" for row in rows]
        data = b"".join(lines)
        while data:
            data = data[self.file.write(data) or 0 :]
        os.fsync(self.file.fileno())
        self.events += len(lines)
        return len(lines)

    def rows(self) -> list[Row]:
        """In order of arrival. A line cut off by a crash was never acknowledged, and is left out."""
        found = []
        for line in self.path.read_bytes().split(b"\n"):
            with contextlib.suppress(msgspec.DecodeError):
                found.append(msgspec.json.decode(line, type=Row))
        return found

    def remove(self) -> None:
        self.path.unlink()
        _sync_folder(self.path.parent)
        self.file.close()


class Journal:
    """The files of one gateway: those to replay, oldest first, and the one being written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        found = [Segment.adopt(path) for path in sorted(folder.glob("usage-*.jsonl"))]
        self._sealed = [segment for segment in found if segment is not None]
        self._current: Segment | None = None

    def adopted(self) -> Iterator[list[Row]]:
        """What earlier processes left, file by file."""
        return (segment.rows() for segment in self._sealed)

    @property
    def is_empty(self) -> bool:
        return not self._sealed and self._current is None

    @property
    def events(self) -> int:
        return sum(segment.events for segment in self._segments())

    @property
    def oldest_at(self) -> float | None:
        return min((segment.begun_at for segment in self._segments()), default=None)

    def append(self, rows: list[Row]) -> None:
        """Return when the rows are on the disk. Raises OSError; the next attempt begins another file."""
        if self._current is None:
            self._current = Segment.begin(self._folder)
        try:
            self._current.append(rows)
        except OSError:
            self.seal()
            raise

    def seal(self) -> None:
        """From here on rows go to another file."""
        if self._current is not None:
            self._sealed.append(self._current)
            self._current = None

    def oldest(self) -> Segment | None:
        """The next file to replay; the one being written is sealed for it."""
        if not self._sealed:
            self.seal()
        return self._sealed[0] if self._sealed else None

    def remove_oldest(self) -> None:
        self._sealed.pop(0).remove()

    def refuse(self, row: Row, reason: str) -> None:
        """Keep a row that PostgreSQL refuses for staff to look at; it is neither lost nor tried again."""
        with (self._folder / "refused.jsonl").open("ab", buffering=0) as file:
            file.write(msgspec.json.encode({"reason": reason, "row": row}) + b"\n")
            os.fsync(file.fileno())

    def close(self) -> None:
        for segment in self._segments():
            segment.file.close()

    def _segments(self) -> list[Segment]:
        return [*self._sealed, *([] if self._current is None else [self._current])]


def _is_ours_now(file: IO[bytes], path: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(file.fileno()).st_ino == path.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
