"""One answer as it arrives: what has been received of it, and who waits for more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from gateway.upstream import MOST_WHOLE, UpstreamDown, UpstreamFailed

# Bytes that wait to be read before the server is made to wait.
MOST_WAITING = 256 * 1024


class Source(Protocol):
    """Where the bytes come from."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Answer:
    """Filled by its connection, read by one task."""

    def __init__(self, loop: asyncio.AbstractEventLoop, source: Source) -> None:
        self._loop = loop
        self._source = source
        self._parts: list[bytes] = []
        self._waiting = 0
        self._is_paused = False
        self._is_wanted_whole = False
        self._reader: asyncio.Future[None] | None = None
        self._failure: UpstreamFailed | None = None
        self.headers: list[tuple[bytes, bytes]] = []  # names in lower case
        self.status = 0
        self.is_complete = False

    def header(self, name: str) -> str | None:
        wanted = name.encode()
        return next((value.decode("latin-1") for found, value in self.headers if found == wanted), None)

    async def head(self) -> None:
        """Return when the head is there. Raises `UpstreamFailed`'s subclasses."""
        while not self.status:
            if self._failure is not None:
                raise self._failure
            await self._change()

    async def chunks(self) -> AsyncIterator[bytes]:
        while True:
            if self._parts:
                yield self._take()
            elif self._failure is not None:
                raise self._failure
            elif self.is_complete:
                return
            else:
                await self._change()

    async def whole(self) -> bytes:
        self._is_wanted_whole = True
        while not self.is_complete:
            if self._failure is not None:
                raise self._failure
            if self._waiting > MOST_WHOLE:
                raise UpstreamDown("The answer is too large.", was_sent=True)
            if self._is_paused:
                self._resume()
            await self._change()
        if self._waiting > MOST_WHOLE:
            raise UpstreamDown("The answer is too large.", was_sent=True)
        return self._take()

    # Its connection calls these.

    def begin(self, status: int) -> None:
        self.status = status
        self._wake()

    def add(self, data: bytes) -> None:
        self._parts.append(data)
        self._waiting += len(data)
        most = MOST_WHOLE if self._is_wanted_whole else MOST_WAITING
        if self._waiting > most and not self._is_paused:
            self._is_paused = True
            self._source.pause()
        if not self._is_wanted_whole or self._is_paused:
            self._wake()

    def complete(self) -> None:
        self.is_complete = True
        self._wake()

    def fail(self, failure: UpstreamFailed) -> None:
        self._failure = failure
        self._wake()

    def _take(self) -> bytes:
        parts, self._parts, self._waiting = self._parts, [], 0
        if self._is_paused:
            self._resume()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _resume(self) -> None:
        self._is_paused = False
        self._source.resume()

    async def _change(self) -> None:
        self._reader = self._loop.create_future()
        await self._reader

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
