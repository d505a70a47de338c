"""Notices that Redis has lost what it held, registers this gateway's holds there again, and asks for facts.

The control plane opens a lost wallet only when every living gateway has answered a round (`core.wire`): registered its
holds, after the wallet was lost, and said so.
"""

import asyncio
import time
from uuid import UUID

import hiredis

from core.wire import published_at, registrations_at
from gateway import log
from gateway.facts import Facts
from gateway.redis_pipe import RedisDown, RedisPipe
from gateway.release import Releaser

LOOK_EVERY = 0.25
RENEW_EVERY = 20.0
ADMISSION_LOOK_EVERY = 0.002
KEPT_SECONDS = 60


class Recovery:
    def __init__(self, redis: RedisPipe, facts: Facts, releaser: Releaser, *, number: int) -> None:
        self._redis = redis
        self._facts = facts
        self._releaser = releaser
        self._number = number
        self._connections = 0
        self._must_register = False
        self._renewed = 0.0
        self._answering: dict[str, asyncio.Task[None]] = {}
        # Ids of requests from before their admission until their exchange, which then owns the hold.
        self.admitting: set[UUID] = set()

    async def run(self) -> None:
        """Look again and again, and renew holds, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self._look()
            except (RedisDown, hiredis.HiredisError) as error:
                log.line("recovery.waits", error=str(error))

    def answer(self, round_: str) -> None:
        """Register every hold and say so; announced again, it is answered again if it failed."""
        if round_ not in self._answering:
            task = asyncio.create_task(self._answer(round_))
            self._answering[round_] = task
            task.add_done_callback(lambda _: self._answering.pop(round_))

    async def _look(self) -> None:
        if not self._redis.is_ready:
            return
        # What a server took before its connection was lost may not have reached the one that took its place.
        self._must_register |= self._redis.connections != self._connections
        self._connections = self._redis.connections
        for home in self._redis.homes():
            await self._look_at(home)
        if self._must_register:
            await self._register()
            self._must_register = False
            log.line("recovery.registered", holds=self._releaser.holds)
        elif time.monotonic() - self._renewed > RENEW_EVERY:
            self._releaser.renew()
            self._renewed = time.monotonic()

    async def _look_at(self, home: str) -> None:
        """A server loses this gateway's mark together with its holds."""
        try:
            mark = await self._redis.call("SET", f"{{{home}}}:gateway:{self._number}", "1", "EX", KEPT_SECONDS, "GET")
            self._must_register |= mark is None
            if not await self._redis.call("EXISTS", published_at(home)):
                self._facts.need(published_at(home))
        except (RedisDown, hiredis.HiredisError):
            self._must_register = True  # Others may answer, and this one will.

    async def _answer(self, round_: str) -> None:
        try:
            await self._register()
            at = registrations_at(round_)
            await self._redis.call("RPUSH", at, self._number)
            await self._redis.call("EXPIRE", at, KEPT_SECONDS)
        except (RedisDown, hiredis.HiredisError) as error:
            log.line("recovery.round_not_answered", error=str(error))

    async def _register(self) -> None:
        """Return when all holds stand in Redis, also those of admissions that are under way. Raises `RedisDown`."""
        begun = set(self.admitting)
        while begun & self.admitting:  # noqa: ASYNC110 - they end by themselves, and seldom is anyone waiting
            await asyncio.sleep(ADMISSION_LOOK_EVERY)
        await self._releaser.register()
        self._renewed = time.monotonic()
