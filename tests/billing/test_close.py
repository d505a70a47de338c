from datetime import datetime, timedelta

import pytest

from accounts.models import Organization
from billing.close import EarlierPeriodOpen, PeriodNotOver, close_period
from billing.credits import Kind, grant_credit, grant_plan_credit
from billing.models import BillingPeriod, CreditGrant, Invoice, PlanVersion, Subscription
from billing.periods import begin_subscription
from billing.rating import AmountsDiffer
from catalog.models import Model
from core.money import PICOS_PER_CENT, PICOS_PER_UNIT
from keys.models import ApiKey
from tests.billing.plans import COST, MONTH_END, NEXT_END, TOKENS, make_subscription, renew
from tests.factories import ROBOT, make_event, settle, use
from usage.models import Wallet


def lines_of(invoice: Invoice) -> list[tuple[str, int, int]]:
    return [(line.description, int(line.quantity), line.amount) for line in invoice.lines.order_by("position")]


def test_usage_is_invoiced_by_model_and_token_class(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=now + timedelta(days=3), counts=TOKENS)
    renew(subscription, NEXT_END)

    invoice = close_period(subscription.periods.get().pk, now=now)

    assert lines_of(invoice) == [
        ("muse-spark input tokens", 2_000_000, 250),
        ("muse-spark cached input tokens", 400_000, 6),
        ("muse-spark output tokens", 600_000, 255),
    ]
    assert invoice.total == 511
    assert sum(line.exact_amount for line in invoice.lines.all()) == 2 * COST


def test_usage_before_the_subscription_is_on_its_first_renewal(
    customer: Organization, build: PlanVersion, key: ApiKey, spark: Model, now: datetime
) -> None:
    use(key, spark, at=now, counts=TOKENS)
    later = now + timedelta(days=2)
    subscription = make_subscription(customer, build, start=later, end=MONTH_END + timedelta(days=2))
    period = begin_subscription(subscription, now=later)
    renew(subscription, NEXT_END)

    invoice = close_period(period.pk, now=later)

    assert invoice.total == 256
    assert [line.period_start for line in invoice.lines.all()] == [now] * 3


def test_included_credit_pays_first_and_expires(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)

    invoice = close_period(subscription.periods.get().pk, now=now)

    grant = CreditGrant.objects.get()
    wallet = Wallet.objects.get(organization_id=subscription.organization_id)
    assert lines_of(invoice)[-1] == ("Credit applied", 1, -256)
    assert invoice.total == 0
    assert (int(grant.remaining), int(grant.expired)) == (0, 25 * PICOS_PER_UNIT - COST)
    assert wallet.available == 100 * PICOS_PER_UNIT
    assert wallet.credit == wallet.spent == COST


def test_the_next_period_begins_where_this_one_ends(subscription: Subscription, now: datetime) -> None:
    renew(subscription, NEXT_END)

    close_period(subscription.periods.get().pk, now=now)

    first, second = BillingPeriod.objects.order_by("index")
    assert (first.status, second.status) == ("closed", "open")
    assert (first.end, second.start, second.end) == (MONTH_END, MONTH_END, NEXT_END)


def test_late_usage_is_on_the_next_invoice_and_each_token_on_one(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    first = close_period(subscription.periods.get().pk, now=now)
    # The demo's provider is a month ahead of this clock: what is used now belongs to the closed period.
    use(key, spark, at=now + timedelta(hours=1), counts=TOKENS)
    use(key, spark, at=MONTH_END + timedelta(hours=1), counts=TOKENS)
    renew(subscription, NEXT_END + timedelta(days=30))

    second = close_period(subscription.periods.get(index=2).pk, now=now)

    assert [line.amount for line in first.lines.all()] == [125, 3, 128]
    late, own = list(second.lines.all())[:3], list(second.lines.all())[3:]
    # 127.5 cents were rounded up to 128 before: 255 in all leave 127.
    assert [line.amount for line in late] == [125, 3, 127]
    assert [line.amount for line in own] == [125, 3, 128]
    assert {line.period_end for line in late} == {MONTH_END}


def test_closing_again_changes_nothing(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> None:
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    period = subscription.periods.get()
    first = close_period(period.pk, now=now)
    use(key, spark, at=now, counts=TOKENS)

    again = close_period(period.pk, now=now)

    assert again == first
    assert lines_of(again) == lines_of(first)
    assert Invoice.objects.count() == 1


def test_without_usage_the_draft_is_empty(subscription: Subscription, now: datetime) -> None:
    renew(subscription, NEXT_END)

    invoice = close_period(subscription.periods.get().pk, now=now)

    assert (invoice.total, invoice.lines.count(), invoice.reason) == (0, 0, "subscription_cycle")


def test_credit_that_covers_usage_exactly_leaves_nothing(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    grant_credit(
        subscription.organization,
        kind=Kind.PROMOTIONAL,
        amount=COST,
        reason="To the token",
        operation_key="exact",
        actor=ROBOT,
        now=now,
    )
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)

    invoice = close_period(subscription.periods.get().pk, now=now)

    assert invoice.total == 0
    assert CreditGrant.objects.get().remaining == 0


def test_a_credit_that_covers_a_part_leaves_the_rest(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    grant_credit(
        subscription.organization,
        kind=Kind.PROMOTIONAL,
        amount=100 * PICOS_PER_CENT + PICOS_PER_CENT // 2,
        reason="A dollar and half a cent",
        operation_key="part",
        actor=ROBOT,
        now=now,
    )
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)

    invoice = close_period(subscription.periods.get().pk, now=now)

    assert lines_of(invoice)[-1] == ("Credit applied", 1, -101)
    assert invoice.total == 256 - 101


def test_an_endless_period_is_not_closed(customer: Organization, now: datetime) -> None:
    with pytest.raises(PeriodNotOver):
        close_period(BillingPeriod.objects.get().pk, now=now)


def test_periods_are_closed_in_their_order(subscription: Subscription, now: datetime) -> None:
    second = BillingPeriod.objects.create(
        organization=subscription.organization, subscription=subscription, index=2, start=MONTH_END, end=NEXT_END
    )

    with pytest.raises(EarlierPeriodOpen):
        close_period(second.pk, now=now)


def test_usage_charged_at_other_prices_stops_the_close_and_is_shown(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    settle(make_event(key, spark, at=now, counts=TOKENS, amount=COST - 1))
    renew(subscription, NEXT_END)
    period = subscription.periods.get()

    with pytest.raises(AmountsDiffer):
        close_period(period.pk, now=now)

    period.refresh_from_db()
    assert period.status == BillingPeriod.Status.OPEN
    assert "tokens × prices" in period.problem
    assert not Invoice.objects.exists()
