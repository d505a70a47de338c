"""Stripe's hosted page: which sessions are asked for, and with what."""

from datetime import datetime

import stripe
from django.conf import settings
from stripe.params import ProductCreateParams
from stripe.params.checkout import SessionCreateParams, SessionExpireParams

from billing.models import Checkout
from billing.payments.calls import call_once, nothing_to_find
from billing.payments.client import client
from billing.payments.guard import refuse_livemode
from billing.payments.objects import first, metadata_of

PAGE = 100
# Stripe fills in the id when it sends the customer back.
SUCCESS_PATH = "/billing/checkout/?session={CHECKOUT_SESSION_ID}"
CANCEL_PATH = "/billing/checkout/canceled/"


def open_session(checkout: Checkout, *, customer: str, now: datetime) -> stripe.checkout.Session:
    """Answer the session of this attempt to buy, made once."""
    session_id = call_once(
        "checkout-session",
        str(checkout.pk),
        request=_request(checkout, customer=customer, now=now),
        send=client().v1.checkout.sessions.create,
        find=lambda: first(
            each
            for each in client().v1.checkout.sessions.list({"customer": customer, "limit": PAGE}).auto_paging_iter()
            if each.client_reference_id == str(checkout.pk)
        ),
        now=now,
    )
    return fetch_session(session_id)


def fetch_session(session_id: str) -> stripe.checkout.Session:
    session = client().v1.checkout.sessions.retrieve(session_id)
    refuse_livemode(livemode=session.livemode)
    return session


def expire_session(checkout: Checkout, *, now: datetime) -> None:
    """Have the page refuse payment from now on. Raises `ProviderRefused` where the session is no longer open."""
    nothing: SessionExpireParams = {}
    call_once(
        "expire-session",
        str(checkout.pk),
        request=nothing,
        send=lambda params, options: client().v1.checkout.sessions.expire(
            checkout.stripe_session_id or "", params, options
        ),
        find=nothing_to_find,
        now=now,
    )


def _request(checkout: Checkout, *, customer: str, now: datetime) -> SessionCreateParams:
    request: SessionCreateParams = {
        "customer": customer,
        "client_reference_id": str(checkout.pk),
        "success_url": settings.PORTAL_URL + SUCCESS_PATH,
        "cancel_url": settings.PORTAL_URL + CANCEL_PATH,
        "metadata": _marks(checkout),
    }
    return request | (
        _subscription(checkout) if checkout.kind == Checkout.Kind.SUBSCRIPTION else _credit(checkout, now=now)
    )


def _marks(checkout: Checkout) -> dict[str, str]:
    return {"organization": str(checkout.organization_id), "checkout": str(checkout.pk)}


def _subscription(checkout: Checkout) -> SessionCreateParams:
    version = checkout.plan_version
    assert version is not None, "a constraint of the table"
    return {
        "mode": "subscription",
        "line_items": [{"price": version.stripe_price_id, "quantity": 1}],
        "subscription_data": {
            "metadata": _marks(checkout) | {"plan_version": str(version.pk)},
            "billing_mode": {"type": "flexible"},
        },
    }


def _credit(checkout: Checkout, *, now: datetime) -> SessionCreateParams:
    return {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": checkout.currency.lower(),
                    "unit_amount": checkout.amount,
                    "product": _credit_product(now=now),
                },
            }
        ],
        # The card is kept, so that credit can be recharged without the customer at the screen.
        "payment_intent_data": {"setup_future_usage": "off_session", "metadata": _marks(checkout)},
        "invoice_creation": {"enabled": True, "invoice_data": {"metadata": _marks(checkout)}},
    }


def _credit_product(*, now: datetime) -> str:
    """Answer the product that credit purchases name; the call's row remembers its id."""
    products = client().v1.products
    request: ProductCreateParams = {"name": "Prepaid credit", "metadata": {"tollway": "credit"}}
    return call_once(
        "product",
        "credit",
        request=request,
        send=products.create,
        find=lambda: first(
            each
            for each in products.list({"limit": PAGE}).auto_paging_iter()
            if metadata_of(each).get("tollway") == "credit"
        ),
        now=now,
    )
