from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Organization
from billing.close import close_books, close_period
from billing.credits import grant_plan_credit
from billing.invariants import RULES
from billing.models import BillingPeriod, Invoice, PlanVersion, Subscription
from billing.periods import (
    NoOpenPeriod,
    NotRenewed,
    begin_subscription,
    end_subscription,
    period_ending_at,
)
from catalog.models import Model
from core.money import PICOS_PER_UNIT
from keys.models import ApiKey
from tests.billing.plans import MONTH_END, NEXT_END, TOKENS, make_subscription, renew
from tests.factories import ROBOT, use
from usage.models import Wallet

Spans = list[tuple[int, datetime, datetime | None, bool]]


def spans() -> Spans:
    periods = BillingPeriod.objects.order_by("index")
    return [(each.index, each.start, each.end, each.subscription is not None) for each in periods]


def ended(subscription: Subscription, at: datetime) -> Subscription:
    subscription.status = Subscription.Status.CANCELED
    subscription.ended_at = at
    subscription.save()
    return subscription


def test_a_subscription_takes_over_the_endless_period(
    customer: Organization, build: PlanVersion, now: datetime
) -> None:
    later = now + timedelta(days=3)
    subscription = make_subscription(customer, build, start=later, end=MONTH_END)

    begin_subscription(subscription, now=later)

    assert spans() == [(1, now, MONTH_END, True)]
    assert Wallet.objects.get(organization_id=customer.pk).credit_limit == 100 * PICOS_PER_UNIT


def test_beginning_again_answers_the_first_period(subscription: Subscription, now: datetime) -> None:
    renew(subscription, NEXT_END)

    period = begin_subscription(subscription, now=now)

    assert (period.index, period.end) == (1, MONTH_END)


def test_a_first_period_ends_where_it_ended_though_the_subscription_was_renewed_since(
    customer: Organization, build: PlanVersion, now: datetime
) -> None:
    subscription = make_subscription(customer, build, start=MONTH_END, end=NEXT_END)

    begin_subscription(subscription, end=MONTH_END, now=now)

    assert spans() == [(1, now, MONTH_END, True)]


def test_a_subscription_that_ended_before_the_account_began_has_no_period(
    customer: Organization, build: PlanVersion, now: datetime
) -> None:
    subscription = make_subscription(customer, build, start=now - timedelta(days=9), end=now)

    with pytest.raises(NoOpenPeriod):
        begin_subscription(subscription, now=now)


def test_an_end_within_the_period_shortens_it_and_an_endless_one_follows(
    subscription: Subscription, now: datetime
) -> None:
    at = now + timedelta(days=10)

    end_subscription(ended(subscription, at), now=at)
    end_subscription(subscription, now=at)

    assert spans() == [(1, now, at, True), (2, at, None, False)]
    assert Wallet.objects.get(organization_id=subscription.organization_id).credit_limit == 0


def test_an_end_at_the_periods_end_keeps_it(subscription: Subscription, now: datetime) -> None:
    end_subscription(ended(subscription, MONTH_END), now=now)

    assert spans() == [(1, now, MONTH_END, True), (2, MONTH_END, None, False)]


def test_a_subscription_that_ended_as_it_began_gives_the_period_back(subscription: Subscription, now: datetime) -> None:
    end_subscription(ended(subscription, now), now=now)

    assert spans() == [(1, now, None, False)]


def test_an_end_after_a_renewal_that_was_not_closed_yet(subscription: Subscription, now: datetime) -> None:
    renew(subscription, NEXT_END)
    at = MONTH_END + timedelta(days=2)
    end_subscription(ended(subscription, at), now=now)

    close_period(BillingPeriod.objects.get(index=1).pk, now=now)

    assert spans() == [(1, now, MONTH_END, True), (2, MONTH_END, at, True), (3, at, None, False)]


def test_the_last_period_is_billed_alone(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> None:
    use(key, spark, at=now, counts=TOKENS)
    end_subscription(ended(subscription, now + timedelta(days=1)), now=now)

    invoice = close_period(BillingPeriod.objects.get(index=1).pk, now=now)

    assert (invoice.reason, invoice.total) == ("manual", 256)


def test_included_credit_ends_with_the_subscription_after_it_paid_for_the_last_usage(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)
    use(key, spark, at=now, counts=TOKENS)
    end_subscription(ended(subscription, now + timedelta(days=1)), now=now)

    invoice = close_period(BillingPeriod.objects.get(index=1).pk, now=now)

    assert invoice.total == 0
    assert Wallet.objects.get(organization_id=subscription.organization_id).available == 0


def test_a_new_subscription_takes_over_where_the_old_one_ended(
    subscription: Subscription, build: PlanVersion, now: datetime
) -> None:
    at = now + timedelta(days=10)
    end_subscription(ended(subscription, at), now=at)
    second = make_subscription(subscription.organization, build, start=at, end=NEXT_END)

    begin_subscription(second, now=at)

    assert spans() == [(1, now, at, True), (2, at, NEXT_END, True)]


def test_a_renewal_that_is_not_known_yet_is_waited_for(subscription: Subscription, now: datetime) -> None:
    with pytest.raises(NotRenewed):
        close_period(subscription.periods.get().pk, now=now)

    assert subscription.periods.get().status == BillingPeriod.Status.OPEN


def test_two_renewals_at_once_are_two_periods(subscription: Subscription, now: datetime) -> None:
    after_next = NEXT_END + timedelta(days=30)
    renew(subscription, after_next)

    close_period(subscription.periods.get().pk, next_end=NEXT_END, now=now)
    close_period(subscription.periods.get(index=2).pk, next_end=after_next, now=now)

    assert [span[2] for span in spans()] == [MONTH_END, NEXT_END, after_next]
    assert period_ending_at(subscription, NEXT_END) == BillingPeriod.objects.get(index=2)


def test_a_period_closed_without_an_invoice_is_on_the_next(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    close_books(subscription.periods.get().pk, now=now)
    use(key, spark, at=MONTH_END, counts=TOKENS)
    renew(subscription, NEXT_END + timedelta(days=30))

    invoice = close_period(subscription.periods.get(index=2).pk, now=now)

    assert Invoice.objects.count() == 1
    assert [line.amount for line in invoice.lines.all()] == [125, 3, 128, 125, 3, 128]
    assert [rule.name for rule in RULES if list(rule.violations())] == []


@pytest.mark.parametrize("start", [-1, 1])
def test_the_database_refuses_periods_that_overlap(subscription: Subscription, start: int) -> None:
    begin = MONTH_END + timedelta(seconds=start)

    def overlap() -> None:
        with transaction.atomic():
            BillingPeriod.objects.create(organization=subscription.organization, index=2, start=begin, end=NEXT_END)

    if start < 0:
        with pytest.raises(IntegrityError, match="periods_do_not_overlap"):
            overlap()
    else:
        overlap()
