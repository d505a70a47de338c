"""What became of an issued invoice. Its status only moves forward; what comes late or twice changes nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from billing.credits import grant_plan_credit
from billing.invoice_ledger import post_payment, post_void, post_write_off, uncovered_usage
from billing.models import Invoice, InvoiceLine
from billing.wallet import add_credit, lock_wallet
from core.errors import Conflict

COLLECTOR = Actor.job("invoice payments")
Status = Invoice.Status
FORWARD = {
    Status.OPEN: {Status.PARTIALLY_PAID, Status.PAID, Status.UNCOLLECTIBLE, Status.VOID},
    Status.PARTIALLY_PAID: {Status.PAID, Status.UNCOLLECTIBLE, Status.VOID},
    Status.UNCOLLECTIBLE: {Status.PAID, Status.VOID},
    Status.PAID: set[Status](),
    Status.VOID: set[Status](),
}
BEGINS_A_PERIOD = frozenset({"subscription_create", "subscription_cycle"})


class NotIssued(Conflict):
    code = "invoice_not_issued"
    title = "The invoice has not been issued yet"


@transaction.atomic
def mark_paid(invoice: Invoice, amount_paid: int, *, paid_at: datetime, now: datetime) -> Invoice:
    """The provider holds the invoice paid; `amount_paid` is what came in for it in all, in cents.

    That is less than the total where the customer's balance at the provider paid a part. The usage that no credit had
    covered is settled: the wallet gets it back. The plan's credit of a period that the invoice begins is granted.
    Raises NotIssued.
    """
    lock_wallet(invoice.organization_id)
    invoice = _locked(invoice.pk)
    if not _may_become(invoice, Status.PAID):
        return invoice
    recovered = invoice.amount_due if invoice.status == Status.UNCOLLECTIBLE else 0
    received = amount_paid - invoice.amount_paid
    invoice.amount_paid = amount_paid
    invoice.paid_at = paid_at
    invoice.last_payment_error = ""
    _become(invoice, Status.PAID, now)
    post_payment(invoice, received, recovered=recovered, paid_at=paid_at, now=now)
    add_credit(invoice.organization_id, uncovered_usage(invoice))
    _grant_plan_credit(invoice, now)
    return invoice


@transaction.atomic
def mark_payment_failed(invoice: Invoice, reason: str, *, now: datetime) -> Invoice:
    """Keep why the last attempt to collect failed; an invoice that is settled by now keeps nothing."""
    invoice = _locked(invoice.pk)
    if invoice.status in (Status.OPEN, Status.PARTIALLY_PAID) and invoice.last_payment_error != reason[:300]:
        invoice.last_payment_error = reason[:300]
        invoice.save(update_fields=["last_payment_error"])
        record(COLLECTOR, "invoice.payment_failed", invoice, at=now, reason=reason[:300])
    return invoice


@transaction.atomic
def mark_uncollectible(invoice: Invoice, *, now: datetime) -> Invoice:
    """Write off what is still due; a payment may come all the same."""
    invoice = _locked(invoice.pk)
    if _may_become(invoice, Status.UNCOLLECTIBLE):
        _become(invoice, Status.UNCOLLECTIBLE, now)
        post_write_off(invoice, now=now)
    return invoice


@transaction.atomic
def mark_void(invoice: Invoice, *, now: datetime) -> Invoice:
    """Take the invoice back; its number stays. Its usage is not billed by itself again: staff decide."""
    invoice = _locked(invoice.pk)
    if _may_become(invoice, Status.VOID):
        _become(invoice, Status.VOID, now)
        post_void(invoice, now=now)
    return invoice


def _locked(invoice_id: UUID) -> Invoice:
    invoices = Invoice.objects.select_for_update(no_key=True, of=("self",))
    return invoices.select_related("organization", "subscription__plan_version__plan").get(pk=invoice_id)


def _may_become(invoice: Invoice, status: Invoice.Status) -> bool:
    if invoice.status == Status.DRAFT:
        raise NotIssued(f"The invoice {invoice} has not been issued: complete it first.")
    return status in FORWARD[Status(invoice.status)]


def _become(invoice: Invoice, status: Invoice.Status, now: datetime) -> None:
    before, invoice.status = invoice.status, status
    invoice.save(update_fields=["status", "amount_paid", "paid_at", "last_payment_error"])
    record(COLLECTOR, f"invoice.{status}", invoice, at=now, before=before, paid_cents=invoice.amount_paid)


def _grant_plan_credit(invoice: Invoice, now: datetime) -> None:
    if invoice.subscription is None or invoice.reason not in BEGINS_A_PERIOD:
        return
    for line in invoice.lines.filter(kind=InvoiceLine.Kind.PLAN):
        grant_plan_credit(invoice.subscription, start=line.period_start, end=line.period_end, actor=COLLECTOR, now=now)
