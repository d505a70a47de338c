"""Golden flows: cancellation, and what was used until then."""

from datetime import UTC, datetime, timedelta

from accounts.models import Organization
from billing.models import BillingPeriod, Invoice, Subscription
from billing.payments.standalone import MANUAL
from billing.payments.sweep import reconcile
from catalog.models import Model
from core.money import picos_of_cents
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.billing.payments.shop import Shop, unhandled
from tests.factories import use
from usage.models import Wallet

PERIOD_END = datetime(2026, 5, 8, 12, 0, tzinfo=UTC)
# $42.50, of which the plan's credit pays $25.00.
COUNTS = TokenCounts(output=10_000_000)


def subscription_of(organization: Organization) -> Subscription:
    return Subscription.objects.get(organization=organization)


def test_a_cancellation_at_the_end_is_known_and_can_be_taken_back(shop: Shop, acme: Organization, key: ApiKey) -> None:
    stripe_id = subscription_of(acme).stripe_subscription_id

    shop.stripe.v1.subscriptions.update(stripe_id, {"cancel_at_period_end": True})
    shop.deliver()

    assert (subscription_of(acme).status, subscription_of(acme).cancel_at) == ("active", PERIOD_END)

    shop.stripe.v1.subscriptions.update(stripe_id, {"cancel_at_period_end": False})
    shop.deliver()

    assert subscription_of(acme).cancel_at is None


def test_the_last_period_is_billed_by_an_invoice_of_its_own(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model
) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    stripe_id = subscription_of(acme).stripe_subscription_id
    shop.stripe.v1.subscriptions.update(stripe_id, {"cancel_at_period_end": True})

    shop.advance(acme, PERIOD_END)
    shop.deliver()
    shop.advance(acme, PERIOD_END + timedelta(hours=2))
    shop.deliver()

    subscription = subscription_of(acme)
    assert (subscription.status, subscription.ended_at) == ("canceled", PERIOD_END)
    last = Invoice.objects.get(period__end=PERIOD_END)
    assert (last.reason, last.status, last.total, last.amount_paid) == (MANUAL, "paid", 1_750, 1_750)
    assert [(line.kind, line.amount) for line in last.lines.all()] == [("usage", 4_250), ("credit", -2_500)]
    following = BillingPeriod.objects.get(organization=acme, end=None)
    assert (following.start, following.subscription) == (PERIOD_END, None)
    assert Wallet.objects.get(organization_id=acme.pk).credit_limit == 0
    assert unhandled() == []

    invoices = Invoice.objects.count()
    reconcile(acme, now=shop.now)
    reconcile(acme, now=shop.now)
    assert Invoice.objects.count() == invoices


def test_an_immediate_end_bills_what_was_used_until_then(
    shop: Shop, acme: Organization, key: ApiKey, spark: Model
) -> None:
    use(key, spark, at=shop.now, counts=COUNTS)
    ended = shop.now + timedelta(days=3)
    shop.advance(acme, ended)

    shop.stripe.v1.subscriptions.cancel(subscription_of(acme).stripe_subscription_id)
    shop.deliver()
    shop.advance(acme, ended + timedelta(hours=2))
    shop.deliver()

    assert subscription_of(acme).ended_at == ended
    assert Invoice.objects.get(period__end=ended).status == "paid"
    assert BillingPeriod.objects.get(organization=acme, end=None).start == ended


def test_an_end_without_uncovered_usage_costs_nothing(shop: Shop, acme: Organization, key: ApiKey) -> None:
    shop.stripe.v1.subscriptions.cancel(subscription_of(acme).stripe_subscription_id)
    shop.deliver()
    reconcile(acme, now=shop.now)

    assert Invoice.objects.get().total == 2_000
    assert len(shop.stripe.v1.invoices.list({"customer": shop.customer(acme)}).data) == 1


def test_one_may_subscribe_again_after_the_end(shop: Shop, acme: Organization, key: ApiKey, spark: Model) -> None:
    use(key, spark, at=shop.now, counts=TokenCounts(input=1_000_000))
    shop.advance(acme, shop.now + timedelta(days=3))
    shop.stripe.v1.subscriptions.cancel(subscription_of(acme).stripe_subscription_id)
    shop.deliver()

    shop.subscribe(acme)

    assert sorted(Subscription.objects.values_list("status", flat=True)) == ["active", "canceled"]
    again = Subscription.objects.get(status="active")
    assert again.periods.get().end == again.current_period_end
    assert Wallet.objects.get(organization_id=acme.pk).credit_limit == picos_of_cents(10_000)
