"""Golden flow: the renewal's payment fails, and is recovered."""

from datetime import UTC, datetime, timedelta

from accounts.models import Organization
from billing.models import CreditGrant, Invoice, Subscription
from tests.billing.payments.shop import DECLINED_LATER, Shop

RENEWAL = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)


def fail_to_renew(shop: Shop, organization: Organization) -> Invoice:
    shop.subscribe(organization)
    subscription = Subscription.objects.get(organization=organization)
    customer = shop.customer(organization)
    bad = shop.stripe.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    shop.stripe.v1.subscriptions.update(subscription.stripe_subscription_id, {"default_payment_method": bad.id})
    shop.advance(organization, RENEWAL)
    shop.deliver()
    shop.advance(organization, RENEWAL + timedelta(hours=3, minutes=1))
    shop.deliver()
    return Invoice.objects.get(period__end=RENEWAL)


def test_a_declined_renewal_stays_open_and_says_why(shop: Shop, acme: Organization) -> None:
    invoice = fail_to_renew(shop, acme)

    assert (invoice.status, invoice.amount_paid, invoice.total) == ("open", 0, 2_000)
    assert invoice.last_payment_error == "Your card was declined."
    subscription = Subscription.objects.get(organization=acme)
    assert (subscription.status, subscription.is_in_service) == ("past_due", True)
    assert CreditGrant.objects.filter(organization=acme, kind=CreditGrant.Kind.PLAN).count() == 1


def test_a_new_card_recovers_it(shop: Shop, acme: Organization) -> None:
    invoice = fail_to_renew(shop, acme)
    customer = shop.customer(acme)
    good = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": customer})

    shop.stripe.v1.invoices.pay(invoice.stripe_invoice_id or "", {"payment_method": good.id})
    shop.deliver()

    invoice.refresh_from_db()
    assert (invoice.status, invoice.amount_paid, invoice.last_payment_error) == ("paid", 2_000, "")
    assert Subscription.objects.get(organization=acme).status == "active"
    assert CreditGrant.objects.filter(organization=acme, kind=CreditGrant.Kind.PLAN).count() == 2


def test_a_subscription_that_is_given_up_ends(shop: Shop, acme: Organization) -> None:
    invoice = fail_to_renew(shop, acme)

    shop.advance(acme, RENEWAL + timedelta(days=30))
    shop.deliver()

    assert Subscription.objects.get(organization=acme).status == "canceled"
    invoice.refresh_from_db()
    assert invoice.status == "open"


def test_a_voided_invoice_is_taken_back(shop: Shop, acme: Organization) -> None:
    invoice = fail_to_renew(shop, acme)

    shop.stripe.v1.invoices.void_invoice(invoice.stripe_invoice_id or "")
    shop.deliver()

    invoice.refresh_from_db()
    assert (invoice.status, bool(invoice.number)) == ("void", True)


def test_an_uncollectible_invoice_is_written_off(shop: Shop, acme: Organization) -> None:
    invoice = fail_to_renew(shop, acme)

    shop.stripe.v1.invoices.mark_uncollectible(invoice.stripe_invoice_id or "")
    shop.deliver()

    invoice.refresh_from_db()
    assert invoice.status == "uncollectible"


def test_a_card_that_fails_at_the_first_payment_makes_no_subscription(shop: Shop, acme: Organization) -> None:
    answer = shop.pay(shop.checkout(acme), number=DECLINED_LATER)
    shop.deliver()

    assert answer.status_code == 422
    assert not Subscription.objects.filter(organization=acme).exists()
