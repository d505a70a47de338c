"""One pipelined connection to one Redis server: commands leave in order, replies are matched in order."""

import asyncio
import contextlib
from collections import deque
from typing import Any, cast

import hiredis
from redis.connection import SSLConnection, parse_url

from core.wire import HOME
from gateway import log
from gateway.redis_pipe import RedisDown
from gateway.scripts import SCRIPTS

LOOPBACK = "127.0.0.1"
READY_LOOK_EVERY = 0.01
RECONNECT_AFTER = 0.2
CONNECT_SECONDS = 1.0
# A stopped server keeps its sockets open. One that leaves the same command unanswered for this many looks is given up;
# looks are counted, not seconds, so that a pause of this process isn't taken for a pause of Redis.
LOOK_EVERY = 0.25
LOOKS = 4


class RedisNode(asyncio.Protocol):
    """Commands fail at once with `RedisDown` while there is no connection; it is made again in the background."""

    def __init__(self, url: str) -> None:
        self._address: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
        self._loop: asyncio.AbstractEventLoop
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader()
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._unwritten: list[bytes] = []
        self._lost = asyncio.Event()
        self.is_ready = False
        self.connections = 0

    @classmethod
    def beside(cls, url: str, host: str, port: int) -> "RedisNode":
        """Another server, reached in the same way: with the same account, and by TLS or not."""
        node = cls(url)
        node._address |= {"host": host, "port": port}
        return node

    @property
    def host(self) -> str:
        return str(self._address.get("host", LOOPBACK))

    async def run(self) -> None:
        """Connect, and connect again whenever the connection is lost, until cancelled."""
        while True:
            self._lost.clear()
            try:
                await self._connect()
                await self._shake_hands()
                self.is_ready = True
                self.connections += 1
                await self._until_lost()
                log.line("redis.lost", unanswered=len(self._waiting))
            except (OSError, RedisDown, hiredis.HiredisError) as error:
                log.line("redis.unreachable", error=str(error))
            finally:
                self._hang_up()
            await asyncio.sleep(RECONNECT_AFTER)

    async def until_ready(self) -> None:
        """Return when it is connected, or soon if that fails: commands then fail at once."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CONNECT_SECONDS):
                while not self.is_ready:  # noqa: ASYNC110 - seldom, and for a moment
                    await asyncio.sleep(READY_LOOK_EVERY)

    def call(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        """Write now; the future answers the reply. Raises nothing itself."""
        if self.is_ready:
            return self._write(*words)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        future.set_exception(RedisDown("Redis is not connected."))
        return future

    def home_of(self, _redis_key: str) -> str:
        return HOME

    def homes(self) -> list[str]:
        return [HOME]

    async def _until_lost(self) -> None:
        """Return when the connection is lost, or given up after about a second of silence."""
        oldest, looks = None, 0
        while not self._lost.is_set() and looks < LOOKS:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), LOOK_EVERY)
            looks = looks + 1 if self._waiting and self._waiting[0] is oldest else 0
            oldest = self._waiting[0] if self._waiting else None

    def _write(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        if self._transport is None:
            raise RedisDown("Redis is not connected.")
        # Not `get_running_loop`: each time it asks the system for the process's id.
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.append(future)
        if not self._unwritten:
            self._loop.call_soon(self._flush)
        self._unwritten.append(hiredis.pack_command(cast("Any", words)))
        return future

    def _flush(self) -> None:
        """What was collected for a connection that is lost was answered with `RedisDown`."""
        unwritten, self._unwritten = self._unwritten, []
        if unwritten and self._transport is not None:
            self._transport.write(b"".join(unwritten))

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        at = self._address
        async with asyncio.timeout(CONNECT_SECONDS):
            if "path" in at:
                await loop.create_unix_connection(lambda: self, at["path"])
            else:
                is_tls = at.get("connection_class") is SSLConnection
                await loop.create_connection(lambda: self, self.host, at.get("port", 6379), ssl=is_tls or None)

    async def _shake_hands(self) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            if "password" in self._address:
                await self._write("AUTH", self._address.get("username", "default"), self._address["password"])
            await self._write("SELECT", self._address.get("db", 0))
            for script in SCRIPTS:
                await self._write("SCRIPT", "LOAD", script.text)

    def _hang_up(self) -> None:
        self.is_ready = False
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        self._lost.set()
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_exception(RedisDown("Redis was lost before it answered."))

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are no subclasses.
        self._reader = hiredis.Reader()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while self._waiting and (reply := self._reader.gets()) is not False:
            future = self._waiting.popleft()
            if future.done():
                continue
            if isinstance(reply, hiredis.ReplyError):
                future.set_exception(reply)
            else:
                future.set_result(reply)

    def connection_lost(self, _error: Exception | None) -> None:
        self._hang_up()
