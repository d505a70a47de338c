"""Golden flow: a plan is bought on Stripe's page."""

from datetime import UTC, datetime

import pytest

from accounts.models import Organization
from billing.models import BillingAccount, BillingPeriod, Checkout, CreditGrant, Invoice, PlanVersion, Subscription
from billing.payments.checkout import AlreadySubscribed, NotForSale
from billing.payments.checkout_completion import finish_checkout
from billing.payments.price_push import push_plan_version
from core.money import picos_of_cents
from tests.billing.payments.shop import DECLINED, Shop, unhandled
from usage.models import Wallet

A_MONTH_LATER = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)


def test_a_paid_page_makes_the_subscription_with_its_credit_period_and_invoice(shop: Shop, acme: Organization) -> None:
    answer = shop.pay(shop.checkout(acme))
    shop.deliver()

    assert answer.status_code == 303
    subscription = Subscription.objects.get(organization=acme)
    assert (subscription.status, subscription.plan_version) == ("active", shop.version)
    assert (subscription.current_period_start, subscription.current_period_end) == (shop.now, A_MONTH_LATER)
    period = BillingPeriod.objects.get(organization=acme)
    assert (period.subscription, period.start, period.end) == (subscription, acme.created_at, A_MONTH_LATER)
    grant = CreditGrant.objects.get(organization=acme, kind=CreditGrant.Kind.PLAN)
    assert (int(grant.amount), grant.expires_at) == (picos_of_cents(2_500), A_MONTH_LATER)
    wallet = Wallet.objects.get(organization_id=acme.pk)
    assert (int(wallet.credit), int(wallet.credit_limit)) == (picos_of_cents(2_500), picos_of_cents(10_000))
    invoice = Invoice.objects.get(organization=acme)
    assert (invoice.status, invoice.reason, invoice.total, invoice.amount_paid) == (
        "paid",
        "subscription_create",
        2_000,
        2_000,
    )
    assert [(line.kind, line.amount) for line in invoice.lines.all()] == [("plan", 2_000)]
    assert Checkout.objects.get(organization=acme).status == "completed"
    assert unhandled() == []


def test_the_page_that_the_customer_returns_to_is_enough(shop: Shop, acme: Organization) -> None:
    answer = shop.pay(shop.checkout(acme))

    checkout = finish_checkout(answer.headers["location"].partition("session=")[2], now=shop.now)

    assert checkout is not None
    assert checkout.status == "completed"
    assert Subscription.objects.get(organization=acme).is_in_service
    assert Invoice.objects.get(organization=acme).status == "paid"

    shop.deliver()

    assert Invoice.objects.filter(organization=acme).count() == 1
    assert CreditGrant.objects.filter(organization=acme, kind=CreditGrant.Kind.PLAN).count() == 1


def test_a_declined_card_says_why_and_leaves_no_subscription(shop: Shop, acme: Organization) -> None:
    answer = shop.pay(shop.checkout(acme), number=DECLINED)
    shop.deliver()

    assert answer.status_code == 422
    assert "declined" in answer.text
    assert not Subscription.objects.filter(organization=acme).exists()
    assert not Invoice.objects.filter(organization=acme).exists()
    assert Checkout.objects.get(organization=acme).status == "open"
    assert BillingPeriod.objects.get(organization=acme).end is None


def test_a_second_subscription_is_refused(shop: Shop, acme: Organization) -> None:
    shop.subscribe(acme)

    with pytest.raises(AlreadySubscribed, match="subscribed to Build"):
        shop.checkout(acme)


def test_the_page_of_an_earlier_attempt_is_closed(shop: Shop, acme: Organization) -> None:
    first, second = shop.checkout(acme), shop.checkout(acme)

    assert shop.pay(first).status_code == 410
    assert shop.pay(second).status_code == 303
    shop.deliver()
    assert sorted(Checkout.objects.values_list("status", flat=True)) == ["completed", "expired"]


def test_a_page_paid_a_moment_ago_counts_before_another_one_opens(shop: Shop, acme: Organization) -> None:
    shop.pay(shop.checkout(acme))

    with pytest.raises(AlreadySubscribed):
        shop.checkout(acme)


def test_a_plan_without_a_fee_is_not_sold(shop: Shop, acme: Organization) -> None:
    free = shop.plan("free", now=shop.now, fee=0, credit=0)

    assert free.stripe_price_id == ""
    with pytest.raises(NotForSale):
        shop.checkout(acme, free)


def test_each_customer_of_the_demo_has_a_clock_of_its_own(
    shop: Shop, acme: Organization, elsewhere: Organization
) -> None:
    shop.checkout(acme)

    account = BillingAccount.objects.get(organization=acme)
    customer = shop.stripe.v1.customers.retrieve(account.stripe_customer_id or "")
    assert customer.test_clock == account.stripe_test_clock_id
    assert customer.email == "ada@acme.example"


def test_two_jobs_that_push_one_plan_make_one_price(shop: Shop) -> None:
    version = shop.plan("scale", now=shop.now, fee=20_000)
    stale = PlanVersion.objects.get(pk=version.pk)
    stale.stripe_price_id = ""

    pushed = push_plan_version(stale, now=shop.now)

    assert pushed.stripe_price_id == PlanVersion.objects.get(pk=version.pk).stripe_price_id
