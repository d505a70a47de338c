"""Golden flow: the renewal carries the period's tokens, once, to the exact cent."""

from datetime import timedelta

from django.db.models import Sum

from accounts.models import Organization
from billing.models import BillingPeriod, CreditGrant, Invoice, InvoiceLine, LedgerEntry
from billing.payments.invoices import sync_invoice
from billing.payments.sweep import reconcile
from catalog.models import Model
from core.money import picos_of_cents
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.billing.payments.renewals import (
    CENTS,
    COUNTS,
    EXACT,
    PAST_COLLECTION,
    RENEWAL,
    SECOND_RENEWAL,
    books,
    lines_of,
    renew,
    usage_invoice,
)
from tests.billing.payments.shop import Shop, unhandled
from tests.factories import make_key, use
from usage.models import UsageEvent, Wallet


def test_the_renewal_bills_the_tokens_and_the_next_month(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model
) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    uncovered = EXACT - picos_of_cents(2_500)

    shop.advance(acme, RENEWAL)
    shop.deliver()

    invoice = usage_invoice(acme)
    assert invoice.status == "draft"
    assert invoice.lines_attached_at
    draft = shop.stripe.v1.invoices.retrieve(invoice.stripe_invoice_id or "")
    assert draft.status == "draft"
    assert draft.automatically_finalizes_at == int((RENEWAL + timedelta(hours=3)).timestamp())
    assert draft.subtotal == 2_000 + sum(CENTS) - 2_500

    shop.advance(acme, RENEWAL + PAST_COLLECTION)
    shop.deliver()

    invoice.refresh_from_db()
    assert invoice.status == "paid"
    assert invoice.number
    assert lines_of(invoice) == [*(("usage", cents) for cents in CENTS), ("credit", -2_500), ("plan", 2_000)]
    assert (invoice.total, invoice.amount_paid) == (2_668, 2_668)
    assert sum(int(line.exact_amount) for line in invoice.lines.filter(kind="usage")) == EXACT
    assert LedgerEntry.objects.aggregate(sum=Sum("amount"))["sum"] == 0
    paid = shop.stripe.v1.invoices.retrieve(invoice.stripe_invoice_id or "")
    assert (paid.status, paid.amount_paid) == ("paid", 2_668)
    wallet = Wallet.objects.get(organization_id=acme.pk)
    assert int(wallet.credit) == picos_of_cents(2_500) + uncovered + picos_of_cents(2_500)
    assert wallet.available == picos_of_cents(2_500 + 10_000)
    assert unhandled() == []


def test_usage_within_the_credit_leaves_the_fee(shop: Shop, acme: Organization, key: ApiKey, spark: Model) -> None:
    use(key, spark, at=shop.now, counts=TokenCounts(input=1_000_000))

    renew(shop, acme)

    assert lines_of(usage_invoice(acme)) == [("usage", 125), ("credit", -125), ("plan", 2_000)]
    assert usage_invoice(acme).amount_paid == 2_000
    # What was left of the first month's credit is gone, the second month's is there.
    assert Wallet.objects.get(organization_id=acme.pk).available == picos_of_cents(2_500 + 10_000)


def test_each_token_of_two_months_is_on_one_invoice(shop: Shop, acme: Organization, key: ApiKey, spark: Model) -> None:
    use(key, spark, at=shop.now, counts=TokenCounts(input=1_000_001))
    renew(shop, acme)
    # The demo's clock is ahead of ours: this happened in a period that is closed.
    late = use(key, spark, at=shop.now + timedelta(minutes=1), counts=TokenCounts(input=30_000_001, output=7))
    use(key, spark, at=RENEWAL + timedelta(days=1), counts=TokenCounts(output=2_000_000))

    renew(shop, acme, SECOND_RENEWAL)

    first, second = usage_invoice(acme), usage_invoice(acme, SECOND_RENEWAL)
    assert (first.status, second.status) == ("paid", "paid")
    counted = InvoiceLine.objects.filter(kind="usage", invoice__in=[first, second])
    assert counted.aggregate(sum=Sum("exact_amount"))["sum"] == UsageEvent.objects.aggregate(sum=Sum("amount"))["sum"]
    assert counted.aggregate(sum=Sum("quantity"))["sum"] == 1_000_001 + 30_000_001 + 7 + 2_000_000
    late_lines = second.lines.filter(kind="usage", period_end=RENEWAL)
    assert int(late.amount) == sum(int(line.exact_amount) for line in late_lines)
    assert LedgerEntry.objects.aggregate(sum=Sum("amount"))["sum"] == 0


def test_every_event_twice_and_backwards_changes_nothing_twice(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model
) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    shop.advance(acme, RENEWAL)
    first = shop.events()
    shop.deliver(list(reversed(first)))
    shop.advance(acme, RENEWAL + PAST_COLLECTION)
    second = shop.events()
    shop.deliver(list(reversed(second)))
    before = books()

    shop.deliver([*second, *first, *reversed(second)])
    for invoice in Invoice.objects.exclude(stripe_invoice_id=None):
        sync_invoice(invoice.stripe_invoice_id or "", now=shop.now)
    reconcile(acme, now=shop.now)

    assert books() == before
    assert usage_invoice(acme).status == "paid"


def test_the_sweep_does_what_no_webhook_told(shop: Shop, acme: Organization, key: ApiKey, spark: Model) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)

    shop.advance(acme, RENEWAL)
    reconcile(acme, now=shop.now)
    shop.advance(acme, RENEWAL + PAST_COLLECTION)
    reconcile(acme, now=shop.now)

    assert usage_invoice(acme).status == "paid"
    before = books()
    shop.deliver()
    assert books() == before


def test_a_renewal_that_was_finalized_without_us_puts_the_usage_onto_the_next(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model
) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    shop.advance(acme, RENEWAL + PAST_COLLECTION)

    shop.deliver()

    fee = Invoice.objects.get(organization=acme, reason="subscription_cycle")
    assert (fee.status, lines_of(fee)) == ("paid", [("plan", 2_000)])
    assert BillingPeriod.objects.get(organization=acme, end=RENEWAL).status == "closed"

    renew(shop, acme, SECOND_RENEWAL)

    second = usage_invoice(acme, SECOND_RENEWAL)
    assert [line for line in lines_of(second) if line[0] == "usage"] == [("usage", cents) for cents in CENTS]
    assert second.status == "paid"


def test_a_month_in_which_nothing_reached_us_is_caught_up(shop: Shop, acme: Organization, spark: Model) -> None:
    """The page was paid, and neither the customer's browser nor a webhook came back until after the renewal."""
    shop.pay(shop.checkout(acme))
    use(make_key(acme, now=shop.now).key, spark, at=shop.now, counts=COUNTS)
    shop.advance(acme, RENEWAL + PAST_COLLECTION)

    reconcile(acme, now=shop.now)
    shop.deliver()

    assert list(BillingPeriod.objects.values_list("end", "status")) == [(RENEWAL, "closed"), (SECOND_RENEWAL, "open")]
    assert [invoice.status for invoice in Invoice.objects.all()] == ["paid", "paid"]
    assert CreditGrant.objects.filter(kind=CreditGrant.Kind.PLAN).count() == 2

    renew(shop, acme, SECOND_RENEWAL)

    assert usage_invoice(acme, SECOND_RENEWAL).lines.filter(kind="usage").count() == 3
