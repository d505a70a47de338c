"""What an invoice would be: the change is made, shown, and undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stripe.params._invoice_create_preview_params import InvoiceCreatePreviewParams

from sandbox.stripe.desk import Desk
from sandbox.stripe.errors import invalid, not_here
from sandbox.stripe.ids import new_id
from sandbox.stripe.lifecycle.change import change_draft, prorate_change
from sandbox.stripe.lifecycle.renew import renew
from sandbox.stripe.present import present
from sandbox.stripe.resources.subscription_update import items_after
from sandbox.stripe.resources.subscriptions import ENDED
from sandbox.stripe.routes import Call, route

if TYPE_CHECKING:
    from sandbox.stripe.values import Obj

DETAILS = "subscription_details."
SUPPORTS = f"customer subscription {DETAILS}proration_behavior {DETAILS}proration_date {DETAILS}items.id "
SUPPORTS += f"{DETAILS}items.price {DETAILS}items.quantity {DETAILS}items.deleted"


@route("POST", "/v1/invoices/create_preview", InvoiceCreatePreviewParams, SUPPORTS)
def preview_invoice(call: Call) -> Obj:
    """Show the invoice of a change (`always_invoice`), or the next renewal with what is pending by then."""
    if "subscription" not in call.params:
        raise not_here("A preview without a subscription")
    sub = call.desk.need("subscription", call.params["subscription"], param="subscription")
    if call.params.get("customer", sub["customer"]) != sub["customer"]:
        raise invalid("The subscription belongs to another customer.", param="customer")
    if sub["status"] in ENDED or (sub["cancel_at"] and "items" not in call.params.get("subscription_details", {})):
        raise invalid("No upcoming invoices for this subscription.", code="invoice_upcoming_none")
    store = call.desk.store
    store.db.execute("SAVEPOINT preview")
    try:
        scratch = Desk(store, call.desk.settings, wall=call.desk.wall)
        invoice = _make(scratch, sub["id"], call.params.get("subscription_details", {}))
        return _as_preview(present(scratch, invoice))
    finally:
        store.db.execute("ROLLBACK TO preview")
        store.db.execute("RELEASE preview")


def _make(desk: Desk, ident: str, details: Obj) -> Obj:
    sub = desk.need("subscription", ident)
    behavior = details.get("proration_behavior", "create_prorations")
    at = details.get("proration_date", desk.now(sub["test_clock"]))
    items = items_after(desk, sub, details.get("items", []))
    if items != sub["items"]["data"]:
        if behavior != "none":
            prorate_change(desk, sub, sub["items"]["data"], items, at=at)
        sub["items"]["data"] = items
        desk.save(sub)
        if behavior == "always_invoice":
            return change_draft(desk, sub, at=at)
    _wait_for_renewal(desk, sub)
    renew(desk, sub)
    return desk.need("invoice", sub["latest_invoice"])


def _wait_for_renewal(desk: Desk, sub: Obj) -> None:
    end = sub["items"]["data"][0]["current_period_end"]
    desk.wall = end
    if sub["test_clock"]:
        clock = desk.need("test_helpers.test_clock", sub["test_clock"])
        clock["frozen_time"] = end
        desk.save(clock)


def _as_preview(invoice: Obj) -> Obj:
    ident = new_id("upcoming_in_")
    invoice |= {"id": ident, "auto_advance": False, "automatically_finalizes_at": None}
    for line in invoice["lines"]["data"]:
        line["invoice"] = ident
    invoice["lines"]["url"] = f"/v1/invoices/{ident}/lines"
    return invoice
