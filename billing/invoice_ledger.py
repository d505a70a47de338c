"""The postings of an invoice's life. Amounts in picodollars; debits positive. Kind of line → account: README."""

from datetime import datetime

from billing.ledger import Entries, Kind, amounts_of, post, posted_as
from billing.models import Invoice, InvoiceLine
from core.money import Picos, picos_of_cents

Line = InvoiceLine.Kind


def uncovered_usage(invoice: Invoice) -> Picos:
    """The exact usage on the invoice that no credit paid for: what its payment settles."""
    lines = invoice.lines.filter(kind__in=[Line.USAGE, Line.CREDIT])
    return Picos(sum(int(line.exact_amount) for line in lines))


def issuing(invoice: Invoice) -> Entries:
    """Unbilled usage and fees become receivable; the difference between exact usage and its cents is rounding.

    A bought credit was posted against cash when it was granted, which happens at its payment: it goes through cash
    clearing here, so that invoice and grant may come in any order.
    """
    purchased = _exact(invoice, Line.PURCHASE)
    fees = _exact(invoice, Line.PLAN, Line.PRORATION, Line.OTHER)
    unbilled = uncovered_usage(invoice)
    receivable = picos_of_cents(invoice.total)
    tax = picos_of_cents(invoice.tax)
    return {
        Kind.RECEIVABLE: receivable,
        Kind.UNBILLED: -unbilled,
        Kind.PLAN_REVENUE: -fees,
        Kind.CASH: -purchased,
        Kind.TAX: -tax,
        Kind.ROUNDING: unbilled + fees + purchased + tax - receivable,
    }


def post_issue(invoice: Invoice, *, now: datetime) -> None:
    assert invoice.issued_at is not None
    _post(invoice, "issued", issuing(invoice), effective_at=invoice.issued_at, now=now)


def post_payment(invoice: Invoice, cents: int, *, paid_at: datetime, now: datetime, recovered: int = 0) -> None:
    """Money came in: `cents` of it, of which `recovered` had been written off."""
    amount, bad_debt = picos_of_cents(cents), picos_of_cents(recovered)
    entries = {Kind.CASH: amount, Kind.RECEIVABLE: bad_debt - amount, Kind.BAD_DEBT: -bad_debt}
    _post(invoice, f"paid-{invoice.amount_paid}", entries, effective_at=paid_at, now=now)


def post_write_off(invoice: Invoice, *, now: datetime) -> None:
    due = picos_of_cents(invoice.amount_due)
    _post(invoice, "uncollectible", {Kind.BAD_DEBT: due, Kind.RECEIVABLE: -due}, effective_at=now, now=now)


def post_void(invoice: Invoice, *, now: datetime) -> None:
    """Take the issue back, and a write-off: the usage is unbilled again, for staff to bill anew or to write off."""
    entries: dict[Kind, int] = {}
    for operation in ("issued", "uncollectible"):
        posted = posted_as(operation_key(invoice, operation))
        for account, amount in (amounts_of(posted) if posted else {}).items():
            entries[account] = entries.get(account, 0) - amount
    _post(invoice, "void", entries, effective_at=now, now=now)


def operation_key(invoice: Invoice, operation: str) -> str:
    return f"invoice:{invoice.pk}:{operation}"


def _exact(invoice: Invoice, *kinds: Line) -> int:
    return sum(int(line.exact_amount) for line in invoice.lines.filter(kind__in=kinds))


def _post(invoice: Invoice, operation: str, entries: Entries, *, effective_at: datetime, now: datetime) -> None:
    post(
        operation_key(invoice, operation),
        entries,
        kind=f"invoice.{operation.partition('-')[0]}",
        organization=invoice.organization,
        description=f"Invoice {invoice}",
        effective_at=effective_at,
        now=now,
    )
