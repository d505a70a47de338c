"""What PostgreSQL and Redis know of some organizations at one instant, read past the product."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import redis as redis_client

from core.ids import first_uuid7_at

EVENTS = """
    SELECT id, request_id, organization_id, key_id, outcome FROM usage_event
    WHERE organization_id = ANY (%s) AND id >= %s
"""
WALLETS = """
    SELECT w.organization_id, w.version, w.spent, floor((w.credit - w.spent + w.credit_limit) / 1000000),
        (SELECT coalesce(sum(amount), 0) FROM usage_event e WHERE e.organization_id = w.organization_id),
        (SELECT coalesce(sum(amount), 0) FROM usage_rollup r WHERE r.organization_id = w.organization_id)
    FROM usage_wallet w WHERE w.organization_id = ANY (%s)
"""
BUDGETS = """
    SELECT b.organization_id, b.id, b.cap, coalesce(s.spent, 0) FROM usage_budget b
    LEFT JOIN usage_budget_spend s ON s.budget_id = b.id WHERE b.organization_id = ANY (%s)
"""


@dataclass(frozen=True)
class Event:
    id: UUID
    request_id: str
    organization: UUID
    key: UUID
    outcome: str


@dataclass(frozen=True)
class Purse:
    """Sums in picodollars, what is available in micro-dollars. `copy` is Redis's version and available, if any."""

    version: int
    spent: int
    available: int
    events: int
    rollups: int
    copy: tuple[int, int] | None
    # Live holds by id, and what Redis says their sum is; micro-dollars.
    holds: dict[str, int]
    held: int


@dataclass(frozen=True)
class BudgetState:
    """Picodollars; the copy is what Redis says was spent, in micro-dollars."""

    organization: UUID
    cap: int
    spent: int
    copy: int | None


@dataclass(frozen=True)
class Books:
    events: tuple[Event, ...] = ()
    purses: dict[UUID, Purse] = field(default_factory=dict)
    budgets: tuple[BudgetState, ...] = ()


def read_books(database_url: str, redis_url: str, organizations: Iterable[UUID], *, since: datetime) -> Books:
    """Events are those whose requests began at `since` or later; all sums are over everything."""
    ids = list(organizations)
    with (
        psycopg.connect(database_url, autocommit=True) as database,
        redis_client.Redis.from_url(redis_url, decode_responses=True, socket_timeout=5) as redis,
    ):
        events = tuple(Event(*row) for row in database.execute(EVENTS, [ids, first_uuid7_at(since)]))
        wallets = database.execute(WALLETS, [ids]).fetchall()
        purses = {row[0]: _purse(redis, row[0], [int(value) for value in row[1:]]) for row in wallets}
        budgets = tuple(_budget(redis, row) for row in database.execute(BUDGETS, [ids]))
    return Books(events, purses, budgets)


def _purse(redis: "redis_client.Redis", organization: UUID, numbers: list[int]) -> Purse:
    version, spent, available, events, rollups = numbers
    copied = [int(value) for value in redis.hmget(f"{{{organization}}}:wallet", "version", "available") if value]
    seconds, micros = redis.time()
    now = seconds * 1000 + micros // 1000
    live = redis.zrangebyscore(f"{{{organization}}}:holds", now, "+inf")
    # A hold's value is its amount, and the budgets that it counts in; so are its sums, by their names.
    texts = redis.hgetall(f"{{{organization}}}:amounts")
    amounts = {str(id_): int(str(text).split()[0]) for id_, text in texts.items()}
    holds = {str(id_): amounts.get(str(id_), 0) for id_ in live}
    over = redis.zrangebyscore(f"{{{organization}}}:holds", "-inf", now - 1)
    expired = sum(amounts.get(str(id_), 0) for id_ in over)
    held = amounts.get("total", 0) - expired
    copy = (copied[0], copied[1]) if len(copied) == 2 else None
    return Purse(version, spent, available, events, rollups, copy, holds, held)


def _budget(redis: "redis_client.Redis", row: tuple[Any, ...]) -> BudgetState:
    organization, budget, cap, spent = row
    text = redis.hget(f"{{{organization}}}:spent", str(budget))
    copy = int(str(text).split()[2]) if text else None
    return BudgetState(organization, int(cap), int(spent), copy)
