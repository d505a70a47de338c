"""Closing that is killed between any two steps, or runs twice at once, ends as if nothing had happened."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import Organization
from billing import close, draft_invoice, rate_period
from billing.close import close_period
from billing.credits import grant_plan_credit
from billing.invariants import RULES
from billing.models import BillingPeriod, Booking, CreditGrant, Invoice, PlanVersion
from billing.open_account import open_account
from billing.periods import begin_subscription
from catalog.models import Model
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.billing.plans import COST, MONTH_END, NEXT_END, TOKENS, make_subscription, renew
from tests.billing.snapshot import snapshot
from tests.factories import ROBOT, make_key, use

pytestmark = pytest.mark.django_db(transaction=True)

# More than the plan's credit of $25 covers, so that a part is left unbilled.
MANY = TokenCounts(input=15_000_000, output=5_000_000, reasoning=3)


class Killed(BaseException):
    """As a process that is gone: nothing catches it."""


def open_story(organization: Organization, build: PlanVersion, spark: Model, now: datetime) -> BillingPeriod:
    """Two models' usage in a first period that is over, with credit; and an earlier closed period with late usage."""
    open_account(organization, now=now)
    key = make_key(organization, now=now).key
    subscription = make_subscription(organization, build, start=now, end=MONTH_END)
    begin_subscription(subscription, now=now)
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    close_period(subscription.periods.get().pk, now=now)
    grant_plan_credit(subscription, start=MONTH_END, end=NEXT_END, actor=ROBOT, now=now)
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=MONTH_END, counts=MANY)
    renew(subscription, NEXT_END + timedelta(days=30))
    return subscription.periods.get(index=2)


def killed_after(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        function(*args, **kwargs)
        raise Killed

    return wrapper


def killed_before(*_args: Any, **_kwargs: Any) -> None:
    raise Killed


@pytest.mark.parametrize("kill", ["before", "after"])
@pytest.mark.parametrize(
    ("module", "function"),
    [
        (close, "rate_period"),
        (rate_period, "watermark"),
        (rate_period, "_begin_run"),
        (rate_period, "_book"),
        (rate_period, "burn_for"),
        (rate_period, "post"),
        (close, "_seal"),
        (close, "open_next"),
        (close, "expire_credit"),
        (close, "record"),
        (close, "draft_invoice"),
        (draft_invoice, "_blank"),
        (draft_invoice, "_usage_lines"),
        (draft_invoice, "_credit_line"),
    ],
)
def test_killed_anywhere_and_closed_again_it_is_as_if_never_killed(
    *,
    acme: Organization,
    elsewhere: Organization,
    free: PlanVersion,
    build: PlanVersion,
    spark: Model,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    function: str,
    kill: str,
) -> None:
    undisturbed = open_story(elsewhere, build, spark, now)
    period = open_story(acme, build, spark, now)
    close_period(undisturbed.pk, now=now)

    with monkeypatch.context() as patch:
        patch.setattr(module, function, killed_before if kill == "before" else killed_after(getattr(module, function)))
        with pytest.raises(Killed):
            close_period(period.pk, now=now)
    close_period(period.pk, now=now)

    assert snapshot(acme) == snapshot(elsewhere)
    assert [rule.name for rule in RULES if list(rule.violations())] == []


def test_closed_twice_at_once_it_is_closed_once(
    *, acme: Organization, elsewhere: Organization, free: PlanVersion, build: PlanVersion, spark: Model, now: datetime
) -> None:
    undisturbed = open_story(elsewhere, build, spark, now)
    period = open_story(acme, build, spark, now)
    close_period(undisturbed.pk, now=now)

    invoices = at_once(lambda: close_period(period.pk, now=now), times=4)

    assert len({invoice.pk for invoice in invoices}) == 1
    assert snapshot(acme) == snapshot(elsewhere)


def test_usage_that_arrives_while_closing_is_on_exactly_one_invoice(
    acme: Organization, free: PlanVersion, build: PlanVersion, spark: Model, now: datetime
) -> None:
    period = open_story(acme, build, spark, now)
    subscription = period.subscription
    assert subscription is not None
    key = ApiKey.objects.get()

    with ThreadPoolExecutor() as threads:
        users = [threads.submit(in_thread, lambda: _use_often(key, spark)) for _ in range(3)]
        closing = threads.submit(in_thread, lambda: close_period(period.pk, now=now))
        for each in (*users, closing):
            each.result()
    renew(subscription, NEXT_END + timedelta(days=60))
    close_period(subscription.periods.get(index=3).pk, now=now)

    lines = [line for invoice in Invoice.objects.all() for line in invoice.lines.filter(kind="usage")]
    many = 15_000_000 * 1_250_000 + 5_000_003 * 4_250_000
    assert sum(line.exact_amount for line in lines) == 2 * COST + many + 60 * COST
    assert not Booking.objects.filter(invoice_line=None).exists()
    assert [rule.name for rule in RULES if list(rule.violations())] == []


def test_a_grant_is_burnt_once_by_two_runs_at_once(
    acme: Organization, free: PlanVersion, build: PlanVersion, spark: Model, now: datetime
) -> None:
    period = open_story(acme, build, spark, now)

    at_once(lambda: rate_period.rate_period(period, effective_at=NEXT_END, now=now), times=4)

    grant = CreditGrant.objects.get()
    assert sum(each.amount for each in grant.consumptions.all()) == grant.amount - grant.remaining
    assert period.runs.count() == 1


def _use_often(key: ApiKey, spark: Model) -> None:
    for number in range(20):
        use(key, spark, at=MONTH_END + timedelta(minutes=number), counts=TOKENS)


def at_once(work: Callable[[], Any], *, times: int) -> list[Any]:
    return at_once_each(*[work] * times)


def at_once_each(*works: Callable[[], Any]) -> list[Any]:
    gate = Barrier(len(works))

    def begin(work: Callable[[], Any]) -> Any:
        gate.wait()
        return in_thread(work)

    with ThreadPoolExecutor(len(works)) as threads:
        return [future.result() for future in [threads.submit(begin, work) for work in works]]


def in_thread(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()
