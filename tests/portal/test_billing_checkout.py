"""Buying from the pages, against the payment provider's stand-in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Organization, User
from billing.models import Checkout, CreditGrant, Subscription
from core.money import picos_of_cents
from tests.actors import browser_of
from tests.billing.payments.shop import DECLINED, Shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(ada: User) -> Client:
    return browser_of(ada)


def session_id() -> str:
    return Checkout.objects.get().stripe_session_id or ""


def back_from(shop: Shop, url: str) -> str:
    """Pay on the provider's page; answer the path on ours that it leads back to."""
    location = urlsplit(shop.pay(url).headers["location"])
    return f"{location.path}?{location.query}"


def test_subscribing_leads_to_the_providers_page_and_back_to_an_active_plan(shop: Shop, browser: Client) -> None:
    answer = browser.post("/billing/subscribe/build/")
    assert answer.status_code == 303

    page = browser.get(back_from(shop, answer.headers["Location"])).content.decode()

    assert "Build is active" in page
    assert "$20.00" in page
    assert 'hx-trigger="every 2s"' not in page
    assert Subscription.objects.get().is_in_service


def test_the_page_shows_the_same_where_the_webhook_was_first(shop: Shop, browser: Client) -> None:
    path = back_from(shop, browser.post("/billing/subscribe/build/").headers["Location"])
    shop.deliver()

    assert "Build is active" in browser.get(path).content.decode()


def test_an_unpaid_page_waits_and_asks_again(shop: Shop, browser: Client) -> None:
    browser.post("/billing/subscribe/build/")
    session = session_id()

    page = browser.get("/billing/checkout/", {"session": session}).content.decode()
    part = browser.get("/billing/checkout/", {"session": session, "part": "progress"}).content.decode()

    assert "Waiting for the payment" in page
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part


def test_a_declined_card_leaves_nothing_bought(shop: Shop, browser: Client) -> None:
    answer = browser.post("/billing/subscribe/build/")
    shop.pay(answer.headers["Location"], number=DECLINED)

    page = browser.get("/billing/checkout/", {"session": session_id()}).content.decode()

    assert "is active" not in page
    assert not Subscription.objects.exists()


def test_a_subscriber_is_told_that_there_is_one_already(shop: Shop, acme: Organization, browser: Client) -> None:
    shop.subscribe(acme)

    answer = browser.post("/billing/subscribe/build/")

    assert answer.status_code == 409
    assert "subscribed to Build" in answer.content.decode()


def test_what_is_about_to_be_bought_is_shown_first(shop: Shop, browser: Client) -> None:
    page = browser.get("/billing/subscribe/build/").content.decode()

    for text in ("Subscribe to Build", "$20", "$25 a month", "up to $100", "Continue to payment"):
        assert text in page
    assert not Checkout.objects.exists()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("slug", ["free", "nothing"])
def test_what_is_not_for_sale_is_not_found(slug: str, browser: Client, shop: Shop) -> None:
    shop.plan("free", now=shop.now, fee=0, credit=0)

    assert browser.post(f"/billing/subscribe/{slug}/").status_code == 404


def test_bought_credit_is_there_when_the_customer_is_back(shop: Shop, browser: Client) -> None:
    answer = browser.post("/billing/credit/", {"amount": "12.50"})
    assert answer.status_code == 303

    page = browser.get(back_from(shop, answer.headers["Location"])).content.decode()

    assert "$12.50 of credit added" in page
    assert CreditGrant.objects.get(kind="paid").amount == picos_of_cents(1_250)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("amount", "error"),
    [
        ("4.99", "The least amount is $5."),
        ("1000.01", "The largest amount is $1,000 at a time."),
        ("ten", "Enter an amount such as 25 or 25.50."),
        ("5.005", "no more than 2 decimal places"),
        ("", "This field is required."),
        ("NaN", "Enter an amount"),
        ("-5", "The least amount is $5."),
    ],
)
def test_an_amount_out_of_bounds_is_refused_with_the_form(amount: str, error: str, browser: Client) -> None:
    answer = browser.post("/billing/credit/", {"amount": amount})

    assert answer.status_code == 422
    assert error in answer.content.decode()
    assert not Checkout.objects.exists()


def test_while_the_provider_is_away_the_page_waits(shop: Shop, browser: Client, settings: Settings) -> None:
    path = back_from(shop, browser.post("/billing/subscribe/build/").headers["Location"])
    settings.STRIPE_SANDBOX_URL = "http://127.0.0.1:9"

    assert "Waiting for the payment" in browser.get(path).content.decode()


@pytest.mark.usefixtures("elsewhere")
def test_anothers_payment_page_is_not_found(shop: Shop, browser: Client, eve: User) -> None:
    location = browser.post("/billing/subscribe/build/").headers["Location"]
    path = back_from(shop, location)

    assert browser_of(eve).get(path).status_code == 404
    assert parse_qs(urlsplit(path).query)["session"] == [Checkout.objects.get().stripe_session_id]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("query", ["", "?session=", "?session=cs_test_unknown", "?session=%00"])
def test_an_unknown_payment_is_not_found(query: str, browser: Client) -> None:
    assert browser.get(f"/billing/checkout/{query}").status_code == 404


@pytest.mark.usefixtures("shop")
def test_leaving_the_payment_says_that_nothing_was_taken(browser: Client) -> None:
    assert "No money was taken" in browser.get("/billing/checkout/canceled/").content.decode()
