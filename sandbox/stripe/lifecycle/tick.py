"""What time does: the one thing that is due first, on the wall clock or on a test clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.checkout.expire import expire
from sandbox.stripe.ids import new_id
from sandbox.stripe.lifecycle.cancel import cancel, expire_incomplete
from sandbox.stripe.lifecycle.collect import collect, method_for
from sandbox.stripe.lifecycle.finalize import finalize
from sandbox.stripe.lifecycle.pending import expire_pending
from sandbox.stripe.lifecycle.renew import renew

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def happen(desk: Desk, obj: Obj) -> None:
    """Do to an object what has come due."""
    RULES[obj["object"]](desk, obj)


def _subscription(desk: Desk, sub: Obj) -> None:
    now = desk.now(sub["test_clock"])
    update = sub["pending_update"]
    if sub["status"] == "incomplete":
        expire_incomplete(desk, sub)
    elif update and update["expires_at"] <= now:
        expire_pending(desk, sub)
    elif sub["cancel_at"] is not None and sub["cancel_at"] <= now:
        cancel(desk, sub)
    else:
        renew(desk, sub)


def _invoice(desk: Desk, invoice: Obj) -> None:
    if invoice["status"] == "draft":
        finalize(desk, invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        collect(desk, invoice, method_for(desk, invoice), automatic=True)


def _charge(desk: Desk, charge: Obj) -> None:
    with desk.changing(charge, "charge.updated"):
        charge["balance_transaction"] = new_id("txn_")


RULES = {"subscription": _subscription, "invoice": _invoice, "checkout.session": expire, "charge": _charge}
