from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organization
from billing.accrue import accrue, accrue_all
from billing.close import close_period
from billing.credits import Kind, grant_credit
from billing.invariants import RULES
from billing.ledger import Kind as Account
from billing.metered import used, used_by_the_hour
from billing.models import BillingPeriod, Booking, CreditGrant, LedgerEntry, RatingRun, Subscription
from billing.spend_credit import expire_credit
from catalog.models import Model
from core.money import PICOS_PER_UNIT
from core.period import Span
from keys.models import ApiKey
from tests.billing.plans import COST, MONTH_END, NEXT_END, TOKENS, renew
from tests.factories import ROBOT, use
from usage.models import UsageRollup, Wallet

DOLLAR = PICOS_PER_UNIT
HOUR = timedelta(hours=1)


def give(organization: Organization, dollars: int, *, at: datetime, expires_at: datetime | None = None) -> CreditGrant:
    return grant_credit(
        organization,
        kind=Kind.PROMOTIONAL,
        amount=dollars * DOLLAR,
        reason="Hello",
        operation_key=f"hello:{at}:{dollars}",
        actor=ROBOT,
        now=at,
        expires_at=expires_at,
    )


def posted(account: Account) -> int:
    return sum(int(entry.amount) for entry in LedgerEntry.objects.filter(account__kind=account))


def broken() -> list[str]:
    return [rule.name for rule in RULES if list(rule.violations())]


def test_revenue_is_earned_in_the_hour_of_use(customer: Organization, key: ApiKey, spark: Model, now: datetime) -> None:
    give(customer, 10, at=now)
    use(key, spark, at=now + HOUR, counts=TOKENS)

    accrued = accrue_all(now=now + 2 * HOUR)

    assert accrued == 1
    assert posted(Account.USAGE_REVENUE) == -COST
    assert posted(Account.CREDIT_HELD) == COST - 10 * DOLLAR
    assert broken() == []


def test_accruing_again_books_nothing(customer: Organization, key: ApiKey, spark: Model, now: datetime) -> None:
    use(key, spark, at=now, counts=TOKENS)
    accrue_all(now=now)

    again = accrue_all(now=now)

    assert again == 0
    assert RatingRun.objects.count() == 1


def test_what_was_used_after_the_last_run_is_accrued_next(
    customer: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    use(key, spark, at=now, counts=TOKENS)
    accrue_all(now=now)
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=now + HOUR, counts=TOKENS)

    accrue_all(now=now + HOUR)

    assert sum(int(booking.amount) for booking in Booking.objects.all()) == 3 * COST


def test_credit_pays_for_earlier_usage_that_nothing_covered(
    customer: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    use(key, spark, at=now, counts=TOKENS)
    accrue_all(now=now)
    give(customer, 10, at=now + HOUR)

    accrue_all(now=now + HOUR)

    assert posted(Account.UNBILLED) == 0
    assert CreditGrant.objects.get().remaining == 10 * DOLLAR - COST
    assert broken() == []


def test_accrual_changes_nothing_on_the_invoice(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    organization = subscription.organization
    give(organization, 3, at=now)
    for hours in range(3):
        use(key, spark, at=now + hours * HOUR, counts=TOKENS)
        accrue(organization.pk, now=now + hours * HOUR)
    renew(subscription, NEXT_END)

    invoice = close_period(subscription.periods.get().pk, now=MONTH_END)

    assert [(line.kind, line.amount) for line in invoice.lines.order_by("position")] == [
        ("usage", 375),
        ("usage", 9),
        ("usage", 383),
        ("credit", -300),
    ]
    assert broken() == []


def test_usage_is_paid_from_credit_before_it_expires(
    customer: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    give(customer, 10, at=now, expires_at=now + HOUR)
    use(key, spark, at=now, counts=TOKENS)

    accrue(customer.pk, now=now + HOUR)
    lost = expire_credit(customer, at=now + HOUR, now=now + HOUR)

    assert lost == 10 * DOLLAR - COST
    assert Wallet.objects.get(organization_id=customer.pk).available == 0
    assert broken() == []


def test_rollups_that_show_less_are_left_to_the_close(
    customer: Organization, key: ApiKey, spark: Model, now: datetime
) -> None:
    use(key, spark, at=now + HOUR, counts=TOKENS)
    accrue_all(now=now + 2 * HOUR)
    UsageRollup.objects.all().delete()
    use(key, spark, at=now, counts=TOKENS)

    accrue_all(now=now + 2 * HOUR)

    assert RatingRun.objects.count() == 1


def test_a_period_cut_short_gives_credit_back_to_the_next(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    organization = subscription.organization
    granted = give(organization, 10, at=now)
    use(key, spark, at=now + HOUR, counts=TOKENS)
    use(key, spark, at=now + 3 * HOUR, counts=TOKENS)
    accrue(organization.pk, now=now + 4 * HOUR)
    period = subscription.periods.get()
    BillingPeriod.objects.filter(pk=period.pk).update(end=now + 2 * HOUR)
    renew(subscription, NEXT_END)

    invoice = close_period(period.pk, now=now + 4 * HOUR, next_end=NEXT_END)
    accrue(organization.pk, now=now + 4 * HOUR)

    granted.refresh_from_db()
    assert invoice.total == 0
    assert granted.remaining == 10 * DOLLAR - 2 * COST
    assert posted(Account.UNBILLED) == 0
    assert broken() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_rollups_say_what_the_events_say(
    customer: Organization, key: ApiKey, spark: Model, now: datetime, data: st.DataObject
) -> None:
    minutes = st.integers(0, 400)
    for offset in data.draw(st.lists(minutes, max_size=4)):
        use(key, spark, at=now + timedelta(minutes=offset), counts=TOKENS)
    first, last = sorted(data.draw(st.tuples(minutes, minutes)))
    end = data.draw(st.sampled_from([now + timedelta(minutes=last, microseconds=1), None]))
    span = Span(now + timedelta(minutes=first), end)

    version, groups = used_by_the_hour(customer.pk, span)

    assert groups == used(customer.pk, span, up_to_version=version)


@pytest.mark.parametrize("hours", [1, 5])
def test_periods_that_have_not_begun_wait(
    customer: Organization, key: ApiKey, spark: Model, now: datetime, hours: int
) -> None:
    use(key, spark, at=now, counts=TOKENS)

    assert accrue_all(now=now - hours * HOUR) == 0
