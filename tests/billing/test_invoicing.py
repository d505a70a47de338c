from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.test import override_settings

from billing.close import close_period
from billing.credits import grant_plan_credit
from billing.invoice_status import (
    NotIssued,
    mark_paid,
    mark_payment_failed,
    mark_uncollectible,
    mark_void,
)
from billing.invoicing import ProviderDisagrees, complete_from_provider, mirror_invoice
from billing.ledger import Kind as Account
from billing.models import CreditGrant, Invoice, LedgerEntry, Subscription
from billing.numbering import chained_hash
from catalog.models import Model
from core.money import PICOS_PER_CENT, PICOS_PER_UNIT
from keys.models import ApiKey
from tests.billing.plans import COST, MONTH_END, NEXT_END, TOKENS, renew
from tests.billing.provider import attached, finalized, plan_line
from tests.factories import ROBOT, use
from usage.models import Wallet


@pytest.fixture
def draft(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> Invoice:
    """Acme's first renewal, with $2.555 of usage that no credit covers."""
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    return close_period(subscription.periods.get().pk, now=now)


@pytest.fixture
def issued(draft: Invoice, now: datetime) -> Invoice:
    renewal = plan_line(20_00, start=MONTH_END, end=NEXT_END)
    return complete_from_provider(draft, finalized(draft, renewal, at=MONTH_END), now=now)


def balance(account: Account) -> int:
    return int(LedgerEntry.objects.filter(account__kind=account).aggregate(sum=Sum("amount"))["sum"] or 0)


def available(invoice: Invoice) -> int:
    return Wallet.objects.get(organization_id=invoice.organization_id).available


def test_an_issued_invoice_has_the_providers_lines_and_ours(issued: Invoice) -> None:
    lines = list(issued.lines.order_by("position").values_list("kind", "amount"))

    assert lines == [("usage", 125), ("usage", 3), ("usage", 128), ("plan", 2000)]
    assert (issued.number, issued.status, issued.total) == ("TW-000001", "open", 2256)
    assert (issued.issued_at, issued.buyer_name, issued.buyer_email) == (MONTH_END, "Acme", "ada@acme.example")


def test_issuing_posts_receivable_revenue_and_rounding(issued: Invoice) -> None:
    assert balance(Account.RECEIVABLE) == 2256 * PICOS_PER_CENT
    assert balance(Account.PLAN_REVENUE) == -2000 * PICOS_PER_CENT
    assert balance(Account.USAGE_REVENUE) == -COST
    assert balance(Account.UNBILLED) == 0
    assert balance(Account.ROUNDING) == COST - 256 * PICOS_PER_CENT


def test_issuing_again_changes_nothing(issued: Invoice, now: datetime) -> None:
    entries = LedgerEntry.objects.count()

    again = complete_from_provider(issued, finalized(issued, at=MONTH_END, subtotal=1), now=now)

    assert again == issued
    assert LedgerEntry.objects.count() == entries


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        ({"subtotal": 2255, "total": 2255}, "sum to 2256"),
        ({"total": 2257}, "not the provider's total"),
        ({"currency": "eur"}, "in eur"),
        ({"lines": ()}, "We attached 3 lines of 256 cents, the provider has 0"),
    ],
)
def test_what_the_provider_says_otherwise_is_not_issued_but_shown(
    draft: Invoice, now: datetime, figures: dict[str, Any], problem: str
) -> None:
    renewal = plan_line(20_00, start=MONTH_END, end=NEXT_END)

    with pytest.raises(ProviderDisagrees):
        complete_from_provider(draft, finalized(draft, renewal, at=MONTH_END, **figures), now=now)

    draft.refresh_from_db()
    assert (draft.number, draft.status) == (None, "draft")
    assert problem in draft.problem
    assert draft.lines.filter(kind="plan").count() == 0


def test_a_line_attached_twice_is_not_issued(draft: Invoice, now: datetime) -> None:
    twice = (*attached(draft), *attached(draft))

    with pytest.raises(ProviderDisagrees):
        complete_from_provider(draft, finalized(draft, at=MONTH_END, lines=twice, subtotal=512, total=512), now=now)


def test_tax_is_added_to_the_lines(draft: Invoice, now: datetime) -> None:
    invoice = complete_from_provider(draft, finalized(draft, at=MONTH_END, tax=21), now=now)

    assert (invoice.subtotal, invoice.tax, invoice.total) == (256, 21, 277)
    assert balance(Account.TAX) == -21 * PICOS_PER_CENT


def test_numbers_follow_each_other_and_hashes_are_chained(
    issued: Invoice, subscription: Subscription, now: datetime
) -> None:
    other = mirror_invoice(issued.organization, "in_x", reason="manual", subscription=None, now=now)

    second = complete_from_provider(other, finalized(other, at=MONTH_END, reason="manual", id="in_x"), now=now)

    assert second.number == "TW-000002"
    assert issued.hash == chained_hash(Invoice.objects.get(pk=issued.pk), "")
    assert second.hash == chained_hash(Invoice.objects.get(pk=second.pk), issued.hash)


