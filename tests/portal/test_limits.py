"""The page of limits, and the forms of budgets."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organization, User
from billing.budgets import BudgetTerms, add_budget
from core.budget import Node, Window
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.actors import browser_of
from tests.billing.plans import make_plan
from tests.factories import ROBOT, default_project, make_key, make_model, use
from usage.models import Budget

DOLLAR = 10**12
PAGES = ["budget", "budget_removal"]


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now, name="Search").key


def budget_of(
    key: ApiKey, *, now: datetime, cap: int = DOLLAR, window: Window = Window.DAY, is_hard: bool = True
) -> Budget:
    terms = BudgetTerms(cap, is_hard)
    return add_budget(key.organization, Node.KEY, key.pk, window=window, terms=terms, actor=ROBOT, now=now)


def sent(at: str, **values: object) -> dict[str, object]:
    return {"at": at, "window": "month", "cap": "25", "effect": "hard", "thresholds": ["50", "100"], **values}


@pytest.mark.parametrize("page", PAGES)
def test_owners_see_them_and_outsiders_do_not(
    key: ApiKey, ada: User, ben: User, eve: User, elsewhere: Organization, now: datetime, page: str
) -> None:
    address = reverse(page, args=[budget_of(key, now=now).pk])

    assert browser_of(ada).get(address).status_code == 200
    assert browser_of(ben).get(address).status_code == 403, "a developer sets no budgets"
    assert browser_of(eve).get(address).status_code == 404
    assert browser_of(eve).post(address, {"cap": "1", "effect": "hard"}).status_code == 404
    assert Client().get(address).status_code == 302
    assert Budget.objects.count() == 1


def test_a_developer_reads_the_list(key: ApiKey, ben: User, now: datetime) -> None:
    budget_of(key, now=now)

    page = browser_of(ben).get("/limits/").content.decode()

    assert "Search" in page
    assert "/limits/new/" not in page
    assert browser_of(ben).get("/limits/new/").status_code == 403


def test_the_page_says_what_is_spent_and_when_it_resets(key: ApiKey, ada: User, now: datetime) -> None:
    make_plan("free", now=now, is_default=True, requests_per_minute=60)
    spark = make_model(now=now)
    budget_of(key, now=now, cap=2 * DOLLAR)
    use(key, spark, at=now, counts=TokenCounts(input=1_280_000))  # $1.60

    page = browser_of(ada).get("/limits/").content.decode()

    for words in ("Requests a minute", "80 %", "$1.60", "$2.00", "9 Apr 2026 00:00 UTC", "getting near"):
        assert words in page, words


def test_one_that_is_used_up_says_so_and_an_alert_refuses_nothing(key: ApiKey, ada: User, now: datetime) -> None:
    spark = make_model(now=now)
    budget_of(key, now=now)
    budget_of(key, now=now, window=Window.MONTH, is_hard=False)
    use(key, spark, at=now, counts=TokenCounts(input=1_000_000))

    page = browser_of(ada).get("/limits/").content.decode()

    assert "A budget is used up" in page
    assert "A budget is exceeded" in page
    assert "Nothing is refused." in page


def test_what_was_spent_in_an_earlier_window_is_over(key: ApiKey, ada: User, now: datetime) -> None:
    yesterday = now - timedelta(days=1)
    spark = make_model(now=yesterday)
    budget_of(key, now=yesterday)
    use(key, spark, at=yesterday, counts=TokenCounts(input=1_000_000))

    assert "used up" not in browser_of(ada).get("/limits/").content.decode()


def test_one_is_added_for_a_key_changed_and_removed(key: ApiKey, ada: User) -> None:
    browser = browser_of(ada)

    asked = browser.get(f"/limits/new/?for=key:{key.pk}").content.decode()
    assert f'<option value="key:{key.pk}" selected' in asked
    assert browser.post("/limits/new/", sent(f"key:{key.pk}", cap="$1,000.50")).status_code == 302
    budget = Budget.objects.get()
    assert (int(budget.cap), budget.window, budget.thresholds) == (1_000_500_000 * 10**6, "month", [50, 100])

    changed = {"cap": "30", "effect": "alert", "thresholds": []}
    assert browser.post(reverse("budget", args=[budget.pk]), changed).status_code == 302
    budget.refresh_from_db()
    assert (int(budget.cap), budget.is_hard, budget.thresholds) == (30 * DOLLAR, False, [])

    assert browser.post(reverse("budget_removal", args=[budget.pk])).status_code == 302
    assert not Budget.objects.exists()


@pytest.mark.parametrize("cap", ["", "-1", "NaN", "Infinity", "1e400", "9" * 25, "0.0000001", "much"])
def test_a_wrong_cap_is_said(key: ApiKey, ada: User, cap: str) -> None:
    response = browser_of(ada).post("/limits/new/", sent(f"key:{key.pk}", cap=cap))

    assert response.status_code == 422
    assert "field-errors" in response.content.decode()
    assert not Budget.objects.exists()


@pytest.mark.parametrize("values", [{"at": "key"}, {"at": "moon:1"}, {"at": ""}, {"window": "year"}, {"effect": "x"}])
def test_a_wrong_choice_is_said(key: ApiKey, ada: User, values: dict[str, str]) -> None:
    assert browser_of(ada).post("/limits/new/", sent(f"key:{key.pk}") | values).status_code == 422


def test_a_node_of_another_organization_is_not_found(
    acme: Organization, elsewhere: Organization, ada: User, now: datetime
) -> None:
    theirs = make_key(elsewhere, now=now).key
    browser = browser_of(ada)

    for at in (f"key:{theirs.pk}", f"project:{default_project(elsewhere).pk}", f"end_customer:{uuid4()}"):
        assert browser.get(f"/limits/new/?for={at}").status_code == 404
        assert browser.post("/limits/new/", sent(at)).status_code == 404
    assert not Budget.objects.exists()


def test_a_second_one_is_a_form_error(key: ApiKey, ada: User, now: datetime) -> None:
    budget_of(key, now=now)

    response = browser_of(ada).post("/limits/new/", sent(f"key:{key.pk}", window="day"))

    assert response.status_code == 422
    assert "has a daily budget" in response.content.decode()


def test_the_list_can_be_narrowed_and_has_few_queries(
    acme: Organization, key: ApiKey, ada: User, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for window in Window:
        budget_of(key, now=now, window=window)
        place = {"window": window, "terms": BudgetTerms(DOLLAR), "actor": ROBOT, "now": now}
        add_budget(acme, Node.ORGANIZATION, acme.pk, **place)  # type: ignore[arg-type]
        add_budget(acme, Node.PROJECT, default_project(acme).pk, **place)  # type: ignore[arg-type]
    browser = browser_of(ada)

    with django_assert_num_queries(13):
        whole = browser.get("/limits/").content.decode()
    narrowed = browser.get("/limits/?node=key").content.decode()

    assert whole.count('data-label="Cap"') == 12
    assert narrowed.count('data-label="Cap"') == 4
    assert browser.get("/limits/?node=moon").status_code == 200
