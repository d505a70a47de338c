"""Scripted model servers for a gateway that runs in a thread: each counts what reached it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.gateway.upstreams.raw_server import Peer, RawServer, raw_server

COMPLETION = (
    b'{"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",'
    b'"content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}'
)
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
DELTA = b'data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"one"}}]}\n\n'

Act = Callable[[Peer], Awaitable[None]]


def status(line: bytes, *headers: bytes, body: bytes = b'{"error":{"message":"no"}}') -> bytes:
    lines = [b"HTTP/1.1 " + line, b"content-type: application/json", *headers, b"content-length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


OK = status(b"200 OK", body=COMPLETION)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n" % len(data) + data + b"\r\n"


def says(*parts: bytes) -> Act:
    async def act(peer: Peer) -> None:
        await peer.send(*parts)

    return act


async def resets(peer: Peer) -> None:
    peer.reset()


async def waits(peer: Peer) -> None:
    await peer.is_left()
    peer.was_left = True


async def breaks_after_a_token(peer: Peer) -> None:
    await peer.send(STREAM, chunk(DELTA))
    peer.reset()


@dataclass
class Scripted:
    """`acts` answer one request each; the last one all that follow."""

    acts: list[Act]
    server: RawServer | None = None
    requests: list[bytes] = field(default_factory=list)
    left: int = 0

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"{self.server.url}/v1"

    async def play(self, peer: Peer) -> None:
        while True:
            self.requests.append(await peer.request())
            act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
            await act(peer)
            self.left += peer.was_left


@contextmanager
def scripted(*acts: Act) -> Iterator[Scripted]:
    """Serve in a thread of its own."""
    script, ready, loop = Scripted(list(acts)), threading.Event(), asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve() -> None:
        async with raw_server(script.play) as script.server:
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield script
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(5)
        loop.close()
