"""The end of a period: the next one begins, and a draft waits an hour for what else is to be billed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.calendar import period_end
from sandbox.stripe.lifecycle.drafts import new_draft, sweep_pending
from sandbox.stripe.lifecycle.lines import add_plan_line

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk
    from sandbox.stripe.values import Obj


def renew(desk: Desk, sub: Obj) -> None:
    """Move the subscription into its next period and draft the invoice of it, with everything pending."""
    item = sub["items"]["data"][0]
    ended = (item["current_period_start"], item["current_period_end"])
    customer = desk.need("customer", sub["customer"])
    with desk.changing(sub, "customer.subscription.updated"):
        _move_on(sub)
        invoice = new_draft(
            desk,
            customer,
            reason="subscription_cycle",
            currency=sub["currency"],
            period=ended,
            subscription=sub,
            auto_advance=sub["status"] != "unpaid",
        )
        sweep_pending(desk, invoice, subscription=sub["id"])
        for one in sub["items"]["data"]:
            add_plan_line(desk, invoice, sub, one)
        sub["latest_invoice"] = invoice["id"]
    desk.emit("invoice.created", invoice)


def _move_on(sub: Obj) -> None:
    for item in sub["items"]["data"]:
        recurring, start = item["price"]["recurring"], item["current_period_end"]
        interval, interval_count = recurring["interval"], recurring["interval_count"]
        item["current_period_start"] = start
        item["current_period_end"] = period_end(
            sub["billing_cycle_anchor"], start, interval=interval, interval_count=interval_count
        )
