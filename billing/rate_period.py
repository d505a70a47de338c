"""A rating run of a period: book what is not booked yet, burn credit for it, and post it, in one transaction."""

from datetime import datetime

from django.db import transaction

from billing.ledger import Kind as Account
from billing.ledger import post
from billing.metered import price_tables, used
from billing.models import BillingPeriod, Booking, RatingRun
from billing.rating import BookingKey, Bookings, PriceKey, Quantity, increments, rated, total
from billing.spend_credit import burn_for
from billing.wallet import watermark
from core.usage import TokenClass


def rate_period(period: BillingPeriod, *, effective_at: datetime, now: datetime) -> RatingRun | None:
    """Book the period's usage up to this moment; answer None where a run before this one booked all of it.

    The first run is kept even if there was no usage: it says up to which version of the wallet that is known.
    Raises AmountsDiffer.
    """
    version = watermark(period.organization_id)
    # Events up to the watermark never change, so they are counted without keeping any row locked.
    cumulative = _rated_up_to(period, version)
    with transaction.atomic():
        period = BillingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
        last = period.runs.order_by("sequence").last()
        if last and last.to_version >= version:
            return None
        new = increments(cumulative, _booked(period))
        if last and not new:
            return None
        run = _begin_run(period, last, version, now)
        _book(run, new)
        _burn_and_post(run, total(new), effective_at=effective_at, now=now)
    return run


def _rated_up_to(period: BillingPeriod, version: int) -> Bookings:
    groups = used(period.organization_id, period.span, up_to_version=version)
    return rated(groups, price_tables(group.price for group in groups))


def _booked(period: BillingPeriod) -> Bookings:
    booked: dict[BookingKey, Quantity] = {}
    for booking in Booking.objects.filter(run__period=period):
        price = PriceKey(booking.price_version_id, booking.service_tier)
        key = BookingKey(booking.model_id, price, TokenClass(booking.token_class))
        before = booked[key].units if key in booked else 0
        booked[key] = Quantity(before + int(booking.quantity), booking.unit_price)
    return booked


def _begin_run(period: BillingPeriod, last: RatingRun | None, version: int, now: datetime) -> RatingRun:
    return RatingRun.objects.create(
        period=period,
        sequence=last.sequence + 1 if last else 1,
        from_version=last.to_version if last else 0,
        to_version=version,
        rated_at=now,
    )


def _book(run: RatingRun, bookings: Bookings) -> None:
    Booking.objects.bulk_create(
        Booking(
            run=run,
            model_id=key.model,
            price_version_id=key.price.price_version,
            service_tier=key.price.service_tier,
            token_class=key.token_class.value,
            unit_price=each.unit_price,
            quantity=each.units,
            amount=each.amount,
        )
        for key, each in bookings.items()
    )


def _burn_and_post(run: RatingRun, amount: int, *, effective_at: datetime, now: datetime) -> None:
    burnt = burn_for(run, amount)
    post(
        f"rating:{run.period_id}:{run.sequence}",
        {Account.CREDIT_HELD: burnt.covered, Account.UNBILLED: burnt.uncovered, Account.USAGE_REVENUE: -amount},
        kind="usage.rated",
        organization=run.period.organization,
        description=f"Usage of {run.period}",
        effective_at=effective_at,
        now=now,
    )
