"""The side of the gateway that generates: hands a recording to other gateways through Redis, while they ask for it."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from uuid import UUID

from redis.exceptions import RedisError

from gateway.redis_connect import listener_to
from gateway.redis_pipe import RedisDown, RedisPipe
from gateway.retries.kept import Kept
from gateway.retries.parcel import packed
from gateway.retries.reading import Data, Missing, Part, parts_of
from gateway.retries.recording import Recording

RETRY_AFTER = 0.5
# A borrower asks again each second; one that has been silent for so long has gone.
SILENT_SECONDS = 3.0
PARCEL_SECONDS = 60


def channel_of(gateway: str) -> str:
    return f"joins:{gateway}"


class Lending:
    """Answers `<id> <where to put it>`, each as a list in Redis."""

    def __init__(self, redis: RedisPipe, kept: Kept, left: Callable[[Recording], None]) -> None:
        self._redis = redis
        self._kept = kept
        self._left = left
        self._asked_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, redis_url: str, gateway: str) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._listen(redis_url, gateway)
            except (OSError, RedisError):
                await asyncio.sleep(RETRY_AFTER)

    async def _listen(self, redis_url: str, gateway: str) -> None:
        async with (
            listener_to(redis_url) as redis,
            redis.pubsub(ignore_subscribe_messages=True) as asked,
        ):
            await asked.subscribe(channel_of(gateway))
            async for message in asked.listen():
                id_, _, at = message["data"].decode().partition(" ")
                self._lend(UUID(hex=id_), at)

    def _lend(self, id_: UUID, at: str) -> None:
        is_known = at in self._asked_at
        self._asked_at[at] = time.monotonic()
        if not is_known:
            task = asyncio.create_task(self._send(self._kept.find(id_), at))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, recording: Recording | None, at: str) -> None:
        try:
            if recording is None:
                await self._put(at, packed(Missing(was_answered=False)))
            else:
                await self._send_all(recording, at)
        except RedisDown:
            return  # The borrower sees the same, and says so to its client.
        finally:
            asyncio.get_running_loop().call_later(SILENT_SECONDS, self._asked_at.pop, at, None)

    async def _send_all(self, recording: Recording, at: str) -> None:
        recording.watchers += 1
        parts = parts_of(recording)
        try:
            while (part := await self._next(parts, at)) is not None:
                await self._put(at, packed(part))
                if isinstance(part, Missing) or (isinstance(part, Data) and part.is_last):
                    return
        finally:
            await parts.aclose()
            self._left(recording)

    async def _next(self, parts: AsyncGenerator[Part, None], at: str) -> Part | None:
        """None where the borrower has gone."""
        waiting = asyncio.ensure_future(_following(parts))
        while not (await asyncio.wait({waiting}, timeout=1.0))[0]:
            if time.monotonic() - self._asked_at[at] > SILENT_SECONDS:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
                return None
        return waiting.result()

    async def _put(self, at: str, parcel: bytes) -> None:
        self._redis.call("RPUSH", at, parcel)
        await self._redis.call("PEXPIRE", at, PARCEL_SECONDS * 1000)


async def _following(parts: AsyncGenerator[Part, None]) -> Part:
    return await anext(parts)
