"""The recordings of this process: those that run, and those that ended lately. Bounded in bytes and in time."""

import time
from collections import deque
from uuid import UUID

from gateway.retries.claims import KEY_SECONDS, MARK_SECONDS
from gateway.retries.recording import MOST_BYTES, Recording

MOST_BYTES_OF_ALL = 32 * 1024 * 1024
# What one recording takes besides its body.
OVERHEAD_BYTES = 2048


class Kept:
    def __init__(self, most: int = MOST_BYTES_OF_ALL) -> None:
        self._most = most
        self._all: dict[UUID, Recording] = {}
        self._running: dict[UUID, Recording] = {}
        # In the order in which they ended; by body, and by Idempotency-Key, which is kept for longer.
        self._by_body: deque[Recording] = deque()
        self._by_key: deque[Recording] = deque()
        self._ended_bytes = 0

    def add(self, recording: Recording) -> None:
        self._all[recording.id] = self._running[recording.id] = recording

    def find(self, id_: UUID) -> Recording | None:
        return self._all.get(id_)

    @property
    def running(self) -> list[Recording]:
        return list(self._running.values())

    @property
    def bytes(self) -> int:
        running = sum(len(recording.body) + OVERHEAD_BYTES for recording in self._running.values())
        return running + self._ended_bytes

    def end(self, recording: Recording) -> None:
        """The answer was given, and may be asked for again for a while."""
        if self._running.pop(recording.id, None) is None:
            return
        if len(recording.body) > MOST_BYTES:
            recording.drop()
        recording.ended_at = time.monotonic()
        self._ended_bytes += len(recording.body) + OVERHEAD_BYTES
        (self._by_key if recording.asked.is_keyed else self._by_body).append(recording)

    def forget(self, recording: Recording) -> None:
        """Of what is running: it ended without an answer."""
        self._running.pop(recording.id, None)
        self._all.pop(recording.id, None)
        recording.give_up()

    def sweep(self, now: float) -> None:
        """Let go of what is too old, then of what is too much: what ended first, then the longest that run."""
        for ended, seconds in ((self._by_body, MARK_SECONDS), (self._by_key, KEY_SECONDS)):
            while ended and (ended[0].ended_at or 0) < now - seconds:
                self._remove(ended.popleft())
        while self.bytes > self._most and self._by_body:
            self._remove(self._by_body.popleft())
        excess = self.bytes - self._most
        if excess > 0:
            self._shorten(excess)

    def _shorten(self, excess: int) -> None:
        """A claim by key remembers that there was an answer, even where its bytes are gone."""
        for recording in [*self._by_key, *sorted(self._running.values(), key=_size, reverse=True)]:
            if excess <= 0:
                return
            if not recording.is_joined and not recording.is_dropped:
                excess -= len(recording.body)
                if recording.ended_at is not None:
                    self._ended_bytes -= len(recording.body)
                recording.drop()

    def _remove(self, recording: Recording) -> None:
        self._all.pop(recording.id, None)
        self._ended_bytes -= len(recording.body) + OVERHEAD_BYTES


def _size(recording: Recording) -> int:
    return len(recording.body)
