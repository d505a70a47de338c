"""Lists: newest first, cursors, limits, filters; and `expand`."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.sandbox.stripe.world import World, at

JANUARY = at(1)


@pytest.fixture
def five(world: World) -> tuple[str, list[str]]:
    clock = world.clock(JANUARY)
    return clock, [world.v1.customers.create({"test_clock": clock}).id for _ in range(5)]


def test_pages_go_back_in_time(world: World, five: tuple[str, list[str]]) -> None:
    clock, made = five

    first = world.v1.customers.list({"test_clock": clock, "limit": 2})
    second = world.v1.customers.list({"test_clock": clock, "limit": 2, "starting_after": first.data[-1].id})
    third = world.v1.customers.list({"test_clock": clock, "limit": 2, "starting_after": second.data[-1].id})

    assert [one.id for page in (first, second, third) for one in page.data] == made[::-1]
    assert [page.has_more for page in (first, second, third)] == [True, True, False]
    assert first.url == "/v1/customers"
    back = world.v1.customers.list({"test_clock": clock, "limit": 2, "ending_before": third.data[0].id})
    assert [one.id for one in back.data] == [one.id for one in second.data]


def test_the_sdk_pages_by_itself(world: World, five: tuple[str, list[str]]) -> None:
    clock, made = five

    listed = world.v1.customers.list({"test_clock": clock, "limit": 2})

    assert [one.id for one in listed.auto_paging_iter()] == made[::-1]


def test_ten_are_answered_unless_more_are_asked_for(world: World) -> None:
    clock = world.clock(JANUARY)
    for _ in range(11):
        world.v1.customers.create({"test_clock": clock})

    assert len(world.v1.customers.list({"test_clock": clock}).data) == 10
    for wrong in (0, 101):
        with pytest.raises(stripe.InvalidRequestError):
            world.v1.customers.list({"limit": wrong})


def test_created_bounds(world: World) -> None:
    clock = world.clock(JANUARY)
    world.v1.customers.create({"test_clock": clock})
    world.advance(clock, JANUARY + 100)
    late = world.v1.customers.create({"test_clock": clock})

    found = world.v1.customers.list({"test_clock": clock, "created": {"gte": JANUARY + 1}})
    exact = world.v1.customers.list({"test_clock": clock, "created": JANUARY + 100})

    assert [one.id for one in found.data] == [one.id for one in exact.data] == [late.id]


def test_events_are_listed_by_type(world: World) -> None:
    world.v1.customers.create()
    world.v1.products.create({"name": "Other"})

    listed = world.v1.events.list({"types": ["customer.created", "product.created"], "limit": 2})
    prefixed = world.v1.events.list({"type": "product.*", "limit": 1})

    assert [event.type for event in listed.data] == ["product.created", "customer.created"]
    assert prefixed.data[0].type == "product.created"
    assert world.v1.events.retrieve(prefixed.data[0].id).type == "product.created"


def test_lines_are_paged_in_their_own_order(world: World) -> None:
    customer = world.customer(world.clock(JANUARY), card=None)
    draft = world.v1.invoices.create({"customer": customer, "currency": "usd"})
    lines: Any = [{"amount": number, "description": f"line {number}"} for number in range(100, 125)]
    answer = world.v1.invoices.add_lines(str(draft.id), {"lines": lines})

    first = world.v1.invoices.line_items.list(str(draft.id), {"limit": 20})
    amounts = [line.amount for line in first.auto_paging_iter()]

    assert (len(answer.lines.data), answer.lines.has_more) == (10, True)
    assert amounts == list(range(100, 125))
    assert answer.total == sum(amounts)


def test_expand_reaches_four_levels(world: World) -> None:
    sub = world.subscribe(world.customer(world.clock(JANUARY)))

    path = "latest_invoice.payments.data.payment.payment_intent"
    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        world.v1.subscriptions.retrieve(sub.id, {"expand": [path]})
    got = world.v1.subscriptions.retrieve(sub.id, {"expand": ["latest_invoice.customer", "default_payment_method"]})
    listed = world.v1.invoices.list(
        {"subscription": sub.id, "expand": ["data.payments.data.payment.payment_intent", "data.customer"]}
    )

    assert isinstance(got.latest_invoice, stripe.Invoice)
    assert isinstance(got.latest_invoice.customer, stripe.Customer)
    assert got.default_payment_method is None
    assert listed.data[0].payments is not None
    intent = listed.data[0].payments.data[0].payment.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.status == "succeeded"


def test_what_must_be_expanded_is_left_out_otherwise(world: World) -> None:
    invoice = world.v1.invoices.create({"customer": world.customer(world.clock(JANUARY)), "currency": "usd"})

    assert "payments" not in invoice
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        world.v1.invoices.retrieve(str(invoice.id), {"expand": ["nothing"]})


def test_subscriptions_are_filtered_by_status(world: World) -> None:
    customer = world.customer(world.clock(JANUARY))
    first, second = world.subscribe(customer), world.subscribe(customer)
    world.v1.subscriptions.cancel(first.id)

    def ids(**params: Any) -> list[str]:
        asked: Any = {"customer": customer, **params}
        return [sub.id for sub in world.v1.subscriptions.list(asked).data]

    assert ids() == [second.id]
    assert ids(status="all") == [second.id, first.id]
    assert ids(status="canceled") == ids(status="ended") == [first.id]
    assert ids(price=second["items"].data[0].price.id) == [second.id]


def test_a_payment_leads_to_its_invoice(world: World) -> None:
    sub = world.subscribe(world.customer(world.clock(JANUARY)))
    payment = world.v1.invoice_payments.list({"invoice": str(sub.latest_invoice)}).data[0]
    intent = str(payment.payment.payment_intent)

    found = world.v1.invoice_payments.list({"payment": {"type": "payment_intent", "payment_intent": intent}})

    assert [one.invoice for one in found.data] == [sub.latest_invoice]
    assert (payment.status, payment.amount_paid, payment.is_default) == ("paid", 2000, True)
