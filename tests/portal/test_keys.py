"""The list of keys."""

from datetime import datetime, timedelta

from pytest_django import DjangoAssertNumQueries

from accounts.models import Organization, User
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import make_key, make_model, use


def test_the_list_tells_keys_apart(acme: Organization, ada: User, now: datetime) -> None:
    key = make_key(acme, now=now, name="Laptop").key
    make_key(acme, now=now, name="Old", expires_at=now + timedelta(seconds=1))
    use(key, make_model(now=now), at=now, counts=TokenCounts(input=1))

    page = browser_of(ada).get("/keys/").content.decode()

    assert f"{key.prefix}…" in page
    assert "this hour" in page
    assert "never" in page


def test_a_key_past_its_day_is_listed_as_expired(acme: Organization, ada: User, now: datetime) -> None:
    key = make_key(acme, now=now, expires_at=now + timedelta(days=1)).key
    ApiKey.objects.filter(pk=key.pk).update(expires_at=now - timedelta(seconds=1))

    assert "Expired" in browser_of(ada).get("/keys/").content.decode()


def test_an_empty_list_says_what_a_key_is_for(acme: Organization, ada: User) -> None:
    page = browser_of(ada).get("/keys/").content.decode()

    assert "No keys yet" in page
    assert "/keys/new/" in page


def test_a_list_of_any_length_costs_the_same_queries(
    acme: Organization, ada: User, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        make_key(acme, now=now, name=f"Key {number}")
    browser = browser_of(ada)

    with django_assert_num_queries(8):  # session, person, organization, count, keys, last use, role twice
        page = browser.get("/keys/").content.decode()

    assert page.count("<code>") == 50
    assert "?page=2" in page
