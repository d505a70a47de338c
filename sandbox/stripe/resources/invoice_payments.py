"""Invoice payments: the only link between an invoice and its PaymentIntent."""

from __future__ import annotations

from stripe.params._invoice_payment_list_params import InvoicePaymentListParams
from stripe.params._invoice_payment_retrieve_params import InvoicePaymentRetrieveParams

from sandbox.stripe import listing
from sandbox.stripe.present import present
from sandbox.stripe.routes import LIST, Call, route
from sandbox.stripe.values import Obj

SUPPORTS = " invoice status payment.type payment.payment_intent"


@route("GET", "/v1/invoice_payments/{id}", InvoicePaymentRetrieveParams)
def retrieve_invoice_payment(call: Call) -> Obj:
    """Answer an invoice payment."""
    return present(call.desk, call.desk.need("invoice_payment", call.id))


@route("GET", "/v1/invoice_payments", InvoicePaymentListParams, LIST + SUPPORTS)
def list_invoice_payments(call: Call) -> Obj:
    """List the payments of an invoice, or find the invoice of a payment."""
    query, payment = listing.Query("invoice_payment"), call.params.get("payment", {})
    query.equal("invoice", call.params.get("invoice"))
    query.equal("status", call.params.get("status"))
    query.equal("payment.type", payment.get("type"))
    query.equal("payment.payment_intent", payment.get("payment_intent"))
    return listing.answer(call, query)
