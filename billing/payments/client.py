"""The one client of Stripe: explicit, built from the settings, and never the SDK's module-level globals."""

import logging
from functools import cache

import stripe
from django.conf import settings

from billing.payments.guard import PaymentSettings, refuse_unsafe

TIMEOUT_SECONDS = 20
# Only what repeats safely is repeated by the SDK: connection errors, 409 and 5xx, under one idempotency key.
NETWORK_RETRIES = 2

# It tells each request and answer at the level that a worker logs at.
logging.getLogger("stripe").setLevel(logging.WARNING)
# Otherwise the SDK writes an identifier into the home directory and reports about this machine.
stripe.enable_telemetry = False


def client() -> stripe.StripeClient:
    """Answer the client for the present settings; raises `ImproperlyConfigured` where they are unsafe or missing."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_SANDBOX_URL)


@cache
def _client(key: str, sandbox_url: str) -> stripe.StripeClient:
    refuse_unsafe(PaymentSettings.current())
    return stripe.StripeClient(
        key,
        base_addresses={"api": sandbox_url, "files": sandbox_url, "meter_events": sandbox_url} if sandbox_url else {},
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        max_network_retries=NETWORK_RETRIES,
    )
