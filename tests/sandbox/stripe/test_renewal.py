"""Golden flows: renewal with usage, and renewal that fails."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.world import World, at

JANUARY, FEBRUARY, MARCH = at(1), at(2), at(3)
HOUR, DAY = 3600, 24 * 3600


def draft_of(world: World, sub: stripe.Subscription) -> stripe.Invoice:
    return world.v1.invoices.list({"subscription": sub.id, "status": "draft"}).data[0]


def test_renewal_with_usage(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    pending = world.v1.invoice_items.create(
        {"customer": customer, "subscription": sub.id, "amount": 123, "currency": "usd", "description": "storage"}
    )
    assert pending.invoice is None
    world.forget()

    world.advance(clock, FEBRUARY)

    updated, created = world.events()
    assert (updated.type, created.type) == ("customer.subscription.updated", "invoice.created")
    before = updated.data.previous_attributes
    assert before is not None
    assert set(before.to_dict()) == {"items", "latest_invoice"}
    assert before["items"]["data"][0]["current_period_end"] == FEBRUARY
    item = updated.data.object["items"]["data"][0]
    assert (item["current_period_start"], item["current_period_end"]) == (FEBRUARY, MARCH)
    draft = draft_of(world, sub)
    assert updated.data.object["latest_invoice"] == draft.id
    assert (draft.billing_reason, draft.total, draft.number) == ("subscription_cycle", 2123, None)
    assert (draft.period_start, draft.period_end) == (JANUARY, FEBRUARY)
    assert (draft.automatically_finalizes_at, draft.next_payment_attempt) == (FEBRUARY + HOUR, FEBRUARY + HOUR)

    usage: Any = {"customer": customer, "invoice": draft.id, "amount": 1234, "currency": "usd"}
    usage["period"] = {"start": JANUARY, "end": FEBRUARY}
    first = world.v1.invoice_items.create(usage, {"idempotency_key": f"use:{draft.id}"})
    second = world.v1.invoice_items.create(usage, {"idempotency_key": f"use:{draft.id}"})
    assert first.id == second.id
    assert world.types() == ["invoiceitem.created", "invoice.updated"]
    assert world.v1.invoices.retrieve(draft.id).total == 3357

    lines: Any = [{"amount": 100, "description": "input"}, {"amount": 11, "description": "output"}]
    whole = world.v1.invoices.add_lines(draft.id, {"lines": lines})
    assert world.types() == ["invoice.updated"]
    assert (whole.total, whole.subtotal) == (3468, sum(line.amount for line in whole.lines.data))

    world.advance(clock, FEBRUARY + HOUR)

    assert world.types() == [
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]
    paid = world.v1.invoices.retrieve(draft.id)
    assert (paid.status, paid.amount_paid, paid.attempt_count, paid.ending_balance) == ("paid", 3468, 1, 0)
    assert paid.hosted_invoice_url
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.v1.invoice_items.create(usage)
    assert caught.value.http_status == 400


def test_an_unused_free_plan_is_paid_without_a_payment(world: World) -> None:
    clock = world.clock(JANUARY)
    sub = world.subscribe(world.customer(clock), cents=0)
    world.advance(clock, FEBRUARY)
    assert draft_of(world, sub).total == 0
    world.forget()

    world.advance(clock, FEBRUARY + HOUR)

    assert world.types() == ["invoice.finalized", "invoice.paid", "invoice.payment_succeeded"]


def test_a_free_plan_with_usage_is_charged(world: World) -> None:
    clock = world.clock(JANUARY)
    sub = world.subscribe(world.customer(clock), cents=0)
    world.advance(clock, FEBRUARY)
    draft = draft_of(world, sub)
    world.v1.invoices.add_lines(draft.id, {"lines": [{"amount": 4321, "description": "tokens"}]})

    world.advance(clock, FEBRUARY + HOUR)

    assert world.v1.invoices.retrieve(draft.id).amount_paid == 4321


def test_the_window_can_be_made_longer(world: World) -> None:
    clock = world.clock(JANUARY)
    sub = world.subscribe(world.customer(clock))
    world.advance(clock, FEBRUARY)
    draft = draft_of(world, sub)

    later = world.v1.invoices.update(draft.id, {"automatically_finalizes_at": FEBRUARY + 3 * HOUR})
    world.advance(clock, FEBRUARY + 2 * HOUR)

    assert later.next_payment_attempt == FEBRUARY + 3 * HOUR
    assert world.v1.invoices.retrieve(draft.id).status == "draft"
    world.advance(clock, FEBRUARY + 3 * HOUR)
    assert world.v1.invoices.retrieve(draft.id).status == "paid"


def test_one_jump_of_two_months_does_everything_in_order(world: World) -> None:
    clock = world.clock(JANUARY)
    sub = world.subscribe(world.customer(clock))
    world.forget()

    world.advance(clock, MARCH)

    cycle = ["customer.subscription.updated", "invoice.created"]
    assert world.types() == [
        *cycle,
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        *cycle,
    ]
    assert [inv.created for inv in world.v1.invoices.list({"subscription": sub.id}).data] == [MARCH, FEBRUARY, JANUARY]


def test_a_clock_moves_two_intervals_at_most(world: World) -> None:
    clock = world.clock(JANUARY)
    world.subscribe(world.customer(clock))

    with pytest.raises(stripe.InvalidRequestError, match="two intervals"):
        world.advance(clock, MARCH + 1)


def test_a_failed_renewal_is_recovered(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    bad = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": bad.id}})
    world.advance(clock, FEBRUARY)
    world.forget()

    world.advance(clock, FEBRUARY + HOUR)

    events = world.events()
    assert [event.type for event in events] == [
        "invoice.finalized",
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "invoice.updated",
        "customer.subscription.updated",
        "customer.updated",
    ]
    assert events[6].data.previous_attributes is not None
    assert events[6].data.previous_attributes.to_dict() == {"status": "active"}
    invoice = world.v1.invoices.list({"subscription": sub.id}).data[0]
    assert (invoice.status, invoice.attempted, invoice.attempt_count) == ("open", True, 1)
    assert (invoice.amount_remaining, invoice.next_payment_attempt) == (2000, FEBRUARY + HOUR + DAY)
    late = world.v1.subscriptions.retrieve(sub.id)
    assert (late.status, late["items"].data[0].current_period_end) == ("past_due", MARCH)
    assert world.v1.customers.retrieve(customer).delinquent is True
    failed = events[3].data.object
    assert (failed["status"], failed["payment_method"]) == ("requires_payment_method", None)
    error = failed["last_payment_error"]
    assert (error["code"], error["decline_code"]) == ("card_declined", "generic_decline")

    good = world.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": good.id}})
    world.forget()
    paid = world.v1.invoices.pay(str(invoice.id))

    assert world.types() == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
        "customer.updated",
    ]
    assert (paid.status, paid.attempt_count, paid.next_payment_attempt) == ("paid", 1, None)
    assert world.v1.subscriptions.retrieve(sub.id).status == "active"


def test_after_the_last_retry_the_subscription_ends(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    bad = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": bad.id}})

    world.advance(clock, FEBRUARY + 20 * DAY)

    ended = world.v1.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice"]})
    assert (ended.status, ended.ended_at) == ("canceled", FEBRUARY + HOUR + 14 * DAY)
    assert ended.cancellation_details is not None
    assert ended.cancellation_details.reason == "payment_failed"
    invoice = ended.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert (invoice.status, invoice.auto_advance, invoice.attempt_count) == ("open", False, 8)
    assert invoice.next_payment_attempt is None
