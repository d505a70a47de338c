"""Strong customer authentication: the cardholder answers the bank's question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.checkout.complete import customer_of, settle
from sandbox.stripe.checkout.setup import succeed
from sandbox.stripe.errors import StripeError
from sandbox.stripe.lifecycle.payments import attempt
from sandbox.stripe.resources.payment_intents import pay
from sandbox.stripe.values import Obj, hidden, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

CODE = "payment_intent_authentication_failure"
MESSAGE = "We are unable to authenticate your payment method. Please choose a different payment method and try again."


def authenticate(desk: Desk, intent: Obj, *, agreed: bool) -> Obj | None:
    """Charge after a yes, and answer the session that is complete now (None outside Checkout); a no is a refusal."""
    method = desk.need("payment_method", intent["payment_method"])
    if not agreed:
        _refuse(desk, intent, method)
    session = desk.load(hidden(intent).get("session") or "")
    if session and intent["object"] == "setup_intent":
        succeed(desk, intent, method)
        settle(desk, session, customer_of(desk, session), intent, method)
        return session
    if session is None:
        pay(desk, intent, method, off_session=False, authenticated=True)
        return None
    decline = attempt(desk, intent, method, off_session=False, authenticated=True)
    if decline:
        raise decline.error(desk, intent)
    settle(desk, session, customer_of(desk, session), intent, method)
    return session


def _refuse(desk: Desk, intent: Obj, method: Obj) -> None:
    code = "setup_intent_authentication_failure" if intent["object"] == "setup_intent" else CODE
    error = {"type": "invalid_request_error", "code": code, "message": MESSAGE, "payment_method": public(method)}
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    sets_up = intent["object"] == "setup_intent"
    intent["last_setup_error" if sets_up else "last_payment_error"] = error
    desk.save(intent)
    desk.emit("setup_intent.setup_failed" if sets_up else "payment_intent.payment_failed", intent)
    raise StripeError(MESSAGE, status=402, kind="card_error", code=code)
