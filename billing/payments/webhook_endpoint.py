"""Our webhook endpoint at Stripe: made once per address, and made anew where its secret was lost."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import stripe
from django.conf import settings
from django.urls import reverse
from stripe.params import WebhookEndpointCreateParams, WebhookEndpointUpdateParams

from billing.payments.client import client
from billing.payments.guard import refuse_livemode
from billing.payments.webhook_secret import EndpointSecret, keep_secret, kept_secret

PAGE = 100
# The payloads are kept for people; handling fetches the objects in the SDK's own version.
API_VERSION: Final = "2026-10-28.endive"
WANTED: WebhookEndpointUpdateParams = {
    "enabled_events": [
        "checkout.session.async_payment_failed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "customer.subscription.created",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.pending_update_applied",
        "customer.subscription.pending_update_expired",
        "customer.subscription.resumed",
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalization_failed",
        "invoice.finalized",
        "invoice.marked_uncollectible",
        "invoice.paid",
        "invoice.payment_action_required",
        "invoice.payment_failed",
        "invoice.updated",
        "invoice.voided",
    ],
    "disabled": False,
}


def endpoint_url() -> str:
    return str(settings.PORTAL_URL) + reverse("stripe_webhook")


def can_be_reached() -> bool:
    """Stripe delivers to public addresses only; its stand-in delivers anywhere on this machine."""
    host = urlsplit(settings.PORTAL_URL).hostname or ""
    try:
        is_public = ip_address(host).is_global
    except ValueError:
        is_public = host != "localhost"
    return bool(settings.STRIPE_SANDBOX_URL) or is_public


def ensure_endpoint() -> stripe.WebhookEndpoint:
    """Answer the one endpoint of our address, whose secret is kept here. Again, it changes nothing.

    The endpoints of this address that we have no secret of are removed: what they deliver can't be verified.
    """
    kept = kept_secret()
    standing = None
    for endpoint in _endpoints_of_our_address():
        refuse_livemode(livemode=endpoint.livemode)
        if kept and endpoint.id == kept.endpoint and endpoint.api_version == API_VERSION:
            standing = endpoint
        else:
            client().v1.webhook_endpoints.delete(endpoint.id)
    return _brought_up_to_date(standing) if standing else _make()


def _endpoints_of_our_address() -> list[stripe.WebhookEndpoint]:
    endpoints = client().v1.webhook_endpoints.list({"limit": PAGE}).auto_paging_iter()
    return [endpoint for endpoint in endpoints if endpoint.url == endpoint_url()]


def _make() -> stripe.WebhookEndpoint:
    """Make the endpoint and keep its secret, which Stripe tells this once.

    No intent precedes it: an endpoint whose secret did not arrive here is useless, and the next run removes it.
    """
    request: WebhookEndpointCreateParams = {
        "url": endpoint_url(),
        "enabled_events": WANTED["enabled_events"],
        "api_version": API_VERSION,
        "description": f"{settings.BRAND_NAME} portal",
    }
    endpoint = client().v1.webhook_endpoints.create(request)
    keep_secret(EndpointSecret(endpoint=endpoint.id, secret=endpoint.secret or ""))
    return endpoint


def _brought_up_to_date(endpoint: stripe.WebhookEndpoint) -> stripe.WebhookEndpoint:
    if sorted(endpoint.enabled_events) == sorted(WANTED["enabled_events"]) and endpoint.status == "enabled":
        return endpoint
    return client().v1.webhook_endpoints.update(endpoint.id, WANTED)
