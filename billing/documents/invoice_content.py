"""What an invoice's document says, as plain strings for the template: no figure is computed there."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from billing.documents.amounts import day, days, exact, grouped, money, per_million
from billing.models import Invoice, InvoiceLine

Kind = InvoiceLine.Kind

# The order of reading: what was subscribed to, what was used, what credit took off.
SECTIONS = {
    Kind.PLAN: (0, "Subscription"),
    Kind.PRORATION: (0, "Subscription"),
    Kind.PURCHASE: (1, "Credit"),
    Kind.OTHER: (2, "Other"),
    Kind.USAGE: (3, "Usage"),
    Kind.CREDIT: (4, "Credit"),
}
STAMPS = {
    Invoice.Status.PAID: "Paid",
    Invoice.Status.VOID: "Void",
    Invoice.Status.UNCOLLECTIBLE: "Written off",
}


def content_of(invoice: Invoice) -> dict[str, Any]:
    assert invoice.issued_at is not None
    return {
        "number": invoice.number,
        "seller": {"name": invoice.legal_entity, "address": invoice.seller_address},
        "buyer": {"name": invoice.buyer_name, "email": invoice.buyer_email},
        "issued": day(invoice.issued_at),
        "period": days(invoice.period.start, invoice.period.end) if invoice.period and invoice.period.end else "",
        "currency": invoice.currency,
        "stamp": STAMPS.get(Invoice.Status(invoice.status), ""),
        "sections": list(_sections(invoice)),
        "totals": _totals(invoice),
        "hash": invoice.hash,
    }


def _sections(invoice: Invoice) -> Iterable[dict[str, Any]]:
    """Lines of one kind and period stand together."""
    lines = sorted(invoice.lines.all(), key=lambda line: (*_section(line), line.period_start, line.position))
    for (_, title), group in groupby(lines, key=_section):
        for (start, end), of_period in groupby(group, key=lambda line: (line.period_start, line.period_end)):
            of_section = list(of_period)
            yield {
                "title": f"Late {title.lower()}" if _is_late(of_section[0], invoice) else title,
                "period": days(start, end) if start.date() != end.date() else day(start),
                "is_usage": of_section[0].kind == Kind.USAGE,
                "lines": [_line(line, invoice.currency) for line in of_section],
            }


def _is_late(line: InvoiceLine, invoice: Invoice) -> bool:
    """Tell usage of an earlier period, which was recorded after that period's invoice."""
    return line.kind == Kind.USAGE and invoice.period is not None and line.period_end <= invoice.period.start


def _section(line: InvoiceLine) -> tuple[int, str]:
    return SECTIONS[Kind(line.kind)]


def _line(line: InvoiceLine, currency: str) -> dict[str, str]:
    is_usage = line.kind == Kind.USAGE
    prices = "several" if line.unit_price is None else per_million(line.unit_price, currency)
    return {
        "description": line.description,
        "quantity": grouped(int(line.quantity)) if is_usage else "",
        "unit_price": prices if is_usage else "",
        "exact": exact(int(line.exact_amount), currency) if line.kind in (Kind.USAGE, Kind.CREDIT) else "",
        "amount": money(line.amount, currency),
    }


def _totals(invoice: Invoice) -> list[dict[str, Any]]:
    def row(label: str, cents: int, *, is_strong: bool = False) -> dict[str, Any]:
        return {"label": label, "amount": money(cents, invoice.currency), "is_strong": is_strong}

    rows = [
        row("Subtotal", invoice.subtotal),
        row("Tax", invoice.tax),
        row("Total", invoice.total, is_strong=True),
    ]
    if invoice.paid_at and invoice.status == Invoice.Status.PAID:
        rows.append(row(f"Paid on {day(invoice.paid_at)}", -invoice.amount_paid))
        if invoice.amount_due:
            rows.append(row("Settled through the account's balance", -invoice.amount_due))
        return [*rows, row("Amount due", 0, is_strong=True)]
    if invoice.status in (Invoice.Status.OPEN, Invoice.Status.PARTIALLY_PAID):
        if invoice.amount_paid:
            rows.append(row("Paid so far", -invoice.amount_paid))
        rows.append(row("Amount due", invoice.amount_due, is_strong=True))
    return rows
