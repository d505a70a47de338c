"""Customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._customer_create_params import CustomerCreateParams
from stripe.params._customer_delete_params import CustomerDeleteParams
from stripe.params._customer_list_params import CustomerListParams
from stripe.params._customer_retrieve_params import CustomerRetrieveParams
from stripe.params._customer_update_params import CustomerUpdateParams

from sandbox.stripe import listing
from sandbox.stripe.checkout.expire import expire
from sandbox.stripe.errors import no_such, not_here
from sandbox.stripe.ids import invoice_prefix
from sandbox.stripe.lifecycle.cancel import cancel
from sandbox.stripe.lifecycle.cards import attach, resolve_method
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.shapes import CLASSES, fields_of, fill
from sandbox.stripe.values import Obj, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

PLAIN = ("name", "email", "description", "phone", "business_name", "individual_name", "balance")
HASHES = ("address", "shipping")
FIELDS = "name email description phone business_name individual_name balance address shipping preferred_locales "
FIELDS += "tax_exempt invoice_settings.default_payment_method invoice_settings.footer"


@route("POST", "/v1/customers", CustomerCreateParams, FIELDS + " payment_method test_clock")
def create_customer(call: Call) -> Obj:
    """Make a customer, on a test clock if one is named."""
    desk, params = call.desk, call.params
    clock = params.get("test_clock")
    if clock:
        desk.need("test_helpers.test_clock", clock, param="test_clock")
    customer = new_customer(desk, clock)
    _write(desk, customer, params)
    desk.save(customer)
    if "payment_method" in params:
        method = resolve_method(desk, params["payment_method"], clock=clock, param="payment_method")
        attach(desk, method, customer, tell=False)
    desk.emit("customer.created", customer)
    return present(desk, customer)


def new_customer(desk: Desk, clock: str | None) -> Obj:
    """Make an empty customer; the caller tells of it."""
    return desk.add(
        "customer",
        "cus_",
        clock=clock,
        balance=0,
        delinquent=False,
        invoice_prefix=invoice_prefix(),
        invoice_settings={},
        metadata={},
        next_invoice_sequence=1,
        preferred_locales=[],
        tax_exempt="none",
        test_clock=clock,
    )


@route("GET", "/v1/customers/{id}", CustomerRetrieveParams)
def retrieve_customer(call: Call) -> Obj:
    """Answer a customer; of a deleted one, that it is deleted."""
    customer = call.desk.load(call.id)
    if customer is None or customer["object"] != "customer":
        raise no_such("customer", call.id)
    return present(call.desk, customer)


@route("POST", "/v1/customers/{id}", CustomerUpdateParams, FIELDS)
def update_customer(call: Call) -> Obj:
    """Change what is given."""
    customer = call.desk.need("customer", call.id)
    with call.desk.changing(customer, "customer.updated"):
        _write(call.desk, customer, call.params)
    return present(call.desk, customer)


@route("DELETE", "/v1/customers/{id}", CustomerDeleteParams)
def delete_customer(call: Call) -> Obj:
    """Delete a customer; the subscriptions end at once."""
    customer = call.desk.need("customer", call.id)
    end_customer(call.desk, customer)
    return present(call.desk, customer)


def end_customer(desk: Desk, customer: Obj) -> None:
    """Cancel what runs, stop what would be charged, and mark the customer deleted."""
    for sub in desk.find("subscription", customer=customer["id"]):
        if sub["status"] not in ("canceled", "incomplete_expired"):
            cancel(desk, sub)
    for invoice in desk.find("invoice", customer=customer["id"], auto_advance=1):
        with desk.changing(invoice):
            invoice |= {"auto_advance": False, "automatically_finalizes_at": None, "next_payment_attempt": None}
    for session in desk.find("checkout.session", customer=customer["id"], status="open"):
        expire(desk, session)
    desk.emit("customer.deleted", customer)
    customer["deleted"] = True
    desk.save(customer)


@route("GET", "/v1/customers", CustomerListParams, LIST + " email test_clock")
def list_customers(call: Call) -> Obj:
    """List customers; those on a test clock only when it is named."""
    query = listing.Query("customer")
    query.equal("email", call.params.get("email"))
    if "test_clock" in call.params:
        query.equal("test_clock", call.params["test_clock"])
    else:
        query.null("test_clock")
    return listing.answer(call, query)


def _write(desk: Desk, customer: Obj, params: Obj) -> None:
    customer |= {key: None if params[key] == "" else params[key] for key in PLAIN if key in params}
    for key in HASHES:
        if key in params:
            nested = fields_of(CLASSES["customer"])[key].nested
            given = params[key]
            customer[key] = None if given == "" or nested is None else fill(nested, (customer[key] or {}) | given)
    if params.get("tax_exempt", "none") not in ("none", ""):
        raise not_here("The parameter `tax_exempt`")
    if "preferred_locales" in params:
        customer["preferred_locales"] = params["preferred_locales"]
    customer["metadata"] = merge_metadata(customer["metadata"], params.get("metadata"))
    _write_settings(desk, customer, params.get("invoice_settings") or {})


def _write_settings(desk: Desk, customer: Obj, given: Obj) -> None:
    settings = customer["invoice_settings"]
    if "footer" in given:
        settings["footer"] = given["footer"] or None
    if "default_payment_method" not in given:
        return
    ident, param = given["default_payment_method"], "invoice_settings[default_payment_method]"
    if not ident:
        settings["default_payment_method"] = None
        return
    method = resolve_method(desk, ident, clock=customer["test_clock"], param=param)
    if method["customer"] is None:
        attach(desk, method, customer)
    if method["customer"] != customer["id"]:
        raise no_such("payment_method", ident, param=param)
    settings["default_payment_method"] = method["id"]
