"""A server of plain bytes: each connection is played by a coroutine of the test."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Handler = Callable[["Peer"], Awaitable[None]]

HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.requests: list[bytes] = []
        self.was_left = False

    async def request(self) -> bytes:
        """Read one request with its body. Raises `IncompleteReadError` where the client is gone."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        self.requests.append(head + await self._reader.readexactly(length))
        return self.requests[-1]

    async def send(self, *parts: bytes) -> None:
        """Write parts that arrive one by one."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(0.005)

    async def is_left(self) -> bool:
        """Wait until the client closes its end."""
        try:
            return await self._reader.read(1) == b""
        except ConnectionError:
            return True

    async def is_left_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self.is_left()
        except TimeoutError:
            return False

    def reset(self) -> None:
        self.writer.transport.abort()

    def half_close(self) -> None:
        self.writer.write_eof()


@dataclass
class RawServer:
    url: str
    peers: list[Peer] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    @property
    def connections(self) -> int:
        return len(self.peers)


@asynccontextmanager
async def raw_server(handler: Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
    """A client that goes away ends its handler; any other error of a handler fails the test."""
    played: set[asyncio.Task[None]] = set()

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        played.add(task)
        peer = Peer(reader, writer)
        server.peers.append(peer)
        try:
            await handler(peer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        except Exception as error:  # noqa: BLE001 - The test reports it.
            server.errors.append(error)
        finally:
            writer.close()
            played.discard(task)

    listening = await asyncio.start_server(play, "127.0.0.1", 0, ssl=tls)
    port = listening.sockets[0].getsockname()[1]
    server = RawServer(f"http{'s' if tls else ''}://localhost:{port}")
    try:
        yield server
    finally:
        listening.close()
        for task in list(played):
            task.cancel()
        await asyncio.gather(*played, return_exceptions=True)
    assert server.errors == []
