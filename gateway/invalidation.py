"""Listens to the control plane's announcements and drops the copies they name."""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.wire import CHANNEL
from gateway.facts import Facts
from gateway.redis_pipe import RedisDown

RETRY_AFTER = 0.5
# Called with what has changed, or with None when anything may have: after a time without announcements.
Then = Callable[[str | None], Awaitable[None]]


async def drop_announced_copies(facts: Facts, redis_url: str, *, then: Then) -> None:
    """Run until cancelled. While Redis is away nothing is announced, and copies live a second at most."""
    while True:
        try:
            await _listen(facts, redis_url, then)
        except (OSError, RedisError, RedisDown):
            await asyncio.sleep(RETRY_AFTER)


async def _listen(facts: Facts, redis_url: str, then: Then) -> None:
    async with (
        Redis.from_url(redis_url, socket_timeout=None) as redis,
        redis.pubsub(ignore_subscribe_messages=True) as announcements,
    ):
        await announcements.subscribe(CHANNEL)
        facts.forget_all()
        await then(None)
        async for message in announcements.listen():
            changed = message["data"].decode()
            facts.forget(changed)
            await then(changed)
