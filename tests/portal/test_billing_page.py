"""The billing page: plan, balance and credit, exact to the picodollar, and what is wrong with a payment."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organization, User
from billing.credits import Kind, grant_credit
from billing.invoice_status import mark_payment_failed
from billing.models import Subscription
from core.money import PICOS_PER_UNIT
from portal.billing_overview import overview_of
from tests.actors import browser_of
from tests.billing.plans import TOKENS, make_plan
from tests.factories import ROBOT, use
from tests.portal.selling import Customer, customer_of, draft_renewal, issue, pay, subscribe
from usage.models import Wallet

COST = 2_555_000_000_000


@pytest.fixture
def customer(acme: Organization, now: datetime) -> Customer:
    return customer_of(acme, now=now)


def page_of(user: User) -> str:
    return browser_of(user).get("/billing/").content.decode()


def test_a_free_account_sees_its_credit_and_the_plans(customer: Customer, ada: User) -> None:
    page = page_of(ada)

    for text in ("Free", "no monthly fee", "$5.00", "Welcome credit", "Subscribe to Build", "$20", "Prepaid"):
        assert text in page
    assert reverse("subscribe", args=["build"]) in page
    assert "Subscribe to Free" not in page


def test_a_subscriber_sees_when_it_renews_and_no_other_plans(customer: Customer, ada: User, now: datetime) -> None:
    subscribe(customer, now=now)

    page = page_of(ada)

    for text in ("Build", "$20 a month", "Active", "Renews on", "8 May 2026", "$100.00"):
        assert text in page
    assert "Subscribe to" not in page


def test_a_canceled_subscription_says_when_it_ends(customer: Customer, ada: User, now: datetime) -> None:
    subscription = subscribe(customer, now=now)
    Subscription.objects.filter(pk=subscription.pk).update(cancel_at=subscription.current_period_end)

    page = page_of(ada)

    assert "Ends on" in page
    assert "Renews on" not in page


def test_usage_takes_from_the_grants_in_their_order_at_once(customer: Customer, now: datetime) -> None:
    for kind, reason, expires_at in (
        (Kind.PAID, "Bought", None),
        (Kind.PROMOTIONAL, "Soon over", now + timedelta(days=3)),
    ):
        grant_credit(
            customer.organization,
            kind=kind,
            amount=PICOS_PER_UNIT,
            reason=reason,
            operation_key=reason,
            actor=ROBOT,
            now=now,
            expires_at=expires_at,
        )
    use(customer.key, customer.spark, at=now, counts=TOKENS)

    overview = overview_of(customer.organization)

    left = [(each.grant.reason, each.left) for each in overview.grants]
    assert overview.to_invoice == COST
    assert left == [
        ("Soon over", 0),
        ("Welcome credit", 6 * PICOS_PER_UNIT - COST),
        ("Bought", PICOS_PER_UNIT),
    ]
    assert overview.credit_left == overview.wallet.available == 7 * PICOS_PER_UNIT - COST


def test_what_no_credit_covers_is_beyond_credit(customer: Customer, ada: User, now: datetime) -> None:
    subscribe(customer, now=now)
    for _ in range(3):
        use(customer.key, customer.spark, at=now, counts=TOKENS)

    overview = overview_of(customer.organization)

    assert overview.credit_left == 0
    assert overview.beyond_credit == 3 * COST - 5 * PICOS_PER_UNIT
    assert overview.wallet.available == overview.limit - overview.beyond_credit
    assert "$2.665" in page_of(ada)


def test_what_was_invoiced_is_no_longer_to_be_invoiced(customer: Customer, now: datetime) -> None:
    subscription = subscribe(customer, now=now)
    draft_renewal(customer, subscription, now=now, calls=2)
    use(customer.key, customer.spark, at=now, counts=TOKENS)

    overview = overview_of(customer.organization)

    assert overview.to_invoice == COST
    assert Wallet.objects.get(organization_id=customer.organization.pk).spent == 3 * COST


def test_a_failed_payment_says_why_and_where_to_pay(customer: Customer, ada: User, now: datetime) -> None:
    invoice = issue(draft_renewal(customer, subscribe(customer, now=now), now=now), now=now)
    mark_payment_failed(invoice, "Your card was declined.", now=now)

    page = page_of(ada)

    for text in ("Your card was declined.", 'href="https://pay.example/1"', "TW-000001"):
        assert text in page


def test_a_paid_invoice_is_no_problem(customer: Customer, ada: User, now: datetime) -> None:
    pay(issue(draft_renewal(customer, subscribe(customer, now=now), now=now), now=now), now=now)

    assert "A payment is due" not in page_of(ada)


def test_an_empty_wallet_says_what_to_do(customer: Customer, ada: User, now: datetime) -> None:
    for _ in range(2):
        use(customer.key, customer.spark, at=now, counts=TOKENS)

    assert "Nothing is left to spend" in page_of(ada)


def test_a_subscription_out_of_service_says_so(customer: Customer, ada: User, now: datetime) -> None:
    subscription = subscribe(customer, now=now)
    Subscription.objects.filter(pk=subscription.pk).update(status=Subscription.Status.UNPAID)

    assert "The plan is not in service" in page_of(ada)


@pytest.mark.usefixtures("customer", "elsewhere")
@pytest.mark.parametrize(
    "name", ["billing", "buy_credit", "checkout_canceled", "checkout_done", "subscribe", "demo_clock"]
)
def test_visitors_sign_in_and_developers_may_not(name: str, ben: User, client: Client, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    path = reverse(name, args=["build"] if name == "subscribe" else [])

    assert client.get(path).headers["Location"].startswith(reverse("account_login"))
    assert browser_of(ben).get(path).status_code == 403


def test_eve_sees_her_own_billing(customer: Customer, eve: User, elsewhere: Organization, now: datetime) -> None:
    subscribe(customer, now=now)

    page = page_of(eve)

    assert "Welcome credit" not in page
    assert "Renews on" not in page


def test_the_page_takes_few_queries(
    customer: Customer, ada: User, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_plan(f"plan-{number}", now=now, monthly_fee=5_00 + number)
    browser = browser_of(ada)

    with django_assert_max_num_queries(12):
        browser.get("/billing/")
