"""A new key: asked for, shown once, stored nowhere."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, Organization, User
from core.tokens import parse_token
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import default_project, make_model


def make_by_form(browser: Client, organization: Organization, **values: str) -> str:
    """Send the form and answer the address that it leads to."""
    data = {"name": "Search", "project": str(default_project(organization).pk), "expires": "", **values}
    response = browser.post("/keys/new/", data)
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


def shown_text(page: str) -> str:
    return page.partition('readonly value="')[2].partition('"')[0]


def test_a_new_key_is_shown_once_with_examples_that_hold_it(acme: Organization, ben: User, now: datetime) -> None:
    make_model(now=now)
    browser = browser_of(ben)
    address = make_by_form(browser, acme)

    first, again = (browser.get(address).content.decode() for _ in range(2))

    text = shown_text(first)
    token = parse_token(text, brand="tw")
    assert token is not None
    assert first.count(text) == 3, "the field, curl and Python"
    assert "muse-spark" in first
    assert text not in again
    assert token.secret not in again
    assert "Make another" in again


def test_the_page_that_shows_a_key_is_kept_by_no_cache(acme: Organization, ada: User) -> None:
    browser = browser_of(ada)
    response = browser.get(make_by_form(browser, acme))

    assert "no-store" in response.headers["Cache-Control"]


def test_the_keys_cookie_goes_to_its_own_page_alone(acme: Organization, ada: User) -> None:
    browser = browser_of(ada)
    address = make_by_form(browser, acme)
    cookie = browser.cookies["new_key"]

    assert cookie["path"] == address
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert not cookie["max-age"], "it ends with the browser"


def test_another_keys_cookie_shows_nothing(acme: Organization, ada: User) -> None:
    browser = browser_of(ada)
    make_by_form(browser, acme, name="One")
    stolen = browser.cookies["new_key"].value
    other = ApiKey.objects.create(
        organization=acme, project=default_project(acme), name="Two", key_id="x" * 12, created_at=datetime.now(UTC)
    )
    browser.cookies.load({"new_key": stolen})

    assert "has been shown" in browser.get(reverse("key_once", args=[other.pk])).content.decode()


def test_the_secret_of_a_key_is_stored_nowhere(acme: Organization, ada: User) -> None:
    browser = browser_of(ada)
    text = shown_text(browser.get(make_by_form(browser, acme)).content.decode())
    token = parse_token(text, brand="tw")
    assert token is not None

    assert token.secret not in str(list(ApiKey.objects.values()))
    assert token.secret not in str(list(AuditEntry.objects.values()))
    assert token.secret not in str(dict(browser.session))


def test_a_key_may_expire_at_the_end_of_a_day(acme: Organization, ada: User, now: datetime) -> None:
    make_by_form(browser_of(ada), acme, expires="2026-04-30")

    assert ApiKey.objects.get().expires_at == datetime(2026, 4, 30, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"expires": "2026-04-07"}, "This day has passed"),
        ({"expires": "tomorrow"}, "Enter a valid date."),
    ],
)
def test_a_wrong_form_is_shown_again_with_the_reason(
    acme: Organization, ada: User, now: datetime, values: dict[str, str], words: str
) -> None:
    data = {"name": "Search", "project": str(default_project(acme).pk), **values}

    response = browser_of(ada).post("/keys/new/", data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_cannot_be_made_in_another_organizations_project(
    acme: Organization, elsewhere: Organization, ada: User
) -> None:
    data = {"name": "Search", "project": str(default_project(elsewhere).pk)}

    assert browser_of(ada).post("/keys/new/", data).status_code == 422
    assert not ApiKey.objects.exists()


def test_what_it_may_spend_is_shown_at_once(acme: Organization, ada: User, ben: User, now: datetime) -> None:
    browsers = [browser_of(person) for person in (ada, ben)]

    owner, developer = (browser.get(make_by_form(browser, acme)).content.decode() for browser in browsers)

    assert "It may spend $25.00 a day" in owner
    assert "/limits/" in owner
    assert "It may spend $25.00 a day" in developer
    assert "An owner, an admin or finance can" in developer
