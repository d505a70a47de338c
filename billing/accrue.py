"""Accrual: each hour, what was used is booked and paid from credit, long before a period is closed.

So revenue stands in the books in the hour in which it was earned, and credit is spent before it can expire.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection

from billing.models import BillingPeriod
from billing.rate_period import PeriodMoved, accrue_period
from billing.rating import AmountsDiffer

AT_ONCE = 500
# Wallets that have moved since the open period was rated last.
MOVED = """
    SELECT w.organization_id
    FROM usage_wallet w
    JOIN billing_billingperiod p ON p.organization_id = w.organization_id AND p.status = 'open'
    WHERE w.organization_id > %s AND p.start <= %s AND w.version > coalesce(
        (SELECT max(r.to_version) FROM billing_ratingrun r WHERE r.period_id = p.id), 0)
    GROUP BY w.organization_id ORDER BY w.organization_id LIMIT %s
"""
FIRST = UUID(int=0)
log = structlog.get_logger()


def accrue_all(*, now: datetime) -> int:
    """Accrue every organization whose wallet has moved; answer how many had something to book.

    Each is a transaction of its own: killed anywhere and run again, or run twice at once, it books the same.
    """
    accrued = sum(accrue(organization_id, now=now) for organization_id in _moved(now))
    log.info("usage.accrued", organizations=accrued)
    return accrued


def accrue(organization_id: UUID, *, now: datetime) -> bool:
    """Book what is new in the organization's open periods; tell whether there was anything."""
    periods = BillingPeriod.objects.filter(
        organization=organization_id, status=BillingPeriod.Status.OPEN, start__lte=now
    )
    return sum(_accrue(period, now) for period in periods.order_by("index")) > 0


def _accrue(period: BillingPeriod, now: datetime) -> bool:
    try:
        return accrue_period(period, now=now) is not None
    except PeriodMoved:
        return False
    except AmountsDiffer as difference:
        BillingPeriod.objects.filter(pk=period.pk).update(problem=difference.detail[:500])
        return False


def _moved(now: datetime) -> Iterator[UUID]:
    last = FIRST
    while ids := _next_moved(last, now):
        yield from ids
        last = ids[-1]


def _next_moved(after: UUID, now: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [after, now, AT_ONCE])
        return [organization_id for (organization_id,) in cursor.fetchall()]
