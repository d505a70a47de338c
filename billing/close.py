"""Closing a period, in steps that each commit and can each be repeated: rate, seal, draft.

After a crash between any two of them, closing again continues where it stopped. docs/algorithms/closing-a-period.md.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.audit import record
from billing.draft_invoice import draft_invoice
from billing.metered import has_usage_after
from billing.models import BillingPeriod, Invoice
from billing.periods import CLOSER, lock_period, open_next
from billing.rate_period import rate_period
from billing.rating import AmountsDiffer
from billing.spend_credit import expire_credit
from billing.wallet import lock_wallet
from core.errors import Conflict


class PeriodNotOver(Conflict):
    code = "period_not_over"
    title = "A period without an end can't be closed"


class EarlierPeriodOpen(Conflict):
    code = "earlier_period_open"
    title = "Periods are closed in their order"


def close_period(period_id: UUID, *, now: datetime, next_end: datetime | None = None) -> Invoice:
    """Close the period and answer the draft invoice of its usage; closed before, answer the invoice that it has.

    `next_end` is the end of the subscription's new period, as the renewal's own invoice says; without it, as the
    subscription's row says. Call it outside any transaction. Raises PeriodNotOver, EarlierPeriodOpen, NotRenewed, and
    AmountsDiffer, which staff see as the period's problem.
    """
    if standing := Invoice.objects.filter(period_id=period_id).first():
        return standing
    close_books(period_id, now=now, next_end=next_end)
    return draft_invoice(period_id, now=now)


def close_books(period_id: UUID, *, now: datetime, next_end: datetime | None = None) -> BillingPeriod:
    """Close the period without an invoice: its usage goes onto the organization's next one."""
    period = BillingPeriod.objects.select_related("organization").get(pk=period_id)
    _check(period)
    try:
        _rate(period, now)
    except AmountsDiffer as difference:
        BillingPeriod.objects.filter(pk=period_id).update(problem=difference.detail[:500])
        raise
    return _seal(period_id, now, next_end)


def _check(period: BillingPeriod) -> None:
    if period.end is None:
        raise PeriodNotOver(f"The period {period} has no end.")
    earlier = BillingPeriod.objects.filter(organization=period.organization_id, index__lt=period.index)
    if unclosed := earlier.filter(status=BillingPeriod.Status.OPEN).first():
        raise EarlierPeriodOpen(f"The period {unclosed} is to be closed first.")


def _rate(period: BillingPeriod, now: datetime) -> None:
    """Rate the period, and each earlier one into which usage has come since it was rated last."""
    assert period.end is not None
    for late in _periods_with_late_usage(period):
        rate_period(late, effective_at=period.end, now=now)
    rate_period(period, effective_at=period.end, now=now)


def _periods_with_late_usage(period: BillingPeriod) -> list[BillingPeriod]:
    earlier = BillingPeriod.objects.filter(organization=period.organization_id, index__lt=period.index)
    return [each for each in earlier.order_by("index").prefetch_related("runs") if _has_late_usage(each)]


def _has_late_usage(period: BillingPeriod) -> bool:
    rated_up_to = max((run.to_version for run in period.runs.all()), default=0)
    return has_usage_after(period.organization_id, period.span, version=rated_up_to)


@transaction.atomic
def _seal(period_id: UUID, now: datetime, next_end: datetime | None) -> BillingPeriod:
    """Let unburnt credit expire, open the next period, and mark this one closed: all or nothing."""
    lock_wallet(BillingPeriod.objects.get(pk=period_id).organization_id)
    period = lock_period(period_id)
    if period.status == BillingPeriod.Status.CLOSED:
        return period
    assert period.end is not None
    open_next(period, end=next_end)
    lost = expire_credit(period.organization, at=period.end, now=now)
    period.status = BillingPeriod.Status.CLOSED
    period.closed_at = now
    period.problem = ""
    period.save(update_fields=["status", "closed_at", "problem"])
    record(CLOSER, "period.closed", period, at=now, index=period.index, end=period.end, expired_picos=lost)
    return period
