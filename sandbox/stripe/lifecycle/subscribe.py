"""A new subscription and its first invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sandbox.stripe.calendar import period_end
from sandbox.stripe.ids import new_id
from sandbox.stripe.lifecycle.drafts import new_draft, sweep_pending
from sandbox.stripe.lifecycle.lines import add_plan_line
from sandbox.stripe.present import list_object
from sandbox.stripe.shapes import make
from sandbox.stripe.values import Obj, public

if TYPE_CHECKING:
    from sandbox.stripe.desk import Desk


class Wanted(NamedTuple):
    """One price that a customer subscribes to."""

    price: Obj
    quantity: int = 1
    metadata: Obj | None = None


def new_subscription(desk: Desk, customer: Obj, wanted: list[Wanted], *, status: str, **fields: object) -> Obj:
    """Make a subscription from now on; the caller tells of it."""
    clock = customer["test_clock"]
    start, ident = desk.now(clock), new_id("sub_")
    items = [new_item(ident, one, start, anchor=start) for one in wanted]
    given: Obj = {
        "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}},
        "invoice_settings": {"issuer": {"type": "self"}},
        "payment_settings": {"save_default_payment_method": "off"},
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "cancellation_details": {},
        "collection_method": "charge_automatically",
        "default_tax_rates": [],
    } | fields
    return desk.add(
        "subscription",
        "sub_",
        clock=clock,
        id=ident,
        automatic_tax={"enabled": False},
        billing_cycle_anchor=start,
        currency=wanted[0].price["currency"],
        customer=customer["id"],
        items=list_object(items, url=f"/v1/subscription_items?subscription={ident}"),
        start_date=start,
        status=status,
        test_clock=clock,
        **given,
    )


def new_item(subscription: str, wanted: Wanted, start: int, *, anchor: int) -> Obj:
    """Make a subscription item whose period begins now and ends with the subscription's cycle."""
    recurring = wanted.price["recurring"]
    end = period_end(anchor, start, interval=recurring["interval"], interval_count=recurring["interval_count"])
    return make(
        "subscription_item",
        id=new_id("si_"),
        created=start,
        current_period_start=start,
        current_period_end=end,
        metadata=wanted.metadata or {},
        plan=plan_of(wanted.price),
        price=public(wanted.price),
        quantity=wanted.quantity,
        subscription=subscription,
        tax_rates=[],
    )


def plan_of(price: Obj) -> Obj:
    """Answer the plan that a recurring price also shows as."""
    recurring = price["recurring"]
    same = ("id", "active", "billing_scheme", "created", "currency", "metadata", "nickname", "product")
    return make(
        "plan",
        amount=price["unit_amount"],
        amount_decimal=price["unit_amount_decimal"],
        interval=recurring["interval"],
        interval_count=recurring["interval_count"],
        usage_type=recurring["usage_type"],
        **{key: price[key] for key in same},
    )


def first_invoice(desk: Desk, sub: Obj, customer: Obj, *, sweep: bool = True) -> Obj:
    """Make the draft of the first period and note it on the subscription; the caller tells of both."""
    item = sub["items"]["data"][0]
    now = item["current_period_start"]
    invoice = new_draft(
        desk,
        customer,
        reason="subscription_create",
        currency=sub["currency"],
        period=(now, now),
        subscription=sub,
        auto_advance=False,
    )
    if sweep:
        sweep_pending(desk, invoice, subscription=sub["id"])
    for one in sub["items"]["data"]:
        add_plan_line(desk, invoice, sub, one)
    sub["latest_invoice"] = invoice["id"]
    desk.save(sub)
    return invoice


def settle_currency(desk: Desk, customer: Obj, currency: str) -> None:
    """Note the customer's currency with the first thing that is billed."""
    if customer["currency"] is None:
        with desk.changing(customer, "customer.updated"):
            customer["currency"] = currency
