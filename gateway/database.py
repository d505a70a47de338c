"""The one statement by which the gateway stores anything in PostgreSQL: `settle()`, a batch in a transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg

from gateway import log
from gateway.postgres_line import PostgresLine
from gateway.release import Wallet

Row = dict[str, Any]
ATTEMPT_SECONDS = 8.0
CONNECT_SECONDS = 3
QUERY = "SELECT json_agg(wallet) FROM settle($1::jsonb) wallet"


class DatabaseAway(Exception):
    """PostgreSQL can't be reached or can't commit now; nothing is known to be stored."""


class RowRefused(Exception):
    """PostgreSQL is there, and refuses what a row says."""


class _Row(msgspec.Struct, gc=False):
    """What `settle()` answers of one organization."""

    organization_id: str
    version: int
    available_micros: int
    inserted: int
    conflicting: list[str] | None
    counters: tuple[str, ...]


DECODER = msgspec.json.Decoder(list[_Row])


@dataclass(frozen=True, slots=True)
class Settled:
    organization: str
    wallet: Wallet
    inserted: int


class Database:
    """One connection; whoever comes second waits for the first. Calling again with the same rows is harmless."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._line: PostgresLine | None = None
        self._turn = asyncio.Lock()

    async def settle(self, rows: Sequence[Row]) -> list[Settled]:
        """Answer after the commit. Raises `DatabaseAway` or `RowRefused`; on a stale connection tries once more."""
        batch = msgspec.json.encode(rows)
        async with self._turn:
            had_line = self._line is not None
            try:
                return await self._attempt(batch)
            except DatabaseAway:
                if not had_line:
                    raise
                return await self._attempt(batch)

    async def close(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            await line.close()

    async def _attempt(self, batch: bytes) -> list[Settled]:
        try:
            line = self._line or await self._opened()
            answer = await line.ask(batch, seconds=ATTEMPT_SECONDS)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            raise RowRefused(str(error)) from error
        except (psycopg.Error, OSError) as error:
            await self.close()
            raise DatabaseAway(str(error).strip() or type(error).__name__) from error
        except BaseException:
            await self.close()
            raise
        return [] if answer is None else [_settled(row) for row in DECODER.decode(answer)]

    async def _opened(self) -> PostgresLine:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            self._line = await PostgresLine.open(
                self._url,
                QUERY,
                first="SET statement_timeout = '5s'",
                connect_timeout=CONNECT_SECONDS,
                application_name="gateway",
            )
        return self._line


def _settled(row: _Row) -> Settled:
    if row.conflicting:
        log.line(
            "settle.CONFLICT: the same event id with other content; the first stays",
            organization=row.organization_id,
            events=row.conflicting,
        )
    return Settled(row.organization_id, Wallet(row.version, row.available_micros, row.counters), row.inserted)
