"""Collecting an open invoice: paid, failed, tried again, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.lifecycle.drafts import subscription_of
from sandbox.stripe.lifecycle.payments import AUTHENTICATION, Decline, attempt
from sandbox.stripe.values import Obj, hidden, previous, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

DAY = 24 * 3600
# Eight tries in two weeks: the days from each failed try to the next.
RETRY_DAYS = (1, 2, 2, 2, 2, 2, 3)
UNPAID = ("past_due", "unpaid", "incomplete")


def method_for(desk: Desk, invoice: Obj) -> Obj | None:
    """Answer the card that an invoice is charged to: its own, the subscription's, the customer's."""
    sub = subscription_of(desk, invoice)
    customer = desk.need("customer", invoice["customer"])
    choices = [invoice["default_payment_method"], sub and sub["default_payment_method"]]
    choices.append(customer["invoice_settings"]["default_payment_method"])
    for ident in choices:
        method = desk.load(ident) if ident else None
        if method and method["customer"]:
            return method
    return None


def intent_of(desk: Desk, invoice: Obj) -> Obj | None:
    """Answer the PaymentIntent of a finalized invoice."""
    for payment in desk.find("invoice_payment", invoice=invoice["id"]):
        if payment["payment"]["payment_intent"]:
            return desk.load(payment["payment"]["payment_intent"])
    return None


def collect(
    desk: Desk, invoice: Obj, method: Obj | None, *, automatic: bool, off_session: bool = True
) -> Decline | None:
    """Charge an open invoice once. A failed automatic try is noted on invoice, subscription and customer."""
    intent = intent_of(desk, invoice)
    assert intent is not None
    if method is None:
        decline: Decline | None = Decline("missing", None, "The customer has no card to charge.")
    else:
        decline = attempt(desk, intent, method, off_session=off_session)
    if decline:
        note_failure(desk, invoice, decline, automatic=automatic)
    elif intent["status"] == "succeeded":
        invoice["attempt_count"] += automatic or invoice["attempt_count"] == 0
        mark_paid(desk, invoice)
    else:
        _note_action(desk, invoice)
    return decline


def mark_paid(desk: Desk, invoice: Obj, *, out_of_band: bool = False) -> None:
    """Make an invoice paid, tell of it, and bring its subscription and its customer back to good standing."""
    now = desk.now(invoice["test_clock"])
    invoice |= {
        "status": "paid",
        "attempted": True,
        "auto_advance": False,
        "amount_paid": 0 if out_of_band else invoice["amount_due"],
        "amount_remaining": 0,
        "next_payment_attempt": None,
    }
    if out_of_band:
        invoice["amount_paid_off_stripe"] = invoice["amount_due"]
    invoice["status_transitions"]["paid_at"] = now
    desk.save(invoice)
    desk.emit("invoice.paid", invoice)
    desk.emit("invoice.payment_succeeded", invoice)
    for payment in desk.find("invoice_payment", invoice=invoice["id"], status="open"):
        payment |= {"status": "paid", "amount_paid": payment["amount_requested"]}
        payment["status_transitions"]["paid_at"] = now
        desk.save(payment)
        desk.emit("invoice_payment.paid", payment)
    _restore(desk, invoice)


def _restore(desk: Desk, invoice: Obj) -> None:
    from sandbox.stripe.lifecycle.pending import apply_pending

    sub = subscription_of(desk, invoice)
    if sub and sub["pending_update"] and hidden(sub).get("pending_invoice") == invoice["id"]:
        apply_pending(desk, sub)
    if sub and sub["status"] in UNPAID and sub["latest_invoice"] == invoice["id"]:
        with desk.changing(sub, "customer.subscription.updated"):
            sub["status"] = "active"
    customer = desk.need("customer", invoice["customer"])
    if customer["delinquent"] and not _failing(desk, customer):
        with desk.changing(customer, "customer.updated"):
            customer["delinquent"] = False


def _failing(desk: Desk, customer: Obj) -> bool:
    return any(inv["attempted"] for inv in desk.find("invoice", customer=customer["id"], status="open"))


def note_failure(desk: Desk, invoice: Obj, decline: Decline, *, automatic: bool) -> None:
    """Tell of a failed try. Any first try counts as an attempt, later only automatic ones; retries are planned."""
    first = invoice["billing_reason"] == "subscription_create"
    count = invoice["attempt_count"] + (automatic or invoice["attempt_count"] == 0)
    retry = _next_try(desk, invoice, count) if automatic and not first else invoice["next_payment_attempt"]
    before = public(invoice)
    invoice.update(attempted=True, attempt_count=count, next_payment_attempt=retry)
    desk.save(invoice)
    desk.emit("invoice.payment_failed", invoice)
    if decline.code == AUTHENTICATION:
        desk.emit("invoice.payment_action_required", invoice)
    desk.emit("invoice.updated", invoice, previous_attributes=previous(before, public(invoice)))
    if automatic:
        _note_arrears(desk, invoice, gave_up=count > len(RETRY_DAYS))


def _next_try(desk: Desk, invoice: Obj, count: int) -> int | None:
    if count > len(RETRY_DAYS) or not invoice["auto_advance"]:
        return None
    return desk.now(invoice["test_clock"]) + RETRY_DAYS[count - 1] * DAY


def _note_arrears(desk: Desk, invoice: Obj, *, gave_up: bool) -> None:
    sub = subscription_of(desk, invoice)
    if sub and gave_up:
        _after_retries(desk, sub, invoice)
    elif sub and sub["status"] == "active":
        with desk.changing(sub, "customer.subscription.updated"):
            sub["status"] = "past_due"
    customer = desk.need("customer", invoice["customer"])
    if not customer["delinquent"] and not (sub and sub["status"] == "incomplete"):
        with desk.changing(customer, "customer.updated"):
            customer["delinquent"] = True


def _after_retries(desk: Desk, sub: Obj, invoice: Obj) -> None:
    from sandbox.stripe.lifecycle.cancel import cancel

    choice = desk.settings.after_retries
    if sub["status"] == "canceled":
        return
    if choice == "cancel":
        with desk.changing(invoice):
            invoice["auto_advance"] = False
        cancel(desk, sub, reason="payment_failed")
    elif choice == "unpaid":
        with desk.changing(sub, "customer.subscription.updated"):
            sub["status"] = "unpaid"


def _note_action(desk: Desk, invoice: Obj) -> None:
    with desk.changing(invoice):
        invoice |= {"attempted": True, "attempt_count": max(invoice["attempt_count"], 1)}
    desk.emit("invoice.payment_action_required", invoice)
