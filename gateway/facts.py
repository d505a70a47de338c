"""What the control plane published, with a copy in this process that is dropped on announcement and after a second."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from core import wire
from core.wire import EndCustomerFacts, KeyFacts, ModelFacts, OrganizationFacts
from gateway.redis_pipe import RedisDown, RedisPipe

KEPT_FOR = 1.0
KEPT_WITHOUT_REDIS = 300.0
MOST_KEPT = 20_000
# The same key is asked for once in this many seconds, and no more keys than this.
ASKED_EVERY = 0.5
MOST_ASKED = 1_000

Fact = TypeVar("Fact")


class Facts:
    """Reads raise `RedisDown`. What isn't published is None, and is asked for again each time."""

    def __init__(self, redis: RedisPipe) -> None:
        self._redis = redis
        self._kept: dict[str, tuple[object, float]] = {}
        self._announced = 0
        self._asked: dict[str, float] = {}
        self._models: dict[str, tuple[ModelFacts, float]] = {}

    async def key(self, key_id: str) -> KeyFacts | None:
        return await self._read(wire.key_facts_at(key_id), wire.decode_key)

    async def organization(self, organization: str) -> OrganizationFacts | None:
        return await self._read(wire.organization_facts_at(organization), wire.decode_organization)

    async def end_customer(self, organization: str, external_id: str) -> EndCustomerFacts | None:
        return await self._read(wire.end_customer_facts_at(organization, external_id), wire.decode_end_customer)

    async def model(self, slug: str) -> ModelFacts | None:
        """Everybody calls the same few models: a server that is away, of several, must not stop all the others.

        Nobody can publish a model there meanwhile, so that the last copy stands for some minutes.
        """
        try:
            model = await self._read(wire.model_facts_at(slug), wire.decode_model)
        except RedisDown:
            last = self._models.get(slug)
            if last is None or time.monotonic() - last[1] > KEPT_WITHOUT_REDIS:
                raise
            return last[0]
        if model is not None:
            self._models[slug] = model, time.monotonic()
        return model

    async def models(self) -> list[ModelFacts]:
        """Every published model, by name."""
        slugs = sorted(slug.decode() for slug in await self._redis.call("SMEMBERS", wire.MODELS))
        return [model for slug in slugs if (model := await self.model(slug)) is not None]

    async def may_be_missing(self, redis_key: str) -> bool:
        """Tell whether what isn't there may only not be published yet; if so, ask for it. Raises `RedisDown`."""
        if await self._redis.call("EXISTS", wire.published_at(self._redis.home_of(redis_key))):
            return False
        self.need(redis_key)
        return True

    def need(self, redis_key: str) -> None:
        """Ask the control plane for what is missing. Redis may be away: whoever misses it asks again."""
        now = time.monotonic()
        if now - self._asked.get(redis_key, -ASKED_EVERY) < ASKED_EVERY:
            return
        if len(self._asked) >= MOST_ASKED:
            self._asked = {key: at for key, at in self._asked.items() if now - at < ASKED_EVERY}
        if len(self._asked) < MOST_ASKED:
            self._asked[redis_key] = now
            self._redis.call("RPUSH", wire.NEEDED, redis_key).add_done_callback(_is_lost_with_redis)

    def is_current(self, redis_key: str, fact: object) -> bool:
        """Tell whether this very copy is still kept: nothing was announced since it was read, and it is fresh."""
        kept = self._kept.get(redis_key)
        return kept is not None and kept[0] is fact

    def forget(self, redis_key: str) -> None:
        self._announced += 1
        self._kept.pop(redis_key, None)

    def forget_all(self) -> None:
        self._announced += 1
        self._kept.clear()

    async def _read(self, redis_key: str, decode: Callable[[bytes], Fact]) -> Fact | None:
        kept = self._kept.get(redis_key)
        if kept is not None and time.monotonic() - kept[1] < KEPT_FOR:
            return kept[0]  # type: ignore[return-value]  # Stored below by the same decoder.
        asked_at, announced = time.monotonic(), self._announced
        text = await self._redis.call("GET", redis_key)
        if text is None:
            self._kept.pop(redis_key, None)
            return None
        fact = decode(text)
        # What was asked for before an announcement and answered after it may be older than what was announced.
        if announced == self._announced:
            self._keep(redis_key, fact, asked_at)
        return fact

    def _keep(self, redis_key: str, fact: object, asked_at: float) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[redis_key] = (fact, asked_at)


def _is_lost_with_redis(sent: asyncio.Future[Any]) -> None:
    """Look at the outcome, so that nobody complains that it was never looked at."""
    if not sent.cancelled():
        sent.exception()
