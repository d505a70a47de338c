"""Words of the invoice pages."""

from datetime import datetime

from django import template

from billing.models import Invoice, InvoiceLine
from portal.templatetags.money import per_million

register = template.Library()

REASONS = {
    "subscription_create": "New subscription",
    "subscription_cycle": "Renewal and usage",
    "subscription_update": "Change of plan",
    "subscription_threshold": "Usage",
    "manual": "Purchase or usage",
}


@register.filter
def invoice_reason(invoice: Invoice) -> str:
    return REASONS.get(invoice.reason, "Invoice")


@register.filter
def invoice_date(invoice: Invoice) -> datetime:
    """Answer when it was issued; of a draft, when it was begun."""
    return invoice.issued_at or invoice.created_at


@register.filter
def unit_price(line: InvoiceLine) -> str:
    """Answer the price of a million tokens; prices may have changed within the period."""
    return "several" if line.unit_price is None else per_million(line.unit_price)