def test_another_legal_entity_has_numbers_of_its_own(issued: Invoice, now: datetime) -> None:
    other = mirror_invoice(issued.organization, "in_z", reason="manual", subscription=None, now=now)

    with override_settings(SELLER_NAME="Tollway Europe"):
        invoice = complete_from_provider(other, finalized(other, at=MONTH_END, reason="manual", id="in_z"), now=now)

    assert (invoice.number, invoice.hash) == ("TW2-000001", chained_hash(invoice, ""))


def test_the_database_refuses_to_change_an_issued_invoice(issued: Invoice, now: datetime) -> None:
    draft = mirror_invoice(issued.organization, "in_y", reason="manual", subscription=None, now=now)

    with pytest.raises(DatabaseError, match="is issued"), transaction.atomic():
        Invoice.objects.filter(pk=issued.pk).update(total=1, subtotal=1)
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        issued.lines.update(amount=0)
    with pytest.raises(DatabaseError, match="never change"), transaction.atomic():
        issued.lines.update(invoice=draft)


def test_payment_settles_the_usage_and_brings_the_next_credit(issued: Invoice, now: datetime) -> None:
    before = available(issued)

    invoice = mark_paid(issued, 2256, paid_at=MONTH_END, now=now)

    grant = CreditGrant.objects.get()
    assert (invoice.status, invoice.amount_paid, invoice.paid_at) == ("paid", 2256, MONTH_END)
    assert balance(Account.RECEIVABLE) == 0
    assert balance(Account.CASH) == 2256 * PICOS_PER_CENT
    assert (grant.kind, int(grant.amount), grant.expires_at) == ("plan", 25 * PICOS_PER_UNIT, NEXT_END)
    assert available(issued) == before + COST + 25 * PICOS_PER_UNIT


def test_paying_again_changes_nothing(issued: Invoice, now: datetime) -> None:
    mark_paid(issued, 2256, paid_at=MONTH_END, now=now)
    before = available(issued)

    mark_paid(issued, 2256, paid_at=MONTH_END, now=now)
    mark_payment_failed(issued, "too late", now=now)
    mark_void(issued, now=now)

    issued.refresh_from_db()
    assert (issued.status, issued.last_payment_error) == ("paid", "")
    assert available(issued) == before


def test_the_first_invoice_and_the_completed_checkout_grant_one_credit(
    subscription: Subscription, now: datetime
) -> None:
    invoice = mirror_invoice(
        subscription.organization, "in_1", reason="subscription_create", subscription=subscription, now=now
    )
    first = plan_line(20_00, start=now, end=MONTH_END)
    complete_from_provider(invoice, finalized(invoice, first, at=now, reason="subscription_create", id="in_1"), now=now)

    grant_plan_credit(subscription, start=now, end=MONTH_END, actor=ROBOT, now=now)
    mark_paid(invoice, 20_00, paid_at=now, now=now)

    assert CreditGrant.objects.count() == 1
    assert available(invoice) == 125 * PICOS_PER_UNIT


def test_a_draft_cannot_be_paid(draft: Invoice, now: datetime) -> None:
    with pytest.raises(NotIssued):
        mark_paid(draft, 256, paid_at=now, now=now)


def test_a_failed_payment_says_why_until_it_is_paid(issued: Invoice, now: datetime) -> None:
    failed = mark_payment_failed(issued, "Your card was declined.", now=now)

    paid = mark_paid(issued, 2256, paid_at=now, now=now)

    assert failed.last_payment_error == "Your card was declined."
    assert paid.last_payment_error == ""


def test_what_was_written_off_may_still_be_paid(issued: Invoice, now: datetime) -> None:
    mark_uncollectible(issued, now=now)
    written_off = balance(Account.BAD_DEBT)

    mark_paid(issued, 2256, paid_at=now + timedelta(days=9), now=now)

    assert written_off == 2256 * PICOS_PER_CENT
    assert (balance(Account.BAD_DEBT), balance(Account.RECEIVABLE)) == (0, 0)


@pytest.mark.parametrize("written_off", [False, True])
def test_a_void_invoice_leaves_its_usage_unbilled(issued: Invoice, now: datetime, written_off: bool) -> None:
    if written_off:
        mark_uncollectible(issued, now=now)

    mark_void(issued, now=now)

    assert balance(Account.UNBILLED) == COST
    assert (balance(Account.RECEIVABLE), balance(Account.BAD_DEBT), balance(Account.PLAN_REVENUE)) == (0, 0, 0)


def test_a_credit_purchase_goes_through_cash_once(subscription: Subscription, now: datetime) -> None:
    invoice = mirror_invoice(subscription.organization, "in_2", reason="manual", subscription=None, now=now)
    purchase = plan_line(50_00, start=now, end=now, kind="purchase")

    complete_from_provider(invoice, finalized(invoice, purchase, at=now, reason="manual", id="in_2", tax=4_00), now=now)
    mark_paid(invoice, 54_00, paid_at=now, now=now)

    # The grant of the purchase posts +50 to cash and −50 to credit held.
    assert balance(Account.CASH) == 4_00 * PICOS_PER_CENT
    assert LedgerEntry.objects.aggregate(sum=Sum("amount"))["sum"] == Decimal(0)
