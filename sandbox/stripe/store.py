"""The state: one SQLite file, written in whole transactions, so that a crash never leaves half an operation."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.stripe.values import Obj

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, created INTEGER NOT NULL,
    clock TEXT NOT NULL, due INTEGER, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_due ON objects (clock, due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_of_customer ON objects (kind, json_extract(body, '$.customer'));
CREATE INDEX IF NOT EXISTS objects_of_invoice ON objects (kind, json_extract(body, '$.invoice'));
CREATE TABLE IF NOT EXISTS answers (
    account TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    request_id TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL, next_at REAL);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
"""
Filters = dict[str, object]


class Store:
    """Objects by id, kind and field; one thread works on them at a time, and its caller opens the transactions."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; WAL, and every commit on disk before it is answered."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block or nothing of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def put(self, obj: Obj, *, clock: str | None, due: int | None) -> None:
        """Insert or replace; an object keeps its place in the lists."""
        self.db.execute(
            "INSERT INTO objects (id, kind, created, clock, due, body) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET clock = excluded.clock, due = excluded.due, body = excluded.body",
            (obj["id"], obj["object"], obj.get("created", 0), clock or "", due, json.dumps(obj)),
        )

    def load(self, ident: str) -> Obj | None:
        """Answer the object or None."""
        row = self.db.execute("SELECT body FROM objects WHERE id = ?", (ident,)).fetchone()
        obj: Obj | None = json.loads(row[0]) if row else None
        return obj

    def remove(self, ident: str) -> None:
        """Forget an object that leaves no trace (a line of a draft)."""
        self.db.execute("DELETE FROM objects WHERE id = ?", (ident,))

    def find(self, kind: str, filters: Filters, *, newest: bool = False) -> list[str]:
        """Answer the ids of a kind whose fields have these values, in order of creation."""
        where, values = _where(kind, filters)
        order = "DESC" if newest else "ASC"
        rows = self.db.execute(f"SELECT id FROM objects WHERE {where} ORDER BY seq {order}", values)  # noqa: S608
        return [row[0] for row in rows]

    def page(self, where: str, values: list[object], *, limit: int, ascending: bool) -> list[Obj]:
        """Answer up to `limit` objects of a list, by a condition made in `listing`."""
        order = "ASC" if ascending else "DESC"
        query = f"SELECT body FROM objects WHERE {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        return [json.loads(row[0]) for row in self.db.execute(query, [*values, limit])]

    def place(self, ident: str) -> int | None:
        """Answer the position of an object in order of creation."""
        row = self.db.execute("SELECT seq FROM objects WHERE id = ?", (ident,)).fetchone()
        return int(row[0]) if row else None

    def next_due(self, clock: str | None, until: int) -> tuple[str, int] | None:
        """Answer what is due first on a clock up to this second, and when."""
        row = self.db.execute(
            "SELECT id, due FROM objects WHERE clock = ? AND due <= ? ORDER BY due, seq LIMIT 1", (clock or "", until)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def next_due_on_clocks(self) -> tuple[str, int] | None:
        """Answer what is due first on a test clock that stands still (a call can make something due at once)."""
        row = self.db.execute(
            "SELECT o.id, o.due FROM objects o JOIN objects c ON c.id = o.clock AND c.kind = 'test_helpers.test_clock' "
            "WHERE o.due <= json_extract(c.body, '$.frozen_time') ORDER BY o.due, o.seq LIMIT 1"
        ).fetchone()
        return (row[0], row[1]) if row else None

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()


def _where(kind: str, filters: Filters) -> tuple[str, list[object]]:
    parts, values = ["kind = ?"], [kind, *(value for value in filters.values() if value is not None)]
    for path, value in filters.items():
        field = f"json_extract(body, '$.{path}')"
        parts.append(f"{field} IS NULL" if value is None else f"{field} = ?")
    return " AND ".join(parts), list(values)
