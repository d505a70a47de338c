"""Usage into PostgreSQL: `settle()`, with its rollup, wallet and budgets, against a bare insert of the same rows."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from core.ids import uuid7
from core.usage import TokenCounts
from core.usage_event import UsageEvent
from tests.benchmarks.ours import Stores
from tests.benchmarks.rounds import medians

Row = dict[str, Any]
BATCHES = (1, 10, 50, 200)
# The same columns and the same key, and nothing else.
BARE = """
CREATE TABLE IF NOT EXISTS bench_event (LIKE usage_event INCLUDING DEFAULTS);
ALTER TABLE bench_event DROP CONSTRAINT IF EXISTS bench_event_pkey;
ALTER TABLE bench_event ADD CONSTRAINT bench_event_pkey PRIMARY KEY (organization_id, id);
"""


def measure(stores: Stores, *, rounds: int, seconds: float) -> dict[str, float]:
    """By size of the batch: events a second of both, and their ratio."""
    with psycopg.connect(stores.database_url, autocommit=True) as connection:
        connection.execute(BARE)
        insert = _Insert(connection)
        found: dict[str, float] = {}
        for size in BATCHES:
            sample = medians(
                {
                    "settle()": _rate(lambda rows: _settle(connection, rows), stores.account.id, size, seconds),
                    "bare insert": _rate(insert, stores.account.id, size, seconds),
                }
                for _ in range(rounds)
            )
            found |= {f"{name}, batches of {size}, events/s": rate for name, rate in sample.items()}
            found[f"ratio at {size}"] = sample["settle()"] / sample["bare insert"]
    return found


def _rate(store: Callable[[Sequence[Row]], object], organization: UUID, size: int, seconds: float) -> float:
    """Events a second, in batches of `size` that are made beforehand."""
    spent, count = 0.0, 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        rows = [_row(organization) for _ in range(size)]
        begun = time.monotonic()
        store(rows)
        spent += time.monotonic() - begun
        count += size
    return count / spent


def _row(organization: UUID) -> Row:
    return UsageEvent(
        id=uuid7(),
        organization=organization,
        project=organization,
        key=organization,
        model=organization,
        price_version=organization,
        counts=TokenCounts(input=1000, output=100, requests=1),
        amount=1_675_000_000,
        occurred_at=datetime.now(UTC),
        request_id="req_benchmark",
    ).as_row()


def _settle(connection: "psycopg.Connection[Any]", rows: Sequence[Row]) -> None:
    connection.execute("SELECT * FROM settle(%s::jsonb)", [json.dumps(rows)], prepare=True).fetchall()


class _Insert:
    """INSERT … SELECT unnest(…) ON CONFLICT DO NOTHING, with an array for each column."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        types = dict(
            connection.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = 'bench_event'::regclass AND attnum > 0"
            ).fetchall()
        )
        self._columns = [name for name in _row(uuid7()) if name in types]
        arrays = sql.SQL(", ").join(
            sql.SQL("%s::{}[]").format(sql.SQL(types[name].partition("(")[0])) for name in self._columns
        )
        names = sql.SQL(", ").join(map(sql.Identifier, self._columns))
        self._query = sql.SQL(
            "INSERT INTO bench_event ({names}, stored_at, stored_version) SELECT u.*, now(), 1 FROM unnest({arrays}) u"
            " ON CONFLICT DO NOTHING"
        ).format(names=names, arrays=arrays)

    def __call__(self, rows: Sequence[Row]) -> None:
        values = [[row[name] for row in rows] for name in self._columns]
        self._connection.execute(self._query, values, prepare=True)
