"""Repairing what a lost webhook left: everything that is not final here is fetched and moved forward."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q

from accounts.models import Organization
from billing.models import BillingAccount, Checkout, Invoice, Subscription
from billing.payments.calls import translated_failures
from billing.payments.checkout_completion import finish_checkout
from billing.payments.client import client
from billing.payments.invoices import sync_invoice
from billing.payments.locks import one_at_a_time
from billing.payments.renewal import bill_last_periods
from billing.payments.subscriptions import FINAL, sync_subscription

# Stripe's sessions expire within a day; one that never got its page is given up then.
SESSIONS_LIVE = timedelta(days=1)
NEWEST = 20
FINAL_INVOICES = (Invoice.Status.PAID, Invoice.Status.VOID)

log = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> int:
    """Repair each organization that may have something due; answer how many. One failure does not stop the others."""
    return _each(due_organizations(now=now), lambda organization: reconcile(organization, now=now))


def sweep_all(*, now: datetime) -> int:
    """Repair every organization that Stripe knows, due or not."""
    organizations = Organization.objects.filter(billing_account__stripe_customer_id__isnull=False)
    return _each(organizations.order_by("pk"), lambda organization: reconcile(organization, now=now))


def due_organizations(*, now: datetime) -> Iterable[Organization]:
    """Answer whose period has ended, and who has an unfinished invoice or page.

    In the demo each customer has a time of its own, ahead of ours: there every subscriber may be due.
    """
    subscribers = Subscription.objects.live()
    if not settings.DEMO:
        subscribers = subscribers.filter(current_period_end__lte=now)
    unfinished = Invoice.objects.exclude(status__in=FINAL_INVOICES)
    pages = Checkout.objects.filter(status__in=[Checkout.Status.PENDING, Checkout.Status.OPEN])
    return Organization.objects.filter(
        Q(pk__in=subscribers.values("organization"))
        | Q(pk__in=unfinished.values("organization"))
        | Q(pk__in=pages.values("organization"))
    ).order_by("pk")


@translated_failures()
def reconcile(organization: Organization, *, now: datetime) -> None:
    """Bring checkouts, subscriptions and invoices of one organization to where Stripe has them."""
    account = BillingAccount.objects.filter(organization=organization).first()
    if account is None or not account.stripe_customer_id:
        return
    with one_at_a_time(organization.pk):
        _finish_checkouts(organization, now=now)
        for subscription in Subscription.objects.filter(organization=organization).exclude(status__in=FINAL):
            sync_subscription(subscription.stripe_subscription_id, now=now)
        for invoice_id in _unfinished_invoices(account):
            sync_invoice(invoice_id, now=now)
        for subscription in Subscription.objects.filter(organization=organization, status__in=FINAL):
            bill_last_periods(subscription, now=now)


def _finish_checkouts(organization: Organization, *, now: datetime) -> None:
    for checkout in Checkout.objects.filter(organization=organization, status=Checkout.Status.OPEN):
        finish_checkout(checkout.stripe_session_id or "", now=now)
    # Its page was never shown to anyone: the answer with its address was lost, or never came.
    Checkout.objects.filter(
        organization=organization, status=Checkout.Status.PENDING, created_at__lt=now - SESSIONS_LIVE
    ).update(status=Checkout.Status.EXPIRED)


def _unfinished_invoices(account: BillingAccount) -> list[str]:
    """Answer the newest of Stripe's invoices, oldest first, and ours that wait; without those that are final here."""
    page = client().v1.invoices.list({"customer": account.stripe_customer_id or "", "limit": NEWEST})
    ours = Invoice.objects.filter(organization=account.organization_id, stripe_invoice_id__isnull=False)
    waiting = ours.exclude(status__in=FINAL_INVOICES).values_list("stripe_invoice_id", flat=True)
    final = set(ours.filter(status__in=FINAL_INVOICES).values_list("stripe_invoice_id", flat=True))
    wanted = [invoice.id for invoice in reversed(page.data)] + [each for each in waiting if each]
    return [each for each in dict.fromkeys(wanted) if each not in final]


def _each(organizations: Iterable[Organization], repair: Callable[[Organization], None]) -> int:
    done = 0
    for organization in organizations:
        try:
            repair(organization)
            done += 1
        except Exception:
            log.exception("sweep_failed", organization=str(organization.pk))
    return done
