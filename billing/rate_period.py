"""A rating run of a period: book what is not booked yet, burn credit for it, and post it, in one transaction.

Credit also pays for what earlier runs of the period booked and no credit covered, as long as no invoice has it: so how
often a period is rated changes neither what is burnt nor what is invoiced.
"""

from datetime import datetime

from django.db import transaction

from billing.ledger import Kind as Account
from billing.ledger import post
from billing.metered import price_tables, used, used_by_the_hour
from billing.models import BillingPeriod, Booking, RatingRun
from billing.rating import BookingKey, Bookings, PriceKey, Quantity, UsageGroup, increments, rated, total
from billing.spend_credit import burn_for, has_credit, uncovered
from billing.wallet import watermark
from core.errors import Conflict
from core.usage import TokenClass


class PeriodMoved(Conflict):
    code = "period_moved"
    title = "The period got other bounds meanwhile"


def rate_period(period: BillingPeriod, *, effective_at: datetime, now: datetime) -> RatingRun | None:
    """Book the period's usage up to this moment; answer None where a run before this one booked all of it.

    The first run is kept even if there was no usage: it says up to which version of the wallet that is known.
    Raises AmountsDiffer and PeriodMoved.
    """
    version = watermark(period.organization_id)
    # Events up to the watermark never change, so they are counted without keeping any row locked.
    groups = used(period.organization_id, period.span, up_to_version=version)
    return _run(period, version, _rated(groups), effective_at=effective_at, now=now)


def accrue_period(period: BillingPeriod, *, now: datetime) -> RatingRun | None:
    """Book what the hourly rollups have beyond what is booked: cheap, however much was used. Raises AmountsDiffer and
    PeriodMoved.

    It only ever adds: rollups that show less than was booked (a period was shortened, or they are being built anew)
    are left to the run that closes the period, which counts events.
    """
    version, groups = used_by_the_hour(period.organization_id, period.span)
    cumulative = _rated(groups)
    if any(rest.units < 0 for rest in increments(cumulative, _booked(period)).values()):
        return None
    return _run(period, version, cumulative, effective_at=now, now=now)


@transaction.atomic
def _run(
    period: BillingPeriod, version: int, cumulative: Bookings, *, effective_at: datetime, now: datetime
) -> RatingRun | None:
    span, period = period.span, BillingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)
    if period.span != span:
        raise PeriodMoved(f"The period {period} got other bounds while its usage was counted: rate it again.")
    last = period.runs.order_by("sequence").last()
    if last and last.to_version > version:
        return None
    new = increments(cumulative, _booked(period))
    open_before = uncovered(period)
    if last and not new and not (open_before > 0 and has_credit(period.organization_id)):
        return None
    run = _begin_run(period, last, version, now)
    _book(run, new)
    _burn_and_post(run, total(new), open_before, effective_at=effective_at, now=now)
    return run


def _rated(groups: list[UsageGroup]) -> Bookings:
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


def _burn_and_post(run: RatingRun, amount: int, open_before: int, *, effective_at: datetime, now: datetime) -> None:
    covered = burn_for(run, amount + open_before)
    post(
        f"rating:{run.period_id}:{run.sequence}",
        {Account.CREDIT_HELD: covered, Account.UNBILLED: amount - covered, Account.USAGE_REVENUE: -amount},
        kind="usage.rated",
        organization=run.period.organization,
        description=f"Usage of {run.period}",
        effective_at=effective_at,
        now=now,
    )
