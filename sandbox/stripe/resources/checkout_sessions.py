"""Checkout sessions: the customer pays on a page of ours, not of the product's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params.checkout._session_create_params import SessionCreateParams
from stripe.params.checkout._session_expire_params import SessionExpireParams
from stripe.params.checkout._session_list_line_items_params import SessionListLineItemsParams
from stripe.params.checkout._session_list_params import SessionListParams
from stripe.params.checkout._session_retrieve_params import SessionRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.checkout.expire import expire
from sandbox.stripe.checkout.request import line_items, refuse_options
from sandbox.stripe.errors import invalid, missing_param
from sandbox.stripe.ids import new_id
from sandbox.stripe.present import list_object, present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, hidden, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

DAY = 24 * 3600
DATA = {"subscription": "subscription_data", "payment": "payment_intent_data", "setup": "setup_intent_data"}
FIELDS = "mode customer customer_email customer_creation customer_update client_reference_id line_items.price "
FIELDS += "line_items.price_data line_items.quantity success_url cancel_url ui_mode expires_at submit_type locale "
FIELDS += "currency payment_method_collection payment_method_types billing_address_collection "
FIELDS += "subscription_data.metadata subscription_data.description subscription_data.billing_mode "
FIELDS += "payment_intent_data.metadata payment_intent_data.description payment_intent_data.setup_future_usage "
FIELDS += "payment_intent_data.receipt_email payment_intent_data.statement_descriptor invoice_creation.enabled "
FIELDS += "invoice_creation.invoice_data.metadata invoice_creation.invoice_data.description"
FIELDS += " setup_intent_data.metadata setup_intent_data.description"


@route("POST", "/v1/checkout/sessions", SessionCreateParams, FIELDS)
def create_session(call: Call) -> Obj:
    """Open a session: a page at `url` where the customer can pay within 24 hours."""
    desk, params = call.desk, call.params
    refuse_options(params)
    for name in ("success_url", "currency" if params["mode"] == "setup" else "line_items"):
        if not params.get(name):
            raise missing_param(name)
    customer = desk.need("customer", params["customer"], param="customer") if "customer" in params else None
    items = line_items(desk, params)
    session = _open(desk, params, customer, items)
    return present(desk, session)


def _open(desk: Desk, params: Obj, customer: Obj | None, items: list[Obj]) -> Obj:
    clock = customer["test_clock"] if customer else None
    ident, now = new_id("cs_test_"), desk.now(clock)
    mode = params["mode"]
    total = sum(item["amount_total"] for item in items) if items else None
    return desk.add(
        "checkout.session",
        "cs_test_",
        clock=clock,
        id=ident,
        adaptive_pricing={"enabled": False},
        amount_subtotal=total,
        amount_total=total,
        automatic_tax={"enabled": False},
        billing_address_collection=params.get("billing_address_collection"),
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        currency=items[0]["currency"] if items else params["currency"],
        customer=customer["id"] if customer else None,
        customer_creation=_creation(params, customer),
        customer_email=params.get("customer_email"),
        customer_details=_details(params, customer),
        custom_text={},
        expires_at=_expiry(params, now),
        invoice_creation=_invoice_creation(params) if mode == "payment" else None,
        locale=params.get("locale"),
        metadata=merge_metadata({}, params.get("metadata")),
        mode=mode,
        payment_method_collection=_collection(params),
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=["card"],
        payment_status="unpaid" if total else "no_payment_required",
        phone_number_collection={"enabled": False},
        status="open",
        submit_type=params.get("submit_type"),
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0} if items else None,
        ui_mode="hosted_page",
        url=f"{desk.settings.public_url}/c/pay/{ident}",
        _={"items": items, "data": params.get(DATA[mode], {}), "customer_update": params.get("customer_update", {})},
    )


def _expiry(params: Obj, now: int) -> int:
    expires = int(params.get("expires_at", now + DAY))
    if not now + DAY // 48 <= expires <= now + DAY:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.", param="expires_at"
        )
    return expires


def _creation(params: Obj, customer: Obj | None) -> str | None:
    if customer:
        return None
    if params["mode"] == "subscription":
        return "always"
    return str(params.get("customer_creation", "if_required"))


def _collection(params: Obj) -> str:
    default = "if_required" if params["mode"] == "payment" else "always"
    return str(params.get("payment_method_collection", default))


def _details(params: Obj, customer: Obj | None) -> Obj | None:
    email = customer["email"] if customer else params.get("customer_email")
    return {"email": email, "tax_exempt": "none"} if customer or email else None


def _invoice_creation(params: Obj) -> Obj:
    given = params.get("invoice_creation", {})
    data = {"metadata": {}, "description": None} | given.get("invoice_data", {})
    return {"enabled": given.get("enabled", False), "invoice_data": data}


@route("GET", "/v1/checkout/sessions/{id}", SessionRetrieveParams)
def retrieve_session(call: Call) -> Obj:
    """Answer a session."""
    return present(call.desk, call.desk.need("checkout.session", call.id))


@route("POST", "/v1/checkout/sessions/{id}/expire", SessionExpireParams)
def expire_session(call: Call) -> Obj:
    """Close an open session for good."""
    session = call.desk.need("checkout.session", call.id)
    if session["status"] != "open":
        message = 'Only Checkout Sessions with a status in ["open"] can be expired. '
        raise invalid(f"{message}This Checkout Session has a status of `{session['status']}`.")
    expire(call.desk, session)
    return present(call.desk, session)


@route("GET", "/v1/checkout/sessions/{id}/line_items", SessionListLineItemsParams, "limit starting_after ending_before")
def list_line_items(call: Call) -> Obj:
    """List what is sold; a session here holds at most one page of it."""
    items = hidden(call.desk.need("checkout.session", call.id))["items"]
    after = call.params.get("starting_after")
    start = next((index + 1 for index, item in enumerate(items) if item["id"] == after), 0)
    end = start + call.params.get("limit", 10)
    return list_object(items[start:end], url=call.path, has_more=len(items) > end)


@route(
    "GET",
    "/v1/checkout/sessions",
    SessionListParams,
    LIST + " customer status payment_intent subscription customer_details.email",
)
def list_sessions(call: Call) -> Obj:
    """List sessions, by subscription or PaymentIntent for instance."""
    query, params = listing.Query("checkout.session"), call.params
    for name in ("customer", "status", "payment_intent", "subscription"):
        query.equal(name, params.get(name))
    query.equal("customer_details.email", params.get("customer_details", {}).get("email"))
    return listing.answer(call, query)
