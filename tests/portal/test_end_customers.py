"""The pages of end customers."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import EndCustomer, Membership, Organization, Role, User
from core.usage import TokenCounts
from tests.actors import browser_of
from tests.factories import make_key, make_model, make_user, use

PAGES = ["end_customer", "end_customer_suspension", "end_customer_restoration"]


@pytest.fixture
def customer(acme: Organization, now: datetime) -> EndCustomer:
    return EndCustomer.objects.create(organization=acme, external_id="c-4711", name="Navy", created_at=now)


@pytest.fixture
def vera(acme: Organization, now: datetime) -> User:
    vera = make_user("vera@acme.example")
    Membership.objects.create(organization=acme, user=vera, role=Role.VIEWER, created_at=now)
    return vera


@pytest.mark.parametrize("page", PAGES)
def test_members_see_them_and_outsiders_do_not(
    customer: EndCustomer, ada: User, ben: User, eve: User, elsewhere: Organization, page: str
) -> None:
    address = reverse(page, args=[customer.pk])

    assert browser_of(ada).get(address).status_code == 200
    assert browser_of(ben).get(address).status_code == 200
    assert browser_of(eve).get(address).status_code == 404
    assert browser_of(eve).post(address, {"reason": "x", "name": "x"}).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_viewer_reads_and_changes_nothing(customer: EndCustomer, vera: User) -> None:
    browser = browser_of(vera)

    page = browser.get(reverse("end_customer", args=[customer.pk])).content.decode()

    assert "Navy" in page
    assert "/suspension/" not in page
    assert browser.get("/end-customers/").status_code == 200
    assert browser.get("/end-customers/new/").status_code == 403
    assert browser.post(reverse("end_customer", args=[customer.pk]), {"name": "x"}).status_code == 403
    assert browser.post(reverse("end_customer_suspension", args=[customer.pk]), {"reason": "x"}).status_code == 403


def test_one_is_registered_and_found_again(acme: Organization, ben: User) -> None:
    browser = browser_of(ben)

    assert "No end customers yet" in browser.get("/end-customers/").content.decode()
    page = browser.post("/end-customers/new/", {"external_id": "c-1", "name": "One"}, follow=True)

    assert "X-End-Customer: c-1" in page.content.decode()
    assert "c-1" in browser.get("/end-customers/?q=ONE").content.decode()
    assert "No end customer’s" in browser.get("/end-customers/?q=two").content.decode()
    assert browser.get("/end-customers/?q=%00").status_code == 200


@pytest.mark.parametrize("external_id", ["", "x" * 201, "a\tb"])
def test_a_wrong_id_is_said(acme: Organization, ada: User, external_id: str) -> None:
    response = browser_of(ada).post("/end-customers/new/", {"external_id": external_id})

    assert response.status_code == 422
    assert not EndCustomer.objects.exists()


def test_it_is_suspended_with_a_reason_and_restored(customer: EndCustomer, ada: User) -> None:
    browser, page = browser_of(ada), reverse("end_customer_suspension", args=[customer.pk])

    assert browser.post(page, {"reason": " "}).status_code == 422
    suspended = browser.post(page, {"reason": "never paid"}, follow=True).content.decode()
    restored = browser.post(reverse("end_customer_restoration", args=[customer.pk]), follow=True).content.decode()

    assert "never paid" in suspended
    assert "never paid" not in restored
    customer.refresh_from_db()
    assert customer.status == "active"


def test_the_list_says_what_each_spent_this_month(
    acme: Organization,
    customer: EndCustomer,
    ada: User,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    key, spark = make_key(acme, now=now).key, make_model(now=now - timedelta(days=40))
    for at in (now, now - timedelta(days=9)):  # The month is eight days old.
        use(key, spark, at=at, counts=TokenCounts(input=1_000_000), end_customer=customer.pk)
    for number in range(20):
        EndCustomer.objects.create(organization=acme, external_id=f"n-{number}", created_at=now)
    browser = browser_of(ada)

    with django_assert_num_queries(8):
        page = browser.get("/end-customers/").content.decode()

    assert "Spent in April" in page
    assert "$1.25" in page
    assert "$2.50" not in page


def test_a_long_list_has_pages(acme: Organization, ada: User, now: datetime) -> None:
    rows = [EndCustomer(organization=acme, external_id=f"n-{number:03}", created_at=now) for number in range(51)]
    EndCustomer.objects.bulk_create(rows)

    page = browser_of(ada).get("/end-customers/?page=2").content.decode()

    assert page.count('data-label="Status"') == 1
