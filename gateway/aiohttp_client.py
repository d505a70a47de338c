"""The HTTP client over aiohttp."""

import asyncio
import io
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from gateway.upstream import (
    IDLE_SECONDS,
    MOST_HEADER,
    MOST_WHOLE,
    Post,
    UpstreamAnswer,
    UpstreamDown,
    UpstreamFull,
    UpstreamSlow,
)

LOOK_SECONDS = 1.0
LARGE = 2**20  # From here on aiohttp wants a body that it can write in parts.


@dataclass(slots=True)
class _Way:
    """How far a request came."""

    is_queued: bool = False
    was_kept: bool = False
    was_sent: bool = False


class AiohttpClient:
    """`most_connections` are the connections to one server (scheme, host and port)."""

    def __init__(
        self, *, most_connections: int, idle_seconds: float = IDLE_SECONDS, tls: ssl.SSLContext | None = None
    ) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                limit_per_host=most_connections,
                ttl_dns_cache=30,
                keepalive_timeout=idle_seconds,
                ssl=tls or True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            max_line_size=MOST_HEADER,
            max_field_size=MOST_HEADER,
            skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
            trace_configs=[_tracing()],
        )

    @asynccontextmanager
    async def open(self, post: Post) -> AsyncIterator[UpstreamAnswer]:
        way = _Way()
        timeout = aiohttp.ClientTimeout(total=None, connect=post.connect_timeout, sock_read=post.read_timeout)
        with _as_ours(way):
            response = await self._session.post(
                post.url,
                data=post.body if len(post.body) < LARGE else io.BytesIO(post.body),
                headers=post.headers,
                allow_redirects=False,
                timeout=timeout,
                trace_request_ctx=way,
            )
        try:
            yield _AiohttpAnswer(response, way)
        finally:
            response.release() if response.content.at_eof() else response.close()

    async def close(self) -> None:
        await self._session.close()


class _AiohttpAnswer:
    def __init__(self, response: aiohttp.ClientResponse, way: _Way) -> None:
        self._response = response
        self._way = way
        self.status = response.status

    def header(self, name: str) -> str | None:
        return self._response.headers.get(name)

    async def chunks(self) -> AsyncIterator[bytes]:
        with _as_ours(self._way), _broken_chunks_told(self._response):
            async for data in self._response.content.iter_any():
                yield data

    async def whole(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for data in self.chunks():
            parts.append(data)
            size += len(data)
            if size > MOST_WHOLE:
                raise UpstreamDown("The answer is too large.", was_sent=True)
        return b"".join(parts)


@contextmanager
def _broken_chunks_told(response: aiohttp.ClientResponse) -> Iterator[None]:
    """Where chunked encoding is broken, aiohttp 3.14 closes the connection and lets the reader wait for ever."""
    loop, connection = asyncio.get_running_loop(), response.connection
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal timer
        protocol = connection and connection.protocol
        is_over = protocol is None or protocol.transport is None or protocol.transport.is_closing()
        if is_over and not response.content.is_eof() and response.content.exception() is None:
            response.content.set_exception(aiohttp.ClientPayloadError("The body's chunks are broken."))
        timer = loop.call_later(LOOK_SECONDS, look)

    timer = loop.call_later(LOOK_SECONDS, look)
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def _as_ours(way: _Way) -> Iterator[None]:
    """Turn aiohttp's errors into the three that callers know."""
    try:
        yield
    except TimeoutError as error:
        if way.is_queued:
            raise UpstreamFull("No connection came free.", was_sent=False) from error
        raise UpstreamSlow(_text(error), was_sent=way.was_sent) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise UpstreamDown(_text(error), was_sent=way.was_sent, was_kept=way.was_kept) from error


def _text(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _tracing() -> aiohttp.TraceConfig:
    """Aiohttp calls back at each step; nothing else tells a kept connection from a new one."""

    def noting(**changes: bool) -> Any:
        async def note(_session: object, context: Any, _params: object) -> None:
            for name, value in changes.items():
                setattr(context.trace_request_ctx, name, value)

        return note

    steps = aiohttp.TraceConfig()
    steps.on_connection_queued_start.append(noting(is_queued=True))
    steps.on_connection_queued_end.append(noting(is_queued=False))
    steps.on_connection_reuseconn.append(noting(was_kept=True, was_sent=True))
    steps.on_connection_create_end.append(noting(was_sent=True))
    return steps
