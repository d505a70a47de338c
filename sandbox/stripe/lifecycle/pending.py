"""`pending_if_incomplete`: a change that waits until its invoice is paid, for at most 23 hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.due import FIRST_PAYMENT
from sandbox.stripe.lifecycle.void import void
from sandbox.stripe.values import Obj, hidden

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk


def set_pending(desk: Desk, sub: Obj, *, items: list[Obj], invoice: Obj) -> None:
    """Note a change whose payment failed; the subscription itself stays as it was."""
    with desk.changing(sub, "customer.subscription.updated"):
        expires = desk.now(sub["test_clock"]) + FIRST_PAYMENT
        sub["pending_update"] = {
            "billing_cycle_anchor": None,
            "cancel_at_period_end": None,
            "discount": None,
            "discounts": None,
            "expires_at": expires,
            "metadata": None,
            "subscription_items": items,
            "trial_end": None,
            "trial_from_plan": None,
        }
        hidden(sub)["pending_invoice"] = invoice["id"]
        sub["latest_invoice"] = invoice["id"]


def apply_pending(desk: Desk, sub: Obj) -> None:
    """Make the waiting change real: its invoice is paid."""
    update = sub["pending_update"]
    with desk.changing(sub, "customer.subscription.updated"):
        sub["items"]["data"] = update["subscription_items"]
        sub["pending_update"] = None
    desk.emit("customer.subscription.pending_update_applied", sub)


def expire_pending(desk: Desk, sub: Obj) -> None:
    """Drop the waiting change and its invoice."""
    invoice = desk.need("invoice", hidden(sub)["pending_invoice"])
    sub["pending_update"] = None
    desk.save(sub)
    desk.emit("customer.subscription.pending_update_expired", sub)
    if invoice["status"] == "open":
        void(desk, invoice)
