"""Checkout in subscription mode: the subscription exists only once it is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.checkout.request import wanted_items
from sandbox.stripe.lifecycle.cards import attach
from sandbox.stripe.lifecycle.collect import mark_paid
from sandbox.stripe.lifecycle.finalize import finalize
from sandbox.stripe.lifecycle.subscribe import first_invoice, new_subscription, settle_currency
from sandbox.stripe.money import minimum
from sandbox.stripe.values import Obj, hidden, merge_metadata

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk


def amount_due(desk: Desk, session: Obj) -> int:
    """Answer what the first invoice will ask for, after the customer's balance; too little is not charged."""
    customer = desk.load(session["customer"] or hidden(session).get("customer") or "")
    due = max(0, session["amount_total"] + (customer["balance"] if customer else 0))
    return due if due >= minimum(session["currency"]) else 0


def complete_subscription(
    desk: Desk, session: Obj, customer: Obj | None, intent: Obj | None, method: Obj | None
) -> None:
    """Save the card, start the subscription (active from the first moment), and book its paid first invoice."""
    assert customer is not None
    if method and method["customer"] is None:
        attach(desk, method, customer)
    settle_currency(desk, customer, session["currency"])
    data = hidden(session)["data"]
    sub = new_subscription(
        desk,
        customer,
        wanted_items(session),
        status="active",
        default_payment_method=method and method["id"],
        description=data.get("description"),
        metadata=merge_metadata({}, data.get("metadata")),
    )
    invoice = first_invoice(desk, sub, customer, sweep=False)
    desk.emit("customer.subscription.created", sub)
    desk.emit("invoice.created", invoice)
    finalize(desk, invoice, intent=intent)
    if invoice["status"] == "open" and intent:
        hidden(intent)["invoice"] = invoice["id"]
        desk.save(intent)
        invoice["attempt_count"] = 1
        mark_paid(desk, invoice)
    session |= {"subscription": sub["id"], "invoice": invoice["id"]}
