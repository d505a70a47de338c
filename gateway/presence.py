"""Shows in PostgreSQL that this gateway lives: no wallet that Redis has lost is opened before it registered its holds.

An advisory lock does it: it stands while this process is paused, and falls when the process ends, however that happens.
"""

import asyncio
import secrets

import psycopg

from core.wire import PRESENCE
from gateway import log

RETRY_AFTER = 0.3
CONNECT_SECONDS = 3
# Seconds that a start waits for PostgreSQL; a gateway that starts without it serves, and shows itself later.
PATIENCE = 1.0
# A machine that vanished without a word is noticed within half a minute.
NOTICE_LOSS = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4"


class Presence:
    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self.number = secrets.randbits(31)
        self._is_shown = asyncio.Event()

    async def run(self) -> None:
        """Be seen until cancelled, again after each time that PostgreSQL was away."""
        while True:
            try:
                await self._be_seen()
            except (psycopg.Error, OSError) as error:
                log.line("presence.unseen", error=str(error).strip())
            await asyncio.sleep(RETRY_AFTER)

    async def wait(self) -> None:
        """Return when other programs can see this gateway, or PostgreSQL has been away for `PATIENCE`."""
        try:
            await asyncio.wait_for(self._is_shown.wait(), PATIENCE)
        except TimeoutError:
            log.line("presence.not_yet")

    async def _be_seen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="gateway presence"
        )
        async with connection:
            await connection.execute(NOTICE_LOSS)
            await connection.execute("SELECT pg_advisory_lock(%s, %s)", [PRESENCE, self.number])
            self._is_shown.set()
            async for _ in connection.notifies():
                pass  # Nobody notifies: this waits for the end of the connection.
