"""The books of a whole story hold; and each rule finds what is planted against it, triggers and all switched off."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from billing.close import close_period
from billing.credits import Kind, grant_credit, grant_plan_credit
from billing.invariants import RULES
from billing.invoice_status import mark_paid, mark_uncollectible, mark_void
from billing.invoicing import complete_from_provider
from billing.models import Invoice, Subscription
from catalog.models import Model
from core.service_tier import ServiceTier
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.billing.plans import MONTH_END, NEXT_END, TOKENS, renew
from tests.billing.provider import finalized, plan_line
from tests.factories import PRICES, ROBOT, halved, make_model, use

AFTER_NEXT = NEXT_END + timedelta(days=30)


def broken() -> dict[str, list[str]]:
    found = {rule.name: list(rule.violations()) for rule in RULES}
    return {name: violations for name, violations in found.items() if violations}


@pytest.fixture
def story(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> list[Invoice]:
    """Two renewals with late usage, credit that runs out, an invoice paid, one open."""
    grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)
    grant_credit(
        subscription.organization,
        kind=Kind.PROMOTIONAL,
        amount=10**9,
        reason="A tenth of a cent",
        operation_key="tiny",
        actor=ROBOT,
        now=now,
    )
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    first = _issue(subscription, 1, now=now)
    mark_paid(first, first.total, paid_at=MONTH_END, now=now)
    use(key, spark, at=now, counts=TokenCounts(input=20_000_003, reasoning=777))
    use(key, spark, at=MONTH_END, counts=TokenCounts(output=9_999_999))
    renew(subscription, AFTER_NEXT)
    return [first, _issue(subscription, 2, now=now)]


def _issue(subscription: Subscription, index: int, *, now: datetime) -> Invoice:
    period = subscription.periods.get(index=index)
    assert period.end is not None
    draft = close_period(period.pk, now=now)
    fee = plan_line(20_00, start=period.end, end=subscription.current_period_end)
    return complete_from_provider(draft, finalized(draft, fee, at=period.end, tax=1_07), now=now)


def test_the_books_of_a_story_hold(story: list[Invoice]) -> None:
    assert broken() == {}


def test_they_hold_where_tiers_have_their_own_prices(subscription: Subscription, key: ApiKey, now: datetime) -> None:
    model = make_model("muse-tiered", now=now, tiers={ServiceTier.BATCH: halved(PRICES)})
    standard = use(key, model, at=now, counts=TOKENS)
    batch = use(key, model, at=now, counts=TOKENS, service_tier="batch")
    renew(subscription, NEXT_END)

    invoice = _issue(subscription, 1, now=now)

    assert batch.amount * 2 == standard.amount
    lines = invoice.lines.filter(kind="usage", token_class="output")
    assert [(line.description, line.unit_price) for line in lines] == [
        ("muse-tiered output tokens (batch)", 2_125_000),
        ("muse-tiered output tokens", 4_250_000),
    ]
    assert [line.exact_amount for line in lines] == [TOKENS.output * 2_125_000, TOKENS.output * 4_250_000]
    assert broken() == {}


@pytest.mark.parametrize("end", [mark_void, mark_uncollectible])
def test_they_hold_whatever_becomes_of_an_invoice(story: list[Invoice], now: datetime, end: object) -> None:
    end(story[1], now=now)  # type: ignore[operator]

    assert broken() == {}


def test_they_hold_where_a_written_off_invoice_is_paid_in_part_by_the_balance(
    story: list[Invoice], now: datetime
) -> None:
    mark_uncollectible(story[1], now=now)

    mark_paid(story[1], story[1].total - 50, paid_at=now, now=now)

    assert broken() == {}


@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        ("UPDATE billing_ledgerentry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM billing_ledgerentry)", 0),
        ("UPDATE billing_ledgerentry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM billing_ledgerentry)", 1),
        ("UPDATE usage_wallet SET spent = spent + 1", 2),
        ("DELETE FROM usage_event WHERE id = (SELECT id FROM usage_event LIMIT 1)", 2),
        ("UPDATE usage_rollup SET reasoning = reasoning + 1", 3),
        ("UPDATE usage_wallet SET credit = credit + 1", 4),
        ("UPDATE billing_creditgrant SET remaining = remaining + 1 WHERE remaining < amount - expired", 5),
        ("UPDATE billing_creditconsumption SET amount = amount - 1", 5),
        ("UPDATE billing_creditgrant SET remaining = 1, expired = expired - 1 WHERE expired > 0", 6),
        ("DELETE FROM billing_booking; DELETE FROM billing_ratingrun", 7),
        ("DELETE FROM billing_booking WHERE id = (SELECT min(id) FROM billing_booking)", 8),
        ("UPDATE usage_event SET occurred_at = occurred_at - interval '1 year'", 8),
        ("UPDATE billing_booking SET invoice_line_id = NULL", 9),
        ("UPDATE billing_invoice SET amount_paid = amount_paid + 1", 10),
        ("UPDATE billing_invoiceline SET amount = amount + 1 WHERE kind = 'plan'", 11),
        ("UPDATE billing_invoice SET tax = tax + 1, total = total + 1, subtotal = subtotal", 10),
        ("UPDATE billing_invoiceline SET exact_amount = exact_amount + 1 WHERE kind = 'credit'", 12),
        ("UPDATE billing_invoiceline SET amount = amount + 1 WHERE kind = 'usage'", 13),
        ("DELETE FROM billing_invoice WHERE number = 'TW-000001'", 14),
        ("UPDATE billing_invoice SET number = 'TW-000007' WHERE number = 'TW-000002'", 14),
        ("UPDATE billing_billingperiod SET start = start + interval '1 second' WHERE index = 2", 15),
        ("UPDATE billing_billingperiod SET index = 9 WHERE index = 3", 15),
        ("DELETE FROM billing_billingperiod WHERE index = 3", 16),
        ("UPDATE billing_billingperiod SET problem = 'stuck' WHERE index = 3", 18),
        ("UPDATE billing_invoice SET buyer_name = 'Somebody Else' WHERE number = 'TW-000001'", 20),
        ("UPDATE billing_invoiceline SET description = 'other words' WHERE kind = 'plan'", 20),
        ("UPDATE usage_event SET service_tier = 'batch'", 19),
        ("UPDATE catalog_price SET micros_per_million = micros_per_million + 1 WHERE token_class = 'output'", 19),
    ],
)
def test_each_rule_finds_what_is_planted(story: list[Invoice], plant: str, rule: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # Neither triggers nor foreign keys: as if somebody had been at the files.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(plant)
        assert cursor.rowcount
        found = broken()
        transaction.set_rollback(True)

    assert RULES[rule].name in found


def test_two_live_subscriptions_are_found(story: list[Invoice], subscription: Subscription) -> None:
    subscription.pk = None
    subscription.id = Invoice._meta.pk.get_default()
    subscription.stripe_subscription_id = "sub_second"
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_live_subscription_per_organization")
    subscription.save(force_insert=True)

    assert broken().keys() == {RULES[17].name}


def test_the_command_prints_a_line_for_each_promise(story: list[Invoice]) -> None:
    out = StringIO()

    call_command("check_books", stdout=out, no_color=True)

    assert [line[:6] for line in out.getvalue().splitlines()] == ["holds "] * len(RULES)


def test_the_command_fails_where_a_promise_is_broken(story: list[Invoice]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE usage_wallet SET spent = spent + 1")
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("check_books", stdout=out, no_color=True)

    assert "BROKEN  What wallets have spent is the sum of the events" in out.getvalue()
    assert f"1 of {len(RULES)} promises are broken." in out.getvalue()
