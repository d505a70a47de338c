"""PaymentMethods, of cards alone."""

from __future__ import annotations

from stripe.params._customer_list_payment_methods_params import CustomerListPaymentMethodsParams
from stripe.params._customer_retrieve_payment_method_params import CustomerRetrievePaymentMethodParams
from stripe.params._payment_method_attach_params import PaymentMethodAttachParams
from stripe.params._payment_method_create_params import PaymentMethodCreateParams
from stripe.params._payment_method_detach_params import PaymentMethodDetachParams
from stripe.params._payment_method_list_params import PaymentMethodListParams
from stripe.params._payment_method_retrieve_params import PaymentMethodRetrieveParams
from stripe.params._payment_method_update_params import PaymentMethodUpdateParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, missing_param, no_such, not_here
from sandbox.stripe.lifecycle.cards import attach, detach, new_method, resolve_method
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, merge_metadata


@route("POST", "/v1/payment_methods", PaymentMethodCreateParams, "type card billing_details allow_redisplay")
def create_payment_method(call: Call) -> Obj:
    """Make a card of a test number, or of a token such as `tok_visa`."""
    params = call.params
    if params.get("type") != "card":
        raise missing_param("type") if "type" not in params else not_here(f"The payment method {params['type']}")
    card = params.get("card") or {}
    billing = params.get("billing_details")
    if "token" in card:
        token = card["token"].replace("tok_", "pm_card_", 1)
        method = resolve_method(call.desk, token, clock=None, param="card[token]")
    else:
        if "number" not in card:
            raise missing_param("card[number]")
        expiry = (card.get("exp_month", 12), card.get("exp_year", 2034))
        method = new_method(call.desk, card["number"].replace(" ", ""), clock=None, expiry=expiry)
    method["metadata"] = merge_metadata({}, params.get("metadata"))
    method["allow_redisplay"] = params.get("allow_redisplay", "unspecified")
    _bill(method, billing or {})
    call.desk.save(method)
    return present(call.desk, method)


@route("GET", "/v1/payment_methods/{id}", PaymentMethodRetrieveParams)
def retrieve_payment_method(call: Call) -> Obj:
    """Answer a card."""
    return present(call.desk, call.desk.need("payment_method", call.id))


@route(
    "POST",
    "/v1/payment_methods/{id}",
    PaymentMethodUpdateParams,
    "billing_details allow_redisplay card.exp_month card.exp_year",
)
def update_payment_method(call: Call) -> Obj:
    """Change a card's address or its expiry."""
    method = call.desk.need("payment_method", call.id)
    with call.desk.changing(method, "payment_method.updated"):
        method["metadata"] = merge_metadata(method["metadata"], call.params.get("metadata"))
        method["card"] |= call.params.get("card", {})
        method["allow_redisplay"] = call.params.get("allow_redisplay", method["allow_redisplay"])
        _bill(method, call.params.get("billing_details") or {})
    return present(call.desk, method)


@route("POST", "/v1/payment_methods/{id}/attach", PaymentMethodAttachParams, "customer")
def attach_payment_method(call: Call) -> Obj:
    """Give a card, or a new copy of a test token, to a customer."""
    if "customer" not in call.params:
        raise missing_param("customer")
    customer = call.desk.need("customer", call.params["customer"], param="customer")
    method = resolve_method(call.desk, call.id, clock=customer["test_clock"], param="payment_method")
    attach(call.desk, method, customer)
    return present(call.desk, method)


@route("POST", "/v1/payment_methods/{id}/detach", PaymentMethodDetachParams)
def detach_payment_method(call: Call) -> Obj:
    """Take a card from its customer, for good."""
    method = call.desk.need("payment_method", call.id)
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise invalid(message, param="payment_method")
    detach(call.desk, method)
    return present(call.desk, method)


@route("GET", "/v1/payment_methods", PaymentMethodListParams, LIST + " customer type")
def list_payment_methods(call: Call) -> Obj:
    """List the cards of one customer, or all."""
    query = listing.Query("payment_method")
    query.equal("customer", call.params.get("customer"))
    query.equal("type", call.params.get("type"))
    return listing.answer(call, query)


@route("GET", "/v1/customers/{id}/payment_methods", CustomerListPaymentMethodsParams, LIST + " type")
def list_customer_methods(call: Call) -> Obj:
    """List the cards of a customer."""
    call.desk.need("customer", call.id)
    query = listing.Query("payment_method")
    query.equal("customer", call.id)
    query.equal("type", call.params.get("type"))
    return listing.answer(call, query)


@route("GET", "/v1/customers/{id}/payment_methods/{method}", CustomerRetrievePaymentMethodParams)
def retrieve_customer_method(call: Call) -> Obj:
    """Answer one card of a customer."""
    method = call.desk.need("payment_method", call.ids[1])
    if method["customer"] != call.id:
        raise no_such("PaymentMethod", call.ids[1])
    return present(call.desk, method)


def _bill(method: Obj, given: Obj) -> None:
    billing = method["billing_details"]
    for key, value in given.items():
        if key == "address":
            blank = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
            billing["address"] = blank | (billing["address"] or {}) | (value or {})
        else:
            billing[key] = value or None
