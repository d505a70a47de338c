"""PaymentIntents, with cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._payment_intent_cancel_params import PaymentIntentCancelParams
from stripe.params._payment_intent_confirm_params import PaymentIntentConfirmParams
from stripe.params._payment_intent_create_params import PaymentIntentCreateParams
from stripe.params._payment_intent_list_params import PaymentIntentListParams
from stripe.params._payment_intent_retrieve_params import PaymentIntentRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.lifecycle.cards import attach, resolve_method
from sandbox.stripe.lifecycle.collect import mark_paid, note_failure
from sandbox.stripe.lifecycle.payments import attempt, create_intent
from sandbox.stripe.money import minimum
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, clock_of, hidden, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

CREATE = "amount currency customer payment_method confirm off_session setup_future_usage description receipt_email "
CREATE += "automatic_payment_methods payment_method_types statement_descriptor statement_descriptor_suffix return_url "
CREATE += "error_on_requires_action"
CONFIRM = "payment_method off_session return_url receipt_email setup_future_usage error_on_requires_action"
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


@route("POST", "/v1/payment_intents", PaymentIntentCreateParams, CREATE)
def create_payment_intent(call: Call) -> Obj:
    """Make a PaymentIntent, and charge it if `confirm` says so."""
    desk, params = call.desk, call.params
    currency = params["currency"].lower()
    if params["amount"] < minimum(currency):
        message = f"Amount must be at least {minimum(currency)} cents ({currency})."
        raise invalid(message, param="amount", code="amount_too_small")
    customer = desk.need("customer", params["customer"], param="customer") if "customer" in params else None
    clock = customer["test_clock"] if customer else None
    method = _method(desk, params, customer, clock)
    intent = _new(desk, params, customer, method)
    if params.get("confirm"):
        _confirm(desk, intent, params)
    elif params.get("off_session"):
        raise invalid("off_session may only be used with confirm=true.", param="off_session")
    return present(desk, intent)


def _new(desk: Desk, params: Obj, customer: Obj | None, method: Obj | None) -> Obj:
    same = ("description", "receipt_email", "setup_future_usage", "statement_descriptor", "statement_descriptor_suffix")
    automatic = params.get("automatic_payment_methods") or ("payment_method_types" not in params and {"enabled": True})
    intent = create_intent(
        desk,
        amount=params["amount"],
        currency=params["currency"].lower(),
        clock=customer["test_clock"] if customer else None,
        customer=customer["id"] if customer else None,
        metadata=merge_metadata({}, params.get("metadata")),
        automatic_payment_methods=({"allow_redirects": "always"} | automatic) if automatic else None,
        payment_method_types=params.get("payment_method_types", ["card"]),
        **{key: params[key] for key in same if key in params},
        emit=False,
    )
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
        desk.save(intent)
    desk.emit("payment_intent.created", intent)
    return intent


def _method(desk: Desk, params: Obj, customer: Obj | None, clock: str | None) -> Obj | None:
    if "payment_method" not in params:
        return None
    method = resolve_method(desk, params["payment_method"], clock=clock, param="payment_method")
    if method["customer"] and method["customer"] != (customer and customer["id"]):
        message = (
            "The provided PaymentMethod belongs to a customer. Pass that customer as well, or a PaymentMethod "
            "that is not attached to another customer."
        )
        raise invalid(message, param="payment_method", code="payment_intent_invalid_parameter")
    return method


@route("GET", "/v1/payment_intents/{id}", PaymentIntentRetrieveParams, "client_secret")
def retrieve_payment_intent(call: Call) -> Obj:
    """Answer a PaymentIntent."""
    return present(call.desk, call.desk.need("payment_intent", call.id))


@route("POST", "/v1/payment_intents/{id}/confirm", PaymentIntentConfirmParams, CONFIRM)
def confirm_payment_intent(call: Call) -> Obj:
    """Charge a PaymentIntent, that of an open invoice too."""
    desk, intent = call.desk, call.desk.need("payment_intent", call.id)
    if intent["status"] not in CONFIRMABLE:
        message = f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}."
        raise invalid(message, code="payment_intent_unexpected_state")
    _confirm(desk, intent, call.params)
    return present(desk, intent)


def _confirm(desk: Desk, intent: Obj, params: Obj) -> None:
    ident = params.get("payment_method") or intent["payment_method"]
    if ident is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise invalid(message, code="payment_intent_unexpected_state")
    method = resolve_method(desk, ident, clock=clock_of(intent), param="payment_method")
    if "setup_future_usage" in params:
        intent["setup_future_usage"] = params["setup_future_usage"] or None
    hidden(intent)["return_url"] = params.get("return_url")
    pay(desk, intent, method, off_session=bool(params.get("off_session")))
    if intent["status"] == "requires_action" and params.get("error_on_requires_action"):
        raise StripeError(
            "This payment required an authentication action to complete, but `error_on_requires_action` was set.",
            status=402,
            kind="card_error",
            code="authentication_required",
        )


def pay(desk: Desk, intent: Obj, method: Obj, *, off_session: bool, authenticated: bool = False) -> None:
    """Charge a card and settle what the PaymentIntent belongs to; raise the 402 of a decline."""
    decline = attempt(desk, intent, method, off_session=off_session, authenticated=authenticated)
    invoice = desk.load(hidden(intent)["invoice"] or "")
    if decline:
        if invoice:
            note_failure(desk, invoice, decline, automatic=False)
        raise decline.error(desk, intent, method=method["id"])
    if intent["status"] != "succeeded":
        return
    save_card(desk, intent, method)
    if invoice:
        mark_paid(desk, invoice)


def save_card(desk: Desk, intent: Obj, method: Obj) -> None:
    """Attach the card that was paid with, when it is to be used again."""
    if intent["setup_future_usage"] and intent["customer"] and method["customer"] is None:
        attach(desk, method, desk.need("customer", intent["customer"]))


@route("POST", "/v1/payment_intents/{id}/cancel", PaymentIntentCancelParams, "cancellation_reason")
def cancel_payment_intent(call: Call) -> Obj:
    """Cancel a PaymentIntent that has not been paid and belongs to no invoice."""
    desk, intent = call.desk, call.desk.need("payment_intent", call.id)
    if intent["status"] not in CONFIRMABLE:
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        raise invalid(message, code="payment_intent_unexpected_state")
    if hidden(intent)["invoice"]:
        raise invalid("You cannot cancel the PaymentIntent of an invoice. Void the invoice instead.")
    intent |= {"status": "canceled", "canceled_at": desk.now(clock_of(intent)), "next_action": None}
    intent["cancellation_reason"] = call.params.get("cancellation_reason")
    desk.save(intent)
    desk.emit("payment_intent.canceled", intent)
    return present(desk, intent)


@route("GET", "/v1/payment_intents", PaymentIntentListParams, LIST + " customer")
def list_payment_intents(call: Call) -> Obj:
    """List PaymentIntents."""
    query = listing.Query("payment_intent")
    query.equal("customer", call.params.get("customer"))
    return listing.answer(call, query)
