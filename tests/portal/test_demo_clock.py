"""The demo's clock: from the button to a paid invoice, against the payment provider's stand-in."""

from datetime import datetime

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Organization, User
from billing.models import Invoice, Subscription
from billing.tasks import advance_demo_clock
from tests.actors import browser_of
from tests.billing.payments.shop import Shop
from tests.billing.plans import TOKENS
from tests.factories import make_key, make_model, use

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer the jobs that pages enqueue, instead of sending them to a worker."""
    enqueued: list[str] = []
    monkeypatch.setattr(advance_demo_clock, "delay", enqueued.append)
    return enqueued


@pytest.fixture
def browser(ada: User) -> Client:
    return browser_of(ada)


def test_advancing_ends_with_a_paid_invoice_that_lists_the_tokens(
    shop: Shop, acme: Organization, browser: Client, jobs: list[str], now: datetime
) -> None:
    shop.subscribe(acme)
    use(make_key(acme, now=now).key, make_model(now=now), at=now, counts=TOKENS)

    answer = browser.post("/billing/clock/")
    under_way = browser.get("/billing/clock/", {"part": "progress"}).content.decode()
    advance_demo_clock(*jobs)
    shop.deliver()
    page = browser.get("/billing/clock/").content.decode()

    invoice = Invoice.objects.get(period__isnull=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/billing/clock/")
    assert "Advancing to the end of the period" in under_way
    assert 'hx-trigger="every 1s"' in under_way
    assert 'hx-trigger="every 1s"' not in page
    assert invoice.status == "paid"
    assert f"/invoices/{invoice.pk}/" in page
    assert "muse-spark input tokens" in browser.get(f"/invoices/{invoice.pk}/").content.decode()


@pytest.mark.parametrize("is_billed", [True, False])
def test_a_canceled_subscription_advances_past_its_end(
    shop: Shop, acme: Organization, browser: Client, jobs: list[str], now: datetime, *, is_billed: bool
) -> None:
    shop.subscribe(acme)
    if is_billed:
        use(make_key(acme, now=now).key, make_model(now=now), at=now, counts=TOKENS)
    browser.post("/billing/cancellation/")
    assert "Advance past the end" in browser.get("/billing/").content.decode()

    browser.post("/billing/clock/")
    advance_demo_clock(*jobs)
    shop.deliver()

    page = browser.get("/billing/clock/").content.decode()
    assert "It did not work" not in page
    assert Subscription.objects.get().status == "canceled"
    assert [each.status for each in Invoice.objects.filter(period__isnull=False)] == ["paid"] * is_billed


def test_the_button_is_on_the_billing_page_of_a_subscriber(shop: Shop, acme: Organization, browser: Client) -> None:
    before = browser.get("/billing/").content.decode()
    shop.subscribe(acme)
    after = browser.get("/billing/").content.decode()

    assert "Advance to next invoice" not in before
    assert "Subscribe to a plan first" in before
    assert "Advance to next invoice" in after


def test_pressing_twice_advances_once(shop: Shop, acme: Organization, browser: Client, jobs: list[str]) -> None:
    shop.subscribe(acme)

    browser.post("/billing/clock/")
    browser.post("/billing/clock/")
    for job in jobs:
        advance_demo_clock(job)
    shop.deliver()

    assert Invoice.objects.filter(period__isnull=False).count() == 1


@pytest.mark.usefixtures("shop")
def test_without_a_subscription_it_says_why_not(browser: Client, jobs: list[str]) -> None:
    answer = browser.post("/billing/clock/")

    assert answer.status_code == 409
    assert "Subscribe to a plan first" in answer.content.decode()
    assert jobs == []


def test_outside_the_demo_there_is_no_clock(acme: Organization, browser: Client, settings: Settings) -> None:
    settings.DEMO = False

    assert browser.get("/billing/clock/").status_code == 404
    assert browser.post("/billing/clock/").status_code == 404
    assert "Demo:" not in browser.get("/billing/").content.decode()
