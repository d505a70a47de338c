"""Every page of the staff site, by everybody."""

from datetime import datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model as AnyRow
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization, User
from billing.open_account import open_account
from tests.actors import browser_of
from tests.factories import make_key, make_model, make_organization, make_user

SHOWN = sorted(admin.site._registry, key=lambda model: model._meta.label)
CHANGED_HERE = {"accounts.User", "auth.Group", "catalog.Model", "billing.Plan"}
ADDED_HERE = CHANGED_HERE | {"catalog.PriceVersion", "billing.PlanVersion", "billing.CreditGrant"}

each_table = pytest.mark.parametrize("table", SHOWN, ids=lambda table: table._meta.label)


def page(table: type[AnyRow], name: str, *arguments: object) -> str:
    return reverse(f"admin:{table._meta.app_label}_{table._meta.model_name}_{name}", args=arguments)


@each_table
def test_staff_list_find_and_open_rows(table: type[AnyRow], world: Organization, staff: Client) -> None:
    Group.objects.create(name="Support")
    row = table._default_manager.first()

    assert row is not None, "the world lacks a row"
    assert staff.get(page(table, "changelist")).status_code == 200
    assert staff.get(page(table, "changelist"), {"q": "acme"}).status_code == 200
    assert staff.get(page(table, "change", row.pk)).status_code == 200


@each_table
def test_only_what_has_an_action_is_added_here(table: type[AnyRow], staff: Client) -> None:
    expected = 200 if table._meta.label in ADDED_HERE else 403

    assert staff.get(page(table, "add")).status_code == expected


@each_table
def test_what_was_booked_or_published_is_not_changed_here(
    table: type[AnyRow], world: Organization, staff: Client
) -> None:
    Group.objects.create(name="Support")
    row = table._default_manager.first()
    assert row is not None

    answer = staff.post(page(table, "change", row.pk), {})

    assert answer.status_code == (200 if table._meta.label in CHANGED_HERE else 403)


@each_table
def test_members_and_strangers_are_sent_to_the_staff_sign_in(
    table: type[AnyRow], ada: User, acme: Organization
) -> None:
    for browser in (browser_of(ada), Client()):
        answer = browser.get(page(table, "changelist"))

        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/admin/login/")


@each_table
def test_staff_without_the_permission_are_refused(table: type[AnyRow], db: None) -> None:
    clerk = browser_of(make_user(is_staff=True))

    assert clerk.get(page(table, "changelist")).status_code == 403


def test_the_first_page_counts_what_there_is(world: Organization, staff: Client) -> None:
    shown = staff.get(reverse("admin:index")).content.decode()

    assert "$20.00 a month" in shown
    assert "1,000" in shown
    assert "credit.granted" in shown


def test_a_clerk_without_permissions_sees_no_figures(world: Organization) -> None:
    clerk = browser_of(make_user(is_staff=True))

    shown = clerk.get(reverse("admin:index")).content.decode()

    assert "a month" not in shown
    assert "credit.granted" not in shown


def test_staff_sign_in_with_their_address(client: Client, sam: User) -> None:
    answer = client.post(
        reverse("admin:login"),
        {"username": "Sam@tollway.example", "password": "toll-booth-at-dawn", "next": "/admin/"},
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("name", ["accounts_organization", "keys_apikey", "catalog_model", "catalog_priceversion"])
def test_a_list_asks_as_many_questions_for_many_rows_as_for_few(
    name: str, world: Organization, staff: Client, now: datetime
) -> None:
    url = reverse(f"admin:{name}_changelist")
    staff.get(url)
    few = _questions(staff, url)

    for number in range(4):
        organization = make_organization(name=f"Number {number}", now=now)
        open_account(organization, now=now)
        make_key(organization, now=now)
        make_model(f"model-{number}", now=now)

    assert _questions(staff, url) <= few


def _questions(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(url).status_code == 200
    return len(queries)
