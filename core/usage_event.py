"""The usage event: what one request used, and what it cost, as it travels from the gateway into `settle()`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from core.ids import NIL
from core.usage import TokenCounts


class Outcome(StrEnum):
    COMPLETED = "completed"
    ABORTED = "aborted"  # the client hung up; what was generated is charged
    UPSTREAM_FAILED = "upstream_failed"  # the model server died; what was delivered is charged


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """`amount` is exact, in picodollars, at the prices of `price_version`. The id is made once and never changes."""

    id: UUID
    organization: UUID
    project: UUID
    key: UUID
    model: UUID
    price_version: UUID
    counts: TokenCounts
    amount: int
    occurred_at: datetime
    end_customer: UUID = NIL
    member: UUID = NIL  # the user who made the key
    service_tier: str = "standard"
    currency: str = "USD"
    outcome: Outcome = Outcome.COMPLETED
    is_stream: bool = False
    is_estimated: bool = False  # the model server gave no usage; counted by the published rule
    duration_ms: int = 0
    first_token_ms: int | None = None
    request_id: str = ""

    def as_row(self) -> dict[str, Any]:
        """A JSON object with the column names of the table `usage_event`: what `settle()` takes."""
        return {
            "id": str(self.id),
            "organization_id": _text_of(self.organization),
            "project_id": _text_of(self.project),
            "key_id": _text_of(self.key),
            "end_customer_id": _text_of(self.end_customer),
            "member_id": _text_of(self.member),
            "model_id": _text_of(self.model),
            "price_version_id": _text_of(self.price_version),
            "service_tier": self.service_tier,
            "currency": self.currency,
            "amount": self.amount,
            "occurred_at": self.occurred_at.isoformat(),
            "outcome": self.outcome.value,
            "is_stream": self.is_stream,
            "is_estimated": self.is_estimated,
            "duration_ms": self.duration_ms,
            "first_token_ms": self.first_token_ms,
            "request_id": self.request_id,
            **self.counts.by_name(),
        }


@lru_cache(maxsize=8192)
def _text_of(id_: UUID) -> str:
    """All but an event's own id are the same for many events."""
    return str(id_)
