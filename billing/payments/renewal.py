"""The renewal: our period is closed, and its lines go onto the draft that Stripe has made for the next month.

Stripe's draft stays open for a while only. Where we come too late, the plan's fee has been collected without us, the
period is closed all the same, and its usage goes onto the next invoice: nothing is billed twice or lost.
"""

from datetime import datetime

import stripe
import structlog
from django.conf import settings
from django.db.models import Q
from stripe.params import InvoiceUpdateParams

from billing.close import close_books, close_period
from billing.models import BillingPeriod, Booking, Invoice, Subscription
from billing.payments.attach import attach_lines, lines_at_stripe
from billing.payments.calls import ProviderRefused, call_once, nothing_to_find, translated_failures
from billing.payments.client import client
from billing.payments.locks import one_at_a_time
from billing.payments.mirror import is_plan_line
from billing.payments.objects import id_of, instant, metadata_of, timestamp
from billing.payments.standalone import MANUAL, bill_alone
from billing.payments.subscriptions import is_over, sync_subscription
from billing.periods import period_ending_at

log = structlog.get_logger(__name__)


def subscription_id_of(invoice: stripe.Invoice) -> str:
    """Answer the subscription that an invoice belongs to; empty for one of its own."""
    parent = invoice.parent
    if parent is None or parent.subscription_details is None:
        return ""
    return id_of(parent.subscription_details.subscription)


def bill_renewal(fetched: stripe.Invoice, *, now: datetime) -> None:
    """Close the period that this renewal ends, and attach its lines while the draft is open. Again, changes nothing."""
    subscription = sync_subscription(subscription_id_of(fetched), now=now)
    period = period_ending_at(subscription, instant(fetched.period_end)) if subscription else None
    if period is None:
        log.warning("renewal_without_period", stripe_id=fetched.id, period_end=fetched.period_end)
    elif fetched.status == "draft":
        _bill_on_draft(period, fetched, now=now)
    else:
        _bill_too_late(period, fetched, now=now)


def _bill_on_draft(period: BillingPeriod, fetched: stripe.Invoice, *, now: datetime) -> None:
    _keep_open(period, fetched, now=now)
    invoice = close_period(period.pk, now=now, next_end=_next_end(fetched))
    if invoice.stripe_invoice_id is None:
        invoice.stripe_invoice_id = fetched.id
        invoice.save(update_fields=["stripe_invoice_id"])
    if invoice.stripe_invoice_id == fetched.id:
        attach_lines(invoice, now=now)


def _bill_too_late(period: BillingPeriod, fetched: stripe.Invoice, *, now: datetime) -> None:
    """The draft is gone. A crash may have left our lines on it without our knowing, or left it without our lines."""
    invoice = Invoice.objects.filter(period=period).first()
    if invoice is None:
        close_books(period.pk, now=now, next_end=_next_end(fetched))
    elif invoice.stripe_invoice_id in (None, fetched.id) and not invoice.lines_attached_at:
        if any("line" in metadata_of(line) for line in lines_at_stripe(fetched.id)):
            attach_lines(invoice, now=now)
        else:
            invoice.stripe_invoice_id = None
            bill_alone(invoice, now=now)


def _keep_open(period: BillingPeriod, fetched: stripe.Invoice, *, now: datetime) -> None:
    """Give late usage time to arrive. With a time of our own, Stripe no longer waits for our webhook either."""
    assert period.end is not None
    finalizes_at = timestamp(period.end + settings.INVOICE_CLOSE_DELAY)
    if fetched.automatically_finalizes_at is None or fetched.automatically_finalizes_at >= finalizes_at:
        return
    request: InvoiceUpdateParams = {
        "automatically_finalizes_at": finalizes_at,
        "metadata": {"usage_close": str(period.pk)},
    }
    try:
        call_once(
            "keep-open",
            fetched.id,
            request=request,
            send=lambda params, options: client().v1.invoices.update(fetched.id, params, options),
            find=nothing_to_find,
            now=now,
        )
    except ProviderRefused as refused:
        # The lines may still be in time.
        log.warning("renewal_not_kept_open", stripe_id=fetched.id, reason=refused.detail)


def _next_end(fetched: stripe.Invoice) -> datetime | None:
    """Answer where the period that this renewal begins ends: that of the plan's own line."""
    ends = [line.period.end for line in fetched.lines.data if is_plan_line(line)]
    return instant(max(ends)) if ends else None


def has_unbilled_usage(period: BillingPeriod) -> bool:
    """Answer whether an invoice would have a line; one without any is not made."""
    closed = BillingPeriod.objects.filter(organization=period.organization_id, status=BillingPeriod.Status.CLOSED)
    return Booking.objects.filter(run__period__in=closed, invoice_line=None).exists()


@translated_failures()
def bill_last_periods(subscription: Subscription, *, now: datetime) -> None:
    """Bill what was used up to the subscription's end: at an end Stripe makes no invoice."""
    if not is_over(subscription):
        return
    with one_at_a_time(subscription.organization_id):
        _bill_last_periods(subscription, now=now)


def _bill_last_periods(subscription: Subscription, *, now: datetime) -> None:
    for period in BillingPeriod.objects.filter(subscription=subscription, invoice=None).order_by("index"):
        if period.status == BillingPeriod.Status.OPEN:
            close_books(period.pk, now=now)
        if has_unbilled_usage(period):
            close_period(period.pk, now=now)
    drafts = Invoice.objects.filter(subscription=subscription, status=Invoice.Status.DRAFT, period__isnull=False)
    # Not those that wait on the draft of a renewal.
    for invoice in drafts.filter(Q(reason=MANUAL) | Q(stripe_invoice_id=None)).order_by("created_at"):
        bill_alone(invoice, now=now)
