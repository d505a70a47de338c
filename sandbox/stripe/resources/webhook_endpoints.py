"""Webhook endpoints; the secret is told once, on create."""

from __future__ import annotations

from stripe.params._webhook_endpoint_create_params import WebhookEndpointCreateParams
from stripe.params._webhook_endpoint_delete_params import WebhookEndpointDeleteParams
from stripe.params._webhook_endpoint_list_params import WebhookEndpointListParams
from stripe.params._webhook_endpoint_retrieve_params import WebhookEndpointRetrieveParams
from stripe.params._webhook_endpoint_update_params import WebhookEndpointUpdateParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, not_here
from sandbox.stripe.ids import new_id
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.settings import API_VERSION
from sandbox.stripe.values import Obj, merge_metadata

MAX_ENDPOINTS = 16


@route("POST", "/v1/webhook_endpoints", WebhookEndpointCreateParams, "url enabled_events api_version description")
def create_endpoint(call: Call) -> Obj:
    """Make an endpoint and tell its secret, this once."""
    desk, params = call.desk, call.params
    if len(desk.find("webhook_endpoint")) >= MAX_ENDPOINTS:
        raise invalid(f"You have reached the maximum of {MAX_ENDPOINTS} test webhook endpoints.")
    if params.get("api_version", API_VERSION) != API_VERSION:
        raise not_here(f"The API version {params['api_version']}")
    _require_url(params["url"])
    secret = new_id("whsec_")
    endpoint = desk.add(
        "webhook_endpoint",
        "we_",
        clock=None,
        api_version=params.get("api_version"),
        description=params.get("description") or None,
        enabled_events=params["enabled_events"],
        metadata=merge_metadata({}, params.get("metadata")),
        status="enabled",
        url=params["url"],
        _={"secret": secret},
    )
    return present(desk, endpoint) | {"secret": secret}


def _require_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise invalid(
            "Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid"
        )


@route("GET", "/v1/webhook_endpoints/{id}", WebhookEndpointRetrieveParams)
def retrieve_endpoint(call: Call) -> Obj:
    """Answer an endpoint without its secret."""
    return present(call.desk, call.desk.need("webhook_endpoint", call.id))


@route("POST", "/v1/webhook_endpoints/{id}", WebhookEndpointUpdateParams, "url enabled_events description disabled")
def update_endpoint(call: Call) -> Obj:
    """Change an endpoint or switch it off."""
    endpoint, params = call.desk.need("webhook_endpoint", call.id), call.params
    if "url" in params:
        _require_url(params["url"])
    with call.desk.changing(endpoint):
        endpoint |= {key: params[key] for key in ("url", "enabled_events") if key in params}
        if "description" in params:
            endpoint["description"] = params["description"] or None
        if "disabled" in params:
            endpoint["status"] = "disabled" if params["disabled"] else "enabled"
        endpoint["metadata"] = merge_metadata(endpoint["metadata"], params.get("metadata"))
    return present(call.desk, endpoint)


@route("DELETE", "/v1/webhook_endpoints/{id}", WebhookEndpointDeleteParams)
def delete_endpoint(call: Call) -> Obj:
    """Delete an endpoint; what waits for it is dropped."""
    endpoint = call.desk.need("webhook_endpoint", call.id)
    endpoint["deleted"] = True
    call.desk.save(endpoint)
    return present(call.desk, endpoint)


@route("GET", "/v1/webhook_endpoints", WebhookEndpointListParams, LIST)
def list_endpoints(call: Call) -> Obj:
    """List endpoints."""
    return listing.answer(call, listing.Query("webhook_endpoint"))
