"""Each Stripe invoice of a known customer has one of ours, which follows it forward: draft, issued, paid or not."""

from datetime import datetime

import stripe
from stripe.params import InvoicePaymentListParams

from accounts.models import Organization
from billing.invoice_status import mark_paid, mark_payment_failed, mark_uncollectible, mark_void
from billing.invoicing import complete_from_provider, mirror_invoice
from billing.models import Invoice, Subscription
from billing.payments.calls import translated_failures
from billing.payments.client import client
from billing.payments.customers import account_of_customer
from billing.payments.guard import refuse_livemode
from billing.payments.locks import one_at_a_time
from billing.payments.mirror import provider_invoice
from billing.payments.objects import id_of, instant
from billing.payments.renewal import bill_renewal, subscription_id_of
from billing.payments.subscriptions import sync_subscription

RENEWAL = "subscription_cycle"
DECLINED = "The payment was declined."


@translated_failures()
def sync_invoice(invoice_id: str, *, now: datetime) -> Invoice | None:
    """Bring our invoice to where Stripe has its own, closing the period that a renewal ends.

    Answers None for a draft that has none of ours yet, for one that is gone, and for one of nobody whom we know.
    """
    organization = _owner_of(invoice_id)
    if organization is None:
        return None
    with one_at_a_time(organization.pk):
        fetched = fetch_invoice(invoice_id)
        if fetched is None:
            return None
        if fetched.billing_reason == RENEWAL and not _is_issued(fetched):
            bill_renewal(fetched, now=now)
        if fetched.status == "draft":
            return Invoice.objects.filter(stripe_invoice_id=fetched.id).first()
        return _follow(fetched, organization, now=now)


def fetch_invoice(invoice_id: str) -> stripe.Invoice | None:
    """Answer Stripe's invoice; None for a draft that was deleted there."""
    try:
        invoice = client().v1.invoices.retrieve(invoice_id)
    except stripe.InvalidRequestError as error:
        if error.code == "resource_missing":
            return None
        raise
    refuse_livemode(livemode=invoice.livemode)
    return invoice


def _owner_of(invoice_id: str) -> Organization | None:
    known = Invoice.objects.select_related("organization").filter(stripe_invoice_id=invoice_id).first()
    if known:
        return known.organization
    fetched = fetch_invoice(invoice_id)
    account = account_of_customer(id_of(fetched.customer)) if fetched else None
    return account.organization if account else None


def _is_issued(fetched: stripe.Invoice) -> bool:
    return Invoice.objects.filter(stripe_invoice_id=fetched.id, number__isnull=False).exists()


def _follow(fetched: stripe.Invoice, organization: Organization, *, now: datetime) -> Invoice:
    invoice = mirror_invoice(
        organization,
        fetched.id,
        reason=fetched.billing_reason or "manual",
        subscription=_subscription_of(fetched, now=now),
        now=now,
    )
    if not invoice.number:
        invoice = complete_from_provider(invoice, provider_invoice(fetched), now=now)
    return _follow_payment(invoice, fetched, now=now)


def _subscription_of(fetched: stripe.Invoice, *, now: datetime) -> Subscription | None:
    """Answer the row, made where the invoice's event came before the subscription's."""
    subscription_id = subscription_id_of(fetched)
    if not subscription_id:
        return None
    known = Subscription.objects.filter(stripe_subscription_id=subscription_id).first()
    return known or sync_subscription(subscription_id, now=now)


def _follow_payment(invoice: Invoice, fetched: stripe.Invoice, *, now: datetime) -> Invoice:
    """Do what the fetched status says; one that is unknown, or was reached before, changes nothing."""
    if fetched.status == "paid":
        paid_at = instant(fetched.status_transitions.paid_at or fetched.created)
        return mark_paid(invoice, fetched.amount_paid, paid_at=paid_at, now=now)
    if fetched.status == "void":
        return mark_void(invoice, now=now)
    if fetched.status == "uncollectible":
        return mark_uncollectible(invoice, now=now)
    if fetched.status == "open" and fetched.attempted:
        return mark_payment_failed(invoice, _decline_of(fetched), now=now)
    return invoice


def _decline_of(fetched: stripe.Invoice) -> str:
    """Answer in Stripe's words why the last attempt failed."""
    request: InvoicePaymentListParams = {"invoice": fetched.id, "expand": ["data.payment.payment_intent"]}
    for payment in client().v1.invoice_payments.list(request).data:
        intent = payment.payment.payment_intent
        if intent and not isinstance(intent, str) and intent.last_payment_error:
            return intent.last_payment_error.message or DECLINED
    return DECLINED
