"""Issuing: our invoice takes over the provider's lines, gets its number, joins the hash chain and is posted.

Every provider's invoice of a known customer has one of ours. Nothing here knows the provider's library.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import Organization
from billing.invoice_ledger import post_issue
from billing.models import Invoice, InvoiceLine, Subscription
from billing.numbering import give_number
from billing.provider_invoice import ProviderInvoice, ProviderLine
from core.errors import Conflict
from core.money import PICOS_PER_CENT

ISSUER = Actor.job("invoices")
Kind = InvoiceLine.Kind
COPIED = frozenset({Kind.PLAN, Kind.PRORATION, Kind.PURCHASE, Kind.OTHER})


class ProviderDisagrees(Conflict):
    code = "provider_disagrees"
    title = "The provider's invoice is not what our books say"


@transaction.atomic
def mirror_invoice(
    organization: Organization, stripe_invoice_id: str, *, reason: str, subscription: Subscription | None, now: datetime
) -> Invoice:
    """Answer our invoice for the provider's; an empty draft where there is none yet."""
    return Invoice.objects.get_or_create(
        stripe_invoice_id=stripe_invoice_id,
        defaults={"organization": organization, "subscription": subscription, "reason": reason, "created_at": now},
    )[0]


def complete_from_provider(invoice: Invoice, provider: ProviderInvoice, *, now: datetime) -> Invoice:
    """Issue the draft as the provider finalized it; issued before, answer it as it stands.

    Raises ProviderDisagrees where a line of ours is missing, doubled or changed there, or where lines, tax and total
    don't add up: then nothing is issued, and staff see why as the invoice's problem. Call it outside any transaction,
    so that this is kept.
    """
    try:
        return _issue(invoice, provider, now)
    except ProviderDisagrees as disagreement:
        Invoice.objects.filter(pk=invoice.pk, number=None).update(problem=disagreement.detail[:500])
        raise


@transaction.atomic
def _issue(invoice: Invoice, provider: ProviderInvoice, now: datetime) -> Invoice:
    invoice = Invoice.objects.select_for_update(no_key=True, of=("self",)).get(pk=invoice.pk)
    if invoice.number:
        return invoice
    _check_identity(invoice, provider)
    _check_our_lines(invoice, provider)
    _copy_lines(invoice, provider)
    _check_totals(invoice, provider)
    _fill_in(invoice, provider)
    give_number(invoice)
    invoice.save()
    post_issue(invoice, now=now)
    record(ISSUER, "invoice.issued", invoice, at=now, total_cents=invoice.total, provider=provider.id)
    return invoice


def _check_identity(invoice: Invoice, provider: ProviderInvoice) -> None:
    if invoice.stripe_invoice_id not in (None, provider.id):
        raise ProviderDisagrees(f"This is the draft of {invoice.stripe_invoice_id}, not of {provider.id}.")
    if provider.currency.upper() != invoice.currency:
        raise ProviderDisagrees(f"The provider's invoice is in {provider.currency}, ours in {invoice.currency}.")


def _check_our_lines(invoice: Invoice, provider: ProviderInvoice) -> None:
    """Every usage and credit line of ours is at the provider exactly once, with our amount."""
    theirs = sorted((str(line.ours), line.amount) for line in provider.lines if line.ours)
    ours = sorted((str(line.pk), line.amount) for line in invoice.lines.exclude(kind__in=COPIED))
    if theirs != ours:
        raise ProviderDisagrees(
            f"We attached {len(ours)} lines of {sum(cents for _, cents in ours)} cents, "
            f"the provider has {len(theirs)} of {sum(cents for _, cents in theirs)} cents."
        )


def _copy_lines(invoice: Invoice, provider: ProviderInvoice) -> None:
    last = invoice.lines.order_by("position").last()
    foreign = [line for line in provider.lines if line.ours is None]
    for position, line in enumerate(foreign, start=last.position + 1 if last else 1):
        _copied(invoice, line, position).save(force_insert=True)
    for line in provider.lines:
        if line.ours:
            invoice.lines.filter(pk=line.ours).update(stripe_line_id=line.id)


def _copied(invoice: Invoice, line: ProviderLine, position: int) -> InvoiceLine:
    kind = Kind(line.kind)
    if kind not in COPIED:
        raise ProviderDisagrees(f"The provider has a {kind} line that is not ours: {line.description}.")
    exact = line.amount * PICOS_PER_CENT
    return InvoiceLine(
        invoice=invoice,
        position=position,
        kind=kind,
        description=line.description[:300],
        quantity=line.quantity,
        unit_price=exact // line.quantity if line.quantity and exact % line.quantity == 0 else None,
        exact_amount=exact,
        amount=line.amount,
        period_start=line.period_start,
        period_end=line.period_end,
        stripe_line_id=line.id,
    )


def _check_totals(invoice: Invoice, provider: ProviderInvoice) -> None:
    subtotal = sum(line.amount for line in invoice.lines.all())
    if subtotal != provider.subtotal:
        raise ProviderDisagrees(f"The lines sum to {subtotal} cents, the provider says {provider.subtotal}.")
    if subtotal + provider.tax != provider.total:
        raise ProviderDisagrees(
            f"{subtotal} cents and {provider.tax} cents of tax are not the provider's total of {provider.total}."
        )


def _fill_in(invoice: Invoice, provider: ProviderInvoice) -> None:
    """Who, whom, when, how much: as it is now, and stays."""
    invoice.seller_address = settings.SELLER_ADDRESS
    invoice.buyer_name = invoice.organization.name
    invoice.buyer_email = invoice.organization.billing_email
    invoice.stripe_invoice_id = provider.id
    invoice.reason = provider.reason
    invoice.subtotal = provider.subtotal
    invoice.tax = provider.tax
    invoice.total = provider.total
    invoice.hosted_url = provider.hosted_url
    invoice.problem = ""
    invoice.issued_at = provider.finalized_at
    invoice.status = Invoice.Status.OPEN
