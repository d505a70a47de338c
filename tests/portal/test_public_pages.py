"""What everybody may see, taken from the live catalogue."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organization, User
from catalog.models import Model
from catalog.price_book import publish_prices
from core.refusals import TABLE, Page
from core.service_tier import ServiceTier
from core.usage import TokenClass
from tests.actors import browser_of
from tests.billing.plans import make_plan
from tests.factories import PRICES, ROBOT, halved, make_model


def page_at(path: str) -> str:
    response = Client().get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/pricing/", "/models/", "/docs/"])
def test_an_empty_catalogue_breaks_no_page(path: str) -> None:
    assert "</html>" in page_at(path)


@pytest.mark.django_db
def test_the_landing_page_prices_a_call_by_the_catalogue(now: datetime) -> None:
    make_model(now=now)

    page = page_at("/")

    assert "muse-spark" in page
    assert "$0.0046975" in page, "1,200 × 1.25 + 8,000 × 0.15 + 470 × 4.25 dollars per million"


@pytest.mark.django_db
def test_prices_are_those_in_force(now: datetime) -> None:
    model = make_model(now=now)
    later = {TokenClass.INPUT: 9_990_000}
    publish_prices(model, later, valid_from=now + timedelta(days=1), actor=ROBOT, now=now)

    page = page_at("/pricing/")

    assert "$1.25" in page
    assert "$9.99" not in page


@pytest.mark.django_db
def test_each_tier_that_is_sold_shows_its_prices(now: datetime) -> None:
    make_model("muse-plain", now=now)
    assert "Other service tiers" not in page_at("/pricing/")
    make_model(now=now, tiers={ServiceTier.BATCH: halved(PRICES)})

    page = page_at("/pricing/")

    assert page.count("<td>Batch</td>") == 1
    assert page.count("$2.125") == 2, "output and reasoning"
    assert page.count("$4.25") == 4


@pytest.mark.django_db
def test_a_contracts_prices_are_nobody_elses_business(acme: Organization, now: datetime) -> None:
    model = make_model(now=now)
    contract = {TokenClass.INPUT: 777_000}
    publish_prices(model, contract, valid_from=now, actor=ROBOT, now=now, organization=acme)

    assert "$0.777" not in page_at("/pricing/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields", [{"stage": Model.Stage.INTERNAL}, {"is_hidden": True}, {"stage": Model.Stage.RETIRED}]
)
def test_models_that_are_not_public_are_not_named(now: datetime, fields: dict[str, Any]) -> None:
    make_model("secret-model", now=now, **fields)

    for path in ("/", "/pricing/", "/models/", "/docs/"):
        assert "secret-model" not in page_at(path)


@pytest.mark.django_db
def test_open_weights_have_licence_and_link(now: datetime) -> None:
    make_model("muse-ember", now=now, prices=None, licence="Apache-2.0", download_url="https://weights.example/ember")

    page = page_at("/models/")

    assert "Apache-2.0" in page
    assert 'href="https://weights.example/ember"' in page
    assert "muse-ember" not in page_at("/pricing/")


@pytest.mark.django_db
def test_plans_on_offer_are_public_and_published(now: datetime) -> None:
    make_plan("build", now=now, monthly_fee=20_00, included_credit=25_00)
    hidden = make_plan("private", now=now, monthly_fee=7_77).plan
    hidden.is_public = False
    hidden.save(update_fields=["is_public"])

    page = page_at("/pricing/")

    assert "$20" in page
    assert "$25" in page
    assert "$7.77" not in page


@pytest.mark.django_db
def test_a_visitor_chooses_a_plan_by_signing_up_and_comes_back(now: datetime) -> None:
    make_plan("build", now=now, monthly_fee=20_00)

    assert 'href="/accounts/signup/?next=/pricing/"' in page_at("/pricing/")


@pytest.mark.django_db
def test_the_signed_in_subscribe_by_post(acme: Organization, ada: User, now: datetime) -> None:
    make_plan("build", now=now, monthly_fee=20_00)
    make_plan("free", now=now, is_default=True)

    page = browser_of(ada).get("/pricing/").content.decode()

    assert 'action="/billing/subscribe/build/"' in page
    assert page.count("Your plan") == 1, "the default plan is Acme's"


@pytest.mark.django_db
def test_more_models_cost_no_more_queries(now: datetime, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(8):
        make_model(f"model-{number}", now=now)
        make_plan(f"plan-{number}", now=now, monthly_fee=100 * number)

    with django_assert_num_queries(5):  # models, versions, prices, plans, their versions
        page_at("/pricing/")


@pytest.mark.django_db
def test_the_signed_in_have_a_home_of_their_own(acme: Organization, ada: User) -> None:
    assert browser_of(ada).get("/").headers["Location"] == "/home/"


@pytest.mark.django_db
def test_the_documentation_lists_every_refusal_with_its_status() -> None:
    page = page_at("/docs/")

    for code, terms in TABLE.items():
        assert f'<tr id="{code}"><td>{terms.status}' in page
        assert terms.remedy in page


@pytest.mark.parametrize("page", sorted(set(Page)))
def test_every_page_that_mends_a_refusal_is_there(acme: Organization, ada: User, page: Page) -> None:
    assert browser_of(ada).get(page).status_code == 200
