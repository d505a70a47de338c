"""The page that waits for a key's first request."""

from datetime import datetime

import pytest
from django.urls import reverse

from accounts.models import Organization, User
from core.usage import TokenCounts
from keys.models import ApiKey
from tests.actors import browser_of
from tests.factories import make_key, make_model, use


@pytest.fixture
def key(acme: Organization, now: datetime) -> ApiKey:
    return make_key(acme, now=now).key


def address_of(key: ApiKey) -> str:
    return reverse("key_first_request", args=[key.pk])


def test_it_waits_and_asks_again_every_second(key: ApiKey, ada: User) -> None:
    page = browser_of(ada).get(address_of(key)).content.decode()

    assert "Waiting for your first request" in page
    assert 'hx-trigger="every 1s"' in page
    assert f'hx-get="{address_of(key)}"' in page


def test_it_turns_into_tokens_and_cost(key: ApiKey, ada: User, now: datetime) -> None:
    event = use(key, make_model(now=now), at=now, counts=TokenCounts(input=100, output=10))
    assert event.amount == 100 * 1_250_000 + 10 * 4_250_000

    fragment = browser_of(ada).get(address_of(key), headers={"HX-Request": "true"}).content.decode()

    assert "110 tokens" in fragment
    assert "$0.0001675" in fragment
    assert "$0.000125" in fragment
    assert "$0.0000425" in fragment
    assert "hx-trigger" not in fragment, "it asks no more"


def test_htmx_gets_the_part_and_a_person_the_page(key: ApiKey, ada: User) -> None:
    browser = browser_of(ada)

    assert "<html" in browser.get(address_of(key)).content.decode()
    assert "<html" not in browser.get(address_of(key), headers={"HX-Request": "true"}).content.decode()


def test_another_keys_request_is_not_taken_for_it(key: ApiKey, acme: Organization, ada: User, now: datetime) -> None:
    other = make_key(acme, now=now, name="Other").key
    use(other, make_model(now=now), at=now, counts=TokenCounts(input=1))

    assert "Waiting" in browser_of(ada).get(address_of(key)).content.decode()


def test_the_first_request_stays_the_first(key: ApiKey, ada: User, now: datetime) -> None:
    model = make_model(now=now)
    use(key, model, at=now, counts=TokenCounts(input=5))
    use(key, model, at=now.replace(minute=30), counts=TokenCounts(input=7))

    assert "5 tokens" in browser_of(ada).get(address_of(key)).content.decode()
