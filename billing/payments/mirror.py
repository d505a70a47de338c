"""Stripe's invoice as our values, for `billing.invoicing` to copy and compare."""

from uuid import UUID

import stripe

from billing.models import InvoiceLine
from billing.payments.attach import lines_at_stripe
from billing.payments.objects import instant, metadata_of
from billing.provider_invoice import ProviderInvoice, ProviderLine

Kind = InvoiceLine.Kind


def provider_invoice(fetched: stripe.Invoice) -> ProviderInvoice:
    """Read a finalized invoice with all its lines, however many pages they fill."""
    is_purchase = "checkout" in metadata_of(fetched)
    lines = (_line(line, is_purchase=is_purchase) for line in lines_at_stripe(fetched.id))
    return ProviderInvoice(
        id=fetched.id,
        reason=fetched.billing_reason or "manual",
        currency=fetched.currency,
        subtotal=fetched.subtotal,
        tax=sum(tax.amount for tax in fetched.total_taxes or []),
        total=fetched.total,
        lines=tuple(lines),
        finalized_at=instant(fetched.status_transitions.finalized_at or fetched.created),
        hosted_url=fetched.hosted_invoice_url or "",
    )


def _line(line: stripe.InvoiceLineItem, *, is_purchase: bool) -> ProviderLine:
    ours = metadata_of(line).get("line")
    return ProviderLine(
        id=line.id,
        kind=_kind(line, is_purchase=is_purchase),
        description=line.description or "",
        amount=line.amount,
        period_start=instant(line.period.start),
        period_end=instant(line.period.end),
        quantity=line.quantity or 1,
        ours=UUID(ours) if ours else None,
    )


def _kind(line: stripe.InvoiceLineItem, *, is_purchase: bool) -> str:
    parent = line.parent
    if parent and parent.subscription_item_details:
        return Kind.PRORATION if parent.subscription_item_details.proration else Kind.PLAN
    if parent and parent.invoice_item_details and parent.invoice_item_details.proration:
        return Kind.PRORATION
    return Kind.PURCHASE if is_purchase else Kind.OTHER


def is_plan_line(line: stripe.InvoiceLineItem) -> bool:
    """Answer whether this is the plan's fee for a whole period."""
    return _kind(line, is_purchase=False) == Kind.PLAN
