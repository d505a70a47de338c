"""Streams: connections that each read one event stream after the other, over bare protocols on uvloop."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import cast

import uvloop

from tests.benchmarks.target import Target

LONGEST_SECONDS = 120.0
END = b"0\r\n\r\n"


@dataclass
class Streams:
    """What was read. `firsts` are the seconds from a request to its first `data:` line."""

    whole: int = 0
    chunks: int = 0
    errors: int = 0
    firsts: list[float] = field(default_factory=list)


class Reader(asyncio.Protocol):
    """Sends a request, reads its chunked answer to the end, and sends the next while there is time."""

    def __init__(self, request: bytes, streams: Streams, until: float) -> None:
        self._request = request
        self._streams = streams
        self._until = until
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._has_begun = False
        self._tail = b""

    async def finish(self) -> None:
        await self._done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        if not self._has_begun and b"data:" in data:
            self._has_begun = True
            self._streams.firsts.append(time.monotonic() - self._sent)
        self._streams.chunks += data.count(b"data:")
        self._tail = (self._tail + data)[-len(END) :]
        if self._tail == END:
            self._ended()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._streams.errors += 1
            self._done.set_result(None)

    def _send(self) -> None:
        self._has_begun, self._tail = False, b""
        self._sent = time.monotonic()
        self._transport.write(self._request)

    def _ended(self) -> None:
        if self._has_begun:
            self._streams.whole += 1
        else:
            self._streams.errors += 1
        if time.monotonic() < self._until:
            self._send()
        elif not self._done.done():
            self._done.set_result(None)
            self._transport.close()


def read_streams(target: Target, *, connections: int, seconds: float) -> Streams:
    """Read streams on `connections` until `seconds` have passed, and those that have begun to their end."""
    return uvloop.run(_read(target, connections, seconds))


async def _read(target: Target, connections: int, seconds: float) -> Streams:
    streams, loop = Streams(), asyncio.get_running_loop()
    request, until = request_of(target, model="bench"), time.monotonic() + seconds
    async with asyncio.timeout(seconds + LONGEST_SECONDS):
        readers = [
            await loop.create_connection(lambda: Reader(request, streams, until), "127.0.0.1", target.port)
            for _ in range(connections)
        ]
        await asyncio.gather(*(reader.finish() for _, reader in readers))
    return streams


def request_of(target: Target, *, model: str) -> bytes:
    """A chat completion as a stream, with everything that HTTP asks for."""
    body = json.dumps(
        {"model": model, "stream": True, "max_tokens": 100, "messages": [{"role": "user", "content": "Say a token."}]}
    ).encode()
    headers = {"host": "127.0.0.1", "content-type": "application/json", "content-length": str(len(body))}
    lines = [f"{name}: {value}\r\n" for name, value in {**headers, **target.headers}.items()]
    return f"POST /v1/chat/completions HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + body
