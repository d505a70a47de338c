"""Whole invoices against files that were checked by hand. Run with GOLDEN=write to write them anew, then read them."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from billing.close import close_period
from billing.credits import Kind, grant_credit, grant_plan_credit
from billing.invoice_status import mark_paid
from billing.invoicing import complete_from_provider, mirror_invoice
from billing.models import Invoice, Subscription
from catalog.models import Model
from catalog.price_book import publish_prices
from core.usage import TokenClass, TokenCounts
from keys.models import ApiKey
from tests.billing.golden_text import as_text
from tests.billing.plans import MONTH_END, NEXT_END, TOKENS, renew
from tests.billing.provider import finalized, plan_line
from tests.factories import PRICES, ROBOT, make_model, use

GOLDEN = Path(__file__).with_name("golden")
LAST_END = NEXT_END + timedelta(days=30)


def check(invoice: Invoice, name: str) -> None:
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(as_text(invoice))
    assert as_text(invoice) == file.read_text()


def renewed(subscription: Subscription, *, until: datetime, now: datetime, tax: int = 0) -> Invoice:
    """Close the subscription's period, and issue its invoice with the next month's fee."""
    period = subscription.periods.get(status="open")
    renew(subscription, until)
    draft = close_period(period.pk, now=now)
    assert period.end is not None
    fee = plan_line(20_00, start=period.end, end=until)
    return complete_from_provider(draft, finalized(draft, fee, at=period.end, tax=tax), now=now)


def test_the_first_invoice_of_a_subscription(subscription: Subscription, now: datetime) -> None:
    draft = mirror_invoice(
        subscription.organization, "in_1", reason="subscription_create", subscription=subscription, now=now
    )
    fee = plan_line(20_00, start=now, end=MONTH_END)
    provider = finalized(draft, fee, at=now, reason="subscription_create", id="in_1")

    invoice = mark_paid(complete_from_provider(draft, provider, now=now), 20_00, paid_at=now, now=now)

    check(invoice, "subscription-begun")


def test_usage_within_the_included_credit(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> None:
    grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)
    embed = make_model("muse-embed", now=now, prices={TokenClass.INPUT: 20_000}, position=200)
    use(key, spark, at=now, counts=TokenCounts(input=8_226, cache_read=1_234, output=4_123, reasoning=77, requests=1))
    use(key, embed, at=now, counts=TokenCounts(input=333, requests=1))

    invoice = renewed(subscription, until=NEXT_END, now=now)

    check(mark_paid(invoice, 20_00, paid_at=MONTH_END, now=now), "within-included-credit")


def test_usage_beyond_all_credit_with_tax(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> None:
    grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)
    grant_credit(
        subscription.organization,
        kind=Kind.PAID,
        amount=10**12 + 1,
        reason="A dollar and a picodollar",
        operation_key="paid",
        actor=ROBOT,
        now=now,
    )
    use(key, spark, at=now, counts=TokenCounts(input=8_226_666, cache_read=1_234_567, output=4_123_457, reasoning=7))

    check(renewed(subscription, until=NEXT_END, now=now, tax=1_95), "beyond-credit")


def test_late_usage_over_two_renewals(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> None:
    use(key, spark, at=now, counts=TOKENS)
    first = renewed(subscription, until=NEXT_END, now=now)
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=MONTH_END, counts=TOKENS)
    second = renewed(subscription, until=LAST_END, now=now)
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=MONTH_END, counts=TOKENS)

    third = renewed(subscription, until=LAST_END + timedelta(days=30), now=now)

    for number, invoice in enumerate((first, second, third), start=1):
        check(invoice, f"late-usage-{number}")


def test_a_price_that_changes_within_the_period(
    subscription: Subscription, key: ApiKey, spark: Model, now: datetime
) -> None:
    later = now + timedelta(days=10)
    publish_prices(spark, dict(PRICES) | {TokenClass.INPUT: 1_000_000}, valid_from=later, actor=ROBOT, now=now)
    use(key, spark, at=now, counts=TOKENS)
    use(key, spark, at=later, counts=TOKENS)

    check(renewed(subscription, until=NEXT_END, now=now), "price-change")


@pytest.mark.parametrize(("tokens", "name"), [(3_999, "under-half-a-cent"), (4_000, "half-a-cent"), (0, "no-usage")])
def test_half_a_cent(
    *, subscription: Subscription, key: ApiKey, spark: Model, now: datetime, tokens: int, name: str
) -> None:
    if tokens:
        use(key, spark, at=now, counts=TokenCounts(input=tokens))

    check(renewed(subscription, until=NEXT_END, now=now), name)


def test_a_credit_purchase(subscription: Subscription, now: datetime) -> None:
    draft = mirror_invoice(subscription.organization, "in_2", reason="manual", subscription=None, now=now)
    purchase = plan_line(50_00, start=now, end=now, kind="purchase", description="Prepaid credit")
    provider = finalized(draft, purchase, at=now, reason="manual", id="in_2", tax=4_38)

    check(mark_paid(complete_from_provider(draft, provider, now=now), 54_38, paid_at=now, now=now), "credit-purchase")
