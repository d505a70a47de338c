"""Handling a stored event: fetch the object that it names, move our state forward, note that it was done."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from django.db.models import F

from billing.models import WebhookEvent
from billing.payments.checkout_completion import finish_checkout
from billing.payments.invoices import sync_invoice
from billing.payments.renewal import bill_last_periods
from billing.payments.subscriptions import sync_subscription

# Time for the job that was enqueued with the event; what is still unhandled then was lost or has failed.
PATIENCE = timedelta(minutes=1)
MAX_ATTEMPTS = 50
MAX_ERROR = 2000

log = structlog.get_logger(__name__)


def _finish(session_id: str, now: datetime) -> object:
    return finish_checkout(session_id, now=now)


def _sync_subscription(subscription_id: str, now: datetime) -> object:
    subscription = sync_subscription(subscription_id, now=now)
    if subscription:
        bill_last_periods(subscription, now=now)
    return subscription


def _sync_invoice(invoice_id: str, now: datetime) -> object:
    return sync_invoice(invoice_id, now=now)


# By the beginning of the type. Thin events have the same types after "v1.".
HANDLERS: Mapping[str, Callable[[str, datetime], object]] = {
    "checkout.session.": _finish,
    "customer.subscription.": _sync_subscription,
    "invoice.": _sync_invoice,
}


def handle_event(event_id: str, *, now: datetime) -> None:
    """Handle the event unless that was done. What fails stays unhandled, with its error, for the sweep to repeat."""
    event = WebhookEvent.objects.get(pk=event_id)
    if event.processed_at:
        return
    WebhookEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1)
    try:
        _dispatch(event, now)
    except Exception as error:
        WebhookEvent.objects.filter(pk=event.pk).update(error=f"{type(error).__name__}: {error}"[:MAX_ERROR])
        raise
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=now, error="")


def _dispatch(event: WebhookEvent, now: datetime) -> None:
    kind = event.type.removeprefix("v1.")
    for beginning, handler in HANDLERS.items():
        if kind.startswith(beginning) and event.object_id:
            handler(event.object_id, now)


def handle_what_is_left(*, now: datetime) -> int:
    """Handle each event that is overdue; answer how many were. One that fails does not keep the others waiting."""
    overdue = WebhookEvent.objects.filter(
        processed_at=None, received_at__lte=now - PATIENCE, attempts__lt=MAX_ATTEMPTS
    ).order_by("received_at")
    handled = 0
    for event_id in list(overdue.values_list("pk", flat=True)):
        try:
            handle_event(event_id, now=now)
            handled += 1
        except Exception:
            log.exception("webhook_event_failed", webhook_event=event_id)
    return handled
