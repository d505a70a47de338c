"""The hosted page of a finalized invoice, where a customer can pay it with another card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.calendar import day_text
from sandbox.stripe.lifecycle.cards import attach, new_method
from sandbox.stripe.lifecycle.collect import intent_of
from sandbox.stripe.money import money_text
from sandbox.stripe.present import lines_of
from sandbox.stripe.resources.payment_intents import pay
from sandbox.stripe.values import Obj, hidden

if TYPE_CHECKING:
    from sandbox.stripe.checkout.complete import Payer
    from sandbox.stripe.desk import Desk

PAYABLE = ("open", "uncollectible")
WORDS = {"open": "Due", "paid": "Paid", "uncollectible": "Overdue", "void": "Void"}


def invoice_context(desk: Desk, invoice: Obj) -> Obj:
    """Answer what the template shows."""
    currency, applied = invoice["currency"], invoice["amount_due"] - invoice["total"]
    return {
        "number": invoice["number"],
        "status": WORDS[invoice["status"]],
        "customer": invoice["customer_name"] or invoice["customer_email"],
        "lines": [_line(line) for line in lines_of(desk, invoice)],
        "total": money_text(invoice["total"], currency),
        "balance": money_text(applied, currency) if applied else None,
        "due": money_text(invoice["amount_due"], currency),
    }


def _line(line: Obj) -> Obj:
    period = line["period"]
    whole = f"{day_text(period['start'])} to {day_text(period['end'])}"
    return {
        "description": line["description"] or "Charge",
        "amount": money_text(line["amount"], line["currency"]),
        "period": whole if period["start"] != period["end"] else day_text(period["start"]),
    }


def pay_with(desk: Desk, invoice: Obj, payer: Payer) -> Obj | None:
    """Pay an open invoice with a card; answer the PaymentIntent if the bank wants the cardholder first."""
    clock = invoice["test_clock"]
    method = new_method(desk, payer.number, clock=clock, expiry=payer.expiry, billing=payer.billing())
    intent = intent_of(desk, invoice)
    if intent is None:
        return None
    hidden(intent)["return_url"] = invoice["hosted_invoice_url"]
    pay(desk, intent, method, off_session=False)
    if method["customer"] is None and intent["status"] == "succeeded":
        attach(desk, method, desk.need("customer", invoice["customer"]))
    return intent if intent["status"] == "requires_action" else None
