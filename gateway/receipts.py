"""The one query that the gateway asks PostgreSQL: a request's usage, with the prices that it was charged at."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from gateway.database import DatabaseAway, Row

SECONDS = 3.0
CONNECT_SECONDS = 2
# Data that the other side doesn't acknowledge ends the connection, so that a lost network is noticed.
UNACKNOWLEDGED_MS = 5_000
SESSION = "SET statement_timeout = '2s'; SET default_transaction_read_only = on"
QUERY = """
    SELECT e.*, m.slug AS model, p.name AS project_name, k.name AS key_name, k.environment, k.key_id AS public_key_id,
        (SELECT coalesce(json_object_agg(c.token_class, c.micros_per_million), '{}') FROM catalog_price c
         WHERE c.version_id = e.price_version_id AND c.service_tier = e.service_tier AND c.context_from = 0) AS prices
    FROM usage_event e
    LEFT JOIN catalog_model m ON m.id = e.model_id
    LEFT JOIN accounts_project p ON p.id = e.project_id
    LEFT JOIN keys_apikey k ON k.id = e.key_id
    WHERE e.organization_id = %s AND e.id = %s
"""


class Receipts:
    """A connection of its own, made at the first question: who reads must not keep usage from being stored."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._turn = asyncio.Lock()
        self._asked: set[asyncio.Task[Row | None]] = set()

    async def find(self, organization: str, event: UUID) -> Row | None:
        """Answer the event of this organization, within `SECONDS`. Raises `DatabaseAway`."""
        # A task of its own: the driver waits for the server when it is cancelled, and a frozen one never answers.
        asked = asyncio.create_task(self._ask([organization, event]))
        self._asked.add(asked)
        asked.add_done_callback(self._forget)
        await asyncio.wait({asked}, timeout=SECONDS)
        if not asked.done():
            asked.cancel()
            raise DatabaseAway(f"No answer within {SECONDS:g} s")
        try:
            return asked.result()
        except (psycopg.Error, OSError) as error:
            raise DatabaseAway(str(error).strip() or type(error).__name__) from error

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _ask(self, values: list[Any]) -> Row | None:
        """On a stale connection tries once more; a query that took too long isn't repeated."""
        async with self._turn:
            had_connection = self._connection is not None
            try:
                return await self._attempt(values)
            except (psycopg.OperationalError, OSError) as error:
                if not had_connection or isinstance(error, psycopg.errors.QueryCanceled):
                    raise
                return await self._attempt(values)

    async def _attempt(self, values: list[Any]) -> Row | None:
        try:
            connection = await self._connected()
            cursor = await connection.execute(QUERY, values, prepare=True)
            return await cursor.fetchone()
        except BaseException:  # A question that was broken off leaves its connection unusable, too.
            await self.close()
            raise

    async def _connected(self) -> psycopg.AsyncConnection[Row]:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                tcp_user_timeout=UNACKNOWLEDGED_MS,
                application_name="gateway receipts",
                row_factory=dict_row,
            )
            await self._connection.execute(SESSION)
        return self._connection

    def _forget(self, asked: asyncio.Task[Row | None]) -> None:
        self._asked.discard(asked)
        if not asked.cancelled():
            asked.exception()  # Seen, even where nobody waits any more.
