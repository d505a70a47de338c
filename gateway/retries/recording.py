"""An answer as it went out, kept for those who ask for it again, while it grows and for a while after."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from gateway.refusals import RawHeaders
from gateway.retries.asked import Asked

MOST_BYTES = 1024 * 1024
# A stream whose client counts on no key is seldom asked for again once it has begun: less of it is kept.
MOST_BYTES_OF_A_STREAM = 256 * 1024
# While somebody else reads it, the whole of it is needed.
MOST_BYTES_READ = 16 * 1024 * 1024


@dataclass(slots=True, eq=False)
class Recording:
    """`watchers` are the clients that read it, here and at other gateways.

    `is_gone`: nothing of it can be repeated, because it ended without an answer. `is_dropped`: it was answered, but its
    bytes are too many to be kept.
    """

    id: UUID
    asked: Asked
    status: int = 0
    headers: RawHeaders = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    is_stream: bool = False
    is_over: bool = False
    is_gone: bool = False
    is_dropped: bool = False
    is_joined: bool = False
    watchers: int = 1
    cancel: Callable[[], None] | None = None  # ends the generation, while there is one
    ended_at: float | None = None
    renewed_at: float = field(default_factory=time.monotonic)
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    @property
    def has_started(self) -> bool:
        return self.status != 0

    def start(self, status: int, headers: RawHeaders) -> None:
        self.status, self.headers = status, list(headers)
        self._tell()

    def add(self, data: bytes, *, is_last: bool) -> None:
        self.is_stream = self.is_stream or not is_last
        self.is_over = is_last
        if self.is_dropped or len(self.body) + len(data) > self._most:
            self.drop()
        else:
            self.body += data
        if self._waiting or is_last:
            self._tell()

    @property
    def _most(self) -> int:
        if self.is_joined:
            return MOST_BYTES_READ
        return MOST_BYTES if self.asked.is_keyed or not self.is_stream else MOST_BYTES_OF_A_STREAM

    def drop(self) -> None:
        """Readers who have begun get no further: they were told of no end, and see a broken answer."""
        self.is_dropped = True
        self.body = bytearray()
        self._tell()

    def give_up(self) -> None:
        self.is_gone = self.is_over = True
        self._tell()

    async def news(self) -> None:
        """Return when something has changed."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
