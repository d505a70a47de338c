"""From draft to open: the number, the balance, the PaymentIntent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.ids import random_text
from sandbox.stripe.lifecycle.collect import mark_paid
from sandbox.stripe.lifecycle.lines import recompute
from sandbox.stripe.lifecycle.payments import create_intent
from sandbox.stripe.money import minimum
from sandbox.stripe.values import Obj

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

DESCRIPTIONS = {
    "subscription_create": "Subscription creation",
    "subscription_update": "Subscription update",
    "subscription_cycle": "Subscription update",
}


def finalize(desk: Desk, invoice: Obj, *, intent: Obj | None = None) -> None:
    """Finalize a draft; one with nothing to collect is paid at once. `intent` is a payment that was made before."""
    recompute(desk, invoice)
    customer = desk.need("customer", invoice["customer"])
    ending = _apply_balance(invoice, customer)
    _open(desk, invoice, customer)
    if ending != customer["balance"]:
        with desk.changing(customer, "customer.updated"):
            customer["balance"] = ending
    desk.emit("invoice.finalized", invoice)
    if invoice["amount_due"] == 0:
        mark_paid(desk, invoice)
        return
    _request_payment(desk, invoice, intent)


def _apply_balance(invoice: Obj, customer: Obj) -> int:
    """Set what is due and answer the customer's new balance; too small an amount is carried to the next invoice."""
    whole = invoice["total"] + customer["balance"]
    due, ending = max(0, int(whole)), min(0, int(whole))
    if 0 < due < minimum(invoice["currency"]):
        due, ending = 0, due
    invoice |= {"amount_due": due, "amount_remaining": due, "ending_balance": ending}
    return ending


def _open(desk: Desk, invoice: Obj, customer: Obj) -> None:
    now = desk.now(invoice["test_clock"])
    sequence = customer["next_invoice_sequence"]
    customer["next_invoice_sequence"] = sequence + 1
    desk.save(customer)
    secret = random_text(40)
    invoice |= {
        "status": "open",
        "number": f"{customer['invoice_prefix']}-{sequence:04d}",
        "effective_at": now,
        "automatically_finalizes_at": None,
        "next_payment_attempt": None,
        "hosted_invoice_url": f"{desk.settings.public_url}/i/{invoice['id']}/{secret}",
        "invoice_pdf": f"{desk.settings.public_url}/i/{invoice['id']}/{secret}/pdf",
    }
    invoice["_"]["secret"] = secret
    invoice["status_transitions"]["finalized_at"] = now
    desk.save(invoice)


def _request_payment(desk: Desk, invoice: Obj, intent: Obj | None) -> None:
    if intent is None:
        intent = create_intent(
            desk,
            amount=invoice["amount_due"],
            currency=invoice["currency"],
            clock=invoice["test_clock"],
            customer=invoice["customer"],
            description=DESCRIPTIONS.get(invoice["billing_reason"], f"Payment for Invoice {invoice['number']}"),
            setup_future_usage="off_session" if invoice["parent"] else None,
            invoice=invoice["id"],
        )
    desk.add(
        "invoice_payment",
        "inpay_",
        clock=invoice["test_clock"],
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="open",
    )
