from contextlib import suppress
from datetime import datetime
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from accounts.models import Organization
from billing import rate_period, spend_credit
from billing.burning import burn
from billing.invariants import RULES
from billing.metered import has_usage_after, used
from billing.models import BillingPeriod, Booking, PlanVersion
from billing.wallet import watermark
from catalog.models import Model
from keys.models import ApiKey
from tests.billing.plans import MONTH_END, NEXT_END, TOKENS
from tests.billing.test_close_interrupted import at_once_each, open_story
from tests.factories import use


def test_what_is_stored_after_the_watermark_is_left_to_the_next_run(
    customer: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    period = BillingPeriod.objects.get()
    use(key, spark, at=now, counts=TOKENS)
    version = watermark(customer.pk)
    use(key, spark, at=now, counts=TOKENS)

    groups = used(customer.pk, period.span, up_to_version=version)

    assert [group.counts for group in groups] == [TOKENS]
    assert has_usage_after(customer.pk, period.span, version=version)
    assert not has_usage_after(customer.pk, period.span, version=watermark(customer.pk))


def test_a_run_that_was_overtaken_books_nothing(
    customer: Organization, key: ApiKey, spark: Model, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = BillingPeriod.objects.get()
    use(key, spark, at=now, counts=TOKENS)
    earlier = watermark(customer.pk)
    use(key, spark, at=now, counts=TOKENS)
    rate_period.rate_period(period, effective_at=now, now=now)
    booked = Booking.objects.count()

    monkeypatch.setattr(rate_period, "watermark", lambda _: earlier)
    run = rate_period.rate_period(period, effective_at=now, now=now)

    assert run is None
    assert Booking.objects.count() == booked


@pytest.mark.django_db(transaction=True)
def test_runs_of_two_periods_at_once_do_not_burn_the_same_credit(
    *,
    acme: Organization,
    free: PlanVersion,
    build: PlanVersion,
    spark: Model,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second = open_story(acme, build, spark, now)
    first = BillingPeriod.objects.get(index=1)
    both = Barrier(2)

    def slow_burn(*args: Any) -> Any:
        # Without the grants' locks both would have read the same grants by now; with them, only one is here.
        with suppress(BrokenBarrierError):
            both.wait(timeout=1)
        return burn(*args)

    monkeypatch.setattr(spend_credit, "burn", slow_burn)
    at_once_each(
        lambda: rate_period.rate_period(first, effective_at=MONTH_END, now=now),
        lambda: rate_period.rate_period(second, effective_at=NEXT_END, now=now),
    )

    assert [rule.name for rule in RULES if list(rule.violations())] == []


def test_a_period_that_got_other_bounds_is_rated_again(
    customer: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    stale = BillingPeriod.objects.get()
    use(key, spark, at=now, counts=TOKENS)
    BillingPeriod.objects.update(end=MONTH_END)

    with pytest.raises(rate_period.PeriodMoved):
        rate_period.rate_period(stale, effective_at=now, now=now)

    assert not Booking.objects.exists()
