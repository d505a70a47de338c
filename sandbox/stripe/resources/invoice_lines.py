"""The lines of an invoice: added in one call, listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._invoice_add_lines_params import InvoiceAddLinesParams
from stripe.params._invoice_list_lines_params import InvoiceListLinesParams

from sandbox.stripe import listing
from sandbox.stripe.errors import invalid, missing_param
from sandbox.stripe.lifecycle.lines import make_item, pricing_of, take_item
from sandbox.stripe.money import line_amount
from sandbox.stripe.present import lines_of, present
from sandbox.stripe.resources.prices import inline_price
from sandbox.stripe.routes import Call, route
from sandbox.stripe.values import Obj, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

MAX_LINES = 250
NAMES = (
    "amount",
    "description",
    "discountable",
    "metadata",
    "period",
    "price_data",
    "pricing",
    "quantity",
    "invoice_item",
)
SUPPORTS = " ".join(f"lines.{name}" for name in NAMES)


@route("POST", "/v1/invoices/{id}/add_lines", InvoiceAddLinesParams, SUPPORTS + " invoice_metadata")
def add_lines(call: Call) -> Obj:
    """Add lines to a draft, up to 250 in all."""
    desk, invoice = call.desk, call.desk.need("invoice", call.id)
    require_draft(invoice)
    lines = call.params["lines"]
    if len(lines_of(desk, invoice)) + len(lines) > MAX_LINES:
        raise invalid(f"An invoice can have at most {MAX_LINES} line items.", param="lines")
    with desk.changing(invoice, "invoice.updated"):
        for index, line in enumerate(lines):
            _add(desk, invoice, line, param=f"lines[{index}]")
        invoice["metadata"] = merge_metadata(invoice["metadata"], call.params.get("invoice_metadata"))
    return present(desk, invoice)


def require_draft(invoice: Obj) -> None:
    """Refuse to change the lines of a finalized invoice."""
    if invoice["status"] != "draft":
        message = "Finalized invoices can't be updated in this way. You can only add or change lines of draft invoices."
        raise invalid(message, param="invoice", code="invoice_not_editable")


def _add(desk: Desk, invoice: Obj, line: Obj, *, param: str) -> None:
    if "invoice_item" in line:
        item = desk.need("invoiceitem", line["invoice_item"], param=f"{param}[invoice_item]")
        if item["invoice"] is not None or item["customer"] != invoice["customer"]:
            raise invalid("The invoice item is not pending for this customer.", param=f"{param}[invoice_item]")
    else:
        customer = desk.need("customer", invoice["customer"])
        fields = item_fields(desk, line, currency=invoice["currency"], now=desk.now(invoice["test_clock"]), param=param)
        item = make_item(desk, customer, fields)
    take_item(desk, invoice, item)


def item_fields(desk: Desk, given: Obj, *, currency: str, now: int, param: str = "") -> Obj:
    """Answer an invoice item's fields; its amount is given, or a price times a quantity."""
    price, quantity = _price(desk, given, param=param), given.get("quantity", 1)
    amount = given["amount"] if price is None else line_amount(price["unit_amount_decimal"], quantity)
    if price is not None and price["currency"] != currency:
        raise invalid(f"The currency of the price must be {currency}.", param=_sub(param, "price_data"))
    product = desk.load(price["product"]) if price else None
    return {
        "amount": amount,
        "currency": currency,
        "description": given.get("description") or (product and product["name"]),
        "discountable": given.get("discountable", amount >= 0),
        "metadata": merge_metadata({}, given.get("metadata")),
        "parent": None,
        "period": given.get("period") or {"start": now, "end": now},
        "pricing": pricing_of(price) if price else None,
        "proration": False,
        "quantity": quantity,
    }


def _price(desk: Desk, given: Obj, *, param: str) -> Obj | None:
    ways = [name for name in ("amount", "price_data", "pricing") if name in given]
    if len(ways) > 1:
        raise invalid(f"You may only specify one of these parameters: {', '.join(ways)}.", param=_sub(param, ways[1]))
    if not ways:
        raise missing_param(_sub(param, "amount"))
    if ways == ["price_data"]:
        return inline_price(desk, given["price_data"], param=_sub(param, "price_data"))
    if ways == ["pricing"]:
        return desk.need("price", given["pricing"].get("price", ""), param=_sub(param, "pricing") + "[price]")
    if given.get("quantity", 1) != 1:
        raise invalid("You may not combine `amount` with a `quantity`.", param=_sub(param, "quantity"))
    return None


def _sub(param: str, name: str) -> str:
    return f"{param}[{name}]" if param else name


@route("GET", "/v1/invoices/{id}/lines", InvoiceListLinesParams, "limit starting_after ending_before")
def list_lines(call: Call) -> Obj:
    """List the lines in the order in which they stand on the invoice."""
    call.desk.need("invoice", call.id)
    query = listing.Query("line_item")
    query.equal("invoice", call.id)
    return listing.answer(call, query, ascending=True)
