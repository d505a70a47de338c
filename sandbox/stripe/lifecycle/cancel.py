"""The end of a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.lifecycle.drafts import new_draft, sweep_pending
from sandbox.stripe.lifecycle.finalize import finalize
from sandbox.stripe.lifecycle.prorate import credit_unused
from sandbox.stripe.lifecycle.void import void

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def cancel(
    desk: Desk, sub: Obj, *, reason: str = "cancellation_requested", prorate: bool = False, invoice_now: bool = False
) -> None:
    """End a subscription at this moment. Unpaid invoices stay open, but are no longer collected by themselves."""
    now = desk.now(sub["test_clock"])
    if prorate:
        for item in sub["items"]["data"]:
            credit_unused(desk, sub, item, at=now)
    _stop_collection(desk, sub)
    if invoice_now:
        _final_invoice(desk, sub, now)
    details = dict(sub["cancellation_details"] or {}) | {"reason": reason}
    sub |= {"status": "canceled", "ended_at": now, "cancellation_details": details, "pending_update": None}
    sub["canceled_at"] = sub["canceled_at"] or now
    desk.save(sub)
    desk.emit("customer.subscription.deleted", sub)


def _stop_collection(desk: Desk, sub: Obj) -> None:
    owned = {"parent__subscription_details__subscription": sub["id"], "auto_advance": 1}
    for invoice in desk.find("invoice", **owned):
        if invoice["status"] in ("draft", "open"):
            with desk.changing(invoice, "invoice.updated"):
                invoice |= {"auto_advance": False, "next_payment_attempt": None, "automatically_finalizes_at": None}


def _final_invoice(desk: Desk, sub: Obj, now: int) -> None:
    customer = desk.need("customer", sub["customer"])
    pending = desk.find("invoiceitem", customer=customer["id"], invoice=None)
    if not pending:
        return
    invoice = new_draft(
        desk,
        customer,
        reason="manual",
        currency=sub["currency"],
        period=(now, now),
        subscription=sub,
    )
    sweep_pending(desk, invoice, subscription=sub["id"])
    sub["latest_invoice"] = invoice["id"]
    desk.emit("invoice.created", invoice)
    finalize(desk, invoice)
    if invoice["status"] == "open":
        with desk.changing(invoice):
            invoice["next_payment_attempt"] = now


def expire_incomplete(desk: Desk, sub: Obj) -> None:
    """Give up on a first payment that did not come within 23 hours."""
    for invoice in desk.find("invoice", parent__subscription_details__subscription=sub["id"], status="open"):
        void(desk, invoice)
    with desk.changing(sub, "customer.subscription.updated"):
        sub |= {"status": "incomplete_expired", "ended_at": desk.now(sub["test_clock"])}
