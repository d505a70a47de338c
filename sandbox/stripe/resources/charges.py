"""Charges, to read: a PaymentIntent makes them."""

from __future__ import annotations

from stripe.params._charge_list_params import ChargeListParams
from stripe.params._charge_retrieve_params import ChargeRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj


@route("GET", "/v1/charges/{id}", ChargeRetrieveParams)
def retrieve_charge(call: Call) -> Obj:
    """Answer a charge."""
    return present(call.desk, call.desk.need("charge", call.id))


@route("GET", "/v1/charges", ChargeListParams, LIST + " customer payment_intent")
def list_charges(call: Call) -> Obj:
    """List charges, failed ones too."""
    query = listing.Query("charge")
    query.equal("customer", call.params.get("customer"))
    query.equal("payment_intent", call.params.get("payment_intent"))
    return listing.answer(call, query)
