"""Listens to the control plane's announcements: drops the copies that they name, and answers rounds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from core.wire import CHANNEL, ROUND_PREFIX
from gateway.facts import Facts
from gateway.redis_connect import listener_to
from gateway.redis_pipe import RedisDown

RETRY_AFTER = 0.1
# Seconds without an announcement after which the connection is tried.
SILENT_FOR = 2.0
# Called with what has changed, or with None when anything may have: after a time without announcements.
Then = Callable[[str | None], Awaitable[None]]
# Called with the round in which holds are to be registered.
OnRound = Callable[[str], None]


async def drop_announced_copies(facts: Facts, redis_url: str, *, then: Then, on_round: OnRound) -> None:
    """Run until cancelled. While Redis is away nothing is announced, and copies live a second at most."""
    while True:
        try:
            await _listen(facts, redis_url, then, on_round)
        except (OSError, RedisError, RedisDown):
            await asyncio.sleep(RETRY_AFTER)


async def _listen(facts: Facts, redis_url: str, then: Then, on_round: OnRound) -> None:
    async with (
        listener_to(redis_url) as redis,
        redis.pubsub(ignore_subscribe_messages=True) as announcements,
    ):
        await announcements.subscribe(CHANNEL)
        facts.forget_all()
        await then(None)
        while True:
            message = await _next(announcements)
            if message["type"] == "message":
                await _heed(message["data"].decode(), facts, then, on_round)


async def _heed(text: str, facts: Facts, then: Then, on_round: OnRound) -> None:
    if text.startswith(ROUND_PREFIX):
        on_round(text.removeprefix(ROUND_PREFIX))
    else:
        facts.forget(text)
        await then(text)


async def _next(announcements: PubSub) -> dict[str, Any]:
    """Answer an announcement, or the answer to a ping. Raises TimeoutError where the connection is dead."""
    message = await announcements.get_message(timeout=SILENT_FOR)
    if message is None:
        await announcements.ping()
        message = await announcements.get_message(timeout=SILENT_FOR)
    if message is None:
        raise TimeoutError("Redis answers no ping.")
    return dict(message)
