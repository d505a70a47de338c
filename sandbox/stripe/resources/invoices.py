"""Invoices: create, read, update, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._invoice_create_params import InvoiceCreateParams
from stripe.params._invoice_delete_params import InvoiceDeleteParams
from stripe.params._invoice_list_params import InvoiceListParams
from stripe.params._invoice_retrieve_params import InvoiceRetrieveParams
from stripe.params._invoice_update_params import InvoiceUpdateParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, missing_param, no_such
from sandbox.stripe.lifecycle.drafts import GRACE_SECONDS, new_draft, sweep_pending
from sandbox.stripe.lifecycle.subscribe import settle_currency
from sandbox.stripe.present import lines_of, present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

FIELDS = "auto_advance automatically_finalizes_at collection_method days_until_due due_date default_payment_method "
FIELDS += "description footer statement_descriptor custom_fields "
PLAIN = ("description", "footer", "statement_descriptor", "custom_fields")
DAY = 24 * 3600


@route(
    "POST",
    "/v1/invoices",
    InvoiceCreateParams,
    FIELDS + "customer currency pending_invoice_items_behavior subscription",
)
def create_invoice(call: Call) -> Obj:
    """Make a draft, empty unless pending items are asked for."""
    desk, params = call.desk, call.params
    if "customer" not in params:
        raise missing_param("customer")
    customer = desk.need("customer", params["customer"], param="customer")
    sub = desk.need("subscription", params["subscription"], param="subscription") if "subscription" in params else None
    now = desk.now(customer["test_clock"])
    currency = params.get("currency") or customer["currency"] or "usd"
    settle_currency(desk, customer, currency)
    invoice = new_draft(
        desk,
        customer,
        reason="manual",
        currency=currency,
        period=(now, now),
        subscription=sub,
        auto_advance=params.get("auto_advance", False),
    )
    _write(desk, invoice, params)
    if params.get("pending_invoice_items_behavior") == "include":
        sweep_pending(desk, invoice, subscription=sub["id"] if sub else None)
    desk.emit("invoice.created", invoice)
    return present(desk, invoice)


@route("GET", "/v1/invoices/{id}", InvoiceRetrieveParams)
def retrieve_invoice(call: Call) -> Obj:
    """Answer an invoice with its first ten lines."""
    return present(call.desk, call.desk.need("invoice", call.id))


@route("POST", "/v1/invoices/{id}", InvoiceUpdateParams, FIELDS)
def update_invoice(call: Call) -> Obj:
    """Change a draft; of a finalized invoice only what does not touch the money."""
    invoice = call.desk.need("invoice", call.id)
    allowed = {"metadata", "expand", "auto_advance", "default_payment_method", "description"}
    frozen = call.params.keys() - allowed
    if invoice["status"] != "draft" and frozen:
        message = f"Finalized invoices can't be updated in this way: {min(frozen)}."
        raise invalid(message, param=min(frozen), code="invoice_not_editable")
    with call.desk.changing(invoice, "invoice.updated"):
        _write(call.desk, invoice, call.params)
    return present(call.desk, invoice)


@route("DELETE", "/v1/invoices/{id}", InvoiceDeleteParams)
def delete_invoice(call: Call) -> Obj:
    """Delete a draft made by a call; its items go with it."""
    desk, invoice = call.desk, call.desk.need("invoice", call.id)
    if invoice["status"] != "draft":
        message = "You can only delete draft invoices. To void a finalized invoice, use the void endpoint."
        raise invalid(message, code="invoice_not_editable")
    if invoice["parent"] and invoice["billing_reason"] != "manual":
        raise invalid("You can't delete invoices created by subscriptions.")
    desk.emit("invoice.deleted", invoice)
    for line in lines_of(desk, invoice):
        desk.drop(line)
    for item in desk.find("invoiceitem", invoice=invoice["id"]):
        item["deleted"] = True
        desk.save(item)
    invoice["deleted"] = True
    desk.save(invoice)
    return present(desk, invoice)


@route("GET", "/v1/invoices", InvoiceListParams, LIST + " customer subscription status collection_method due_date")
def list_invoices(call: Call) -> Obj:
    """List invoices, by subscription and status for instance."""
    query, params = listing.Query("invoice"), call.params
    for name in ("customer", "status", "collection_method"):
        query.equal(name, params.get(name))
    query.equal("parent.subscription_details.subscription", params.get("subscription"))
    query.between("due_date", params.get("due_date"))
    return listing.answer(call, query)


def _write(desk: Desk, invoice: Obj, params: Obj) -> None:
    invoice |= {key: params[key] or None for key in PLAIN if key in params}
    invoice["metadata"] = merge_metadata(invoice["metadata"], params.get("metadata"))
    invoice["collection_method"] = params.get("collection_method", invoice["collection_method"])
    _write_due_date(desk, invoice, params)
    _write_advance(desk, invoice, params)
    if "default_payment_method" in params:
        _write_card(desk, invoice, params["default_payment_method"])
    desk.save(invoice)


def _write_due_date(desk: Desk, invoice: Obj, params: Obj) -> None:
    if invoice["collection_method"] != "send_invoice":
        if "days_until_due" in params or "due_date" in params:
            raise invalid("You can only set the due date of invoices with collection_method=send_invoice.")
        return
    if "days_until_due" in params:
        invoice["due_date"] = desk.now(invoice["test_clock"]) + params["days_until_due"] * DAY
    elif "due_date" in params:
        invoice["due_date"] = params["due_date"]
    elif invoice["due_date"] is None:
        message = "If invoice collection method is 'send_invoice' you must specify due_date or days_until_due."
        raise invalid(message, param="days_until_due")


def _write_advance(desk: Desk, invoice: Obj, params: Obj) -> None:
    now = desk.now(invoice["test_clock"])
    if "auto_advance" in params:
        invoice["auto_advance"] = params["auto_advance"]
    if invoice["status"] != "draft":
        if params.get("auto_advance") and invoice["collection_method"] == "charge_automatically":
            invoice["next_payment_attempt"] = invoice["next_payment_attempt"] or now
        return
    moment = params.get("automatically_finalizes_at")
    if moment is not None and moment < now:
        raise invalid("automatically_finalizes_at must be in the future.", param="automatically_finalizes_at")
    if not invoice["auto_advance"]:
        if moment is not None:
            raise invalid("automatically_finalizes_at needs auto_advance=true.", param="automatically_finalizes_at")
        invoice |= {"automatically_finalizes_at": None, "next_payment_attempt": None}
        return
    moment = moment or invoice["automatically_finalizes_at"] or now + GRACE_SECONDS
    charged = invoice["collection_method"] == "charge_automatically"
    invoice |= {"automatically_finalizes_at": moment, "next_payment_attempt": moment if charged else None}


def _write_card(desk: Desk, invoice: Obj, ident: str) -> None:
    if ident:
        method = desk.need("payment_method", ident, param="default_payment_method")
        if method["customer"] != invoice["customer"]:
            raise no_such("PaymentMethod", ident, param="default_payment_method")
    invoice["default_payment_method"] = ident or None
