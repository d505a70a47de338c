"""The pages that end a subscription with its period, and take that back, against the provider's stand-in."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization, User
from billing.models import Subscription
from tests.actors import browser_of
from tests.billing.payments.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)

CANCEL = "/billing/cancellation/"
KEEP = "/billing/continuation/"


@pytest.fixture
def browser(ada: User) -> Client:
    return browser_of(ada)


@pytest.fixture
def subscribed(shop: Shop, acme: Organization) -> Subscription:
    shop.subscribe(acme)
    return Subscription.objects.get()


@pytest.mark.usefixtures("subscribed")
def test_one_cancels_after_a_question_and_takes_it_back(browser: Client) -> None:
    assert CANCEL in browser.get("/billing/").content.decode()
    question = browser.get(CANCEL).content.decode()
    assert "8 May 2026" in question
    assert "Cancel Build?" in question
    assert Subscription.objects.get().cancel_at is None, "looking changes nothing"

    canceled = browser.post(CANCEL, follow=True).content.decode()

    assert "Build will not renew." in canceled
    assert "Ends on" in canceled
    assert CANCEL not in canceled
    assert KEEP in canceled
    assert "Keep Build?" in browser.get(KEEP).content.decode()

    kept = browser.post(KEEP, follow=True).content.decode()

    assert "Build renews as before." in kept
    assert "Renews on" in kept


@pytest.mark.usefixtures("subscribed")
def test_who_wants_another_plan_is_led_there(browser: Client) -> None:
    refused = browser.post("/billing/subscribe/build/")

    assert refused.status_code == 409
    assert f'href="{CANCEL}"' in refused.content.decode()
    assert "Continue to payment" not in refused.content.decode(), "it would be refused again"

    browser.post(CANCEL)
    refused_again = browser.post("/billing/subscribe/build/").content.decode()

    assert "It ends on" in refused_again
    assert "8 May 2026" in refused_again
    assert CANCEL not in refused_again


@pytest.mark.usefixtures("subscribed")
def test_a_question_that_does_not_apply_leads_back(browser: Client) -> None:
    assert browser.get(KEEP).headers["Location"] == reverse("billing")

    browser.post(CANCEL)

    assert browser.get(CANCEL).headers["Location"] == reverse("billing")


@pytest.mark.usefixtures("shop", "acme")
def test_without_a_subscription_there_is_nothing_to_cancel(browser: Client) -> None:
    assert browser.get(CANCEL).status_code == 302
    refused = browser.post(CANCEL)
    assert refused.status_code == 409
    assert "no subscription" in refused.content.decode()


@pytest.mark.parametrize("path", [CANCEL, KEEP])
def test_visitors_sign_in_and_others_may_not(
    path: str, subscribed: Subscription, ben: User, eve: User, elsewhere: Organization, client: Client
) -> None:
    for method in ("get", "post"):
        assert getattr(client, method)(path).headers["Location"].startswith(reverse("account_login"))
        assert getattr(browser_of(ben), method)(path).status_code == 403
    browser_of(eve).post(path)

    subscribed.refresh_from_db()
    assert subscribed.cancel_at is None
