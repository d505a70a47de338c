"""Invoices: the list, the page, the document, and whose they are."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, Organization, Role, User
from billing.invoice_status import mark_payment_failed
from billing.models import Invoice
from core.money import decimal_of_picos
from tests.actors import browser_of
from tests.billing.plans import MONTH_END
from tests.factories import make_user
from tests.portal.selling import Customer, customer_of, draft_renewal, issue, pay, subscribe


@pytest.fixture
def customer(acme: Organization, now: datetime) -> Customer:
    return customer_of(acme, now=now)


@pytest.fixture
def draft(customer: Customer, now: datetime) -> Invoice:
    """$10.22 of usage, of which the welcome credit pays $5."""
    return draft_renewal(customer, subscribe(customer, now=now), now=now, calls=4)


@pytest.fixture
def issued(draft: Invoice, now: datetime) -> Invoice:
    return issue(draft, now=now)


def test_the_list_shows_number_date_period_total_and_status(issued: Invoice, ada: User) -> None:
    page = browser_of(ada).get("/invoices/").content.decode()

    for text in ("TW-000001", "8 May 2026", "8 Apr 2026 to 8 May 2026", "$25.22", "Open", "Renewal and usage"):
        assert text in page


def test_an_empty_list_says_what_will_be_there(acme: Organization, ada: User) -> None:
    assert "No invoices yet" in browser_of(ada).get("/invoices/").content.decode()


def test_every_line_has_its_tokens_price_exact_amount_and_cents(issued: Invoice, ada: User) -> None:
    page = browser_of(ada).get(f"/invoices/{issued.pk}/").content.decode()

    for line in issued.lines.filter(kind="usage"):
        assert f"{int(line.quantity):,}" in page
        assert f"{decimal_of_picos(int(line.exact_amount)).normalize():f}" in page
    for text in ("muse-spark input tokens", "4,000,000", "$1.25", "$5.00", "−$5.00", "Subscription", "$20.00", "Acme"):
        assert text in page
    for text in ("Subtotal", "$25.22 USD", "Amount due", "ada@acme.example", issued.hash):
        assert text in page


def test_the_sections_add_up_to_the_subtotal(issued: Invoice, ada: User) -> None:
    sections = browser_of(ada).get(f"/invoices/{issued.pk}/").context["sections"]

    assert [section.title for section in sections] == ["Subscription", "Usage", "Credit"]
    assert sum(section.cents for section in sections) == issued.subtotal


def test_a_line_leads_to_the_usage_that_explains_it(issued: Invoice, ada: User) -> None:
    browser = browser_of(ada)
    sections = browser.get(f"/invoices/{issued.pk}/").context["sections"]
    usage = next(section for section in sections if section.title == "Usage")

    explained = browser.get(usage.lines[0].explained_at)

    exact = sum(int(each.line.exact_amount) for each in usage.lines)
    assert explained.context["report"].total.amount == exact == 4 * 2_555_000_000_000


def test_a_draft_says_so_and_has_no_document(draft: Invoice, ada: User) -> None:
    browser = browser_of(ada)

    page = browser.get(f"/invoices/{draft.pk}/").content.decode()

    assert "This is a draft" in page
    assert reverse("invoice_pdf", args=[draft.pk]) not in page
    assert browser.get(f"/invoices/{draft.pk}/pdf/").status_code == 404


def test_an_unpaid_invoice_says_why_and_where_to_pay(issued: Invoice, ada: User, now: datetime) -> None:
    mark_payment_failed(issued, "Your card was declined.", now=now)

    page = browser_of(ada).get(f"/invoices/{issued.pk}/").content.decode()

    assert "Your card was declined." in page
    assert 'href="https://pay.example/1"' in page


def test_a_paid_invoice_is_not_to_be_paid(issued: Invoice, ada: User, now: datetime) -> None:
    pay(issued, now=now)

    page = browser_of(ada).get(f"/invoices/{issued.pk}/").content.decode()

    assert "https://pay.example/1" not in page
    assert "Paid" in page


def test_the_document_is_a_pdf_named_by_the_number(issued: Invoice, ada: User) -> None:
    response = browser_of(ada).get(f"/invoices/{issued.pk}/pdf/")

    assert response.content.startswith(b"%PDF-")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'inline; filename="TW-000001.pdf"'
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_an_unchanged_document_is_not_sent_again_and_a_paid_one_is(issued: Invoice, ada: User, now: datetime) -> None:
    browser = browser_of(ada)
    path = f"/invoices/{issued.pk}/pdf/"
    tag = browser.get(path).headers["ETag"]

    unchanged = browser.get(path, headers={"If-None-Match": tag})
    pay(issued, now=now)
    paid = browser.get(path, headers={"If-None-Match": tag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert paid.status_code == 200


PATHS: list[Callable[[Invoice], str]] = [
    lambda invoice: f"/invoices/{invoice.pk}/",
    lambda invoice: f"/invoices/{invoice.pk}/pdf/",
]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("path_of", PATHS)
def test_an_invoice_is_an_outsiders_404_and_a_developers_403(
    path_of: Callable[[Invoice], str], issued: Invoice, eve: User, ben: User, client: Client
) -> None:
    path = path_of(issued)

    assert browser_of(eve).get(path).status_code == 404
    assert browser_of(ben).get(path).status_code == 403
    assert client.get(path).headers["Location"] == f"{reverse('account_login')}?next={path}"


@pytest.mark.usefixtures("elsewhere", "issued")
def test_the_list_is_ones_own(eve: User, ben: User, client: Client) -> None:
    assert "TW-000001" not in browser_of(eve).get("/invoices/").content.decode()
    assert browser_of(ben).get("/invoices/").status_code == 403
    assert client.get("/invoices/").status_code == 302


def test_finance_sees_invoices(issued: Invoice, acme: Organization, now: datetime) -> None:
    fay = make_user("fay@acme.example")
    Membership.objects.create(organization=acme, user=fay, role=Role.FINANCE, created_at=now)

    assert browser_of(fay).get(f"/invoices/{issued.pk}/").status_code == 200


def test_the_pages_take_few_queries(
    issued: Invoice, ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        Invoice.objects.create(organization=issued.organization, reason="manual", created_at=MONTH_END)
    browser = browser_of(ada)

    with django_assert_max_num_queries(8):
        page = browser.get("/invoices/")
    with django_assert_max_num_queries(8):
        browser.get(f"/invoices/{issued.pk}/")

    assert page.content.decode().count("<tr>") == 26
