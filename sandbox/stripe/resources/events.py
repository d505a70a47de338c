"""Events, to read: the repair of what a webhook missed."""

from __future__ import annotations

from stripe.params._event_list_params import EventListParams
from stripe.params._event_retrieve_params import EventRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj


@route("GET", "/v1/events/{id}", EventRetrieveParams)
def retrieve_event(call: Call) -> Obj:
    """Answer an event."""
    return present(call.desk, call.desk.need("event", call.id))


@route("GET", "/v1/events", EventListParams, LIST + " type types")
def list_events(call: Call) -> Obj:
    """List events, newest first; `type` may end in `.*`."""
    if "type" in call.params and "types" in call.params:
        raise invalid("You may specify either `type` or `types`, not both.", param="type")
    query = listing.Query("event")
    query.any_of("type", call.params.get("types"))
    kind = call.params.get("type", "*")
    if kind.endswith("*"):
        query.where.append("json_extract(body, '$.type') LIKE ?")
        query.values.append(kind.removesuffix("*") + "%")
    else:
        query.equal("type", kind)
    return listing.answer(call, query)
