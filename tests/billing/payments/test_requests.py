"""Everything that the product sends to Stripe, seen on the wire: the API version, our own keys, and nothing unasked.

The names and types of the parameters are refused by the stand-in where the SDK's own parameter types do not have them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe
from django.core.management import call_command

from accounts.models import Organization
from billing.models import ProviderCall, Subscription
from billing.payments.checkout import start_credit_checkout
from billing.payments.webhook_endpoint import API_VERSION
from core.usage import TokenCounts
from tests.billing.payments.shop import STAFF, Shop
from tests.factories import make_key, make_model, use

RENEWAL = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
OUR_KEY = re.compile(r"^tollway:[a-z-]+:[A-Za-z0-9_:-]+:\d+$")
PROVIDER_ID = re.compile(r"/(?:cs_test|clock|[a-z]{2,5})_[A-Za-z0-9]{14,}")

# Posts that are harmless when they happen again: no key of ours is owed.
REPEATABLE = {
    "POST /v1/test_helpers/test_clocks/*/advance",
    "POST /v1/webhook_endpoints",
    "DELETE /v1/webhook_endpoints/*",
}
EXPECTED = {
    "GET /v1/checkout/sessions/*",
    "GET /v1/customers",
    "GET /v1/invoice_payments",
    "GET /v1/invoices",
    "GET /v1/invoices/*",
    "GET /v1/invoices/*/lines",
    "GET /v1/subscriptions/*",
    "GET /v1/test_helpers/test_clocks/*",
    "GET /v1/webhook_endpoints",
    "POST /v1/checkout/sessions",
    "POST /v1/checkout/sessions/*/expire",
    "POST /v1/customers",
    "POST /v1/invoices",
    "POST /v1/invoices/*",
    "POST /v1/invoices/*/add_lines",
    "POST /v1/invoices/*/finalize",
    "POST /v1/prices",
    "POST /v1/products",
    "POST /v1/test_helpers/test_clocks",
} | REPEATABLE


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]

    @property
    def operation(self) -> str:
        return f"{self.method.upper()} {PROVIDER_ID.sub('/*', self.path)}"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    recorded: list[Sent] = []
    original = stripe.RequestsClient.request

    def request(self: stripe.RequestsClient, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        parts = urlsplit(url)
        recorded.append(Sent(method, parts.path, dict(headers), parse_qs(post_data or parts.query)))
        return original(self, method, url, headers, post_data)

    monkeypatch.setattr(stripe.RequestsClient, "request", request)
    return recorded


def live_through_everything(shop: Shop, organization: Organization) -> None:
    shop.checkout(organization)
    shop.subscribe(organization)
    shop.pay(start_credit_checkout(organization, 500, actor=STAFF, now=shop.now))
    key, spark = make_key(organization, now=shop.now).key, make_model(now=shop.now)
    use(key, spark, at=shop.now, counts=TokenCounts(output=10_000_000))
    shop.advance(organization, RENEWAL)
    shop.deliver()
    shop.advance(organization, RENEWAL + timedelta(hours=4))
    shop.deliver()
    use(key, spark, at=RENEWAL, counts=TokenCounts(output=10_000_000))
    shop.advance(organization, RENEWAL + timedelta(days=1))
    own_key: stripe.RequestOptions = {"idempotency_key": "tollway:test:cancel:1"}
    shop.stripe.v1.subscriptions.cancel(Subscription.objects.get().stripe_subscription_id, {}, own_key)
    shop.deliver()


def test_every_change_has_our_key_and_every_request_the_version(
    shop: Shop, acme: Organization, sent: list[Sent], settings: Any
) -> None:
    settings.STRIPE_WEBHOOK_SECRET, secret = "", settings.STRIPE_WEBHOOK_SECRET
    call_command("connect_stripe")
    settings.STRIPE_WEBHOOK_SECRET = secret

    live_through_everything(shop, acme)

    seen = {request.operation for request in sent}
    assert seen - EXPECTED - {"GET /v1/events", "DELETE /v1/subscriptions/*"} == set()
    assert {request.headers["Stripe-Version"] for request in sent} == {API_VERSION}
    assert not any("X-Stripe-Client-Telemetry" in request.headers for request in sent)
    changes = [request for request in sent if request.method != "get" and request.operation not in REPEATABLE]
    assert len(changes) > 10
    for change in changes:
        assert OUR_KEY.match(change.headers["Idempotency-Key"]), change
    keys = [change.headers["Idempotency-Key"] for change in changes]
    assert len(keys) == len(set(keys)), "No change was made twice."
    assert not ProviderCall.objects.exclude(status="succeeded").exists()


def test_a_session_asks_for_what_the_plan_costs_and_no_more(shop: Shop, acme: Organization, sent: list[Sent]) -> None:
    shop.checkout(acme)

    (created,) = [request for request in sent if request.operation == "POST /v1/checkout/sessions"]
    form = {name: value for name, (value,) in created.form.items()}
    assert form["mode"] == "subscription"
    assert form["line_items[0][price]"] == shop.version.stripe_price_id
    assert form["line_items[0][quantity]"] == "1"
    assert form["subscription_data[billing_mode][type]"] == "flexible"
    assert form["subscription_data[metadata][organization]"] == str(acme.pk)
    assert "{CHECKOUT_SESSION_ID}" in form["success_url"]
    assert "ui_mode" not in form
