"""Invoices: finalize, pay, send, void, write off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._invoice_finalize_invoice_params import InvoiceFinalizeInvoiceParams
from stripe.params._invoice_mark_uncollectible_params import InvoiceMarkUncollectibleParams
from stripe.params._invoice_pay_params import InvoicePayParams
from stripe.params._invoice_send_invoice_params import InvoiceSendInvoiceParams
from stripe.params._invoice_void_invoice_params import InvoiceVoidInvoiceParams

from sandbox.stripe.errors import StripeError, invalid
from sandbox.stripe.lifecycle.cards import resolve_method
from sandbox.stripe.lifecycle.collect import collect, intent_of, mark_paid, method_for
from sandbox.stripe.lifecycle.finalize import finalize
from sandbox.stripe.lifecycle.void import cancel_payment, mark_uncollectible, void
from sandbox.stripe.present import present
from sandbox.stripe.routes import Call, route
from sandbox.stripe.values import Obj

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

PAYABLE = ("open", "uncollectible")
NO_CARD = "This customer has no attached payment source or default payment method. Please consider adding a default "
NO_CARD += "payment method."


@route("POST", "/v1/invoices/{id}/finalize", InvoiceFinalizeInvoiceParams, "auto_advance")
def finalize_invoice(call: Call) -> Obj:
    """Finalize a draft. With `auto_advance` the collection follows on its own right after this answer."""
    desk, invoice = call.desk, call.desk.need("invoice", call.id)
    if invoice["status"] != "draft":
        raise invalid("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
    invoice["auto_advance"] = call.params.get("auto_advance", invoice["auto_advance"])
    finalize(desk, invoice)
    charged = invoice["auto_advance"] and invoice["collection_method"] == "charge_automatically"
    if invoice["status"] == "open" and charged:
        invoice["next_payment_attempt"] = desk.now(invoice["test_clock"])
        desk.save(invoice)
    return present(desk, invoice)


@route("POST", "/v1/invoices/{id}/pay", InvoicePayParams, "payment_method off_session paid_out_of_band forgive")
def pay_invoice(call: Call) -> Obj:
    """Collect an invoice now; a decline is answered with 402 and stays in the books."""
    desk, invoice = call.desk, call.desk.need("invoice", call.id)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft":
        finalize(desk, invoice)
    elif invoice["status"] not in PAYABLE:
        raise invalid(f"Invoices that are {invoice['status']} can't be paid.", code="invoice_not_payable")
    if invoice["status"] != "paid":
        _pay(desk, invoice, call.params)
    return present(desk, invoice)


def _pay(desk: Desk, invoice: Obj, params: Obj) -> None:
    if params.get("paid_out_of_band"):
        cancel_payment(desk, invoice, desk.now(invoice["test_clock"]))
        mark_paid(desk, invoice, out_of_band=True)
        return
    method = _method(desk, invoice, params)
    off_session = params.get("off_session", True)
    decline = collect(desk, invoice, method, automatic=False, off_session=off_session)
    intent = intent_of(desk, invoice) or {}
    if decline:
        raise decline.error(desk, intent, method=method["id"])
    if intent["status"] == "requires_action":
        raise StripeError(
            "This payment requires additional user action before it can be completed successfully.",
            status=402,
            kind="card_error",
            keep=True,
            code="invoice_payment_intent_requires_action",
            payment_intent=present(desk, intent),
        )


def _method(desk: Desk, invoice: Obj, params: Obj) -> Obj:
    if "payment_method" in params:
        ident = params["payment_method"]
        method = resolve_method(desk, ident, clock=invoice["test_clock"], param="payment_method")
        if method["customer"] not in (None, invoice["customer"]):
            raise invalid("The payment method belongs to another customer.", param="payment_method")
        return method
    found = method_for(desk, invoice)
    if found is None:
        raise invalid(NO_CARD, code="resource_missing")
    return found


@route("POST", "/v1/invoices/{id}/send", InvoiceSendInvoiceParams)
def send_invoice(call: Call) -> Obj:
    """Send an invoice that the customer pays by hand; nothing is mailed in test mode."""
    desk, invoice = call.desk, call.desk.need("invoice", call.id)
    if invoice["collection_method"] != "send_invoice":
        raise invalid("You can only manually send an invoice with collection_method=send_invoice.")
    if invoice["status"] == "draft":
        finalize(desk, invoice)
    desk.emit("invoice.sent", invoice)
    return present(desk, invoice)


@route("POST", "/v1/invoices/{id}/void", InvoiceVoidInvoiceParams)
def void_invoice(call: Call) -> Obj:
    """Void a finalized, unpaid invoice."""
    invoice = call.desk.need("invoice", call.id)
    _require_payable(invoice, "voided")
    void(call.desk, invoice)
    return present(call.desk, invoice)


@route("POST", "/v1/invoices/{id}/mark_uncollectible", InvoiceMarkUncollectibleParams)
def write_off_invoice(call: Call) -> Obj:
    """Mark an open invoice as bad debt."""
    invoice = call.desk.need("invoice", call.id)
    if invoice["status"] == "draft":
        finalize(call.desk, invoice)
    if invoice["status"] != "open":
        raise invalid(f"Invoices that are {invoice['status']} can't be marked uncollectible.")
    mark_uncollectible(call.desk, invoice)
    return present(call.desk, invoice)


def _require_payable(invoice: Obj, verb: str) -> None:
    if invoice["status"] not in PAYABLE:
        raise invalid(
            f"You can only pass in open or uncollectible invoices. This invoice can't be {verb}: {invoice['status']}."
        )
