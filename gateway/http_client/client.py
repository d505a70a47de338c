"""The HTTP client: a pool for each server, and one request on one of its connections."""

import asyncio
import ssl
from types import TracebackType

from gateway.http_client.address import Origin, address_of
from gateway.http_client.answer import Answer
from gateway.http_client.pool import Pool
from gateway.http_client.request_head import head_of
from gateway.upstream import IDLE_SECONDS, Post, UpstreamDown


class HttpClient:
    """`most_connections` are the connections to one server (scheme, host and port)."""

    def __init__(
        self, *, most_connections: int, idle_seconds: float = IDLE_SECONDS, tls: ssl.SSLContext | None = None
    ) -> None:
        self._most_connections = most_connections
        self._idle_seconds = idle_seconds
        self._tls = tls
        self._pools: dict[Origin, Pool] = {}

    def open(self, post: Post) -> "Opened":
        return Opened(self, post)

    async def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
        await asyncio.sleep(0)  # The transports close themselves in the loop's next turn.

    def pool_of(self, origin: Origin) -> Pool:
        pool = self._pools.get(origin)
        if pool is None:
            tls = self._context() if origin.is_tls else None
            pool = Pool(origin, most=self._most_connections, idle_seconds=self._idle_seconds, tls=tls)
            self._pools[origin] = pool
        return pool

    def _context(self) -> ssl.SSLContext:
        """The system's authorities are read once, when the first server is met that needs them."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


class Opened:
    """One request: sent on entering; on leaving, its connection is kept, or closed where the answer goes on."""

    __slots__ = ("_client", "_connection", "_pool", "_post")

    def __init__(self, client: HttpClient, post: Post) -> None:
        self._client = client
        self._post = post

    async def __aenter__(self) -> Answer:
        post = self._post
        try:
            address = address_of(post.url)
            head = head_of(address, post.headers, length=len(post.body))
        except ValueError as error:
            raise UpstreamDown(str(error), was_sent=False) from error
        self._pool = self._client.pool_of(address.origin)
        self._connection = self._pool.take_idle() or await self._pool.connect(seconds=post.connect_timeout)
        answer = self._connection.post(head, post.body, read_timeout=post.read_timeout)
        try:
            await answer.head()
        except BaseException:
            self._let_go()
            raise
        return answer

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._connection.let_go():
            self._pool.give_back(self._connection)
