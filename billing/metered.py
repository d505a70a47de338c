"""What was used in a period, counted by the database, and the price tables to rate it with."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from billing.rating import PriceKey, UsageGroup
from catalog.models import Price
from core.period import Span
from core.usage import PriceTable, TokenClass, TokenCounts
from usage.models import UsageEvent

COUNTS = [token_class.value for token_class in TokenClass]
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)

_COLUMNS = ", ".join(COUNTS)
_SUMS = ", ".join(f"sum({name}) AS sum_{name}" for name in COUNTS)
# An hour that lies in the span only partly is counted from its events.
BY_THE_HOUR = f"""
    WITH bounds AS (
        SELECT date_trunc('hour', %(start)s::timestamptz + interval '59 minutes 59.999999 seconds', 'UTC') AS first,
            date_trunc('hour', %(end)s::timestamptz, 'UTC') AS last
    ), counted AS (
        SELECT model_id, price_version_id, service_tier, amount, {_COLUMNS}
        FROM usage_rollup, bounds
        WHERE organization_id = %(organization)s AND hour >= first AND hour < last
        UNION ALL
        SELECT model_id, price_version_id, service_tier, amount, {_COLUMNS}
        FROM usage_event, bounds
        WHERE organization_id = %(organization)s AND occurred_at >= %(start)s AND occurred_at < %(end)s
            AND (occurred_at < least(first, %(end)s) OR occurred_at >= greatest(first, last))
    ), sums AS (
        SELECT model_id, price_version_id, service_tier, sum(amount) AS charged, {_SUMS}
        FROM counted GROUP BY model_id, price_version_id, service_tier
    )
    SELECT w.version, s.* FROM usage_wallet w LEFT JOIN sums s ON true
    WHERE w.organization_id = %(organization)s ORDER BY model_id, price_version_id, service_tier
"""  # noqa: S608 - Made of the names of token classes alone.


def used(organization_id: UUID, span: Span, *, up_to_version: int) -> list[UsageGroup]:
    """Sum the events that occurred in `span` and were stored up to a version of the wallet."""
    events = UsageEvent.objects.filter(
        _within(span), organization_id=organization_id, stored_version__lte=up_to_version
    ).values("model_id", "price_version_id", "service_tier")
    sums = events.annotate(charged=Sum("amount"), **{f"sum_{name}": Sum(name) for name in COUNTS})
    return [_group(row) for row in sums.order_by("model_id", "price_version_id", "service_tier")]


def used_by_the_hour(organization_id: UUID, span: Span) -> tuple[int, list[UsageGroup]]:
    """Sum the same from the hourly rollups, and from events in the hours that the span begins or ends in.

    Answers with it the wallet's version. One statement sees one state of the database, and settlement moves wallet,
    rollups and events at once: so the sums are exactly the events stored up to that version.
    """
    with connection.cursor() as cursor:
        cursor.execute(BY_THE_HOUR, {"organization": organization_id, "start": span.start, "end": span.end or FOREVER})
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return rows[0]["version"], [_group(row) for row in rows if row["model_id"] is not None]


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
