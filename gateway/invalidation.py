"""Listens to the control plane's announcements and drops the copies they name."""

import asyncio

from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.wire import CHANNEL
from gateway.facts import Facts

RETRY_AFTER = 0.5


async def drop_announced_copies(facts: Facts, redis_url: str) -> None:
    """Run until cancelled. While Redis is away nothing is announced, and copies live a second at most."""
    while True:
        try:
            await _listen(facts, redis_url)
        except (OSError, RedisError):
            await asyncio.sleep(RETRY_AFTER)


async def _listen(facts: Facts, redis_url: str) -> None:
    async with (
        Redis.from_url(redis_url, socket_timeout=None) as redis,
        redis.pubsub(ignore_subscribe_messages=True) as announcements,
    ):
        await announcements.subscribe(CHANNEL)
        facts.forget_all()
        async for message in announcements.listen():
            facts.forget(message["data"].decode())
