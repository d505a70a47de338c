"""New draft invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.ids import new_id
from sandbox.stripe.lifecycle.lines import recompute, take_item
from sandbox.stripe.present import list_object
from sandbox.stripe.values import Obj

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk

GRACE_SECONDS = 3600
COPIED = ("address", "email", "name", "phone", "shipping", "tax_exempt")


def new_draft(
    desk: Desk,
    customer: Obj,
    *,
    reason: str,
    currency: str,
    period: tuple[int, int],
    subscription: Obj | None = None,
    auto_advance: bool = True,
    **fields: object,
) -> Obj:
    """Make a draft that finalizes itself after an hour if `auto_advance`; the caller tells of it."""
    clock = customer["test_clock"]
    ident, now = new_id("in_"), desk.now(clock)
    given: Obj = {f"customer_{name}": customer[name] for name in COPIED} | fields
    if auto_advance:
        given.setdefault("automatically_finalizes_at", now + GRACE_SECONDS)
        given["next_payment_attempt"] = given["automatically_finalizes_at"]
    invoice = desk.add(
        "invoice",
        "in_",
        clock=clock,
        id=ident,
        auto_advance=auto_advance,
        account_country="US",
        account_name="Sandbox",
        automatic_tax={"enabled": False},
        billing_reason=reason,
        currency=currency,
        customer=customer["id"],
        customer_tax_ids=[],
        issuer={"type": "self"},
        lines=list_object([], url=f"/v1/invoices/{ident}/lines"),
        parent=_parent(subscription),
        period_start=period[0],
        period_end=period[1],
        status="draft",
        test_clock=clock,
        total_discount_amounts=[],
        total_pretax_credit_amounts=[],
        total_taxes=[],
        **({"metadata": {}, "collection_method": "charge_automatically"} | given),
    )
    recompute(desk, invoice)
    return invoice


def _parent(subscription: Obj | None) -> Obj | None:
    if subscription is None:
        return None
    details = {"subscription": subscription["id"], "metadata": dict(subscription["metadata"])}
    return {"type": "subscription_details", "subscription_details": details}


def subscription_of(desk: Desk, invoice: Obj) -> Obj | None:
    """Answer the subscription that an invoice belongs to."""
    parent = invoice["parent"]
    return desk.load(parent["subscription_details"]["subscription"]) if parent else None


def sweep_pending(desk: Desk, invoice: Obj, *, subscription: str | None = None) -> None:
    """Put the customer's pending items on a draft, but not those that belong to another subscription."""
    for item in desk.find("invoiceitem", customer=invoice["customer"], invoice=None, currency=invoice["currency"]):
        parent = item["parent"]
        owner = parent["subscription_details"]["subscription"] if parent else None
        if owner in (None, subscription):
            take_item(desk, invoice, item)
