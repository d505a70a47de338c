"""A member's home page, and the organization's settings."""

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, Organization, User
from core.usage import TokenCounts
from tests.actors import browser_of
from tests.factories import make_key, make_model, use
from tests.portal.selling import customer_of


def test_the_figures_are_the_wallets_and_the_periods(acme: Organization, ben: User, now: datetime) -> None:
    customer = customer_of(acme, now=now)
    use(customer.key, customer.spark, at=now.replace(minute=0), counts=TokenCounts(input=1_000, output=100))

    page = browser_of(ben).get("/home/").content.decode()

    assert "$4.998325" in page, "$5 less 1,000 × 1.25 and 100 × 4.25 dollars per million"
    assert "$0.001675" in page
    assert "1,100 tokens" in page
    assert "Free" in page


def test_without_a_call_it_shows_how_to_make_one(acme: Organization, ada: User, now: datetime) -> None:
    make_model(now=now)

    page = browser_of(ada).get("/home/").content.decode()

    assert "Make your first call" in page
    assert "Bearer $TOLLWAY_API_KEY" in page


def test_a_home_costs_few_queries_however_much_was_used(
    acme: Organization, ada: User, now: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    customer = customer_of(acme, now=now)
    for number in range(12):
        key = make_key(acme, now=now, name=f"Key {number}").key
        use(key, customer.spark, at=now, counts=TokenCounts(input=1))
    browser = browser_of(ada)

    with django_assert_max_num_queries(14):
        browser.get("/home/")


def test_an_owner_renames_the_organization(acme: Organization, ada: User) -> None:
    page = browser_of(ada).post("/organization/", {"name": "Acme Roads"}, follow=True).content.decode()

    acme.refresh_from_db()
    assert acme.name == "Acme Roads"
    assert "Acme Roads" in page
    entry = AuditEntry.objects.get(action="organization.renamed")
    assert (entry.user, entry.data) == (ada, {"before": "Acme", "after": "Acme Roads"})


def test_a_developer_does_not(acme: Organization, ben: User) -> None:
    browser = browser_of(ben)

    refused = browser.post("/organization/", {"name": "Ben's"})

    assert refused.status_code == 403
    acme.refresh_from_db()
    assert acme.name == "Acme"
    assert 'name="name"' not in browser.get("/organization/").content.decode()


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_name_that_is_none_is_refused(acme: Organization, ada: User, name: str) -> None:
    response = browser_of(ada).post("/organization/", {"name": name})

    assert response.status_code == 422
    acme.refresh_from_db()
    assert acme.name == "Acme"


def test_members_and_projects_are_listed(acme: Organization, ada: User, ben: User) -> None:
    page = browser_of(ada).get("/organization/").content.decode()

    assert ada.email in page
    assert ben.email in page
    assert "Developer" in page
    assert "Default" in page
