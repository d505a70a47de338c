"""Making usage durable: whatever queued while one batch was committed is the next batch.

An event is durable once PostgreSQL has committed it, or, while PostgreSQL is away, once it is on this machine's disk.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import NamedTuple

from core.usage_event import UsageEvent
from gateway import log
from gateway.database import Database, DatabaseAway, Row, RowRefused, Settled
from gateway.journal import Journal
from gateway.release import COUNTERS, Releaser, Wallet
from gateway.settings import Settings

MOST_AT_ONCE = 500
RETRY_AFTER = 0.3


class _Waiting(NamedTuple):
    event: UsageEvent
    row: Row
    done: asyncio.Future[Wallet | None]


class Settler:
    """While the journal holds anything, new events go there too, so that order is kept and PostgreSQL can recover."""

    def __init__(self, settings: Settings, database: Database, journal: Journal, releaser: Releaser) -> None:
        self._settings = settings
        self._database = database
        self._journal = journal
        self._releaser = releaser
        self._loop = asyncio.get_running_loop()
        self._queue: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._journaled = asyncio.Event()
        self._file_access = asyncio.Lock()
        self._is_disk_failing = False

    async def settle(self, event: UsageEvent, *, counters: str = "") -> Wallet | None:
        """Return when the event is durable: the wallet's new state, or None where it waits in the journal.

        `counters` of its hold are written down with it, for a process that finds it in the journal.
        """
        done: asyncio.Future[Wallet | None] = self._loop.create_future()
        row = event.as_row() | {COUNTERS: counters} if counters else event.as_row()
        self._queue.append(_Waiting(event, row, done))
        self._arrived.set()
        return await done

    @property
    def exposure(self) -> int:
        """How many events are on this disk alone."""
        return self._journal.events

    @property
    def is_exhausted(self) -> bool:
        """Whether so much usage waits, or for so long, that no more may be incurred."""
        if self._journal.is_empty:
            return self._is_disk_failing
        oldest = self._journal.oldest_at
        is_too_old = oldest is not None and time.time() - oldest > self._settings.journal_age
        return self._is_disk_failing or is_too_old or self._journal.events >= self._settings.journal_events

    async def run(self) -> None:
        """Store batch after batch until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                batch, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
                await self._store(batch)

    async def replay(self) -> None:
        """Bring the journal back to PostgreSQL whenever there is one and the other, until cancelled."""
        while True:
            if self._journal.is_empty:
                await self._journaled.wait()
            self._journaled.clear()
            try:
                await self._replay_oldest()
            except (DatabaseAway, OSError) as error:
                log.line("settle.replay_waits", error=str(error), journaled=self.exposure)
                await asyncio.sleep(RETRY_AFTER)

    async def _store(self, batch: list[_Waiting]) -> None:
        """Neither PostgreSQL nor the disk: the callers wait, and no request is admitted meanwhile."""
        while not (await self._commit(batch) or await self._write_down(batch)):  # noqa: ASYNC110 - a pause, no event
            await asyncio.sleep(RETRY_AFTER)

    async def _commit(self, batch: list[_Waiting]) -> bool:
        if not self._journal.is_empty:
            return False
        try:
            settled = await self._settle_rows([waiting.row for waiting in batch])
        except DatabaseAway as error:
            log.line("settle.database_away", error=str(error), batch=len(batch))
            return False
        self._is_disk_failing = False
        wallets = {found.organization: found.wallet for found in settled}
        for waiting in batch:
            _tell(waiting, wallets.get(str(waiting.event.organization)))
        return True

    async def _write_down(self, batch: list[_Waiting]) -> bool:
        rows = [waiting.row for waiting in batch]
        try:
            async with self._file_access:
                await asyncio.to_thread(self._journal.append, rows)
        except OSError as error:
            self._is_disk_failing = True
            log.line("settle.JOURNAL_FAILED", error=str(error), batch=len(batch))
            return False
        self._is_disk_failing = False
        self._journaled.set()
        for waiting in batch:
            _tell(waiting, None)
        return True

    async def _replay_oldest(self) -> None:
        async with self._file_access:
            segment = self._journal.oldest()
        if segment is None:
            return
        rows = await asyncio.to_thread(segment.rows)
        for start in range(0, len(rows), MOST_AT_ONCE):
            part = rows[start : start + MOST_AT_ONCE]
            self._release_replayed(part, await self._settle_rows(part))
        async with self._file_access:
            await asyncio.to_thread(self._journal.remove_oldest)
        log.line("settle.replayed", events=len(rows), file=segment.path.name)

    async def _settle_rows(self, rows: Sequence[Row]) -> list[Settled]:
        """One row that PostgreSQL refuses doesn't stop the others. Raises `DatabaseAway`."""
        try:
            return await self._database.settle(rows)
        except RowRefused as error:
            if len(rows) == 1:
                log.line("settle.ROW_REFUSED", error=str(error), usage_event=rows[0].get("id"))
                await asyncio.to_thread(self._journal.refuse, rows[0], str(error))
                return []
        return [settled for row in rows for settled in await self._settle_rows([row])]

    def _release_replayed(self, rows: Sequence[Row], settled: list[Settled]) -> None:
        newest = {found.organization: found.wallet for found in settled}
        for organization, wallet in newest.items():
            ids = [row["id"] for row in rows if row["organization_id"] == organization]
            self._releaser.release_replayed(organization, wallet, ids)


def _tell(waiting: _Waiting, wallet: Wallet | None) -> None:
    if not waiting.done.done():
        waiting.done.set_result(wallet)
