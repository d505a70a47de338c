"""Golden flow: credits bought by Checkout, and recharged off-session by invoice."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
import stripe

from tests.sandbox.stripe.world import World, at

JANUARY = at(1)


def session_of(world: World, customer: str, **more: Any) -> stripe.checkout.Session:
    data = {"currency": "usd", "unit_amount": 2500, "product": world.product}
    params: Any = {
        "mode": "payment",
        "customer": customer,
        "line_items": [{"price_data": data, "quantity": 2}],
        "payment_intent_data": {"setup_future_usage": "off_session", "metadata": {"purchase": "p1"}},
        "metadata": {"purchase": "p1"},
        "success_url": "https://product.example/ok",
        "cancel_url": "https://product.example/no",
    }
    session = world.v1.checkout.sessions.create(params | more)
    world.forget()
    return session


def test_a_purchase(world: World) -> None:
    session = session_of(world, world.customer(world.clock(JANUARY), card=None))

    world.pay_page(session)

    assert world.types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_method.attached",
        "checkout.session.completed",
    ]
    paid = world.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent", "line_items"]})
    assert (paid.status, paid.payment_status, paid.amount_total) == ("complete", "paid", 5000)
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.payment_intent.metadata["purchase"], paid.payment_intent.amount_received) == ("p1", 5000)
    assert paid.line_items is not None
    assert (paid.line_items.data[0].quantity, paid.line_items.data[0].amount_total) == (2, 5000)


def test_a_purchase_with_an_invoice(world: World) -> None:
    session = session_of(world, world.customer(world.clock(JANUARY), card=None), invoice_creation={"enabled": True})

    world.pay_page(session)

    types = world.types()
    assert [kind for kind in types if kind.startswith("invoice.")] == [
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]
    paid = world.v1.checkout.sessions.retrieve(session.id, {"expand": ["invoice"]})
    assert isinstance(paid.invoice, stripe.Invoice)
    assert (paid.invoice.total, paid.invoice.status, paid.invoice.parent) == (5000, "paid", None)


def recharge(world: World, customer: str) -> stripe.Invoice:
    params: Any = {
        "customer": customer,
        "auto_advance": False,
        "collection_method": "charge_automatically",
        "pending_invoice_items_behavior": "exclude",
        "metadata": {"recharge": "r1"},
    }
    invoice = world.v1.invoices.create(params)
    item: Any = {"customer": customer, "invoice": invoice.id, "amount": 5000, "currency": "usd"}
    world.v1.invoice_items.create(item)
    return world.v1.invoices.finalize_invoice(str(invoice.id), {"auto_advance": False})


def test_a_recharge_by_invoice(world: World) -> None:
    customer = world.customer(world.clock(JANUARY))
    world.v1.invoice_items.create({"customer": customer, "amount": 9, "currency": "usd"})
    world.forget()

    invoice = recharge(world, customer)

    assert (invoice.status, invoice.total, invoice.parent) == ("open", 5000, None)
    assert world.types() == [
        "invoice.created",
        "invoiceitem.created",
        "invoice.updated",
        "invoice.finalized",
        "payment_intent.created",
    ]
    paid = world.v1.invoices.pay(str(invoice.id), {"off_session": True})
    assert (paid.status, paid.amount_paid, paid.attempt_count) == ("paid", 5000, 1)
    assert world.types()[:3] == ["charge.succeeded", "payment_intent.succeeded", "invoice.paid"]
    assert len(world.v1.invoice_items.list({"customer": customer, "pending": True}).data) == 1


def test_a_recharge_that_the_bank_wants_confirmed(world: World) -> None:
    invoice = recharge(world, world.customer(world.clock(JANUARY), card="pm_card_authenticationRequired"))
    world.forget()

    with pytest.raises(stripe.CardError) as caught:
        world.v1.invoices.pay(str(invoice.id), {"off_session": True})

    assert (caught.value.http_status, caught.value.code) == (402, "authentication_required")
    assert world.types() == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "invoice.updated",
    ]
    void = world.v1.invoices.void_invoice(str(invoice.id))
    assert void.status == "void"
    canceled, voided = world.events()
    assert (canceled.type, canceled.data.object["cancellation_reason"]) == ("payment_intent.canceled", "void_invoice")
    assert voided.type == "invoice.voided"


def test_on_session_the_same_card_asks(world: World) -> None:
    customer = world.customer(world.clock(JANUARY), card=None)
    world.forget()
    params: Any = {"amount": 5000, "currency": "usd", "customer": customer, "confirm": True}

    intent = world.v1.payment_intents.create(params | {"payment_method": "pm_card_authenticationRequired"})

    assert intent.status == "requires_action"
    assert intent.next_action is not None
    assert world.types()[-1] == "payment_intent.requires_action"


def test_checkout_leads_through_the_banks_question(world: World) -> None:
    session = session_of(world, world.customer(world.clock(JANUARY), card=None))

    asked = world.pay_page(session, number="4000002500003155")
    question = f"{world.sandbox.url}{asked.headers['location']}"
    assert "Your bank asks" in httpx2.get(question, trust_env=False).text
    refused = httpx2.post(question, data={"answer": "fail"}, trust_env=False)
    assert (refused.status_code, "unable to authenticate" in refused.text) == (422, True)
    asked = world.pay_page(session, number="4000002500003155")
    done = httpx2.post(question, data={"answer": "complete"}, trust_env=False)

    assert done.headers["location"] == "https://product.example/ok"
    assert world.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_off_session_payments_without_an_invoice(world: World) -> None:
    customer = world.customer(world.clock(JANUARY))
    method = world.v1.customers.payment_methods.list(customer).data[0].id
    params: Any = {"amount": 5000, "currency": "usd", "customer": customer, "payment_method": method}

    intent = world.v1.payment_intents.create(params | {"confirm": True, "off_session": True})

    assert (intent.status, intent.amount_received) == ("succeeded", 5000)


def test_refunds_in_parts(world: World) -> None:
    session = session_of(world, world.customer(world.clock(JANUARY), card=None))
    world.pay_page(session)
    intent = str(world.v1.checkout.sessions.retrieve(session.id).payment_intent)
    world.forget()

    first = world.v1.refunds.create({"payment_intent": intent, "amount": 1500, "metadata": {"refund": "1"}})

    assert (first.status, first.amount) == ("succeeded", 1500)
    assert world.types() == ["refund.created", "charge.refunded"]
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        world.v1.refunds.create({"payment_intent": intent, "amount": 3501})
    world.v1.refunds.create({"payment_intent": intent})
    charge = world.v1.charges.list({"payment_intent": intent}).data[0]
    assert (charge.amount_refunded, charge.refunded) == (5000, True)
    assert len(world.v1.refunds.list({"payment_intent": intent}).data) == 2


def test_too_small_an_amount_goes_on_the_next_invoice(world: World) -> None:
    customer = world.customer(world.clock(JANUARY))
    small: Any = {"customer": customer, "pending_invoice_items_behavior": "include"}
    world.v1.invoice_items.create({"customer": customer, "amount": 49, "currency": "usd"})
    first = world.v1.invoices.finalize_invoice(str(world.v1.invoices.create(small).id))
    assert (first.status, first.total, first.amount_due, first.ending_balance) == ("paid", 49, 0, 49)
    world.v1.invoice_items.create({"customer": customer, "amount": 100, "currency": "usd"})

    second = world.v1.invoices.finalize_invoice(str(world.v1.invoices.create(small).id))

    assert (second.total, second.starting_balance, second.amount_due) == (100, 49, 149)


def test_a_self_made_invoice_collects_itself(world: World) -> None:
    customer = world.customer(world.clock(JANUARY))
    draft = world.v1.invoices.create({"customer": customer, "currency": "usd"})
    world.v1.invoices.add_lines(str(draft.id), {"lines": [{"amount": 700, "description": "tokens"}]})

    answer = world.v1.invoices.finalize_invoice(str(draft.id), {"auto_advance": True})
    world.settle()

    assert answer.status == "open"
    assert world.v1.invoices.retrieve(str(draft.id)).status == "paid"
