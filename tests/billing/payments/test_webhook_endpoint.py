"""`connect_stripe` leaves one endpoint whose secret is kept, however often it runs and whatever was lost."""

import stat
from io import StringIO
from pathlib import Path

import pytest
import stripe
from django.core.management import call_command
from pytest_django import Settings

from billing.models import PlanVersion
from billing.payments.webhook_endpoint import API_VERSION, WANTED, can_be_reached, endpoint_url
from billing.payments.webhook_secret import kept_secret, webhook_secret
from tests.billing.payments.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_address(stripe_settings: Settings, tmp_path: Path) -> None:
    """An address of this test's own, because the stand-in keeps the endpoints of others."""
    stripe_settings.STRIPE_WEBHOOK_SECRET = ""
    stripe_settings.PORTAL_URL = f"http://127.0.0.1:8000/{tmp_path.name}"


def connect() -> str:
    output = StringIO()
    call_command("connect_stripe", stdout=output)
    return output.getvalue()


def endpoints(provider: stripe.StripeClient) -> list[stripe.WebhookEndpoint]:
    return [each for each in provider.v1.webhook_endpoints.list({"limit": 100}).data if each.url == endpoint_url()]


def test_the_endpoint_is_made_once_in_our_version(provider: stripe.StripeClient, tmp_path: Path) -> None:
    connect()
    secret = webhook_secret()
    connect()

    assert webhook_secret() == secret
    assert secret.startswith("whsec_")
    (endpoint,) = endpoints(provider)
    assert endpoint.api_version == API_VERSION
    assert sorted(endpoint.enabled_events) == sorted(WANTED["enabled_events"])
    file = tmp_path / "secrets" / "stripe_webhook_secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_endpoint_whose_secret_was_lost_is_made_anew(provider: stripe.StripeClient, tmp_path: Path) -> None:
    connect()
    (lost,) = endpoints(provider)
    (tmp_path / "secrets" / "stripe_webhook_secret").unlink()

    connect()

    (endpoint,) = endpoints(provider)
    kept = kept_secret()
    assert kept is not None
    assert endpoint.id == kept.endpoint != lost.id


def test_a_secret_whose_endpoint_was_deleted_is_replaced(provider: stripe.StripeClient) -> None:
    connect()
    before = webhook_secret()
    provider.v1.webhook_endpoints.delete(endpoints(provider)[0].id)

    connect()

    assert len(endpoints(provider)) == 1
    assert webhook_secret() != before


def test_an_endpoint_that_was_switched_off_or_narrowed_is_mended(provider: stripe.StripeClient) -> None:
    connect()
    (endpoint,) = endpoints(provider)
    provider.v1.webhook_endpoints.update(endpoint.id, {"disabled": True, "enabled_events": ["invoice.paid"]})

    connect()

    (mended,) = endpoints(provider)
    assert (mended.id, mended.status) == (endpoint.id, "enabled")
    assert sorted(mended.enabled_events) == sorted(WANTED["enabled_events"])


def test_a_secret_of_the_environment_wins(stripe_settings: Settings, provider: stripe.StripeClient) -> None:
    stripe_settings.STRIPE_WEBHOOK_SECRET = "whsec_from_the_command_line"

    assert "STRIPE_WEBHOOK_SECRET" in connect()
    assert webhook_secret() == "whsec_from_the_command_line"
    assert endpoints(provider) == []


def test_stripe_itself_is_not_sent_to_this_machine(stripe_settings: Settings) -> None:
    stripe_settings.STRIPE_SANDBOX_URL = ""
    assert not can_be_reached()

    stripe_settings.PORTAL_URL = "http://localhost:8000"
    assert not can_be_reached()

    stripe_settings.PORTAL_URL = "https://tollway.example"
    assert can_be_reached()


def test_without_a_key_there_is_nothing_to_connect(stripe_settings: Settings) -> None:
    stripe_settings.STRIPE_SECRET_KEY = stripe_settings.STRIPE_SANDBOX_URL = ""

    assert "nothing can be bought" in connect()


def test_plans_that_are_not_there_yet_are_brought(shop: Shop) -> None:
    version = shop.plan("scale", now=shop.now, fee=20_000)
    price = shop.stripe.v1.prices.retrieve(version.stripe_price_id)
    assert (price.unit_amount, price.currency, price.lookup_key) == (20_000, "usd", "scale_v1")
    assert price.recurring
    assert price.recurring.interval == "month"
    assert price.metadata
    assert price.metadata["plan_version"] == str(version.pk)

    assert "Plans: 0 new" in connect()
    assert PlanVersion.objects.get(pk=version.pk).stripe_price_id == price.id
