"""Once a second: keep silent streams alive, send again what Redis did not take, let go of log lines."""

import asyncio
import time
from collections.abc import Set as AbstractSet

from gateway import log
from gateway.exchange import Exchange
from gateway.redis_pipe import RedisPipe
from gateway.release import Releaser

EVERY = 1.0


class Upkeep:
    def __init__(
        self, exchanges: AbstractSet[Exchange], redis: RedisPipe, releaser: Releaser, *, keep_alive: float
    ) -> None:
        self._exchanges = exchanges
        self._redis = redis
        self._releaser = releaser
        self._keep_alive = keep_alive
        self._comments: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(min(EVERY, self._keep_alive / 2))
            if self._redis.is_ready:
                self._releaser.send_again()
            log.flush()
            self._comment_on_silent_streams(time.monotonic())

    def _comment_on_silent_streams(self, now: float) -> None:
        """In tasks of their own: a client that doesn't read must not hold up the others."""
        for exchange in self._exchanges:
            if exchange.is_idle_since(now - self._keep_alive):
                task = asyncio.create_task(exchange.keep_alive())
                self._comments.add(task)
                task.add_done_callback(self._comments.discard)
