"""One round: calls and faults at their instants, then quiet, then the judgement."""

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import httpx2
from asgiref.sync import sync_to_async
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from billing.allowance import publish_everything
from gateway.admit import HOLD_MS
from gateway.release import KEPT
from tests.faults.books import Books, read_books
from tests.faults.caller import Answer, Call, answer_to
from tests.faults.checks import violations
from tests.faults.customers import MODEL, Caller, Customers
from tests.faults.plan import Fault, Plan, PlannedCall, PlannedFault
from tests.faults.product import Product
from tests.faults.server_processes import ServerProcess

Result = TypeVar("Result")
QUIET_WITHIN = 20.0
# Seconds within which copies are right again by themselves, once all is quiet; a shared machine may be slow.
AGREE_WITHIN = 10.0
PAUSE_AT_LEAST = 0.1
# With some seconds of grace for a slow machine.
HOLD_SECONDS = HOLD_MS / 1000 + 10


@dataclass
class Outcome:
    plan: Plan
    answers: list[Answer] = field(default_factory=list)
    events: int = 0
    found: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def endings(self) -> Counter[str]:
        return Counter(answer.ending for answer in self.answers)


class Round:
    """`leftovers` are the holds of killed gateways from earlier rounds, with the instants at which they are over."""

    def __init__(self, plan: Plan, product: Product, customers: Customers, leftovers: dict[str, float]) -> None:
        self._plan = plan
        self._product = product
        self._customers = customers
        self._leftovers = leftovers
        self._outcome = Outcome(plan)
        self._locks: defaultdict[ServerProcess, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._began = 0.0

    async def run(self) -> Outcome:
        callers = await in_django(self._customers.of_round)
        self._began, since = time.monotonic(), datetime.now(UTC)
        faults = [asyncio.create_task(self._commit(fault)) for fault in self._plan.faults]
        calls = [asyncio.create_task(self._call(planned, callers[planned.customer])) for planned in self._plan.calls]
        self._outcome.answers = list(await asyncio.gather(*calls))
        await asyncio.gather(*faults)
        everybody = [caller for group in callers.values() for caller in group]
        try:
            await self._until_quiet()
            await self._judge(everybody, since)
        except TimeoutError:
            self._outcome.found.append("NOT QUIET: requests or journaled events stay")
        self._outcome.seconds = time.monotonic() - self._began
        return self._outcome

    async def _call(self, planned: PlannedCall, callers: list[Caller]) -> Answer:
        await self._until(planned.at)
        caller = callers[planned.place % len(callers)]
        key = caller.keys[planned.place % len(caller.keys)]
        url = self._product.urls[planned.place // 7 % len(self._product.urls)]
        call = Call(url, key.text, key.key.pk, MODEL, planned.is_stream, planned.tokens, planned.hangs_up_after)
        return await answer_to(call)

    async def _commit(self, fault: PlannedFault) -> None:
        await self._until(fault.at)
        if fault.kind is Fault.FLUSH_REDIS:
            await asyncio.to_thread(flush, self._product.redis_url)
            return
        process = self._victim_of(fault)
        async with self._locks[process]:
            if fault.kind in (Fault.PAUSE_POSTGRES, Fault.PAUSE_REDIS):
                process.pause()
                await asyncio.sleep(PAUSE_AT_LEAST + 3 * fault.lasts)
                process.go_on()
            else:
                process.kill()
                await asyncio.sleep(fault.lasts)
                process.start()
                await process.until_ready()

    def _victim_of(self, fault: PlannedFault) -> ServerProcess:
        product = self._product
        if fault.kind is Fault.KILL_GATEWAY:
            return product.gateways[fault.place % len(product.gateways)]
        if fault.kind is Fault.KILL_PUBLISHER:
            return product.publisher
        if fault.kind is Fault.KILL_WORKER:
            return product.worker
        return product.redis if fault.kind in (Fault.KILL_REDIS, Fault.PAUSE_REDIS) else product.postgres

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, self._began + at - time.monotonic()))

    async def _until_quiet(self) -> None:
        async with asyncio.timeout(QUIET_WITHIN):
            for url in self._product.urls:
                while not await asyncio.to_thread(is_quiet, url):  # noqa: ASYNC110 - seen from outside
                    await asyncio.sleep(0.02)

    async def _judge(self, callers: list[Caller], since: datetime) -> None:
        """Again until copies agree. What a killed gateway did not tell Redis any more, the minute's job does."""
        ids = [caller.id for caller in callers]
        deadline = time.monotonic() + AGREE_WITHIN
        was_killed = any(fault.kind is Fault.KILL_GATEWAY for fault in self._plan.faults)
        while True:
            books = await asyncio.to_thread(
                read_books, self._product.database_url, self._product.redis_url, ids, since=since
            )
            if was_killed:
                self._excuse(books)
            self._outcome.found = violations(self._outcome.answers, books, may_hold=self._excused())
            if not self._outcome.found or time.monotonic() > deadline:
                break
            if was_killed:
                await in_django(publish_everything)
            await asyncio.sleep(0.05)
        self._outcome.events = len(books.events)
        blocked = {id_ for id_, purse in books.purses.items() if purse.holds}
        self._customers.give_back([caller for caller in callers if caller.id not in blocked])
        self._customers.rest([caller for caller in callers if caller.id in blocked])

    def _excuse(self, books: Books) -> None:
        """The holds of a gateway that was killed stay for two minutes; journaled usage is taken over at once."""
        over = time.monotonic() + HOLD_SECONDS
        for purse in books.purses.values():
            for hold in purse.holds:
                if not hold.startswith(KEPT):
                    self._leftovers.setdefault(hold, over)

    def _excused(self) -> frozenset[str]:
        now = time.monotonic()
        return frozenset(hold for hold, over in self._leftovers.items() if over > now)


async def in_django(work: Callable[[], Result]) -> Result:
    """On one thread, with a new connection: the last one may have died with its server."""

    def connected() -> Result:
        connection.close()
        return work()

    return await sync_to_async(connected)()


def flush(redis_url: str) -> None:
    """Where it is away already, there is nothing to flush."""
    with contextlib.suppress(RedisError), Redis.from_url(redis_url, socket_timeout=3) as redis:
        redis.flushall()


def is_quiet(url: str) -> bool:
    try:
        health = httpx2.get(f"{url}/healthz", timeout=2).json()
    except httpx2.TransportError:
        return False
    return bool(health["status"] == "ok" and health["in_flight"] == 0 and health["journaled"] == 0)
