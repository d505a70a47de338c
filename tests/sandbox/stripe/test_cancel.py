"""Golden flow: cancel, at the period's end and at once."""

from __future__ import annotations

import pytest
import stripe

from tests.sandbox.stripe.world import World, at

JANUARY, FEBRUARY = at(1), at(2)


def test_cancel_at_the_periods_end(world: World) -> None:
    clock = world.clock(JANUARY)
    sub = world.subscribe(world.customer(clock))
    world.forget()

    ending = world.v1.subscriptions.update(sub.id, {"cancel_at_period_end": True})

    assert world.types() == ["customer.subscription.updated"]
    assert (ending.status, ending.cancel_at, ending.canceled_at, ending.ended_at) == ("active", FEBRUARY, JANUARY, None)

    world.advance(clock, FEBRUARY)

    assert world.types() == ["customer.subscription.deleted"]
    ended = world.v1.subscriptions.retrieve(sub.id)
    assert (ended.status, ended.ended_at) == ("canceled", FEBRUARY)
    assert len(world.v1.invoices.list({"subscription": sub.id}).data) == 1


def test_the_end_can_be_taken_back(world: World) -> None:
    sub = world.subscribe(world.customer(world.clock(JANUARY)))
    world.v1.subscriptions.update(sub.id, {"cancel_at_period_end": True})

    kept = world.v1.subscriptions.update(sub.id, {"cancel_at_period_end": False})

    assert (kept.cancel_at, kept.canceled_at, kept.cancel_at_period_end) == (None, None, False)


def test_cancel_at_once_credits_nothing(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    world.advance(clock, at(1, 11))
    world.forget()

    ended = world.v1.subscriptions.cancel(sub.id)

    assert world.types() == ["customer.subscription.deleted"]
    assert (ended.status, ended.ended_at, ended.canceled_at) == ("canceled", at(1, 11), at(1, 11))
    assert world.v1.customers.retrieve(customer).balance == 0


def test_cancel_with_proration_credits_the_balance(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    world.advance(clock, at(1, 16, 12))

    world.v1.subscriptions.cancel(sub.id, {"prorate": True, "invoice_now": True})

    invoice = world.v1.invoices.list({"customer": customer}).data[0]
    assert [line.amount for line in invoice.lines.data] == [-1000]
    assert (invoice.status, invoice.total, invoice.amount_due) == ("paid", -1000, 0)
    assert world.v1.customers.retrieve(customer).balance == -1000


def test_what_is_canceled_stays_so(world: World) -> None:
    sub = world.subscribe(world.customer(world.clock(JANUARY)))
    world.v1.subscriptions.cancel(sub.id)

    with pytest.raises(stripe.InvalidRequestError) as again:
        world.v1.subscriptions.cancel(sub.id)
    with pytest.raises(stripe.InvalidRequestError) as changed:
        world.v1.subscriptions.update(sub.id, {"cancel_at_period_end": True})

    assert (again.value.http_status, again.value.code) == (404, "resource_missing")
    assert changed.value.http_status == 400


def test_deleting_a_customer_ends_the_subscriptions(world: World) -> None:
    customer = world.customer(world.clock(JANUARY))
    sub = world.subscribe(customer)
    world.forget()

    gone = world.v1.customers.delete(customer)

    assert gone.deleted is True
    assert world.types() == ["customer.subscription.deleted", "customer.deleted"]
    assert world.v1.subscriptions.retrieve(sub.id).status == "canceled"
    assert world.v1.customers.retrieve(customer).deleted is True
