"""Nothing by hand: the stand-in posts signed webhooks to a real server, and a real worker does the jobs."""

import time
from collections.abc import Callable, Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from billing.models import Checkout, Invoice, Subscription, WebhookEvent
from billing.open_account import open_account
from billing.payments.demo_clock import Step, advance, progress
from billing.tasks import advance_demo_clock
from config.celery import app
from tests.billing.payments.shop import Shop, unhandled
from tests.factories import make_organization


@pytest.fixture
def worker() -> Iterator[None]:
    with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=30):
        yield


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.1)
    pytest.fail("It did not happen within 20 seconds.")


@pytest.mark.usefixtures("worker")
def test_paying_and_renewing_need_nothing_but_webhooks_and_a_worker(
    live_server: LiveServer, stripe_settings: Settings
) -> None:
    stripe_settings.PORTAL_URL = live_server.url
    stripe_settings.STRIPE_WEBHOOK_SECRET = ""
    now = timezone.now()
    organization = make_organization(now=now)
    open_account(organization, now=now)
    call_command("connect_stripe")
    shop = Shop(now=now)

    shop.pay(shop.checkout(organization))

    wait_until(lambda: Checkout.objects.filter(status="completed").exists())
    wait_until(lambda: Invoice.objects.filter(status="paid").exists())
    assert Subscription.objects.get().status == "active"

    advance(organization, now=now)
    advance_demo_clock.delay(str(organization.pk))

    def is_done() -> bool:
        state = progress(organization)
        return state is not None and state.step == Step.DONE

    wait_until(is_done)
    assert Invoice.objects.get(period__isnull=False).status == "paid"
    wait_until(lambda: WebhookEvent.objects.exists() and not unhandled())
