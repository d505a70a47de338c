"""The model server as three functions: `open` a request, read its `chunks`, `close`. Today over aiohttp."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

import aiohttp

from core.wire import UpstreamFacts
from gateway.dialects.dialect import Forwarded
from gateway.settings import Settings

CONNECT_SECONDS = 5.0
# Less than servers keep an idle connection (5 seconds is common), so that none is reused as it closes.
IDLE_SECONDS = 3.0
MOST_CONNECTIONS = 4_000
MOST_WHOLE = 64 * 1024 * 1024


class UpstreamDown(Exception):
    """The model server can't be reached, or broke off."""


class UpstreamSlow(Exception):
    """The model server was silent for too long."""


class UpstreamAnswer(Protocol):
    """A status, and a body that is read once. Reading raises `UpstreamDown` or `UpstreamSlow`."""

    @property
    def status(self) -> int: ...
    def chunks(self) -> AsyncIterator[bytes]: ...
    async def whole(self) -> bytes: ...


class Upstream:
    def __init__(self, settings: Settings) -> None:
        self._default_url = settings.model_server_url
        self._headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if settings.model_server_key:
            self._headers["authorization"] = f"Bearer {settings.model_server_key}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS, ttl_dns_cache=30, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_SECONDS, sock_read=settings.upstream_timeout
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
        )

    @asynccontextmanager
    async def open(self, upstream: UpstreamFacts, sent: Forwarded) -> AsyncIterator[UpstreamAnswer]:
        """Leaving the block before the body's end closes the connection, which cancels the generation."""
        url = (upstream.url or self._default_url) + sent.path
        headers = {**self._headers, **sent.headers}
        with _as_ours():
            response = await self._session.post(url, data=sent.body, headers=headers, allow_redirects=False)
        try:
            yield _AiohttpAnswer(response)
        finally:
            response.release() if response.content.at_eof() else response.close()

    async def close(self) -> None:
        await self._session.close()


class _AiohttpAnswer:
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status = response.status

    async def chunks(self) -> AsyncIterator[bytes]:
        with _as_ours():
            async for data in self._response.content.iter_any():
                yield data

    async def whole(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for data in self.chunks():
            parts.append(data)
            size += len(data)
            if size > MOST_WHOLE:
                raise UpstreamDown("The model server's answer is too large.")
        return b"".join(parts)


class _as_ours:  # noqa: N801 - reads as a function where it is used
    """Turn aiohttp's errors into the two that callers know."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, asyncio.TimeoutError):
            raise UpstreamSlow(str(error) or type(error).__name__) from error
        if isinstance(error, (aiohttp.ClientError, OSError)):
            raise UpstreamDown(str(error) or type(error).__name__) from error
