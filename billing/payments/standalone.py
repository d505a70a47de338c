"""A Stripe invoice of our own making, for usage that no renewal bills: what was used up to a subscription's end."""

from datetime import datetime

import stripe
from stripe.params import InvoiceCreateParams, InvoiceFinalizeInvoiceParams

from billing.models import BillingAccount, Invoice
from billing.payments.attach import attach_lines
from billing.payments.calls import call_once
from billing.payments.client import client
from billing.payments.objects import first, id_of, metadata_of

PAGE = 100
# Stripe's billing_reason of an invoice that was made by a call.
MANUAL = "manual"


def bill_alone(invoice: Invoice, *, now: datetime) -> None:
    """Have Stripe collect our draft by an invoice of its own; interrupted, it continues where it stopped."""
    if not invoice.stripe_invoice_id:
        invoice.stripe_invoice_id = _create(invoice, now=now)
        invoice.reason = MANUAL
        invoice.save(update_fields=["stripe_invoice_id", "reason"])
    attach_lines(invoice, now=now)
    _finalize(invoice, now=now)


def _create(invoice: Invoice, *, now: datetime) -> str:
    customer = BillingAccount.objects.get(organization=invoice.organization_id).stripe_customer_id or ""
    request: InvoiceCreateParams = {
        "customer": customer,
        "currency": invoice.currency.lower(),
        "collection_method": "charge_automatically",
        # Not before all lines are there.
        "auto_advance": False,
        "pending_invoice_items_behavior": "exclude",
        "metadata": {"usage_close": str(invoice.pk)},
    }
    if card := _card_of(invoice):
        request["default_payment_method"] = card
    return call_once(
        "invoice",
        str(invoice.pk),
        request=request,
        send=client().v1.invoices.create,
        find=lambda: first(
            each
            for each in client().v1.invoices.list({"customer": customer, "limit": PAGE}).auto_paging_iter()
            if metadata_of(each).get("usage_close") == str(invoice.pk) and each.billing_reason == MANUAL
        ),
        now=now,
    )


def _card_of(invoice: Invoice) -> str:
    """Answer the subscription's card: Checkout keeps it there, where an invoice of our own does not look."""
    if invoice.subscription is None:
        return ""
    subscription = client().v1.subscriptions.retrieve(invoice.subscription.stripe_subscription_id)
    return id_of(subscription.default_payment_method)


def _finalize(invoice: Invoice, *, now: datetime) -> None:
    stripe_id = invoice.stripe_invoice_id or ""
    request: InvoiceFinalizeInvoiceParams = {"auto_advance": True}
    call_once(
        "finalize-invoice",
        stripe_id,
        request=request,
        send=lambda params, options: client().v1.invoices.finalize_invoice(stripe_id, params, options),
        find=lambda: _if_finalized(stripe_id),
        look_first=True,
        now=now,
    )


def _if_finalized(stripe_id: str) -> stripe.Invoice | None:
    fetched = client().v1.invoices.retrieve(stripe_id)
    return None if fetched.status == "draft" else fetched
