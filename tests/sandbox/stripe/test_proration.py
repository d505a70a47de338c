"""Golden flow: upgrade and downgrade, to the second."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.world import World, at

JANUARY, FEBRUARY = at(1), at(2)
HALF = at(1, 16, 12)
ODD = at(1, 11, 7, 3, 5)


class Change:
    """A subscription in January that changes its price."""

    def __init__(self, world: World, *, old: int, new: int, when: int) -> None:
        self.world = world
        self.clock = world.clock(JANUARY)
        self.customer = world.customer(self.clock)
        self.sub = world.subscribe(self.customer, cents=old)
        self.new = world.plan(new)
        world.advance(self.clock, when)
        world.forget()

    def to_new(self, **params: Any) -> stripe.Subscription:
        item = {"id": self.sub["items"].data[0].id, "price": self.new}
        params = {"items": [item], **params}
        return self.world.v1.subscriptions.update(self.sub.id, params)  # type: ignore[arg-type]

    def newest_invoice(self) -> stripe.Invoice:
        return self.world.v1.invoices.list({"subscription": self.sub.id}).data[0]

    def february(self) -> stripe.Invoice:
        self.world.advance(self.clock, FEBRUARY + 3600)
        return self.newest_invoice()


def test_always_invoice_bills_the_difference_now(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)

    sub = change.to_new(proration_behavior="always_invoice")

    assert world.types() == [
        "invoiceitem.created",
        "invoiceitem.created",
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]
    invoice = change.newest_invoice()
    assert sub.latest_invoice == invoice.id
    assert (invoice.billing_reason, invoice.status, invoice.total) == ("subscription_update", "paid", 1500)
    assert [line.amount for line in invoice.lines.data] == [-1000, 2500]
    for line in invoice.lines.data:
        assert (line.period.start, line.period.end, line.discountable) == (HALF, FEBRUARY, False)
        assert line.parent is not None
        assert line.parent.invoice_item_details is not None
        assert line.parent.invoice_item_details.proration is True
    item = sub["items"].data[0]
    assert (item.price.id, item.quantity, item.current_period_end) == (change.new, 1, FEBRUARY)
    assert change.february().total == 5000


def test_create_prorations_waits_for_the_next_invoice(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)

    change.to_new()

    assert world.types() == ["invoiceitem.created", "invoiceitem.created", "customer.subscription.updated"]
    pending = world.v1.invoice_items.list({"customer": change.customer, "pending": True}).data
    assert sorted(item.amount for item in pending) == [-1000, 2500]
    assert change.february().total == 6500


def test_none_changes_the_next_invoice_alone(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)

    change.to_new(proration_behavior="none")

    assert world.types() == ["customer.subscription.updated"]
    assert change.february().total == 5000


def test_a_downgrade_becomes_balance_credit(world: World) -> None:
    change = Change(world, old=5000, new=2000, when=HALF)

    change.to_new(proration_behavior="always_invoice")

    invoice = change.newest_invoice()
    assert [line.amount for line in invoice.lines.data] == [-2500, 1000]
    assert (invoice.status, invoice.amount_due, invoice.ending_balance) == ("paid", 0, -1500)
    assert world.v1.customers.retrieve(change.customer).balance == -1500
    february = change.february()
    assert (february.total, february.starting_balance) == (2000, -1500)
    assert (february.amount_due, february.ending_balance, february.status) == (500, 0, "paid")
    assert world.v1.customers.retrieve(change.customer).balance == 0


def test_each_line_is_rounded_on_its_own(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=ODD)

    change.to_new(proration_behavior="always_invoice")

    invoice = change.newest_invoice()
    assert ([line.amount for line in invoice.lines.data], invoice.total) == ([-1336, 3340], 2004)
    assert change.february().total == 5000


def test_a_proration_date_fixes_the_moment(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF + 1000)

    change.to_new(proration_behavior="always_invoice", proration_date=HALF)

    assert change.newest_invoice().total == 1500


def test_without_an_id_a_second_price_is_added(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)

    params: Any = {"items": [{"price": change.new}], "proration_behavior": "none"}
    sub = world.v1.subscriptions.update(change.sub.id, params)

    assert len(sub["items"].data) == 2
    assert change.february().total == 7000


def test_other_pending_items_ride_along(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)
    world.v1.invoice_items.create({"customer": change.customer, "amount": 77, "currency": "usd"})

    change.to_new(proration_behavior="always_invoice")

    assert change.newest_invoice().total == 1577


def with_bad_card(world: World, change: Change) -> None:
    bad = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": change.customer})
    settings: Any = {"invoice_settings": {"default_payment_method": bad.id}}
    world.v1.customers.update(change.customer, settings)
    world.forget()


def test_error_if_incomplete_undoes_the_change(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)
    with_bad_card(world, change)

    with pytest.raises(stripe.CardError):
        change.to_new(proration_behavior="always_invoice", payment_behavior="error_if_incomplete")

    assert world.types() == []
    assert world.v1.subscriptions.retrieve(change.sub.id)["items"].data[0].price.unit_amount == 2000


def test_pending_if_incomplete_waits_for_the_money(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)
    with_bad_card(world, change)

    sub = change.to_new(proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")

    assert sub["items"].data[0].price.unit_amount == 2000
    assert sub.pending_update is not None
    assert sub.pending_update.expires_at == HALF + 23 * 3600
    assert (sub.status, change.newest_invoice().status) == ("active", "open")
    good = world.v1.payment_methods.attach("pm_card_visa", {"customer": change.customer})
    world.forget()
    world.v1.invoices.pay(str(sub.latest_invoice), {"payment_method": good.id})
    assert {"customer.subscription.pending_update_applied", "customer.subscription.updated"} <= set(world.types())
    applied = world.v1.subscriptions.retrieve(change.sub.id)
    assert (applied["items"].data[0].price.unit_amount, applied.pending_update) == (5000, None)


def test_a_pending_change_expires(world: World) -> None:
    change = Change(world, old=2000, new=5000, when=HALF)
    with_bad_card(world, change)
    sub = change.to_new(proration_behavior="always_invoice", payment_behavior="pending_if_incomplete")
    world.forget()

    world.advance(change.clock, HALF + 23 * 3600)

    types = world.types()
    assert types == ["customer.subscription.pending_update_expired", "payment_intent.canceled", "invoice.voided"]
    assert world.v1.invoices.retrieve(str(sub.latest_invoice)).status == "void"
    assert change.february().total == 2000
