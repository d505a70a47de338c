"""What follows a payment on Stripe's page. The page that the customer returns to and the webhook both come here."""

import re
from datetime import datetime
from uuid import UUID

import stripe
import structlog
from django.conf import settings

from accounts.actor import Actor
from billing.credits import grant_paid_credit
from billing.models import Checkout
from billing.payments.calls import translated_failures
from billing.payments.invoices import sync_invoice
from billing.payments.locks import one_at_a_time
from billing.payments.objects import id_of
from billing.payments.sessions import fetch_session
from billing.payments.subscriptions import sync_subscription
from core.errors import Conflict

CHECKOUT = Actor.job("checkout")
TEST_SESSION = re.compile(r"^cs_test_")
SETTLED = ("paid", "no_payment_required")

log = structlog.get_logger(__name__)


class PurchaseDiffers(Conflict):
    """What was paid is not what our row says; nothing was granted."""

    code = "purchase_differs"
    title = "The payment does not fit the purchase"


@translated_failures()
def finish_checkout(session_id: str, *, now: datetime) -> Checkout | None:
    """Bring an attempt to buy to where Stripe has it, and do what its payment is for, once.

    Answers None for a session that is not ours. An open session is left open.
    """
    if not TEST_SESSION.match(session_id) and not settings.STRIPE_ALLOW_LIVE:
        return None
    checkout = _checkout_of(session_id)
    if checkout is None:
        return None
    with one_at_a_time(checkout.organization_id):
        session = fetch_session(session_id)
        checkout.refresh_from_db()
        if checkout.status == Checkout.Status.COMPLETED:
            return checkout
        if session.status == "complete" and session.payment_status in SETTLED:
            _complete(checkout, session, now=now)
        elif session.status == "expired":
            _save(checkout, session, Checkout.Status.EXPIRED)
        return checkout


def _checkout_of(session_id: str) -> Checkout | None:
    """Find the attempt by its session, or by the id that we gave the session, should a crash have lost the answer."""
    known = Checkout.objects.filter(stripe_session_id=session_id).first()
    if known:
        return known
    try:
        reference = UUID(fetch_session(session_id).client_reference_id or "")
    except (ValueError, stripe.InvalidRequestError):
        return None
    return Checkout.objects.filter(pk=reference, stripe_session_id=None).first()


def _complete(checkout: Checkout, session: stripe.checkout.Session, *, now: datetime) -> None:
    """Do what was paid for, then mark the attempt: interrupted in between, all of it is done again, once."""
    if checkout.kind == Checkout.Kind.SUBSCRIPTION:
        sync_subscription(id_of(session.subscription), now=now)
    else:
        _grant_credit(checkout, session, now=now)
    if session.invoice:
        sync_invoice(id_of(session.invoice), now=now)
    checkout.completed_at = now
    _save(checkout, session, Checkout.Status.COMPLETED)
    log.info("checkout_completed", checkout=str(checkout.pk), kind=checkout.kind)


def _grant_credit(checkout: Checkout, session: stripe.checkout.Session, *, now: datetime) -> None:
    """Grant what our own row says, once per purchase, having compared it with what was paid."""
    paid = (session.amount_subtotal, (session.currency or "").upper())
    if paid != (checkout.amount, checkout.currency):
        raise PurchaseDiffers(f"{checkout} is for {checkout.amount} {checkout.currency}, paid were {paid}.")
    grant_paid_credit(
        checkout.organization,
        cents=checkout.amount,
        operation_key=f"credit-purchase:{checkout.pk}",
        actor=CHECKOUT,
        now=now,
    )


def _save(checkout: Checkout, session: stripe.checkout.Session, status: Checkout.Status) -> None:
    checkout.status = status
    checkout.stripe_session_id = session.id
    checkout.save(update_fields=["status", "stripe_session_id", "completed_at"])
