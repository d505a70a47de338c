"""The draft of a period's invoice: a line per period, model, service tier and token class, and the credit applied.

It takes every booking of the organization's closed periods that is on no invoice yet, late usage included.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from accounts.models import Organization
from billing.models import BillingPeriod, Booking, CreditConsumption, Invoice, InvoiceLine
from billing.periods import lock_period
from billing.rounding import credit_cents, line_cents
from catalog.models import Model
from core.errors import Conflict
from core.usage import TokenClass

CLASS_ORDER = {token_class.value: place for place, token_class in enumerate(TokenClass)}


class PeriodStillOpen(Conflict):
    code = "period_still_open"
    title = "Only a closed period can be invoiced"


@dataclass(frozen=True, slots=True)
class LineKey:
    """What makes one line. Quantities under several price versions share it."""

    period: UUID
    model: UUID
    service_tier: str
    token_class: str


@transaction.atomic
def draft_invoice(period_id: UUID, *, now: datetime) -> Invoice:
    """Draft the closed period's invoice, once; a repeat answers the one that stands. Raises PeriodStillOpen."""
    organization_id = BillingPeriod.objects.get(pk=period_id).organization_id
    # Two periods of one organization must not take the same bookings; settlement isn't kept waiting.
    Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
    period = lock_period(period_id)
    if standing := Invoice.objects.filter(period=period).first():
        return standing
    if period.status != BillingPeriod.Status.CLOSED:
        raise PeriodStillOpen(f"The period {period} is still open.")
    invoice = _blank(period, now)
    lines = _usage_lines(invoice)
    _credit_line(invoice, lines)
    invoice.subtotal = invoice.total = sum(line.amount for line in invoice.lines.all())
    invoice.save(update_fields=["subtotal", "total"])
    return invoice


def _blank(period: BillingPeriod, now: datetime) -> Invoice:
    renewed = period.subscription is not None and period.subscription.ended_at is None
    return Invoice.objects.create(
        organization=period.organization,
        subscription=period.subscription,
        period=period,
        reason="subscription_cycle" if renewed else "manual",
        created_at=now,
    )


def _usage_lines(invoice: Invoice) -> list[InvoiceLine]:
    closed = Booking.objects.filter(
        run__period__organization=invoice.organization, run__period__status=BillingPeriod.Status.CLOSED
    )
    bookings = closed.filter(invoice_line=None).select_related("run__period")
    models = Model.objects.in_bulk({booking.model_id for booking in bookings})
    ordered = sorted(bookings, key=lambda booking: _order(booking, models))
    lines = []
    for position, (_, group) in enumerate(groupby(ordered, key=_key), start=1):
        of_line = list(group)
        line = _usage_line(invoice, position, of_line, models.get(of_line[0].model_id))
        line.save(force_insert=True)
        Booking.objects.filter(pk__in=[booking.pk for booking in of_line]).update(invoice_line=line)
        lines.append(line)
    return lines


def _usage_line(invoice: Invoice, position: int, bookings: list[Booking], model: Model | None) -> InvoiceLine:
    first = bookings[0]
    period = first.run.period
    assert period.end is not None
    exact = sum(int(booking.amount) for booking in bookings)
    unit_prices = {booking.unit_price for booking in bookings}
    exact_before, cents_before = _invoiced_before(_key(first))
    return InvoiceLine(
        invoice=invoice,
        position=position,
        kind=InvoiceLine.Kind.USAGE,
        description=_description(first, model, is_late=period != invoice.period),
        model_id=first.model_id,
        token_class=first.token_class,
        service_tier=first.service_tier,
        quantity=sum(int(booking.quantity) for booking in bookings),
        unit_price=unit_prices.pop() if len(unit_prices) == 1 else None,
        exact_amount=exact,
        amount=line_cents(exact_before + exact, cents_before),
        period_start=period.start,
        period_end=period.end,
    )


def _invoiced_before(key: LineKey) -> tuple[int, int]:
    """Answer what earlier invoices had of this line: exact picodollars, and cents."""
    lines = InvoiceLine.objects.filter(
        bookings__run__period=key.period,
        model_id=key.model,
        service_tier=key.service_tier,
        token_class=key.token_class,
    ).distinct()
    amounts = [(int(line.exact_amount), line.amount) for line in lines]
    return sum(exact for exact, _ in amounts), sum(cents for _, cents in amounts)


def _credit_line(invoice: Invoice, lines: Iterable[InvoiceLine]) -> None:
    """One line for all credit that paid for this invoice's usage; none where no credit did."""
    consumptions = CreditConsumption.objects.filter(
        invoice_line=None,
        run__period__organization=invoice.organization,
        run__period__status=BillingPeriod.Status.CLOSED,
    )
    lines = list(lines)
    covered = sum(int(each.amount) for each in consumptions)
    if not covered:
        return
    period = invoice.period
    assert period is not None
    assert period.end is not None
    exact = sum(int(line.exact_amount) for line in lines)
    line = InvoiceLine.objects.create(
        invoice=invoice,
        position=len(lines) + 1,
        kind=InvoiceLine.Kind.CREDIT,
        description="Credit applied",
        exact_amount=-covered,
        amount=credit_cents(sum(line.amount for line in lines), covered=covered, uncovered=exact - covered),
        period_start=period.start,
        period_end=period.end,
    )
    consumptions.update(invoice_line=line)


def _description(booking: Booking, model: Model | None, *, is_late: bool) -> str:
    words = [model.slug if model else str(booking.model_id), TokenClass(booking.token_class).label]
    if booking.service_tier != "standard":
        words.append(f"({booking.service_tier})")
    return " ".join(words) + (", late" if is_late else "")


def _key(booking: Booking) -> LineKey:
    return LineKey(booking.run.period_id, booking.model_id, booking.service_tier, booking.token_class)


def _order(booking: Booking, models: dict[UUID, Model]) -> tuple[object, ...]:
    model = models.get(booking.model_id)
    name = (model.position, model.slug) if model else (0, "")
    place = CLASS_ORDER[booking.token_class]
    return (booking.run.period.index, *name, str(booking.model_id), booking.service_tier, place, booking.pk)
