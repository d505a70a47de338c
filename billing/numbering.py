"""Invoice numbers without gaps, per legal entity, and the hash chain over what was issued."""

import hashlib
import json
from typing import Any

from django.conf import settings

from billing.models import Invoice, InvoiceSeries

PREFIX = "TW"


def give_number(invoice: Invoice) -> None:
    """Set the next number and the chained hash on the invoice, which the caller saves in this transaction.

    Call it last: the series' row stays locked until the transaction ends, so that a number is given to an invoice that
    is committed, or to none.
    """
    series = _locked_series(settings.SELLER_NAME)
    series.last_number += 1
    invoice.legal_entity = series.legal_entity
    invoice.number = str(series)
    invoice.hash = series.last_hash = chained_hash(invoice, series.last_hash)
    series.save(update_fields=["last_number", "last_hash"])


def _locked_series(legal_entity: str) -> InvoiceSeries:
    """A further legal entity's numbers begin anew under a prefix of their own: TW2, TW3 …"""
    others = InvoiceSeries.objects.exclude(legal_entity=legal_entity).count()
    defaults = {"prefix": f"{PREFIX}{others + 1}" if others else PREFIX}
    InvoiceSeries.objects.get_or_create(legal_entity=legal_entity, defaults=defaults)
    return InvoiceSeries.objects.select_for_update().get(legal_entity=legal_entity)


def chained_hash(invoice: Invoice, previous: str) -> str:
    """SHA-256, in hexadecimal, over the previous invoice's hash and everything that this one says."""
    content = json.dumps([previous, content_of(invoice)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def content_of(invoice: Invoice) -> dict[str, Any]:
    """What never changes once the invoice is issued. Payment and status are not part of it."""
    return {
        "number": invoice.number,
        "seller": [invoice.legal_entity, invoice.seller_address],
        "buyer": [str(invoice.organization_id), invoice.buyer_name, invoice.buyer_email],
        "issued_at": invoice.issued_at.isoformat() if invoice.issued_at else None,
        "provider": invoice.stripe_invoice_id,
        "reason": invoice.reason,
        "currency": invoice.currency,
        "totals": [invoice.subtotal, invoice.tax, invoice.total],
        "lines": [
            [
                line.position,
                line.kind,
                line.description,
                str(line.quantity),
                line.unit_price,
                str(line.exact_amount),
                line.amount,
                line.period_start.isoformat(),
                line.period_end.isoformat(),
            ]
            for line in invoice.lines.order_by("position")
        ],
    }
