"""SetupIntents, to read: a Checkout session of setup mode makes them."""

from __future__ import annotations

from stripe.params._setup_intent_list_params import SetupIntentListParams
from stripe.params._setup_intent_retrieve_params import SetupIntentRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj


@route("GET", "/v1/setup_intents/{id}", SetupIntentRetrieveParams)
def retrieve_setup_intent(call: Call) -> Obj:
    """Answer a SetupIntent."""
    return present(call.desk, call.desk.need("setup_intent", call.id))


@route("GET", "/v1/setup_intents", SetupIntentListParams, LIST + " customer payment_method")
def list_setup_intents(call: Call) -> Obj:
    """List SetupIntents."""
    query = listing.Query("setup_intent")
    query.equal("customer", call.params.get("customer"))
    query.equal("payment_method", call.params.get("payment_method"))
    return listing.answer(call, query)
