"""Usage as the gateway writes it: through `settle()`, and through nothing else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from core.ids import uuid7
from core.usage import TokenCounts
from core.usage_event import UsageEvent

NOON = datetime(2026, 4, 8, 12, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Settled:
    """One organization's row of the function's answer."""

    organization: UUID
    version: int
    available_micros: int
    inserted: int
    conflicting: list[UUID]
    counters: list[str]


def an_event(organization: UUID, *, counts: TokenCounts | None = None, **fields: Any) -> UsageEvent:
    """Answer a request of 10 input and 5 output tokens for 35 picodollars, but for what `fields` say."""
    defaults: dict[str, Any] = {
        "id": uuid7(),
        "project": uuid7(),
        "key": uuid7(),
        "model": uuid7(),
        "price_version": uuid7(),
        "amount": 35,
        "occurred_at": NOON,
    }
    counts = counts or TokenCounts(input=10, output=5, requests=1)
    return UsageEvent(organization=organization, counts=counts, **{**defaults, **fields})


def settle(*events: UsageEvent, over: BaseDatabaseWrapper | None = None) -> dict[UUID, Settled]:
    """Settle a batch over the given or the test's own connection."""
    with (over or connection).cursor() as cursor:
        cursor.execute("SELECT * FROM settle(%s::jsonb)", [as_batch(events)])
        answers = [Settled(*row) for row in cursor.fetchall()]
    return {answer.organization: answer for answer in answers}


def as_batch(events: Sequence[UsageEvent]) -> str:
    return json.dumps([event.as_row() for event in events])
