"""One admitted request: who calls what at which price, and, at its end, the usage event."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from core.budget import EPOCH
from core.ids import NIL
from core.service_tier import ServiceTier
from core.usage import TokenCounts, amount_of
from core.usage_event import Outcome, UsageEvent
from core.wire import ModelFacts, PriceFacts
from gateway.admit import Reservation
from gateway.identify import Caller

# What model servers call the standard tier.
STANDARD_WORDS = frozenset({"default", "standard"})


def request_id_of(event: UUID) -> str:
    return f"req_{event.hex}"


@dataclass(slots=True)
class Call:
    """`id` is the event's, the hold's, and, written as `req_<hex>`, the request's."""

    id: UUID
    caller: Caller
    model: ModelFacts
    price: PriceFacts
    reservation: Reservation
    is_stream: bool
    service_tier: str = ServiceTier.STANDARD
    started: float = field(default_factory=time.monotonic)
    first_token: float | None = None

    @property
    def occurred_at(self) -> datetime:
        """The instant of admission by Redis's clock, so that the window that was checked is the one that is charged."""
        return EPOCH + timedelta(milliseconds=self.reservation.admitted_ms)

    @property
    def organization(self) -> str:
        return self.caller.organization.id

    @property
    def prices(self) -> Mapping[str, int]:
        """Picodollars per token at the service tier. Raises ValueError where the price version doesn't sell it."""
        prices = self.price.of_tier(self.service_tier)
        if prices is None:
            raise ValueError(f"Price version {self.price.id} has no prices for the tier {self.service_tier}.")
        return prices

    def was_served(self, tier: str | None) -> None:
        """By the model server's own word. Only downwards: nobody pays more than for the tier that he asked for."""
        if self.service_tier == ServiceTier.PRIORITY and tier in STANDARD_WORDS:
            self.service_tier = ServiceTier.STANDARD

    def has_begun_to_answer(self) -> None:
        if self.first_token is None:
            self.first_token = time.monotonic()

    def event(self, counts: TokenCounts, outcome: Outcome, *, is_estimated: bool) -> UsageEvent:
        return UsageEvent(
            id=self.id,
            organization=_id_of(self.organization),
            project=_id_of(self.caller.key.project),
            key=_id_of(self.caller.key.id),
            model=_id_of(self.model.id),
            price_version=_id_of(self.price.id),
            end_customer=_id_of(self.caller.end_customer.id) if self.caller.end_customer else NIL,
            member=_id_of(self.caller.key.member) if self.caller.key.member else NIL,
            counts=counts,
            amount=amount_of(counts, self.prices),  # type: ignore[arg-type]  # A TokenClass is its own text.
            occurred_at=self.occurred_at,
            service_tier=self.service_tier,
            currency=self.model.currency,
            outcome=outcome,
            is_stream=self.is_stream,
            is_estimated=is_estimated,
            duration_ms=_milliseconds(time.monotonic() - self.started),
            first_token_ms=None if self.first_token is None else _milliseconds(self.first_token - self.started),
            request_id=request_id_of(self.id),
        )


@lru_cache(maxsize=8192)
def _id_of(text: str) -> UUID:
    """The same few ids come with every request."""
    return UUID(text)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
