"""A card is saved by Checkout in setup mode, to be charged later."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
import stripe
from stripe.checkout import Session

from tests.sandbox.stripe.world import World, at

JANUARY = at(1)


@pytest.fixture
def session(world: World) -> Session:
    customer = world.customer(world.clock(JANUARY), card=None)
    params: Any = {
        "mode": "setup",
        "currency": "usd",
        "customer": customer,
        "success_url": "https://product.example/ok",
    }
    session = world.v1.checkout.sessions.create(params | {"setup_intent_data": {"metadata": {"org": "7"}}})
    world.forget()
    return session


def test_the_card_is_attached_and_no_money_moves(world: World, session: Session) -> None:
    assert (session.amount_total, session.payment_status) == (None, "no_payment_required")

    answer = world.pay_page(session)

    assert answer.headers["location"] == "https://product.example/ok"
    assert world.types() == [
        "setup_intent.created",
        "setup_intent.succeeded",
        "payment_method.attached",
        "checkout.session.completed",
    ]
    done = world.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    assert isinstance(done.setup_intent, stripe.SetupIntent)
    method = done.setup_intent.payment_method
    assert isinstance(method, stripe.PaymentMethod)
    assert (done.status, done.setup_intent.status, method.customer) == ("complete", "succeeded", session.customer)
    assert done.setup_intent.metadata is not None
    assert done.setup_intent.metadata["org"] == "7"


def test_a_refused_card_is_not_saved(world: World, session: Session) -> None:
    answer = world.pay_page(session, number="4000000000000002")

    assert (answer.status_code, "Your card was declined." in answer.text) == (422, True)
    assert world.types() == ["setup_intent.created", "setup_intent.setup_failed"]
    assert world.v1.payment_methods.list({"customer": str(session.customer)}).data == []


def test_a_card_that_was_set_up_pays_off_session(world: World, session: Session) -> None:
    asked = world.pay_page(session, number="4000002500003155")
    httpx2.post(f"{world.sandbox.url}{asked.headers['location']}", data={"answer": "complete"}, trust_env=False)
    customer = str(session.customer)
    method = world.v1.payment_methods.list({"customer": customer}).data[0].id
    params: Any = {"amount": 5000, "currency": "usd", "customer": customer, "payment_method": method}

    intent = world.v1.payment_intents.create(params | {"confirm": True, "off_session": True})

    assert intent.status == "succeeded"
