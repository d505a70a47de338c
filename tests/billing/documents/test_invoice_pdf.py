from datetime import datetime

import pytest

from billing.close import close_period
from billing.documents import invoice_pdf
from billing.documents.invoice_content import content_of
from billing.documents.invoice_pdf import DraftHasNoDocument
from billing.invoice_status import mark_paid
from billing.invoicing import complete_from_provider
from billing.models import Invoice, Subscription
from catalog.models import Model
from keys.models import ApiKey
from tests.billing.plans import MONTH_END, NEXT_END, TOKENS, renew
from tests.billing.provider import finalized, plan_line
from tests.factories import use


@pytest.fixture
def issued(subscription: Subscription, key: ApiKey, spark: Model, now: datetime) -> Invoice:
    use(key, spark, at=now, counts=TOKENS)
    renew(subscription, NEXT_END)
    draft = close_period(subscription.periods.get().pk, now=now)
    renewal = plan_line(20_00, start=MONTH_END, end=NEXT_END)
    return complete_from_provider(draft, finalized(draft, renewal, at=MONTH_END), now=now)


def test_the_document_is_a_pdf_and_stays_the_same(issued: Invoice) -> None:
    document = invoice_pdf(issued)

    assert document.startswith(b"%PDF-")
    assert document == invoice_pdf(Invoice.objects.get(pk=issued.pk))


def test_payment_is_shown(issued: Invoice, now: datetime) -> None:
    unpaid = invoice_pdf(issued)

    paid = mark_paid(issued, 2256, paid_at=MONTH_END, now=now)

    assert invoice_pdf(paid) != unpaid
    assert content_of(paid)["stamp"] == "Paid"
    assert content_of(paid)["totals"][-2:] == [
        {"label": "Paid on May 8, 2026", "amount": "−$22.56", "is_strong": False},
        {"label": "Amount due", "amount": "$0.00", "is_strong": True},
    ]


def test_lines_show_tokens_price_exact_amount_and_cents(issued: Invoice) -> None:
    subscription, usage = content_of(issued)["sections"]

    assert (subscription["title"], subscription["lines"][0]["amount"]) == ("Subscription", "$20.00")
    assert usage["lines"][2] == {
        "description": "muse-spark output tokens",
        "quantity": "300,000",
        "unit_price": "$4.25",
        "exact": "$1.275",
        "amount": "$1.28",
    }


def test_names_are_text_and_never_markup(issued: Invoice) -> None:
    issued.buyer_name = '#panic("injected") *Acme* $x$ <script> \\ 日本'

    assert invoice_pdf(issued).startswith(b"%PDF-")


def test_a_draft_has_no_document(subscription: Subscription, now: datetime) -> None:
    renew(subscription, NEXT_END)
    draft = close_period(subscription.periods.get().pk, now=now)

    with pytest.raises(DraftHasNoDocument):
        invoice_pdf(draft)
