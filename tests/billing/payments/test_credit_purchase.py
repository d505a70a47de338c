"""Golden flow: credit is bought on Stripe's page."""

import pytest
from django.db.models import Sum

from accounts.models import Organization
from billing.models import Checkout, CreditGrant, Invoice, LedgerAccount, LedgerEntry
from billing.payments.checkout import NotForSale, start_credit_checkout
from billing.payments.checkout_completion import PurchaseDiffers, finish_checkout
from billing.payments.sweep import reconcile
from core.money import picos_of_cents
from tests.billing.payments.shop import DECLINED, STAFF, Shop, unhandled
from usage.models import Wallet


def buy(shop: Shop, organization: Organization, cents: int = 5_000) -> str:
    return start_credit_checkout(organization, cents, actor=STAFF, now=shop.now)


def balance(kind: LedgerAccount.Kind) -> int:
    return int(LedgerEntry.objects.filter(account__kind=kind).aggregate(sum=Sum("amount"))["sum"] or 0)


def test_paid_credit_is_granted_once_and_invoiced(shop: Shop, acme: Organization) -> None:
    shop.pay(buy(shop, acme))
    events = shop.events()

    shop.deliver(events)
    shop.deliver(events)
    reconcile(acme, now=shop.now)

    grant = CreditGrant.objects.get(organization=acme)
    assert (grant.kind, int(grant.amount), grant.expires_at) == ("paid", picos_of_cents(5_000), None)
    assert Wallet.objects.get(organization_id=acme.pk).available == picos_of_cents(5_000)
    invoice = Invoice.objects.get(organization=acme)
    assert (invoice.status, invoice.total, invoice.amount_paid) == ("paid", 5_000, 5_000)
    assert [(line.kind, line.amount) for line in invoice.lines.all()] == [("purchase", 5_000)]
    assert balance(LedgerAccount.Kind.CASH) == picos_of_cents(5_000)
    assert balance(LedgerAccount.Kind.CREDIT_HELD) == -picos_of_cents(5_000)
    assert balance(LedgerAccount.Kind.RECEIVABLE) == 0
    assert unhandled() == []


def test_two_purchases_are_two_grants(shop: Shop, acme: Organization) -> None:
    for cents in (500, 700):
        shop.pay(buy(shop, acme, cents))
    shop.deliver()

    assert Wallet.objects.get(organization_id=acme.pk).available == picos_of_cents(1_200)


def test_an_unpaid_page_grants_nothing(shop: Shop, acme: Organization) -> None:
    shop.pay(buy(shop, acme), number=DECLINED)
    shop.deliver()

    assert not CreditGrant.objects.exists()
    assert Checkout.objects.get().status == "open"


@pytest.mark.parametrize("cents", [0, -1, 499, 1_000_001])
def test_amounts_out_of_bounds_are_refused(shop: Shop, acme: Organization, cents: int) -> None:
    with pytest.raises(NotForSale):
        buy(shop, acme, cents)


def test_what_was_paid_must_be_what_our_row_says(shop: Shop, acme: Organization) -> None:
    shop.pay(buy(shop, acme))
    Checkout.objects.update(amount=500_000)

    with pytest.raises(PurchaseDiffers):
        finish_checkout(Checkout.objects.get().stripe_session_id or "", now=shop.now)

    assert not CreditGrant.objects.exists()


def test_a_session_whose_answer_was_lost_is_found_by_our_own_id(shop: Shop, acme: Organization) -> None:
    shop.pay(buy(shop, acme))
    Checkout.objects.update(stripe_session_id=None, status=Checkout.Status.PENDING)

    shop.deliver()

    assert Checkout.objects.get().status == "completed"
    assert CreditGrant.objects.count() == 1


def test_sessions_of_live_mode_and_of_strangers_are_not_ours(shop: Shop) -> None:
    assert finish_checkout("cs_live_123", now=shop.now) is None
    assert finish_checkout("cs_test_nobody", now=shop.now) is None
