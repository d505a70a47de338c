"""Notes when, from where and for which model each key was used last: one write to Redis every few seconds for all."""

import asyncio
import time

from core.wire import KEYS_USED, LastUse, encode
from gateway.call import Call
from gateway.redis_pipe import RedisDown, RedisPipe

EVERY = 5.0


class LastUses:
    """A use that is lost with this process is no loss: the next one says more."""

    def __init__(self, redis: RedisPipe) -> None:
        self._redis = redis
        self._noted: dict[str, LastUse] = {}

    def note(self, call: Call) -> None:
        self._noted[call.caller.key.id] = LastUse(time.time(), call.caller.address, call.model.slug)

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            if self._noted:
                await self._write()

    async def _write(self) -> None:
        noted, self._noted = self._noted, {}
        words = [word for key, use in noted.items() for word in (key, encode(use))]
        try:
            await self._redis.call("HSET", KEYS_USED, *words)
        except RedisDown:
            self._noted = noted | self._noted
