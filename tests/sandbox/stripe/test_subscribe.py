"""Golden flow: subscribe, by Checkout and by API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stripe

from tests.sandbox.stripe.world import World, at

if TYPE_CHECKING:
    from stripe.checkout import Session

JANUARY, FEBRUARY = at(1), at(2)


def session_of(world: World, customer: str, price: str, **more: Any) -> Session:
    params: Any = {
        "mode": "subscription",
        "customer": customer,
        "client_reference_id": "attempt-1",
        "line_items": [{"price": price, "quantity": 1}],
        "success_url": "https://product.example/ok?cs={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://product.example/plans",
        "subscription_data": {"metadata": {"org": "7"}, "billing_mode": {"type": "flexible"}},
        "metadata": {"org": "7"},
    }
    return world.v1.checkout.sessions.create(params | more)


@pytest.fixture
def session(world: World) -> Session:
    customer = world.customer(world.clock(JANUARY), card=None)
    price = world.plan(2000)
    world.forget()
    return session_of(world, customer, price)


def test_an_open_session_has_a_page_and_nothing_else(world: World, session: Session) -> None:
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status, session.amount_total) == ("open", "unpaid", 2000)
    assert session.url == f"{world.sandbox.url}/c/pay/{session.id}"
    assert (session.subscription, session.invoice, session.payment_intent) == (None, None, None)
    assert session.expires_at == JANUARY + 24 * 3600


def test_paying_makes_everything_in_stripes_order(world: World, session: Session) -> None:
    answer = world.pay_page(session)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"https://product.example/ok?cs={session.id}"
    assert world.types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_method.attached",
        "customer.updated",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "checkout.session.completed",
    ]


def test_a_paid_session_leads_to_subscription_and_invoice(world: World, session: Session) -> None:
    world.pay_page(session)

    paid = world.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "invoice.payments"]})
    sub, invoice = paid.subscription, paid.invoice
    assert isinstance(sub, stripe.Subscription)
    assert isinstance(invoice, stripe.Invoice)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"
    assert (sub.status, sub.metadata["org"], sub.billing_mode.type) == ("active", "7", "flexible")
    item = sub["items"].data[0]
    assert (item.current_period_start, item.current_period_end) == (JANUARY, FEBRUARY)
    assert sub.default_payment_method
    assert (invoice.status, invoice.total, invoice.amount_paid, invoice.amount_remaining) == ("paid", 2000, 2000, 0)
    assert (invoice.billing_reason, invoice.auto_advance) == ("subscription_create", False)
    assert invoice.number
    assert invoice.parent is not None
    assert invoice.parent.subscription_details is not None
    assert invoice.parent.subscription_details.subscription == sub.id
    line = invoice.lines.data[0]
    assert (line.amount, line.period.start, line.period.end) == (2000, JANUARY, FEBRUARY)
    assert invoice.payments is not None
    intent = world.v1.payment_intents.retrieve(str(invoice.payments.data[0].payment.payment_intent))
    assert (intent.status, intent.amount_received) == ("succeeded", 2000)


def test_the_snapshots_show_draft_open_and_paid(world: World, session: Session) -> None:
    world.pay_page(session)

    snapshots = {event.type: event.data.object for event in world.events()}
    assert snapshots["customer.subscription.created"]["status"] == "active"
    assert snapshots["invoice.created"]["status"] == "draft"
    assert snapshots["invoice.finalized"]["status"] == "open"
    assert snapshots["invoice.paid"]["status"] == "paid"
    assert snapshots["charge.succeeded"]["balance_transaction"] is None


def test_a_declined_card_leaves_no_subscription(world: World, session: Session) -> None:
    answer = world.pay_page(session, number="4000000000000002")

    assert answer.status_code == 422
    assert "Your card was declined." in answer.text
    assert world.types() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    again = world.v1.checkout.sessions.retrieve(session.id)
    assert (again.status, again.subscription) == ("open", None)
    assert world.v1.subscriptions.list({"customer": str(session.customer), "status": "all"}).data == []
    assert world.v1.invoices.list({"customer": str(session.customer)}).data == []


def test_a_second_card_uses_the_same_payment(world: World, session: Session) -> None:
    world.pay_page(session, number="4000000000000002")
    world.forget()

    answer = world.pay_page(session)

    assert answer.status_code == 303
    assert world.types()[:2] == ["charge.succeeded", "payment_intent.succeeded"]


def test_a_session_expires_after_a_day(world: World, session: Session) -> None:
    customer = world.v1.customers.retrieve(str(session.customer))

    world.advance(str(customer.test_clock), JANUARY + 24 * 3600)

    assert world.types() == ["checkout.session.expired"]
    expired = world.v1.checkout.sessions.retrieve(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    assert world.pay_page(session).status_code == 410


def test_a_customer_is_made_when_none_is_given(world: World) -> None:
    params: Any = {
        "mode": "subscription",
        "line_items": [{"price": world.plan(2000), "quantity": 1}],
        "success_url": "https://product.example/ok",
    }
    session = world.v1.checkout.sessions.create(params)
    world.forget()

    world.pay_page(session, email="new@example.com")

    assert world.types()[:2] == ["customer.created", "payment_intent.created"]
    customer = world.v1.customers.retrieve(str(world.v1.checkout.sessions.retrieve(session.id).customer))
    assert (customer.email, customer.name) == ("new@example.com", "Ada")


def test_by_api_the_payment_comes_between(world: World) -> None:
    customer = world.customer(world.clock(JANUARY))
    world.plan(2000)
    world.forget()

    sub = world.subscribe(customer)

    assert sub.status == "active"
    assert world.types()[1:] == [
        "customer.updated",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ]


def test_default_incomplete_waits_for_the_payment(world: World) -> None:
    customer = world.customer(world.clock(JANUARY), card=None)
    more: Any = {"payment_behavior": "default_incomplete", "expand": ["latest_invoice.confirmation_secret"]}
    sub = world.subscribe(customer, **more)
    invoice = sub.latest_invoice
    assert isinstance(invoice, stripe.Invoice)
    assert (sub.status, invoice.status, invoice.amount_due) == ("incomplete", "open", 2000)
    assert invoice.confirmation_secret is not None
    intent = invoice.confirmation_secret.client_secret.partition("_secret_")[0]
    world.forget()

    world.v1.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})

    assert [kind for kind in world.types() if kind != "payment_method.attached"] == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
    ]
    assert world.v1.subscriptions.retrieve(sub.id).status == "active"


def test_an_unpaid_first_invoice_ends_it_after_23_hours(world: World) -> None:
    clock = world.clock(JANUARY)
    sub = world.subscribe(world.customer(clock, card=None), payment_behavior="default_incomplete")
    world.forget()

    world.advance(clock, JANUARY + 23 * 3600)

    assert world.types() == ["payment_intent.canceled", "invoice.voided", "customer.subscription.updated"]
    assert world.v1.subscriptions.retrieve(sub.id).status == "incomplete_expired"


def test_error_if_incomplete_leaves_nothing(world: World) -> None:
    customer = world.customer(world.clock(JANUARY), card="pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError) as caught:
        world.subscribe(customer, payment_behavior="error_if_incomplete")

    assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
    assert world.v1.subscriptions.list({"customer": customer, "status": "all"}).data == []


def test_a_decline_leaves_an_incomplete_subscription(world: World) -> None:
    customer = world.customer(world.clock(JANUARY), card="pm_card_chargeCustomerFail")

    sub = world.subscribe(customer, expand=["latest_invoice"])

    assert isinstance(sub.latest_invoice, stripe.Invoice)
    assert (sub.status, sub.latest_invoice.status) == ("incomplete", "open")
