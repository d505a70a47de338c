"""The demo's button and its command: a month passes, the renewal is billed and paid, whatever is killed on the way."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import Organization
from billing.models import BillingPeriod, Invoice
from billing.payments import demo_clock
from billing.payments.demo_clock import NoDemoClock, Step, advance, is_available, proceed, progress, resume
from catalog.models import Model
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.billing.payments.shop import Shop
from tests.factories import use

RENEWAL = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
SECOND_RENEWAL = datetime(2026, 6, 8, 12, 0, tzinfo=UTC)
THIRD_RENEWAL = datetime(2026, 7, 8, 12, 0, tzinfo=UTC)


def test_the_button_closes_bills_and_collects(shop: Shop, subscribed: Organization, key: ApiKey, spark: Model) -> None:
    use(key, spark, at=shop.now, counts=TokenCounts(output=8_000_000))

    started = advance(subscribed, now=shop.now)
    done = proceed(subscribed, now=shop.now)

    assert (started.step, started.is_running) == (Step.TO_PERIOD_END, True)
    assert done is not None
    assert (done.step, done.is_running, done.says) == (Step.DONE, False, "Done")
    invoice = Invoice.objects.get(pk=done.invoice)
    assert (invoice.status, invoice.total, invoice.period) == (
        "paid",
        3_400 - 2_500 + 2_000,
        BillingPeriod.objects.get(end=RENEWAL),
    )


def test_two_months_with_calls_in_between(shop: Shop, subscribed: Organization, key: ApiKey, spark: Model) -> None:
    for renewal in (RENEWAL, SECOND_RENEWAL, THIRD_RENEWAL):
        # Made after the first advance, it lies in a period that is closed: ours is the earlier clock.
        use(key, spark, at=shop.now, counts=TokenCounts(output=8_000_000))
        advance(subscribed, now=shop.now)
        proceed(subscribed, now=shop.now)
        assert BillingPeriod.objects.get(end=renewal).status == "closed"

    invoices = Invoice.objects.filter(period__isnull=False)
    assert [invoice.status for invoice in invoices] == ["paid"] * 3
    assert [invoice.lines.get(kind="usage").quantity for invoice in invoices] == [8_000_000] * 3


def test_a_second_press_while_it_is_under_way_changes_nothing(shop: Shop, subscribed: Organization) -> None:
    first = advance(subscribed, now=shop.now)
    second = advance(subscribed, now=shop.now + timedelta(seconds=5))

    assert second == first


@pytest.mark.parametrize("killed_in", ["move", "reconcile", "_invoice_of"])
def test_a_killed_worker_s_advance_is_taken_up(
    shop: Shop, subscribed: Organization, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    def kill(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    advance(subscribed, now=shop.now)
    with monkeypatch.context() as patched:
        patched.setattr(demo_clock, killed_in, kill)
        with pytest.raises(KeyboardInterrupt):
            proceed(subscribed, now=shop.now)

    assert resume(now=shop.now) == 1

    state = progress(subscribed)
    assert state is not None
    assert state.step == Step.DONE
    assert Invoice.objects.get(pk=state.invoice).status == "paid"


def test_two_workers_do_not_advance_one_clock(shop: Shop, subscribed: Organization) -> None:
    advance(subscribed, now=shop.now)
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"demo-clock:{subscribed.pk}"])

        assert resume(now=shop.now) == 0
        state = proceed(subscribed, now=shop.now)

    assert state is not None
    assert state.step == Step.TO_PERIOD_END
    assert resume(now=shop.now) == 1


def test_what_fails_is_shown_and_can_be_tried_again(
    shop: Shop, subscribed: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise NoDemoClock("The books do not agree.")

    advance(subscribed, now=shop.now)
    with monkeypatch.context() as patched:
        patched.setattr(demo_clock, "reconcile", fail)
        with pytest.raises(NoDemoClock):
            proceed(subscribed, now=shop.now)
    failed = progress(subscribed)
    assert failed is not None
    assert (failed.is_running, failed.says) == (False, "The books do not agree.")

    advance(subscribed, now=shop.now)
    done = proceed(subscribed, now=shop.now)

    assert done is not None
    assert done.step == Step.DONE


def test_there_is_no_clock_outside_the_demo_or_without_a_subscription(
    shop: Shop, acme: Organization, stripe_settings: Settings
) -> None:
    assert not is_available(acme)
    with pytest.raises(NoDemoClock, match="Subscribe"):
        advance(acme, now=shop.now)

    shop.subscribe(acme)
    assert is_available(acme)

    stripe_settings.DEMO = False
    with pytest.raises(NoDemoClock, match="demo"):
        advance(acme, now=shop.now)
    assert resume(now=shop.now + timedelta(days=1)) == 0


@pytest.fixture
def worker_in_place(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    """Do the command's job at once, where a worker would."""

    def run(organization_id: str) -> None:
        proceed(Organization.objects.get(pk=organization_id), now=shop.now)

    monkeypatch.setattr("billing.management.commands.advance_clock.advance_demo_clock.delay", run)


@pytest.mark.usefixtures("worker_in_place")
@pytest.mark.parametrize("called", ["ada@acme.example", "acme", "id"])
def test_the_command_prints_the_invoice(shop: Shop, subscribed: Organization, called: str) -> None:
    output = StringIO()

    call_command("advance_clock", str(subscribed.pk) if called == "id" else called, "--wait", stdout=output)

    invoice = Invoice.objects.get(period__end=RENEWAL)
    assert output.getvalue().splitlines() == ["Done", f"Invoice {invoice.number}: 20.00 USD, paid"]


@pytest.mark.usefixtures("worker_in_place")
def test_the_command_goes_on_to_an_instant(shop: Shop, subscribed: Organization) -> None:
    call_command("advance_clock", "Acme", "--wait", "--to", "2026-06-20", stdout=StringIO())

    closed = BillingPeriod.objects.filter(status="closed").values_list("end", flat=True)
    assert list(closed) == [RENEWAL, SECOND_RENEWAL]


def test_the_command_says_what_is_wrong(shop: Shop, acme: Organization) -> None:
    with pytest.raises(CommandError, match="No organization"):
        call_command("advance_clock", "nobody@example.com")
    with pytest.raises(CommandError, match="Subscribe"):
        call_command("advance_clock", "Acme")
