"""Previews show what would be billed, and change nothing."""

from __future__ import annotations

from typing import Any

from tests.sandbox.stripe.world import World, at

JANUARY, FEBRUARY = at(1), at(2)
HALF = at(1, 16, 12)


def test_the_preview_of_an_upgrade_is_what_the_upgrade_bills(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    item: Any = {"id": sub["items"].data[0].id, "price": world.plan(5000)}
    world.advance(clock, HALF)
    world.forget()
    details: Any = {"items": [item], "proration_behavior": "always_invoice", "proration_date": HALF}

    preview = world.v1.invoices.create_preview({"subscription": sub.id, "subscription_details": details})

    assert [line.amount for line in preview.lines.data] == [-1000, 2500]
    assert (preview.total, preview.amount_due, preview.status) == (1500, 1500, "draft")
    assert preview.id is not None
    assert preview.id.startswith("upcoming_in_")
    assert world.types() == []
    assert world.v1.invoice_items.list({"customer": customer}).data == []
    assert world.v1.subscriptions.retrieve(sub.id)["items"].data[0].price.unit_amount == 2000
    world.v1.subscriptions.update(sub.id, {"proration_behavior": "always_invoice", "items": [item]})
    assert world.v1.invoices.list({"subscription": sub.id}).data[0].total == preview.total


def test_the_preview_of_a_renewal_holds_what_is_pending(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    world.v1.invoice_items.create({"customer": customer, "amount": 123, "currency": "usd"})

    preview = world.v1.invoices.create_preview({"subscription": sub.id})

    assert (preview.total, preview.period_end, preview.created) == (2123, FEBRUARY, FEBRUARY)
    assert world.v1.test_helpers.test_clocks.retrieve(clock).frozen_time == JANUARY
