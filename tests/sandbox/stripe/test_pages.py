"""The hosted pages: readable, labelled, without scripts, and honest about being a sandbox."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest
from stripe.checkout import Session

from tests.sandbox.stripe.world import CARD, World, at

JANUARY, FEBRUARY, HOUR = at(1), at(2), 3600


@pytest.fixture
def session(world: World) -> Session:
    params: Any = {
        "mode": "subscription",
        "line_items": [{"price": world.plan(2000), "quantity": 3}],
        "success_url": "https://product.example/ok",
        "cancel_url": "https://product.example/no",
    }
    return world.v1.checkout.sessions.create(params)


def page(url: str | None) -> httpx2.Response:
    assert url
    return httpx2.get(url, trust_env=False)


def test_the_page_shows_what_is_sold(session: Session) -> None:
    shown = page(session.url)

    assert shown.status_code == 200
    for text in ("Test mode sandbox", "Pro", "3 × $20.00", "$60.00", "per month", "4242 4242 4242 4242"):
        assert text in shown.text
    assert 'href="https://product.example/no"' in shown.text


def test_every_field_has_its_label(session: Session) -> None:
    html = page(session.url).text

    fields = set(re.findall(r'<(?:input|select) id="(\w+)"', html))
    assert fields == {"email", "number", "expiry", "cvc", "name", "country", "postal_code"}
    assert fields == set(re.findall(r'<label for="(\w+)"', html))


def test_the_page_needs_nothing_from_elsewhere(world: World, session: Session) -> None:
    shown = page(session.url)

    assert "style=" not in shown.text
    assert "<script" not in shown.text
    assert "unsafe-inline" not in shown.headers["content-security-policy"]
    for asset in re.findall(r'href="(/static/[\w.]+)"', shown.text):
        assert page(f"{world.sandbox.url}{asset}").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "nobody", "Enter your email address."),
        ("number", "4242", "Your card number is incomplete."),
        ("number", "4111111111111111", "Your card number is incorrect."),
        ("expiry", "13/34", "Enter the expiry date as MM/YY."),
        ("expiry", "01/20", "expiry date is in the past."),
        ("cvc", "1", "security code is incomplete."),
        ("name", " ", "Enter the name on the card."),
        ("number", "4000000000009995", "Your card has insufficient funds."),
    ],
)
def test_what_is_wrong_is_said_on_the_page(
    world: World, session: Session, field: str, value: str, message: str
) -> None:
    answer = world.pay_page(session, **{field: value})

    assert answer.status_code == 422
    assert message in answer.text.replace("&#39;", "'")
    assert 'role="alert"' in answer.text
    assert world.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_a_closed_session_has_no_form(world: World, session: Session) -> None:
    world.v1.checkout.sessions.expire(session.id)

    shown = page(session.url)

    assert (shown.status_code, "<form" in shown.text) == (410, False)
    assert page(f"{world.sandbox.url}/c/pay/cs_test_nothing").status_code == 404


def test_a_failed_invoice_is_paid_on_its_own_page(world: World) -> None:
    clock = world.clock(JANUARY)
    customer = world.customer(clock)
    sub = world.subscribe(customer)
    bad = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": bad.id}})
    world.advance(clock, FEBRUARY + HOUR)
    url = world.v1.invoices.list({"subscription": sub.id}).data[0].hosted_invoice_url
    assert "Pay $20.00" in page(url).text
    assert url

    declined = httpx2.post(url, data=CARD | {"number": "4000000000000002"}, trust_env=False)
    paid = httpx2.post(url, data=CARD, trust_env=False)

    assert (declined.status_code, "Your card was declined." in declined.text) == (422, True)
    assert (paid.status_code, "nothing to pay" in page(url).text) == (303, True)
    assert world.v1.subscriptions.retrieve(sub.id).status == "active"
    assert page(url[:-1]).status_code == 404
