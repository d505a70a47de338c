"""The connections to one server: kept for a while when they are idle, and never more than so many."""

import asyncio
import ssl
from collections import deque

from gateway.http_client.address import Origin
from gateway.http_client.connection import Connection
from gateway.upstream import UpstreamDown, UpstreamFull, UpstreamSlow


class Pool:
    """A place is a connection, or the right to open one. Whoever waits is given the first that comes free."""

    def __init__(self, origin: Origin, *, most: int, idle_seconds: float, tls: ssl.SSLContext | None) -> None:
        self._origin = origin
        self._tls = tls
        self._idle_seconds = idle_seconds
        self._loop = asyncio.get_running_loop()
        self._free = most
        self._connections: set[Connection] = set()
        # Since when each is idle, longest first.
        self._idle: dict[Connection, float] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._queue: deque[asyncio.Future[Connection | None]] = deque()

    def take_idle(self) -> Connection | None:
        """The one that served last, so that what is too many stays idle until it is closed."""
        while self._idle:
            connection, since = self._idle.popitem()
            if self._loop.time() - since < self._idle_seconds:
                return connection
            connection.abort()
        return None

    async def connect(self, *, seconds: float) -> Connection:
        """Open a connection, or wait for one. Raises `UpstreamFull`, `UpstreamSlow` or `UpstreamDown`, not sent."""
        is_queued = self._free == 0
        try:
            async with asyncio.timeout(seconds):
                if not is_queued:
                    self._free -= 1
                elif (connection := await self._turn()) is not None:
                    return connection
                is_queued = False
                return await self._open()
        except TimeoutError as error:
            if is_queued:
                raise UpstreamFull("No connection came free.", was_sent=False) from error
            raise UpstreamSlow("The server did not take the connection in time.", was_sent=False) from error
        except OSError as error:
            raise UpstreamDown(str(error) or type(error).__name__, was_sent=False) from error

    def give_back(self, connection: Connection) -> None:
        """A connection that may serve again."""
        for waiting in self._waiting():
            waiting.set_result(connection)
            return
        self._idle[connection] = self._loop.time()
        if self._sweep is None:
            self._sweep = self._loop.call_later(self._idle_seconds, self._close_idle)

    def close(self) -> None:
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in self._connections:
            connection.abort()

    async def _open(self) -> Connection:
        """The caller has a place."""
        at, tls = self._origin, self._tls
        try:
            _, connection = await self._loop.create_connection(
                lambda: Connection(self._loop), at.host, at.port, ssl=tls, server_hostname=at.host if tls else None
            )
        except BaseException:
            self._free_a_place()
            raise
        if connection.is_lost:
            self._free_a_place()
            raise ConnectionError("The server ended the connection.")
        self._connections.add(connection)
        connection.when_lost = self._lost
        return connection

    async def _turn(self) -> Connection | None:
        """Wait for a connection, or, for None, for the place of one."""
        while True:
            waiting: asyncio.Future[Connection | None] = self._loop.create_future()
            self._queue.append(waiting)
            try:
                connection = await waiting
            except asyncio.CancelledError:
                if waiting.done() and not waiting.cancelled():
                    self._pass_on(waiting.result())
                raise
            # One that was lost on the way here has left its place to the first in the queue, or free.
            if connection is None or not connection.is_lost:
                return connection
            if self._free:
                self._free -= 1
                return None

    def _pass_on(self, connection: Connection | None) -> None:
        if connection is None:
            self._free_a_place()
        elif not connection.is_lost:
            self.give_back(connection)

    def _lost(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._idle.pop(connection, None)
        self._free_a_place()

    def _free_a_place(self) -> None:
        for waiting in self._waiting():
            waiting.set_result(None)
            return
        self._free += 1

    def _waiting(self) -> "list[asyncio.Future[Connection | None]]":
        """The first in the queue who still waits, if anybody does."""
        while self._queue:
            waiting = self._queue.popleft()
            if not waiting.done():
                return [waiting]
        return []

    def _close_idle(self) -> None:
        """Close those that were idle for long enough; look again while there are others."""
        self._sweep = None
        now = self._loop.time()
        for connection, since in list(self._idle.items()):
            if now - since < self._idle_seconds:
                self._sweep = self._loop.call_at(since + self._idle_seconds, self._close_idle)
                return
            del self._idle[connection]
            connection.abort()
