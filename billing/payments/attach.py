"""Putting the lines of our invoice onto Stripe's draft, each once.

What is attached is looked at before anything is added, because Stripe would take the same lines again without a word:
so neither a crash between closing and attaching, nor one between Stripe's answer and our note of it, leaves a line
missing or double.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import stripe
import structlog
from stripe.params import InvoiceAddLinesParams, InvoiceAddLinesParamsLine

from billing.models import Invoice, InvoiceLine
from billing.payments.calls import call_once
from billing.payments.client import client
from billing.payments.objects import metadata_of, timestamp
from core.errors import Conflict

PAGE = 100
# Stripe takes up to 250 lines an invoice; fewer a call keep each request small.
CHUNK = 100

log = structlog.get_logger(__name__)


class LinesDiffer(Conflict):
    """Stripe's draft does not hold exactly our lines; nobody is told that it does."""

    code = "invoice_lines_differ"
    title = "The invoice at the payment provider has other lines than ours"


def attach_lines(invoice: Invoice, *, now: datetime) -> None:
    """Add to Stripe's draft what it lacks, compare the sums, and note that all lines are there.

    Raises `ProviderRefused` where the draft was finalized before, and `LinesDiffer`.
    """
    if invoice.lines_attached_at:
        return
    lines = list(invoice.lines.order_by("position"))
    for number, chunk in enumerate(_chunks(lines)):
        _add(invoice, chunk, number=number, now=now)
    _compare(invoice, lines)
    invoice.lines_attached_at = now
    invoice.save(update_fields=["lines_attached_at"])
    log.info("invoice_lines_attached", invoice=str(invoice.pk), lines=len(lines))


def lines_at_stripe(stripe_invoice_id: str) -> list[stripe.InvoiceLineItem]:
    return list(client().v1.invoices.line_items.list(stripe_invoice_id, {"limit": PAGE}).auto_paging_iter())


def _chunks(lines: Sequence[InvoiceLine]) -> Iterator[Sequence[InvoiceLine]]:
    for start in range(0, len(lines), CHUNK):
        yield lines[start : start + CHUNK]


def _add(invoice: Invoice, lines: Sequence[InvoiceLine], *, number: int, now: datetime) -> None:
    stripe_id = invoice.stripe_invoice_id or ""
    request: InvoiceAddLinesParams = {"lines": [_line(line) for line in lines]}
    call_once(
        "add-lines",
        f"{stripe_id}:{number}",
        request=request,
        send=lambda params, options: client().v1.invoices.add_lines(stripe_id, params, options),
        find=lambda: _if_attached(stripe_id, lines),
        look_first=True,
        now=now,
    )


def _if_attached(stripe_id: str, lines: Sequence[InvoiceLine]) -> stripe.Invoice | None:
    attached = set(_ours(stripe_id))
    if not attached.issuperset(str(line.pk) for line in lines):
        return None
    return client().v1.invoices.retrieve(stripe_id)


def _ours(stripe_id: str) -> dict[str, int]:
    """Answer the cents of each line of ours that Stripe has, by our line's id; none may be there twice."""
    cents: dict[str, int] = {}
    for line in lines_at_stripe(stripe_id):
        if ours := metadata_of(line).get("line"):
            if ours in cents:
                raise LinesDiffer(f"{stripe_id} has the line {ours} twice.")
            cents[ours] = line.amount
    return cents


def _line(line: InvoiceLine) -> InvoiceAddLinesParamsLine:
    return {
        "amount": line.amount,
        "description": line.description,
        "discountable": False,
        "period": {"start": timestamp(line.period_start), "end": timestamp(line.period_end)},
        "metadata": {"usage_close": str(line.invoice_id), "line": str(line.pk)},
    }


def _compare(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    stripe_id = invoice.stripe_invoice_id or ""
    if _ours(stripe_id) != {str(line.pk): line.amount for line in lines}:
        log.critical("invoice_lines_differ", invoice=str(invoice.pk), stripe_id=stripe_id)
        raise LinesDiffer(f"{stripe_id} does not hold exactly the lines of {invoice.pk}.")
    fetched = client().v1.invoices.retrieve(stripe_id)
    if fetched.subtotal != sum(line.amount for line in lines_at_stripe(stripe_id)):
        raise LinesDiffer(f"The subtotal of {stripe_id} is not the sum of its lines.")
