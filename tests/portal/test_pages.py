"""What holds for every page: its policy, its errors, and the frame around it."""

from datetime import datetime

import pytest
from django.test import Client, override_settings
from django.urls import resolve

from accounts.models import Membership, Organization, Role, User
from portal.csp import policy_for
from portal.navigation import APP, PUBLIC, Link
from tests.actors import browser_of
from tests.factories import make_user
from tests.portal.selling import customer_of

PAGES = [
    "/",
    "/pricing/",
    "/models/",
    "/docs/",
    "/docs/api/",
    "/leaked-key/",
    "/accounts/signup/",
    "/accounts/login/",
    "/nowhere/",
]
MEMBERS_PAGES = ["/home/", "/keys/", "/keys/new/", "/organization/"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_every_page_refuses_what_is_inline(address: str) -> None:
    policy = Client().get(address).headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
@pytest.mark.parametrize("address", [*PAGES, *MEMBERS_PAGES])
def test_no_page_contains_what_its_policy_refuses(acme: Organization, ada: User, address: str) -> None:
    browser = browser_of(ada) if address in MEMBERS_PAGES else Client()

    page = browser.get(address).content.decode()

    assert " style=" not in page
    assert "<style" not in page
    assert " onclick" not in page
    assert page.count("<script") == page.count("<script src=")


def test_only_the_admin_may_evaluate() -> None:
    assert "unsafe-eval" in policy_for("/admin/billing/plan/")
    assert "unsafe-eval" not in policy_for("/keys/")


@override_settings(STRIPE_SANDBOX_URL="http://127.0.0.1:8012/")
def test_a_form_may_end_at_the_checkout() -> None:
    directives = dict(each.split(" ", 1) for each in policy_for("/pricing/").split("; "))

    assert directives["form-action"].split() == [
        "'self'",
        "https://checkout.stripe.com",
        "https://billing.stripe.com",
        "http://127.0.0.1:8012",
    ]


@pytest.mark.django_db
def test_our_own_errors_become_pages() -> None:
    with override_settings(ROOT_URLCONF="tests.portal.error_urls"):
        response = Client().get("/failing/")

    assert response.status_code == 409
    assert "The period was closed in the meantime." in response.content.decode()


@pytest.mark.django_db
def test_a_page_that_is_not_there_looks_like_the_others() -> None:
    response = Client().get("/nowhere/")

    assert response.status_code == 404
    assert "This page does not exist" in response.content.decode()


@pytest.mark.django_db
def test_a_failure_of_ours_says_so_without_details() -> None:
    browser = Client(raise_request_exception=False)
    with override_settings(ROOT_URLCONF="tests.portal.error_urls"):
        response = browser.get("/broken/")

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "ZeroDivisionError" not in response.content.decode()


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused(acme: Organization, ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")

    response = browser.post("/keys/new/", {"name": "Forged"})

    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


@pytest.mark.parametrize("link", [*PUBLIC, *APP], ids=lambda link: link.path)
def test_every_link_of_the_navigation_leads_to_a_page(link: Link) -> None:
    assert resolve(link.path).url_name


@pytest.mark.django_db
def test_the_navigation_marks_where_one_is(acme: Organization, ada: User, now: datetime) -> None:
    page = browser_of(ada).get("/keys/new/").content.decode()

    assert 'href="/keys/" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_the_sidebar_offers_what_the_role_may_open_and_nothing_else(
    acme: Organization, now: datetime, role: Role
) -> None:
    customer_of(acme, now=now)
    person = make_user()
    Membership.objects.create(organization=acme, user=person, role=role, created_at=now)
    browser = browser_of(person)

    page = browser.get("/home/").content.decode()

    for link in APP:
        is_offered = f'class="sidebar-link" href="{link.path}"' in page
        assert is_offered == (browser.get(link.path).status_code == 200), link.path


@pytest.mark.django_db
def test_a_refusal_names_the_role_that_is_needed(acme: Organization, ben: User) -> None:
    answer = browser_of(ben).get("/billing/")

    assert answer.status_code == 403
    assert "takes the role owner, admin or finance. Yours is developer" in answer.content.decode()
