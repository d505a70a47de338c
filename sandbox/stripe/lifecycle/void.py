"""Invoices that nobody will pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.lifecycle.collect import intent_of

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def void(desk: Desk, invoice: Obj) -> None:
    """Void a finalized invoice: its payment is canceled, its number stays used, the balance it took comes back."""
    now = desk.now(invoice["test_clock"])
    cancel_payment(desk, invoice, now)
    taken = invoice["starting_balance"] - (invoice["ending_balance"] or 0)
    if taken:
        customer = desk.need("customer", invoice["customer"])
        with desk.changing(customer, "customer.updated"):
            customer["balance"] += taken
    invoice |= {"status": "void", "auto_advance": False, "next_payment_attempt": None}
    invoice |= {"amount_remaining": invoice["amount_due"]}
    invoice["status_transitions"]["voided_at"] = now
    desk.save(invoice)
    desk.emit("invoice.voided", invoice)


def cancel_payment(desk: Desk, invoice: Obj, now: int) -> None:
    """Cancel the PaymentIntent of an invoice and its link to it."""
    intent = intent_of(desk, invoice)
    for payment in desk.find("invoice_payment", invoice=invoice["id"], status="open"):
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = now
        desk.save(payment)
    if intent and intent["status"] not in ("succeeded", "canceled"):
        intent |= {"status": "canceled", "canceled_at": now, "cancellation_reason": "void_invoice"}
        desk.save(intent)
        desk.emit("payment_intent.canceled", intent)


def mark_uncollectible(desk: Desk, invoice: Obj) -> None:
    """Write an open invoice off; it can still be paid."""
    invoice |= {"status": "uncollectible", "auto_advance": False, "next_payment_attempt": None}
    invoice["status_details"] = {"uncollectible": {"reason": "user_forgiven"}}
    invoice["status_transitions"]["marked_uncollectible_at"] = desk.now(invoice["test_clock"])
    desk.save(invoice)
    desk.emit("invoice.marked_uncollectible", invoice)
