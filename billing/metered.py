"""What was used in a period, counted by the database, and the price tables to rate it with."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from billing.rating import PriceKey, UsageGroup
from catalog.models import Price
from core.period import Span
from core.usage import PriceTable, TokenClass, TokenCounts
from usage.models import UsageEvent

COUNTS = [token_class.value for token_class in TokenClass]


def used(organization_id: UUID, span: Span, *, up_to_version: int) -> list[UsageGroup]:
    """Sum the events that occurred in `span` and were stored up to a version of the wallet."""
    events = UsageEvent.objects.filter(
        _within(span), organization_id=organization_id, stored_version__lte=up_to_version
    ).values("model_id", "price_version_id", "service_tier")
    sums = events.annotate(charged=Sum("amount"), **{f"sum_{name}": Sum(name) for name in COUNTS})
    return [_group(row) for row in sums.order_by("model_id", "price_version_id", "service_tier")]


def _group(row: Mapping[str, Any]) -> UsageGroup:
    return UsageGroup(
        model=row["model_id"],
        price=PriceKey(row["price_version_id"], row["service_tier"]),
        counts=TokenCounts(**{name: int(row[f"sum_{name}"]) for name in COUNTS}),
        amount=int(row["charged"]),
    )


def has_usage_after(organization_id: UUID, span: Span, *, version: int) -> bool:
    """Tell whether events that occurred in `span` were stored after a version of the wallet."""
    later = UsageEvent.objects.filter(_within(span), organization_id=organization_id, stored_version__gt=version)
    return later.exists()


def price_tables(keys: Iterable[PriceKey]) -> dict[PriceKey, PriceTable]:
    """Answer the prices by token class, in picodollars per token."""
    wanted = set(keys)
    tables: dict[PriceKey, dict[TokenClass, int]] = {}
    versions = {key.price_version for key in wanted}
    for price in Price.objects.filter(version_id__in=versions, context_from=0):
        key = PriceKey(price.version_id, price.service_tier)
        tables.setdefault(key, {})[TokenClass(price.token_class)] = price.micros_per_million
    return {key: table for key, table in tables.items() if key in wanted}


def _within(span: Span) -> Q:
    return Q(occurred_at__gte=span.start) & (Q(occurred_at__lt=span.end) if span.end else Q())
