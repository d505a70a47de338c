"""The running gateway: its parts, and the tasks that it owns."""

import asyncio

from gateway import log
from gateway.control_pass import ControlPass
from gateway.database import Database
from gateway.exchange import Exchange
from gateway.facts import Facts
from gateway.invalidation import drop_announced_copies
from gateway.journal import Journal
from gateway.key_watch import KeyWatch
from gateway.last_uses import LastUses
from gateway.presence import Presence
from gateway.receipts import Receipts
from gateway.recovery import Recovery
from gateway.redis_connect import pipe_to
from gateway.release import Releaser
from gateway.retries.recording import Recording
from gateway.retries.retries import Retries
from gateway.settings import Settings
from gateway.settle import Settler
from gateway.upkeep import Upkeep
from gateway.upstreams.servers import Servers

READY_SECONDS = 5.0
SETTLE_SECONDS = 10.0


class Gateway:
    """Made inside a running event loop; `start` and `stop` once each."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.redis = pipe_to(settings.redis_url)
        self.facts = Facts(self.redis)
        self.releaser = Releaser(self.redis)
        self.retries = Retries(settings, self.redis, self.releaser)
        self.servers = Servers(settings)
        self.receipts = Receipts(settings.database_url)
        self.control_pass = ControlPass(settings, self.facts)
        self._database = Database(settings.database_url)
        self._journal = Journal(settings.journal)
        self.settler = Settler(settings, self._database, self._journal, self.releaser)
        self._exchanges: dict[Exchange, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        for rows in self._journal.adopted():
            self.releaser.adopt(rows)
        self._presence = Presence(settings.database_url)
        self.recovery = Recovery(self.redis, self.facts, self.releaser, number=self._presence.number)
        self._watch = KeyWatch(self._exchanges.keys(), self.facts, settings)
        self._last_uses = LastUses(self.redis)

    async def start(self) -> None:
        """Begin to serve; without Redis or PostgreSQL too, refusing or journaling until they are there."""
        upkeep = Upkeep(self._exchanges.keys(), self.redis, self.releaser, keep_alive=self.settings.keep_alive)
        self._tasks = [
            asyncio.create_task(self.redis.run()),
            asyncio.create_task(self._presence.run()),
            asyncio.create_task(self.recovery.run()),
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._last_uses.run()),
            asyncio.create_task(self.settler.run()),
            asyncio.create_task(self.settler.replay()),
            asyncio.create_task(upkeep.run()),
            asyncio.create_task(self.retries.run()),
            asyncio.create_task(self.retries.listen()),
        ]
        for task in self._tasks:
            task.add_done_callback(_report)
        await self._presence.wait()
        log.line("gateway.started", port=self.settings.port, journaled=self.settler.exposure)

    async def _listen(self) -> None:
        url, watch = self.settings.redis_url, self._watch
        await drop_announced_copies(self.facts, url, then=watch.check, on_round=self.recovery.answer)

    async def stop(self) -> None:
        """End what still runs, settle it, and let go of everything; bounded by `SETTLE_SECONDS`."""
        for exchange in list(self._exchanges):
            exchange.hang_up()
        if self._exchanges:
            await asyncio.wait(self._exchanges.values(), timeout=SETTLE_SECONDS)
        await self.retries.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.servers.close()
        await self.receipts.close()
        await self.control_pass.close()
        await self._database.close()
        self._journal.close()
        log.line("gateway.stopped", unsettled=len(self._exchanges))

    def carry(self, exchange: Exchange, recording: Recording) -> asyncio.Task[None]:
        exchange.client.recording, recording.cancel = recording, exchange.hang_up
        task = exchange.start()
        self._exchanges[exchange] = task
        self.releaser.begin(exchange.call)
        self._watch.began(exchange)
        self._last_uses.note(exchange.call)
        task.add_done_callback(lambda done: self._forget(exchange, done))
        task.add_done_callback(lambda _: self.retries.ended(recording, exchange.outcome))
        return task

    def health(self) -> dict[str, object]:
        return {
            "status": "ok" if self.redis.is_ready else "waiting for Redis",
            "in_flight": len(self._exchanges),
            "journaled": self.settler.exposure,
            "upstreams": self.servers.board.shown(),
        }

    def _forget(self, exchange: Exchange, task: asyncio.Task[None]) -> None:
        del self._exchanges[exchange]
        _report(task)


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.line("task.FAILED", error=repr(error))
