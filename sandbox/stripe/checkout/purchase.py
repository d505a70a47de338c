"""Checkout in payment mode: something bought once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.lifecycle.cards import attach
from sandbox.stripe.lifecycle.collect import mark_paid
from sandbox.stripe.lifecycle.drafts import new_draft
from sandbox.stripe.lifecycle.finalize import finalize
from sandbox.stripe.lifecycle.lines import make_item, pricing_of, take_item
from sandbox.stripe.lifecycle.subscribe import settle_currency
from sandbox.stripe.values import Obj, hidden, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk


def complete_payment(desk: Desk, session: Obj, customer: Obj | None, intent: Obj | None, method: Obj | None) -> None:
    """Save the card if it is to be used again, and write the invoice if the session asks for one."""
    session["payment_intent"] = intent and intent["id"]
    later = intent and intent["setup_future_usage"]
    if later and customer and method and method["customer"] is None:
        attach(desk, method, customer)
    if customer and session["invoice_creation"]["enabled"]:
        session["invoice"] = _invoice(desk, session, customer, intent)["id"]


def _invoice(desk: Desk, session: Obj, customer: Obj, intent: Obj | None) -> Obj:
    settle_currency(desk, customer, session["currency"])
    now = desk.now(customer["test_clock"])
    data = session["invoice_creation"]["invoice_data"]
    invoice = new_draft(
        desk,
        customer,
        reason="manual",
        currency=session["currency"],
        period=(now, now),
        auto_advance=False,
        metadata=merge_metadata({}, data["metadata"]),
        description=data["description"],
    )
    for sold in hidden(session)["items"]:
        take_item(desk, invoice, make_item(desk, customer, _item(sold, now)))
    desk.emit("invoice.created", invoice)
    finalize(desk, invoice, intent=intent)
    if invoice["status"] == "open" and intent:
        hidden(intent)["invoice"] = invoice["id"]
        desk.save(intent)
        invoice["attempt_count"] = 1
        mark_paid(desk, invoice)
    return invoice


def _item(sold: Obj, now: int) -> Obj:
    return {
        "amount": sold["amount_total"],
        "currency": sold["currency"],
        "description": sold["description"],
        "discountable": True,
        "metadata": {},
        "parent": None,
        "period": {"start": now, "end": now},
        "pricing": pricing_of(sold["price"]),
        "proration": False,
        "quantity": sold["quantity"],
    }
