"""The side of the gateway that was asked again: reads, through Redis, what another gateway generates or has kept."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator

from gateway.redis_pipe import RedisPipe
from gateway.retries.asked import Asked
from gateway.retries.claims import Join
from gateway.retries.lending import channel_of
from gateway.retries.parcel import unpacked
from gateway.retries.reading import Data, Missing, Part

SHORTEST_PAUSE = 0.01
LONGEST_PAUSE = 0.1
ASK_EVERY = 1.0
# Each gateway says so often that it lives; one that has not said so for this long is no more.
PULSE_SECONDS = 5
# So often in a row, a second apart, its pulse must be missing: a busy machine is not a dead one.
MOST_MISSED = 2


class OwnerGone(Exception):
    """The gateway that generated it is no more."""


def pulse_of(gateway: str) -> str:
    return f"pulse:{gateway}"


class Borrowing:
    def __init__(self, redis: RedisPipe) -> None:
        self._redis = redis

    async def parts(self, asked: Asked, join: Join) -> AsyncGenerator[Part, None]:
        """As `parts_of` a recording. Raises `OwnerGone` and `RedisDown`."""
        at = f"{{{asked.organization}}}:again:{secrets.token_hex(8)}"
        position, pause, asked_at, missed = 0, SHORTEST_PAUSE, 0.0, 0
        while True:
            if time.monotonic() - asked_at > ASK_EVERY:
                asked_at = time.monotonic()
                missed = 0 if await self._is_alive_when_asked(join, at) else missed + 1
                if missed >= MOST_MISSED:
                    raise OwnerGone(join.gateway)
            parcels = await self._redis.call("LRANGE", at, position, -1)
            position += len(parcels)
            for parcel in parcels:
                part = unpacked(parcel)
                yield part
                if isinstance(part, Missing) or (isinstance(part, Data) and part.is_last):
                    return
            pause = SHORTEST_PAUSE if parcels else min(LONGEST_PAUSE, pause * 1.5)
            await asyncio.sleep(pause)

    async def _is_alive_when_asked(self, join: Join, at: str) -> bool:
        self._redis.call("PUBLISH", channel_of(join.gateway), f"{join.id.hex} {at}").add_done_callback(_seen)
        return bool(await self._redis.call("EXISTS", pulse_of(join.gateway)))


def _seen(done: "asyncio.Future[object]") -> None:
    if not done.cancelled():
        done.exception()
