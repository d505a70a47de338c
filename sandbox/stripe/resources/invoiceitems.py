"""Invoice items: pending ones, and those of a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._invoice_item_create_params import InvoiceItemCreateParams
from stripe.params._invoice_item_delete_params import InvoiceItemDeleteParams
from stripe.params._invoice_item_list_params import InvoiceItemListParams
from stripe.params._invoice_item_retrieve_params import InvoiceItemRetrieveParams
from stripe.params._invoice_item_update_params import InvoiceItemUpdateParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, missing_param
from sandbox.stripe.lifecycle.lines import make_item, recompute, sync_line, take_item
from sandbox.stripe.lifecycle.subscribe import settle_currency
from sandbox.stripe.money import line_amount
from sandbox.stripe.present import lines_of, present
from sandbox.stripe.resources.invoice_lines import MAX_LINES, item_fields, require_draft
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

FIELDS = "amount description discountable period quantity "
CREATE = FIELDS + "customer currency invoice subscription price_data pricing"


@route("POST", "/v1/invoiceitems", InvoiceItemCreateParams, CREATE)
def create_item(call: Call) -> Obj:
    """Make an item on a draft, or one that waits for the next invoice."""
    desk, params = call.desk, call.params
    if "customer" not in params:
        raise missing_param("customer")
    customer = desk.need("customer", params["customer"], param="customer")
    invoice = _draft(desk, customer, params)
    sub = desk.need("subscription", params["subscription"], param="subscription") if "subscription" in params else None
    currency = _currency(desk, customer, params, invoice)
    settle_currency(desk, customer, currency)
    fields = item_fields(desk, params, currency=currency, now=desk.now(customer["test_clock"]))
    if sub:
        details = {"subscription": sub["id"], "subscription_item": None}
        fields["parent"] = {"type": "subscription_details", "subscription_details": details}
    item = make_item(desk, customer, fields)
    if invoice is None:
        desk.emit("invoiceitem.created", item)
        return present(desk, item)
    with desk.changing(invoice, "invoice.updated"):
        take_item(desk, invoice, item)
        desk.emit("invoiceitem.created", item)
    return present(desk, item)


def _draft(desk: Desk, customer: Obj, params: Obj) -> Obj | None:
    if "invoice" not in params:
        return None
    invoice = desk.need("invoice", params["invoice"], param="invoice")
    require_draft(invoice)
    if invoice["customer"] != customer["id"]:
        raise invalid("The invoice belongs to another customer.", param="invoice")
    if len(lines_of(desk, invoice)) >= MAX_LINES:
        raise invalid(f"An invoice can have at most {MAX_LINES} line items.", param="invoice")
    return invoice


def _currency(desk: Desk, customer: Obj, params: Obj, invoice: Obj | None) -> str:
    given = params.get("currency") or params.get("price_data", {}).get("currency")
    if given is None and "price" in params.get("pricing", {}):
        given = desk.need("price", params["pricing"]["price"], param="pricing[price]")["currency"]
    currency = given or (invoice and invoice["currency"]) or customer["currency"]
    if currency is None:
        raise missing_param("currency")
    if invoice and invoice["currency"] != currency:
        raise invalid(f"The currency of the invoice is {invoice['currency']}.", param="currency")
    return str(currency).lower()


@route("GET", "/v1/invoiceitems/{id}", InvoiceItemRetrieveParams)
def retrieve_item(call: Call) -> Obj:
    """Answer an invoice item."""
    return present(call.desk, call.desk.need("invoiceitem", call.id))


@route("POST", "/v1/invoiceitems/{id}", InvoiceItemUpdateParams, FIELDS)
def update_item(call: Call) -> Obj:
    """Change an item that is not on a finalized invoice."""
    desk, params = call.desk, call.params
    item = desk.need("invoiceitem", call.id)
    invoice = _open_draft(desk, item)
    for key in ("amount", "description", "discountable", "period"):
        if key in params:
            item[key] = params[key]
    if "quantity" in params and item["pricing"]:
        item["quantity"], item["quantity_decimal"] = params["quantity"], str(params["quantity"])
        item["amount"] = line_amount(item["pricing"]["unit_amount_decimal"], params["quantity"])
    item["net_amount"] = item["amount"]
    item["metadata"] = merge_metadata(item["metadata"], params.get("metadata"))
    desk.save(item)
    if invoice:
        with desk.changing(invoice, "invoice.updated"):
            sync_line(desk, item)
            recompute(desk, invoice)
    return present(desk, item)


@route("DELETE", "/v1/invoiceitems/{id}", InvoiceItemDeleteParams)
def delete_item(call: Call) -> Obj:
    """Delete an item that is not on a finalized invoice."""
    desk, item = call.desk, call.desk.need("invoiceitem", call.id)
    invoice = _open_draft(desk, item)
    desk.emit("invoiceitem.deleted", item)
    item["deleted"] = True
    desk.save(item)
    if invoice:
        with desk.changing(invoice, "invoice.updated"):
            for line in desk.find("line_item", parent__invoice_item_details__invoice_item=item["id"]):
                desk.drop(line)
            recompute(desk, invoice)
    return present(desk, item)


def _open_draft(desk: Desk, item: Obj) -> Obj | None:
    invoice = desk.load(item["invoice"]) if item["invoice"] else None
    if invoice:
        require_draft(invoice)
    return invoice


@route("GET", "/v1/invoiceitems", InvoiceItemListParams, LIST + " customer invoice pending")
def list_items(call: Call) -> Obj:
    """List items, the pending ones for instance."""
    query, params = listing.Query("invoiceitem"), call.params
    query.equal("customer", params.get("customer"))
    query.equal("invoice", params.get("invoice"))
    if params.get("pending"):
        query.null("invoice")
    elif "pending" in params:
        query.where.append("json_extract(body, '$.invoice') IS NOT NULL")
    return listing.answer(call, query)
