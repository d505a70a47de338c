"""The one statement by which the gateway stores anything in PostgreSQL: `settle()`, a batch in a transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from gateway import log
from gateway.release import Wallet

Row = dict[str, Any]
ATTEMPT_SECONDS = 8.0
CONNECT_SECONDS = 3
QUERY = "SELECT organization_id, version, available_micros, inserted, conflicting, counters FROM settle(%s::jsonb)"


class DatabaseAway(Exception):
    """PostgreSQL can't be reached or can't commit now; nothing is known to be stored."""


class RowRefused(Exception):
    """PostgreSQL is there, and refuses what a row says."""


@dataclass(frozen=True, slots=True)
class Settled:
    organization: str
    wallet: Wallet
    inserted: int


class Database:
    """One connection, used by one task at a time. Calling again with the same rows is harmless."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def settle(self, rows: Sequence[Row]) -> list[Settled]:
        """Answer after the commit. Raises `DatabaseAway` or `RowRefused`; on a stale connection tries once more."""
        batch = msgspec.json.encode(rows).decode()
        had_connection = self._connection is not None
        try:
            return await self._attempt(batch)
        except DatabaseAway:
            if not had_connection:
                raise
            return await self._attempt(batch)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _attempt(self, batch: str) -> list[Settled]:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                connection = await self._connected()
                cursor = await connection.execute(QUERY, [batch], prepare=True)
                return [_settled(row) for row in await cursor.fetchall()]
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise RowRefused(str(error)) from error
        except (psycopg.Error, OSError) as error:
            await self.close()
            raise DatabaseAway(str(error).strip() or type(error).__name__) from error

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="gateway"
            )
            await self._connection.execute("SET statement_timeout = '5s'")
        return self._connection


def _settled(row: tuple[UUID, int, int, int, list[UUID] | None, list[str]]) -> Settled:
    organization, version, available, inserted, conflicting, counters = row
    if conflicting:
        log.line(
            "settle.CONFLICT: the same event id with other content; the first stays",
            organization=organization,
            events=conflicting,
        )
    return Settled(str(organization), Wallet(version, available, tuple(counters)), inserted)
